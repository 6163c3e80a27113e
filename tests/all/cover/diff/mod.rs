//! `bkscan diff`: what one backup holds that another one does not.

mod chance;
mod screens;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::reference::differences;
use crate::harness::{Ended as _, NOW, Run, program, run};
use crate::support::{BackupBuilder, Row, tree_digest};

const UDID: &str = "00008130-000A1C2E3F40801E";
const OTHER: &str = "00008030-001122334455667A";
const CAMERA: &str = "CameraRollDomain";
const MEMOS: &str = "AppDomainGroup-group.com.apple.VoiceMemos.shared";

/// Text without its line ends.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Two backups in a folder of their own.
struct Pair {
    world: tempfile::TempDir,
    old: PathBuf,
    new: PathBuf,
}

impl Pair {
    fn write(old: BackupBuilder, new: BackupBuilder) -> Pair {
        let world = tempfile::tempdir().unwrap();
        let old = old.folder_name("old").write(world.path());
        let new = new.folder_name("new").write(world.path());
        Pair { world, old, new }
    }

    /// Runs `bkscan diff OLD NEW ARGS`, and makes sure that nothing changed.
    fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, None)
    }

    fn run_with(&self, args: &[&str], password: Option<&str>) -> Run {
        let before = tree_digest(self.world.path());
        let mut command = program();
        command.arg("diff").args([&self.old, &self.new]);
        command.args(["--now", NOW]).args(args);
        if let Some(password) = password {
            command.env("BKSCAN_PASSWORD", password);
        }
        let run: Run = command.ended().unwrap().into();
        let root = self.world.path();
        assert_eq!(tree_digest(root), before, "{args:?} changed something");
        run
    }

    /// The document; its exit code is that of the program, and its names are those of the schema.
    fn document(&self, args: &[&str], password: Option<&str>) -> Value {
        let run = self.run_with(&[args, &["--json"]].concat(), password);
        let document: Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {run:?}"));
        assert_eq!(document["exit_code"], run.code, "{run:?}");
        let schema = run_schema();
        let mut told = Vec::new();
        differences(&schema, &schema, &document, "", &mut told);
        assert_eq!(told, [""; 0]);
        document
    }
}

fn run_schema() -> Value {
    let schema = run(["schema", "diff"]);
    assert_eq!((schema.code, schema.stderr.as_str()), (0, ""));
    serde_json::from_str(&schema.stdout).unwrap()
}

fn older() -> BackupBuilder {
    BackupBuilder::new(UDID).bare().date("2025-05-12T10:00:00Z")
}

fn newer() -> BackupBuilder {
    BackupBuilder::new(UDID).bare().date("2026-11-18T10:00:00Z")
}

/// A photo that was born and changed at this time.
fn photo(name: &str, len: usize, time: i64) -> Row {
    let path = format!("Media/DCIM/{name}");
    Row::file(CAMERA, &path, &vec![7; len])
        .born(time)
        .modified(time)
}

/// Two photos are lost, one is renamed, one is new; a memo is as it was.
fn usual() -> (BackupBuilder, BackupBuilder) {
    let memo = || Row::file(MEMOS, "Recordings/1.m4a", &[3; 500]);
    let old = older()
        .add(photo("100APPLE/IMG_0001.HEIC", 4000, 1_600_000_000))
        .add(photo("100APPLE/IMG_0002.HEIC", 2000, 1_600_000_100))
        .add(photo("101APPLE/IMG_1001.MOV", 3000, 1_600_000_200))
        .add(memo());
    let new = newer()
        .add(photo("100APPLE/IMG_0042.HEIC", 4000, 1_600_000_000))
        .add(photo("100APPLE/IMG_0002.HEIC", 700, 1_700_000_100))
        .add(memo());
    (old, new)
}

fn sums(files: u64, bytes: u64) -> Value {
    json!({ "files": files, "bytes": bytes })
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_document_tells_groups_and_files() {
    let (old, new) = usual();
    let pair = Pair::write(old, new);
    let document = pair.document(&["--list"], None);
    assert_eq!(document["covers"], false);
    assert_eq!(document["identical"], false);
    assert_eq!(document["exit_code"], 1);
    assert_eq!(
        document["groups"],
        json!([
            { "group": "Photos", "only_old": sums(2, 5000), "only_new": sums(1, 700), "both": sums(1, 4000) },
            { "group": "Voice Memos", "only_old": sums(0, 0), "only_new": sums(0, 0), "both": sums(1, 500) },
        ])
    );
    let file = |kind: &str, name: &str, bytes: u64, time: &str| {
        json!({
            "kind": kind, "group": "Photos", "domain": CAMERA, "path": format!("Media/DCIM/{name}"),
            "bytes": bytes, "birth": time, "modified": time,
        })
    };
    assert_eq!(
        document["files"],
        json!([
            file(
                "only-old",
                "100APPLE/IMG_0002.HEIC",
                2000,
                "2020-09-13T12:28:20Z"
            ),
            file(
                "only-old",
                "101APPLE/IMG_1001.MOV",
                3000,
                "2020-09-13T12:30:00Z"
            ),
            file(
                "only-new",
                "100APPLE/IMG_0002.HEIC",
                700,
                "2023-11-14T22:15:00Z"
            ),
        ])
    );
    assert_eq!(document["not_compared"], json!([]));
    let old = &document["old"];
    assert_eq!(old["path"], pair.old.to_str().unwrap());
    assert_eq!(old["udid"], UDID);
    assert_eq!(old["name"], "Test iPhone");
    assert_eq!(old["at"], "2025-05-12T10:00:00Z");
    assert_eq!(old["verdict"], "complete");
    // Without --list there are no names.
    assert_eq!(pair.document(&[], None).get("files"), None);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn names_are_told_photos_by_folder() {
    let (old, new) = usual();
    let listed = Pair::write(old, new).run(&["--list"]);
    assert_eq!((listed.code, listed.stderr.as_str()), (1, ""));
    let names = "\
Only in the older: Photos, videos, 2 files (5 kB)
  Media/DCIM/100APPLE
         2 kB  13 Sep 2020  IMG_0002.HEIC
  Media/DCIM/101APPLE
         3 kB  13 Sep 2020  IMG_1001.MOV

Only in the newer: Photos, videos, 1 file (700 bytes)
  Media/DCIM/100APPLE
    700 bytes  14 Nov 2023  IMG_0002.HEIC

The newer one does not hold all of it: 2 photos and videos (5 kB).
";
    assert!(listed.stdout.ends_with(names), "{}", listed.stdout);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_exit_code_is_the_answer() {
    let (old, new) = usual();
    let pair = Pair::write(old, new);
    let quiet = pair.run(&["--quiet"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (1, ""));
    let last = quiet.stdout.lines().last();
    let answer = "The newer one does not hold all of it: 2 photos and videos (5 kB).";
    assert_eq!(last, Some(answer), "{}", quiet.stdout);
    // The other way round the renamed photo is held, the new one is not.
    let back = Pair {
        old: pair.new.clone(),
        new: pair.old.clone(),
        ..pair
    };
    let told = back.run(&[]);
    assert_eq!(told.code, 1);
    let answer = "The second one does not hold all of it: 1 photo or video (700 bytes).";
    assert!(told.stdout.contains(answer), "{}", told.stdout);
    let (old, _) = usual();
    let more = usual().0.date("2026-11-18T10:00:00Z");
    let pair = Pair::write(
        old,
        more.add(photo("102APPLE/IMG_2.HEIC", 9, 1_700_000_000)),
    );
    let quiet = pair.run(&["--quiet"]);
    let told = (quiet.code, quiet.stdout.as_str(), quiet.stderr.as_str());
    assert_eq!(told, (0, "", ""));
    assert!(
        pair.run(&[])
            .stdout
            .contains("\nThe newer one holds all of it.\n")
    );
    let document = pair.document(&[], None);
    assert_eq!(document["covers"], true);
    assert_eq!(document["identical"], false);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_copy_is_the_same() {
    let pair = Pair::write(usual().0, usual().0);
    let document = pair.document(&[], None);
    assert_eq!(document["covers"], true);
    assert_eq!(document["identical"], true);
    let told = pair.run(&[]);
    assert_eq!(told.code, 0);
    assert!(
        told.stdout
            .starts_with("Test iPhone: what the backup of 12 May 2025, 10:00 in old (")
    );
    let answer = "Both hold the same: the same files, each of the same length.\n";
    assert!(told.stdout.ends_with(answer), "{}", told.stdout);
    let read = pair.run(&["--level", "contents"]);
    assert_eq!(read.code, 0);
    let answer = "Both hold the same, byte for byte.\n\n\
                  Read in both: 4 files (10 kB) have the same bytes.\n";
    assert!(read.stdout.ends_with(answer), "{}", read.stdout);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn other_bytes_are_seen_where_payloads_are_read() {
    let row = |bytes: &[u8]| Row::file("HomeDomain", "Library/a.plist", bytes);
    let old = usual().0.add(row(b"one"));
    let new = usual().0.add(row(b"two")).flip_in_payload(
        CAMERA,
        "Media/DCIM/101APPLE/IMG_1001.MOV",
        2999,
    );
    let pair = Pair::write(old, new);
    let lengths = pair.document(&[], None);
    assert_eq!(lengths["covers"], true);
    assert_eq!(lengths.get("contents"), None);
    let read = pair.document(&["--level", "contents", "--list"], None);
    assert_eq!(read["covers"], false);
    assert_eq!(read["identical"], false);
    assert_eq!(
        read["contents"],
        json!({
            "same": sums(3, 6500), "other": sums(2, 3003), "unreadable_old": sums(0, 0),
            "unreadable_new": sums(0, 0), "not_compared": sums(0, 0), "missing_new": sums(0, 0),
            "lost": sums(1, 3000),
        })
    );
    let file = |group: Value, domain: &str, path: &str, bytes: u64| {
        json!({
            "kind": "other-bytes", "group": group, "domain": domain, "path": path, "bytes": bytes,
            "birth": null, "modified": null,
        })
    };
    assert_eq!(
        read["files"],
        json!([
            file(
                "Photos".into(),
                CAMERA,
                "Media/DCIM/101APPLE/IMG_1001.MOV",
                3000
            ),
            file(Value::Null, "HomeDomain", "Library/a.plist", 3),
        ])
    );
    let told = pair.run(&["--level", "contents"]);
    let answer = "The newer one does not hold all of it: 1 file (3 kB) with other bytes there";
    let answer = answer.replace("newer", "second");
    assert!(one_line(&told.stdout).contains(&answer), "{}", told.stdout);
    assert!(
        one_line(&told.stdout).contains("2 files (3 kB) have other bytes."),
        "{}",
        told.stdout
    );
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let pair = Pair::write(usual().0, usual().0);
    let id = crate::support::file_id(CAMERA, "Media/DCIM/101APPLE/IMG_1001.MOV");
    let payload = pair.new.join(&id[..2]).join(&id);
    fs::set_permissions(&payload, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&payload).is_ok() {
        return; // Root reads everything.
    }
    let mut command = program();
    let told = command.arg("diff").args([&pair.old, &pair.new]);
    let told = told.args(["--level", "contents", "--json", "--now", NOW]);
    let told: Run = told.ended().unwrap().into();
    fs::set_permissions(&payload, fs::Permissions::from_mode(0o644)).unwrap();
    let document: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(told.code, 1, "{told:?}");
    assert_eq!(document["contents"]["unreadable_new"], sums(1, 3000));
    assert_eq!(document["identical"], Value::Null);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_locked_list_is_not_compared() {
    let (old, new) = usual();
    let pair = Pair::write(old.encrypted_with("secret"), new.encrypted_with("secret"));
    let locked = pair.document(&["--list", "--level", "contents"], None);
    assert_eq!(locked["exit_code"], 3);
    assert_eq!(locked["covers"], Value::Null);
    assert_eq!(locked["identical"], Value::Null);
    assert_eq!(locked["groups"], json!([]));
    let why = "its list of files is encrypted, and it was not opened";
    assert_eq!(
        locked["not_compared"],
        json!([{ "which": "old", "why": why }, { "which": "new", "why": why }])
    );
    let told = pair.run(&["--list"]);
    assert_eq!(told.code, 3);
    let command = format!(
        "  bkscan diff --ask-password --list {} {}\n",
        pair.old.display(),
        pair.new.display()
    );
    assert!(told.stdout.ends_with(&command), "{}", told.stdout);
    let wrong = pair.document(&[], Some("another"));
    assert_eq!(wrong["exit_code"], 3);
    assert_eq!(
        wrong["not_compared"][0]["why"],
        "the password is wrong for it"
    );
    let open = pair.document(&["--list", "--level", "contents"], Some("secret"));
    assert_eq!(open["exit_code"], 1);
    // Stored bytes: padded to whole blocks.
    assert_eq!(
        open["groups"][0],
        json!({ "group": "Photos", "only_old": sums(2, 2016 + 3008), "only_new": sums(1, 704),
                "both": sums(1, 4016) })
    );
    assert_eq!(
        open["files"][0]["path"],
        "Media/DCIM/100APPLE/IMG_0002.HEIC"
    );
    let contents = &open["contents"];
    assert_eq!(contents["not_compared"], sums(0, 0));
    // The renamed photo has another key, and the same bytes all the same.
    assert_eq!(contents["same"], sums(2, 4500));
}

/// Without the password, a copy of a locked backup is known by its stored bytes.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_locked_copy_is_true_or_not() {
    let photo = photo("100APPLE/IMG_0001.HEIC", 4000, 1_600_000_000);
    let memo = Row::file(MEMOS, "Recordings/1.m4a", &[3; 500]);
    let open = || older().add(photo.clone()).add(memo.clone());
    let locked = || open().encrypted_with("secret");
    let altered = |at: &str| -> PathBuf {
        let payload = walkdir::WalkDir::new(at).into_iter().find_map(|entry| {
            let path = entry.unwrap().into_path();
            (path.is_file() && path.metadata().unwrap().len() == 4016).then_some(path)
        });
        payload.unwrap()
    };
    type Change<'a> = &'a dyn Fn(&Path, &Path);
    let payload = |of: &Path| altered(of.to_str().unwrap());
    let nothing = || sums(0, 0);
    let true_copy = |covers, identical, code, told| {
        json!([
            code,
            covers,
            identical,
            sums(2, 4528),
            nothing(),
            nothing(),
            told
        ])
    };
    let cases: [(&str, Change<'_>, Value); 10] = [
        (
            "a true copy",
            &|_, _| {},
            true_copy(Some(true), Some(true), 0, 0),
        ),
        (
            "a payload with other bytes",
            &|_, copy| fs::write(payload(copy), [9; 4016]).unwrap(),
            json!([1, false, false, sums(1, 512), sums(1, 4016), nothing(), 2]),
        ),
        (
            "a payload that is missing",
            &|_, copy| fs::remove_file(payload(copy)).unwrap(),
            json!([1, false, false, sums(1, 512), nothing(), sums(1, 4016), 2]),
        ),
        (
            "a payload more",
            &|_, copy| {
                let name = "ff00000000000000000000000000000000000000";
                fs::create_dir_all(copy.join("ff")).unwrap();
                fs::write(copy.join("ff").join(name), [1; 16]).unwrap();
            },
            true_copy(Some(true), Some(false), 0, 0),
        ),
        (
            "another list",
            &|_, copy| {
                let list = copy.join("Manifest.db");
                let mut bytes = fs::read(&list).unwrap();
                bytes[40] ^= 1;
                fs::write(list, bytes).unwrap();
            },
            true_copy(None, None, 3, 2),
        ),
        (
            "another Manifest.plist",
            &|_, copy| {
                let path = copy.join("Manifest.plist");
                let mut plist = plist::Value::from_file(&path).unwrap();
                let plist = plist.as_dictionary_mut().unwrap();
                plist.insert("ManifestKey".into(), plist::Value::Data(vec![4; 44]));
                plist::Value::Dictionary(plist.clone())
                    .to_file_binary(&path)
                    .unwrap();
            },
            true_copy(None, None, 3, 2),
        ),
        (
            "a copy that never finished",
            &|_, copy| fs::remove_file(copy.join("Status.plist")).unwrap(),
            true_copy(None, None, 3, 2),
        ),
        (
            "a payload out of its place, and not in the copy",
            &|old, copy| {
                let own = payload(old);
                fs::rename(&own, old.join(own.file_name().unwrap())).unwrap();
                fs::remove_file(payload(copy)).unwrap();
            },
            json!([3, null, null, sums(1, 512), nothing(), nothing(), 2]),
        ),
        (
            "a payload that is only in a cloud, and not in the copy",
            &|old, copy| {
                let own = payload(old);
                let name = own.file_name().unwrap().to_str().unwrap();
                fs::write(own.with_file_name(format!(".{name}.icloud")), [1; 200]).unwrap();
                fs::remove_file(own).unwrap();
                fs::remove_file(payload(copy)).unwrap();
            },
            json!([3, null, null, sums(1, 512), nothing(), nothing(), 3]),
        ),
        (
            "a folder in place of a payload, and nothing in the copy",
            &|old, copy| {
                let own = payload(old);
                fs::remove_file(&own).unwrap();
                fs::create_dir(own).unwrap();
                fs::remove_file(payload(copy)).unwrap();
            },
            json!([3, null, null, sums(1, 512), nothing(), nothing(), 2]),
        ),
    ];
    for (case, change, expected) in cases {
        let pair = Pair::write(locked(), locked());
        change(&pair.old, &pair.new);
        let document = pair.document(&["--level", "contents"], None);
        let contents = &document["contents"];
        let told = json!([
            document["exit_code"],
            document["covers"],
            document["identical"],
            contents["same"],
            contents["other"],
            contents["missing_new"],
            document["not_compared"].as_array().unwrap().len(),
        ]);
        assert_eq!(told, expected, "{case}");
        if case == "a payload more" {
            let screen = one_line(&pair.run(&["--level", "contents"]).stdout);
            let answer =
                "The second one holds all of it. Read in both: 2 files (5 kB) have the same bytes.";
            assert!(screen.ends_with(answer), "{screen}");
        }
        // Names and lengths alone tell nothing.
        let at_standard = pair.document(&[], None);
        assert_eq!(at_standard["exit_code"], 3, "{case}");
        assert_eq!(at_standard["contents"], Value::Null, "{case}");
    }
    // Two keybags: the stored bytes of one file differ.
    let pair = Pair::write(locked(), open().encrypted_with("other"));
    let document = pair.document(&["--level", "contents"], None);
    assert_eq!(document["exit_code"], 3);
    assert_eq!(document["contents"], Value::Null);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn an_encrypted_backup_is_compared_with_an_open_one() {
    let pair = Pair::write(usual().0.encrypted_with("secret"), usual().0);
    let read = pair.document(&["--level", "contents"], Some("secret"));
    assert_eq!(read["covers"], true);
    assert_eq!(read["contents"]["same"], sums(4, 9500));
    let locked = pair.document(&["--level", "contents"], None);
    assert_eq!(locked["exit_code"], 3);
    assert_eq!(locked["not_compared"].as_array().unwrap().len(), 1);
    // Two phones with two passwords of one file: the one that does not open is told.
    let other = BackupBuilder::new(OTHER).bare().encrypted_with("another");
    let pair = Pair::write(usual().0.encrypted_with("secret"), other);
    let told = pair.document(&[], Some("secret"));
    assert_eq!(told["exit_code"], 3);
    assert_eq!(told["not_compared"][0]["which"], "new");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn eras_and_devices_are_compared() {
    let (old, new) = usual();
    let pair = Pair::write(old.mbdb(), new);
    let document = pair.document(&["--list", "--level", "contents"], None);
    assert_eq!(document["groups"][0]["only_old"], sums(2, 5000));
    assert_eq!(document["groups"][0]["both"], sums(1, 4000));
    assert_eq!(
        document["files"][1]["path"],
        "Media/DCIM/101APPLE/IMG_1001.MOV"
    );
    assert_eq!(document["contents"]["same"], sums(2, 4500));
    let other = BackupBuilder::new(OTHER)
        .bare()
        .device("Ann's iPad", "iPad13,16", None, "17.4", "21E219")
        .date("2026-11-18T10:00:00Z");
    let told = Pair::write(usual().0, other).run(&[]);
    assert!(
        told.stdout
            .starts_with("What the backup of Test iPhone of 12 May 2025 ("),
        "{}",
        told.stdout
    );
    assert!(
        one_line(&told.stdout).contains("Ann's iPad of 18 Nov 2026 ("),
        "{}",
        told.stdout
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn databases_and_apps_are_compared() {
    let kept = |builder: BackupBuilder, notes: usize, messages: usize| {
        builder
            .file(
                "AppDomainGroup-group.com.apple.notes",
                "NoteStore.sqlite",
                &vec![1; notes],
            )
            .file("HomeDomain", "Library/SMS/sms.db", &vec![1; messages])
    };
    let old = kept(older(), 4000, 3000)
        .file("AppDomain-org.example.walk", "a", &vec![1; 12_000_000])
        .file("AppDomain-org.example.draw", "a", &vec![1; 20_000_000])
        .file("AppDomain-org.example.small", "a", &[1; 10]);
    let new = kept(newer(), 1999, 9000)
        .file("AppDomain-org.example.draw", "a", &vec![1; 4_000_000])
        .file("AppDomain-org.example.sing", "a", &vec![1; 2_000_000]);
    let pair = Pair::write(old, new);
    let document = pair.document(&[], None);
    assert_eq!(document["covers"], false);
    let told = document["databases"].as_array().unwrap();
    let of = |name: &str| {
        told.iter()
            .find(|database| database["name"] == name)
            .unwrap()
    };
    assert_eq!(
        *of("Messages"),
        json!({ "name": "Messages", "old_bytes": 3000, "new_bytes": 9000, "held": true })
    );
    assert_eq!(
        *of("Notes"),
        json!({ "name": "Notes", "old_bytes": 4000, "new_bytes": 1999, "held": false })
    );
    let app = |name: &str, bytes: u64| json!({ "name": name, "files": 1, "bytes": bytes });
    assert_eq!(
        document["apps"]["only_old"],
        json!([
            app("org.example.walk", 12_000_000),
            app("org.example.small", 10)
        ])
    );
    assert_eq!(
        document["apps"]["only_new"],
        json!([app("org.example.sing", 2_000_000)])
    );
    assert_eq!(
        document["apps"]["smaller"],
        json!([{ "name": "org.example.draw", "old_bytes": 20_000_000, "new_bytes": 4_000_000,
                 "held": false }])
    );
    let told = pair.run(&[]);
    let answer = "The newer one does not hold all of it: more than half of the database of Notes, \
                  org.example.walk (12.0\nMB) and more than half of org.example.draw.";
    assert!(
        one_line(&told.stdout).contains(&one_line(answer)),
        "{}",
        told.stdout
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_damaged_list_does_not_pass_for_all_of_it() {
    // The rows that can be read are all held; whether there were others nobody knows.
    let mut old = usual().0;
    for number in 0..400 {
        old = old.add(photo(
            &format!("103APPLE/{number:04}.JPG"),
            50,
            1_650_000_000 + number,
        ));
    }
    let pair = Pair::write(old, newer());
    let manifest = pair.old.join("Manifest.db");
    let mut bytes = fs::read(&manifest).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xee);
    let time = fs::metadata(&manifest).unwrap().modified().unwrap();
    fs::write(&manifest, bytes).unwrap();
    let file = fs::File::options().write(true).open(&manifest).unwrap();
    file.set_modified(time).unwrap();
    let lost = pair.document(&[], None);
    // What is lost is lost, whatever else there was.
    assert_eq!(lost["covers"], false, "{lost:#}");
    assert_eq!(lost["not_compared"][0]["which"], "old");
    let copy = pair.world.path().join("copy");
    copy_tree(&pair.old, &copy);
    let twice = Pair { new: copy, ..pair };
    let same = twice.document(&[], None);
    assert_eq!(same["covers"], Value::Null, "{same:#}");
    assert_eq!(same["identical"], Value::Null);
    assert_eq!(same["exit_code"], 3);
    let told = twice.run(&[]);
    let [old, new] = [&twice.old, &twice.new].map(|path| path.display());
    let show = format!(
        "The first one is corrupt:\n  bkscan show {old}\nThe second one is corrupt:\n  bkscan show {new}\n"
    );
    assert!(told.stdout.ends_with(&show), "{}", told.stdout);
}

fn copy_tree(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let place = to.join(entry.path().strip_prefix(from).unwrap());
        match entry.file_type().is_dir() {
            true => fs::create_dir(&place).unwrap(),
            false => {
                fs::copy(entry.path(), &place).unwrap();
                let time = entry.metadata().unwrap().modified().unwrap();
                let file = fs::File::options().write(true).open(&place).unwrap();
                file.set_modified(time).unwrap();
            }
        }
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn nothing_personal_is_told_where_it_is_redacted() {
    let named =
        |builder: BackupBuilder| builder.device("Kitchen", "iPhone16,1", None, "18.5", "22F76");
    let (old, new) = usual();
    let pair = Pair::write(named(old), named(new));
    let root = pair.world.path().to_str().unwrap();
    for args in [
        &["--list"][..],
        &["--list", "--json"],
        &["--quiet"],
        &["--json"],
    ] {
        let told = pair.run(&[args, &["--redact"]].concat());
        assert_eq!(told.code, 1);
        let all = told.stdout + &told.stderr;
        assert!(
            args.contains(&"--json") || all.contains("device-1"),
            "{all}"
        );
        for word in ["Kitchen", UDID, root, "IMG_", "100APPLE"] {
            assert!(!all.contains(word), "{word} in {args:?}: {all}");
        }
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_is_no_pair_is_refused() {
    let (old, new) = usual();
    let pair = Pair::write(old, new);
    let [old, new] = [&pair.old, &pair.new].map(|path| path.to_str().unwrap());
    let link = pair.world.path().join("link");
    #[cfg(unix)]
    std::os::unix::fs::symlink(old, &link).unwrap();
    #[cfg(not(unix))]
    fs::create_dir(&link).unwrap();
    let none = pair.world.path().join("none");
    let none = none.to_str().unwrap();
    for (words, code, said) in [
        (
            &[old][..],
            64,
            format!("diff takes two backups, OLD and NEW; only one is named: {old}"),
        ),
        (
            &[old, new, old],
            64,
            format!("diff takes two backups, OLD and NEW: {old}, {new}, {old}"),
        ),
        (
            &[old, old],
            64,
            format!("both words mean the same backup: name two different ones ({old})"),
        ),
        (
            &[old, new, "--keep-last", "2"],
            64,
            "--keep-last does not go with bkscan diff; nothing was done".to_owned(),
        ),
        (
            &[old, new, "--no-state"],
            64,
            "--no-state does not go with bkscan diff; nothing was done".to_owned(),
        ),
    ] {
        let told = run([&["diff"], words].concat());
        assert_eq!(
            (told.code, told.stdout.as_str()),
            (code, ""),
            "{words:?}: {told:?}"
        );
        assert_eq!(told.stderr, format!("bkscan: {said}\n"));
    }
    let missing = run(["diff", old, none]);
    assert_eq!(
        (missing.code, missing.stdout.as_str()),
        (3, ""),
        "{missing:?}"
    );
    assert!(missing.stderr.contains(none), "{missing:?}");
    let misplaced = run(["show", "--list", old]);
    assert_eq!(
        misplaced.stderr,
        "bkscan: --list goes with bkscan diff; nothing was done\n"
    );
    assert_eq!(run(["diff"]).code, 64);
    if cfg!(unix) {
        let twice = run(["diff", old, link.to_str().unwrap()]);
        assert_eq!(twice.code, 64, "{twice:?}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn spaces_need_no_quotes() {
    let world = tempfile::tempdir().unwrap();
    let root = world.path().join("Application Support");
    let (old, new) = usual();
    old.folder_name("the old one").write(&root);
    new.folder_name("the new one").write(&root);
    let mut command = program();
    command.current_dir(world.path()).arg("diff");
    command.args(["Application", "Support/the", "old", "one"]);
    command.args(["Application", "Support/the", "new", "one", "--now", NOW]);
    let told: Run = command.ended().unwrap().into();
    assert_eq!(told.code, 1, "{told:?}");
    let list = "  bkscan diff --list 'Application Support/the old one' 'Application Support/the new one'\n";
    assert!(told.stdout.ends_with(list), "{}", told.stdout);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn help_shows_its_own_options_and_none_that_it_refuses() {
    let help = run(["diff", "-h"]).stdout;
    let options: Vec<&str> = help
        .lines()
        .filter_map(|line| line.trim_start().split_once("--"))
        .filter(|(before, _)| before.is_empty() || before.starts_with('-'))
        .map(|(_, rest)| rest.split([' ', '.']).next().unwrap())
        .collect();
    assert_eq!(
        options,
        [
            "list",
            "json",
            "level",
            "now",
            "threads",
            "quiet",
            "color",
            "redact",
            "help",
            "ask-password",
            "password-file",
            "password-command",
            "config",
        ]
    );
}

/// Payloads of which no row says what they are, and which are not in the newer one, may be anything.
#[test]
fn files_that_no_list_names_are_not_held() {
    let nameless = |path: &str| {
        let row = Row::file("HomeDomain", path, b"").null_names();
        row.stored(vec![7; 5_000_000])
    };
    let unlisted = "1a/1a00000000000000000000000000000000000001";
    let large = || vec![7; 10_000_000];
    let [older, newer] = [older, newer].map(|made| move || made().file("HomeDomain", "x", b"x"));
    for (case, old, new, code) in [
        (
            "a row without a name",
            older().add(nameless("a")).add(nameless("b")),
            newer(),
            1,
        ),
        (
            "too small to matter",
            older().add(nameless("a")),
            newer(),
            0,
        ),
        ("no row at all", older().raw(unlisted, large()), newer(), 1),
        (
            "there, too",
            older().raw(unlisted, large()),
            newer().raw(unlisted, large()),
            0,
        ),
    ] {
        let pair = Pair::write(old, new);
        let document = pair.document(&[], None);
        assert_eq!(document["exit_code"], code, "{case}");
        assert_eq!(document["covers"], code == 0, "{case}");
        let told = pair.run(&[]).stdout;
        let is_told = one_line(&told)
            .contains("(10.0 MB) that no file list names are not all in the other one");
        assert_eq!(is_told, code == 1, "{case}: {told}");
        // `clean` says the same.
        let clean = run([
            "clean",
            pair.world.path().to_str().unwrap(),
            "--now",
            NOW,
            "--json",
        ]);
        let plan: Value = serde_json::from_str(&clean.stdout).unwrap();
        let goes = plan["summary"]["removable"]["backups"]
            .as_array()
            .unwrap()
            .len();
        assert_eq!(goes, usize::from(code == 0), "{case}");
    }
}
