//! What the program says and how it ends (contract §7, §8, screens.md).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use bkscan::cli::exit_code;
use bkscan::model::options::{FailOn, ScanOptions};
use bkscan::model::progress::{Event, Monitor};
use bkscan::model::sources::Sources;
use bkscan::model::{BackupReport, Effect, Finding, Level, Problem, Report, Severity, Verdict};
use bkscan::render::json;
use bkscan::render::screen::style::Style;
use bkscan::render::screen::{quiet, text};
use bkscan::scan::scan as scan_library;
use bkscan::verify;
use jiff::Timestamp;
use plist::Value as Plist;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;
use tempfile::{TempDir, tempdir};
use unicode_width::UnicodeWidthStr;

use crate::find::discovery::{NEW, OLD, look, put, small};
use crate::harness::{Ended as _, NOW, Run, finding, finding_ids, only_backup, program, run, scan};
use crate::render::screens;
use crate::support::{BackupBuilder, file_id, payload_path, timestamp};

const DOMAIN: &str = "HomeDomain";
const GONE: &str = "Library/gone.txt";

/// A backup of a device of this name.
fn named(udid: &str, name: &str) -> BackupBuilder {
    small(udid).device(name, "iPhone16,1", Some("iPhone 15 Pro"), "17.5.1", "21F90")
}

fn corrupt(builder: BackupBuilder) -> BackupBuilder {
    builder
        .file(DOMAIN, GONE, &[1; 3000])
        .remove_payload(DOMAIN, GONE)
}

/// A UDID for every number.
fn udid(number: u64) -> String {
    format!("00008130-{number:016X}")
}

/// One backup of each kind that shows in the output.
fn zoo(root: &Path) {
    let backup = root.join("MobileSync/Backup");
    named(&udid(1), "Alpha").write(&backup);
    corrupt(named(&udid(2), "Beta")).write(&backup);
    named(&udid(3), "Gamma").encrypted().write(&backup);
    small(OLD).mbdb().write(&backup);
    named(&udid(5), "Delta")
        .snapshot_state("uploading")
        .write(&backup);
    named(&udid(6), "Epsilon")
        .without("Status.plist")
        .write(&backup);
    named(&udid(1), "Alpha")
        .folder_name(&format!("{}-20230101-000000", udid(1)))
        .date("2023-01-01T00:00:00Z")
        .write(&backup);
    put(&backup.join("x.zip"), b"PK");
    put(&backup.join("notes/y"), b"1");
}

fn zoo_world() -> TempDir {
    let world = tempdir().unwrap();
    zoo(world.path());
    world
}

fn list(value: &Value) -> &Vec<Value> {
    value
        .as_array()
        .unwrap_or_else(|| panic!("no list: {value}"))
}

/// Fails unless an object has exactly these keys.
fn has_keys(object: &Value, keys: &str) {
    let object_keys = object
        .as_object()
        .unwrap_or_else(|| panic!("no object: {object}"));
    let found: BTreeSet<&str> = object_keys.keys().map(String::as_str).collect();
    assert_eq!(found, keys.split_whitespace().collect(), "{object:#}");
}

/// The document without the room on the disk, which others use meanwhile.
fn without_free_space(document: &str) -> String {
    let lines = document
        .lines()
        .filter(|line| !line.contains("\"available_bytes\""));
    lines.collect::<Vec<_>>().join("\n")
}

fn is_null_or(value: &Value, check: impl FnOnce(&Value) -> bool) -> bool {
    value.is_null() || check(value)
}

fn is_time(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.ends_with('Z') && text.parse::<Timestamp>().is_ok()
}

/// `--json` has exactly the keys of contract §7, each of its type; those of later pieces are empty
/// or null.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn every_key_of_the_document() {
    let world = zoo_world();
    let document = scan(world.path(), &[]);
    has_keys(
        &document,
        "schema_version bkscan_version started_at finished_at level cancelled exit_code roots \
         summary devices backups beside advice problems",
    );
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["bkscan_version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["level"], "standard");
    assert_eq!(document["cancelled"], false);
    assert_eq!(document["exit_code"], 2);
    for advice in list(&document["advice"]) {
        has_keys(advice, "step id title text bytes command backups");
        assert!((1..=8).contains(&advice["step"].as_u64().unwrap()));
    }
    for root in list(&document["roots"]) {
        has_keys(root, "path volume");
        assert_eq!(root["path"], world.path().to_str().unwrap());
        if !root["volume"].is_null() {
            let keys = "total_bytes available_bytes shares_blocks";
            has_keys(&root["volume"], keys);
        }
    }
    let summary = &document["summary"];
    has_keys(
        summary,
        "backups devices verdicts files logical_bytes allocated_bytes removable on_request",
    );
    has_keys(
        &summary["verdicts"],
        "complete unverified in-progress interrupted incomplete corrupt unreadable",
    );
    for key in ["removable", "on_request"] {
        has_keys(&summary[key], "backups bytes exact");
        assert!(list(&summary[key]["backups"]).iter().all(Value::is_string));
        assert!(summary[key]["exact"].is_boolean());
    }
    for device in list(&document["devices"]) {
        has_keys(device, "udid name newest_good backups findings");
        assert!(device["udid"].is_string());
        assert!(is_null_or(&device["name"], Value::is_string));
        assert!(is_null_or(&device["newest_good"], Value::is_string));
        assert!(list(&device["backups"]).iter().all(Value::is_string));
        assert_eq!(device["findings"], Value::Array(vec![]));
    }
    for backup in list(&document["backups"]) {
        check_backup(backup);
    }
    assert_eq!(list(&document["beside"]).len(), 2);
    for beside in list(&document["beside"]) {
        has_keys(beside, "path kind bytes");
        assert!(beside["bytes"].is_u64());
    }
    let seen = look(world.path(), &["nowhere"]);
    let problems = list(&seen.document["problems"]);
    assert!(!problems.is_empty());
    for problem in problems {
        has_keys(problem, "path message");
        assert!(problem["path"].is_string() && problem["message"].is_string());
    }
}

fn check_backup(backup: &Value) {
    has_keys(
        backup,
        "path udid archived encrypted manifest_format snapshot_state backup_state device \
         last_backup size manifest verdict checked not_checked findings storage flags frees \
         decision only_here",
    );
    assert!(Path::new(backup["path"].as_str().unwrap()).is_dir());
    assert!(is_null_or(&backup["udid"], Value::is_string));
    assert!(backup["archived"].is_boolean());
    assert!(is_null_or(&backup["encrypted"], Value::is_boolean));
    assert!(is_null_or(&backup["manifest_format"], |format| {
        ["sqlite", "mbdb"].contains(&format.as_str().unwrap())
    }));
    for key in ["snapshot_state", "backup_state"] {
        assert!(is_null_or(&backup[key], Value::is_string));
    }
    let device = &backup["device"];
    has_keys(
        device,
        "name product_type product_name ios_version build_version serial_number",
    );
    for value in device.as_object().unwrap().values() {
        assert!(is_null_or(value, Value::is_string), "{device}");
    }
    if !backup["last_backup"].is_null() {
        has_keys(&backup["last_backup"], "at source");
        assert!(is_time(&backup["last_backup"]["at"]));
    }
    let numbers = |object: &Value, keys: &str| {
        has_keys(object, keys);
        let mut values = object.as_object().unwrap().values();
        assert!(values.all(Value::is_u64), "{object}");
    };
    numbers(&backup["size"], "files logical_bytes allocated_bytes");
    if !backup["manifest"].is_null() {
        let keys = "records files directories symlinks recorded_bytes";
        numbers(&backup["manifest"], keys);
    }
    assert!(list(&backup["checked"]).iter().all(Value::is_string));
    for skipped in list(&backup["not_checked"]) {
        has_keys(skipped, "id why");
        assert!(!skipped["why"].as_str().unwrap().is_empty());
        assert!(!list(&backup["checked"]).contains(&skipped["id"]));
    }
    for finding in list(&backup["findings"]) {
        has_keys(finding, "id severity count bytes message examples hint");
        assert!(["note", "warning", "error"].contains(&finding["severity"].as_str().unwrap()));
        assert!(finding["count"].is_u64() && finding["bytes"].is_u64());
        assert!(!finding["message"].as_str().unwrap().is_empty());
        assert!(is_null_or(&finding["hint"], Value::is_string));
        for example in list(&finding["examples"]) {
            has_keys(example, "domain path file_id bytes");
            for key in ["domain", "path", "file_id"] {
                assert!(is_null_or(&example[key], Value::is_string), "{example}");
            }
            assert!(is_null_or(&example["bytes"], Value::is_u64), "{example}");
        }
    }
    for group in list(&backup["storage"]) {
        has_keys(group, "group files bytes");
    }
    assert!(list(&backup["flags"]).iter().all(Value::is_string));
    has_keys(&backup["frees"], "bytes exact");
    has_keys(&backup["decision"], "action reasons");
    for reason in list(&backup["decision"]["reasons"]) {
        has_keys(reason, "code text by");
    }
    let only = &backup["only_here"];
    if !only.is_null() {
        has_keys(only, "than groups databases held_elsewhere");
        assert!(is_null_or(&only["than"], Value::is_string), "{only}");
        for group in list(&only["groups"]) {
            has_keys(group, "group files bytes of_files of_bytes");
        }
        for database in list(&only["databases"]) {
            has_keys(database, "name bytes other_bytes");
        }
    }
}

/// The values of a healthy backup are those that its files hold, and the summary adds up.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_values_of_the_document() {
    let world = zoo_world();
    let document = scan(world.path(), &[]);
    let backups = list(&document["backups"]);
    let find = |name: &str| -> &Value {
        let mut found = backups.iter();
        found
            .find(|backup| backup["path"].as_str().unwrap().ends_with(name))
            .unwrap()
    };
    let alpha = find(&udid(1));
    assert_eq!(
        alpha["device"],
        serde_json::json!({
            "name": "Alpha", "product_type": "iPhone16,1", "product_name": "iPhone 15 Pro",
            "ios_version": "17.5.1", "build_version": "21F90", "serial_number": "TESTSERIAL01",
        })
    );
    assert_eq!(
        alpha["last_backup"],
        serde_json::json!({ "at": "2024-05-01T10:00:00Z", "source": "manifest" })
    );
    // One file in a folder of a domain: root, folder, file.
    assert_eq!(
        alpha["manifest"],
        serde_json::json!({
            "records": 3, "files": 1, "directories": 2, "symlinks": 0, "recorded_bytes": 5000,
        })
    );
    for (backup, key, value) in [
        (alpha, "verdict", "complete".into()),
        (alpha, "udid", udid(1).into()),
        (alpha, "archived", false.into()),
        (alpha, "encrypted", false.into()),
        (alpha, "manifest_format", "sqlite".into()),
        (alpha, "snapshot_state", "finished".into()),
        (alpha, "backup_state", "new".into()),
        (alpha, "findings", Value::Array(vec![])),
        (alpha, "not_checked", Value::Array(vec![])),
        (find(&udid(2)), "verdict", "corrupt".into()),
        (find(&udid(3)), "verdict", "unverified".into()),
        (find(&udid(3)), "encrypted", true.into()),
        (find(&udid(3)), "manifest", Value::Null),
        (find(OLD), "manifest_format", "mbdb".into()),
        (find(OLD), "verdict", "complete".into()),
        (find(&udid(5)), "verdict", "interrupted".into()),
        (find(&udid(5)), "snapshot_state", "uploading".into()),
        (find(&udid(6)), "verdict", "incomplete".into()),
        (find(&udid(6)), "snapshot_state", Value::Null),
        (find("-20230101-000000"), "archived", true.into()),
    ] {
        if key != "not_checked" {
            assert_eq!(backup[key], value, "{key} of {}", backup["path"]);
        }
    }
    let missing = finding(find(&udid(2)), "file-missing");
    assert_eq!(
        (&missing["count"], &missing["bytes"]),
        (&1.into(), &3000.into())
    );
    assert_eq!(
        missing["examples"],
        serde_json::json!([{
            "domain": DOMAIN, "path": GONE, "file_id": file_id(DOMAIN, GONE), "bytes": 3000,
        }])
    );

    let summary = &document["summary"];
    assert_eq!(summary["backups"], 7);
    assert_eq!(summary["devices"], 6);
    assert_eq!(list(&document["devices"]).len(), 6);
    for key in ["files", "logical_bytes", "allocated_bytes"] {
        let sizes = backups
            .iter()
            .map(|backup| backup["size"][key].as_u64().unwrap());
        assert_eq!(summary[key], sizes.sum::<u64>(), "{key}");
    }
    for verdict in Verdict::ALL {
        let count = backups
            .iter()
            .filter(|backup| backup["verdict"] == verdict.as_str())
            .count();
        assert_eq!(summary["verdicts"][verdict.as_str()], count, "{verdict:?}");
    }
    // Every backup belongs to exactly one device, that of its UDID.
    let mut listed = 0;
    for device in list(&document["devices"]) {
        for path in list(&device["backups"]) {
            let backup = backups.iter().find(|backup| backup["path"] == *path);
            assert_eq!(backup.unwrap()["udid"], device["udid"]);
            listed += 1;
        }
    }
    assert_eq!(listed, backups.len());
}

/// The date comes from Manifest.plist, a finished Status.plist, Info.plist, the manifest's mtime,
/// in this order (F§4.3).
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn where_the_date_comes_from() {
    let date = |day: &str| Plist::Date(SystemTime::from(timestamp(day)).into());
    let dated = move || {
        let status = date("2024-05-02T10:00:00Z");
        let info = date("2024-05-02T11:00:00Z");
        small(NEW)
            .status(move |status_plist| {
                status_plist.insert("Date".to_owned(), status);
            })
            .info(move |info_plist| {
                info_plist.insert("Last Backup Date".to_owned(), info);
            })
            .mtime("2024-05-02T12:00:00Z")
    };
    let no_date = |dictionary: &mut plist::Dictionary| {
        dictionary.remove("Date");
    };
    for (builder, at, source) in [
        (dated(), "2024-05-01T10:00:00Z", "manifest"),
        (
            dated().manifest_plist(no_date),
            "2024-05-02T10:00:00Z",
            "status",
        ),
        (
            dated().manifest_plist(no_date).snapshot_state("uploading"),
            "2024-05-02T11:00:00Z",
            "info",
        ),
        (
            dated()
                .manifest_plist(no_date)
                .without("Status.plist")
                .without("Info.plist"),
            "2024-05-02T12:00:00Z",
            "mtime",
        ),
    ] {
        let world = tempdir().unwrap();
        builder.write(world.path());
        let document = scan(world.path(), &[]);
        let date = &only_backup(&document)["last_backup"];
        assert_eq!(*date, serde_json::json!({ "at": at, "source": source }));
    }
    // Nothing known: null.
    let world = tempdir().unwrap();
    put(&world.path().join("Backup/x/Info.plist"), b"");
    let document = scan(world.path(), &[]);
    assert_eq!(only_backup(&document)["last_backup"], Value::Null);
}

/// With `--now` both run times are it, in UTC; without, they are times in UTC, in order.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn run_times() {
    let world = tempdir().unwrap();
    small(NEW).write(world.path());
    for now in [
        NOW,
        "2026-11-22T13:30:00+01:30",
        "2026-11-22T04:00:00-08:00",
    ] {
        let run = program()
            .arg(world.path())
            .args(["--json", "--now", now])
            .ended()
            .unwrap();
        let document: Value = serde_json::from_slice(&run.stdout).unwrap();
        assert_eq!(document["started_at"], NOW);
        assert_eq!(document["finished_at"], NOW);
    }
    let run = program().arg(world.path()).arg("--json").ended().unwrap();
    let document: Value = serde_json::from_slice(&run.stdout).unwrap();
    let [started, finished] = ["started_at", "finished_at"].map(|key| &document[key]);
    assert!(is_time(started) && is_time(finished), "{document:#}");
    let time = |value: &Value| value.as_str().unwrap().parse::<Timestamp>().unwrap();
    assert!(time(started) <= time(finished));
}

/// Copies a folder with its modification times, the entries in the reverse of their order.
fn copy_reversed(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    let mut entries: Vec<_> = fs::read_dir(from)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    entries.sort();
    for name in entries.iter().rev() {
        let (source, target) = (from.join(name), to.join(name));
        if source.is_dir() {
            copy_reversed(&source, &target);
        } else {
            fs::copy(&source, &target).unwrap();
            let modified = source.metadata().unwrap().modified().unwrap();
            let file = fs::OpenOptions::new().write(true).open(&target).unwrap();
            file.set_modified(modified).unwrap();
        }
    }
}

/// The document is the same on 1 and 8 threads, at each run, and for folders made in another
/// order; backups and devices stand in one order.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_document_is_the_same_every_time() {
    let world = tempdir().unwrap();
    let first = world.path().join("made-first");
    zoo(&first);
    // Many findings with more examples than are shown.
    let mut many = BackupBuilder::new(&udid(9));
    for number in 0..60 {
        let gone = format!("Library/gone {number}");
        many = many
            .file("MediaDomain", &gone, &[2; 100])
            .remove_payload("MediaDomain", &gone)
            .raw(&format!("{number:02x}/stray {number}"), b"1".to_vec());
    }
    many.write(&first);
    let second = world.path().join("made-last");
    copy_reversed(&first, &second);
    let text = |root: &Path, threads: &str| {
        let run = run([
            root.to_str().unwrap(),
            "--json",
            "--now",
            NOW,
            "--threads",
            threads,
        ]);
        let name = root.file_name().unwrap().to_str().unwrap();
        without_free_space(&run.stdout.replace(name, "ROOT"))
    };
    let expected = text(&first, "1");
    assert!(expected.contains("file-missing"));
    for threads in ["1", "2", "8", "8", "8"] {
        assert_eq!(text(&first, threads), expected, "{threads} threads");
        assert_eq!(text(&second, threads), expected, "{threads} threads");
    }
}

/// `size` is all regular files of the folder; a file with several names counts once in
/// `allocated_bytes`.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn sizes() {
    let world = tempdir().unwrap();
    let phone = small(NEW)
        .file(DOMAIN, "Library/big", &[3; 100_000])
        .raw(".DS_Store", vec![1; 6148])
        .raw("Snapshot/ab/half", vec![1; 10])
        .write(world.path());
    let size = || only_backup(&scan(world.path(), &[]))["size"].clone();
    let before = size();
    let mut files = Vec::new();
    regular_files(&phone, &mut files);
    let bytes: u64 = files
        .iter()
        .map(|file| file.metadata().unwrap().len())
        .sum();
    assert_eq!(before["files"], files.len());
    assert_eq!(before["logical_bytes"], bytes);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let blocks = |file: &PathBuf| file.metadata().unwrap().blocks();
        let allocated: u64 = files.iter().map(|file| blocks(file) * 512).sum();
        assert_eq!(before["allocated_bytes"], allocated);
    }
    // Twice more, in another shard and beside: three names, one allocation.
    let payload = payload_path(&phone, DOMAIN, "Library/big");
    let other = phone.join("e0");
    fs::create_dir_all(&other).unwrap();
    fs::hard_link(&payload, other.join(file_id("X", "y"))).unwrap();
    fs::hard_link(&payload, phone.join("copy.bin")).unwrap();
    let after = size();
    assert_eq!(after["allocated_bytes"], before["allocated_bytes"]);
    assert_eq!(after["files"], files.len() + 2);
    assert_eq!(after["logical_bytes"], bytes + 200_000);
}

fn regular_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            regular_files(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// The exit code of each kind of backup, with and without `--fail-on warning`; `--quiet` is
/// silent exactly where it is 0.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn exit_codes() {
    let running = || {
        small(NEW)
            .snapshot_state("uploading")
            .backup_state("empty")
            .date("2026-11-20T00:00:00Z")
            .mtime("2026-11-22T11:30:00Z")
    };
    let cases: Vec<(&str, Option<BackupBuilder>, i32, i32)> = vec![
        ("complete", Some(small(NEW)), 0, 0),
        ("unverified", Some(small(NEW).encrypted()), 0, 0),
        ("in-progress", Some(running()), 0, 0),
        (
            "interrupted",
            Some(small(NEW).snapshot_state("uploading")),
            0,
            1,
        ),
        // A warning that leaves the verdict alone.
        ("complete", Some(small(NEW).without("Info.plist")), 0, 1),
        ("incomplete", Some(small(NEW).without("Status.plist")), 2, 2),
        ("corrupt", Some(corrupt(small(NEW))), 2, 2),
        ("", None, 3, 3),
    ];
    for (verdict, builder, error, warning) in cases {
        let world = tempdir().unwrap();
        if let Some(builder) = builder {
            builder.write(world.path());
        }
        let path = world.path().to_str().unwrap();
        for (fail_on, code) in [("error", error), ("warning", warning)] {
            let document = scan(world.path(), &["--fail-on", fail_on]);
            assert_eq!(document["exit_code"], code, "{verdict} {fail_on}");
            if !verdict.is_empty() {
                assert_eq!(only_backup(&document)["verdict"], verdict);
            }
            let args = [path, "--now", NOW, "--fail-on", fail_on];
            assert_eq!(run(args).code, code, "{verdict} {fail_on}");
            let quiet = run(args.iter().chain(&["--quiet"]));
            assert_eq!(quiet.code, code, "{verdict} {fail_on} --quiet");
            let said = quiet.stdout + &quiet.stderr;
            assert_eq!(said.is_empty(), code == 0, "{verdict} {fail_on}: {said}");
            assert!(said.contains(verdict) || code == 0, "{verdict}: {said}");
        }
        let default = run([path, "--now", NOW]);
        assert_eq!(default.code, error, "{verdict}: default of --fail-on");
    }
}

/// Of several reasons the first of 64, 2, 3, 1, 0 counts.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_worst_reason_is_the_exit_code() {
    let world = tempdir().unwrap();
    corrupt(small(NEW)).write(&world.path().join("corrupt"));
    small(OLD)
        .snapshot_state("uploading")
        .write(&world.path().join("interrupted"));
    small(&udid(1)).write(&world.path().join("good"));
    for (args, code) in [
        (&["corrupt", "missing"][..], 2),
        (&["corrupt", "interrupted", "--fail-on", "warning"], 2),
        (&["interrupted", "missing", "--fail-on", "warning"], 3),
        (&["interrupted", "good", "--fail-on", "warning"], 1),
        (&["interrupted", "good"], 0),
        (&["good", "missing"], 3),
    ] {
        assert_eq!(look(world.path(), args).code, code, "{args:?}");
    }
    let usage = program()
        .current_dir(world.path())
        .args(["corrupt", "missing", "--nonsense"])
        .ended()
        .unwrap();
    assert_eq!(usage.status.code(), Some(64));
}

/// Usage errors are 64, said on stderr; what comes with a later piece does not exist yet.
#[test]
fn usage_errors() {
    let world = tempdir().unwrap();
    small(NEW).write(world.path());
    let path = world.path().to_str().unwrap();
    for args in [
        &["--nonsense"][..],
        &["-z"],
        &["--level"],
        &["--level", "deep"],
        &["--level", "content"],
        &["--now", "yesterday"],
        &["--now", "2026-11-22"],
        &["--threads", "0"],
        &["--threads", "-1"],
        &["--threads", "many"],
        &["--fail-on", "note"],
        &["--fail-on", "warning,all"],
        &["--stale-after", "5m"],
        &["--metrics"],
        &["--color", "pink"],
        &["--json=yes"],
        &["--old-after", "5m"],
        &["--keep-last", "0"],
        &["--delete"],
    ] {
        let run = run([path].iter().chain(args));
        assert_eq!(run.code, 64, "{args:?}: {run:?}");
        assert_eq!(run.stdout, "", "{args:?}");
        assert!(!run.stderr.is_empty(), "{args:?}");
    }
}

/// What is wrong is told with what to write.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_is_refused_says_what_to_write() {
    let no_document =
        "bkscan: --json goes with a scan, show, diff, clean or history; nothing was done\n";
    for (args, said) in [
        (
            &["--keep-last", "0"][..],
            "error: invalid value '0' for '--keep-last <N>': write a number from 1 to 65535\n",
        ),
        (
            &["--threads", "257"],
            "error: invalid value '257' for '--threads <N>': write a number from 1 to 256\n",
        ),
        (
            &["--now", "2026-11-22"],
            "error: invalid value '2026-11-22' for '--now <RFC3339>': write a time such as \
             2026-11-20T09:00:00Z\n",
        ),
        (
            &["--oversized", "10XB"],
            "error: invalid value '10XB' for '--oversized <SIZE>': \"10XB\" is no size: write one \
             such as 20GB or 20GiB\n",
        ),
        (
            &["clean", "--yes"],
            "bkscan: --yes goes with --delete; nothing was done\n",
        ),
        (&["explain", "--json"], no_document),
        (&["--json", "config", "show"], no_document),
        (&["schema", "--json"], no_document),
        (&["show"], "\nUsage: bkscan show [OPTIONS] BACKUP\n"),
    ] {
        let run = run(args);
        assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{args:?}");
        assert!(run.stderr.contains(said), "{args:?}: {}", run.stderr);
    }
}

/// `--help` and `--version` go to stdout and exit 0.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn help_and_version() {
    for (flag, said) in [
        ("--help", "--fail-on"),
        ("-h", "PATH"),
        ("--version", env!("CARGO_PKG_VERSION")),
        ("-V", "bkscan"),
    ] {
        let run = run([flag]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{flag}");
        assert!(run.stdout.contains(said), "{flag}: {}", run.stdout);
    }
    let help = run(["--help"]).stdout;
    assert_eq!(run(["help", "-h"]).stdout, help);
    assert_eq!(run(["help", "--help"]).stdout, help);
    let usage = "\nUsage: bkscan [OPTIONS] [PATH]...\n       bkscan [OPTIONS] COMMAND\n";
    assert!(help.contains(usage), "{help}");
    for option in [
        "--json",
        "--level",
        "--now",
        "--threads",
        "--quiet",
        "--fail-on",
        "--color",
    ] {
        assert!(help.contains(option), "{option}");
    }
}

/// Options may stand before, between and after paths; a path after `--` may begin with a dash.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn options_anywhere() {
    let world = tempdir().unwrap();
    let world = world.path();
    small(NEW).write(&world.join("a"));
    small(OLD).write(&world.join("-b"));
    let json = |args: &[&str]| {
        let output = program().current_dir(world).args(args).ended().unwrap();
        without_free_space(&Run::from(output).stdout)
    };
    let expected = json(&["--json", "--level", "quick", "--now", NOW, "a", "./-b"]);
    assert!(expected.contains(OLD));
    for args in [
        &["a", "--json", "--level", "quick", "--now", NOW, "./-b"][..],
        &["a", "./-b", "--now", NOW, "--level=quick", "--json"],
        &["--level", "quick", "a", "--now", NOW, "./-b", "--json"],
    ] {
        assert_eq!(json(args), expected, "{args:?}");
    }
    let dashed = json(&["--json", "--now", NOW, "--", "-b"]);
    assert!(dashed.contains(OLD), "{dashed}");
}

/// `--level quick` reads no rows: at best `unverified`, and what was not checked says why.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn level_quick() {
    let world = tempdir().unwrap();
    let phone = corrupt(small(NEW)).write(world.path());
    let document = scan(world.path(), &["--level", "quick"]);
    assert_eq!(document["level"], "quick");
    let backup = only_backup(&document);
    check_backup(backup);
    assert_eq!(backup["verdict"], "unverified", "{backup:#}");
    assert_eq!(backup["manifest"], Value::Null);
    assert!(
        list(&backup["not_checked"])
            .iter()
            .any(|skipped| skipped["id"] == "file-missing")
    );
    assert!(list(&backup["checked"]).contains(&"status-missing".into()));
    assert_eq!(document["exit_code"], 0);
    fs::remove_file(phone.join("Status.plist")).unwrap();
    assert_eq!(scan(world.path(), &["--level", "quick"])["exit_code"], 2);
}

/// `--quiet` says one paragraph a problem, worst first, and nothing of what is well; at 0 nothing
/// at all, notes included.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn quiet() {
    let world = tempdir().unwrap();
    let world = world.path();
    let backup = world.join("My Disk/Backup");
    // In the order of names and of UDIDs the lesser trouble comes first.
    named(&udid(1), "Aaron")
        .snapshot_state("uploading")
        .write(&backup);
    named(&udid(2), "Betty").write(&backup);
    let quiet = |args: &[&str]| -> Run {
        let mut command = program();
        command.current_dir(world).args(["--quiet", "--now", NOW]);
        command.args(args).ended().unwrap().into()
    };
    let silent = quiet(&["My", "Disk"]);
    assert_eq!(
        (silent.code, silent.stdout.as_str(), silent.stderr.as_str()),
        (0, "", "")
    );
    corrupt(named(&udid(3), "Clara")).write(&backup);
    let run = quiet(&["My Disk", "nowhere", "--fail-on", "warning"]);
    assert_eq!(run.code, 2);
    let said = format!("{}{}", run.stdout, run.stderr);
    let at = |name: &str| said.find(name).unwrap_or_else(|| panic!("{name}: {said}"));
    assert!(at("Clara") < at("Aaron"), "{said}");
    assert!(said.contains("corrupt") && said.contains("interrupted"));
    assert!(said.contains("nowhere"), "{said}");
    assert!(said.contains(&udid(3)), "the folder: {said}");
    assert!(!said.contains("Betty"), "{said}");
    assert!(!said.contains("verdict"), "no table: {said}");
}

/// Runs the human screen in this environment, without a terminal.
fn screen(root: &Path, args: &[&str], env: &[(&str, &str)]) -> String {
    let mut command = program();
    command.env_remove("LC_CTYPE").env_remove("LANG");
    let run: Run = command
        .env("COLUMNS", "110")
        .envs(env.iter().copied())
        .arg(root)
        .args(["--now", NOW])
        .args(args)
        .ended()
        .unwrap()
        .into();
    assert_eq!(run.stderr, "", "no progress without a terminal");
    run.stdout
}

/// The table has one aligned row a backup: symbol and word, device, iOS, date, size to the right;
/// newest first within a device, devices by size; then what is wrong, then what was checked.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_table() {
    let world = tempdir().unwrap();
    let root = world.path();
    named(&udid(1), "Anna's iPhone")
        .file(DOMAIN, "Library/big", &[1; 3_000_000])
        .write(root);
    named(&udid(1), "Anna's iPhone")
        .folder_name("older")
        .date("2023-03-09T10:00:00Z")
        .write(root);
    named(&udid(2), "电话 é")
        .file(DOMAIN, "Library/big", &[1; 200_000])
        .encrypted()
        .write(root);
    corrupt(named(&udid(3), "iPad")).write(root);
    let screen = screen(root, &[], &[]);
    let lines: Vec<&str> = screen.lines().collect();
    assert!(lines[0].starts_with("4 backups · 3 devices · "), "{screen}");
    let header = lines
        .iter()
        .position(|line| line.contains("verdict"))
        .expect("a header");
    for word in ["device", "iOS", "last backup", "size"] {
        assert!(lines[header].contains(word), "{screen}");
    }
    let rows = &lines[header + 1..header + 5];
    let expected = [
        [
            "✔",
            "complete",
            "Anna's iPhone",
            "17.5.1",
            "1 May 2024",
            "MB",
        ],
        [
            "✔",
            "complete",
            "Anna's iPhone",
            "17.5.1",
            "9 Mar 2023",
            "kB",
        ],
        ["?", "unverified", "电话 é", "17.5.1", "1 May 2024", "kB"],
        ["✖", "corrupt", "iPad", "17.5.1", "1 May 2024", "kB"],
    ];
    for (row, cells) in rows.iter().zip(expected) {
        let mut rest = *row;
        for cell in cells {
            let at = rest.find(cell);
            rest = &rest[at.unwrap_or_else(|| panic!("{cell}: {screen}")) + cell.len()..];
        }
        assert!(row.starts_with(cells[0]), "{row}");
        // Columns by display width: words start, and sizes end, below each other.
        let column = |line: &str, word: &str| line[..line.find(word).unwrap()].width();
        assert_eq!(column(row, cells[1]), column(lines[header], "verdict"));
        assert_eq!(column(row, cells[2]), column(lines[header], "device"));
        assert_eq!(column(row, cells[3]), column(lines[header], "iOS"));
        let end = |line: &str, word: &str| column(line, word) + word.width();
        assert_eq!(end(row, cells[5]), end(lines[header], "size"), "{screen}");
    }
    assert!(rows[2].contains("locked"), "{screen}");
    assert!(
        screen.contains("1 of "),
        "scale of what is missing: {screen}"
    );
    assert!(screen.contains("Checked: "), "{screen}");
    assert!(screen.contains("Not checked: "), "{screen}");
}

/// All well: the table and "Checked: …" only. Nothing found: nothing on stdout.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn no_praise() {
    let world = tempdir().unwrap();
    let phone = small(NEW).date("2026-11-20T10:00:00Z").write(world.path());
    let text = screen(world.path(), &[], &[]);
    let paragraphs: Vec<&str> = text.trim_end().split("\n\n").collect();
    assert_eq!(paragraphs.len(), 3, "{text}");
    assert!(
        paragraphs[0].starts_with("1 backup · 1 device · "),
        "{text}"
    );
    assert_eq!(paragraphs[1].lines().count(), 2, "{text}");
    assert!(paragraphs[2].starts_with("Checked: "), "{text}");
    fs::remove_dir_all(phone).unwrap();
    let nothing = run([world.path().to_str().unwrap()]);
    assert_eq!(nothing.stdout, "");
    assert!(nothing.stderr.contains("No backup under"));
}

/// A backup that is running has its row and its sentence (screens.md), and nothing else is said.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_running_backup_on_the_screen() {
    let world = tempdir().unwrap();
    named(NEW, "Anna's iPhone")
        .snapshot_state("uploading")
        .date("2026-11-22T11:00:00Z")
        .mtime("2026-11-22T11:58:00Z")
        .write(world.path());
    let text = screen(world.path(), &[], &[]);
    let row = text.lines().any(|line| {
        line.starts_with("…  in-progress") && line.contains("Anna's iPhone, iPhone 15 Pro")
    });
    assert!(row, "{text}");
    let paragraphs: Vec<&str> = text.split("\n\n").collect();
    assert_eq!(paragraphs.len(), 4, "{text}");
    let said = paragraphs[2]
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let running = "is running (last change 2 minutes ago); look again when it is done.";
    assert!(said.contains("Anna's iPhone"), "{text}");
    assert!(said.ends_with(running), "{text}");
}

/// A locale that is not UTF-8 gets `ok ? X !`; the C library's order of variables holds.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn symbols_by_locale() {
    let world = tempdir().unwrap();
    let root = world.path();
    small(&udid(1)).write(root);
    small(&udid(2)).encrypted().write(root);
    corrupt(small(&udid(3))).write(root);
    small(&udid(4)).snapshot_state("uploading").write(root);
    small(&udid(5)).without("Status.plist").write(root);
    for (env, unicode) in [
        (&[("LC_ALL", "de_DE.UTF-8")][..], true),
        (&[("LC_ALL", ""), ("LANG", "en_US.utf8")], true),
        (&[("LC_ALL", "C")], false),
        (&[("LC_ALL", "POSIX"), ("LANG", "en_US.UTF-8")], false),
        (&[("LC_ALL", ""), ("LANG", "de_DE.ISO-8859-1")], false),
        (
            &[("LC_ALL", ""), ("LC_CTYPE", "C"), ("LANG", "en_US.UTF-8")],
            false,
        ),
    ] {
        let text = screen(root, &[], env);
        for (symbol, ascii, word) in [
            ("✔", "ok", "complete"),
            ("?", "?", "unverified"),
            ("✖", "X", "corrupt"),
            ("✖", "X", "incomplete"),
            ("!", "!", "interrupted"),
        ] {
            let symbol = if unicode { symbol } else { ascii };
            let found = text.lines().any(|line| {
                let mut words = line.split_whitespace();
                words.next() == Some(symbol) && words.next() == Some(word)
            });
            assert!(found, "{symbol} {word} with {env:?}:\n{text}");
        }
        assert_eq!(text.is_ascii(), !unicode, "{env:?}:\n{text}");
    }
}

/// Colour is off without a terminal and with `never`, on with `always`, and never carries meaning
/// alone: without its sequences the text is the same.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn color() {
    let world = zoo_world();
    // The first line tells the room on the disk, which others change.
    let below = |screen: &str| screen.split_once('\n').unwrap().1.to_owned();
    let plain = screen(world.path(), &[], &[]);
    assert!(!plain.contains('\u{1b}'));
    for (args, env) in [
        (&["--color", "never"][..], &[][..]),
        (&["--color", "auto"], &[("CLICOLOR_FORCE", "1")]),
        (&[], &[("NO_COLOR", "1")]),
        (&["--color=auto"], &[("NO_COLOR", "1")]),
    ] {
        let shown = screen(world.path(), args, env);
        assert_eq!(below(&shown), below(&plain), "{args:?}");
        assert!(!shown.contains('\u{1b}'));
    }
    let colored = screen(world.path(), &["--color", "always"], &[]);
    assert!(colored.contains("\u{1b}["));
    let mut bare = String::new();
    let mut pieces = colored.split("\u{1b}[");
    bare += pieces.next().unwrap();
    for piece in pieces {
        let end = piece.find(|c: char| c.is_ascii_alphabetic()).unwrap();
        bare += &piece[end + 1..];
    }
    assert_eq!(below(&bare), below(&plain));
    let json = run([
        world.path().to_str().unwrap(),
        "--json",
        "--color",
        "always",
    ]);
    assert!(!json.stdout.contains('\u{1b}'));
}

/// Dates are local: the day of the time zone.
#[cfg(unix)]
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn local_dates() {
    let world = tempdir().unwrap();
    small(NEW).date("2024-05-01T20:00:00Z").write(world.path());
    for (zone, day) in [("UTC0", "1 May 2024"), ("XXX-14", "2 May 2024")] {
        let text = screen(world.path(), &[], &[("TZ", zone)]);
        assert!(text.contains(day), "{zone}: {text}");
    }
}

const EVIL: &str =
    "A\u{1b}[31mb\u{7}\u{202e}c\u{200b}d\u{2066}\u{9b}1m\r\nz\u{feff}\t\u{200f}\u{7f}";

/// What people see has no control, bidi or zero-width characters of others; `--json` keeps names
/// as they are.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn names_are_cleaned() {
    let world = tempdir().unwrap();
    let mut info = plist::Dictionary::new();
    for key in [
        "Device Name",
        "Display Name",
        "Product Name",
        "Product Type",
        "Product Version",
        "Build Version",
        "Serial Number",
    ] {
        info.insert(key.to_owned(), EVIL.into());
    }
    let mut bytes = Vec::new();
    Plist::Dictionary(info)
        .to_writer_binary(&mut bytes)
        .unwrap();
    let gone = format!("Library/{EVIL}");
    let mut builder = small(NEW)
        .raw("Info.plist", bytes)
        .mtime("2024-05-01T10:00:00Z")
        .status(|status| {
            status.insert("BackupState".to_owned(), EVIL.into());
        })
        .file(EVIL, &gone, b"1")
        .remove_payload(EVIL, &gone);
    if cfg!(unix) {
        builder = builder.folder_name(EVIL);
    }
    builder.write(&world.path().join("Backup"));
    let document = scan(world.path(), &[]);
    assert_eq!(only_backup(&document)["device"]["name"], EVIL);
    let path = world.path().to_str().unwrap();
    let mut texts = vec![
        run([path, "--now", NOW]),
        run([path, "--now", NOW, "--quiet"]),
        run([format!("{path}/{EVIL}")]),
    ];
    // Named by its folder, where the device has no name; Windows has no such folders.
    if cfg!(unix) {
        let phone = PathBuf::from(only_backup(&document)["path"].as_str().unwrap());
        fs::remove_file(phone.join("Info.plist")).unwrap();
        fs::remove_file(phone.join("Manifest.plist")).unwrap();
        texts.push(run([path, "--now", NOW]));
    }
    for (at, text) in texts.iter().enumerate() {
        let said = format!("{}{}", text.stdout, text.stderr);
        assert!(said.contains("bc"), "{at}: {said:?}");
        let bad = said.chars().find(|c| {
            *c != '\n' && c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
                || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}')
        });
        assert_eq!(bad, None, "{at}: {said:?}");
        assert!(!said.lines().any(|line| line.starts_with('z')), "{said:?}");
    }
}

/// Without a terminal stderr stays empty: no progress, no remarks when all is well.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn no_progress_on_a_pipe() {
    let world = zoo_world();
    for args in [&[][..], &["--json"], &["--quiet"], &["--threads", "8"]] {
        let mut all = vec![world.path().to_str().unwrap(), "--now", NOW];
        all.extend(args);
        assert_eq!(run(all).stderr, "", "{args:?}");
    }
}

/// A reader who leaves early is no error: nothing on stderr, no panic.
#[test]
fn a_closed_pipe_ends_quietly() {
    let world = zoo_world();
    let path = world.path().to_str().unwrap();
    for args in [
        &[path][..],
        &[path, "--json"],
        &[path, "--quiet"],
        &["--help"],
        &["--version"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = program().args(args).stdout(writer).ended().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(stderr, "", "{args:?}");
        assert_ne!(output.status.code(), Some(101), "{args:?}");
    }
}

/// What the library makes of `root`, with somebody who watches.
fn watched(root: &Path, observer: &(dyn Fn(Event<'_>) + Sync), stop: &AtomicUsize) -> Report {
    let config = ScanOptions::new(vec![root.to_owned()], timestamp(NOW));
    scan_library(&config, Sources::default(), &Monitor::new(observer, stop)).unwrap()
}

/// Puts another file in place of one, with its own time.
fn swap(place: &Path, bytes: &[u8], rfc3339: &str) {
    let new = place.with_extension("new");
    fs::write(&new, bytes).unwrap();
    let file = fs::OpenOptions::new().write(true).open(&new).unwrap();
    file.set_modified(timestamp(rfc3339).into()).unwrap();
    drop(file);
    fs::rename(&new, place).unwrap();
}

/// A backup that changes once while it is looked at is looked at once more, and the second look
/// is judged.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_change_during_the_scan_is_looked_at_again() {
    for name in [
        "Status.plist",
        "Info.plist",
        "Manifest.plist",
        "Manifest.db",
    ] {
        let world = tempdir().unwrap();
        let phone = corrupt(small(NEW)).write(&world.path().join("first"));
        let later = small(NEW)
            .snapshot_state("uploading")
            .write(&world.path().join("later"));
        let looks = AtomicUsize::new(0);
        let report = watched(
            &world.path().join("first"),
            &|event| {
                if matches!(event, Event::Looked { .. })
                    && looks.fetch_add(1, Ordering::SeqCst) == 0
                {
                    let bytes = fs::read(later.join(name)).unwrap();
                    swap(&phone.join(name), &bytes, "2024-05-02T10:00:00Z");
                }
            },
            &AtomicUsize::new(0),
        );
        assert_eq!(looks.load(Ordering::SeqCst), 2, "{name}");
        let backup = &report.backups[0];
        let ids: Vec<_> = backup.findings.iter().map(|finding| finding.id).collect();
        match name {
            "Status.plist" => {
                assert_eq!(backup.snapshot_state.as_deref(), Some("uploading"));
                assert!(ids.contains(&"update-interrupted"), "{ids:?}");
            }
            // The new list no longer names the file that is missing.
            "Manifest.db" => assert_eq!(backup.verdict, Verdict::Complete, "{ids:?}"),
            _ => assert_eq!(backup.verdict, Verdict::Corrupt, "{ids:?}"),
        }
        assert!(!ids.contains(&"backup-running"), "{name}: {ids:?}");
    }
}

/// A backup that changes at every look is in progress after the second one; whatever else is wrong
/// becomes a note, and the exit code is 0.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_backup_that_keeps_changing_is_in_progress() {
    let world = tempdir().unwrap();
    let phone = corrupt(small(NEW)).write(world.path());
    let status = phone.join("Status.plist");
    let looks = AtomicUsize::new(0);
    let report = watched(
        world.path(),
        &|event| {
            if matches!(event, Event::Looked { .. }) {
                let look = looks.fetch_add(1, Ordering::SeqCst) + 1;
                let bytes = fs::read(&status).unwrap();
                swap(&status, &bytes, &format!("2024-05-0{look}T11:00:00Z"));
            }
        },
        &AtomicUsize::new(0),
    );
    assert_eq!(looks.load(Ordering::SeqCst), 2, "once more, not for ever");
    let backup = &report.backups[0];
    assert_eq!(backup.verdict, Verdict::InProgress);
    let ids: Vec<_> = backup.findings.iter().map(|finding| finding.id).collect();
    assert!(ids.contains(&"backup-running"), "{ids:?}");
    let notes = |finding: &Finding| finding.severity == Severity::Note;
    assert!(backup.findings.iter().all(notes));
    assert_eq!(exit_code::of(&report, FailOn::WARNING, 0).number(), 0);
}

/// A scan that is told to stop gives what was judged so far, and nothing that was looked at in
/// part; the exit code is that of the signal.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_stopped_scan() {
    let world = tempdir().unwrap();
    for number in 1..=3 {
        corrupt(small(&udid(number))).write(world.path());
    }
    type At = fn(&Event<'_>) -> bool;
    let moments: [(&str, At, usize); 4] = [
        ("found", |event| matches!(event, Event::Found { .. }), 0),
        ("began", |event| matches!(event, Event::Began { .. }), 0),
        ("looked", |event| matches!(event, Event::Looked { .. }), 1),
        ("judged", |event| matches!(event, Event::Judged { .. }), 1),
    ];
    for (name, at, most) in moments {
        for (signal, code) in [(2, 130), (15, 143)] {
            let stop = AtomicUsize::new(0);
            let report = watched(
                world.path(),
                &|event| {
                    if at(&event) {
                        stop.store(signal, Ordering::SeqCst);
                    }
                },
                &stop,
            );
            assert!(report.cancelled, "{name}");
            assert!(report.backups.len() <= most, "{name}");
            if name == "judged" {
                assert_eq!(report.backups.len(), 1, "{name}");
            }
            for backup in &report.backups {
                assert_eq!(backup.verdict, Verdict::Corrupt, "{name}");
            }
            assert_eq!(exit_code::of(&report, FailOn::ERROR, signal).number(), code);
            let mut bytes = Vec::new();
            json::write(&report, code, &mut bytes).unwrap();
            let document: Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(document["cancelled"], true);
            assert_eq!(document["exit_code"], code);
        }
    }
}

/// Contract §4 as a table: severity, and what a finding makes of a verdict.
const FINDINGS: &[(&str, Severity, Effect)] = {
    use Effect::{
        Corrupt, CouldNotCheck, InProgress, Incomplete, Interrupted, Nothing, Unverified,
    };
    use Severity::{Error, Note, Warning};
    &[
        ("manifest-plist-unreadable", Error, Corrupt),
        ("manifest-unreadable", Error, Corrupt),
        ("manifest-damaged", Error, Corrupt),
        ("file-missing", Error, Corrupt),
        ("payload-truncated", Error, Corrupt),
        ("payload-not-a-file", Error, Corrupt),
        ("payload-empty", Error, Corrupt),
        ("index-empty", Error, Corrupt),
        ("key-invalid", Error, Corrupt),
        ("never-finished", Error, Incomplete),
        ("status-missing", Error, Incomplete),
        ("status-unreadable", Error, Incomplete),
        ("manifest-plist-missing", Error, Incomplete),
        ("manifest-missing", Error, Incomplete),
        ("update-interrupted", Warning, Interrupted),
        ("move-interrupted", Warning, Interrupted),
        ("cleanup-interrupted", Warning, Interrupted),
        ("later-attempt-failed", Warning, Nothing),
        ("info-missing", Warning, Nothing),
        ("info-unreadable", Warning, Nothing),
        ("not-readable", Warning, CouldNotCheck),
        ("index-short", Warning, Unverified),
        ("backup-running", Note, InProgress),
        ("leftover", Note, Nothing),
        ("size-differs", Note, Nothing),
        ("emptied-file", Note, Nothing),
        ("shorter-than-recorded", Note, Nothing),
        ("orphan-file", Note, Nothing),
        ("file-id-mismatch", Note, Nothing),
        ("misplaced-file", Note, Nothing),
        ("record-undecodable", Note, Nothing),
        ("wal-present", Note, Nothing),
        ("state-unknown", Note, Unverified),
        ("state-unsupported", Note, Unverified),
        ("format-too-old", Note, Unverified),
        ("tool-made", Note, Unverified),
        ("udid-mismatch", Note, Nothing),
        ("known-trouble-file", Note, Nothing),
        ("nested-backup", Note, Nothing),
        ("foreign-content", Note, Nothing),
    ]
};

/// The ids of contract §4 that come with a password, with contents, or with later pieces.
const LATER: &[&str] = &[
    "digest-mismatch",
    "payload-read-error",
    "content-changed",
    "padding-invalid",
    "app-database-damaged",
    "password-wrong",
    "backup-stale",
    "next-backup-may-not-fit",
    "backup-gone",
    "backup-shrank",
];

/// The checks are exactly those of contract §4, each once, with its severity and effect.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_checks_are_those_of_the_contract() {
    let mut seen = BTreeSet::new();
    for check in verify::all() {
        assert!(seen.insert(check.id), "{} twice", check.id);
        match FINDINGS.iter().find(|(id, ..)| *id == check.id) {
            Some((_, severity, effect)) => {
                assert_eq!(
                    (check.severity, check.effect),
                    (*severity, *effect),
                    "{}",
                    check.id
                );
                assert!(check.level <= Level::Standard, "{}", check.id);
            }
            None => assert!(LATER.contains(&check.id), "{}", check.id),
        }
    }
    for (id, ..) in FINDINGS {
        assert!(seen.contains(id), "{id} is not checked");
    }
}

fn some_finding(number: usize, at: usize) -> Finding {
    let (id, severity, effect) = FINDINGS[at];
    Finding {
        id,
        severity,
        effect,
        count: 1,
        bytes: 0,
        message: format!("<{id}-of-{number}>"),
        examples: vec![],
        hint: None,
        unnamed: None,
        known: false,
    }
}

fn some_backup(number: usize, chosen: &[usize], seen_all: bool) -> BackupReport {
    let mut findings: Vec<_> = chosen.iter().map(|at| some_finding(number, *at)).collect();
    let verdict = verify::verdict(&findings, seen_all);
    // Contract §3: in a backup that is in progress, findings are notes.
    if verdict == Verdict::InProgress {
        for finding in &mut findings {
            finding.severity = Severity::Note;
        }
    }
    BackupReport {
        path: PathBuf::from(format!("Backup/folder{number}")),
        verdict,
        findings,
        ..screens::plain_backup(&format!("Device{number}"))
    }
}

fn rendered(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

proptest! {
    // The same cases every time; nothing is written into the source tree.
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        rng_seed: RngSeed::Fixed(20_261_122),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Verdict, exit code, `--json` and screen say the same of any findings.
    #[test]
    #[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
    fn verdict_exit_code_and_screen_agree(
        sets in proptest::collection::vec(
            (proptest::sample::subsequence((0..FINDINGS.len()).collect::<Vec<_>>(), 0..5), any::<bool>()),
            1..4,
        ),
        blocked: bool,
        fail_on_warning: bool,
        unicode: bool,
    ) {
        use Effect as E;
        let backups: Vec<_> = sets
            .iter()
            .enumerate()
            .map(|(number, (chosen, seen_all))| some_backup(number, chosen, *seen_all))
            .collect();
        // Contract §3: the precedence.
        for (backup, (chosen, seen_all)) in backups.iter().zip(&sets) {
            let has = |effect| chosen.iter().any(|at| FINDINGS[*at].2 == effect);
            let expected = if has(E::CouldNotCheck) { "unreadable" }
                else if has(E::InProgress) { "in-progress" }
                else if has(E::Incomplete) { "incomplete" }
                else if has(E::Corrupt) { "corrupt" }
                else if has(E::Interrupted) { "interrupted" }
                else if has(E::Unverified) || !seen_all { "unverified" }
                else { "complete" };
            prop_assert_eq!(backup.verdict.as_str(), expected);
        }
        let problem = Problem {
            path: PathBuf::from("nowhere"),
            message: "nowhere does not exist".to_owned(),
            blocking: true,
            known: false,
        };
        let report = Report {
            problems: if blocked { vec![problem] } else { vec![] },
            ..screens::report(backups)
        };
        // Contract §8.
        let verdicts: Vec<&str> = report.backups.iter().map(|backup| backup.verdict.as_str()).collect();
        let verdict = |wanted: &[&str]| verdicts.iter().any(|verdict| wanted.contains(verdict));
        let severity = |wanted| {
            let mut findings = report.backups.iter().flat_map(|backup| &backup.findings);
            findings.any(|finding| finding.severity == wanted)
        };
        let expected = if verdict(&["incomplete", "corrupt"]) || severity(Severity::Error) { 2 }
            else if verdict(&["unreadable"]) || blocked { 3 }
            else if fail_on_warning && (verdict(&["interrupted"]) || severity(Severity::Warning)) { 1 }
            else { 0 };
        let fail_on = if fail_on_warning { FailOn::WARNING } else { FailOn::ERROR };
        let code = exit_code::of(&report, fail_on, 0).number();
        prop_assert_eq!(code, expected);

        let document = rendered(|out| json::write(&report, code, out));
        let document: Value = serde_json::from_str(&document).unwrap();
        prop_assert_eq!(&document["exit_code"], &Value::from(code));
        let style = Style { unicode, ..screens::style(100) };
        let drawn = rendered(|out| text::write(&report, text::Guide::Short, &style, out));
        // Paragraphs are wrapped.
        let screen = drawn.split_whitespace().collect::<Vec<_>>().join(" ");
        let quiet = rendered(|out| quiet::write(&report, false, &style, out));
        for (number, backup) in report.backups.iter().enumerate() {
            let word = backup.verdict.as_str();
            let name = format!("Device{number}");
            let entry = list(&document["backups"])
                .iter()
                .find(|entry| entry["device"]["name"] == name.as_str())
                .unwrap();
            prop_assert_eq!(&entry["verdict"], word);
            prop_assert_eq!(finding_ids(entry).len(), backup.findings.len());
            let symbol = match (word, unicode) {
                ("complete", true) => "✔",
                ("complete", false) => "ok",
                ("unverified", _) => "?",
                ("incomplete" | "corrupt", true) => "✖",
                ("incomplete" | "corrupt", false) => "X",
                ("in-progress", true) => "…",
                ("in-progress", false) => "",
                _ => "!",
            };
            let row = drawn
                .lines()
                .find(|line| line.contains(&name) && line.split_whitespace().nth(1) == Some(word));
            prop_assert!(row.is_some(), "{} {}:\n{}", name, word, screen);
            prop_assert!(row.unwrap().starts_with(symbol), "{}", screen);
            // An error is never passed over; what counts as ok is never called a problem.
            for finding in &backup.findings {
                // What a run that never finished lacks anyway is said with it.
                let is_said = !(["manifest-plist-missing", "manifest-missing"].contains(&finding.id)
                    && backup.has("never-finished"));
                if finding.severity == Severity::Error {
                    prop_assert_eq!(screen.contains(&finding.message), is_said, "{}", screen);
                    prop_assert_eq!(quiet.contains(&finding.message), is_said, "{}", quiet);
                }
                if finding.severity == Severity::Note {
                    prop_assert!(!quiet.contains(&finding.message), "{}", quiet);
                }
            }
            let counts_as_ok = ["complete", "unverified", "in-progress"].contains(&word)
                && backup.findings.iter().all(|finding| finding.severity == Severity::Note);
            prop_assert_eq!(quiet.contains(&name), !counts_as_ok, "{}", quiet);
            prop_assert!(counts_as_ok || quiet.contains(word), "{}", quiet);
        }
        prop_assert!(code == 0 || !quiet.is_empty());
        if fail_on_warning {
            prop_assert_eq!(code == 0, quiet.is_empty(), "{}", quiet);
        }
    }
}
