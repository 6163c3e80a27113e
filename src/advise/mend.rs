//! Step 2, too: what `bkscan mend` can make of a backup that is damaged, after its folder was copied and the
//! device was backed up again.

use crate::mendable;
use crate::model::{Advice, BackupReport};
use crate::system::System;
use crate::verify::files::FILE_MISSING;
use crate::words::{numbers, shell};

use super::trouble::Trouble;

/// The id of this advice.
pub const ID: &str = "mend-copy";

/// What can be mended, where that is one backup: of several, each is told of by itself (`bkscan show`).
pub fn advise(troubles: &[Trouble<'_>], system: System) -> Option<Advice> {
    let can = |trouble: &&Trouble<'_>| !trouble.is_stale && trouble.backup().mending.is_some();
    let mut members = troubles.iter().filter(can);
    let (Some(one), None) = (members.next(), members.next()) else {
        return None;
    };
    let (report, backup) = (one.report, one.backup());
    let word = shell::word_to_show(report, backup);
    let lead = format!(
        "If there will be no newer backup, mend can make a consistent copy{}, in another folder; whether the \
         device takes it, only the device can say.",
        without(backup)
    );
    Some(Advice {
        step: 2,
        id: ID,
        title: format!("Mend a copy of {}", one.name()),
        seen: Vec::new(),
        text: vec![lead.clone()],
        short: lead.clone(),
        lead,
        bytes: None,
        command: Some(shell::mend_command(system, &word, &report.looked_with)),
        remark: Some("The plan, which writes nothing:"),
        backups: vec![one.index],
    })
}

/// What the copy would not have, as the end of a sentence.
fn without(backup: &BackupReport) -> String {
    let of_rows = || {
        let findings = backup.findings.iter();
        findings.filter(|finding| mendable::OF_ROWS.contains(&finding.id))
    };
    let elsewhere = backup.mending.map_or(0, |mending| mending.elsewhere);
    let count: u64 = of_rows().map(|finding| finding.count).sum();
    let count = count.saturating_sub(elsewhere);
    let all_missing = of_rows().all(|finding| finding.id == FILE_MISSING.id);
    match (count, all_missing) {
        (0, _) => String::new(),
        (1, true) => " without the file that is missing".to_owned(),
        (1, false) => " without the file that nobody can use".to_owned(),
        (count, true) => format!(" without the {} missing files", numbers::count(count)),
        (count, false) => format!(
            " without the {} files that are missing or that nobody can use",
            numbers::count(count)
        ),
    }
}
