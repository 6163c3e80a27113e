//! bkscan-clean(1) and the like: the page of a command.

use clap::Command;
use clap_mangen::roff::{Roff, roman};

use super::options;
use super::text::{exit_status, sentence, topics_of, verbatim};
use super::usage::{arguments, commands, usage};

/// Writes the page of a command of this program.
pub fn write(page: &mut Roff, program: &Command, command: &Command) {
    let name = command.get_name();
    let all = commands(program);
    let of_this = |full: &&(String, Command)| full.0.split(' ').next() == Some(name);
    page.control("SH", ["SYNOPSIS"]);
    for (position, (full, command)) in all.iter().filter(of_this).enumerate() {
        if position > 0 {
            page.control("br", []);
        }
        let mut line = usage(&format!("bkscan {full}"), command);
        line.insert(1, roman(" [OPTIONS]"));
        page.text(line);
    }
    page.control("SH", ["DESCRIPTION"]);
    for (_, command) in all.iter().filter(of_this) {
        let about = command.get_about().map(ToString::to_string);
        page.text([roman(sentence(&about.unwrap_or_default()))]);
        arguments(page, command);
    }
    if let Some(more) = command.get_after_help() {
        let more = more.to_string();
        page.control("PP", []);
        verbatim(page, &more.lines().collect::<Vec<_>>());
    }
    options::section(page, program, Some(name));
    topics_of(name, page);
    exit_status(page);
    page.control("SH", ["SEE ALSO"]);
    let others = program.get_subcommands().map(Command::get_name);
    let others = others.filter(|other| *other != name);
    let others = others.map(|other| format!("bkscan-{other}(1)"));
    let mut pages: Vec<String> = others.chain(["bkscan(1)".to_owned()]).collect();
    pages.sort();
    page.text([roman(pages.join(", "))]);
}
