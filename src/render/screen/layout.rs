//! Lines of a given width: paragraphs, and facts at both ends of a line.

use std::io::{self, Write};

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};
use unicode_width::UnicodeWidthStr;

use crate::render::printable::clean;

use super::style::{self, Style};

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

/// Lines are not made shorter.
const LEAST_WIDTH: usize = 20;

/// A paragraph of at most `width` columns; the first line begins with `first`, the others with as
/// many spaces. A word that is wider than a line, such as a name, is broken; what is to be copied is not: a
/// path, an address, a UDID.
pub fn paragraph(first: &str, text: &str, width: usize) -> Vec<String> {
    let indent = " ".repeat(first.width());
    let width = width.max(first.width() + LEAST_WIDTH);
    let text = &broken(text, width - first.width());
    let options = Options::new(width)
        .initial_indent(first)
        .subsequent_indent(&indent)
        .word_splitter(WordSplitter::NoHyphenation)
        .word_separator(WordSeparator::AsciiSpace)
        .wrap_algorithm(WrapAlgorithm::FirstFit)
        .break_words(false);
    textwrap::wrap(text, options)
        .into_iter()
        .map(|line| line.replace(GLUE, " "))
        .collect()
}

/// The text with a space wherever a word is as wide as a line.
fn broken(text: &str, room: usize) -> String {
    let is_udid = |word: &str| word.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let is_whole = |word: &str| {
        let is_path = word.contains('/') || word.contains('\\') && !word.contains("\\u{");
        word.width() <= room || is_path || is_udid(word)
    };
    let pieces = |word: &str| match is_whole(word) {
        true => word.to_owned(),
        false => style::pieces(word, room).join(" "),
    };
    text.split(' ').map(pieces).collect::<Vec<_>>().join(" ")
}

/// A space at which no line is broken.
const GLUE: char = '\u{a0}';

/// A text in which numbers stay with their units, and options with their values, when lines are broken.
pub fn glued(text: &str) -> String {
    const UNITS: [&str; 12] = [
        "bytes", "kB", "MB", "GB", "TB", "minutes", "hour", "hours", "day", "days", "months",
        "years",
    ];
    let is_unit = |word: &str| UNITS.contains(&word.trim_end_matches(|c: char| !c.is_alphabetic()));
    let mut glued = String::with_capacity(text.len());
    let mut last = "";
    for word in text.split(' ') {
        let is_number = last.ends_with(|c: char| c.is_ascii_digit());
        let is_option = last.starts_with("(--") && word.ends_with([')', '.']);
        if is_number && is_unit(word) || is_option {
            glued.push(GLUE);
        } else if !glued.is_empty() {
            glued.push(' ');
        }
        glued += word;
        last = word;
    }
    glued
}

/// Puts `right` at the end of the last line, where there is room for it, else below.
pub fn flush_right(lines: &mut Vec<String>, right: &str, width: usize) {
    let used = lines.last().map_or(0, |line| line.width());
    let gap = width.checked_sub(used + right.width());
    match (lines.last_mut(), gap.filter(|gap| *gap >= 2)) {
        (Some(last), Some(gap)) => *last += &(" ".repeat(gap) + right),
        _ => lines.push(right.to_owned()),
    }
}

/// A paragraph with `right` at the end of its last line, where it never stands alone: the last word goes
/// with it.
pub fn paragraph_and_right(text: &str, right: &str, width: usize) -> Vec<String> {
    let width = width.max(LEAST_WIDTH);
    let (first, last) = text.rsplit_once(' ').unwrap_or(("", text));
    let room = " ".repeat(2 + right.width()).replace(' ', "\u{a0}");
    let mut lines = paragraph("", format!("{first} {last}{room}").trim_start(), width);
    if let Some(line) = lines.last_mut() {
        line.truncate(line.trim_end().len());
    }
    flush_right(&mut lines, right, width);
    lines
}

/// A command on a line of its own, so that the line can be copied.
pub fn command(indent: &str, command: &str, style: &Style) -> String {
    format!("{indent}{}", style.bold(&clean(command)))
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
    fn a_word_that_is_wider_than_a_line_is_broken_where_it_is_not_to_be_copied() {
        assert_eq!(
            paragraph("1. ", "of 電話電話電話電話電話電話: it", 24),
            ["1. of", "   電話電話電話電話電話", "   電話: it"]
        );
        assert_eq!(
            paragraph("", r"\u{96fb}\u{8a71}\u{96fb} is", 20),
            [r"\u{96fb}\u{8a71}", r"\u{96fb} is"]
        );
        let whole = [
            "/Users/anna/Library/Backup",
            "(https://www.example.com/a)",
            r"C:\Users\anna\Apple\Backup",
            "00008103-0012345678901234",
        ];
        assert_eq!(paragraph("", &whole.join(" "), 20), whole);
    }

    #[test]
    fn the_right_end_gets_a_line_of_its_own_where_it_must() {
        let mut lines = vec!["left".to_owned()];
        flush_right(&mut lines, "right", 12);
        assert_eq!(lines, ["left   right"]);
        flush_right(&mut lines, "more", 12);
        assert_eq!(lines, ["left   right", "more"]);
    }

    #[test]
    fn sizes_and_options_are_not_torn() {
        let text = glued("up to 12.4 GB, 3 of 4 files (--level contents).");
        let lines = paragraph("", &text, 20);
        assert_eq!(
            lines,
            ["up to 12.4 GB, 3 of", "4 files", "(--level contents)."]
        );
    }

    #[test]
    fn what_stands_at_the_right_end_does_not_stand_alone() {
        for (width, expected) in [
            (25, &["one two three four  4.1 s"][..]),
            (30, &["one two three four       4.1 s"]),
            (24, &["one two three", "four               4.1 s"]),
            (20, &["one two three", "four           4.1 s"]),
        ] {
            let lines = paragraph_and_right("one two three four", "4.1 s", width);
            assert_eq!(lines, expected, "{width}");
        }
    }
}
