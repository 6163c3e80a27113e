//! Text and paths, as they are written.

use std::borrow::Cow;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::system;

/// Text that is borrowed from a report while writing, and owned after reading.
pub type Text<'a> = Cow<'a, str>;

/// A path, below the one that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place<'a> {
    /// The path as text; what is not UTF-8 in it is replaced.
    pub path: Text<'a>,
    /// The bytes of the path in hex; only where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_hex: Option<Text<'a>>,
}

impl<'a> Place<'a> {
    /// The place of what lies at a path.
    pub(crate) fn new(path: &'a Path) -> Place<'a> {
        let path_hex = path.to_str().is_none().then(|| {
            let bytes = system::path_bytes(path.as_os_str());
            bytes.iter().map(|byte| format!("{byte:02x}")).collect()
        });
        Place {
            path: path.to_string_lossy(),
            path_hex,
        }
    }
}
