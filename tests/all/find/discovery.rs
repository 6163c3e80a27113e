//! What the program finds under the paths it is given (contract §1, F§1.1, F§2).

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use bkscan::find::places::{default_places, none_found};
use bkscan::system::System;
use plist::{Dictionary, Value as Plist};
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Ended as _, NOW, Run, only_backup, program, scan};
use crate::support::{BackupBuilder, empty_folder, payload_path, timestamp, tree_digest};

/// A UDID of 2018 and later.
pub const NEW: &str = "00008130-000A1C2E3F40801E";
/// A UDID of before.
pub const OLD: &str = "0123456789abcdef0123456789abcdef01234567";
const DOMAIN: &str = "HomeDomain";
const FILE: &str = "Library/note.txt";

/// A healthy backup of one file, without the 256 folders that only cost time here.
pub fn small(udid: &str) -> BackupBuilder {
    BackupBuilder::new(udid)
        .bare()
        .file(DOMAIN, FILE, &[7; 5000])
        .no_empty_shards()
}

/// A run and its document.
pub struct Seen {
    pub code: i32,
    pub stderr: String,
    pub document: Value,
}

/// Runs `bkscan --json --now NOW ARGS` inside `world`, which must stay as it was.
pub fn look<A: AsRef<OsStr>>(world: &Path, args: &[A]) -> Seen {
    let before = tree_digest(world);
    let mut command = program();
    command.current_dir(world).args(["--json", "--now", NOW]);
    let run: Run = command.args(args).ended().unwrap().into();
    assert_eq!(tree_digest(world), before, "the scan changed something");
    let document: Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("no JSON ({error}): {run:?}"));
    assert_eq!(document["exit_code"], run.code);
    let Run { code, stderr, .. } = run;
    Seen {
        code,
        stderr,
        document,
    }
}

impl Seen {
    /// The backups, relative to `world` and with all links resolved.
    pub fn backups(&self, world: &Path) -> Vec<String> {
        let entries = self.relative(world, "backups").into_iter();
        entries.map(|(path, _)| path).collect()
    }

    /// Path and kind of what lies beside.
    pub fn beside(&self, world: &Path) -> Vec<(String, String)> {
        let entries = self.relative(world, "beside").into_iter();
        let kind = |entry: &Value| entry["kind"].as_str().unwrap().to_owned();
        entries.map(|(path, entry)| (path, kind(entry))).collect()
    }

    fn relative(&self, world: &Path, list: &str) -> Vec<(String, &Value)> {
        let world = world.canonicalize().unwrap();
        let relative = |entry: &Value| {
            let path = world.join(entry["path"].as_str().unwrap());
            // The folder's links are resolved, not the entry itself, which may be one.
            let folder = path.parent().unwrap().canonicalize().unwrap();
            let mut path = folder.join(path.file_name().unwrap());
            if list == "backups" {
                path = path.canonicalize().unwrap_or(path);
            }
            let path = path.strip_prefix(&world).unwrap_or(&path);
            path.to_str().unwrap().replace('\\', "/")
        };
        let entries = self.document[list].as_array().unwrap().iter();
        let mut entries: Vec<_> = entries.map(|entry| (relative(entry), entry)).collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries
    }
}

/// Writes a file that is years old, so that no folder looks like a backup that is running.
pub fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    let time = timestamp("2024-05-01T10:00:00Z");
    file.set_modified(time.into()).unwrap();
}

fn put_plist(path: &Path, entries: &[(&str, &str)]) {
    let entries = Dictionary::from_iter(entries.iter().copied());
    let mut bytes = Vec::new();
    Plist::from(entries).to_writer_xml(&mut bytes).unwrap();
    put(path, &bytes);
}

/// A folder with small backups of these devices in these places.
pub fn world_of(backups: &[(&str, &str)]) -> TempDir {
    let world = empty_folder();
    for (place, udid) in backups {
        small(udid).write(&world.path().join(place));
    }
    world
}

/// PATH may be MobileSync, Backup, a backup, or a folder up to three levels above any; not four.
#[test]
fn every_level_of_path_and_not_one_more() {
    let full = format!("a/b/c/MobileSync/Backup/{NEW}");
    for (at, path, found) in [
        ("a/b/c/MobileSync/Backup", "a/b/c/MobileSync/Backup", true),
        ("a/b/c/MobileSync/Backup", "a/b/c/MobileSync", true),
        ("a/b/c/MobileSync/Backup", full.as_str(), true),
        ("a/b/c/MobileSync/Backup", "a/b/c", true),
        ("a/b/c/MobileSync/Backup", "a/b", true),
        ("a/b/c/MobileSync/Backup", "a", true),
        ("a/b/c/MobileSync/Backup", ".", false),
        ("a/b/Backup", ".", true),
        ("a/b/c/Backup", ".", false),
        ("a/b", ".", true),
        ("a", ".", true),
        (".", ".", true),
        ("a/b/c", ".", false),
    ] {
        let world = world_of(&[(at, NEW)]);
        let seen = look(world.path(), &[world.path().join(path)]);
        let count = seen.backups(world.path()).len();
        assert_eq!(count, usize::from(found), "{at} from {path}");
        assert_eq!(seen.code, if found { 0 } else { 3 }, "{at} from {path}");
        if found {
            let backup = only_backup(&seen.document);
            assert_eq!(backup["verdict"], "complete", "{backup:#}");
        }
    }
}

/// Several PATHs are one scan; `roots` names them in their order, relative ones too.
#[test]
fn several_paths_are_one_scan() {
    let world = world_of(&[("one/Backup", NEW), ("two", OLD)]);
    let seen = look(world.path(), &["two", "one"]);
    let expected = [format!("one/Backup/{NEW}"), format!("two/{OLD}")];
    assert_eq!(seen.backups(world.path()), expected);
    assert_eq!(seen.document["summary"]["devices"], 2);
    let roots = seen.document["roots"].as_array().unwrap();
    let roots: Vec<_> = roots.iter().map(|root| &root["path"]).collect();
    assert_eq!(roots, ["two", "one"]);
}

/// Overlapping PATHs, and the same one twice, give each backup once.
#[test]
fn overlapping_paths_are_one_backup() {
    let world = world_of(&[("MobileSync/Backup", NEW)]);
    let backup = format!("MobileSync/Backup/{NEW}");
    for paths in [
        vec!["MobileSync", "MobileSync/Backup", backup.as_str(), "."],
        vec![backup.as_str(), "MobileSync"],
        vec!["MobileSync", "MobileSync"],
        vec!["MobileSync/Backup/../Backup", "MobileSync/Backup"],
    ] {
        let seen = look(world.path(), &paths);
        assert_eq!(seen.backups(world.path()), [backup.as_str()], "{paths:?}");
        assert_eq!(seen.document["summary"]["backups"], 1);
        assert_eq!(seen.code, 0);
    }
}

/// It is mended: the shortest run of arguments that exists wins, and one note shows what was meant.
#[test]
fn the_unquoted_space() {
    let (third, fourth) = (OLD.replace('0', "f"), NEW.replace('8', "9"));
    let world = empty_folder();
    let world = world.path();
    small(NEW).write(&world.join("Application Support/MobileSync/Backup"));
    small(OLD).write(&world.join("My old big disk"));
    small(&third).write(&world.join("My old"));
    small(&fourth).write(&world.join("plain"));
    let app = format!("Application Support/MobileSync/Backup/{NEW}");
    let (short, plain) = (format!("My old/{third}"), format!("plain/{fourth}"));
    let both = vec![&app, &plain];
    let (support, mobile) = ("Application Support", "Application Support/MobileSync");
    for (typed, expected, note, code) in [
        ("Application Support/MobileSync", vec![&app], mobile, 0),
        // The shortest run wins; what is left over is missing.
        ("My old", vec![&short], "My old", 0),
        ("My old big disk", vec![&short], "", 3),
        ("plain Application Support plain", both, support, 0),
        // What exists is not consumed by what is missing before it.
        ("nowhere plain", vec![&plain], "", 3),
    ] {
        let seen = look(world, &typed.split(' ').collect::<Vec<_>>());
        let found = seen.backups(world);
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{typed}");
        assert_eq!(seen.code, code, "{typed}: {}", seen.stderr);
        if code == 0 {
            assert_eq!(seen.stderr.lines().count(), 1, "{typed}: {}", seen.stderr);
            assert!(seen.stderr.contains(note), "{typed}: {}", seen.stderr);
        }
    }
    // Quoted: nothing to mend, nothing to say.
    let seen = look(world, &["My old big disk"]);
    assert_eq!(seen.backups(world), [format!("My old big disk/{OLD}")]);
    assert_eq!((seen.code, seen.stderr.as_str()), (0, ""));
    // What is missing may have meant all of it.
    let seen = look(world, &["My", "old", "big", "disk"]);
    for word in ["big", "disk"] {
        let said = format!("bkscan: {word} does not exist; did you mean My old big disk?\n");
        assert!(seen.stderr.contains(&said), "{seen}");
    }
    let seen = look(world, &["plian"]);
    let said = "bkscan: plian does not exist; did you mean plain?\n";
    assert_eq!((seen.code, seen.stderr.as_str()), (3, said));
}

/// The two together win if what follows is not there, for every command that takes a path.
#[test]
fn an_unquoted_space_behind_a_folder_that_is_there() {
    const NOTE: &str =
        "bkscan: taken as one path: Application Support/MobileSync (quote it to be sure)\n";
    let world = empty_folder();
    let world = world.path();
    small(NEW).write(&world.join("Application Support/MobileSync/Backup"));
    fs::create_dir(world.join("Application")).unwrap();
    let typed = ["Application", "Support/MobileSync"];
    let command = |words: &str, typed: &[&str]| -> Run {
        let mut command = program();
        command.current_dir(world).args(words.split(' '));
        command.args(typed).args(["--state-dir", "state"]);
        command.ended().unwrap().into()
    };
    let scanned = look(world, &typed);
    let app = format!("Application Support/MobileSync/Backup/{NEW}");
    assert_eq!(scanned.backups(world), [app.as_str()]);
    assert_eq!((scanned.code, scanned.stderr.as_str()), (0, NOTE));
    let [show, clean] = ["show", "clean"].map(|word| format!("{word} --now {NOW}"));
    for words in [show.as_str(), &clean, "schedule cron"] {
        let run = command(words, &typed);
        if cfg!(windows) && words == "schedule cron" {
            // There is none of the three on Windows.
            assert_eq!(run.code, 64, "{run:?}");
        } else {
            assert_eq!((run.code, run.stderr.as_str()), (0, NOTE), "{words}");
            let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains("Application Support/MobileSync"), "{run:?}");
        }
    }
    let run = command("history", &typed);
    assert!(run.stderr.starts_with(NOTE), "{run:?}");
    let backup = format!("Support/MobileSync/Backup/{NEW}");
    let run = command(&clean, &["--only", "Application", &backup]);
    let note = NOTE.replace("/MobileSync", &format!("/MobileSync/Backup/{NEW}"));
    assert_eq!(run.stderr, note, "{run:?}");
    // What is there as well stands for itself.
    small(OLD).write(&world.join("Support/MobileSync/Backup"));
    let both = look(world, &typed);
    let own = format!("Support/MobileSync/Backup/{OLD}");
    assert_eq!(both.backups(world), [own]);
    assert_eq!(both.code, 3, "{both}");
    assert!(!both.stderr.contains("taken as one path"), "{both}");
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (code, stderr, document) = (self.code, &self.stderr, &self.document);
        write!(f, "exit {code}: {stderr}\n{document:#}")
    }
}

/// A folder with Info.plist alone is a backup only directly in `Backup`, or by its UDID-like name,
/// or by `Target Type`; then it is incomplete. Application bundles have one too and are no backups.
#[test]
fn info_plist_alone() {
    let device = [("Target Type", "Device"), ("Device Name", "x")];
    let other = [("Target Type", "Computer"), ("Device Name", "x")];
    let bare = [("Device Name", "x")];
    let bundle = [("CFBundleIdentifier", "org.example.tool")];
    for (at, info, found) in [
        ("Backup/anything", &bare[..], true),
        ("stuff/anything", &bare[..], false),
        ("stuff/anything", &other[..], false),
        ("stuff/anything", &device[..], true),
        (&format!("stuff/{NEW}"), &bare[..], true),
        (&format!("stuff/{OLD}"), &bare[..], true),
        (&format!("{OLD}0"), &bare[..], false),
        ("Backup/group/anything", &bare[..], false),
        ("anything", &bare[..], false),
        ("Tool.app", &bundle, false),
        ("Tool.app/Contents", &bundle, false),
        ("sub/Tool.app/Wrapper/In.app", &bundle, false),
        ("Backup/Tool.app", &bundle, false),
    ] {
        let world = empty_folder();
        put_plist(&world.path().join(at).join("Info.plist"), info);
        let document = scan(world.path(), &[]);
        let backups = document["backups"].as_array().unwrap();
        assert_eq!(backups.len(), usize::from(found), "{at} {info:?}");
        assert_eq!(document["exit_code"], if found { 2 } else { 3 }, "{at}");
        if found {
            assert_eq!(backups[0]["verdict"], "incomplete", "{document:#}");
        }
    }
}

/// Any one of the four files makes a folder a backup, whatever its name.
#[test]
fn one_metadata_file_is_enough() {
    for (name, builder, list) in [
        ("Manifest.plist", small(OLD), "Manifest.db"),
        ("Manifest.db", small(OLD), "Manifest.db"),
        ("Manifest.mbdb", small(OLD).mbdb(), "Manifest.mbdb"),
        ("Status.plist", small(OLD), "Manifest.db"),
    ] {
        let all = ["Info.plist", "Status.plist", "Manifest.plist", list];
        let others = all.into_iter().filter(|other| *other != name);
        let alone = others.fold(builder.folder_name("some copy"), BackupBuilder::without);
        let world = empty_folder();
        alone.write(&world.path().join("shelf"));
        let document = scan(world.path(), &[]);
        assert_eq!(only_backup(&document)["verdict"], "incomplete", "{name}");
    }
    let world = empty_folder();
    put(&world.path().join("shelf/Manifest.txt"), b"");
    put(&world.path().join("shelf/ab/file"), b"");
    assert_eq!(scan(world.path(), &[])["exit_code"], 3);
}

/// Payloads alone are a backup, but not in `Snapshot/` or in what other tools keep (contract §1).
#[test]
fn payloads_alone_in_what_was_set_aside_are_no_backup() {
    for (name, is_found) in [
        ("some copy", true),
        ("snapshots", true),
        ("Snapshot", false),
        ("iMazing.Versions", false),
        ("phone.unback", false),
    ] {
        let world = empty_folder();
        for at in 0..20 {
            put(
                &world
                    .path()
                    .join(format!("shelf/{name}/{at:02x}/{at:02x}{at:038x}")),
                b"x",
            );
        }
        for root in ["shelf".to_owned(), format!("shelf/{name}")] {
            let seen = look(world.path(), &[&root]);
            let count = seen.backups(world.path()).len();
            assert_eq!(count, usize::from(is_found), "{root}");
            assert_eq!(seen.code, if is_found { 2 } else { 3 }, "{root}");
        }
    }
}

/// Archived copies and renamed folders are backups of the device they came from (F§2.1).
#[test]
fn archived_and_renamed_folders() {
    for udid in [NEW, OLD] {
        let world = empty_folder();
        let backup = world.path().join("Backup");
        let archive = format!("{udid}-20240501-100000");
        let (old, corrupt) = (format!("{udid}.old"), format!("{udid}.corrupt"));
        let odd = ["Backup.old", "Anna's iPhone (copy)"];
        let names = [udid, &archive, &old, &corrupt, odd[0], odd[1]];
        for name in names {
            small(udid).folder_name(name).write(&backup);
        }
        // In a safety copy the device writes the folder's name there.
        let safety = format!("{udid}-20240601-235959");
        let target = safety.clone();
        let copy = small(udid).folder_name(&safety).info(move |info| {
            info.insert("Target Identifier".to_owned(), target.into());
        });
        copy.write(&backup);
        // Without Info.plist, Manifest.plist knows.
        let nameless = small(udid).folder_name("no info").without("Info.plist");
        nameless.write(&backup);
        let document = scan(world.path(), &[]);
        let backups = document["backups"].as_array().unwrap();
        assert_eq!(backups.len(), names.len() + 2);
        for entry in backups {
            let path = PathBuf::from(entry["path"].as_str().unwrap());
            let name = path.file_name().unwrap().to_str().unwrap();
            assert_eq!(entry["archived"], name == archive || name == safety);
            assert_eq!(entry["udid"], udid, "{name}");
            assert_eq!(entry["verdict"], "complete", "{entry:#}");
        }
        assert_eq!(document["summary"]["devices"], 1, "{document:#}");
    }
}

/// What other tools and the system leave beside backups is recognised, and is no backup.
#[test]
fn companions_are_named_for_what_they_are() {
    let world = empty_folder();
    let backup = world.path().join("MobileSync/Backup");
    let phone = small(NEW).write(&backup);
    let manifest = fs::read(phone.join("Manifest.db")).unwrap();
    let version = backup.join("iMazing.Versions/Versions/one");
    for name in ["Manifest.db", "Info.plist", "Status.plist"] {
        put(&version.join(name), &manifest);
    }
    put(&backup.join("iMazing.Versions/Readme.txt"), b"hello");
    put(&backup.join(format!("{NEW}.unback/Manifest.db")), &manifest);
    put(&backup.join("_unback_/x/y"), b"1");
    let going = format!(".bkscan-removing-{OLD}");
    put(&backup.join(&going).join("Manifest.db"), &manifest);
    put(&backup.join("x.zip"), b"PK");
    put(&backup.join("notes/today.txt"), b"1");
    for clutter in [".DS_Store", "._x", "Thumbs.db", "desktop.ini"] {
        put(&backup.join(clutter), b"1");
    }
    // In the order of their names.
    let expected = [
        (going.as_str(), "removal-unfinished"),
        (&format!("{NEW}.unback"), "unpacked"),
        ("_unback_", "unpacked"),
        ("iMazing.Versions", "imazing-versions"),
        ("notes", "other"),
        ("x.zip", "other"),
    ];
    let place = |name: &str| format!("MobileSync/Backup/{name}");
    let expected = expected.map(|(name, kind)| (place(name), kind.to_owned()));
    for path in ["MobileSync", "MobileSync/Backup", "."] {
        let seen = look(world.path(), &[path]);
        assert_eq!(seen.backups(world.path()), [place(NEW)]);
        assert_eq!(seen.beside(world.path()), expected, "{path}");
        for entry in seen.document["beside"].as_array().unwrap() {
            assert!(entry["bytes"].is_u64(), "{entry}");
        }
        assert_eq!(seen.code, 0, "{seen}");
    }
}

/// iMazing's hard links harm no backup, and no byte is counted twice in it.
#[test]
fn hard_links_into_imazing_versions() {
    let world = empty_folder();
    let backup = world.path().join("Backup");
    let phone = small(NEW).write(&backup);
    let alone = scan(world.path(), &[]);
    let store = backup.join("iMazing.Versions/Versions").join(NEW);
    fs::create_dir_all(&store).unwrap();
    let payload = payload_path(&phone, DOMAIN, FILE);
    fs::hard_link(&payload, store.join("payload")).unwrap();
    fs::hard_link(phone.join("Manifest.db"), store.join("Manifest.db")).unwrap();
    let linked = scan(world.path(), &[]);
    for key in ["verdict", "findings", "size"] {
        assert_eq!(only_backup(&linked)[key], only_backup(&alone)[key], "{key}");
    }
    let bytes = |document: &Value| document["summary"]["allocated_bytes"].clone();
    assert_eq!(bytes(&linked), bytes(&alone));
    assert_eq!(linked["exit_code"], 0);
}

/// A database that a tool created in `Backup` itself hides no backup, is none, and is told of (F§18).
#[test]
fn a_stray_database_in_backup_itself() {
    let world = world_of(&[("MobileSync/Backup", NEW)]);
    put(&world.path().join("MobileSync/Backup/Manifest.db"), b"");
    for path in [".", "MobileSync", "MobileSync/Backup"] {
        let seen = look(world.path(), &[path]);
        let own = format!("MobileSync/Backup/{NEW}");
        assert_eq!(seen.backups(world.path()), [own], "{path}");
        assert_eq!(only_backup(&seen.document)["verdict"], "complete");
        let told = format!("{} {}", seen.document["beside"], seen.document["problems"]);
        assert!(told.contains("Manifest.db"), "{seen}");
        assert_eq!(seen.code, 0, "{seen}");
    }
}

/// What is not there, is no folder, or holds no backup is told apart; the rest is judged all the same.
#[test]
fn nothing_to_look_at() {
    let world = world_of(&[("good", NEW)]);
    let world = world.path();
    fs::create_dir(world.join("empty")).unwrap();
    put(&world.join("file.txt"), b"text");
    for (path, said) in [("missing", "does not exist"), ("file.txt", "")] {
        for args in [vec![path], vec![path, "good"], vec!["good", path]] {
            let seen = look(world, &args);
            assert_eq!(seen.code, 3, "{args:?}");
            assert_eq!(seen.backups(world).len(), args.len() - 1, "{args:?}");
            assert!(seen.stderr.contains(path), "{}", seen.stderr);
            assert!(seen.stderr.contains(said), "{}", seen.stderr);
            assert!(!seen.stderr.contains("No backup under"), "{}", seen.stderr);
            let mut problems = seen.document["problems"].as_array().unwrap().iter();
            let is_named = |problem: &Value| problem["path"].as_str().unwrap().contains(path);
            assert!(problems.any(is_named), "{seen}");
        }
    }
    let seen = look(world, &["empty"]);
    assert_eq!(seen.code, 3);
    let said = "No backup under empty (looked three levels down).";
    assert!(seen.stderr.contains(said), "{seen}");
    // Words of screens.md, for every system.
    for system in [System::Mac, System::Other] {
        assert_eq!(
            none_found(Path::new("PATH"), system, &[]),
            "No backup under PATH (looked three levels down). Finder keeps them in \
             ~/Library/Application Support/MobileSync/Backup; iCloud backups are not on this \
             computer."
        );
    }
}

/// Folder names that mean something to a URI, a shell or SQL harm nothing.
#[test]
fn names_with_special_characters() {
    let mut names = vec!["50% off", "a#b", "it's", "a&b=c;d", "%41", "-x"];
    names.push("ümläut e\u{301}");
    if cfg!(unix) {
        names.extend(["why?", "say \"hi\"", "two\nlines", "back\\slash"]);
        names.push("a?mode=rw#x");
    }
    for name in names {
        let world = empty_folder();
        let folder = world.path().join(name).join("Backup");
        small(NEW).folder_name(name).write(&folder);
        let document = scan(world.path(), &[]);
        let backup = only_backup(&document);
        assert_eq!(backup["verdict"], "complete", "{name:?}: {backup:#}");
        let path = PathBuf::from(backup["path"].as_str().unwrap());
        assert_eq!(path.file_name().unwrap(), name);
        assert!(backup.get("path_hex").is_none_or(Value::is_null));
    }
}

/// The places of each system (F§2); a variable that is not set is none.
#[test]
fn the_places_of_each_system() {
    let env = |name: &str| match name {
        "HOME" => Some("/Users/anna".into()),
        "APPDATA" => Some("C:/Users/anna/AppData/Roaming".into()),
        "USERPROFILE" => Some("C:/Users/anna".into()),
        _ => None,
    };
    let mac = ["/Users/anna/Library/Application Support/MobileSync"];
    let roaming = "C:/Users/anna/AppData/Roaming/Apple Computer/MobileSync";
    let windows = [roaming, "C:/Users/anna/Apple/MobileSync"];
    for (system, expected) in [
        (System::Mac, &mac[..]),
        (System::Windows, &windows[..]),
        (System::Other, &[][..]),
    ] {
        let places = default_places(system, env).into_iter().map(|place| {
            let place = place.to_str().unwrap().replace('\\', "/");
            place.strip_suffix("/Backup").unwrap_or(&place).to_owned()
        });
        assert_eq!(places.collect::<Vec<_>>(), expected, "{system:?}");
        assert!(default_places(system, |_| None).is_empty(), "{system:?}");
    }
}

/// Runs without PATH, at home in `home`.
fn without_path(home: &Path) -> Run {
    let mut command = program();
    command.args(["--json", "--now", NOW]).env("HOME", home);
    command.env("USERPROFILE", home);
    command.env("APPDATA", home.join("AppData/Roaming"));
    command.ended().unwrap().into()
}

/// Linux asks for a path; macOS and Windows look into their own places, of which one is enough.
#[test]
fn without_a_path() {
    const ROAMING: &str = "AppData/Roaming/Apple Computer/MobileSync/Backup";
    let home = empty_folder();
    let home = home.path();
    let places: &[&str] = if cfg!(target_os = "macos") {
        &["Library/Application Support/MobileSync/Backup"]
    } else if cfg!(windows) {
        &["Apple/MobileSync/Backup", ROAMING]
    } else {
        small(NEW).write(&home.join("Library/Application Support/MobileSync/Backup"));
        small(NEW).write(&home.join("Apple/MobileSync/Backup"));
        let run = without_path(home);
        assert_eq!((run.code, run.stdout.as_str()), (64, ""));
        assert!(run.stderr.contains("bkscan PATH"), "{}", run.stderr);
        let folder = "name the folder that holds the backups";
        for (words, said, example) in [
            ("clean", folder, "clean PATH"),
            ("schedule cron", folder, "schedule cron PATH"),
        ] {
            let run: Run = program().args(words.split(' ')).ended().unwrap().into();
            assert_eq!(run.code, 64, "{run:?}");
            let said = format!("{said}: bkscan {example}\n");
            assert!(run.stderr.contains(&said), "{run:?}");
        }
        // A name is looked up below the current folder.
        let bare = empty_folder();
        for (words, example) in [
            ("show iPad", "give the path of the backup: bkscan show PATH"),
            (
                "diff iPad iPhone",
                "give the paths of both backups: bkscan diff OLD NEW",
            ),
        ] {
            let mut call = program();
            let call = call.current_dir(bare.path()).args(words.split(' '));
            let run: Run = call.ended().unwrap().into();
            assert_eq!(run.code, 3, "{run:?}");
            assert!(run.stderr.contains(example), "{run:?}");
        }
        return;
    };
    assert_eq!(without_path(home).code, 3);
    for (at, place) in places.iter().enumerate() {
        small(NEW).write(&home.join(place));
        let run = without_path(home);
        assert_eq!(run.code, 0, "{run:?}");
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(document["summary"]["backups"], at + 1);
    }
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::harness::finding_ids;

    /// A link is followed where it is the path given, and where it is named MobileSync or Backup.
    #[test]
    fn followed_at_the_root_and_on_the_way() {
        let world = empty_folder();
        let world = world.path();
        let (mobile, store) = ("disk/MobileSync", "disk/MobileSync/Backup");
        small(NEW).write(&world.join(store));
        let real = format!("disk/MobileSync/Backup/{NEW}");
        let on_the_way = ["h1", "h1/MobileSync", "h1/MobileSync/Backup"];
        for (at, target, paths) in [
            ("l1", store, &["l1"][..]),
            ("l2", mobile, &["l2"]),
            ("l3", "disk", &["l3"]),
            ("l4", real.as_str(), &["l4"]),
            ("l5", "l4", &["l5"]),
            ("h1/MobileSync/Backup", store, &on_the_way),
            ("h2/x/MobileSync", mobile, &["h2", "h2/x"]),
            ("h3/Backup", store, &["h3"]),
        ] {
            let link = world.join(at);
            fs::create_dir_all(link.parent().unwrap()).unwrap();
            symlink(world.join(target), link).unwrap();
            for path in paths {
                let seen = look(world, &[path]);
                assert_eq!(seen.backups(world), [real.as_str()], "{path}: {seen}");
                assert_eq!(seen.code, 0, "{path}");
                assert_eq!(only_backup(&seen.document)["verdict"], "complete");
                // The way through the link and the real one are one backup.
                for both in [[path, "disk"], ["disk", path]] {
                    let seen = look(world, &both);
                    assert_eq!(seen.backups(world), [real.as_str()], "{both:?}");
                }
            }
        }
        // MobileSync and Backup, one after the other, are links.
        fs::create_dir_all(world.join("volume/m")).unwrap();
        symlink(world.join(store), world.join("volume/m/Backup")).unwrap();
        fs::create_dir(world.join("home")).unwrap();
        symlink("../volume/m", world.join("home/MobileSync")).unwrap();
        assert_eq!(look(world, &["home"]).backups(world), [real]);
    }

    /// A link of any other name on the way is not followed, and a circle ends.
    #[test]
    fn not_followed_elsewhere() {
        let world = world_of(&[("disk/MobileSync/Backup", NEW)]);
        let world = world.path();
        fs::create_dir(world.join("home")).unwrap();
        symlink(world.join("disk"), world.join("home/somewhere")).unwrap();
        let seen = look(world, &["home"]);
        assert_eq!((seen.code, seen.backups(world).len()), (3, 0), "{seen}");
        symlink(world.join("home"), world.join("home/Backup")).unwrap();
        symlink(world.join("home"), world.join("home/MobileSync")).unwrap();
        let seen = look(world, &["home"]);
        assert_eq!((seen.code, seen.backups(world).len()), (3, 0), "{seen}");
    }

    /// A link that leads to nothing is said in the words of screens.md, and never "No backup".
    #[test]
    fn dangling() {
        for (at, path) in [
            ("MobileSync/Backup", "."),
            ("MobileSync/Backup", "MobileSync"),
            ("MobileSync/Backup", "MobileSync/Backup"),
            ("x/MobileSync", "x"),
            ("x/MobileSync", "x/MobileSync"),
            ("shelf", "shelf"),
            ("shelf", "shelf/deep/below"),
        ] {
            let world = empty_folder();
            let world = world.path().canonicalize().unwrap();
            let link = world.join(at);
            fs::create_dir_all(link.parent().unwrap()).unwrap();
            let target = world.join("away/Backup");
            symlink(&target, &link).unwrap();
            let seen = look(&world, &[world.join(path)]);
            assert_eq!(seen.code, 3, "{seen}");
            let (target, link) = (target.display(), link.display());
            let said =
                format!("{target} is not there: {link} is a link to it. Is the disk connected?");
            let stderr = seen.stderr.replace("/./", "/");
            assert!(stderr.contains(&said), "{said}\nis not in\n{stderr}");
            assert!(!stderr.contains("No backup under"), "{stderr}");
            let problems = seen.document["problems"].as_array().unwrap();
            assert!(!problems.is_empty(), "{seen}");
        }
    }

    /// A dangling `Backup` beside a good PATH is exit 3, and the good one is judged.
    #[test]
    fn dangling_beside_a_good_path() {
        let world = world_of(&[("good", NEW)]);
        let world = world.path();
        fs::create_dir(world.join("MobileSync")).unwrap();
        symlink(world.join("away"), world.join("MobileSync/Backup")).unwrap();
        let seen = look(world, &["MobileSync", "good"]);
        assert_eq!((seen.code, seen.backups(world).len()), (3, 1), "{seen}");
    }

    /// Another link beside backups is not followed, is named in `problems`, and is of kind `link`.
    #[test]
    fn beside_backups() {
        let world = world_of(&[("Backup", NEW)]);
        let world = world.path();
        let away = empty_folder();
        small(OLD).write(away.path());
        symlink(away.path().join(OLD), world.join("Backup").join(OLD)).unwrap();
        symlink("nowhere", world.join("Backup/dead")).unwrap();
        let seen = look(world, &["Backup"]);
        assert_eq!(seen.backups(world), [format!("Backup/{NEW}")]);
        let links = ["dead", OLD].map(|name| (format!("Backup/{name}"), "link".to_owned()));
        let mut beside = seen.beside(world);
        beside.sort_by_key(|(path, _)| path != "Backup/dead");
        assert_eq!(beside, links);
        let problems = seen.document["problems"].to_string();
        assert!(problems.contains(OLD), "{problems}");
        // Nothing that was asked for is missing.
        assert_eq!(seen.code, 0, "{seen}");
    }

    /// Inside a backup no link is followed: not for size, not for payloads, not for metadata.
    #[test]
    fn inside_a_backup() {
        let away = empty_folder();
        put(&away.path().join("folder/big"), &[1; 100_000]);
        let twin = small(NEW).write(away.path());
        let size = |phone: &Path| only_backup(&scan(phone, &[]))["size"].clone();

        let world = world_of(&[("Backup", NEW)]);
        let phone = world.path().join("Backup").join(NEW);
        let before = size(&phone);
        for name in ["extra", "ff", "Snapshot", "Backup", "MobileSync"] {
            symlink(away.path().join("folder"), phone.join(name)).unwrap();
        }
        symlink(away.path().join("folder/big"), phone.join("big")).unwrap();
        assert_eq!(size(&phone), before);
        let document = scan(world.path(), &[]);
        assert_eq!(only_backup(&document)["verdict"], "complete");

        let payload = payload_path(Path::new(""), DOMAIN, FILE);
        let payload = payload.to_str().unwrap();
        let (shard, _) = payload.split_at(2);
        for (what, finding, verdict) in [
            (payload, "payload-not-a-file", "corrupt"),
            (shard, "file-missing", "corrupt"),
            ("Manifest.plist", "manifest-plist-unreadable", "corrupt"),
            ("Manifest.db", "manifest-unreadable", "corrupt"),
            ("Status.plist", "status-unreadable", "incomplete"),
            ("Info.plist", "info-unreadable", "complete"),
        ] {
            let world = world_of(&[("Backup", NEW)]);
            let phone = world.path().join("Backup").join(NEW);
            let place = phone.join(what);
            let away = empty_folder();
            fs::rename(&place, away.path().join("old")).unwrap();
            symlink(twin.join(what), &place).unwrap();
            let document = scan(world.path(), &[]);
            let backup = only_backup(&document);
            let ids = finding_ids(backup);
            assert!(ids.contains(finding), "{what}: {ids:?}");
            assert_eq!(backup["verdict"], verdict, "{what}: {ids:?}");
            if finding == "payload-not-a-file" {
                assert!(!ids.contains("file-missing"), "{ids:?}");
            }
        }
    }
}

/// A path that is not UTF-8 is shown lossy, with its bytes in `path_hex`.
#[cfg(target_os = "linux")]
#[test]
fn a_path_that_is_not_utf8() {
    use std::os::unix::ffi::OsStrExt;

    let world = empty_folder();
    let root = world.path().join(OsStr::from_bytes(b"caf\xe9"));
    let phone = small(NEW).write(&root);
    let document = scan(&root, &[]);
    let backup = only_backup(&document);
    assert_eq!(backup["verdict"], "complete", "{backup:#}");
    let hex = |path: &Path| -> String {
        let bytes = path.as_os_str().as_bytes();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    for (entry, path) in [(backup, &phone), (&document["roots"][0], &root)] {
        assert_eq!(entry["path"], path.to_string_lossy().as_ref());
        assert!(entry["path"].as_str().unwrap().contains("caf\u{fffd}"));
        let shown = entry["path_hex"].as_str().expect("path_hex");
        assert!(shown.eq_ignore_ascii_case(&hex(path)), "{shown}");
    }
    // The same where the folder's own name is such, and where nothing is there.
    let odd = root.join(OsStr::from_bytes(b"Backup/\xff\xfe"));
    fs::create_dir_all(odd.parent().unwrap()).unwrap();
    fs::rename(&phone, &odd).unwrap();
    let document = scan(&root, &[]);
    assert_eq!(only_backup(&document)["udid"], NEW);
    let seen = look(world.path(), &[OsStr::from_bytes(b"no\xe9")]);
    assert_eq!(seen.code, 3);
    assert_eq!(seen.document["problems"][0]["path_hex"], "6e6fe9");
}
