//! The page: `--html FILE` of a scan, and `bkscan report FILE.json --html OUT`.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::model::{DeviceHistory, PastRun, Report};
use crate::render::html;
use crate::report::document::{Document, Place, SCHEMA_VERSION};
use crate::report::redact;
use crate::report::trend;
use crate::system;
use crate::system::replace_file;

use crate::cli::exit_code;
use crate::cli::meant::paths;
use crate::cli::request::Session;

/// Saved documents are not longer than this, in bytes: `show --json` of a backup that has lost a million
/// files is half as long.
const MOST: u64 = 512 * 1024 * 1024;

/// Stands for standard input and output.
const STANDARD: &str = "-";

/// The page of a scan, yet to be written.
pub struct OfScan {
    file: PathBuf,
    histories: Vec<html::DeviceRuns>,
}

impl OfScan {
    /// Notes what the page needs to know of a report before names are taken out of it: where it may go,
    /// and how its devices developed.
    ///
    /// # Errors
    /// The exit code, where it may not be written.
    pub fn prepare(
        session: &Session,
        report: &Report,
        runs: impl FnOnce() -> Vec<PastRun>,
    ) -> Result<Option<OfScan>, u8> {
        let Some(file) = &session.options.html else {
            return Ok(None);
        };
        if paths::is_among_backups(file, replace_file::scanned(report)) {
            session.say_of(
                "the page was not written: its file lies in what was scanned",
                &format!(
                    "the page was not written: {} lies in what was scanned; name a file elsewhere",
                    file.display()
                ),
            );
            return Err(exit_code::COULD_NOT_LOOK);
        }
        Ok(Some(OfScan {
            file: file.clone(),
            histories: html::histories(&Document::of(report, 0), &trend::devices(&runs(), &[])),
        }))
    }

    /// Writes it. The report may have been redacted since.
    ///
    /// # Errors
    /// The exit code, where it could not be written.
    pub fn write(self, session: &Session, report: &Report, exit_code: u8) -> Result<(), u8> {
        let document = Document::of(report, exit_code);
        replace(
            session,
            &self.file,
            &html::page(&document, &self.histories, &session.zone),
        )
    }
}

/// Whether a scan is asked to write its page where it prints.
pub fn is_on_stdout(session: &Session) -> bool {
    session.options.html.as_deref() == Some(Path::new(STANDARD))
}

/// `bkscan report FILE.json --html OUT`
pub fn report(session: &Session, typed: &[PathBuf]) -> u8 {
    match try_report(session, typed) {
        Ok(code) | Err(code) => code,
    }
}

fn try_report(session: &Session, typed: &[PathBuf]) -> Result<u8, u8> {
    // Where a scan writes its page by the settings is no place for another one.
    let out = session.options.html.as_ref();
    let Some(out) = out.filter(|_| session.settings.is_typed("html")) else {
        session
            .say("report needs --html OUT: the file in which the page is to be, or - for stdout");
        return Err(exit_code::USAGE);
    };
    let (file, document) = load(session, typed)?;
    if session.options.redact && !redact::is_redacted(&document) {
        session.say(
            "the document has names in it, and they cannot be taken out afterwards: save it with \
             bkscan --json --redact",
        );
        return Err(exit_code::USAGE);
    }
    let histories = html::histories(&document, &known(session));
    let page = html::page(&document, &histories, &session.zone);
    if out == Path::new(STANDARD) {
        return Ok(session.print(0, |out| out.write_all(page.as_bytes())));
    }
    check_place(session, out, &file, &document)?;
    replace(session, out, &page)?;
    Ok(0)
}

/// The document that was named, and where it is.
///
/// # Errors
/// The exit code, where there is none.
fn load(session: &Session, typed: &[PathBuf]) -> Result<(PathBuf, Document<'static>), u8> {
    let joined = session.join(typed);
    let [file] = joined.as_slice() else {
        session.say("report makes the page of one document; name one file");
        return Err(exit_code::USAGE);
    };
    let name = match file == Path::new(STANDARD) {
        true => "standard input".to_owned(),
        false => file.display().to_string(),
    };
    let source = file.clone();
    let text = session.wait_for(move || read(&source));
    // As a shell says it.
    let stopped = || 128 + u8::try_from(session.signal()).unwrap_or(2);
    let text = text.ok_or_else(stopped)?.map_err(|error| {
        let message = format!(
            "{name} could not be read: {}; name a file in which bkscan --json was saved",
            system::in_words(&error)
        );
        session.say_of("the document could not be read", &message);
        exit_code::COULD_NOT_LOOK
    })?;
    let document = parse(&text).map_err(|why| {
        let message = format!("{name} {why}");
        session.say_of("the document is none that this bkscan can read", &message);
        exit_code::COULD_NOT_LOOK
    })?;
    Ok((file.clone(), document))
}

/// Whether a page of this document may be written to `out`.
///
/// # Errors
/// The exit code, where it may not.
fn check_place(
    session: &Session,
    out: &Path,
    file: &Path,
    document: &Document<'_>,
) -> Result<(), u8> {
    if replace_file::is_within(out, [file]) {
        session.say_of(
            "the page would stand in place of the document; name another file",
            &format!(
                "the page would stand in place of the document {}; name another file",
                file.display()
            ),
        );
        return Err(exit_code::USAGE);
    }
    let roots = document.roots.iter().map(|root| &root.place);
    let backups = document.backups.iter().map(|backup| &backup.place);
    // To ask for a network path that somebody wrote into a document would tell its host who asks.
    let is_here =
        |place: &&Place<'_>| !place.path.starts_with(r"\\") && !place.path.starts_with("//");
    let scanned = roots.chain(backups).filter(is_here);
    let scanned = scanned.map(|place| Path::new(&*place.path));
    if paths::is_among_backups(out, scanned) {
        session.say_of(
            "the page was not written: its file lies among the backups",
            &format!(
                "the page was not written: {} lies among the backups; name a file elsewhere",
                out.display()
            ),
        );
        return Err(exit_code::COULD_NOT_LOOK);
    }
    Ok(())
}

/// How the devices that this computer remembers developed. Nothing here may keep a page from being made.
fn known(session: &Session) -> Vec<DeviceHistory> {
    if session.options.nightly.no_state {
        return vec![];
    }
    match session.state().history().runs() {
        Ok(runs) => trend::devices(&runs, &[]),
        Err(error) => {
            session.say_of("the history could not be read", &error.to_string());
            vec![]
        }
    }
}

fn replace(session: &Session, file: &Path, page: &str) -> Result<(), u8> {
    replace_file::replace(file, page).map_err(|error| {
        session.say_of(
            "the page could not be written",
            &format!("the page {error}"),
        );
        exit_code::COULD_NOT_LOOK
    })
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
