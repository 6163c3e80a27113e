//! Databases of pages made by hand, which lead in circles or stand for more than there is.

use std::fs;
use std::sync::LazyLock;

use super::pages::{self, Value, database, interior, leaf, long_row, overflow, row};
use super::{World, backup};
use crate::support::{BackupBuilder, file_id};

/// A backup whose Manifest.db has these pages, with no payload: corrupt for one reason or another.
fn of_pages(world: &mut World, name: &str, findings: &[&'static str], pages: &[Vec<u8>]) {
    let builder = BackupBuilder::new(super::UDID).bare().no_empty_shards();
    let path = world.add(name, builder, "corrupt", findings);
    fs::write(path.join("Manifest.db"), database(pages)).unwrap();
}

fn values(last: [Value<'_>; 2]) -> [Value<'_>; 5] {
    static ID: LazyLock<String> = LazyLock::new(|| file_id("HomeDomain", ""));
    let [flags, file] = last;
    [
        Value::Text(&ID),
        Value::Text("HomeDomain"),
        Value::Text(""),
        flags,
        file,
    ]
}

fn root_row(rowid: u64, flags: u8) -> Vec<u8> {
    row(rowid, &values([Value::Small(flags), Value::Null]))
}

fn claiming(rowid: u64, len: u64, at: u32) -> Vec<u8> {
    long_row(rowid, &values([Value::Small(2), Value::Claimed(len)]), at)
}

/// Without this the tests on pages would prove nothing.
#[test]
fn pages_made_by_hand_are_a_database() {
    let whole = leaf(&[root_row(1, 2), root_row(2, 2)]);
    let [first, second] = [1, 2].map(|rowid| leaf(&[root_row(rowid, 2)]));
    let two_levels = vec![interior(&[(3, 1)], 4), first, second];
    let long = vec![leaf(&[claiming(1, 5000, 3)]), overflow(0)];
    let cases = [
        ("whole", vec![whole], 2),
        ("two levels", two_levels, 2),
        ("a long row", long, 1),
    ];
    let mut world = World::new();
    for (name, pages, _) in &cases {
        // None of the rows is that of a file.
        of_pages(&mut world, name, &["index-empty"], pages);
    }
    assert_eq!(pages::varint(300), [0x82, 0x2c]);
    let document = world.judge();
    for (name, _, records) in cases {
        let manifest = &backup(&document, name)["manifest"];
        assert_eq!(manifest["records"], records, "{name}");
    }
}

#[test]
fn pages_that_lead_in_circles_are_damage() {
    let below_itself = interior(&[(2, 1); 3], 2);
    let to_each_other = vec![interior(&[(3, 1); 2], 3), interior(&[(2, 1); 2], 2)];
    let claims = |len| vec![leaf(&[claiming(1, len, 3), root_row(2, 2)]), overflow(3)];
    let backwards = leaf(&[root_row(9, 2), root_row(5, 2), root_row(1, 2)]);
    let mut world = World::new();
    for (name, pages) in [
        ("a page below itself", vec![below_itself]),
        ("pages below each other", to_each_other),
        // Half of a long row's page after page, and never an end.
        ("a long row in a circle", claims(100_000)),
        ("a row of 2^31 bytes", claims(1 << 31)),
        ("a row of 2^32 - 1 bytes", claims((1 << 32) - 1)),
        ("a row of 2^40 bytes", claims(1 << 40)),
        ("rows in no order", vec![backwards]),
    ] {
        of_pages(&mut world, name, &["manifest-damaged"], &pages);
    }
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
