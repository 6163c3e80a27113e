//! The real program on a terminal of its own: keys are typed, the screen is read, and afterwards the terminal
//! and the folder are looked at.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use bkscan::cli::choose::terminal::Screen;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{Termios, Winsize, tcgetattr, tcsetwinsize};
use tempfile::TempDir;
use vt100::{MouseProtocolMode, Parser};

use crate::clean::command::terminal;
use crate::harness::{Ended as _, Run, alone, program, same_environment};
use crate::support::{BackupBuilder, empty_folder, tree_digest};

const PHONE: &str = "00008130-000A1C2E3F40801E";
const SPARE: &str = "00008030-001122334455667A";

/// So long something is waited for that comes in a moment.
const LIMIT: Duration = Duration::from_secs(120);

/// So long the terminal is read before it is looked whether it is still to be.
const MOMENT: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 10_000_000,
};

/// A folder `Backup` with the newest backup of a phone, an older one that it holds all of, and the only one
/// of another phone.
pub struct World(pub TempDir);

impl World {
    pub fn new() -> World {
        let world = World(empty_folder());
        fs::create_dir(world.backups()).unwrap();
        for (udid, name, folder, day) in [
            (PHONE, "Kitchen iPhone", PHONE, "2025-11-20"),
            (PHONE, "Kitchen iPhone", "older", "2024-06-14"),
            (SPARE, "Spare phone", SPARE, "2022-09-22"),
        ] {
            BackupBuilder::new(udid)
                .folder_name(folder)
                .device(name, "iPhone16,1", None, "18.5", "22F76")
                .date(&format!("{day}T08:00:00Z"))
                .bare()
                .file("HomeDomain", "Library/note.txt", &[7; 5000])
                .file("CameraRollDomain", "Media/DCIM/1.JPG", &[8; 90_000])
                .no_empty_shards()
                .write(&world.backups());
        }
        world
    }

    pub fn backups(&self) -> PathBuf {
        self.0.path().join("Backup")
    }

    fn digests(&self) -> BTreeMap<String, String> {
        let entries = fs::read_dir(self.backups()).unwrap().map(Result::unwrap);
        let digest = |entry: fs::DirEntry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, tree_digest(&entry.path()))
        };
        entries.map(digest).collect()
    }

    /// `bkscan WORDS Backup`
    pub fn command(&self, words: &str) -> Command {
        let mut command = program();
        command.args(words.split_whitespace()).arg("Backup");
        command.current_dir(self.0.path());
        command.env("XDG_STATE_HOME", self.0.path().join("state"));
        command.env("TERM", "xterm-256color");
        command
    }

    pub fn opens(&self, words: &str) -> Driven {
        Driven::start(&self.command(words))
    }
}

/// A program on a terminal.
pub struct Driven {
    pub child: Child,
    master: File,
    /// Held, so that the terminal stays as it was left.
    pub slave: File,
    before: Termios,
    seen: Arc<Mutex<Parser>>,
    reader: JoinHandle<()>,
    /// Nothing is read from the terminal any more.
    is_over: Arc<AtomicBool>,
}

impl Driven {
    /// In a session of its own, on a terminal of 80 columns and 24 lines.
    pub fn start(inner: &Command) -> Driven {
        Driven::below(&["--ctty"], inner)
    }

    /// The same as `setsid BEFORE… PROGRAM`.
    pub fn below(before: &[&str], inner: &Command) -> Driven {
        let (slave, master) = terminal();
        let mut command = Command::new("setsid");
        command.args(before).arg(inner.get_program());
        command.args(inner.get_args());
        alone(&mut command);
        same_environment(&mut command, inner);
        if let Some(folder) = inner.get_current_dir() {
            command.current_dir(folder);
        }
        let before = tcgetattr(&slave).unwrap();
        let seen = Arc::new(Mutex::new(Parser::new(24, 80, 1000)));
        tcsetwinsize(&master, size(80, 24)).unwrap();
        command.stdin(slave.try_clone().unwrap());
        command.stdout(slave.try_clone().unwrap());
        command.stderr(slave.try_clone().unwrap());
        let child = command.started().unwrap();
        drop(command);
        let is_over: Arc<AtomicBool> = Arc::default();
        let reader = thread::spawn({
            let (mut master, seen) = (master.try_clone().unwrap(), Arc::clone(&seen));
            let is_over = Arc::clone(&is_over);
            move || {
                let mut bytes = [0; 4096];
                while !is_over.load(Ordering::SeqCst) {
                    let mut readable = [PollFd::new(&master, PollFlags::IN)];
                    if poll(&mut readable, Some(&MOMENT)).unwrap() == 0 {
                        continue;
                    }
                    let Ok(count @ 1..) = master.read(&mut bytes) else {
                        return;
                    };
                    seen.lock().unwrap().process(&bytes[..count]);
                }
            }
        });
        Driven {
            child,
            master,
            slave,
            before,
            seen,
            reader,
            is_over,
        }
    }

    fn screen(&self) -> String {
        self.seen.lock().unwrap().screen().contents()
    }

    /// Waits until the screen has this.
    #[track_caller]
    pub fn sees(&self, text: &str) -> &Driven {
        self.waits(text, |parser| parser.screen().contents().contains(text))
    }

    /// Waits until the screen has this no more.
    #[track_caller]
    pub fn misses(&self, text: &str) -> &Driven {
        self.waits(text, |parser| !parser.screen().contents().contains(text))
    }

    #[track_caller]
    fn waits(&self, what: &str, is_there: impl Fn(&Parser) -> bool) -> &Driven {
        let limit = Instant::now() + LIMIT;
        while !is_there(&self.seen.lock().unwrap()) {
            let screen = self.screen();
            assert!(Instant::now() < limit, "waited for {what:?}:\n{screen}");
            thread::sleep(Duration::from_millis(5));
        }
        self
    }

    pub fn types(&self, keys: &str) -> &Driven {
        (&self.master).write_all(keys.as_bytes()).unwrap();
        self
    }

    pub fn resizes(&self, columns: u16, lines: u16) -> &Driven {
        let mut seen = self.seen.lock().unwrap();
        seen.screen_mut().set_size(lines, columns);
        tcsetwinsize(&self.master, size(columns, lines)).unwrap();
        drop(seen);
        self
    }

    pub fn is_sent(&self, signal: Signal) -> &Driven {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        self
    }

    /// Waits until the signals that it was sent have come to it: the system makes one of two that have not.
    #[track_caller]
    pub fn has_heard(&self) -> &Driven {
        let limit = Instant::now() + LIMIT;
        let status = format!("/proc/{}/status", self.child.id());
        let has_pending = || {
            let status = fs::read_to_string(&status).unwrap();
            let pending = |line: &str| {
                let signals = line.strip_prefix("ShdPnd:")?;
                Some(signals.trim().bytes().any(|digit| digit != b'0'))
            };
            status.lines().find_map(pending).unwrap()
        };
        while has_pending() {
            assert!(
                Instant::now() < limit,
                "it does not hear:\n{}",
                self.screen()
            );
            thread::sleep(Duration::from_millis(1));
        }
        self
    }

    /// Waits until it ends: its code.
    #[track_caller]
    fn code(&mut self) -> Option<i32> {
        let limit = Instant::now() + LIMIT;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            let screen = self.screen();
            assert!(Instant::now() < limit, "it does not end:\n{screen}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The terminal takes and shows lines as it did before.
    #[track_caller]
    fn takes_lines(&self) {
        let after = tcgetattr(&self.slave).unwrap();
        assert_eq!(after.local_modes, self.before.local_modes);
        assert_eq!(after.input_modes, self.before.input_modes);
        assert_eq!(after.output_modes, self.before.output_modes);
    }

    /// The screen is that of before.
    #[track_caller]
    fn shows_lines(&self) {
        let seen = self.seen.lock().unwrap();
        let screen = seen.screen();
        assert!(!screen.alternate_screen(), "another screen is shown");
        assert!(!screen.hide_cursor(), "the cursor is hidden");
        assert_eq!(screen.mouse_protocol_mode(), MouseProtocolMode::None);
    }

    /// The terminal is as it was before.
    #[track_caller]
    pub fn is_left(&self) {
        self.takes_lines();
        self.shows_lines();
    }

    /// Waits until it ends, with this code; the terminal is as it was before. Gives what is on it.
    #[track_caller]
    pub fn ends(mut self, code: i32) -> String {
        let ended = self.code();
        self.takes_lines();
        // The end of the terminal.
        self.slave = File::open("/dev/null").unwrap();
        let reader = std::mem::replace(&mut self.reader, thread::spawn(|| ()));
        reader.join().unwrap();
        self.shows_lines();
        let shown = self.screen();
        assert_eq!(ended, Some(code), "{shown}");
        shown
    }

    /// Waits until it ends, with this code, on a terminal that shows nothing any more but takes lines.
    #[track_caller]
    pub fn ends_unseen(mut self, code: i32) {
        assert_eq!(self.code(), Some(code));
        self.takes_lines();
    }

    /// The terminal goes away, as when its window is closed or the line is dead. Waits until the program
    /// ends, with this code.
    #[track_caller]
    pub fn loses_its_terminal(mut self, code: i32) {
        self.is_over.store(true, Ordering::SeqCst);
        let reader = std::mem::replace(&mut self.reader, thread::spawn(|| ()));
        reader.join().unwrap();
        self.master = File::open("/dev/null").unwrap();
        assert_eq!(self.code(), Some(code));
    }
}

fn size(columns: u16, lines: u16) -> Winsize {
    Winsize {
        ws_col: columns,
        ws_row: lines,
        ws_xpixel: 0,
        ws_ypixel: 0,
    }
}

/// The text with one space wherever it has some.
fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn one_looks_marks_compares_and_leaves_all_as_it_was() {
    let world = World::new();
    let before = tree_digest(world.0.path());
    let driven = world.opens("clean -i");
    driven.sees("marked 1 of 3").sees("[x] ✔ complete");
    driven.types(" ").sees("marked 0 of 3");
    driven.types("\u{1b}[B ").sees("marked 1 of 3");
    driven.sees("(1 only copy)");
    driven.types("kd").sees("Both hold the same");
    driven.resizes(60, 16).sees("q back");
    driven.types("q").sees("(1 only copy)");
    driven.types("?").sees("mark nothing");
    driven.resizes(120, 40).types("q").sees("deleting frees");
    driven.types("e").sees("What it means");
    driven.types("q/spare\r").misses("can go");
    driven.types("\u{1b}").sees("can go");
    // A click on the first row, as xterm tells of it.
    driven.types("n").sees("marked 0 of 3");
    driven
        .types("\u{1b}[<0;10;3M\u{1b}[<0;10;3m")
        .sees("marked 1 of 3");
    driven.types("q");
    let shown = driven.ends(0);
    assert!(shown.contains("nothing was deleted"), "{shown}");
    assert_eq!(tree_digest(world.0.path()), before);
}

#[test]
fn what_is_marked_goes_after_the_same_question_and_nothing_else() {
    let world = World::new();
    let mut left = world.digests();
    let driven = world.opens("clean -i");
    driven.sees("marked 1 of 3").types("\r");
    driven.sees("Plan for Backup").sees("Type yes: ");
    assert_eq!(world.digests(), left);
    driven.types("yes\n").sees("Deleted 1 of 1: ");
    let shown = driven.ends(0);
    assert!(
        shown.contains("Delete 1 backup for good (Kitchen iPhone, 14 Jun 2024, "),
        "{shown}"
    );
    left.remove("older").unwrap();
    assert_eq!(world.digests(), left);
}

#[test]
fn any_other_answer_leaves_all_as_it_was() {
    let world = World::new();
    let left = world.digests();
    for (typed, code) in [("no\n", 0), ("\u{1b}\n", 0), ("\u{3}", 130)] {
        let driven = world.opens("clean -i");
        driven.sees("marked 1 of 3").types("\r").sees("Type yes: ");
        driven.types(typed);
        let shown = driven.ends(code);
        assert!(shown.contains("Nothing was deleted"), "{shown}");
        assert_eq!(world.digests(), left);
    }
}

#[test]
fn the_name_of_an_only_copy_is_typed() {
    let world = World::new();
    let mut left = world.digests();
    for (name, code) in [("Kitchen iPhone\n", 2), ("spare phone\nyes\n", 0)] {
        let driven = world.opens("clean -i");
        driven
            .sees("marked 1 of 3")
            .types("n")
            .sees("marked 0 of 3");
        driven.types("/spare\r ").sees("(1 only copy)").types("\r");
        driven.sees("To delete it for good, type the device's name: ");
        driven.types(name);
        if code == 0 {
            left.remove(SPARE).unwrap();
        }
        driven.ends(code);
        assert_eq!(world.digests(), left);
    }
}

#[test]
fn signals_and_keys_leave_the_terminal_as_it_was() {
    let world = World::new();
    let before = tree_digest(world.0.path());
    for words in ["clean -i", "-i"] {
        let driven = world.opens(words);
        driven.sees("of 3").is_sent(Signal::TERM);
        driven.ends(143);
        let driven = world.opens(words);
        driven.sees("of 3").is_sent(Signal::INT);
        driven.ends(130);
        // Also while it fills.
        let driven = world.opens(words);
        driven.sees("bkscan").types("\u{3}");
        driven.ends(130);
        for keys in ["\u{3}", "/x\u{3}", "?\u{3}"] {
            let driven = world.opens(words);
            driven.sees("of 3").types(keys);
            driven.ends(130);
        }
        for keys in ["q", "\u{1b}"] {
            let driven = world.opens(words);
            driven.sees("of 3").types(keys);
            driven.ends(0);
        }
    }
    assert_eq!(tree_digest(world.0.path()), before);
}

#[test]
fn a_scan_opens_the_same_list_with_nothing_marked() {
    let world = World::new();
    let driven = world.opens("-i");
    driven
        .sees("marked 0 of 3")
        .types("a")
        .sees("marked 1 of 3");
    driven.types("\r").sees("Type yes: ").types("no\n");
    driven.ends(0);
}

#[test]
fn a_backup_that_begins_to_change_cannot_be_deleted() {
    let world = World::new();
    let driven = world.opens("clean -i");
    driven.sees("marked 1 of 3");
    // As a device begins: its newest backup stands in for the older one.
    let status = world.backups().join(PHONE).join("Status.plist");
    let mut file = File::options().append(true).open(&status).unwrap();
    file.write_all(b" ").unwrap();
    drop(file);
    driven.sees("[!]").types("k").sees("marked 0 of 3");
    driven.types("a\r").sees("nothing is marked").types("q");
    driven.ends(0);
    assert_eq!(world.digests().len(), 3);
}

#[test]
fn a_command_that_tells_the_password_has_the_terminal() {
    let world = World::new();
    BackupBuilder::new("00008101-000C3E5A7B9D0F12")
        .device("Locked phone", "iPhone16,1", None, "18.5", "22F76")
        .date("2023-11-20T08:00:00Z")
        .bare()
        .file("HomeDomain", "Library/note.txt", &[7; 5000])
        .no_empty_shards()
        .encrypted_with("secret")
        .write(&world.backups());
    let ask = "printf 'say it: ' >/dev/tty; read -r word </dev/tty; printf '%s\\n' \"$word\"";
    let mut command = world.command("clean -i");
    command.args(["--password-command", ask]);
    let driven = Driven::start(&command);
    driven.sees("say it: ").types("secret\n");
    driven.sees("marked 1 of 4").types("/locked\r");
    driven.sees("✔ complete").types("q\u{1b}q");
    driven.ends(0);
}

#[test]
fn a_list_needs_a_terminal_and_nothing_beside_it() {
    let world = World::new();
    let run: Run = world.command("clean -i").ended().unwrap().into();
    assert_eq!(run.code, 64);
    assert_eq!(
        run.stderr,
        "bkscan: --interactive needs a terminal: leave it out to see the plan\n"
    );
    for option in [
        "--json",
        "-q",
        "-n",
        "--delete --yes",
        "--redact",
        "--now=2026-11-22T12:00:00Z",
    ] {
        let driven = world.opens(&format!("clean -i {option}"));
        let shown = driven.ends(64);
        let shown = joined(&shown);
        assert!(shown.contains("do not go together"), "{option}: {shown}");
    }
    for call in ["-i show", "diff -i", "-i history"] {
        let run: Run = world.command(call).ended().unwrap().into();
        assert_eq!(run.code, 64, "{call}: {run:?}");
    }
    let mut dumb = world.command("clean -i");
    dumb.env("TERM", "dumb");
    let shown = Driven::start(&dumb).ends(64);
    assert!(joined(&shown).contains("TERM is dumb"), "{shown}");
    // Where nothing is there is no list.
    let mut nowhere = world.command("clean -i");
    nowhere.arg("nowhere");
    let shown = Driven::start(&nowhere).ends(3);
    assert!(shown.contains("nothing was deleted"), "{shown}");
}

#[test]
fn a_plan_on_a_terminal_says_that_there_is_a_list() {
    let world = World::new();
    let shown = world.opens("clean").ends(0);
    let mut lines = shown.lines().skip_while(|line| *line != "Choose yourself:");
    assert_eq!(lines.nth(1), Some("  bkscan clean -i Backup"), "{shown}");
    let run: Run = world.command("clean").ended().unwrap().into();
    assert!(!run.stdout.contains("-i"), "{run:?}");
}

/// Runs one of the tests below, which panic, on a terminal.
fn panicking(test: &str) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let name = format!("cli::choose::driven::{test}");
    command.args(["--ignored", "--exact", "--nocapture", &name]);
    command.env("TERM", "xterm").env("RUST_BACKTRACE", "0");
    Driven::start(&command).ends(101)
}

#[test]
fn a_panic_leaves_the_terminal_as_it_was_and_is_told_on_it() {
    for test in ["panics_where_it_draws", "panics_in_another_thread"] {
        let shown = panicking(test);
        assert!(shown.contains("on purpose"), "{shown}");
        assert!(!shown.contains("drawn"), "{shown}");
    }
}

fn draw(screen: &mut Screen) {
    let text = ratatui::widgets::Paragraph::new("drawn");
    let drawn = screen.draw((80, 24), |frame| frame.render_widget(text, frame.area()));
    drawn.unwrap();
}

#[test]
#[ignore = "panics: another test starts it"]
fn panics_where_it_draws() {
    let mut screen = Screen::enter().unwrap();
    draw(&mut screen);
    panic!("on purpose");
}

#[test]
#[ignore = "panics: another test starts it"]
fn panics_in_another_thread() {
    let mut screen = Screen::enter().unwrap();
    let other = thread::spawn(|| panic!("on purpose"));
    while !screen.has_panicked() {
        draw(&mut screen);
        thread::sleep(Duration::from_millis(5));
    }
    drop(screen);
    other.join().unwrap();
}
