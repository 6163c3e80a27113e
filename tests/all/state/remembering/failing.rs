//! Runs of a device that fail on several days: only then what is drastic stands on the screen.
#![cfg(not(windows))]

use plist::Value as Plist;

use super::*;

/// The phone's update breaks off; each attempt has a number of its own.
fn break_off(world: &World, number: &str) {
    let number = number.to_owned();
    fs::remove_dir_all(world.phone()).unwrap();
    let stopped = phone().snapshot_state("uploading").status(move |status| {
        status.insert("UUID".to_owned(), Plist::String(number));
    });
    stopped.write(&world.root());
}

#[test]
fn what_is_drastic_waits_until_runs_failed_on_two_days() {
    let world = World::new();
    let told = |day: u32| world.at(&night(day), "backups").stdout;
    let is_drastic = |screen: &str| screen.contains("Restart the device");
    break_off(&world, "A1");
    let first = told(24);
    assert!(first.contains("Finish the backup of"), "{first}");
    assert!(!is_drastic(&first), "{first}");
    assert!(!is_drastic(&told(25)), "the same attempt as the day before");
    break_off(&world, "A2");
    let second = told(26);
    assert!(is_drastic(&second), "{second}");
    assert!(second.contains("failed on 2 days"), "{second}");
    // Without a history nobody knows.
    let forgetful = world.at(&night(26), "backups --no-state").stdout;
    assert!(!is_drastic(&forgetful), "{forgetful}");
    // A run that came to its end begins a new count.
    fs::remove_dir_all(world.phone()).unwrap();
    phone().write(&world.root());
    told(27);
    break_off(&world, "A3");
    assert!(!is_drastic(&told(28)));
}
