//! Where a backup keeps its payloads, and what to look for.

use std::time::SystemTime;

use crate::model::ManifestFormat;

/// Where a backup keeps its payloads (F§8), and what to look for.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// The manifest's format: a database goes with shard folders, mbdb with a flat folder; `None`:
    /// payloads are not compared with anything.
    pub format: Option<ManifestFormat>,
    /// State `moving`: a payload in `Snapshot/` counts before the one in its final place.
    pub moving: bool,
    /// Modification times after this one are ignored.
    pub horizon: SystemTime,
    /// How many examples of a kind are kept.
    pub keep: usize,
}
