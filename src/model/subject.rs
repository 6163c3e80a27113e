//! What a comparison found, one by one and together.

use std::cmp::Ordering;

use super::file_id::FileId;
use super::finding::Example;
use super::sample::Weighed;

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

/// Subjects of one kind; those that are kept are the first in the order of their ids, or of their places.
pub type Subjects = Weighed<Subject>;

impl Subjects {
    /// Counts one more and keeps it if there is room.
    pub fn add(&mut self, subject: Subject) {
        self.push_with(subject.bytes, || subject);
    }

    /// Counts one more, and keeps it if its place is among the first in their order.
    pub fn add_by_place(&mut self, subject: Subject) {
        self.weigh(subject.bytes);
        self.sample.push_by(subject, by_place);
    }

    /// Adds those that were found elsewhere, which may be in any order.
    pub fn append_by_place(&mut self, other: Subjects) {
        self.weigh(other.bytes);
        self.sample.append_by(other.sample, by_place);
    }

    /// Puts those that are kept in the order of their places.
    pub fn sort_by_place(&mut self) {
        self.sample.first.sort_unstable_by(by_place);
    }
}

fn by_place(one: &Subject, other: &Subject) -> Ordering {
    one.place.cmp(&other.place)
}
