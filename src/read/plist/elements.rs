//! The elements of a list in XML that is read for display alone: what the crate would refuse the whole list for
//! is emptied or blanked, in place and in one go, and no more of it is remembered than what is open.

use std::ops::Range;

use super::bounds::MAX_SKIPPED_DEPTH;
use super::xml;

/// A tag.
struct Tag {
    /// From `<` to behind `>`.
    place: Range<usize>,
    name: Range<usize>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Opens,
    Closes,
    /// `<true/>`
    Whole,
}

/// An open collection.
struct Opened {
    is_dictionary: bool,
    /// In a dictionary, the key whose value comes next.
    key: Option<Range<usize>>,
}

/// An element from its first tag to its last.
struct Element {
    place: Range<usize>,
    content: Range<usize>,
    /// Whether there are elements in it.
    holds_elements: bool,
}

/// Empties each value that is none, and blanks each key without a value and each value without a key. Where
/// tags do not fit together the rest is left as it is, for the crate to refuse.
pub(super) fn empty_bad(bytes: &mut [u8]) {
    let mut opened: Vec<Opened> = Vec::new();
    let mut from = 0;
    while let Some(tag) = next_tag(bytes, from) {
        from = tag.place.end;
        let name = &bytes[tag.name.clone()];
        let is_dictionary = name == b"dict";
        let is_collection = is_dictionary || name == b"array";
        let Some(holder) = opened.last_mut() else {
            // What is around the list is for the crate to refuse.
            if is_collection && tag.kind == Kind::Opens {
                opened.push(Opened {
                    is_dictionary,
                    key: None,
                });
            }
            continue;
        };
        if tag.kind == Kind::Closes {
            if !is_collection || holder.is_dictionary != is_dictionary {
                return;
            }
            if let Some(key) = holder.key.take() {
                blank(bytes, key);
            }
            opened.pop();
            continue;
        }
        let is_key = holder.is_dictionary && name == b"key";
        let is_lonely = holder.is_dictionary && !is_key && holder.key.is_none();
        if is_collection && tag.kind == Kind::Opens && !is_lonely {
            holder.key = None;
            if opened.len() == MAX_SKIPPED_DEPTH {
                return;
            }
            opened.push(Opened {
                is_dictionary,
                key: None,
            });
            continue;
        }
        let Some(element) = whole(bytes, &tag) else {
            return;
        };
        from = element.place.end;
        let key = holder.key.take();
        if is_key {
            if let Some(without_value) = key {
                blank(bytes, without_value);
            }
            match element.holds_elements {
                true => blank(bytes, element.place),
                false => holder.key = Some(element.place),
            }
        } else if is_lonely {
            blank(bytes, element.place);
        } else if !is_collection && !is_value(&bytes[tag.name], bytes, &element) {
            empty(bytes, element.place, key);
        }
    }
}

/// Puts an empty text in place of a value; where there is no room for one, the value goes with its key.
fn empty(bytes: &mut [u8], place: Range<usize>, key: Option<Range<usize>>) {
    const TEXT: &[u8] = b"<string/>";
    let start = place.start;
    let has_room = place.len() >= TEXT.len();
    blank(bytes, place);
    if has_room {
        bytes[start..start + TEXT.len()].copy_from_slice(TEXT);
    } else if let Some(key) = key {
        blank(bytes, key);
    }
}

fn blank(bytes: &mut [u8], place: Range<usize>) {
    bytes[place].fill(b' ');
}

/// The next tag, past comments and the like; none where one is not closed.
fn next_tag(bytes: &[u8], mut from: usize) -> Option<Tag> {
    const NO_TAGS: [(&str, &str); 4] = [
        ("<!--", "-->"),
        ("<![CDATA[", "]]>"),
        ("<?", "?>"),
        ("<!", ">"),
    ];
    loop {
        let start = from + bytes[from..].iter().position(|byte| *byte == b'<')?;
        let rest = &bytes[start..];
        let mut no_tags = NO_TAGS.iter();
        let Some((open, close)) = no_tags.find(|(open, _)| rest.starts_with(open.as_bytes()))
        else {
            return tag_at(bytes, start);
        };
        let inside = start + open.len();
        let mut ends = bytes[inside..].windows(close.len());
        from = inside + ends.position(|end| end == close.as_bytes())? + close.len();
    }
}

/// The tag that begins at this `<`.
fn tag_at(bytes: &[u8], start: usize) -> Option<Tag> {
    let mut quote = None;
    let len = bytes[start..].iter().position(|byte| {
        match quote {
            Some(open) if open == *byte => quote = None,
            None if b"\"'".contains(byte) => quote = Some(*byte),
            _ => {}
        }
        quote.is_none() && *byte == b'>'
    })?;
    let end = start + len;
    let (kind, name) = match (bytes[start + 1], bytes[end - 1]) {
        (b'/', _) => (Kind::Closes, start + 2..end),
        (_, b'/') => (Kind::Whole, start + 1..end - 1),
        _ => (Kind::Opens, start + 1..end),
    };
    let mut inside = bytes.get(name.clone())?.iter();
    let name_len = inside.position(u8::is_ascii_whitespace);
    Some(Tag {
        place: start..end + 1,
        name: name.start..name_len.map_or(name.end, |len| name.start + len),
        kind,
    })
}

/// The element that begins with this tag; none where another tag closes it.
fn whole(bytes: &[u8], tag: &Tag) -> Option<Element> {
    let mut last = tag.place.clone();
    let mut depth = usize::from(tag.kind == Kind::Opens);
    let mut holds_elements = false;
    let mut content_end = last.end;
    while depth > 0 {
        let next = next_tag(bytes, last.end)?;
        match next.kind {
            Kind::Opens => depth += 1,
            Kind::Closes => depth -= 1,
            Kind::Whole => {}
        }
        if depth == 0 && bytes[next.name] != bytes[tag.name.clone()] {
            return None;
        }
        holds_elements |= next.kind != Kind::Closes;
        content_end = next.place.start;
        last = next.place;
    }
    Some(Element {
        place: tag.place.start..last.end,
        content: tag.place.end..content_end,
        holds_elements,
    })
}

/// Whether the crate can read the element, which is no collection.
fn is_value(name: &[u8], bytes: &[u8], element: &Element) -> bool {
    /// A longer number or date is none.
    const LONGEST: usize = 64;
    let content = &bytes[element.content.clone()];
    let short = || (str::from_utf8(content).ok()).filter(|text| text.len() <= LONGEST);
    match name {
        b"string" | b"key" => !element.holds_elements,
        b"true" | b"false" => content.trim_ascii().is_empty(),
        b"data" => is_base64(content),
        b"date" => {
            let is_date = |text: &str| plist::Date::from_xml_format(text).is_ok();
            // First, because of such a one the crate panics.
            !xml::has_date_beyond(&bytes[element.place.clone()]) && short().is_some_and(is_date)
        }
        b"integer" => {
            let is_integer =
                |text: &str| text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok();
            short().is_some_and(is_integer)
        }
        b"real" => short().is_some_and(|text| text.parse::<f64>().is_ok()),
        _ => false,
    }
}

/// Whether all of it is base64 with the padding that belongs to it, and no bit too many.
fn is_base64(content: &[u8]) -> bool {
    let (mut symbols, mut pads, mut last) = (0_usize, 0_usize, 0_u8);
    for byte in content.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                pads += 1;
                continue;
            }
            _ => return false,
        };
        if pads > 0 {
            return false;
        }
        symbols += 1;
        last = value;
    }
    let bits_too_many = match (symbols % 4, pads) {
        (0, 0) => 0,
        (3, 1) => last & 0b11,
        (2, 2) => last & 0b1111,
        _ => return false,
    };
    bits_too_many == 0
}

#[cfg(test)]
mod tests {
    use super::super::{parse, text};
    use super::*;

    /// What becomes of it between the two tags of a collection.
    fn inside(collection: &str, body: &str) -> String {
        let mut bytes = format!("<{collection}>{body}</{collection}>").into_bytes();
        empty_bad(&mut bytes);
        let text = String::from_utf8(bytes).unwrap();
        let text = text.strip_prefix(&format!("<{collection}>")).unwrap();
        let text = text.strip_suffix(&format!("</{collection}>")).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_value_that_is_none_becomes_an_empty_text() {
        for (before, after) in [
            ("<data>!!!!</data>", "<string/>"),
            ("<data>AAEC AwQ=</data>", "<data>AAEC AwQ=</data>"),
            ("<unknown>z</unknown>", "<string/>"),
            ("<unknown><a/><b>c</b></unknown>", "<string/>"),
            ("<string>a<b/>c</string>", "<string/>"),
            (
                "<string>a<!-- <b> -->c</string>",
                "<string>a<!-- <b> -->c</string>",
            ),
            ("<string a='>'>b</string >", "<string a='>'>b</string >"),
            (
                "<true>x</true><true/><false />",
                "<string/> <true/><false />",
            ),
            ("<x/><string>a</string>", "<string>a</string>"),
            ("<date>9999-12-31T23:59:59-08:00</date>", "<string/>"),
            ("<date>2024-13-01T10:00:00Z</date>", "<string/>"),
            ("<date a=\"b\">9999-01-01T00:00:00Z</date>", "<string/>"),
        ] {
            assert_eq!(inside("array", before), after, "{before}");
            let (key, in_dictionary) = ("<key>K</key>", before.matches("><").count() == 0);
            if in_dictionary {
                assert_eq!(
                    inside("dict", &format!("{key}{before}")),
                    format!("{key}{after}")
                );
            }
        }
    }

    #[test]
    fn a_key_and_a_value_alone_are_blanked() {
        const PAIR: &str = "<key>K</key><string>v</string>";
        for (before, after) in [
            (format!("<key>A</key>{PAIR}"), PAIR.to_owned()),
            (format!("{PAIR}<key>A</key>"), PAIR.to_owned()),
            (format!("<string>lonely</string>{PAIR}"), PAIR.to_owned()),
            (
                format!("{PAIR}<dict><key>A</key><true/></dict>"),
                PAIR.to_owned(),
            ),
            (format!("<key>A</key><x/>{PAIR}"), PAIR.to_owned()),
            (format!("<key>A<b/></key><true/>{PAIR}"), PAIR.to_owned()),
            (
                format!("<key>D</key><dict><key>A</key></dict>{PAIR}"),
                format!("<key>D</key><dict> </dict>{PAIR}"),
            ),
            // Tags that do not fit together are for the crate to refuse.
            (
                format!("<key>A</key><string>a</array><key>B</key>{PAIR}"),
                format!("<key>A</key><string>a</array><key>B</key>{PAIR}"),
            ),
        ] {
            assert_eq!(inside("dict", &before), after, "{before}");
        }
    }

    #[test]
    fn what_is_no_list_stays_as_it_is() {
        for text in [
            "<html><body><x/></body></html>",
            "<!-- <dict>",
            "<dict",
            "<",
            "</",
            "<dict><",
            "<dict><>",
            "<dict></",
            "<dict></>",
            "<dict><key>A</key><x>",
            "<dict><a b='></dict>",
            "{ A = <0fbd77>; }",
            "",
        ] {
            let mut bytes = text.as_bytes().to_vec();
            empty_bad(&mut bytes);
            assert_eq!(bytes, text.as_bytes());
        }
    }

    /// The crate is asked of all of few characters.
    #[test]
    fn base64_is_what_the_crate_takes_for_it() {
        let characters = *b"AQg/=! ";
        for number in 0..characters.len().pow(5) {
            let places = (0..5).map(|place| number / characters.len().pow(place));
            let content: Vec<u8> = places
                .map(|place| characters[place % characters.len()])
                .collect();
            let content = String::from_utf8(content).unwrap();
            let list = format!("<plist><dict><key>A</key><data>{content}</data></dict></plist>");
            let is_read = parse(list.as_bytes(), &[]).is_ok();
            assert_eq!(is_base64(content.as_bytes()), is_read, "{content:?}");
        }
    }

    /// Whatever stands between two pairs, both are read.
    #[test]
    fn no_element_costs_another() {
        const PARTS: [&str; 16] = [
            "<key>A</key>",
            "<key/>",
            "<key><b/></key>",
            "<true/>",
            "<x/>",
            "<x></x>",
            "<x y='>'>z</x>",
            "<data>!</data>",
            "<data>AAAA</data>",
            "<date>x</date>",
            "<integer>0x1</integer>",
            "<real/>",
            "<array><key>a</key><x/></array>",
            "<dict><true/></dict>",
            "<dict><key>B</key></dict>",
            "<!-- <x> -->",
        ];
        for number in 0..PARTS.len().pow(3) {
            let places = [
                number,
                number / PARTS.len(),
                number / PARTS.len() / PARTS.len(),
            ];
            let between: String = places.map(|place| PARTS[place % PARTS.len()]).concat();
            let list = format!(
                "<plist><dict><key>First</key><string>1</string>{between}<key>Last</key>\
                 <string>2</string></dict></plist>"
            );
            let mut bytes = list.into_bytes();
            empty_bad(&mut bytes);
            let read = parse(&bytes, &[&["*"]]);
            let read = read.unwrap_or_else(|why| panic!("{between}: {why:?}"));
            let told = ["First", "Last"].map(|key| text(&read, key));
            assert_eq!(
                told,
                [Some("1".to_owned()), Some("2".to_owned())],
                "{between}"
            );
        }
    }
}
