//! Whole folders made hostile by chance: whatever has become of the backups in one, all that a user asks of
//! them ends, in time, with words that hold together, and leaves the folder as it is.
//!
//! Every folder depends on its number alone. `BKSCAN_SEED=17` looks at that one only; `BKSCAN_SETS=20000` at so
//! many; `BKSCAN_MINUTES=60` at as many as there is time for. What was tried is counted on stdout.

mod asked;
mod backups;
mod changes;
mod outside;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use tempfile::TempDir;

use self::outside::Outside;
use super::PATIENCE;
use crate::harness::set_mode;
use crate::support::{Chance, empty_folder, tree_digest};

/// How many folders every run of the tests looks at, and how many the long run does where it has no minutes.
const FEW: u64 = 20;
const MANY: u64 = 60;

/// What takes longer than this is told, whatever comes of it.
const LONG: Duration = Duration::from_secs(10);

/// A folder of backups to which something was done, and what lies outside of it.
struct World {
    folder: TempDir,
    outside: Outside,
    /// What was done to it, in words.
    done: Vec<String>,
    /// Whether something may not be read.
    is_closed: bool,
}

impl World {
    fn new(chance: &mut Chance) -> World {
        let folder = empty_folder();
        set_mode(folder.path(), 0o755);
        let mut world = World {
            folder,
            outside: Outside::new(),
            done: Vec::new(),
            is_closed: false,
        };
        fs::create_dir(world.root()).unwrap();
        backups::write(chance, &world.root(), &mut world.done);
        changes::make(chance, &mut world);
        world
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("disk")
    }
}

impl Drop for World {
    /// Gives permissions back, so that the folder can be removed.
    fn drop(&mut self) {
        changes::open_again(&self.root());
    }
}

/// Makes the folder of this number and asks all of it; says what is wrong.
fn look(seed: u64) -> Result<(), String> {
    let mut chance = Chance::new(seed);
    let world = World::new(&mut chance);
    let before = tree_digest(&world.root());
    let asked = AssertUnwindSafe(|| asked::all(&mut chance, &world));
    let answer = catch_unwind(asked).unwrap_or_else(|panic| Err(words_of(&*panic)));
    let same = match tree_digest(&world.root()) == before {
        true => Ok(()),
        false => Err("the folder is not as it was".to_owned()),
    };
    let unread = world.outside.unread();
    let wrong = answer.and(same).and(unread);
    wrong.map_err(|wrong| format!("{wrong}\n    after {}", world.done.join("\n    after ")))
}

/// What a panic said.
fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    let text = owned.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("a panic: {}", text.unwrap_or("without words"))
}

/// As [`look`], for so long and no longer: what hangs is left to itself.
fn look_in_time(seed: u64) -> Result<(), String> {
    let (tell, told) = mpsc::channel();
    let start = Instant::now();
    thread::spawn(move || {
        let made = catch_unwind(|| look(seed));
        tell.send(made.unwrap_or_else(|panic| Err(words_of(&*panic))))
    });
    let answer = told.recv_timeout(PATIENCE);
    let answer = answer.unwrap_or_else(|_| Err(format!("no end after {PATIENCE:?}")));
    let took = start.elapsed();
    if took > LONG {
        say(&format!("BKSCAN_SEED={seed} took {took:.1?}"));
    }
    answer.map_err(|wrong| format!("BKSCAN_SEED={seed}: {wrong}"))
}

#[expect(clippy::print_stdout, reason = "a run of an hour says how far it is")]
fn say(words: &str) {
    println!("{words}");
}

fn number(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().expect("a number"))
}

/// Looks at the folders asked for, or at so many. Tells what is wrong as soon as it is found, and goes on.
fn look_at(usual: u64) {
    if let Some(seed) = number("BKSCAN_SEED") {
        return look_in_time(seed).unwrap_or_else(|wrong| panic!("{wrong}"));
    }
    let minutes = number("BKSCAN_MINUTES").map(|minutes| Duration::from_secs(60 * minutes));
    let last = match minutes {
        Some(_) => u64::MAX,
        None => number("BKSCAN_SETS").unwrap_or(usual),
    };
    let (start, mut tried, mut wrong) = (Instant::now(), 0, Vec::new());
    while tried < last && minutes.is_none_or(|minutes| start.elapsed() < minutes) {
        let batch = tried..last.min(tried.saturating_add(100));
        tried = batch.end;
        let found = batch.into_par_iter().filter_map(|seed| {
            let wrong = look_in_time(seed).err()?;
            say(&wrong);
            Some(wrong)
        });
        wrong.extend(found.collect::<Vec<String>>());
        say(&format!("tried {tried} folders, wrong {}", wrong.len()));
    }
    wrong.truncate(10);
    assert!(
        wrong.is_empty(),
        "of {tried} folders:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn whatever_was_done_to_a_folder_all_that_is_asked_of_it_ends_well() {
    look_at(FEW);
}

mod slow {
    use super::{MANY, look_at};

    #[test]
    #[ignore = "takes minutes: `.ci/run` runs it, and `.ci/long` for an hour"]
    fn whatever_was_done_to_many_folders() {
        look_at(MANY);
    }
}
