//! A scan that is stopped while it reads, and what it shows while it does.

use std::fs::File;
use std::io::Read as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::*;
use crate::clean::command::terminal;
use crate::support::{file_id, timestamp};

/// A file that takes long to read: it is sparse, and costs no room.
const FILM: Name = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0002.MOV");
const LONG: u64 = 60 << 30;

/// A world with a film, of which the rest is read once and known.
fn known() -> World {
    let world = World::of(phone().file(FILM.0, FILM.1, &bytes(100)));
    world.scan(&[]);
    world
}

fn set_film(world: &World, len: u64) {
    set_len(&world.payload(FILM), len);
}

/// A scan with its messages, in its world.
fn scan(world: &World) -> Command {
    let mut command = world.command();
    command.args(SCAN).stderr(Stdio::piped());
    command
}

/// A run that is reading the film now.
fn reading(mut command: Command, world: &World) -> Child {
    fs::create_dir_all(world.path("tmp")).unwrap();
    command.env("TMPDIR", world.path("tmp"));
    let mut child = command.stdout(Stdio::piped()).started().unwrap();
    let film = file_id(FILM.0, FILM.1);
    wait_until(&mut child, "the film is read", |child| {
        let open = fs::read_dir(format!("/proc/{}/fd", child.id())).unwrap();
        let mut files = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
        files.any(|path| path.ends_with(&film))
    });
    child
}

/// Waits for something that will happen; the limit is there for a broken program only.
fn wait_until(child: &mut Child, what: &str, happened: impl Fn(&mut Child) -> bool) {
    let limit = Instant::now() + Duration::from_secs(60);
    while !happened(child) {
        if Instant::now() > limit {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("this did not happen: {what}");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn interrupt(child: &Child, name: &str) {
    let kill = format!("kill -{name} {}", child.id());
    let status = Command::new("sh").args(["-c", &kill]).status().unwrap();
    assert!(status.success());
}

/// Ends by itself, or the test does.
fn end(mut child: Child) -> Run {
    let ended = |child: &mut Child| child.try_wait().unwrap().is_some();
    wait_until(&mut child, "the end", ended);
    child.wait_with_output().unwrap().into()
}

/// 200 GiB would take minutes: it ends within the file. No file is left, and what was known is.
#[test]
fn a_signal_ends_it_in_the_middle_of_a_file() {
    let world = known();
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        set_film(&world, LONG);
        let photo = fs::read(world.payload(PHOTO)).unwrap();
        let child = reading(scan(&world), &world);
        interrupt(&child, name);
        let run = end(child);
        assert_eq!((run.code, run.stderr.as_str()), (code, ""), "{run:?}");
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(document["cancelled"], true);
        assert_eq!(document["exit_code"], code);
        assert_eq!(files(&world.path("tmp")).len(), 0);
        let state = [world.state().join("history.db"), world.ledger()];
        assert_eq!(files(&world.path("state")), state);
        assert!(fs::read(world.payload(PHOTO)).unwrap() == photo);

        // The ledger is the one of before.
        set_film(&world, 100);
        flip(&world.payload(PHOTO), 0);
        assert_eq!(world.outcome(), CHANGED);
        flip(&world.payload(PHOTO), 0);
        let document = world.scan(&[]);
        assert_eq!(outcome(&document), WELL);
        assert_eq!(compared(&document), [[4, 105_400], [1, 300], [3, 105_100]]);
    }
}

/// Where it has no time to end: nothing lies about, and the next run knows what the one before did.
#[test]
fn a_killed_run_leaves_nothing_either() {
    let world = known();
    set_film(&world, LONG);
    let mut child = reading(scan(&world), &world);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(files(&world.path("tmp")).len(), 0);
    set_film(&world, 100);
    assert_eq!(compared(&world.scan(&[]))[2], [3, 105_100]);
    flip(&world.payload(PHOTO), 0);
    assert_eq!(world.outcome(), CHANGED);
}

/// A file that becomes shorter while it is read belongs to somebody who is at work there: the disk
/// delivered all that there was. And the next run knows what was read in full.
#[test]
fn a_file_that_shrinks_meanwhile_is_no_read_error() {
    let world = known();
    set_film(&world, LONG);
    let child = reading(scan(&world), &world);
    let film = world.payload(FILM);
    let film = OpenOptions::new().write(true).open(film).unwrap();
    film.set_len(1000).unwrap();
    let time = timestamp("2024-06-01T10:00:00Z").into();
    film.set_modified(time).unwrap();
    let run = end(child);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    let document = document(&run);
    let backup = only_backup(&document);
    // Not all could be looked at, but nothing is wrong.
    let found = outcome(&document);
    assert!([WELL, UNVERIFIED].contains(&&found[..]), "{found}");
    let [read, changed] = ["read", "changed_meanwhile"].map(|name| amount(backup, name)[0]);
    assert_eq!(read + changed, 4, "{backup:#}");
    for _ in 0..2 {
        assert_eq!(world.outcome(), WELL);
    }
}

/// On a terminal: bytes, rate, and time left.
#[test]
fn progress_tells_bytes_rate_and_time_left() {
    let world = known();
    set_film(&world, LONG);
    let (slave, mut master) = terminal();
    let mut command = world.command();
    command.args(SCAN).env("TERM", "xterm").stderr(slave);
    let child = reading(command, &world);
    let mut seen = String::new();
    // 64.4 GB are 60 GiB.
    for part in ["64.4 GB", "/s", "left"] {
        let mut told = Vec::new();
        while !String::from_utf8_lossy(&told).contains(part) && !seen.contains(part) {
            let mut some = [0; 512];
            let read = master.read(&mut some).unwrap();
            told.extend_from_slice(&some[..read]);
        }
        seen.push_str(&String::from_utf8_lossy(&told));
    }
    interrupt(&child, "INT");
    let drain = std::thread::spawn(move || {
        let mut rest = Vec::new();
        // The end of a terminal is an error.
        let _ = File::read_to_end(&mut master, &mut rest);
    });
    assert_eq!(end(child).code, 130);
    drain.join().unwrap();
    assert!(!seen.contains(PHONE), "{seen}");
}

/// However long the files, little of them is in memory at once.
#[test]
fn few_bytes_are_in_memory_at_once() {
    let path = |number| format!("Documents/{number}");
    let add = |builder: BackupBuilder, number| builder.file(CHAT.0, &path(number), &bytes(100));
    let world = World::of((0..16).fold(bare(), add));
    for number in 0..16 {
        set_len(
            &payload_path(&world.phone(), CHAT.0, &path(number)),
            64 << 20,
        );
    }
    let mut command = world.command();
    command.args(SCAN).args(["--threads", "16"]);
    let mut child = command.stdout(Stdio::piped()).started().unwrap();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id()));
        let status = status.unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.trim().strip_suffix(" kB"));
        most = peak.map_or(most, |peak| peak.parse().unwrap());
        std::thread::sleep(Duration::from_millis(5));
    }
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(compared(&document(&run))[0], [16, 16 * (64 << 20)]);
    // One of the 16 files alone is larger; the program itself is most of it where it is not optimized.
    assert!((1..=64 << 10).contains(&most), "{most} KiB");
}

mod slow {
    use super::*;

    /// On the screen and in the mail: what was found so far, and that it was stopped. Here of two backups,
    /// the second of which is encrypted and never comes to its end.
    #[test]
    #[ignore = "takes seconds: .ci/run runs it"]
    fn a_stopped_run_says_so() {
        let world = World::empty();
        let first = BackupBuilder::new(IPAD).bare().no_empty_shards();
        let first = first.file(SETTING.0, SETTING.1, &bytes(300));
        let first = first.flip_in_payload(SETTING.0, SETTING.1, 0);
        first.write(&world.root());
        let second = encrypted().file(FILM.0, FILM.1, &bytes(100));
        second.write(&world.root());
        set_film(&world, LONG);
        for more in [&[][..], &["--quiet"]] {
            let mut command = world.command_with(PASS);
            command.args(CONTENTS).args(more).stderr(Stdio::piped());
            let mut child = reading(command, &world);
            // The small one comes first, and is done long before a gigabyte of the film is read.
            wait_until(&mut child, "a gigabyte is read", |child| {
                let io = fs::read_to_string(format!("/proc/{}/io", child.id())).unwrap();
                let read = io.lines().find_map(|line| line.strip_prefix("rchar: "));
                read.unwrap().parse::<u64>().unwrap() > 1 << 30
            });
            interrupt(&child, "INT");
            let run = end(child);
            assert_eq!((run.code, run.stderr.as_str()), (130, ""), "{run:?}");
            assert!(run.stdout.contains("Stopped before the end"), "{run:?}");
            assert!(run.stdout.contains("corrupt"), "{run:?}");
            assert_eq!(files(&world.path("tmp")).len(), 0);
        }
    }
}
