//! Turns a report into what its reader can do (contract §6). Pure.

use crate::human;
use crate::model::{Advice, BackupReport, Flag, Frees, Report};
use crate::platform::System;
use crate::shell;

/// Everything that there is to advise, most bytes first.
pub fn advise(report: &Report, system: System) -> Vec<Advice> {
    let mut advice: Vec<Advice> = [
        remove_old_backups(report, system),
        decide_yourself(report, system),
    ]
    .into_iter()
    .flatten()
    .collect();
    advice.sort_by_key(|advice| std::cmp::Reverse(advice.bytes));
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

/// What a person calls the device of a backup; short enough for a sentence.
fn device(backup: &BackupReport) -> String {
    const LONGEST: usize = 40;
    let name = backup
        .device
        .name
        .clone()
        .unwrap_or_else(|| backup.folder_name());
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name,
    }
}

/// The devices of several backups, each once, in the order they come.
fn devices(report: &Report, members: &[usize]) -> Vec<String> {
    let mut names = Vec::new();
    for at in members {
        let name = device(&report.backups[*at]);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn remove_old_backups(report: &Report, system: System) -> Option<Advice> {
    let removal = &report.plan.removable;
    let first = *removal.backups.first()?;
    let size = up_to(removal.frees);
    let names = devices(report, &removal.backups);
    let by = report.plan.decisions[first]
        .reasons
        .first()
        .and_then(|reason| reason.by);
    let date = |at: usize| report.backups[at].last_backup.map(|last| last.at);
    let (text, short) = match (removal.backups.as_slice(), by) {
        ([_], Some(by)) => {
            let newer = format!(
                "{} has a newer {} backup",
                names[0],
                report.backups[by].verdict.as_str()
            );
            let dated = |at: usize| date(at).map(|date| human::day(date, &report.zone));
            let text = match (dated(by), dated(first)) {
                (Some(new), Some(old)) => {
                    format!("{newer} ({new}); that of {old} is not needed for a restore.")
                }
                _ => format!("{newer}; the older one is not needed for a restore."),
            };
            (text, format!("{newer}."))
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
        id: "remove-old-backups",
        title: format!("Free {size}"),
        text,
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
    let names: Vec<String> = devices(report, &removal.backups)
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect();
    let only = report.plan.decisions[first].flags.contains(&Flag::OnlyCopy);
    let in_place = report.roots.iter().all(|root| root.is_default);
    let (text, short) = match removal.backups.as_slice() {
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
        id: "decide-yourself",
        title: format!(
            "Decide about {}, {}",
            names.join(", "),
            up_to(removal.frees)
        ),
        text: text.to_owned(),
        short: short.to_owned(),
        bytes: Some(removal.frees.bytes),
        command: Some(shell::command(system, &words, report)),
        remark: None,
        backups: removal.backups.clone(),
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
