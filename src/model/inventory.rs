//! What lies on the disk.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use super::links::Links;
use super::sample::Sample;
use super::subject::Subjects;

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

/// An entry of the backup's folder itself that is neither a payload nor a folder of payloads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TopEntry {
    /// Its name; lossy where it is not UTF-8.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// Bytes of a file; 0 of anything else.
    pub bytes: u64,
}

/// What an entry of a folder is. Links are not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, a FIFO or anything else.
    Other,
}

/// What a backup's folder holds besides its judged payloads.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// All regular files of the folder.
    pub usage: Usage,
    /// What lies in the folder itself, payloads and their folders aside, sorted by name: so that a check can
    /// ask for any of it. The first thousand that were listed.
    pub top: Vec<TopEntry>,
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
    /// Files with several hard links, or of which that is not known; settled.
    pub links: Links,
    /// Contents that its files have as clones of each other, or of files elsewhere; settled. Files with several
    /// hard links aside.
    pub clones: Links,
    /// `Snapshot/`, unpacked and decrypted copies, sorted by name.
    pub leftovers: Vec<Leftover>,
    /// The fileIDs that files have by their names but not by their places, or may have had before somebody
    /// named them anew: their first 64 bits, sorted.
    pub elsewhere: Vec<u64>,
    /// How many files with a payload's name lie anywhere in the folder.
    pub payloads_anywhere: u64,
    /// How many placeholders of iCloud Drive for such files lie anywhere in it.
    pub placeholders: u64,
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

/// Places that could not be opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Denied {
    /// The places with the cause; those that are kept are the first by their paths, in no order.
    pub places: Sample<(PathBuf, String)>,
    /// Those that may be counted elsewhere too.
    pub metadata: Vec<PathBuf>,
}

impl Denied {
    /// Of none yet; keeps so many.
    pub fn new(limit: usize) -> Denied {
        Denied {
            places: Sample::new(limit),
            metadata: Vec::new(),
        }
    }

    /// Counts one more.
    pub fn add(&mut self, path: PathBuf, cause: String) {
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(|name| METADATA.contains(&name)) && path.components().count() <= 2 {
            self.metadata.push(path.clone());
        }
        self.places.push_by((path, cause), Ord::cmp);
    }

    /// Adds those found elsewhere.
    pub fn append(&mut self, other: Denied) {
        self.metadata.extend(other.metadata);
        self.places.append_by(other.places, Ord::cmp);
    }
}
