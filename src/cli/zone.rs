//! The time zone in which dates are told: that of `TZ`, else the system's. What `TZ` and `TZDIR` name may be
//! anything, so no file is read that is not plain and small.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Component, Path};

use jiff::tz::TimeZone;

use crate::system;

/// The files of real zones have some thousand bytes.
const LARGEST: u64 = 256 << 10;

/// Where the system says which zone it is in.
const OF_SYSTEM: &str = "/etc/localtime";

/// The time zone, and what to say where `TZ` names none: then it is UTC.
pub fn of_process(env: impl Fn(&str) -> Option<OsString>) -> (TimeZone, Option<String>) {
    // Jiff lists all that lies below this folder, and reads whatever has the name of a zone there.
    let folder = env("TZDIR").filter(|folder| !folder.is_empty());
    let folder = folder.as_deref().map(Path::new);
    let Some(wanted) = env("TZ") else {
        let zone = match folder {
            Some(_) => of_file(Path::new(OF_SYSTEM)).unwrap_or(TimeZone::UTC),
            None => TimeZone::system(),
        };
        return (zone, None);
    };
    match wanted.to_str().and_then(|wanted| named(wanted, folder)) {
        Some(zone) => (zone, None),
        None => {
            let note = format!(
                "TZ={} names no time zone, so times are told in UTC; name one such as Europe/Berlin",
                wanted.display()
            );
            (TimeZone::UTC, Some(note))
        }
    }
}

/// The zone that `TZ` names, in the ways that systems know: a rule, a name, or the path of a file.
fn named(wanted: &str, folder: Option<&Path>) -> Option<TimeZone> {
    if wanted.is_empty() {
        return Some(TimeZone::UTC);
    }
    let (wanted, is_rule) = match wanted.strip_prefix(':') {
        Some(rest) => (rest, false),
        None => (wanted, true),
    };
    let rule = || TimeZone::posix(wanted).ok();
    let name = || {
        let name = wanted.rsplit_once("zoneinfo/");
        let name = name.map_or(wanted, |(_, name)| name);
        match folder {
            Some(folder) if is_below(Path::new(name)) => of_file(&folder.join(name)),
            Some(_) => None,
            None => TimeZone::get(name).ok(),
        }
    };
    (is_rule.then(rule).flatten())
        .or_else(name)
        .or_else(|| of_file(Path::new(wanted)))
}

/// Whether a path leads nowhere but down.
fn is_below(path: &Path) -> bool {
    path.components()
        .all(|part| matches!(part, Component::Normal(_)))
}

/// The zone in a file.
fn of_file(path: &Path) -> Option<TimeZone> {
    let file = system::open_regular(&system::canonical(path).ok()?).ok()?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).ok()?;
    let fits = bytes.len() as u64 <= LARGEST;
    fits.then(|| TimeZone::tzif("", &bytes).ok()).flatten()
}
