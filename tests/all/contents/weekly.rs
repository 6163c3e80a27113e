//! `--subset weekly`: seven days read all, each day another seventh of the shards.

#![cfg(not(windows))]

use super::*;
use crate::support::{Row, damaged_database, database, file_id};

/// Seven days in a row, from here on.
fn week(first: &str) -> Vec<String> {
    let first: jiff::Timestamp = first.parse().unwrap();
    let later = |hours| first + jiff::SignedDuration::from_hours(hours);
    (0..7).map(|day| later(24 * day).to_string()).collect()
}

/// A backup with one file in each of the 256 shards, of 1000 bytes and more; none has a checksum.
fn one_a_shard(builder: BackupBuilder) -> BackupBuilder {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let mut number = 0;
    while rows.len() < 256 {
        let path = format!("Media/DCIM/{number}.JPG");
        let shard = file_id(PHOTO.0, &path)[..2].to_owned();
        let content = bytes(1000 + rows.len());
        let row = Row::file(PHOTO.0, &path, &content);
        rows.entry(shard).or_insert(row);
        number += 1;
    }
    rows.into_values().fold(builder, BackupBuilder::add)
}

fn day(world: &World, now: &str, password: Option<&str>, args: &[&str]) -> Value {
    day_of(world.command_with(password), world, now, args)
}

fn day_of(mut command: Command, world: &World, now: &str, args: &[&str]) -> Value {
    command.args(["backups", "--level", "contents", "--json"]);
    command.args(["--subset", "weekly", "--now", now]);
    let run = world.output(command.args(args));
    assert_eq!(run.stderr, "", "{now}");
    document(&run)
}

/// What is said on each of these days, in order of the words.
fn outcomes(world: &World, first: &str, password: Option<&str>) -> Vec<String> {
    let days = week(first).into_iter();
    let of = |now: String| outcome(&day(world, &now, password, &[]));
    let mut outcomes: Vec<_> = days.map(of).collect();
    outcomes.sort();
    outcomes
}

/// All is well on six days, and on one this is said.
fn once(outcome: &str) -> Vec<String> {
    let mut outcomes = vec![WELL.to_owned(); 6];
    outcomes.push(outcome.to_owned());
    outcomes.sort();
    outcomes
}

/// Two runs on one day read the same, at any hour and on any number of threads; without the option all
/// is read, and what the days before have read is known.
#[test]
fn a_day_is_a_day() {
    let world = World::of(one_a_shard(bare()));
    let first = day(&world, "2026-11-22T00:00:00Z", None, &[]);
    let [read, ..] = compared(&first);
    for now in ["2026-11-22T12:34:56Z", "2026-11-22T23:59:59.999Z"] {
        for threads in ["1", "8"] {
            let again = day(&world, now, None, &["--threads", threads]);
            assert_eq!(compared(&again), [read, [0, 0], read], "{now}");
        }
    }
    let next = day(&world, "2026-11-23T00:00:00Z", None, &[]);
    let [next, _, known] = compared(&next);
    assert_eq!(known, [0, 0]);
    let all = world.scan(&[]);
    let sum = [read[0] + next[0], read[1] + next[1]];
    let of_all = amount(only_backup(&all), "all");
    assert_eq!(compared(&all), [of_all, [0, 0], sum]);
    assert_eq!(amount(only_backup(&all), "left_out"), [0, 0]);
}

/// A job runs at the same time of its user's day, also where the clocks are set back in between.
#[test]
fn a_day_is_one_of_the_users() {
    let world = World::of(one_a_shard(bare()));
    let mut sum = 0;
    // Half past one at night, from 22 to 28 October 2026; on the 25th the clocks are set back at three.
    for (number, now) in (22..=28).zip(week("2026-10-21T23:30:00Z")) {
        let now: jiff::Timestamp = now.parse().unwrap();
        let set_back = jiff::SignedDuration::from_hours(i64::from(number > 25));
        let mut command = world.command();
        command.env("TZ", "CET-1CEST,M3.5.0,M10.5.0/3");
        let document = day_of(command, &world, &(now + set_back).to_string(), &[]);
        let [read, _, known] = compared(&document);
        assert_eq!(known, [0, 0], "{number} October");
        sum += read[0];
    }
    assert_eq!(sum, 256);
}

/// Damage is found on the day of its shard and on no other.
#[test]
fn damage_is_found_within_a_week() {
    let with = |bytes: &[u8]| phone().file("HomeDomain", "Library/SMS/sms.db", bytes);
    let setting = phone().flip_in_payload(SETTING.0, SETTING.1, 0);
    let photo = encrypted().flip_in_payload(PHOTO.0, PHOTO.1, 100_015);
    let padding = "complete 0: warning padding-invalid ×1";
    let in_database = "complete 0: warning app-database-damaged ×1";
    for (builder, password, expected) in [
        (setting, None, MISMATCH),
        (photo, PASS, padding),
        (with(&damaged_database()), None, in_database),
        (with(&database()), None, WELL),
    ] {
        let found = outcomes(&World::of(builder), "2026-11-16T03:30:00Z", password);
        assert_eq!(found, once(expected), "{expected}");
    }
}

/// A bit that a disk loses in the first week is found in the second.
#[test]
fn a_lost_bit_is_found_in_the_next_week() {
    let world = World::new();
    assert_eq!(outcomes(&world, "2026-11-02T03:30:00Z", None), [WELL; 7]);
    flip(&world.payload(PHOTO), 0);
    for first in ["2026-11-09T03:30:00Z", "2026-11-16T03:30:00Z"] {
        assert_eq!(outcomes(&world, first, None), once(CHANGED), "{first}");
    }
}

/// The screen says which share was read.
#[test]
fn the_screen_tells_the_share() {
    let world = World::of(one_a_shard(bare()));
    let document = day(&world, NOW, None, &["--no-state"]);
    let [[_, read], ..] = compared(&document);
    let all = amount(only_backup(&document), "all")[1];
    let run = world.run([CONTENTS, &["--subset", "weekly", "--no-state"]].concat());
    let text = flat(&run.stdout);
    // 256 files of 1000 to 1255 bytes.
    assert_eq!(all, 288_640);
    let share = format!("{} kB of 289 kB", (read + 500) / 1000);
    assert!(text.contains(&share), "{share}: {text}");
}

/// At another level it has no meaning: nothing is scanned.
#[test]
fn at_another_level_it_is_a_usage_error() {
    let world = World::new();
    for level in [&[][..], &["--level", "standard"], &["--level=quick"]] {
        let run = world.run([&["backups", "--subset", "weekly"], level].concat());
        assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{run:?}");
        assert!(run.stderr.contains("--level contents"), "{run:?}");
    }
    assert!(!world.path("state").exists());
}

/// A nightly job is what it is for.
#[test]
fn a_nightly_job_has_it() {
    let world = World::new();
    for kind in ["cron", "systemd", "launchd"] {
        let weekly = ["--level", "contents", "--subset", "weekly", "backups"];
        let run = world.run([&["schedule", kind], &weekly[..]].concat());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
        for word in ["--level", "contents", "--subset", "weekly"] {
            assert!(run.stdout.contains(word), "{kind} {word}: {run:?}");
        }
    }
}

mod slow {
    use super::*;

    /// Each payload once a week: what had been read before on another day of the first week would have
    /// been compared with the ledger. In the second week it all is.
    #[test]
    #[ignore = "takes seconds: .ci/run runs it"]
    fn seven_days_read_every_payload_exactly_once() {
        let sealed = one_a_shard(bare().encrypted_with(PASSWORD));
        let locked = one_a_shard(bare().encrypted());
        for (era, builder, password, verdict) in [
            ("open", one_a_shard(bare()), None, WELL),
            ("iOS 9", one_a_shard(bare().mbdb()), None, WELL),
            ("encrypted", sealed, PASS, WELL),
            ("locked", locked, None, UNVERIFIED),
        ] {
            let world = World::of(builder);
            // A week that begins on a Thursday, in one year, and ends in the next.
            let days = week("2026-12-31T03:30:00Z");
            let mut sum = [0, 0];
            let mut shares = Vec::new();
            for now in &days {
                let document = day(&world, now, password, &[]);
                let backup = only_backup(&document);
                assert_eq!(outcome(&document), verdict, "{era} {now}");
                let [read, digest, ledger] = compared(&document);
                assert!([36, 37].contains(&read[0]), "{era} {now}: {read:?}");
                assert_eq!((digest, ledger), ([0, 0], [0, 0]), "{era} {now}");
                let all = amount(backup, "all");
                assert_eq!(all[0], 256);
                let left_out = [all[0] - read[0], all[1] - read[1]];
                assert_eq!(amount(backup, "left_out"), left_out, "{era} {now}");
                sum = [sum[0] + read[0], sum[1] + read[1]];
                shares.push(read);
            }
            let last = day(&world, &days[6], password, &[]);
            assert_eq!(sum, amount(only_backup(&last), "all"), "{era}");
            // The next week: the same shares, now all known.
            for (now, read) in week("2027-01-07T03:30:00Z").iter().zip(&shares) {
                let document = day(&world, now, password, &[]);
                assert_eq!(compared(&document), [*read, [0, 0], *read], "{era} {now}");
            }
        }
    }
}
