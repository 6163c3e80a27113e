//! All that a document tells stands on its page, too.

#![cfg(not(windows))]

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use super::super::one;
use crate::cli::configured::{PHONE, SPARE, TABLET, World, backup, corrupt, phone};
use crate::harness::{NOW, Run, lasting, words};
use crate::support::BackupBuilder;

use super::*;

/// Fails unless the page says what the document says, each of it where it belongs. Names in the document
/// must be plain.
fn says_all(page: &Element, document: &Value) {
    let whole = page.only("body").text();
    let has = |words: &str| assert!(whole.contains(words), "not on the page: {words}");
    let all_have = |place: &Value, name: &str| {
        let members = list(place).iter();
        members.for_each(|member| has(text(&member[name])));
    };
    for backup in list(&document["backups"]) {
        let card = card_of(page, backup).text();
        let has = |words: &str| assert!(card.contains(words), "no {words} on the card {card}");
        has(text(&backup["verdict"]));
        for finding in list(&backup["findings"]) {
            for name in ["id", "severity", "message"] {
                has(text(&finding[name]));
            }
            for example in list(&finding["examples"]) {
                example["path"].as_str().map(has);
            }
        }
        for name in ["name", "product_name", "ios_version"] {
            backup["device"][name].as_str().map(has);
        }
        for reason in list(&backup["decision"]["reasons"]) {
            has(text(&reason["text"]));
        }
        for group in list(&backup["storage"]) {
            has(text(&group["group"]));
        }
        all_have(&backup["not_checked"], "id");
        all_have(&backup["not_checked"], "why");
        if !list(&backup["not_checked"]).is_empty() {
            let checked = page.id("checked").expect("what was checked");
            assert!(!checked.text().is_empty());
        }
        for id in list(&backup["checked"]) {
            assert!(whole.contains(text(id)), "{id}");
        }
    }
    for device in list(&document["devices"]) {
        for finding in list(&device["findings"]) {
            has(text(&finding["id"]));
            // It may begin a sentence.
            has(&text(&finding["message"])[1..]);
        }
    }
    all_have(&document["problems"], "message");
    all_have(&document["beside"], "path");
    for advice in list(&document["advice"]) {
        has(text(&advice["title"]).split(", ").next().unwrap());
        advice["command"].as_str().map(has);
    }
    has(text(&document["level"]));
    has(&format!("bkscan {}", text(&document["bkscan_version"])));
}

/// Where the page's numbers stand in the document.
fn numbers(page: &Element) -> BTreeSet<String> {
    let numbers = page.named("data").into_iter();
    let pointers = numbers.filter_map(|number| number.get("data-json"));
    pointers.map(str::to_owned).collect()
}

/// The numbers that a person asks for, by where they stand in the document.
fn asked_for(document: &Value) -> BTreeSet<String> {
    let mut asked: BTreeSet<String> = ["backups", "devices", "files", "allocated_bytes"]
        .map(|name| format!("/summary/{name}"))
        .into();
    let mut ask = |is_asked: bool, pointer: String| {
        asked.extend(Some(pointer).filter(|_| is_asked));
    };
    let summary = &document["summary"];
    for (verdict, count) in summary["verdicts"].as_object().unwrap() {
        ask(*count != 0, format!("/summary/verdicts/{verdict}"));
    }
    for choice in ["removable", "on_request"] {
        let is_any = summary[choice]["backups"] != json!([]);
        ask(is_any, format!("/summary/{choice}/bytes"));
    }
    for (at, root) in list(&document["roots"]).iter().enumerate() {
        let is_known = !root["volume"].is_null() && summary["backups"] != 0;
        ask(is_known, format!("/roots/{at}/volume/available_bytes"));
    }
    for (at, backup) in list(&document["backups"]).iter().enumerate() {
        for number in ["size/allocated_bytes", "size/files", "frees/bytes"] {
            ask(true, format!("/backups/{at}/{number}"));
        }
        for nth in 0..list(&backup["storage"]).len() {
            ask(true, format!("/backups/{at}/storage/{nth}/bytes"));
        }
        for (nth, finding) in list(&backup["findings"]).iter().enumerate() {
            for (number, least) in [("count", 2), ("bytes", 1)] {
                let is_enough = finding[number].as_u64() >= Some(least);
                ask(is_enough, format!("/backups/{at}/findings/{nth}/{number}"));
            }
        }
    }
    for name in ["advice", "beside"] {
        for (at, one) in list(&document[name]).iter().enumerate() {
            ask(!one["bytes"].is_null(), format!("/{name}/{at}/bytes"));
        }
    }
    asked
}

fn complete(made: &Made) {
    says_all(&made.page, &made.document);
    let (asked, found) = (asked_for(&made.document), numbers(&made.page));
    let missing: Vec<_> = asked.difference(&found).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn the_samples_at_every_level() {
    let world = World::new();
    for args in [&["--level", "quick"][..], &[], &["--level", "contents"]] {
        let made = of_samples(&world, args);
        assert_eq!(made.run.code, 2);
        assert_eq!(list(&made.document["backups"]).len(), 10);
        complete(&made);
    }
    let mut command = world.command();
    command.env("BKSCAN_PASSWORD", "sample").arg(samples());
    command.args(words("--level contents --stale-after 30y --now"));
    command.arg(LATER);
    complete(&made_by(&world, &mut command));
}

#[test]
fn a_finding_stands_on_its_card_and_is_explained() {
    let world = World::new();
    let made = of_samples(&world, &[]);
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    for (at, backup) in list(&made.document["backups"]).iter().enumerate() {
        for finding in list(&backup["findings"]) {
            let id = text(&finding["id"]);
            let links = card(&made, at).named("a");
            let link = links.iter().find(|link| link.text() == id).unwrap();
            let target = link.get("href").unwrap().strip_prefix('#').unwrap();
            assert!(made.page.id(target).is_some(), "{target}");
            ids.insert(id);
        }
        ids.insert(text(&backup["verdict"]));
    }
    let expected = "complete corrupt file-missing incomplete interrupted manifest-missing \
        manifest-plist-missing never-finished size-differs unverified update-interrupted";
    assert_eq!(Vec::from_iter(ids.iter().copied()), words(expected));
    let body = made.page.only("body").text();
    for id in ids {
        let sentence = explained(id);
        assert!(body.contains(&sentence), "{id}: {sentence}");
    }
}

#[test]
fn what_can_go_and_what_only_the_user_can_decide() {
    let world = one();
    let backups = world.backups();
    phone("2026-03-01").folder_name("older").write(&backups);
    let spare = backup(SPARE, "Spare", "2023-09-22");
    spare.encrypted().write(&backups);
    let made = scanned(&world, &[]);
    complete(&made);
    assert_eq!(made.run.code, 0);
    let (document, page) = (&made.document, &made.page);
    assert_eq!(page.id("freed").expect("what can be freed").name, "h2");
    let data = page.named("data").into_iter();
    let mut sums: Vec<&str> = data.filter_map(|sum| sum.get("data-json")).collect();
    sums.retain(|place| place.starts_with("/summary/") && place.ends_with("/bytes"));
    // First in a sentence, then below what it is made of.
    let expected = ["/summary/removable/bytes", "/summary/on_request/bytes"];
    assert_eq!(sums, [expected; 2].concat());
    let removable = &document["summary"]["removable"];
    assert!(removable["bytes"].as_u64() > Some(0));
    // "Up to", wherever the disk may share blocks, and nowhere else.
    for cell in [page.named("p"), page.named("td")].concat() {
        let data = cell.named("data");
        let mut places = data.iter().filter_map(|data| data.get("data-json"));
        if places.any(|place| place.ends_with("/removable/bytes")) {
            let exact = removable["exact"] == true;
            assert_eq!(cell.text().contains("up to"), !exact, "{cell:?}");
        }
    }
    assert!(page.only("body").text().contains("bkscan clean"));
}

#[test]
fn findings_about_a_device_and_how_it_grew() {
    let world = World::new();
    let backups = world.backups();
    corrupt(PHONE, "2026-08-01").write(&backups);
    phone("2026-05-01").folder_name("older").write(&backups);
    two_days_before(&world, &[]);
    let mut made = scanned(&world, &["--stale-after", "30d", "--level", "contents"]);
    complete(&made);
    let device = &made.document["devices"][0];
    assert_eq!(device["findings"][0]["id"], "backup-stale", "{device}");
    let body = made.page.only("body").text();
    assert!(body.contains(&explained("backup-stale")));
    let history = made.page.id("history").expect("how they grew");
    assert_eq!(history.text(), "How they grew");
    // A line for each of both backups, and none for each run.
    let lines = made.page.named("li").into_iter().map(Element::text);
    let lines: Vec<String> = lines.filter(|line| line.contains(" runs since ")).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    for line in lines {
        let told = ": unchanged in 3 runs since 20 Nov 2026, ";
        assert!(line.contains(told), "{line}");
    }
    // A warning about room on the disk depends on the disk.
    made.document["devices"][0]["findings"] = json!([{
        "id": "next-backup-may-not-fit", "severity": "warning", "count": 1, "bytes": 86_400_000_000_u64,
        "message": "Only 1.0 GB are free for the next backup", "examples": [], "hint": null
    }]);
    let page = page_of(&world, &made.document, &[]);
    says_all(&page, &made.document);
    let body = page.only("body").text();
    assert!(body.contains(&explained("next-backup-may-not-fit")));
}

#[test]
fn the_history_is_that_of_the_state_folder_that_is_named() {
    let world = one();
    let other = ["--state-dir", "other"];
    two_days_before(&world, &other);
    let cases = [(&other[..], true), (&["--no-state"], false), (&[], false)];
    let mut document = Value::Null;
    for (args, expected) in cases {
        let made = scanned(&world, args);
        assert_eq!(made.page.id("history").is_some(), expected, "{args:?}");
        document = made.document;
    }
    for (args, expected) in cases {
        let page = page_of(&world, &document, args);
        assert_eq!(page.id("history").is_some(), expected, "{args:?}");
    }
}

/// A document with one backup of each verdict.
fn of_every_verdict() -> (World, Value) {
    let world = one();
    let mut document = scanned(&world, &[]).document;
    let backup = document["backups"][0].clone();
    let verdicts = "complete unverified in-progress interrupted incomplete corrupt unreadable";
    let with = |verdict: &str| {
        let mut backup = backup.clone();
        backup["verdict"] = json!(verdict);
        backup["path"] = json!(format!("Backup/{verdict}"));
        backup
    };
    let backups: Vec<Value> = words(verdicts).into_iter().map(with).collect();
    for verdict in words(verdicts) {
        document["summary"]["verdicts"][verdict] = json!(1);
    }
    let paths: Vec<&Value> = backups.iter().map(|one| &one["path"]).collect();
    document["devices"][0]["backups"] = json!(paths);
    document["backups"] = json!(backups);
    document["summary"]["backups"] = json!(7);

    (world, document)
}

#[test]
fn every_verdict_is_a_word() {
    let (world, document) = of_every_verdict();
    let page = page_of(&world, &document, &[]);
    says_all(&page, &document);
    for backup in list(&document["backups"]) {
        let verdict = text(&backup["verdict"]);
        assert!(card_of(&page, backup).text().contains(verdict));
        let sentence = explained(verdict);
        assert!(page.only("body").text().contains(&sentence), "{sentence}");
    }
    assert!(numbers(&page).is_superset(&asked_for(&document)));
}

/// What was found until then has a page, too.
#[cfg(target_os = "linux")]
#[test]
fn a_scan_that_is_stopped_has_a_page() {
    let world = one();
    fs::create_dir(world.path("My Disk")).unwrap();
    let mut command = world.command();
    command.args(words("My Disk Backup --json --html page.html --now"));
    let mut held = crate::system::signals::Held::start(command.arg(NOW));
    // It has the other end of what is to be read to its end.
    drop(command);
    held.signal("INT", 2);
    let output = held.end();
    assert_eq!(output.status.code(), Some(130));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["cancelled"], true);
    let html = fs::read_to_string(world.path("page.html")).unwrap();
    let header = sound(&html, &document).only("header").text();
    assert!(header.contains("stopped"), "{header}");
    // Not that there is nothing: nobody looked.
    assert!(!header.contains("No backup was found"), "{header}");
}

#[test]
fn a_scan_that_was_stopped_says_so() {
    let world = one();
    let mut made = scanned(&world, &[]);
    made.document["cancelled"] = json!(true);
    made.document["exit_code"] = json!(130);
    let page = page_of(&world, &made.document, &[]);
    let stopped = |page: &Element| {
        let header = page.only("header").text().to_lowercase();
        header.contains("cancelled") || header.contains("stopped")
    };
    assert!(stopped(&page), "{:.800}", page.text());
    assert!(!stopped(&made.page));
}

#[test]
fn what_lies_beside_and_what_was_passed_over() {
    let world = one();
    let backups = world.backups();
    for name in ["iMazing.Versions", "_unback_", ".bkscan-removing-gone"] {
        fs::create_dir(backups.join(name)).unwrap();
        fs::write(backups.join(name).join("file"), [7; 5000]).unwrap();
    }
    std::os::unix::fs::symlink(backups.join(PHONE), backups.join("link")).unwrap();
    let made = scanned(&world, &[]);
    let beside = list(&made.document["beside"]);
    assert!(beside.len() >= 3, "{beside:#?}");
    assert!(!list(&made.document["problems"]).is_empty());
    complete(&made);
    // Two paths, one of which is not there.
    let made = super::made(&world, &["Backup", "missing", "--now", NOW]);
    assert_eq!(made.run.code, 3);
    complete(&made);
    let body = made.page.only("body").text();
    assert!(body.contains("missing does not exist"));
}

#[test]
fn no_backup_was_found() {
    let world = World::new();
    fs::create_dir(world.path("empty")).unwrap();
    for path in ["empty", "missing"] {
        let made = made(&world, &[path, "--now", NOW]);
        assert_eq!(made.run.code, 3);
        let body = made.page.only("body").text();
        assert!(body.to_lowercase().contains("no backup"), "{path}: {body}");
        complete(&made);
        assert!(made.page.named("article").is_empty());
        // The same as on the screen, from the document alone.
        let html = silently_reported(&world, &made.document, &[]);
        assert_eq!(html, made.html);
    }
}

#[test]
fn a_backup_of_which_hardly_anything_is_known() {
    let world = World::new();
    let backups = world.backups();
    let lists = ["Manifest.plist", "Manifest.db", "Status.plist"];
    let bare = |builder: BackupBuilder| lists.into_iter().fold(builder, BackupBuilder::without);
    bare(backup(TABLET, "Tablet", "2026-08-01").without("Info.plist"))
        .raw("Status.plist", "no plist")
        .write(&backups);
    bare(BackupBuilder::new(SPARE).bare()).write(&backups);
    let made = scanned(&world, &[]);
    let found = list(&made.document["backups"]);
    assert_eq!(found.len(), 2, "{found:#?}");
    complete(&made);
}

/// Runs with the same arguments print the same with a page and without one.
#[test]
fn the_screen_and_the_exit_code_are_as_without_a_page() {
    let world = one();
    let same = |args: &[&str]| -> Run {
        let base = ["Backup", "--now", NOW, "--no-state", "--advice", "none"];
        let base = [&base[..], args].concat();
        let plain = world.run(&base);
        let _ = fs::remove_file(world.path("page.html"));
        let with = world.run(&[&base[..], &["--html", "page.html"]].concat());
        assert_eq!(lasting(&with.stdout), lasting(&plain.stdout), "{args:?}");
        assert_eq!(with.stderr, plain.stderr, "{args:?}");
        assert_eq!(with.code, plain.code, "{args:?}");
        assert!(world.path("page.html").is_file(), "{args:?}");
        let names = listing(world.folder.path());
        assert_eq!(names, ["Backup", "page.html"], "{args:?}");
        with
    };
    for args in ["", "--json", "--quiet", "--redact"] {
        assert_eq!(same(&words(args)).code, 0, "{args}");
    }
    assert_eq!(same(&["--quiet"]).stdout, "");
    corrupt(TABLET, "2026-11-10").write(&world.backups());
    for args in ["", "--json", "--quiet", "--threads 1"] {
        assert_eq!(same(&words(args)).code, 2, "{args}");
    }
    let told = same(&["--quiet"]).stdout;
    assert!(told.starts_with("bkscan: Broken is corrupt"), "{told}");
}
