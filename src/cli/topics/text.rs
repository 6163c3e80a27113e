//! Texts taken apart: a small part of Markdown, so that the files read well as they stand. `#` is the title,
//! `##` a heading; `` - `name`: text `` says what a name means; lines that are indented by four columns, or
//! fenced, are shown as they are; what is typed stands between backquotes.

use std::iter::Peekable;
use std::str::Lines;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// The line above a section.
    Heading(String),
    /// A paragraph, on one line.
    Paragraph(String),
    /// Lines as they are.
    Verbatim(Vec<String>),
    /// Names, and what each means.
    Entries(Vec<Entry>),
}

/// A name, and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As it is typed or shown.
    pub name: String,
    /// Paragraphs, each on one line.
    pub text: Vec<String>,
}

/// The parts of a text below its title.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut lines = text.lines().peekable();
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        if line.is_empty() || line.starts_with("# ") {
            continue;
        }
        blocks.push(if let Some(heading) = line.strip_prefix("## ") {
            Block::Heading(heading.to_owned())
        } else if line.starts_with("```") {
            let lines = lines.by_ref().take_while(|line| *line != "```");
            Block::Verbatim(lines.map(str::to_owned).collect())
        } else if let Some(line) = line.strip_prefix(INDENT) {
            Block::Verbatim(indented(line, &mut lines))
        } else if let Some(first) = entry(line, &mut lines) {
            let mut entries = vec![first];
            while let Some(line) = lines.next_if(|line| line.starts_with(ENTRY)) {
                entries.extend(entry(line, &mut lines));
            }
            Block::Entries(entries)
        } else {
            Block::Paragraph(joined(line, &mut lines))
        });
    }
    blocks
}

/// The title of a text: what stands after `#` in its first line.
pub fn title(text: &str) -> &str {
    let first = text.lines().next().unwrap_or_default();
    first.trim_start_matches("# ")
}

/// A text in parts, and of each whether it is typed as it stands.
pub fn marked(text: &str) -> impl Iterator<Item = (bool, &str)> {
    text.split('`')
        .enumerate()
        .map(|(position, part)| (position % 2 == 1, part))
        .filter(|(_, part)| !part.is_empty())
}

const INDENT: &str = "    ";
const ENTRY: &str = "- `";

fn indented(first: &str, lines: &mut Peekable<Lines>) -> Vec<String> {
    let mut all = vec![first.to_owned()];
    while let Some(line) = lines.next_if(|line| line.starts_with(INDENT)) {
        all.push(line[INDENT.len()..].to_owned());
    }
    all
}

fn entry(line: &str, lines: &mut Peekable<Lines>) -> Option<Entry> {
    let (name, text) = line.strip_prefix(ENTRY)?.split_once("`:")?;
    Some(Entry {
        name: name.to_owned(),
        text: vec![joined(text.trim_start(), lines)],
    })
}

/// A line, and those that follow up to an empty one or the next entry.
fn joined(first: &str, lines: &mut Peekable<Lines>) -> String {
    let mut all = first.to_owned();
    while let Some(line) = lines.next_if(|line| !line.is_empty() && !line.starts_with(ENTRY)) {
        if !all.is_empty() {
            all.push(' ');
        }
        all.push_str(line.trim_start());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart() {
        let text = "# Title\n\nOne\ntwo `three`.\n\n    $ bkscan\n      deeper\n\n## More\n\n\
                    - `a, b`: the first\n  one\n- `c`:\n  long\n\n```toml\n# kept\n\n    as it is\n```\nEnd\n";
        let entry = |name: &str, text: &str| Entry {
            name: name.to_owned(),
            text: vec![text.to_owned()],
        };
        let lines = |lines: &[&str]| lines.iter().map(|line| line.to_string()).collect();
        assert_eq!(title(text), "Title");
        assert_eq!(
            blocks(text),
            [
                Block::Paragraph("One two `three`.".to_owned()),
                Block::Verbatim(lines(&["$ bkscan", "  deeper"])),
                Block::Heading("More".to_owned()),
                Block::Entries(vec![entry("a, b", "the first one"), entry("c", "long")]),
                Block::Verbatim(lines(&["# kept", "", "    as it is"])),
                Block::Paragraph("End".to_owned()),
            ]
        );
        let parts: Vec<_> = marked("One two `three`.").collect();
        assert_eq!(parts, [(false, "One two "), (true, "three"), (false, ".")]);
    }
}
