//! What is done to the bytes of a file, and to its times.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::Scene;
use crate::harness::NOW;
use crate::support::{Chance, timestamp};

/// A plain file, open for writing.
fn plain(path: &Path) -> io::Result<File> {
    match path.symlink_metadata()?.is_file() {
        true => OpenOptions::new().write(true).open(path),
        false => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// The bytes of a plain file that is not too long.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let facts = path.symlink_metadata()?;
    match facts.is_file() && facts.len() < 1 << 22 {
        true => fs::read(path),
        false => Err(io::ErrorKind::InvalidInput.into()),
    }
}

pub fn flip(chance: &mut Chance, _: &Scene<'_>, path: &Path) -> io::Result<String> {
    let mut bytes = read(path)?;
    let count = chance.between(1, 20);
    // What a file begins with says what it is, and how long its parts are.
    let end = match chance.percent(40) {
        true => bytes.len().min(200),
        false => bytes.len(),
    };
    for _ in 0..count.min(end) {
        let at = chance.below(end);
        bytes[at] ^= 1 << chance.below(8);
    }
    plain(path)?.write_all(&bytes)?;
    Ok(format!("flipping {count} bits"))
}

pub fn cut(chance: &mut Chance, _: &Scene<'_>, path: &Path) -> io::Result<String> {
    let len = usize::try_from(path.symlink_metadata()?.len()).unwrap_or(usize::MAX);
    let left = chance.below(len.max(1)) as u64;
    plain(path)?.set_len(left)?;
    Ok(format!("cutting to {left}"))
}

pub fn grow(chance: &mut Chance, _: &Scene<'_>, path: &Path) -> io::Result<String> {
    let mut bytes = read(path)?;
    let bits = chance.between(1, 16);
    let count = chance.below(1 << bits);
    bytes.extend(chance.bytes(count));
    plain(path)?.write_all(&bytes)?;
    Ok(format!("growing by {count}"))
}

pub fn empty(_: &mut Chance, _: &Scene<'_>, path: &Path) -> io::Result<String> {
    plain(path)?.set_len(0)?;
    Ok("emptying".to_owned())
}

/// Lengths of which little has to be read, or so much that it is not.
pub fn hollow(chance: &mut Chance, _: &Scene<'_>, path: &Path) -> io::Result<String> {
    let bits = *chance.pick(&[12, 20, 24, 37, 40, 42]);
    let length = (1 << bits) + chance.number() % 3 - 1;
    plain(path)?.set_len(length)?;
    Ok(format!("a hole up to {length}"))
}

pub fn other_file(chance: &mut Chance, scene: &Scene<'_>, path: &Path) -> io::Result<String> {
    let other = scene.file(chance);
    let bytes = read(other)?;
    let file = plain(path)?;
    file.set_len(0)?;
    (&file).write_all(&bytes)?;
    Ok(format!("the bytes of {other:?} in"))
}

/// A time of any age.
fn any_time(chance: &mut Chance) -> (SystemTime, String) {
    let now = timestamp(NOW).as_second();
    let seconds = match chance.below(6) {
        0 => now - i64::try_from(chance.below(7200)).unwrap(),
        1 => now + i64::try_from(chance.below(7200)).unwrap(),
        2 => now + i64::try_from(chance.below(5_000_000_000)).unwrap(),
        3 => i64::try_from(chance.below(3)).unwrap() - 1,
        4 => i64::try_from(chance.below(4_000_000_000)).unwrap(),
        _ => -i64::try_from(chance.below(2_000_000_000)).unwrap(),
    };
    let span = Duration::from_secs(seconds.unsigned_abs());
    let time = match seconds < 0 {
        true => SystemTime::UNIX_EPOCH - span,
        false => SystemTime::UNIX_EPOCH + span,
    };
    (time, format!("changed {seconds} s after 1970"))
}

fn set_time(path: &Path, time: SystemTime) -> io::Result<()> {
    let facts = path.symlink_metadata()?;
    if !facts.is_file() && !facts.is_dir() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    File::open(path)?.set_times(FileTimes::new().set_modified(time))
}

pub fn old_or_new(chance: &mut Chance, _: &Scene<'_>, path: &Path) -> io::Result<String> {
    let (time, words) = any_time(chance);
    set_time(path, time)?;
    Ok(words)
}

/// The same for all that lies beside it and below.
pub fn all_at_one_time(chance: &mut Chance, scene: &Scene<'_>, path: &Path) -> io::Result<String> {
    let (time, words) = any_time(chance);
    let folder = path.parent().unwrap_or(scene.root);
    for entry in scene
        .entries
        .iter()
        .filter(|entry| entry.starts_with(folder))
    {
        let _ = set_time(entry, time);
    }
    Ok(format!("all beside it {words}"))
}
