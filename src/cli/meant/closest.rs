//! The word that was likely meant.

/// The known word that a mistyped one resembles most, if it does.
pub fn closest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .max_by_key(|word| likeness(typed, word))
        .filter(|word| likeness(typed, word) > 850)
}

/// How much two words resemble each other, of 1000.
pub fn likeness(one: &str, other: &str) -> u32 {
    (strsim::jaro_winkler(one, other) * 1000.0) as u32
}
