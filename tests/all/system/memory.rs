//! The whole program on files that would take gigabytes, where it may have 200 MiB of addresses.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Ended as _, NOW, alone, finding_ids, program};
use crate::support::BackupBuilder;

const MIB: usize = 1 << 20;

fn xml(body: &[u8]) -> Vec<u8> {
    let head = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>";
    [head, body, b"</dict></plist>\n"].concat()
}

/// A list with this many times `part` between `begin` and `end`.
fn many(begin: &[u8], part: &[u8], count: usize, end: &[u8]) -> Vec<u8> {
    xml(&[begin, &part.repeat(count), end].concat())
}

/// A binary list of one dictionary with the key `A`, whose value is the first of these objects.
/// References have three bytes, offsets four.
fn binary(objects: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut bytes = b"bplist00".to_vec();
    let mut offsets = Vec::new();
    let head = [b"\xd1\x00\x00\x01\x00\x00\x02".to_vec(), b"\x51A".to_vec()];
    for object in head.into_iter().chain(objects) {
        offsets.extend((bytes.len() as u32).to_be_bytes());
        bytes.extend(object);
    }
    let table = bytes.len() as u64;
    let count = offsets.len() as u64 / 4;
    bytes.extend(offsets);
    bytes.extend([0, 0, 0, 0, 0, 0, 4, 3]);
    bytes.extend([count, 0, table].into_iter().flat_map(u64::to_be_bytes));
    bytes
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
    let elements = 1_900_000;
    let each = 300_000;
    let dictionary = {
        let refs = (3..).take(2 * each as usize).flat_map(reference);
        let object = marker(0xd0, each as usize)
            .into_iter()
            .chain(refs)
            .collect();
        let keys = (0..each).map(|_| b"\x53abc".to_vec());
        binary(
            [object]
                .into_iter()
                .chain(keys)
                .chain((0..each).map(|_| b"\x10\x01".to_vec())),
        )
    };
    let deep = (3..200_000).map(|next| [&[0xa1][..], &reference(next)].concat());
    let unfolding = (3..23).map(|next| [&[0xaa][..], &reference(next).repeat(10)].concat());
    let leaf = || std::iter::once(b"\x09".to_vec());
    let data = [marker(0x40, 63 * MIB), vec![0; 63 * MIB]].concat();
    vec![
        (
            "xml data",
            "Info.plist",
            many(b"<key>A</key><data>", b"AAAA", 15 * MIB, b"</data>"),
            false,
        ),
        (
            "xml name",
            "Info.plist",
            many(
                b"<key>Device Name</key><string>",
                b"n",
                60 * MIB,
                b"</string>",
            ),
            false,
        ),
        (
            "xml apps",
            "Info.plist",
            many(
                b"<key>Installed Applications</key><array>",
                b"<string/>",
                elements,
                b"</array>",
            ),
            false,
        ),
        (
            "xml other",
            "Info.plist",
            many(b"<key>A</key><array>", b"<string/>", elements, b"</array>"),
            true,
        ),
        (
            "xml deep",
            "Info.plist",
            many(
                b"<key>A</key>",
                b"<array>",
                200_000,
                &b"</array>".repeat(200_000),
            ),
            false,
        ),
        (
            "spaces",
            "Info.plist",
            many(b"", b" ", 60 * MIB, b""),
            false,
        ),
        ("zeros", "Info.plist", vec![0; 30 * MIB], false),
        ("binary data", "Info.plist", binary([data]), false),
        ("binary dictionary", "Info.plist", dictionary, true),
        (
            "binary deep",
            "Info.plist",
            binary(deep.chain(leaf())),
            false,
        ),
        (
            "binary unfolding",
            "Info.plist",
            binary(unfolding.chain(leaf())),
            false,
        ),
        (
            "lockdown",
            "Manifest.plist",
            many(
                b"<key>Lockdown</key><dict>",
                b"<key>a</key><true/>",
                800_000,
                b"</dict>",
            ),
            false,
        ),
        (
            "keybag",
            "Manifest.plist",
            many(
                b"<key>BackupKeyBag</key><data>",
                b"AAAA",
                3 * MIB,
                b"</data>",
            ),
            false,
        ),
        (
            "state",
            "Status.plist",
            many(
                b"<key>SnapshotState</key><array>",
                b"<true/>",
                elements,
                b"</array>",
            ),
            false,
        ),
    ]
}

fn small(name: &str) -> BackupBuilder {
    BackupBuilder::new("00008130-000A1C2E3F40801E")
        .bare()
        .no_empty_shards()
        .folder_name(name)
        .file("HomeDomain", "a", b"a file")
}

/// Scans where the process may have this many KiB of addresses.
fn scan_within(kib: u32, root: &Path) -> Value {
    let script = format!("ulimit -v {kib}; exec \"$0\" \"$@\"");
    let output = alone(&mut Command::new("sh"))
        .args(["-c", &script])
        .arg(program().get_program())
        .args(["--json", "--threads", "2", "--now", NOW])
        .arg(root)
        .ended()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code().is_some(), "{} {stderr}", output.status);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"))
}

mod slow {
    use super::*;

    #[test]
    #[ignore = "takes seconds: .ci/run runs it"]
    fn hostile_lists_are_read_in_200_mib() {
        let world = tempfile::tempdir().unwrap();
        let cases = cases();
        for (name, file, bytes, _) in &cases {
            small(name).raw(file, bytes.as_slice()).write(world.path());
        }
        // Larger than what is read at all; they take no room on the disk.
        let endless = [
            ("endless list", "Info.plist"),
            ("endless mbdb", "Manifest.mbdb"),
        ];
        for (name, file) in endless {
            let builder = if file == "Info.plist" {
                small(name)
            } else {
                small(name).mbdb()
            };
            let path = builder.write(world.path()).join(file);
            let file = fs::OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(4 << 30).unwrap();
        }
        let document = scan_within(200 * 1024, world.path());
        let backups = document["backups"].as_array().unwrap();
        let names = cases
            .iter()
            .map(|(name, ..)| *name)
            .chain(endless.map(|(name, _)| name));
        for name in names {
            let named = |backup: &&Value| backup["path"].as_str().unwrap().ends_with(name);
            let backup = backups
                .iter()
                .find(named)
                .unwrap_or_else(|| panic!("{name} is gone"));
            let is_read = cases
                .iter()
                .any(|(case, .., is_read)| case == &name && *is_read);
            let not_checked = backup["not_checked"].as_array().unwrap().iter();
            let not_checked = not_checked.filter_map(|check| check["id"].as_str());
            let said = finding_ids(backup)
                .into_iter()
                .chain(not_checked)
                .any(|id| id.ends_with("-unreadable"));
            assert_eq!(said, !is_read, "{name}: {backup:#}");
            assert_ne!(backup["verdict"], "corrupt", "{name}");
        }
    }
}
