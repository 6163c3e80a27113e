//! What lies outside of the folder: a backup that no answer may tell anything of, and that nobody may read.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use walkdir::WalkDir;

use crate::read::untrusted::kinds::{make_old, was_read};
use crate::support::{BackupBuilder, empty_folder};

/// Stands in the names and bytes of all that lies outside.
pub const MARKER: &str = "KANARIENVOGEL";

const UDID: &str = "00008110-00CA00CA00CA00CA";

/// A place outside.
pub struct Outside {
    folder: TempDir,
    files: Vec<PathBuf>,
}

impl Outside {
    pub fn new() -> Outside {
        let folder = empty_folder();
        BackupBuilder::new(UDID)
            .folder_name("outside")
            .bare()
            .no_empty_shards()
            .device(MARKER, "iPhone14,2", Some(MARKER), "17.0", "21A329")
            .file(
                "CameraRollDomain",
                &format!("Media/DCIM/{MARKER}.JPG"),
                MARKER.as_bytes(),
            )
            .raw(&format!("{MARKER}.txt"), MARKER)
            .write(folder.path());
        let entries = WalkDir::new(folder.path()).into_iter().flatten();
        let files = entries.filter(|entry| entry.file_type().is_file());
        let files: Vec<PathBuf> = files.map(walkdir::DirEntry::into_path).collect();
        files.iter().for_each(|file| make_old(file));
        Outside { folder, files }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("outside")
    }

    /// The file outside that has the name of this one, or the folder.
    pub fn like(&self, path: &Path) -> PathBuf {
        let same = path.file_name().map(|name| self.path().join(name));
        same.filter(|same| same.exists())
            .unwrap_or_else(|| self.path())
    }

    /// Fails where one was read. On a file system that notes no reading this proves nothing.
    pub fn unread(&self) -> Result<(), String> {
        let control = self.folder.path().join("control");
        fs::write(&control, MARKER).unwrap();
        make_old(&control);
        fs::read(&control).unwrap();
        let mut files = self.files.iter().filter(|_| was_read(&control));
        match files.find(|file| was_read(file)) {
            Some(file) => Err(format!("{} was read", file.display())),
            None => Ok(()),
        }
    }
}
