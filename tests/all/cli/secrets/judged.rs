//! What is judged with a password, and what without: as JSON, where everything is exact (contract §3 to
//! §5, §7).

use std::fs;

use serde_json::{Value, json};

use super::{
    PASSWORD, PHONE, SPARE, TABLET, World, document, last, not_checked, payloads, phone, private,
    scan_with, sealed, stored, verdicts, with_password,
};
use crate::cli::configured::{self, of};
use crate::harness::NOW;
use crate::support::{BackupBuilder, DigestForm, Padding, Row, file_id, payload_path};

const PHOTO: (&str, &str) = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.JPG");
const SETTING: (&str, &str) = ("HomeDomain", "Library/Preferences/a.plist");
const NOTE: (&str, &str) = ("AppDomain-net.example.app", "Documents/note.txt");
const CHAT: (&str, &str) = ("HomeDomain", "Library/SMS/draft.txt");

/// Four files of four groups, whose sizes all agree.
fn four(folder: &str) -> BackupBuilder {
    BackupBuilder::new(PHONE)
        .folder_name(folder)
        .bare()
        .no_empty_shards()
        .file(PHOTO.0, PHOTO.1, &[7; 100])
        .file(SETTING.0, SETTING.1, &[8; 31])
        .file(NOTE.0, NOTE.1, &[9; 32])
        .file(CHAT.0, CHAT.1, &[10; 33])
}

/// One backup for each thing that can be said of the files of a manifest.
fn each_defect() -> Vec<BackupBuilder> {
    let raw = |name: &str| four(name);
    let dataless = |path: &str| {
        Row::file(PHOTO.0, path, b"")
            .size(100)
            .st_flags(0x4000_0000)
            .stored([])
    };
    vec![
        raw("whole"),
        raw("missing").remove_payload(PHOTO.0, PHOTO.1),
        raw("missing-two")
            .remove_payload(SETTING.0, SETTING.1)
            .remove_payload(NOTE.0, NOTE.1),
        raw("all-missing")
            .remove_payload(PHOTO.0, PHOTO.1)
            .remove_payload(SETTING.0, SETTING.1)
            .remove_payload(NOTE.0, NOTE.1)
            .remove_payload(CHAT.0, CHAT.1),
        raw("changed-during-upload")
            .add(
                Row::file(NOTE.0, "Documents/17", b"x")
                    .flags(17)
                    .no_payload(),
            )
            .add(
                Row::file(NOTE.0, "Documents/16", b"x")
                    .flags(16)
                    .null_names(),
            ),
        raw("null-blob").add(
            Row::file(NOTE.0, "Documents/null", b"x")
                .null_blob()
                .no_payload(),
        ),
        raw("empty-photo").payload(PHOTO.0, PHOTO.1, []),
        raw("empty-setting").payload(SETTING.0, SETTING.1, []),
        raw("empty-note").payload(NOTE.0, NOTE.1, []),
        raw("empty-wal").add(
            Row::file(PHOTO.0, "Media/PhotoData/Photos.sqlite-wal", b"")
                .size(4000)
                .stored([]),
        ),
        raw("dataless").add(dataless("Media/DCIM/100APPLE/IMG_0002.JPG")),
        raw("of-nothing").add(Row::file(SETTING.0, "Library/zero", b"").stored([])),
        raw("folder").add(Row::directory(NOTE.0, "Documents/folder")),
        raw("orphan").raw("ab/ab00000000000000000000000000000000000000", vec![1; 48]),
        raw("misplaced").raw("ab/cd00000000000000000000000000000000000000", vec![1; 48]),
        raw("other-id")
            .add(Row::file(NOTE.0, "Documents/b", b"b").id(&file_id(NOTE.0, "Documents/other"))),
        raw("no-id").add(Row::file(NOTE.0, "Documents/c", b"c").id("../../etc/passwd")),
        raw("no-blob").add(Row::file(NOTE.0, "Documents/d", b"d").blob([1, 2, 3])),
        raw("trouble").add(
            Row::file(
                "HomeDomain",
                "Library/Application Support/FileProvider/backup/backup_manifest.db",
                b"x",
            )
            .no_payload(),
        ),
        raw("forms")
            .add(Row::file(NOTE.0, "Documents/e", b"e").digest(DigestForm::Inline))
            .add(Row::file(NOTE.0, "Documents/f", b"f").digest(DigestForm::NsData)),
        raw("no-info").without("Info.plist"),
        raw("uploading").snapshot_state("uploading"),
        raw("wal").raw("Manifest.db-wal", [1]),
        raw("leftover").raw("Snapshot/ab/x", [1]),
    ]
}

/// Everything that must not depend on whether the files are encrypted.
fn judgement(backup: &Value) -> Value {
    let findings = backup["findings"].as_array().unwrap().iter();
    let findings = findings.map(|finding| {
        let examples = finding["examples"].as_array().unwrap().iter();
        let examples: Vec<_> = examples
            .map(|example| json!([example["domain"], example["path"], example["file_id"]]))
            .collect();
        let keys = ["id", "severity", "count"].map(|key| finding[key].clone());
        json!([keys, examples])
    });
    let mut groups: Vec<_> = backup["storage"].as_array().unwrap().iter().collect();
    groups.sort_by_key(|group| group["group"].as_str());
    let groups = groups
        .iter()
        .map(|group| json!([group["group"], group["files"]]));
    let same = [
        "verdict",
        "checked",
        "not_checked",
        "manifest",
        "flags",
        "manifest_format",
        "snapshot_state",
        "last_backup",
    ];
    let same: Vec<_> = same.iter().map(|key| json!([key, backup[key]])).collect();
    let findings: Vec<_> = findings.collect();
    let groups: Vec<_> = groups.collect();
    json!([same, findings, groups, backup["decision"]["action"]])
}

/// "With the password an encrypted backup goes through every check of an open one."
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn with_the_password_all_is_said_that_is_said_of_an_open_backup() {
    let (open, sealed) = (World::new(), World::new());
    for builder in each_defect() {
        builder.write(&open.backups());
    }
    for builder in each_defect() {
        builder.encrypted_with(PASSWORD).write(&sealed.backups());
    }
    for level in ["quick", "standard", "contents"] {
        let args = ["--level", level, "--no-state"];
        let expected = open.scan(&args);
        let document = scan_with(&sealed, PASSWORD, &args);
        let mut wrong = Vec::new();
        for backup in document["backups"].as_array().unwrap() {
            let folder = last(&backup["path"]);
            let expected = judgement(of(&expected, folder));
            let judged = judgement(backup);
            if judged != expected {
                wrong.push(format!("{folder} at {level}:\n  {judged}\n  {expected}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        for key in ["exit_code", "level"] {
            assert_eq!(document[key], expected[key]);
        }
        let summaries = [&document, &expected].map(|document| &document["summary"]);
        for key in ["backups", "devices", "verdicts", "files"] {
            assert_eq!(summaries[0][key], summaries[1][key], "{level} {key}");
        }
    }
}

/// Exactly what is said of a defect: severity, how many, how many bytes, and which file it is.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn each_finding_says_how_much_and_which() {
    let world = World::new();
    let gone = |name: &str| four(name).encrypted_with(PASSWORD);
    gone("missing")
        .remove_payload(PHOTO.0, PHOTO.1)
        .write(&world.backups());
    gone("empty")
        .payload(PHOTO.0, PHOTO.1, [])
        .write(&world.backups());
    gone("cut")
        .payload(NOTE.0, NOTE.1, [1; 33])
        .write(&world.backups());
    let orphan = "ab00000000000000000000000000000000000000";
    gone("orphan")
        .raw(&format!("ab/{orphan}"), vec![1; 48])
        .write(&world.backups());
    gone("flipped")
        .flip_in_payload(SETTING.0, SETTING.1, 3)
        .write(&world.backups());
    gone("padding")
        .file(PHOTO.0, PHOTO.1, &[200; 32])
        .payload_padding(PHOTO.0, PHOTO.1, Padding::None)
        .write(&world.backups());
    let document = scan_with(&world, PASSWORD, &["--level", "contents"]);
    assert_eq!(document["exit_code"], 2);
    let expect = |folder: &str, verdict: &str, id: &str, severity: &str, bytes: u64, example| {
        let backup = of(&document, folder);
        assert_eq!(backup["verdict"], verdict, "{backup:#}");
        let findings = backup["findings"].as_array().unwrap();
        assert_eq!(findings.len(), 1, "{folder}: {findings:#?}");
        let finding = &findings[0];
        let said = ["id", "severity", "count", "bytes"].map(|key| finding[key].clone());
        let expected = [json!(id), json!(severity), json!(1), json!(bytes)];
        assert_eq!(said, expected, "{folder}");
        let examples = finding["examples"].as_array().unwrap();
        let examples: Vec<_> = examples
            .iter()
            .map(|example| [&example["domain"], &example["path"], &example["file_id"]])
            .collect();
        let (domain, path, id): (Value, Value, String) = example;
        assert_eq!(examples, [[&domain, &path, &json!(id)]], "{folder}");
    };
    let row = |(domain, path): (&str, &str)| (json!(domain), json!(path), file_id(domain, path));
    expect(
        "missing",
        "corrupt",
        "file-missing",
        "error",
        100,
        row(PHOTO),
    );
    expect(
        "empty",
        "corrupt",
        "payload-empty",
        "error",
        100,
        row(PHOTO),
    );
    expect(
        "cut",
        "corrupt",
        "payload-truncated",
        "error",
        33,
        row(NOTE),
    );
    let unlisted = (Value::Null, Value::Null, orphan.to_owned());
    expect("orphan", "complete", "orphan-file", "note", 48, unlisted);
    expect(
        "flipped",
        "corrupt",
        "digest-mismatch",
        "error",
        32,
        row(SETTING),
    );
    expect(
        "padding",
        "complete",
        "padding-invalid",
        "warning",
        32,
        row(PHOTO),
    );
    let missing = of(&document, "missing")["findings"][0]["message"]
        .as_str()
        .unwrap();
    assert!(missing.starts_with("1 of 4 files is missing"), "{missing}");
    // Contract §2: what is only looked at further down.
    let document = scan_with(&world, PASSWORD, &["--no-state"]);
    for folder in ["flipped", "padding"] {
        let backup = of(&document, folder);
        assert_eq!(backup["verdict"], "complete");
        assert_eq!(backup["findings"], json!([]));
    }
}

// ---- Storage ----

/// Contract §7: `storage` adds up exactly to all payload files; locked it is one group.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn storage_adds_up_to_every_payload() {
    let world = World::new();
    let orphan = "ab00000000000000000000000000000000000000";
    let usual = BackupBuilder::new(PHONE)
        .encrypted_with(PASSWORD)
        .remove_payload("HomeDomain", "Library/SMS/sms.db")
        .payload("MediaDomain", "Media/Recordings/a", [])
        .file("MediaDomain", "Media/Recordings/a", &[1; 1000])
        .raw(&format!("ab/{orphan}"), vec![1; 4801])
        .write(&world.backups());
    four("four")
        .encrypted_with(PASSWORD)
        .write(&world.backups());
    let expected = ["four", PHONE].map(|folder| payloads(&world.backups().join(folder)));
    for (password, level) in [
        (PASSWORD, "standard"),
        (PASSWORD, "contents"),
        ("wrong", "standard"),
        ("wrong", "contents"),
        ("", "standard"),
        ("", "contents"),
    ] {
        let document = scan_with(&world, password, &["--level", level]);
        for (folder, expected) in ["four", PHONE].into_iter().zip(expected) {
            let backup = of(&document, folder);
            assert_eq!(stored(backup), expected, "{folder} {password} {level}");
            let groups = backup["storage"].as_array().unwrap();
            let bytes: Vec<_> = groups.iter().map(|group| group["bytes"].as_u64()).collect();
            assert!(bytes.is_sorted_by(|a, b| a >= b), "{groups:?}");
            let names: Vec<_> = groups
                .iter()
                .map(|group| group["group"].as_str().unwrap())
                .collect();
            match (password, folder) {
                (PASSWORD, PHONE) => assert!(names.contains(&"Not listed"), "{names:?}"),
                (PASSWORD, _) => {}
                _ => assert_eq!(names, ["Encrypted"]),
            }
        }
        if password == PASSWORD {
            let group =
                |group: &str, bytes: u64| json!({ "group": group, "files": 1, "bytes": bytes });
            let mut groups = of(&document, "four")["storage"].as_array().unwrap().clone();
            groups.sort_by_key(|group| group["group"].as_str().unwrap().to_owned());
            let app = groups.remove(
                groups
                    .iter()
                    .position(|group| group["bytes"] == 48 && group["group"] != "Messages")
                    .unwrap(),
            );
            assert!(
                app["group"].as_str().unwrap().contains("example.app"),
                "{app}"
            );
            // Each as long as PKCS#7 makes it: 100 bytes, 31 and 33.
            let expected = [
                group("Messages", 48),
                group("Photos", 112),
                group("System & settings", 32),
            ];
            assert_eq!(json!(groups), json!(expected));
        }
    }
    let unlisted = of(&scan_with(&world, PASSWORD, &[]), PHONE)["storage"].clone();
    let unlisted = unlisted
        .as_array()
        .unwrap()
        .iter()
        .find(|group| group["group"] == "Not listed")
        .cloned();
    assert_eq!(
        unlisted,
        Some(json!({ "group": "Not listed", "files": 1, "bytes": 4801 }))
    );
    assert!(usual.is_dir());
}

/// The sums over all backups, whatever of them opens.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_summary_counts_what_opened_and_what_did_not() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    sealed(SPARE, "Spare", "2026-09-01")
        .remove_payload("HomeDomain", "Library/note.txt")
        .write(&world.backups());
    let other = configured::backup(TABLET, "Tablet", "2026-08-01").encrypted_with("another");
    other.write(&world.backups());
    let open = configured::backup("00008103-0000000000000001", "Open", "2026-08-01");
    open.write(&world.backups());
    let document = scan_with(&world, PASSWORD, &[]);
    let verdicts = json!({
        "complete": 2, "unverified": 1, "in-progress": 0, "interrupted": 0, "incomplete": 0,
        "corrupt": 1, "unreadable": 0,
    });
    let summary = &document["summary"];
    assert_eq!(summary["verdicts"], verdicts);
    assert_eq!(
        (&summary["backups"], &summary["devices"]),
        (&json!(4), &json!(4))
    );
    for key in ["files", "logical_bytes", "allocated_bytes"] {
        let backups = document["backups"].as_array().unwrap().iter();
        let sum: u64 = backups
            .map(|backup| backup["size"][key].as_u64().unwrap())
            .sum();
        assert_eq!(summary[key], sum, "{key}");
    }
    let backup = of(&document, TABLET);
    assert_eq!(
        (&backup["encrypted"], &backup["manifest"]),
        (&json!(true), &Value::Null)
    );
    let backup = of(&document, PHONE);
    assert_eq!(backup["encrypted"], true);
    // The domain root, `Library` and the file.
    let manifest =
        json!({ "records": 3, "files": 1, "directories": 2, "symlinks": 0, "recorded_bytes": 4 });
    assert_eq!(backup["manifest"], manifest);
    let devices = document["devices"].as_array().unwrap().iter();
    let newest: Vec<_> = devices
        .map(|device| {
            (
                device["udid"].as_str().unwrap(),
                device["newest_good"].is_null(),
            )
        })
        .collect();
    for (udid, has_none) in newest {
        assert_eq!(has_none, udid == SPARE, "{udid}");
    }
}

/// Contract §2: every report says what was checked and what was not, and why.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_was_not_checked_is_named_with_its_reason() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    // What needs the file list.
    let locked = [
        "emptied-file",
        "file-id-mismatch",
        "file-missing",
        "index-empty",
        "index-short",
        "manifest-damaged",
        "orphan-file",
        "payload-empty",
        "record-undecodable",
        "shorter-than-recorded",
        "size-differs",
    ];
    let deeper = [
        "app-database-damaged",
        "content-changed",
        "digest-mismatch",
        "padding-invalid",
        "payload-read-error",
    ];
    let shape = [
        "payload-truncated",
        "payload-not-a-file",
        "manifest-unreadable",
    ];
    for (password, listed) in [(PASSWORD, false), ("wrong", true), ("", true)] {
        let document = scan_with(&world, password, &[]);
        let backup = of(&document, PHONE);
        let not = not_checked(backup);
        let mut expected: Vec<&str> = deeper.to_vec();
        if listed {
            expected.extend(locked);
            expected.push("key-invalid");
        }
        if password.is_empty() {
            expected.push("password-wrong");
        }
        expected.sort_unstable();
        assert_eq!(
            not.keys().copied().collect::<Vec<_>>(),
            expected,
            "{password}"
        );
        let checked: Vec<_> = backup["checked"].as_array().unwrap().iter().collect();
        for id in shape {
            assert!(checked.contains(&&json!(id)), "{id}: {checked:?}");
        }
        for id in &not {
            assert!(!checked.contains(&&json!(id.0)), "{id:?}");
        }
        for id in locked.iter().filter(|_| listed) {
            let words = if password.is_empty() {
                "no password was given"
            } else {
                "wrong"
            };
            assert!(not[id].contains(words), "{id}: {}", not[id]);
        }
    }
}

/// Contract §2: `quick` looks at no row, so that nothing but plists and sizes is known.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn quick_needs_no_password() {
    let world = World::new();
    phone("2026-11-10")
        .rounds(19_000_000, 1)
        .encrypted()
        .write(&world.backups());
    private(&world, "file", PASSWORD);
    for args in [
        &["--password-file", "file"][..],
        &["--password-command", "echo x"],
        &[],
    ] {
        let document = world.scan(&[&["--level", "quick"][..], args].concat());
        assert_eq!(document["exit_code"], 0);
        assert_eq!(
            verdicts(&document),
            [(PHONE, "unverified".to_owned())].into()
        );
        let backup = of(&document, PHONE);
        assert!(not_checked(backup).contains_key("file-missing"));
        assert!(not_checked(backup).contains_key("password-wrong"));
        assert_eq!(
            (&backup["encrypted"], &backup["manifest"]),
            (&json!(true), &Value::Null)
        );
    }
}

// ---- What may go ----

/// Contract §5: only a checked backup stands in for an older one, and the password is a check.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_backup_that_opened_supersedes_without_trust() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    phone("2026-03-01")
        .folder_name("older")
        .write(&world.backups());
    let open = configured::backup(PHONE, "Anna's iPhone", "2026-02-01").folder_name("open");
    open.write(&world.backups());
    let archived = format!("{PHONE}-20250101-080000");
    phone("2025-01-01")
        .folder_name(&archived)
        .write(&world.backups());
    let expect = |password: &str, args: &[&str], older: &str, goes: &[&str]| {
        let document = scan_with(&world, password, args);
        let decision = &of(&document, "older")["decision"];
        let code = decision["reasons"][0]["code"].as_str().unwrap();
        assert_eq!(code, older, "{password:?} {args:?}: {decision:#}");
        let removable = document["summary"]["removable"]["backups"]
            .as_array()
            .unwrap();
        let removable: Vec<_> = removable.iter().map(last).collect();
        assert_eq!(removable, goes, "{password:?} {args:?}");
        for folder in ["older", "open"] {
            let decision = &of(&document, folder)["decision"];
            let action = if goes.contains(&folder) {
                "remove"
            } else {
                "keep"
            };
            assert_eq!(decision["action"], action, "{folder}");
            if action == "remove" {
                assert_eq!(last(&decision["reasons"][0]["by"]), PHONE);
            }
        }
        let mut command = with_password(&world, password);
        command
            .args(["clean", "Backup", "--json", "--now", NOW])
            .args(args);
        let document = super::document(&world.output(&mut command));
        let plan = document["plan"].as_array().unwrap().iter();
        let plan: Vec<_> = plan.map(|item| last(&item["path"])).collect();
        assert_eq!(plan, goes, "clean {password:?} {args:?}");
    };
    expect(PASSWORD, &[], "superseded-by", &["older", "open"]);
    expect("", &[], "newer-not-checked", &[]);
    // A locked one stands in for encrypted ones only.
    expect("", &["--trust-locked"], "superseded-by", &["older"]);
    // What was to be opened and was not stands in for nothing, trusted or not.
    expect("wrong", &[], "newer-not-checked", &[]);
    expect("wrong", &["--trust-locked"], "newer-not-checked", &[]);
    expect(PASSWORD, &["--keep-last", "2"], "keep-last", &["open"]);
}

/// Contract §5: what is encrypted has more in it than what is not.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn an_open_backup_never_stands_in_for_an_encrypted_one() {
    let world = World::new();
    configured::phone("2026-11-10").write(&world.backups());
    phone("2026-03-01")
        .folder_name("older")
        .write(&world.backups());
    for password in [PASSWORD, ""] {
        let document = scan_with(&world, password, &[]);
        assert_eq!(document["summary"]["removable"]["backups"], json!([]));
        let reasons = of(&document, "older")["decision"]["reasons"]
            .as_array()
            .unwrap();
        assert!(
            reasons
                .iter()
                .any(|reason| reason["code"] == "encrypted-kept"),
            "{reasons:?}"
        );
    }
}

/// Contract §3: nothing of a running backup counts but a wrong password.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_wrong_password_counts_even_while_a_backup_is_running() {
    let world = World::new();
    let running = sealed(PHONE, "Anna's iPhone", "2026-11-22")
        .snapshot_state("uploading")
        .mtime("2026-11-22T11:50:00Z");
    running
        .remove_payload("HomeDomain", "Library/note.txt")
        .write(&world.backups());
    let findings = |password: &str, verdict: &str, code: i32| {
        let document = scan_with(&world, password, &[]);
        assert_eq!(document["exit_code"], code);
        let backup = of(&document, PHONE);
        assert_eq!(backup["verdict"], verdict, "{backup:#}");
        let findings = backup["findings"].as_array().unwrap().iter();
        let mut findings: Vec<_> = findings
            .map(|finding| {
                format!(
                    "{} {}",
                    finding["severity"].as_str().unwrap(),
                    finding["id"].as_str().unwrap()
                )
            })
            .collect();
        findings.sort();
        findings.join(", ")
    };
    let running = "note backup-running, note update-interrupted";
    assert_eq!(findings("", "in-progress", 0), running);
    let lists = "note backup-running, note file-missing, note update-interrupted";
    assert_eq!(findings(PASSWORD, "in-progress", 0), lists);
    let wrong = format!("{running}, warning password-wrong");
    assert_eq!(findings("wrong", "in-progress", 3), wrong);
}

/// Contract §4, rule 5: what is in `Snapshot/` counts before what is at the top, its keys too.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_backup_that_was_being_moved_opens_with_the_newer_password() {
    let world = World::new();
    let moving = |folder: &str| {
        four(folder)
            .snapshot_state("moving")
            .encrypted_with("that of before")
    };
    let uploaded = || {
        four("x")
            .file("HomeDomain", "Library/new.txt", b"new")
            .encrypted_with(PASSWORD)
    };
    moving("moving")
        .snapshot(uploaded())
        .write(&world.backups());
    // Its new file is neither in `Snapshot/` nor at the top.
    let lost = uploaded().remove_payload("HomeDomain", "Library/new.txt");
    moving("lost").snapshot(lost).write(&world.backups());
    let expect = |password: &str, moving: &str, lost: &str| {
        let expected = [("lost", lost.to_owned()), ("moving", moving.to_owned())];
        assert_eq!(
            verdicts(&scan_with(&world, password, &[])),
            expected.into(),
            "{password}"
        );
    };
    let moved = "interrupted: move-interrupted";
    expect(PASSWORD, moved, "corrupt: file-missing move-interrupted");
    let wrong = "interrupted: move-interrupted password-wrong";
    expect("that of before", wrong, wrong);
    expect("", moved, moved);
}

/// A keybag is in every backup (F§5); where nothing is encrypted a password is no matter.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_password_does_not_matter_where_nothing_is_encrypted() {
    let world = World::new();
    configured::phone("2026-11-10").write(&world.backups());
    configured::backup(SPARE, "Spare", "2016-01-01")
        .mbdb()
        .write(&world.backups());
    let expected = [(PHONE, "complete"), (SPARE, "complete")];
    let expected = expected.map(|(name, said)| (name, said.to_owned())).into();
    let document = scan_with(&world, "whatever", &[]);
    assert_eq!(verdicts(&document), expected);
    assert_eq!(document["exit_code"], 0);
}

// ---- show ----

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn show_has_what_the_file_list_says_and_no_more_than_that_without_it() {
    let world = World::new();
    let path = four(PHONE).encrypted_with(PASSWORD).write(&world.backups());
    let show = |password: &str| {
        let mut command = with_password(&world, password);
        command
            .args(["show", "--json", "--now", NOW])
            .arg(format!("Backup/{PHONE}"));
        document(&world.output(&mut command))
    };
    let document = show(PASSWORD);
    let largest = |(domain, path): (&str, &str), bytes: u64| json!({ "domain": domain, "path": path, "bytes": bytes });
    let list = document["largest"].as_array().unwrap();
    assert_eq!(list[0], largest(PHOTO, 112));
    for (row, bytes) in [(SETTING, 32), (NOTE, 48), (CHAT, 48)] {
        assert!(list.contains(&largest(row, bytes)), "{list:#?}");
    }
    assert_eq!(list.len(), 4);
    let domains = json!([
        { "domain": "CameraRollDomain", "files": 1, "bytes": 112 },
        { "domain": "HomeDomain", "files": 2, "bytes": 80 },
        { "domain": "AppDomain-net.example.app", "files": 1, "bytes": 48 },
    ]);
    assert_eq!(document["domains"], domains);
    for password in ["", "wrong"] {
        let document = show(password);
        let text = document.to_string();
        for secret in ["IMG_0001", "a.plist", "example.app", "draft.txt"] {
            assert!(!text.contains(secret), "{text}");
        }
        assert_eq!(document["domains"], json!([]));
        assert_eq!(stored(&document["backups"][0]), payloads(&path));
    }
    assert!(fs::metadata(payload_path(&path, PHOTO.0, PHOTO.1)).is_ok());
}
