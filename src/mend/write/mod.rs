//! Writes a mended backup: the only code that makes one. What it removes and renames goes through
//! `clean::remove`; what it makes is made by `system::making`, never over anything.
//!
//! The new backup lies under a name that no program takes for one until it was judged to be complete; then it
//! gets its name, and the record beside it.

mod copy;
mod database;
mod keeper;
mod list;
mod payloads;

use std::path::Path;

use crate::crypto::keyring::Keyring;
use crate::model::options::ScanOptions;
use crate::model::progress::Monitor;
use crate::model::secret::Password;
use crate::model::sources::{NoPassword, Passwords};
use crate::model::{BackupReport, Effect, Udid, Verdict};
use crate::read;
use crate::scan::closely;
use crate::system;
use crate::system::making::NewFolder;
use crate::words::numbers;

use super::mend_plan::{Means, Mended};
use super::prepare::{self, Prepared};
use crate::mendable::Refused;
use keeper::{Keeper, changed, not_read};

/// Writes the new backup, judges it as any, and gives it its name. `record` makes the text that is put beside it.
/// Runs on the threads of the current pool.
///
/// # Errors
/// Why there is no mended backup. Then nothing is there, or a folder that nobody takes for a backup.
pub fn write(
    mut prepared: Prepared,
    config: &ScanOptions,
    keyring: Keyring<'_>,
    monitor: &Monitor<'_>,
    record: impl FnOnce(&Mended) -> String,
) -> Result<Mended, Refused> {
    let source = prepared.close.metadata.folder.clone();
    has_room(&prepared)?;
    let keeper = Keeper::take(&prepared.place, &source, &prepared.udid)?;
    let new = keeper.begin(&source)?;
    let cloned = lists(&prepared, &new, monitor)?;
    let means = means(&prepared, cloned);
    if means != prepared.plan.payloads {
        prepared.plan.payloads = means;
        prepared.plan.needs = prepare::needs(&prepared.close, &prepared.payloads, means);
        has_room(&prepared)?;
    }
    payloads::write(&prepared, &new, means, monitor)?;
    // It says that all is there, and so it comes last.
    status(&prepared, &new, &source)?;
    let synced = new.sync();
    synced.map_err(|error| keeper::not_written(new.path(), &error))?;
    is_unchanged(&prepared, &source)?;
    let verdict = judge(
        &prepared,
        &new,
        config,
        &keyring.with(Some(&NoMore)),
        monitor,
    )?;
    let mended = Mended {
        plan: prepared.plan,
        verdict: Some(verdict),
    };
    keeper.end(&mended.plan, &record(&mended))?;
    Ok(mended)
}

/// Makes sure that the new backup fits on its disk.
fn has_room(prepared: &Prepared) -> Result<(), Refused> {
    let plan = &prepared.plan;
    let free = system::volume(&prepared.place.there).map(|volume| volume.available);
    match free {
        Some(free) if free < plan.needs => {
            let why = match plan.payloads {
                Means::Copied => "",
                Means::Cloned | Means::Linked => ", however little that is",
            };
            Err(Refused::plain(format!(
                "nothing was mended: the new backup takes about {}{why}, and {} are free on its disk; name a \
                 folder on another one",
                numbers::size(plan.needs),
                numbers::size(free)
            )))
        }
        _ => Ok(()),
    }
}

/// Writes all lists but Status.plist; says whether the disk clones, where one was copied that tells.
fn lists(
    prepared: &Prepared,
    new: &NewFolder,
    monitor: &Monitor<'_>,
) -> Result<Option<bool>, Refused> {
    let source = &prepared.close.metadata.folder;
    let mut cloned = list::write(prepared, new, monitor)?;
    let decision = &prepared.decision;
    let manifest = match prepared.close.metadata.in_snapshot && is_there(source, IN_SNAPSHOT) {
        true => IN_SNAPSHOT,
        false => "Manifest.plist",
    };
    for (name, made, from) in [
        ("Manifest.plist", &decision.manifest_plist, manifest),
        ("Info.plist", &decision.info, "Info.plist"),
    ] {
        match made {
            Some(bytes) => copy::put(new, name, bytes)?,
            None if is_there(source, from) => {
                cloned = Some(copy::list(new, name, &source.join(from))?);
            }
            None => {}
        }
    }
    Ok(cloned)
}

const IN_SNAPSHOT: &str = "Snapshot/Manifest.plist";

fn is_there(folder: &Path, name: &str) -> bool {
    let found = folder.join(name).symlink_metadata();
    found.is_ok_and(|found| found.is_file() && found.len() > 0)
}

/// How payloads come over, where it is known whether the disk clones.
fn means(prepared: &Prepared, cloned: Option<bool>) -> Means {
    match cloned {
        Some(true) => Means::Cloned,
        Some(false) if prepared.wish.link => Means::Linked,
        Some(false) => Means::Copied,
        None => prepared.plan.payloads,
    }
}

fn status(prepared: &Prepared, new: &NewFolder, source: &Path) -> Result<(), Refused> {
    const NAME: &str = "Status.plist";
    match &prepared.decision.status {
        Some(fix) => copy::put(new, NAME, &fix.bytes),
        None => copy::list(new, NAME, &source.join(NAME)).map(|_| ()),
    }
}

/// Makes sure that the old backup is the one that was looked at.
fn is_unchanged(prepared: &Prepared, source: &Path) -> Result<(), Refused> {
    if let Err(error) = source.metadata() {
        return Err(not_read(source, &error));
    }
    match read::metadata::stamps(source) == prepared.close.metadata.stamps {
        true => Ok(()),
        false => Err(changed(source)),
    }
}

/// No password but the one that opened the old backup: the new one has its keybag.
struct NoMore;

impl Passwords for NoMore {
    fn password(&self, _udid: Option<&Udid>) -> Result<Option<Password>, NoPassword> {
        Ok(None)
    }
}

/// Judges the new backup as a scan does it.
fn judge(
    prepared: &Prepared,
    new: &NewFolder,
    config: &ScanOptions,
    keyring: &Keyring<'_>,
    monitor: &Monitor<'_>,
) -> Result<Verdict, Refused> {
    let name = prepared.udid.as_str();
    let looked = closely::look(new.path(), name, config, keyring, monitor);
    let looked = looked
        .map_err(|error| Refused::plain(format!("the new backup could not be judged: {error}")))?;
    if monitor.is_stopped() {
        return Err(Refused::stopped());
    }
    match looked.report.verdict {
        Verdict::Complete => Ok(Verdict::Complete),
        other => Err(not_complete(&looked.report, other)),
    }
}

fn not_complete(report: &BackupReport, verdict: Verdict) -> Refused {
    let findings = || {
        let all = report.findings.iter();
        all.filter(|finding| finding.effect != Effect::Nothing)
    };
    let not_checked = report.not_checked.iter().filter(|check| check.expected);
    let mut why: Vec<&str> = findings()
        .map(|finding| finding.message.as_str())
        .chain(not_checked.map(|check| check.why.as_str()))
        .collect();
    why.dedup();
    let ids: Vec<&str> = findings().map(|finding| finding.id).collect();
    let failed = format!(
        "the mend has failed: what was written is {}, not complete",
        verdict.as_str()
    );
    Refused::new(
        format!("{failed} ({})", ids.join(", ")),
        format!("{failed}: {}", why.join("; ")),
    )
}
