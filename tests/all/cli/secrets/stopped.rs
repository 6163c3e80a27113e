//! A scan with a password that is stopped: exit 130, no file and no key left, nothing changed (issue
//! text: "Ctrl-C in the middle leaves no file and no key").

use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde_json::json;

use super::*;
use crate::support::{Row, payload_path};

/// Waits for something that happens; the limit is there for a broken program only.
pub fn wait_for(what: &str, child: &mut Child, mut happened: impl FnMut(&Child) -> bool) {
    let limit = Instant::now() + Duration::from_secs(120);
    while !happened(child) {
        let ended = child.try_wait().unwrap();
        if ended.is_some() || Instant::now() > limit {
            let _ = child.kill();
            child.wait().unwrap();
            panic!("this did not happen: {what}: {ended:?}");
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until the program has worked for a while: with enough rounds, it is deriving keys.
pub fn wait_until_busy(child: &mut Child) {
    wait_for("the derivation of keys", child, |child| {
        ticks(child.id()) > 40
    });
}

/// How long a process has worked, in hundredths of a second.
fn ticks(process: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let mut fields = stat.rsplit(") ").next().unwrap().split(' ');
    fields.nth(11).unwrap().parse().unwrap()
}

/// Names, sizes and times of all below a folder: for files that are too large to be read.
fn listed(folder: &Path) -> Vec<(PathBuf, u64, SystemTime)> {
    let mut list = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        list.push((path.clone(), metadata.len(), metadata.modified().unwrap()));
        if metadata.is_dir() {
            list.extend(listed(&path));
        }
    }
    list.sort();
    list
}

struct Stopped {
    world: World,
    child: Child,
    before: Vec<(PathBuf, u64, SystemTime)>,
}

/// Sends a signal to a process.
fn kill(process: u32, name: &str) {
    let kill = format!("kill -{name} {process}");
    let status = Command::new("sh").args(["-c", &kill]).status();
    assert!(status.unwrap().success());
}

impl Stopped {
    fn start(backup: BackupBuilder, args: &[&str]) -> Stopped {
        let world = world_of([backup]);
        for folder in ["tmp", "home"] {
            fs::create_dir(world.path(folder)).unwrap();
        }
        private(&world, "secret file", format!("{PASSWORD}\n"));
        let before = listed(&world.backups());
        let mut command = world.command();
        command.args(["Backup", "--json", "--now", NOW]).args(args);
        command.env("TMPDIR", world.path("tmp"));
        let child = piped(&mut command);
        Stopped {
            world,
            child,
            before,
        }
    }

    fn signal(&self, name: &str) {
        kill(self.child.id(), name);
    }

    fn assert_nothing_is_left(world: &World, before: &[(PathBuf, u64, SystemTime)]) {
        let left: Vec<_> = fs::read_dir(world.path("tmp")).unwrap().collect();
        assert_eq!(left.len(), 0, "{left:?}");
        assert_eq!(listed(&world.backups()), before);
    }

    /// Waits for the end and makes sure of all that holds then; gives the document.
    fn end(self, code: i32) -> Value {
        let Stopped {
            world,
            child,
            before,
        } = self;
        let process = child.id();
        let (send, ended) = mpsc::channel();
        thread::spawn(move || send.send(child.wait_with_output()));
        let Ok(output) = ended.recv_timeout(Duration::from_secs(120)) else {
            kill(process, "KILL");
            panic!("it goes on for minutes after the signal");
        };
        let run = Run::from(output.unwrap());
        assert_eq!((run.code, run.stderr.as_str()), (code, ""));
        Self::assert_nothing_is_left(&world, &before);
        let document = document(&run);
        assert_eq!(document["cancelled"], true);
        assert!(!run.stdout.contains("Zwieback"));
        document
    }
}

const FROM_FILE: [&str; 2] = ["--password-file", "secret file"];

/// Enough for some seconds of work.
const ROUNDS: u32 = if cfg!(debug_assertions) {
    1_000_000
} else {
    19_000_000
};

/// Contract §7: "a second one ends at once", whatever it is at.
#[test]
fn a_second_signal_does_not_wait_for_the_keys() {
    let endless = phone("2026-11-10").encrypted().rounds(19_000_000, 1);
    let mut stopped = Stopped::start(endless, &FROM_FILE);
    wait_until_busy(&mut stopped.child);
    stopped.signal("INT");
    let taken = format!("/proc/{}/status", stopped.child.id());
    wait_for("the arrival of the signal", &mut stopped.child, |_| {
        let status = fs::read_to_string(&taken).unwrap();
        let pending = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            u64::from_str_radix(line.unwrap().trim(), 16).unwrap()
        };
        (pending("ShdPnd:") | pending("SigPnd:")) & 0b10 == 0
    });
    let busy = ticks(stopped.child.id());
    stopped.signal("INT");
    let status = loop {
        if let Some(status) = stopped.child.try_wait().unwrap() {
            break status;
        }
        let worked = ticks(stopped.child.id());
        assert!(worked < busy + 200, "it worked on for two seconds");
        thread::sleep(Duration::from_millis(2));
    };
    let ended = status.code() == Some(130) || status.signal() == Some(2);
    assert!(ended, "{status}");
    Stopped::assert_nothing_is_left(&stopped.world, &stopped.before);
}

/// What was judged before is told.
#[test]
fn a_signal_in_the_middle_of_the_contents_leaves_nothing_behind() {
    let video = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.MOV");
    let size: u64 = 60 << 30;
    let row = Row::file(video.0, video.1, b"").size(size as i64 - 16);
    let backup = phone("2026-11-10")
        .add(row)
        .payload_length(video.0, video.1, size);
    let mut stopped = Stopped::start(backup, &[&FROM_FILE[..], &["--level", "contents"]].concat());
    let payload = payload_path(&stopped.world.backups().join(PHONE), video.0, video.1);
    wait_for("the reading of the video", &mut stopped.child, |child| {
        // Who knows a password is closed to all but root: then the signal comes earlier.
        let Ok(open) = fs::read_dir(format!("/proc/{}/fd", child.id())) else {
            return true;
        };
        let mut links = open.flatten().map(|entry| fs::read_link(entry.path()));
        links.any(|link| link.is_ok_and(|link| link == payload))
    });
    stopped.signal("INT");
    let document = stopped.end(130);
    assert!(list(&document["backups"]).len() <= 1);
}

/// Whoever waits for a key ring that asks for something can go away.
#[test]
fn a_signal_while_a_password_command_runs_ends_the_program() {
    let command = "echo $$ >started; exec sleep 600";
    let args = ["--password-command", command];
    let mut stopped = Stopped::start(phone("2026-11-10"), &args);
    let started = stopped.world.path("started");
    let mut of_command = String::new();
    wait_for("the command", &mut stopped.child, |_| {
        of_command = fs::read_to_string(&started).unwrap_or_default();
        of_command.ends_with('\n')
    });
    stopped.signal("INT");
    stopped.end(130);
    // A terminal would have told it, too.
    let kill = format!("kill {of_command} 2>/dev/null || true");
    Command::new("sh").args(["-c", &kill]).status().unwrap();
}

mod slow {
    use super::*;

    /// The derivation of the keys may come to its end, but nothing is made of it.
    #[test]
    #[ignore = "takes seconds: .ci/run runs it"]
    fn a_signal_during_the_derivation_of_keys_ends_the_program() {
        for (name, code) in [("INT", 130), ("TERM", 143)] {
            let long = phone("2026-11-10").encrypted().rounds(ROUNDS, 1);
            let mut stopped = Stopped::start(long, &FROM_FILE);
            wait_until_busy(&mut stopped.child);
            stopped.signal(name);
            let document = stopped.end(code);
            for key in ["backups", "problems"] {
                assert_eq!(document[key], json!([]), "{key}, SIG{name}");
            }
        }
    }

    /// The first part of a manifest is decrypted, and memory is all that it was in.
    #[test]
    #[ignore = "takes seconds: .ci/run runs it"]
    fn a_signal_while_a_large_manifest_is_opened_leaves_nothing_behind() {
        let rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 120000) \
                    INSERT INTO Files SELECT printf('%040x', i), 'HomeDomain', 'Library/' || i, 1, NULL FROM n";
        let mut stopped = Stopped::start(phone("2026-11-10").sql(rows), &FROM_FILE);
        let manifest = stopped.world.backups().join(PHONE).join("Manifest.db");
        let size = fs::metadata(manifest).unwrap().len();
        assert!(size > 16 << 20, "{size}");
        wait_for("the reading of the manifest", &mut stopped.child, |child| {
            let stat = fs::read_to_string(format!("/proc/{}/statm", child.id())).unwrap();
            let pages: u64 = stat.split(' ').nth(1).unwrap().parse().unwrap();
            // It has most of it in memory.
            pages > size / 4096
        });
        stopped.signal("INT");
        stopped.end(130);
    }
}
