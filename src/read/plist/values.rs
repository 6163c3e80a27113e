//! Lenient typed access to the keys of a dictionary.

use jiff::Timestamp;
use plist::Dictionary;

/// Longest text that is kept; a device's name has at most some dozens of characters.
const MAX_TEXT: usize = 255;

/// The text at `key`, if it is one and not empty; cut where it is absurdly long.
pub fn text(dictionary: &Dictionary, key: &str) -> Option<String> {
    let text = dictionary.get(key)?.as_string()?;
    (!text.is_empty()).then(|| text.chars().take(MAX_TEXT).collect())
}

/// The date at `key`.
pub fn date(dictionary: &Dictionary, key: &str) -> Option<Timestamp> {
    let date = dictionary.get(key)?.as_date()?;
    Timestamp::try_from(std::time::SystemTime::from(date)).ok()
}

/// The dictionary at `key`.
pub fn dictionary<'a>(dictionary: &'a Dictionary, key: &str) -> Option<&'a Dictionary> {
    dictionary.get(key)?.as_dictionary()
}
