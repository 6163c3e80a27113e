//! Manifest.mbdb (F§12): iOS 4 to 9. A header and records to the end of the file, big-endian. Names
//! are bytes and need not be UTF-8.

use std::collections::HashSet;
use std::io::{self, BufReader, Read};
use std::path::Path;

use crate::model::{FileId, Listing};
use crate::platform;
use crate::progress::{Event, Monitor};

use super::manifest::Names;
use super::tally::{self, Row, RowKind, Tally};

/// Reads all records. Where the file is cut or breaks off, the second part of the answer says how,
/// and the listing has the records before.
///
/// # Errors
/// When it cannot be opened or read (permission, I/O).
pub fn rows(
    path: &Path,
    keep: usize,
    monitor: &Monitor<'_>,
) -> io::Result<(Listing, Option<String>)> {
    const TELL_EVERY: u64 = 4096;
    let mut tally = Tally::new(keep);
    let mut told = 0;
    let cut = records(path, |record| {
        tally.add(&record.row());
        told += 1;
        if told == TELL_EVERY {
            monitor.tell(Event::Rows { rows: told });
            told = 0;
        }
        !monitor.is_stopped()
    })?;
    monitor.tell(Event::Rows { rows: told });
    Ok((tally::join(vec![tally.finish()]), cut))
}

/// Looks up domain and path of files again.
pub fn names(path: &Path, ids: &[FileId]) -> Names {
    let wanted: HashSet<FileId> = ids.iter().copied().collect();
    let mut names = Names::new();
    // A cut file gives the names before the cut; one that cannot be opened again gives none.
    let _ = records(path, |record| {
        if wanted.contains(&record.id) {
            let name = (
                tally::shortened(&record.domain),
                tally::shortened(&record.path),
            );
            names.insert(record.id, name);
        }
        names.len() < wanted.len()
    });
    names
}

/// Hands over each record until the end, or until `visit` says to stop. The answer says how the
/// file is cut, if it is.
fn records(path: &Path, visit: impl FnMut(&Record) -> bool) -> io::Result<Option<String>> {
    let file = platform::open_regular(path)?;
    let size = file.metadata()?.len();
    parse(BufReader::with_capacity(64 << 10, file), size, visit)
}

/// One record; buffers are kept from one to the next.
struct Record {
    domain: Vec<u8>,
    path: Vec<u8>,
    id: FileId,
    digest: Option<[u8; 20]>,
    mode: u16,
    size: u64,
}

impl Record {
    fn row(&self) -> Row<'_> {
        // The type bits of `st_mode`.
        let kind = match self.mode >> 12 {
            0x8 => RowKind::File,
            0x4 => RowKind::Directory,
            0xa => RowKind::Symlink,
            _ => RowKind::Other,
        };
        Row {
            kind,
            domain: Some(&self.domain),
            path: Some(&self.path),
            id_text: None,
            id: Some(self.id),
            required: kind == RowKind::File,
            changed: false,
            // A size with the sign bit set is as unknown as a negative one.
            size: i64::try_from(self.size).ok().map(i64::unsigned_abs),
            dataless: false,
            digest: self.digest,
            undecodable: false,
            id_is_stored: false,
        }
    }
}

fn parse<R: Read>(
    input: R,
    size: u64,
    mut visit: impl FnMut(&Record) -> bool,
) -> io::Result<Option<String>> {
    let mut input = Counted { input, at: 0 };
    let mut header = [0; 6];
    if let Err(error) = input.fill(&mut header) {
        return cut(error, "it ends within its header");
    }
    let mut record = Record {
        domain: Vec::new(),
        path: Vec::new(),
        id: FileId::from_bytes([0; 20]),
        digest: None,
        mode: 0,
        size: 0,
    };
    let mut scratch = Vec::new();
    let mut number: u64 = 0;
    while input.at < size {
        number += 1;
        let start = input.at;
        if let Err(error) = read_record(&mut input, &mut record, &mut scratch) {
            let why = format!("record {number}, at byte {start} of {size}, is cut off");
            return cut(error, &why);
        }
        if record.domain.is_empty() && record.mode >> 12 == 0 {
            // A hole in the file, filled with zeros, would go on as records of nothing.
            let why = format!("record {number}, at byte {start} of {size}, holds nothing");
            return Ok(Some(why));
        }
        record.id = FileId::of(&record.domain, &record.path);
        if !visit(&record) {
            break;
        }
    }
    Ok(None)
}

fn cut(error: io::Error, why: &str) -> io::Result<Option<String>> {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        Ok(Some(why.to_owned()))
    } else {
        Err(error)
    }
}

fn read_record<R: Read>(
    input: &mut Counted<R>,
    record: &mut Record,
    scratch: &mut Vec<u8>,
) -> io::Result<()> {
    input.text(&mut record.domain)?;
    input.text(&mut record.path)?;
    input.text(scratch)?; // link target
    input.text(scratch)?;
    record.digest = scratch.as_slice().try_into().ok();
    input.text(scratch)?; // encryption key
    record.mode = u16::from_be_bytes(input.array()?);
    // inode (8), user and group (4 each), three times (4 each)
    input.array::<28>()?;
    record.size = u64::from_be_bytes(input.array()?);
    let [_protection_class, properties] = input.array()?;
    for _ in 0..properties {
        input.text(scratch)?;
        input.text(scratch)?;
    }
    Ok(())
}

/// A reader that knows how far it is.
struct Counted<R> {
    input: R,
    at: u64,
}

impl<R: Read> Counted<R> {
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.input.read_exact(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// A string: a length of two bytes, 0xFFFF for none, and at most 65,534 bytes.
    fn text(&mut self, text: &mut Vec<u8>) -> io::Result<()> {
        text.clear();
        let len = u16::from_be_bytes(self.array()?);
        if len != u16::MAX {
            text.resize(usize::from(len), 0);
            self.fill(text)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Vec<u8> {
        [&(bytes.len() as u16).to_be_bytes(), bytes].concat()
    }

    fn record(domain: &[u8], path: &[u8], mode: u16, size: u64, properties: u8) -> Vec<u8> {
        let none = vec![0xff, 0xff];
        let mut bytes = [text(domain), text(path), none.clone(), text(&[7; 20]), none].concat();
        bytes.extend(mode.to_be_bytes());
        bytes.extend([0; 28]);
        bytes.extend(size.to_be_bytes());
        bytes.extend([3, properties]);
        for _ in 0..properties {
            bytes.extend([text(b"name"), text(b"value")].concat());
        }
        bytes
    }

    fn sample() -> Vec<u8> {
        [
            b"mbdb\x05\x00".to_vec(),
            record(b"HomeDomain", b"", 0o040_755, 0, 0),
            record(b"HomeDomain", b"caf\xe9.txt", 0o100_644, 12, 2),
            record(b"HomeDomain", b"link", 0o120_777, 0, 0),
            record(b"HomeDomain", b"odd", 0o100_644, u64::MAX, 0),
        ]
        .concat()
    }

    fn read(bytes: &[u8]) -> (Listing, Option<String>) {
        let mut tally = Tally::new(10);
        let cut = parse(bytes, bytes.len() as u64, |record| {
            tally.add(&record.row());
            true
        });
        (tally::join(vec![tally.finish()]), cut.unwrap())
    }

    #[test]
    fn records_are_read_and_counted() {
        let (listing, cut) = read(&sample());
        assert_eq!(cut, None);
        let counts = listing.counts;
        assert_eq!(
            (
                counts.records,
                counts.files,
                counts.directories,
                counts.symlinks
            ),
            (4, 2, 1, 1)
        );
        assert_eq!(counts.recorded_bytes, 12);
        let id = FileId::of(b"HomeDomain", b"caf\xe9.txt");
        let records = listing.shard(id.shard());
        assert!(
            records
                .iter()
                .any(|record| record.id == id && record.size == 12)
        );
    }

    #[test]
    fn a_cut_at_any_byte_is_noticed() {
        let whole = sample();
        // Header and whole records: there a cut cannot be seen, the format has no count.
        let ends = [6, 86, 200, 284];
        for len in 0..whole.len() {
            let (_, cut) = read(&whole[..len]);
            assert_eq!(cut.is_none(), ends.contains(&len), "{len}");
        }
        let (_, cut) = read(&whole[..whole.len() - 1]);
        assert_eq!(
            cut.unwrap(),
            format!("record 4, at byte 284 of {}, is cut off", whole.len() - 1)
        );
    }
}
