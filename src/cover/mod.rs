//! Whether one backup holds what another one does (contract §5): what a person would miss, by size and
//! time of birth; databases and apps by their stored bytes. Pure. Unknown means not held.

mod apps;
pub mod diff;
mod gather;
pub mod held;

use std::cmp::Reverse;

use crate::config::Share;
use crate::databases;
use crate::model::{
    BackupReport, DatabaseLoss, DatabaseState, HeldElsewhere, KeepsakeGroup, Keepsakes, Loss,
    LossKind, OnlyHere, Verdict,
};

use held::By;

pub use gather::{Asked, by_group, holdings};

/// What a database or an app may shrink by in a while.
const HALF: Share = Share::of_millionths(500_000);

/// What of a locked backup may be new in another one.
const TENTH: Share = Share::of_millionths(100_000);

/// What shrank by less is not told where it does not matter.
const TOLD: u64 = 1_000_000;

/// One backup against another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cover {
    /// Whether the newer one holds all that the older one does, but for what may be lost.
    pub covers: bool,
    /// Whether what they hold is known of both.
    pub compared: bool,
    /// What the older one holds that the newer one does not.
    pub only_old: OnlyHere,
}

/// Whether `new` holds what `old` does. `may_lose` is the share of each group that may be lost.
pub fn cover(old: &BackupReport, new: &BackupReport, may_lose: Share) -> Cover {
    let mut cover = match (&old.holdings.keepsakes, &new.holdings.keepsakes) {
        (Some(of_old), Some(of_new)) => compare(old, of_old, new, of_new, may_lose),
        _ => by_names(old, new),
    };
    cover.covers |= may_lose == Share::ALL;
    cover
}

fn compare(
    old: &BackupReport,
    of_old: &Keepsakes,
    new: &BackupReport,
    of_new: &Keepsakes,
    may_lose: Share,
) -> Cover {
    let mut only_old = OnlyHere::default();
    for group in KeepsakeGroup::ALL {
        only_old
            .groups
            .extend(keepsakes(of_old, of_new, group, may_lose));
        only_old.groups.extend(shorter(of_old, of_new, group));
        let unknown = of_old
            .of(group)
            .iter()
            .filter(|found| found.size().is_none());
        only_old.of_unknown_size += unknown.count() as u64;
    }
    only_old.databases = databases(old, new, may_lose);
    only_old.groups.extend(apps::losses(old, new, may_lose));
    let photos = new.holdings.icloud_photos;
    only_old.photos_may_be_in_icloud = photos.enabled && photos.synced;
    let loses = only_old.groups.iter().any(|loss| loss.matters)
        || only_old.databases.iter().any(|loss| loss.matters);
    Cover {
        covers: !loses,
        compared: true,
        only_old,
    }
}

/// What of a group is not held.
fn keepsakes(
    old: &Keepsakes,
    new: &Keepsakes,
    group: KeepsakeGroup,
    may_lose: Share,
) -> Option<Loss> {
    let sum = |some: &mut dyn Iterator<Item = u64>| {
        some.fold((0, 0_u64), |(files, bytes), more| {
            (files + 1, bytes.saturating_add(more))
        })
    };
    let all = old.of(group);
    let (of_files, of_bytes) = sum(&mut all.iter().map(|keepsake| old.bytes(keepsake)));
    let mut held = held::pairs(old, new, group).into_iter().peekable();
    let mut lost = (0_u32..).zip(all).filter_map(|(at, keepsake)| {
        let is_held = held.next_if(|pair| pair.old == at).is_some();
        (!is_held).then(|| old.bytes(keepsake))
    });
    let (files, bytes) = sum(&mut lost);
    (files > 0).then(|| Loss {
        kind: LossKind::Keepsakes(group),
        name: group.name().to_owned(),
        files,
        bytes,
        of_files,
        of_bytes,
        matters: !(may_lose.allows(files, of_files) && may_lose.allows(bytes, of_bytes)),
    })
}

/// What of a group is held with fewer bytes, where that is worth a word.
fn shorter(old: &Keepsakes, new: &Keepsakes, group: KeepsakeGroup) -> Option<Loss> {
    let pairs = held::pairs(old, new, group).into_iter();
    let less = pairs.filter(|pair| pair.by == By::Id).filter_map(|pair| {
        let bytes = old.content(&old.of(group)[pair.old as usize]);
        let other = new.content(&new.of(group)[pair.new as usize]);
        let less = bytes.saturating_sub(other);
        (less > 0).then_some((less, bytes))
    });
    let (files, bytes, of_bytes) = less.fold((0, 0_u64, 0_u64), |sum, (less, bytes)| {
        (
            sum.0 + 1,
            sum.1.saturating_add(less),
            sum.2.saturating_add(bytes),
        )
    });
    (bytes >= TOLD).then(|| Loss {
        kind: LossKind::Shorter(Some(group)),
        name: format!("{}, shorter", group.name()),
        files,
        bytes,
        of_files: files,
        of_bytes,
        matters: false,
    })
}

fn databases(old: &BackupReport, new: &BackupReport, may_lose: Share) -> Vec<DatabaseLoss> {
    let losses = old.holdings.databases.keys().map(|name| {
        let [bytes, other_bytes] = [old, new].map(|backup| sound_bytes(backup, name));
        DatabaseLoss {
            name,
            bytes,
            other_bytes,
            matters: !is_enough(bytes, other_bytes, may_lose),
        }
    });
    losses
        .filter(|loss| loss.matters || loss.bytes.saturating_sub(loss.other_bytes) >= TOLD)
        .collect()
}

/// Stored bytes of the databases of a kind, without those that were read and have faults inside.
fn sound_bytes(backup: &BackupReport, kind: &str) -> u64 {
    let all = backup.holdings.databases.get(kind).copied();
    let read = backup.contents.iter().flat_map(|read| &read.databases);
    let faulty = read.filter(|read| matches!(read.state, DatabaseState::Damaged(_)));
    let faulty =
        faulty.filter(|read| databases::kind_of(read.id).is_some_and(|of| of.name() == kind));
    faulty.fold(all.unwrap_or(0), |sound, read| {
        sound.saturating_sub(read.bytes)
    })
}

/// Whether so much of a database, or of what an app keeps, is as good as all of it: what is alive
/// shrinks, too.
fn is_enough(bytes: u64, other_bytes: u64, may_lose: Share) -> bool {
    let lost = bytes.saturating_sub(other_bytes);
    may_lose.allows(lost, bytes) || HALF.allows(lost, bytes)
}

/// All that can be told of backups whose file lists are locked: which names are there, in which length.
fn by_names(old: &BackupReport, new: &BackupReport) -> Cover {
    let (Some(of_old), Some(of_new)) = (&old.holdings.names, &new.holdings.names) else {
        return Cover::default();
    };
    let sum = |some: &mut dyn Iterator<Item = u64>| {
        some.fold((0_u64, 0_u64), |(files, bytes), more| {
            (files + 1, bytes.saturating_add(more))
        })
    };
    let (of_files, of_bytes) = sum(&mut of_old.iter().map(|(_, length)| *length));
    let lacking = of_old.iter().filter_map(|payload| lacking(payload, of_new));
    let (gone, shorter): (Vec<Lacking>, Vec<Lacking>) =
        lacking.partition(|lacking| lacking.is_gone);
    let [gone, shorter] =
        [gone, shorter].map(|some| sum(&mut some.iter().map(|lacking| lacking.bytes)));
    let lost_bytes = gone.1.saturating_add(shorter.1);
    let loses_bytes = !TENTH.allows(lost_bytes, of_bytes);
    let loses = loses_bytes || !TENTH.allows(gone.0, of_files);
    let loss = |kind, name: &str, (files, bytes), matters| Loss {
        kind,
        name: name.to_owned(),
        files,
        bytes,
        of_files,
        of_bytes,
        matters,
    };
    let mut groups = Vec::new();
    if gone.0 > 0 {
        groups.push(loss(LossKind::Payloads, "Encrypted", gone, loses));
    }
    // What is alive shrinks, too.
    if shorter.0 > 0 && (loses_bytes || shorter.1 >= TOLD) {
        groups.push(loss(
            LossKind::Shorter(None),
            "Encrypted, shorter",
            shorter,
            loses_bytes,
        ));
    }
    Cover {
        covers: !loses,
        compared: true,
        only_old: OnlyHere {
            groups,
            ..OnlyHere::default()
        },
    }
}

/// What the newer backup has less of a payload.
struct Lacking {
    bytes: u64,
    /// It is not there, or less than half of it.
    is_gone: bool,
}

fn lacking((name, length): &(u64, u64), of_new: &[(u64, u64)]) -> Option<Lacking> {
    let found = of_new.binary_search_by_key(name, |(name, _)| *name);
    let other = found.ok().map(|at| of_new[at].1);
    let bytes = length.saturating_sub(other.unwrap_or(0));
    let is_gone = other.is_none() || !HALF.allows(bytes, *length);
    (is_gone || bytes > 0).then_some(Lacking { bytes, is_gone })
}

/// All that a backup holds, as far as it is known: what goes for good where no other one is left.
pub fn everything(backup: &BackupReport) -> Option<OnlyHere> {
    let keepsakes = backup.holdings.keepsakes.as_ref()?;
    let nothing = Keepsakes::default();
    let of_groups = KeepsakeGroup::ALL.into_iter();
    let of_groups =
        of_groups.filter_map(|group| self::keepsakes(keepsakes, &nothing, group, Share::NONE));
    let databases = backup.holdings.databases.iter();
    Some(OnlyHere {
        groups: of_groups.chain(apps::all(backup)).collect(),
        databases: databases
            .map(|(name, bytes)| DatabaseLoss {
                name,
                bytes: *bytes,
                other_bytes: 0,
                matters: true,
            })
            .collect(),
        ..OnlyHere::default()
    })
}

/// Which newer complete backup of another device holds most keepsakes of this one, if one holds any.
pub fn held_elsewhere(backups: &[BackupReport], at: usize) -> Option<HeldElsewhere> {
    let own = &backups[at];
    let keepsakes = own.holdings.keepsakes.as_ref()?;
    let date = own.last_backup?.at;
    let of_files = keepsakes.count() as u64;
    let others = (0..backups.len()).filter(|other| {
        let other = &backups[*other];
        let is_newer = other.last_backup.is_some_and(|last| last.at > date);
        other.udid != own.udid && other.verdict == Verdict::Complete && !other.in_trash && is_newer
    });
    let held = others.filter_map(|by| {
        let other = backups[by].holdings.keepsakes.as_ref()?;
        let groups = KeepsakeGroup::ALL.into_iter();
        let files = groups.map(|group| held::pairs(keepsakes, other, group).len() as u64);
        Some(HeldElsewhere {
            by,
            files: files.sum(),
            of_files,
        })
    });
    held.filter(|held| held.files > 0)
        .max_by_key(|held| (held.files, Reverse(held.by)))
}

#[cfg(test)]
mod tests;
