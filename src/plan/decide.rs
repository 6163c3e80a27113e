//! Decides about each backup, newest first: what stands in for an older one must itself stay.

use std::cmp::Reverse;

use crate::cover::{self, Cover};
use crate::model::{Action, BackupReport, Decision, OnlyHere, Reason, Verdict, Why};

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
    let mut newest_first: Vec<usize> = (0..scene.backups.len()).collect();
    newest_first.sort_by_key(|at| (Reverse(scene.date(*at)), *at));
    let mut goes = vec![false; scene.backups.len()];
    let mut decided: Vec<Option<Decided>> = vec![None; scene.backups.len()];
    for at in newest_first {
        let decision = Decider { scene, goes: &goes }.decide(at);
        goes[at] = decision.action == Action::Remove;
        decided[at] = Some(decision);
    }
    let decided = decided.into_iter().flatten().enumerate();
    decided
        .map(|(at, decided)| Decision {
            action: decided.action,
            reasons: decided.reasons,
            on_request: decided.on_request,
            flags: scene.flags(at, decided.is_superseded),
            frees: frees(scene.backups, &[at]),
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
    fn new(action: Action, why: Why, by: Option<usize>) -> Decided {
        Decided {
            action,
            reasons: vec![Reason { why, by }],
            on_request: false,
            is_superseded: false,
            only_here: None,
        }
    }

    fn than(self, by: usize, cover: Option<Cover>) -> Decided {
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

fn keep(why: Why, by: Option<usize>) -> Decided {
    Decided::new(Action::Keep, why, by)
}

fn on_request(why: Why, by: Option<usize>) -> Decided {
    Decided {
        on_request: true,
        ..keep(why, by)
    }
}

fn remove(why: Why, by: Option<usize>) -> Decided {
    Decided::new(Action::Remove, why, by)
}

/// What the later backups of a device are to an older one.
enum Later {
    /// It stands in for it.
    StandsIn(usize, Cover),
    /// It would, were it on the same volume.
    Elsewhere(usize, Cover),
    /// It would, if it held all that the older one does.
    HoldsLess(usize, Cover),
    /// It could not be checked.
    NotChecked(usize),
    /// The older one is encrypted, and it is not.
    Plain(usize),
    /// There is none.
    None,
}

struct Decider<'a> {
    scene: &'a Scene<'a>,
    /// Which of the later ones go by the same plan.
    goes: &'a [bool],
}

impl Decider<'_> {
    fn backup(&self, at: usize) -> &BackupReport {
        &self.scene.backups[at]
    }

    fn decide(&self, at: usize) -> Decided {
        let backup = self.backup(at);
        match backup.verdict {
            _ if backup.in_trash => self.held_back(at, Why::Trash),
            Verdict::InProgress => keep(Why::InProgress, None),
            Verdict::Unreadable => keep(Why::Unreadable, None),
            _ if self.scene.is_recent(backup) => self.held_back(at, Why::InProgress),
            _ if backup.holds_backup => self.held_back(at, Why::Nested),
            _ if is_disputed(backup) => keep(Why::NoUsableDate, None),
            Verdict::Incomplete if backup.only_info => remove(Why::NotACopy, None),
            Verdict::Incomplete => self.decide_incomplete(at),
            Verdict::Corrupt => self.decide_corrupt(at),
            Verdict::Interrupted | Verdict::Unverified | Verdict::Complete => self.decide_whole(at),
        }
    }

    /// It stays whatever stands in for it: what does is told, and what it holds beyond that (contract §5).
    fn held_back(&self, at: usize, why: Why) -> Decided {
        let kept = keep(why, None);
        let backup = self.backup(at);
        let is_known = !matches!(backup.verdict, Verdict::InProgress | Verdict::Unreadable);
        match self.later_of_incomplete(at) {
            Later::StandsIn(by, cover) if is_known && !is_disputed(backup) => Decided {
                is_superseded: true,
                ..kept.than(by, Some(cover))
            },
            _ => kept,
        }
    }

    /// The later backups that stay by the same plan, newest first.
    fn staying(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let later = self.scene.later(at).into_iter();
        later.filter(|other| !self.goes[*other])
    }

    fn cover(&self, at: usize, by: usize) -> Cover {
        let (own, other) = (self.backup(at), self.backup(by));
        if own.holds_nothing() {
            return Cover {
                covers: true,
                ..Cover::default()
            };
        }
        cover::cover(own, other, self.scene.policy.may_lose)
    }

    fn later(&self, at: usize) -> Later {
        self.later_of_those(at, &|other| self.scene.may_replace(at, other))
    }

    /// The same, where the rows show that it is not encrypted although nothing else tells. It is of use, so
    /// that only its owner can decide about it (contract §5).
    fn later_of_incomplete(&self, at: usize) -> Later {
        match self.later(at) {
            Later::Plain(_) if self.is_plain_by_its_rows(at) => self.later_of_those(at, &|_| true),
            later => later,
        }
    }

    fn is_plain_by_its_rows(&self, at: usize) -> bool {
        let backup = self.backup(at);
        let is_unknown = backup.verdict == Verdict::Incomplete && backup.encrypted.is_none();
        is_unknown && backup.holdings.is_plain && self.may_be_of_use(at)
    }

    /// What the later backups are to it of which `may_replace` says that it is not lost that it may be
    /// encrypted.
    fn later_of_those(&self, at: usize, may_replace: &dyn Fn(usize) -> bool) -> Later {
        let scene = self.scene;
        let may_stand_in = |other: &usize| scene.is_checked(at, *other) && may_replace(*other);
        let (mut elsewhere, mut holds_less) = (None, None);
        for by in self.staying(at).filter(may_stand_in).take(TRIED) {
            let cover = self.cover(at, by);
            match (cover.covers, scene.same_volume(at, by)) {
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
            .staying(at)
            .filter(|other| !scene.is_checked(at, *other));
        if let Some(by) = unchecked.find(|other| may_replace(*other)) {
            return Later::NotChecked(by);
        }
        self.staying(at).next().map_or(Later::None, Later::Plain)
    }

    /// An option of the user's that holds back a backup that could otherwise go.
    fn as_asked(&self, at: usize) -> Option<Why> {
        let backup = self.backup(at);
        let kept = self.scene.policy.keep(backup.udid.as_ref());
        let date = self.scene.date(at);
        let counts = |other: &BackupReport| is_good(other) && !is_disputed(other);
        let rank = || {
            let newer =
                |other: &usize| counts(self.backup(*other)) && self.scene.date(*other) > date;
            self.scene.staying_others(at).filter(newer).count()
        };
        if kept.last > 1 && is_good(backup) && rank() < kept.last {
            return Some(Why::KeepLast);
        }
        let within = kept.since.is_some_and(|since| date >= Some(since));
        within.then_some(Why::KeepWithin)
    }

    /// What of a backup nobody can tell whether anything else holds it.
    fn doubt(&self, at: usize, by: usize) -> Option<Why> {
        let backup = self.backup(at);
        let is_unknown = backup.has(INDEX_SHORT.id) || backup.has(PAYLOAD_IN_CLOUD.id);
        if backup.has(TOOL_MADE.id) {
            Some(Why::ToolMade)
        } else if self.scene.is_clock_disputed(at, by) {
            Some(Why::ClockDisputed)
        } else if backup.foreign.count > 0 {
            Some(Why::ForeignContent)
        } else if is_unknown || self.scene.has_strays_without(at, by) {
            Some(Why::HoldsMore)
        } else {
            None
        }
    }

    /// A backup that something stands in for: it goes, unless something holds it back. `why` it may go.
    fn superseded(&self, at: usize, by: usize, cover: Cover, why: Why) -> Decided {
        let is_archived = self.backup(at).archived && !self.scene.policy.include_archived;
        let decided = if let Some(asked) = self.as_asked(at) {
            keep(asked, Some(by))
        } else if let Some(doubt) = self.doubt(at, by) {
            on_request(doubt, Some(by))
        } else if is_archived {
            on_request(Why::Archived, Some(by))
        } else if why == Why::Incomplete && self.may_be_of_use(at) {
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
    fn may_be_of_use(&self, at: usize) -> bool {
        let backup = self.backup(at);
        match backup.manifest {
            Some(manifest) => {
                let there = backup.domains.iter().map(|domain| domain.files);
                there.sum::<u64>().saturating_mul(2) >= manifest.files && manifest.files > 0
            }
            None => backup.payloads_anywhere > 0,
        }
    }

    /// A backup that stays because of what the later ones are; `asked` is what only its owner can know.
    fn beside(&self, at: usize, by: usize, asked: Why, cover: Option<Cover>) -> Decided {
        let decided = match self.as_asked(at) {
            Some(why) => keep(why, Some(by)),
            None if self.backup(at).has(TOOL_MADE.id) => on_request(Why::ToolMade, Some(by)),
            None => on_request(asked, Some(by)),
        };
        decided.than(by, cover)
    }

    /// `why` it goes where something stands in for it.
    fn decide_beside_later(&self, at: usize, why: Why) -> Option<Decided> {
        Some(match self.later_of_incomplete(at) {
            Later::StandsIn(by, cover) => self.superseded(at, by, cover, why),
            _ if self.twin(at).is_some() => {
                let by = self.twin(at)?;
                self.beside(at, by, Why::Twin, Some(self.cover(at, by)))
            }
            Later::Elsewhere(by, cover) => self.beside(at, by, Why::OtherVolume, Some(cover)),
            Later::HoldsLess(by, cover) => self.beside(at, by, Why::HoldsMore, Some(cover)),
            Later::NotChecked(by) => {
                let cover = self.cover(at, by);
                self.beside(at, by, Why::NewerNotChecked, Some(cover))
            }
            Later::Plain(by) => keep(Why::EncryptedKept, Some(by)),
            Later::None => return None,
        })
    }

    /// The backup that is the same and stays instead of this one.
    fn twin(&self, at: usize) -> Option<usize> {
        twins::kept_instead(self.scene, at).filter(|by| !self.goes[*by])
    }

    fn decide_incomplete(&self, at: usize) -> Decided {
        if self.scene.is_only_copy(at) {
            let reasons = [Why::OnlyCopy, Why::Unfinished];
            let reasons = reasons.map(|why| Reason { why, by: None });
            let decided = Decided {
                reasons: reasons.to_vec(),
                on_request: self.backup(at).has(NEVER_FINISHED.id),
                ..keep(Why::OnlyCopy, None)
            };
            return self.last(at, decided);
        }
        if self.scene.date(at).is_none() {
            return keep(Why::NoUsableDate, None);
        }
        let decided = self.decide_beside_later(at, Why::Incomplete);
        decided.unwrap_or_else(|| keep(self.unfinished(at), None))
    }

    fn decide_corrupt(&self, at: usize) -> Decided {
        match self.staying(at).next() {
            Some(by) => Decided {
                is_superseded: matches!(self.later(at), Later::StandsIn(..)),
                ..on_request(Why::Corrupt, Some(by)).than(by, Some(self.cover(at, by)))
            },
            None if self.scene.is_only_copy(at) => self.last(at, keep(Why::OnlyCopy, None)),
            None if self.scene.date(at).is_none() => keep(Why::NoUsableDate, None),
            None => keep(Why::Corrupt, None),
        }
    }

    fn decide_whole(&self, at: usize) -> Decided {
        let decided = self.decide_beside_later(at, Why::SupersededBy);
        decided.unwrap_or_else(|| self.decide_last(at))
    }

    /// Nothing can stand in for it. Only its owner knows whether the device is still in use: where
    /// it has not been backed up for long, the choice is named.
    fn decide_last(&self, at: usize) -> Decided {
        let backup = self.backup(at);
        let is_tool_made = backup.has(TOOL_MADE.id);
        if self.scene.is_only_copy(at) {
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
            return self.last(at, decided);
        }
        let members: Vec<usize> = self.scene.staying_others(at).chain([at]).collect();
        let newest = newest_good(self.scene.backups, &members, self.scene.now);
        match self.scene.date(at) {
            None => keep(Why::NoUsableDate, None),
            _ if is_tool_made => keep(Why::ToolMade, None),
            // It may hold what its list does not tell, and no other one does.
            _ if backup.has(INDEX_SHORT.id) => keep(Why::HoldsMore, None),
            Some(_) if newest == Some(at) => keep(Why::NewestGood, None),
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
            Some(_) => keep(self.unfinished(at), None),
        }
    }

    /// Why a run that did not finish stays: it is the newest one, or there is nothing better.
    fn unfinished(&self, at: usize) -> Why {
        let own = newest_date(self.backup(at), self.scene.now);
        let is_newest = (self.scene.others(at)).all(|other| self.scene.date(other) <= own);
        if is_newest {
            Why::Unfinished
        } else {
            Why::Incomplete
        }
    }

    /// All of it would go for good; another device may hold some.
    fn last(&self, at: usize, decided: Decided) -> Decided {
        let everything = cover::everything(self.backup(at)).map(|everything| OnlyHere {
            held_elsewhere: (self.scene.is_old(self.backup(at)))
                .then(|| cover::held_elsewhere(self.scene.backups, at))
                .flatten(),
            ..everything
        });
        Decided {
            only_here: everything,
            ..decided
        }
    }
}
