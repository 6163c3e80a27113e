//! stub
use crate::config::Subset;
use crate::crypto::ClassKeys;
use crate::means::Ledger;
use crate::model::*;
use crate::progress::Monitor;
use std::path::Path;
#[allow(missing_docs)]
pub struct Job<'a> {
    pub folder: &'a Path,
    pub format: ManifestFormat,
    pub moving: bool,
    pub shards: &'a [&'a [Payload]],
    pub seals: &'a [Seal],
    pub encrypted: bool,
    pub keys: Option<&'a ClassKeys>,
    pub ledger: Option<&'a dyn Ledger>,
    pub subset: Option<Subset>,
    pub keep: usize,
    pub monitor: &'a Monitor<'a>,
}
#[allow(missing_docs)]
pub fn read(_job: &Job<'_>) -> (Contents, Denied) {
    Default::default()
}
