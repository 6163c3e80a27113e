//! What the schema fixes: the version, and words of which there will never be others. Those that a later
//! version may add to are not listed.

use schemars::{Schema, SchemaGenerator, json_schema};

use crate::model::{Action, DateSource, Level, ManifestFormat, Severity, Verdict};

/// The version of the format. Another one would be no addition, but a change.
pub const SCHEMA_VERSION: u32 = 1;

pub(super) fn version(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "const": SCHEMA_VERSION })
}

pub(super) fn levels(_: &mut SchemaGenerator) -> Schema {
    one_of([Level::Quick, Level::Standard, Level::Contents].map(Level::as_str))
}

pub(super) fn verdicts(_: &mut SchemaGenerator) -> Schema {
    one_of(Verdict::ALL.map(Verdict::as_str))
}

pub(super) fn severities(_: &mut SchemaGenerator) -> Schema {
    one_of([Severity::Error, Severity::Warning, Severity::Note].map(Severity::as_str))
}

pub(super) fn sources(_: &mut SchemaGenerator) -> Schema {
    let sources = [
        DateSource::Manifest,
        DateSource::Status,
        DateSource::Info,
        DateSource::Mtime,
    ];
    one_of(sources.map(DateSource::as_str))
}

pub(super) fn actions(_: &mut SchemaGenerator) -> Schema {
    one_of([Action::Keep, Action::Remove].map(Action::as_str))
}

pub(super) fn manifest_formats(_: &mut SchemaGenerator) -> Schema {
    let known = [ManifestFormat::Sqlite, ManifestFormat::Mbdb];
    let [sqlite, mbdb] = known.map(ManifestFormat::as_str);
    json_schema!({ "enum": [sqlite, mbdb, null] })
}

pub(super) fn one_of<const N: usize>(words: [&str; N]) -> Schema {
    json_schema!({ "type": "string", "enum": words.to_vec() })
}
