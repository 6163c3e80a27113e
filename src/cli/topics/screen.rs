//! A text on the terminal.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use crate::render::screen::layout;
use crate::render::screen::style::Style;

use super::text::{Block, Entry, marked};

/// Lines longer than this are hard to read.
const MOST_COLUMNS: usize = 100;

/// Names longer than this have what they mean below them.
const LONGEST_NAME: usize = 20;

/// Writes a title and what stands below it, as wide as the terminal.
///
/// # Errors
/// When writing fails.
pub fn write(title: &str, blocks: &[Block], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for line in heading(title, style) {
        writeln!(out, "{line}")?;
    }
    for block in blocks {
        writeln!(out)?;
        for line in lines(block, style) {
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    Ok(())
}

fn lines(block: &Block, style: &Style) -> Vec<String> {
    match block {
        Block::Heading(text) => heading(text, style),
        Block::Paragraph(text) => paragraph("", text, style),
        Block::Verbatim(lines) => {
            let lines = lines.iter();
            lines
                .map(|line| format!("    {}", shown(line, style)))
                .collect()
        }
        Block::Entries(entries) => {
            let names = entries.iter().map(|entry| entry.name.width());
            let longest = names.max().unwrap_or(0);
            // Side by side where both have room.
            let beside = (longest <= LONGEST_NAME && columns(style) >= 60).then_some(longest);
            let entries = entries.iter();
            entries
                .flat_map(|entry| lines_of(entry, beside, style))
                .collect()
        }
    }
}

/// An entry: what its name means stands beside it in a column, or below.
fn lines_of(entry: &Entry, beside: Option<usize>, style: &Style) -> Vec<String> {
    let name = shown(&entry.name, style);
    let mut lines = Vec::new();
    let indent = match beside {
        Some(width) => " ".repeat(width + 4),
        None => {
            lines.push(format!("  {}", style.bold(&name)));
            " ".repeat(6)
        }
    };
    for text in &entry.text {
        let first = match beside.filter(|_| lines.is_empty()) {
            Some(width) => format!("  {name}{}  ", " ".repeat(width - name.width())),
            None => indent.clone(),
        };
        lines.extend(paragraph(&first, text, style));
    }
    if beside.is_some()
        && let Some(line) = lines.first_mut()
    {
        *line = line.replacen(&name, &style.bold(&name), 1);
    }
    lines
}

fn heading(text: &str, style: &Style) -> Vec<String> {
    let lines = layout::paragraph("", &shown(text, style), columns(style)).into_iter();
    lines.map(|line| style.bold(&line)).collect()
}

fn paragraph(first: &str, text: &str, style: &Style) -> Vec<String> {
    let parts = marked(text).map(|(is_typed, part)| match is_typed {
        true => style.bold(&shown(part, style)),
        false => shown(part, style),
    });
    layout::paragraph(first, &parts.collect::<String>(), columns(style))
}

/// The same in signs that the terminal has.
fn shown(text: &str, style: &Style) -> String {
    const PLAIN: [(char, &str); 7] = [
        ('…', "..."),
        ('–', "-"),
        ('−', "-"),
        ('·', ","),
        ('✔', "ok"),
        ('✖', "X"),
        ('←', "<-"),
    ];
    if style.unicode {
        return text.to_owned();
    }
    let plain = PLAIN.iter().fold(text.to_owned(), |text, (sign, plain)| {
        text.replace(*sign, plain)
    });
    style.name(&plain)
}

fn columns(style: &Style) -> usize {
    style.width.min(MOST_COLUMNS)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::cli::topics::TOPICS;
    use crate::system::System;

    fn text(blocks: &[Block], style: &Style) -> String {
        let mut out = Vec::new();
        write("Title …", blocks, style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn style(unicode: bool, width: usize) -> Style {
        Style {
            color: false,
            unicode,
            zone: TimeZone::UTC,
            width,
            system: System::Other,
        }
    }

    #[test]
    fn names_stand_beside_their_meaning_where_there_is_room() {
        let entry = |name: &str| Entry {
            name: name.to_owned(),
            text: vec!["what `it` means – in so many words that it takes two lines".to_owned()],
        };
        let blocks = [
            Block::Entries(vec![entry("a"), entry("bcd")]),
            Block::Verbatim(vec!["as it is ✔".to_owned()]),
        ];
        let wide = "\
Title …

  a    what it means – in so many words that it takes two
       lines
  bcd  what it means – in so many words that it takes two
       lines

    as it is ✔
";
        let narrow = "\
Title ...

  a
      what it means - in so many words
      that it takes two lines
  bcd
      what it means - in so many words
      that it takes two lines

    as it is ok
";
        assert_eq!(text(&blocks, &style(true, 60)), wide);
        assert_eq!(text(&blocks, &style(false, 40)), narrow);
    }

    #[test]
    fn every_topic_fits_its_terminal() {
        for topic in &TOPICS {
            let blocks = topic.blocks();
            // What is shown as it is may be longer.
            let wrapped: Vec<_> = (blocks.iter())
                .filter(|block| !matches!(block, Block::Verbatim(_)))
                .cloned()
                .collect();
            for line in text(&wrapped, &style(true, 80)).lines() {
                assert!(line.width() <= 80, "{}: {line}", topic.name);
                assert!(!line.contains('`'), "{}: {line}", topic.name);
            }
        }
    }
}
