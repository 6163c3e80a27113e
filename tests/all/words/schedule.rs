//! The nightly job as its text says it: cron's lines run by sh, launchd's list read back.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use bkscan::system::System;
use bkscan::words::schedule::{Job, Kind, Task, text};

use crate::harness::{Ended as _, NOW, words};
use crate::support::empty_folder;

/// The program over `root`, at a fixed time.
fn job(system: System, root: &Path, state_folder: PathBuf) -> Job {
    let options = ["--quiet", "--fail-on", "warning", "--now", NOW];
    let words = options.map(OsString::from).into_iter();
    Job {
        task: Task::Scan,
        program: PathBuf::from(env!("CARGO_BIN_EXE_bkscan")),
        arguments: words.chain([root.as_os_str().to_owned()]).collect(),
        system,
        state_folder: Some(state_folder),
        home: Some(PathBuf::from("/Users/anna")),
    }
}

#[test]
fn a_plist_reader_finds_the_very_words() {
    let root = r#"/Volumes/it's "50%" <a> & $b \ -- c"#;
    let job = Job {
        program: PathBuf::from("/Applications/bk scan"),
        ..job(System::Mac, Path::new(root), PathBuf::new())
    };
    let text = text(Kind::Launchd, &job).unwrap();
    let list = plist::Value::from_reader_xml(text.as_bytes()).unwrap();
    let list = list.as_dictionary().unwrap();
    let found = list["ProgramArguments"].as_array().unwrap().iter();
    let found: Vec<&str> = found.map(|word| word.as_string().unwrap()).collect();
    let options = words("--quiet --fail-on warning --now 2026-11-22T12:00:00Z");
    let expected = [&["/Applications/bk scan"], &*options, &[root]];
    assert_eq!(found, expected.concat());
    let log = list["StandardOutPath"].as_string();
    assert_eq!(log, Some("/Users/anna/Library/Logs/bkscan.log"));
}

#[cfg(unix)]
mod cron {
    use std::ffi::OsStr;
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    use tempfile::TempDir;

    use super::*;
    use crate::harness::Run;
    use crate::support::BackupBuilder;

    const HOSTILE: &str = r#"it's "50%" $HOME ${HOME} `x` \\two \% one\ 100%F%%; #&"#;

    /// The ways in which crons read a line: `\%` is a `%`, and some take `\\` for one backslash; some
    /// know nothing of either.
    #[derive(Clone, Copy, Debug)]
    enum Cron {
        Collapsing,
        Keeping,
        Plain,
    }

    impl Cron {
        /// What this cron hands to sh.
        fn reads(self, line: &str) -> String {
            let mut command = String::new();
            let mut chars = line.chars().peekable();
            while let Some(c) = chars.next() {
                let next = chars.peek().copied();
                match (self, c, next) {
                    (Cron::Plain, ..) => command.push(c),
                    (_, '\\', Some('%')) | (Cron::Collapsing, '\\', Some('\\')) => {
                        command.extend(chars.next());
                    }
                    (_, '\\', Some(_)) => {
                        command.push(c);
                        command.extend(chars.next());
                    }
                    (_, '%', _) => panic!("cron makes a line break of a % in {line}"),
                    _ => command.push(c),
                }
            }
            command
        }
    }

    /// A damaged backup in a folder with a hostile name, and a home folder beside it.
    struct Nightly {
        folder: TempDir,
        job: Job,
    }

    impl Nightly {
        fn new() -> Nightly {
            let folder = empty_folder();
            let root = folder.path().join(HOSTILE);
            fs::create_dir(&root).unwrap();
            BackupBuilder::new("00008130-000A1C2E3F40801E")
                .file("HomeDomain", "Library/a", b"a")
                .remove_payload("HomeDomain", "Library/a")
                .write(&root);
            let state = folder.path().join("state").join(HOSTILE);
            let job = job(System::Other, &root, state);
            Nightly { folder, job }
        }

        /// The command of the one line that starts with `when`.
        fn line(&self, when: &str) -> String {
            let text = text(Kind::Cron, &self.job).unwrap();
            let mut lines = text.lines().filter_map(|line| line.strip_prefix(when));
            let line = lines.next().unwrap().to_owned();
            assert_eq!(lines.next(), None);
            line
        }

        /// Runs a command in the environment that cron gives it, but for programs of our own.
        fn run(&self, command: &mut Command) -> Run {
            let home = self.folder.path().join("home");
            fs::create_dir_all(&home).unwrap();
            let mut path = self.folder.path().join("bin").into_os_string();
            path.push(":/usr/bin:/bin");
            command.env_clear().env("PATH", path).env("HOME", &home);
            command.env("SHELL", "/bin/sh").current_dir(&home);
            let run = command.ended().unwrap().into();
            // What one run remembered must not show in the next.
            fs::remove_dir_all(&home).unwrap();
            run
        }

        fn sh(&self, command: &str) -> Run {
            self.run(Command::new("/bin/sh").args(["-c", command]))
        }

        fn direct(&self) -> Run {
            let run = self.run(Command::new(&self.job.program).args(&self.job.arguments));
            assert_eq!((run.code, run.stdout.is_empty()), (2, false), "{run:?}");
            run
        }

        /// Says what day it is to whoever asks the program `date`.
        fn today(&self, day: &str) {
            let bin = self.folder.path().join("bin");
            fs::create_dir_all(&bin).unwrap();
            let date = bin.join("date");
            let script = format!("#!/bin/sh\n[ \"$*\" = +%F ] && echo {day}\n");
            fs::write(&date, script).unwrap();
            fs::set_permissions(&date, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    const CRONS: [Cron; 3] = [Cron::Collapsing, Cron::Keeping, Cron::Plain];

    #[test]
    fn a_name_that_is_not_utf8_is_refused() {
        let root = Path::new(OsStr::from_bytes(b"/home/u/b\xff"));
        let job = job(System::Other, root, PathBuf::from("/s"));
        for kind in [Kind::Cron, Kind::Systemd, Kind::Launchd] {
            assert_eq!(
                text(kind, &job).unwrap_err().to_string(),
                r#""/home/u/b\xFF" cannot be written into a schedule: it is not valid UTF-8. Rename it, or name a link to it that has a plain name"#
            );
        }
    }

    #[test]
    fn the_line_does_what_a_direct_run_does() {
        let nightly = Nightly::new();
        let direct = nightly.direct();
        let line = nightly.line("30 3 * * * ");
        assert_eq!(Cron::Collapsing.reads(&line), Cron::Keeping.reads(&line));
        for cron in CRONS {
            let run = nightly.sh(&cron.reads(&line));
            assert_eq!(run.all(), direct.all(), "{cron:?}");
        }
    }

    #[test]
    fn the_line_for_a_log_writes_what_a_direct_run_says() {
        let nightly = Nightly::new();
        let direct = nightly.direct();
        let line = nightly.line("#30 3 * * * ");
        let log = nightly.folder.path().join("state").join(HOSTILE);
        let log = log.join("nightly.log");
        for (cron, runs) in CRONS.into_iter().zip(1..) {
            let run = nightly.sh(&cron.reads(&line));
            assert_eq!(run.all(), (2, "", ""), "{cron:?}");
            let told = fs::read_to_string(&log).unwrap();
            assert_eq!(told, direct.stdout.repeat(runs), "{cron:?}");
        }
    }

    #[test]
    fn the_line_that_catches_up_runs_once_a_day() {
        let nightly = Nightly::new();
        let direct = nightly.direct();
        let line = nightly.line("#30 3-23 * * * ");
        for (cron, day) in CRONS.into_iter().zip(21..) {
            nightly.today(&format!("2026-11-{day}"));
            let command = cron.reads(&line);
            for expected in [direct.all(), (0, "", ""), (0, "", "")] {
                assert_eq!(nightly.sh(&command).all(), expected, "{cron:?}");
            }
        }
    }

    #[test]
    fn the_line_that_catches_up_does_not_run_where_it_cannot_remember() {
        let mut nightly = Nightly::new();
        nightly.today("2026-11-22");
        let below_a_file = nightly.folder.path().join("file/state");
        fs::write(nightly.folder.path().join("file"), "").unwrap();
        // As on a full disk with a shell that does not tell.
        let forgetful = nightly.folder.path().join("forgetful");
        fs::create_dir(&forgetful).unwrap();
        symlink("/dev/null", forgetful.join("nightly-day")).unwrap();
        for state in [below_a_file, forgetful] {
            nightly.job.state_folder = Some(state.clone());
            let command = Cron::Keeping.reads(&nightly.line("#30 3-23 * * * "));
            let told = format!(
                "bkscan: nothing was looked at: {}/nightly-day cannot be written\n",
                state.display()
            );
            for _ in 0..2 {
                assert_eq!(nightly.sh(&command).all(), (3, &*told, ""));
            }
        }
    }
}
