//! `show`, `explain`, `--redact`, and what a scan says of storage and decisions.

#![cfg(not(windows))]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use plist::Dictionary;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{
    Ended as _, NOW, Run, finding, only_backup, program, run, run_in, scan, words,
};
use crate::support::{BackupBuilder, Row, empty_folder};

const UDID: &str = "00008130-000A1C2E3F40801E";
const OTHER: &str = "00008030-001122334455667A";
const PHOTO: &str = "Media/DCIM/100APPLE/IMG_0003.MOV";

/// What `bkscan ARGS --now NOW` does in this folder.
fn at(folder: &Path, args: &[&str]) -> Run {
    run_in(folder, &[args, &["--now", NOW]].concat())
}

/// The members of a list.
fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// The last part of a path.
fn name(path: &Value) -> &str {
    path.as_str().unwrap().rsplit('/').next().unwrap()
}

/// The groups of a backup: name, files, bytes.
fn storage(backup: &Value) -> Vec<(&str, u64, u64)> {
    let number = |value: &Value| value.as_u64().unwrap();
    let groups = list(&backup["storage"]).iter().map(|group| {
        let name = group["group"].as_str().unwrap();
        (name, number(&group["files"]), number(&group["bytes"]))
    });
    groups.collect()
}

/// Bytes of all files in the shard folders, and how many they are.
fn payloads(backup: &Path) -> (u64, u64) {
    let entries = walkdir::WalkDir::new(backup).min_depth(2).into_iter();
    let files = entries.map(|entry| entry.unwrap().metadata().unwrap());
    let files = files.filter(fs::Metadata::is_file);
    files.fold((0, 0), |sum, file| (sum.0 + 1, sum.1 + file.len()))
}

#[test]
fn storage_adds_up_exactly_with_what_is_not_listed() {
    let world = empty_folder();
    let mut metadata = Vec::new();
    let named: plist::Value = Dictionary::from_iter([("itemName", "Notes of Mine")]).into();
    named.to_writer_xml(&mut metadata).unwrap();
    let app = Dictionary::from_iter([("iTunesMetadata", plist::Value::Data(metadata))]);
    let apps = Dictionary::from_iter([("org.example.notes", app)]);
    let backup = BackupBuilder::new(UDID)
        .info(|info| drop(info.insert("Applications".to_owned(), apps.into())))
        .file("AppDomain-org.example.notes", "a", &[1; 300])
        .file("AppDomainGroup-group.org.example.notes", "b", &[1; 40])
        .file("AppDomainPlugin-org.example.notes.share", "c", &[1; 5])
        .add(Row::file("MediaDomain", "Media/Recordings/1.m4a", &[1; 70]))
        .raw("00/0000000000000000000000000000000000000000", vec![1; 99])
        .raw("01/0000000000000000000000000000000000000000", vec![1; 1000])
        .write(world.path());
    let document = scan(world.path(), &[]);
    let groups = storage(only_backup(&document));
    let files = groups.iter().map(|group| group.1).sum();
    let bytes = groups.iter().map(|group| group.2).sum();
    assert_eq!((files, bytes), payloads(&backup));
    for group in [
        ("Notes of Mine", 3, 345),
        ("Voice Memos", 1, 70),
        ("Not listed", 2, 1099),
    ] {
        assert!(groups.contains(&group), "{group:?} {groups:?}");
    }
    for name in ["Photos", "Messages", "WhatsApp", "System & settings"] {
        assert!(groups.iter().any(|group| group.0 == name), "{groups:?}");
    }
    let largest_first = groups.is_sorted_by(|one, next| one.2 >= next.2);
    assert!(largest_first, "{groups:?}");
}

#[test]
fn a_locked_backup_is_one_group() {
    let world = empty_folder();
    let backup = BackupBuilder::new(UDID).encrypted().write(world.path());
    let document = scan(world.path(), &[]);
    let (files, bytes) = payloads(&backup);
    let groups = storage(only_backup(&document));
    assert_eq!(groups, [("Encrypted", files, bytes)]);
}

/// A phone with a newer and two older backups, and another phone long not seen; and their folder.
fn three() -> (TempDir, PathBuf) {
    let world = empty_folder();
    let backups = world.path().join("MobileSync/Backup");
    let phone = |day: &str| {
        BackupBuilder::new(UDID)
            .device("Kitchen's iPhone", "iPhone16,1", None, "18.5", "22F76")
            .date(&format!("{day}T08:00:00Z"))
    };
    let lacking = phone("2025-06-14").remove_payload("CameraRollDomain", PHOTO);
    phone("2026-11-20").write(&backups);
    lacking.folder_name("attic one").write(&backups);
    phone("2024-06-14").folder_name("older").write(&backups);
    BackupBuilder::new(OTHER)
        .device("Old phone", "iPhone12,1", None, "17.4", "21E219")
        .date("2023-09-22T08:00:00Z")
        .write(&backups);
    (world, backups)
}

#[test]
fn decisions_are_told_with_their_reasons() {
    let (world, _) = three();
    let document = scan(world.path(), &[]);
    let told = |backup: &Value| {
        let decision = &backup["decision"];
        let reasons = list(&decision["reasons"]).iter();
        let codes: Vec<&str> = reasons
            .map(|reason| reason["code"].as_str().unwrap())
            .collect();
        let action = decision["action"].as_str().unwrap();
        format!("{action} {} {}", codes.join(" "), backup["flags"])
    };
    let backups = list(&document["backups"]).iter();
    let found: BTreeMap<&str, String> =
        backups.map(|one| (name(&one["path"]), told(one))).collect();
    let expected = [
        (UDID, "keep newest-good []"),
        ("attic one", r#"keep corrupt ["old","superseded"]"#),
        ("older", r#"remove superseded-by ["old","superseded"]"#),
        (OTHER, r#"keep newest-good only-copy ["old","only-copy"]"#),
    ];
    let expected = expected.map(|(name, told)| (name, told.to_owned()));
    assert_eq!(found, BTreeMap::from(expected));
    let names = |key: &str| -> Vec<&str> {
        let paths = &document["summary"][key]["backups"];
        let mut names: Vec<&str> = list(paths).iter().map(name).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(names("removable"), ["older"]);
    assert_eq!(names("on_request"), [OTHER, "attic one"]);
    let advice = list(&document["advice"]).iter();
    let advice: Vec<&Value> = advice.map(|one| &one["id"]).collect();
    let expected = words("remove-old-backups decide-yourself largest-apps icloud-plan");
    assert_eq!(advice, expected);
    // The table of F§15 names a device whose host did not.
    let product = &document["backups"][0]["device"]["product_name"];
    assert_eq!(product, "iPhone 11");
    let keep = scan(world.path(), &["--keep-last", "9"]);
    assert_eq!(keep["summary"]["removable"]["backups"], json!([]));
}

#[test]
fn show_names_every_file_and_the_largest() {
    let world = empty_folder();
    let mut builder = BackupBuilder::new(UDID).bare();
    for number in 0..40 {
        let path = format!("Media/DCIM/{number:02}.JPG");
        builder = builder.file("CameraRollDomain", &path, &vec![1; 100 + number]);
        if number < 15 {
            builder = builder.remove_payload("CameraRollDomain", &path);
        }
    }
    let backup = builder.write(world.path());
    let path = backup.to_str().unwrap();
    BackupBuilder::new(OTHER).bare().write(world.path());
    let shown = run(["show", "--json", "--now", NOW, path]);
    assert_eq!(shown.code, 2, "{shown:?}");
    let document: Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(document["summary"]["backups"], 1);
    let missing = finding(only_backup(&document), "file-missing");
    assert_eq!(missing["count"], 15);
    assert_eq!(list(&missing["examples"]).len(), 15);
    let largest = list(&document["largest"]);
    assert_eq!(largest.len(), 20);
    let domain = "CameraRollDomain";
    let first = json!({ "domain": domain, "path": "Media/DCIM/39.JPG", "bytes": 139 });
    assert_eq!(largest[0], first);
    let domains = json!([{ "domain": domain, "files": 25, "bytes": 3175 }]);
    assert_eq!(document["domains"], domains);
    // For people: where it is missing, and the first names.
    let shown = run(["show", path, "--now", NOW]).stdout;
    let folder = "\n  Media/DCIM: 15 of 40 are missing\n";
    assert!(shown.contains(folder), "{shown}");
    let names = shown.matches("CameraRollDomain  Media/DCIM/").count();
    assert_eq!(names, 15 + 20, "{shown}");
    assert!(shown.contains("Largest files"), "{shown}");
    let udid = format!("UDID            {UDID}");
    assert!(shown.contains(&udid), "{shown}");
}

/// How many files of how many are missing in folders of photos: the first of them miss most.
fn with_folders(folders: usize) -> (TempDir, PathBuf) {
    let world = empty_folder();
    let mut builder = BackupBuilder::new(UDID).bare().device(
        "Hall iPad",
        "iPad13,16",
        Some("iPad Air (5th generation)"),
        "17.1",
        "21B80",
    );
    for folder in 0..folders {
        for file in 0..30 {
            let path = format!("Media/DCIM/{}APPLE/IMG_{file}.JPG", 100 + folder);
            builder = builder.file("CameraRollDomain", &path, &[1; 9]);
            if file < 30 - folder {
                builder = builder.remove_payload("CameraRollDomain", &path);
            }
        }
    }
    let backup = builder.write(world.path());
    (world, backup)
}

#[test]
fn missing_files_are_told_by_folder_those_that_miss_most_first() {
    let (_world, backup) = with_folders(25);
    let shown = run(["show", backup.to_str().unwrap(), "--now", NOW]);
    let lines = shown.stdout.lines();
    let lines = lines.filter(|line| line.contains("APPLE"));
    let lines: Vec<&str> = lines.take_while(|line| line.contains(": ")).collect();
    let expected = (0..25).map(|at| {
        let (folder, missing) = (100 + at, 30 - at);
        format!("  Media/DCIM/{folder}APPLE: {missing} of 30 are missing")
    });
    assert_eq!(lines, expected.collect::<Vec<_>>(), "{}", shown.stdout);
    // Each of the files, too: 30 in the first folder, one less in each other one; and the 20 largest ones.
    let names = shown
        .stdout
        .matches("  CameraRollDomain  Media/DCIM/")
        .count();
    assert_eq!(names, (6..=30).sum::<usize>() + 20, "{}", shown.stdout);
}

/// What is said of the next run is true of the folder that this is: none goes into one that was renamed.
#[test]
fn what_the_next_run_does_depends_on_the_folder() {
    let (_world, backup) = with_folders(2);
    let renamed = backup.with_file_name("set aside");
    let first = |path: &Path| {
        let shown = run(["show", path.to_str().unwrap(), "--now", NOW]);
        let (_, told) = shown.stdout.split_once("What to do\n").unwrap();
        told.lines().next().unwrap().to_owned()
    };
    assert_eq!(
        first(&backup),
        "  1. Keep this backup first, because a new run may write over it: copy its"
    );
    fs::rename(&backup, &renamed).unwrap();
    assert_eq!(
        first(&renamed),
        "  1. The next backup goes into a folder of its own: this one stays as it is."
    );
}

#[test]
fn few_missing_files_are_named_too() {
    let (_world, backups) = three();
    let shown = at(&backups, &["show", "attic one"]).stdout;
    let told = "\n  Media/DCIM/100APPLE: 1 of 3 is missing\n  628 bytes  CameraRollDomain  \
                Media/DCIM/100APPLE/IMG_0003.MOV\n";
    assert!(shown.contains(told), "{shown}");
}

/// First what it is, what that means and what to do; no label stands without a value, and the system of an
/// iPad has its own name.
#[test]
fn show_begins_with_the_answer() {
    let (_world, backup) = with_folders(2);
    let info = backup.join("Info.plist");
    let mut value = plist::Value::from_file(&info).unwrap();
    let serial = value.as_dictionary_mut().unwrap();
    serial.insert("Serial Number".to_owned(), " ".into());
    value.to_file_xml(&info).unwrap();
    let path = backup.to_str().unwrap();
    for columns in ["60", "80", "100"] {
        let mut show = program();
        show.args(["show", path, "--now", NOW]);
        let shown: Run = show.env("COLUMNS", columns).ended().unwrap().into();
        let lines: Vec<&str> = shown.stdout.lines().collect();
        let at = |start: &str| {
            let found = lines.iter().position(|line| line.starts_with(start));
            found.unwrap_or_else(|| panic!("{start}: {}", shown.stdout))
        };
        assert_eq!(lines[0], "✖ corrupt");
        assert!(lines[1].starts_with("Hall iPad, iPad Air (5th generation) · "));
        let order = [
            "The last run is marked as finished",
            "What to do",
            "    bkscan explain file-missing",
            "This backup",
            "  iPadOS          17.1 (21B80)",
            "Findings",
            "By domain",
            "Not checked",
        ]
        .map(at);
        assert!(order.is_sorted(), "{order:?}: {}", shown.stdout);
        assert!(!lines.iter().any(|line| line.starts_with("  serial")));
        assert!(!shown.stdout.contains("bkscan show BACKUP"));
        let is_path = |line: &&&str| line.contains(path);
        for line in lines.iter().filter(|line| !is_path(line)) {
            let columns: usize = columns.parse().unwrap();
            assert!(line.chars().count() <= columns, "{line}");
        }
    }
}

/// Whose folder it is is told where several have one of that name.
#[test]
fn folders_of_one_name_are_told_apart() {
    let world = empty_folder();
    let lost = |builder: BackupBuilder, domain| {
        let path = "Library/Preferences/a.plist";
        let builder = builder.file(domain, path, &[1; 9]);
        builder.remove_payload(domain, path)
    };
    let builder = lost(BackupBuilder::new(UDID).bare(), "HomeDomain");
    let backup = lost(builder, "RootDomain").write(world.path());
    let shown = run(["show", backup.to_str().unwrap(), "--now", NOW]).stdout;
    for domain in ["HomeDomain", "RootDomain"] {
        let told = format!("\n  {domain}  Library/Preferences: 1 of 1 is missing\n");
        assert!(shown.contains(&told), "{shown}");
    }
}

/// The call that mends is the one for this backup, and is there only where something can be mended.
#[test]
fn mending_is_an_action_only_where_it_may_do_something() {
    let (_world, backup) = with_folders(2);
    let path = backup.to_str().unwrap();
    let shown = run(["show", path, "--now", NOW]).stdout;
    let told = format!("\n     bkscan mend {path} --to DIR --plan\n");
    assert!(shown.contains(&told), "{shown}");
    let world = empty_folder();
    let locked = BackupBuilder::new(OTHER).encrypted().write(world.path());
    fs::write(locked.join("Manifest.plist"), b"<plist>\xff").unwrap();
    let shown = run(["show", locked.to_str().unwrap(), "--now", NOW]).stdout;
    let told = "\nThe last run is marked as finished, but parts of the backup are missing,\nunreadable or altered. \
                Without its keys, nobody can open what is left.\nManifest.plist cannot be read: it is not a \
                property list.\n";
    assert!(shown.contains(told), "{shown}");
    for told in ["bkscan mend", "still be read"] {
        assert!(!shown.contains(told), "{told}: {shown}");
    }
}

/// What is said of a backup that is whole, locked, not looked at in full, or not needed any more.
#[test]
fn what_it_means_and_what_to_do_fit_the_backup() {
    let (world, backups) = three();
    let locked = BackupBuilder::new(OTHER).encrypted();
    let locked = locked.write(&world.path().join("elsewhere"));
    let locked = locked.to_str().unwrap();
    let wide = |args: &[&str]| {
        let mut call = program();
        let call = call.current_dir(&backups).env("COLUMNS", "60");
        let run: Run = call.args(args).args(["--now", NOW]).ended().unwrap().into();
        let words: Vec<&str> = run.stdout.split_whitespace().collect();
        words.join(" ")
    };
    for (args, told) in [
        (
            &["show", UDID][..],
            "the backup needs is there. What to do Nothing needs to be done. This backup",
        ),
        (
            &["show", "./older"],
            "What to do Nothing needs to be done. It can go: that of 20 Nov 2026 holds all of it. That \
             frees ",
        ),
        (
            &["show", "./older"],
            " The plan, which deletes nothing: bkscan clean . This backup",
        ),
        (
            &["show", "./attic one"],
            " You decide whether it stays: corrupt, but readable in part; there is the good backup of 20 Nov",
        ),
        (
            &["show", locked],
            "but not everything could be checked: it is encrypted and its file list is locked, so missing \
             files would not be noticed. What to do To compare every file (the password never leaves this \
             computer): bkscan show ",
        ),
        (
            &["show", locked],
            " --ask-password You decide whether it stays: newest good backup; only backup of this device. Deleting ",
        ),
        (
            &["show", UDID, "--level", "quick"],
            "but not everything could be checked: only its state and sizes were looked at. What to do To \
             look for every file: bkscan show ",
        ),
        (
            &["show", UDID, "--level", "quick"],
            " --level standard Why, and",
        ),
    ] {
        let shown = wide(args);
        assert!(shown.contains(told), "{args:?}: {told}: {shown}");
    }
}

/// Whoever stands in a folder of backups names one, and whoever stands elsewhere names the folder, too.
#[test]
fn a_backup_is_found_by_its_name_below_a_folder() {
    let (world, _) = three();
    let here = world.path();
    let begins = |run: &Run, start: &str| run.stdout.starts_with(start);
    let below: &[(&str, i32, &str)] = &[
        ("MobileSync 'Old phone'", 0, "✔ complete\nOld phone"),
        ("MobileSync old phone", 0, "✔ complete\nOld phone"),
        ("'MobileSync/old phone'", 0, "✔ complete\nOld phone"),
        ("MobileSync/Backup/0000803", 0, "✔ complete\nOld phone"),
        ("MobileSync older", 0, "✔ complete\nKitchen's iPhone"),
    ];
    // Elsewhere a name is looked for in the system's own places.
    let bare: &[(&str, i32, &str)] = &[
        ("'Old phone'", 0, "✔ complete\nOld phone"),
        ("old phone", 0, "✔ complete\nOld phone"),
        ("0000803", 0, "✔ complete\nOld phone"),
        ("'attic one'", 2, "✖ corrupt\nKitchen's iPhone"),
    ];
    let bare = bare.iter().filter(|_| cfg!(target_os = "linux"));
    for (words, code, start) in below.iter().chain(bare) {
        let words = shell_words::split(&format!("show {words}")).unwrap();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let run = at(here, &words);
        assert!(
            run.code == *code && begins(&run, start),
            "{words:?}: {run:?}"
        );
    }
    for (words, code, said, lines) in [
        ("Kitchen", 64, "Kitchen could be any of these; name one:", 4),
        (
            "Kitchne's iPhone",
            3,
            "did you mean Kitchen's iPhone? There are:",
            5,
        ),
        ("nobody", 3, "no backup is called nobody; there are:", 5),
    ] {
        let run = at(here, &["show", "MobileSync", words]);
        assert_eq!((run.code, &*run.stdout), (code, ""), "{run:?}");
        let first = run.stderr.lines().next().unwrap_or_default();
        assert!(first.ends_with(said), "{run:?}");
        assert_eq!(run.stderr.lines().count(), lines, "{run:?}");
        // Each with its folder, its device's name, its model and its date.
        let of = "Backup/older  Kitchen's iPhone, iPhone 15 Pro, 14 Jun 2024";
        assert!(run.stderr.contains(of), "{run:?}");
    }
    let unknown = at(here, &["show", "MobileSync/nobody"]);
    assert_eq!((unknown.code, unknown.stderr.lines().count()), (3, 5));
    #[cfg(target_os = "linux")]
    {
        let compared = at(here, &["diff", "older", "Old phone"]);
        assert!(
            begins(&compared, "What the backup of Kitchen's iPhone"),
            "{compared:?}"
        );
        let nothing = at(empty_folder().path(), &["show", "iPad"]);
        let said = "bkscan: no backup is called iPad, and there is none below this folder\n";
        assert!(
            nothing.code == 3 && nothing.stderr.starts_with(said),
            "{nothing:?}"
        );
    }
}

#[test]
fn show_says_which_backup_could_be_meant() {
    let (world, backups) = three();
    let world = world.path();
    let several = at(world, &["show", "MobileSync/Backup"]);
    assert_eq!((several.code, &*several.stdout), (64, ""));
    for told in ["could be any of these", "Kitchen's iPhone"] {
        assert!(several.stderr.contains(told), "{}", several.stderr);
    }
    let two = at(&backups, &["show", UDID, OTHER]);
    let said = format!("bkscan: show takes one backup at a time: {UDID}, {OTHER}\n");
    assert_eq!((two.code, two.stderr), (64, said));
    fs::create_dir(world.join("empty")).unwrap();
    for nothing in ["empty", "nowhere/x"] {
        let run = at(world, &["show", nothing]);
        assert_eq!(run.code, 3, "{nothing}: {run:?}");
    }
}

#[test]
fn a_mistyped_command_gets_a_suggestion() {
    let Run { code, stderr, .. } = run(["shwo"]);
    assert_eq!(code, 3);
    assert!(stderr.contains("did you mean bkscan show?"), "{stderr}");
    let other = run(["nothing-like-it"]).stderr;
    assert!(!other.contains("did you mean"), "{other}");
}

#[test]
fn explain_knows_every_finding_that_a_scan_can_make() {
    let all = run(["explain"]).stdout;
    for check in bkscan::verify::all() {
        let told = run(["explain", check.id]);
        assert_eq!(told.code, 0, "{told:?}");
        assert!(told.stdout.contains(check.id), "{}", told.stdout);
        assert!(all.contains(check.id), "{}: {all}", check.id);
    }
    for (typed, meant) in [
        ("file-mising", "did you mean file-missing? ("),
        ("missing", "did you mean file-missing? Or: "),
        ("corrupted", "did you mean corrupt? ("),
    ] {
        let said = run(["explain", typed]);
        assert_eq!((said.code, &*said.stdout), (64, ""), "{said:?}");
        assert!(said.stderr.contains(meant), "{said:?}");
    }
    let told = run(["explain", "File Missing"]);
    assert!(told.stdout.starts_with("file-missing · error"), "{told:?}");
}

/// All that a run with `--redact` says, on stdout and stderr.
fn redacted(args: &[&str]) -> String {
    let run = at(Path::new("/"), &[args, &["--redact"]].concat());
    run.stdout + &run.stderr
}

#[test]
fn redacted_output_holds_nothing_personal() {
    let (world, backups) = three();
    let root = world.path().to_str().unwrap();
    std::os::unix::fs::symlink(root, backups.join("Kitchen")).unwrap();
    let backup = format!("{root}/MobileSync/Backup/attic one");
    for args in [
        &[root][..],
        &[root, "--json"],
        &[root, "--quiet"],
        &["show", &backup],
        &["show", &backup, "--json"],
    ] {
        let all = redacted(args);
        assert!(all.contains("backup-"), "{args:?}: {all}");
        for word in words("Kitchen TESTSERIAL01 IMG_0003 Media/DCIM MobileSync") {
            assert!(!all.contains(word), "{word} in {args:?}: {all}");
        }
        for word in ["Old phone", "attic one", UDID, OTHER, root] {
            assert!(!all.contains(word), "{word} in {args:?}: {all}");
        }
    }
}

#[test]
fn redaction_holds_for_names_of_any_kind() {
    let world = empty_folder();
    let root = world.path().join("Anna's place");
    let long = "Telephone with a name that is longer than anybody needs it";
    let device = |udid: &str, name: &str| {
        BackupBuilder::new(udid).device(name, "iPhone12,1", None, "17.4", "21E219")
    };
    device(OTHER, long).write(&root);
    // A name that is part of ordinary words, and an identifier that is not the same everywhere.
    let other = "C0FFEE".repeat(7)[..40].to_owned();
    let disputed = device(UDID, "a")
        .info(|info| drop(info.insert("Unique Identifier".to_owned(), other.into())))
        .remove_payload("CameraRollDomain", PHOTO)
        .write(&root);
    let missing = root.join("nobody-is-here");
    let [root, missing, disputed] = [&root, &missing, &disputed].map(|path| path.to_str().unwrap());
    for args in [
        &[root, missing][..],
        &[root, missing, "--json"],
        &["show", disputed],
        &["show", root],
        &["show", missing],
    ] {
        let all = redacted(args).to_lowercase();
        let personal = "anna|telephone with|nobody-is-here|c0ffee|00008030|00008130";
        for word in personal.split('|') {
            assert!(!all.contains(word), "{word} in {args:?}: {all}");
        }
        // Nothing is replaced inside words.
        assert!(!all.contains("device-1n"), "{args:?}: {all}");
    }
    // What is missing is still said.
    let shown = run(["show", disputed, "--redact"]).stdout;
    assert!(shown.contains("1 of "), "{shown}");
}

#[test]
fn show_finds_the_neighbours_from_inside_a_backup() {
    let (_world, backups) = three();
    for typed in [".", "./", "../older"] {
        let shown = at(&backups.join("older"), &["show", typed]).stdout;
        assert!(shown.contains("remove: "), "{typed}: {shown}");
    }
}

#[test]
fn quiet_show_is_one_paragraph() {
    let (_world, backups) = three();
    let corrupt = at(&backups, &["show", "attic one", "--quiet"]);
    let lines = corrupt.stdout.lines().count();
    assert_eq!((corrupt.code, lines), (2, 5), "{corrupt:?}");
    let fine = at(&backups, &["show", "older", "--quiet"]);
    assert_eq!(fine.all(), (0, "", ""));
}
