//! The README shows what the program really says of the samples.

use std::fs;
use std::path::Path;

use crate::harness::{NOW, program};

#[test]
fn the_readme_shows_what_the_program_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let run = program()
        .current_dir(root)
        .env("COLUMNS", "100")
        .args(["testdata/MobileSync", "--now", NOW])
        .output()
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
