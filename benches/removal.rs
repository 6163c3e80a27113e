//! Removes a folder like a backup's, 300,000 files in 256 shards, in turn with `rm -rf` of another
//! one. Prints the times of each run, the medians and their ratio, and the peak memory.
//!
//! `cargo bench --bench removal [-- FOLDER [FILES [RUNS]]]`; FOLDER is where the files are made, by
//! default the system's folder for temporary files.

#![allow(clippy::print_stdout, reason = "the figures are what this is for")]

use std::ffi::OsStr;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use bkscan::clean::remove::Holder;

/// About what a device's smaller files have.
const BYTES: usize = 3000;

fn main() {
    // `cargo bench` adds an option of its own.
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    let base = args.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let mut number = |usual| {
        args.next()
            .map_or(usual, |arg| arg.parse().expect("a number"))
    };
    let (files, runs) = (number(300_000), number(5));
    let folder = tempfile::tempdir_in(base).expect("a folder for the files");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for run in 0..runs {
        for name in ["ours", "theirs"] {
            make(&folder.path().join(name), files);
        }
        // Who begins changes, so that neither always has the warmer cache.
        let us = || remove(folder.path());
        let them = || rm(&folder.path().join("theirs"));
        if run % 2 == 0 {
            ours.push(us());
            theirs.push(them());
        } else {
            theirs.push(them());
            ours.push(us());
        }
        let (us, them) = (ours[run].as_secs_f64(), theirs[run].as_secs_f64());
        println!("run {run}: bkscan {us:.2} s, rm -rf {them:.2} s");
    }
    let (us, them) = (median(&mut ours), median(&mut theirs));
    println!(
        "{files} files: bkscan {us:.2} s, rm -rf {them:.2} s, ratio {:.2}; peak memory {}",
        us / them,
        peak().unwrap_or_else(|| "unknown".to_owned())
    );
}

fn make(folder: &Path, files: usize) {
    let content = [7; BYTES];
    for shard in 0..256 {
        let shard_folder = folder.join(format!("{shard:02x}"));
        fs::create_dir_all(&shard_folder).expect("a shard folder");
        for number in (shard..files).step_by(256) {
            let name = format!("{shard:02x}{number:038x}");
            fs::write(shard_folder.join(name), content).expect("a file");
        }
    }
    for name in [
        "Status.plist",
        "Info.plist",
        "Manifest.plist",
        "Manifest.db",
    ] {
        fs::write(folder.join(name), content).expect("a file");
    }
    // Else the next ones to write would pay for these.
    let _ = Command::new("sync").status();
}

fn remove(folder: &Path) -> Duration {
    let begun = Instant::now();
    let holder = Holder::open(folder).expect("the folder opens");
    let name = OsStr::new("ours");
    let identity = holder.identity(name).expect("it is there");
    let go_on = |_: bkscan::clean::remove::Step<'_>| ControlFlow::Continue(());
    let aside = holder
        .set_aside(name, identity, &go_on)
        .expect("it is renamed");
    let removed = holder.remove(&aside, identity, &go_on);
    let took = begun.elapsed();
    assert!(removed.gone, "{:?}", removed.failures);
    took
}

fn rm(folder: &Path) -> Duration {
    let begun = Instant::now();
    let status = Command::new("rm").arg("-rf").arg(folder).status();
    let took = begun.elapsed();
    assert!(status.expect("rm starts").success());
    took
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

/// The most memory that this process had, where the system tells.
fn peak() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line["VmHWM:".len()..].trim().to_owned())
}
