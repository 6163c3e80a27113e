//! What level `contents` remembers from run to run. Nothing here may fail a scan: it becomes a line on
//! stderr.

use std::path::Path;

use crate::model::options::ScanOptions;
use crate::model::sources;
use crate::model::{Known, Level, Report};
use crate::state::ledger::{self, Ledger};
use crate::system::{self, inside};

use crate::cli::session::Session;
use crate::cli::stop::Remark;

/// The ledger of a run, or why there is none.
#[derive(Default)]
pub struct OfRun {
    ledger: Option<Compared>,
    trouble: Option<String>,
}

/// A ledger that is compared with, and learns only from scans.
struct Compared {
    ledger: Ledger,
    learns: bool,
}

impl sources::Ledger for Compared {
    fn known(&self, folder: &Path, shard: u8) -> Vec<Known> {
        self.ledger.known(folder, shard)
    }

    fn learn(&self, folder: &Path, shards: Vec<(u8, Vec<Known>)>) {
        if self.learns {
            self.ledger.learn(folder, shards);
        }
    }
}

impl OfRun {
    /// Opens the ledger, where this run reads contents and may remember something.
    pub fn open(session: &Session, config: &ScanOptions) -> OfRun {
        let no_state = session.options.no_state || system::is_root_for_another_user();
        if config.level < Level::Contents || no_state {
            return OfRun::default();
        }
        let state = session.state();
        let Some(folder) = state.path() else {
            let none = "what is read is not remembered: this user has no state folder; --state-dir \
                        names one, --no-state does without";
            return OfRun::without(none.to_owned());
        };
        // The file may be a link to somewhere else than its folder.
        let file = Ledger::path(&state);
        let roots = || config.roots.iter().map(|root| root.as_path());
        let mut places = [Some(folder), file.as_deref()].into_iter().flatten();
        if places.any(|place: &Path| inside::is_within(place, roots())) {
            return OfRun::without(format!(
                "what is read is not remembered: the state folder {} lies in what is scanned; \
                 --state-dir names another one, --no-state does without",
                folder.display()
            ));
        }
        match Ledger::open(&state, config.now, ledger::MOST) {
            Ok(ledger) => OfRun {
                ledger: Some(Compared {
                    ledger,
                    learns: session.remembers,
                }),
                trouble: None,
            },
            Err(why) => OfRun::without(why.to_string()),
        }
    }

    fn without(why: String) -> OfRun {
        OfRun {
            ledger: None,
            trouble: Some(why),
        }
    }

    /// For the scan.
    pub fn means(&self) -> Option<&dyn sources::Ledger> {
        self.ledger.as_ref().map(|compared| compared as _)
    }

    /// After a scan: forgets what is gone, unless it was stopped, and tells how many bytes the ledger
    /// takes, and what went wrong.
    pub fn close(self, session: &Session, report: &Report) -> (Option<u64>, Option<Remark>) {
        let learns = self.ledger.as_ref().is_some_and(|compared| compared.learns);
        let ledger = self.ledger.as_ref().map(|compared| &compared.ledger);
        let file = Ledger::path(&session.state());
        // A link may have led the scan to where the file is.
        let may_write = file.is_some_and(|file| !inside::is_within(&file, inside::scanned(report)));
        if let Some(ledger) = ledger.filter(|_| learns && may_write && !report.cancelled) {
            ledger.forget_gone();
        }
        let trouble = self.trouble.or_else(|| ledger?.trouble());
        let redacted = "what is read is not remembered, or not all of it";
        (
            ledger.map(Ledger::bytes),
            trouble.map(|full| Remark::new(redacted, full)),
        )
    }
}
