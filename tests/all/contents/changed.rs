//! `content-changed`: what earlier runs read tells which bytes a disk has lost.

use std::time::Duration;

use super::*;

const CHANGED: &str = "corrupt 2: error content-changed ×1";
const WELL: &str = "complete 0:";

fn only_outcome(world: &World) -> String {
    outcome(&world.scan(&[]))
}

/// A bit of a photo: nothing in the format can tell in the first run. In the second it is told, in the
/// third too, and no more once the bytes are the right ones again.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_flipped_bit_is_found_from_the_second_run_on() {
    let encrypted = || phone().encrypted_with(PASSWORD);
    for (era, builder, password, verdict) in [
        ("open", phone(), None, "complete"),
        ("encrypted", encrypted(), Some(PASSWORD), "complete"),
        ("locked", encrypted(), None, "unverified"),
        ("opened by nothing", phone().encrypted(), None, "unverified"),
        (
            "iOS 10.0",
            phone().encrypted_ios10_0_with(PASSWORD),
            Some(PASSWORD),
            "unverified",
        ),
    ] {
        // The same everywhere; Wine starts programs slowly.
        if cfg!(windows) && era != "open" {
            continue;
        }
        let world = World::of(builder);
        let outcome = || outcome(&world.scan_with(password, &[]));
        assert_eq!(outcome(), format!("{verdict} 0:"), "{era}");
        flip(&world.payload(PHOTO), 5000);
        assert_eq!(outcome(), CHANGED, "{era}");
        assert_eq!(outcome(), CHANGED, "{era}");
        flip(&world.payload(PHOTO), 5000);
        assert_eq!(outcome(), format!("{verdict} 0:"), "{era}");
        flip(&world.payload(PHOTO), 5000);
        assert_eq!(outcome(), CHANGED, "{era}");
    }
}

/// With payloads that lie flat, and every verdict but `complete`.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn also_in_backups_of_ios_9_and_in_those_that_did_not_finish() {
    let flat = World::of(phone().mbdb());
    let photo = crate::support::flat_payload_path(&flat.phone(), PHOTO.0, PHOTO.1);
    assert_eq!(only_outcome(&flat), WELL);
    flip(&photo, 0);
    assert_eq!(only_outcome(&flat), CHANGED);

    let stopped = World::of(phone().snapshot_state("removing"));
    let warning = "warning cleanup-interrupted ×1";
    assert_eq!(only_outcome(&stopped), format!("interrupted 0: {warning}"));
    flip(&stopped.payload(PHOTO), 0);
    assert_eq!(only_outcome(&stopped), format!("{CHANGED}, {warning}"));
}

/// What is told of it.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn it_names_the_files_and_adds_them_up() {
    let world = World::new();
    world.scan(&[]);
    flip(&world.payload(PHOTO), 99_999);
    flip(&world.payload(CHAT), 0);
    let document = world.scan(&[]);
    assert_eq!(outcome(&document), "corrupt 2: error content-changed ×2");
    let told = finding(only_backup(&document), "content-changed");
    assert_eq!(told["bytes"], 105_000);
    let mut named: Vec<_> = told["examples"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| ["domain", "path"].map(|key| one[key].as_str().unwrap()))
        .collect();
    named.sort();
    assert_eq!(named, [[CHAT.0, CHAT.1], [PHOTO.0, PHOTO.1]]);
    // A changed file was compared, too.
    assert_eq!(compared(&document), [[3, 105_300], [1, 300], [2, 105_000]]);
}

/// Where there is a checksum it tells, too: both are facts.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn with_a_checksum_both_are_told() {
    let world = World::new();
    assert_eq!(only_outcome(&world), WELL);
    flip(&world.payload(SETTING), 7);
    let both = "corrupt 2: error content-changed ×1, error digest-mismatch ×1";
    assert_eq!(only_outcome(&world), both);
    assert_eq!(only_outcome(&world), both);
    flip(&world.payload(SETTING), 7);
    assert_eq!(only_outcome(&world), WELL);
}

/// In the last block of an encrypted one the padding tells in the first run, too.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_last_block_flipped() {
    let world = World::of(phone().encrypted_with(PASSWORD));
    let outcome = |password| outcome(&world.scan_with(password, &[]));
    assert_eq!(outcome(Some(PASSWORD)), WELL);
    flip(&world.payload(PHOTO), 100_015);
    let both = "corrupt 2: error content-changed ×1, warning padding-invalid ×1";
    assert_eq!(outcome(Some(PASSWORD)), both);
    // What was read is remembered as it is stored: with a password or without.
    assert_eq!(outcome(None), CHANGED);
}

/// What was damaged when it was first read is learned as it is: nobody can know.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn damage_from_before_the_first_run_is_not_seen() {
    let world = World::of(phone().flip_in_payload(PHOTO.0, PHOTO.1, 9));
    assert_eq!(only_outcome(&world), WELL);
    assert_eq!(only_outcome(&world), WELL);
}

/// A file that was written anew has another time. It is learned, and from then on known.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_file_written_anew_is_no_alarm() {
    // The last: as little as every file system of this century can tell.
    for later in [
        Duration::from_secs(86_400),
        Duration::from_secs(1),
        Duration::from_millis(1),
    ] {
        let world = World::new();
        assert_eq!(only_outcome(&world), WELL);
        let photo = world.payload(PHOTO);
        flip(&photo, 9);
        later_by(&photo, later);
        let document = world.scan(&[]);
        assert_eq!(outcome(&document), WELL, "{later:?}");
        assert_eq!(compared(&document)[2], [1, 5000], "{later:?}");
        let document = world.scan(&[]);
        assert_eq!(outcome(&document), WELL, "{later:?}");
        assert_eq!(compared(&document)[2], [2, 105_000], "{later:?}");
        flip(&photo, 9);
        assert_eq!(only_outcome(&world), CHANGED, "{later:?}");
    }
}

fn later_by(path: &Path, later: Duration) {
    let modified = fs::metadata(path).unwrap().modified().unwrap();
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.set_modified(modified + later).unwrap();
}

/// With an older time, too, as a copy from an archive has it; and with another length.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn an_older_time_and_another_size_are_no_alarm() {
    let world = World::new();
    assert_eq!(only_outcome(&world), WELL);
    let photo = world.payload(PHOTO);
    flip(&photo, 9);
    let modified = fs::metadata(&photo).unwrap().modified().unwrap();
    let file = OpenOptions::new().write(true).open(&photo).unwrap();
    file.set_modified(modified - Duration::from_secs(5))
        .unwrap();
    drop(file);
    overwrite(&world.payload(CHAT), &bytes(5001));
    assert_eq!(only_outcome(&world), WELL);
    assert_eq!(only_outcome(&world), WELL);
}

/// Copies a file as `cp -p` does: the time is the same, the inode another one.
fn copy(from: &Path, to: &Path) {
    let modified = fs::metadata(from).unwrap().modified().unwrap();
    fs::copy(from, to).unwrap();
    let file = OpenOptions::new().write(true).open(to).unwrap();
    file.set_modified(modified).unwrap();
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            copy(&entry.path(), &to);
        }
    }
}

/// A folder that came back from another disk has other inodes: it is learned anew, whatever it holds.
#[test]
fn a_restored_folder_is_learned_anew() {
    let world = World::new();
    assert_eq!(only_outcome(&world), WELL);
    fs::rename(world.phone(), world.path("away")).unwrap();
    copy_folder(&world.path("away"), &world.phone());
    flip(&world.payload(PHOTO), 9);
    let document = world.scan(&[]);
    assert_eq!(outcome(&document), WELL);
    assert_eq!(compared(&document), [[3, 105_300], [1, 300], [0, 0]]);
    let document = world.scan(&[]);
    assert_eq!(compared(&document)[2], [2, 105_000]);
    flip(&world.payload(PHOTO), 9);
    assert_eq!(only_outcome(&world), CHANGED);
}

/// One file only.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_restored_file_is_learned_anew() {
    let world = World::new();
    assert_eq!(only_outcome(&world), WELL);
    let (photo, away) = (world.payload(PHOTO), world.path("away"));
    fs::rename(&photo, &away).unwrap();
    copy(&away, &photo);
    flip(&photo, 9);
    let document = world.scan(&[]);
    assert_eq!(outcome(&document), WELL);
    assert_eq!(compared(&document)[2], [1, 5000]);
}

/// A copy beside it, as Finder's "Archive" makes one, is a backup of its own.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_copy_beside_it_is_a_backup_of_its_own() {
    let world = World::new();
    assert_eq!(only_outcome(&world), WELL);
    let archive = world.root().join(format!("{PHONE}-20240601-101500"));
    copy_folder(&world.phone(), &archive);
    flip(&payload_path(&archive, PHOTO.0, PHOTO.1), 9);
    let known = || {
        let document = world.scan(&[]);
        let backups = document["backups"].as_array().unwrap();
        let mut told: Vec<_> = backups
            .iter()
            .map(|backup| {
                let archived = backup["archived"].as_bool().unwrap();
                let known = amount(backup, "compared_with_ledger")[0];
                (archived, outcome_of(&document, backup), known)
            })
            .collect();
        told.sort();
        told
    };
    let well = |archived, known| (archived, WELL.to_owned(), known);
    assert_eq!(known(), [well(false, 2), well(true, 0)]);
    assert_eq!(known(), [well(false, 2), well(true, 2)]);
}

/// The same folder by any path is the same folder.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn however_the_path_is_typed() {
    let world = World::new();
    world.scan(&[]);
    flip(&world.payload(PHOTO), 9);
    let mut paths = vec![
        world.phone().to_str().unwrap().to_owned(),
        format!("backups/{PHONE}"),
        format!("./backups/../backups/{PHONE}/"),
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(world.phone(), world.path("link")).unwrap();
        paths.push("link".to_owned());
    }
    paths.push("backups".to_owned());
    for path in paths {
        let args = [&path, "--level", "contents", "--json", "--now", NOW];
        let document = document(&world.run(args));
        assert_eq!(outcome(&document), CHANGED, "{path}");
    }
}

/// Runs at other levels, and runs that remember nothing, are between two of these as if they were not.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn only_runs_at_this_level_that_remember_count() {
    let world = World::new();
    assert_eq!(outcome(&world.scan(&["--no-state"])), WELL);
    flip(&world.payload(CHAT), 0);
    // That was not remembered: learned now.
    assert_eq!(only_outcome(&world), WELL);
    flip(&world.payload(PHOTO), 9);
    for level in ["quick", "standard"] {
        let run = world.run(["backups", "--level", level, "--json", "--now", NOW]);
        assert_eq!(document(&run)["exit_code"], 0, "{level}");
    }
    let document = world.scan(&["--no-state"]);
    assert_eq!(outcome(&document), WELL);
    assert_eq!(compared(&document)[2], [0, 0]);
    assert_eq!(only_outcome(&world), CHANGED);
}

/// While the device is at work it is a note.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn in_a_running_backup_it_is_a_note() {
    let world = World::of(
        phone()
            .date("2026-11-22T11:50:00Z")
            .snapshot_state("uploading"),
    );
    assert_eq!(only_outcome(&world), "in-progress 0:");
    flip(&world.payload(PHOTO), 9);
    let document = world.scan(&[]);
    assert_eq!(outcome(&document), "in-progress 0:");
    let told = finding(only_backup(&document), "content-changed");
    assert_eq!(told["severity"], "note");
}

/// Bytes that two backups share by a hard link are lost in both.
#[cfg(unix)]
#[test]
fn files_that_are_shared_change_in_both() {
    let world = World::new();
    let other = bare()
        .folder_name("other")
        .file(PHOTO.0, PHOTO.1, &bytes(100_000));
    let other = other.write(&world.root());
    let shared = payload_path(&other, PHOTO.0, PHOTO.1);
    fs::remove_file(&shared).unwrap();
    fs::hard_link(world.payload(PHOTO), &shared).unwrap();
    world.scan(&[]);
    flip(&shared, 9);
    let document = world.scan(&[]);
    for backup in document["backups"].as_array().unwrap() {
        assert_eq!(outcome_of(&document, backup), CHANGED);
    }
}

/// Whatever the time of a file is: before 1970, at its beginning, and in some centuries.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn times_of_any_age_are_times() {
    use std::time::UNIX_EPOCH;
    for time in [
        UNIX_EPOCH - Duration::from_millis(5500),
        UNIX_EPOCH,
        UNIX_EPOCH + Duration::from_nanos(1),
        UNIX_EPOCH + Duration::from_secs(10_000_000_000),
    ] {
        let world = World::new();
        let photo = world.payload(PHOTO);
        let file = OpenOptions::new().write(true).open(&photo).unwrap();
        file.set_modified(time).unwrap();
        drop(file);
        let outcomes = [(); 2].map(|()| only_outcome(&world));
        assert_eq!(outcomes, [WELL; 2], "{time:?}");
        flip(&photo, 9);
        assert_eq!(only_outcome(&world), CHANGED, "{time:?}");
    }
}

/// A name that is no text is one that is remembered.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_whose_name_is_not_utf_8() {
    use std::os::unix::ffi::OsStrExt as _;
    let world = World::new();
    let odd = world.root().join(OsStr::from_bytes(b"anna\xff'\n"));
    fs::rename(world.phone(), &odd).unwrap();
    assert_eq!(only_outcome(&world), WELL);
    flip(&payload_path(&odd, PHOTO.0, PHOTO.1), 9);
    assert_eq!(only_outcome(&world), CHANGED);
}

/// Bytes that the device's checksum proves to be the right ones are no alarm, whatever was there before:
/// a file that was damaged when it was first read, and put right in place.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn bytes_that_were_put_right_are_no_alarm() {
    let world = World::of(phone().flip_in_payload(SETTING.0, SETTING.1, 9));
    assert_eq!(only_outcome(&world), "corrupt 2: error digest-mismatch ×1");
    flip(&world.payload(SETTING), 9);
    assert_eq!(only_outcome(&world), WELL);
    assert_eq!(only_outcome(&world), WELL);
}
