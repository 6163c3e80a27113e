//! Storage by group and app, as bars.

use maud::{Markup, html};

use crate::report::document::Group;

use super::names::clean_or;
use super::number::bytes;
use super::svg::percent;
use super::table::{Numbers, Words, head};

/// How many groups stand in the first table; the others are folded up below it.
const MOST: usize = 10;

/// The groups of a backup, largest first, each with its share of all of them.
pub fn table(index: usize, storage: &[Group<'_>]) -> Markup {
    let all = storage.iter().map(|group| group.bytes as f64).sum();
    let (first, others) = storage.split_at(storage.len().min(MOST));
    html! {
        (rows(index, 0, first, all))
        @if !others.is_empty() {
            details {
                summary { "The other " (others.len()) }
                (rows(index, MOST, others, all))
            }
        }
    }
}

fn rows(index: usize, skipped: usize, groups: &[Group<'_>], all: f64) -> Markup {
    html! {
        table.bars {
            (head(&[Words("What"), Numbers("Size"), Words("Share")]))
            tbody {
                @for (place, group) in groups.iter().enumerate() {
                    @let pointer = format!("/backups/{index}/storage/{}/bytes", skipped + place);
                    tr {
                        th scope="row" { (clean_or(&group.group, "no name")) }
                        td.number { (bytes(&pointer, group.bytes)) }
                        td.bar-cell { (bar(group.bytes, all)) }
                    }
                }
            }
        }
    }
}

/// A share of the largest; what is not nothing can be seen.
fn bar(value: u64, all: f64) -> Markup {
    let part = match value {
        0 => 0.0,
        value => (value as f64 / all * 100.0).clamp(0.5, 100.0),
    };
    html! {
        svg.bar aria-hidden="true" {
            rect.track width="100%" height="100%" {}
            rect.share width={ (percent(part)) } height="100%" {}
        }
    }
}
