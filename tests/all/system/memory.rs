//! The whole program on files that would take gigabytes, where it may have 200 MiB of addresses.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Ended as _, NOW, alone, finding_ids, program};
use crate::support::{BackupBuilder, binary_list, empty_folder};

const MIB: usize = 1 << 20;

/// A list with this many times `part` between `begin` and `end`.
fn many(begin: &[u8], part: &[u8], count: usize, end: &[u8]) -> Vec<u8> {
    let head = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>";
    let parts = part.repeat(count);
    [head, begin, &parts, end, b"</dict></plist>\n"].concat()
}

/// A binary list of one dictionary with the key `A`, whose value is the first of these objects.
fn binary(objects: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let head = [b"\xd1\x00\x00\x01\x00\x00\x02".to_vec(), b"\x51A".to_vec()];
    let objects: Vec<_> = head.into_iter().chain(objects).collect();
    binary_list(&objects, 3)
}

/// A marker with a length of eight bytes.
fn marker(kind: u8, len: usize) -> Vec<u8> {
    [&[kind | 0xf, 0x13][..], &(len as u64).to_be_bytes()].concat()
}

fn reference(to: u32) -> [u8; 3] {
    let [_, bytes @ ..] = to.to_be_bytes();
    bytes
}

/// Name of the backup, its file, the bytes, and whether the program can make sense of them.
fn cases() -> Vec<(&'static str, &'static str, Vec<u8>, bool)> {
    let each = 300_000;
    let dictionary = {
        let refs = (3..).take(2 * each as usize).flat_map(reference);
        let object = marker(0xd0, each as usize).into_iter();
        let object = object.chain(refs).collect();
        let keys = (0..each).map(|_| b"\x53abc".to_vec());
        let values = (0..each).map(|_| b"\x10\x01".to_vec());
        binary([object].into_iter().chain(keys).chain(values))
    };
    let deep = (3..200_000).map(|next| [&[0xa1][..], &reference(next)].concat());
    let unfolding = (3..23).map(|next| [&[0xaa][..], &reference(next).repeat(10)].concat());
    let leaf = || std::iter::once(b"\x09".to_vec());
    let data = [marker(0x40, 63 * MIB), vec![0; 63 * MIB]].concat();
    let array = |key: &str, part: &[u8]| {
        let begin = format!("<key>{key}</key><array>");
        many(begin.as_bytes(), part, 1_900_000, b"</array>")
    };
    let xml_data = |key: &str, count: usize| {
        let begin = format!("<key>{key}</key><data>");
        many(begin.as_bytes(), b"AAAA", count, b"</data>")
    };
    let (begin, end) = (b"<key>Device Name</key><string>", b"</string>");
    let name = many(begin, b"n", 60 * MIB, end);
    let ends = b"</array>".repeat(200_000);
    let deep_arrays = many(b"<key>A</key>", b"<array>", 200_000, &ends);
    let (begin, pair) = (b"<key>Lockdown</key><dict>", b"<key>a</key><true/>");
    let lockdown = many(begin, pair, 800_000, b"</dict>");
    let apps = array("Installed Applications", b"<string/>");
    let state = array("SnapshotState", b"<true/>");
    let keybag = xml_data("BackupKeyBag", 3 * MIB);
    let (info, manifest) = ("Info.plist", "Manifest.plist");
    vec![
        ("xml data", info, xml_data("A", 15 * MIB), false),
        ("xml name", info, name, false),
        ("xml apps", info, apps, false),
        ("xml other", info, array("A", b"<string/>"), true),
        ("xml deep", info, deep_arrays, false),
        ("spaces", info, many(b"", b" ", 60 * MIB, b""), false),
        ("zeros", info, vec![0; 30 * MIB], false),
        ("binary data", info, binary([data]), false),
        ("binary dictionary", info, dictionary, true),
        ("binary deep", info, binary(deep.chain(leaf())), false),
        ("unfolding", info, binary(unfolding.chain(leaf())), false),
        ("lockdown", manifest, lockdown, false),
        ("keybag", manifest, keybag, false),
        ("state", "Status.plist", state, false),
    ]
}

fn small(name: &str) -> BackupBuilder {
    let builder = BackupBuilder::new("00008130-000A1C2E3F40801E").bare();
    let builder = builder.no_empty_shards().folder_name(name);
    builder.file("HomeDomain", "a", b"a file")
}

/// Scans where the process may have this many KiB of addresses.
fn scan_within(kib: u32, root: &Path) -> Value {
    let script = format!("ulimit -v {kib}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    alone(&mut command)
        .args(["-c", &script])
        .arg(program().get_program());
    command
        .args(["--json", "--threads", "2", "--now", NOW])
        .arg(root);
    let output = command.ended().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code().is_some(), "{} {stderr}", output.status);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"))
}

mod slow {
    use super::*;

    #[test]
    #[ignore = "takes seconds: .ci/run runs it"]
    fn hostile_lists_are_read_in_200_mib() {
        let world = empty_folder();
        let mut names = Vec::new();
        for (name, file, bytes, is_read) in cases() {
            small(name).raw(file, bytes).write(world.path());
            names.push((name, is_read));
        }
        // Larger than what is read at all; they take no room on the disk.
        let flat = small("endless mbdb").mbdb();
        for (name, builder, file) in [
            ("endless list", small("endless list"), "Info.plist"),
            ("endless mbdb", flat, "Manifest.mbdb"),
        ] {
            let path = builder.write(world.path()).join(file);
            let file = fs::OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(4 << 30).unwrap();
            names.push((name, false));
        }
        let document = scan_within(200 * 1024, world.path());
        for (name, is_read) in names {
            let mut backups = document["backups"].as_array().unwrap().iter();
            let named = |backup: &&Value| backup["path"].as_str().unwrap().ends_with(name);
            let backup = backups.find(named);
            let backup = backup.unwrap_or_else(|| panic!("{name} is gone"));
            let not_checked = backup["not_checked"].as_array().unwrap().iter();
            let not_checked = not_checked.filter_map(|check| check["id"].as_str());
            let mut said = finding_ids(backup).into_iter().chain(not_checked);
            let is_unreadable = said.any(|id| id.ends_with("-unreadable"));
            assert_eq!(is_unreadable, !is_read, "{name}: {backup:#}");
            assert_ne!(backup["verdict"], "corrupt", "{name}");
        }
    }
}
