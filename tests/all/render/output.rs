//! What the program says and how it ends (contract §7, §8, screens.md), the same on every system.

#![cfg(not(windows))]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
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
use plist::{Dictionary, Value as Plist};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value, json};
use tempfile::TempDir;
use unicode_width::UnicodeWidthStr;

use crate::find::discovery::{NEW, OLD, look, put, small};
use crate::harness::{
    Ended as _, NOW, Run, finding, finding_ids, lasting, only_backup, program, run, run_in, scan,
    words,
};
use crate::render::screens;
use crate::support::{BackupBuilder, empty_folder, file_id, payload_path, timestamp};

const DOMAIN: &str = "HomeDomain";
const GONE: &str = "Library/gone.txt";

/// A backup of a device of this name.
fn named(udid: &str, name: &str) -> BackupBuilder {
    small(udid).device(name, "iPhone16,1", Some("iPhone 15 Pro"), "17.5.1", "21F90")
}

fn corrupt(builder: BackupBuilder) -> BackupBuilder {
    let builder = builder.file(DOMAIN, GONE, &[1; 3000]);
    builder.remove_payload(DOMAIN, GONE)
}

/// A UDID for every number.
fn udid(number: u64) -> String {
    format!("00008130-{number:016X}")
}

/// One backup of each kind that shows in the output.
fn zoo(root: &Path) {
    let backup = root.join("MobileSync/Backup");
    let folder = format!("{}-20230101-000000", udid(1));
    let archived = named(&udid(1), "Alpha").folder_name(&folder);
    for one in [
        named(&udid(1), "Alpha"),
        corrupt(named(&udid(2), "Beta")),
        named(&udid(3), "Gamma").encrypted(),
        small(OLD).mbdb(),
        named(&udid(5), "Delta").snapshot_state("uploading"),
        named(&udid(6), "Epsilon").without("Status.plist"),
        archived.date("2023-01-01T00:00:00Z"),
    ] {
        one.write(&backup);
    }
    put(&backup.join("x.zip"), b"PK");
    put(&backup.join("notes/y"), b"1");
}

fn zoo_world() -> TempDir {
    let world = empty_folder();
    zoo(world.path());
    world
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

/// The members of every object of the document, by the place where it stands: `*` is each of a list, a
/// place with `?` may be null, and behind `:` stands what a member is.
const MEMBERS: &str = "\
/ schema_version bkscan_version started_at finished_at level cancelled exit_code roots summary devices \
    backups beside advice problems
/advice/* step:step id title text bytes command backups
/roots/* path:text volume
/roots/*/volume? total_bytes available_bytes shares_blocks
/summary backups devices verdicts files logical_bytes allocated_bytes removable on_request
/summary/verdicts complete unverified in-progress interrupted incomplete corrupt unreadable
/summary/removable backups:texts bytes exact:bool
/summary/on_request backups:texts bytes exact:bool
/devices/* udid:text name:text? newest_good:text? last_good_at:time? backups:texts \
    findings:none
/beside/* path kind bytes:number
/problems/* path:text message:text blocking:bool
/backups/* path:folder udid:text? archived:bool encrypted:bool? manifest_format:format? \
    snapshot_state:text? backup_state:text? device last_backup size manifest verdict checked:texts \
    not_checked findings storage flags:texts frees decision only_here
/backups/*/device name:text? product_type:text? product_name:text? ios_version:text? \
    build_version:text? serial_number:text?
/backups/*/last_backup? at:time source
/backups/*/size files:number? logical_bytes:number? allocated_bytes:number?
/backups/*/manifest? records:number files:number directories:number symlinks:number recorded_bytes:number
/backups/*/not_checked/* id why:words
/backups/*/findings/* id severity:severity count:number bytes:number message:words examples hint:text?
/backups/*/findings/*/examples/* domain:text? path:text? file_id:text? bytes:number?
/backups/*/storage/* group files bytes
/backups/*/frees bytes exact
/backups/*/decision action reasons
/backups/*/decision/reasons/* code text by
/backups/*/only_here? than:text? groups databases held_elsewhere
/backups/*/only_here?/groups/* group files bytes of_files of_bytes
/backups/*/only_here?/databases/* name bytes other_bytes";

/// Whether a value is of this kind; with a `?` it may be null.
fn is(value: &Value, kind: &str) -> bool {
    if let Some(kind) = kind.strip_suffix('?') {
        return value.is_null() || is(value, kind);
    }
    let text = value.as_str().unwrap_or_default();
    match kind {
        "any" => true,
        "bool" => value.is_boolean(),
        "folder" => Path::new(text).is_dir(),
        "format" => ["sqlite", "mbdb"].contains(&text),
        "none" => list(value).is_empty(),
        "number" => value.is_u64(),
        "severity" => ["note", "warning", "error"].contains(&text),
        "step" => (1..=8).contains(&value.as_u64().unwrap()),
        "text" => value.is_string(),
        "texts" => list(value).iter().all(Value::is_string),
        "time" => is_time(value),
        "words" => !text.is_empty(),
        _ => panic!("no kind is called {kind}"),
    }
}

/// What stands at this place.
fn at<'a>(document: &'a Value, place: &str) -> Vec<&'a Value> {
    let mut found = vec![document];
    for part in place.split('/').filter(|part| !part.is_empty()) {
        let below = |value: &'a Value| match part.strip_suffix('?') {
            Some(name) => Vec::from_iter(Some(&value[name]).filter(|it| !it.is_null())),
            None if part == "*" => list(value).iter().collect(),
            None => vec![&value[part]],
        };
        found = found.into_iter().flat_map(below).collect();
    }
    found
}

/// Fails unless each object of the document has exactly its members, and each of them is of its kind.
fn has_its_members(document: &Value) {
    for line in MEMBERS.lines() {
        let (place, members) = line.split_once(' ').unwrap();
        let of_a_kind = |member| str::split_once(member, ':').unwrap_or((member, "any"));
        let members: BTreeMap<_, _> = words(members).into_iter().map(of_a_kind).collect();
        for object in at(document, place) {
            let found = object.as_object().expect(place).keys();
            let found: BTreeSet<&str> = found.map(String::as_str).collect();
            assert_eq!(found, members.keys().copied().collect(), "{place}");
            for (name, kind) in &members {
                assert!(is(&object[name], kind), "{place}: {name} is no {kind}");
            }
        }
    }
    for backup in list(&document["backups"]) {
        for skipped in list(&backup["not_checked"]) {
            assert!(!list(&backup["checked"]).contains(&skipped["id"]));
        }
    }
}

/// The document without the room on the disk, which others use meanwhile.
fn without_free_space(document: &str) -> String {
    let mut lines: Vec<&str> = document.lines().collect();
    lines.retain(|line| !line.contains("\"available_bytes\""));
    lines.join("\n")
}

fn is_time(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.ends_with('Z') && text.parse::<Timestamp>().is_ok()
}

/// `--json` has exactly the keys of contract §7, each of its type; those of later pieces are empty
/// or null.
#[test]
fn every_key_of_the_document() {
    let world = zoo_world();
    let document = scan(world.path(), &[]);
    has_its_members(&document);
    assert_eq!(document["schema_version"], 1);
    assert_eq!(document["bkscan_version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(document["level"], "standard");
    assert_eq!(document["cancelled"], false);
    assert_eq!(document["exit_code"], 2);
    for root in list(&document["roots"]) {
        assert_eq!(root["path"], world.path().to_str().unwrap());
    }
    assert_eq!(list(&document["beside"]).len(), 2);
    let seen = look(world.path(), &["nowhere"]);
    assert!(!list(&seen.document["problems"]).is_empty());
    has_its_members(&seen.document);
}

/// The values of a healthy backup are those that its files hold, and the summary adds up.
#[test]
fn the_values_of_the_document() {
    let world = zoo_world();
    let document = scan(world.path(), &[]);
    let backups = list(&document["backups"]);
    let find = |name: &str| -> &Value {
        let ends = |value: &Value| value.as_str().unwrap().ends_with(name);
        let mut found = backups.iter().filter(|backup| ends(&backup["path"]));
        found.next().unwrap()
    };
    let picked = |object: &Value, keys: &str| -> Value {
        let keys = words(keys).into_iter();
        keys.map(|key| (key, object[key].clone())).collect()
    };
    let keys = words("verdict archived encrypted manifest_format snapshot_state backup_state");
    for (folder, expected) in [
        (&*udid(1), "complete false false sqlite finished new"),
        (&*udid(2), "corrupt false false sqlite finished new"),
        (&*udid(3), "unverified false true sqlite finished new"),
        (OLD, "complete false false mbdb finished new"),
        (&*udid(5), "interrupted false false sqlite uploading new"),
        (&*udid(6), "incomplete false false sqlite null null"),
        ("-000000", "complete true false sqlite finished new"),
    ] {
        let told = keys.iter().map(|key| find(folder)[key].to_string());
        let told: Vec<_> = told.map(|value| value.replace('"', "")).collect();
        assert_eq!(told.join(" "), expected, "{folder}");
    }
    let expected = json!({
        "udid": udid(1),
        "findings": [],
        "device": {
            "name": "Alpha", "product_type": "iPhone16,1", "product_name": "iPhone 15 Pro",
            "ios_version": "17.5.1", "build_version": "21F90", "serial_number": "TESTSERIAL01",
        },
        "last_backup": { "at": "2024-05-01T10:00:00Z", "source": "manifest" },
        // One file in a folder of a domain: root, folder, file.
        "manifest": {
            "records": 3, "files": 1, "directories": 2, "symlinks": 0, "recorded_bytes": 5000,
        },
    });
    let keys = "udid findings device last_backup manifest";
    assert_eq!(picked(find(&udid(1)), keys), expected);
    assert_eq!(find(&udid(3))["manifest"], Value::Null);
    let file_id = file_id(DOMAIN, GONE);
    let example = json!({ "domain": DOMAIN, "path": GONE, "file_id": file_id, "bytes": 3000 });
    let expected = json!({ "count": 1, "bytes": 3000, "examples": [example] });
    let missing = finding(find(&udid(2)), "file-missing");
    assert_eq!(picked(missing, "count bytes examples"), expected);

    let summary = &document["summary"];
    let expected = json!({ "backups": 7, "devices": 6 });
    assert_eq!(picked(summary, "backups devices"), expected);
    assert_eq!(list(&document["devices"]).len(), 6);
    for key in ["files", "logical_bytes", "allocated_bytes"] {
        let sizes = backups.iter().map(|backup| &backup["size"][key]);
        let sum: u64 = sizes.map(|size| size.as_u64().unwrap()).sum();
        assert_eq!(summary[key], sum, "{key}");
    }
    for verdict in Verdict::ALL.map(|verdict| verdict.as_str()) {
        let of_it = backups.iter().filter(|one| one["verdict"] == verdict);
        assert_eq!(summary["verdicts"][verdict], of_it.count(), "{verdict}");
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
fn where_the_date_comes_from() {
    let set = |key: &'static str, at: &str| {
        let date = Plist::Date(SystemTime::from(timestamp(at)).into());
        move |dictionary: &mut Dictionary| drop(dictionary.insert(key.to_owned(), date))
    };
    let dated = || {
        small(NEW)
            .status(set("Date", "2024-05-02T10:00:00Z"))
            .info(set("Last Backup Date", "2024-05-02T11:00:00Z"))
            .mtime("2024-05-02T12:00:00Z")
    };
    let undated = || dated().manifest_plist(|dictionary| drop(dictionary.remove("Date")));
    let uploading = undated().snapshot_state("uploading");
    let bare = undated().without("Status.plist").without("Info.plist");
    for (builder, at, source) in [
        (dated(), "2024-05-01T10:00:00Z", "manifest"),
        (undated(), "2024-05-02T10:00:00Z", "status"),
        (uploading, "2024-05-02T11:00:00Z", "info"),
        (bare, "2024-05-02T12:00:00Z", "mtime"),
    ] {
        let world = empty_folder();
        builder.write(world.path());
        let document = scan(world.path(), &[]);
        let date = &only_backup(&document)["last_backup"];
        assert_eq!(*date, json!({ "at": at, "source": source }), "{source}");
    }
    // Nothing known: null.
    let world = empty_folder();
    put(&world.path().join("Backup/x/Info.plist"), b"");
    let document = scan(world.path(), &[]);
    assert_eq!(only_backup(&document)["last_backup"], Value::Null);
}

/// With `--now` both run times are it, in UTC; without, they are times in UTC, in order.
#[test]
fn run_times() {
    let world = empty_folder();
    small(NEW).write(world.path());
    let path = world.path().to_str().unwrap();
    let times = |args: &[&str]| {
        let stdout = run([&[path, "--json"], args].concat()).stdout;
        let document: Value = serde_json::from_str(&stdout).unwrap();
        ["started_at", "finished_at"].map(|key| document[key].clone())
    };
    for now in words("2026-11-22T12:00:00Z 2026-11-22T13:30:00+01:30 2026-11-22T04:00:00-08:00") {
        assert_eq!(times(&["--now", now]), [NOW, NOW], "{now}");
    }
    let [started, finished] = times(&[]);
    for time in [&started, &finished] {
        assert!(is_time(time), "{time}");
    }
    let time = |value: &Value| value.as_str().unwrap().parse::<Timestamp>().unwrap();
    assert!(time(&started) <= time(&finished));
}

/// Copies a folder with its modification times, the entries in the reverse of their order.
fn copy_reversed(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).sort_by(|a, b| b.file_name().cmp(a.file_name())) {
        let source = entry.unwrap().into_path();
        let target = to.join(source.strip_prefix(from).unwrap());
        if source.is_dir() {
            fs::create_dir(target).unwrap();
            continue;
        }
        fs::copy(&source, &target).unwrap();
        let modified = source.metadata().unwrap().modified().unwrap();
        let file = fs::OpenOptions::new().write(true).open(&target).unwrap();
        file.set_modified(modified).unwrap();
    }
}

/// The document is the same on 1 and 8 threads, at each run, and for folders made in another
/// order; backups and devices stand in one order.
#[test]
fn the_document_is_the_same_every_time() {
    let world = empty_folder();
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
        let path = root.to_str().unwrap();
        let run = run([path, "--json", "--now", NOW, "--threads", threads]);
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
fn sizes() {
    let world = empty_folder();
    let phone = small(NEW)
        .file(DOMAIN, "Library/big", &[3; 100_000])
        .raw(".DS_Store", vec![1; 6148])
        .raw("Snapshot/ab/half", vec![1; 10])
        .write(world.path());
    let size = || only_backup(&scan(world.path(), &[]))["size"].clone();
    let before = size();
    let entries = walkdir::WalkDir::new(&phone).into_iter();
    let files = entries.map(|entry| entry.unwrap().metadata().unwrap());
    let files: Vec<_> = files.filter(fs::Metadata::is_file).collect();
    let bytes: u64 = files.iter().map(fs::Metadata::len).sum();
    assert_eq!(before["files"], files.len());
    assert_eq!(before["logical_bytes"], bytes);
    let allocated: u64 = files.iter().map(|file| file.blocks() * 512).sum();
    assert_eq!(before["allocated_bytes"], allocated);
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

/// The exit code of each kind of backup, with and without `--fail-on warning`; `--quiet` is
/// silent exactly where it is 0.
#[test]
fn exit_codes() {
    let uploading = || small(NEW).snapshot_state("uploading");
    let first = uploading().backup_state("empty");
    let running = first.date("2026-11-20T00:00:00Z");
    let running = running.mtime("2026-11-22T11:30:00Z");
    let cases: Vec<(&str, Option<BackupBuilder>, i32, i32)> = vec![
        ("complete", Some(small(NEW)), 0, 0),
        ("unverified", Some(small(NEW).encrypted()), 0, 0),
        ("in-progress", Some(running), 0, 0),
        ("interrupted", Some(uploading()), 0, 1),
        // A warning that leaves the verdict alone.
        ("complete", Some(small(NEW).without("Info.plist")), 0, 1),
        ("incomplete", Some(small(NEW).without("Status.plist")), 2, 2),
        ("corrupt", Some(corrupt(small(NEW))), 2, 2),
        ("", None, 3, 3),
    ];
    for (verdict, builder, error, warning) in cases {
        let world = empty_folder();
        if let Some(builder) = builder {
            builder.write(world.path());
        }
        let path = world.path().to_str().unwrap();
        for (fail_on, code) in [("error", error), ("warning", warning)] {
            let case = format!("{verdict} --fail-on {fail_on}");
            let document = scan(world.path(), &["--fail-on", fail_on]);
            assert_eq!(document["exit_code"], code, "{case}");
            if !verdict.is_empty() {
                assert_eq!(only_backup(&document)["verdict"], verdict);
            }
            let args = [path, "--now", NOW, "--fail-on", fail_on];
            assert_eq!(run(args).code, code, "{case}");
            let quiet = run(args.iter().chain(&["--quiet"]));
            assert_eq!(quiet.code, code, "{case} --quiet");
            let said = quiet.stdout + &quiet.stderr;
            assert_eq!(said.is_empty(), code == 0, "{case}: {said}");
            assert!(said.contains(verdict) || code == 0, "{case}: {said}");
        }
        let default = run([path, "--now", NOW]);
        assert_eq!(default.code, error, "{verdict}: default of --fail-on");
    }
}

/// Of several reasons the first of 64, 2, 3, 1, 0 counts.
#[test]
fn the_worst_reason_is_the_exit_code() {
    let world = empty_folder();
    let world = world.path();
    corrupt(small(NEW)).write(&world.join("corrupt"));
    let interrupted = small(OLD).snapshot_state("uploading");
    interrupted.write(&world.join("interrupted"));
    small(&udid(1)).write(&world.join("good"));
    for (args, code) in [
        ("corrupt missing", 2),
        ("corrupt interrupted --fail-on warning", 2),
        ("interrupted missing --fail-on warning", 3),
        ("interrupted good --fail-on warning", 1),
        ("interrupted good", 0),
        ("good missing", 3),
    ] {
        assert_eq!(look(world, &words(args)).code, code, "{args}");
    }
    let usage = run_in(world, &["corrupt", "missing", "--nonsense"]);
    assert_eq!(usage.code, 64);
}

/// What is wrong is told with what to write.
#[test]
fn what_is_refused_says_what_to_write() {
    let no_document =
        "bkscan: --json goes with a scan, show, diff, mend, clean or history; nothing was done\n";
    let delete = "bkscan: --yes goes with --delete; nothing was done\n";
    let invalid = |value: &str, option: &str, told: &str| {
        format!("bkscan: invalid value '{value}' for '{option}': {told}\n")
    };
    let keep = invalid("0", "--keep-last <N>", "write a number from 1 to 65535");
    let threads = invalid("257", "--threads <N>", "write a number from 1 to 256");
    let time = "write a time such as 2026-11-20T09:00:00Z";
    let now = invalid("2026-11-22", "--now <RFC3339>", time);
    let size = "\"10XB\" is no size: write one such as 20GB or 20GiB";
    let oversized = invalid("10XB", "--oversized <SIZE>", size);
    for (args, said) in [
        ("--keep-last 0", &*keep),
        ("--threads 257", &threads),
        ("--now 2026-11-22", &now),
        ("--oversized 10XB", &oversized),
        ("clean --yes", delete),
        ("explain --json", no_document),
        ("--json config show", no_document),
        ("schema --json", no_document),
        (
            "show",
            "bkscan: BACKUP is missing, as in bkscan show [OPTIONS] BACKUP\n",
        ),
    ] {
        let run = run(words(args));
        assert_eq!(run.all(), (64, "", said), "{args}");
    }
}

/// `--help` and `--version` go to stdout and exit 0.
#[test]
fn help_and_version() {
    for (flag, said) in [
        ("--help", "--fail-on"),
        ("-h", "PATH"),
        ("--version", env!("CARGO_PKG_VERSION")),
        ("-V", "bkscan"),
    ] {
        let run = run([flag]);
        assert_eq!((run.code, &*run.stderr), (0, ""), "{flag}");
        assert!(run.stdout.contains(said), "{flag}: {}", run.stdout);
    }
    let help = run(["--help"]).stdout;
    let list = run(["help"]).stdout;
    assert!(list.contains("\nTopics: bkscan help TOPIC\n"), "{list}");
    assert_eq!(run(["help", "-h"]).stdout, list);
    assert_eq!(run(["help", "--help"]).stdout, list);
    let usage = "\nUsage: bkscan [OPTIONS] [PATH]...\n       bkscan [OPTIONS] COMMAND\n";
    assert!(help.contains(usage), "{help}");
    assert_eq!(run(["-h"]).stdout, help);
    let of_clean = run(["clean", "--help"]).stdout;
    assert_eq!(run(["clean", "-h"]).stdout, of_clean);
    assert!(run(["help", "clean"]).stdout.starts_with(&of_clean));
}

/// Options may stand before, between and after paths; a path after `--` may begin with a dash.
#[test]
fn options_anywhere() {
    let world = empty_folder();
    let world = world.path();
    small(NEW).write(&world.join("a"));
    small(OLD).write(&world.join("-b"));
    let json = |args: &[&str]| without_free_space(&run_in(world, args).stdout);
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
fn level_quick() {
    let world = empty_folder();
    let phone = corrupt(small(NEW)).write(world.path());
    let document = scan(world.path(), &["--level", "quick"]);
    assert_eq!(document["level"], "quick");
    let backup = only_backup(&document);
    has_its_members(&document);
    assert_eq!(backup["verdict"], "unverified", "{backup:#}");
    assert_eq!(backup["manifest"], Value::Null);
    let mut skipped = list(&backup["not_checked"]).iter();
    assert!(skipped.any(|skipped| skipped["id"] == "file-missing"));
    assert!(list(&backup["checked"]).contains(&"status-missing".into()));
    assert_eq!(document["exit_code"], 0);
    fs::remove_file(phone.join("Status.plist")).unwrap();
    assert_eq!(scan(world.path(), &["--level", "quick"])["exit_code"], 2);
}

/// `--quiet` says one paragraph a problem, worst first, and nothing of what is well; at 0 nothing
/// at all, notes included.
#[test]
fn quiet() {
    let world = empty_folder();
    let world = world.path();
    let backup = world.join("My Disk/Backup");
    // In the order of names and of UDIDs the lesser trouble comes first.
    let interrupted = named(&udid(1), "Aaron").snapshot_state("uploading");
    interrupted.write(&backup);
    named(&udid(2), "Betty").write(&backup);
    let quiet = |args: &[&str]| run_in(world, &[&["--quiet", "--now", NOW], args].concat());
    assert_eq!(quiet(&["My", "Disk"]).all(), (0, "", ""));
    corrupt(named(&udid(3), "Clara")).write(&backup);
    let run = quiet(&["My Disk", "nowhere", "--fail-on", "warning"]);
    assert_eq!(run.code, 2);
    let said = format!("{}{}", run.stdout, run.stderr);
    let at = |name: &str| said.find(name).unwrap_or_else(|| panic!("{name}: {said}"));
    assert!(at("Clara") < at("Aaron"), "{said}");
    for told in ["corrupt", "interrupted", "nowhere", &udid(3)] {
        assert!(said.contains(told), "{told}: {said}");
    }
    for (hidden, why) in [("Betty", "fine"), ("verdict", "no table")] {
        assert!(!said.contains(hidden), "{hidden}, {why}: {said}");
    }
}

/// Runs the human screen in this environment, without a terminal.
fn screen(root: &Path, args: &[&str], env: &[(&str, &str)]) -> String {
    let mut command = program();
    command.env_remove("LC_CTYPE").env_remove("LANG");
    command.env("COLUMNS", "110").envs(env.iter().copied());
    command.arg(root).args(["--now", NOW]).args(args);
    let run: Run = command.ended().unwrap().into();
    assert_eq!(run.stderr, "", "no progress without a terminal");
    run.stdout
}

/// The table has one aligned row a backup: symbol and word, device, iOS, date, size to the right;
/// newest first within a device, devices by size; then what is wrong, then what was checked.
#[test]
fn the_table() {
    let world = empty_folder();
    let root = world.path();
    let anna = || named(&udid(1), "Anna's iPhone");
    let with = |builder: BackupBuilder, bytes: &[u8]| builder.file(DOMAIN, "Library/big", bytes);
    with(anna(), &[1; 3_000_000]).write(root);
    let older = anna().folder_name("older");
    older.date("2023-03-09T10:00:00Z").write(root);
    let locked = named(&udid(2), "电话 é").encrypted();
    with(locked, &[1; 200_000]).write(root);
    corrupt(named(&udid(3), "iPad")).write(root);
    let screen = screen(root, &[], &[]);
    let lines: Vec<&str> = screen.lines().collect();
    let answer = "✖ iPad has no whole backup: 1 of ";
    assert!(lines[0].starts_with(answer), "{screen}");
    let counts = "4 backups · 3 devices · ";
    assert!(
        lines.iter().any(|line| line.starts_with(counts)),
        "{screen}"
    );
    let is_header = |line: &&str| line.contains("verdict");
    let at = lines.iter().position(is_header).expect("a header");
    let header = lines[at];
    for word in ["device", "iOS", "last backup", "size"] {
        assert!(header.contains(word), "{screen}");
    }
    let rows = &lines[at + 1..at + 5];
    let expected = [
        "✔|complete|Anna's iPhone|17.5.1|1 May 2024|MB",
        "✔|complete|Anna's iPhone|17.5.1|9 Mar 2023|kB",
        "?|unverified|电话 é|17.5.1|1 May 2024|kB",
        "✖|corrupt|iPad|17.5.1|1 May 2024|kB",
    ];
    for (row, cells) in rows.iter().zip(expected) {
        let cells: Vec<&str> = cells.split('|').collect();
        let mut rest = *row;
        for cell in &cells {
            let parts = rest.split_once(cell);
            rest = parts.unwrap_or_else(|| panic!("{cell}: {screen}")).1;
        }
        assert!(row.starts_with(cells[0]), "{row}");
        // Columns by display width: words start, and sizes end, below each other.
        let column = |line: &str, word: &str| line[..line.find(word).unwrap()].width();
        for (cell, head) in cells[1..4].iter().zip(["verdict", "device", "iOS"]) {
            assert_eq!(column(row, cell), column(header, head), "{head}: {screen}");
        }
        let end = |line: &str, word: &str| column(line, word) + word.width();
        assert_eq!(end(row, cells[5]), end(header, "size"), "{screen}");
    }
    assert!(rows[2].contains("locked"), "{screen}");
    // The scale of what is missing, and what was looked at.
    for told in ["1 of ", "Checked: ", "Not checked: "] {
        assert!(screen.contains(told), "{told}: {screen}");
    }
}

/// All well: the table and "Checked: …" only. Nothing found: nothing on stdout.
#[test]
fn no_praise() {
    let world = empty_folder();
    let phone = small(NEW).date("2026-11-20T10:00:00Z").write(world.path());
    let text = screen(world.path(), &[], &[]);
    let paragraphs: Vec<&str> = text.trim_end().split("\n\n").collect();
    assert_eq!(paragraphs.len(), 3, "{text}");
    let first = "1 backup · 1 device · ";
    assert!(paragraphs[0].starts_with(first), "{text}");
    // The heading, the row, and what the backup is made of.
    assert_eq!(paragraphs[1].lines().count(), 3, "{text}");
    assert!(paragraphs[2].starts_with("Checked: "), "{text}");
    fs::remove_dir_all(phone).unwrap();
    let nothing = run([world.path().to_str().unwrap()]);
    assert_eq!(nothing.stdout, "");
    assert!(nothing.stderr.contains("No backup under"));
}

/// A backup that is running has its row and its sentence (screens.md), and nothing else is said.
#[test]
fn a_running_backup_on_the_screen() {
    let world = empty_folder();
    named(NEW, "Anna's iPhone")
        .snapshot_state("uploading")
        .date("2026-11-22T11:00:00Z")
        .mtime("2026-11-22T11:58:00Z")
        .write(world.path());
    let text = screen(world.path(), &[], &[]);
    let is_row = |line: &str| {
        line.starts_with("…  in-progress") && line.contains("Anna's iPhone, iPhone 15 Pro")
    };
    assert!(text.lines().any(is_row), "{text}");
    let paragraphs: Vec<&str> = text.split("\n\n").collect();
    assert_eq!(paragraphs.len(), 4, "{text}");
    let said = words(paragraphs[2]).join(" ");
    let running = "is running (last change 2 minutes ago); look again when it is done.";
    assert!(said.contains("Anna's iPhone"), "{text}");
    assert!(said.ends_with(running), "{text}");
}

/// A locale that is not UTF-8 gets `ok ? X !`; the C library's order of variables holds.
#[test]
fn symbols_by_locale() {
    let world = empty_folder();
    let root = world.path();
    small(&udid(1)).write(root);
    small(&udid(2)).encrypted().write(root);
    corrupt(small(&udid(3))).write(root);
    small(&udid(4)).snapshot_state("uploading").write(root);
    small(&udid(5)).without("Status.plist").write(root);
    for (env, unicode) in [
        ("LC_ALL=de_DE.UTF-8", true),
        ("LC_ALL= LANG=en_US.utf8", true),
        ("LC_ALL=C", false),
        ("LC_ALL=POSIX LANG=en_US.UTF-8", false),
        ("LC_ALL= LANG=de_DE.ISO-8859-1", false),
        ("LC_ALL= LC_CTYPE=C LANG=en_US.UTF-8", false),
    ] {
        let pairs = env.split(' ').map(|pair| pair.split_once('=').unwrap());
        let text = screen(root, &[], &pairs.collect::<Vec<_>>());
        for (symbol, ascii, word) in [
            ("✔", "ok", "complete"),
            ("?", "?", "unverified"),
            ("✖", "X", "corrupt"),
            ("✖", "X", "incomplete"),
            ("!", "!", "interrupted"),
        ] {
            let symbol = if unicode { symbol } else { ascii };
            let is_it = |line| words(line).starts_with(&[symbol, word]);
            let found = text.lines().any(is_it);
            assert!(found, "{symbol} {word} with {env}:\n{text}");
        }
        assert_eq!(text.is_ascii(), !unicode, "{env}:\n{text}");
    }
}

/// Colour is off without a terminal and with `never`, on with `always`, and never carries meaning
/// alone: without its sequences the text is the same.
#[test]
fn color() {
    let world = zoo_world();
    let root = world.path();
    let plain = screen(root, &[], &[]);
    assert!(!plain.contains('\u{1b}'));
    for (args, env) in [
        (&["--color", "never"][..], &[][..]),
        (&["--color", "auto"], &[("CLICOLOR_FORCE", "1")]),
        (&[], &[("NO_COLOR", "1")]),
        (&["--color=auto"], &[("NO_COLOR", "1")]),
    ] {
        let shown = screen(root, args, env);
        assert_eq!(lasting(&shown), lasting(&plain), "{args:?}");
        assert!(!shown.contains('\u{1b}'));
    }
    let colored = screen(root, &["--color", "always"], &[]);
    assert!(colored.contains("\u{1b}["));
    let mut pieces = colored.split("\u{1b}[");
    let mut bare = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let end = piece.find(|c: char| c.is_ascii_alphabetic()).unwrap();
        bare += &piece[end + 1..];
    }
    assert_eq!(lasting(&bare), lasting(&plain));
    let json = run([root.to_str().unwrap(), "--json", "--color", "always"]);
    assert!(!json.stdout.contains('\u{1b}'));
}

/// Dates are local: the day of the time zone.
#[test]
fn local_dates() {
    let world = empty_folder();
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
fn names_are_cleaned() {
    let world = empty_folder();
    let keys = "Device Name|Display Name|Product Name|Product Type|Product Version|Build Version|\
        Serial Number";
    let info = Dictionary::from_iter(keys.split('|').map(|key| (key, EVIL)));
    let mut bytes = Vec::new();
    let info = Plist::Dictionary(info);
    info.to_writer_binary(&mut bytes).unwrap();
    let gone = format!("Library/{EVIL}");
    let builder = small(NEW)
        .folder_name(EVIL)
        .raw("Info.plist", bytes)
        .mtime("2024-05-01T10:00:00Z")
        .status(|status| drop(status.insert("BackupState".to_owned(), EVIL.into())))
        .file(EVIL, &gone, b"1")
        .remove_payload(EVIL, &gone);
    let phone = builder.write(&world.path().join("Backup"));
    let document = scan(world.path(), &[]);
    assert_eq!(only_backup(&document)["device"]["name"], EVIL);
    let path = world.path().to_str().unwrap();
    let mut texts = vec![
        run([path, "--now", NOW]),
        run([path, "--now", NOW, "--quiet"]),
        run([format!("{path}/{EVIL}")]),
    ];
    // Named by its folder, where the device has no name.
    fs::remove_file(phone.join("Info.plist")).unwrap();
    fs::remove_file(phone.join("Manifest.plist")).unwrap();
    texts.push(run([path, "--now", NOW]));
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
fn no_progress_on_a_pipe() {
    let world = zoo_world();
    for args in [&[][..], &["--json"], &["--quiet"], &["--threads", "8"]] {
        let mut all = vec![world.path().to_str().unwrap(), "--now", NOW];
        all.extend(args);
        assert_eq!(run(all).stderr, "", "{args:?}");
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
fn a_change_during_the_scan_is_looked_at_again() {
    for name in words("Status.plist Info.plist Manifest.plist Manifest.db") {
        let world = empty_folder();
        let first = world.path().join("first");
        let phone = corrupt(small(NEW)).write(&first);
        let later = small(NEW).snapshot_state("uploading");
        let later = later.write(&world.path().join("later"));
        let looks = AtomicUsize::new(0);
        let change = |event: Event<'_>| {
            let looked = matches!(event, Event::Looked { .. });
            if looked && looks.fetch_add(1, Ordering::SeqCst) == 0 {
                let bytes = fs::read(later.join(name)).unwrap();
                swap(&phone.join(name), &bytes, "2024-05-02T10:00:00Z");
            }
        };
        let report = watched(&first, &change, &AtomicUsize::new(0));
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
fn a_backup_that_keeps_changing_is_in_progress() {
    let world = empty_folder();
    let phone = corrupt(small(NEW)).write(world.path());
    let status = phone.join("Status.plist");
    let looks = AtomicUsize::new(0);
    let change = |event: Event<'_>| {
        if matches!(event, Event::Looked { .. }) {
            let look = looks.fetch_add(1, Ordering::SeqCst) + 1;
            let bytes = fs::read(&status).unwrap();
            swap(&status, &bytes, &format!("2024-05-0{look}T11:00:00Z"));
        }
    };
    let report = watched(world.path(), &change, &AtomicUsize::new(0));
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
fn a_stopped_scan() {
    let world = empty_folder();
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
            let stops = |event: Event<'_>| {
                if at(&event) {
                    stop.store(signal, Ordering::SeqCst);
                }
            };
            let report = watched(world.path(), &stops, &stop);
            assert!(report.cancelled, "{name}");
            let least = usize::from(name == "judged");
            assert!((least..=most).contains(&report.backups.len()), "{name}");
            for backup in &report.backups {
                assert_eq!(backup.verdict, Verdict::Corrupt, "{name}");
            }
            assert_eq!(exit_code::of(&report, FailOn::ERROR, signal).number(), code);
            let document = rendered(|out| json::write(&report, code, out));
            let document: Value = serde_json::from_str(&document).unwrap();
            assert_eq!(document["cancelled"], true);
            assert_eq!(document["exit_code"], code);
        }
    }
}

/// Contract §4 as a table: severity, what a finding makes of a verdict, and the ids of which that holds.
const FINDINGS: &str = "\
Error Corrupt manifest-plist-unreadable manifest-unreadable manifest-damaged file-missing \
    payload-truncated payload-not-a-file payload-empty index-empty key-invalid
Error Incomplete never-finished status-missing status-unreadable manifest-plist-missing manifest-missing
Warning Interrupted update-interrupted move-interrupted cleanup-interrupted
Warning Nothing later-attempt-failed info-missing info-unreadable
Warning CouldNotCheck not-readable
Warning Unverified index-short payload-in-cloud
Note InProgress backup-running
Note Nothing leftover size-differs emptied-file shorter-than-recorded orphan-file file-id-mismatch \
    misplaced-file record-undecodable wal-present udid-mismatch known-trouble-file nested-backup \
    foreign-content manifest-misnamed manifest-unpadded
Note Unverified state-unknown state-unsupported format-too-old tool-made";

/// The ids of contract §4 that come with a password, with contents, or with later pieces.
const LATER: &str = "digest-mismatch payload-read-error content-changed padding-invalid \
    app-database-damaged password-wrong backup-stale next-backup-may-not-fit backup-gone backup-shrank";

/// The other checks.
static CHECKS: LazyLock<Vec<(&str, Severity, Effect)>> = LazyLock::new(|| {
    let checks = verify::all().filter(|check| !words(LATER).contains(&check.id));
    let rows = checks.map(|check| (check.id, check.severity, check.effect));
    rows.collect()
});

/// The checks are exactly those of contract §4, each once, with its severity and effect.
#[test]
fn the_checks_are_those_of_the_contract() {
    let mut expected: Vec<String> = vec![];
    for row in FINDINGS.lines().map(words) {
        let (severity, effect) = (row[0], row[1]);
        let row = row[2..].iter();
        expected.extend(row.map(|id| format!("{id}: {severity} {effect}")));
    }
    let row = |(id, severity, effect): &(&str, Severity, Effect)| {
        format!("{id}: {severity:?} {effect:?}")
    };
    let mut found: Vec<String> = CHECKS.iter().map(row).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    let mut seen = BTreeSet::new();
    for check in verify::all() {
        assert!(seen.insert(check.id), "{} twice", check.id);
        let is_later = words(LATER).contains(&check.id);
        assert!(is_later || check.level <= Level::Standard, "{}", check.id);
    }
}

fn some_finding(number: usize, at: usize) -> Finding {
    let (id, severity, effect) = CHECKS[at];
    screens::found(id, severity, effect, &format!("<{id}-of-{number}>"))
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
    fn verdict_exit_code_and_screen_agree(
        sets in proptest::collection::vec(
            (proptest::sample::subsequence((0..CHECKS.len()).collect::<Vec<_>>(), 0..5), any::<bool>()),
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
            let has = |effect| chosen.iter().any(|at| CHECKS[*at].2 == effect);
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
        let screen = words(&drawn).join(" ");
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
