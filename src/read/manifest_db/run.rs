//! One reading of all rows, whichever way they are read.

use crate::model::Listing;
use crate::model::progress::{Event, Monitor};
use crate::read::database::Database;
use crate::read::tally::{self, Tally};
use crate::read::wanted::Wanted;

/// What is read, and how.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) database: &'a Database,
    pub(super) opaque: bool,
    pub(super) wanted: Wanted<'a>,
    pub(super) monitor: &'a Monitor<'a>,
}

/// What one part of the rows came to: its tally, what is damaged, and what is beyond our reader.
pub(super) type Part<'a> = (Tally<'a>, Option<String>, Option<String>);

impl Run<'_> {
    pub(super) fn join(self, parts: Vec<Part<'_>>) -> Listing {
        let mut tallies = Vec::new();
        let (mut damage, mut unjudged) = (None, None);
        for (tally, damaged, beyond) in parts {
            tallies.push(tally);
            damage = damage.or(damaged);
            unjudged = unjudged.or(beyond);
        }
        Listing {
            opaque: self.opaque,
            damage: damage.into_iter().collect(),
            unjudged,
            ..tally::join(tallies)
        }
    }
}

/// Tells of rows now and then.
pub(super) struct Told<'a> {
    monitor: &'a Monitor<'a>,
    rows: u64,
}

impl<'a> Told<'a> {
    pub(super) fn new(monitor: &'a Monitor<'a>) -> Told<'a> {
        Told { monitor, rows: 0 }
    }

    /// Counts a row; false where the run is to stop.
    pub(super) fn go_on(&mut self) -> bool {
        const TELL_EVERY: u64 = 4096;
        self.rows += 1;
        if self.rows < TELL_EVERY {
            return true;
        }
        self.monitor.tell(Event::Rows { rows: self.rows });
        self.rows = 0;
        !self.monitor.is_stopped()
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.monitor.tell(Event::Rows { rows: self.rows });
    }
}
