//! Verdicts as the page shows them.

use maud::{Markup, html};

use crate::model::Verdict;
use crate::render::printable::clean;
use crate::render::symbol::symbol;

/// The verdict of this name.
pub fn known(word: &str) -> Option<Verdict> {
    let mut all = Verdict::ALL.into_iter();
    all.find(|known| known.as_str() == word)
}

/// A verdict with its symbol; colour says nothing that the word does not.
pub fn verdict(word: &str) -> Markup {
    let known = known(word);
    let class = known.map_or("open", class);
    let symbol = known.map_or("?", symbol);
    html! {
        span.verdict.(class) { span aria-hidden="true" { (symbol) } " " (clean(word)) }
    }
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Complete => "ok",
        Verdict::Unverified | Verdict::InProgress => "open",
        Verdict::Interrupted | Verdict::Unreadable => "warn",
        Verdict::Incomplete | Verdict::Corrupt => "bad",
    }
}
