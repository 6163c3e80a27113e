//! What the first screen says of what lies beside backups and in them, of what shares files with them, and why
//! one is unverified (contract §4, §7).
#![cfg(unix)]

use std::fs;
use std::path::Path;

use crate::harness::{Ended as _, NOW, Run, program};
use crate::support::{BackupBuilder, empty_folder, payload_path};

const PHONE: &str = "00008130-000A1C2E3F40801E";
const PHOTO: (&str, &str) = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.JPG");

fn small() -> BackupBuilder {
    BackupBuilder::new(PHONE)
        .bare()
        .no_empty_shards()
        .file(PHOTO.0, PHOTO.1, &[7; 300_000])
        .file("HomeDomain", "Library/note.txt", b"a note")
}

/// What the screen says of this backup, in one line, once its folder and what is beside it were changed.
fn screen(builder: BackupBuilder, change: impl FnOnce(&Path, &Path)) -> String {
    screen_of(&["Backup"], builder, change)
}

fn screen_of(args: &[&str], builder: BackupBuilder, change: impl FnOnce(&Path, &Path)) -> String {
    let folder = empty_folder();
    let backups = folder.path().join("Backup");
    fs::create_dir(&backups).unwrap();
    let backup = builder.write(&backups);
    change(&backups, &backup);
    let mut command = program();
    command
        .args(args)
        .args(["--now", NOW])
        .current_dir(folder.path());
    let run: Run = command.ended().unwrap().into();
    run.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn write(path: &Path, bytes: usize) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, vec![1; bytes]).unwrap();
}

#[track_caller]
fn says(screen: &str, expected: &[&str], not: &[&str]) {
    for words in expected {
        assert!(screen.contains(words), "{words} is not in {screen}");
    }
    for words in not {
        assert!(!screen.contains(words), "{words} is in {screen}");
    }
}

#[test]
fn what_lies_beside_backups_is_named_with_its_size() {
    let told = screen(small(), |backups, _| {
        write(&backups.join("iMazing.Versions/Versions/a"), 100_000);
        write(&backups.join("phone.unback/photo.jpg"), 8_000);
        write(&backups.join("notes.txt"), 10);
    });
    // How large a block is depends on the disk.
    let versions = "kB: earlier versions that iMazing keeps.";
    let unpacked = "kB: a copy that another tool unpacked.";
    let names = [
        "Beside the backups: Backup/iMazing.Versions, 1",
        "Beside the backups: Backup/phone.unback, ",
    ];
    says(&told, &names, &[]);
    // None of it is shared with a backup.
    says(&told, &[versions, unpacked], &["notes.txt", "hard link"]);
    says(&screen(small(), |_, _| ()), &[], &["Beside the backups"]);
}

#[test]
fn a_backup_whose_files_have_second_names_frees_little() {
    let told = screen(small(), |backups, backup| {
        let photo = payload_path(backup, PHOTO.0, PHOTO.1);
        let versions = backups.join("iMazing.Versions");
        fs::create_dir(&versions).unwrap();
        fs::hard_link(photo, versions.join("photo")).unwrap();
    });
    let words = "because the rest has a second name (a hard link) elsewhere.";
    says(&told, &["deleting it alone frees", words], &[]);
    // One that is linked within the backup alone goes with it.
    let within = screen(small(), |_, backup| {
        let photo = payload_path(backup, PHOTO.0, PHOTO.1);
        fs::hard_link(&photo, photo.with_extension("sync-conflict-1")).unwrap();
    });
    says(&within, &[], &["a second name"]);
}

#[test]
fn what_is_left_in_a_backup_is_told_where_it_is_much() {
    let left = |bytes| {
        screen(small(), move |_, backup| {
            write(&backup.join("_unback_/a"), bytes)
        })
    };
    let words = "_unback_ (1 file,";
    says(&left(200_000), &[words], &[]);
    says(&left(2_000), &[], &[words]);
    let orphan = |bytes| {
        screen(small(), move |_, backup| {
            write(&payload_path(backup, "HomeDomain", "gone"), bytes);
        })
    };
    let words = "1 file is not listed in the manifest";
    says(&orphan(200_000), &[words], &[]);
    says(&orphan(2_000), &[], &[words]);
}

#[test]
fn an_unverified_backup_has_its_reason() {
    let far = || {
        small().manifest_plist(|plist| {
            plist.insert("Odd".into(), plist::Value::Data(vec![0; 9 << 20]));
        })
    };
    let reason = "not all of it could be checked: bkscan cannot read Manifest.plist";
    says(&screen(far(), |_, _| ()), &["? unverified", reason], &[]);
    // Whatever else is told of it.
    let no_info = || far().without("Info.plist");
    let left = |_: &Path, backup: &Path| write(&backup.join("Snapshot/a"), 3_000_000);
    let show = ["show", &format!("Backup/{PHONE}")];
    for (told, shown, other) in [
        (
            screen(no_info(), |_, _| ()),
            screen_of(&show, no_info(), |_, _| ()),
            "Info.plist is missing",
        ),
        (
            screen(far(), left),
            screen_of(&show, far(), left),
            "Snapshot (1 file, 3.0 MB)",
        ),
    ] {
        let why = "Not all of it could be checked: bkscan cannot read Manifest.plist";
        says(&told, &["? unverified", other, why], &[]);
        let why = "not everything could be checked: bkscan cannot read Manifest.plist";
        says(&shown, &["? unverified", other, why], &[]);
    }
    let state = small().snapshot_state("resting");
    says(
        &screen(state, |_, _| ()),
        &["? unverified", "tells no state that is known"],
        &[],
    );
    says(
        &screen(small(), |_, _| ()),
        &["complete"],
        &["not all of it"],
    );
}

#[test]
fn a_backup_whose_device_is_in_doubt_is_not_said_to_have_no_date() {
    let other = "C0FFEE".repeat(7)[..40].to_owned();
    let disputed = small().info(|info| drop(info.insert("Unique Identifier".into(), other.into())));
    let told = screen(disputed, |_, _| ());
    says(&told, &["device in doubt"], &["no date"]);
    says(&screen(small(), |_, _| ()), &["you decide"], &["in doubt"]);
}

#[test]
fn what_was_looked_at_quickly_is_no_more_than_there_is() {
    let many = || {
        (0..20_u8).fold(small(), |b, n| {
            b.file("HomeDomain", &format!("{n}"), &[n; 50])
        })
    };
    let whole = screen_of(&["Backup", "--level", "quick"], many(), |_, _| ());
    says(&whole, &["Checked: state and sizes."], &[]);
    let payloads = screen_of(&["Backup", "--level", "quick"], many(), |_, backup| {
        for name in ["Info", "Manifest", "Status"] {
            fs::remove_file(backup.join(format!("{name}.plist"))).unwrap();
        }
        fs::remove_file(backup.join("Manifest.db")).unwrap();
    });
    let says_so = "Checked: what lies in the folders, and sizes.";
    says(&payloads, &["incomplete", says_so], &["state and"]);
}
