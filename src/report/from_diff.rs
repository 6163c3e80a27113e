//! Makes the document of `bkscan diff --json` from a comparison.

use jiff::Timestamp;

use crate::cover::losses;
use crate::model::{
    self, Amount, AppFiles, BackupReport, ContentsDiff, Diff, DiffFile, KeepsakeGroup, Level, Loss,
    LossKind, Which,
};

use super::document::diff::{
    App, Apps, Comparison, Contents, Database, File, Files, Group, NotCompared, Side, SmallerApp,
};
use super::document::{Place, SCHEMA_VERSION, Text};

impl<'a> Comparison<'a> {
    /// The document of a comparison of two backups, the older one first.
    pub fn of(
        [old, new]: [&'a BackupReport; 2],
        diff: &'a Diff,
        level: Level,
        exit_code: u8,
    ) -> Comparison<'a> {
        let groups = diff.groups.iter().map(|group| Group {
            group: group.group.name().into(),
            only_old: group.only_old.into(),
            only_new: group.only_new.into(),
            both: group.both.into(),
        });
        let databases = diff.databases.iter().map(|database| Database {
            name: database.name.into(),
            old_bytes: database.old_bytes,
            new_bytes: database.new_bytes,
            held: database.is_held,
        });
        let not_compared = diff.not_compared.iter().map(|not| NotCompared {
            which: not.which.map(|which| match which {
                Which::Old => "old".into(),
                Which::New => "new".into(),
            }),
            why: (&not.why).into(),
        });
        Comparison {
            schema_version: SCHEMA_VERSION,
            bkscan_version: env!("CARGO_PKG_VERSION").into(),
            level: level.as_str().into(),
            exit_code,
            old: side(old),
            new: side(new),
            covers: diff.covers,
            identical: diff.identical,
            groups: groups.collect(),
            databases: databases.collect(),
            apps: Apps {
                only_old: diff.apps.only_old.iter().map(app).collect(),
                only_new: diff.apps.only_new.iter().map(app).collect(),
                smaller: diff.apps.smaller.iter().map(smaller).collect(),
            },
            of_unknown_size: diff.of_unknown_size,
            photos_may_be_in_icloud: diff.photos_may_be_in_icloud,
            files: diff
                .files
                .as_ref()
                .map(|files| files.iter().map(file).collect()),
            contents: diff.contents.as_ref().map(contents),
            not_compared: not_compared.chain(not_listed(diff)).collect(),
        }
    }
}

/// What is only in the old one and in no list, where it matters: nothing else tells of it.
fn not_listed(diff: &Diff) -> impl Iterator<Item = NotCompared<'_>> {
    let is_in_no_list = |loss: &&Loss| matches!(loss.kind, LossKind::Strays | LossKind::Foreign);
    let groups = diff.only_old.groups.iter();
    let not_listed = groups.filter(is_in_no_list).filter(|loss| loss.matters);
    not_listed.map(|loss| {
        let files = losses::of_files(loss);
        let verb = if loss.files == 1 { "is" } else { "are" };
        NotCompared {
            which: Some("old".into()),
            why: format!("{files} {verb} not in the other one").into(),
        }
    })
}

fn side(backup: &BackupReport) -> Side<'_> {
    Side {
        place: Place::new(&backup.path),
        udid: backup.udid.as_ref().map(|udid| udid.as_str().into()),
        name: backup.device.name.as_deref().map(Text::from),
        at: backup.last_backup.map(|last| last.at),
        verdict: backup.verdict.as_str().into(),
        encrypted: backup.encrypted,
        allocated_bytes: backup.usage.allocated,
    }
}

impl From<Amount> for Files {
    fn from(amount: Amount) -> Files {
        Files {
            files: amount.files,
            bytes: amount.bytes,
        }
    }
}

fn app(app: &AppFiles) -> App<'_> {
    App {
        name: (&app.name).into(),
        files: app.sum.files,
        bytes: app.sum.bytes,
    }
}

fn smaller(app: &model::SmallerApp) -> SmallerApp<'_> {
    SmallerApp {
        name: (&app.name).into(),
        old_bytes: app.old_bytes,
        new_bytes: app.new_bytes,
        held: app.is_held,
    }
}

fn file(file: &DiffFile) -> File<'_> {
    let time = |time: Option<u32>| Timestamp::from_second(i64::from(time?)).ok();
    File {
        kind: file.kind.as_str().into(),
        group: file.part.group().map(KeepsakeGroup::name).map(Text::from),
        domain: file.domain.as_deref().map(Text::from),
        path: file.path.as_deref().map(Text::from),
        bytes: file.bytes,
        birth: time(file.birth),
        modified: time(file.modified),
    }
}

fn contents(contents: &ContentsDiff) -> Contents {
    Contents {
        same: contents.same.into(),
        other: contents.other.into(),
        unreadable_old: contents.unreadable_old.into(),
        unreadable_new: contents.unreadable_new.into(),
        not_compared: contents.not_compared.into(),
        missing_new: contents.missing_new.into(),
        lost: contents.lost.into(),
    }
}
