//! Makes the document of a cleaning: that of the scan before it, with what would go and what was done.

use jiff::tz::TimeZone;

use crate::clean::{self, CleanPlan, Item};
use crate::model::{BackupIndex, Report};
use crate::plan::reasons;

use super::document::{Document, Done, Place, Planned, Reason, Text};

impl<'a> Document<'a> {
    /// The document with what would go, and after acting with what was done.
    pub fn of_clean(
        report: &'a Report,
        plan: &'a CleanPlan,
        done: Option<&'a [clean::Done]>,
        exit_code: u8,
    ) -> Document<'a> {
        let items = plan.items.iter();
        Document {
            plan: Some(items.map(|item| Planned::new(item, report)).collect()),
            done: done.map(|done| {
                let refused = plan.refused.iter();
                let refused = refused.map(|index| Done::named_in_vain(*index, plan, report));
                let done = done.iter().map(|done| Done::new(done, plan));
                done.chain(refused).collect()
            }),
            ..Document::of(report, exit_code)
        }
    }
}

impl<'a> Planned<'a> {
    fn new(item: &'a Item, report: &'a Report) -> Planned<'a> {
        let of = match item.what {
            clean::What::Backup(index) => Some(index),
            clean::What::Leftover { .. } => None,
        };
        let reasons = item.reasons.iter();
        let reasons = reasons.filter_map(|reason| Some(Reason::new(reason, of?, report)));
        Planned {
            place: Place::new(&item.path),
            action: item.what.action().into(),
            frees: item.frees.into(),
            reasons: reasons.collect(),
        }
    }
}

impl<'a> Done<'a> {
    fn new(done: &'a clean::Done, plan: &'a CleanPlan) -> Done<'a> {
        Done {
            place: Place::new(&plan.items[done.item].path),
            outcome: done.outcome.as_str().into(),
            why: done.outcome.why().map(Text::from),
            freed_bytes: done.freed,
        }
    }

    /// A backup that was named and stays.
    fn named_in_vain(index: BackupIndex, plan: &'a CleanPlan, report: &'a Report) -> Done<'a> {
        let reasons = plan.decision(report, index).reasons.iter();
        let why: Vec<String> = reasons
            .map(|reason| reasons::text(reason, index, report, &TimeZone::UTC))
            .collect();
        Done {
            place: Place::new(&report.backups[index].path),
            outcome: "refused".into(),
            why: Some(why.join("; ").into()),
            freed_bytes: 0,
        }
    }
}
