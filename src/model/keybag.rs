//! What an encrypted backup says of its keys (F§11), as it stands in its files. Nothing in here is
//! secret: every key is wrapped.

/// `BackupKeyBag` (F§11.1): what a password opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keybag {
    /// `SALT`.
    pub salt: Vec<u8>,
    /// `ITER`: rounds of PBKDF2-HMAC-SHA1.
    pub rounds: u32,
    /// `DPSL` and `DPIC`: salt and rounds of the PBKDF2-HMAC-SHA256 that comes first since iOS 10.2.
    pub first: Option<(Vec<u8>, u32)>,
    /// The wrapped key of each protection class, in the order of the keybag.
    pub classes: Vec<ClassKey>,
}

impl Keybag {
    /// Protection classes of files; those above belong to the keychain (F§11.1).
    pub const FILE_CLASSES: std::ops::RangeInclusive<u32> = 1..=4;

    /// The bit of `WRAP` that keys have which the password opens.
    pub const BY_PASSWORD: u32 = 2;

    /// Whether the key of this class is there, and never opens away from the device (F§11.1).
    pub fn needs_device(&self, class: u32) -> bool {
        let mut keys = self.classes.iter().filter(|key| key.key.class == class);
        keys.next().is_some_and(|key| !key.opens_with_password())
    }
}

/// The key of a protection class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassKey {
    /// `WRAP`: bit 2, wrapped with the password's key; bit 1, with a key that never leaves the device.
    /// With both, the password opens the outer of two layers.
    pub wrap: u32,
    /// `CLAS` and `WPKY`.
    pub key: WrappedKey,
}

impl ClassKey {
    /// Whether the password opens it, if only its outer layer.
    pub const fn opens_with_password(&self) -> bool {
        self.wrap & Keybag::BY_PASSWORD != 0
    }
}

/// A key of 32 bytes that is wrapped with the key of a protection class, or with that of the password
/// (RFC 3394: 8 bytes more).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// The protection class.
    pub class: u32,
    /// The wrapped key.
    pub wrapped: [u8; 40],
}

impl WrappedKey {
    /// Reads `ManifestKey` or `EncryptionKey`: the class, little-endian, and the wrapped key (F§11.2);
    /// `None` where it does not have 44 bytes.
    pub fn parse(bytes: &[u8]) -> Option<WrappedKey> {
        let (class, wrapped) = bytes.split_first_chunk::<4>()?;
        Some(WrappedKey {
            class: u32::from_le_bytes(*class),
            wrapped: wrapped.try_into().ok()?,
        })
    }
}

/// What came of opening a backup's keybag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// The backup is not encrypted, or its keys were not needed.
    #[default]
    NotNeeded,
    /// No password was given.
    NoPassword,
    /// The password is a wrong one.
    Wrong,
    /// A password could not be had; says why.
    Unavailable(String),
    /// The keybag asks for more than is tried, or cannot be opened with any password; says why.
    Refused(String),
    /// The password is the right one.
    Open,
}

impl Access {
    /// Whether the keys were wanted and are not at hand.
    pub fn is_closed(&self) -> bool {
        match self {
            Access::NotNeeded | Access::Open => false,
            Access::NoPassword | Access::Wrong | Access::Unavailable(_) | Access::Refused(_) => {
                true
            }
        }
    }
}
