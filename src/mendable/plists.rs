//! The property lists that a mend writes, from what the others say (F§4 to F§6). Nothing in them is invented
//! but the identifier of the run, which every run of a device has anew. Pure.

use std::time::SystemTime;

use jiff::Timestamp;
use plist::{Date, Dictionary, Value};
use sha1::{Digest, Sha1};

use crate::model::{BackupReport, ManifestFormat, Metadata, Status, Udid};

/// What the lists of a backup say.
pub struct Facts {
    status: Status,
    format: Option<ManifestFormat>,
    udid: Option<Udid>,
    /// Whether Info.plist names the device, however little else it says.
    is_named: bool,
    /// The dates of Manifest.plist, of Status.plist, and of Info.plist.
    taken: Option<Timestamp>,
    wrote: Option<Timestamp>,
    told: Option<Timestamp>,
    device: [(Key, Option<String>); 5],
}

/// What is known of a device: as `Lockdown` has it, and as Info.plist does.
type Key = (&'static str, &'static str);

const NAME: Key = ("DeviceName", "Device Name");
const TYPE: Key = ("ProductType", "Product Type");
const VERSION: Key = ("ProductVersion", "Product Version");
const BUILD: Key = ("BuildVersion", "Build Version");
const SERIAL: Key = ("SerialNumber", "Serial Number");

impl Facts {
    /// Takes them from what was read.
    pub fn of(metadata: &Metadata, report: &BackupReport) -> Facts {
        let plist = metadata.manifest_plist.value();
        let info = metadata.info.value().cloned().unwrap_or_default();
        let is_named = info.udid.is_some();
        let lockdown = plist.map(|plist| plist.lockdown.clone());
        let lockdown = lockdown.unwrap_or_default();
        Facts {
            status: metadata.status.value().cloned().unwrap_or_default(),
            format: report.manifest_format,
            udid: metadata.udid.clone(),
            is_named,
            taken: plist.and_then(|plist| plist.date),
            wrote: metadata.status.value().and_then(|status| status.date),
            told: info.last_backup,
            device: [
                (NAME, info.device_name.or(lockdown.device_name)),
                (TYPE, info.product_type.or(lockdown.product_type)),
                (VERSION, info.ios_version.or(lockdown.ios_version)),
                (BUILD, info.build_version.or(lockdown.build_version)),
                (SERIAL, info.serial_number.or(lockdown.serial_number)),
            ],
        }
    }

    fn of_device(&self, wanted: Key) -> Option<&str> {
        let mut device = self.device.iter();
        device.find(|(key, _)| *key == wanted)?.1.as_deref()
    }
}

fn date(time: Timestamp) -> Value {
    Date::from(SystemTime::from(time)).into()
}

fn binary(dictionary: Dictionary) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    Value::Dictionary(dictionary)
        .to_writer_binary(&mut bytes)
        .ok()?;
    Some(bytes)
}

/// Status.plist of a finished run, with what the old one says; nothing where no list has a date.
pub fn status(facts: &Facts) -> Option<Vec<u8>> {
    let at = facts.wrote.or(facts.taken).or(facts.told)?;
    let old = &facts.status;
    let version = old.version.clone();
    let uuid = old.uuid.clone().unwrap_or_else(|| uuid(facts, at));
    let mut status = Dictionary::new();
    let mut set = |key: &str, value: Value| status.insert(key.to_owned(), value);
    set("UUID", uuid.into());
    // Finished backups say so even when they are full (F§6.3).
    set("IsFullBackup", false.into());
    set(
        "Version",
        version.unwrap_or_else(|| status_version(facts)).into(),
    );
    set("BackupState", "new".into());
    set("Date", date(at));
    set("SnapshotState", "finished".into());
    binary(status)
}

/// The version that goes with the format and with iOS (F§6.1).
fn status_version(facts: &Facts) -> String {
    let ios = facts
        .of_device(VERSION)
        .and_then(|ios| ios.split('.').next());
    match (facts.format, ios) {
        (Some(ManifestFormat::Mbdb), _) => "2.4",
        (_, Some("10" | "11")) => "3.2",
        _ => "3.3",
    }
    .to_owned()
}

/// An identifier of the run: the same one for the same backup.
fn uuid(facts: &Facts, at: Timestamp) -> String {
    let udid = facts.udid.as_ref().map_or("", Udid::as_str);
    let mut hash: [u8; 20] = Sha1::digest(format!("bkscan mend {udid} {at}")).into();
    // As RFC 9562 has those that are made of names.
    hash[6] = hash[6] & 0x0f | 0x50;
    hash[8] = hash[8] & 0x3f | 0x80;
    let hex: String = (hash[..16].iter())
        .map(|byte| format!("{byte:02X}"))
        .collect();
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

/// Manifest.plist of a backup that is not encrypted.
///
/// # Errors
/// What no list says.
pub fn manifest(facts: &Facts) -> Result<Vec<u8>, &'static str> {
    let at = facts.wrote.or(facts.told).ok_or("when it was made")?;
    let mut lockdown = Dictionary::new();
    for ((key, _), value) in &facts.device {
        if let Some(value) = value {
            lockdown.insert((*key).to_owned(), value.as_str().into());
        }
    }
    if lockdown.is_empty() && !facts.is_named {
        return Err("which device it is of");
    }
    if let Some(udid) = &facts.udid {
        lockdown.insert("UniqueDeviceID".to_owned(), udid.as_str().into());
    }
    let mut manifest = Dictionary::new();
    let mut set = |key: &str, value: Value| manifest.insert(key.to_owned(), value);
    set("Version", "10.0".into());
    set("Date", date(at));
    set("IsEncrypted", false.into());
    set("Lockdown", lockdown.into());
    binary(manifest).ok_or("what can be written")
}

/// Info.plist, as the lists of a backup have it; nothing where they say nothing of the device.
pub fn info(facts: &Facts) -> Option<Vec<u8>> {
    let mut info = Dictionary::new();
    for ((_, key), value) in &facts.device {
        if let Some(value) = value {
            info.insert((*key).to_owned(), value.as_str().into());
        }
    }
    if info.is_empty() {
        return None;
    }
    if let Some(name) = facts.of_device(NAME) {
        info.insert("Display Name".to_owned(), name.into());
    }
    if let Some(udid) = &facts.udid {
        let upper = udid.as_str().to_uppercase();
        info.insert("Unique Identifier".to_owned(), upper.into());
        info.insert("Target Identifier".to_owned(), udid.as_str().into());
    }
    info.insert("Target Type".to_owned(), "Device".into());
    if let Some(at) = facts.taken.or(facts.wrote) {
        info.insert("Last Backup Date".to_owned(), date(at));
    }
    info.sort_keys();
    let mut bytes = Vec::new();
    Value::Dictionary(info).to_writer_xml(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        let text = |text: &str| Some(text.to_owned());
        Facts {
            status: Status::default(),
            format: Some(ManifestFormat::Sqlite),
            udid: Udid::parse("00008130-000A1C2E3F40801E"),
            is_named: true,
            taken: "2024-05-01T10:00:00Z".parse().ok(),
            wrote: None,
            told: "2024-05-01T09:00:00Z".parse().ok(),
            device: [
                (NAME, text("Anna's iPhone")),
                (TYPE, text("iPhone16,1")),
                (VERSION, text("17.5.1")),
                (BUILD, None),
                (SERIAL, None),
            ],
        }
    }

    fn read(bytes: Option<Vec<u8>>) -> Dictionary {
        let value = Value::from_reader(std::io::Cursor::new(bytes.unwrap())).unwrap();
        value.into_dictionary().unwrap()
    }

    #[test]
    fn a_status_is_as_long_as_that_of_a_device_and_says_finished() {
        let bytes = status(&facts()).unwrap();
        assert_eq!(bytes.len(), 189);
        assert!(bytes.starts_with(b"bplist00"));
        let made = read(Some(bytes));
        let text = |key: &str| made[key].as_string().unwrap();
        assert_eq!(text("SnapshotState"), "finished");
        assert_eq!(text("BackupState"), "new");
        assert_eq!(text("Version"), "3.3");
        assert_eq!(made["IsFullBackup"].as_boolean(), Some(false));
        // The same one again, of version 5.
        let uuid = text("UUID");
        assert_eq!((uuid.len(), &uuid[14..15]), (36, "5"));
        assert_eq!(read(status(&facts()))["UUID"].as_string(), Some(uuid));
    }

    #[test]
    fn what_the_old_status_says_stays() {
        let mut facts = facts();
        facts.status.uuid = Some("A".repeat(36));
        facts.status.version = Some("2.4".to_owned());
        facts.wrote = "2024-05-02T10:00:00Z".parse().ok();
        let made = read(status(&facts));
        assert_eq!(made["UUID"].as_string(), Some(&*"A".repeat(36)));
        assert_eq!(made["Version"].as_string(), Some("2.4"));
        assert_eq!(made["Date"], date(facts.wrote.unwrap()));
    }

    #[test]
    fn the_version_goes_with_the_format_and_with_ios() {
        let version = |ios: &str, format| {
            let mut facts = facts();
            facts.device[2].1 = Some(ios.to_owned());
            facts.format = Some(format);
            status_version(&facts)
        };
        assert_eq!(version("10.3.4", ManifestFormat::Sqlite), "3.2");
        assert_eq!(version("11.0", ManifestFormat::Sqlite), "3.2");
        assert_eq!(version("27.0", ManifestFormat::Sqlite), "3.3");
        assert_eq!(version("9.3.5", ManifestFormat::Mbdb), "2.4");
    }

    #[test]
    fn nothing_is_invented() {
        let nobody = || Facts {
            is_named: false,
            taken: None,
            told: None,
            device: facts().device.map(|(key, _)| (key, None)),
            ..facts()
        };
        assert_eq!(status(&nobody()), None);
        assert_eq!(info(&nobody()), None);
        assert_eq!(manifest(&nobody()), Err("when it was made"));
        let dated = Facts {
            told: facts().told,
            ..nobody()
        };
        assert_eq!(manifest(&dated), Err("which device it is of"));
        let made = read(manifest(&facts()).ok());
        let lockdown = made["Lockdown"].as_dictionary().unwrap();
        let mut keys: Vec<&str> = lockdown.keys().map(String::as_str).collect();
        keys.sort_unstable();
        let known = [
            "DeviceName",
            "ProductType",
            "ProductVersion",
            "UniqueDeviceID",
        ];
        assert_eq!(keys, known);
    }
}
