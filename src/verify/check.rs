//! What a check is: one row that says all about it.

use crate::model::{Effect, Finding, Level, Severity};

use super::evidence::{DeviceEvidence, Evidence};
use super::outcome::{Details, Outcome};

/// One check, and all that is known about it. Its constant is the only place where its id is written; to
/// add one, add a row and its function to the file of its theme, and its name to the list there.
pub struct Check {
    /// The id of its finding; never renamed or reused.
    pub id: &'static str,
    /// How bad the finding is.
    pub severity: Severity,
    /// What it does to the verdict of a backup.
    pub effect: Effect,
    /// The least level that can make the check.
    pub level: Level,
    /// What a finding of it is, in words for people.
    pub explanation: Explanation,
    /// What Apple's software has likely said about it, where that is known.
    pub likely: Option<Likely>,
    /// Whether the device itself would refuse to restore such a backup: it makes the check, too, or cannot
    /// go on without what is damaged.
    pub device_refuses: bool,
    /// Whether every further run into the folder fails until it is moved away.
    pub blocks_next_run: bool,
    /// Whether it is told like a warning although it is a note.
    pub named: Named,
    /// Whether a run that never finished lacks it anyway.
    pub of_never_finished: bool,
    /// What `--quiet` says, where it is about a device.
    pub told_of_device: Option<ToldOfDevice>,
    /// Makes the check.
    pub run: Run,
}

impl Check {
    /// What most rows leave as it is.
    pub(super) const USUAL: Check = Check {
        id: "",
        severity: Severity::Note,
        effect: Effect::Nothing,
        level: Level::Quick,
        explanation: Explanation {
            meaning: "",
            certainty: "",
            source: "",
            action: "",
        },
        likely: None,
        device_refuses: false,
        blocks_next_run: false,
        named: Named::No,
        of_never_finished: false,
        told_of_device: None,
        run: Run::Elsewhere,
    };

    /// What it says of what was found.
    pub(super) fn finding(&self, details: Details) -> Finding {
        let Details {
            count,
            bytes,
            message,
            unnamed,
            examples,
            hint,
        } = details;
        Finding {
            id: self.id,
            severity: self.severity,
            effect: self.effect,
            count,
            bytes,
            message,
            unnamed,
            examples,
            hint,
            known: false,
        }
    }
}

/// Whether a note is told like a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Only where all of a backup is told.
    No,
    /// Always: what it is about may be a loss.
    Always,
    /// Where it is about much of a backup: 100 MB, or a tenth of it.
    IfLarge,
}

impl Named {
    /// In bytes, whatever the backup takes.
    const LARGE: u64 = 100_000_000;

    /// Whether a note about so many `bytes` is told of a backup of `size` bytes.
    pub fn tells(self, bytes: u64, size: u64) -> bool {
        match self {
            Named::No => false,
            Named::Always => true,
            Named::IfLarge => bytes > 0 && (bytes >= Named::LARGE || bytes >= size / 10),
        }
    }
}

/// How a check is made.
#[derive(Clone, Copy)]
pub enum Run {
    /// By what is known of one backup.
    Backup(fn(&Evidence<'_>) -> Outcome),
    /// By what is known of all backups of a device.
    Device(fn(&DeviceEvidence<'_>) -> Option<Details>),
    /// By the history, which knows earlier runs.
    Elsewhere,
}

/// How `--quiet` tells of a device. `{device}` stands for its name, `{count}` for how many backups.
#[derive(Debug, PartialEq, Eq)]
pub struct ToldOfDevice {
    /// The headline.
    pub one: &'static str,
    /// The same where it is about several backups.
    pub several: &'static str,
    /// What to do first; begins with a space.
    pub advice: &'static str,
    /// The same where the device has no backup left.
    pub advice_without_any: &'static str,
    /// The command that shows more.
    pub command: Option<&'static str>,
}

impl ToldOfDevice {
    /// No words.
    pub const NOTHING: ToldOfDevice = ToldOfDevice::with("");

    /// A headline, whatever the count, and nothing else.
    pub(super) const fn with(headline: &'static str) -> ToldOfDevice {
        ToldOfDevice {
            one: headline,
            several: headline,
            advice: "",
            advice_without_any: "",
            command: None,
        }
    }
}

/// What Apple's software has likely said (F§16). Which message goes with which code is inferred, not
/// documented, so texts say "likely".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Likely {
    /// What Finder or iTunes shows.
    pub message: &'static str,
    /// The device's own code.
    pub code: &'static str,
}

impl Likely {
    /// A run that stopped.
    pub(super) const STOPPED: Likely = Likely {
        message: "\"the iPhone disconnected\" or \"the backup session failed\"",
        code: "MBErrorDomain/103, 104 or 202",
    };
    /// A backup that is refused.
    pub(super) const REFUSED: Likely = Likely {
        message: "\"the backup was corrupt or not compatible\"",
        code: "MBErrorDomain/205",
    };
    /// A folder in which there is no backup for the device.
    pub(super) const NO_BACKUP: Likely = Likely {
        message: "\"the backup was corrupt or not compatible\"",
        code: "MBErrorDomain/204",
    };
    /// A run that did not begin.
    pub(super) const NOT_STARTED: Likely = Likely {
        message: "nothing, or that the passcode was not entered",
        code: "MBErrorDomain/208",
    };
    /// A run that stopped where the disk is full.
    pub const DISK_FULL: Likely = Likely {
        message: "\"not enough free space is available on this computer\"",
        code: "MBErrorDomain/105",
    };
}

/// What a finding or a verdict is, in words for people. Plain ASCII, whole sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What it means; the first sentence stands alone in lists.
    pub meaning: &'static str,
    /// How sure it is: fact, judgement or hint, and what it cannot tell.
    pub certainty: &'static str,
    /// What it rests on: the device's own behaviour, Apple's pages, measured backups, public code.
    pub source: &'static str,
    /// What to do, one action a line.
    pub action: &'static str,
}
