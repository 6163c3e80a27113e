//! The history on a disk: what is kept, what is damaged, and two at once.

use std::fs;
use std::iter;
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::model::{PastBackup, PastProblem, StorageGroup, Udid, Verdict};
use crate::system;

use super::database::migrate;
use super::*;

const UDID: &str = "00008130-000A1C2E3F40801E";

impl History {
    /// Waits for another bkscan as long as that.
    fn patient(mut self, patience: Duration) -> History {
        self.database.patience = patience;
        self
    }
}

struct Place {
    folder: TempDir,
    history: History,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let state = StateFolder::new(folder.path().join("state/bkscan"));
    let history = state.history().patient(Duration::from_millis(50));
    Place { folder, history }
}

impl Place {
    fn file(&self) -> PathBuf {
        self.folder.path().join("state/bkscan/history.db")
    }

    /// Puts a file in place of the history.
    fn put(&self, bytes: &[u8]) {
        fs::create_dir_all(self.file().parent().unwrap()).unwrap();
        fs::write(self.file(), bytes).unwrap();
    }

    fn alter(&self, sql: &str) {
        let connection = Connection::open(self.file()).unwrap();
        connection.execute_batch(sql).unwrap();
    }

    /// What reading and recording say, the file's folder left out.
    fn complaints(&self) -> [String; 3] {
        let read = self.history.runs().unwrap_err();
        let last = self.history.last_run(&[], Level::Quick).unwrap_err();
        let record = self.history.record(&run(9, &["/b"])).unwrap_err();
        [read, last, record].map(|error| self.line(&error))
    }

    fn line(&self, error: &HistoryError) -> String {
        let folder = format!("{}", self.file().parent().unwrap().display());
        error
            .to_string()
            .replace(&folder, "STATE")
            .replace('\\', "/")
    }
}

fn group(name: &str, files: u64, bytes: u64) -> StorageGroup {
    StorageGroup {
        name: name.to_owned(),
        files,
        bytes,
    }
}

/// The run of that number.
fn run(number: i64, roots: &[&str]) -> PastRun {
    let backup = |name: &str| PastBackup {
        path: format!("/b/{name}").into(),
        udid: Udid::parse(UDID),
        name: Some("Anna's iPhone".to_owned()),
        product: Some("iPhone 15 Pro".to_owned()),
        verdict: Verdict::Corrupt,
        last_backup: Some("2026-11-20T12:00:00Z".parse().unwrap()),
        files: 48_310,
        logical: 86_000_000_000,
        allocated: 86_400_000_000,
        manifest_date: Some("2026-11-20T12:00:00Z".parse().unwrap()),
        status_uuid: Some("0A1B2C3D-0000-4000-8000-000000000001".to_owned()),
        // Larger than the largest number of SQLite.
        volume: Some(u64::MAX - 1),
        keepsakes: Some(vec![
            group("Photos", 8000, 40_000_000_000),
            group("Notes", 7, 70),
        ]),
        forgotten: false,
    };
    PastRun {
        at: "2026-11-22T03:30:00.123456789Z".parse().unwrap(),
        level: Level::Standard,
        roots: roots.iter().map(PathBuf::from).collect(),
        volumes: (roots.iter().enumerate())
            .map(|(index, _)| (index == 0).then_some(66))
            .collect(),
        backups: vec![
            backup("one"),
            PastBackup {
                udid: None,
                name: None,
                product: None,
                verdict: Verdict::InProgress,
                last_backup: None,
                manifest_date: None,
                status_uuid: None,
                volume: None,
                keepsakes: None,
                ..backup("two")
            },
        ],
        problems: vec![
            PastProblem {
                subject: "/b/one".into(),
                id: "file-missing".to_owned(),
                count: number as u64,
                span: None,
            },
            PastProblem {
                subject: "/gone".into(),
                id: "blocked".to_owned(),
                count: 1,
                span: Some(31 * 86_400),
            },
        ],
    }
}

#[test]
fn runs_come_back_whole_and_in_the_order_of_recording() {
    let place = place();
    assert_eq!(place.history.runs().unwrap(), []);
    let mut runs = vec![run(1, &["/b", "/a"]), run(2, &[]), run(1, &["/b"])];
    // An earlier time, and the same one: neither matters.
    runs[1].at = "1999-12-31T23:59:59Z".parse().unwrap();
    runs[1].backups.clear();
    runs[1].problems.clear();
    runs[2].level = Level::Contents;
    // That it holds nothing is known.
    runs[2].backups[0].keepsakes = Some(vec![]);
    for run in &runs {
        place.history.record(run).unwrap();
    }
    assert_eq!(place.history.runs().unwrap(), runs);
    let left: Vec<_> = fs::read_dir(place.file().parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    let journal = cfg!(windows).then_some("history.db-journal");
    assert_eq!(
        left,
        Vec::from_iter(iter::once("history.db").chain(journal))
    );
}

#[test]
fn numbers_beyond_sqlite_are_the_largest_it_has() {
    let place = place();
    let mut big = run(1, &["/b"]);
    big.backups[0].files = u64::MAX;
    place.history.record(&big).unwrap();
    let files = place.history.runs().unwrap()[0].backups[0].files;
    assert_eq!(files, 9_223_372_036_854_775_807);
}

#[test]
fn paths_that_are_not_utf_8_come_back() {
    for bytes in [&b"/b/\xff"[..], b"/b/one"] {
        let Some(odd) = system::path_from_bytes(bytes) else {
            continue;
        };
        let place = place();
        let mut run = run(1, &[]);
        run.roots = vec![odd.clone().into()];
        run.volumes = vec![None];
        run.backups[0].path = odd.clone().into();
        run.problems[0].subject = odd;
        place.history.record(&run).unwrap();
        assert_eq!(place.history.runs().unwrap(), [run.clone()]);
        let last = place.history.last_run(&run.roots, Level::Quick).unwrap();
        assert_eq!(last, Some(run));
    }
}

#[test]
fn the_last_run_has_the_same_roots_and_looked_as_deep() {
    let place = place();
    let roots = |roots: &[&str]| roots.iter().map(PathBuf::from).collect::<Vec<_>>();
    let last = |wanted: &[&str], level| {
        let last = place.history.last_run(&roots(wanted), level).unwrap();
        last.map(|run| run.problems[0].count)
    };
    assert_eq!(last(&["/a"], Level::Quick), None);
    for (number, roots, level) in [
        (1, &["/a", "/b"][..], Level::Contents),
        (2, &["/a", "/b"], Level::Standard),
        (3, &["/a"], Level::Contents),
        (4, &["/a", "/b", "/c"], Level::Contents),
        (5, &["/b", "/a"], Level::Quick),
    ] {
        place
            .history
            .record(&PastRun {
                level,
                ..run(number, roots)
            })
            .unwrap();
    }
    assert_eq!(last(&["/b", "/a"], Level::Quick), Some(5));
    assert_eq!(last(&["/b", "/a", "/b"], Level::Standard), Some(2));
    assert_eq!(last(&["/a", "/b"], Level::Contents), Some(1));
    assert_eq!(last(&["/a"], Level::Contents), Some(3));
    assert_eq!(last(&["/c"], Level::Quick), None);
    assert_eq!(last(&[], Level::Quick), None);
}

#[test]
fn reading_makes_nothing() {
    let place = place();
    assert_eq!(place.history.last_run(&[], Level::Quick).unwrap(), None);
    assert_eq!(place.history.runs().unwrap(), []);
    assert!(!place.folder.path().join("state").exists());
    // Nor does it touch an empty file.
    place.put(b"");
    assert_eq!(place.history.runs().unwrap(), []);
    assert_eq!(fs::read(place.file()).unwrap(), b"");
    place.history.record(&run(1, &["/b"])).unwrap();
    assert_eq!(place.history.runs().unwrap(), [run(1, &["/b"])]);
}

#[test]
fn two_that_record_at_once_both_are_recorded() {
    let place = place();
    let history = place.history.clone().patient(Duration::from_secs(60));
    thread::scope(|scope| {
        for thread in 0..2 {
            let history = &history;
            scope.spawn(move || {
                for number in 0..10 {
                    history
                        .record(&run(thread * 100 + number, &["/b"]))
                        .unwrap();
                    history.runs().unwrap();
                }
            });
        }
    });
    let runs = history.runs().unwrap();
    for thread in 0..2 {
        let numbers = runs.iter().map(|run| run.problems[0].count);
        let own: Vec<u64> = numbers.filter(|number| number / 100 == thread).collect();
        let expected: Vec<u64> = (0..10).map(|number| thread * 100 + number).collect();
        assert_eq!(own, expected);
    }
    assert_eq!(runs.len(), 20);
}

#[test]
fn two_that_make_the_file_at_once_both_are_recorded() {
    for _ in 0..20 {
        let place = place();
        let history = place.history.clone().patient(Duration::from_secs(60));
        let start = Barrier::new(2);
        thread::scope(|scope| {
            for number in 0..2 {
                let (history, start) = (&history, &start);
                scope.spawn(move || {
                    start.wait();
                    history.record(&run(number, &["/b"])).unwrap();
                });
            }
        });
        assert_eq!(history.runs().unwrap().len(), 2);
    }
}

#[test]
fn a_run_that_fails_half_way_leaves_nothing() {
    let place = place();
    place.history.record(&run(1, &["/b"])).unwrap();
    // What the history opens runs no trigger.
    let mut raw = Connection::open(place.file()).unwrap();
    raw.execute_batch(
        "CREATE TRIGGER late BEFORE INSERT ON problem WHEN new.position = 1 \
         BEGIN SELECT RAISE(ABORT, 'late'); END",
    )
    .unwrap();
    assert!(insert(&mut raw, &run(2, &["/b"])).is_err());
    raw.execute_batch("DROP TRIGGER late").unwrap();
    place.history.record(&run(3, &["/b"])).unwrap();
    assert_eq!(
        place.history.runs().unwrap(),
        [run(1, &["/b"]), run(3, &["/b"])]
    );
}

#[test]
fn a_locked_file_is_an_error_and_not_a_wait_for_ever() {
    let place = place();
    place.history.record(&run(1, &["/b"])).unwrap();
    let other = Connection::open(place.file()).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let end = "STATE/history.db: another program is at work in it; try again when that one is done";
    assert_eq!(
        place.complaints(),
        [
            format!("the history could not be read from {end}"),
            format!("the history could not be read from {end}"),
            format!("this run could not be added to the history {end}"),
        ]
    );
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(place.history.runs().unwrap(), [run(1, &["/b"])]);
}

#[test]
fn a_file_of_a_newer_bkscan_is_left_alone() {
    let place = place();
    place.history.record(&run(1, &["/b"])).unwrap();
    place.alter("PRAGMA user_version = 999");
    let before = fs::read(place.file()).unwrap();
    let end = "STATE/history.db: a newer bkscan wrote it (its version 999); it is left as it is; \
               use that bkscan, or name another folder with --state-dir";
    assert_eq!(
        place.complaints(),
        [
            format!("the history could not be read from {end}"),
            format!("the history could not be read from {end}"),
            format!("this run could not be added to the history {end}"),
        ]
    );
    assert_eq!(fs::read(place.file()).unwrap(), before);
}

#[test]
fn what_is_no_history_is_left_alone() {
    let damaged = "STATE/history.db: it is damaged";
    for bytes in [
        &b"garbage"[..],
        &[0; 4096],
        b"SQLite format 3\0",
        &[0xff; 10_000],
    ] {
        let place = place();
        place.put(bytes);
        for line in place.complaints() {
            assert!(line.contains(damaged), "{line}");
            assert!(
                line.ends_with("; move it away, and a new one is made"),
                "{line}"
            );
        }
        assert_eq!(fs::read(place.file()).unwrap(), bytes);
    }
    let place = place();
    fs::create_dir_all(place.file()).unwrap();
    let end = "STATE/history.db: it is not a file; move it away, and a new one is made";
    assert_eq!(
        place.complaints(),
        [
            format!("the history could not be read from {end}"),
            format!("the history could not be read from {end}"),
            format!("this run could not be added to the history {end}"),
        ]
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let place = place();
    fs::write(place.folder.path().join("state"), b"a file").unwrap();
    let error = place.history.record(&run(1, &["/b"])).unwrap_err();
    let line = place.line(&error);
    let begin = "this run could not be added to the history STATE/history.db: ";
    assert!(line.starts_with(begin), "{line}");
    let end = "; check that you may write it and the folder it is in, or name another folder with \
               --state-dir";
    assert!(line.ends_with(end), "{line}");
    assert_eq!(place.history.runs().unwrap(), []);
}

#[test]
fn a_user_without_a_state_folder_has_no_runs() {
    let history = StateFolder::none().history();
    assert_eq!(history.runs().unwrap(), []);
    assert_eq!(
        history.record(&run(1, &[])).unwrap_err().to_string(),
        "this run could not be added to the history history.db: there is no state folder (--state-dir names one); \
         check that you may write it and the folder it is in, or name another folder with --state-dir"
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine is slow")]
fn a_file_cut_or_altered_anywhere_is_an_error_or_other_runs() {
    let place = place();
    for number in 0..40 {
        place.history.record(&run(number, &["/b"])).unwrap();
    }
    let whole = fs::read(place.file()).unwrap();
    let mut errors = 0;
    let mut try_out = |bytes: &[u8]| {
        place.put(bytes);
        for error in [
            place.history.runs().err(),
            place.history.last_run(&["/x".into()], Level::Quick).err(),
            place.history.record(&run(41, &["/b"])).err(),
        ] {
            errors += usize::from(error.is_some());
            let line = error.map(|error| error.to_string()).unwrap_or_default();
            assert!(!line.contains(char::is_control), "{line}");
        }
    };
    for offset in (1..whole.len()).step_by(1021) {
        try_out(&whole[..offset]);
        let mut altered = whole.clone();
        altered[offset] ^= 0xff;
        try_out(&altered);
        altered[offset..(offset + 300).min(whole.len())].fill(0x55);
        try_out(&altered);
    }
    assert!(errors > 20, "{errors}");
}

#[test]
fn values_of_other_types_are_an_error() {
    // A table of the same name whose columns hold anything.
    let loosely = |sql: &str| {
        let place = place();
        place.history.record(&run(1, &["/b"])).unwrap();
        place.alter(
            "DROP VIEW backups_now; ALTER TABLE run RENAME TO was; CREATE TABLE run (id INTEGER PRIMARY KEY, at, level); \
             INSERT INTO run SELECT * FROM was; DROP TABLE was; \
             ALTER TABLE backup RENAME TO was; CREATE TABLE backup AS SELECT * FROM was; \
             DROP TABLE was; \
             ALTER TABLE problem RENAME TO was; CREATE TABLE problem AS SELECT * FROM was; \
             DROP TABLE was;",
        );
        // The history itself opens no such file.
        let read = || {
            let raw = Connection::open(place.file()).unwrap();
            load(&raw, 0, i64::MAX).map_err(|cause| {
                let tried = "the history could not be read from";
                place.line(&place.history.error(tried, cause))
            })
        };
        assert_eq!(read(), Ok(vec![run(1, &["/b"])]));
        place.alter(sql);
        read()
    };
    for sql in [
        "UPDATE run SET at = 7",
        "UPDATE run SET at = 'yesterday'",
        "UPDATE run SET at = x'ff'",
        "UPDATE run SET at = CAST(x'ff' AS TEXT)",
        "UPDATE run SET level = NULL",
        "UPDATE run SET level = 'deeper'",
        "UPDATE run SET id = 2",
        "UPDATE root SET path = 7",
        "UPDATE backup SET path = NULL",
        "UPDATE backup SET udid = 'none'",
        "UPDATE backup SET name = x'41'",
        "UPDATE backup SET verdict = 'fine'",
        "UPDATE backup SET last_backup = 'never'",
        "UPDATE backup SET files = -1",
        "UPDATE backup SET logical_bytes = 'many'",
        "UPDATE backup SET allocated_bytes = NULL",
        "UPDATE backup SET position = 0",
        "UPDATE problem SET subject = 1",
        "UPDATE problem SET id = NULL",
        "UPDATE problem SET count = -1",
        "UPDATE problem SET run = 7",
        "UPDATE volume SET root = 1",
        "UPDATE volume SET run = 7",
        "UPDATE identity SET manifest_date = 'never'",
        "UPDATE identity SET backup = backup + 1 WHERE backup = 1",
        "UPDATE identity SET has_groups = 0",
        "UPDATE backup_group SET files = -1",
        "UPDATE backup_group SET backup = 7",
        "UPDATE span SET seconds = -1",
        "UPDATE span SET problem = -1",
        "INSERT INTO forgotten VALUES (1, '/b/one', 'nobody', 1)",
        "DROP TABLE problem",
    ] {
        let line = loosely(sql).unwrap_err();
        let begin = "the history could not be read from STATE/history.db: it is damaged";
        assert!(line.starts_with(begin), "{sql}: {line}");
        assert!(
            line.ends_with("; move it away, and a new one is made"),
            "{sql}: {line}"
        );
    }
}

#[test]
fn on_a_full_disk_a_run_is_added_wholly_or_not_at_all() {
    let place = place();
    place.history.record(&run(1, &["/b"])).unwrap();
    let mut many = run(2, &["/b"]);
    many.backups = vec![many.backups[0].clone(); 1000];
    let mut connection = place.history.database.open(true).unwrap().unwrap();
    let full = "PRAGMA max_page_count = 16";
    let pages: i64 = connection.query_row(full, [], |row| row.get(0)).unwrap();
    assert_eq!(pages, 16);
    let cause = insert(&mut connection, &many).unwrap_err();
    let error = place
        .history
        .error("this run could not be added to the history", cause);
    assert_eq!(
        place.line(&error),
        "this run could not be added to the history STATE/history.db: database or disk is full; \
         free space on its disk"
    );
    assert_eq!(place.history.runs().unwrap(), [run(1, &["/b"])]);
    drop(connection);
    place.history.record(&many).unwrap();
    assert_eq!(place.history.runs().unwrap(), [run(1, &["/b"]), many]);
}

#[test]
fn steps_are_taken_from_wherever_a_file_is() {
    let first = "CREATE TABLE one (a); INSERT INTO one VALUES (1)";
    let second = "CREATE TABLE two (a); INSERT INTO two SELECT a + 1 FROM one";
    let third = "UPDATE two SET a = a + 10";
    let value = |connection: &Connection| -> i64 {
        connection
            .query_row("SELECT a FROM two", [], |row| row.get(0))
            .unwrap()
    };
    let version = |connection: &Connection| -> i64 {
        connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap()
    };
    for taken in 0..=3 {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &[first, second, third][..taken]).unwrap();
        assert_eq!(version(&connection), taken as i64);
        migrate(&mut connection, &[first, second, third]).unwrap();
        assert_eq!((version(&connection), value(&connection)), (3, 12));
    }
    // A step that fails half-way leaves nothing of itself, and is taken anew.
    let mut connection = Connection::open_in_memory().unwrap();
    let broken = "UPDATE two SET a = 0; CREATE TABLE three (a); INSERT INTO nowhere VALUES (1)";
    assert!(migrate(&mut connection, &[first, second, broken]).is_err());
    assert_eq!((version(&connection), value(&connection)), (2, 2));
    migrate(&mut connection, &[first, second, third]).unwrap();
    assert_eq!((version(&connection), value(&connection)), (3, 12));
}

#[test]
fn tables_of_somebody_else_are_left_alone() {
    let place = place();
    place.put(b"");
    place.alter("CREATE TABLE problem (mine); INSERT INTO problem VALUES ('kept')");
    let before = fs::read(place.file()).unwrap();
    for line in place.complaints() {
        assert!(
            line.ends_with("; move it away, and a new one is made"),
            "{line}"
        );
    }
    assert_eq!(fs::read(place.file()).unwrap(), before);
}

#[test]
fn an_error_is_one_line_whatever_the_folder_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let history = StateFolder::new(folder.path().join("a\nb/bkscan")).history();
    fs::write(folder.path().join("a"), b"").unwrap();
    let error = history.error("tried", Cause::NotAFile).to_string();
    assert!(error.contains("a b") && !error.contains('\n'), "{error}");
}

#[cfg(unix)]
#[test]
fn only_its_user_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let place = place();
    place.history.record(&run(1, &["/b"])).unwrap();
    let mode = fs::metadata(place.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

/// What a bkscan of the first version made, with a run in it.
const FIRST: &str = "
    CREATE TABLE run (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        level TEXT NOT NULL
    ) STRICT;
    CREATE TABLE root (
        run INTEGER NOT NULL,
        position INTEGER NOT NULL,
        path ANY NOT NULL,
        PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE backup (
        run INTEGER NOT NULL,
        position INTEGER NOT NULL,
        path ANY NOT NULL,
        udid TEXT,
        name TEXT,
        product TEXT,
        verdict TEXT NOT NULL,
        last_backup TEXT,
        files INTEGER NOT NULL,
        logical_bytes INTEGER NOT NULL,
        allocated_bytes INTEGER NOT NULL,
        PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE problem (
        run INTEGER NOT NULL,
        position INTEGER NOT NULL,
        subject ANY NOT NULL,
        id TEXT NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID;
    PRAGMA user_version = 1;
    INSERT INTO run VALUES (7, '2026-11-22T03:30:00.123456789Z', 'standard');
    INSERT INTO root VALUES (7, 0, '/b'), (7, 1, '/a');
    INSERT INTO backup VALUES
        (7, 0, '/b/one', '00008130-000A1C2E3F40801E', 'Anna''s iPhone', 'iPhone 15 Pro', 'corrupt',
         '2026-11-20T12:00:00Z', 48310, 86000000000, 86400000000),
        (7, 1, '/b/two', NULL, NULL, NULL, 'in-progress', NULL, 48310, 86000000000, 86400000000);
    INSERT INTO problem VALUES (7, 0, '/b/one', 'file-missing', 1), (7, 1, '/gone', 'blocked', 1);
";

#[test]
fn a_file_of_the_first_version_is_brought_up_to_date_with_all_its_runs() {
    let place = place();
    place.put(b"");
    place.alter(FIRST);
    let mut old = run(1, &["/b", "/a"]);
    old.volumes = vec![None, None];
    let backup = &mut old.backups[0];
    backup.manifest_date = None;
    backup.status_uuid = None;
    backup.volume = None;
    backup.keepsakes = None;
    old.problems[1].span = None;
    assert_eq!(place.history.runs().unwrap(), [old.clone()]);
    let new = run(2, &["/b", "/a"]);
    place.history.record(&new).unwrap();
    assert_eq!(place.history.runs().unwrap(), [old, new]);
}

#[test]
fn a_schema_that_bkscan_did_not_make_is_refused_and_left_alone() {
    for (version, sql) in [
        ("new", "CREATE VIEW mine AS SELECT * FROM run"),
        ("new", "CREATE TABLE mine (a)"),
        ("new", "CREATE INDEX mine ON run (at)"),
        (
            "new",
            "CREATE TRIGGER mine AFTER INSERT ON run BEGIN DELETE FROM backup; END",
        ),
        (
            "new",
            "DROP TABLE span; CREATE VIEW span AS SELECT 1 AS run, 2 AS problem, 3 AS seconds",
        ),
        ("new", "ALTER TABLE run ADD COLUMN mine TEXT"),
        ("new", "DROP TABLE forgotten"),
        ("new", "DROP VIEW backups_now"),
        (
            "new",
            "DROP VIEW backups_now; CREATE VIEW backups_now AS SELECT * FROM run",
        ),
        ("first", "CREATE VIEW backups_now AS SELECT * FROM run"),
        ("first", "CREATE VIEW mine AS SELECT * FROM run"),
        ("first", "CREATE TABLE span (a)"),
        (
            "first",
            "CREATE TRIGGER mine AFTER INSERT ON run BEGIN DELETE FROM backup; END",
        ),
    ] {
        let place = place();
        match version {
            "new" => place.history.record(&run(1, &["/b"])).unwrap(),
            _ => {
                place.put(b"");
                place.alter(FIRST);
            }
        }
        place.alter(sql);
        let before = fs::read(place.file()).unwrap();
        let end = "STATE/history.db: it is damaged (its tables are not those that bkscan made); \
                   move it away, and a new one is made";
        assert_eq!(
            place.complaints(),
            [
                format!("the history could not be read from {end}"),
                format!("the history could not be read from {end}"),
                format!("this run could not be added to the history {end}"),
            ],
            "{sql}"
        );
        assert!(fs::read(place.file()).unwrap() == before, "{sql}");
    }
}

#[test]
fn how_the_words_of_a_schema_are_set_does_not_matter() {
    let place = place();
    place.put(b"");
    place.alter(&FIRST.replace("\n        ", "\n\t"));
    assert_eq!(place.history.runs().unwrap().len(), 1);
}

#[test]
fn a_file_with_two_names_is_left_alone() {
    let place = place();
    place.history.record(&run(1, &["/b"])).unwrap();
    let other = place.folder.path().join("other.db");
    fs::hard_link(place.file(), &other).unwrap();
    let before = fs::read(&other).unwrap();
    for line in place.complaints() {
        assert!(
            line.contains("STATE/history.db: it has another name, too;"),
            "{line}"
        );
    }
    assert!(fs::read(&other).unwrap() == before);
    fs::remove_file(&other).unwrap();
    assert_eq!(place.history.runs().unwrap(), [run(1, &["/b"])]);
}

#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_left_alone() {
    use std::os::unix::fs::symlink;
    let other = place();
    other.history.record(&run(1, &["/b"])).unwrap();
    let before = fs::read(other.file()).unwrap();
    for what in ["link", "link to nothing", "fifo"] {
        let place = place();
        fs::create_dir_all(place.file().parent().unwrap()).unwrap();
        let file = place.file();
        match what {
            "link" => symlink(other.file(), &file).unwrap(),
            "link to nothing" => symlink("nowhere", &file).unwrap(),
            _ => {
                let made = std::process::Command::new("mkfifo").arg(&file).status();
                assert!(made.unwrap().success());
            }
        }
        for line in place.complaints() {
            assert!(
                line.contains("STATE/history.db: it is not a file;"),
                "{what}: {line}"
            );
        }
    }
    assert!(fs::read(other.file()).unwrap() == before);
}

/// The folder may be behind a link: that is where the user wants it.
#[cfg(unix)]
#[test]
fn a_folder_behind_a_link_is_used() {
    let place = place();
    fs::create_dir(place.folder.path().join("disk")).unwrap();
    std::os::unix::fs::symlink("disk", place.folder.path().join("state")).unwrap();
    place.history.record(&run(1, &["/b"])).unwrap();
    assert_eq!(place.history.runs().unwrap(), [run(1, &["/b"])]);
}

/// Which backups of which runs are forgotten, by their paths.
fn forgotten(history: &History) -> Vec<Vec<String>> {
    let paths = |run: &PastRun| {
        let backups = run.backups.iter().filter(|backup| backup.forgotten);
        let paths = backups.map(|backup| backup.path.to_str().unwrap().to_owned());
        paths.collect()
    };
    history.runs().unwrap().iter().map(paths).collect()
}

#[test]
fn what_is_forgotten_is_so_in_all_runs_until_then() {
    let place = place();
    for number in 0..2 {
        place.history.record(&run(number, &["/b"])).unwrap();
    }
    let wanted = |index: usize| Remembered {
        backup: run(0, &[]).backups[index].clone(),
        seen: "2026-11-22T03:30:00Z".parse().unwrap(),
        paths: vec![
            run(0, &[]).backups[index].path.clone(),
            "/b/elsewhere".into(),
        ],
    };
    assert_eq!(forgotten(&place.history), [[""; 0]; 2]);
    place.history.forget(&wanted(0), false).unwrap();
    assert_eq!(forgotten(&place.history), [["/b/one"], ["/b/one"]]);
    // A run that comes after it saw it again.
    let mut later = run(2, &["/b"]);
    later.backups[0].udid = None;
    place.history.record(&later).unwrap();
    place.history.forget(&wanted(1), false).unwrap();
    // Of the same path, and of another device.
    let expected: [&[&str]; 3] = [&["/b/one", "/b/two"], &["/b/one", "/b/two"], &["/b/two"]];
    assert_eq!(forgotten(&place.history), expected);
    let last = place
        .history
        .last_run(&["/b".into()], Level::Quick)
        .unwrap();
    assert_eq!(last.unwrap().backups[1].path, Path::new("/b/two"));
    // What nobody looked for makes no row that would hide a later one.
    place.history.record(&run(3, &["/b"])).unwrap();
    assert_eq!(forgotten(&place.history)[3], [""; 0]);
}

/// Else nobody would be told when it goes.
#[test]
fn of_what_is_there_the_last_sight_is_not_forgotten() {
    let place = place();
    for number in 0..3 {
        place.history.record(&run(number, &["/b"])).unwrap();
    }
    let one = run(0, &[]).backups[0].clone();
    let wanted = Remembered {
        paths: vec![one.path.clone()],
        backup: one,
        seen: "2026-11-24T03:30:00Z".parse().unwrap(),
    };
    place.history.forget(&wanted, true).unwrap();
    let expected: [&[&str]; 3] = [&["/b/one"], &["/b/one"], &[]];
    assert_eq!(forgotten(&place.history), expected);
}

/// What the view says, as other programs read it: its columns, and its rows.
fn backups_now(place: &Place) -> (Vec<String>, Vec<Vec<rusqlite::types::Value>>) {
    let connection = Connection::open(place.file()).unwrap();
    let mut statement = connection.prepare("SELECT * FROM backups_now").unwrap();
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let cells = |row: &rusqlite::Row<'_>| (0..columns.len()).map(|at| row.get(at)).collect();
    let rows = statement.query_map([], cells).unwrap();
    let rows = rows.collect::<rusqlite::Result<_>>().unwrap();
    (columns, rows)
}

#[test]
fn the_view_has_the_backups_of_the_newest_run_of_each_set_of_roots() {
    use rusqlite::types::Value;
    let place = place();
    let mut again = run(2, &["/a", "/b"]);
    again.backups[0].verdict = Verdict::Complete;
    let mut empty = run(4, &["/c"]);
    empty.backups = vec![];
    for run in [
        run(1, &["/b", "/a"]),
        again,
        run(1, &["/c"]),
        empty,
        run(3, &["/b"]),
    ] {
        place.history.record(&run).unwrap();
    }
    let (columns, rows) = backups_now(&place);
    assert_eq!(
        columns.join(" "),
        "folder folder_hex udid name product verdict last_backup files logical_bytes allocated_bytes \
         seen_at level"
    );
    let told: Vec<(&Value, &Value, &Value)> = rows
        .iter()
        .map(|row| (&row[0], &row[5], &row[10]))
        .collect();
    let text = |text: &str| Value::Text(text.to_owned());
    let times: Vec<Value> = [2, 3]
        .map(|number| text(&run(number, &[]).at.to_string()))
        .into();
    assert_eq!(
        told,
        [
            (&text("/b/one"), &text("complete"), &times[0]),
            (&text("/b/two"), &text("in-progress"), &times[0]),
            (&text("/b/one"), &text("corrupt"), &times[1]),
            (&text("/b/two"), &text("in-progress"), &times[1]),
        ]
    );
    // Reading with views switched off goes on as before.
    assert_eq!(place.history.runs().unwrap().len(), 5);
}

/// On Windows no path is stored as bytes.
#[cfg(unix)]
#[test]
fn a_file_of_the_second_version_gets_the_view() {
    let place = place();
    place.put(b"");
    let mut connection = Connection::open(place.file()).unwrap();
    migrate(&mut connection, &STEPS[..2]).unwrap();
    connection
        .execute_batch(
            "INSERT INTO run VALUES (1, '2026-11-22T03:30:00Z', 'quick');
             INSERT INTO root VALUES (1, 0, '/b');
             INSERT INTO backup VALUES (1, 0, x'2f62ff', NULL, NULL, NULL, 'unverified', NULL, 1, 2, 3);
             INSERT INTO identity VALUES (1, 0, NULL, NULL, NULL, 0);",
        )
        .unwrap();
    drop(connection);
    assert_eq!(place.history.runs().unwrap().len(), 1);
    let (_, rows) = backups_now(&place);
    let [row] = rows.as_slice() else {
        panic!("{rows:?}")
    };
    use rusqlite::types::Value;
    assert_eq!(row[..2], [Value::Null, Value::Text("2f62ff".to_owned())]);
    assert_eq!(
        row[7..10],
        [Value::Integer(1), Value::Integer(2), Value::Integer(3)]
    );
}
