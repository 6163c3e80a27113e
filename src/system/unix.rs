//! Unix, macOS among it.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, OpenOptions, Permissions};
use std::io;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use rustix::fd::{AsFd, OwnedFd};
#[cfg(any(target_vendor = "apple", target_os = "linux", target_os = "android"))]
use rustix::fs::SeekFrom;
use rustix::fs::{CWD, Dir, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};
#[cfg(any(target_os = "linux", target_os = "android"))]
use rustix::process::DumpableBehavior;
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process_group, setrlimit};

use super::stat::{FileFacts, Stamp, not_regular};

/// EIO, and EBADMSG, which file systems say where a checksum of theirs is wrong.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub const DAMAGE: &[i32] = &[Errno::IO.raw_os_error(), Errno::BADMSG.raw_os_error()];
/// The same, and EUCLEAN: the file system itself is damaged.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub const DAMAGE: &[i32] = &[
    Errno::IO.raw_os_error(),
    Errno::BADMSG.raw_os_error(),
    Errno::UCLEAN.raw_os_error(),
];

#[derive(Debug)]
pub struct FolderHandle(OwnedFd);

impl FolderHandle {
    pub fn fd(&self) -> &OwnedFd {
        &self.0
    }

    pub fn open(path: &Path) -> io::Result<FolderHandle> {
        open(CWD, path.as_os_str(), OFlags::DIRECTORY).map(FolderHandle)
    }

    pub fn folder(&self, name: &OsStr, _path: &Path) -> io::Result<FolderHandle> {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW;
        match open(&self.0, name, flags) {
            // How some systems say that there is a link.
            Err(error) if is_one_of(&error, &[Errno::LOOP]) => {
                Err(io::ErrorKind::NotADirectory.into())
            }
            opened => opened.map(FolderHandle),
        }
    }

    pub fn file(&self, name: &str, _path: impl FnOnce() -> PathBuf) -> io::Result<File> {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        match open(&self.0, name.as_ref(), flags) {
            // A link, or what could never be read.
            Err(error) if is_one_of(&error, &[Errno::LOOP, Errno::NXIO]) => Err(not_regular()),
            opened => opened.map(File::from),
        }
    }

    pub fn each_name(&self, _path: &Path, each: &mut dyn FnMut(&OsStr)) -> io::Result<()> {
        for entry in Dir::read_from(&self.0)? {
            let entry = entry?;
            match entry.file_name().to_bytes() {
                b"." | b".." => {}
                name => each(OsStr::from_bytes(name)),
            }
        }
        Ok(())
    }
}

pub fn identity_of(file: &File) -> io::Result<(u64, u64)> {
    let found = file.metadata()?;
    Ok((found.dev(), found.ino()))
}

fn open(folder: impl AsFd, name: &OsStr, flags: OFlags) -> io::Result<OwnedFd> {
    let flags = flags | OFlags::CLOEXEC;
    let open = || rustix::fs::openat(folder.as_fd(), name, flags, Mode::empty());
    Ok(retry_on_intr(open)?)
}

fn is_one_of(error: &io::Error, known: &[Errno]) -> bool {
    let code = error.raw_os_error();
    known.iter().any(|known| code == Some(known.raw_os_error()))
}

/// `None` where it is not a regular file.
pub fn stamp(file: &File) -> io::Result<Option<Stamp>> {
    let found = file.metadata()?;
    let seconds = found.mtime().saturating_mul(1_000_000_000);
    Ok(found.is_file().then(|| Stamp {
        size: found.len(),
        modified: seconds.saturating_add(found.mtime_nsec()),
        inode: found.ino(),
    }))
}

#[cfg(target_vendor = "apple")]
pub fn read_afresh(file: &File) {
    let _ = rustix::fs::fcntl_nocache(file, true);
}

#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn read_afresh(file: &File) {
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}

#[cfg(not(any(target_vendor = "apple", target_os = "linux", target_os = "android")))]
pub fn read_afresh(_file: &File) {}

pub fn facts(metadata: &Metadata, _path: impl FnOnce() -> PathBuf) -> FileFacts {
    FileFacts {
        kind: metadata.file_type().into(),
        length: metadata.len(),
        allocated: metadata.blocks().saturating_mul(512),
        modified: metadata.modified().ok(),
        identity: Some((metadata.dev(), metadata.ino())),
        links: Some(metadata.nlink()),
        is_cloud_only: is_cloud_only(metadata),
        content: None,
    }
}

/// Where a folder cannot be listed in bulk, who does it finds another way by itself.
#[cfg(any(target_os = "macos", test))]
pub const NO_BULK: &[i32] = &[];

/// Which files of a folder are kept in a cloud, where a listing in bulk does not tell it.
#[cfg(any(target_os = "macos", test))]
pub struct Placeholders;

#[cfg(any(target_os = "macos", test))]
impl Placeholders {
    pub fn new() -> Placeholders {
        Placeholders
    }

    pub fn holds(&mut self, dir: &Path, name: &OsStr) -> bool {
        let found = dir.join(name).symlink_metadata();
        found.is_ok_and(|found| is_cloud_only(&found))
    }
}

pub fn as_written(path: PathBuf) -> PathBuf {
    path
}

pub fn user_number() -> u32 {
    rustix::process::getuid().as_raw()
}

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

pub fn no_follow(options: &mut OpenOptions) {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    options.custom_flags(flags.bits() as i32);
}

pub fn no_wait(options: &mut OpenOptions) {
    let flags = OFlags::NONBLOCK | OFlags::CLOEXEC;
    options.custom_flags(flags.bits() as i32);
}

/// Whether it is a FIFO or a socket.
pub fn is_pipe(metadata: &Metadata) -> bool {
    metadata.file_type().is_fifo() || metadata.file_type().is_socket()
}

/// Asked for block by block only where its blocks are fewer than its length needs. Where they are compressed,
/// too, there are no holes.
#[cfg(any(target_vendor = "apple", target_os = "linux", target_os = "android"))]
pub fn each_hole(file: &File, mut tell: impl FnMut(Range<u64>)) -> io::Result<()> {
    const WORTH_A_LOOK: u64 = 1 << 20;
    let found = file.metadata()?;
    let size = found.len();
    if size.saturating_sub(found.blocks().saturating_mul(512)) < WORTH_A_LOOK {
        return Ok(());
    }
    let mut at = 0;
    while at < size {
        let hole = rustix::fs::seek(file, SeekFrom::Hole(at))?;
        let data = match rustix::fs::seek(file, SeekFrom::Data(hole)) {
            Err(Errno::NXIO) => size,
            data => data?,
        };
        // Where it grows or shrinks meanwhile.
        if hole >= size || data <= hole {
            break;
        }
        tell(hole..data);
        at = data;
    }
    Ok(())
}

#[cfg(not(any(target_vendor = "apple", target_os = "linux", target_os = "android")))]
pub fn each_hole(_file: &File, _tell: impl FnMut(Range<u64>)) -> io::Result<()> {
    Ok(())
}

pub fn is_read_only(path: &Path) -> bool {
    let read_only = rustix::fs::StatVfsMountFlags::RDONLY;
    rustix::fs::statvfs(path).is_ok_and(|found| found.f_flag.contains(read_only))
}

/// Its number, which many make of what identifies the disk.
pub fn file_system(path: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    Some(found.f_fsid).filter(|number| *number != 0)
}

/// File systems that are known to keep every block for one file alone.
#[cfg(target_os = "macos")]
pub fn shares_blocks(path: &Path) -> bool {
    let Ok(found) = rustix::fs::statfs(path) else {
        return true;
    };
    let name: Vec<u8> = found
        .f_fstypename
        .iter()
        .map(|byte| *byte as u8)
        .take_while(|byte| *byte != 0)
        .collect();
    !matches!(name.as_slice(), b"hfs" | b"msdos" | b"exfat")
}

/// File systems that are known to keep every block for one file alone, by the numbers of
/// statfs(2): ext2 to ext4, tmpfs, FAT, exFAT, HFS+, F2FS.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn shares_blocks(path: &Path) -> bool {
    const EXCLUSIVE: [u32; 6] = [
        0xef53,
        0x0102_1994,
        0x4d44,
        0x2011_bab0,
        0x482b,
        0xf2f5_2010,
    ];
    let Ok(found) = rustix::fs::statfs(path) else {
        return true;
    };
    !EXCLUSIVE.contains(&(found.f_type as u32))
}

#[cfg(not(any(target_os = "macos", target_os = "linux", target_os = "android")))]
pub fn shares_blocks(_path: &Path) -> bool {
    true
}

#[cfg(target_os = "macos")]
pub fn is_cloud_only(metadata: &Metadata) -> bool {
    const SF_DATALESS: u32 = 0x4000_0000;
    std::os::macos::fs::MetadataExt::st_flags(metadata) & SF_DATALESS != 0
}

#[cfg(not(target_os = "macos"))]
pub fn is_cloud_only(_metadata: &Metadata) -> bool {
    false
}

pub fn uri_path(path: &Path) -> Option<Vec<u8>> {
    Some(path.as_os_str().as_bytes().to_owned())
}

pub fn path_bytes(name: &OsStr) -> Vec<u8> {
    name.as_bytes().to_owned()
}

pub fn path_from_bytes(bytes: &[u8]) -> Option<OsString> {
    Some(OsStr::from_bytes(bytes).to_owned())
}

pub fn keep_private(options: &mut OpenOptions) {
    options.mode(0o600);
}

pub fn forbid_core_dumps() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // To lower a limit needs no right.
    let _ = setrlimit(Resource::Core, none);
    // A program that takes core dumps from a pipe gets them whatever the limit is.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

pub fn open_to_others(metadata: &Metadata) -> Option<u32> {
    let mode = metadata.mode() & 0o777;
    (mode & 0o066 != 0).then_some(mode)
}

/// Its number, where it is neither root, nor this user, nor the one that root works for.
pub fn other_owner(metadata: &Metadata, works_for: Option<u32>) -> Option<u32> {
    let own = rustix::process::geteuid();
    let works_for = works_for.filter(|_| own.is_root());
    let owner = metadata.uid();
    let known = owner == 0 || owner == own.as_raw() || Some(owner) == works_for;
    (!known).then_some(owner)
}

/// The number of SIGXFSZ.
pub fn signal_of_too_large() -> Option<i32> {
    Some(Signal::XFSZ.as_raw())
}

pub fn shell(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", line]);
    command
}

pub fn set_apart(command: &mut Command) {
    command.process_group(0);
}

pub fn end_group(child: &Child) {
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
}

/// What a folder for this user alone is made with.
pub fn of_private_folder() -> Option<Permissions> {
    Some(Permissions::from_mode(0o700))
}
