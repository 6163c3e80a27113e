//! Where nothing may be written, and what is not mended: a clear message, and all is as it was.

use std::fs;
use std::path::{Path, PathBuf};

use super::mended::told;
use super::scene::{Era, NOTE, PHOTO, Scene, UDID, usual};
use crate::harness::{NOW, Run, files, run, words};
use crate::support::{BackupBuilder, empty_folder, tree_digest};

/// A backup that lacks a file, so that there is something to mend.
fn damaged(era: Era) -> Scene {
    let mut scene = Scene::new(era);
    fs::remove_file(scene.place(NOTE)).unwrap();
    scene.loses(NOTE, "file-missing");
    scene
}

const OWN: &str = "lies inside the backup that is to be mended; a backup is never mended in place";
const PARENT: &str = "is the folder that holds the backup that is to be mended";
const IN_PARENT: &str = "lies in the folder that holds the backup that is to be mended";

/// Fails unless the run is refused with these words, and all below the folder is as it was.
#[track_caller]
fn refused(scene: &Scene, to: &Path, words: &str) -> Run {
    let before = tree_digest(scene.all());
    let run = scene.mend(to, &[]);
    assert_eq!(run.code, 2, "{run:#?}");
    assert!(
        run.stderr.contains(words),
        "{words:?} is not said: {run:#?}"
    );
    assert_eq!(tree_digest(scene.all()), before, "something was written");
    run
}

#[test]
fn nothing_is_written_where_backups_are() {
    let scene = damaged(Era::Open);
    let parent = scene.backup.parent().unwrap().to_owned();
    let other = BackupBuilder::new("00008030-001122334455667A").bare();
    let other = other.no_empty_shards().write(&scene.all().join("Others"));
    for (to, words) in [
        (scene.backup.clone(), OWN),
        (scene.backup.join("mended"), OWN),
        (scene.backup.join("a/b/c"), OWN),
        (scene.backup.join("Snapshot"), OWN),
        (other.clone(), "lies inside a backup"),
        (other.join("mended"), "lies inside a backup"),
        (parent.clone(), PARENT),
        (scene.backup.join(".."), PARENT),
        (parent.join("mended"), IN_PARENT),
        (parent.join("a/b"), IN_PARENT),
        // Elsewhere such a path means what it says.
        #[cfg(unix)]
        (parent.join("new/../../Backup"), "goes up again"),
    ] {
        refused(&scene, &to, words);
    }
    // One further up will do.
    told(&scene.mend(scene.all(), &[]));
}

#[test]
fn what_is_there_stays() {
    let scene = damaged(Era::Open);
    let to = scene.to();
    fs::create_dir(&to).unwrap();
    let result = to.join(UDID);
    for make in [
        |path: &Path| fs::write(path, "somebody's own"),
        |path: &Path| fs::create_dir(path),
    ] {
        make(&result).unwrap();
        refused(&scene, &to, "is there already");
        let _ = fs::remove_file(&result);
        let _ = fs::remove_dir(&result);
    }
    told(&scene.mend(&to, &[]));
    refused(&scene, &to, "is there already");
    // No folder can be made below a file.
    let file = scene.all().join("file");
    fs::write(&file, "somebody's own").unwrap();
    refused(&scene, &file, "is no folder");
    // Windows finds what is in the way before it makes anything.
    let words = if cfg!(windows) {
        "is no folder"
    } else {
        "below"
    };
    refused(&scene, &file.join("below"), words);
}

#[cfg(unix)]
#[test]
fn links_lead_nowhere_else() {
    use std::os::unix::fs::symlink;

    let scene = damaged(Era::Open);
    let link = scene.all().join("link");
    let parent = scene.backup.parent().unwrap();
    for (target, words) in [
        (scene.backup.clone(), OWN),
        (scene.backup.join("Snapshot"), OWN),
        (parent.to_owned(), PARENT),
    ] {
        fs::create_dir_all(scene.backup.join("Snapshot")).unwrap();
        symlink(target, &link).unwrap();
        refused(&scene, &link, words);
        fs::remove_file(&link).unwrap();
    }
    let below = scene.all().join("into");
    symlink(&scene.backup, &below).unwrap();
    refused(&scene, &below.join("mended"), OWN);

    // What stands where the result would be is there, wherever it leads.
    let to = scene.to();
    fs::create_dir(&to).unwrap();
    symlink("/nowhere", to.join(UDID)).unwrap();
    refused(&scene, &to, "is there already");
    fs::remove_file(to.join(UDID)).unwrap();

    // A link in place of its own folder is not what it left there.
    let own = scene.all().join("precious");
    fs::create_dir(&own).unwrap();
    fs::write(own.join("thesis.txt"), "somebody's own").unwrap();
    let before = tree_digest(&own);
    symlink(&own, to.join(format!(".bkscan-mending-{UDID}"))).unwrap();
    refused(&scene, &to, "is no folder that mend made");
    assert_eq!(tree_digest(&own), before, "it followed a link");
    fs::remove_dir_all(&to).unwrap();

    // A backup and a place that are reached through links are what they lead to.
    let elsewhere = empty_folder();
    symlink(elsewhere.path(), &to).unwrap();
    let by_link = scene.all().join("by link");
    symlink(&scene.backup, &by_link).unwrap();
    let run: Run = run_mend(&[by_link, to], &["--json"]);
    told(&run);
    assert!(elsewhere.path().join(UDID).join("Manifest.db").is_file());
}

/// Something has the name of the record, which shows when the new backup has its own.
#[test]
fn a_backup_without_its_record_is_told_of() {
    let scene = damaged(Era::Open);
    let to = scene.to();
    fs::create_dir_all(to.join(format!(".bkscan-mending-{UDID}"))).unwrap();
    let record = to.join(format!("{UDID}.mended.json"));
    fs::create_dir(&record).unwrap();
    let run = scene.mend(&to, &[]);
    assert_eq!(run.code, 2, "{run:#?}");
    let start = format!(
        "bkscan: the new backup is there and complete ({}), but the record beside it is missing: {} could not be \
         written: ",
        to.join(UDID).display(),
        record.display()
    );
    assert!(run.stderr.starts_with(&start), "{run:#?}");
    scene.is_complete(&to.join(UDID), &[]);
    let mut names: Vec<_> = fs::read_dir(&to)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, [UDID.into(), record.file_name().unwrap().to_owned()]);
}

fn run_mend([backup, to]: &[PathBuf; 2], more: &[&str]) -> Run {
    let mut args = vec![
        "mend".into(),
        backup.clone().into_os_string(),
        "--to".into(),
    ];
    args.push(to.clone().into_os_string());
    args.extend(["--now", NOW].iter().chain(more).map(Into::into));
    run(args)
}

#[test]
fn what_is_typed_wrong_is_told() {
    let scene = damaged(Era::Open);
    let backup = scene.backup.to_str().unwrap();
    let run_it = |line: &str| run(["mend"].into_iter().chain(words(line)));
    for (run, code, words) in [
        (run(["mend"]), 64, "BACKUP"),
        (run(["mend", backup]), 64, "--to"),
        (run_it("nowhere --to /nowhere"), 3, "nowhere"),
        (
            run(["mend", backup, "--to", "x", "--delete"]),
            64,
            "--delete",
        ),
    ] {
        assert_eq!(run.code, code, "{run:#?}");
        assert!(run.stderr.contains(words), "{words:?}: {run:#?}");
    }
    assert!(files(&scene.to()).is_empty());
}

#[test]
fn without_its_password_it_is_not_mended() {
    let scene = damaged(Era::Sealed);
    for (password, code) in [(None, 2), (Some("another"), 3)] {
        let mut command = scene.command(&scene.to());
        command.env_remove("BKSCAN_PASSWORD");
        if let Some(password) = password {
            command.env("BKSCAN_PASSWORD", password);
        }
        let run: Run = command.output().unwrap().into();
        assert_eq!(run.code, code, "{run:#?}");
        assert!(run.stderr.contains("password"), "{run:#?}");
        assert!(files(&scene.to()).is_empty());
    }
}

#[test]
fn what_nobody_could_call_complete_is_refused() {
    // Nothing would be left of it.
    let scene = Scene::new(Era::Open);
    for row in scene.rows.iter().filter(|row| row.is_required) {
        fs::remove_file(scene.backup.join(&row.id[..2]).join(&row.id)).unwrap();
    }
    scene.is_refused(2, "no file");
    // Its records cannot be read with any password (F§11.5).
    let parent = empty_folder();
    let backup = usual()
        .encrypted_ios10_0_with("password")
        .remove_payload(PHOTO.0, PHOTO.1)
        .write(parent.path());
    let to = parent.path().join("mended");
    let run = run_mend(&[backup, to.clone()], &[]);
    assert_eq!(run.code, 2, "{run:#?}");
    assert!(run.stderr.contains("no password shows"), "{run:#?}");
    assert!(files(&to).is_empty());
}

#[test]
fn what_is_still_running_is_left_alone() {
    let parent = empty_folder();
    let backup = usual()
        .date("2026-11-22T11:00:00Z")
        .mtime("2026-11-22T11:50:00Z")
        .snapshot_state("uploading")
        .write(parent.path());
    let to = parent.path().join("mended");
    let run = run_mend(&[backup, to.clone()], &[]);
    assert_eq!(run.code, 2, "{run:#?}");
    assert!(run.stderr.contains("a backup is running there"), "{run:#?}");
    assert!(files(&to).is_empty());
}

/// As on a disk that takes no file of more than 4 GB.
#[cfg(unix)]
#[test]
fn a_file_that_is_too_long_for_the_disk_is_told() {
    let scene = damaged(Era::Open);
    let before = tree_digest(&scene.backup);
    let mut limited = std::process::Command::new("sh");
    let usual = scene.command(&scene.to());
    crate::harness::same_environment(&mut limited, &usual);
    limited.args(["-c", "trap '' XFSZ; ulimit -f 2; exec \"$0\" \"$@\""]);
    limited.arg(usual.get_program()).args(usual.get_args());
    let run: Run = limited.output().unwrap().into();
    assert_eq!(run.code, 2, "{run:#?}");
    assert!(run.stderr.contains("too large"), "{run:#?}");
    assert_eq!(tree_digest(&scene.backup), before);
    assert!(!scene.to().join(UDID).exists());
    told(&scene.mend(&scene.to(), &[]));
}
