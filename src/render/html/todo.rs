//! What to do first, with sizes.

use maud::{Markup, html};

use crate::advise;
use crate::document::Advice;

use super::number::bytes;
use super::{Page, Section, clean};

/// All that is personal of the advice, most important first.
pub fn section(page: &Page<'_>) -> Option<Section> {
    let mut items: Vec<(usize, &Advice<'_>)> = page.document.advice.iter().enumerate().collect();
    items.sort_by_key(|(_, item)| advise::rank(item.step, &item.id, item.bytes));
    let content = html! {
        ol.advice {
            @for (at, item) in &items {
                li {
                    h3 { (clean(&item.title)) }
                    @if let Some(value) = item.bytes {
                        p.quiet { "About " (bytes(&format!("/advice/{at}/bytes"), value)) }
                    }
                    (text(&item.text))
                    @if let Some(command) = &item.command {
                        pre { code { (clean(command)) } }
                    }
                }
            }
        }
    };
    (!items.is_empty()).then(|| Section {
        id: "todo",
        title: "What to do".to_owned(),
        content,
    })
}

/// Sentences one below the other; lines that begin with blanks are to be copied as they are.
fn text(text: &str) -> Markup {
    let lines: Vec<&str> = text.lines().collect();
    let is_block = |line: &&str| line.starts_with("  ");
    html! {
        @for group in lines.chunk_by(|one, next| is_block(one) == is_block(next)) {
            @if group.first().is_some_and(is_block) {
                pre { @for line in group { (clean(line.trim_start())) "\n" } }
            } @else {
                @for line in group { p { (clean(line)) } }
            }
        }
    }
}
