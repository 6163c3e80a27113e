//! The vocabulary: plain data that the stages hand to each other. No I/O, no clock, no judgement.

pub mod advice;
pub mod backup;
pub mod backup_index;
pub mod comparison;
pub mod contents;
pub mod cover;
pub mod diff;
pub mod file_id;
pub mod finding;
pub mod history;
pub mod holdings;
pub mod inventory;
pub mod keepsake;
pub mod keybag;
pub mod links;
pub mod manifest;
pub mod options;
pub mod plan;
pub mod progress;
pub mod record;
pub mod report;
pub mod sample;
pub mod secret;
pub mod sources;
pub mod subject;

pub use advice::{Advice, Seen};
pub use backup::{
    App, FileStamp, Info, KeybagState, Lockdown, ManifestPlist, Metadata, PlistFile, Status, Udid,
};
pub use backup_index::BackupIndex;
pub use comparison::{Comparison, Payload, PayloadKind};
pub use contents::{Amount, AppDatabase, Contents, DatabaseState, Known};
pub use cover::{DatabaseLoss, HeldElsewhere, Loss, LossKind, OnlyHere};
pub use diff::{
    AppDiff, AppFiles, ContentsDiff, DatabaseDiff, Diff, DiffFile, DiffKind, DiffPart, GroupDiff,
    NotCompared, SmallerApp, Which,
};
pub use file_id::FileId;
pub use finding::{Effect, Example, Finding, Level, MissingFolder, NotChecked, Severity, Verdict};
pub use history::{
    DeviceHistory, DeviceRun, FolderHistory, PastBackup, PastProblem, PastRemoval, PastRun,
    Remembered,
};
pub use holdings::{Holdings, Strays};
pub use inventory::{
    Denied, EntryKind, Inventory, Leftover, Problem, RUNNING_WITHIN, TopEntry, Usage,
};
pub use keepsake::{Keepsake, KeepsakeGroup, Keepsakes, Stored, stored_length};
pub use keybag::{Access, ClassKey, Keybag, WrappedKey};
pub use links::{Link, Links};
pub use manifest::{
    Domain, IcloudPhotos, Listing, Manifest, ManifestCounts, ManifestFormat, OddRows, PathClass,
};
pub use plan::{Action, Decision, Flag, Frees, Plan, Reason, Removal, Why};
pub use record::{KNOWN_TROUBLE, PayloadKey, Record, Run, Traits};
pub use report::{
    BackupReport, Beside, BesideKind, DateSource, Described, Device, IcloudEstimate, LastBackup,
    MendOffer, Report, Root, StorageGroup, Volume, count_names, total_usage,
};
pub use sample::{Sample, Weighed};
pub use subject::{Subject, Subjects};
