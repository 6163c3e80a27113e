//! What is read, where it is found, and what is told.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::model::options::Subset;
use crate::model::progress::{Event, Monitor};
use crate::model::{Amount, KNOWN_TROUBLE, ManifestFormat, PayloadKind};

use super::world::{Memory, World, held, id, ids, sha1};

fn share(files: u64, bytes: u64) -> Amount {
    Amount { files, bytes }
}

/// The day whose subset has this shard.
fn day_of(shard: u8) -> Subset {
    let days = (0..7).map(|day| format!("2026-11-{:02}T12:00:00Z", 16 + day));
    let subsets = days.map(|day| Subset::weekly(day.parse().unwrap(), &jiff::tz::TimeZone::UTC));
    subsets
        .into_iter()
        .find(|subset| subset.has(shard))
        .unwrap()
}

#[test]
fn stored_bytes_are_compared_with_the_digest() {
    let mut world = World::new();
    let [right, wrong, without, empty] = [1, 2, 3, 4].map(|number| id(7, number));
    // More than one read.
    let large: Vec<u8> = (0..200_000_u32).map(|index| (index % 251) as u8).collect();
    world.put(right, &large);
    world.put(wrong, b"some bytes");
    world.put(without, b"some bytes");
    world.put(empty, b"");
    world.digest(right, sha1(&large));
    world.digest(wrong, sha1(b"other bytes"));
    world.digest(empty, sha1(b""));
    world.put(KNOWN_TROUBLE, b"a part of it");
    world.digest(KNOWN_TROUBLE, sha1(b"all of it"));
    // Rows without a payload, before and behind.
    world.digest(id(7, 0), sha1(b""));
    world.digest(id(7, 9), sha1(b""));
    let (contents, denied) = world.read();
    assert_eq!(ids(&contents.mismatched), [wrong]);
    assert_eq!(contents.mismatched.bytes, 10);
    assert_eq!(contents.all, share(5, 200_032));
    assert_eq!(contents.read, share(5, 200_032));
    assert_eq!(contents.by_digest, share(3, 200_010));
    assert_eq!(contents.by_ledger, share(0, 0));
    assert_eq!(denied.places.count, 0);
}

#[test]
fn what_went_away_or_grew_meanwhile_is_moving() {
    let mut world = World::remembering();
    world.put(id(1, 1), b"some bytes");
    world.measured(id(1, 1), 9);
    world.measured(id(1, 2), 10);
    world.measured(id(0x2a, 1), 10);
    world.put(id(1, 3), b"some bytes");
    fs::remove_file(world.path(id(1, 3))).unwrap();
    fs::create_dir(world.path(id(1, 3))).unwrap();
    let (contents, denied) = world.read();
    assert_eq!(contents.moving, share(4, 39));
    assert_eq!((contents.read, denied.places.count), (share(0, 0), 0));
    assert_eq!(contents.unreadable.count, 0);
    assert_eq!(held(&world.memory().shards).len(), 0);
}

#[test]
fn only_regular_files_are_read() {
    let mut world = World::new();
    world.put(id(1, 1), b"some bytes");
    world.measured(id(1, 2), 0).kind = PayloadKind::NotAFile;
    world.measured(id(1, 3), 0).kind = PayloadKind::Unknown;
    assert_eq!(world.read_well().all, share(1, 10));
}

#[test]
fn a_snapshot_counts_first_where_files_are_being_moved() {
    for format in [ManifestFormat::Sqlite, ManifestFormat::Mbdb] {
        let mut world = World::new();
        world.format = format;
        let (both, old) = (id(0x3d, 1), id(0x3d, 2));
        world.put(both, b"old bytes!");
        world.put_at(
            both,
            &Path::new("Snapshot").join(world.place(both)),
            b"new bytes!",
        );
        world.put(old, b"only there");
        world.digest(both, sha1(b"new bytes!"));
        world.digest(old, sha1(b"only there"));
        assert_eq!(ids(&world.read().0.mismatched), [both]);
        world.moving = true;
        assert_eq!(world.read_well().by_digest, share(2, 20), "{format:?}");
    }
}

#[test]
fn names_may_be_in_capitals() {
    let mut world = World::new();
    let [lower, mixed, upper] = [0x3d, 0x4e, 0x5f].map(|shard| id(shard, 0xcd));
    world.put(lower, b"1");
    let name = mixed.to_string().to_uppercase();
    world.put_at(mixed, &Path::new("4e").join(name), b"22");
    let name = upper.to_string().to_uppercase();
    world.put_at(upper, &Path::new("5F").join(name), b"333");
    assert_eq!(world.read_well().read, share(3, 6));

    let mut world = World::new();
    world.format = ManifestFormat::Mbdb;
    let name = upper.to_string().to_uppercase();
    world.put_at(upper, Path::new(&name), b"333");
    world.put(lower, b"1");
    assert_eq!(world.read_well().read, share(2, 4));
}

#[cfg(unix)]
#[test]
fn no_link_is_followed() {
    use std::os::unix::fs::symlink;
    let mut world = World::remembering();
    world.moving = true;
    let elsewhere = tempfile::tempdir().unwrap();
    let [folder, file, snapshot] = [0x11, 0x22, 0x33].map(|shard| id(shard, 1));
    for one in [folder, file, snapshot] {
        let path = elsewhere.path().join(world.place(one));
        fs::create_dir(path.parent().unwrap()).unwrap();
        fs::write(path, b"somewhere else").unwrap();
        world.measured(one, 14);
    }
    let top = world.folder.path().to_owned();
    symlink(elsewhere.path().join("11"), top.join("11")).unwrap();
    fs::create_dir(top.join("22")).unwrap();
    symlink(elsewhere.path().join(world.place(file)), world.path(file)).unwrap();
    symlink(elsewhere.path(), top.join("Snapshot")).unwrap();
    let (contents, denied) = world.read();
    assert_eq!(contents.read, share(0, 0));
    assert_eq!((contents.moving, denied.places.count), (share(3, 42), 0));
}

#[test]
fn what_is_only_in_a_cloud_is_never_opened() {
    let mut world = World::remembering();
    let (cloud, here) = (id(7, 1), id(7, 2));
    world.put(cloud, b"some bytes");
    world.put(here, b"some bytes");
    world.read_well();
    let before = world.memory().of(cloud).unwrap();
    world.measured(cloud, 10).is_cloud_only = true;
    // Opening it would show.
    fs::write(world.path(cloud), b"longer than it was").unwrap();
    let contents = world.read_well();
    assert_eq!(
        (contents.cloud, contents.read),
        (share(1, 10), share(1, 10))
    );
    assert_eq!(contents.moving, share(0, 0));
    assert_eq!(world.memory().of(cloud), Some(before));
}

#[test]
fn a_subset_reads_its_shards_only() {
    let mut world = World::remembering();
    let (today, later) = (id(7, 1), id(8, 1));
    world.put(today, b"some bytes");
    world.put(later, b"more bytes than that");
    world.digest(later, sha1(b""));
    world.subset = Some(day_of(7));
    assert!(!day_of(7).has(8));
    let contents = world.read_well();
    assert_eq!(contents.all, share(2, 30));
    assert_eq!(
        (contents.read, contents.left_out),
        (share(1, 10), share(1, 20))
    );
    assert_eq!(held(&world.memory().learned), [vec![7]]);
    // What is remembered of the others stays.
    world.subset = Some(day_of(8));
    assert_eq!(ids(&world.read().0.mismatched), [later]);
    assert!(world.memory().of(today).is_some());
}

#[test]
fn what_is_read_is_told_to_the_last_byte() {
    let mut world = World::new();
    for shard in 0..=255 {
        world.put(id(shard, 1), &[shard; 100]);
    }
    world.measured(id(9, 2), 1000);
    // Without blocks on the disk; it is read all the same.
    let large = 150 << 20;
    world.put(id(9, 3), b"");
    let file = fs::File::options().write(true).open(world.path(id(9, 3)));
    file.unwrap().set_len(large).unwrap();
    world.measured(id(9, 3), large);
    let events = Mutex::new((Vec::new(), Vec::new()));
    let observer = |event: Event<'_>| {
        let mut events = events.lock().unwrap();
        match event {
            Event::Reading { files, bytes } => events.0.push((files, bytes)),
            Event::Read { files, bytes } => events.1.push((files, bytes)),
            other => panic!("{other:?}"),
        }
    };
    world.read_on(4, &Monitor::new(&observer, &AtomicUsize::new(0)));
    let (reading, read) = events.into_inner().unwrap();
    let bytes = 256 * 100 + 1000 + large;
    assert_eq!(reading, [(258, bytes)]);
    assert_eq!(read.iter().map(|told| told.0).sum::<u64>(), 258);
    assert_eq!(read.iter().map(|told| told.1).sum::<u64>(), bytes);
    assert!(read.iter().all(|told| told.1 <= (64 << 20) + 65_536));
}

#[test]
fn it_stops_within_a_large_file_and_remembers_nothing() {
    let mut world = World::remembering();
    let large = 1 << 40;
    world.put(id(0, 1), b"");
    let file = fs::File::options().write(true).open(world.path(id(0, 1)));
    if file.unwrap().set_len(large).is_err() {
        // Not every disk can hold a hole of that size.
        return;
    }
    world.measured(id(0, 1), large);
    world.ledger.as_ref().unwrap();
    for shard in 1..=255 {
        world.put(id(shard, 1), b"some bytes");
    }
    let stop = AtomicUsize::new(0);
    let observer = |event: Event<'_>| {
        if let Event::Read { .. } = event {
            stop.store(1, Ordering::Relaxed);
        }
    };
    let (contents, denied) = world.read_on(1, &Monitor::new(&observer, &stop));
    assert_eq!((contents.unreadable.count, denied.places.count), (0, 0));
    assert!(contents.read.files < 255);
    assert_eq!(held(&world.memory().learned), Vec::<Vec<u8>>::new());
}

#[test]
fn the_answer_is_the_same_on_one_thread_and_on_many() {
    let mut world = World::remembering();
    world.keep = 3;
    for shard in (0..=255).rev() {
        for number in [2, 1] {
            world.put(id(shard, number), &[shard; 50]);
            world.digest(id(shard, number), sha1(&[number; 50]));
        }
        world.measured(id(shard, 3), 5);
    }
    let one = world.read_on(1, &Monitor::silent());
    assert_eq!(one.0.mismatched.first.len(), 3);
    assert_eq!(one.0.mismatched.first[1].id, Some(id(0, 2)));
    assert_eq!(one.0.mismatched.count, 510);
    assert_eq!(one.0.moving, share(256, 1280));
    for _ in 0..3 {
        world.ledger = Some(Memory::default());
        let many = world.read_on(16, &Monitor::silent());
        assert_eq!(format!("{many:?}"), format!("{one:?}"));
    }
}
