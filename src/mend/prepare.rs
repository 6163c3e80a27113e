//! From a look at a backup to the plan for a new one, and to what it takes to write that.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use crate::contents::places::Places;
use crate::facts::domains::{self, Apps};
use crate::mendable::{self, Decision, ListFix, LostRow, Refused, Seen};
use crate::model::progress::Monitor;
use crate::model::{
    Amount, Example, FileId, KNOWN_TROUBLE, Listing, ManifestFormat, StorageGroup, Traits, Udid,
};
use crate::read::database::Database;
use crate::scan::closely::Closely;
use crate::system;
use crate::verify::files::{KNOWN_TROUBLE_FILE, PAYLOAD_IN_CLOUD};
use crate::words::numbers;

use super::astray;
use super::gone::Gone;
use super::mend_plan::{Lost, Means, MendPlan};
use super::payloads::Payloads;
use super::place::Place;
use super::repairs;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// `--to`: the folder that the new backup is to lie in.
    pub to: PathBuf,
    /// `--link`: hard links where the disk has no clones.
    pub link: bool,
}

/// A mend that can be done.
pub struct Prepared {
    /// What it would do.
    pub plan: MendPlan,
    pub(super) close: Closely,
    pub(super) decision: Decision,
    pub(super) place: Place,
    pub(super) places: Places,
    pub(super) format: ManifestFormat,
    pub(super) udid: Udid,
    pub(super) gone: Gone,
    pub(super) payloads: Payloads,
    pub(super) wish: Wish,
}

/// Plans the mend of a backup that was looked at; nothing where there is nothing to mend. Writes nothing. Runs on
/// the threads of the current pool.
///
/// # Errors
/// Why it cannot be mended, or not so.
pub fn prepare(
    mut close: Closely,
    wish: Wish,
    monitor: &Monitor<'_>,
) -> Result<Option<Prepared>, Refused> {
    if close.report.path.as_os_str().is_empty() || monitor.is_stopped() {
        return Err(Refused::stopped());
    }
    let seen = Seen {
        report: &close.report,
        metadata: &close.metadata,
        manifest: &close.manifest,
        opened: close.opened.is_some(),
    };
    let Some(mut decision) = mendable::decide(seen, usize::MAX)? else {
        return Ok(None);
    };
    let (Some(udid), Some((_, format))) =
        (close.metadata.udid.clone(), close.metadata.manifest_file)
    else {
        return Err(Refused::plain(
            "it cannot be mended: nobody knows what it is",
        ));
    };
    let source = &close.metadata.folder;
    let place = Place::find(&wish.to, source, &udid)?;
    let is_same_disk = is_same_disk(source, &place.there);
    if wish.link && !is_same_disk {
        return Err(Refused::plain(
            "--link takes a folder on the same disk as the backup, because a file cannot have names on two; \
             leave it out to have the files copied",
        ));
    }
    let places = Places::find(source, format, close.metadata.in_snapshot);
    if matches!(decision.list_anew, None | Some(ListFix::Unpadded)) && !has_sound_list(&close)? {
        decision.list_anew = Some(ListFix::Damaged);
    }
    settle(&mut decision.rows, &close, &places);
    let found = astray::find(&close, &decision.rows, monitor);
    let ids: HashSet<FileId> = found.iter().map(|found| found.id).collect();
    let is_found = |row: &LostRow| mendable::id_of(&row.file).is_some_and(|id| ids.contains(&id));
    decision.rows.retain(|row| !is_found(row));
    are_here(&decision.rows)?;
    let gone = Gone::of(&decision.rows);
    let Some(listing) = close.manifest.listing() else {
        return Err(Refused::plain("its list of files was not read"));
    };
    let in_place = Payloads::find(&places, listing, &gone, monitor);
    let mut payloads = Payloads { in_place, found };
    leave_out_what_was_found(&mut payloads);
    if monitor.is_stopped() {
        return Err(Refused::stopped());
    }
    let kept = payloads.amount();
    if kept.files == 0 {
        return Err(Refused::plain(
            "it cannot be mended: no file that its list names is left in it",
        ));
    }
    // There may be a million of them: they are kept once.
    let lost = lost(std::mem::take(&mut decision.rows), &close);
    for finding in &mut close.report.findings {
        finding.examples = Vec::new();
    }
    let is_shared = system::volume(&place.there).is_some_and(|volume| volume.shares_blocks);
    let means = match (is_same_disk && is_shared, wish.link) {
        (true, _) => Means::Cloned,
        (false, true) => Means::Linked,
        (false, false) => Means::Copied,
    };
    let plan = MendPlan {
        source: std::path::absolute(source).unwrap_or_else(|_| source.clone()),
        folder: wish.to.clone(),
        udid: udid.clone(),
        device: close.report.device.clone(),
        last_backup: close.report.last_backup,
        payloads: means,
        kept,
        repairs: repairs::told(&decision, &payloads, &lost, &close),
        lost,
        left_behind: left_behind(&close, &payloads),
        needs: needs(&close, &payloads, means),
        available: system::volume(&place.there).map(|volume| volume.available),
    };
    Ok(Some(Prepared {
        plan,
        close,
        decision,
        place,
        places,
        format,
        udid,
        gone,
        payloads,
        wish,
    }))
}

/// Whether a database is sound, its indices included: a scan does not look at what they hold, and the new backup is
/// not to have them so.
fn has_sound_list(close: &Closely) -> Result<bool, Refused> {
    let Some((name, ManifestFormat::Sqlite)) = close.metadata.manifest_file else {
        return Ok(true);
    };
    let own = Database::immutable(&close.metadata.folder.join(name));
    let database = close.opened.as_ref().unwrap_or(&own);
    let checked = database.is_sound_throughout();
    database.release();
    checked.map_err(|trouble| {
        Refused::plain(format!(
            "nothing was mended: the list of files could not be checked: {}",
            trouble.why()
        ))
    })
}

fn is_same_disk(one: &Path, other: &Path) -> bool {
    let volume = |path: &Path| Some(system::identity(path).ok()??.0);
    volume(one).is_some_and(|own| volume(other) == Some(own))
}

/// Rows that may stay: those that require no payload that is only in a cloud, and that of the file which devices
/// cannot read, where it is there.
fn settle(rows: &mut Vec<LostRow>, close: &Closely, places: &Places) {
    let listing = close.manifest.listing();
    rows.retain(|row| {
        let Some(id) = mendable::id_of(&row.file) else {
            return true;
        };
        if row.reason == KNOWN_TROUBLE_FILE.id {
            return id == KNOWN_TROUBLE && places.open(id.shard()).path(id).is_none();
        }
        if row.reason == PAYLOAD_IN_CLOUD.id {
            return listing.is_some_and(|listing| is_required(listing, id));
        }
        true
    });
}

/// What a cloud holds is not lost: without it the new backup would have less than there is.
fn are_here(rows: &[LostRow]) -> Result<(), Refused> {
    let in_cloud = rows.iter().filter(|row| row.reason == PAYLOAD_IN_CLOUD.id);
    let (files, them) = match in_cloud.count() {
        0 => return Ok(()),
        1 => ("1 of its files is".to_owned(), "it"),
        count => (
            format!("{} of its files are", numbers::count(count as u64)),
            "them",
        ),
    };
    Err(Refused::plain(format!(
        "it cannot be mended yet: {files} in a cloud, and only placeholders are here; download {them} first, \
         nothing of {them} is lost (bkscan explain payload-in-cloud)"
    )))
}

fn is_required(listing: &Listing, id: FileId) -> bool {
    let records = listing.shard(id.shard());
    let mut own = records.iter().filter(|record| record.id == id);
    own.any(|record| record.traits.has(Traits::REQUIRED))
}

/// What lies elsewhere takes the place of what lies in its place and is none.
fn leave_out_what_was_found(payloads: &mut Payloads) {
    for found in &payloads.found {
        let shard = &mut payloads.in_place[usize::from(found.id.shard())];
        shard.retain(|payload| payload.id != found.id);
    }
}

/// What is lost, in the order of domains and paths.
fn lost(mut rows: Vec<LostRow>, close: &Closely) -> Lost {
    let by_name = |one: &Example, other: &Example| {
        (one.domain.cmp(&other.domain))
            .then_with(|| one.path.cmp(&other.path))
            .then_with(|| one.file_id.cmp(&other.file_id))
    };
    rows.sort_by(|one, other| by_name(&one.file, &other.file));
    let info = close.metadata.info.value();
    let apps = info.map_or(&[][..], |info| &info.apps);
    let names: BTreeSet<&str> = (rows.iter())
        .map(|row| row.file.domain.as_deref().unwrap_or_default())
        .collect();
    let apps = Apps::new(apps, names);
    let mut amount = Amount::default();
    let mut groups: Vec<StorageGroup> = Vec::new();
    for row in &rows {
        let bytes = row.file.bytes.unwrap_or(0);
        amount.add(bytes);
        let domain = row.file.domain.as_deref().unwrap_or_default();
        let path = row.file.path.as_deref().unwrap_or_default();
        let class = domains::path_class(domain.as_bytes(), path.as_bytes());
        let name = apps.group(domain, class);
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => {
                group.files += 1;
                group.bytes = group.bytes.saturating_add(bytes);
            }
            None => groups.push(StorageGroup {
                name: name.into_owned(),
                files: 1,
                bytes,
            }),
        }
    }
    groups.sort_by(|one, other| {
        (other.bytes.cmp(&one.bytes)).then_with(|| one.name.cmp(&other.name))
    });
    Lost {
        rows,
        amount,
        by_group: groups,
    }
}

/// The files in the folders of payloads that no row names, but for those that were found there.
fn left_behind(close: &Closely, payloads: &Payloads) -> Amount {
    let mut groups = close.report.storage.iter();
    let unlisted = groups.find(|group| group.name == domains::NOT_LISTED);
    let mut amount = unlisted.map_or(Amount::default(), |group| Amount {
        files: group.files,
        bytes: group.bytes,
    });
    for found in &payloads.found {
        amount.files = amount.files.saturating_sub(1);
        amount.bytes = amount.bytes.saturating_sub(found.size);
    }
    amount
}

/// Bytes that the new backup takes on its disk: lists and folders always, payloads where they are copied.
pub(super) fn needs(close: &Closely, payloads: &Payloads, means: Means) -> u64 {
    /// 256 folders and the record.
    const OF_ITS_OWN: u64 = 2 << 20;
    let metadata = &close.metadata;
    let lists = metadata.stamps.iter().filter(|stamp| {
        let name = stamp.name.trim_start_matches("Snapshot/");
        metadata.in_snapshot || name == stamp.name
    });
    let lists = lists.map(|stamp| stamp.size).fold(0, u64::saturating_add);
    let of_payloads = match means {
        Means::Copied => payloads.on_disk(),
        Means::Cloned | Means::Linked => 0,
    };
    OF_ITS_OWN.saturating_add(lists).saturating_add(of_payloads)
}
