//! The manifest itself: is it there, can it be read, do its rows make sense (F§7, F§12).

use crate::model::{Effect, EntryKind, Level, Manifest, ManifestFormat, OddRows, Severity};
use crate::words::numbers;

use super::check::{Check, Explanation, Likely, Run};
use super::evidence::Evidence;
use super::files::are;
use super::outcome::{Details, Outcome, run};
use super::remedy::{BACK_UP_AGAIN, COPY_OR_MOVE_IT, MOVE_IT_AWAY};
use super::state;

pub(super) const CHECKS: &[Check] = &[
    MANIFEST_MISSING,
    MANIFEST_UNREADABLE,
    MANIFEST_DAMAGED,
    INDEX_EMPTY,
    INDEX_SHORT,
    RECORD_UNDECODABLE,
    FILE_ID_MISMATCH,
    MANIFEST_MISNAMED,
    MANIFEST_UNPADDED,
    WAL_PRESENT,
    FORMAT_TOO_OLD,
];

pub(crate) const MANIFEST_MISSING: Check = Check {
    id: "manifest-missing",
    severity: Severity::Error,
    effect: Effect::Incomplete,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "The list of files is missing or empty. Nothing says which files belong to \
                  the backup, so Apple's software would not restore it. Stored files may \
                  still be there.",
        certainty: "That there is no Manifest.db or Manifest.mbdb with anything in it is a \
                    fact. Whether all files are there cannot be told without it.",
        source: "The device uploads the list after all files, so a run that stopped early \
                 has none; the device's own code then answers with error 204. An empty \
                 Manifest.db may also have been made by a program that opened the wrong \
                 folder.",
        action: COPY_OR_MOVE_IT.explained,
    },
    likely: Some(Likely::NO_BACKUP),
    of_never_finished: true,
    run: Run::Backup(manifest_missing),
    ..Check::USUAL
};

pub(crate) const MANIFEST_UNREADABLE: Check = Check {
    id: "manifest-unreadable",
    severity: Severity::Error,
    effect: Effect::Corrupt,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "The list of files is there but is not what it should be: no database, cut \
                  short, or without usable keys. Without it nobody can tell which stored \
                  file is what.",
        certainty: "A fact about the bytes on the disk. How it happened cannot be told; \
                    where only bkscan's own reader has a limit, the report says 'not \
                    checked' instead.",
        source: "The device's own code answers an unreadable list with error 205, or 16 for \
                 a fault of the database. An encrypted list has a length that is a multiple \
                 of 16, like everything encrypted in this format.",
        action: MOVE_IT_AWAY.explained,
    },
    likely: Some(Likely::REFUSED),
    device_refuses: true,
    blocks_next_run: true,
    run: Run::Backup(manifest_unreadable),
    ..Check::USUAL
};

pub(crate) const MANIFEST_DAMAGED: Check = Check {
    id: "manifest-damaged",
    severity: Severity::Error,
    effect: Effect::Corrupt,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "The list of files has faults inside, or rows that cannot be read. What the \
                  readable rows list was still checked; the rest is unknown.",
        certainty: "A fact: SQLite's own check found it, on a private copy if unsaved \
                    changes lay beside the list. Which files the unreadable rows named \
                    cannot be told.",
        source: "The list is an SQLite database. The device's own code has error 16 for a \
                 fault of the database and 205 for a corrupt backup.",
        action: BACK_UP_AGAIN.explained,
    },
    likely: Some(Likely::REFUSED),
    device_refuses: true,
    run: Run::Backup(manifest_damaged),
    ..Check::USUAL
};

pub(crate) const INDEX_EMPTY: Check = Check {
    id: "index-empty",
    severity: Severity::Error,
    effect: Effect::Corrupt,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "The list of files can be read and lists no file. A restore would bring \
                  nothing back, whatever else lies in the folder.",
        certainty: "A fact: every entry of the list was read. How it lost the others cannot \
                    be told.",
        source: "Each entry says whether it needs a file, by the device's own rule; in a \
                 real backup of iOS 14.3 about a third do. No device makes a finished backup \
                 without a file.",
        action: BACK_UP_AGAIN.explained,
    },
    run: Run::Backup(index_empty),
    ..Check::USUAL
};

pub(crate) const INDEX_SHORT: Check = Check {
    id: "index-short",
    severity: Severity::Warning,
    effect: Effect::Unverified,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "The list of files does not seem to be the whole one: it was cut, made \
                  shorter by a tool, or belongs to another backup. What it does not list, \
                  a restore does not bring back.",
        certainty: "A judgement. That most stored files are not listed, or that no domain \
                    has an entry for its own folder, is a fact; a finished backup of a \
                    device shows neither.",
        source: "In a real backup of iOS 14.3 each of 562 domains has such an entry. A tool \
                 that reduces backups to some domains leaves out these entries (its public \
                 code). Files that are not listed are few in healthy backups, and a later \
                 run of the device removes them.",
        action: "Keep this folder and every older backup of the device.\n\
                 If this folder is a copy, or a tool worked on it, look for the original.\n\
                 Else back up the device again: connect it by cable, Finder > General > Back \
                 Up Now (Windows: Apple Devices or iTunes).",
    },
    run: Run::Backup(index_short),
    ..Check::USUAL
};

pub(crate) const RECORD_UNDECODABLE: Check = Check {
    id: "record-undecodable",
    severity: Severity::Note,
    effect: Effect::Nothing,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "Some entries of the file list could not be decoded. Their files were \
                  looked for all the same, but not their size or checksum.",
        certainty: "That bkscan cannot decode them is a fact. It is no sign of damage: the \
                    entries may have a form that bkscan does not know.",
        source: "Each entry holds a small archive called MBFile; public readers report \
                 several forms of it. The device's own check for missing files does not need \
                 its sizes or checksums.",
        action: "Nothing needs to be done for the backup.\n\
                 If it is many entries and a new iOS, update bkscan.",
    },
    run: Run::Backup(record_undecodable),
    ..Check::USUAL
};

pub(crate) const FILE_ID_MISMATCH: Check = Check {
    id: "file-id-mismatch",
    severity: Severity::Note,
    effect: Effect::Nothing,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "Some stored files have a name that does not follow from their path, as it \
                  should. The file list counts, so they were looked for under the name it \
                  gives.",
        certainty: "A hint at most. Names with accents can be spelt in several ways; bkscan \
                    tries all of them before it says so.",
        source: "The name is the SHA-1 of domain and path in the device's own code and in \
                 six public readers. All 3,721 entries of a real iOS 14.3 backup follow the \
                 rule, but no accented name was among them.",
        action: "Nothing needs to be done for the backup.\n\
                 See which files they are: bkscan show BACKUP.",
    },
    run: Run::Backup(file_id_mismatch),
    ..Check::USUAL
};

pub(crate) const WAL_PRESENT: Check = Check {
    id: "wal-present",
    severity: Severity::Note,
    effect: Effect::Nothing,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "Side files of a database (Manifest.db-wal, Manifest.db-shm) lie beside the \
                  file list. Some program opened the list here. The backup itself is not \
                  affected.",
        certainty: "That they lie there is a fact. Which program left them cannot be told.",
        source: "The device uploads Manifest.db alone. The side files were seen in otherwise \
                 healthy backups, on a Mac and on Windows.",
        action: "Nothing needs to be done for the backup.\n\
                 Let other programs work on a copy of the backup.",
    },
    run: Run::Backup(wal_present),
    ..Check::USUAL
};

pub(crate) const FORMAT_TOO_OLD: Check = Check {
    id: "format-too-old",
    severity: Severity::Note,
    effect: Effect::Unverified,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "This backup was written by iOS 2 or 3. Its format is too old to check.",
        certainty: "What the format is can be told from its file names. Nothing is said \
                    about whether the backup is whole.",
        source: "Up to iOS 3 each stored file came as .mdinfo and .mddata, or as .mdbackup \
                 (known from public tools). Later versions have one list of all files.",
        action: "Keep it while it may be the only copy of something you want.",
    },
    run: Run::Backup(format_too_old),
    ..Check::USUAL
};

pub(crate) const MANIFEST_MISNAMED: Check = Check {
    id: "manifest-misnamed",
    severity: Severity::Note,
    effect: Effect::Nothing,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "The list of files is one of iOS 9 or earlier, which is called Manifest.mbdb, but lies \
                  under the name Manifest.db. bkscan reads it as what it is.",
        certainty: "A fact: such a list begins with the letters mbdb. Who named it so cannot be told; \
                    people do it to make other programs open an old backup.",
        source: "Public reports of owners who renamed or copied the list. Apple's software looks for \
                 Manifest.mbdb in backups of this age.",
        action: "To restore from it, give a copy of the folder the right name: copy Manifest.db to \
                 Manifest.mbdb there.\n\
                 Nothing else has to be done.",
    },
    run: Run::Backup(|evidence| {
        Outcome::fact_if(evidence.metadata.is_misnamed, || {
            let counts = match evidence.metadata.manifest_file {
                Some((_, ManifestFormat::Mbdb)) if name(evidence).ends_with(".db") => {
                    "it was read as what it is"
                }
                _ => "Manifest.mbdb beside it was read instead",
            };
            format!("Manifest.db is a list of iOS 9 or earlier, a Manifest.mbdb; {counts}")
        })
    }),
    ..Check::USUAL
};

pub(crate) const MANIFEST_UNPADDED: Check = Check {
    id: "manifest-unpadded",
    severity: Severity::Note,
    effect: Effect::Nothing,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "The encrypted list of files ends without padding. The content is not affected, but \
                  Finder may refuse the backup.",
        certainty: "That the padding is not there can be told from the length. That Finder refuses such a \
                    list rests on a few reports of backups that a tool had encrypted anew.",
        source: "A device pads what it encrypts by 1 to 16 bytes, and a database is as long as its pages: a \
                 list with padding is 16 bytes longer (three public reports).",
        action: "If a tool changed this backup, keep the original or make it anew with that tool.\n\
                 Else back up the device again: Finder > General > Back Up Now (Windows: Apple Devices or \
                 iTunes).",
    },
    run: Run::Backup(manifest_unpadded),
    ..Check::USUAL
};

fn manifest_unpadded(evidence: &Evidence<'_>) -> Outcome {
    /// The least that a page of SQLite has; the length of a database is a multiple of it.
    const LEAST_PAGE: u64 = 512;
    let metadata = evidence.metadata;
    let Some((name, ManifestFormat::Sqlite)) = metadata.manifest_file else {
        return Outcome::Passed;
    };
    let is_sealed = match evidence.manifest {
        Manifest::Locked => true,
        manifest => manifest.listing().is_some_and(|listing| !listing.opaque),
    };
    let mut stamps = metadata.stamps.iter();
    let size = stamps
        .find(|stamp| stamp.name == name)
        .map_or(0, |stamp| stamp.size);
    let is_encrypted = metadata.encrypted() == Some(true) && is_sealed;
    Outcome::fact_if(
        is_encrypted && size > 0 && size.is_multiple_of(LEAST_PAGE),
        || {
            format!(
                "{name} is encrypted without padding: the content is not affected, but Finder may refuse it"
            )
        },
    )
}

/// The manifest's file name, for messages.
fn name(evidence: &Evidence<'_>) -> &'static str {
    evidence
        .metadata
        .manifest_file
        .map_or("Manifest.db", |(name, _)| name)
}

/// Whether a list lies there with 0 bytes, and no other.
pub(super) fn has_empty_list(evidence: &Evidence<'_>) -> bool {
    let mut top = evidence.inventory.top.iter();
    matches!(evidence.manifest, Manifest::Missing)
        && top.any(|entry| {
            ["Manifest.db", "Manifest.mbdb"].contains(&entry.name.as_str())
                && entry.kind == EntryKind::File
        })
}

fn manifest_missing(evidence: &Evidence<'_>) -> Outcome {
    if evidence.is_too_old() {
        return Outcome::skipped("iOS 2 and 3 wrote another kind of manifest");
    }
    match evidence.manifest {
        Manifest::Missing => {
            let here = match evidence.inventory.payloads_anywhere {
                0 => String::new(),
                files => format!(
                    "; {} of a backup {} here all the same",
                    numbers::counted(files, "file", "files"),
                    if files == 1 { "is" } else { "are" }
                ),
            };
            Outcome::fact(match has_empty_list(evidence) {
                true => format!(
                    "The list of files has 0 bytes: nothing says which files belong to the backup, and \
                     every further run into this folder fails (error 205) until it is renamed or moved \
                     away{here}"
                ),
                false => format!(
                    "There is no Manifest.db or Manifest.mbdb: nothing says which files belong to the \
                     backup{here}"
                ),
            })
        }
        Manifest::Denied(why) => {
            let name = name(evidence);
            Outcome::skipped(format!("{name} could not be opened: {why}"))
        }
        _ => Outcome::Passed,
    }
}

fn manifest_unreadable(evidence: &Evidence<'_>) -> Outcome {
    let name = name(evidence);
    match evidence.manifest {
        Manifest::Unreadable(why) | Manifest::Cut(_, why) => {
            Outcome::fact(format!("{name} cannot be read: {why}"))
        }
        Manifest::BeyondReader(why) => {
            Outcome::skipped(format!("bkscan cannot read {name}: {why}"))
        }
        Manifest::Denied(why) => Outcome::skipped(format!("{name} could not be opened: {why}")),
        Manifest::Missing => Outcome::skipped("there is no manifest"),
        Manifest::Locked | Manifest::HeaderOnly | Manifest::Listed(_) => Outcome::Passed,
    }
}

fn manifest_damaged(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let listing = evidence.database()?;
        let name = name(evidence);
        if let Some(first) = listing.damage.first() {
            return Ok(Outcome::fact(format!(
                "{name} is damaged: {first}; {} could be read",
                numbers::counted(listing.counts.records, "row", "rows")
            )));
        }
        Ok(match &listing.unjudged {
            Some(why) => Outcome::skipped(why.clone()),
            None => Outcome::Passed,
        })
    })
}

fn index_empty(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        if !state::is_finished(evidence)? {
            return Ok(Outcome::Passed);
        }
        let listing = evidence.whole_listing()?;
        let required: u64 = listing.domains.iter().map(|domain| domain.required).sum();
        Ok(Outcome::fact_if(required == 0, || {
            let name = name(evidence);
            let rows = numbers::counted(listing.counts.records, "row", "rows");
            let (count, bytes) = evidence.comparison.unlisted;
            let files = numbers::counted(count, "file", "files");
            let size = numbers::size(bytes);
            let unlisted = match count {
                0 => String::new(),
                1 => format!("; {files} ({size}) lies here that it does not list"),
                _ => format!("; {files} ({size}) lie here that it does not list"),
            };
            format!("{name} has {rows} and lists no file to restore{unlisted}")
        }))
    })
}

/// From so many rows on a list without a domain's own folder is not one of a device.
const MANY_ROWS: u64 = 20;

fn index_short(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        if !state::is_finished(evidence)? {
            return Ok(Outcome::Passed);
        }
        let listing = evidence.whole_listing()?;
        let compared = evidence.comparison;
        let listed: u64 = compared.by_domain.values().map(|(files, _)| files).sum();
        let unlisted = &compared.orphans;
        let is_database = (evidence.metadata.manifest_file)
            .is_some_and(|(_, format)| format == ManifestFormat::Sqlite);
        let records = listing.counts.records;
        let mut signs = Vec::new();
        if unlisted.count > listed {
            signs.push(format!(
                "{} of {} here ({}) {} not listed",
                numbers::count(unlisted.count),
                numbers::counted(unlisted.count + listed, "file", "files"),
                numbers::size(unlisted.bytes),
                are(unlisted.count)
            ));
        }
        if is_database && records >= MANY_ROWS && listing.domain_roots == 0 {
            signs.push(format!(
                "none of {} is for a domain's own folder",
                numbers::counted(records, "row", "rows")
            ));
        }
        if signs.is_empty() {
            return Ok(Outcome::Passed);
        }
        let is_most = unlisted.count > listed;
        Ok(Outcome::Failed(Details {
            count: if is_most { unlisted.count } else { 1 },
            bytes: if is_most { unlisted.bytes } else { 0 },
            message: format!(
                "{} does not seem to be the whole list of this backup: {}; it was cut, made shorter by \
                 a tool, or is that of another backup",
                name(evidence),
                signs.join(", and ")
            ),
            ..Details::default()
        }))
    })
}

pub(super) fn odd_rows(rows: &OddRows, message: impl FnOnce(&str) -> String) -> Outcome {
    if rows.count == 0 {
        return Outcome::Passed;
    }
    Outcome::Failed(Details {
        count: rows.count,
        bytes: rows.bytes,
        message: message(&numbers::counted(rows.count, "record", "records")),
        unnamed: None,
        examples: rows.first.clone(),
        hint: None,
    })
}

fn record_undecodable(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        let listing = evidence.open_listing()?;
        if evidence.is_open() && listing.keyless.count > 0 && listing.undecodable.count == 0 {
            return Ok(odd_rows(&listing.keyless, |records| {
                format!(
                    "There is no usable key in {records} of the manifest; the files were looked for all \
                     the same, but nobody can decrypt them"
                )
            }));
        }
        Ok(odd_rows(&listing.undecodable, |records| {
            format!(
                "{records} in the manifest could not be decoded; the files were looked for all \
                 the same, but not their sizes"
            )
        }))
    })
}

fn file_id_mismatch(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        Ok(odd_rows(
            &evidence.open_listing()?.mismatched_ids,
            |records| format!("The name of {records} is not the hash of domain and path"),
        ))
    })
}

fn wal_present(evidence: &Evidence<'_>) -> Outcome {
    let side_files = &evidence.metadata.side_files;
    Outcome::fact_if(!side_files.is_empty(), || {
        let verb = if side_files.len() == 1 { "lies" } else { "lie" };
        format!(
            "{} {verb} beside the manifest: some program opened it here",
            side_files.join(" and ")
        )
    })
}

fn format_too_old(evidence: &Evidence<'_>) -> Outcome {
    Outcome::fact_if(evidence.is_too_old(), || {
        "Written by iOS 2 or 3, in a format too old to check".to_owned()
    })
}
