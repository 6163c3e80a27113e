//! What is told of two backups, in the document and on the screen.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Pair, UDID, newer, older, one_line};
use crate::harness::{Ended as _, NOW, Run, program, run};
use crate::support::{BackupBuilder, Row, damaged_database, database, empty_folder, file_id};

const OTHER: &str = "00008030-001122334455667A";
const CAMERA: &str = "CameraRollDomain";
const MEMOS: &str = "AppDomainGroup-group.com.apple.VoiceMemos.shared";
const CONTENTS: [&str; 2] = ["--level", "contents"];

/// A photo that was born and changed at this time.
fn photo(name: &str, len: usize, time: i64) -> Row {
    let row = Row::file(CAMERA, &format!("Media/DCIM/{name}"), &vec![7; len]);
    row.born(time).modified(time)
}

fn memo() -> Row {
    Row::file(MEMOS, "Recordings/1.m4a", &[3; 500])
}

/// Two photos are lost, one is renamed, one is new; a memo is as it was.
fn usual() -> (BackupBuilder, BackupBuilder) {
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

fn usual_pair() -> Pair {
    let (old, new) = usual();
    Pair::write(old, new)
}

fn sums(files: u64, bytes: u64) -> Value {
    json!({ "files": files, "bytes": bytes })
}

/// The exit code, and whether the other one holds all and is the same.
fn answer(document: &Value) -> Value {
    json!([
        document["exit_code"],
        document["covers"],
        document["identical"]
    ])
}

fn assert_ends(run: &Run, end: &str) {
    assert!(run.stdout.ends_with(end), "{}", run.stdout);
}

/// Wherever the lines end.
fn assert_says(run: &Run, words: &str) {
    let stdout = one_line(&run.stdout);
    assert!(stdout.contains(words), "{stdout}");
}

#[test]
fn groups_and_files_are_told() {
    let pair = usual_pair();
    let document = pair.document(&["--list"], None);
    assert_eq!(answer(&document), json!([1, false, false]));
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
    let (photo, video) = ("100APPLE/IMG_0002.HEIC", "101APPLE/IMG_1001.MOV");
    let files = [
        file("only-old", photo, 2000, "2020-09-13T12:28:20Z"),
        file("only-old", video, 3000, "2020-09-13T12:30:00Z"),
        file("only-new", photo, 700, "2023-11-14T22:15:00Z"),
    ];
    assert_eq!(document["files"], json!(files));
    assert_eq!(document["not_compared"], json!([]));
    let old = &document["old"];
    assert_eq!(old["path"], pair.old.to_str().unwrap());
    assert_eq!(old["udid"], UDID);
    assert_eq!(old["name"], "Test iPhone");
    assert_eq!(old["at"], "2025-05-12T10:00:00Z");
    assert_eq!(old["verdict"], "complete");
    // Without --list there are no names.
    assert_eq!(pair.document(&[], None).get("files"), None);
    // On the screen photos are told by folder.
    let listed = pair.run(&["--list"]);
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
    assert_ends(&listed, names);
}

#[test]
fn the_exit_code_is_the_answer() {
    let pair = usual_pair();
    let quiet = pair.run(&["--quiet"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (1, ""));
    let last = quiet.stdout.lines().last();
    let told = "The newer one does not hold all of it: 2 photos and videos (5 kB).";
    assert_eq!(last, Some(told), "{}", quiet.stdout);
    // The other way round the renamed photo is held, the new one is not.
    let (old, new) = (pair.new.clone(), pair.old.clone());
    let back = Pair { old, new, ..pair }.run(&[]);
    assert_eq!(back.code, 1);
    let told = "The second one does not hold all of it: 1 photo or video (700 bytes).";
    assert!(back.stdout.contains(told), "{}", back.stdout);
    let more = photo("102APPLE/IMG_2.HEIC", 9, 1_700_000_000);
    let more = usual().0.date("2026-11-18T10:00:00Z").add(more);
    let pair = Pair::write(usual().0, more);
    let quiet = pair.run(&["--quiet"]);
    let told = (quiet.code, quiet.stdout.as_str(), quiet.stderr.as_str());
    assert_eq!(told, (0, "", ""));
    let told = pair.run(&[]).stdout;
    let all = "\nThe newer one holds all of it.\n";
    assert!(told.contains(all), "{told}");
    let document = pair.document(&[], None);
    assert_eq!(answer(&document), json!([0, true, false]));
}

/// What shrank or is gone without counting is told in the words of the plan, and nothing is called all.
#[test]
fn what_does_not_count_is_told_all_the_same() {
    let with = |films: usize, diary: usize, day: &str| {
        let (builder, films) = (usual().0, vec![7; films]);
        let builder = builder.date(&format!("{day}T10:00:00Z"));
        let builder = builder.file("MediaDomain", "Media/Purchases/film.m4v", &films);
        match diary {
            0 => builder,
            bytes => builder.file(
                "AppDomain-com.example.diary",
                "Documents/diary.txt",
                &vec![8; bytes],
            ),
        }
    };
    let pair = Pair::write(
        with(3_000_000, 900_000, "2025-05-12"),
        with(1_000_000, 0, "2026-11-18"),
    );
    let told = "The newer one holds all of it but for 2.0 MB of media, such as music and films and \
                com.example.diary (900 kB).";
    let run = pair.run(&[]);
    assert_eq!(run.code, 0);
    assert!(one_line(&run.stdout).contains(told), "{}", run.stdout);
    let redacted = pair.run(&["--redact"]).stdout;
    assert!(!redacted.contains("diary"), "{redacted}");
}

#[test]
fn a_copy_is_the_same() {
    let pair = Pair::write(usual().0, usual().0);
    let document = pair.document(&[], None);
    assert_eq!(answer(&document), json!([0, true, true]));
    let told = pair.run(&[]);
    assert_eq!(told.code, 0);
    let head = "Test iPhone: what the backup of 12 May 2025, 10:00 in old (";
    assert!(told.stdout.starts_with(head), "{}", told.stdout);
    assert_ends(
        &told,
        "Both hold the same: the same files, each of the same length.\n",
    );
    let read = pair.run(&CONTENTS);
    assert_eq!(read.code, 0);
    let told = "Both hold the same, byte for byte.\n\n\
                Read in both: 4 files (10 kB) have the same bytes.\n";
    assert_ends(&read, told);
}

#[test]
fn other_bytes_are_seen_where_payloads_are_read() {
    let row = |bytes: &[u8]| Row::file("HomeDomain", "Library/a.plist", bytes);
    let video = "Media/DCIM/101APPLE/IMG_1001.MOV";
    let new = usual().0.add(row(b"two"));
    let new = new.flip_in_payload(CAMERA, video, 2999);
    let pair = Pair::write(usual().0.add(row(b"one")), new);
    let lengths = pair.document(&[], None);
    assert_eq!(lengths["covers"], true);
    assert_eq!(lengths.get("contents"), None);
    let read = pair.document(&["--level", "contents", "--list"], None);
    assert_eq!(answer(&read), json!([1, false, false]));
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
    let files = [
        file("Photos".into(), CAMERA, video, 3000),
        file(Value::Null, "HomeDomain", "Library/a.plist", 3),
    ];
    assert_eq!(read["files"], json!(files));
    let told = pair.run(&CONTENTS);
    assert_says(
        &told,
        "The second one does not hold all of it: 1 file (3 kB) with other bytes there",
    );
    assert_says(&told, "2 files (3 kB) have other bytes.");
}

/// It takes no time: a hole is the same all over.
#[cfg(unix)]
#[test]
fn a_terabyte_of_holes_is_compared_to_its_end() {
    use std::os::unix::fs::{FileExt as _, MetadataExt as _};

    const LENGTH: u64 = 1 << 40;
    let video = "Media/DCIM/101APPLE/IMG_1001.MOV";
    for password in [None, Some("secret")] {
        let seal = |builder: BackupBuilder| match password {
            Some(password) => builder.encrypted_with(password),
            None => builder,
        };
        let row = || photo("101APPLE/IMG_1001.MOV", 3000, 1_600_000_200).size(1 << 40);
        let hollow = || seal(usual().0.add(row())).payload_length(CAMERA, video, LENGTH);
        for (other_at, same, other) in [
            (None, sums(4, 6500 + LENGTH), sums(0, 0)),
            (Some(LENGTH / 2), sums(3, 6500), sums(1, LENGTH)),
            (Some(LENGTH - 5000), sums(3, 6500), sums(1, LENGTH)),
        ] {
            let pair = Pair::write(hollow(), hollow());
            let id = file_id(CAMERA, video);
            let payload = pair.new.join(&id[..2]).join(&id);
            let payload = fs::File::options().write(true).open(payload).unwrap();
            if payload.metadata().unwrap().blocks() * 512 > LENGTH / 2 {
                return; // No holes here: it would be read for hours.
            }
            if let Some(at) = other_at {
                payload.write_all_at(b"x", at).unwrap();
            }
            let read = pair.document(&CONTENTS, password);
            let told = [&read["contents"]["same"], &read["contents"]["other"]];
            assert_eq!(told, [&same, &other], "{password:?} {other_at:?}");
        }
    }
}

#[test]
fn a_database_with_faults_inside_is_not_held() {
    const CHATS: (&str, &str) = ("HomeDomain", "Library/SMS/sms.db");
    let with = |builder: BackupBuilder, bytes: &[u8]| builder.file(CHATS.0, CHATS.1, bytes);
    let sealed = |builder: BackupBuilder| builder.encrypted_with("Zq7 torn");
    let zeros = vec![0; database().len()];
    let sound = || with(older(), &database());
    let cases = [
        (
            "sound",
            sound(),
            with(newer(), &database()),
            json!([0, true]),
        ),
        ("zeros", sound(), with(newer(), &zeros), json!([1, false])),
        (
            "torn",
            sealed(sound()),
            sealed(with(newer(), &damaged_database())),
            json!([1, false]),
        ),
        (
            "in both",
            with(older(), &zeros),
            with(newer(), &zeros),
            json!([0, true]),
        ),
    ];
    for (case, old, new, expected) in cases {
        let pair = Pair::write(old, new);
        let document = pair.document(&CONTENTS, Some("Zq7 torn"));
        assert_eq!(
            json!([document["exit_code"], document["covers"]]),
            expected,
            "{case}"
        );
        let held = &document["databases"][0]["held"];
        assert_eq!(*held, expected[1], "{case}");
    }
    let pair = Pair::write(sound(), with(newer(), &zeros));
    assert_says(
        &pair.run(&CONTENTS),
        "The newer one does not hold all of it: the database of Messages, which has faults inside there, or \
         cannot be read.",
    );
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let pair = Pair::write(usual().0, usual().0);
    let id = file_id(CAMERA, "Media/DCIM/101APPLE/IMG_1001.MOV");
    let payload = pair.new.join(&id[..2]).join(&id);
    let set_mode = |mode| fs::set_permissions(&payload, fs::Permissions::from_mode(mode)).unwrap();
    set_mode(0o000);
    if fs::File::open(&payload).is_ok() {
        return; // Root reads everything.
    }
    let mut command = program();
    command.arg("diff").args([&pair.old, &pair.new]);
    command.args(CONTENTS).args(["--json", "--now", NOW]);
    let told: Run = command.ended().unwrap().into();
    set_mode(0o644);
    let document: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(told.code, 1, "{told:?}");
    assert_eq!(document["contents"]["unreadable_new"], sums(1, 3000));
    assert_eq!(document["identical"], Value::Null);
}

#[test]
fn a_locked_list_is_not_compared() {
    let (old, new) = usual();
    let pair = Pair::write(old.encrypted_with("secret"), new.encrypted_with("secret"));
    let locked = pair.document(&["--list", "--level", "contents"], None);
    assert_eq!(answer(&locked), json!([3, null, null]));
    assert_eq!(locked["groups"], json!([]));
    let why = "its list of files is encrypted, and it was not opened";
    let both = json!([{ "which": "old", "why": why }, { "which": "new", "why": why }]);
    assert_eq!(locked["not_compared"], both);
    let told = pair.run(&["--list"]);
    assert_eq!(told.code, 3);
    let [old, new] = [&pair.old, &pair.new].map(|path| path.display());
    assert_ends(
        &told,
        &format!("  bkscan diff --ask-password --list {old} {new}\n"),
    );
    let wrong = pair.document(&[], Some("another"));
    assert_eq!(wrong["exit_code"], 3);
    let why = &wrong["not_compared"][0]["why"];
    assert_eq!(why, "the password is wrong for it");
    let open = pair.document(&["--list", "--level", "contents"], Some("secret"));
    assert_eq!(open["exit_code"], 1);
    // Stored bytes: padded to whole blocks.
    let photos = json!({ "group": "Photos", "only_old": sums(2, 2016 + 3008), "only_new": sums(1, 704),
                         "both": sums(1, 4016) });
    assert_eq!(open["groups"][0], photos);
    let path = &open["files"][0]["path"];
    assert_eq!(path, "Media/DCIM/100APPLE/IMG_0002.HEIC");
    assert_eq!(open["contents"]["not_compared"], sums(0, 0));
    // The renamed photo has another key, and the same bytes all the same.
    assert_eq!(open["contents"]["same"], sums(2, 4500));
}

/// A backup of a photo and a memo, to be locked.
fn two_files() -> BackupBuilder {
    let photo = photo("100APPLE/IMG_0001.HEIC", 4000, 1_600_000_000);
    older().add(photo).add(memo())
}

/// Compares a locked backup with its copy after a change. Expected: the answer; files and bytes that are the
/// same, others and missing; and how many things were not compared.
fn judge(case: &str, expected: Value, change: impl Fn(&Path, &Path)) -> Pair {
    let locked = || two_files().encrypted_with("secret");
    let pair = Pair::write(locked(), locked());
    change(&pair.old, &pair.new);
    let document = pair.document(&CONTENTS, None);
    let sum = |name: &str| {
        let sum = &document["contents"][name];
        json!([sum["files"], sum["bytes"]])
    };
    let told = json!([
        answer(&document),
        [sum("same"), sum("other"), sum("missing_new")],
        document["not_compared"].as_array().unwrap().len(),
    ]);
    assert_eq!(told, expected, "{case}");
    // Names and lengths alone tell nothing.
    let at_standard = pair.document(&[], None);
    assert_eq!(at_standard["exit_code"], 3, "{case}");
    assert_eq!(at_standard["contents"], Value::Null, "{case}");
    pair
}

/// Without the password, a copy of a locked backup is known by its stored bytes.
#[test]
fn a_locked_copy_is_true_or_not() {
    /// The place of the photo, by its stored length.
    fn payload(backup: &Path) -> PathBuf {
        let mut files = walkdir::WalkDir::new(backup).into_iter().flatten();
        let is_photo = |path: &Path| path.is_file() && path.metadata().unwrap().len() == 4016;
        let file = files.find(|entry| is_photo(entry.path()));
        file.unwrap().into_path()
    }
    let same = [[2, 4528], [0, 0], [0, 0]];
    let unknown = json!([[3, null, null], same, 2]);
    judge("a true copy", json!([[0, true, true], same, 0]), |_, _| {});
    let expected = json!([[1, false, false], [[1, 512], [1, 4016], [0, 0]], 2]);
    judge("a payload with other bytes", expected, |_, copy| {
        fs::write(payload(copy), [9; 4016]).unwrap();
    });
    let expected = json!([[1, false, false], [[1, 512], [0, 0], [1, 4016]], 2]);
    judge("a payload that is missing", expected, |_, copy| {
        fs::remove_file(payload(copy)).unwrap();
    });
    let expected = json!([[0, true, false], same, 0]);
    let pair = judge("a payload more", expected, |_, copy| {
        let name = "ff00000000000000000000000000000000000000";
        fs::create_dir_all(copy.join("ff")).unwrap();
        fs::write(copy.join("ff").join(name), [1; 16]).unwrap();
    });
    let told = "The second one holds all of it. Read in both: 2 files (5 kB) have the same bytes.";
    let screen = one_line(&pair.run(&CONTENTS).stdout);
    assert!(screen.ends_with(told), "{screen}");
    judge("another list", unknown.clone(), |_, copy| {
        let list = copy.join("Manifest.db");
        let mut bytes = fs::read(&list).unwrap();
        bytes[40] ^= 1;
        fs::write(list, bytes).unwrap();
    });
    judge("another Manifest.plist", unknown.clone(), |_, copy| {
        let path = copy.join("Manifest.plist");
        let mut plist = plist::Value::from_file(&path).unwrap();
        let key = plist::Value::Data(vec![4; 44]);
        let list = plist.as_dictionary_mut().unwrap();
        list.insert("ManifestKey".into(), key);
        plist.to_file_binary(&path).unwrap();
    });
    judge("a copy that never finished", unknown, |_, copy| {
        fs::remove_file(copy.join("Status.plist")).unwrap();
    });
    // In these the copy has no such payload at all.
    let gone = |told| json!([[3, null, null], [[1, 512], [0, 0], [0, 0]], told]);
    judge("a payload out of its place", gone(2), |old, copy| {
        let own = payload(old);
        fs::rename(&own, old.join(own.file_name().unwrap())).unwrap();
        fs::remove_file(payload(copy)).unwrap();
    });
    judge("a payload that is only in a cloud", gone(3), |old, copy| {
        let own = payload(old);
        let name = own.file_name().unwrap().to_str().unwrap();
        fs::write(own.with_file_name(format!(".{name}.icloud")), [1; 200]).unwrap();
        fs::remove_file(own).unwrap();
        fs::remove_file(payload(copy)).unwrap();
    });
    judge("a folder in place of a payload", gone(2), |old, copy| {
        let own = payload(old);
        fs::remove_file(&own).unwrap();
        fs::create_dir(own).unwrap();
        fs::remove_file(payload(copy)).unwrap();
    });
    // Two keybags: the stored bytes of one file differ.
    let [old, new] = ["secret", "other"].map(|word| two_files().encrypted_with(word));
    let document = Pair::write(old, new).document(&CONTENTS, None);
    assert_eq!(document["exit_code"], 3);
    assert_eq!(document["contents"], Value::Null);
}

#[test]
fn an_encrypted_backup_is_compared_with_an_open_one() {
    let pair = Pair::write(usual().0.encrypted_with("secret"), usual().0);
    let read = pair.document(&CONTENTS, Some("secret"));
    assert_eq!(read["covers"], true);
    assert_eq!(read["contents"]["same"], sums(4, 9500));
    let locked = pair.document(&CONTENTS, None);
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
fn eras_and_devices_are_compared() {
    let (old, new) = usual();
    let pair = Pair::write(old.mbdb(), new);
    let document = pair.document(&["--list", "--level", "contents"], None);
    let photos = &document["groups"][0];
    assert_eq!(photos["only_old"], sums(2, 5000));
    assert_eq!(photos["both"], sums(1, 4000));
    let path = &document["files"][1]["path"];
    assert_eq!(path, "Media/DCIM/101APPLE/IMG_1001.MOV");
    assert_eq!(document["contents"]["same"], sums(2, 4500));
    let other = BackupBuilder::new(OTHER).bare();
    let other = other.device("Ann's iPad", "iPad13,16", None, "17.4", "21E219");
    let other = other.date("2026-11-18T10:00:00Z");
    let told = Pair::write(usual().0, other).run(&[]);
    let head = "What the backup of Test iPhone of 12 May 2025 (";
    assert!(told.stdout.starts_with(head), "{}", told.stdout);
    assert_says(&told, "Ann's iPad of 18 Nov 2026 (");
}

#[test]
fn databases_and_apps_are_compared() {
    let kept = |builder: BackupBuilder, notes: usize, messages: usize| {
        let domain = "AppDomainGroup-group.com.apple.notes";
        builder
            .file(domain, "NoteStore.sqlite", &vec![1; notes])
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
    for (name, old, new, held) in [("Messages", 3000, 9000, true), ("Notes", 4000, 1999, false)] {
        let mut databases = document["databases"].as_array().unwrap().iter();
        let told = databases.find(|database| database["name"] == name).unwrap();
        let expected = json!({ "name": name, "old_bytes": old, "new_bytes": new, "held": held });
        assert_eq!(*told, expected);
    }
    let app = |name: &str, bytes: u64| json!({ "name": name, "files": 1, "bytes": bytes });
    let walk = app("org.example.walk", 12_000_000);
    let apps = &document["apps"];
    assert_eq!(
        apps["only_old"],
        json!([walk, app("org.example.small", 10)])
    );
    assert_eq!(
        apps["only_new"],
        json!([app("org.example.sing", 2_000_000)])
    );
    let draw = json!({ "name": "org.example.draw", "old_bytes": 20_000_000, "new_bytes": 4_000_000,
                       "held": false });
    assert_eq!(apps["smaller"], json!([draw]));
    assert_says(
        &pair.run(&[]),
        "The newer one does not hold all of it: most of Notes, most of org.example.draw (16.0 MB) and \
         org.example.walk (12.0 MB). Less there, too: org.example.small (10 bytes).",
    );
}

#[test]
fn a_damaged_list_does_not_pass_for_all_of_it() {
    // The rows that can be read are all held; whether there were others nobody knows.
    let old = (0..400).fold(usual().0, |old, number| {
        let name = format!("103APPLE/{number:04}.JPG");
        old.add(photo(&name, 50, 1_650_000_000 + number))
    });
    let pair = Pair::write(old, newer());
    let manifest = pair.old.join("Manifest.db");
    let mut bytes = fs::read(&manifest).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xee);
    let time = fs::metadata(&manifest).unwrap().modified().unwrap();
    fs::write(&manifest, bytes).unwrap();
    set_modified(&manifest, time);
    let lost = pair.document(&[], None);
    // What is lost is lost, whatever else there was.
    assert_eq!(lost["covers"], false, "{lost:#}");
    assert_eq!(lost["not_compared"][0]["which"], "old");
    let copy = pair.world.path().join("copy");
    copy_tree(&pair.old, &copy);
    let twice = Pair { new: copy, ..pair };
    let same = twice.document(&[], None);
    assert_eq!(answer(&same), json!([3, null, null]), "{same:#}");
    let [old, new] = [&twice.old, &twice.new].map(|path| path.display());
    let show = format!(
        "The first one is corrupt:\n  bkscan show {old}\nThe second one is corrupt:\n  bkscan show {new}\n"
    );
    assert_ends(&twice.run(&[]), &show);
}

fn set_modified(path: &Path, time: std::time::SystemTime) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

fn copy_tree(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let place = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir(&place).unwrap();
        } else {
            fs::copy(entry.path(), &place).unwrap();
            set_modified(&place, entry.metadata().unwrap().modified().unwrap());
        }
    }
}

#[test]
fn nothing_personal_is_told_where_it_is_redacted() {
    let named =
        |builder: BackupBuilder| builder.device("Kitchen", "iPhone16,1", None, "18.5", "22F76");
    let (old, new) = usual();
    let pair = Pair::write(named(old), named(new));
    let root = pair.world.path().to_str().unwrap();
    for args in ["--list", "--list --json", "--quiet", "--json"] {
        let words: Vec<&str> = args.split(' ').chain(["--redact"]).collect();
        let told = pair.run(&words);
        assert_eq!(told.code, 1);
        let all = told.stdout + &told.stderr;
        assert!(args.contains("--json") || all.contains("device-1"), "{all}");
        for word in ["Kitchen", UDID, root, "IMG_", "100APPLE"] {
            assert!(!all.contains(word), "{word} in {args}: {all}");
        }
    }
}

#[test]
fn what_is_no_pair_is_refused() {
    let pair = usual_pair();
    let [old, new] = [&pair.old, &pair.new].map(|path| path.to_str().unwrap());
    let one = format!("diff takes two backups, OLD and NEW; only one is named: {old}");
    let three = format!("diff takes two backups, OLD and NEW: {old}, {new}, {old}");
    let same = format!("both words mean the same backup: name two different ones ({old})");
    let refused = |word| format!("{word} does not go with bkscan diff; nothing was done");
    for (words, said) in [
        (&[old][..], one),
        (&[old, new, old], three),
        (&[old, old], same),
        (&[old, new, "--keep-last", "2"], refused("--keep-last")),
        (&[old, new, "--no-state"], refused("--no-state")),
    ] {
        let told = run([&["diff"], words].concat());
        let told = (told.code, told.stdout.as_str(), told.stderr);
        assert_eq!(told, (64, "", format!("bkscan: {said}\n")), "{words:?}");
    }
    let none = pair.world.path().join("none");
    let none = none.to_str().unwrap();
    let told = run(["diff", old, none]);
    assert_eq!((told.code, told.stdout.as_str()), (3, ""), "{told:?}");
    assert!(told.stderr.contains(none), "{told:?}");
    let misplaced = run(["show", "--list", old]);
    let said = "bkscan: --list goes with bkscan diff; nothing was done\n";
    assert_eq!(misplaced.stderr, said);
    assert_eq!(run(["diff"]).code, 64);
    #[cfg(unix)]
    {
        let link = pair.world.path().join("link");
        std::os::unix::fs::symlink(old, &link).unwrap();
        let twice = run(["diff", old, link.to_str().unwrap()]);
        assert_eq!(twice.code, 64, "{twice:?}");
    }
}

#[test]
fn spaces_need_no_quotes() {
    let world = empty_folder();
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
    assert_ends(&told, list);
}

#[test]
fn help_shows_its_own_options_and_none_that_it_refuses() {
    let help = run(["diff", "-h"]).stdout;
    let options = help.lines().filter_map(|line| {
        let (before, rest) = line.trim_start().split_once("--")?;
        let is_option = before.is_empty() || before.starts_with('-');
        is_option.then(|| rest.split([' ', '.']).next().unwrap())
    });
    assert_eq!(
        options.collect::<Vec<_>>().join(" "),
        "list json level now threads quiet color redact config help ask-password password-file \
         password-command"
    );
}
