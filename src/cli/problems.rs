//! Tells what could not be looked at, and what was passed over.

use std::path::{Path, PathBuf};

use crate::find::Found;
use crate::find::places;
use crate::model::{BesideKind, Problem, Report};
use crate::render::printable;
use crate::report::redact;
use crate::system::SYSTEM;

use super::meant::{paths, word};
use super::session::Session;
use super::stop::Remark;

impl Session {
    /// Tells on stderr of the first place that was closed, and how to open it; returns which, where it
    /// was told. It is personal.
    pub fn tell_closed<'a>(&self, found: &'a Found) -> Option<&'a Path> {
        let closed = found.closed.first().filter(|_| !self.options.redact);
        let (path, privacy) = closed?;
        let program = std::env::var("TERM_PROGRAM").ok();
        let terminal = places::terminal_name(program.as_deref());
        let shown = printable::clean(&path.display().to_string());
        self.tell(&Remark::lines(places::not_permitted(
            SYSTEM, &shown, *privacy, terminal,
        )));
        Some(path)
    }

    /// Tells on stderr what could not be looked at, and what was passed over.
    pub fn tell_problems(&self, report: &Report, found: &Found) {
        /// How many things that are merely worth knowing are named.
        const MOST_REMARKS: usize = 5;
        let closed = self.tell_closed(found);
        let told = |path: &Path| closed == Some(path);
        let mut problems = report.problems.clone();
        if self.options.redact {
            redact::redact_problems(&mut problems);
        }
        let roots = report.roots.iter();
        let roots: Vec<PathBuf> = roots.map(|root| root.path.clone()).collect();
        let (blocking, remarks): (Vec<_>, Vec<_>) = problems
            .iter()
            .filter(|problem| !told(&problem.path))
            .partition(|problem| problem.blocking);
        for problem in blocking.iter().chain(remarks.iter().take(MOST_REMARKS)) {
            let typed = problem
                .path
                .to_str()
                .filter(|word| !word.contains(['/', '\\']));
            let call = typed.filter(|_| problem.blocking).and_then(word::near);
            let is_missing = problem.blocking && !self.options.redact;
            let is_missing = is_missing && !paths::is_there(&problem.path);
            self.say(&match call.filter(|_| !problem.path.exists()) {
                Some(call) => format!("{}; did you mean {call}?", problem.message),
                None if is_missing => {
                    let meant = paths::meant(&problem.path, &roots);
                    paths::with_hint(&problem.message, meant.as_deref())
                }
                None => problem.message.clone(),
            });
        }
        if let Some(more) = remarks
            .len()
            .checked_sub(MOST_REMARKS)
            .filter(|more| *more > 0)
        {
            self.say(&format!(
                "{more} more places were passed over (--json lists them)"
            ));
        }
    }
}

/// The first path that was asked for and could not be looked at, or shows no backup because of something
/// in it that could not: nobody knows what is there. Also what is wrong.
pub fn in_the_dark(report: &Report) -> Option<(&Path, &Problem)> {
    let asked_for = report.roots.iter().filter(|root| !root.is_default);
    asked_for.map(|root| root.path.as_path()).find_map(|root| {
        let mut backups = report.backups.iter();
        let is_seen = backups.any(|backup| backup.path.starts_with(root));
        // Where a removal that was stopped left something, somebody looked; that there is no backup is no obstacle.
        let mut beside = report.beside.iter();
        let is_looked_into = beside.any(|beside| {
            beside.kind == BesideKind::RemovalUnfinished && beside.path.starts_with(root)
        });
        let is_of_root = |path: &Path| match path == root {
            true => !is_looked_into,
            false => !is_seen && path.starts_with(root),
        };
        let mut blocking = report.problems.iter().filter(|problem| problem.blocking);
        let problem = blocking.find(|problem| is_of_root(&problem.path))?;
        Some((root, problem))
    })
}
