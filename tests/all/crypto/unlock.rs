//! What a password opens: encrypted backups of each era, and what is wrong with broken ones. Through the
//! library, which costs no start of the program.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use bkscan::model::options::ScanOptions;
use bkscan::model::progress::Monitor;
use bkscan::model::secret::Password;
use bkscan::model::sources::{NoPassword, Passwords, Sources};
use bkscan::model::{Access, BackupReport, Level, Report, Severity, Udid, Verdict};
use bkscan::scan;

use crate::harness::NOW;
use crate::support::{BackupBuilder, Padding, Row, database};

const UDID: &str = "00008120-000A1C2E3F40801E";
const PASSWORD: &str = "correct horse";
/// The class that the builder's ManifestKey is wrapped with.
const MANIFEST_CLASS: u32 = 4;

/// The same password for all.
struct Same(&'static str);

impl Passwords for Same {
    fn password(&self, _udid: Option<&Udid>) -> Result<Option<Password>, NoPassword> {
        Ok(Some(Password::new(self.0.into())))
    }
}

fn scanned(root: &Path, passwords: Option<&dyn Passwords>) -> Report {
    scanned_at(Level::Standard, root, passwords)
}

fn scanned_at(level: Level, root: &Path, passwords: Option<&dyn Passwords>) -> Report {
    let mut config = ScanOptions::new(vec![root.to_owned()], NOW.parse().unwrap());
    config.level = level;
    let means = Sources {
        passwords,
        ledger: None,
    };
    scan(&config, means, &Monitor::silent()).unwrap()
}

/// The only backup, looked at with this password.
fn looked(builder: BackupBuilder, password: &'static str) -> BackupReport {
    let folder = tempfile::tempdir().unwrap();
    builder.write(folder.path());
    let mut report = scanned(folder.path(), Some(&Same(password)));
    assert_eq!(report.backups.len(), 1);
    report.backups.remove(0)
}

/// The same, with every payload read to its end.
fn read_through(builder: BackupBuilder, passwords: Option<&dyn Passwords>) -> BackupReport {
    let folder = tempfile::tempdir().unwrap();
    builder.write(folder.path());
    let mut report = scanned_at(Level::Contents, folder.path(), passwords);
    assert_eq!(report.backups.len(), 1);
    report.backups.remove(0)
}

/// The ids of what was found that is more than a note.
fn errors_and_warnings(backup: &BackupReport) -> Vec<&'static str> {
    let findings = backup.findings.iter();
    let findings = findings.filter(|finding| finding.severity > Severity::Note);
    findings.map(|finding| finding.id).collect()
}

fn encrypted() -> BackupBuilder {
    BackupBuilder::new(UDID).encrypted_with(PASSWORD)
}

#[test]
fn a_backup_of_each_era_opens() {
    for (era, builder, verdict) in [
        ("10.2 and later", encrypted(), Verdict::Complete),
        ("4 to 9", encrypted().mbdb(), Verdict::Complete),
        (
            "10.0 and 10.1",
            BackupBuilder::new(UDID).encrypted_ios10_0_with(PASSWORD),
            Verdict::Unverified,
        ),
        (
            "not padded",
            encrypted().manifest_padding(Padding::None),
            Verdict::Complete,
        ),
        (
            "padded with zeros",
            encrypted().manifest_padding(Padding::Zeros),
            Verdict::Complete,
        ),
    ] {
        let backup = looked(builder, PASSWORD);
        assert_eq!(backup.access, Access::Open, "{era}");
        assert_eq!(backup.verdict, verdict, "{era}");
        assert_eq!(errors_and_warnings(&backup), [""; 0], "{era}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn each_defect_of_the_keys_is_told_apart() {
    let wrong = &["password-wrong"][..];
    let unreadable = &["manifest-unreadable"][..];
    for (defect, builder, password, verdict, ids) in [
        (
            "wrong password",
            encrypted(),
            "x",
            Verdict::Unreadable,
            wrong,
        ),
        ("no password", encrypted(), "", Verdict::Unreadable, wrong),
        (
            "salt",
            encrypted().damage_salt(),
            PASSWORD,
            Verdict::Unreadable,
            wrong,
        ),
        (
            "ManifestKey",
            encrypted().damage_manifest_key(),
            PASSWORD,
            Verdict::Corrupt,
            unreadable,
        ),
        (
            "the class of the ManifestKey",
            encrypted().damage_class_key(MANIFEST_CLASS),
            PASSWORD,
            Verdict::Corrupt,
            unreadable,
        ),
        (
            "another class, whose files nobody can open",
            encrypted().damage_class_key(1),
            PASSWORD,
            Verdict::Unverified,
            &[],
        ),
        (
            "a class of the keychain",
            encrypted().damage_class_key(5),
            PASSWORD,
            Verdict::Complete,
            &[],
        ),
        (
            "a class that only the device opens",
            encrypted().class_wrap(1, 1),
            PASSWORD,
            Verdict::Unverified,
            &[],
        ),
        (
            "a class of which the password opens the outer layer",
            encrypted().class_wrap(1, 3),
            PASSWORD,
            Verdict::Complete,
            &[],
        ),
        (
            "the class of the ManifestKey, which only the device opens",
            encrypted().class_wrap(MANIFEST_CLASS, 1),
            PASSWORD,
            Verdict::Unverified,
            &[],
        ),
        (
            "all classes",
            (1..=4).fold(encrypted(), BackupBuilder::damage_class_key),
            PASSWORD,
            Verdict::Unreadable,
            wrong,
        ),
        (
            "all that the password opens",
            (1..=4).fold(encrypted(), |builder, class| builder.class_wrap(class, 1)),
            PASSWORD,
            Verdict::Unverified,
            &[],
        ),
    ] {
        let backup = looked(builder, password);
        assert_eq!(errors_and_warnings(&backup), ids, "{defect}");
        assert_eq!(backup.verdict, verdict, "{defect}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn each_flipped_bit_of_the_manifest_is_noticed() {
    for (place, at, ids) in [
        ("the first block", 3, &["manifest-unreadable"][..]),
        ("the schema", 4096 - 40, &["manifest-damaged"]),
        ("the table", 2 * 4096, &["manifest-damaged"]),
    ] {
        let backup = looked(encrypted().flip_in_manifest(at), PASSWORD);
        assert_eq!(errors_and_warnings(&backup), ids, "{place}");
        assert_eq!(backup.verdict, Verdict::Corrupt, "{place}");
    }
}

/// `BackupKeyBag` with another number under this tag.
fn with_rounds(tag: &'static [u8; 4], rounds: u32) -> BackupBuilder {
    encrypted().manifest_plist(move |plist| {
        let keybag = plist.get_mut("BackupKeyBag").unwrap();
        let plist::Value::Data(bytes) = keybag else {
            panic!("a keybag is data")
        };
        let at = bytes.windows(4).position(|part| part == tag).unwrap() + 8;
        bytes[at..at + 4].copy_from_slice(&rounds.to_be_bytes());
    })
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn a_keybag_that_would_keep_us_busy_is_not_tried() {
    for (tag, rounds, words) in [
        (b"DPIC", 20_000_001, "20000001 rounds (DPIC)"),
        (b"ITER", 1_000_001, "1000001 rounds (ITER)"),
        (b"DPIC", u32::MAX, "4294967295 rounds (DPIC)"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        with_rounds(tag, rounds).write(folder.path());
        let report = scanned(folder.path(), Some(&Same(PASSWORD)));
        let backup = &report.backups[0];
        assert_eq!(backup.verdict, Verdict::Unverified);
        assert_eq!(errors_and_warnings(backup), [""; 0]);
        let [problem] = report.problems.as_slice() else {
            panic!("{:?}", report.problems)
        };
        assert!(problem.message.contains(words), "{}", problem.message);
        assert!(!problem.blocking);
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn a_record_whose_key_has_a_wrong_length_is_noted() {
    let row = || Row::file("HomeDomain", "Library/odd", b"content");
    for (defect, row) in [
        ("none", row().without_key()),
        ("43 bytes", row().key_bytes([7; 43])),
        ("45 bytes", row().key_bytes([7; 45])),
        ("empty", row().key_bytes([])),
    ] {
        let backup = looked(encrypted().add(row), PASSWORD);
        let finding = backup.findings.iter();
        let finding = finding.filter(|finding| finding.id == "record-undecodable");
        let found: Vec<_> = finding.collect();
        assert_eq!(found.len(), 1, "{defect}");
        assert_eq!(found[0].count, 1, "{defect}");
        assert_eq!(found[0].examples[0].path.as_deref(), Some("Library/odd"));
        assert_eq!(backup.verdict, Verdict::Complete, "{defect}");
        assert_eq!(errors_and_warnings(&backup), [""; 0], "{defect}");
    }
}

/// A wrapped key that opens with no key of any class.
fn noise(class: u8) -> Vec<u8> {
    [&[class, 0, 0, 0][..], &[7; 40]].concat()
}

/// The reason why a check was not made.
fn why_not<'a>(backup: &'a BackupReport, id: &str) -> Option<&'a str> {
    let mut not_checked = backup.not_checked.iter();
    let found = not_checked.find(|not| not.id == id);
    found.map(|not| not.why.as_str())
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn each_key_of_a_file_must_open() {
    let row = |path: &str| Row::file("HomeDomain", path, b"content");
    let two = || {
        encrypted()
            .add(row("Library/odd").key_bytes(noise(3)))
            .add(row("Library/odder").key_bytes(noise(1)))
    };
    for (era, builder) in [("10.2 and later", two()), ("4 to 9", two().mbdb())] {
        let backup = looked(builder, PASSWORD);
        assert_eq!(backup.verdict, Verdict::Corrupt, "{era}");
        assert_eq!(errors_and_warnings(&backup), ["key-invalid"], "{era}");
        let mut findings = backup.findings.iter();
        let found = findings.find(|one| one.id == "key-invalid").unwrap();
        assert_eq!((found.count, found.bytes), (2, 14), "{era}");
        assert_eq!(
            found.message,
            "The keys of 2 files (14 bytes) do not open although the password is right: nobody can \
             decrypt what they hold"
        );
        let mut paths: Vec<_> = found.examples.iter().map(|one| one.path.clone()).collect();
        paths.sort();
        assert_eq!(
            paths,
            ["Library/odd", "Library/odder"].map(|path| Some(path.to_owned()))
        );
    }
}

/// What looks like a key that does not open, and says nothing against the backup.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn a_key_that_need_not_open_is_no_finding() {
    let row = |path: &str| Row::file("HomeDomain", path, b"content");
    let backup = looked(encrypted(), PASSWORD);
    assert!(backup.checked.contains(&"key-invalid"));
    // The device demands no payload of these, so an older version may be stored, with another key.
    let changed = row("Library/changed").flags(17).key_bytes(noise(3));
    let backup = looked(encrypted().add(changed), PASSWORD);
    assert_eq!(backup.verdict, Verdict::Complete);
    assert!(backup.checked.contains(&"key-invalid"));
    for (era, builder) in [
        ("10.2 and later", encrypted()),
        ("4 to 9", encrypted().mbdb()),
    ] {
        let row = row("Library/odd").key_bytes(noise(77));
        let backup = looked(builder.add(row), PASSWORD);
        assert_eq!(errors_and_warnings(&backup), [""; 0], "{era}");
        assert_eq!(backup.verdict, Verdict::Unverified, "{era}");
        let why = "the password opens no key for the protection class of 1 file (class 77)";
        assert_eq!(why_not(&backup, "key-invalid"), Some(why), "{era}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn without_the_password_no_key_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    let odd = || Row::file("HomeDomain", "Library/odd", b"content").key_bytes(noise(3));
    let takes = Some("it takes the password");
    for (era, builder, wrong) in [
        ("10.2 and later", encrypted(), takes),
        ("4 to 9", encrypted().mbdb(), takes),
    ] {
        let builder = builder.folder_name(&era.replace(' ', "-")).add(odd());
        builder.write(folder.path());
        for (passwords, expected) in [(None, takes), (Some(&Same("x") as &dyn Passwords), wrong)] {
            let report = scanned(folder.path(), passwords);
            let backup = report.backups.last().unwrap();
            assert_eq!(why_not(backup, "key-invalid"), expected, "{era}");
            let ids = backup.findings.iter().map(|finding| finding.id);
            assert!(!ids.into_iter().any(|id| id == "key-invalid"), "{era}");
        }
    }
    // The file column of iOS 10.0 is a secret of its own.
    let old = BackupBuilder::new(UDID).encrypted_ios10_0_with(PASSWORD);
    let backup = looked(old, PASSWORD);
    let why = why_not(&backup, "key-invalid").unwrap();
    assert!(why.contains("only presence is judged"), "{why}");
    let open = looked(BackupBuilder::new(UDID), PASSWORD);
    assert!(open.checked.contains(&"key-invalid"));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn an_open_backup_goes_through_every_check() {
    const PHOTO: (&str, &str) = ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0007.JPG");
    let with_photo = || encrypted().file(PHOTO.0, PHOTO.1, &[9; 100]);
    for (defect, builder, ids) in [
        ("nothing", with_photo(), &[][..]),
        (
            "missing",
            with_photo().remove_payload(PHOTO.0, PHOTO.1),
            &["file-missing"],
        ),
        (
            "empty",
            with_photo().payload(PHOTO.0, PHOTO.1, []),
            &["payload-empty"],
        ),
        (
            "cut",
            with_photo().payload(PHOTO.0, PHOTO.1, [1; 33]),
            &["payload-truncated"],
        ),
    ] {
        let backup = looked(builder, PASSWORD);
        assert_eq!(errors_and_warnings(&backup), ids, "{defect}");
        let groups: Vec<_> = backup.storage.iter().map(|group| &*group.name).collect();
        assert!(groups.contains(&"Photos"), "{groups:?}");
        assert!(!groups.contains(&"Encrypted"), "{groups:?}");
        for finding in &backup.findings {
            let examples = finding.examples.iter().map(|example| &example.path);
            assert!(
                examples.flatten().all(|path| !path.is_empty()),
                "{finding:?}"
            );
        }
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn an_mbdb_is_looked_at_with_any_password() {
    let builder = || {
        let missing = encrypted().mbdb();
        missing
            .file("HomeDomain", "Library/gone", b"x")
            .remove_payload("HomeDomain", "Library/gone")
    };
    let backup = looked(builder(), "x");
    assert_eq!(
        errors_and_warnings(&backup),
        ["file-missing", "password-wrong"]
    );
    assert_eq!(backup.verdict, Verdict::Unreadable);
    let backup = looked(builder(), PASSWORD);
    assert_eq!(errors_and_warnings(&backup), ["file-missing"]);
    assert_eq!(backup.verdict, Verdict::Corrupt);
}

#[test]
fn letters_with_marks_open_it_however_they_are_typed() {
    for (set, typed) in [
        ("caf\u{e9}", "caf\u{e9}"),
        ("caf\u{e9}", "cafe\u{301}"),
        ("cafe\u{301}", "caf\u{e9}"),
        // Neither form, and so only as it is.
        ("e\u{301}\u{e9}", "e\u{301}\u{e9}"),
    ] {
        let backup = looked(BackupBuilder::new(UDID).encrypted_with(set), typed);
        assert_eq!(backup.access, Access::Open, "{set:?} {typed:?}");
    }
}

/// A password a device, and how often each was asked for.
struct PerDevice {
    passwords: BTreeMap<&'static str, &'static str>,
    asked: Mutex<Vec<String>>,
}

impl PerDevice {
    fn new(passwords: &[(&'static str, &'static str)]) -> PerDevice {
        PerDevice {
            passwords: passwords.iter().copied().collect(),
            asked: Mutex::default(),
        }
    }
}

impl Passwords for PerDevice {
    fn password(&self, udid: Option<&Udid>) -> Result<Option<Password>, NoPassword> {
        let udid = udid.unwrap().as_str();
        self.asked.lock().unwrap().push(udid.to_owned());
        match self.passwords.get(udid) {
            Some(&"cannot") => Err(NoPassword("the keychain is closed".to_owned())),
            password => Ok(password.map(|text| Password::new((*text).into()))),
        }
    }
}

const OTHERS: [&str; 3] = [
    "00008120-000A1C2E3F40801F",
    "00008120-000A1C2E3F408020",
    "00008120-000A1C2E3F408021",
];

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn a_wrong_password_is_no_matter_of_the_other_backups() {
    let folder = tempfile::tempdir().unwrap();
    for udid in [UDID].into_iter().chain(OTHERS) {
        let builder = BackupBuilder::new(udid).encrypted_with(PASSWORD);
        builder.write(folder.path());
    }
    // Another copy with the same keybag, as some tools make them.
    let copy = format!("{UDID}-20240501-100000");
    let copy = BackupBuilder::new(UDID).folder_name(&copy);
    copy.encrypted_with(PASSWORD).write(folder.path());
    let passwords = PerDevice::new(&[(UDID, PASSWORD), (OTHERS[0], "x"), (OTHERS[1], "cannot")]);
    let report = scanned(folder.path(), Some(&passwords));
    let verdict = |udid: &str| {
        let backups = report.backups.iter();
        let of = backups.filter(|backup| backup.udid.as_ref().unwrap().as_str() == udid);
        of.map(|backup| (backup.verdict, &backup.access))
            .collect::<Vec<_>>()
    };
    let complete = (Verdict::Complete, &Access::Open);
    assert_eq!(verdict(UDID), [complete, complete]);
    assert_eq!(verdict(OTHERS[0]), [(Verdict::Unreadable, &Access::Wrong)]);
    let closed = Access::Unavailable("the keychain is closed".to_owned());
    assert_eq!(verdict(OTHERS[1]), [(Verdict::Unverified, &closed)]);
    assert_eq!(
        verdict(OTHERS[2]),
        [(Verdict::Unverified, &Access::NoPassword)]
    );
    let mut asked = passwords.asked.into_inner().unwrap();
    asked.sort();
    assert_eq!(asked, [UDID, OTHERS[0], OTHERS[1], OTHERS[2]]);
    let [problem] = report.problems.as_slice() else {
        panic!("{:?}", report.problems)
    };
    assert!(problem.blocking);
    assert!(problem.message.ends_with("the keychain is closed"));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn an_opened_backup_stands_in_for_an_older_one() {
    let folder = tempfile::tempdir().unwrap();
    encrypted().write(folder.path());
    let older = BackupBuilder::new(UDID)
        .folder_name("older")
        .date("2023-01-01T10:00:00Z")
        .encrypted_with(PASSWORD)
        .write(folder.path());
    let removable = |passwords| scanned(folder.path(), passwords).plan.removable.backups;
    assert!(removable(None).is_empty());
    let report = scanned(folder.path(), Some(&Same(PASSWORD)));
    let paths = report.plan.removable.backups.iter();
    let paths: Vec<_> = paths.map(|at| &report.backups[*at].path).collect();
    assert_eq!(paths, [&older]);
}

/// Where a password does not help, all is told that can be told without.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn a_password_never_hides_what_is_seen_without_it() {
    let builder = || {
        let cut = encrypted().class_wrap(MANIFEST_CLASS, 1);
        cut.file("HomeDomain", "Library/cut", b"x")
            .payload("HomeDomain", "Library/cut", [1; 13])
    };
    let without = read_through(builder(), None);
    let with = read_through(builder(), Some(&Same(PASSWORD)));
    for backup in [&without, &with] {
        assert_eq!(errors_and_warnings(backup), ["payload-truncated"]);
        assert_eq!(backup.verdict, Verdict::Corrupt);
        let contents = backup.contents.as_ref().unwrap();
        assert_eq!(contents.read, contents.all);
    }
    assert_eq!(with.storage, without.storage);
    assert!(matches!(with.access, Access::Refused(_)));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn what_may_be_encrypted_is_not_judged_as_if_it_were_not() {
    let messages = ("HomeDomain", "Library/SMS/sms.db");
    let builder = || encrypted().file(messages.0, messages.1, &database());
    for (what, builder) in [
        ("gone", builder().without("Manifest.plist")),
        ("no list", builder().raw("Manifest.plist", "garbage")),
        ("gone, mbdb", builder().mbdb().without("Manifest.plist")),
    ] {
        let backup = read_through(builder, Some(&Same(PASSWORD)));
        let ids = errors_and_warnings(&backup);
        let expected = ["manifest-plist-missing", "manifest-plist-unreadable"];
        assert_eq!(ids.len(), 1, "{what}: {ids:?}");
        assert!(expected.contains(&ids[0]), "{what}: {ids:?}");
        for id in ["padding-invalid", "password-wrong", "app-database-damaged"] {
            assert!(!backup.checked.contains(&id), "{what}: {id}");
        }
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn payloads_of_an_open_backup_are_judged_by_what_they_decrypt_to() {
    let whatsapp = (
        "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
        "ChatStorage.sqlite",
    );
    let with_database = || encrypted().file(whatsapp.0, whatsapp.1, &database());
    let row = || Row::file("HomeDomain", "Library/row", b"content");
    for (what, builder, ids) in [
        ("sound", with_database(), &[][..]),
        (
            "its head is damaged",
            with_database().flip_in_payload(whatsapp.0, whatsapp.1, 0),
            &["app-database-damaged"],
        ),
        (
            "an empty file stored as nothing",
            encrypted()
                .file("HomeDomain", "Library/empty", b"")
                .payload("HomeDomain", "Library/empty", b""),
            &[],
        ),
        (
            "no padding",
            encrypted()
                .file("HomeDomain", "Library/p", &[1; 32])
                .payload_padding("HomeDomain", "Library/p", Padding::Zeros),
            &["padding-invalid"],
        ),
        (
            "an older version of a file that changed meanwhile",
            encrypted().add(row().flags(17).stored([7; 32])),
            &[],
        ),
    ] {
        let backup = read_through(builder, Some(&Same(PASSWORD)));
        assert_eq!(errors_and_warnings(&backup), ids, "{what}");
        let verdict = backup.verdict;
        assert_eq!(
            verdict,
            Verdict::Complete,
            "{what}: {:?}",
            backup.not_checked
        );
    }
}

mod slow {
    use super::*;

    #[test]
    #[ignore = "takes a minute where the program is not optimized; .ci/run has it"]
    fn with_as_many_rounds_as_a_device_goes_through() {
        let backup = looked(encrypted().rounds(10_000_000, 10_000), PASSWORD);
        assert_eq!(backup.verdict, Verdict::Complete);
    }
}
