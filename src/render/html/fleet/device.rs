//! What is kept of a device: its newest good backup, and what is wrong.

use jiff::Timestamp;

use crate::render::html::devices::model;
use crate::render::html::page::{Owner, Page, cut};
use crate::render::printable::clean;
use crate::report::document::{Backup, Finding};

use super::standing::Standing;

/// How many devices of a machine are told of. A machine with more has a page of its own for them.
const MOST_DEVICES: usize = 100;

/// How many findings of a device are told.
const MOST_FOUND: usize = 10;

/// The devices of a machine.
pub struct Devices {
    /// The first of them, worst first, then as on the machine's own page.
    pub first: Vec<Device>,
    /// How many more there are.
    pub more: usize,
    /// How many of these are in trouble.
    pub more_in_trouble: usize,
}

/// A device of a machine.
pub struct Device {
    pub name: String,
    pub model: Option<String>,
    /// Its newest good backup.
    pub good: Option<Dated>,
    /// Its newest backup, where that is another one.
    pub last: Option<Dated>,
    /// What is wrong with it and with its backups, the worst first.
    pub found: Vec<Found>,
    /// How many findings more.
    pub more_found: usize,
    pub standing: Standing,
}

/// A backup by its verdict and date.
pub struct Dated {
    pub verdict: String,
    pub at: Option<Timestamp>,
}

/// Something that is wrong.
pub struct Found {
    pub severity: String,
    pub id: String,
    pub message: String,
    /// The date of its backup, where it is of one that is not the newest.
    pub of: Option<Dated>,
}

impl Devices {
    /// Puts devices in their order.
    pub fn of(mut all: Vec<Device>) -> Devices {
        all.sort_by_key(|device| device.standing);
        let rest = all.split_off(all.len().min(MOST_DEVICES));
        Devices {
            first: all,
            more: rest.len(),
            more_in_trouble: rest.iter().filter(|device| device.is_in_trouble()).count(),
        }
    }

    /// How many there are.
    pub fn number(&self) -> u64 {
        (self.first.len() + self.more) as u64
    }

    /// How the worst one stands.
    pub fn worst(&self) -> Standing {
        let first = self.first.first();
        first.map_or(Standing::Well, |device| device.standing)
    }
}

impl Device {
    /// A device as a page of its own would tell of it.
    pub fn of(page: &Page<'_>, owner: &Owner) -> Device {
        let backups = &page.document.backups;
        let device = owner.device.map(|device| &page.document.devices[device]);
        let good = device.and_then(|device| page.find(device.newest_good.as_deref()?));
        let newest = owner.backups.first().copied();
        let is_newest = |index: usize| newest == Some(index);
        let of_device = device.into_iter().flat_map(|device| &device.findings);
        let of_device = of_device.map(|finding| (finding, None));
        let of_backups = owner.backups.iter().flat_map(|index| {
            let backup = &backups[*index];
            let of = (!is_newest(*index)).then_some(backup);
            backup.findings.iter().map(move |finding| (finding, of))
        });
        let mut wrong: Vec<(&Finding<'_>, Option<&Backup<'_>>)> = of_device
            .chain(of_backups)
            .filter(|(finding, _)| finding.severity != "note")
            .collect();
        wrong.sort_by_key(|(finding, _)| finding.severity != "error");
        let verdicts = owner.backups.iter().map(|index| &*backups[*index].verdict);
        let name = page.name(owner);
        Device {
            model: model(page, owner, &name),
            name,
            good: good.map(|index| Dated::of(&backups[index])),
            last: newest
                .filter(|index| good != Some(*index))
                .map(|index| Dated::of(&backups[index])),
            more_found: wrong.len().saturating_sub(MOST_FOUND),
            standing: standing(&wrong, verdicts),
            found: wrong.iter().take(MOST_FOUND).map(Found::of).collect(),
        }
    }

    /// Whether somebody should look at it.
    pub fn is_in_trouble(&self) -> bool {
        self.standing < Standing::Open
    }
}

impl Dated {
    fn of(backup: &Backup<'_>) -> Dated {
        Dated {
            verdict: cut(clean(&backup.verdict)),
            at: backup.last_backup.as_ref().map(|last| last.at),
        }
    }
}

impl Found {
    fn of((finding, backup): &(&Finding<'_>, Option<&Backup<'_>>)) -> Found {
        Found {
            severity: cut(clean(&finding.severity)),
            id: cut(clean(&finding.id)),
            message: cut(clean(&finding.message)),
            of: backup.map(Dated::of),
        }
    }
}

/// How a device stands with these findings and verdicts.
fn standing<'a>(
    wrong: &[(&Finding<'_>, Option<&Backup<'_>>)],
    verdicts: impl Iterator<Item = &'a str>,
) -> Standing {
    let of_verdicts = verdicts.map(|verdict| match verdict {
        "corrupt" | "incomplete" => Standing::Damaged,
        "unreadable" => Standing::Unseen,
        "interrupted" => Standing::Warned,
        "complete" => Standing::Well,
        _ => Standing::Open,
    });
    let of_findings = wrong.iter().map(|(finding, _)| match &*finding.severity {
        "error" => Standing::Damaged,
        _ => Standing::Warned,
    });
    of_verdicts
        .chain(of_findings)
        .min()
        .unwrap_or(Standing::Well)
}
