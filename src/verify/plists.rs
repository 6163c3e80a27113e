//! The three property lists: are they there, can they be read, do they agree (F§4 to F§6).

use crate::model::{Document, Effect, Level, Severity, Udid};

use super::{Check, Evidence, Outcome};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "status-missing",
        severity: Severity::Error,
        effect: Effect::Incomplete,
        level: Level::Quick,
        run: |evidence| {
            if evidence.is_too_old() {
                return Outcome::skipped("iOS 2 and 3 wrote another kind of status");
            }
            missing(
                &evidence.metadata.status,
                false,
                "Status.plist is missing: nothing says that a backup ever finished here",
            )
        },
    },
    Check {
        id: "status-unreadable",
        severity: Severity::Error,
        effect: Effect::Incomplete,
        level: Level::Quick,
        run: |evidence| unreadable(&evidence.metadata.status, "Status.plist", true),
    },
    Check {
        id: "manifest-plist-missing",
        severity: Severity::Error,
        effect: Effect::Incomplete,
        level: Level::Quick,
        run: |evidence| {
            if evidence.is_too_old() {
                return Outcome::skipped("iOS 2 and 3 wrote another kind of manifest");
            }
            missing(
                &evidence.metadata.manifest_plist,
                true,
                "Manifest.plist is missing or empty: the backup cannot be restored without it",
            )
        },
    },
    Check {
        id: "manifest-plist-unreadable",
        severity: Severity::Error,
        effect: Effect::Corrupt,
        level: Level::Quick,
        run: |evidence| unreadable(&evidence.metadata.manifest_plist, "Manifest.plist", false),
    },
    Check {
        id: "info-missing",
        severity: Severity::Warning,
        effect: Effect::Nothing,
        level: Level::Quick,
        run: |evidence| {
            missing(
                &evidence.metadata.info,
                false,
                "Info.plist is missing: the content is not affected, but Finder and iTunes will \
                 probably not list the backup",
            )
        },
    },
    Check {
        id: "info-unreadable",
        severity: Severity::Warning,
        effect: Effect::Nothing,
        level: Level::Quick,
        run: |evidence| unreadable(&evidence.metadata.info, "Info.plist", true),
    },
    Check {
        id: "udid-mismatch",
        severity: Severity::Note,
        effect: Effect::Nothing,
        level: Level::Quick,
        run: udid_mismatch,
    },
    Check {
        id: "tool-made",
        severity: Severity::Note,
        effect: Effect::Nothing,
        level: Level::Quick,
        run: tool_made,
    },
];

/// `or_empty`: a file of 0 bytes counts as missing too.
fn missing<T>(document: &Document<T>, or_empty: bool, message: &str) -> Outcome {
    match document {
        Document::Absent => Outcome::fact(message),
        Document::Empty if or_empty => Outcome::fact(message),
        Document::Denied(why) => Outcome::skipped(format!("it could not be opened: {why}")),
        _ => Outcome::Passed,
    }
}

/// `or_empty`: a file of 0 bytes counts as unreadable (contract §4 rule 4).
fn unreadable<T>(document: &Document<T>, name: &str, or_empty: bool) -> Outcome {
    match document {
        Document::Unreadable(why) => Outcome::fact(format!("{name} cannot be read: {why}")),
        Document::Empty if or_empty => Outcome::fact(format!("{name} cannot be read: it is empty")),
        Document::BeyondReader(why) => {
            Outcome::skipped(format!("bkscan cannot read {name}: {why}"))
        }
        Document::Denied(why) => Outcome::skipped(format!("it could not be opened: {why}")),
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
    Outcome::fact_if(differ, || {
        let all: Vec<_> = named
            .iter()
            .map(|(place, udid)| format!("{place} {udid}"))
            .collect();
        format!(
            "The device's identifier is not the same everywhere: {}",
            all.join(", ")
        )
    })
}

/// The mark of "sparse restore" tools (F§12).
fn tool_made(evidence: &Evidence<'_>) -> Outcome {
    let Some(plist) = evidence.metadata.manifest_plist.value() else {
        return Outcome::Passed;
    };
    let status = evidence.metadata.status.value();
    let of_1970 = [plist.date, status.and_then(|status| status.date)]
        .into_iter()
        .flatten()
        .any(|date| date.strftime("%Y").to_string() == "1970");
    Outcome::fact_if(plist.lockdown.is_empty && of_1970, || {
        "Made by a tool, not a device's backup: it names no device and its date is 1970".to_owned()
    })
}
