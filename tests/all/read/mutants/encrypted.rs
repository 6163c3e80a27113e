//! Encrypted manifests: they are decrypted as they are read.

use bkscan::crypto;
use bkscan::model::progress::Monitor;
use bkscan::model::secret::Password;
use bkscan::read::database::Database;
use bkscan::read::{Wanted, manifest, manifest_db, metadata};
use tempfile::TempDir;

use crate::read::readers::whole;
use crate::support::{BackupBuilder, Padding, empty_folder};

const UDID: &str = "00008120-000A1C2E3F40801E";
const PASSWORD: &str = "correct horse";

/// An encrypted backup of some files, and its manifest.
fn opened(change: impl Fn(BackupBuilder) -> BackupBuilder) -> (TempDir, Database) {
    let folder = empty_folder();
    let builder = BackupBuilder::new(UDID).bare().encrypted_with(PASSWORD);
    let builder = (0..100).fold(builder, |builder, number| {
        let path = format!("Media/DCIM/100APPLE/IMG_{number:04}.JPG");
        builder.file("CameraRollDomain", &path, path.as_bytes())
    });
    let backup = change(builder).write(folder.path());
    let metadata = metadata::read(&backup, UDID);
    let keybag = metadata.keybag().expect("a keybag");
    let password = Password::new(PASSWORD.into());
    let keys = crypto::open(keybag, &password).expect("the right password");
    let database = manifest::decrypted(&metadata, keybag, &keys).expect("a database");
    (folder, database)
}

#[test]
fn an_encrypted_manifest_is_read_in_one_pass() {
    let (wanted, silent) = (Wanted::examples(3), Monitor::silent());
    for padding in [Padding::Pkcs7, Padding::None, Padding::Zeros] {
        let (_folder, database) = opened(|builder| builder.manifest_padding(padding));
        let sound = manifest_db::sound_rows(&database, false, wanted, &silent);
        let table = manifest_db::table(&database).unwrap();
        let rows = manifest_db::rows(&database, table, false, wanted, &silent).unwrap();
        assert_eq!(rows.counts.files, 100);
        assert_eq!(sound.map(|sound| whole(&sound)), Some(whole(&rows)));
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn damage_of_an_encrypted_manifest_does_not_pass() {
    let (wanted, silent) = (Wanted::examples(3), Monitor::silent());
    let mut passed = 0;
    for page in 0..30 {
        // A block is noise then, in the header of a page and behind it.
        let (_folder, database) = opened(|builder| builder.flip_in_manifest(4096 * page + 150));
        let sound = manifest_db::sound_rows(&database, false, wanted, &silent);
        let checked = database.quick_check();
        assert!(sound.is_none() || checked == Ok(None), "page {}", page + 1);
        passed += u32::from(sound.is_some());
    }
    assert!(passed < 30);
}
