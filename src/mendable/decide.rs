//! What has to be mended, and whether it can be.

use std::collections::HashSet;

use crate::model::{
    Access, BackupReport, Effect, Example, FileId, Finding, Listing, Manifest, ManifestFormat,
    Metadata, PlistFile, Verdict,
};
use crate::verify::encryption::PASSWORD_WRONG;
use crate::verify::files::{FILE_MISSING, KNOWN_TROUBLE_FILE, NOT_READABLE};
use crate::verify::manifest::MANIFEST_UNPADDED;
use crate::verify::plists::MANIFEST_PLIST_MISSING;
use crate::verify::state::{CLEANUP_INTERRUPTED, MOVE_INTERRUPTED, UPDATE_INTERRUPTED};

use super::cured::{OF_ROWS, has_list_of_another, is_cured};
use super::plists::{self, Facts};
use super::refused::Refused;

/// A row that goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostRow {
    /// Its file: domain and path without telephone numbers, fileID as it stands there, bytes.
    pub file: Example,
    /// The finding that is the reason.
    pub reason: &'static str,
}

/// What a scan says of a backup.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// With all of its examples.
    pub report: &'a BackupReport,
    /// Its property lists.
    pub metadata: &'a Metadata,
    /// Its rows.
    pub manifest: &'a Manifest,
    /// Whether they come from another database than that which lies there: it is decrypted, or has a `-wal`.
    pub opened: bool,
}

/// What has to be mended.
#[derive(Debug, Default)]
pub struct Decision {
    /// The rows that cannot stay as they are.
    pub rows: Vec<LostRow>,
    /// Status.plist, where it is written.
    pub status: Option<StatusFix>,
    /// Manifest.plist, where it is made anew.
    pub manifest_plist: Option<Vec<u8>>,
    /// Info.plist, where it is made.
    pub info: Option<Vec<u8>>,
    /// Why the list is written from its rows, where it is.
    pub list_anew: Option<ListFix>,
    /// Whether the list gets another name.
    pub is_renamed: bool,
}

/// A Status.plist to write.
#[derive(Debug)]
pub struct StatusFix {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The interrupted run that is brought to its end; nothing where nobody can say how far it came.
    pub interrupted: Option<Interrupted>,
    /// What was wrong with the old one.
    pub was: &'static str,
}

/// The ways in which a run is interrupted while a backup is whole (F§1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupted {
    /// While files arrived: the backup before it counts.
    Update,
    /// While they were put in place: those in `Snapshot/` count first.
    Move,
    /// While it was cleaned up.
    Cleanup,
}

/// Why a list is written from its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListFix {
    /// It is damaged.
    Damaged,
    /// It ends too early.
    Cut,
    /// It is encrypted without padding.
    Unpadded,
}

/// From so many rows on a database without a domain's own folder is no list of a device (contract §4).
const MANY_ROWS: u64 = 20;

/// Says what has to be mended; nothing where there is nothing to mend. Of the rows that cannot stay, so many at most
/// are named.
///
/// # Errors
/// Why it cannot be.
pub fn decide(seen: Seen<'_>, most_rows: usize) -> Result<Option<Decision>, Refused> {
    let Seen {
        report, metadata, ..
    } = seen;
    if report.verdict == Verdict::InProgress {
        return Err(Refused::plain(
            "a backup is running there, or was until a moment ago: nothing was mended; look again when it \
             is done",
        ));
    }
    may_be_seen(report)?;
    let listing = rows(seen)?;
    cannot_be_cured(report)?;
    is_of_device(seen, listing)?;
    is_its_own(report, listing)?;
    let mut decision = Decision {
        rows: lost_rows(report).take(most_rows).collect(),
        list_anew: list_fix(seen, listing),
        is_renamed: metadata.is_misnamed && is_called_database(metadata),
        ..Decision::default()
    };
    let facts = Facts::of(metadata, report);
    if is_gone(&metadata.manifest_plist) {
        decision.manifest_plist = Some(rebuilt(seen.report, listing, &facts)?);
    }
    decision.status = status_fix(seen, &facts)?;
    decision.info = match is_gone(&metadata.info) {
        true => plists::info(&facts),
        false => None,
    };
    // That alone is no fault: the backup is whole without it (F§9.1).
    let is_no_fault = |row: &LostRow| row.reason == KNOWN_TROUBLE_FILE.id;
    let is_whole = decision.rows.iter().all(is_no_fault)
        && decision.status.is_none()
        && decision.manifest_plist.is_none()
        && decision.info.is_none()
        && decision.list_anew.is_none()
        && !decision.is_renamed;
    if is_whole {
        would_change_nothing(report)?;
        return Ok(None);
    }
    if decision.rows_alone() {
        can_be_checked(report)?;
    }
    Ok(Some(decision))
}

impl Decision {
    /// Whether nothing but rows is wrong, so that all checks could be made.
    fn rows_alone(&self) -> bool {
        self.status.is_none() && self.manifest_plist.is_none() && self.list_anew.is_none()
    }
}

fn has(report: &BackupReport, id: &str) -> bool {
    report.has(id)
}

fn of_finding(start: &str, finding: &Finding) -> Refused {
    let redacted = finding.unnamed.as_ref().unwrap_or(&finding.message);
    Refused::new(
        format!("{start}: {redacted}"),
        format!("{start}: {}", finding.message),
    )
}

/// A file that is not there, is empty, or is none of its kind.
fn is_gone<T>(list: &PlistFile<T>) -> bool {
    matches!(
        list,
        PlistFile::Absent | PlistFile::Empty | PlistFile::Unreadable(_)
    )
}

/// What could not be opened may be damaged or not.
fn may_be_seen(report: &BackupReport) -> Result<(), Refused> {
    let mut findings = report.findings.iter();
    let start = "nothing was mended, because not all of the backup could be looked at";
    match findings.find(|finding| finding.id == NOT_READABLE.id) {
        Some(finding) => Err(of_finding(start, finding).unseen()),
        None => Ok(()),
    }
}

/// The rows.
fn rows(seen: Seen<'_>) -> Result<&Listing, Refused> {
    let Seen {
        report, manifest, ..
    } = seen;
    let why = match manifest {
        Manifest::Listed(listing) | Manifest::Cut(listing, _) => {
            return match &listing.unjudged {
                _ if listing.opaque => Err(Refused::plain(
                    "it cannot be mended: it is encrypted, and its list of files is not or only in part, so \
                     that no password shows whether it fits",
                )),
                Some(why) => Err(Refused::plain(format!(
                    "it cannot be mended: bkscan cannot read all of its list of files ({why})"
                ))),
                None => Ok(listing),
            };
        }
        Manifest::Missing => {
            "it cannot be mended: it has no list of files (Manifest.db or Manifest.mbdb), and nothing else \
             says what its files are"
                .to_owned()
        }
        Manifest::Unreadable(why) => {
            format!("it cannot be mended: its list of files cannot be read: {why}")
        }
        Manifest::BeyondReader(why) => {
            format!("it cannot be mended: bkscan cannot read its list of files: {why}")
        }
        Manifest::Denied(why) => {
            let text = format!("its list of files could not be opened: {why}");
            return Err(Refused::plain(text).unseen());
        }
        Manifest::HeaderOnly => "its list of files was not read".to_owned(),
        Manifest::Locked if report.has_lost_its_keys() => {
            let why = why_without_plist(report);
            format!(
                "it cannot be mended: its list of files seems to be encrypted, and the keys were in \
                 Manifest.plist, which {why}"
            )
        }
        Manifest::Locked => {
            return Err(match &report.access {
                Access::Wrong => Refused::plain(
                    "nothing was mended: the password does not open the list of files",
                )
                .unseen(),
                Access::Unavailable(why) => Refused::plain(format!(
                    "nothing was mended: there is no password, and without it the list of files stays locked: \
                     {why}"
                ))
                .unseen(),
                Access::Refused(why) => Refused::plain(format!(
                    "it cannot be mended: its list of files was not opened: {why}"
                )),
                Access::NotNeeded | Access::NoPassword | Access::Open => Refused::plain(
                    "nothing was mended: the list of files is encrypted, and mending it takes the password \
                     (--ask-password)",
                ),
            });
        }
    };
    Err(Refused::plain(why))
}

/// What no mending makes good.
fn cannot_be_cured(report: &BackupReport) -> Result<(), Refused> {
    let mut findings = report.findings.iter();
    let stays = |finding: &&Finding| finding.effect != Effect::Nothing && !is_cured(finding.id);
    match findings.find(stays) {
        Some(finding) if finding.id == PASSWORD_WRONG.id => {
            Err(of_finding("nothing was mended", finding).unseen())
        }
        Some(finding) => Err(of_finding("it cannot be mended", finding)),
        None => Ok(()),
    }
}

fn is_of_device(seen: Seen<'_>, listing: &Listing) -> Result<(), Refused> {
    let metadata = seen.metadata;
    if metadata.udid.is_none() {
        return Err(Refused::plain(
            "it cannot be mended: neither its lists nor its name say which device it is of",
        ));
    }
    let is_database = matches!(metadata.manifest_file, Some((_, ManifestFormat::Sqlite)));
    if is_database && listing.counts.records >= MANY_ROWS && listing.domain_roots == 0 {
        return Err(Refused::plain(
            "it cannot be mended: its list of files has no row for a domain's own folder, as every list of a \
             device has; a tool made it shorter, and nobody can say what is missing from it",
        ));
    }
    Ok(())
}

fn is_its_own(report: &BackupReport, listing: &Listing) -> Result<(), Refused> {
    let required: u64 = listing.domains.iter().map(|domain| domain.required).sum();
    if has_list_of_another(report, required) {
        return Err(Refused::plain(
            "it cannot be mended: its list of files seems to be that of another backup; most of what it names \
             is not here, and most of what is here it does not name",
        ));
    }
    Ok(())
}

/// Whether the list that counts has the name of a database.
fn is_called_database(metadata: &Metadata) -> bool {
    matches!(
        metadata.manifest_file,
        Some(("Manifest.db" | "Snapshot/Manifest.db", _))
    )
}

/// The rows that cannot stay, each once, for the first reason.
fn lost_rows(report: &BackupReport) -> impl Iterator<Item = LostRow> {
    let mut seen = HashSet::new();
    let reasons = OF_ROWS.into_iter().chain([KNOWN_TROUBLE_FILE.id]);
    let examples = reasons.flat_map(|id| {
        let findings = report.findings.iter();
        let findings = findings.filter(move |finding| finding.id == id);
        findings.flat_map(move |finding| finding.examples.iter().map(move |file| (id, file)))
    });
    examples.filter_map(move |(reason, file)| {
        // Of one that is no fileID there may be several.
        let is_new = match id_of(file) {
            Some(id) => seen.insert(id),
            None => reason == FILE_MISSING.id,
        };
        is_new.then(|| LostRow {
            file: file.clone(),
            reason,
        })
    })
}

/// The payload's name, where the row has one.
pub fn id_of(file: &Example) -> Option<FileId> {
    FileId::parse(file.file_id.as_deref()?.as_bytes())
}

fn list_fix(seen: Seen<'_>, listing: &Listing) -> Option<ListFix> {
    let is_unpadded = has(seen.report, MANIFEST_UNPADDED.id);
    let is_with_wal = seen.opened && seen.report.encrypted != Some(true);
    match seen.manifest {
        Manifest::Cut(..) => Some(ListFix::Cut),
        _ if !listing.damage.is_empty() || is_with_wal => Some(ListFix::Damaged),
        _ => is_unpadded.then_some(ListFix::Unpadded),
    }
}

/// What Manifest.plist is where it is not as it should be, in a sentence.
fn why_without_plist(report: &BackupReport) -> &'static str {
    match has(report, MANIFEST_PLIST_MISSING.id) {
        true => "is gone",
        false => "cannot be read",
    }
}

/// A new Manifest.plist.
fn rebuilt(report: &BackupReport, listing: &Listing, facts: &Facts) -> Result<Vec<u8>, Refused> {
    let why = why_without_plist(report);
    let gone = format!("it cannot be mended: Manifest.plist {why}");
    // Records that nobody can read say neither.
    let readable = (listing.counts.files).saturating_sub(listing.undecodable.count);
    if listing.plain_files < readable || listing.plain_files == 0 {
        return Err(Refused::plain(format!(
            "{gone}, and the rows of the list do not show that the backup was not encrypted: the keys would \
             be lost with it"
        )));
    }
    plists::manifest(facts).map_err(|lacks| {
        Refused::plain(format!(
            "{gone}, and neither Status.plist nor Info.plist says {lacks}: nothing is invented"
        ))
    })
}

fn status_fix(seen: Seen<'_>, facts: &Facts) -> Result<Option<StatusFix>, Refused> {
    let Seen {
        report, metadata, ..
    } = seen;
    let state = [
        (UPDATE_INTERRUPTED.id, Interrupted::Update),
        (MOVE_INTERRUPTED.id, Interrupted::Move),
        (CLEANUP_INTERRUPTED.id, Interrupted::Cleanup),
    ];
    let mut state = state.into_iter();
    let interrupted = state.find(|(id, _)| has(report, id));
    let interrupted = interrupted.map(|(_, interrupted)| interrupted);
    let was = match &metadata.status {
        PlistFile::Absent => "is missing",
        PlistFile::Empty => "is empty",
        PlistFile::Unreadable(_) => "cannot be read",
        PlistFile::Read(status) => {
            let is_new = status.backup_state.as_deref() == Some("new");
            if status.is_finished() && is_new {
                return Ok(None);
            }
            "does not say that the run was finished"
        }
        PlistFile::BeyondReader(why) => {
            return Err(Refused::plain(format!(
                "it cannot be mended: bkscan cannot read Status.plist: {why}"
            )));
        }
        PlistFile::Denied(why) => {
            return Err(
                Refused::plain(format!("Status.plist could not be opened: {why}")).unseen(),
            );
        }
    };
    let bytes = plists::status(facts).ok_or_else(|| {
        Refused::plain(
            "it cannot be mended: Status.plist has to be written, and no list has a date for it: nothing is \
             invented",
        )
    })?;
    Ok(Some(StatusFix {
        bytes,
        interrupted,
        was,
    }))
}

/// Where nothing would be mended, whatever keeps a backup from being complete would still be there.
fn would_change_nothing(report: &BackupReport) -> Result<(), Refused> {
    match report.verdict {
        Verdict::Complete => Ok(()),
        _ => {
            can_be_checked(report)?;
            match report
                .findings
                .iter()
                .find(|finding| finding.effect != Effect::Nothing)
            {
                Some(finding) => Err(of_finding("it cannot be mended", finding)),
                None => Ok(()),
            }
        }
    }
}

/// Whether all checks could be made: what cannot be seen in the old backup cannot be seen in the new one.
fn can_be_checked(report: &BackupReport) -> Result<(), Refused> {
    let mut not_checked = report.not_checked.iter();
    match not_checked.find(|check| check.expected) {
        Some(check) => Err(Refused::new(
            "it cannot be mended, because not all of it can be checked",
            format!(
                "it cannot be mended, because not all of it can be checked: {}",
                check.why
            ),
        )),
        None => Ok(()),
    }
}
