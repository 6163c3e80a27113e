//! The vocabulary: plain data that the stages hand to each other. No I/O, no clock, no judgement.

pub mod backup;
pub mod finding;
pub mod inventory;
pub mod manifest;
pub mod report;

pub use backup::{
    Document, FileStamp, Info, KeybagState, Lockdown, ManifestPlist, Metadata, Status, Udid,
};
pub use finding::{Effect, Example, Finding, Level, NotChecked, Severity, Verdict};
pub use inventory::{
    Comparison, Denied, Inventory, Leftover, Link, Payload, PayloadKind, Problem, Subject,
    Subjects, Usage,
};
pub use manifest::{
    Domain, FileId, Listing, Manifest, ManifestCounts, ManifestFormat, OddRows, Record, Traits,
};
pub use report::{
    BackupReport, Beside, BesideKind, DateSource, Described, Device, LastBackup, Report, Root,
};
