//! What a backup's metadata says of the device and of its date. Pure.

use crate::facts::products;
use crate::model::{DateSource, Described, LastBackup, Metadata};

/// The device as Info.plist describes it; what is missing there, as Manifest.plist does (F§4.2).
pub fn describe(metadata: &Metadata) -> Described {
    let info = metadata.info.value().cloned().unwrap_or_default();
    let lockdown = metadata
        .manifest_plist
        .value()
        .map(|plist| plist.lockdown.clone())
        .unwrap_or_default();
    let product_type = info.product_type.or(lockdown.product_type);
    Described {
        name: info.device_name.or(lockdown.device_name),
        product_type: product_type.clone(),
        product_name: info
            .product_name
            .or_else(|| products::name(product_type.as_deref()?).map(str::to_owned)),
        ios_version: info.ios_version.or(lockdown.ios_version),
        build_version: info.build_version.or(lockdown.build_version),
        serial_number: info.serial_number.or(lockdown.serial_number),
    }
}

/// When the backup was made, by the order of F§4.3.
pub fn last_backup(metadata: &Metadata) -> Option<LastBackup> {
    let finished = metadata
        .status
        .value()
        .filter(|status| status.is_finished());
    [
        (
            metadata.manifest_plist.value().and_then(|plist| plist.date),
            DateSource::Manifest,
        ),
        (finished.and_then(|status| status.date), DateSource::Status),
        (
            metadata.info.value().and_then(|info| info.last_backup),
            DateSource::Info,
        ),
        (metadata.manifest_modified, DateSource::Mtime),
    ]
    .into_iter()
    .find_map(|(at, source)| Some(LastBackup { at: at?, source }))
}
