//! Info.plist (F§4): the host's description of the device. Display only; every key may be absent.

use std::path::Path;

use crate::model::{Document, Info, Udid};

use super::plist;

/// App icons and app metadata inside make 1 to 10 MB normal (F§4).
const LIMIT: u64 = 64 << 20;

/// Reads the file.
pub fn read(path: &Path) -> Document<Info> {
    plist::read_file(path, LIMIT).map(|dictionary| {
        let text = |key| plist::text(&dictionary, key);
        Info {
            device_name: text("Device Name").or_else(|| text("Display Name")),
            product_type: text("Product Type"),
            product_name: text("Product Name"),
            ios_version: text("Product Version"),
            build_version: text("Build Version"),
            serial_number: text("Serial Number"),
            udid: text("Unique Identifier").as_deref().and_then(Udid::parse),
            target_type: text("Target Type"),
            last_backup: plist::date(&dictionary, "Last Backup Date"),
        }
    })
}
