//! A row of the list: what is shown of a backup, before and after it is decided about.

use std::path::PathBuf;

use crate::clean::{CleanPlan, What};
use crate::model::{BackupIndex, BackupReport, Verdict};
use crate::render::screen::clean::{Row, Rows};
use crate::render::screen::device::{self, Product, day, fitted, marks};
use crate::render::screen::style::Style;
use crate::render::screen::table::{size, why_kept};

use super::scanned::Scanned;
use super::target::Target;

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It was looked at; what may go is decided when all were.
    Looked,
    /// It can go.
    Goes,
    /// Only its owner can decide.
    Asked,
    /// It stays.
    Stays,
}

impl Part {
    /// The heading above its rows.
    pub const fn title(self) -> &'static str {
        match self {
            Part::Looked => "looked at so far",
            Part::Goes => "can go",
            Part::Asked => "you decide",
            Part::Stays => "stays",
        }
    }
}

/// A row of the list.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its folder.
    pub folder: PathBuf,
    /// What it is about; nothing before all is decided.
    pub target: Option<Target>,
    /// Where it stands.
    pub part: Part,
    /// Its verdict; nothing of what a removal left.
    pub verdict: Option<Verdict>,
    /// The device with its product.
    pub name: String,
    /// The same, shorter.
    pub short: String,
    /// The device without its product.
    pub bare: String,
    /// The folder, where others look the same.
    pub below: Option<String>,
    /// The day of the backup.
    pub day: String,
    /// What it takes.
    pub size: String,
    /// What deleting it alone frees, or in few words why it stays.
    pub deleting: String,
    /// Why it goes or stays.
    pub why: String,
    /// Whether it is to go.
    pub is_marked: bool,
    /// Whether it changed since it was looked at.
    pub is_changing: bool,
}

impl Entry {
    /// The row of a backup that was just looked at.
    pub fn looked(backup: &BackupReport, style: &Style) -> Entry {
        Entry {
            folder: backup.path.clone(),
            target: None,
            part: Part::Looked,
            verdict: Some(backup.verdict),
            name: named(backup, Product::Long, style),
            short: named(backup, Product::Short, style),
            bare: named(backup, Product::Unsaid, style),
            below: None,
            day: day(backup, style),
            size: size(backup),
            deleting: String::new(),
            why: String::new(),
            is_marked: false,
            is_changing: false,
        }
    }

    /// Whether it has a word that somebody looks for, in lower case.
    pub fn has(&self, word: &str) -> bool {
        let folder = self.folder.to_string_lossy();
        let verdict = self.verdict.map_or("", Verdict::as_str);
        let texts = [&self.name, &self.day, &self.why, folder.as_ref(), verdict];
        let mut texts = texts.into_iter().chain([self.part.title()]);
        texts.any(|text| text.to_lowercase().contains(word))
    }
}

fn named(backup: &BackupReport, product: Product, style: &Style) -> String {
    fitted(backup, product, usize::MAX, style) + &marks(backup, style)
}

/// The rows of a scan in three parts, those of `marked` marked. `plan` is that of what can go.
pub fn entries(scanned: &Scanned, plan: &CleanPlan, marked: &[Target]) -> Vec<Entry> {
    let rows = Rows::of(&scanned.report, plan, &scanned.style);
    let items = plan.items.iter().map(|item| scanned.target(item));
    let going = items.zip(rows.going);
    let going = going.filter_map(|(target, row)| Some((Part::Goes, target?, row)));
    let asked = rows.asked.into_iter().map(|row| (Part::Asked, row));
    let staying = rows.staying.into_iter().map(|row| (Part::Stays, row));
    let others = asked
        .chain(staying)
        .filter_map(|(part, row)| match row.what {
            Some(What::Backup(index)) => Some((part, Target::Backup(index), row)),
            _ => None,
        });
    let rows = going.chain(others);
    rows.map(|(part, target, row)| Entry {
        is_marked: marked.contains(&target),
        ..entry(scanned, part, target, row)
    })
    .collect()
}

fn entry(scanned: &Scanned, part: Part, target: Target, row: Row) -> Entry {
    let (style, report) = (&scanned.style, &scanned.report);
    let Target::Backup(index) = target else {
        return Entry {
            folder: scanned.folder(target),
            target: Some(target),
            part,
            verdict: None,
            short: row.name.clone(),
            bare: row.name.clone(),
            name: row.name,
            below: None,
            day: row.day,
            size: String::new(),
            deleting: row.bytes,
            why: row.why,
            is_marked: false,
            is_changing: false,
        };
    };
    let deleting = match part {
        Part::Stays => format!("{} {}", style.dash(), why_kept(report, index)),
        _ => row.bytes,
    };
    Entry {
        target: Some(target),
        part,
        below: row.below.filter(|_| has_namesake(scanned, index)),
        deleting,
        why: row.why,
        ..Entry::looked(&report.backups[index], style)
    }
}

/// Whether another row has the same device and day.
fn has_namesake(scanned: &Scanned, index: BackupIndex) -> bool {
    let (style, backups) = (&scanned.style, &scanned.report.backups);
    let look = |backup: &BackupReport| (device::title(backup, style), day(backup, style));
    let own = look(&backups[index]);
    let mut others = BackupIndex::all(backups.len()).filter(|other| *other != index);
    others.any(|other| look(&backups[other]) == own)
}
