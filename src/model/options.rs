//! What a scan is asked to do, without the command line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::backup::Udid;
use super::finding::{Level, Severity, Verdict};
use super::report::Report;

/// How many examples a finding keeps, unless all are asked for.
pub const EXAMPLES: usize = 10;

/// How many of the largest files are named of a backup that is shown in full.
pub const LARGEST: usize = 20;

/// The options of a scan.
#[derive(Clone, Debug)]
pub struct ScanOptions {
    /// Where to look.
    pub roots: Vec<PathBuf>,
    /// Whether these are the system's own places, because no path was given.
    pub default_roots: bool,
    /// The time zone in which dates are told.
    pub zone: TimeZone,
    /// How deep to look.
    pub level: Level,
    /// Which payloads level `contents` reads, where not all.
    pub subset: Option<Subset>,
    /// The words of the command line that say how to look, for commands that are told: those about the
    /// password and the level.
    pub looked_with: Vec<String>,
    /// Those that say what may go.
    pub planned_with: Vec<String>,
    /// The time that counts as now; the clock is asked nowhere else.
    pub now: Timestamp,
    /// How many threads work; at least 1.
    pub threads: usize,
    /// How many examples a finding keeps.
    pub examples: usize,
    /// A backup of which all examples and the largest files are kept.
    pub in_full: Option<PathBuf>,
    /// Whether it is kept of every backup what a person would miss in it, because it will be asked for;
    /// else only of those where another one may hold the same.
    pub keepsakes_of_all: bool,
    /// What may be removed.
    pub policy: Policy,
    /// A device whose newest good backup is older has a stale one; nothing: no device has.
    pub stale_before: Option<Timestamp>,
    /// What holds for single devices.
    pub devices: BTreeMap<Udid, DeviceRule>,
    /// How bad the findings with these ids are, whatever they are otherwise.
    pub severities: BTreeMap<&'static str, Severity>,
}

/// A seventh of the shards: another one each day, all of them in seven days in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subset(u8);

impl Subset {
    /// How many days it takes to read all.
    const DAYS: u8 = 7;

    /// The part of the day that `now` is in, in this time zone.
    pub fn weekly(now: Timestamp, zone: &TimeZone) -> Subset {
        let monday = now.to_zoned(zone.clone()).weekday().to_monday_zero_offset();
        Subset(monday.unsigned_abs())
    }

    /// Whether this shard is read.
    pub fn has(self, shard: u8) -> bool {
        shard % Subset::DAYS == self.0
    }
}

/// What the user says of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceRule {
    /// What to call it, whatever its backups say.
    pub name: Option<String>,
    /// In place of [`ScanOptions::stale_before`]; the inner nothing: it is never stale.
    pub stale_before: Option<Option<Timestamp>>,
}

impl ScanOptions {
    /// Before which time the newest good backup of this device is stale, if ever.
    pub fn stale_before(&self, udid: Option<&Udid>) -> Option<Timestamp> {
        let rule = udid.and_then(|udid| self.devices.get(udid));
        let own = rule.and_then(|rule| rule.stale_before);
        own.unwrap_or(self.stale_before)
    }

    /// What the user calls this device, if he said so.
    pub fn name_of(&self, udid: Option<&Udid>) -> Option<&str> {
        self.devices.get(udid?)?.name.as_deref()
    }

    /// Gives findings the severities that the user wants: that changes the exit code and what is
    /// shown, and nothing else. Of a backup that is running everything stays a note.
    pub fn set_severities(&self, report: &mut Report) {
        let settled = report.backups.iter_mut();
        let settled = settled.filter(|backup| backup.verdict != Verdict::InProgress);
        let of_backups = settled.flat_map(|backup| &mut backup.findings);
        let of_devices = report.devices.iter_mut();
        let of_devices = of_devices.flat_map(|device| &mut device.findings);
        for finding in of_backups.chain(of_devices) {
            if let Some(severity) = self.severities.get(finding.id) {
                finding.severity = *severity;
            }
        }
    }

    /// How deep to look at this backup: where one is wanted in full, payloads of others are not read.
    pub fn level_of(&self, backup: &Path) -> Level {
        match &self.in_full {
            Some(wanted) if wanted != backup => self.level.min(Level::Standard),
            _ => self.level,
        }
    }

    /// How many examples a finding of this backup keeps.
    pub fn examples_of(&self, backup: &Path) -> usize {
        if self.in_full.as_deref() == Some(backup) {
            usize::MAX
        } else {
            self.examples
        }
    }

    /// A scan of `roots` at level `standard` on one thread.
    pub fn new(roots: Vec<PathBuf>, now: Timestamp) -> ScanOptions {
        ScanOptions {
            roots,
            default_roots: false,
            zone: TimeZone::UTC,
            level: Level::Standard,
            subset: None,
            looked_with: Vec::new(),
            planned_with: Vec::new(),
            now,
            threads: 1,
            examples: EXAMPLES,
            in_full: None,
            keepsakes_of_all: false,
            policy: Policy::usual(now),
            stale_before: None,
            devices: BTreeMap::new(),
            severities: BTreeMap::new(),
        }
    }
}

/// What may be removed (contract §5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Backups before this time are old.
    pub old_before: Timestamp,
    /// Backups that take more bytes than this are oversized.
    pub oversized: u64,
    /// What to keep of a device.
    pub keep: Keep,
    /// What to keep of single devices, in place of that.
    pub keep_of: BTreeMap<Udid, Keep>,
    /// Whether archived copies may go.
    pub include_archived: bool,
    /// Whether a later backup that could not be checked without its password may stand in.
    pub trust_locked: bool,
    /// How much of an older backup the newer one that stands in for it may lack.
    pub may_lose: Share,
}

/// A part of a whole, from nothing to all, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u32);

impl Share {
    /// Nothing of it.
    pub const NONE: Share = Share(0);
    /// All of it.
    pub const ALL: Share = Share(1_000_000);

    /// So many millionths; more than all is all.
    pub const fn of_millionths(millionths: u32) -> Share {
        match millionths < Share::ALL.0 {
            true => Share(millionths),
            false => Share::ALL,
        }
    }

    /// How many millionths it is.
    pub const fn millionths(self) -> u32 {
        self.0
    }

    /// Whether `part` is at most this share of `whole`. Of nothing, nothing is.
    pub const fn allows(self, part: u64, whole: u64) -> bool {
        part as u128 * Share::ALL.0 as u128 <= whole as u128 * self.0 as u128
    }
}

/// What to keep of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// How many good backups; at least 1.
    pub last: usize,
    /// All backups since this time.
    pub since: Option<Timestamp>,
}

impl Policy {
    /// What to keep of this device.
    pub fn keep(&self, udid: Option<&Udid>) -> Keep {
        let own = udid.and_then(|udid| self.keep_of.get(udid));
        *own.unwrap_or(&self.keep)
    }

    /// What holds without options: old after 90 days, oversized beyond 50 GB, one good backup kept.
    pub fn usual(now: Timestamp) -> Policy {
        Policy {
            old_before: now
                .saturating_sub(SignedDuration::from_hours(90 * 24))
                .unwrap_or(now),
            oversized: 50_000_000_000,
            keep: Keep {
                last: 1,
                since: None,
            },
            keep_of: BTreeMap::new(),
            include_archived: false,
            trust_locked: false,
            may_lose: Share::NONE,
        }
    }
}

/// What makes the exit code non-zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FailOn {
    /// Warnings too, not errors alone.
    pub warnings: bool,
    /// Only what the last run over the same paths did not have.
    pub only_new: bool,
}

impl FailOn {
    /// Only errors.
    pub const ERROR: FailOn = FailOn {
        warnings: false,
        only_new: false,
    };
    /// Warnings too.
    pub const WARNING: FailOn = FailOn {
        warnings: true,
        only_new: false,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_allows_so_much_of_a_whole_and_no_more() {
        let two_percent = Share::of_millionths(20_000);
        for (share, part, whole, allowed) in [
            (Share::NONE, 0, 100, true),
            (Share::NONE, 1, u64::MAX, false),
            (Share::NONE, 0, 0, true),
            (two_percent, 2, 100, true),
            (two_percent, 3, 100, false),
            (two_percent, 1, 49, false),
            (two_percent, 1, 50, true),
            (two_percent, 1, 0, false),
            (Share::of_millionths(1), 1, 1_000_000, true),
            (Share::of_millionths(1), 1, 999_999, false),
            (Share::ALL, 100, 100, true),
            (Share::ALL, u64::MAX, u64::MAX, true),
            (Share::ALL, 101, 100, false),
        ] {
            assert_eq!(
                share.allows(part, whole),
                allowed,
                "{part} of {whole} by {share:?}"
            );
        }
        assert_eq!(Share::of_millionths(1_000_001), Share::ALL);
        assert_eq!(Share::of_millionths(999_999).millionths(), 999_999);
        assert_eq!(Share::default(), Share::NONE);
    }
}
