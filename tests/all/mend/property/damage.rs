//! A healthy backup made by chance, and what is done to it.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use plist::Value;

use crate::mend::list::{List, Row, dictionary, read};
use crate::mend::scene::{ALL, Era, Scene, usual};
use crate::support::{BackupBuilder, Chance};

/// A backup to which something was done.
pub struct Damaged {
    pub scene: Scene,
    /// All that its lists said before.
    pub known: Vec<Row>,
    /// Where the payloads of its list lay, and what they were.
    payloads: Vec<(Row, PathBuf, Vec<u8>)>,
    /// Whether the bytes of a list were changed.
    pub is_list_changed: bool,
    /// What was done to it, in words.
    pub done: Vec<String>,
}

impl Damaged {
    /// Those that are as they were, where they were.
    pub fn whole(&self) -> impl Iterator<Item = (&Row, &PathBuf)> {
        let is_whole = |(_, place, bytes): &&(Row, PathBuf, Vec<u8>)| {
            let is_file = place.symlink_metadata().is_ok_and(|kind| kind.is_file());
            is_file && fs::read(place).is_ok_and(|is| is == *bytes)
        };
        self.payloads
            .iter()
            .filter(is_whole)
            .map(|(row, place, _)| (row, place))
    }
}

pub fn make(chance: &mut Chance) -> Damaged {
    let era = *chance.pick(ALL);
    let (builder, mut done) = healthy(chance, era);
    let scene = Scene::of(era, builder);
    let lists = [scene.backup.clone(), scene.backup.join("Snapshot")];
    let lists = lists.map(|folder| read(&folder, era.password()).ok());
    let payloads = lists[0].iter().flat_map(|list| payloads(&scene, list));
    let mut damaged = Damaged {
        payloads: payloads.collect(),
        known: lists
            .into_iter()
            .flatten()
            .flat_map(|list| list.rows)
            .collect(),
        is_list_changed: false,
        scene,
        done: Vec::new(),
    };
    for _ in 0..chance.between(1, 8) {
        let share = chance.below(100);
        let change = match share {
            0..65 => payload(chance, &damaged),
            65..90 => plist(chance, &damaged),
            _ => list(chance, &mut damaged),
        };
        done.extend(change);
    }
    damaged.done = done;
    damaged
}

fn payloads(scene: &Scene, list: &List) -> Vec<(Row, PathBuf, Vec<u8>)> {
    let required = list.rows.iter().filter(|row| row.is_required);
    let with_bytes = |row: &Row| {
        let place = scene.backup.join(list.place(row));
        let bytes = fs::read(&place).expect("a payload of a healthy backup");
        (row.clone(), place, bytes)
    };
    required.map(with_bytes).collect()
}

fn healthy(chance: &mut Chance, era: Era) -> (BackupBuilder, Vec<String>) {
    let mut done = Vec::new();
    let mut builder = usual();
    if chance.percent(60) {
        builder = builder.bare();
    }
    builder = with_files(chance, builder);
    if chance.percent(25) {
        let state = *chance.pick(&["uploading", "moving", "removing", "finished"]);
        let later = with_files(chance, usual().date("2024-06-01T10:00:00Z"));
        builder = builder.snapshot_state(state).snapshot(era.of(later));
        done.push(format!("a later run had come to the state {state}"));
    }
    (builder, done)
}

fn with_files(chance: &mut Chance, mut builder: BackupBuilder) -> BackupBuilder {
    let domains = [
        "HomeDomain",
        "CameraRollDomain",
        "MediaDomain",
        "AppDomain-net.example.app",
    ];
    for number in 0..chance.between(3, 12) {
        let domain = *chance.pick(&domains);
        let length = chance.below(3000);
        let path = match domain {
            "CameraRollDomain" => format!("Media/DCIM/100APPLE/IMG_{number:04}.JPG"),
            _ => format!("Library/{number}.bin"),
        };
        builder = builder.file(domain, &path, &chance.bytes(length));
    }
    builder
}

/// Does something to one payload, or to one of ten of them.
fn payload(chance: &mut Chance, damaged: &Damaged) -> Option<String> {
    let way = chance.below(12);
    let victims: Vec<&PathBuf> = match chance.percent(20) {
        true => {
            let places = damaged.payloads.iter().map(|(_, place, _)| place);
            places.filter(|_| chance.percent(10)).collect()
        }
        false => vec![&chance.pick(&damaged.payloads).1],
    };
    let mut words = format!("way {way}:");
    for place in victims {
        if one_payload(chance, damaged, way, place).is_some() {
            words = format!("{words} {}", place.file_name()?.to_str()?);
        }
    }
    Some(words)
}

fn one_payload(chance: &mut Chance, damaged: &Damaged, way: usize, place: &PathBuf) -> Option<()> {
    let backup = &damaged.scene.backup;
    let name = place.file_name()?.to_str()?.to_owned();
    let mut bytes = fs::read(place).ok()?;
    match way {
        0 | 1 => fs::remove_file(place),
        2 => fs::write(place, ""),
        3 => fs::write(place, &bytes[..chance.below(bytes.len() + 1)]),
        4 => {
            let at = chance.below(bytes.len().max(1));
            *bytes.get_mut(at)? ^= 1;
            fs::write(place, bytes)
        }
        5 => {
            let count = chance.below(100);
            bytes.extend(chance.bytes(count));
            fs::write(place, bytes)
        }
        6 => fs::remove_file(place).and_then(|()| fs::create_dir(place)),
        7 => fs::remove_file(place).and_then(|()| symlink("/etc/passwd", place)),
        8 => fs::rename(place, backup.join(&name)),
        9 => {
            let shard = backup.join(*chance.pick(&["00", "7f", "ff"]));
            fs::create_dir_all(&shard).and_then(|()| fs::rename(place, shard.join(&name)))
        }
        10 => {
            let ending = *chance.pick(&[".jpg", " (1)", ".bak"]);
            fs::rename(place, place.with_file_name(format!("{name}{ending}")))
        }
        _ => {
            let placeholder = place.with_file_name(format!(".{name}.icloud"));
            fs::rename(place, placeholder)
        }
    }
    .ok()
}

/// Does something to a plist.
fn plist(chance: &mut Chance, damaged: &Damaged) -> Option<String> {
    let name = *chance.pick(&[
        "Status.plist",
        "Status.plist",
        "Info.plist",
        "Manifest.plist",
    ]);
    let path = damaged.scene.backup.join(name);
    let done = match chance.below(6) {
        0 | 1 => fs::remove_file(path),
        2 => fs::write(path, ""),
        3 => fs::write(path, chance.bytes(200)),
        4 => {
            let mut bytes = fs::read(&path).ok()?;
            let at = chance.below(bytes.len().max(1));
            *bytes.get_mut(at)? ^= 1 << chance.below(8);
            fs::write(path, bytes)
        }
        _ => {
            let mut list = dictionary(&path).ok()?;
            let keys: Vec<String> = list.keys().cloned().collect();
            let key = chance.pick(&keys).clone();
            list.remove(&key);
            Value::Dictionary(list)
                .to_writer_binary(File::create(path).ok()?)
                .ok()?;
            return Some(format!("no {key} in {name}"));
        }
    };
    done.ok().map(|()| format!("another {name}"))
}

/// Does something to the list.
fn list(chance: &mut Chance, damaged: &mut Damaged) -> Option<String> {
    let name = match damaged.scene.era.is_old() {
        true => "Manifest.mbdb",
        false => "Manifest.db",
    };
    let path = damaged.scene.backup.join(name);
    let mut bytes = fs::read(&path).ok()?;
    damaged.is_list_changed = true;
    match chance.below(5) {
        0 => fs::remove_file(&path).ok()?,
        1 => {
            bytes.truncate(chance.below(bytes.len().max(1)));
            fs::write(&path, bytes).ok()?;
        }
        2 => {
            for _ in 0..chance.between(1, 20) {
                let at = chance.below(bytes.len().max(1));
                *bytes.get_mut(at)? ^= 1 << chance.below(8);
            }
            fs::write(&path, bytes).ok()?;
        }
        3 if !damaged.scene.era.is_old() && bytes.len() > 8192 => {
            let page = chance.below(bytes.len() / 4096);
            bytes[page * 4096..(page + 1) * 4096].fill(0);
            fs::write(&path, bytes).ok()?;
        }
        _ => {
            let beside = damaged.scene.backup.join("Manifest.mbdb");
            let aside = damaged.scene.backup.join("Manifest.db");
            let (from, to) = if path == beside {
                (beside, aside)
            } else {
                (aside, beside)
            };
            fs::rename(from, to).ok()?;
        }
    }
    Some(format!("another {name}"))
}
