//! What is wrong with a backup or a device: what is worth a paragraph, and with which symbol.

use crate::model::{BackupReport, Device, Effect, Finding, Report, Severity, Verdict};
use crate::render::printable::clean;
use crate::verify;
use crate::verify::files::ORPHAN_FILE;
use crate::verify::manifest::{INDEX_EMPTY, INDEX_SHORT};
use crate::verify::state::NEVER_FINISHED;

/// The findings of a backup that are worth a paragraph, worst first, and how bad they are; nothing
/// where there are only notes. Of a backup that is running, that it is; of one that could not be
/// looked at or opened, why, however small the finding itself.
pub fn serious(backup: &BackupReport) -> Option<(Severity, Vec<&Finding>)> {
    let wanted = |finding: &&Finding| match backup.verdict {
        _ if finding.effect == Effect::NotOpened => true,
        Verdict::InProgress => finding.effect == Effect::InProgress,
        Verdict::Unreadable if finding.effect == Effect::CouldNotCheck => true,
        _ => finding.severity > Severity::Note,
    };
    let mut findings: Vec<&Finding> = backup.findings.iter().filter(wanted).collect();
    let mut never = findings.iter();
    let never = never.find(|finding| finding.id == NEVER_FINISHED.id);
    if let Some(is_known) = never.map(|finding| finding.known) {
        let is_of_it = |id| verify::with_id(id).is_some_and(|check| check.of_never_finished);
        // What is new is told although the other one is known: the exit code counts it.
        findings.retain(|finding| !is_of_it(finding.id) || is_known && !finding.known);
    }
    let worst = findings.iter().map(|finding| finding.severity).max()?;
    let worst = match backup.is_closed() {
        true => worst.max(Severity::Warning),
        false => worst,
    };
    Some((worst, findings))
}

/// What the screen tells of a backup: what is serious, the notes that are named, and why not all could be
/// checked, where a note says it.
pub fn told(backup: &BackupReport) -> Option<(Severity, Vec<&Finding>)> {
    let has_no_list = [INDEX_EMPTY, INDEX_SHORT]
        .iter()
        .any(|check| backup.has(check.id));
    let is_named = |finding: &&Finding| match backup.verdict {
        Verdict::InProgress => false,
        Verdict::Unverified if finding.effect == Effect::Unverified => true,
        // The list that does not name them is told of.
        _ if finding.id == ORPHAN_FILE.id && has_no_list => false,
        _ => verify::with_id(finding.id)
            .is_some_and(|check| check.named.tells(finding.bytes, backup.usage.logical)),
    };
    let (worst, mut findings) = serious(backup).unwrap_or((Severity::Note, Vec::new()));
    let notes = backup.findings.iter().filter(is_named);
    findings.extend(notes.filter(|finding| finding.severity == Severity::Note));
    (!findings.is_empty()).then_some((worst, findings))
}

/// Why a backup is not complete where nothing that is `told` of it says so: the first of what should have been
/// checked. Not of a locked one, of which that is said by itself.
pub fn not_all<'a>(backup: &'a BackupReport, told: &[&Finding]) -> Option<&'a str> {
    let is_unsaid = backup.verdict == Verdict::Unverified
        && !backup.locked
        && (told.iter()).all(|finding| finding.effect != Effect::Unverified);
    let mut reasons = backup.not_checked.iter().filter(|left| left.expected);
    let reason = reasons.next().filter(|_| is_unsaid)?;
    Some(&reason.why)
}

/// The verdict whose symbol stands before what is wrong with a backup. One that counts as ok says
/// nothing of the trouble.
pub fn shown_as(backup: &BackupReport, worst: Severity) -> Verdict {
    match (counts_as_ok(backup), worst) {
        (false, _) | (true, Severity::Note) => backup.verdict,
        (true, Severity::Warning) => Verdict::Interrupted,
        (true, Severity::Error) => Verdict::Corrupt,
    }
}

/// Whether the verdict alone is no reason to worry.
pub fn counts_as_ok(backup: &BackupReport) -> bool {
    matches!(
        backup.verdict,
        Verdict::Complete | Verdict::Unverified | Verdict::InProgress
    )
}

/// What is wrong with a backup, as sentences.
pub fn sentences(findings: &[&Finding]) -> String {
    let sentences: Vec<String> = findings
        .iter()
        .map(|finding| clean(&finding.message) + ".")
        .collect();
    sentences.join(" ")
}

/// What was found about devices, each with its device.
pub fn of_devices(report: &Report) -> impl Iterator<Item = (&Device, &Finding)> {
    report.devices.iter().flat_map(|device| {
        let findings = device.findings.iter();
        findings.map(move |finding| (device, finding))
    })
}

/// What a device is called.
pub fn name_of(device: &Device) -> &str {
    device.name.as_deref().unwrap_or("A device without a name")
}

#[cfg(test)]
mod tests {
    use crate::plan::tests as cases;
    use crate::verify::manifest::MANIFEST_MISSING;

    use super::*;

    /// What belongs to a run that never finished is told with it, but for what is new while that is known.
    #[test]
    fn what_is_new_is_told_beside_a_run_that_never_finished() {
        for (never_known, missing_known, expected) in [
            (false, false, &[NEVER_FINISHED.id][..]),
            (true, true, &[NEVER_FINISHED.id]),
            (false, true, &[NEVER_FINISHED.id]),
            (true, false, &[NEVER_FINISHED.id, MANIFEST_MISSING.id]),
        ] {
            let mut backup = cases::backup("A incomplete 2026-11-20");
            let found = [
                (NEVER_FINISHED.id, never_known),
                (MANIFEST_MISSING.id, missing_known),
            ];
            backup.findings = found
                .map(|(id, known)| Finding {
                    known,
                    ..cases::finding(id, Severity::Error)
                })
                .into();
            let (_, told) = serious(&backup).unwrap();
            let told: Vec<&str> = told.iter().map(|finding| finding.id).collect();
            assert_eq!(told, expected, "{never_known} {missing_known}");
        }
    }
}
