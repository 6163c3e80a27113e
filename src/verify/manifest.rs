//! The manifest itself: is it there, can it be read, do its rows make sense (F§7, F§12).

use crate::human;
use crate::model::{Effect, Level, Manifest, OddRows, Severity};

use super::{Check, Details, Evidence, Outcome, run};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "manifest-missing",
        severity: Severity::Error,
        effect: Effect::Incomplete,
        level: Level::Quick,
        run: manifest_missing,
    },
    Check {
        id: "manifest-unreadable",
        severity: Severity::Error,
        effect: Effect::Corrupt,
        level: Level::Quick,
        run: manifest_unreadable,
    },
    Check {
        id: "manifest-damaged",
        severity: Severity::Error,
        effect: Effect::Corrupt,
        level: Level::Standard,
        run: manifest_damaged,
    },
    Check {
        id: "record-undecodable",
        severity: Severity::Note,
        effect: Effect::Nothing,
        level: Level::Standard,
        run: record_undecodable,
    },
    Check {
        id: "file-id-mismatch",
        severity: Severity::Note,
        effect: Effect::Nothing,
        level: Level::Standard,
        run: file_id_mismatch,
    },
    Check {
        id: "wal-present",
        severity: Severity::Note,
        effect: Effect::Nothing,
        level: Level::Quick,
        run: wal_present,
    },
    Check {
        id: "format-too-old",
        severity: Severity::Note,
        effect: Effect::Unverified,
        level: Level::Quick,
        run: format_too_old,
    },
];

/// The manifest's file name, for messages.
fn name(evidence: &Evidence<'_>) -> &'static str {
    evidence
        .metadata
        .manifest_file
        .map_or("Manifest.db", |(name, _)| name)
}

fn manifest_missing(evidence: &Evidence<'_>) -> Outcome {
    if evidence.is_too_old() {
        return Outcome::skipped("iOS 2 and 3 wrote another kind of manifest");
    }
    match evidence.manifest {
        Manifest::Missing => Outcome::fact(
            "There is no Manifest.db or Manifest.mbdb, or it is empty: nothing says which files \
             belong to the backup",
        ),
        Manifest::Denied(why) => Outcome::skipped(format!("it could not be opened: {why}")),
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
        Manifest::Denied(why) => Outcome::skipped(format!("it could not be opened: {why}")),
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
                human::counted(listing.counts.records, "row", "rows")
            )));
        }
        Ok(match &listing.unjudged {
            Some(why) => Outcome::skipped(why.clone()),
            None => Outcome::Passed,
        })
    })
}

fn odd_rows(rows: &OddRows, message: impl FnOnce(&str) -> String) -> Outcome {
    if rows.count == 0 {
        return Outcome::Passed;
    }
    Outcome::Failed(Details {
        count: rows.count,
        bytes: rows.bytes,
        message: message(&human::counted(rows.count, "record", "records")),
        examples: rows.examples.clone(),
        hint: None,
    })
}

fn record_undecodable(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        Ok(odd_rows(&evidence.open_listing()?.undecodable, |records| {
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
