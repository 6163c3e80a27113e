//! The JSON Schema of the configuration file, for editors: made from the same rows as the options, so that
//! it knows every setting and no other. It refuses what the program refuses, but for rare spellings of which
//! only the program can tell.

use clap::builder::PossibleValue;
use serde_json::{Map, Value, json};

use crate::model::Severity;
use crate::verify;

use super::config_file::OF_DEVICE;
use super::flag::{Flag, Takes};
use super::table::TABLE;
use super::values;

/// The draft that editors of TOML know.
const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// A UDID, as the tables of devices are named.
const UDID: &str = "^([0-9A-Fa-f]{40}|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{16})$";

/// The schema.
pub fn schema() -> Value {
    let options = TABLE.iter().filter(|option| !option.typed_only);
    let options = options.map(|option| (option.name.to_owned(), setting(option)));
    let mut properties: Map<String, Value> = options.collect();
    properties.insert("paths".to_owned(), paths());
    properties.insert("severities".to_owned(), severities());
    properties.insert("devices".to_owned(), devices());
    json!({
        "$schema": DRAFT,
        "title": "Configuration file of bkscan",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

/// What an option may be set to, and what it does.
fn setting(option: &Flag) -> Value {
    let mut schema = value(option);
    schema["description"] = json!(option.help);
    if let Some(default) = option.value.default {
        schema["default"] = match (option.value.most, default.parse::<u16>()) {
            (Some(_), Ok(number)) => json!(number),
            _ => json!(default),
        };
    }
    schema
}

fn value(option: &Flag) -> Value {
    let parser = (option.value.parser)();
    let words = parser.possible_values().map(|values| {
        let words = values.map(|value: PossibleValue| value.get_name().to_owned());
        words.collect::<Vec<_>>()
    });
    match (option.takes, words) {
        (Takes::Nothing, _) => json!({ "type": "boolean" }),
        (Takes::Path, _) => json!({ "type": "string", "minLength": 1 }),
        (Takes::One, Some(words)) => json!({ "enum": words }),
        (Takes::Several, Some(words)) => {
            let one = format!("({})", words.join("|"));
            json!({ "anyOf": [
                { "type": "array", "items": { "enum": words }, "minItems": 1 },
                { "type": "string", "pattern": format!("^{one}(,{one})*$") },
            ] })
        }
        (Takes::One | Takes::Several, None) => of_name(&option.value),
    }
}

/// What a value looks like, by what it is called.
fn of_name(value: &super::flag::Value) -> Value {
    match (value.name, value.most) {
        (_, Some(most)) => number(most),
        ("SPAN", _) => json!({ "type": "string", "pattern": span(value.or_off) }),
        ("SIZE", _) => either_number(
            r"^\s*[0-9][0-9 _]*(\.[0-9 _]+)?\s*([kKmMgGtTpPeE][iI]?)?([bB]|[bB]ytes?)?\s*$",
            None,
        ),
        ("SHARE", _) => either_number(r"^(0*[0-9]{1,2}(\.[0-9]+)?|0*100(\.0+)?)%?$", Some(100)),
        ("RFC3339", _) => json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}" }),
        // A name or a command: any text, and a number is one.
        _ => json!({ "type": ["string", "integer"], "minLength": 1 }),
    }
}

/// A number from 1 to `most`, with or without quotation marks.
fn number(most: u16) -> Value {
    json!({ "anyOf": [
        { "type": "integer", "minimum": 1, "maximum": most },
        { "type": "string", "pattern": "^0*[1-9][0-9]*$" },
    ] })
}

/// Text like this, or a number from 0 on.
fn either_number(pattern: &str, most: Option<u16>) -> Value {
    let mut number = json!({ "type": "integer", "minimum": 0 });
    if let Some(most) = most {
        number["maximum"] = json!(most);
    }
    json!({ "anyOf": [number, { "type": "string", "pattern": pattern }] })
}

/// A span of time, as [`values::span`] reads it, or `off`.
fn span(or_off: bool) -> String {
    let letter = |c: char| format!("[{}{c}]", c.to_ascii_uppercase());
    let units = values::UNITS.iter().flat_map(|(words, _)| *words);
    let units = units.map(|unit| unit.chars().map(letter).collect::<String>());
    let units: Vec<String> = units.collect();
    let off = if or_off { "off|" } else { "" };
    format!(r"^({off}\s*([0-9]+\s*({})\s*)+)$", units.join("|"))
}

fn paths() -> Value {
    json!({
        "description": "Where to look when no path is typed",
        "anyOf": [
            { "type": "string", "minLength": 1 },
            { "type": "array", "items": { "type": "string", "minLength": 1 } },
        ],
    })
}

fn severities() -> Value {
    let words = [Severity::Note, Severity::Warning, Severity::Error].map(Severity::as_str);
    let of_check = |check: &verify::Check| {
        let schema = json!({ "enum": words, "default": check.severity.as_str(),
            "description": check.explanation.meaning });
        (check.id.to_owned(), schema)
    };
    json!({
        "description": "How bad findings are, by their ids: this changes the exit code and what is shown, \
            never the verdict or what may be removed",
        "type": "object",
        "properties": verify::all().map(of_check).collect::<Map<_, _>>(),
        "additionalProperties": false,
    })
}

fn devices() -> Value {
    let of_device = OF_DEVICE.map(|name| (name.to_owned(), of_device(name)));
    json!({
        "description": "What holds for single devices, by their UDIDs (bkscan --json tells them)",
        "type": "object",
        "patternProperties": {
            UDID: {
                "type": "object",
                "properties": of_device.into_iter().collect::<Map<_, _>>(),
                "additionalProperties": false,
            }
        },
        "additionalProperties": false,
    })
}

/// A setting of a device: as the option of its name, which a device may switch off.
fn of_device(name: &str) -> Value {
    let mut schema = match TABLE.iter().find(|option| option.name == name) {
        Some(option) => setting(option),
        None => json!({
            "type": ["string", "integer"],
            "description": "What to call the device, whatever its backups say",
        }),
    };
    if let Some(members) = schema.as_object_mut() {
        members.remove("default");
    }
    schema
}

#[cfg(test)]
mod tests {
    use clap::{Arg, Command};

    use super::*;

    /// A value of a name that is not known here could be anything in an editor.
    #[test]
    fn every_kind_of_value_is_known() {
        let known = "SPAN SIZE SHARE RFC3339 N CMD NAME|UDID";
        for option in TABLE.iter().filter(|option| !option.typed_only) {
            let parser = (option.value.parser)();
            let is_plain = matches!(option.takes, Takes::One | Takes::Several);
            if is_plain && parser.possible_values().is_none() {
                let name = option.value.name;
                assert!(known.split(' ').any(|known| known == name), "{name}");
                assert_eq!(option.value.most.is_some(), name == "N", "{}", option.name);
                let takes_off = Arg::new("x").value_parser(parser);
                let takes_off = Command::new("x")
                    .arg(takes_off)
                    .try_get_matches_from(["x", "off"]);
                let is_span = name == "SPAN";
                assert_eq!(
                    option.value.or_off && is_span,
                    takes_off.is_ok() && is_span,
                    "{}",
                    option.name
                );
            }
        }
    }

    #[test]
    fn every_setting_is_there_with_what_it_does() {
        let schema = schema();
        let properties = schema["properties"].as_object().unwrap();
        for (name, setting) in properties {
            let told = setting["description"].as_str().unwrap();
            assert!(!told.is_empty(), "{name}");
        }
        let of_table = TABLE.iter().filter(|option| !option.typed_only).count();
        assert_eq!(properties.len(), of_table + 3);
        assert_eq!(schema["additionalProperties"], false);
        assert!(!properties.contains_key("delete"));
        assert!(!properties.contains_key("password"));
        assert_eq!(
            properties["level"]["enum"],
            json!(["quick", "standard", "contents"])
        );
        assert_eq!(properties["level"]["default"], "standard");
        assert_eq!(properties["keep-last"]["default"], 1);
        assert_eq!(properties["threads"]["anyOf"][0]["maximum"], 256);
    }
}
