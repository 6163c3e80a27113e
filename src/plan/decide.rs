//! Decides about each backup, newest first: what stands in for an older one must itself stay.

use std::cmp::Reverse;

use crate::cover::{self, Cover};
use crate::model::{Action, BackupIndex, BackupReport, Decision, OnlyHere, Reason, Verdict, Why};

use crate::verify::files::PAYLOAD_IN_CLOUD;
use crate::verify::manifest::INDEX_SHORT;
use crate::verify::plists::TOOL_MADE;
use crate::verify::standing::{is_disputed, is_good, newest_date, newest_good};
use crate::verify::state::NEVER_FINISHED;

use super::reclaim::frees;
use super::scene::Scene;
use super::twins;

/// So many newer backups are tried as a stand-in for one.
const TRIED: usize = 64;

/// One decision a backup.
pub fn all(scene: &Scene<'_>) -> Vec<Decision> {
    let mut newest_first: Vec<BackupIndex> = BackupIndex::all(scene.backups.len()).collect();
    newest_first.sort_by_key(|index| (Reverse(scene.date(*index)), *index));
    let mut goes = vec![false; scene.backups.len()];
    let mut decided: Vec<Option<Decided>> = vec![None; scene.backups.len()];
    for index in newest_first {
        let decision = Decider { scene, goes: &goes }.decide(index);
        goes[index.position()] = decision.action == Action::Remove;
        decided[index.position()] = Some(decision);
    }
    let decided = BackupIndex::all(decided.len()).zip(decided.into_iter().flatten());
    decided
        .map(|(index, decided)| Decision {
            action: decided.action,
            reasons: decided.reasons,
            on_request: decided.on_request,
            flags: scene.flags(index, decided.is_superseded),
            frees: frees(scene.backups, &[index]),
            only_here: decided.only_here,
        })
        .collect()
}

/// What was decided about one backup.
#[derive(Clone, Debug)]
struct Decided {
    action: Action,
    reasons: Vec<Reason>,
    on_request: bool,
    is_superseded: bool,
    only_here: Option<OnlyHere>,
}

impl Decided {
    fn new(action: Action, why: Why, by: Option<BackupIndex>) -> Decided {
        Decided {
            action,
            reasons: vec![Reason { why, by }],
            on_request: false,
            is_superseded: false,
            only_here: None,
        }
    }

    fn than(self, by: BackupIndex, cover: Option<Cover>) -> Decided {
        let cover = cover.filter(|cover| cover.compared);
        Decided {
            only_here: cover.map(|cover| OnlyHere {
                than: Some(by),
                ..cover.only_old
            }),
            ..self
        }
    }
}

fn keep(why: Why, by: Option<BackupIndex>) -> Decided {
    Decided::new(Action::Keep, why, by)
}

fn on_request(why: Why, by: Option<BackupIndex>) -> Decided {
    Decided {
        on_request: true,
        ..keep(why, by)
    }
}

fn remove(why: Why, by: Option<BackupIndex>) -> Decided {
    Decided::new(Action::Remove, why, by)
}

/// What the later backups of a device are to an older one.
enum Later {
    /// It stands in for it.
    StandsIn(BackupIndex, Cover),
    /// It would, were it on the same volume.
    Elsewhere(BackupIndex, Cover),
    /// It would, if it held all that the older one does.
    HoldsLess(BackupIndex, Cover),
    /// It could not be checked.
    NotChecked(BackupIndex),
    /// The older one is encrypted, and it is not.
    Plain(BackupIndex),
    /// There is none.
    None,
}

struct Decider<'a> {
    scene: &'a Scene<'a>,
    /// Which of the later ones go by the same plan.
    goes: &'a [bool],
}

impl Decider<'_> {
    fn backup(&self, index: BackupIndex) -> &BackupReport {
        &self.scene.backups[index]
    }

    fn decide(&self, index: BackupIndex) -> Decided {
        let decided = self.decide_by_verdict(index);
        let goes = decided.action == Action::Remove;
        match goes && self.scene.may_be_at_work(self.backup(index)) {
            true => self.held_back(index, Why::InProgress),
            false => decided,
        }
    }

    fn decide_by_verdict(&self, index: BackupIndex) -> Decided {
        let backup = self.backup(index);
        match backup.verdict {
            _ if backup.in_trash => self.held_back(index, Why::Trash),
            Verdict::InProgress => keep(Why::InProgress, None),
            Verdict::Unreadable => keep(Why::Unreadable, None),
            _ if self.scene.is_recent(backup) => self.held_back(index, Why::InProgress),
            _ if backup.holds_backup => self.held_back(index, Why::Nested),
            _ if is_disputed(backup) => keep(Why::NoUsableDate, None),
            Verdict::Incomplete if backup.only_info => remove(Why::NotACopy, None),
            Verdict::Incomplete => self.decide_incomplete(index),
            Verdict::Corrupt => self.decide_corrupt(index),
            Verdict::Interrupted | Verdict::Unverified | Verdict::Complete => {
                self.decide_whole(index)
            }
        }
    }

    /// It stays whatever stands in for it: what does is told, and what it holds beyond that (contract §5).
    fn held_back(&self, index: BackupIndex, why: Why) -> Decided {
        let kept = keep(why, None);
        let backup = self.backup(index);
        let is_known = !matches!(backup.verdict, Verdict::InProgress | Verdict::Unreadable);
        match self.later_of_incomplete(index) {
            Later::StandsIn(by, cover) if is_known && !is_disputed(backup) => Decided {
                is_superseded: true,
                ..kept.than(by, Some(cover))
            },
            _ => kept,
        }
    }

    /// The later backups that stay by the same plan, newest first.
    fn staying(&self, index: BackupIndex) -> impl Iterator<Item = BackupIndex> + '_ {
        let later = self.scene.later(index).into_iter();
        later.filter(|other| !self.goes[other.position()])
    }

    fn cover(&self, index: BackupIndex, by: BackupIndex) -> Cover {
        let (own, other) = (self.backup(index), self.backup(by));
        if own.holds_nothing() {
            return Cover {
                covers: true,
                ..Cover::default()
            };
        }
        let strays = own.holdings.strays.missing_in(by);
        cover::cover(own, other, strays, self.scene.policy.may_lose)
    }

    fn later(&self, index: BackupIndex) -> Later {
        self.later_of_those(index, &|other| self.scene.may_replace(index, other))
    }

    /// The same, where the rows show that it is not encrypted although nothing else tells. It is of use, so
    /// that only its owner can decide about it (contract §5).
    fn later_of_incomplete(&self, index: BackupIndex) -> Later {
        match self.later(index) {
            Later::Plain(_) if self.is_plain_by_its_rows(index) => {
                self.later_of_those(index, &|_| true)
            }
            later => later,
        }
    }

    fn is_plain_by_its_rows(&self, index: BackupIndex) -> bool {
        let backup = self.backup(index);
        let is_unknown = backup.verdict == Verdict::Incomplete && backup.encrypted.is_none();
        is_unknown && backup.holdings.is_plain && self.may_be_of_use(index)
    }

    /// What the later backups are to it of which `may_replace` says that it is not lost that it may be
    /// encrypted.
    fn later_of_those(
        &self,
        index: BackupIndex,
        may_replace: &dyn Fn(BackupIndex) -> bool,
    ) -> Later {
        let scene = self.scene;
        let may_stand_in =
            |other: &BackupIndex| scene.is_checked(index, *other) && may_replace(*other);
        let (mut elsewhere, mut holds_less) = (None, None);
        for by in self.staying(index).filter(may_stand_in).take(TRIED) {
            let cover = self.cover(index, by);
            match (cover.covers, scene.same_volume(index, by)) {
                (true, true) => return Later::StandsIn(by, cover),
                (true, false) => elsewhere = elsewhere.or(Some((by, cover))),
                (false, _) => holds_less = holds_less.or(Some((by, cover))),
            }
        }
        if let Some((by, cover)) = elsewhere {
            return Later::Elsewhere(by, cover);
        }
        if let Some((by, cover)) = holds_less {
            return Later::HoldsLess(by, cover);
        }
        let mut unchecked = self
            .staying(index)
            .filter(|other| !scene.is_checked(index, *other));
        if let Some(by) = unchecked.find(|other| may_replace(*other)) {
            return Later::NotChecked(by);
        }
        self.staying(index).next().map_or(Later::None, Later::Plain)
    }

    /// An option of the user's that holds back a backup that could otherwise go.
    fn as_asked(&self, index: BackupIndex) -> Option<Why> {
        let backup = self.backup(index);
        let kept = self.scene.policy.keep(backup.udid.as_ref());
        let date = self.scene.date(index);
        let counts = |other: &BackupReport| is_good(other) && !is_disputed(other);
        let rank = || {
            let newer =
                |other: &BackupIndex| counts(self.backup(*other)) && self.scene.date(*other) > date;
            self.scene.staying_others(index).filter(newer).count()
        };
        if kept.last > 1 && is_good(backup) && rank() < kept.last {
            return Some(Why::KeepLast);
        }
        let within = kept.since.is_some_and(|since| date >= Some(since));
        within.then_some(Why::KeepWithin)
    }

    /// What of a backup nobody can tell whether anything else holds it.
    fn doubt(&self, index: BackupIndex, by: BackupIndex) -> Option<Why> {
        let backup = self.backup(index);
        // What a password was to open and did not may be of another owner: names tell too little then.
        let is_unknown =
            backup.has(INDEX_SHORT.id) || backup.has(PAYLOAD_IN_CLOUD.id) || backup.is_not_opened();
        if backup.has(TOOL_MADE.id) {
            Some(Why::ToolMade)
        } else if self.scene.is_clock_disputed(index, by) {
            Some(Why::ClockDisputed)
        } else if backup.foreign.count > 0 {
            Some(Why::ForeignContent)
        } else if is_unknown || self.scene.has_strays_without(index, by) {
            Some(Why::HoldsMore)
        } else {
            None
        }
    }

    /// A backup that something stands in for: it goes, unless something holds it back. `why` it may go.
    fn superseded(&self, index: BackupIndex, by: BackupIndex, cover: Cover, why: Why) -> Decided {
        let is_archived = self.backup(index).archived && !self.scene.policy.include_archived;
        let decided = if let Some(asked) = self.as_asked(index) {
            keep(asked, Some(by))
        } else if let Some(doubt) = self.doubt(index, by) {
            on_request(doubt, Some(by))
        } else if is_archived {
            on_request(Why::Archived, Some(by))
        } else if why == Why::Incomplete && self.may_be_of_use(index) {
            on_request(Why::Incomplete, Some(by))
        } else {
            remove(why, Some(by))
        };
        Decided {
            is_superseded: true,
            ..decided.than(by, Some(cover))
        }
    }

    /// Whether a set that is not complete may still be mended: it lacks nothing but a plist, or nobody
    /// knows what its payloads are.
    fn may_be_of_use(&self, index: BackupIndex) -> bool {
        let backup = self.backup(index);
        match backup.manifest {
            Some(manifest) => {
                let there = backup.domains.iter().map(|domain| domain.files);
                there.sum::<u64>().saturating_mul(2) >= manifest.files && manifest.files > 0
            }
            None => backup.has_files(),
        }
    }

    /// A backup that stays because of what the later ones are; `asked` is what only its owner can know.
    fn beside(
        &self,
        index: BackupIndex,
        by: BackupIndex,
        asked: Why,
        cover: Option<Cover>,
    ) -> Decided {
        let decided = match self.as_asked(index) {
            Some(why) => keep(why, Some(by)),
            None if self.backup(index).has(TOOL_MADE.id) => on_request(Why::ToolMade, Some(by)),
            None => on_request(asked, Some(by)),
        };
        decided.than(by, cover)
    }

    /// `why` it goes where something stands in for it.
    fn decide_beside_later(&self, index: BackupIndex, why: Why) -> Option<Decided> {
        Some(match self.later_of_incomplete(index) {
            Later::StandsIn(by, cover) => self.superseded(index, by, cover, why),
            _ if self.twin(index).is_some() => {
                let by = self.twin(index)?;
                self.beside(index, by, Why::Twin, Some(self.cover(index, by)))
            }
            Later::Elsewhere(by, cover) => self.beside(index, by, Why::OtherVolume, Some(cover)),
            Later::HoldsLess(by, cover) => self.beside(index, by, Why::HoldsMore, Some(cover)),
            Later::NotChecked(by) => {
                let cover = self.cover(index, by);
                self.beside(index, by, Why::NewerNotChecked, Some(cover))
            }
            Later::Plain(by) => keep(Why::EncryptedKept, Some(by)),
            Later::None => return None,
        })
    }

    /// The backup that is the same and stays instead of this one.
    fn twin(&self, index: BackupIndex) -> Option<BackupIndex> {
        twins::kept_instead(self.scene, index).filter(|by| !self.goes[by.position()])
    }

    fn decide_incomplete(&self, index: BackupIndex) -> Decided {
        if self.scene.is_only_copy(index) {
            let reasons = [Why::OnlyCopy, Why::Unfinished];
            let reasons = reasons.map(|why| Reason { why, by: None });
            let decided = Decided {
                reasons: reasons.to_vec(),
                on_request: self.backup(index).has(NEVER_FINISHED.id),
                ..keep(Why::OnlyCopy, None)
            };
            return self.last(index, decided);
        }
        if self.scene.date(index).is_none() {
            return keep(Why::NoUsableDate, None);
        }
        let decided = self.decide_beside_later(index, Why::Incomplete);
        decided.unwrap_or_else(|| keep(self.unfinished(index), None))
    }

    fn decide_corrupt(&self, index: BackupIndex) -> Decided {
        match self.staying(index).next() {
            Some(by) => Decided {
                is_superseded: matches!(self.later(index), Later::StandsIn(..)),
                ..on_request(Why::Corrupt, Some(by)).than(by, Some(self.cover(index, by)))
            },
            None if self.scene.is_only_copy(index) => self.last(index, keep(Why::OnlyCopy, None)),
            None if self.scene.date(index).is_none() => keep(Why::NoUsableDate, None),
            None => keep(Why::Corrupt, None),
        }
    }

    fn decide_whole(&self, index: BackupIndex) -> Decided {
        let decided = self.decide_beside_later(index, Why::SupersededBy);
        decided.unwrap_or_else(|| self.decide_last(index))
    }

    /// Nothing can stand in for it. Only its owner knows whether the device is still in use: where
    /// it has not been backed up for long, the choice is named.
    fn decide_last(&self, index: BackupIndex) -> Decided {
        let backup = self.backup(index);
        let is_tool_made = backup.has(TOOL_MADE.id);
        if self.scene.is_only_copy(index) {
            let reasons = [
                is_tool_made.then_some(Why::ToolMade),
                is_good(backup).then_some(Why::NewestGood),
                Some(Why::OnlyCopy),
            ];
            let reasons = reasons.into_iter().flatten();
            let decided = Decided {
                reasons: reasons.map(|why| Reason { why, by: None }).collect(),
                on_request: is_good(backup) && self.scene.is_old(backup),
                ..keep(Why::OnlyCopy, None)
            };
            return self.last(index, decided);
        }
        let members: Vec<BackupIndex> = self.scene.staying_others(index).chain([index]).collect();
        let newest = newest_good(self.scene.backups, &members, self.scene.now);
        match self.scene.date(index) {
            None => keep(Why::NoUsableDate, None),
            _ if is_tool_made => keep(Why::ToolMade, None),
            // It may hold what its list does not tell, and no other one does.
            _ if backup.has(INDEX_SHORT.id) => keep(Why::HoldsMore, None),
            Some(_) if newest == Some(index) => keep(Why::NewestGood, None),
            Some(_) if backup.archived => keep(Why::Archived, None),
            // As new as the newest one; else its dates disagree.
            date if is_good(backup) => {
                let is_as_new = newest.is_some_and(|newest| self.scene.date(newest) == date);
                let why = if is_as_new {
                    Why::NewestGood
                } else {
                    Why::NoUsableDate
                };
                keep(why, None)
            }
            Some(_) => keep(self.unfinished(index), None),
        }
    }

    /// Why a run that did not finish stays: it is the newest one, or there is nothing better.
    fn unfinished(&self, index: BackupIndex) -> Why {
        let own = newest_date(self.backup(index), self.scene.now);
        let is_newest = (self.scene.others(index)).all(|other| self.scene.date(other) <= own);
        if is_newest {
            Why::Unfinished
        } else {
            Why::Incomplete
        }
    }

    /// All of it would go for good; another device may hold some.
    fn last(&self, index: BackupIndex, decided: Decided) -> Decided {
        let everything = cover::everything(self.backup(index)).map(|everything| OnlyHere {
            held_elsewhere: (self.scene.is_old(self.backup(index)))
                .then(|| {
                    let stays = |other: BackupIndex| {
                        !self.goes[other.position()] && !self.scene.is_marked(other)
                    };
                    cover::held_elsewhere(self.scene.backups, index, stays)
                })
                .flatten(),
            ..everything
        });
        Decided {
            only_here: everything,
            ..decided
        }
    }
}
