//! The kinds of findings, and what each does to the verdict.

use crate::model::{Effect, Severity};
use crate::verify::{self, Explanation, Run, verdict_of};

/// A kind of finding, and what it means.
pub(crate) struct Kind {
    pub(crate) id: &'static str,
    pub(crate) severity: Severity,
    /// What it does to the verdict, in words.
    pub(crate) consequence: String,
    pub(crate) explanation: &'static Explanation,
}

/// All kinds of findings: of backups, then of devices.
pub(crate) fn findings() -> impl Iterator<Item = Kind> {
    verify::all().map(|check| Kind {
        id: check.id,
        severity: check.severity,
        consequence: match check.run {
            Run::Backup(_) => consequence(check.effect),
            Run::Device(_) | Run::Elsewhere => "about a device".to_owned(),
        },
        explanation: &check.explanation,
    })
}

/// What a finding does to the verdict.
fn consequence(effect: Effect) -> String {
    match verdict_of(effect) {
        Some(verdict) => format!("makes a backup {}", verdict.as_str()),
        None => "does not change the verdict".to_owned(),
    }
}
