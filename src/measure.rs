//! Measures a backup's folder in parallel: every file once, one task a shard folder. Hands the
//! payloads of each shard to a comparison and keeps none of them. Follows no link.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;
use rayon::prelude::*;
use walkdir::WalkDir;

use crate::model::{
    Comparison, Denied, FileId, Inventory, Leftover, Link, ManifestFormat, Payload, PayloadKind,
    Subject, Subjects, Usage,
};
use crate::progress::{Event, Monitor};
use crate::{names, platform};

/// Where a backup keeps its payloads (F§8), and what to look for.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// The manifest's format: a database goes with shard folders, mbdb with a flat folder; `None`:
    /// payloads are not compared with anything.
    pub format: Option<ManifestFormat>,
    /// State `moving`: a payload in `Snapshot/` counts before the one in its final place.
    pub moving: bool,
    /// Modification times after this one are ignored.
    pub horizon: SystemTime,
    /// How many examples of a kind are kept.
    pub keep: usize,
}

/// The payloads of one shard, sorted by id.
pub struct Shard<'a> {
    /// The first byte of their ids.
    pub number: u8,
    /// The entries with a payload's name.
    pub payloads: &'a [Payload],
    /// Whether the shard's folders could be listed.
    pub readable: bool,
}

/// Measures the folder and compares it shard by shard. Never fails: what could not be opened is
/// named in the inventory.
pub fn take(
    folder: &Path,
    layout: Layout,
    monitor: &Monitor<'_>,
    compare: impl Fn(Shard<'_>) -> Comparison + Sync,
) -> (Inventory, Comparison) {
    let mut top = Part::new(layout, folder);
    let mut contents = Contents::default();
    top.list(folder, |part, entry| contents.sort_in(part, entry));
    if let Some(snapshot) = contents.snapshot.take() {
        let mut part = Part::new(layout, folder);
        part.list(&snapshot, |part, entry| {
            contents.sort_in_snapshot(part, entry)
        });
        top.leftover("Snapshot", part.files_and_bytes());
        top.absorb(part);
    }
    // What could not be listed may hold anything: then nothing counts as missing.
    let top_readable = top.denied.count == 0;
    let flat = flat_payloads(&mut contents, &mut top);

    let trees: Vec<Part> = contents
        .trees
        .par_iter()
        .map(|tree| {
            let mut part = Part::new(layout, folder);
            part.tree(&tree.path);
            if let Some(name) = &tree.leftover {
                part.leftover(name, part.files_and_bytes());
            }
            part
        })
        .collect();
    let shards: Vec<(Part, Comparison)> = (0..=u8::MAX)
        .into_par_iter()
        .map(|number| {
            let mut part = Part::new(layout, folder);
            if monitor.is_stopped() {
                return (part, Comparison::default());
            }
            let in_shard = |payload: &Payload| payload.id.shard().cmp(&number);
            let start = flat.partition_point(|payload| in_shard(payload).is_lt());
            let end = flat.partition_point(|payload| in_shard(payload).is_le());
            let mut payloads = flat[start..end].to_vec();
            let folders = &contents.shards[usize::from(number)];
            let readable = part.shard(number, folders, &mut payloads) && top_readable;
            let comparison = match layout.format {
                Some(_) => compare(Shard {
                    number,
                    payloads: &payloads,
                    readable,
                }),
                None => Comparison::default(),
            };
            let Usage { files, logical, .. } = part.usage;
            monitor.tell(Event::Measured {
                files,
                bytes: logical,
            });
            (part, comparison)
        })
        .collect();

    let Usage { files, logical, .. } = top.usage;
    monitor.tell(Event::Measured {
        files,
        bytes: logical,
    });
    let mut comparison = Comparison::default();
    for part in trees {
        top.absorb(part);
    }
    for (part, of_shard) in shards {
        comparison.append(of_shard, layout.keep);
        top.absorb(part);
    }
    if layout.format.is_some() {
        comparison
            .misplaced
            .append(std::mem::take(&mut top.misplaced), layout.keep);
        let (files, bytes) = &mut comparison.unlisted;
        *files += top.unlisted.0;
        *bytes = bytes.saturating_add(top.unlisted.1);
    }
    (top.into_inventory(), comparison)
}

/// The payloads of a flat backup (mbdb), those in `Snapshot/` first where they count, sorted.
fn flat_payloads(contents: &mut Contents, top: &mut Part<'_>) -> Vec<Payload> {
    let layout = top.layout;
    let mut flat = std::mem::take(&mut contents.flat_in_snapshot);
    if !(layout.moving && layout.format == Some(ManifestFormat::Mbdb)) {
        flat.clear();
    }
    flat.append(&mut contents.flat);
    top.unlist(settle(&mut flat));
    flat
}

/// Sorts by id; of several with the same id the first one found counts. Tells files and bytes of
/// the others.
fn settle(payloads: &mut Vec<Payload>) -> (u64, u64) {
    let mut dropped = (0, 0_u64);
    payloads.sort_by_key(|payload| payload.id);
    payloads.dedup_by(|later, first| {
        let same = later.id == first.id;
        if same && later.kind == PayloadKind::File {
            dropped = (dropped.0 + 1, dropped.1.saturating_add(later.size));
        }
        same
    });
    dropped
}

/// A folder that is measured as a whole.
struct Tree {
    path: PathBuf,
    /// Its name, where it is something that another tool left behind.
    leftover: Option<String>,
}

/// A shard folder, and whether what is in it counts as payload.
struct ShardFolder {
    path: PathBuf,
    counts: bool,
    is_snapshot: bool,
}

/// The entries of the backup's top folder, sorted by what they are.
struct Contents {
    shards: Vec<Vec<ShardFolder>>,
    flat: Vec<Payload>,
    flat_in_snapshot: Vec<Payload>,
    snapshot: Option<PathBuf>,
    trees: Vec<Tree>,
}

impl Default for Contents {
    fn default() -> Contents {
        Contents {
            shards: (0..=u8::MAX).map(|_| Vec::new()).collect(),
            flat: Vec::new(),
            flat_in_snapshot: Vec::new(),
            snapshot: None,
            trees: Vec::new(),
        }
    }
}

/// One entry of a folder, with what the system says of it.
struct Entry {
    path: PathBuf,
    name: String,
    metadata: Metadata,
}

impl Contents {
    fn sort_in(&mut self, part: &mut Part<'_>, entry: Entry) {
        let Entry {
            path,
            name,
            metadata,
        } = entry;
        if name == "Info.plist" {
            part.has_info = true;
        } else {
            part.has_more |= !names::is_clutter(name.as_ref());
        }
        let id = FileId::parse(name.as_bytes());
        if metadata.is_dir() {
            if name == "Snapshot" {
                self.snapshot = Some(path);
            } else if let Some(shard) = names::shard_number(&name) {
                let counts = part.layout.format != Some(ManifestFormat::Mbdb);
                let folder = ShardFolder {
                    path,
                    counts,
                    is_snapshot: false,
                };
                self.shards[usize::from(shard)].push(folder);
            } else {
                let leftover = names::is_unpacked(&name).then(|| name.clone());
                self.trees.push(Tree { path, leftover });
                if let Some(id) = id {
                    self.top_payload(part, id, PayloadKind::NotAFile, 0);
                }
            }
            return;
        }
        if metadata.is_file() {
            part.file(|| path.clone(), &name, &metadata);
            if names::is_decrypted_manifest(&name) {
                part.leftover(&name, (1, metadata.len()));
            }
            part.has_old_payloads |= names::is_old_payload(&name);
        }
        if names::shard_number(&name).is_some() {
            // A link or file where a folder of payloads belongs; links are not followed.
            let size = metadata.is_file().then_some(metadata.len());
            part.misplace(name.clone(), None, size);
        }
        if let Some(id) = id {
            let kind = if metadata.is_file() {
                PayloadKind::File
            } else {
                PayloadKind::NotAFile
            };
            self.top_payload(part, id, kind, metadata.len());
        }
    }

    /// An entry with a payload's name at the top: at home in a flat backup only.
    fn top_payload(&mut self, part: &mut Part<'_>, id: FileId, kind: PayloadKind, size: u64) {
        if part.layout.format == Some(ManifestFormat::Mbdb) {
            self.flat.push(Payload { id, size, kind });
        } else {
            let size = (kind == PayloadKind::File).then_some(size);
            part.misplace(id.to_string(), Some(id), size);
        }
    }

    fn sort_in_snapshot(&mut self, part: &mut Part<'_>, entry: Entry) {
        let Entry {
            path,
            name,
            metadata,
        } = entry;
        if metadata.is_dir() {
            match names::shard_number(&name) {
                Some(shard) => {
                    let counts =
                        part.layout.moving && part.layout.format == Some(ManifestFormat::Sqlite);
                    let folder = ShardFolder {
                        path,
                        counts,
                        is_snapshot: true,
                    };
                    // Before the folder of the final place: what is there counts first.
                    self.shards[usize::from(shard)].insert(0, folder);
                }
                None => self.trees.push(Tree {
                    path,
                    leftover: Some("Snapshot".to_owned()),
                }),
            }
        } else if metadata.is_file() {
            part.file(|| path.clone(), &name, &metadata);
            if let Some(id) = FileId::parse(name.as_bytes()) {
                let size = metadata.len();
                self.flat_in_snapshot.push(Payload {
                    id,
                    size,
                    kind: PayloadKind::File,
                });
            }
        }
    }
}

/// What one task measured.
struct Part<'a> {
    layout: Layout,
    folder: &'a Path,
    usage: Usage,
    newest: Option<SystemTime>,
    links: Vec<Link>,
    leftovers: Vec<Leftover>,
    misplaced: Subjects,
    /// Files and bytes in payload folders that were handed to no comparison.
    unlisted: (u64, u64),
    denied: Denied,
    has_old_payloads: bool,
    /// Whether Info.plist is there, and whether anything else is, at the top of the folder.
    has_info: bool,
    has_more: bool,
}

impl<'a> Part<'a> {
    fn new(layout: Layout, folder: &'a Path) -> Part<'a> {
        Part {
            layout,
            folder,
            usage: Usage::default(),
            newest: None,
            links: Vec::new(),
            leftovers: Vec::new(),
            misplaced: Subjects::default(),
            unlisted: (0, 0),
            denied: Denied::default(),
            has_old_payloads: false,
            has_info: false,
            has_more: false,
        }
    }

    fn absorb(&mut self, other: Part<'_>) {
        let keep = self.layout.keep;
        self.usage += other.usage;
        self.newest = self.newest.max(other.newest);
        self.links.extend(other.links);
        self.misplaced.append(other.misplaced, keep);
        self.unlist(other.unlisted);
        self.denied.append(other.denied, keep);
        self.has_old_payloads |= other.has_old_payloads;
        for Leftover { name, files, bytes } in other.leftovers {
            self.leftover(&name, (files, bytes));
        }
    }

    fn files_and_bytes(&self) -> (u64, u64) {
        (self.usage.files, self.usage.logical)
    }

    fn leftover(&mut self, name: &str, (files, bytes): (u64, u64)) {
        match self
            .leftovers
            .iter_mut()
            .find(|leftover| leftover.name == name)
        {
            Some(leftover) => {
                leftover.files += files;
                leftover.bytes = leftover.bytes.saturating_add(bytes);
            }
            None => self.leftovers.push(Leftover {
                name: name.to_owned(),
                files,
                bytes,
            }),
        }
    }

    fn unlist(&mut self, (files, bytes): (u64, u64)) {
        self.unlisted.0 += files;
        self.unlisted.1 = self.unlisted.1.saturating_add(bytes);
    }

    /// An entry of a payload folder that does not belong there; with its size if it is a file.
    fn misplace(&mut self, place: String, id: Option<FileId>, size: Option<u64>) {
        if let Some(size) = size {
            self.unlist((1, size));
        }
        let bytes = size.unwrap_or(0);
        let place = Some(place);
        self.misplaced
            .add(Subject { id, place, bytes }, self.layout.keep);
    }

    fn deny(&mut self, path: &Path, error: &dyn std::fmt::Display) {
        let path = path.strip_prefix(self.folder).unwrap_or(path).to_owned();
        self.denied.add(path, error.to_string(), self.layout.keep);
    }

    /// Counts a regular file.
    fn file(&mut self, path: impl FnOnce() -> PathBuf, name: &str, metadata: &Metadata) {
        let facts = platform::facts(metadata, path);
        self.usage.files += 1;
        self.usage.logical = self.usage.logical.saturating_add(metadata.len());
        match facts.identity.filter(|_| facts.links > 1) {
            Some((device, inode)) => self.links.push(Link {
                device,
                inode,
                links: facts.links,
                allocated: facts.allocated,
                inside: 1,
            }),
            None => self.usage.allocated = self.usage.allocated.saturating_add(facts.allocated),
        }
        if let Ok(modified) = metadata.modified()
            && modified <= self.layout.horizon
            && self.newest.is_none_or(|newest| newest < modified)
            && !names::is_clutter(name.as_ref())
        {
            self.newest = Some(modified);
        }
    }

    /// Counts a folder's own blocks and lists it.
    fn list(&mut self, dir: &Path, mut each: impl FnMut(&mut Part<'a>, Entry)) {
        for entry in WalkDir::new(dir).max_depth(1) {
            match entry {
                Ok(entry) if entry.depth() == 0 => self.folder_blocks(&entry),
                Ok(entry) => match entry.metadata() {
                    Ok(metadata) => {
                        let name = entry.file_name().to_string_lossy().into_owned();
                        each(
                            self,
                            Entry {
                                path: entry.into_path(),
                                name,
                                metadata,
                            },
                        );
                    }
                    Err(error) => self.walk_error(dir, &error),
                },
                Err(error) => self.walk_error(dir, &error),
            }
        }
    }

    /// Measures everything below a folder that holds no payloads.
    fn tree(&mut self, dir: &Path) {
        for entry in WalkDir::new(dir).follow_root_links(false) {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => self.folder_blocks(&entry),
                Ok(entry) if entry.file_type().is_file() => match entry.metadata() {
                    Ok(metadata) => {
                        let name = entry.file_name().to_string_lossy();
                        self.file(|| entry.path().to_owned(), &name, &metadata);
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
            None => self.deny(error.path().unwrap_or(dir), error),
        }
    }

    /// Measures the folders of a shard, gathers its payloads, and says whether all that count could
    /// be listed.
    fn shard(&mut self, number: u8, folders: &[ShardFolder], payloads: &mut Vec<Payload>) -> bool {
        let mut readable = true;
        for folder in folders {
            let before = self.files_and_bytes();
            let counted = self.shard_folder(number, folder, payloads);
            readable &= counted || !folder.counts;
            if folder.is_snapshot {
                let after = self.files_and_bytes();
                self.leftover("Snapshot", (after.0 - before.0, after.1 - before.1));
            }
        }
        let dropped = settle(payloads);
        self.unlist(dropped);
        readable
    }

    /// Lists one shard folder. `DirEntry::metadata` asks relative to the open folder; a walker that
    /// asks by full path takes a third longer here, where nearly all files are.
    fn shard_folder(
        &mut self,
        number: u8,
        folder: &ShardFolder,
        payloads: &mut Vec<Payload>,
    ) -> bool {
        let dir = &folder.path;
        let entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) if platform::is_absence(&error) => return true,
            Err(error) => {
                self.deny(dir, &error);
                return false;
            }
        };
        if let Ok(metadata) = dir.symlink_metadata() {
            let facts = platform::facts(&metadata, || dir.clone());
            self.usage.folders = self.usage.folders.saturating_add(facts.allocated);
        }
        let mut complete = true;
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.deny(dir, &error);
                    complete = false;
                    continue;
                }
            };
            let os_name = entry.file_name();
            let name = os_name.to_string_lossy();
            let id = FileId::parse(name.as_bytes());
            let own = id.filter(|id| id.shard() == number && folder.counts);
            match entry.metadata() {
                Ok(metadata) if metadata.is_file() => {
                    self.file(|| entry.path(), &name, &metadata);
                    let size = metadata.len();
                    if let Some(id) = own {
                        payloads.push(Payload {
                            id,
                            size,
                            kind: PayloadKind::File,
                        });
                    } else {
                        self.stray(folder, &os_name, id, Some(size));
                    }
                }
                Ok(metadata) => {
                    if metadata.is_dir() {
                        self.tree(&entry.path());
                    }
                    if let Some(id) = own {
                        payloads.push(Payload {
                            id,
                            size: 0,
                            kind: PayloadKind::NotAFile,
                        });
                    } else {
                        self.stray(folder, &os_name, id, None);
                    }
                }
                Err(error) if platform::is_absence(&error) => {}
                Err(error) => {
                    self.deny(&entry.path(), &error);
                    if let Some(id) = own {
                        payloads.push(Payload {
                            id,
                            size: 0,
                            kind: PayloadKind::Unknown,
                        });
                    }
                }
            }
        }
        complete
    }

    /// An entry of a shard folder that is no payload there; with its size if it is a file.
    fn stray(
        &mut self,
        folder: &ShardFolder,
        name: &std::ffi::OsStr,
        id: Option<FileId>,
        size: Option<u64>,
    ) {
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

    fn into_inventory(mut self) -> Inventory {
        self.links.sort_unstable();
        self.links.dedup_by(|other, first| {
            let same = (other.device, other.inode) == (first.device, first.inode);
            first.inside += u64::from(same);
            same
        });
        for link in &self.links {
            self.usage.allocated = self.usage.allocated.saturating_add(link.allocated);
        }
        self.leftovers
            .sort_by(|one, other| one.name.cmp(&other.name));
        Inventory {
            usage: self.usage,
            newest_change: self.newest.and_then(|time| Timestamp::try_from(time).ok()),
            links: self.links,
            leftovers: self.leftovers,
            only_info: self.has_info && !self.has_more,
            has_old_payloads: self.has_old_payloads,
            denied: self.denied,
        }
    }
}

/// Allocated bytes of everything at `path`: a file, or a folder with all that is in it. A file with
/// several hard links counts once.
pub fn allocated(path: &Path) -> u64 {
    let layout = Layout {
        format: None,
        moving: false,
        horizon: SystemTime::UNIX_EPOCH,
        keep: 0,
    };
    let mut part = Part::new(layout, path);
    part.tree(path);
    part.into_inventory().usage.allocated
}
