//! The JSON Schema of the configuration file, for editors: made from the same rows as the options, so that
//! it knows every setting and no other. It refuses what the program refuses, but for what only reckoning
//! tells: 30 February, a sum of spans or a size that no number holds, a device that is there twice.

use clap::builder::PossibleValue;
use jiff::Span;
use serde_json::{Map, Value, json};

use crate::cli::password::ways;
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

/// A size, as [`values::size`] reads it.
const SIZE: &str =
    "^[ _]*[0-9][0-9 _]*(\\.[0-9 _]*)?([eE][ _+]*-?[0-9 _]*)?[kKmMgGtTpPeE]?[iI]?[bB]?$";

/// A time, as [`values::time`] reads it.
const TIME: &str = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt ]([01][0-9]|2[0-3])\
    (:[0-5][0-9](:([0-5][0-9]|60)([.,][0-9]{1,9})?)?)?\
    ([Zz]|[+-]([01][0-9]|2[0-5])(:?[0-5][0-9](:?[0-5][0-9])?)?)$";

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
        "not": { "anyOf": pairs_of_ways() },
    })
}

/// Files that name two ways to a password. `ask-password = false` is none.
fn pairs_of_ways() -> Value {
    let [ask, file, command] = ways::OPTIONS;
    let asked = |other: &str| json!({ "required": [ask, other], "properties": { ask: { "enum": [true] } } });
    json!([asked(file), asked(command), { "required": [file, command] }])
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
        ("SIZE", _) => either_number(SIZE, None),
        ("SHARE", _) => either_number(r"^(0*[0-9]{1,2}(\.[0-9]+)?|0*100(\.0+)?)%?$", Some(100)),
        ("RFC3339", _) => json!({ "type": "string", "pattern": TIME }),
        // Any text, and a number is one.
        ("CMD", _) => json!({ "type": ["string", "integer"], "minLength": 1 }),
        _ => json!({ "type": ["string", "integer"] }),
    }
}

/// A number from 1 to `most`, with or without quotation marks.
fn number(most: u16) -> Value {
    json!({ "anyOf": [
        { "type": "integer", "minimum": 1, "maximum": most },
        { "type": "string", "pattern": format!(r"^\+?0*({})$", up_to(most.into())) },
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
    let part = |(words, lengthen): &(&[&str], values::Lengthen)| {
        let words = words
            .iter()
            .map(|word| word.chars().map(letter).collect::<String>());
        let words = words.collect::<Vec<_>>().join("|");
        let most = up_to(longest(*lengthen));
        format!(r"(0*({most})|0+)\s*({words})\s*")
    };
    let parts = values::UNITS.iter().map(part).collect::<Vec<_>>().join("|");
    let off = if or_off { "off|" } else { "" };
    format!(r"^({off}\s*({parts})+)$")
}

/// Of how many of a unit a span can be.
fn longest(lengthen: values::Lengthen) -> i64 {
    let (mut most, mut too_many) = (0, i64::MAX);
    while too_many - most > 1 {
        let middle = most + (too_many - most) / 2;
        match lengthen(Span::new(), middle) {
            Ok(_) => most = middle,
            Err(_) => too_many = middle,
        }
    }
    most
}

/// The numbers from 1 to `most` as a pattern, without zeros before them.
fn up_to(most: i64) -> String {
    let most = most.to_string();
    let shorter = (most.len() > 1).then(|| format!("[1-9][0-9]{{0,{}}}", most.len() - 2));
    // As long, and up to a digit the same, which is smaller.
    let smaller = most.bytes().enumerate().filter_map(|(at, digit)| {
        let least = if at == 0 { b'1' } else { b'0' };
        let (least, before) = (char::from(least), char::from(digit - 1));
        let rest = most.len() - at - 1;
        let same = most.get(..at)?;
        (least <= before).then(|| format!("{same}[{least}-{before}][0-9]{{{rest}}}"))
    });
    let ways = shorter.into_iter().chain(smaller).chain([most.clone()]);
    ways.collect::<Vec<_>>().join("|")
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
    use std::ffi::OsString;
    use std::fs;

    use clap::{Arg, Command};
    use regex_lite::Regex;

    use crate::cli::flags::settings;

    use super::*;

    /// Whether a value fits, by the few words that this schema has.
    fn fits(schema: &Value, value: &Value) -> bool {
        let words = schema.as_object().unwrap().iter();
        let mut said = words.map(|(word, said)| match word.as_str() {
            "anyOf" => said.as_array().unwrap().iter().any(|one| fits(one, value)),
            "enum" => said.as_array().unwrap().contains(value),
            "not" => !fits(said, value),
            "required" => {
                let mut names = said.as_array().unwrap().iter();
                names.all(|name| value.get(name.as_str().unwrap()).is_some())
            }
            "properties" => {
                let mut known = said.as_object().unwrap().iter();
                known.all(|(name, said)| value.get(name).is_none_or(|one| fits(said, one)))
            }
            "type" => {
                let kind = match value {
                    Value::Bool(_) => "boolean",
                    Value::Number(_) => "integer",
                    Value::String(_) => "string",
                    Value::Array(_) => "array",
                    _ => "object",
                };
                said == kind
                    || said
                        .as_array()
                        .is_some_and(|all| all.contains(&json!(kind)))
            }
            "minimum" => value
                .as_i64()
                .is_none_or(|value| value >= said.as_i64().unwrap()),
            "maximum" => value
                .as_i64()
                .is_none_or(|value| value <= said.as_i64().unwrap()),
            "minLength" => value.as_str().is_none_or(|text| !text.is_empty()),
            "minItems" => value.as_array().is_none_or(|list| !list.is_empty()),
            "items" => {
                let list = value.as_array();
                list.is_none_or(|list| list.iter().all(|one| fits(said, one)))
            }
            "pattern" => {
                let pattern = Regex::new(said.as_str().unwrap()).unwrap();
                value.as_str().is_none_or(|text| pattern.is_match(text))
            }
            "description" | "default" => true,
            other => panic!("{other} is a word that is not known here"),
        });
        said.all(|fits| fits)
    }

    /// Whether the program takes a file with this in it.
    fn takes(text: &str) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, text).unwrap();
        settings::read(&[OsString::from("bkscan")], |_| None, Some(path)).is_ok()
    }

    /// A setting, values that are taken, and values that are refused, by the program and by the schema.
    const VALUES: &[(&str, &str, &str)] = &[
        (
            "threads",
            r#"1 | 256 | "1" | "+4" | "004" | "+0256" | "99" | "199" | "249""#,
            r#"0 | 257 | -1 | "0" | "257" | "260" | "300" | "99999" | "" | " 4" | "4 " | "-4" | "++4" | true"#,
        ),
        (
            "keep-last",
            r#"65535 | "65535" | "65529" | "64999" | "9999""#,
            r#"65536 | "65536" | "65540" | "66000" | "70000" | "100000" | "0" | "0x10""#,
        ),
        (
            "now",
            r#""2026-11-20T09:00:00Z" | "2026-11-20 09:00:00z" | "2026-11-20t09:00:00.5+01:00" |
               "2026-11-20T09:00Z" | "2026-11-20T09Z" | "2026-11-20T09:00:00-0130" | "2026-12-31T23:59:60Z""#,
            r#""2026-11-20" | "" | "2026-13-20T09:00:00Z" | "2026-11-32T09:00:00Z" | "2026-11-20T24:00:00Z" |
               "2026-11-20T09:00:00" | "2026-11-20T09:61:00Z" | "26-11-20T09:00:00Z" | 2026 | "now""#,
        ),
        (
            "old-after",
            r#""90d" | "1y6mo" | "1 year 6 months" | " 2 WEEKS 1 Day " | "0d" | "000d" | "0090d" | "19998y" |
               "239976mo" | "1043497w" | "7304484d" | "175307616h" | "10518456960min""#,
            r#""" | "5m" | "5" | "d" | 5 | "-5d" | "off" | "99999999y" | "19999y" | "239977mo" | "1043498w" |
               "7304485d" | "175307617h" | "10518456961min" | "5 Tage" | "1.5d""#,
        ),
        (
            "stale-after",
            r#""off" | "30d""#,
            r#""OFF" | "never" | " off""#,
        ),
        (
            "oversized",
            r#"0 | 500 | "500" | "20GB" | "20gib" | "1.5kB" | "1e9" | "1E+9" | "15e-1GB" | "1_000 000" | " 20 GB" |
               "5." | "20k" | "20i" | "2ib" | "1e" | "1eb""#,
            r#"-1 | "" | "GB" | "10XB" | "20GB " | "20 bytes" | ".5GB" | "20G B" | "-1" | "+1" | "1.2.3" | "1,5GB""#,
        ),
        (
            "may-lose",
            r#"0 | 100 | "2%" | "0.5" | "100.0%" | "002%""#,
            r#"101 | -1 | "101" | "100.1%" | "2 %" | ".5" | "5." | "1e1" | "+1" | "" | "%""#,
        ),
        (
            "fail-on",
            r#""warning" | "warning,new" | ["error", "new"]"#,
            r#""" | [] | "Warning" | ["warning", "old"] | "warning, new" | true"#,
        ),
        (
            "level",
            r#""quick" | "contents""#,
            r#""deep" | "" | 1 | ["quick"]"#,
        ),
        ("device", r#""" | "Anna" | 5"#, r#"true | ["Anna"]"#),
        ("on-problem", r#""mail" | 5"#, r#""" | true"#),
        ("password-command", r#""pass""#, r#""""#),
        ("metrics", r#""a.prom""#, r#""" | 5 | true"#),
        ("json", "true | false", r#""true" | 1 | "yes""#),
    ];

    #[test]
    fn the_schema_takes_what_the_program_takes_and_nothing_else() {
        let schema = schema();
        for (name, taken, refused) in VALUES {
            for (values, expected) in [(taken, true), (refused, false)] {
                for text in values.split(" | ").flat_map(|part| part.split(" |\n")) {
                    let text = text.trim();
                    let value: Value = serde_json::from_str(text).unwrap();
                    let by_schema = fits(&schema["properties"][name], &value);
                    let by_program = takes(&format!("{name} = {text}"));
                    let both = (by_program, by_schema);
                    assert_eq!(both, (expected, expected), "{name} = {text}");
                }
            }
        }
    }

    #[test]
    fn a_file_names_one_way_to_a_password() {
        let schema = json!({ "not": schema()["not"] });
        for (file, expected) in [
            ("", true),
            ("ask-password = true", true),
            ("password-file = \"p\"\npassword-command = \"c\"", false),
            ("ask-password = true\npassword-file = \"p\"", false),
            ("ask-password = true\npassword-command = \"c\"", false),
            ("ask-password = false\npassword-command = \"c\"", true),
        ] {
            let lines = file.lines().map(|line| line.split_once(" = ").unwrap());
            let value = |text: &str| serde_json::from_str(text).unwrap();
            let lines = lines.map(|(name, text)| (name.to_owned(), value(text)));
            let by_schema = fits(&schema, &Value::Object(lines.collect()));
            assert_eq!((takes(file), by_schema), (expected, expected), "{file}");
        }
    }

    /// What of a device is a number or a span is read by another hand.
    #[test]
    fn the_same_of_a_device() {
        const PHONE: &str = "00008130-000A1C2E3F40801E";
        let schema = schema();
        let of_device = &schema["properties"]["devices"]["patternProperties"][UDID]["properties"];
        for (text, expected) in [
            ("name = \"\"", true),
            ("name = 5", true),
            ("keep-last = \"+4\"", true),
            ("keep-last = \"70000\"", false),
            ("keep-last = 0", false),
            ("stale-after = \"off\"", true),
            ("stale-after = \"99999999y\"", false),
            ("keep-within = \"1y6mo\"", true),
            ("keep-within = \"off\"", false),
        ] {
            let (name, value) = text.split_once(" = ").unwrap();
            let value: Value = serde_json::from_str(value).unwrap();
            let by_program = takes(&format!("[devices.{PHONE}]\n{text}"));
            let both = (by_program, fits(&of_device[name], &value));
            assert_eq!(both, (expected, expected), "{text}");
        }
    }

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
