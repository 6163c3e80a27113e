//! `bkscan history`: a device's size and verdict over earlier runs.

use serde_json::json;

use super::*;

/// A day of November 2026.
fn day(day: u32) -> String {
    format!("2026-11-{day:02}T03:30:00Z")
}

/// A scan on that day.
fn night(world: &World, number: u32) {
    let code = world.run(["backups", "--now", &day(number)]).code;
    assert!([0, 2].contains(&code), "{code}");
}

/// The document has the fields of the contract, and beside them at most others.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_document_lists_every_run_of_every_device_in_order() {
    let world = World::new();
    let ipad = BackupBuilder::new(IPAD).device("Anna's iPad", "iPad13,16", None, "17.1", "21B80");
    with_photos(ipad)
        .date("2024-03-02T18:20:00Z")
        .write(&world.root());
    let size = |folder: &Path| {
        let run = world.run([
            OsStr::new("--json"),
            OsStr::new("--no-state"),
            folder.as_os_str(),
        ]);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        document["backups"][0]["size"]["allocated_bytes"].clone()
    };
    let phone = world.phone();
    let pad = world.root().join(IPAD);
    let (phone_size, pad_size) = (size(&phone), size(&pad));
    night(&world, 1);
    damage(&pad, 2);
    let damaged = size(&pad);
    night(&world, 2);

    let mut history = world.history(&[]);
    for device in history["devices"].as_array_mut().unwrap() {
        let keep = ["udid", "name", "runs"];
        device
            .as_object_mut()
            .unwrap()
            .retain(|key, _| keep.contains(&key.as_str()));
    }
    let run = |number, path: &Path, verdict, size: &Value| {
        let path = shown(path);
        json!({ "at": day(number), "path": path, "verdict": verdict, "allocated_bytes": size })
    };
    assert_eq!(
        history,
        json!({ "schema_version": 1, "devices": [
            { "udid": IPAD, "name": "Anna's iPad", "runs": [
                run(1, &pad, "complete", &pad_size),
                run(2, &pad, "corrupt", &damaged),
            ] },
            { "udid": PHONE, "name": "Test iPhone", "runs": [
                run(1, &phone, "complete", &phone_size),
                run(2, &phone, "complete", &phone_size),
            ] },
        ] })
    );
}

/// How a path of an earlier run is told: absolute, with links resolved.
fn shown(path: &Path) -> String {
    let path = path.canonicalize().unwrap();
    let path = path.to_str().unwrap();
    path.strip_prefix(r"\\?\").unwrap_or(path).to_owned()
}

/// Runs of the same time, and of a clock that was set back, stay in the order in which they were.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn runs_stay_in_the_order_of_insertion() {
    let world = World::new();
    let mut verdicts = Vec::new();
    for number in [5, 5, 5, 5, 3, 9, 5, 5] {
        if verdicts.len() % 2 == 1 {
            damage(&world.phone(), 1);
        } else {
            heal(&world.phone(), 1);
        }
        night(&world, number);
        verdicts.push(["complete", "corrupt"][verdicts.len() % 2]);
    }
    let history = world.history(&[]);
    assert_eq!(all(&history, "verdict"), verdicts);
    assert_eq!(all(&history, "at"), [5, 5, 5, 5, 3, 9, 5, 5].map(day));
}

/// More runs than anybody reads: none is lost, and the screen stays one.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn many_runs_are_all_there_and_the_screen_stays_short() {
    let world = World::new();
    for _ in 0..30 {
        assert_eq!(world.code(&["backups"]), 0);
    }
    assert_eq!(world.remembered(), 30);
    let run = world.run(["history"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.lines().count() <= 24, "{}", run.stdout);
    assert!(run.stdout.contains("22 Nov 2026"), "{}", run.stdout);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_path_narrows_it_even_when_it_is_gone() {
    let world = World::new();
    let disk = world.path("My Disk");
    with_photos(BackupBuilder::new(IPAD)).write(&disk.join("MobileSync/Backup"));
    assert_eq!(world.code(&["backups", "My Disk"]), 0);
    assert_eq!(world.code(&["backups", "My Disk"]), 0);
    let paths = |args: &[&str]| {
        let run = world.run([&["history", "--json"], args].concat());
        assert_eq!(run.code, 0, "{run:?}");
        // A path in two words is told on stderr as it was meant.
        assert_eq!(
            run.stderr.lines().count(),
            usize::from(args.contains(&"My"))
        );
        all(&parsed(&run), "path")
            .iter()
            .map(|path| path.to_string())
            .collect::<Vec<_>>()
    };
    let phone = shown(&world.phone());
    let ipad = shown(&disk.join("MobileSync/Backup").join(IPAD));
    let phone = [phone.as_str(); 2];
    let ipad = [ipad.as_str(); 2];
    let of_ipad = format!("My Disk/MobileSync/Backup/{IPAD}");
    let absolute = disk.to_str().unwrap().to_owned();
    assert_eq!(paths(&[]), [ipad, phone].concat());
    assert_eq!(paths(&["backups"]), phone);
    for typed in [
        &["My Disk"][..],
        &["My", "Disk"],
        &["My Disk/"],
        &["./My Disk"],
        &["backups/../My Disk"],
        &["My", "Disk/MobileSync"],
        &[of_ipad.as_str()],
        &[absolute.as_str()],
    ] {
        assert_eq!(paths(typed), ipad, "{typed:?}");
    }
    assert_eq!(paths(&["My Disk", "backups"]), [ipad, phone].concat());
    let none = world.run(["history", "My Disk/Mobile"]);
    assert_ne!(none.code, 0, "{none:?}");
    assert!(one_line(&none).contains("Mobile"), "{none:?}");
    fs::remove_dir_all(&disk).unwrap();
    // Unquoted, there is nothing any more that tells what was meant: quoted it has to be.
    let gone = world.history(&["My Disk"]);
    assert_eq!(all(&gone, "path"), ipad);
    let below = world.history(&["My Disk/MobileSync"]);
    assert_eq!(all(&below, "path"), ipad);
    let absolute = world.history(&[absolute.as_str()]);
    assert_eq!(all(&absolute, "path"), ipad);
    let text = world.run(["history", "My Disk"]);
    assert!(text.stdout.contains("complete"), "{text:?}");
}

/// Three megabytes more after a week, nothing in the next, three more in the third.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn growth_since_the_last_run_and_per_month() {
    let world = World::new();
    let grow = |name: &str| put(&world.phone().join("ab").join(name), &vec![7; 3_000_000]);
    let table = |world: &World| world.run(["history"]).stdout;
    night(&world, 1);
    grow("one");
    night(&world, 8);
    let first = table(&world);
    assert!(first.contains("3.0 MB"), "{first}");
    assert!(!first.contains("month"), "one week is too short: {first}");
    night(&world, 14);
    let second = table(&world);
    assert!(!second.contains("month"), "a day is missing: {second}");
    grow("two");
    night(&world, 22);
    // 6.0 MB in 21 days are 8.6 MB in 30 and 8.7 in the 30.4 of a mean month.
    let third = table(&world);
    let says = |sentence: &str| third.contains(sentence);
    assert!(says("3.0 MB") && says("month"), "{third}");
    assert!(says("8.6 MB") || says("8.7 MB"), "{third}");

    fs::remove_file(world.phone().join("ab").join("one")).unwrap();
    night(&world, 29);
    let fourth = table(&world);
    // 3.0 MB in 28 days.
    assert!(
        fourth.contains("3.2 MB") || fourth.contains("3.3 MB"),
        "{fourth}"
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn redacted_it_has_no_name_identifier_or_path() {
    let world = World::empty();
    let named = BackupBuilder::new(PHONE).device("Anna's own", "iPhone16,1", None, "17.5", "21F90");
    with_photos(named).write(&world.root());
    let other = BackupBuilder::new(IPAD).device("Bert's own", "iPad13,16", None, "17.5", "21F90");
    with_photos(other).write(&world.root());
    assert_eq!(world.code(&["backups"]), 0);
    assert_eq!(world.code(&["backups", "--redact"]), 0);
    let personal = [
        "Anna",
        "Bert",
        PHONE,
        IPAD,
        "0000",
        "backups",
        "state",
        world.folder.path().to_str().unwrap(),
    ];
    for args in [
        &["history", "--redact"][..],
        &["history", "--redact", "--json"],
        &["history", "--redact", "backups"],
        &["--redact", "history", "--json", "backups"],
    ] {
        let run = world.run(args);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{args:?}");
        for word in personal {
            assert!(
                !run.stdout.contains(word),
                "{args:?} {word}: {}",
                run.stdout
            );
        }
        assert_eq!(run.stdout.matches("complete").count(), 4, "{args:?}");
    }
    // A redacted scan is remembered under its own names.
    let history = world.history(&[]);
    assert_eq!(runs(&history).len(), 4);
    assert_eq!(history["devices"][0]["name"], "Bert's own");
    assert_eq!(history["devices"][0]["udid"], IPAD);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn hostile_names_change_neither_screen_nor_document() {
    let name = "Evil\u{1b}[2J\u{202e}\u{200b}\n\t📱 \"x\\";
    let world = World::empty();
    let backup = phone().write(&world.root());
    for plist in ["Info.plist", "Manifest.plist"] {
        let mut value = plist::Value::from_file(backup.join(plist)).unwrap();
        let entries = value.as_dictionary_mut().unwrap();
        match entries.get_mut("Lockdown") {
            Some(lockdown) => lockdown.as_dictionary_mut().unwrap(),
            None => entries,
        }
        .insert("DeviceName".to_owned(), name.into());
        if plist == "Info.plist" {
            value
                .as_dictionary_mut()
                .unwrap()
                .insert("Device Name".to_owned(), name.into());
            value
                .as_dictionary_mut()
                .unwrap()
                .insert("Display Name".to_owned(), name.into());
        }
        let mut bytes = Vec::new();
        value.to_writer_binary(&mut bytes).unwrap();
        put(&backup.join(plist), &bytes);
    }
    let scanned = world.run(["backups", "--json", "--now", NOW]);
    let scanned: Value = serde_json::from_str(&scanned.stdout).unwrap();
    let history = world.history(&[]);
    assert_eq!(history["devices"][0]["name"], scanned["devices"][0]["name"]);
    assert_eq!(history["devices"][0]["name"], name);
    let text = world.run(["history"]).stdout;
    let hostile = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{200b}".contains(c));
    assert!(!text.contains(hostile), "{text:?}");
    let heading = text.lines().next().unwrap();
    assert!(heading.contains("Evil") && heading.contains('📱'), "{text}");
    assert_eq!(text.matches("complete").count(), 1, "{text}");
}

/// Backups that tell no UDID are devices of their own.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn backups_without_a_udid_are_remembered() {
    let world = World::empty();
    for name in ["copy one", "copy two"] {
        let anonymous = phone()
            .folder_name(name)
            .info(|info| {
                for key in ["Target Identifier", "Unique Identifier"] {
                    assert!(info.remove(key).is_some());
                }
            })
            .manifest_plist(|manifest| {
                let lockdown = manifest.get_mut("Lockdown").unwrap();
                lockdown
                    .as_dictionary_mut()
                    .unwrap()
                    .remove("UniqueDeviceID");
            });
        damage(&anonymous.write(&world.root()), 1);
    }
    assert_eq!(world.new_code(), 2);
    assert_eq!(world.new_code(), 0);
    heal(&world.root().join("copy one"), 1);
    assert_eq!(world.new_code(), 0);
    damage(&world.root().join("copy two"), 2);
    assert_eq!(world.new_code(), 2);
    let history = world.history(&[]);
    let devices = history["devices"].as_array().unwrap();
    assert_eq!(devices.len(), 2, "{history:#}");
    for (device, name) in devices.iter().zip(["copy one", "copy two"]) {
        assert_eq!(device["udid"], Value::Null);
        let runs = device["runs"].as_array().unwrap();
        assert_eq!(runs.len(), 4);
        assert!(
            runs.iter()
                .all(|run| run["path"].as_str().unwrap().ends_with(name))
        );
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn without_an_earlier_run_it_says_so() {
    let world = World::new();
    let run = world.run(["history"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.contains("bkscan"), "{run:?}");
    let history = world.history(&[]);
    assert_eq!(history, json!({ "schema_version": 1, "devices": [] }));
}

/// A backup that is gone keeps what is known of it.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_backup_that_is_gone_stays_in_the_history() {
    let world = World::new();
    with_photos(BackupBuilder::new(IPAD)).write(&world.root());
    night(&world, 1);
    fs::remove_dir_all(world.root().join(IPAD)).unwrap();
    night(&world, 2);
    let history = world.history(&[]);
    let devices = history["devices"].as_array().unwrap();
    let counts: Vec<usize> = devices
        .iter()
        .map(|device| device["runs"].as_array().unwrap().len())
        .collect();
    assert_eq!(counts, [1, 2], "{history:#}");
}
