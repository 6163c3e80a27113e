//! Measures a backup's folder in parallel: every file once, one task a shard folder. Hands the
//! payloads of each shard to a comparison and keeps none of them. Follows no link.

mod layout;
mod part;
mod shard_folder;
mod top_folder;
mod tree;

use std::path::Path;
use std::time::SystemTime;

use rayon::prelude::*;

use crate::model::progress::{Event, Monitor};
use crate::model::{Comparison, Inventory, Payload, PayloadKind, Subjects, Usage};

pub use layout::Layout;

use part::Part;
use top_folder::{TopEntries, flat_payloads};
use tree::TreeKind;

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
    let mut contents = TopEntries::default();
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
    let top_readable = top.denied.places.count == 0;
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
                // Nothing to compare them with.
                None => Comparison {
                    unlisted: files_and_bytes(&payloads),
                    ..Comparison::default()
                },
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
        comparison.append(of_shard);
        top.absorb(part);
    }
    if layout.format.is_some() {
        comparison
            .misplaced
            .append(std::mem::take(&mut top.misplaced));
        comparison.strays.append(std::mem::take(&mut top.strays));
    }
    let (files, bytes) = &mut comparison.unlisted;
    *files += top.unlisted.0;
    *bytes = bytes.saturating_add(top.unlisted.1);
    (top.into_inventory(), comparison)
}

fn files_and_bytes(payloads: &[Payload]) -> (u64, u64) {
    let files = payloads.iter();
    let files = files.filter(|payload| payload.kind == PayloadKind::File);
    files.fold((0, 0), |(files, bytes): (u64, u64), payload| {
        (files + 1, bytes.saturating_add(payload.size))
    })
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

/// The files in a backup's folder that are no part of it, so many of them by name.
pub fn foreign(folder: &Path, most: usize) -> Subjects {
    let layout = Layout {
        format: None,
        moving: false,
        horizon: SystemTime::UNIX_EPOCH,
        keep: most,
    };
    let nothing = |_: Shard<'_>| Comparison::default();
    take(folder, layout, &Monitor::silent(), nothing).0.foreign
}

/// Measures everything at `path` as no backup: a file, or a folder with all that is in it.
pub fn anything(path: &Path) -> Inventory {
    let layout = Layout {
        format: None,
        moving: false,
        horizon: SystemTime::UNIX_EPOCH,
        keep: 0,
    };
    let mut part = Part::new(layout, path);
    part.tree(path, TreeKind::Leftover);
    part.into_inventory()
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
    fn what_lies_at_the_top_is_kept_for_whoever_judges() {
        use crate::model::EntryKind;

        let seen = surveyed(&[
            ("Manifest.db", 9),
            ("0a/0a00000000000000000000000000000000000000", 9),
            (&format!("0b{:038}", 0), 9),
            ("mine/a", 9),
        ]);
        let top = seen
            .top
            .iter()
            .map(|entry| (entry.name.as_str(), entry.kind, entry.bytes));
        let top: Vec<_> = top.collect();
        let expected = [
            ("Manifest.db", EntryKind::File, 11),
            ("mine", EntryKind::Folder, 0),
        ];
        assert_eq!(top, expected);
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
        let places = |subjects: &Subjects| subjects.first[0].place.clone();
        // The first by its place, of the one that is kept.
        assert_eq!((seen.foreign.count, seen.foreign.bytes), (5, 44));
        assert_eq!(places(&seen.foreign).as_deref(), Some(".diary.backup"));
        assert_eq!(seen.foreign_outside.count, 3);
    }
}
