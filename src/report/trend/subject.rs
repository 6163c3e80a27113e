//! What a problem is about, so that it is known again in the next run. Pure.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::model::{BackupReport, Device, PastProblem, Root};

/// The id of what could not be looked at.
pub const BLOCKED: &str = "blocked";

impl PastProblem {
    /// Whether it is this problem of this subject.
    pub(super) fn is(&self, subject: &OsStr, id: &str) -> bool {
        self.subject == subject && self.id == id
    }
}

/// A device without a UDID has one backup, and is known by it.
pub fn device_subject(device: &Device, backups: &[BackupReport], places: &Places) -> OsString {
    match (&device.udid, device.backups.first()) {
        (Some(udid), _) => udid.as_str().into(),
        (None, Some(index)) => places.subject(&backups[*index].path),
        (None, None) => OsString::new(),
    }
}

/// Turns paths below the roots as they were given into paths below the canonical ones: the same backup
/// must be known again from another working directory.
pub struct Places(Vec<(PathBuf, PathBuf)>);

impl Places {
    pub fn new(roots: &[Root], canonical: &[PathBuf]) -> Places {
        let given = roots.iter().map(|root| root.path.clone());
        Places(given.zip(canonical.iter().cloned()).collect())
    }

    pub fn canonical(&self, path: &Path) -> PathBuf {
        let rests = self.0.iter().filter_map(|(given, canonical)| {
            let rest = path.strip_prefix(given).ok()?;
            Some((canonical, rest))
        });
        match rests.min_by_key(|(_, rest)| rest.components().count()) {
            Some((canonical, rest)) if rest.as_os_str().is_empty() => canonical.clone(),
            Some((canonical, rest)) => canonical.join(rest),
            None => path.to_owned(),
        }
    }

    pub fn subject(&self, path: &Path) -> OsString {
        self.canonical(path).into_os_string()
    }
}
