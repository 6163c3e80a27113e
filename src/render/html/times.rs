//! Days and moments: a person reads them in the zone of the page, a program as they are.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::words::numbers;

/// A day.
pub fn day(time: Timestamp, zone: &TimeZone) -> Markup {
    html! { time datetime=(time) { (numbers::day(time, zone)) } }
}

/// A day with the time of day and the name of the zone.
pub fn moment(time: Timestamp, zone: &TimeZone) -> Markup {
    let name = time.to_zoned(zone.clone()).strftime("%Z").to_string();
    html! { time datetime=(time) { (numbers::moment(time, zone)) " " (name) } }
}
