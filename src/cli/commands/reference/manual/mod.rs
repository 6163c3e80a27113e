//! `bkscan man`: the manual page bkscan(1). Commands and options come from the command line as clap
//! knows it; the rest is written here. There is no date in it, so that it is the same each time.

mod texts;

use std::io::{self, Write};

use clap::{Arg, ArgAction, Command, CommandFactory};
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use crate::cli::flags::args::Args;
use crate::cli::flags::line;
use crate::cli::flags::table::TABLE;

use texts::{
    DESCRIPTION, ENVIRONMENT, EXAMPLES, EXIT_STATUS, Entries, FILES, HELP, SEE_ALSO, VALUES,
};

/// Writes it.
///
/// # Errors
/// When writing fails.
pub fn write(out: &mut dyn Write) -> io::Result<()> {
    let mut command = Args::command().disable_help_flag(true).arg(line::help());
    command.build();
    let mut page = Roff::new();
    let program = format!("bkscan {}", env!("CARGO_PKG_VERSION"));
    page.control("TH", ["BKSCAN", "1", "\"\"", &program, "User Commands"]);
    // Names of files and variables are to be copied as they are.
    page.control("nh", []).control("ad", ["l"]);
    page.control("SH", ["NAME"]);
    let about = command.get_about().map(ToString::to_string);
    let about = begun(&about.unwrap_or_default(), str::to_lowercase);
    page.text([roman(format!("bkscan - {about}"))]);
    page.control("SH", ["SYNOPSIS"]);
    synopsis(&mut page, &command);
    page.control("SH", ["DESCRIPTION"]);
    for (position, paragraph) in DESCRIPTION.iter().enumerate() {
        if position > 0 {
            page.control("PP", []);
        }
        page.text(marked(paragraph));
    }
    page.control("SH", ["COMMANDS"]);
    for (name, command) in commands(&command) {
        page.control("TP", []).text(usage(&name, &command));
        let about = command.get_about().map(ToString::to_string);
        page.text([roman(sentence(&about.unwrap_or_default()))]);
        arguments(&mut page, &command);
    }
    let typed_only = TABLE.iter().filter(|option| option.typed_only);
    let typed_only: Vec<_> = typed_only
        .map(|option| format!("`--{}`", option.name))
        .collect();
    let typed_only = typed_only.join(", ");
    page.control("SH", ["OPTIONS"]).text(marked(VALUES));
    page.text(marked(&format!(
        "All but {typed_only} may also be set in the environment and in the configuration file."
    )));
    options(&mut page, &command);
    entries(&mut page, "EXIT STATUS", EXIT_STATUS);
    entries(&mut page, "FILES", FILES);
    entries(&mut page, "ENVIRONMENT", ENVIRONMENT);
    page.control("SH", ["EXAMPLES"]);
    for (position, (text, example)) in EXAMPLES.iter().enumerate() {
        if position > 0 {
            page.control("PP", []);
        }
        page.text(marked(text)).control("RS", ["4"]);
        page.text([bold(*example)]).control("RE", []);
    }
    page.control("SH", ["SEE ALSO"]);
    page.text([roman(SEE_ALSO.join(", "))]);
    page.to_writer(out)
}

fn entries(page: &mut Roff, heading: &str, entries: Entries) {
    page.control("SH", [heading]);
    for (name, text) in entries {
        page.control("TP", [])
            .text([bold(*name)])
            .text(marked(text));
    }
}

/// Text in which what is typed stands between backquotes.
fn marked(text: &str) -> Vec<Inline> {
    let parts = text.split('`').enumerate();
    let part = |(position, part)| {
        if position % 2 == 1 {
            bold(part)
        } else {
            roman(part)
        }
    };
    parts.map(part).collect()
}

fn synopsis(page: &mut Roff, command: &Command) {
    let mut lines = vec![usage("bkscan", command)];
    lines[0].insert(1, roman(" [OPTIONS]"));
    let commands = commands(command);
    lines.extend(
        commands
            .iter()
            .map(|(name, command)| usage(&format!("bkscan {name}"), command)),
    );
    for (position, line) in lines.into_iter().enumerate() {
        if position > 0 {
            page.control("br", []);
        }
        page.text(line);
    }
}

/// The commands with their full names; of one that only holds others, those.
fn commands(command: &Command) -> Vec<(String, Command)> {
    let mut all = Vec::new();
    for command in command.get_subcommands() {
        let name = command.get_name();
        if name == "help" {
            all.push((
                "help [COMMAND]".to_owned(),
                Command::new("help").about(HELP),
            ));
            continue;
        }
        let inner: Vec<_> = command
            .get_subcommands()
            .filter(|inner| inner.get_name() != "help")
            .collect();
        if inner.is_empty() {
            all.push((name.to_owned(), command.clone()));
        }
        for inner in inner {
            all.push((format!("{name} {}", inner.get_name()), inner.clone()));
        }
    }
    all
}

/// A command and its arguments.
fn usage(name: &str, command: &Command) -> Vec<Inline> {
    let mut line = vec![bold(name)];
    for arg in command.get_positionals() {
        let (before, after) = match arg.is_required_set() {
            true => (" ", ""),
            false => (" [", "]"),
        };
        line.push(roman(before));
        line.push(italic(value(arg)));
        line.push(roman(after));
        // One that is required is one, though a space in it may have taken it apart.
        let is_many = |arg: &Arg| {
            arg.get_num_args()
                .is_some_and(|count| count.max_values() > 1)
        };
        if is_many(arg) && !arg.is_required_set() {
            line.push(roman("..."));
        }
    }
    if command.get_name() == "report" {
        line.extend([bold(" --html"), roman(" "), italic("OUT")]);
    }
    line
}

/// What the arguments of a command are.
fn arguments(page: &mut Roff, command: &Command) {
    for arg in command.get_positionals() {
        page.control("RS", []).control("TP", []);
        page.text([italic(value(arg))]);
        page.text([roman(help(arg))]);
        values(page, arg);
        page.control("RE", []);
    }
}

/// All options, each once, in the order and below the headings of `--help`.
fn options(page: &mut Roff, command: &Command) {
    let options = command.get_arguments().filter(|arg| !arg.is_positional());
    let (usual, special): (Vec<_>, Vec<_>) =
        options.partition(|arg| arg.get_help_heading().is_none());
    let mut heading = None;
    for arg in usual.into_iter().chain(special) {
        if arg.get_help_heading() != heading {
            heading = arg.get_help_heading();
            let (title, more) = heading.and_then(|text| text.split_once(" (")).unzip();
            page.control("SS", title.or(heading));
            if let Some(more) = more {
                page.text([roman(sentence(&begun(
                    more.trim_end_matches(')'),
                    str::to_uppercase,
                )))]);
            }
        }
        let long = arg.get_long().unwrap_or_default();
        let mut line = Vec::new();
        if let Some(short) = arg.get_short() {
            line.extend([bold(format!("-{short}")), roman(", ")]);
        }
        line.push(bold(format!("--{long}")));
        if !is_switch(arg) {
            line.extend([roman(" "), italic(value(arg))]);
        }
        page.control("TP", []).text(line).text([roman(help(arg))]);
        values(page, arg);
    }
}

fn is_switch(arg: &Arg) -> bool {
    !arg.is_positional() && !arg.get_action().takes_values()
}

/// The name of what an argument or option takes.
fn value(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    names
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

/// What an argument or option means, and what it is where it is not given.
fn help(arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let (help, default) = match help.split_once(" [default: ") {
        Some((help, default)) => (help, Some(default.trim_end_matches(']').to_owned())),
        None => (help.as_str(), None),
    };
    let of_clap = arg.get_default_values().first();
    let of_clap = of_clap.filter(|_| !matches!(arg.get_action(), ArgAction::SetTrue));
    let default = default.or_else(|| of_clap.map(|value| value.to_string_lossy().into_owned()));
    let default = default.map(|default| format!(" Default: {default}."));
    sentence(help) + &default.unwrap_or_default()
}

/// The words that it may be, each with what it means.
fn values(page: &mut Roff, arg: &Arg) {
    if is_switch(arg) {
        return;
    }
    let values = arg.get_possible_values();
    if values.iter().all(|value| value.get_help().is_none()) {
        let names: Vec<_> = values.iter().map(|value| value.get_name()).collect();
        if !names.is_empty() {
            page.text([roman(format!("One of {}.", names.join(", ")))]);
        }
        return;
    }
    page.control("RS", []).control("PD", ["0"]);
    for value in values {
        let help = value.get_help().map(ToString::to_string);
        page.control("TP", ["12"]).text([bold(value.get_name())]);
        page.text([roman(sentence(&help.unwrap_or_default()))]);
    }
    page.control("PD", []).control("RE", []);
}

fn sentence(text: &str) -> String {
    format!("{}.", text.trim_end_matches('.'))
}

/// A text with another first letter.
fn begun(text: &str, letter: fn(&str) -> String) -> String {
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    letter(first) + rest
}
