//! Two backups whose lists nobody can open here, with one keybag: their stored bytes show whether one is a
//! true copy of the other (contract §10).

use crate::contents::pairs::{self, Outcome, Side, Stored};
use crate::look::Again;
use crate::model::{BackupReport, ContentsDiff, Diff, Share, Verdict, Which};
use crate::progress::Monitor;

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
    let files = |sums: &[Share]| sums.iter().map(|sum| sum.files).sum::<u64>();
    let is_lost = files(&[sums.lost, sums.missing_new]) > 0;
    let is_same = files(&[sums.same]) == old.payloads_anywhere && old.payloads_anywhere > 0;
    let is_sure =
        is_same && sums.not_compared.files == 0 && is_whole(old) && is_whole(new) && is_good(new);
    if has_one_list(again) && (is_sure || is_lost) {
        diff.covers = Some(!is_lost);
        diff.identical = Some(!is_lost && lying.only_new == 0);
        if !is_lost {
            // Nothing is left that their lists could tell.
            diff.not_compared.clear();
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
            Outcome::Same => &mut sums.same,
            Outcome::Other => &mut sums.other,
            // It was there a moment ago.
            Outcome::Unreadable(Which::Old) | Outcome::Absent(Which::Old) => {
                &mut sums.unreadable_old
            }
            Outcome::Unreadable(Which::New) => &mut sums.unreadable_new,
            Outcome::Absent(Which::New) => &mut sums.missing_new,
            Outcome::NotCompared => &mut sums.not_compared,
            Outcome::Stopped => continue,
        };
        sum.add(stored.size.unwrap_or(0));
    }
    sums.lost = sums.other;
    sums.lost += sums.unreadable_new;
    sums
}

/// Whether all that is in its place could be looked at, and is here.
fn is_whole(backup: &BackupReport) -> bool {
    let ids = ["not-readable", "payload-in-cloud", "payload-not-a-file"];
    !ids.into_iter().any(|id| backup.has(id))
}

fn is_good(backup: &BackupReport) -> bool {
    matches!(backup.verdict, Verdict::Complete | Verdict::Unverified)
}

/// Whether lists and keys are the same, byte for byte.
fn has_one_list(again: &[Again; 2]) -> bool {
    let are_same = |name: &dyn Fn(&Again) -> Option<&'static str>| {
        let path = |again: &Again| Some(again.metadata.folder.join(name(again)?));
        match (path(&again[0]), path(&again[1])) {
            (Some(old), Some(new)) => pairs::are_same([&old, &new]).unwrap_or(false),
            _ => false,
        }
    };
    let list = |again: &Again| again.metadata.manifest_file.map(|(name, _)| name);
    are_same(&list) && are_same(&|_| Some("Manifest.plist"))
}

/// The payloads of two backups, by name.
#[derive(Default)]
struct Lying {
    both: Vec<(Stored, Stored)>,
    only_old: Share,
    only_new: usize,
}

impl Lying {
    /// Of two lists that are sorted by id.
    fn find(old: &[Stored], new: &[Stored]) -> Lying {
        let mut lying = Lying::default();
        let mut others = new.iter().peekable();
        for stored in old {
            while others.next_if(|other| other.id < stored.id).is_some() {
                lying.only_new += 1;
            }
            match others.next_if(|other| other.id == stored.id) {
                Some(other) => lying.both.push((*stored, *other)),
                None => lying.only_old.add(stored.size.unwrap_or(0)),
            }
        }
        lying.only_new += others.count();
        lying
    }
}
