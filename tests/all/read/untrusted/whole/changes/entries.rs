//! What is done to the entries of a folder: other kinds, other places, other names.

use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use super::{Scene, bytes};
use crate::read::untrusted::kinds::make_pipe;
use crate::support::Chance;

fn name_of(path: &Path) -> &OsStr {
    path.file_name().expect("an entry has a name")
}

/// Takes away what is there, whatever it is.
fn clear(path: &Path) -> io::Result<()> {
    match path.symlink_metadata()?.is_dir() {
        true => fs::remove_dir_all(path),
        false => fs::remove_file(path),
    }
}

pub fn remove(_: &mut Chance, _: &Scene<'_>, path: &Path) -> io::Result<String> {
    clear(path)?;
    Ok("removing".to_owned())
}

pub fn exchange(chance: &mut Chance, scene: &Scene<'_>, path: &Path) -> io::Result<String> {
    let same_name = |entry: &&PathBuf| entry.file_name() == path.file_name() && *entry != path;
    let like: Vec<&PathBuf> = scene.entries.iter().filter(same_name).collect();
    let other = match like.is_empty() || chance.percent(40) {
        true => scene.file(chance),
        false => chance.pick(&like),
    };
    if other.starts_with(path) || path.starts_with(other) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let between = scene.root.join("between");
    fs::rename(path, &between)?;
    fs::rename(other, path)?;
    fs::rename(between, other)?;
    Ok(format!("exchanging with {other:?}"))
}

pub fn copy(chance: &mut Chance, scene: &Scene<'_>, path: &Path) -> io::Result<String> {
    let bytes = bytes::read(scene.file(chance))?;
    let folder = path.parent().unwrap_or(scene.root);
    let names = [
        "Manifest.db-wal",
        "Manifest.db-journal",
        "Manifest.db-shm",
        "Manifest.mbdb",
        "Manifest.db",
        "Info.plist",
        "Status.plist",
        ".DS_Store",
        "note.txt",
        "0123456789abcdef0123456789abcdef01234567",
    ];
    let name = match chance.percent(30) {
        true => format!(".{}.icloud", name_of(path).to_string_lossy()),
        false => (*chance.pick(&names)).to_owned(),
    };
    let place = folder.join(&name);
    if place.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::write(place, bytes)?;
    Ok(format!("a copy named {name} beside"))
}

pub fn folder(chance: &mut Chance, scene: &Scene<'_>, path: &Path) -> io::Result<String> {
    let bytes = bytes::read(scene.file(chance));
    clear(path)?;
    fs::create_dir(path)?;
    if chance.percent(50) {
        fs::write(path.join(name_of(path)), bytes?)?;
    }
    Ok("a folder in place of".to_owned())
}

pub fn link(chance: &mut Chance, scene: &Scene<'_>, path: &Path) -> io::Result<String> {
    let target = match chance.below(9) {
        0 => path.to_owned(),
        1 => scene.root.join("nowhere"),
        2 => PathBuf::from(*chance.pick(&[".", "..", "../..", "/", "/dev/zero", "/proc/self/mem"])),
        3 | 4 => scene.any(chance).to_owned(),
        5 => PathBuf::from(name_of(scene.any(chance))),
        6 => scene.outside.path(),
        _ => scene.outside.like(path),
    };
    if chance.percent(70) {
        clear(path)?;
        symlink(&target, path)?;
    } else {
        symlink(&target, path.with_file_name("a link"))?;
    }
    Ok(format!("a link to {target:?} at"))
}

pub fn pipe(_: &mut Chance, _: &Scene<'_>, path: &Path) -> io::Result<String> {
    clear(path)?;
    make_pipe(path);
    Ok("a pipe in place of".to_owned())
}

pub fn socket(_: &mut Chance, scene: &Scene<'_>, path: &Path) -> io::Result<String> {
    // Deep paths are too long for a socket, but not for a rename.
    let short = scene.root.join("s");
    drop(UnixListener::bind(&short)?);
    clear(path)?;
    fs::rename(short, path)?;
    Ok("a socket in place of".to_owned())
}

/// A name that no device gives.
fn odd_name(chance: &mut Chance, name: &OsStr) -> OsString {
    let text = name.to_string_lossy();
    match chance.below(9) {
        0 => text.to_uppercase().into(),
        1 => text.to_lowercase().into(),
        2 => OsString::from_vec([name.as_bytes(), b"\xff\xc3\x28"].concat()),
        3 => "n".repeat(255).into(),
        4 => format!("{text}\u{1b}[31m\n\r\u{202e}\u{200b}").into(),
        5 => format!("-{text} 'a' \"b\" $(c) `d` %e% & ; | * ?").into(),
        6 => format!(".bkscan-removing-{text}").into(),
        7 => format!("{text} 2").into(),
        _ => format!("{text}.").into(),
    }
}

pub fn rename(chance: &mut Chance, _: &Scene<'_>, path: &Path) -> io::Result<String> {
    let name = odd_name(chance, name_of(path));
    let place = path.with_file_name(&name);
    if place.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(path, place)?;
    Ok(format!("the name {name:?} for"))
}

/// A folder that is there: another backup, a shard, a place of its own.
pub fn move_into(chance: &mut Chance, scene: &Scene<'_>, path: &Path) -> io::Result<String> {
    let mut folders: Vec<&PathBuf> = scene.entries.iter().collect();
    folders.retain(|entry| entry.symlink_metadata().is_ok_and(|facts| facts.is_dir()));
    if folders.is_empty() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let folder = *chance.pick(&folders);
    let place = folder.join(name_of(path));
    if place.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(path, place)?;
    Ok(format!("moving into {folder:?}"))
}

/// A hard link.
pub fn second_name(chance: &mut Chance, scene: &Scene<'_>, path: &Path) -> io::Result<String> {
    let other = scene.file(chance);
    if other == path || !path.symlink_metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let between = scene.root.join("between");
    fs::hard_link(other, &between)?;
    fs::rename(between, path)?;
    Ok(format!("a second name of {other:?} at"))
}

/// Takes permissions away.
pub fn close(chance: &mut Chance, _: &Scene<'_>, path: &Path) -> io::Result<String> {
    if path.symlink_metadata()?.is_symlink() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mode = *chance.pick(&[0o000, 0o100, 0o111, 0o400, 0o444, 0o200]);
    fs::set_permissions(path, Permissions::from_mode(mode))?;
    Ok(format!("mode {mode:o} of"))
}
