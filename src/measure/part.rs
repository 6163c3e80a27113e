//! What one task measures: files, folders and what is odd about them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, DirEntry, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use walkdir::WalkDir;

use crate::model::{
    Denied, FileId, Inventory, Leftover, Link, Links, Payload, PayloadKind, Subject, Subjects,
    Usage,
};
use crate::{names, platform};

use super::{Entry, Layout, ShardFolder, settle};

/// Sums of these do not depend on the order of files.
fn hash(state: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    hasher.finish()
}

/// What one task measured.
pub(super) struct Part<'a> {
    pub(super) layout: Layout,
    folder: &'a Path,
    pub(super) usage: Usage,
    /// When a file changed last, and its name.
    newest: Option<(SystemTime, String)>,
    fingerprint: u64,
    /// A hash of the folder that files are being counted in, relative to the backup's.
    place: u64,
    /// Whether another backup lies somewhere below.
    pub(super) holds_backup: bool,
    pub(super) links: Links,
    /// Files and bytes by name.
    leftovers: BTreeMap<String, (u64, u64)>,
    pub(super) misplaced: Subjects,
    /// Files and bytes in payload folders that were handed to no comparison.
    pub(super) unlisted: (u64, u64),
    pub(super) denied: Denied,
    pub(super) has_old_payloads: bool,
    /// Files with a payload's name, wherever they lie.
    payloads_anywhere: u64,
    /// Whether Info.plist is there, and whether anything else is, at the top of the folder.
    pub(super) has_info: bool,
    pub(super) has_more: bool,
}

impl<'a> Part<'a> {
    pub(super) fn new(layout: Layout, folder: &'a Path) -> Part<'a> {
        Part {
            layout,
            folder,
            usage: Usage::default(),
            newest: None,
            fingerprint: 0,
            place: 0,
            holds_backup: false,
            links: Links::default(),
            leftovers: BTreeMap::new(),
            misplaced: Subjects::default(),
            unlisted: (0, 0),
            denied: Denied::default(),
            has_old_payloads: false,
            payloads_anywhere: 0,
            has_info: false,
            has_more: false,
        }
    }

    pub(super) fn absorb(&mut self, other: Part<'_>) {
        let keep = self.layout.keep;
        self.usage += other.usage;
        self.newest = self.newest.take().max(other.newest);
        self.fingerprint = self.fingerprint.wrapping_add(other.fingerprint);
        self.holds_backup |= other.holds_backup;
        self.links.absorb(other.links);
        self.misplaced.append(other.misplaced, keep);
        self.unlist(other.unlisted);
        self.denied.append(other.denied, keep);
        self.has_old_payloads |= other.has_old_payloads;
        self.payloads_anywhere += other.payloads_anywhere;
        for (name, sum) in other.leftovers {
            self.leftover(&name, sum);
        }
    }

    pub(super) fn files_and_bytes(&self) -> (u64, u64) {
        (self.usage.files, self.usage.logical)
    }

    pub(super) fn leftover(&mut self, name: &str, (files, bytes): (u64, u64)) {
        let sum = self.leftovers.entry(name.to_owned()).or_default();
        *sum = (sum.0 + files, sum.1.saturating_add(bytes));
    }

    pub(super) fn unlist(&mut self, (files, bytes): (u64, u64)) {
        self.unlisted.0 += files;
        self.unlisted.1 = self.unlisted.1.saturating_add(bytes);
    }

    /// An entry of a payload folder that does not belong there; with its size if it is a file.
    pub(super) fn misplace(&mut self, place: String, id: Option<FileId>, size: Option<u64>) {
        if let Some(size) = size {
            self.unlist((1, size));
        }
        let bytes = size.unwrap_or(0);
        let place = Some(place);
        self.misplaced
            .add(Subject { id, place, bytes }, self.layout.keep);
    }

    pub(super) fn deny(&mut self, path: &Path, error: &io::Error) {
        let path = path.strip_prefix(self.folder).unwrap_or(path).to_owned();
        self.denied
            .add(path, platform::in_words(error), self.layout.keep);
    }

    /// From here on files are counted in this folder.
    fn go_to(&mut self, dir: &Path) {
        let dir = dir.strip_prefix(self.folder).unwrap_or(dir);
        self.place = hash(&dir);
    }

    /// Counts a regular file.
    pub(super) fn file(&mut self, path: impl FnOnce() -> PathBuf, name: &str, metadata: &Metadata) {
        let facts = platform::facts(metadata, path);
        self.usage.files += 1;
        self.payloads_anywhere += u64::from(FileId::parse(name.as_bytes()).is_some());
        self.usage.logical = self.usage.logical.saturating_add(metadata.len());
        match facts.identity.filter(|_| facts.links > 1) {
            Some((device, inode)) => {
                let link = Link {
                    inode,
                    allocated: facts.allocated,
                    links: u32::try_from(facts.links).unwrap_or(u32::MAX),
                    inside: 1,
                };
                self.links.add(device, link);
            }
            None => self.usage.allocated = self.usage.allocated.saturating_add(facts.allocated),
        }
        if names::is_clutter(name.as_ref()) {
            return;
        }
        let modified = metadata.modified().ok();
        let state = (self.place, name, metadata.len(), modified, facts.identity);
        self.fingerprint = self.fingerprint.wrapping_add(hash(&state));
        // Ties go to one name, so that the answer does not depend on the order.
        if let Some(modified) = modified
            && modified <= self.layout.horizon
            && self
                .newest
                .as_ref()
                .is_none_or(|(newest, of)| (*newest, of.as_str()) < (modified, name))
        {
            self.newest = Some((modified, name.to_owned()));
        }
    }

    /// Counts a folder's own blocks and lists it; false where not all of it could be listed. Asks for
    /// each entry relative to the open folder: by full path that takes a third longer, and a walker
    /// would open every folder in it.
    fn entries(&mut self, dir: &Path, mut each: impl FnMut(&mut Part<'a>, &DirEntry)) -> bool {
        self.go_to(dir);
        let listing = match fs::read_dir(dir) {
            Ok(listing) => listing,
            // What goes away while we look was not there.
            Err(error) if platform::is_absence(&error) => return true,
            Err(error) => {
                self.deny(dir, &error);
                return false;
            }
        };
        if let Ok(metadata) = dir.symlink_metadata() {
            let facts = platform::facts(&metadata, || dir.to_owned());
            self.usage.folders = self.usage.folders.saturating_add(facts.allocated);
        }
        let mut complete = true;
        for entry in listing {
            match entry {
                Ok(entry) => each(self, &entry),
                Err(error) => {
                    self.deny(dir, &error);
                    complete = false;
                    // An error is no end: a listing may go on behind it, and may fail for ever.
                    break;
                }
            }
        }
        complete
    }

    /// Counts a folder's own blocks and hands over what is in it.
    pub(super) fn list(&mut self, dir: &Path, mut each: impl FnMut(&mut Part<'a>, Entry)) {
        self.entries(dir, |part, entry| match entry.metadata() {
            Ok(metadata) => each(
                part,
                Entry {
                    path: entry.path(),
                    name: entry.file_name().to_string_lossy().into_owned(),
                    metadata,
                },
            ),
            Err(error) if platform::is_absence(&error) => {}
            Err(error) => part.deny(&entry.path(), &error),
        });
    }

    /// Measures everything below a folder that holds no payloads.
    pub(super) fn tree(&mut self, dir: &Path) {
        for entry in WalkDir::new(dir).follow_root_links(false) {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => self.folder_blocks(&entry),
                Ok(entry) if entry.file_type().is_file() => match entry.metadata() {
                    Ok(metadata) => {
                        let name = entry.file_name().to_string_lossy();
                        self.go_to(entry.path().parent().unwrap_or(dir));
                        self.file(|| entry.path().to_owned(), &name, &metadata);
                        self.holds_backup |= names::is_manifest(&name);
                    }
                    Err(error) => self.walk_error(dir, &error),
                },
                Ok(_) => {}
                Err(error) => self.walk_error(dir, &error),
            }
        }
    }

    fn folder_blocks(&mut self, entry: &walkdir::DirEntry) {
        if let Ok(metadata) = entry.metadata() {
            let facts = platform::facts(&metadata, || entry.path().to_owned());
            self.usage.folders = self.usage.folders.saturating_add(facts.allocated);
        }
    }

    fn walk_error(&mut self, dir: &Path, error: &walkdir::Error) {
        match error.io_error() {
            // What goes away while we look was not there.
            Some(io) if platform::is_absence(io) => {}
            Some(io) => self.deny(error.path().unwrap_or(dir), io),
            None => {
                let error = io::Error::other(error.to_string());
                self.deny(dir, &error);
            }
        }
    }

    /// Measures the folders of a shard, gathers its payloads, and says whether all that count could
    /// be listed.
    pub(super) fn shard(
        &mut self,
        number: u8,
        folders: &[ShardFolder],
        payloads: &mut Vec<Payload>,
    ) -> bool {
        let mut readable = true;
        let several = folders.len() + usize::from(!payloads.is_empty()) > 1;
        for folder in folders {
            let before = self.files_and_bytes();
            let counted = self.shard_folder(number, folder, payloads);
            readable &= counted || !folder.counts;
            if folder.is_snapshot {
                let after = self.files_and_bytes();
                self.leftover("Snapshot", (after.0 - before.0, after.1 - before.1));
            }
        }
        let dropped = settle(payloads, several);
        self.unlist(dropped);
        readable
    }

    fn shard_folder(
        &mut self,
        number: u8,
        folder: &ShardFolder,
        payloads: &mut Vec<Payload>,
    ) -> bool {
        let dir = &folder.path;
        self.entries(dir, |part, entry| {
            let os_name = entry.file_name();
            let name = os_name.to_string_lossy();
            let id = FileId::parse(name.as_bytes());
            let own = id.filter(|id| id.shard() == number && folder.counts);
            let mut is_cloud_only = false;
            let (kind, size) = match entry.metadata() {
                Ok(metadata) if metadata.is_file() => {
                    part.file(|| entry.path(), &name, &metadata);
                    is_cloud_only = platform::is_cloud_only(&metadata);
                    (PayloadKind::File, metadata.len())
                }
                Ok(metadata) => {
                    if metadata.is_dir() {
                        part.tree(&entry.path());
                        part.go_to(dir);
                    }
                    (PayloadKind::NotAFile, 0)
                }
                Err(error) if platform::is_absence(&error) => return,
                Err(error) => {
                    part.deny(&entry.path(), &error);
                    (PayloadKind::Unknown, 0)
                }
            };
            match (own, kind) {
                (Some(id), kind) => payloads.push(Payload {
                    id,
                    size,
                    kind,
                    is_cloud_only,
                }),
                (None, PayloadKind::Unknown) => {}
                (None, PayloadKind::File) => part.stray(folder, &os_name, id, Some(size)),
                (None, PayloadKind::NotAFile) => part.stray(folder, &os_name, id, None),
            }
        })
    }

    /// An entry of a shard folder that is no payload there; with its size if it is a file.
    fn stray(&mut self, folder: &ShardFolder, name: &OsStr, id: Option<FileId>, size: Option<u64>) {
        if folder.is_snapshot || names::is_clutter(name) {
            return;
        }
        let shard = folder
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        self.misplace(format!("{shard}/{}", name.to_string_lossy()), id, size);
    }

    pub(super) fn into_inventory(mut self) -> Inventory {
        self.links.settle();
        self.usage.allocated = self.usage.allocated.saturating_add(self.links.allocated());
        let leftovers = self
            .leftovers
            .into_iter()
            .map(|(name, (files, bytes))| Leftover { name, files, bytes });
        Inventory {
            usage: self.usage,
            newest_change: self
                .newest
                .as_ref()
                .and_then(|(time, _)| Timestamp::try_from(*time).ok()),
            newest_file: self.newest.map(|(_, name)| name),
            settled_change: None,
            oldest_change: None,
            foreign: Subjects::default(),
            fingerprint: self.fingerprint,
            holds_backup: self.holds_backup,
            links: self.links,
            leftovers: leftovers.collect(),
            payloads_anywhere: self.payloads_anywhere,
            only_info: self.has_info && !self.has_more,
            has_old_payloads: self.has_old_payloads,
            denied: self.denied,
        }
    }
}
