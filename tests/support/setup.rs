//! What the parts of a backup must agree on.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::cipher::Padding;

/// Everything about a backup that more than one of its files shows.
pub struct Setup {
    pub udid: String,
    /// `None`: one that fits the format.
    pub device: Option<Device>,
    pub date: Timestamp,
    pub format: Format,
    pub encryption: Encryption,
    /// What opens an encrypted backup; `None`: nothing does.
    pub password: Option<Vec<u8>>,
    /// `DPIC` and `ITER`.
    pub rounds: (u32, u32),
    pub keybag: KeybagChanges,
    pub manifest_key_damaged: bool,
    pub manifest_padding: Padding,
    pub snapshot_state: String,
    pub backup_state: String,
    /// Whether the keys of all records stand in one order, as a device writes them.
    pub keys_in_one_order: bool,
}

/// What is unlike in a sound keybag.
#[derive(Default)]
pub struct KeybagChanges {
    /// Classes whose wrapped key has a flipped bit.
    pub damaged: Vec<u32>,
    /// `WRAP` by class, where it is not the usual one.
    pub wraps: BTreeMap<u32, u32>,
    pub salt_damaged: bool,
}

/// The phone or pad the backup is of.
pub struct Device {
    pub name: String,
    pub product_type: String,
    pub product_name: Option<String>,
    pub ios: String,
    pub build: String,
}

/// How the files are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Manifest.db, iOS 10 and later.
    Db,
    /// Manifest.mbdb, iOS 4 to 9.
    Mbdb,
}

/// How the backup is encrypted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    None,
    /// iOS 10.0 and 10.1: payloads and the `file` column, not the database.
    Ios10_0,
    /// iOS 10.2 and later; with [`Format::Mbdb`] what iOS 4 to 9 do.
    Current,
}

impl Setup {
    pub fn new(udid: &str) -> Self {
        Self {
            udid: udid.to_owned(),
            device: None,
            date: timestamp("2024-05-01T10:00:00Z"),
            format: Format::Db,
            encryption: Encryption::None,
            password: None,
            // Far fewer than a device uses (10,000,000 and about 10,000), so that tests with a
            // password are quick; readers take the numbers from the keybag.
            rounds: (10, 1),
            keybag: KeybagChanges::default(),
            manifest_key_damaged: false,
            manifest_padding: Padding::default(),
            snapshot_state: "finished".to_owned(),
            backup_state: "new".to_owned(),
            keys_in_one_order: false,
        }
    }

    /// Gives the device set, or one of the time in which the format was in use.
    pub fn device(&self) -> Device {
        if let Some(set) = &self.device {
            return Device {
                name: set.name.clone(),
                product_type: set.product_type.clone(),
                product_name: set.product_name.clone(),
                ios: set.ios.clone(),
                build: set.build.clone(),
            };
        }
        let (product_type, product_name, ios, build) = match (self.format, self.encryption) {
            (Format::Mbdb, _) => ("iPhone7,2", "iPhone 6", "9.3.5", "13G36"),
            (Format::Db, Encryption::Ios10_0) => ("iPhone9,1", "iPhone 7", "10.1.1", "14B100"),
            (Format::Db, _) => ("iPhone16,1", "iPhone 15 Pro", "17.5.1", "21F90"),
        };
        Device {
            name: "Test iPhone".to_owned(),
            product_type: product_type.to_owned(),
            product_name: Some(product_name.to_owned()),
            ios: ios.to_owned(),
            build: build.to_owned(),
        }
    }

    pub fn is_encrypted(&self) -> bool {
        self.encryption != Encryption::None
    }
}

/// Reads a time such as `2024-05-01T10:00:00Z`.
pub fn timestamp(rfc3339: &str) -> Timestamp {
    rfc3339.parse().expect("a time in RFC 3339 form")
}
