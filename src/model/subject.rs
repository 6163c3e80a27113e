//! What a comparison found, one by one and together.

use super::file_id::FileId;
use super::finding::Example;

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
