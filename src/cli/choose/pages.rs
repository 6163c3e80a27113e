//! The texts that open from the list: help, all about a row, what its ids mean, what another backup holds of
//! it. They are the ones of the commands.

use std::io;

use crate::render::printable;
use crate::render::screen::diff::{self, Sides};
use crate::render::screen::explain;
use crate::render::screen::layout;
use crate::render::screen::style::Style;
use crate::words::shell;

use super::about;
use super::model::State;
use super::page::{Differences, Page};
use super::scanned::Scanned;
use super::target::Target;

/// The lines of a text, at most so wide.
pub fn lines(page: &Page, state: &State, width: usize) -> Vec<String> {
    let style = &Style {
        width,
        ..state.style.clone()
    };
    match (page, &state.scanned) {
        (Page::Help, _) | (_, None) => help(style),
        (Page::Details(target), Some(scanned)) => about::lines(state, scanned, *target, style),
        (Page::Explained(target), Some(scanned)) => {
            written(|out| explained(scanned, *target, style, out))
        }
        (Page::Differences(of), Some(scanned)) => {
            written(|out| differences(scanned, of, style, out))
        }
    }
}

fn written(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Vec<String> {
    let mut bytes = Vec::new();
    // A list of bytes takes all.
    let _ = write(&mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    text.lines().map(str::to_owned).collect()
}

/// What each key does.
const KEYS: [(&str, &str); 13] = [
    ("arrows, j k, wheel", "move in the list"),
    ("PgUp PgDn, g G", "by pages, to the beginning and the end"),
    ("Space, click", "mark what is to go, or not"),
    ("a", "mark all that can go, and nothing else"),
    ("n", "mark nothing"),
    (
        "Enter",
        "the plan and the question; nothing is deleted before yes",
    ),
    (
        "d",
        "what it holds that the one that stands in for it does not",
    ),
    ("e", "what its verdict, findings and reasons mean"),
    (
        "Tab",
        "all about it, where the window has no room beside the list",
    ),
    (
        "/",
        "show only rows with a word: name, day, folder, verdict",
    ),
    (
        "Esc, q",
        "back to the list; in the list: leave, all stays as it is",
    ),
    (
        "Ctrl-C, Ctrl-Z",
        "leave at once, all stays as it is; stop until fg",
    ),
    ("?", "this text"),
];

fn help(style: &Style) -> Vec<String> {
    let column = KEYS.iter().map(|(keys, _)| keys.len()).max().unwrap_or(0);
    let mut lines: Vec<String> = KEYS
        .iter()
        .flat_map(|(keys, does)| {
            layout::paragraph(&format!("  {keys:column$}  "), does, style.width)
        })
        .collect();
    let texts = [
        "Marked rows are judged together: what is marked stands in for nothing. What would leave a device \
         without a good backup goes only after its name was typed.",
        "A backup that changes while you look loses its mark and cannot be deleted; look again when it is \
         done.",
    ];
    for text in texts {
        lines.push(String::new());
        lines.extend(layout::paragraph("  ", text, style.width));
    }
    lines
}

fn explained(
    scanned: &Scanned,
    target: Target,
    style: &Style,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let Target::Backup(index) = target else {
        let text = "This is what a removal left that was stopped. Nothing takes it for a backup any more; \
                    deleting it frees what it still takes.";
        for line in layout::paragraph("", text, style.width) {
            out.extend(line.bytes().chain([b'\n']));
        }
        return Ok(());
    };
    let backup = &scanned.report.backups[index];
    let reasons = &scanned.report.plan.decisions[index].reasons;
    let mut ids = vec![backup.verdict.as_str()];
    ids.extend(backup.findings.iter().map(|finding| finding.id));
    ids.extend(reasons.iter().map(|reason| reason.why.as_str()));
    let mut told: Vec<&str> = Vec::new();
    for id in ids {
        if told.contains(&id) {
            continue;
        }
        if !told.is_empty() {
            out.extend(b"\n\n");
        }
        told.push(id);
        explain::write(id, style, out)?;
    }
    Ok(())
}

fn differences(
    scanned: &Scanned,
    of: &Differences,
    style: &Style,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let report = &scanned.report;
    let pair = [of.old, of.new];
    let words = pair.map(|index| shell::word_or_path(report, &report.backups[index].path));
    let call = |command: &str| {
        let call = shell::call(style.system, command, &words, &report.looked_with);
        printable::clean(&call)
    };
    let show = pair.map(|index| {
        let word = shell::word_or_path(report, &report.backups[index].path);
        printable::clean(&shell::show_command(
            style.system,
            word,
            &report.looked_with,
        ))
    });
    let sides = Sides {
        old: &report.backups[of.old],
        new: &report.backups[of.new],
        list_command: &call("diff --list"),
        password_command: &call("diff --ask-password"),
        show_commands: &show,
    };
    diff::write(sides, &of.diff, style, out)
}
