//! The reference part of the README, held against the command line.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use clap::{Command, CommandFactory};

use super::exit_code::Exit;
use super::flags::args::Args;
use super::flags::flag::{Call, Flag, Takes};
use super::flags::misplaced::misplaced;
use super::flags::settings;
use super::flags::table::TABLE;

fn readme() -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(source.join("README.md")).unwrap();
    readme.replace("\r\n", "\n")
}

/// The rows of the table whose first heading this is, as cells, without the two lines of its head.
fn table(heading: &str) -> Vec<Vec<String>> {
    let readme = readme();
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

/// An option as the table has it: `--level LEVEL`, with `…` where it takes several values.
fn as_written(option: &Flag) -> String {
    let value = match option.takes {
        Takes::Nothing => String::new(),
        _ => format!(" {}", option.value.name.replace('|', "\\|")),
    };
    let several = matches!(option.name, "only" | "forget");
    format!("--{}{value}{}", option.name, if several { "…" } else { "" })
}

/// What an option has unless it is given: its default, or what its help says.
fn default(option: &Flag) -> String {
    let said = option.help.split_once("[default: ");
    match option.value.default {
        Some(default) => format!("`{default}`"),
        None => said.map_or_else(String::new, |(_, said)| {
            said.trim_end_matches(']').to_owned()
        }),
    }
}

/// The table of options, as the README has to have it.
fn table_of_options() -> String {
    let rows = TABLE.iter().map(|option| {
        let calls: Vec<String> = option.used_by.iter().map(|call| call.word()).collect();
        let calls = match calls.as_slice() {
            [] => "all".to_owned(),
            some => some.join(", "),
        };
        let default = default(option);
        let default = if default.is_empty() {
            String::new()
        } else {
            format!("{default} ")
        };
        format!(
            "| `{}` | {calls} | {default}| {} |\n",
            as_written(option),
            option.readme
        )
    });
    "| option | for | default | does |\n|---|---|---|---|\n".to_owned() + &rows.collect::<String>()
}

#[test]
fn the_readme_has_the_table_of_options() {
    let expected = table_of_options();
    assert!(
        readme().contains(&expected),
        "the README lacks:\n{expected}"
    );
}

#[test]
fn the_readme_names_the_words_of_every_value() {
    for (option, arg) in TABLE.iter().zip(
        Args::command()
            .get_arguments()
            .filter(|arg| arg.get_long().is_some()),
    ) {
        assert_eq!(arg.get_long(), Some(option.name));
        for value in arg
            .get_possible_values()
            .iter()
            .filter(|_| option.takes != Takes::Nothing)
        {
            let value = format!("`{}`", value.get_name());
            assert!(
                option.readme.contains(&value),
                "{} lacks {value}",
                option.name
            );
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

/// Words of a command line that are understood, with this option and call.
fn line(option: &Flag, call: Call) -> Vec<OsString> {
    let mut words = vec!["bkscan"];
    words.extend(match call {
        Call::Scan => &[][..],
        Call::Show => &["show", "x"],
        Call::Diff => &["diff", "x", "y"],
        Call::Report => &["report", "x"],
        Call::Schedule => &["schedule", "cron"],
        Call::Config => &["config", "show"],
        Call::Completions => &["completions", "bash"],
        Call::Clean => &["clean"],
        Call::Explain => &["explain"],
        Call::History => &["history"],
        Call::Schema => &["schema"],
        Call::Man => &["man"],
        Call::Help => &["help"],
    });
    if option.name != "level" {
        // Parts of the files are read at this level alone.
        words.extend(["--level", "contents"]);
    }
    let mut words: Vec<OsString> = words.into_iter().map(OsString::from).collect();
    words.push(format!("--{}", option.name).into());
    let value = match option.value.name {
        _ if option.takes == Takes::Nothing => None,
        "LEVEL" | "WHAT" | "WHEN" | "HOW_MUCH" => option.value.default,
        "PART" => Some("weekly"),
        "SPAN" => Some("30d"),
        "SIZE" => Some("1GB"),
        "RFC3339" => Some("2026-11-22T12:00:00Z"),
        _ => Some("1"),
    };
    words.extend(value.map(OsString::from));
    words
}

/// An option is accepted by the calls that it means something to, and refused by those that it says.
#[test]
fn every_row_says_who_refuses_the_option() {
    let read = |words: &[OsString]| match settings::read(words, |_| None, None) {
        Ok(read) => read,
        Err(refusal) => panic!("{words:?}: {refusal:?}"),
    };
    // A configuration file would have to be there.
    for option in TABLE.iter().filter(|option| option.name != "config") {
        for call in option.used_by {
            // It takes every word that follows.
            let words = line(option, *call);
            let (args, settings) = read(&words);
            assert_eq!(
                misplaced(*call, &args.options, &settings),
                None,
                "{words:?}"
            );
            assert!(!option.refused.by.contains(call), "{words:?}");
        }
        for call in option.refused.by {
            let words = line(option, *call);
            let (args, settings) = read(&words);
            let expected = format!(
                "--{} goes with {}; nothing was done",
                option.name, option.refused.goes_with
            );
            assert_eq!(
                misplaced(*call, &args.options, &settings),
                Some(expected),
                "{words:?}"
            );
        }
    }
}

#[test]
fn the_readme_has_every_exit_code() {
    let codes: Vec<String> = table("exit code")
        .into_iter()
        .map(|row| row[0].clone())
        .collect();
    let of_well = [
        Exit::WELL,
        Exit::WARNED,
        Exit::FAILED,
        Exit::COULD_NOT_LOOK,
        Exit::USAGE,
    ];
    let of_signals = [Exit::after(2), Exit::after(15)];
    let expected = of_well.iter().chain(&of_signals);
    let expected: Vec<String> = expected.map(|exit| exit.number().to_string()).collect();
    assert_eq!(codes, expected);
}
