//! Each metadata file cut at every length (sampled beyond the first bytes), and with bytes changed
//! at random, through the whole program.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{Make, World, assert_verdict_by_the_contract, backup, scan, small};
use crate::harness::finding_ids;
use crate::support::empty_folder;

/// Lengths to cut a file of `len` bytes at: all up to 20, some in between, the last three.
fn lengths(len: usize) -> BTreeSet<usize> {
    let some = (21..len).step_by((len / 12).max(1));
    let few = (0..=20).chain(some).chain(len.saturating_sub(3)..len);
    few.filter(|cut| *cut < len).collect()
}

/// One backup for each length that a file of it is cut at.
fn cut_at_each_length(
    world: &mut World,
    file: &str,
    builder: Make,
    expected: impl Fn(&[u8], usize) -> (&'static str, &'static [&'static str]),
) {
    let model = empty_folder();
    let whole = fs::read(builder().write(model.path()).join(file)).unwrap();
    for len in lengths(whole.len()) {
        let (verdict, findings) = expected(&whole, len);
        let name = format!("{file} of {len} bytes");
        let path = world.add(&name, builder(), verdict, findings);
        fs::write(path.join(file), &whole[..len]).unwrap();
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn a_cut_property_list_is_unreadable() {
    let mut world = World::new();
    cut_at_each_length(&mut world, "Info.plist", small, |whole, len| {
        let text = &whole[..len];
        // All that is missing may be the line's end.
        match text.trim_ascii_end().ends_with(b"</plist>") {
            true => ("complete", &[]),
            false => ("complete", &["info-unreadable"]),
        }
    });
    cut_at_each_length(&mut world, "Status.plist", small, |_, _| {
        ("incomplete", &["status-unreadable"])
    });
    cut_at_each_length(&mut world, "Manifest.plist", small, |_, len| match len {
        // Contract §4: of 0 bytes it is missing.
        0 => ("incomplete", &["manifest-plist-missing"]),
        _ => ("corrupt", &["manifest-plist-unreadable"]),
    });
    world.judge();
}

/// Where the records of a Manifest.mbdb end (F§12).
fn record_ends(bytes: &[u8]) -> Vec<usize> {
    let string = |at: usize| match u16::from_be_bytes([bytes[at], bytes[at + 1]]) {
        0xffff => at + 2,
        len => at + 2 + usize::from(len),
    };
    let mut at = 6;
    let mut ends = vec![at];
    while at < bytes.len() {
        at = (0..5).fold(at, |at, _| string(at));
        // Mode, inode, owner, group, three times, size, protection class.
        at += 2 + 8 + 4 + 4 + 12 + 8 + 1;
        let properties = 2 * usize::from(bytes[at]);
        at = (0..properties).fold(at + 1, |at, _| string(at));
        ends.push(at);
    }
    ends
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn a_cut_mbdb_is_unreadable_wherever_that_can_be_seen() {
    let mut world = World::new();
    let flat = || small().mbdb();
    cut_at_each_length(&mut world, "Manifest.mbdb", flat, |whole, len| {
        let ends = record_ends(whole);
        match len {
            0 => ("incomplete", &["manifest-missing"]),
            // The format has no count: between two records a cut cannot be seen. The last record
            // is the photo's: without it the list has folders alone.
            len if ends.contains(&len) => {
                ("corrupt", &["index-empty", "index-short", "orphan-file"])
            }
            _ => ("corrupt", &["manifest-unreadable"][..]),
        }
    });
    world.judge();
}

/// Contract §4 leaves open which of two findings a database makes that is cut or altered within.
const OF_A_DATABASE: [&str; 2] = ["manifest-unreadable", "manifest-damaged"];

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn a_cut_database_is_unreadable_or_damaged() {
    let model = empty_folder();
    let path = small().write(model.path()).join("Manifest.db");
    let whole = fs::read(path).unwrap();
    let world = empty_folder();
    for len in lengths(whole.len()) {
        let path = small().folder_name(&len.to_string()).write(world.path());
        fs::write(path.join("Manifest.db"), &whole[..len]).unwrap();
    }
    let document = scan(world.path(), &[]);
    for len in lengths(whole.len()) {
        let judged = backup(&document, &len.to_string());
        let found: Vec<&str> = finding_ids(judged).into_iter().collect();
        let (verdict, known) = match len {
            0 => ("incomplete", &["manifest-missing"][..]),
            // No header is left that SQLite writes.
            1..16 => ("corrupt", &["manifest-unreadable"][..]),
            // Rows of pages that are gone are not missing files.
            _ => ("corrupt", &OF_A_DATABASE[..]),
        };
        let is_known = found.len() == 1 && known.contains(&found[0]);
        assert!(is_known, "{len}: {found:?}");
        assert_eq!(judged["verdict"], verdict, "{len}");
    }
}

/// A sequence that looks random and is the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        let product = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = product.wrapping_add(1);
        (self.0 >> 33) as usize % limit
    }
}

fn flip(random: &mut Random, path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    for _ in 0..=random.below(8) {
        let at = random.below(bytes.len());
        bytes[at] ^= 1 << random.below(8);
    }
    fs::write(path, bytes).unwrap();
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn changed_bytes_end_in_a_verdict() {
    let kinds: [(Make, &str); 5] = [
        (small, "Manifest.db"),
        (small, "Info.plist"),
        (small, "Manifest.plist"),
        (small, "Status.plist"),
        (|| small().mbdb(), "Manifest.mbdb"),
    ];
    let world = empty_folder();
    let mut random = Random(1);
    for round in 0..24 {
        for (builder, file) in kinds {
            let name = format!("{file} {round}");
            let path = builder().folder_name(&name).write(world.path());
            flip(&mut random, &path.join(file));
        }
    }
    let document = scan(world.path(), &[]);
    let backups = document["backups"].as_array().unwrap();
    assert_eq!(backups.len(), 24 * kinds.len());
    for backup in backups {
        assert_verdict_by_the_contract(backup);
        // Only the file that was changed can be the reason.
        assert_ne!(backup["verdict"], "unreadable", "{backup:#}");
        assert_ne!(backup["verdict"], "in-progress", "{backup:#}");
    }
}
