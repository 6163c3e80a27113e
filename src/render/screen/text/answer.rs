//! The answer, before everything else: whose backups are good, what can go, and what is to be decided.

use std::cmp::Reverse;

use crate::model::{
    BackupIndex, BackupReport, Device, Effect, Flag, Removal, Report, Severity, Verdict,
};
use crate::render::printable::clean;
use crate::render::screen::device::who;
use crate::render::screen::layout;
use crate::render::screen::style::Style;
use crate::render::screen::table::age;
use crate::render::screen::trouble::{name_of, serious};
use crate::verify::device::{BACKUP_STALE, NEXT_BACKUP_MAY_NOT_FIT};
use crate::verify::plists::TOOL_MADE;
use crate::verify::standing::is_good;
use crate::words::{self, numbers};

/// How many devices are named one by one, of each kind.
const NAMED: usize = 4;

/// From how many devices on that none has a whole backup is said once.
const SEVERAL: usize = 3;

/// The answer.
#[derive(Default)]
pub struct Answer {
    /// None where all is well and nothing can go: then the table says it all.
    pub lines: Vec<String>,
    /// The backups of which it says what is wrong.
    pub told: Vec<BackupIndex>,
}

/// How it is with a device.
enum State {
    /// Something is wrong.
    Trouble(Trouble),
    /// Its newest good backup is complete, or nothing is wrong in what could be seen of it.
    Good(Good),
}

impl State {
    /// Whether its device has no whole backup.
    fn has_none(&self) -> bool {
        matches!(self, State::Trouble(trouble) if trouble.of_none.is_some())
    }
}

struct Trouble {
    /// Its symbol tells how bad it is.
    verdict: Verdict,
    text: String,
    /// The same of a device that has no whole backup, where that is said already.
    of_none: Option<String>,
    /// The backup that it is about, where it is about one.
    index: Option<BackupIndex>,
}

struct Good {
    name: String,
    /// How long ago it was made.
    age: Option<String>,
    is_complete: bool,
    is_old: bool,
}

/// What is to be said before the table.
pub fn answer(report: &Report, order: &[BackupIndex], style: &Style) -> Answer {
    let states = states(report, order, style);
    let plan = &report.plan;
    let is_calm = [&plan.removable, &plan.on_request]
        .iter()
        .all(|set| set.backups.is_empty());
    let troubles = troubles(&states);
    if is_calm && troubles.is_empty() {
        return Answer::default();
    }
    let verdicts = states.iter().map(|state| match state {
        State::Trouble(trouble) => trouble.verdict,
        State::Good(good) if good.is_complete => Verdict::Complete,
        State::Good(_) => Verdict::Unverified,
    });
    let told = troubles.iter().take(NAMED);
    Answer {
        told: told.filter_map(|trouble| trouble.index).collect(),
        lines: lines(verdicts, &sentences(&states), &sums(report, style), style),
    }
}

/// The symbol of the worst, what is to be said of devices, and the sums: on a wide screen on a line of their
/// own.
fn lines(
    verdicts: impl Iterator<Item = Verdict>,
    devices: &str,
    sums: &str,
    style: &Style,
) -> Vec<String> {
    let (devices, sums) = (layout::glued(devices), layout::glued(sums));
    let Some(worst) = verdicts.max_by_key(|verdict| badness(*verdict)) else {
        return layout::paragraph("", &sums, style.width);
    };
    let symbol = style.symbol(worst);
    let first = format!("{symbol} ");
    let mut lines = match style.is_wide() {
        true => {
            let sums = layout::paragraph("  ", &sums, style.width);
            [layout::paragraph(&first, &devices, style.width), sums].concat()
        }
        false => layout::paragraph(&first, &format!("{devices} {sums}"), style.width),
    };
    if let Some(line) = lines.first_mut() {
        *line = line.replacen(symbol, &style.paint(worst, symbol), 1);
    }
    lines
}

/// What is wrong, the worst first; those that are as bad as one another stay in the order of the table.
fn troubles(states: &[State]) -> Vec<&Trouble> {
    let troubles = states.iter().filter_map(|state| match state {
        State::Trouble(trouble) => Some(trouble),
        State::Good(_) => None,
    });
    let mut troubles: Vec<&Trouble> = troubles.collect();
    troubles.sort_by_key(|trouble| Reverse(badness(trouble.verdict)));
    troubles
}

/// How bad a verdict is; what is complete says more than what could not be checked.
fn badness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Corrupt | Verdict::Incomplete => 3,
        Verdict::Interrupted | Verdict::Unreadable => 2,
        Verdict::Complete => 1,
        Verdict::Unverified | Verdict::InProgress => 0,
    }
}

/// The devices that there is something to say of: in the order of the table, then those without a backup.
fn states(report: &Report, order: &[BackupIndex], style: &Style) -> Vec<State> {
    let place = |device: &Device| {
        let first = device.backups.first()?;
        order.iter().position(|index| index == first)
    };
    let mut devices: Vec<&Device> = report.devices.iter().collect();
    devices.sort_by_key(|device| place(device).unwrap_or(usize::MAX));
    let newest: Vec<BackupIndex> = (devices.iter())
        .filter_map(|device| device.newest_good.or(device.backups.first().copied()))
        .collect();
    (devices.iter())
        .filter_map(|device| state(device, &newest, report, style))
        .collect()
}

fn state(device: &Device, among: &[BackupIndex], report: &Report, style: &Style) -> Option<State> {
    let told_elsewhere = [BACKUP_STALE.id, NEXT_BACKUP_MAY_NOT_FIT.id];
    let mut findings = device.findings.iter();
    let alarm = findings
        .find(|finding| finding.severity > Severity::Note && !told_elsewhere.contains(&finding.id));
    let trouble = |verdict, text, index| {
        Some(State::Trouble(Trouble {
            verdict,
            text,
            of_none: None,
            index,
        }))
    };
    let alarmed = |name: &str| {
        let alarm = alarm?;
        // The paragraph below says where it was.
        let message = alarm.unnamed.as_ref().unwrap_or(&alarm.message);
        let text = format!("{name}: {}.", in_short(message));
        trouble(Verdict::Interrupted, text, None)
    };
    let Some(last) = newest(device, report) else {
        return alarmed(&style.name(name_of(device)));
    };
    let name = who(device.newest_good.unwrap_or(last), among, report, style);
    if let Some(alarmed) = alarmed(&name) {
        return Some(alarmed);
    }
    let verdict = report.backups[last].verdict;
    let Some(good) = device.newest_good else {
        let mut of_none = None;
        let reason = |shorten: fn(&str) -> String| reason(last, report, shorten);
        let text = match verdict {
            // It has a row and a paragraph.
            Verdict::InProgress => return None,
            // The rest of the message says that there is another one.
            Verdict::Interrupted => format!("{name}: {}.", reason(in_sentence)),
            Verdict::Unreadable => format!("{name} could not be looked at: {}.", reason(in_short)),
            // What a tool made, or what lies in a trash.
            _ if verdict.is_good() => {
                format!("{name} has no backup to rely on: {}.", reason(in_short))
            }
            _ => {
                let reason = reason(in_short);
                of_none = Some(format!("{name}: {reason}."));
                format!("{name} has no whole backup: {reason}.")
            }
        };
        let shown_as = match verdict {
            Verdict::Complete => Verdict::Unverified,
            verdict => verdict,
        };
        return Some(State::Trouble(Trouble {
            verdict: shown_as,
            text,
            of_none,
            index: Some(last),
        }));
    };
    let age = age(report, good);
    let is_complete = report.backups[good].verdict == Verdict::Complete;
    if last != good && !is_good(&report.backups[last]) && verdict != Verdict::InProgress {
        let since = since(age.as_deref());
        let has = if is_complete {
            "is safe"
        } else {
            "has a backup"
        };
        let is = match verdict.is_good() {
            true => "none to rely on",
            false => verdict.as_str(),
        };
        let reason = reason(last, report, in_short);
        let text = format!("{name} {has}{since}, but its newest backup is {is}: {reason}.");
        let shown_as = if verdict.is_good() {
            Verdict::Interrupted
        } else {
            verdict
        };
        return trouble(shown_as, text, Some(last));
    }
    if let Some(why) = warning(&report.backups[good]).filter(|_| !is_complete) {
        let text = format!("{name}{}: {}.", since(age.as_deref()), in_short(why));
        return trouble(Verdict::Interrupted, text, Some(good));
    }
    Some(State::Good(Good {
        name,
        age,
        is_complete,
        is_old: report.plan.decisions[good].flags.contains(&Flag::Old),
    }))
}

/// The newest backup that the device may have made; where it made none, whatever there is.
fn newest(device: &Device, report: &Report) -> Option<BackupIndex> {
    let is_of_device = |index: &BackupIndex| {
        let backup = &report.backups[*index];
        !backup.only_info && !backup.in_trash && !backup.has(TOOL_MADE.id)
    };
    let mut backups = device.backups.iter().copied();
    let first = backups.clone().next();
    backups.find(is_of_device).or(first)
}

/// What keeps a backup of which nothing is known to be wrong from being complete; not that it is locked.
fn warning(backup: &BackupReport) -> Option<&str> {
    let (_, findings) = serious(backup)?;
    let mut findings = findings.into_iter();
    let warning = findings.find(|finding| finding.effect == Effect::Unverified)?;
    Some(&warning.message)
}

fn since(age: Option<&str>) -> String {
    age.map_or_else(String::new, |age| format!(" ({age} ago)"))
}

/// Why a backup is not a good one, in a few words.
fn reason(index: BackupIndex, report: &Report, shorten: fn(&str) -> String) -> String {
    let backup = &report.backups[index];
    let serious = serious(backup)
        .map(|(_, findings)| findings)
        .unwrap_or_default();
    // The first of the worst.
    let worst = serious
        .iter()
        .min_by_key(|finding| Reverse(finding.severity));
    match worst {
        Some(worst) => shorten(&worst.message),
        None if backup.in_trash => "what there is lies in a trash".to_owned(),
        None if backup.only_info => "there is only a description of the device".to_owned(),
        None => match backup.findings.first() {
            Some(finding) => shorten(&finding.message),
            None => backup.verdict.as_str().to_owned(),
        },
    }
}

/// The part of a message that says what it is, as the rest of a sentence: without what is in brackets, which may
/// stand before the verb, up to where the reasons begin.
fn in_short(message: &str) -> String {
    let mut short = String::new();
    let mut rest = message;
    while let Some(at) = [" (", "; ", ": "]
        .iter()
        .filter_map(|mark| rest.find(mark))
        .min()
    {
        short += &rest[..at];
        match rest[at..]
            .starts_with(" (")
            .then(|| behind_bracket(&rest[at + 1..]))
        {
            Some(Some(behind)) => rest = behind,
            // Not closed, or no bracket.
            _ => return in_sentence(&short),
        }
    }
    in_sentence(&(short + rest))
}

/// What stands behind the bracket that opens here, where it is closed.
fn behind_bracket(text: &str) -> Option<&str> {
    let mut open = 0_usize;
    let end = text.char_indices().find_map(|(at, character)| {
        match character {
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            _ => {}
        }
        (open == 0).then_some(at + character.len_utf8())
    })?;
    Some(&text[end..])
}

/// A message as the rest of a sentence; a name such as Info.plist stays as it is.
fn in_sentence(message: &str) -> String {
    let message = clean(message);
    let word = message.split(' ').next().unwrap_or_default();
    match word.chars().skip(1).all(char::is_lowercase) {
        true => word.to_lowercase() + &message[word.len()..],
        false => message,
    }
}

/// What is wrong, who is safe, and of whom that much cannot be said.
fn sentences(states: &[State]) -> String {
    let (mut safe, mut seen, mut old) = (Vec::new(), Vec::new(), Vec::new());
    for state in states {
        match state {
            State::Trouble(_) => {}
            State::Good(good) if good.is_complete => safe.push(good),
            State::Good(good) if !good.is_old => seen.push(good),
            State::Good(good) => old.push(good),
        }
    }
    let troubles = troubles(states);
    let named = troubles.iter().take(NAMED);
    let are_all = states.len() >= SEVERAL && states.iter().all(State::has_none);
    let mut told: Vec<String> = match are_all {
        true => {
            let all = "No device has a whole backup.".to_owned();
            let each = named.filter_map(|trouble| trouble.of_none.clone());
            [all].into_iter().chain(each).collect()
        }
        false => named.map(|trouble| trouble.text.clone()).collect(),
    };
    if let more @ 1.. = troubles.len().saturating_sub(NAMED) {
        let devices = numbers::counted(more as u64, "more device", "more devices");
        told.push(format!("Something is wrong with {devices}."));
    }
    match safe.as_slice() {
        [] => {}
        [one] => told.push(format!(
            "{} is safe{}.",
            one.name,
            since(one.age.as_deref())
        )),
        several => told.push(format!("{} are safe.", listed(several))),
    }
    // That an old one is locked is no news beside the others.
    if told.is_empty() {
        seen.append(&mut old);
    }
    if !seen.is_empty() {
        told.push(format!(
            "Nothing wrong in what can be seen of {}.",
            listed(&seen)
        ));
    }
    told.join(" ")
}

fn listed(devices: &[&Good]) -> String {
    let named = devices.iter().take(NAMED);
    let mut names: Vec<String> = named
        .map(|one| format!("{}{}", one.name, since(one.age.as_deref())))
        .collect();
    if let more @ 1.. = devices.len().saturating_sub(NAMED) {
        names.push(format!("{} more", numbers::count(more as u64)));
    }
    words::listed(&names)
}

/// What can go, and what only the user can decide.
fn sums(report: &Report, style: &Style) -> String {
    let [going, asked] = [&report.plan.removable, &report.plan.on_request];
    let freed = |set: &Removal| numbers::freed(set.frees);
    let now = if style.is_wide() { " now" } else { "" };
    let go = style.green(&format!("{} can go{now}", in_front(&freed(going))));
    match (going.backups.is_empty(), asked.backups.is_empty()) {
        (false, false) => format!("{go}, {} more are for you to decide.", freed(asked)),
        (false, true) => format!("{go}."),
        (true, false) => format!("{} are for you to decide.", in_front(&freed(asked))),
        (true, true) if report.cancelled => String::new(),
        (true, true) => nothing_to_free(report)
            .unwrap_or("Nothing can go now.")
            .to_owned(),
    }
}

/// That nothing can go because each backup is the newest one of its device.
pub fn nothing_to_free(report: &Report) -> Option<&'static str> {
    let plan = &report.plan;
    let nothing = plan.removable.backups.is_empty() && plan.on_request.backups.is_empty();
    let backups = report.backups.len() as u64;
    let one_each = backups == report.devices_there() && backups > 1;
    (nothing && one_each && !report.cancelled)
        .then_some("Nothing to free: every backup is the newest of its device.")
}

/// The same at the beginning of a sentence.
fn in_front(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::in_short;

    #[test]
    fn a_message_in_short_keeps_its_verb() {
        for (message, short) in [
            (
                "the backup of 1 Nov 2026 (48,310 files, 86.4 GB), which was there on 18 Nov 2026, is gone, and \
                 no good backup of this device is left",
                "the backup of 1 Nov 2026, which was there on 18 Nov 2026, is gone, and no good backup of this \
                 device is left",
            ),
            (
                "3 files (2 MB) in this folder are no part of the backup",
                "3 files in this folder are no part of the backup",
            ),
            (
                "The folder could not be opened (Permission denied (os error 13)); what is in it was not judged",
                "the folder could not be opened",
            ),
            ("2 files are missing (1 MB: photos)", "2 files are missing"),
            ("2 backups are gone: the one (1 file", "2 backups are gone"),
            ("It ends (too early", "it ends"),
            ("Info.plist is missing", "Info.plist is missing"),
        ] {
            assert_eq!(in_short(message), short, "{message}");
        }
    }
}
