//! Where backups lie that are no copies of their own, and backups that lie in others (contract §1).

use std::fs;
use std::path::Path;

use bkscan::find::{self, Candidate};
use bkscan::model::BesideKind;
use bkscan::model::progress::Monitor;
use tempfile::tempdir;

use crate::find::discovery::{NEW, OLD, look, put, small};
use crate::harness::{Ended as _, Run, finding, finding_ids, only_backup, program, scan};
use crate::support::{BackupBuilder, file_id};

/// Each name of contract §1, some in another case, and what backups in it are.
const NAMES: &[(&str, &str)] = &[
    (".Trash", "trash"),
    (".Trashes", "trash"),
    (".Trash-1000", "trash"),
    ("$RECYCLE.BIN", "trash"),
    ("$Recycle.Bin", "trash"),
    ("RECYCLER", "trash"),
    ("#recycle", "trash"),
    ("#Recycle", "trash"),
    ("@Recycle", "trash"),
    (".sync", "trash"),
    (".stversions", "trash"),
    ("Trash", "trash"),
    ("files_trashbin", "trash"),
    (".dropbox.cache", "trash"),
    ("lost+found", "trash"),
    (".snapshot", "snapshot"),
    (".snapshots", "snapshot"),
    ("#snapshot", "snapshot"),
    ("~snapshot", "snapshot"),
    (".zfs", "snapshot"),
    (".MobileBackups", "snapshot"),
    ("Backups.backupdb", "snapshot"),
];

/// A third device.
const THIRD: &str = "00008120-001122334455667A";

/// Paths below `world`, with `/`.
fn below(world: &Path, path: &Path) -> String {
    let path = path.strip_prefix(world).unwrap_or(path);
    path.to_str().unwrap().replace('\\', "/")
}

/// What a search finds: backups with whether they lie in a trash, what lies beside with its kind, and how
/// many problems there were.
type Found = (Vec<(String, bool)>, Vec<(String, String)>, usize);

fn found(world: &Path, roots: &[&str]) -> Found {
    let roots: Vec<_> = roots.iter().map(|root| world.join(root)).collect();
    let found = find::find(&roots, &Monitor::silent());
    let backups = found.backups.iter();
    let backups = backups.map(|Candidate { path, in_trash, .. }| (below(world, path), *in_trash));
    let beside = found.beside.iter();
    let beside =
        beside.map(|(path, kind): &(_, BesideKind)| (below(world, path), kind.as_str().to_owned()));
    (backups.collect(), beside.collect(), found.problems.len())
}

fn one(path: &str, in_trash: bool) -> (String, bool) {
    (path.to_owned(), in_trash)
}

fn beside(path: &str, kind: &str) -> (String, String) {
    (path.to_owned(), kind.to_owned())
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_lies_in_a_trash_or_a_snapshot_is_named_and_not_judged() {
    for (name, kind) in NAMES {
        for holder in ["disk", "disk/Backup"] {
            let world = tempdir().unwrap();
            let world = world.path();
            small(NEW).write(&world.join("disk/Backup"));
            small(OLD).write(&world.join(holder).join(name));
            let live = format!("disk/Backup/{NEW}");
            let thrown = format!("{holder}/{name}/{OLD}");
            let expected = vec![beside(&thrown, kind)];
            assert_eq!(
                found(world, &["disk"]),
                (vec![one(&live, false)], expected, 0)
            );
        }
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn where_the_path_lies_in_a_trash_backups_are_judged() {
    for (name, _) in NAMES {
        let world = tempdir().unwrap();
        let world = world.path();
        small(OLD).write(&world.join(name).join("501/x"));
        for path in [
            name.to_string(),
            format!("{name}/501"),
            format!("{name}/501/x"),
            format!("{name}/501/x/{OLD}"),
            format!("{name}/501/../501/x"),
        ] {
            let (backups, beside, problems) = found(world, &[&path]);
            let [(backup, in_trash)] = backups.as_slice() else {
                panic!("{path}: {backups:?}");
            };
            assert!(backup.ends_with(&format!("501/x/{OLD}")), "{backup}");
            assert!(in_trash, "{path}");
            assert_eq!((beside.len(), problems), (0, 0), "{path}");
        }
    }
}

/// A trash in a snapshot that was asked for is a folder as any other, also in a backup there.
#[test]
fn a_trash_in_a_trash_is_searched_as_far_as_the_outer_one() {
    let world = tempdir().unwrap();
    let world = world.path();
    let outer = small(NEW).write(&world.join(".zfs/snapshot/daily"));
    small(OLD).write(&world.join(".zfs/snapshot/daily/.Trash"));
    small(THIRD).write(&outer.join(".stversions"));
    let (mut backups, thrown, problems) = found(world, &[".zfs/snapshot"]);
    backups.sort();
    let daily = ".zfs/snapshot/daily";
    let expected = [
        one(&format!("{daily}/.Trash/{OLD}"), true),
        one(&format!("{daily}/{NEW}"), true),
        one(&format!("{daily}/{NEW}/.stversions/{THIRD}"), true),
    ];
    assert_eq!(backups, expected);
    assert_eq!((thrown.len(), problems), (0, 0));
    // From outside, the backup in the other one is part of it, and four levels down is too deep.
    let (backups, thrown, _) = found(world, &["."]);
    let expected = [beside(&format!("{daily}/{NEW}"), "snapshot")];
    assert_eq!((backups.len(), thrown.as_slice()), (0, &expected[..]));
}

/// Names that only look alike are folders as any other.
#[test]
fn look_alikes_of_a_trash_are_none() {
    for name in [
        "Snapshot",
        "snapshots",
        ".Trash2",
        "Trash-1000",
        "recycle",
        "sync",
        "versions",
        "Backups",
        "zfs",
        "My Trash",
    ] {
        let world = tempdir().unwrap();
        let world = world.path();
        small(OLD).write(&world.join("disk").join(name));
        let path = format!("disk/{name}/{OLD}");
        assert_eq!(
            found(world, &["disk"]),
            (vec![one(&path, false)], vec![], 0),
            "{name}"
        );
    }
}

#[test]
fn the_document_tells_of_a_trash_beside() {
    let world = tempdir().unwrap();
    let world = world.path();
    small(NEW).write(&world.join("Backup"));
    small(OLD).write(&world.join("Backup/#recycle/Backup"));
    small(THIRD).write(&world.join(".snapshots/1"));
    let seen = look(world, &["."]);
    assert_eq!(seen.backups(world), [format!("Backup/{NEW}")]);
    let expected = [
        beside(&format!(".snapshots/1/{THIRD}"), "snapshot"),
        beside(&format!("Backup/#recycle/Backup/{OLD}"), "trash"),
    ];
    assert_eq!(seen.beside(world), expected);
    for entry in seen.document["beside"].as_array().unwrap() {
        assert!(entry["bytes"].as_u64().unwrap() > 5_000, "{entry}");
    }
    assert_eq!(seen.document["problems"].as_array().unwrap().len(), 0);
    assert_eq!(seen.code, 0);
}

/// A broken one in a trash is no error either.
#[test]
fn a_broken_backup_in_a_trash_is_only_named() {
    let world = tempdir().unwrap();
    let world = world.path();
    small(NEW).write(&world.join("Backup"));
    small(OLD)
        .raw("Manifest.db", *b"junk")
        .write(&world.join("Backup/.sync/Archive"));
    put(&world.join(format!(".Trash/{THIRD}/Info.plist")), b"junk");
    let seen = look(world, &["."]);
    assert_eq!(seen.backups(world), [format!("Backup/{NEW}")]);
    let expected = [
        beside(&format!(".Trash/{THIRD}"), "trash"),
        beside(&format!("Backup/.sync/Archive/{OLD}"), "trash"),
    ];
    assert_eq!(seen.beside(world), expected);
    assert_eq!(seen.code, 0);
}

#[test]
fn a_trash_without_a_backup_is_not_mentioned() {
    let world = tempdir().unwrap();
    let world = world.path();
    small(NEW).write(&world.join("Backup"));
    put(&world.join("Backup/#recycle/notes.txt"), b"mine");
    put(&world.join("Backup/.stversions/x/y/z.txt"), b"mine");
    put(&world.join("Trash/x.zip"), b"mine");
    let live = vec![one(&format!("Backup/{NEW}"), false)];
    assert_eq!(found(world, &["."]), (live, vec![], 0));
}

#[test]
fn backups_in_a_trash_alone_are_no_backups() {
    let world = tempdir().unwrap();
    let world = world.path();
    small(OLD).write(&world.join("disk/.Trashes/501"));
    let seen = look(world, &["disk"]);
    assert_eq!(seen.code, 3);
    assert!(seen.stderr.contains("No backup under"), "{}", seen.stderr);
    let thrown = beside(&format!("disk/.Trashes/501/{OLD}"), "trash");
    assert_eq!(seen.beside(world), [thrown]);
}

/// Where one path lies in the trash and another around it, it is judged, and named once.
#[test]
fn a_trash_that_is_asked_for_too_is_judged() {
    let world = tempdir().unwrap();
    let world = world.path();
    small(NEW).write(&world.join("Backup"));
    small(OLD).write(&world.join(".Trash"));
    for roots in [[".", ".Trash"], [".Trash", "."]] {
        let (mut backups, beside, problems) = found(world, &roots);
        backups.sort();
        let expected = [
            one(&format!(".Trash/{OLD}"), true),
            one(&format!("Backup/{NEW}"), false),
        ];
        // The path `.` stays in front of what lies below it.
        let backups: Vec<_> = backups
            .into_iter()
            .map(|(path, is)| (path.trim_start_matches("./").to_owned(), is))
            .collect();
        assert_eq!(backups, expected, "{roots:?}");
        assert_eq!((beside.len(), problems), (0, 0), "{roots:?}");
    }
    let (_, beside, _) = found(world, &[".", "."]);
    assert_eq!(beside.len(), 1);
}

#[cfg(unix)]
#[test]
fn links_in_a_trash_lead_nowhere_and_links_into_one_are_known() {
    use std::os::unix::fs::symlink;
    let world = tempdir().unwrap();
    let world = world.path();
    small(NEW).write(&world.join("disk/Backup"));
    small(OLD).write(&world.join("else/Backup"));
    fs::create_dir(world.join("disk/.Trash")).unwrap();
    symlink(world.join("else/Backup"), world.join("disk/.Trash/Backup")).unwrap();
    let live = vec![one(&format!("disk/Backup/{NEW}"), false)];
    assert_eq!(found(world, &["disk"]), (live, vec![], 0));
    // A folder whose real place is a trash.
    small(THIRD).write(&world.join("nas/#recycle"));
    symlink(world.join("nas/#recycle"), world.join("mine")).unwrap();
    let thrown = vec![one(&format!("mine/{THIRD}"), true)];
    assert_eq!(found(world, &["mine"]), (thrown, vec![], 0));
}

/// Nothing is judged in a trash that lies in a backup either; the outer one tells that something is there.
#[test]
fn a_trash_in_a_backup() {
    let world = tempdir().unwrap();
    let world = world.path();
    let outer = small(NEW).write(world);
    small(OLD).write(&outer.join(".stversions"));
    let document = scan(world, &[]);
    let backup = only_backup(&document);
    assert_eq!(finding_ids(backup), ["nested-backup"].into());
    assert_eq!(document["beside"][0]["kind"], "trash");
    assert_eq!(document["exit_code"], 0);
}

// Backups in backups

/// One device's backup, and another one's at `place` in it.
fn nested(world: &Path, place: &str) -> String {
    let outer = small(NEW).write(&world.join("Backup"));
    small(OLD).write(&outer.join(place));
    format!("Backup/{NEW}/{place}/{OLD}").replace("/./", "/")
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_backup_is_found_three_levels_inside_another_and_not_four() {
    for (place, is_found) in [(".", true), ("a", true), ("a/b", true), ("a/b/c", false)] {
        let world = tempdir().unwrap();
        let world = world.path();
        let inner = nested(world, place);
        let outer = format!("Backup/{NEW}");
        // Whatever the path is.
        for root in [".", "Backup", outer.as_str()] {
            let seen = look(world, &[root]);
            let mut expected = vec![outer.clone()];
            expected.extend(is_found.then(|| inner.clone()));
            assert_eq!(seen.backups(world), expected, "{place} from {root}");
            let backups = seen.document["backups"].as_array().unwrap();
            assert_eq!(backups.len(), expected.len());
            assert_eq!(finding_ids(&backups[0]), ["nested-backup"].into());
            let note = finding(&backups[0], "nested-backup");
            let relative = inner.strip_prefix(&format!("{outer}/")).unwrap();
            assert_eq!(note["count"], 1);
            assert_eq!(note["examples"][0]["path"], relative);
            assert!(note["message"].as_str().unwrap().contains(relative));
            for inner in &backups[1..] {
                assert_eq!(finding_ids(inner), [].into());
                assert_eq!(inner["verdict"], "complete");
            }
            assert_eq!(seen.code, 0);
        }
    }
}

/// What takes names out leaves the numbers: what lies in another one counts once.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; paths have other separators")]
fn without_names_backups_in_backups_take_no_more() {
    let world = tempdir().unwrap();
    let world = world.path();
    let inner = nested(world, "a");
    small(THIRD).write(&world.join(inner).join("b"));
    small(OLD).write(&world.join("Backup/beside"));
    let plain = scan(world, &[]);
    let redacted = scan(world, &["--redact"]);
    let paths = redacted["backups"].as_array().unwrap().iter();
    let paths: Vec<&str> = paths
        .map(|backup| backup["path"].as_str().unwrap())
        .collect();
    let expected = [
        "backup-1",
        "backup-1/backup-2",
        "backup-1/backup-2/backup-3",
        "backup-4",
    ];
    assert_eq!(paths, expected);
    let bytes = |document: &serde_json::Value, at: usize| {
        let size = &document["backups"][at]["size"];
        size["allocated_bytes"].as_u64().unwrap()
    };
    for document in [&plain, &redacted] {
        let summary = &document["summary"];
        assert_eq!(summary["backups"], 4);
        assert_eq!(
            summary["allocated_bytes"],
            bytes(document, 0) + bytes(document, 3)
        );
        assert_eq!(
            summary["allocated_bytes"],
            plain["summary"]["allocated_bytes"]
        );
        assert_eq!(summary["files"], plain["summary"]["files"]);
    }
    // Such a document is known to hold nothing personal.
    fs::write(world.join("saved.json"), redacted.to_string()).unwrap();
    let page = program()
        .current_dir(world)
        .args(["report", "saved.json", "--html", "page.html", "--redact"])
        .ended();
    let page: Run = page.unwrap().into();
    assert_eq!((page.code, page.stderr.as_str()), (0, ""));
}

/// What lies in the inner one is looked for from there; all of it is part of the outer one's size.
#[test]
fn a_backup_in_a_backup_in_a_backup() {
    let world = tempdir().unwrap();
    let world = world.path();
    let outer = small(NEW).write(world);
    let middle = small(OLD).write(&outer.join("a/b"));
    small(THIRD).write(&middle.join("c/d"));
    let document = scan(world, &[]);
    let backups = document["backups"].as_array().unwrap();
    let holds: Vec<_> = backups.iter().map(finding_ids).collect();
    let note = || ["nested-backup"].into();
    assert_eq!(holds, [note(), note(), [].into()]);
    let outermost = &backups[0]["size"];
    for key in ["files", "logical_bytes", "allocated_bytes"] {
        assert_eq!(document["summary"][key], outermost[key], "{key}");
        assert!(backups[1][key].as_u64() <= outermost[key].as_u64(), "{key}");
    }
    assert_eq!(document["summary"]["backups"], 3);
    // Of the inner ones alone the outer one is no part.
    let document = scan(&middle, &[]);
    let of_middle = &document["backups"][0]["size"]["files"];
    assert_eq!(document["summary"]["files"], *of_middle);
}

#[test]
fn several_backups_in_one_are_counted_and_the_first_are_named() {
    let world = tempdir().unwrap();
    let world = world.path();
    let outer = small(NEW).write(world);
    for number in 0..5 {
        small(OLD)
            .folder_name(&format!("copy {number}"))
            .write(&outer);
    }
    let document = scan(world, &[]);
    let backups = document["backups"].as_array().unwrap();
    assert_eq!(backups.len(), 6);
    let note = finding(&backups[0], "nested-backup");
    assert_eq!(note["count"], 5);
    let files: u64 = backups[1..]
        .iter()
        .map(|backup| backup["size"]["logical_bytes"].as_u64().unwrap())
        .sum();
    assert_eq!(note["bytes"], files);
    let message = note["message"].as_str().unwrap();
    assert!(message.starts_with("5 other backups"), "{message}");
    assert!(
        message.contains(": copy 0, copy 1, copy 2, 2 more ("),
        "{message}"
    );
}

#[test]
fn inside_a_shard_it_is_told_of() {
    for builder in [small(NEW), small(NEW).mbdb()] {
        let world = tempdir().unwrap();
        let world = world.path();
        let outer = builder.write(world);
        small(OLD).write(&outer.join("7b"));
        let document = scan(world, &[]);
        let ids = finding_ids(only_backup(&document));
        assert_eq!(ids, ["misplaced-file", "nested-backup"].into());
        let note = finding(only_backup(&document), "nested-backup");
        assert_eq!(note["examples"][0]["path"], format!("7b/{OLD}"));
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_makes_a_folder_a_backup_inside_another() {
    let archived = format!("{OLD}-20240501-101112");
    let payload = format!("{OLD}/{}", file_id("HomeDomain", "x"));
    let shard = format!("{OLD}/0a/x");
    let named = format!("{OLD}/Info.plist");
    let archived = format!("{archived}/Status.plist");
    for (files, is_found, notes) in [
        (
            &["old/Info.plist", "old/Status.plist"][..],
            true,
            &["nested-backup"][..],
        ),
        (
            &["old/Manifest.plist", "old/Manifest.mbdb"],
            true,
            &["nested-backup"],
        ),
        (&[named.as_str()], true, &["nested-backup"]),
        (&[archived.as_str()], true, &["nested-backup"]),
        (&[payload.as_str()], true, &["nested-backup"]),
        (&[shard.as_str()], true, &["nested-backup"]),
        // A list alone is no backup to judge, but it may be of one.
        (&["old/Manifest.db"], false, &["nested-backup"]),
        (&["old/Info.plist"], false, &["foreign-content"]),
        (
            &["old/Info.plist", "old/notes.txt"],
            false,
            &["foreign-content"],
        ),
        (&["Program.app/Info.plist"], false, &["foreign-content"]),
    ] {
        let world = tempdir().unwrap();
        let outer = small(NEW).write(world.path());
        for file in files {
            put(&outer.join(file), b"x");
        }
        let document = scan(world.path(), &[]);
        let backups = document["backups"].as_array().unwrap();
        assert_eq!(backups.len(), 1 + usize::from(is_found), "{files:?}");
        let outer: Vec<_> = finding_ids(&backups[0]).into_iter().collect();
        assert_eq!(outer, notes, "{files:?}");
    }
}

#[test]
fn leftovers_and_clutter_hold_no_backups() {
    for (place, notes) in [
        ("Snapshot/x", &["leftover"][..]),
        ("_unback_", &["leftover"]),
        ("x.unback/y", &["leftover"]),
        ("@eaDir", &[]),
        (".AppleDouble", &[]),
        ("x/.AppleDouble", &[]),
    ] {
        let world = tempdir().unwrap();
        let world = world.path();
        nested(world, place);
        let document = scan(world, &[]);
        let ids: Vec<_> = finding_ids(only_backup(&document)).into_iter().collect();
        assert_eq!(ids, notes, "{place}");
    }
}

/// Files of the inner one are its own; what lies beside it is foreign.
#[test]
fn a_nested_backup_is_no_foreign_content() {
    let world = tempdir().unwrap();
    let world = world.path();
    let outer = small(NEW).raw("moved/notes.txt", *b"mine").write(world);
    small(OLD)
        .raw("readme.txt", *b"yours")
        .write(&outer.join("moved"));
    let document = scan(world, &[]);
    let backups = document["backups"].as_array().unwrap();
    let foreign = |at: usize| {
        let found = finding(&backups[at], "foreign-content");
        (found["count"].clone(), found["examples"][0]["path"].clone())
    };
    assert_eq!(foreign(0), (1.into(), "moved/notes.txt".into()));
    assert_eq!(foreign(1), (1.into(), "readme.txt".into()));
}

#[cfg(unix)]
#[test]
fn no_link_inside_a_backup_leads_to_another() {
    let world = tempdir().unwrap();
    let world = world.path();
    small(THIRD).write(&world.join("else"));
    let outer = small(NEW).write(&world.join("Backup"));
    let inside = world.join("else").join(THIRD);
    std::os::unix::fs::symlink(&inside, outer.join(THIRD)).unwrap();
    std::os::unix::fs::symlink(world.join("else"), outer.join("Backup")).unwrap();
    let document = scan(&world.join("Backup"), &[]);
    assert_eq!(finding_ids(only_backup(&document)), [].into());
}

/// A path that is a backup means that one, whatever lies in it.
#[test]
fn the_outer_one_is_shown_by_its_path() {
    let world = tempdir().unwrap();
    let world = world.path();
    let inner = nested(world, "a");
    for path in [format!("Backup/{NEW}"), inner] {
        let seen = look(world, &["show", &path]);
        let shown = only_backup(&seen.document)["path"].as_str().unwrap();
        assert!(Path::new(shown).ends_with(&path), "{shown}");
        assert_eq!(seen.code, 0);
    }
}

/// Nor is it taken for a folder of backups that was meant as the path.
#[test]
fn the_outer_one_may_stand_behind_only() {
    let world = tempdir().unwrap();
    let world = world.path();
    nested(world, "a");
    small(THIRD).write(&world.join("Backup"));
    let only = [format!("Backup/{NEW}"), format!("Backup/{THIRD}")];
    let run = run_in(world, &["clean", "--only", &only[0], &only[1]]);
    assert!(!run.stderr.contains("takes every word"), "{run:?}");
    let run = run_in(world, &["clean", "--only", &only[1], "Backup"]);
    assert!(run.stderr.contains("takes every word"), "{run:?}");
}

fn run_in(world: &Path, args: &[&str]) -> Run {
    let mut program = program();
    let program = program.current_dir(world).args(args);
    program.ended().unwrap().into()
}

// Ways that lead further than three levels

#[test]
fn backups_of_users_are_found_further_down() {
    let ways = [
        "Users/ada/Library/Application Support/MobileSync",
        "Users/ada/AppData/Roaming/Apple Computer/MobileSync",
        "Users/ada/Apple/MobileSync",
    ];
    for way in ways {
        for (above, root, is_found) in [
            ("disk", "disk", true),
            ("disk", "disk/Users", true),
            ("copies/2026-11-20/Macintosh HD", "copies", true),
            ("copies/mac/2026-11-20/Data", "copies", true),
            ("a/b/c/d/e", "a", false),
        ] {
            let world = tempdir().unwrap();
            let world = world.path();
            let place = format!("{above}/{way}/Backup");
            small(NEW).write(&world.join(&place));
            let (backups, beside, _) = found(world, &[root]);
            let expected: Vec<_> = is_found
                .then(|| one(&format!("{place}/{NEW}"), false))
                .into_iter()
                .collect();
            assert_eq!(
                (backups, beside.len()),
                (expected, 0),
                "{place} from {root}"
            );
        }
    }
}

#[test]
fn other_ways_of_users_are_not_gone() {
    let world = tempdir().unwrap();
    let world = world.path();
    small(NEW).write(&world.join("disk/Users/ada/x/y/z/MobileSync/Backup"));
    small(NEW).write(&world.join("disk/Homes/ada/Library/Application Support/MobileSync/Backup"));
    let (backups, _, problems) = found(world, &["disk"]);
    assert_eq!((backups.len(), problems), (0, 1));
}

/// A Time Machine copy is a snapshot wherever it is found, and judged where the path lies in it.
#[test]
fn copies_of_time_machine() {
    let world = tempdir().unwrap();
    let world = world.path();
    let copy = "disk/Backups.backupdb/mac/2026-11-20/Macintosh HD";
    let place = format!("{copy}/Users/ada/Library/Application Support/MobileSync/Backup");
    small(NEW).write(&world.join(&place));
    let backup = format!("{place}/{NEW}");
    let (backups, thrown, _) = found(world, &["disk"]);
    assert_eq!(
        (backups, thrown),
        (vec![], vec![beside(&backup, "snapshot")])
    );
    for root in ["disk/Backups.backupdb", "disk/Backups.backupdb/mac", copy] {
        assert_eq!(
            found(world, &[root]),
            (vec![one(&backup, true)], vec![], 0),
            "{root}"
        );
    }
}

/// Where all payloads of the inner one lie flat, too.
#[test]
fn a_flat_backup_in_another() {
    let world = tempdir().unwrap();
    let world = world.path();
    let outer = BackupBuilder::new(NEW)
        .bare()
        .mbdb()
        .file("HomeDomain", "x", b"x")
        .write(world);
    small(OLD).mbdb().write(&outer);
    let document = scan(world, &[]);
    let backups = document["backups"].as_array().unwrap();
    let ids: Vec<_> = backups.iter().map(finding_ids).collect();
    // Its folder has the name of a payload, and is none.
    assert_eq!(ids, [["nested-backup"].into(), [].into()]);
}
