//! Everything that bkscan is built from may be given on under its own licence.

use std::env;
use std::ffi::OsString;
use std::process::{Command, Output};

use serde_json::Value;

use crate::harness::Ended as _;

/// The licences that are enough, by their SPDX ids. All are permissive: they ask that their text and the
/// names of the authors are given along, and nothing else.
const ALLOWED: &[&str] = &[
    "Apache-2.0",
    "MIT",
    // That of Unicode's own tables, which the crates that break lines and compare letters bring along.
    "Unicode-3.0",
    // foldhash, a hash function: asks even less, no notice in what is built.
    "Zlib",
];

/// An expression of SPDX: `MIT OR Apache-2.0`, `(MIT OR Apache-2.0) AND Unicode-3.0`. `AND` binds before
/// `OR`; the old `/` means `OR`. A licence with an exception (`WITH`) is one of its own.
struct Expression<'a> {
    words: std::iter::Peekable<std::vec::IntoIter<&'a str>>,
    allowed: &'a [&'a str],
}

impl Expression<'_> {
    /// Whether the licences that are allowed satisfy it; nothing where it is no expression.
    fn is_satisfied(text: &str, allowed: &[&str]) -> Option<bool> {
        let spaced = (text.replace('(', " ( "))
            .replace(')', " ) ")
            .replace('/', " OR ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut expression = Expression {
            words: words.into_iter().peekable(),
            allowed,
        };
        let satisfied = expression.any()?;
        expression.words.next().is_none().then_some(satisfied)
    }

    fn any(&mut self) -> Option<bool> {
        let mut satisfied = self.all()?;
        while self.words.next_if_eq(&"OR").is_some() {
            satisfied |= self.all()?;
        }
        Some(satisfied)
    }

    fn all(&mut self) -> Option<bool> {
        let mut satisfied = self.one()?;
        while self.words.next_if_eq(&"AND").is_some() {
            satisfied &= self.one()?;
        }
        Some(satisfied)
    }

    fn one(&mut self) -> Option<bool> {
        let word = self.words.next()?;
        if word == "(" {
            let satisfied = self.any()?;
            return self.words.next_if_eq(&")").map(|_| satisfied);
        }
        if ["OR", "AND", "WITH", ")"].contains(&word) {
            return None;
        }
        if self.words.next_if_eq(&"WITH").is_some() {
            let exception = self.words.next()?;
            let whole = format!("{word} WITH {exception}");
            return Some(self.allowed.contains(&whole.as_str()));
        }
        Some(self.allowed.contains(&word))
    }
}

/// Every package that the lock file names, for all systems. A fresh machine has downloaded only those
/// for its own: then these, for nothing here may ask the network.
fn packages() -> Vec<Value> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let ask = |args: &[&str]| -> Output {
        Command::new(&cargo)
            .args(args)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .ended()
            .unwrap()
    };
    let all = ["metadata", "--locked", "--offline", "--format-version", "1"];
    let mut answer = ask(&all);
    if !answer.status.success() {
        let version = String::from_utf8(ask(&["-vV"]).stdout).unwrap();
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        answer = ask(&[&all[..], &["--filter-platform", host.unwrap()]].concat());
    }
    assert!(
        answer.status.success(),
        "{}",
        String::from_utf8_lossy(&answer.stderr)
    );
    let metadata: Value = serde_json::from_slice(&answer.stdout).unwrap();
    let used = metadata["resolve"]["nodes"].as_array().unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .filter(|package| used.iter().any(|node| node["id"] == package["id"]))
        .cloned()
        .collect()
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and there may be no cargo")]
fn every_package_has_a_licence_that_is_allowed() {
    let packages = packages();
    assert!(packages.len() > 100, "the packages were not found");
    let satisfied = |package: &Value, allowed: &[&str]| {
        let licence = package["license"].as_str();
        licence.and_then(|text| Expression::is_satisfied(text, allowed)) == Some(true)
    };
    let refused: Vec<String> = (packages.iter())
        .filter(|package| !satisfied(package, ALLOWED))
        .map(|package| format!("{}: {}", package["name"], package["license"]))
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    // None is allowed in advance.
    for licence in ALLOWED {
        let others: Vec<&str> = (ALLOWED.iter().copied())
            .filter(|other| other != licence)
            .collect();
        let all = packages.iter().all(|package| satisfied(package, &others));
        assert!(!all, "no package needs {licence}: take it off the list");
    }
}

#[test]
fn expressions_are_read_as_spdx_says() {
    let allowed = ["MIT", "Zlib"];
    for (text, expected) in [
        ("MIT", Some(true)),
        ("GPL-3.0-only", Some(false)),
        ("GPL-3.0-only OR MIT", Some(true)),
        ("Unlicense/MIT", Some(true)),
        ("MIT AND GPL-3.0-only", Some(false)),
        ("(GPL-3.0-only OR MIT) AND Zlib", Some(true)),
        // AND binds before OR.
        ("MIT OR Zlib AND GPL-3.0-only", Some(true)),
        ("(MIT OR Zlib) AND GPL-3.0-only", Some(false)),
        ("MIT WITH some-exception", Some(false)),
        ("MIT WITH some-exception OR Zlib", Some(true)),
        ("", None),
        ("MIT Zlib", None),
        ("MIT OR", None),
        ("(MIT", None),
        ("MIT)", None),
    ] {
        assert_eq!(Expression::is_satisfied(text, &allowed), expected, "{text}");
    }
}
