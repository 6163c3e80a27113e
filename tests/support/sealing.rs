//! What a test can ask of a backup that a password opens, and what can be wrong with it.

use super::cipher::Padding;
use super::setup::Encryption;
use super::{BackupBuilder, Change, PayloadChange};

impl BackupBuilder {
    /// Makes the backup encrypted as iOS 10.2 and later do, or iOS 9 with [`mbdb`](Self::mbdb), so
    /// that this password opens it: nothing of it is noise but the keys and salts (F§11).
    ///
    /// This, [`encrypted`](Self::encrypted) and the two of iOS 10.0 take the place of each other.
    pub fn encrypted_with(mut self, password: &str) -> Self {
        self.setup.encryption = Encryption::Current;
        self.setup.password = Some(password.into());
        self
    }

    /// Makes the backup encrypted as iOS 10.0 and 10.1 did, with a keybag and payloads that this
    /// password opens. The `file` column stays noise: how it was encrypted is not known (F§11.5).
    pub fn encrypted_ios10_0_with(mut self, password: &str) -> Self {
        self.setup.encryption = Encryption::Ios10_0;
        self.setup.password = Some(password.into());
        self
    }

    /// Sets the rounds of the two derivations, by default 10 and 1; devices write 10,000,000 and
    /// about 10,000. With a password they are gone through here, too; to see a reader refuse a
    /// number, [`encrypted`](Self::encrypted) will do.
    pub fn rounds(mut self, dpic: u32, iter: u32) -> Self {
        self.setup.rounds = (dpic, iter);
        self
    }

    /// Sets how Manifest.db is padded in a backup that a password opens.
    pub fn manifest_padding(mut self, padding: Padding) -> Self {
        self.setup.manifest_padding = padding;
        self
    }

    /// Sets how a payload is padded in a backup that a password opens. Has no say in bytes given with
    /// [`Row::stored`](super::Row::stored) or [`payload`](Self::payload).
    pub fn payload_padding(mut self, domain: &str, path: &str, padding: Padding) -> Self {
        self.paddings
            .push((domain.to_owned(), path.to_owned(), padding));
        self
    }

    /// Flips a bit in the wrapped key of this protection class.
    pub fn damage_class_key(mut self, class: u32) -> Self {
        self.setup.keybag.damaged.push(class);
        self
    }

    /// Sets `WRAP` of this protection class. Without bit 2 its key is wrapped with one of the device
    /// alone, so that the password does not open it (F§11.1).
    pub fn class_wrap(mut self, class: u32, wrap: u32) -> Self {
        self.setup.keybag.wraps.insert(class, wrap);
        self
    }

    /// Flips a bit of the wrapped key in `ManifestKey`.
    pub fn damage_manifest_key(mut self) -> Self {
        self.setup.manifest_key_damaged = true;
        self
    }

    /// Flips a bit of `SALT` after the key was derived.
    pub fn damage_salt(mut self) -> Self {
        self.setup.keybag.salt_damaged = true;
        self
    }

    /// Flips a bit of the manifest as it is stored, in the byte at this place.
    pub fn flip_in_manifest(mut self, at: usize) -> Self {
        self.manifest_flips.push(at);
        self
    }

    /// Flips a bit of a payload as it is stored, in the byte at this place; its row stays that of
    /// the whole one. Works in backups that are not encrypted, too.
    pub fn flip_in_payload(mut self, domain: &str, path: &str, at: usize) -> Self {
        self.payload_changes.push(PayloadChange {
            domain: domain.to_owned(),
            path: path.to_owned(),
            change: Change::Flip(at),
        });
        self
    }
}
