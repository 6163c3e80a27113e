//! Takes everything personal out of a report (`--redact`): names, identifiers, serial numbers, paths,
//! file names, and the apps that are not among those that most people have. Data is replaced before sentences are made of it; a sentence that already has
//! something personal in it gives way to the one that whoever made it made without. Pure.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::advise;
use crate::facts::products;
use crate::mend::Mended;
use crate::model::{
    BackupReport, DeviceHistory, Diff, Example, Finding, NotChecked, Problem, Report, Udid,
};
use crate::report::document::{Backup, Document, Text};
use crate::report::unnamed::{self, Unnamed, is_numbered};
use crate::system::System;
use crate::verify::{BACKUP_STATES, SNAPSHOT_STATES};
use crate::words::shell;

/// What stands where a sentence was left out.
const LEFT_OUT: &str = "left out, because it may name something personal";

/// Replaces what is personal by numbered words, and makes advice and hints anew. Gives what stands for apps
/// and domains.
pub fn redact(report: &mut Report, system: System) -> Unnamed {
    let mut unnamed = Unnamed::of(&report.backups);
    // A file or a command may be called anything.
    if let Some(position) =
        (report.looked_with.iter()).position(|word| word.starts_with("--password-"))
    {
        let ask = "--ask-password".to_owned();
        report.looked_with.splice(position..position + 2, [ask]);
    }
    for (index, root) in report.roots.iter_mut().enumerate() {
        root.path = PathBuf::from(format!("folder-{}", index + 1));
    }
    for (index, device) in report.devices.iter_mut().enumerate() {
        let word = format!("device-{}", index + 1);
        let stand_in = |udid: &Option<Udid>| udid.as_ref().map(|_| Udid::stand_in(&word));
        device.udid = stand_in(&device.udid);
        device.name = device.name.as_ref().map(|_| word.clone());
        for finding in &mut device.findings {
            redact_finding(finding, &mut unnamed);
            // A command for one backup names it.
            finding.hint = None;
        }
        for member in &device.backups {
            let backup = &mut report.backups[member.position()];
            backup.udid = stand_in(&backup.udid);
            backup.device.name = backup.device.name.as_ref().map(|_| word.clone());
        }
    }
    let places = stand_ins(&report.backups);
    for (backup, place) in report.backups.iter_mut().zip(places) {
        backup.path = place;
        backup.device.serial_number = None;
        // What a device writes there has its form; anything else may be anything.
        let device = &mut backup.device;
        for (word, is_plain) in [
            (
                &mut backup.snapshot_state,
                is_snapshot_state as fn(&str) -> bool,
            ),
            (&mut backup.backup_state, is_backup_state),
            (&mut device.product_type, products::is_type),
            (&mut device.ios_version, products::is_version),
            (&mut device.build_version, products::is_build),
        ] {
            *word = word.take().filter(|word| is_plain(word));
        }
        let product = &mut backup.device.product_name;
        *product = product.take().filter(|name| products::is_name(name));
        for group in &mut backup.storage {
            group.name = unnamed.group(&group.name);
        }
        for domain in &mut backup.domains {
            domain.name = unnamed.domain(&domain.name);
        }
        for finding in &mut backup.findings {
            redact_finding(finding, &mut unnamed);
            finding.hint = finding
                .hint
                .as_ref()
                .map(|_| shell::show_command(system, &backup.path, &report.looked_with));
        }
        backup.not_checked.iter_mut().for_each(redact_reason);
        for file in &mut backup.largest {
            hide(file, &mut unnamed);
        }
        for folder in &mut backup.missing_folders {
            folder.domain = (folder.domain.as_ref()).map(|domain| unnamed.domain(domain));
            folder.path = None;
        }
        for file in &mut backup.foreign.sample.first {
            (file.id, file.place) = (None, None);
        }
    }
    for (index, beside) in report.beside.iter_mut().enumerate() {
        beside.path = PathBuf::from(format!("beside-{}", index + 1));
    }
    redact_problems(&mut report.problems);
    for decision in &mut report.plan.decisions {
        let only = decision.only_here.iter_mut();
        let losses = only.flat_map(|only| &mut only.groups);
        losses.for_each(|loss| unnamed.loss(loss));
    }
    report.advice = advise::advise(report, system);
    unnamed
}

/// What stands for the folder of each backup. One that lies in another one lies in its stand-in, too: what
/// both take together counts once.
fn stand_ins(backups: &[BackupReport]) -> Vec<PathBuf> {
    let numbers: HashMap<&Path, usize> = (1..)
        .zip(backups)
        .map(|(number, backup)| (&*backup.path, number))
        .collect();
    let stand_in = |backup: &BackupReport| {
        let around = backup.path.ancestors();
        let around: Vec<&usize> = around.filter_map(|place| numbers.get(place)).collect();
        let words = around.iter().rev();
        words.map(|number| format!("backup-{number}")).collect()
    };
    backups.iter().map(stand_in).collect()
}

/// Whether a document was made of a redacted report: it has stand-ins wherever a name, an identifier or a
/// path belongs.
pub fn is_redacted(document: &Document<'_>) -> bool {
    let is_device =
        |text: &Option<Text<'_>>| text.as_ref().is_none_or(|text| is_numbered(text, "device"));
    let Document {
        roots,
        devices,
        backups,
        beside,
        problems,
        plan,
        done,
        domains,
        largest,
        ..
    } = document;
    let of_domains = domains.iter().flatten().map(|one| Some(&one.domain));
    let of_files = largest.iter().flatten();
    let are_files_unnamed = of_files.clone().all(|file| file.path.is_none());
    let of_files = of_files.map(|file| file.domain.as_ref());
    let mut all_domains = of_domains.chain(of_files).flatten();
    let are_domains_unnamed = all_domains.all(|domain| unnamed::is_unnamed_domain(domain));
    let planned = plan.iter().flatten().map(|item| &item.place);
    let done = done.iter().flatten().map(|done| &done.place);
    // One may lie in another one.
    let is_backup = |path: &str| {
        path.split(['/', '\\'])
            .all(|part| is_numbered(part, "backup"))
    };
    let is_stand_in = |path: &str| is_backup(path) || is_numbered(path, "beside");
    let are_unnamed = |backup: &Backup<'_>| {
        let lost = backup.only_here.iter().flat_map(|only| &only.groups);
        let groups = backup.storage.iter().map(|group| &group.group);
        let mut groups = groups.chain(lost.map(|loss| &loss.group));
        let examples = backup.findings.iter().flat_map(|one| &one.examples);
        let mut examples = examples.map(|example| (&example.domain, &example.path));
        groups.all(|name| unnamed::is_unnamed_group(name))
            && examples.all(|(domain, path)| {
                let mut domain = domain.iter();
                path.is_none() && domain.all(|domain| unnamed::is_unnamed_domain(domain))
            })
    };
    let are_stand_ins = |backup: &Backup<'_>| {
        let only = backup.only_here.iter();
        let paths = only.flat_map(|only| {
            let elsewhere = only.held_elsewhere.as_ref();
            only.than.iter().chain(elsewhere.map(|held| &held.path))
        });
        paths.into_iter().all(|path| is_backup(path))
    };
    are_domains_unnamed
        && are_files_unnamed
        && planned.chain(done).all(|place| is_stand_in(&place.path))
        && roots
            .iter()
            .all(|root| is_numbered(&root.place.path, "folder"))
        && devices
            .iter()
            .all(|device| is_device(&device.udid) && is_device(&device.name))
        && backups.iter().all(|backup| {
            let device = &backup.device;
            is_backup(&backup.place.path)
                && is_device(&backup.udid)
                && is_device(&device.name)
                && device.serial_number.is_none()
                && are_stand_ins(backup)
                && are_unnamed(backup)
        })
        && beside
            .iter()
            .all(|beside| is_numbered(&beside.place.path, "beside"))
        && problems
            .iter()
            .all(|problem| is_numbered(&problem.place.path, "place"))
}

/// The same for what could not be looked at.
pub fn redact_problems(problems: &mut [Problem]) {
    for (index, problem) in problems.iter_mut().enumerate() {
        let word = format!("place-{}", index + 1);
        problem.message = match problem.blocking {
            true => format!("{word} could not be looked at (why: {LEFT_OUT})"),
            false => format!("{word} was passed over (why: {LEFT_OUT})"),
        };
        problem.path = PathBuf::from(word);
    }
}

/// The same for what differs between two backups.
pub fn redact_diff(diff: &mut Diff, unnamed: &mut Unnamed) {
    for file in diff.files.iter_mut().flatten() {
        file.path = None;
        file.domain = file.domain.as_ref().map(|domain| unnamed.domain(domain));
    }
    let apps = &mut diff.apps;
    for app in apps.only_old.iter_mut().chain(&mut apps.only_new) {
        app.name = unnamed.group(&app.name);
    }
    for app in &mut apps.smaller {
        app.name = unnamed.group(&app.name);
    }
    for loss in &mut diff.only_old.groups {
        unnamed.loss(loss);
    }
}

/// The same for a mend.
pub fn redact_mend(mended: &mut Mended, unnamed: &mut Unnamed) {
    let plan = &mut mended.plan;
    plan.source = PathBuf::from("backup-1");
    plan.folder = PathBuf::from("folder-1");
    plan.udid = Udid::stand_in("device-1");
    let device = &mut plan.device;
    device.name = device.name.as_ref().map(|_| "device-1".to_owned());
    device.serial_number = None;
    for group in &mut plan.lost.by_group {
        group.name = unnamed.group(&group.name);
    }
    for row in &mut plan.lost.rows {
        hide(&mut row.file, unnamed);
    }
    for example in plan.repairs.iter_mut().flat_map(|one| &mut one.examples) {
        hide(example, unnamed);
    }
}

/// The same for how devices developed.
pub fn redact_history(devices: &mut [DeviceHistory]) {
    let mut folders = 0;
    for (index, device) in devices.iter_mut().enumerate() {
        let word = format!("device-{}", index + 1);
        device.udid = device.udid.as_ref().map(|_| Udid::stand_in(&word));
        device.name = device.name.as_ref().map(|_| word);
        let product = device.product.take();
        device.product = product.filter(|name| products::is_name(name) || products::is_type(name));
        for folder in &mut device.folders {
            folders += 1;
            folder.path = PathBuf::from(format!("backup-{folders}"));
        }
    }
}

fn is_snapshot_state(word: &str) -> bool {
    SNAPSHOT_STATES.contains(&word)
}

fn is_backup_state(word: &str) -> bool {
    BACKUP_STATES.contains(&word)
}

fn redact_finding(finding: &mut Finding, unnamed: &mut Unnamed) {
    if let Some(unnamed) = finding.unnamed.take() {
        finding.message = unnamed;
    }
    for example in &mut finding.examples {
        hide(example, unnamed);
    }
}

/// Reasons that quote a path.
fn redact_reason(check: &mut NotChecked) {
    if check.why.contains(['/', '\\']) {
        check.why = LEFT_OUT.to_owned();
    }
}

/// A file's name is personal, and its fileID is a hash of it that can be guessed.
fn hide(example: &mut Example, unnamed: &mut Unnamed) {
    example.domain = (example.domain.as_ref()).map(|domain| unnamed.domain(domain));
    example.path = None;
    example.file_id = None;
}
