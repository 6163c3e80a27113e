//! What looking at backups takes.

use crate::cover::Asked;
use crate::crypto::keyring::Keyring;
use crate::model::options::ScanOptions;
use crate::model::progress::Monitor;
use crate::model::sources::Ledger;

/// What looking at backups takes: the same for all of a scan.
#[derive(Clone, Copy)]
pub struct Looker<'a> {
    /// The options of the scan.
    pub config: &'a ScanOptions,
    /// Who hears of it, and may stop it.
    pub monitor: &'a Monitor<'a>,
    /// The keys of encrypted backups.
    pub keyring: &'a Keyring<'a>,
    /// What earlier runs read.
    pub ledger: Option<&'a dyn Ledger>,
    /// What is to be known of what the backup holds.
    pub asked: Asked,
    /// Whether manifests are read and checked in one pass, where they allow it. What is said of them is the
    /// same without.
    pub one_pass: bool,
    /// Whether the rows of a database whose end is gone are read as far as they are there, from a private copy.
    pub past_the_end: bool,
    /// Whether it is the second look at a backup that changed meanwhile: its payloads are not read.
    pub is_second: bool,
}
