//! Numbers of the document: a person reads the text, a program the exact value and where it stands.

use maud::{Markup, html};

use crate::report::document::Frees;
use crate::words::numbers;

/// A number of bytes that stands in the document at `pointer`.
pub fn bytes(pointer: &str, value: u64) -> Markup {
    let exact = numbers::counted(value, "byte", "bytes");
    html! { data value=(value) data-json=(pointer) title=(exact) { (numbers::size(value)) } }
}

/// A count that stands in the document at `pointer`.
pub fn count(pointer: &str, value: u64) -> Markup {
    html! { data value=(value) data-json=(pointer) { (numbers::count(value)) } }
}

/// A count with its noun.
pub fn counted(pointer: &str, value: u64, one: &str, many: &str) -> Markup {
    html! { (count(pointer, value)) " " (if value == 1 { one } else { many }) }
}

/// What a removal gives back; `pointer` is that of its bytes.
pub fn freed(pointer: &str, frees: &Frees) -> Markup {
    html! { @if !frees.exact { "up to " } (bytes(pointer, frees.bytes)) }
}

/// A number of bytes that stands nowhere in the document.
pub fn other_bytes(value: u64) -> Markup {
    html! { data value=(value) { (numbers::size(value)) } }
}

/// A count that stands nowhere in the document, with its noun.
pub fn other_counted(value: u64, one: &str, many: &str) -> Markup {
    html! {
        data value=(value) { (numbers::count(value)) } " " (if value == 1 { one } else { many })
    }
}
