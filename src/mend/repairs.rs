//! What a mend makes good, in words. Pure.

use crate::model::{Example, Manifest};
use crate::scan::closely::Closely;
use crate::words::numbers;

use super::mend_plan::{Lost, Repair, RepairKind};
use super::payloads::Payloads;
use crate::mendable::{Decision, Interrupted, ListFix, StatusFix};

/// How many examples of a kind are told.
const EXAMPLES: usize = 10;

/// All that is mended, in the order in which it is told.
pub fn told(decision: &Decision, payloads: &Payloads, lost: &Lost, close: &Closely) -> Vec<Repair> {
    let repairs = [
        rows(lost),
        moved(payloads),
        decision.status.as_ref().map(|fix| status(fix, payloads)),
        decision.manifest_plist.as_ref().map(|_| {
            fact(
                RepairKind::ManifestRebuilt,
                "Manifest.plist is made of what Status.plist and Info.plist say: date and device, not \
                 encrypted",
            )
        }),
        decision.list_anew.map(|fix| list(fix, close)),
        decision.is_renamed.then(|| {
            fact(
                RepairKind::ListRenamed,
                "the list of files, which is one of iOS 9 and earlier, gets its own name, Manifest.mbdb",
            )
        }),
        decision.info.as_ref().map(|_| {
            fact(
                RepairKind::InfoRebuilt,
                "Info.plist is made of what Manifest.plist says of the device",
            )
        }),
    ];
    repairs.into_iter().flatten().collect()
}

fn fact(kind: RepairKind, message: &str) -> Repair {
    Repair {
        kind,
        count: 1,
        examples: Vec::new(),
        message: message.to_owned(),
    }
}

fn rows(lost: &Lost) -> Option<Repair> {
    let count = lost.amount.files;
    let rows = lost.rows.iter().take(EXAMPLES);
    (count > 0).then(|| Repair {
        kind: RepairKind::RowsRemoved,
        count,
        examples: rows.map(|row| row.file.clone()).collect(),
        message: match count {
            1 => {
                "1 file goes from the list, because it is not here or nobody can use it".to_owned()
            }
            _ => format!(
                "{} files go from the list, because they are not here or nobody can use them",
                numbers::count(count)
            ),
        },
    })
}

fn moved(payloads: &Payloads) -> Option<Repair> {
    let count = payloads.found.len() as u64;
    let found = payloads.found.iter().take(EXAMPLES);
    (count > 0).then(|| Repair {
        kind: RepairKind::PayloadsMoved,
        count,
        examples: found
            .map(|found| Example {
                domain: None,
                path: Some(found.from.to_string_lossy().into_owned()),
                file_id: Some(found.id.to_string()),
                bytes: Some(found.size),
            })
            .collect(),
        message: match count {
            1 => "1 file lies under another place or name, and comes into its own".to_owned(),
            _ => format!(
                "{} files lie under another place or name, and come into their own",
                numbers::count(count)
            ),
        },
    })
}

fn status(fix: &StatusFix, payloads: &Payloads) -> Repair {
    let Some(interrupted) = fix.interrupted else {
        let was = fix.was;
        let message =
            format!("Status.plist {was}: it is written anew, as that of a run that was finished");
        return fact(RepairKind::StatusWritten, &message);
    };
    let from_snapshot = || {
        let in_place = payloads.in_place.iter().flatten();
        // Those in `Snapshot/` come first.
        in_place.filter(|payload| payload.folder == 0).count() as u64
    };
    let message = match interrupted {
        Interrupted::Update => {
            "the last run stopped while files arrived: the backup before it is taken, as the device would \
             restore it"
                .to_owned()
        }
        Interrupted::Move => format!(
            "the last run stopped while its files were put in place: it is brought to its end, with up to {} \
             out of the folder Snapshot, as the device would restore it",
            numbers::counted(from_snapshot(), "file", "files")
        ),
        Interrupted::Cleanup => {
            "the last run stopped while it was cleaned up: it counts as finished, as the device would restore \
             it"
            .to_owned()
        }
    };
    fact(RepairKind::StateRestored, &message)
}

fn list(fix: ListFix, close: &Closely) -> Repair {
    let rows = close
        .manifest
        .listing()
        .map_or(0, |listing| listing.counts.records);
    let rows_told = numbers::counted(rows, "row", "rows");
    let why = match (&close.manifest, fix) {
        (Manifest::Cut(..), _) | (_, ListFix::Cut) => {
            format!("the list of files ends too early: the {rows_told} before that are kept")
        }
        (_, ListFix::Damaged) => format!(
            "the list of files is damaged: a new one is written from the {rows_told} that can be read"
        ),
        (_, ListFix::Unpadded) => {
            "the list of files is encrypted without padding, which Finder refuses: it is written with it"
                .to_owned()
        }
    };
    Repair {
        count: rows,
        ..fact(RepairKind::DatabaseRebuilt, &why)
    }
}
