//! What changes while it is looked at: files that shrink and grow, folders that go away.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{assert_verdict_by_the_contract, document, run_in_time, small};
use crate::harness::{NOW, Run, program};
use crate::support::{BackupBuilder, empty_folder};

/// Enough files that a scan takes a few milliseconds.
pub(super) fn many() -> BackupBuilder {
    (0..200).fold(small(), |builder, number| {
        builder.file("HomeDomain", &number.to_string(), b"x")
    })
}

fn scan(root: &Path) -> Run {
    run_in_time(program().arg(root).args(["--json", "--now", NOW]))
}

/// Does `change` once, so many milliseconds after the program started to scan.
fn scan_while(root: &Path, millis: u64, change: impl FnOnce() + Send) -> Run {
    std::thread::scope(|scope| {
        scope.spawn(move || {
            std::thread::sleep(Duration::from_millis(millis));
            change();
        });
        scan(root)
    })
}

/// Does `change` over and over while the program scans a few times.
fn scans_while(root: &Path, times: u32, change: impl Fn(u32) + Sync) -> Vec<Run> {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut turn = 0;
            while !done.load(Ordering::Relaxed) {
                change(turn);
                turn += 1;
                std::thread::sleep(Duration::from_micros(300));
            }
        });
        let runs = (0..times).map(|_| scan(root)).collect();
        done.store(true, Ordering::Relaxed);
        runs
    })
}

#[test]
fn files_that_shrink_while_they_are_read_end_in_a_verdict() {
    let world = empty_folder();
    let backup = many().write(world.path());
    let (info, status) = ("Info.plist", "Status.plist");
    let names = [info, "Manifest.db", "Manifest.plist", status];
    let whole = names.map(|name| fs::read(backup.join(name)).unwrap());
    let runs = scans_while(world.path(), 8, |turn| {
        let at = turn as usize / 2 % names.len();
        let path = backup.join(names[at]);
        // Another system may not allow it while the file is open.
        if turn % 2 == 0 {
            let file = OpenOptions::new().write(true).open(path);
            let _ = file.and_then(|file| file.set_len(whole[at].len() as u64 / 2));
        } else {
            let _ = fs::write(path, &whole[at]);
        }
    });
    for run in runs {
        assert!([0, 2, 3].contains(&run.code), "{run:?}");
        let document = document(&run);
        let backups = document["backups"].as_array().unwrap().iter();
        backups.for_each(assert_verdict_by_the_contract);
    }
}

/// Contract §4: what could not be opened never counts as missing, as on a disk that is pulled out.
#[test]
fn a_folder_that_goes_away_is_not_incomplete() {
    for delay in (0..40).step_by(8) {
        let world = empty_folder();
        let elsewhere = empty_folder();
        let backup = many().write(world.path());
        let run = scan_while(world.path(), delay, || {
            fs::rename(&backup, elsewhere.path().join("away")).unwrap();
        });
        for backup in document(&run)["backups"].as_array().unwrap() {
            let known = ["complete", "unreadable"];
            let verdict = backup["verdict"].as_str().unwrap();
            assert!(known.contains(&verdict), "after {delay} ms: {backup:#}");
        }
        assert!([0, 3].contains(&run.code), "{run:?}");
    }
}

#[test]
fn a_folder_that_is_removed_during_a_scan_ends_in_an_answer() {
    for delay in 0..4 {
        let world = empty_folder();
        let backup = many().write(world.path());
        let remove = || _ = fs::remove_dir_all(&backup);
        let run = scan_while(world.path(), delay * 9, remove);
        assert!([0, 2, 3].contains(&run.code), "{run:?}");
        document(&run);
    }
}
