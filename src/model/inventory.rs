//! What lies on the disk, and how it compares with the manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use super::{Example, FileId, KeepsakeGroup, Links, Stored, Strays};

/// A backup in which something changed within this time may still be running.
pub const RUNNING_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// Files and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Regular files.
    pub files: u64,
    /// Sum of their lengths in bytes.
    pub logical: u64,
    /// Bytes of the blocks they take on the disk; a file with several hard links counts once.
    pub allocated: u64,
    /// Bytes of the blocks that the folders themselves take.
    pub folders: u64,
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Usage) {
        self.files = self.files.saturating_add(other.files);
        self.logical = self.logical.saturating_add(other.logical);
        self.allocated = self.allocated.saturating_add(other.allocated);
        self.folders = self.folders.saturating_add(other.folders);
    }
}

/// Something that a run or another tool left behind in the backup's folder (F§2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// Its name in the backup's folder.
    pub name: String,
    /// Its regular files.
    pub files: u64,
    /// Sum of their lengths in bytes.
    pub bytes: u64,
}

/// Something that could not be looked at; the rest went on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// What it was about.
    pub path: PathBuf,
    /// A sentence that names the path, what was tried and what came of it.
    pub message: String,
    /// Whether something that was asked for could not be looked at: exit code 3.
    pub blocking: bool,
    /// Whether the run that it is compared with had it too.
    pub known: bool,
}

/// What a backup's folder holds besides its judged payloads.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// All regular files of the folder.
    pub usage: Usage,
    /// The newest modification of a file, OS clutter aside; times more than a day ahead of `now`
    /// are ignored.
    pub newest_change: Option<Timestamp>,
    /// The name of the file that changed then.
    pub newest_file: Option<String>,
    /// The newest modification of a file, Info.plist and what SQLite writes beside a database aside.
    pub settled_change: Option<Timestamp>,
    /// The oldest modification of a file, OS clutter aside.
    pub oldest_change: Option<Timestamp>,
    /// Files that are no part of a backup, no leftover and no clutter, wherever they lie; bytes are their
    /// lengths.
    pub foreign: Subjects,
    /// Those of them that lie outside the folders for payloads.
    pub foreign_outside: Subjects,
    /// Folders in it that are backups of their own, or hold a manifest, not those in such a folder; bytes
    /// are the lengths of all their files together.
    pub nested: Subjects,
    /// Made of the place, name, length, modification time and inode of every file, OS clutter aside:
    /// another one means that something changed. Good for as long as the program runs.
    pub fingerprint: u64,
    /// Whether another backup lies somewhere in the folder: a manifest in a folder of its own.
    pub holds_backup: bool,
    /// Files with several hard links, settled.
    pub links: Links,
    /// `Snapshot/`, unpacked and decrypted copies, sorted by name.
    pub leftovers: Vec<Leftover>,
    /// How many files with a payload's name lie anywhere in the folder.
    pub payloads_anywhere: u64,
    /// Whether nothing but Info.plist is there, OS clutter aside.
    pub only_info: bool,
    /// Whether there are `.mdinfo`, `.mddata` or `.mdbackup` files: iOS 2 or 3 (F§12).
    pub has_old_payloads: bool,
    /// What could not be opened.
    pub denied: Denied,
}

/// The files of a backup that tell about it.
const METADATA: [&str; 5] = [
    "Info.plist",
    "Status.plist",
    "Manifest.plist",
    "Manifest.db",
    "Manifest.mbdb",
];

/// Places that could not be opened: all are counted, the first few by their paths are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Denied {
    /// How many.
    pub count: u64,
    /// The first of them, in no order, with the cause.
    pub first: Vec<(PathBuf, String)>,
    /// Those that may be counted elsewhere too.
    pub metadata: Vec<PathBuf>,
}

impl Denied {
    /// Counts one more, and keeps it if it is among the first `keep`.
    pub fn add(&mut self, path: PathBuf, cause: String, keep: usize) {
        self.count += 1;
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(|name| METADATA.contains(&name)) && path.components().count() <= 2 {
            self.metadata.push(path.clone());
        }
        self.keep(path, cause, keep);
    }

    /// Adds those found elsewhere.
    pub fn append(&mut self, other: Denied, keep: usize) {
        self.count += other.count;
        self.metadata.extend(other.metadata);
        for (path, cause) in other.first {
            self.keep(path, cause, keep);
        }
    }

    fn keep(&mut self, path: PathBuf, cause: String, keep: usize) {
        self.first.push((path, cause));
        if self.first.len() > keep {
            let last = (0..self.first.len()).max_by_key(|at| &self.first[*at]);
            last.map(|last| self.first.swap_remove(last));
        }
    }
}

/// An entry of a payload folder whose name is 40 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Payload {
    /// Its name.
    pub id: FileId,
    /// Its length in bytes.
    pub size: u64,
    /// What it is.
    pub kind: PayloadKind,
    /// Whether its content is only in a cloud, so that reading it would fetch it from there.
    pub is_cloud_only: bool,
}

/// What an entry with a payload's name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PayloadKind {
    /// A regular file.
    File,
    /// A folder, a link, or something else that can be no payload.
    NotAFile,
    /// The system did not tell.
    Unknown,
}

/// Something that a comparison found: a payload, a row, or another entry of the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The payload's name, where it has one.
    pub id: Option<FileId>,
    /// Where it lies in the backup's folder, where its id does not tell.
    pub place: Option<String>,
    /// Its bytes.
    pub bytes: u64,
}

impl Subject {
    /// A payload or row.
    pub const fn of(id: FileId, bytes: u64) -> Subject {
        Subject {
            id: Some(id),
            place: None,
            bytes,
        }
    }

    /// The subject as an example, without domain and path.
    pub fn to_example(&self) -> Example {
        Example {
            domain: None,
            path: self.place.clone(),
            file_id: self.id.map(|id| id.to_string()),
            bytes: Some(self.bytes),
        }
    }
}

/// Subjects of one kind: all are counted, the first few are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subjects {
    /// How many.
    pub count: u64,
    /// Their bytes together; saturating.
    pub bytes: u64,
    /// The first of them, in the order of their ids.
    pub first: Vec<Subject>,
}

impl Subjects {
    /// Counts one more and keeps it if fewer than `keep` are kept.
    pub fn add(&mut self, subject: Subject, keep: usize) {
        self.count += 1;
        self.bytes = self.bytes.saturating_add(subject.bytes);
        if self.first.len() < keep {
            self.first.push(subject);
        }
    }

    /// Counts one more, and keeps it if its place is among the first `keep` in their order.
    pub fn add_by_place(&mut self, subject: Subject, keep: usize) {
        self.count += 1;
        self.bytes = self.bytes.saturating_add(subject.bytes);
        self.keep_by_place(subject, keep);
    }

    /// Adds those that were found elsewhere, which may be in any order.
    pub fn append_by_place(&mut self, other: Subjects, keep: usize) {
        self.count += other.count;
        self.bytes = self.bytes.saturating_add(other.bytes);
        for subject in other.first {
            self.keep_by_place(subject, keep);
        }
    }

    fn keep_by_place(&mut self, subject: Subject, keep: usize) {
        self.first.push(subject);
        if self.first.len() > keep {
            let last = (0..self.first.len()).max_by_key(|at| &self.first[*at].place);
            last.map(|last| self.first.swap_remove(last));
        }
    }

    /// Adds those of a later shard.
    pub fn append(&mut self, later: Subjects, keep: usize) {
        self.count += later.count;
        self.bytes = self.bytes.saturating_add(later.bytes);
        let room = keep.saturating_sub(self.first.len());
        self.first.extend(later.first.into_iter().take(room));
    }
}

/// What the disk has beside what the manifest says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Payloads in their place.
    pub payloads: u64,
    /// Well-known databases among payloads without rows, by what is in them.
    pub databases: BTreeSet<&'static str>,
    /// Files and bytes of the payloads of each domain, by its index.
    pub by_domain: BTreeMap<u16, (u64, u64)>,
    /// Files and bytes in the payload folders that belong to no row.
    pub unlisted: (u64, u64),
    /// The largest payloads that a row names, largest first; empty unless they were asked for.
    pub largest: Vec<Subject>,
    /// Required rows without a payload; bytes as recorded.
    pub missing: Subjects,
    /// How many are missing of each domain, by its index.
    pub missing_by_domain: BTreeMap<u16, u64>,
    /// Folders, links and the like where a payload belongs.
    pub not_a_file: Subjects,
    /// Encrypted payloads whose length is not a multiple of 16.
    pub truncated: Subjects,
    /// Payloads of 0 bytes that must not be empty; bytes as recorded.
    pub empty: Subjects,
    /// What is in the known databases among them.
    pub emptied_databases: BTreeSet<&'static str>,
    /// Large files of which nothing is stored, otherwise; bytes as recorded.
    pub emptied: Subjects,
    /// Media that are shorter than recorded; bytes are what they lack.
    pub shorter: Subjects,
    /// Payloads of another size than recorded, otherwise.
    pub size_differs: Subjects,
    /// Payloads that no row names.
    pub orphans: Subjects,
    /// Entries of the payload folders that do not belong where they are.
    pub misplaced: Subjects,
    /// The file that iOS 17 and later cannot read on the device (F§9.1), where it is odd.
    pub known_trouble: Subjects,
    /// Rows that were not compared, because their shard could not be listed.
    pub uncompared: u64,
    /// Files and bytes of what a person would miss and is there, by group.
    pub keepsakes: [(u64, u64); KeepsakeGroup::ALL.len()],
    /// Keepsakes that are stored otherwise than recorded; only where keepsakes were asked for.
    pub odd_keepsakes: Vec<(u64, Stored)>,
    /// Stored bytes of the known databases, by kind.
    pub known_databases: BTreeMap<&'static str, u64>,
    /// Made of all rows and payloads: ids, recorded sizes and lengths, in no order.
    pub digest: u64,
    /// Payloads that no row names; only where that was asked for.
    pub strays: Strays,
    /// Names and lengths of all payloads; only where that was asked for.
    pub names: Vec<(u64, u64)>,
}

impl Comparison {
    /// Adds the comparison of a later shard; keeps `keep` examples of each kind.
    pub fn append(&mut self, later: Comparison, keep: usize) {
        self.payloads += later.payloads;
        self.databases.extend(later.databases);
        self.emptied_databases.extend(later.emptied_databases);
        for (domain, (files, bytes)) in later.by_domain {
            let sum = self.by_domain.entry(domain).or_default();
            *sum = (sum.0 + files, sum.1.saturating_add(bytes));
        }
        self.unlisted.0 += later.unlisted.0;
        self.unlisted.1 = self.unlisted.1.saturating_add(later.unlisted.1);
        self.largest.extend(later.largest);
        self.uncompared += later.uncompared;
        for (sum, later) in self.keepsakes.iter_mut().zip(later.keepsakes) {
            *sum = (sum.0 + later.0, sum.1.saturating_add(later.1));
        }
        self.odd_keepsakes.extend(later.odd_keepsakes);
        for (kind, bytes) in later.known_databases {
            let sum = self.known_databases.entry(kind).or_default();
            *sum = sum.saturating_add(bytes);
        }
        self.digest = self.digest.wrapping_add(later.digest);
        self.strays.append(later.strays);
        self.names.extend(later.names);
        for (domain, count) in later.missing_by_domain {
            *self.missing_by_domain.entry(domain).or_default() += count;
        }
        for (all, part) in [
            (&mut self.missing, later.missing),
            (&mut self.not_a_file, later.not_a_file),
            (&mut self.truncated, later.truncated),
            (&mut self.empty, later.empty),
            (&mut self.emptied, later.emptied),
            (&mut self.shorter, later.shorter),
            (&mut self.size_differs, later.size_differs),
            (&mut self.orphans, later.orphans),
            (&mut self.misplaced, later.misplaced),
            (&mut self.known_trouble, later.known_trouble),
        ] {
            all.append(part, keep);
        }
    }
}
