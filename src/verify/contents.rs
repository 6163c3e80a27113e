//! What only reading the payloads can tell. No level that can be asked for reads them yet; these rows
//! make every report say so.

use crate::model::{Effect, Level, Severity};

use super::{BACK_UP_AGAIN, Check, Explanation, Outcome};

pub(super) const CHECKS: &[Check] = &[
    unread(
        "digest-mismatch",
        Severity::Error,
        Effect::Corrupt,
        Explanation {
            meaning: "The bytes of a stored file do not match the checksum that the device \
                      recorded for it. The file was changed or damaged after the device read it.",
            certainty: "A fact: another checksum means other bytes. Only part of the files have \
                        one; photos, app data and attachments have none.",
            source: "The device compares the same checksums during a restore and refuses with \
                     error 205, 'Digest didn't match for some files'. Users met it after editing \
                     files by hand; an earlier version of one tool could also write such files \
                     itself.",
            action: BACK_UP_AGAIN,
        },
    ),
    unread(
        "payload-read-error",
        Severity::Error,
        Effect::Corrupt,
        Explanation {
            meaning: "The disk could not deliver a stored file to its end, in two tries. The \
                      disk, its cable or its file system may be failing.",
            certainty: "That reading failed twice is a fact. Whether the disk or the connection \
                        is to blame cannot be told.",
            source: "This is the answer of the computer's own system, not of Apple's backup \
                     software. A restore would have to read the same bytes.",
            action: "Copy what can be read of this backup to another disk now.\n\
                     Check the disk (Mac: Disk Utility > First Aid).\n\
                     Back up the device again to a disk in good order, and keep the old backup \
                     until the new one is complete.",
        },
    ),
    unread(
        "content-changed",
        Severity::Error,
        Effect::Corrupt,
        Explanation {
            meaning: "A stored file has the same size and time as in an earlier run of bkscan, \
                      but other bytes. This is how a disk that loses data looks.",
            certainty: "That the bytes differ is a fact, read twice. That nobody changed them on \
                        purpose is a judgement: a program that writes a file normally changes \
                        its time too.",
            source: "bkscan keeps its own record of what it read in earlier runs. Apple's format \
                     has no checksum for most files, so the device may not notice.",
            action: "Copy this backup to another disk.\n\
                     Check the disk it was on (Mac: Disk Utility > First Aid).\n\
                     Back up the device again to a disk in good order, and keep the old backup \
                     until the new one is complete.",
        },
    ),
    unread(
        "padding-invalid",
        Severity::Warning,
        Effect::Nothing,
        Explanation {
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
    ),
    unread(
        "app-database-damaged",
        Severity::Warning,
        Effect::Nothing,
        Explanation {
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
    ),
];

const fn unread(
    id: &'static str,
    severity: Severity,
    effect: Effect,
    explanation: Explanation,
) -> Check {
    Check {
        id,
        severity,
        effect,
        level: Level::Contents,
        explanation,
        run: |_| Outcome::Skipped("payloads were not read".to_owned()),
    }
}
