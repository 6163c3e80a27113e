//! Names and documents that somebody else made: whatever is in them, it is text on the page. And what is
//! personal is not there where it was to be left out.

#![cfg(not(windows))]

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use super::super::one;
use crate::cli::configured::{PHONE, SPARE, TABLET, World, backup, corrupt, phone};
use crate::harness::{NOW, words};
use crate::support::BackupBuilder;

use super::*;

const SCRIPT: &str = "<script>alert(1)</script>";

/// What ends an attribute, an element, a comment, a style or a line, and turns the direction of the
/// text.
const HOSTILE: &str = "\"'><img src=x onerror=alert(1)> & &amp; &#60; --> ]]> </style></title>\
    \u{202e}\u{200b}\u{feff}\u{1b}[31m\u{7f}\u{85}\u{0}\r\n\t{{x}} `y` ${z} \u{1f4f1}";

/// The same as a reader sees it, as far as nothing but its letters count.
const SHOWN: &str = "\"'><img src=x onerror=alert(1)> & &amp; &#60; --> ]]> </style></title>";

/// Every text in the value under one of these names, with this after it; all texts where none is named.
fn append(value: &mut Value, more: &str, keys: &[&str]) {
    let below = |value: &mut Value| append(value, more, keys);
    match value {
        Value::Object(members) => {
            let is_meant = |key: &String| keys.is_empty() || keys.contains(&key.as_str());
            let mut members = Vec::from_iter(members);
            members.retain(|(key, value)| is_meant(key) || !value.is_string());
            members.into_iter().for_each(|(_, value)| below(value));
        }
        Value::Array(members) => members.iter_mut().for_each(below),
        Value::String(text) => text.push_str(more),
        _ => {}
    }
}

/// A world, and a document with findings, advice, problems and what lies beside.
fn documented() -> (World, Value) {
    let world = one();
    let backups = world.backups();
    phone("2026-03-01").folder_name("older").write(&backups);
    corrupt(TABLET, "2025-03-01").write(&backups);
    let spare = backup(SPARE, "Spare", "2023-09-22");
    spare.encrypted().write(&backups);
    fs::create_dir(backups.join("_unback_")).unwrap();
    let options = ["--json", "--stale-after", "10d"];
    let run = world.run(&[&["Backup", "missing", "--now", NOW], &options[..]].concat());
    let document = serde_json::from_str(&run.stdout).unwrap();
    (world, document)
}

/// The members of a list of the document.
fn each<'a>(document: &'a mut Value, name: &str) -> &'a mut Vec<Value> {
    document[name].as_array_mut().unwrap()
}

/// The page of this document, which says nothing but text.
fn page(world: &World, document: &Value) -> Element {
    page_of(world, document, &["--no-state"])
}

#[test]
fn names_of_a_document() {
    let (world, document) = documented();
    let keys = words(
        "name path group message why text title command hint domain product_name product_type \
         ios_version bkscan_version udid file_id serial_number build_version",
    );
    for (more, shown) in [(SCRIPT, SCRIPT), (HOSTILE, SHOWN)] {
        let mut hostile = document.clone();
        append(&mut hostile, more, &keys);
        // Paths name backups in several places of the document.
        for list in ["removable", "on_request"] {
            append(&mut hostile["summary"][list]["backups"], more, &[]);
        }
        for device in each(&mut hostile, "devices") {
            append(&mut device["backups"], more, &[]);
            append(&mut device["newest_good"], more, &[]);
        }
        let page = page(&world, &hostile);
        let body = page.only("body").text();
        for name in ["Anna's iPhone", "Spare", "iPhone 15 Pro", "missing"] {
            let name = format!("{name}{shown}");
            assert!(body.contains(&name), "{name} in {body}");
        }
        assert_eq!(page.named("article").len(), 4);
    }
}

/// Ids, severities, verdicts and other words of which a document has a few: what they are is not for the
/// page to rely on.
#[test]
fn words_of_a_document() {
    let (world, document) = documented();
    let keys = words(
        "id severity verdict level code kind source action manifest_format snapshot_state \
         backup_state",
    );
    for more in [SCRIPT, HOSTILE, " x", "\"", "\u{e9}"] {
        let mut hostile = document.clone();
        append(&mut hostile, more, &keys);
        for backup in each(&mut hostile, "backups") {
            append(&mut backup["flags"], more, &[]);
            append(&mut backup["checked"], more, &[]);
        }
        page(&world, &hostile);
    }
}

/// Where a name says nothing, something else does: a heading or a link without text is none.
#[test]
fn names_without_a_letter() {
    let (world, document) = documented();
    let keys = words("name product_type product_name ios_version build_version");
    for name in [Some(""), Some(" "), Some("\u{202e}\u{200b}\u{7}"), None] {
        let mut hostile = document.clone();
        for backup in each(&mut hostile, "backups") {
            for key in &keys {
                backup["device"][key] = json!(name);
            }
            backup["udid"] = json!(name);
        }
        for device in each(&mut hostile, "devices") {
            device["name"] = json!(name);
            device["udid"] = json!(name);
        }
        for link in page(&world, &hostile).named("a") {
            assert!(!link.text().trim().is_empty(), "{name:?}: {link:?}");
        }
    }
}

#[test]
fn numbers_of_a_document() {
    fn set(value: &mut Value, number: u64) {
        let kept = ["schema_version", "exit_code", "step"];
        match value {
            Value::Object(members) => members
                .iter_mut()
                .filter(|(key, _)| !kept.contains(&key.as_str()))
                .for_each(|(_, value)| set(value, number)),
            Value::Array(members) => members.iter_mut().for_each(|value| set(value, number)),
            Value::Number(_) => *value = json!(number),
            _ => {}
        }
    }
    let (world, document) = documented();
    for number in [0, 1, u64::MAX / 2, u64::MAX] {
        let mut hostile = document.clone();
        set(&mut hostile, number);
        page(&world, &hostile);
    }
    let mut hostile = document;
    hostile["roots"][0]["volume"] =
        json!({ "total_bytes": 0, "available_bytes": u64::MAX, "shares_blocks": true });
    hostile["summary"]["allocated_bytes"] = json!(u64::MAX);
    hostile["backups"][0]["storage"] = json!([
        { "group": "Photos", "files": 1, "bytes": u64::MAX },
        { "group": "Messages", "files": 1, "bytes": u64::MAX },
        { "group": "Nothing", "files": 0, "bytes": 0 },
        { "group": "Tiny", "files": 1, "bytes": 1 },
    ]);
    page(&world, &hostile);
    for step in [0, 255] {
        hostile["advice"][0]["step"] = json!(step);
        page(&world, &hostile);
    }
    for code in [0, 3, 130, 255] {
        hostile["exit_code"] = json!(code);
        page(&world, &hostile);
    }
}

#[test]
fn times_of_a_document() {
    let (world, mut hostile) = documented();
    for time in [
        "-009999-01-02T01:59:59Z",
        "0000-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "9999-12-30T22:00:00.999999999Z",
        "2026-11-22T12:00:00.123456789+05:30",
    ] {
        hostile["started_at"] = json!(time);
        hostile["finished_at"] = json!(time);
        for backup in each(&mut hostile, "backups") {
            backup["last_backup"] = json!({ "at": time, "source": "manifest" });
        }
        fs::write(world.path("saved.json"), hostile.to_string()).unwrap();
        for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago"] {
            let mut command = world.command();
            command.args(words("report saved.json --html out.html"));
            let run = world.output(command.env("TZ", zone));
            assert_eq!(run.code, 0, "{time} {zone}: {run:?}");
            let html = fs::read_to_string(world.path("out.html")).unwrap();
            sound(&html, &hostile);
        }
    }
}

/// Paths by which parts of a document name others, and the others are not there, or twice.
#[test]
fn a_document_that_does_not_fit_together() {
    let (world, document) = documented();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut hostile = document.clone();
        change(&mut hostile);
        page(&world, &hostile)
    };
    changed(&|hostile| hostile["devices"] = json!([]));
    changed(&|hostile| hostile["backups"] = json!([]));
    changed(&|hostile| {
        for device in each(hostile, "devices") {
            device["backups"] = json!(["nowhere", "nowhere"]);
            device["newest_good"] = json!("nowhere");
            device["udid"] = json!(null);
            device["name"] = json!(null);
        }
        hostile["summary"]["removable"]["backups"] = json!(["nowhere", "nowhere"]);
        hostile["summary"]["on_request"]["backups"] = json!(["nowhere"]);
        hostile["advice"][0]["backups"] = json!(["nowhere"]);
    });
    // Every backup and every device several times.
    let page_of_three = changed(&|hostile| {
        for name in words("backups devices roots advice beside problems") {
            hostile[name] = json!([list(&document[name]); 3].concat());
        }
    });
    assert_eq!(page_of_three.named("article").len(), 12);
    // Nothing but what must be there.
    changed(&|hostile| {
        hostile["roots"] = json!([]);
        hostile["advice"] = json!([]);
        for backup in each(hostile, "backups") {
            for key in words("findings storage flags checked not_checked") {
                backup[key] = json!([]);
            }
            for key in words("udid encrypted manifest_format last_backup manifest") {
                backup[key] = json!(null);
            }
            for key in words("name product_type product_name ios_version") {
                backup["device"][key] = json!(null);
            }
            backup["decision"]["reasons"] = json!([]);
        }
    });
}

/// A long document: hundreds of backups, of findings, of groups, and names that are long.
#[test]
fn much_of_everything() {
    let (world, mut document) = documented();
    let mut hostile = document.clone();
    let numbered = |nth| {
        let mut backup = document["backups"][0].clone();
        backup["path"] = json!(format!("Backup/{nth}"));
        backup
    };
    hostile["backups"] = (0..300).map(numbered).collect();
    hostile["summary"]["backups"] = json!(300);
    let whole = page(&world, &hostile);
    assert_eq!(whole.named("article").len(), 300);
    let long = "long name ".repeat(20_000);
    document["devices"][0]["name"] = json!(long);
    let backup = &mut document["backups"][0];
    backup["device"]["name"] = json!(long);
    let group = |nth| json!({ "group": format!("App {nth}"), "files": 1, "bytes": 700 - nth });
    backup["storage"] = (0..700).map(group).collect();
    let finding = |nth| {
        json!({
            "id": format!("finding-{nth}"), "severity": "note", "count": nth, "bytes": nth,
            "message": format!("message {nth}."), "examples": [], "hint": null
        })
    };
    backup["findings"] = (0..700).map(finding).collect();
    let page = page(&world, &document);
    let card = card_of(&page, &document["backups"][0]).text();
    for words in ["finding-699", "message 699.", "App 0"] {
        assert!(card.contains(words), "{words}");
    }
}

/// Names as a backup brings them.
#[test]
fn names_of_a_backup() {
    let world = World::new();
    let name = format!("Anna{SHOWN}\u{202e}");
    let product = Some("iPhone \"15\" <i>");
    let photo = "Media/<script>alert(1)</script>.JPG";
    let app = "AppDomain-com.example.<img src=x>&\"'";
    BackupBuilder::new(PHONE)
        .bare()
        .no_empty_shards()
        .device(&name, "iPhone<b>16,1", product, "26.1'", "23<B85>")
        .date("2026-11-10T10:00:00Z")
        .file("CameraRollDomain", photo, &[7; 400])
        .remove_payload("CameraRollDomain", photo)
        .file(app, "Documents/\u{202e}\"><b>.txt", &[7; 4000])
        .file(app, "Documents/'&lt;.txt", &[7; 4000])
        .remove_payload(app, "Documents/'&lt;.txt")
        .folder_name("a\"><b onclick='x'>&lt;")
        .write(&world.backups());
    let made = scanned(&world, &[]);
    assert_eq!(made.run.code, 2);
    let body = made.page.only("body").text();
    for words in [&*format!("Anna{SHOWN}"), &photo[6..], "'&lt;.txt"] {
        assert!(body.contains(words), "{words}: {body}");
    }
    assert!(made.page.only("head").only("title").text().len() < 200);
    let (run, html) = reported(&world, &made.document, &[]);
    assert_eq!(run.code, 0);
    assert!(html == made.html);
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_that_is_no_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let world = one();
    let from = world.backups().join(PHONE);
    fs::rename(from, world.backups().join(OsStr::from_bytes(b"a\xff<b>"))).unwrap();
    let made = scanned(&world, &[]);
    assert!(made.document["backups"][0]["path_hex"].is_string());
    let (run, html) = reported(&world, &made.document, &[]);
    assert_eq!(run.code, 0);
    assert!(html == made.html);
}

// ---- --redact ----

/// What is personal in a document, by the places where it stands.
fn personal(value: &Value, found: &mut BTreeSet<String>) {
    // Words of the page's own, and of every iPhone.
    let own = words("MobileSync Backup Media Library testdata DCIM");
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match (&**key, value) {
                    ("name" | "udid" | "serial_number" | "file_id", Value::String(text)) => {
                        found.insert(text.clone());
                    }
                    ("path" | "newest_good" | "by", Value::String(text)) => {
                        found.insert(text.clone());
                        let parts = text.split('/').filter(|part| part.len() > 5);
                        found.extend(parts.filter(|part| !own.contains(part)).map(str::to_owned));
                    }
                    // What they are called is the same on every device.
                    ("databases", _) => {}
                    _ => personal(value, found),
                }
            }
        }
        Value::Array(members) => members.iter().for_each(|value| personal(value, found)),
        _ => {}
    }
}

#[test]
fn nothing_personal_of_the_samples() {
    let world = World::new();
    let mut found = BTreeSet::new();
    personal(&of_samples(&world, &[]).document, &mut found);
    let known = "Kitchen iPhone|00008101-000C3E5A7B9D0F12|TESTSERIAL01|sms.db";
    for word in known.split('|') {
        assert!(found.contains(word), "{word} in {found:?}");
    }
    let tells = |html: &str| {
        let told: Vec<&String> = found.iter().filter(|word| html.contains(&**word)).collect();
        assert!(told.is_empty(), "{told:?}");
    };
    for more in ["", "--level contents --stale-after 30y"] {
        let made = of_samples(&world, &[&["--redact"], &*words(more)].concat());
        tells(&made.html);
        let html = silently_reported(&world, &made.document, &["--redact"]);
        sound(&html, &made.document);
        // What this computer remembers has names, too.
        tells(&html);
        tells(&silently_reported(&world, &made.document, &[]));
    }
}

/// A world in which every word that is personal is of its own kind.
fn private() -> World {
    let world = World::new();
    let folder = world.backups().join("Zwieback");
    fs::create_dir(&folder).unwrap();
    backup(PHONE, "Quokka phone", "2026-11-10")
        .file("CameraRollDomain", "Media/DCIM/Wombat.JPG", &[7; 400])
        .remove_payload("CameraRollDomain", "Media/DCIM/Wombat.JPG")
        .info(|info| {
            info.insert("Serial Number".into(), "NUMBAT1234".into());
            info.insert("IMEI".into(), "490154203237518".into());
            info.insert("Phone Number".into(), "+44 20 7946 0958".into());
        })
        .write(&folder);
    backup(PHONE, "Quokka phone", "2026-10-10")
        .folder_name("Bandicoot")
        .write(&folder);
    fs::create_dir(folder.join("_unback_")).unwrap();
    world
}

const PERSONAL: &str =
    "Zwieback Quokka Wombat NUMBAT 490154203237518 7946 Bandicoot _unback_ Gone-away";

#[test]
fn nothing_personal_of_a_world() {
    let world = private();
    for day in ["20", "21", "22"] {
        let now = format!("2026-11-{day}T12:00:00Z");
        let made = made(&world, &["Backup", "Gone-away", "--now", &now, "--redact"]);
        assert_eq!(made.run.code, 2);
        let reported = silently_reported(&world, &made.document, &["--redact"]);
        for word in words(PERSONAL).into_iter().chain([PHONE]) {
            assert!(!made.html.contains(word), "{word}");
            assert!(!reported.contains(word), "{word}");
        }
        let folder = world.folder.path().file_name().unwrap().to_str().unwrap();
        assert!(!made.html.contains(folder));
        assert!(made.html.contains("backup-1") && made.html.contains("device-1"));
    }
    let made = made(&world, &["Backup", "Gone-away", "--now", NOW]);
    assert!(made.html.contains("Quokka phone"));
    for word in words("Zwieback Wombat.JPG Bandicoot _unback_ Gone-away") {
        assert!(made.html.contains(word), "{word}");
    }
    for word in ["490154203237518", "7946"] {
        assert!(!made.html.contains(word), "{word} is never shown");
    }
}

/// Names cannot be taken out of sentences afterwards.
#[test]
fn a_document_with_names_is_not_redacted_afterwards() {
    let world = private();
    let document = |args: &[&str]| -> Value {
        let run = world.run(&[&["--json", "--now", NOW], args].concat());
        serde_json::from_str(&run.stdout).unwrap()
    };
    let whole = document(&["Backup", "Gone-away"]);
    let only_problems = document(&["Gone-away"]);
    // As where none of the usual places is there: what is left has names all the same.
    let mut no_roots = only_problems.clone();
    no_roots["roots"] = json!([]);
    let only_beside = document(&["Backup/Zwieback/_unback_"]);
    let mut rest = document(&["Backup", "--redact"]);
    let mut cases = vec![whole.clone(), only_problems, only_beside, no_roots];
    for name in ["devices", "beside", "problems"] {
        let mut mixed = rest.clone();
        mixed[name] = whole[name].clone();
        cases.push(mixed);
    }
    rest["backups"][0]["device"]["name"] = json!("Quokka phone");
    cases.push(rest);
    for (nth, document) in cases.iter().enumerate() {
        let _ = fs::remove_file(world.path("report.html"));
        let (run, html) = reported(&world, document, &["--redact"]);
        assert_eq!((run.code, &*run.stdout), (64, ""), "{nth}: {run:?}");
        assert_eq!(html, "", "{nth}");
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
        assert!(run.stderr.contains("--json --redact"), "{run:?}");
    }
}
