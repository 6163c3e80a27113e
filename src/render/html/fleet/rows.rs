//! The table of machines: the worst verdict of each, its numbers, the newest good backup of each device, and
//! when it was last heard of.

use maud::{Markup, html};

use crate::render::html::number::other_counted;
use crate::render::html::table::{Words, head};
use crate::render::html::times;
use crate::render::html::verdict::verdict;
use crate::words::numbers;

use super::device::{Device, Devices};
use super::machine::{Account, Machine};
use super::standing::Freshness;
use super::view::Fleet;

/// How many devices of a machine stand in its row.
const MOST: usize = 12;

/// The table; nothing where there is no machine for it.
pub fn table(fleet: &Fleet<'_>, machines: &[&Machine]) -> Option<Markup> {
    let columns = [
        Words("Machine"),
        Words("Worst verdict"),
        Words("Newest good backup"),
        Words("Last run"),
    ];
    (!machines.is_empty()).then(|| {
        html! {
            table.machines {
                (head(&columns))
                tbody { @for machine in machines { (row(fleet, machine)) } }
            }
        }
    })
}

fn row(fleet: &Fleet<'_>, machine: &Machine) -> Markup {
    html! {
        tr {
            th scope="row" {
                @if machine.has_more_to_tell() {
                    a href={ "#machine-" (machine.number) } { (machine.name) }
                } @else { (machine.name) }
                @if let Some(account) = machine.account() { (roots(account)) }
            }
            @match machine.account() {
                Some(account) => {
                    td { (state(account)) }
                    td { (devices(fleet, &account.devices)) }
                    td { (last_run(fleet, account)) }
                },
                None => {
                    td { span.verdict.warn { span aria-hidden="true" { "!" } " not read" } }
                    td { "not known" }
                    td { "not known" }
                },
            }
        }
    }
}

/// The paths that were asked for.
fn roots(account: &Account) -> Markup {
    html! {
        p.quiet {
            @for (nth, root) in account.roots.iter().enumerate() {
                @if nth > 0 { ", " } code { (root) }
            }
        }
    }
}

/// The worst verdict, and all in numbers.
fn state(account: &Account) -> Markup {
    html! {
        @match account.verdicts.first() {
            Some((word, _)) => { (verdict(word)) },
            None => "No backup",
        }
        @if account.backups > 1 {
            p.quiet {
                @for (nth, (word, number)) in account.verdicts.iter().enumerate() {
                    @if nth > 0 { ", " } (other_counted(*number, word, word))
                }
            }
        }
        @if account.is_cancelled { p.quiet { "stopped before its end" } }
        @if account.all_problems > 0 {
            p.quiet { (other_counted(account.all_problems as u64, "problem", "problems")) }
        }
    }
}

fn devices(fleet: &Fleet<'_>, devices: &Devices) -> Markup {
    let shown = devices.first.len().min(MOST);
    let more = devices.first.len() - shown + devices.more;
    html! {
        ul.newest {
            @for device in &devices.first[..shown] { li { (newest(fleet, device)) } }
            @if more > 0 { li.quiet { (other_counted(more as u64, "device more", "devices more")) } }
        }
    }
}

/// The newest good backup of a device.
fn newest(fleet: &Fleet<'_>, device: &Device) -> Markup {
    html! {
        (device.name) ": "
        @match &device.good {
            Some(good) => { (fleet.dated(good)) },
            None => strong { "none" },
        }
    }
}

/// When a machine was last heard of.
fn last_run(fleet: &Fleet<'_>, account: &Account) -> Markup {
    let age = numbers::time_since(account.ended, fleet.now);
    let day = times::day(account.ended, fleet.zone);
    html! {
        @match (account.freshness, age) {
            (Freshness::Ahead, _) => { strong.warn { "in the future" } ": " (day) },
            (Freshness::Silent, Some(age)) => {
                strong.warn { "silent" } " for " (age) ", since " (day)
            },
            (_, Some(age)) => { (age) " ago" },
            (_, None) => { (day) },
        }
    }
}
