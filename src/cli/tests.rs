//! What the topics of `bkscan help` say of the program, and who refuses an option.

use std::collections::BTreeSet;
use std::ffi::OsString;

use clap::{Command, CommandFactory};

use super::exit_code::Exit;
use super::flags::args::Args;
use super::flags::flag::{Call, Flag, Takes};
use super::flags::misplaced::misplaced;
use super::flags::settings;
use super::flags::table::TABLE;
use super::topics::text::{Block, Entry};
use super::topics::{self, TOPICS};
use crate::model::Verdict;

/// What a topic has names for.
fn entries(topic: &str) -> Vec<Entry> {
    let blocks = topics::named(topic).unwrap().blocks();
    let entries = blocks.into_iter().filter_map(|block| match block {
        Block::Entries(entries) => Some(entries),
        _ => None,
    });
    entries.flatten().collect()
}

fn names(topic: &str) -> Vec<String> {
    entries(topic).into_iter().map(|entry| entry.name).collect()
}

#[test]
fn the_topic_of_options_has_all_that_is_known_of_each() {
    let expected: Vec<&str> = TABLE.iter().map(|option| option.name).collect();
    let names = names("options");
    let named: BTreeSet<&str> = names
        .iter()
        .filter_map(|name| name.strip_prefix("--")?.split(' ').next())
        .collect();
    assert_eq!(named, expected.into_iter().collect());
    let entries = entries("options");
    for (name, facts) in [
        (
            "--color WHEN",
            "For all. Default: auto. Setting `color`, `BKSCAN_COLOR`.",
        ),
        (
            "--keep-last N",
            "For scan, show, clean. Default: 1. Setting `keep-last`, `BKSCAN_KEEP_LAST`.",
        ),
        ("--delete", "For clean. Only typed."),
        ("--only BACKUP...", "For clean. Only typed."),
    ] {
        let entry = entries.iter().find(|entry| entry.name == name);
        assert_eq!(entry.unwrap().text[1], facts, "{name}");
    }
}

#[test]
fn the_topic_of_options_names_the_words_of_every_value() {
    let args = Args::command();
    for option in TABLE.iter().filter(|option| option.takes != Takes::Nothing) {
        let mut args = args.get_arguments();
        let arg = args.find(|arg| arg.get_long() == Some(option.name));
        for value in arg.unwrap().get_possible_values() {
            let value = format!("`{}`", value.get_name());
            let is_said = option.readme.contains(&value);
            assert!(is_said, "{} lacks {value}", option.name);
        }
    }
}

#[test]
fn topics_name_every_verdict_and_exit_code() {
    let verdicts: BTreeSet<String> = (Verdict::ALL.iter())
        .map(|verdict| verdict.as_str().to_owned())
        .collect();
    assert_eq!(
        names("verdicts").into_iter().collect::<BTreeSet<_>>(),
        verdicts
    );
    let of_well = [
        Exit::WELL,
        Exit::WARNED,
        Exit::FAILED,
        Exit::COULD_NOT_LOOK,
        Exit::USAGE,
    ];
    let of_signals = [Exit::after(2), Exit::after(15), Exit::after(1)];
    let codes = of_well.iter().chain(&of_signals);
    let codes: Vec<String> = codes.map(|exit| exit.number().to_string()).collect();
    assert_eq!(names("exit-codes"), codes);
}

/// `bkscan help` finds either, and every page of the manual is told how to be installed.
#[test]
fn topics_and_commands_are_told_apart() {
    let program: Command = Args::command();
    let commands: BTreeSet<&str> = program.get_subcommands().map(Command::get_name).collect();
    assert_eq!(commands, BTreeSet::from(Call::words()));
    for topic in &TOPICS {
        assert!(!commands.contains(topic.name), "{}", topic.name);
        for page in topic.pages {
            let is_page = *page == "bkscan" || commands.contains(page);
            assert!(is_page, "{} is on {page}", topic.name);
        }
    }
    let installed = topics::named("shells").unwrap().section("Manual pages");
    let all = format!("for command in {}; do", Call::words().join(" "));
    let is_installed =
        |block: &Block| matches!(block, Block::Verbatim(lines) if lines.contains(&all));
    assert!(installed.iter().any(is_installed), "{all}: {installed:?}");
}

/// Words of a command line that are understood, with this option and call.
fn line(option: &Flag, call: Call) -> Vec<OsString> {
    let mut words = vec!["bkscan"];
    words.extend(match call {
        Call::Scan => &[][..],
        Call::Show => &["show", "x"],
        Call::Diff => &["diff", "x", "y"],
        Call::Mend => &["mend", "x"],
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
                misplaced(*call, None, &args.options, &settings),
                None,
                "{words:?}"
            );
            assert!(!option.is_refused_by(*call), "{words:?}");
        }
        for call in refusing(option) {
            let words = line(option, call);
            let (args, settings) = read(&words);
            let expected = format!(
                "--{} goes with {}; nothing was done",
                option.name, option.goes_with
            );
            assert_eq!(
                misplaced(call, None, &args.options, &settings),
                Some(expected),
                "{words:?}"
            );
        }
    }
}

/// The calls that say what an option goes with: diff, mend and help refuse all that is not theirs.
fn refusing(option: &Flag) -> Vec<Call> {
    let calls = Call::COMMANDS.into_iter().map(|(_, call)| call);
    let calls = [Call::Scan].into_iter().chain(calls);
    let calls = calls.filter(|call| !matches!(call, Call::Diff | Call::Mend | Call::Help));
    calls.filter(|call| option.is_refused_by(*call)).collect()
}

#[test]
fn who_refuses_an_option_follows_from_who_takes_it() {
    for (name, expected) in [
        ("json", "explain report config schema completions man"),
        ("color", ""),
        ("level", ""),
        (
            "metrics",
            "show clean explain history report schema completions man",
        ),
        ("html", "show clean explain history schema completions man"),
        (
            "ask-password",
            "explain history report schema completions man",
        ),
        (
            "delete",
            "scan show explain history report schedule config schema completions man",
        ),
        (
            "device",
            "scan show explain history report schedule schema completions man",
        ),
        (
            "interactive",
            "show explain history report schedule config schema completions man",
        ),
    ] {
        let option = TABLE.iter().find(|option| option.name == name).unwrap();
        let words: Vec<String> = refusing(option).iter().map(|call| call.word()).collect();
        assert_eq!(words.join(" "), expected, "{name}");
    }
}
