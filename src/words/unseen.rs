//! Characters that nobody sees, and that may act on a terminal or deceive a reader. Pure.

/// Whether a character is a control character, shown as nothing (Unicode's
/// `Default_Ignorable_Code_Point`), breaks lines, marks annotations or turns the direction of text.
/// Variation selectors are not meant: they choose how an emoji looks.
pub fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_is_told_from_what_is_not() {
        let unseen = "\0\t\n\u{1b}\u{7f}\u{85}\u{9f}\u{ad}\u{200b}\u{200d}\u{202e}\u{2028}\u{2069}\u{feff}\u{e0041}";
        for character in unseen.chars() {
            assert!(is_unseen(character), "{character:?}");
        }
        for character in "aé電هā’📱 \u{fe0f}\u{301}".chars() {
            assert!(!is_unseen(character), "{character:?}");
        }
    }
}
