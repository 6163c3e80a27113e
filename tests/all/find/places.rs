//! Where backups lie that are no copies of their own, and backups that lie in others (contract §1).

use std::fs;
use std::path::Path;

use bkscan::find::{self, Candidate};
use bkscan::model::progress::Monitor;
use serde_json::Value;
use tempfile::TempDir;

use crate::find::discovery::{NEW, OLD, look, put, small, world_of};
use crate::harness::{Ended as _, Run, finding, finding_ids, only_backup, program, scan};
use crate::support::{BackupBuilder, empty_folder, file_id};

/// The names of trashes of contract §1, some in another case.
const TRASHES: &str = ".Trash .Trashes .Trash-1000 $RECYCLE.BIN $Recycle.Bin RECYCLER #recycle \
     #Recycle @Recycle .sync .stversions Trash files_trashbin .dropbox.cache lost+found";

/// The same for snapshots.
const SNAPSHOTS: &str =
    ".snapshot .snapshots #snapshot ~snapshot .zfs .MobileBackups Backups.backupdb";

/// All these names, each with what backups in it are.
fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    let trashes = TRASHES.split(' ').map(|name| (name, "trash"));
    trashes.chain(SNAPSHOTS.split(' ').map(|name| (name, "snapshot")))
}

/// A third device.
const THIRD: &str = "00008120-001122334455667A";

/// Paths below `world`, with `/`.
fn below(world: &Path, path: &Path) -> String {
    let path = path.strip_prefix(world).unwrap_or(path);
    path.to_str().unwrap().replace('\\', "/")
}

/// What a search finds, in words: backups that are judged, what lies beside, and problems if there are any.
fn found(world: &TempDir, roots: &[&str]) -> Vec<String> {
    let world = world.path();
    let roots: Vec<_> = roots.iter().map(|root| world.join(root)).collect();
    let found = find::find(&roots, &Monitor::silent());
    let mut told = Vec::new();
    for Candidate { path, in_trash, .. } in &found.backups {
        let how = if *in_trash {
            "judged in a trash"
        } else {
            "judged"
        };
        told.push(format!("{how}: {}", below(world, path)));
    }
    for (path, kind) in &found.beside {
        told.push(format!("{}: {}", kind.as_str(), below(world, path)));
    }
    if !found.problems.is_empty() {
        told.push(format!("{} problems", found.problems.len()));
    }
    told
}

/// The findings of each backup.
fn all_ids(document: &Value) -> Vec<Vec<&str>> {
    let backups = document["backups"].as_array().unwrap().iter();
    let ids = backups.map(|backup| finding_ids(backup).into_iter().collect());
    ids.collect()
}

fn beside(path: &str, kind: &str) -> (String, String) {
    (path.to_owned(), kind.to_owned())
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_lies_in_a_trash_or_a_snapshot_is_named_and_not_judged() {
    for (name, kind) in names() {
        for holder in ["disk", "disk/Backup"] {
            let thrown = format!("{holder}/{name}");
            let world = world_of(&[("disk/Backup", NEW), (&thrown, OLD)]);
            let live = format!("judged: disk/Backup/{NEW}");
            let expected = [live, format!("{kind}: {thrown}/{OLD}")];
            assert_eq!(found(&world, &["disk"]), expected);
        }
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn where_the_path_lies_in_a_trash_backups_are_judged() {
    for (name, _) in names() {
        let world = world_of(&[(&format!("{name}/501/x"), OLD)]);
        let backup = format!("/501/x/{OLD}");
        for path in ["", "/501", "/501/x", &backup, "/501/../501/x"] {
            let told = found(&world, &[&format!("{name}{path}")]);
            assert_eq!(told.len(), 1, "{name}{path}: {told:?}");
            assert!(told[0].starts_with("judged in a trash: "), "{told:?}");
            assert!(told[0].ends_with(&format!("501/x/{OLD}")), "{told:?}");
        }
    }
}

/// A trash in a snapshot that was asked for is a folder as any other, also in a backup there.
#[test]
fn a_trash_in_a_trash_is_searched_as_far_as_the_outer_one() {
    let daily = ".zfs/snapshot/daily";
    let in_outer = format!("{daily}/{NEW}/.stversions");
    let in_trash = format!("{daily}/.Trash");
    let world = world_of(&[(daily, NEW), (&in_trash, OLD), (&in_outer, THIRD)]);
    let mut told = found(&world, &[".zfs/snapshot"]);
    told.sort();
    let expected = [
        format!("judged in a trash: {in_trash}/{OLD}"),
        format!("judged in a trash: {daily}/{NEW}"),
        format!("judged in a trash: {in_outer}/{THIRD}"),
    ];
    assert_eq!(told, expected);
    // From outside, the backup in the other one is part of it, and four levels down is too deep.
    let told = found(&world, &["."]);
    assert_eq!(told, [&format!("snapshot: {daily}/{NEW}"), "1 problems"]);
}

/// Names that only look alike are folders as any other.
#[test]
fn look_alikes_of_a_trash_are_none() {
    let mut names = vec!["Snapshot", "snapshots", ".Trash2", "Trash-1000", "recycle"];
    names.extend(["sync", "versions", "Backups", "zfs", "My Trash"]);
    for name in names {
        let place = format!("disk/{name}");
        let world = world_of(&[(&place, OLD)]);
        assert_eq!(found(&world, &["disk"]), [format!("judged: {place}/{OLD}")]);
    }
}

/// A broken one in a trash is no error either.
#[test]
fn the_document_tells_of_a_trash_beside_whether_it_is_broken_or_not() {
    let thrown = ("Backup/#recycle/Backup", OLD);
    let world = world_of(&[("Backup", NEW), thrown, (".snapshots/1", THIRD)]);
    let world = world.path();
    let broken = small(OLD).raw("Manifest.db", *b"junk");
    broken.write(&world.join("Backup/.sync/Archive"));
    put(&world.join(format!(".Trash/{THIRD}/Info.plist")), b"junk");
    let seen = look(world, &["."]);
    assert_eq!(seen.backups(world), [format!("Backup/{NEW}")]);
    let expected = [
        beside(&format!(".Trash/{THIRD}"), "trash"),
        beside(&format!(".snapshots/1/{THIRD}"), "snapshot"),
        beside(&format!("Backup/#recycle/Backup/{OLD}"), "trash"),
        beside(&format!("Backup/.sync/Archive/{OLD}"), "trash"),
    ];
    assert_eq!(seen.beside(world), expected);
    for entry in seen.document["beside"].as_array().unwrap() {
        let is_junk = entry["path"].as_str().unwrap().contains(".Trash");
        assert!(
            is_junk || entry["bytes"].as_u64().unwrap() > 5_000,
            "{entry}"
        );
    }
    assert_eq!(seen.document["problems"].as_array().unwrap().len(), 0);
    assert_eq!(seen.code, 0);
}

#[test]
fn a_trash_without_a_backup_is_not_mentioned() {
    let world = world_of(&[("Backup", NEW)]);
    put(&world.path().join("Backup/#recycle/notes.txt"), b"mine");
    put(&world.path().join("Backup/.stversions/x/y/z.txt"), b"mine");
    put(&world.path().join("Trash/x.zip"), b"mine");
    assert_eq!(found(&world, &["."]), [format!("judged: Backup/{NEW}")]);
}

#[test]
fn backups_in_a_trash_alone_are_no_backups() {
    let world = world_of(&[("disk/.Trashes/501", OLD)]);
    let seen = look(world.path(), &["disk"]);
    assert_eq!(seen.code, 3);
    let said = format!(
        "No backup under disk (looked three levels down). One lies in a trash there: {}; name it",
        Path::new("disk/.Trashes/501").join(OLD).display()
    );
    let stderr = seen.stderr.replace('\\', "/");
    assert!(stderr.contains(&said.replace('\\', "/")), "{stderr}");
    let thrown = beside(&format!("disk/.Trashes/501/{OLD}"), "trash");
    assert_eq!(seen.beside(world.path()), [thrown]);
}

/// What is judged because it was asked for is not said to lie in a trash.
#[test]
fn nothing_is_said_of_a_trash_that_is_asked_for_too() {
    let world = world_of(&[("disk/.Trashes/501", OLD)]);
    for roots in [["disk", "disk/.Trashes"], ["disk/.Trashes", "disk"]] {
        let seen = look(world.path(), &roots);
        assert_eq!(seen.backups(world.path()).len(), 1, "{roots:?}");
        assert!(!seen.stderr.contains("in a trash there"), "{}", seen.stderr);
    }
}

/// Where one path lies in the trash and another around it, it is judged, and named once.
#[test]
fn a_trash_that_is_asked_for_too_is_judged() {
    let world = world_of(&[("Backup", NEW), (".Trash", OLD)]);
    let live = format!("judged: Backup/{NEW}");
    for roots in [[".", ".Trash"], [".Trash", "."]] {
        // The path `.` stays in front of what lies below it.
        let told = found(&world, &roots).into_iter();
        let mut told: Vec<_> = told.map(|line| line.replace(": ./", ": ")).collect();
        told.sort();
        let thrown = format!("judged in a trash: .Trash/{OLD}");
        assert_eq!(told, [thrown, live.clone()], "{roots:?}");
    }
    let told = found(&world, &[".", "."]);
    assert_eq!(told, [live, format!("trash: .Trash/{OLD}")]);
}

#[cfg(unix)]
#[test]
fn links_in_a_trash_lead_nowhere_and_links_into_one_are_known() {
    use std::os::unix::fs::symlink;
    let recycle = ("nas/#recycle", THIRD);
    let all = world_of(&[("disk/Backup", NEW), ("else/Backup", OLD), recycle]);
    let world = all.path();
    fs::create_dir(world.join("disk/.Trash")).unwrap();
    symlink(world.join("else/Backup"), world.join("disk/.Trash/Backup")).unwrap();
    assert_eq!(
        found(&all, &["disk"]),
        [format!("judged: disk/Backup/{NEW}")]
    );
    // A folder whose real place is a trash.
    symlink(world.join("nas/#recycle"), world.join("mine")).unwrap();
    let thrown = format!("judged in a trash: mine/{THIRD}");
    assert_eq!(found(&all, &["mine"]), [thrown]);
}

/// Nothing is judged in a trash that lies in a backup either; the outer one tells that something is there.
#[test]
fn a_trash_in_a_backup() {
    let world = world_of(&[(".", NEW), (&format!("{NEW}/.stversions"), OLD)]);
    let document = scan(world.path(), &[]);
    assert_eq!(all_ids(&document), [["nested-backup"]]);
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
        let world = empty_folder();
        let world = world.path();
        let inner = nested(world, place);
        let outer = format!("Backup/{NEW}");
        // Whatever the path is.
        for root in [".", "Backup", outer.as_str()] {
            let seen = look(world, &[root]);
            let mut expected = vec![outer.clone()];
            let mut ids = vec![vec!["nested-backup"]];
            if is_found {
                expected.push(inner.clone());
                ids.push(vec![]);
            }
            assert_eq!(seen.backups(world), expected, "{place} from {root}");
            assert_eq!(all_ids(&seen.document), ids, "{place} from {root}");
            let backups = seen.document["backups"].as_array().unwrap();
            let note = finding(&backups[0], "nested-backup");
            let relative = inner.strip_prefix(&format!("{outer}/")).unwrap();
            assert_eq!(note["count"], 1);
            assert_eq!(note["examples"][0]["path"], relative);
            assert!(note["message"].as_str().unwrap().contains(relative));
            for inner in &backups[1..] {
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
    let world = empty_folder();
    let world = world.path();
    let inner = nested(world, "a");
    small(THIRD).write(&world.join(inner).join("b"));
    small(OLD).write(&world.join("Backup/beside"));
    let plain = scan(world, &[]);
    let redacted = scan(world, &["--redact"]);
    let inner = ["backup-1/backup-2", "backup-1/backup-2/backup-3"];
    let expected = ["backup-1", inner[0], inner[1], "backup-4"];
    let paths = redacted["backups"].as_array().unwrap().iter();
    let paths: Vec<&Value> = paths.map(|backup| &backup["path"]).collect();
    assert_eq!(paths, expected);
    for document in [&plain, &redacted] {
        let bytes = |at: usize| {
            let size = &document["backups"][at]["size"];
            size["allocated_bytes"].as_u64().unwrap()
        };
        let (summary, of_plain) = (&document["summary"], &plain["summary"]);
        assert_eq!(summary["backups"], 4);
        assert_eq!(summary["allocated_bytes"], bytes(0) + bytes(3));
        assert_eq!(summary["allocated_bytes"], of_plain["allocated_bytes"]);
        assert_eq!(summary["files"], of_plain["files"]);
    }
    // Such a document is known to hold nothing personal.
    fs::write(world.join("saved.json"), redacted.to_string()).unwrap();
    let args = ["report", "saved.json", "--html", "page.html", "--redact"];
    let page = run_in(world, &args);
    assert_eq!((page.code, page.stderr.as_str()), (0, ""));
}

/// What lies in the inner one is looked for from there; all of it is part of the outer one's size.
#[test]
fn a_backup_in_a_backup_in_a_backup() {
    let world = empty_folder();
    let world = world.path();
    let outer = small(NEW).write(world);
    let middle = small(OLD).write(&outer.join("a/b"));
    small(THIRD).write(&middle.join("c/d"));
    let document = scan(world, &[]);
    let note = vec!["nested-backup"];
    assert_eq!(all_ids(&document), [note.clone(), note, vec![]]);
    let backups = &document["backups"];
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
    let world = empty_folder();
    let outer = small(NEW).write(world.path());
    for number in 0..5 {
        let copy = small(OLD).folder_name(&format!("copy {number}"));
        copy.write(&outer);
    }
    let document = scan(world.path(), &[]);
    let backups = document["backups"].as_array().unwrap();
    assert_eq!(backups.len(), 6);
    let note = finding(&backups[0], "nested-backup");
    assert_eq!(note["count"], 5);
    let bytes = |backup: &Value| backup["size"]["logical_bytes"].as_u64().unwrap();
    assert_eq!(note["bytes"], backups[1..].iter().map(bytes).sum::<u64>());
    let message = note["message"].as_str().unwrap();
    assert!(message.starts_with("5 other backups"), "{message}");
    let names = ": copy 0, copy 1, copy 2, 2 more (";
    assert!(message.contains(names), "{message}");
}

#[test]
fn inside_a_shard_it_is_told_of() {
    for builder in [small(NEW), small(NEW).mbdb()] {
        let world = empty_folder();
        let outer = builder.write(world.path());
        small(OLD).write(&outer.join("7b"));
        let document = scan(world.path(), &[]);
        assert_eq!(all_ids(&document), [["misplaced-file", "nested-backup"]]);
        let note = finding(only_backup(&document), "nested-backup");
        assert_eq!(note["examples"][0]["path"], format!("7b/{OLD}"));
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_makes_a_folder_a_backup_inside_another() {
    let payload = format!("{OLD}/{}", file_id("HomeDomain", "x"));
    let shard = format!("{OLD}/0a/x");
    let named = format!("{OLD}/Info.plist");
    let archived = format!("{OLD}-20240501-101112/Status.plist");
    let (backup, foreign) = ("nested-backup", "foreign-content");
    for (files, is_found, note) in [
        ("old/Info.plist old/Status.plist", true, backup),
        ("old/Manifest.plist old/Manifest.mbdb", true, backup),
        (&named, true, backup),
        (&archived, true, backup),
        (&payload, true, backup),
        (&shard, true, backup),
        // A list alone is no backup to judge, but it may be of one.
        ("old/Manifest.db", false, backup),
        ("old/Info.plist", false, foreign),
        ("old/Info.plist old/notes.txt", false, foreign),
        ("Program.app/Info.plist", false, foreign),
    ] {
        let world = world_of(&[(".", NEW)]);
        for file in files.split(' ') {
            put(&world.path().join(NEW).join(file), b"x");
        }
        let ids = scan(world.path(), &[]);
        let ids = all_ids(&ids);
        assert_eq!(ids.len(), 1 + usize::from(is_found), "{files}");
        assert_eq!(ids[0], [note], "{files}");
    }
}

#[test]
fn leftovers_hold_no_backups() {
    for place in ["Snapshot/x", "_unback_", "x.unback/y"] {
        let world = empty_folder();
        nested(world.path(), place);
        let document = scan(world.path(), &[]);
        assert_eq!(all_ids(&document), [["leftover"]], "{place}");
    }
}

/// A network volume's or a system's own folder may have been copied with what somebody put in it.
#[test]
fn a_whole_backup_in_clutter_is_a_backup_of_its_own_and_the_outer_one_stays() {
    for place in [
        "@eaDir",
        ".AppleDouble",
        "x/.AppleDouble",
        ".TemporaryItems/x",
    ] {
        let world = empty_folder();
        let world = world.path();
        let inner = nested(world, place);
        let newer = small(NEW).folder_name("newer").date("2026-11-02T10:00:00Z");
        newer.write(&world.join("Backup"));
        let seen = look(world, &["Backup"]);
        let outer = format!("Backup/{NEW}");
        let newer = "Backup/newer".to_owned();
        assert_eq!(seen.backups(world), [outer, inner, newer], "{place}");
        let expected = [vec!["nested-backup"], vec![], vec![]];
        assert_eq!(all_ids(&seen.document), expected, "{place}");
        let decision = &seen.document["backups"][0]["decision"];
        assert_eq!(decision["action"], "keep", "{place}: {decision:#}");
        assert_eq!(decision["reasons"][0]["code"], "nested", "{place}");
    }
}

/// What is named in clutter as the files beside it is no backup.
#[test]
fn clutter_that_is_named_as_a_backup_is_clutter() {
    let payloads: Vec<String> = (0..20).map(|at| format!("{at:02x}{at:038x}")).collect();
    let mut healthy = vec![
        format!("@eaDir/{OLD}/SYNOINDEX_MEDIA_INFO"),
        format!("@eaDir/{OLD}/Info.plist/SYNO_THUMB"),
        format!("@eaDir/{OLD}/Manifest.db/SYNO_THUMB"),
        "@eaDir/Info.plist/SYNO_THUMB".to_owned(),
        "@eaDir/Manifest.db/SYNO_THUMB".to_owned(),
        ".AppleDouble/Info.plist".to_owned(),
        ".AppleDouble/Manifest.db".to_owned(),
        ".AppleDouble/Manifest.plist".to_owned(),
    ];
    for payload in &payloads {
        healthy.push(format!("0a/.AppleDouble/{payload}"));
        healthy.push(format!("@eaDir/{OLD}/{payload}/SYNO_THUMB"));
        healthy.push(format!("0a/@eaDir/{payload}/SYNO_THUMB"));
    }
    let world = world_of(&[(".", NEW)]);
    for file in &healthy {
        put(&world.path().join(NEW).join(file), b"x");
    }
    let document = scan(world.path(), &[]);
    assert_eq!(finding_ids(only_backup(&document)), [].into());
}

/// Files of the inner one are its own; what lies beside it is foreign.
#[test]
fn a_nested_backup_is_no_foreign_content() {
    let world = empty_folder();
    let outer = small(NEW).raw("moved/notes.txt", *b"mine");
    let outer = outer.write(world.path());
    let inner = small(OLD).raw("readme.txt", *b"yours");
    inner.write(&outer.join("moved"));
    let document = scan(world.path(), &[]);
    for (at, path) in [(0, "moved/notes.txt"), (1, "readme.txt")] {
        let found = finding(&document["backups"][at], "foreign-content");
        assert_eq!(found["count"], 1, "{path}");
        assert_eq!(found["examples"][0]["path"], path);
    }
}

#[cfg(unix)]
#[test]
fn no_link_inside_a_backup_leads_to_another() {
    use std::os::unix::fs::symlink;
    let world = world_of(&[("else", THIRD), ("Backup", NEW)]);
    let world = world.path();
    let outer = world.join("Backup").join(NEW);
    symlink(world.join("else").join(THIRD), outer.join(THIRD)).unwrap();
    symlink(world.join("else"), outer.join("Backup")).unwrap();
    let document = scan(&world.join("Backup"), &[]);
    assert_eq!(finding_ids(only_backup(&document)), [].into());
}

/// A path that is a backup means that one, whatever lies in it.
#[test]
fn the_outer_one_is_shown_by_its_path() {
    let world = empty_folder();
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
    let world = empty_folder();
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
            let place = format!("{above}/{way}/Backup");
            let world = world_of(&[(&place, NEW)]);
            let judged = format!("judged: {place}/{NEW}");
            let expected = if is_found {
                judged
            } else {
                "1 problems".to_owned()
            };
            assert_eq!(found(&world, &[root]), [expected], "{place} from {root}");
        }
    }
}

/// All users are told of where the path is the folder of all, or of one.
#[test]
fn the_folder_of_users_and_of_one_are_paths_as_any_other() {
    let anna = "disk/Users/anna/Library/Application Support/MobileSync/Backup";
    let ben = "disk/Users/ben/AppData/Roaming/Apple Computer/MobileSync/Backup";
    let cy = "disk/Users/cy/Apple/MobileSync/Backup";
    let world = world_of(&[(anna, NEW), (ben, OLD), (cy, THIRD)]);
    let judged = [(anna, NEW), (ben, OLD), (cy, THIRD)];
    let judged = judged.map(|(place, udid)| format!("judged: {place}/{udid}"));
    assert_eq!(found(&world, &["disk"]), judged);
    assert_eq!(found(&world, &["disk/Users"]), judged);
    assert_eq!(found(&world, &["disk/Users", "disk"]), judged);
    for (user, judged) in ["anna", "ben", "cy"].iter().zip(judged) {
        assert_eq!(found(&world, &[&format!("disk/Users/{user}")]), [judged]);
    }
    // Deeper down than the known ways lead is too deep there, too.
    let elsewhere = "disk/Users/ada/x/y/z/MobileSync/Backup";
    let world = world_of(&[(elsewhere, NEW)]);
    assert_eq!(found(&world, &["disk/Users"]), ["1 problems"]);
}

/// Three levels are counted from each path, also where another path lies above it.
#[test]
fn a_path_below_another_one_is_searched_as_far_down_as_alone() {
    let place = "a/b/c/d";
    let world = world_of(&[("a/x", OLD), (place, NEW)]);
    let mut backups = [
        format!("judged: a/x/{OLD}"),
        format!("judged: {place}/{NEW}"),
    ];
    assert_eq!(found(&world, &["a"]), backups[..1]);
    assert_eq!(found(&world, &["a", "a/b"]), backups);
    backups.reverse();
    assert_eq!(found(&world, &["a/b", "a"]), backups);
    // What lies beside is named once, wherever it was seen from.
    let world = world_of(&[("disk/MobileSync/Backup", NEW)]);
    let beside = "disk/MobileSync/Backup/notes/today.txt";
    put(&world.path().join(beside), b"mine");
    let expected = [
        format!("judged: disk/MobileSync/Backup/{NEW}"),
        "other: disk/MobileSync/Backup/notes".to_owned(),
    ];
    for roots in [
        &["disk", "disk/MobileSync", "disk/MobileSync/Backup"][..],
        &["disk/MobileSync/Backup", "disk/MobileSync", "disk"],
        &["disk", "disk/../disk/MobileSync/Backup"],
    ] {
        assert_eq!(found(&world, roots), expected, "{roots:?}");
    }
}

#[test]
fn other_ways_of_users_are_not_gone() {
    let homes = "disk/Homes/ada/Library/Application Support/MobileSync/Backup";
    let users = "disk/Users/ada/x/y/z/MobileSync/Backup";
    let told = found(&world_of(&[(users, NEW), (homes, NEW)]), &["disk"]);
    assert_eq!(told, ["1 problems"]);
}

/// A Time Machine copy is a snapshot wherever it is found, and judged where the path lies in it.
#[test]
fn copies_of_time_machine() {
    let copy = "disk/Backups.backupdb/mac/2026-11-20/Macintosh HD";
    let place = format!("{copy}/Users/ada/Library/Application Support/MobileSync/Backup");
    let world = world_of(&[(&place, NEW)]);
    let told = found(&world, &["disk"]);
    assert_eq!(told, [&format!("snapshot: {place}/{NEW}"), "1 problems"]);
    let judged = format!("judged in a trash: {place}/{NEW}");
    for root in ["disk/Backups.backupdb", "disk/Backups.backupdb/mac", copy] {
        assert_eq!(found(&world, &[root]), [judged.as_str()], "{root}");
    }
}

/// Where all payloads of the inner one lie flat, too.
#[test]
fn a_flat_backup_in_another() {
    let world = empty_folder();
    let outer = BackupBuilder::new(NEW).bare().mbdb();
    let outer = outer.file("HomeDomain", "x", b"x").write(world.path());
    small(OLD).mbdb().write(&outer);
    let document = scan(world.path(), &[]);
    // Its folder has the name of a payload, and is none.
    assert_eq!(all_ids(&document), [vec!["nested-backup"], vec![]]);
}
