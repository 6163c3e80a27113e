//! How a command is called: its synopsis, and what its arguments are.

use clap::{Arg, ArgAction, Command};
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use super::text::sentence;

/// The commands with their full names; of one that only holds others, those.
pub fn commands(command: &Command) -> Vec<(String, Command)> {
    let mut all = Vec::new();
    for command in command.get_subcommands() {
        let name = command.get_name();
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
pub fn usage(name: &str, command: &Command) -> Vec<Inline> {
    let mut line = vec![bold(name)];
    for arg in shown(command) {
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
        line.push(roman("..."));
        line.extend([bold(" --html"), roman(" "), italic("OUT")]);
    }
    line
}

/// The arguments of a command that people are told of.
fn shown(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_positionals().filter(|arg| !arg.is_hide_set())
}

/// What the arguments of a command are.
pub fn arguments(page: &mut Roff, command: &Command) {
    for arg in shown(command) {
        page.control("RS", []).control("TP", []);
        page.text([italic(value(arg))]);
        page.text([roman(help(arg))]);
        values(page, arg);
        page.control("RE", []);
    }
}

pub fn is_switch(arg: &Arg) -> bool {
    !arg.is_positional() && !arg.get_action().takes_values()
}

/// The name of what an argument or option takes.
pub fn value(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    names
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

/// What an argument or option means, and what it is where it is not given.
pub fn help(arg: &Arg) -> String {
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
pub fn values(page: &mut Roff, arg: &Arg) {
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
