//! Lists of files, and Manifest.plist, that are damaged, missing or under another name.

use std::fs;

use rusqlite::{Connection, Error};

use super::Kind;
use crate::mend::list::{COLUMNS, Row, cells, dictionary, opened};
use crate::mend::scene::{Era, NEW, NOTE, OLD, OPEN, PASSWORD, SEALED, Scene, UDID, usual};
use crate::support::{Padding, empty_folder};

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_is_wrong_with_lists() {
    super::mended(KINDS);
}

const KINDS: &[Kind] = &[
    ("Manifest.plist is missing", OPEN, |scene| {
        scene.remove("Manifest.plist");
        tells_the_device(scene);
    }),
    ("Manifest.plist is empty", OPEN, |scene| {
        scene.write("Manifest.plist", b"");
        tells_the_device(scene);
    }),
    ("Manifest.plist is nothing", OPEN, |scene| {
        scene.write("Manifest.plist", b"bplist00 and then nothing");
        tells_the_device(scene);
    }),
    ("an index is damaged", NEW, |scene| {
        scene.edit_list(|bytes| wipe(bytes, "FilesDomainIdx", 0));
        scene.repairs("database-rebuilt");
    }),
    ("an index names another file", NEW, |scene| {
        scene.edit_list(|bytes| misname(bytes, "FilesRelativePathIdx", NOTE.1));
        fs::remove_file(scene.place(NOTE)).unwrap();
        scene.loses(NOTE, "file-missing");
        scene.repairs("database-rebuilt");
    }),
    ("some rows cannot be read", NEW, |scene| {
        damaged(scene, |bytes| wipe(bytes, "Files", 2));
    }),
    ("the rows at both ends cannot be read", NEW, |scene| {
        damaged(scene, |bytes| {
            wipe(bytes, "Files", LAST);
            wipe(bytes, "Files", 0);
        });
    }),
    ("the list is cut", NEW, |scene| {
        damaged(scene, |bytes| bytes.truncate(bytes.len() - 3 * PAGE));
    }),
    ("the list is cut within a page", NEW, |scene| {
        damaged(scene, |bytes| {
            let last = pages(bytes, "Files").into_iter().max().unwrap();
            bytes.truncate(last * PAGE - PAGE / 8);
        });
    }),
    (
        "some rows cannot be read, and a file is missing",
        NEW,
        |scene| {
            damaged(scene, |bytes| wipe(bytes, "Files", LAST));
            let row = scene
                .rows
                .iter()
                .find(|row| row.is_required && !row.domain.is_empty());
            let row = row.unwrap().clone();
            let place = scene.backup.join(&row.id[..2]).join(&row.id);
            fs::remove_file(place).unwrap();
            scene.rows.retain(|other| *other != row);
            scene
                .lost
                .insert((row.domain, row.path, "file-missing".to_owned()));
            scene.repairs("rows-removed");
        },
    ),
    (
        "the list is whole with its -wal only",
        &[Era::Open],
        |scene| {
            let (list, wal) = torn(&fs::read(scene.backup.join("Manifest.db")).unwrap());
            scene.write("Manifest.db", &list);
            scene.write("Manifest.db-wal", &wal);
            scene.repairs("database-rebuilt");
        },
    ),
    ("a list that is not padded", &[Era::Sealed], |scene| {
        let path = fs::read(scene.place(NOTE)).unwrap();
        *scene = Scene::of(scene.era, usual());
        let padded = scene.backup.clone();
        fs::remove_dir_all(&padded).unwrap();
        let parent = padded.parent().unwrap();
        usual()
            .encrypted_with(PASSWORD)
            .manifest_padding(Padding::None)
            .write(parent);
        assert_eq!(fs::read(scene.place(NOTE)).unwrap(), path);
        fs::remove_file(scene.place(NOTE)).unwrap();
        scene.loses(NOTE, "file-missing");
        // Finder refuses it as it was.
        scene.repairs("database-rebuilt");
    }),
    ("an old list under another name", OLD, |scene| {
        let list = scene.backup.join("Manifest.mbdb");
        fs::rename(list, scene.backup.join("Manifest.db")).unwrap();
        scene.repairs("list-renamed");
    }),
    ("an old list under both names", OLD, |scene| {
        let list = fs::read(scene.backup.join("Manifest.mbdb")).unwrap();
        scene.write("Manifest.db", &list);
        fs::remove_file(scene.place(NOTE)).unwrap();
        scene.loses(NOTE, "file-missing");
    }),
    ("an empty database beside an old list", OLD, |scene| {
        scene.write("Manifest.db", b"");
        fs::remove_file(scene.place(NOTE)).unwrap();
        scene.loses(NOTE, "file-missing");
    }),
];

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_cannot_be_mended_is_refused() {
    // Without Manifest.plist there is no key (F§11.2).
    for era in SEALED {
        let scene = Scene::new(*era);
        scene.remove("Manifest.plist");
        scene.is_refused(2, "Manifest.plist");
    }
    for era in OPEN {
        // Nothing says of which device it is.
        let scene = Scene::new(*era);
        scene.remove("Manifest.plist");
        scene.remove("Info.plist");
        scene.is_refused(2, "Info.plist");
    }
    for era in NEW {
        let scene = Scene::new(*era);
        scene.remove("Manifest.db");
        scene.is_refused(2, "Manifest.db");
    }
    // Cut: nobody knows where the next record begins.
    let scene = Scene::new(Era::Open);
    scene.write("Manifest.db", b"nothing that anybody knows");
    scene.is_refused(2, "its list of files cannot be read");
}

const PAGE: usize = 4096;

/// The last leaf, however many there are.
const LAST: usize = usize::MAX;

/// Does this to the list; the rows that SQLite still finds by their number are those that must be kept.
fn damaged(scene: &mut Scene, damage: impl FnOnce(&mut Vec<u8>)) {
    let mut left = Vec::new();
    scene.edit_list(|bytes| {
        damage(bytes);
        left = readable(bytes);
    });
    let (all, left_over) = (scene.rows.len(), left.len());
    assert!(
        left_over < all && left_over > all / 2,
        "{left_over} of {all}"
    );
    scene.rows = left;
    scene.repairs("database-rebuilt");
}

/// The numbers of the leaves of this table or index.
fn pages(bytes: &[u8], name: &str) -> Vec<usize> {
    let db = opened(bytes.to_vec()).unwrap();
    let sql = "SELECT pageno FROM dbstat WHERE name = ?1 AND pagetype = 'leaf' ORDER BY path";
    let mut query = db.prepare(sql).unwrap();
    let pages = query.query_map([name], |row| row.get::<_, i64>(0)).unwrap();
    let pages: Vec<usize> = pages
        .map(|page| usize::try_from(page.unwrap()).unwrap())
        .collect();
    assert!(!pages.is_empty(), "{name} has no leaf");
    pages
}

/// Fills the leaf of this number with zeros.
fn wipe(bytes: &mut [u8], name: &str, leaf: usize) {
    let pages = pages(bytes, name);
    let page = pages[leaf.min(pages.len() - 1)];
    bytes[(page - 1) * PAGE..page * PAGE].fill(0);
}

/// Changes a letter of this text in an index, which only a check of what indices hold finds.
fn misname(bytes: &mut [u8], index: &str, text: &str) {
    let first = |page: &usize| {
        let start = (page - 1) * PAGE;
        let page = &bytes[start..start + PAGE];
        let mut windows = page.windows(text.len());
        Some(start + windows.position(|window| window == text.as_bytes())?)
    };
    let place = pages(bytes, index).iter().find_map(first).unwrap();
    bytes[place] ^= 1;
    let answer = |check: &str| {
        let db = opened(bytes.to_vec()).unwrap();
        db.query_one(check, (), |row| row.get::<_, String>(0))
            .unwrap()
    };
    assert_eq!(answer("PRAGMA quick_check"), "ok");
    assert_ne!(answer("PRAGMA integrity_check"), "ok");
}

fn readable(bytes: &[u8]) -> Vec<Row> {
    /// More than there are rows.
    const MANY: i64 = 1000;
    // Of a list that is cut SQLite reads nothing: zeros stand for what is not there.
    let length = u32::from_be_bytes(bytes[28..32].try_into().unwrap());
    // In a page that is cut they would look like rows.
    let mut bytes = bytes[..bytes.len() - bytes.len() % PAGE].to_vec();
    bytes.resize(usize::try_from(length).unwrap() * PAGE, 0);
    let db = opened(bytes).unwrap();
    let sql = format!("SELECT {COLUMNS} FROM Files WHERE rowid = ?1");
    let row = |number: i64| {
        let columns = db.query_one(&sql, [number], cells);
        match columns {
            Ok(columns) => Some(Row::of_cells(columns).unwrap()),
            Err(Error::QueryReturnedNoRows | Error::SqliteFailure(..)) => None,
            Err(error) => panic!("{error}"),
        }
    };
    (0..MANY).filter_map(row).collect()
}

/// A database that was copied while SQLite moved pages from its `-wal` file into it, and that file: without it
/// it is damaged, and with it it is this one.
fn torn(whole: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let folder = empty_folder();
    let [path, other] = ["Manifest.db", "whole.db"].map(|name| folder.path().join(name));
    fs::write(&path, whole).unwrap();
    fs::write(&other, whole).unwrap();
    let db = Connection::open(&path).unwrap();
    db.execute_batch("DELETE FROM Files WHERE rowid % 2 = 0; PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    let before = fs::read(&path).unwrap();
    db.execute_batch("PRAGMA wal_autocheckpoint = 0").unwrap();
    db.execute("ATTACH ?1 AS whole", [other.to_str().unwrap()])
        .unwrap();
    db.execute_batch("INSERT INTO Files SELECT * FROM whole.Files WHERE fileID NOT IN (SELECT fileID FROM Files)")
        .unwrap();
    let wal = fs::read(folder.path().join("Manifest.db-wal")).unwrap();
    db.execute_batch("DETACH whole; PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    let after = fs::read(&path).unwrap();
    assert!(before.len() < after.len() && !wal.is_empty());
    for moved in (PAGE..before.len()).step_by(PAGE) {
        let torn = [&after[..moved], &before[moved..]].concat();
        let db = opened(torn.clone()).unwrap();
        let answer = db.query_one("PRAGMA quick_check", (), |row| row.get::<_, String>(0));
        if answer.map_or(true, |answer| answer != "ok") {
            return (torn, wal);
        }
    }
    panic!("it is never damaged");
}

/// Manifest.plist tells what Status and Info did.
fn tells_the_device(scene: &mut Scene) {
    scene.repairs("manifest-rebuilt");
    scene.also = Some(|result| {
        let manifest = dictionary(&result.join("Manifest.plist")).unwrap();
        let status = dictionary(&result.join("Status.plist")).unwrap();
        let info = dictionary(&result.join("Info.plist")).unwrap();
        assert_eq!(manifest.get("Date"), status.get("Date"));
        assert_eq!(
            manifest.get("IsEncrypted").unwrap().as_boolean(),
            Some(false)
        );
        let lockdown = manifest.get("Lockdown").unwrap().as_dictionary().unwrap();
        for (key, of) in [
            ("DeviceName", "Device Name"),
            ("ProductType", "Product Type"),
            ("ProductVersion", "Product Version"),
            ("BuildVersion", "Build Version"),
            ("SerialNumber", "Serial Number"),
        ] {
            assert_eq!(lockdown.get(key), info.get(of), "{key}");
        }
        assert_eq!(
            lockdown.get("UniqueDeviceID").unwrap().as_string(),
            Some(UDID)
        );
    });
}
