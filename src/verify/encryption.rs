//! What the password came to, and the keys that it opens (F§11.2).

use crate::model::{Access, Effect, Level, Severity};
use crate::words::numbers;

use super::check::{Check, Explanation, Run};
use super::evidence::Evidence;
use super::manifest;
use super::outcome::{Outcome, run};
use super::remedy::BACK_UP_AGAIN;

pub(super) const CHECKS: &[Check] = &[PASSWORD_WRONG, KEY_INVALID];

pub(crate) const PASSWORD_WRONG: Check = Check {
    id: "password-wrong",
    severity: Severity::Warning,
    effect: Effect::NotOpened,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "The password that was given does not open this backup. It was judged as \
                  without one; nothing is said against the backup.",
        certainty: "A fact, with one exception: damage to the part of Manifest.plist that keys are \
                    derived with looks like a wrong password.",
        source: "The keys of a backup carry a check of their own (RFC 3394), which fails for all of \
                 them. The password is set on the device and belongs to the backup; it is not the \
                 passcode, nor that of the Apple Account.",
        action: "Try again: bkscan --ask-password. Mind the keyboard's layout and capital letters.\n\
                 On a Mac it may be in the keychain, under 'iOS Backup'.\n\
                 If it is lost: on the device, Settings > General > Transfer or Reset iPhone > Reset > \
                 Reset All Settings, then make a new backup and keep the old one.",
    },
    run: Run::Backup(|evidence| match evidence.access {
        Access::Wrong => Outcome::fact(
            "The password does not open this backup; what needs the password was not checked",
        ),
        Access::NotNeeded if evidence.metadata.encrypted().is_none() => {
            Outcome::LeftOut("Manifest.plist does not tell whether it is encrypted".to_owned())
        }
        Access::NotNeeded | Access::Open => Outcome::Passed,
        Access::NoPassword => Outcome::LeftOut("no password was given".to_owned()),
        Access::Unavailable(why) | Access::Refused(why) => Outcome::Skipped(why.clone()),
    }),
    ..Check::USUAL
};

pub(crate) const KEY_INVALID: Check = Check {
    id: "key-invalid",
    severity: Severity::Error,
    effect: Effect::Corrupt,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "The keys of some files do not open with the keys of this backup, although the password \
                  is right. Nobody can decrypt these files.",
        certainty: "A fact: each key carries a check of its own. How it came about cannot be told; files \
                    of an earlier run under other keys, the keys of another backup, and a damaged list \
                    look alike.",
        source: "The list holds a key for each file, wrapped with one of the keys that the password opens \
                 (RFC 3394). A first run that stopped, and a second one under new keys, can leave files \
                 that open with nothing (a blog of 2016 and three public readers).",
        action: BACK_UP_AGAIN.explained,
    },
    run: Run::Backup(key_invalid),
    ..Check::USUAL
};

fn key_invalid(evidence: &Evidence<'_>) -> Outcome {
    run(|| {
        if evidence.metadata.encrypted() == Some(false) {
            return Ok(Outcome::Passed);
        }
        evidence.takes_password()?;
        let listing = evidence.open_listing()?;
        let rows = &listing.invalid_keys;
        if rows.count > 0 {
            let size = numbers::size(rows.bytes);
            let files = numbers::counted(rows.count, "file", "files");
            let (key, does) = match rows.count {
                1 => ("The key", "does"),
                _ => ("The keys", "do"),
            };
            return Ok(manifest::odd_rows(rows, |_| {
                format!(
                    "{key} of {files} ({size}) {does} not open although the password is right: nobody can \
                     decrypt what they hold"
                )
            }));
        }
        let without: u64 = listing.keys_without_class.values().sum();
        if without == 0 {
            return Ok(Outcome::Passed);
        }
        let files = numbers::counted(without, "file", "files");
        let classes = listing.keys_without_class.keys();
        let classes: Vec<_> = classes.take(NAMED).map(u32::to_string).collect();
        Err(Outcome::skipped(format!(
            "the password opens no key for the protection class of {files} (class {})",
            classes.join(", ")
        )))
    })
}

/// How many protection classes a reason names; devices have four for files.
const NAMED: usize = 4;
