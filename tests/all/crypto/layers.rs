//! Keys in two layers (F§11.1): `WRAP` 3 says that the password opens the outer one, whatever the class.

use std::collections::BTreeMap;
use std::path::Path;

use bkscan::model::options::ScanOptions;
use bkscan::model::progress::Monitor;
use bkscan::model::secret::Password;
use bkscan::model::sources::{NoPassword, Passwords, Sources};
use bkscan::model::{Access, BackupReport, Level, Udid, Verdict};
use bkscan::scan;

use crate::harness::NOW;
use crate::support::{BackupBuilder, Row, empty_folder};

const UDID: &str = "00008120-000A1C2E3F40801E";
const PASSWORD: &str = "correct horse";

/// The same password for all.
struct Same;

impl Passwords for Same {
    fn password(&self, _udid: Option<&Udid>) -> Result<Option<Password>, NoPassword> {
        Ok(Some(Password::new(PASSWORD.into())))
    }
}

/// A file of each class, and other bits of `WRAP` for these.
fn with_wraps(wraps: &[(u32, u32)]) -> BackupBuilder {
    let builder = BackupBuilder::new(UDID).bare().encrypted_with(PASSWORD);
    let builder = (1..=4_i64).fold(builder, |builder, class| {
        let path = format!("Library/of class {class}");
        let row = Row::file("HomeDomain", &path, path.as_bytes());
        builder.add(row.protection_class(class))
    });
    wraps.iter().fold(builder, |builder, (class, wrap)| {
        builder.class_wrap(*class, *wrap)
    })
}

fn read_through(root: &Path) -> BackupReport {
    let mut options = ScanOptions::new(vec![root.to_owned()], NOW.parse().unwrap());
    options.level = Level::Contents;
    let sources = Sources {
        passwords: Some(&Same),
        ledger: None,
    };
    let mut report = scan(&options, sources, &Monitor::silent()).unwrap();
    assert_eq!(report.backups.len(), 1);
    report.backups.remove(0)
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn a_file_class_in_two_layers_opens_with_the_password() {
    for wraps in [
        &[][..],
        &[(1, 3)],
        &[(2, 3)],
        &[(3, 3)],
        &[(4, 3)],
        &[(1, 3), (2, 3), (3, 3), (4, 3)],
        // A bit that nobody knows yet takes nothing away.
        &[(1, 6), (4, 7)],
    ] {
        for builder in [with_wraps(wraps), with_wraps(wraps).mbdb()] {
            let folder = empty_folder();
            builder.write(folder.path());
            let backup = read_through(folder.path());
            assert_eq!(backup.access, Access::Open);
            assert_eq!(
                backup.verdict,
                Verdict::Complete,
                "{:?}",
                backup.not_checked
            );
            assert_eq!(backup.findings, []);
            // Padding is looked at in what opens only.
            for id in ["key-invalid", "padding-invalid"] {
                assert!(backup.checked.contains(&id), "{id}");
            }
            let contents = backup.contents.unwrap();
            assert_eq!((contents.read.files, contents.all.files), (4, 4));
        }
    }
}

/// And one that the device alone opens does not, which is said.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere, and slow there")]
fn a_file_class_of_the_device_alone_is_not_checked() {
    for class in 1..=3 {
        let folder = empty_folder();
        with_wraps(&[(class, 1)]).write(folder.path());
        let backup = read_through(folder.path());
        assert_eq!(backup.access, Access::Open);
        assert_eq!(backup.verdict, Verdict::Unverified, "{class}");
        assert_eq!(backup.findings, []);
        let not_checked = backup.not_checked.iter();
        let not_checked: BTreeMap<_, _> = not_checked.map(|one| (one.id, &one.why)).collect();
        let why =
            format!("the password opens no key for the protection class of 1 file (class {class})");
        assert_eq!(not_checked["key-invalid"], &why);
    }
}
