//! The word that was likely meant.

/// The known word that a mistyped one resembles most, if it does.
pub fn closest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |word: &&str| (strsim::jaro_winkler(typed, word) * 1000.0) as u32;
    known
        .into_iter()
        .max_by_key(likeness)
        .filter(|word| likeness(word) > 850)
}
