//! What is judged with a password, and what without: as JSON, where everything is exact (contract §3 to
//! §5, §7).
#![cfg(not(windows))]

use serde_json::{Value, json};

use super::*;
use crate::cli::configured::of;
use crate::support::{DigestForm, Padding, Row, file_id};

const NOTE: (&str, &str) = ("AppDomain-net.example.app", "Documents/note.txt");
const CHAT: (&str, &str) = ("HomeDomain", "Library/SMS/draft.txt");
/// Stands in no list.
const ORPHAN: &str = "ab/ab00000000000000000000000000000000000000";

/// Four files of four groups, whose sizes all agree.
fn four(folder: &str) -> BackupBuilder {
    two(folder)
        .file(NOTE.0, NOTE.1, &[9; 32])
        .file(CHAT.0, CHAT.1, &[10; 33])
}

/// The same without these.
fn lost(folder: &str, files: &[(&str, &str)]) -> BackupBuilder {
    let whole = four(folder);
    files.iter().fold(whole, |builder, file| {
        builder.remove_payload(file.0, file.1)
    })
}

fn emptied(folder: &str, file: (&str, &str)) -> BackupBuilder {
    four(folder).payload(file.0, file.1, [])
}

/// One backup for each thing that can be said of the files of a manifest.
fn each_defect() -> Vec<BackupBuilder> {
    let note = |name: &str| Row::file(NOTE.0, &format!("Documents/{name}"), b"x");
    let photo = |path, size| Row::file(PHOTO.0, path, b"").size(size).stored([]);
    let dataless = photo("Media/DCIM/100APPLE/IMG_0002.JPG", 100).st_flags(0x4000_0000);
    let wal = photo("Media/PhotoData/Photos.sqlite-wal", 4000);
    let of_nothing = Row::file(SETTING.0, "Library/zero", b"").stored([]);
    let other_id = file_id(NOTE.0, "Documents/other");
    let provider = "Library/Application Support/FileProvider/backup/backup_manifest.db";
    let trouble = Row::file("HomeDomain", provider, b"x").no_payload();
    vec![
        four("whole"),
        lost("missing", &[PHOTO]),
        lost("missing-two", &[SETTING, NOTE]),
        lost("all-missing", &[PHOTO, SETTING, NOTE, CHAT]),
        four("changed-during-upload")
            .add(note("17").flags(17).no_payload())
            .add(note("16").flags(16).null_names()),
        four("null-blob").add(note("null").null_blob().no_payload()),
        emptied("empty-photo", PHOTO),
        emptied("empty-setting", SETTING),
        emptied("empty-note", NOTE),
        four("empty-wal").add(wal),
        four("dataless").add(dataless),
        four("of-nothing").add(of_nothing),
        four("folder").add(Row::directory(NOTE.0, "Documents/folder")),
        four("orphan").raw(ORPHAN, vec![1; 48]),
        four("misplaced").raw("ab/cd00000000000000000000000000000000000000", vec![1; 48]),
        four("other-id").add(note("b").id(&other_id)),
        four("no-id").add(note("c").id("../../etc/passwd")),
        four("no-blob").add(note("d").blob([1, 2, 3])),
        four("trouble").add(trouble),
        four("forms")
            .add(note("e").digest(DigestForm::Inline))
            .add(note("f").digest(DigestForm::NsData)),
        four("no-info").without("Info.plist"),
        four("uploading").snapshot_state("uploading"),
        four("wal").raw("Manifest.db-wal", [1]),
        four("leftover").raw("Snapshot/ab/x", [1]),
    ]
}

/// Which files a finding names.
fn examples(finding: &Value) -> Vec<Value> {
    each(&finding["examples"], |one| {
        json!([one["domain"], one["path"], one["file_id"]])
    })
}

/// Everything that must not depend on whether the files are encrypted.
fn judgement(backup: &Value) -> Value {
    let findings = each(&backup["findings"], |one| {
        json!([one["id"], one["severity"], one["count"], examples(one)])
    });
    let mut groups = each(&backup["storage"], |one| [&one["group"], &one["files"]]);
    groups.sort_by_key(|group| text(group[0]));
    let plain = ["verdict", "checked", "not_checked", "manifest", "flags"].map(|key| &backup[key]);
    let more = ["manifest_format", "snapshot_state", "last_backup"].map(|key| &backup[key]);
    json!([plain, more, findings, groups, backup["decision"]["action"]])
}

/// "With the password an encrypted backup goes through every check of an open one."
#[test]
fn with_the_password_all_is_said_that_is_said_of_an_open_backup() {
    let open = world_of(each_defect());
    let all = each_defect().into_iter();
    let sealed = world_of(all.map(|one| one.encrypted_with(PASSWORD)));
    for level in ["quick", "standard", "contents"] {
        let args = ["--level", level, "--no-state"];
        let (expected, document) = (open.scan(&args), scan_with(&sealed, PASSWORD, &args));
        let mut wrong = Vec::new();
        for backup in list(&document["backups"]) {
            let folder = last(&backup["path"]);
            let (judged, expected) = (judgement(backup), judgement(of(&expected, folder)));
            if judged != expected {
                wrong.push(format!("{folder} at {level}:\n  {judged}\n  {expected}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        for key in ["exit_code", "level"] {
            assert_eq!(document[key], expected[key]);
        }
        for key in ["backups", "devices", "verdicts", "files"] {
            let [said, expected] = [&document, &expected].map(|one| &one["summary"][key]);
            assert_eq!(said, expected, "{level} {key}");
        }
    }
}

/// Exactly what is said of a defect: severity, how many, how many bytes, and which file it is.
#[test]
fn each_finding_says_how_much_and_which() {
    let backups = [
        lost("missing", &[PHOTO]),
        emptied("empty", PHOTO),
        four("cut").payload(NOTE.0, NOTE.1, [1; 33]),
        four("orphan").raw(ORPHAN, vec![1; 48]),
        four("flipped").flip_in_payload(SETTING.0, SETTING.1, 3),
        four("padding")
            .file(PHOTO.0, PHOTO.1, &[200; 32])
            .payload_padding(PHOTO.0, PHOTO.1, Padding::None),
    ];
    let world = world_of(backups.map(|one| one.encrypted_with(PASSWORD)));
    let document = scan_with(&world, PASSWORD, &["--level", "contents"]);
    assert_eq!(document["exit_code"], 2);
    let said = list(&document["backups"]).map(|backup| {
        let [finding] = backup["findings"].as_array().unwrap().as_slice() else {
            panic!("{backup:#}");
        };
        let how_much = ["id", "severity", "count", "bytes"].map(|key| &finding[key]);
        let said = json!([backup["verdict"], how_much, examples(finding)]);
        (last(&backup["path"]).to_owned(), said)
    });
    let row = |(domain, path): (&str, &str)| json!([domain, path, file_id(domain, path)]);
    let orphan = json!([null, null, ORPHAN[3..]]);
    let expected = json!({
        "missing": ["corrupt", ["file-missing", "error", 1, 100], [row(PHOTO)]],
        "empty": ["corrupt", ["payload-empty", "error", 1, 100], [row(PHOTO)]],
        "cut": ["corrupt", ["payload-truncated", "error", 1, 33], [row(NOTE)]],
        "orphan": ["complete", ["orphan-file", "note", 1, 48], [orphan]],
        "flipped": ["corrupt", ["digest-mismatch", "error", 1, 32], [row(SETTING)]],
        "padding": ["complete", ["padding-invalid", "warning", 1, 32], [row(PHOTO)]],
    });
    assert_eq!(Value::Object(said.collect()), expected);
    let missing = text(&of(&document, "missing")["findings"][0]["message"]);
    assert!(missing.starts_with("1 of 4 files is missing"), "{missing}");
    // Contract §2: what is only looked at further down.
    let document = scan_with(&world, PASSWORD, &["--no-state"]);
    for folder in ["flipped", "padding"] {
        assert_eq!(verdicts(&document)[folder], "complete");
    }
}

// ---- Storage ----

/// Contract §7: `storage` adds up exactly to all payload files; locked it is one group.
#[test]
fn storage_adds_up_to_every_payload() {
    let usual = BackupBuilder::new(PHONE)
        .encrypted_with(PASSWORD)
        .remove_payload("HomeDomain", "Library/SMS/sms.db")
        .payload("MediaDomain", "Media/Recordings/a", [])
        .file("MediaDomain", "Media/Recordings/a", &[1; 1000])
        .raw(ORPHAN, vec![1; 4801]);
    let world = world_of([usual, four("four").encrypted_with(PASSWORD)]);
    let group = |group: &str, bytes: u64| json!({ "group": group, "files": 1, "bytes": bytes });
    for level in ["standard", "contents"] {
        for password in [PASSWORD, "wrong", ""] {
            let document = scan_with(&world, password, &["--level", level]);
            let what = format!("{password} {level}: {document:#}");
            let [usual, four] = [PHONE, "four"].map(|folder| {
                let backup = of(&document, folder);
                let there = payloads(&world.backups().join(folder));
                assert_eq!(stored(backup), there, "{what}");
                let bytes = each(&backup["storage"], |group| group["bytes"].as_u64());
                assert!(bytes.is_sorted_by(|a, b| a >= b), "{what}");
                let mut groups = backup["storage"].as_array().unwrap().clone();
                groups.sort_by_key(|group| text(&group["group"]).to_owned());
                groups
            });
            if password == PASSWORD {
                assert!(usual.contains(&group("Not listed", 4801)), "{what}");
                // Each as long as PKCS#7 makes it: 100 bytes, 31, 32 and 33.
                let expected = [
                    group("Messages", 48),
                    group("Photos", 112),
                    group("System & settings", 32),
                    group("net.example.app", 48),
                ];
                assert_eq!(four, expected, "{what}");
            } else {
                for groups in [usual, four] {
                    assert_eq!(groups.len(), 1, "{what}");
                    assert_eq!(groups[0]["group"], "Encrypted", "{what}");
                }
            }
        }
    }
}

/// The sums over all backups, whatever of them opens.
#[test]
fn the_summary_counts_what_opened_and_what_did_not() {
    let another = configured::backup(TABLET, "Tablet", "2026-08-01").encrypted_with("another");
    let world = world_of([
        phone("2026-11-10"),
        lacking(sealed(SPARE, "Spare", "2026-09-01")),
        another,
        configured::backup("00008103-0000000000000001", "Open", "2026-08-01"),
    ]);
    let document = scan_with(&world, PASSWORD, &[]);
    let summary = &document["summary"];
    let verdicts = json!({
        "complete": 2, "unverified": 1, "in-progress": 0, "interrupted": 0, "incomplete": 0,
        "corrupt": 1, "unreadable": 0,
    });
    assert_eq!(summary["verdicts"], verdicts);
    for key in ["backups", "devices"] {
        assert_eq!(summary[key], 4, "{key}");
    }
    for key in ["files", "logical_bytes", "allocated_bytes"] {
        let sizes = list(&document["backups"]).map(|backup| backup["size"][key].as_u64().unwrap());
        assert_eq!(summary[key], sizes.sum::<u64>(), "{key}");
    }
    // The domain root, `Library` and the file.
    let three = json!({
        "records": 3, "files": 1, "directories": 2, "symlinks": 0, "recorded_bytes": 4
    });
    for (udid, manifest) in [(PHONE, three), (TABLET, Value::Null)] {
        let backup = of(&document, udid);
        assert_eq!(backup["encrypted"], true);
        assert_eq!(backup["manifest"], manifest);
    }
    for device in list(&document["devices"]) {
        let udid = text(&device["udid"]);
        let has_none = device["newest_good"].is_null();
        assert_eq!(has_none, udid == SPARE, "{udid}");
    }
}

/// Contract §2: every report says what was checked and what was not, and why.
#[test]
fn what_was_not_checked_is_named_with_its_reason() {
    let world = world_of([phone("2026-11-10")]);
    let deeper = "app-database-damaged content-changed digest-mismatch padding-invalid \
                  payload-read-error";
    // What needs the file list.
    let locked = "emptied-file file-id-mismatch file-missing index-empty index-short \
                  manifest-damaged orphan-file payload-empty record-undecodable \
                  shorter-than-recorded size-differs";
    for (password, words, more) in [
        (PASSWORD, "", ""),
        ("wrong", "wrong", "key-invalid"),
        ("", "no password was given", "key-invalid password-wrong"),
    ] {
        let document = scan_with(&world, password, &[]);
        let backup = of(&document, PHONE);
        let not = not_checked(backup);
        let locked = if words.is_empty() { "" } else { locked };
        let expected = [deeper, locked, more].join(" ");
        let mut expected: Vec<&str> = expected.split_whitespace().collect();
        expected.sort_unstable();
        let ids: Vec<&str> = not.keys().copied().collect();
        assert_eq!(ids, expected, "{password}");
        for id in locked.split_whitespace() {
            assert!(not[id].contains(words), "{id}: {}", not[id]);
        }
        let checked = each(&backup["checked"], text);
        for id in [
            "payload-truncated",
            "payload-not-a-file",
            "manifest-unreadable",
        ] {
            assert!(checked.contains(&id), "{id}: {checked:?}");
        }
        assert!(
            !expected.iter().any(|id| checked.contains(id)),
            "{backup:#}"
        );
    }
}

/// Contract §2: `quick` looks at no row, so that nothing but plists and sizes is known.
#[test]
fn quick_needs_no_password() {
    let world = world_of([phone("2026-11-10").rounds(19_000_000, 1).encrypted()]);
    private(&world, "file", PASSWORD);
    for args in [
        &["--password-file", "file"][..],
        &["--password-command", "echo x"],
        &[],
    ] {
        let document = world.scan(&[&["--level", "quick"], args].concat());
        assert_eq!(document["exit_code"], 0);
        assert_verdicts(&document, &[(PHONE, "unverified")], &args.join(" "));
        let backup = of(&document, PHONE);
        for id in ["file-missing", "password-wrong"] {
            assert!(not_checked(backup).contains_key(id), "{id}");
        }
        assert_eq!(backup["encrypted"], true);
        assert_eq!(backup["manifest"], Value::Null);
    }
}

// ---- What may go ----

/// Contract §5: only a checked backup stands in for an older one, and the password is a check.
#[test]
fn a_backup_that_opened_supersedes_without_trust() {
    let archived = format!("{PHONE}-20250101-080000");
    let world = world_of([
        phone("2026-11-10"),
        older("2026-03-01"),
        configured::phone("2026-02-01").folder_name("open"),
        phone("2025-01-01").folder_name(&archived),
    ]);
    for (password, args, reason, goes) in [
        (PASSWORD, &[][..], "superseded-by", &["older", "open"][..]),
        ("", &[], "newer-not-checked", &[]),
        // A locked one stands in for encrypted ones only.
        ("", &["--trust-locked"], "superseded-by", &["older"]),
        // What was to be opened and was not stands in for nothing, trusted or not.
        ("wrong", &[], "newer-not-checked", &[]),
        ("wrong", &["--trust-locked"], "newer-not-checked", &[]),
        (PASSWORD, &["--keep-last", "2"], "keep-last", &["open"]),
    ] {
        let what = format!("{password:?} {args:?}");
        let clean = [&["clean", "Backup", "--json"], args].concat();
        let planned = document(&run_with(&world, password, &clean));
        let plan = each(&planned["plan"], |item| last(&item["path"]));
        assert_eq!(plan, goes, "clean {what}");
        let document = scan_with(&world, password, args);
        let removable = each(&document["summary"]["removable"]["backups"], last);
        assert_eq!(removable, goes, "{what}");
        for folder in ["older", "open"] {
            let decision = &of(&document, folder)["decision"];
            let (action, first) = (&decision["action"], &decision["reasons"][0]);
            let what = format!("{what} {folder}: {decision:#}");
            if goes.contains(&folder) {
                assert_eq!(action, "remove", "{what}");
                assert_eq!(last(&first["by"]), PHONE, "{what}");
            } else {
                assert_eq!(action, "keep", "{what}");
            }
            assert!(folder == "open" || first["code"] == reason, "{what}");
        }
    }
}

/// Contract §5: what is encrypted has more in it than what is not.
#[test]
fn an_open_backup_never_stands_in_for_an_encrypted_one() {
    let world = world_of([configured::phone("2026-11-10"), older("2026-03-01")]);
    for password in [PASSWORD, ""] {
        let document = scan_with(&world, password, &[]);
        assert_eq!(document["summary"]["removable"]["backups"], json!([]));
        let decision = &of(&document, "older")["decision"];
        let mut reasons = list(&decision["reasons"]);
        let kept = reasons.any(|reason| reason["code"] == "encrypted-kept");
        assert!(kept, "{decision}");
    }
}

/// Contract §3: nothing of a running backup counts but a wrong password.
#[test]
fn a_wrong_password_counts_even_while_a_backup_is_running() {
    let running = lacking(phone("2026-11-22")).snapshot_state("uploading");
    let world = world_of([running.mtime("2026-11-22T11:50:00Z")]);
    for (password, code, verdict, more) in [
        ("", 0, "in-progress", [].as_slice()),
        (PASSWORD, 0, "in-progress", &["note file-missing"]),
        ("wrong", 3, "in-progress", &["warning password-wrong"]),
    ] {
        let document = scan_with(&world, password, &[]);
        assert_eq!(document["exit_code"], code, "{password}");
        let backup = of(&document, PHONE);
        assert_eq!(backup["verdict"], verdict, "{backup:#}");
        let said = |one: &Value| format!("{} {}", text(&one["severity"]), text(&one["id"]));
        let mut findings: Vec<_> = list(&backup["findings"]).map(said).collect();
        findings.sort();
        let mut expected = [&["note backup-running", "note update-interrupted"], more].concat();
        expected.sort_unstable();
        assert_eq!(findings, expected, "{password}");
    }
}

/// Contract §4, rule 5: what is in `Snapshot/` counts before what is at the top, its keys too.
#[test]
fn a_backup_that_was_being_moved_opens_with_the_newer_password() {
    const NEW: (&str, &str) = ("HomeDomain", "Library/new.txt");
    let new = || four("x").file(NEW.0, NEW.1, b"new");
    let uploaded = || new().encrypted_with(PASSWORD);
    let moving = |folder: &str, uploaded: BackupBuilder| {
        let before = four(folder).encrypted_with("that of before");
        before.snapshot_state("moving").snapshot(uploaded)
    };
    let world = world_of([
        moving("moving", uploaded()),
        // Its new file is neither in `Snapshot/` nor at the top.
        moving("lost", uploaded().remove_payload(NEW.0, NEW.1)),
    ]);
    let moved = "interrupted: move-interrupted";
    let wrong = "interrupted: move-interrupted password-wrong";
    for (password, moving, lost) in [
        (PASSWORD, moved, "corrupt: file-missing move-interrupted"),
        ("that of before", wrong, wrong),
        ("", moved, moved),
    ] {
        let document = scan_with(&world, password, &[]);
        assert_verdicts(&document, &[("lost", lost), ("moving", moving)], password);
    }
}

/// A keybag is in every backup (F§5); where nothing is encrypted a password is no matter.
#[test]
fn a_password_does_not_matter_where_nothing_is_encrypted() {
    let mbdb = configured::backup(SPARE, "Spare", "2016-01-01").mbdb();
    let world = world_of([configured::phone("2026-11-10"), mbdb]);
    let document = scan_with(&world, "whatever", &[]);
    assert_verdicts(&document, &[(PHONE, "complete"), (SPARE, "complete")], "");
    assert_eq!(document["exit_code"], 0);
}

// ---- show ----

#[test]
fn show_has_what_the_file_list_says_and_no_more_than_that_without_it() {
    let world = world_of([four(PHONE).encrypted_with(PASSWORD)]);
    let path = format!("Backup/{PHONE}");
    let show = |password| document(&run_with(&world, password, &["show", &path, "--json"]));
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
        let there = payloads(&world.backups().join(PHONE));
        assert_eq!(stored(&document["backups"][0]), there);
    }
}
