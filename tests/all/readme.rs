//! What the README and the topics of `bkscan help` show is so: their examples are run by a shell, and their
//! settings are read. `SNAPSHOTS=overwrite cargo test --test all readme::` writes the examples anew.

use std::cmp::Reverse;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use jiff::Timestamp;
use snapbox::IntoData as _;
use unicode_width::UnicodeWidthStr as _;

use crate::harness::{Ended as _, NOW, program};
use crate::support::empty_folder;

/// A text with examples: the README, or a topic of `bkscan help`.
struct Text {
    path: PathBuf,
    /// How wide the screen of its examples is: topics are read on terminals, where they are indented.
    columns: &'static str,
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// Lines as they are.
    Plain(String),
    /// A command as it is typed, and what it says. A line of three dots stands for any lines.
    Example(String, String),
}

fn readme() -> Text {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let columns = "100";
    Text { path, columns }
}

fn texts() -> Vec<Text> {
    let topics = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/topics");
    let mut topics: Vec<PathBuf> = fs::read_dir(topics)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    topics.sort();
    assert!(topics.len() > 10, "the topics were not found");
    let columns = "76";
    let topics = topics.into_iter().map(|path| Text { path, columns });
    [readme()].into_iter().chain(topics).collect()
}

impl Text {
    /// With the line ends of the source.
    fn read(&self) -> String {
        let text = fs::read_to_string(&self.path).unwrap();
        text.replace("\r\n", "\n")
    }

    /// What stands in each fenced block of this language.
    fn blocks(&self, language: &str) -> Vec<String> {
        let text = self.read();
        let fence = format!("```{language}\n");
        let starts = text.split(&fence).skip(1);
        starts
            .map(|text| text.split("```").next().unwrap().to_owned())
            .collect()
    }
}

/// The parts of a text, in their order.
fn parts(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut is_console = false;
    for line in text.split_inclusive('\n') {
        let is_fence = line.starts_with("```");
        is_console = line == "```console\n" || is_console && !is_fence;
        match (line.strip_prefix("$ "), parts.last_mut()) {
            (Some(command), _) if is_console => {
                let command = command.trim_end().to_owned();
                parts.push(Part::Example(command, String::new()));
            }
            (_, Some(Part::Example(_, shown))) if is_console => shown.push_str(line),
            (_, Some(Part::Plain(plain))) => plain.push_str(line),
            _ => parts.push(Part::Plain(line.to_owned())),
        }
    }
    parts
}

/// The text that has these parts.
fn joined(parts: &[Part]) -> String {
    let text = parts.iter().map(|part| match part {
        Part::Plain(text) => text.clone(),
        Part::Example(command, shown) => format!("$ {command}\n{shown}"),
    });
    text.collect()
}

/// What an example shows where the program says something else now: as many lines of it as before, from
/// those on that are like the first ones.
fn refreshed(shown: &str, said: &str) -> String {
    const ANY: &str = "...";
    let said: Vec<&str> = said.lines().collect();
    let shown: Vec<&str> = shown.lines().collect();
    let runs: Vec<&[&str]> = shown.split(|line| *line == ANY).collect();
    let mut lines = Vec::new();
    let mut at = 0;
    for (position, run) in runs.iter().enumerate() {
        if position > 0 {
            lines.push(ANY);
        }
        let Some(first) = run.first() else {
            lines.extend(said.iter().filter(|_| runs.len() == 1));
            continue;
        };
        let shared = |line: &str| {
            let words: Vec<&str> = first.split_whitespace().collect();
            line.split_whitespace()
                .filter(|word| words.contains(word))
                .count()
        };
        let start = match position {
            0 => 0,
            _ => (at..said.len())
                .max_by_key(|line| (shared(said[*line]), Reverse(*line)))
                .unwrap_or(at),
        };
        let is_last = position + 1 == runs.len();
        at = match is_last {
            true => said.len(),
            false => said.len().min(start + run.len()),
        };
        lines.extend(&said[start..at]);
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The folder in which the examples run. It stands for that of the source: it has the samples, with the times
/// that they were made at.
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

    /// Whether a file takes what it took where the examples were written: whole blocks of 4096 bytes, and
    /// one for a folder. Elsewhere sizes are others, and lines break at other words: then every word
    /// that an example shows has to be said, in whatever order.
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

    /// How an example differs from what the program said, if it does.
    fn difference(&self, shown: &str, said: &str) -> Option<String> {
        let assert = snapbox::Assert::new().action(snapbox::assert::Action::Verify);
        let equal = assert.try_eq(None, said.into_data(), shown.into_data());
        let difference = equal.err()?;
        // Before a size; there are other words with it.
        let shares_blocks = said
            .split("up to ")
            .skip(1)
            .any(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
        if self.has_usual_blocks() && !shares_blocks {
            return Some(difference.to_string());
        }
        match &lacking(shown, said)[..] {
            [] => None,
            lacking => Some(format!("says no {lacking:?}:\n{said}")),
        }
    }

    /// What a command says on stdout and stderr, with what differs between machines in a fixed form.
    fn said(&self, command: &str, columns: &str) -> String {
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
            .env("COLUMNS", columns);
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

/// What is free on the disk of an example.
const ROOM: &str = "63.8 GB";

/// The same text with the room of the disk in a fixed form: that is another one each time.
fn with_usual_room(text: &str) -> String {
    let line = |line: &str| {
        let usual = usual_head(line).or_else(|| usual_end(line));
        usual.unwrap_or_else(|| line.to_owned()) + "\n"
    };
    text.lines().map(line).collect()
}

/// The head of a screen: what was found, blanks up to the right edge, the room.
fn usual_head(line: &str) -> Option<String> {
    let (before, after) = line.split_once(" free of ")?;
    // Sizes are a number and a unit.
    let kept = before.rsplitn(3, ' ').nth(2)?.trim_end();
    let rest = after.splitn(3, ' ').nth(2);
    let rest = rest.map(|rest| format!(" {rest}")).unwrap_or_default();
    let room = format!("{ROOM} free of 270.6 GB{rest}");
    let gap = line.width().saturating_sub(kept.width() + room.width());
    Some(format!("{kept}{}{room}", " ".repeat(gap.max(2))))
}

/// The end of a plan: what can go, the room before and after.
fn usual_end(line: &str) -> Option<String> {
    let (kept, room) = line.rsplit_once(": ")?;
    let (_, then) = room.split_once(" free now, ")?;
    let up_to = if then.contains("up to ") {
        "up to "
    } else {
        ""
    };
    Some(format!("{kept}: {ROOM} free now, {up_to}{ROOM} then."))
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
    let mut count = 0;
    let mut wrong = Vec::new();
    for text in texts() {
        let mut parts = parts(&text.read());
        for part in &mut parts {
            let Part::Example(command, shown) = part else {
                continue;
            };
            count += 1;
            let said = with_usual_room(&stage.said(command, text.columns));
            let Some(difference) = stage.difference(shown, &said) else {
                continue;
            };
            wrong.push(format!(
                "{}: $ {command}\n{difference}",
                text.path.display()
            ));
            *shown = refreshed(shown, &said);
        }
        if env::var_os("SNAPSHOTS").is_some_and(|what| what == "overwrite") {
            fs::write(&text.path, joined(&parts)).unwrap();
            wrong.clear();
        }
    }
    assert!(count >= 8, "the examples were not found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_differs_by_machine_is_no_part_of_a_comparison() {
    let head = "8 backups · 1.6 MB           1.2 GB free of 9.6 GB\n\n1 of 8 can go, 307 kB: 1.2 GB \
                free now, up to 1.5 GB then.\n";
    let usual = "8 backups · 1.6 MB        63.8 GB free of 270.6 GB\n\n1 of 8 can go, 307 kB: 63.8 GB \
                 free now, up to 63.8 GB then.\n";
    assert_eq!(with_usual_room(head), usual);
    let shown = "frees 1.6 MB of\n  20 files (12 bytes), 4 all\n...\n";
    let said = "20 files (13 bytes), of all 5 frees up to 1.7 MB";
    assert_eq!(lacking(shown, said), ["4"]);
}

#[test]
fn an_example_is_written_anew_as_far_as_it_was_shown() {
    let text = "One\n```console\n$ a b\nfirst\n...\n$ c\n```\n    $ d\n";
    let example = |command: &str, shown: &str| Part::Example(command.into(), shown.into());
    let plain = |text: &str| Part::Plain(text.to_owned());
    let expected = [
        plain("One\n```console\n"),
        example("a b", "first\n...\n"),
        example("c", ""),
        plain("```\n    $ d\n"),
    ];
    assert_eq!(parts(text), expected);
    assert_eq!(joined(&expected), text);
    let said = "1 Head\n\nmore\nthe files: 3\n  a\n  b\nend\nlast\n";
    for (shown, expected) in [
        ("", said),
        ("Head\nmore\n", said),
        ("Head\n...\n", "1 Head\n...\n"),
        ("...\n2 files:\n  c\n...\n", "...\nthe files: 3\n  a\n...\n"),
        (
            "...\nfiles: 2\n...\nend\n",
            "...\nthe files: 3\n...\nend\nlast\n",
        ),
    ] {
        assert_eq!(refreshed(shown, said), expected, "{shown}");
    }
}

/// It is read before anything is known of bkscan: all else has its topic.
#[test]
fn the_readme_is_short() {
    let lines = readme().read().lines().count();
    assert!(lines <= 150, "the README has {lines} lines");
}

/// The settings that the texts show are ones.
#[test]
fn the_settings_that_are_shown_are_understood() {
    let toml = texts().into_iter().flat_map(|text| text.blocks("toml"));
    let toml: String = toml.collect();
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
