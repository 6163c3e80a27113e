//! A payload of which hardly anything is stored: its holes would be read for hours, and nobody learns of it.

use std::fs::OpenOptions;

use super::*;

#[test]
fn a_payload_of_a_terabyte_of_holes_is_not_read_and_said_so() {
    let world = World::of(phone());
    let photo = world.payload(PHOTO);
    let photo = OpenOptions::new().write(true).open(photo).unwrap();
    photo.set_len(1 << 40).unwrap();
    // Nobody else reads it to its end either.
    let run = world.command().args(SCAN).ended();
    let document = document(&Run::from(run.expect("the program starts")));
    let backup = only_backup(&document);
    assert_eq!(outcome(&document), "unverified 0:");
    assert_eq!(amount(backup, "all"), [3, (1 << 40) + 5_300]);
    assert_eq!(amount(backup, "read"), [2, 5_300]);
    let why = "1 file (1.1 TB) not read: hardly anything of that length is stored";
    let not_checked = not_checked(backup);
    for id in ["digest-mismatch", "payload-read-error"] {
        assert_eq!(not_checked[id], why, "{id}");
    }
}

/// What is stored with holes is read as anything else: copies of databases have some.
#[test]
fn a_payload_with_some_holes_is_read() {
    let world = World::of(phone());
    let setting = world.payload(SETTING);
    let setting = OpenOptions::new().write(true).open(setting).unwrap();
    setting.set_len(64 << 20).unwrap();
    let document = world.scan(&[]);
    let backup = only_backup(&document);
    assert_eq!(amount(backup, "read"), [3, (64 << 20) + 105_000]);
    assert_eq!(finding(backup, "digest-mismatch")["count"], 1);
}
