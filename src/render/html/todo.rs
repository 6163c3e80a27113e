//! What to do first, with sizes.

use std::collections::HashSet;

use maud::{Markup, html};

use crate::advise;
use crate::render::printable::clean;
use crate::report::document::Advice;
use crate::words::numbers;

use super::names::clean_or;
use super::number::bytes;
use super::page::{Page, Section};

/// How many pieces of advice are not folded up.
pub const FIRST: usize = 3;

/// The pieces of advice with their places in the document, most important first.
pub fn ranked<'a>(page: &'a Page<'_>) -> Vec<(usize, &'a Advice<'a>)> {
    let mut items: Vec<(usize, &Advice<'_>)> = page.document.advice.iter().enumerate().collect();
    items.sort_by_key(|(_, item)| advise::rank(item.step, &item.id, item.bytes));
    items
}

/// The id of the piece of this rank.
pub fn id(rank: usize) -> String {
    format!("todo-{}", rank + 1)
}

/// All that is personal of the advice, most important first.
pub fn section(page: &Page<'_>) -> Option<Section> {
    let items = ranked(page);
    let mut told = HashSet::new();
    let pieces = items.iter().enumerate();
    let pieces = pieces.map(|(rank, (index, item))| piece(rank, *index, item, &mut told));
    let pieces: Vec<Markup> = pieces.collect();
    // What is drastic or seldom helps comes last.
    let usual = items
        .iter()
        .filter(|(_, item)| !advise::is_drastic(&item.id));
    let (first, more) = pieces.split_at(usual.count().min(FIRST));
    let content = html! {
        @if !first.is_empty() { ol.advice { @for piece in first { (piece) } } }
        @if !more.is_empty() {
            details {
                summary { (more.len()) " more" }
                ol.advice.more { @for piece in more { (piece) } }
            }
        }
    };
    (!items.is_empty()).then(|| Section {
        id: "todo",
        title: "What to do".to_owned(),
        is_folded: false,
        content,
    })
}

/// A piece of advice; lines that were `told` before are not told again.
fn piece<'a>(
    rank: usize,
    index: usize,
    item: &'a Advice<'a>,
    told: &mut HashSet<&'a str>,
) -> Markup {
    let lines: Vec<&str> = item.text.lines().collect();
    let is_block = |line: &&str| line.starts_with("  ");
    let is_old = |line: &&str| !is_block(line) && told.contains(line);
    let (old, new): (Vec<&str>, Vec<&str>) = lines.iter().copied().partition(is_old);
    told.extend(new.iter().copied());
    html! {
        li id=(id(rank)) {
            (title(index, item))
            @if !old.is_empty() { p.quiet { "Seen: as above." } }
            @for group in new.chunk_by(|one, next| is_block(one) == is_block(next)) {
                @if group.first().is_some_and(is_block) {
                    // To be copied as it is.
                    pre { @for line in group { (clean(line.trim_start())) "\n" } }
                } @else {
                    @for line in group { p { (clean(line)) } }
                }
            }
            @if let Some(command) = &item.command {
                pre { code { (clean(command)) } }
            }
        }
    }
}

/// What a piece is called.
pub fn name(item: &Advice<'_>) -> String {
    clean_or(&item.title, &clean(&item.id))
}

/// The title, with its size as a number; below it, where it does not have it.
fn title(index: usize, item: &Advice<'_>) -> Markup {
    let title = name(item);
    let Some(value) = item.bytes else {
        return html! { h3 { (title) } };
    };
    let number = bytes(&format!("/advice/{index}/bytes"), value);
    html! {
        @if let Some((before, after)) = title.split_once(&numbers::size(value)) {
            h3 { (before) (number) (after) }
        } @else {
            h3 { (title) }
            p.quiet { "About " (number) "." }
        }
    }
}
