//! What is done to a folder of backups: one change after the other, each to an entry that is there by then. A
//! change that the system refuses does nothing.

mod bytes;
mod entries;
mod lists;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::World;
use crate::support::Chance;

/// What a change needs.
struct Scene<'a> {
    root: &'a Path,
    outside: &'a super::Outside,
    /// What there is below the root, links not followed.
    entries: Vec<PathBuf>,
}

impl<'a> Scene<'a> {
    fn new(world: &'a World, root: &'a Path) -> Scene<'a> {
        let walk = WalkDir::new(root).min_depth(1).sort_by_file_name();
        let entries = walk.into_iter().flatten().map(walkdir::DirEntry::into_path);
        Scene {
            root,
            outside: &world.outside,
            entries: entries.collect(),
        }
    }

    fn any(&self, chance: &mut Chance) -> &Path {
        chance.pick::<PathBuf>(&self.entries)
    }

    /// A plain file that is not too long to be read.
    fn file(&self, chance: &mut Chance) -> &Path {
        let is_short = |path: &Path| {
            let facts = path.symlink_metadata();
            facts.is_ok_and(|facts| facts.is_file() && facts.len() < 1 << 22)
        };
        let found = (0..50)
            .map(|_| self.any(chance))
            .find(|path| is_short(path));
        found.unwrap_or(self.root)
    }

    /// An entry that may be changed: often one of those that Apple's software reads first. The places for
    /// backups stay, for a link in their place is followed.
    fn victim(&self, chance: &mut Chance) -> Option<&Path> {
        const METADATA: [&str; 7] = [
            "Info.plist",
            "Status.plist",
            "Manifest.plist",
            "Manifest.db",
            "Manifest.mbdb",
            "Snapshot",
            "Manifest.db-wal",
        ];
        let is = |path: &Path, names: &[&str]| names.iter().any(|name| path.ends_with(name));
        let mut able: Vec<&PathBuf> = self.entries.iter().collect();
        able.retain(|path| !is(path, &["MobileSync", "Backup"]));
        if chance.percent(50) {
            let mut first = able.clone();
            first.retain(|path| is(path, &METADATA));
            if !first.is_empty() {
                able = first;
            }
        }
        (!able.is_empty()).then(|| chance.pick(&able).as_path())
    }
}

/// Does something to an entry, or nothing where the system refuses; says what.
type Change = fn(&mut Chance, &Scene<'_>, &Path) -> std::io::Result<String>;

const CHANGES: &[Change] = &[
    bytes::flip,
    bytes::flip,
    bytes::cut,
    bytes::grow,
    bytes::empty,
    bytes::hollow,
    bytes::other_file,
    bytes::old_or_new,
    bytes::all_at_one_time,
    entries::exchange,
    entries::copy,
    entries::remove,
    entries::folder,
    entries::link,
    entries::link,
    entries::pipe,
    entries::socket,
    entries::rename,
    entries::move_into,
    entries::second_name,
    lists::plist,
    lists::plist,
    lists::plist,
    lists::sql,
    lists::sql,
];

/// Makes one to twelve changes; at last, of some, permissions are taken away.
pub fn make(chance: &mut Chance, world: &mut World) {
    let root = world.root();
    for _ in 0..chance.between(1, 12) {
        let change = *chance.pick(CHANGES);
        one(chance, world, &root, change);
    }
    if chance.percent(20) {
        world.is_closed = true;
        for _ in 0..chance.between(1, 3) {
            one(chance, world, &root, entries::close);
        }
    }
}

fn one(chance: &mut Chance, world: &mut World, root: &Path, change: Change) {
    let scene = Scene::new(world, root);
    let Some(victim) = scene.victim(chance) else {
        return;
    };
    let shown = victim.strip_prefix(root).unwrap().to_path_buf();
    if let Ok(words) = change(chance, &scene, victim) {
        world.done.push(format!("{words}: {shown:?}"));
    }
}

/// Gives back all permissions that were taken away.
pub fn open_again(root: &Path) {
    let give = |path: &Path, mode| {
        let _ = fs::set_permissions(path, fs::Permissions::from_mode(mode));
    };
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        give(&folder, 0o755);
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let is_folder = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
        folders.extend(entries.filter(is_folder).map(|entry| entry.path()));
    }
}
