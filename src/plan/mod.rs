//! Decides what may go, and why (contract §5). Pure: reports, options and `now` are arguments.
//! Unknown means keep.

mod fresh;
mod reclaim;

pub use fresh::is_fresh_copy;
pub use reclaim::frees;

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};

use crate::config::Policy;
use crate::model::{
    Action, BackupReport, DateSource, Decision, Effect, Flag, Plan, RUNNING_WITHIN, Reason,
    Removal, Verdict, Why,
};

/// Decides about all backups together.
pub fn make(backups: &[BackupReport], policy: &Policy, now: Timestamp) -> Plan {
    let scene = Scene {
        backups,
        policy,
        now,
    };
    let decisions: Vec<Decision> = (0..backups.len())
        .map(|at| {
            let (action, reasons, on_request) = scene.decide(at);
            Decision {
                action,
                reasons,
                on_request,
                flags: scene.flags(at),
                frees: frees(backups, &[at]),
            }
        })
        .collect();
    let removal = |wanted: &dyn Fn(&Decision) -> bool| {
        let members: Vec<usize> = (0..backups.len())
            .filter(|at| wanted(&decisions[*at]))
            .collect();
        Removal {
            frees: frees(backups, &members),
            backups: members,
        }
    };
    Plan {
        removable: removal(&|decision| decision.action == Action::Remove),
        on_request: removal(&|decision| decision.on_request),
        decisions,
    }
}

/// The newest good backup of those in `members`, if there is one.
pub fn newest_good(backups: &[BackupReport], members: &[usize], now: Timestamp) -> Option<usize> {
    let good = members.iter().copied().filter(|at| is_good(&backups[*at]));
    // The first of several with the same date.
    good.max_by_key(|at| (date(&backups[*at], now), Reverse(*at)))
}

/// A folder with nothing but Info.plist is a copy of nothing, whatever else is said of it.
fn is_good(backup: &BackupReport) -> bool {
    !backup.only_info && backup.verdict.is_good()
}

/// When the device wrote it. Only dates from the manifest or the status, and only those that are not
/// in the future, count.
fn date(backup: &BackupReport, now: Timestamp) -> Option<Timestamp> {
    let told = backup
        .last_backup
        .filter(|last| matches!(last.source, DateSource::Manifest | DateSource::Status))
        .map(|last| last.at);
    let date = told.or(backup.status_date)?;
    is_plausible(date, now).then_some(date)
}

/// The newest date that anything in the backup tells, unless it is in the future: a backup that may
/// go must be older than the other one by all of them.
pub fn newest_date(backup: &BackupReport, now: Timestamp) -> Option<Timestamp> {
    [
        backup.last_backup.map(|last| last.at),
        backup.status_date,
        backup.info_date,
    ]
    .into_iter()
    .flatten()
    .filter(|date| is_plausible(*date, now))
    .max()
}

/// Whether a date is not in the future, but for a day that clocks may differ by.
pub fn is_plausible(date: Timestamp, now: Timestamp) -> bool {
    date.duration_since(now) <= SignedDuration::from_hours(24)
}

/// Whether the places that name the device of a backup disagree: then nothing is known of it.
fn is_disputed(backup: &BackupReport) -> bool {
    backup.has("udid-mismatch")
}

struct Scene<'a> {
    backups: &'a [BackupReport],
    policy: &'a Policy,
    now: Timestamp,
}

type Decided = (Action, Vec<Reason>, bool);

fn keep(why: Why, by: Option<usize>) -> Decided {
    (Action::Keep, vec![Reason { why, by }], false)
}

fn on_request(why: Why, by: Option<usize>) -> Decided {
    (Action::Keep, vec![Reason { why, by }], true)
}

fn remove(why: Why, by: Option<usize>) -> Decided {
    (Action::Remove, vec![Reason { why, by }], false)
}

impl Scene<'_> {
    fn date(&self, at: usize) -> Option<Timestamp> {
        date(&self.backups[at], self.now)
    }

    /// The backups of the same device, without this one.
    fn others(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let own = self.backups[at].udid.as_ref();
        (0..self.backups.len()).filter(move |other| {
            *other != at && own.is_some() && self.backups[*other].udid.as_ref() == own
        })
    }

    /// The newest backup of the same device with a strictly later date that `fits`.
    fn later(&self, at: usize, fits: impl Fn(&BackupReport) -> bool) -> Option<usize> {
        self.date(at)?;
        let own = newest_date(&self.backups[at], self.now)?;
        self.others(at)
            .filter(|other| !is_disputed(&self.backups[*other]))
            .filter(|other| self.date(*other).is_some_and(|date| date > own))
            .filter(|other| fits(&self.backups[*other]))
            .max_by_key(|other| (self.date(*other), Reverse(*other)))
    }

    fn same_volume(&self, at: usize, other: &BackupReport) -> bool {
        let volume = self.backups[at].volume;
        volume.is_some() && volume == other.volume
    }

    /// An encrypted backup has more in it than a plain one; where it is not known, it counts as
    /// encrypted.
    fn may_replace(&self, at: usize, other: &BackupReport) -> bool {
        self.backups[at].encrypted == Some(false) || other.encrypted == Some(true)
    }

    /// Whether a backup may stand in for an older one. One that is locked may if the user says so and
    /// all was looked at that can be seen of it.
    fn is_checked(&self, other: &BackupReport) -> bool {
        let seen = || other.locked && other.checked.contains(&"payload-truncated");
        other.verdict == Verdict::Complete
            || self.policy.trust_locked && other.verdict == Verdict::Unverified && seen()
    }

    fn superseded_by(&self, at: usize) -> Option<usize> {
        self.later(at, |other| {
            self.is_checked(other) && self.same_volume(at, other) && self.may_replace(at, other)
        })
    }

    fn is_only_copy(&self, at: usize) -> bool {
        !self.others(at).any(|other| !self.backups[other].only_info)
    }

    fn is_recent(&self, backup: &BackupReport) -> bool {
        backup
            .newest_change
            .is_some_and(|change| self.now.duration_since(change) < RUNNING_WITHIN)
    }

    fn is_old(&self, backup: &BackupReport) -> bool {
        backup
            .last_backup
            .is_some_and(|last| last.at < self.policy.old_before)
    }

    fn flags(&self, at: usize) -> Vec<Flag> {
        let backup = &self.backups[at];
        [
            (Flag::Old, self.is_old(backup)),
            (
                Flag::Oversized,
                backup.usage.allocated > self.policy.oversized,
            ),
            (Flag::Superseded, self.superseded_by(at).is_some()),
            (Flag::Archived, backup.archived),
            (Flag::OnlyCopy, self.is_only_copy(at)),
        ]
        .into_iter()
        .filter_map(|(flag, applies)| applies.then_some(flag))
        .collect()
    }

    fn decide(&self, at: usize) -> Decided {
        let backup = &self.backups[at];
        match backup.verdict {
            Verdict::InProgress => keep(Why::InProgress, None),
            Verdict::Unreadable => keep(Why::Unreadable, None),
            _ if self.is_recent(backup) => keep(Why::InProgress, None),
            _ if is_disputed(backup) => keep(Why::NoUsableDate, None),
            Verdict::Incomplete if backup.only_info => remove(Why::NotACopy, None),
            Verdict::Incomplete => self.decide_incomplete(at),
            Verdict::Corrupt => self.decide_corrupt(at),
            Verdict::Interrupted | Verdict::Unverified | Verdict::Complete => self.decide_whole(at),
        }
    }

    fn decide_incomplete(&self, at: usize) -> Decided {
        let backup = &self.backups[at];
        // Then all files may well be there: a tool or a person lost one small file.
        let only_status = backup
            .findings
            .iter()
            .filter(|finding| matches!(finding.effect, Effect::Incomplete | Effect::Corrupt))
            .all(|finding| ["status-missing", "status-unreadable"].contains(&finding.id));
        match self.later(at, is_good) {
            _ if self.date(at).is_none() => keep(Why::NoUsableDate, None),
            Some(good) if only_status => keep(Why::Incomplete, Some(good)),
            Some(good) => match self.held_back(at) {
                Some(why) => keep(why, Some(good)),
                None => remove(Why::Incomplete, Some(good)),
            },
            None if self.is_only_copy(at) => keep(Why::OnlyCopy, None),
            None => keep(Why::Incomplete, None),
        }
    }

    fn decide_corrupt(&self, at: usize) -> Decided {
        match self.later(at, is_good) {
            Some(good) => on_request(Why::Corrupt, Some(good)),
            None if self.is_only_copy(at) => keep(Why::OnlyCopy, None),
            None if self.date(at).is_none() => keep(Why::NoUsableDate, None),
            None => keep(Why::Corrupt, None),
        }
    }

    /// What holds back a backup that could otherwise go: an option of the user's.
    fn held_back(&self, at: usize) -> Option<Why> {
        let archived = self.backups[at].archived && !self.policy.include_archived;
        let kept = self.policy.keep(self.backups[at].udid.as_ref());
        let within = kept.since.is_some_and(|since| self.date(at) >= Some(since));
        let rank = || {
            let counts = |other: &BackupReport| is_good(other) && !is_disputed(other);
            let newer =
                |other: &usize| counts(&self.backups[*other]) && self.date(*other) > self.date(at);
            self.others(at).filter(newer).count()
        };
        if is_good(&self.backups[at]) && rank() < kept.last {
            Some(Why::KeepLast)
        } else if within {
            Some(Why::KeepWithin)
        } else {
            archived.then_some(Why::Archived)
        }
    }

    fn decide_whole(&self, at: usize) -> Decided {
        if let Some(by) = self.superseded_by(at) {
            return match self.held_back(at) {
                Some(Why::Archived) => on_request(Why::Archived, Some(by)),
                Some(why) => keep(why, Some(by)),
                None => remove(Why::SupersededBy, Some(by)),
            };
        }
        let elsewhere = |other: &BackupReport| {
            self.is_checked(other) && !self.same_volume(at, other) && self.may_replace(at, other)
        };
        let unchecked = |other: &BackupReport| {
            other.verdict == Verdict::Unverified && self.may_replace(at, other)
        };
        let plain = |other: &BackupReport| is_good(other) && !self.may_replace(at, other);
        if let Some(by) = self.later(at, elsewhere) {
            on_request(Why::OtherVolume, Some(by))
        } else if let Some(by) = self.later(at, unchecked) {
            on_request(Why::NewerNotChecked, Some(by))
        } else if let Some(by) = self.later(at, plain) {
            keep(Why::EncryptedKept, Some(by))
        } else {
            self.decide_last(at)
        }
    }

    /// Nothing can stand in for it. Only its owner knows whether the device is still in use: where
    /// it has not been backed up for long, the choice is named.
    fn decide_last(&self, at: usize) -> Decided {
        let backup = &self.backups[at];
        if self.is_only_copy(at) {
            let reasons = [
                is_good(backup).then_some(Why::NewestGood),
                Some(Why::OnlyCopy),
            ];
            let reasons = reasons
                .into_iter()
                .flatten()
                .map(|why| Reason { why, by: None })
                .collect();
            return (
                Action::Keep,
                reasons,
                is_good(backup) && self.is_old(backup),
            );
        }
        let members: Vec<usize> = self.others(at).chain([at]).collect();
        keep(
            match newest_good(self.backups, &members, self.now) {
                _ if self.date(at).is_none() => Why::NoUsableDate,
                Some(newest) if newest == at => Why::NewestGood,
                _ if backup.archived => Why::Archived,
                // As new as the newest good one, or newer and not good.
                _ => Why::KeepLast,
            },
            None,
        )
    }
}

#[cfg(test)]
pub(crate) mod tests;
