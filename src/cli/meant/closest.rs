//! The word that was likely meant.

use std::cmp::Reverse;

/// The known word that a mistyped one resembles most, if it does.
pub fn closest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest(typed, known, 1).pop()
}

/// How much two words resemble each other, of 1000.
pub fn likeness(one: &str, other: &str) -> u32 {
    (strsim::jaro_winkler(one, other) * 1000.0) as u32
}

/// The known words that a mistyped one resembles, at most so many, the most likely first.
pub fn nearest<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str>,
    most: usize,
) -> Vec<&'a str> {
    let mut near: Vec<_> = known.into_iter().collect();
    near.retain(|word| likeness(typed, word) > 850);
    near.sort_by_key(|word| Reverse(likeness(typed, word)));
    near.truncate(most);
    near
}
