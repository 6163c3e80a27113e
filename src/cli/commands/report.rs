//! `bkscan report FILE.json --html OUT`: the page of a saved document.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::model::DeviceHistory;
use crate::render::html;
use crate::report::document::{Document, Place, SCHEMA_VERSION};
use crate::report::redact;
use crate::report::trend;
use crate::system::{self, inside};

use crate::cli::commands::page::{self, STANDARD};
use crate::cli::exit_code::Exit;
use crate::cli::meant::paths;
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};

/// Saved documents are not longer than this, in bytes: `show --json` of a backup that has lost a million
/// files is half as long.
const MOST: u64 = 512 * 1024 * 1024;

/// Runs the command.
///
/// # Errors
/// Where there is no document, or no page could be made of it.
pub fn run(session: &Session, typed: &[PathBuf]) -> Result<Exit, Stop> {
    // Where a scan writes its page by the settings is no place for another one.
    let out = session.options.html.as_ref();
    let Some(out) = out.filter(|_| session.settings.is_typed("html")) else {
        return Err(Stop::usage(Remark::plain(
            "report needs --html OUT: the file in which the page is to be, or - for stdout",
        )));
    };
    let (file, document) = load(session, typed)?;
    if session.options.redact && !redact::is_redacted(&document) {
        return Err(Stop::usage(Remark::plain(
            "the document has names in it, and they cannot be taken out afterwards: save it with \
             bkscan --json --redact",
        )));
    }
    let histories = html::histories(&document, &known(session));
    let page = html::page(&document, &histories, &session.zone);
    if out == Path::new(STANDARD) {
        return session.print(Exit::WELL, |out| out.write_all(page.as_bytes()));
    }
    check_place(out, &file, &document)?;
    page::write(out, &page)?;
    Ok(Exit::WELL)
}

/// The document that was named, and where it is.
///
/// # Errors
/// Where there is none.
fn load(session: &Session, typed: &[PathBuf]) -> Result<(PathBuf, Document<'static>), Stop> {
    let joined = session.join(typed);
    let [file] = joined.as_slice() else {
        let one = "report makes the page of one document; name one file";
        return Err(Stop::usage(Remark::plain(one)));
    };
    let name = match file == Path::new(STANDARD) {
        true => "standard input".to_owned(),
        false => file.display().to_string(),
    };
    let source = file.clone();
    let text = session.wait_for(move || read(&source));
    let stopped = || Stop::told(Exit::after(session.signal()));
    let text = text.ok_or_else(stopped)?.map_err(|error| {
        let message = format!(
            "{name} could not be read: {}; name a file in which bkscan --json was saved",
            system::in_words(&error)
        );
        Stop::could_not_look(Remark::new("the document could not be read", message))
    })?;
    let document = parse(&text).map_err(|why| {
        let message = format!("{name} {why}");
        let redacted = "the document is none that this bkscan can read";
        Stop::could_not_look(Remark::new(redacted, message))
    })?;
    Ok((file.clone(), document))
}

/// Whether a page of this document may be written to `out`.
///
/// # Errors
/// Where it may not.
fn check_place(out: &Path, file: &Path, document: &Document<'_>) -> Result<(), Stop> {
    if inside::is_within(out, [file]) {
        return Err(Stop::usage(Remark::new(
            "the page would stand in place of the document; name another file",
            format!(
                "the page would stand in place of the document {}; name another file",
                file.display()
            ),
        )));
    }
    let roots = document.roots.iter().map(|root| &root.place);
    let backups = document.backups.iter().map(|backup| &backup.place);
    // To ask for a network path that somebody wrote into a document would tell its host who asks.
    let is_here =
        |place: &&Place<'_>| !place.path.starts_with(r"\\") && !place.path.starts_with("//");
    let scanned = roots.chain(backups).filter(is_here);
    let scanned = scanned.map(|place| Path::new(&*place.path));
    if paths::is_among_backups(out, scanned) {
        return Err(Stop::could_not_look(Remark::new(
            "the page was not written: its file lies among the backups",
            format!(
                "the page was not written: {} lies among the backups; name a file elsewhere",
                out.display()
            ),
        )));
    }
    Ok(())
}

/// How the devices that this computer remembers developed. Nothing here may keep a page from being made.
fn known(session: &Session) -> Vec<DeviceHistory> {
    if session.options.no_state {
        return vec![];
    }
    match session.state().history().runs() {
        Ok(runs) => trend::devices(&runs, &[]),
        Err(error) => {
            let redacted = "the history could not be read";
            session.tell(&Remark::new(redacted, error.to_string()));
            vec![]
        }
    }
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
