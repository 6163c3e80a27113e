//! Times the stages of a scan apart, on a backup of 20,000 files that the tests' builder makes:
//! `cargo bench --bench stages`. Whole runs are compared by `compare.sh`.

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use bkscan::compare::{self, Rules};
use bkscan::measure::{self, Layout, Shard};
use bkscan::model::progress::Monitor;
use bkscan::model::secret::Password;
use bkscan::model::sources::Sources;
use bkscan::model::{Comparison, Listing, ManifestFormat, WrappedKey};
use bkscan::read::database::Database;
use bkscan::read::mbfile::{self, Decoder};
use bkscan::read::{Wanted, manifest_db, metadata};
use bkscan::{advise, crypto, find, plan, scan};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use rayon::ThreadPoolBuilder;
use support::{BackupBuilder, Row};
use tempfile::TempDir;

const FILES: usize = 20_000;
const UDID: &str = "00008130-000A1C2E3F40801E";
const NOW: &str = "2026-11-22T12:00:00Z";

fn main() {
    divan::main();
}

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder for the backup");
    let rows = (0..FILES).map(|number| {
        let path = format!("Media/DCIM/{:03}APPLE/IMG_{number:08}.HEIC", number / 1000);
        Row::file("CameraRollDomain", &path, &[7; 300]).no_parents()
    });
    let backup = BackupBuilder::new(UDID).keys_in_one_order();
    backup.stream(rows).write(folder.path());
    folder
});

fn backup() -> PathBuf {
    FOLDER.path().join(UDID)
}

fn database() -> Database {
    Database::immutable(&backup().join("Manifest.db"))
}

fn rows(database: &Database) -> Listing {
    let table = manifest_db::table(database).expect("a manifest");
    let wanted = Wanted::examples(10);
    manifest_db::rows(database, table, false, wanted, &Monitor::silent()).expect("rows")
}

/// Runs a stage on so many threads.
fn on<T: Send>(threads: usize, stage: impl Fn() -> T + Sync + Send) -> impl Fn() -> T {
    let pool = ThreadPoolBuilder::new().num_threads(threads);
    let pool = pool.build().expect("threads");
    move || pool.install(&stage)
}

fn config() -> bkscan::model::options::ScanOptions {
    let now = NOW.parse().expect("a time");
    bkscan::model::options::ScanOptions::new(vec![FOLDER.path().to_owned()], now)
}

#[divan::bench]
fn find_backups(bencher: Bencher<'_, '_>) {
    let roots = [FOLDER.path().to_owned()];
    bencher.bench(|| find::find(black_box(&roots), &Monitor::silent()));
}

#[divan::bench]
fn read_property_lists(bencher: Bencher<'_, '_>) {
    let backup = backup();
    bencher.bench(|| metadata::read(black_box(&backup), UDID));
}

#[divan::bench(args = [1, 2])]
fn read_rows(bencher: Bencher<'_, '_>, threads: usize) {
    let database = database();
    bencher
        .counter(ItemsCount::new(FILES))
        .bench(on(threads, || rows(&database)));
}

/// Both in one pass, as a scan does it.
#[divan::bench(args = [1, 2])]
fn read_and_check_rows(bencher: Bencher<'_, '_>, threads: usize) {
    let database = database();
    let wanted = Wanted::examples(10);
    let pass = || manifest_db::sound_rows(&database, false, wanted, &Monitor::silent());
    assert!(pass().is_some());
    bencher
        .counter(ItemsCount::new(FILES))
        .bench(on(threads, pass));
}

#[divan::bench]
fn quick_check(bencher: Bencher<'_, '_>) {
    let database = database();
    bencher
        .counter(ItemsCount::new(FILES))
        .bench(|| database.quick_check());
}

#[divan::bench]
fn decode_one_record(bencher: Bencher<'_, '_>) {
    let blob = record();
    bencher.bench(|| mbfile::borrowed(black_box(&blob)));
}

/// One that is laid out as the one before.
#[divan::bench]
fn decode_one_more_record(bencher: Bencher<'_, '_>) {
    let (blob, mut decoder) = (record(), Decoder::default());
    bencher.bench_local(|| decoder.decode(black_box(&blob)));
}

fn record() -> Vec<u8> {
    let connection = rusqlite::Connection::open(backup().join("Manifest.db")).expect("a manifest");
    let sql = "SELECT file FROM Files WHERE domain = 'CameraRollDomain' AND flags = 1 LIMIT 1";
    connection
        .query_row(sql, [], |row| row.get(0))
        .expect("a row")
}

/// What each row of an encrypted backup costs more.
#[divan::bench]
fn check_keys_of_records(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().expect("a folder for the backup");
    let sealed = BackupBuilder::new(UDID).bare().encrypted_with("password");
    let metadata = metadata::read(&sealed.write(folder.path()), UDID);
    let keybag = metadata.keybag().expect("a keybag");
    let password = Password::new(b"password".to_vec());
    let keys = crypto::open(keybag, &password).expect("the right password");
    let keys = keys.for_records();
    let key = WrappedKey {
        class: 3,
        wrapped: [7; 40],
    };
    bencher.counter(ItemsCount::new(FILES)).bench(|| {
        let invalid = (0..FILES).filter(|_| keys.check(black_box(&key)).is_err());
        assert_eq!(invalid.count(), FILES);
    });
}

#[divan::bench(args = [1, 2])]
fn measure_files(bencher: Bencher<'_, '_>, threads: usize) {
    let backup = backup();
    let take = || measured(&backup, |_| Comparison::default());
    bencher
        .counter(ItemsCount::new(FILES))
        .bench(on(threads, take));
}

#[divan::bench(args = [1, 2])]
fn measure_and_compare(bencher: Bencher<'_, '_>, threads: usize) {
    let (backup, listing) = (backup(), rows(&database()));
    let rules = Rules {
        listed: true,
        encrypted: false,
        presence_only: false,
        keep: 10,
        largest: 0,
        keepsakes: true,
        names: false,
    };
    let take = || {
        measured(&backup, |shard| {
            let records = listing.shard(shard.number);
            compare::compare(&records, shard.payloads, shard.readable, &rules).0
        })
    };
    bencher
        .counter(ItemsCount::new(FILES))
        .bench(on(threads, take));
}

fn measured(backup: &Path, compare: impl Fn(Shard<'_>) -> Comparison + Sync) -> u64 {
    let layout = Layout {
        format: Some(ManifestFormat::Sqlite),
        moving: false,
        horizon: SystemTime::now() + Duration::from_secs(86_400),
        keep: 10,
    };
    let (inventory, comparison) = measure::take(backup, layout, &Monitor::silent(), compare);
    assert_eq!(comparison.missing.count, 0);
    inventory.usage.files
}

#[divan::bench(args = [1, 2])]
fn scan_all(bencher: Bencher<'_, '_>, threads: usize) {
    let mut config = config();
    config.threads = threads;
    bencher
        .counter(ItemsCount::new(FILES))
        .bench(|| scan(&config, Sources::default(), &Monitor::silent()));
}

#[divan::bench]
fn plan_and_advise(bencher: Bencher<'_, '_>) {
    let config = config();
    let report = scan(&config, Sources::default(), &Monitor::silent()).expect("threads");
    bencher.bench(|| {
        let plan = plan::make(black_box(&report.backups), &config.policy, config.now);
        (plan, advise::advise(&report, bkscan::system::SYSTEM))
    });
}
