//! Step 1: whether the next backup fits, and what would make room for it.

use crate::model::{Advice, BackupIndex, Frees, Report};
use crate::plan;
use crate::verify::device::NEXT_BACKUP_MAY_NOT_FIT;
use crate::verify::next_backup::{self, NextBackup};
use crate::words::numbers;

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
    let volume = report.backups[worst.index].volume;
    let going: Vec<BackupIndex> = report
        .plan
        .removable
        .backups
        .iter()
        .copied()
        .filter(|index| volume.is_some() && report.backups[*index].volume == volume)
        .collect();
    let frees = plan::frees(&report.backups, &going);
    let mut room = format!("{} free", are(worst.free));
    if frees.bytes > 0 {
        let then = Frees {
            bytes: worst.free.saturating_add(frees.bytes),
            ..frees
        };
        room += &format!(", {} without the old backups", numbers::freed(then));
    }
    let lead = format!("{}; {room}.", needs(report, worst));
    let mut text = vec![lead.clone(), format!("{} missing.", are(lacks(worst)))];
    let others = short[1..].iter();
    text.extend(others.map(|other| {
        let (needs, free) = (needs(report, other), are(other.free));
        format!("{needs}; {free} free, {} missing.", are(lacks(other)))
    }));
    text.push(
        "The device decides by itself when it sends everything anew: after a change of encryption \
         or its password, or where it finds the old backup damaged. Else it sends what is new."
            .to_owned(),
    );
    text.push(
        "Look through the Trash and empty it; move what is not needed to another disk.".to_owned(),
    );
    Some(Advice {
        step: 1,
        id: NEXT_BACKUP_MAY_NOT_FIT.id,
        title: "Make room".to_owned(),
        seen: vec![],
        text,
        short: format!("{}; {} free.", needs(report, worst), are(worst.free)),
        lead,
        bytes: Some(lacks(worst)),
        command: None,
        remark: None,
        backups: short.iter().map(|short| short.index).collect(),
    })
}

/// What a device's next backup needs, as the beginning of a sentence.
fn needs(report: &Report, next: &NextBackup) -> String {
    let backup = &report.backups[next.index];
    let name = naming::name(backup);
    match (next.full >= next.update, backup.verdict.is_good()) {
        (false, _) => {
            let update = numbers::size(next.update);
            format!("The next backup of {name} may need {update}")
        }
        (true, true) => format!(
            "A full backup of {name} takes about {}",
            numbers::size(next.full)
        ),
        (true, false) => {
            let full = numbers::size(next.full);
            format!("A full backup of {name} takes at least {full}")
        }
    }
}

/// `12.4 GB are`, `1 byte is`.
fn are(bytes: u64) -> String {
    let verb = if bytes == 1 { "is" } else { "are" };
    format!("{} {verb}", numbers::size(bytes))
}
