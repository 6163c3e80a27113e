//! Documents that were saved: how one is read.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Deserialize;

use crate::cli::commands::page::STANDARD;
use crate::cli::exit_code::Exit;
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};
use crate::report::document::{Document, SCHEMA_VERSION};
use crate::system;

/// Saved documents are not longer than this, in bytes: `show --json` of a backup that has lost a million
/// files is half as long.
const MOST: u64 = 512 * 1024 * 1024;

/// Why there is no document.
pub struct Unread {
    /// What is there instead, to be said after the name of the file.
    pub why: String,
    /// The same in a sentence without anything personal.
    pub redacted: &'static str,
    /// The same to be said after a name that is none.
    pub redacted_why: &'static str,
}

impl Unread {
    /// The line about the file of this name.
    pub fn remark(&self, name: &str) -> Remark {
        Remark::new(self.redacted, format!("{name} {}", self.why))
    }
}

/// What the file is called where somebody is told of it.
pub fn name(file: &Path) -> String {
    match file == Path::new(STANDARD) {
        true => "standard input".to_owned(),
        false => file.display().to_string(),
    }
}

/// The document in a file, or why there is none.
///
/// # Errors
/// Where a signal came first.
pub fn load(session: &Session, file: &Path) -> Result<Result<Document<'static>, Unread>, Stop> {
    let source = file.to_owned();
    let text = session.wait_for(move || read(&source));
    let text = text.ok_or_else(|| Stop::told(Exit::after(session.signal())))?;
    let text = text.map_err(|error| Unread {
        why: format!(
            "could not be read: {}; name a file in which bkscan --json was saved",
            system::in_words(&error)
        ),
        redacted: "the document could not be read",
        redacted_why: "could not be read",
    });
    Ok(text.and_then(|text| {
        parse(&text).map_err(|why| Unread {
            why,
            redacted: "the document is none that this bkscan can read",
            redacted_why: "is none that this bkscan can read",
        })
    }))
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let (input, len): (Box<dyn Read>, u64) = match file == Path::new(STANDARD) {
        true => (Box::new(io::stdin().lock()), 0),
        false => {
            let file = File::open(file)?;
            let len = file.metadata()?.len();
            (Box::new(file), len)
        }
    };
    let too_long = || io::Error::other("it is longer than any document of bkscan");
    if len > MOST {
        return Err(too_long());
    }
    // A pipe does not tell its length.
    input.take(MOST + 1).read_to_end(&mut text)?;
    match text.len() as u64 > MOST {
        true => Err(too_long()),
        false => Ok(text),
    }
}

/// The document in a text.
///
/// # Errors
/// What the file is instead, to be said after its name.
fn parse(text: &[u8]) -> Result<Document<'static>, String> {
    #[derive(Deserialize)]
    struct Any {
        schema_version: u32,
    }
    if text.trim_ascii().is_empty() {
        return Err("is empty: save a document with bkscan --json".to_owned());
    }
    let other = |error: serde_json::Error| {
        format!("is no document of bkscan --json: {error}; save one with bkscan --json")
    };
    // Some editors and shells begin a text so.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let any: Any = serde_json::from_slice(text).map_err(other)?;
    if any.schema_version != SCHEMA_VERSION {
        return Err(format!(
            "was written by another bkscan (schema version {}, and this one reads {SCHEMA_VERSION}): \
             use the program that wrote it, or a newer one",
            any.schema_version
        ));
    }
    serde_json::from_slice(text).map_err(other)
}
