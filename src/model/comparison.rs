//! The payloads on the disk, and how they compare with the manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use super::file_id::FileId;
use super::holdings::Strays;
use super::keepsake::{KeepsakeGroup, Stored};
use super::subject::{Subject, Subjects};

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

impl Payload {
    /// Whether the content is not here: a placeholder of iCloud Drive, or a file that its system marks so.
    pub fn is_in_cloud(&self) -> bool {
        self.kind == PayloadKind::Placeholder
            || self.kind == PayloadKind::File && self.is_cloud_only
    }

    /// Whether it is a file, here or in a cloud.
    pub fn is_stored(&self) -> bool {
        matches!(self.kind, PayloadKind::File | PayloadKind::Placeholder)
    }
}

/// What an entry with a payload's name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PayloadKind {
    /// A regular file.
    File,
    /// A folder, a link, or something else that can be no payload.
    NotAFile,
    /// The file is not here; what iCloud Drive leaves in its place is. Its length is not known.
    Placeholder,
    /// The system did not tell.
    Unknown,
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
    /// The ids of all of them: their first 64 bits.
    pub missing_ids: Vec<u64>,
    /// Payloads that are not here, but kept in a cloud; bytes as recorded.
    pub in_cloud: Subjects,
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
    /// Those of which rows tell, and nothing lies in their place.
    pub lost_databases: Vec<FileId>,
    /// Made of all rows and payloads: ids, recorded sizes and lengths, in no order.
    pub digest: u64,
    /// Payloads that no row names; only where that was asked for.
    pub strays: Strays,
    /// How many placeholders of iCloud Drive lie in place of payloads that rows name.
    pub placeholders: u64,
    /// Names and lengths of all payloads; only where that was asked for.
    pub names: Vec<(u64, u64)>,
}

impl Comparison {
    /// Of nothing yet; keeps so many examples of each kind.
    pub fn keeping(examples: usize) -> Comparison {
        let mut comparison = Comparison::default();
        for subjects in comparison.subjects() {
            *subjects = Subjects::new(examples);
        }
        comparison
    }

    /// Adds the comparison of a later shard.
    pub fn append(&mut self, mut later: Comparison) {
        for (all, part) in self.subjects().into_iter().zip(later.subjects()) {
            all.append(mem::take(part));
        }
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
        self.lost_databases.extend(later.lost_databases);
        self.digest = self.digest.wrapping_add(later.digest);
        self.strays.append(later.strays);
        self.placeholders += later.placeholders;
        self.names.extend(later.names);
        self.missing_ids.extend(later.missing_ids);
        for (domain, count) in later.missing_by_domain {
            *self.missing_by_domain.entry(domain).or_default() += count;
        }
    }

    fn subjects(&mut self) -> [&mut Subjects; 11] {
        [
            &mut self.missing,
            &mut self.in_cloud,
            &mut self.not_a_file,
            &mut self.truncated,
            &mut self.empty,
            &mut self.emptied,
            &mut self.shorter,
            &mut self.size_differs,
            &mut self.orphans,
            &mut self.misplaced,
            &mut self.known_trouble,
        ]
    }
}
