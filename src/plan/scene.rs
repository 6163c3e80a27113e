//! What is known of all backups together when one is decided about: which are of the same device, which
//! are later, and which of them may stand in for another.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};

use crate::model::options::Policy;
use crate::model::{BackupIndex, BackupReport, Flag, RUNNING_WITHIN, Verdict};

use crate::verify::files::PAYLOAD_TRUNCATED;
use crate::verify::standing::{date, is_disputed, is_good, newest_date};

use super::fresh::{is_finished_copy, is_fresh_copy};

/// All backups, and what is wanted of them.
pub struct Scene<'a> {
    /// All of them.
    pub backups: &'a [BackupReport],
    /// What may be removed.
    pub policy: &'a Policy,
    /// The time that counts as now.
    pub now: Timestamp,
    /// Those that go whatever is decided.
    marked: &'a [BackupIndex],
}

impl<'a> Scene<'a> {
    /// `marked` go whatever is decided: they stand in for nothing.
    pub fn new(
        backups: &'a [BackupReport],
        policy: &'a Policy,
        now: Timestamp,
        marked: &'a [BackupIndex],
    ) -> Scene<'a> {
        Scene {
            backups,
            policy,
            now,
            marked,
        }
    }

    /// Whether a backup goes whatever is decided.
    pub fn is_marked(&self, index: BackupIndex) -> bool {
        self.marked.contains(&index)
    }

    /// When a backup was made, if that can be trusted.
    pub fn date(&self, index: BackupIndex) -> Option<Timestamp> {
        date(&self.backups[index], self.now)
    }

    /// The backups of the same device, without this one.
    pub fn others(&self, index: BackupIndex) -> impl Iterator<Item = BackupIndex> + '_ {
        let own = self.backups[index].udid.as_ref();
        BackupIndex::all(self.backups.len()).filter(move |other| {
            *other != index && own.is_some() && self.backups[*other].udid.as_ref() == own
        })
    }

    /// The backups of the same device that do not go whatever is decided, without this one.
    pub fn staying_others(&self, index: BackupIndex) -> impl Iterator<Item = BackupIndex> + '_ {
        self.others(index).filter(|other| !self.is_marked(*other))
    }

    /// Good backups of the same device that stay and have a strictly later date, newest first. What lies
    /// in a trash, or what a tool made, is none.
    pub fn later(&self, index: BackupIndex) -> Vec<BackupIndex> {
        let own =
            newest_date(&self.backups[index], self.now).filter(|_| self.date(index).is_some());
        let Some(own) = own else {
            return vec![];
        };
        let mut later: Vec<BackupIndex> = self
            .staying_others(index)
            .filter(|other| !is_disputed(&self.backups[*other]) && is_good(&self.backups[*other]))
            .filter(|other| self.date(*other).is_some_and(|date| date > own))
            .collect();
        later.sort_by_key(|other| (Reverse(self.date(*other)), *other));
        later
    }

    /// Whether both are known to be on the same volume.
    pub fn same_volume(&self, index: BackupIndex, other: BackupIndex) -> bool {
        let volume = self.backups[index].volume;
        volume.is_some() && volume == self.backups[other].volume
    }

    /// An encrypted backup has more in it than a plain one; where it is not known, it counts as
    /// encrypted.
    pub fn may_replace(&self, index: BackupIndex, other: BackupIndex) -> bool {
        let (own, other) = (&self.backups[index], &self.backups[other]);
        own.encrypted == Some(false) || other.encrypted == Some(true)
    }

    /// Whether a backup may stand in for an older one. One that is locked may if the user says so and
    /// all was looked at that can be seen of it. So may one whose list can be read and whose keys are not at
    /// hand, and only for those that are encrypted, too (contract §4 rule 3); one that was to be opened and was
    /// not, for none.
    pub fn is_checked(&self, index: BackupIndex, other: BackupIndex) -> bool {
        let is_plain = self.backups[index].encrypted == Some(false);
        let other = &self.backups[other];
        // It may be that nobody has the password, or that its keys are damaged.
        if other.is_not_opened() {
            return false;
        }
        let is_closed = other.encrypted == Some(true) && other.access.is_closed();
        if is_closed && (is_plain || !self.policy.trust_locked) {
            return false;
        }
        let seen = || other.locked && other.checked.contains(&PAYLOAD_TRUNCATED.id);
        other.verdict == Verdict::Complete
            || self.policy.trust_locked && other.verdict == Verdict::Unverified && seen()
    }

    /// Whether there is no other backup of the device, or, of one that goes, none that stays. One that stays
    /// while the others go is what is left of them.
    pub fn is_only_copy(&self, index: BackupIndex) -> bool {
        let is_left = |other: BackupIndex| self.is_copy(other) && !self.is_marked(other);
        match self.is_marked(index) {
            true => !self.others(index).any(is_left),
            false => self.is_alone(index),
        }
    }

    /// Whether there is no other backup of the device, neither one that stays nor one that goes.
    fn is_alone(&self, index: BackupIndex) -> bool {
        !self.others(index).any(|other| self.is_copy(other))
    }

    /// What lies in a trash is no copy, nor is a folder with nothing but Info.plist.
    fn is_copy(&self, index: BackupIndex) -> bool {
        let backup = &self.backups[index];
        !backup.only_info && !backup.in_trash
    }

    /// Whether something in it changed within the hour, so that a run may be at work.
    pub fn is_recent(&self, backup: &BackupReport) -> bool {
        self.may_be_at_work(backup) && !is_fresh_copy(backup, self.now)
    }

    /// Whether something in it changed within the hour, and its state does not say that it was finished: what
    /// its dates say may be the clock of a device that is at work.
    pub fn may_be_at_work(&self, backup: &BackupReport) -> bool {
        let change = backup.newest_change;
        change.is_some_and(|change| self.now.duration_since(change) < RUNNING_WITHIN)
            && !is_finished_copy(backup, self.now)
    }

    /// Whether the last backup was made long ago.
    pub fn is_old(&self, backup: &BackupReport) -> bool {
        backup
            .last_backup
            .is_some_and(|last| last.at < self.policy.old_before)
    }

    /// Whether files changed in it more than a day after those of the one that stands in for it: then a
    /// wrong clock may have made its dates, and it is the newer one.
    pub fn is_clock_disputed(&self, index: BackupIndex, by: BackupIndex) -> bool {
        const DAY: SignedDuration = SignedDuration::from_hours(24);
        let change = |index: BackupIndex| self.backups[index].settled_change;
        match (change(index), change(by)) {
            // When it was copied says nothing.
            _ if is_finished_copy(&self.backups[index], self.now) => false,
            (Some(own), Some(other)) => own.duration_since(other) > DAY,
            _ => false,
        }
    }

    /// Whether payloads that no row names are many enough to matter and not all in the other one.
    pub fn has_strays_without(&self, index: BackupIndex, by: BackupIndex) -> bool {
        let strays = &self.backups[index].holdings.strays;
        strays.matter_beside(by)
    }

    /// What a reader should know of its size and age.
    pub fn flags(&self, index: BackupIndex, is_superseded: bool) -> Vec<Flag> {
        let backup = &self.backups[index];
        [
            (Flag::Old, self.is_old(backup)),
            (
                Flag::Oversized,
                backup.usage.allocated > self.policy.oversized,
            ),
            (Flag::Superseded, is_superseded),
            (Flag::Archived, backup.archived),
            (Flag::OnlyCopy, self.is_alone(index)),
        ]
        .into_iter()
        .filter_map(|(flag, applies)| applies.then_some(flag))
        .collect()
    }
}
