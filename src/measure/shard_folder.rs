//! The folders that hold the payloads of a shard.

use std::ffi::OsStr;
use std::path::PathBuf;

use crate::facts::names;
use crate::model::{FileId, Payload, PayloadKind};
use crate::system::{self, Kind};

use super::part::{Part, is_strange};
use super::tree::TreeKind;

/// Sorts by id; of several with the same id the first one found counts, where they come from `several`
/// folders. Tells files and bytes of the others.
pub(super) fn settle(payloads: &mut Vec<Payload>, several: bool) -> (u64, u64) {
    let mut dropped = (0, 0_u64);
    if several {
        payloads.sort_by_key(|payload| payload.id);
    } else {
        // In place: there may be a million.
        payloads.sort_unstable_by_key(|payload| (payload.id, payload.kind, payload.size));
    }
    payloads.dedup_by(|later, first| {
        let same = later.id == first.id;
        if same && later.kind == PayloadKind::File {
            dropped = (dropped.0 + 1, dropped.1.saturating_add(later.size));
        }
        same
    });
    dropped
}

/// A shard folder, and whether what is in it counts as payload.
pub(super) struct ShardFolder {
    pub(super) path: PathBuf,
    pub(super) counts: bool,
    pub(super) is_snapshot: bool,
}

impl Part<'_> {
    /// Measures the folders of a shard, gathers its payloads, and says whether all that count could
    /// be listed.
    pub(super) fn shard(
        &mut self,
        number: u8,
        folders: &[ShardFolder],
        payloads: &mut Vec<Payload>,
    ) -> bool {
        let mut readable = true;
        let several = folders.len() + usize::from(!payloads.is_empty()) > 1;
        for folder in folders {
            let before = self.files_and_bytes();
            let counted = self.shard_folder(number, folder, payloads);
            readable &= counted || !folder.counts;
            if folder.is_snapshot {
                let after = self.files_and_bytes();
                self.leftover("Snapshot", (after.0 - before.0, after.1 - before.1));
            }
        }
        let dropped = settle(payloads, several);
        self.strays.add_nameless(dropped);
        self.unlist(dropped);
        readable
    }

    fn shard_folder(
        &mut self,
        number: u8,
        folder: &ShardFolder,
        payloads: &mut Vec<Payload>,
    ) -> bool {
        let dir = &folder.path;
        self.entries(dir, |part, entry| {
            let name = entry.name.to_string_lossy();
            let in_place_of = names::in_place_of(&name);
            let id = FileId::parse(in_place_of.unwrap_or(&name).as_bytes());
            let own = id.filter(|id| id.shard() == number && folder.counts);
            // Only a file stands for another one.
            let own = own.filter(|_| in_place_of.is_none() || entry.kind == Some(Kind::File));
            let mut is_cloud_only = false;
            let (kind, size) = match entry.facts {
                Ok(facts) if facts.is_file() => {
                    part.file(&name, &facts);
                    is_cloud_only = facts.is_cloud_only;
                    // One of somebody's own file is a file like any other.
                    match in_place_of.filter(|_| id.is_some()) {
                        Some(_) => (PayloadKind::Placeholder, 0),
                        None => (PayloadKind::File, facts.length),
                    }
                }
                Ok(facts) => {
                    if facts.is_folder() {
                        let kind = match folder.is_snapshot {
                            true => TreeKind::Leftover,
                            false => TreeKind::InShard,
                        };
                        part.tree(&dir.join(entry.name), kind);
                        part.go_to(dir);
                    }
                    (PayloadKind::NotAFile, 0)
                }
                Err(error) if system::is_absence(&error) => return,
                Err(error) => {
                    part.deny(&dir.join(entry.name), &error);
                    (PayloadKind::Unknown, 0)
                }
            };
            match (own, kind) {
                (Some(id), kind) => payloads.push(Payload {
                    id,
                    size,
                    kind,
                    is_cloud_only,
                }),
                // One that stands for nothing of this folder says nothing.
                (None, PayloadKind::Unknown | PayloadKind::Placeholder) => {}
                (None, PayloadKind::File) => part.stray(folder, entry.name, id, Some(size)),
                (None, PayloadKind::NotAFile) => part.stray(folder, entry.name, id, None),
            }
        })
    }

    /// An entry of a shard folder that is no payload there; with its size if it is a file.
    fn stray(&mut self, folder: &ShardFolder, name: &OsStr, id: Option<FileId>, size: Option<u64>) {
        let is_clutter = match size {
            Some(_) => names::is_clutter(name),
            None => names::is_clutter_folder(name),
        };
        if folder.is_snapshot
            && let Some(size) = size
        {
            self.astray(id, size);
        }
        if folder.is_snapshot || is_clutter {
            return;
        }
        if let Some(bytes) = size.filter(|_| id.is_none() && is_strange(name)) {
            self.strange(&folder.path.join(name), bytes, false);
        }
        let shard = folder
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        self.misplace(format!("{shard}/{}", name.to_string_lossy()), id, size);
    }
}
