//! What one backup holds that another one does not, and whether that one stands in for it.

use crate::facts::databases;
use crate::model::options::Share;
use crate::model::{
    Amount, BackupReport, DatabaseLoss, KeepsakeGroup, Keepsakes, Loss, LossKind, OnlyHere,
};

use super::enough::is_enough;
use super::held::By;
use super::{apps, held, locked, rest, told};

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

/// Whether `new` holds what `old` does, `missing` of the payloads aside that no row of `old` names: these are told
/// only. `may_lose` is the share of each group that may be lost.
pub fn cover(old: &BackupReport, new: &BackupReport, missing: Amount, may_lose: Share) -> Cover {
    let mut cover = match (&old.holdings.keepsakes, &new.holdings.keepsakes) {
        (Some(of_old), Some(of_new)) => compare(old, of_old, new, of_new, may_lose),
        _ => by_names(old, new),
    };
    cover.covers |= may_lose == Share::ALL;
    if cover.compared {
        let strays = rest::strays(&old.holdings.strays, missing);
        cover.only_old.groups.extend(strays);
        told::leave_out_what_is_too_little(&mut cover.only_old);
    }
    cover
}

/// All that can be told of backups whose file lists are locked.
fn by_names(old: &BackupReport, new: &BackupReport) -> Cover {
    let Some(groups) = locked::losses(old, new) else {
        return Cover::default();
    };
    Cover {
        covers: !groups.iter().any(|loss| loss.matters),
        compared: true,
        only_old: OnlyHere {
            groups,
            ..OnlyHere::default()
        },
    }
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
        only_old.of_unknown_size_there += of_unknown_size_there(of_old, of_new, group);
    }
    only_old.databases = databases(old, new, may_lose);
    let of_apps = apps::losses(old, new, may_lose);
    let of_apps = told::besides_what_is_told(of_apps, &only_old);
    only_old.groups.extend(of_apps);
    only_old.groups.extend(rest::losses(old, new));
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

/// How many of a group are in the newer one under the same fileID, and its list does not tell their size.
fn of_unknown_size_there(old: &Keepsakes, new: &Keepsakes, group: KeepsakeGroup) -> u64 {
    let unknown = new.of(group).iter().filter(|new| new.size().is_none());
    let unknown: Vec<u64> = unknown.map(|new| new.id).collect();
    let own = old.of(group).iter().filter(|own| own.size().is_some());
    let own = own.filter(|own| unknown.binary_search(&own.id).is_ok());
    own.count() as u64
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
    let mut lost = (0_u32..).zip(all).filter_map(|(index, keepsake)| {
        let is_held = held.next_if(|pair| pair.old == index).is_some();
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

/// What of a group is held with fewer bytes.
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
    (bytes > 0).then(|| Loss {
        kind: LossKind::Shorter(Some(group)),
        name: format!("{}, shorter", group.name()),
        files,
        bytes,
        of_files: files,
        of_bytes,
        matters: false,
    })
}

/// What the newer one has less of each database.
pub(super) fn databases(
    old: &BackupReport,
    new: &BackupReport,
    may_lose: Share,
) -> Vec<DatabaseLoss> {
    let losses = old.holdings.database_kinds().into_iter().map(|name| {
        let [bytes, other_bytes] = [old, new].map(|backup| sound_bytes(backup, name));
        DatabaseLoss {
            name,
            bytes,
            other_bytes,
            matters: !is_enough(bytes, other_bytes, may_lose),
        }
    });
    losses
        .filter(|loss| loss.bytes > loss.other_bytes)
        .collect()
}

/// Stored bytes of the databases of a kind, without those that have faults inside, or could not be read, as far as
/// they were looked into.
fn sound_bytes(backup: &BackupReport, kind: &str) -> u64 {
    let all = backup.holdings.database(kind);
    let read = backup.contents.iter().flat_map(|read| &read.databases);
    let faulty = read.filter(|read| read.state.is_faulty());
    let faulty =
        faulty.filter(|read| databases::kind_of(read.id).is_some_and(|of| of.name() == kind));
    faulty.fold(all.unwrap_or(0), |sound, read| {
        sound.saturating_sub(read.bytes)
    })
}

/// All that a backup holds, as far as it is known: what goes for good where no other one is left.
pub fn everything(backup: &BackupReport) -> Option<OnlyHere> {
    let Some(keepsakes) = &backup.holdings.keepsakes else {
        return locked::everything(backup).map(|loss| OnlyHere {
            groups: vec![loss],
            ..OnlyHere::default()
        });
    };
    let nothing = Keepsakes::default();
    let of_groups = KeepsakeGroup::ALL.into_iter();
    let of_groups =
        of_groups.filter_map(|group| self::keepsakes(keepsakes, &nothing, group, Share::NONE));
    let holdings = &backup.holdings;
    let databases = holdings.database_kinds().into_iter();
    let databases = databases.filter_map(|name| Some((name, holdings.database(name)?)));
    let mut only = OnlyHere {
        groups: of_groups.collect(),
        databases: databases
            .map(|(name, bytes)| DatabaseLoss {
                name,
                bytes,
                other_bytes: 0,
                matters: true,
            })
            .collect(),
        ..OnlyHere::default()
    };
    let of_apps = told::besides_what_is_told(apps::all(backup), &only);
    only.groups.extend(of_apps);
    let strays = &backup.holdings.strays;
    only.groups.extend(rest::strays(strays, strays.all()));
    told::leave_out_what_is_too_little(&mut only);
    Some(only)
}
