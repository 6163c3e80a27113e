//! Where the password of encrypted backups comes from, and where it must never show (contract §1).

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::cli::configured::{PHONE, SPARE, World, backup, phone};
use crate::harness::{NOW, Run};

const SECRET: &str = "hunter2 Tr0ub4dor";

/// The backups of two phones; no password is needed for them.
fn world() -> World {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    backup(SPARE, "Spare", "2026-09-01").write(&world.backups());
    world
}

/// A file with this text that nobody else can read.
fn private(world: &World, name: &str, text: &[u8]) -> PathBuf {
    let path = world.path(name);
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    set_mode(&path, 0o600);
    path
}

#[cfg(unix)]
fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn with<'a>(command: &'a mut Command, env: &[(&str, &str)]) -> &'a mut Command {
    command.envs(env.iter().copied())
}

/// The command line is refused, in one line that has these words and nothing secret.
#[track_caller]
fn refused(run: &Run, words: &[&str]) {
    assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{run:?}");
    assert!(run.stderr.starts_with("bkscan: "), "{run:?}");
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    for word in words {
        assert!(run.stderr.contains(word), "no {word} in {run:?}");
    }
    secret(run);
}

#[track_caller]
fn secret(run: &Run) {
    for word in [SECRET, "hunter2"] {
        let told = run.stdout.contains(word) || run.stderr.contains(word);
        assert!(!told, "{run:?}");
    }
}

// ---- Which one counts ----

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_options_exclude_one_another() {
    let world = world();
    let ask = &["--ask-password"][..];
    let file = &["--password-file", "f"][..];
    let command = &["--password-command", "c"][..];
    for (one, other) in [(ask, file), (file, command), (command, ask)] {
        for words in [
            [one, other, &["Backup"]].concat(),
            [&["clean", "Backup"], other, one].concat(),
            [one, &["show", PHONE], other].concat(),
            [one, &["config", "show"], other].concat(),
        ] {
            refused(&world.run(&words), &[one[0], other[0], "exclude"]);
        }
    }
    let mut command = world.command();
    let env = [
        ("BKSCAN_PASSWORD_FILE", "f"),
        ("BKSCAN_PASSWORD_COMMAND", "c"),
    ];
    let run = world.output(with(command.arg("Backup"), &env));
    refused(&run, &[env[0].0, env[1].0, "exclude"]);
    world.configure("quiet = true\npassword-file = 'f'\nask-password = true\n");
    let line = "config.toml, line 2: ask-password and password-file exclude one another";
    refused(&world.run(&["Backup"]), &[line]);
}

/// What the settings in effect say of the three options.
fn in_effect(world: &World, env: &[(&str, &str)], typed: &[&str]) -> String {
    let mut command = world.command();
    command.args(["config", "show"]).args(typed);
    let run = world.output(with(&mut command, env));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    let lines = run.stdout.lines().filter(|line| !line.starts_with('#'));
    let lines = lines.filter(|line| line.contains("password") && !line.contains("= false"));
    let lines = lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("; ")
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn typed_counts_before_the_environment_and_that_before_the_file() {
    let world = World::new();
    world.configure("\npassword-command = \"pass show $BKSCAN_UDID\"\n");
    let from_file =
        "password-command = \"pass show $BKSCAN_UDID\" # line 2 of the configuration file";
    assert_eq!(in_effect(&world, &[], &[]), from_file);
    let env = [("BKSCAN_PASSWORD_FILE", "/e/f")];
    let from_env = "password-file = \"/e/f\" # BKSCAN_PASSWORD_FILE";
    assert_eq!(in_effect(&world, &env, &[]), from_env);
    let typed = "ask-password = true # --ask-password";
    assert_eq!(in_effect(&world, &env, &["--ask-password"]), typed);
    let command = in_effect(&world, &env, &["--password-command", "x y"]);
    assert_eq!(command, "password-command = \"x y\" # --password-command");
    // A switch that is off names no source.
    let off = [("BKSCAN_ASK_PASSWORD", "0")];
    assert_eq!(in_effect(&world, &off, &[]), from_file);
    world.configure("ask-password = true\n");
    assert_eq!(in_effect(&world, &off, &[]), "");
    // A relative path begins at the file.
    world.configure("password-file = 'secret.txt'\n");
    let beside = in_effect(&world, &[], &[]);
    let folder = world.path("config").join("bkscan").join("secret.txt");
    let expected = format!("password-file = \"{}\" #", folder.display());
    assert!(beside.starts_with(&expected), "{beside}");
}

/// The file that counts is used: one that is not there is an error, and one that does not count is not
/// even looked at.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn only_what_counts_is_used() {
    let world = world();
    private(&world, "good", SECRET.as_bytes());
    let run = |env: &[(&str, &str)], typed: &[&str]| {
        let mut command = world.command();
        command.args(["Backup", "--now", NOW]).args(typed);
        world.output(with(&mut command, env))
    };
    let lost = [("BKSCAN_PASSWORD_FILE", "lost")];
    refused(&run(&lost, &[]), &["lost"]);
    let other = run(&lost, &["--password-file", "good"]);
    assert_eq!((other.code, other.stderr.as_str()), (0, ""), "{other:?}");
    // The password of the environment does not save a source that counts before it.
    let both = [lost[0], ("BKSCAN_PASSWORD", SECRET)];
    refused(&run(&both, &[]), &["lost"]);
    // A variable without a value says nothing.
    let empty = [("BKSCAN_PASSWORD_FILE", ""), ("BKSCAN_PASSWORD", "")];
    assert_eq!(run(&empty, &[]).code, 0);
}

// ---- Never an argument, never a setting ----

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_password_is_no_argument_and_no_setting() {
    let world = world();
    let three = ["--ask-password", "--password-file", "--password-command"];
    for words in [
        &["--password", SECRET, "Backup"][..],
        &["--password=hunter2", "Backup"],
        &["Backup", "--password", SECRET],
        &["show", PHONE, "--password=hunter2"],
        &["clean", "--password", SECRET, "Backup"],
        &["config", "show", "--password", SECRET],
        &["--ask-password=hunter2", "Backup"],
        &["clean", "Backup", "--ask-password=hunter2"],
    ] {
        refused(&world.run(words), &three);
    }
    // Behind the two hyphens everything is a path.
    let run = world.run(&["--", "--password"]);
    assert_eq!(run.code, 3, "{run:?}");
    let variable = [("BKSCAN_ASK_PASSWORD", SECRET)];
    let run = world.output(with(world.command().arg("Backup"), &variable));
    refused(&run, &["BKSCAN_ASK_PASSWORD", "true or false"]);
    for (toml, line) in [
        (format!("quiet = true\npassword = \"{SECRET}\"\n"), 2),
        (format!("\n[devices.{SPARE}]\npassword = '{SECRET}'\n"), 3),
    ] {
        world.configure(&toml);
        let line = format!("config.toml, line {line}: a password does not stand in this file");
        let told = &[line.as_str(), "password-file", "password-command"];
        for words in [&["Backup"][..], &["config", "show"]] {
            refused(&world.run(words), told);
        }
    }
    world.configure(&format!("ask-password = \"{SECRET}\"\n"));
    refused(&world.run(&["Backup"]), &["line 1", "true or false"]);
}

// ---- The file ----

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_file_that_holds_no_password_is_refused_by_its_name() {
    let world = world();
    fs::create_dir(world.path("a folder")).unwrap();
    private(&world, "empty", b"");
    private(&world, "first line", b"\nhunter2\n");
    private(
        &world,
        "large",
        format!("hunter2{}", "\n".repeat(65_530)).as_bytes(),
    );
    private(&world, "wide", b"\xff\xfeh\0u\0");
    for (name, words) in [
        ("missing", &["could not be read", "name a file"][..]),
        ("a folder", &["could not be read", "name a file"]),
        ("empty", &["first line", "is empty", "write the password"]),
        ("first line", &["first line", "is empty"]),
        ("large", &["larger than 64 KiB", "name a file"]),
        ("wide", &["UTF-16", "write it in UTF-8"]),
        ("empty/below", &["could not be read"]),
    ] {
        let words = [&[name], words].concat();
        for command in [&["Backup"][..], &["clean", "Backup"], &["show", PHONE]] {
            let run = world.run(&[command, &["--password-file", name]].concat());
            refused(&run, &words);
        }
        let run = world.run(&["Backup", "--redact", "--password-file", name]);
        refused(&run, &["the password file cannot be used"]);
        assert!(!run.stderr.contains(name), "{run:?}");
    }
    // It is the command line that is wrong, whatever else could not be looked at.
    let words = ["show", "nobody", "--password-file", "missing"];
    refused(&world.run(&words), &["missing"]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::harness::Ended as _;

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let world = world();
        let file = private(&world, "it's mine", SECRET.as_bytes());
        let words = ["Backup", "--now", NOW, "--password-file", "it's mine"];
        for mode in [0o644, 0o640, 0o604, 0o440, 0o777] {
            set_mode(&file, mode);
            let told = format!("(mode {mode:o})");
            let chmod = r"chmod 600 'it'\''s mine'";
            refused(&world.run(&words), &["others can read it", &told, chmod]);
        }
        for mode in [0o600, 0o400, 0o700] {
            set_mode(&file, mode);
            let run = world.run(&words);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
            secret(&run);
        }
        // A link is as private as what it leads to.
        symlink(&file, world.path("link")).unwrap();
        let linked = ["Backup", "--now", NOW, "--password-file", "link"];
        assert_eq!(world.run(&linked).code, 0);
        set_mode(&file, 0o644);
        refused(&world.run(&linked), &["others can read it"]);
        fs::remove_file(&file).unwrap();
        refused(&world.run(&linked), &["link", "could not be read"]);
    }

    /// It ends, although nobody ever writes into the pipe.
    #[test]
    fn a_pipe_is_no_password_file() {
        let world = world();
        let made = Command::new("mkfifo").arg(world.path("pipe")).status();
        assert!(made.unwrap().success());
        let run = world.run(&["Backup", "--password-file", "pipe"]);
        refused(&run, &["pipe", "not a regular file", "name a file"]);
        let run = world.run(&["Backup", "--password-file", "/dev/null"]);
        refused(&run, &["/dev/null", "not a regular file"]);
    }

    #[test]
    fn a_nightly_job_knows_where_the_password_is_and_not_what_it_is() {
        let world = world();
        private(&world, "pass word", SECRET.as_bytes());
        let schedule = |kind: &str, typed: &[&str], env: &[(&str, &str)]| {
            let mut command = world.command();
            command.args(["schedule", kind, "Backup"]).args(typed);
            let run: Run = with(&mut command, env).ended().unwrap().into();
            secret(&run);
            run
        };
        let file = format!("--password-file '{}'", world.path("pass word").display());
        let run = schedule("cron", &["--password-file", "pass word"], &[]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
        assert_eq!(run.stdout.matches(&file).count(), 3, "{run:?}");
        let command = r#"pass show "backup/$BKSCAN_UDID""#;
        for (kind, words) in [
            ("cron", format!("--password-command '{command}'")),
            (
                "systemd",
                r#"--password-command "pass show \"backup/$$BKSCAN_UDID\"""#.to_owned(),
            ),
            (
                "launchd",
                "<string>pass show &quot;backup/$BKSCAN_UDID&quot;</string>".to_owned(),
            ),
        ] {
            let typed = ["--password-command", command];
            let in_environment = [("BKSCAN_PASSWORD_COMMAND", command)];
            for run in [
                schedule(kind, &typed, &[]),
                schedule(kind, &typed, &[("BKSCAN_PASSWORD", SECRET)]),
                schedule(kind, &[], &in_environment),
            ] {
                assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
                assert!(run.stdout.contains(&words), "no {words} in {run:?}");
            }
            // What the environment holds is not even named in the job.
            let run = schedule(kind, &[], &[("BKSCAN_PASSWORD", SECRET)]);
            assert_eq!(run.code, 0, "{run:?}");
            assert!(!run.stdout.contains("PASSWORD"), "{run:?}");
            let note = "BKSCAN_PASSWORD does not go into the job: --password-file reads";
            assert!(run.stderr.contains(note), "{run:?}");
        }
        // What the configuration file says is not repeated: the job reads it, too.
        world.configure("password-command = 'pass show x'\n");
        let run = schedule("cron", &[], &[]);
        assert!(!run.stdout.contains("password"), "{run:?}");
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    }

    #[test]
    fn a_nightly_job_cannot_ask() {
        let world = world();
        let words = ["schedule", "cron", "Backup"];
        let job = |typed: &[&str], env: &[(&str, &str)]| {
            let mut command = world.command();
            command.args(words).args(typed);
            world.output(with(&mut command, env))
        };
        let told = &[
            "--ask-password and a nightly job",
            "--password-file",
            "--password-command",
        ];
        refused(&job(&["--ask-password"], &[]), told);
        refused(&job(&[], &[("BKSCAN_ASK_PASSWORD", "1")]), told);
        world.configure("ask-password = true\n");
        refused(&job(&[], &[]), told);
        // The variable is not there at night, and the file is.
        refused(&job(&[], &[("BKSCAN_ASK_PASSWORD", "0")]), told);
        let run = job(&["--password-command", "p"], &[]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    }
}

// ---- Where it must not show ----

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn nothing_that_is_printed_has_the_password() {
    let world = World::new();
    let phone = phone("2026-11-10").encrypted().write(&world.backups());
    let phone = phone.to_str().unwrap();
    private(&world, "file", format!("{SECRET}\nmore\n").as_bytes());
    let variable = [("BKSCAN_PASSWORD", SECRET)];
    let from_file = ["--password-file", "file"];
    for words in [
        &["Backup", "--now", NOW][..],
        &["Backup", "--now", NOW, "--json"],
        &["Backup", "--now", NOW, "--level", "contents", "--quiet"],
        &["show", phone, "--now", NOW],
        &["clean", "Backup", "--now", NOW, "--json"],
        &["config", "show"],
    ] {
        for run in [
            world.output(with(world.command().args(words), &variable)),
            world.output(world.command().args(words).args(from_file)),
        ] {
            secret(&run);
            assert_ne!(run.code, 64, "{run:?}");
        }
    }
    let run = world.output(with(world.command().args(["config", "show"]), &variable));
    assert!(
        run.stdout.contains("\n# BKSCAN_PASSWORD is set\n"),
        "{run:?}"
    );
    let run = world.run(&["config", "show"]);
    assert!(
        run.stdout.contains("\n# BKSCAN_PASSWORD is not set\n"),
        "{run:?}"
    );
    // A command may name an account.
    let words = [
        "config",
        "show",
        "--redact",
        "--password-command",
        "find annas",
    ];
    let run = world.run(&words);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!run.stdout.contains("annas"), "{run:?}");
}

// ---- With which commands ----

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn options_of_other_commands_are_refused() {
    let world = world();
    for (words, told) in [
        (
            &["explain", "--password-file", "f"][..],
            "--password-file goes with a scan, show, diff or clean",
        ),
        (
            &["history", "--password-command", "c"],
            "--password-command goes with a scan, show, diff or clean",
        ),
        (
            &["--ask-password", "history"],
            "--ask-password goes with a scan, show, diff or clean",
        ),
        (
            &["Backup", "--subset", "weekly"],
            "--subset goes with --level contents",
        ),
        (
            &["--subset", "weekly", "--level", "quick", "Backup"],
            "--subset goes with --level contents",
        ),
        (
            &["schedule", "cron", "Backup", "--subset=weekly"],
            "--subset goes with --level contents",
        ),
        (
            &["show", PHONE, "--level", "contents", "--subset", "weekly"],
            "--subset goes with a scan",
        ),
        (
            &["clean", "Backup", "--level=contents", "--subset=weekly"],
            "--subset goes with a scan",
        ),
    ] {
        refused(&world.run(words), &[told]);
    }
    let run = world.run(&["Backup", "--level", "contents", "--subset", "daily"]);
    assert_eq!(run.code, 64);
    assert!(run.stderr.contains("weekly"), "{run:?}");
}

/// As a setting it does no harm where it has no meaning.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_subset_may_be_a_setting() {
    let world = world();
    world.configure("subset = 'weekly'\n");
    let folder = format!("Backup/{PHONE}");
    for (words, level) in [
        (&["Backup"][..], "standard"),
        (&["Backup", "--level", "contents"], "contents"),
        (&["clean", "Backup", "--level", "contents"], "contents"),
        (&["clean", "Backup", "--level", "quick"], "standard"),
        (&["show", &folder, "--level", "contents"], "contents"),
    ] {
        let run = world.run(&[words, &["--json", "--now", NOW]].concat());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(document["level"], level, "{words:?}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn whole_files_are_read_by_eight_threads() {
    let world = World::new();
    let threads = |words: &[&str]| {
        let run = world.run(&[&["config", "show"], words].concat());
        let mut lines = run.stdout.lines();
        let line = lines.find(|line| line.starts_with("threads = ")).unwrap();
        line.split_whitespace().nth(2).unwrap().to_owned()
    };
    assert_eq!(threads(&["--level", "contents"]), "8");
    assert_eq!(threads(&["--level", "contents", "--threads", "3"]), "3");
}

// ---- The terminal ----

#[cfg(target_os = "linux")]
mod terminal {
    use std::fs::File;
    use std::io::{Read as _, Write as _};
    use std::os::unix::ffi::OsStrExt as _;
    use std::process::{Child, Stdio};
    use std::time::{Duration, Instant};

    use rustix::pty::ptsname;

    use super::*;
    use crate::clean::command::{terminal, wait_for};
    use crate::harness::Ended as _;

    const PROMPT: &str = "Password of the encrypted backups (not shown): ";

    /// The command in a session of its own: without a terminal, or with its stdin as one.
    fn in_session(command: &Command, has_terminal: bool) -> Command {
        let mut outer = Command::new("setsid");
        if has_terminal {
            outer.arg("--ctty");
        }
        outer.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => outer.env(name, value),
                None => outer.env_remove(name),
            };
        }
        outer.current_dir(command.get_current_dir().unwrap());
        outer
    }

    /// A program that has asked for a password on a terminal, and shows no more what is typed there.
    struct Asked {
        child: Child,
        /// What somebody types on and looks at.
        master: File,
        /// Held, so that the terminal stays as it was left.
        slave: File,
    }

    impl Asked {
        fn by(world: &World, words: &[&str]) -> Asked {
            let (slave, master) = terminal();
            let mut command = world.command();
            command.args(words).arg("--ask-password");
            let child = in_session(&command, true)
                .stdin(slave.try_clone().unwrap())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .started()
                .unwrap();
            wait_for(&master, PROMPT);
            let asked = Asked {
                child,
                master,
                slave,
            };
            let limit = Instant::now() + Duration::from_secs(20);
            while asked.shows_what_is_typed() {
                assert!(Instant::now() < limit, "what is typed is shown");
                std::thread::sleep(Duration::from_millis(2));
            }
            asked
        }

        fn shows_what_is_typed(&self) -> bool {
            let name = ptsname(&self.master, Vec::new()).unwrap();
            let mut stty = Command::new("stty");
            stty.arg("-F")
                .arg(std::ffi::OsStr::from_bytes(name.as_bytes()));
            let settings: Run = stty.arg("-a").ended().unwrap().into();
            settings
                .stdout
                .split_whitespace()
                .any(|word| word == "echo")
        }

        /// Types this, and tells how the program ended and what was to be seen on the terminal.
        fn answer(mut self, typed: &str) -> (Run, String) {
            self.master.write_all(typed.as_bytes()).unwrap();
            let mut run = Run {
                code: 0,
                stdout: String::new(),
                stderr: String::new(),
            };
            let (stdout, stderr) = (self.child.stdout.take(), self.child.stderr.take());
            stdout.unwrap().read_to_string(&mut run.stdout).unwrap();
            stderr.unwrap().read_to_string(&mut run.stderr).unwrap();
            run.code = self.child.wait().unwrap().code().unwrap();
            assert!(self.shows_what_is_typed(), "the terminal was left mute");
            drop(self.slave);
            let mut seen = Vec::new();
            // The end of a terminal is an error.
            let _ = self.master.read_to_end(&mut seen);
            (run, String::from_utf8(seen).unwrap())
        }
    }

    #[test]
    fn a_password_is_asked_for_once_and_not_shown() {
        let world = world();
        for words in [
            &["Backup", "--now", NOW][..],
            &["Backup", "--now", NOW, "--quiet"],
            &["Backup", "--now", NOW, "--json"],
            &["clean", "Backup", "--now", NOW],
        ] {
            let (run, seen) = Asked::by(&world, words).answer(&format!("{SECRET}\n"));
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
            assert_eq!(run.stdout.is_empty(), words.contains(&"--quiet"));
            assert_eq!(seen.trim(), "", "{words:?}");
            secret(&run);
        }
    }

    #[test]
    fn no_answer_is_no_password() {
        let world = world();
        for typed in ["\n", "x\u{7f}\n", "\u{4}"] {
            let (run, _) = Asked::by(&world, &["Backup", "--now", NOW]).answer(typed);
            assert_eq!(run.code, 0, "{run:?}");
            assert_eq!(
                run.stderr, "bkscan: no password was typed: encrypted backups stay locked\n",
                "{typed:?}"
            );
            assert!(run.stdout.contains("2 backups"), "{run:?}");
        }
    }

    #[test]
    fn ctrl_c_at_the_question_ends_the_program() {
        let world = world();
        let asked = Asked::by(&world, &["Backup", "--now", NOW, "--json"]);
        let (run, seen) = asked.answer("hunter2\u{3}");
        assert_eq!(
            (run.code, run.stdout.as_str(), run.stderr.as_str()),
            (130, "", "")
        );
        assert_eq!(seen.trim(), "");
    }

    /// What would be written to a disk if it crashed now would hold the password.
    #[test]
    fn there_are_no_core_dumps_from_before_the_question() {
        let world = world();
        let asked = Asked::by(&world, &["Backup", "--now", NOW]);
        let limits = fs::read_to_string(format!("/proc/{}/limits", asked.child.id())).unwrap();
        let line = limits
            .lines()
            .find_map(|line| line.strip_prefix("Max core file size"));
        let words: Vec<_> = line.unwrap().split_whitespace().collect();
        assert_eq!(words, ["0", "0", "bytes"]);
        asked.answer("\n");
    }

    #[test]
    fn without_a_terminal_it_says_what_else_there_is() {
        let world = world();
        for words in [&["Backup"][..], &["clean", "Backup"], &["show", PHONE]] {
            let mut command = world.command();
            command.args(words).arg("--ask-password");
            if words[0] == "show" {
                command.current_dir(world.backups());
            }
            let mut command = in_session(&command, false);
            let run: Run = command.stdin(Stdio::null()).ended().unwrap().into();
            refused(
                &run,
                &["no terminal", "--password-file", "--password-command"],
            );
        }
    }
}
