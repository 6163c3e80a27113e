//! bkscan(1): the page of the program.

use clap::Command;
use clap_mangen::roff::{Roff, bold, roman};

use crate::cli::topics;

use super::options;
use super::text::{blocks, exit_status, marked, sentence, topics_of};
use super::texts::{DESCRIPTION, EXAMPLES, SEE_ALSO};
use super::usage::{arguments, commands, usage};

/// Writes it.
pub fn write(page: &mut Roff, program: &Command) {
    page.control("SH", ["SYNOPSIS"]);
    synopsis(page, program);
    page.control("SH", ["DESCRIPTION"]);
    for (position, paragraph) in DESCRIPTION.iter().enumerate() {
        if position > 0 {
            page.control("PP", []);
        }
        page.text(marked(paragraph));
    }
    page.control("SH", ["COMMANDS"]);
    for (name, command) in commands(program) {
        page.control("TP", []).text(usage(&name, &command));
        let about = command.get_about().map(ToString::to_string);
        page.text([roman(sentence(&about.unwrap_or_default()))]);
        arguments(page, &command);
    }
    options::section(page, program, None);
    topics_of("bkscan", page);
    exit_status(page);
    for (heading, section) in [("FILES", "Files"), ("ENVIRONMENT", "Variables")] {
        page.control("SH", [heading]);
        if let Some(topic) = topics::named("settings") {
            blocks(page, &topic.section(section));
        }
    }
    examples(page);
    let pages = program.get_subcommands();
    let pages = pages.map(|command| format!("bkscan-{}(1)", command.get_name()));
    let mut pages: Vec<String> = pages.chain(SEE_ALSO.map(str::to_owned)).collect();
    pages.sort();
    page.control("SH", ["SEE ALSO"]);
    page.text([roman(pages.join(", "))]);
}

fn examples(page: &mut Roff) {
    page.control("SH", ["EXAMPLES"]);
    for (position, (text, example)) in EXAMPLES.iter().enumerate() {
        if position > 0 {
            page.control("PP", []);
        }
        page.text(marked(text)).control("RS", ["4"]);
        page.text([bold(*example)]).control("RE", []);
    }
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
