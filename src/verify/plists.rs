//! The three property lists: are they there, can they be read, do they agree (F§4 to F§6).

use jiff::Timestamp;

use crate::model::{Effect, Level, PlistFile, Severity, Udid};
use crate::words::numbers;

use super::check::{Check, Explanation, Likely, Run};
use super::evidence::Evidence;
use super::outcome::Outcome;
use super::remedy::{COPY_IT, COPY_OR_MOVE_IT, MOVE_IT_AWAY};

pub(super) const CHECKS: &[Check] = &[
    STATUS_MISSING,
    STATUS_UNREADABLE,
    MANIFEST_PLIST_MISSING,
    MANIFEST_PLIST_UNREADABLE,
    INFO_MISSING,
    INFO_UNREADABLE,
    UDID_MISMATCH,
    TOOL_MADE,
];

pub(crate) const STATUS_MISSING: Check = Check {
    id: "status-missing",
    severity: Severity::Error,
    effect: Effect::Incomplete,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "Status.plist is not there. Nothing says that a backup ever finished here, \
                  so the backup counts as incomplete.",
        certainty: "That the file is missing is a fact. The rest may be whole: folders \
                    copied by hand, and backups from before iOS 4, look like this too.",
        source: "The device's own restore code refuses such a backup with error 204, 'No \
                 status exists in backup'.",
        action: COPY_IT.explained,
    },
    likely: Some(Likely::NO_BACKUP),
    run: Run::Backup(|evidence| {
        if evidence.is_too_old() {
            return Outcome::skipped("iOS 2 and 3 wrote another kind of status");
        }
        missing(
            &evidence.metadata.status,
            "Status.plist",
            false,
            "Status.plist is missing: nothing says that a backup ever finished here",
        )
    }),
    ..Check::USUAL
};

pub(crate) const STATUS_UNREADABLE: Check = Check {
    id: "status-unreadable",
    severity: Severity::Error,
    effect: Effect::Incomplete,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "Status.plist is there but cannot be read. Nothing says that a backup ever \
                  finished here, so the backup counts as incomplete.",
        certainty: "That the file cannot be read as a property list is a fact. The rest of \
                    the backup may be whole.",
        source: "The device's own code answers an unreadable status with error 205. Empty \
                 and cut-off property lists were reported after interrupted runs of \
                 third-party tools.",
        action: MOVE_IT_AWAY.explained,
    },
    likely: Some(Likely::REFUSED),
    blocks_next_run: true,
    run: Run::Backup(|evidence| unreadable(&evidence.metadata.status, "Status.plist", true)),
    ..Check::USUAL
};

pub(crate) const MANIFEST_PLIST_MISSING: Check = Check {
    id: "manifest-plist-missing",
    severity: Severity::Error,
    effect: Effect::Incomplete,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "Manifest.plist is missing or empty. It says what backup this is and holds \
                  the keys of an encrypted one. Apple's software would not restore the \
                  backup without it.",
        certainty: "That it is missing or empty is a fact. In an encrypted backup the files \
                    cannot be decrypted without it, even with the password.",
        source: "The device writes Manifest.plist near the end of a run, right before the \
                 file list, so a run that stopped early has none. Some tools create an empty \
                 one and a 'finished' status before the first file arrives (seen in public \
                 code).",
        action: COPY_OR_MOVE_IT.explained,
    },
    likely: Some(Likely::REFUSED),
    of_never_finished: true,
    run: Run::Backup(|evidence| {
        if evidence.is_too_old() {
            return Outcome::skipped("iOS 2 and 3 wrote another kind of manifest");
        }
        if matches!(evidence.metadata.manifest_plist, PlistFile::Empty) {
            let here = still_here(evidence);
            return Outcome::fact(format!(
                "Manifest.plist has 0 bytes: the backup cannot be restored without it, and every further run \
                 into this folder fails (error 205) until it is renamed or moved away{here}"
            ));
        }
        missing(
            &evidence.metadata.manifest_plist,
            "Manifest.plist",
            true,
            "Manifest.plist is missing: the backup cannot be restored without it",
        )
    }),
    ..Check::USUAL
};

pub(crate) const MANIFEST_PLIST_UNREADABLE: Check = Check {
    id: "manifest-plist-unreadable",
    severity: Severity::Error,
    effect: Effect::Corrupt,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "Manifest.plist is there but is not a property list. It says what backup \
                  this is and holds the keys of an encrypted one. Apple's software would not \
                  restore the backup without it.",
        certainty: "That it cannot be read is a fact. How it happened cannot be told; where \
                    only bkscan's own reader has a limit, the report says 'not checked' \
                    instead.",
        source: "The device's own code answers an unreadable manifest with error 205. Empty \
                 and cut-off property lists were reported after interrupted runs of \
                 third-party tools.",
        action: MOVE_IT_AWAY.explained,
    },
    likely: Some(Likely::REFUSED),
    device_refuses: true,
    blocks_next_run: true,
    run: Run::Backup(|evidence| {
        unreadable(&evidence.metadata.manifest_plist, "Manifest.plist", false)
    }),
    ..Check::USUAL
};

pub(crate) const INFO_MISSING: Check = Check {
    id: "info-missing",
    severity: Severity::Warning,
    effect: Effect::Nothing,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "Info.plist is not there. The content of the backup is not affected. Finder \
                  and iTunes will probably not list it.",
        certainty: "That the file is missing is a fact. That Finder then does not list the \
                    backup rests on a single report.",
        source: "The device's own code goes on without this file. The tools idevicebackup2 \
                 and pymobiledevice3 refuse to restore without it (seen in public code).",
        action: "Back up the device again: the program that runs the backup writes a new \
                 Info.plist.\n\
                 If this folder is a copy, look for Info.plist in the original.\n\
                 If the device is gone, keep the folder as it is.",
    },
    run: Run::Backup(|evidence| {
        of_display(missing(
            &evidence.metadata.info,
            "Info.plist",
            false,
            "Info.plist is missing: the content is not affected, but Finder and iTunes will \
             probably not list the backup",
        ))
    }),
    ..Check::USUAL
};

pub(crate) const INFO_UNREADABLE: Check = Check {
    id: "info-unreadable",
    severity: Severity::Warning,
    effect: Effect::Nothing,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "Info.plist is there but cannot be read. The content of the backup is not \
                  affected. Finder and iTunes may not list it.",
        certainty: "That it cannot be read as a property list is a fact. What Finder does \
                    with such a backup is not known.",
        source: "The device reads only the iOS version from this file, and its own code goes \
                 on when it cannot get the file. Empty and cut-off property lists were \
                 reported after interrupted runs of third-party tools.",
        action: "Back up the device again: the program that runs the backup writes a new \
                 Info.plist.\n\
                 If this folder is a copy, look for Info.plist in the original.\n\
                 If the device is gone, keep the folder as it is.",
    },
    run: Run::Backup(|evidence| {
        of_display(unreadable(&evidence.metadata.info, "Info.plist", true))
    }),
    ..Check::USUAL
};

pub(crate) const UDID_MISMATCH: Check = Check {
    id: "udid-mismatch",
    severity: Severity::Note,
    effect: Effect::Nothing,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "The folder's name, Info.plist and Manifest.plist do not all name the same \
                  device. The folder may have been renamed, or have files of two backups in \
                  it.",
        certainty: "That the names differ is a fact. Where Info.plist and Manifest.plist agree, bkscan \
                    takes their word; else which of them is right cannot be told.",
        source: "The device writes its identifier into Manifest.plist; the program that runs \
                 the backup names the folder and writes Info.plist. Archived copies have a \
                 date in their name, which bkscan allows for.",
        action: "See which device each of them names: bkscan show BACKUP.\n\
                 Leave the folder as it is until you know whose backup it is.",
    },
    run: Run::Backup(udid_mismatch),
    ..Check::USUAL
};

pub(crate) const TOOL_MADE: Check = Check {
    id: "tool-made",
    severity: Severity::Note,
    effect: Effect::Unverified,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "A program seems to have made this folder, not a device. It has no date, no \
                  device or no run of its own, as every backup of a device has.",
        certainty: "A judgement: any one of these marks is enough. It is no damage, but the \
                    folder counts as no backup of a device.",
        source: "Tools that put single files on a device write folders like this one: dates \
                 of 1970, an identifier of zeros, or nothing about the device (seen in the \
                 public code of several). A device's own backup names the device and has the \
                 date of the run.",
        action: "Do not count this folder as a backup of your device.\n\
                 See what is in it: bkscan show BACKUP.\n\
                 Make sure that there is a real backup: Finder > General > Back Up Now \
                 (Windows: Apple Devices or iTunes).",
    },
    run: Run::Backup(tool_made),
    ..Check::USUAL
};

/// How many files of the backup can still be read, as the end of a sentence.
fn still_here(evidence: &Evidence<'_>) -> String {
    match evidence.inventory.payloads_anywhere {
        0 => String::new(),
        files => format!(
            "; {} here can still be read",
            numbers::counted(files, "file", "files")
        ),
    }
}

/// `or_empty`: a file of 0 bytes counts as missing too.
fn missing<T>(document: &PlistFile<T>, name: &str, or_empty: bool, message: &str) -> Outcome {
    match document {
        PlistFile::Absent => Outcome::fact(message),
        PlistFile::Empty if or_empty => Outcome::fact(message),
        PlistFile::Denied(why) => Outcome::skipped(format!("{name} could not be opened: {why}")),
        _ => Outcome::Passed,
    }
}

/// `or_empty`: a file of 0 bytes counts as unreadable (contract §4 rule 4).
/// Info.plist is for display: what bkscan cannot read of it takes nothing from the rest.
fn of_display(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Skipped(why) => Outcome::LeftOut(why),
        outcome => outcome,
    }
}

fn unreadable<T>(document: &PlistFile<T>, name: &str, or_empty: bool) -> Outcome {
    match document {
        PlistFile::Unreadable(why) => Outcome::fact(format!("{name} cannot be read: {why}")),
        PlistFile::Empty if or_empty => {
            Outcome::fact(format!("{name} cannot be read: it is empty"))
        }
        PlistFile::BeyondReader(why) => {
            Outcome::skipped(format!("bkscan cannot read {name}: {why}"))
        }
        PlistFile::Denied(why) => Outcome::skipped(format!("{name} could not be opened: {why}")),
        _ => Outcome::Passed,
    }
}

fn udid_mismatch(evidence: &Evidence<'_>) -> Outcome {
    let metadata = evidence.metadata;
    let named: Vec<(&str, &Udid)> = [
        ("the folder's name", metadata.named_udid.as_ref()),
        (
            "Info.plist",
            metadata.info.value().and_then(|info| info.udid.as_ref()),
        ),
        (
            "Manifest.plist",
            metadata
                .manifest_plist
                .value()
                .and_then(|plist| plist.lockdown.udid.as_ref()),
        ),
    ]
    .into_iter()
    .filter_map(|(place, udid)| Some((place, udid?)))
    .collect();
    let differ = named.windows(2).any(|pair| pair[0].1 != pair[1].1);
    if !differ {
        return Outcome::Passed;
    }
    let start = match (metadata.is_disputed, &metadata.udid) {
        (false, Some(_)) => {
            "The folder's name is that of another device, and the lists in it tell whose it is"
        }
        _ => "The device's identifier is not the same everywhere",
    };
    let tell = |word: &dyn Fn(&Udid) -> String| {
        let all: Vec<_> = named
            .iter()
            .map(|(place, udid)| format!("{place} {}", word(udid)))
            .collect();
        format!("{start}: {}", all.join(", "))
    };
    let number = |udid: &Udid| {
        let mut seen: Vec<&Udid> = named.iter().map(|(_, other)| *other).collect();
        seen.dedup();
        let first = seen.iter().position(|other| *other == udid);
        format!("identifier-{}", first.map_or(0, |position| position + 1))
    };
    Outcome::named_fact(tell(&ToString::to_string), tell(&number))
}

/// The marks of tools that make folders for partial restores (F§12, F§19a): any one of them is enough.
fn tool_made(evidence: &Evidence<'_>) -> Outcome {
    let metadata = evidence.metadata;
    let plist = metadata.manifest_plist.value();
    let status = metadata.status.value();
    let names_no_device = plist.is_some_and(|plist| plist.lockdown.is_empty);
    let dates = [
        plist.and_then(|plist| plist.date),
        status.and_then(|status| status.date),
    ];
    let uuid = status.and_then(|status| status.uuid.as_deref());
    let says_nothing = match &metadata.info {
        PlistFile::Absent | PlistFile::Empty => true,
        PlistFile::Read(info) => info.is_empty,
        _ => false,
    };
    let undated = plist.is_some_and(|plist| plist.date.is_none()) && says_nothing;
    let marks: Vec<&str> = [
        (names_no_device, "it names no device"),
        (
            dates.contains(&Some(Timestamp::UNIX_EPOCH)),
            "its date is 1970",
        ),
        (
            uuid.is_some_and(is_zeros),
            "the identifier of its run is all zeros",
        ),
        (undated, "it has no date, and Info.plist says nothing"),
    ]
    .into_iter()
    .filter_map(|(is_there, mark)| is_there.then_some(mark))
    .collect();
    Outcome::fact_if(!marks.is_empty(), || {
        format!(
            "Made by a tool, not a device's backup: {}",
            marks.join(", and ")
        )
    })
}

/// Whether a UUID is one of zeros alone, with dashes or without.
fn is_zeros(uuid: &str) -> bool {
    const DIGITS: usize = 32;
    uuid.chars().all(|letter| matches!(letter, '0' | '-')) && uuid.matches('0').count() == DIGITS
}
