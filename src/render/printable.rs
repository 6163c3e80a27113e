//! Names that can be shown: without what could disturb a terminal or deceive a reader.

/// Takes out of a name what could disturb a terminal or deceive a reader: control characters,
/// direction marks, and characters without width.
pub fn clean(name: &str) -> String {
    name.chars()
        .filter(|character| !character.is_control() && !is_unseen(*character))
        .collect()
}

/// Characters that are shown as nothing (Unicode's `Default_Ignorable_Code_Point`), or that break
/// lines or mark annotations. Variation selectors are left: they choose how an emoji looks.
fn is_unseen(character: char) -> bool {
    matches!(
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
    fn names_cannot_disturb_the_terminal() {
        assert_eq!(
            clean("a\u{1b}[31mb\nc\u{202e}d\u{200b}e\u{feff}"),
            "a[31mbcde"
        );
        assert_eq!(
            clean("Anna’s iPhone 📱 電話 هاتف"),
            "Anna’s iPhone 📱 電話 هاتف"
        );
        assert_eq!(
            clean("a\u{ad}n\u{34f}n\u{e0061}a\u{3164}\u{206a}\u{180e}"),
            "anna"
        );
    }
}
