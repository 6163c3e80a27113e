//! What people's folders really look like (contract §1 to §4; F§19a): lists under another name, files in a
//! cloud or under other names, folders of which little is left. Beside each one that looks like it.

use std::fs;
use std::path::Path;

use plist::{Dictionary, Value as Plist};
use serde_json::Value;

use super::findings::{
    DB, INFO, MBDB, NOTE, PHOTO, PLIST, SETTING, STATUS, UDID, expect, place, small,
};
use crate::harness::{finding, only_backup, scan};
use crate::support::{
    BackupBuilder, Padding, app_database, empty_folder, file_id, flat_payload_path, payload_path,
};

/// A healthy backup of iOS 9.
fn old() -> BackupBuilder {
    BackupBuilder::new("f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9")
        .mbdb()
        .bare()
        .file(PHOTO.0, PHOTO.1, b"a photo")
        .file(SETTING.0, SETTING.1, b"a setting")
}

/// Writes a backup, changes its folder, and gives back the scan's document.
fn changed(builder: BackupBuilder, change: impl FnOnce(&Path)) -> Value {
    let folder = empty_folder();
    let root = folder.path().join("Backup");
    fs::create_dir(&root).unwrap();
    change(&builder.write(&root));
    scan(folder.path(), &[])
}

/// Verdict, exit code and findings with their severities.
fn told(document: &Value) -> String {
    let backup = only_backup(document);
    let mut found: Vec<String> = (backup["findings"].as_array().unwrap().iter())
        .map(|finding| format!("{} {}", text(&finding["severity"]), text(&finding["id"])))
        .collect();
    found.sort();
    let (verdict, exit) = (text(&backup["verdict"]), &document["exit_code"]);
    format!("{verdict} {exit}: {}", found.join(", "))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn message(document: &Value, id: &str) -> String {
    text(&finding(only_backup(document), id)["message"]).to_owned()
}

fn rename(backup: &Path, from: &str, to: &str) {
    let to = backup.join(to);
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::rename(backup.join(from), to).unwrap();
}

#[test]
fn a_list_of_ios_9_is_read_whatever_its_name_is() {
    let renamed = changed(old(), |backup| rename(backup, MBDB, DB));
    assert_eq!(told(&renamed), "complete 0: note manifest-misnamed");
    assert_eq!(
        message(&renamed, "manifest-misnamed"),
        "Manifest.db is a list of iOS 9 or earlier, a Manifest.mbdb; it was read as what it is"
    );
    assert_eq!(only_backup(&renamed)["manifest_format"], "mbdb");
    let copy = |backup: &Path| {
        fs::copy(backup.join(MBDB), backup.join(DB)).unwrap();
    };
    let copied = changed(old(), copy);
    assert_eq!(told(&copied), "complete 0: note manifest-misnamed");
    // Whichever is whole counts.
    let cut = |name: &'static str| {
        changed(old(), move |backup| {
            copy(backup);
            let bytes = fs::read(backup.join(name)).unwrap();
            fs::write(backup.join(name), &bytes[..bytes.len() - 9]).unwrap();
        })
    };
    for name in [MBDB, DB] {
        assert_eq!(
            told(&cut(name)),
            "complete 0: note manifest-misnamed",
            "{name}"
        );
    }
    // What is nothing stands back behind what can be read, and so does a database without a list.
    let beside = |bytes: Vec<u8>| {
        changed(old(), move |backup| {
            fs::write(backup.join(DB), bytes).unwrap()
        })
    };
    let empty = app_database("CREATE TABLE other (id)");
    for bytes in [b"nothing that anybody knows".to_vec(), empty, Vec::new()] {
        assert_eq!(told(&beside(bytes)), "complete 0: ");
    }
    // A database under its own name is read as ever.
    expect("complete 0").of("a mbdb that is nothing", small().raw(MBDB, "nothing"));
}

#[test]
fn two_lists_against_a_folders_name_tell_the_device() {
    const OTHER: &str = "00008030-001122334455667A";
    let renamed = expect("complete 0: note udid-mismatch")
        .judge("the folder was renamed", small().folder_name(OTHER));
    assert_eq!(renamed["udid"], UDID);
    let other = |info: &mut Dictionary| {
        info.insert("Unique Identifier".into(), OTHER.into());
    };
    // One list alone tells nothing: the folder's name counts, as it did.
    let disputed =
        expect("complete 0: note udid-mismatch").judge("one list differs", small().info(other));
    assert_eq!(disputed["udid"], UDID);
    let archived = format!("{UDID}-20260108-104514");
    expect("complete 0").of("an archived copy has both", small().folder_name(&archived));
}

#[test]
fn a_renamed_folder_does_not_hide_that_its_new_device_is_stale() {
    const NEW: &str = "00008030-001122334455667A";
    let folder = empty_folder();
    small()
        .date("2026-11-20T03:00:00Z")
        .folder_name(NEW)
        .write(folder.path());
    BackupBuilder::new(NEW)
        .bare()
        .date("2026-03-01T03:00:00Z")
        .folder_name("older")
        .file(PHOTO.0, PHOTO.1, b"another photo")
        .write(folder.path());
    let document = scan(folder.path(), &["--stale-after", "30d"]);
    let mut devices = document["devices"].as_array().unwrap().iter();
    assert_eq!(devices.len(), 2);
    let new = devices.find(|device| device["udid"] == NEW).unwrap();
    assert_eq!(new["findings"][0]["id"], "backup-stale");
}

#[test]
fn what_is_in_a_cloud_is_not_missing() {
    let away = |backup: &Path, relative: &str| {
        let (folder, name) = relative.rsplit_once('/').unwrap_or((".", relative));
        let placeholder = format!("{folder}/.{name}.icloud");
        fs::remove_file(backup.join(relative)).unwrap();
        fs::write(backup.join(placeholder), "bplist00 stands for it").unwrap();
    };
    let photo = changed(small(), |backup| away(backup, &place(PHOTO)));
    assert_eq!(told(&photo), "unverified 0: warning payload-in-cloud");
    assert_eq!(
        message(&photo, "payload-in-cloud"),
        "1 file is not here, but in a cloud (26 bytes): download it first, then scan again"
    );
    let example = &finding(only_backup(&photo), "payload-in-cloud")["examples"][0];
    assert_eq!([&example["domain"], &example["path"]], [PHOTO.0, PHOTO.1]);
    let flat = changed(old(), |backup| away(backup, &file_id(PHOTO.0, PHOTO.1)));
    assert_eq!(told(&flat), "unverified 0: warning payload-in-cloud");
    let locked = changed(small().encrypted(), |backup| away(backup, &place(PHOTO)));
    assert_eq!(told(&locked), "unverified 0: warning payload-in-cloud");
    // Its lists may be there, too: then nothing says that they are missing.
    for list in [STATUS, PLIST, DB] {
        let document = changed(small(), |backup| away(backup, list));
        assert_eq!(
            told(&document),
            "unverified 0: warning payload-in-cloud",
            "{list}"
        );
    }
    // Nothing about Info.plist changes a verdict.
    let info = changed(small(), |backup| away(backup, INFO));
    assert_eq!(told(&info), "complete 0: ");
    let all = changed(small(), |backup| {
        for list in [INFO, STATUS, PLIST, DB] {
            away(backup, list);
        }
    });
    assert_eq!(told(&all), "unverified 0: warning payload-in-cloud");
    // One beside the file itself stands for nothing, and one of somebody's own file for what that would be.
    let id = file_id(PHOTO.0, PHOTO.1);
    for (name, expected) in [
        (id.as_str(), "complete 0"),
        ("holiday.jpg", "complete 0: note misplaced-file"),
    ] {
        let beside = format!("{}/.{name}.icloud", &id[..2]);
        expect(expected).of(name, small().raw(&beside, "bplist00"));
    }
    // A missing one beside them is missing.
    let both = changed(small(), |backup| {
        away(backup, &place(PHOTO));
        fs::remove_file(payload_path(backup, NOTE.0, NOTE.1)).unwrap();
    });
    assert_eq!(
        told(&both),
        "corrupt 2: error file-missing, warning payload-in-cloud"
    );
    assert_eq!(
        message(&both, "file-missing"),
        "1 of 3 files is missing (6 bytes, app data); the rest can be read. Others are in a cloud: download \
         them first"
    );
}

/// Nobody knows what is in a cloud, so nothing goes whose files are only there, whether a list names them or
/// not, and wherever their placeholders lie.
#[test]
fn what_is_only_in_a_cloud_holds_a_backup_back() {
    let placeholder = |folder: &str| format!("{folder}/.{}.icloud", "ab".repeat(20));
    let without_list = || {
        let older = small().folder_name("older").date("2025-06-14T20:00:00Z");
        let places = [PHOTO, NOTE, SETTING].map(place);
        let older = places
            .iter()
            .fold(older, |older, place| older.without(place));
        older.without(DB)
    };
    let whole = || small().folder_name("older").date("2025-06-14T20:00:00Z");
    for (what, older, expected) in [
        ("nothing at all", without_list(), "remove false"),
        (
            "a placeholder",
            without_list().raw(&placeholder("ab"), "x"),
            "keep true",
        ),
        (
            "one of a run",
            without_list().raw(&placeholder("Snapshot/ab"), "x"),
            "keep true",
        ),
        ("whole", whole(), "remove false"),
        (
            "whole, and one that no list names",
            whole().raw(&placeholder("ab"), "x"),
            "keep true",
        ),
        (
            "whole, and one of somebody's own",
            whole().raw("papers/.thesis.docx.icloud", "x"),
            "keep true",
        ),
    ] {
        let folder = empty_folder();
        small().date("2026-11-20T03:00:00Z").write(folder.path());
        let path = older.write(folder.path());
        let document = scan(folder.path(), &[]);
        let mut backups = document["backups"].as_array().unwrap().iter();
        let older = backups
            .find(|backup| text(&backup["path"]).ends_with("older"))
            .unwrap();
        let asked = document["summary"]["on_request"]["backups"].as_array();
        let is_asked = asked.unwrap().contains(&older["path"]);
        let action = text(&older["decision"]["action"]);
        assert_eq!(
            format!("{action} {is_asked}"),
            expected,
            "{what}: {}",
            path.display()
        );
    }
}

#[test]
fn missing_files_that_lie_there_all_the_same_are_counted() {
    let id = file_id(PHOTO.0, PHOTO.1);
    let unpacked = format!("{}/{}", PHOTO.0, PHOTO.1);
    for (name, to, more) in [
        ("flat", id.clone(), "note misplaced-file"),
        (
            "in another folder for payloads",
            format!("00/{id}"),
            "note misplaced-file",
        ),
        (
            "in a folder of somebody's",
            format!("photos/{id}"),
            "note foreign-content",
        ),
        ("unpacked", unpacked.clone(), "note foreign-content"),
        (
            "unpacked further down",
            format!("all/of/{unpacked}"),
            "note foreign-content",
        ),
        (
            "with an ending",
            format!("photos/{id}.jpg"),
            "note foreign-content",
        ),
    ] {
        let document = changed(small(), |backup| rename(backup, &place(PHOTO), &to));
        assert_eq!(
            told(&document),
            format!("corrupt 2: error file-missing, {more}"),
            "{name}"
        );
        assert_eq!(
            message(&document, "file-missing"),
            "1 of 3 files is missing (26 bytes, a photo); the rest can be read. 1 of them lies in this folder \
             in another place or under another name",
            "{name}"
        );
    }
    let gone = changed(small(), |backup| {
        fs::remove_file(backup.join(place(PHOTO))).unwrap()
    });
    assert_eq!(
        message(&gone, "file-missing"),
        "1 of 3 files is missing (26 bytes, a photo); the rest can be read. Some domains lack all their files \
         and no other lacks one: this looks like a selective copy"
    );
}

#[test]
fn the_list_of_another_backup_is_said_to_be_one() {
    let document = changed(old(), |backup| {
        for (domain, path) in [PHOTO, SETTING] {
            fs::remove_file(flat_payload_path(backup, domain, path)).unwrap();
        }
        for number in 0..9 {
            fs::write(
                backup.join(file_id("HomeDomain", &number.to_string())),
                "of another",
            )
            .unwrap();
        }
    });
    assert_eq!(
        message(&document, "file-missing"),
        "2 of 2 files are missing (16 bytes). Most files here are not listed: the list seems to belong to \
         another backup"
    );
}

#[test]
fn payloads_alone_are_a_backup() {
    let many = |count: usize| (0..count).map(|number| file_id("HomeDomain", &number.to_string()));
    let written = |name: &str, count: usize, place: &dyn Fn(&str) -> String| {
        let folder = empty_folder();
        let backup = folder.path().join("MobileSync/Backup").join(name);
        for id in many(count) {
            let path = backup.join(place(&id));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "a payload").unwrap();
        }
        let document = scan(folder.path(), &[]);
        let backups = document["backups"].as_array().unwrap();
        (backups.len() == 1).then(|| told(&document))
    };
    let in_shards = |id: &str| format!("{}/{id}", &id[..2]);
    let flat = |id: &str| id.to_owned();
    let incomplete = "incomplete 2: error manifest-missing, error manifest-plist-missing, error \
                      status-missing, warning info-missing";
    for (name, count, place, expected) in [
        (
            UDID,
            16,
            &in_shards as &dyn Fn(&str) -> String,
            Some(incomplete),
        ),
        (UDID, 16, &flat, Some(incomplete)),
        ("saved", 16, &in_shards, Some(incomplete)),
        ("saved", 16, &flat, Some(incomplete)),
        (UDID, 15, &in_shards, None),
        (
            "saved",
            40,
            &|id: &str| format!("{}/{}", &id[..2], id.to_uppercase()),
            None,
        ),
        ("saved", 40, &|id: &str| format!("00/{id}"), None),
        (
            "saved",
            40,
            &|id: &str| format!("Snapshot/{}/{id}", &id[..2]),
            None,
        ),
        ("iMazing.Versions", 40, &in_shards, None),
    ] {
        assert_eq!(
            written(name, count, place).as_deref(),
            expected,
            "{name} {count}"
        );
    }
}

#[test]
fn encrypted_lists_without_padding_are_told() {
    let encrypted = || small().encrypted_with("open");
    expect("unverified 0").of("padded", encrypted());
    let unpadded = encrypted().manifest_padding(Padding::None);
    expect("unverified 0: note manifest-unpadded").of("without padding", unpadded);
}

#[test]
fn a_plain_list_needs_no_keys() {
    // Contract §4 rule 11: presence is judged, nothing else.
    let lost = |plist: &mut Dictionary| {
        plist.insert("IsEncrypted".into(), true.into());
        plist.remove("BackupKeyBag");
    };
    expect("unverified 0").of("no keybag", small().manifest_plist(lost));
    let broken = |plist: &mut Dictionary| {
        plist.insert("IsEncrypted".into(), true.into());
        plist.insert("BackupKeyBag".into(), Plist::Data(b"no keybag".to_vec()));
    };
    expect("unverified 0").of("a keybag that is none", small().manifest_plist(broken));
    let missing = small()
        .manifest_plist(lost)
        .remove_payload(PHOTO.0, PHOTO.1);
    expect("corrupt 2: error file-missing").of("a file is missing", missing);
}

#[test]
fn a_bad_value_in_info_plist_costs_that_value_alone() {
    let xml = |date: &str, key: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><plist version=\"1.0\"><dict>\
             <key>Device Name</key><string>Ada's iPhone</string>\
             <key>{key}</key><integer>seven</integer>\
             <key>Last Backup Date</key><date>{date}</date>\
             <key>Product Type</key><string>iPhone14,5</string></dict></plist>"
        )
    };
    for date in [
        "2024-01-01T03:00:00Z",
        "0000-00-00T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "soon",
    ] {
        let backup = expect("complete 0").judge(date, small().raw(INFO, xml(date, "a & b")));
        assert_eq!(backup["device"]["name"], "Ada's iPhone", "{date}");
        assert_eq!(backup["device"]["product_type"], "iPhone14,5", "{date}");
    }
    for bad in [
        "<key>iBooks Data 2</key><data>!!!!</data>",
        "<key>Foo</key><unknown>z</unknown>",
        "<key>A key without a value</key>",
        "<string>a value without a key</string>",
        &format!(
            "<key>Deep</key>{}{}",
            "<array>".repeat(600),
            "</array>".repeat(600)
        ),
    ] {
        let list = xml("2024-01-01T03:00:00Z", "a").replace("<dict>", &format!("<dict>{bad}"));
        let backup = expect("complete 0").judge(bad, small().raw(INFO, list));
        assert_eq!(backup["device"]["name"], "Ada's iPhone", "{bad}");
    }
    // What is no list is none still.
    let page = "<html><body><dict><x/></dict></body></html>";
    expect("complete 0: warning info-unreadable").of("a page", small().raw(INFO, page));
    // In a binary list a date is a number, and this one is beyond all dates.
    let far = 1.25e300_f64;
    let list = Dictionary::from_iter([
        ("Device Name", Plist::String("Ada's iPhone".into())),
        ("Last Backup Date", Plist::Real(far)),
    ]);
    let mut bytes = Vec::new();
    Plist::Dictionary(list)
        .to_writer_binary(&mut bytes)
        .unwrap();
    let real = [&[0x23][..], &far.to_be_bytes()].concat();
    let at = bytes.windows(9).position(|part| part == real).unwrap();
    bytes[at] = 0x33;
    let backup = expect("complete 0").judge("a date that is no number", small().raw(INFO, bytes));
    assert_eq!(backup["device"]["name"], "Ada's iPhone");
}
