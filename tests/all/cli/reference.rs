//! `bkscan schema`, `completions`, `man` and `help`: what they print is of this program, all of it, and nothing
//! keeps them from printing it. `.ci/schema` and `.ci/shells` ask other programs whether they read it.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Map, Value, json};

use crate::harness::{Ended as _, NOW, Run, program, run};
use crate::support::empty_folder;

const COMMANDS: &str =
    "show diff clean mend explain history report schedule config schema completions man help";

const OPTIONS: &str = "list json html level now threads quiet fail-on color old-after oversized keep-last \
                       keep-within include-archived trust-locked may-lose advice redact ask-password \
                        password-file password-command interactive delete dry-run yes only device older-than stale-after \
                        metrics on-problem nagios install remove state-dir no-state forget subset config to link plan help version";

/// What `words` print, with exit code 0 and nothing on stderr.
fn printed(words: &[&str]) -> String {
    let run = run(words);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{words:?}");
    run.stdout
}

// ---- schema ----

/// Where a document and the schema differ in names: those that the schema does not know, and those
/// that it requires and the document lacks. Types and words are for `.ci/schema`.
pub fn differences(schema: &Value, of: &Value, found: &Value, at: &str, told: &mut Vec<String>) {
    let of = match of.get("$ref") {
        Some(name) => schema.pointer(&name.as_str().unwrap()[1..]).unwrap(),
        None => of,
    };
    if let Some(either) = of.get("anyOf") {
        if !found.is_null() {
            differences(schema, &either[0], found, at, told);
        }
        return;
    }
    match found {
        Value::Object(found) => {
            let none = Map::new();
            let known = of["properties"].as_object().unwrap_or(&none);
            for (name, value) in found {
                match known.get(name) {
                    Some(of) => differences(schema, of, value, &format!("{at}.{name}"), told),
                    None => told.push(format!("{at}.{name} is unknown")),
                }
            }
            for name in of["required"].as_array().into_iter().flatten() {
                if !found.contains_key(name.as_str().unwrap()) {
                    told.push(format!("{at}.{name} is missing"));
                }
            }
        }
        Value::Array(found) => {
            for one in found {
                differences(schema, &of["items"], one, at, told);
            }
        }
        _ => {}
    }
}

fn schema() -> Value {
    serde_json::from_str(&printed(&["schema"])).unwrap()
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn the_schema_has_the_names_of_real_documents() {
    let schema = schema();
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/MobileSync");
    let backup = format!("{samples}/Backup/00008103-0012345678901234");
    for words in [
        [samples, "--level=quick"],
        [samples, "--level=contents"],
        [samples, "--redact"],
        ["clean", samples],
        ["show", &backup],
    ] {
        let run = run(words.iter().chain(&["--json", "--now", NOW]));
        let mut document: Value = serde_json::from_str(&run.stdout).unwrap();
        let mut told = Vec::new();
        differences(&schema, &schema, &document, "", &mut told);
        assert_eq!(told, [""; 0], "{words:?}");
        // It is seen where one differs.
        let summary = document["summary"].as_object_mut().unwrap();
        let files = summary.remove("files").unwrap();
        summary.insert("fils".to_owned(), files);
        differences(&schema, &schema, &document, "", &mut told);
        let seen = [".summary.fils is unknown", ".summary.\"files\" is missing"];
        assert_eq!(told, seen);
    }
}

#[test]
fn the_schema_requires_what_is_always_there() {
    let schema = schema();
    let draft = "https://json-schema.org/draft/2020-12/schema";
    assert_eq!(schema["$schema"], draft);
    let mut types = vec![("", &schema)];
    let inner = schema["$defs"].as_object().unwrap();
    types.extend(inner.iter().map(|(name, of)| (name.as_str(), of)));
    let mut optional = Vec::new();
    for (name, of) in types {
        let required: Vec<_> = of["required"].as_array().unwrap().iter().collect();
        for (property, of) in of["properties"].as_object().unwrap() {
            let text = of["description"].as_str().unwrap_or_default();
            let is_sentence = text.ends_with('.') && !text.contains('\n');
            assert!(is_sentence, "{name}.{property}: {text:?}");
            if !required.contains(&&Value::from(property.as_str())) {
                optional.push(format!("{name}.{property}"));
            }
        }
        // A later version may add names.
        assert!(of.get("additionalProperties").is_none(), "{name}");
    }
    let may_be_missing = ".domains .done .largest .plan Backup.contents Backup.path_hex Beside.path_hex \
                          Done.path_hex Planned.path_hex Problem.path_hex Root.path_hex";
    assert_eq!(optional.join(" "), may_be_missing);
    let backup = &schema["$defs"]["Backup"]["properties"];
    let verdicts = "unreadable in-progress incomplete corrupt interrupted unverified complete";
    let verdicts: Vec<_> = verdicts.split(' ').collect();
    assert_eq!(backup["verdict"]["enum"], json!(verdicts));
    let formats = json!(["sqlite", "mbdb", null]);
    assert_eq!(backup["manifest_format"]["enum"], formats);
    assert_eq!(backup["udid"]["type"], json!(["string", "null"]));
    let bytes = &schema["$defs"]["Size"]["properties"]["allocated_bytes"];
    assert_eq!(bytes["type"], json!(["integer", "null"]));
    assert_eq!(bytes.get("maximum"), None);
    assert_eq!(schema["properties"]["schema_version"]["const"], 1);
}

// ---- help ----

/// The options that a page of help has.
fn shown(help: &str) -> Vec<&str> {
    let lines = help.lines().map(str::trim_start);
    let named = lines.filter(|line| line.starts_with('-'));
    let named = named.filter_map(|line| line.split_once("--"));
    named
        .map(|(_, rest)| rest.split([' ', '.', ',']).next().unwrap())
        .collect()
}

#[test]
fn the_first_page_has_what_people_need() {
    let mut command = program();
    command.arg("--help").env("COLUMNS", "80");
    let run: Run = command.ended().unwrap().into();
    let help = run.stdout;
    assert_eq!(
        shown(&help).join(" "),
        "json html level quiet fail-on old-after keep-last advice redact ask-password version help"
    );
    assert!(help.lines().count() <= 60, "{help}");
    assert!(
        help.lines().all(|line| line.chars().count() <= 80),
        "{help}"
    );
    let examples = help.lines().filter(|line| line.starts_with("  bkscan"));
    assert_eq!(examples.count(), 4, "{help}");
    for command in COMMANDS.split(' ') {
        assert!(
            help.contains(&format!("\n  {command} ")),
            "{command}: {help}"
        );
    }
    assert!(help.contains("bkscan help options"), "{help}");
}

/// Every option is on the page of some command, and no command has one that it refuses.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_commands_page_and_its_completions_have_what_it_takes() {
    // The last one is of scans alone, which have no page but the first one; that is short.
    let mut all = BTreeSet::from(["version", "nagios"].map(str::to_owned));
    for (command, own, none) in [
        (
            "clean",
            "delete dry-run only device older-than",
            "html fail-on list forget metrics",
        ),
        (
            "diff",
            "list",
            "keep-last html delete state-dir interactive",
        ),
        (
            "mend",
            "to link plan yes",
            "keep-last html delete list state-dir",
        ),
        ("history", "forget", "level keep-last ask-password delete"),
        (
            "schedule",
            "install remove html yes stale-after metrics on-problem no-state subset",
            "now ask-password delete",
        ),
        ("man", "", "json level delete ask-password"),
    ] {
        let help = printed(&[command, "--help"]);
        let shown = shown(&help);
        let own: Vec<&str> = own.split_whitespace().collect();
        assert_eq!(shown[..own.len()], own, "{help}");
        let fish = printed(&["completions", "fish"]);
        for option in none.split(' ') {
            assert!(!shown.contains(&option), "{command} {option}: {help}");
            let offered = format!("using_subcommand {command}\" -l {option} ");
            assert!(!fish.contains(&offered), "{command} {option}");
        }
        all.extend(shown.into_iter().map(str::to_owned));
    }
    let options = OPTIONS.split(' ').map(str::to_owned);
    assert_eq!(all, options.collect::<BTreeSet<_>>());
}

// ---- completions ----

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn completions_name_every_command_and_option() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = printed(&["completions", shell]);
        for option in OPTIONS.split(' ') {
            let option = match shell {
                "fish" => format!(" -l {option}"),
                _ => format!("--{option}"),
            };
            assert!(script.contains(&option), "{shell} lacks {option}");
        }
        for command in COMMANDS.split(' ') {
            let command = match shell {
                "bash" => format!("bkscan,{command})"),
                "zsh" => format!("\n'{command}:"),
                "fish" => format!(" -a \"{command}\" -d "),
                "elvish" => format!("cand {command} '"),
                _ => format!("::new('{command}', "),
            };
            assert!(script.contains(&command), "{shell} lacks {command}");
        }
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn completions_have_the_words_that_there_are() {
    let bash = [
        "compgen -W \"quick standard contents\"",
        "compgen -W \"error warning new\"",
        " unreadable in-progress incomplete corrupt ",
        " file-missing ",
        " cron systemd launchd windows\"",
        " bash elvish fish powershell zsh\"",
    ];
    let zsh = [
        "'--password-file=[Take the first line of this file, which nobody else may be able to read]\
         :FILE:_files'",
        "'--now=[The time that counts as now, such as 2026-11-20T09\\:00\\:00Z]:RFC3339:'",
        "':shell -- The shell:(bash elvish fish powershell zsh)'",
        " file-missing ",
    ];
    let fish = [
        "using_subcommand completions\" -f -a \"bash elvish fish powershell zsh\"\n",
        "using_subcommand explain\" -f -a \"unreadable in-progress ",
        "-l state-dir -d 'Where to remember runs [default: bkscan in the user\\'s state folder]' -r -f \
         -a \"(__fish_complete_directories)\"",
    ];
    let elvish = [
        "&'--color'= [auto always never]\n",
        "&'schedule'= [cron systemd launchd windows]\n",
        "&'explain'= [unreadable in-progress ",
    ];
    for (shell, words) in [
        ("bash", &bash[..]),
        ("zsh", &zsh),
        ("fish", &fish),
        ("elvish", &elvish),
    ] {
        let script = printed(&["completions", shell]);
        for word in words {
            assert!(script.contains(word), "{shell} lacks {word}");
        }
    }
    // The program itself still answers in its own words.
    let run = run(["explain", "file-mising"]);
    let said = "bkscan: there is no finding, verdict or reason named file-mising; did you mean \
                file-missing? (bkscan explain lists all)\n";
    assert_eq!((run.code, run.stderr.as_str()), (64, said));
}

// ---- man ----

#[test]
fn the_manual_has_every_command_and_option_once() {
    let page = printed(&["man"]);
    assert_eq!(page, printed(&["man"]));
    let version = env!("CARGO_PKG_VERSION");
    let title = format!(".TH BKSCAN 1 \"\" \"bkscan {version}\" \"User Commands\"\n");
    assert!(page.contains(&title), "{page}");
    let headings = page.lines().filter_map(|line| line.strip_prefix(".SH "));
    let headings: Vec<_> = headings.map(|heading| heading.trim_matches('"')).collect();
    let expected = "NAME, SYNOPSIS, DESCRIPTION, COMMANDS, OPTIONS, SCREEN, VERDICTS, PLACES, ENCRYPTED, \
                    CONTENTS, PROMISES, SPEED, EXIT STATUS, FILES, ENVIRONMENT, EXAMPLES, SEE ALSO";
    assert_eq!(headings.join(", "), expected);
    let after = page.lines().zip(page.lines().skip(1));
    let after = after.filter(|(before, _)| before.starts_with(".TP"));
    let plain = |(_, entry): (&str, &str)| {
        let entry = entry.replace("\\fB", "").replace("\\fR", "");
        entry.replace("\\fI", "").replace("\\-", "-")
    };
    let entries: Vec<String> = after.map(plain).collect();
    let once = |name: &str, is_it: &dyn Fn(&str) -> bool| {
        let count = entries.iter().filter(|entry| is_it(entry)).count();
        assert_eq!(count, 1, "{name} in {entries:#?}");
    };
    for option in OPTIONS.split(' ') {
        let option = format!("--{option}");
        once(&option, &|entry| {
            entry.starts_with('-') && entry.split([' ', ',']).any(|word| word == option)
        });
    }
    let others = "show BACKUP; clean [PATH]...; mend BACKUP; explain [ID]; history [PATH]...; report FILE.json... \
                  --html OUT; schedule SCHEDULER [PATH]...; config show; config schema; schema [DOCUMENT]; diff OLD NEW; \
                  completions SHELL; man [COMMAND]; help [TOPIC]...; --level LEVEL; --json; -h, --help; \
                  0; 1; 2; 3; 64; 130; 143; BKSCAN_PASSWORD; NO_COLOR; in-progress";
    for name in others.split("; ") {
        once(name, &|entry| entry == name);
    }
    for command in COMMANDS.split(' ') {
        assert!(page.contains(&format!("\\fBbkscan {command}")), "{command}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn every_command_has_a_page_with_its_options_and_topics() {
    let headings = |page: &str| {
        let headings = page.lines().filter_map(|line| line.strip_prefix(".SH "));
        let headings: Vec<_> = headings.map(|heading| heading.trim_matches('"')).collect();
        headings.join(", ")
    };
    for command in COMMANDS.split(' ') {
        let page = printed(&["man", command]);
        let name = format!("bkscan-{command}").replace('-', "\\-");
        assert!(page.contains(&format!("\n{name} \\- ")), "{page}");
        assert!(page.contains(&format!("\\fBbkscan {command}")), "{command}");
        let headings = headings(&page);
        let is_whole = headings.starts_with("NAME, SYNOPSIS, DESCRIPTION, OPTIONS, ");
        assert!(
            is_whole && headings.ends_with("EXIT STATUS, SEE ALSO"),
            "{headings}"
        );
    }
    let clean = printed(&["man", "clean"]);
    let expected = "NAME, SYNOPSIS, DESCRIPTION, OPTIONS, CLEANING, EXIT STATUS, SEE ALSO";
    assert_eq!(headings(&clean), expected);
    for (option, is_there) in [("delete", true), ("older\\-than", true), ("advice", false)] {
        let entry = format!(".TP\n\\fB\\-\\-{option}\\fR");
        assert_eq!(clean.contains(&entry), is_there, "{option}");
    }
    assert_eq!(run(["man", "cleen"]).code, 64);
}

// ---- help ----

#[test]
fn help_lists_commands_and_topics_and_shows_each() {
    let list = printed(&["help"]);
    for line in [
        "  clean        Say what can go, and why\n",
        "  exit-codes  Exit codes, for ",
    ] {
        assert!(list.contains(line), "{list}");
    }
    let (_, topics) = list.split_once("Topics: bkscan help TOPIC\n\n").unwrap();
    let topics: Vec<_> = topics
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
        .filter(|name| !name.is_empty())
        .collect();
    assert_eq!(topics.len(), 19, "{list}");
    let night = printed(&["help", "night"]);
    let first =
        "Every night: run it by itself, silent when all is well\n\n    bkscan schedule launchd ";
    assert!(night.starts_with(first), "{night}");
    // The help of a command, and which topics there are about it.
    let of_command = printed(&["help", "config", "show"]);
    let more = "\nSettings, variables and files: bkscan help settings\n";
    let help = of_command.strip_suffix(more).expect(&of_command);
    let typed = printed(&["config", "show", "--help"]);
    assert_eq!(help, typed.replace("bkscan.exe", "bkscan"));
}

#[test]
fn what_there_is_no_help_about_is_told_with_what_was_meant() {
    for (words, hint) in [
        (&["nigth"][..], "nigth; did you mean night?"),
        (&["compare"], "compare; did you mean comparing?"),
        (
            &["file-missing"],
            "file-missing; did you mean bkscan explain file-missing?",
        ),
        (&["show", "x"], "show x; did you mean show?"),
        (
            &["password"],
            "password; did you mean encrypted, night or settings?",
        ),
        (&["prometheus"], "prometheus; did you mean many?"),
        (&["\u{1b}[31m"], "[31m"),
    ] {
        let run = run([&["help"], words].concat());
        let said =
            format!("bkscan: there is no topic or command named {hint} (bkscan help lists all)\n");
        assert_eq!(run.all(), (64, "", said.as_str()), "{words:?}");
    }
}

// ---- All of them ----

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn wrong_settings_keep_nobody_from_them() {
    let home = empty_folder();
    fs::create_dir(home.path().join("bkscan")).unwrap();
    fs::write(home.path().join("bkscan/config.toml"), "level = \"deep\"").unwrap();
    let with = |variable: (&str, &str), words: &[&str]| -> Run {
        let mut command = program();
        command.env("XDG_CONFIG_HOME", home.path());
        command.env(variable.0, variable.1).args(words);
        command.ended().unwrap().into()
    };
    for variable in [
        ("BKSCAN_LEVEL", "deep"),
        ("BKSCAN_CONFIG", "/nowhere/config.toml"),
        ("BKSCAN_QUIET", "perhaps"),
        ("LANG", "C"),
    ] {
        for words in [
            &["schema"][..],
            &["completions", "fish"],
            &["man"],
            &["help"],
        ] {
            let run = with(variable, words);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{words:?}");
            assert_eq!(run.stdout, printed(words), "{words:?}");
        }
        assert_eq!(with(variable, &["explain"]).code, 64, "{variable:?}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn options_that_mean_nothing_to_them_are_refused() {
    for (words, told) in [
        ("schema --delete", "--delete goes with bkscan clean"),
        ("man --no-state", "--no-state goes with a scan"),
        ("help night --json", "--json does not go with bkscan help"),
        (
            "--ask-password completions zsh",
            "--ask-password goes with a scan, show, diff, mend or clean",
        ),
    ] {
        let run = run(words.split(' '));
        assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{words}");
        let said = format!("bkscan: {told}; nothing was done\n");
        assert_eq!(run.stderr, said);
    }
    let run = run(["completions", "tcsh"]);
    assert_eq!(run.code, 64);
    let shells = "[possible values: bash, elvish, fish, powershell, zsh]";
    assert!(run.stderr.contains(shells), "{run:?}");
}

#[test]
fn a_closed_pipe_ends_them_quietly() {
    for words in [
        &["schema"][..],
        &["completions", "bash"],
        &["man"],
        &["help", "night"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = program().args(words).stdout(writer).ended().unwrap();
        assert_eq!(output.status.code(), Some(0), "{words:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{words:?}");
    }
}
