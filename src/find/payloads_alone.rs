//! Folders of which nothing but payloads is left (contract §1).

use std::path::Path;

use crate::facts::names;
use crate::model::FileId;
use crate::system::{self, Kind, Named};

use super::listing::Entry;

/// So many payloads in their places are a backup, whatever else is gone (contract §1).
pub(super) const MANY_PAYLOADS: usize = 16;

/// Whether a folder without any metadata holds so many payloads in their places: in folders for payloads, or,
/// where it `may_be_flat`, in itself.
pub(super) fn has_many_payloads(dir: &Path, entries: &[Entry], may_be_flat: bool) -> bool {
    has_payloads(dir, entries, MANY_PAYLOADS, may_be_flat)
}

/// Whether a folder holds at least so many payloads in their places.
pub(super) fn has_payloads(
    dir: &Path,
    entries: &[Entry],
    at_least: usize,
    may_be_flat: bool,
) -> bool {
    let payloads = |dir: &Path, start: &str, left: usize| {
        let names = system::list_names(dir)
            .into_iter()
            .flatten()
            .map_while(Result::ok);
        let is_payload = |entry: &Named| {
            let name = entry.name();
            let name = name.to_str().unwrap_or_default();
            let name = names::in_place_of(name).unwrap_or(name);
            let is_lower = !name.bytes().any(|byte| byte.is_ascii_uppercase());
            name.starts_with(start)
                && is_lower
                && FileId::parse(name.as_bytes()).is_some()
                && entry.kind().is_ok_and(|kind| kind == Kind::File)
        };
        names.filter(is_payload).take(left).count()
    };
    let mut found = 0;
    for Entry { name, path, kind } in entries {
        let shard = name
            .to_str()
            .filter(|name| names::shard_number(name).is_some());
        if let Some(shard) = shard.filter(|_| *kind == Kind::Folder && found < at_least) {
            found += payloads(path, shard, at_least - found);
        }
    }
    found >= at_least || may_be_flat && payloads(dir, "", at_least) >= at_least
}
