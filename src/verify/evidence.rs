//! What checks judge by.

use jiff::Timestamp;

use crate::model::{
    Access, BackupReport, Comparison, Contents, Device, Inventory, Level, Listing, Manifest,
    Metadata,
};

use super::outcome::Outcome;

/// Everything that is known of one backup.
pub struct Evidence<'a> {
    /// Its metadata.
    pub metadata: &'a Metadata,
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// What lies in its folder.
    pub inventory: &'a Inventory,
    /// The manifest against the disk.
    pub comparison: &'a Comparison,
    /// What came of its password.
    pub access: &'a Access,
    /// What its payloads hold, where they were read.
    pub contents: Option<&'a Contents>,
    /// Whether its metadata changed during two looks.
    pub changing: bool,
    /// How deep the scan looks.
    pub level: Level,
    /// How many examples a finding keeps.
    pub examples: usize,
    /// The time that counts as now.
    pub now: Timestamp,
}

/// Everything that is known of one device.
pub struct DeviceEvidence<'a> {
    /// The device.
    pub device: &'a Device,
    /// All backups of the scan.
    pub backups: &'a [BackupReport],
    /// The time that counts as now.
    pub now: Timestamp,
    /// Before which time its newest good backup is stale, if ever.
    pub stale_before: Option<Timestamp>,
}

impl<'a> Evidence<'a> {
    /// Whether the folder is a backup of iOS 2 or 3, which have other files altogether (F§12).
    pub(super) fn is_too_old(&self) -> bool {
        self.inventory.has_old_payloads && self.metadata.manifest_file.is_none()
    }

    /// The manifest's rows, of which there is at least one if any could be read; else why there are
    /// none.
    pub(super) fn listing(&self) -> Result<&'a Listing, Outcome> {
        let listing = self.database()?;
        if !listing.damage.is_empty() && listing.counts.records == 0 {
            return Err(Outcome::skipped("no row of the manifest could be read"));
        }
        Ok(listing)
    }

    /// The manifest's rows, if only none of a damaged one.
    pub(super) fn database(&self) -> Result<&'a Listing, Outcome> {
        match self.manifest {
            Manifest::Listed(listing) | Manifest::Cut(listing, _) => Ok(listing),
            Manifest::Missing => Err(Outcome::skipped("there is no manifest")),
            Manifest::Unreadable(_) => Err(Outcome::skipped("the manifest cannot be read")),
            Manifest::BeyondReader(why) => Err(Outcome::skipped(format!(
                "bkscan cannot read the manifest: {why}"
            ))),
            Manifest::Denied(why) => Err(Outcome::skipped(format!(
                "the manifest could not be opened: {why}"
            ))),
            Manifest::Locked if self.metadata.encrypted().is_none() => Err(Outcome::skipped(
                "the file list seems to be encrypted, and without Manifest.plist nothing opens it",
            )),
            Manifest::Locked => Err(Outcome::skipped(match self.access {
                Access::Wrong => "the file list is encrypted and the password is wrong".to_owned(),
                Access::Unavailable(why) | Access::Refused(why) => {
                    format!("the file list is encrypted and was not opened: {why}")
                }
                Access::NotNeeded | Access::NoPassword | Access::Open => {
                    "the file list is encrypted and no password was given (--ask-password)"
                        .to_owned()
                }
            })),
            Manifest::HeaderOnly => Err(Outcome::skipped(only_at(Level::Standard))),
        }
    }

    /// The manifest's rows where all of them could be read.
    pub(super) fn whole_listing(&self) -> Result<&'a Listing, Outcome> {
        let listing = self.listing()?;
        let partial = !listing.damage.is_empty() || listing.unjudged.is_some();
        if partial || matches!(self.manifest, Manifest::Cut(..)) {
            return Err(Outcome::skipped("the manifest could not be read in full"));
        }
        Ok(listing)
    }

    /// Whether the keys of an encrypted backup are at hand.
    pub(super) fn is_open(&self) -> bool {
        *self.access == Access::Open
    }

    /// For what cannot be told without the keys of an encrypted backup.
    pub(super) fn takes_password(&self) -> Result<(), Outcome> {
        match self.metadata.encrypted() {
            _ if self.is_open() => Ok(()),
            None => Err(Outcome::LeftOut(
                "Manifest.plist does not tell whether it is encrypted".to_owned(),
            )),
            Some(_) => Err(Outcome::LeftOut("it takes the password".to_owned())),
        }
    }

    /// Rows whose sizes and blobs may be judged: not those of contract §4 rule 3.
    pub(super) fn open_listing(&self) -> Result<&'a Listing, Outcome> {
        let listing = self.listing()?;
        if listing.opaque {
            return Err(Outcome::skipped(
                "the database is readable although the backup is encrypted: only presence is \
                 judged",
            ));
        }
        Ok(listing)
    }
}

/// Why a check is not made below this level.
pub(super) fn only_at(level: Level) -> String {
    format!("only at --level {}", level.as_str())
}
