//! All that a document tells stands on its page, too.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::cli::configured::{PHONE, SPARE, TABLET, World, backup, corrupt, phone};
use crate::harness::{NOW, Run};
use crate::support::BackupBuilder;

use super::*;

/// Fails unless the page says what the document says, each of it where it belongs. Names in the document
/// must be plain.
fn says_all(page: &Element, document: &Value) {
    let whole = page.only("body").text();
    let has = |words: &str| assert!(whole.contains(words), "not on the page: {words}");
    for backup in list(&document["backups"]) {
        let card = card_of(page, backup);
        let text_of_card = card.text();
        let has = |words: &str| {
            assert!(
                text_of_card.contains(words),
                "no {words} on the card {text_of_card}"
            );
        };
        has(text(&backup["verdict"]));
        for finding in list(&backup["findings"]) {
            has(text(&finding["id"]));
            has(text(&finding["severity"]));
            has(text(&finding["message"]));
            for example in list(&finding["examples"]) {
                example["path"].as_str().map(has);
            }
        }
        let device = &backup["device"];
        for name in ["name", "product_name", "ios_version"] {
            device[name].as_str().map(has);
        }
        for reason in list(&backup["decision"]["reasons"]) {
            has(text(&reason["text"]));
        }
        for not_checked in list(&backup["not_checked"]) {
            let checked = page.id("checked").expect("what was checked");
            assert!(!checked.text().is_empty());
            for words in [&not_checked["id"], &not_checked["why"]] {
                assert!(whole.contains(text(words)), "{not_checked}");
            }
        }
        for id in list(&backup["checked"]) {
            assert!(whole.contains(text(id)), "{id}");
        }
        for group in list(&backup["storage"]) {
            has(text(&group["group"]));
        }
    }
    for device in list(&document["devices"]) {
        for finding in list(&device["findings"]) {
            has(text(&finding["id"]));
            // It may begin a sentence.
            has(&text(&finding["message"])[1..]);
        }
    }
    for problem in list(&document["problems"]) {
        has(text(&problem["message"]));
    }
    for beside in list(&document["beside"]) {
        has(text(&beside["path"]));
    }
    for advice in list(&document["advice"]) {
        has(text(&advice["title"]).split(", ").next().unwrap());
        advice["command"].as_str().map(has);
    }
    let level = text(&document["level"]);
    has(level);
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
    let summary = &document["summary"];
    for (verdict, count) in summary["verdicts"].as_object().unwrap() {
        if count != 0 {
            asked.insert(format!("/summary/verdicts/{verdict}"));
        }
    }
    for choice in ["removable", "on_request"] {
        if !list(&summary[choice]["backups"]).is_empty() {
            asked.insert(format!("/summary/{choice}/bytes"));
        }
    }
    for (at, root) in list(&document["roots"]).iter().enumerate() {
        if !root["volume"].is_null() && summary["backups"] != 0 {
            asked.insert(format!("/roots/{at}/volume/available_bytes"));
        }
    }
    for (at, backup) in list(&document["backups"]).iter().enumerate() {
        for number in ["size/allocated_bytes", "size/files", "frees/bytes"] {
            asked.insert(format!("/backups/{at}/{number}"));
        }
        for nth in 0..list(&backup["storage"]).len() {
            asked.insert(format!("/backups/{at}/storage/{nth}/bytes"));
        }
        for (nth, finding) in list(&backup["findings"]).iter().enumerate() {
            if finding["count"].as_u64() > Some(1) {
                asked.insert(format!("/backups/{at}/findings/{nth}/count"));
            }
            if finding["bytes"].as_u64() > Some(0) {
                asked.insert(format!("/backups/{at}/findings/{nth}/bytes"));
            }
        }
    }
    for (at, advice) in list(&document["advice"]).iter().enumerate() {
        if !advice["bytes"].is_null() {
            asked.insert(format!("/advice/{at}/bytes"));
        }
    }
    for (at, beside) in list(&document["beside"]).iter().enumerate() {
        if !beside["bytes"].is_null() {
            asked.insert(format!("/beside/{at}/bytes"));
        }
    }
    asked
}

fn complete(made: &Made) {
    says_all(&made.page, &made.document);
    let missing: Vec<String> = asked_for(&made.document)
        .difference(&numbers(&made.page))
        .cloned()
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn the_samples_at_every_level() {
    let world = World::new();
    for args in [&["--level", "quick"][..], &[], &["--level", "contents"]] {
        let made = of_samples(&world, args);
        assert_eq!(made.run.code, 2);
        assert_eq!(list(&made.document["backups"]).len(), 10);
        complete(&made);
    }
    let mut command = world.command();
    command
        .env("BKSCAN_PASSWORD", "sample")
        .arg(samples())
        .args([
            "--now",
            LATER,
            "--level",
            "contents",
            "--stale-after",
            "30y",
        ]);
    complete(&made_by(&world, &mut command));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
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
    assert_eq!(
        ids.iter().copied().collect::<Vec<_>>(),
        [
            "complete",
            "corrupt",
            "file-missing",
            "incomplete",
            "interrupted",
            "manifest-missing",
            "manifest-plist-missing",
            "never-finished",
            "size-differs",
            "unverified",
            "update-interrupted"
        ]
    );
    let body = made.page.only("body").text();
    for id in ids {
        let sentence = explained(id);
        assert!(body.contains(&sentence), "{id}: {sentence}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_can_go_and_what_only_the_user_can_decide() {
    let world = World::new();
    let backups = world.backups();
    phone("2026-11-10").write(&backups);
    phone("2026-03-01").folder_name("older").write(&backups);
    backup(SPARE, "Spare", "2023-09-22")
        .encrypted()
        .write(&backups);
    let made = scanned(&world, &[]);
    complete(&made);
    assert_eq!(made.run.code, 0);
    let freed = made.page.id("freed").expect("what can be freed");
    assert_eq!(freed.name, "h2");
    let sums = made.page.named("data").into_iter();
    let sums: Vec<&str> = sums
        .filter_map(|sum| sum.get("data-json"))
        .filter(|pointer| pointer.starts_with("/summary/") && pointer.ends_with("/bytes"))
        .collect();
    assert_eq!(
        sums,
        ["/summary/removable/bytes", "/summary/on_request/bytes"]
    );
    let removable = made.document["summary"]["removable"]["bytes"].as_u64();
    assert!(removable > Some(0));
    // "Up to", wherever the disk may share blocks, and nowhere else.
    for number in made
        .page
        .named("p")
        .into_iter()
        .chain(made.page.named("td"))
    {
        let frees = number.named("data").into_iter().any(|data| {
            data.get("data-json")
                .is_some_and(|pointer| pointer.ends_with("/removable/bytes"))
        });
        if frees {
            let exact = made.document["summary"]["removable"]["exact"] == true;
            assert_eq!(number.text().contains("up to"), !exact, "{number:?}");
        }
    }
    assert!(made.page.only("body").text().contains("bkscan clean"));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn findings_about_a_device_and_how_it_grew() {
    let world = World::new();
    let backups = world.backups();
    corrupt(PHONE, "2026-08-01").write(&backups);
    phone("2026-05-01").folder_name("older").write(&backups);
    for day in ["20", "21"] {
        world.run(&["Backup", "--now", &format!("2026-11-{day}T12:00:00Z")]);
    }
    let mut made = scanned(&world, &["--stale-after", "30d", "--level", "contents"]);
    complete(&made);
    let device = &made.document["devices"][0];
    assert_eq!(device["findings"][0]["id"], "backup-stale", "{device}");
    let body = made.page.only("body").text();
    assert!(body.contains(&explained("backup-stale")));
    let history = made.page.id("history").expect("how they grew");
    assert_eq!(history.text(), "How they grew");
    // Each of the three runs of both backups, in a table that those see who see no picture.
    for day in [20, 21, 22] {
        let time = format!("2026-11-{day}T12:00:00Z");
        let cells = made.page.named("th").into_iter();
        let rows = cells.filter(|cell| {
            cell.named("time")
                .iter()
                .any(|own| own.get("datetime") == Some(&time))
        });
        assert_eq!(rows.count(), 2, "{time}");
    }
    // A warning about room on the disk depends on the disk.
    let finding = json!({
        "id": "next-backup-may-not-fit", "severity": "warning", "count": 1, "bytes": 86_400_000_000_u64,
        "message": "Only 1.0 GB are free for the next backup", "examples": [], "hint": null
    });
    made.document["devices"][0]["findings"] = json!([finding]);
    let (run, html) = reported(&world, &made.document, &[]);
    assert_eq!(run.code, 0, "{run:?}");
    let page = sound(&html, &made.document);
    says_all(&page, &made.document);
    assert!(
        page.only("body")
            .text()
            .contains(&explained("next-backup-may-not-fit"))
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_history_is_that_of_the_state_folder_that_is_named() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    for day in ["20", "21"] {
        let now = format!("2026-11-{day}T12:00:00Z");
        world.run(&["Backup", "--now", &now, "--state-dir", "other"]);
    }
    assert!(
        scanned(&world, &["--state-dir", "other"])
            .page
            .id("history")
            .is_some()
    );
    assert!(
        scanned(&world, &["--no-state"])
            .page
            .id("history")
            .is_none()
    );
    let made = scanned(&world, &[]);
    assert!(made.page.id("history").is_none());
    for (args, expected) in [
        (&["--state-dir", "other"][..], true),
        (&["--no-state"], false),
        (&[], false),
    ] {
        let (run, html) = reported(&world, &made.document, args);
        assert_eq!(run.code, 0, "{run:?}");
        let page = sound(&html, &made.document);
        assert_eq!(page.id("history").is_some(), expected, "{args:?}");
    }
}

/// A document with one backup of each verdict.
fn of_every_verdict(world: &World) -> Value {
    phone("2026-11-10").write(&world.backups());
    let mut document = scanned(world, &[]).document;
    let one = document["backups"][0].clone();
    let verdicts = [
        "complete",
        "unverified",
        "in-progress",
        "interrupted",
        "incomplete",
        "corrupt",
        "unreadable",
    ];
    let mut paths = vec![];
    let backups: Vec<Value> = verdicts
        .iter()
        .map(|verdict| {
            let mut backup = one.clone();
            backup["verdict"] = json!(verdict);
            backup["path"] = json!(format!("Backup/{verdict}"));
            paths.push(backup["path"].clone());
            document["summary"]["verdicts"][verdict] = json!(1);
            backup
        })
        .collect();
    document["backups"] = json!(backups);
    document["summary"]["backups"] = json!(7);
    document["devices"][0]["backups"] = json!(paths);
    document
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn every_verdict_is_a_word() {
    let world = World::new();
    let document = of_every_verdict(&world);
    let (run, html) = reported(&world, &document, &[]);
    assert_eq!(run.code, 0, "{run:?}");
    let page = sound(&html, &document);
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
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_scan_that_is_stopped_has_a_page() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    fs::create_dir(world.path("My Disk")).unwrap();
    let mut command = world.command();
    command.args([
        "My",
        "Disk",
        "Backup",
        "--json",
        "--now",
        NOW,
        "--html",
        "page.html",
    ]);
    let mut held = crate::system::signals::Held::start(&mut command);
    // It has the other end of what is to be read to its end.
    drop(command);
    held.signal("INT", 2);
    let output = held.end();
    assert_eq!(output.status.code(), Some(130));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["cancelled"], true);
    let html = fs::read_to_string(world.path("page.html")).unwrap();
    let page = sound(&html, &document);
    let header = page.only("header").text();
    assert!(header.contains("stopped"), "{header}");
    // Not that there is nothing: nobody looked.
    assert!(!header.contains("No backup was found"), "{header}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_scan_that_was_stopped_says_so() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    let mut made = scanned(&world, &[]);
    made.document["cancelled"] = json!(true);
    made.document["exit_code"] = json!(130);
    let (run, html) = reported(&world, &made.document, &[]);
    assert_eq!(run.code, 0, "{run:?}");
    let stopped = |html: &str| {
        let page = markup::read(html).only("header").text().to_lowercase();
        page.contains("cancelled") || page.contains("stopped")
    };
    assert!(
        stopped(&html),
        "{:.800}",
        sound(&html, &made.document).text()
    );
    assert!(!stopped(&made.html));
}

#[test]
#[cfg_attr(
    windows,
    ignore = "the same everywhere; Wine knows not all of what a volume is"
)]
fn what_lies_beside_and_what_was_passed_over() {
    let world = World::new();
    let backups = world.backups();
    phone("2026-11-10").write(&backups);
    for name in ["iMazing.Versions", "_unback_", ".bkscan-removing-gone"] {
        fs::create_dir(backups.join(name)).unwrap();
        fs::write(backups.join(name).join("file"), [7; 5000]).unwrap();
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(backups.join(PHONE), backups.join("link")).unwrap();
    let made = scanned(&world, &[]);
    assert!(
        list(&made.document["beside"]).len() >= 3,
        "{:#}",
        made.document
    );
    #[cfg(unix)]
    assert!(!list(&made.document["problems"]).is_empty());
    complete(&made);
    // Two paths, one of which is not there.
    let made = super::made(&world, &["Backup", "missing", "--now", NOW]);
    assert_eq!(made.run.code, 3);
    complete(&made);
    assert!(
        made.page
            .only("body")
            .text()
            .contains("missing does not exist")
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
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
        let (run, html) = reported(&world, &made.document, &[]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert_eq!(html, made.html);
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_backup_of_which_hardly_anything_is_known() {
    let world = World::new();
    let backups = world.backups();
    backup(TABLET, "Tablet", "2026-08-01")
        .without("Info.plist")
        .without("Status.plist")
        .without("Manifest.plist")
        .without("Manifest.db")
        .raw("Status.plist", "no plist")
        .write(&backups);
    BackupBuilder::new(SPARE)
        .bare()
        .without("Manifest.plist")
        .without("Manifest.db")
        .without("Status.plist")
        .write(&backups);
    let made = scanned(&world, &[]);
    assert_eq!(
        list(&made.document["backups"]).len(),
        2,
        "{:#}",
        made.document
    );
    complete(&made);
}

/// Runs with the same arguments print the same with a page and without one.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn the_screen_and_the_exit_code_are_as_without_a_page() {
    let world = World::new();
    let backups = world.backups();
    phone("2026-11-10").write(&backups);
    let same = |args: &[&str]| -> Run {
        let base = [
            &["Backup", "--now", NOW, "--no-state", "--advice", "none"],
            args,
        ]
        .concat();
        let plain = world.run(&base);
        let _ = fs::remove_file(world.path("page.html"));
        let with = world.run(&[&base[..], &["--html", "page.html"]].concat());
        // The disk's free space changes meanwhile.
        let settled = |text: &str| -> String {
            let lines = text.lines();
            let mut lines: Vec<&str> = lines
                .filter(|line| !line.contains("available_bytes"))
                .map(|line| line.split(" free of ").next().unwrap().trim_end())
                .collect();
            if text.contains(" free of ") {
                let free = lines[0].rfind("   ").unwrap_or(lines[0].len());
                lines[0] = lines[0][..free].trim_end();
            }
            lines.join("\n")
        };
        assert_eq!(settled(&with.stdout), settled(&plain.stdout), "{args:?}");
        assert_eq!(with.stderr, plain.stderr, "{args:?}");
        assert_eq!(with.code, plain.code, "{args:?}");
        assert!(world.path("page.html").is_file(), "{args:?}");
        assert_eq!(
            listing(world.folder.path()),
            ["Backup", "page.html"],
            "{args:?}"
        );
        with
    };
    for args in [&[][..], &["--json"], &["--quiet"], &["--redact"]] {
        assert_eq!(same(args).code, 0);
    }
    assert_eq!(same(&["--quiet"]).stdout, "");
    corrupt(TABLET, "2026-11-10").write(&backups);
    for args in [&[][..], &["--json"], &["--quiet"], &["--threads", "1"]] {
        assert_eq!(same(args).code, 2);
    }
    assert!(
        same(&["--quiet"])
            .stdout
            .starts_with("bkscan: Broken is corrupt")
    );
}
