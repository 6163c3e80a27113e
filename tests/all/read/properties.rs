//! Ten thousand inputs and more for each reader: made as devices make them, then altered, cut and
//! mixed up, and noise. What must hold of any bytes is said in [`readers`](crate::read::readers).

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use bkscan::model::PlistFile;
use bkscan::read::mbfile::{self, Decoder};
use bkscan::read::plist as guarded;
use bkscan::read::plist::Refused;
use plist::{Dictionary, Uid, Value};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestRunner};
use rayon::prelude::*;

use crate::read::readers::{
    check_keybag, decode_after_others, decode_blob, read_database, read_info, read_manifest_plist,
    read_mbdb, read_status,
};
use crate::support::{BackupBuilder, DigestForm, Row, binary_list, empty_folder};

/// How many cases each run of the tests looks at, and how many `.ci/run` does.
const FEW: u32 = 250;
const ALL: u32 = 10_000;

in_two_sizes! {
    any_info_plist_is_read_or_named: FEW, ALL;
    any_status_plist_is_read_or_named: FEW, ALL;
    any_manifest_plist_is_read_or_named: FEW, ALL;
    any_mbdb_is_read_or_named: FEW, ALL;
    any_keybag_is_sound_or_named: FEW, ALL;
    any_database_is_read_or_named: FEW, ALL;
    what_is_wanted_of_any_list_is_what_the_crate_reads: FEW, ALL / 2;
    both_readers_of_records_agree_on_generated_ones: 2_000, 100_000;
    both_readers_of_records_agree_on_altered_ones: 10_000, 1_000_000;
    records_are_decoded_as_if_none_came_before: 50_000, 1_000_000;
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        // The same cases every time.
        rng_seed: RngSeed::Fixed(20_261_122),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// One alteration of a file.
#[derive(Clone, Debug)]
enum Change {
    Set(Index, u8),
    Flip(Index, u8),
    /// A number of this many bytes, as lengths and offsets are.
    Number(Index, usize, u64),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Copy(Index, Index, usize),
    Cut(Index),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let len = bytes.len();
        if len == 0 {
            return;
        }
        // This many bytes from there on, as far as there are any.
        let range = |at: &Index, many: usize| at.index(len)..(at.index(len) + many).min(len);
        match self {
            Change::Set(at, byte) => bytes[at.index(len)] = *byte,
            Change::Flip(at, bit) => bytes[at.index(len)] ^= 1 << bit,
            Change::Number(at, width, number) => {
                let range = range(at, *width);
                let number = &number.to_be_bytes()[8 - range.len()..];
                bytes[range].copy_from_slice(number);
            }
            Change::Insert(at, more) => {
                let at = at.index(len + 1);
                bytes.splice(at..at, more.iter().copied());
            }
            Change::Remove(at, many) => drop(bytes.drain(range(at, *many))),
            Change::Copy(from, to, many) => {
                let part = bytes[range(from, *many)].to_vec();
                bytes.splice(range(to, part.len()), part);
            }
            Change::Cut(at) => bytes.truncate(at.index(len)),
        }
    }
}

fn any_change() -> impl Strategy<Value = Change> {
    let ends = vec![0, 1, 0xff, 0xffff, 0xffff_ffff, 1 << 31, 1 << 63, u64::MAX];
    let number = prop_oneof![prop::sample::select(ends), 0..300_u64, any::<u64>()];
    let some = prop::collection::vec(any::<u8>(), 0..40);
    let index = any::<Index>;
    prop_oneof![
        3 => (index(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        3 => (index(), 0..8_u8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        3 => (index(), 1..9_usize, number)
            .prop_map(|(at, width, number)| Change::Number(at, width, number)),
        1 => (index(), some).prop_map(|(at, more)| Change::Insert(at, more)),
        1 => (index(), 1..200_usize).prop_map(|(at, len)| Change::Remove(at, len)),
        1 => (index(), index(), 1..200_usize)
            .prop_map(|(from, to, len)| Change::Copy(from, to, len)),
        1 => index().prop_map(Change::Cut),
    ]
}

fn altered(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        change.apply(&mut bytes);
    }
    bytes
}

/// One of these files, altered a little; or noise, at times with the `magic` of such a file.
fn any_bytes(files: &'static [Vec<u8>], magic: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec(any_change(), 0..6);
    let file = (prop::sample::select(files), changes);
    let noise = (any::<bool>(), prop::collection::vec(any::<u8>(), 0..300));
    prop_oneof![
        8 => file.prop_map(|(file, changes)| altered(file, &changes)),
        2 => noise.prop_map(move |(headed, noise)| match headed {
            true => [magic, &noise].concat(),
            false => noise,
        }),
    ]
}

/// Backups of several kinds, whose files the alterations begin with.
fn backups() -> Vec<BackupBuilder> {
    use DigestForm::{Inline, None, NsData, UidData};
    const UDID: &str = "00008130-000A1C2E3F40801E";
    let small = || {
        let mut builder = BackupBuilder::new(UDID).bare();
        for (number, form) in [None, Inline, UidData, NsData].into_iter().enumerate() {
            let path = format!("Media/DCIM/{number}.JPG");
            builder = builder.add(Row::file("CameraRollDomain", &path, &[7; 100]).digest(form));
        }
        builder.add(Row::file("HomeDomain", "Library/K\u{fc}che", b"x").extended_attributes())
    };
    let link = Row::symlink("HomeDomain", "link", "a");
    let with_apps = BackupBuilder::new(UDID).info(|info| {
        let metadata = Dictionary::from_iter([("itemName", Value::from("App"))]);
        let metadata = Value::Data(binary(&metadata.into()));
        let app = Dictionary::from_iter([("iTunesMetadata", metadata)]);
        let apps = Dictionary::from_iter([("com.example.app", Value::from(app))]);
        info.insert("Applications".to_owned(), apps.into());
    });
    vec![
        small(),
        small().encrypted(),
        small().encrypted_ios10_0(),
        small().mbdb().add(link),
        small().mbdb().encrypted(),
        with_apps,
    ]
}

/// The files of that name in all these backups.
fn files_named(name: &str) -> Vec<Vec<u8>> {
    static WORLD: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
        let world = empty_folder();
        for (number, builder) in backups().into_iter().enumerate() {
            builder.folder_name(&number.to_string()).write(world.path());
        }
        world
    });
    let folders = fs::read_dir(WORLD.path()).unwrap();
    let paths = folders.map(|entry| entry.unwrap().path().join(name));
    let mut paths: Vec<_> = paths.collect();
    paths.sort();
    let files: Vec<_> = paths.iter().flat_map(fs::read).collect();
    assert!(!files.is_empty());
    files
}

/// Property lists in both encodings.
fn lists_named(name: &str) -> Vec<Vec<u8>> {
    let files = files_named(name).into_iter().flat_map(|bytes| {
        let value = Value::from_reader(std::io::Cursor::new(bytes)).unwrap();
        [binary(&value), xml(&value)]
    });
    files.collect()
}

fn binary(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.to_writer_binary(&mut bytes).unwrap();
    bytes
}

fn xml(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    value.to_writer_xml(&mut bytes).unwrap();
    bytes
}

static INFO: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| lists_named("Info.plist"));
static STATUS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| lists_named("Status.plist"));
static MANIFEST: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| lists_named("Manifest.plist"));
static MBDB: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| files_named("Manifest.mbdb"));

static KEYBAGS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let keybags = MANIFEST.iter().map(|bytes| {
        let list = guarded::parse(bytes, &[&["BackupKeyBag"]]).unwrap();
        list["BackupKeyBag"].as_data().unwrap().to_vec()
    });
    keybags.collect()
});

static BLOBS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = empty_folder();
    let mut blobs = Vec::new();
    for bytes in files_named("Manifest.db") {
        let path = folder.path().join("Manifest.db");
        fs::write(&path, bytes).unwrap();
        // An encrypted one is no database.
        let Ok(database) = rusqlite::Connection::open(&path) else {
            continue;
        };
        let Ok(mut rows) = database.prepare("SELECT file FROM Files WHERE file IS NOT NULL") else {
            continue;
        };
        let rows = rows.query_map([], |row| row.get(0)).unwrap();
        blobs.extend(rows.map(|blob| -> Vec<u8> { blob.unwrap() }));
    }
    blobs.retain(|blob| mbfile::borrowed(blob).is_some());
    blobs.sort();
    blobs.dedup();
    assert!(blobs.len() > 10);
    blobs
});

/// Small databases: one page holds hundreds of the rows of the others.
static DATABASES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = empty_folder();
    let made = [512, 1024].map(|page_size| {
        let path = folder.path().join(page_size.to_string());
        let database = rusqlite::Connection::open(&path).unwrap();
        let tables = format!(
            "PRAGMA page_size = {page_size};
             CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT,
                                 flags INTEGER, file BLOB);
             CREATE INDEX FilesDomainIdx ON Files(domain);
             CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB);"
        );
        database.execute_batch(&tables).unwrap();
        for (number, blob) in BLOBS.iter().take(6).enumerate() {
            let path = format!("path {number}");
            let id = crate::support::file_id("HomeDomain", &path);
            let row = (id, "HomeDomain", path, 1 << (number % 3), blob);
            let insert = "INSERT INTO Files VALUES (?1, ?2, ?3, ?4, ?5)";
            database.execute(insert, row).unwrap();
        }
        drop(database);
        fs::read(path).unwrap()
    });
    made.into()
});

/// The keys that are looked at, and others, one of them empty.
static KEYS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let keys = "Device Name,Display Name,Product Type,Unique Identifier,Last Backup Date,\
                Installed Applications,Applications,iTunesMetadata,itemName,Version,BackupState,\
                SnapshotState,Date,IsEncrypted,ManifestKey,BackupKeyBag,Lockdown,DeviceName,$top,\
                $objects,root,Size,Digest,Flags,NS.data,,K\u{fc}che <&> \u{1f600}";
    keys.split(',').collect()
});

/// A quick sequence that looks random and is the same each time.
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.number() % limit as u64).unwrap()
    }

    fn bytes(&mut self, limit: usize) -> Vec<u8> {
        let len = self.below(limit);
        (0..len).map(|_| self.below(256) as u8).collect()
    }

    fn leaf(&mut self) -> Value {
        match self.below(12) {
            0..=2 => KEYS[self.below(KEYS.len())].into(),
            3 => "A".repeat(self.below(400)).into(),
            // All years that XML can write, and Windows hold.
            4 | 5 => {
                let first = if cfg!(windows) {
                    -11_600_000_000
                } else {
                    -62_000_000_000
                };
                let second = self.number() % 300_000_000_000;
                let second = i64::try_from(second).unwrap() + first;
                let time = jiff::Timestamp::from_second(second.min(250_000_000_000)).unwrap();
                Value::Date(std::time::SystemTime::from(time).into())
            }
            6 => (self.below(2) == 0).into(),
            7 => self.number().into(),
            8 => (self.number() as i64 >> self.below(64)).into(),
            9 => (self.number() as f64 / 7.0).into(),
            10 => Value::Data(vec![self.below(256) as u8; 20]),
            _ => Value::Data(self.bytes(40)),
        }
    }

    /// A value that is nested at most this deep.
    fn value(&mut self, depth: usize) -> Value {
        match self.below(8) {
            0 if depth > 0 => {
                let len = self.below(5);
                Value::Array((0..len).map(|_| self.value(depth - 1)).collect())
            }
            1 | 2 if depth > 0 => self.dictionary(depth - 1).into(),
            _ => self.leaf(),
        }
    }

    fn dictionary(&mut self, depth: usize) -> Dictionary {
        let len = self.below(7);
        let mut pair = || (KEYS[self.below(KEYS.len())].to_owned(), self.value(depth));
        (0..len).map(|_| pair()).collect()
    }

    /// An archive as devices write them, or nearly so.
    fn archive(&mut self) -> Vec<u8> {
        let mut objects: Vec<Value> = vec!["$null".into()];
        for _ in 0..self.below(4) {
            objects.push(match self.below(3) {
                0 => Dictionary::from_iter([("NS.data", self.reference())]).into(),
                1 => Value::Data(vec![9; 20]),
                _ => self.value(2),
            });
        }
        let mut root = Dictionary::new();
        for key in ["Size", "Flags", "Digest", "Mode", "RelativePath"] {
            if self.below(5) > 0 {
                root.insert(key.to_owned(), self.reference());
            }
        }
        let at = self.below(objects.len()) + 1;
        objects.insert(at, root.clone().into());
        let root = match self.below(10) {
            0 => root.into(),
            1 => self.reference(),
            _ => Value::Uid(Uid::new(at as u64)),
        };
        let top = Dictionary::from_iter([("root", root)]);
        let archive = Dictionary::from_iter([
            ("$version", Value::from(100_000)),
            ("$archiver", "NSKeyedArchiver".into()),
            ("$top", top.into()),
            ("$objects", Value::Array(objects)),
        ]);
        binary(&archive.into())
    }

    /// A value, or a reference to one that may be there.
    fn reference(&mut self) -> Value {
        match self.below(2) {
            0 => Value::Uid(Uid::new(self.below(6) as u64)),
            _ => self.leaf(),
        }
    }

    /// An archive whose root has the same keys as that of any other, and other values.
    fn alike(&mut self) -> Vec<u8> {
        let mut root = Dictionary::new();
        for key in ["Size", "RelativePath", "Birth", "Digest", "EncryptionKey"] {
            let value = match self.below(3) {
                0 => self.reference(),
                1 => Value::Uid(Uid::new(self.below(8) as u64)),
                _ => (self.number() as i64 >> self.below(64)).into(),
            };
            root.insert(key.to_owned(), value);
        }
        let wrapped = |inner: Value| Dictionary::from_iter([("NS.data", inner)]).into();
        let class = u32::try_from(self.below(12)).unwrap().to_le_bytes();
        let sealed = [&class[..], &[self.below(256) as u8; 40]].concat();
        let objects = vec![
            "$null".into(),
            root.into(),
            Value::Data(self.bytes(22)),
            wrapped(Value::Data(sealed)),
            self.value(1),
            wrapped(self.reference()),
        ];
        let top = Dictionary::from_iter([("root", Value::Uid(Uid::new(1)))]);
        let archive = Dictionary::from_iter([
            ("$top", Value::from(top)),
            ("$objects", Value::Array(objects)),
        ]);
        binary(&archive.into())
    }

    /// The next of a series of blobs, of which many are laid out as one before, or nearly so. `last`: the
    /// last ones that were not changed.
    fn next_of_series(&mut self, last: &mut Vec<Vec<u8>>) -> Vec<u8> {
        if last.len() < 2 || self.below(16) == 0 {
            let blob = match self.below(3) {
                0 => self.archive(),
                1 => self.alike(),
                _ => BLOBS[self.below(BLOBS.len())].clone(),
            };
            if last.len() > 2 {
                last.remove(self.below(3));
            }
            last.push(blob.clone());
            return blob;
        }
        match self.below(9) {
            0 => last[self.below(last.len())].clone(),
            4 => self.alike(),
            // A part of one in the place of the same part of another one.
            1 | 2 => {
                let mut blob = last[self.below(last.len())].clone();
                let other = &last[self.below(last.len())];
                let len = blob.len().min(other.len());
                let start = self.below(len);
                let end = (start + self.below(len)).min(len);
                // From the front, or from the end, where the table and the trailer are.
                if self.below(2) == 0 {
                    blob[start..end].copy_from_slice(&other[start..end]);
                } else {
                    let part = other[other.len() - end..other.len() - start].to_vec();
                    let len = blob.len();
                    blob[len - end..len - start].copy_from_slice(&part);
                }
                blob
            }
            3 => {
                let mut blob = last[self.below(last.len())].clone();
                match self.below(3) {
                    0 => blob.truncate(self.below(blob.len())),
                    1 => blob.extend(self.bytes(40)),
                    _ => drop(blob.remove(self.below(blob.len()))),
                }
                blob
            }
            _ => self.altered(last),
        }
    }

    /// One of the files with a few bytes changed, many of them at its end, where the structure is.
    fn altered(&mut self, files: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = files[self.below(files.len())].clone();
        let len = bytes.len();
        for _ in 0..=self.below(4) {
            let at = match self.below(4) {
                0 => len - 1 - self.below(len.min(100)),
                _ => self.below(len),
            };
            bytes[at] = match self.below(5) {
                0 => bytes[at] ^ 1 << self.below(8),
                1 => [0, 1, 0x0f, 0x10, 0x5f, 0x80, 0xd1, 0xff][self.below(8)],
                2 => bytes[self.below(len)],
                3 => bytes[at].wrapping_add(1),
                _ => self.below(256) as u8,
            };
        }
        bytes
    }
}

/// Text as the readers take it: not empty, and cut where it is very long.
fn text(list: &Dictionary, key: &str) -> Option<String> {
    let text = list.get(key)?.as_string()?;
    (!text.is_empty()).then(|| text.chars().take(255).collect())
}

fn second(list: &Dictionary, key: &str) -> Option<i64> {
    let time = std::time::SystemTime::from(list.get(key)?.as_date()?);
    Some(jiff::Timestamp::try_from(time).unwrap().as_second())
}

/// What must hold of any bytes, over so many inputs.
mod over {
    use super::*;

    fn each<T: std::fmt::Debug>(cases: u32, inputs: impl Strategy<Value = T>, check: impl Fn(T)) {
        let check = |input| {
            check(input);
            Ok(())
        };
        TestRunner::new(config(cases)).run(&inputs, check).unwrap();
    }

    pub fn any_info_plist_is_read_or_named(cases: u32) {
        each(cases, any_bytes(&INFO, b"bplist00"), |bytes| {
            read_info(&bytes);
        });
    }

    pub fn any_status_plist_is_read_or_named(cases: u32) {
        let start = b"<?xml version=\"1.0\"?>";
        each(cases, any_bytes(&STATUS, start), |bytes| {
            read_status(&bytes);
        });
    }

    pub fn any_manifest_plist_is_read_or_named(cases: u32) {
        each(cases, any_bytes(&MANIFEST, b"bplist00"), |bytes| {
            read_manifest_plist(&bytes);
        });
    }

    pub fn any_mbdb_is_read_or_named(cases: u32) {
        each(cases, any_bytes(&MBDB, b"mbdb\x05\x00"), |bytes| {
            read_mbdb(&bytes);
        });
    }

    pub fn any_keybag_is_sound_or_named(cases: u32) {
        let version = b"VERS\x00\x00\x00\x04";
        each(cases, any_bytes(&KEYBAGS, version), |bytes| {
            let _ = check_keybag(&bytes);
        });
    }

    pub fn what_is_wanted_of_any_list_is_what_the_crate_reads(cases: u32) {
        let lists = any::<u64>().prop_map(|seed| Random(seed).dictionary(4));
        each(cases, lists, |list| {
            let bytes = xml(&list.into());
            // The crate's XML knows no fractions of seconds, and its numbers are rounded.
            let list = Value::from_reader_xml(&bytes[..]).unwrap();
            let list = list.into_dictionary().unwrap();
            for bytes in [bytes, binary(&Value::Dictionary(list.clone()))] {
                assert_eq!(guarded::parse(&bytes, &[&["*"]]), Ok(list.clone()));
                assert_eq!(guarded::parse(&bytes, &[]), Ok(Dictionary::new()));
                let wanted: [&[&str]; 2] = [&["Date"], &["Lockdown", "DeviceName"]];
                let one = guarded::parse(&bytes, &wanted).unwrap();
                assert_eq!(one.get("Date"), list.get("Date"));
                if let Some(Value::Dictionary(lockdown)) = list.get("Lockdown") {
                    let kept = one["Lockdown"].as_dictionary().unwrap();
                    assert_eq!(kept.get("DeviceName"), lockdown.get("DeviceName"));
                    assert!(kept.len() <= 1);
                }
                let info = read_info(&bytes);
                let info = info.value().unwrap();
                let name = text(&list, "Device Name").or_else(|| text(&list, "Display Name"));
                assert_eq!(info.device_name, name);
                assert_eq!(info.product_type, text(&list, "Product Type"));
                let date = info.last_backup.map(|date| date.as_second());
                assert_eq!(date, second(&list, "Last Backup Date"));
                let apps = list.get("Applications").and_then(Value::as_dictionary);
                assert!(info.apps.len() >= apps.map_or(0, Dictionary::len));
                let status = read_status(&bytes);
                assert_eq!(status.value().unwrap().version, text(&list, "Version"));
                let manifest = read_manifest_plist(&bytes);
                let manifest = manifest.value().unwrap();
                let has_key = list.contains_key("ManifestKey");
                assert_eq!(manifest.manifest_key.is_some(), has_key);
                let date = manifest.date.map(|date| date.as_second());
                assert_eq!(date, second(&list, "Date"));
            }
        });
    }

    pub fn any_database_is_read_or_named(cases: u32) {
        let strategy = any_bytes(&DATABASES, b"SQLite format 3\0");
        let mut runner = TestRunner::new(config(1));
        let input = |_| strategy.new_tree(&mut runner).unwrap().current();
        let inputs: Vec<_> = (0..cases).map(input).collect();
        let answers = inputs.par_chunks(100).flat_map_iter(|inputs| {
            let folder = empty_folder();
            let read = |bytes: &Vec<u8>| read_database(bytes, folder.path());
            inputs.iter().map(read).collect::<Vec<_>>()
        });
        let (mut rows, mut damaged) = (0, 0);
        for (listing, checked) in answers.collect::<Vec<_>>() {
            rows += u32::from(listing.is_ok());
            damaged += u32::from(!matches!(checked, Ok(None)));
        }
        // The inputs are of both kinds, and not only at their first byte.
        assert!(rows > cases / 5 && damaged > cases / 5, "{rows} {damaged}");
    }

    pub fn both_readers_of_records_agree_on_generated_ones(inputs: u64) {
        let answered = compare_readers(inputs, Random::archive);
        assert!(answered.both > inputs / 2, "{answered:?}");
    }

    pub fn both_readers_of_records_agree_on_altered_ones(inputs: u64) {
        let answered = compare_readers(inputs, |random| random.altered(&BLOBS));
        // Neither do all of them break, nor none.
        assert!(answered.both > inputs / 10, "{answered:?}");
        assert!(answered.fast < inputs / 2, "{answered:?}");
    }

    pub fn records_are_decoded_as_if_none_came_before(inputs: u64) {
        let parts = (0..PARTS).into_par_iter().map(|part| {
            let (mut random, mut last) = (Random(part), Vec::new());
            let mut decoder = Decoder::default();
            let (mut known, mut answered) = (0, 0);
            for _ in 0..inputs / PARTS {
                let blob = random.next_of_series(&mut last);
                known += u64::from(decoder.knows(&blob));
                answered += u64::from(decode_after_others(&mut decoder, &blob).is_some());
            }
            (known, answered)
        });
        let (known, answered) =
            parts.reduce(|| (0, 0), |one, other| (one.0 + other.0, one.1 + other.1));
        // Many are taken for such as were before, and many are not.
        assert!(known > inputs / 4 && known < inputs * 3 / 4, "{known}");
        assert!(answered > inputs / 3, "{answered}");
    }
}

/// All lengths up to 4 KiB, and every hundredth beyond.
fn lengths(len: usize) -> impl Iterator<Item = usize> {
    (0..len.min(4096)).chain((4096..len).step_by(97))
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_cut_list_is_never_read_as_another_one() {
    fn check<T: std::fmt::Debug>(files: &[Vec<u8>], read: impl Fn(&[u8]) -> PlistFile<T>) {
        for whole in files {
            let expected = format!("{:?}", read(whole));
            for len in lengths(whole.len()) {
                match read(&whole[..len]) {
                    // All that is missing are closing tags and the line's end.
                    read @ PlistFile::Read(_) => {
                        assert_eq!(format!("{read:?}"), expected);
                        let is_xml = whole.starts_with(b"<?xml");
                        assert!(is_xml && whole.len() - len < 10, "{len}");
                    }
                    PlistFile::Empty => assert_eq!(len, 0),
                    PlistFile::Unreadable(_) => {}
                    other => panic!("{len}: {other:?}"),
                }
            }
        }
    }
    check(&INFO, read_info);
    check(&STATUS, read_status);
    check(&MANIFEST, read_manifest_plist);
}

#[test]
fn a_cut_keybag_is_never_sound_and_a_cut_record_never_decoded() {
    for whole in KEYBAGS.iter() {
        assert_eq!(check_keybag(whole), Ok(()));
        for len in lengths(whole.len()) {
            // Whole tags may be left, and a key for files among them: there a cut cannot be seen.
            if check_keybag(&whole[..len]).is_ok() {
                assert!(is_whole_tags(&whole[..len]), "{len}");
            }
        }
    }
    for whole in BLOBS.iter() {
        for len in lengths(whole.len()) {
            assert_eq!(decode_blob(&whole[..len]), (None, None), "{len}");
        }
    }
}

fn is_whole_tags(mut bytes: &[u8]) -> bool {
    while let Some((len, rest)) = bytes.get(4..).and_then(|rest| rest.split_first_chunk()) {
        match rest.get(u32::from_be_bytes(*len) as usize..) {
            Some(rest) => bytes = rest,
            None => return false,
        }
    }
    bytes.is_empty()
}

#[test]
fn a_cut_mbdb_says_so_or_lists_less() {
    for whole in MBDB.iter() {
        let (all, cut) = read_mbdb(whole);
        assert_eq!(cut, None);
        for len in lengths(whole.len()).skip(1) {
            let (listing, cut) = read_mbdb(&whole[..len]);
            // Between two records a cut cannot be seen: the format has no count.
            let is_less = listing.counts.records < all.counts.records;
            assert!(cut.is_some() || is_less, "{len}");
        }
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_cut_database_is_never_read_as_the_whole_one() {
    let folder = empty_folder();
    for whole in DATABASES.iter() {
        let (listing, checked) = read_database(whole, folder.path());
        assert_eq!((listing.unwrap().damage.len(), checked), (0, Ok(None)));
        for len in lengths(whole.len()).step_by(7) {
            let (listing, checked) = read_database(&whole[..len], folder.path());
            let is_undamaged = listing.is_ok_and(|listing| listing.damage.is_empty());
            assert!(!(is_undamaged && checked == Ok(None)), "{len}");
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Answered {
    fast: u64,
    both: u64,
}

/// Into how many parts, each with its own sequence, inputs are divided.
const PARTS: u64 = 100;

/// Gives this many inputs to both readers: how many each of them answered, and how many both.
fn compare_readers(inputs: u64, make: impl Fn(&mut Random) -> Vec<u8> + Sync) -> Answered {
    let parts = (0..PARTS).into_par_iter().map(|part| {
        let mut random = Random(part);
        let mut answered = Answered::default();
        for _ in 0..inputs / PARTS {
            let (fast, slow) = decode_blob(&make(&mut random));
            answered.fast += u64::from(fast.is_some());
            answered.both += u64::from(fast.is_some() && slow.is_some());
        }
        answered
    });
    parts.reduce(Answered::default, |one, other| Answered {
        fast: one.fast + other.fast,
        both: one.both + other.both,
    })
}

/// What once broke a reader, or could have, each in the folder of its reader; no part of the package.
#[test]
fn former_crashes_are_read() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz");
    let temp = empty_folder();
    let mut read = 0;
    let entries = walkdir::WalkDir::new(fuzz.join("crashes")).into_iter();
    for entry in entries
        .flatten()
        .filter(|entry| entry.file_type().is_file())
    {
        let bytes = fs::read(entry.path()).unwrap();
        let reader = entry.path().parent().unwrap().file_name().unwrap();
        match reader.to_str().unwrap() {
            "info_plist" => drop(read_info(&bytes)),
            "status_plist" => drop(read_status(&bytes)),
            "manifest_plist" => drop(read_manifest_plist(&bytes)),
            "blob" => _ = decode_blob(&bytes),
            "keybag" => _ = check_keybag(&bytes),
            "mbdb" => _ = read_mbdb(&bytes),
            "manifest_db" => _ = read_database(&bytes, temp.path()),
            other => panic!("no reader is called {other}"),
        }
        read += 1;
    }
    assert!(read > 0 || !fuzz.is_dir());
}

/// The crate overflows the stack when it drops a value that is nested 200,000 deep.
#[test]
fn nesting_without_end_is_beyond_the_reader() {
    let levels = 200_000;
    let deep = "<array>".repeat(levels) + &"</array>".repeat(levels);
    let text = format!("<plist version=\"1.0\"><dict><key>A</key>{deep}</dict></plist>");
    // Each array of the binary one holds the next; a dictionary holds the first.
    let mut objects = vec![b"\xd1\x00\x00\x01\x00\x00\x02".to_vec(), b"\x51A".to_vec()];
    objects.extend((3..levels as u32 + 2).map(|next| [&[0xa1], &next.to_be_bytes()[1..]].concat()));
    objects.push(vec![0xa0]);
    for bytes in [text.into_bytes(), binary_list(&objects, 3)] {
        for wanted in [&[&["*"][..]][..], &[]] {
            let deeply = Refused::BeyondReader("it is nested too deeply".to_owned());
            assert_eq!(guarded::parse(&bytes, wanted), Err(deeply));
        }
        assert!(matches!(read_info(&bytes), PlistFile::BeyondReader(_)));
        assert!(matches!(read_status(&bytes), PlistFile::BeyondReader(_)));
        let manifest = read_manifest_plist(&bytes);
        assert!(matches!(manifest, PlistFile::BeyondReader(_)));
        assert_eq!(decode_blob(&bytes), (None, None));
    }
}

/// Twenty arrays of ten references each to the next: 10^20 elements in less than 400 bytes.
#[test]
fn references_that_unfold_to_gigabytes_are_beyond_the_reader() {
    let mut objects = vec![b"\xd1\x01\x02".to_vec(), b"\x51A".to_vec()];
    objects.extend((0..20_u8).map(|level| [&[0xaa][..], &[level + 3; 10]].concat()));
    objects.push(vec![0x09]);
    let bytes = binary_list(&objects, 1);
    for wanted in [&[&["*"][..]][..], &[]] {
        let refused = guarded::parse(&bytes, wanted).unwrap_err();
        assert!(matches!(refused, Refused::BeyondReader(_)), "{refused:?}");
    }
    assert_eq!(decode_blob(&bytes), (None, None));
}
