//! One page of many documents, each of another machine. A document that cannot be read is named there and on
//! stderr, and the others are told all the same.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::cli::commands::page::{self, STANDARD};
use crate::cli::exit_code::Exit;
use crate::cli::meant::paths;
use crate::cli::session::Session;
use crate::cli::stop::{Remark, Stop};
use crate::render::html::fleet::{self, Machine};
use crate::report::redact;
use crate::system;

use super::saved::{self, Unread};
use super::{machines, place};

/// Makes the page.
///
/// # Errors
/// Where it could not be made.
pub fn run(session: &Session, files: &[PathBuf], out: &Path) -> Result<Exit, Stop> {
    each_once(files)?;
    let is_printed = out == Path::new(STANDARD);
    if !is_printed {
        place::is_none_of(out, files.iter().map(PathBuf::as_path))?;
        place::check(out)?;
    }
    let mut told = Vec::new();
    let mut exit = Exit::WELL;
    let now = session.now();
    for (number, (file, name)) in (1..).zip(files.iter().zip(machines::names(files))) {
        let name = match session.options.redact {
            true => format!("machine-{number}"),
            false => name,
        };
        // One after the other: only what the page tells of each is kept.
        let document = saved::load(session, file)?.and_then(|document| {
            match session.options.redact && !redact::is_redacted(&document) {
                true => Err(has_names()),
                false => Ok(document),
            }
        });
        told.push(match document {
            Ok(document) => {
                // This computer's own may be among them.
                if !is_printed {
                    place::check_of(out, &document)?;
                }
                Machine::of(&name, number, &document, now, &session.zone)
            }
            Err(unread) => {
                exit = Exit::COULD_NOT_LOOK;
                session.tell(&unread.remark(&saved::name(file)));
                let why = match session.options.redact {
                    true => unread.redacted_why,
                    false => &unread.why,
                };
                Machine::unread(&name, number, why)
            }
        });
    }
    let page = fleet::page(told, now, &session.zone);
    if is_printed {
        return session.print(exit, |out| out.write_all(page.as_bytes()));
    }
    page::write(out, &page)?;
    Ok(exit)
}

/// Whether every machine is named once.
///
/// # Errors
/// Where one is named twice: it would be two machines.
fn each_once(files: &[PathBuf]) -> Result<(), Stop> {
    let mut seen: HashMap<Named, &PathBuf> = HashMap::new();
    for file in files {
        let Some(before) = seen.insert(Named::of(file), file) else {
            continue;
        };
        let other = match before == file {
            true => String::new(),
            false => format!(" (as {}, too)", saved::name(before)),
        };
        return Err(Stop::usage(Remark::new(
            "a document is named twice; name each once",
            format!(
                "{} is named twice{other}; name each document once",
                saved::name(file)
            ),
        )));
    }
    Ok(())
}

/// Which file is named: one has many paths, and may have links.
#[derive(PartialEq, Eq, Hash)]
enum Named {
    /// One that is there, by device and inode.
    File(u64, u64),
    /// One that is not, or that the system tells nothing of; or standard input.
    Path(PathBuf),
}

impl Named {
    fn of(file: &Path) -> Named {
        let is_file = file != Path::new(STANDARD);
        let identity = is_file.then(|| system::identity(file).ok().flatten());
        match identity.flatten() {
            Some((device, inode)) => Named::File(device, inode),
            None => Named::Path(paths::absolute(file)),
        }
    }
}

/// A document that was saved with names, where none may be told.
fn has_names() -> Unread {
    Unread {
        why: "has names in it, and they cannot be taken out afterwards: save it with bkscan --json --redact"
            .to_owned(),
        redacted: "the document has names in it, and they cannot be taken out afterwards: save it with \
                   bkscan --json --redact",
        redacted_why: "has names in it: save it with bkscan --json --redact",
    }
}
