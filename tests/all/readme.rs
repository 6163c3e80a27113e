//! What the README shows is so: its examples are run by a shell, and its settings are read.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use jiff::Timestamp;
use snapbox::IntoData as _;

use crate::harness::{Ended as _, NOW, program};
use crate::support::empty_folder;

/// The README, with the line ends of the source.
fn readme() -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(source.join("README.md")).unwrap();
    readme.replace("\r\n", "\n")
}

/// What stands in each fenced block of this language.
fn blocks(language: &str) -> Vec<String> {
    let readme = readme();
    let fence = format!("```{language}\n");
    let starts = readme.split(&fence).skip(1);
    starts
        .map(|text| text.split("```").next().unwrap().to_owned())
        .collect()
}

/// Commands as they are typed, and what each says.
fn examples() -> Vec<(String, String)> {
    let mut examples: Vec<(String, String)> = Vec::new();
    for line in blocks("console").iter().flat_map(|block| block.lines()) {
        match line.strip_prefix("$ ") {
            Some(command) => examples.push((command.to_owned(), String::new())),
            None => {
                let (_, shown) = examples.last_mut().expect("a block begins with a command");
                shown.push_str(line);
                shown.push('\n');
            }
        }
    }
    examples
}

/// The folder in which the examples run. It stands for that of the README: it has the samples, but
/// with the times that they were made at, where a fresh clone reads "just changed" for an hour.
struct Stage(tempfile::TempDir);

impl Stage {
    fn new() -> Stage {
        let stage = Stage(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap());
        let source = Path::new(env!("CARGO_MANIFEST_DIR"));
        let made = SystemTime::from("2026-06-01T00:00:00Z".parse::<Timestamp>().unwrap());
        for entry in walkdir::WalkDir::new(source.join("testdata")) {
            let entry = entry.unwrap();
            let copy = (stage.0.path()).join(entry.path().strip_prefix(source).unwrap());
            if entry.file_type().is_dir() {
                fs::create_dir(copy).unwrap();
            } else {
                fs::copy(entry.path(), &copy).unwrap();
                let copy = fs::File::options().write(true).open(copy).unwrap();
                copy.set_modified(made).unwrap();
            }
        }
        for entry in walkdir::WalkDir::new(stage.0.path()).contents_first(true) {
            let entry = entry.unwrap();
            if entry.file_type().is_dir() {
                let folder = fs::File::open(entry.path()).unwrap();
                folder.set_modified(made).unwrap();
            }
        }
        stage
    }

    /// Whether a file takes what it took where the README was written: whole blocks of 4096 bytes, and
    /// one for a folder. Elsewhere sizes are others, and lines break at other words: then every word
    /// that the README shows has to be said, in whatever order.
    #[cfg(unix)]
    fn has_usual_blocks(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        let folder = self.0.path().join("testdata/MobileSync");
        let file = folder.join("Backup/00008140-000B2D4F60718293/Status.plist");
        [folder, file].iter().all(|path| {
            let blocks = fs::metadata(path).unwrap().blocks();
            blocks * 512 == 4096
        })
    }

    #[cfg(not(unix))]
    fn has_usual_blocks(&self) -> bool {
        false
    }

    /// What a command says on stdout and stderr, with what differs between machines in a fixed form.
    fn said(&self, command: &str) -> String {
        let bkscan = PathBuf::from(env!("CARGO_BIN_EXE_bkscan"));
        let usual = env::var_os("PATH").unwrap_or_default();
        let folders = [bkscan.parent().unwrap().to_owned()].into_iter();
        let path = env::join_paths(folders.chain(env::split_paths(&usual))).unwrap();
        let mut shell = Command::new("sh");
        for (name, value) in program().get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell
            .args(["-c", &format!("exec 2>&1\n{command}")])
            .current_dir(self.0.path())
            .env("PATH", path)
            .env("HOME", self.0.path().join("home"))
            .env("COLUMNS", "100");
        // A nightly job takes no time that counts as now, and remembers.
        match command.starts_with("bkscan schedule ") {
            true => shell.env_remove("BKSCAN_NO_STATE"),
            false => shell.env("BKSCAN_NOW", NOW),
        };
        let run = shell.ended().unwrap();
        let said = String::from_utf8(run.stdout).unwrap();
        let here = fs::canonicalize(self.0.path()).unwrap();
        said.replace(bkscan.to_str().unwrap(), "/usr/local/bin/bkscan")
            .replace(here.to_str().unwrap(), "/srv")
            .replace(self.0.path().to_str().unwrap(), "/srv")
    }
}

/// The same text with the room of the disk in a fixed form.
fn without_room(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let is_head = line.contains(" free of ");
        // The head: what was found, blanks up to the right edge, the room.
        let kept = line.split("  ").next().filter(|_| is_head).unwrap_or(line);
        // The end of a plan: `307 kB: 60.2 GB free now, 60.2 GB then.`
        let kept = match kept.split_once(" free now, ") {
            Some((before, _)) => before.rsplit_once(": ").map_or(before, |(kept, _)| kept),
            None => kept,
        };
        lines.push(format!("{kept}\n"));
    }
    lines.concat()
}

/// The words of an example that the program did not say, sizes aside.
fn lacking<'a>(shown: &'a str, said: &str) -> Vec<&'a str> {
    let is_unit = |word: &str| {
        let word = word.trim_end_matches(|c: char| !c.is_alphabetic());
        ["bytes", "kB", "MB", "GB", "TB"].contains(&word)
    };
    let mut said: Vec<&str> = said.split_whitespace().collect();
    let shown: Vec<&str> = shown.split_whitespace().collect();
    let mut lacking = Vec::new();
    for (at, word) in shown.iter().enumerate() {
        let is_number = word.contains(|c: char| c.is_ascii_digit());
        let of_size = is_number && shown.get(at + 1).is_some_and(|next| is_unit(next));
        match said.iter().position(|other| other == word) {
            Some(found) => _ = said.swap_remove(found),
            None if of_size || *word == "..." => {}
            None => lacking.push(*word),
        }
    }
    lacking
}

#[test]
#[cfg_attr(
    not(target_os = "linux"),
    ignore = "the examples are for a Unix shell, and macOS has its own words here and there"
)]
fn the_examples_are_what_the_program_says() {
    let stage = Stage::new();
    let examples = examples();
    assert!(examples.len() >= 8, "the examples were not found");
    let assert = snapbox::Assert::new().action(snapbox::assert::Action::Verify);
    let mut wrong = Vec::new();
    for (command, shown) in examples {
        let (shown, said) = (without_room(&shown), without_room(&stage.said(&command)));
        let equal = assert.try_eq(None, said.as_str().into_data(), shown.as_str().into_data());
        let Err(difference) = equal else { continue };
        // A document has that in its texts, too.
        let shares_blocks = said.contains("up to ") && !said.starts_with('{');
        if stage.has_usual_blocks() && !shares_blocks {
            wrong.push(format!("$ {command}\n{difference}"));
        } else if let lacking @ [_, ..] = &lacking(&shown, &said)[..] {
            wrong.push(format!("$ {command}\nsays no {lacking:?}:\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_differs_by_machine_is_no_part_of_a_comparison() {
    let head = "8 backups · 1.6 MB         63.8 GB free of 270.6 GB\n\n1 of 8 can go, 307 kB: 1.2 GB \
                free now, up to 1.5 GB then.\n";
    assert_eq!(
        without_room(head),
        "8 backups · 1.6 MB\n\n1 of 8 can go, 307 kB\n"
    );
    let shown = "frees 1.6 MB of\n  20 files (12 bytes), 4 all\n...\n";
    let said = "20 files (13 bytes), of all 5 frees up to 1.7 MB";
    assert_eq!(lacking(shown, said), ["4"]);
}

/// The settings that the README shows are ones.
#[test]
fn the_settings_of_the_readme_are_understood() {
    let toml = blocks("toml").concat();
    let folder = empty_folder();
    let file = folder.path().join("config.toml");
    fs::write(&file, toml).unwrap();
    let shown = program()
        .args(["config", "show", "--config", file.to_str().unwrap()])
        .ended()
        .unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
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

/// The map of the code has every module.
#[test]
fn the_map_of_the_readme_has_every_module() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let source = fs::read_to_string(source).unwrap();
    let modules: BTreeSet<&str> = (source.lines())
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let readme = readme();
    let rows = readme.split("| where | what |\n").nth(1).unwrap().lines();
    let cells = rows
        .skip(1)
        .map_while(|row| row.strip_prefix("| ")?.split(" | ").next());
    let named: BTreeSet<&str> = cells
        .flat_map(|cell| cell.split(' '))
        .map(|name| name.trim_matches('`'))
        .collect();
    assert_eq!(named, modules);
}
