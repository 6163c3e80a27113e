//! What is told of a folder in every form there is, and that each is sound: text that a terminal takes, and
//! nothing of what lies outside.

use std::io::{self, Write};
use std::path::Path;

use bkscan::clean::CleanPlan;
use bkscan::model::{BackupIndex, Level, Report};
use bkscan::render::format::{Format, Told};
use bkscan::render::html::Html;
use bkscan::render::json;
use bkscan::render::screen::clean::{Next, write_plan};
use bkscan::render::screen::diff::{self, Sides};
use bkscan::render::screen::quiet::Quiet;
use bkscan::render::screen::style::Style;
use bkscan::render::screen::text::{Guide, Screen};
use bkscan::report::redact;
use bkscan::scan::pair::Compared;
use bkscan::system::SYSTEM;
use jiff::tz::TimeZone;

use super::Answer;
use crate::read::untrusted::whole::outside::MARKER;

/// What is written, as text.
pub fn text(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<String, String> {
    let mut bytes = Vec::new();
    write(&mut bytes).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// Nothing in it moves a cursor or turns text round, and nothing of it is from outside.
pub fn sound(text: &str, root: &Path) -> Answer {
    let is_odd = |letter: &char| {
        let turns =
            matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}');
        turns || letter.is_control() && *letter != '\n'
    };
    if let Some(odd) = text.chars().find(is_odd) {
        return Err(format!("{odd:?} in {text}"));
    }
    match text.contains(MARKER) {
        true => Err(format!("what is outside of {root:?} is told: {text}")),
        false => Ok(()),
    }
}

fn style(width: usize) -> Style {
    Style {
        color: false,
        unicode: true,
        zone: TimeZone::UTC,
        width,
        system: SYSTEM,
    }
}

/// Every format of a scan, and of the same with names taken out.
pub fn everything(report: &Report, root: &Path) -> Answer {
    formats(report, None, root)?;
    let mut unnamed = report.clone();
    redact::redact(&mut unnamed, SYSTEM);
    for said in formats(&unnamed, None, root)? {
        if said.contains(&*root.to_string_lossy()) {
            return Err(format!("--redact names {root:?}: {said}"));
        }
    }
    Ok(())
}

/// Every format of one backup.
pub fn one(report: &Report, index: BackupIndex, root: &Path) -> Answer {
    formats(report, Some(index), root).map(|_| ())
}

fn formats(report: &Report, only: Option<BackupIndex>, root: &Path) -> Result<Vec<String>, String> {
    let (wide, narrow) = (style(80), style(40));
    let screen = |guide, style| Screen { guide, style };
    let quiet = Quiet {
        only_new: false,
        style: &wide,
    };
    let page = Html {
        histories: &[],
        zone: &TimeZone::UTC,
    };
    let formats: [&dyn Format; 5] = [
        &screen(Guide::Short, &wide),
        &screen(Guide::All, &narrow),
        &json::Json,
        &quiet,
        &page,
    ];
    let told = Told {
        report,
        only,
        exit_code: 0,
    };
    let mut all = Vec::new();
    for format in formats {
        let text = text(|out| format.write(&told, out))?;
        sound(&text, root)?;
        all.push(text);
    }
    Ok(all)
}

/// What a cleaning says before it removes anything.
pub fn plan(report: &Report, plan: &CleanPlan, root: &Path) -> Answer {
    for width in [80, 40] {
        let written =
            |out: &mut dyn Write| write_plan(report, plan, Next::Question, &style(width), out);
        sound(&text(written)?, root)?;
    }
    sound(
        &text(|out| json::write_clean(report, plan, None, 0, out))?,
        root,
    )
}

/// A comparison in all its forms; gives its document.
pub fn diff(compared: &Compared, root: &Path) -> Result<String, String> {
    let Compared {
        report,
        old,
        new,
        diff,
    } = compared;
    let backups = [&report.backups[*old], &report.backups[*new]];
    let sides = || Sides {
        old: backups[0],
        new: backups[1],
        list_command: "bkscan diff --list old new",
        password_command: "bkscan diff --ask-password old new",
        show_commands: &SHOW,
    };
    for width in [80, 40] {
        let style = style(width);
        sound(&text(|out| diff::write(sides(), diff, &style, out))?, root)?;
        sound(
            &text(|out| diff::write_quiet(sides(), diff, &style, out))?,
            root,
        )?;
    }
    let document = text(|out| json::diff::write(backups, diff, Level::Contents, 0, out))?;
    sound(&document, root)?;
    Ok(document)
}

static SHOW: [String; 2] = [String::new(), String::new()];
