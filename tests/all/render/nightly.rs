//! What a nightly audit leaves behind: its silence, its metrics, and the job that starts it
//! (contract §1, §7, §8; README). Written from the promises alone.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::configured::{PHONE, SPARE, TABLET, World, backup, corrupt, of, phone};
use crate::harness::{Ended as _, NOW, Run};
use crate::support::tree_digest;

/// A scan of `Backup` at [`NOW`].
fn scan(world: &World, args: &[&str]) -> Run {
    world.run(&[&["Backup", "--now", NOW], args].concat())
}

fn read(world: &World, file: &str) -> String {
    fs::read_to_string(world.path(file)).unwrap()
}

/// The samples, without what only a human reads.
fn samples(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        // Depends on the disk.
        .filter(|line| !line.contains("next-backup-may-not-fit"))
        .collect()
}

/// A label's value as the text format spells it.
fn label(value: &Value) -> String {
    let value = value.as_str().unwrap();
    value.replace('\\', r"\\").replace('"', "\\\"")
}

// ---- Metrics ----

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn every_metric_of_a_backup() {
    let world = World::new();
    corrupt(PHONE, "2026-08-01").write(&world.backups());
    let args = ["--json", "--stale-after", "30d", "--metrics", "m.prom"];
    let run = scan(&world, &args);
    assert_eq!((run.code, run.stderr.as_str()), (2, ""));
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let backup = of(&document, PHONE);
    let size = &backup["size"];
    let (allocated, logical) = (&size["allocated_bytes"], &size["logical_bytes"]);
    let (files, frees) = (&size["files"], &backup["frees"]["bytes"]);
    let device = format!("udid=\"{PHONE}\",device=\"Broken\"");
    let labels = format!("{device},path=\"{}\"", label(&backup["path"]));
    let text = read(&world, "m.prom");
    let found: Vec<&str> = samples(&text)
        .into_iter()
        .filter(|line| !line.starts_with("bkscan_volume_available_bytes"))
        .collect();
    let expected = format!(
        "\
bkscan_backup_allocated_bytes{{{labels}}} {allocated}
bkscan_backup_logical_bytes{{{labels}}} {logical}
bkscan_backup_files{{{labels}}} {files}
bkscan_backup_frees_bytes{{{labels}}} {frees}
bkscan_backup_last_backup_timestamp_seconds{{{labels}}} 1785578400
bkscan_backup_findings{{{labels},severity=\"error\",id=\"file-missing\"}} 1
bkscan_backup_verdict{{{labels},verdict=\"complete\"}} 0
bkscan_backup_verdict{{{labels},verdict=\"unverified\"}} 0
bkscan_backup_verdict{{{labels},verdict=\"interrupted\"}} 0
bkscan_backup_verdict{{{labels},verdict=\"corrupt\"}} 1
bkscan_backup_verdict{{{labels},verdict=\"incomplete\"}} 0
bkscan_backup_verdict{{{labels},verdict=\"in-progress\"}} 0
bkscan_backup_verdict{{{labels},verdict=\"unreadable\"}} 0
bkscan_device_findings{{{device},severity=\"warning\",id=\"backup-stale\"}} 1
bkscan_last_run_timestamp_seconds 1795348800
bkscan_last_run_duration_seconds 0
bkscan_last_run_success 1"
    );
    let mut found = found;
    let mut expected: Vec<&str> = expected.lines().collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected, "{text}");
    assert_eq!(files, 4);
    let volume = format!(
        "bkscan_volume_available_bytes{{path=\"{}\"}} ",
        label(&document["roots"][0]["path"])
    );
    assert_eq!(text.matches(&volume).count(), 1, "{text}");
    // Each metric is described before its samples, and ends with a line break.
    for line in samples(&text) {
        let name = line.split(['{', ' ']).next().unwrap();
        for kind in ["HELP", "TYPE"] {
            let head = format!("# {kind} {name} ");
            assert_eq!(text.matches(&head).count(), 1, "{head}");
            assert!(text.find(&head).unwrap() < text.find(&format!("\n{line}\n")).unwrap());
        }
    }
    assert!(text.ends_with('\n'));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn of_seven_verdicts_each_backup_has_one() {
    let world = World::new();
    let backups = world.backups();
    phone("2026-08-01").write(&backups);
    phone("2026-08-02")
        .encrypted()
        .folder_name("locked")
        .write(&backups);
    corrupt(PHONE, "2026-08-03")
        .folder_name("corrupt")
        .write(&backups);
    let unfinished = |day: &str| phone(day).snapshot_state("uploading");
    unfinished("2026-08-04")
        .backup_state("empty")
        .folder_name("never")
        .write(&backups);
    unfinished("2026-08-05")
        .folder_name("stopped")
        .write(&backups);
    unfinished("2026-11-22")
        .date("2026-11-22T11:50:00Z")
        .folder_name("running")
        .write(&backups);
    let run = scan(&world, &["--json", "--metrics", "m.prom"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let text = read(&world, "m.prom");
    let verdicts = [
        (PHONE, "complete"),
        ("locked", "unverified"),
        ("corrupt", "corrupt"),
        ("never", "incomplete"),
        ("stopped", "interrupted"),
        ("running", "in-progress"),
    ];
    for (folder, verdict) in verdicts {
        let path = format!(
            "path=\"{}\",verdict=\"",
            label(&of(&document, folder)["path"])
        );
        let of_it = || text.lines().filter(|line| line.contains(&path));
        assert_eq!(of_it().count(), 7, "{folder}: {text}");
        let ones: Vec<&str> = of_it().filter(|line| line.ends_with(" 1")).collect();
        assert_eq!(ones.len(), 1, "{folder}");
        assert!(
            ones[0].contains(&format!("verdict=\"{verdict}\"")),
            "{ones:?}"
        );
        assert_eq!(of_it().filter(|line| line.ends_with("} 0")).count(), 6);
    }
    // A collector takes no series twice, however often a path was named.
    let again = world.run(&["Backup", "Backup", "./Backup", "--metrics", "m.prom"]);
    assert_eq!(again.code, 2);
    let text = read(&world, "m.prom");
    let series: Vec<&str> = samples(&text)
        .into_iter()
        .map(|line| line.rsplit_once(' ').unwrap().0)
        .collect();
    let different: BTreeSet<&&str> = series.iter().collect();
    assert_eq!(different.len(), series.len(), "{text}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn names_are_spelled_for_the_text_format() {
    let world = World::new();
    backup(PHONE, "A\"b\\c\nd 📱", "2026-11-01").write(&world.backups());
    assert_eq!(scan(&world, &["--metrics", "m.prom"]).code, 0);
    let text = read(&world, "m.prom");
    assert!(text.contains(r#"device="A\"b\\c"#), "{text}");
    assert!(
        samples(&text)
            .iter()
            .all(|line| line.starts_with("bkscan_")),
        "{text}"
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn redacted_metrics_name_nobody() {
    let world = World::new();
    corrupt(PHONE, "2026-08-01").write(&world.backups());
    world.configure(&format!("[devices.{PHONE}]\nname = 'Car phone'\n"));
    let args = ["--metrics", "m.prom", "--stale-after", "30d"];
    scan(&world, &args);
    let open = read(&world, "m.prom");
    let run = scan(&world, &[&args[..], &["--redact"]].concat());
    assert_eq!(run.code, 2);
    let text = read(&world, "m.prom");
    let folder = world.folder.path().to_str().unwrap();
    for personal in [PHONE, "0000813", "Car", "Broken", "Backup", folder] {
        assert!(!text.contains(personal), "{personal}: {text}");
    }
    assert!(text.contains("path=\"backup-1\""), "{text}");
    assert!(text.contains("id=\"backup-stale\""), "{text}");
    assert_eq!(samples(&text).len(), samples(&open).len());
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_file_is_replaced_as_a_whole() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    fs::create_dir(world.path("collector")).unwrap();
    let file = "collector/bkscan.prom";
    fs::write(world.path(file), "old\n".repeat(10_000)).unwrap();
    assert_eq!(scan(&world, &["--metrics", file]).stderr, "");
    let text = read(&world, file);
    assert!(
        !text.contains("old") && text.ends_with("bkscan_last_run_success 1\n"),
        "{text}"
    );
    // Nothing else is left for the collector to read.
    assert_eq!(fs::read_dir(world.path("collector")).unwrap().count(), 1);
    // The same run gives the same file, on one thread and on eight.
    for threads in ["1", "8"] {
        scan(&world, &["--metrics", file, "--threads", threads]);
        let again = read(&world, file);
        let fixed = |text: &str| -> Vec<String> {
            samples(text)
                .into_iter()
                .filter(|line| !line.starts_with("bkscan_volume"))
                .map(str::to_owned)
                .collect()
        };
        assert_eq!(fixed(&again), fixed(&text));
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_could_not_be_looked_at_is_no_success() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    // Nothing at all, and nothing beside what is there.
    for args in [&["away"][..], &["Backup", "away"]] {
        let run = world.run(&[args, &["--metrics", "m.prom"]].concat());
        assert_eq!(run.code, 3, "{run:?}");
        let text = read(&world, "m.prom");
        assert!(text.contains("\nbkscan_last_run_success 0\n"), "{text}");
        let told = text.contains(&format!("udid=\"{PHONE}\""));
        assert_eq!(told, args.len() == 2, "{text}");
        fs::remove_file(world.path("m.prom")).unwrap();
    }
    // Nor a folder without a backup.
    fs::create_dir(world.path("empty")).unwrap();
    assert_eq!(world.run(&["empty", "--metrics", "m.prom"]).code, 3);
    assert!(read(&world, "m.prom").contains("\nbkscan_last_run_success 0\n"));
    // A damaged backup was looked at.
    corrupt(SPARE, "2026-11-10").write(&world.backups());
    assert_eq!(scan(&world, &["--metrics", "m.prom"]).code, 2);
    assert!(read(&world, "m.prom").contains("\nbkscan_last_run_success 1\n"));
    // Nothing is written where the command line is wrong.
    assert_eq!(
        scan(&world, &["--metrics", "other.prom", "--keep-last", "0"]).code,
        64
    );
    assert!(!world.path("other.prom").exists());
}

/// Files that cannot be written: no folder, a folder, below a file, and in what is scanned.
fn unwritable(world: &World) -> Vec<String> {
    fs::create_dir(world.path("folder")).unwrap();
    fs::write(world.path("file"), "").unwrap();
    [
        "nowhere/m.prom".to_owned(),
        "folder".to_owned(),
        "file/m.prom".to_owned(),
        "Backup/m.prom".to_owned(),
        "folder/../Backup/m.prom".to_owned(),
        format!("Backup/{PHONE}/m.prom"),
        format!("Backup/{PHONE}/Manifest.db"),
        world.backups().join("m.prom").to_str().unwrap().to_owned(),
    ]
    .into()
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn metrics_that_cannot_be_written_are_one_line_and_no_failed_scan() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    let before = tree_digest(&world.backups());
    for file in unwritable(&world) {
        // `World` sees that nothing in the backups changed.
        let run = scan(&world, &["--metrics", &file]);
        assert_eq!(run.code, 0, "{file}: {run:?}");
        assert!(run.stdout.contains("Anna's iPhone"), "{run:?}");
        assert!(run.stderr.starts_with("bkscan: "), "{file}: {run:?}");
        assert!(run.stderr.contains(&file), "{file}: {run:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{file}: {run:?}");
        let quiet = scan(&world, &["--metrics", &file, "--quiet"]);
        assert_eq!(quiet.code, 0);
        assert_eq!(
            (quiet.stdout, quiet.stderr),
            (String::new(), String::new()),
            "{file}"
        );
    }
    assert_eq!(fs::read_dir(world.path("folder")).unwrap().count(), 0);
    assert_eq!(tree_digest(&world.backups()), before);
    corrupt(SPARE, "2026-11-10").write(&world.backups());
    let run = scan(&world, &["--metrics", "nowhere/m.prom"]);
    assert_eq!((run.code, run.stderr.lines().count()), (2, 1), "{run:?}");
}

/// Nor does a state folder that is none.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_silent_run_is_silent_about_its_own_affairs() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    fs::write(world.path("file"), "").unwrap();
    fs::create_dir_all(world.path("broken")).unwrap();
    fs::write(world.path("broken/history.db"), b"no database").unwrap();
    for state in ["file", "file/below", "broken"] {
        let run = scan(&world, &["--state-dir", state]);
        assert_eq!(
            (run.code, run.stderr.lines().count()),
            (0, 1),
            "{state}: {run:?}"
        );
        let quiet = scan(&world, &["--state-dir", state, "--quiet"]);
        assert_eq!(quiet.code, 0);
        assert_eq!(
            (quiet.stdout, quiet.stderr),
            (String::new(), String::new()),
            "{state}"
        );
    }
    // With trouble to tell, it stays at that.
    corrupt(TABLET, "2026-11-10").write(&world.backups());
    let run = scan(&world, &["--quiet", "--no-state"]);
    assert_eq!((run.code, run.stderr.as_str()), (2, ""), "{run:?}");
    assert!(
        run.stdout
            .starts_with("bkscan: Broken is corrupt, 1 other backup is fine (")
    );
    assert_eq!(run.stdout.lines().count(), 4, "{}", run.stdout);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    #[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
    fn the_collector_may_read_the_file() {
        let world = World::new();
        phone("2026-11-10").write(&world.backups());
        let mode = || {
            let metadata = fs::metadata(world.path("m.prom")).unwrap();
            metadata.permissions().mode() & 0o777
        };
        scan(&world, &["--metrics", "m.prom"]);
        assert_eq!(mode() & 0o444, 0o444);
        assert_eq!(mode() & 0o133, 0, "{:o}", mode());
    }

    #[test]
    #[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
    fn no_link_leads_into_what_is_scanned() {
        let world = World::new();
        phone("2026-11-10").write(&world.backups());
        symlink(world.backups(), world.path("link")).unwrap();
        let run = scan(&world, &["--metrics", "link/m.prom"]);
        assert_eq!((run.code, run.stderr.lines().count()), (0, 1), "{run:?}");
        let through = world.run(&["link", "--now", NOW, "--metrics", "Backup/m.prom"]);
        assert_eq!(
            (through.code, through.stderr.lines().count()),
            (0, 1),
            "{through:?}"
        );
        // A link to a file in there, that is: neither followed nor written.
        symlink(world.backups().join("m.prom"), world.path("m.prom")).unwrap();
        scan(&world, &["--metrics", "m.prom"]);
        let manifest = world.backups().join(PHONE).join("Manifest.db");
        symlink(manifest, world.path("n.prom")).unwrap();
        scan(&world, &["--metrics", "n.prom"]);
    }

    #[test]
    #[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
    fn a_device_is_left_as_it_is() {
        let world = World::new();
        phone("2026-11-10").write(&world.backups());
        for device in ["/dev/null", "/dev/full"] {
            let run = scan(&world, &["--metrics", device, "--quiet"]);
            assert_eq!(
                (run.code, run.stdout, run.stderr),
                (0, String::new(), String::new())
            );
            assert!(!fs::metadata(device).unwrap().is_file());
        }
    }
}

// ---- Schedules ----

#[cfg(unix)]
mod schedule {
    use std::path::PathBuf;
    use std::process::Command;

    use super::*;

    /// What cron would hand to sh: the line that is no comment, without its five fields.
    fn line(text: &str) -> String {
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .collect();
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
        let start = systemd
            .lines()
            .find_map(|line| line.strip_prefix("ExecStart="))
            .expect(&systemd);
        let systemd = shell_words::split(&start.replace("%%", "%").replace("$$", "$")).unwrap();
        let list = plist::Value::from_reader_xml(text("launchd").as_bytes()).unwrap();
        let list = list.as_dictionary().unwrap()["ProgramArguments"]
            .as_array()
            .unwrap();
        let launchd = list
            .iter()
            .map(|word| word.as_string().unwrap().to_owned())
            .collect();
        [cron, systemd, launchd].map(after_program)
    }

    fn here(world: &World) -> PathBuf {
        fs::canonicalize(world.folder.path()).unwrap()
    }

    fn expect(world: &World, args: &[&str], expected: &[&str]) {
        let here = here(world);
        let expected: Vec<String> = expected
            .iter()
            .map(|word| word.replace("HERE", here.to_str().unwrap()))
            .collect();
        for (found, kind) in jobs(world, args)
            .into_iter()
            .zip(["cron", "systemd", "launchd"])
        {
            assert_eq!(found, expected, "{kind} {args:?}");
        }
    }

    const USUAL: [&str; 5] = ["--quiet", "--fail-on", "warning", "--stale-after", "30d"];

    #[test]
    #[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
    fn the_usual_job() {
        let world = World::new();
        let usual = [&USUAL[..], &["HERE/Backup"]].concat();
        expect(&world, &["Backup"], &usual);
        expect(&world, &["./Backup"], &usual);
        expect(&world, &["--quiet", "Backup"], &usual);
        let folder = here(&world);
        expect(&world, &[folder.join("Backup").to_str().unwrap()], &usual);
    }

    #[test]
    #[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
    fn typed_options_go_into_the_job() {
        let world = World::new();
        fs::write(world.path("own.toml"), "").unwrap();
        for (args, expected) in [
            (&["--stale-after", "60d"][..], &["--stale-after 60d"][..]),
            (&["--stale-after", "off"], &["--stale-after off"]),
            (&["--fail-on", "warning,new"], &["--fail-on warning,new"]),
            (&["--fail-on", "error"], &["--fail-on error"]),
            (&["--level", "quick"], &["--level quick"]),
            (
                &["--keep-last=3", "--redact"],
                &["--keep-last 3", "--redact"],
            ),
            (&["--metrics", "m.prom"], &["--metrics HERE/m.prom"]),
            (&["--state-dir", "state"], &["--state-dir HERE/state"]),
            (&["--no-state"], &["--no-state"]),
            (&["--config", "own.toml"], &["--config HERE/own.toml"]),
        ] {
            let here = here(&world);
            for job in jobs(&world, &[args, &["Backup"]].concat()) {
                let job = job.join(" ");
                for words in expected {
                    let words = words.replace("HERE", here.to_str().unwrap());
                    assert!(job.contains(&words), "{words}: {job}");
                    let option = words.split(' ').next().unwrap();
                    assert_eq!(job.matches(option).count(), 1, "{job}");
                }
                assert!(job.contains("--quiet"), "{job}");
            }
        }
        // Before the command word too.
        let before = world.run(&["--stale-after", "60d", "schedule", "cron", "Backup"]);
        assert!(
            line(&before.stdout).contains("--stale-after 60d"),
            "{before:?}"
        );
    }

    #[test]
    #[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
    fn paths_as_they_are_typed() {
        let world = World::new();
        for name in [
            "Application Support",
            "it's \"50%\" $HOME `x` \\ é",
            "-dash",
        ] {
            fs::create_dir(world.path(name)).unwrap();
        }
        let job = |path: &'static str| [&USUAL[..], &[path]].concat();
        // Two arguments that are one path.
        expect(
            &world,
            &["Application", "Support"],
            &job("HERE/Application Support"),
        );
        let run = world.run(&["schedule", "cron", "Application", "Support"]);
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
        expect(
            &world,
            &["it's \"50%\" $HOME `x` \\ é", "Backup"],
            &[
                &USUAL[..],
                &["HERE/it's \"50%\" $HOME `x` \\ é", "HERE/Backup"],
            ]
            .concat(),
        );
        expect(&world, &["--", "-dash"], &job("HERE/-dash"));
    }

    #[test]
    #[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
    fn what_is_no_nightly_job_is_refused() {
        let world = World::new();
        for args in [
            &["schedule"][..],
            &["schedule", "at", "Backup"],
            &["schedule", "cron", "Backup", "--now", NOW],
            &["--now", NOW, "schedule", "launchd", "Backup"],
            &["schedule", "cron", "Backup", "--delete"],
            &["schedule", "cron", "Backup", "--yes"],
            &["schedule", "systemd", "Backup", "--device", "x"],
            &["schedule", "systemd", "Backup", "--older-than", "1y"],
            &["schedule", "launchd", "Backup", "--only", "x"],
            &["schedule", "cron", "Backup", "--stale-after", "3m"],
        ] {
            let run = world.run(args);
            assert_eq!(
                (run.code, run.stdout.as_str()),
                (64, ""),
                "{args:?} {run:?}"
            );
            assert!(!run.stderr.is_empty());
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    #[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
    fn without_a_path_there_is_nothing_to_look_at() {
        let world = World::new();
        for kind in ["cron", "systemd", "launchd"] {
            let run = world.run(&["schedule", kind]);
            assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{run:?}");
            assert!(run.stderr.contains("PATH"), "{run:?}");
        }
    }

    /// A disk that is away tonight may be there tomorrow.
    #[test]
    #[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
    fn a_path_that_is_away_is_told_and_in_the_job() {
        let world = World::new();
        let run = world.run(&["schedule", "cron", "away"]);
        assert_eq!((run.code, run.stderr.lines().count()), (0, 1), "{run:?}");
        assert!(run.stderr.contains("away"), "{run:?}");
        expect(&world, &["away"], &[&USUAL[..], &["HERE/away"]].concat());
    }

    #[test]
    #[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
    fn the_settings_count_for_the_job() {
        let world = World::new();
        let backups = here(&world).join("Backup");
        let paths = format!("paths = ['{}']\n", backups.display());
        world.configure(&paths);
        expect(&world, &[], &[&USUAL[..], &["HERE/Backup"]].concat());
        // What the job sets by itself does not hide what the file says.
        world.configure(&format!(
            "stale-after = '9d'\nfail-on = ['warning', 'new']\n{paths}"
        ));
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
    #[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
    fn nothing_is_installed() {
        let world = World::new();
        fs::create_dir(world.path("home")).unwrap();
        let before = tree_digest(world.folder.path());
        for kind in ["cron", "systemd", "launchd"] {
            let args = [
                "schedule",
                kind,
                "Backup",
                "--metrics",
                "m.prom",
                "--state-dir",
                "new",
            ];
            let run = world.run(&args);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""));
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
    #[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
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
            command
                .arg("-c")
                .arg(&line)
                .env_clear()
                .env("HOME", &home)
                .env("PATH", "/usr/bin:/bin")
                .env("SHELL", "/bin/sh")
                .current_dir(&home);
            command.ended().unwrap().into()
        };
        let direct = || -> Run {
            let mut command = world.command();
            command
                .env_clear()
                .env("HOME", &home)
                .args(USUAL)
                .args(options);
            command.ended().unwrap().into()
        };
        let timeless = |run: &Run| {
            let (before, rest) = run.stdout.split_once(" (").unwrap();
            let (_, after) = rest.split_once(')').unwrap();
            format!("{before}{after}")
        };
        backup(PHONE, "Anna's", "2024-05-01").write(&folder);
        let before = tree_digest(&folder);
        let run = by_cron();
        assert_eq!(
            (run.code, run.stdout, run.stderr),
            (0, String::new(), String::new())
        );
        assert!(world.path("m %d.prom").exists());

        corrupt(SPARE, "2024-05-01").write(&folder);
        let changed = tree_digest(&folder);
        assert_ne!(changed, before);
        let (cron, typed) = (by_cron(), direct());
        assert_eq!((cron.code, cron.stderr.as_str()), (2, ""), "{cron:?}");
        assert_eq!(typed.code, 2);
        assert!(
            cron.stdout.starts_with("bkscan: Broken is corrupt"),
            "{cron:?}"
        );
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
}
