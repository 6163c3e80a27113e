//! XML for the crate in pieces.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use plist::stream::{OwnedEvent as Event, XmlReader};

use super::bounds::MAX_VALUE;

/// XML in pieces. The crate keeps all that it has read of a document until its end, so it is given a
/// new document now and then, that opens what is open and goes on with what was not yet read.
pub(super) struct XmlPieces<'a> {
    reader: Option<XmlReader<Piece<'a>>>,
    /// The open collections; whether each is a dictionary.
    opened: Vec<bool>,
    /// How many collections the reader has to open again before anything new comes.
    again: usize,
    /// Bytes that the reader took since it began.
    taken: Rc<Cell<usize>>,
    /// Bytes of the pieces before; the crate counts from where a piece began.
    pub(super) before: usize,
    /// After how many bytes a new one begins.
    piece: usize,
}

/// After how many bytes a new piece begins.
const PIECE: usize = 1 << 20;

impl<'a> XmlPieces<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> XmlPieces<'a> {
        XmlPieces::of(bytes, PIECE)
    }

    fn of(bytes: &'a [u8], piece: usize) -> XmlPieces<'a> {
        let mut pieces = XmlPieces {
            reader: None,
            opened: Vec::new(),
            again: 0,
            taken: Rc::default(),
            before: 0,
            piece,
        };
        pieces.begin(Vec::new(), bytes);
        pieces
    }

    fn begin(&mut self, opening: Vec<u8>, rest: &'a [u8]) {
        self.before += self.taken.replace(0);
        self.taken = Rc::default();
        self.reader = Some(XmlReader::new(Piece {
            opening,
            opened: 0,
            rest,
            taken: Rc::clone(&self.taken),
            most: self.piece + MAX_VALUE,
        }));
    }

    /// Whether a value, or what is between two, was too long.
    pub(super) fn is_exceeded(&self) -> bool {
        self.taken.get() >= self.piece + MAX_VALUE
    }

    /// The next event, as the crate gives it.
    pub(super) fn next(&mut self) -> Option<Result<Event, plist::Error>> {
        let event = loop {
            let event = self.reader.as_mut()?.next()?;
            if self.again == 0 {
                break event;
            }
            self.again -= 1;
        };
        match &event {
            Ok(Event::StartArray(_)) => self.opened.push(false),
            Ok(Event::StartDictionary(_)) => self.opened.push(true),
            Ok(Event::EndCollection) => {
                self.opened.pop();
            }
            _ => {}
        }
        // What else there is was read to its closing tag; `<dict/>` and `<true/>` close themselves
        // later.
        let closed = matches!(
            event,
            Ok(Event::EndCollection
                | Event::Data(_)
                | Event::Date(_)
                | Event::Integer(_)
                | Event::Real(_)
                | Event::String(_))
        );
        if closed && !self.opened.is_empty() && self.taken.get() > self.piece {
            let tags = self.opened.iter().map(|dictionary| match dictionary {
                true => &b"<dict>"[..],
                false => b"<array>",
            });
            let opening = std::iter::once(&b"<plist>"[..])
                .chain(tags)
                .collect::<Vec<_>>();
            let rest = self.reader.take()?.into_inner().rest;
            self.again = self.opened.len();
            self.begin(opening.concat(), rest);
        }
        Some(event)
    }
}

/// What one document of [`XmlPieces`] is read from. It fails where a single value, or what is between
/// two, is too long.
struct Piece<'a> {
    opening: Vec<u8>,
    opened: usize,
    rest: &'a [u8],
    taken: Rc<Cell<usize>>,
    most: usize,
}

impl BufRead for Piece<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.opened < self.opening.len() {
            return Ok(&self.opening[self.opened..]);
        }
        let most = self.most.saturating_sub(self.taken.get());
        if most == 0 && !self.rest.is_empty() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        // In portions, because the crate copies what it gets.
        Ok(&self.rest[..self.rest.len().min(most).min(64 << 10)])
    }

    fn consume(&mut self, count: usize) {
        if self.opened < self.opening.len() {
            self.opened += count;
        } else {
            self.rest = &self.rest[count..];
            self.taken.set(self.taken.get() + count);
        }
    }
}

impl Read for Piece<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

/// Whether there is a date of which the crate panics: one beyond the year 9999 as soon as it is turned
/// to UTC, or one that this system cannot hold, such as a year before 1601 on Windows. So does every
/// date that only the crate could put together.
pub(super) fn has_date_beyond(bytes: &[u8]) -> bool {
    bytes.utf8_chunks().any(|chunk| {
        let text = chunk.valid();
        text.match_indices("date")
            .any(|(position, name)| is_beyond(&text[..position], &text[position + name.len()..]))
    })
}

/// The same of a date whose tag may have its name between these two. Looks no further than a stretch,
/// so that the whole is looked at in one go.
fn is_beyond(before: &str, after: &str) -> bool {
    if !ends_in_tag(before.as_bytes()) || !after.starts_with(is_delimiter) {
        return false;
    }
    let after = after.as_bytes();
    let Some((tag, after)) = split_within(after, b'>') else {
        return after.len() > STRETCH;
    };
    let Some((date, next)) = split_within(after, b'<') else {
        return after.len() > STRETCH;
    };
    let is_plain = !tag.iter().any(|byte| b"\"'".contains(byte))
        && !date.contains(&b'&')
        && !next.starts_with(b"!")
        && !next.starts_with(b"?");
    let year = date.get(..4).and_then(|year| str::from_utf8(year).ok());
    !is_plain
        || match year.and_then(|year| year.parse::<u16>().ok()) {
            Some(..=1601) => !holds_early_years(),
            Some(9999) => !date.ends_with(b"Z"),
            _ => false,
        }
}

/// Longest tag or date that is looked at; a longer one may hold anything.
const STRETCH: usize = 4096;

/// Whether the name of a tag may follow, as in `<date>` and `<other:date>`.
fn ends_in_tag(before: &[u8]) -> bool {
    match before {
        [.., b'<'] => true,
        [.., b':'] => {
            let stretch = &before[before.len().saturating_sub(STRETCH)..];
            let end = |byte: &u8| *byte == b'<' || is_delimiter(char::from(*byte));
            match stretch.iter().rfind(|byte| end(byte)) {
                Some(byte) => *byte == b'<',
                None => stretch.len() < before.len(),
            }
        }
        _ => false,
    }
}

/// What is before and after the first `byte`, if it is in the next stretch.
fn split_within(bytes: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let mut stretch = bytes.iter().take(STRETCH);
    let position = stretch.position(|found| *found == byte)?;
    Some((&bytes[..position], &bytes[position + 1..]))
}

/// What ends the name of a tag.
fn is_delimiter(character: char) -> bool {
    character.is_whitespace() || ['>', '/'].contains(&character)
}

/// Whether the times of this system go back to the year 0.
pub(super) fn holds_early_years() -> bool {
    let year_0 = Duration::from_secs(62_168_000_000);
    SystemTime::UNIX_EPOCH.checked_sub(year_0).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All events, and the error at the end if there is one, without the place that it names.
    fn events(
        mut next: impl FnMut() -> Option<Result<Event, plist::Error>>,
    ) -> (Vec<Event>, Option<String>) {
        let mut events = Vec::new();
        loop {
            match next() {
                Some(Ok(event)) => events.push(event),
                None => return (events, None),
                Some(Err(error)) => {
                    let name = error.to_string();
                    return (events, name.split(" (").next().map(str::to_owned));
                }
            }
        }
    }

    #[test]
    fn pieces_have_the_events_of_the_whole() {
        let part = "<array> <dict><key>a &amp; b</key><array/><key>c</key><dict/><key>e</key>\
                    <string/><key>f</key><true></true></dict><true/><false /><!-- > -->\
                    <string>\u{e9}&#x41;<![CDATA[<]]></string><data>AAECAw==</data>\
                    <integer>-7</integer><real>1.5</real><date>1969-05-01T10:00:00Z</date>\
                    </array>\n";
        let many = part.repeat(50);
        for end in [
            "</array></array></dict></plist>",
            "</array></array></dict></plist>more",
            "</dict></array></dict></plist>",
            "<what/></array></array></dict></plist>",
            "<data>AAECAw",
            "",
        ] {
            let bytes = format!(
                "<?xml version=\"1.0\"?><plist version=\"1.0\"><dict><key>A</key><array><array>\
                 {many}{end}"
            );
            let mut whole = XmlReader::new(bytes.as_bytes());
            let mut pieces = XmlPieces::of(bytes.as_bytes(), 1000);
            let (whole, error) = events(|| whole.next());
            let (split, split_error) = events(|| pieces.next());
            assert!(whole == split, "{end}: {} {}", whole.len(), split.len());
            assert_eq!(error, split_error);
            assert!(pieces.before > 10_000);
        }
    }

    #[test]
    fn dates_that_the_crate_takes_are_told_from_others() {
        let early = !holds_early_years();
        for (text, beyond) in [
            ("<date>2024-05-01T10:00:00Z</date>", false),
            ("<date>9999-12-31T23:59:59Z</date>", false),
            ("<date>9999-12-31T23:59:59-01:00</date>", true),
            ("<date >9999-12-31T23:59:59-01:00</date >", true),
            ("<x:date\n>9999-12-31T23:59:59-01:00</x:date>", true),
            ("<date a=\">\">9999-12-31T23:59:59-01:00</date>", true),
            ("<date>99<!-- -->99-12-31T23:59:59-01:00</date>", true),
            ("<date>999&#57;-12-31T23:59:59-01:00</date>", true),
            ("<date/><true/>", false),
            ("<date>", false),
            ("<dates>9999&</dates>", false),
            ("<string>a:date &amp; \"b\"</string>", false),
            ("<key>date</key><string>9999-</string>", false),
            ("\u{fffd}<date>0001-01-01T00:00:00Z</date>", early),
            ("<date>1601-01-01T00:00:00+01:00</date>", early),
            ("<date>1602-01-01T00:00:00+01:00</date>", false),
        ] {
            assert_eq!(has_date_beyond(text.as_bytes()), beyond, "{text}");
            if !beyond {
                let text = format!("<plist>{text}</plist>");
                let mut pieces = XmlPieces::new(text.as_bytes());
                // None of them panics.
                let _ = events(|| pieces.next());
            }
        }
    }

    #[test]
    fn text_full_of_dates_is_gone_through_once() {
        for text in ["date", "<date ", ":date>"] {
            let long = format!("<plist><string>{}", text.repeat(500_000));
            // A tag that has no end within a stretch may hold anything.
            assert_eq!(has_date_beyond(long.as_bytes()), text == "<date ", "{text}");
        }
    }
}
