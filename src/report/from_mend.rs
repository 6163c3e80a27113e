//! Makes the document of `bkscan mend --json` from a plan, or from what was done.

use std::path::Path;

use crate::mend;
use crate::model::Example as Of;

use super::document::mend::{Lost, LostRow, MendDocument, Mending, Repair};
use super::document::{Example, Group, Place, SCHEMA_VERSION, Text};

impl<'a> MendDocument<'a> {
    /// The document of a mend that was done, is planned, or is not needed.
    pub fn of(mended: Option<&'a mend::Mended>, exit_code: u8) -> MendDocument<'a> {
        MendDocument {
            schema_version: SCHEMA_VERSION,
            bkscan_version: env!("CARGO_PKG_VERSION").into(),
            exit_code,
            mended: mended.map(Mending::new),
        }
    }
}

fn owned(path: &Path) -> (Text<'static>, Option<Text<'static>>) {
    let place = Place::new(path);
    let hex = place.path_hex.map(|hex| hex.into_owned().into());
    (place.path.into_owned().into(), hex)
}

impl<'a> Mending<'a> {
    fn new(mended: &'a mend::Mended) -> Mending<'a> {
        let plan = &mended.plan;
        let (source, source_hex) = owned(&plan.source);
        let result = mended.verdict.map(|_| owned(&plan.result()));
        let (result, result_hex) = result.unzip();
        let rows = plan.lost.rows.iter().map(|row| LostRow {
            domain: row.file.domain.as_deref().map(Text::from),
            path: row.file.path.as_deref().map(Text::from),
            file_id: row.file.file_id.as_deref().map(Text::from),
            bytes: row.file.bytes,
            reason: row.reason.into(),
        });
        let repairs = plan.repairs.iter().map(|repair| Repair {
            kind: repair.kind.as_str().into(),
            count: repair.count,
            examples: repair.examples.iter().map(example).collect(),
            message: (&repair.message).into(),
        });
        Mending {
            source,
            source_hex,
            result,
            result_hex: result_hex.flatten(),
            udid: plan.udid.as_str().into(),
            verdict: mended.verdict.map(|verdict| verdict.as_str().into()),
            payloads: plan.payloads.as_str().into(),
            kept: plan.kept.into(),
            lost: Lost {
                files: plan.lost.amount.files,
                bytes: plan.lost.amount.bytes,
                by_group: plan.lost.by_group.iter().map(Group::from).collect(),
                rows: rows.collect(),
            },
            repairs: repairs.collect(),
            left_behind: plan.left_behind.into(),
            needs_bytes: plan.needs,
            available_bytes: plan.available,
        }
    }
}

fn example(of: &Of) -> Example<'_> {
    Example {
        domain: of.domain.as_deref().map(Text::from),
        path: of.path.as_deref().map(Text::from),
        file_id: of.file_id.as_deref().map(Text::from),
        bytes: of.bytes,
    }
}
