//! What no cleaning may ever do, over many sets of backups that are made by chance: every keepsake
//! whose payload was there before is there afterwards in a backup that stays (contract §5, §9). And
//! what a scan calls removable is what a cleaning removes.
//!
//! Every set depends on its number alone. `BKSCAN_SEED=17` looks at that one only and tells all of it;
//! `BKSCAN_SETS=20000` looks at so many.
#![cfg(unix)]

mod measure;
mod phone;
mod world;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::LazyLock;

use rayon::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

use self::measure::{Given, lost, objection};
use self::world::{Backup, PASSWORD, Seal};
use crate::harness::{Ended as _, NOW, Run, program};
use crate::support::{Chance, empty_folder, tree_digest};

/// How many sets every run of the tests looks at, and how many `.ci/run` does.
const FEW: u64 = 20;
const MANY: u64 = 400;

/// A set on the disk.
struct World {
    folder: TempDir,
    backups: Vec<Backup>,
    password: bool,
}

/// What a set came to.
#[derive(Debug, Default)]
struct Outcome {
    seed: u64,
    removed: usize,
    /// Backups that were planned to go, and that the door refused.
    refused: BTreeSet<String>,
    /// Backups kept because they hold more than what is newer.
    holding_more: usize,
    /// What is wrong, one list for each test.
    ill_planned: Vec<String>,
    unheld: Vec<String>,
    other_bytes: Vec<String>,
    undecided: Vec<String>,
    unsettled: Vec<String>,
}

impl World {
    fn new(chance: &mut Chance) -> World {
        let backups = world::backups(chance);
        let sealed = backups.iter().any(|backup| backup.seal != Seal::Open);
        let world = World {
            folder: empty_folder(),
            backups,
            password: sealed && chance.percent(65),
        };
        fs::create_dir_all(world.root()).unwrap();
        world::write(&world.root(), &world.backups);
        world
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    fn path(&self, backup: &Backup) -> PathBuf {
        self.root().join(&backup.folder)
    }

    /// Those whose folder is there.
    fn there(&self) -> Vec<&Backup> {
        let is_there = |backup: &&Backup| self.path(backup).is_dir();
        self.backups.iter().filter(is_there).collect()
    }

    fn run(&self, words: &[&str], options: &[String]) -> (Run, Value) {
        let mut command = program();
        command
            .args(words)
            .arg(self.root())
            .arg("--json")
            .args(options)
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .stdin(Stdio::null());
        if self.password {
            command.env("BKSCAN_PASSWORD", PASSWORD);
        }
        let run: Run = command.ended().unwrap().into();
        let document = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {run:?}"));
        (run, document)
    }
}

/// Options that bear on what goes, and none that names backups.
fn options(chance: &mut Chance) -> Vec<String> {
    let mut options = Vec::new();
    if chance.percent(25) {
        options.push("--keep-last".to_owned());
        options.push(chance.between(1, 3).to_string());
    }
    if chance.percent(10) {
        // Nothing is so young, or everything, whatever the clock says.
        options.push("--keep-within".to_owned());
        options.push((*chance.pick(&["1d", "2w", "80y"])).to_owned());
    }
    for (share, option) in [(65, "--include-archived"), (30, "--trust-locked")] {
        if chance.percent(share) {
            options.push(option.to_owned());
        }
    }
    options
}

/// Notes it where something is not as it must be.
fn must(holds: bool, wrong: &mut Vec<String>, words: impl FnOnce() -> String) {
    if !holds {
        wrong.push(words());
    }
}

/// Makes the set of this number, cleans it one to three times and looks at what is left.
fn outcome(seed: u64) -> Outcome {
    let mut chance = Chance::new(seed);
    let world = World::new(&mut chance);
    let mut outcome = Outcome {
        seed,
        ..Outcome::default()
    };
    let mut last = options(&mut chance);
    compare(&world, &last, &mut outcome);
    clean(&world, &last, &mut outcome);
    for _ in 0..chance.below(3) {
        last = options(&mut chance);
        clean(&world, &last, &mut outcome);
    }
    settled(&world, &last, &mut outcome);
    outcome
}

/// A scan and a cleaning that only plans say the same (contract §5, §7).
fn compare(world: &World, options: &[String], outcome: &mut Outcome) {
    let timed = [options, &["--now".to_owned(), NOW.to_owned()]].concat();
    let (run, scan) = world.run(&[], &timed);
    let (_, clean) = world.run(&["clean"], &timed);
    ends_as_it_should(&run, &scan, outcome);
    outcome.holding_more += holding_more(&scan);
    let [removable, asked] = ["removable", "on_request"].map(|kind| listed(&scan, kind));
    let [again, asked_again] = ["removable", "on_request"].map(|kind| listed(&clean, kind));
    let wrong = &mut outcome.undecided;
    for (what, other) in [
        ("the scan decides", decided(&scan)),
        ("the cleaning decides", decided(&clean)),
        ("the cleaning plans", planned(&clean)),
        ("the cleaning calls removable", again),
    ] {
        let words = || format!("removable {removable:?}, but {what} {other:?}");
        must(other == removable, wrong, words);
    }
    let words = || format!("on request {asked:?}, in the cleaning {asked_again:?}");
    must(asked == asked_again, wrong, words);
    let words = || format!("removable {removable:?} and on request {asked:?}");
    must(asked.is_disjoint(&removable), wrong, words);
}

fn ends_as_it_should(run: &Run, scan: &Value, outcome: &mut Outcome) {
    let (code, expected) = (run.code, exit_code(scan));
    let words = || format!("the scan ended with {code}, not with {expected}");
    must(code == expected, &mut outcome.unsettled, words);
}

/// The paths of these in the summary.
fn listed(document: &Value, kind: &str) -> BTreeSet<String> {
    let paths = document["summary"][kind]["backups"].as_array();
    paths_of(paths.expect("a list of paths").iter())
}

fn paths_of<'a>(paths: impl Iterator<Item = &'a Value>) -> BTreeSet<String> {
    paths
        .map(|path| path.as_str().expect("a path").to_owned())
        .collect()
}

fn paths_where(list: &Value, is: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    let list = list.as_array().expect("a list").iter();
    paths_of(list.filter(|entry| is(entry)).map(|entry| &entry["path"]))
}

fn decided(document: &Value) -> BTreeSet<String> {
    let goes = |backup: &Value| backup["decision"]["action"] == "remove";
    paths_where(&document["backups"], goes)
}

fn planned(document: &Value) -> BTreeSet<String> {
    paths_where(&document["plan"], |entry| entry["action"] == "remove")
}

fn holding_more(document: &Value) -> usize {
    let backups = document["backups"].as_array().expect("a list").iter();
    let is_kept = |backup: &&Value| {
        let reasons = backup["decision"]["reasons"].as_array().expect("a list");
        backup["decision"]["action"] == "keep"
            && reasons.iter().any(|reason| reason["code"] == "holds-more")
    };
    backups.filter(is_kept).count()
}

/// Removes what can go, and looks for each keepsake that was there.
fn clean(world: &World, options: &[String], outcome: &mut Outcome) {
    let with_digest = |backup| (backup, tree_digest(&world.path(backup)));
    let before: Vec<(&Backup, String)> = world.there().into_iter().map(with_digest).collect();
    let (_, document) = world.run(&["clean", "--delete", "--yes"], options);
    outcome.holding_more += holding_more(&document);
    let is_there = |entry: &&(&Backup, String)| world.path(entry.0).is_dir();
    let (stay, gone): (Vec<_>, Vec<_>) = before.iter().partition(is_there);
    outcome.removed += gone.len();
    for (backup, digest) in &stay {
        let same = tree_digest(&world.path(backup)) == *digest;
        let words = || format!("{} stays and is not as it was", backup.folder);
        must(same, &mut outcome.unheld, words);
    }
    let given = Given {
        password: world.password,
        trust_locked: options.iter().any(|option| option == "--trust-locked"),
    };
    // The plan is right without the door, which is the last to refuse.
    let planned = planned(&document);
    let goes = |backup: &&Backup| planned.contains(&world.path(backup).display().to_string());
    let all = before.iter().map(|(backup, _)| *backup);
    let (to_go, to_stay): (Vec<_>, Vec<_>) = all.partition(goes);
    for backup in to_go {
        if let Err(words) = stand_ins(backup, &to_stay, given) {
            outcome.ill_planned.push(words);
        }
    }
    let stay: Vec<&Backup> = stay.iter().map(|(backup, _)| *backup).collect();
    for (backup, _) in &gone {
        look_for(backup, &stay, given, outcome);
    }
    let gone = gone.iter().map(|(backup, _)| world.path(backup));
    let gone: BTreeSet<String> = gone.map(|path| path.display().to_string()).collect();
    told(&document, &gone, outcome);
    let left = half_removed(&world.root());
    let words = || format!("{left:?} is left");
    must(left.is_none(), &mut outcome.unsettled, words);
}

/// Those of the backups that stay that each hold all of what goes, or why none does.
fn stand_ins<'a>(
    goes: &Backup,
    stay: &[&'a Backup],
    given: Given,
) -> Result<Vec<&'a Backup>, String> {
    let mut words = format!("{} goes", goes.folder);
    let mut stand_ins = Vec::new();
    for other in stay.iter().filter(|other| other.udid == goes.udid) {
        match objection(goes, other, given) {
            Some(why) => write!(words, "\n    {}: {why}", other.folder).unwrap(),
            None => stand_ins.push(*other),
        }
    }
    if stand_ins.is_empty() && goes.run != world::Run::InfoOnly {
        return Err(words);
    }
    Ok(stand_ins)
}

/// Looks for what is gone in one backup that stays and holds all of it.
fn look_for(gone: &Backup, stay: &[&Backup], given: Given, outcome: &mut Outcome) {
    let stand_ins = match stand_ins(gone, stay, given) {
        Ok(stand_ins) => stand_ins,
        Err(words) => return outcome.unheld.push(words),
    };
    // What nobody here can open, nobody can compare.
    let comparable = |other: &Backup| !given.is_locked(gone) || !given.is_locked(other);
    let trusted = |other: &Backup| given.trust_locked && given.is_locked(other);
    let mut losses = Vec::new();
    if stand_ins.is_empty() {
        return;
    }
    for other in stand_ins {
        match lost(gone, other) {
            Some(what) if comparable(other) && !trusted(other) => {
                losses.push(format!("{}: {what}", other.folder));
            }
            _ => return,
        }
    }
    let words = format!("{} is gone\n    {}", gone.folder, losses.join("\n    "));
    outcome.other_bytes.push(words);
}

/// The document says what came of each, and nothing that is not planned goes.
fn told(document: &Value, gone: &BTreeSet<String>, outcome: &mut Outcome) {
    let planned = planned(document);
    let decided = decided(document);
    let words = || format!("planned {planned:?}, decided {decided:?}");
    must(decided == planned, &mut outcome.undecided, words);
    let wrong = &mut outcome.unsettled;
    let done = |outcome: &str| paths_where(&document["done"], |entry| entry["outcome"] == outcome);
    if planned.is_empty() && document["done"].is_null() {
        let words = || format!("{gone:?} without a plan");
        return must(gone.is_empty(), wrong, words);
    }
    let (removed, refused) = (done("removed"), done("refused"));
    let words = || format!("said to be removed {removed:?}, gone {gone:?}");
    must(removed == *gone, wrong, words);
    let words = || format!("planned {planned:?}, done {}", document["done"]);
    must(&removed | &refused == planned, wrong, words);
    outcome.refused.extend(refused);
}

/// What a removal leaves behind that was stopped.
fn half_removed(root: &Path) -> Option<PathBuf> {
    let entries = walkdir::WalkDir::new(root).max_depth(3).into_iter();
    let mut names = entries.map(|entry| entry.unwrap().into_path());
    names.find(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(".bkscan")
    })
}

/// After the last cleaning, the same options plan nothing more, but for what was refused; a scan says
/// the same, and ends as what is left deserves.
fn settled(world: &World, options: &[String], outcome: &mut Outcome) {
    let timed = [options, &["--now".to_owned(), NOW.to_owned()]].concat();
    let (_, clean) = world.run(&["clean"], &timed);
    let (run, scan) = world.run(&[], &timed);
    let (decided, planned) = (decided(&scan), planned(&clean));
    let words = || format!("then {decided:?} and {planned:?}");
    must(decided == planned, &mut outcome.undecided, words);
    let words = || format!("cleaned, and then again {planned:?}");
    must(
        planned.is_subset(&outcome.refused),
        &mut outcome.unsettled,
        words,
    );
    ends_as_it_should(&run, &scan, outcome);
}

/// What a scan of these backups ends with (contract §8).
fn exit_code(scan: &Value) -> i32 {
    let has = |backup: &Value, key: &str, value: &str| {
        let mut findings = backup["findings"].as_array().expect("a list").iter();
        findings.any(|finding| finding[key] == value)
    };
    let is_bad = |backup: &Value| has(backup, "severity", "error");
    let is_closed = |backup: &Value| has(backup, "id", "password-wrong");
    // There may have been nothing but an Info.plist.
    let is_empty = scan["backups"].as_array().expect("a list").is_empty();
    if !paths_where(&scan["backups"], is_bad).is_empty() {
        2
    } else if !paths_where(&scan["backups"], is_closed).is_empty() || is_empty {
        3
    } else {
        0
    }
}

/// The sets asked for, or so many.
fn outcomes(usual: u64) -> Vec<Outcome> {
    let number = |name: &str| -> Option<u64> {
        let value = std::env::var(name).ok()?;
        Some(value.parse().expect("a number"))
    };
    if let Some(seed) = number("BKSCAN_SEED") {
        return vec![outcome(seed)];
    }
    let sets = number("BKSCAN_SETS").unwrap_or(usual);
    let outcome = |seed| {
        catch_unwind(|| outcome(seed)).unwrap_or_else(|_| panic!("this was BKSCAN_SEED={seed}"))
    };
    (0..sets).into_par_iter().map(outcome).collect()
}

static A_FEW: LazyLock<Vec<Outcome>> = LazyLock::new(|| outcomes(FEW));

/// Fails with the number of each set in which something is wrong, and says what.
fn assert_none(outcomes: &[Outcome], wrong: impl Fn(&Outcome) -> &Vec<String>) {
    let mut words = String::new();
    let mut failed: Vec<&Outcome> = outcomes.iter().collect();
    failed.retain(|outcome| !wrong(outcome).is_empty());
    for outcome in failed.iter().take(10) {
        for what in wrong(outcome) {
            write!(words, "\n  BKSCAN_SEED={}: {what}", outcome.seed).unwrap();
        }
    }
    let (some, all) = (failed.len(), outcomes.len());
    assert!(failed.is_empty(), "{some} of {all} sets:{words}");
}

/// What the sets are for happens in them: in at least a third something goes, and in a third something
/// stays because it holds more. The door refuses some of what the plan lets go.
fn assert_telling(outcomes: &[Outcome]) {
    if outcomes.len() < 20 {
        return;
    }
    let removing = outcomes.iter().filter(|outcome| outcome.removed > 0);
    let keeping = outcomes.iter().filter(|outcome| outcome.holding_more > 0);
    let (removing, keeping) = (removing.count(), keeping.count());
    let counts = format!("{removing} and {keeping} of {}", outcomes.len());
    assert!(3 * removing >= outcomes.len(), "{counts}");
    assert!(3 * keeping >= outcomes.len(), "{counts}");
    let refused = outcomes.iter().any(|outcome| !outcome.refused.is_empty());
    let few = outcomes.len() < MANY as usize;
    assert!(refused || few, "the door never refused");
}

#[test]
fn what_is_to_go_is_held_by_one_that_stays() {
    assert_none(&A_FEW, |outcome| &outcome.ill_planned);
}

#[test]
fn what_goes_is_held_by_one_that_stays() {
    assert_none(&A_FEW, |outcome| &outcome.unheld);
    assert_telling(&A_FEW);
}

/// As [`what_goes_is_held_by_one_that_stays`], by the bytes: what looks like a keepsake (its size and
/// its name, its birth or its time) is not one.
#[test]
fn what_goes_is_held_by_the_same_bytes() {
    assert_none(&A_FEW, |outcome| &outcome.other_bytes);
}

#[test]
fn a_scan_and_a_cleaning_decide_alike() {
    assert_none(&A_FEW, |outcome| &outcome.undecided);
}

#[test]
fn after_a_cleaning_nothing_more_can_go() {
    assert_none(&A_FEW, |outcome| &outcome.unsettled);
}

mod long {
    use super::{MANY, assert_none, assert_telling, outcomes};

    #[test]
    #[ignore = "takes minutes: `.ci/long` runs it"]
    fn all_of_it_over_many_sets() {
        let outcomes = outcomes(MANY);
        assert_none(&outcomes, |outcome| &outcome.ill_planned);
        assert_none(&outcomes, |outcome| &outcome.unheld);
        assert_none(&outcomes, |outcome| &outcome.other_bytes);
        assert_none(&outcomes, |outcome| &outcome.undecided);
        assert_none(&outcomes, |outcome| &outcome.unsettled);
        assert_telling(&outcomes);
    }
}
