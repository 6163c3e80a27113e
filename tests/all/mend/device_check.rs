//! The checks that a device itself makes of a backup before it restores from it (F§1.2 to F§1.4), written
//! from the notes alone: nothing in here is bkscan's.

use std::fs;
use std::path::Path;

use plist::{Dictionary, Value};
use sha1::{Digest as _, Sha1};

use super::list::{List, Row, dictionary, must, read, text};
use crate::builder::sealed::content_key;

/// Makes all of the device's checks; says which one fails first, or what the list holds.
pub fn check(backup: &Path, password: Option<&str>) -> Result<List, String> {
    status(&dictionary(&backup.join("Status.plist"))?)?;
    let manifest = dictionary(&backup.join("Manifest.plist"))?;
    // A version that the device knows (F§5).
    let version = text(&manifest, "Version");
    let is_known = version.is_err() || ["10.0", "9.1"].map(Ok).contains(&version);
    must(is_known, "another version")?;
    // Nothing of a run that did not finish is left.
    must(!backup.join("Snapshot").exists(), "Snapshot is there")?;
    let list = read(backup, password)?;
    for row in list.rows.iter().filter(|row| row.is_required) {
        payload(backup, &list, row).map_err(|why| format!("{} {}: {why}", row.domain, row.path))?;
    }
    Ok(list)
}

/// The one state in which every host and device restores (F§1.2, F§6).
fn status(status: &Dictionary) -> Result<(), String> {
    let version = text(status, "Version")?;
    must(["2.4", "3.2", "3.3"].contains(&version), "another version")?;
    let states = ["SnapshotState", "BackupState"].map(|key| text(status, key));
    let known = [Ok("finished"), Ok("new")];
    must(states == known, &format!("the state is {states:?}"))
}

fn payload(backup: &Path, list: &List, row: &Row) -> Result<(), String> {
    let digits = |id: &str| id.bytes().all(|byte| b"0123456789abcdef".contains(&byte));
    must(row.id.len() == 40 && digits(&row.id), "no fileID")?;
    let place = backup.join(list.place(row));
    let kind = fs::symlink_metadata(&place).map_err(|error| error.to_string())?;
    must(kind.is_file(), "no plain file")?;
    let bytes = fs::read(&place).map_err(|error| error.to_string())?;
    if let Some(digest) = row.digest.as_ref().filter(|digest| digest.len() == 20) {
        must(*digest == *Sha1::digest(&bytes), "another digest")?;
    }
    if let Some(keys) = &list.keys {
        must(bytes.len().is_multiple_of(16), "no whole blocks")?;
        // Without one, only an update of the backup is refused (F§11.3).
        let opens = |key: &Vec<u8>| content_key(keys, key).is_some();
        must(row.key.as_ref().is_none_or(opens), "its key does not open")?;
    }
    Ok(())
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_device_takes_what_is_healthy_and_nothing_else() {
    use super::scene::{ALL, CHATS, Era, NEW, NOTE, OLD, OPEN, PHOTO, SEALED, SETTING, Scene};

    let state = |scene: &Scene, key: &str, value: &str| {
        let path = scene.backup.join("Status.plist");
        let mut status = dictionary(&path).unwrap();
        status.insert(key.to_owned(), value.into());
        Value::Dictionary(status).to_file_binary(path).unwrap();
    };
    let overwrite = |path: std::path::PathBuf, at: usize| {
        let mut bytes = fs::read(&path).unwrap();
        bytes[at] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    type Case<'a> = (&'a str, &'a [Era], &'a dyn Fn(&Scene));
    let cases: [Case<'_>; 20] = [
        ("", ALL, &|_| {}),
        ("Status.plist", ALL, &|scene| scene.remove("Status.plist")),
        ("the state is", ALL, &|scene| {
            state(scene, "SnapshotState", "moving")
        }),
        ("the state is", ALL, &|scene| {
            state(scene, "BackupState", "empty")
        }),
        ("another version", ALL, &|scene| {
            state(scene, "Version", "4.0")
        }),
        ("Manifest.plist", ALL, &|scene| {
            scene.write("Manifest.plist", b"")
        }),
        ("Snapshot is there", ALL, &|scene| {
            scene.write("Snapshot/a", b"")
        }),
        ("two lists", NEW, &|scene| scene.write("Manifest.mbdb", b"")),
        ("(os error 2)", NEW, &|scene| scene.remove("Manifest.db")),
        ("cut or no list", OLD, &|scene| {
            let mut list = fs::read(scene.backup.join("Manifest.mbdb")).unwrap();
            list.pop();
            scene.write("Manifest.mbdb", &list);
        }),
        ("no whole pages", &[Era::Open], &|scene| {
            scene.edit_list(|list| list.truncate(9000))
        }),
        ("no database", NEW, &|scene| {
            scene.edit_list(|list| list[0] = 0)
        }),
        ("SQLite complains", NEW, &|scene| {
            // A page that holds a part of an index.
            scene.edit_list(|list| list[5 * 4096 - 3] ^= 1);
        }),
        ("malformed", NEW, &|scene| {
            scene.edit_list(|list| list.truncate(list.len() - 4096))
        }),
        ("is not padded", &[Era::Sealed], &|scene| {
            let len = fs::metadata(scene.backup.join("Manifest.db"))
                .unwrap()
                .len();
            let file = fs::OpenOptions::new()
                .write(true)
                .open(scene.backup.join("Manifest.db"));
            file.unwrap().set_len(len - 16).unwrap();
        }),
        ("(os error 2)", ALL, &|scene| {
            fs::remove_file(scene.place(NOTE)).unwrap()
        }),
        ("no plain file", ALL, &|scene| {
            fs::remove_file(scene.place(CHATS)).unwrap();
            fs::create_dir(scene.place(CHATS)).unwrap();
        }),
        ("another digest", ALL, &|scene| {
            overwrite(scene.place(SETTING), 2)
        }),
        ("no whole blocks", SEALED, &|scene| {
            fs::write(scene.place(PHOTO), "no whole block").unwrap();
        }),
        // What is shorter is no matter of the device.
        ("", OPEN, &|scene| {
            fs::write(scene.place(PHOTO), "half").unwrap()
        }),
    ];
    for (words, eras, damage) in cases {
        for era in eras {
            let scene = Scene::new(*era);
            damage(&scene);
            let found = check(&scene.backup, era.password())
                .err()
                .unwrap_or_default();
            let fits = found.contains(words) && found.is_empty() == words.is_empty();
            assert!(fits, "{era:?}: {found:?}, not {words:?}");
        }
    }
}
