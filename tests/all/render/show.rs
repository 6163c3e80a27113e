//! `show`, `explain`, `--redact`, and what a scan says of storage and decisions.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::harness::{Ended as _, NOW, Run, only_backup, program, run, scan};
use crate::support::{BackupBuilder, Row};

const UDID: &str = "00008130-000A1C2E3F40801E";
const OTHER: &str = "00008030-001122334455667A";

/// The groups of a backup: name, files, bytes.
fn storage(backup: &Value) -> Vec<(String, u64, u64)> {
    let groups = backup["storage"].as_array().unwrap().iter();
    groups
        .map(|group| {
            let number = |key: &str| group[key].as_u64().unwrap();
            (
                group["group"].as_str().unwrap().to_owned(),
                number("files"),
                number("bytes"),
            )
        })
        .collect()
}

/// Bytes of all files in the shard folders, and how many they are.
fn payloads(backup: &Path) -> (u64, u64) {
    let mut sum = (0, 0);
    for entry in walkdir::WalkDir::new(backup).min_depth(2) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            sum = (sum.0 + 1, sum.1 + entry.metadata().unwrap().len());
        }
    }
    sum
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn storage_adds_up_exactly_with_what_is_not_listed() {
    let world = tempfile::tempdir().unwrap();
    let backup = BackupBuilder::new(UDID)
        .info(|info| {
            let metadata = plist::Value::Dictionary(
                [("itemName".to_owned(), plist::Value::from("Notes of Mine"))]
                    .into_iter()
                    .collect(),
            );
            let mut bytes = Vec::new();
            metadata.to_writer_xml(&mut bytes).unwrap();
            let app = [("iTunesMetadata".to_owned(), plist::Value::Data(bytes))];
            let app = plist::Value::Dictionary(app.into_iter().collect());
            let apps = [("org.example.notes".to_owned(), app)]
                .into_iter()
                .collect();
            info.insert("Applications".to_owned(), plist::Value::Dictionary(apps));
        })
        .add(Row::file("AppDomain-org.example.notes", "a", &[1; 300]))
        .add(Row::file(
            "AppDomainGroup-group.org.example.notes",
            "b",
            &[1; 40],
        ))
        .add(Row::file(
            "AppDomainPlugin-org.example.notes.share",
            "c",
            &[1; 5],
        ))
        .add(Row::file("MediaDomain", "Media/Recordings/1.m4a", &[1; 70]))
        .raw("00/0000000000000000000000000000000000000000", vec![1; 99])
        .raw("01/0000000000000000000000000000000000000000", vec![1; 1000])
        .write(world.path());
    let document = scan(world.path(), &[]);
    let groups = storage(only_backup(&document));
    let sum = groups
        .iter()
        .fold((0, 0), |sum, group| (sum.0 + group.1, sum.1 + group.2));
    assert_eq!(sum, payloads(&backup));
    let by_name: BTreeMap<&str, (u64, u64)> = groups
        .iter()
        .map(|(name, files, bytes)| (name.as_str(), (*files, *bytes)))
        .collect();
    assert_eq!(by_name["Notes of Mine"], (3, 345));
    assert_eq!(by_name["Voice Memos"], (1, 70));
    assert_eq!(by_name["Not listed"], (2, 1099));
    for name in ["Photos", "Messages", "WhatsApp", "System & settings"] {
        assert!(by_name.contains_key(name), "{groups:?}");
    }
    assert!(
        groups.windows(2).all(|pair| pair[0].2 >= pair[1].2),
        "largest first: {groups:?}"
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_locked_backup_is_one_group() {
    let world = tempfile::tempdir().unwrap();
    let backup = BackupBuilder::new(UDID).encrypted().write(world.path());
    let document = scan(world.path(), &[]);
    let (files, bytes) = payloads(&backup);
    assert_eq!(
        storage(only_backup(&document)),
        [("Encrypted".to_owned(), files, bytes)]
    );
}

/// A phone with a newer and an older backup, and another phone long not seen.
fn three(world: &Path) {
    let backup = world.join("MobileSync").join("Backup");
    let device = |builder: BackupBuilder| {
        builder.device("Kitchen's iPhone", "iPhone16,1", None, "18.5", "22F76")
    };
    device(BackupBuilder::new(UDID))
        .date("2026-11-20T08:00:00Z")
        .write(&backup);
    device(BackupBuilder::new(UDID))
        .folder_name("old one")
        .date("2025-06-14T08:00:00Z")
        .remove_payload("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0003.MOV")
        .write(&backup);
    device(BackupBuilder::new(UDID))
        .folder_name("older")
        .date("2024-06-14T08:00:00Z")
        .write(&backup);
    BackupBuilder::new(OTHER)
        .device("Old phone", "iPhone12,1", None, "17.4", "21E219")
        .date("2023-09-22T08:00:00Z")
        .write(&backup);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn decisions_are_told_with_their_reasons() {
    let world = tempfile::tempdir().unwrap();
    three(world.path());
    let document = scan(world.path(), &[]);
    let told: BTreeMap<String, String> = document["backups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|backup| {
            let name = backup["path"]
                .as_str()
                .unwrap()
                .rsplit(['/', '\\'])
                .next()
                .unwrap();
            let decision = &backup["decision"];
            let codes: Vec<&str> = decision["reasons"]
                .as_array()
                .unwrap()
                .iter()
                .map(|reason| reason["code"].as_str().unwrap())
                .collect();
            let action = decision["action"].as_str().unwrap();
            (
                name.to_owned(),
                format!("{action} {} {}", codes.join(" "), backup["flags"]),
            )
        })
        .collect();
    let expected: BTreeMap<String, String> = [
        (UDID, "keep newest-good []"),
        ("old one", r#"keep corrupt ["old","superseded"]"#),
        ("older", r#"remove superseded-by ["old","superseded"]"#),
        (OTHER, r#"keep newest-good only-copy ["old","only-copy"]"#),
    ]
    .into_iter()
    .map(|(name, told)| (name.to_owned(), told.to_owned()))
    .collect();
    assert_eq!(told, expected);
    let names = |key: &str| -> Vec<&str> {
        let paths = document["summary"][key]["backups"]
            .as_array()
            .unwrap()
            .iter();
        paths
            .map(|path| path.as_str().unwrap().rsplit(['/', '\\']).next().unwrap())
            .collect()
    };
    assert_eq!(names("removable"), ["older"]);
    let mut asked = names("on_request");
    asked.sort_unstable();
    assert_eq!(asked, [OTHER, "old one"]);
    let advice: Vec<&str> = document["advice"]
        .as_array()
        .unwrap()
        .iter()
        .map(|advice| advice["id"].as_str().unwrap())
        .collect();
    let expected = [
        "remove-old-backups",
        "decide-yourself",
        "largest-apps",
        "icloud-plan",
    ];
    assert_eq!(advice, expected);
    // The table of F§15 names a device whose host did not.
    assert_eq!(
        document["backups"][0]["device"]["product_name"],
        "iPhone 11"
    );
    let keep = scan(world.path(), &["--keep-last", "9"]);
    assert_eq!(
        keep["summary"]["removable"]["backups"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn show_names_every_file_and_the_largest() {
    let world = tempfile::tempdir().unwrap();
    let mut builder = BackupBuilder::new(UDID).bare();
    for number in 0..40 {
        let path = format!("Media/DCIM/{number:02}.JPG");
        builder = builder.file("CameraRollDomain", &path, &vec![1; 100 + number]);
        if number < 15 {
            builder = builder.remove_payload("CameraRollDomain", &path);
        }
    }
    let backup = builder.write(world.path());
    BackupBuilder::new(OTHER).bare().write(world.path());
    let shown: Run = program()
        .args(["show", "--json", "--now", NOW])
        .arg(&backup)
        .ended()
        .unwrap()
        .into();
    assert_eq!(shown.code, 2, "{shown:?}");
    let document: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(document["summary"]["backups"], 1);
    let one = only_backup(&document);
    let missing = crate::harness::finding(one, "file-missing");
    assert_eq!(missing["count"], 15);
    assert_eq!(missing["examples"].as_array().unwrap().len(), 15);
    let largest = document["largest"].as_array().unwrap();
    assert_eq!(largest.len(), 20);
    assert_eq!(
        largest[0],
        serde_json::json!({
            "domain": "CameraRollDomain", "path": "Media/DCIM/39.JPG", "bytes": 139,
        })
    );
    assert_eq!(
        document["domains"],
        serde_json::json!([{ "domain": "CameraRollDomain", "files": 25, "bytes": 3175 }])
    );
    // For people: all that is missing by name.
    let shown: Run = program()
        .arg("show")
        .arg(&backup)
        .args(["--now", NOW])
        .ended()
        .unwrap()
        .into();
    for number in 0..15 {
        assert!(
            shown
                .stdout
                .contains(&format!("Media/DCIM/{number:02}.JPG")),
            "{}",
            shown.stdout
        );
    }
    assert!(shown.stdout.contains("Largest files"), "{}", shown.stdout);
    assert!(
        shown.stdout.contains(&format!("UDID            {UDID}")),
        "{}",
        shown.stdout
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn show_says_which_backup_could_be_meant() {
    let world = tempfile::tempdir().unwrap();
    three(world.path());
    let backups = world.path().join("MobileSync").join("Backup");
    let several = run(["show".as_ref(), backups.as_os_str()]);
    assert_eq!((several.code, several.stdout.as_str()), (64, ""));
    assert!(
        several.stderr.contains("could be any of these"),
        "{}",
        several.stderr
    );
    assert!(
        several.stderr.contains("Kitchen's iPhone"),
        "{}",
        several.stderr
    );
    let two = program()
        .current_dir(&backups)
        .args(["show", UDID, OTHER])
        .ended()
        .unwrap();
    let two = Run::from(two);
    let said = format!("bkscan: show takes one backup at a time: {UDID}, {OTHER}\n");
    assert_eq!((two.code, two.stderr), (64, said));
    fs::create_dir(world.path().join("empty")).unwrap();
    let none = run(["show".as_ref(), world.path().join("empty").as_os_str()]);
    assert_eq!(none.code, 3, "{none:?}");
    let missing = run([
        "show".as_ref(),
        world.path().join("nowhere").join("x").as_os_str(),
    ]);
    assert_eq!(missing.code, 3, "{missing:?}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_mistyped_command_gets_a_suggestion() {
    let mistyped = run(["shwo"]);
    assert_eq!(mistyped.code, 3);
    assert!(
        mistyped.stderr.contains("did you mean bkscan show?"),
        "{}",
        mistyped.stderr
    );
    let other = run(["nothing-like-it"]);
    assert!(!other.stderr.contains("did you mean"), "{}", other.stderr);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn explain_knows_every_finding_that_a_scan_can_make() {
    for check in bkscan::verify::all() {
        let told = run(["explain", check.id]);
        assert_eq!(told.code, 0, "{told:?}");
        assert!(told.stdout.contains(check.id), "{}", told.stdout);
    }
    let all = run(["explain"]);
    assert!(
        bkscan::verify::all().all(|check| all.stdout.contains(check.id)),
        "{}",
        all.stdout
    );
    let unknown = run(["explain", "file-mising"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (64, ""));
    assert!(
        unknown.stderr.contains("did you mean file-missing?"),
        "{}",
        unknown.stderr
    );
}

/// All that a run with `--redact` says, on stdout and stderr.
fn redacted(args: &[&OsStr]) -> String {
    let output = program()
        .args(args)
        .args(["--redact", "--now", NOW])
        .ended();
    let run: Run = output.unwrap().into();
    run.stdout + &run.stderr
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn redacted_output_holds_nothing_personal() {
    let world = tempfile::tempdir().unwrap();
    three(world.path());
    let root = world.path();
    #[cfg(unix)]
    std::os::unix::fs::symlink(root, root.join("MobileSync").join("Backup").join("Kitchen"))
        .unwrap();
    let personal = [
        "Kitchen",
        "Old phone",
        UDID,
        OTHER,
        "TESTSERIAL01",
        "IMG_0003",
        "Media/DCIM",
        "old one",
        root.to_str().unwrap(),
        "MobileSync",
    ];
    let backup = root.join("MobileSync").join("Backup").join("old one");
    for args in [
        vec![root.as_os_str()],
        vec![root.as_os_str(), "--json".as_ref()],
        vec![root.as_os_str(), "--quiet".as_ref()],
        vec!["show".as_ref(), backup.as_os_str()],
        vec!["show".as_ref(), backup.as_os_str(), "--json".as_ref()],
    ] {
        let all = redacted(&args);
        assert!(all.contains("backup-"), "{args:?}: {all}");
        for word in personal {
            assert!(!all.contains(word), "{word} in {args:?}: {all}");
        }
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn redaction_holds_for_names_of_any_kind() {
    let world = tempfile::tempdir().unwrap();
    let root = world.path().join("Anna's place");
    let long = "Telephone with a name that is longer than anybody needs it";
    let device = |udid: &str, name: &str| {
        BackupBuilder::new(udid).device(name, "iPhone12,1", None, "17.4", "21E219")
    };
    device(OTHER, long).write(&root);
    // A name that is part of ordinary words, and an identifier that is not the same everywhere.
    device(UDID, "a")
        .info(|info| {
            drop(info.insert(
                "Unique Identifier".to_owned(),
                "C0FFEE".repeat(7)[..40].into(),
            ))
        })
        .remove_payload("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0003.MOV")
        .write(&root);
    let missing = root.join("nobody-is-here");
    let disputed = root.join(UDID);
    for args in [
        vec![root.as_os_str(), missing.as_os_str()],
        vec![root.as_os_str(), missing.as_os_str(), "--json".as_ref()],
        vec!["show".as_ref(), disputed.as_os_str()],
        vec!["show".as_ref(), root.as_os_str()],
        vec!["show".as_ref(), missing.as_os_str()],
    ] {
        let all = redacted(&args).to_lowercase();
        for word in [
            "anna",
            "telephone with",
            "nobody-is-here",
            "c0ffee",
            "00008030",
            "00008130",
        ] {
            assert!(!all.contains(word), "{word} in {args:?}: {all}");
        }
        assert!(
            !all.contains("device-1n"),
            "nothing is replaced inside words: {all}"
        );
    }
    let shown = run(["show".as_ref(), disputed.as_os_str(), "--redact".as_ref()]);
    assert!(
        shown.stdout.contains("1 of "),
        "what is missing is still said: {}",
        shown.stdout
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn show_finds_the_neighbours_from_inside_a_backup() {
    let world = tempfile::tempdir().unwrap();
    three(world.path());
    let older = world.path().join("MobileSync").join("Backup").join("older");
    for typed in [".", "./", "../older"] {
        let shown: Run = program()
            .current_dir(&older)
            .args(["show", typed, "--now", NOW])
            .ended()
            .unwrap()
            .into();
        assert!(
            shown.stdout.contains("remove: "),
            "{typed}: {}",
            shown.stdout
        );
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn quiet_show_is_one_paragraph() {
    let world = tempfile::tempdir().unwrap();
    three(world.path());
    let backups = world.path().join("MobileSync").join("Backup");
    let quiet = |name: &str| -> Run {
        let mut command = program();
        command
            .arg("show")
            .arg(backups.join(name))
            .args(["--quiet", "--now", NOW]);
        command.ended().unwrap().into()
    };
    let corrupt = quiet("old one");
    assert_eq!(
        (corrupt.code, corrupt.stdout.lines().count()),
        (2, 4),
        "{corrupt:?}"
    );
    let fine = quiet("older");
    assert_eq!(
        (fine.code, fine.stdout.as_str(), fine.stderr.as_str()),
        (0, "", "")
    );
}
