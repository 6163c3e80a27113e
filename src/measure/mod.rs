//! Measures a backup's folder in parallel: every file once, one task a shard folder. Hands the
//! payloads of each shard to a comparison and keeps none of them. Follows no link.

mod part;

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rayon::prelude::*;

use crate::model::{Comparison, FileId, Inventory, ManifestFormat, Payload, PayloadKind, Usage};
use crate::progress::{Event, Monitor};
use crate::{names, platform};

use part::{Part, TreeKind};

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
    // What went away, as on a disk that was pulled out, was there when the scan began.
    if let Err(error) = folder.metadata() {
        top.deny(folder, &error);
    }
    // What could not be listed may hold anything: then nothing counts as missing.
    let top_readable = top.denied.count == 0;
    let flat = flat_payloads(&mut contents, &mut top);

    // Added up at once: another tool may have left any number of folders.
    let trees = contents
        .trees
        .par_iter()
        .fold(
            || Part::new(layout, folder),
            |mut all, tree| {
                let mut part = Part::new(layout, folder);
                // What another tool unpacked may have a manifest in it, and is no backup.
                part.tree(
                    &tree.path,
                    match tree.leftover {
                        Some(_) => TreeKind::Leftover,
                        None => TreeKind::Other,
                    },
                );
                if let Some(name) = &tree.leftover {
                    part.leftover(name, part.files_and_bytes());
                }
                all.absorb(part);
                all
            },
        )
        .reduce(
            || Part::new(layout, folder),
            |mut one, other| {
                one.absorb(other);
                one
            },
        );
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
    let of_shards = shards.iter().map(|(part, _)| &part.links);
    top.links.reserve_for(of_shards.chain([&trees.links]));
    top.absorb(trees);
    for (part, of_shard) in shards {
        comparison.append(of_shard, layout.keep);
        top.absorb(part);
    }
    if layout.format.is_some() {
        comparison
            .misplaced
            .append(std::mem::take(&mut top.misplaced), layout.keep);
        comparison.strays.append(std::mem::take(&mut top.strays));
        let (files, bytes) = &mut comparison.unlisted;
        *files += top.unlisted.0;
        *bytes = bytes.saturating_add(top.unlisted.1);
    }
    (top.into_inventory(), comparison)
}

/// The payloads of a flat backup (mbdb), those in `Snapshot/` first where they count, sorted.
fn flat_payloads(contents: &mut Contents, top: &mut Part<'_>) -> Vec<Payload> {
    let layout = top.layout;
    let mut flat = std::mem::take(&mut contents.flat);
    let snapshot = layout.moving && layout.format == Some(ManifestFormat::Mbdb);
    if snapshot {
        // Those in `Snapshot/` first: they count.
        flat.splice(..0, contents.flat_in_snapshot.drain(..));
    }
    let dropped = settle(&mut flat, snapshot);
    top.strays.add_nameless(dropped);
    top.unlist(dropped);
    flat
}

/// Sorts by id; of several with the same id the first one found counts, where they come from `several`
/// folders. Tells files and bytes of the others.
fn settle(payloads: &mut Vec<Payload>, several: bool) -> (u64, u64) {
    let mut dropped = (0, 0_u64);
    if several {
        payloads.sort_by_key(|payload| payload.id);
    } else {
        // In place: there may be a million.
        payloads.sort_unstable_by_key(|payload| (payload.id, payload.kind, payload.size));
    }
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

/// Whether a file at the top is of the backup, payloads aside, or is told of elsewhere.
fn belongs_at_top(name: &str) -> bool {
    names::is_at_top(name)
        || names::is_old_payload(name)
        || names::is_decrypted_manifest(name)
        || !part::is_strange(name.as_ref())
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
            part.has_more |= match metadata.is_dir() {
                true => !names::is_clutter_folder(name.as_ref()),
                false => !names::is_clutter(name.as_ref()),
            };
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
                // The folder of another device's backup may have the name of a payload, too.
                let id = id.filter(|_| !part::is_nested(&path));
                self.trees.push(Tree { path, leftover });
                if let Some(id) = id {
                    let payload = Payload {
                        id,
                        size: 0,
                        kind: PayloadKind::NotAFile,
                        is_cloud_only: false,
                    };
                    self.top_payload(part, payload);
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
            if id.is_none() && !belongs_at_top(&name) {
                let is_outside = names::shard_number(&name).is_none();
                part.strange(&path, metadata.len(), is_outside);
            }
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
            let payload = Payload {
                id,
                size: metadata.len(),
                kind,
                is_cloud_only: platform::is_cloud_only(&metadata),
            };
            self.top_payload(part, payload);
        }
    }

    /// An entry with a payload's name at the top: at home in a flat backup only.
    fn top_payload(&mut self, part: &mut Part<'_>, payload: Payload) {
        let Payload { id, size, kind, .. } = payload;
        if part.layout.format == Some(ManifestFormat::Mbdb) {
            self.flat.push(payload);
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
                if !(part.layout.moving && part.layout.format == Some(ManifestFormat::Mbdb)) {
                    part.astray(Some(id), size);
                }
                self.flat_in_snapshot.push(Payload {
                    id,
                    size,
                    kind: PayloadKind::File,
                    is_cloud_only: platform::is_cloud_only(&metadata),
                });
            }
        }
    }
}

/// Measures a folder without comparing it with anything: what tells whether it changed. Times after
/// `horizon` are ignored.
pub fn survey(folder: &Path, horizon: SystemTime) -> Inventory {
    let layout = Layout {
        format: None,
        moving: false,
        horizon,
        keep: 1,
    };
    let nothing = |_: Shard<'_>| Comparison::default();
    take(folder, layout, &Monitor::silent(), nothing).0
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
    part.tree(path, TreeKind::Leftover);
    part.into_inventory().usage.allocated
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::{Duration, SystemTime};

    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    /// A time that counts as now.
    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + DAY * 20_000
    }

    /// A folder with these files, each changed so many days before now.
    fn surveyed(files: &[(&str, i32)]) -> Inventory {
        let folder = tempfile::tempdir().unwrap();
        for (name, days) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, name).unwrap();
            let time = match u32::try_from(*days) {
                Ok(days) => now() - DAY * days,
                Err(_) => now() + DAY * days.unsigned_abs(),
            };
            let file = fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(time).unwrap();
        }
        survey(folder.path(), now() + DAY)
    }

    /// How many days before now the newest, the newest settled and the oldest change were.
    fn days(files: &[(&str, i32)]) -> [Option<i64>; 3] {
        let seen = surveyed(files);
        let [newest, settled, oldest] =
            [seen.newest_change, seen.settled_change, seen.oldest_change];
        [newest, settled, oldest]
            .map(|time| time.map(|time| 20_000 - time.as_second() / (24 * 60 * 60)))
    }

    #[test]
    fn times_of_changes() {
        let usual = ("0a/x", 30);
        assert_eq!(
            days(&[usual, ("Manifest.db", 20)]),
            [Some(20), Some(20), Some(30)]
        );
        // Who only looks changes these.
        let looked = [
            ("Info.plist", 1),
            ("Manifest.db-wal", 2),
            ("Manifest.db-shm", 3),
        ];
        for file in looked {
            assert_eq!(
                days(&[usual, file]),
                [Some(i64::from(file.1)), Some(30), Some(30)]
            );
        }
        // All of them may be the oldest.
        assert_eq!(
            days(&[usual, ("Info.plist", 40)]),
            [Some(30), Some(30), Some(40)]
        );
        for clutter in [
            ".DS_Store",
            "@eaDir/x/y",
            "0a/.Manifest.db.abcdef",
            "0a/@eaDir/x",
        ] {
            for day in [1, 99] {
                assert_eq!(days(&[usual, (clutter, day)]), [Some(30); 3], "{clutter}");
            }
        }
        // A wrong clock tells nothing.
        assert_eq!(days(&[usual, ("0a/y", -2)]), [Some(30); 3]);
        assert_eq!(days(&[("0a/y", -2)]), [None; 3]);
        assert_eq!(days(&[usual, ("0a/y", -1)]), [Some(-1), Some(-1), Some(30)]);
    }

    #[test]
    fn clutter_is_no_change_and_holds_nothing() {
        let folder = [("Manifest.db", 9), ("0a/x", 9)];
        let with = |more: &[(&str, i32)]| surveyed(&[&folder[..], more].concat());
        let seen = with(&[(".AppleDouble/Manifest.db", 1), ("x/@eaDir/Manifest.db", 1)]);
        assert!(!seen.holds_backup);
        assert_eq!(seen.usage.files, 4);
        assert!(with(&[("x/Manifest.db", 9)]).holds_backup);
        assert!(with(&[("0a/x.d/Manifest.db", 9)]).holds_backup);
        assert!(!with(&[("x.unback/Manifest.db", 9)]).holds_backup);
    }

    #[test]
    fn foreign_files_are_counted_wherever_they_lie() {
        let seen = surveyed(&[
            ("Manifest.db", 9),
            ("0a/0a00000000000000000000000000000000000000", 9),
            ("0a/notes", 9),
            ("0a/sub/more", 9),
            ("0a/sub/0a00000000000000000000000000000000000000", 9),
            ("readme", 9),
            ("mine/@eaDir/x", 9),
            ("mine/a", 9),
            ("Snapshot/0a/notes", 9),
            (".diary.backup", 9),
        ]);
        let places = |subjects: &crate::model::Subjects| subjects.first[0].place.clone();
        // The first by its place, of the one that is kept.
        assert_eq!((seen.foreign.count, seen.foreign.bytes), (5, 44));
        assert_eq!(places(&seen.foreign).as_deref(), Some(".diary.backup"));
        assert_eq!(seen.foreign_outside.count, 3);
    }
}
