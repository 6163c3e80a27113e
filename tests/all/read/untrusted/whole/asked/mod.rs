//! What a user does with a folder: scans at every level, with and without the password, looks at each backup,
//! compares two, plans a cleaning. And what must hold of the answers.

mod promises;
mod told;

use std::path::Path;

use bkscan::clean::{self, Wish};
use bkscan::cli::exit_code;
use bkscan::crypto::keyring::Keyring;
use bkscan::model::options::FailOn;
use bkscan::model::secret::Password;
use bkscan::model::sources::{NoPassword, Passwords};
use bkscan::model::{BackupIndex, Level, Report, Udid};
use bkscan::scan::pair::{self, Depth};
use bkscan::state::StateFolder;
use bkscan::{Monitor, ScanOptions, Sources};
use serde_json::Value;

use super::World;
use super::backups::PASSWORD;
use crate::harness::{Ended as _, NOW, Run, bound, program};
use crate::support::Chance;

/// What is wrong, in words.
type Answer = Result<(), String>;

/// A password for all that is locked.
struct Given(Option<&'static str>);

impl Passwords for Given {
    fn password(&self, _: Option<&Udid>) -> Result<Option<Password>, NoPassword> {
        Ok(self.0.map(|word| Password::new(word.into())))
    }
}

fn options(root: &Path, level: Level, threads: usize) -> ScanOptions {
    ScanOptions {
        level,
        threads,
        ..ScanOptions::new(vec![root.to_owned()], NOW.parse().unwrap())
    }
}

fn scan(options: &ScanOptions, password: Option<&'static str>) -> Report {
    let given = Given(password);
    let sources = Sources {
        passwords: password.is_some().then_some(&given as &dyn Passwords),
        ledger: None,
    };
    bkscan::scan(options, sources, &Monitor::silent()).expect("threads start")
}

/// All of it.
pub fn all(chance: &mut Chance, world: &World) -> Answer {
    let root = world.root();
    let looks = [
        (Level::Quick, None),
        (Level::Standard, None),
        (Level::Standard, Some("not the password")),
        (Level::Standard, Some(PASSWORD)),
        (Level::Contents, Some(PASSWORD)),
    ];
    for (level, password) in looks {
        let [report, other] = [1, 8].map(|threads| scan(&options(&root, level, threads), password));
        let said = |wrong| format!("at {level:?} with {password:?}: {wrong}");
        report_holds(&report, &other).map_err(said)?;
        told::everything(&report, &root).map_err(said)?;
        plan_holds(&report, &root).map_err(said)?;
    }
    let report = scan(&options(&root, Level::Standard, 2), Some(PASSWORD));
    shown(chance, &report, &root)?;
    compared(chance, &report, &root)?;
    mended(chance, &report, &root)?;
    if world.is_closed {
        as_somebody_else(&root)?;
    }
    Ok(())
}

/// The same on any number of threads, and in itself as the contract has it.
fn report_holds(report: &Report, other: &Report) -> Answer {
    let (document, again) = (document(report)?, document(other)?);
    if document != again {
        return Err(format!("1 and 8 threads differ: {document}\n{again}"));
    }
    promises::of_document(&document)?;
    promises::of_plan(report)
}

/// The document, read again, without what changes while others write.
fn document(report: &Report) -> Result<Value, String> {
    let exit = exit_code::of(report, FailOn::default(), 0);
    let text = told::text(|out| bkscan::render::json::write(report, exit.number(), out))?;
    let mut document: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    document["roots"][0]["volume"].take();
    Ok(document)
}

/// What a cleaning would remove, of all and of what is named.
fn plan_holds(report: &Report, root: &Path) -> Answer {
    let policy = options(root, report.level, 1).policy;
    let (leftovers, _) = clean::leftovers(report, report.started_at, &StateFolder::none());
    let all = BackupIndex::all(report.backups.len()).collect();
    let named = Wish {
        only: Some(all),
        ..Wish::default()
    };
    for (wish, leftovers) in [(Wish::default(), leftovers), (named, vec![])] {
        let plan = clean::select(report, &policy, &wish, leftovers);
        if let Some(item) = plan.items.iter().find(|item| !item.path.starts_with(root)) {
            return Err(format!("{:?} would be removed", item.path));
        }
        told::plan(report, &plan, root)?;
    }
    Ok(())
}

/// `bkscan show`.
fn shown(chance: &mut Chance, report: &Report, root: &Path) -> Answer {
    if report.backups.is_empty() {
        return Ok(());
    }
    let backup = chance.pick(&report.backups);
    let options = ScanOptions {
        in_full: Some(backup.path.clone()),
        ..options(root, Level::Standard, 2)
    };
    let again = scan(&options, Some(PASSWORD));
    let mut indices = BackupIndex::all(again.backups.len());
    let index = indices.find(|index| again.backups[*index].path == backup.path);
    let index = index.ok_or("a backup is not found again")?;
    told::one(&again, index, root)
}

/// `bkscan diff`.
fn compared(chance: &mut Chance, report: &Report, root: &Path) -> Answer {
    let paths: Vec<&Path> = report.backups.iter().map(|backup| &*backup.path).collect();
    if paths.len() < 2 {
        return Ok(());
    }
    let (old, new) = (*chance.pick(&paths), *chance.pick(&paths));
    let given = Given(Some(PASSWORD));
    let depth = Depth {
        list: true,
        contents: true,
    };
    let compare = |threads| {
        let options = options(root, Level::Standard, threads);
        let keyring = Keyring::new(Some(&given));
        pair::compare(&options, [old, new], depth, &keyring, &Monitor::silent())
            .expect("threads start")
    };
    match (compare(1), compare(8)) {
        (Ok(one), Ok(eight)) => {
            let (one, eight) = (told::diff(&one, root)?, told::diff(&eight, root)?);
            match one == eight {
                true => Ok(()),
                false => Err("1 and 8 threads compare otherwise".to_owned()),
            }
        }
        (Err(_), Err(_)) => Ok(()),
        _ => Err("it is compared on some numbers of threads alone".to_owned()),
    }
}

/// `bkscan mend`: it comes to a backup that is complete, or to none and a reason.
fn mended(chance: &mut Chance, report: &Report, root: &Path) -> Answer {
    if report.backups.is_empty() {
        return Ok(());
    }
    let backup = &chance.pick(&report.backups).path;
    let to = root.with_file_name("mended");
    let mut command = program();
    command.arg("mend").arg(backup).arg("--to").arg(&to);
    command.args(["--json", "--now", NOW]);
    command.env("BKSCAN_PASSWORD", PASSWORD);
    let output = command.ended().expect("the program starts");
    let [said, told] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    let left = std::fs::read_dir(&to).into_iter().flatten().flatten();
    let names: Vec<_> = left.map(|entry| entry.file_name()).collect();
    // A fault may leave it under this name, and nothing else.
    let is_aside =
        |name: &std::ffi::OsString| name.to_string_lossy().starts_with(".bkscan-mending-");
    let document: Value = serde_json::from_str(&said).unwrap_or_default();
    let holds = match output.status.code() {
        Some(0) if document["mended"].is_null() => names.is_empty(),
        Some(0) => names.len() == 2 && document["mended"]["verdict"] == "complete",
        Some(2 | 3 | 64) => names.iter().all(is_aside) && !told.is_empty(),
        _ => false,
    };
    match holds && !told.contains("panicked") {
        true => Ok(()),
        false => Err(format!("mending {backup:?} left {names:?}: {output:?}")),
    }
}

/// The program in the hands of a user whom permissions bind.
fn as_somebody_else(root: &Path) -> Answer {
    let home = root.parent().expect("a folder of its own");
    for words in [&["--json"][..], &["clean", "--json", "--threads", "8"]] {
        let mut command = bound(home);
        command.args(words).arg(root).args(["--now", NOW]);
        let run: Run = command.ended().unwrap().into();
        if run.stderr.contains("panicked") {
            return Err(run.stderr);
        }
        let document: Value = serde_json::from_str(&run.stdout)
            .map_err(|error| format!("no JSON ({error}): {run:?}"))?;
        if document["exit_code"] != run.code {
            return Err(format!("{words:?} ended with {}: {document}", run.code));
        }
        if words.len() == 1 {
            promises::of_document(&document)?;
        }
        told::sound(&run.stdout, root)?;
    }
    Ok(())
}
