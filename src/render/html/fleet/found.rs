//! What was found on each machine, in words.

use maud::{Markup, html};

use crate::render::html::number::other_counted;
use crate::render::html::times;
use crate::render::html::verdict::verdict;
use crate::words::numbers;

use super::device::{Device, Found};
use super::machine::{Account, Machine};
use super::standing::Freshness;
use super::view::Fleet;

/// All of it, in the order of the tables.
pub fn machines(fleet: &Fleet<'_>) -> Option<Markup> {
    let machines = fleet.machines.iter();
    let mut told = machines
        .filter(|machine| machine.has_more_to_tell())
        .peekable();
    told.peek()?;
    Some(html! { @for machine in told { (told_of(fleet, machine)) } })
}

fn told_of(fleet: &Fleet<'_>, machine: &Machine) -> Markup {
    let id = format!("machine-{}", machine.number);
    html! {
        article.machine id=(id) aria-labelledby={ (id) "-name" } {
            h3 id={ (id) "-name" } { (machine.name) }
            @match &machine.told {
                Ok(account) => { (account_of(fleet, account)) },
                Err(why) => p { "Nothing is known: its document " (why) "." },
            }
        }
    }
}

fn account_of(fleet: &Fleet<'_>, account: &Account) -> Markup {
    let more = account.all_problems - account.problems.len();
    let in_trouble = account.devices.first.iter();
    let in_trouble = in_trouble.filter(|device| device.is_in_trouble());
    html! {
        (silence(fleet, account))
        @if account.is_cancelled {
            p { "The run was stopped before its end: other backups were not looked at." }
        }
        @if let Some(code) = account.ended_with {
            p { "Its run ended with exit code " (code) ": not all could be looked at." }
        }
        @if account.backups == 0 { p { "No backup was found." } }
        @if !account.problems.is_empty() {
            ul {
                @for problem in &account.problems { li { (problem) } }
                @if more > 0 { li.quiet { (other_counted(more as u64, "problem more", "problems more")) } }
            }
        }
        @for device in in_trouble { (device_in_trouble(fleet, device)) }
        @if account.devices.more_in_trouble > 0 {
            p {
                (other_counted(account.devices.more_in_trouble as u64, "device", "devices"))
                " more in trouble: its own document makes a page that names all."
            }
        }
    }
}

/// Since when nothing has been heard.
fn silence(fleet: &Fleet<'_>, account: &Account) -> Markup {
    let moment = times::moment(account.ended, fleet.zone);
    let age = numbers::time_since(account.ended, fleet.now).unwrap_or_default();
    html! {
        @match account.freshness {
            Freshness::Fresh => {},
            Freshness::Silent => p {
                "Nothing has been heard since " (moment) ", " (age) " ago: what is told here was so then."
            },
            Freshness::Ahead => p {
                "Its last run is dated " (moment) ", which is yet to come: a clock is wrong, and nobody can \
                 tell how old this is."
            },
        }
    }
}

fn device_in_trouble(fleet: &Fleet<'_>, device: &Device) -> Markup {
    html! {
        h4 {
            (device.name)
            @if let Some(model) = &device.model { " " span.quiet { (model) } }
        }
        p.state {
            @match &device.good {
                Some(good) => { "Newest good backup: " (verdict(&good.verdict)) ", " (fleet.dated(good)) "." },
                None => strong { "There is no good backup." },
            }
            @if let Some(last) = &device.last {
                " The last one: " (verdict(&last.verdict)) ", " (fleet.dated(last)) "."
            }
        }
        ul.findings {
            @for found in &device.found { (finding(fleet, found)) }
            @if device.more_found > 0 {
                li.quiet { (other_counted(device.more_found as u64, "finding more", "findings more")) }
            }
        }
    }
}

fn finding(fleet: &Fleet<'_>, found: &Found) -> Markup {
    let class = match &*found.severity {
        "error" => "bad",
        _ => "warn",
    };
    html! {
        li {
            p {
                span.verdict.(class) { (found.severity) } " " code { (found.id) }
                @if let Some(backup) = &found.of { span.quiet { " · backup of " (fleet.dated(backup)) } }
            }
            p { (found.message) "." }
        }
    }
}
