//! `--redact` over backups that have a word of their owner's in every place that can hold one: it is in
//! nothing that is said. And what is said of nobody, whether it is asked for or not: telephone numbers and
//! the numbers of devices.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use plist::{Dictionary, Value};
use tempfile::TempDir;

use crate::harness::{Ended as _, NOW, Run, program};
use crate::support::{BackupBuilder, Row, empty_folder};

/// In every name, whatever it is the name of.
const WORD: &str = "Zqx";
const PHONE: &str = "00008130-00AA11BB22CC33DD";
const TABLET: &str = "00008103-00AA11BB22CC33EE";
const PASSWORD: &str = "Zqx 7";
/// Of an app, and of one that somebody made for himself.
const APP: &str = "net.zqx.diary";
/// What nobody is told.
const NUMBERS: [&str; 8] = [
    "990000862471854",
    "990000862471862",
    "99000086247185",
    "15550100777",
    "8901260123456789012",
    "4915550100778",
    "4915550100779",
    "555 0100",
];

fn name(rest: &str) -> String {
    format!("{WORD} {rest}")
}

fn numbers(list: &mut Dictionary) {
    for (key, value) in [
        ("IMEI", "990000862471854"),
        ("IMEI 2", "990000862471862"),
        ("MEID", "99000086247185"),
        ("ICCID", "8901260123456789012"),
        ("Phone Number", "+1 (555) 0100-777"),
        ("PhoneNumber", "+15550100777"),
        ("InternationalMobileEquipmentIdentity", "990000862471854"),
    ] {
        list.insert(key.to_owned(), value.into());
    }
}

/// What the host writes about the device and its apps.
fn info(list: &mut Dictionary) {
    numbers(list);
    for key in ["Serial Number", "GUID", "Product Name", "iTunes Version"] {
        list.insert(key.to_owned(), name(key).into());
    }
    let ids = [APP, "net.whatsapp.WhatsApp", "com.apple.Maps"];
    let ids = ids.iter().map(|id| Value::from(*id)).collect();
    list.insert("Installed Applications".to_owned(), Value::Array(ids));
    let mut metadata = Vec::new();
    let said = Dictionary::from_iter([("itemName", name("Diary"))]);
    Value::from(said).to_writer_xml(&mut metadata).unwrap();
    let app = Dictionary::from_iter([("iTunesMetadata", Value::Data(metadata))]);
    let apps = Dictionary::from_iter([(APP.to_owned(), Value::from(app))]);
    list.insert("Applications".to_owned(), apps.into());
}

fn lockdown(list: &mut Dictionary) {
    numbers(list);
    let lockdown = list.get_mut("Lockdown").unwrap();
    numbers(lockdown.as_dictionary_mut().unwrap());
}

/// Domains with a word in them, and one without.
const DOMAINS: [&str; 9] = [
    "AppDomain-net.zqx.diary",
    "AppDomain-net.zqx.another",
    "AppDomainPlugin-net.zqx.diary.Share",
    "AppDomainGroup-group.net.zqx.shared",
    "AppDomainGroup-group.net.whatsapp.WhatsApp.zqx",
    "SysContainerDomain-zqx",
    "ZqxDomain",
    "ZqxFamily-of.somebody",
    "HomeDomain",
];

/// A backup with names in all of them, of a file that is there, one that is not, and a large one.
fn named(udid: &str, date: &str) -> BackupBuilder {
    let mut backup = BackupBuilder::new(udid)
        .device(&name("phone"), "iPhone16,1", None, "18.5", "22F76")
        .date(date)
        .info(info)
        .manifest_plist(lockdown);
    for domain in DOMAINS {
        let path = |leaf: &str| format!("Documents/{WORD}/{leaf}");
        backup = backup
            .file(domain, &path("there"), b"x")
            .file(domain, &path("missing"), b"x")
            .remove_payload(domain, &path("missing"))
            .file(domain, &path("shorter"), b"xyz")
            .payload(domain, &path("shorter"), b"x".to_vec());
    }
    let media = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared";
    for (domain, path) in [
        (
            media,
            "Message/Media/4915550100778@s.whatsapp.net/a/one.jpg",
        ),
        (
            media,
            "Message/Media/4915550100779-1500000000@g.us/a/two.jpg",
        ),
        (media, "Media/Profile/4915550100778-1500000000.jpg"),
        (
            "HomeDomain",
            "Library/SMS/Drafts/+15550100777/composition.plist",
        ),
        (
            "HomeDomain",
            "Library/SMS/Drafts/4915550100778/composition.plist",
        ),
    ] {
        backup = backup
            .file(domain, path, b"picture")
            .remove_payload(domain, path);
    }
    backup
}

/// With so much of each app that it matters.
fn large(mut backup: BackupBuilder) -> BackupBuilder {
    for domain in DOMAINS {
        let row = Row::file(domain, "Documents/Zqx large", b"x").size(20_000_000);
        backup = backup
            .add(row)
            .payload_length(domain, "Documents/Zqx large", 20_000_000);
    }
    backup
}

struct World {
    folder: TempDir,
    backups: Vec<PathBuf>,
}

impl World {
    fn root(&self) -> PathBuf {
        self.folder.path().join("Zqx place").join("Backup")
    }

    fn new() -> World {
        let mut world = World {
            folder: empty_folder(),
            backups: Vec::new(),
        };
        let root = world.root();
        let old = |date: &str, folder: &str| named(PHONE, date).folder_name(folder);
        let broken = "<plist><dict><key>Zqx</key><strong>Zqx</strong>";
        let all = [
            named(PHONE, "2026-11-01T10:00:00Z"),
            large(old("2026-10-01T10:00:00Z", "Zqx older")),
            old("2026-09-01T10:00:00Z", "Zqx of Info").raw("Info.plist", broken),
            old("2026-08-01T10:00:00Z", "Zqx of Status").raw("Status.plist", broken),
            old("2026-07-01T10:00:00Z", "Zqx of the list").raw("Manifest.plist", broken),
            old("2026-06-01T10:00:00Z", "Zqx of rows")
                .raw("Manifest.db", b"Zqx is no database".to_vec()),
            old("2026-05-01T10:00:00Z", "Zqx of state")
                .snapshot_state("Zqxing")
                .backup_state(&name("state")),
            named(TABLET, "2026-04-02T10:00:00Z")
                .device("Zqx", "iPhoneZqx", Some("iPhone Zqx"), "Zqx17", "Zqx21A")
                .folder_name("Zqx of words")
                .status(|list| drop(list.insert("Version".to_owned(), "Zqx".into()))),
            old("2026-04-01T10:00:00Z", "Zqx of files")
                .raw("Zqx.txt", b"x".to_vec())
                .raw("Zqx folder/letter.txt", b"x".to_vec())
                .raw("Snapshot/Zqx", b"x".to_vec())
                .raw("ab/Zqx", b"x".to_vec()),
            old("2026-03-01T10:00:00Z", "Zqx of odd rows")
                .add(
                    Row::file("ZqxDomain", "odd", b"x")
                        .id("Zqx no id")
                        .no_payload(),
                )
                .add(Row::file("AppDomain-net.zqx.odd", "Zqx", b"x").blob(b"Zqx".to_vec())),
            named(TABLET, "2026-11-02T10:00:00Z").encrypted_with(PASSWORD),
            named(TABLET, "2026-02-01T10:00:00Z")
                .folder_name("Zqx locked")
                .encrypted_with("another one"),
        ];
        world.backups = all.into_iter().map(|one| one.write(&root)).collect();
        // A backup in a backup, one in a trash, and what lies beside them.
        named(PHONE, "2026-01-01T10:00:00Z")
            .folder_name("Zqx inside")
            .write(&world.backups[8]);
        named(PHONE, "2026-01-02T10:00:00Z")
            .folder_name("Zqx in the trash")
            .write(&root.join(".Trash"));
        named(PHONE, "2026-01-03T10:00:00Z")
            .folder_name(".bkscan-removing-Zqx")
            .without("Status.plist")
            .write(&root);
        fs::create_dir(root.join("Zqx beside")).unwrap();
        fs::write(root.join("Zqx beside").join("x"), "x").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/nowhere/Zqx", root.join("Zqx link")).unwrap();
        let secret = world.folder.path().join("Zqx secret");
        fs::write(&secret, PASSWORD).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        }
        world
    }

    /// Everything that is said, on stdout and stderr and in files.
    fn said(&self, words: &[OsString]) -> String {
        let mut command = program();
        command
            .current_dir(self.folder.path())
            .env_remove("BKSCAN_NO_STATE")
            .args(words)
            .env("XDG_STATE_HOME", self.folder.path().join("Zqx state"));
        let run: Run = command.ended().unwrap().into();
        assert!([0, 1, 2, 3].contains(&run.code), "{words:?}: {run:?}");
        let files = ["told.prom", "told.html"].map(|file| {
            let file = self.folder.path().join(file);
            let written = fs::read_to_string(&file).unwrap_or_default();
            let _ = fs::remove_file(&file);
            written
        });
        format!("{}\n{}\n{}", run.stdout, run.stderr, files.concat())
    }
}

fn call(words: &[&str], paths: &[&Path]) -> Vec<OsString> {
    let words = words.iter().map(OsString::from);
    let paths = paths.iter().map(|path| path.as_os_str().to_owned());
    words.chain(paths).collect()
}

/// Every call that tells something of backups.
fn calls(world: &World) -> Vec<Vec<OsString>> {
    let root = world.root();
    let root = root.as_path();
    let mut calls = vec![
        call(&["--subset", "weekly", "--level", "contents"], &[root]),
        call(&["history"], &[root]),
        call(&["history", "--json"], &[root]),
        call(&["config", "show"], &[]),
        call(&["--metrics", "told.prom"], &[root]),
        call(&["--html", "told.html"], &[root]),
        call(&[], &[root, &root.join("Zqx is not there")]),
    ];
    for (format, level) in [
        (&[][..], "standard"),
        (&["--json"], "quick"),
        (&["--json"], "contents"),
        (&["--quiet"], "contents"),
        (&["--advice", "all"], "standard"),
    ] {
        calls.push(call(&[format, &["--level", level]].concat(), &[root]));
    }
    for format in [
        &[][..],
        &["--json"],
        &["--include-archived", "--may-lose=50%"],
    ] {
        calls.push(call(&[&["clean"], format].concat(), &[root]));
    }
    calls.push(call(&["clean", "--only", "Zqx older", "--json"], &[root]));
    for backup in &world.backups {
        calls.push(call(&["show"], &[backup]));
        calls.push(call(&["show", "--json", "--level=contents"], &[backup]));
    }
    let [newest, old, locked] = [0, 1, 11].map(|at| world.backups[at].as_path());
    for pair in [[old, newest], [newest, old], [newest, locked]] {
        calls.push(call(&["diff", "--list"], &pair));
        let deep = ["diff", "--list", "--json", "--level", "contents"];
        calls.push(call(&deep, &pair));
    }
    calls
}

/// What of this is in a text, whatever the case.
fn told_of(text: &str, words: &[&str]) -> Vec<String> {
    let lines = text.lines().filter(|line| {
        let line = line.to_lowercase();
        words.iter().any(|word| line.contains(&word.to_lowercase()))
    });
    lines.map(|line| line.trim().to_owned()).collect()
}

in_two_sizes! {
    #[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
    redacted_nothing_says_a_word_of_anybody: 6, 1;
    #[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
    no_telephone_number_and_no_number_of_a_device_is_ever_said: 6, 1;
}

/// Each over every `step`th call.
mod over {
    use super::*;

    pub fn redacted_nothing_says_a_word_of_anybody(step: usize) {
        let personal = [WORD, "00AA11BB", "TESTSERIAL", "of.somebody"];
        let personal = [&personal[..], &NUMBERS].concat();
        assert_untold(step, &personal, |words| {
            words.push("--redact".into());
            let passwords = ["show", "diff", "clean", "--level"];
            let first = words[0].to_str().unwrap();
            if first.starts_with("--") || passwords.contains(&first) || first.starts_with('/') {
                words.extend(["--now".into(), NOW.into()]);
                words.extend(["--password-file".into(), "Zqx secret".into()]);
            }
        });
    }

    /// Contract §7: never printed. Not in full either.
    pub fn no_telephone_number_and_no_number_of_a_device_is_ever_said(step: usize) {
        assert_untold(step, &NUMBERS, |_| {});
    }

    fn assert_untold(step: usize, personal: &[&str], add: impl Fn(&mut Vec<OsString>)) {
        let world = World::new();
        for mut words in calls(&world).into_iter().step_by(step) {
            add(&mut words);
            let told = told_of(&world.said(&words), personal);
            assert!(told.is_empty(), "{words:?}: {told:#?}");
        }
    }
}

/// What apps hold is still told, with one word for each of them, and what is no secret by its name.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn redacted_apps_are_told_apart() {
    let world = World::new();
    let shown = call(&["show", "--json", "--redact"], &[&world.backups[1]]);
    let said = world.said(&shown);
    let document: serde_json::Value = serde_json::from_str(said.trim()).unwrap();
    let texts = |at: &str, key: &str| -> Vec<String> {
        let list = match at {
            "storage" => &document["backups"][0]["storage"],
            _ => &document[at],
        };
        let list = list.as_array().unwrap().iter();
        let mut texts: Vec<String> = list
            .map(|one| one[key].as_str().unwrap().to_owned())
            .collect();
        texts.sort();
        texts
    };
    assert_eq!(
        texts("storage", "group"),
        [
            "Files, On My iPhone",
            "Messages",
            "Other (domain-1)",
            "Other (domain-2)",
            "Passwords",
            "Photos",
            "System & settings",
            "WhatsApp",
            "app-1",
            "app-2",
            "app-3",
        ],
        "{said}"
    );
    assert_eq!(
        texts("domains", "domain"),
        [
            "AppDomain-app-1",
            "AppDomain-app-3",
            "AppDomain-net.whatsapp.WhatsApp",
            "AppDomainGroup-WhatsApp",
            "AppDomainGroup-app-2",
            "AppDomainGroup-group.com.apple.FileProvider.LocalStorage",
            "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
            "AppDomainPlugin-app-1",
            "CameraRollDomain",
            "HomeDomain",
            "KeychainDomain",
            "MediaDomain",
            "SystemPreferencesDomain",
            "WirelessDomain",
            "domain-1",
            "domain-2",
            "domain-3",
        ],
        "{said}"
    );
}

/// A page without names is made only of a document that has none.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_is_not_redacted_is_told_from_what_is() {
    let world = empty_folder();
    named(PHONE, "2026-11-01T10:00:00Z").write(world.path());
    let scanned = program()
        .args(["--json", "--redact"])
        .arg(world.path())
        .ended()
        .unwrap();
    let whole: serde_json::Value = serde_json::from_slice(&scanned.stdout).unwrap();
    let saved = world.path().join("saved.json");
    let page = |document: &serde_json::Value| {
        fs::write(&saved, document.to_string()).unwrap();
        let mut command = program();
        command.args(["report", "--redact", "--html", "-"]);
        Run::from(command.arg(&saved).ended().unwrap()).code
    };
    assert_eq!(page(&whole), 0);
    for (pointer, word) in [
        ("/backups/0/storage/0/group", "Diary"),
        ("/backups/0/storage/0/group", "Other (AnnasDomain)"),
        (
            "/backups/0/findings/0/examples/0/domain",
            "AppDomain-net.zqx",
        ),
        ("/backups/0/findings/0/examples/0/domain", "AnnasDomain"),
        ("/backups/0/findings/0/examples/0/path", "Documents/a"),
    ] {
        let mut document = whole.clone();
        *document.pointer_mut(pointer).unwrap() = word.into();
        assert_eq!(page(&document), 64, "{pointer} {word}");
    }
}
