//! Printed commands, pasted into shells: whatever a folder is called, every shell calls bkscan with just
//! that name, and does nothing else.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use bkscan::system::System;
use bkscan::words::shell;

use crate::harness::{Ended as _, program};
use crate::support::{BackupBuilder, Chance, empty_folder};

/// Names that mean something to some shell.
const NAMES: [&str; 72] = [
    "plain",
    "two words",
    " a space on either side ",
    "",
    "it's",
    "'",
    "''",
    "\"",
    "\\",
    "\\\\",
    "\\'",
    "\\' ; touch ran ; '",
    "\\\\' ; touch ran ; '",
    "a\\",
    "'\\",
    "\\\"",
    "\\n",
    "\\$(touch ran)",
    "$(touch ran)",
    "`touch ran`",
    "(touch ran)",
    "\"$(touch ran)\"",
    "' ; touch ran ; '",
    "; touch ran",
    "& touch ran",
    "| touch ran",
    "|| touch ran",
    "&& touch ran",
    "> ran",
    "< ran",
    ">> ran",
    "<(touch ran)",
    "=(touch ran)",
    "$HOME",
    "${HOME}",
    "$'a'",
    "$\"a\"",
    "$((1+1))",
    "$",
    "~",
    "~root",
    "a~",
    "~+",
    "-x",
    "--delete",
    "--a=~/x",
    "# no comment",
    "a#b",
    "!",
    "!!",
    "a!b",
    "!touch ran",
    "^a^b",
    "*",
    "?",
    "[a-z]*",
    "{a,b}",
    "{1..3}",
    "%",
    "%1",
    "%self",
    "50%",
    "=ls",
    "a=b",
    "@{x}",
    "a:b,c+d",
    "a\tb",
    "\n",
    "a\nb",
    "\ntouch ran\n",
    "a\n\n",
    "Größe 電話 👩\u{200d}👧 \u{1b}[31m \u{7f}\u{85}\u{9b} \u{202e}\u{2066}\u{200b}\u{feff} \u{f6f6} \u{e0041}7",
];

/// What names are made of by chance.
const PARTS: [&str; 46] = [
    "'",
    "'",
    "\"",
    "\\",
    "\\",
    "\n",
    "\n",
    "$",
    "(",
    ")",
    "`",
    "~",
    "-",
    " ",
    " ",
    ";",
    "&",
    "|",
    "#",
    "!",
    "*",
    "?",
    "[",
    "]",
    "{",
    "}",
    ",",
    "^",
    "%",
    "=",
    "<",
    ">",
    "$(",
    "touch ran",
    "\t",
    "\r",
    "\u{1}",
    "\u{1b}",
    "\u{7f}",
    "\u{202e}",
    "\u{200b}",
    "é",
    "電",
    "7",
    "a",
    "/",
];

/// Names that are no text.
const BYTES: [&[u8]; 6] = [
    b"\xff",
    b"-\xe9t\xe9 $(touch ran)",
    b"a\xc3",
    b"\xed\xa0\x80'b\\\xfe",
    b"\xff\n\n",
    b"\n\x80\x1b[2J%d %s",
];

fn names() -> Vec<String> {
    let mut chance = Chance::new(20);
    let mut names: Vec<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
    while names.len() < 300 {
        let parts = 1 + chance.below(9);
        let part = |_| *chance.pick(&PARTS);
        names.push((0..parts).map(part).collect());
    }
    names
}

/// What a shell calls bkscan with, if these lines are given to it.
fn called(shell: &[&str], lines: &str) -> Vec<Vec<OsString>> {
    let world = empty_folder();
    let [bin, here] = ["bin", "here"].map(|name| world.path().join(name));
    fs::create_dir(&bin).unwrap();
    fs::create_dir(&here).unwrap();
    let stand_in = bin.join("bkscan");
    let told = world.path().join("told");
    fs::write(
        &stand_in,
        "#!/bin/sh\nprintf '%s\\0' \"$@\" '\u{1}end' >>\"$TOLD\"\n",
    )
    .unwrap();
    fs::set_permissions(&stand_in, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut started = Command::new(shell[0])
        .args(&shell[1..])
        .current_dir(&here)
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("TOLD", &told)
        .env("HOME", world.path())
        .env("TERM", "dumb")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .started()
        .unwrap();
    started
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    let ended = started.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    let made = fs::read_dir(&here).unwrap().count();
    assert_eq!(made, 0, "{shell:?} ran a name: {said}");
    let told = fs::read(&told).unwrap_or_else(|_| panic!("{shell:?}: {said}"));
    let mut calls = vec![Vec::new()];
    for word in told.strip_suffix(b"\0").unwrap().split(|byte| *byte == 0) {
        match word {
            b"\x01end" => calls.push(Vec::new()),
            word => calls
                .last_mut()
                .unwrap()
                .push(OsString::from_vec(word.to_owned())),
        }
    }
    assert_eq!(calls.pop(), Some(Vec::new()));
    calls
}

/// What leads to a folder of this name. A line feed at its end is not the end.
fn folder(name: &OsStr) -> OsString {
    let mut path = OsString::from("/b/");
    path.push(name);
    if name.as_bytes().ends_with(b"\n") {
        path.push("/");
    }
    path
}

fn every_name_arrives(shell: &[&str]) {
    let names = names();
    let mut lines = String::new();
    let mut expected = Vec::new();
    for name in &names {
        let option = format!("--older-than={name}");
        lines += &shell::call(
            System::Other,
            "show",
            &[format!("/b/{name}")],
            &[name.clone(), option.clone()],
        );
        lines.push('\n');
        expected.push(vec![
            "show".into(),
            folder(OsStr::new(name)),
            name.into(),
            OsString::from(option),
        ]);
    }
    for name in BYTES {
        let name = OsStr::from_bytes(name);
        lines += &shell::show_command(System::Other, Path::new("/b").join(name), &[]);
        lines.push('\n');
        expected.push(vec!["show".into(), folder(name)]);
    }
    let called = called(shell, &lines);
    for (called, expected) in called.iter().zip(&expected) {
        assert_eq!(called, expected, "{shell:?}");
    }
    assert_eq!(called.len(), 300 + BYTES.len(), "{shell:?}");
}

#[test]
fn sh_calls_bkscan_with_every_name_as_it_is() {
    every_name_arrives(&["sh"]);
}

/// Typed at a prompt, an exclamation mark means something, too.
#[test]
#[ignore = "needs four shells: .ci/shells runs it"]
fn every_shell_calls_bkscan_with_every_name_as_it_is() {
    for shell in [
        &["dash"][..],
        &["dash", "-i"],
        &["bash", "--norc", "--noprofile"],
        &["bash", "--norc", "--noprofile", "-i"],
        &["zsh", "-f"],
        &["zsh", "-f", "-i"],
        &["fish", "--no-config"],
        &["fish", "--no-config", "-i"],
    ] {
        every_name_arrives(shell);
    }
}

/// No command is printed that a folder's name breaks out of: each of them leads to that folder again.
#[test]
fn what_the_screen_prints_leads_back_to_the_folder() {
    let text = [
        "a'b\\' ; touch ran ; '",
        "--delete",
        "a\nb \u{1b}[2J\u{202e} c",
        "{a,b}!!~*",
        "a\n",
    ];
    // Linux alone has names that are no text.
    let bytes: &[&[u8]] = match cfg!(target_os = "linux") {
        true => &BYTES,
        false => &[],
    };
    for name in text.map(str::as_bytes).iter().chain(bytes) {
        let name = OsStr::from_bytes(name);
        let world = empty_folder();
        let root = world.path().join("Backups");
        let made = BackupBuilder::new("00008030-001122334455667A")
            .remove_payload("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0003.MOV")
            .write(&root);
        fs::rename(made, root.join(name)).unwrap();
        let out = program().arg(&root).arg("--quiet").ended().unwrap();
        let out = String::from_utf8(out.stdout).unwrap();
        let from = out.find("bkscan show");
        let from = from.unwrap_or_else(|| panic!("a command in {out}"));
        let line = out[from..].split("\n  bkscan explain").next().unwrap();
        let calls = called(&["sh"], &format!("{line}\n"));
        assert_eq!(calls.len(), 1, "{line}");
        let [show, folder] = calls[0].as_slice() else {
            panic!("{line}")
        };
        // What a slash ends is the same folder.
        let there = [Path::new(show), Path::new(folder)];
        assert_eq!(there, [Path::new("show"), &root.join(name)], "{line}");
    }
}

/// A folder that is called like an option, and was named behind `--`, is no option in what is printed.
#[test]
fn a_path_that_looks_like_an_option_stays_a_path() {
    let world = empty_folder();
    let root = world.path().join("--delete");
    BackupBuilder::new("00008030-001122334455667A")
        .remove_payload("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0003.MOV")
        .write(&root);
    let mut command = program();
    command.current_dir(world.path());
    let out = command.args(["--json", "--", "--delete"]).ended().unwrap();
    let out: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let hint = &out["backups"][0]["findings"][0]["hint"];
    assert_eq!(
        hint, "bkscan show ./--delete/00008030-001122334455667A",
        "{out:#}"
    );
    assert!(Path::new(&root).is_dir());
}
