//! The page of many machines (`bkscan report` of several documents), worst first: a table of all that want
//! a look, what was found on each, and in short those that were not checked in full and those that are fine.
//!
//! Of each document only a [`Machine`] is kept, so that thousands need no more memory than their page.

mod device;
mod found;
mod machine;
mod rows;
mod standing;
mod view;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::words::numbers;

use super::frame::{Frame, framed};
use super::number::{other_bytes, other_counted};
use super::page::Section;
use super::times;

pub use machine::Machine;

use standing::Standing;
use view::Fleet;

/// The page of these machines, as HTML. `now` is when nothing is new any more.
pub fn page(mut machines: Vec<Machine>, now: Timestamp, zone: &TimeZone) -> String {
    machines.sort_by(|one, other| one.order().cmp(&other.order()));
    let fleet = Fleet {
        machines,
        now,
        zone,
    };
    let those = |belongs: fn(&Machine) -> bool| {
        let machines = fleet.machines.iter();
        machines.filter(|one| belongs(one)).collect::<Vec<_>>()
    };
    let look = those(Machine::wants_a_look);
    let open = those(|machine| machine.standing == Standing::Open);
    let fine = those(|machine| machine.standing == Standing::Well);
    let sections = [
        section("look", "Machines to look at", rows::table(&fleet, &look)),
        section("found", "What was found", found::machines(&fleet)),
        section(
            "open",
            "Machines not checked in full",
            rows::table(&fleet, &open),
        ),
        section("fine", "Machines that are fine", rows::table(&fleet, &fine)),
    ];
    let sections: Vec<Section> = sections.into_iter().flatten().collect();
    framed(&Frame {
        title: format!("{}, {}", heading(&fleet), numbers::day(now, zone)),
        version: env!("CARGO_PKG_VERSION"),
        header: header(&fleet),
        footer: html! {},
        sections: &sections,
    })
}

fn section(id: &'static str, title: &str, content: Option<Markup>) -> Option<Section> {
    content.map(|content| Section {
        id,
        title: title.to_owned(),
        is_folded: false,
        content,
    })
}

fn heading(fleet: &Fleet<'_>) -> String {
    let all = numbers::counted(fleet.machines.len() as u64, "machine", "machines");
    format!("iPhone and iPad backups of {all}")
}

/// The answer, and all of it in numbers.
fn header(fleet: &Fleet<'_>) -> Markup {
    let (class, answer) = answer(&fleet.machines);
    let account = || fleet.machines.iter().filter_map(Machine::account);
    let devices = account().map(|account| account.devices.number()).sum();
    let backups = account().map(|account| account.backups);
    let bytes = account().map(|account| account.allocated_bytes);
    html! {
        h1 { (heading(fleet)) }
        p.headline.(class) { (answer) }
        p.quiet {
            (other_counted(devices, "device", "devices")) " · "
            (other_counted(backups.fold(0, u64::saturating_add), "backup", "backups")) " · "
            (other_bytes(bytes.fold(0, u64::saturating_add))) " on their disks. Judged at "
            (times::moment(fleet.now, fleet.zone)) "."
        }
    }
}

/// Whether all is well, in a sentence, and its colour.
fn answer(machines: &[Machine]) -> (&'static str, String) {
    let of = |standing: Standing| {
        let machines = machines.iter();
        machines.filter(|one| one.standing == standing).count() as u64
    };
    let reasons = [
        (Standing::Damaged, "with a damaged or incomplete backup"),
        (Standing::Unread, "without a document that could be read"),
        (Standing::Silent, "not heard of within two days"),
        (Standing::Unseen, "that could not be looked at in full"),
        (Standing::Warned, "with a warning"),
    ];
    let told = reasons.iter().filter_map(|(standing, words)| {
        let number = of(*standing);
        (number > 0).then(|| format!("{} {words}", numbers::count(number)))
    });
    let told: Vec<String> = told.collect();
    let all = machines.len() as u64;
    let looks: u64 = reasons.iter().map(|(standing, _)| of(*standing)).sum();
    match (looks, of(Standing::Open)) {
        (0, 0) => ("ok", format!("All {} are well.", count(all))),
        (0, open) => {
            let verb = if open == 1 { "was" } else { "were" };
            let rest = format!("{} {verb} not checked in full.", numbers::count(open));
            ("open", format!("No machine needs a look; {rest}"))
        }
        (looks, _) => {
            let class = if of(Standing::Damaged) > 0 {
                "bad"
            } else {
                "warn"
            };
            let verb = if looks == 1 { "needs" } else { "need" };
            let (looks, reasons) = (numbers::count(looks), told.join(", "));
            (
                class,
                format!("{looks} of {} {verb} a look: {reasons}.", count(all)),
            )
        }
    }
}

fn count(machines: u64) -> String {
    numbers::counted(machines, "machine", "machines")
}
