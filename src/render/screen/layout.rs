//! Lines of a given width: paragraphs, and facts at both ends of a line.

use std::io::{self, Write};

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};
use unicode_width::UnicodeWidthStr;

/// Writes blocks of lines with an empty line between them; empty blocks are left out.
///
/// # Errors
/// When writing fails.
pub fn write_blocks(blocks: &[Vec<String>], out: &mut dyn Write) -> io::Result<()> {
    for (index, block) in blocks.iter().filter(|block| !block.is_empty()).enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        for line in block {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// A paragraph of at most `width` columns; the first line begins with `first`, the others with as
/// many spaces.
pub fn paragraph(first: &str, text: &str, width: usize) -> Vec<String> {
    let indent = " ".repeat(first.width());
    let options = Options::new(width.max(first.width() + 20))
        .initial_indent(first)
        .subsequent_indent(&indent)
        .word_splitter(WordSplitter::NoHyphenation)
        .word_separator(WordSeparator::AsciiSpace)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .break_words(false);
    textwrap::wrap(text, options)
        .into_iter()
        .map(String::from)
        .collect()
}

/// Puts `right` at the end of the last line, where there is room for it, else on a line of its own.
pub fn flush_right(lines: &mut Vec<String>, right: &str, width: usize) {
    let used = lines.last().map_or(0, |line| line.width());
    let gap = width.checked_sub(used + right.width());
    match (lines.last_mut(), gap.filter(|gap| *gap >= 2)) {
        (Some(last), Some(gap)) => *last += &(" ".repeat(gap) + right),
        _ => lines.push(" ".repeat(width.saturating_sub(right.width())) + right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_hang_below_their_mark() {
        assert_eq!(
            paragraph("1. ", "one two three four five six seven", 24),
            ["1. one two three four", "   five six seven"]
        );
    }

    #[test]
    fn the_right_end_gets_a_line_of_its_own_where_it_must() {
        let mut lines = vec!["left".to_owned()];
        flush_right(&mut lines, "right", 12);
        assert_eq!(lines, ["left   right"]);
        flush_right(&mut lines, "more", 12);
        assert_eq!(lines, ["left   right", "        more"]);
    }
}
