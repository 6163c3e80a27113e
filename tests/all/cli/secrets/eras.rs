//! Encrypted backups of each time (F§11.5; contract §4 rules 2, 3 and 6), with the right password, a
//! wrong one and none.
#![cfg(not(windows))]

use serde_json::json;

use super::keys::{Keys, overwrite};
use super::*;
use crate::cli::configured::of;
use crate::support::{Padding, database};

fn padded(one: BackupBuilder, padding: Padding) -> BackupBuilder {
    one.encrypted_with(PASSWORD).manifest_padding(padding)
}

/// A world with one backup of each time, and one of each that lacks its photo.
fn world() -> World {
    let world = World::new();
    let add = |era: &str, encrypt: fn(BackupBuilder) -> BackupBuilder| {
        let gone = two(&format!("{era}-gone")).remove_payload(PHOTO.0, PHOTO.1);
        [two(era), gone].map(|builder| encrypt(builder).write(&world.backups()))
    };
    let current = |one: BackupBuilder| one.encrypted_with(PASSWORD);
    add("current", current);
    add("unpadded", |one| padded(one, Padding::None));
    add("zeros", |one| padded(one, Padding::Zeros));
    add("mbdb", |one| one.encrypted_with(PASSWORD).mbdb());
    add("ten", |one| one.encrypted_ios10_0_with(PASSWORD));
    // By a tool, in place.
    for path in add("decrypted", current) {
        let plain = Keys::of(&path, PASSWORD).open_manifest(&path);
        overwrite(&path.join("Manifest.db"), &plain);
    }
    world
}

#[test]
fn each_era_with_its_format_and_groups_with_the_password_a_wrong_one_and_none() {
    let world = world();
    let (complete, locked, gone) = ("complete", "unverified", "corrupt: file-missing");
    let wrong = "unverified: password-wrong";
    let of_mbdb = "complete: password-wrong";
    let unpadded = [
        "complete: manifest-unpadded",
        "unverified: manifest-unpadded password-wrong",
        "unverified: manifest-unpadded",
    ];
    let unpadded_gone = [
        "corrupt: file-missing manifest-unpadded",
        unpadded[1],
        unpadded[2],
    ];
    let wrong_and_gone = "corrupt: file-missing password-wrong";
    // Era, whether its photo is gone, what is said with the password, with a wrong one, with none.
    let cases = [
        ("current", [complete, wrong, locked]),
        ("current-gone", [gone, wrong, locked]),
        ("unpadded", unpadded),
        ("unpadded-gone", unpadded_gone),
        ("zeros", [complete, wrong, locked]),
        ("zeros-gone", [gone, wrong, locked]),
        // Rule 3: names are readable, so `complete` is possible. Rule 6: the other checks go on.
        ("mbdb", [complete, of_mbdb, complete]),
        ("mbdb-gone", [gone, wrong_and_gone, gone]),
        // Rule 3: presence is checked, nothing else; at best `unverified`.
        ("ten", [locked, wrong, locked]),
        ("ten-gone", [gone, wrong_and_gone, gone]),
        ("decrypted", [locked, wrong, locked]),
        ("decrypted-gone", [gone, wrong_and_gone, gone]),
    ];
    let groups = json!([
        { "group": "Photos", "files": 1, "bytes": 112 },
        { "group": "System & settings", "files": 1, "bytes": 32 },
    ]);
    for level in ["standard", "contents"] {
        for (at, password) in [PASSWORD, "wrong", ""].into_iter().enumerate() {
            let document = scan_with(&world, password, &["--level", level, "--no-state"]);
            let expected = cases.map(|(folder, said)| (folder, said[at]));
            assert_verdicts(&document, &expected, &format!("{level} {password:?}"));
            // The shape of each, and that storage is by group wherever names are readable.
            for folder in ["current", "unpadded", "zeros", "mbdb", "ten", "decrypted"] {
                let backup = of(&document, folder);
                let said = format!("{folder} {level} {password:?}: {backup:#}");
                let format = if folder == "mbdb" { "mbdb" } else { "sqlite" };
                let open = ["mbdb", "ten", "decrypted"].contains(&folder);
                let readable = password == PASSWORD || open;
                assert_eq!(backup["encrypted"], true, "{said}");
                assert_eq!(backup["manifest_format"], format, "{said}");
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
}

/// Contract §2: "Every report says what was checked and what was not, and why." Digests stand in the list
/// of iOS 9 as they are, and need no password; padding needs one, and so does what is in a database.
#[test]
fn contents_without_a_password_are_checked_where_the_list_is_readable() {
    let with_database = |era: &str| two(era).file("HomeDomain", "Library/SMS/sms.db", &database());
    let flipped = with_database("mbdb").flip_in_payload(SETTING.0, SETTING.1, 3);
    let world = world_of([
        flipped.encrypted_with(PASSWORD).mbdb(),
        with_database("current").encrypted_with(PASSWORD),
        with_database("ten").encrypted_ios10_0_with(PASSWORD),
    ]);
    for (password, found) in [
        (PASSWORD, "corrupt: digest-mismatch"),
        ("wrong", "corrupt: digest-mismatch password-wrong"),
        ("", "corrupt: digest-mismatch"),
    ] {
        let document = scan_with(&world, password, &["--level", "contents", "--no-state"]);
        assert_eq!(verdicts(&document)["mbdb"], found);
        assert_eq!(document["exit_code"], 2);
        let keyed = password == PASSWORD;
        for (folder, id, checked) in [
            ("mbdb", "padding-invalid", keyed),
            ("mbdb", "app-database-damaged", keyed),
            ("mbdb", "digest-mismatch", true),
            ("mbdb", "payload-read-error", true),
            ("current", "padding-invalid", keyed),
            ("current", "app-database-damaged", keyed),
            ("current", "digest-mismatch", keyed),
            ("current", "payload-read-error", true),
            // Keys and digests are in the column that nothing opens (F§11.5), whatever the password.
            ("ten", "padding-invalid", false),
            ("ten", "app-database-damaged", false),
            ("ten", "digest-mismatch", false),
            ("ten", "payload-read-error", true),
        ] {
            let not = not_checked(of(&document, folder));
            let what = format!("{folder} {id} {password:?}: {not:?}");
            assert_eq!(!not.contains_key(id), checked, "{what}");
        }
    }
}
