//! The reader of records that stands on the `plist` crate: for what the fast one does not take, and to check
//! it by.

use ::plist::{Dictionary, Value};

use crate::model::WrappedKey;
use crate::read::plist;

use super::record::MbFile;

/// Larger blobs are not left to the crate: one in small pieces takes it forty times its bytes.
const CRATE_LIMIT: usize = 128 << 10;

/// The same answer as the fast reader's from the `plist` crate, within its bounds.
pub fn through_crate(blob: &[u8]) -> Option<MbFile> {
    if blob.len() > CRATE_LIMIT {
        return None;
    }
    let archive = plist::parse(blob, &[&["$top"], &["$objects"]]).ok()?;
    let objects = archive.get("$objects")?.as_array()?;
    let resolve = |value: &'_ Value| -> Option<Value> {
        match value {
            Value::Uid(uid) => objects.get(usize::try_from(uid.get()).ok()?).cloned(),
            value => Some(value.clone()),
        }
    };
    let root = resolve(plist::dictionary(&archive, "$top")?.get("root")?)?;
    let root: &Dictionary = root.as_dictionary()?;
    let integer = |key| resolve(root.get(key)?)?.as_signed_integer();
    let data = |key| {
        let mut value = resolve(root.get(key)?)?;
        if let Value::Dictionary(dictionary) = &value {
            value = resolve(dictionary.get("NS.data")?)?;
        }
        value.into_data()
    };
    Some(MbFile {
        size: integer("Size"),
        st_flags: integer("Flags"),
        birth: integer("Birth"),
        modified: integer("LastModified"),
        digest: data("Digest").and_then(|bytes| bytes.try_into().ok()),
        key: data("EncryptionKey").and_then(|bytes| WrappedKey::parse(&bytes)),
        has_key: root.contains_key("EncryptionKey"),
    })
}
