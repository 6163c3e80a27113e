//! The ways to ask for a page: typed, in the environment, in the configuration file, every night.

use std::fs;

use super::super::one;
use crate::cli::configured::{PHONE, World, phone};
use crate::harness::{NOW, Run, words};

use super::*;

fn pages(world: &World) -> Vec<String> {
    let mut names = listing(world.folder.path());
    names.retain(|name| name.ends_with(".html"));
    for name in &names {
        fs::remove_file(world.path(name)).unwrap();
    }
    names
}

/// As for every setting: what is typed counts before the environment, and that before the file.
#[test]
#[cfg_attr(windows, ignore = "another folder for settings, and no cron")]
fn from_the_file_and_the_environment() {
    let world = one();
    let run = |environment: bool, args: &[&str]| {
        let mut command = world.command();
        if environment {
            command.env("BKSCAN_HTML", "environment.html");
        }
        let run = world.output(command.args(args));
        assert_eq!(run.code, 0, "{args:?}: {run:?}");
        pages(&world)
    };
    let args = ["Backup", "--now", NOW];
    assert_eq!(run(true, &args), ["environment.html"]);
    let file = world.path("file.html");
    world.configure(&format!("html = '{}'\n", file.display()));
    assert_eq!(run(false, &args), ["file.html"]);
    assert_eq!(run(true, &args), ["environment.html"]);
    let typed = [&args[..], &["--html", "typed.html"]].concat();
    assert_eq!(run(true, &typed), ["typed.html"]);
    // Other commands are not about pages, and pass the setting over.
    for line in [
        &*format!("show Backup/{PHONE}"),
        "clean Backup",
        "explain complete",
        "history",
        "config show",
        "schedule cron Backup",
    ] {
        for environment in [false, true] {
            assert_eq!(run(environment, &words(line)), [""; 0], "{line}");
        }
    }
}

#[test]
fn the_settings_show_it() {
    let world = one();
    let mut command = world.command();
    command.env("BKSCAN_HTML", "/e/environment.html");
    command.args(["config", "show"]);
    let line = |run: &Run| {
        let mut lines = run.stdout.lines();
        let line = lines.find(|line| line.trim_start_matches("# ").starts_with("html "));
        line.unwrap_or_else(|| panic!("no html in {run:?}"))
            .to_owned()
    };
    let unset = line(&world.run(&["config", "show"]));
    assert!(unset.starts_with("# html is not set"), "{unset}");
    world.configure("html = '/f/file.html'\n");
    let place = "line 1 of the configuration file";
    let typed = ["config", "show", "--html", "/t/typed.html"];
    for (run, value, origin) in [
        (world.run(&["config", "show"]), "/f/file.html", place),
        (
            world.output(&mut command),
            "/e/environment.html",
            "BKSCAN_HTML",
        ),
        (world.run(&typed), "/t/typed.html", ""),
    ] {
        let line = line(&run);
        assert!(line.contains(value) && line.contains(origin), "{line}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "another folder for settings, and no cron")]
fn a_setting_that_is_wrong() {
    let world = one();
    for value in ["7", "true", "['a.html']", "''"] {
        world.configure(&format!("html = {value}\n"));
        let run = world.run(&["Backup", "--now", NOW]);
        assert_eq!((run.code, &*run.stdout), (64, ""), "{value}: {run:?}");
        for told in ["config.toml, line 1", "html"] {
            assert!(run.stderr.contains(told), "{value}: {run:?}");
        }
    }
    assert_eq!(listing(world.folder.path()), ["Backup", "config"]);
}

/// With the page of every night named in the file, another document's page goes where it is asked to go,
/// or there.
#[test]
fn a_report_takes_the_same_setting() {
    let world = one();
    let made = scanned(&world, &["--no-state"]);
    fs::write(world.path("saved.json"), &made.run.stdout).unwrap();
    pages(&world);
    let args = ["report", "saved.json", "--no-state"];
    assert_eq!(world.run(&args).code, 64);
    let run = world.run(&[&args[..], &["--html", "typed.html"]].concat());
    assert_eq!(run.code, 0);
    assert_eq!(pages(&world), ["typed.html"]);
}

#[cfg(unix)]
#[test]
fn every_night() {
    let world = one();
    let here = fs::canonicalize(world.folder.path()).unwrap();
    let absolute = here.join("my page.html");
    let absolute = absolute.to_str().unwrap();
    for kind in ["cron", "systemd", "launchd"] {
        let run = world.run(&["schedule", kind, "Backup", "--html", "my page.html"]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{kind}");
        assert!(run.stdout.contains("--html"), "{kind}: {}", run.stdout);
        assert!(run.stdout.contains(absolute), "{kind}: {}", run.stdout);
    }
    assert_eq!(pages(&world), [""; 0]);
}

/// `-` is where `report` prints; a scan prints its own screen there.
#[test]
fn a_scan_and_its_page_do_not_share_the_screen() {
    let world = one();
    let run = world.run(&["Backup", "--now", NOW, "--html", "-"]);
    assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{run:?}");
    assert!(run.stderr.contains("--html"), "{run:?}");
    assert!(!world.path("-").exists());
}

/// The page is made of the run, not of what the screen leaves out of it.
#[test]
fn what_only_the_screen_leaves_out() {
    let world = one();
    let older = phone("2026-03-01").folder_name("older");
    older.write(&world.backups());
    let base = scanned(&world, &["--no-state"]);
    let without_free = |html: &str| {
        let parts = html.split("<data ");
        parts
            .filter(|part| !part.contains("available_bytes"))
            .count()
    };
    let options = "--advice none|--advice all|--color always|--threads 1";
    for args in options.split('|') {
        let made = scanned(&world, &[&["--no-state"], &*words(args)].concat());
        assert_eq!(made.document["advice"], base.document["advice"], "{args}");
        let pages = [&made, &base].map(|made| without_free(&made.html));
        assert_eq!(pages[0], pages[1], "{args}");
    }
}
