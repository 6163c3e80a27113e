//! `content-changed`: what earlier runs read tells which bytes a disk has lost.

#![cfg(not(windows))]

use std::time::Duration;

use super::*;

/// A bit of a photo: nothing in the format can tell in the first run. In the second it is told, in the
/// third too, and no more once the bytes are the right ones again.
#[test]
fn a_flipped_bit_is_found_from_the_second_run_on() {
    let ios10 = phone().encrypted_ios10_0_with(PASSWORD);
    for (era, builder, password, well) in [
        ("open", phone(), None, WELL),
        ("encrypted", encrypted(), PASS, WELL),
        ("locked", encrypted(), None, UNVERIFIED),
        ("opened by nothing", phone().encrypted(), None, UNVERIFIED),
        ("iOS 10.0", ios10, PASS, UNVERIFIED),
    ] {
        let world = World::of(builder);
        let outcome = || outcome(&world.scan_with(password, &[]));
        assert_eq!(outcome(), well, "{era}");
        flip(&world.payload(PHOTO), 5000);
        assert_eq!(outcome(), CHANGED, "{era}");
        assert_eq!(outcome(), CHANGED, "{era}");
        flip(&world.payload(PHOTO), 5000);
        assert_eq!(outcome(), well, "{era}");
        flip(&world.payload(PHOTO), 5000);
        assert_eq!(outcome(), CHANGED, "{era}");
    }
}

/// With payloads that lie flat, and every verdict but `complete`.
#[test]
fn also_in_backups_of_ios_9_and_in_those_that_did_not_finish() {
    let flat = World::of(phone().mbdb());
    let photo = crate::support::flat_payload_path(&flat.phone(), PHOTO.0, PHOTO.1);
    assert_eq!(flat.outcome(), WELL);
    flip(&photo, 0);
    assert_eq!(flat.outcome(), CHANGED);

    let stopped = World::of(phone().snapshot_state("removing"));
    let warning = "warning cleanup-interrupted ×1";
    assert_eq!(stopped.outcome(), format!("interrupted 0: {warning}"));
    flip(&stopped.payload(PHOTO), 0);
    assert_eq!(stopped.outcome(), format!("{CHANGED}, {warning}"));
}

/// What is told of it.
#[test]
fn it_names_the_files_and_adds_them_up() {
    let world = World::known();
    flip(&world.payload(PHOTO), 99_999);
    flip(&world.payload(CHAT), 0);
    let document = world.scan(&[]);
    assert_eq!(outcome(&document), "corrupt 2: error content-changed ×2");
    let told = finding(only_backup(&document), "content-changed");
    assert_eq!(told["bytes"], 105_000);
    assert_eq!(named(told), [CHAT, PHOTO]);
    // A changed file was compared, too.
    assert_eq!(compared(&document), [[3, 105_300], [1, 300], [2, 105_000]]);
}

/// Where there is a checksum it tells, too: both are facts. And in the last block of an encrypted file the
/// padding does.
#[test]
fn what_else_tells_is_told_with_it() {
    let world = World::known();
    flip(&world.payload(SETTING), 7);
    let both = "corrupt 2: error content-changed ×1, error digest-mismatch ×1";
    assert_eq!(world.outcome(), both);
    assert_eq!(world.outcome(), both);
    flip(&world.payload(SETTING), 7);
    assert_eq!(world.outcome(), WELL);

    let world = World::of(encrypted());
    let outcome = |password| outcome(&world.scan_with(password, &[]));
    assert_eq!(outcome(PASS), WELL);
    flip(&world.payload(PHOTO), 100_015);
    let both = "corrupt 2: error content-changed ×1, warning padding-invalid ×1";
    assert_eq!(outcome(PASS), both);
    // What was read is remembered as it is stored: with a password or without.
    assert_eq!(outcome(None), CHANGED);
}

/// What was damaged when it was first read is learned as it is: nobody can know. Bytes that the device's
/// checksum proves to be the right ones are no alarm, whatever was there before.
#[test]
fn damage_from_before_the_first_run_is_learned_and_may_be_put_right() {
    let world = World::of(phone().flip_in_payload(PHOTO.0, PHOTO.1, 9));
    assert_eq!(world.outcome(), WELL);
    assert_eq!(world.outcome(), WELL);

    let world = World::of(phone().flip_in_payload(SETTING.0, SETTING.1, 9));
    assert_eq!(world.outcome(), MISMATCH);
    flip(&world.payload(SETTING), 9);
    assert_eq!(world.outcome(), WELL);
    assert_eq!(world.outcome(), WELL);
}

/// A file that was written anew has another time. It is learned, and from then on known.
#[test]
fn a_file_written_anew_is_no_alarm() {
    // The last: as little as every file system of this century can tell.
    for later in [86_400_000, 1000, 1].map(Duration::from_millis) {
        let world = World::known();
        let photo = world.payload(PHOTO);
        flip(&photo, 9);
        set_modified(&photo, modified(&photo) + later);
        for known in [[1, 5000], [2, 105_000]] {
            let document = world.scan(&[]);
            assert_eq!(outcome(&document), WELL, "{later:?}");
            assert_eq!(compared(&document)[2], known, "{later:?}");
        }
        flip(&photo, 9);
        assert_eq!(world.outcome(), CHANGED, "{later:?}");
    }
}

/// With an older time, too, as a copy from an archive has it; and with another length.
#[test]
fn an_older_time_and_another_size_are_no_alarm() {
    let world = World::known();
    let photo = world.payload(PHOTO);
    flip(&photo, 9);
    set_modified(&photo, modified(&photo) - Duration::from_secs(5));
    overwrite(&world.payload(CHAT), &bytes(5001));
    assert_eq!(world.outcome(), WELL);
    assert_eq!(world.outcome(), WELL);
}

/// One file only.
#[test]
fn a_restored_file_is_learned_anew() {
    let world = World::known();
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
fn a_copy_beside_it_is_a_backup_of_its_own() {
    let world = World::known();
    let archive = world.root().join(format!("{PHONE}-20240601-101500"));
    copy_folder(&world.phone(), &archive);
    flip(&payload_path(&archive, PHOTO.0, PHOTO.1), 9);
    let known = || {
        let document = world.scan(&[]);
        let mut told = Vec::from_iter(backups(&document).iter().map(|backup| {
            let archived = backup["archived"].as_bool().unwrap();
            let known = amount(backup, "compared_with_ledger")[0];
            (archived, outcome_of(&document, backup), known)
        }));
        told.sort();
        told
    };
    let well = |archived, known| (archived, WELL.to_owned(), known);
    assert_eq!(known(), [well(false, 2), well(true, 0)]);
    assert_eq!(known(), [well(false, 2), well(true, 2)]);
}

/// The same folder by any path is the same folder.
#[test]
fn however_the_path_is_typed() {
    let world = World::known();
    flip(&world.payload(PHOTO), 9);
    std::os::unix::fs::symlink(world.phone(), world.path("link")).unwrap();
    for path in [
        world.phone().to_str().unwrap(),
        &format!("backups/{PHONE}"),
        &format!("./backups/../backups/{PHONE}/"),
        "link",
        "backups",
    ] {
        let document = document(&world.run([&[path], &SCAN[1..]].concat()));
        assert_eq!(outcome(&document), CHANGED, "{path}");
    }
}

/// Runs at other levels, and runs that remember nothing, are between two of these as if they were not.
#[test]
fn only_runs_at_this_level_that_remember_count() {
    let world = World::new();
    assert_eq!(outcome(&world.scan(&["--no-state"])), WELL);
    flip(&world.payload(CHAT), 0);
    // That was not remembered: learned now.
    assert_eq!(world.outcome(), WELL);
    flip(&world.payload(PHOTO), 9);
    for level in ["quick", "standard"] {
        let run = world.run(["backups", "--level", level, "--json", "--now", NOW]);
        assert_eq!(document(&run)["exit_code"], 0, "{level}");
    }
    let document = world.scan(&["--no-state"]);
    assert_eq!(outcome(&document), WELL);
    assert_eq!(compared(&document)[2], [0, 0]);
    assert_eq!(world.outcome(), CHANGED);
}

/// While the device is at work it is a note.
#[test]
fn in_a_running_backup_it_is_a_note() {
    let running = phone().date("2026-11-22T11:50:00Z");
    let world = World::of(running.snapshot_state("uploading"));
    assert_eq!(world.outcome(), "in-progress 0:");
    flip(&world.payload(PHOTO), 9);
    let document = world.scan(&[]);
    assert_eq!(outcome(&document), "in-progress 0:");
    let told = finding(only_backup(&document), "content-changed");
    assert_eq!(told["severity"], "note");
}

/// Bytes that two backups share by a hard link are lost in both.
#[test]
fn files_that_are_shared_change_in_both() {
    let world = World::new();
    let other = bare().folder_name("other");
    let other = other.file(PHOTO.0, PHOTO.1, &bytes(100_000));
    let shared = payload_path(&other.write(&world.root()), PHOTO.0, PHOTO.1);
    fs::remove_file(&shared).unwrap();
    fs::hard_link(world.payload(PHOTO), &shared).unwrap();
    world.scan(&[]);
    flip(&shared, 9);
    let document = world.scan(&[]);
    for backup in backups(&document) {
        assert_eq!(outcome_of(&document, backup), CHANGED);
    }
}

/// Whatever the time of a file is: before 1970, at its beginning, and in some centuries.
#[test]
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
        set_modified(&photo, time);
        let outcomes = [(); 2].map(|()| world.outcome());
        assert_eq!(outcomes, [WELL; 2], "{time:?}");
        flip(&photo, 9);
        assert_eq!(world.outcome(), CHANGED, "{time:?}");
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
    assert_eq!(world.outcome(), WELL);
    flip(&payload_path(&odd, PHOTO.0, PHOTO.1), 9);
    assert_eq!(world.outcome(), CHANGED);
}
