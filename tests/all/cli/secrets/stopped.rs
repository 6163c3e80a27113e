//! A scan with a password that is stopped: exit 130, no file and no key left, nothing changed (issue
//! text: "Ctrl-C in the middle leaves no file and no key").

use std::fs::{self, OpenOptions};
use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use super::{PASSWORD, World, phone, private};
use crate::harness::NOW;
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
        std::thread::sleep(Duration::from_millis(2));
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

impl Stopped {
    fn start(world: World, args: &[&str]) -> Stopped {
        for folder in ["tmp", "home"] {
            fs::create_dir(world.path(folder)).unwrap();
        }
        private(&world, "secret file", format!("{PASSWORD}\n"));
        let before = listed(&world.backups());
        let mut command: Command = world.command();
        command.args(["Backup", "--json", "--now", NOW]).args(args);
        command.env("TMPDIR", world.path("tmp"));
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        Stopped {
            world,
            child: child.unwrap(),
            before,
        }
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(
            Command::new("sh")
                .args(["-c", &kill])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Waits for the end and makes sure of all that holds then; gives the document.
    fn end(mut self, code: i32) -> Value {
        let mut stdout = self.child.stdout.take().unwrap();
        let said = std::thread::spawn(move || {
            let mut said = String::new();
            stdout.read_to_string(&mut said).unwrap();
            said
        });
        let mut status = None;
        let limit = Instant::now() + Duration::from_secs(120);
        while status.is_none() && Instant::now() < limit {
            status = self.child.try_wait().unwrap();
            std::thread::sleep(Duration::from_millis(5));
        }
        if status.is_none() {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
            panic!("it goes on for minutes after the signal");
        }
        let mut told = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut told)
            .unwrap();
        let said = said.join().unwrap();
        assert_eq!(status.unwrap().code(), Some(code), "{told}");
        assert_eq!(told, "");
        let left: Vec<_> = fs::read_dir(self.world.path("tmp")).unwrap().collect();
        assert_eq!(left.len(), 0, "{left:?}");
        assert_eq!(listed(&self.world.backups()), self.before);
        let document: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(document["cancelled"], true);
        assert_eq!(document["exit_code"], code);
        assert!(!said.contains("Zwieback"));
        document
    }
}

/// Enough for some seconds of work.
const ROUNDS: u32 = if cfg!(debug_assertions) {
    1_000_000
} else {
    19_000_000
};

/// Contract §7: "a second one ends at once", whatever it is at.
#[test]
fn a_second_signal_does_not_wait_for_the_keys() {
    let world = World::new();
    let endless = phone("2026-11-10").encrypted().rounds(19_000_000, 1);
    endless.write(&world.backups());
    let mut stopped = Stopped::start(world, &["--password-file", "secret file"]);
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
    let mut last = busy;
    let status = loop {
        if let Some(status) = stopped.child.try_wait().unwrap() {
            break status;
        }
        last = ticks(stopped.child.id());
        assert!(last < busy + 200, "it worked on for two seconds");
        std::thread::sleep(Duration::from_millis(2));
    };
    assert!(
        status.code() == Some(130) || status.signal() == Some(2),
        "{status}"
    );
    assert_eq!(fs::read_dir(stopped.world.path("tmp")).unwrap().count(), 0);
    assert_eq!(listed(&stopped.world.backups()), stopped.before);
    assert!(last < busy + 200);
}

/// What was judged before is told.
#[test]
fn a_signal_in_the_middle_of_the_contents_leaves_nothing_behind() {
    let world = World::new();
    let video = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.MOV");
    let size: u64 = 60 << 30;
    let row = Row::file(video.0, video.1, b"").size(size as i64 - 16);
    let path = phone("2026-11-10").add(row).write(&world.backups());
    // As long as no disk is, and yet without a block.
    let payload = payload_path(&path, video.0, video.1);
    let file = OpenOptions::new().write(true).open(&payload).unwrap();
    let modified = file.metadata().unwrap().modified().unwrap();
    file.set_len(size).unwrap();
    file.set_modified(modified).unwrap();
    drop(file);
    let args = ["--password-file", "secret file", "--level", "contents"];
    let mut stopped = Stopped::start(world, &args);
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
    assert!(document["backups"].as_array().unwrap().len() <= 1);
}

/// Whoever waits for a key ring that asks for something can go away.
#[test]
fn a_signal_while_a_password_command_runs_ends_the_program() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    let command = "echo $$ >started; exec sleep 600";
    let started = world.path("started");
    let mut stopped = Stopped::start(world, &["--password-command", command]);
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
            let world = World::new();
            let long = phone("2026-11-10").encrypted().rounds(ROUNDS, 1);
            long.write(&world.backups());
            let mut stopped = Stopped::start(world, &["--password-file", "secret file"]);
            wait_until_busy(&mut stopped.child);
            stopped.signal(name);
            let document = stopped.end(code);
            assert_eq!(document["backups"], Value::Array(vec![]), "SIG{name}");
            assert_eq!(document["problems"], Value::Array(vec![]), "SIG{name}");
        }
    }

    /// The first part of a manifest is decrypted, and memory is all that it was in.
    #[test]
    #[ignore = "takes seconds: .ci/run runs it"]
    fn a_signal_while_a_large_manifest_is_opened_leaves_nothing_behind() {
        let world = World::new();
        let rows = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 120000) \
                    INSERT INTO Files SELECT printf('%040x', i), 'HomeDomain', 'Library/' || i, 1, NULL FROM n";
        let path = phone("2026-11-10").sql(rows).write(&world.backups());
        let manifest = path.join("Manifest.db");
        let size = fs::metadata(manifest).unwrap().len();
        assert!(size > 16 << 20, "{size}");
        let mut stopped = Stopped::start(world, &["--password-file", "secret file"]);
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
