//! What becomes of the report of a scan: the document of `--json`, what earlier runs say of it, and how
//! everything personal is taken out of it.

pub mod document;
mod from_backup;
mod from_clean;
mod from_diff;
mod from_history;
mod from_mend;
mod from_scan;
pub mod redact;
pub mod schema;
pub mod trend;
pub mod unnamed;
