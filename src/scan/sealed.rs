//! Two backups whose lists nobody can open here, with one keybag: their stored bytes show whether one is a
//! true copy of the other (contract §10).

use crate::contents::pairs::{self, Outcome, Side, Stored};
use crate::model::progress::Monitor;
use crate::model::{Amount, BackupReport, ContentsDiff, Diff, Which};
use crate::scan::again::Again;
use crate::verify::files::{NOT_READABLE, PAYLOAD_IN_CLOUD, PAYLOAD_NOT_A_FILE};

/// Reads the payloads that lie in both, and takes in what came of it. That the new one holds all is said only
/// where both have the same list and the same keys, byte for byte, and where every payload of the old one
/// that was counted was found and read; that it does not, where one of them is not there.
pub fn contents(
    diff: &mut Diff,
    [old, new]: [&BackupReport; 2],
    again: &[Again; 2],
    monitor: &Monitor<'_>,
) {
    let (Some(of_old), Some(of_new)) = (again[0].side(), again[1].side()) else {
        return;
    };
    if !again[0].has_keybag_of(&again[1]) {
        return;
    }
    let lying = Lying::find(&pairs::lying(&of_old), &pairs::lying(&of_new));
    let mut sums = read(&of_old, &of_new, &lying, monitor);
    sums.not_compared.files += pairs::in_cloud(&of_old);
    let files = |sums: &[Amount]| sums.iter().map(|sum| sum.files).sum::<u64>();
    let is_lost = files(&[sums.lost, sums.missing_new]) > 0;
    let is_same = files(&[sums.same]) == old.payloads_anywhere && old.payloads_anywhere > 0;
    let is_sure = is_same
        && sums.not_compared.files == 0
        && is_whole(old)
        && is_whole(new)
        && new.verdict.is_good();
    if has_one_list(again) && (is_sure || is_lost) {
        diff.covers = Some(!is_lost);
        diff.identical = Some(!is_lost && lying.only_new == 0);
        if !is_lost {
            // Nothing is left that their lists could tell; a wrong password is told all the same.
            let is_not_opened = |which| match which {
                Which::Old => old.is_not_opened(),
                Which::New => new.is_not_opened(),
            };
            diff.not_compared
                .retain(|not| not.which.is_some_and(is_not_opened));
        }
    }
    diff.contents = Some(sums);
}

/// Reads the payloads that lie in both.
fn read(old: &Side<'_>, new: &Side<'_>, lying: &Lying, monitor: &Monitor<'_>) -> ContentsDiff {
    let mut sums = ContentsDiff {
        missing_new: lying.only_old,
        ..ContentsDiff::default()
    };
    let outcomes = pairs::compare(old, new, true, &lying.both, monitor);
    for ((stored, _), outcome) in lying.both.iter().zip(outcomes) {
        let sum = match outcome {
            // It was there a moment ago.
            Outcome::Absent(Which::Old) => Some(&mut sums.unreadable_old),
            Outcome::Absent(Which::New) => Some(&mut sums.missing_new),
            outcome => outcome.sum_of(&mut sums),
        };
        if let Some(sum) = sum {
            sum.add(stored.size.unwrap_or(0));
        }
    }
    sums.lost = sums.other;
    sums.lost += sums.unreadable_new;
    sums
}

/// Whether all that is in its place could be looked at, and is here.
fn is_whole(backup: &BackupReport) -> bool {
    let unknown = [NOT_READABLE.id, PAYLOAD_IN_CLOUD.id, PAYLOAD_NOT_A_FILE.id];
    !unknown.into_iter().any(|id| backup.has(id))
}

/// Whether lists and keys are the same, byte for byte.
fn has_one_list(again: &[Again; 2]) -> bool {
    let [old, new] = [&again[0].metadata, &again[1].metadata];
    let are_same = |of_old: &str, of_new: &str| {
        pairs::are_same([&old.folder.join(of_old), &new.folder.join(of_new)])
    };
    match (old.manifest_file, new.manifest_file) {
        (Some((of_old, _)), Some((of_new, _))) => {
            are_same(of_old, of_new) && are_same("Manifest.plist", "Manifest.plist")
        }
        _ => false,
    }
}

/// The payloads of two backups, by name.
#[derive(Default)]
struct Lying {
    both: Vec<(Stored, Stored)>,
    only_old: Amount,
    only_new: usize,
}

impl Lying {
    /// Of two lists that are sorted by id.
    fn find(old: &[Stored], new: &[Stored]) -> Lying {
        let mut lying = Lying::default();
        for (stored, same) in pairs::by_name(old, new) {
            match same {
                Some(other) => lying.both.push((*stored, *other)),
                None => lying.only_old.add(stored.size.unwrap_or(0)),
            }
        }
        lying.only_new = new.len() - lying.both.len();
        lying
    }
}
