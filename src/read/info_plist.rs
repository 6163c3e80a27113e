//! Info.plist (F§4): the host's description of the device. Display only; every key may be absent.

use std::io::Read;
use std::path::Path;

use ::plist::{Dictionary, Value};

use crate::model::{App, Info, PlistFile, Udid};

use super::plist::{self, List};

/// All that is looked at; the icons of apps, which make up most of the file, are not.
const WANTED: &plist::Wanted = &[
    &["Device Name"],
    &["Display Name"],
    &["Product Type"],
    &["Product Name"],
    &["Product Version"],
    &["Build Version"],
    &["Serial Number"],
    &["Unique Identifier"],
    &["Target Type"],
    &["Last Backup Date"],
    &["Installed Applications"],
    &["Applications", "*", "iTunesMetadata"],
];

/// App icons and app metadata inside make 1 to 10 MB normal, and 58 MB was seen (F§4).
const READING: plist::Reading = plist::Reading {
    wanted: WANTED,
    limit: 256 << 20,
    for_display: true,
};

/// Reads the file.
pub fn read(path: &Path) -> PlistFile<Info> {
    plist::read_file(path, READING).map(info)
}

/// Reads what `input` gives, which should be `len` bytes.
pub fn read_from(input: impl Read, len: u64) -> PlistFile<Info> {
    plist::read_from(input, len, READING).map(info)
}

fn info(list: List) -> Info {
    let dictionary = list.wanted;
    let text = |key| plist::text(&dictionary, key);
    Info {
        is_empty: list.is_empty,
        device_name: text("Device Name").or_else(|| text("Display Name")),
        product_type: text("Product Type"),
        product_name: text("Product Name"),
        ios_version: text("Product Version"),
        build_version: text("Build Version"),
        serial_number: text("Serial Number"),
        udid: text("Unique Identifier").as_deref().and_then(Udid::parse),
        target_type: text("Target Type"),
        apps: apps(&dictionary),
        last_backup: plist::date(&dictionary, "Last Backup Date"),
    }
}

/// The apps that are named in `Installed Applications` and `Applications`, with the name that
/// `iTunesMetadata`, a property list within the property list, gives them (F§13.2).
fn apps(info: &Dictionary) -> Vec<App> {
    let installed = info.get("Installed Applications").and_then(Value::as_array);
    let ids = installed.into_iter().flatten().filter_map(Value::as_string);
    let mut apps: Vec<App> = ids
        .map(|id| App {
            id: id.to_owned(),
            name: None,
        })
        .collect();
    // However many apps there are, their lists have no more elements together than one may have.
    let mut events = plist::MAX_EVENTS;
    for (id, app) in plist::dictionary(info, "Applications")
        .into_iter()
        .flatten()
    {
        let metadata = app
            .as_dictionary()
            .and_then(|app| app.get("iTunesMetadata")?.as_data());
        let name = metadata
            .and_then(|bytes| plist::parse_within(bytes, &[&["itemName"]], &mut events).ok())
            .and_then(|metadata| plist::text(&metadata, "itemName"));
        apps.push(App {
            id: id.clone(),
            name,
        });
    }
    apps
}
