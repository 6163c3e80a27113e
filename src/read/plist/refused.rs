//! Why bytes are no dictionary for us, and what an error of the crate says of that.

/// Why bytes are no dictionary for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// They are not a property list with a dictionary at its top.
    Damaged(String),
    /// They may well be one, but our reader cannot take it.
    BeyondReader(String),
}

/// Values that Apple's reader takes and the crate does not; its errors say which by name.
const BEYOND_CRATE: [&str; 11] = [
    "InvalidTrailerObjectOffsetSize",
    "InvalidTrailerObjectReferenceSize",
    "OverflowOrNanDate",
    "IntegerOutOfRange",
    "InvalidUtf16String",
    "NullObjectUnimplemented",
    "UnknownObjectType",
    "UidNotSupportedInXmlPlist",
    "InvalidDateString",
    "InvalidIntegerString",
    "InvalidRealString",
];

pub(super) fn classify(bytes: &[u8], error: &plist::Error) -> Refused {
    classify_as(bytes, error, &error.to_string())
}

pub(super) fn classify_as(bytes: &[u8], error: &plist::Error, name: &str) -> Refused {
    let is_whole = if bytes.starts_with(b"bplist00") {
        // Structure was looked over before: what the crate refuses is a value.
        true
    } else {
        bytes.trim_ascii_end().ends_with(b"</plist>")
    };
    if is_whole && BEYOND_CRATE.iter().any(|known| name.starts_with(known)) {
        return Refused::BeyondReader(format!("it holds a value that bkscan cannot read: {name}"));
    }
    let cut = error.is_eof()
        || error.is_io()
        || ["UnexpectedEnd", "Unclosed"]
            .iter()
            .any(|known| name.starts_with(known));
    Refused::Damaged(if cut {
        "it ends too early".to_owned()
    } else {
        "it is not a property list".to_owned()
    })
}
