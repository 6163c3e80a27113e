//! Pairs of backups made by chance against a second, slower way to tell what is held: sets of plain tuples,
//! made from what the builder is given.

use std::collections::BTreeMap;
use std::path::Path;

use bkscan::crypto::keyring::Keyring;
use bkscan::model::Udid;
use bkscan::model::options::ScanOptions;
use bkscan::model::progress::Monitor;
use bkscan::model::secret::Password;
use bkscan::model::sources::{NoPassword, Passwords};
use bkscan::scan::pair::{self, Depth};

use crate::harness::NOW;
use crate::support::{BackupBuilder, Chance, Row, empty_folder, file_id, tree_digest};

/// A group, the domain of its files and the folder that they lie in.
const PLACES: [(&str, &str, &str); 5] = [
    ("Photos", "CameraRollDomain", "Media/DCIM/100APPLE"),
    ("Voice Memos", MEMOS, "Recordings"),
    ("Messages", "MediaDomain", "Library/SMS/Attachments/0a"),
    ("Files", FILES, "File Provider Storage"),
    ("WhatsApp", WHATSAPP, "Message/Media/1"),
];
const MEMOS: &str = "AppDomainGroup-group.com.apple.VoiceMemos.shared";
const FILES: &str = "AppDomainGroup-group.com.apple.FileProvider.LocalStorage";
const WHATSAPP: &str = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared";

/// A file as the builder is told.
#[derive(Clone, Debug, PartialEq)]
struct File {
    place: usize,
    name: u64,
    size: u64,
    born: i64,
    modified: i64,
    /// Its length on the disk where that is not the usual one.
    cut: Option<u64>,
    is_missing: bool,
}

impl File {
    fn any(chance: &mut Chance) -> File {
        let born = 1_500_000_000 + i64::try_from(chance.below(1000)).unwrap();
        File {
            place: chance.below(PLACES.len()),
            name: chance.number() % 10_000,
            size: 1 + chance.number() % 200,
            born,
            modified: born + i64::try_from(chance.below(3)).unwrap(),
            cut: None,
            is_missing: false,
        }
    }

    fn path(&self) -> String {
        format!("{}/{:04}.bin", PLACES[self.place].2, self.name)
    }

    fn id(&self) -> String {
        file_id(PLACES[self.place].1, &self.path())
    }

    /// The length of its payload; nothing where that holds nothing.
    fn stored(&self, encrypted: bool) -> Option<u64> {
        let padded = (self.size / 16 + 1) * 16;
        let whole = if encrypted { padded } else { self.size };
        let stored = self.cut.unwrap_or(whole);
        let least = if encrypted && self.size >= 16 { 17 } else { 1 };
        (!self.is_missing && stored >= least).then_some(stored)
    }
}

/// What happens to a file from one backup to the next.
fn changed(file: &File, chance: &mut Chance) -> Option<File> {
    let mut file = file.clone();
    match chance.below(12) {
        0 => return None,
        1 => file.name = chance.number() % 10_000,
        2 => {
            file.size += 1 + chance.number() % 40;
            file.modified += 77;
        }
        3 => file.modified += 5,
        4 => file.cut = Some(chance.number() % 17),
        5 => file.cut = Some(0),
        6 => file.is_missing = true,
        7 => {
            file.name = chance.number() % 10_000;
            file.modified += 9;
        }
        _ => {}
    }
    Some(file)
}

/// What kind of backup it is.
#[derive(Clone, Copy, Debug)]
struct Kind {
    encrypted: bool,
    mbdb: bool,
}

/// Files by their ids: one of each.
type Files = BTreeMap<String, File>;

fn by_id(files: impl IntoIterator<Item = File>) -> Files {
    files.into_iter().map(|file| (file.id(), file)).collect()
}

fn write(files: &Files, kind: Kind, date: &str, name: &str, world: &Path) -> std::path::PathBuf {
    let builder = BackupBuilder::new("00008130-000A1C2E3F40801E").bare();
    let mut builder = builder.folder_name(name).no_empty_shards().date(date);
    if kind.mbdb {
        builder = builder.mbdb();
    }
    if kind.encrypted {
        builder = builder.encrypted_with("secret");
    }
    let bytes = |byte, length: u64| vec![byte; usize::try_from(length).unwrap()];
    for file in files.values() {
        let (_, domain, _) = PLACES[file.place];
        let row = Row::file(domain, &file.path(), &bytes(7, file.size));
        builder = builder.add(row.born(file.born).modified(file.modified));
        if file.is_missing {
            builder = builder.remove_payload(domain, &file.path());
        } else if let Some(length) = file.cut {
            builder = builder.payload(domain, &file.path(), bytes(9, length));
        }
    }
    builder.write(world)
}

/// Whether `new` may hold `old`, by the words of the contract.
fn may_hold(old: &File, new: &File, kinds: [Kind; 2]) -> bool {
    let stored = old.stored(kinds[0].encrypted);
    let Some(other) = new.stored(kinds[1].encrypted) else {
        return false;
    };
    let same_id = old.id() == new.id();
    let mut as_recorded = new.clone();
    as_recorded.cut = None;
    let is_exact = Some(other) == as_recorded.stored(kinds[1].encrypted);
    let same_time = old.born == new.born || old.modified == new.modified;
    let by_size = old.size == new.size && (same_time || same_id) && is_exact;
    let by_length = same_id && stored == Some(other);
    // What is edited has at least half of its bytes left.
    let [content, other_content] = [old, new].map(|file| file.cut.unwrap_or(file.size));
    let is_edited = same_id && PLACES[old.place].0 != "Photos" && other_content * 2 >= content;
    by_size || by_length || is_edited
}

/// How many of `old` find one of their own in `new`: as many as can at once.
fn most_held(old: &[&File], new: &[&File], kinds: [Kind; 2]) -> usize {
    type Taken<'a> = &'a mut [Option<usize>];
    fn place(at: usize, edges: &[Vec<usize>], seen: &mut [bool], taken: Taken<'_>) -> bool {
        for &other in &edges[at] {
            if !std::mem::replace(&mut seen[other], true) {
                let owner = taken[other];
                if owner.is_none_or(|owner| place(owner, edges, seen, taken)) {
                    taken[other] = Some(at);
                    return true;
                }
            }
        }
        false
    }
    let edges = old.iter().map(|file| {
        let all = 0..new.len();
        all.filter(|at| may_hold(file, new[*at], kinds)).collect()
    });
    let edges: Vec<Vec<usize>> = edges.collect();
    let mut taken = vec![None; new.len()];
    let mut is_placed = |at: &usize| place(*at, &edges, &mut vec![false; new.len()], &mut taken);
    (0..old.len()).filter(|at| is_placed(at)).count()
}

/// By group: only in the old one, in both, only in the new one.
type Counts = BTreeMap<&'static str, (u64, u64, u64)>;

fn expected(old: &Files, new: &Files, kinds: [Kind; 2]) -> Counts {
    fn of(files: &Files, kind: Kind, place: usize) -> Vec<&File> {
        let is_there = |file: &&File| file.place == place && file.stored(kind.encrypted).is_some();
        files.values().filter(is_there).collect()
    }
    let mut counts = Counts::new();
    for (at, (group, ..)) in PLACES.iter().enumerate() {
        let (of_old, of_new) = (of(old, kinds[0], at), of(new, kinds[1], at));
        let held = most_held(&of_old, &of_new, kinds);
        let counted = [of_old.len() - held, held, of_new.len() - held];
        let [old, both, new] = counted.map(|count| u64::try_from(count).unwrap());
        if counted != [0, 0, 0] {
            counts.insert(group, (old, both, new));
        }
    }
    counts
}

struct Secret;

impl Passwords for Secret {
    fn password(&self, _: Option<&Udid>) -> Result<Option<Password>, NoPassword> {
        Ok(Some(Password::new(b"secret".to_vec())))
    }
}

/// Bytes of all keepsakes of a backup.
fn bytes(files: &Files, kind: Kind) -> u64 {
    let stored = files.values().map(|file| file.stored(kind.encrypted));
    stored.flatten().sum()
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn pairs_made_by_chance_are_told_as_by_a_second_way() {
    let (mut held, mut lost, mut covered) = (0, 0, 0);
    for seed in 0..80 {
        let mut chance = Chance::new(seed);
        let kinds = [(); 2].map(|()| Kind {
            encrypted: chance.percent(40),
            mbdb: chance.percent(25),
        });
        let count = chance.between(1, 30);
        let old = by_id((0..count).map(|_| File::any(&mut chance)));
        // Now and then nothing happened but that files came.
        let is_calm = chance.percent(20);
        let stays = |file: &File| match is_calm {
            true => Some(file.clone()),
            false => changed(file, &mut chance),
        };
        let mut new: Vec<File> = old.values().filter_map(stays).collect();
        let more = chance.below(6);
        new.extend((0..more).map(|_| File::any(&mut chance)));
        // What came last would take the place of what was there.
        new.reverse();
        let new = by_id(new);
        let world = empty_folder();
        let paths = [
            write(&old, kinds[0], "2024-05-01T10:00:00Z", "old", world.path()),
            write(&new, kinds[1], "2025-05-01T10:00:00Z", "new", world.path()),
        ];
        let before = tree_digest(world.path());
        let config = ScanOptions::new(vec![], NOW.parse().unwrap());
        let keyring = Keyring::new(Some(&Secret));
        let (list, contents) = (true, true);
        let depth = Depth { list, contents };
        let pair = [paths[0].as_path(), paths[1].as_path()];
        let compared = pair::compare(&config, pair, depth, &keyring, &Monitor::silent());
        let diff = compared.unwrap().unwrap().diff;
        assert_eq!(tree_digest(world.path()), before, "seed {seed}");
        let told = diff.groups.iter().map(|group| {
            let sums = [group.only_old, group.both, group.only_new];
            let [old, both, new] = sums.map(|sum| sum.files);
            (group.group.name(), (old, both, new))
        });
        let wanted = expected(&old, &new, kinds);
        let told: Counts = told.collect();
        assert_eq!(told, wanted, "seed {seed}: {kinds:?}\n{old:#?}\n{new:#?}");
        let is_held = wanted.values().all(|(only_old, ..)| *only_old == 0);
        let contents = diff.contents.as_ref();
        let is_lost = contents.is_some_and(|contents| contents.lost.files > 0);
        assert_eq!(diff.covers, Some(is_held && !is_lost), "seed {seed}");
        let groups = diff.groups.iter();
        let bytes_of_old = groups.map(|group| group.only_old.bytes + group.both.bytes);
        let of_old: u64 = bytes_of_old.sum();
        assert_eq!(of_old, bytes(&old, kinds[0]), "seed {seed}");
        // Each file that is only in one of them is named, by a name that was given to the builder.
        let named = diff.files.unwrap();
        let kinds = named.iter().map(|file| file.kind.as_str());
        let only = kinds.filter(|kind| kind.starts_with("only"));
        let all: u64 = wanted.values().map(|(old, _, new)| old + new).sum();
        assert_eq!(u64::try_from(only.count()).unwrap(), all, "seed {seed}");
        for file in &named {
            let (domain, path) = (file.domain.as_deref(), file.path.as_deref());
            let id = file_id(domain.unwrap(), path.unwrap());
            let is_known = old.contains_key(&id) || new.contains_key(&id);
            assert!(is_known, "seed {seed}: {path:?}");
        }
        held += wanted.values().map(|(_, both, _)| both).sum::<u64>();
        lost += wanted.values().map(|(old, ..)| old).sum::<u64>();
        covered += u32::from(is_held);
    }
    // Chance made enough of each.
    let is_enough = held > 300 && lost > 80 && covered > 5;
    assert!(is_enough, "{held} {lost} {covered}");
}
