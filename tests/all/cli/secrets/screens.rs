//! What is shown of encrypted backups (screens.md; contract §7): calm, and with what to do.
#![cfg(not(windows))]

use serde_json::{Value, json};

use super::*;
use crate::cli::configured::of;

/// A phone with the usual files, backed up two days ago.
fn usual() -> BackupBuilder {
    let (model, name) = ("iPhone16,1", Some("iPhone 15 Pro"));
    BackupBuilder::new(PHONE)
        .device("Anna's iPhone", model, name, "26.1", "23B85")
        .date("2026-11-20T10:00:00Z")
        .encrypted_with(PASSWORD)
}

/// A spare phone with a password of its own.
fn old_phone() -> BackupBuilder {
    sealed(SPARE, "Old phone", "2026-09-01").encrypted_with("Anemone 77")
}

/// The first line that begins so.
fn line<'a>(run: &'a Run, begin: &str) -> &'a str {
    let found = run.stdout.lines().find(|line| line.starts_with(begin));
    found.unwrap_or_else(|| panic!("no {begin}: {run:?}"))
}

/// The lines from the one that begins so, up to an empty one.
fn paragraph<'a>(run: &'a Run, begin: &str) -> Vec<&'a str> {
    let lines = run.stdout.lines();
    let lines = lines.skip_while(|line| !line.starts_with(begin));
    lines.take_while(|line| !line.is_empty()).collect()
}

/// Words without the line ends between them.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_locked_screen_says_what_was_seen_and_what_would_help() {
    let world = world_of([usual()]);
    let shown = |columns: &str| {
        let mut command = world.command();
        command.env("COLUMNS", columns).arg("Backup");
        world.output(command.args(["--now", NOW]))
    };
    let run = shown("80");
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
    let row = line(&run, "?  unverified");
    assert!(row.contains("Anna's iPhone, 15 Pro"), "{run:?}");
    assert!(row.ends_with("– newest"), "{run:?}");
    assert!(!run.stdout.contains("What to do"), "{run:?}");
    for columns in [60, 100] {
        let other = shown(&columns.to_string());
        let mut widths = other.stdout.lines().map(|line| line.chars().count());
        assert!(widths.all(|width| width <= columns), "{other:?}");
        let words = flat(&paragraph(&other, "Nothing wrong").join(" "));
        assert_eq!(words, flat(&expected.join(" ")), "{columns}");
    }
}

#[test]
fn with_the_password_the_screen_is_that_of_any_good_backup() {
    let run = run_with(&world_of([usual()]), PASSWORD, &["Backup"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let row = line(&run, "\u{2714}  complete");
    assert!(row.contains("Anna's iPhone, iPhone 15 Pro"), "{run:?}");
    let checked = "Checked: every file the index lists, in 1 backup. Not checked: what is inside files \
                   (--level contents).";
    assert!(flat(&run.stdout).ends_with(checked), "{run:?}");
    for word in ["locked", "password", "encrypted"] {
        assert!(!run.stdout.contains(word), "{word}: {run:?}");
    }
}

/// Which backup, what was not looked at, and a command; and nothing that alarms.
#[test]
fn a_wrong_password_is_told_calmly_of_the_backup_that_it_did_not_open() {
    let world = world_of([usual(), old_phone()]);
    let run = run_with(&world, PASSWORD, &["Backup"]);
    assert_eq!((run.code, run.stderr.as_str()), (3, ""));
    // The first line that begins so is the row of the table.
    let row = flat(&paragraph(&run, "?").join(" "));
    let words = "? unverified Old phone, 15 Pro · locked 1 Sep 2026";
    assert!(row.starts_with(words), "{run:?}");
    let told = flat(&paragraph(&run, "! Old phone:").join(" "));
    let words = "! Old phone: The password does not open this backup";
    assert!(told.starts_with(words), "{run:?}");
    assert!(told.ends_with("bkscan explain password-wrong"), "{run:?}");
    let good = "\u{2714}  complete    Anna's iPhone, 15 Pro";
    assert!(run.stdout.contains(good), "{run:?}");
    for word in ["damage", "corrupt", "error", "fail", "lost", PASSWORD] {
        assert!(!run.stdout.contains(word), "{word}: {run:?}");
    }
    // The nightly mail, and silence where all is well or was not asked for.
    let run = run_with(&world, PASSWORD, &["Backup", "--quiet"]);
    assert_eq!((run.code, run.stderr.as_str()), (3, ""));
    let lines: Vec<_> = run.stdout.lines().collect();
    let head = "bkscan: Old phone is unverified (wrong password), 1 other backup is fine (22 Nov 2026, 12:00)";
    let told = "! Old phone, last backup 1 Sep 2026: The password does not open";
    assert_eq!(lines[0], head);
    assert!(lines[1].starts_with(told), "{run:?}");
    let show = format!("  bkscan show Backup/{SPARE}");
    let explain = "  bkscan explain password-wrong".to_owned();
    assert_eq!(lines[2..], [format!("  Backup/{SPARE}"), show, explain]);
    let run = run_with(&world, "", &["Backup", "--quiet"]);
    assert_eq!((run.code, run.stdout + &run.stderr), (0, String::new()));
}

#[test]
fn show_and_clean_say_whether_it_opened() {
    let world = world_of([phone("2026-11-10"), older("2026-03-01")]);
    let path = format!("Backup/{PHONE}");
    let decision = "Nothing can go without your decision. To plan it:";
    let [wrong, none] = [
        "yes, and the password is wrong",
        "yes, and no password was given",
    ];
    for (password, code, verdict, encrypted, goes) in [
        (PASSWORD, 0, "\u{2714} complete", "yes", "1 of 2 can go"),
        ("wrong", 3, "? unverified", wrong, decision),
        ("", 0, "? unverified", none, decision),
    ] {
        let run = run_with(&world, password, &["show", &path]);
        assert_eq!((run.code, run.stderr.as_str()), (code, ""), "{run:?}");
        assert_eq!(run.stdout.lines().next(), Some(verdict), "{run:?}");
        let (_, said) = line(&run, "  encrypted ").split_at("  encrypted ".len());
        assert!(said.trim().starts_with(encrypted), "{said}");
        let has = |words: &str| run.stdout.contains(words);
        assert_eq!(has("note.txt"), password == PASSWORD, "{run:?}");
        let wrong = has("\npassword-wrong (warning): The password does not open");
        assert_eq!(wrong, password == "wrong", "{run:?}");
        let run = run_with(&world, password, &["clean", "Backup"]);
        assert_eq!((run.code, run.stderr.as_str()), (code, ""), "{run:?}");
        assert!(run.stdout.contains(goes), "{run:?}");
    }
    // The nightly mail names what to do; who looks at the screen needs it as much.
    let run = run_with(&world, "wrong", &["Backup"]);
    assert_eq!(run.code, 3, "{run:?}");
    let told = ["bkscan explain password-wrong", "--ask-password"];
    assert!(
        told.iter().any(|words| run.stdout.contains(words)),
        "{run:?}"
    );
    // What is to be copied there does the same once more.
    private(&world, "my file", PASSWORD);
    let run = world.run(&["Backup", "--now", NOW]);
    assert!(!run.stdout.contains("my file"), "{run:?}");
    let run = world.run(&["clean", "Backup", "--password-file", "my file"]);
    let copied = line(&run, "  bkscan clean --delete");
    assert!(copied.contains("--password-file 'my file'"), "{run:?}");
}

/// Contract §4: "a `hint` with a command to copy". Copied, it shows what it is there for.
#[test]
fn a_command_to_copy_opens_what_the_scan_opened() {
    let world = world_of([
        lacking(phone("2026-11-10")),
        phone("2026-11-09").folder_name("newest"),
        older("2026-03-01"),
    ]);
    private(&world, "file", PASSWORD);
    let said_of = |words: &[&str]| world.json(&[words, &["--now", NOW]].concat());
    // A printed command has no quotes here.
    let copied = |command: &Value| said_of(&text(command).split(' ').skip(1).collect::<Vec<_>>());
    let scanned = said_of(&["Backup", "--password-file", "file"]);
    assert_eq!(list(&scanned["summary"]["removable"]["backups"]).len(), 1);
    // "Free …": the plan of the copied command has it.
    let mut advice = list(&scanned["advice"]).filter(|item| item["id"] == "remove-old-backups");
    let planned = copied(&advice.next().unwrap()["command"]);
    let plan = each(&planned["plan"], |item| last(&item["path"]));
    assert_eq!(plan, ["older"], "{:#}", scanned["advice"]);
    // What the finding tells to look at is there.
    let found = copied(&of(&scanned, PHONE)["findings"][0]["hint"]);
    let finding = &found["backups"][0]["findings"][0];
    assert_eq!(finding["id"], "file-missing", "{found:#}");
}

// ---- --redact ----

/// Contract §7: no names, UDIDs, serials, paths, personal file names, also of what the password opened.
/// Contract §1: `--redact` for scan and clean.
#[test]
fn redacted_nothing_of_what_was_opened_is_personal() {
    let (app, personal) = (
        "AppDomain-net.example.app",
        "Documents/letter to grandma.txt",
    );
    let letter = phone("2026-11-10").file(app, personal, b"x");
    let lacking = letter.remove_payload(app, personal);
    let winter = phone("2026-03-01").folder_name("of last winter");
    let world = world_of([lacking, winter, old_phone()]);
    private(&world, "grandma.secret", PASSWORD);
    let commands = [
        &["Backup"][..],
        &["Backup", "--json"],
        &["Backup", "--quiet"],
        &["Backup", "--advice", "all"],
        &["clean", "Backup"],
        &["clean", "Backup", "--json"],
    ];
    let words = "Anna|Old phone|TESTSERIAL|letter|grandma|winter|note.txt|Zwieback|Anemone";
    let words = words.split('|').chain([PHONE, SPARE]);
    let file = ["--password-file", "grandma.secret"];
    let failing = ["--password-command", "grep grandma < /nowhere; exit 7"];
    let redacted = |command: &[&str], from: &[&str]| {
        let words = [command, from, &["--redact", "--now", NOW]].concat();
        world.run(&words)
    };
    for command in commands {
        for from in [file, failing] {
            let run = redacted(command, &from);
            let what = format!("{command:?} {from:?}: {run:?}");
            assert!([0, 2, 3].contains(&run.code), "{what}");
            if command[0] == "clean" && from == failing {
                assert_eq!(run.code, 3, "{what}");
            }
            // What the command itself has to say on stderr is its own.
            let ours = run.stderr.lines().filter(|line| line.starts_with("bkscan"));
            let ours = ours.collect::<String>() + &run.stdout;
            for word in words.clone() {
                assert!(!ours.contains(word), "{word} in {what}");
            }
            for word in [PHONE, "winter"] {
                assert!(!run.stderr.contains(word), "{word} in {what}");
            }
        }
    }
    let opened = document(&redacted(&["Backup", "--json"], &file));
    let verdicts = &opened["summary"]["verdicts"];
    for (verdict, count) in [("complete", 1), ("corrupt", 1), ("unverified", 1)] {
        assert_eq!(verdicts[verdict], json!(count), "{verdict}");
    }
    let whole = scan_with(&world, PASSWORD, &[]);
    assert_eq!(&whole["summary"]["verdicts"], verdicts);
}
