//! The narrow door: every folder that goes is looked at once more, with the one that stands in for
//! it, and is let through only if both are as they were judged. Only [`approve`] makes an
//! [`Approved`], and only [`Approved::remove`] removes.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::clean::remove::{Holder, Identity, Kind, Lock, NotSetAside, Observer, Removed};
use crate::model::options::Share;
use crate::model::progress::Monitor;
use crate::model::{BackupIndex, BackupReport, Device, Report};
use crate::plan;
use crate::state::{FirstError, StateFolder, StateLock};
use crate::system;
use crate::words::numbers;

use super::clean_plan::{CleanPlan, Item, What};
use super::outcome::{Done, Outcome, gone, refused};
use super::proof::{Proof, Unproven};
use super::unchanged::{survey, unchanged};

/// A cleaning at work: the folders that hold what would go, opened and locked.
pub struct Cleaning<'a> {
    report: &'a Report,
    plan: &'a CleanPlan,
    /// Where each backup is, all links resolved: the path that was typed may lead through one that goes.
    places: Vec<PathBuf>,
    now: Timestamp,
    holders: Vec<(PathBuf, io::Result<Holder>)>,
    state: &'a StateFolder,
    proof: Proof<'a>,
    /// Why something could not be noted there.
    not_noted: FirstError,
    /// Held where the file system cannot lock a folder.
    _locks: Vec<File>,
}

/// Why a cleaning cannot begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotBegun {
    /// Another one is at work in this folder.
    Busy(PathBuf),
}

impl<'a> Cleaning<'a> {
    /// Opens and locks the folders. A folder that cannot be opened is told with what is in it; what
    /// cannot be locked, as a remark.
    ///
    /// # Errors
    /// When another cleaning is at work in one of them.
    pub fn begin(
        report: &'a Report,
        plan: &'a CleanPlan,
        now: Timestamp,
        state: &'a StateFolder,
    ) -> Result<(Cleaning<'a>, Vec<String>), NotBegun> {
        let mut holders: Vec<(PathBuf, io::Result<Holder>)> = Vec::new();
        let mut locks = Vec::new();
        let mut remarks = Vec::new();
        for item in &plan.items {
            let parent = parent(&item.path);
            if holders.iter().any(|(known, _)| *known == parent) {
                continue;
            }
            let holder = Holder::open(&parent);
            let known = holder.as_ref().ok().map(Holder::path);
            let mut open = holders.iter().filter_map(|(_, other)| other.as_ref().ok());
            // The same folder under another path is locked already.
            let is_locked = open.any(|other| Some(other.path()) == known);
            if let (Ok(holder), false) = (&holder, is_locked) {
                match holder.try_lock() {
                    Lock::Held => {}
                    Lock::Taken => return Err(NotBegun::Busy(parent)),
                    Lock::Impossible(_) => match state.lock(holder.path()) {
                        Ok(StateLock::Held(file)) => locks.push(file),
                        Ok(StateLock::Taken) => return Err(NotBegun::Busy(parent)),
                        Err(error) => remarks.push(format!(
                            "{} could not be locked against another cleaning: {}",
                            parent.display(),
                            system::in_words(&error)
                        )),
                    },
                }
            }
            holders.push((parent, holder));
        }
        let cleaning = Cleaning {
            report,
            plan,
            places: report.backups.iter().map(resolved).collect(),
            now,
            holders,
            state,
            proof: Proof {
                may_lose: Share::NONE,
                level: report.level,
                keyring: None,
                monitor: Monitor::silent(),
            },
            not_noted: FirstError::default(),
            _locks: locks,
        };
        Ok((cleaning, remarks))
    }

    /// The same cleaning, which proves in this way that something holds what goes.
    pub fn proving(self, proof: Proof<'a>) -> Cleaning<'a> {
        Cleaning { proof, ..self }
    }

    /// Removes one item of the plan, if it is still as it was judged. The observer hears of each step
    /// before it is done and can end the removal.
    pub fn clean(&self, item: usize, observer: &Observer<'_>) -> Done {
        let (outcome, removed) = match self.approve(&self.plan.items[item]) {
            Ok(approved) => {
                let identity = (approved.identity.device, approved.identity.inode);
                if approved.judged.is_some() {
                    self.not_noted.keep(self.state.record_begun(identity));
                }
                let removed = approved.remove(observer);
                if removed.1.gone {
                    self.not_noted.keep(self.state.record_gone(identity));
                }
                removed
            }
            Err(refusal) => (refusal, Removed::default()),
        };
        Done {
            item,
            outcome,
            freed: removed.freed,
            files: removed.files,
        }
    }

    /// Why something could not be noted in the state folder, if so.
    pub fn not_noted(self) -> Option<io::Error> {
        self.not_noted.into_inner()
    }

    /// Looks at the item again, and lets it through only where nothing speaks against it.
    fn approve(&self, item: &Item) -> Result<Approved<'_>, Outcome> {
        let name = name(&item.path);
        let (holder, identity) = self.find(&item.path, &name)?;
        self.check_nothing_else(&item.path)?;
        match holder.obstacle(&name) {
            Ok(None) => {}
            Ok(Some(obstacle)) if obstacle.path.as_os_str().is_empty() => {
                let holder = holder.path().display();
                return Err(refused(format!("{holder} {}", obstacle.hindrance)));
            }
            Ok(Some(obstacle)) => {
                let path = obstacle.path.display();
                return Err(refused(format!("{path} {}", obstacle.hindrance)));
            }
            Err(error) => {
                let why = system::in_words(&error);
                return Err(refused(format!("could not be looked at: {why}")));
            }
        }
        match item.what {
            What::Backup(index) => {
                let judged = &self.report.backups[index];
                self.check_survivors(index, item)?;
                self.check_same(judged, &item.path, &identity)?;
                let stand_ins = stand_ins(item);
                for by in &stand_ins {
                    self.check_stand_in(*by)?;
                }
                for by in &stand_ins {
                    self.prove(judged, *by)?;
                }
                Ok(Approved {
                    cleaning: self,
                    holder,
                    name,
                    identity,
                    judged: Some(judged),
                    stand_ins,
                })
            }
            What::Leftover {
                stands_in,
                fingerprint,
            } => {
                unchanged(fingerprint, false, &survey(&item.path, self.now), self.now)?;
                if let Some(by) = stands_in {
                    self.check_stand_in(by)?;
                }
                Ok(Approved {
                    cleaning: self,
                    holder,
                    name,
                    identity,
                    judged: None,
                    stand_ins: vec![],
                })
            }
        }
    }

    /// The folder that holds `path`, and what stands there under its name.
    fn find(&self, path: &Path, name: &OsStr) -> Result<(&Holder, Identity), Outcome> {
        let parent = parent(path);
        let holder = match self.holders.iter().find(|(known, _)| *known == parent) {
            Some((_, Ok(holder))) => holder,
            Some((_, Err(error))) => {
                let (parent, why) = (parent.display(), system::in_words(error));
                return Err(refused(format!("{parent} could not be opened: {why}")));
            }
            None => return Err(refused("the folder around it was not opened")),
        };
        let identity = match holder.identity(name) {
            Ok(identity) => identity,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(refused("it is not there any more"));
            }
            Err(error) => {
                let why = system::in_words(&error);
                return Err(refused(format!("could not be looked at: {why}")));
            }
        };
        match identity.kind {
            Kind::Folder => Ok((holder, identity)),
            Kind::Link => Err(refused("it is a link; name the folder that it leads to")),
            Kind::File => Err(refused("it is not a folder")),
        }
    }

    /// Nothing else that matters lies in a folder that goes: no other backup, nothing that was scanned,
    /// not the state folder.
    fn check_nothing_else(&self, path: &Path) -> Result<(), Outcome> {
        let real = |path: &Path| path.canonicalize().ok();
        let Some(own) = real(path) else {
            return Err(refused("it is not there any more"));
        };
        let backups = self
            .report
            .backups
            .iter()
            .map(|backup| backup.path.as_path());
        let roots = self.report.roots.iter().map(|root| root.path.as_path());
        let others = backups.chain(roots.filter(|root| real(root).as_ref() != Some(&own)));
        for other in others
            .filter(|other| *other != path)
            .chain(self.state.path())
        {
            if real(other).is_some_and(|other| other.starts_with(&own)) {
                let other = other.display();
                return Err(refused(format!("{other} lies in it: move that out first")));
            }
        }
        Ok(())
    }

    /// The newest good backup of a device never goes while there are others.
    fn check_survivors(&self, index: BackupIndex, item: &Item) -> Result<(), Outcome> {
        let newest = |device: &Device| device.newest_good == Some(index);
        if !item.is_only_copy && self.report.devices.iter().any(newest) {
            return Err(refused("it is the newest good backup of its device"));
        }
        Ok(())
    }

    /// Whether a backup is as it was judged: the same folder, with the same files in it.
    fn check_same(
        &self,
        judged: &BackupReport,
        path: &Path,
        identity: &Identity,
    ) -> Result<(), Outcome> {
        if (judged.volume, judged.inode) != (Some(identity.device), Some(identity.inode)) {
            return Err(refused("it is not the folder that was looked at"));
        }
        self.check_unchanged(judged, path)
    }

    /// Whether the files in the folder at `path` are those of a backup as it was judged.
    fn check_unchanged(&self, judged: &BackupReport, path: &Path) -> Result<(), Outcome> {
        let is_fresh_copy = plan::is_finished_copy(judged, self.now);
        let seen = survey(path, self.now);
        unchanged(judged.fingerprint, is_fresh_copy, &seen, self.now)
    }

    /// Whether what `by` is said to hold of a backup is really there.
    fn prove(&self, judged: &BackupReport, by: BackupIndex) -> Result<(), Outcome> {
        let stand_in = (
            &self.report.backups[by],
            self.places[by.position()].as_path(),
        );
        let proven = self.proof.prove((judged, &judged.path), stand_in);
        proven.map_err(|why| match why {
            Unproven::Stopped => refused("stopped before it was begun"),
            Unproven::Lost(why) => refused(why),
        })
    }

    /// Whether the backup that stands in for another is as it was judged, and stays.
    fn check_stand_in(&self, by: BackupIndex) -> Result<(), Outcome> {
        let judged = &self.report.backups[by];
        let of = |outcome: Outcome| match outcome {
            Outcome::Refused { why, again } => Outcome::Refused {
                why: format!("the backup that stands in for it: {why}"),
                again,
            },
            other => other,
        };
        let goes = |item: &Item| item.what == What::Backup(by);
        if self.plan.items.iter().any(goes) {
            return Err(of(refused("it would go too")));
        }
        let path = &self.places[by.position()];
        let holder = Holder::open(&parent(path)).map_err(|error| of(gone(&error)))?;
        let identity = holder
            .identity(&name(path))
            .map_err(|error| of(gone(&error)))?;
        self.check_same(judged, path, &identity).map_err(of)
    }
}

/// Leave to remove one folder, for as long as nothing in it changes.
struct Approved<'a> {
    cleaning: &'a Cleaning<'a>,
    holder: &'a Holder,
    name: OsString,
    identity: Identity,
    /// The backup that it was judged as; none for what a stopped removal left.
    judged: Option<&'a BackupReport>,
    /// The backups that stand in for it.
    stand_ins: Vec<BackupIndex>,
}

impl Approved<'_> {
    /// Removes the folder. One that was not begun is first given a name that no program takes for a
    /// backup, and looked at once more.
    fn remove(self, observer: &Observer<'_>) -> (Outcome, Removed) {
        let aside = match self.judged {
            Some(judged) => match self.set_aside(judged, observer) {
                Ok(aside) => aside,
                Err(outcome) => return (outcome, Removed::default()),
            },
            None => self.name.clone(),
        };
        let removed = self.holder.remove(&aside, self.identity, observer);
        if self.judged.is_some() && !removed.gone && removed.files + removed.folders == 0 {
            let why = match removed.failures.first() {
                Some((_, error)) => refused(system::in_words(error)),
                None => refused("stopped before it was begun"),
            };
            return (self.put_back(&aside, why, observer), removed);
        }
        let rest = self.holder.path().join(&aside);
        let rest = rest.display();
        let outcome = if removed.gone {
            Outcome::Removed
        } else if removed.stopped {
            Outcome::Failed {
                why: format!("stopped: the rest is left as {rest}; clean again to finish it"),
            }
        } else {
            let first = removed.failures.first();
            let first = first.map(|(path, error)| {
                let why = system::in_words(error);
                format!(", first {}: {why}", path.display())
            });
            Outcome::Failed {
                why: format!(
                    "{} could not be removed{}; the rest is left as {rest}, clean again to finish it",
                    numbers::counted(removed.failed, "file or folder", "files or folders"),
                    first.unwrap_or_default()
                ),
            }
        };
        (outcome, removed)
    }

    fn set_aside(
        &self,
        judged: &BackupReport,
        observer: &Observer<'_>,
    ) -> Result<OsString, Outcome> {
        let aside = self
            .holder
            .set_aside(&self.name, self.identity, observer)
            .map_err(|error| match error {
                NotSetAside::Replaced => refused("it is not the folder that was looked at"),
                NotSetAside::Stopped => refused("stopped before it was begun"),
                NotSetAside::Failed(error) => {
                    let why = system::in_words(&error);
                    refused(format!("it could not be renamed: {why}"))
                }
                NotSetAside::Misnamed { aside, error } => Outcome::Failed {
                    why: format!(
                        "another folder was put in its place, is now called {}, and could not get \
                         its name back: {}",
                        self.holder.path().join(aside).display(),
                        system::in_words(&error)
                    ),
                },
            })?;
        match self.look_once_more(judged, &aside) {
            Ok(()) => Ok(aside),
            Err(changed) => Err(self.put_back(&aside, changed, observer)),
        }
    }

    /// Looks at the folder that was set aside, and at those that stand in for it: proving that took its
    /// time.
    fn look_once_more(&self, judged: &BackupReport, aside: &OsStr) -> Result<(), Outcome> {
        let path = self.holder.path().join(aside);
        self.cleaning.check_unchanged(judged, &path)?;
        let mut stand_ins = self.stand_ins.iter();
        stand_ins.try_for_each(|by| self.cleaning.check_stand_in(*by))
    }

    /// Gives a folder that stays its name back, and tells why it stays.
    fn put_back(&self, aside: &OsStr, why: Outcome, observer: &Observer<'_>) -> Outcome {
        match self.holder.put_back(aside, &self.name, observer) {
            Ok(()) => why,
            Err(error) => Outcome::Failed {
                why: format!(
                    "{}; it is now called {}, and could not get its name back: {}",
                    why.why().unwrap_or_default(),
                    self.holder.path().join(aside).display(),
                    system::in_words(&error)
                ),
            },
        }
    }
}

/// The backups that stand in for an item, each once.
fn stand_ins(item: &Item) -> Vec<BackupIndex> {
    let mut stand_ins: Vec<BackupIndex> =
        item.reasons.iter().filter_map(|reason| reason.by).collect();
    stand_ins.sort_unstable();
    stand_ins.dedup();
    stand_ins
}

/// The path of a backup with all links around it resolved; as it was found, where that cannot be told.
fn resolved(backup: &BackupReport) -> PathBuf {
    let (around, name) = system::place(&backup.path);
    match around.canonicalize() {
        Ok(around) => around.join(name),
        Err(_) => backup.path.clone(),
    }
}

fn parent(path: &Path) -> PathBuf {
    system::place(path).0
}

fn name(path: &Path) -> OsString {
    system::place(path).1
}
