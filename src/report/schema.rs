//! The JSON Schema of what `--json` prints, made from the wire types.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, RestrictFormats};
use schemars::{JsonSchema, Schema};

use super::document::{Document, diff, history, mend};

/// The JSON Schema (draft 2020-12) of the document as it is written: what is always there is required,
/// also where it may be `null`. Names that a later version adds are allowed.
pub fn schema() -> Schema {
    schema_of::<Document<'static>>()
}

/// The same of what `bkscan diff --json` prints.
pub fn schema_of_diff() -> Schema {
    schema_of::<diff::Comparison<'static>>()
}

/// The same of what `bkscan mend --json` prints, and of the record beside a mended backup.
pub fn schema_of_mend() -> Schema {
    schema_of::<mend::MendDocument<'static>>()
}

/// The same of what `bkscan history --json` prints.
pub fn schema_of_history() -> Schema {
    schema_of::<history::HistoryDocument<'static>>()
}

fn schema_of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12()
        .for_serialize()
        // Only formats that the draft knows: strict validators refuse others.
        .with_transform(RestrictFormats::default())
        .with_transform(RecursiveTransform(in_one_line))
        .into_generator()
        .into_root_schema_for::<T>()
}

/// Comments have lines; a description has none.
fn in_one_line(schema: &mut Schema) {
    if let Some(serde_json::Value::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ");
    }
}
