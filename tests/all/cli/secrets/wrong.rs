//! A wrong password hides nothing (contract §4, rule 6): each command says what it says without one, and
//! besides that the password is wrong; the exit code is 3 unless 2 applies (contract §8).

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use super::{
    PASSWORD, PHONE, SETTING, SPARE, TABLET, World, document, last, phone, private, scan_with,
    sealed, verdicts,
};
use crate::cli::configured::of;
use crate::harness::{NOW, finding_ids};
use crate::support::{BackupBuilder, DigestForm, Row};

const NOTE: (&str, &str) = ("HomeDomain", "Library/note.txt");

/// A small backup in a folder of this name.
fn small(folder: &str) -> BackupBuilder {
    BackupBuilder::new(PHONE)
        .folder_name(folder)
        .bare()
        .no_empty_shards()
        .file(NOTE.0, NOTE.1, b"note")
        .add(Row::file(SETTING.0, SETTING.1, b"setting").digest(DigestForm::Inline))
        .encrypted_with(PASSWORD)
}

/// One backup for each verdict that can be told without a password; what is said of it at each level, and
/// whether that is an error.
fn each_verdict() -> [(BackupBuilder, [&'static str; 3]); 11] {
    let same = |said| [said; 3];
    let without_list = |said| ["unverified", said, said];
    let odd = |name: &str| small(name).payload(NOTE.0, NOTE.1, [1; 17]);
    let gone = |name: &str| small(name).remove_payload(NOTE.0, NOTE.1);
    let flipped = |name: &str| small(name).mbdb().flip_in_payload(SETTING.0, SETTING.1, 0);
    [
        (small("locked"), same("unverified")),
        (small("listed").mbdb(), without_list("complete")),
        (gone("gone").mbdb(), without_list("corrupt: file-missing")),
        (odd("cut"), without_list("corrupt: payload-truncated")),
        (
            flipped("flipped"),
            ["unverified", "complete", "corrupt: digest-mismatch"],
        ),
        (
            small("no-list").without("Manifest.db"),
            same("incomplete: manifest-missing"),
        ),
        (
            small("no-status").without("Status.plist"),
            same("incomplete: status-missing"),
        ),
        (
            small("stopped").snapshot_state("uploading"),
            same("interrupted: update-interrupted"),
        ),
        (
            small("half-moved").snapshot_state("removing"),
            same("interrupted: cleanup-interrupted"),
        ),
        (
            small("odd-state").snapshot_state("something"),
            same("unverified: state-unknown"),
        ),
        (
            small("running")
                .date("2026-11-22T11:00:00Z")
                .snapshot_state("uploading")
                .mtime("2026-11-22T11:50:00Z"),
            same("in-progress: backup-running update-interrupted"),
        ),
    ]
}

/// What is said, without the finding that the password is wrong.
fn but_for_the_password(said: &str) -> String {
    let said = said.replace(" password-wrong", "");
    said.strip_suffix(':').unwrap_or(&said).to_owned()
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn each_verdict_is_that_without_a_password() {
    let mut wrong = Vec::new();
    for (builder, expected) in each_verdict() {
        let world = World::new();
        builder.write(&world.backups());
        for (level, expected) in ["quick", "standard", "contents"].into_iter().zip(expected) {
            let is_error = ["corrupt", "incomplete"]
                .iter()
                .any(|verdict| expected.starts_with(verdict));
            for password in ["", "wrong"] {
                let document = scan_with(&world, password, &["--level", level, "--no-state"]);
                let said = verdicts(&document).into_values().next().unwrap();
                // No key is tried below standard, nor where no list says that one is of use.
                let is_tried = !password.is_empty() && level != "quick";
                let code = match (is_error, is_tried) {
                    (true, _) => 2,
                    (false, true) => 3,
                    (false, false) => 0,
                };
                if but_for_the_password(&said) != expected
                    || said.contains("password-wrong") != is_tried
                    || document["exit_code"] != code
                {
                    let exit = &document["exit_code"];
                    wrong.push(format!(
                        "{expected} at {level}, {password:?}: {said} ({exit})"
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Everything of a backup that is no word about the password itself.
fn judgement(backup: &Value) -> Value {
    let mut judgement = backup.clone();
    let fields = judgement.as_object_mut().unwrap();
    for key in ["checked", "not_checked", "decision"] {
        fields.remove(key);
    }
    let findings = fields["findings"].as_array_mut().unwrap();
    findings.retain(|finding| finding["id"] != "password-wrong");
    judgement
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_documents_are_those_without_a_password() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    sealed(SPARE, "Spare", "2016-09-01")
        .mbdb()
        .remove_payload(NOTE.0, NOTE.1)
        .write(&world.backups());
    sealed(TABLET, "Tablet", "2026-09-01")
        .snapshot_state("uploading")
        .write(&world.backups());
    for command in [
        &["scan", "Backup"][..],
        &["scan", "Backup", "--level", "contents"],
        &["clean", "Backup"],
        &["show", &format!("Backup/{SPARE}")],
        &["show", &format!("Backup/{TABLET}")],
        &["show", &format!("Backup/{TABLET}"), "--level", "contents"],
    ] {
        let said = |password: &str| {
            let mut program = world.command();
            program.env("BKSCAN_PASSWORD", password);
            let args = command.strip_prefix(&["scan"]).unwrap_or(command);
            program.args(args).args(["--json", "--now", NOW]);
            if command[0] == "scan" {
                program.arg("--no-state");
            }
            document(&world.output(&mut program))
        };
        let (without, wrong) = (said(""), said("wrong"));
        let backups = |document: &Value| document["backups"].as_array().unwrap().clone();
        let judgements =
            |document: &Value| -> Vec<Value> { backups(document).iter().map(judgement).collect() };
        assert_eq!(judgements(&wrong), judgements(&without), "{command:?}");
        for backup in backups(&wrong) {
            assert!(finding_ids(&backup).contains("password-wrong"));
        }
        for key in ["summary", "devices", "plan"] {
            assert_eq!(wrong[key], without[key], "{command:?}: {key}");
        }
        let is_bad = command[0] != "clean" && command[1] != format!("Backup/{TABLET}");
        let expected = if is_bad { [2, 2] } else { [0, 3] };
        let codes = [&without, &wrong].map(|document| document["exit_code"].as_i64().unwrap());
        assert_eq!(codes, expected, "{command:?}");
    }
}

/// What is damaged is shown with the command that shows more of it, and a running backup with why the exit
/// code is 3.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_screen_tells_both() {
    let world = World::new();
    let path = world.backups();
    sealed(SPARE, "Spare", "2016-09-01")
        .mbdb()
        .remove_payload(NOTE.0, NOTE.1)
        .write(&path);
    sealed(TABLET, "Tablet", "2026-11-22")
        .snapshot_state("uploading")
        .mtime("2026-11-22T11:50:00Z")
        .write(&path);
    let run = |args: &[&str]| {
        let mut program = world.command();
        program.env("BKSCAN_PASSWORD", "wrong");
        world.output(
            program
                .args(["Backup", "--no-state", "--now", NOW])
                .args(args),
        )
    };
    for args in [&[][..], &["--quiet"]] {
        let run = run(args);
        assert_eq!((run.code, run.stderr.as_str()), (2, ""), "{run:?}");
        let told = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in [
            "1 of 1 file is missing",
            "The password does not open this backup",
            &format!("bkscan show Backup/{SPARE}"),
        ] {
            assert!(told.contains(words), "{words}: {run:?}");
        }
    }
    fs::remove_dir_all(path.join(SPARE)).unwrap();
    let told = run(&[]);
    assert_eq!(told.code, 3);
    let words = "A backup of Tablet is running";
    assert!(told.stdout.contains(words), "{told:?}");
    assert!(
        told.stdout.contains("The password does not open"),
        "{told:?}"
    );
    let told = run(&["--quiet"]);
    assert_eq!(told.code, 3);
    let head = "bkscan: Tablet is in-progress (wrong password) (22 Nov 2026, 12:00)";
    assert_eq!(told.stdout.lines().next(), Some(head), "{told:?}");
}

/// Whatever the user makes of the finding, it is told and counts.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_lower_severity_does_not_silence_it() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    world.configure("[severities]\npassword-wrong = \"note\"\n");
    let mut program = world.command();
    program.env("BKSCAN_PASSWORD", "wrong");
    let run = world.output(program.args(["Backup", "--quiet", "--now", NOW]));
    assert_eq!(run.code, 3);
    assert!(run.stdout.contains("The password does not open"), "{run:?}");
}

// ---- What may go ----

/// What was to be opened and was not may be damaged in its keys, or nobody knows its password: it stands in
/// for nothing, neither where names are readable nor where the user trusts what is locked.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn it_stands_in_for_nothing() {
    for is_old in [false, true] {
        let world = World::new();
        let add = |builder: BackupBuilder| match is_old {
            true => builder.mbdb().write(&world.backups()),
            false => builder.write(&world.backups()),
        };
        add(phone("2026-11-10").encrypted_with("another"));
        add(phone("2026-03-01").folder_name("older"));
        for (password, args) in [
            (PASSWORD, &[][..]),
            (PASSWORD, &["--trust-locked"]),
            ("wrong", &[]),
            ("wrong", &["--trust-locked"]),
        ] {
            let document = scan_with(&world, password, args);
            let removable = &document["summary"]["removable"]["backups"];
            assert_eq!(removable, &json!([]), "{password} {args:?}");
            let decision = &of(&document, "older")["decision"];
            assert_eq!(decision["reasons"][0]["code"], "newer-not-checked");
            let on_request = document["summary"]["on_request"]["backups"].as_array();
            let on_request: BTreeSet<_> = on_request.unwrap().iter().map(last).collect();
            assert_eq!(on_request, ["older"].into(), "{password} {args:?}");
        }
    }
}

// ---- Two of them ----

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn diff_compares_what_it_does_without_and_ends_with_3() {
    let world = World::new();
    let add = |builder: BackupBuilder| builder.write(&world.backups());
    add(small("old").mbdb());
    add(small("new")
        .mbdb()
        .file(NOTE.0, "Library/more.txt", b"more"));
    add(small("locked"));
    add(small("copy"));
    private(&world, "wrong", "wrong\n");
    for (words, level, code, covers) in [
        (["old", "new"], "standard", 0, json!(true)),
        (["old", "new"], "contents", 0, json!(true)),
        (["locked", "copy"], "standard", 3, Value::Null),
        // A true copy needs no password.
        (["locked", "copy"], "contents", 0, json!(true)),
    ] {
        let said = |password: &[&str]| {
            let mut program = world.command();
            program.args(["diff", "--json", "--level", level, "--now", NOW]);
            program.args(password);
            program.args(words.map(|word| format!("Backup/{word}")));
            document(&world.output(&mut program))
        };
        let (without, wrong) = (said(&[]), said(&["--password-file", "wrong"]));
        assert_eq!(without["exit_code"], code, "{words:?} {level}");
        assert_eq!(wrong["exit_code"], 3, "{words:?} {level}");
        for key in ["covers", "identical", "groups", "databases", "contents"] {
            assert_eq!(wrong[key], without[key], "{words:?} {level}: {key}");
        }
        assert_eq!(wrong["covers"], covers, "{words:?} {level}");
        let why = "the password is wrong for it";
        let not = |which: &str| json!({ "which": which, "why": why });
        assert_eq!(wrong["not_compared"], json!([not("old"), not("new")]));
    }
}

/// What a password was to open and did not goes for nothing, trusted or not: its names tell too little.
#[test]
fn an_older_one_that_does_not_open_stays() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    let older = crate::cli::configured::backup(PHONE, "Anna's iPhone", "2025-06-01");
    let older = older.folder_name("older").encrypted_with("another");
    older.write(&world.backups());
    for more in [&[][..], &["--trust-locked"]] {
        let decided = scan_with(&world, PASSWORD, more);
        let decision = &of(&decided, "older")["decision"];
        assert_eq!(decision["action"], "keep", "{more:?}");
        assert_eq!(decision["reasons"][0]["code"], "holds-more", "{more:?}");
    }
}
