//! Where the password of encrypted backups comes from, and where it must never show (contract §1).

#![cfg(not(windows))]

use std::borrow::BorrowMut;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::cli::configured::{PHONE, SPARE, World, backup, phone};
use crate::harness::{Run, set_mode};

const SECRET: &str = "hunter2 Tr0ub4dor";

/// The backups of two phones; no password is needed for them.
fn world() -> World {
    World::of([phone("2026-11-10"), backup(SPARE, "Spare", "2026-09-01")])
}

/// A file with this text that nobody else can read.
fn private(world: &World, name: &str, text: &[u8]) -> PathBuf {
    let path = world.path(name);
    fs::write(&path, text).unwrap();
    set_mode(&path, 0o600);
    path
}

/// What is typed, and this in the environment.
fn with(world: &World, words: &str, env: &[(&str, &str)]) -> Command {
    let mut command = world.typed(words);
    command.envs(env.iter().copied());
    command
}

/// The command line is refused, in one line that has these words and nothing secret.
#[track_caller]
fn refused(world: &World, command: impl BorrowMut<Command>, words: &[&str]) {
    let said = world.refuses(command, words);
    assert!(!said.contains("hunter2"), "{said}");
}

#[track_caller]
fn secret(run: &Run) {
    let told = [&run.stdout, &run.stderr];
    assert!(told.iter().all(|told| !told.contains("hunter2")), "{run:?}");
}

// ---- Which one counts ----

#[test]
fn the_options_exclude_one_another() {
    let world = world();
    let ask = "--ask-password";
    let [file, command] = ["--password-file f", "--password-command c"];
    for (one, other) in [(ask, file), (file, command), (command, ask)] {
        let [name, other_name] = [one, other].map(|words| words.split(' ').next().unwrap());
        for words in [
            format!("{one} {other} Backup"),
            format!("clean Backup {other} {one}"),
            format!("{one} show PHONE {other}"),
            format!("{one} config show {other}"),
        ] {
            refused(&world, world.typed(&words), &[name, other_name, "exclude"]);
        }
    }
    let [file, command] = ["BKSCAN_PASSWORD_FILE", "BKSCAN_PASSWORD_COMMAND"];
    let both = with(&world, "Backup", &[(file, "f"), (command, "c")]);
    refused(&world, both, &[file, command, "exclude"]);
    world.configure("quiet = true\npassword-file = 'f'\nask-password = true\n");
    let line = "config.toml, line 2: ask-password and password-file exclude one another";
    refused(&world, world.typed("Backup"), &[line]);
}

#[test]
fn typed_counts_before_the_environment_and_that_before_the_file() {
    let world = World::new();
    let in_effect = |env: &[(&str, &str)], typed: &[&str]| {
        let mut command = with(&world, "config show", env);
        world.in_effect("password", command.args(typed))
    };
    world.configure("\npassword-command = \"pass show $BKSCAN_UDID\"\n");
    let from_file =
        "password-command = \"pass show $BKSCAN_UDID\" # line 2 of the configuration file";
    assert_eq!(in_effect(&[], &[]), from_file);
    let env = [("BKSCAN_PASSWORD_FILE", "/e/f")];
    let from_env = "password-file = \"/e/f\" # BKSCAN_PASSWORD_FILE";
    assert_eq!(in_effect(&env, &[]), from_env);
    let typed = "ask-password = true # --ask-password";
    assert_eq!(in_effect(&env, &["--ask-password"]), typed);
    let command = in_effect(&env, &["--password-command", "x y"]);
    assert_eq!(command, "password-command = \"x y\" # --password-command");
    // A switch that is off names no source.
    let off = [("BKSCAN_ASK_PASSWORD", "0")];
    assert_eq!(in_effect(&off, &[]), from_file);
    world.configure("ask-password = true\n");
    assert_eq!(in_effect(&off, &[]), "");
    // A relative path begins at the file.
    world.configure("password-file = 'secret.txt'\n");
    let beside = in_effect(&[], &[]);
    let folder = world.path("config").join("bkscan").join("secret.txt");
    let expected = format!("password-file = \"{}\" #", folder.display());
    assert!(beside.starts_with(&expected), "{beside}");
}

/// The file that counts is used: one that is not there is an error, and one that does not count is not
/// even looked at.
#[test]
fn only_what_counts_is_used() {
    let world = world();
    private(&world, "good", SECRET.as_bytes());
    let scan = "Backup --now NOW";
    let lost = ("BKSCAN_PASSWORD_FILE", "lost");
    refused(&world, with(&world, scan, &[lost]), &["lost"]);
    let good = format!("{scan} --password-file good");
    world.well(with(&world, &good, &[lost]));
    // The password of the environment does not save a source that counts before it.
    let both = [lost, ("BKSCAN_PASSWORD", SECRET)];
    refused(&world, with(&world, scan, &both), &["lost"]);
    // A variable without a value says nothing.
    let empty = [("BKSCAN_PASSWORD_FILE", ""), ("BKSCAN_PASSWORD", "")];
    assert_eq!(world.output(&mut with(&world, scan, &empty)).code, 0);
}

// ---- Never an argument, never a setting ----

#[test]
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
        refused(&world, world.command().args(words), &three);
    }
    // Behind the two hyphens everything is a path.
    let run = world.enter("-- --password");
    assert_eq!(run.code, 3, "{run:?}");
    let variable = "BKSCAN_ASK_PASSWORD";
    let preset = with(&world, "Backup", &[(variable, SECRET)]);
    refused(&world, preset, &[variable, "true or false"]);
    for (toml, line) in [
        (format!("quiet = true\npassword = \"{SECRET}\"\n"), 2),
        (format!("\n[devices.{SPARE}]\npassword = '{SECRET}'\n"), 3),
    ] {
        world.configure(&toml);
        let line = format!("config.toml, line {line}: a password does not stand in this file");
        for words in ["Backup", "config show"] {
            let told = [&*line, "password-file", "password-command"];
            refused(&world, world.typed(words), &told);
        }
    }
    world.configure(&format!("ask-password = \"{SECRET}\"\n"));
    refused(&world, world.typed("Backup"), &["line 1", "true or false"]);
}

// ---- The file ----

#[test]
fn a_file_that_holds_no_password_is_refused_by_its_name() {
    let world = world();
    fs::create_dir(world.path("a folder")).unwrap();
    private(&world, "empty", b"");
    private(&world, "first line", b"\nhunter2\n");
    let large = format!("hunter2{}", "\n".repeat(65_530));
    private(&world, "large", large.as_bytes());
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
        for command in ["Backup", "clean Backup", "show PHONE"] {
            let mut command = world.typed(command);
            refused(&world, command.args(["--password-file", name]), &words);
        }
        let mut redacted = world.typed("Backup --redact --password-file");
        let told = ["the password file cannot be used"];
        let said = world.refuses(redacted.arg(name), &told);
        assert!(!said.contains(name) && !said.contains("hunter2"), "{said}");
    }
    // It is the command line that is wrong, whatever else could not be looked at.
    let nobody = world.typed("show nobody --password-file missing");
    refused(&world, nobody, &["missing"]);
}

#[test]
fn a_file_that_others_can_read_is_refused() {
    let world = world();
    let file = private(&world, "it's mine", SECRET.as_bytes());
    let mut command = world.typed("Backup --now NOW --password-file");
    command.arg("it's mine");
    for mode in [0o644, 0o640, 0o604, 0o440, 0o777] {
        set_mode(&file, mode);
        let told = format!("(mode {mode:o})");
        let chmod = r"chmod 600 'it'\''s mine'";
        refused(&world, &mut command, &["others can read it", &told, chmod]);
    }
    for mode in [0o600, 0o400, 0o700] {
        set_mode(&file, mode);
        let shown = world.well(&mut command);
        assert!(!shown.contains("hunter2"), "{mode:o} {shown}");
    }
    // A link is as private as what it leads to.
    symlink(&file, world.path("link")).unwrap();
    let mut linked = world.typed("Backup --now NOW --password-file link");
    assert_eq!(world.output(&mut linked).code, 0);
    set_mode(&file, 0o644);
    refused(&world, &mut linked, &["others can read it"]);
    fs::remove_file(&file).unwrap();
    refused(&world, &mut linked, &["link", "could not be read"]);
}

/// It ends, although nobody ever writes into the pipe.
#[test]
fn a_pipe_is_no_password_file() {
    let world = world();
    let made = Command::new("mkfifo").arg(world.path("pipe")).status();
    assert!(made.unwrap().success());
    let pipe = world.typed("Backup --password-file pipe");
    refused(&world, pipe, &["pipe", "not a regular file", "name a file"]);
    let null = world.typed("Backup --password-file /dev/null");
    refused(&world, null, &["/dev/null", "not a regular file"]);
}

#[test]
fn a_nightly_job_knows_where_the_password_is_and_not_what_it_is() {
    let world = world();
    private(&world, "pass word", SECRET.as_bytes());
    let schedule = |kind: &str, typed: &[&str], env: &[(&str, &str)]| {
        let mut command = with(&world, &format!("schedule {kind} Backup"), env);
        let run = world.output(command.args(typed));
        secret(&run);
        assert_eq!(run.code, 0, "{command:?} {run:?}");
        run
    };
    let file = format!("--password-file '{}'", world.path("pass word").display());
    let run = schedule("cron", &["--password-file", "pass word"], &[]);
    assert_eq!(run.stderr, "", "{run:?}");
    assert_eq!(run.stdout.matches(&file).count(), 3, "{run:?}");
    let command = r#"pass show "backup/$BKSCAN_UDID""#;
    let in_cron = format!("--password-command '{command}'");
    let in_systemd = r#"--password-command "pass show \"backup/$$BKSCAN_UDID\"""#;
    let in_launchd = "<string>pass show &quot;backup/$BKSCAN_UDID&quot;</string>";
    for (kind, words) in [
        ("cron", &*in_cron),
        ("systemd", in_systemd),
        ("launchd", in_launchd),
    ] {
        let typed = ["--password-command", command];
        let password = [("BKSCAN_PASSWORD", SECRET)];
        for run in [
            schedule(kind, &typed, &[]),
            schedule(kind, &typed, &password),
            schedule(kind, &[], &[("BKSCAN_PASSWORD_COMMAND", command)]),
        ] {
            assert_eq!(run.stderr, "", "{run:?}");
            assert!(run.stdout.contains(words), "no {words} in {run:?}");
        }
        // What the environment holds is not even named in the job.
        let run = schedule(kind, &[], &password);
        assert!(!run.stdout.contains("PASSWORD"), "{run:?}");
        let note = "BKSCAN_PASSWORD does not go into the job: --password-file reads";
        assert!(run.stderr.contains(note), "{run:?}");
    }
    // What the configuration file says is not repeated: the job reads it, too.
    world.configure("password-command = 'pass show x'\n");
    let run = schedule("cron", &[], &[]);
    assert!(!run.stdout.contains("password"), "{run:?}");
    assert_eq!(run.stderr, "", "{run:?}");
}

#[test]
fn a_nightly_job_cannot_ask() {
    let world = world();
    let job = "schedule cron Backup";
    let cannot = |command: Command| {
        let instead = ["--password-file", "--password-command"];
        let told = ["--ask-password and a nightly job", instead[0], instead[1]];
        refused(&world, command, &told);
    };
    cannot(world.typed("schedule cron Backup --ask-password"));
    cannot(with(&world, job, &[("BKSCAN_ASK_PASSWORD", "1")]));
    world.configure("ask-password = true\n");
    cannot(world.typed(job));
    // The variable is not there at night, and the file is.
    cannot(with(&world, job, &[("BKSCAN_ASK_PASSWORD", "0")]));
    world.well(world.typed("schedule cron Backup --password-command p"));
}

// ---- Where it must not show ----

#[test]
fn nothing_that_is_printed_has_the_password() {
    let world = World::of([phone("2026-11-10").encrypted()]);
    private(&world, "file", format!("{SECRET}\nmore\n").as_bytes());
    let variable = [("BKSCAN_PASSWORD", SECRET)];
    for words in [
        "Backup --now NOW",
        "Backup --now NOW --json",
        "Backup --now NOW --level contents --quiet",
        "show Backup/PHONE --now NOW",
        "clean Backup --now NOW --json",
        "config show",
    ] {
        let from_file = format!("{words} --password-file file");
        for mut command in [with(&world, words, &variable), world.typed(&from_file)] {
            let run = world.output(&mut command);
            secret(&run);
            assert_ne!(run.code, 64, "{words} {run:?}");
        }
    }
    let run = world.output(&mut with(&world, "config show", &variable));
    let set = "\n# BKSCAN_PASSWORD is set\n";
    assert!(run.stdout.contains(set), "{run:?}");
    let run = world.enter("config show");
    let not_set = "\n# BKSCAN_PASSWORD is not set\n";
    assert!(run.stdout.contains(not_set), "{run:?}");
    // A command may name an account.
    let mut command = world.typed("config show --redact --password-command");
    let run = world.output(command.arg("find annas"));
    assert_eq!(run.code, 0, "{run:?}");
    assert!(!run.stdout.contains("annas"), "{run:?}");
}

// ---- With which commands ----

#[test]
fn options_of_other_commands_are_refused() {
    let world = world();
    for words in [
        "explain --password-file f",
        "history --password-command c",
        "--ask-password history",
    ] {
        let option = words.split(' ').find(|word| word.starts_with("--"));
        let told = format!(
            "{} goes with a scan, show, diff, mend or clean",
            option.unwrap()
        );
        refused(&world, world.typed(words), &[&told]);
    }
    for (words, told) in [
        ("Backup --subset weekly", "--level contents"),
        ("--subset weekly --level quick Backup", "--level contents"),
        ("schedule cron Backup --subset=weekly", "--level contents"),
        ("show PHONE --level contents --subset weekly", "a scan"),
        ("clean Backup --level=contents --subset=weekly", "a scan"),
    ] {
        let told = format!("--subset goes with {told}");
        refused(&world, world.typed(words), &[&told]);
    }
    let run = world.enter("Backup --level contents --subset daily");
    assert_eq!(run.code, 64);
    assert!(run.stderr.contains("weekly"), "{run:?}");
}

/// As a setting it does no harm where it has no meaning.
#[test]
fn a_subset_may_be_a_setting() {
    let world = world();
    world.configure("subset = 'weekly'\n");
    for (words, level) in [
        ("Backup", "standard"),
        ("Backup --level contents", "contents"),
        ("clean Backup --level contents", "contents"),
        ("clean Backup --level quick", "standard"),
        ("show Backup/PHONE --level contents", "contents"),
    ] {
        let printed = world.well(world.typed(&format!("{words} --json --now NOW")));
        let document: Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(document["level"], level, "{words}");
    }
}

#[test]
fn whole_files_are_read_by_more_threads() {
    let world = World::new();
    let threads = |words: &str| world.in_effect("threads", world.typed(words));
    let contents = "config show --level contents";
    let by_level = threads(contents);
    let usual = if cfg!(target_os = "linux") { 16 } else { 8 };
    assert!(
        by_level.starts_with(&format!("threads = {usual} ")),
        "{by_level}"
    );
    let typed = threads(&format!("{contents} --threads 3"));
    assert!(typed.starts_with("threads = 3 "), "{typed}");
}

// ---- The terminal ----

#[cfg(target_os = "linux")]
mod terminal {
    use std::fs::File;
    use std::io::{Read as _, Write as _};
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

    fn shows_what_is_typed(master: &File) -> bool {
        let name = ptsname(master, Vec::new()).unwrap();
        let mut stty = Command::new("stty");
        stty.args(["-a", "-F", name.to_str().unwrap()]);
        let settings = Run::from(stty.ended().unwrap()).stdout;
        settings.split_whitespace().any(|word| word == "echo")
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
        fn by(world: &World, words: &str) -> Asked {
            let (slave, master) = terminal();
            let command = world.typed(&format!("{words} --ask-password"));
            let child = in_session(&command, true)
                .stdin(slave.try_clone().unwrap())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .started()
                .unwrap();
            wait_for(&master, PROMPT);
            let limit = Instant::now() + Duration::from_secs(20);
            while shows_what_is_typed(&master) {
                assert!(Instant::now() < limit, "what is typed is shown");
                std::thread::sleep(Duration::from_millis(2));
            }
            Asked {
                child,
                master,
                slave,
            }
        }

        /// Types this, and tells how the program ended and what was to be seen on the terminal.
        fn answer(mut self, typed: &str) -> (Run, String) {
            self.master.write_all(typed.as_bytes()).unwrap();
            let run = Run::from(self.child.wait_with_output().unwrap());
            assert!(shows_what_is_typed(&self.master), "it was left mute");
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
            "Backup --now NOW",
            "Backup --now NOW --quiet",
            "Backup --now NOW --json",
            "clean Backup --now NOW",
        ] {
            let (run, seen) = Asked::by(&world, words).answer(&format!("{SECRET}\n"));
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{words} {run:?}");
            assert_eq!(run.stdout.is_empty(), words.contains("--quiet"));
            assert_eq!(seen.trim(), "", "{words}");
            secret(&run);
        }
    }

    #[test]
    fn no_answer_is_no_password() {
        let world = world();
        for typed in ["\n", "x\u{7f}\n", "\u{4}"] {
            let (run, _) = Asked::by(&world, "Backup --now NOW").answer(typed);
            assert_eq!(run.code, 0, "{typed:?} {run:?}");
            let said = "bkscan: no password was typed: encrypted backups stay locked\n";
            assert_eq!(run.stderr, said, "{typed:?}");
            assert!(run.stdout.contains("2 backups"), "{typed:?} {run:?}");
        }
    }

    #[test]
    fn ctrl_c_at_the_question_ends_the_program() {
        let world = world();
        let asked = Asked::by(&world, "Backup --now NOW --json");
        let (run, seen) = asked.answer("hunter2\u{3}");
        let outcome = (run.code, &*run.stdout, &*run.stderr, seen.trim());
        assert_eq!(outcome, (130, "", "", ""));
    }

    /// What would be written to a disk if it crashed now would hold the password.
    #[test]
    fn there_are_no_core_dumps_from_before_the_question() {
        let world = world();
        let asked = Asked::by(&world, "Backup --now NOW");
        let limits = fs::read_to_string(format!("/proc/{}/limits", asked.child.id())).unwrap();
        let mut lines = limits.lines();
        let line = lines.find_map(|line| line.strip_prefix("Max core file size"));
        let words: Vec<_> = line.unwrap().split_whitespace().collect();
        assert_eq!(words, ["0", "0", "bytes"]);
        asked.answer("\n");
    }

    #[test]
    fn without_a_terminal_it_says_what_else_there_is() {
        let world = world();
        for (words, folder) in [
            ("Backup", "."),
            ("clean Backup", "."),
            ("show PHONE", "Backup"),
        ] {
            let mut command = world.typed(&format!("{words} --ask-password"));
            command.current_dir(world.path(folder));
            let mut command = in_session(&command, false);
            let told = ["no terminal", "--password-file", "--password-command"];
            refused(&world, command.stdin(Stdio::null()), &told);
        }
    }
}
