//! The files that only one of two backups has, by name: what a person would miss, and of the old one all else that
//! is told as only there.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use crate::cover::diff;
use crate::cover::owners::Told;
use crate::model::{
    BackupReport, Diff, DiffFile, DiffKind, DiffPart, FileId, NotCompared, Subjects, Which,
};
use crate::words::numbers;
use crate::{contents, facts, read};

use super::again::Again;
use super::strays;

/// Names what only one of the two has; `foreign` is no part of the old one, and not in the new one.
pub fn name(diff: &mut Diff, pair: [&BackupReport; 2], foreign: Subjects, again: &[Again; 2]) {
    let mut files = keepsakes(pair, again);
    let told = Told::new(pair, &diff.only_old);
    if !told.is_nothing() {
        files.extend(listed(&told, again));
    }
    let strays = &pair[0].holdings.strays;
    let unnamed = strays.files.saturating_sub(strays.payloads.len() as u64)
        + foreign.count.saturating_sub(foreign.first.len() as u64);
    files.extend(not_listed(
        pair[0],
        strays::not_in(strays, pair[1]),
        foreign,
    ));
    files.sort_by(in_order);
    diff.not_compared.extend(not_named(unnamed));
    diff.files = Some(files);
}

/// By what is the matter with them, then by what they are, domain and path.
pub fn in_order(one: &DiffFile, other: &DiffFile) -> Ordering {
    let key = |file: &DiffFile| (file.kind, file.part);
    key(one)
        .cmp(&key(other))
        .then_with(|| one.domain.cmp(&other.domain))
        .then_with(|| one.path.cmp(&other.path))
        .then_with(|| one.bytes.cmp(&other.bytes))
}

fn keepsakes(pair: [&BackupReport; 2], again: &[Again; 2]) -> Vec<DiffFile> {
    let only = diff::only(pair[0], pair[1]);
    let names = [(Which::Old, &again[0]), (Which::New, &again[1])].map(|(which, again)| {
        let own = only.iter().filter(|file| file.which == which);
        let prefixes: HashSet<u64> = own.map(|file| file.keepsake.id).collect();
        read::manifest::names_of_prefixes(&again.metadata, again.opened(), &prefixes)
    });
    let named = only
        .iter()
        .map(|file| file.named(names[file.which as usize].get(&file.keepsake.id)));
    named.collect()
}

/// What the old one lists of it, and the new one has no payload of.
fn listed(told: &Told<'_>, [old, new]: &[Again; 2]) -> Vec<DiffFile> {
    let mut files: HashMap<FileId, DiffFile> = HashMap::new();
    read::manifest::each(&old.metadata, old.opened(), &mut |row| {
        let (Some(id), Some(domain), Some(path)) = (row.id, row.domain, row.path) else {
            return;
        };
        let bytes = row.size.unwrap_or(0);
        if !row.is_file() || bytes == 0 || !told.has(id, domain, path) {
            return;
        }
        let text = |bytes| read::file_names::shortened(bytes);
        let time = |time: Option<i64>| time.and_then(|time| u32::try_from(time).ok());
        let file = DiffFile {
            kind: DiffKind::Only(Which::Old),
            part: DiffPart::Listed,
            domain: Some(text(domain)),
            path: Some(facts::telephone::without_numbers(&text(path))),
            bytes,
            birth: time(row.birth),
            modified: time(row.modified),
        };
        files.insert(id, file);
    });
    let there = |again: &Again| {
        let side = again.side()?;
        let places = contents::places::Places::find(side.folder, side.format, side.moving);
        Some(places.ids(|id| files.contains_key(&id)))
    };
    let [in_old, in_new] = [old, new].map(|again| there(again).unwrap_or_default());
    let is_there = |ids: &[FileId], id: &FileId| ids.binary_search(id).is_ok();
    files.retain(|id, _| is_there(&in_old, id) && !is_there(&in_new, id));
    files.into_values().collect()
}

/// What no list names.
fn not_listed(
    old: &BackupReport,
    strays: impl Iterator<Item = (FileId, u64)>,
    foreign: Subjects,
) -> Vec<DiffFile> {
    let strays: Vec<_> = strays.collect();
    let ids: HashSet<FileId> = strays.iter().map(|(id, _)| *id).collect();
    let places = strays::places_of_unpacked(&old.path, &ids);
    let name = |id: FileId| places.get(&id).cloned().unwrap_or_else(|| id.to_string());
    let strays = strays.into_iter();
    let strays = strays.map(|(id, bytes)| (DiffPart::NotListed, Some(name(id)), bytes));
    let foreign = foreign.sample.first.into_iter();
    let foreign = foreign.map(|file| (DiffPart::Foreign, file.place, file.bytes));
    let file = |(part, path, bytes)| DiffFile {
        kind: DiffKind::Only(Which::Old),
        part,
        domain: None,
        path,
        bytes,
        birth: None,
        modified: None,
    };
    strays.chain(foreign).map(file).collect()
}

/// Of very many that no list names, not all names are kept.
fn not_named(more: u64) -> Option<NotCompared> {
    let files = numbers::counted(more, "file", "files");
    (more > 0).then(|| NotCompared {
        which: Some(Which::Old),
        why: format!("{files} more that no file list names may be only in it"),
        needs_password: false,
    })
}
