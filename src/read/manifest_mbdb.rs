//! Manifest.mbdb (F§12): iOS 4 to 9. A header and records to the end of the file, big-endian. Names
//! are bytes and need not be UTF-8.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::Range;
use std::path::Path;

use crate::model::progress::{Event, Monitor};
use crate::model::{FileId, Listing, WrappedKey};
use crate::system;

use super::budget::Budget;
use super::file_names::{Names, shortened};
use super::row::{Row, RowKind};
use super::tally::{self, Tally};
use super::wanted::Wanted;

/// Reads all records. Where the file is cut or breaks off, the second part of the answer says how,
/// and the listing has the records before.
///
/// # Errors
/// When it cannot be opened or read (permission, I/O).
pub fn rows(
    path: &Path,
    wanted: Wanted<'_>,
    monitor: &Monitor<'_>,
) -> io::Result<(Listing, Option<String>)> {
    let (file, size) = open(path)?;
    rows_from(file, size, wanted, monitor)
}

/// The same from `input`, which should give `size` bytes.
///
/// # Errors
/// When it cannot be read, or gives less.
pub fn rows_from(
    input: impl Read,
    size: u64,
    wanted: Wanted<'_>,
    monitor: &Monitor<'_>,
) -> io::Result<(Listing, Option<String>)> {
    gather(input, size, wanted, &Budget::usual(wanted), monitor)
}

fn gather(
    input: impl Read,
    size: u64,
    wanted: Wanted<'_>,
    budget: &Budget,
    monitor: &Monitor<'_>,
) -> io::Result<(Listing, Option<String>)> {
    const TELL_EVERY: u64 = 4096;
    let mut tally = Tally::new(wanted, budget);
    let mut told = 0;
    let mut beyond = None;
    let cut = parse(input, size, |record| {
        beyond = tally.add(&record.row()).err();
        told += 1;
        if told == TELL_EVERY {
            monitor.tell(Event::Rows { rows: told });
            told = 0;
        }
        beyond.is_none() && !monitor.is_stopped()
    })?;
    monitor.tell(Event::Rows { rows: told });
    let mut listing = tally::join(vec![tally.finish()]);
    listing.unjudged = beyond;
    Ok((listing, cut))
}

/// Looks up domain and path of files again.
pub fn names(path: &Path, ids: &[FileId]) -> Names {
    let wanted: HashSet<FileId> = ids.iter().copied().collect();
    let mut names = Names::new();
    // A cut file gives the names before the cut; one that cannot be opened again gives none.
    let Ok((file, size)) = open(path) else {
        return names;
    };
    let _ = parse(file, size, |record| {
        if wanted.contains(&record.id) {
            let name = (shortened(&record.domain), shortened(&record.path));
            names.insert(record.id, name);
        }
        names.len() < wanted.len()
    });
    names
}

/// Hands over each record once more, up to where the file is cut.
pub fn each(path: &Path, visit: &mut dyn FnMut(&Row<'_>)) {
    let Ok((file, size)) = open(path) else {
        return;
    };
    let _ = parse(file, size, |record| {
        visit(&record.row());
        true
    });
}

/// Tells the id of each record, whether it is a file, and the bytes of the list that it takes, up to where the
/// list is cut.
///
/// # Errors
/// When it cannot be opened or read.
pub fn each_span(path: &Path, mut visit: impl FnMut(FileId, bool, Range<u64>)) -> io::Result<()> {
    let (file, size) = open(path)?;
    parse(file, size, |record| {
        let is_file = record.row().kind == RowKind::File;
        visit(record.id, is_file, record.span.clone());
        true
    })?;
    Ok(())
}

/// The file and its size.
fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = system::open_regular(path)?;
    let size = file.metadata()?.len();
    Ok((file, size))
}

/// One record; buffers are kept from one to the next.
struct Record {
    domain: Vec<u8>,
    path: Vec<u8>,
    id: FileId,
    digest: Option<[u8; 20]>,
    key: Option<WrappedKey>,
    has_key: bool,
    mode: u16,
    birth: u32,
    modified: u32,
    size: u64,
    /// The bytes of the list that it takes.
    span: Range<u64>,
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
            birth: Some(self.birth.into()),
            modified: Some(self.modified.into()),
            dataless: false,
            digest: self.digest,
            key: self.key,
            has_key: self.has_key,
            undecodable: false,
            id_is_stored: false,
        }
    }
}

/// Hands over each record of `size` bytes until the end, or until `visit` says to stop. The answer
/// says how the file is cut, if it is.
fn parse(
    input: impl Read,
    size: u64,
    mut visit: impl FnMut(&Record) -> bool,
) -> io::Result<Option<String>> {
    let input = Given {
        input: input.take(size),
        bytes: 0,
    };
    let mut input = Counted {
        input: BufReader::with_capacity(64 << 10, input),
        offset: 0,
    };
    let mut header = [0; 6];
    if let Err(error) = input.fill(&mut header) {
        return cut(error, &input, size, "it ends within its header");
    }
    let mut record = Record {
        domain: Vec::new(),
        path: Vec::new(),
        id: FileId::from_bytes([0; 20]),
        digest: None,
        key: None,
        has_key: false,
        mode: 0,
        birth: 0,
        modified: 0,
        size: 0,
        span: 0..0,
    };
    let mut scratch = Vec::new();
    let mut number: u64 = 0;
    while input.offset < size {
        number += 1;
        let start = input.offset;
        if let Err(error) = read_record(&mut input, &mut record, &mut scratch) {
            let why = format!("record {number}, at byte {start} of {size}, is cut off");
            return cut(error, &input, size, &why);
        }
        if record.domain.is_empty() && record.mode >> 12 == 0 {
            // A hole in the file, filled with zeros, would go on as records of nothing.
            let why = format!("record {number}, at byte {start} of {size}, holds nothing");
            return Ok(Some(why));
        }
        record.id = FileId::of(&record.domain, &record.path);
        record.span = start..input.offset;
        if !visit(&record) {
            break;
        }
    }
    Ok(None)
}

/// What an error within the records means: the end of what the file has is a cut.
fn cut<R: Read>(
    error: io::Error,
    input: &Counted<BufReader<Given<R>>>,
    size: u64,
    why: &str,
) -> io::Result<Option<String>> {
    let given = input.input.get_ref().bytes;
    if error.kind() != io::ErrorKind::UnexpectedEof {
        Err(error)
    } else if given < size {
        // Somebody is at work on it: no damage.
        Err(io::Error::other(format!(
            "only {given} of its {size} bytes could be read"
        )))
    } else {
        Ok(Some(why.to_owned()))
    }
}

/// A reader that knows how much it gave.
struct Given<R> {
    input: R,
    bytes: u64,
}

impl<R: Read> Read for Given<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.bytes += count as u64;
        Ok(count)
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
    input.text(scratch)?;
    record.key = WrappedKey::parse(scratch);
    record.has_key = !scratch.is_empty();
    record.mode = u16::from_be_bytes(input.array()?);
    // inode (8), user and group (4 each)
    input.array::<16>()?;
    record.modified = u32::from_be_bytes(input.array()?);
    input.array::<4>()?;
    record.birth = u32::from_be_bytes(input.array()?);
    record.size = u64::from_be_bytes(input.array()?);
    let [_protection_class, properties] = input.array()?;
    for _ in 0..properties {
        input.text(scratch)?;
        input.text(scratch)?;
    }
    Ok(())
}

/// A reader of records that knows how far it is.
struct Counted<R> {
    input: R,
    offset: u64,
}

impl<R: Read> Counted<R> {
    fn fill(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.input.read_exact(bytes)?;
        self.offset += bytes.len() as u64;
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
        rows_from(
            bytes,
            bytes.len() as u64,
            Wanted::examples(10),
            &Monitor::silent(),
        )
        .unwrap()
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

    /// Gives a byte at a time, is interrupted before each, and fails after some of them.
    struct Halting<'a>(&'a [u8], Option<usize>, bool);

    impl Read for Halting<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.2 = !self.2;
            if self.2 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            match self.1.as_mut().map(|left| left.checked_sub(1)) {
                Some(None) => return Err(io::Error::other("the disk is broken")),
                Some(Some(less)) => self.1 = Some(less),
                None => {}
            }
            let len = buffer.len().min(1);
            self.0.read(&mut buffer[..len])
        }
    }

    #[test]
    fn an_error_at_any_byte_is_no_damage() {
        let whole = sample();
        let size = whole.len() as u64;
        for offset in 0..whole.len() {
            let input = Halting(&whole, Some(offset), false);
            let error =
                rows_from(input, size, Wanted::examples(10), &Monitor::silent()).unwrap_err();
            assert_eq!(error.to_string(), "the disk is broken", "{offset}");
        }
        let input = Halting(&whole, None, false);
        let (listing, cut) =
            rows_from(input, size, Wanted::examples(10), &Monitor::silent()).unwrap();
        assert_eq!((listing.counts.records, cut), (4, None));
    }

    #[test]
    fn a_file_that_shrinks_is_no_damage() {
        let whole = sample();
        let size = whole.len() as u64;
        for len in 0..whole.len() {
            let error = rows_from(
                &whole[..len],
                size,
                Wanted::examples(10),
                &Monitor::silent(),
            )
            .unwrap_err();
            let words = format!("only {len} of its {size} bytes could be read");
            assert_eq!(error.to_string(), words);
        }
        // What was added meanwhile is not read.
        let longer = [&whole[..], b"more"].concat();
        let (listing, cut) =
            rows_from(&longer[..], size, Wanted::examples(10), &Monitor::silent()).unwrap();
        assert_eq!((listing.counts.records, cut), (4, None));
    }

    #[test]
    fn more_than_can_be_kept_is_no_damage() {
        let whole = sample();
        let size = whole.len() as u64;
        let none = Budget::of(0);
        let (listing, cut) = gather(
            &whole[..],
            size,
            Wanted::examples(10),
            &none,
            &Monitor::silent(),
        )
        .unwrap();
        // The folder before the first file.
        assert_eq!((listing.counts.records, cut), (1, None));
        assert!(listing.unjudged.unwrap().starts_with("it lists more files"));
    }
}
