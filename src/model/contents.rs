//! What reading payloads to their end came to (`--level contents`).

use std::mem;

use sha1::{Digest, Sha1};

use super::file_id::FileId;
use super::subject::Subjects;

/// What is remembered of a payload that was read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub id: FileId,
    /// Its length in bytes.
    pub size: u64,
    /// When it was modified: nanoseconds since 1970, negative before.
    pub modified: i64,
    /// Its inode, or what the system has in its place; 0 where it has none.
    pub inode: u64,
    /// SHA-1 of its bytes as stored.
    pub sha1: [u8; 20],
}

impl Known {
    /// Whether size, time and inode are as they were: then the bytes should be, too.
    pub fn is_same_file(&self, other: &Known) -> bool {
        (self.id, self.size, self.modified, self.inode)
            == (other.id, other.size, other.modified, other.inode)
    }
}

/// Files and the sum of their lengths in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// How many.
    pub files: u64,
    /// Sum of their lengths in bytes; saturating.
    pub bytes: u64,
}

impl Amount {
    /// Counts a file.
    pub fn add(&mut self, bytes: u64) {
        *self += Amount { files: 1, bytes };
    }
}

impl std::ops::AddAssign for Amount {
    fn add_assign(&mut self, other: Amount) {
        self.files = self.files.saturating_add(other.files);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// What reading the payloads of a backup came to.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// All payload files that are there.
    pub all: Amount,
    /// Those read to their end.
    pub read: Amount,
    /// Of those read: compared with the device's `Digest`.
    pub by_digest: Amount,
    /// Of those read and without a digest to compare with: as an earlier run remembers them, or not.
    pub by_ledger: Amount,
    /// Of those read: an earlier run had read them, too, whether they have a digest or not.
    pub remembered: Amount,
    /// Files that are only in a cloud (dataless): never opened.
    pub cloud: Amount,
    /// Files of which hardly anything is stored, and too much to read: not opened to be read.
    pub hollow: Amount,
    /// Files that changed or went away while the backup was looked at.
    pub moving: Amount,
    /// Files of shards that are another day's (`--subset`).
    pub left_out: Amount,
    /// Other bytes than the `Digest`.
    pub mismatched: Subjects,
    /// Could not be read to their end, in two tries.
    pub unreadable: Subjects,
    /// Size, time and inode as an earlier run remembers them, and other bytes, in two tries.
    pub changed: Subjects,
    /// Encrypted payloads that do not end in valid padding.
    pub padding: Subjects,
    /// Encrypted payloads whose key does not unwrap, so that padding was not looked at.
    pub without_key: Amount,
    /// The known databases of apps that are there.
    pub databases: Vec<AppDatabase>,
    /// Of names and bytes of those read, in whatever order they were: two backups for which it is the
    /// same have the same.
    pub digest: u128,
}

impl Contents {
    /// Adds what the bytes of a payload are that was read to its end.
    pub fn add_bytes(&mut self, id: FileId, sha1: &[u8; 20]) {
        let both = Sha1::new().chain_update(id.bytes()).chain_update(sha1);
        let [high @ .., _, _, _, _]: [u8; 20] = both.finalize().into();
        self.digest = self.digest.wrapping_add(u128::from_be_bytes(high));
    }

    /// Whether both have payloads that could be read, and the same bytes in all that were.
    pub fn is_same(&self, other: &Contents) -> bool {
        self.read.files > 0 && (self.read, self.digest) == (other.read, other.digest)
    }

    /// Of nothing yet; keeps so many examples of each kind.
    pub fn keeping(examples: usize) -> Contents {
        let mut contents = Contents::default();
        for subjects in contents.subjects() {
            *subjects = Subjects::new(examples);
        }
        contents
    }

    /// Adds what became of a later shard.
    pub fn append(&mut self, mut later: Contents) {
        for (all, part) in [
            (&mut self.all, later.all),
            (&mut self.read, later.read),
            (&mut self.by_digest, later.by_digest),
            (&mut self.by_ledger, later.by_ledger),
            (&mut self.remembered, later.remembered),
            (&mut self.cloud, later.cloud),
            (&mut self.hollow, later.hollow),
            (&mut self.moving, later.moving),
            (&mut self.left_out, later.left_out),
            (&mut self.without_key, later.without_key),
        ] {
            *all += part;
        }
        for (all, part) in self.subjects().into_iter().zip(later.subjects()) {
            all.append(mem::take(part));
        }
        self.databases.extend(later.databases);
        self.digest = self.digest.wrapping_add(later.digest);
    }

    fn subjects(&mut self) -> [&mut Subjects; 4] {
        [
            &mut self.mismatched,
            &mut self.unreadable,
            &mut self.changed,
            &mut self.padding,
        ]
    }
}

/// A database of an app, checked by SQLite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppDatabase {
    /// What is in it, such as `Messages`.
    pub name: &'static str,
    /// Its payload.
    pub id: FileId,
    /// Its stored length in bytes.
    pub bytes: u64,
    /// What came of it.
    pub state: DatabaseState,
}

/// What SQLite says of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseState {
    /// Nothing is wrong.
    Sound,
    /// What it complains of.
    Damaged(String),
    /// It could not be judged; says why.
    Unjudged(String),
    /// It could not be read; says why.
    Unreadable(String),
}

impl DatabaseState {
    /// Whether nobody can count on what it holds.
    pub fn is_faulty(&self) -> bool {
        matches!(
            self,
            DatabaseState::Damaged(_) | DatabaseState::Unreadable(_)
        )
    }
}
