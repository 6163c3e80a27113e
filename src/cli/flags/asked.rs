//! What the options ask for, in the terms of a scan.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::model::Udid;
use crate::model::options::{FailOn, Keep, Policy, Subset};

use super::config_file::DeviceSettings;
use super::settings::Settings;
use super::table::Options;
use super::values;
use super::words::{FailOnArg, LevelArg, SubsetArg};

impl Options {
    /// On few cores four threads wait for a cold disk at once, and cost nothing on a warm one; more than
    /// eight were reported to hurt on macOS. Whole files are best read by eight on any cold disk.
    pub fn threads(&self) -> usize {
        let usual = || match self.level {
            LevelArg::Contents => 8,
            LevelArg::Quick | LevelArg::Standard => std::thread::available_parallelism()
                .map_or(1, usize::from)
                .clamp(4, 8),
        };
        self.threads.map_or_else(usual, usize::from)
    }

    /// Which part of the files is read on the day of `now`, where not all.
    pub fn subset(&self, now: Timestamp, zone: &TimeZone) -> Option<Subset> {
        match (self.level, self.subset?) {
            (LevelArg::Contents, SubsetArg::Weekly) => Some(Subset::weekly(now, zone)),
            (LevelArg::Quick | LevelArg::Standard, SubsetArg::Weekly) => None,
        }
    }

    /// What makes the exit code non-zero.
    pub fn fail_on(&self) -> FailOn {
        let has = |wanted| self.fail_on.contains(&wanted);
        FailOn {
            warnings: has(FailOnArg::Warning),
            only_new: has(FailOnArg::New),
        }
    }

    /// Before which time the newest good backup of a device is stale, if ever.
    pub fn stale_before(&self, now: Timestamp) -> Option<Timestamp> {
        values::before_if(now, self.stale_after?)
    }

    /// What may be removed, seen from `now`. What the file says of single devices stands in for what it
    /// says of all; beside what was typed or is in the environment, whatever keeps more holds.
    pub fn policy(&self, now: Timestamp, settings: &Settings) -> Policy {
        let since = |span: Option<Span>| span.map(|span| values::before(now, span));
        let keep = Keep {
            last: usize::from(self.keep_last),
            since: since(self.keep_within),
        };
        let [last_is_given, span_is_given] =
            ["keep-last", "keep-within"].map(|name| settings.is_given(name));
        let of = |(udid, own): (&Udid, &DeviceSettings)| {
            let last = own.keep_last.map_or(keep.last, usize::from);
            let earliest = since(own.keep_within).or(keep.since);
            let keep = Keep {
                last: match last_is_given {
                    true => last.max(keep.last),
                    false => last,
                },
                since: match span_is_given {
                    true => earliest.min(keep.since),
                    false => earliest,
                },
            };
            (udid.clone(), keep)
        };
        Policy {
            old_before: values::before(now, self.old_after),
            oversized: self.oversized,
            keep,
            keep_of: settings.file.devices.iter().map(of).collect(),
            include_archived: self.include_archived,
            trust_locked: self.trust_locked,
            may_lose: self.may_lose,
        }
    }
}
