//! What is only in one backup, in words (contract §5). Pure. Names of apps, devices and files are told as
//! they are found: whoever prints them cleans them.

pub mod together;

use jiff::tz::TimeZone;

use crate::facts::domains::MEDIA;
use crate::facts::products;
use crate::model::{
    BackupIndex, BackupReport, DatabaseLoss, HeldElsewhere, KeepsakeGroup, Loss, LossKind,
    OnlyHere, Report,
};
use crate::words::{self, numbers};

/// How many apps are named; the others are counted.
const MOST_APPS: usize = 3;

/// A longer name is cut: it comes from the backup, and may be anything.
const LONGEST: usize = 40;

/// What alone is more than may be lost, one phrase each: `212 photos and videos (600.0 MB)`, `Messages`.
pub fn mattering(only: &OnlyHere) -> Vec<String> {
    phrases(only, true)
}

/// The same with all that shrank or went by enough to be told.
pub fn all(only: &OnlyHere) -> Vec<String> {
    phrases(only, false)
}

/// `212 photos and videos (600.0 MB) and Messages are only in it`; nothing where nothing matters.
pub fn are_only_in(only: &OnlyHere, it: &str) -> Option<String> {
    let words = mattering(only);
    let verb = if is_one(only) { "is" } else { "are" };
    if words.is_empty() {
        return None;
    }
    Some(format!("{} {verb} only in {it}", words::listed(&words)))
}

/// Whether what matters of it is one thing: a file, a database or an app.
pub fn is_one(only: &OnlyHere) -> bool {
    let mut files = only.groups.iter().filter(|loss| loss.kind != LossKind::App);
    mattering(only).len() == 1 && !files.any(|loss| loss.matters && loss.files != 1)
}

/// What else there is to know of it, one remark each: that photos may be in iCloud, and that sizes are not
/// known. For a sentence that goes on behind a semicolon.
pub fn remarks(only: &OnlyHere, report: &Report) -> Vec<String> {
    let mut remarks = Vec::new();
    let is_photos = |loss: &Loss| loss.kind == LossKind::Keepsakes(KeepsakeGroup::Photos);
    if only.photos_may_be_in_icloud && only.groups.iter().any(is_photos) {
        let kind = only.than.map_or("device", |than| {
            match products::kind(report.backups[than].device.product_type.as_deref()) {
                "iPhone" => "phone",
                kind => kind,
            }
        });
        remarks.push(format!(
            "photos may be in iCloud: the newer one's {kind} had iCloud Photos on and synced"
        ));
    }
    let has_keepsakes =
        (only.groups.iter()).any(|loss| matches!(loss.kind, LossKind::Keepsakes(_)));
    let is_compared = has_keepsakes && only.than.is_some();
    for (count, place) in [
        (only.of_unknown_size, "it"),
        (only.of_unknown_size_there, "the newer one"),
    ] {
        if !is_compared || count == 0 {
            continue;
        }
        let (files, verb) = match count {
            1 => ("1 file".to_owned(), "it may count"),
            many => (format!("{} files", numbers::count(many)), "they may count"),
        };
        remarks.push(format!(
            "the size of {files} in {place} is not known, so that {verb} as not held"
        ));
    }
    remarks
}

/// `Ada's iPhone of 20 Nov 2026 holds 7,988 of its 8,000 photos`.
pub fn held_elsewhere(
    only: &OnlyHere,
    held: HeldElsewhere,
    report: &Report,
    zone: &TimeZone,
) -> String {
    let kinds = only.groups.iter().filter_map(|loss| match loss.kind {
        LossKind::Keepsakes(group) => Some(group),
        LossKind::App
        | LossKind::Payloads
        | LossKind::Rest
        | LossKind::Strays
        | LossKind::Foreign
        | LossKind::Shorter(_) => None,
    });
    let kinds: Vec<KeepsakeGroup> = kinds.collect();
    let (one, many) = match kinds.as_slice() {
        [] | [KeepsakeGroup::Photos] => ("photo", "photos".to_owned()),
        [group] => (names(*group).0, names(*group).1.to_owned()),
        // Contacts and Messages are in files, too: these are not meant.
        several => {
            let several: Vec<String> = several
                .iter()
                .map(|group| names(*group).1.to_owned())
                .collect();
            ("file", words::listed(&several))
        }
    };
    let by = &report.backups[held.by];
    let what = match (held.files, held.of_files) {
        (1, 1) => format!("its only {one}"),
        (files, all) if files == all => format!("all of its {} {many}", numbers::count(all)),
        (files, all) => format!(
            "{} of its {} {many}",
            numbers::count(files),
            numbers::count(all)
        ),
    };
    format!("{}{} holds {what}", device(by), of_day(by, zone))
}

/// ` of 20 Nov 2026`; nothing where its date is not known.
pub fn of_day(backup: &BackupReport, zone: &TimeZone) -> String {
    backup.last_backup.map_or_else(String::new, |last| {
        format!(" of {}", numbers::day(last.at, zone))
    })
}

/// `that of 20 Nov 2026`, in a sentence about another backup of the same device.
pub fn that_of(backup: Option<&BackupReport>, zone: &TimeZone) -> String {
    let day = backup.map(|backup| of_day(backup, zone));
    match day.filter(|day| !day.is_empty()) {
        Some(day) => format!("that{day}"),
        None => "the newer one".to_owned(),
    }
}

/// Why nobody can tell whether the backup `by` holds all that another one does.
pub fn why_not_known(
    report: &Report,
    index: BackupIndex,
    by: Option<BackupIndex>,
    zone: &TimeZone,
) -> String {
    let own = &report.backups[index];
    let newer = by.map(|by| &report.backups[by]);
    let that = that_of(newer, zone);
    let unknown = format!("so that nobody can tell whether {that} holds all of it");
    let of_that = format!("the file list of {that}");
    let lists = [(Some(own), "its file list"), (newer, of_that.as_str())];
    let flaw = lists.iter().find_map(|(backup, list)| {
        let backup = (*backup)?;
        if backup.locked {
            Some(format!("{list} is locked"))
        } else if backup.manifest.is_none() {
            Some(format!("{list} was not read"))
        } else if backup.keepsakes.is_none() {
            Some(format!("{list} could not be read to its end"))
        } else {
            None
        }
    });
    match flaw {
        Some(flaw) => format!("{flaw}, {unknown}"),
        None => format!("there are too many files here to compare all of them, {unknown}"),
    }
}

/// A device's name, else its folder's; short enough for a sentence.
fn device(backup: &BackupReport) -> String {
    let name = backup.device.name.clone();
    cut(&name.unwrap_or_else(|| backup.folder_name()))
}

fn cut(name: &str) -> String {
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name.to_owned(),
    }
}

/// Files first, then databases, then apps.
fn phrases(only: &OnlyHere, mattering: bool) -> Vec<String> {
    let groups = only.groups.iter();
    let told = groups.filter(|loss| loss.matters || !mattering);
    let (apps, files): (Vec<&Loss>, Vec<&Loss>) = told.partition(|loss| loss.kind == LossKind::App);
    let databases = only.databases.iter();
    let databases: Vec<&DatabaseLoss> = databases
        .filter(|loss| loss.matters || !mattering)
        .collect();
    // The database of an app that went with it is not told beside it.
    let has_gone = |app: &Loss, database: &DatabaseLoss| {
        app.name == database.name && (app.matters || !database.matters)
    };
    let alone = databases
        .iter()
        .filter(|database| !apps.iter().any(|app| has_gone(app, database)));
    // Whether or not all of it is told here, so that a thing is always called the same.
    let besides = only.groups.iter();
    let besides = besides.filter(|loss| matches!(loss.kind, LossKind::App | LossKind::Rest));
    let besides: Vec<&str> = besides
        .map(|loss| loss.name.trim_end_matches(", other"))
        .collect();
    let mut words: Vec<String> = files.iter().map(|loss| of_files(loss)).collect();
    words.extend(alone.map(|database| {
        let is_one_of_two = besides.contains(&database.name);
        of_database(database, is_one_of_two)
    }));
    let of_app = |app: &&Loss| {
        let mut own = databases.iter().filter(|database| has_gone(app, database));
        of_app(app, own.any(|database| database.other_bytes == 0))
    };
    words.extend(apps.iter().take(MOST_APPS).map(of_app));
    if let Some(more @ [_, ..]) = apps.get(MOST_APPS..) {
        let bytes = more.iter().map(|app| app.bytes);
        let bytes = bytes.fold(0, u64::saturating_add);
        let apps = numbers::counted(more.len() as u64, "more app", "more apps");
        words.push(with_bytes(apps, bytes));
    }
    words
}

fn with_bytes(words: String, bytes: u64) -> String {
    match bytes {
        0 => words,
        bytes => format!("{words} ({})", numbers::size(bytes)),
    }
}

/// What is lost, but for an app: `212 photos and videos (600.0 MB)`.
pub fn of_files(loss: &Loss) -> String {
    let (one, many) = match loss.kind {
        LossKind::Keepsakes(group) => names(group),
        LossKind::App => ("file", "files"),
        LossKind::Rest => return of_rest(loss),
        LossKind::Strays => (
            "file that no file list names",
            "files that no file list names",
        ),
        LossKind::Foreign => (
            "file that is no part of a backup",
            "files that are no part of a backup",
        ),
        LossKind::Payloads => ("encrypted file", "encrypted files"),
        LossKind::Shorter(group) => {
            let (one, many) = match group {
                Some(group) => names(group),
                None => ("encrypted file", "encrypted files"),
            };
            let files = numbers::counted(loss.files, one, many);
            let verb = if loss.files == 1 { "has" } else { "have" };
            return format!(
                "{} of {files} that {verb} less there",
                numbers::size(loss.bytes)
            );
        }
    };
    with_bytes(numbers::counted(loss.files, one, many), loss.bytes)
}

/// What shrank of a group that is neither keepsakes nor an app.
fn of_rest(loss: &Loss) -> String {
    let bytes = numbers::size(loss.bytes);
    match loss.name.as_str() {
        MEDIA => format!("{bytes} of media, such as music and films"),
        name => match name.strip_suffix(", other") {
            Some(group) => format!("{bytes} of what belongs to {group}"),
            None => format!("{bytes} of {name}"),
        },
    }
}

/// What one keepsake of a group is called, and several.
fn names(group: KeepsakeGroup) -> (&'static str, &'static str) {
    match group {
        KeepsakeGroup::Photos => ("photo or video", "photos and videos"),
        KeepsakeGroup::VoiceMemos => ("voice memo", "voice memos"),
        KeepsakeGroup::Messages => ("attachment of messages", "attachments of messages"),
        KeepsakeGroup::Voicemail => ("voicemail", "voicemails"),
        KeepsakeGroup::Files => ("file", "files"),
        KeepsakeGroup::Notes => ("attachment of notes", "attachments of notes"),
        KeepsakeGroup::WhatsApp => ("media file of WhatsApp", "media of WhatsApp"),
        KeepsakeGroup::WhatsAppBusiness => (
            "media file of WhatsApp Business",
            "media of WhatsApp Business",
        ),
    }
}

/// A database by what is in it, where that is in it and not in files beside it, and nothing else is called so.
fn of_database(loss: &DatabaseLoss, is_one_of_two: bool) -> String {
    let is_index = ["Photos", "Voice Memos"].contains(&loss.name);
    let name = match is_index || is_one_of_two {
        true => format!("the database of {}", loss.name),
        false => loss.name.to_owned(),
    };
    match (loss.other_bytes, loss.matters) {
        (0, _) => name,
        (_, true) => format!("most of {name}"),
        (_, false) => format!("{} of {name}", numbers::size(loss.less())),
    }
}

fn of_app(loss: &Loss, has_lost_all: bool) -> String {
    let name = cut(&loss.name);
    match (has_lost_all || loss.bytes == loss.of_bytes, loss.matters) {
        (true, _) => with_bytes(name, loss.bytes),
        (false, true) => with_bytes(format!("most of {name}"), loss.bytes),
        (false, false) => format!("{} of {name}", numbers::size(loss.bytes)),
    }
}

#[cfg(test)]
mod tests;
