//! Property lists through the `plist` crate, guarded: size, depth, number of elements and unfolded
//! bytes are bounded before a value exists. Lenient typed access to the keys.

use std::cell::Cell;
use std::io::{Cursor, Read};
use std::path::Path;

use jiff::Timestamp;
use plist::stream::{Event, Reader};
use plist::{Dictionary, Value};

use crate::model::Document;
use crate::platform;

use super::bplist::Bplist;

/// Deepest nesting that is read; device files have less than 10.
const MAX_DEPTH: u32 = 128;
/// Most elements that are read; the largest known files have some tens of thousands.
const MAX_EVENTS: u32 = 2_000_000;

/// Why bytes are no dictionary for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// They are not a property list with a dictionary at its top.
    Damaged(String),
    /// They may well be one, but our reader cannot take it.
    BeyondReader(String),
}

/// Reads the file at `path`, of at most `limit` bytes, as a property list with a dictionary.
pub fn read_file(path: &Path, limit: u64) -> Document<Dictionary> {
    let metadata = match path.symlink_metadata() {
        Ok(metadata) => metadata,
        Err(error) if platform::is_absence(&error) => return Document::Absent,
        Err(error) => return Document::Denied(error.to_string()),
    };
    // Contract §4 rule 4: a folder or link in its place is there, but unreadable.
    if !metadata.is_file() {
        return Document::Unreadable("it is not a regular file".to_owned());
    }
    if metadata.len() == 0 {
        return Document::Empty;
    }
    if metadata.len() > limit {
        return Document::BeyondReader(format!(
            "it has {} bytes, far beyond normal",
            metadata.len()
        ));
    }
    let mut bytes = Vec::new();
    let read =
        platform::open_regular(path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    match read {
        Err(error) if platform::is_absence(&error) => Document::Absent,
        Err(error) => Document::Denied(error.to_string()),
        Ok(_) => match parse(&bytes) {
            Ok(dictionary) => Document::Read(dictionary),
            Err(Refused::Damaged(why)) => Document::Unreadable(why),
            Err(Refused::BeyondReader(why)) => Document::BeyondReader(why),
        },
    }
}

/// Reads bytes as a property list with a dictionary at its top, within the bounds.
///
/// # Errors
/// [`Refused`] tells damage from what is only beyond the reader.
pub fn parse(bytes: &[u8]) -> Result<Dictionary, Refused> {
    if bytes.starts_with(b"bplist00") {
        let list = Bplist::new(bytes)
            .ok_or_else(|| Refused::Damaged("its trailer is cut off or broken".to_owned()))?;
        list.look_over()
            .map_err(|why| Refused::Damaged(why.to_owned()))?;
    }
    let exceeded = Cell::new(None);
    // Shared references unfold: a small file may stand for gigabytes.
    let max_bytes = bytes.len().saturating_mul(4).saturating_add(1 << 20);
    let mut depth: u32 = 0;
    let mut elements: u32 = 0;
    let mut unfolded: usize = 0;
    let guarded = Reader::new(Cursor::new(bytes)).take_while(|event| {
        elements += 1;
        match event {
            Ok(Event::StartArray(_) | Event::StartDictionary(_)) => depth += 1,
            Ok(Event::EndCollection) => depth = depth.saturating_sub(1),
            Ok(Event::Data(data)) => unfolded = unfolded.saturating_add(data.len()),
            Ok(Event::String(text)) => unfolded = unfolded.saturating_add(text.len()),
            _ => {}
        }
        let limit = if depth > MAX_DEPTH {
            Some("it is nested too deeply")
        } else if elements > MAX_EVENTS {
            Some("it has too many elements")
        } else if unfolded > max_bytes {
            Some("it unfolds to far more than its size")
        } else {
            None
        };
        exceeded.set(limit);
        limit.is_none()
    });
    match Value::from_events(guarded) {
        _ if exceeded.get().is_some() => Err(Refused::BeyondReader(
            exceeded.get().unwrap_or_default().to_owned(),
        )),
        Ok(Value::Dictionary(dictionary)) => Ok(dictionary),
        Ok(_) => Err(Refused::Damaged("it holds no dictionary".to_owned())),
        Err(error) => Err(classify(bytes, &error)),
    }
}

/// Values that Apple's reader takes and the crate does not; its errors say which by name.
const BEYOND_CRATE: [&str; 11] = [
    "InvalidTrailerObjectOffsetSize",
    "InvalidTrailerObjectReferenceSize",
    "OverflowOrNanDate",
    "IntegerOutOfRange",
    "InvalidUtf16String",
    "NullObjectUnimplemented",
    "UnknownObjectType",
    "UidNotSupportedInXmlPlist",
    "InvalidDateString",
    "InvalidIntegerString",
    "InvalidRealString",
];

fn classify(bytes: &[u8], error: &plist::Error) -> Refused {
    let name = error.to_string();
    let is_whole = if bytes.starts_with(b"bplist00") {
        // Structure was looked over before: what the crate refuses is a value.
        true
    } else {
        bytes.trim_ascii_end().ends_with(b"</plist>")
    };
    let utf16 = bytes.starts_with(&[0xfe, 0xff]) || bytes.starts_with(&[0xff, 0xfe]);
    if utf16 || is_whole && BEYOND_CRATE.iter().any(|known| name.starts_with(known)) {
        return Refused::BeyondReader(format!("it holds a value that bkscan cannot read: {name}"));
    }
    let cut = error.is_eof()
        || error.is_io()
        || ["UnexpectedEnd", "Unclosed"]
            .iter()
            .any(|known| name.starts_with(known));
    Refused::Damaged(if cut {
        "it ends too early".to_owned()
    } else {
        format!("it is not a property list ({name})")
    })
}

/// Longest text that is kept; a device's name has at most some dozens of characters.
const MAX_TEXT: usize = 255;

/// The text at `key`, if it is one and not empty; cut where it is absurdly long.
pub fn text(dictionary: &Dictionary, key: &str) -> Option<String> {
    let text = dictionary.get(key)?.as_string()?;
    (!text.is_empty()).then(|| text.chars().take(MAX_TEXT).collect())
}

/// The date at `key`.
pub fn date(dictionary: &Dictionary, key: &str) -> Option<Timestamp> {
    let date = dictionary.get(key)?.as_date()?;
    Timestamp::try_from(std::time::SystemTime::from(date)).ok()
}

/// The dictionary at `key`.
pub fn dictionary<'a>(dictionary: &'a Dictionary, key: &str) -> Option<&'a Dictionary> {
    dictionary.get(key)?.as_dictionary()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binary(value: &Value) -> Vec<u8> {
        let mut bytes = Vec::new();
        value.to_writer_binary(&mut bytes).unwrap();
        bytes
    }

    fn one(key: &str, value: Value) -> Value {
        Value::Dictionary([(key.to_owned(), value)].into_iter().collect())
    }

    fn xml(body: &str) -> Vec<u8> {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>{body}</dict></plist>\n"
        )
        .into_bytes()
    }

    #[test]
    fn both_encodings_are_read() {
        let value = one("Device Name", "Anna\u{2019}s iPhone".into());
        let read = parse(&binary(&value)).unwrap();
        assert_eq!(
            text(&read, "Device Name").as_deref(),
            Some("Anna\u{2019}s iPhone")
        );
        let read = parse(&xml("<key>A</key><date>2024-05-01T10:00:00Z</date>")).unwrap();
        assert_eq!(
            date(&read, "A"),
            Some("2024-05-01T10:00:00Z".parse().unwrap())
        );
        assert_eq!(text(&read, "A"), None);
    }

    #[test]
    fn what_is_no_property_list_is_damaged() {
        let whole = binary(&one("Key", "text".into()));
        let whole_xml = xml("<key>A</key><string>b</string>");
        let mut not_ascii = whole.clone();
        let at = not_ascii
            .windows(4)
            .position(|window| window == b"text")
            .unwrap();
        not_ascii[at] = 0xff;
        for bytes in [
            b"x".to_vec(),
            vec![0; 189],
            whole[..whole.len() - 5].to_vec(),
            whole_xml[..whole_xml.len() - 20].to_vec(),
            binary(&Value::Array(vec![])),
            not_ascii,
        ] {
            assert!(
                matches!(parse(&bytes), Err(Refused::Damaged(_))),
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn values_that_only_our_reader_refuses_are_no_damage() {
        // A date that is not a number.
        let mut bytes = binary(&one("D", Value::Date(std::time::UNIX_EPOCH.into())));
        let at = bytes.iter().position(|byte| *byte == 0x33).unwrap();
        bytes[at + 1..at + 9].copy_from_slice(&f64::NAN.to_be_bytes());
        assert!(matches!(parse(&bytes), Err(Refused::BeyondReader(_))));
        // Half of a surrogate pair, as a cut device name leaves it.
        let mut bytes = binary(&one("D", "\u{1f600}\u{e9}".into()));
        let at = bytes
            .windows(2)
            .position(|pair| pair == [0xde, 0x00])
            .unwrap();
        bytes[at..at + 2].copy_from_slice(&[0x00, 0x41]);
        assert!(matches!(parse(&bytes), Err(Refused::BeyondReader(_))));
        for body in [
            "<key>A</key><date>10000-05-01T10:00:00Z</date>",
            "<key>A</key><integer>99999999999999999999999</integer>",
        ] {
            assert!(
                matches!(parse(&xml(body)), Err(Refused::BeyondReader(_))),
                "{body}"
            );
        }
        let text = String::from_utf8(xml("")).unwrap();
        let utf16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert!(matches!(parse(&utf16), Err(Refused::BeyondReader(_))));
    }

    #[test]
    fn nesting_and_unfolding_are_bounded() {
        let deep = "<array>".repeat(200_000) + &"</array>".repeat(200_000);
        let deep = xml(&format!("<key>A</key>{deep}"));
        assert!(matches!(parse(&deep), Err(Refused::BeyondReader(_))));
        // Twenty arrays of ten references each to the next: 10^20 elements in a few hundred bytes.
        let mut bytes = b"bplist00".to_vec();
        let mut offsets = Vec::new();
        for level in 0..20_u8 {
            offsets.push(bytes.len() as u16);
            bytes.push(0xaa);
            bytes.extend([level + 1; 10]);
        }
        offsets.push(bytes.len() as u16);
        bytes.push(0x09);
        let table = bytes.len() as u64;
        bytes.extend(offsets.iter().flat_map(|offset| offset.to_be_bytes()));
        bytes.extend([0, 0, 0, 0, 0, 0, 2, 1]);
        bytes.extend((offsets.len() as u64).to_be_bytes());
        bytes.extend(0_u64.to_be_bytes());
        bytes.extend(table.to_be_bytes());
        assert!(matches!(parse(&bytes), Err(Refused::BeyondReader(_))));
    }
}
