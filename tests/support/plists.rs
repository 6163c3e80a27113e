//! Info.plist, Status.plist and Manifest.plist (F§4 to F§6).

use std::time::SystemTime;

use plist::{Date, Dictionary, Value};

use super::keybag::{keybag, wrapped_key};
use super::names::hex;
use super::population::{APP, APP_GROUP, APP_PLUGIN};
use super::setup::{Encryption, Format, Setup};
use super::{cipher, noise};

/// Not a serial number of any device.
const SERIAL_NUMBER: &str = "TESTSERIAL01";

/// Info.plist as Finder and iTunes fill it, without what is optional and personal (telephone
/// numbers, icons, receipts).
pub fn info(setup: &Setup) -> Dictionary {
    let device = setup.device();
    let mut info = Dictionary::new();
    let mut set = |key: &str, value: Value| info.insert(key.to_owned(), value);
    set("Build Version", device.build.into());
    set("Device Name", device.name.clone().into());
    set("Display Name", device.name.into());
    let guid = noise::bytes(&format!("guid {}", setup.udid), 16);
    set("GUID", hex(&guid).to_uppercase().into());
    set("Installed Applications", Value::Array(vec![APP.into()]));
    set("Last Backup Date", date(setup));
    if let Some(product_name) = device.product_name {
        set("Product Name", product_name.into());
    }
    set("Product Type", device.product_type.into());
    set("Product Version", device.ios.into());
    set("Serial Number", SERIAL_NUMBER.into());
    set("Target Identifier", setup.udid.as_str().into());
    set("Target Type", "Device".into());
    set("Unique Identifier", setup.udid.to_uppercase().into());
    set("iTunes Version", "12.5.0".into());
    info
}

/// Status.plist with its six keys; 189 bytes in a healthy backup (F§6).
pub fn status(setup: &Setup) -> Dictionary {
    let uuid = noise::uuid(&format!("status {} {}", setup.udid, setup.date));
    let mut status = Dictionary::new();
    let mut set = |key: &str, value: Value| status.insert(key.to_owned(), value);
    set("UUID", uuid.into());
    // Finished backups say false even when they are full (F§6.3).
    set("IsFullBackup", false.into());
    set("Version", status_version(setup).into());
    set("BackupState", setup.backup_state.as_str().into());
    set("Date", date(setup));
    set("SnapshotState", setup.snapshot_state.as_str().into());
    status
}

/// Gives the version that goes with the iOS version (F§6.1). Nothing is known of iOS 12; it is
/// taken for 3.3.
fn status_version(setup: &Setup) -> &'static str {
    let device = setup.device();
    match (setup.format, device.ios.split('.').next()) {
        (Format::Mbdb, _) => "2.4",
        (Format::Db, Some("10" | "11")) => "3.2",
        (Format::Db, _) => "3.3",
    }
}

/// Manifest.plist (F§5).
pub fn manifest(setup: &Setup) -> Dictionary {
    let (version, domains_version) = match setup.format {
        Format::Mbdb => ("9.1", "20.0"),
        Format::Db => ("10.0", "24.0"),
    };
    let mut manifest = Dictionary::new();
    let mut set = |key: &str, value: Value| manifest.insert(key.to_owned(), value);
    set("BackupKeyBag", Value::Data(keybag(setup)));
    set("Version", version.into());
    set("Date", date(setup));
    if setup.encryption == Encryption::Current && setup.format == Format::Db {
        let seed = format!("manifest {}", setup.udid);
        let mut key = wrapped_key(setup, 4, &cipher::manifest_key(setup), &seed);
        if setup.manifest_key_damaged {
            key[30] ^= 1;
        }
        set("ManifestKey", Value::Data(key));
    }
    // Not a word about encryption: the phone has a passcode.
    set("WasPasscodeSet", true.into());
    set("Lockdown", lockdown(setup).into());
    set("SystemDomainsVersion", domains_version.into());
    set("IsEncrypted", setup.is_encrypted().into());
    set("Applications", applications().into());
    manifest
}

fn lockdown(setup: &Setup) -> Dictionary {
    let device = setup.device();
    let class = if device.product_type.starts_with("iPad") {
        "iPad"
    } else if device.product_type.starts_with("iPod") {
        "iPod"
    } else {
        "iPhone"
    };
    Dictionary::from_iter([
        ("BuildVersion", device.build),
        ("DeviceClass", class.to_owned()),
        ("DeviceName", device.name),
        ("ProductType", device.product_type),
        ("ProductVersion", device.ios),
        ("SerialNumber", SERIAL_NUMBER.to_owned()),
        ("UniqueDeviceID", setup.udid.clone()),
    ])
}

fn applications() -> Dictionary {
    let bundles = "/var/containers/Bundle/Application";
    let app_path = format!("{bundles}/{}/WhatsApp.app", noise::uuid("app bundle"));
    let plugin_path = format!("{app_path}/PlugIns/ShareExtension.appex");
    let group_path = format!(
        "/private/var/mobile/Containers/Shared/AppGroup/{}",
        noise::uuid("app group")
    );
    Dictionary::from_iter([
        (
            APP,
            Dictionary::from_iter([
                ("CFBundleIdentifier", APP),
                ("CFBundleVersion", "24.8.85"),
                ("ContainerContentClass", "Data/Application"),
                ("Path", &app_path),
            ]),
        ),
        (
            APP_GROUP,
            Dictionary::from_iter([
                ("CFBundleIdentifier", APP_GROUP),
                ("ContainerContentClass", "Shared/AppGroup"),
                ("Path", &group_path),
            ]),
        ),
        (
            APP_PLUGIN,
            Dictionary::from_iter([
                ("CFBundleIdentifier", APP_PLUGIN),
                ("CFBundleVersion", "24.8.85"),
                ("ContainerContentClass", "Data/PluginKitPlugin"),
                ("Path", &plugin_path),
            ]),
        ),
    ])
}

fn date(setup: &Setup) -> Value {
    Date::from(SystemTime::from(setup.date)).into()
}

/// A binary property list of these objects, the first on top, with references of `ref_size` bytes.
pub fn binary_list(objects: &[Vec<u8>], ref_size: u8) -> Vec<u8> {
    let mut bytes = b"bplist00".to_vec();
    let mut offsets = Vec::new();
    for object in objects {
        offsets.extend((bytes.len() as u32).to_be_bytes());
        bytes.extend(object);
    }
    let table = bytes.len() as u64;
    bytes.extend(offsets);
    bytes.extend([0, 0, 0, 0, 0, 0, 4, ref_size]);
    for number in [objects.len() as u64, 0, table] {
        bytes.extend(number.to_be_bytes());
    }
    bytes
}
