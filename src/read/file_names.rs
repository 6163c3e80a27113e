//! The names of files as a manifest has them: domain and relative path.

use std::collections::HashMap;

use crate::model::FileId;

/// Domain and relative path of files, lossy where they are not UTF-8.
pub type Names = HashMap<FileId, (String, String)>;

/// Text from a manifest, lossy where it is not UTF-8 and cut where it is absurdly long.
pub fn shortened(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).into_owned()
}
