//! Proves that a backup that goes is held by the one that stands in for it (contract §9): what a person
//! would miss is compared there, payload by payload, and not by what the manifests say alone.

use std::path::Path;
use std::sync::Arc;

use crate::contents::{self, Lock, Side, Twin, Unlike};
use crate::cover::held::{self, By};
use crate::crypto::ClassKeys;
use crate::crypto::keyring::Keyring;
use crate::facts::databases::{KNOWN, Known};
use crate::model::options::Share;
use crate::model::progress::Monitor;
use crate::model::{
    BackupReport, DatabaseState, FileId, Keepsake, KeepsakeGroup, Keepsakes, Keybag, Level,
    Metadata, Sample,
};
use crate::read::database::Database;
use crate::words::numbers;
use crate::{read, system};

/// What a proof takes.
#[derive(Clone, Copy)]
pub struct Proof<'a> {
    /// How much of a group may be lost, together with what is known not to be held.
    pub may_lose: Share,
    /// All bytes are compared at level `contents`, else the ends.
    pub level: Level,
    /// The keys of encrypted backups.
    pub keyring: Option<&'a Keyring<'a>>,
    /// Who hears of it, and may stop it.
    pub monitor: Monitor<'a>,
}

/// Why a backup was not proven to be held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// The proof was stopped.
    Stopped,
    /// Says how much is not proven, and names the first few.
    Lost(String),
}

/// A keepsake that the other backup is said to hold.
#[derive(Clone, Copy)]
struct Held {
    twin: Twin,
    group: KeepsakeGroup,
    bytes: u64,
}

impl Proof<'_> {
    /// Compares what of `old` is said to be held by `new`; each with the folder where it is.
    ///
    /// # Errors
    /// When more of it than may be lost is not there, or the proof was stopped.
    pub fn prove(
        &self,
        (old, old_folder): (&BackupReport, &Path),
        (new, new_folder): (&BackupReport, &Path),
    ) -> Result<(), Unproven> {
        let known = |backup: &BackupReport| backup.holdings.keepsakes.is_some();
        // Where all may be lost, nothing has to be proven.
        if !known(old) || !known(new) || self.may_lose == Share::ALL {
            return Ok(());
        }
        let held = all_held(old, new);
        let databases: Vec<&Known> = databases_of(old).collect();
        if held.is_empty() && databases.is_empty() {
            return Ok(());
        }
        let twins: Vec<Twin> = held.iter().map(|held| held.twin).collect();
        let names_of = |name: fn(&Twin) -> u64| {
            let databases = databases.iter().map(|known| known.id().prefix());
            let mut names: Vec<u64> = twins.iter().map(name).chain(databases).collect();
            names.sort_unstable();
            names
        };
        let names = names_of(|twin| twin.old);
        let (mut of_old, read_old) = self.side(old_folder, names.clone());
        if let Some(side) = of_old.as_mut().filter(|_| has_astray(old)) {
            side.find_elsewhere(old_folder, &names);
        }
        let (of_new, _) = self.side(new_folder, names_of(|twin| twin.new));
        if let (Some(of_old), Some(of_new)) = (&of_old, &of_new) {
            self.sound(&databases, of_old, of_new)?;
        }
        let unlike = match (&of_old, &of_new) {
            (Some(of_old), Some(of_new)) => {
                let whole = self.level == Level::Contents;
                contents::compare(of_old, of_new, &twins, whole, &self.monitor)
            }
            _ => {
                let mut why = Sample::new(1);
                why.push("could not be looked up".to_owned());
                Unlike {
                    twins: (0..twins.len()).collect(),
                    why,
                }
            }
        };
        if self.monitor.is_stopped() {
            return Err(Unproven::Stopped);
        }
        let lost: Vec<Held> = unlike.twins.iter().map(|index| held[*index]).collect();
        if !self.is_too_much(old, &held, &lost) {
            return Ok(());
        }
        let first: Vec<Option<FileId>> = (lost.iter().take(unlike.why.first.len()))
            .map(|held| of_old.as_ref().and_then(|side| side.id(held.twin.old)))
            .collect();
        let names = read_old.names(&first);
        Err(Unproven::Lost(sentence(
            &held,
            &lost,
            &unlike.why.first,
            &names,
        )))
    }

    /// Makes sure that no database of the one that stays has faults inside, or cannot be read, while that of
    /// the one that goes is sound.
    fn sound(&self, known: &[&Known], old: &Side, new: &Side) -> Result<(), Unproven> {
        let faulty = |side: &Side, known: &Known| {
            let state = side.database(known);
            state.filter(DatabaseState::is_faulty)
        };
        for known in known {
            if self.monitor.is_stopped() {
                return Err(Unproven::Stopped);
            }
            let Some(fault) = faulty(new, known).filter(|_| faulty(old, known).is_none()) else {
                continue;
            };
            let what = match fault {
                DatabaseState::Unreadable(_) => "cannot be read",
                _ => "has faults inside",
            };
            return Err(Unproven::Lost(format!(
                "the database of {} in the backup that stands in for it {what}",
                known.kind.name()
            )));
        }
        Ok(())
    }

    /// The payloads of these names in a backup, and what it takes to read them.
    fn side(&self, folder: &Path, names: Vec<u64>) -> (Option<Side>, Reread) {
        let name = system::place(folder).1;
        let metadata = read::metadata::read(folder, &name.to_string_lossy());
        let Some((_, format)) = metadata.manifest_file else {
            return (None, Reread::of(metadata));
        };
        let mut side = Side::find(folder, format, metadata.in_snapshot, &names);
        let mut opened = None;
        if metadata.encrypted() == Some(true) {
            side.lock = match self.keys(&metadata) {
                None => Lock::Closed,
                Some((keybag, keys)) => {
                    let is_wanted = |id| side.has(id);
                    let monitor = &self.monitor;
                    let (seals, database) =
                        read::manifest::seals(&metadata, keybag, &keys, is_wanted, monitor);
                    opened = database;
                    Lock::Open(keys, seals)
                }
            };
        }
        (Some(side), Reread { metadata, opened })
    }

    /// The keys of a backup, where the scan opened them.
    fn keys<'m>(&self, metadata: &'m Metadata) -> Option<(&'m Keybag, Arc<ClassKeys>)> {
        let keybag = metadata.keybag()?;
        let (_, keys) = self.keyring?.open(metadata.udid.as_ref(), keybag);
        Some((keybag, keys?))
    }

    /// Whether of any group more is lost than may be, together with what is not held anyway.
    fn is_too_much(&self, old: &BackupReport, held: &[Held], lost: &[Held]) -> bool {
        let Some(keepsakes) = &old.holdings.keepsakes else {
            return true;
        };
        KeepsakeGroup::ALL.into_iter().any(|group| {
            let sum = |some: &[Held]| {
                let of_group = some.iter().filter(|held| held.group == group);
                of_group.fold((0, 0_u64), |(files, bytes), held| {
                    (files + 1, bytes.saturating_add(held.bytes))
                })
            };
            let ((held_files, held_bytes), (files, bytes)) = (sum(held), sum(lost));
            let (of_files, of_bytes) =
                keepsakes.of(group).iter().fold((0_u64, 0_u64), |all, own| {
                    (all.0 + 1, all.1.saturating_add(keepsakes.bytes(own)))
                });
            let files_lost = of_files.saturating_sub(held_files).saturating_add(files);
            let bytes_lost = of_bytes.saturating_sub(held_bytes).saturating_add(bytes);
            let may_be = self.may_lose.allows(files_lost, of_files)
                && self.may_lose.allows(bytes_lost, of_bytes);
            files > 0 && !may_be
        })
    }
}

/// Whether some of what a person would miss is not in its place.
fn has_astray(backup: &BackupReport) -> bool {
    let keepsakes = backup.holdings.keepsakes.iter();
    let mut keepsakes = keepsakes.flat_map(|all| KeepsakeGroup::ALL.map(|group| all.of(group)));
    keepsakes.any(|group| group.iter().any(Keepsake::is_astray))
}

/// All that `new` is said to hold of `old`, in the order of the old one's names.
fn all_held(old: &BackupReport, new: &BackupReport) -> Vec<Held> {
    let (Some(of_old), Some(of_new)) = (&old.holdings.keepsakes, &new.holdings.keepsakes) else {
        return Vec::new();
    };
    let mut held = Vec::new();
    for group in KeepsakeGroup::ALL {
        for pair in held::pairs(of_old, of_new, group) {
            let find = |keepsakes: &Keepsakes, position: u32| -> Option<Keepsake> {
                keepsakes.of(group).get(position as usize).copied()
            };
            let pairs = find(of_old, pair.old).zip(find(of_new, pair.new));
            held.extend(pairs.map(|(one, other)| Held {
                twin: Twin {
                    old: one.id,
                    new: other.id,
                    may_differ: pair.by == By::Id,
                },
                group,
                bytes: of_old.bytes(&one),
            }));
        }
    }
    held.sort_unstable_by_key(|held| held.twin.old);
    held
}

/// The databases that a backup has something of.
fn databases_of(backup: &BackupReport) -> impl Iterator<Item = &'static Known> {
    let kinds = &backup.holdings.databases;
    KNOWN
        .iter()
        .filter(|known| kinds.get(known.kind.name()).is_some_and(|bytes| *bytes > 0))
}

/// What was read again of a backup.
struct Reread {
    metadata: Metadata,
    /// Its decrypted manifest, where it has one.
    opened: Option<Database>,
}

impl Reread {
    fn of(metadata: Metadata) -> Reread {
        Reread {
            metadata,
            opened: None,
        }
    }

    /// What files are called on the device; by their ids where that is not known.
    fn names(&self, ids: &[Option<FileId>]) -> Vec<String> {
        let known: Vec<FileId> = ids.iter().flatten().copied().collect();
        let names = read::manifest::names(&self.metadata, self.opened.as_ref(), &known);
        let name = |id: &Option<FileId>| match id {
            None => "a file".to_owned(),
            Some(id) => match names.get(id) {
                Some((domain, path)) => format!("{domain} {path}"),
                None => id.to_string(),
            },
        };
        ids.iter().map(name).collect()
    }
}

fn sentence(held: &[Held], lost: &[Held], whys: &[String], names: &[String]) -> String {
    let bytes = lost.iter().map(|held| held.bytes);
    let bytes = numbers::size(bytes.fold(0, u64::saturating_add));
    let named = names.iter().zip(whys);
    let mut named: Vec<String> = named.map(|(name, why)| format!("{name} {why}")).collect();
    match (lost.len() as u64).saturating_sub(named.len() as u64) {
        0 => {}
        more => named.push(format!("and {} more", numbers::count(more))),
    }
    format!(
        "{} of {} ({bytes}) {} not proven to be in the backup that stands in for it: {}",
        numbers::count(lost.len() as u64),
        numbers::counted(held.len() as u64, "file", "files"),
        if lost.len() == 1 { "is" } else { "are" },
        named.join("; ")
    )
}
