//! The screen for people: the table, what is wrong, what to do, what was not checked. And the
//! paragraphs of `--quiet`.

mod advice;
pub(crate) mod layout;
mod quiet;
mod style;
mod table;

use std::io::{self, Write};
use std::path::Path;

use crate::facts::products;
use crate::model::{
    Access, BackupReport, BesideKind, Contents, Device, Effect, Finding, Flag, Level, Report,
    Severity, Verdict, Volume, total_usage,
};
use crate::verify;
use crate::verify::state::NEVER_FINISHED;
use crate::words::numbers;
use crate::words::shell;

pub use advice::Guide;
pub use quiet::{write_quiet, write_quiet_one};
pub use style::{Style, clean, symbol};
pub(crate) use table::{device_title, title};

/// What is said where a signal came before anything was found.
pub(crate) const STOPPED_AT_ONCE: &str = "Stopped before the end: no backup was looked at yet.";

/// Writes the screen.
///
/// # Errors
/// When writing fails.
pub fn write(report: &Report, guide: Guide, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    if report.backups.is_empty() {
        let stopped = match report.cancelled {
            true => layout::paragraph("", STOPPED_AT_ONCE, style.width),
            false => vec![],
        };
        let of_devices = findings(report, &[], style);
        let blocks = [of_devices, unfinished(report, style), stopped];
        return layout::write_blocks(&blocks, out);
    }
    let order = in_order(report);
    let blocks = [
        header(report, style),
        table(report, &order, style),
        findings(report, &order, style),
        unfinished(report, style),
        advice::lines(report, guide, style),
        locked(report, style),
        checked(report, style),
    ];
    layout::write_blocks(&blocks, out)
}

/// Devices by size, newest first within a device.
pub fn in_order(report: &Report) -> Vec<usize> {
    let mut devices: Vec<_> = report.devices.iter().collect();
    devices.sort_by_key(|device| {
        let sizes = device
            .backups
            .iter()
            .map(|at| report.backups[*at].usage.allocated);
        std::cmp::Reverse(sizes.sum::<u64>())
    });
    devices
        .iter()
        .flat_map(|device| &device.backups)
        .copied()
        .collect()
}

fn header(report: &Report, style: &Style) -> Vec<String> {
    let facts = [
        numbers::counted(report.backups.len() as u64, "backup", "backups"),
        numbers::counted(report.devices_there(), "device", "devices"),
        numbers::size(total_usage(&report.backups).allocated),
    ];
    let mut lines = vec![facts.join(style.dot())];
    let mut volumes: Vec<(&Volume, String)> = Vec::new();
    for root in &report.roots {
        if let Some(volume) = &root.volume
            && !volumes.iter().any(|(known, _)| *known == volume)
        {
            volumes.push((volume, style.name(&root.path.display().to_string())));
        }
    }
    let free = |volume: &Volume| {
        format!(
            "{} free of {}",
            numbers::size(volume.available),
            numbers::size(volume.total)
        )
    };
    match volumes.as_slice() {
        [(volume, _)] => layout::flush_right(&mut lines, &free(volume), style.width),
        volumes => {
            lines.extend(
                volumes
                    .iter()
                    .map(|(volume, path)| format!("{} at {path}", free(volume))),
            );
        }
    }
    lines
}

fn table(report: &Report, order: &[usize], style: &Style) -> Vec<String> {
    let mut lines = table::lines(report, order, style);
    // Symbol and verdict get their colour after the layout, which counts columns.
    for at in order {
        let verdict = report.backups[*at].verdict;
        let (symbol, word) = (style.symbol(verdict), verdict.as_str());
        let own = lines.iter_mut().find(|line| {
            let rest = line.strip_prefix(symbol).map(str::trim_start);
            rest.is_some_and(|rest| rest.starts_with(word))
        });
        if let (true, Some(line)) = (style.color, own) {
            let end = line.find(word).map_or(0, |start| start + word.len());
            // What is both old and large stands out; date and size say the same without colour.
            let flags = &report.plan.decisions[*at].flags;
            let marked = flags.contains(&Flag::Old) && flags.contains(&Flag::Oversized);
            let rest = if marked {
                style.bold(&line[end..])
            } else {
                line[end..].to_owned()
            };
            *line = style.paint(verdict, &line[..end]) + &rest;
        }
    }
    lines
}

/// The findings of a backup that are worth a paragraph, worst first, and how bad they are; nothing
/// where there are only notes. Of a backup that is running, that it is; of one that could not be
/// looked at, why, however small the finding itself.
fn serious(backup: &BackupReport) -> Option<(Severity, Vec<&Finding>)> {
    let wanted = |finding: &&Finding| match backup.verdict {
        Verdict::InProgress => finding.effect == Effect::InProgress,
        Verdict::Unreadable if finding.effect == Effect::CouldNotCheck => true,
        _ => finding.severity > Severity::Note,
    };
    let mut findings: Vec<&Finding> = backup.findings.iter().filter(wanted).collect();
    if findings
        .iter()
        .any(|finding| finding.id == NEVER_FINISHED.id)
    {
        let is_of_it = |id| verify::with_id(id).is_some_and(|check| check.of_never_finished);
        findings.retain(|finding| !is_of_it(finding.id));
    }
    let worst = findings.iter().map(|finding| finding.severity).max()?;
    let worst = match backup.verdict {
        Verdict::Unreadable => worst.max(Severity::Warning),
        _ => worst,
    };
    Some((worst, findings))
}

/// What the screen tells of a backup: what is serious, the notes that are named, and why not all could be
/// checked, where a note says it.
fn told(backup: &BackupReport) -> Option<(Severity, Vec<&Finding>)> {
    let is_named = |finding: &&Finding| match backup.verdict {
        Verdict::InProgress => false,
        Verdict::Unverified if finding.effect == Effect::Unverified => true,
        _ => verify::with_id(finding.id).is_some_and(|check| check.named),
    };
    let (worst, mut findings) = serious(backup).unwrap_or((Severity::Note, Vec::new()));
    let notes = backup.findings.iter().filter(is_named);
    findings.extend(notes.filter(|finding| finding.severity == Severity::Note));
    (!findings.is_empty()).then_some((worst, findings))
}

/// The verdict whose symbol stands before what is wrong with a backup. One that counts as ok says
/// nothing of the trouble.
fn shown_as(backup: &BackupReport, worst: Severity) -> Verdict {
    match (counts_as_ok(backup), worst) {
        (false, _) | (true, Severity::Note) => backup.verdict,
        (true, Severity::Warning) => Verdict::Interrupted,
        (true, Severity::Error) => Verdict::Corrupt,
    }
}

/// Whether the verdict alone is no reason to worry.
fn counts_as_ok(backup: &BackupReport) -> bool {
    matches!(
        backup.verdict,
        Verdict::Complete | Verdict::Unverified | Verdict::InProgress
    )
}

/// What is wrong with a backup, as sentences.
fn sentences(findings: &[&Finding]) -> String {
    let sentences: Vec<String> = findings
        .iter()
        .map(|finding| clean(&finding.message) + ".")
        .collect();
    sentences.join(" ")
}

fn findings(report: &Report, order: &[usize], style: &Style) -> Vec<String> {
    let mut lines = Vec::new();
    for at in order {
        let backup = &report.backups[*at];
        let Some((worst, told)) = told(backup) else {
            continue;
        };
        let mut text = sentences(&told);
        if backup.verdict != Verdict::InProgress {
            text = format!("{}: {text}", title(backup, style));
        }
        let kind = products::kind(backup.device.product_type.as_deref());
        let ids: Vec<&str> = backup.findings.iter().map(|finding| finding.id).collect();
        text += &consequence(backup.verdict, &ids, kind);
        let shown_as = shown_as(backup, worst);
        let symbol = style.symbol(shown_as);
        let mut block = layout::paragraph(&format!("{symbol} "), &text, style.width);
        if backup.verdict != Verdict::InProgress {
            // To look at it again with the same password would show no more.
            let command = match backup.access {
                Access::Wrong => "bkscan explain password-wrong".to_owned(),
                _ => show_command(backup, report, style),
            };
            layout::flush_right(&mut block, &command, style.width);
        }
        if let Some(first) = block.first_mut() {
            *first = first.replacen(symbol, &style.paint(shown_as, symbol), 1);
        }
        lines.extend(block);
    }
    for (device, finding) in of_devices(report) {
        let name = style.name(name_of(device));
        let text = format!("{name}: {}.", clean(&finding.message));
        let sign = format!("{} ", style.sign(finding.severity));
        lines.extend(layout::paragraph(&sign, &text, style.width));
    }
    lines
}

/// What stopped removals left: it may be a whole backup still.
fn unfinished(report: &Report, style: &Style) -> Vec<String> {
    let left = report.beside.iter();
    let left = left.filter(|beside| beside.kind == BesideKind::RemovalUnfinished);
    left.flat_map(|beside| {
        let path = style.name(&beside.path.display().to_string());
        let size = numbers::size(beside.bytes);
        let text = format!(
            "A removal was stopped and left {size} in {path}. The next cleaning finishes it, or says \
             why not."
        );
        let mut block = layout::paragraph("! ", &text, style.width);
        let command = shell::command(style.system, &["clean"], report);
        layout::flush_right(&mut block, &clean(&command), style.width);
        block
    })
    .collect()
}

/// What was found about devices, each with its device.
fn of_devices(report: &Report) -> impl Iterator<Item = (&Device, &Finding)> {
    report.devices.iter().flat_map(|device| {
        let findings = device.findings.iter();
        findings.map(move |finding| (device, finding))
    })
}

/// What a device is called.
fn name_of(device: &Device) -> &str {
    device.name.as_deref().unwrap_or("A device without a name")
}

/// The call that shows the backup in full. Where the system keeps it, the word by which a person knows
/// it: its device's name if that finds it and no other, else its folder's name. Elsewhere its path.
fn show_command(backup: &BackupReport, report: &Report, style: &Style) -> String {
    let in_place = report.roots.iter().all(|root| root.is_default);
    let word = match &backup.device.name {
        _ if !in_place => backup.path.display().to_string(),
        Some(name) if finds_one(name, report) => name.clone(),
        _ => shell::word_for(report, &backup.path),
    };
    clean(&shell::show_command(
        style.system,
        &word,
        &report.looked_with,
    ))
}

/// Whether this name of a device finds one backup on the command line, which ignores case, looks at the
/// names of folders first, and takes some words for options and paths.
fn finds_one(name: &str, report: &Report) -> bool {
    let is = |other: &str| other.eq_ignore_ascii_case(name);
    let of_devices = report
        .backups
        .iter()
        .filter_map(|backup| backup.device.name.as_deref());
    let is_word = Path::new(name).file_name() == Some(name.as_ref());
    let is_of_folder = report
        .backups
        .iter()
        .any(|backup| is(&backup.folder_name()));
    clean(name) == name
        && is_word
        && !name.starts_with('-')
        && !is_of_folder
        && of_devices.filter(|other| is(other)).count() == 1
}

/// What a verdict with these findings means for whoever wants to restore; `kind` is what people call
/// the device.
pub(crate) fn consequence(verdict: Verdict, findings: &[&str], kind: &str) -> String {
    let refuses = |id: &&str| verify::with_id(id).is_some_and(|check| check.device_refuses);
    let is_refused = || findings.iter().any(refuses);
    match verdict {
        Verdict::Corrupt if is_refused() => {
            format!(" The {kind} would refuse to restore it. Back it up again while you have it.")
        }
        Verdict::Corrupt => format!(
            " A restore may fail or lose what is damaged. Back the {kind} up again while you have it."
        ),
        Verdict::Incomplete => {
            format!(" Apple's software would not restore it. Back the {kind} up again.")
        }
        Verdict::Interrupted => format!(" Back the {kind} up again to finish it."),
        _ => String::new(),
    }
}

/// Of a single backup whose file list is locked: what can be seen all the same (F§11.4).
fn locked(report: &Report, style: &Style) -> Vec<String> {
    let [backup] = report.backups.as_slice() else {
        return vec![];
    };
    if !(backup.locked && backup.verdict == Verdict::Unverified && report.level > Level::Quick) {
        return vec![];
    }
    let text = "Nothing wrong in what can be seen. The backup is encrypted and its file list is \
                locked, so missing files would not be noticed. Seen without the password:";
    let mut lines = layout::paragraph("", text, style.width);
    let finished = backup
        .last_backup
        .map(|last| format!("finished {}", style.day(last.at)));
    let files = numbers::counted(backup.payloads, "file", "files");
    let facts: Vec<String> = finished
        .into_iter()
        .chain([
            format!("{files}, all of the right shape"),
            "keys readable".to_owned(),
        ])
        .collect();
    lines.extend(layout::paragraph(
        "  ",
        &facts.join(style.dot()),
        style.width,
    ));
    if let Some((last, first)) = backup.databases.split_last() {
        let names = match first {
            [] => (*last).to_owned(),
            first => format!("{} and {last}", first.join(", ")),
        };
        let (word, verb) = if first.is_empty() {
            ("database", "is")
        } else {
            ("databases", "are")
        };
        let text = format!("{names} {word} {verb} there");
        lines.extend(layout::paragraph("  ", &text, style.width));
    }
    match &backup.access {
        Access::Unavailable(why) | Access::Refused(why) => {
            let text = format!("It was not opened: {}.", clean(why));
            lines.extend(layout::paragraph("", &text, style.width));
        }
        _ => {
            let text = "To compare every file (the password never leaves this computer):";
            lines.extend(layout::paragraph("", text, style.width));
            let command = shell::command(style.system, &["--ask-password"], report);
            lines.push(format!("  {}", clean(&command)));
        }
    }
    lines
}

/// What was read of all backups together.
fn total(report: &Report) -> Contents {
    let mut all = Contents::default();
    for contents in report
        .backups
        .iter()
        .filter_map(|backup| backup.contents.as_ref())
    {
        for (sum, more) in [
            (&mut all.all, contents.all),
            (&mut all.read, contents.read),
            (&mut all.by_digest, contents.by_digest),
            (&mut all.by_ledger, contents.by_ledger),
            (&mut all.left_out, contents.left_out),
        ] {
            *sum += more;
        }
    }
    all
}

/// How much was read to its end, and with what it could be compared.
pub(crate) fn read_to_the_end(contents: &Contents) -> String {
    let Contents {
        all,
        read,
        by_digest,
        by_ledger,
        ..
    } = contents;
    let of_all = match read.bytes == all.bytes {
        true => String::new(),
        false => format!(" of {}", numbers::size(all.bytes)),
    };
    let compared = by_digest.bytes.saturating_add(by_ledger.bytes);
    let compared = [
        (by_digest.bytes, "compared with the device's checksums"),
        (by_ledger.bytes, "compared with an earlier run"),
        (
            read.bytes.saturating_sub(compared),
            "without anything to compare with",
        ),
    ];
    let compared: Vec<String> = compared
        .into_iter()
        .filter(|(bytes, _)| *bytes > 0)
        .map(|(bytes, how)| format!("{} {how}", numbers::size(bytes)))
        .collect();
    let size = numbers::size(read.bytes);
    match compared.is_empty() {
        true => format!("{size}{of_all}"),
        false => format!("{size}{of_all}; {}", compared.join(", ")),
    }
}

fn checked(report: &Report, style: &Style) -> Vec<String> {
    let count = |wanted: &dyn Fn(&BackupReport) -> bool| {
        report
            .backups
            .iter()
            .filter(|backup| wanted(backup))
            .count() as u64
    };
    let compared = count(&|backup| backup.manifest.is_some());
    let locked = count(&|backup| backup.locked);
    let mut not_checked = Vec::new();
    let mut text = if report.level == Level::Quick {
        not_checked.push("which files are there (--level standard)".to_owned());
        "Checked: state and sizes.".to_owned()
    } else {
        let backups = numbers::counted(compared, "backup", "backups");
        if locked > 0 {
            let locked = numbers::counted(locked, "locked backup", "locked backups");
            let unasked = |backup: &BackupReport| {
                let asked = [Access::NotNeeded, Access::NoPassword].contains(&backup.access);
                backup.locked && asked && backup.encrypted == Some(true)
            };
            let ask = match report.backups.iter().any(unasked) {
                true => " (--ask-password)",
                false => "",
            };
            not_checked.push(format!("the file list of {locked}{ask}"));
        }
        let without = report.backups.len() as u64 - compared - locked;
        if without > 0 {
            let backups = numbers::counted(without, "backup", "backups");
            not_checked.push(format!("{backups} without a readable manifest"));
        }
        format!("Checked: every file the index lists, in {backups}.")
    };
    let read = total(report);
    if report.level < Level::Contents {
        not_checked.push("what is inside files (--level contents)".to_owned());
    } else if read.read.files == 0 {
        not_checked.push("what is inside files".to_owned());
    }
    if read.left_out.files > 0 {
        not_checked.push(format!(
            "{} that are read on other days of the week (--subset weekly)",
            numbers::size(read.left_out.bytes)
        ));
    }
    if compared == 0 && report.level > Level::Quick {
        text = "Checked: state, keys, and the shape of every file.".to_owned();
    }
    if read.read.files > 0 {
        text += &format!(" Read to the end: {}.", read_to_the_end(&read));
        if let Some(bytes) = report.ledger_bytes.filter(|bytes| *bytes > 0) {
            text += &format!(" The record of it takes {}.", numbers::size(bytes));
        }
    }
    if !not_checked.is_empty() {
        text += &format!(" Not checked: {}.", not_checked.join("; "));
    }
    let plan = &report.plan;
    let nothing = plan.removable.backups.is_empty() && plan.on_request.backups.is_empty();
    let backups = report.backups.len() as u64;
    let one_each = backups == report.devices_there() && backups > 1;
    let mut lines = Vec::new();
    if nothing && one_each && !report.cancelled {
        let text = "Nothing to free: every backup is the newest of its device.";
        lines.extend(layout::paragraph("", text, style.width));
    }
    lines.extend(layout::paragraph("", &text, style.width));
    if report.cancelled {
        let text = "Stopped before the end: other backups were not looked at.";
        lines.extend(layout::paragraph("", text, style.width));
    }
    let seconds = report
        .finished_at
        .duration_since(report.started_at)
        .as_secs_f64();
    if seconds > 0.0 {
        layout::flush_right(&mut lines, &format!("{seconds:.1} s"), style.width);
    }
    lines
}
