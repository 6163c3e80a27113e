//! What could not be done of many things.

use std::io;
use std::path::PathBuf;

use crate::model::Sample;

/// So many failures are kept; the others are counted.
const KEEP: usize = 10;

/// Where, and why.
pub(super) type Failures = Sample<(PathBuf, io::Error)>;

/// None yet.
pub(super) const fn none() -> Failures {
    Sample::new(KEEP)
}
