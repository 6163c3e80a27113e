//! One deliberately broken backup for each finding of the contents but those of databases and of earlier
//! runs, open and encrypted, and exactly what is said of it.

#![cfg(not(windows))]

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
fn check(cases: impl IntoIterator<Item = Case>, standard: &str) {
    for (name, builder, password, expected) in cases {
        let world = World::of(builder);
        let found = outcome(&world.scan_with(password, &["--no-state"]));
        assert_eq!(found, expected, "{name}");
        let found = world.outcome_at_standard(password);
        if !found.starts_with(UNVERIFIED) {
            assert_eq!(found, standard, "{name}, at standard");
        }
    }
}

const PADDING: &str = "complete 0: warning padding-invalid ×1";
const BOTH: &str = "corrupt 2: error digest-mismatch ×1, warning padding-invalid ×1";

fn setting_flipped(builder: BackupBuilder, at: usize) -> BackupBuilder {
    builder.flip_in_payload(SETTING.0, SETTING.1, at)
}

#[test]
fn a_flipped_bit_in_a_payload_with_a_checksum_of_each_form() {
    for (form, name) in [
        (DigestForm::Inline, "inline"),
        (DigestForm::UidData, "reference"),
        (DigestForm::NsData, "archived"),
    ] {
        let with = |builder: BackupBuilder| {
            let row = Row::file(SETTING.0, SETTING.1, &bytes(300)).digest(form);
            setting_flipped(builder.add(row), 0)
        };
        let photo = Row::file(PHOTO.0, PHOTO.1, &bytes(100_000)).digest(form);
        let photo = phone().add(photo).flip_in_payload(PHOTO.0, PHOTO.1, 99_999);
        let cases = [
            (name, with(phone()), None, MISMATCH),
            (name, with(encrypted()), PASS, MISMATCH),
            (name, with(encrypted()), None, UNVERIFIED),
            ("a photo that has one", photo, None, MISMATCH),
        ];
        check(cases, WELL);
    }
}

/// With Manifest.mbdb the checksum can be read without a password.
#[test]
fn a_flipped_bit_in_a_payload_of_ios_9() {
    let flipped = |builder: BackupBuilder| setting_flipped(builder.mbdb(), 0);
    let cases = [
        ("open", flipped(phone()), None, MISMATCH),
        ("encrypted", flipped(encrypted()), PASS, MISMATCH),
        ("locked", flipped(encrypted()), None, MISMATCH),
    ];
    check(cases, WELL);
    // And a wrong one hinders none of it.
    let wrong = "corrupt 2: error digest-mismatch ×1, warning password-wrong ×1";
    let case = ("wrong", flipped(encrypted()), Some("x"), wrong);
    check([case], "complete 3: warning password-wrong ×1");
}

#[test]
fn every_byte_of_a_large_file_counts() {
    let large = || phone().file(SETTING.0, SETTING.1, &bytes(200_000));
    let places = [0, 1, 65_535, 65_536, 131_071, 131_072, 199_984, 199_999];
    check(
        places.map(|at| ("a place", setting_flipped(large(), at), None, MISMATCH)),
        WELL,
    );
}

/// Bytes that are wholly others, bytes too many and too few: the checksum tells each.
#[test]
fn other_bytes_of_any_length() {
    let with = |stored: Vec<u8>| phone().payload(SETTING.0, SETTING.1, stored);
    let twice = [bytes(300), bytes(300)].concat();
    let cases = [
        ("others", with(vec![7; 300]), None, MISMATCH),
        ("one more", with(vec![7; 301]), None, MISMATCH),
        ("one less", with(bytes(300)[..299].to_vec()), None, MISMATCH),
        ("appended, as one tool did", with(twice), None, MISMATCH),
    ];
    check(cases, WELL);
}

/// What standard finds is found, too, and nothing that is not there is read.
#[test]
fn what_is_not_there_has_no_wrong_bytes() {
    let missing = phone().remove_payload(SETTING.0, SETTING.1);
    let expected = "corrupt 2: error file-missing ×1";
    check([("missing", missing, None, expected)], expected);
    let id = file_id(SETTING.0, SETTING.1);
    let place = format!("{}/{id}", &id[..2]);
    let folder = phone().without(&place);
    let folder = folder.raw(&format!("{place}/inside"), *b"x");
    let expected = "corrupt 2: error payload-not-a-file ×1";
    check([("a folder", folder, None, expected)], expected);
    let cut = encrypted().payload(PHOTO.0, PHOTO.1, bytes(99_999));
    let expected = "corrupt 2: error payload-truncated ×1";
    check([("cut", cut, PASS, expected)], expected);
}

/// Nothing is followed and nothing waits where a link or a pipe is in place of a payload.
#[test]
fn links_and_pipes_are_not_read() {
    let world = World::new();
    let place = world.payload(SETTING);
    fs::remove_file(&place).unwrap();
    fs::write(world.path("outside"), bytes(300)).unwrap();
    std::os::unix::fs::symlink(world.path("outside"), &place).unwrap();
    let photo = world.payload(PHOTO);
    fs::remove_file(&photo).unwrap();
    make_pipe(&photo);
    let document = world.scan(&[]);
    let expected = "corrupt 2: error payload-not-a-file ×2";
    assert_eq!(outcome(&document), expected);
    assert_eq!(compared(&document), [[1, 5000], [0, 0], [0, 0]]);
}

/// Only the last two blocks are decrypted: the end tells, the middle does not.
#[test]
fn the_end_of_an_encrypted_payload() {
    // 100,000 bytes are 6,250 blocks, so that the padding is a block of its own.
    let stored = 100_016;
    let photo = |at| encrypted().flip_in_payload(PHOTO.0, PHOTO.1, at);
    let pad = |padding| encrypted().payload_padding(PHOTO.0, PHOTO.1, padding);
    let setting = |at| setting_flipped(encrypted(), at);
    let row = Row::file(PHOTO.0, PHOTO.1, &bytes(100_000)).without_key();
    let old = pad(Padding::None).mbdb();
    let keyless = pad(Padding::Zeros).add(row);
    let two = pad(Padding::Zeros).payload_padding(CHAT.0, CHAT.1, Padding::None);
    let both = "complete 0: warning padding-invalid ×2";
    let cases = [
        ("not padded", pad(Padding::None), PASS, PADDING),
        ("zeros", pad(Padding::Zeros), PASS, PADDING),
        ("locked", pad(Padding::Zeros), None, UNVERIFIED),
        ("last byte", photo(stored - 1), PASS, PADDING),
        ("last block", photo(stored - 16), PASS, PADDING),
        ("the one before", photo(stored - 17), PASS, PADDING),
        ("farther ahead", photo(stored - 33), PASS, WELL),
        ("the first", photo(0), PASS, WELL),
        ("last block, locked", photo(stored - 1), None, UNVERIFIED),
        ("last block, with a checksum", setting(303), PASS, BOTH),
        ("not the last, with a checksum", setting(0), PASS, MISMATCH),
        ("of iOS 9", photo(stored - 1).mbdb(), PASS, PADDING),
        ("of iOS 9, not padded", old, PASS, PADDING),
        ("of iOS 9, locked", photo(stored - 1).mbdb(), None, WELL),
        ("without a key", keyless, PASS, WELL),
        ("two of three", two, PASS, both),
    ];
    check(cases, WELL);
}

/// What is told of each file, and how many of them.
#[test]
fn findings_name_the_files_and_add_them_up() {
    let world = World::of(setting_flipped(phone(), 299));
    let document = world.scan(&[]);
    let told = finding(only_backup(&document), "digest-mismatch");
    let id = file_id(SETTING.0, SETTING.1);
    let example = json!({ "domain": SETTING.0, "path": SETTING.1, "bytes": 300, "file_id": id });
    let found = ["count", "bytes", "examples"].map(|key| told[key].clone());
    assert_eq!(found, [json!(1), json!(300), json!([example])]);

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
        let told = named(finding(only_backup(&document), "digest-mismatch"));
        let paths = told.iter().map(|(_, path)| path.to_string());
        assert!(paths.eq((0..12).map(name)), "{told:?}");
    }
}

/// Warnings count for the exit code where they are asked to; errors always do.
#[test]
fn exit_codes() {
    let padding = encrypted().payload_padding(PHOTO.0, PHOTO.1, Padding::Zeros);
    let [padding, setting] = [padding, setting_flipped(encrypted(), 0)].map(World::of);
    for (world, args, code) in [
        (&padding, "--level contents --fail-on error", 0),
        (&padding, "--level contents --fail-on warning", 1),
        (&padding, "--fail-on warning", 0),
        (&setting, "--level contents", 2),
        (&setting, "--level contents --fail-on warning", 2),
        (&setting, "--fail-on warning", 0),
    ] {
        let mut command = world.command_with(PASS);
        command.args(["backups", "--now", NOW, "--no-state"]);
        let run = world.output(command.args(args.split(' ')));
        assert_eq!(run.code, code, "{args}: {run:?}");
    }
}

/// While the device is at work, all of it is a note.
#[test]
fn in_a_running_backup_every_finding_is_a_note() {
    let running = encrypted().date("2026-11-22T11:50:00Z");
    let world = World::of(setting_flipped(running.snapshot_state("uploading"), 303));
    let document = world.scan_with(PASS, &[]);
    assert_eq!(outcome(&document), "in-progress 0:");
    let backup = only_backup(&document);
    for id in ["digest-mismatch", "padding-invalid"] {
        assert_eq!(finding(backup, id)["severity"], "note");
    }
}

/// A severity of the user's own changes the exit code, not the verdict.
#[test]
fn severities_of_the_settings() {
    let world = World::of(setting_flipped(phone(), 0));
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
fn a_damaged_backup_takes_the_place_of_none() {
    let world = World::empty();
    let newer = phone().date("2025-05-01T10:00:00Z").folder_name("newer");
    setting_flipped(newer, 0).write(&world.root());
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
fn the_number_of_threads_changes_nothing() {
    let world = World::empty();
    let sealed = BackupBuilder::new(IPAD).encrypted_with(PASSWORD);
    for backup in [BackupBuilder::new(PHONE), sealed] {
        let backup = (0..40).fold(backup, |backup, number| {
            let path = format!("Library/Preferences/{number}.plist");
            let backup = backup.file("HomeDomain", &path, &bytes(1000 + number));
            backup.flip_in_payload("HomeDomain", &path, 990 + number)
        });
        backup.write(&world.root());
    }
    let photo = world.payload(PHOTO);
    let run = |threads: &str| {
        let mut command = world.command_with(PASS);
        command.args(SCAN).args(["--threads", threads]);
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
