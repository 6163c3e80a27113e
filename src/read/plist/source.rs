//! The crate's readers, one for each encoding, and what is looked over before one begins.

use std::io::Cursor;

use plist::stream::{AsciiReader, OwnedEvent as Event, Reader};

use crate::read::bplist::Bplist;

use super::bounds::{MAX_EVENTS, MAX_VALUE};
use super::refused::{Refused, classify, classify_as};
use super::xml::{self, XmlPieces};

/// The crate's reader of the encoding that the bytes are in.
pub(super) enum Source<'a> {
    Binary(Reader<Cursor<&'a [u8]>>),
    Xml(XmlPieces<'a>),
    Ascii(AsciiReader<&'a [u8]>),
}

impl<'a> Source<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Result<Source<'a>, Refused> {
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

    pub(super) fn next(&mut self) -> Option<Result<Event, plist::Error>> {
        match self {
            Source::Binary(reader) => reader.next(),
            Source::Xml(pieces) => pieces.next(),
            Source::Ascii(reader) => reader.next(),
        }
    }

    /// Why the source could not be read to its end.
    pub(super) fn refuse(&self, bytes: &[u8], error: &plist::Error) -> Refused {
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
