//! Lists in each encoding: what is read, what is refused, and how much.

use super::bounds::MAX_VALUE;
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

fn reading(limit: u64) -> Reading {
    Reading {
        wanted: ALL,
        limit,
        for_display: false,
    }
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
    let offset = not_ascii
        .windows(4)
        .position(|window| window == b"text")
        .unwrap();
    not_ascii[offset] = 0xff;
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
    let offset = bytes.iter().position(|byte| *byte == 0x33).unwrap();
    bytes[offset + 1..offset + 9].copy_from_slice(&f64::NAN.to_be_bytes());
    assert!(matches!(parse(&bytes, ALL), Err(Refused::BeyondReader(_))));
    // Half of a surrogate pair, as a cut device name leaves it.
    let mut bytes = binary(&one("D", "\u{1f600}\u{e9}".into()));
    let offset = bytes
        .windows(2)
        .position(|pair| pair == [0xde, 0x00])
        .unwrap();
    bytes[offset..offset + 2].copy_from_slice(&[0x00, 0x41]);
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
fn for_display_a_bad_value_or_key_costs_itself_alone() {
    let for_display = Reading {
        for_display: true,
        ..reading(256 << 20)
    };
    let read = |bytes: &[u8]| read_from(bytes, bytes.len() as u64, for_display);
    let deep = |levels: usize| "<array>".repeat(levels) + &"</array>".repeat(levels);
    let named = |bytes: &[u8]| match read(bytes) {
        PlistFile::Read(list) => text(&list.wanted, "Name"),
        _ => None,
    };
    for bad in [
        "",
        "<key>iBooks Data 2</key><data>!!!!</data>",
        "<key>Foo</key><unknown>z</unknown>",
        "<key>Foo</key>",
        "<string>lonely</string>",
        &format!("<key>A</key>{}", deep(600)),
        &format!("<key>A</key>{}", deep(20_000)),
    ] {
        for body in [
            format!("{bad}<key>Name</key><string>n</string>"),
            format!("<key>Name</key><string>n</string>{bad}"),
        ] {
            assert_eq!(named(&xml(&body)).as_deref(), Some("n"), "{:.60}", body);
        }
    }
    // In binary, too: nested too deeply, and a collection in place of a key.
    let nested = (0..600).fold(Value::Array(vec![]), |inner, _| Value::Array(vec![inner]));
    let mut list = Dictionary::new();
    list.insert("A".into(), nested);
    list.insert("Name".into(), "n".into());
    let bytes = binary(&Value::Dictionary(list));
    assert_eq!(named(&bytes).as_deref(), Some("n"));
    // A dictionary of `[]` and "Name", with "n" for both.
    let bytes =
        b"bplist00\xd2\x01\x02\x03\x03\xa0\x54Name\x51n\x08\x0d\x0e\x13\0\0\0\0\0\0\x01\x01\
        \0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x15";
    assert_eq!(named(bytes).as_deref(), Some("n"));
    // Neither is what is no list, nor what would take much memory.
    for bytes in [
        b"<html><body><x/></body></html>".to_vec(),
        b"<plist><dict><key>Name</key><string>n</array></dict></plist>".to_vec(),
        b"<plist><dict><key>Name</key><string>n</string><x></dict></plist>".to_vec(),
        b"<plist><dict><key>Name</key><string>n</string>".to_vec(),
        vec![0; 189],
    ] {
        let read = read(&bytes);
        assert!(matches!(read, PlistFile::Unreadable(_)), "{read:?}");
    }
    let far = read(&xml(&format!("<key>A</key>{}", deep(200_000))));
    assert!(matches!(far, PlistFile::BeyondReader(_)), "{far:?}");
    let wide = format!("<array>{}</array>", "<array></array>".repeat(110_000));
    let wide = format!("{}{wide}{}", "<array>".repeat(126), "</array>".repeat(126));
    let far = read(&xml(&format!("<key>A</key>{wide}")));
    assert!(matches!(far, PlistFile::BeyondReader(_)), "{far:?}");
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
    for offset in 0..bytes.len() {
        let read = read_from(Failing(&bytes, offset), size, reading(size));
        assert!(matches!(read, PlistFile::Denied(why) if why == "the disk is broken"));
        let read = read_from(&bytes[..offset], size, reading(size));
        let words = format!("only {offset} of its {size} bytes could be read");
        assert!(matches!(read, PlistFile::Denied(why) if why == words));
    }
    let read = read_from(Failing(&bytes, bytes.len() + 1), size, reading(size));
    assert!(matches!(read, PlistFile::Read(_)));
    // What was added meanwhile is not read.
    let longer = [&bytes[..], b"more"].concat();
    assert!(matches!(
        read_from(&longer[..], size, reading(size)),
        PlistFile::Read(_)
    ));
    assert!(matches!(
        read_from(&longer[..], 0, reading(size)),
        PlistFile::Empty
    ));
    let beyond = read_from(&longer[..], size + 1, reading(size));
    assert!(matches!(beyond, PlistFile::BeyondReader(_)));
    let beyond = read_from(&longer[..], u64::MAX, reading(u64::MAX));
    assert!(matches!(beyond, PlistFile::BeyondReader(_)));
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
        let offset = bytes.iter().position(|byte| *byte == 0x33).unwrap();
        bytes[offset + 1..offset + 9].copy_from_slice(&f64::to_be_bytes(seconds));
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
