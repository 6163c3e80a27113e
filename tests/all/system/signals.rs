//! Scans that are stopped by a signal before they have looked at anything.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{PipeReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use serde_json::Value;

use crate::find::discovery::{NEW, small};
use crate::harness::{NOW, program};
use crate::support::empty_folder;

/// A scan that is held by a full pipe at stderr, to which its first note goes.
pub struct Held {
    child: Child,
    stderr: PipeReader,
}

impl Held {
    /// Starts a command that has a note to write before it looks at anything.
    pub fn start(command: &mut Command) -> Held {
        let (stderr, mut writer) = std::io::pipe().unwrap();
        let flags = fcntl_getfl(&writer).unwrap();
        fcntl_setfl(&writer, flags | OFlags::NONBLOCK).unwrap();
        while writer.write(b".").is_ok() {}
        fcntl_setfl(&writer, flags).unwrap();
        let child = command.stdout(Stdio::piped()).stderr(writer).spawn();
        Held {
            child: child.unwrap(),
            stderr,
        }
    }

    /// Sends a signal as soon as the program catches it, and waits for its arrival.
    pub fn signal(&mut self, name: &str, number: i32) {
        let bit = 1 << (number - 1);
        self.wait_until("the signal is caught, before the note", |child| {
            mask(child, "SigCgt:") & bit != 0
        });
        let kill = format!("kill -{name} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &kill]).status().unwrap();
        assert!(status.success());
        self.wait_until("the signal has arrived", |child| {
            child.try_wait().unwrap().is_some()
                || (mask(child, "ShdPnd:") | mask(child, "SigPnd:")) & bit == 0
        });
    }

    /// Reads the pipe, so that the program goes on, and waits for its end.
    pub fn end(self) -> Output {
        let mut stderr = self.stderr;
        let drain = std::thread::spawn(move || {
            let mut said = Vec::new();
            stderr.read_to_end(&mut said).unwrap();
        });
        let output = self.child.wait_with_output().unwrap();
        drain.join().unwrap();
        output
    }

    /// Waits for something that will happen; the limit is there for a broken program only.
    fn wait_until(&mut self, what: &str, happened: impl Fn(&mut Child) -> bool) {
        let limit = Instant::now() + Duration::from_secs(20);
        while !happened(&mut self.child) {
            if Instant::now() > limit {
                self.child.kill().unwrap();
                self.child.wait().unwrap();
                panic!("this did not happen: {what}");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// A mask of signals as the kernel shows it.
fn mask(child: &Child, name: &str) -> u64 {
    let path = format!("/proc/{}/status", child.id());
    let status = fs::read_to_string(path).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    u64::from_str_radix(line.unwrap().trim(), 16).unwrap()
}

/// A damaged backup, to be looked at as JSON.
fn held() -> (tempfile::TempDir, Held) {
    let world = empty_folder();
    let backup = small(NEW).write(&world.path().join("My Disk"));
    fs::remove_file(backup.join("Status.plist")).unwrap();
    let mut command = program();
    command.current_dir(world.path());
    let held = Held::start(command.args(["My", "Disk", "--json", "--now", NOW]));
    (world, held)
}

/// What was found so far, marked cancelled, exit 130 or 143.
#[test]
fn a_signal_ends_a_scan_with_what_it_found() {
    for (name, number, code) in [("INT", 2, 130), ("TERM", 15, 143)] {
        let (_world, mut held) = held();
        held.signal(name, number);
        let output = held.end();
        assert_eq!(output.status.code(), Some(code), "SIG{name}");
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["cancelled"], true);
        assert_eq!(document["exit_code"], code);
        assert_eq!(document["backups"], Value::Array(vec![]));
    }
}

/// Nobody reads what it has to say: it ends all the same.
#[test]
fn a_second_signal_ends_it_at_once() {
    let (_world, mut held) = held();
    held.signal("INT", 2);
    held.signal("INT", 2);
    held.wait_until("the end", |child| child.try_wait().unwrap().is_some());
    let status = held.child.wait().unwrap();
    let is_ended = status.code() == Some(130) || status.signal() == Some(2);
    assert!(is_ended, "{status}");
}

/// Whoever pressed Ctrl-C knows; a request to end may be a limit of time.
#[test]
fn a_command_hears_of_a_request_to_end_and_not_of_ctrl_c() {
    for (name, number, told) in [("INT", 2, None), ("TERM", 15, Some("143\n"))] {
        let world = empty_folder();
        small(NEW).write(&world.path().join("My Disk"));
        let mut command = program();
        command
            .current_dir(world.path())
            .args(["My", "Disk", "--json"]);
        command.args(["--on-problem", "echo \"$BKSCAN_EXIT\" >heard"]);
        let mut held = Held::start(&mut command);
        // It would keep the pipe open.
        drop(command);
        held.signal(name, number);
        let output = held.end();
        assert_eq!(output.status.code(), Some(128 + number), "SIG{name}");
        let heard = fs::read_to_string(world.path().join("heard")).ok();
        assert_eq!(heard.as_deref(), told, "SIG{name}");
    }
}
