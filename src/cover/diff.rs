//! Two backups of whatever devices, one against the other (contract §10): the same measure as for what
//! may go, told in full. Pure.

use crate::model::options::Share;
use crate::model::{
    Access, Amount, AppDiff, BackupReport, ContentsDiff, DatabaseDiff, Diff, DiffFile, DiffKind,
    DiffPart, GroupDiff, Keepsake, KeepsakeGroup, Keepsakes, Loss, NotCompared, SmallerApp,
    Verdict, Which,
};
use crate::verify::files::NOT_READABLE;
use crate::verify::manifest::{MANIFEST_DAMAGED, MANIFEST_UNREADABLE};
use crate::words::numbers;

use super::held::By;
use super::only_here::cover;
use super::told::TOLD;
use super::{apps, held, only_here, rest};

/// What of the old one no list names and the new one does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unlisted {
    /// Payloads.
    pub strays: Amount,
    /// Files that are no part of a backup.
    pub foreign: Amount,
}

impl Unlisted {
    /// Whether there is nothing of that kind.
    pub fn is_nothing(&self) -> bool {
        self.strays.files == 0 && self.foreign.files == 0
    }
}

/// What differs, as far as the lists of files and the lengths of payloads tell, and `missing` of what no list names.
pub fn diff(old: &BackupReport, new: &BackupReport, missing: Unlisted) -> Diff {
    let mut cover = cover(old, new, missing.strays, Share::NONE);
    cover
        .only_old
        .groups
        .extend(rest::foreign(old, missing.foreign));
    let known = old.holdings.keepsakes.as_ref();
    let known = known.zip(new.holdings.keepsakes.as_ref());
    let mut not_compared: Vec<_> = [(Which::Old, old), (Which::New, new)]
        .into_iter()
        .filter_map(|(which, backup)| not_whole(which, backup))
        .collect();
    for (which, backup) in [(Which::Old, old), (Which::New, new)] {
        // What it lists is known all the same, but what was asked for could not be done.
        if backup.is_not_opened() && !backup.locked {
            not_compared.push(NotCompared {
                which: Some(which),
                why: WRONG_PASSWORD.to_owned(),
                needs_password: true,
            });
        }
    }
    not_compared.sort_by_key(|not| !not.needs_password);
    let Some((of_old, of_new)) = known else {
        return Diff {
            not_compared,
            ..Diff::default()
        };
    };
    let groups = KeepsakeGroup::ALL.into_iter();
    let smaller = apps::losses(old, new, Share::NONE).into_iter();
    let is_told = |loss: &Loss| {
        let mut told = cover.only_old.groups.iter();
        loss.matters || loss.bytes >= TOLD || told.any(|told| told.name == loss.name)
    };
    let smaller = smaller.filter(|loss| loss.bytes < loss.of_bytes && is_told(loss));
    let whole = [old, new].map(|backup| not_whole(Which::Old, backup).is_none());
    // What clean keeps the old one for.
    let is_kept = old.holdings.strays.matter_without(missing.strays) || missing.foreign.files > 0;
    let covers = cover.covers && !is_kept;
    let in_cloud = old.holdings.strays.in_cloud;
    not_compared.extend(not_here(in_cloud));
    let is_identical = is_identical(old, new) && missing.is_nothing();
    let is_known = whole == [true; 2] && in_cloud == 0 && cover.only_old.of_unknown_size == 0;
    Diff {
        // Rows of the old one that nobody can read may be held nowhere, and what is only in a cloud neither.
        covers: Some(covers).filter(|covers| !covers || whole[0] && in_cloud == 0),
        identical: Some(is_identical).filter(|is| !is || is_known),
        groups: groups
            .filter_map(|group| of_group(of_old, of_new, group))
            .collect(),
        databases: databases(old, new),
        apps: AppDiff {
            only_old: apps::only_in(old, new),
            only_new: apps::only_in(new, old),
            smaller: smaller
                .map(|loss| SmallerApp {
                    name: loss.name,
                    old_bytes: loss.of_bytes,
                    new_bytes: loss.of_bytes - loss.bytes,
                    is_held: !loss.matters,
                })
                .collect(),
        },
        of_unknown_size: cover.only_old.of_unknown_size,
        photos_may_be_in_icloud: cover.only_old.photos_may_be_in_icloud,
        files: None,
        contents: None,
        only_old: cover.only_old,
        not_compared,
    }
}

/// What no row names may be anything, where only its placeholder is here.
fn not_here(in_cloud: u64) -> Option<NotCompared> {
    let files = numbers::counted(in_cloud, "file", "files");
    let (verb, them) = match in_cloud {
        1 => ("is", "it"),
        _ => ("are", "them"),
    };
    (in_cloud > 0).then(|| NotCompared {
        which: Some(Which::Old),
        why: format!(
            "{files} that no file list names {verb} only in a cloud, download {them} first"
        ),
        needs_password: false,
    })
}

/// Why nothing of a backup was opened, in words for people.
const WRONG_PASSWORD: &str = "the password is wrong for it";

/// Why not all of a backup's list is known, if so.
fn not_whole(which: Which, backup: &BackupReport) -> Option<NotCompared> {
    let is_unjudged = || {
        let mut not_checked = backup.not_checked.iter();
        not_checked.any(|check| check.id == MANIFEST_DAMAGED.id && check.expected)
    };
    let (why, needs_password) = match &backup.access {
        Access::Wrong if backup.locked => (WRONG_PASSWORD, true),
        Access::Unavailable(_) if backup.locked => ("its password could not be had", true),
        Access::Refused(_) if backup.locked => ("it cannot be opened with any password", false),
        _ if backup.locked => (
            "its list of files is encrypted, and it was not opened",
            true,
        ),
        _ if backup.verdict == Verdict::Unreadable && backup.holdings.keepsakes.is_none() => {
            ("it could not be looked at", false)
        }
        _ if backup.holdings.keepsakes.is_none() => ("its list of files cannot be read", false),
        _ if backup.has(MANIFEST_DAMAGED.id) || backup.has(MANIFEST_UNREADABLE.id) => {
            ("a part of its list of files cannot be read", false)
        }
        _ if backup.has(NOT_READABLE.id) => ("a part of it could not be looked at", false),
        _ if is_unjudged() => ("not all of its list of files could be read", false),
        _ => return None,
    };
    Some(NotCompared {
        which: Some(which),
        why: why.to_owned(),
        needs_password,
    })
}

fn is_identical(old: &BackupReport, new: &BackupReport) -> bool {
    let of = |backup: &BackupReport| {
        (
            backup.manifest,
            backup.payloads,
            backup.holdings.payload_digest,
        )
    };
    // The digest knows no times.
    of(old) == of(new) && old.holdings.keepsakes == new.holdings.keepsakes
}

fn databases(old: &BackupReport, new: &BackupReport) -> Vec<DatabaseDiff> {
    let (of_old, of_new) = (&old.holdings, &new.holdings);
    let lost = only_here::databases(old, new, Share::NONE);
    let mut names = of_old.database_kinds();
    names.extend(of_new.database_kinds());
    let of_name = |name| DatabaseDiff {
        name,
        old_bytes: of_old.database(name),
        new_bytes: of_new.database(name),
        is_held: !lost.iter().any(|loss| loss.name == name && loss.matters),
    };
    names.into_iter().map(of_name).collect()
}

fn of_group(old: &Keepsakes, new: &Keepsakes, group: KeepsakeGroup) -> Option<GroupDiff> {
    let mut diff = GroupDiff {
        group,
        only_old: Amount::default(),
        only_new: Amount::default(),
        both: Amount::default(),
    };
    let sides = Sides::find(old, new, group);
    for (index, keepsake) in old.of(group).iter().enumerate() {
        let sum = match sides.is_held[index] {
            true => &mut diff.both,
            false => &mut diff.only_old,
        };
        sum.add(old.bytes(keepsake));
    }
    for (index, keepsake) in new.of(group).iter().enumerate() {
        if !sides.holds[index] {
            diff.only_new.add(new.bytes(keepsake));
        }
    }
    let all = [diff.only_old, diff.only_new, diff.both];
    all.iter().any(|sum| sum.files > 0).then_some(diff)
}

/// Which keepsakes of a group have a partner.
struct Sides {
    is_held: Vec<bool>,
    holds: Vec<bool>,
}

impl Sides {
    fn find(old: &Keepsakes, new: &Keepsakes, group: KeepsakeGroup) -> Sides {
        let mut sides = Sides {
            is_held: vec![false; old.of(group).len()],
            holds: vec![false; new.of(group).len()],
        };
        for pair in held::pairs(old, new, group) {
            sides.is_held[pair.old as usize] = true;
            sides.holds[pair.new as usize] = true;
        }
        sides
    }
}

/// A keepsake that only one of the two has, to be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Only {
    /// Which has it.
    pub which: Which,
    /// Its group.
    pub group: KeepsakeGroup,
    /// The keepsake.
    pub keepsake: Keepsake,
    /// Its bytes.
    pub bytes: u64,
}

impl Only {
    /// The same as a file, whose domain and path are these.
    pub fn named(&self, name: Option<&(String, String)>) -> DiffFile {
        let known = |time: u32| (time != 0).then_some(time);
        DiffFile {
            kind: DiffKind::Only(self.which),
            part: DiffPart::Keepsakes(self.group),
            domain: name.map(|(domain, _)| domain.clone()),
            path: name.map(|(_, path)| path.clone()),
            bytes: self.bytes,
            birth: known(self.keepsake.birth),
            modified: known(self.keepsake.modified),
        }
    }
}

/// The keepsakes that only one of the two has, by group: those of the old one first.
pub fn only(old: &BackupReport, new: &BackupReport) -> Vec<Only> {
    let mut all = Vec::new();
    let (Some(of_old), Some(of_new)) = (&old.holdings.keepsakes, &new.holdings.keepsakes) else {
        return all;
    };
    for group in KeepsakeGroup::ALL {
        let sides = Sides::find(of_old, of_new, group);
        for (which, keepsakes, paired) in [
            (Which::Old, of_old, sides.is_held),
            (Which::New, of_new, sides.holds),
        ] {
            let alone = keepsakes.of(group).iter().zip(paired);
            let alone = alone.filter(|(_, has_partner)| !has_partner);
            all.extend(alone.map(|(keepsake, _)| Only {
                which,
                group,
                keepsake: *keepsake,
                bytes: keepsakes.bytes(keepsake),
            }));
        }
    }
    all
}

/// A keepsake in both: the first 64 bits of its fileIDs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InBoth {
    /// Its group.
    pub group: KeepsakeGroup,
    /// In the old one.
    pub old: u64,
    /// In the new one.
    pub new: u64,
    /// Whether its bytes should be the same: else it may have been edited since.
    pub should_equal: bool,
}

/// The keepsakes that both have.
pub fn in_both(old: &BackupReport, new: &BackupReport) -> Vec<InBoth> {
    let (Some(of_old), Some(of_new)) = (&old.holdings.keepsakes, &new.holdings.keepsakes) else {
        return Vec::new();
    };
    let groups = KeepsakeGroup::ALL.into_iter();
    let of_group = |group| {
        let pairs = held::pairs(of_old, of_new, group).into_iter();
        pairs.map(move |pair| InBoth {
            group,
            old: of_old.of(group)[pair.old as usize].id,
            new: of_new.of(group)[pair.new as usize].id,
            should_equal: pair.by == By::Size,
        })
    };
    groups.flat_map(of_group).collect()
}

/// Takes in what the payloads of both hold.
pub fn with_contents(diff: &mut Diff, contents: ContentsDiff) {
    for database in &mut diff.databases {
        database.is_held &= !contents.faulty.contains(&database.name);
    }
    let loses = contents.lost.files > 0 || !contents.faulty.is_empty();
    if loses && diff.covers.is_some() {
        diff.covers = Some(false);
    }
    let unknown =
        contents.unreadable_old.files + contents.unreadable_new.files + contents.not_compared.files;
    diff.identical = match diff.identical {
        Some(true) if contents.other.files > 0 => Some(false),
        Some(true) if unknown > 0 => None,
        identical => identical,
    };
    diff.contents = Some(contents);
}
