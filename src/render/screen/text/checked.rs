//! What was checked, and what was not.

use crate::model::{Access, BackupReport, Contents, Level, Report};
use crate::render::screen::contents::read_to_the_end;
use crate::render::screen::layout;
use crate::render::screen::stopped::STOPPED_LATER;
use crate::render::screen::style::Style;
use crate::verify::files::PAYLOAD_TRUNCATED;
use crate::verify::manifest::MANIFEST_UNREADABLE;
use crate::verify::state::NEVER_FINISHED;
use crate::words::numbers;

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

/// What was looked at where no list of files was read: no more than the checks say.
fn without_a_list(report: &Report) -> String {
    let any = |id: &str, wanted: &dyn Fn(&BackupReport) -> bool| {
        let mut backups = report.backups.iter();
        backups.any(|backup| wanted(backup) && backup.checked.contains(&id))
    };
    let has_keys = |backup: &BackupReport| backup.locked && backup.encrypted == Some(true);
    let has_shape = any(PAYLOAD_TRUNCATED.id, &|_| true);
    let parts: Vec<&str> = [
        (any(NEVER_FINISHED.id, &|_| true), "state"),
        (any(MANIFEST_UNREADABLE.id, &has_keys), "keys"),
        (has_shape, "the shape of every file"),
        // The shape tells of them, too.
        (!has_shape, "sizes"),
    ]
    .into_iter()
    .filter_map(|(was_looked_at, part)| was_looked_at.then_some(part))
    .collect();
    match parts.as_slice() {
        [] | ["sizes"] => "what lies in the folders, and sizes".to_owned(),
        [only] => format!("{only} and sizes"),
        [first, last] => format!("{first} and {last}"),
        [first @ .., last] => format!("{}, and {last}", first.join(", ")),
    }
}

/// The lines at the end.
pub fn lines(report: &Report, style: &Style) -> Vec<String> {
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
        format!("Checked: {}.", without_a_list(report))
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
        text = format!("Checked: {}.", without_a_list(report));
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
    if report.cancelled {
        text = format!("{text} {STOPPED_LATER}");
    }
    let text = layout::glued(&text);
    let seconds = report
        .finished_at
        .duration_since(report.started_at)
        .as_secs_f64();
    let checked = match seconds > 0.0 {
        true => layout::paragraph_and_right(&text, &format!("{seconds:.1} s"), style.width),
        false => layout::paragraph("", &text, style.width),
    };
    checked.iter().map(|line| style.dim(line)).collect()
}
