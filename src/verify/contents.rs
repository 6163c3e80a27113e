//! What only reading the payloads can tell. Scans do not open payloads yet below level `contents`;
//! these rows make every report say so.

use crate::model::{Effect, Level, Severity};

use super::{Check, Outcome};

pub(super) const CHECKS: &[Check] = &[
    unread("digest-mismatch", Severity::Error, Effect::Corrupt),
    unread("payload-read-error", Severity::Error, Effect::Corrupt),
    unread("content-changed", Severity::Error, Effect::Corrupt),
    unread("padding-invalid", Severity::Warning, Effect::Nothing),
    unread("app-database-damaged", Severity::Warning, Effect::Nothing),
];

const fn unread(id: &'static str, severity: Severity, effect: Effect) -> Check {
    Check {
        id,
        severity,
        effect,
        level: Level::Contents,
        run: |_| Outcome::Skipped("payloads were not read".to_owned()),
    }
}
