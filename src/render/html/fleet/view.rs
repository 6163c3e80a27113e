//! What the page shows: the machines, in their order, and by what they are judged.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::render::html::times;
use crate::words::numbers;

use super::device::Dated;
use super::machine::Machine;

/// What the page shows.
pub struct Fleet<'a> {
    /// The machines, worst first.
    pub machines: Vec<Machine>,
    /// The time that counts as now.
    pub now: Timestamp,
    /// The time zone in which dates are told.
    pub zone: &'a TimeZone,
}

impl Fleet<'_> {
    /// A backup by its date and age.
    pub fn dated(&self, backup: &Dated) -> Markup {
        let age = backup.at.and_then(|at| numbers::time_since(at, self.now));
        html! {
            @match backup.at {
                Some(at) => { (times::day(at, self.zone)) },
                None => "date not known",
            }
            @if let Some(age) = age { " (" (age) ")" }
        }
    }
}
