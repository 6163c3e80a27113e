//! Databases that are changed in one place or a few, judged in one pass and by SQLite: what SQLite refuses
//! must not pass, and what it finds sound is seldom left to it.
//!
//! Every mutant depends on its number alone. `BKSCAN_SEED=17` looks at that one only, and keeps it;
//! `BKSCAN_MUTANTS=200000` at so many. With `BKSCAN_REAL` the real manifest is changed as well.

pub mod change;
mod encrypted;
mod locked;
mod schemas;
pub mod shapes;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bkscan::model::progress::Monitor;
use bkscan::read::database::Database;
use bkscan::read::{Wanted, manifest_db};
use rayon::prelude::*;

use self::shapes::Shape;
use super::readers::whole;
use crate::support::empty_folder;

/// How many mutants each run of the tests looks at, and how many the long run does.
const FEW: u64 = 600;
const MANY: u64 = 20_000;

/// What came of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    BothFindItSound,
    BothRefuseIt,
    /// Sound, but its table is not that of any device, which is always left to SQLite.
    Unusual,
    /// It costs time, and no more.
    NeedlesslyLeft,
    /// It must not be.
    Missed,
    /// Sound, but with other rows.
    OtherRows,
}

/// Judges the bytes of a database both ways.
fn judge(bytes: &[u8], folder: &Path) -> Outcome {
    let path = folder.join("Manifest.db");
    fs::write(&path, bytes).unwrap();
    let database = Database::immutable(&path);
    let wanted = Wanted::examples(3);
    let silent = Monitor::silent();
    let table = manifest_db::table(&database).ok();
    let listing = manifest_db::sound_rows(&database, false, wanted, &silent);
    let is_sound = database.quick_check() == Ok(None);
    match (is_sound, listing, table) {
        (true, Some(listing), Some(table)) => {
            let rows = manifest_db::rows(&database, table, false, wanted, &silent);
            match rows.is_ok_and(|rows| whole(&rows) == whole(&listing)) {
                true => Outcome::BothFindItSound,
                false => Outcome::OtherRows,
            }
        }
        (false, None, _) => Outcome::BothRefuseIt,
        (true, _, table) if table.is_none_or(|table| !table.is_usual()) => Outcome::Unusual,
        (true, ..) => Outcome::NeedlesslyLeft,
        (false, Some(_), _) => Outcome::Missed,
    }
}

fn number(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().expect("a number"))
}

#[expect(clippy::print_stdout, reason = "a long run says what it found")]
fn say(words: &str) {
    println!("{words}");
}

/// Which shape a mutant is of, and its bytes.
fn mutant(shapes: &[Shape], seed: u64) -> (&Shape, Vec<u8>) {
    let shape = &shapes[(seed % shapes.len() as u64) as usize];
    (shape, change::mutant(shape, seed))
}

/// The first bytes in which a mutant differs: the page, where on it, what was there, and what is.
fn changed(shape: &Shape, bytes: &[u8]) -> Vec<(usize, usize, u8, u8)> {
    let pairs = shape.bytes.iter().zip(bytes).enumerate();
    let changed = pairs.filter(|(_, (before, now))| before != now);
    let place = |at: usize| (at / shape.page_size + 1, at % shape.page_size);
    let changed = changed.map(|(at, (before, now))| (place(at).0, place(at).1, *before, *now));
    changed.take(20).collect()
}

/// Judges so many mutants, or the one that is asked for.
fn look_at(count: u64) {
    let shapes = shapes::all();
    if let Some(seed) = number("BKSCAN_SEED") {
        let (shape, bytes) = mutant(&shapes, seed);
        let kept = std::env::temp_dir().join(format!("mutant-{seed}.db"));
        fs::write(&kept, &bytes).unwrap();
        let folder = empty_folder();
        let outcome = judge(&bytes, folder.path());
        let checked = Database::immutable(&kept).quick_check();
        say(&format!(
            "{}: {outcome:?}, {checked:?}, {kept:?}",
            shape.name
        ));
        say(&format!("{:?}", changed(shape, &bytes)));
        return;
    }
    let seeds = 0..number("BKSCAN_MUTANTS").unwrap_or(count);
    let outcomes = seeds
        .into_par_iter()
        .map_init(empty_folder, |folder, seed| {
            let (shape, bytes) = mutant(&shapes, seed);
            (shape.name, shape.is_odd, judge(&bytes, folder.path()), seed)
        });
    let outcomes: Vec<_> = outcomes.collect();
    let mut table: BTreeMap<_, u64> = BTreeMap::new();
    for (name, _, outcome, _) in &outcomes {
        *table.entry((*name, *outcome)).or_default() += 1;
    }
    for ((name, outcome), count) in &table {
        say(&format!("{name}: {outcome:?} {count}"));
    }
    let which = |wanted: Outcome| {
        let found = outcomes
            .iter()
            .filter(|(_, is_odd, outcome, _)| *outcome == wanted && !is_odd);
        found.map(|(.., seed)| *seed).collect::<Vec<u64>>()
    };
    let of_all = |wanted| {
        outcomes
            .iter()
            .filter(|(.., outcome, _)| *outcome == wanted)
            .count()
    };
    let (sound, left) = (
        which(Outcome::BothFindItSound),
        which(Outcome::NeedlesslyLeft),
    );
    let refused = which(Outcome::BothRefuseIt).len();
    say(&format!(
        "{} sound, {refused} refused, {} left needlessly: {:?}",
        sound.len(),
        left.len(),
        &left[..left.len().min(20)]
    ));
    for bad in [Outcome::Missed, Outcome::OtherRows] {
        let seeds = which(bad);
        assert_eq!(
            of_all(bad),
            0,
            "{bad:?}: {:?}",
            &seeds[..seeds.len().min(20)]
        );
    }
    // The changes reach both.
    assert!(sound.len() * 10 > outcomes.len() && refused * 10 > outcomes.len());
    // A few of a few say nothing.
    assert!(
        left.len().saturating_sub(2) * 100 < sound.len() + left.len(),
        "{} of {} are left to SQLite",
        left.len(),
        sound.len() + left.len()
    );
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_sqlite_refuses_does_not_pass() {
    look_at(FEW);
}

#[test]
fn unchanged_databases_are_read_in_one_pass() {
    let folder = empty_folder();
    for shape in shapes::all() {
        let expected = match shape.is_odd {
            true => Outcome::NeedlesslyLeft,
            false => Outcome::BothFindItSound,
        };
        assert_eq!(
            judge(&shape.bytes, folder.path()),
            expected,
            "{}",
            shape.name
        );
    }
}

mod long {
    use super::{MANY, look_at};

    #[test]
    #[ignore = "takes minutes: .ci/long runs it, with ten times as many"]
    fn many_mutants() {
        look_at(MANY);
    }
}
