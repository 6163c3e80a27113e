//! `bkscan help [TOPIC]`: a topic, the long help of a command, or the list of both.

use std::cmp::Reverse;
use std::io::{self, Write};

use crate::cli::exit_code::Exit;
use crate::cli::flags::flag::Call;
use crate::cli::flags::line;
use crate::cli::meant::closest::nearest;
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};
use crate::cli::topics::text::{Block, Entry};
use crate::cli::topics::{self, TOPICS, screen};
use crate::render::screen::explain;
use crate::render::screen::style::Style;

/// `bkscan help [TOPIC]`
///
/// # Errors
/// Where there is neither a topic nor a command of that name.
pub fn run(session: &Session, words: &[String]) -> Result<Exit, Stop> {
    let style = session.style();
    let mut program = line::command();
    program.build();
    match words {
        [] => return session.print(Exit::WELL, |out| list(&program, &style, out)),
        [name] => {
            if let Some(topic) = topics::named(name) {
                let (title, blocks) = (topic.title(), topic.blocks());
                return session.print(Exit::WELL, |out| screen::write(title, &blocks, &style, out));
            }
        }
        _ => {}
    }
    let mut command = &mut program;
    for word in words {
        command = match command.find_subcommand_mut(word) {
            Some(inner) => inner,
            None => return Err(unknown(words)),
        };
    }
    let help = command.render_help();
    session.print(Exit::WELL, |out| {
        match style.color {
            true => write!(out, "{}", help.ansi()),
            false => write!(out, "{help}"),
        }?;
        more(&words[0], out)
    })
}

/// The topics about a command.
fn more(command: &str, out: &mut dyn Write) -> io::Result<()> {
    let topics = TOPICS.iter().filter(|topic| topic.pages.contains(&command));
    for (position, topic) in topics.enumerate() {
        let before = if position == 0 { "\n" } else { "" };
        writeln!(out, "{before}{}: bkscan help {}", topic.title(), topic.name)?;
    }
    Ok(())
}

fn list(program: &clap::Command, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let entry = |name: &str, text: &str| Entry {
        name: name.to_owned(),
        text: vec![text.to_owned()],
    };
    let commands = program.get_subcommands().map(|command| {
        let about = command.get_about().map(ToString::to_string);
        // What an option adds to it is in its own help.
        let about = about.unwrap_or_default();
        entry(
            command.get_name(),
            about.split([':', ';']).next().unwrap_or_default(),
        )
    });
    let commands = Block::Entries(commands.collect());
    let topics = TOPICS.iter().map(|topic| entry(topic.name, topic.title()));
    let topics = Block::Entries(topics.collect());
    let heading = |text: &str| Block::Heading(text.to_owned());
    let blocks = [
        Block::Paragraph(
            "`bkscan PATH` judges every backup below PATH, and `bkscan` alone those in the places where \
             this system keeps them."
                .to_owned(),
        ),
        heading("Commands: bkscan help COMMAND"),
        commands,
        heading("Topics: bkscan help TOPIC"),
        topics,
    ];
    let about = program.get_about().map(ToString::to_string);
    screen::write(&about.unwrap_or_default(), &blocks, style, out)
}

/// All that help is given about.
pub fn names() -> impl Iterator<Item = &'static str> {
    let topics = TOPICS.iter().map(|topic| topic.name);
    topics.chain(Call::words())
}

fn unknown(words: &[String]) -> Stop {
    let typed = words.join(" ");
    let near = nearest(&typed, names(), 3);
    let near = if near.is_empty() { about(&typed) } else { near };
    let hint = match near.as_slice() {
        _ if explain::ids().any(|id| id == typed) => {
            format!("; did you mean bkscan explain {typed}?")
        }
        [] => String::new(),
        [one] => format!("; did you mean {one}?"),
        [others @ .., last] => format!("; did you mean {} or {last}?", others.join(", ")),
    };
    Stop::usage(Remark::plain(format!(
        "there is no topic or command named {typed}{hint} (bkscan help lists all)"
    )))
}

/// The topics that speak of something, the one that does so most first.
fn about(typed: &str) -> Vec<&'static str> {
    /// Shorter words are parts of others.
    const SHORTEST: usize = 3;
    /// How many are named.
    const MOST: usize = 3;
    let word = typed.to_lowercase();
    let counted = TOPICS
        .iter()
        .map(|topic| (topic.mentions(&word), topic.name));
    let mut found: Vec<_> = counted.filter(|(count, _)| *count > 0).collect();
    found.sort_by_key(|(count, _)| Reverse(*count));
    found.truncate(if word.len() < SHORTEST { 0 } else { MOST });
    found.into_iter().map(|(_, name)| name).collect()
}
