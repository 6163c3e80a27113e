//! Whether the newest good backup of a device holds much less of what a person would miss than one of
//! an earlier run. Pure.

use jiff::{SignedDuration, Timestamp};

use crate::model::{Device, PastBackup, PastRun, Report, StorageGroup, Udid};

/// How long ago a run may be.
const WITHIN: SignedDuration = SignedDuration::from_hours(180 * 24);

/// So many files fewer are no chance.
const FEWEST: u64 = 50;

/// The group that is looked at by itself.
const PHOTOS: &str = "Photos";

/// Files and the bytes they have together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// How many files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// What a device's newest good backup held before and holds no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shrank<'a> {
    /// The backup that held more, as the run saw it.
    pub backup: &'a PastBackup,
    /// When that run was.
    pub seen: Timestamp,
    /// Whether it is photos, and not all together.
    pub is_photos: bool,
    /// What there was.
    pub then: Held,
    /// What there is.
    pub now: Held,
}

/// Whether it can be known of a device.
pub fn is_judged(device: &Device, report: &Report) -> bool {
    let newest = device.newest_good.map(|index| &report.backups[index]);
    newest.is_some_and(|newest| newest.keepsakes.is_some())
}

/// What a device's newest good backup lacks of what one held in a run of the last 180 days: by the run in
/// which it held most, the last of several.
pub fn find<'a>(device: &Device, report: &Report, runs: &'a [PastRun]) -> Option<Shrank<'a>> {
    let udid = device.udid.as_ref()?;
    let newest = &report.backups[device.newest_good?];
    let now = newest.keepsakes.as_ref()?;
    let date = newest.last_backup.map(|last| last.at);
    // A later one, which lies where this scan does not look, is not what it shrank from.
    let is_earlier = |backup: &PastBackup| date.is_none() || backup.last_backup <= date;
    let runs = runs.iter().filter(|run| {
        let ago = report.started_at.duration_since(run.at);
        ago <= WITHIN
    });
    let then = runs.filter_map(|run| {
        let newest = newest_good(run, udid).filter(|backup| is_earlier(backup))?;
        let groups = newest.keepsakes.as_ref().filter(|_| !newest.forgotten)?;
        let (is_photos, then, now) = lost(groups, now)?;
        Some(Shrank {
            backup: newest,
            seen: run.at,
            is_photos,
            then,
            now,
        })
    });
    then.max_by_key(|shrank| (shrank.is_photos, shrank.then.files))
}

/// The newest good backup of a device that a run saw.
pub fn newest_good<'a>(run: &'a PastRun, udid: &Udid) -> Option<&'a PastBackup> {
    let own = run.backups.iter();
    let own = own.filter(|backup| backup.udid.as_ref() == Some(udid));
    let good = own.filter(|backup| backup.verdict.is_good());
    good.max_by_key(|backup| backup.last_backup)
}

/// What was held then and is no more, where that is much: whether it is photos, what there was, and what
/// there is.
pub fn lost(then: &[StorageGroup], now: &[StorageGroup]) -> Option<(bool, Held, Held)> {
    [true, false].into_iter().find_map(|is_photos| {
        let (then, now) = (held(then, is_photos), held(now, is_photos));
        has_shrunk(then, now).then_some((is_photos, then, now))
    })
}

fn held(groups: &[StorageGroup], photos_alone: bool) -> Held {
    let none = Held { files: 0, bytes: 0 };
    let groups = groups.iter();
    let wanted = groups.filter(|group| !photos_alone || group.name == PHOTOS);
    wanted.fold(none, |sum, group| Held {
        files: sum.files.saturating_add(group.files),
        bytes: sum.bytes.saturating_add(group.bytes),
    })
}

fn has_shrunk(then: Held, now: Held) -> bool {
    let is_less_than_half = |now: u64, then: u64| now.saturating_mul(2) < then;
    is_less_than_half(now.files, then.files)
        && is_less_than_half(now.bytes, then.bytes)
        && then.files.saturating_sub(now.files) >= FEWEST
}
