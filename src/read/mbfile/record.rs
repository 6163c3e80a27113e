//! What a record says, as far as anything needs it.

use crate::model::WrappedKey;

/// What the checks need to know of a record. Every part may be absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MbFile {
    /// `Size`: bytes of the original on the device.
    pub size: Option<i64>,
    /// `Flags`: BSD `st_flags`.
    pub st_flags: Option<i64>,
    /// `Birth`, in Unix seconds.
    pub birth: Option<i64>,
    /// `LastModified`, in Unix seconds.
    pub modified: Option<i64>,
    /// `Digest`: SHA-1 of the stored bytes, where it has 20 bytes.
    pub digest: Option<[u8; 20]>,
    /// `EncryptionKey`, where it has 44 bytes.
    pub key: Option<WrappedKey>,
    /// Whether there is one, of whatever form.
    pub has_key: bool,
}

impl MbFile {
    /// Whether the content was only in iCloud (`SF_DATALESS`).
    pub fn is_dataless(&self) -> bool {
        const SF_DATALESS: i64 = 0x4000_0000;
        self.st_flags.is_some_and(|flags| flags & SF_DATALESS != 0)
    }
}
