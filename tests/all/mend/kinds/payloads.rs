//! Payloads that are not there, are not whole, or lie elsewhere.

use std::fs::{self, OpenOptions};

use super::Kind;
use crate::mend::scene::{
    ALL, CHATS, DRAFT, LOCK, NEW, NOTE, Name, OLD, OPEN, PHOTO, SEALED, SETTING, Scene, VIDEO, id,
    usual,
};
use crate::support::Row;

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_is_wrong_with_payloads() {
    super::mended(KINDS);
}

const KINDS: &[Kind] = &[
    ("one is missing", ALL, |scene| missing(scene, PHOTO)),
    ("one of nothing is missing", ALL, |scene| {
        missing(scene, LOCK)
    }),
    ("all of a domain are missing", ALL, |scene| {
        missing(scene, NOTE);
        missing(scene, DRAFT);
    }),
    ("one is cut", SEALED, |scene| {
        cut(scene, PHOTO, 2003);
        scene.loses(PHOTO, "payload-truncated");
    }),
    ("a photo is shorter", OPEN, |scene| {
        // It stays: whoever looks at it may see half of it.
        cut(scene, PHOTO, 1000);
        missing(scene, NOTE);
    }),
    ("a note is shorter by whole blocks", SEALED, |scene| {
        cut(scene, VIDEO, 1600);
        missing(scene, NOTE);
    }),
    ("a photo is empty", ALL, |scene| emptied(scene, PHOTO)),
    ("one with a digest is empty", ALL, |scene| {
        emptied(scene, SETTING)
    }),
    ("a known database is empty", ALL, |scene| {
        emptied(scene, CHATS)
    }),
    ("a folder is in its place", ALL, |scene| {
        fs::remove_file(scene.place(VIDEO)).unwrap();
        fs::create_dir(scene.place(VIDEO)).unwrap();
        scene.loses(VIDEO, "payload-not-a-file");
    }),
    #[cfg(unix)]
    ("a link is in its place", ALL, |scene| {
        let place = scene.place(VIDEO);
        fs::remove_file(&place).unwrap();
        std::os::unix::fs::symlink(scene.place(PHOTO), place).unwrap();
        scene.loses(VIDEO, "payload-not-a-file");
    }),
    ("the key of one does not open", SEALED, |scene| {
        let mut key = 3_u32.to_le_bytes().to_vec();
        key.extend([7; 40]);
        let row = Row::file(VIDEO.0, VIDEO.1, b"a video").key_bytes(key);
        *scene = Scene::of(scene.era, usual().add(row));
        scene.loses(VIDEO, "key-invalid");
    }),
    ("its id is no id", NEW, |scene| {
        let row = Row::file(VIDEO.0, VIDEO.1, b"a video").id("../../etc/passwd");
        *scene = Scene::of(scene.era, usual().add(row));
        scene.loses(VIDEO, "file-missing");
    }),
    ("all lie in one folder", NEW, |scene| {
        for shard in shards(scene) {
            for entry in fs::read_dir(&shard).unwrap() {
                let from = entry.unwrap().path();
                fs::rename(&from, scene.backup.join(from.file_name().unwrap())).unwrap();
            }
            fs::remove_dir(shard).unwrap();
        }
        scene.repairs("payloads-moved");
    }),
    ("all of an old one lie in shards", OLD, |scene| {
        for entry in fs::read_dir(&scene.backup).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.len() == 40 {
                moved(scene, &name, &format!("{}/{name}", &name[..2]));
            }
        }
        scene.repairs("payloads-moved");
    }),
    ("one lies in another shard", NEW, |scene| {
        let name = id(PHOTO);
        moved(
            scene,
            &format!("{}/{name}", &name[..2]),
            &format!("0b/{name}"),
        );
        scene.repairs("payloads-moved");
    }),
    ("one has an ending", ALL, |scene| {
        let place = scene.place(PHOTO);
        let mut name = place.clone().into_os_string();
        name.push(".jpg");
        fs::rename(place, name).unwrap();
        scene.repairs("payloads-moved");
    }),
    ("what need not be there is not", NEW, |scene| {
        // Changed while it was uploaded; and nothing is known of it (F§1.4).
        let builder = usual()
            .add(
                Row::file(VIDEO.0, VIDEO.1, b"a video")
                    .flags(17)
                    .no_payload(),
            )
            .add(Row::file(DRAFT.0, DRAFT.1, b"").null_blob().no_payload());
        *scene = Scene::of(scene.era, builder);
        missing(scene, NOTE);
    }),
    ("what no list names is there, too", ALL, |scene| {
        let stray = "0123456789abcdef0123456789abcdef01234567";
        let place = match scene.era.is_old() {
            true => stray.to_owned(),
            false => format!("01/{stray}"),
        };
        scene.write(&place, &[3; 160]);
        scene.write("_unback_/HomeDomain/a.txt", b"unpacked");
        scene.write(".DS_Store", b"clutter");
        scene.write("papers/thesis.txt", b"somebody's own");
        missing(scene, NOTE);
    }),
    ("the bytes of one are others", ALL, |scene| {
        let mut bytes = fs::read(scene.place(SETTING)).unwrap();
        bytes[3] ^= 1;
        fs::write(scene.place(SETTING), bytes).unwrap();
        // That only shows when it is read.
        scene.options = vec!["--level", "contents"];
        scene.loses(SETTING, "digest-mismatch");
    }),
    ("several at once", ALL, |scene| {
        missing(scene, NOTE);
        emptied(scene, PHOTO);
        fs::remove_file(scene.place(CHATS)).unwrap();
        fs::create_dir(scene.place(CHATS)).unwrap();
        scene.loses(CHATS, "payload-not-a-file");
        fs::rename(
            scene.place(DRAFT),
            scene.backup.join(format!("{}.txt", id(DRAFT))),
        )
        .unwrap();
        scene.remove("Status.plist");
        scene.remove("Info.plist");
        for kind in ["payloads-moved", "status-written", "info-rebuilt"] {
            scene.repairs(kind);
        }
    }),
    ("the names are odd", NEW, |scene| {
        let odd = Row::file("HomeDomain", "", b"odd").raw_path(b"Library/\xff\xfe.bin");
        let long = format!("Documents/{}", "long/".repeat(200));
        let builder = usual()
            .add(odd)
            .file("AppDomain-net.example.app", &long, b"far down")
            .file("HomeDomain", "../../../etc/passwd", b"not there");
        *scene = Scene::of(scene.era, builder);
        missing(scene, NOTE);
    }),
];

/// Takes the payload away; the row goes.
fn missing(scene: &mut Scene, name: Name) {
    fs::remove_file(scene.place(name)).unwrap();
    scene.loses(name, "file-missing");
}

fn emptied(scene: &mut Scene, name: Name) {
    cut(scene, name, 0);
    scene.loses(name, "payload-empty");
}

fn cut(scene: &Scene, name: Name, length: u64) {
    let file = OpenOptions::new().write(true).open(scene.place(name));
    let file = file.unwrap();
    assert!(file.metadata().unwrap().len() > length);
    file.set_len(length).unwrap();
}

fn shards(scene: &Scene) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(&scene.backup).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.is_dir()).collect()
}

fn moved(scene: &Scene, from: &str, to: &str) {
    let to = scene.backup.join(to);
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::rename(scene.backup.join(from), to).unwrap();
}
