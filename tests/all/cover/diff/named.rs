//! What is in no list, and what `--list` names besides what a person would miss.

use serde_json::{Value, json};

use super::{Pair, newer, older, one_line};
use crate::support::{BackupBuilder, Row};

const CAMERA: &str = "CameraRollDomain";
const WEDDING: &str = "My Photos/wedding.jpg";

/// A photo, in a backup of one date.
fn photo() -> BackupBuilder {
    older().file(CAMERA, "Media/DCIM/100APPLE/IMG_0001.HEIC", &[7; 4000])
}

fn answer(document: &Value) -> Value {
    json!([
        document["exit_code"],
        document["covers"],
        document["identical"]
    ])
}

fn only_old(domain: Value, path: &str, bytes: u64) -> Value {
    json!({
        "kind": "only-old", "group": null, "domain": domain, "path": path, "bytes": bytes,
        "birth": null, "modified": null,
    })
}

#[test]
fn files_that_are_no_part_of_a_backup_are_held_where_they_lie_there_too() {
    let with = |bytes: usize| photo().raw(WEDDING, vec![1; bytes]);
    let (held, lost) = (json!([0, true, true]), json!([1, false, false]));
    let cases = [
        ("in both", with(2000), with(2000), held),
        ("of another length", with(2000), with(1999), lost.clone()),
        ("in the old one", with(2000), photo(), lost.clone()),
        (
            "in the new one",
            photo(),
            with(2000),
            json!([0, true, false]),
        ),
        (
            "under another name",
            with(2000),
            photo().raw("wedding.jpg", vec![1; 2000]),
            lost,
        ),
    ];
    for (case, old, new, expected) in cases {
        let document = Pair::write(old, new).document(&[], None);
        assert_eq!(answer(&document), expected, "{case}");
    }
    let pair = Pair::write(with(2000), photo());
    let document = pair.document(&["--list"], None);
    assert_eq!(
        document["files"],
        json!([only_old(Value::Null, WEDDING, 2000)])
    );
    let why = "1 file that is no part of a backup (2 kB) is not in the other one";
    assert_eq!(
        document["not_compared"],
        json!([{ "which": "old", "why": why }])
    );
    let told = one_line(&pair.run(&[]).stdout);
    let answer = "The second one does not hold all of it: 1 file that is no part of a backup (2 kB). Names of \
                  the files: bkscan diff --list";
    assert!(told.contains(answer), "{told}");
    let listed = pair.run(&["--list"]).stdout;
    let names = "\nOnly in the first: No part of a backup, 1 file (2 kB)\n       2 kB               My Photos/wedding.jpg\n";
    assert!(listed.contains(names), "{listed}");
    let redacted = pair.run(&["--list", "--redact"]).stdout;
    assert!(!redacted.contains("wedding"), "{redacted}");
}

/// What lies behind a link is not in the backup.
#[cfg(unix)]
#[test]
fn a_link_holds_nothing() {
    let stray = "ab/ab00000000000000000000000000000000000000";
    for (place, folder) in [(WEDDING, "My Photos"), (stray, "ab")] {
        let with = || photo().raw(place, vec![1; 12_000_000]);
        let pair = Pair::write(with(), with());
        assert_eq!(answer(&pair.document(&[], None)), json!([0, true, true]));
        let outside = pair.world.path().join("outside");
        std::fs::rename(pair.new.join(folder), &outside).unwrap();
        std::os::unix::fs::symlink(&outside, pair.new.join(folder)).unwrap();
        let document = pair.document(&[], None);
        assert_eq!(answer(&document), json!([1, false, false]), "{place}");
    }
}

/// Of what is told as only in the old one, each file that the new one has no payload of.
#[test]
fn whatever_is_told_is_named() {
    let stray = "ab/ab00000000000000000000000000000000000000";
    let diary = "AppDomain-com.example.diary";
    let games = "AppDomain-com.example.games";
    let other = "AppDomain-com.example.other";
    let both = |builder: BackupBuilder| {
        builder
            .file(games, "Documents/score.plist", &[1; 100])
            .file(other, "Documents/kept.txt", &[2; 100])
            .file("HomeDomain", "Library/kept.plist", &[3; 10])
    };
    let old = both(older())
        .file(diary, "Documents/diary.txt", &[8; 900])
        .file(diary, "Documents/pages/1.txt", &[8; 800])
        .file(diary, "Documents/empty.txt", &[])
        .add(Row::file(diary, "Documents/lost.txt", &[8; 5]).no_payload())
        .file(games, "Documents/level.bin", &[4; 1_500_000])
        .file(other, "Library/Caches/a.bin", &[5; 50])
        .file("HomeDomain", "Library/gone.plist", &[6; 20])
        .raw(stray, vec![1; 500]);
    let pair = Pair::write(old, both(newer()));
    let document = pair.document(&["--list"], None);
    let files = document["files"].as_array().unwrap().iter();
    let named: Vec<Value> = files
        .map(|file| json!([file["kind"], file["domain"], file["path"], file["bytes"]]))
        .collect();
    let expected = json!([
        ["only-old", diary, "Documents/diary.txt", 900],
        ["only-old", diary, "Documents/pages/1.txt", 800],
        ["only-old", games, "Documents/level.bin", 1_500_000],
        ["only-old", null, &stray[3..], 500],
    ]);
    assert_eq!(json!(named), expected);
}

/// What is told as files, or as a database, is not told once more as what its app or the system has less, whatever
/// Info.plist calls that.
#[test]
fn nothing_is_told_twice() {
    const FILES: &str = "AppDomainGroup-group.com.apple.FileProvider.LocalStorage";
    const WHATSAPP: &str = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared";
    const MEMOS: &str = "AppDomainGroup-group.com.apple.VoiceMemos.shared";
    let called = |builder: BackupBuilder| {
        builder.info(|info| {
            let app = |name: &str| {
                let metadata = plist::Dictionary::from_iter([("itemName", name)]);
                let mut bytes = Vec::new();
                plist::to_writer_binary(&mut bytes, &metadata).unwrap();
                plist::Dictionary::from_iter([("iTunesMetadata", plist::Value::Data(bytes))])
            };
            let apps = [("net.whatsapp.WhatsApp", app("WhatsApp Messenger"))];
            info.insert(
                "Applications".to_owned(),
                plist::Dictionary::from_iter(apps).into(),
            );
        })
    };
    let cases = [
        (
            FILES,
            "File Provider Storage/thesis.pdf",
            ["1 file (2.0 MB)"; 2],
        ),
        (
            WHATSAPP,
            "Message/Media/1.mp4",
            ["1 media file of WhatsApp (2.0 MB)"; 2],
        ),
        (
            WHATSAPP,
            "ChatStorage.sqlite",
            ["WhatsApp", "most of WhatsApp"],
        ),
        (MEMOS, "Recordings/1.m4a", ["1 voice memo (2.0 MB)"; 2]),
        (
            MEMOS,
            "Recordings/CloudRecordings.db",
            [
                "the database of Voice Memos",
                "most of the database of Voice Memos",
            ],
        ),
        (
            "HomeDomain",
            "Library/Voicemail/1.amr",
            ["1 voicemail (2.0 MB)"; 2],
        ),
        (
            "HomeDomain",
            "Library/SMS/Attachments/1/2.jpg",
            ["1 attachment of messages (2.0 MB)"; 2],
        ),
        (
            "HealthDomain",
            "Health/healthdb_secure.sqlite",
            ["Health", "most of Health"],
        ),
    ];
    for (domain, path, expected) in cases {
        let with = |builder: BackupBuilder, bytes: usize| {
            let builder = called(builder).file("HomeDomain", "Library/a.plist", &[1; 10]);
            match bytes {
                0 => builder,
                bytes => builder.file(domain, path, &vec![7; bytes]),
            }
        };
        for (left, expected) in [0, 900].into_iter().zip(expected) {
            let pair = Pair::write(with(older(), 2_000_000), with(newer(), left));
            let told = one_line(&pair.run(&["--quiet"]).stdout);
            let (_, told) = told.split_once("does not hold all of it: ").unwrap();
            assert_eq!(told, format!("{expected}."), "{path} {left}");
        }
    }
}
