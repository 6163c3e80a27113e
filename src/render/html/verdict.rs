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
    let class = class(known);
    let symbol = known.map_or("?", symbol);
    html! {
        span.verdict.(class) { span aria-hidden="true" { (symbol) } " " (clean(word)) }
    }
}

/// The colour of a verdict; of one that is not known here, that of what nobody can tell.
pub fn class(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Complete) => "ok",
        None | Some(Verdict::Unverified | Verdict::InProgress) => "open",
        Some(Verdict::Interrupted | Verdict::Unreadable) => "warn",
        Some(Verdict::Incomplete | Verdict::Corrupt) => "bad",
    }
}
