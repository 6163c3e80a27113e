//! Jobs that are installed and removed (contract §1): with programs of a test in place of `crontab`, `systemctl`
//! and `launchctl`, which write down what they are called with.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::configured::{World, phone};
use crate::clean::command::{terminal, wait_for};
use crate::harness::{Ended as _, Run, files, set_mode};
use crate::support::tree_digest;

/// A table as its user may have it: lines of others, no text in one of them.
const OTHERS: &[u8] = b"MAILTO=a@example.org\n#\xff\n1 1 * * * echo 100\\%\n";

/// A crontab that keeps its table in the file `table`; `broken` has one that cannot be read, `full` one that cannot
/// be written, `deaf` one that keeps something else than it is given, and `shared` one that somebody else writes at
/// the same time.
const CRONTAB: &str = r#"#!/bin/sh
echo "crontab $*" >>"$FAKES/calls"
case "$1" in
  -l)
    [ ! -e "$FAKES/broken" ] || { echo "crontab: cannot open your table: Input/output error" >&2; exit 1; }
    [ -e "$FAKES/table" ] || { echo "no crontab for anna" >&2; exit 1; }
    cat "$FAKES/table" ;;
  -r) rm "$FAKES/table" ;;
  -)
    [ ! -e "$FAKES/full" ] || { echo "crontab: No space left on device" >&2; exit 1; }
    if [ -e "$FAKES/deaf" ]; then rm "$FAKES/deaf"; head -n 1 >"$FAKES/table"; else cat >"$FAKES/table"; fi
    [ ! -e "$FAKES/shared" ] || echo "0 0 * * * another" >>"$FAKES/table" ;;
esac
"#;

/// A systemctl or launchctl that fails where a file has the name of what it is to do, and one that is busy the
/// first time.
const CONTROL: &str = r#"#!/bin/sh
echo "${0##*/} $*" >>"$FAKES/calls"
for word; do [ ! -e "$FAKES/no-$word" ] || { echo "Failed to $word: no bus" >&2; exit 1; }
  [ ! -e "$FAKES/busy-$word" ] || { rm "$FAKES/busy-$word"; echo "Failed: 5: Input/output error" >&2; exit 5; }
done
"#;

struct Fakes {
    world: World,
}

impl Fakes {
    fn new() -> Fakes {
        let world = World::of([phone("2026-11-10")]);
        fs::create_dir(world.path("fakes")).unwrap();
        fs::create_dir(world.path("home")).unwrap();
        for (name, text) in [
            ("crontab", CRONTAB),
            ("systemctl", CONTROL),
            ("launchctl", CONTROL),
        ] {
            let program = world.path("fakes").join(name);
            fs::write(&program, text).unwrap();
            set_mode(&program, 0o755);
        }
        Fakes { world }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.world.path("fakes").join(name)
    }

    fn table(&self) -> Option<Vec<u8>> {
        fs::read(self.file("table")).ok()
    }

    /// What was called since it was asked last.
    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.file("calls")).unwrap_or_default();
        let _ = fs::remove_file(self.file("calls"));
        calls.lines().map(str::to_owned).collect()
    }

    fn command(&self, words: &str) -> Command {
        let mut command = self.world.typed(words);
        let path = format!("{}:/usr/bin:/bin", self.file("").display());
        command.env("PATH", path).env("FAKES", self.file(""));
        command
    }

    fn run(&self, words: &str) -> Run {
        self.world.output(&mut self.command(words))
    }

    /// What it says where it ends well.
    fn done(&self, words: &str) -> String {
        let run = self.run(words);
        assert_eq!(run.code, 0, "{words}: {run:?}");
        run.stdout
    }

    /// The same at a terminal, where something happens while it asks.
    fn asked(&self, words: &str, happens: impl FnOnce(&mut File, u32)) -> Run {
        let (tty, mut keys) = terminal();
        let mut command = self.command(words);
        command.stdin(tty);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        wait_for(&mut stderr, "Type yes: ");
        happens(&mut keys, child.id());
        let mut said = String::new();
        stderr.read_to_string(&mut said).unwrap();
        let ended = child.wait_with_output().unwrap();
        Run {
            stderr: said,
            ..ended.into()
        }
    }

    fn home(&self, path: &str) -> PathBuf {
        self.world.path("home").join(path)
    }
}

fn text(file: &Path) -> Option<String> {
    fs::read_to_string(file).ok()
}

#[test]
fn a_table_gets_the_job_and_loses_it_and_nothing_else() {
    for others in [None, Some(OTHERS)] {
        let fakes = Fakes::new();
        if let Some(others) = others {
            fs::write(fakes.file("table"), others).unwrap();
        }
        let printed = fakes.done("schedule cron Backup");
        assert_eq!(fakes.calls(), [""; 0]);
        let said = fakes.done("schedule cron Backup --install --yes");
        assert_eq!(
            said,
            "The job is installed. To remove it:\n  bkscan schedule cron --remove\n"
        );
        let expected = [others.unwrap_or_default(), printed.as_bytes()].concat();
        assert_eq!(fakes.table(), Some(expected.clone()));
        // Twice is once; another one takes its place, and one that cleans stands beside it.
        fakes.done("schedule cron Backup --install --yes");
        assert_eq!(fakes.table(), Some(expected.clone()));
        let weekly = fakes.done("schedule cron Backup --stale-after 9d");
        fakes.done("schedule cron Backup --stale-after 9d --install -y");
        let mut expected = [others.unwrap_or_default(), weekly.as_bytes()].concat();
        assert_eq!(fakes.table(), Some(expected.clone()));
        let clean = "schedule cron clean Backup --keep-last 2";
        expected.extend(fakes.done(clean).bytes());
        fakes.done(&format!("{clean} --install --yes"));
        assert_eq!(fakes.table(), Some(expected));
        let removed = fakes.done("schedule cron clean --remove --yes");
        assert_eq!(removed, "The job is removed.\n");
        fakes.done("schedule cron --remove --yes");
        assert_eq!(fakes.table().as_deref(), others);
        let none = fakes.done("schedule cron --remove --yes");
        assert_eq!(none, "There is no such job.\n");
        assert_eq!(fakes.table().as_deref(), others);
    }
}

/// The texts of the jobs say what their user may write into them.
#[test]
fn what_its_user_wrote_into_a_job_is_told_before_it_goes() {
    let fakes = Fakes::new();
    let own = "BKSCAN_ON_PROBLEM=tell";
    fakes.done("schedule cron Backup --install --yes");
    let table = String::from_utf8(fakes.table().unwrap()).unwrap();
    let end = "# end bkscan\n";
    fs::write(
        fakes.file("table"),
        table.replace(end, &format!("{own}\n{end}")),
    )
    .unwrap();
    let told = |words: &str| {
        let run = fakes.run(&format!("schedule {words} --yes"));
        assert_eq!(run.code, 0, "{run:?}");
        let (_, told) = run.stderr.split_once(" job would be ").unwrap();
        told.to_owned()
    };
    let head = "  the table of cron of this user; all other lines stay as they are: crontab";
    let changed = format!(
        "installed:\n{head} -\n  in place of the job that is there; of these lines nothing stays:\n    {own}\n"
    );
    assert_eq!(told("cron Backup --install"), changed);
    let same = format!("installed:\n{head} -\n  in place of the job that is there\n");
    assert_eq!(told("cron Backup --install"), same);
    let job = table
        .lines()
        .find(|line| line.starts_with("30 3 "))
        .unwrap();
    let removed = format!(
        "removed:\n{head} -r\n  all from its begin to its end goes; of these lines nothing stays:\n    {job}\n"
    );
    assert_eq!(told("cron --remove"), removed);
    fakes.done("schedule systemd Backup --install --yes");
    let service = fakes.home(".config/systemd/user/bkscan.service");
    let unit = text(&service).unwrap();
    fs::write(&service, format!("{unit}Environment={own}\n")).unwrap();
    let changed = format!(
        "{} (in place of the one that is there, of which these lines go)\n    Environment={own}\n",
        service.display()
    );
    let told = told("systemd Backup --install");
    assert!(told.contains(&changed), "{told}");
}

#[test]
fn a_table_that_cannot_be_read_or_written_stays_as_it_is() {
    let fakes = Fakes::new();
    fs::write(fakes.file("table"), OTHERS).unwrap();
    for (fault, told) in [
        (
            "broken",
            "the table of cron could not be read, and so it was left as it is: crontab -l ended with exit code 1: \
             crontab: cannot open your table: Input/output error",
        ),
        (
            "full",
            "crontab - ended with exit code 1: crontab: No space left on device; all is as it was",
        ),
        (
            "deaf",
            "the table of cron is not what was written; all is as it was",
        ),
        (
            "shared",
            "the table of cron is not what was written; and it could not be put back as it was: somebody else has \
             changed it at the same time, and it was left as it is: look at it with crontab -l",
        ),
    ] {
        fs::write(fakes.file(fault), "").unwrap();
        let run = fakes.run("schedule cron Backup --install --yes");
        assert_eq!((run.code, &*run.stdout), (2, ""), "{fault}: {run:?}");
        assert!(
            run.stderr.ends_with(&format!("bkscan: {told}\n")),
            "{fault}: {run:?}"
        );
        let printed = fakes.done("schedule cron Backup");
        let both = [OTHERS, printed.as_bytes(), b"0 0 * * * another\n"].concat();
        let expected = match fault {
            "shared" => &both,
            _ => OTHERS,
        };
        assert_eq!(fakes.table().as_deref(), Some(expected), "{fault}");
        let _ = fs::remove_file(fakes.file(fault));
    }
    // A job whose end is gone: what belongs to it nobody knows.
    let half = [OTHERS, b"# begin bkscan\n30 3 * * * x\n"].concat();
    fs::write(fakes.file("table"), &half).unwrap();
    fakes.calls();
    for words in ["Backup --install", "--remove"] {
        let run = fakes.run(&format!("schedule cron {words} --yes"));
        assert_eq!((run.code, &*run.stdout), (2, ""), "{run:?}");
        assert!(run.stderr.contains("crontab -e"), "{run:?}");
    }
    assert_eq!(fakes.calls(), ["crontab -l", "crontab -l"]);
    assert_eq!(fakes.table(), Some(half));
}

#[test]
fn units_are_those_that_the_printed_commands_make() {
    let fakes = Fakes::new();
    let [service, timer] =
        ["service", "timer"].map(|kind| fakes.home(&format!(".config/systemd/user/bkscan.{kind}")));
    let run = fakes.run("schedule systemd Backup --install --yes");
    assert_eq!(
        (run.code, &*run.stdout),
        (
            0,
            "The job is installed. To remove it:\n  bkscan schedule systemd --remove\nIt runs while you are logged in. \
             So that it always runs:\n  loginctl enable-linger\n"
        ),
        "{run:?}"
    );
    let enabled = "systemctl --user enable --now bkscan.timer";
    let reload = "systemctl --user daemon-reload";
    assert_eq!(fakes.calls(), [reload, reload, enabled]);
    // What it is about to do is said before.
    for told in [
        format!("  {reload}\n  {} (new)\n", service.display()),
        format!("  {} (new)\n  {reload}\n  {enabled}\n", timer.display()),
    ] {
        assert!(run.stderr.contains(&told), "{told}: {}", run.stderr);
    }
    let printed = fakes.done("schedule systemd Backup");
    fs::write(fakes.world.path("bkscan.txt"), &printed).unwrap();
    for (file, line) in [
        (&service, "sed '/^# ~.*timer$/,$d'"),
        (&timer, "sed '/^# ~.*timer$/,$!d'"),
    ] {
        assert!(printed.contains(line), "{printed}");
        let mut sed = Command::new("sh");
        sed.args(["-c", &format!("{line} bkscan.txt")]);
        let made = sed.current_dir(fakes.world.folder.path()).ended().unwrap();
        assert_eq!(text(file).unwrap().as_bytes(), made.stdout);
    }
    fakes.done("schedule systemd --remove --yes");
    assert_eq!((text(&service), text(&timer)), (None, None));
    let disabled = "systemctl --user disable --now bkscan.timer";
    let asked = "systemctl --user is-enabled bkscan.timer";
    assert_eq!(fakes.calls(), [asked, disabled, reload]);
    assert_eq!(
        fakes.done("schedule systemd --remove --yes"),
        "There is no such job.\n"
    );
    assert_eq!(fakes.calls(), [""; 0]);
}

#[test]
fn what_fails_half_way_is_put_back() {
    let fakes = Fakes::new();
    let units = fakes.home(".config/systemd/user");
    let agent = fakes.home("Library/LaunchAgents/bkscan.nightly.plist");
    let install = |kind: &str, more: &str| {
        fakes.run(&format!("schedule {kind} Backup --install --yes {more}"))
    };
    for (fault, kind) in [
        ("daemon-reload", "systemd"),
        ("enable", "systemd"),
        ("bootstrap", "launchd"),
    ] {
        fs::write(fakes.file(&format!("no-{fault}")), "").unwrap();
        let run = install(kind, "");
        assert_eq!((run.code, &*run.stdout), (2, ""), "{fault}: {run:?}");
        let failed = format!("ended with exit code 1: Failed to {fault}: no bus; ");
        assert!(run.stderr.contains(&failed), "{fault}: {run:?}");
        assert!(
            run.stderr.ends_with("; all is as it was\n"),
            "{fault}: {run:?}"
        );
        let left = fs::read_dir(&units).map(Iterator::count).unwrap_or(0);
        assert_eq!((left, text(&agent)), (0, None), "{fault}");
        fs::remove_file(fakes.file(&format!("no-{fault}"))).unwrap();
    }
    // The one of before stays, byte for byte.
    for kind in ["systemd", "launchd"] {
        assert_eq!(install(kind, "").code, 0);
    }
    let all = || {
        let files = files(&fakes.home(""));
        let texts = files.into_iter().map(|file| (text(&file), file));
        texts.collect::<Vec<_>>()
    };
    let before = all();
    assert_eq!(before.len(), 3);
    for (fault, kind) in [("enable", "systemd"), ("bootstrap", "launchd")] {
        fs::write(fakes.file(&format!("no-{fault}")), "").unwrap();
        let run = install(kind, "--stale-after 9d");
        assert_eq!(run.code, 2, "{run:?}");
        // The same call fails again.
        assert!(
            run.stderr
                .contains("; and it could not be put back as it was: "),
            "{run:?}"
        );
        assert_eq!(all(), before, "{fault}");
        fs::remove_file(fakes.file(&format!("no-{fault}"))).unwrap();
    }
    // What its user has put out is not put on by that.
    fakes.calls();
    for (off, fault, kind, calls) in [
        ("no-is-enabled", "no-enable", "systemd", 6),
        ("no-print", "no-bootstrap", "launchd", 3),
    ] {
        let faults = [off, fault].map(|fault| fakes.file(fault));
        faults
            .iter()
            .for_each(|fault| fs::write(fault, "").unwrap());
        let run = install(kind, "--stale-after 9d");
        assert!(
            run.code == 2 && run.stderr.ends_with("; all is as it was\n"),
            "{run:?}"
        );
        assert_eq!((all(), fakes.calls().len()), (before.clone(), calls));
        faults
            .iter()
            .for_each(|fault| fs::remove_file(fault).unwrap());
    }
    fs::write(fakes.file("no-disable"), "").unwrap();
    let run = fakes.run("schedule systemd --remove --yes");
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(all(), before);
}

#[test]
fn an_agent_is_loaded_and_unloaded() {
    let fakes = Fakes::new();
    let agent = fakes.home("Library/LaunchAgents/bkscan.nightly.plist");
    fakes.done("schedule launchd Backup --install --yes");
    assert_eq!(text(&agent), Some(fakes.done("schedule launchd Backup")));
    let uid = fs::metadata(&agent)
        .map(|found| std::os::unix::fs::MetadataExt::uid(&found))
        .unwrap();
    let unload = format!("launchctl bootout gui/{uid}/bkscan.nightly");
    let load = format!("launchctl bootstrap gui/{uid} {}", agent.display());
    assert_eq!(fakes.calls(), [unload.clone(), load.clone()]);
    let asked = format!("launchctl print gui/{uid}/bkscan.nightly");
    fakes.done("schedule launchd --remove --yes");
    let expected = vec![asked, unload.clone()];
    assert_eq!((fakes.calls(), text(&agent)), (expected, None));
    // It may take a moment until it has let go of the old one.
    fs::write(fakes.file("busy-bootstrap"), "").unwrap();
    fakes.done("schedule launchd Backup --install --yes");
    assert_eq!(fakes.calls(), [unload, load.clone(), load]);
}

#[test]
fn what_is_anothers_is_left_alone() {
    let fakes = Fakes::new();
    let unit = fakes.home(".config/systemd/user/bkscan.timer");
    let agent = fakes.home("Library/LaunchAgents/bkscan.nightly.plist");
    for file in [&unit, &agent] {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "mine\n").unwrap();
    }
    let before = tree_digest(&fakes.home(""));
    for kind in ["systemd", "launchd"] {
        for words in ["Backup --install", "--remove"] {
            let run = fakes.run(&format!("schedule {kind} {words} --yes"));
            assert_eq!((run.code, &*run.stdout), (2, ""), "{run:?}");
            assert!(
                run.stderr
                    .contains("is not from bkscan, and was left as it is"),
                "{run:?}"
            );
        }
    }
    assert_eq!(
        (fakes.calls(), tree_digest(&fakes.home(""))),
        (vec![], before)
    );
    // Nor is anything written into what is scanned.
    fs::remove_file(&unit).unwrap();
    let mut command = fakes.command("schedule systemd --install --yes");
    let run: Run = command.arg(fakes.home("")).ended().unwrap().into();
    assert_eq!(run.code, 2, "{run:?}");
    assert!(
        run.stderr.contains("lies in what is to be scanned"),
        "{run:?}"
    );
    assert!(!unit.exists());
}

#[test]
fn nothing_but_yes_is_a_yes() {
    let fakes = Fakes::new();
    fakes.done("schedule cron Backup --install --yes");
    let before = fakes.table();
    for words in [
        "schedule cron Backup --install --stale-after 9d",
        "schedule cron --remove",
    ] {
        for (keys, said) in [
            ("no\n", "bkscan: nothing was changed\n"),
            ("\n", "bkscan: nothing was changed\n"),
            ("y\n", "bkscan: nothing was changed\n"),
            ("\u{4}", "\nbkscan: nothing was changed\n"),
        ] {
            let run = fakes.asked(words, |tty, _| tty.write_all(keys.as_bytes()).unwrap());
            assert_eq!(run.all(), (0, "", said), "{keys:?}");
        }
        let run = fakes.asked(words, |_, id| {
            let id = Pid::from_raw(id.try_into().unwrap()).unwrap();
            kill_process(id, Signal::INT).unwrap();
        });
        assert_eq!(run.all(), (130, "", "\n"));
        assert_eq!(fakes.table(), before);
    }
    let run = fakes.asked("schedule cron --remove", |tty, _| {
        tty.write_all(b"yes\n").unwrap();
    });
    assert_eq!(run.all(), (0, "The job is removed.\n", ""));
    assert_eq!(fakes.table(), None);
}

#[test]
fn what_comes_while_it_asks_is_left_alone() {
    let fakes = Fakes::new();
    let timer = fakes.home(".config/systemd/user/bkscan.timer");
    let agent = fakes.home("Library/LaunchAgents/bkscan.nightly.plist");
    let left_alone = |words: &str, file: &Path, told: &str| {
        let run = fakes.asked(words, |tty, _| {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "mine\n").unwrap();
            fakes.calls();
            tty.write_all(b"yes\n").unwrap();
        });
        let expected = format!("bkscan: {told} has changed meanwhile; all is as it was\n");
        assert_eq!(run.all(), (2, "", &*expected));
        assert_eq!(text(file).as_deref(), Some("mine\n"));
    };
    for (kind, file) in [("systemd", &timer), ("launchd", &agent)] {
        let shown = file.display().to_string();
        left_alone(&format!("schedule {kind} Backup --install"), file, &shown);
        assert_eq!(fakes.calls(), [""; 0]);
        fs::remove_file(file).unwrap();
        fakes.done(&format!("schedule {kind} Backup --install --yes"));
        left_alone(&format!("schedule {kind} --remove"), file, &shown);
        assert_eq!(fakes.calls(), [""; 0]);
    }
    left_alone(
        "schedule cron Backup --install",
        &fakes.file("table"),
        "the table of cron",
    );
    assert_eq!(fakes.calls(), ["crontab -l"]);
}

#[test]
fn nothing_changes_without_a_yes_or_by_root_for_another_user() {
    let fakes = Fakes::new();
    fs::write(fakes.file("table"), OTHERS).unwrap();
    let refused = |words: &str, told: &str| {
        let said = fakes.world.refuses(fakes.command(words), &[told]);
        assert!(said.ends_with("nothing was done\n"), "{said}");
    };
    refused(
        "schedule cron Backup --install",
        "there is no terminal to ask on: add --yes",
    );
    refused(
        "schedule cron --remove",
        "there is no terminal to ask on: add --yes",
    );
    refused(
        "schedule cron Backup --yes",
        "--yes goes with --install or --remove",
    );
    refused(
        "schedule cron Backup --install --remove",
        "do not go together",
    );
    refused(
        "schedule cron Backup --remove --yes",
        "--remove takes no path",
    );
    refused("Backup --install", "--install goes with bkscan schedule");
    refused("clean --remove", "--remove goes with bkscan schedule");
    refused(
        "schedule windows Backup --install --yes",
        "the Task Scheduler is a part of Windows",
    );
    if rustix::process::geteuid().is_root() {
        let mut sudo = fakes.command("schedule cron Backup --install --yes");
        fakes
            .world
            .refuses(sudo.env("SUDO_UID", "1000"), &["do it without sudo"]);
        // As su leaves it.
        std::os::unix::fs::chown(fakes.home(""), Some(1000), None).unwrap();
        refused(
            "schedule cron Backup --install --yes",
            "HOME is the folder of another user",
        );
    }
    assert_eq!(
        (fakes.calls(), fakes.table().as_deref()),
        (vec![], Some(OTHERS))
    );
}
