//! Turns manifest rows of either format into a [`Listing`]: counts, one record a file row, and the
//! rows that have something wrong with themselves.

use std::collections::BTreeMap;

use crate::crypto::KeyError;
use crate::facts::databases;
use crate::facts::domains;
use crate::facts::keepsakes;
use crate::facts::telephone;
use crate::model::{
    Example, IcloudPhotos, Keepsake, KeepsakeGroup, Keepsakes, Listing, ManifestCounts, OddRows,
    PayloadKey, Record, Run, Traits,
};

use super::budget::{Budget, bytes_a_file};
use super::domain_list::Domains;
use super::file_names::shortened;
use super::mbfile::Decoder;
use super::row::{OF_NOTHING, Row, RowKind, is_mismatch};
use super::wanted::Wanted;

/// The rows of one part of a manifest.
pub struct Tally<'a> {
    wanted: Wanted<'a>,
    budget: &'a Budget,
    /// Decodes the records of its rows: those of a part are laid out alike.
    pub(super) decoder: Decoder,
    /// Records that were taken from the budget and are still to come.
    room: u64,
    counts: ManifestCounts,
    domains: Domains,
    records: Vec<Record>,
    /// Records that are done with.
    runs: Vec<Run>,
    invalid_ids: OddRows,
    mismatched_ids: OddRows,
    undecodable: OddRows,
    keyless: OddRows,
    invalid_keys: OddRows,
    keys_without_class: BTreeMap<u32, u64>,
    domain_roots: u64,
    plain_files: u64,
    seals: Vec<PayloadKey>,
    keepsakes: Parts,
    icloud_photos: IcloudPhotos,
}

/// Keepsakes in parts that never have to grow much.
#[derive(Default)]
struct Parts {
    full: Vec<Keepsakes>,
    last: Keepsakes,
    /// How many are in the last part.
    count: usize,
}

impl Parts {
    /// How many a part has: small ones leave no gaps when they are given back.
    const FULL: usize = 512;

    fn add(&mut self, group: KeepsakeGroup, keepsake: Keepsake) {
        if self.count == Parts::FULL {
            self.full.push(std::mem::take(&mut self.last));
            self.count = 0;
        }
        self.last.add(group, keepsake);
        self.count += 1;
    }

    fn all(self) -> impl Iterator<Item = Keepsakes> {
        let last = (self.count > 0).then_some(self.last);
        self.full.into_iter().chain(last)
    }
}

impl<'a> Tally<'a> {
    /// Length of a run: no list of all records ever has to grow.
    const RUN: usize = 65_536;
    /// How many records are taken from the budget at a time, so that threads seldom meet there.
    const BLOCK: u64 = 1024;

    /// An empty tally.
    pub fn new(wanted: Wanted<'a>, budget: &'a Budget) -> Tally<'a> {
        Tally {
            wanted,
            budget,
            decoder: budget.decoders.take(),
            room: 0,
            counts: ManifestCounts::default(),
            domains: Domains::default(),
            records: Vec::new(),
            runs: Vec::new(),
            invalid_ids: OddRows::new(wanted.examples),
            mismatched_ids: OddRows::new(wanted.examples),
            undecodable: OddRows::new(wanted.examples),
            keyless: OddRows::new(wanted.examples),
            invalid_keys: OddRows::new(wanted.examples),
            keys_without_class: BTreeMap::new(),
            domain_roots: 0,
            plain_files: 0,
            seals: Vec::new(),
            keepsakes: Parts::default(),
            icloud_photos: IcloudPhotos::default(),
        }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When it would take more memory than the budget has; the row is then not counted.
    pub fn add(&mut self, row: &Row<'_>) -> Result<(), String> {
        let domain = match row.kind {
            RowKind::Directory | RowKind::Symlink => 0,
            RowKind::File | RowKind::Other => {
                self.make_room()?;
                let name = row.domain.unwrap_or_default();
                let class = domains::path_class(name, row.path.unwrap_or_default());
                self.domains.index(name, class, self.budget)?
            }
        };
        self.counts.records += 1;
        self.domain_roots += u64::from(row.path.is_some_and(<[u8]>::is_empty));
        if row.id_is_stored && is_mismatch(row) {
            note(&mut self.mismatched_ids, row);
        }
        match row.kind {
            RowKind::Directory => {
                self.counts.directories += 1;
                return Ok(());
            }
            RowKind::Symlink => {
                self.counts.symlinks += 1;
                return Ok(());
            }
            RowKind::File => {
                self.counts.files += 1;
                self.plain_files += u64::from(row.size.is_some() && !row.has_key);
                let sum = &mut self.counts.recorded_bytes;
                *sum = sum.saturating_add(row.size.unwrap_or(0));
                if row.undecodable {
                    note(&mut self.undecodable, row);
                }
            }
            RowKind::Other => {}
        }
        let name = row.domain.unwrap_or_default();
        let path = row.path.unwrap_or_default();
        let of_domain = &mut self.domains.list[usize::from(domain)];
        of_domain.required += u64::from(row.required);
        if row.kind == RowKind::File {
            let size = row.size.unwrap_or(0);
            of_domain.recorded = of_domain.recorded.saturating_add(size);
            self.icloud_photos |= domains::icloud_photos_marker(name, path);
        }
        if self.wanted.keyless && row.required && row.key.is_none() && !row.undecodable {
            note(&mut self.keyless, row);
        }
        if let (Some(keys), Some(key), true) = (self.wanted.keys, &row.key, row.required) {
            match keys.check(key) {
                Ok(()) => {}
                Err(KeyError::DoesNotUnwrap(_)) => {
                    note(&mut self.invalid_keys, row);
                }
                Err(KeyError::NoClass(class)) => self.without_class(class),
            }
        }
        let Some(id) = row.id else {
            if row.required {
                note(&mut self.invalid_ids, row);
            }
            return Ok(());
        };
        let in_media = matches!(row.domain, Some(b"CameraRollDomain" | b"MediaDomain"));
        let known_database = databases::may_have_one(name) && databases::known(id).is_some();
        let side_file = row.path.is_some_and(|path| {
            [&b"-wal"[..], b"-shm", b"-journal"]
                .iter()
                .any(|end| path.ends_with(end))
        });
        let group = match row.kind {
            RowKind::File => keepsakes::group(name, path),
            _ => None,
        };
        let traits = Traits::of_group(group)
            .with(Traits::REQUIRED, row.required)
            .with(Traits::FILE, row.kind == RowKind::File)
            .with(Traits::SIZE_KNOWN, row.size.is_some())
            .with(Traits::CHANGED, row.changed)
            .with(Traits::DATALESS, row.dataless)
            .with(
                Traits::DIGEST_OF_CONTENT,
                row.digest.is_some_and(|sha1| sha1 != OF_NOTHING),
            )
            .with(Traits::MEDIA, in_media)
            .with(Traits::KNOWN_DATABASE, known_database)
            .with(Traits::SQLITE_SIDE_FILE, side_file)
            .with(Traits::NAMELESS, name.is_empty() || row.path.is_none());
        // Of a file that changed while it was uploaded nothing can be told (F§10): an older version may
        // be stored, with another key.
        let is_sealed = row.digest.is_some() || row.key.is_some();
        if self.wanted.seals && is_sealed && !row.changed {
            self.seals.push(PayloadKey {
                id,
                digest: row.digest,
                key: row.key,
                is_empty: row.size == Some(0),
            });
        }
        if self.wanted.keepsakes
            && let Some(group) = group
        {
            let keepsake = Keepsake::new(id.prefix(), row.size, row.birth, row.modified);
            self.keepsakes.add(group, keepsake);
        }
        self.room -= 1;
        self.records.push(Record {
            id,
            domain,
            traits,
            size: row.size.unwrap_or(0),
        });
        if self.records.len() == Tally::RUN {
            self.end_run();
        }
        Ok(())
    }

    /// Counts a row whose key is of a class that nothing opens. A hostile manifest may name any number of
    /// classes: those beyond the first are counted under the last of these.
    fn without_class(&mut self, class: u32) {
        let classes = &mut self.keys_without_class;
        let class = match classes.last_key_value() {
            Some((last, _)) if classes.len() >= MOST_CLASSES && !classes.contains_key(&class) => {
                *last
            }
            _ => class,
        };
        *classes.entry(class).or_default() += 1;
    }

    /// Makes sure that another record may be kept.
    fn make_room(&mut self) -> Result<(), String> {
        if self.room == 0 {
            self.budget.take(Tally::BLOCK * bytes_a_file(self.wanted))?;
            self.room = Tally::BLOCK;
        }
        Ok(())
    }

    fn end_run(&mut self) {
        self.runs.push(Run::new(&self.records));
        self.records.clear();
    }

    /// Ends the last run and gives back what is not needed; done by the thread that read the rows.
    pub fn finish(mut self) -> Tally<'a> {
        self.end_run();
        self.records = Vec::new();
        let decoders = &self.budget.decoders;
        decoders.give_back(std::mem::take(&mut self.decoder));
        self.budget.give_back(self.room * bytes_a_file(self.wanted));
        self.room = 0;
        self
    }
}

/// How many classes without a key are told apart in a part of a manifest; a keybag has 11 (F§11.1).
const MOST_CLASSES: usize = 16;

/// Joins finished tallies, in the order of their rows.
pub fn join(tallies: Vec<Tally<'_>>) -> Listing {
    let mut listing = Listing::default();
    let mut domains = Domains::default();
    let seals = tallies.iter().map(|tally| tally.seals.len());
    listing.seals.reserve_exact(seals.sum());
    for mut tally in tallies {
        listing.seals.append(&mut tally.seals);
        listing.keepsakes.extend(tally.keepsakes.all());
        let counts = &mut listing.counts;
        counts.records += tally.counts.records;
        counts.files += tally.counts.files;
        counts.directories += tally.counts.directories;
        counts.symlinks += tally.counts.symlinks;
        counts.recorded_bytes = counts
            .recorded_bytes
            .saturating_add(tally.counts.recorded_bytes);
        listing.icloud_photos |= tally.icloud_photos;
        listing.domain_roots += tally.domain_roots;
        listing.plain_files += tally.plain_files;
        for (class, count) in tally.keys_without_class {
            *listing.keys_without_class.entry(class).or_default() += count;
        }
        for (all, part) in [
            (&mut listing.invalid_ids, tally.invalid_ids),
            (&mut listing.mismatched_ids, tally.mismatched_ids),
            (&mut listing.undecodable, tally.undecodable),
            (&mut listing.keyless, tally.keyless),
            (&mut listing.invalid_keys, tally.invalid_keys),
        ] {
            all.append(part);
        }
        let new_index: Vec<u16> = tally
            .domains
            .list
            .iter()
            .map(|domain| {
                let index = domains.known(domain.name.as_bytes(), domain.class);
                let all = &mut domains.list[usize::from(index)];
                all.required += domain.required;
                all.recorded = all.recorded.saturating_add(domain.recorded);
                index
            })
            .collect();
        for run in &mut tally.runs {
            run.renumber_domains(&new_index);
        }
        listing.runs.append(&mut tally.runs);
    }
    listing.domains = domains.list;
    listing.seals.sort_unstable_by_key(|seal| seal.id);
    listing
}

fn note(odd: &mut OddRows, row: &Row<'_>) {
    let text = |bytes: Option<&[u8]>| bytes.map(shortened);
    odd.push_with(row.size.unwrap_or(0), || Example {
        domain: text(row.domain),
        path: text(row.path).map(|path| telephone::without_numbers(&path)),
        // The list of iOS 9 and earlier has no ids: names make them.
        file_id: text(row.id_text).or_else(|| row.id.map(|id| id.to_string())),
        bytes: row.size,
    });
}

#[cfg(test)]
mod tests {
    use crate::model::{FileId, WrappedKey};
    use crate::read::row::tests::row;

    use super::*;

    #[test]
    fn rows_show_that_nothing_is_encrypted_only_if_all_of_them_do() {
        let id = || FileId::of(b"D", b"a");
        let key = WrappedKey::parse(&[1; 44]);
        assert!(key.is_some());
        let plain = || row(b"D", b"a", id());
        let with_key = || Row {
            key,
            has_key: true,
            ..plain()
        };
        let with_odd_key = || Row {
            has_key: true,
            ..plain()
        };
        let undecoded = || Row {
            size: None,
            undecodable: true,
            ..plain()
        };
        let shows = |rows: Vec<Row<'_>>| {
            let budget = Budget::usual(Wanted::default());
            let tallies = rows.iter().map(|row| {
                let mut tally = Tally::new(Wanted::default(), &budget);
                tally.add(row).unwrap();
                tally.finish()
            });
            join(tallies.collect()).shows_no_keys()
        };
        assert!(shows(vec![plain()]));
        assert!(shows(vec![plain(), plain()]));
        assert!(!shows(vec![]));
        assert!(!shows(vec![plain(), with_key()]));
        assert!(!shows(vec![plain(), with_odd_key()]));
        assert!(!shows(vec![undecoded(), plain()]));
    }

    #[test]
    fn parts_join_to_the_same_listing_however_they_are_split() {
        let names: Vec<(Vec<u8>, Vec<u8>)> = (0..50_u8)
            .map(|number| (vec![b'A' + number / 10], vec![b'a' + number % 10]))
            .collect();
        let read = |split: usize| {
            let budget = Budget::usual(Wanted::default());
            let tallies = names
                .chunks(split)
                .map(|chunk| {
                    let mut tally = Tally::new(Wanted::examples(3), &budget);
                    for (domain, path) in chunk {
                        tally
                            .add(&row(domain, path, FileId::of(b"x", path)))
                            .unwrap();
                    }
                    tally.finish()
                })
                .collect();
            join(tallies)
        };
        let (whole, parts) = (read(50), read(7));
        assert_eq!(whole.counts, parts.counts);
        assert_eq!(whole.domains, parts.domains);
        assert_eq!(whole.mismatched_ids.first, parts.mismatched_ids.first);
        assert_eq!(whole.mismatched_ids.count, 50);
        assert_eq!(whole.domains.len(), 5);
        assert_eq!(whole.domains[0].required, 10);
        let sorted = |listing: &Listing| {
            let mut all: Vec<_> = (0..=255).flat_map(|shard| listing.shard(shard)).collect();
            all.sort_unstable_by_key(|record| (record.id, record.domain));
            all
        };
        assert_eq!(sorted(&whole), sorted(&parts));
    }

    #[test]
    fn parts_share_a_budget_and_keep_records_in_runs() {
        // Two names of a domain, and 70 blocks of 1,024 records.
        let budget = Budget::of(2 * 204 + 70 * 1024 * 32);
        let one = Wanted::examples(1);
        let (mut one, mut other) = (Tally::new(one, &budget), Tally::new(one, &budget));
        let add = |tally: &mut Tally<'_>, count: u32| {
            (0..count)
                .take_while(|number| {
                    let id = FileId::of(b"x", &number.to_be_bytes());
                    tally.add(&row(b"D", b"p", id)).is_ok()
                })
                .count()
        };
        assert_eq!(add(&mut one, 66_000), 66_000);
        // The first part has 65 of them.
        assert_eq!(add(&mut other, 66_000), 5 * 1024);
        let refused = other.add(&row(b"D", b"p", FileId::of(b"x", b"y")));
        assert!(refused.unwrap_err().starts_with("it lists more files"));
        let listing = join(vec![one.finish(), other.finish()]);
        let lengths: Vec<_> = listing.runs.iter().map(|run| run.records().len()).collect();
        assert_eq!(lengths, [65_536, 464, 5_120]);
        assert!(
            listing
                .runs
                .iter()
                .all(|run| run.records().is_sorted_by_key(|record| record.id.shard()))
        );
        assert_eq!(listing.counts.files, 71_120);
    }
}
