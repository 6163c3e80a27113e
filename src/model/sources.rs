//! What a scan may use besides the folders it looks at: passwords, and what earlier runs read.

use std::fmt;
use std::path::Path;

use super::backup::Udid;
use super::contents::Known;
use super::secret::Password;

/// Why a password could not be had, in words without anything secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPassword(pub String);

impl fmt::Display for NoPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where passwords come from.
pub trait Passwords: Sync {
    /// The password for backups of this device; `None` where there is none for it.
    ///
    /// # Errors
    /// Why it could not be had.
    fn password(&self, udid: Option<&Udid>) -> Result<Option<Password>, NoPassword>;
}

/// What earlier runs read, payload by payload.
pub trait Ledger: Sync {
    /// What is remembered of a shard of the backup in `folder`, sorted by id; nothing where nothing is.
    fn known(&self, folder: &Path, shard: u8) -> Vec<Known>;

    /// Remembers these shards of the backup in `folder`, in place of what was remembered of them. Never
    /// fails a scan: what could not be kept is told by whoever made the ledger.
    fn learn(&self, folder: &Path, shards: Vec<(u8, Vec<Known>)>);
}

/// All of it. Without any, encrypted backups stay locked, and nothing is remembered.
#[derive(Clone, Copy, Default)]
pub struct Sources<'a> {
    /// Where passwords come from.
    pub passwords: Option<&'a dyn Passwords>,
    /// What earlier runs read.
    pub ledger: Option<&'a dyn Ledger>,
}
