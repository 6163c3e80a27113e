//! What a password costs: deriving keys, decrypting a manifest, and scanning an encrypted backup beside the
//! same one in the open.
//!
//!     cargo bench --bench secrets

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{Cursor, Read, Seek};

use bkscan::crypto::{self, Decrypted};
use bkscan::model::options::ScanOptions;
use bkscan::model::progress::Monitor;
use bkscan::model::secret::{Key, Password};
use bkscan::model::sources::{NoPassword, Passwords, Sources};
use bkscan::model::{ClassKey, Keybag, Udid, Verdict, WrappedKey};
use bkscan::scan;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use support::{BackupBuilder, Row};
use tempfile::TempDir;

const FILES: usize = 20_000;
const PASSWORD: &str = "correct horse";
const UDID: &str = "00008130-000A1C2E3F40801E";
const NOW: &str = "2026-11-22T12:00:00Z";

fn main() {
    divan::main();
}

/// A wrong password costs what the right one does: the check comes last.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn derive_keys(bencher: Bencher<'_, '_>) {
    let key = WrappedKey {
        class: 3,
        wrapped: [5; 40],
    };
    let keybag = Keybag {
        salt: vec![2; 20],
        rounds: 10_000,
        first: Some((vec![3; 20], 10_000_000)),
        classes: vec![ClassKey { wrap: 2, key }],
    };
    let password = Password::new(PASSWORD.into());
    bencher.bench(|| crypto::open(black_box(&keybag), &password).is_err());
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn decrypt_300_mb(bencher: Bencher<'_, '_>) {
    let mut input = Cursor::new(vec![7; 300_000_000]);
    let mut buffer = vec![0; 64 << 10];
    let counted = bencher.counter(BytesCount::new(300_000_000_u64));
    counted.bench_local(move || {
        input.rewind().expect("the beginning");
        let mut plain = Decrypted::new(&mut input, Key::new([9; 32]), 300_000_000);
        while plain.read(&mut buffer).expect("bytes in memory") > 0 {}
        black_box(&buffer);
    });
}

struct Same;

impl Passwords for Same {
    fn password(&self, _udid: Option<&Udid>) -> Result<Option<Password>, NoPassword> {
        Ok(Some(Password::new(PASSWORD.into())))
    }
}

fn backup(encrypted: bool) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder for the backup");
    let rows = (0..FILES).map(|number| {
        let path = format!("Media/DCIM/{:03}APPLE/IMG_{number:08}.HEIC", number / 1000);
        Row::file("CameraRollDomain", &path, &[7; 300]).no_parents()
    });
    let builder = BackupBuilder::new(UDID).stream(rows);
    let builder = match encrypted {
        true => builder.encrypted_with(PASSWORD),
        false => builder,
    };
    builder.write(folder.path());
    folder
}

/// With few rounds: what is left is the price of decrypting.
#[divan::bench(args = [false, true])]
fn scan_all(bencher: Bencher<'_, '_>, encrypted: bool) {
    let folder = backup(encrypted);
    let now = NOW.parse().expect("a time");
    let mut config = ScanOptions::new(vec![folder.path().to_owned()], now);
    config.threads = 2;
    let means = Sources {
        passwords: Some(&Same),
        ledger: None,
    };
    bencher.bench(|| {
        let report = scan(&config, means, &Monitor::silent()).expect("threads");
        assert_eq!(report.backups[0].verdict, Verdict::Complete);
    });
}
