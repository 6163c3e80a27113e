//! What is shown of encrypted backups (screens.md; contract §7): calm, and with what to do.

use serde_json::{Value, json};

use super::{
    PASSWORD, PHONE, SPARE, World, document, last, phone, private, scan_with, sealed, with_password,
};
use crate::cli::configured::of;
use crate::harness::{NOW, Run};
use crate::support::BackupBuilder;

/// A phone with the usual files, backed up two days ago.
fn usual() -> World {
    let world = World::new();
    BackupBuilder::new(PHONE)
        .device(
            "Anna's iPhone",
            "iPhone16,1",
            Some("iPhone 15 Pro"),
            "26.1",
            "23B85",
        )
        .date("2026-11-20T10:00:00Z")
        .encrypted_with(PASSWORD)
        .write(&world.backups());
    world
}

fn shown(world: &World, env: &[(&str, &str)], args: &[&str]) -> Run {
    let mut command = world.command();
    command.args(["Backup", "--now", NOW]).args(args);
    world.output(command.envs(env.iter().copied()))
}

/// The lines from the one that begins so, up to an empty one.
fn paragraph<'a>(run: &'a Run, begin: &str) -> Vec<&'a str> {
    let lines = run
        .stdout
        .lines()
        .skip_while(|line| !line.starts_with(begin));
    lines.take_while(|line| !line.is_empty()).collect()
}

/// Words without the line ends between them.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_locked_screen_says_what_was_seen_and_what_would_help() {
    let world = usual();
    let run = shown(&world, &[("COLUMNS", "80")], &[]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    // screens.md 3, with what was typed as the path.
    let expected = [
        "Nothing wrong in what can be seen. The backup is encrypted and its file list is",
        "locked, so missing files would not be noticed. Seen without the password:",
        "  finished 20 Nov 2026 · 24 files, all of the right shape · keys readable",
        "  Messages, Photos, Contacts and WhatsApp databases are there",
        "To compare every file (the password never leaves this computer):",
        "  bkscan Backup --ask-password",
    ];
    assert_eq!(paragraph(&run, "Nothing wrong"), expected);
    let row = run
        .stdout
        .lines()
        .find(|line| line.starts_with("?  unverified"));
    assert!(row.unwrap().contains("Anna's iPhone · locked"), "{run:?}");
    assert!(row.unwrap().ends_with("– newest"), "{run:?}");
    assert!(!run.stdout.contains("What to do"), "{run:?}");
    for columns in ["60", "100"] {
        let other = shown(&world, &[("COLUMNS", columns)], &[]);
        let width = columns.parse().unwrap();
        assert!(
            other
                .stdout
                .lines()
                .all(|line| line.chars().count() <= width),
            "{other:?}"
        );
        let words = flat(&paragraph(&other, "Nothing wrong").join(" "));
        assert_eq!(words, flat(&expected.join(" ")), "{columns}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn with_the_password_the_screen_is_that_of_any_good_backup() {
    let world = usual();
    let run = shown(&world, &[("BKSCAN_PASSWORD", PASSWORD)], &[]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let row = run
        .stdout
        .lines()
        .find(|line| line.starts_with("\u{2714}  complete"));
    assert!(row.unwrap().contains("Anna's iPhone, 15 Pro"), "{run:?}");
    let checked = "Checked: every file the index lists, in 1 backup. Not checked: what is inside files \
                   (--level contents).";
    assert!(flat(&run.stdout).ends_with(checked), "{run:?}");
    for word in ["locked", "password", "encrypted"] {
        assert!(!run.stdout.contains(word), "{word}: {run:?}");
    }
}

/// Which backup, what was not looked at, and a command; and nothing that alarms.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_wrong_password_is_told_calmly_of_the_backup_that_it_did_not_open() {
    let world = usual();
    sealed(SPARE, "Old phone", "2026-09-01")
        .encrypted_with("Anemone 77")
        .write(&world.backups());
    let run = shown(&world, &[("BKSCAN_PASSWORD", PASSWORD)], &[]);
    assert_eq!((run.code, run.stderr.as_str()), (3, ""));
    let told = flat(&paragraph(&run, "?").join(" "));
    // The first line that begins so is the row of the table.
    assert!(
        told.starts_with("? unverified Old phone, 15 Pro · locked 1 Sep 2026"),
        "{run:?}"
    );
    let told = flat(&paragraph(&run, "! Old phone:").join(" "));
    let words = "! Old phone: The password does not open this backup";
    assert!(told.starts_with(words), "{run:?}");
    assert!(told.ends_with("bkscan explain password-wrong"), "{run:?}");
    assert!(
        run.stdout
            .contains("\u{2714}  complete    Anna's iPhone, 15 Pro"),
        "{run:?}"
    );
    for word in ["damage", "corrupt", "error", "fail", "lost", PASSWORD] {
        assert!(!run.stdout.contains(word), "{word}: {run:?}");
    }
    // The nightly mail, and silence where all is well or was not asked for.
    let run = shown(&world, &[("BKSCAN_PASSWORD", PASSWORD)], &["--quiet"]);
    assert_eq!((run.code, run.stderr.as_str()), (3, ""));
    let lines: Vec<_> = run.stdout.lines().collect();
    let head = "bkscan: Old phone is unverified (wrong password), 1 other backup is fine (22 Nov 2026, 12:00)";
    assert_eq!(lines[0], head);
    assert!(
        lines[1].starts_with("! Old phone, last backup 1 Sep 2026: The password does not open")
    );
    assert_eq!(lines[2], format!("  Backup/{SPARE}"));
    let commands = format!("  bkscan show Backup/{SPARE} · bkscan explain password-wrong");
    assert_eq!(lines[3..], [commands]);
    let run = shown(&world, &[], &["--quiet"]);
    assert_eq!(
        (run.code, run.stdout.as_str(), run.stderr.as_str()),
        (0, "", "")
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn show_and_clean_say_whether_it_opened() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    phone("2026-03-01")
        .folder_name("older")
        .write(&world.backups());
    let path = format!("Backup/{PHONE}");
    let run = |password: &str, args: &[&str]| {
        let mut command = with_password(&world, password);
        world.output(command.args(args).args(["--now", NOW]))
    };
    for (password, code, verdict, encrypted) in [
        (PASSWORD, 0, "\u{2714} complete", "yes"),
        ("wrong", 3, "? unverified", "yes, and the password is wrong"),
        ("", 0, "? unverified", "yes, and no password was given"),
    ] {
        let run = run(password, &["show", &path]);
        assert_eq!((run.code, run.stderr.as_str()), (code, ""), "{run:?}");
        assert_eq!(run.stdout.lines().next(), Some(verdict), "{run:?}");
        let line = run
            .stdout
            .lines()
            .find_map(|line| line.strip_prefix("  encrypted "));
        let line = line.unwrap().trim();
        assert!(line.starts_with(encrypted), "{line}");
        assert_eq!(
            run.stdout.contains("note.txt"),
            password == PASSWORD,
            "{run:?}"
        );
        let wrong = run
            .stdout
            .contains("\npassword-wrong (warning): The password does not open");
        assert_eq!(wrong, password == "wrong", "{run:?}");
    }
    for (password, code, words) in [
        (PASSWORD, 0, "1 of 2 can go"),
        (
            "wrong",
            3,
            "Nothing can go without your decision. What only you can decide:",
        ),
        (
            "",
            0,
            "Nothing can go without your decision. What only you can decide:",
        ),
    ] {
        let run = run(password, &["clean", "Backup"]);
        assert_eq!((run.code, run.stderr.as_str()), (code, ""), "{run:?}");
        assert!(run.stdout.contains(words), "{run:?}");
    }
    // What is to be copied there does the same once more.
    private(&world, "my file", PASSWORD);
    let run = shown(&world, &[], &[]);
    assert!(!run.stdout.contains("my file"));
    let mut command = world.command();
    let run = world.output(command.args(["clean", "Backup", "--password-file", "my file"]));
    let line = run
        .stdout
        .lines()
        .find(|line| line.starts_with("  bkscan clean --delete"));
    assert!(
        line.unwrap().contains("--password-file 'my file'"),
        "{run:?}"
    );
}

/// Contract §4: "a `hint` with a command to copy". Copied, it shows what it is there for.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_command_to_copy_opens_what_the_scan_opened() {
    let world = World::new();
    phone("2026-11-10")
        .remove_payload("HomeDomain", "Library/note.txt")
        .write(&world.backups());
    phone("2026-11-09")
        .folder_name("newest")
        .write(&world.backups());
    phone("2026-03-01")
        .folder_name("older")
        .write(&world.backups());
    private(&world, "file", PASSWORD);
    let args = ["--password-file", "file"];
    let document_of = |words: &[&str]| {
        let mut command = world.command();
        document(&world.output(command.args(words).args(["--json", "--now", NOW])))
    };
    let scanned = document_of(&[&["Backup"][..], &args].concat());
    assert_eq!(
        scanned["summary"]["removable"]["backups"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let mut wrong = Vec::new();
    // "Free …": the plan of the copied command has it.
    let advice = scanned["advice"].as_array().unwrap().iter();
    let mut advice = advice.filter(|item| item["id"] == "remove-old-backups");
    let copied = advice.next().unwrap()["command"].as_str().unwrap();
    let planned = document_of(&shell_words(copied)[1..]);
    let plan: Vec<_> = planned["plan"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| last(&item["path"]))
        .collect();
    if plan != ["older"] {
        wrong.push(format!("{copied}: plans {plan:?}"));
    }
    // What the finding tells to look at is there.
    let copied = of(&scanned, PHONE)["findings"][0]["hint"].as_str().unwrap();
    let found = &document_of(&shell_words(copied)[1..])["backups"][0]["findings"];
    if found[0]["id"] != "file-missing" {
        wrong.push(format!("{copied}: finds {found}"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The words of a printed command without quotes.
fn shell_words(command: &str) -> Vec<&str> {
    command.split(' ').collect()
}

// ---- --redact ----

/// Contract §7: no names, UDIDs, serials, paths, personal file names, also of what the password opened.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn redacted_nothing_of_what_was_opened_is_personal() {
    let world = World::new();
    let personal = "Documents/letter to grandma.txt";
    phone("2026-11-10")
        .file("AppDomain-net.example.app", personal, b"x")
        .remove_payload("AppDomain-net.example.app", personal)
        .write(&world.backups());
    phone("2026-03-01")
        .folder_name("of last winter")
        .write(&world.backups());
    sealed(SPARE, "Old phone", "2026-09-01")
        .encrypted_with("Anemone 77")
        .write(&world.backups());
    private(&world, "grandma.secret", PASSWORD);
    let commands = [
        &["Backup"][..],
        &["Backup", "--json"],
        &["Backup", "--quiet"],
        &["Backup", "--advice", "all"],
        &["clean", "Backup"],
        &["clean", "Backup", "--json"],
    ];
    let file = &["--password-file", "grandma.secret"][..];
    let failing = &["--password-command", "grep grandma < /nowhere; exit 7"][..];
    for command in commands {
        for from in [file, failing] {
            // A test of its own.
            if command[0] == "clean" && from == failing {
                continue;
            }
            let mut program = world.command();
            program
                .args(command)
                .args(from)
                .args(["--redact", "--now", NOW]);
            let run = world.output(&mut program);
            assert!([0, 2, 3].contains(&run.code), "{run:?}");
            let words = [
                "Anna",
                "Old phone",
                PHONE,
                SPARE,
                "TESTSERIAL",
                "letter",
                "grandma",
                "winter",
                "note.txt",
                "Zwieback",
                "Anemone",
            ];
            for word in words {
                // What the command itself has to say on stderr is its own.
                let stderr: Vec<_> = run
                    .stderr
                    .lines()
                    .filter(|line| line.starts_with("bkscan"))
                    .collect();
                let told = run.stdout.contains(word) || stderr.join("\n").contains(word);
                assert!(!told, "{word} in {command:?} {from:?}: {run:?}");
            }
        }
    }
    let mut program = world.command();
    program
        .args(["Backup", "--json", "--redact", "--now", NOW])
        .args(file);
    let opened = document(&world.output(&mut program));
    let verdicts = &opened["summary"]["verdicts"];
    assert_eq!(
        (&verdicts["complete"], &verdicts["corrupt"]),
        (&json!(1), &json!(1))
    );
    let whole = scan_with(&world, PASSWORD, &[]);
    assert_eq!(&whole["summary"]["verdicts"], verdicts);
    assert_eq!(verdicts["unverified"], Value::from(1));
}

/// Contract §1: `--redact` for scan and clean.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn redacted_clean_names_no_folder_that_it_could_not_open() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    phone("2026-03-01")
        .folder_name("of last winter")
        .write(&world.backups());
    let mut command = world.command();
    command.args(["clean", "Backup", "--redact", "--now", NOW]);
    let run = world.output(command.args(["--password-command", "exit 7"]));
    assert_eq!(run.code, 3);
    for word in [PHONE, "winter"] {
        assert!(!run.stderr.contains(word), "{word}: {}", run.stderr);
    }
}

/// The nightly mail names `bkscan explain password-wrong`; who looks at the screen needs it as much.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_screen_of_a_wrong_password_says_what_to_do() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    let run = shown(&world, &[("BKSCAN_PASSWORD", "wrong")], &[]);
    assert_eq!(run.code, 3);
    let told = ["bkscan explain password-wrong", "--ask-password"];
    assert!(
        told.iter().any(|words| run.stdout.contains(words)),
        "{}",
        run.stdout
    );
}
