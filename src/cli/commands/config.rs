//! `bkscan config show`: the settings in effect, written as a configuration file would be, and where
//! each came from.

use std::io::{self, Write};
use std::path::Path;

use jiff::Span;
use toml::Value;

use crate::model::Udid;
use crate::render::printable::clean;

use crate::cli::flags::config_file::DeviceSettings;
use crate::cli::flags::flag::Takes;
use crate::cli::flags::origin::Origin;
use crate::cli::flags::settings::Setting;
use crate::cli::flags::table::TABLE;
use crate::cli::flags::values;
use crate::cli::password::ways;
use crate::cli::session::Session;

/// What stands for something personal.
const LEFT_OUT: &str = "left out";

/// Writes them.
///
/// # Errors
/// When writing fails.
pub fn write(session: &Session, out: &mut dyn Write) -> io::Result<()> {
    let redact = session.options.redact;
    let settings = &session.settings;
    let path = |path: &Path| match redact {
        true => LEFT_OUT.to_owned(),
        false => clean(&path.display().to_string()),
    };
    match &settings.path {
        Some(file) if file.exists() => writeln!(out, "# configuration file: {}", path(file))?,
        Some(file) => writeln!(out, "# no configuration file at {}", path(file))?,
        None => writeln!(out, "# no place for a configuration file")?,
    }
    let shown: Vec<_> = settings
        .options
        .iter()
        .map(|setting| (line(session, setting, path), origin(setting)))
        .collect();
    let width = shown.iter().map(|(line, _)| line.chars().count()).max();
    let width = width.unwrap_or(0).min(40);
    for (line, origin) in shown {
        if line.starts_with('#') {
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "{line:<width$}  # {origin}")?;
        }
    }
    // Whether there is one, and never which.
    let state = match ways::is_in(|name| std::env::var_os(name)) {
        true => "set",
        false => "not set",
    };
    writeln!(out, "# {} is {state}", ways::VARIABLE)?;
    let file = &settings.file;
    if file.paths.is_empty() {
        writeln!(out, "# paths is not set: where this system keeps backups")?;
    } else {
        let paths = file.paths.iter().map(|one| Value::String(path(one)));
        let line = format!("paths = {}", Value::Array(paths.collect()));
        writeln!(out, "{line:<width$}  # configuration file")?;
    }
    if !file.severities.is_empty() {
        writeln!(out, "\n[severities] # configuration file")?;
    }
    for (id, severity) in &file.severities {
        writeln!(out, "{id} = \"{}\"", severity.as_str())?;
    }
    if redact && !file.devices.is_empty() {
        writeln!(out, "\n# devices: {LEFT_OUT}")?;
        return Ok(());
    }
    for (udid, device) in &file.devices {
        write_device(udid, device, out)?;
    }
    Ok(())
}

/// The setting as a line of a configuration file; one that is not set as a remark.
fn line(session: &Session, setting: &Setting, path: impl Fn(&Path) -> String) -> String {
    let name = setting.name;
    let mut table = TABLE.iter();
    let is_personal = table.any(|option| option.name == name && option.personal);
    let value = match (&setting.value, name) {
        (Some(value), _) if setting.takes == Takes::Path => Some(path(Path::new(value))),
        (Some(value), _) if is_personal && session.options.redact && !value.is_empty() => {
            Some(LEFT_OUT.to_owned())
        }
        (Some(value), _) => Some(value.to_string_lossy().into_owned()),
        (None, "threads") => Some(session.options.threads().to_string()),
        (None, "state-dir") => session.state().path().map(path),
        (None, "stale-after") => Some("off".to_owned()),
        (None, _) => None,
    };
    let Some(value) = value else {
        return format!("# {name} is not set");
    };
    // Not `007`: that is a device's name.
    let is_same = |number: &i64| number.to_string() == value;
    let number = || value.parse().ok().filter(is_same).map(Value::Integer);
    let value = match setting.takes {
        Takes::Nothing => Value::Boolean(value == "true"),
        Takes::One => number().unwrap_or(Value::String(value)),
        Takes::Several | Takes::Path => Value::String(value),
    };
    format!("{name} = {value}")
}

fn origin(setting: &Setting) -> String {
    match &setting.origin {
        Origin::Default => "default".to_owned(),
        Origin::File(line) => format!("line {line} of the configuration file"),
        Origin::Environment(variable) => variable.clone(),
        Origin::Typed => format!("--{}", setting.name),
    }
}

fn write_device(udid: &Udid, device: &DeviceSettings, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n[devices.{udid}] # configuration file")?;
    let text = |text: &str| Value::String(clean(text));
    let span = |span: &Span| text(&values::spelled(span));
    let values = [
        ("name", device.name.as_deref().map(text)),
        (
            "stale-after",
            device
                .stale_after
                .map(|own| own.0.as_ref().map_or(text("off"), span)),
        ),
        (
            "keep-last",
            device.keep_last.map(|count| Value::Integer(count.into())),
        ),
        ("keep-within", device.keep_within.as_ref().map(span)),
    ];
    for (name, value) in values {
        if let Some(value) = value {
            writeln!(out, "{name} = {value}")?;
        }
    }
    Ok(())
}
