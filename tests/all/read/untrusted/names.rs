//! Names that try to act on a terminal or to deceive a reader: none may get to a screen as it is,
//! and JSON stays JSON.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use bkscan::render::printable::clean;
use plist::{Dictionary, Value as Plist};
use regex_syntax::hir::{Class, ClassUnicode, HirKind};

use super::{DAMAGE, UDID, document, run_in_time, small};
use crate::harness::{NOW, Run, finding, only_backup, program};
use crate::support::{Row, empty_folder, tree_digest};

/// Escape sequences in both forms, a bell, a line of its own, direction marks, unseen letters.
const EVIL: &str = "\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\r\nFAKE\t\u{8}\u{7f}\u{85}\u{2028}\u{2029}\
    \u{202e}\u{2066}\u{61c}\u{200b}\u{200d}\u{200e}\u{2060}\u{feff}\u{ad}\u{34f}\u{180e}\u{206f}\
    \u{fff9}\u{115f}\u{3164}\u{e0041}end";

/// What contract §7 has names cleaned of, by Unicode's own tables: control characters, ends of lines,
/// what sets directions, and what is shown as nothing; besides marks of annotations. Variation
/// selectors choose how an emoji looks.
const HARMFUL: &str = concat!(
    r"[[\p{Control}\p{Line_Separator}\p{Paragraph_Separator}\p{Bidi_Control}",
    r"\p{Default_Ignorable_Code_Point}\u{FFF9}-\u{FFFB}]--[\u{FE00}-\u{FE0F}]]",
);

fn is_harmful(character: char) -> bool {
    static CLASS: LazyLock<ClassUnicode> = LazyLock::new(|| {
        let parsed = regex_syntax::parse(HARMFUL).unwrap();
        let HirKind::Class(Class::Unicode(class)) = parsed.into_kind() else {
            panic!("{HARMFUL} is no class");
        };
        class
    });
    let mut ranges = CLASS.iter();
    ranges.any(|range| (range.start()..=range.end()).contains(&character))
}

#[test]
fn exactly_what_is_harmful_is_taken_out_of_a_name() {
    for character in '\0'..=char::MAX {
        let expected = match is_harmful(character) {
            true => String::new(),
            false => character.to_string(),
        };
        assert_eq!(clean(&character.to_string()), expected, "{character:?}");
    }
}

/// Makes sure that nothing of it reaches a terminal, in what a command wrote.
fn assert_harmless(run: &Run, words: &str) {
    for text in [&run.stdout, &run.stderr] {
        for line in text.split('\n') {
            let found = line.chars().find(|character| is_harmful(*character));
            assert_eq!(found, None, "{words:?}: {line:?}");
        }
        // Text may be wrapped before that word, but not because of what stands before it.
        assert!(!text.contains("31m\nFAKE"), "{words:?}: {text}");
    }
}

fn binary(dictionary: Dictionary) -> Vec<u8> {
    let mut bytes = Vec::new();
    let list = Plist::from(dictionary);
    list.to_writer_binary(&mut bytes).unwrap();
    bytes
}

/// An Info.plist in which every text is evil; only the binary form can say so.
fn evil_info(udid: &str) -> Vec<u8> {
    let metadata = Dictionary::from_iter([("itemName", EVIL), ("artistName", EVIL)]);
    let app = Dictionary::from_iter([("iTunesMetadata", Plist::Data(binary(metadata)))]);
    let apps = Dictionary::from_iter([("net.example", Plist::from(app))]);
    let all = "Device Name,Display Name,Product Type,Product Name,Product Version,Build Version,\
               Serial Number,Target Identifier,IMEI,Phone Number";
    let mut info = Dictionary::from_iter(all.split(',').map(|key| (key, EVIL)));
    info.insert("Unique Identifier".to_owned(), udid.into());
    info.insert("Applications".to_owned(), apps.into());
    binary(info)
}

/// Backups in which all that can have a name has an evil one. The newer one supersedes the older.
fn write_evil(parent: &Path) {
    let mut broken = small()
        .file("AppDomain-net.example", "Documents/app", b"x")
        .file(&format!("AppDomain-{EVIL}"), EVIL, b"x")
        .file(&format!("AppDomainGroup-group.{EVIL}"), EVIL, &[7; 100])
        .file(EVIL, EVIL, &[7; 1000]);
    for (number, domain) in ["HomeDomain", EVIL].into_iter().enumerate() {
        let path = format!("{number}{EVIL}");
        broken = broken
            .add(Row::file(domain, &format!("gone {path}"), b"x").no_payload())
            .add(Row::file(domain, &format!("odd {path}"), b"x").blob(EVIL.as_bytes()))
            .add(Row::file(domain, &format!("id {path}"), b"x").id(&path));
    }
    let broken = broken.raw("Info.plist", evil_info(EVIL));
    let broken = broken.raw("Manifest.db-wal", b"");
    broken.folder_name("broken").write(parent);
    let state = |status: &mut Dictionary| {
        for key in ["SnapshotState", "BackupState", "Version", "UUID"] {
            status.insert(key.to_owned(), EVIL.into());
        }
    };
    let keys = |manifest: &mut Dictionary| {
        manifest.insert("Version".to_owned(), EVIL.into());
        let keys = "DeviceName ProductType ProductVersion UniqueDeviceID".split(' ');
        let lockdown = Dictionary::from_iter(keys.map(|key| (key, EVIL)));
        manifest.insert("Lockdown".to_owned(), lockdown.into());
    };
    let unknown = small().folder_name("unknown").status(state);
    unknown.manifest_plist(keys).write(parent);
    // SQLite quotes the schema in its complaints.
    let table = DAMAGE.replace("TABLE t ", &format!("TABLE \"{EVIL}\" "));
    let table = table.replace("INTO t ", &format!("INTO \"{EVIL}\" "));
    let table = table.replace("name = 't'", &format!("name = '{EVIL}'"));
    small().folder_name("damaged").sql(&table).write(parent);
    let evil = |name: &str, date: &str| {
        let end = if cfg!(unix) { EVIL } else { "" };
        let builder = small().file("AppDomain-net.example", EVIL, b"x").date(date);
        let builder = builder.folder_name(&format!("{name}{end}"));
        builder.raw("Info.plist", evil_info(UDID)).write(parent)
    };
    evil("newer", "2024-06-01T10:00:00Z");
    evil("older", "2023-06-01T10:00:00Z");
    #[cfg(unix)]
    write_evil_files(parent, &evil("files", "2022-06-01T10:00:00Z"));
}

#[cfg(unix)]
fn write_evil_files(parent: &Path, backup: &Path) {
    use std::os::unix::fs::symlink;

    let shard = backup.join("aa");
    fs::create_dir(&shard).unwrap();
    fs::write(shard.join(EVIL), b"x").unwrap();
    fs::write(shard.join("\u{1b}".repeat(255)), b"x").unwrap();
    fs::create_dir(shard.join("\n".repeat(255))).unwrap();
    let unpacked = format!("{EVIL}.unback");
    for name in [&unpacked, &format!("Manifest.db-decrypted {EVIL}")] {
        fs::create_dir(backup.join(name)).unwrap();
        fs::write(backup.join(name).join(EVIL), b"x").unwrap();
    }
    fs::write(backup.join(format!("Manifest.decrypted{EVIL}")), b"x").unwrap();
    // Beside the backups: a link, something else, a removal that was stopped, other tools' folders.
    symlink("/", parent.join(format!("link{EVIL}"))).unwrap();
    symlink(EVIL, parent.join(format!("{EVIL}link"))).unwrap();
    symlink(EVIL, parent.join("MobileSync")).unwrap();
    let (other, going) = (format!("other{EVIL}"), format!(".bkscan-removing-{EVIL}"));
    for name in [other, going, unpacked] {
        fs::create_dir(parent.join(name)).unwrap();
    }
}

/// Runs the program with these words, an empty one being none.
fn run(words: &str, path: &Path) -> Run {
    let words = words.split(' ').filter(|word| !word.is_empty());
    run_in_time(program().args(words).arg(path).args(["--now", NOW]))
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn no_name_acts_on_the_terminal() {
    let world = empty_folder();
    let end = if cfg!(unix) { EVIL } else { "" };
    let parent = world.path().join(format!("Backup{end}"));
    write_evil(&parent);
    let before = tree_digest(world.path());
    for words in [
        "",
        "--quiet",
        "--quiet --fail-on warning",
        "--advice all",
        "--redact",
        "--level quick",
        "clean",
        "clean --keep-last 1 --include-archived",
        "clean --quiet",
        "clean --redact",
        "show",
        "explain",
    ] {
        assert_harmless(&run(words, &parent), words);
    }
    let mut shown = 0;
    for entry in fs::read_dir(&parent).unwrap() {
        let path = entry.unwrap().path();
        if !path.join("Manifest.plist").exists() || path.is_symlink() {
            continue;
        }
        for words in ["show", "show --quiet", "clean --only"] {
            let run = run(words, &path);
            assert_harmless(&run, words);
            shown += u32::from(words == "show" && run.stdout.contains("decision"));
        }
        assert!(document(&run("show --json", &path)).is_object());
    }
    assert_eq!(shown, if cfg!(unix) { 6 } else { 5 });
    for words in ["--json", "--json --redact", "clean --json"] {
        assert!(document(&run(words, &parent))["backups"].is_array());
    }
    assert_eq!(tree_digest(world.path()), before);
}

#[test]
fn the_screen_in_colour_has_colours_only() {
    let world = empty_folder();
    write_evil(world.path());
    for words in ["", "--quiet", "clean", "--advice all"] {
        let mut run = run(&format!("{words} --color always"), world.path());
        // What selects a colour: escape, bracket, numbers, m.
        let mut plain = String::new();
        let mut rest = run.stdout.as_str();
        while let Some((before, after)) = rest.split_once("\u{1b}[") {
            plain += before;
            let end = after.find(|c: char| !c.is_ascii_digit() && c != ';');
            let end = end.expect("an end of the sequence");
            assert_eq!(&after[end..=end], "m", "{words}: {after}");
            rest = &after[end + 1..];
        }
        run.stdout = plain + rest;
        assert_harmless(&run, words);
    }
}

/// What goes is named as cleanly as what stays.
#[test]
fn a_removal_names_nothing_that_acts_on_the_terminal() {
    let world = empty_folder();
    write_evil(world.path());
    let words = "clean --delete --yes --no-such";
    assert_harmless(&run(words, world.path()), words);
    let mut command = program();
    command.args(["clean", "--delete", "--yes"]);
    command.arg(world.path());
    let run = run_in_time(&mut command);
    assert_harmless(&run, "clean --delete --yes");
    // On Unix something else could not be looked at: the link named `MobileSync` leads nowhere.
    assert_eq!(run.code, if cfg!(unix) { 3 } else { 0 }, "{run:?}");
    for entry in fs::read_dir(world.path()).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(!name.to_string_lossy().starts_with("older"), "{name:?}");
    }
}

#[test]
fn what_was_typed_is_repeated_cleanly() {
    let world = empty_folder();
    small().write(world.path());
    for words in [
        &["show", EVIL][..],
        &["explain", EVIL],
        &["clean", "--device", EVIL],
        &["clean", "--only", EVIL],
        &[EVIL],
        &[EVIL, "clean"],
    ] {
        let run = run_in_time(program().args(words).current_dir(world.path()));
        assert_harmless(&run, &words.join(" "));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf_8_are_told_and_kept_in_hex() {
    use std::os::unix::ffi::OsStrExt as _;

    use crate::harness::finding_ids;

    let world = empty_folder();
    let written = small().write(world.path());
    let name = std::ffi::OsStr::from_bytes(b"\xff\xfe\x1b[31m\n backup");
    let path = world.path().join(name);
    fs::rename(written, &path).unwrap();
    fs::create_dir(path.join("aa")).unwrap();
    fs::write(path.join("aa").join(name), b"x").unwrap();
    let scanned = document(&run("--json", &path));
    let backup = only_backup(&scanned);
    let hex = backup["path_hex"].as_str().unwrap();
    assert!(hex.ends_with("fffe1b5b33316d0a206261636b7570"), "{hex}");
    assert_eq!(backup["verdict"], "complete");
    assert_eq!(finding_ids(backup), ["misplaced-file"].into());
    for words in ["", "show", "clean", "clean --only"] {
        assert_harmless(&run(words, &path), words);
    }
}

#[test]
fn many_leftovers_make_a_short_sentence() {
    let world = empty_folder();
    let backup = small().write(world.path());
    for number in 0..50 {
        fs::create_dir(backup.join(format!("{number:02}.unback"))).unwrap();
    }
    let scanned = document(&run("--json", world.path()));
    let judged = only_backup(&scanned);
    assert_eq!(judged["verdict"], "complete");
    let found = finding(judged, "leftover");
    assert_eq!(
        found["message"],
        "Left over from a failed run or another tool: 00.unback, 01.unback, 02.unback, 47 more \
         (0 files, 0 bytes); not part of the backup"
    );
    assert_eq!(found["examples"].as_array().unwrap().len(), 10);
}
