//! Each way to give a password, and what becomes of the other backups where one is wrong (contract §1,
//! §8; issue text: "Password").
#![cfg(not(windows))]

use serde_json::json;

use super::*;

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
fn each_way_opens_the_backup_and_all_say_the_same() {
    let world = world_of([phone("2026-11-10")]);
    private(&world, "file", format!("{PASSWORD}\nnot this line\n"));
    let path = world.path("file");
    let file = path.to_str().unwrap();
    let command = format!("echo '{PASSWORD}'; echo not this line");
    let expected = said(&run(&world, &[], &["--password-file", "file"]));
    assert_eq!(expected["exit_code"], 0);
    assert_verdicts(&expected, &[(PHONE, "complete")], "");
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
fn the_first_line_is_the_password_without_its_end() {
    let blanks = " \t blanks belong to it \t ";
    let spare = configured::backup(SPARE, "Spare", "2026-09-01").encrypted_with(blanks);
    let world = world_of([phone("2026-11-10"), spare]);
    let (opens, wrong) = ("complete", "unverified: password-wrong");
    for (text, phone, spare) in [
        (PASSWORD.to_owned(), opens, wrong),
        (format!("{PASSWORD}\r\n"), opens, wrong),
        (format!("{PASSWORD}\r\nmore"), opens, wrong),
        (format!("{PASSWORD} \n"), wrong, wrong),
        (format!(" {PASSWORD}\n"), wrong, wrong),
        (format!("{blanks}\n"), wrong, opens),
        (blanks.trim().to_owned(), wrong, wrong),
        (format!("more\n{PASSWORD}\n"), wrong, wrong),
    ] {
        private(&world, "file", &text);
        for way in [
            ["--password-file", "file"],
            ["--password-command", "cat file"],
        ] {
            let document = said(&run(&world, &[], &way));
            assert_verdicts(
                &document,
                &[(PHONE, phone), (SPARE, spare)],
                &format!("{text:?} {way:?}"),
            );
        }
    }
}

/// Finder stores what was typed; a terminal, an editor and a key ring may spell it otherwise.
#[test]
fn marks_on_letters_are_tried_as_typed_then_composed_then_decomposed() {
    // Each spelling of the same password, and one that is neither wholly composed nor decomposed.
    let composed = "Gr\u{fc}\u{df}e aus K\u{f6}ln";
    let decomposed = "Gru\u{308}\u{df}e aus Ko\u{308}ln";
    let mixed = "Gr\u{fc}\u{df}e aus Ko\u{308}ln";
    let set =
        |udid, password| configured::backup(udid, "iPhone", "2026-11-10").encrypted_with(password);
    let world = world_of([
        set(PHONE, composed),
        set(SPARE, decomposed),
        set(TABLET, mixed),
    ]);
    // Nothing makes the mixed one of another.
    let wrong = "unverified: password-wrong";
    for (typed, of_mixed) in [(composed, wrong), (decomposed, wrong), (mixed, "complete")] {
        private(&world, "file", typed);
        let document = said(&run(&world, &[], &["--password-file", "file"]));
        let expected = [(PHONE, "complete"), (SPARE, "complete"), (TABLET, of_mixed)];
        assert_verdicts(&document, &expected, typed);
    }
    // A letter that only compatibility makes of another is another letter.
    let document = scan_with(&world_of([set(PHONE, "\u{fb01}sh")]), "fish", &[]);
    assert_eq!(document["exit_code"], 3);
}

// ---- Several devices ----

/// One that is not encrypted needs no password; two backups of one device have one.
#[test]
fn a_command_runs_once_a_device_and_not_where_nothing_is_encrypted() {
    let world = world_of([
        phone("2026-11-10"),
        older("2026-10-10"),
        phone("2026-09-10").folder_name("eldest").rounds(20, 2),
        sealed(SPARE, "Spare", "2026-09-01"),
        configured::backup(TABLET, "Tablet", "2026-09-01"),
    ]);
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
fn a_wrong_password_is_exit_3_and_a_damaged_backup_beside_it_2() {
    let world = world_of([phone("2026-11-10"), sealed(SPARE, "Spare", "2026-09-01")]);
    per_device(&world, &[(PHONE, PASSWORD), (SPARE, "wrong")]);
    let args = ["--password-command", PER_DEVICE];
    let expect = |args: &[&str], code: i32, expected: &[(&str, &str)]| {
        let document = said(&run(&world, &[], args));
        assert_eq!(document["exit_code"], code, "{args:?}");
        assert_verdicts(&document, expected, &args.join(" "));
        document
    };
    let both = [(PHONE, "complete"), (SPARE, "unverified: password-wrong")];
    let document = expect(&args, 3, &both);
    let verdicts = &document["summary"]["verdicts"];
    let finding = &configured::of(&document, SPARE)["findings"][0];
    let said = [
        &verdicts["complete"],
        &verdicts["unverified"],
        &finding["count"],
    ];
    assert_eq!(said, [1, 1, 1]);
    assert_eq!(finding["severity"], "warning");
    expect(&[&args[..], &["--fail-on", "warning"]].concat(), 3, &both);
    // Without any password nothing was asked for that could not be looked at.
    expect(&[], 0, &[(PHONE, "unverified"), (SPARE, "unverified")]);
    // A wrong one for all.
    assert_eq!(scan_with(&world, "wrong", &[])["exit_code"], 3);
    lacking(sealed(TABLET, "Tablet", "2026-09-01")).write(&world.backups());
    per_device(&world, &[(TABLET, PASSWORD)]);
    expect(
        &args,
        2,
        &[both[0], (TABLET, "corrupt: file-missing"), both[1]],
    );
}

/// The keys that the device and the computer share are those of the backup: two passwords of one device
/// that changed it in between are not asked for, but the newer backup opens.
#[test]
fn an_older_backup_with_an_older_password_is_the_only_one_that_stays_locked() {
    let last_year = older("2025-06-01").encrypted_with("that of last year");
    let document = scan_with(&world_of([phone("2026-11-10"), last_year]), PASSWORD, &[]);
    let expected = [(PHONE, "complete"), ("older", "unverified: password-wrong")];
    assert_verdicts(&document, &expected, "");
    assert_eq!(document["exit_code"], 3);
    // Contract §5: what could not be looked at is never removed.
    assert_eq!(document["summary"]["removable"]["backups"], json!([]));
}

// ---- Commands that fail ----

#[test]
fn a_command_that_fails_is_told_by_backup_and_the_others_go_on() {
    let world = world_of([phone("2026-11-10"), sealed(SPARE, "Spare", "2026-09-01")]);
    for (body, words) in [
        ("echo not-to-be-told; exit 4", "exit code 4"),
        ("exit 127", "exit code 127"),
        ("true", "no password"),
        ("echo", "no password"),
        ("kill -9 $$", "signal"),
        ("yes not-to-be-told", "64 KiB"),
        ("head -c 99999999 /dev/zero", "64 KiB"),
    ] {
        let command = format!("case $BKSCAN_UDID in {SPARE}) {body};; *) echo '{PASSWORD}';; esac");
        let run = run(&world, &[], &["--password-command", &command]);
        let document = document(&run);
        assert_eq!(run.code, 3, "{body}: {run:?}");
        assert_verdicts(
            &document,
            &[(PHONE, "complete"), (SPARE, "unverified")],
            body,
        );
        let [problem] = document["problems"].as_array().unwrap().as_slice() else {
            panic!("{body}: {run:?}");
        };
        assert_eq!(last(&problem["path"]), SPARE, "{body}");
        let told = text(&problem["message"]).contains(words);
        assert!(told, "{body}: {problem}");
        let said = run.stdout + &run.stderr;
        assert!(!said.contains("not-to-be-told"), "{said}");
    }
}

/// A variable cannot hold everything that a property list can. The command sees a UDID or none, and
/// never one of somebody else.
#[test]
fn a_strange_udid_is_no_matter_of_the_shell() {
    let strange = [
        ("nul", "a\0b"),
        ("quote", "\"; touch pwned; \""),
        ("dollar", "$(touch pwned)"),
        ("line", "x\ntouch pwned"),
        ("empty", ""),
        ("long", &"9".repeat(300_000)),
    ];
    let world = world_of(strange.map(|(folder, udid)| {
        let value = plist::Value::from(udid);
        let lockdown = value.clone();
        let builder = phone("2026-11-10").folder_name(folder);
        let builder = builder.manifest_plist(move |plist| {
            let of_device = plist["Lockdown"].as_dictionary_mut().unwrap();
            of_device.insert("UniqueDeviceID".to_owned(), lockdown);
        });
        // XML cannot hold a NUL, the binary list can.
        match folder {
            "nul" => builder.without("Info.plist"),
            _ => builder.info(move |plist| {
                plist.insert("Target Identifier".to_owned(), value.clone());
                plist.insert("Unique Identifier".to_owned(), value);
            }),
        }
    }));
    let command = format!("printf '<%s>' \"$BKSCAN_UDID\" >>asked; echo '{PASSWORD}'");
    let env = [("BKSCAN_UDID", "of-somebody-else")];
    let document = document(&run(&world, &env, &["--password-command", &command]));
    assert_eq!(list(&document["backups"]).len(), 6);
    assert!(!world.path("pwned").exists());
    let asked = fs::read_to_string(world.path("asked")).unwrap_or_default();
    assert!(!asked.contains("of-somebody-else"), "{asked:.500}");
}

/// What `show` and `clean` see with the same options.
#[test]
fn show_and_clean_take_the_same_options() {
    let world = world_of([phone("2026-11-10")]);
    private(&world, "file", PASSWORD);
    private(&world, "wrong", "wrong");
    per_device(&world, &[(PHONE, PASSWORD)]);
    let path = format!("Backup/{PHONE}");
    let opened = (0, "complete", "System & settings");
    let wrong = (3, "unverified", "Encrypted");
    for command in [&["show", &path][..], &["clean", "Backup"]] {
        for (env, args, (code, verdict, group)) in [
            (&[][..], &["--password-file", "file"][..], opened),
            (&[], &["--password-file", "wrong"], wrong),
            (&[], &["--password-command", PER_DEVICE], opened),
            (&[("BKSCAN_PASSWORD", PASSWORD)], &[], opened),
            (&[("BKSCAN_PASSWORD", "wrong")], &[], wrong),
        ] {
            let words = [command, &["--json", "--now", NOW], args].concat();
            let mut program = world.command();
            program.args(words).envs(env.iter().copied());
            let run = world.output(&mut program);
            let document = document(&run);
            let said = format!("{command:?} {env:?} {args:?}: {document:#}");
            assert_eq!(run.code, code, "{said}");
            let backup = &document["backups"][0];
            assert_eq!(backup["verdict"], verdict, "{said}");
            assert_eq!(backup["storage"][0]["group"], group, "{said}");
        }
    }
}
