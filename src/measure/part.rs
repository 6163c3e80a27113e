//! What one task measures: files, folders and what is odd about them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;

use crate::facts::names;
use crate::model::{
    Denied, FileId, Inventory, Leftover, Link, Links, Strays, Subject, Subjects, TopEntry, Usage,
};
use crate::system::{self, FileFacts, Listed, Listing};

use super::layout::Layout;

/// Sums of these do not depend on the order of files.
fn hash(state: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    hasher.finish()
}

fn earlier(one: Option<SystemTime>, other: Option<SystemTime>) -> Option<SystemTime> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Whether a file is neither clutter nor stands for a payload, or for what tells about a backup, that is in a
/// cloud. What stands for a file of somebody's own is strange as that file would be.
pub(super) fn is_strange(name: &OsStr) -> bool {
    let name_of_own = name.to_string_lossy();
    let original = names::in_place_of(&name_of_own);
    let is_own = |name: &str| names::is_at_top(name) || FileId::parse(name.as_bytes()).is_some();
    !names::is_clutter(name) && !original.is_some_and(is_own)
}

/// One entry of a folder, with what the system says of it.
pub(super) struct Entry {
    pub(super) path: PathBuf,
    pub(super) name: String,
    pub(super) facts: FileFacts,
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
    pub(super) nested: Subjects,
    /// Files that are no part of the backup, and those of them that lie in no payload folder.
    foreign: Subjects,
    foreign_outside: Subjects,
    /// Whether all that is counted now is clutter.
    pub(super) is_clutter: bool,
    pub(super) links: Links,
    /// Contents that files have as clones of each other or of what lies elsewhere.
    clones: Links,
    /// Files and bytes by name.
    leftovers: BTreeMap<String, (u64, u64)>,
    pub(super) misplaced: Subjects,
    /// Files with a payload's name that lie where none counts.
    pub(super) strays: Strays,
    /// What [`Inventory::elsewhere`] tells.
    pub(super) elsewhere: Vec<u64>,
    /// Files and bytes in payload folders that were handed to no comparison.
    pub(super) unlisted: (u64, u64),
    pub(super) denied: Denied,
    pub(super) has_old_payloads: bool,
    /// Files with a payload's name, wherever they lie.
    payloads_anywhere: u64,
    /// What iCloud Drive left in place of such files, wherever it lies.
    placeholders: u64,
    /// What lies at the top of the folder, payloads and their folders aside.
    pub(super) top: Vec<TopEntry>,
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
            nested: Subjects::new(layout.keep),
            foreign: Subjects::new(layout.keep),
            foreign_outside: Subjects::new(layout.keep),
            is_clutter: false,
            links: Links::default(),
            clones: Links::default(),
            leftovers: BTreeMap::new(),
            misplaced: Subjects::new(layout.keep),
            strays: Strays::default(),
            elsewhere: Vec::new(),
            unlisted: (0, 0),
            denied: Denied::new(layout.keep),
            has_old_payloads: false,
            payloads_anywhere: 0,
            placeholders: 0,
            top: Vec::new(),
            has_info: false,
            has_more: false,
        }
    }

    pub(super) fn absorb(&mut self, other: Part<'_>) {
        self.usage += other.usage;
        self.newest = self.newest.take().max(other.newest);
        self.settled = self.settled.max(other.settled);
        self.oldest = earlier(self.oldest, other.oldest);
        self.fingerprint = self.fingerprint.wrapping_add(other.fingerprint);
        self.nested.append_by_place(other.nested);
        self.foreign.append_by_place(other.foreign);
        self.foreign_outside.append_by_place(other.foreign_outside);
        self.links.absorb(other.links);
        self.clones.absorb(other.clones);
        self.misplaced.append(other.misplaced);
        self.strays.append(other.strays);
        self.elsewhere.extend(other.elsewhere);
        self.unlist(other.unlisted);
        self.denied.append(other.denied);
        self.has_old_payloads |= other.has_old_payloads;
        self.payloads_anywhere += other.payloads_anywhere;
        self.placeholders += other.placeholders;
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
            self.elsewhere.push(id.prefix());
        }
    }

    /// A file that a run or another tool left behind: what an unpacked copy holds may be nowhere else.
    pub(super) fn left(&mut self, path: &Path, size: u64) {
        let is_own = path
            .file_name()
            .is_some_and(|name| names::is_at_top(&name.to_string_lossy()));
        let id = names::id_of_unpacked(&self.relative(path));
        if let Some(id) = id.filter(|_| !is_own) {
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
        self.misplaced.add(Subject { id, place, bytes });
    }

    /// A file that is no part of the backup, in its payload folders or elsewhere.
    pub(super) fn strange(&mut self, path: &Path, bytes: u64, is_outside: bool) {
        let subject = self.subject(path, bytes);
        let place = subject.place.iter();
        self.elsewhere
            .extend(place.flat_map(|place| names::ids_of_renamed(place)));
        if is_outside {
            self.foreign_outside.add_by_place(subject.clone());
        }
        self.foreign.add_by_place(subject);
    }

    pub(super) fn subject(&self, path: &Path, bytes: u64) -> Subject {
        Subject {
            id: None,
            place: Some(self.relative(path)),
            bytes,
        }
    }

    /// A path below the backup's folder, with `/` on all systems.
    fn relative(&self, path: &Path) -> String {
        system::place_below(self.folder, path)
    }

    pub(super) fn deny(&mut self, path: &Path, error: &io::Error) {
        let path = path.strip_prefix(self.folder).unwrap_or(path).to_owned();
        self.denied.add(path, system::in_words(error));
    }

    /// From here on files are counted in this folder.
    pub(super) fn go_to(&mut self, dir: &Path) {
        let dir = dir.strip_prefix(self.folder).unwrap_or(dir);
        self.place = hash(&dir);
    }

    /// Counts a regular file.
    pub(super) fn file(&mut self, name: &str, facts: &FileFacts) {
        self.usage.files += 1;
        let is_payload = |name: &str| FileId::parse(name.as_bytes()).is_some();
        self.payloads_anywhere += u64::from(is_payload(name));
        self.placeholders += u64::from(names::in_place_of(name).is_some_and(is_payload));
        self.usage.logical = self.usage.logical.saturating_add(facts.length);
        let names = facts
            .links
            .map(|links| u32::try_from(links).unwrap_or(u32::MAX));
        let is_alone = names.is_some_and(|names| names <= 1);
        if let (true, Some(content), Some((device, _))) = (is_alone, facts.content, facts.identity)
        {
            let link = Link {
                inode: content.id,
                allocated: content.allocated.min(facts.allocated),
                links: 0,
                inside: 1,
            };
            self.clones.add(device, link);
        }
        match facts.identity.filter(|_| !is_alone) {
            Some((device, inode)) => {
                let link = Link {
                    inode,
                    allocated: facts.allocated,
                    links: names.unwrap_or(0),
                    inside: 1,
                };
                self.links.add(device, link);
            }
            None => self.usage.allocated = self.usage.allocated.saturating_add(facts.allocated),
        }
        if self.is_clutter || names::is_clutter(name.as_ref()) {
            return;
        }
        let state = (
            self.place,
            name,
            facts.length,
            facts.modified,
            facts.identity,
        );
        self.fingerprint = self.fingerprint.wrapping_add(hash(&state));
        let Some(modified) = facts.modified.filter(|time| *time <= self.layout.horizon) else {
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

    /// Counts a folder's own blocks and lists it; false where not all of it could be listed.
    pub(super) fn entries(
        &mut self,
        dir: &Path,
        mut each: impl FnMut(&mut Part<'a>, Listed<'_>),
    ) -> bool {
        self.go_to(dir);
        let listing = match Listing::open(dir) {
            Ok(listing) => listing,
            // What goes away while we look was not there.
            Err(error) if system::is_absence(&error) => return true,
            Err(error) => {
                self.deny(dir, &error);
                return false;
            }
        };
        if let Ok(metadata) = dir.symlink_metadata() {
            self.folder_blocks(&system::facts(&metadata, || dir.to_owned()));
        }
        match listing.each(|entry| each(self, entry)) {
            Ok(()) => true,
            Err(error) => {
                self.deny(dir, &error);
                false
            }
        }
    }

    /// Counts a folder's own blocks.
    pub(super) fn folder_blocks(&mut self, facts: &FileFacts) {
        self.usage.folders = self.usage.folders.saturating_add(facts.allocated);
    }

    /// Counts a folder's own blocks and hands over what is in it.
    pub(super) fn list(&mut self, dir: &Path, mut each: impl FnMut(&mut Part<'a>, Entry)) {
        self.entries(dir, |part, entry| match entry.facts {
            Ok(facts) => each(
                part,
                Entry {
                    path: dir.join(entry.name),
                    name: entry.name.to_string_lossy().into_owned(),
                    facts,
                },
            ),
            Err(error) if system::is_absence(&error) => {}
            Err(error) => part.deny(&dir.join(entry.name), &error),
        });
    }

    pub(super) fn into_inventory(mut self) -> Inventory {
        for subjects in [
            &mut self.nested,
            &mut self.foreign,
            &mut self.foreign_outside,
        ] {
            subjects.sort_by_place();
        }
        let timestamp = |time: SystemTime| Timestamp::try_from(time).ok();
        self.links.settle();
        self.clones.settle();
        self.usage.allocated = self.usage.allocated.saturating_add(self.links.allocated());
        let leftovers = self
            .leftovers
            .into_iter()
            .map(|(name, (files, bytes))| Leftover { name, files, bytes });
        self.top.sort_unstable();
        self.elsewhere.sort_unstable();
        self.elsewhere.dedup();
        Inventory {
            usage: self.usage,
            top: self.top,
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
            clones: self.clones,
            leftovers: leftovers.collect(),
            elsewhere: self.elsewhere,
            payloads_anywhere: self.payloads_anywhere,
            placeholders: self.placeholders,
            only_info: self.has_info && !self.has_more,
            has_old_payloads: self.has_old_payloads,
            denied: self.denied,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::{Kind, SharedContent};

    /// The inventory of files with these facts: identity, names told, and the clone of which content they are.
    fn inventory(files: &[(u64, Option<u64>, Option<u64>)]) -> Inventory {
        let layout = Layout {
            format: None,
            moving: false,
            horizon: SystemTime::UNIX_EPOCH,
            keep: 1,
        };
        let mut part = Part::new(layout, Path::new("backup"));
        for &(inode, links, content) in files {
            let facts = FileFacts {
                kind: Kind::File,
                length: 900,
                allocated: 1000,
                modified: None,
                identity: Some((1, inode)),
                links,
                is_cloud_only: false,
                content: content.map(|id| SharedContent { id, allocated: 800 }),
            };
            part.file("x", &facts);
        }
        part.into_inventory()
    }

    fn all(links: &Links) -> Vec<(u64, u64, u32, u32)> {
        let links = links.iter();
        links
            .map(|(_, link)| (link.inode, link.allocated, link.links, link.inside))
            .collect()
    }

    #[test]
    fn a_file_counts_once_whether_or_not_its_names_are_told() {
        let seen = inventory(&[
            (1, Some(1), None),
            (2, Some(3), None),
            (2, Some(3), None),
            (3, None, None),
            (3, None, None),
            (4, None, None),
        ]);
        assert_eq!((seen.usage.files, seen.usage.allocated), (6, 4000));
        let expected = [(2, 1000, 3, 2), (3, 1000, 0, 2), (4, 1000, 0, 1)];
        assert_eq!(all(&seen.links), expected);
        assert_eq!(all(&seen.clones), []);
    }

    #[test]
    fn clones_are_files_that_share_a_content() {
        let seen = inventory(&[
            (1, Some(1), Some(7)),
            (2, Some(1), Some(7)),
            (3, Some(1), Some(8)),
            (4, Some(1), None),
            // What several names keep goes with the last of them.
            (5, Some(2), Some(7)),
        ]);
        // As du counts it.
        assert_eq!((seen.usage.files, seen.usage.allocated), (5, 5000));
        assert_eq!(all(&seen.clones), [(7, 800, 0, 2), (8, 800, 0, 1)]);
        assert_eq!(all(&seen.links), [(5, 1000, 2, 1)]);
    }
}
