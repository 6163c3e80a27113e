//! Databases of pages made by hand, which lead in circles or stand for more than there is.

use std::fs;

use super::pages::{self, Value, database, interior, leaf, long_row, overflow, row};
use super::{World, backup};
use crate::support::{BackupBuilder, file_id};

/// A backup whose Manifest.db has these pages, with no payload: corrupt for one reason or another.
fn of_pages(world: &mut World, name: &str, findings: &[&'static str], pages: &[Vec<u8>]) {
    let builder = BackupBuilder::new(super::UDID).bare().no_empty_shards();
    let path = world.add(name, builder, "corrupt", findings);
    fs::write(path.join("Manifest.db"), database(pages)).unwrap();
}

fn root_row(rowid: u64, flags: u8) -> Vec<u8> {
    let values = [
        Value::Text(&file_id("HomeDomain", "")),
        Value::Text("HomeDomain"),
        Value::Text(""),
        Value::Small(flags),
        Value::Null,
    ];
    row(rowid, &values)
}

fn claiming(rowid: u64, len: u64, at: u32) -> Vec<u8> {
    let values = [
        Value::Text(&file_id("HomeDomain", "")),
        Value::Text("HomeDomain"),
        Value::Text(""),
        Value::Small(2),
        Value::Claimed(len),
    ];
    long_row(rowid, &values, at)
}

/// Without this the tests on pages would prove nothing.
#[test]
fn pages_made_by_hand_are_a_database() {
    let mut world = World::new();
    // None of the rows is that of a file.
    let empty = &["index-empty"];
    let whole = leaf(&[root_row(1, 2), root_row(2, 2)]);
    of_pages(&mut world, "whole", empty, &[whole]);
    let two_levels = interior(&[(3, 1)], 4);
    of_pages(
        &mut world,
        "two levels",
        empty,
        &[two_levels, leaf(&[root_row(1, 2)]), leaf(&[root_row(2, 2)])],
    );
    let long = leaf(&[claiming(1, 5000, 3)]);
    of_pages(&mut world, "a long row", empty, &[long, overflow(0)]);
    assert_eq!(pages::varint(300), [0x82, 0x2c]);
    let document = world.judge();
    for (name, records) in [("whole", 2), ("two levels", 2), ("a long row", 1)] {
        assert_eq!(
            backup(&document, name)["manifest"]["records"],
            records,
            "{name}"
        );
    }
}

#[test]
fn pages_that_lead_in_circles_are_damage() {
    let mut world = World::new();
    let damaged = &["manifest-damaged"];
    of_pages(
        &mut world,
        "a page below itself",
        damaged,
        &[interior(&[(2, 1); 3], 2)],
    );
    let to_each_other = [interior(&[(3, 1); 2], 3), interior(&[(2, 1); 2], 2)];
    of_pages(
        &mut world,
        "pages below each other",
        damaged,
        &to_each_other,
    );
    // Half of a long row's page after page, and never an end.
    let long = leaf(&[claiming(1, 100_000, 3), root_row(2, 2)]);
    of_pages(
        &mut world,
        "a long row in a circle",
        damaged,
        &[long, overflow(3)],
    );
    for len in [1 << 31, (1 << 32) - 1, 1 << 40] {
        let claims = leaf(&[claiming(1, len, 3), root_row(2, 2)]);
        let name = format!("a row of {len} bytes");
        of_pages(&mut world, &name, damaged, &[claims, overflow(3)]);
    }
    let backwards = leaf(&[root_row(9, 2), root_row(5, 2), root_row(1, 2)]);
    of_pages(&mut world, "rows in no order", damaged, &[backwards]);
    world.judge();
}

/// Six pages that stand for thousands of millions of rows: each has the next one below it 300 times.
#[test]
fn a_small_file_that_unfolds_to_rows_without_end_is_damage() {
    for flags in [2, 1] {
        let mut world = World::new();
        let rows: Vec<_> = (1..20).map(|rowid| root_row(rowid, flags)).collect();
        let pages = [
            interior(&[(3, 20); 300], 3),
            interior(&[(4, 20); 300], 4),
            interior(&[(5, 20); 300], 5),
            interior(&[(6, 20); 300], 6),
            leaf(&rows),
        ];
        of_pages(&mut world, "unfolds", &["manifest-damaged"], &pages);
        world.judge();
    }
}
