//! Property lists through the `plist` crate, guarded: size, depth, number of elements and unfolded
//! bytes are bounded before a value exists, and only what is wanted becomes one. Lenient typed access
//! to the keys.
//!
//! Whatever the bytes are, reading them takes them once and some tens of MiB more: the crate never
//! sees a value, a table or a stretch of text that is larger.

mod bounds;
mod elements;
mod for_display;
mod refused;
mod sieve;
mod source;
mod values;
mod xml;

use std::io::Read;
use std::path::Path;

use plist::stream::OwnedEvent as Event;
use plist::{Dictionary, Value};

use crate::model::PlistFile;
use crate::system;

pub use self::bounds::MAX_EVENTS;
pub use self::refused::Refused;
pub use self::sieve::Wanted;
pub use self::values::{date, dictionary, text};

use self::sieve::{Keeps, Sieve};
use self::source::Source;

/// Why a file was not read that is kept in a cloud.
pub const IN_CLOUD: &str = "it is not on this computer, but kept in a cloud";

/// What was read of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// What is wanted of it.
    pub wanted: Dictionary,
    /// Whether its dictionary has no key at all, wanted or not.
    pub is_empty: bool,
}

/// How a list is read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// What becomes a value.
    pub wanted: &'static Wanted,
    /// Larger files are not read; in bytes.
    pub limit: u64,
    /// Whether nothing but what is shown hangs on it: then a bad value costs that value alone.
    pub for_display: bool,
}

/// Reads a file as a property list with a dictionary.
pub fn read_file(path: &Path, reading: Reading) -> PlistFile<List> {
    let metadata = match path.symlink_metadata() {
        Ok(metadata) => metadata,
        Err(error) if system::is_absence(&error) => return PlistFile::Absent,
        Err(error) => return PlistFile::Denied(system::in_words(&error)),
    };
    // Contract §4 rule 4: a folder or link in its place is there, but unreadable.
    if !metadata.is_file() {
        return PlistFile::Unreadable("it is not a regular file".to_owned());
    }
    // To open it would fetch it from there.
    if system::is_cloud_only(&metadata) {
        return PlistFile::BeyondReader(IN_CLOUD.to_owned());
    }
    match system::open_regular(path) {
        Err(error) if system::is_absence(&error) => PlistFile::Absent,
        Err(error) => PlistFile::Denied(system::in_words(&error)),
        Ok(file) => read_from(file, metadata.len(), reading),
    }
}

/// The same for `input`, which should give `len` bytes.
pub fn read_from(input: impl Read, len: u64, reading: Reading) -> PlistFile<List> {
    if len == 0 {
        return PlistFile::Empty;
    }
    if len > reading.limit {
        return PlistFile::BeyondReader(format!("it has {len} bytes, far beyond normal"));
    }
    let mut bytes = Vec::new();
    // Taken at once: a buffer that grows takes up to three times its bytes.
    let room = usize::try_from(len).is_ok_and(|len| bytes.try_reserve_exact(len).is_ok());
    if !room {
        return PlistFile::BeyondReader(format!("there is no memory for its {len} bytes"));
    }
    match input.take(len).read_to_end(&mut bytes) {
        Err(error) => PlistFile::Denied(system::in_words(&error)),
        // Somebody is at work on it: no damage.
        Ok(read) if (read as u64) < len => {
            PlistFile::Denied(format!("only {read} of its {len} bytes could be read"))
        }
        Ok(_) => {
            if reading.for_display {
                for_display::empty_bad_values(&mut bytes);
            }
            let wanted = reading.wanted;
            match sift(&bytes, wanted, reading.for_display, &mut MAX_EVENTS.clone()) {
                Ok(list) => PlistFile::Read(list),
                Err(Refused::Damaged(why)) => PlistFile::Unreadable(why),
                Err(Refused::BeyondReader(why)) => PlistFile::BeyondReader(why),
            }
        }
    }
}

/// Reads what is `wanted` of bytes that are a property list with a dictionary at its top, within the
/// bounds.
///
/// # Errors
/// [`Refused`] tells damage from what is only beyond the reader.
pub fn parse(bytes: &[u8], wanted: &Wanted) -> Result<Dictionary, Refused> {
    parse_within(bytes, wanted, &mut MAX_EVENTS.clone())
}

/// The same with at most `events` elements, of which those that were read are taken off: for lists
/// within a list.
///
/// # Errors
/// As [`parse`].
pub fn parse_within(
    bytes: &[u8],
    wanted: &Wanted,
    events: &mut u32,
) -> Result<Dictionary, Refused> {
    sift(bytes, wanted, false, events).map(|list| list.wanted)
}

/// `for_display`: whether a key that is none is left out with its value.
fn sift(
    bytes: &[u8],
    wanted: &Wanted,
    for_display: bool,
    events: &mut u32,
) -> Result<List, Refused> {
    let mut source = Source::of(bytes)?;
    let mut sieve = Sieve::new(wanted, bytes.len(), for_display, events);
    let mut refused = None;
    let events = std::iter::from_fn(|| {
        loop {
            let event = match source.next()? {
                Ok(event) => event,
                Err(error) => return Some(Err(error)),
            };
            match sieve.keeps(&event) {
                // The number of elements is only a claim, and would be room made for them.
                Ok(Keeps::Whole) if matches!(event, Event::StartArray(_)) => {
                    return Some(Ok(Event::StartArray(None)));
                }
                Ok(Keeps::Whole) => return Some(Ok(event)),
                Ok(Keeps::Emptied) => return Some(Ok(Event::Data(Vec::new().into()))),
                Ok(Keeps::Nothing) => {}
                Err(why) => {
                    refused = Some(why);
                    return None;
                }
            }
        }
    });
    let value = Value::from_events(events);
    match (refused, value) {
        (Some(refused), _) => Err(refused),
        (None, Ok(Value::Dictionary(wanted))) => Ok(List {
            wanted,
            is_empty: !sieve.has_keys(),
        }),
        (None, Ok(_)) => Err(Refused::Damaged("it holds no dictionary".to_owned())),
        (None, Err(error)) => Err(source.refuse(bytes, &error)),
    }
}

#[cfg(test)]
mod tests;
