//! Step 1: what can go from this computer and from the device, and whether the next backup fits.

use crate::cover::losses;
use crate::facts::domains;
use crate::model::{Advice, Flag, Frees, Removal, Report, StorageGroup, Why};
use crate::plan;
use crate::plan::reasons;
use crate::system::System;
use crate::verify::dates;
use crate::verify::device::NEXT_BACKUP_MAY_NOT_FIT;
use crate::verify::next_backup::{self, NextBackup};
use crate::words::{numbers, shell};

use super::icloud;

/// The id of the advice to let go what is superseded.
pub const REMOVE_OLD: &str = "remove-old-backups";
/// The id of the advice about what only the user can decide.
pub const DECIDE: &str = "decide-yourself";
/// The id of the advice about what is large on the device.
pub const LARGEST_APPS: &str = "largest-apps";

/// How many losses are told of several backups.
const MOST_LOSSES: usize = 3;

/// What is said where whatever is in a backup may be lost.
const NOT_COMPARED: &str = "what they hold could not be compared";

/// How many apps are named.
const MOST_APPS: usize = 5;

/// What there is to advise about storage.
pub fn advise(report: &Report, system: System) -> Vec<Advice> {
    let short = short_disks(report);
    let mut advice: Vec<Advice> = remove_old_backups(report, system).into_iter().collect();
    advice.extend(decide_yourself(report, system));
    advice.extend(next_backup(report, &short));
    // What could go from a device, or to iCloud: only for those that are still in use.
    let mut newest: Vec<usize> = report
        .devices
        .iter()
        .filter(|device| dates::is_current(device, &report.backups, report.started_at))
        .filter_map(|device| device.newest_good)
        .collect();
    let is_short = |at: usize| short.iter().any(|short| short.at == at);
    newest.sort_by_key(|at| !is_short(*at));
    advice.extend(largest_apps(report, &newest));
    for at in newest {
        let backup = &report.backups[at];
        if let Some(estimate) = &backup.icloud {
            let advised = icloud::advise(&super::name(backup), estimate, at, is_short(at));
            advice.push(advised);
        }
    }
    advice
}

fn remove_old_backups(report: &Report, system: System) -> Option<Advice> {
    let removal = &report.plan.removable;
    let first = *removal.backups.first()?;
    let size = numbers::freed(removal.frees);
    let names = super::names(report, &removal.backups);
    let (lead, short) = match (removal.backups.as_slice(), stand_in(report, first)) {
        ([_], Some(by)) => of_one(report, first, by, &names[0]),
        ([_], None) => (
            format!(
                "A folder of {} holds nothing but its description.",
                names[0]
            ),
            format!("A folder of {} is empty.", names[0]),
        ),
        (members, _) => of_several(report, members, &super::listed(&names)),
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

/// The newer backup that stands in for one.
fn stand_in(report: &Report, at: usize) -> Option<usize> {
    let reasons = &report.plan.decisions[at].reasons;
    reasons.first().and_then(|reason| reason.by)
}

/// Whether names and lengths are all that is known of what the newer one has of it.
fn is_known_by_names(report: &Report, at: usize) -> bool {
    let by = stand_in(report, at).map(|by| &report.backups[by]);
    report.backups[at].is_known_by_names(by)
}

/// Why one backup is not needed, long and short.
fn of_one(report: &Report, at: usize, by: usize, name: &str) -> (String, String) {
    let verdict = report.backups[by].verdict.as_str();
    let newer = format!("{name} has a newer {verdict} backup");
    if is_not_compared(report, at) {
        let text = format!("{newer}; {NOT_COMPARED}.");
        return (text.clone(), text);
    }
    let but = behind(" but for ", lacking(report, &[at]).as_deref());
    let (everything, all) = match is_known_by_names(report, at) {
        true => ("has every encrypted file", "has all of its encrypted files"),
        false => (
            "holds every photo, message and recording",
            "holds all of it",
        ),
    };
    let lead = match (super::day(report, by), super::day(report, at)) {
        (Some(new), Some(old)) => format!(
            "The backup of {name} of {new} is {verdict} and {everything} that the one of {old} does{but}."
        ),
        _ => format!("{newer}; it {everything} that the older one does{but}."),
    };
    (lead, format!("A newer backup of {name} {all}{but}."))
}

/// Why several backups, of the devices of these names, are not needed, long and short.
fn of_several(report: &Report, members: &[usize], names: &str) -> (String, String) {
    let count = numbers::counted(members.len() as u64, "backup", "backups");
    let needed = format!("{count} of {names} are not needed");
    let is_empty = |at: &usize| {
        let mut reasons = report.plan.decisions[*at].reasons.iter();
        reasons.any(|reason| reason.by.is_none())
    };
    let all = match members.iter().any(|at| is_known_by_names(report, *at)) {
        true => "newer ones hold what the older ones do, as far as names and lengths tell",
        false => "newer ones hold every photo, message and recording that the older ones do",
    };
    let lacking = lacking(report, members);
    let but = behind(" but for ", lacking.as_deref());
    let lead = match (members.iter().all(is_empty), members.iter().any(is_empty)) {
        (true, _) => format!("{needed}: there is nothing in them but a description."),
        _ if members.iter().any(|at| is_not_compared(report, *at)) => {
            format!("{needed}: newer ones exist; {NOT_COMPARED}.")
        }
        (_, true) => format!("{needed}: {all}, or there is nothing in them{but}."),
        _ => format!("{needed}: {all}{but}."),
    };
    let not_there = behind("; not in the newer ones: ", lacking.as_deref());
    (lead, format!("{needed}{not_there}."))
}

/// Whether a backup may go although nobody knows whether the newer one holds all of it.
fn is_not_compared(report: &Report, at: usize) -> bool {
    let decision = &report.plan.decisions[at];
    let has_newer = decision.reasons.iter().any(|reason| reason.by.is_some());
    has_newer && decision.only_here.is_none() && !report.backups[at].holds_nothing()
}

/// `12 photos and videos (3.1 MB)`, where the newer one lacks some; of several also whose they are.
fn lacking(report: &Report, members: &[usize]) -> Option<String> {
    let lost = |at: &usize| {
        let lost = losses::all(report.plan.decisions[*at].only_here.as_ref()?);
        (!lost.is_empty()).then(|| losses::listed(&lost))
    };
    if let [one] = members {
        return lost(one);
    }
    let told = members.iter().filter_map(|at| {
        let day = super::day(report, *at);
        let of = day.map_or_else(String::new, |day| format!(" of {day}"));
        Some(format!("{}{of}", lost(at)?))
    });
    let mut told: Vec<String> = told.collect();
    let more = told.len().saturating_sub(MOST_LOSSES);
    told.truncate(MOST_LOSSES);
    if more > 0 {
        told.push(format!("and what the plan names of {more} more"));
    }
    (!told.is_empty()).then(|| told.join("; "))
}

/// What of them is lacking, behind these words; nothing where nothing is.
fn behind(words: &str, lacking: Option<&str>) -> String {
    lacking.map_or_else(String::new, |lacking| format!("{words}{lacking}"))
}

/// What only its owner can decide: what holds more than a newer backup, by device, and all the rest
/// together.
fn decide_yourself(report: &Report, system: System) -> Vec<Advice> {
    let asked = report.plan.on_request.backups.iter().copied();
    let (holding, rest): (Vec<usize>, Vec<usize>) =
        asked.partition(|at| held_by(report, *at).is_some());
    let of_devices = report.devices.iter().filter_map(|device| {
        let own = |at: &&usize| device.backups.contains(at);
        let members: Vec<usize> = holding.iter().filter(own).copied().collect();
        decide_about_more(report, &members, system)
    });
    let mut advice: Vec<Advice> = of_devices.collect();
    advice.extend(decide_about(report, &rest, system));
    advice
}

/// The newer backup that does not hold all that this one does, where it is known what it lacks.
fn held_by(report: &Report, at: usize) -> Option<usize> {
    let decision = &report.plan.decisions[at];
    let mut reasons = decision.reasons.iter();
    let reason = reasons.find(|reason| reason.why == Why::HoldsMore)?;
    let only = decision.only_here.as_ref()?;
    reason.by.filter(|_| !losses::mattering(only).is_empty())
}

/// The backups of one device that hold more than a newer one.
fn decide_about_more(report: &Report, members: &[usize], system: System) -> Option<Advice> {
    let first = *members.first()?;
    let sentence = |at: &usize| {
        let by = held_by(report, *at)?;
        let only = report.plan.decisions[*at].only_here.as_ref()?;
        let lost = losses::listed(&losses::mattering(only));
        let newer = &report.backups[by];
        let the_one = match super::day(report, by) {
            Some(day) => format!("the one of {day}"),
            None => "the newer one".to_owned(),
        };
        let verdict = newer.verdict.as_str();
        let mut text = match (members, super::day(report, *at)) {
            // Of several, each other one may hold it, too.
            ([_, _, ..], Some(day)) => format!(
                "That of {day} holds {lost}, which {the_one} does not, though it is {verdict}"
            ),
            _ => {
                let them = if losses::is_one(only) { "it" } else { "them" };
                format!("Only in it: {lost}; {the_one} is {verdict} but does not hold {them}")
            }
        };
        for remark in losses::remarks(only, report) {
            text += &format!("; {remark}");
        }
        Some(text + ".")
    };
    let text: Vec<String> = members.iter().filter_map(sentence).collect();
    let lead = text.first()?.clone();
    let frees = plan::frees(&report.backups, members);
    let only = report.plan.decisions[first].only_here.as_ref()?;
    let short = format!("Only in it: {}.", losses::listed(&losses::mattering(only)));
    // Several are told one by one, and compared one by one: the command begins with the newest.
    let words = [first, held_by(report, first)?].map(|at| word(report, at));
    Some(Advice {
        step: 1,
        id: DECIDE,
        title: format!(
            "Decide about {}, {}",
            super::listed(&called(report, members)),
            numbers::freed(frees)
        ),
        seen: vec![],
        short: if members.len() == 1 {
            short
        } else {
            lead.clone()
        },
        lead,
        text,
        bytes: Some(frees.bytes),
        command: Some(shell::call(system, "diff", &words, &report.looked_with)),
        remark: None,
        backups: members.to_vec(),
    })
}

/// What names a backup where the system keeps it: its folder's name; elsewhere its path.
fn word(report: &Report, at: usize) -> String {
    let path = &report.backups[at].path;
    match report.roots.iter().all(|root| root.is_default) {
        true => shell::exact_word_for(report, path),
        false => path.display().to_string(),
    }
}

fn decide_about(report: &Report, members: &[usize], system: System) -> Option<Advice> {
    let removal = &Removal {
        frees: plan::frees(&report.backups, members),
        backups: members.to_vec(),
    };
    let first = *removal.backups.first()?;
    let names = called(report, &removal.backups);
    let only = report.plan.decisions[first].flags.contains(&Flag::OnlyCopy);
    let in_place = report.roots.iter().all(|root| root.is_default);
    let (lead, short) = match removal.backups.as_slice() {
        [_] if only && in_place => (
            "It is the only backup of that device, so bkscan never picks it.".to_owned(),
            "Its only backup, never picked.".to_owned(),
        ),
        [_] if only => (
            "It is the only backup of that device in what was scanned, so bkscan never picks it."
                .to_owned(),
            "Its only backup here, never picked.".to_owned(),
        ),
        [_] => only_you_know(report, first),
        _ => (
            "Only you can know which of them are still needed, so bkscan never picks them."
                .to_owned(),
            "Only you can know; bkscan never picks them.".to_owned(),
        ),
    };
    let folders: Vec<String> = removal
        .backups
        .iter()
        .map(|at| shell::word_for(report, &report.backups[*at].path))
        .collect();
    let mut words = vec!["clean", "--only"];
    words.extend(folders.iter().map(String::as_str));
    // Only what was named alone is a choice.
    let several = removal.backups.len() > 1;
    if !several {
        words.push("--delete");
    }
    Some(Advice {
        step: 1,
        id: DECIDE,
        title: format!(
            "Decide about {}, {}",
            super::listed(&names),
            numbers::freed(removal.frees)
        ),
        seen: vec![],
        text: [vec![lead.clone()], elsewhere(report, members)].concat(),
        lead: [vec![lead], elsewhere(report, members)].concat().join(" "),
        short,
        bytes: Some(removal.frees.bytes),
        command: Some(shell::command(system, &words, report)),
        remark: several.then_some("shows the plan; leave out what you keep"),
        backups: removal.backups.clone(),
    })
}

/// Why it is for its owner to decide, long and short.
fn only_you_know(report: &Report, at: usize) -> (String, String) {
    let mut reasons = report.plan.decisions[at].reasons.iter();
    // That it is archived its name says.
    let told = reasons.find(|reason| !matches!(reason.why, Why::Archived | Why::Named));
    match told.map(|reason| reasons::text(reason, at, report, &report.zone)) {
        Some(why) => (
            format!("Only you can know whether it is still needed: {why}."),
            format!("Only you can know: {why}."),
        ),
        None => (
            "Only you can know whether it is still needed, so bkscan never picks it.".to_owned(),
            "Only you can know; bkscan never picks it.".to_owned(),
        ),
    }
}

/// Which newer backups of other devices hold much of these, a sentence each.
fn elsewhere(report: &Report, members: &[usize]) -> Vec<String> {
    let sentence = |at: &usize| {
        let only = report.plan.decisions[*at].only_here.as_ref()?;
        let held = losses::held_elsewhere(only, only.held_elsewhere?, report, &report.zone);
        Some(match members {
            [_] => format!("{held}."),
            _ => format!("Of {}: {held}.", super::name(&report.backups[*at])),
        })
    };
    members.iter().filter_map(sentence).collect()
}

/// What to call these backups: by their devices; where one has other backups, which are not meant, by
/// the day or the number too.
fn called(report: &Report, members: &[usize]) -> Vec<String> {
    let has_others = |at: usize| {
        let mut devices = report.devices.iter();
        let own = devices.find(|device| device.backups.contains(&at));
        own.is_some_and(|own| own.backups.iter().any(|other| !members.contains(other)))
    };
    let mut groups: Vec<(String, bool, Vec<usize>)> = Vec::new();
    for at in members {
        let (name, others) = (super::name(&report.backups[*at]), has_others(*at));
        let same = |group: &&mut (String, bool, _)| group.0 == name && group.1 == others;
        match groups.iter_mut().find(same) {
            Some((.., group)) => group.push(*at),
            None => groups.push((name, others, vec![*at])),
        }
    }
    let called = groups.iter().map(|(name, others, group)| {
        let day = |at: &usize| super::day(report, *at);
        match (others, group.as_slice()) {
            (true, [one]) => match day(one) {
                Some(day) => format!("\"{name}\" of {day}"),
                None => format!("1 backup of \"{name}\""),
            },
            (true, several) => format!("{} backups of \"{name}\"", several.len()),
            (false, _) => format!("\"{name}\""),
        }
    });
    called.collect()
}

/// The devices in use whose next backup may not fit, or not if all is sent anew; that which lacks
/// most first.
fn short_disks(report: &Report) -> Vec<NextBackup> {
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

fn next_backup(report: &Report, short: &[NextBackup]) -> Option<Advice> {
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
        backups: short.iter().map(|short| short.at).collect(),
    })
}

/// What a device's next backup needs, as the beginning of a sentence.
fn needs(report: &Report, next: &NextBackup) -> String {
    let backup = &report.backups[next.at];
    let name = super::name(backup);
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

fn largest_apps(report: &Report, newest: &[usize]) -> Option<Advice> {
    let apps = |at: usize| {
        let groups = report.backups[at].storage.iter();
        groups.filter(|group| domains::is_app(&group.name) && group.bytes > 0)
    };
    let with_apps: Vec<usize> = newest
        .iter()
        .copied()
        .filter(|at| apps(*at).next().is_some())
        .collect();
    let first = *with_apps.first()?;
    let sentence = |at: usize, most: usize| {
        let named = |group: &StorageGroup| format!("{} {}", group.name, numbers::size(group.bytes));
        let named: Vec<String> = apps(at).take(most).map(named).collect();
        let name = super::name(&report.backups[at]);
        format!("Largest apps of {name}: {}.", super::listed(&named))
    };
    let mut text: Vec<String> = with_apps
        .iter()
        .map(|at| sentence(*at, MOST_APPS))
        .collect();
    text.push(
        "On the device: Settings > General > iPhone Storage (iPad: iPad Storage).".to_owned(),
    );
    text.push(
        "Save first what you need of an app: when it is deleted its data goes from the device, and \
         with the next backup from the backup too."
            .to_owned(),
    );
    text.push("Which of them are used cannot be seen from this computer.".to_owned());
    Some(Advice {
        step: 1,
        id: LARGEST_APPS,
        title: "See what takes the room on the device".to_owned(),
        seen: vec![],
        text,
        lead: format!("{} Deleting an app deletes its data.", sentence(first, 3)),
        short: format!("{} Deleting an app deletes its data.", sentence(first, 2)),
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
