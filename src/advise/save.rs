//! Step 2: what saves the data of a device whose newest backup is damaged, unfinished, too old or gone.

use std::collections::BTreeMap;

use crate::model::{Advice, BackupIndex, Device, Finding, Report, Seen, Severity};
use crate::system::System;
use crate::verify::device::{BACKUP_GONE, BACKUP_SHRANK};
use crate::verify::{self, First, dates};
use crate::words::{self, numbers, shell};

use super::naming;
use super::trouble::Trouble;

/// The id of this advice.
pub const ID: &str = "save-data";

/// Of how many backups to be saved the screen says in short what to do.
pub const MANY_BACKUPS: usize = 3;

/// The backups that this advice is to save.
pub fn backups<'a>(advice: impl IntoIterator<Item = &'a Advice>) -> Vec<BackupIndex> {
    let saving = advice.into_iter().filter(|item| item.id == ID);
    saving.flat_map(|item| item.backups.clone()).collect()
}

/// What is to be done about a device, by urgency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// This first, then the next backup.
    First(First),
    /// The next backup: there is nothing in the folder that it could write over.
    Again,
    /// The next backup: it goes into a folder of its own.
    Anew,
    /// The next backup: the last one is too old.
    Now,
}

fn way(trouble: &Trouble<'_>) -> Way {
    match trouble.first() {
        _ if trouble.is_stale => Way::Now,
        First::Copy | First::MoveAway | First::Leave if !trouble.backup().is_written_again() => {
            Way::Anew
        }
        First::Copy | First::CopyFromBadDisk if trouble.files() == 0 => Way::Again,
        first => Way::First(first),
    }
}

/// What saves data, most urgent first: devices for which the same has to be done are told of together.
pub fn advise(report: &Report, troubles: &[Trouble<'_>], system: System) -> Vec<Advice> {
    let mut ways: BTreeMap<Way, Vec<&Trouble<'_>>> = BTreeMap::new();
    for trouble in troubles {
        ways.entry(way(trouble)).or_default().push(trouble);
    }
    let of_troubles = ways
        .iter()
        .map(|(way, members)| of_troubles(*way, members, system));
    of_troubles.chain(of_missing(report)).collect()
}

fn of_troubles(way: Way, members: &[&Trouble<'_>], system: System) -> Advice {
    let names: Vec<String> = members.iter().map(|trouble| trouble.name()).collect();
    let names = words::listed(&names);
    let title = match way {
        Way::First(First::Copy | First::CopyFromBadDisk | First::MoveAway) => {
            format!("Save {names}")
        }
        Way::First(First::Leave) => format!("Finish the backup of {names}"),
        Way::First(First::Unlock) | Way::Again | Way::Anew => format!("Back up {names} again"),
        Way::Now => format!("Back up {names}"),
    };
    let is_one = members.len() == 1;
    let mut text: Vec<String> = before(way, members).into_iter().collect();
    text.push(then(way, members));
    text.extend(others(members));
    let sizes = members
        .iter()
        .map(|trouble| trouble.backup().usage.allocated);
    let is_at_risk = matches!(
        way,
        Way::First(First::Copy | First::CopyFromBadDisk | First::MoveAway)
    );
    let command = |trouble: &&Trouble<'_>| {
        let report = trouble.report;
        let word = shell::word_to_show(report, trouble.backup());
        shell::show_command(system, &word, &report.looked_with)
    };
    Advice {
        step: 2,
        id: ID,
        title,
        seen: members.iter().map(|trouble| trouble.seen()).collect(),
        lead: text.join(" "),
        short: short(way, members),
        text,
        bytes: is_at_risk.then(|| sizes.fold(0, u64::saturating_add)),
        command: members.first().filter(|_| is_one).map(command),
        remark: None,
        backups: members.iter().map(|trouble| trouble.index).collect(),
    }
}

/// What comes before the next backup.
fn before(way: Way, members: &[&Trouble<'_>]) -> Option<String> {
    let is_one = members.len() == 1;
    let word = |one: &'static str, several: &'static str| if is_one { one } else { several };
    let (folder, it) = (word("its folder", "their folders"), word("it", "them"));
    let there = there(members);
    Some(match way {
        Way::First(First::Copy) => format!(
            "Copy {folder} to another disk first, because the next backup may write over what can still \
             be read ({there})."
        ),
        Way::First(First::CopyFromBadDisk) => {
            let disk = word("disk it is", "disks they are");
            format!(
                "Copy what can be read of {folder} to another disk first ({there}), and check the {disk} \
                 on (Mac: Disk Utility > First Aid)."
            )
        }
        Way::First(First::MoveAway) => {
            let is_lost = |trouble: &&Trouble<'_>| {
                trouble.files() == 0 || trouble.backup().has_lost_its_keys()
            };
            let keep = match members {
                [member] if member.files() > 0 && member.backup().has_lost_its_keys() => {
                    format!(" ({})", still_there(member))
                }
                _ if members.iter().all(is_lost) => String::new(),
                _ => format!(", and keep what may still be readable ({there})"),
            };
            format!(
                "Rename {folder} or move {it} away first{keep}: every further run into {it} fails (error \
                 205)."
            )
        }
        Way::First(First::Leave) => {
            let is = word("it is", "they are");
            format!("Leave {folder} as {is}: the next run can go on from there.")
        }
        Way::First(First::Unlock) => format!("Connect {it} by cable and unlock {it}."),
        Way::Again => {
            format!("There is nothing in {folder} that the next backup could write over.")
        }
        Way::Anew => {
            let (stays, its) = (
                word("stays as it is", "stay as they are"),
                word("its", "their"),
            );
            format!("The next backup goes into a folder of {its} own: {folder} {stays} ({there}).")
        }
        Way::Now => return None,
    })
}

/// All of it where there is little room.
fn short(way: Way, members: &[&Trouble<'_>]) -> String {
    let is_one = members.len() == 1;
    let word = |one: &'static str, several: &'static str| if is_one { one } else { several };
    let (folder, it) = (word("its folder", "their folders"), word("it", "them"));
    match way {
        Way::First(First::Copy) => {
            format!(
                "Copy {folder} to another disk first: the next backup may write over {it}. Then back {it} up \
                 again by cable."
            )
        }
        Way::First(First::CopyFromBadDisk) => {
            "Copy what can be read first, and check the disk.".to_owned()
        }
        Way::First(First::MoveAway) => {
            let there = match members {
                [member] if member.files() > 0 => format!(" ({})", still_there(member)),
                _ => String::new(),
            };
            format!(
                "Rename {folder} or move {it} away first{there}, then back {it} up again by cable."
            )
        }
        Way::First(First::Leave) => {
            let is = word("it is", "they are");
            format!("Leave {folder} as {is}, and back {it} up again by cable.")
        }
        Way::First(First::Unlock) => {
            format!("Connect {it} by cable, unlock {it}, and enter the passcode when it asks.")
        }
        Way::Again | Way::Anew => format!("Back {it} up again by cable."),
        Way::Now => format!("Connect {it} by cable and back {it} up."),
    }
}

/// The files of a backup of which the folder goes elsewhere.
fn still_there(member: &Trouble<'_>) -> String {
    let readable = member.readable();
    let (are, them) = match readable.files {
        1 => ("is", "it"),
        _ => ("are", "them"),
    };
    let files = there_in(member);
    match member.backup().has_lost_its_keys() {
        true => format!("{files}, {are} there, and without the keys nobody can open {them}"),
        false => format!("{files} can still be read"),
    }
}

/// `68 files, 290 kB`
fn there_in(member: &Trouble<'_>) -> String {
    let readable = member.readable();
    let files = numbers::counted(readable.files, "file", "files");
    format!("{files}, {}", numbers::size(readable.bytes))
}

/// What lies in the folders.
fn there(members: &[&Trouble<'_>]) -> String {
    match members {
        [member] => there_in(member),
        _ => {
            let told = members
                .iter()
                .map(|member| format!("{}: {}", member.name(), there_in(member)));
            told.collect::<Vec<_>>().join("; ")
        }
    }
}

/// The next backup.
fn then(way: Way, members: &[&Trouble<'_>]) -> String {
    let is_one = members.len() == 1;
    let it = if is_one { "it" } else { "them" };
    let is_in_use = |trouble: &&Trouble<'_>| {
        dates::is_current(
            trouble.device,
            &trouble.report.backups,
            trouble.report.started_at,
        )
    };
    let end = match members.iter().all(is_in_use) {
        true => String::new(),
        false if is_one => ", if you still have it".to_owned(),
        false => ", those that you still have".to_owned(),
    };
    match way {
        Way::First(First::Leave) => {
            format!("Back {it} up again by cable, to its end{end}.")
        }
        Way::First(First::Unlock) => {
            format!(
                "Then back {it} up again and enter the passcode on the device when it asks{end}."
            )
        }
        Way::First(First::CopyFromBadDisk) => {
            format!("Then back {it} up again by cable{end}, to a disk in good order.")
        }
        Way::Again | Way::Anew => format!("Back {it} up again by cable{end}."),
        Way::First(First::Copy | First::MoveAway) => {
            format!("Then back {it} up again by cable{end}.")
        }
        Way::Now => format!("Connect {it} by cable and back {it} up{end}."),
    }
}

/// Other backups of the devices that are good, those of one day and verdict together.
fn others(members: &[&Trouble<'_>]) -> Vec<String> {
    let mut kinds: Vec<(String, &str, Vec<String>)> = Vec::new();
    for trouble in members {
        let good = trouble.device.newest_good;
        let Some(good) = good.filter(|good| *good != trouble.index) else {
            continue;
        };
        let Some(day) = naming::day(trouble.report, good) else {
            continue;
        };
        let verdict = trouble.report.backups[good].verdict.as_str();
        let same = |kind: &&mut (String, &str, _)| kind.0 == day && kind.1 == verdict;
        match kinds.iter_mut().find(same) {
            Some((.., names)) => names.push(trouble.name()),
            None => kinds.push((day, verdict, vec![trouble.name()])),
        }
    }
    let told = kinds.iter().map(|(day, verdict, names)| {
        let listed = words::listed(names);
        match (members, names.as_slice()) {
            ([_], _) => format!("The one of {day} is {verdict}."),
            (_, [_]) => format!("That of {listed} of {day} is {verdict}."),
            _ => format!("Those of {listed} of {day} are {verdict}."),
        }
    });
    told.collect()
}

/// What is gone or shrank since earlier runs.
fn of_missing(report: &Report) -> impl Iterator<Item = Advice> + '_ {
    report.devices.iter().flat_map(move |device| {
        let findings = device.findings.iter();
        findings.filter_map(move |finding| of_device(report, device, finding))
    })
}

fn of_device(report: &Report, device: &Device, finding: &Finding) -> Option<Advice> {
    let check = verify::with_id(finding.id)?;
    let name = naming::of_device(report, device);
    let title = match finding.id {
        _ if finding.severity == Severity::Note => return None,
        id if id == BACKUP_GONE.id && finding.count > 1 => {
            let count = numbers::count(finding.count);
            format!("Look for the {count} backups of {name} that are gone")
        }
        id if id == BACKUP_GONE.id => format!("Look for the backup of {name} that is gone"),
        id if id == BACKUP_SHRANK.id => format!("Keep the older backups of {name}"),
        _ => return None,
    };
    let told = check.told_of_device.as_ref()?;
    let first = match device.backups.is_empty() {
        true => told.advice_without_any,
        false => told.advice,
    };
    let mut text = vec![first.trim().to_owned()];
    if device.newest_good.is_none() {
        text.push("Then back the device up again by cable.".to_owned());
    }
    Some(Advice {
        step: 2,
        id: ID,
        title,
        seen: vec![Seen {
            device: name,
            what: finding.message.clone(),
        }],
        lead: text.join(" "),
        short: text.join(" "),
        text,
        bytes: Some(finding.bytes).filter(|bytes| *bytes > 0),
        command: None,
        remark: None,
        backups: device.backups.clone(),
    })
}
