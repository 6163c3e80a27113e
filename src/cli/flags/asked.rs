//! What the options ask for, in the terms of a scan.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::model::Udid;
use crate::model::options::{FailOn, Keep, Policy, Subset};
use crate::system::{SYSTEM, System};

use super::config_file::DeviceSettings;
use super::settings::Settings;
use super::table::Options;
use super::values;
use super::words::{FailOnArg, LevelArg, SubsetArg};

impl Options {
    /// How many threads work.
    pub fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let usual = || usual_threads(SYSTEM, self.level, cores());
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

/// So many threads work where nothing was said. Several wait for a cold disk at once, and cost nothing where
/// all is in the cache.
fn usual_threads(system: System, level: LevelArg, cores: usize) -> usize {
    match (system, level) {
        (System::Other, LevelArg::Contents) => 16,
        // More than eight were reported to hurt on macOS.
        (_, LevelArg::Contents) => 8,
        (System::Other, LevelArg::Quick | LevelArg::Standard) if cores > 1 => 8,
        (_, LevelArg::Quick | LevelArg::Standard) => cores.clamp(4, 8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_threads_work_as_wait_for_a_disk_at_once() {
        use LevelArg::{Contents, Quick, Standard};
        for (system, level, cores, threads) in [
            (System::Other, Standard, 1, 4),
            (System::Other, Standard, 2, 8),
            (System::Other, Quick, 64, 8),
            (System::Other, Contents, 2, 16),
            (System::Mac, Standard, 2, 4),
            (System::Mac, Quick, 10, 8),
            (System::Mac, Contents, 10, 8),
        ] {
            let usual = usual_threads(system, level, cores);
            assert_eq!(usual, threads, "{system:?} {level:?} {cores}");
        }
    }
}
