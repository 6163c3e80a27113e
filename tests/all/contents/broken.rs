//! One deliberately broken backup for each finding of the contents but those of databases and of earlier
//! runs, open and encrypted, and exactly what is said of it.

use super::*;
use crate::support::{DigestForm, Padding, Row, file_id};

/// A case: what it is, the backup, the password, and the outcome at `contents`.
type Case = (
    &'static str,
    BackupBuilder,
    Option<&'static str>,
    &'static str,
);

/// At `standard` nothing is seen of any of it.
fn check(cases: Vec<Case>, standard: &str) {
    let mut wrong = Vec::new();
    for (name, builder, password, expected) in cases {
        let world = World::of(builder);
        let found = outcome(&world.scan_with(password, &["--no-state"]));
        if found != expected {
            wrong.push(format!("{name}:\n  want {expected}\n  got  {found}"));
        }
        let mut command = world.command_with(password);
        command.args(["backups", "--json", "--no-state", "--now", NOW]);
        let found = outcome(&document(&world.output(&mut command)));
        if found != standard && !found.starts_with("unverified 0:") {
            wrong.push(format!("{name}, standard: {found}"));
        }
    }
    assert_all(&wrong);
}

const PASS: Option<&str> = Some(PASSWORD);
const MISMATCH: &str = "corrupt 2: error digest-mismatch ×1";
const PADDING: &str = "complete 0: warning padding-invalid ×1";
const BOTH: &str = "corrupt 2: error digest-mismatch ×1, warning padding-invalid ×1";

fn encrypted() -> BackupBuilder {
    phone().encrypted_with(PASSWORD)
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_flipped_bit_in_a_payload_with_a_checksum_of_each_form() {
    let mut cases: Vec<Case> = Vec::new();
    for (form, name) in [
        (DigestForm::Inline, "inline"),
        (DigestForm::UidData, "reference"),
        (DigestForm::NsData, "archived"),
    ] {
        let row = || Row::file(SETTING.0, SETTING.1, &bytes(300)).digest(form);
        let photo = || Row::file(PHOTO.0, PHOTO.1, &bytes(100_000)).digest(form);
        let flip = |builder: BackupBuilder| builder.flip_in_payload(SETTING.0, SETTING.1, 0);
        cases.extend([
            (name, flip(phone().add(row())), None, MISMATCH),
            (name, flip(encrypted().add(row())), PASS, MISMATCH),
            (name, flip(encrypted().add(row())), None, "unverified 0:"),
            (
                "a photo that has one",
                phone()
                    .add(photo())
                    .flip_in_payload(PHOTO.0, PHOTO.1, 99_999),
                None,
                MISMATCH,
            ),
        ]);
    }
    check(cases, "complete 0:");
}

/// With Manifest.mbdb the checksum can be read without a password.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_flipped_bit_in_a_payload_of_ios_9() {
    let flip = |builder: BackupBuilder| builder.mbdb().flip_in_payload(SETTING.0, SETTING.1, 0);
    let cases = vec![
        ("open", flip(phone()), None, MISMATCH),
        ("encrypted", flip(encrypted()), PASS, MISMATCH),
        ("locked", flip(encrypted()), None, MISMATCH),
    ];
    check(cases, "complete 0:");
    // And a wrong one hinders none of it.
    let wrong = "corrupt 2: error digest-mismatch ×1, warning password-wrong ×1";
    let case = ("wrong", flip(encrypted()), Some("x"), wrong);
    check(vec![case], "complete 3: warning password-wrong ×1");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn every_byte_of_a_large_file_counts() {
    let large = || phone().file(SETTING.0, SETTING.1, &bytes(200_000));
    let places = [0, 1, 65_535, 65_536, 131_071, 131_072, 199_984, 199_999];
    let flipped = |at| large().flip_in_payload(SETTING.0, SETTING.1, at);
    let cases = places.map(|at| ("a place", flipped(at), None, MISMATCH));
    check(cases.into(), "complete 0:");
}

/// Bytes that are wholly others, bytes too many and too few: the checksum tells each.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn other_bytes_of_any_length() {
    let with = |stored: Vec<u8>| phone().payload(SETTING.0, SETTING.1, stored);
    let cases = vec![
        ("others", with(vec![7; 300]), None, MISMATCH),
        ("one more", with(vec![7; 301]), None, MISMATCH),
        ("one less", with(bytes(300)[..299].to_vec()), None, MISMATCH),
        (
            "appended, as one tool did",
            with([bytes(300), bytes(300)].concat()),
            None,
            MISMATCH,
        ),
    ];
    check(cases, "complete 0:");
}

/// What standard finds is found, too, and nothing that is not there is read.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_is_not_there_has_no_wrong_bytes() {
    let missing = phone().remove_payload(SETTING.0, SETTING.1);
    let expected = "corrupt 2: error file-missing ×1";
    check(vec![("missing", missing, None, expected)], expected);
    let id = file_id(SETTING.0, SETTING.1);
    let place = format!("{}/{id}", &id[..2]);
    let folder = phone()
        .without(&place)
        .raw(&format!("{place}/inside"), *b"x");
    let expected = "corrupt 2: error payload-not-a-file ×1";
    check(vec![("a folder", folder, None, expected)], expected);
    let cut = encrypted().payload(PHOTO.0, PHOTO.1, bytes(99_999));
    let expected = "corrupt 2: error payload-truncated ×1";
    check(vec![("cut", cut, PASS, expected)], expected);
}

/// Nothing is followed and nothing waits where a link or a pipe is in place of a payload.
#[cfg(unix)]
#[test]
fn links_and_pipes_are_not_read() {
    let world = World::new();
    let place = world.payload(SETTING);
    fs::remove_file(&place).unwrap();
    fs::write(world.path("outside"), bytes(300)).unwrap();
    std::os::unix::fs::symlink(world.path("outside"), &place).unwrap();
    let photo = world.payload(PHOTO);
    fs::remove_file(&photo).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(&photo)
            .status()
            .unwrap()
            .success()
    );
    let document = world.scan(&[]);
    let expected = "corrupt 2: error payload-not-a-file ×2";
    assert_eq!(outcome(&document), expected);
    assert_eq!(compared(&document), [[1, 5000], [0, 0], [0, 0]]);
}

/// Only the last two blocks are decrypted: the end tells, the middle does not.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_end_of_an_encrypted_payload() {
    // 100,000 bytes are 6,250 blocks, so that the padding is a block of its own.
    let stored = 100_016;
    let photo = |at| encrypted().flip_in_payload(PHOTO.0, PHOTO.1, at);
    let pad = |padding| encrypted().payload_padding(PHOTO.0, PHOTO.1, padding);
    let setting = |at| encrypted().flip_in_payload(SETTING.0, SETTING.1, at);
    let cases: Vec<Case> = vec![
        ("not padded", pad(Padding::None), PASS, PADDING),
        ("zeros", pad(Padding::Zeros), PASS, PADDING),
        ("locked", pad(Padding::Zeros), None, "unverified 0:"),
        ("last byte", photo(stored - 1), PASS, PADDING),
        ("last block", photo(stored - 16), PASS, PADDING),
        ("the one before", photo(stored - 17), PASS, PADDING),
        ("farther ahead", photo(stored - 33), PASS, "complete 0:"),
        ("the first", photo(0), PASS, "complete 0:"),
        (
            "last block, locked",
            photo(stored - 1),
            None,
            "unverified 0:",
        ),
        ("last block, with a checksum", setting(303), PASS, BOTH),
        ("not the last, with a checksum", setting(0), PASS, MISMATCH),
        ("of iOS 9", photo(stored - 1).mbdb(), PASS, PADDING),
        (
            "of iOS 9, not padded",
            pad(Padding::None).mbdb(),
            PASS,
            PADDING,
        ),
        (
            "of iOS 9, locked",
            photo(stored - 1).mbdb(),
            None,
            "complete 0:",
        ),
        (
            "without a key",
            encrypted()
                .add(Row::file(PHOTO.0, PHOTO.1, &bytes(100_000)).without_key())
                .payload_padding(PHOTO.0, PHOTO.1, Padding::Zeros),
            PASS,
            "complete 0:",
        ),
        (
            "two of three",
            pad(Padding::Zeros).payload_padding(CHAT.0, CHAT.1, Padding::None),
            PASS,
            "complete 0: warning padding-invalid ×2",
        ),
    ];
    check(cases, "complete 0:");
}

/// What is told of each file, and how many of them.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn findings_name_the_files_and_add_them_up() {
    let world = World::of(phone().flip_in_payload(SETTING.0, SETTING.1, 299));
    let document = world.scan(&[]);
    let told = finding(only_backup(&document), "digest-mismatch");
    assert_eq!((&told["count"], &told["bytes"]), (&json!(1), &json!(300)));
    assert_eq!(
        told["examples"],
        json!([{ "domain": SETTING.0, "path": SETTING.1, "bytes": 300,
                 "file_id": file_id(SETTING.0, SETTING.1) }])
    );

    let name = |number: u32| format!("Library/Preferences/{number:02}.plist");
    let all = |builder: BackupBuilder| {
        (0..12).fold(builder, |builder, number| {
            let content = bytes(100 + number as usize);
            let builder = builder.file("HomeDomain", &name(number), &content);
            builder.flip_in_payload("HomeDomain", &name(number), 0)
        })
    };
    // The sum of 100 to 111, and what padding makes of each of them: 12 times 112.
    for (builder, password, bytes) in [(phone(), None, 1266), (encrypted(), PASS, 1344)] {
        let world = World::of(all(builder));
        let document = world.scan_with(password, &[]);
        assert_eq!(outcome(&document), "corrupt 2: error digest-mismatch ×12");
        let told = finding(only_backup(&document), "digest-mismatch");
        assert_eq!(told["bytes"], bytes);
        assert_eq!(told["examples"].as_array().unwrap().len(), 10);
        let mut show = world.command_with(password);
        show.args(["show", "--level", "contents", "--json", "--now", NOW]);
        let run = world.output(show.arg(world.phone()));
        let document = self::document(&run);
        let told = finding(only_backup(&document), "digest-mismatch");
        let examples = told["examples"].as_array().unwrap().iter();
        let mut paths: Vec<_> = examples.map(|one| one["path"].as_str().unwrap()).collect();
        paths.sort();
        assert_eq!(paths, (0..12).map(name).collect::<Vec<_>>());
    }
}

/// Warnings count for the exit code where they are asked to; errors always do.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn exit_codes() {
    let padding = encrypted().payload_padding(PHOTO.0, PHOTO.1, Padding::Zeros);
    let world = World::of(padding);
    let code = |world: &World, args: &[&str]| {
        let mut command = world.command_with(PASS);
        command.args(["backups", "--now", NOW, "--no-state"]);
        world.output(command.args(args)).code
    };
    let contents = ["--level", "contents", "--fail-on"];
    assert_eq!(code(&world, &[&contents[..], &["error"]].concat()), 0);
    assert_eq!(code(&world, &[&contents[..], &["warning"]].concat()), 1);
    assert_eq!(code(&world, &["--fail-on", "warning"]), 0);
    let world = World::of(encrypted().flip_in_payload(SETTING.0, SETTING.1, 0));
    assert_eq!(code(&world, &["--level", "contents"]), 2);
    assert_eq!(code(&world, &[&contents[..], &["warning"]].concat()), 2);
    assert_eq!(code(&world, &["--fail-on", "warning"]), 0);
}

/// While the device is at work, all of it is a note.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn in_a_running_backup_every_finding_is_a_note() {
    let world = World::of(
        encrypted()
            .date("2026-11-22T11:50:00Z")
            .snapshot_state("uploading")
            .flip_in_payload(SETTING.0, SETTING.1, 303),
    );
    let document = world.scan_with(PASS, &[]);
    assert_eq!(outcome(&document), "in-progress 0:");
    let backup = only_backup(&document);
    for id in ["digest-mismatch", "padding-invalid"] {
        assert_eq!(finding(backup, id)["severity"], "note");
    }
}

/// A severity of the user's own changes the exit code, not the verdict.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn severities_of_the_settings() {
    let world = World::of(phone().flip_in_payload(SETTING.0, SETTING.1, 0));
    fs::create_dir_all(world.path("config/bkscan")).unwrap();
    let settings = "level = \"contents\"\n[severities]\ndigest-mismatch = \"note\"\n";
    fs::write(world.path("config/bkscan/config.toml"), settings).unwrap();
    let run = world.run(["backups", "--json", "--now", NOW]);
    let document = document(&run);
    assert_eq!(document["level"], "contents");
    assert_eq!(outcome(&document), "corrupt 0:");
}

/// What was read decides what may go: the older backup stays while the newer one is damaged.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_damaged_backup_takes_the_place_of_none() {
    let world = World::empty();
    let newer = phone().date("2025-05-01T10:00:00Z").folder_name("newer");
    newer
        .flip_in_payload(SETTING.0, SETTING.1, 0)
        .write(&world.root());
    phone().folder_name("older").write(&world.root());
    let removable = |words: &[&str]| {
        let run = world.run([words, &["backups", "--json", "--now", NOW]].concat());
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let paths = document["summary"]["removable"]["backups"].clone();
        paths.as_array().unwrap().len()
    };
    assert_eq!(removable(&[]), 1);
    assert_eq!(removable(&["--level", "contents"]), 0);
    assert_eq!(removable(&["clean"]), 1);
    assert_eq!(removable(&["clean", "--level", "contents"]), 0);
}

/// The same on any number of threads, in the first run and in the second.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_number_of_threads_changes_nothing() {
    let world = World::empty();
    for (udid, builder) in [(PHONE, "open"), (IPAD, "encrypted")] {
        let mut backup = BackupBuilder::new(udid);
        if builder == "encrypted" {
            backup = backup.encrypted_with(PASSWORD);
        }
        for number in 0..40 {
            let path = format!("Library/Preferences/{number}.plist");
            backup = backup
                .file("HomeDomain", &path, &bytes(1000 + number))
                .flip_in_payload("HomeDomain", &path, 990 + number);
        }
        backup.write(&world.root());
    }
    let photo = payload_path(
        &world.root().join(PHONE),
        "CameraRollDomain",
        "Media/DCIM/100APPLE/IMG_0001.HEIC",
    );
    let run = |threads: &str| {
        let mut command = world.command_with(PASS);
        command
            .args(SCAN)
            .args(["--now", NOW, "--threads", threads]);
        without_disk(&world.output(&mut command))
    };
    let first = run("1");
    for threads in ["2", "8", "16"] {
        fs::remove_dir_all(world.state()).unwrap();
        assert_eq!(run(threads), first, "{threads}");
    }
    let second = run("8");
    flip(&photo, 7);
    let third = run("1");
    for threads in ["2", "8", "16"] {
        assert_eq!(run(threads), third, "{threads}");
    }
    flip(&photo, 7);
    for threads in ["1", "16"] {
        assert_eq!(run(threads), second, "{threads}");
    }
}
