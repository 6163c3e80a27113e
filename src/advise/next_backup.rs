//! Step 1: whether the next backup fits, and what would make room for it.

use crate::model::{Advice, BackupIndex, Frees, Report};
use crate::plan;
use crate::verify::device::NEXT_BACKUP_MAY_NOT_FIT;
use crate::verify::next_backup::{self, NextBackup};
use crate::words::{self, numbers};

use super::naming;

/// The devices in use whose next backup may not fit, or not if all is sent anew; that which lacks
/// most first.
pub fn short_disks(report: &Report) -> Vec<NextBackup> {
    let mut short: Vec<NextBackup> = report
        .devices
        .iter()
        .filter_map(|device| next_backup::next_backup(device, &report.backups, report.started_at))
        .filter(|next| next.free < next.full.max(next.update))
        .collect();
    short.sort_by_key(|next| std::cmp::Reverse(lacks(next)));
    short
}

/// Bytes that are missing for the larger of an update and a full backup.
fn lacks(next: &NextBackup) -> u64 {
    next.full.max(next.update).saturating_sub(next.free)
}

/// What there is to advise where it may not fit.
pub fn advise(report: &Report, short: &[NextBackup]) -> Option<Advice> {
    let worst = short.first()?;
    let volume = report.backups[worst.newest].volume;
    let going: Vec<BackupIndex> = report
        .plan
        .removable
        .backups
        .iter()
        .copied()
        .filter(|index| volume.is_some() && report.backups[*index].volume == volume)
        .collect();
    let frees = plan::frees(&report.backups, &going);
    let needs_room = needs(report, &[worst]);
    let free = numbers::size(worst.free);
    let is_free = format!("{} free", are(worst.free));
    // On a screen for all of it the advice to clean stands below.
    let (lead, full) = match frees.bytes {
        0 => (is_free.clone(), is_free),
        _ => {
            let bytes = worst.free.saturating_add(frees.bytes);
            let then = numbers::freed(Frees { bytes, ..frees });
            (
                format!("{free} free now, {} then", numbers::size(bytes)),
                format!("{is_free}, {then} without the old backups"),
            )
        }
    };
    let lead = format!("{needs_room}; {lead}.");
    let full = format!("{needs_room}; {full}.");
    let mut text = vec![full, format!("{} missing.", are(lacks(worst)))];
    text.extend(others(report, &short[1..], worst.free));
    text.push(
        "A device sends all anew after a change of its backup password, or where the old one is damaged."
            .to_owned(),
    );
    // Where what can go makes room enough, that is said above.
    if frees.bytes < lacks(worst) {
        text.push("Empty the Trash; move out what you can.".to_owned());
    }
    Some(Advice {
        step: 1,
        id: NEXT_BACKUP_MAY_NOT_FIT.id,
        title: "Make room".to_owned(),
        seen: vec![],
        text,
        short: format!("{needs_room}; {free} free."),
        lead,
        bytes: Some(lacks(worst)),
        command: None,
        remark: None,
        backups: short.iter().map(|short| short.newest).collect(),
    })
}

/// What else may not fit, a sentence for those that need as much on a disk with as much room, which is said
/// where it is not what was `told`.
fn others(report: &Report, short: &[NextBackup], told: u64) -> Vec<String> {
    let mut groups: Vec<Vec<&NextBackup>> = Vec::new();
    let what = |next: &NextBackup| (next.full.max(next.update), next.free, next.index.is_some());
    for next in short {
        match groups.iter_mut().find(|group| what(group[0]) == what(next)) {
            Some(group) => group.push(next),
            None => groups.push(vec![next]),
        }
    }
    let sentence = |group: &Vec<&NextBackup>| {
        let first = group[0];
        match first.free == told {
            true => format!("{}.", needs(report, group)),
            false => format!("{}; {} free.", needs(report, group), are(first.free)),
        }
    };
    match groups.len() {
        0..=2 => groups.iter().map(sentence).collect(),
        _ => vec![of_many(short)],
    }
}

/// What the next backups of many devices may need; at least one.
fn of_many(short: &[NextBackup]) -> String {
    let needed = || short.iter().map(|next| next.full.max(next.update));
    let size = |bytes: Option<u64>| numbers::size(bytes.unwrap_or_default());
    let (least, most) = (size(needed().min()), size(needed().max()));
    format!("{} others may need {least} to {most} each.", short.len())
}

/// What the next backups of devices that need as much take, as the beginning of a sentence.
fn needs(report: &Report, group: &[&NextBackup]) -> String {
    let called = |next: &&NextBackup| {
        let name = naming::name(report, &report.backups[next.newest]);
        let dated = next.index.map(|index| naming::dated(report, index));
        name + &dated.unwrap_or_default()
    };
    let names: Vec<String> = group.iter().map(called).collect();
    let names = words::listed(&names);
    let Some(first) = group.first() else {
        return String::new();
    };
    let size = numbers::size(first.full.max(first.update));
    match (first.full >= first.update, group.len()) {
        (true, 1) => format!("A full backup of {names} takes about {size}"),
        (true, _) => format!("Full backups of {names} take about {size} each"),
        (false, 1) => format!("The next backup of {names} may need {size}"),
        (false, _) => format!("The next backups of {names} may need {size} each"),
    }
}

/// `12.4 GB are`, `1 byte is`.
fn are(bytes: u64) -> String {
    let verb = if bytes == 1 { "is" } else { "are" };
    format!("{} {verb}", numbers::size(bytes))
}
