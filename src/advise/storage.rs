//! Step 1: what can go from this computer and from the device, and whether the next backup fits.

use crate::model::{Advice, BackupReport, Flag, Frees, Report, StorageGroup};
use crate::platform::System;
use crate::{devices, groups, human, plan, shell};

use super::icloud;

/// The id of the advice to let go what is superseded.
pub const REMOVE_OLD: &str = "remove-old-backups";
/// The id of the advice about what only the user can decide.
pub const DECIDE: &str = "decide-yourself";
/// The id of the advice about a disk that is too full, and of the finding.
pub const NEXT_BACKUP: &str = "next-backup-may-not-fit";
/// The id of the advice about what is large on the device.
pub const LARGEST_APPS: &str = "largest-apps";

/// How many apps are named.
const MOST_APPS: usize = 5;

/// What there is to advise about storage.
pub fn advise(report: &Report, system: System) -> Vec<Advice> {
    let short = short_disks(report);
    let mut advice: Vec<Advice> = [
        remove_old_backups(report, system),
        decide_yourself(report, system),
        next_backup(report, &short),
    ]
    .into_iter()
    .flatten()
    .collect();
    // What could go from a device, or to iCloud: only for those that are still in use.
    let newest: Vec<usize> = report
        .devices
        .iter()
        .filter(|device| devices::is_current(device, &report.backups, report.started_at))
        .filter_map(|device| devices::reference(device, &report.backups))
        .collect();
    advice.extend(largest_apps(report, &newest));
    for at in newest {
        let backup = &report.backups[at];
        if let Some(estimate) = &backup.icloud {
            let disk_is_short = short.iter().any(|short| short.at == at);
            let advised = icloud::advise(&super::name(backup), estimate, at, disk_is_short);
            advice.push(advised);
        }
    }
    advice
}

/// Sizes are upper bounds where the file system can share blocks.
fn up_to(frees: Frees) -> String {
    let size = human::size(frees.bytes);
    if frees.exact {
        size
    } else {
        format!("up to {size}")
    }
}

fn remove_old_backups(report: &Report, system: System) -> Option<Advice> {
    let removal = &report.plan.removable;
    let first = *removal.backups.first()?;
    let size = up_to(removal.frees);
    let names = super::names(report, &removal.backups);
    let by = report.plan.decisions[first]
        .reasons
        .first()
        .and_then(|reason| reason.by);
    let (lead, short) = match (removal.backups.as_slice(), by) {
        ([_], Some(by)) => {
            let newer = format!(
                "{} has a newer {} backup",
                names[0],
                report.backups[by].verdict.as_str()
            );
            let lead = match (super::day(report, by), super::day(report, first)) {
                (Some(new), Some(old)) => {
                    format!("{newer} ({new}); that of {old} is not needed for a restore.")
                }
                _ => format!("{newer}; the older one is not needed for a restore."),
            };
            (lead, format!("{newer}."))
        }
        ([_], None) => (
            "It holds nothing but a description of the device.".to_owned(),
            "There is nothing in it.".to_owned(),
        ),
        (members, _) => {
            let count = human::counted(members.len() as u64, "backup", "backups");
            let needed = format!("{count} of {} are not needed", names.join(", "));
            let why = "newer good ones exist, or there is nothing in them";
            (
                format!("{needed} for a restore: {why}."),
                format!("{needed}."),
            )
        }
    };
    Some(Advice {
        step: 1,
        id: REMOVE_OLD,
        title: format!("Free {size}"),
        seen: vec![],
        text: vec![lead.clone()],
        lead,
        short,
        bytes: Some(removal.frees.bytes),
        command: Some(shell::command(system, &["clean"], report)),
        remark: Some("shows the plan, deletes nothing"),
        backups: removal.backups.clone(),
    })
}

fn decide_yourself(report: &Report, system: System) -> Option<Advice> {
    let removal = &report.plan.on_request;
    let first = *removal.backups.first()?;
    let names: Vec<String> = super::names(report, &removal.backups)
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect();
    let only = report.plan.decisions[first].flags.contains(&Flag::OnlyCopy);
    let in_place = report.roots.iter().all(|root| root.is_default);
    let (lead, short) = match removal.backups.as_slice() {
        [_] if only && in_place => (
            "It is the only backup of that device, so bkscan never picks it.",
            "Its only backup, never picked.",
        ),
        [_] if only => (
            "It is the only backup of that device in what was scanned, so bkscan never picks it.",
            "Its only backup here, never picked.",
        ),
        [_] => (
            "Only you can know whether it is still needed, so bkscan never picks it.",
            "Never picked by itself.",
        ),
        _ => (
            "Only you can know which of them are still needed, so bkscan never picks them.",
            "Never picked by themselves.",
        ),
    };
    let folders: Vec<String> = removal
        .backups
        .iter()
        .map(|at| word_for(&report.backups[*at], report))
        .collect();
    let mut words = vec!["clean", "--only"];
    words.extend(folders.iter().map(String::as_str));
    words.push("--delete");
    Some(Advice {
        step: 1,
        id: DECIDE,
        title: format!(
            "Decide about {}, {}",
            names.join(", "),
            up_to(removal.frees)
        ),
        seen: vec![],
        text: vec![lead.to_owned()],
        lead: lead.to_owned(),
        short: short.to_owned(),
        bytes: Some(removal.frees.bytes),
        command: Some(shell::command(system, &words, report)),
        remark: None,
        backups: removal.backups.clone(),
    })
}

/// A device in use whose next full backup would not fit on the disk of its newest.
struct ShortDisk {
    /// The newest backup, by index.
    at: usize,
    /// What a full backup takes, about.
    full: u64,
    /// What is free.
    free: u64,
}

/// The devices whose disk is too full, that which lacks most first.
fn short_disks(report: &Report) -> Vec<ShortDisk> {
    let mut short: Vec<ShortDisk> = report
        .devices
        .iter()
        .filter(|device| devices::is_current(device, &report.backups, report.started_at))
        .filter_map(|device| {
            let at = devices::reference(device, &report.backups)?;
            let backup = &report.backups[at];
            let (full, free) = (backup.usage.allocated, backup.disk?.available);
            let warned = device
                .findings
                .iter()
                .any(|finding| finding.id == NEXT_BACKUP);
            (free < full || warned).then_some(ShortDisk { at, full, free })
        })
        .collect();
    short.sort_by_key(|short| std::cmp::Reverse(short.full.saturating_sub(short.free)));
    short
}

fn next_backup(report: &Report, short: &[ShortDisk]) -> Option<Advice> {
    let worst = short.first()?;
    let volume = report.backups[worst.at].volume;
    let going: Vec<usize> = report
        .plan
        .removable
        .backups
        .iter()
        .copied()
        .filter(|at| volume.is_some() && report.backups[*at].volume == volume)
        .collect();
    let frees = plan::frees(&report.backups, &going);
    let mut room = format!("{} free", are(worst.free));
    if frees.bytes > 0 {
        let then = Frees {
            bytes: worst.free.saturating_add(frees.bytes),
            ..frees
        };
        room += &format!(", {} without the old backups", up_to(then));
    }
    let takes = |short: &ShortDisk| {
        let name = super::name(&report.backups[short.at]);
        format!("of {name} takes about {}", human::size(short.full))
    };
    let first = format!("A full backup {}", takes(worst));
    let mut text = vec![format!("{first}; {room}.")];
    text.extend(
        short[1..]
            .iter()
            .map(|other| format!("One {}; {} free.", takes(other), are(other.free))),
    );
    text.push(
        "The device decides by itself when to make a full one: after a failed run, a change of \
         the password, or a large update. Else it sends what is new."
            .to_owned(),
    );
    text.push("Empty the Trash, and remove from this disk what is not needed any more.".to_owned());
    Some(Advice {
        step: 1,
        id: NEXT_BACKUP,
        title: "Make room".to_owned(),
        seen: vec![],
        lead: text[0].clone(),
        text,
        short: format!("{first}; {} free.", are(worst.free)),
        bytes: Some(worst.full.saturating_sub(worst.free)),
        command: None,
        remark: None,
        backups: short.iter().map(|short| short.at).collect(),
    })
}

/// `12.4 GB are`, `1 byte is`.
fn are(bytes: u64) -> String {
    let verb = if bytes == 1 { "is" } else { "are" };
    format!("{} {verb}", human::size(bytes))
}

fn largest_apps(report: &Report, newest: &[usize]) -> Option<Advice> {
    let apps = |at: usize| {
        let groups = report.backups[at].storage.iter();
        groups.filter(|group| groups::is_app(&group.name) && group.bytes > 0)
    };
    let with_apps: Vec<usize> = newest
        .iter()
        .copied()
        .filter(|at| apps(*at).next().is_some())
        .collect();
    let first = *with_apps.first()?;
    let sentence = |at: usize, most: usize| {
        let named = |group: &StorageGroup| format!("{} {}", group.name, human::size(group.bytes));
        let named: Vec<String> = apps(at).take(most).map(named).collect();
        let name = super::name(&report.backups[at]);
        format!("Largest apps of {name}: {}.", super::listed(&named))
    };
    let mut text: Vec<String> = with_apps
        .iter()
        .map(|at| sentence(*at, MOST_APPS))
        .collect();
    text.push(
        "On the device: Settings > General > iPhone Storage, on an iPad iPad Storage. An app that \
         is deleted takes its data with it; the next backup is smaller by that."
            .to_owned(),
    );
    text.push("Which of them are used cannot be seen from this computer.".to_owned());
    Some(Advice {
        step: 1,
        id: LARGEST_APPS,
        title: "Delete what is not used".to_owned(),
        seen: vec![],
        text,
        lead: sentence(first, 3),
        short: sentence(first, 2),
        bytes: Some(
            with_apps
                .iter()
                .flat_map(|at| apps(*at).take(MOST_APPS))
                .map(|group| group.bytes)
                .fold(0, u64::saturating_add),
        ),
        command: None,
        remark: None,
        backups: with_apps,
    })
}

/// What names a backup on the command line, and no other: its folder's name, else its path.
fn word_for(backup: &BackupReport, report: &Report) -> String {
    let name = backup.folder_name();
    let fits = |other: &BackupReport| {
        other.path != backup.path
            && (other.folder_name() == name
                || other
                    .udid
                    .as_ref()
                    .is_some_and(|udid| udid.as_str() == name))
    };
    if name.starts_with('-') || report.backups.iter().any(fits) {
        return backup.path.display().to_string();
    }
    name
}
