//! What the program finds under the paths it is given (contract §1, F§1.1, F§2).

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use bkscan::find::places::{default_places, none_found};
use bkscan::system::System;
use plist::{Dictionary, Value as Plist};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::harness::{Ended as _, NOW, Run, only_backup, program, scan};
use crate::support::{BackupBuilder, payload_path, timestamp, tree_digest};

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
    let run: Run = program()
        .current_dir(world)
        .args(["--json", "--now", NOW])
        .args(args)
        .ended()
        .unwrap()
        .into();
    assert_eq!(tree_digest(world), before, "the scan changed something");
    let document: Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("no JSON ({error}): {run:?}"));
    assert_eq!(document["exit_code"], run.code);
    Seen {
        code: run.code,
        stderr: run.stderr,
        document,
    }
}

impl Seen {
    /// The backups, relative to `world` and with all links resolved.
    pub fn backups(&self, world: &Path) -> Vec<String> {
        self.relative(world, "backups")
            .into_iter()
            .map(|(path, _)| path)
            .collect()
    }

    /// Path and kind of what lies beside.
    pub fn beside(&self, world: &Path) -> Vec<(String, String)> {
        self.relative(world, "beside")
            .into_iter()
            .map(|(path, entry)| (path, entry["kind"].as_str().unwrap().to_owned()))
            .collect()
    }

    fn relative(&self, world: &Path, list: &str) -> Vec<(String, &Value)> {
        let world = world.canonicalize().unwrap();
        let entries = self.document[list].as_array().unwrap();
        let mut entries: Vec<_> = entries
            .iter()
            .map(|entry| {
                let path = world.join(entry["path"].as_str().unwrap());
                // The folder's links are resolved, not the entry itself, which may be one.
                let folder = path.parent().unwrap().canonicalize().unwrap();
                let path = folder.join(path.file_name().unwrap());
                let path = if list == "backups" {
                    path.canonicalize().unwrap_or(path)
                } else {
                    path
                };
                let path = path.strip_prefix(&world).unwrap_or(&path);
                (path.to_str().unwrap().replace('\\', "/"), entry)
            })
            .collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries
    }
}

/// Writes a file that is years old, so that no folder looks like a backup that is running.
pub fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_modified(timestamp("2024-05-01T10:00:00Z").into())
        .unwrap();
}

fn put_plist(path: &Path, entries: &[(&str, &str)]) {
    let entries = entries.iter().map(|(key, value)| (*key, *value));
    let mut bytes = Vec::new();
    Plist::Dictionary(Dictionary::from_iter(entries))
        .to_writer_xml(&mut bytes)
        .unwrap();
    put(path, &bytes);
}

/// A world with one healthy backup in `at`.
fn world_with_backup(at: &str) -> TempDir {
    let world = tempdir().unwrap();
    small(NEW).write(&world.path().join(at));
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
        let world = world_with_backup(at);
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
    let world = tempdir().unwrap();
    small(NEW).write(&world.path().join("one/Backup"));
    small(OLD).write(&world.path().join("two"));
    let seen = look(world.path(), &["two", "one"]);
    assert_eq!(
        seen.backups(world.path()),
        [format!("one/Backup/{NEW}"), format!("two/{OLD}")]
    );
    assert_eq!(seen.document["summary"]["devices"], 2);
    let roots = seen.document["roots"].as_array().unwrap();
    let roots: Vec<_> = roots.iter().map(|root| &root["path"]).collect();
    assert_eq!(roots, ["two", "one"]);
}

/// Overlapping PATHs, and the same one twice, give each backup once.
#[test]
fn overlapping_paths_are_one_backup() {
    let world = world_with_backup("MobileSync/Backup");
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

/// An unquoted space is mended: the shortest run of arguments that exists wins, and one note on stderr
/// shows what was meant.
#[test]
fn the_unquoted_space() {
    let world = tempdir().unwrap();
    let world = world.path();
    small(NEW).write(&world.join("Application Support/MobileSync/Backup"));
    small(OLD).write(&world.join("My old big disk"));
    small(&OLD.replace('0', "f")).write(&world.join("My old"));
    small(&NEW.replace('8', "9")).write(&world.join("plain"));
    let app = format!("Application Support/MobileSync/Backup/{NEW}");
    let old = format!("My old big disk/{OLD}");
    let short = format!("My old/{}", OLD.replace('0', "f"));
    let plain = format!("plain/{}", NEW.replace('8', "9"));
    for (arguments, expected, note, code) in [
        (
            vec!["Application", "Support/MobileSync"],
            vec![&app],
            Some("Application Support/MobileSync"),
            0,
        ),
        // The shortest run wins; what is left over is missing.
        (vec!["My", "old"], vec![&short], Some("My old"), 0),
        (
            vec!["My", "old", "big", "disk"],
            vec![&short],
            Some("My old"),
            3,
        ),
        (
            vec!["plain", "Application", "Support", "plain"],
            vec![&app, &plain],
            Some("Application Support"),
            0,
        ),
        // Quoted: nothing to mend, nothing to say.
        (vec!["My old big disk"], vec![&old], None, 0),
        // What exists is not consumed by what is missing before it.
        (vec!["nowhere", "plain"], vec![&plain], None, 3),
    ] {
        let seen = look(world, &arguments);
        let found = seen.backups(world);
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{arguments:?}");
        assert_eq!(seen.code, code, "{arguments:?}: {}", seen.stderr);
        if code == 0 {
            let lines: Vec<_> = seen.stderr.lines().collect();
            assert_eq!(lines.len(), usize::from(note.is_some()), "{lines:?}");
            assert!(seen.stderr.contains(note.unwrap_or_default()), "{lines:?}");
        }
    }
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

/// The user's own command line, where a folder is called like the beginning of the path: the two
/// together win if what follows is not there. For every command that takes a path.
#[test]
fn an_unquoted_space_behind_a_folder_that_is_there() {
    const NOTE: &str =
        "bkscan: taken as one path: Application Support/MobileSync (quote it to be sure)\n";
    let world = tempdir().unwrap();
    let world = world.path();
    let backups = world.join("Application Support/MobileSync/Backup");
    small(NEW).write(&backups);
    fs::create_dir(world.join("Application")).unwrap();
    let typed = ["Application", "Support/MobileSync"];
    let command = |words: &[&str]| -> Run {
        let mut command = program();
        command.current_dir(world).args(words);
        command.args(["--state-dir", "state"]);
        command.ended().unwrap().into()
    };
    let scanned = look(world, &typed);
    let app = format!("Application Support/MobileSync/Backup/{NEW}");
    assert_eq!(scanned.backups(world), [app.as_str()]);
    assert_eq!((scanned.code, scanned.stderr.as_str()), (0, NOTE));
    for words in [
        &["show", "--now", NOW][..],
        &["clean", "--now", NOW],
        &["schedule", "cron"],
    ] {
        let run = command(&[words, &typed].concat());
        if cfg!(windows) && words[0] == "schedule" {
            // There is none of the three on Windows.
            assert_eq!(run.code, 64, "{run:?}");
        } else {
            assert_eq!((run.code, run.stderr.as_str()), (0, NOTE), "{words:?}");
            let words: Vec<_> = run.stdout.split_whitespace().collect();
            let text = words.join(" ");
            assert!(text.contains("Application Support/MobileSync"), "{run:?}");
        }
    }
    let run = command(&["history", "Application", "Support/MobileSync"]);
    assert!(run.stderr.starts_with(NOTE), "{run:?}");
    let only = [
        "--only",
        "Application",
        &format!("Support/MobileSync/Backup/{NEW}"),
    ];
    let run = command(&[&["clean", "--now", NOW], &only[..]].concat());
    let note = NOTE.replace("/MobileSync", &format!("/MobileSync/Backup/{NEW}"));
    assert_eq!(run.stderr, note, "{run:?}");
    // What is there as well stands for itself.
    small(OLD).write(&world.join("Support/MobileSync/Backup"));
    let both = look(world, &typed);
    assert_eq!(
        both.backups(world),
        [format!("Support/MobileSync/Backup/{OLD}")]
    );
    assert_eq!(both.code, 3, "{both}");
    assert!(!both.stderr.contains("taken as one path"), "{both}");
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "exit {}: {}\n{:#}",
            self.code, self.stderr, self.document
        )
    }
}

/// A folder with Info.plist alone is a backup only directly in `Backup`, or by its UDID-like name,
/// or by `Target Type`; then it is incomplete.
#[test]
fn info_plist_alone() {
    let device = [("Target Type", "Device"), ("Device Name", "x")];
    let other = [("Target Type", "Computer"), ("Device Name", "x")];
    let bare = [("Device Name", "x")];
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
    ] {
        let world = tempdir().unwrap();
        put_plist(&world.path().join(at).join("Info.plist"), info);
        let document = scan(world.path(), &[]);
        let backups = document["backups"].as_array().unwrap();
        assert_eq!(backups.len(), usize::from(found), "{at} {info:?}");
        assert_eq!(document["exit_code"], if found { 2 } else { 3 });
        if found {
            assert_eq!(backups[0]["verdict"], "incomplete", "{document:#}");
        }
    }
}

/// Any one of the four files makes a folder a backup, whatever its name.
#[test]
fn one_metadata_file_is_enough() {
    let names = [
        "Manifest.plist",
        "Manifest.db",
        "Manifest.mbdb",
        "Status.plist",
    ];
    for name in names {
        let builder = match name {
            "Manifest.mbdb" => small(OLD).mbdb(),
            _ => small(OLD),
        };
        let others = ["Info.plist", "Status.plist", "Manifest.plist"]
            .into_iter()
            .chain([match name {
                "Manifest.mbdb" => "Manifest.mbdb",
                _ => "Manifest.db",
            }])
            .filter(|other| *other != name);
        let world = tempdir().unwrap();
        others
            .fold(builder.folder_name("some copy"), BackupBuilder::without)
            .write(&world.path().join("shelf"));
        let document = scan(world.path(), &[]);
        assert_eq!(only_backup(&document)["verdict"], "incomplete", "{name}");
    }
    let world = tempdir().unwrap();
    put(&world.path().join("shelf/Manifest.txt"), b"");
    put(&world.path().join("shelf/ab/file"), b"");
    assert_eq!(scan(world.path(), &[])["exit_code"], 3);
}

/// Application bundles have an Info.plist too and are no backups.
#[test]
fn application_bundles_are_no_backups() {
    for at in [
        "Tool.app",
        "Tool.app/Contents",
        "sub/Tool.app/Wrapper/In.app",
        "Backup/Tool.app",
    ] {
        let world = tempdir().unwrap();
        let info = [("CFBundleIdentifier", "org.example.tool")];
        put_plist(&world.path().join(at).join("Info.plist"), &info);
        let document = scan(world.path(), &[]);
        assert_eq!(document["backups"], Value::Array(vec![]), "{at}");
        assert_eq!(document["exit_code"], 3, "{at}");
    }
}

/// Archived copies and renamed folders are backups of the device they came from (F§2.1).
#[test]
fn archived_and_renamed_folders() {
    for udid in [NEW, OLD] {
        let world = tempdir().unwrap();
        let backup = world.path().join("Backup");
        let archive = format!("{udid}-20240501-100000");
        let names = [
            (udid.to_owned(), false),
            (archive.clone(), true),
            (format!("{udid}.old"), false),
            (format!("{udid}.corrupt"), false),
            ("Backup.old".to_owned(), false),
            ("Anna's iPhone (copy)".to_owned(), false),
        ];
        for (name, _) in &names {
            small(udid).folder_name(name).write(&backup);
        }
        // In a safety copy the device writes the folder's name there.
        let safety = format!("{udid}-20240601-235959");
        let target = safety.clone();
        small(udid)
            .folder_name(&safety)
            .info(move |info| {
                info.insert("Target Identifier".to_owned(), target.into());
            })
            .write(&backup);
        // Without Info.plist, Manifest.plist knows.
        small(udid)
            .folder_name("no info")
            .without("Info.plist")
            .write(&backup);
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
    let world = tempdir().unwrap();
    let backup = world.path().join("MobileSync/Backup");
    let phone = small(NEW).write(&backup);
    let manifest = fs::read(phone.join("Manifest.db")).unwrap();
    let version = "iMazing.Versions/Versions/one";
    for name in ["Manifest.db", "Info.plist", "Status.plist"] {
        put(&backup.join(version).join(name), &manifest);
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
    let expected = [
        (going.as_str(), "removal-unfinished"),
        (&format!("{NEW}.unback"), "unpacked"),
        ("_unback_", "unpacked"),
        ("iMazing.Versions", "imazing-versions"),
        ("notes", "other"),
        ("x.zip", "other"),
    ];
    for path in ["MobileSync", "MobileSync/Backup", "."] {
        let seen = look(world.path(), &[path]);
        assert_eq!(
            seen.backups(world.path()),
            [format!("MobileSync/Backup/{NEW}")]
        );
        let mut expected: Vec<_> = expected
            .iter()
            .map(|(name, kind)| (format!("MobileSync/Backup/{name}"), (*kind).to_owned()))
            .collect();
        expected.sort();
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
    let world = tempdir().unwrap();
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

/// A database that a tool created in `Backup` itself hides no backup, is none, and is told of
/// (F§18).
#[test]
fn a_stray_database_in_backup_itself() {
    for path in [".", "MobileSync", "MobileSync/Backup"] {
        let world = world_with_backup("MobileSync/Backup");
        put(&world.path().join("MobileSync/Backup/Manifest.db"), b"");
        let seen = look(world.path(), &[path]);
        assert_eq!(
            seen.backups(world.path()),
            [format!("MobileSync/Backup/{NEW}")],
            "{path}"
        );
        assert_eq!(only_backup(&seen.document)["verdict"], "complete");
        let told = format!("{} {}", seen.document["beside"], seen.document["problems"]);
        assert!(told.contains("Manifest.db"), "{seen}");
        assert_eq!(seen.code, 0, "{seen}");
    }
}

/// What is not there, is no folder, or holds no backup is told apart, with exit 3; the rest is
/// judged all the same.
#[test]
fn nothing_to_look_at() {
    let world = world_with_backup("good");
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
            let problems = seen.document["problems"].as_array().unwrap();
            assert!(
                problems
                    .iter()
                    .any(|p| p["path"].as_str().unwrap().contains(path)),
                "{seen}"
            );
        }
    }
    let seen = look(world, &["empty"]);
    assert_eq!(seen.code, 3);
    assert!(
        seen.stderr
            .contains("No backup under empty (looked three levels down)."),
        "{}",
        seen.stderr
    );
    // Words of screens.md, for every system.
    for system in [System::Mac, System::Other] {
        assert_eq!(
            none_found(Path::new("PATH"), system),
            "No backup under PATH (looked three levels down). Finder keeps them in \
             ~/Library/Application Support/MobileSync/Backup; iCloud backups are not on this \
             computer."
        );
    }
}

/// Folder names that mean something to a URI, a shell or SQL harm nothing.
#[test]
fn names_with_special_characters() {
    let mut names = vec![
        "50% off",
        "a#b",
        "it's",
        "a&b=c;d",
        "%41",
        "ümläut e\u{301}",
        "-x",
    ];
    if cfg!(unix) {
        names.extend([
            "why?",
            "say \"hi\"",
            "two\nlines",
            "back\\slash",
            "a?mode=rw#x",
        ]);
    }
    for name in names {
        let world = tempdir().unwrap();
        small(NEW)
            .folder_name(name)
            .write(&world.path().join(name).join("Backup"));
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
    let windows = [
        "C:/Users/anna/AppData/Roaming/Apple Computer/MobileSync",
        "C:/Users/anna/Apple/MobileSync",
    ];
    for (system, expected) in [
        (System::Mac, &mac[..]),
        (System::Windows, &windows[..]),
        (System::Other, &[][..]),
    ] {
        let places: Vec<_> = default_places(system, env)
            .iter()
            .map(|place| {
                let place = place.to_str().unwrap().replace('\\', "/");
                place.strip_suffix("/Backup").unwrap_or(&place).to_owned()
            })
            .collect();
        assert_eq!(places, expected, "{system:?}");
        assert!(default_places(system, |_| None).is_empty(), "{system:?}");
    }
}

/// Runs without PATH, at home in `home`.
fn without_path(home: &Path) -> Run {
    program()
        .args(["--json", "--now", NOW])
        .env("HOME", home)
        .env("USERPROFILE", home)
        .env("APPDATA", home.join("AppData/Roaming"))
        .ended()
        .unwrap()
        .into()
}

/// Without PATH: Linux asks for one; macOS and Windows look into their own places, of which one
/// with a backup is enough.
#[test]
fn without_a_path() {
    let home = tempdir().unwrap();
    let home = home.path();
    let places: &[&str] = if cfg!(target_os = "macos") {
        &["Library/Application Support/MobileSync/Backup"]
    } else if cfg!(windows) {
        &[
            "Apple/MobileSync/Backup",
            "AppData/Roaming/Apple Computer/MobileSync/Backup",
        ]
    } else {
        small(NEW).write(&home.join("Library/Application Support/MobileSync/Backup"));
        small(NEW).write(&home.join("Apple/MobileSync/Backup"));
        let run = without_path(home);
        assert_eq!((run.code, run.stdout.as_str()), (64, ""));
        assert!(run.stderr.contains("bkscan PATH"), "{}", run.stderr);
        for (words, said) in [
            (
                &["clean"][..],
                "name the folder that holds the backups: bkscan clean PATH\n",
            ),
            (
                &["schedule", "cron"],
                "name the folder that holds the backups: bkscan schedule cron PATH\n",
            ),
            (
                &["show", "iPad"],
                "give the path of the backup: bkscan show PATH\n",
            ),
            (
                &["diff", "iPad", "iPhone"],
                "give the paths of both backups: bkscan diff OLD NEW\n",
            ),
        ] {
            let run: Run = program().args(words).ended().unwrap().into();
            assert_eq!(run.code, 64, "{run:?}");
            assert!(run.stderr.contains(said), "{run:?}");
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
        let world = tempdir().unwrap();
        let world = world.path();
        small(NEW).write(&world.join("disk/MobileSync/Backup"));
        let real = format!("disk/MobileSync/Backup/{NEW}");
        for (at, target, paths) in [
            ("l1", "disk/MobileSync/Backup", &["l1"][..]),
            ("l2", "disk/MobileSync", &["l2"]),
            ("l3", "disk", &["l3"]),
            ("l4", real.as_str(), &["l4"]),
            ("l5", "l4", &["l5"]),
            (
                "h1/MobileSync/Backup",
                "disk/MobileSync/Backup",
                &["h1", "h1/MobileSync", "h1/MobileSync/Backup"],
            ),
            ("h2/x/MobileSync", "disk/MobileSync", &["h2", "h2/x"]),
            ("h3/Backup", "disk/MobileSync/Backup", &["h3"]),
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
                let seen = look(world, &[path, "disk"]);
                assert_eq!(seen.backups(world), [real.as_str()], "{path} and disk");
                let seen = look(world, &["disk", path]);
                assert_eq!(seen.backups(world), [real.as_str()], "disk and {path}");
            }
        }
        // MobileSync and Backup, one after the other, are links.
        fs::create_dir_all(world.join("volume/m")).unwrap();
        symlink(
            world.join("disk/MobileSync/Backup"),
            world.join("volume/m/Backup"),
        )
        .unwrap();
        fs::create_dir(world.join("home")).unwrap();
        symlink("../volume/m", world.join("home/MobileSync")).unwrap();
        assert_eq!(look(world, &["home"]).backups(world), [real]);
    }

    /// A link of any other name on the way is not followed, and a circle ends.
    #[test]
    fn not_followed_elsewhere() {
        let world = world_with_backup("disk/MobileSync/Backup");
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
            let world = tempdir().unwrap();
            let world = world.path().canonicalize().unwrap();
            let link = world.join(at);
            fs::create_dir_all(link.parent().unwrap()).unwrap();
            let target = world.join("away/Backup");
            symlink(&target, &link).unwrap();
            let seen = look(&world, &[world.join(path)]);
            assert_eq!(seen.code, 3, "{seen}");
            let said = format!(
                "{} is not there: {} is a link to it. Is the disk connected?",
                target.display(),
                link.display()
            );
            let stderr = seen.stderr.replace("/./", "/");
            assert!(stderr.contains(&said), "{said}\nis not in\n{stderr}");
            assert!(!stderr.contains("No backup under"), "{stderr}");
            assert!(
                !seen.document["problems"].as_array().unwrap().is_empty(),
                "{seen}"
            );
        }
    }

    /// A dangling `Backup` beside a good PATH is exit 3, and the good one is judged.
    #[test]
    fn dangling_beside_a_good_path() {
        let world = world_with_backup("good");
        let world = world.path();
        fs::create_dir(world.join("MobileSync")).unwrap();
        symlink(world.join("away"), world.join("MobileSync/Backup")).unwrap();
        let seen = look(world, &["MobileSync", "good"]);
        assert_eq!((seen.code, seen.backups(world).len()), (3, 1), "{seen}");
    }

    /// Another link beside backups is not followed, is named in `problems`, and is of kind `link`.
    #[test]
    fn beside_backups() {
        let world = world_with_backup("Backup");
        let world = world.path();
        let away = tempdir().unwrap();
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
        let away = tempdir().unwrap();
        put(&away.path().join("folder/big"), &[1; 100_000]);
        let twin = small(NEW).write(away.path());
        let size = |phone: &Path| only_backup(&scan(phone, &[]))["size"].clone();

        let world = world_with_backup("Backup");
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
        let shard = payload.parent().unwrap();
        for (what, finding, verdict) in [
            (payload.as_path(), "payload-not-a-file", "corrupt"),
            (shard, "file-missing", "corrupt"),
            (
                Path::new("Manifest.plist"),
                "manifest-plist-unreadable",
                "corrupt",
            ),
            (Path::new("Manifest.db"), "manifest-unreadable", "corrupt"),
            (Path::new("Status.plist"), "status-unreadable", "incomplete"),
            (Path::new("Info.plist"), "info-unreadable", "complete"),
        ] {
            let world = world_with_backup("Backup");
            let phone = world.path().join("Backup").join(NEW);
            let place = phone.join(what);
            if place.is_dir() {
                fs::remove_dir_all(&place).unwrap();
            } else {
                fs::remove_file(&place).unwrap();
            }
            symlink(twin.join(what), &place).unwrap();
            let document = scan(world.path(), &[]);
            let backup = only_backup(&document);
            let ids = finding_ids(backup);
            assert!(ids.contains(finding), "{what:?}: {ids:?}");
            assert_eq!(backup["verdict"], verdict, "{what:?}: {ids:?}");
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

    let world = tempdir().unwrap();
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
