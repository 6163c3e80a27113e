//! Two backups, one against the other (contract §10): both are looked at as a scan does it; then what
//! differs is worked out, named, and where that is asked for read.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use crate::contents::pairs::{self, Outcome, Side, Stored};
use crate::cover::Asked;
use crate::cover::diff::{self, InBoth, Unlisted};
use crate::crypto::keyring::Keyring;
use crate::facts::databases;
use crate::model::options::ScanOptions;
use crate::model::progress::Monitor;
use crate::model::{
    Amount, BackupReport, ContentsDiff, Diff, DiffFile, DiffKind, DiffPart, FileId, KeepsakeGroup,
    Level, NotCompared, Report, Subjects, Which,
};
use crate::words::numbers;
use crate::{read, system};

use super::again::Again;
use super::looker::Looker;
use super::threads::NoThreads;
use super::{differing, foreign, sealed, strays, threads};

/// Two backups, looked at and compared.
pub struct Compared {
    /// What a scan of the two found.
    pub report: Report,
    /// The old one's place among its backups.
    pub old: usize,
    /// The new one's.
    pub new: usize,
    /// What differs.
    pub diff: Diff,
}

/// How far to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Whether files are named.
    pub list: bool,
    /// Whether the payloads that are in both are read.
    pub contents: bool,
}

/// Compares the two backups that are the roots of `config`. The second part of the answer is nothing where
/// one of them was not found, or the run was stopped before both were looked at.
///
/// # Errors
/// When the threads cannot be started.
pub fn compare(
    config: &ScanOptions,
    [old, new]: [&Path; 2],
    depth: Depth,
    keyring: &Keyring<'_>,
    monitor: &Monitor<'_>,
) -> Result<Result<Compared, Box<Report>>, NoThreads> {
    let config = ScanOptions {
        roots: vec![old.to_owned(), new.to_owned()],
        keepsakes_of_all: true,
        // Payloads are read once: against each other.
        level: config.level.min(Level::Standard),
        ..config.clone()
    };
    threads::on(config.threads, || {
        run(&config, [old, new], depth, keyring, monitor)
    })
}

fn run(
    config: &ScanOptions,
    [old, new]: [&Path; 2],
    depth: Depth,
    keyring: &Keyring<'_>,
    monitor: &Monitor<'_>,
) -> Result<Compared, Box<Report>> {
    let looker = Looker {
        config,
        monitor,
        keyring,
        ledger: None,
        asked: Asked::default(),
        one_pass: true,
        past_the_end: false,
        is_second: false,
    };
    let (report, _) = super::run(config, keyring, None, monitor, true);
    let place = |wanted: &Path| {
        let identity = |path: &Path| system::identity(path).ok().flatten();
        let is_it = |backup: &BackupReport| {
            backup.path == wanted
                || identity(wanted).is_some_and(|own| identity(&backup.path) == Some(own))
        };
        report.backups.iter().position(is_it)
    };
    let (Some(old), Some(new)) = (place(old), place(new)) else {
        return Err(Box::new(report));
    };
    let pair = [&report.backups[old], &report.backups[new]];
    let foreign = foreign::missing_in(pair[0], pair[1]);
    let mut diff = compared(pair, &foreign);
    let is_known = diff.covers.is_some() || !diff.groups.is_empty();
    let is_sealed = depth.contents && pair.iter().all(|backup| backup.locked);
    if is_sealed || is_known && (depth.list || depth.contents) {
        let again = pair.map(|backup| Again::open(&backup.path, &backup.folder_name(), looker));
        if depth.list && !is_sealed {
            differing::name(&mut diff, pair, foreign, &again);
        }
        match depth.contents {
            true if is_sealed => sealed::contents(&mut diff, pair, &again, monitor),
            true => contents(&mut diff, pair, &again, monitor),
            false => {}
        }
        tell_not_read(&mut diff, &again);
    }
    Ok(Compared {
        report,
        old,
        new,
        diff,
    })
}

/// Compares two backups of a scan that kept what each of them holds, the old one first.
pub fn as_scanned(pair: [&BackupReport; 2]) -> Diff {
    compared(pair, &foreign::missing_in(pair[0], pair[1]))
}

/// The same, where it is known which files that are no part of the old one are not in the new one.
fn compared([old, new]: [&BackupReport; 2], foreign: &Subjects) -> Diff {
    let mut diff = diff::diff(old, new, unlisted(old, new, foreign));
    // What is in the new one alone, too, makes them differ.
    if diff.identical == Some(true)
        && !unlisted(new, old, &foreign::missing_in(new, old)).is_nothing()
    {
        diff.identical = Some(false);
    }
    diff
}

/// What of the one no list names and the other one does not have.
fn unlisted(one: &BackupReport, other: &BackupReport, foreign: &Subjects) -> Unlisted {
    Unlisted {
        strays: strays::missing_in(one, other),
        foreign: Amount {
            files: foreign.count,
            bytes: foreign.bytes,
        },
    }
}

/// The files of a manifest, sorted by id, each once.
fn stored(again: &Again) -> Vec<Stored> {
    let mut files = Vec::new();
    read::manifest::each(&again.metadata, again.opened(), &mut |row| {
        if let Some(id) = row.id.filter(|_| row.is_file()) {
            files.push(Stored {
                id,
                size: row.size,
                key: row.key,
            });
        }
    });
    files.sort_by_key(|file| file.id);
    files.dedup_by_key(|file| file.id);
    files
}

/// What is to be read of both.
struct Wanted {
    /// In the order of the ids of the old one.
    pairs: Vec<(Stored, Stored)>,
    /// The keepsakes among them, by the ids of the old one.
    keepsakes: HashMap<FileId, InBoth>,
}

impl Wanted {
    /// Keepsakes with those that hold them; everything else under its own name.
    fn find(pair: [&BackupReport; 2], of_old: &[Stored], of_new: &[Stored]) -> Wanted {
        let by_prefix = |files: &[Stored], prefix: u64| {
            let position = files.partition_point(|file| file.id.prefix() < prefix);
            files
                .get(position)
                .filter(|file| file.id.prefix() == prefix)
                .copied()
        };
        let mut found = BTreeMap::new();
        let mut keepsakes = HashMap::new();
        let mut taken = HashSet::new();
        for both in diff::in_both(pair[0], pair[1]) {
            let pair = by_prefix(of_old, both.old).zip(by_prefix(of_new, both.new));
            if let Some((old, new)) = pair {
                taken.insert(new.id);
                keepsakes.insert(old.id, both);
                found.insert(old.id, (old, new));
            }
        }
        for (old, same) in pairs::by_name(of_old, of_new) {
            if let Some(new) = same.filter(|new| !taken.contains(&new.id)) {
                found.entry(old.id).or_insert((*old, *new));
            }
        }
        Wanted {
            pairs: found.into_values().collect(),
            keepsakes,
        }
    }
}

/// Reads what is in both, and takes in what came of it.
fn contents(diff: &mut Diff, pair: [&BackupReport; 2], again: &[Again; 2], monitor: &Monitor<'_>) {
    let sides = [again[0].side(), again[1].side()];
    let [Some(old), Some(new)] = sides else {
        return;
    };
    let wanted = Wanted::find(pair, &stored(&again[0]), &stored(&again[1]));
    let outcomes = pairs::compare(
        &old,
        &new,
        again[0].has_keybag_of(&again[1]),
        &wanted.pairs,
        monitor,
    );
    let mut sums = ContentsDiff::default();
    let mut odd = Vec::new();
    for (pair, outcome) in wanted.pairs.iter().zip(outcomes) {
        let both = wanted.keepsakes.get(&pair.0.id);
        // What is not there is told by its length already.
        let Some(sum) = outcome.sum_of(&mut sums) else {
            continue;
        };
        let bytes = pair.0.size.unwrap_or(0);
        sum.add(bytes);
        let kind = match outcome {
            Outcome::Other => Some(DiffKind::OtherBytes),
            Outcome::Unreadable(which) => Some(DiffKind::Unreadable(which)),
            _ => None,
        };
        let is_lost = match kind {
            Some(DiffKind::OtherBytes) => both.is_some_and(|both| both.should_equal),
            Some(DiffKind::Unreadable(Which::New)) => both.is_some(),
            _ => false,
        };
        if is_lost {
            sums.lost.add(bytes);
        }
        let may_be_faulty = matches!(
            kind,
            Some(DiffKind::OtherBytes | DiffKind::Unreadable(Which::New))
        );
        if may_be_faulty && let Some(known) = databases::known(pair.0.id) {
            let is_faulty = |side: &Side<'_>, stored: &Stored| {
                let state = side.database(known, stored);
                state.is_some_and(|state| state.is_faulty())
            };
            if is_faulty(&new, &pair.1) && !is_faulty(&old, &pair.0) {
                sums.faulty.push(known.kind.name());
            }
        }
        odd.extend(kind.map(|kind| (kind, both.map(|both| both.group), *pair)));
    }
    if let Some(files) = &mut diff.files {
        files.extend(named(&odd, again));
        files.sort_by(differing::in_order);
    }
    diff::with_contents(diff, sums);
}

/// Tells how much was not compared byte for byte, if so.
fn tell_not_read(diff: &mut Diff, again: &[Again; 2]) {
    let sum = diff.contents.as_ref().map(|sums| sums.not_compared);
    if let Some(sum) = sum.filter(|sum| sum.files > 0) {
        diff.not_compared.push(NotCompared {
            which: None,
            why: not_read(&sum),
            needs_password: sides_lack_keys(again),
        });
    }
}

fn not_read(share: &Amount) -> String {
    let files = numbers::counted(share.files, "file", "files");
    let size = numbers::size(share.bytes);
    let verb = if share.files == 1 { "was" } else { "were" };
    format!(
        "{files} ({size}) {verb} not compared byte for byte: the key is not at hand, or the content is only \
         in a cloud"
    )
}

fn sides_lack_keys(again: &[Again; 2]) -> bool {
    let lacks = |again: &Again| again.metadata.encrypted() == Some(true) && again.keys.is_none();
    again.iter().any(lacks)
}

type Odd = (DiffKind, Option<KeepsakeGroup>, (Stored, Stored));

/// Files that are in both and differ, by name.
fn named(odd: &[Odd], again: &[Again; 2]) -> Vec<DiffFile> {
    let ids: Vec<FileId> = odd.iter().map(|(.., (old, _))| old.id).collect();
    let names = read::manifest::names(&again[0].metadata, again[0].opened(), &ids);
    let file = |(kind, group, (old, _)): &Odd| {
        let name = names.get(&old.id);
        DiffFile {
            kind: *kind,
            part: group.map_or(DiffPart::Listed, DiffPart::Keepsakes),
            domain: name.map(|(domain, _)| domain.clone()),
            path: name.map(|(_, path)| path.clone()),
            bytes: old.size.unwrap_or(0),
            birth: None,
            modified: None,
        }
    };
    odd.iter().map(file).collect()
}
