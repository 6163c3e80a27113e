//! What lies at the top of a backup's folder, and of its `Snapshot/`.

use std::path::PathBuf;

use crate::facts::names;
use crate::model::{EntryKind, FileId, ManifestFormat, Payload, PayloadKind, TopEntry};
use crate::system::{FileFacts, Kind};

use super::part::{Entry, Part, is_strange};
use super::shard_folder::{ShardFolder, settle};
use super::tree::is_nested;

/// The entries of the backup's top folder, sorted by what they are.
pub(super) struct TopEntries {
    pub(super) shards: Vec<Vec<ShardFolder>>,
    flat: Vec<Payload>,
    flat_in_snapshot: Vec<Payload>,
    pub(super) snapshot: Option<PathBuf>,
    pub(super) trees: Vec<Tree>,
}

impl Default for TopEntries {
    fn default() -> TopEntries {
        TopEntries {
            shards: (0..=u8::MAX).map(|_| Vec::new()).collect(),
            flat: Vec::new(),
            flat_in_snapshot: Vec::new(),
            snapshot: None,
            trees: Vec::new(),
        }
    }
}

/// A folder that is measured as a whole.
pub(super) struct Tree {
    pub(super) path: PathBuf,
    /// Its name, where it is something that another tool left behind.
    pub(super) leftover: Option<String>,
}

/// The payload that iCloud Drive's placeholder of this name stands for.
fn placeholder(name: &str) -> Option<Payload> {
    Some(Payload {
        id: FileId::parse(names::in_place_of(name)?.as_bytes())?,
        size: 0,
        kind: PayloadKind::Placeholder,
        is_cloud_only: true,
    })
}

/// Whether a file at the top is of the backup, payloads aside, or is told of elsewhere.
fn belongs_at_top(name: &str) -> bool {
    names::is_at_top(name)
        || names::is_old_payload(name)
        || names::is_decrypted_manifest(name)
        || !is_strange(name.as_ref())
}

/// Keeps an entry for whoever judges.
fn keep(part: &mut Part<'_>, name: &str, facts: &FileFacts) {
    /// A folder of anybody may hold any number.
    const MOST: usize = 1000;
    let (kind, bytes) = match facts.kind {
        Kind::File => (EntryKind::File, facts.length),
        Kind::Folder => (EntryKind::Folder, 0),
        Kind::Link | Kind::Other => (EntryKind::Other, 0),
    };
    if part.top.len() < MOST {
        part.top.push(TopEntry {
            name: name.to_owned(),
            kind,
            bytes,
        });
    }
}

impl TopEntries {
    pub(super) fn sort_in(&mut self, part: &mut Part<'_>, entry: Entry) {
        let Entry { path, name, facts } = entry;
        if name == "Info.plist" {
            part.has_info = true;
        } else {
            part.has_more |= match facts.is_folder() {
                true => !names::is_clutter_folder(name.as_ref()),
                false => !names::is_clutter(name.as_ref()),
            };
        }
        let id = FileId::parse(name.as_bytes());
        if facts.is_file()
            && let Some(payload) = placeholder(&name)
            && part.layout.format == Some(ManifestFormat::Mbdb)
        {
            self.flat.push(payload);
        }
        if id.is_none() && names::shard_number(&name).is_none() {
            keep(part, &name, &facts);
        }
        if facts.is_folder() {
            if name == "Snapshot" {
                self.snapshot = Some(path);
            } else if let Some(shard) = names::shard_number(&name) {
                let counts = part.layout.format != Some(ManifestFormat::Mbdb);
                let folder = ShardFolder {
                    path,
                    counts,
                    is_snapshot: false,
                };
                self.shards[usize::from(shard)].push(folder);
            } else {
                let leftover = names::is_unpacked(&name).then(|| name.clone());
                // The folder of another device's backup may have the name of a payload, too.
                let id = id.filter(|_| !is_nested(&path));
                self.trees.push(Tree { path, leftover });
                if let Some(id) = id {
                    let payload = Payload {
                        id,
                        size: 0,
                        kind: PayloadKind::NotAFile,
                        is_cloud_only: false,
                    };
                    self.top_payload(part, payload);
                }
            }
            return;
        }
        if facts.is_file() {
            part.file(&name, &facts);
            if names::is_decrypted_manifest(&name) {
                part.leftover(&name, (1, facts.length));
            }
            part.has_old_payloads |= names::is_old_payload(&name);
            if id.is_none() && !belongs_at_top(&name) {
                let is_outside = names::shard_number(&name).is_none();
                part.strange(&path, facts.length, is_outside);
            }
        }
        if names::shard_number(&name).is_some() {
            // A link or file where a folder of payloads belongs; links are not followed.
            let size = facts.is_file().then_some(facts.length);
            part.misplace(name.clone(), None, size);
        }
        if let Some(id) = id {
            let kind = if facts.is_file() {
                PayloadKind::File
            } else {
                PayloadKind::NotAFile
            };
            let payload = Payload {
                id,
                size: facts.length,
                kind,
                is_cloud_only: facts.is_cloud_only,
            };
            self.top_payload(part, payload);
        }
    }

    /// An entry with a payload's name at the top: at home in a flat backup only.
    fn top_payload(&mut self, part: &mut Part<'_>, payload: Payload) {
        let Payload { id, size, kind, .. } = payload;
        if part.layout.format == Some(ManifestFormat::Mbdb) {
            self.flat.push(payload);
        } else {
            let size = (kind == PayloadKind::File).then_some(size);
            part.misplace(id.to_string(), Some(id), size);
        }
    }

    pub(super) fn sort_in_snapshot(&mut self, part: &mut Part<'_>, entry: Entry) {
        let Entry { path, name, facts } = entry;
        if facts.is_folder() {
            match names::shard_number(&name) {
                Some(shard) => {
                    let counts =
                        part.layout.moving && part.layout.format == Some(ManifestFormat::Sqlite);
                    let folder = ShardFolder {
                        path,
                        counts,
                        is_snapshot: true,
                    };
                    // Before the folder of the final place: what is there counts first.
                    self.shards[usize::from(shard)].insert(0, folder);
                }
                None => self.trees.push(Tree {
                    path,
                    leftover: Some("Snapshot".to_owned()),
                }),
            }
        } else if facts.is_file() {
            part.file(&name, &facts);
            self.flat_in_snapshot.extend(placeholder(&name));
            if let Some(id) = FileId::parse(name.as_bytes()) {
                let size = facts.length;
                if !(part.layout.moving && part.layout.format == Some(ManifestFormat::Mbdb)) {
                    part.astray(Some(id), size);
                }
                self.flat_in_snapshot.push(Payload {
                    id,
                    size,
                    kind: PayloadKind::File,
                    is_cloud_only: facts.is_cloud_only,
                });
            } else if is_strange(name.as_ref()) {
                part.left(&path, facts.length);
            }
        }
    }
}

/// The payloads of a flat backup (mbdb), those in `Snapshot/` first where they count, sorted.
pub(super) fn flat_payloads(contents: &mut TopEntries, top: &mut Part<'_>) -> Vec<Payload> {
    let layout = top.layout;
    let mut flat = std::mem::take(&mut contents.flat);
    let snapshot = layout.moving && layout.format == Some(ManifestFormat::Mbdb);
    if snapshot {
        // Those in `Snapshot/` first: they count.
        flat.splice(..0, contents.flat_in_snapshot.drain(..));
    }
    let dropped = settle(&mut flat, snapshot);
    top.strays.add_nameless(dropped);
    top.unlist(dropped);
    flat
}
