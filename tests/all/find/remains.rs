//! What is left where a backup was, or was meant to be: an empty folder, a link that leads nowhere, an alias of
//! Finder's. It is said in words that a person understands (contract §1), and a nightly run does not hide it.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::Value;

use crate::harness::{Ended as _, NOW, Run, program, scan};
use crate::support::{BackupBuilder, empty_folder};

const PHONE: &str = "00008130-000A1C2E3F40801E";
const TABLET: &str = "00008103-0012345678901234";

/// A folder `MobileSync/Backup` with one healthy backup.
fn place() -> tempfile::TempDir {
    let folder = empty_folder();
    let backups = folder.path().join("MobileSync/Backup");
    fs::create_dir_all(&backups).unwrap();
    small(PHONE).write(&backups);
    folder
}

/// A healthy backup of one file.
fn small(udid: &str) -> BackupBuilder {
    BackupBuilder::new(udid)
        .bare()
        .file("HomeDomain", "Library/note.txt", b"a note")
}

/// Exit code and messages, of which the folder's own path is left out.
fn told(folder: &Path) -> (Value, Vec<String>) {
    let document = scan(folder, &[]);
    let problems = document["problems"].as_array().unwrap().iter();
    let own = format!("{}/", folder.display());
    let messages = problems.map(|problem| problem["message"].as_str().unwrap().replace(&own, ""));
    let messages = messages.collect();
    (document["exit_code"].clone(), messages)
}

#[test]
fn what_lies_beside_backups_and_is_none_is_named_for_people() {
    let folder = place();
    let backups = folder.path().join("MobileSync/Backup");
    fs::create_dir(backups.join(TABLET)).unwrap();
    fs::write(backups.join(TABLET).join(".DS_Store"), "").unwrap();
    symlink("/Volumes/Gone/phone", backups.join("away")).unwrap();
    symlink(folder.path(), backups.join("elsewhere")).unwrap();
    let expected = [
        "MobileSync/Backup/away is a link to /Volumes/Gone/phone, which is not there. Is its disk connected?",
        "MobileSync/Backup/elsewhere is a link and was not followed; name its target to have it looked at",
        "MobileSync/Backup/00008103-0012345678901234 is named after a device, but is empty: there is no backup \
         in it",
    ];
    let (exit, messages) = told(folder.path());
    assert_eq!(
        (exit, messages),
        (0.into(), expected.map(str::to_owned).to_vec())
    );
}

#[test]
fn an_alias_in_place_of_the_folder_is_no_folder() {
    let alias = b"book\0\0\0\0mark\0\0\0\0";
    let said = "MobileSync/Backup is a file and not a folder; if it is an alias that Finder made, bkscan cannot \
                follow it. Name the folder that holds the backups";
    for (name, bytes) in [("an alias", &alias[..]), ("any file", b"notes")] {
        let folder = empty_folder();
        fs::create_dir(folder.path().join("MobileSync")).unwrap();
        fs::write(folder.path().join("MobileSync/Backup"), bytes).unwrap();
        let told = told(folder.path());
        assert_eq!(told, (3.into(), vec![said.to_owned()]), "{name}");
    }
    // A file of that name in a folder of anybody's says nothing.
    let folder = place();
    fs::write(folder.path().join("backup"), "notes").unwrap();
    assert_eq!(told(folder.path()), (0.into(), vec![]));
    fs::write(folder.path().join("backup"), alias).unwrap();
    assert_eq!(told(folder.path()).0, 3);
}

#[test]
fn a_nightly_run_does_not_hide_where_a_backup_was() {
    type Change = fn(&Path);
    let emptied: Change = |backup| fs::create_dir(backup).unwrap();
    let linked: Change = |backup| symlink("/Volumes/Gone/phone", backup).unwrap();
    for (name, change) in [("emptied", emptied), ("linked away", linked)] {
        let folder = place();
        let backups = folder.path().join("MobileSync/Backup");
        let tablet = small(TABLET).write(&backups);
        let night = || -> Run {
            let mut command = program();
            command.args([
                "MobileSync",
                "--quiet",
                "--now",
                NOW,
                "--fail-on",
                "warning",
            ]);
            command.current_dir(folder.path());
            command.env("XDG_STATE_HOME", folder.path().join("state"));
            command.env_remove("BKSCAN_NO_STATE");
            command.ended().unwrap().into()
        };
        assert_eq!(night().code, 0, "{name}");
        fs::remove_dir_all(&tablet).unwrap();
        change(&tablet);
        let run = night();
        assert_eq!(run.code, 1, "{name}: {run:?}");
        assert!(run.stdout.contains("is gone"), "{name}: {run:?}");
    }
}

#[test]
fn the_same_path_is_told_once_however_it_is_typed() {
    let folder = place();
    let mut command = program();
    command.args(["missing", "./missing", "missing", "--quiet"]);
    let run: Run = command.current_dir(folder.path()).ended().unwrap().into();
    assert_eq!(run.code, 3, "{run:?}");
    let said = run.stdout.matches("missing does not exist").count();
    assert_eq!(said, 1, "{run:?}");
}

/// What is told without a backup of these paths, one line a message.
fn said(folder: &Path, paths: &[&str]) -> Vec<String> {
    let mut command = program();
    command.args(paths).arg("--quiet");
    let run: Run = command.current_dir(folder).ended().unwrap().into();
    assert_eq!(run.code, 3, "{run:?}");
    let lines = run.stdout.lines().filter(|line| {
        ["No backup under", "is not there"]
            .iter()
            .any(|words| line.contains(words))
    });
    lines.map(str::to_owned).collect()
}

#[test]
fn the_same_folder_is_told_once_whichever_way_leads_there() {
    let world = empty_folder();
    let world = world.path();
    for name in ["empty", "other", "twice"] {
        fs::create_dir(world.join(name)).unwrap();
    }
    symlink("empty", world.join("link")).unwrap();
    for paths in [
        ["empty", "link"],
        ["empty", "twice/../empty"],
        ["empty", "empty/"],
    ] {
        let said = said(world, &paths);
        assert_eq!(said.len(), 1, "{paths:?}: {said:?}");
        assert!(said[0].contains("No backup under empty ("), "{said:?}");
    }
    // Two folders are two.
    assert_eq!(said(world, &["empty", "other"]).len(), 2);
}

#[test]
fn a_link_that_leads_nowhere_is_told_once_and_is_why_there_is_no_backup() {
    let world = empty_folder();
    let world = world.path();
    fs::create_dir_all(world.join("phones/MobileSync")).unwrap();
    fs::create_dir(world.join("empty")).unwrap();
    symlink("/nope", world.join("phones/MobileSync/Backup")).unwrap();
    let ways = ["phones", "phones/MobileSync", "phones/MobileSync/Backup"];
    let [top, middle, link] = ways;
    for paths in [
        [top, middle, link],
        [link, middle, top],
        [middle, top, link],
    ] {
        let said = said(world, &paths);
        assert_eq!(said.len(), 1, "{paths:?}: {said:?}");
        assert!(said[0].contains("/nope is not there"), "{said:?}");
    }
    // It says nothing of other folders.
    assert_eq!(said(world, &["phones", "empty"]).len(), 2);
}
