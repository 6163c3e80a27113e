//! A newest good backup that holds much less than one of an earlier run.

use super::*;

/// A backup of that day of November 2026 with so many photos, in place of the one before.
fn write(world: &World, day: u32, photos: u32) {
    let _ = fs::remove_dir_all(world.phone());
    // What is no keepsake has to be there for the list not to be empty.
    let setting = BackupBuilder::new(PHONE)
        .bare()
        .no_empty_shards()
        .date(&format!("2026-11-{day:02}T01:00:00Z"))
        .file("HomeDomain", "Library/Preferences/a.plist", b"a");
    let add = |builder: BackupBuilder, number| builder.file(CAMERA, &photo(number), &[7; 5000]);
    (1..=photos).fold(setting, add).write(&world.root());
}

/// The ids and messages of what that night says of devices.
fn told(world: &World, day: u32) -> Vec<(String, String)> {
    told_with(world, day, "")
}

fn told_with(world: &World, day: u32, more: &str) -> Vec<(String, String)> {
    let document = document(&world.at(&night(day), &format!("backups --json {more}")));
    let findings = list(&document["devices"]).flat_map(|device| list(&device["findings"]));
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let told = findings.map(|finding| (word(&finding["id"]), word(&finding["message"])));
    told.filter(|(id, _)| id != "next-backup-may-not-fit")
        .collect()
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn a_backup_with_less_than_half_of_the_photos_is_told_until_it_is_forgotten() {
    let world = World::empty();
    write(&world, 1, 99);
    assert_eq!(told(&world, 1), []);
    write(&world, 2, 49);
    let found = told(&world, 2);
    let [(id, message)] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(id, "backup-shrank");
    let begin =
        "the newest good backup holds 49 photos and videos (245 kB), and the one of 1 Nov 2026 (";
    assert!(message.starts_with(begin), "{message}");
    let end = format!("{PHONE} on 1 Nov 2026, held 99 (495 kB)");
    assert!(message.ends_with(&end), "{message}");
    // The next backup holds no more, and what no list tells ends nothing.
    write(&world, 3, 49);
    assert_eq!(told(&world, 3)[0].0, "backup-shrank");
    assert_eq!(told_with(&world, 3, "--level quick"), []);
    let quiet = world.at(&night(4), "backups --fail-on warning,new --quiet");
    assert_eq!((quiet.code, quiet.stdout.as_str()), (0, ""), "{quiet:?}");
    let quiet = world.at(&night(4), "backups --fail-on warning --quiet");
    assert_eq!(quiet.code, 1, "{quiet:?}");
    let begin = "bkscan: the newest backup of Test iPhone holds much less than before, 1 backup is";
    assert!(quiet.stdout.starts_with(begin), "{quiet:?}");
    let run = world.typed("history --forget 'test iphone'");
    assert_code(&run, 0);
    let begin = "What earlier runs saw of the backup of Test iPhone in ";
    let end = format!(
        "{PHONE} is forgotten: bkscan will not say any more that it held more. It is there, and if it \
         goes, that is told.\n"
    );
    assert!(run.stdout.starts_with(begin), "{run:?}");
    assert!(run.stdout.ends_with(&end), "{run:?}");
    assert_eq!(told(&world, 5), []);
}

/// What is there is not forgotten with what it held: its loss is no purpose.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_holds_less_on_purpose_is_told_when_it_goes() {
    let world = World::empty();
    fs::write(world.root().join("note.txt"), b"mine").unwrap();
    write(&world, 1, 99);
    assert_eq!(told(&world, 1), []);
    write(&world, 2, 49);
    assert_eq!(told(&world, 2)[0].0, "backup-shrank");
    assert_eq!(world.typed(&format!("history --forget {PHONE}")).code, 0);
    fs::remove_dir_all(world.phone()).unwrap();
    let run = world.at(&night(3), "backups");
    let text = "! Test iPhone: the backup of 2 Nov 2026 (";
    assert!(run.stdout.contains(text), "{run:?}");
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn forty_nine_files_fewer_may_be_chance() {
    let world = World::empty();
    write(&world, 1, 97);
    assert_eq!(told(&world, 1), []);
    write(&world, 2, 48);
    assert_eq!(told(&world, 2), []);
}

/// What is left holds as much of every group: a note, told once.
#[test]
fn a_backup_that_another_one_covers_is_a_note_once() {
    let world = World::empty();
    write(&world, 1, 3);
    let archived = world.root().join(format!("{PHONE}-20261101-010000"));
    fs::rename(world.phone(), &archived).unwrap();
    write(&world, 2, 3);
    assert_eq!(told(&world, 2), []);
    fs::remove_dir_all(&archived).unwrap();
    let found = told(&world, 3);
    assert_eq!(found.len(), 1, "{found:?}");
    let end = "is gone, and a good backup that is left holds as much";
    assert!(found[0].1.ends_with(end), "{found:?}");
    assert_eq!(told(&world, 4), []);
}
