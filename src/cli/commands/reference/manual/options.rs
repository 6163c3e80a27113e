//! The options of a page.

use clap::{Arg, Command};
use clap_mangen::roff::{Roff, bold, italic, roman};

use crate::cli::flags::table::TABLE;
use crate::cli::topics;

use super::text::{begun, blocks, marked, sentence};
use super::usage::{help, is_switch, value, values};

/// Where else options stand, and how values are written.
pub fn section(page: &mut Roff, command: &Command, call: Option<&str>) {
    page.control("SH", ["OPTIONS"]);
    if let Some(topic) = topics::named("options") {
        blocks(page, &topic.written());
    }
    let typed_only = TABLE.iter().filter(|option| option.typed_only);
    let typed_only: Vec<_> = typed_only
        .map(|option| format!("`--{}`", option.name))
        .collect();
    let typed_only = typed_only.join(", ");
    page.control("PP", []).text(marked(&format!(
        "All but {typed_only} may also be set in the environment and in the configuration file."
    )));
    options(page, command, call);
}

/// Those that mean something to this call, each once, in the order and below the headings of `--help`.
fn options(page: &mut Roff, command: &Command, call: Option<&str>) {
    let means_something = |arg: &&Arg| {
        let mut rows = TABLE.iter().filter(|row| arg.get_long() == Some(row.name));
        rows.all(|row| {
            let mut calls = row.used_by.iter();
            row.used_by.is_empty() || call.is_none_or(|name| calls.any(|call| call.word() == name))
        })
    };
    let options = command.get_arguments().filter(|arg| !arg.is_positional());
    let options = options.filter(means_something);
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
