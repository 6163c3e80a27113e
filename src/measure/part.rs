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

use crate::facts::names;
use crate::model::{
    Denied, FileId, Inventory, Leftover, Link, Links, Payload, PayloadKind, Strays, Subject,
    Subjects, Usage,
};
use crate::system;

use super::{Entry, Layout, ShardFolder, settle};

/// Sums of these do not depend on the order of files.
fn hash(state: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    hasher.finish()
}

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

fn earlier(one: Option<SystemTime>, other: Option<SystemTime>) -> Option<SystemTime> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Whether a file is neither clutter nor stands for one that is in a cloud.
pub(super) fn is_strange(name: &OsStr) -> bool {
    !names::is_clutter(name) && !names::is_placeholder(&name.to_string_lossy())
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

/// What one task measured.
pub(super) struct Part<'a> {
    pub(super) layout: Layout,
    folder: &'a Path,
    pub(super) usage: Usage,
    /// When a file changed last, and its name.
    newest: Option<(SystemTime, String)>,
    /// When a file changed last that nobody changes who only looks.
    settled: Option<SystemTime>,
    /// When the file changed that did not change for longest.
    oldest: Option<SystemTime>,
    fingerprint: u64,
    /// A hash of the folder that files are being counted in, relative to the backup's.
    place: u64,
    /// Folders below that are backups of their own, or hold a manifest.
    nested: Subjects,
    /// Files that are no part of the backup, and those of them that lie in no payload folder.
    foreign: Subjects,
    foreign_outside: Subjects,
    /// Whether all that is counted now is clutter.
    is_clutter: bool,
    pub(super) links: Links,
    /// Files and bytes by name.
    leftovers: BTreeMap<String, (u64, u64)>,
    pub(super) misplaced: Subjects,
    /// Files with a payload's name that lie where none counts.
    pub(super) strays: Strays,
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
            settled: None,
            oldest: None,
            fingerprint: 0,
            place: 0,
            nested: Subjects::default(),
            foreign: Subjects::default(),
            foreign_outside: Subjects::default(),
            is_clutter: false,
            links: Links::default(),
            leftovers: BTreeMap::new(),
            misplaced: Subjects::default(),
            strays: Strays::default(),
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
        self.settled = self.settled.max(other.settled);
        self.oldest = earlier(self.oldest, other.oldest);
        self.fingerprint = self.fingerprint.wrapping_add(other.fingerprint);
        self.nested.append_by_place(other.nested, keep);
        self.foreign.append_by_place(other.foreign, keep);
        self.foreign_outside
            .append_by_place(other.foreign_outside, keep);
        self.links.absorb(other.links);
        self.misplaced.append(other.misplaced, keep);
        self.strays.append(other.strays);
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

    /// A file where no payload counts; it matters if it has a payload's name.
    pub(super) fn astray(&mut self, id: Option<FileId>, size: u64) {
        if let Some(id) = id {
            self.strays.add(id, size);
        }
    }

    /// An entry of a payload folder that does not belong there; with its size if it is a file.
    pub(super) fn misplace(&mut self, place: String, id: Option<FileId>, size: Option<u64>) {
        if let Some(size) = size {
            self.unlist((1, size));
            self.astray(id, size);
        }
        let bytes = size.unwrap_or(0);
        let place = Some(place);
        self.misplaced
            .add(Subject { id, place, bytes }, self.layout.keep);
    }

    /// A file that is no part of the backup, in its payload folders or elsewhere.
    pub(super) fn strange(&mut self, path: &Path, bytes: u64, is_outside: bool) {
        let keep = self.layout.keep;
        let subject = self.subject(path, bytes);
        if is_outside {
            self.foreign_outside.add_by_place(subject.clone(), keep);
        }
        self.foreign.add_by_place(subject, keep);
    }

    fn subject(&self, path: &Path, bytes: u64) -> Subject {
        Subject {
            id: None,
            place: Some(self.relative(path)),
            bytes,
        }
    }

    /// A path below the backup's folder, with `/` on all systems.
    fn relative(&self, path: &Path) -> String {
        let path = path.strip_prefix(self.folder).unwrap_or(path);
        let parts: Vec<_> = path.iter().map(OsStr::to_string_lossy).collect();
        parts.join("/")
    }

    pub(super) fn deny(&mut self, path: &Path, error: &io::Error) {
        let path = path.strip_prefix(self.folder).unwrap_or(path).to_owned();
        self.denied
            .add(path, system::in_words(error), self.layout.keep);
    }

    /// From here on files are counted in this folder.
    fn go_to(&mut self, dir: &Path) {
        let dir = dir.strip_prefix(self.folder).unwrap_or(dir);
        self.place = hash(&dir);
    }

    /// Counts a regular file.
    pub(super) fn file(&mut self, path: impl FnOnce() -> PathBuf, name: &str, metadata: &Metadata) {
        let facts = system::facts(metadata, path);
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
        if self.is_clutter || names::is_clutter(name.as_ref()) {
            return;
        }
        let modified = metadata.modified().ok();
        let state = (self.place, name, metadata.len(), modified, facts.identity);
        self.fingerprint = self.fingerprint.wrapping_add(hash(&state));
        let Some(modified) = modified.filter(|time| *time <= self.layout.horizon) else {
            return;
        };
        self.oldest = earlier(self.oldest, Some(modified));
        if !names::is_unsettled(name) {
            self.settled = self.settled.max(Some(modified));
        }
        // Ties go to one name, so that the answer does not depend on the order.
        let newest = self.newest.as_ref();
        if newest.is_none_or(|(newest, of)| (*newest, of.as_str()) < (modified, name)) {
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
            Err(error) if system::is_absence(&error) => return true,
            Err(error) => {
                self.deny(dir, &error);
                return false;
            }
        };
        if let Ok(metadata) = dir.symlink_metadata() {
            let facts = system::facts(&metadata, || dir.to_owned());
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
            Err(error) if system::is_absence(&error) => {}
            Err(error) => part.deny(&entry.path(), &error),
        });
    }

    /// Measures everything below a folder that holds no payloads.
    pub(super) fn tree(&mut self, dir: &Path, kind: TreeKind) {
        // From these depths on all belongs to another backup, or is clutter.
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
                let is_searched = kind != TreeKind::Leftover;
                if is_searched && clutter.or(nested).is_none() && is_nested(entry.path()) {
                    nested = Some(depth);
                    let subject = self.subject(entry.path(), 0);
                    self.nested.add_by_place(subject, self.layout.keep);
                }
            } else if entry.file_type().is_file() {
                self.is_clutter = clutter.is_some();
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
                    self.nested.bytes = self.nested.bytes.saturating_add(bytes);
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
        self.strays.add_nameless(dropped);
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
                    is_cloud_only = system::is_cloud_only(&metadata);
                    (PayloadKind::File, metadata.len())
                }
                Ok(metadata) => {
                    if metadata.is_dir() {
                        let kind = match folder.is_snapshot {
                            true => TreeKind::Leftover,
                            false => TreeKind::InShard,
                        };
                        part.tree(&entry.path(), kind);
                        part.go_to(dir);
                    }
                    (PayloadKind::NotAFile, 0)
                }
                Err(error) if system::is_absence(&error) => return,
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
        let is_clutter = match size {
            Some(_) => names::is_clutter(name),
            None => names::is_clutter_folder(name),
        };
        if folder.is_snapshot
            && let Some(size) = size
        {
            self.astray(id, size);
        }
        if folder.is_snapshot || is_clutter {
            return;
        }
        if let Some(bytes) = size.filter(|_| id.is_none() && is_strange(name)) {
            self.strange(&folder.path.join(name), bytes, false);
        }
        let shard = folder
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        self.misplace(format!("{shard}/{}", name.to_string_lossy()), id, size);
    }

    pub(super) fn into_inventory(mut self) -> Inventory {
        for subjects in [
            &mut self.nested,
            &mut self.foreign,
            &mut self.foreign_outside,
        ] {
            subjects
                .first
                .sort_unstable_by(|one, other| one.place.cmp(&other.place));
        }
        let timestamp = |time: SystemTime| Timestamp::try_from(time).ok();
        self.links.settle();
        self.usage.allocated = self.usage.allocated.saturating_add(self.links.allocated());
        let leftovers = self
            .leftovers
            .into_iter()
            .map(|(name, (files, bytes))| Leftover { name, files, bytes });
        Inventory {
            usage: self.usage,
            newest_change: self.newest.as_ref().and_then(|(time, _)| timestamp(*time)),
            newest_file: self.newest.map(|(_, name)| name),
            settled_change: self.settled.and_then(timestamp),
            oldest_change: self.oldest.and_then(timestamp),
            foreign: self.foreign,
            foreign_outside: self.foreign_outside,
            fingerprint: self.fingerprint,
            holds_backup: self.nested.count > 0,
            nested: self.nested,
            links: self.links,
            leftovers: leftovers.collect(),
            payloads_anywhere: self.payloads_anywhere,
            only_info: self.has_info && !self.has_more,
            has_old_payloads: self.has_old_payloads,
            denied: self.denied,
        }
    }
}
