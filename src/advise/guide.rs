//! The eight steps of the guide: what helps anyone whose backup failed, and what was seen for each.

use std::borrow::Cow;

use crate::model::{Advice, Report};
use crate::system::System;

use super::undecided;

/// From how many devices on their older backups that hold more are told of in one piece of advice.
const MANY_DEVICES: usize = 3;

/// One step of the guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// 1 to 8.
    pub number: u8,
    /// What it is about.
    pub title: &'static str,
    /// What it means for anyone, whatever was seen here.
    pub general: &'static str,
}

/// The steps in their order.
pub const STEPS: [Step; 8] = [
    Step {
        number: 1,
        title: "Check storage space",
        general: "Delete old backups and what is not used any more, or back up less.",
    },
    Step {
        number: 2,
        title: "Use a stable connection",
        general: "Use a cable, or keep both on the same Wi-Fi network, until the backup is done.",
    },
    Step {
        number: 3,
        title: "Update iOS",
        general: "On the device: Settings > General > Software Update.",
    },
    Step {
        number: 4,
        title: "Restart the device",
        general: "Switch it off and on again: Settings > General > Shut Down.",
    },
    Step {
        number: 5,
        title: "Reset the network settings",
        general: "Saved Wi-Fi networks and passwords go: only where everything else failed.",
    },
    Step {
        number: 6,
        title: "Sign out of iCloud and in again",
        general: "Settings > your name > Sign Out; only for backups to iCloud.",
    },
    Step {
        number: 7,
        title: "Check Apple's services",
        general: "Only for backups to iCloud: see https://www.apple.com/support/systemstatus/.",
    },
    Step {
        number: 8,
        title: "Contact Apple Support",
        general: "If nothing else helped: https://getsupport.apple.com.",
    },
];

/// What was seen for a step, as the whole guide tells it: what holds for many devices once.
pub fn seen_for<'a>(step: &Step, report: &'a Report, system: System) -> Vec<Cow<'a, Advice>> {
    let items = report.advice.iter();
    let items: Vec<&Advice> = items.filter(|item| item.step == step.number).collect();
    let holds_more = |item: &&Advice| undecided::is_about_more(item, report);
    let first = items.iter().position(holds_more);
    let (more, rest): (Vec<&Advice>, Vec<&Advice>) =
        items.iter().partition(|item| holds_more(item));
    match first {
        Some(first) if more.len() >= MANY_DEVICES => {
            let mut told: Vec<Cow<'a, Advice>> = rest.into_iter().map(Cow::Borrowed).collect();
            told.insert(first, Cow::Owned(undecided::in_one(&more, report, system)));
            told
        }
        _ => items.into_iter().map(Cow::Borrowed).collect(),
    }
}
