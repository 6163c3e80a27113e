//! The formats there are: which one a call asks for.

use std::io;

use crate::render::format::{Format, Told};
use crate::render::json::Json;
use crate::render::nagios::Nagios;
use crate::render::screen::quiet::Quiet;
use crate::render::screen::style::Style;
use crate::render::screen::text::Screen;

use super::flags::settings::Settings;
use super::flags::table::Options;

/// The format of stdout. `failed` is what else went wrong.
pub fn of_stdout<'a>(
    (options, settings): (&Options, &'a Settings),
    failed: Option<String>,
    style: &'a Style,
) -> Box<dyn Format + 'a> {
    if options.nagios {
        Box::new(Nagios {
            fail_on: options.fail_on(),
            severities: &settings.file.severities,
            failed,
            style,
        })
    } else if options.json {
        Box::new(Json)
    } else if options.quiet {
        Box::new(quiet(options, style))
    } else {
        Box::new(Screen {
            guide: options.advice.into(),
            style,
        })
    }
}

/// The paragraphs about what is wrong.
pub fn quiet<'a>(options: &Options, style: &'a Style) -> Quiet<'a> {
    Quiet {
        only_new: options.fail_on().only_new,
        style,
    }
}

/// What a format writes, as text for a file.
///
/// # Errors
/// When it cannot be written, or is no text.
pub fn text(format: &dyn Format, told: &Told<'_>) -> io::Result<String> {
    let mut text = Vec::new();
    format.write(told, &mut text)?;
    String::from_utf8(text).map_err(io::Error::other)
}
