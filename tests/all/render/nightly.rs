//! What a nightly audit leaves behind: its silence, its metrics, and the job that starts it
//! (contract §1, §7, §8; `bkscan help night`). Written from the promises alone.

#![cfg(not(windows))]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::one;
use crate::cli::configured::{PHONE, SPARE, TABLET, World, backup, corrupt, of, phone};
use crate::harness::{Ended as _, NOW, Run, words};
use crate::support::tree_digest;

/// A scan of `Backup` at [`NOW`].
fn scan(world: &World, args: &[&str]) -> Run {
    world.run(&[&["Backup", "--now", NOW], args].concat())
}

/// The same with a file of metrics, and what is in it.
fn measured(world: &World, args: &[&str]) -> (Run, String) {
    let run = scan(world, &[&["--metrics", "m.prom"], args].concat());
    (run, read(world, "m.prom"))
}

fn read(world: &World, file: &str) -> String {
    fs::read_to_string(world.path(file)).unwrap()
}

/// The samples, without what only a human reads and what depends on the disk.
fn samples(text: &str) -> Vec<&str> {
    let depends = |line: &str| line.contains("next-backup-may-not-fit");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter(|line| !depends(line)).collect()
}

/// The samples that tell nothing of the disk.
fn fixed(text: &str) -> Vec<&str> {
    let mut samples = samples(text);
    samples.retain(|line| !line.starts_with("bkscan_volume"));
    samples
}

/// The label `path`, as the text format spells it.
fn path_label(value: &Value) -> String {
    let path = value["path"].as_str().unwrap();
    let path = path.replace('\\', r"\\").replace('"', "\\\"");
    format!("path=\"{path}\"")
}

// ---- Metrics ----

#[test]
fn every_metric_of_a_backup() {
    let world = World::new();
    corrupt(PHONE, "2026-08-01").write(&world.backups());
    let (run, text) = measured(&world, &["--json", "--stale-after", "30d"]);
    assert_eq!((run.code, &*run.stderr), (2, ""));
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let backup = of(&document, PHONE);
    let size = &backup["size"];
    let (allocated, logical) = (&size["allocated_bytes"], &size["logical_bytes"]);
    let (files, frees) = (&size["files"], &backup["frees"]["bytes"]);
    let device = format!("udid=\"{PHONE}\",device=\"Broken\"");
    let labels = format!("{device},{}", path_label(backup));
    let expected = format!(
        "\
bkscan_backup_allocated_bytes{{{labels}}} {allocated}
bkscan_backup_files{{{labels}}} {files}
bkscan_backup_findings{{{labels},severity=\"error\",id=\"file-missing\"}} 1
bkscan_backup_frees_bytes{{{labels}}} {frees}
bkscan_backup_last_backup_timestamp_seconds{{{labels}}} 1785578400
bkscan_backup_logical_bytes{{{labels}}} {logical}
bkscan_backup_verdict{{{labels},verdict=\"complete\"}} 0
bkscan_backup_verdict{{{labels},verdict=\"corrupt\"}} 1
bkscan_backup_verdict{{{labels},verdict=\"in-progress\"}} 0
bkscan_backup_verdict{{{labels},verdict=\"incomplete\"}} 0
bkscan_backup_verdict{{{labels},verdict=\"interrupted\"}} 0
bkscan_backup_verdict{{{labels},verdict=\"unreadable\"}} 0
bkscan_backup_verdict{{{labels},verdict=\"unverified\"}} 0
bkscan_device_findings{{{device},severity=\"warning\",id=\"backup-stale\"}} 1
bkscan_last_run_duration_seconds 0
bkscan_last_run_success 1
bkscan_last_run_timestamp_seconds 1795348800"
    );
    let found: BTreeSet<&str> = fixed(&text).into_iter().collect();
    assert_eq!(found.len(), fixed(&text).len(), "{text}");
    assert_eq!(found, expected.lines().collect(), "{text}");
    assert_eq!(files, 4);
    let volume = path_label(&document["roots"][0]);
    let volume = format!("bkscan_volume_available_bytes{{{volume}}} ");
    assert_eq!(text.matches(&volume).count(), 1, "{text}");
    // Each metric is described before its samples, and ends with a line break.
    for line in samples(&text) {
        let name = line.split(['{', ' ']).next().unwrap();
        for kind in ["HELP", "TYPE"] {
            let head = format!("# {kind} {name} ");
            assert_eq!(text.matches(&head).count(), 1, "{head}");
            let sample = format!("\n{line}\n");
            assert!(text.find(&head) < text.find(&sample), "{head}");
        }
    }
    assert!(text.ends_with('\n'));
}

#[test]
fn of_seven_verdicts_each_backup_has_one() {
    let world = World::new();
    let unfinished = |day: &str| phone(day).snapshot_state("uploading");
    let running = unfinished("2026-11-22").date("2026-11-22T11:50:00Z");
    let cases = [
        (PHONE, phone("2026-08-01"), "complete"),
        ("locked", phone("2026-08-02").encrypted(), "unverified"),
        ("corrupt", corrupt(PHONE, "2026-08-03"), "corrupt"),
        (
            "never",
            unfinished("2026-08-04").backup_state("empty"),
            "incomplete",
        ),
        ("stopped", unfinished("2026-08-05"), "interrupted"),
        ("running", running, "in-progress"),
    ];
    let cases = cases.map(|(folder, builder, verdict)| {
        builder.folder_name(folder).write(&world.backups());
        (folder, verdict)
    });
    let (run, text) = measured(&world, &["--json"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    for (folder, verdict) in cases {
        let path = path_label(of(&document, folder));
        let mark = format!("{path},verdict=\"");
        let of_it: Vec<_> = text.split(&mark).skip(1).collect();
        assert_eq!(of_it.len(), 7, "{folder}: {text}");
        let with = |end: &str| -> Vec<&str> {
            let values = of_it.iter().map(|rest| rest.lines().next().unwrap());
            values.filter_map(|value| value.strip_suffix(end)).collect()
        };
        assert_eq!(with("\"} 1"), [verdict], "{folder}");
        assert_eq!(with("\"} 0").len(), 6, "{folder}");
    }
    // A collector takes no series twice, however often a path was named.
    let again = world.run(&words("Backup Backup ./Backup --metrics m.prom"));
    assert_eq!(again.code, 2);
    let text = read(&world, "m.prom");
    let samples = samples(&text);
    let series = samples.iter().map(|line| line.rsplit_once(' ').unwrap().0);
    let different: BTreeSet<&str> = series.collect();
    assert_eq!(different.len(), samples.len(), "{text}");
}

#[test]
fn redacted_metrics_name_nobody() {
    let world = World::new();
    corrupt(PHONE, "2026-08-01").write(&world.backups());
    world.configure(&format!("[devices.{PHONE}]\nname = 'Car phone'\n"));
    let (_, open) = measured(&world, &["--stale-after", "30d"]);
    let (run, text) = measured(&world, &["--stale-after", "30d", "--redact"]);
    assert_eq!(run.code, 2);
    let folder = world.folder.path().to_str().unwrap();
    for personal in [PHONE, "0000813", "Car", "Broken", "Backup", folder] {
        assert!(!text.contains(personal), "{personal}: {text}");
    }
    assert!(text.contains("path=\"backup-1\""), "{text}");
    assert!(text.contains("id=\"backup-stale\""), "{text}");
    assert_eq!(samples(&text).len(), samples(&open).len());
}

#[test]
fn the_file_is_replaced_as_a_whole_and_the_collector_may_read_it() {
    let world = one();
    fs::create_dir(world.path("collector")).unwrap();
    let file = "collector/bkscan.prom";
    fs::write(world.path(file), "old\n".repeat(10_000)).unwrap();
    assert_eq!(scan(&world, &["--metrics", file]).stderr, "");
    let text = read(&world, file);
    assert!(!text.contains("old"), "{text}");
    assert!(
        text.ends_with("bkscan_last_run_success 1\n# EOF\n"),
        "{text}"
    );
    let metadata = fs::metadata(world.path(file)).unwrap();
    let mode = metadata.permissions().mode() & 0o777;
    assert_eq!(mode & 0o444, 0o444);
    assert_eq!(mode & 0o133, 0, "{mode:o}");
    // Nothing else is left for the collector to read.
    assert_eq!(fs::read_dir(world.path("collector")).unwrap().count(), 1);
    // The same run gives the same file, on one thread and on eight.
    for threads in ["1", "8"] {
        scan(&world, &["--metrics", file, "--threads", threads]);
        assert_eq!(fixed(&read(&world, file)), fixed(&text));
    }
}

#[test]
fn what_could_not_be_looked_at_is_no_success() {
    let world = one();
    fs::create_dir(world.path("empty")).unwrap();
    let success = |args: &[&str], code: i32, is_told: bool| {
        let run = world.run(&[args, &["--metrics", "m.prom"]].concat());
        assert_eq!(run.code, code, "{run:?}");
        let text = read(&world, "m.prom");
        let told = text.contains(&format!("udid=\"{PHONE}\""));
        assert_eq!(told, is_told, "{args:?}: {text}");
        fs::remove_file(world.path("m.prom")).unwrap();
        let (_, rest) = text.split_once("\nbkscan_last_run_success ").unwrap();
        rest.lines().next().unwrap().to_owned()
    };
    // Nothing at all, nothing beside what is there, and a folder without a backup.
    assert_eq!(success(&["away"], 3, false), "0");
    assert_eq!(success(&["Backup", "away"], 3, true), "0");
    assert_eq!(success(&["empty"], 3, false), "0");
    // A damaged backup was looked at.
    corrupt(SPARE, "2026-11-10").write(&world.backups());
    assert_eq!(success(&["Backup", "--now", NOW], 2, true), "1");
    // Nothing is written where the command line is wrong.
    let wrong = scan(&world, &words("--metrics other.prom --keep-last 0"));
    assert_eq!(wrong.code, 64);
    assert!(!world.path("other.prom").exists());
}

#[test]
fn metrics_that_cannot_be_written_are_one_line_and_no_failed_scan() {
    let world = one();
    fs::create_dir(world.path("folder")).unwrap();
    fs::write(world.path("file"), "").unwrap();
    let before = tree_digest(&world.backups());
    let inside = world.backups().join("m.prom");
    // No folder, a folder, below a file, and in what is scanned.
    for file in [
        "nowhere/m.prom",
        "folder",
        "file/m.prom",
        "Backup/m.prom",
        "folder/../Backup/m.prom",
        &format!("Backup/{PHONE}/m.prom"),
        &format!("Backup/{PHONE}/Manifest.db"),
        inside.to_str().unwrap(),
    ] {
        // `World` sees that nothing in the backups changed.
        let run = scan(&world, &["--metrics", file]);
        assert_eq!(run.code, 0, "{file}: {run:?}");
        assert!(run.stdout.contains("Anna's iPhone"), "{run:?}");
        assert!(run.stderr.starts_with("bkscan: "), "{file}: {run:?}");
        assert!(run.stderr.contains(file), "{file}: {run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{file}: {run:?}");
        let quiet = scan(&world, &["--metrics", file, "--quiet"]);
        assert_eq!(quiet.all(), (0, "", ""), "{file}");
    }
    assert_eq!(fs::read_dir(world.path("folder")).unwrap().count(), 0);
    assert_eq!(tree_digest(&world.backups()), before);
    corrupt(SPARE, "2026-11-10").write(&world.backups());
    let run = scan(&world, &["--metrics", "nowhere/m.prom"]);
    assert_eq!((run.code, run.stderr.lines().count()), (2, 1), "{run:?}");
}

/// Nor does a state folder that is none.
#[test]
fn a_silent_run_is_silent_about_its_own_affairs() {
    let world = one();
    fs::write(world.path("file"), "").unwrap();
    fs::create_dir_all(world.path("broken")).unwrap();
    fs::write(world.path("broken/history.db"), b"no database").unwrap();
    for state in ["file", "file/below", "broken"] {
        let run = scan(&world, &["--state-dir", state]);
        let lines = run.stderr.lines().count();
        assert_eq!((run.code, lines), (0, 1), "{state}: {run:?}");
        let quiet = scan(&world, &["--state-dir", state, "--quiet"]);
        assert_eq!(quiet.all(), (0, "", ""), "{state}");
    }
    // With trouble to tell, it stays at that.
    corrupt(TABLET, "2026-11-10").write(&world.backups());
    let run = scan(&world, &["--quiet", "--no-state"]);
    assert_eq!((run.code, &*run.stderr), (2, ""), "{run:?}");
    let told = "bkscan: Broken is corrupt, 1 other backup is fine (";
    assert!(run.stdout.starts_with(told), "{run:?}");
    assert_eq!(run.stdout.lines().count(), 5, "{}", run.stdout);
}

#[test]
fn no_link_leads_into_what_is_scanned() {
    let world = one();
    symlink(world.backups(), world.path("link")).unwrap();
    let run = scan(&world, &["--metrics", "link/m.prom"]);
    assert_eq!((run.code, run.stderr.lines().count()), (0, 1), "{run:?}");
    let run = world.run(&["link", "--now", NOW, "--metrics", "Backup/m.prom"]);
    assert_eq!((run.code, run.stderr.lines().count()), (0, 1), "{run:?}");
    // A link to a file in there, that is: neither followed nor written.
    symlink(world.backups().join("m.prom"), world.path("m.prom")).unwrap();
    scan(&world, &["--metrics", "m.prom"]);
    let manifest = world.backups().join(PHONE).join("Manifest.db");
    symlink(manifest, world.path("n.prom")).unwrap();
    scan(&world, &["--metrics", "n.prom"]);
}

#[test]
fn a_device_is_left_as_it_is() {
    let world = one();
    for device in ["/dev/null", "/dev/full"] {
        let run = scan(&world, &["--metrics", device, "--quiet"]);
        assert_eq!(run.all(), (0, "", ""), "{device}");
        assert!(!fs::metadata(device).unwrap().is_file());
    }
}

// ---- Schedules ----

const KINDS: [&str; 3] = ["cron", "systemd", "launchd"];

/// What cron would hand to sh: the line that is no comment, without its five fields.
fn line(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.is_empty());
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines.len(), 1, "{text}");
    let command = lines[0].strip_prefix("30 3 * * * ").expect(text);
    assert!(!command.replace(r"\%", "").contains('%'), "{command}");
    command.replace(r"\%", "%")
}

/// The words after the program's name in the job, by each of the three kinds.
fn jobs(world: &World, args: &[&str]) -> [Vec<String>; 3] {
    let text = |kind| {
        let run = world.run(&[&["schedule", kind], args].concat());
        assert_eq!(run.code, 0, "{kind} {args:?} {run:?}");
        run.stdout
    };
    let after_program = |words: Vec<String>| {
        let program = fs::canonicalize(env!("CARGO_BIN_EXE_bkscan")).unwrap();
        let program = program.to_str().unwrap();
        let at = words.iter().position(|word| word == program);
        words[at.unwrap_or_else(|| panic!("no {program} in {words:?}")) + 1..].to_vec()
    };
    let cron = shell_words::split(&line(&text("cron"))).unwrap();
    assert_eq!(cron[0], "nice");
    let systemd = text("systemd");
    let (_, start) = systemd.split_once("\nExecStart=").expect(&systemd);
    let start = start.lines().next().unwrap();
    let systemd = shell_words::split(&start.replace("%%", "%").replace("$$", "$")).unwrap();
    let list = plist::Value::from_reader_xml(text("launchd").as_bytes()).unwrap();
    let list = list.as_dictionary().unwrap()["ProgramArguments"].as_array();
    let words = list.unwrap().iter();
    let launchd = words.map(|word| word.as_string().unwrap().to_owned());
    [cron, systemd, launchd.collect()].map(after_program)
}

fn here(world: &World) -> PathBuf {
    fs::canonicalize(world.folder.path()).unwrap()
}

/// Fails unless each kind of job that `schedule KIND ARGS` writes has these words.
#[track_caller]
fn expect(world: &World, args: &[&str], expected: &[&str]) {
    let here = here(world);
    let here = here.to_str().unwrap();
    let expected = expected.iter().map(|word| word.replace("HERE", here));
    let expected: Vec<_> = expected.collect();
    for (found, kind) in jobs(world, args).into_iter().zip(KINDS) {
        assert_eq!(found, expected, "{kind} {args:?}");
    }
}

const USUAL: [&str; 5] = ["--quiet", "--fail-on", "warning", "--stale-after", "30d"];

/// The usual job over these paths.
fn usual<'a>(paths: &[&'a str]) -> Vec<&'a str> {
    [&USUAL[..], paths].concat()
}

#[test]
fn the_usual_job() {
    let world = World::new();
    let folder = here(&world).join("Backup");
    for args in [
        &["Backup"][..],
        &["./Backup"],
        &["--quiet", "Backup"],
        &[folder.to_str().unwrap()],
    ] {
        expect(&world, args, &usual(&["HERE/Backup"]));
    }
}

#[test]
fn typed_options_go_into_the_job() {
    let world = World::new();
    fs::write(world.path("own.toml"), "").unwrap();
    let here = here(&world);
    for (args, expected) in [
        ("--stale-after 60d", &["--stale-after 60d"][..]),
        ("--stale-after off", &["--stale-after off"]),
        ("--fail-on warning,new", &["--fail-on warning,new"]),
        ("--fail-on error", &["--fail-on error"]),
        ("--level quick", &["--level quick"]),
        ("--keep-last=3 --redact", &["--keep-last 3", "--redact"]),
        ("--metrics m.prom", &["--metrics HERE/m.prom"]),
        ("--state-dir state", &["--state-dir HERE/state"]),
        ("--no-state", &["--no-state"]),
        ("--config own.toml", &["--config HERE/own.toml"]),
    ] {
        for job in jobs(&world, &[&*words(args), &["Backup"]].concat()) {
            let job = job.join(" ");
            for told in expected {
                let told = told.replace("HERE", here.to_str().unwrap());
                assert!(job.contains(&told), "{told}: {job}");
                let option = told.split(' ').next().unwrap();
                assert_eq!(job.matches(option).count(), 1, "{job}");
            }
            assert!(job.contains("--quiet"), "{job}");
        }
    }
    // Before the command word too.
    let before = world.run(&words("--stale-after 60d schedule cron Backup"));
    let job = line(&before.stdout);
    assert!(job.contains("--stale-after 60d"), "{job}");
}

#[test]
fn paths_as_they_are_typed() {
    let world = World::new();
    let strange = "it's \"50%\" $HOME `x` \\ é";
    for name in ["Application Support", strange, "-dash"] {
        fs::create_dir(world.path(name)).unwrap();
    }
    // Two arguments that are one path.
    let space = usual(&["HERE/Application Support"]);
    expect(&world, &["Application", "Support"], &space);
    let run = world.run(&words("schedule cron Application Support"));
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    let job = usual(&["HERE/it's \"50%\" $HOME `x` \\ é", "HERE/Backup"]);
    expect(&world, &[strange, "Backup"], &job);
    expect(&world, &["--", "-dash"], &usual(&["HERE/-dash"]));
}

#[test]
fn what_is_no_nightly_job_is_refused() {
    let world = World::new();
    for args in [
        "schedule",
        "schedule at Backup",
        "schedule cron Backup --now 2026-11-22T12:00:00Z",
        "--now 2026-11-22T12:00:00Z schedule launchd Backup",
        "schedule cron Backup --delete",
        "schedule cron Backup --yes",
        "schedule systemd Backup --device x",
        "schedule systemd Backup --older-than 1y",
        "schedule launchd Backup --only x",
        "schedule cron Backup --stale-after 3m",
    ] {
        let run = world.run(&words(args));
        assert_eq!((run.code, &*run.stdout), (64, ""), "{args} {run:?}");
        assert!(!run.stderr.is_empty());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_path_there_is_nothing_to_look_at() {
    let world = World::new();
    for kind in KINDS {
        let run = world.run(&["schedule", kind]);
        assert_eq!((run.code, &*run.stdout), (64, ""), "{run:?}");
        assert!(run.stderr.contains("PATH"), "{run:?}");
    }
}

/// A disk that is away tonight may be there tomorrow.
#[test]
fn a_path_that_is_away_is_told_and_in_the_job() {
    let world = World::new();
    let run = world.run(&["schedule", "cron", "away"]);
    assert_eq!((run.code, run.stderr.lines().count()), (0, 1), "{run:?}");
    assert!(run.stderr.contains("away"), "{run:?}");
    expect(&world, &["away"], &usual(&["HERE/away"]));
}

#[test]
fn the_settings_count_for_the_job() {
    let world = World::new();
    let backups = here(&world).join("Backup");
    let paths = format!("paths = ['{}']\n", backups.display());
    world.configure(&paths);
    expect(&world, &[], &usual(&["HERE/Backup"]));
    // What the job sets by itself does not hide what the file says.
    let own = "stale-after = '9d'\nfail-on = ['warning', 'new']\n";
    world.configure(&format!("{own}{paths}"));
    for job in jobs(&world, &[]) {
        let job = job.join(" ");
        assert!(!job.contains("30d"), "{job}");
        assert!(!job.contains("--fail-on warning "), "{job}");
    }
    // Nor can the file fix the time of every night.
    world.configure(&format!("now = 2026-11-22T12:00:00Z\n{paths}"));
    let run = world.run(&["schedule", "cron"]);
    assert_eq!(run.code, 64, "{run:?}");
}

#[test]
fn nothing_is_installed() {
    let world = World::new();
    fs::create_dir(world.path("home")).unwrap();
    let before = tree_digest(world.folder.path());
    for kind in KINDS {
        let options = words("Backup --metrics m.prom --state-dir new");
        let run = world.run(&[&["schedule", kind], &*options].concat());
        assert_eq!((run.code, &*run.stderr), (0, ""));
        let text = run.stdout.to_lowercase();
        for word in ["install", "remove"] {
            assert!(text.contains(word), "{kind}: no {word} in {text}");
        }
    }
    let launchd = world.run(&["schedule", "launchd", "Backup"]).stdout;
    assert!(launchd.contains("Full Disk Access"));
    assert_eq!(tree_digest(world.folder.path()), before);
}

/// The line as cron runs it, in the environment that cron gives, and the same typed.
#[test]
fn the_line_of_cron_says_what_a_direct_run_says() {
    let world = World::new();
    let home = world.path("home");
    fs::create_dir(&home).unwrap();
    let name = "it's 50% \"x\" $HOME";
    fs::create_dir(world.path(name)).unwrap();
    let folder = here(&world).join(name);
    let options = [folder.to_str().unwrap(), "--metrics", "m %d.prom"];
    let scheduled = world.run(&[&["schedule", "cron"], &options[..]].concat());
    let line = line(&scheduled.stdout);
    let by_cron = || -> Run {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(&line).env_clear().env("HOME", &home);
        command.env("PATH", "/usr/bin:/bin").env("SHELL", "/bin/sh");
        command.current_dir(&home).ended().unwrap().into()
    };
    let direct = || -> Run {
        let mut command = world.command();
        command.env_clear().env("HOME", &home);
        command.args(USUAL).args(options).ended().unwrap().into()
    };
    let timeless = |run: &Run| {
        let (before, rest) = run.stdout.split_once(" (").unwrap();
        let (_, after) = rest.split_once(')').unwrap();
        format!("{before}{after}")
    };
    backup(PHONE, "Anna's", "2024-05-01").write(&folder);
    let before = tree_digest(&folder);
    assert_eq!(by_cron().all(), (0, "", ""));
    assert!(world.path("m %d.prom").exists());

    corrupt(SPARE, "2024-05-01").write(&folder);
    let changed = tree_digest(&folder);
    assert_ne!(changed, before);
    let (cron, typed) = (by_cron(), direct());
    assert_eq!((cron.code, &*cron.stderr), (2, ""), "{cron:?}");
    assert_eq!(typed.code, 2);
    let told = "bkscan: Broken is corrupt";
    assert!(cron.stdout.starts_with(told), "{cron:?}");
    // What was new in the first of the two is known to the second.
    let told = timeless(&cron).replace(" New since the last run.", "");
    assert_eq!(told, timeless(&typed));
    assert_eq!(tree_digest(&folder), changed);
    // Away.
    fs::rename(&folder, world.path("gone")).unwrap();
    let (cron, typed) = (by_cron(), direct());
    assert_eq!((cron.code, typed.code), (3, 3), "{cron:?}");
    assert!(cron.stdout.contains(name), "{cron:?}");
    // It writes nowhere but into its own home.
    assert!(home.join(".local/state/bkscan").is_dir());
    assert!(!Path::new("bkscan.prom").exists());
}
