//! Property lists through the `plist` crate, guarded: size, depth, number of elements and unfolded
//! bytes are bounded before a value exists, and only what is wanted becomes one. Lenient typed access
//! to the keys.
//!
//! Whatever the bytes are, reading them takes them once and some tens of MiB more: the crate never
//! sees a value, a table or a stretch of text that is larger.

mod sieve;
mod xml;

use std::io::{Cursor, Read};
use std::path::Path;

use jiff::Timestamp;
use plist::stream::{AsciiReader, OwnedEvent as Event, Reader};
use plist::{Dictionary, Value};

use crate::model::Document;
use crate::system;

use self::sieve::{Keeps, Sieve};
use self::xml::XmlPieces;
use super::bplist::Bplist;

/// Most elements that are read; the largest known files have some tens of thousands.
pub const MAX_EVENTS: u32 = 2_000_000;
/// Longest text or data that is read; the crate needs its memory several times over.
const MAX_VALUE: usize = 8 << 20;

/// The keys that become values: each a path from the top, where `*` stands for any key. What lies on
/// the way to one and is no dictionary is kept too.
pub type Wanted = [&'static [&'static str]];

/// Why bytes are no dictionary for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// They are not a property list with a dictionary at its top.
    Damaged(String),
    /// They may well be one, but our reader cannot take it.
    BeyondReader(String),
}

/// What was read of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// What is wanted of it.
    pub wanted: Dictionary,
    /// Whether its dictionary has no key at all, wanted or not.
    pub is_empty: bool,
}

/// Reads what is `wanted` of the file at `path`, of at most `limit` bytes, as a property list with a
/// dictionary.
pub fn read_file(path: &Path, limit: u64, wanted: &Wanted) -> Document<List> {
    let metadata = match path.symlink_metadata() {
        Ok(metadata) => metadata,
        Err(error) if system::is_absence(&error) => return Document::Absent,
        Err(error) => return Document::Denied(system::in_words(&error)),
    };
    // Contract §4 rule 4: a folder or link in its place is there, but unreadable.
    if !metadata.is_file() {
        return Document::Unreadable("it is not a regular file".to_owned());
    }
    match system::open_regular(path) {
        Err(error) if system::is_absence(&error) => Document::Absent,
        Err(error) => Document::Denied(system::in_words(&error)),
        Ok(file) => read_from(file, metadata.len(), limit, wanted),
    }
}

/// The same for `input`, which should give `len` bytes.
pub fn read_from(input: impl Read, len: u64, limit: u64, wanted: &Wanted) -> Document<List> {
    if len == 0 {
        return Document::Empty;
    }
    if len > limit {
        return Document::BeyondReader(format!("it has {len} bytes, far beyond normal"));
    }
    let mut bytes = Vec::new();
    // Taken at once: a buffer that grows takes up to three times its bytes.
    let room = usize::try_from(len).is_ok_and(|len| bytes.try_reserve_exact(len).is_ok());
    if !room {
        return Document::BeyondReader(format!("there is no memory for its {len} bytes"));
    }
    match input.take(len).read_to_end(&mut bytes) {
        Err(error) => Document::Denied(system::in_words(&error)),
        // Somebody is at work on it: no damage.
        Ok(read) if (read as u64) < len => {
            Document::Denied(format!("only {read} of its {len} bytes could be read"))
        }
        Ok(_) => match sift(&bytes, wanted, &mut MAX_EVENTS.clone()) {
            Ok(list) => Document::Read(list),
            Err(Refused::Damaged(why)) => Document::Unreadable(why),
            Err(Refused::BeyondReader(why)) => Document::BeyondReader(why),
        },
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
    sift(bytes, wanted, events).map(|list| list.wanted)
}

fn sift(bytes: &[u8], wanted: &Wanted, events: &mut u32) -> Result<List, Refused> {
    let mut source = Source::of(bytes)?;
    let mut sieve = Sieve::new(wanted, bytes.len(), events);
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

/// The crate's reader of the encoding that the bytes are in.
enum Source<'a> {
    Binary(Reader<Cursor<&'a [u8]>>),
    Xml(XmlPieces<'a>),
    Ascii(AsciiReader<&'a [u8]>),
}

impl<'a> Source<'a> {
    fn of(bytes: &'a [u8]) -> Result<Source<'a>, Refused> {
        if bytes.starts_with(b"bplist00") {
            look_over(bytes)?;
            return Ok(Source::Binary(Reader::new(Cursor::new(bytes))));
        }
        if bytes.starts_with(&[0xfe, 0xff]) || bytes.starts_with(&[0xff, 0xfe]) {
            return Err(Refused::BeyondReader(
                "it is in UTF-16, which bkscan cannot read".to_owned(),
            ));
        }
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if matches!(text.trim_ascii_start().first(), Some(b'<') | None) {
            if xml::has_date_beyond(bytes) {
                return Err(Refused::BeyondReader(
                    "it holds a date that bkscan cannot read".to_owned(),
                ));
            }
            return Ok(Source::Xml(XmlPieces::new(bytes)));
        }
        // The format before XML, or no property list at all.
        if bytes.len() <= MAX_VALUE {
            return Ok(Source::Ascii(AsciiReader::new(bytes)));
        }
        match AsciiReader::new(&bytes[..1 << 20]).next() {
            Some(Ok(Event::StartDictionary(_))) => Err(Refused::BeyondReader(format!(
                "it has {} bytes in the format before XML, far beyond normal",
                bytes.len()
            ))),
            Some(Err(error)) => Err(classify(bytes, &error)),
            _ => Err(Refused::Damaged("it holds no dictionary".to_owned())),
        }
    }

    fn next(&mut self) -> Option<Result<Event, plist::Error>> {
        match self {
            Source::Binary(reader) => reader.next(),
            Source::Xml(pieces) => pieces.next(),
            Source::Ascii(reader) => reader.next(),
        }
    }

    /// Why the source could not be read to its end.
    fn refuse(&self, bytes: &[u8], error: &plist::Error) -> Refused {
        match self {
            Source::Xml(pieces) if pieces.is_exceeded() => {
                Refused::BeyondReader("it has a value that is far beyond normal".to_owned())
            }
            // Its place in the piece says nothing.
            Source::Xml(pieces) if pieces.before > 0 => {
                let name = error.to_string();
                let name = name.split(" (offset").next().unwrap_or_default();
                classify_as(bytes, error, name)
            }
            _ => classify(bytes, error),
        }
    }
}

/// Looks over a binary list, from which the crate makes room for whatever it claims.
fn look_over(bytes: &[u8]) -> Result<(), Refused> {
    let list = Bplist::new(bytes)
        .ok_or_else(|| Refused::Damaged("its trailer is cut off or broken".to_owned()))?;
    let extent = list
        .look_over()
        .map_err(|why| Refused::Damaged(why.to_owned()))?;
    let most = MAX_EVENTS as usize;
    if list.objects() > most || extent.references > most {
        return Err(Refused::BeyondReader("it has too many elements".to_owned()));
    }
    if extent.longest > MAX_VALUE {
        return Err(Refused::BeyondReader(
            "it has a value that is far beyond normal".to_owned(),
        ));
    }
    Ok(())
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
    classify_as(bytes, error, &error.to_string())
}

fn classify_as(bytes: &[u8], error: &plist::Error, name: &str) -> Refused {
    let is_whole = if bytes.starts_with(b"bplist00") {
        // Structure was looked over before: what the crate refuses is a value.
        true
    } else {
        bytes.trim_ascii_end().ends_with(b"</plist>")
    };
    if is_whole && BEYOND_CRATE.iter().any(|known| name.starts_with(known)) {
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

    const ALL: &Wanted = &[&["*"]];

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
        let read = parse(&binary(&value), ALL).unwrap();
        assert_eq!(
            text(&read, "Device Name").as_deref(),
            Some("Anna\u{2019}s iPhone")
        );
        let read = parse(&xml("<key>A</key><date>2024-05-01T10:00:00Z</date>"), ALL).unwrap();
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
                matches!(parse(&bytes, ALL), Err(Refused::Damaged(_))),
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
        assert!(matches!(parse(&bytes, ALL), Err(Refused::BeyondReader(_))));
        // Half of a surrogate pair, as a cut device name leaves it.
        let mut bytes = binary(&one("D", "\u{1f600}\u{e9}".into()));
        let at = bytes
            .windows(2)
            .position(|pair| pair == [0xde, 0x00])
            .unwrap();
        bytes[at..at + 2].copy_from_slice(&[0x00, 0x41]);
        assert!(matches!(parse(&bytes, ALL), Err(Refused::BeyondReader(_))));
        for body in [
            "<key>A</key><date>10000-05-01T10:00:00Z</date>",
            "<key>A</key><integer>99999999999999999999999</integer>",
        ] {
            assert!(
                matches!(parse(&xml(body), ALL), Err(Refused::BeyondReader(_))),
                "{body}"
            );
        }
        let text = String::from_utf8(xml("")).unwrap();
        let utf16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert!(matches!(parse(&utf16, ALL), Err(Refused::BeyondReader(_))));
    }

    #[test]
    fn nesting_and_unfolding_are_bounded() {
        let deep = "<array>".repeat(200_000) + &"</array>".repeat(200_000);
        let deep = xml(&format!("<key>A</key>{deep}"));
        assert!(matches!(parse(&deep, ALL), Err(Refused::BeyondReader(_))));
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
        assert!(matches!(parse(&bytes, ALL), Err(Refused::BeyondReader(_))));
    }

    #[test]
    fn only_what_is_wanted_becomes_a_value() {
        let inner = |key: &str| one(key, one("Name", "text".into()));
        let value: Dictionary = [
            ("Text".to_owned(), "text".into()),
            ("Other".to_owned(), Value::Data(vec![1; 100])),
            ("Whole".to_owned(), inner("A")),
            ("Apps".to_owned(), inner("A")),
            ("Empty".to_owned(), inner("A")),
        ]
        .into_iter()
        .collect();
        let wanted: &Wanted = &[
            &["Text"],
            &["Text", "is", "no dictionary"],
            &["Whole"],
            &["Apps", "*", "Name"],
            &["Empty", "*", "Nothing"],
            &["None"],
        ];
        let nothing = Value::Dictionary(Dictionary::new());
        let expected: Dictionary = [
            ("Text".to_owned(), "text".into()),
            ("Whole".to_owned(), inner("A")),
            ("Apps".to_owned(), inner("A")),
            ("Empty".to_owned(), one("A", nothing)),
        ]
        .into_iter()
        .collect();
        let value = Value::Dictionary(value);
        let mut as_xml = Vec::new();
        value.to_writer_xml(&mut as_xml).unwrap();
        for bytes in [binary(&value), as_xml] {
            assert_eq!(parse(&bytes, wanted), Ok(expected.clone()));
        }
    }

    #[test]
    fn damage_is_noticed_in_what_is_not_wanted_too() {
        for body in [
            "<key>A</key><data>***</data>",
            "<key>A</key><array><what/></array>",
            "<key>A</key><dict><key>B</key></dict>",
            "<key>A</key><dict><true/><true/></dict>",
            "<key>A</key><string>a</string></dict>",
            "<key>A</key>",
        ] {
            let refused = parse(&xml(body), &[&["B"]]).unwrap_err();
            assert!(
                matches!(refused, Refused::Damaged(_)),
                "{body}: {refused:?}"
            );
        }
        let deep = "<array>".repeat(129) + &"</array>".repeat(129);
        let deep = xml(&format!("<key>A</key>{deep}"));
        let refused = parse(&deep, &[&["B"]]).unwrap_err();
        assert!(matches!(refused, Refused::BeyondReader(_)), "{refused:?}");
    }

    #[test]
    fn one_value_is_bounded() {
        let data = |len: usize| {
            let mut bytes = binary(&one("A", Value::Data(vec![7; len])));
            if len % 2 == 1 {
                bytes.clear();
                one("A", Value::Data(vec![7; len]))
                    .to_writer_xml(&mut bytes)
                    .unwrap();
            }
            parse(&bytes, &[])
        };
        // Even: binary. Odd: XML, where three bytes are four.
        for len in [MAX_VALUE, MAX_VALUE / 2 - 1] {
            assert_eq!(data(len), Ok(Dictionary::new()), "{len}");
        }
        for len in [MAX_VALUE + 2, MAX_VALUE + 1] {
            assert!(matches!(data(len), Err(Refused::BeyondReader(_))), "{len}");
        }
        let spaces = xml(&" ".repeat(10 << 20));
        assert!(matches!(parse(&spaces, &[]), Err(Refused::BeyondReader(_))));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let many = |len: usize| one("A", Value::Array(vec![true.into(); len]));
        for (len, wanted, is_read) in [
            (99_000, ALL, true),
            (110_000, ALL, false),
            (110_000, &[][..], true),
        ] {
            let read = parse(&binary(&many(len)), wanted);
            assert_eq!(read.is_ok(), is_read, "{len}");
            assert!(!matches!(read, Err(Refused::Damaged(_))), "{len}");
        }
        // Lists within a list take from one allowance.
        let bytes = binary(&many(1000));
        let mut left = 1500;
        assert!(parse_within(&bytes, &[], &mut left).is_ok());
        assert!(matches!(
            parse_within(&bytes, &[], &mut left),
            Err(Refused::BeyondReader(_))
        ));
        assert_eq!(left, 0);
    }

    #[test]
    fn what_is_neither_xml_nor_binary_is_still_judged() {
        let read = parse(b"{ A = \"b\"; }", ALL).unwrap();
        assert_eq!(text(&read, "A").as_deref(), Some("b"));
        for bytes in [
            vec![0; 10 << 20],
            b"(".repeat(10 << 20),
            b"  ".to_vec(),
            vec![0xff; 1000],
        ] {
            let refused = parse(&bytes, ALL).unwrap_err();
            assert!(matches!(refused, Refused::Damaged(_)), "{refused:?}");
        }
        let refused = parse(&b"{a".repeat(5 << 20), ALL).unwrap_err();
        assert!(matches!(refused, Refused::BeyondReader(_)), "{refused:?}");
    }

    /// Gives a byte at a time, and fails after some of them.
    struct Failing<'a>(&'a [u8], usize);

    impl Read for Failing<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let left = self.1.checked_sub(1);
            self.1 = left.ok_or_else(|| std::io::Error::other("the disk is broken"))?;
            let len = buffer.len().min(1);
            self.0.read(&mut buffer[..len])
        }
    }

    #[test]
    fn an_error_or_an_early_end_is_no_damage() {
        let bytes = binary(&one("A", "text".into()));
        let size = bytes.len() as u64;
        for at in 0..bytes.len() {
            let read = read_from(Failing(&bytes, at), size, size, ALL);
            assert!(matches!(read, Document::Denied(why) if why == "the disk is broken"));
            let read = read_from(&bytes[..at], size, size, ALL);
            let words = format!("only {at} of its {size} bytes could be read");
            assert!(matches!(read, Document::Denied(why) if why == words));
        }
        let read = read_from(Failing(&bytes, bytes.len() + 1), size, size, ALL);
        assert!(matches!(read, Document::Read(_)));
        // What was added meanwhile is not read.
        let longer = [&bytes[..], b"more"].concat();
        assert!(matches!(
            read_from(&longer[..], size, size, ALL),
            Document::Read(_)
        ));
        assert!(matches!(
            read_from(&longer[..], 0, size, ALL),
            Document::Empty
        ));
        let beyond = read_from(&longer[..], size + 1, size, ALL);
        assert!(matches!(beyond, Document::BeyondReader(_)));
        let beyond = read_from(&longer[..], u64::MAX, u64::MAX, ALL);
        assert!(matches!(beyond, Document::BeyondReader(_)));
    }

    #[test]
    fn dates_of_any_time_are_read_or_left_out() {
        for seconds in [
            -1e300,
            -1e18,
            -63_113_904_000.0,
            -1e9,
            0.0,
            1e9,
            1e18,
            1e300,
            f64::INFINITY,
        ] {
            let mut bytes = binary(&one("D", Value::Date(std::time::UNIX_EPOCH.into())));
            let at = bytes.iter().position(|byte| *byte == 0x33).unwrap();
            bytes[at + 1..at + 9].copy_from_slice(&f64::to_be_bytes(seconds));
            match parse(&bytes, ALL) {
                Ok(read) => {
                    let date = date(&read, "D").map(|date| date.as_second());
                    let expected = seconds + 978_307_200.0;
                    assert!(date.is_none_or(|date| date as f64 == expected), "{seconds}");
                    assert!(date.is_some() || seconds.abs() > 1e10, "{seconds}");
                }
                Err(refused) => {
                    assert!(matches!(refused, Refused::BeyondReader(_)), "{seconds}");
                    // Windows begins in 1601.
                    assert!(seconds.abs() > 1e10);
                }
            }
        }
    }
}
