//! The README shows what the program really says of the samples.

use std::fs;
use std::path::Path;

use crate::harness::{Ended as _, NOW, program};

#[test]
fn the_readme_shows_what_the_program_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let run = program()
        .current_dir(root)
        .env("COLUMNS", "100")
        .args(["testdata/MobileSync", "--now", NOW])
        .ended()
        .unwrap();
    let screen = String::from_utf8(run.stdout).unwrap();
    // Sizes depend on the disk, and so does what could be freed: rows count up to the year.
    let rows: Vec<&str> = screen.lines().skip(3).take(8).collect();
    assert_eq!(rows.len(), 8, "{screen}");
    for row in rows {
        let year = row
            .find(" 20")
            .unwrap_or_else(|| panic!("no date in {row}"));
        let row = &row[..year + 5];
        assert!(readme.contains(row), "the README lacks: {row}");
    }
    let paragraphs = screen.lines().skip(12);
    for line in paragraphs.filter(|line| line.starts_with(['✖', '!'])) {
        assert!(readme.contains(line), "the README lacks: {line}");
    }
}

/// Runs the program in the folder of the README.
fn said(args: &[&str]) -> String {
    let mut command = program();
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.args(args).ended().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_readme_shows_the_nightly_mail() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let job = ["--quiet", "--fail-on", "warning", "--stale-after", "30d"];
    let mail = said(&[&job[..], &["testdata/MobileSync", "--now", NOW]].concat());
    let mail = mail.replace('\\', "/");
    let shown: Vec<String> = mail
        .lines()
        .take(4)
        .map(|line| format!("    {line}"))
        .collect();
    assert_eq!(shown.len(), 4, "{mail}");
    let shown = shown.join("\n");
    assert!(
        readme.replace("\r\n", "\n").contains(&shown),
        "the README lacks:\n{shown}"
    );
}

/// The settings that the README shows are ones.
#[test]
fn the_settings_of_the_readme_are_understood() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md"))
        .unwrap()
        .replace("\r\n", "\n");
    let toml = readme.split("```toml\n").nth(1).unwrap();
    let toml = toml.split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, toml).unwrap();
    let shown = said(&["config", "show", "--config", file.to_str().unwrap()]);
    for line in [
        "stale-after = \"30d\"",
        "fail-on = \"warning,new\"",
        "info-missing = \"note\"",
        "[devices.00008130-000A1C2E3F40801E]",
        "name = \"Phone in the car\"",
        "stale-after = \"6mo\"",
        "keep-last = 2",
        "keep-within = \"6mo\"",
    ] {
        assert!(shown.contains(line), "{line}:\n{shown}");
    }
}
