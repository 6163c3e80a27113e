//! Manifest.plist (F§5): what the device wrote about the backup as a whole. Never encrypted.

use std::io::Read;
use std::path::Path;

use ::plist::{Dictionary, Value};

use crate::model::{KeybagState, Lockdown, ManifestPlist, PlistFile, Udid, WrappedKey};

use super::{keybag, plist};

const WANTED: &plist::Wanted = &[
    &["Date"],
    &["IsEncrypted"],
    &["ManifestKey"],
    &["BackupKeyBag"],
    &["Lockdown"],
];

/// 20 to 430 kB are usual.
const READING: plist::Reading = plist::Reading {
    wanted: WANTED,
    limit: 16 << 20,
    for_display: false,
};

/// Reads the file.
pub fn read(path: &Path) -> PlistFile<ManifestPlist> {
    plist::read_file(path, READING).map(|list| manifest_plist(list.wanted))
}

/// Reads what `input` gives, which should be `len` bytes.
pub fn read_from(input: impl Read, len: u64) -> PlistFile<ManifestPlist> {
    plist::read_from(input, len, READING).map(|list| manifest_plist(list.wanted))
}

fn manifest_plist(dictionary: Dictionary) -> ManifestPlist {
    let lockdown =
        plist::dictionary(&dictionary, "Lockdown").map_or_else(Lockdown::default, |lockdown| {
            let text = |key| plist::text(lockdown, key);
            Lockdown {
                is_empty: lockdown.is_empty(),
                device_name: text("DeviceName"),
                product_type: text("ProductType"),
                ios_version: text("ProductVersion"),
                build_version: text("BuildVersion"),
                serial_number: text("SerialNumber"),
                udid: text("UniqueDeviceID").as_deref().and_then(Udid::parse),
            }
        });
    ManifestPlist {
        date: plist::date(&dictionary, "Date"),
        is_encrypted: dictionary.get("IsEncrypted").and_then(truth),
        manifest_key: dictionary.get("ManifestKey").map(|key| {
            let bytes = key.as_data().unwrap_or_default();
            WrappedKey::parse(bytes).ok_or(bytes.len())
        }),
        keybag: match dictionary.get("BackupKeyBag") {
            None => KeybagState::Absent,
            Some(Value::Data(bytes)) => match keybag::parse(bytes) {
                Ok(keybag) => KeybagState::Sound(keybag),
                Err(why) => KeybagState::Malformed(why),
            },
            Some(_) => KeybagState::Malformed("it is not data".to_owned()),
        },
        lockdown,
    }
}

/// Some writers store booleans as integers.
fn truth(value: &Value) -> Option<bool> {
    value
        .as_boolean()
        .or_else(|| value.as_signed_integer().map(|number| number != 0))
}
