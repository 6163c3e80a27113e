//! Telephone numbers in paths: of the people that somebody writes with. They are never printed (contract
//! §7). Pure.

/// Who a folder or file of WhatsApp is about stands before one of these, as a telephone number; before the
/// second one that of whoever began the group.
const ADDRESSES: [&str; 3] = ["@s.whatsapp.net", "@g.us", "@c.us"];

/// A path inside a domain without the telephone numbers in it: of each nothing but the last two digits is
/// left. They are known by where they stand, or by a plus sign before them.
pub fn without_numbers(path: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut before = "";
    for part in path.split('/') {
        let is_about = before == "Drafts"
            || before == "Profile"
            || ADDRESSES.iter().any(|address| part.contains(address));
        parts.push(hidden(part, is_about));
        before = part;
    }
    parts.join("/")
}

/// A part of a path without the numbers that stand behind a plus sign; where it is about somebody, without
/// any.
fn hidden(part: &str, is_about: bool) -> String {
    let mut told = String::with_capacity(part.len());
    let mut rest = part;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (text, from) = rest.split_at(at);
        let end = from
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(from.len());
        let (digits, behind) = from.split_at(end);
        told.push_str(text);
        // E.164: 15 digits at most. A time in seconds behind a number is none.
        let is_number = (7..=15).contains(&digits.len()) && !told.ends_with('-');
        match is_number && (is_about || told.ends_with('+')) {
            true => {
                told.push('…');
                told.push_str(&digits[digits.len() - 2..]);
            }
            false => told.push_str(digits),
        }
        rest = behind;
    }
    told.push_str(rest);
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_people_are_left_out_and_others_are_not() {
        for (path, expected) in [
            (
                "Message/Media/4915550100778@s.whatsapp.net/a/0/a7f.jpg",
                "Message/Media/…78@s.whatsapp.net/a/0/a7f.jpg",
            ),
            (
                "Message/Media/4915550100779-1500000000@g.us/a/one.jpg",
                "Message/Media/…79-1500000000@g.us/a/one.jpg",
            ),
            (
                "Message/Media/120363012345678901@g.us/1.jpg",
                "Message/Media/120363012345678901@g.us/1.jpg",
            ),
            (
                "Media/Profile/4915550100778-1500000000.jpg",
                "Media/Profile/…78-1500000000.jpg",
            ),
            (
                "Library/SMS/Drafts/+15550100777/composition.plist",
                "Library/SMS/Drafts/+…77/composition.plist",
            ),
            (
                "Library/SMS/Drafts/15550100777/composition.plist",
                "Library/SMS/Drafts/…77/composition.plist",
            ),
            ("Documents/to +4915550100778.txt", "Documents/to +…78.txt"),
            (
                "Media/DCIM/100APPLE/IMG_20240501120000.JPG",
                "Media/DCIM/100APPLE/IMG_20240501120000.JPG",
            ),
            (
                "Media/Recordings/20240501 120000.m4a",
                "Media/Recordings/20240501 120000.m4a",
            ),
            ("a+b/1+1.txt", "a+b/1+1.txt"),
            ("", ""),
        ] {
            assert_eq!(without_numbers(path), expected);
        }
    }
}
