//! `bkscan history`: a device's size and verdict over earlier runs.
#![cfg(not(windows))]

use serde_json::json;

use super::*;

/// A scan in that night of November 2026.
fn scan(world: &World, number: u32) {
    let code = world.at(&night(number), "backups").code;
    assert!([0, 2].contains(&code), "{code}");
}

/// The document has the fields of the contract, and beside them at most others.
#[test]
fn the_document_lists_every_run_of_every_device_in_order() {
    let world = World::new();
    let (phone, pad) = (world.phone(), ipad().write(&world.root()));
    let size = |folder: &Path| {
        let run = world.typed(&format!("--json --no-state '{}'", folder.display()));
        parsed(&run)["backups"][0]["size"]["allocated_bytes"].clone()
    };
    let (phone_size, pad_size) = (size(&phone), size(&pad));
    scan(&world, 1);
    damage(&pad, 2);
    let damaged = size(&pad);
    scan(&world, 2);

    let mut history = world.history("");
    for device in history["devices"].as_array_mut().unwrap() {
        let device = device.as_object_mut().unwrap();
        device.retain(|key, _| ["udid", "name", "runs"].contains(&key.as_str()));
    }
    let run = |number, path: &Path, verdict, size: &Value| {
        let path = shown(path);
        json!({ "at": night(number), "path": path, "verdict": verdict, "allocated_bytes": size })
    };
    let expected = json!({ "schema_version": 1, "devices": [
        { "udid": IPAD, "name": "Anna's iPad", "runs": [
            run(1, &pad, "complete", &pad_size),
            run(2, &pad, "corrupt", &damaged),
        ] },
        { "udid": PHONE, "name": "Test iPhone", "runs": [
            run(1, &phone, "complete", &phone_size),
            run(2, &phone, "complete", &phone_size),
        ] },
    ] });
    assert_eq!(history, expected);

    // A backup that is gone keeps what is known of it.
    fs::remove_dir_all(&pad).unwrap();
    scan(&world, 3);
    let history = world.history("");
    let counts = list(&history["devices"]).map(|device| list(&device["runs"]).len());
    assert_eq!(counts.collect::<Vec<_>>(), [2, 3], "{history:#}");
}

/// How a path of an earlier run is told: absolute, with links resolved.
fn shown(path: &Path) -> String {
    path.canonicalize().unwrap().to_str().unwrap().to_owned()
}

/// Runs of the same time, and of a clock that was set back, stay in the order in which they were.
#[test]
fn runs_stay_in_the_order_of_insertion() {
    let world = World::new();
    let nights = [5, 5, 5, 5, 3, 9, 5, 5];
    for (at, number) in nights.into_iter().enumerate() {
        match at % 2 {
            1 => damage(&world.phone(), 1),
            _ => heal(&world.phone(), 1),
        }
        scan(&world, number);
    }
    let history = world.history("");
    assert_eq!(all(&history, "verdict"), ["complete", "corrupt"].repeat(4));
    assert_eq!(all(&history, "at"), nights.map(night));
}

/// More runs than anybody reads: none is lost, and the screen stays one. Without one, it says so.
#[test]
fn no_run_is_told_and_many_are_all_there_while_the_screen_stays_short() {
    let world = World::new();
    let run = world.typed("history");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stdout.contains("bkscan"), "{run:?}");
    let none = json!({ "schema_version": 1, "devices": [] });
    assert_eq!(world.history(""), none);
    for _ in 0..30 {
        assert_eq!(world.code("backups"), 0);
    }
    assert_eq!(world.remembered(), 30);
    let run = world.typed("history");
    assert_eq!(run.code, 0);
    assert!(run.stdout.lines().count() <= 24, "{}", run.stdout);
    assert!(run.stdout.contains("22 Nov 2026"), "{}", run.stdout);
}

#[test]
fn a_path_narrows_it_even_when_it_is_gone() {
    let world = World::new();
    let disk = world.path("My Disk");
    ipad().write(&disk.join("MobileSync/Backup"));
    for _ in 0..2 {
        assert_eq!(world.code("backups 'My Disk'"), 0);
    }
    let paths = |line: &str| -> Vec<String> {
        let run = world.typed(&format!("history --json {line}"));
        assert_eq!(run.code, 0, "{run:?}");
        // A path in two words is told on stderr as it was meant.
        let told = usize::from(line.starts_with("My"));
        assert_eq!(run.stderr.lines().count(), told, "{run:?}");
        let history = parsed(&run);
        all(&history, "path")
            .into_iter()
            .map(str::to_owned)
            .collect()
    };
    let phone = vec![shown(&world.phone()); 2];
    let ipad = vec![shown(&disk.join("MobileSync/Backup").join(IPAD)); 2];
    let absolute = format!("'{}'", disk.display());
    let both = [&ipad[..], &phone].concat();
    assert_eq!(paths(""), both);
    assert_eq!(paths("backups"), phone);
    assert_eq!(paths("'My Disk' backups"), both);
    for typed in [
        "My Disk",
        "'My Disk'",
        "'My Disk/'",
        "'./My Disk'",
        "'backups/../My Disk'",
        "My Disk/MobileSync",
        &format!("'My Disk/MobileSync/Backup/{IPAD}'"),
        &absolute,
    ] {
        assert_eq!(paths(typed), ipad, "{typed}");
    }
    let none = world.typed("history 'My Disk/Mobile'");
    assert_ne!(none.code, 0, "{none:?}");
    assert!(one_line(&none).contains("Mobile"), "{none:?}");
    fs::remove_dir_all(&disk).unwrap();
    // Unquoted, there is nothing any more that tells what was meant: quoted it has to be.
    for typed in ["'My Disk'", "'My Disk/MobileSync'", &absolute] {
        assert_eq!(paths(typed), ipad, "gone: {typed}");
    }
    let text = world.typed("history 'My Disk'");
    assert!(text.stdout.contains("complete"), "{text:?}");
}

/// Three megabytes more after a week, nothing in the next, three more in the third.
#[test]
fn growth_since_the_last_run_and_per_month() {
    let world = World::new();
    let grown = |name: &str| world.phone().join("ab").join(name);
    let table = |number| {
        scan(&world, number);
        world.typed("history").stdout
    };
    table(1);
    put(&grown("one"), &vec![7; 3_000_000]);
    let first = table(8);
    assert!(first.contains("3.0 MB"), "{first}");
    assert!(!first.contains("month"), "one week is too short: {first}");
    let second = table(14);
    assert!(!second.contains("month"), "a day is missing: {second}");
    put(&grown("two"), &vec![7; 3_000_000]);
    // 6.0 MB in 21 days are 8.6 MB in 30 and 8.7 in the 30.4 of a mean month.
    let third = table(22);
    for word in ["+3.0 MB", " a month"] {
        assert!(third.contains(word), "{third}");
    }
    let one_of = |said: &str, words: [&str; 2]| words.iter().any(|word| said.contains(word));
    assert!(one_of(&third, ["8.6 MB", "8.7 MB"]), "{third}");
    fs::remove_file(grown("one")).unwrap();
    // 3.0 MB in 28 days.
    let fourth = table(29);
    assert!(one_of(&fourth, ["3.2 MB", "3.3 MB"]), "{fourth}");
}

#[test]
fn redacted_it_has_no_name_identifier_or_path() {
    let world = World::empty();
    for (udid, name, model) in [
        (PHONE, "Anna's own", "iPhone16,1"),
        (IPAD, "Bert's own", "iPad13,16"),
    ] {
        let named = with_photos(BackupBuilder::new(udid));
        let named = named.device(name, model, None, "17.5", "21F90");
        named.write(&world.root());
    }
    assert_eq!(world.code("backups"), 0);
    assert_eq!(world.code("backups --redact"), 0);
    let folder = world.folder.path().to_str().unwrap();
    let personal = [
        "Anna", "Bert", PHONE, IPAD, "0000", "backups", "state", folder,
    ];
    for line in [
        "history --redact",
        "history --redact --json",
        "history --redact backups",
        "--redact history --json backups",
    ] {
        let run = world.typed(line);
        assert_code(&run, 0);
        for word in personal {
            assert!(!run.stdout.contains(word), "{line} {word}: {run:?}");
        }
        let told = if line.contains("--json") { 4 } else { 2 };
        assert_eq!(run.stdout.matches("complete").count(), told, "{line}");
    }
    // A redacted scan is remembered under its own names.
    let history = world.history("");
    assert_eq!(runs(&history).len(), 4);
    assert_eq!(history["devices"][0]["name"], "Bert's own");
    assert_eq!(history["devices"][0]["udid"], IPAD);
}

/// What Manifest.plist says of the device.
fn lockdown(manifest: &mut plist::Dictionary) -> &mut plist::Dictionary {
    manifest["Lockdown"].as_dictionary_mut().unwrap()
}

#[test]
fn hostile_names_change_neither_screen_nor_document() {
    let name = "Evil\u{1b}[2J\u{202e}\u{200b}\n\t📱 \"x\\";
    let world = World::empty();
    let hostile = phone().manifest_plist(|manifest| {
        lockdown(manifest).insert("DeviceName".to_owned(), name.into());
    });
    // Binary, as XML cannot hold each of these letters.
    let info = hostile.write(&world.root()).join("Info.plist");
    let mut value = plist::Value::from_file(&info).unwrap();
    for key in ["Device Name", "Display Name"] {
        let entries = value.as_dictionary_mut().unwrap();
        entries.insert(key.to_owned(), name.into());
    }
    let mut bytes = Vec::new();
    value.to_writer_binary(&mut bytes).unwrap();
    put(&info, &bytes);
    let scanned = parsed(&world.at(NOW, "backups --json"));
    let history = world.history("");
    assert_eq!(history["devices"][0]["name"], scanned["devices"][0]["name"]);
    assert_eq!(history["devices"][0]["name"], name);
    let text = world.typed("history").stdout;
    let hostile = |c: char| c != '\n' && (c.is_control() || "\u{202e}\u{200b}".contains(c));
    assert!(!text.contains(hostile), "{text:?}");
    let heading = text.lines().next().unwrap();
    assert!(heading.contains("Evil") && heading.contains('📱'), "{text}");
    assert_eq!(text.matches("complete").count(), 1, "{text}");
}

/// Backups that tell no UDID are devices of their own.
#[test]
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
                lockdown(manifest).remove("UniqueDeviceID");
            });
        damage(&anonymous.write(&world.root()), 1);
    }
    assert_eq!(world.new_codes(), [2, 0]);
    heal(&world.root().join("copy one"), 1);
    assert_eq!(world.new_code(), 0);
    damage(&world.root().join("copy two"), 2);
    assert_eq!(world.new_code(), 2);
    let history = world.history("");
    assert_eq!(list(&history["devices"]).len(), 2, "{history:#}");
    for (device, name) in list(&history["devices"]).zip(["copy one", "copy two"]) {
        assert_eq!(device["udid"], Value::Null);
        assert_eq!(list(&device["runs"]).len(), 4);
        for run in list(&device["runs"]) {
            assert!(run["path"].as_str().unwrap().ends_with(name), "{run}");
        }
    }
}
