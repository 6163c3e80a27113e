//! Rules about the source that matter as much as behaviour, checked on its text.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Layers from below: a module uses only modules of lower layers, or its own.
const LAYERS: &[(u32, &[&str])] = &[
    (1, &["model", "secret"]),
    (2, &["means", "platform"]),
    (
        3,
        &[
            "config",
            "crypto",
            "databases",
            "document",
            "groups",
            "human",
            "keepsakes",
            "names",
            "places",
            "products",
            "progress",
            "shell",
            "state",
            "textfile",
        ],
    ),
    // Stages; all but `read` and `measure` are pure. Stages never call each other, but for
    // discovery, which must read an Info.plist to tell a backup from a program. `remove` is no
    // stage, and knows of none.
    (
        4,
        &[
            "read", "measure", "remove", "compare", "cover", "describe", "losses", "verify",
            "schedule",
        ],
    ),
    (5, &["discover", "keyring", "contents", "plan"]),
    (6, &["devices", "look", "reasons"]),
    (7, &["advise"]),
    (8, &["scan", "redact", "clean", "history"]),
    (9, &["render"]),
    (10, &["cli"]),
];

/// Every source file: its module's first name, its path, and its text without tests.
fn sources() -> Vec<(String, String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    for entry in walkdir::WalkDir::new(&src).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        let below = path.strip_prefix(&src).unwrap();
        let is_test = below
            .iter()
            .any(|name| name == "tests.rs" || name == "tests");
        if path.extension().is_some_and(|extension| extension == "rs") && !is_test {
            let relative = below.to_str().unwrap().replace('\\', "/");
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

/// Every Rust file of the project: its path and its text.
fn all_files() -> Vec<(String, String)> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "tests", "benches"] {
        for entry in walkdir::WalkDir::new(top.join(folder)).sort_by_file_name() {
            let path = entry.unwrap().into_path();
            let below = path.strip_prefix(top).unwrap();
            // What was built of the fuzz targets is not ours.
            let is_built = below.iter().any(|name| name == "target");
            if path.extension().is_some_and(|extension| extension == "rs") && !is_built {
                files.push((
                    below.display().to_string(),
                    fs::read_to_string(&path).unwrap(),
                ));
            }
        }
    }
    files
}

#[test]
fn every_file_begins_with_what_it_is() {
    let files = all_files();
    assert!(files.len() > 100, "the files were not found");
    for (file, text) in files {
        assert!(text.starts_with("//! "), "{file} does not say what it is");
    }
}

fn layer(module: &str) -> Option<u32> {
    LAYERS
        .iter()
        .find(|(_, modules)| modules.contains(&module))
        .map(|(layer, _)| *layer)
}

#[test]
fn the_crate_names_its_modules_layer_by_layer() {
    let lib = sources().into_iter().find(|(module, ..)| module == "lib");
    let text = lib.unwrap().2;
    let groups = text.split("\n\n").map(|group| {
        let modules = group
            .lines()
            .filter_map(|line| line.strip_prefix("pub mod "));
        modules.map(|module| module.trim_end_matches(';')).collect()
    });
    let groups: Vec<BTreeSet<&str>> = groups
        .filter(|group: &BTreeSet<_>| !group.is_empty())
        .collect();
    let layers = LAYERS
        .iter()
        .map(|(_, modules)| modules.iter().copied().collect());
    assert_eq!(groups, layers.collect::<Vec<BTreeSet<&str>>>());
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
    for (module, file, code) in sources() {
        // The one place that renames and removes.
        for call in [
            "fs::remove",
            "fs::rename",
            "remove_file",
            "remove_dir",
            "unlink",
            "rmdir",
            "renameat",
        ] {
            assert!(
                module == "remove" || !code.contains(call),
                "{file} has {call}"
            );
        }
        // Nothing does, `remove` included: it takes what it may remove as it finds it.
        for call in [
            "set_permissions",
            "set_modified",
            "set_times",
            "set_len",
            "chmod(",
            "chmodat(",
            "chown",
            "utimens",
            "setflags",
            "setxattr",
        ] {
            assert!(!code.contains(call), "{file} has {call}");
        }
        // The places that make files: private copies of a manifest with its -wal, what bkscan keeps
        // for itself, and a file that the user asked for.
        let making = ["read/database.rs", "state.rs", "textfile.rs"];
        let makes = [
            "File::create",
            "fs::write",
            "create_dir",
            ".create(true)",
            ".append(true)",
            "tempdir",
            "tempfile",
            ".persist(",
            ".write(true)",
            "fs::copy",
            "hard_link",
            "fs::symlink(",
            "symlinkat",
            "::linkat",
            "mkdirat",
            "mknodat",
            "OFlags::CREATE",
            "OFlags::WRONLY",
            "OFlags::RDWR",
        ];
        for call in makes.iter().filter(|call| code.contains(**call)) {
            assert!(making.contains(&file.as_str()), "{file} has {call}");
        }
    }
}

#[test]
fn one_door_leads_to_removal() {
    for (module, file, code) in sources() {
        for call in ["Holder", ".set_aside(", ".put_back("] {
            let may = module == "remove" || file == "clean/door.rs";
            assert!(may || !code.contains(call), "{file} has {call}");
        }
    }
}

#[test]
fn what_is_pure_stays_pure() {
    for (module, file, code) in sources() {
        let pure = [
            "compare", "verify", "plan", "advise", "redact", "describe", "losses", "model",
            "human", "names", "groups", "devices", "products", "shell", "history", "schedule",
            "reasons",
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
        for condition in [
            "cfg(unix)",
            "cfg(windows)",
            "cfg(target_",
            "cfg(any(",
            "cfg(all(",
            "cfg(not(",
            "cfg!(",
        ] {
            // In `remove` it only chooses which file is compiled.
            assert!(
                ["platform.rs", "remove/mod.rs"].contains(&file.as_str())
                    || !code.contains(condition),
                "{file} has {condition}"
            );
        }
    }
}

#[test]
fn the_door_to_removal_chooses_files_by_system_and_nothing_else() {
    let (_, _, code) = sources()
        .into_iter()
        .find(|(_, file, _)| file == "remove/mod.rs")
        .unwrap();
    // Up to the `mod` or `use` that follows.
    for (at, _) in code.match_indices("#[cfg(") {
        let chosen = code[at..]
            .lines()
            .find(|line| {
                ["mod ", "use ", "fn ", "pub ", "let ", "impl "]
                    .iter()
                    .any(|start| line.trim_start().starts_with(start))
            })
            .unwrap();
        assert!(
            chosen.starts_with("mod ") || chosen.starts_with("use "),
            "{chosen}"
        );
    }
    assert!(!code.contains("cfg!("));
}

/// Each section of the notes on the format that a comment cites is there.
#[test]
fn what_is_cited_of_the_format_is_written_down() {
    let notes = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/facts/format.md");
    let notes = fs::read_to_string(notes).unwrap();
    let headings = notes.lines().filter(|line| line.starts_with('#'));
    let numbers: BTreeSet<&str> = headings
        .filter_map(|line| line.trim_start_matches('#').split_whitespace().next())
        .map(|number| number.trim_end_matches('.'))
        .collect();
    let mut count = 0;
    for (file, text) in all_files() {
        for (at, mark) in text.match_indices("F§") {
            let cited = &text[at + mark.len()..];
            let end = cited.find(|c: char| !c.is_ascii_alphanumeric() && c != '.');
            let cited = cited[..end.unwrap_or(cited.len())].trim_end_matches('.');
            // The sign itself is spoken of.
            if cited.starts_with(|c: char| c.is_ascii_digit()) {
                assert!(numbers.contains(cited), "{file} cites {cited}");
                count += 1;
            }
        }
    }
    assert!(count > 100, "the citations were not found");
}
