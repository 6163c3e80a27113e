//! What makes no page: one clear line, and nothing is written or changed.

use std::fs;

use serde_json::{Value, json};

use super::super::one;
use crate::cli::configured::{PHONE, World};
use crate::harness::{Ended as _, NOW, Run, words};
use crate::support::tree_digest;

/// A world with one backup, and its document in `saved.json`.
fn saved() -> (World, Value) {
    let world = one();
    let run = scan(&world, &["--json"]);
    fs::write(world.path("saved.json"), &run.stdout).unwrap();
    let document = serde_json::from_str(&run.stdout).unwrap();
    (world, document)
}

/// A scan that leaves nothing behind.
fn scan(world: &World, args: &[&str]) -> Run {
    world.run(&[&["Backup", "--now", NOW, "--no-state"], args].concat())
}

/// Runs `bkscan ARGS`, which ends with this code and one line that has these words; nothing in the
/// world changes.
#[track_caller]
fn refused(world: &World, args: &[&str], code: i32, told: &[&str]) -> Run {
    let before = tree_digest(world.folder.path());
    let run = world.run(args);
    let Run { stdout, stderr, .. } = &run;
    assert_eq!((run.code, &**stdout), (code, ""), "{args:?}: {run:?}");
    assert!(stderr.starts_with("bkscan: "), "{args:?}: {run:?}");
    assert_eq!(stderr.lines().count(), 1, "{args:?}: {run:?}");
    assert!(stderr.chars().count() < 600, "{args:?}: {run:?}");
    for word in told {
        assert!(stderr.contains(word), "{args:?}: no {word} in {run:?}");
    }
    let after = tree_digest(world.folder.path());
    assert!(after == before, "{args:?}: something changed");
    run
}

/// The same of `bkscan WORDS --html out.html`.
#[track_caller]
fn no_page(world: &World, line: &str, code: i32, told: &[&str]) -> Run {
    let html = ["--html", "out.html"];
    refused(world, &[&*words(line), &html].concat(), code, told)
}

/// Whoever forgets to name a file has named the first document.
#[test]
fn a_file_that_is_no_page_stays() {
    let (world, _) = saved();
    let text = fs::read(world.path("saved.json")).unwrap();
    fs::write(world.path("other.json"), &text).unwrap();
    let told = ["saved.json is there and is no page; name another file, or remove it first"];
    refused(
        &world,
        &words("report --html saved.json other.json"),
        3,
        &told,
    );
    // A page may take the place of a page, and of an empty file.
    for before in ["", "<!doctype html>"] {
        fs::write(world.path("out.html"), before).unwrap();
        let run = world.run(&words("report --html out.html other.json"));
        assert_eq!(run.code, 0, "{run:?}");
        let page = fs::read_to_string(world.path("out.html")).unwrap();
        assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn what_is_no_document() {
    let (world, document) = saved();
    let text = fs::read(world.path("saved.json")).unwrap();
    let with = |place: &str, value: Value| {
        let mut document = document.clone();
        *document.pointer_mut(place).unwrap() = value;
        document.to_string().into_bytes()
    };
    let mut no_backups = document.clone();
    no_backups.as_object_mut().unwrap().remove("backups");
    let no_backups = no_backups.to_string().into_bytes();
    let deep = [vec![b'['; 1_000_000], vec![b']'; 1_000_000]].concat();
    let backups = |value: Value| with("/backups", value);
    let files = |value: Value| with("/summary/files", value);
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", vec![]),
        ("space", b" \n".to_vec()),
        ("text", b"4 backups \xc2\xb7 3 devices\n".to_vec()),
        ("page", b"<!DOCTYPE html><html></html>".to_vec()),
        ("noise", (0..=255).collect()),
        ("zeros", vec![0; 5000]),
        ("half", text[..text.len() / 2].to_vec()),
        ("last-byte", text[..text.len() - 3].to_vec()),
        ("twice", [&text[..], &text[..]].concat()),
        ("list", b"[]".to_vec()),
        ("nothing", b"{}".to_vec()),
        ("null", b"null".to_vec()),
        ("number", b"1".to_vec()),
        ("package", br#"{"name":"x","version":"1.0.0"}"#.to_vec()),
        ("version-only", br#"{"schema_version":1}"#.to_vec()),
        ("utf16", text.iter().flat_map(|&byte| [byte, 0]).collect()),
        ("deep", deep),
        ("no-backups", no_backups),
        ("backups-null", backups(json!(null))),
        ("backups-object", backups(json!({}))),
        ("garbage", backups(json!(vec![0; 1_000_000]))),
        ("objects", backups(json!(vec![json!({}); 300_000]))),
        ("bytes-text", files(json!("4"))),
        ("bytes-negative", files(json!(-4))),
        ("bytes-fraction", files(json!(4.5))),
        ("bytes-huge", files(json!(1e300))),
        ("time", with("/started_at", json!("yesterday"))),
        ("name-number", with("/backups/0/path", json!(4))),
        ("device-null", with("/backups/0/device", json!(null))),
    ];
    for (name, text) in cases {
        let file = format!("{name}.json");
        fs::write(world.path(&file), text).unwrap();
        // What to do: save one with `--json`.
        let told = [&*file, "bkscan", "--json"];
        no_page(&world, &format!("report {file}"), 3, &told);
        fs::remove_file(world.path(&file)).unwrap();
    }
}

#[test]
fn the_history_is_another_document() {
    let (world, _) = saved();
    world.run(&["Backup", "--now", NOW]);
    let history = world.run(&["history", "--json"]);
    assert_eq!(history.code, 0);
    assert!(history.stdout.contains("schema_version"), "{history:?}");
    fs::write(world.path("history.json"), &history.stdout).unwrap();
    let told = ["history.json", "--json"];
    no_page(&world, "report history.json", 3, &told);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn another_version_of_the_document() {
    let (world, mut document) = saved();
    for (version, told) in [
        (json!(2), &["2", "newer"][..]),
        (json!(0), &["0", "newer"]),
        (json!(4_000_000_000_u32), &["4000000000", "newer"]),
        (json!("1"), &[]),
        (json!(null), &[]),
        (json!(1.5), &[]),
        (json!(-1), &[]),
        (json!(u64::MAX), &[]),
    ] {
        document["schema_version"] = version;
        fs::write(world.path("saved.json"), document.to_string()).unwrap();
        let told = [&["saved.json"], told].concat();
        no_page(&world, "report saved.json", 3, &told);
    }
    // The other names of a version that changes them need not be there to tell it.
    let other = r#"{"schema_version":2,"devices":7}"#;
    fs::write(world.path("saved.json"), other).unwrap();
    let told = ["saved.json", "version 2"];
    no_page(&world, "report saved.json", 3, &told);
}

#[test]
fn no_file_to_read() {
    let (world, _) = saved();
    fs::create_dir(world.path("folder")).unwrap();
    for file in words("missing.json folder nowhere/saved.json saved.json/x Backup") {
        let told = [file, "--json"];
        no_page(&world, &format!("report {file}"), 3, &told);
    }
    for args in [
        &["report", "--html", "out.html"][..],
        &["report", "saved.json", "saved.json", "--html", "out.html"],
        &["report", "saved.json"],
        &["report", "saved.json", "--html"],
        &["report", "saved.json", "--html", ""],
        &["report"],
    ] {
        let before = tree_digest(world.folder.path());
        let run = world.run(args);
        assert_eq!((run.code, &*run.stdout), (64, ""), "{args:?}: {run:?}");
        assert!(!run.stderr.is_empty());
        assert!(tree_digest(world.folder.path()) == before, "{args:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_to_its_end() {
    let (world, _) = saved();
    std::os::unix::fs::symlink("gone.json", world.path("link.json")).unwrap();
    for file in ["/dev/null", "/proc/self/mem", "link.json"] {
        if file == "link.json" || fs::symlink_metadata(file).is_ok() {
            no_page(&world, &format!("report {file}"), 3, &[file]);
        }
    }
}

/// The places in a world where no page may be written.
fn wrong_places(world: &World) -> Vec<String> {
    fs::create_dir_all(world.path("folder")).unwrap();
    fs::write(world.path("file"), "").unwrap();
    let places = "nowhere/page.html folder file/page.html Backup Backup/page.html \
        folder/../Backup/page.html Backup/new/page.html Backup/PHONE/page.html \
        Backup/PHONE/Info.plist";
    let places = words(places).into_iter();
    let mut places: Vec<_> = places.map(|place| place.replace("PHONE", PHONE)).collect();
    let absolute = world.backups().join("page.html");
    places.push(absolute.to_str().unwrap().to_owned());
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        let backup = world.backups().join(PHONE);
        symlink(world.backups(), world.path("link")).unwrap();
        symlink(&backup, world.path("inner")).unwrap();
        symlink(world.backups().join("new.html"), world.path("to-new")).unwrap();
        symlink(backup.join("Manifest.db"), world.path("to-manifest")).unwrap();
        symlink("gone", world.path("dangling")).unwrap();
        let linked = "link/page.html inner/page.html inner/../page.html to-new to-manifest dangling \
            /dev/null /dev/full";
        places.extend(words(linked).into_iter().map(str::to_owned));
    }
    places
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn a_page_that_cannot_be_written() {
    let (world, _) = saved();
    for place in wrong_places(&world) {
        let html = ["--html", &*place];
        let args = ["report", "saved.json", "--html", &place, "--no-state"];
        refused(&world, &args, 3, &[&place]);
        // A scan tells all the rest, and that the page is missing.
        let before = tree_digest(world.folder.path());
        let run = scan(&world, &html);
        assert_eq!(run.code, 3, "{place}: {run:?}");
        assert!(run.stdout.contains("Anna's iPhone"), "{place}: {run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{place}: {run:?}");
        assert!(run.stderr.contains(&place), "{place}: {run:?}");
        let json = scan(&world, &[&html[..], &["--json"]].concat());
        let document: Value = serde_json::from_str(&json.stdout).unwrap();
        let codes = (json.code, &document["exit_code"]);
        assert_eq!(codes, (3, &json!(3)), "{place}");
        // A job at night that makes no page any more is trouble to be told of.
        let quiet = scan(&world, &[&html[..], &["--quiet"]].concat());
        assert_eq!(quiet.code, 3, "{place}: {quiet:?}");
        assert!(quiet.stderr.contains(&place), "{place}: {quiet:?}");
        let after = tree_digest(world.folder.path());
        assert!(after == before, "{place}: something changed");
    }
    #[cfg(unix)]
    for device in ["/dev/null", "/dev/full"] {
        assert!(!fs::metadata(device).unwrap().is_file());
    }
}

/// A redacted document names no folder, and one with paths as they were typed means those of another
/// folder. What is a backup can be seen all the same, and nothing is ever written into one.
#[test]
fn no_page_inside_a_backup_that_the_document_does_not_name() {
    let (world, _) = saved();
    let redacted = scan(&world, &["--json", "--redact"]).stdout;
    fs::write(world.path("redacted.json"), redacted).unwrap();
    let place = format!("Backup/{PHONE}/page.html");
    let args = ["report", "redacted.json", "--html", &place, "--no-state"];
    refused(&world, &args, 3, &[&place]);
    fs::create_dir(world.path("elsewhere")).unwrap();
    let before = tree_digest(&world.backups());
    let place = format!("../Backup/{PHONE}/page.html");
    let mut elsewhere = world.command();
    elsewhere.current_dir(world.path("elsewhere"));
    elsewhere.args(["report", "../saved.json", "--html", &place, "--no-state"]);
    let run: Run = elsewhere.ended().unwrap().into();
    assert_eq!((run.code, &*run.stdout), (3, ""), "{run:?}");
    assert!(run.stderr.contains(&place), "{run:?}");
    assert!(tree_digest(&world.backups()) == before);
}

#[test]
fn a_damaged_backup_counts_before_a_missing_page() {
    let world = World::new();
    crate::cli::configured::corrupt(PHONE, "2026-11-10").write(&world.backups());
    let run = world.run(&["Backup", "--now", NOW, "--html", "nowhere/page.html"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stderr.contains("nowhere/page.html"), "{run:?}");
}

#[test]
fn the_document_stays_what_it_is() {
    let (world, _) = saved();
    let mut places = vec!["saved.json", "./saved.json", "Backup/../saved.json"];
    fs::hard_link(world.path("saved.json"), world.path("other-name.json")).unwrap();
    places.push("other-name.json");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("saved.json", world.path("link.json")).unwrap();
        places.push("link.json");
        let args = words("report link.json --html saved.json");
        refused(&world, &args, 64, &["link.json"]);
    }
    for place in places {
        let args = ["report", "saved.json", "--html", place, "--no-state"];
        refused(&world, &args, 64, &["saved.json"]);
    }
}

/// Where a page was, it is whole: the old one, or the new one.
#[test]
fn an_earlier_page_outlives_an_error() {
    let (world, _) = saved();
    fs::write(world.path("out.html"), "the page of last week").unwrap();
    fs::write(world.path("broken.json"), "{").unwrap();
    no_page(&world, "report broken.json", 3, &["broken.json"]);
    no_page(&world, "report missing.json", 3, &["missing.json"]);
    no_page(&world, "report saved.json --redact", 64, &["--redact"]);
    let page = fs::read_to_string(world.path("out.html")).unwrap();
    assert_eq!(page, "the page of last week");
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_written_to() {
    use std::os::unix::fs::PermissionsExt as _;
    let (world, _) = saved();
    let folder = world.path("closed");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("out.html"), "old").unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::File::create(folder.join("probe")).is_ok() {
        // The administrator may write anywhere.
        return;
    }
    let args = words("report saved.json --html closed/out.html --no-state");
    refused(&world, &args, 3, &["closed/out.html"]);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(fs::read_to_string(folder.join("out.html")).unwrap(), "old");
}

/// No disk is needed for this: the file is nearly all hole. Nor is memory, or patience: its length says
/// that it is no document.
#[cfg(target_os = "linux")]
#[test]
fn a_file_too_long_to_be_a_document_is_not_read() {
    use std::io::{Seek as _, SeekFrom, Write as _};
    let (world, _) = saved();
    let mut file = fs::File::create(world.path("long.json")).unwrap();
    file.seek(SeekFrom::Start(600 * 1024 * 1024)).unwrap();
    file.write_all(b"}").unwrap();
    let mut limited = std::process::Command::new("/bin/sh");
    limited.args(["-c", "ulimit -v 400000; exec \"$0\" \"$@\""]);
    limited.arg(world.command().get_program());
    limited.current_dir(world.folder.path());
    limited.args(words("report long.json --html out.html --no-state"));
    let run = world.output(&mut limited);
    assert_eq!((run.code, &*run.stdout), (3, ""), "{run:?}");
    assert!(run.stderr.contains("long.json"), "{run:?}");
    assert!(run.stderr.contains("longer than any document"), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    assert!(!world.path("out.html").exists());
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn options_that_have_no_meaning_with_it() {
    let (world, _) = saved();
    for option in [
        "--delete",
        "--yes",
        "--only x",
        "--device x",
        "--older-than 1y",
        "--metrics m.prom",
        "--stale-after 30d",
        "--subset weekly",
        "--ask-password",
        "--password-file x",
        "--password-command x",
    ] {
        let told = [words(option)[0]];
        let after = format!("report saved.json --html out.html {option}");
        refused(&world, &words(&after), 64, &told);
        let before = format!("{option} --html out.html report saved.json");
        if told != ["--only"] {
            refused(&world, &words(&before), 64, &told);
        }
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn a_page_of_what_has_none() {
    let (world, _) = saved();
    for line in [
        &*format!("show Backup/{PHONE}"),
        "clean Backup",
        "clean Backup --delete --yes",
        "explain",
        "explain file-missing",
        "history",
    ] {
        no_page(&world, line, 64, &["--html"]);
        let before = format!("--html out.html {line}");
        refused(&world, &words(&before), 64, &["--html"]);
    }
    assert!(!world.path("out.html").exists());
}
