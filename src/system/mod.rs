//! Everything that differs between operating systems. No other file has `cfg` for one, but for
//! `remove`, which chooses by it whole files for their ways to remove.

pub mod replace_file;

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::model::Volume;

/// The kinds of system whose places and texts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// macOS.
    Mac,
    /// Windows.
    Windows,
    /// Linux and others, which have no place of their own for backups.
    Other,
}

/// The system that this program was built for.
pub const SYSTEM: System = if cfg!(target_os = "macos") {
    System::Mac
} else if cfg!(windows) {
    System::Windows
} else {
    System::Other
};

/// What only the system can tell of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// Device and inode, or volume and file index.
    pub identity: Option<(u64, u64)>,
    /// How many names the file has.
    pub links: u64,
    /// Bytes of the blocks it takes on the disk.
    pub allocated: u64,
}

/// Device and inode (volume and file index) of what is at `path`, links followed.
///
/// # Errors
/// When it cannot be looked at.
pub fn identity(path: &Path) -> io::Result<Option<(u64, u64)>> {
    let metadata = path.metadata()?;
    Ok(facts(&metadata, || path.to_owned()).identity)
}

/// Opens a file to read it, without following a link in its place and without waiting for anything
/// (a FIFO would block).
///
/// # Errors
/// When it cannot be opened, or is not a regular file.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    no_follow(&mut options);
    let file = options.open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(not_regular())
    }
}

/// What an open file tells of itself. Where any of it is another than before, its bytes may be, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Its length in bytes.
    pub size: u64,
    /// When it was modified: nanoseconds since 1970, negative before.
    pub modified: i64,
    /// Its inode, or its index on its volume; 0 where it has none.
    pub inode: u64,
}

impl Stamp {
    /// What the system tells of an open file now.
    ///
    /// # Errors
    /// When the system does not tell, or it is not a regular file: [`io::ErrorKind::InvalidInput`].
    pub fn of(file: &File) -> io::Result<Stamp> {
        imp::stamp(file)?.ok_or_else(not_regular)
    }
}

fn not_regular() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")
}

/// An open folder. What is in it is opened relative to it where the system can: that is quicker than
/// by full path, and nobody can put a link on the way meanwhile.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    handle: imp::FolderHandle,
}

impl Folder {
    /// Opens a folder; links on the way to it are followed.
    ///
    /// # Errors
    /// When it cannot be opened, or is none.
    pub fn open(path: PathBuf) -> io::Result<Folder> {
        let handle = imp::FolderHandle::open(&path)?;
        Ok(Folder { path, handle })
    }

    /// Opens a folder in this one; a link is none.
    ///
    /// # Errors
    /// When it cannot be opened, or is none.
    pub fn folder(&self, name: &OsStr) -> io::Result<Folder> {
        let path = self.path.join(name);
        let handle = self.handle.folder(name, &path)?;
        Ok(Folder { path, handle })
    }

    /// Opens a file in this folder to read it, without following a link in its place and without
    /// waiting for anything.
    ///
    /// # Errors
    /// When it cannot be opened, or is not a regular file: [`io::ErrorKind::InvalidInput`].
    pub fn file(&self, name: &str) -> io::Result<(File, Stamp)> {
        let file = self.handle.file(name, || self.path.join(name))?;
        let stamp = Stamp::of(&file)?;
        Ok((file, stamp))
    }

    /// Tells the names of all that is in this folder.
    ///
    /// # Errors
    /// When it cannot be listed to its end.
    pub fn each_name(&self, mut each: impl FnMut(&OsStr)) -> io::Result<()> {
        self.handle.each_name(&self.path, &mut each)
    }

    /// Whether the content of a file in this folder is kept in a cloud, as [`is_cloud_only`]. Opens
    /// nothing.
    pub fn is_cloud_only(&self, name: &str) -> bool {
        let found = self.path.join(name).symlink_metadata();
        found.is_ok_and(|found| is_cloud_only(&found))
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Whether both are open files of one inode: then they have the same bytes.
///
/// # Errors
/// When the system does not tell.
pub fn is_same_file(one: &File, other: &File) -> io::Result<bool> {
    Ok(imp::identity_of(one)? == imp::identity_of(other)?)
}

/// Has the next read of a file come from its disk, and not from what the system remembers of it,
/// where the system can be asked for that.
pub fn read_afresh(file: &File) {
    imp::read_afresh(file);
}

/// Whether an error of a read says that the disk could not give what is on it: anything else, such
/// as a network that went away, says nothing of the file.
pub fn is_damage(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    code.is_some_and(|code| imp::DAMAGE.contains(&code))
}

/// The folder that something lies in, and what it is called there; of a path that ends in `.` or `..`
/// the real ones. Of the root of a file system the name is empty.
pub fn place(path: &Path) -> (PathBuf, OsString) {
    let split = |path: &Path| {
        let parent = path.parent()?;
        let parent = match parent.as_os_str().is_empty() {
            true => Path::new("."),
            false => parent,
        };
        Some((parent.to_owned(), path.file_name()?.to_owned()))
    };
    split(path)
        .or_else(|| split(&path.canonicalize().ok()?))
        .unwrap_or_else(|| (path.to_owned(), OsString::new()))
}

/// Whether this program runs as root for another user, as `sudo` has it: what it would leave in a
/// user's folders would be root's.
pub fn is_root_for_another_user() -> bool {
    let user = std::env::var_os("SUDO_UID");
    imp::is_root() && user.is_some_and(|user| !user.is_empty() && user != "0")
}

/// A path with all links resolved, in the form that people write it.
///
/// # Errors
/// When it is not there, or cannot be looked at.
pub fn canonical(path: &Path) -> io::Result<PathBuf> {
    Ok(imp::as_written(path.canonicalize()?))
}

/// Whether an error says that there is no such file or folder.
pub fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// What an error says to a person: without the number of the system, and without the names of our own
/// files for a moment.
pub fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error ") {
        // Windows speaks in whole sentences.
        Some((words, _)) => words.trim_end_matches('.').to_owned(),
        None => text,
    }
}

/// The volume that `path` is on, by a number that stays the same when it is mounted anew, where the system
/// has one, and is another one for another disk in the same place. `None` where it cannot be told.
pub fn lasting_volume(path: &Path) -> Option<u64> {
    let number = || identity(path).ok().flatten().map(|(volume, _)| volume);
    imp::file_system(path).or_else(number)
}

/// The file system that `path` is on, and the room there; `None` where the system does not tell.
pub fn volume(path: &Path) -> Option<Volume> {
    Some(Volume {
        total: fs4::total_space(path).ok()?,
        available: fs4::available_space(path).ok()?,
        shares_blocks: imp::shares_blocks(path),
        read_only: imp::is_read_only(path),
    })
}

#[cfg(unix)]
mod imp {
    use std::ffi::{OsStr, OsString};
    use std::fs::{File, Metadata, OpenOptions};
    use std::io;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
    use std::path::{Path, PathBuf};

    use rustix::fd::{AsFd, OwnedFd};
    use rustix::fs::{CWD, Dir, Mode, OFlags};
    use rustix::io::{Errno, retry_on_intr};

    use super::{FileFacts, Stamp, not_regular};

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

    fn open(at: impl AsFd, name: &OsStr, flags: OFlags) -> io::Result<OwnedFd> {
        let flags = flags | OFlags::CLOEXEC;
        let open = || rustix::fs::openat(at.as_fd(), name, flags, Mode::empty());
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
            identity: Some((metadata.dev(), metadata.ino())),
            links: metadata.nlink(),
            allocated: metadata.blocks().saturating_mul(512),
        }
    }

    pub fn as_written(path: PathBuf) -> PathBuf {
        path
    }

    pub fn is_root() -> bool {
        rustix::process::geteuid().is_root()
    }

    pub fn no_follow(options: &mut OpenOptions) {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        options.custom_flags(flags.bits() as i32);
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
}

#[cfg(windows)]
mod imp {
    use std::ffi::{OsStr, OsString};
    use std::fs::{File, Metadata, OpenOptions};
    use std::io;
    use std::os::windows::ffi::{OsStrExt, OsStringExt};
    use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
    use std::path::{Path, PathBuf};

    use super::{FileFacts, Stamp, not_regular, open_regular};

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
            match open_regular(&path) {
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
        match information {
            Ok(information) => FileFacts {
                identity: Some((information.volume_serial_number(), information.file_index())),
                links: information.number_of_links(),
                allocated,
            },
            Err(_) => FileFacts {
                identity: None,
                links: 1,
                allocated,
            },
        }
    }

    /// Without the `\\?\` that Windows puts in front of a drive.
    pub fn as_written(path: PathBuf) -> PathBuf {
        let text = path.to_str().and_then(|text| text.strip_prefix(r"\\?\"));
        let drive = text.filter(|text| text.as_bytes().get(1) == Some(&b':'));
        drive.map(PathBuf::from).unwrap_or(path)
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

    /// The folders of a user are private there already.
    pub fn keep_private(_options: &mut OpenOptions) {}
}

/// Has a file be opened without following a link in its place, and without waiting for anything.
pub fn no_follow(options: &mut OpenOptions) {
    imp::no_follow(options);
}

/// What the system tells of a file. `path` is asked for only where the answer needs it.
pub fn facts(metadata: &Metadata, path: impl FnOnce() -> PathBuf) -> FileFacts {
    imp::facts(metadata, path)
}

/// Whether the file's content is kept in a cloud and would be fetched if it were opened.
pub fn is_cloud_only(metadata: &Metadata) -> bool {
    imp::is_cloud_only(metadata)
}

/// An absolute path's bytes as they stand in a `file://` URI, before percent-encoding; `None`
/// where they cannot be spelled there.
pub fn uri_path(path: &Path) -> Option<Vec<u8>> {
    imp::uri_path(path)
}

/// The bytes of a path as the system keeps them, to spell out one that is not UTF-8.
pub fn path_bytes(path: &OsStr) -> Vec<u8> {
    imp::path_bytes(path)
}

/// The path that these bytes spell out; `None` where they are none.
pub fn path_from_bytes(bytes: &[u8]) -> Option<OsString> {
    imp::path_from_bytes(bytes)
}

/// Has the file that is made readable and writable for this user alone.
pub fn keep_private(options: &mut OpenOptions) {
    imp::keep_private(options);
}

/// Has the system write no core dump of this process, which would hold its passwords and keys. Windows
/// writes none unless somebody asks for it.
pub fn forbid_core_dumps() {
    secrecy::forbid_core_dumps();
}

/// The permissions of a file that others than its owner can read; nothing where they cannot, and on
/// Windows, where the folders of a user are private already.
pub fn open_to_others(metadata: &Metadata) -> Option<u32> {
    secrecy::open_to_others(metadata)
}

/// A command line for the shell: `sh` on Unix, `cmd` on Windows.
pub fn shell(line: &str) -> Command {
    secrecy::shell(line)
}

#[cfg(unix)]
mod secrecy {
    use std::fs::Metadata;
    use std::os::unix::fs::MetadataExt;
    use std::process::Command;

    use rustix::process::{Resource, Rlimit, setrlimit};

    pub fn forbid_core_dumps() {
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        // To lower a limit needs no right.
        let _ = setrlimit(Resource::Core, none);
    }

    pub fn open_to_others(metadata: &Metadata) -> Option<u32> {
        let mode = metadata.mode() & 0o777;
        (mode & 0o044 != 0).then_some(mode)
    }

    pub fn shell(line: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", line]);
        command
    }
}

#[cfg(windows)]
mod secrecy {
    use std::fs::Metadata;
    use std::os::windows::process::CommandExt;
    use std::process::Command;

    pub fn forbid_core_dumps() {}

    pub fn open_to_others(_metadata: &Metadata) -> Option<u32> {
        None
    }

    /// With `/S`, `cmd` takes off the first and the last quotation mark and nothing else.
    pub fn shell(line: &str) -> Command {
        let mut command = Command::new("cmd");
        command.raw_arg(format!("/D /S /C \"{line}\""));
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_without_its_number() {
        let system = |code| io::Error::from_raw_os_error(code);
        let words = in_words(&system(2));
        assert_eq!(
            system(2).to_string().replace(". ", " "),
            format!("{words} (os error 2)")
        );
        // As tempfile wraps it, with the name of its folder.
        let folder = Path::new("/nowhere at all");
        let wrapped = tempfile::tempdir_in(folder).unwrap_err();
        assert!(wrapped.to_string().contains("nowhere"), "{wrapped}");
        let words = in_words(&wrapped);
        assert!(!words.contains("os error"), "{words}");
        assert!(!words.contains("nowhere"), "{words}");
        let own = io::Error::other("it is longer than any document of bkscan");
        assert_eq!(in_words(&own), own.to_string());
    }
}
