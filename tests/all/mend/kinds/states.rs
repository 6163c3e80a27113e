//! Runs of a device that did not finish, and what says so.

use std::fs;

use plist::{Dictionary, Value};

use super::Kind;
use crate::mend::list::{dictionary, read};
use crate::mend::scene::{ALL, DRAFT, NOTE, Name, SETTING, Scene, id, usual};
use crate::support::BackupBuilder;

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_is_wrong_with_states() {
    super::mended(KINDS);
}

const KINDS: &[Kind] = &[
    ("Status.plist is missing", ALL, |scene| {
        scene.remove("Status.plist");
        scene.repairs("status-written");
    }),
    ("Status.plist is empty", ALL, |scene| {
        scene.write("Status.plist", b"");
        scene.repairs("status-written");
    }),
    ("Status.plist is nothing", ALL, |scene| {
        scene.write("Status.plist", b"nothing that anybody knows");
        scene.repairs("status-written");
    }),
    (
        "a first run did not finish, and all is there",
        ALL,
        |scene| {
            set_state(scene, "uploading", "empty");
            scene.repairs("status-written");
        },
    ),
    (
        "an update was interrupted before it sent anything",
        ALL,
        |scene| {
            set_state(scene, "uploading", "new");
            scene.repairs("state-restored");
        },
    ),
    (
        "an update was interrupted while it sent files",
        ALL,
        |scene| {
            // What is on the old list has not been touched (F§1.2).
            interrupted(scene, "uploading");
            fs::remove_file(snapshot(scene, "Manifest.plist")).unwrap();
            fs::remove_file(snapshot(scene, list(scene))).unwrap();
            scene.repairs("state-restored");
        },
    ),
    (
        "interrupted before any file was put in place",
        ALL,
        |scene| {
            interrupted(scene, "moving");
            scene.rows = read(&snapshot(scene, ""), scene.era.password())
                .unwrap()
                .rows;
            scene.repairs("state-restored");
        },
    ),
    ("interrupted while files were put in place", ALL, |scene| {
        interrupted(scene, "moving");
        scene.rows = read(&snapshot(scene, ""), scene.era.password())
            .unwrap()
            .rows;
        for name in [NOTE, LATER] {
            put_in_place(scene, name);
        }
        scene.repairs("state-restored");
    }),
    ("interrupted between the two lists", ALL, |scene| {
        interrupted(scene, "moving");
        scene.rows = read(&snapshot(scene, ""), scene.era.password())
            .unwrap()
            .rows;
        for name in [NOTE, LATER] {
            put_in_place(scene, name);
        }
        fs::rename(
            snapshot(scene, "Manifest.plist"),
            scene.backup.join("Manifest.plist"),
        )
        .unwrap();
        scene.repairs("state-restored");
    }),
    ("interrupted when all was in place", ALL, |scene| {
        interrupted(scene, "moving");
        in_place(scene);
        scene.repairs("state-restored");
    }),
    ("interrupted while it cleaned up", ALL, |scene| {
        interrupted(scene, "removing");
        in_place(scene);
        scene.repairs("state-restored");
    }),
    ("interrupted in the end", ALL, |scene| {
        interrupted(scene, "removing");
        in_place(scene);
        fs::remove_dir_all(snapshot(scene, "")).unwrap();
        scene.repairs("state-restored");
    }),
    ("interrupted, and a file is missing", ALL, |scene| {
        interrupted(scene, "moving");
        scene.rows = read(&snapshot(scene, ""), scene.era.password())
            .unwrap()
            .rows;
        fs::remove_file(scene.place(SETTING)).unwrap();
        scene.loses(SETTING, "file-missing");
        scene.repairs("state-restored");
    }),
    ("Info.plist is missing", ALL, |scene| {
        scene.remove("Info.plist");
        tells_the_device(scene);
    }),
    ("Info.plist is empty", ALL, |scene| {
        scene.write("Info.plist", b"");
        tells_the_device(scene);
    }),
    ("Info.plist is nothing", ALL, |scene| {
        scene.write("Info.plist", b"<plist><dict>");
        tells_the_device(scene);
    }),
    ("the folder has another name", ALL, |scene| {
        renamed(scene, "My phone");
        fs::remove_file(scene.place(DRAFT)).unwrap();
        scene.loses(DRAFT, "file-missing");
    }),
    ("an archived copy", ALL, |scene| {
        renamed(scene, "00008130-000A1C2E3F40801E-20260108-104514");
        fs::remove_file(scene.place(DRAFT)).unwrap();
        scene.loses(DRAFT, "file-missing");
    }),
    ("leftovers of a run that finished later", ALL, |scene| {
        scene.write(
            "Snapshot/0a/0a23456789abcdef0123456789abcdef01234567",
            &[1; 160],
        );
        fs::remove_file(scene.place(DRAFT)).unwrap();
        scene.loses(DRAFT, "file-missing");
    }),
];

/// Only the later backup has it.
const LATER: Name = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0200.JPG");

fn later() -> BackupBuilder {
    usual()
        .date("2024-06-01T10:00:00Z")
        .file(LATER.0, LATER.1, b"a later photo")
        .file(NOTE.0, NOTE.1, b"a note that was changed")
}

/// A later run that had sent what changed, and had come to this state.
fn interrupted(scene: &mut Scene, state: &str) {
    let era = scene.era;
    let builder = usual().snapshot_state(state).snapshot(era.of(later()));
    *scene = Scene::of(era, builder);
    // What did not change is not sent again.
    for name in payloads(scene) {
        if ![id(NOTE), id(LATER)].iter().any(|id| name.ends_with(id)) {
            fs::remove_file(snapshot(scene, &name)).unwrap();
        }
    }
}

fn snapshot(scene: &Scene, name: &str) -> std::path::PathBuf {
    scene.backup.join("Snapshot").join(name)
}

fn list(scene: &Scene) -> &'static str {
    match scene.era.is_old() {
        true => "Manifest.mbdb",
        false => "Manifest.db",
    }
}

/// Those in `Snapshot`, by their path there.
fn payloads(scene: &Scene) -> Vec<String> {
    let below = snapshot(scene, "");
    let paths = crate::harness::files(&below).into_iter();
    let names = paths.map(|path| path.strip_prefix(&below).unwrap().display().to_string());
    names.filter(|name| !name.starts_with("Manifest")).collect()
}

fn put_in_place(scene: &Scene, name: Name) {
    let place = scene.place(name);
    let below = place.strip_prefix(&scene.backup).unwrap();
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::rename(scene.backup.join("Snapshot").join(below), &place).unwrap();
}

/// All that was sent is where it belongs.
fn in_place(scene: &mut Scene) {
    for name in [NOTE, LATER] {
        put_in_place(scene, name);
    }
    for name in ["Manifest.plist", list(scene)] {
        fs::rename(snapshot(scene, name), scene.backup.join(name)).unwrap();
    }
    scene.rows = read(&scene.backup, scene.era.password()).unwrap().rows;
}

fn set_state(scene: &Scene, snapshot_state: &str, backup_state: &str) {
    let path = scene.backup.join("Status.plist");
    let mut status: Dictionary = dictionary(&path).unwrap();
    status.insert("SnapshotState".to_owned(), snapshot_state.into());
    status.insert("BackupState".to_owned(), backup_state.into());
    Value::Dictionary(status).to_file_binary(path).unwrap();
}

fn renamed(scene: &mut Scene, name: &str) {
    let path = scene.backup.with_file_name(name);
    fs::rename(&scene.backup, &path).unwrap();
    scene.backup = path;
}

/// What the list of the device says stands in Info.plist, and of which backup it is.
fn tells_the_device(scene: &mut Scene) {
    scene.repairs("info-rebuilt");
    scene.also = Some(|result| {
        let info = dictionary(&result.join("Info.plist")).unwrap();
        let manifest = dictionary(&result.join("Manifest.plist")).unwrap();
        let lockdown = manifest.get("Lockdown").unwrap().as_dictionary().unwrap();
        for (key, of) in [
            ("Device Name", "DeviceName"),
            ("Product Type", "ProductType"),
            ("Product Version", "ProductVersion"),
            ("Build Version", "BuildVersion"),
            ("Serial Number", "SerialNumber"),
        ] {
            assert_eq!(info.get(key), lockdown.get(of), "{key}");
        }
        let udid = lockdown.get("UniqueDeviceID").unwrap().as_string().unwrap();
        let found = info.get("Unique Identifier").unwrap().as_string();
        assert_eq!(found, Some(&*udid.to_uppercase()));
        assert_eq!(
            info.get("Target Identifier").unwrap().as_string(),
            Some(udid)
        );
        assert_eq!(info.get("Last Backup Date"), manifest.get("Date"));
    });
}
