//! What people type that is not quite right, and what comes of it (contract §1).

use std::fs;

use crate::cli::configured::{World, phone};
#[cfg(not(windows))]
use crate::harness::NOW;
use crate::harness::{run, words};

fn world() -> World {
    World::of([phone("2026-11-10")])
}

#[test]
fn words_for_commands_lead_to_them_unless_a_folder_has_that_name() {
    let world = world();
    let none = "and nothing here has that name; did you mean";
    for (typed, said) in [
        ("list", format!("there is no command list, {none} bkscan?")),
        ("delete Backup", format!("there is no command delete, {none} bkscan clean Backup?")),
        ("info Anna --redact", format!("there is no command info, {none} bkscan show?")),
        ("--shwo", "there is no option --shwo here; bkscan help options lists all".to_owned()),
        (
            "schedule",
            "what is to start the job: cron (a line for crontab), systemd (Linux), launchd (a Mac) or windows \
             (its Task Scheduler)? Such as bkscan schedule cron"
                .to_owned(),
        ),
        ("clean Backup -n --delete", "--dry-run and --delete do not go together: choose one; nothing was done".to_owned()),
        ("-n Backup", "--dry-run goes with bkscan clean; nothing was done".to_owned()),
        ("--old-after 5m", "invalid value '5m' for '--old-after <SPAN>': \"m\" could be months or minutes: write mo or min".to_owned()),
    ] {
        assert_eq!(world.refuses(world.typed(typed), &[]), format!("bkscan: {said}\n"));
    }
    fs::create_dir(world.path("list")).unwrap();
    assert_eq!(world.enter("list").code, 3);
}

#[test]
#[cfg(not(windows))]
fn a_plan_that_says_so_twice_is_carried_out_without_it() {
    let older = phone("2026-01-10").folder_name("older");
    let world = World::of([phone("2026-11-10"), older]);
    for typed in [
        "clean -n Backup --now NOW",
        "clean Backup --now NOW --dry-run",
    ] {
        let run = world.enter(typed);
        let below = "\n  bkscan clean --delete Backup\n";
        assert!(run.stdout.contains(below), "{typed}: {run:?}");
    }
    let quiet = world.enter("clean -q Backup --now NOW");
    assert_eq!(quiet.all(), (0, "", ""));
}

#[test]
#[cfg(not(windows))]
fn a_quoted_tilde_is_the_home_folder() {
    let world = world();
    let home = world.path("home/a b");
    fs::create_dir_all(&home).unwrap();
    phone("2026-11-10").write(&home);
    let note = format!(
        "bkscan: taken as a path in the home folder: {} (a quoted ~ stays as it is)\n",
        home.display()
    );
    for words in [&["~/a b"][..], &["~/a", "b"], &["clean", "~/a b"]] {
        let run = world.run(&[words, &["--now", NOW]].concat());
        assert_eq!((run.code, &run.stderr), (0, &note), "{run:?}");
    }
    let run = world.run(&["clean", "~/none", "--delete", "--yes"]);
    let none = world.path("home/none");
    assert_eq!(run.code, 3, "{run:?}");
    assert!(
        run.stderr
            .contains(&format!("{} does not exist", none.display())),
        "{run:?}"
    );
    assert!(run.stderr.contains("nothing was deleted"), "{run:?}");
    // What is there as it was typed is that.
    let literal = world.path("~");
    fs::create_dir(&literal).unwrap();
    phone("2026-11-10").write(&literal.join("a b"));
    let run = world.run(&["~/a b", "--now", NOW]);
    assert_eq!((run.code, &*run.stderr), (0, ""), "{run:?}");
}

#[test]
#[cfg(not(windows))]
fn a_job_that_cleans_needs_a_rule() {
    let world = world();
    let told = [
        "--keep-last N",
        "--may-lose SHARE",
        "bkscan schedule cron clean --keep-last 2",
    ];
    world.refuses(world.typed("schedule cron clean Backup"), &told);
    for (typed, told) in [
        (
            "schedule cron clean Backup --keep-last 2 -n",
            "--dry-run and a nightly job",
        ),
        (
            "schedule cron clean Backup --keep-last 2 --redact",
            "--redact and a nightly job",
        ),
        (
            "schedule cron clean Backup --keep-last 2 --stale-after 9d",
            "--stale-after goes with a scan",
        ),
        (
            "schedule cron Backup --older-than 1y",
            "--older-than goes with bkscan clean",
        ),
    ] {
        world.refuses(world.typed(typed), &[told]);
    }
    let job = world.well(world.typed("schedule cron clean Backup --may-lose 1% --older-than 1y"));
    assert!(job.contains("# begin bkscan-clean\n"), "{job}");
    assert!(
        job.contains(" clean --delete --yes --quiet --may-lose "),
        "{job}"
    );
    // With its path it is a folder as any other.
    fs::create_dir(world.path("clean")).unwrap();
    let job = world.well(world.typed("schedule cron ./clean"));
    assert!(!job.contains("--delete"), "{job}");
}

#[test]
fn the_version_is_that_of_the_program_wherever_it_is_asked_for() {
    let version = format!("bkscan {}\n", env!("CARGO_PKG_VERSION"));
    for typed in [
        "--version",
        "show --version",
        "mend -V",
        "diff a --version",
        "help --version",
    ] {
        let run = run(words(typed));
        assert_eq!(
            (run.code, run.stdout.as_str(), run.stderr.as_str()),
            (0, version.as_str(), ""),
            "{typed}"
        );
    }
}
