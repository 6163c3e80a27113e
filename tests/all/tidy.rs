//! Rules about the source that matter as much as behaviour, checked on its text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

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
fn tests_stand_in_rooms_named_as_in_the_source() {
    let rooms: BTreeSet<String> = sources().into_iter().map(|(room, ..)| room).collect();
    // What is looked at in these is the project itself.
    let of_the_project = [
        "main", "harness", "builder", "licences", "readme", "samples", "tidy",
    ];
    for (file, _) in all_files() {
        let file = file.replace('\\', "/");
        let Some(below) = file.strip_prefix("tests/all/") else {
            continue;
        };
        let room = below.split(['/', '.']).next().unwrap();
        assert!(
            rooms.contains(room) || of_the_project.contains(&room),
            "{file} is in no room of the source"
        );
    }
}

#[test]
fn every_file_begins_with_what_it_is() {
    let files = all_files();
    assert!(files.len() > 100, "the files were not found");
    for (file, text) in files {
        assert!(text.starts_with("//! "), "{file} does not say what it is");
    }
}

/// The rooms, in the order in which `lib.rs` names them.
fn rooms() -> Vec<String> {
    let lib = sources().into_iter().find(|(room, ..)| room == "lib");
    let text = lib.unwrap().2;
    let rooms = text.lines().filter_map(|line| {
        let line = line.trim_start_matches("pub ");
        line.strip_prefix("mod ")?.strip_suffix(';')
    });
    rooms.map(str::to_owned).collect()
}

#[test]
fn a_room_uses_only_those_above_it() {
    let rooms = rooms();
    assert!(rooms.len() > 15, "the rooms were not found");
    let place = |room: &str| rooms.iter().position(|other| other == room);
    let graph = Graph::of_sources();
    for (file, used) in &graph.uses {
        let own = place(room_of(file)).unwrap_or_else(|| panic!("{file} is in no room"));
        for other in used {
            assert!(place(room_of(other)) <= Some(own), "{file} uses {other}");
        }
    }
}

#[test]
fn no_files_use_one_another_in_a_circle() {
    let graph = Graph::of_sources();
    let count: usize = graph.uses.values().map(BTreeSet::len).sum();
    assert!(count > 1000, "the uses were not found: {count}");
    for file in graph.uses.keys() {
        let mut seen = BTreeSet::new();
        let mut open = vec![file];
        while let Some(next) = open.pop() {
            for used in graph.uses.get(next).into_iter().flatten() {
                assert!(used != file, "{file} is used by {next}, which it uses");
                if seen.insert(used) {
                    open.push(used);
                }
            }
        }
    }
}

/// A module is a file, or a folder with a `mod.rs`: never both.
#[test]
fn a_module_has_one_place() {
    let files: BTreeSet<String> = all_files().into_iter().map(|(file, _)| file).collect();
    for file in files.iter().filter(|file| file.starts_with("src")) {
        let folder = file.trim_end_matches(".rs").replace('\\', "/") + "/";
        let has_folder = files
            .iter()
            .any(|other| other.replace('\\', "/").starts_with(&folder));
        assert!(!has_folder, "{file} has a folder of its name");
    }
}

fn room_of(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap()
}

/// Which source file names what of which other ones; that a `mod.rs` has a file below it is no use.
struct Graph {
    uses: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn of_sources() -> Graph {
        let files: Vec<(String, String)> = sources()
            .into_iter()
            .filter(|(room, ..)| !["lib", "main"].contains(&room.as_str()))
            .map(|(_, file, code)| (file, code))
            .collect();
        let modules: BTreeMap<Vec<&str>, &str> = (files.iter())
            .map(|(file, _)| (module_of(file), file.as_str()))
            .collect();
        let mut uses = BTreeMap::new();
        for (file, code) in &files {
            let own = module_of(file);
            let mut used = BTreeSet::new();
            for path in paths(code) {
                let found = resolve(&path, &own, &modules);
                used.extend(found.filter(|found| found != file).map(str::to_owned));
            }
            uses.insert(file.clone(), used);
        }
        Graph { uses }
    }
}

fn module_of(file: &str) -> Vec<&str> {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').collect()
}

/// The file that a path leads to.
fn resolve<'a>(
    path: &[String],
    own: &[&str],
    modules: &BTreeMap<Vec<&str>, &'a str>,
) -> Option<&'a str> {
    let mut at: Vec<&str> = match path[0].as_str() {
        "crate" => vec![],
        "super" | "self" => own.to_vec(),
        // A module below, named without any way to it.
        child => {
            let below = [own, &[child]].concat();
            modules.get(&below)?;
            own.to_vec()
        }
    };
    for part in path {
        match part.as_str() {
            "crate" | "self" => {}
            "super" => _ = at.pop(),
            part => {
                at.push(part);
                if !modules.contains_key(&at) {
                    at.pop();
                    break;
                }
            }
        }
    }
    modules.get(&at).copied()
}

/// The paths that a text names: those of `use`, with their groups taken apart, and those in the code.
fn paths(code: &str) -> Vec<Vec<String>> {
    let code: String = code
        .lines()
        .map(|line| line.split("//").next().unwrap().to_owned() + "\n")
        .collect();
    let mut all = Vec::new();
    let mut rest = code.as_str();
    while let Some(at) = rest.find("use ") {
        let (before, after) = rest.split_at(at);
        all.extend(named(before));
        let is_word = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let end = after.find(';').unwrap_or(after.len());
        if is_word {
            rest = &after[4..];
        } else {
            let mut flat = Vec::new();
            take_apart(&after[4..end], "", &mut flat);
            all.extend(flat.iter().map(|path| parts(path)));
            rest = &after[end..];
        }
    }
    all.extend(named(rest));
    all.retain(|path| !path.is_empty());
    all
}

fn parts(path: &str) -> Vec<String> {
    let path = path.split(" as ").next().unwrap();
    path.split("::")
        .map(|part| part.trim().to_owned())
        .collect()
}

/// Paths that stand in code: words with `::` between them.
fn named(code: &str) -> Vec<Vec<String>> {
    let words = code.split(|c: char| !c.is_alphanumeric() && !"_:".contains(c));
    let words = words.filter(|word| word.contains("::") && !word.starts_with(':'));
    words
        .map(|word| parts(word.trim_end_matches(':')))
        .collect()
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn take_apart(tree: &str, before: &str, into: &mut Vec<String>) {
    let Some((head, group)) = tree.split_once('{') else {
        let path = match tree.trim() {
            "self" => before.trim_end_matches("::").to_owned(),
            name => format!("{before}{name}"),
        };
        if !path.is_empty() {
            into.push(path);
        }
        return;
    };
    let group = &group[..group.rfind('}').unwrap_or(group.len())];
    let before = format!("{before}{}", head.trim());
    let (mut depth, mut start) = (0, 0);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                take_apart(&group[start..at], &before, into);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !group[start..].trim().is_empty() {
        take_apart(&group[start..], &before, into);
    }
}

/// The only code that renames and removes.
fn is_remove(file: &str) -> bool {
    file.starts_with("clean/remove/")
}

#[test]
fn nothing_is_written_where_it_must_not_be() {
    for (_, file, code) in sources() {
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
            // A job that its user removes goes with its files.
            let is_of_job =
                file == "system/job_file.rs" && ["fs::remove", "remove_file"].contains(&call);
            assert!(
                is_remove(&file) || is_of_job || !code.contains(call),
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
        // for itself, a file that the user asked for, the folder of a job, and a mended backup.
        let making = [
            "system/private.rs",
            "state/folder.rs",
            "state/own_file.rs",
            "system/replace_file.rs",
            "system/job_file.rs",
            "system/making/unix.rs",
            "system/making/windows.rs",
        ];
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
            "hard_link(",
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
    for (_, file, code) in sources() {
        for call in ["Holder", ".set_aside(", ".put_back("] {
            // A mended backup gets its name through the same code, and what a stopped mend left goes.
            let may =
                is_remove(&file) || ["clean/door.rs", "mend/write/keeper.rs"].contains(&&*file);
            assert!(may || !code.contains(call), "{file} has {call}");
        }
    }
}

#[test]
fn one_room_writes_a_backup() {
    for (_, file, code) in sources() {
        let may = file.starts_with("mend/write/") || file.starts_with("system/making/");
        for call in ["NewFolder", "making::", ".to_change("] {
            assert!(may || !code.contains(call), "{file} has {call}");
        }
    }
}

#[test]
fn what_is_pure_stays_pure() {
    for (room, file, code) in sources() {
        let pure = [
            "model", "facts", "words", "compare", "verify", "mendable", "cover", "plan", "advise",
            "report",
        ];
        // The words of a secret are wiped, and its forms are bytes.
        if pure.contains(&room.as_str()) {
            for call in [
                "std::fs", "std::io", "rusqlite", "::now()", "std::env", "walkdir",
            ] {
                assert!(!code.contains(call), "{file} has {call}");
            }
        }
        // The clock is asked by the process alone.
        assert!(
            room == "cli" || !code.contains("::now()"),
            "{file} asks the clock"
        );
    }
}

/// Where it is only chosen which file of the removal is compiled.
const CHOOSE_FILES: [&str; 2] = [
    "clean/remove/folder/mod.rs",
    "clean/remove/folder/kernel/mod.rs",
];

#[test]
fn code_for_one_system_lives_in_one_room() {
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
            let may = file.starts_with("system/") || CHOOSE_FILES.contains(&file.as_str());
            assert!(may || !code.contains(condition), "{file} has {condition}");
        }
    }
}

#[test]
fn the_door_to_removal_chooses_files_by_system_and_nothing_else() {
    for (_, file, code) in sources() {
        if !CHOOSE_FILES.contains(&file.as_str()) {
            continue;
        }
        // Up to the `mod` or `use` that follows.
        for (at, _) in code.match_indices("#[cfg(") {
            let starts = ["mod ", "use ", "fn ", "pub ", "let ", "impl "];
            let is_start = |line: &&str| {
                starts
                    .iter()
                    .any(|start| line.trim_start().starts_with(start))
            };
            let chosen = code[at..].lines().find(is_start).unwrap();
            let chosen = chosen
                .trim_start_matches("pub(super) ")
                .trim_start_matches("pub ");
            assert!(
                chosen.starts_with("mod ") || chosen.starts_with("use "),
                "{file}: {chosen}"
            );
        }
        assert!(!code.contains("cfg!("), "{file}");
    }
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
