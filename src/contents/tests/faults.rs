//! A disk with faults: what a payload is when it is opened for the first time, for the second, and so
//! on; and what becomes of it.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Mutex;

use crate::contents::payload::{Disk, Files};
use crate::model::FileId;
use crate::system::{Folder, Stamp};

use super::world::{World, held, id, ids, sha1};

/// What is wrong when a file is opened.
#[derive(Clone, Debug)]
enum Fault {
    None,
    /// It does not open.
    Open(io::ErrorKind),
    /// The disk fails to read behind half of it.
    Disk,
    /// The network goes away behind half of it.
    Network,
    /// Its end comes behind half of it.
    Short,
    /// A bit of it is another one.
    Flip,
    /// Somebody writes to it while it is read.
    Written,
    /// A signal comes now and then.
    Interrupted,
    /// The disk is pulled out behind half of it.
    PulledOut(PathBuf),
}

/// The system's code for a sector that cannot be read.
const IO_ERROR: i32 = if cfg!(windows) { 23 } else { 5 };

#[derive(Default)]
struct Faulty {
    faults: Mutex<BTreeMap<String, VecDeque<Fault>>>,
    /// How often each file was opened.
    opened: Mutex<BTreeMap<String, usize>>,
}

impl Faulty {
    fn new(faults: &[(FileId, &[Fault])]) -> Faulty {
        let faults = faults
            .iter()
            .map(|(id, faults)| (id.to_string(), faults.iter().cloned().collect()));
        Faulty {
            faults: Mutex::new(faults.collect()),
            ..Faulty::default()
        }
    }

    fn opened(&self, id: FileId) -> usize {
        let opened = held(&self.opened);
        opened.get(&id.to_string()).copied().unwrap_or(0)
    }
}

struct FaultyFile {
    file: File,
    fault: Fault,
    half: u64,
    read: u64,
    interrupted: bool,
}

impl Read for FaultyFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let behind_half = self.read >= self.half;
        match &self.fault {
            Fault::Disk if behind_half => return Err(io::Error::from_raw_os_error(IO_ERROR)),
            Fault::PulledOut(folder) if behind_half => {
                fs::remove_dir_all(folder).unwrap();
                return Err(io::Error::from_raw_os_error(IO_ERROR));
            }
            Fault::Network if behind_half => return Err(io::ErrorKind::TimedOut.into()),
            Fault::Short if behind_half => return Ok(0),
            Fault::Interrupted => {
                self.interrupted = !self.interrupted;
                if self.interrupted {
                    return Err(io::ErrorKind::Interrupted.into());
                }
            }
            _ => {}
        }
        // Never more than half at once.
        let most = buffer.len().min(self.half.max(1) as usize);
        let count = self.file.read(&mut buffer[..most])?;
        if matches!(self.fault, Fault::Flip) && self.read == 0 {
            buffer[0] ^= 1;
        }
        self.read += count as u64;
        Ok(count)
    }
}

impl Files for Faulty {
    type File = FaultyFile;

    fn open(&self, folder: &Folder, name: &str) -> io::Result<(FaultyFile, Stamp)> {
        let (file, stamp) = Disk.open(folder, name)?;
        let mut faults = self.faults.lock().unwrap();
        let fault = faults.get_mut(name).and_then(VecDeque::pop_front);
        let fault = fault.unwrap_or(Fault::None);
        *self.opened.lock().unwrap().entry(name.into()).or_default() += 1;
        match fault {
            Fault::Open(kind) => Err(kind.into()),
            fault => Ok((
                FaultyFile {
                    file,
                    fault,
                    half: stamp.size / 2,
                    read: 0,
                    interrupted: false,
                },
                stamp,
            )),
        }
    }

    fn stamp(&self, file: &FaultyFile) -> io::Result<Stamp> {
        let mut stamp = Disk.stamp(&file.file)?;
        if matches!(file.fault, Fault::Written) {
            stamp.modified += 1;
        }
        Ok(stamp)
    }

    fn read_afresh(&self, file: &FaultyFile) {
        Disk.read_afresh(&file.file);
    }
}

#[test]
fn what_cannot_be_read_in_two_tries_is_unreadable() {
    let mut world = World::remembering();
    let [disk, short, once, signals] = [1, 2, 3, 4].map(|number| id(7, number));
    for one in [disk, short, once, signals] {
        world.put(one, b"some bytes");
    }
    world.digest(once, sha1(b"some bytes"));
    let faulty = Faulty::new(&[
        (disk, &[Fault::Disk, Fault::Disk]),
        (short, &[Fault::Disk, Fault::Short]),
        (once, &[Fault::Short]),
        (signals, &[Fault::Interrupted]),
    ]);
    let (contents, denied) = world.read_from(&faulty);
    assert_eq!(ids(&contents.unreadable), [disk, short]);
    assert_eq!(contents.unreadable.bytes, 20);
    assert_eq!((contents.read.files, contents.read.bytes), (2, 20));
    assert_eq!(
        (contents.by_digest.files, contents.mismatched.count),
        (1, 0)
    );
    assert_eq!((contents.all.files, denied.places.count), (4, 0));
    assert_eq!(
        [disk, short, once, signals].map(|one| faulty.opened(one)),
        [2, 2, 2, 1]
    );
    // Nothing is learned of what could not be read.
    assert_eq!(world.memory().of(disk), None);
    assert_eq!(
        world.memory().of(signals).unwrap().sha1,
        sha1(b"some bytes")
    );
}

#[test]
fn a_file_that_does_not_open_or_a_network_that_goes_away_is_no_damage() {
    let mut world = World::new();
    let [locked, network] = [1, 2].map(|number| id(7, number));
    world.put(locked, b"some bytes");
    world.put(network, b"some bytes");
    let faulty = Faulty::new(&[
        (locked, &[Fault::Open(io::ErrorKind::PermissionDenied)]),
        (network, &[Fault::Network]),
    ]);
    let (contents, denied) = world.read_from(&faulty);
    assert_eq!(denied.places.count, 2);
    assert_eq!(
        denied.places.first,
        [
            (
                world.place(locked),
                io::Error::from(io::ErrorKind::PermissionDenied).to_string()
            ),
            (
                world.place(network),
                io::Error::from(io::ErrorKind::TimedOut).to_string()
            ),
        ]
    );
    assert_eq!((contents.unreadable.count, contents.moving.files), (0, 0));
    assert_eq!((contents.all.files, contents.read.files), (2, 0));
}

#[test]
#[cfg_attr(
    windows,
    ignore = "a folder with an open file in it cannot be removed there"
)]
fn a_disk_that_is_pulled_out_is_no_damage() {
    let mut world = World::new();
    world.put(id(7, 1), b"some bytes");
    world.put(id(7, 2), b"some bytes");
    let away = Fault::PulledOut(world.folder.path().to_owned());
    let faulty = Faulty::new(&[(id(7, 1), &[away])]);
    let (contents, denied) = world.read_from(&faulty);
    assert_eq!(
        (contents.unreadable.count, contents.mismatched.count),
        (0, 0)
    );
    assert_eq!((contents.read.files, contents.moving.files), (0, 2));
    assert_eq!(denied.places.count, 0);

    // The second try fails as well: the file is still open.
    let mut world = World::new();
    world.put(id(7, 1), b"some bytes");
    let away = Fault::PulledOut(world.folder.path().to_owned());
    let faulty = Faulty::new(&[(id(7, 1), &[Fault::Disk, away])]);
    let (contents, denied) = world.read_from(&faulty);
    assert_eq!(contents.unreadable.count, 0);
    assert_eq!(
        (denied.places.count, &denied.places.first[0].0),
        (1, &PathBuf::new())
    );
}

#[test]
fn bytes_that_are_right_at_the_second_try_are_right() {
    let mut world = World::remembering();
    let [sealed, remembered] = [1, 2].map(|number| id(7, number));
    world.put(sealed, b"some bytes");
    world.put(remembered, b"some bytes");
    world.digest(sealed, sha1(b"some bytes"));
    world.read_well();
    let faulty = Faulty::new(&[(sealed, &[Fault::Flip]), (remembered, &[Fault::Flip])]);
    let (contents, _) = world.read_from(&faulty);
    assert_eq!((contents.mismatched.count, contents.changed.count), (0, 0));
    assert_eq!((contents.by_digest.files, contents.by_ledger.files), (1, 1));
    assert_eq!([faulty.opened(sealed), faulty.opened(remembered)], [2, 2]);
    let faulty = Faulty::new(&[
        (sealed, &[Fault::Flip, Fault::Flip]),
        (remembered, &[Fault::Flip, Fault::Flip]),
    ]);
    let (contents, _) = world.read_from(&faulty);
    assert_eq!(ids(&contents.mismatched), [sealed]);
    assert_eq!(ids(&contents.changed), [sealed, remembered]);
}

#[test]
fn what_is_written_to_during_the_second_try_is_moving() {
    let mut world = World::remembering();
    let [sealed, broken] = [1, 2].map(|number| id(7, number));
    world.put(sealed, b"some bytes");
    world.put(broken, b"some bytes");
    world.digest(sealed, sha1(b"other bytes"));
    let faulty = Faulty::new(&[
        (sealed, &[Fault::None, Fault::Written]),
        (broken, &[Fault::Disk, Fault::Written]),
    ]);
    let (contents, denied) = world.read_from(&faulty);
    assert_eq!((contents.moving.files, contents.moving.bytes), (2, 20));
    assert_eq!(
        (contents.mismatched.count, contents.unreadable.count),
        (0, 0)
    );
    assert_eq!((contents.read.files, denied.places.count), (0, 0));
}
