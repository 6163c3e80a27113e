//! Why a backup stays or may go, in a few words. Names of apps and files in them are as they were found:
//! whoever prints them cleans them.

mod meaning;

pub use meaning::{Meaning, meaning};

use jiff::tz::TimeZone;

use crate::cover::losses;
use crate::model::{BackupIndex, BackupReport, Flag, RUNNING_WITHIN, Reason, Report, Verdict, Why};
use crate::verify::files::PAYLOAD_IN_CLOUD;
use crate::verify::manifest::INDEX_SHORT;
use crate::verify::plists::{STATUS_MISSING, STATUS_UNREADABLE};
use crate::verify::standing;
use crate::verify::state::NEVER_FINISHED;
use crate::words::{self, numbers};

/// How many files are named that are no part of a backup.
const MOST_NAMES: usize = 3;

/// The reason in words, such as `that of 20 Nov 2026 holds all of it`; `index` is of the backup that it is about.
pub fn text(reason: &Reason, index: BackupIndex, report: &Report, zone: &TimeZone) -> String {
    let backup = &report.backups[index];
    let by = reason.by.map(|by| &report.backups[by]);
    let other = |words: &str| {
        let day = by.map(|by| losses::of_day(by, zone));
        words.to_owned() + &day.unwrap_or_default()
    };
    match reason.why {
        Why::NewestGood => "newest good backup".to_owned(),
        // Of several that go together none is the only one.
        Why::OnlyCopy if has_others(index, report) => {
            "no good backup of this device would be left".to_owned()
        }
        Why::OnlyCopy => "only backup of this device".to_owned(),
        Why::Archived if by.is_some() => {
            format!("an archived copy; {}", superseded(index, by, report, zone))
        }
        Why::Archived => "an archived copy".to_owned(),
        Why::SupersededBy => superseded(index, by, report, zone),
        Why::NewerNotChecked => other("the newer backup") + " could not be checked",
        Why::OtherVolume => other("the newer backup") + " is on another disk",
        Why::EncryptedKept if backup.encrypted == Some(true) => {
            other("encrypted: it has more in it than the newer, not encrypted backup")
        }
        Why::EncryptedKept => {
            other("may be encrypted: then it has more in it than the newer, not encrypted backup")
        }
        Why::KeepLast => "one of the last ones, which are kept, as asked (keep-last)".to_owned(),
        Why::KeepWithin => "new enough to be kept, as asked (keep-within)".to_owned(),
        Why::Incomplete if by.is_some() => other("incomplete, and there is the good backup"),
        Why::Incomplete if has_newer_good(index, report) => {
            "incomplete, and no newer good backup would be left".to_owned()
        }
        Why::Incomplete => "incomplete, and there is no newer good backup".to_owned(),
        Why::Corrupt if by.is_some() => {
            other("corrupt, but readable in part; there is the good backup")
        }
        Why::Corrupt => "corrupt, but readable in part".to_owned(),
        Why::InProgress => in_progress(backup, report, zone),
        Why::Unreadable => "could not be looked at".to_owned(),
        Why::NoUsableDate if backup.is_disputed => {
            "the places that name its device disagree, so that nobody knows which device it is of"
                .to_owned()
        }
        Why::NoUsableDate if standing::date(backup, report.started_at).is_some() => {
            "its dates disagree, so that nobody knows which backup is the newer one".to_owned()
        }
        Why::NoUsableDate => "nothing trustworthy says when it was made".to_owned(),
        Why::Named => "named by you".to_owned(),
        Why::NotACopy => "nothing but Info.plist: a copy of nothing".to_owned(),
        Why::HoldsMore => holds_more(index, reason.by, report, zone),
        Why::ClockDisputed => {
            other("files in it changed more than a day after those of the newer backup")
                + ": a clock may have been wrong"
        }
        Why::ForeignContent => foreign(backup),
        Why::Twin => match by {
            Some(by) => twin(backup, by),
            None => "the same as another backup".to_owned(),
        },
        Why::Trash => "lies in a trash or a snapshot".to_owned(),
        Why::ToolMade => "made by a tool, not by the device".to_owned(),
        Why::Unfinished => {
            let is_untold = backup.has(STATUS_MISSING.id) || backup.has(STATUS_UNREADABLE.id);
            let what = if is_untold {
                "of which nothing says that it finished"
            } else if backup.has(NEVER_FINISHED.id) {
                "which did not finish"
            } else {
                "which is not whole"
            };
            format!("the newest run, {what}")
        }
        Why::Nested => "another backup lies in it".to_owned(),
    }
}

/// Whether there are other backups of the device, be it that they go.
fn has_others(index: BackupIndex, report: &Report) -> bool {
    let decision = report.plan.decisions.get(index.position());
    decision.is_some_and(|decision| !decision.flags.contains(&Flag::OnlyCopy))
}

/// Whether the device has a good backup that is newer, be it that it goes.
fn has_newer_good(index: BackupIndex, report: &Report) -> bool {
    let own = &report.backups[index];
    let date = |backup: &BackupReport| backup.last_backup.map(|last| last.at);
    report.backups.iter().any(|other| {
        let is_of_device = own.udid.is_some() && own.udid == other.udid;
        is_of_device && standing::is_good(other) && date(other) > date(own)
    })
}

/// Lists and lengths are the same; bytes are known only where they were read.
fn twin(backup: &BackupReport, by: &BackupReport) -> String {
    let path = by.path.display();
    match (&backup.contents, &by.contents) {
        (Some(own), Some(other)) if own.is_same(other) => {
            format!("the same, byte for byte, as far as both were read, as {path}")
        }
        (Some(own), Some(other)) if own.read == own.all && other.read == other.all => {
            format!("files of the same names and lengths as {path}, but not all of the same bytes")
        }
        _ => format!("the same files and lengths as {path}"),
    }
}

fn superseded(
    index: BackupIndex,
    by: Option<&BackupReport>,
    report: &Report,
    zone: &TimeZone,
) -> String {
    let that = losses::that_of(by, zone);
    let backup = &report.backups[index];
    let Some(only) = &report.plan.decisions[index].only_here else {
        return match backup.holds_nothing() {
            true => format!("{that} holds all of it"),
            false => format!("{that} is newer; what they hold was not compared"),
        };
    };
    let lost = losses::all(only);
    // Of what nobody opened, names and lengths are all that is known.
    let mut text = match backup.is_known_by_names(by) {
        true => format!("{that} has all of its encrypted files by name"),
        false => format!("{that} holds all of it"),
    };
    if !lost.is_empty() {
        text += &format!(" but for {}", words::listed(&lost));
        for remark in losses::remarks(only, report) {
            text += &format!("; {remark}");
        }
    }
    text
}

fn holds_more(
    index: BackupIndex,
    by: Option<BackupIndex>,
    report: &Report,
    zone: &TimeZone,
) -> String {
    let backup = &report.backups[index];
    let that = losses::that_of(by.map(|by| &report.backups[by]), zone);
    let only = report.plan.decisions[index].only_here.as_ref();
    let told = only.and_then(|only| Some((only, losses::are_only_in(only, "it")?)));
    if let Some((only, text)) = told {
        let remarks = losses::remarks(only, report);
        return [vec![text], remarks].concat().join("; ");
    }
    if backup.has(INDEX_SHORT.id) {
        let unknown = "its file list is not the whole one, so that nobody can tell";
        match by {
            Some(_) => format!("{unknown} whether {that} holds all of it"),
            None => {
                format!("{unknown} what is in it, and no newer good backup stands in for it")
            }
        }
    } else if backup.has(PAYLOAD_IN_CLOUD.id) || backup.holdings.strays.in_cloud > 0 {
        format!(
            "files of it are only in a cloud, so that nobody can tell here whether {that} holds them"
        )
    } else if only.is_none() {
        losses::why_not_known(report, index, by, zone)
    } else {
        format!("{that} does not hold all of it")
    }
}

/// A backup that is whole is not called a running one: it can be decided about later.
fn in_progress(backup: &BackupReport, report: &Report, zone: &TimeZone) -> String {
    let again = (backup.newest_change).and_then(|change| change.checked_add(RUNNING_WITHIN).ok());
    let again = again.map(numbers::whole_minute);
    match again.filter(|_| backup.verdict != Verdict::InProgress) {
        Some(again) => {
            let is_today = numbers::day(again, zone) == numbers::day(report.started_at, zone);
            let from = match is_today {
                true => numbers::clock(again, zone),
                false => numbers::moment(again, zone),
            };
            format!("changed within the hour: can be decided from {from} on")
        }
        None => "changed within the hour, a backup may be running".to_owned(),
    }
}

/// What lies in a backup and is no part of it, with the first names.
pub fn foreign(backup: &BackupReport) -> String {
    let foreign = &backup.foreign;
    let (files, verb) = match foreign.count {
        1 => ("1 file that is no part of a backup".to_owned(), "lies"),
        many => (
            format!(
                "{} files that are no part of a backup",
                numbers::count(many)
            ),
            "lie",
        ),
    };
    let names = foreign.first.iter().filter_map(|file| file.place.clone());
    let names: Vec<String> = names.take(MOST_NAMES).collect();
    let more = foreign.count > names.len() as u64 && !names.is_empty();
    let mut named = names.join(", ");
    if more {
        named += ", ...";
    }
    let size = numbers::size(foreign.bytes);
    match named.is_empty() {
        true => format!("{files} {verb} in it ({size})"),
        false => format!("{files} {verb} in it ({named}; {size})"),
    }
}

#[cfg(test)]
mod tests;
