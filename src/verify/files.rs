//! The payloads: are those that the manifest lists there, and of the right shape (F§8, F§9).

use std::collections::BTreeMap;

use crate::facts::databases::{KNOWN, Known};
use crate::model::{Comparison, Effect, Example, Level, Listing, Manifest, Severity, Subjects};
use crate::words::numbers;

use super::check::{Check, Explanation, Likely, Named, Run};
use super::evidence::Evidence;
use super::outcome::{Details, Outcome, run};
use super::remedy::BACK_UP_AGAIN;

pub(super) const CHECKS: &[Check] = &[
    FILE_MISSING,
    PAYLOAD_NOT_A_FILE,
    PAYLOAD_TRUNCATED,
    PAYLOAD_EMPTY,
    NOT_READABLE,
    PAYLOAD_IN_CLOUD,
    EMPTIED_FILE,
    SHORTER_THAN_RECORDED,
    SIZE_DIFFERS,
    ORPHAN_FILE,
    MISPLACED_FILE,
    KNOWN_TROUBLE_FILE,
];

pub(crate) const FILE_MISSING: Check = Check {
    id: "file-missing",
    severity: Severity::Error,
    effect: Effect::Corrupt,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "The file list names files that are not on the disk. A restore would fail \
                  or lose them. What is there can still be read.",
        certainty: "A fact: every listed file was looked for by its name. Where the files \
                    went cannot be told; a copy that was cut short, and a tool that leaves \
                    files out on purpose, look the same.",
        source: "The device makes the same check at the end of each backup and answers with \
                 error 205, 'Manifest references files not in backup'. bkscan uses the \
                 device's own rule for which entries need a file.",
        action: BACK_UP_AGAIN.explained,
    },
    likely: Some(Likely::REFUSED),
    device_refuses: true,
    run: Run::Backup(file_missing),
    ..Check::USUAL
};

pub(crate) const PAYLOAD_IN_CLOUD: Check = Check {
    id: "payload-in-cloud",
    severity: Severity::Warning,
    effect: Effect::Unverified,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "Files of this backup are not on this computer, but kept in a cloud: iCloud Drive, \
                  OneDrive or Dropbox took them away to make room. They are not missing, and nothing \
                  can be said of them until they are here.",
        certainty: "That they are not here is a fact: iCloud Drive leaves a small file named \
                    .NAME.icloud, and macOS and Windows mark such files. Whether the cloud still has \
                    them cannot be told from here.",
        source: "Backups in folders that are kept in sync (known from public reports). bkscan opens no \
                 such file, because that would fetch it.",
        action: "Download them first: in Finder choose the backup's folder, then File > Download Now; \
                 in Windows Explorer right-click it, then Always keep on this device.\n\
                 Then scan again. Apple's software restores only what is on the computer.\n\
                 To keep this from happening, keep backups in a folder that no cloud looks after.",
    },
    run: Run::Backup(payload_in_cloud),
    ..Check::USUAL
};

pub(crate) const PAYLOAD_NOT_A_FILE: Check = Check {
    id: "payload-not-a-file",
    severity: Severity::Error,
    effect: Effect::Corrupt,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "A folder, a link or the like is where a stored file belongs. The file \
                  itself is lost or somewhere else.",
        certainty: "A fact about the disk. bkscan does not follow links inside a backup, so \
                    it does not tell what is behind one.",
        source: "The device stores each file as a plain file. Its own check for missing \
                 files looks at the name alone, so it may not notice this one.",
        action: BACK_UP_AGAIN.explained,
    },
    likely: Some(Likely::REFUSED),
    run: Run::Backup(payload_not_a_file),
    ..Check::USUAL
};

pub(crate) const PAYLOAD_TRUNCATED: Check = Check {
    id: "payload-truncated",
    severity: Severity::Error,
    effect: Effect::Corrupt,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "Some encrypted files were cut off, or something was added to them. Their \
                  length is not a multiple of 16 bytes, as it always is.",
        certainty: "A fact of arithmetic. It finds only some of the cut files: one that ends \
                    by chance at a multiple of 16 is not noticed.",
        source: "Backups are encrypted in blocks of 16 bytes (four public readers, and \
                 measured on iOS 17.3). The device's own check for missing files looks at \
                 the name alone and does not see this.",
        action: BACK_UP_AGAIN.explained,
    },
    run: Run::Backup(payload_truncated),
    ..Check::USUAL
};

pub(crate) const PAYLOAD_EMPTY: Check = Check {
    id: "payload-empty",
    severity: Severity::Error,
    effect: Effect::Corrupt,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "Files are stored with nothing in them although the device recorded a size. \
                  They are photos or media, databases such as that of Messages, or files \
                  whose recorded checksum is not that of an empty file.",
        certainty: "The sizes are facts; that the content is lost is a judgement. Files that \
                    are empty in healthy backups, such as those kept only in iCloud, are \
                    left out.",
        source: "The device records the size that a file has on the device, before it stores \
                 it; of a database it stores a compacted copy, which has a page of 4,096 \
                 bytes at least (measured). Tools that leave out files on purpose can put \
                 empty ones in their place (seen in public code), which looks the same.",
        action: BACK_UP_AGAIN.explained,
    },
    run: Run::Backup(payload_empty),
    ..Check::USUAL
};

pub(crate) const NOT_READABLE: Check = Check {
    id: "not-readable",
    severity: Severity::Warning,
    effect: Effect::CouldNotCheck,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "bkscan could not open a file or folder of this backup. What is in there \
                  was not judged, and nothing in there counts as missing.",
        certainty: "A fact about this run of bkscan. It says nothing about the backup \
                    itself.",
        source: "macOS lets a program look into MobileSync only with Full Disk Access; it \
                 answers 'Operation not permitted' although the file's own permissions look \
                 right. Elsewhere it is a permission or the disk.",
        action: "On a Mac: System Settings > Privacy & Security > Full Disk Access, switch \
                 on the terminal application you use.\n\
                 Quit that application, open it again and repeat the command.\n\
                 Else see to the permissions of the path named in the report, or to the disk \
                 it is on.",
    },
    run: Run::Backup(not_readable),
    ..Check::USUAL
};

pub(crate) const EMPTIED_FILE: Check = Check {
    id: "emptied-file",
    severity: Severity::Note,
    effect: Effect::Nothing,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "Large files are stored with nothing in them: the device recorded 1 MB or \
                  more of each. What they held may be lost, or may never have been meant to \
                  be in the backup.",
        certainty: "The sizes are facts; whether anything is lost cannot be told. Files that \
                    are kept only in iCloud, or changed while they were stored, are left \
                    out, and so are those that SQLite writes beside a database.",
        source: "The device records the size that a file has on the device, before it stores \
                 it. No source is known in which a healthy backup has a large file of 0 \
                 bytes for another reason. Tools that leave out files on purpose can put \
                 empty ones in their place (seen in public code).",
        action: "See which files they are: bkscan show BACKUP.\n\
                 Look on the device whether that content is still there.\n\
                 If it matters, back up the device again before you remove anything from it, \
                 and see whether the finding stays.",
    },
    named: Named::Always,
    run: Run::Backup(emptied_file),
    ..Check::USUAL
};

pub(crate) const SHORTER_THAN_RECORDED: Check = Check {
    id: "shorter-than-recorded",
    severity: Severity::Note,
    effect: Effect::Nothing,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "Some photos or other media are shorter than the device recorded. They may \
                  be cut off, or they may be fine.",
        certainty: "A hint only. Recorded sizes differ in healthy backups too, and photos \
                    and media have no checksum that could settle it.",
        source: "The device records the size of the file on the device, not of what it \
                 stores. A copy that was cut short would look like this; so would a video \
                 over 4 GB on a FAT32 disk, for which no source is known.",
        action: "See which files they are: bkscan show BACKUP.\n\
                 Look on the device whether those photos are still there.\n\
                 If they matter and look wrong, back up the device again before you remove \
                 anything from it.",
    },
    run: Run::Backup(shorter_than_recorded),
    ..Check::USUAL
};

pub(crate) const SIZE_DIFFERS: Check = Check {
    id: "size-differs",
    severity: Severity::Note,
    effect: Effect::Nothing,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "Some files are stored with another size than the device recorded. This is \
                  normal, mostly for databases.",
        certainty: "The sizes are facts, and they are no sign of damage. A size alone cannot \
                    tell whether the content is right.",
        source: "The device stores a compacted copy of a database but records the size of \
                 the live one. In public reports about 30 of 3,800 files differ; Messages \
                 did in a backup of iOS 17.3.",
        action: "Nothing needs to be done.",
    },
    run: Run::Backup(size_differs),
    ..Check::USUAL
};

pub(crate) const ORPHAN_FILE: Check = Check {
    id: "orphan-file",
    severity: Severity::Note,
    effect: Effect::Nothing,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "Files are stored here that the file list does not name. A restore ignores \
                  them; they only take space.",
        certainty: "A fact, and reported only where the whole list could be read. What they \
                    are cannot be told from their names.",
        source: "They stay behind when a run is interrupted while it moves or removes files. \
                 The device's own code removes them in a later run.",
        action: "Back up the device again: a later run removes them.\n\
                 Do not remove them by hand; Apple warns against editing a backup.",
    },
    named: Named::IfLarge,
    run: Run::Backup(orphan_file),
    ..Check::USUAL
};

pub(crate) const MISPLACED_FILE: Check = Check {
    id: "misplaced-file",
    severity: Severity::Note,
    effect: Effect::Nothing,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "Something in the folders for stored files has a name, a place or a kind \
                  that does not belong there. A restore ignores it.",
        certainty: "That it is there is a fact. If a listed file was moved to the wrong \
                    place, it is also reported as missing.",
        source: "The device stores each file under 40 hexadecimal digits, in a folder named \
                 by the first two (up to iOS 9 without such folders). No source is known for \
                 who leaves other things there.",
        action: "See what it is: bkscan show BACKUP.\n\
                 If nothing is missing, nothing needs to be done.",
    },
    run: Run::Backup(misplaced_file),
    ..Check::USUAL
};

pub(crate) const KNOWN_TROUBLE_FILE: Check = Check {
    id: "known-trouble-file",
    severity: Severity::Note,
    effect: Effect::Nothing,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "One file of iOS itself, backup_manifest.db of FileProvider, is missing or \
                  not as recorded. The backup is whole without it.",
        certainty: "The state of this file is a fact. That it does not matter rests on \
                    reports of one public tool.",
        source: "iOS 17 and later often cannot read this file on the device ('Input/output \
                 error'). pymobiledevice3 ignores it, and its backups finish all the same.",
        action: "Nothing needs to be done.",
    },
    run: Run::Backup(known_trouble_file),
    ..Check::USUAL
};

/// What was compared where payloads can be judged with or without rows (contract §4 rule 10).
fn compared<'a>(evidence: &Evidence<'a>) -> Result<&'a Comparison, Outcome> {
    match evidence.manifest {
        Manifest::Locked => Ok(evidence.comparison),
        _ => evidence.listing().map(|_| evidence.comparison),
    }
}

/// A finding about payloads; `message` gets "812 files", or "1 file".
pub(super) fn found(subjects: &Subjects, message: impl FnOnce(&str) -> String) -> Outcome {
    if subjects.count == 0 {
        return Outcome::Passed;
    }
    Outcome::Failed(Details {
        count: subjects.count,
        bytes: subjects.bytes,
        message: message(&numbers::counted(subjects.count, "file", "files")),
        unnamed: None,
        examples: subjects
            .first
            .iter()
            .map(|subject| subject.to_example())
            .collect(),
        hint: None,
    })
}

/// `is` or `are`, to go with a count.
pub(super) fn are(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn payload_in_cloud(evidence: &Evidence<'_>) -> Outcome {
    // Nothing about Info.plist changes a verdict (contract §4 rule 10).
    let lists = evidence.metadata.in_cloud.iter();
    let lists: Vec<&str> = lists
        .copied()
        .filter(|name| *name != "Info.plist")
        .collect();
    let payloads = &evidence.comparison.in_cloud;
    // Without a list nobody knows which of them are required.
    let of_payloads = match compared(evidence) {
        Ok(comparison) => comparison.in_cloud.count,
        Err(_) => evidence.inventory.placeholders,
    };
    let count = of_payloads + lists.len() as u64;
    if count == 0 {
        return run(|| compared(evidence).map(|_| Outcome::Passed));
    }
    let of_lists = lists.iter().map(|name| Example {
        path: Some((*name).to_owned()),
        ..Example::default()
    });
    let files = numbers::counted(count, "file", "files");
    let them = if count == 1 { "it" } else { "them" };
    let size = match payloads.bytes {
        0 => String::new(),
        bytes => format!(" ({})", numbers::size(bytes)),
    };
    Outcome::Failed(Details {
        count,
        bytes: payloads.bytes,
        message: format!(
            "{files} {} not here, but in a cloud{size}: download {them} first, then scan again",
            are(count)
        ),
        examples: of_lists
            .chain(payloads.first.iter().map(|subject| subject.to_example()))
            .collect(),
        ..Details::default()
    })
}

fn file_missing(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let listing = evidence.listing()?;
        let missing = &evidence.comparison.missing;
        let invalid = &listing.invalid_ids;
        let count = missing.count + invalid.count;
        if count == 0 {
            return Ok(match evidence.comparison.uncompared {
                0 => Outcome::Passed,
                _ => Outcome::skipped("some folders could not be opened; the rest is there"),
            });
        }
        let bytes = missing.bytes.saturating_add(invalid.bytes);
        let examples: Vec<Example> = invalid
            .first
            .iter()
            .cloned()
            .chain(missing.first.iter().map(|subject| subject.to_example()))
            .collect();
        let required = listing.domains.iter().map(|domain| domain.required).sum();
        let kind = kind(listing, evidence.comparison, count);
        let what = match (bytes, kind.strip_prefix(", ")) {
            // Rows that nobody can decode have no sizes.
            (0, Some(kind)) if listing.opaque => format!(" ({kind})"),
            (0, None) if listing.opaque => String::new(),
            _ => format!(" ({}{kind})", numbers::size(bytes)),
        };
        let mut message = format!(
            "{} of {} {} missing{what}",
            numbers::count(count),
            numbers::counted(required, "file", "files"),
            are(count),
        );
        let elsewhere = elsewhere(evidence);
        if count < required {
            message += "; the rest can be read";
        }
        if elsewhere > 0 {
            message += &format!(
                ". {} of them {} in this folder in another place or under another name",
                numbers::count(elsewhere),
                if elsewhere == 1 { "lies" } else { "lie" }
            );
        }
        if evidence.comparison.in_cloud.count > 0 {
            message += ". Others are in a cloud: download them first";
        }
        if is_of_another(evidence, count, required) {
            message +=
                ". Most files here are not listed: the list seems to belong to another backup";
        } else if invalid.count + elsewhere + evidence.comparison.in_cloud.count == 0
            && looks_selective(listing, &evidence.comparison.missing_by_domain)
        {
            message += ". Some domains lack all their files and no other lacks one: this looks \
                        like a selective copy";
        }
        Ok(Outcome::Failed(Details {
            count,
            bytes,
            message,
            unnamed: None,
            examples,
            hint: None,
        }))
    })
}

/// How many of the missing files lie in the folder all the same.
fn elsewhere(evidence: &Evidence<'_>) -> u64 {
    let places = &evidence.inventory.elsewhere;
    let missing = evidence.comparison.missing_ids.iter();
    missing
        .filter(|id| places.binary_search(id).is_ok())
        .count() as u64
}

/// Whether more than half of what is listed is missing, and more than half of what is here is not listed.
fn is_of_another(evidence: &Evidence<'_>, missing: u64, required: u64) -> bool {
    let unlisted = evidence.comparison.orphans.count;
    let here = evidence.comparison.payloads;
    missing > required / 2 && unlisted > here / 2
}

/// What most of the missing files are, such as ", nearly all photos", and which databases are among them.
fn kind(listing: &Listing, comparison: &Comparison, total: u64) -> String {
    let is_missing = |known: &&Known| comparison.missing_ids.contains(&known.id().prefix());
    let mut databases: Vec<&str> = KNOWN
        .iter()
        .filter(is_missing)
        .map(|known| known.kind.name())
        .collect();
    databases.dedup();
    match databases.as_slice() {
        [] => kind_of_most(listing, &comparison.missing_by_domain, total),
        [one] if total == 1 => format!(", the database of {one}"),
        several => {
            let most = kind_of_most(listing, &comparison.missing_by_domain, total);
            let word = if several.len() == 1 {
                "database"
            } else {
                "databases"
            };
            format!("{most}, with the {word} of {}", several.join(", "))
        }
    }
}

/// What most of the missing files are; nothing where they are mixed.
fn kind_of_most(listing: &Listing, missing: &BTreeMap<u16, u64>, total: u64) -> String {
    let mut by_kind: BTreeMap<&str, u64> = BTreeMap::new();
    for (domain, count) in missing {
        let name = listing
            .domains
            .get(usize::from(*domain))
            .map_or("", |domain| &domain.name);
        let kind = match name.split_once('-') {
            _ if name == "CameraRollDomain" => "photos",
            Some((family, _)) if family.starts_with("AppDomain") => "app data",
            _ => continue,
        };
        *by_kind.entry(kind).or_default() += count;
    }
    let Some((kind, count)) = by_kind.into_iter().max_by_key(|(_, count)| *count) else {
        return String::new();
    };
    let share = count as f64 / total as f64;
    let how = match () {
        () if total == 1 && kind == "photos" => return ", a photo".to_owned(),
        () if total == 1 => return format!(", {kind}"),
        () if count == total => "all",
        () if share >= 0.9 => "nearly all",
        () if share > 0.5 => "mostly",
        () => return String::new(),
    };
    format!(", {how} {kind}")
}

/// Whether whole domains lack all required files and no other lacks any (contract §4).
fn looks_selective(listing: &Listing, missing: &BTreeMap<u16, u64>) -> bool {
    // A domain may stand there in several parts.
    let mut by_name: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (index, domain) in listing.domains.iter().enumerate() {
        let missing = u16::try_from(index)
            .ok()
            .and_then(|index| missing.get(&index));
        let sum = by_name.entry(&domain.name).or_default();
        *sum = (sum.0 + domain.required, sum.1 + missing.unwrap_or(&0));
    }
    let with_files = || by_name.values().filter(|(required, _)| *required > 0);
    with_files().all(|(required, missing)| *missing == 0 || missing == required)
        && with_files().any(|(_, missing)| *missing == 0)
}

fn payload_not_a_file(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let subjects = &compared(evidence)?.not_a_file;
        Ok(found(subjects, |_| {
            let stored = numbers::counted(subjects.count, "stored file", "stored files");
            let instead = match subjects.count {
                1 => "is a folder, a link",
                _ => "are folders, links",
            };
            format!("In place of {stored} there {instead} or the like")
        }))
    })
}

/// Checks that need to know whether payloads are encrypted.
fn shapes<'a>(evidence: &Evidence<'a>) -> Result<&'a Comparison, Outcome> {
    let compared = compared(evidence)?;
    match evidence.manifest {
        Manifest::Locked if evidence.metadata.encrypted().is_none() => Err(Outcome::skipped(
            "without Manifest.plist it is not known whether files are encrypted",
        )),
        Manifest::Locked => Ok(compared),
        _ => evidence.open_listing().map(|_| compared),
    }
}

fn payload_truncated(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let subjects = &shapes(evidence)?.truncated;
        let files = numbers::counted(subjects.count, "encrypted file", "encrypted files");
        let (length, were) = match subjects.count {
            1 => ("has a wrong length", "it was"),
            _ => ("have a wrong length", "they were"),
        };
        Ok(found(subjects, |_| {
            format!(
                "{files} {length}, not a multiple of 16 bytes: {were} cut off, or something was added"
            )
        }))
    })
}

/// Checks that compare with the sizes that the device recorded.
fn sizes<'a>(evidence: &Evidence<'a>) -> Result<&'a Comparison, Outcome> {
    evidence.open_listing().map(|_| evidence.comparison)
}

fn payload_empty(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let subjects = &sizes(evidence)?.empty;
        Ok(found(subjects, |files| {
            let verb = are(subjects.count);
            let size = numbers::size(subjects.bytes);
            let databases = emptied_databases(evidence.comparison);
            format!("{files} {verb} empty although the device recorded {size}{databases}")
        }))
    })
}

/// Which databases are among the empty files, as the end of a sentence.
fn emptied_databases(comparison: &Comparison) -> String {
    let names: Vec<&str> = comparison.emptied_databases.iter().copied().collect();
    let (word, names) = match names.as_slice() {
        [] => return String::new(),
        [name] => ("the database", (*name).to_owned()),
        [first @ .., last] => ("the databases", format!("{} and {last}", first.join(", "))),
    };
    match comparison.empty.count {
        1 => format!(": {word} of {names}"),
        _ => format!(", {word} of {names} among them"),
    }
}

fn emptied_file(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let subjects = &sizes(evidence)?.emptied;
        Ok(found(subjects, |_| {
            let files = numbers::counted(subjects.count, "large file", "large files");
            let verb = are(subjects.count);
            let size = numbers::size(subjects.bytes);
            format!("{files} {verb} empty although the device recorded {size}")
        }))
    })
}

fn shorter_than_recorded(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let subjects = &sizes(evidence)?.shorter;
        Ok(found(subjects, |files| {
            let verb = are(subjects.count);
            let size = numbers::size(subjects.bytes);
            format!(
                "{files} of the photos and media {verb} shorter than the device recorded, by {size}"
            )
        }))
    })
}

fn size_differs(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let subjects = &sizes(evidence)?.size_differs;
        Ok(found(subjects, |files| {
            let verb = if subjects.count == 1 { "has" } else { "have" };
            format!("{files} {verb} another size than the device recorded, as databases often have")
        }))
    })
}

fn orphan_file(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        evidence.whole_listing()?;
        let subjects = &evidence.comparison.orphans;
        Ok(found(subjects, |files| {
            let verb = are(subjects.count);
            let size = numbers::size(subjects.bytes);
            let them = if subjects.count == 1 { "it" } else { "them" };
            format!("{files} {verb} not listed in the manifest ({size}); a restore ignores {them}")
        }))
    })
}

fn misplaced_file(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let subjects = &compared(evidence)?.misplaced;
        let entries = numbers::counted(subjects.count, "entry", "entries");
        Ok(found(subjects, |_| {
            let verb = if subjects.count == 1 { "does" } else { "do" };
            format!("{entries} of the folders for stored files {verb} not belong there")
        }))
    })
}

fn known_trouble_file(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        Ok(found(&compared(evidence)?.known_trouble, |_| {
            "backup_manifest.db of FileProvider is not as recorded; iOS 17 and later cannot read \
             it on the device, and the backup is whole without it"
                .to_owned()
        }))
    })
}

fn not_readable(evidence: &Evidence<'_>) -> Outcome {
    let found = &evidence.inventory.denied;
    // Both may have met with the same file.
    let metadata = evidence.metadata.denied.iter();
    let others = metadata.filter(|(path, _)| !found.metadata.contains(path));
    let mut count = found.places.count + others.clone().count() as u64;
    let mut places: Vec<(String, String)> = others
        .chain(&found.places.first)
        .map(|(path, why)| (path.display().to_string(), why.clone()))
        .collect();
    if let (Manifest::Denied(why), Some((name, _))) =
        (evidence.manifest, evidence.metadata.manifest_file)
    {
        places.push((name.to_owned(), why.clone()));
        count += 1;
    }
    places.sort();
    // Where the folder itself is closed, so is all that is in it.
    let own = places.iter().find(|(path, _)| path.is_empty());
    if let Some((_, why)) = own {
        return Outcome::fact(format!(
            "The backup's folder could not be opened ({why}); what is in it was not judged"
        ));
    }
    let Some((path, why)) = places.first() else {
        return Outcome::Passed;
    };
    // Deep down a path grows beyond what anybody reads.
    let what = path.chars().take(200).collect::<String>();
    let (message, unnamed) = match count {
        1 => {
            let rest = format!("could not be opened ({why}); what is in it was not judged");
            (format!("{what} {rest}"), format!("1 file or folder {rest}"))
        }
        _ => {
            let several = format!(
                "{} files or folders could not be opened",
                numbers::count(count)
            );
            let rest = format!("({why}); what is in them was not judged");
            let message = format!("{several}, the first is {what} {rest}");
            (message, format!("{several} {rest}"))
        }
    };
    let examples = places
        .iter()
        .map(|(path, _)| Example {
            path: Some(path.clone()),
            ..Example::default()
        })
        .collect();
    Outcome::Failed(Details {
        count,
        bytes: 0,
        message,
        unnamed: Some(unnamed),
        examples,
        hint: None,
    })
}
