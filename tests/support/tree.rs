//! Tells whether a folder is the same as before.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use sha1::{Digest as _, Sha1};

use super::names::hex;

/// Gives a hash over the folder and all below it: relative path, kind, size, modification time,
/// permission bits (on Unix), link target and content.
///
/// Never follows a link. What cannot be read counts as "cannot be read", with the kind of error,
/// so that a folder without permission does not stop it.
pub fn tree_digest(root: &Path) -> String {
    let mut tree = Tree {
        root,
        hash: Sha1::new(),
    };
    tree.entry(root);
    hex(&tree.hash.finalize())
}

struct Tree<'a> {
    root: &'a Path,
    hash: Sha1,
}

impl Tree<'_> {
    fn entry(&mut self, path: &Path) {
        let relative = path.strip_prefix(self.root).expect("a path below the root");
        self.field(relative.as_os_str().as_encoded_bytes());
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            Err(error) => return self.field(format!("no metadata: {}", error.kind()).as_bytes()),
        };
        self.field(format!("{}", mtime(&metadata)).as_bytes());
        self.field(format!("{:o}", permission_bits(&metadata)).as_bytes());
        if metadata.is_symlink() {
            self.link(path);
        } else if metadata.is_dir() {
            self.folder(path);
        } else if metadata.is_file() {
            self.file(path, &metadata);
        } else {
            self.field(b"neither file, folder nor link");
        }
    }

    fn link(&mut self, path: &Path) {
        self.field(b"link");
        match fs::read_link(path) {
            Ok(target) => self.field(target.as_os_str().as_encoded_bytes()),
            Err(error) => self.field(format!("unreadable: {}", error.kind()).as_bytes()),
        }
    }

    /// The size of a folder is not taken: it is the file system's affair.
    fn folder(&mut self, path: &Path) {
        self.field(b"folder");
        match children(path) {
            Ok(children) => {
                self.field(format!("{} entries", children.len()).as_bytes());
                for child in children {
                    self.entry(&child);
                }
            }
            Err(error) => self.field(format!("unreadable: {}", error.kind()).as_bytes()),
        }
    }

    fn file(&mut self, path: &Path, metadata: &Metadata) {
        self.field(b"file");
        self.field(metadata.len().to_string().as_bytes());
        match content(path, metadata.len()) {
            Ok(content) => self.field(&Sha1::digest(content)),
            Err(error) => self.field(format!("unreadable: {}", error.kind()).as_bytes()),
        }
    }

    /// Lengths are hashed too, so that no two trees run together to the same bytes.
    fn field(&mut self, bytes: &[u8]) {
        self.hash.update(bytes.len().to_be_bytes());
        self.hash.update(bytes);
    }
}

/// The bytes of a file; of one that no test writes whole, because it is nearly all a hole, both ends.
fn content(path: &Path, length: u64) -> io::Result<Vec<u8>> {
    const WHOLE: u64 = 1 << 30;
    const END: u64 = 1 << 20;
    if length <= WHOLE {
        return fs::read(path);
    }
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    (&file).take(END).read_to_end(&mut bytes)?;
    file.seek(SeekFrom::End(-i64::try_from(END).expect("a small number")))?;
    file.take(END).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn children(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut children = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    children.sort();
    Ok(children)
}

/// Gives the modification time in nanoseconds since 1970, negative before.
fn mtime(metadata: &Metadata) -> i128 {
    let Ok(time) = metadata.modified() else {
        return 0;
    };
    let nanoseconds = |duration: std::time::Duration| {
        i128::try_from(duration.as_nanos()).expect("a time that fits")
    };
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => nanoseconds(after),
        Err(before) => -nanoseconds(before.duration()),
    }
}

#[cfg(unix)]
fn permission_bits(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode()
}

#[cfg(not(unix))]
fn permission_bits(metadata: &Metadata) -> u32 {
    u32::from(metadata.permissions().readonly())
}
