//! Windows.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs::{DirEntry, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::ops::Range;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::os::windows::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use super::stat::{FileFacts, Stamp, not_regular};

/// What Windows says of sectors that cannot be read (ERROR_CRC, ERROR_SEEK, ERROR_SECTOR_NOT_FOUND,
/// ERROR_READ_FAULT, ERROR_IO_DEVICE) and of a file system that is damaged (ERROR_FILE_CORRUPT,
/// ERROR_DISK_CORRUPT).
pub const DAMAGE: &[i32] = &[23, 25, 27, 30, 1117, 1392, 1393];

/// Nothing can be opened relative to a folder in safe code.
#[derive(Debug)]
pub struct FolderHandle;

impl FolderHandle {
    pub fn open(path: &Path) -> io::Result<FolderHandle> {
        folder(path.metadata()?)
    }

    pub fn folder(&self, _name: &OsStr, path: &Path) -> io::Result<FolderHandle> {
        folder(path.symlink_metadata()?)
    }

    pub fn file(&self, _name: &str, path: impl FnOnce() -> PathBuf) -> io::Result<File> {
        let path = path();
        let is_denied = |error: &io::Error| error.kind() == io::ErrorKind::PermissionDenied;
        let mut options = OpenOptions::new();
        no_follow(options.read(true));
        let opened = options.open(&path).and_then(|file| {
            let is_file = file.metadata()?.is_file();
            if is_file {
                Ok(file)
            } else {
                Err(not_regular())
            }
        });
        match opened {
            // What Windows says of a folder, too.
            Err(error) if is_denied(&error) && path.is_dir() => Err(not_regular()),
            opened => opened,
        }
    }

    pub fn each_name(&self, path: &Path, each: &mut dyn FnMut(&OsStr)) -> io::Result<()> {
        for entry in path.read_dir()? {
            each(&entry?.file_name());
        }
        Ok(())
    }
}

pub fn identity_of(file: &File) -> io::Result<(u64, u64)> {
    let found = winapi_util::file::information(file)?;
    Ok((found.volume_serial_number(), found.file_index()))
}

fn folder(found: Metadata) -> io::Result<FolderHandle> {
    match found.is_dir() {
        true => Ok(FolderHandle),
        false => Err(io::ErrorKind::NotADirectory.into()),
    }
}

/// `None` where it is not a regular file.
pub fn stamp(file: &File) -> io::Result<Option<Stamp>> {
    /// 100 nanoseconds from 1601 to 1970.
    const TO_1970: i64 = 116_444_736_000_000_000;
    let found = winapi_util::file::information(file)?;
    let written = found.last_write_time().unwrap_or(0);
    let ticks = i64::try_from(written).unwrap_or(i64::MAX) - TO_1970;
    const FILE_ATTRIBUTE_DIRECTORY: u64 = 0x10;
    let is_folder = found.file_attributes() & FILE_ATTRIBUTE_DIRECTORY != 0;
    Ok((!is_folder).then(|| Stamp {
        size: found.file_size(),
        modified: ticks.saturating_mul(100),
        inode: found.file_index(),
    }))
}

/// It can only be asked for before a file is opened, and then reads must fit its sectors.
pub fn read_afresh(_file: &File) {}

const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
const FILE_ATTRIBUTE_OFFLINE: u32 = 0x1000;
const FILE_ATTRIBUTE_RECALL_ON_OPEN: u32 = 0x4_0000;
const FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS: u32 = 0x40_0000;

pub fn facts(metadata: &Metadata, path: impl FnOnce() -> PathBuf) -> FileFacts {
    let path = path();
    // Opened for its attributes only: that needs no right to read and recalls nothing.
    let information = OpenOptions::new()
        .access_mode(0)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS)
        .open(&path)
        .and_then(winapi_util::file::information);
    let allocated =
        filesize::file_real_size_fast(&path, metadata).unwrap_or_else(|_| metadata.len());
    let information = information.ok();
    FileFacts {
        kind: metadata.file_type().into(),
        length: metadata.len(),
        allocated,
        modified: metadata.modified().ok(),
        identity: information
            .as_ref()
            .map(|found| (found.volume_serial_number(), found.file_index())),
        links: Some(information.map_or(1, |found| found.number_of_links())),
        is_cloud_only: is_cloud_only(metadata),
        content: None,
    }
}

/// How disks say that they do not offer a listing in bulk: ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED,
/// ERROR_INVALID_PARAMETER, ERROR_CALL_NOT_IMPLEMENTED, ERROR_INVALID_LEVEL, and ERROR_DIRECTORY, of what is
/// no folder.
pub const NO_BULK: &[i32] = &[1, 50, 87, 120, 124, 267];

/// Which files of a folder are kept in a cloud, where a listing in bulk does not tell it. Their attributes come
/// with one more listing of the folder: to ask a file for them would open it, and may fetch it.
pub struct Placeholders(Option<HashSet<OsString>>);

impl Placeholders {
    pub fn new() -> Placeholders {
        Placeholders(None)
    }

    pub fn holds(&mut self, dir: &Path, name: &OsStr) -> bool {
        let names = self.0.get_or_insert_with(|| {
            let entries = dir.read_dir().into_iter().flatten().map_while(Result::ok);
            let is_placeholder = |entry: &DirEntry| {
                let found = entry.metadata();
                found.is_ok_and(|found| is_cloud_only(&found))
            };
            let entries = entries.filter(is_placeholder);
            entries.map(|entry| entry.file_name()).collect()
        });
        names.contains(name)
    }
}

/// Without the `\\?\` that Windows puts in front of a drive.
pub fn as_written(path: PathBuf) -> PathBuf {
    let text = path.to_str().and_then(|text| text.strip_prefix(r"\\?\"));
    let drive = text.filter(|text| text.as_bytes().get(1) == Some(&b':'));
    drive.map(PathBuf::from).unwrap_or(path)
}

pub fn user_number() -> u32 {
    0
}

pub fn is_root() -> bool {
    false
}

pub fn no_follow(options: &mut OpenOptions) {
    options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
}

/// The number of a volume lasts already.
pub fn file_system(_path: &Path) -> Option<u64> {
    None
}

/// ReFS shares blocks, and which file system it is cannot be asked in safe code.
pub fn shares_blocks(_path: &Path) -> bool {
    true
}

/// Not asked for: it needs a call that is not safe.
pub fn is_read_only(_path: &Path) -> bool {
    false
}

pub fn is_cloud_only(metadata: &Metadata) -> bool {
    metadata.file_attributes()
        & (FILE_ATTRIBUTE_OFFLINE
            | FILE_ATTRIBUTE_RECALL_ON_OPEN
            | FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS)
        != 0
}

pub fn uri_path(path: &Path) -> Option<Vec<u8>> {
    let text = path.to_str()?.replace('\\', "/");
    // `C:/x` needs a slash before the drive; `//server/share` has its own.
    let lead = if text.starts_with('/') { "" } else { "/" };
    Some(format!("{lead}{text}").into_bytes())
}

pub fn path_bytes(name: &OsStr) -> Vec<u8> {
    name.encode_wide().flat_map(u16::to_le_bytes).collect()
}

pub fn path_from_bytes(bytes: &[u8]) -> Option<OsString> {
    let (pairs, []) = bytes.as_chunks::<2>() else {
        return None;
    };
    let wide: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    Some(OsString::from_wide(&wide))
}

pub fn set_apart(_command: &mut Command) {}

/// Only the program itself can be ended.
pub fn end_group(_child: &Child) {}

/// The folders of a user are private there already.
pub fn keep_private(_options: &mut OpenOptions) {}

pub fn forbid_core_dumps() {}

pub fn open_to_others(_metadata: &Metadata) -> Option<u32> {
    None
}

pub fn other_owner(_metadata: &Metadata, _works_for: Option<u32>) -> Option<u32> {
    None
}

pub fn signal_of_too_large() -> Option<i32> {
    None
}

pub fn no_wait(_options: &mut OpenOptions) {}

pub fn is_pipe(_metadata: &Metadata) -> bool {
    false
}

pub fn each_hole(_file: &File, _tell: impl FnMut(Range<u64>)) -> io::Result<()> {
    Ok(())
}

/// With `/S`, `cmd` takes off the first and the last quotation mark and nothing else.
pub fn shell(line: &str) -> Command {
    let mut command = Command::new("cmd");
    command.raw_arg(format!("/D /S /C \"{line}\""));
    command
}

/// The folders of a user are private there already.
pub fn of_private_folder() -> Option<Permissions> {
    None
}
