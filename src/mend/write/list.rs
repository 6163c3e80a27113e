//! The list of files of the new backup.
//!
//! One of which no row goes is taken over byte for byte. Of a database that is as devices make it, the rows that
//! go are deleted in the copy; any other one is written anew, in the schema of a device. An encrypted one is
//! changed in memory, and never lies on the disk otherwise than encrypted with its own key and padded.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use rusqlite::{Connection, MAIN_DB};

use crate::crypto::Encrypting;
use crate::mend::prepare::Prepared;
use crate::mendable::{ListFix, Refused};
use crate::model::ManifestFormat;
use crate::model::progress::Monitor;
use crate::model::secret::Key;
use crate::read::database::{Database, DatabaseError};
use crate::read::manifest_mbdb;
use crate::system;
use crate::system::making::NewFolder;

use super::copy;
use super::database::{self, Schema};
use super::keeper::{not_read, not_written};

/// Writes the list. Says whether it was cloned; nothing where it is no copy.
///
/// # Errors
/// Why it was not written.
pub fn write(
    prepared: &Prepared,
    new: &NewFolder,
    monitor: &Monitor<'_>,
) -> Result<Option<bool>, Refused> {
    let metadata = &prepared.close.metadata;
    let name = metadata
        .manifest_file
        .map_or("Manifest.db", |(name, _)| name);
    let source = metadata.folder.join(name);
    let as_it_is = prepared.plan.lost.rows.is_empty() && prepared.decision.list_anew.is_none();
    match prepared.format {
        ManifestFormat::Mbdb if as_it_is => copy::list(new, MBDB, &source).map(Some),
        ManifestFormat::Mbdb => mbdb(prepared, new, &source).map(|()| None),
        ManifestFormat::Sqlite if as_it_is => copy::list(new, DATABASE, &source).map(Some),
        ManifestFormat::Sqlite => match key(prepared)? {
            Some((database, key)) => {
                encrypted(prepared, new, database, &key, monitor).map(|()| None)
            }
            None => plain(prepared, new, &source, monitor).map(|()| None),
        },
    }
}

const DATABASE: &str = "Manifest.db";
const MBDB: &str = "Manifest.mbdb";

/// Of an encrypted list what it decrypts to, and its key.
fn key(prepared: &Prepared) -> Result<Option<(&Database, Key)>, Refused> {
    let close = &prepared.close;
    if close.report.encrypted != Some(true) {
        return Ok(None);
    }
    let plist = close.metadata.manifest_plist.value();
    let wrapped = plist.and_then(|plist| plist.manifest_key?.ok());
    let key = wrapped.and_then(|wrapped| close.keys.as_ref()?.unwrap(&wrapped).ok());
    match close.opened.as_ref().zip(key) {
        Some(opened) => Ok(Some(opened)),
        None => Err(Refused::plain(
            "nothing was mended: the list of files is encrypted, and its key is not at hand (--ask-password)",
        )),
    }
}

/// The records that stay, each as it stands.
fn mbdb(prepared: &Prepared, new: &NewFolder, source: &Path) -> Result<(), Refused> {
    /// `mbdb` and two bytes of version.
    const HEADER: u64 = 6;
    let unread = |error: io::Error| not_read(source, &error);
    let mut kept: Vec<Range<u64>> = std::iter::once(0..HEADER).collect();
    manifest_mbdb::each_span(source, |id, is_file, span| {
        if is_file && prepared.gone.has(id) {
            return;
        }
        match kept.last_mut() {
            Some(last) if last.end == span.start => last.end = span.end,
            _ => kept.push(span),
        }
    })
    .map_err(unread)?;
    let mut input = system::open_regular(source).map_err(unread)?;
    let failed = |error: io::Error| not_written(&new.path().join(MBDB), &error);
    let mut file = new.file(MBDB, None).map_err(failed)?;
    for range in kept {
        input.seek(SeekFrom::Start(range.start)).map_err(unread)?;
        let mut part = (&mut input).take(range.end - range.start);
        io::copy(&mut part, &mut file).map_err(failed)?;
    }
    file.sync_all().map_err(failed)
}

fn plain(
    prepared: &Prepared,
    new: &NewFolder,
    source: &Path,
    monitor: &Monitor<'_>,
) -> Result<(), Refused> {
    let path = new.path().join(DATABASE);
    let failed = |error: rusqlite::Error| list_not_written(&path, &error);
    let sync = || (new.sync_file(DATABASE)).map_err(|error| not_written(&path, &error));
    let own = Database::immutable(source);
    let from = prepared.close.opened.as_ref().unwrap_or(&own);
    let schema = Schema::of(from);
    if prepared.decision.list_anew.is_none() && schema.is_usual {
        copy::list_to_change(new, DATABASE, source)?;
        let copy = database::open(&path).map_err(failed)?;
        database::take_out(&copy, &prepared.gone).map_err(failed)?;
        copy.close().map_err(|(_, error)| failed(error))?;
        return sync();
    }
    drop((new.file(DATABASE, None)).map_err(|error| not_written(&path, &error))?);
    let made = database::open(&path).map_err(failed)?;
    database::fill(&made, from, &schema, &prepared.gone, monitor)
        .map_err(|error| list_not_read(&error))?;
    database::settle(&made).map_err(failed)?;
    made.close().map_err(|(_, error)| failed(error))?;
    sync()
}

fn encrypted(
    prepared: &Prepared,
    new: &NewFolder,
    from: &Database,
    key: &Key,
    monitor: &Monitor<'_>,
) -> Result<(), Refused> {
    let schema = Schema::of(from);
    let mut modes = WAL;
    let is_anew = prepared.decision.list_anew == Some(ListFix::Damaged) || !schema.is_usual;
    let mut plain = match is_anew {
        true => {
            let made = database::in_memory().map_err(|error| in_memory(&error))?;
            database::fill(&made, from, &schema, &prepared.gone, monitor)
                .map_err(|error| list_not_read(&error))?;
            from.release();
            made
        }
        false => {
            modes = header_modes(from).unwrap_or(WAL);
            from.release();
            let copy = from.to_change().map_err(|error| list_not_read(&error))?;
            let copy = copy.ok_or_else(|| Refused::plain("the list of files is not encrypted"))?;
            if !prepared.plan.lost.rows.is_empty() {
                database::take_out(&copy, &prepared.gone).map_err(|error| in_memory(&error))?;
            }
            copy
        }
    };
    write_encrypted(new, &mut plain, modes, key)
}

/// Where the header says how a database is written: 2 stands for a WAL, 1 for none, which a database in memory
/// must have.
const MODES: Range<usize> = 18..20;
const WAL: [u8; 2] = [2, 2];

fn header_modes(database: &Database) -> Option<[u8; 2]> {
    let mut header = [0; 20];
    database.input()?.bytes.read_exact(&mut header).ok()?;
    header[MODES].try_into().ok()
}

fn write_encrypted(
    new: &NewFolder,
    plain: &mut Connection,
    modes: [u8; 2],
    key: &Key,
) -> Result<(), Refused> {
    let bytes = plain
        .serialize(MAIN_DB)
        .map_err(|error| in_memory(&error))?;
    let write = || {
        let file = new.file(DATABASE, None)?;
        let mut encrypting = Encrypting::new(key, file);
        let (head, rest) = bytes.split_at(MODES.end.min(bytes.len()));
        encrypting.write(&head[..MODES.start.min(head.len())])?;
        encrypting.write(&modes)?;
        encrypting.write(rest)?;
        encrypting.finish()?.sync_all()
    };
    write().map_err(|error| not_written(&new.path().join(DATABASE), &error))
}

fn list_not_written(path: &Path, error: &rusqlite::Error) -> Refused {
    Refused::new(
        format!("nothing was mended: the list of files could not be written: {error}"),
        format!(
            "nothing was mended: {} could not be written: {error}; is there room on that disk?",
            path.display()
        ),
    )
}

fn in_memory(error: &rusqlite::Error) -> Refused {
    Refused::plain(format!(
        "nothing was mended: the list of files could not be changed in memory, where an encrypted one stays: \
         {error}"
    ))
}

fn list_not_read(error: &DatabaseError) -> Refused {
    Refused::plain(format!(
        "nothing was mended: the rows of the list could not be brought over: {}",
        error.why()
    ))
}
