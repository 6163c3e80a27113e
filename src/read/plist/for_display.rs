//! Lists that are read for display alone: a value that the crate would refuse the whole list for becomes an
//! empty text, and the rest is read (contract §4 rule 10).

use crate::read::bplist::{Bplist, Object};

use super::{elements, xml};

/// The marker of an empty text, which fits into the room of any object.
const EMPTY: u8 = 0x50;

/// Empties what the crate would refuse, in place.
pub(super) fn empty_bad_values(bytes: &mut [u8]) {
    if bytes.starts_with(b"bplist00") {
        let offsets = bad_objects(bytes);
        for offset in offsets {
            if let Some(marker) = bytes.get_mut(offset) {
                *marker = EMPTY;
            }
        }
    } else {
        blank_bad_bytes(bytes);
        elements::empty_bad(bytes);
    }
}

/// Where the objects begin that cannot be read as what they say they are.
fn bad_objects(bytes: &[u8]) -> Vec<usize> {
    let Some(list) = Bplist::new(bytes) else {
        return Vec::new();
    };
    let is_bad = |object: Option<Object<'_>>| match object {
        None | Some(Object::Null | Object::BigInt(_) | Object::Set(_)) => true,
        Some(Object::Date(seconds)) => !is_date(seconds),
        Some(Object::Ascii(text)) => !text.is_ascii(),
        Some(Object::Utf16(text)) => {
            let units = text.as_chunks::<2>().0.iter();
            char::decode_utf16(units.map(|unit| u16::from_be_bytes(*unit)))
                .any(|unit| unit.is_err())
        }
        Some(_) => false,
    };
    let objects = 0..list.objects();
    let bad = objects.filter(|index| is_bad(list.object(*index)));
    bad.filter_map(|index| list.offset(index)).collect()
}

/// Whether so many seconds since 2001 lie in the years that this system can hold, of 0 to 9999.
fn is_date(seconds: f64) -> bool {
    const YEAR_0: f64 = -63_145_526_400.0;
    const YEAR_1602: f64 = -12_591_158_400.0;
    const YEAR_10000: f64 = 252_423_993_600.0;
    let first = if xml::holds_early_years() {
        YEAR_0
    } else {
        YEAR_1602
    };
    (first..YEAR_10000).contains(&seconds)
}

/// Puts question marks in place of what is no UTF-8, and of what begins no entity that XML knows.
fn blank_bad_bytes(bytes: &mut [u8]) {
    let mut bad = Vec::new();
    let mut offset = 0;
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid();
        let ampersands = valid.match_indices('&');
        let strays = ampersands.filter(|(place, _)| !begins_entity(&valid[place + 1..]));
        bad.extend(strays.map(|(place, _)| offset + place));
        offset += valid.len();
        bad.extend(offset..offset + chunk.invalid().len());
        offset += chunk.invalid().len();
    }
    for place in bad {
        bytes[place] = b'?';
    }
}

fn begins_entity(after: &str) -> bool {
    /// The longest is `&#x10FFFF;`.
    const LONGEST: usize = 9;
    let name = after.bytes().take(LONGEST).position(|byte| byte == b';');
    let name = name.map(|end| &after[..end]).unwrap_or_default();
    let number = match name.strip_prefix("#x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => name
            .strip_prefix('#')
            .and_then(|digits| digits.parse().ok()),
    };
    ["amp", "lt", "gt", "quot", "apos"].contains(&name)
        || number
            .and_then(char::from_u32)
            .is_some_and(|character| character != '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_value_of_xml_becomes_an_empty_text_and_the_rest_stays() {
        for (before, after) in [
            (
                "<date>2024-05-01T10:00:00Z</date>",
                "<date>2024-05-01T10:00:00Z</date>",
            ),
            (
                "<date>2024-13-01T10:00:00Z</date>",
                "<string/>                        ",
            ),
            (
                "<date>10000-01-01T00:00:00Z</date>",
                "<string/>                         ",
            ),
            ("<date></date>", "<string/>    "),
            ("<integer>-7</integer>", "<integer>-7</integer>"),
            ("<integer>seven</integer>", "<string/>               "),
            (
                "<real>1.5</real><real>x</real>",
                "<real>1.5</real><string/>     ",
            ),
            (
                "<string>a &amp; b &#65; &x; &</string>",
                "<string>a &amp; b &#65; ?x; ?</string>",
            ),
        ] {
            let mut bytes = format!("<array>{before}</array>").into_bytes();
            empty_bad_values(&mut bytes);
            let expected = format!("<array>{after}</array>");
            assert_eq!(String::from_utf8(bytes).unwrap(), expected);
        }
        let mut bytes = b"<string>\xff\xfeA</string>".to_vec();
        empty_bad_values(&mut bytes);
        assert_eq!(bytes, b"<string>??A</string>");
    }
}
