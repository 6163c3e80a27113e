//! Folders that hold no payloads, measured with all that is below them.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::facts::names;
use crate::find::in_clutter::is_backup_in_clutter;
use crate::model::FileId;
use crate::system::{self, FileFacts, Kind, Listing};

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
    for entry in system::list_names(dir).into_iter().flatten() {
        match entry {
            Ok(entry) => inside.add(&entry.name().to_string_lossy()),
            // It is counted when the folder is gone through.
            Err(_) => break,
        }
    }
    let name = dir.file_name().unwrap_or_default();
    inside.has_manifest() || inside.is_backup(&name.to_string_lossy())
}

/// A folder that is gone through.
struct Place<'a> {
    path: &'a Path,
    /// How deep below the folder that the walk began with the backup of its own begins that it lies in, or is.
    nested: Option<usize>,
    /// The same of clutter.
    clutter: Option<usize>,
}

/// What listings told, so that the walker's word for the same counts no second time.
#[derive(Default)]
struct Told {
    /// The folder that was listed last.
    last: Option<PathBuf>,
    last_failed: bool,
    any_failed: bool,
}

impl Told {
    fn knows(&self, error: &walkdir::Error) -> bool {
        match (error.path(), &self.last) {
            // The root itself.
            (Some(_), None) => false,
            // The folder, or an entry that is not even known to be a folder: that stands in a listing, too.
            (Some(path), Some(last)) => self.last_failed || path != last,
            // Somewhere in a folder.
            (None, _) => self.any_failed,
        }
    }
}

impl Part<'_> {
    /// Measures a file, or a folder with everything below it, that holds no payloads.
    pub(super) fn tree(&mut self, root: &Path, kind: TreeKind) {
        // From these depths on all belongs to another backup, or is clutter, one in the other.
        let mut nested: Option<usize> = None;
        let mut clutter: Option<usize> = None;
        let mut told = Told::default();
        // The walker finds the folders alone; what is in each is told by its listing.
        let folders = WalkDir::new(root).follow_root_links(false).into_iter();
        let folders =
            folders.filter_entry(|entry| entry.depth() == 0 || entry.file_type().is_dir());
        for entry in folders {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    if !told.knows(&error) {
                        self.walk_error(root, &error);
                    }
                    continue;
                }
            };
            let (path, depth) = (entry.path(), entry.depth());
            nested = nested.filter(|from| depth > *from);
            clutter = clutter.filter(|from| depth > *from);
            if !entry.file_type().is_dir() {
                self.root_file(path, kind);
                continue;
            }
            if depth == 0
                && let Ok(facts) = facts_of(path)
            {
                self.folder_blocks(&facts);
            }
            if clutter.is_none() && names::is_clutter_folder(entry.file_name()) {
                clutter = Some(depth);
            }
            let is_searched = kind != TreeKind::Leftover && nested.is_none();
            let is_nested = match clutter {
                Some(_) => is_backup_in_clutter,
                None => is_nested,
            };
            if is_searched && is_nested(path) {
                nested = Some(depth);
                let subject = self.subject(path, 0);
                self.nested.add_by_place(subject);
            }
            let place = Place {
                path,
                nested,
                clutter,
            };
            let listed = self.folder_in_tree(&place, kind);
            if let Err(error) = &listed {
                self.deny_unless_gone(path, error);
            }
            told.last = Some(path.to_owned());
            told.last_failed = listed.is_err();
            told.any_failed |= listed.is_err();
        }
    }

    /// Counts the files in a folder, and the blocks of the folders in it.
    fn folder_in_tree(&mut self, place: &Place<'_>, kind: TreeKind) -> io::Result<()> {
        self.go_to(place.path);
        Listing::open(place.path)?.each(|entry| match (entry.kind, entry.facts) {
            (Some(Kind::Folder), Ok(facts)) => self.folder_blocks(&facts),
            // What is no file is not counted; a folder that cannot be looked at cannot be listed either.
            (Some(Kind::Folder | Kind::Link | Kind::Other), _) => {}
            (_, Ok(facts)) => self.file_in_tree(place, entry.name, &facts, kind),
            (_, Err(error)) => self.deny_unless_gone(&place.path.join(entry.name), &error),
        })
    }

    /// Counts the file that a walk began with; nothing else but a folder is counted.
    fn root_file(&mut self, path: &Path, kind: TreeKind) {
        match facts_of(path) {
            Ok(facts) if facts.is_file() => {
                let place = Place {
                    path: path.parent().unwrap_or(path),
                    nested: None,
                    clutter: None,
                };
                self.go_to(place.path);
                let name = path.file_name().unwrap_or_default();
                self.file_in_tree(&place, name, &facts, kind);
            }
            Ok(_) => {}
            Err(error) => self.deny_unless_gone(path, &error),
        }
    }

    /// Counts a file in a folder that is gone through.
    fn file_in_tree(&mut self, place: &Place<'_>, name: &OsStr, facts: &FileFacts, kind: TreeKind) {
        let text = name.to_string_lossy();
        let id = FileId::parse(text.as_bytes());
        // What is in a backup that lies in clutter is none.
        self.is_clutter = place.clutter.is_some() && place.nested < place.clutter;
        self.file(&text, facts);
        self.is_clutter = false;
        let is_foreign = match kind {
            TreeKind::Leftover => false,
            TreeKind::Other => true,
            TreeKind::InShard => id.is_none(),
        };
        let is_clutter = place.clutter.is_some() || !is_strange(name);
        if !is_clutter && is_foreign && place.nested.is_none() {
            // Told as no part of the backup, and not once more by its name.
            self.elsewhere.extend(id.map(|id| id.prefix()));
            let path = place.path.join(name);
            self.strange(&path, facts.length, kind == TreeKind::Other);
        } else if !is_clutter && kind == TreeKind::Leftover && id.is_none() {
            self.left(&place.path.join(name), facts.length);
        } else {
            self.astray(id, facts.length);
        }
        if place.nested.is_some() {
            self.nested.weigh(facts.length);
        }
    }

    fn walk_error(&mut self, root: &Path, error: &walkdir::Error) {
        let path = error.path().unwrap_or(root);
        match error.io_error() {
            Some(error) => self.deny_unless_gone(path, error),
            None => self.deny(path, &io::Error::other(error.to_string())),
        }
    }

    /// Names what could not be looked at. What goes away while we look was not there.
    fn deny_unless_gone(&mut self, path: &Path, error: &io::Error) {
        if !system::is_absence(error) {
            self.deny(path, error);
        }
    }
}

/// What the system tells of what is at a path itself.
fn facts_of(path: &Path) -> io::Result<FileFacts> {
    let found = path.symlink_metadata()?;
    Ok(system::facts(&found, || path.to_owned()))
}
