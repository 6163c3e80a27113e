//! What apps keep, by bundle identifier: their names differ by who wrote Info.plist.

use std::collections::{BTreeMap, HashMap};

use crate::facts::domains::Apps;
use crate::facts::{databases, keepsakes};
use crate::model::options::Share;
use crate::model::{Amount, AppFiles, BackupReport, KeepsakeGroup, Loss, LossKind};

use super::enough::is_enough;

/// What keeps less is not worth a word: it may be nothing but a cache.
pub(super) const MATTERS: u64 = 10_000_000;

/// Files and bytes of each app.
type Sums = BTreeMap<String, (u64, u64)>;

/// The apps of two backups, and what they are called.
struct Both {
    apps: Apps,
    /// The names of what is told by itself of an app, its media and its databases, by the app's key.
    told: BTreeMap<String, &'static str>,
}

impl Both {
    /// The apps of both: what belongs to an app is then told in the same way for each.
    fn of(old: &BackupReport, new: &BackupReport) -> Both {
        let info: Vec<_> = (new.holdings.apps.iter())
            .chain(&old.holdings.apps)
            .cloned()
            .collect();
        let domains = old.domains.iter().chain(&new.domains);
        let apps = Apps::new(&info, domains.map(|domain| domain.name.as_str()));
        let groups = KeepsakeGroup::ALL.into_iter();
        let groups = groups
            .flat_map(|group| keepsakes::domains(group).map(move |domain| (domain, group.name())));
        let databases = databases::KNOWN.iter();
        let databases = databases.map(|known| (known.domain, known.kind.name()));
        let mut told = BTreeMap::new();
        for (domain, name) in groups.chain(databases) {
            if let Some(key) = apps.key(domain) {
                told.entry(key).or_insert(name);
            }
        }
        Both { apps, told }
    }

    /// What an app is called beside what is told by itself of it: as that is, whatever Info.plist calls it, so that
    /// nothing is told twice.
    fn name(&self, key: &str) -> String {
        let told = self.told.get(key);
        told.map_or_else(|| self.apps.name_of_key(key), |name| (*name).to_owned())
    }

    fn sums(&self, backup: &BackupReport) -> Sums {
        let mut sums = Sums::new();
        for domain in &backup.domains {
            if let Some(app) = self.apps.key(&domain.name) {
                let sum = sums.entry(app).or_default();
                *sum = (sum.0 + domain.files, sum.1.saturating_add(domain.bytes));
            }
        }
        sums
    }
}

/// The domains of apps, with what the app is called.
pub(super) fn by_domain<'a>(old: &'a BackupReport, new: &BackupReport) -> HashMap<&'a str, String> {
    let both = Both::of(old, new);
    let domains = old.domains.iter().map(|domain| domain.name.as_str());
    let named = domains.filter_map(|domain| Some((domain, both.name(&both.apps.key(domain)?))));
    named.collect()
}

/// Apps that have less in the newer backup.
pub fn losses(old: &BackupReport, new: &BackupReport, may_lose: Share) -> Vec<Loss> {
    let both = Both::of(old, new);
    let (of_old, of_new) = (both.sums(old), both.sums(new));
    let other = |app: &str| of_new.get(app).copied().unwrap_or_default();
    // Apps that are gone whole may be a share of all bytes together.
    let gone = of_old.iter().filter(|(app, _)| other(app).1 == 0);
    let gone = gone.fold(0_u64, |sum, (_, (_, bytes))| match *bytes >= MATTERS {
        true => sum.saturating_add(*bytes),
        false => sum,
    });
    let all = old.storage.iter();
    let all = all.fold(0_u64, |sum, group| sum.saturating_add(group.bytes));
    let may_be_gone = may_lose.allows(gone, all);
    let losses = of_old.iter().map(|(app, (files, bytes))| {
        let (other_files, other_bytes) = other(app);
        let is_enough = *bytes < MATTERS
            || is_enough(*bytes, other_bytes, may_lose)
            || other_bytes == 0 && may_be_gone;
        Loss {
            kind: LossKind::App,
            name: both.name(app),
            files: files.saturating_sub(other_files),
            bytes: bytes.saturating_sub(other_bytes),
            of_files: *files,
            of_bytes: *bytes,
            matters: !is_enough,
        }
    });
    largest_first(losses)
}

/// What apps keep that have something in `one` and nothing in `other`, largest first.
pub fn only_in(one: &BackupReport, other: &BackupReport) -> Vec<AppFiles> {
    let both = Both::of(one, other);
    let (of_one, of_other) = (both.sums(one), both.sums(other));
    let has = |app: &str| of_other.get(app).is_some_and(|(_, bytes)| *bytes > 0);
    let only = of_one
        .iter()
        .filter(|(app, (_, bytes))| *bytes > 0 && !has(app));
    let mut only: Vec<_> = only
        .map(|(app, (files, bytes))| AppFiles {
            name: both.name(app),
            sum: Amount {
                files: *files,
                bytes: *bytes,
            },
            matters: *bytes >= MATTERS,
        })
        .collect();
    only.sort_by(|one, other| {
        let by_bytes = other.sum.bytes.cmp(&one.sum.bytes);
        by_bytes.then_with(|| one.name.cmp(&other.name))
    });
    only
}

/// What all apps of a backup keep.
pub fn all(backup: &BackupReport) -> Vec<Loss> {
    let both = Both::of(backup, backup);
    let sums = both.sums(backup);
    let all = sums.iter().map(|(app, (files, bytes))| Loss {
        kind: LossKind::App,
        name: both.name(app),
        files: *files,
        bytes: *bytes,
        of_files: *files,
        of_bytes: *bytes,
        matters: *bytes >= MATTERS,
    });
    largest_first(all)
}

/// Those that are not nothing, largest first; equal ones by their names.
fn largest_first(losses: impl Iterator<Item = Loss>) -> Vec<Loss> {
    let mut losses: Vec<Loss> = losses.filter(|loss| loss.bytes > 0).collect();
    losses.sort_by(|one, other| {
        let by_bytes = other.bytes.cmp(&one.bytes);
        by_bytes.then_with(|| one.name.cmp(&other.name))
    });
    losses
}
