//! The command that hears what is wrong (contract §1, §12): when it runs, what it is told, and that nothing
//! else changes by it.

use std::fs;

use serde_json::Value;

use super::configured::{PHONE, TABLET, World, backup, corrupt, phone, tablet};
use crate::harness::{NOW, Run};

/// Writes down what it is told.
const NOTE: &str = r#"{ echo "$BKSCAN_EXIT"; echo "$BKSCAN_HEADLINE"; echo "${BKSCAN_PASSWORD-none}"; cat; } >>heard"#;

/// A scan of `Backup` at [`NOW`].
fn scan(world: &World, args: &[&str]) -> Run {
    world.run(&[&["Backup", "--now", NOW, "--no-state"], args].concat())
}

/// What the command wrote down since it was asked last.
fn heard(world: &World) -> Option<String> {
    let file = world.path("heard");
    let heard = fs::read_to_string(&file).ok()?;
    fs::remove_file(file).unwrap();
    Some(heard)
}

#[test]
fn it_hears_what_a_quiet_run_says_and_nothing_while_all_is_well() {
    let world = World::of([phone("2026-11-10")]);
    let run = scan(&world, &["--quiet", "--on-problem", NOTE]);
    assert_eq!((run.all(), heard(&world)), ((0, "", ""), None));
    tablet().write(&world.backups());
    let run = scan(&world, &["--quiet", "--on-problem", NOTE]);
    assert_eq!((run.all(), heard(&world)), ((0, "", ""), None));
    for (args, code) in [
        (&["--fail-on", "warning"][..], 1),
        (&["--stale-after", "1d", "--fail-on", "warning"], 1),
        (&["nowhere"], 3),
    ] {
        let quiet = scan(&world, &[args, &["--quiet"]].concat());
        assert_eq!(quiet.code, code, "{args:?}");
        let headline = quiet.stdout.lines().next().unwrap();
        let expected = format!("{code}\n{headline}\nnone\n{}", quiet.stdout);
        for form in ["--quiet", "--advice=short", "--json"] {
            let alone = scan(&world, &[args, &[form]].concat());
            let told = scan(&world, &[args, &[form, "--on-problem", NOTE]].concat());
            assert_eq!((told.code, &told.stderr), (code, &alone.stderr));
            assert_eq!(told.stdout.is_empty(), alone.stdout.is_empty());
            assert_eq!(heard(&world).as_ref(), Some(&expected), "{form} {args:?}");
        }
    }
}

#[test]
fn whatever_it_does_the_scan_says_and_ends_the_same() {
    let world = World::of([corrupt(PHONE, "2026-11-10")]);
    let alone = scan(&world, &["--quiet"]);
    let ended = |how: &str| format!("bkscan: the command of --on-problem {how}\n");
    for (command, stderr) in [
        ("true", String::new()),
        ("exit 3", ended("ended with exit code 3")),
        ("exec <&-", String::new()),
        ("kill -9 $$", ended("was ended by a signal")),
        // What it prints is not taken for the result.
        ("echo noise", "noise\n".to_owned()),
        (
            "echo noise >&2; exit 1",
            "noise\n".to_owned() + &ended("ended with exit code 1"),
        ),
    ] {
        let run = scan(&world, &["--quiet", "--on-problem", command]);
        assert_eq!(run.all(), (2, &*alone.stdout, &*stderr), "{command}");
    }
    let run = scan(&world, &["--json", "--on-problem", "echo noise"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&document["exit_code"], run.code), (&Value::from(2), 2));
    // One that cannot be started.
    let mut command = world.typed("Backup --now NOW --quiet --on-problem true");
    let run = world.output(command.env("PATH", "/nowhere"));
    let stderr = ended("could not be started: No such file or directory");
    assert_eq!((run.code, run.stdout), (2, alone.stdout), "{}", run.stderr);
    assert!(run.stderr.starts_with(stderr.trim_end()), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1);
}

#[test]
fn it_hears_neither_a_password_nor_what_is_redacted() {
    let world = World::of([corrupt(PHONE, "2026-11-10")]);
    let mut command = world.typed("Backup --now NOW --quiet --redact");
    command
        .args(["--on-problem", NOTE])
        .env("BKSCAN_PASSWORD", "secret");
    let run = world.output(&mut command);
    let told = heard(&world).unwrap();
    let headline = run.stdout.lines().next().unwrap();
    assert_eq!(told, format!("2\n{headline}\nnone\n{}", run.stdout));
    for personal in ["Broken", PHONE, "secret", "Backup/"] {
        assert!(!told.contains(personal), "{personal}: {told}");
    }
}

/// A name of a device is not the user's: whoever made the backup may have chosen it.
#[test]
fn a_name_is_no_command() {
    const NAME: &str = "a\n\"b\" 'c' $(touch hit) `touch hit` ; touch hit & | \u{1b}[31m %n \\";
    let world = World::of([
        backup(PHONE, NAME, "2026-11-10").remove_payload("HomeDomain", "Library/note.txt")
    ]);
    let run = scan(&world, &["--quiet", "--on-problem", NOTE]);
    let headline = "bkscan: a\"b\" 'c' $(touch hit) `touch hit` ; touch hit & | [31m %n \\ is corrupt \
                    (22 Nov 2026, 12:00)";
    assert_eq!(run.stdout.lines().next(), Some(headline));
    let told = heard(&world).unwrap();
    assert_eq!(told, format!("2\n{headline}\nnone\n{}", run.stdout));
    assert!(!world.path("hit").exists());
    // However long it is.
    let long = "ü".repeat(300_000);
    corrupt(PHONE, "2026-11-10")
        .device(&long, "iPhone16,1", None, "26.1", "23B85")
        .folder_name("long")
        .write(&world.backups());
    let run = scan(&world, &["--quiet", "--on-problem", NOTE]);
    assert_eq!((run.code, &*run.stderr), (2, ""));
    assert!(heard(&world).is_some());
}

#[test]
fn it_hears_that_nothing_could_be_looked_at() {
    let world = World::of([phone("2026-11-10")]);
    let command = |words: &str| {
        let mut command = world.typed(words);
        command.args(["--on-problem", NOTE]);
        command
    };
    for words in [
        "Backup --level deep",
        "Backup --password-file missing",
        "Backup --nonsense",
        "Backup --delete",
    ] {
        let run = world.output(&mut command(words));
        let expected = format!("64\n{}none\n{}", run.stderr, run.stderr);
        assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{words}");
        assert_eq!(heard(&world), Some(expected), "{words}");
    }
    // Where the file that says how to scan is wrong, too.
    world.configure("keep-last = 0");
    let run = world.output(&mut command("Backup"));
    assert_eq!(
        heard(&world),
        Some(format!("64\n{}none\n{}", run.stderr, run.stderr))
    );
    let run = world.output(command("Backup --redact").env("BKSCAN_ON_PROBLEM", "false"));
    let said = "bkscan: a setting is wrong; leave out --redact to see which\n";
    assert_eq!(run.all(), (64, "", said));
    assert_eq!(heard(&world), Some(format!("64\n{said}none\n{said}")));
}

/// The file that has the command may be what is wrong, or what has to be read all the same.
#[test]
fn it_hears_it_from_the_configuration_file_too() {
    let world = World::of([phone("2026-11-10")]);
    let setting = format!("on-problem = '''{NOTE}'''");
    for (file, words) in [
        (format!("keep-last = 0\n{setting}"), "Backup"),
        (setting.clone(), "Backup --nonsense"),
        (format!("nonsense =\n{setting}"), "Backup --json"),
    ] {
        world.configure(&file);
        let run = world.enter(words);
        let expected = format!("64\n{}none\n{}", run.stderr, run.stderr);
        assert_eq!(run.code, 64, "{run:?}");
        assert_eq!(heard(&world), Some(expected), "{words}");
    }
    world.configure("");
    fs::write(world.path("other.toml"), &setting).unwrap();
    for (words, expected) in [
        ("Backup --config other.toml --nonsense", true),
        ("show Backup --config=other.toml --nonsense", false),
    ] {
        assert_eq!(world.enter(words).code, 64);
        assert_eq!(heard(&world).is_some(), expected, "{words}");
    }
}

/// What is typed may be a name, too.
#[test]
fn it_hears_nothing_personal_of_a_wrong_call() {
    let world = World::of([phone("2026-11-10")]);
    let said = "bkscan: the call is wrong; leave out --redact to see where\n";
    for words in [
        "Backup --redact --level /home/secret-anna",
        "--redact --secret-anna",
    ] {
        let mut command = world.typed(words);
        let run = world.output(command.args(["--on-problem", NOTE]));
        assert_eq!(run.all(), (64, "", said), "{words}");
        assert_eq!(heard(&world), Some(format!("64\n{said}none\n{said}")));
    }
}

/// Nobody was told of it.
#[test]
fn what_it_did_not_hear_is_as_new_to_the_next_run() {
    let world = World::of([corrupt(PHONE, "2026-11-10")]);
    let scan = |state: &str, fail_on: &str, command: &str| {
        let words = format!("Backup --now NOW --quiet --state-dir {state} --fail-on {fail_on}");
        let mut typed = world.typed(&words);
        world.output(typed.args(["--on-problem", command])).code
    };
    assert_eq!(scan("a", "new", "exit 1"), 2);
    assert_eq!(scan("a", "new", NOTE), 2);
    assert!(heard(&world).is_some());
    assert_eq!(scan("a", "new", NOTE), 0);
    assert_eq!(heard(&world), None);
    // Where all counts, all is told again anyway, and the run is remembered.
    assert_eq!(scan("b", "error", "exit 1"), 2);
    assert_eq!(scan("b", "new", NOTE), 0);
}

/// However many signals come while it runs.
#[cfg(unix)]
#[test]
fn it_is_not_left_behind() {
    use std::io::Read as _;
    use std::sync::mpsc;
    use std::time::Duration;

    let world = World::of([corrupt(PHONE, "2026-11-10")]);
    for name in ["alive", "never"] {
        let made = std::process::Command::new("mkfifo")
            .arg(world.path(name))
            .status();
        assert!(made.unwrap().success());
    }
    let line = "exec 3>alive; kill -INT $PPID; kill -TERM $PPID; cat <never";
    for (words, code) in [("Backup --now NOW --quiet", 2), ("Backup --nonsense", 64)] {
        let (sender, ended) = mpsc::channel();
        let alive = world.path("alive");
        std::thread::spawn(move || {
            let mut pipe = fs::File::open(alive).unwrap();
            sender.send(pipe.read(&mut [0]).unwrap())
        });
        let mut command = world.typed(words);
        let run = world.output(command.args(["--on-problem", line]));
        assert_eq!(run.code, code, "{run:?}");
        let told = "bkscan: the command of --on-problem did not end, and was stopped\n";
        assert!(run.stderr.ends_with(told), "{run:?}");
        // Nobody holds the other end any more.
        assert_eq!(
            ended.recv_timeout(Duration::from_secs(60)),
            Ok(0),
            "{words}"
        );
    }
}

#[test]
fn it_is_a_setting_of_scans_alone() {
    let world = World::of([corrupt(PHONE, "2026-11-10"), tablet()]);
    world.refuses(
        world.typed("show PHONE --on-problem x"),
        &["--on-problem goes with a scan"],
    );
    world.configure(&format!("on-problem = '''{NOTE}'''"));
    let shown = world.in_effect("on-problem", world.typed("config show"));
    assert!(shown.contains("BKSCAN_HEADLINE"), "{shown}");
    let redacted = world.in_effect("on-problem", world.typed("config show --redact"));
    assert!(!redacted.contains("BKSCAN_HEADLINE"), "{redacted}");
    let run = world.enter(&format!("show {TABLET}.. Backup"));
    assert_eq!((run.code, heard(&world)), (3, None));
    for words in [
        "show Backup/PHONE --now NOW",
        "clean Backup --now NOW",
        "history",
        "explain x",
    ] {
        world.enter(words);
        assert_eq!(heard(&world), None, "{words}");
    }
    assert_eq!(world.enter("Backup --now NOW").code, 2);
    assert!(heard(&world).is_some());
    // It goes into a job, once.
    let job =
        world.well(
            world
                .command()
                .args(["schedule", "cron", "Backup", "--on-problem", "a 'b' %"]),
        );
    let line = job.lines().find(|line| line.starts_with("30 3 ")).unwrap();
    let carried = r" --stale-after 30d --on-problem 'a '\''b'\'' '\%'' /";
    assert!(line.contains(carried), "{line}");
    let clean = "schedule cron clean Backup --keep-last 2 --on-problem x";
    world.refuses(world.typed(clean), &["--on-problem goes with a scan"]);
}
