//! The ways to ask for a page: typed, in the environment, in the configuration file, every night.

use std::fs;

use serde_json::Value;

use crate::cli::configured::{PHONE, World, phone};
use crate::harness::NOW;

use super::*;

fn one() -> World {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    world
}

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
#[cfg_attr(
    windows,
    ignore = "Windows has another folder for settings, and no cron"
)]
fn from_the_file_and_the_environment() {
    let world = one();
    let args = ["Backup", "--now", NOW];
    let environment = || {
        let mut command = world.command();
        command.env("BKSCAN_HTML", "environment.html").args(args);
        command
    };
    assert_eq!(world.output(&mut environment()).code, 0);
    assert_eq!(pages(&world), ["environment.html"]);
    let file = world.path("file.html");
    world.configure(&format!("html = '{}'\n", file.display()));
    assert_eq!(world.run(&args).code, 0);
    assert_eq!(pages(&world), ["file.html"]);
    assert_eq!(world.output(&mut environment()).code, 0);
    assert_eq!(pages(&world), ["environment.html"]);
    let run = world.output(environment().args(["--html", "typed.html"]));
    assert_eq!(run.code, 0);
    assert_eq!(pages(&world), ["typed.html"]);
    // Other commands are not about pages, and pass the setting over.
    let folder = format!("Backup/{PHONE}");
    for args in [
        &["show", &folder][..],
        &["clean", "Backup"],
        &["explain", "complete"],
        &["history"],
        &["config", "show"],
        &["schedule", "cron", "Backup"],
    ] {
        let run = world.run(args);
        assert_eq!(run.code, 0, "{args:?}: {run:?}");
        let mut command = world.command();
        command.env("BKSCAN_HTML", "environment.html").args(args);
        let run = world.output(&mut command);
        assert_eq!(run.code, 0, "{args:?}: {run:?}");
        assert_eq!(pages(&world), [""; 0], "{args:?}");
    }
}

#[test]
fn the_settings_show_it() {
    let world = one();
    let line = |text: &str| -> String {
        let mut lines = text.lines();
        let line = lines.find(|line| line.trim_start_matches("# ").starts_with("html "));
        line.unwrap_or_else(|| panic!("no html in {text}"))
            .to_owned()
    };
    let unset = line(&world.run(&["config", "show"]).stdout);
    assert!(unset.starts_with("# html is not set"), "{unset}");
    world.configure("html = '/f/file.html'\n");
    let file = line(&world.run(&["config", "show"]).stdout);
    assert!(
        file.contains("/f/file.html") && file.contains("line 1 of the configuration file"),
        "{file}"
    );
    let mut command = world.command();
    command
        .env("BKSCAN_HTML", "/e/environment.html")
        .args(["config", "show"]);
    let environment = line(&world.output(&mut command).stdout);
    assert!(
        environment.contains("/e/environment.html") && environment.contains("BKSCAN_HTML"),
        "{environment}"
    );
    let typed = world.run(&["config", "show", "--html", "/t/typed.html"]);
    let typed = line(&typed.stdout);
    assert!(typed.contains("/t/typed.html"), "{typed}");
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Windows has another folder for settings, and no cron"
)]
fn a_setting_that_is_wrong() {
    let world = one();
    for value in ["7", "true", "['a.html']", "''"] {
        world.configure(&format!("html = {value}\n"));
        let run = world.run(&["Backup", "--now", NOW]);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (64, ""),
            "{value}: {run:?}"
        );
        assert!(
            run.stderr.contains("config.toml, line 1"),
            "{value}: {run:?}"
        );
        assert!(run.stderr.contains("html"), "{value}: {run:?}");
    }
    let listing = listing(world.folder.path());
    assert_eq!(
        listing,
        ["Backup", "config"].map(str::to_owned),
        "{listing:?}"
    );
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
    phone("2026-03-01")
        .folder_name("older")
        .write(&world.backups());
    let base = scanned(&world, &["--no-state"]);
    let without_free = |html: &str| -> Vec<String> {
        let parts = html.split("<data ");
        let parts = parts.filter(|part| !part.contains("available_bytes"));
        parts.map(str::to_owned).collect()
    };
    for args in [
        &["--advice", "none"][..],
        &["--advice", "all"],
        &["--color", "always"],
        &["--threads", "1"],
    ] {
        let made = scanned(&world, &[&["--no-state"], args].concat());
        let document: &Value = &made.document;
        assert_eq!(document["advice"], base.document["advice"], "{args:?}");
        assert_eq!(
            without_free(&made.html).len(),
            without_free(&base.html).len(),
            "{args:?}"
        );
    }
}
