//! Words and parts of topics, as roff has them.

use clap_mangen::roff::{Inline, Roff, bold, roman};

use crate::cli::topics::text::{self, Block};
use crate::cli::topics::{self, TOPICS};

/// Text in which what is typed stands between backquotes.
pub fn marked(text: &str) -> Vec<Inline> {
    let parts = text::marked(text);
    let part = |(is_typed, part)| match is_typed {
        true => bold(part),
        false => roman(part),
    };
    parts.map(part).collect()
}

/// Parts of a topic, below the heading of a section.
pub fn blocks(page: &mut Roff, blocks: &[Block]) {
    let mut follows = false;
    for block in blocks {
        match block {
            Block::Heading(heading) => _ = page.control("SS", [heading.as_str()]),
            Block::Paragraph(text) => {
                if follows {
                    page.control("PP", []);
                }
                page.text(marked(text));
            }
            Block::Verbatim(lines) => {
                if follows {
                    page.control("PP", []);
                }
                verbatim(page, lines);
            }
            Block::Entries(entries) => {
                for entry in entries {
                    page.control("TP", []).text([bold(&entry.name)]);
                    for (position, text) in entry.text.iter().enumerate() {
                        if position > 0 {
                            page.control("IP", []);
                        }
                        page.text(marked(text));
                    }
                }
            }
        }
        follows = !matches!(block, Block::Heading(_));
    }
}

/// Lines as they are.
pub fn verbatim<L: AsRef<str>>(page: &mut Roff, lines: &[L]) {
    page.control("RS", ["4"]).control("nf", []);
    for line in lines.iter().map(AsRef::as_ref) {
        match line {
            "" => _ = page.control("sp", []),
            line => _ = page.text([roman(line)]),
        }
    }
    page.control("fi", []).control("RE", []);
}

/// With a full stop.
pub fn sentence(text: &str) -> String {
    format!("{}.", text.trim_end_matches('.'))
}

/// A text with another first letter.
pub fn begun(text: &str, letter: fn(&str) -> String) -> String {
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    letter(first) + rest
}

/// The topics that stand on this page.
pub fn topics_of(name: &str, page: &mut Roff) {
    for topic in TOPICS.iter().filter(|topic| topic.pages.contains(&name)) {
        page.control("SH", [topic.name.to_uppercase().as_str()]);
        blocks(page, &topic.blocks());
    }
}

/// What the exit codes mean.
pub fn exit_status(page: &mut Roff) {
    page.control("SH", ["EXIT STATUS"]);
    if let Some(topic) = topics::named("exit-codes") {
        blocks(page, &topic.blocks());
    }
}
