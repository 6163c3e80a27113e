//! Compares the rows of a manifest with the payloads on the disk, one shard at a time. Pure: this is
//! where the false-alarm rules of F§9 live.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use crate::facts::databases::{self, apps};
use crate::model::{
    Comparison, FileId, KNOWN_TROUBLE, KeepsakeGroup, Payload, PayloadKind, Record, Stored,
    Subject, Traits, stored_length,
};

/// What is in the databases of which it is told that they are there, even of a locked backup (F§8); in
/// this order.
const TOLD: [&str; 4] = ["Messages", "Photos", "Contacts", "WhatsApp"];

/// The databases that are there, in the order in which they are told.
pub fn in_order(there: &BTreeSet<&'static str>) -> Vec<&'static str> {
    TOLD.into_iter()
        .filter(|name| there.contains(name))
        .collect()
}

/// What is in the database with this id, if it is a well-known one.
fn database(id: FileId) -> Option<&'static str> {
    static KNOWN: LazyLock<HashMap<FileId, &str>> = LazyLock::new(|| {
        apps()
            .filter(|(name, ..)| TOLD.contains(name))
            .map(|(name, domain, path)| (FileId::of(domain.as_bytes(), path.as_bytes()), name))
            .collect()
    });
    KNOWN.get(&id).copied()
}

/// From this recorded size on a known database of 0 bytes has lost its content: the least that SQLite
/// writes is a page (contract §4).
const LEAST_DATABASE: u64 = 512;

/// From this recorded size on a file of 0 bytes is named (contract §4).
const LARGE: u64 = 1_000_000;

/// What may be judged in a backup.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Whether there are rows; else the payloads stand for themselves (contract §4 rule 10).
    pub listed: bool,
    /// Whether payloads are encrypted: their lengths are multiples of 16.
    pub encrypted: bool,
    /// Whether only presence may be judged (contract §4 rule 3).
    pub presence_only: bool,
    /// How many examples of each kind to keep.
    pub keep: usize,
    /// How many of the largest payloads to name.
    pub largest: usize,
    /// Whether it is told which keepsakes are stored otherwise than recorded.
    pub keepsakes: bool,
    /// Whether names and lengths of all payloads are told.
    pub names: bool,
}

/// A media file that is shorter than recorded; whether it is a SQLite database, which the device
/// compacts, can only be told from its header (F§9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shorter {
    /// The payload.
    pub id: FileId,
    /// Its length in bytes.
    pub size: u64,
    /// The bytes that were recorded.
    pub recorded: u64,
}

/// Compares the rows of a shard with its payloads, both sorted by id. `readable`: the folder could
/// be listed; if not, nothing in it counts as missing.
pub fn compare(
    records: &[Record],
    payloads: &[Payload],
    readable: bool,
    rules: &Rules,
) -> (Comparison, Vec<Shorter>) {
    let mut judge = Judge {
        rules,
        found: Comparison::keeping(rules.keep),
        shorter: Vec::new(),
    };
    let payloads_of_shard = payloads;
    let mut payloads = payloads.iter().peekable();
    let mut last: Option<Payload> = None;
    for record in records {
        while let Some(payload) = payloads.next_if(|payload| payload.id < record.id) {
            judge.without_row(payload);
        }
        if let Some(payload) = payloads.next_if(|payload| payload.id == record.id) {
            last = Some(*payload);
        }
        let payload = last.filter(|payload| payload.id == record.id);
        judge.take_in(record, payload.as_ref());
        match payload {
            Some(payload) => judge.pair(record, &payload),
            None if readable => judge.without_payload(record),
            None => judge.found.uncompared += u64::from(record.traits.has(Traits::REQUIRED)),
        }
    }
    payloads.for_each(|payload| judge.without_row(payload));
    if rules.names {
        judge.found.names = of_files(payloads_of_shard);
    }
    if rules.largest > 0 {
        keep_largest(&mut judge.found.largest, rules.largest);
    }
    (judge.found, judge.shorter)
}

/// Names and lengths of files, in the order of their names.
fn of_files(payloads: &[Payload]) -> Vec<(u64, u64)> {
    let files = payloads.iter();
    let files = files.filter(|payload| payload.kind == PayloadKind::File);
    files
        .map(|payload| (payload.id.prefix(), payload.size))
        .collect()
}

/// Keeps the largest payloads, largest first; of equal ones those with the lower ids.
pub fn keep_largest(subjects: &mut Vec<Subject>, most: usize) {
    subjects.sort_by_key(|subject| (std::cmp::Reverse(subject.bytes), subject.id));
    subjects.truncate(most);
}

struct Judge<'a> {
    rules: &'a Rules,
    found: Comparison,
    shorter: Vec<Shorter>,
}

/// A number that another id, size or length would very likely not give; sums of these do not depend on
/// the order.
fn digest(id: FileId, recorded: u64, stored: Option<u64>) -> u64 {
    // What multiplies is odd, and the halves of each product meet.
    let mix = |one: u64, other: u64| {
        let product =
            u128::from(one ^ 0x9e37_79b9_7f4a_7c15) * u128::from(other ^ 0xd6e8_feb8_6659_fd93);
        (product >> 64) as u64 ^ product as u64
    };
    let length = stored.map_or(u64::MAX, |stored| stored);
    mix(mix(id.prefix(), recorded), length)
}

impl Judge<'_> {
    /// Notes what a row holds that a person would miss, and what tells this backup from others.
    fn take_in(&mut self, record: &Record, payload: Option<&Payload>) {
        let file = payload.filter(|payload| payload.is_stored());
        let stored = file.map(|payload| payload.size);
        let digest = digest(record.id, record.size, stored);
        self.found.digest = self.found.digest.wrapping_add(digest);
        if let Some(group) = record.traits.group() {
            self.keepsake(group, record, file);
        }
        if record.traits.has(Traits::KNOWN_DATABASE)
            && let Some(kind) = databases::kind_of(record.id)
        {
            match file.filter(|file| file.size > 0) {
                Some(file) => {
                    let sum = self.found.known_databases.entry(kind.name()).or_default();
                    *sum = sum.saturating_add(file.size);
                }
                None => self.found.lost_databases.push(record.id),
            }
        }
    }

    fn keepsake(&mut self, group: KeepsakeGroup, record: &Record, file: Option<&Payload>) {
        let size = record.traits.has(Traits::SIZE_KNOWN).then_some(record.size);
        let encrypted = self.rules.encrypted;
        // One block alone is what is left of a file whose content is gone, and all there is of an empty one.
        let least = match (encrypted, size) {
            (true, Some(0 | 16..)) => 17,
            _ => 1,
        };
        let stored = match file {
            Some(payload) if payload.is_in_cloud() => Some(Stored::InCloud),
            Some(payload) if payload.size < least => Some(Stored::Nothing),
            Some(payload) => {
                let exact = size.map(|size| stored_length(size, encrypted));
                (exact != Some(payload.size)).then_some(Stored::Other(payload.size))
            }
            None => Some(Stored::Nothing),
        };
        if let Some(file) = file.filter(|_| stored != Some(Stored::Nothing)) {
            let sum = &mut self.found.keepsakes[group as usize];
            let bytes = if file.is_in_cloud() {
                record.size
            } else {
                file.size
            };
            *sum = (sum.0 + 1, sum.1.saturating_add(bytes));
        }
        if let Some(stored) = stored.filter(|_| self.rules.keepsakes) {
            self.found.odd_keepsakes.push((record.id.prefix(), stored));
        }
    }

    fn without_payload(&mut self, record: &Record) {
        if !record.traits.has(Traits::REQUIRED) {
            return;
        }
        let subject = Subject::of(record.id, record.size);
        if record.id == KNOWN_TROUBLE {
            return self.found.known_trouble.add(subject);
        }
        *self
            .found
            .missing_by_domain
            .entry(record.domain)
            .or_default() += 1;
        self.found.missing_ids.push(record.id.prefix());
        self.found.missing.add(subject);
    }

    fn without_row(&mut self, payload: &Payload) {
        let subject = Subject::of(payload.id, payload.size);
        if payload.is_in_cloud() && !self.rules.listed {
            self.found.in_cloud.add(subject.clone());
        }
        match payload.kind {
            PayloadKind::Unknown | PayloadKind::Placeholder => {}
            PayloadKind::File => {
                self.found.payloads += 1;
                let (files, bytes) = self.found.unlisted;
                self.found.unlisted = (files + 1, bytes.saturating_add(payload.size));
                if self.rules.listed {
                    self.found.strays.add(payload.id, payload.size);
                } else {
                    let digest = digest(payload.id, 0, Some(payload.size));
                    self.found.digest = self.found.digest.wrapping_add(digest);
                }
                if !self.rules.listed {
                    self.found.databases.extend(database(payload.id));
                }
                if self.rules.listed {
                    self.found.orphans.add(subject);
                } else if !payload.is_in_cloud() && self.is_truncated(payload.size) {
                    if payload.id == KNOWN_TROUBLE {
                        self.found.known_trouble.add(subject);
                    } else {
                        self.found.truncated.add(subject);
                    }
                }
            }
            PayloadKind::NotAFile if self.rules.listed => self.found.misplaced.add(subject),
            PayloadKind::NotAFile => self.found.not_a_file.add(subject),
        }
    }

    fn pair(&mut self, record: &Record, payload: &Payload) {
        if payload.is_in_cloud() {
            let subject = Subject::of(record.id, record.size);
            self.found.in_cloud.add(subject);
        }
        match payload.kind {
            PayloadKind::Unknown => {}
            PayloadKind::Placeholder => self.found.placeholders += 1,
            PayloadKind::NotAFile => {
                self.found
                    .not_a_file
                    .add(Subject::of(record.id, record.size));
            }
            PayloadKind::File => {
                self.found.payloads += 1;
                let sum = self.found.by_domain.entry(record.domain).or_default();
                *sum = (sum.0 + 1, sum.1.saturating_add(payload.size));
                if record.traits.has(Traits::NAMELESS) {
                    self.found.strays.add(payload.id, payload.size);
                }
                if self.rules.largest > 0 {
                    self.found
                        .largest
                        .push(Subject::of(record.id, payload.size));
                }
                if !self.rules.presence_only && !payload.is_in_cloud() {
                    self.shape(record, payload.size);
                }
            }
        }
    }

    fn is_truncated(&self, size: u64) -> bool {
        self.rules.encrypted && !size.is_multiple_of(16)
    }

    fn shape(&mut self, record: &Record, size: u64) {
        let traits = record.traits;
        let recorded = record.size;
        let differs = traits.has(Traits::SIZE_KNOWN)
            && if self.rules.encrypted {
                !fits_encrypted(size, recorded)
            } else {
                size != recorded
            };
        let truncated = self.is_truncated(size);
        let subject = Subject::of(record.id, size);
        if record.id == KNOWN_TROUBLE {
            if differs || truncated {
                self.found.known_trouble.add(subject);
            }
            return;
        }
        if truncated {
            return self.found.truncated.add(subject);
        }
        if !differs || !traits.has(Traits::FILE) {
            return;
        }
        let expected = !traits.has(Traits::DATALESS) && !traits.has(Traits::CHANGED);
        let side_file = traits.has(Traits::SQLITE_SIDE_FILE);
        let media = traits.has(Traits::MEDIA) && !side_file;
        let database = match size {
            0 => never_empty(record),
            _ => None,
        };
        let must_hold = media || traits.has(Traits::DIGEST_OF_CONTENT) || database.is_some();
        if size == 0 && expected && must_hold {
            self.found.empty.add(Subject::of(record.id, recorded));
            self.found.emptied_databases.extend(database);
        } else if size == 0 && expected && !side_file && recorded >= LARGE {
            let subject = Subject::of(record.id, recorded);
            self.found.emptied.add(subject);
        } else if size > 0 && size < recorded && expected && media && !self.rules.encrypted {
            self.shorter.push(Shorter {
                id: record.id,
                size,
                recorded,
            });
        } else {
            self.found.size_differs.add(subject);
        }
    }
}

/// What is in the database that a row is of, if it is one that is never empty.
fn never_empty(record: &Record) -> Option<&'static str> {
    if !record.traits.has(Traits::KNOWN_DATABASE) || record.size < LEAST_DATABASE {
        return None;
    }
    let known = databases::known(record.id).filter(|known| known.never_empty)?;
    Some(known.kind.name())
}

/// Whether a stored length can be the encrypted form of `recorded` bytes: padded with 1 to 16 bytes,
/// or not padded, or empty for an empty file (F§9.2).
fn fits_encrypted(stored: u64, recorded: u64) -> bool {
    let padded = (recorded / 16).saturating_add(1).saturating_mul(16);
    stored == padded || stored == recorded
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Rules = Rules {
        listed: true,
        encrypted: false,
        presence_only: false,
        keep: 10,
        largest: 0,
        keepsakes: false,
        names: false,
    };
    const ENCRYPTED: Rules = Rules {
        encrypted: true,
        ..PLAIN
    };
    const LOCKED: Rules = Rules {
        listed: false,
        ..ENCRYPTED
    };

    fn id(first: u8) -> FileId {
        FileId::from_bytes([first; 20])
    }

    fn record(first: u8, size: u64, more: &[Traits]) -> Record {
        let basic = [Traits::REQUIRED, Traits::FILE, Traits::SIZE_KNOWN];
        let traits = basic
            .iter()
            .chain(more)
            .fold(Traits::default(), |traits, trait_| {
                traits.with(*trait_, true)
            });
        Record {
            id: id(first),
            domain: 3,
            traits,
            size,
        }
    }

    fn payload(first: u8, size: u64) -> Payload {
        Payload {
            id: id(first),
            size,
            kind: PayloadKind::File,
            is_cloud_only: false,
        }
    }

    /// The kinds that a row and what is stored for it end in.
    fn kinds(record: Record, stored: Option<u64>, rules: &Rules) -> Vec<&'static str> {
        let payloads: Vec<_> = stored
            .map(|size| Payload {
                id: record.id,
                size,
                kind: PayloadKind::File,
                is_cloud_only: false,
            })
            .into_iter()
            .collect();
        let (found, shorter) = compare(&[record], &payloads, true, rules);
        let mut kinds = names(&found);
        kinds.extend((!shorter.is_empty()).then_some("shorter"));
        kinds
    }

    fn names(found: &Comparison) -> Vec<&'static str> {
        [
            ("missing", &found.missing),
            ("not-a-file", &found.not_a_file),
            ("truncated", &found.truncated),
            ("empty", &found.empty),
            ("size-differs", &found.size_differs),
            ("orphan", &found.orphans),
            ("misplaced", &found.misplaced),
            ("known-trouble", &found.known_trouble),
        ]
        .into_iter()
        .filter(|(_, subjects)| subjects.count > 0)
        .map(|(name, _)| name)
        .collect()
    }

    #[test]
    fn each_row_ends_where_the_format_facts_say() {
        use Traits as T;
        let dataless = &[T::MEDIA, T::DATALESS];
        for (what, record, stored, rules, expected) in [
            ("as recorded", record(1, 5, &[]), Some(5), PLAIN, &[][..]),
            ("gone", record(1, 5, &[]), None, PLAIN, &["missing"]),
            (
                "empty and recorded so",
                record(1, 0, &[T::MEDIA]),
                Some(0),
                PLAIN,
                &[],
            ),
            (
                "empty, and gone",
                record(1, 0, &[]),
                None,
                PLAIN,
                &["missing"],
            ),
            (
                "database grown",
                record(1, 5, &[]),
                Some(9),
                PLAIN,
                &["size-differs"],
            ),
            (
                "photo cut",
                record(1, 5, &[T::MEDIA]),
                Some(4),
                PLAIN,
                &["shorter"],
            ),
            (
                "photo longer",
                record(1, 5, &[T::MEDIA]),
                Some(6),
                PLAIN,
                &["size-differs"],
            ),
            (
                "photo empty",
                record(1, 5, &[T::MEDIA]),
                Some(0),
                PLAIN,
                &["empty"],
            ),
            (
                "photo in iCloud",
                record(1, 5, dataless),
                Some(0),
                PLAIN,
                &["size-differs"],
            ),
            (
                "photo changed",
                record(1, 5, &[T::MEDIA, T::CHANGED]),
                Some(0),
                PLAIN,
                &["size-differs"],
            ),
            (
                "empty -wal",
                record(1, 5, &[T::MEDIA, T::SQLITE_SIDE_FILE]),
                Some(0),
                PLAIN,
                &["size-differs"],
            ),
            (
                "cut -wal",
                record(1, 5, &[T::MEDIA, T::SQLITE_SIDE_FILE]),
                Some(3),
                PLAIN,
                &["size-differs"],
            ),
            (
                "app file empty",
                record(1, 5, &[]),
                Some(0),
                PLAIN,
                &["size-differs"],
            ),
            (
                "digest, empty",
                record(1, 5, &[T::DIGEST_OF_CONTENT]),
                Some(0),
                PLAIN,
                &["empty"],
            ),
            ("padded", record(1, 5, &[]), Some(16), ENCRYPTED, &[]),
            (
                "padded by a block",
                record(1, 16, &[]),
                Some(32),
                ENCRYPTED,
                &[],
            ),
            ("not padded", record(1, 16, &[]), Some(16), ENCRYPTED, &[]),
            ("empty, padded", record(1, 0, &[]), Some(16), ENCRYPTED, &[]),
            (
                "empty, not padded",
                record(1, 0, &[]),
                Some(0),
                ENCRYPTED,
                &[],
            ),
            (
                "cut",
                record(1, 40, &[T::MEDIA]),
                Some(17),
                ENCRYPTED,
                &["truncated"],
            ),
            (
                "shorter by blocks",
                record(1, 40, &[T::MEDIA]),
                Some(16),
                ENCRYPTED,
                &["size-differs"],
            ),
            (
                "encrypted, empty",
                record(1, 40, &[T::MEDIA]),
                Some(0),
                ENCRYPTED,
                &["empty"],
            ),
            (
                "presence only",
                record(1, 40, &[]),
                Some(3),
                Rules {
                    presence_only: true,
                    ..ENCRYPTED
                },
                &[],
            ),
            (
                "presence only, gone",
                record(1, 0, &[]),
                None,
                Rules {
                    presence_only: true,
                    ..ENCRYPTED
                },
                &["missing"],
            ),
        ] {
            assert_eq!(kinds(record, stored, &rules), expected, "{what}");
        }
    }

    #[test]
    fn the_file_that_the_device_cannot_read_is_only_noted() {
        for (stored, rules, expected) in [
            (None, PLAIN, &["known-trouble"][..]),
            (Some(0), PLAIN, &["known-trouble"]),
            (Some(7), PLAIN, &["known-trouble"]),
            (Some(17), ENCRYPTED, &["known-trouble"]),
            (Some(17), LOCKED, &["known-trouble"]),
            (Some(5), PLAIN, &[]),
        ] {
            let mut row = record(1, 5, &[Traits::MEDIA, Traits::DIGEST_OF_CONTENT]);
            row.id = KNOWN_TROUBLE;
            let rows = if rules.listed { vec![row] } else { vec![] };
            let payloads: Vec<_> = stored
                .map(|size| Payload {
                    id: KNOWN_TROUBLE,
                    size,
                    kind: PayloadKind::File,
                    is_cloud_only: false,
                })
                .into_iter()
                .collect();
            let (found, _) = compare(&rows, &payloads, true, &rules);
            assert_eq!(names(&found), expected, "{stored:?}");
        }
        let path = "Library/Application Support/FileProvider/backup/backup_manifest.db";
        assert_eq!(FileId::of(b"HomeDomain", path.as_bytes()), KNOWN_TROUBLE);
    }

    #[test]
    fn rows_that_need_no_payload_are_not_missing_and_explain_one() {
        let mut row = record(1, 5, &[]);
        row.traits = Traits::FILE.with(Traits::CHANGED, true);
        assert_eq!(kinds(row, None, &PLAIN), [""; 0]);
        row.traits = Traits::CHANGED;
        assert_eq!(kinds(row, Some(77), &PLAIN), [""; 0]);
    }

    #[test]
    fn sorted_lists_are_merged_with_all_their_strays() {
        let records = [
            record(2, 5, &[]),
            record(4, 5, &[]),
            record(4, 5, &[]),
            record(9, 5, &[]),
        ];
        let folder = Payload {
            id: id(9),
            size: 0,
            kind: PayloadKind::NotAFile,
            is_cloud_only: false,
        };
        let stray_folder = Payload {
            id: id(8),
            size: 0,
            kind: PayloadKind::NotAFile,
            is_cloud_only: false,
        };
        let payloads = [
            payload(1, 7),
            payload(4, 5),
            payload(7, 3),
            stray_folder,
            folder,
        ];
        let (found, _) = compare(&records, &payloads, true, &PLAIN);
        assert_eq!(found.missing.first, [Subject::of(id(2), 5)]);
        assert_eq!(found.missing_by_domain, [(3, 1)].into());
        assert_eq!(
            found.orphans.first,
            [Subject::of(id(1), 7), Subject::of(id(7), 3)]
        );
        assert_eq!(found.orphans.bytes, 10);
        assert_eq!(found.not_a_file.count, 1);
        assert_eq!(found.misplaced.count, 1);
    }

    #[test]
    fn nothing_is_missing_where_the_folder_could_not_be_listed() {
        let (found, _) = compare(&[record(1, 5, &[])], &[], false, &PLAIN);
        assert_eq!(found.missing.count, 0);
        assert_eq!(found.uncompared, 1);
        let unknown = Payload {
            id: id(1),
            size: 0,
            kind: PayloadKind::Unknown,
            is_cloud_only: false,
        };
        let (found, _) = compare(&[record(1, 5, &[])], &[unknown], true, &PLAIN);
        assert_eq!(names(&found), [""; 0]);
    }

    #[test]
    fn locked_payloads_stand_for_themselves() {
        let folder = Payload {
            id: id(3),
            size: 0,
            kind: PayloadKind::NotAFile,
            is_cloud_only: false,
        };
        let payloads = [payload(1, 16), payload(2, 17), folder];
        let (found, _) = compare(&[], &payloads, true, &LOCKED);
        assert_eq!(names(&found), ["not-a-file", "truncated"]);
        assert_eq!(found.payloads, 2);
        let unknown_shape = Rules {
            encrypted: false,
            ..LOCKED
        };
        let (found, _) = compare(&[], &payloads[..2], true, &unknown_shape);
        assert_eq!(names(&found), [""; 0]);
    }
}
