//! Reads all payloads of a backup, in turn with plain readers of the same files on as many threads: one
//! that only opens and reads them, and one that computes their SHA-1, too. Prints the medians and their
//! ratios, with a warm cache and, with the right to drop the system's caches (root on Linux) and unless
//! COLD=no is set, a cold one.
//!
//! `cargo bench --bench contents [-- BACKUP [THREADS [RUNS]]]`; BACKUP is the folder of one with a
//! Manifest.db, such as `backups` makes, by default a new one of 20,000 files.

#![allow(clippy::print_stdout, reason = "the figures are what this is for")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Instant, SystemTime};

use bkscan::contents::{self, Job};
use bkscan::measure::{self, Layout, Shard};
use bkscan::model::progress::Monitor;
use bkscan::model::sources::Ledger as _;
use bkscan::model::{Comparison, FileId, Known, ManifestFormat, Payload, PayloadKey};
use bkscan::state::StateFolder;
use bkscan::state::ledger::{Ledger, MOST};
use rayon::prelude::*;
use sha1::{Digest, Sha1};
use support::{BackupBuilder, Row};

const DROP_CACHES: &str = "/proc/sys/vm/drop_caches";

fn main() {
    // `cargo bench` adds an option of its own.
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    let folder = tempfile::tempdir().expect("a folder");
    let backup = args
        .next()
        .map_or_else(|| make(folder.path()), PathBuf::from);
    let mut number = |usual| {
        args.next()
            .map_or(usual, |arg| arg.parse().expect("a number"))
    };
    let (threads, runs) = (number(8), number(7));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    let pool = pool.build().expect("threads");
    pool.install(|| compare(&backup, folder.path(), threads, runs));
}

fn make(folder: &Path) -> PathBuf {
    let rows = (0..20_000).map(|number| {
        let path = format!("Media/DCIM/{:03}APPLE/IMG_{number:08}.HEIC", number / 1000);
        let bytes = vec![number as u8; 300 + number * 7919 % 6300];
        Row::file("CameraRollDomain", &path, &bytes).no_parents()
    });
    BackupBuilder::new("00008130-000A1C2E3F40801E")
        .stream(rows)
        .write(folder)
}

fn compare(backup: &Path, state: &Path, threads: usize, runs: usize) {
    let shards = payloads(backup);
    let seals = seals(backup, &shards);
    let state = StateFolder::new(state.join("state"));
    let now = "2026-11-22T12:00:00Z".parse().expect("a time");
    let ledger = Ledger::open(&state, now, MOST).expect("a new ledger");
    let job = Job {
        folder: backup,
        format: ManifestFormat::Sqlite,
        moving: false,
        shards: &shards,
        seals: &seals,
        encrypted: false,
        keys: None,
        ledger: None,
        subset: None,
        now: jiff::Timestamp::now(),
        keep: 10,
        monitor: &Monitor::silent(),
    };
    let (files, bytes) = shards
        .iter()
        .flatten()
        .fold((0, 0), |(files, bytes), found| {
            (files + 1, bytes + found.size)
        });
    println!("{files} files, {} MiB, {threads} threads", bytes >> 20);
    let read = |job: &Job<'_>| {
        let (contents, denied) = contents::read(job);
        assert_eq!((contents.read.files, denied.places.count), (files, 0));
        assert_eq!((contents.mismatched.count, contents.changed.count), (0, 0));
    };
    let with_ledger = Job {
        ledger: Some(&ledger),
        ..job
    };
    let bare = Job { seals: &[], ..job };
    let begun = Instant::now();
    read(&with_ledger);
    println!(
        "first run with a ledger {:.3} s; it takes {} KiB",
        begun.elapsed().as_secs_f64(),
        ledger.bytes() >> 10
    );
    let of = |shard: &Vec<Payload>| shard.iter().map(|found| path(backup, found.id)).collect();
    let paths: Vec<Vec<PathBuf>> = shards.iter().map(of).collect();
    let ways: [(&str, &dyn Fn()); 6] = [
        ("open and read", &|| plain(&paths, false)),
        ("and SHA-1", &|| plain(&paths, true)),
        ("contents", &|| read(&job)),
        ("contents, with a ledger", &|| read(&with_ledger)),
        ("contents, nothing to compare", &|| read(&bare)),
        ("the ledger alone", &|| {
            (0..=u8::MAX).into_par_iter().for_each(|shard| {
                let known: Vec<Known> = ledger.known(backup, shard);
                black_box(known);
            });
        }),
    ];
    let opened = File::options().write(true).open(DROP_CACHES);
    let may_drop = opened.is_ok() && std::env::var_os("COLD").is_none_or(|cold| cold != "no");
    for cold in [false, true] {
        if cold && !may_drop {
            continue;
        }
        let mut times = vec![Vec::new(); ways.len()];
        for run in 0..=runs {
            for (number, (_, way)) in ways.iter().enumerate() {
                if cold {
                    let _ = Command::new("sync").status();
                    fs::write(DROP_CACHES, "3").expect("the right to drop caches");
                }
                let begun = Instant::now();
                way();
                // The first one is not measured.
                if run > 0 {
                    times[number].push(begun.elapsed().as_secs_f64());
                }
            }
        }
        let medians: Vec<f64> = times.iter_mut().map(|times| median(times)).collect();
        println!("{} cache", if cold { "cold" } else { "warm" });
        for ((name, _), median) in ways.iter().zip(&medians) {
            println!(
                "  {name:30} {median:7.3} s  x read {:.2}  x read and SHA-1 {:.2}",
                median / medians[0],
                median / medians[1]
            );
        }
    }
}

fn payloads(backup: &Path) -> Vec<Vec<Payload>> {
    let shards = Mutex::new(vec![Vec::new(); 256]);
    let layout = Layout {
        format: Some(ManifestFormat::Sqlite),
        moving: false,
        horizon: SystemTime::now(),
        keep: 10,
    };
    measure::take(backup, layout, &Monitor::silent(), |shard: Shard<'_>| {
        let mut shards = shards.lock().expect("no panic");
        shards[usize::from(shard.number)] = shard.payloads.to_vec();
        Comparison::default()
    });
    shards.into_inner().expect("no panic")
}

fn seals(backup: &Path, shards: &[Vec<Payload>]) -> Vec<PayloadKey> {
    let all: Vec<&Payload> = shards.iter().flatten().collect();
    let seal = |payload: &&Payload| PayloadKey {
        is_empty: false,
        id: payload.id,
        digest: Some(Sha1::digest(fs::read(path(backup, payload.id)).expect("a payload")).into()),
        key: None,
    };
    all.par_iter().map(seal).collect()
}

fn path(backup: &Path, id: FileId) -> PathBuf {
    let name = id.to_string();
    backup.join(&name[..2]).join(name)
}

/// What anybody would write.
fn plain(shards: &[Vec<PathBuf>], with_sha1: bool) {
    shards.par_iter().for_each(|paths| {
        let mut buffer = vec![0; 64 << 10];
        for path in paths {
            let mut file = File::open(path).expect("a payload");
            let mut sha1 = Sha1::new();
            loop {
                let count = file.read(&mut buffer).expect("its bytes");
                if count == 0 {
                    break;
                }
                if with_sha1 {
                    sha1.update(&buffer[..count]);
                }
            }
            black_box(sha1.finalize());
        }
    });
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times[times.len() / 2]
}
