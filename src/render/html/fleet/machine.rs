//! What is kept of the document of one machine, and how it stands.

use std::cmp::Reverse;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::Verdict;
use crate::render::html::names::clean_or;
use crate::render::html::page::{Page, cut};
use crate::render::html::verdict::known;
use crate::render::printable::clean;
use crate::report::document::Document;

use super::device::{Device, Devices};
use super::standing::{Freshness, Standing};

/// How many paths and problems of a machine are named.
const MOST: usize = 20;

/// A machine, as its document tells of it.
pub struct Machine {
    /// What it is called.
    pub name: String,
    /// Its place among the documents, from 1.
    pub number: usize,
    /// How it stands.
    pub standing: Standing,
    /// What its document says; else why there is none.
    pub told: Result<Account, String>,
}

/// What a document says.
pub struct Account {
    /// When its run ended.
    pub ended: Timestamp,
    /// What that means by now.
    pub freshness: Freshness,
    /// Whether the run was stopped before its end.
    pub is_cancelled: bool,
    /// The paths that were asked for, the first few.
    pub roots: Vec<String>,
    /// How many backups.
    pub backups: u64,
    /// What they take on the disk.
    pub allocated_bytes: u64,
    /// How many backups have each verdict, worst first; without those of which there is none.
    pub verdicts: Vec<(String, u64)>,
    /// The devices, worst first.
    pub devices: Devices,
    /// What could not be looked at or was passed over, the first few.
    pub problems: Vec<String>,
    /// How many that are.
    pub all_problems: usize,
    /// With what its run ended, where that alone says that not all could be looked at.
    pub ended_with: Option<u8>,
}

impl Machine {
    /// A machine whose document could not be read: `why` says what is there instead.
    pub fn unread(name: &str, number: usize, why: &str) -> Machine {
        Machine {
            name: called(name),
            number,
            standing: Standing::Unread,
            told: Err(cut(clean(why))),
        }
    }

    /// A machine and what its document says, judged at `now`.
    pub fn of(
        name: &str,
        number: usize,
        document: &Document<'_>,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Machine {
        let page = Page::new(document, &[], zone);
        let owners = page.owners();
        let devices = owners.iter().map(|owner| Device::of(&page, owner));
        let roots = document.roots.iter().take(MOST);
        let problems = document.problems.iter().take(MOST);
        let says_nothing = document.problems.is_empty() && !document.cancelled;
        let account = Account {
            ended: document.finished_at,
            freshness: Freshness::of(document.finished_at, now),
            is_cancelled: document.cancelled,
            roots: roots.map(|root| cut(clean(&root.place.path))).collect(),
            backups: document.backups.len() as u64,
            allocated_bytes: document.summary.allocated_bytes,
            verdicts: verdicts(document),
            devices: Devices::of(devices.collect()),
            problems: problems.map(|one| cut(clean(&one.message))).collect(),
            all_problems: document.problems.len(),
            ended_with: Some(document.exit_code).filter(|code| says_nothing && !is_through(*code)),
        };
        Machine {
            name: called(name),
            number,
            standing: account.standing(could_look(document)),
            told: Ok(account),
        }
    }

    /// What its document says, where there is one.
    pub fn account(&self) -> Option<&Account> {
        self.told.as_ref().ok()
    }

    /// Whether somebody should look at it.
    pub fn wants_a_look(&self) -> bool {
        self.standing < Standing::Open
    }

    /// Whether there is anything to tell of it that its row does not say.
    pub fn has_more_to_tell(&self) -> bool {
        self.wants_a_look()
            || self
                .account()
                .is_some_and(|account| account.all_problems > 0)
    }

    /// Its place on the page: the worst first, of those that stand alike the one with the most bad backups,
    /// then by name.
    pub fn order(&self) -> (Standing, Reverse<u64>, &str, usize) {
        let bad = self.account().map_or(0, Account::bad);
        (self.standing, Reverse(bad), &self.name, self.number)
    }
}

impl Account {
    /// How many backups are damaged or incomplete.
    fn bad(&self) -> u64 {
        let verdicts = self.verdicts.iter();
        let bad = verdicts.filter(|(word, _)| ["corrupt", "incomplete"].contains(&&**word));
        bad.map(|(_, number)| number).sum()
    }

    fn has(&self, verdict: &str) -> bool {
        self.verdicts.iter().any(|(word, _)| word == verdict)
    }

    /// How the machine stands; `could_look` says whether its run could look at all that was asked for.
    fn standing(&self, could_look: bool) -> Standing {
        let worst = self.devices.worst();
        let is_whole = self.verdicts.iter().all(|(word, _)| word == "complete");
        if self.bad() > 0 || worst == Standing::Damaged {
            Standing::Damaged
        } else if self.freshness != Freshness::Fresh {
            Standing::Silent
        } else if !could_look || self.backups == 0 || self.has("unreadable") {
            Standing::Unseen
        } else if self.has("interrupted") || worst == Standing::Warned {
            Standing::Warned
        } else if self.all_problems > 0 || !is_whole {
            Standing::Open
        } else {
            Standing::Well
        }
    }
}

/// Whether a run that ended with this code went through to its end.
fn is_through(exit_code: u8) -> bool {
    matches!(exit_code, 0..=2)
}

/// Whether a run could look at all that was asked for. What was told before does not count in its exit code
/// (`--fail-on new`), and is hidden from it all the same.
fn could_look(document: &Document<'_>) -> bool {
    let is_blocked = document.problems.iter().any(|problem| problem.blocking);
    !document.cancelled && is_through(document.exit_code) && !is_blocked
}

/// A name that can be shown.
fn called(name: &str) -> String {
    cut(clean_or(name, "A machine without a name"))
}

/// All verdicts, the worst first; `None` stands for words that are not known here, which are none of the good ones.
const WORST_FIRST: [Option<Verdict>; 8] = [
    Some(Verdict::Corrupt),
    Some(Verdict::Incomplete),
    Some(Verdict::Unreadable),
    Some(Verdict::Interrupted),
    None,
    Some(Verdict::InProgress),
    Some(Verdict::Unverified),
    Some(Verdict::Complete),
];

/// The verdicts of a document's backups, counted there and not in its summary, worst first.
fn verdicts(document: &Document<'_>) -> Vec<(String, u64)> {
    let counted = WORST_FIRST.into_iter().map(|wanted| {
        let backups = document.backups.iter();
        let having = backups.filter(|backup| known(&backup.verdict) == wanted);
        let word = wanted.map_or("unknown", Verdict::as_str);
        (word.to_owned(), having.count() as u64)
    });
    counted.filter(|(_, number)| *number > 0).collect()
}
