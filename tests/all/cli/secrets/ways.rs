//! Each way to give a password, and what becomes of the other backups where one is wrong (contract §1,
//! §8; issue text: "Password").

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::{
    PASSWORD, PHONE, SPARE, TABLET, World, document, phone, private, scan_with, sealed, verdicts,
};
use crate::cli::configured;
use crate::harness::{NOW, Run};

/// A command that prints the file with the name of the device, which [`per_device`] makes.
const PER_DEVICE: &str = if cfg!(windows) {
    "type of-%BKSCAN_UDID%"
} else {
    "cat \"of-$BKSCAN_UDID\""
};

/// What [`PER_DEVICE`] prints for this device.
fn per_device(world: &World, udid: &str, text: &str) {
    private(world, &format!("of-{udid}"), format!("{text}\n"));
}

/// `bkscan Backup --json --now NOW ARGS`, with these variables.
fn run(world: &World, env: &[(&str, &str)], args: &[&str]) -> Run {
    let mut command = world.command();
    command.args(["Backup", "--json", "--now", NOW]).args(args);
    world.output(command.envs(env.iter().copied()))
}

/// What was said apart from the free space, which others change meanwhile.
fn said(run: &Run) -> Value {
    assert_eq!(run.stderr, "", "{run:?}");
    let mut document = document(run);
    document["roots"].take();
    // Commands to copy take the same way.
    document["advice"].take();
    for backup in document["backups"].as_array_mut().unwrap() {
        for finding in backup["findings"].as_array_mut().unwrap() {
            finding["hint"].take();
        }
    }
    document
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn each_way_opens_the_backup_and_all_say_the_same() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    private(&world, "file", format!("{PASSWORD}\nnot this line\n"));
    let file = world.path("file");
    let file = file.to_str().unwrap();
    let command = format!("echo '{PASSWORD}'; echo not this line");
    let expected = said(&run(&world, &[], &["--password-file", "file"]));
    assert_eq!(expected["exit_code"], 0);
    assert_eq!(verdicts(&expected), [(PHONE, "complete".to_owned())].into());
    for (env, args) in [
        (&[("BKSCAN_PASSWORD", PASSWORD)][..], &[][..]),
        (&[], &["--password-command", &command]),
        (&[("BKSCAN_PASSWORD_FILE", file)], &[]),
        (&[("BKSCAN_PASSWORD_COMMAND", &command)], &[]),
    ] {
        assert_eq!(said(&run(&world, env, args)), expected, "{env:?} {args:?}");
    }
    for setting in [
        format!("password-file = '{file}'\n"),
        format!("password-command = \"{command}\"\n"),
    ] {
        world.configure(&setting);
        assert_eq!(said(&run(&world, &[], &[])), expected, "{setting}");
        // What is typed counts before it, and so does the environment, where both name a source.
        private(&world, "wrong", "wrong\n");
        for (env, args) in [
            (&[][..], &["--password-file", "wrong"][..]),
            (&[("BKSCAN_PASSWORD_COMMAND", "echo wrong")], &[]),
        ] {
            let document = document(&run(&world, env, args));
            assert_eq!(document["exit_code"], 3, "{env:?} {args:?}");
        }
        // The password of the environment counts where there is nothing else.
        let env = [("BKSCAN_PASSWORD", "wrong")];
        assert_eq!(said(&run(&world, &env, &[])), expected, "{setting}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_first_line_is_the_password_without_its_end() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    let blanks = " \t blanks belong to it \t ";
    let spare = configured::backup(SPARE, "Spare", "2026-09-01");
    spare.encrypted_with(blanks).write(&world.backups());
    for (text, phone, spare) in [
        (PASSWORD.to_owned(), "complete", "unverified"),
        (format!("{PASSWORD}\r\n"), "complete", "unverified"),
        (format!("{PASSWORD}\r\nmore"), "complete", "unverified"),
        (format!("{PASSWORD} \n"), "unverified", "unverified"),
        (format!(" {PASSWORD}\n"), "unverified", "unverified"),
        (format!("{blanks}\n"), "unverified", "complete"),
        (blanks.trim().to_owned(), "unverified", "unverified"),
        (format!("more\n{PASSWORD}\n"), "unverified", "unverified"),
    ] {
        private(&world, "file", &text);
        let file = run(&world, &[], &["--password-file", "file"]);
        let command = run(&world, &[], &["--password-command", "cat file"]);
        // Commands to copy have the way that was typed; the rest is the same.
        let (document, other) = (said(&file), said(&command));
        assert_eq!(verdicts(&document), verdicts(&other), "{text:?}");
        let verdict = |udid| &configured::of(&document, udid)["verdict"];
        assert_eq!(
            (verdict(PHONE), verdict(SPARE)),
            (&phone.into(), &spare.into()),
            "{text:?}"
        );
    }
}

/// Finder stores what was typed; a terminal, an editor and a key ring may spell it otherwise.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn marks_on_letters_are_tried_as_typed_then_composed_then_decomposed() {
    // Each spelling of the same password, and one that is neither wholly composed nor decomposed.
    let composed = "Gr\u{fc}\u{df}e aus K\u{f6}ln";
    let decomposed = "Gru\u{308}\u{df}e aus Ko\u{308}ln";
    let mixed = "Gr\u{fc}\u{df}e aus Ko\u{308}ln";
    for typed in [composed, decomposed, mixed] {
        let world = World::new();
        for (udid, set) in [(PHONE, composed), (SPARE, decomposed), (TABLET, mixed)] {
            let builder = configured::backup(udid, "iPhone", "2026-11-10");
            builder.encrypted_with(set).write(&world.backups());
        }
        private(&world, "file", typed);
        let document = said(&run(&world, &[], &["--password-file", "file"]));
        // Nothing makes the mixed one of another.
        let of_mixed = if typed == mixed {
            "complete"
        } else {
            "unverified: password-wrong"
        };
        let expected = [(PHONE, "complete"), (SPARE, "complete"), (TABLET, of_mixed)];
        let expected = expected.map(|(udid, said)| (udid, said.to_owned()));
        assert_eq!(verdicts(&document), expected.into(), "{typed:?}");
    }
    // A letter that only compatibility makes of another is another letter.
    let world = World::new();
    let builder = configured::backup(PHONE, "iPhone", "2026-11-10");
    builder.encrypted_with("\u{fb01}sh").write(&world.backups());
    let document = scan_with(&world, "fish", &[]);
    assert_eq!(document["exit_code"], 3);
}

// ---- Several devices ----

/// Runs on Windows, too: there another shell runs the command.
#[test]
fn a_command_is_asked_for_each_device_by_its_udid() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    let spare = configured::backup(SPARE, "Spare", "2026-09-01");
    spare.encrypted_with("another").write(&world.backups());
    per_device(&world, PHONE, PASSWORD);
    per_device(&world, SPARE, "another");
    let document = said(&run(&world, &[], &["--password-command", PER_DEVICE]));
    assert_eq!(document["exit_code"], 0);
    assert_eq!(document["summary"]["verdicts"]["complete"], 2);
}

/// One that is not encrypted needs no password; two backups of one device have one.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_command_runs_once_a_device_and_not_where_nothing_is_encrypted() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    phone("2026-10-10")
        .folder_name("older")
        .write(&world.backups());
    phone("2026-09-10")
        .folder_name("eldest")
        .rounds(20, 2)
        .write(&world.backups());
    sealed(SPARE, "Spare", "2026-09-01").write(&world.backups());
    configured::backup(TABLET, "Tablet", "2026-09-01").write(&world.backups());
    let command = format!("echo \"$BKSCAN_UDID\" >>asked; echo '{PASSWORD}'");
    for level in ["standard", "contents"] {
        let args = ["--password-command", &command, "--level", level];
        let document = said(&run(&world, &[], &args));
        assert_eq!(document["summary"]["verdicts"]["complete"], 5, "{level}");
        let asked = fs::read_to_string(world.path("asked")).unwrap();
        let mut asked: Vec<&str> = asked.lines().collect();
        asked.sort_unstable();
        assert_eq!(asked, [SPARE, PHONE], "{level}");
        fs::remove_file(world.path("asked")).unwrap();
    }
    // Where nothing is encrypted it does not run at all.
    for folder in [PHONE, "older", "eldest", SPARE] {
        fs::remove_dir_all(world.backups().join(folder)).unwrap();
    }
    said(&run(&world, &[], &["--password-command", &command]));
    assert!(!world.path("asked").exists());
}

/// Contract §8: 2 comes before 3, and 3 before 1.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_wrong_password_is_exit_3_and_a_damaged_backup_beside_it_2() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    sealed(SPARE, "Spare", "2026-09-01").write(&world.backups());
    per_device(&world, PHONE, PASSWORD);
    per_device(&world, SPARE, "wrong");
    let args = ["--password-command", PER_DEVICE];
    let expect = |args: &[&str], code: i32, expected: &[(&str, &str)]| {
        let document = said(&run(&world, &[], args));
        assert_eq!(document["exit_code"], code, "{args:?}");
        let expected = expected
            .iter()
            .map(|(name, said)| (*name, (*said).to_owned()));
        assert_eq!(verdicts(&document), expected.collect(), "{args:?}");
        document
    };
    let wrong = "unverified: password-wrong";
    let both = [(PHONE, "complete"), (SPARE, wrong)];
    let document = expect(&args, 3, &both);
    assert_eq!(document["summary"]["verdicts"]["complete"], 1);
    assert_eq!(document["summary"]["verdicts"]["unverified"], 1);
    let finding = &configured::of(&document, SPARE)["findings"][0];
    assert_eq!(
        (&finding["severity"], &finding["count"]),
        (&"warning".into(), &1.into())
    );
    let failing = [&args[..], &["--fail-on", "warning"]].concat();
    expect(&failing, 3, &both);
    // Without any password nothing was asked for that could not be looked at.
    let locked = "unverified";
    expect(&[], 0, &[(PHONE, locked), (SPARE, locked)]);
    // A wrong one for all.
    let world_wide = scan_with(&world, "wrong", &[]);
    assert_eq!(world_wide["exit_code"], 3);
    let gone = ("HomeDomain", "Library/note.txt");
    let corrupt = sealed(TABLET, "Tablet", "2026-09-01").remove_payload(gone.0, gone.1);
    corrupt.write(&world.backups());
    per_device(&world, TABLET, PASSWORD);
    let all = [both[0], (TABLET, "corrupt: file-missing"), both[1]];
    expect(&args, 2, &all);
}

/// The keys that the device and the computer share are those of the backup: two passwords of one device
/// that changed it in between are not asked for, but the newer backup opens.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn an_older_backup_with_an_older_password_is_the_only_one_that_stays_locked() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    let older = configured::backup(PHONE, "Anna's iPhone", "2025-06-01").folder_name("older");
    older
        .encrypted_with("that of last year")
        .write(&world.backups());
    let document = scan_with(&world, PASSWORD, &[]);
    let expected = [(PHONE, "complete"), ("older", "unverified: password-wrong")];
    let expected = expected.map(|(name, said)| (name, said.to_owned()));
    assert_eq!(verdicts(&document), expected.into());
    assert_eq!(document["exit_code"], 3);
    // Contract §5: what could not be looked at is never removed.
    assert_eq!(
        document["summary"]["removable"]["backups"],
        serde_json::json!([])
    );
}

// ---- Commands that fail ----

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_command_that_fails_is_told_by_backup_and_the_others_go_on() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    sealed(SPARE, "Spare", "2026-09-01").write(&world.backups());
    let only =
        |body: &str| format!("case $BKSCAN_UDID in {SPARE}) {body};; *) echo '{PASSWORD}';; esac");
    for (body, words) in [
        ("echo not-to-be-told; exit 4", "exit code 4"),
        ("exit 127", "exit code 127"),
        ("true", "no password"),
        ("echo", "no password"),
        ("kill -9 $$", "signal"),
        ("yes not-to-be-told", "64 KiB"),
        ("head -c 99999999 /dev/zero", "64 KiB"),
    ] {
        let run = run(&world, &[], &["--password-command", &only(body)]);
        let document = document(&run);
        assert_eq!(run.code, 3, "{body}: {run:?}");
        let expected = [(PHONE, "complete"), (SPARE, "unverified")];
        let expected = expected.map(|(name, said)| (name, said.to_owned()));
        assert_eq!(verdicts(&document), expected.into(), "{body}");
        let problems = document["problems"].as_array().unwrap();
        assert_eq!(problems.len(), 1, "{body}: {problems:?}");
        assert_eq!(super::last(&problems[0]["path"]), SPARE, "{body}");
        let message = problems[0]["message"].as_str().unwrap();
        assert!(message.contains(words), "{body}: {message}");
        assert!(!run.stdout.contains("not-to-be-told"), "{run:?}");
        assert!(!run.stderr.contains("not-to-be-told"), "{run:?}");
    }
}

/// A variable cannot hold everything that a property list can. The command sees a UDID or none, and
/// never one of somebody else.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_strange_udid_is_no_matter_of_the_shell() {
    let world = World::new();
    for (folder, udid) in [
        ("nul", "a\0b"),
        ("quote", "\"; touch pwned; \""),
        ("dollar", "$(touch pwned)"),
        ("line", "x\ntouch pwned"),
        ("empty", ""),
        ("long", &"9".repeat(300_000)),
    ] {
        let value = plist::Value::from(udid);
        let lockdown = value.clone();
        let builder = phone("2026-11-10")
            .folder_name(folder)
            .manifest_plist(move |plist| {
                let of_device = plist["Lockdown"].as_dictionary_mut().unwrap();
                of_device.insert("UniqueDeviceID".to_owned(), lockdown);
            });
        // XML cannot hold a NUL, the binary list can.
        let builder = match folder {
            "nul" => builder.without("Info.plist"),
            _ => builder.info(move |plist| {
                plist.insert("Target Identifier".to_owned(), value.clone());
                plist.insert("Unique Identifier".to_owned(), value);
            }),
        };
        builder.write(&world.backups());
    }
    let command = format!("printf '<%s>' \"$BKSCAN_UDID\" >>asked; echo '{PASSWORD}'");
    let env = [("BKSCAN_UDID", "of-somebody-else")];
    let run = run(&world, &env, &["--password-command", &command]);
    let document = document(&run);
    assert_eq!(document["backups"].as_array().unwrap().len(), 6);
    assert!(!world.path("pwned").exists());
    let asked = fs::read_to_string(world.path("asked")).unwrap_or_default();
    assert!(!asked.contains("of-somebody-else"), "{asked:.500}");
}

/// What `show` and `clean` see with the same options.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn show_and_clean_take_the_same_options() {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    private(&world, "file", PASSWORD);
    private(&world, "wrong", "wrong");
    per_device(&world, PHONE, PASSWORD);
    let path = format!("Backup/{PHONE}");
    for command in [&["show", &path][..], &["clean", "Backup"]] {
        for (env, args, code) in [
            (&[][..], &["--password-file", "file"][..], 0),
            (&[], &["--password-file", "wrong"], 3),
            (&[], &["--password-command", PER_DEVICE], 0),
            (&[("BKSCAN_PASSWORD", PASSWORD)], &[], 0),
            (&[("BKSCAN_PASSWORD", "wrong")], &[], 3),
        ] {
            let mut program: Command = world.command();
            program
                .args(command)
                .args(["--json", "--now", NOW])
                .args(args);
            let run = world.output(program.envs(env.iter().copied()));
            let document = document(&run);
            let said = format!("{command:?} {env:?} {args:?}: {document:#}");
            let (verdict, group) = match code {
                0 => ("complete", "System & settings"),
                _ => ("unverified", "Encrypted"),
            };
            assert_eq!(run.code, code, "{said}");
            let backup = &document["backups"][0];
            assert_eq!(backup["verdict"], verdict, "{said}");
            assert_eq!(backup["storage"][0]["group"], group, "{said}");
        }
    }
}
