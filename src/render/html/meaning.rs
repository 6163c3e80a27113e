//! What the findings and verdicts on the page mean: the texts of `bkscan explain`, each once.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::model::Verdict;
use crate::render::kinds;
use crate::render::printable::clean;
use crate::verify::{self, Explanation};

use super::page::{Page, Section};
use super::table::{Words, head};
use super::verdict::verdict;

/// The explanations of everything that was found, and of the verdicts.
pub fn section(page: &Page<'_>) -> Option<Section> {
    let document = page.document;
    let of_backups = document.backups.iter().flat_map(|backup| &backup.findings);
    let of_devices = document.devices.iter().flat_map(|device| &device.findings);
    let found: BTreeSet<&str> = of_backups
        .chain(of_devices)
        .map(|finding| &*finding.id)
        .collect();
    let is_empty = document.backups.is_empty() && found.is_empty();
    let verdicts: BTreeSet<&str> = document
        .backups
        .iter()
        .map(|backup| &*backup.verdict)
        .collect();
    let verdicts = Verdict::ALL
        .into_iter()
        .rev()
        .filter(|known| verdicts.contains(known.as_str()));
    let content = html! {
        @if !document.backups.is_empty() {
            h3 { "Verdicts" }
            table.words {
                (head(&[Words("Verdict"), Words("Means")]))
                tbody {
                    @for known in verdicts {
                        tr {
                            th scope="row" { (verdict(known.as_str())) }
                            td { (verify::explain(known).meaning) }
                        }
                    }
                }
            }
        }
        @for kind in kinds::findings().filter(|kind| found.contains(kind.id)) {
            h3 id={ "about-" (kind.id) } { code { (kind.id) } }
            p.quiet { (kind.severity.as_str()) ", " (kind.consequence) }
            (texts(kind.explanation))
        }
    };
    (!is_empty).then(|| Section {
        id: "meaning",
        title: "What the words mean".to_owned(),
        is_folded: true,
        content,
    })
}

/// A finding's id, with a link to its explanation where there is one.
pub fn link(id: &str) -> Markup {
    let known = kinds::findings().any(|kind| kind.id == id);
    html! {
        @if known { a href={ "#about-" (id) } { code { (id) } } } @else { code { (clean(id)) } }
    }
}

fn texts(explanation: &Explanation) -> Markup {
    let actions: Vec<&str> = explanation.action.lines().collect();
    html! {
        p { (explanation.meaning) }
        p { strong { "How sure: " } (explanation.certainty) }
        @if let [action] = actions.as_slice() {
            p { strong { "What to do: " } (action) }
        } @else {
            p { strong { "What to do:" } }
            ol { @for action in actions { li { (action) } } }
        }
    }
}
