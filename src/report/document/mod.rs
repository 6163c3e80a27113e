//! The wire types of `--json` (contract §7): what is written, what `bkscan report` reads, and what
//! `bkscan schema` describes. The model may change; these names may not, and only additions are made.
//!
//! The comments here are the descriptions in the schema. Bytes are integers, times RFC 3339 in UTC, and
//! what is not known is `null`. A name that is added later is an `Option` or has a default: documents
//! that were saved before do not have it.

mod backup;
pub mod diff;
mod finding;
mod fixed;
pub mod history;
pub mod mend;
mod place;
mod scan;

pub use backup::{
    Backup, Contents, DatabaseLoss, Decision, Described, Frees, Group, HeldElsewhere, LastBackup,
    Loss, Manifest, NotChecked, OnlyHere, Reason, Share, Size,
};
pub use finding::{Example, Finding};
pub use fixed::SCHEMA_VERSION;
pub use place::{Place, Text};
pub use scan::{
    Advice, Beside, Device, Document, Domain, Done, Largest, Planned, Problem, Removal, Root,
    Summary, Verdicts, Volume,
};
