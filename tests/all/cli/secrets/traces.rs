//! The password, the keys and what they open are nowhere: not in what is said, not in what is written,
//! not where others can look while it runs (issue text: "Nothing secret in messages, JSON or arguments";
//! "Manifest.db is decrypted into memory only").

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::keys::Keys;
use super::*;
use crate::support::{Row, database};

/// Stands in no finding and in no list of the largest files: only who opens the manifest reads it.
const LISTED: &str = "Library/Marmalade listed in the manifest";
/// Stands in an encrypted file.
const CONTENT: &str = "Marmalade inside a file";

/// Two backups that have much to hide, and a damaged one with another password.
fn hiding(rounds: u32) -> BackupBuilder {
    let largest = (0..25).fold(phone("2026-11-10"), |builder, number| {
        builder.file("HomeDomain", &format!("Library/large {number}"), &[1; 5000])
    });
    largest
        .rounds(rounds, 10)
        .file("HomeDomain", LISTED, CONTENT.as_bytes())
        .file("HomeDomain", "Library/SMS/sms.db", &database())
        .add(Row::directory("HomeDomain", "Library/Empty"))
}

/// Something that must be nowhere, in each form in which a program might write it.
struct Secrets {
    forms: Vec<(String, Vec<u8>)>,
    /// Whether some form begins with these two bytes: most of a file is passed by at once.
    begins: Vec<bool>,
}

impl Secrets {
    fn of(backup: &Path, password: &str) -> Secrets {
        let keys = Keys::of(backup, password);
        // These are the keys: they open the manifest.
        let manifest = keys.open_manifest(backup);
        assert!(manifest.starts_with(b"SQLite format 3\0"));
        assert!(contains(&manifest, LISTED.as_bytes()));
        let wide = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut forms = vec![
            ("the password".to_owned(), password.into()),
            ("the password in UTF-16".to_owned(), wide),
            (
                "the password in base64".to_owned(),
                base64(password.as_bytes()),
            ),
            ("a row".to_owned(), LISTED.into()),
            ("the content of a file".to_owned(), CONTENT.into()),
        ];
        for (name, key) in keys.all() {
            let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
            let decimal = key.map(|byte| byte.to_string()).join(", ");
            forms.push((format!("{name}, hexadecimal"), hex.to_uppercase().into()));
            forms.push((format!("{name}, hexadecimal"), hex.into()));
            forms.push((format!("{name}, decimal"), decimal.into()));
            forms.push((format!("{name}, in base64"), base64(&key)));
            forms.push((name, key.to_vec()));
        }
        // Pages of the manifest, whatever is in them.
        for page in manifest.chunks_exact(4096) {
            forms.push(("a page of the manifest".to_owned(), page[4000..].to_vec()));
        }
        forms.retain(|(_, form)| form.iter().any(|byte| *byte != 0));
        let mut begins = vec![false; 1 << 16];
        for (_, form) in &forms {
            begins[begin(form[0], form[1])] = true;
        }
        Secrets { forms, begins }
    }

    /// What of it is in these bytes.
    fn found(&self, bytes: &[u8]) -> Vec<&str> {
        let mut found = BTreeSet::new();
        for (at, two) in bytes.windows(2).enumerate() {
            if self.begins[begin(two[0], two[1])] {
                let there = |form: &[u8]| bytes[at..].starts_with(form);
                let forms = self.forms.iter().filter(|(_, form)| there(form));
                found.extend(forms.map(|(name, _)| name.as_str()));
            }
        }
        found.into_iter().collect()
    }

    #[track_caller]
    fn assert_not_in(&self, place: &str, bytes: &[u8]) {
        let found = self.found(bytes);
        assert!(found.is_empty(), "{place} has {found:?}");
    }
}

/// The place of two bytes in a table.
fn begin(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Without the padding, so that it is found inside a longer text too.
fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = bytes.chunks_exact(3).flat_map(|three| {
        let [high, middle, low] = [0, 1, 2].map(|at| usize::from(three[at]));
        let number = high << 16 | middle << 8 | low;
        [18, 12, 6, 0].map(|shift| DIGITS[number >> shift & 63])
    });
    digits.collect()
}

/// All files below a folder, but not below these.
fn files(folder: &Path, except: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if except.contains(&path) {
        } else if path.is_dir() {
            found.extend(files(&path, except));
        } else {
            found.push(path);
        }
    }
    found
}

/// Everything that a user has is below one folder.
fn command(world: &World) -> Command {
    let mut command = world.command();
    for name in ["TMPDIR", "TMP", "TEMP", "SQLITE_TMPDIR"] {
        command.env(name, world.path("tmp"));
    }
    for name in ["XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME"] {
        command.env(name, world.path("other"));
    }
    command
}

fn world(rounds: u32) -> (World, Secrets) {
    let world = World::new();
    for folder in ["tmp", "other", "home"] {
        fs::create_dir(world.path(folder)).unwrap();
    }
    let path = hiding(rounds).write(&world.backups());
    let secrets = Secrets::of(&path, PASSWORD);
    private(&world, "secret file", format!("{PASSWORD}\n"));
    (world, secrets)
}

/// Searches all that was said and all that is there now.
fn search(world: &World, secrets: &Secrets, run: &Run) {
    secrets.assert_not_in("stdout", run.stdout.as_bytes());
    secrets.assert_not_in("stderr", run.stderr.as_bytes());
    let except = [world.backups(), world.path("secret file")];
    for file in files(world.folder.path(), &except) {
        let bytes = fs::read(&file).unwrap();
        secrets.assert_not_in(&file.display().to_string(), &bytes);
        // What is remembered of runs is a database, and nothing else is.
        let remembers = file.ends_with("history.db") || file.ends_with("ledger.db");
        let other = !remembers && contains(&bytes, b"SQLite format 3");
        assert!(!other, "{}", file.display());
    }
    for folder in ["tmp", "other"] {
        let left = files(&world.path(folder), &[]);
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn nothing_that_is_said_or_written_has_a_secret() {
    let (world, secrets) = world(10);
    // One whose defects are told at length, and one that stays locked.
    lacking(phone("2026-10-10"))
        .folder_name("broken")
        .payload("HomeDomain", "Library/zwei", [])
        .file("HomeDomain", "Library/zwei", b"zwei")
        .flip_in_manifest(3 * 4096)
        .write(&world.backups());
    let spare = configured::backup(SPARE, "Spare", "2026-09-01").encrypted_with("Anemone 77");
    spare.write(&world.backups());
    let scans = [
        &["Backup"][..],
        &["Backup", "--json", "--level", "contents"],
        &["Backup", "--level", "contents", "--metrics", "metrics.prom"],
        &["Backup", "--quiet", "--fail-on", "warning"],
        &["Backup", "--advice", "all", "--redact"],
        &["Backup", "--level", "contents", "--subset", "weekly"],
        &["clean", "Backup", "--json"],
        &["clean", "Backup"],
        &["config", "show"],
        &["schedule", "cron", "Backup"],
    ];
    for (at, words) in scans.into_iter().enumerate() {
        // Each way in turn.
        let mut command = command(&world);
        command.args(words);
        match at % 3 {
            0 => command.env("BKSCAN_PASSWORD", PASSWORD),
            1 => command.args(["--password-file", "secret file"]),
            _ => command.args(["--password-command", "cat 'secret file'"]),
        };
        if !["config", "schedule"].contains(&words[0]) {
            command.args(["--now", NOW]);
        }
        let run = world.output(&mut command);
        assert!([0, 2, 3].contains(&run.code), "{words:?}: {run:?}");
        search(&world, &secrets, &run);
    }
    let state = world.path("state").join("bkscan");
    for made in [
        world.path("metrics.prom"),
        state.join("history.db"),
        state.join("ledger.db"),
    ] {
        assert!(made.is_file(), "{}", made.display());
    }
    // What was remembered does not tell it later, either. `show` tells the names of files, on purpose.
    let run = world.output(command(&world).args(["history", "--json"]));
    search(&world, &secrets, &run);
    let shown = format!("Backup/{PHONE}");
    let run = run_with(&world, PASSWORD, &["show", &shown, "--json"]);
    assert_eq!(secrets.found(run.stdout.as_bytes()), [""; 0]);
}

/// The search finds what is there.
#[test]
fn the_search_finds_each_form() {
    let (_world, secrets) = world(10);
    for (name, form) in &secrets.forms {
        let hidden = [b"Zwieback quokk", &form[..], b"a 91"].concat();
        assert!(secrets.found(&hidden).contains(&name.as_str()), "{name}");
    }
    assert_eq!(secrets.found(b"Zwieback quokk"), [""; 0]);
    // Three classes and more, the manifest and two that the password becomes.
    assert!(secrets.forms.len() > 30, "{}", secrets.forms.len());
}

#[cfg(target_os = "linux")]
mod running {
    use std::thread;
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::cli::secrets::stopped::wait_until_busy;
    use crate::harness::same_environment;
    use crate::support::tree_digest;

    /// Looks at a program that runs as its owner could: at its arguments, at the files that it has open
    /// and at those that are in its memory.
    struct Watch<'a> {
        process: PathBuf,
        secrets: &'a Secrets,
        world: &'a World,
        /// A file that is older holds nothing of this run.
        start: SystemTime,
        /// The files that were searched, as they were then.
        searched: BTreeMap<PathBuf, (u64, SystemTime)>,
        looks: u32,
    }

    impl Watch<'_> {
        /// Looks once. What goes away meanwhile was not there to be found.
        fn look(&mut self) {
            if let Ok(arguments) = fs::read(self.process.join("cmdline")) {
                self.secrets.assert_not_in("the arguments", &arguments);
            }
            let maps = fs::read_to_string(self.process.join("maps")).unwrap_or_default();
            for line in maps.lines() {
                let name = line.splitn(6, ' ').nth(5).unwrap_or_default().trim();
                if name.starts_with('/') {
                    let hidden = name.contains("(deleted)") || name.contains("memfd");
                    assert!(!hidden, "{name} is in its memory");
                    self.search(Path::new(name));
                }
            }
            let open = fs::read_dir(self.process.join("fd")).into_iter().flatten();
            for entry in open.flatten() {
                self.open(&entry.path());
            }
            for folder in ["tmp", "other", "home", "state"] {
                let folder = self.world.path(folder);
                if folder.is_dir() {
                    for file in files(&folder, &[]) {
                        self.search(&file);
                    }
                }
            }
            self.looks += 1;
        }

        /// Searches a file where it was written since it was searched last.
        fn search(&mut self, file: &Path) {
            let Ok(metadata) = fs::metadata(file) else {
                return;
            };
            let now = (metadata.len(), metadata.modified().unwrap());
            if metadata.is_file()
                && now.1 >= self.start
                && self.searched.insert(file.to_owned(), now) != Some(now)
                && let Ok(bytes) = fs::read(file)
            {
                let name = file.display().to_string();
                self.secrets.assert_not_in(&name, &bytes);
            }
        }

        fn open(&mut self, link: &Path) {
            let Ok(name) = fs::read_link(link) else {
                return;
            };
            let text = name.to_string_lossy();
            // SQLite deletes what it writes for itself as soon as it is open.
            let deleted = text.ends_with(" (deleted)") || text.contains("memfd");
            if deleted && let Ok(bytes) = fs::read(link) {
                self.secrets.assert_not_in(&text, &bytes);
                assert!(!contains(&bytes, b"SQLite format 3"), "{text}");
            }
        }
    }

    /// Runs it with a look every millisecond; gives what it said and how often it was looked at.
    fn watched(world: &World, secrets: &Secrets, command: &mut Command) -> (Run, u32) {
        let before = tree_digest(&world.backups());
        // Clocks of file systems lag behind.
        let start = SystemTime::now() - Duration::from_secs(2);
        let child = piped(command);
        let mut watch = Watch {
            process: Path::new("/proc").join(child.id().to_string()),
            secrets,
            world,
            start,
            searched: BTreeMap::new(),
            looks: 0,
        };
        let ended = thread::spawn(move || child.wait_with_output());
        while !ended.is_finished() {
            watch.look();
            thread::sleep(Duration::from_millis(1));
        }
        let run = ended.join().unwrap().unwrap().into();
        assert_eq!(tree_digest(&world.backups()), before);
        (run, watch.looks)
    }

    /// The files in its memory, its arguments and all that it has open, from its start to its end.
    #[test]
    fn while_it_runs_no_file_has_a_secret() {
        // As many rounds as give time to look.
        let (world, secrets) = world(100_000);
        // A copy of this one would be made, were it not encrypted (contract §4, rule 9).
        hiding(10)
            .folder_name("damaged")
            .flip_in_manifest(3 * 4096)
            .raw("Manifest.db-wal", vec![7; 8192])
            .write(&world.backups());
        let contents = ["--level", "contents"];
        for words in [
            ["--password-file", "secret file"].to_vec(),
            [["--password-command", "cat 'secret file'"], contents].concat(),
            [&contents[..], &["--json"]].concat(),
        ] {
            let mut command = command(&world);
            command.args(["Backup", "--now", NOW]).args(&words);
            if words[0] == "--level" {
                command.env("BKSCAN_PASSWORD", PASSWORD);
            }
            let (run, looks) = watched(&world, &secrets, &mut command);
            assert_eq!(run.code, 2, "{run:?}");
            assert!(looks > 5, "{looks}");
            search(&world, &secrets, &run);
        }
    }

    /// What would be written to a disk if it crashed now would hold the password. Whatever gives it, from
    /// then on there are none; the limit cannot be raised again.
    #[test]
    fn there_are_no_core_dumps_once_a_password_is_given() {
        // No password opens it, and none is found out in this life.
        let world = world_of([phone("2026-11-10").encrypted().rounds(19_000_000, 1)]);
        fs::create_dir(world.path("tmp")).unwrap();
        private(&world, "secret file", PASSWORD);
        for words in [
            &["--password-file", "secret file"][..],
            &["--password-command", "cat 'secret file'"],
            &[],
        ] {
            let inner = command(&world);
            // With as large a limit as there may be, so that it is the program that lowers it.
            let mut command = Command::new("sh");
            let raised = "ulimit -S -c \"$(ulimit -H -c)\" && exec \"$0\" \"$@\"";
            command.args(["-c", raised]).arg(inner.get_program());
            same_environment(&mut command, &inner);
            command.current_dir(world.folder.path());
            command.args(["Backup", "--now", NOW]).args(words);
            if words.is_empty() {
                command.env("BKSCAN_PASSWORD", PASSWORD);
            }
            let said = command.stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = said.spawn().unwrap();
            wait_until_busy(&mut child);
            let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            let (_, sizes) = limits.split_once("Max core file size").unwrap();
            let sizes: Vec<_> = sizes.split_whitespace().take(3).collect();
            assert_eq!(sizes, ["0", "0", "bytes"]);
        }
    }
}
