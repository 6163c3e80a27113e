//! Whether mending is offered for a backup that a scan looked at. `mend --plan` looks more closely.

use std::collections::HashSet;

use crate::model::{Comparison, Effect, MendOffer, Verdict};
use crate::verify::files::{FILE_MISSING, PAYLOAD_IN_CLOUD, PAYLOAD_NOT_A_FILE};

use super::cured::OF_ROWS;
use super::decide::{Seen, decide};

/// What mending seems to do for a backup; nothing where it would be refused, or where there is nothing to mend.
/// `elsewhere` of the payloads that are missing lie elsewhere in its folder.
pub fn offer(seen: Seen<'_>, elsewhere: u64) -> Option<MendOffer> {
    let report = seen.report;
    // The others are whole, or nobody knows.
    if !matches!(report.verdict, Verdict::Corrupt | Verdict::Incomplete) {
        return None;
    }
    // One row is enough to say that there are some.
    decide(seen, 1).ok().flatten()?;
    let mut findings = report.findings.iter();
    // What a cloud holds is to be downloaded first.
    let waits = findings
        .any(|finding| finding.id == PAYLOAD_IN_CLOUD.id && finding.effect != Effect::Nothing);
    let in_place = report.domains.iter().map(|domain| domain.files);
    let in_place = in_place.fold(0, u64::saturating_add);
    // Of the others there is no file among those.
    let goes = report.findings.iter().filter(|finding| {
        let is_no_file = [FILE_MISSING.id, PAYLOAD_NOT_A_FILE.id].contains(&finding.id);
        OF_ROWS.contains(&finding.id) && !is_no_file
    });
    let goes = goes.map(|finding| finding.count);
    let stays = in_place.saturating_sub(goes.fold(0, u64::saturating_add));
    (!waits && stays.saturating_add(elsewhere) > 0).then_some(MendOffer { elsewhere })
}

/// How many of the payloads that are missing lie elsewhere in the folder under their names, as far as these were kept.
pub fn elsewhere(comparison: &Comparison) -> u64 {
    let strays = comparison.strays.payloads.iter();
    let strays: HashSet<u64> = strays.map(|(id, _)| id.prefix()).collect();
    if strays.is_empty() {
        return 0;
    }
    let missing = comparison.missing_ids.iter();
    missing.filter(|id| strays.contains(id)).count() as u64
}
