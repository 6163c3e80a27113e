//! The ledger on a disk: what is learned, what is damaged, and two at once.

use std::fs;
use std::iter;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::model::FileId;
use crate::model::sources::Ledger as _;
use crate::system;

use super::entries::merge;
use super::*;

const NOW: &str = "2026-11-22T03:30:00Z";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A state folder, and beside it one of backups.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("backups")).unwrap();
        Place { folder }
    }

    fn state(&self) -> StateFolder {
        StateFolder::new(self.folder.path().join("state/bkscan"))
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("state/bkscan/ledger.db")
    }

    /// A backup's folder.
    fn backup(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join("backups").join(name);
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn try_open(&self) -> std::result::Result<Ledger, String> {
        self.open_with(NOW, MOST, Duration::from_millis(50))
    }

    fn open(&self) -> Ledger {
        self.try_open().unwrap()
    }

    fn open_with(
        &self,
        now: &str,
        most: u64,
        patience: Duration,
    ) -> std::result::Result<Ledger, String> {
        let mut database = database(&self.state());
        database.patience = patience;
        Ledger::of(database, time(now), most).map_err(|why| why.to_string())
    }

    /// Puts a file in place of the ledger.
    fn put(&self, bytes: &[u8]) {
        fs::create_dir_all(self.file().parent().unwrap()).unwrap();
        fs::write(self.file(), bytes).unwrap();
    }

    fn sql(&self, sql: &str) {
        let connection = Connection::open(self.file()).unwrap();
        let journal = "PRAGMA journal_mode = MEMORY;";
        connection
            .execute_batch(&format!("{journal} {sql}"))
            .unwrap();
    }

    fn count(&self, table: &str) -> i64 {
        let connection = Connection::open(self.file()).unwrap();
        let sql = format!("SELECT count(*) FROM {table}");
        connection.query_row(&sql, [], |row| row.get(0)).unwrap()
    }

    /// A line without the folder that it names.
    fn line(&self, line: Option<String>) -> String {
        let folder = self.folder.path().join("state/bkscan");
        let line = line.unwrap_or_default();
        line.replace(&folder.display().to_string(), "STATE")
            .replace('\\', "/")
    }
}

fn known(shard: u8, number: u8) -> Known {
    Known {
        id: FileId::from_bytes(std::array::from_fn(|index| match index {
            0 => shard,
            19 => number,
            _ => 0xa5,
        })),
        size: u64::from(number),
        modified: 1_700_000_000_123_456_789,
        inode: 42,
        sha1: [number; 20],
    }
}

fn many(shard: u8, count: u8) -> Vec<Known> {
    (0..count).map(|number| known(shard, number)).collect()
}

#[test]
fn what_is_learned_is_known_to_the_next_run() {
    let place = Place::new();
    let (one, two) = (place.backup("one"), place.backup("two"));
    let odd = Known {
        size: u64::MAX,
        modified: i64::MIN,
        inode: u64::MAX,
        ..known(255, 1)
    };
    let ledger = place.open();
    assert_eq!(ledger.known(&one, 7), []);
    ledger.learn(&one, vec![(7, many(7, 100)), (255, vec![odd])]);
    ledger.learn(&two, vec![(7, many(7, 1))]);
    assert_eq!(ledger.known(&one, 7), many(7, 100));
    assert_eq!(ledger.trouble(), None);
    drop(ledger);
    let ledger = place.open();
    assert_eq!(ledger.known(&one, 7), many(7, 100));
    assert_eq!(ledger.known(&one, 255), [odd]);
    assert_eq!(ledger.known(&two, 7), many(7, 1));
    assert_eq!(
        (ledger.known(&one, 8), ledger.known(&two, 255)),
        (vec![], vec![])
    );
    // In place of what was remembered of a shard; others stay.
    ledger.learn(&one, vec![(7, many(7, 3)), (255, vec![])]);
    assert_eq!(ledger.known(&one, 7), many(7, 3));
    assert_eq!(
        (ledger.known(&one, 255), ledger.known(&two, 7)),
        (vec![], many(7, 1))
    );
    assert_eq!(ledger.trouble(), None);
    assert!(ledger.bytes() > 8000, "{}", ledger.bytes());
    assert_eq!(fs::metadata(place.file()).unwrap().len(), ledger.bytes());
    let folder = place.file().parent().unwrap().read_dir().unwrap();
    let names: Vec<_> = folder.map(|entry| entry.unwrap().file_name()).collect();
    let journal = cfg!(windows).then_some("ledger.db-journal");
    assert_eq!(
        names,
        Vec::from_iter(iter::once("ledger.db").chain(journal))
    );
}

#[test]
fn one_backup_is_one_by_whatever_path() {
    let place = Place::new();
    let one = place.backup("one");
    let ledger = place.open();
    ledger.learn(&one, vec![(7, many(7, 2))]);
    assert_eq!(ledger.known(&one.join("../one/."), 7), many(7, 2));
}

#[test]
fn paths_that_are_not_utf_8_are_known_again() {
    let Some(name) = system::path_from_bytes(b"od\xffd") else {
        return;
    };
    let place = Place::new();
    let path = place.folder.path().join("backups").join(name);
    if fs::create_dir(&path).is_err() {
        // Not every system takes such a name.
        return;
    }
    place.open().learn(&path, vec![(7, many(7, 2))]);
    assert_eq!(place.open().known(&path, 7), many(7, 2));
}

#[test]
fn a_file_is_made_when_there_is_something_to_remember() {
    let place = Place::new();
    let one = place.backup("one");
    let ledger = place.open();
    assert_eq!(ledger.known(&one, 7), []);
    ledger.learn(&one, vec![]);
    ledger.forget_gone();
    assert_eq!((ledger.bytes(), ledger.trouble()), (0, None));
    assert!(!place.folder.path().join("state").exists());
    assert_eq!(Ledger::path(&place.state()), Some(place.file()));
    // An empty file, as a disk that was full may have left, is as good as none.
    place.put(b"");
    let ledger = place.open();
    ledger.learn(&one, vec![(7, many(7, 1))]);
    assert_eq!(
        (place.open().known(&one, 7), ledger.trouble()),
        (many(7, 1), None)
    );
}

#[cfg(unix)]
#[test]
fn only_its_user_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place
        .open()
        .learn(&place.backup("one"), vec![(7, many(7, 1))]);
    let mode = fs::metadata(place.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_cannot_be_a_ledger_is_left_alone() {
    let begin = "what earlier runs read is not known from STATE/ledger.db: ";
    for bytes in [
        &b"garbage"[..],
        &[0; 4096],
        b"SQLite format 3\0",
        &[0xff; 10_000],
    ] {
        let place = Place::new();
        place.put(bytes);
        let line = place.line(place.try_open().err());
        assert!(line.starts_with(begin), "{line}");
        assert!(
            line.ends_with("; move it away, and a new one is made"),
            "{line}"
        );
        assert_eq!(fs::read(place.file()).unwrap(), bytes);
    }
    for (sql, why) in [
        (
            "CREATE TABLE shard (mine)",
            "it is damaged (another program made it); move it away, and a new one is made",
        ),
        (
            "CREATE TABLE shard (mine); PRAGMA user_version = 1",
            "it is damaged (its tables are not those that bkscan made); move it away, and a new one is \
             made",
        ),
        (
            "CREATE TABLE shard (mine); PRAGMA user_version = 2",
            "a newer bkscan wrote it (its version 2); it is left as it is; use that bkscan, or name \
             another folder with --state-dir",
        ),
    ] {
        let place = Place::new();
        place.put(b"");
        place.sql(sql);
        let before = fs::read(place.file()).unwrap();
        assert_eq!(place.line(place.try_open().err()), format!("{begin}{why}"));
        assert_eq!(fs::read(place.file()).unwrap(), before);
    }
    let place = Place::new();
    fs::create_dir_all(place.file()).unwrap();
    let line = place.line(place.try_open().err());
    assert_eq!(
        line,
        format!("{begin}it is not a file; move it away, and a new one is made")
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine is slow")]
fn a_ledger_that_is_damaged_is_an_error_or_remembers_less() {
    let place = Place::new();
    let one = place.backup("one");
    let all: Vec<_> = (0..=255).map(|shard| (shard, many(shard, 20))).collect();
    place.open().learn(&one, all);
    let whole = fs::read(place.file()).unwrap();
    let (mut errors, mut less) = (0, 0);
    let mut try_out = |bytes: &[u8]| {
        place.put(bytes);
        let Ok(ledger) = place.try_open() else {
            errors += 1;
            return;
        };
        let mut told = false;
        for shard in 0..=255 {
            let known = ledger.known(&one, shard);
            assert!(known.is_empty() || known == many(shard, 20));
            told |= known.is_empty();
        }
        less += usize::from(told);
        ledger.forget_gone();
        ledger.learn(&one, vec![(7, many(7, 3))]);
        let line = ledger.trouble().unwrap_or_default();
        assert!(!line.contains(char::is_control), "{line}");
    };
    for offset in (1..whole.len()).step_by(9973) {
        try_out(&whole[..offset]);
        let mut altered = whole.clone();
        altered[offset] ^= 0x10;
        try_out(&altered);
        let end = (offset + 3000).min(altered.len());
        altered[offset..end].fill(0x55);
        try_out(&altered);
    }
    assert!(
        errors > 10 && less > 20,
        "{errors} errors, {less} that knew less"
    );
}

#[test]
fn a_shard_that_is_damaged_is_learned_anew() {
    let place = Place::new();
    let one = place.backup("one");
    place
        .open()
        .learn(&one, vec![(7, many(7, 20)), (8, many(8, 20))]);
    // The same length, another bit.
    place.sql("UPDATE shard SET entries = CAST(substr(entries, 1, 900) || x'77' || substr(entries, 902) AS BLOB) WHERE id % 256 = 7");
    let ledger = place.open();
    assert_eq!(
        (ledger.known(&one, 7), ledger.known(&one, 8)),
        (vec![], many(8, 20))
    );
    assert_eq!(
        place.line(ledger.trouble()),
        "a part of STATE/ledger.db was damaged; what it held is learned anew"
    );
    ledger.learn(&one, vec![(7, many(7, 5))]);
    let ledger = place.open();
    assert_eq!(
        (ledger.known(&one, 7), ledger.trouble()),
        (many(7, 5), None)
    );
    // Rows that were exchanged are not believed.
    place.sql(
        "CREATE TEMP TABLE t AS SELECT id, entries FROM shard; \
         UPDATE shard SET entries = (SELECT entries FROM t WHERE t.id != shard.id)",
    );
    let ledger = place.open();
    assert_eq!(
        (ledger.known(&one, 7), ledger.known(&one, 8)),
        (vec![], vec![])
    );
}

#[test]
fn entries_are_read_as_they_were_written_or_not_at_all() {
    let shard = Shard {
        folder: b"/backups/one",
        number: 7,
    };
    for count in [0, 1, 2, 200] {
        let bytes = shard.encode(&many(7, count));
        assert_eq!(bytes.len(), 8 + 64 * usize::from(count));
        let (checksum, read) = shard.decode(&bytes).unwrap();
        assert_eq!((checksum.as_slice(), read), (&bytes[..8], many(7, count)));
        for offset in (0..bytes.len()).step_by(13) {
            let mut altered = bytes.clone();
            altered[offset] ^= 4;
            assert_eq!(shard.decode(&altered), None);
            assert_eq!(shard.decode(&bytes[..offset]), None);
        }
    }
    // Written wrongly to begin with.
    let [first, second] = [known(7, 1), known(7, 2)];
    for wrong in [&[second, first][..], &[first, first], &[known(8, 1)]] {
        assert_eq!(shard.decode(&shard.encode(wrong)), None);
    }
    let bytes = shard.encode(&[first]);
    let others = [
        Shard { number: 8, ..shard },
        Shard {
            folder: b"/backups/two",
            ..shard
        },
    ];
    assert!(others.iter().all(|other| other.decode(&bytes).is_none()));
}

#[test]
fn what_both_of_two_runs_learned_is_kept() {
    let changed = |known: Known| Known {
        sha1: [0xee; 20],
        ..known
    };
    let rewritten = |known: Known| Known {
        modified: 0,
        sha1: [0xdd; 20],
        ..known
    };
    let [a, b, c, d, e] = [1, 2, 3, 4, 5].map(|number| known(7, number));
    let merged = merge(vec![a, b, c, d], vec![changed(b), rewritten(c), e]);
    // Of the same file what was kept first, of one that was rewritten what was read last.
    assert_eq!(merged, [a, b, rewritten(c), d, e]);
    assert_eq!(merge(vec![], vec![a, b]), [a, b]);
    assert_eq!(merge(vec![a, b], vec![]), [a, b]);
}

#[test]
fn a_run_that_others_overtook_adds_to_what_they_learned() {
    let place = Place::new();
    let one = place.backup("one");
    place
        .open()
        .learn(&one, vec![(7, vec![known(7, 1), known(7, 2)])]);
    let [slow, fast] = [place.open(), place.open()];
    assert_eq!(slow.known(&one, 7), fast.known(&one, 7));
    // The fast one found the second gone and a third one new.
    fast.learn(&one, vec![(7, vec![known(7, 1), known(7, 3)])]);
    let damaged = Known {
        sha1: [0xee; 20],
        ..known(7, 3)
    };
    slow.learn(&one, vec![(7, vec![known(7, 1), damaged, known(7, 4)])]);
    let expected = [known(7, 1), known(7, 3), known(7, 4)];
    assert_eq!(place.open().known(&one, 7), expected);
    // Whoever saw what is there replaces it.
    assert_eq!(fast.known(&one, 7), expected);
    fast.learn(&one, vec![(7, vec![known(7, 4)])]);
    assert_eq!(place.open().known(&one, 7), [known(7, 4)]);
    assert_eq!((slow.trouble(), fast.trouble()), (None, None));
}

#[test]
fn two_runs_that_learn_at_once_both_are_remembered() {
    let place = Place::new();
    let backups = ["one", "two"].map(|name| place.backup(name));
    let both = place.backup("both");
    let start = Barrier::new(2);
    thread::scope(|scope| {
        for (number, backup) in (0..).zip(&backups) {
            let (place, both, start) = (&place, &both, &start);
            scope.spawn(move || {
                start.wait();
                for round in 1..=10 {
                    let ledger = place.open_with(NOW, MOST, Duration::from_secs(60)).unwrap();
                    let all = (0..=255).map(|shard| (shard, many(shard, round)));
                    ledger.learn(backup, all.collect());
                    ledger.learn(both, vec![(7, vec![known(7, 2 * round + number)])]);
                    assert_eq!(ledger.trouble(), None);
                }
            });
        }
    });
    let ledger = place.open();
    for backup in &backups {
        for shard in 0..=255 {
            assert_eq!(ledger.known(backup, shard), many(shard, 10));
        }
    }
    let expected: Vec<_> = (2..=21).map(|number| known(7, number)).collect();
    assert_eq!(ledger.known(&both, 7), expected);
}

#[test]
fn a_locked_file_costs_the_memory_of_this_run_and_no_more() {
    let place = Place::new();
    let one = place.backup("one");
    place.open().learn(&one, vec![(7, many(7, 1))]);
    let ledger = place.open();
    let other = Connection::open(place.file()).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(ledger.known(&one, 7), []);
    ledger.learn(&one, vec![(7, many(7, 2))]);
    let end = "STATE/ledger.db: another program is at work in it; try again when that one is done";
    let begin = "what earlier runs read is not known from";
    assert_eq!(place.line(ledger.trouble()), format!("{begin} {end}"));
    assert_eq!(place.line(place.try_open().err()), format!("{begin} {end}"));
    other.execute_batch("ROLLBACK; BEGIN IMMEDIATE").unwrap();
    // While another one only means to write, this one reads.
    let ledger = place.open();
    assert_eq!(ledger.known(&one, 7), many(7, 1));
    ledger.learn(&one, vec![(7, many(7, 2))]);
    let tried = "what was read is not remembered in";
    assert_eq!(place.line(ledger.trouble()), format!("{tried} {end}"));
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(place.open().known(&one, 7), many(7, 1));
}

#[test]
fn a_folder_that_cannot_be_made_costs_the_memory_of_this_run_and_no_more() {
    let place = Place::new();
    fs::write(place.folder.path().join("state"), b"a file").unwrap();
    let ledger = place.open();
    ledger.learn(&place.backup("one"), vec![(7, many(7, 1))]);
    let line = place.line(ledger.trouble());
    assert!(
        line.starts_with("what was read is not remembered in STATE/ledger.db: "),
        "{line}"
    );
    let end = "; check that you may write it and the folder it is in, or name another folder with \
               --state-dir";
    assert!(line.ends_with(end), "{line}");
    let ledger = Ledger::open(&StateFolder::none(), time(NOW), MOST).unwrap();
    ledger.learn(&place.backup("one"), vec![(7, many(7, 1))]);
    assert_eq!(
        place.line(ledger.trouble()),
        "what was read is not remembered in ledger.db: there is no state folder (--state-dir names \
         one); check that you may write it and the folder it is in, or name another folder with \
         --state-dir"
    );
}

#[test]
fn on_a_full_disk_what_was_known_stays_known() {
    let place = Place::new();
    let one = place.backup("one");
    let before: Vec<_> = (0..=255).map(|shard| (shard, many(shard, 1))).collect();
    place.open().learn(&one, before);
    let ledger = place.open();
    {
        let state = ledger.lock();
        let connection = state.connection.as_ref().unwrap();
        let pages: i64 = connection
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .unwrap();
        let full = format!("PRAGMA max_page_count = {}", pages + 3);
        let _: i64 = connection.query_row(&full, [], |row| row.get(0)).unwrap();
    }
    ledger.learn(
        &one,
        (0..=255).map(|shard| (shard, many(shard, 200))).collect(),
    );
    assert_eq!(
        place.line(ledger.trouble()),
        "what was read is not remembered in STATE/ledger.db: database or disk is full; free space on \
         its disk"
    );
    let next = place.open();
    for shard in 0..=255 {
        assert_eq!(next.known(&one, shard), many(shard, 1));
    }
}

#[test]
fn nothing_is_written_into_a_backup() {
    let place = Place::new();
    let one = place.backup("one");
    let ledger = Ledger::open(&StateFolder::new(one.join("mine/state")), time(NOW), MOST).unwrap();
    ledger.learn(&one, vec![(7, many(7, 1))]);
    let line = ledger.trouble().unwrap();
    let end = "it lies in a backup; name another folder with --state-dir";
    assert!(line.ends_with(end), "{line}");
    assert_eq!(one.read_dir().unwrap().count(), 0);
}

#[test]
fn backups_that_are_gone_are_forgotten() {
    let place = Place::new();
    let [stays, gone] = ["stays", "gone"].map(|name| place.backup(name));
    let ledger = place.open();
    for backup in [&stays, &gone] {
        ledger.learn(
            backup,
            (0..=255).map(|shard| (shard, many(shard, 200))).collect(),
        );
    }
    let before = ledger.bytes();
    ledger.forget_gone();
    assert_eq!(ledger.known(&gone, 7), many(7, 200));
    fs::remove_dir(&gone).unwrap();
    ledger.forget_gone();
    assert_eq!(ledger.known(&gone, 7), []);
    assert_eq!(ledger.known(&stays, 7), many(7, 200));
    assert_eq!((place.count("folder"), place.count("shard")), (1, 256));
    // Its room is given back.
    assert!(
        ledger.bytes() < before * 6 / 10,
        "{} of {before}",
        ledger.bytes()
    );
    assert_eq!(ledger.trouble(), None);
}

#[test]
fn a_disk_that_is_away_is_no_reason_to_forget() {
    let place = Place::new();
    let disk = place.folder.path().join("disk");
    let one = disk.join("one");
    fs::create_dir_all(&one).unwrap();
    place.open().learn(&one, vec![(7, many(7, 1))]);
    let away = place.folder.path().join("away");
    fs::rename(&disk, &away).unwrap();
    place.open().forget_gone();
    // Where it was mounted there is an empty folder.
    fs::create_dir(&disk).unwrap();
    place.open().forget_gone();
    fs::remove_dir(&disk).unwrap();
    fs::rename(&away, &disk).unwrap();
    let ledger = place.open();
    assert_eq!(ledger.known(&one, 7), many(7, 1));
    fs::remove_dir(&one).unwrap();
    ledger.forget_gone();
    assert_eq!(ledger.known(&one, 7), []);
}

#[test]
fn what_was_read_longest_ago_goes_first_where_there_is_too_much() {
    let place = Place::new();
    let [old, oldest, new] = ["old", "oldest", "new"].map(|name| place.backup(name));
    let all = || (0..=255).map(|shard| (shard, many(shard, 60))).collect();
    // About a megabyte each.
    let most = 2_500_000;
    let at = |now: &str| place.open_with(now, most, Duration::ZERO).unwrap();
    at("2026-11-01T00:00:00Z").learn(&old, all());
    at("2026-11-02T00:00:00Z").learn(&oldest, all());
    // Nothing has changed in it, but it was read.
    at("2026-11-20T00:00:00Z").learn(&old, vec![]);
    let ledger = at("2026-11-21T00:00:00Z");
    assert!(ledger.bytes() < most);
    ledger.learn(&new, all());
    assert_eq!(ledger.known(&oldest, 7), []);
    assert_eq!(ledger.known(&old, 7), many(7, 60));
    assert_eq!(ledger.known(&new, 7), many(7, 60));
    assert!(ledger.bytes() <= most, "{}", ledger.bytes());
    assert_eq!(ledger.trouble(), None);
}

#[test]
fn of_a_backup_that_is_too_large_alone_a_part_is_remembered() {
    let place = Place::new();
    let [old, large] = ["old", "large"].map(|name| place.backup(name));
    let ledger = place.open_with(NOW, 600_000, Duration::ZERO).unwrap();
    ledger.learn(&old, vec![(7, many(7, 1))]);
    ledger.learn(
        &large,
        (0..=255).map(|shard| (shard, many(shard, 60))).collect(),
    );
    assert_eq!(ledger.known(&old, 7), []);
    assert_eq!(ledger.known(&large, 0), many(0, 60));
    assert_eq!(ledger.known(&large, 255), []);
    assert!(ledger.bytes() <= 600_000, "{}", ledger.bytes());
    assert_eq!(
        place.line(ledger.trouble()),
        "not all that was read is remembered: STATE/ledger.db would take more than 600000 bytes"
    );
}

#[test]
fn a_line_is_one_line_whatever_the_folder_is_called() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), b"").unwrap();
    let state = StateFolder::new(folder.path().join("a\nb/bkscan"));
    // On Windows nothing is called like that.
    let line = match Ledger::open(&state, time(NOW), 0) {
        Ok(ledger) => {
            ledger.tell(format!("about {}", ledger.file().display()));
            ledger.trouble().unwrap()
        }
        Err(line) => line.to_string(),
    };
    assert!(line.contains("a b") && !line.contains('\n'), "{line}");
}
