//! Manifests in one pass, and judged by SQLite beside the reading of their rows: a report is the same both
//! ways.

use std::fs;
use std::path::{Path, PathBuf};

use bkscan::crypto::keyring::Keyring;
use bkscan::model::options::ScanOptions;
use bkscan::model::progress::Monitor;
use bkscan::model::secret::Password;
use bkscan::model::sources::{NoPassword, Passwords};
use bkscan::model::{Level, Udid};
use bkscan::scan;

use crate::harness::NOW;
use crate::read::mutants::{change, shapes};
use crate::support::{BackupBuilder, Padding, Row, empty_folder};

const UDID: &str = "00008120-000A1C2E3F40801E";
const PASSWORD: &str = "sample";

/// The same password for all.
struct Same;

impl Passwords for Same {
    fn password(&self, _udid: Option<&Udid>) -> Result<Option<Password>, NoPassword> {
        Ok(Some(Password::new(PASSWORD.into())))
    }
}

/// Looks at all that is below a folder, at each level and on one thread and on three, and gives back what is
/// told by level.
fn told(folder: &Path) -> Vec<String> {
    let scanned = |level, threads, one_pass: bool| {
        let config = ScanOptions {
            level,
            threads,
            keepsakes_of_all: true,
            examples: 4,
            ..ScanOptions::new(vec![folder.to_owned()], NOW.parse().unwrap())
        };
        let keyring = Keyring::new(Some(&Same));
        let silent = Monitor::silent();
        let report = match one_pass {
            true => scan::scan_with(&config, &keyring, None, &silent).map(|(report, _)| report),
            false => scan::scan_in_two_passes(&config, &keyring, &silent),
        };
        let report = format!("{:#?}", report.unwrap());
        // Other programs fill the disk meanwhile.
        let lasts = |line: &&str| !line.trim_start().starts_with("available: ");
        let lines: Vec<&str> = report.lines().filter(lasts).collect();
        lines.join("\n")
    };
    [Level::Standard, Level::Contents]
        .map(|level| {
            let expected = scanned(level, 1, false);
            for threads in [1, 3] {
                let one_pass = scanned(level, threads, true);
                let mut lines = one_pass.lines().zip(expected.lines());
                let other = lines.find(|(one, two)| one != two);
                assert_eq!(other, None, "{}", folder.display());
                assert_eq!(one_pass.len(), expected.len());
            }
            expected
        })
        .into()
}

fn written(builder: BackupBuilder) -> Vec<String> {
    let folder = empty_folder();
    builder.write(folder.path());
    told(folder.path())
}

/// A backup with rows of all kinds, hundreds of them.
fn usual(builder: BackupBuilder) -> BackupBuilder {
    (0..120).fold(builder, |builder, number| {
        let path = format!("Media/DCIM/100APPLE/IMG_{number:04}.JPG");
        builder.file("CameraRollDomain", &path, path.as_bytes())
    })
}

#[test]
fn the_samples() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let said = told(&samples);
    assert!(said[0].contains("Complete") && said[0].contains("Incomplete"));
    if let Some(real) = std::env::var_os("BKSCAN_REAL") {
        told(&PathBuf::from(real));
    }
}

#[test]
fn rows_that_have_something_wrong_with_themselves() {
    let odd = |builder: BackupBuilder, at: usize| {
        let path = |what: &str| format!("Library/{what} {at}");
        let row = |what: &str| Row::file("HomeDomain", &path(what), b"x");
        builder
            .add(row("id").id(&format!("no id {at}")))
            .add(row("other id").id(&format!("{at:040x}")))
            .add(row("blob").blob(vec![at as u8; 5 * at]))
            .add(row("null").null_blob())
            .add(row("names").null_names())
            .add(row("gone").no_payload())
            .add(row("flags").flags(-1))
    };
    let many = (0..60).fold(usual(BackupBuilder::new(UDID)), odd);
    // Rows in another order than their pages.
    let moved = "CREATE TEMP TABLE kept AS SELECT * FROM Files WHERE rowid % 3 = 0; DELETE FROM Files WHERE \
                 rowid % 3 = 0; INSERT INTO Files SELECT * FROM kept ORDER BY fileID; DROP TABLE kept;";
    let told = written(many.sql(moved));
    assert!(told[0].contains("mismatch"), "{}", told[0]);
}

#[test]
fn schemas_that_no_device_makes() {
    for statement in [
        "CREATE VIEW names AS SELECT fileID FROM Files",
        "CREATE TABLE w (a PRIMARY KEY, b) WITHOUT ROWID; INSERT INTO w VALUES (1, 2)",
        "ALTER TABLE Files ADD COLUMN more DEFAULT 7",
        "CREATE TABLE ruled (a NOT NULL CHECK (a > 1)); INSERT INTO ruled VALUES (2)",
        "UPDATE Files SET file = zeroblob(70000) WHERE rowid % 50 = 0",
        "UPDATE Files SET flags = 'x' WHERE rowid % 50 = 0",
        "PRAGMA ignore_check_constraints = ON; CREATE TABLE ruled (a CHECK (a > 1)); \
         INSERT INTO ruled VALUES (1)",
        "DELETE FROM Files",
    ] {
        written(usual(BackupBuilder::new(UDID).bare()).sql(statement));
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn encrypted_ones() {
    let builder = || BackupBuilder::new(UDID).bare();
    for padding in [Padding::Pkcs7, Padding::None, Padding::Zeros] {
        let sealed = builder().encrypted_with(PASSWORD).manifest_padding(padding);
        let told = written(usual(sealed));
        assert!(told[0].contains("Complete"), "{}", told[0]);
    }
    for at in [30, 5000, 20_000, 40_000] {
        let sealed = builder().encrypted_with(PASSWORD).flip_in_manifest(at);
        written(usual(sealed));
    }
    written(usual(builder().encrypted_with("another one")));
    written(usual(builder().encrypted_ios10_0_with(PASSWORD)));
    written(usual(builder().mbdb()));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn changed_ones() {
    const SEEDS: u64 = 30;
    let shapes = shapes::all();
    for seed in 0..SEEDS {
        let shape = &shapes[(seed % shapes.len() as u64) as usize];
        let bytes = change::mutant(shape, seed);
        let folder = empty_folder();
        let path = usual(BackupBuilder::new(UDID).bare()).write(folder.path());
        fs::write(path.join("Manifest.db"), bytes).unwrap();
        told(folder.path());
    }
}
