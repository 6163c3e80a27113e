//! Encrypted backups of each time (F§11.5; contract §4 rules 2, 3 and 6), with the right password, a
//! wrong one and none.

use std::fs;

use serde_json::{Value, json};

use super::keys::Keys;
use super::{PASSWORD, PHONE, World, not_checked, scan_with, stored, verdicts};
use crate::cli::configured::of;
use crate::harness::finding_ids;
use crate::support::{BackupBuilder, Padding, database};

const PHOTO: (&str, &str) = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.JPG");
const SETTING: (&str, &str) = ("HomeDomain", "Library/Preferences/a.plist");

fn backup(folder: &str) -> BackupBuilder {
    BackupBuilder::new(PHONE)
        .folder_name(folder)
        .bare()
        .no_empty_shards()
        .file(PHOTO.0, PHOTO.1, &[7; 100])
        .file(SETTING.0, SETTING.1, &[8; 31])
}

/// A world with one backup of each time, and one of each that lacks its photo.
fn world() -> World {
    let world = World::new();
    let add = |builder: BackupBuilder| builder.write(&world.backups());
    let two = |era: &str| {
        [
            backup(era),
            backup(&format!("{era}-gone")).remove_payload(PHOTO.0, PHOTO.1),
        ]
    };
    for builder in two("current") {
        add(builder.encrypted_with(PASSWORD));
    }
    for builder in two("unpadded") {
        add(builder
            .encrypted_with(PASSWORD)
            .manifest_padding(Padding::None));
    }
    for builder in two("zeros") {
        add(builder
            .encrypted_with(PASSWORD)
            .manifest_padding(Padding::Zeros));
    }
    for builder in two("mbdb") {
        add(builder.encrypted_with(PASSWORD).mbdb());
    }
    for builder in two("ten") {
        add(builder.encrypted_ios10_0_with(PASSWORD));
    }
    // By a tool, in place.
    for builder in two("decrypted") {
        let path = add(builder.encrypted_with(PASSWORD));
        let plain = Keys::of(&path, PASSWORD).open_manifest(&path);
        let modified = fs::metadata(path.join("Manifest.db"))
            .unwrap()
            .modified()
            .unwrap();
        fs::write(path.join("Manifest.db"), plain).unwrap();
        let file = fs::OpenOptions::new()
            .write(true)
            .open(path.join("Manifest.db"))
            .unwrap();
        file.set_modified(modified).unwrap();
    }
    world
}

const GONE: &str = "corrupt: file-missing";

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn each_era_with_the_password_a_wrong_one_and_none() {
    let world = world();
    // Era, whether its photo is gone, what is said with the password, with a wrong one, with none.
    let cases = [
        (
            "current",
            ["complete", "unverified: password-wrong", "unverified"],
        ),
        (
            "current-gone",
            [GONE, "unverified: password-wrong", "unverified"],
        ),
        (
            "unpadded",
            [
                "complete: manifest-unpadded",
                "unverified: manifest-unpadded password-wrong",
                "unverified: manifest-unpadded",
            ],
        ),
        (
            "unpadded-gone",
            [
                "corrupt: file-missing manifest-unpadded",
                "unverified: manifest-unpadded password-wrong",
                "unverified: manifest-unpadded",
            ],
        ),
        (
            "zeros",
            ["complete", "unverified: password-wrong", "unverified"],
        ),
        (
            "zeros-gone",
            [GONE, "unverified: password-wrong", "unverified"],
        ),
        // Rule 3: names are readable, so `complete` is possible. Rule 6: the other checks go on.
        ("mbdb", ["complete", "complete: password-wrong", "complete"]),
        (
            "mbdb-gone",
            [GONE, "corrupt: file-missing password-wrong", GONE],
        ),
        // Rule 3: presence is checked, nothing else; at best `unverified`.
        (
            "ten",
            ["unverified", "unverified: password-wrong", "unverified"],
        ),
        (
            "ten-gone",
            [GONE, "corrupt: file-missing password-wrong", GONE],
        ),
        (
            "decrypted",
            ["unverified", "unverified: password-wrong", "unverified"],
        ),
        (
            "decrypted-gone",
            [GONE, "corrupt: file-missing password-wrong", GONE],
        ),
    ];
    for level in ["standard", "contents"] {
        for (at, password) in [PASSWORD, "wrong", ""].into_iter().enumerate() {
            let document = scan_with(&world, password, &["--level", level, "--no-state"]);
            let said = verdicts(&document);
            let mut wrong = Vec::new();
            for (folder, expected) in cases {
                let said = &said[folder];
                if said != expected[at] {
                    wrong.push(format!("{folder}: {said} instead of {}", expected[at]));
                }
            }
            assert!(
                wrong.is_empty(),
                "{level} {password:?}\n{}",
                wrong.join("\n")
            );
        }
    }
}

/// What is said of the shape of each, and that storage is by group wherever names are readable.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn each_era_says_its_format_and_its_groups() {
    let world = world();
    let groups = json!([
        { "group": "Photos", "files": 1, "bytes": 112 },
        { "group": "System & settings", "files": 1, "bytes": 32 },
    ]);
    for password in [PASSWORD, "wrong", ""] {
        let document = scan_with(&world, password, &["--no-state"]);
        for folder in ["current", "unpadded", "zeros", "mbdb", "ten", "decrypted"] {
            let backup = of(&document, folder);
            let said = format!("{folder} {password:?}: {backup:#}");
            assert_eq!(backup["encrypted"], true, "{said}");
            let format = if folder == "mbdb" { "mbdb" } else { "sqlite" };
            assert_eq!(backup["manifest_format"], format, "{said}");
            let readable = password == PASSWORD || ["mbdb", "ten", "decrypted"].contains(&folder);
            assert_eq!(backup["manifest"].is_null(), !readable, "{said}");
            assert_eq!(stored(backup), (2, 144), "{said}");
            if readable {
                assert_eq!(backup["storage"], groups, "{said}");
            } else {
                assert_eq!(backup["storage"][0]["group"], "Encrypted", "{said}");
            }
        }
    }
}

/// Digests stand in the list of iOS 9 as they are, and need no password; padding needs one.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn contents_without_a_password_are_checked_where_the_list_is_readable() {
    let world = World::new();
    let flipped = backup("mbdb").encrypted_with(PASSWORD).mbdb();
    flipped
        .flip_in_payload(SETTING.0, SETTING.1, 3)
        .write(&world.backups());
    backup("current")
        .encrypted_with(PASSWORD)
        .write(&world.backups());
    backup("ten")
        .encrypted_ios10_0_with(PASSWORD)
        .write(&world.backups());
    let ids = |document: &Value, folder: &str| {
        let backup = of(document, folder);
        let ids: Vec<String> = finding_ids(backup).into_iter().map(str::to_owned).collect();
        ids.join(" ")
    };
    for (password, found) in [
        (PASSWORD, "digest-mismatch"),
        ("wrong", "digest-mismatch password-wrong"),
        ("", "digest-mismatch"),
    ] {
        let document = scan_with(&world, password, &["--level", "contents", "--no-state"]);
        assert_eq!(ids(&document, "mbdb"), found);
        assert_eq!(document["exit_code"], 2);
        let keyed = password == PASSWORD;
        for (folder, id, checked) in [
            ("mbdb", "padding-invalid", keyed),
            ("mbdb", "digest-mismatch", true),
            ("mbdb", "payload-read-error", true),
            ("current", "padding-invalid", keyed),
            ("current", "digest-mismatch", keyed),
            ("current", "payload-read-error", true),
            // Keys and digests are in the column that nothing opens (F§11.5).
            ("ten", "padding-invalid", false),
            ("ten", "digest-mismatch", false),
            ("ten", "payload-read-error", true),
        ] {
            let not = not_checked(of(&document, folder));
            assert_eq!(
                !not.contains_key(id),
                checked,
                "{folder} {id} {password:?}: {not:?}"
            );
        }
    }
}

/// Contract §2: "Every report says what was checked and what was not, and why." Nothing of a database
/// was checked that nobody can read.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn databases_of_a_locked_backup_were_not_checked() {
    let world = World::new();
    let with_database =
        |era: &str| backup(era).file("HomeDomain", "Library/SMS/sms.db", &database());
    with_database("current")
        .encrypted_with(PASSWORD)
        .write(&world.backups());
    with_database("mbdb")
        .encrypted_with(PASSWORD)
        .mbdb()
        .write(&world.backups());
    with_database("ten")
        .encrypted_ios10_0_with(PASSWORD)
        .write(&world.backups());
    let mut wrong = Vec::new();
    for password in [PASSWORD, "wrong", ""] {
        let document = scan_with(&world, password, &["--level", "contents", "--no-state"]);
        for era in ["current", "mbdb", "ten"] {
            let not = not_checked(of(&document, era));
            let is_checked = !not.contains_key("app-database-damaged");
            // No key of iOS 10.0 and 10.1 can be read, whatever the password.
            if is_checked != (password == PASSWORD && era != "ten") {
                wrong.push(format!("{era} {password:?}: {is_checked}"));
            }
        }
    }
    assert!(wrong.is_empty(), "checked: {wrong:?}");
}
