//! What the password came to (F§11.2).

use crate::model::{Access, Effect, Level, Severity};

use super::{Check, Explanation, Outcome};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "password-wrong",
    severity: Severity::Warning,
    effect: Effect::CouldNotCheck,
    level: Level::Standard,
    explanation: Explanation {
        meaning: "The password that was given does not open this backup. What is encrypted in it was \
                  not looked at; nothing is said against the backup.",
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
    run: |evidence| match evidence.access {
        Access::Wrong => Outcome::fact(
            "The password does not open this backup; what needs the password was not checked",
        ),
        Access::NotNeeded if evidence.metadata.encrypted().is_none() => {
            Outcome::LeftOut("Manifest.plist does not tell whether it is encrypted".to_owned())
        }
        Access::NotNeeded | Access::Open => Outcome::Passed,
        Access::NoPassword => Outcome::LeftOut("no password was given".to_owned()),
        Access::Unavailable(why) | Access::Refused(why) => Outcome::Skipped(why.clone()),
    },
}];
