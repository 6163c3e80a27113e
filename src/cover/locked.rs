//! What a newer backup lacks, as far as names and lengths tell: the file list of one is locked.

use crate::model::options::Share;
use crate::model::{BackupReport, Loss, LossKind};

use super::enough::HALF;

/// What of a locked backup may be new in another one.
const TENTH: Share = Share::of_millionths(100_000);

/// All that can be told of backups whose file lists are locked: which names are there, in which length.
pub(super) fn losses(old: &BackupReport, new: &BackupReport) -> Option<Vec<Loss>> {
    let of_old = old.holdings.names.as_ref()?;
    let of_new = new.holdings.names.as_ref()?;
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
    if shorter.0 > 0 {
        groups.push(loss(
            LossKind::Shorter(None),
            "Encrypted, shorter",
            shorter,
            loses_bytes,
        ));
    }
    Some(groups)
}

/// All of a backup whose file list is locked.
pub(super) fn everything(backup: &BackupReport) -> Option<Loss> {
    let payloads = backup.storage.iter().filter(|_| backup.locked);
    let (files, bytes) = payloads.fold((0, 0_u64), |(files, bytes), group| {
        (files + group.files, bytes.saturating_add(group.bytes))
    });
    (files > 0).then(|| Loss {
        kind: LossKind::Payloads,
        name: "Encrypted".to_owned(),
        files,
        bytes,
        of_files: files,
        of_bytes: bytes,
        matters: true,
    })
}

/// What the newer backup has less of a payload.
struct Lacking {
    bytes: u64,
    /// It is not there, or less than half of it.
    is_gone: bool,
}

fn lacking((name, length): &(u64, u64), of_new: &[(u64, u64)]) -> Option<Lacking> {
    let found = of_new.binary_search_by_key(name, |(name, _)| *name);
    let other = found.ok().map(|position| of_new[position].1);
    let bytes = length.saturating_sub(other.unwrap_or(0));
    let is_gone = other.is_none() || !HALF.allows(bytes, *length);
    (is_gone || bytes > 0).then_some(Lacking { bytes, is_gone })
}
