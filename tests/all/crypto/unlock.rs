//! What a password opens: encrypted backups of each era, and what is wrong with broken ones. Through the
//! library, which costs no start of the program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use bkscan::model::Verdict::{Complete, Corrupt, Unverified};
use bkscan::model::options::ScanOptions;
use bkscan::model::progress::Monitor;
use bkscan::model::secret::Password;
use bkscan::model::sources::{NoPassword, Passwords, Sources};
use bkscan::model::{Access, BackupReport, Finding, Level, Report, Severity, Udid, Verdict};
use bkscan::scan;

use crate::harness::NOW;
use crate::support::{BackupBuilder, Padding, Row, database, empty_folder};

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

const SAME: Option<&dyn Passwords> = Some(&Same(PASSWORD));

fn scanned(root: &Path, passwords: Option<&dyn Passwords>) -> Report {
    scanned_at(Level::Standard, root, passwords)
}

fn scanned_at(level: Level, root: &Path, passwords: Option<&dyn Passwords>) -> Report {
    let mut config = ScanOptions::new(vec![root.to_owned()], NOW.parse().unwrap());
    config.level = level;
    let ledger = None;
    scan(&config, Sources { passwords, ledger }, &Monitor::silent()).unwrap()
}

/// The only backup, looked at with this password.
fn looked(builder: BackupBuilder, password: &'static str) -> BackupReport {
    only(Level::Standard, builder, Some(&Same(password)))
}

/// The same, with every payload read to its end.
fn read_through(builder: BackupBuilder, passwords: Option<&dyn Passwords>) -> BackupReport {
    only(Level::Contents, builder, passwords)
}

fn only(level: Level, builder: BackupBuilder, passwords: Option<&dyn Passwords>) -> BackupReport {
    let folder = empty_folder();
    builder.write(folder.path());
    let mut report = scanned_at(level, folder.path(), passwords);
    assert_eq!(report.backups.len(), 1);
    report.backups.remove(0)
}

/// The ids of what was found that is more than a note.
fn errors_and_warnings(backup: &BackupReport) -> Vec<&'static str> {
    let findings = backup.findings.iter();
    let findings = findings.filter(|finding| finding.severity > Severity::Note);
    findings.map(|finding| finding.id).collect()
}

/// The only finding with this id.
fn found<'a>(backup: &'a BackupReport, id: &str) -> &'a Finding {
    let findings = backup.findings.iter();
    let found: Vec<_> = findings.filter(|finding| finding.id == id).collect();
    assert_eq!(found.len(), 1, "{id}");
    found[0]
}

/// Fails unless it has this verdict, and no more than this is wrong with it.
fn is(name: &str, backup: &BackupReport, verdict: Verdict, ids: &[&str]) {
    assert_eq!(errors_and_warnings(backup), ids, "{name}");
    assert_eq!(backup.verdict, verdict, "{name}: {:?}", backup.not_checked);
}

/// What must come of each of some backups that [`PASSWORD`] is tried on.
#[derive(Clone, Copy)]
struct Expected<'a>(Level, Verdict, &'a [&'a str]);

impl Expected<'_> {
    fn of(self, name: &str, builder: BackupBuilder) -> Self {
        is(name, &only(self.0, builder, SAME), self.1, self.2);
        self
    }
}

fn opens<'a>(verdict: Verdict, ids: &'a [&'a str]) -> Expected<'a> {
    Expected(Level::Standard, verdict, ids)
}

fn reads<'a>(ids: &'a [&'a str]) -> Expected<'a> {
    Expected(Level::Contents, Complete, ids)
}

fn encrypted() -> BackupBuilder {
    BackupBuilder::new(UDID).encrypted_with(PASSWORD)
}

fn odd_row() -> Row {
    Row::file("HomeDomain", "Library/odd", b"content")
}

/// It, as iOS 10.2 and later and as iOS 4 to 9 encrypt it.
fn of_two_eras(builder: impl Fn() -> BackupBuilder) -> [(&'static str, BackupBuilder); 2] {
    [("10.2-and-later", builder()), ("4-to-9", builder().mbdb())]
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn a_backup_of_each_era_opens() {
    let ios_10 = BackupBuilder::new(UDID).encrypted_ios10_0_with(PASSWORD);
    let padded = |padding| encrypted().manifest_padding(padding);
    for (era, builder, verdict) in [
        ("10.2 and later", encrypted(), Complete),
        ("4 to 9", encrypted().mbdb(), Complete),
        ("10.0 and 10.1", ios_10, Unverified),
        ("not padded", padded(Padding::None), Complete),
        ("padded with zeros", padded(Padding::Zeros), Complete),
    ] {
        let backup = looked(builder, PASSWORD);
        assert_eq!(backup.access, Access::Open, "{era}");
        is(era, &backup, verdict, &[]);
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn each_defect_of_the_keys_is_told_apart() {
    let wrong = &["password-wrong"];
    for password in ["x", ""] {
        is(password, &looked(encrypted(), password), Unverified, wrong);
    }
    let damaged = |class| encrypted().damage_class_key(class);
    let wrapped = |class, wrap| encrypted().class_wrap(class, wrap);
    let all_damaged = (1..=4).fold(encrypted(), BackupBuilder::damage_class_key);
    let all_wrapped = (1..=4).fold(encrypted(), |builder, class| builder.class_wrap(class, 1));
    opens(Unverified, wrong)
        .of("salt", encrypted().damage_salt())
        .of("all classes", all_damaged);
    opens(Corrupt, &["manifest-unreadable"])
        .of("ManifestKey", encrypted().damage_manifest_key())
        .of("the class of the ManifestKey", damaged(MANIFEST_CLASS));
    opens(Unverified, &[])
        .of("another class, whose files nobody can open", damaged(1))
        .of("a class that only the device opens", wrapped(1, 1))
        .of("and that of ManifestKey", wrapped(MANIFEST_CLASS, 1))
        .of("all that the password opens", all_wrapped);
    opens(Complete, &[])
        .of("a class of the keychain", damaged(5))
        .of("the password opens the outer layer", wrapped(1, 3));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn each_flipped_bit_of_the_manifest_is_noticed() {
    let flipped = |at| encrypted().flip_in_manifest(at);
    opens(Corrupt, &["manifest-unreadable"]).of("the first block", flipped(3));
    opens(Corrupt, &["manifest-damaged"])
        .of("the schema", flipped(4096 - 40))
        .of("the table", flipped(2 * 4096));
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
        let folder = empty_folder();
        with_rounds(tag, rounds).write(folder.path());
        let report = scanned(folder.path(), SAME);
        is(words, &report.backups[0], Unverified, &[]);
        assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
        let problem = &report.problems[0];
        assert!(problem.message.contains(words), "{}", problem.message);
        assert!(!problem.blocking);
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn a_record_whose_key_has_a_wrong_length_is_noted() {
    for (defect, row) in [
        ("none", odd_row().without_key()),
        ("43 bytes", odd_row().key_bytes([7; 43])),
        ("45 bytes", odd_row().key_bytes([7; 45])),
        ("empty", odd_row().key_bytes([])),
    ] {
        let backup = looked(encrypted().add(row), PASSWORD);
        let found = found(&backup, "record-undecodable");
        assert_eq!(found.count, 1, "{defect}");
        assert_eq!(found.examples[0].path.as_deref(), Some("Library/odd"));
        is(defect, &backup, Complete, &[]);
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
    let odder = || Row::file("HomeDomain", "Library/odder", b"content").key_bytes(noise(1));
    let two = || encrypted().add(odd_row().key_bytes(noise(3))).add(odder());
    for (era, builder) in of_two_eras(two) {
        let backup = looked(builder, PASSWORD);
        is(era, &backup, Corrupt, &["key-invalid"]);
        let found = found(&backup, "key-invalid");
        assert_eq!((found.count, found.bytes), (2, 14), "{era}");
        assert_eq!(
            found.message,
            "The keys of 2 files (14 bytes) do not open although the password is right: nobody can \
             decrypt what they hold"
        );
        let examples = found.examples.iter();
        let mut paths: Vec<_> = examples.map(|one| one.path.as_deref().unwrap()).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["Library/odd", "Library/odder"]);
    }
}

/// What looks like a key that does not open, and says nothing against the backup.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn a_key_that_need_not_open_is_no_finding() {
    let backup = looked(encrypted(), PASSWORD);
    assert!(backup.checked.contains(&"key-invalid"));
    // The device demands no payload of these, so an older version may be stored, with another key.
    let changed = odd_row().flags(17).key_bytes(noise(3));
    let backup = looked(encrypted().add(changed), PASSWORD);
    assert_eq!(backup.verdict, Complete);
    assert!(backup.checked.contains(&"key-invalid"));
    for (era, builder) in of_two_eras(|| encrypted().add(odd_row().key_bytes(noise(77)))) {
        let backup = looked(builder, PASSWORD);
        is(era, &backup, Unverified, &[]);
        let why = "the password opens no key for the protection class of 1 file (class 77)";
        assert_eq!(why_not(&backup, "key-invalid"), Some(why), "{era}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn without_the_password_no_key_is_judged() {
    let folder = empty_folder();
    for (era, builder) in of_two_eras(|| encrypted().add(odd_row().key_bytes(noise(3)))) {
        builder.folder_name(era).write(folder.path());
        for passwords in [None, Some(&Same("x") as &dyn Passwords)] {
            let report = scanned(folder.path(), passwords);
            let backup = report.backups.last().unwrap();
            let why = why_not(backup, "key-invalid");
            assert_eq!(why, Some("it takes the password"), "{era}");
            let mut findings = backup.findings.iter();
            assert!(findings.all(|one| one.id != "key-invalid"), "{era}");
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
    let missing = with_photo().remove_payload(PHOTO.0, PHOTO.1);
    let stored = |bytes: &[u8]| with_photo().payload(PHOTO.0, PHOTO.1, bytes);
    for (defect, builder, ids) in [
        ("nothing", with_photo(), &[][..]),
        ("missing", missing, &["file-missing"]),
        ("empty", stored(b""), &["payload-empty"]),
        ("cut", stored(&[1; 33]), &["payload-truncated"]),
    ] {
        let backup = looked(builder, PASSWORD);
        assert_eq!(errors_and_warnings(&backup), ids, "{defect}");
        let groups: Vec<_> = backup.storage.iter().map(|group| &*group.name).collect();
        assert!(groups.contains(&"Photos"), "{groups:?}");
        assert!(!groups.contains(&"Encrypted"), "{groups:?}");
        let mut examples = backup.findings.iter().flat_map(|one| &one.examples);
        assert!(examples.all(|one| one.path.as_deref() != Some("")));
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn an_mbdb_is_looked_at_with_any_password() {
    let gone = ("HomeDomain", "Library/gone");
    let missing = || encrypted().mbdb().file(gone.0, gone.1, b"x");
    let builder = || missing().remove_payload(gone.0, gone.1);
    let ids = ["file-missing", "password-wrong"];
    is("wrong", &looked(builder(), "x"), Corrupt, &ids);
    opens(Corrupt, &["file-missing"]).of("right", builder());
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
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

/// A password a device, and who was asked for.
struct PerDevice {
    passwords: BTreeMap<&'static str, &'static str>,
    asked: Mutex<Vec<String>>,
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
    let folder = empty_folder();
    for udid in [UDID].into_iter().chain(OTHERS) {
        let builder = BackupBuilder::new(udid).encrypted_with(PASSWORD);
        builder.write(folder.path());
    }
    // Another copy with the same keybag, as some tools make them.
    let copy = format!("{UDID}-20240501-100000");
    encrypted().folder_name(&copy).write(folder.path());
    let passwords = [(UDID, PASSWORD), (OTHERS[0], "x"), (OTHERS[1], "cannot")].into();
    let asked = Mutex::default();
    let passwords = PerDevice { passwords, asked };
    let report = scanned(folder.path(), Some(&passwords));
    let closed = Access::Unavailable("the keychain is closed".to_owned());
    for (udid, expected) in [
        (UDID, &[(Complete, &Access::Open); 2][..]),
        (OTHERS[0], &[(Unverified, &Access::Wrong)]),
        (OTHERS[1], &[(Unverified, &closed)]),
        (OTHERS[2], &[(Unverified, &Access::NoPassword)]),
    ] {
        let backups = report.backups.iter();
        let of = backups.filter(|backup| backup.udid.as_ref().unwrap().as_str() == udid);
        let got: Vec<_> = of.map(|backup| (backup.verdict, &backup.access)).collect();
        assert_eq!(got, expected, "{udid}");
    }
    let mut asked = passwords.asked.into_inner().unwrap();
    asked.sort();
    assert_eq!(asked, [UDID, OTHERS[0], OTHERS[1], OTHERS[2]]);
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    let problem = &report.problems[0];
    assert!(problem.blocking);
    assert!(problem.message.ends_with("the keychain is closed"));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn an_opened_backup_stands_in_for_an_older_one() {
    let folder = empty_folder();
    encrypted().write(folder.path());
    let older = encrypted().folder_name("older");
    let older = older.date("2023-01-01T10:00:00Z").write(folder.path());
    let removable = |passwords| -> Vec<PathBuf> {
        let report = scanned(folder.path(), passwords);
        let paths = report.plan.removable.backups.iter();
        paths.map(|at| report.backups[*at].path.clone()).collect()
    };
    assert_eq!(removable(None), [""; 0].map(PathBuf::from));
    assert_eq!(removable(SAME), [older]);
}

/// Where a password does not help, all is told that can be told without.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn a_password_never_hides_what_is_seen_without_it() {
    let cut = ("HomeDomain", "Library/cut");
    let locked = || encrypted().class_wrap(MANIFEST_CLASS, 1);
    let builder = || {
        locked()
            .file(cut.0, cut.1, b"x")
            .payload(cut.0, cut.1, [1; 13])
    };
    let without = read_through(builder(), None);
    let with = read_through(builder(), SAME);
    for backup in [&without, &with] {
        is("cut", backup, Corrupt, &["payload-truncated"]);
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
        let backup = read_through(builder, SAME);
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
    let whatsapp = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared";
    let chats = "ChatStorage.sqlite";
    let with_database = || encrypted().file(whatsapp, chats, &database());
    let (home, path) = ("HomeDomain", "Library/p");
    let empty = encrypted().file(home, path, b"").payload(home, path, b"");
    let not_padded = encrypted().file(home, path, &[1; 32]);
    let older = odd_row().flags(17).stored([7; 32]);
    reads(&[])
        .of("sound", with_database())
        .of("an empty file stored as nothing", empty)
        .of("an older version of a file", encrypted().add(older));
    reads(&["app-database-damaged"]).of(
        "its head",
        with_database().flip_in_payload(whatsapp, chats, 0),
    );
    reads(&["padding-invalid"]).of(
        "none",
        not_padded.payload_padding(home, path, Padding::Zeros),
    );
}

mod long {
    use super::*;

    #[test]
    #[ignore = "takes a minute where the program is not optimized; .ci/long has it"]
    fn with_as_many_rounds_as_a_device_goes_through() {
        let backup = looked(encrypted().rounds(10_000_000, 10_000), PASSWORD);
        assert_eq!(backup.verdict, Complete);
    }
}
