//! Backups damaged by chance: each is mended, and is complete then and holds nothing that the source does not;
//! or it is refused with a reason, and nothing is left behind.
//!
//! Every case depends on its number alone. `BKSCAN_SEED=17` looks at that one only, `BKSCAN_SETS=20000` at so
//! many.

mod damage;

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use rayon::prelude::*;
use serde_json::Value;

use self::damage::Damaged;
use super::device_check::check;
use super::list::{Row, must};
use super::mended::hashes;
use super::scene::{Scene, UDID};
use crate::harness::Run;
use crate::support::{Chance, tree_digest};

/// How many every run of the tests looks at, and how many `.ci/run` does.
const FEW: u64 = 40;
const MANY: u64 = 80;

/// Mends the backup of this number; whether it could be, or what is wrong.
fn look(seed: u64) -> Result<bool, String> {
    let mut chance = Chance::new(seed);
    let damaged = damage::make(&mut chance);
    let answer = catch_unwind(AssertUnwindSafe(|| mend(&mut chance, &damaged)));
    let answer = answer.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        Err(words.unwrap_or_else(|| "a panic".to_owned()))
    });
    answer.map_err(|wrong| {
        let done = damaged.done.join("\n    after ");
        format!(
            "BKSCAN_SEED={seed}, {:?}: {wrong}\n    after {done}",
            damaged.scene.era
        )
    })
}

fn mend(chance: &mut Chance, damaged: &Damaged) -> Result<bool, String> {
    let scene = &damaged.scene;
    let before = tree_digest(&scene.backup);
    let reads_all = chance.percent(60);
    let level = ["--level", if reads_all { "contents" } else { "standard" }];
    let planned = scene.mend(&scene.to(), &[&level[..], &["--plan"]].concat());
    if scene.to().exists() {
        return Err("a plan made a folder".to_owned());
    }
    let run = scene.mend(&scene.to(), &level);
    if run.stderr.contains("panicked") || planned.stderr.contains("panicked") {
        return Err(format!("{run:#?}\n{planned:#?}"));
    }
    if tree_digest(&scene.backup) != before {
        return Err("the source is another one".to_owned());
    }
    is_offered_where_it_is_done(scene, &level, &planned)?;
    match run.code {
        0 => is_mended(damaged, &run, reads_all).map(|()| true),
        2 | 3 => is_refused(scene, &run).map(|()| false),
        code => Err(format!("it ended with {code}: {run:#?}")),
    }
}

/// A scan says that it can be mended only where the plan says how.
fn is_offered_where_it_is_done(scene: &Scene, level: &[&str], planned: &Run) -> Result<(), String> {
    let scanned = scene.scan(level);
    let advice = scanned["advice"].as_array().ok_or("no advice")?;
    let is_offered = advice.iter().any(|advice| advice["id"] == "mend-copy");
    let plan: Value = serde_json::from_str(&planned.stdout).unwrap_or_default();
    let is_done = planned.code == 0 && !plan["mended"].is_null();
    let said = || {
        format!(
            "offered: {is_offered}, {planned:#?}, {}",
            scanned["backups"]
        )
    };
    must(is_offered <= is_done, &said())
}

fn is_refused(scene: &Scene, run: &Run) -> Result<(), String> {
    if run.stderr.trim().is_empty() {
        return Err(format!("no reason: {run:#?}"));
    }
    let entries = fs::read_dir(scene.to()).into_iter().flatten();
    let names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    // A fault may leave it (contract §11), and no program takes that for a backup.
    let aside = format!(".bkscan-mending-{UDID}");
    match names.iter().all(|name| *name == *aside) {
        true => Ok(()),
        false => Err(format!("{names:?} is left: {run:#?}")),
    }
}

fn is_mended(damaged: &Damaged, run: &Run, reads_all: bool) -> Result<(), String> {
    let scene = &damaged.scene;
    let document: Value = serde_json::from_str(&run.stdout).map_err(|error| error.to_string())?;
    let mended = &document["mended"];
    let result = scene.to().join(UDID);
    let said = |wrong: String| format!("{wrong}: {mended:#}");
    let is_complete = |backup: &Path| {
        // Where no list tells the device, nobody can write Info.plist, which no device reads.
        let borne = ["info-missing", "info-unreadable"];
        let looked = catch_unwind(AssertUnwindSafe(|| scene.is_complete(backup, &borne)));
        looked.map_err(|_| said("not complete".to_owned()))
    };
    if mended.is_null() {
        // There was nothing to mend.
        let holds = !scene.to().exists() && (!reads_all || is_complete(&scene.backup).is_ok());
        return must(holds, "it should have been mended");
    }
    if mended["verdict"] != "complete" {
        return Err(said("another verdict".to_owned()));
    }
    let list = match check(&result, scene.era.password()) {
        Ok(list) => list,
        // It is not looked for at this level.
        Err(why) if !reads_all && why.ends_with("another digest") => return Ok(()),
        Err(why) => return Err(said(why)),
    };
    if reads_all {
        is_complete(&result)?;
    }
    let source = hashes(&scene.backup);
    for row in list.rows.iter().filter(|row| row.is_required) {
        let place = result.join(list.place(row));
        let hash = hashes(&place).pop_first().ok_or("no payload")?;
        if !source.contains(&hash) {
            return Err(said(format!("the bytes of {} are nowhere", row.path)));
        }
    }
    if !damaged.is_list_changed {
        nothing_is_invented_or_lost(damaged, &list.rows, mended).map_err(said)?;
    }
    Ok(())
}

/// Each row is one of the source, and those that are gone have no payload as it was.
fn nothing_is_invented_or_lost(
    damaged: &Damaged,
    rows: &[Row],
    mended: &Value,
) -> Result<(), String> {
    let cells = |row: &Row| {
        row.record
            .iter()
            .map(|(_, bytes)| bytes.clone())
            .collect::<Vec<_>>()
    };
    let known: BTreeSet<Vec<Vec<u8>>> = damaged.known.iter().map(cells).collect();
    if let Some(row) = rows.iter().find(|row| !known.contains(&cells(row))) {
        return Err(format!("{} {} was on no list", row.domain, row.path));
    }
    let lost = mended["lost"]["rows"].as_array().ok_or("no rows")?;
    let is = |one: &Value, row: &Row| one["domain"] == row.domain && one["path"] == row.path;
    for (row, place) in damaged.whole() {
        if lost.iter().any(|one| is(one, row)) {
            return Err(format!(
                "{} is lost, and lies in {}",
                row.path,
                place.display()
            ));
        }
    }
    Ok(())
}

fn look_at(usual: u64) {
    let number = |name: &str| Some(std::env::var(name).ok()?.parse::<u64>().expect("a number"));
    if let Some(seed) = number("BKSCAN_SEED") {
        look(seed).unwrap_or_else(|wrong| panic!("{wrong}"));
        return;
    }
    let count = number("BKSCAN_SETS").unwrap_or(usual);
    let answers: Vec<Result<bool, String>> = (0..count).into_par_iter().map(look).collect();
    let wrong: Vec<&String> = answers
        .iter()
        .filter_map(|answer| answer.as_ref().err())
        .collect();
    let words = wrong
        .iter()
        .take(10)
        .map(|words| words.as_str())
        .collect::<Vec<_>>();
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        words.join("\n\n")
    );
    // Most of them can be mended, and some cannot.
    let mended = answers.iter().filter(|answer| **answer == Ok(true)).count() as u64;
    assert!(mended > count / 2 && mended < count, "{mended} of {count}");
}

#[test]
fn whatever_is_damaged_is_mended_or_refused() {
    look_at(FEW);
}

mod slow {
    use super::{MANY, look_at};

    #[test]
    #[ignore = "takes minutes: `.ci/run` runs it"]
    fn whatever_is_damaged_in_many_backups() {
        look_at(MANY);
    }
}

mod long {
    use super::look_at;

    #[test]
    #[ignore = "takes an hour: `.ci/long` runs it"]
    fn whatever_is_damaged_in_very_many_backups() {
        look_at(20_000);
    }
}
