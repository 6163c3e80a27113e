//! The page as text. What a browser makes of it is tested in one (`.ci/page`).

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use serde_json::{Value, json};

use crate::model::{DeviceHistory, DeviceRun, FolderHistory, Udid, Verdict};

use super::frame::STYLE;
use super::histories::Series;
use super::*;

const NOW: &str = "2026-11-22T03:30:00Z";

/// A backup of the device `A`, complete and without a finding.
fn backup(path: &str) -> Value {
    json!({
        "path": path, "udid": "A", "archived": false, "encrypted": false, "manifest_format": "sqlite",
        "snapshot_state": "finished", "backup_state": "new",
        "device": {
            "name": "Sample iPhone", "product_type": "iPhone16,1", "product_name": "iPhone 15 Pro",
            "ios_version": "26.1", "build_version": "23B85", "serial_number": null
        },
        "last_backup": { "at": "2026-11-20T22:14:00Z", "source": "manifest" },
        "size": { "files": 3, "logical_bytes": 900, "allocated_bytes": 86_400_000_000_u64 },
        "manifest": null, "verdict": "complete", "checked": ["file-missing"], "not_checked": [],
        "findings": [], "storage": [], "flags": [],
        "frees": { "bytes": 71_300_000_000_u64, "exact": false },
        "decision": { "action": "keep", "reasons": [{ "code": "newest-good", "text": "newest good backup", "by": null }] }
    })
}

fn finding(id: &str, severity: &str, message: &str) -> Value {
    json!({
        "id": id, "severity": severity, "count": 812, "bytes": 3_100_000_000_u64, "message": message,
        "examples": [{ "domain": "CameraRollDomain", "path": "Media/a.jpg", "file_id": "00", "bytes": 7 }],
        "hint": "bkscan show A"
    })
}

/// The document of these backups of one device.
fn document(backups: &[Value]) -> Value {
    let mut verdicts = json!({
        "complete": 0, "corrupt": 0, "in-progress": 0, "incomplete": 0, "interrupted": 0,
        "unreadable": 0, "unverified": 0
    });
    for backup in backups {
        let count = &mut verdicts[backup["verdict"].as_str().unwrap()];
        *count = (count.as_u64().unwrap() + 1).into();
    }
    let paths: Vec<&Value> = backups.iter().map(|backup| &backup["path"]).collect();
    json!({
        "schema_version": 1, "bkscan_version": "0.1.0", "started_at": NOW, "finished_at": NOW,
        "level": "standard", "cancelled": false, "exit_code": 0,
        "roots": [{ "path": "MobileSync", "volume": {
            "total_bytes": 494_400_000_000_u64, "available_bytes": 12_400_000_000_u64, "shares_blocks": true
        } }],
        "summary": {
            "backups": backups.len(), "devices": 1, "verdicts": verdicts, "files": 3, "logical_bytes": 900,
            "allocated_bytes": 86_400_000_000_u64,
            "removable": { "backups": [], "bytes": 0, "exact": true },
            "on_request": { "backups": [], "bytes": 0, "exact": true }
        },
        "devices": [{ "udid": "A", "name": "Sample iPhone", "newest_good": null, "backups": paths, "findings": [] }],
        "backups": backups, "beside": [], "advice": [], "problems": []
    })
}

fn page_of(document: &Value) -> String {
    page_with(document, &[])
}

fn page_with(document: &Value, histories: &[DeviceRuns]) -> String {
    let document: Document<'static> = serde_json::from_value(document.clone()).unwrap();
    page(&document, histories, &TimeZone::UTC)
}

/// What stands between two marks, everywhere in a text.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    let parts = text.split(start).skip(1);
    parts.map(|part| part.split(end).next().unwrap()).collect()
}

/// The answer in the header.
fn headline(document: &Value) -> String {
    between(&page_of(document), "<p class=\"headline ", "</p>")[0].replace("\">", ": ")
}

fn judged(verdict: &str) -> Value {
    let mut backup = backup(verdict);
    backup["verdict"] = verdict.into();
    backup
}

#[test]
fn the_answer_comes_first() {
    let [complete, corrupt, incomplete] = ["complete", "corrupt", "incomplete"].map(judged);
    let [unverified, interrupted, unreadable, running] =
        ["unverified", "interrupted", "unreadable", "in-progress"].map(judged);
    let mut warned = complete.clone();
    warned["findings"] = json!([finding("info-missing", "warning", "Info.plist is missing")]);
    let all = [
        &complete,
        &unverified,
        &interrupted,
        &unreadable,
        &corrupt,
        &running,
    ];
    let all: Vec<Value> = all.into_iter().cloned().collect();
    for (backups, expected) in [
        (&[][..], "open: No backup was found."),
        (
            std::slice::from_ref(&complete),
            "ok: The backup is complete.",
        ),
        (
            &[complete.clone(), complete.clone()],
            "ok: Both backups are complete.",
        ),
        (
            &[complete.clone(), corrupt.clone()],
            "bad: 1 of 2 backups is damaged or not complete.",
        ),
        (
            &[incomplete, corrupt],
            "bad: Both backups are damaged or not complete.",
        ),
        (&all, "bad: 1 of 6 backups is damaged or not complete."),
        (
            &[unreadable, interrupted.clone()],
            "warn: 1 of 2 backups could not be looked at.",
        ),
        (
            &[interrupted],
            "warn: The backup did not finish the last time; what was there before is whole.",
        ),
        (
            &[warned],
            "warn: No backup is damaged, but something needs a look.",
        ),
        (
            &[running, complete.clone()],
            "open: 1 of 2 backups is being made right now.",
        ),
        (
            &[unverified, complete.clone()],
            "open: 1 of 2 backups could not be checked in full, and nothing wrong was seen.",
        ),
    ] {
        assert_eq!(headline(&document(backups)), expected);
    }
    let mut stopped = document(&[backup("a")]);
    stopped["cancelled"] = true.into();
    assert_eq!(
        headline(&stopped),
        "open: The backup is complete. The scan was stopped before its end: other backups were not looked at."
    );
}

#[test]
fn names_are_text_and_nothing_else() {
    let evil = "<script>alert(1)</script> \" ' & \u{202e}\u{200b}\u{7} x";
    let mut backup = backup("Backup/<b>");
    backup["device"]["name"] = evil.into();
    backup["device"]["ios_version"] = evil.into();
    backup["verdict"] = evil.into();
    backup["checked"] = json!([evil]);
    backup["not_checked"] = json!([{ "id": evil, "why": evil }]);
    backup["storage"] = json!([{ "group": evil, "files": 1, "bytes": 9 }]);
    backup["decision"]["reasons"][0]["text"] = evil.into();
    backup["only_here"] = json!({
        "than": evil, "groups": [{ "group": evil, "files": 1, "bytes": 1, "of_files": 1, "of_bytes": 1 }],
        "databases": [{ "name": evil, "bytes": 1, "other_bytes": 1 }],
        "held_elsewhere": { "path": evil, "files": 1, "of_files": 1 }
    });
    let mut found = finding(evil, evil, evil);
    found["hint"] = evil.into();
    found["examples"][0]["path"] = evil.into();
    backup["findings"] = json!([found]);
    backup["verdict"] = "complete".into();
    let mut document = document(&[backup]);
    document["devices"][0]["findings"] = json!([finding(evil, evil, evil)]);
    document["beside"] = json!([{ "path": evil, "kind": evil, "bytes": 1 }]);
    document["problems"] = json!([{ "path": evil, "message": evil }]);
    document["advice"] = json!([{
        "step": 1, "id": evil, "title": evil, "text": evil, "bytes": 1, "command": evil, "backups": [evil]
    }]);
    document["bkscan_version"] = evil.into();
    document["level"] = evil.into();
    document["roots"][0]["path"] = evil.into();
    document["done"] = json!([{ "path": evil, "outcome": evil, "why": evil, "freed_bytes": 1 }]);
    let page = page_of(&document);
    for unwanted in ["<script", "<b>", "\u{202e}", "\u{200b}", "\u{7}"] {
        assert!(!page.contains(unwanted), "{unwanted:?}");
    }
    // Wherever a name stands inside a tag, its quotation mark ends no attribute.
    let shown = "&lt;script&gt;alert(1)&lt;/script&gt; &quot; ' &amp;  x";
    assert_eq!(
        page.matches("alert(1)").count(),
        page.matches(shown).count()
    );
    assert!(page.matches(shown).count() > 20);
}

#[test]
fn every_number_is_the_one_it_points_to() {
    let mut one = backup("a");
    one["findings"] = json!([finding(
        "file-missing",
        "error",
        "812 of 48,310 files are missing"
    )]);
    one["storage"] = json!([
        { "group": "Photos", "files": 9, "bytes": u64::MAX }, { "group": "Nothing", "files": 0, "bytes": 0 }
    ]);
    one["only_here"] = json!({
        "than": "b",
        "groups": [{ "group": "Photos", "files": 1204, "bytes": 3, "of_files": 8411, "of_bytes": 19 }],
        "databases": [{ "name": "Notes", "bytes": 22, "other_bytes": 1 }],
        "held_elsewhere": { "path": "gone", "files": 7988, "of_files": 8000 }
    });
    let mut groups = backup("b");
    groups["storage"] = (0..30)
        .map(|nth| json!({ "group": "x", "files": 1, "bytes": 30 - nth }))
        .collect();
    let mut document = document(&[one, groups]);
    document["devices"][0]["findings"] = json!([finding("backup-stale", "warning", "old")]);
    document["summary"]["removable"] = json!({ "backups": ["b"], "bytes": 5, "exact": true });
    document["summary"]["on_request"] =
        json!({ "backups": ["a", "gone"], "bytes": 6, "exact": false });
    document["beside"] = json!([{ "path": "x", "kind": "link", "bytes": 1 }]);
    document["advice"] = json!([{
        "step": 1, "id": "remove-old-backups", "title": "Free up to 71.3 GB", "text": "t",
        "bytes": 71_300_000_000_u64, "command": null, "backups": []
    }, {
        "step": 1, "id": "icloud-plan", "title": "No size here", "text": "t", "bytes": 12, "command": null,
        "backups": []
    }]);
    let page = page_of(&document);
    let mut pointers = BTreeSet::new();
    for tag in between(&page, "<data ", "</data>") {
        let value = between(tag, "value=\"", "\"")[0];
        let pointer = between(tag, "data-json=\"", "\"")[0];
        let expected = document
            .pointer(pointer)
            .unwrap_or_else(|| panic!("{pointer}"));
        assert_eq!(value, expected.to_string(), "{pointer}");
        pointers.insert(pointer.to_owned());
    }
    for wanted in [
        "/summary/backups",
        "/summary/devices",
        "/summary/files",
        "/summary/allocated_bytes",
        "/summary/verdicts/complete",
        "/summary/removable/bytes",
        "/summary/on_request/bytes",
        "/roots/0/volume/total_bytes",
        "/roots/0/volume/available_bytes",
        "/devices/0/findings/0/count",
        "/backups/0/size/allocated_bytes",
        "/backups/0/size/files",
        "/backups/0/frees/bytes",
        "/backups/0/findings/0/count",
        "/backups/0/findings/0/bytes",
        "/backups/0/storage/0/bytes",
        "/backups/0/only_here/groups/0/files",
        "/backups/0/only_here/groups/0/bytes",
        "/backups/0/only_here/groups/0/of_files",
        "/backups/0/only_here/groups/0/of_bytes",
        "/backups/0/only_here/databases/0/bytes",
        "/backups/0/only_here/databases/0/other_bytes",
        "/backups/0/only_here/held_elsewhere/files",
        "/backups/0/only_here/held_elsewhere/of_files",
        "/backups/1/storage/29/bytes",
        "/beside/0/bytes",
        "/advice/0/bytes",
        "/advice/1/bytes",
    ] {
        assert!(pointers.contains(wanted), "{wanted} is not on the page");
    }
    assert!(
        page.contains(r#"data-json="/summary/on_request/bytes" title="6 bytes">6 bytes</data>"#)
    );
    assert!(page.contains(r#"Free up to <data value="71300000000" data-json="/advice/0/bytes""#));
    assert!(page.contains(r#"About <data value="12" data-json="/advice/1/bytes""#));
}

/// The text of a piece of the page, without its tags.
fn text_of(piece: &str) -> String {
    let parts = piece
        .split('<')
        .map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    parts
        .collect::<Vec<_>>()
        .join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn what_is_only_in_a_backup_stands_on_its_card() {
    let section = |only: Value| {
        let mut older = backup("older");
        older["only_here"] = only;
        let page = page_of(&document(&[older, backup("newer")]));
        let sections = between(&page, "<h4>Only in this backup</h4>", "</article>");
        sections
            .iter()
            .map(|section| text_of(section))
            .collect::<Vec<String>>()
    };
    assert_eq!(section(json!(null)), [""; 0]);
    let nothing = json!({ "than": "newer", "groups": [], "databases": [], "held_elsewhere": null });
    assert_eq!(
        section(nothing),
        ["Compared with Sample iPhone, iPhone 15 Pro of 20 Nov 2026 . Nothing that counts."]
    );
    let some = json!({
        "than": null,
        "groups": [{
            "group": "Photos", "files": 1204, "bytes": 3_100_000_000_u64, "of_files": 8411,
            "of_bytes": 19_000_000_000_u64
        }],
        "databases": [{ "name": "Notes", "bytes": 22_000_000, "other_bytes": 1_000_000 }],
        "held_elsewhere": { "path": "newer", "files": 7988, "of_files": 8000 }
    });
    assert_eq!(
        section(some),
        [
            "There is no newer one of this device: all of it counts. What Files Bytes Photos 1,204 of 8,411 \
          3.1 GB of 19.0 GB Database Here There Notes 22.0 MB 1.0 MB Sample iPhone, iPhone 15 Pro of \
          20 Nov 2026 holds 7,988 of its 8,000 files that a person would miss."
        ]
    );
}

#[test]
fn links_lead_somewhere_and_ids_stand_once() {
    let mut one = backup("a");
    one["findings"] = json!([
        finding("file-missing", "error", "m"),
        finding("not-known-here", "error", "m")
    ]);
    one["not_checked"] = json!([{ "id": "digest-mismatch", "why": "not looked at" }]);
    let mut document = document(&[one, backup("b")]);
    document["summary"]["removable"]["backups"] = json!(["b"]);
    document["problems"] = json!([{ "path": "x", "message": "closed" }]);
    document["beside"] = json!([{ "path": "x", "kind": "other", "bytes": 1 }]);
    let page = page_of(&document);
    let ids = between(&page, " id=\"", "\"");
    let known: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(known.len(), ids.len(), "{ids:?}");
    let links = between(&page, "href=\"", "\"");
    assert!(links.len() > 10);
    for link in links {
        let target = link.strip_prefix('#').unwrap();
        assert!(known.contains(target), "{link}");
    }
    assert_eq!(
        between(&page, "<h2 id=\"", "\""),
        [
            "problems", "devices", "backups", "freed", "meaning", "checked", "beside"
        ]
    );
    // Unknown ids are shown, and lead nowhere.
    assert!(page.contains("<code>not-known-here</code>"));
}

#[test]
fn only_the_one_style_is_allowed() {
    let page = page_of(&document(&[backup("a")]));
    let style = between(&page, "<style>", "</style>");
    assert_eq!(style.len(), 1);
    let digest = BASE64_STANDARD.encode(Sha256::digest(style[0]));
    let policy = format!(
        "content=\"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'\""
    );
    assert!(page.contains(&policy));
    assert!(!page.contains("style="));
    assert!(!style[0].contains("url(") && !style[0].contains("@import"));
}

#[test]
fn checks_are_grouped_by_what_they_have_in_common() {
    let mut a = backup("a");
    a["checked"] = json!(["one", "two"]);
    let mut b = backup("b");
    b["checked"] = json!(["one", "two", "three"]);
    let mut c = backup("c");
    c["checked"] = json!(["two", "three"]);
    c["not_checked"] = json!([{ "id": "one", "why": "locked" }]);
    let page = page_of(&document(&[a, b, c]));
    let text = |html: &str| {
        let tags = html
            .split('<')
            .map(|part| part.split_once('>').map_or(part, |(_, text)| text));
        tags.collect::<Vec<_>>().join("")
    };
    let rows: Vec<String> = between(&page, "<ul class=\"checks\">", "</section>")
        .iter()
        .flat_map(|list| between(list, "<li><p>", "</ul>"))
        .map(text)
        .collect();
    let name = "Sample iPhone, iPhone 15 Pro";
    assert_eq!(
        rows,
        [
            format!("locked, in {name}:one"),
            format!("In all backups but {name}:one"),
            "In all backups:two".to_owned(),
            format!("In all backups but {name}:three"),
        ]
    );
}

#[test]
fn advice_says_nothing_twice() {
    let item = |id: &str, text: &str| json!({ "step": 4, "id": id, "title": id, "text": text, "bytes": null, "command": null, "backups": [] });
    let mut document = document(&[backup("a")]);
    document["advice"] = json!([
        item("a", "Seen it.\nDo a."),
        item("b", "Seen it.\nDo b.\n  Model:  x\n  Date:   y")
    ]);
    let page = page_of(&document);
    assert_eq!(page.matches("Seen it.").count(), 1);
    assert_eq!(page.matches("Seen: as above.").count(), 1);
    assert!(page.contains("<pre>Model:  x\nDate:   y\n</pre>"));
}

/// The cards of the devices, as text.
fn device_cards(document: &Value) -> Vec<String> {
    let page = page_of(document);
    let list = between(&page, "<ul class=\"devices\">", "</section>");
    let cards = list
        .iter()
        .flat_map(|list| between(list, "<li><h3>", "<li><h3>"));
    cards.map(|card| text_of(&format!(">{card}"))).collect()
}

#[test]
fn a_card_answers_the_three_questions_about_its_device() {
    let dated = |path: &str, at: &str| {
        let mut backup = backup(path);
        backup["last_backup"]["at"] = at.into();
        backup
    };
    let mut newest = dated("newest", "2026-11-20T22:14:00Z");
    newest["verdict"] = "corrupt".into();
    newest["findings"] = json!([
        finding("size-differs", "note", "a note"),
        finding("info-missing", "warning", "Info.plist is missing"),
        finding("file-missing", "error", "812 of 48,310 files are missing"),
    ]);
    let good = dated("good", "2026-06-14T08:15:00Z");
    let mut old = dated("old", "2025-01-03T21:40:00Z");
    old["decision"]["action"] = "remove".into();
    let mut several = document(&[
        newest.clone(),
        good.clone(),
        old,
        dated("asked", "2024-01-03T21:40:00Z"),
    ]);
    several["devices"][0]["newest_good"] = "good".into();
    several["devices"][0]["findings"] = json!([finding(
        "backup-stale",
        "warning",
        "The last good backup is old"
    )]);
    several["summary"]["on_request"]["backups"] = json!(["asked"]);
    let advice = |id: &str, title: &str, step: u8, about: &[&str]| {
        json!({
            "step": step, "id": id, "title": title, "text": "t", "bytes": 7, "command": null,
            "backups": about
        })
    };
    several["advice"] = json!([
        advice("restart", "Restart the device", 4, &["newest"]),
        advice("remove-old-backups", "Free some", 1, &["old"]),
    ]);
    assert_eq!(
        device_cards(&several),
        [
            "Sample iPhone iPhone 15 Pro ✔ complete , 14 Jun 2026 , 5 months ago. The last one: ✖ corrupt , \
             20 Nov 2026 , 1 day ago. 3 Jan 2024 20 Nov 2026, corrupt, 86.4 GB 14 Jun 2026, complete, \
             86.4 GB 3 Jan 2025, complete, 86.4 GB, can go 3 Jan 2024, complete, 86.4 GB 22 Nov 2026 \
             warning backup-stale · 812 cases, 3.1 GB The last good backup is old. 1 of them \
             CameraRollDomain Media/a.jpg 7 bytes 812 of 48,310 files are missing. The iPhone would refuse \
             to restore it. Copy its folder to another disk, then back the iPhone up again. Can go: the backup of 3 Jan 2025 , up to \
             71.3 GB . You decide: the backup of 3 Jan 2024 , up to 71.3 GB . To do: Restart the device (2)."
        ]
    );
    // What is the only one of its device, and good.
    let mut alone = document(std::slice::from_ref(&good));
    alone["devices"][0]["newest_good"] = "good".into();
    assert_eq!(
        device_cards(&alone),
        [
            "Sample iPhone iPhone 15 Pro ✔ complete , 14 Jun 2026 , 5 months ago 14 Jun 2026 14 Jun 2026, \
             complete, 86.4 GB 22 Nov 2026 Nothing wrong was found."
        ]
    );
    // None is good.
    let mut other = newest.clone();
    other["path"] = "other".into();
    let none = document(&[newest, other]);
    let [card] = &device_cards(&none)[..] else {
        panic!("one card");
    };
    let state = "✖ corrupt , 20 Nov 2026 , 1 day ago. There is no good one. 20 Nov 2026";
    assert!(card.contains(state), "{card}");
}

#[test]
fn only_what_is_wrong_is_open_on_paper() {
    let mut noted = backup("noted");
    noted["findings"] = json!([finding("size-differs", "note", "a note")]);
    let mut wrong = backup("wrong");
    wrong["findings"] = json!([finding("info-missing", "warning", "Info.plist is missing")]);
    let page = page_of(&document(&[noted, wrong, backup("fine")]));
    let cards = between(&page, "<article id=\"", "<summary>");
    let wrong: Vec<bool> = cards
        .iter()
        .map(|card| card.contains("class=\"backup wrong\""))
        .collect();
    assert_eq!(wrong, [false, true, false]);
    assert!(!page.contains("<details open"));
}

/// The tiles of the wide map: their titles, and the labels in them.
fn tiles(document: &Value) -> Vec<(String, Vec<String>)> {
    let page = page_of(document);
    let map = between(&page, "<figure class=\"wide\">", "</figure>");
    let tiles = map.iter().flat_map(|map| between(map, "<title>", "</svg>"));
    tiles
        .map(|tile| {
            let labels = between(tile, "<text", "</text>");
            let labels = labels.iter().map(|label| text_of(&format!("<{label}")));
            let striped = tile.contains("class=\"stripes\"");
            let title = tile.split("</title>").next().unwrap();
            // What is hatched says so.
            assert_eq!(title.contains("can go"), striped, "{title}");
            (title.to_owned(), labels.collect())
        })
        .collect()
}

#[test]
fn the_map_has_all_devices_and_a_name_in_each_tile() {
    let groups = |path: &str, groups: &[(&str, u64)]| {
        let mut backup = backup(path);
        let groups = groups.iter().map(|(name, gigabytes)| {
            json!({ "group": name, "files": 1, "bytes": gigabytes * 1_000_000_000 })
        });
        backup["storage"] = groups.collect();
        backup
    };
    let newest = groups(
        "newest",
        &[("Photos", 60), ("WhatsApp", 30), ("Passwords", 1)],
    );
    let mut old = groups(
        "old",
        &[
            ("Photos", 50),
            ("An app with a very long name of its own", 20),
        ],
    );
    old["decision"]["action"] = "remove".into();
    let mut other = groups("other", &[("Photos", 40)]);
    other["device"]["name"] = "iPad".into();
    let mut document = document(&[newest, old]);
    document["backups"].as_array_mut().unwrap().push(other);
    let label = |title: &str, lines: &[&str]| {
        let lines = lines.iter().map(|line| (*line).to_owned());
        (title.to_owned(), lines.collect::<Vec<String>>())
    };
    assert_eq!(
        tiles(&document),
        [
            label(
                "Sample iPhone: Photos, 60.0 GB",
                &["Sample iPhone", "Photos", "60.0 GB"]
            ),
            label("Sample iPhone: WhatsApp, 30.0 GB", &["WhatsApp", "30.0 GB"]),
            label(
                "Sample iPhone: Photos, can go, 50.0 GB",
                &["Photos", "50.0 GB"]
            ),
            label(
                "Sample iPhone: An app with a very long name of its own, can go, 20.0 GB",
                &["An app with a very long nam…", "20.0 GB"]
            ),
            label(
                "iPad, iPhone 15 Pro: Photos, 40.0 GB",
                &["iPad, iPhone 1…", "Photos", "40.0 GB"]
            ),
        ]
    );
    let page = page_of(&document);
    assert!(page.contains("Too small for this map: 1.0 GB."));
    // Nothing that was looked into, no map.
    assert_eq!(tiles(&self::document(&[backup("a")])), []);
}

#[test]
fn runs_become_lines_of_the_backups_they_belong_to() {
    let run = |at: &str, folder, allocated| DeviceRun {
        at: at.parse().unwrap(),
        folder,
        verdict: Verdict::Complete,
        allocated,
        change: None,
    };
    let folder = |path: &str| FolderHistory {
        path: path.into(),
        since_previous: Some(50),
        per_month: None,
    };
    let known = [DeviceHistory {
        udid: Udid::parse("00008130-000A1C2E3F40801E"),
        name: None,
        product: None,
        folders: vec![
            folder("/disk/MobileSync/Backup/A.old"),
            folder("/disk/MobileSync/Backup/A"),
        ],
        runs: vec![
            run("2026-11-20T03:30:00Z", 1, 100),
            run("2026-11-21T03:30:00Z", 1, 150),
            run("2026-11-22T03:30:00Z", 1, 200),
            run("2026-11-23T03:30:00Z", 1, 999),
        ],
    }];
    let mut wire = document(&[
        backup("MobileSync/Backup/A"),
        backup("MobileSync/Backup/A.old"),
    ]);
    wire["devices"][0]["udid"] = "00008130-000A1C2E3F40801E".into();
    let document: Document<'static> = serde_json::from_value(wire.clone()).unwrap();
    let found = histories(&document, &known);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].device, 0);
    // The old backup was in no run; the last run was after that of the document.
    assert_eq!(found[0].series.len(), 1);
    assert_eq!(found[0].series[0].backup, Some(0));
    assert_eq!(found[0].series[0].runs, known[0].runs[..3]);
    let page = page_with(&wire, &found);
    assert_eq!(
        between(&page, "points=\"", "\""),
        ["4.0,20.0 100.0,12.0 196.0,4.0"]
    );
    assert!(page.contains("Grew 50 bytes since the run before."));
    assert_eq!(histories(&document, &[]), []);
}

#[test]
fn a_backup_has_one_line_of_all_its_runs() {
    let run = |day: u8, verdict, allocated| DeviceRun {
        at: format!("2026-11-{day:02}T03:30:00Z").parse().unwrap(),
        folder: 0,
        verdict,
        allocated,
        change: None,
    };
    let (good, bad) = (Verdict::Complete, Verdict::Corrupt);
    let line = |runs: Vec<DeviceRun>| {
        let series = Series {
            backup: Some(0),
            runs,
            growth: Some("Grew 5 bytes since the run before.".to_owned()),
        };
        let history = DeviceRuns {
            device: 0,
            series: vec![series],
        };
        let page = page_with(&document(&[backup("a")]), &[history]);
        let lines = between(&page, "<ul class=\"growth\"><li>", "</ul>");
        assert_eq!(lines.len(), 1);
        text_of(lines[0])
    };
    for (runs, expected) in [
        (
            vec![run(1, good, 7), run(2, good, 7), run(3, good, 7)],
            "20 Nov 2026 : unchanged in 3 runs since 1 Nov 2026 , ✔ complete , 7 bytes .",
        ),
        (
            vec![run(1, good, 7), run(2, good, 7), run(3, good, 12)],
            "20 Nov 2026 : ✔ complete , 12 bytes . Grew 5 bytes since the run before. What changed Since \
             Verdict Runs On the disk 1 Nov 2026 ✔ complete 2 7 bytes 3 Nov 2026 ✔ complete 1 12 bytes",
        ),
        (
            vec![
                run(1, good, 7),
                run(2, good, 7),
                run(3, bad, 7),
                run(4, bad, 7),
            ],
            "20 Nov 2026 : unchanged in 2 runs since 3 Nov 2026 , ✖ corrupt , 7 bytes . Until 2 Nov 2026 it was \
             ✔ complete . What changed Since Verdict Runs On the disk 1 Nov 2026 ✔ complete 2 7 bytes \
             3 Nov 2026 ✖ corrupt 2 7 bytes",
        ),
    ] {
        assert_eq!(line(runs), expected);
    }
}

/// The colours that a block of the style sets, by name.
fn colours<'a>(style: &'a str, from: &str) -> Vec<(&'a str, &'a str)> {
    let block = style.split(from).nth(1).unwrap().split('}').next().unwrap();
    let lines = block
        .split(';')
        .filter_map(|line| line.trim().strip_prefix("--"));
    lines.map(|line| line.split_once(": ").unwrap()).collect()
}

/// The contrast of two colours, as WCAG 2 defines it.
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |colour: &str| {
        let part = |start: usize| {
            let value =
                f64::from(u8::from_str_radix(&colour[start..start + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    };
    let [one, other] = [luminance(one), luminance(other)];
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn text_can_be_read_in_every_theme() {
    assert!((contrast("#ffffff", "#000000") - 21.0).abs() < 1e-9);
    let paper = STYLE.split("@media print").nth(1).unwrap();
    for (theme, from) in [
        (STYLE, ":root {"),
        (
            STYLE.split("prefers-color-scheme: dark").nth(1).unwrap(),
            ":root {",
        ),
        (paper, ":root {"),
    ] {
        let colours = colours(theme, from);
        let colour = |name: &str| colours.iter().find(|(known, _)| *known == name).unwrap().1;
        for text in ["text", "quiet", "link", "ok", "open", "warn", "bad"] {
            for ground in ["ground", "card"] {
                let contrast = contrast(colour(text), colour(ground));
                assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2}");
            }
        }
        // Shapes need less.
        assert!(contrast(colour("bar"), colour("track")) >= 3.0);
    }
    let tiles = between(STYLE, "{ fill: #", ";");
    let tiles = tiles.iter().filter(|colour| **colour != "ffffff");
    let tiles: Vec<String> = tiles.map(|colour| format!("#{colour}")).collect();
    assert_eq!(tiles.len(), 10);
    for tile in tiles {
        let contrast = contrast(&tile, "#ffffff");
        assert!(contrast >= 4.5, "white on {tile}: {contrast:.2}");
    }
}
