//! What only reading the payloads to their end can tell (F§10, F§11.3, F§18).

use crate::model::{
    Amount, AppDatabase, Contents, DatabaseState, Effect, Example, Level, Severity,
};
use crate::words::numbers;

use super::check::{Check, Explanation, Run};
use super::evidence::Evidence;
use super::files;
use super::outcome::{Details, Outcome, run};
use super::remedy::{BACK_UP_AGAIN, BACK_UP_ELSEWHERE};

pub(super) const CHECKS: &[Check] = &[
    DIGEST_MISMATCH,
    PAYLOAD_READ_ERROR,
    CONTENT_CHANGED,
    PADDING_INVALID,
    APP_DATABASE_DAMAGED,
];

pub(crate) const DIGEST_MISMATCH: Check = Check {
    id: "digest-mismatch",
    severity: Severity::Error,
    effect: Effect::Corrupt,
    level: Level::Contents,
    explanation: Explanation {
        meaning: "The bytes of a stored file do not match the checksum that the device \
                  recorded for it. The file was changed or damaged after the device read it.",
        certainty: "A fact: another checksum means other bytes. Only part of the files have \
                    one; photos, app data and attachments have none.",
        source: "The device compares the same checksums during a restore and refuses with \
                 error 205, 'Digest didn't match for some files'. Users met it after editing \
                 files by hand; an earlier version of one tool could also write such files \
                 itself.",
        action: BACK_UP_AGAIN.explained,
    },
    device_refuses: true,
    run: Run::Backup(digest_mismatch),
    ..Check::USUAL
};

pub(crate) const PAYLOAD_READ_ERROR: Check = Check {
    id: "payload-read-error",
    severity: Severity::Error,
    effect: Effect::Corrupt,
    level: Level::Contents,
    explanation: Explanation {
        meaning: "The disk could not deliver a stored file to its end, in two tries. The \
                  disk, its cable or its file system may be failing.",
        certainty: "That reading failed twice is a fact. Whether the disk or the connection \
                    is to blame cannot be told.",
        source: "This is the answer of the computer's own system, not of Apple's backup \
                 software. A restore would have to read the same bytes.",
        action: BACK_UP_ELSEWHERE.explained,
    },
    run: Run::Backup(payload_read_error),
    ..Check::USUAL
};

pub(crate) const CONTENT_CHANGED: Check = Check {
    id: "content-changed",
    severity: Severity::Error,
    effect: Effect::Corrupt,
    level: Level::Contents,
    explanation: Explanation {
        meaning: "A stored file has the same size and time as in an earlier run of bkscan, \
                  but other bytes. This is how a disk that loses data looks.",
        certainty: "That the bytes differ is a fact, read twice. That nobody changed them on \
                    purpose is a judgement: a program that writes a file normally changes \
                    its time too.",
        source: "bkscan keeps its own record of what it read in earlier runs. Apple's format \
                 has no checksum for most files, so the device may not notice.",
        action: BACK_UP_ELSEWHERE.explained,
    },
    run: Run::Backup(content_changed),
    ..Check::USUAL
};

pub(crate) const PADDING_INVALID: Check = Check {
    id: "padding-invalid",
    severity: Severity::Warning,
    effect: Effect::Nothing,
    level: Level::Contents,
    explanation: Explanation {
        meaning: "The end of a decrypted file is not filled up as it should be. The file may \
                  have been written by another tool, or be damaged.",
        certainty: "A hint only: such files were met in backups that could be read.",
        source: "Encrypted files end with filling bytes by a fixed rule (PKCS#7, four public \
                 readers). One backup editor used to leave them out, and one public reader \
                 met such files.",
        action: "See which files they are: bkscan show BACKUP.\n\
                 If one of them matters, back up the device again and keep this backup until \
                 the new one is complete.",
    },
    run: Run::Backup(padding_invalid),
    ..Check::USUAL
};

pub(crate) const APP_DATABASE_DAMAGED: Check = Check {
    id: "app-database-damaged",
    severity: Severity::Warning,
    effect: Effect::Nothing,
    level: Level::Contents,
    explanation: Explanation {
        meaning: "The database of an app has faults inside. The app may have lost data, or \
                  may open it all the same.",
        certainty: "A hint only. Whether the fault came about on the device or on this disk \
                    cannot be told, because most app data has no checksum.",
        source: "The fault was found by SQLite's own check. No source is known for whether \
                 the device checks databases of apps.",
        action: "Open the app on the device and see whether its data is fine.\n\
                 Back up the device again and see whether the finding stays.\n\
                 Keep this backup until you know.",
    },
    run: Run::Backup(app_database_damaged),
    ..Check::USUAL
};

/// What was read, if anything was.
fn contents<'a>(evidence: &Evidence<'a>) -> Result<&'a Contents, Outcome> {
    let none = || match evidence.level {
        Level::Contents => Outcome::skipped("payloads were not read"),
        _ => Outcome::LeftOut("payloads were not read".to_owned()),
    };
    evidence.contents.ok_or_else(none)
}

/// What is said where nothing was found: how much of it was looked at.
fn nothing_in(contents: &Contents) -> Outcome {
    let of = |share: Amount| {
        let files = numbers::counted(share.files, "file", "files");
        format!("{files} ({})", numbers::size(share.bytes))
    };
    let Contents {
        cloud,
        hollow,
        moving,
        left_out,
        ..
    } = *contents;
    if cloud.files > 0 {
        let why = format!(
            "the content of {} is only in a cloud, and was not fetched from there",
            of(cloud)
        );
        return Outcome::Skipped(why);
    }
    if hollow.files > 0 {
        let why = format!(
            "{} not read: hardly anything of that length is stored",
            of(hollow)
        );
        return Outcome::Skipped(why);
    }
    if moving.files > 0 {
        let why = format!("{} changed or went away while bkscan read", of(moving));
        return Outcome::Skipped(why);
    }
    if left_out.files > 0 {
        let why = format!("left for other days of the week: {}", of(left_out));
        return Outcome::LeftOut(why);
    }
    Outcome::Passed
}

fn digest_mismatch(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let contents = contents(evidence)?;
        if contents.mismatched.count == 0 {
            // Where there is no list, or only names in it, there are no checksums.
            evidence.open_listing()?;
            return Ok(nothing_in(contents));
        }
        Ok(files::found(&contents.mismatched, |files| {
            format!(
                "The content of {files} does not match the checksum that the device recorded ({}): \
                 changed or damaged since",
                numbers::size(contents.mismatched.bytes)
            )
        }))
    })
}

fn payload_read_error(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let contents = contents(evidence)?;
        if contents.unreadable.count == 0 {
            return Ok(nothing_in(contents));
        }
        Ok(files::found(&contents.unreadable, |files| {
            format!(
                "{files} could not be read to the end, in two tries ({}): the disk may be failing",
                numbers::size(contents.unreadable.bytes)
            )
        }))
    })
}

fn content_changed(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let contents = contents(evidence)?;
        if contents.changed.count > 0 {
            return Ok(files::found(&contents.changed, |files| {
                format!(
                    "{files} changed in content but not in size and time since an earlier run ({}): \
                     this is how a disk that loses data looks",
                    numbers::size(contents.changed.bytes)
                )
            }));
        }
        Ok(
            if contents.remembered.files > 0 || contents.read.files == 0 {
                nothing_in(contents)
            } else {
                Outcome::LeftOut("nothing is remembered of earlier runs".to_owned())
            },
        )
    })
}

fn padding_invalid(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let contents = contents(evidence)?;
        if evidence.metadata.encrypted() == Some(false) {
            return Ok(Outcome::Passed);
        }
        evidence.takes_password()?;
        if contents.padding.count > 0 {
            return Ok(files::found(&contents.padding, |files| {
                format!(
                    "The padding of {files} is invalid when decrypted ({}): written by another tool, or \
                     damaged",
                    numbers::size(contents.padding.bytes)
                )
            }));
        }
        // The payloads of a database whose rows are not read have keys that nobody knows.
        let keyless = evidence.open_listing()?.keyless.count;
        let no_key = |count| format!("no key opens {}", numbers::counted(count, "file", "files"));
        if contents.without_key.files > 0 {
            return Ok(Outcome::Skipped(no_key(contents.without_key.files)));
        }
        if keyless > 0 {
            return Ok(Outcome::LeftOut(no_key(keyless)));
        }
        Ok(nothing_in(contents))
    })
}

fn app_database_damaged(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let contents = contents(evidence)?;
        if evidence.metadata.encrypted() != Some(false) {
            evidence.takes_password()?;
        }
        let databases = contents.databases.iter();
        let damaged: Vec<_> = databases
            .clone()
            .filter_map(|database| match &database.state {
                DatabaseState::Damaged(why) => Some((database, why)),
                _ => None,
            })
            .collect();
        let Some((first, why)) = damaged.first() else {
            let unjudged = databases.filter_map(|database| match &database.state {
                DatabaseState::Unjudged(why) | DatabaseState::Unreadable(why) => {
                    Some(format!("{}: {why}", database.name))
                }
                _ => None,
            });
            let unjudged: Vec<_> = unjudged.collect();
            return Ok(match unjudged.as_slice() {
                [] => nothing_in(contents),
                whys => Outcome::LeftOut(whys.join("; ")),
            });
        };
        let (others, have) = match damaged.len() - 1 {
            0 => (String::new(), "has"),
            more => {
                let more = numbers::counted(more as u64, "other", "others");
                (format!(" and {more}"), "have")
            }
        };
        let example = |(database, _): &(&AppDatabase, &String)| Example {
            file_id: Some(database.id.to_string()),
            bytes: Some(database.bytes),
            ..Example::default()
        };
        Ok(Outcome::Failed(Details {
            count: damaged.len() as u64,
            bytes: damaged
                .iter()
                .map(|(database, _)| database.bytes)
                .fold(0, u64::saturating_add),
            message: format!(
                "The database of {}{others} {have} faults inside: {why}",
                first.name
            ),
            unnamed: None,
            examples: damaged.iter().map(example).collect(),
            hint: None,
        }))
    })
}
