//! What must hold of every reader, whatever the bytes: for the property tests, and for the fuzz
//! targets, which include this file. Nothing in here may depend on how the bytes were made.

use std::fs;
use std::io::Read;
use std::path::Path;

use bkscan::model::progress::Monitor;
use bkscan::model::{Info, Listing, ManifestPlist, PlistFile, Record, Run, Status};
use bkscan::read::database::{Database, DatabaseError};
use bkscan::read::mbfile::{self, Decoder, MbFile};
use bkscan::read::{
    Wanted, info_plist, keybag, manifest_db, manifest_mbdb, manifest_plist, status_plist,
};

/// Texts are cut at this many characters.
const MAX_TEXT: usize = 255;

fn assert_short<'a>(texts: impl IntoIterator<Item = &'a Option<String>>) {
    for text in texts.into_iter().flatten() {
        assert!(!text.is_empty() && text.chars().count() <= MAX_TEXT);
    }
}

/// Whatever is wrong is said in words, and what is there is never taken for absent.
fn assert_said<T>(read: &PlistFile<T>, bytes: &[u8]) {
    match read {
        PlistFile::Empty => assert!(bytes.is_empty()),
        PlistFile::Unreadable(why) | PlistFile::BeyondReader(why) => assert!(!why.is_empty()),
        PlistFile::Read(_) => assert!(!bytes.is_empty()),
        PlistFile::Absent | PlistFile::Denied(_) => panic!("nothing was wrong with reading"),
    }
}

/// Reads Info.plist.
pub fn read_info(bytes: &[u8]) -> PlistFile<Info> {
    let read = info_plist::read_from(bytes, bytes.len() as u64);
    assert_said(&read, bytes);
    if let PlistFile::Read(info) = &read {
        assert_short([
            &info.device_name,
            &info.product_type,
            &info.product_name,
            &info.ios_version,
            &info.build_version,
            &info.serial_number,
            &info.target_type,
        ]);
        assert_short(info.apps.iter().map(|app| &app.name));
        // References unfold to four times the file and a MiB at most.
        let ids: usize = info.apps.iter().map(|app| app.id.len()).sum();
        assert!(ids <= 4 * bytes.len() + (1 << 20) && info.apps.len() <= 100_000);
    }
    read
}

/// Reads Status.plist.
pub fn read_status(bytes: &[u8]) -> PlistFile<Status> {
    let read = status_plist::read_from(bytes, bytes.len() as u64);
    assert_said(&read, bytes);
    if let PlistFile::Read(status) = &read {
        assert_short([
            &status.version,
            &status.backup_state,
            &status.snapshot_state,
        ]);
    }
    read
}

/// Reads Manifest.plist.
pub fn read_manifest_plist(bytes: &[u8]) -> PlistFile<ManifestPlist> {
    let read = manifest_plist::read_from(bytes, bytes.len() as u64);
    assert_said(&read, bytes);
    if let PlistFile::Read(manifest) = &read {
        let lockdown = &manifest.lockdown;
        assert_short([
            &lockdown.device_name,
            &lockdown.product_type,
            &lockdown.ios_version,
            &lockdown.build_version,
            &lockdown.serial_number,
        ]);
        if let Some(Err(len)) = manifest.manifest_key {
            assert!(len <= 4 * bytes.len() + (1 << 20));
        }
    }
    read
}

/// Decodes a record with both readers: they never give two different answers.
pub fn decode_blob(bytes: &[u8]) -> (Option<MbFile>, Option<MbFile>) {
    let fast = mbfile::borrowed(bytes);
    let slow = mbfile::through_crate(bytes);
    if fast.is_some() && slow.is_some() {
        assert_eq!(fast, slow, "two answers for {}", hex(bytes));
    }
    (fast, slow)
}

/// Decodes a record with the fast reader, after others: what it knows of these changes no answer.
pub fn decode_after_others(decoder: &mut Decoder, bytes: &[u8]) -> Option<MbFile> {
    let answer = decoder.borrowed(bytes);
    assert_eq!(
        answer,
        mbfile::borrowed(bytes),
        "another answer for {}",
        hex(bytes)
    );
    answer
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a keybag. A sound one ends with its last tag, and what else it has is of no concern.
pub fn check_keybag(bytes: &[u8]) -> Result<(), String> {
    let answer = keybag::parse(bytes);
    match &answer {
        Ok(keybag) => {
            let shorter = keybag::parse(&bytes[..bytes.len() - 1]).unwrap_err();
            assert!(shorter.contains("breaks off"), "{shorter}");
            let longer = [bytes, b"XTRA\0\0\0\x02ab"].concat();
            assert_eq!(keybag::parse(&longer).as_ref(), Ok(keybag));
            // A key takes more than its 40 bytes.
            assert!(keybag.classes.len() * 48 <= bytes.len());
        }
        Err(why) => assert!(!why.is_empty()),
    }
    answer.map(drop)
}

/// Reads Manifest.mbdb; the second part says how it is cut.
pub fn read_mbdb(bytes: &[u8]) -> (Listing, Option<String>) {
    const KEEP: usize = 10;
    let read = |input: &mut dyn Read, len| {
        manifest_mbdb::rows_from(input, len, Wanted::examples(KEEP), &Monitor::silent())
            .expect("nothing was wrong with reading")
    };
    let (listing, cut) = read(&mut &*bytes, bytes.len() as u64);
    assert_listed(&listing, KEEP);
    // The smallest record: five lengths, and 40 bytes of what is always there.
    assert!(listing.counts.records * 50 <= bytes.len() as u64);
    assert!(listing.damage.is_empty() && !listing.opaque);
    if cut.is_none() && listing.unjudged.is_none() {
        let longer = [bytes, &[0]].concat();
        let (more, cut) = read(&mut &*longer, longer.len() as u64);
        assert_eq!(more.counts, listing.counts);
        assert!(cut.is_some_and(|why| why.contains("cut off")));
    }
    (listing, cut)
}

/// Reads bytes as Manifest.db from the folder `temp`, which must be empty and is so again afterwards.
/// The answer: the rows, and what `quick_check` says.
pub fn read_database(
    bytes: &[u8],
    temp: &Path,
) -> (
    Result<Listing, DatabaseError>,
    Result<Option<String>, DatabaseError>,
) {
    const KEEP: usize = 10;
    let path = temp.join("Manifest.db");
    fs::write(&path, bytes).expect("a file can be written");
    let database = Database::immutable(&path);
    let rows = manifest_db::table(&database).and_then(|table| {
        let wanted = Wanted::examples(KEEP);
        manifest_db::rows(&database, table, false, wanted, &Monitor::silent())
    });
    let checked = database.quick_check();
    // What passes in one pass is sound by SQLite's check, and has the same rows.
    let wanted = Wanted::examples(KEEP);
    if let Some(sound) = manifest_db::sound_rows(&database, false, wanted, &Monitor::silent()) {
        assert_eq!(checked, Ok(None));
        let rows = rows.as_ref().expect("rows of a sound file");
        assert_eq!(whole(&sound), whole(rows));
    }
    if let Ok(listing) = &rows {
        assert_listed(listing, KEEP);
        let run = listing.runs.iter().flat_map(Run::records);
        let ids: Vec<_> = run.take(2).map(|record| record.id).collect();
        assert!(manifest_db::names(&database, &ids).len() <= ids.len());
    }
    for trouble in [rows.as_ref().err(), checked.as_ref().err()] {
        match trouble {
            Some(DatabaseError::Denied(why)) => panic!("there is nothing that denies: {why}"),
            Some(
                DatabaseError::NoManifest(why)
                | DatabaseError::Damage(why)
                | DatabaseError::BeyondReader(why),
            ) => {
                assert!(!why.is_empty())
            }
            None => {}
        }
    }
    drop(database);
    assert_eq!(fs::read(&path).expect("it is there"), bytes);
    fs::remove_file(&path).expect("it is ours");
    let left = fs::read_dir(temp).expect("a folder").count();
    assert_eq!(left, 0, "a side file is left");
    (rows, checked)
}

/// A listing without how it was split into parts.
pub fn whole(listing: &Listing) -> (Vec<Record>, String) {
    let mut records: Vec<_> = (0..=255).flat_map(|shard| listing.shard(shard)).collect();
    records.sort_unstable_by_key(|record| (record.id, record.size));
    let rest = Listing {
        runs: Vec::new(),
        ..listing.clone()
    };
    (records, format!("{rest:?}"))
}

/// The counts, the records and the examples of a listing fit together.
fn assert_listed(listing: &Listing, keep: usize) {
    let counts = listing.counts;
    let records: u64 = listing
        .runs
        .iter()
        .map(|run| run.records().len() as u64)
        .sum();
    let others = counts.directories + counts.symlinks;
    assert!(counts.files + others <= counts.records);
    assert!(records + others <= counts.records);
    for run in &listing.runs {
        assert!(run.records().is_sorted_by_key(|record| record.id.shard()));
        assert!(
            run.records()
                .iter()
                .all(|record| usize::from(record.domain) < listing.domains.len())
        );
    }
    let shards: u64 = (0..=255)
        .map(|shard| listing.shard(shard).len() as u64)
        .sum();
    assert_eq!(shards, records);
    for odd in [
        &listing.invalid_ids,
        &listing.mismatched_ids,
        &listing.undecodable,
    ] {
        assert!(odd.first.len() as u64 <= odd.count.min(keep as u64));
        assert!(odd.count <= counts.records);
    }
}
