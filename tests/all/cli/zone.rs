//! `TZ` and `TZDIR` may name anything: no file is read that is not plain and small, and it is said where there
//! is no zone.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::harness::{Ended as _, NOW, Run, lasting, program};
use crate::support::{BackupBuilder, empty_folder};

/// A file of the kind that systems keep for each zone: one zone of 14 hours east, for ever.
fn zone_file() -> Vec<u8> {
    let counts = |types: u32, letters: u32| [0, 0, 0, 0, types, letters].map(u32::to_be_bytes);
    let head = |counts: [[u8; 4]; 6]| [&b"TZif2"[..], &[0; 15], counts.as_flattened()].concat();
    let data = [&50_400_i32.to_be_bytes()[..], &[0, 0], b"XXX\0"].concat();
    [
        head(counts(1, 4)),
        data.clone(),
        head(counts(1, 4)),
        data,
        b"\nXXX-14\n".to_vec(),
    ]
    .concat()
}

fn scan(folder: &Path, environment: &[(&str, &str)]) -> Run {
    let mut command = program();
    command.current_dir(folder);
    command.env_remove("TZ").envs(environment.iter().copied());
    command.args(["Backup", "--now", NOW]);
    let mut run = Run::from(command.ended().expect("the program starts"));
    run.stdout = lasting(&run.stdout);
    run
}

/// A folder with a backup, and things that could be taken for zones.
fn world() -> tempfile::TempDir {
    let folder = empty_folder();
    let at = |name: &str| folder.path().join(name);
    BackupBuilder::new("00008130-000A1C2E3F40801E").write(&at("Backup"));
    let made = Command::new("mkfifo").arg(at("pipe")).status();
    assert!(made.unwrap().success());
    File::create(at("huge")).unwrap().set_len(1 << 40).unwrap();
    fs::write(at("real"), zone_file()).unwrap();
    fs::create_dir(at("zones")).unwrap();
    symlink("/dev/zero", at("zones/Zero")).unwrap();
    symlink("../pipe", at("zones/Pipe")).unwrap();
    fs::write(at("zones/Real"), zone_file()).unwrap();
    folder
}

#[test]
fn what_is_no_zone_is_utc_and_said_so() {
    let world = world();
    let utc = scan(world.path(), &[("TZ", "UTC")]);
    assert_eq!((utc.code, utc.stderr.as_str()), (0, ""));
    let zones = world.path().join("zones");
    let zones = zones.to_str().unwrap();
    for (name, folder) in [
        ("/dev/zero", None),
        ("pipe", None),
        (":pipe", None),
        ("huge", None),
        ("Backup", None),
        ("/", None),
        ("No/Such_Zone", None),
        ("zoneinfo/../pipe", None),
        ("Zero", Some(zones)),
        ("Pipe", Some(zones)),
        ("../pipe", Some(zones)),
        ("Real", Some("/dev/zero")),
    ] {
        let folder = folder.map(|folder| ("TZDIR", folder));
        let environment: Vec<_> = [("TZ", name)].into_iter().chain(folder).collect();
        let run = scan(world.path(), &environment);
        let note = format!(
            "bkscan: TZ={name} names no time zone, so times are told in UTC; name one such as \
             Europe/Berlin\n"
        );
        assert_eq!((run.code, &run.stderr), (0, &note), "{environment:?}");
        assert_eq!(run.stdout, utc.stdout, "{environment:?}");
    }
}

#[test]
fn a_rule_a_name_and_a_file_are_zones() {
    let world = world();
    let zones = world.path().join("zones");
    let zones = ("TZDIR", zones.to_str().unwrap());
    let expected = scan(world.path(), &[("TZ", "XXX-14")]).stdout;
    let utc = scan(world.path(), &[("TZ", "UTC")]).stdout;
    assert_ne!(expected, utc, "the screen tells times");
    let real = world.path().join("real");
    for environment in [
        &[("TZ", "real")][..],
        &[("TZ", ":real")],
        &[("TZ", real.to_str().unwrap())],
        &[("TZ", "Real"), zones],
        &[("TZ", "/usr/share/zoneinfo/Real"), zones],
    ] {
        let run = scan(world.path(), environment);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{environment:?}");
        assert_eq!(run.stdout, expected, "{environment:?}");
    }
    // Nothing is the same as UTC, and where only TZDIR is set the zone is the system's.
    assert_eq!(scan(world.path(), &[("TZ", "")]).stdout, utc);
    let system = scan(world.path(), &[zones]);
    assert_eq!((system.code, system.stderr.as_str()), (0, ""));
}
