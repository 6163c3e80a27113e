//! Folders that hold no payloads, measured with all that is below them.

use std::fs;
use std::io;
use std::path::Path;

use walkdir::WalkDir;

use crate::facts::names;
use crate::find::in_clutter::is_backup_in_clutter;
use crate::model::FileId;
use crate::system;

use super::part::{Part, is_strange};

/// What a folder is that holds no payloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TreeKind {
    /// Something that a run or another tool left behind: nothing is looked for in it.
    Leftover,
    /// A folder in a payload folder.
    InShard,
    /// Any other.
    Other,
}

/// Whether a folder is a backup of its own, or holds a manifest, by the names in it.
pub(super) fn is_nested(dir: &Path) -> bool {
    let mut inside = names::Inside::default();
    for entry in fs::read_dir(dir).into_iter().flatten() {
        match entry {
            Ok(entry) => inside.add(&entry.file_name().to_string_lossy()),
            // It is counted when the folder is gone through.
            Err(_) => break,
        }
    }
    let name = dir.file_name().unwrap_or_default();
    inside.has_manifest() || inside.is_backup(&name.to_string_lossy())
}

impl Part<'_> {
    /// Measures everything below a folder that holds no payloads.
    pub(super) fn tree(&mut self, dir: &Path, kind: TreeKind) {
        // From these depths on all belongs to another backup, or is clutter, one in the other.
        let mut nested: Option<usize> = None;
        let mut clutter: Option<usize> = None;
        for entry in WalkDir::new(dir).follow_root_links(false) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.walk_error(dir, &error);
                    continue;
                }
            };
            let depth = entry.depth();
            nested = nested.filter(|from| depth > *from);
            clutter = clutter.filter(|from| depth > *from);
            if entry.file_type().is_dir() {
                self.folder_blocks(&entry);
                if clutter.is_none() && names::is_clutter_folder(entry.file_name()) {
                    clutter = Some(depth);
                }
                let is_searched = kind != TreeKind::Leftover && nested.is_none();
                let is_nested = match clutter {
                    Some(_) => is_backup_in_clutter,
                    None => is_nested,
                };
                if is_searched && is_nested(entry.path()) {
                    nested = Some(depth);
                    let subject = self.subject(entry.path(), 0);
                    self.nested.add_by_place(subject);
                }
            } else if entry.file_type().is_file() {
                // What is in a backup that lies in clutter is none.
                self.is_clutter = clutter.is_some() && nested < clutter;
                let bytes = self.file_in_tree(dir, &entry);
                self.is_clutter = false;
                let is_foreign = match kind {
                    TreeKind::Leftover => false,
                    TreeKind::Other => true,
                    TreeKind::InShard => {
                        FileId::parse(entry.file_name().as_encoded_bytes()).is_none()
                    }
                };
                let is_other = clutter.is_some() || !is_strange(entry.file_name());
                let Some(bytes) = bytes else {
                    continue;
                };
                if nested.is_some() {
                    self.nested.weigh(bytes);
                } else if is_foreign && !is_other {
                    self.strange(entry.path(), bytes, kind == TreeKind::Other);
                }
            }
        }
    }

    /// Counts a file below a folder that is gone through; gives its length.
    fn file_in_tree(&mut self, dir: &Path, entry: &walkdir::DirEntry) -> Option<u64> {
        match entry.metadata() {
            Ok(metadata) => {
                let name = entry.file_name().to_string_lossy();
                self.go_to(entry.path().parent().unwrap_or(dir));
                self.file(|| entry.path().to_owned(), &name, &metadata);
                self.astray(FileId::parse(name.as_bytes()), metadata.len());
                Some(metadata.len())
            }
            Err(error) => {
                self.walk_error(dir, &error);
                None
            }
        }
    }

    fn folder_blocks(&mut self, entry: &walkdir::DirEntry) {
        if let Ok(metadata) = entry.metadata() {
            let facts = system::facts(&metadata, || entry.path().to_owned());
            self.usage.folders = self.usage.folders.saturating_add(facts.allocated);
        }
    }

    fn walk_error(&mut self, dir: &Path, error: &walkdir::Error) {
        match error.io_error() {
            // What goes away while we look was not there.
            Some(io) if system::is_absence(io) => {}
            Some(io) => self.deny(error.path().unwrap_or(dir), io),
            None => {
                let error = io::Error::other(error.to_string());
                self.deny(dir, &error);
            }
        }
    }
}
