//! Rules about the source that matter as much as behaviour, checked on its text.

use std::fs;
use std::path::Path;

/// Layers from below: a module uses only modules of lower layers, or its own.
const LAYERS: &[(u32, &[&str])] = &[
    (1, &["model"]),
    (2, &["platform"]),
    (
        3,
        &[
            "config", "groups", "human", "names", "places", "products", "progress", "shell",
        ],
    ),
    // Stages; all but `read` and `measure` are pure. Stages never call each other, but for
    // discovery, which must read an Info.plist to tell a backup from a program.
    (
        4,
        &["read", "measure", "compare", "describe", "verify", "plan"],
    ),
    (5, &["discover", "look", "devices"]),
    (6, &["advise"]),
    (7, &["scan", "redact"]),
    (8, &["render"]),
    (9, &["cli"]),
];

/// Every source file: its module's first name, its path, and its text without tests.
fn sources() -> Vec<(String, String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    for entry in walkdir::WalkDir::new(&src).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        let is_test = path.file_name().is_some_and(|name| name == "tests.rs");
        if path.extension().is_some_and(|extension| extension == "rs") && !is_test {
            let relative = path
                .strip_prefix(&src)
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/");
            let module = relative.split(['/', '.']).next().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
            let code = text
                .split("#[cfg(test)]\nmod tests")
                .next()
                .unwrap()
                .to_owned();
            sources.push((module, relative, code));
        }
    }
    assert!(sources.len() > 20, "the sources were not found");
    sources
}

fn layer(module: &str) -> Option<u32> {
    LAYERS
        .iter()
        .find(|(_, modules)| modules.contains(&module))
        .map(|(layer, _)| *layer)
}

#[test]
fn modules_use_only_lower_layers() {
    for (module, file, code) in sources() {
        if ["main", "lib"].contains(&module.as_str()) {
            continue;
        }
        let own = layer(&module).unwrap_or_else(|| panic!("{file} is in no layer"));
        for (_, rest) in code
            .match_indices("crate::")
            .map(|(at, _)| code.split_at(at + 7))
        {
            // `use crate::{a, b::c}` names several at once.
            let names: Vec<&str> = match rest.strip_prefix('{') {
                Some(group) => group.split('}').next().unwrap().split(',').collect(),
                None => vec![rest],
            };
            for name in names {
                let name = name.trim_start();
                let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
                let used = &name[..end.unwrap_or(name.len())];
                if let Some(other) = layer(used) {
                    assert!(used == module || other < own, "{file} uses {used}");
                }
            }
        }
    }
}

#[test]
fn nothing_is_written_where_it_must_not_be() {
    for (_, file, code) in sources() {
        for call in [
            "fs::remove",
            "fs::rename",
            "set_permissions",
            "set_modified",
            "set_times",
        ] {
            assert!(!code.contains(call), "{file} has {call}");
        }
        // The one place that makes files: private copies of a manifest with its -wal.
        let makes = [
            "File::create",
            "fs::write",
            "create_dir",
            "tempdir",
            ".write(true)",
            "fs::copy",
        ];
        for call in makes.iter().filter(|call| code.contains(**call)) {
            assert_eq!(file, "read/manifest_db.rs", "{call}");
        }
    }
}

#[test]
fn what_is_pure_stays_pure() {
    for (module, file, code) in sources() {
        let pure = [
            "compare", "verify", "plan", "advise", "redact", "describe", "model", "human", "names",
            "groups", "devices", "products", "shell",
        ];
        if pure.contains(&module.as_str()) {
            for call in [
                "std::fs", "std::io", "rusqlite", "::now()", "std::env", "walkdir",
            ] {
                assert!(!code.contains(call), "{file} has {call}");
            }
        }
        // The clock is asked by the process alone.
        assert!(
            module == "cli" || !code.contains("::now()"),
            "{file} asks the clock"
        );
    }
}

#[test]
fn code_for_one_system_lives_in_one_file() {
    for (_, file, code) in sources() {
        for condition in ["cfg(unix)", "cfg(windows)", "cfg(target_os", "cfg!("] {
            assert!(
                file == "platform.rs" || !code.contains(condition),
                "{file} has {condition}"
            );
        }
    }
}
