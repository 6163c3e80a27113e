//! All options, from the one table of them.

use crate::cli::flags::flag::{Flag, Takes};
use crate::cli::flags::settings::variable;
use crate::cli::flags::table::TABLE;

use super::text::{Block, Entry};

/// How an entry is to be read.
const ENTRY: &str = "Each option is named with the commands that it is for, with what it is where nothing is \
     said, and with its names in the configuration file and in the environment (`bkscan help settings`). One \
     that is only typed stands in neither.";

/// Every option with all that is known of it, below the headings of `--help`.
pub fn blocks() -> Vec<Block> {
    let mut blocks = vec![Block::Paragraph(ENTRY.to_owned())];
    let (usual, special): (Vec<&Flag>, Vec<&Flag>) =
        TABLE.iter().partition(|option| option.heading.is_none());
    let mut heading = None;
    for option in usual.into_iter().chain(special) {
        if option.heading != heading {
            heading = option.heading;
            blocks.extend(heading.map(|heading| Block::Heading(heading.to_owned())));
        }
        match blocks.last_mut() {
            Some(Block::Entries(entries)) => entries.push(entry(option)),
            _ => blocks.push(Block::Entries(vec![entry(option)])),
        }
    }
    blocks
}

fn entry(option: &Flag) -> Entry {
    let value = match option.takes {
        Takes::Nothing => String::new(),
        _ => format!(" {}", option.value.name),
    };
    // They take every word that follows.
    let several = matches!(option.name, "only" | "forget");
    let more = if several { "..." } else { "" };
    Entry {
        name: format!("--{}{value}{more}", option.name),
        text: vec![begun(option.readme), facts(option)],
    }
}

/// What it is for, and where else it stands.
fn facts(option: &Flag) -> String {
    let calls: Vec<String> = option.used_by.iter().map(|call| call.word()).collect();
    let calls = match calls.as_slice() {
        [] => "all".to_owned(),
        some => some.join(", "),
    };
    let default = default(option).map(|default| format!(" Default: {default}."));
    let settings = match option.typed_only {
        true => "Only typed.".to_owned(),
        false => format!("Setting `{}`, `{}`.", option.name, variable(option.name)),
    };
    format!("For {calls}.{} {settings}", default.unwrap_or_default())
}

/// What an option has unless it is given: its default, or what its help says.
fn default(option: &Flag) -> Option<&'static str> {
    let said = || option.help.split_once("[default: ");
    let said = || said().map(|(_, said)| said.trim_end_matches(']'));
    option.value.default.or_else(said)
}

/// A sentence.
fn begun(text: &str) -> String {
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    format!("{}{rest}.", first.to_uppercase())
}
