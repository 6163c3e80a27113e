//! Why a backup stays or may go, in a few words.

use jiff::tz::TimeZone;

use crate::human;
use crate::model::{BackupReport, Reason, Report, Why};

/// The reason in words, such as `a complete backup of 20 Nov 2026 is newer`.
pub fn text(reason: &Reason, report: &Report, zone: &TimeZone) -> String {
    let by = reason.by.map(|at| &report.backups[at]);
    let of = |backup: &BackupReport| {
        backup.last_backup.map_or_else(String::new, |last| {
            format!(" of {}", human::day(last.at, zone))
        })
    };
    let other = |words: &str| by.map_or_else(|| words.to_owned(), |by| words.to_owned() + &of(by));
    match reason.why {
        Why::NewestGood => "newest good backup".to_owned(),
        Why::OnlyCopy => "only backup of this device".to_owned(),
        Why::Archived if by.is_some() => other("an archived copy, beside the newer backup"),
        Why::Archived => "an archived copy".to_owned(),
        Why::SupersededBy => {
            let verdict = by.map_or("complete", |by| by.verdict.as_str());
            other(&format!("a {verdict} backup")) + " is newer"
        }
        Why::NewerNotChecked => other("the newer backup") + " could not be checked",
        Why::OtherVolume => other("the newer backup") + " is on another disk",
        Why::EncryptedKept => {
            other("encrypted: it has more in it than the newer, not encrypted backup")
        }
        Why::KeepLast => "among the last ones to keep".to_owned(),
        Why::KeepWithin => "from the time of which all are to be kept".to_owned(),
        Why::Incomplete if by.is_some() => other("incomplete, and there is the good backup"),
        Why::Incomplete => "incomplete, and there is no newer good backup".to_owned(),
        Why::Corrupt if by.is_some() => {
            other("corrupt, but readable in part; there is the good backup")
        }
        Why::Corrupt => "corrupt, but readable in part".to_owned(),
        Why::InProgress => "changed within the hour, a backup may be running".to_owned(),
        Why::Unreadable => "could not be looked at".to_owned(),
        Why::NoUsableDate => "nothing trustworthy says when it was made".to_owned(),
        Why::Named => "named by you".to_owned(),
        Why::NotACopy => "nothing but Info.plist: a copy of nothing".to_owned(),
        Why::HoldsMore => other("the newer backup") + " does not hold all of it",
        Why::ClockDisputed => {
            other("files in it changed after the newer backup") + ": a clock may have been wrong"
        }
        Why::ForeignContent => "files that are no part of a backup lie in it".to_owned(),
        Why::Twin => other("the same as the other backup"),
        Why::Trash => "lies in a trash or a snapshot".to_owned(),
        Why::ToolMade => "made by a tool, not by the device".to_owned(),
        Why::Unfinished => "the newest run, which did not finish".to_owned(),
        Why::Nested => "another backup lies in it".to_owned(),
    }
}
