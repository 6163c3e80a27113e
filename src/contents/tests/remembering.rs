//! What the ledger has to do with it: alarms for damage, and for nothing else.

use std::fs;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::model::{Amount, Known};

use super::world::{World, held, id, ids, set_modified, sha1};

#[test]
fn bytes_that_change_without_a_trace_are_found_by_the_second_run() {
    let mut world = World::remembering();
    let (photo, other) = (id(7, 1), id(7, 2));
    world.put(photo, b"a photo");
    world.put(other, b"another photo");
    let first = world.read_well();
    assert_eq!(first.by_ledger, Amount::default());
    let second = world.read_well();
    assert_eq!((second.by_ledger.files, second.by_ledger.bytes), (2, 20));
    // Nothing that has not changed is learned again.
    assert_eq!(held(&world.memory().learned), [vec![7], vec![]]);
    world.flip(photo);
    // Damage is not learned: it is still told the next time.
    for _ in 0..3 {
        let (contents, _) = world.read();
        assert_eq!(ids(&contents.changed), [photo]);
        assert_eq!(contents.changed.bytes, 7);
        assert_eq!((contents.by_ledger.files, contents.read.files), (2, 2));
        assert_eq!(world.memory().of(photo).unwrap().sha1, sha1(b"a photo"));
    }
    // And is over when the bytes are back.
    world.flip(photo);
    world.read_well();
}

#[test]
fn the_first_run_cannot_know() {
    let mut world = World::remembering();
    world.put(id(7, 1), b"a photo");
    world.flip(id(7, 1));
    world.read_well();
    // Nor one without a ledger.
    let mut world = World::new();
    world.put(id(7, 1), b"a photo");
    world.read_well();
    world.flip(id(7, 1));
    assert_eq!(world.read_well().by_ledger, Amount::default());
}

#[test]
fn a_file_that_was_rewritten_is_learned_anew() {
    let mut world = World::remembering();
    let one = id(7, 1);
    world.put(one, b"as it was");
    world.read_well();
    fs::write(world.path(one), b"as it is!").unwrap();
    set_modified(&world.path(one), 7200);
    let contents = world.read_well();
    assert_eq!(contents.by_ledger, Amount::default());
    assert_eq!(world.memory().of(one).unwrap().sha1, sha1(b"as it is!"));
    assert_eq!(world.read_well().by_ledger.files, 1);
}

#[test]
fn a_file_of_another_length_is_learned_anew() {
    let mut world = World::remembering();
    let one = id(7, 1);
    world.put(one, b"as it was");
    world.read_well();
    world.put(one, b"as it is now");
    assert_eq!(world.read_well().by_ledger, Amount::default());
    assert_eq!(world.memory().of(one).unwrap().size, 12);
}

#[test]
fn a_restored_file_is_learned_anew() {
    let mut world = World::remembering();
    let one = id(7, 1);
    world.put(one, b"as it was");
    world.read_well();
    let before = world.memory().of(one).unwrap();
    // The same name, length and time, in another place of the disk.
    let new = world.folder.path().join("new");
    fs::write(&new, b"as it is!").unwrap();
    set_modified(&new, 3600);
    fs::rename(&new, world.path(one)).unwrap();
    let contents = world.read_well();
    assert_eq!(contents.by_ledger, Amount::default());
    let now = world.memory().of(one).unwrap();
    assert_eq!((now.modified, now.size), (before.modified, before.size));
    assert_ne!(now.inode, before.inode);
    assert_eq!(now.sha1, sha1(b"as it is!"));
}

#[test]
fn bytes_other_than_the_digest_are_not_learned() {
    let mut world = World::remembering();
    let one = id(7, 1);
    world.put(one, b"damaged");
    world.digest(one, sha1(b"correct"));
    for _ in 0..2 {
        let (contents, _) = world.read();
        assert_eq!(ids(&contents.mismatched), [one]);
        assert_eq!((contents.changed.count, contents.by_ledger.files), (0, 0));
        assert_eq!(world.memory().of(one), None);
    }
}

#[test]
fn damage_that_both_know_of_is_told_by_both() {
    let mut world = World::remembering();
    let one = id(7, 1);
    world.put(one, b"as it was");
    world.digest(one, sha1(b"as it was"));
    assert_eq!(world.read_well().by_digest.files, 1);
    world.flip(one);
    let (contents, _) = world.read();
    assert_eq!(ids(&contents.mismatched), [one]);
    assert_eq!(ids(&contents.changed), [one]);
}

#[test]
fn a_digest_knows_better_than_the_ledger() {
    let mut world = World::remembering();
    let one = id(7, 1);
    world.put(one, b"wrong one");
    world.read_well();
    world.flip(one);
    let now = fs::read(world.path(one)).unwrap();
    world.digest(one, sha1(&now));
    assert_eq!(world.read_well().by_digest.files, 1);
    assert_eq!(world.memory().of(one).unwrap().sha1, sha1(&now));
}

#[test]
fn only_what_is_gone_is_forgotten() {
    let mut world = World::remembering();
    let [stays, gone, unseen] = [1, 2, 3].map(|number| id(7, number));
    for one in [stays, gone, unseen] {
        world.put(one, b"some bytes");
    }
    world.put(id(200, 1), b"the only one of its shard");
    world.read_well();
    // One is gone; another is there, but was not seen when the folder was measured.
    fs::remove_file(world.path(gone)).unwrap();
    world.payloads.remove(&gone);
    world.payloads.remove(&unseen);
    fs::remove_dir_all(world.path(id(200, 1)).parent().unwrap()).unwrap();
    world.payloads.remove(&id(200, 1));
    world.read_well();
    let memory = world.memory();
    assert!(memory.of(stays).is_some() && memory.of(unseen).is_some());
    assert_eq!((memory.of(gone), memory.of(id(200, 1))), (None, None));
    assert_eq!(held(&memory.learned).last(), Some(&vec![7, 200]));
}

#[test]
fn what_was_not_read_stays_remembered() {
    let mut world = World::remembering();
    let moving = id(7, 1);
    world.put(moving, b"some bytes");
    world.read_well();
    let before = world.memory().of(moving).unwrap();
    world.measured(moving, 5);
    assert_eq!(world.read_well().moving.files, 1);
    assert_eq!(world.memory().of(moving), Some(before));
}

#[test]
fn a_ledger_that_remembers_nonsense_does_no_harm() {
    let mut world = World::remembering();
    let one = id(7, 5);
    world.put(one, b"some bytes");
    for number in [1, 5, 9] {
        world.memory().put(Known {
            id: id(7, number),
            size: u64::MAX,
            modified: i64::MIN,
            inode: u64::MAX,
            sha1: [0; 20],
        });
    }
    world.read_well();
    assert_eq!(world.memory().shards.lock().unwrap()[&7].len(), 1);
    assert_eq!(world.memory().of(one).unwrap().sha1, sha1(b"some bytes"));
}

/// Some file systems tell times in steps of two seconds: what is written again within one looks like the
/// same file.
#[test]
fn what_was_written_just_now_is_not_learned_yet() {
    let mut world = World::remembering();
    let one = id(7, 1);
    world.put(one, b"as it was");
    set_modified(&world.path(one), 0);
    for (later, learned) in [(0, false), (3, false), (4, true)] {
        world.now = Timestamp::from_second(1_700_000_000 + later).unwrap();
        world.read_well();
        assert_eq!(world.memory().of(one).is_some(), learned, "{later}");
    }
    // Where times are told more finely, nothing can look like it.
    let other = id(7, 2);
    world.put(other, b"as it was");
    let file = fs::File::options().write(true).open(world.path(other));
    let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_500);
    file.unwrap().set_modified(time).unwrap();
    world.now = Timestamp::from_second(1_700_000_000).unwrap();
    world.read_well();
    assert!(world.memory().of(other).is_some());
}
