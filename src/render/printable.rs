//! Names that can be shown: without what could disturb a terminal or deceive a reader.

use crate::words::unseen::is_unseen;

/// Takes out of a name what could disturb a terminal or deceive a reader: control characters,
/// direction marks, and characters without width.
pub fn clean(name: &str) -> String {
    name.chars()
        .filter(|character| !is_unseen(*character))
        .collect()
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
