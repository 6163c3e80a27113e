//! The reference part of the README, held against the command line.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;

use clap::{Arg, Command, CommandFactory};

use super::flags::args::Args;
use super::flags::settings;
use super::request::Session;
use super::{exit_code, misplaced};

/// The rows of the table whose first heading this is, as cells, without the two lines of its head.
fn table(heading: &str) -> Vec<Vec<String>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(source.join("README.md")).unwrap();
    let start = format!("| {heading} |");
    let lines = readme.lines().skip_while(|line| !line.starts_with(&start));
    let rows = lines.skip(2).take_while(|line| line.starts_with('|'));
    let rows: Vec<_> = rows
        .map(|row| {
            // A bar in a cell is written `\|`.
            let row = row.replace("\\|", "\u{1}");
            let cells = row.trim_matches('|').split('|');
            let cells = cells.map(|cell| cell.trim().replace('\u{1}', "|"));
            cells.collect::<Vec<String>>()
        })
        .collect();
    assert!(!rows.is_empty(), "the README has no table {start}");
    rows
}

/// All commands but `help`, each by its name.
fn commands(all: &Command) -> impl Iterator<Item = &Command> {
    let commands = all.get_subcommands();
    commands.filter(|command| command.get_name() != "help")
}

/// All options, each once, by their long names.
fn options(command: &Command) -> BTreeMap<String, Arg> {
    let own = command.get_arguments().filter_map(|arg| {
        let name = arg.get_long()?;
        Some((name.to_owned(), arg.clone()))
    });
    own.chain(commands(command).flat_map(options)).collect()
}

/// An option as the table has it: `--level LEVEL`, with `…` where it takes several values.
fn as_written(arg: &Arg) -> String {
    let short = arg.get_short().map(|short| format!("-{short}, "));
    let mut written = short.unwrap_or_default();
    written.push_str(&format!("--{}", arg.get_long().unwrap()));
    if arg.get_action().takes_values() {
        let name = match arg.get_value_names() {
            Some(names) => names.join(" "),
            None => arg.get_id().as_str().to_uppercase(),
        };
        let several = arg.get_num_args().is_some_and(|many| many.max_values() > 1);
        written.push_str(&format!(" {name}{}", if several { "…" } else { "" }));
    }
    written
}

/// What an option has unless it is given: clap's own default, or what its help says.
fn default(arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let said = help
        .split_once("[default: ")
        .map(|(_, said)| said.trim_end_matches(']').to_owned());
    let own = arg.get_default_values().first();
    match own.filter(|_| arg.get_action().takes_values()) {
        Some(value) => format!("`{}`", value.to_str().unwrap()),
        None => said.unwrap_or_default(),
    }
}

/// Fails with what is only in the README, or only in the program.
fn same(readme: &BTreeSet<String>, program: &BTreeSet<String>) {
    let only = |one: &BTreeSet<String>, other| one.difference(other).cloned().collect::<Vec<_>>();
    let (unknown, lacking) = (only(readme, program), only(program, readme));
    assert!(
        unknown.is_empty() && lacking.is_empty(),
        "the README lacks {lacking:?}, and has what the program has not: {unknown:?}"
    );
}

fn built() -> Command {
    let mut command = Args::command();
    command.build();
    command
}

#[test]
fn the_readme_has_every_option_with_its_value_and_default() {
    let rows = table("option");
    let options = options(&built());
    let names: BTreeSet<String> = rows.iter().map(|row| row[0].clone()).collect();
    let expected: BTreeSet<String> = options
        .values()
        .map(|arg| format!("`{}`", as_written(arg)))
        .collect();
    same(&names, &expected);
    assert_eq!(rows.len(), expected.len(), "an option stands there twice");
    for arg in options.values() {
        let name = format!("`{}`", as_written(arg));
        let row = rows.iter().find(|row| row[0] == name).unwrap();
        assert_eq!(row[2], default(arg), "{name}");
        let takes_one_of = arg.get_action().takes_values();
        for value in (arg.get_possible_values().iter()).filter(|_| takes_one_of) {
            let value = format!("`{}`", value.get_name());
            assert!(row[3].contains(&value), "{name} lacks {value}");
        }
    }
}

#[test]
fn the_readme_has_every_command() {
    let rows = table("command");
    let named: BTreeSet<String> = rows
        .iter()
        .filter_map(|row| row[0].trim_matches('`').strip_prefix("bkscan "))
        .map(|rest| rest.split(' ').next().unwrap().to_owned())
        .filter(|word| !word.starts_with('['))
        .collect();
    let built = built();
    let expected = commands(&built).map(|command| command.get_name().to_owned());
    same(&named, &expected.collect());
}

/// Words of a command line that are understood, with this option and command.
fn line(arg: &Arg, command: &str) -> Vec<OsString> {
    let mut words = vec!["bkscan"];
    let commands: &[&str] = match command {
        "scan" => &[],
        "show" => &["show", "x"],
        "diff" => &["diff", "x", "y"],
        "report" => &["report", "x"],
        "schedule" => &["schedule", "cron"],
        "config" => &["config", "show"],
        "completions" => &["completions", "bash"],
        command => &[command],
    };
    words.extend(commands);
    let name = arg.get_long().unwrap();
    if name != "level" {
        // Parts of the files are read at this level alone.
        words.extend(["--level", "contents"]);
    }
    let mut words: Vec<OsString> = words.into_iter().map(OsString::from).collect();
    words.push(format!("--{name}").into());
    if arg.get_action().takes_values() {
        let possible = arg.get_possible_values();
        let value = match (as_written(arg).split(' ').nth(1), possible.first()) {
            (_, Some(value)) => value.get_name().to_owned(),
            (Some("SPAN"), _) => "30d".to_owned(),
            (Some("SIZE"), _) => "1GB".to_owned(),
            (Some("RFC3339"), _) => "2026-11-22T12:00:00Z".to_owned(),
            _ => "1".to_owned(),
        };
        words.push(value.into());
    }
    words
}

#[test]
fn an_option_is_accepted_by_the_commands_that_the_readme_names() {
    let read = |words: &[OsString]| match settings::read(words, |_| None, None) {
        Ok(read) => read,
        Err(refusal) => panic!("{words:?}: {refusal:?}"),
    };
    let built = built();
    let known: BTreeSet<&str> = commands(&built)
        .map(Command::get_name)
        .chain(["scan"])
        .collect();
    let (args, settings) = read(&["bkscan".into()]);
    let mut session = Session::new(args.options, settings);
    let rows = table("option");
    for (name, arg) in options(&built) {
        // A configuration file would have to be there, and help ends the program.
        if ["config", "help", "version"].contains(&name.as_str()) {
            continue;
        }
        let written = format!("`{}`", as_written(&arg));
        let row = rows.iter().find(|row| row[0] == written).unwrap();
        for command in row[1].split(", ").filter(|command| *command != "all") {
            assert!(known.contains(command), "{name}: there is no {command}");
            let words = line(&arg, command);
            let (args, settings) = read(&words);
            session.options = args.options;
            session.settings = settings;
            let refused = misplaced(args.command.as_ref(), &session);
            assert_eq!(refused, None, "{words:?}");
        }
    }
}

#[test]
fn the_readme_has_every_exit_code() {
    let codes: Vec<String> = table("exit code")
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    let not_looked = exit_code::COULD_NOT_LOOK.to_string();
    let usage = exit_code::USAGE.to_string();
    let expected = ["0", "1", "2", &not_looked, &usage, "130", "143"];
    assert_eq!(codes, expected);
}
