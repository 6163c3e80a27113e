//! Two backups whose lists nobody can open here, with one keybag: their stored bytes show whether one is a
//! true copy of the other (contract §10).

use crate::contents::pairs::{self, Outcome, Stored};
use crate::look::Again;
use crate::model::{ContentsDiff, Diff, Share, Which};
use crate::progress::Monitor;

/// Reads the payloads that lie in both, and takes in what came of it. Whether the new one holds all is
/// known where both have the same list, byte for byte.
pub fn contents(diff: &mut Diff, again: &[Again; 2], monitor: &Monitor<'_>) {
    let (Some(old), Some(new)) = (again[0].side(), again[1].side()) else {
        return;
    };
    if !again[0].has_keybag_of(&again[1]) {
        return;
    }
    let lying = Lying::find(&pairs::lying(&old), &pairs::lying(&new));
    let mut sums = ContentsDiff {
        missing_new: lying.only_old,
        ..ContentsDiff::default()
    };
    let outcomes = pairs::compare(&old, &new, true, &lying.both, monitor);
    for ((stored, _), outcome) in lying.both.iter().zip(outcomes) {
        let sum = match outcome {
            Outcome::Same => &mut sums.same,
            Outcome::Other => &mut sums.other,
            Outcome::Unreadable(Which::Old) => &mut sums.unreadable_old,
            Outcome::Unreadable(Which::New) => &mut sums.unreadable_new,
            Outcome::Absent(_) => &mut sums.missing_new,
            Outcome::NotCompared => &mut sums.not_compared,
            Outcome::Stopped => continue,
        };
        sum.add(stored.size.unwrap_or(0));
    }
    sums.lost = sums.other;
    sums.lost += sums.unreadable_new;
    let files = |sums: &[Share]| sums.iter().map(|sum| sum.files).sum::<u64>();
    let is_lost = files(&[sums.lost, sums.missing_new]) > 0;
    let is_unknown = files(&[sums.unreadable_old, sums.not_compared]) > 0;
    if has_one_list(again) && (is_lost || !is_unknown) {
        diff.covers = Some(!is_lost);
        diff.identical = Some(!is_lost && lying.only_new == 0);
        if !is_lost {
            // Nothing is left that their lists could tell.
            diff.not_compared.clear();
        }
    }
    diff.contents = Some(sums);
}

fn has_one_list(again: &[Again; 2]) -> bool {
    let path = |again: &Again| {
        let (name, _) = again.metadata.manifest_file?;
        Some(again.metadata.folder.join(name))
    };
    match (path(&again[0]), path(&again[1])) {
        (Some(old), Some(new)) => pairs::are_same([&old, &new]).unwrap_or(false),
        _ => false,
    }
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
