//! `--nagios` in the hands of a reader of its own, written from the guidelines of Nagios' plugins: the status
//! line, the numbers behind it, what may stand below, and the exit code.

use std::collections::BTreeMap;

use bkscan::model::options::FailOn;
use bkscan::render::format::{Format as _, Told};
use bkscan::render::nagios::Nagios;

use crate::cli::configured::{PHONE, SPARE, World, backup, corrupt, phone, tablet};
use crate::harness::{NOW, Run, words};
use crate::render::screens::{four, style};

/// What a plugin said.
#[derive(Debug)]
struct Plugin {
    state: String,
    text: String,
    below: String,
    numbers: BTreeMap<String, Number>,
}

/// One number: its value, and outside of which ranges it is a warning or critical.
#[derive(Debug)]
struct Number {
    value: Option<f64>,
    unit: String,
    warning: Option<(f64, f64)>,
    critical: Option<(f64, f64)>,
}

/// Reads it; fails where it is not what the guidelines say.
fn read(run: &Run) -> Plugin {
    assert_eq!(run.stderr, "", "{run:?}");
    let (first, below) = run.stdout.split_once('\n').expect("a whole line");
    let (text, numbers) = match first.split_once('|') {
        Some((text, numbers)) => (text, numbers),
        None => (first, ""),
    };
    assert!(!below.contains('|'), "numbers would begin below: {below}");
    let (head, text) = text.trim_end().split_once(" - ").expect("a state");
    let state = head
        .strip_prefix("BKSCAN ")
        .expect("the name of the service");
    let codes = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];
    let code = codes.iter().position(|known| *known == state);
    assert_eq!(code, usize::try_from(run.code).ok(), "{run:?}");
    Plugin {
        state: state.to_owned(),
        text: text.to_owned(),
        below: below.to_owned(),
        numbers: numbers.split_whitespace().map(number).collect(),
    }
}

/// `'label'=value[UOM];[warn];[crit];[min];[max]`.
fn number(word: &str) -> (String, Number) {
    let (label, rest) = word.split_once('=').expect("label=value");
    assert!(!label.is_empty() && !label.contains('\''), "{word}");
    let parts: Vec<&str> = rest.split(';').collect();
    assert!(parts.len() <= 5, "{word}");
    let is_digit = |c: char| c.is_ascii_digit() || "-.".contains(c);
    let (value, unit) = match parts[0].find(|c| !is_digit(c)) {
        Some(end) => parts[0].split_at(end),
        None => (parts[0], ""),
    };
    let (value, unit) = match (value, unit) {
        // It could not be determined.
        ("", "U") => (None, ""),
        (value, unit) => (Some(value.parse().expect("a number")), unit),
    };
    let units = ["", "s", "us", "ms", "%", "B", "KB", "MB", "TB", "c"];
    assert!(units.contains(&unit), "{word}");
    let range = |at: usize| {
        let range = parts.get(at).filter(|range| !range.is_empty())?;
        let (start, end) = range.split_once(':').unwrap_or(("0", range));
        Some((
            start.parse().expect("a start"),
            end.parse().expect("an end"),
        ))
    };
    let number = Number {
        value,
        unit: unit.to_owned(),
        warning: range(1),
        critical: range(2),
    };
    (label.to_owned(), number)
}

impl Plugin {
    fn value(&self, label: &str) -> f64 {
        self.numbers[label].value.expect(label)
    }

    /// The state that the numbers alone would lead to.
    fn by_numbers(&self) -> &'static str {
        let is_beyond = |range: fn(&Number) -> Option<(f64, f64)>| {
            self.numbers.values().any(|number| {
                let beyond = number.value.zip(range(number));
                beyond.is_some_and(|(value, (start, end))| value < start || value > end)
            })
        };
        if is_beyond(|number| number.critical) {
            "CRITICAL"
        } else if is_beyond(|number| number.warning) {
            "WARNING"
        } else {
            "OK"
        }
    }
}

fn scan(world: &World, args: &str) -> Run {
    world.enter(&format!("Backup --now NOW --no-state --nagios {args}"))
}

#[test]
fn the_status_is_that_of_the_backups() {
    let world = World::of([phone("2026-11-10")]);
    let said = read(&scan(&world, ""));
    assert_eq!(
        (&*said.state, &*said.text),
        ("OK", "1 backup, nothing wrong")
    );
    assert_eq!((said.by_numbers(), &*said.below), ("OK", ""));
    // Warnings count where nothing else is said.
    tablet().write(&world.backups());
    let said = read(&scan(&world, ""));
    assert_eq!(
        (&*said.state, &*said.text),
        ("WARNING", "1 with a warning of 2 backups")
    );
    assert_eq!(said.by_numbers(), "WARNING");
    let quiet = world.enter("Backup --now NOW --no-state --quiet --fail-on warning");
    assert_eq!(said.below, quiet.stdout);
    let said = read(&scan(&world, "--fail-on error"));
    assert_eq!((&*said.state, said.by_numbers()), ("OK", "OK"));
    assert_eq!(
        (&*said.text, &*said.below),
        ("1 with a warning of 2 backups", "")
    );
    corrupt(SPARE, "2026-11-01").write(&world.backups());
    let unfinished = phone("2026-01-01")
        .snapshot_state("uploading")
        .backup_state("empty");
    unfinished.folder_name("never").write(&world.backups());
    let run = scan(&world, "");
    let said = read(&run);
    assert_eq!(
        (&*said.state, &*said.text),
        (
            "CRITICAL",
            "1 corrupt, 1 incomplete, 1 with a warning of 4 backups"
        )
    );
    assert!(
        run.stdout
            .contains(" of 4 backups | corrupt=1;;0 incomplete=1;;0 "),
        "{run:?}"
    );
    let numbers = [
        ("corrupt", 1.0),
        ("incomplete", 1.0),
        ("complete", 2.0),
        ("backups", 4.0),
    ];
    for (label, value) in numbers {
        assert!((said.value(label) - value).abs() < 0.1, "{label}");
    }
    assert_eq!(
        (said.by_numbers(), &*said.numbers["size"].unit),
        ("CRITICAL", "B")
    );
    let quiet = world.enter("Backup --now NOW --no-state --quiet --fail-on warning");
    assert_eq!(said.below, quiet.stdout);
    // What is configured for people is not for it.
    world.configure(
        "json = true\nquiet = true\nfail-on = 'error'\non-problem = 'echo \"$BKSCAN_EXIT\" >heard'",
    );
    assert_eq!(read(&scan(&world, "")).text, said.text);
    assert_eq!(
        std::fs::read_to_string(world.path("heard")).unwrap().trim(),
        "2"
    );
}

/// What the user takes for less than an error is critical by no number, either.
#[test]
fn numbers_and_state_agree_whatever_severities_are_configured() {
    let world = World::of([corrupt(PHONE, "2026-11-10")]);
    for (severity, state, corrupt) in [
        ("note", "OK", "corrupt=1 "),
        ("warning", "WARNING", "corrupt=1 "),
        ("error", "CRITICAL", "corrupt=1;;0 "),
    ] {
        world.configure(&format!("[severities]\nfile-missing = '{severity}'"));
        let run = scan(&world, "");
        let said = read(&run);
        assert_eq!((&*said.state, said.by_numbers()), (state, state), "{run:?}");
        // What leads to the other verdicts is what it was.
        let numbers = format!(" | {corrupt}incomplete=0;;0 unreadable=0 interrupted=0;0 ");
        assert!(run.stdout.contains(&numbers), "{run:?}");
    }
    world.configure("[severities]\nmove-interrupted = 'note'\nnever-finished = 'warning'");
    let run = scan(&world, "");
    let numbers = " | corrupt=1;;0 incomplete=0 unreadable=0 interrupted=0 ";
    assert!(run.stdout.contains(numbers), "{run:?}");
}

/// Of two holes that are said to be as large as files can be.
#[test]
fn sizes_that_no_number_holds_are_the_largest_number() {
    let mut report = four();
    for backup in &mut report.backups {
        backup.usage.allocated = u64::MAX - 1;
    }
    let format = Nagios {
        fail_on: FailOn::default(),
        severities: &BTreeMap::new(),
        failed: None,
        style: &style(100),
    };
    let told = Told {
        report: &report,
        only: None,
        exit_code: 0,
    };
    let mut text = Vec::new();
    format.write(&told, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains(" size=18446744073709551615B "), "{text}");
}

#[test]
fn what_could_not_be_looked_at_is_unknown() {
    let world = World::of([phone("2026-11-10")]);
    let said = read(&scan(&world, "nowhere"));
    assert_eq!(
        (&*said.state, &*said.text),
        ("UNKNOWN", "1 backup, 1 place could not be looked at")
    );
    let said = read(&scan(&world, "--html Backup/page.html"));
    assert_eq!(said.state, "UNKNOWN");
    let told = "1 backup, the page was not written: Backup/page.html lies in what was scanned; name a file \
                elsewhere";
    assert_eq!(said.text, told);
}

#[test]
fn what_is_wrong_with_the_call_is_unknown() {
    let world = World::of([phone("2026-11-10")]);
    let none = "; nothing was done";
    for (typed, told) in [
        ("--level deep", "invalid value 'deep'"),
        ("--nonsense", "there is no option --nonsense"),
        ("--password-file missing", "missing"),
        (
            "--json",
            "--nagios and --json do not go together: choose one; nothing was done",
        ),
        ("-q", "--nagios and --quiet do not go together: choose one"),
        (
            "-i",
            "--nagios and --interactive do not go together: choose one",
        ),
        ("--delete", "--delete goes with bkscan clean"),
    ] {
        let said = read(&scan(&world, typed));
        assert_eq!((&*said.state, &*said.below), ("UNKNOWN", ""), "{typed}");
        assert!(said.text.contains(told), "{typed}: {said:?}");
        assert!(said.numbers.is_empty());
    }
    for typed in ["show Backup/PHONE --nagios", "--nagios clean Backup"] {
        let said = read(&world.enter(typed));
        assert_eq!(said.text, format!("--nagios goes with a scan{none}"));
    }
    world.configure("keep-last = 0");
    let said = read(&scan(&world, ""));
    assert!(said.text.contains("config.toml, line 1"), "{said:?}");
}

#[test]
fn a_name_begins_no_numbers() {
    let name = "a|b=1;2;3 | 'c'=4\n|d";
    let world = World::of([
        backup(PHONE, name, "2026-11-10").remove_payload("HomeDomain", "Library/note.txt")
    ]);
    let said = read(&scan(&world, ""));
    assert_eq!(said.text, "1 corrupt of 1 backup");
    assert!(
        said.below
            .starts_with("bkscan: a¦b=1;2;3 ¦ 'c'=4¦d is corrupt "),
        "{said:?}"
    );
}

#[test]
fn with_only_what_is_new_no_number_says_what_is_wrong() {
    let world = World::of([corrupt(PHONE, "2026-11-10")]);
    let args = words("Backup --now NOW --nagios --fail-on warning,new");
    let args: Vec<&str> = args
        .into_iter()
        .map(|word| if word == "NOW" { NOW } else { word })
        .collect();
    let remembered = || {
        let mut command = world.command();
        world.output(command.args(&args))
    };
    let [first, second] = [(); 2].map(|()| read(&remembered()));
    assert_eq!((&*first.state, &*second.state), ("CRITICAL", "OK"));
    assert_eq!(second.text, "1 corrupt of 1 backup, nothing new");
    assert_eq!(second.by_numbers(), "OK");
}

/// What is configured for people does not have it hear that all is well because it heard of it before.
#[test]
fn with_only_what_is_new_in_the_settings_it_stays_critical() {
    let world = World::of([corrupt(PHONE, "2026-11-10")]);
    world.configure("fail-on = ['warning', 'new']");
    for _ in 0..2 {
        let mut command = world.command();
        let run = world.output(command.args(["Backup", "--now", NOW, "--nagios"]));
        assert_eq!(read(&run).state, "CRITICAL");
    }
}

/// It is no warning of the backup that the password was another one's.
#[test]
fn a_wrong_password_is_told_as_that() {
    let world = World::of([phone("2026-11-10").encrypted_with("right")]);
    let mut command = world.typed("Backup --now NOW --no-state --nagios");
    let run = world.output(command.env("BKSCAN_PASSWORD", "wrong"));
    let first = run.stdout.split(" | ").next();
    let expected = "BKSCAN UNKNOWN - 1 with a wrong password of 1 backup";
    assert_eq!((run.code, first), (3, Some(expected)), "{run:?}");
}
