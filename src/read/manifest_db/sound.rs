//! The rows of the manifest in the same pass that shows that its file is sound.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use rusqlite::types::ValueRef;

use crate::model::Listing;
use crate::read::budget::Budget;
use crate::read::pages::{Pass, columns, fits};
use crate::read::tally::Tally;

use super::columns::add;
use super::run::{Part, Run, Told};
use super::schema::Schema;

impl Run<'_> {
    /// Reads the rows and checks the whole file; `None` where it is not certain that it is sound, or the rows
    /// are more than are kept.
    pub(super) fn in_one_pass(self, schema: &Schema) -> Option<Listing> {
        let input = || self.database.input();
        let pass = Pass::begin(&input, &schema.trees, |table, record| {
            if schema.keyed != Some(table) {
                return Some(());
            }
            // A key of text is never kept as a number.
            let [key, ..] = columns(record)?;
            (!matches!(key, ValueRef::Integer(_) | ValueRef::Real(_))).then_some(())
        })?;
        let budget = Budget::usual(self.wanted);
        let stopped = AtomicBool::new(false);
        let parts = pass.parts().into_par_iter().map(|part| {
            let mut tally = Tally::new(self.wanted, &budget);
            let mut told = Told::new(self.monitor);
            let done = pass.part(part, |record| {
                let columns = columns(record).filter(fits)?;
                add(&mut tally, columns, self.opaque).ok()?;
                if !told.go_on() {
                    stopped.store(true, Ordering::Relaxed);
                    return None;
                }
                Some(())
            });
            (done.is_some() || stopped.load(Ordering::Relaxed))
                .then(|| (tally.finish(), None, None))
        });
        let parts = parts.collect::<Option<Vec<Part<'_>>>>()?;
        let found = pass.finish(|| !self.monitor.is_stopped());
        let is_sound = found.is_some_and(|found| {
            let mut counts = schema.counted.iter().zip(&found.records);
            counts.all(|(table, records)| {
                table.is_none_or(|table| found.rows_of(table) == Some(*records))
            })
        });
        (is_sound || self.monitor.is_stopped()).then(|| self.join(parts))
    }
}
