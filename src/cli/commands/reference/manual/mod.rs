//! `bkscan man`: the manual. bkscan(1) is the page of the program, bkscan-clean(1) that of a command. Commands
//! and options come from the command line as clap knows it, long texts from the topics of `bkscan help`. There
//! is no date in it, so that it is the same each time.

mod command;
mod options;
mod program;
mod text;
mod texts;
mod usage;

use std::io::{self, Write};

use clap::{Command, CommandFactory};
use clap_mangen::roff::{Roff, roman};

use crate::cli::flags::args::Args;
use crate::cli::flags::line;

use text::begun;

/// Writes the page of a command, or of the program.
///
/// # Errors
/// When writing fails.
pub fn write(of: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let mut program = Args::command().disable_help_flag(true).arg(line::help());
    program.build();
    let mut page = Roff::new();
    match of.and_then(|name| program.find_subcommand(name)) {
        Some(command) => {
            head(
                &mut page,
                &format!("bkscan-{}", command.get_name()),
                command,
            );
            command::write(&mut page, &program, command);
        }
        None => {
            head(&mut page, "bkscan", &program);
            program::write(&mut page, &program);
        }
    }
    page.to_writer(out)
}

fn head(page: &mut Roff, name: &str, command: &Command) {
    let version = format!("bkscan {}", env!("CARGO_PKG_VERSION"));
    let title = name.to_uppercase();
    page.control("TH", [&title, "1", "\"\"", &version, "User Commands"]);
    // Names of files and variables are to be copied as they are.
    page.control("nh", []).control("ad", ["l"]);
    page.control("SH", ["NAME"]);
    let about = command.get_about().map(ToString::to_string);
    let about = begun(&about.unwrap_or_default(), str::to_lowercase);
    page.text([roman(format!("{name} - {about}"))]);
}
