//! Takes everything personal out of a report (`--redact`): names, identifiers, serial numbers, paths,
//! file names. What is left can be shown to a stranger. Pure.

use std::path::PathBuf;

use crate::model::{Example, Report, Udid};

/// Replaces what is personal by numbered words.
pub fn redact(report: &mut Report) {
    let mut words = Words::default();
    for (at, root) in report.roots.iter().enumerate() {
        words.add(
            &root.path.display().to_string(),
            &format!("folder-{}", at + 1),
        );
    }
    for (at, device) in report.devices.iter().enumerate() {
        let device_word = format!("device-{}", at + 1);
        words.add(
            device.udid.as_ref().map_or("", |udid| udid.as_str()),
            &device_word,
        );
        for member in &device.backups {
            let backup = &report.backups[*member];
            words.add(
                backup.device.name.as_deref().unwrap_or_default(),
                &device_word,
            );
            words.add(
                backup.device.serial_number.as_deref().unwrap_or_default(),
                "serial",
            );
        }
    }
    let backup_word = |at: usize| format!("backup-{}", at + 1);
    for (at, backup) in report.backups.iter().enumerate() {
        words.add(&backup.path.display().to_string(), &backup_word(at));
        words.add(&backup.folder_name(), &backup_word(at));
    }
    for (at, beside) in report.beside.iter().enumerate() {
        words.add(
            &beside.path.display().to_string(),
            &format!("beside-{}", at + 1),
        );
    }
    for (at, problem) in report.problems.iter().enumerate() {
        words.add(
            &problem.path.display().to_string(),
            &format!("place-{}", at + 1),
        );
    }
    words.longest_first();

    for root in &mut report.roots {
        root.path = PathBuf::from(words.replace(&root.path.display().to_string()));
    }
    for (at, device) in report.devices.iter_mut().enumerate() {
        let word = format!("device-{}", at + 1);
        device.udid = device.udid.as_ref().map(|_| Udid::stand_in(&word));
        device.name = device.name.as_ref().map(|_| word.clone());
        for member in &device.backups {
            let backup = &mut report.backups[*member];
            backup.udid = backup.udid.as_ref().map(|_| Udid::stand_in(&word));
            backup.device.name = backup.device.name.as_ref().map(|_| word.clone());
        }
    }
    for (at, backup) in report.backups.iter_mut().enumerate() {
        backup.path = PathBuf::from(backup_word(at));
        backup.device.serial_number = None;
        for finding in &mut backup.findings {
            finding.message = words.replace(&finding.message);
            finding.hint = finding.hint.as_deref().map(|hint| words.replace(hint));
            finding.examples.iter_mut().for_each(hide);
        }
        for check in &mut backup.not_checked {
            check.why = words.replace(&check.why);
        }
        backup.largest.iter_mut().for_each(hide);
    }
    for beside in &mut report.beside {
        beside.path = PathBuf::from(words.replace(&beside.path.display().to_string()));
    }
    for problem in &mut report.problems {
        problem.message = words.replace(&problem.message);
        problem.path = PathBuf::from(words.replace(&problem.path.display().to_string()));
    }
    for advice in &mut report.advice {
        advice.title = words.replace(&advice.title);
        advice.text = words.replace(&advice.text);
        advice.short = words.replace(&advice.short);
        advice.command = advice
            .command
            .as_deref()
            .map(|command| words.replace(command));
    }
}

/// A file's name is personal, and its fileID is a hash of it that can be guessed.
fn hide(example: &mut Example) {
    example.path = None;
    example.file_id = None;
}

/// What is personal, and what stands for it.
#[derive(Default)]
struct Words(Vec<(String, String)>);

impl Words {
    fn add(&mut self, personal: &str, word: &str) {
        if !personal.trim().is_empty() && !self.0.iter().any(|(known, _)| known == personal) {
            self.0.push((personal.to_owned(), word.to_owned()));
        }
    }

    /// So that a path goes before the name of the folder at its end.
    fn longest_first(&mut self) {
        self.0
            .sort_by_key(|(personal, _)| std::cmp::Reverse(personal.len()));
    }

    fn replace(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (personal, word) in &self.0 {
            text = text.replace(personal, word);
        }
        text
    }
}
