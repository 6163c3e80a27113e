//! The rows that every backup has unless it is bare: one of each kind that F§19 asks for.
//!
//! Roots and parent folders are not listed here, they are added for every row.

use std::sync::LazyLock;

use plist::{Dictionary, Value};

use super::mbfile::binary;
use super::row::{DigestForm, NOBODY, Row};
use super::setup::{Format, Setup};
use super::{noise, sqlite};

/// The one installed app, its shared container and one of its extensions.
pub const APP: &str = "net.whatsapp.WhatsApp";
pub const APP_GROUP: &str = "group.net.whatsapp.WhatsApp.shared";
pub const APP_PLUGIN: &str = "net.whatsapp.WhatsApp.ShareExtension";

/// A page of SQLite; live databases differ from the compacted copy by whole ones (F§9.3).
const PAGE: i64 = 4096;

/// Lists the usual rows.
pub fn rows(setup: &Setup) -> Vec<Row> {
    let mut rows = Vec::new();
    rows.extend(home());
    rows.extend(system());
    rows.extend(camera_roll());
    rows.extend(media());
    rows.extend(apps());
    if setup.is_encrypted() {
        // Health data is in encrypted backups only (F§13.1).
        let health = database("CREATE TABLE samples (data_id INTEGER PRIMARY KEY, value REAL);");
        let path = "Health/healthdb_secure.sqlite";
        rows.push(Row::file("HealthDomain", path, &health).protection_class(2));
    }
    if setup.format == Format::Mbdb {
        rows.retain(Row::fits_mbdb);
    }
    rows
}

fn home() -> Vec<Row> {
    let domain = "HomeDomain";
    let preferences = |name: &str, key: &str| {
        let content = preference_file(key);
        Row::file(domain, &format!("Library/Preferences/{name}"), &content)
    };
    vec![
        // The stored copy is larger than what the device recorded, as was measured (F§9.3).
        Row::file(domain, "Library/SMS/sms.db", &SMS).size(len(&SMS) - PAGE),
        // And here smaller.
        Row::file(
            domain,
            "Library/AddressBook/AddressBook.sqlitedb",
            &CONTACTS,
        )
        .size(len(&CONTACTS) + 2 * PAGE)
        .digest(DigestForm::NsData),
        preferences("com.apple.springboard.plist", "SBDefaultTags").protection_class(4),
        preferences("com.apple.mobilephone.plist", "ShowFaceTime").digest(DigestForm::NsData),
        preferences(".GlobalPreferences.plist", "AppleLocale").protection_class(4),
        preferences("com.apple.mobilesafari.plist", "SearchEngine").extended_attributes(),
        Row::directory(domain, "Library/Calendar").extended_attributes(),
        // Empty on the device: a payload is there all the same (F§9.1).
        Row::file(domain, "Library/Calendar/.store.lock", b""),
        // Changed or gone while it was uploaded (F§7.2).
        Row::file(domain, "Library/Safari/SafariTabs.db", b"")
            .size(3 * PAGE)
            .flags(17)
            .no_payload()
            .digest(DigestForm::None),
        Row::file(domain, "Library/Safari/SafariTabs.db-wal", b"")
            .flags(16)
            .null_names(),
    ]
}

fn system() -> Vec<Row> {
    vec![
        Row::file(
            "KeychainDomain",
            "keychain-backup.plist",
            &preference_file("genp"),
        )
        .protection_class(4)
        .digest(DigestForm::NsData),
        Row::file(
            "WirelessDomain",
            "Library/Preferences/com.apple.ipTelephony.plist",
            &preference_file("Enabled"),
        )
        .gid(NOBODY),
        Row::file(
            "SystemPreferencesDomain",
            "SystemConfiguration/preferences.plist",
            &preference_file("Model"),
        )
        .uid(0)
        .gid(0)
        .protection_class(4),
    ]
}

fn camera_roll() -> Vec<Row> {
    let domain = "CameraRollDomain";
    let photo = |name: &str, content: &[u8]| {
        Row::file(domain, &format!("Media/DCIM/100APPLE/{name}"), content)
    };
    vec![
        photo("IMG_0001.HEIC", &heic()),
        photo("IMG_0002.JPG", &jpeg("IMG_0002")).extended_attributes(),
        photo("IMG_0003.MOV", &mov()),
        Row::file(domain, "Media/PhotoData/Photos.sqlite", &PHOTOS).size(len(&PHOTOS) + PAGE),
        // Emptied by the compacting copy, with one frame in it on the device: a header of 32
        // bytes, 24 bytes and a page.
        Row::file(domain, "Media/PhotoData/Photos.sqlite-wal", b"").size(32 + 24 + PAGE),
    ]
}

fn media() -> Vec<Row> {
    let domain = "MediaDomain";
    let attachment = format!(
        "Library/SMS/Attachments/a1/01/at_0_{}/photo.jpg",
        noise::uuid("attachment")
    );
    vec![
        Row::file(domain, &attachment, &jpeg("attachment")),
        Row::directory(domain, "Media/Recordings"),
    ]
}

fn apps() -> Vec<Row> {
    let app = format!("AppDomain-{APP}");
    let group = format!("AppDomainGroup-{APP_GROUP}");
    let plugin = format!("AppDomainPlugin-{APP_PLUGIN}");
    let files = "AppDomainGroup-group.com.apple.FileProvider.LocalStorage";
    let link_target = format!(
        "/private/var/mobile/Containers/Shared/AppGroup/{}/Message/Media",
        noise::uuid("app group")
    );
    let on_my_iphone = |name: &str| {
        let path = format!("File Provider Storage/{name}");
        Row::file(files, &path, b"Written by a test.\n")
    };
    vec![
        Row::directory(&app, "Documents"),
        Row::file(
            &app,
            "Library/Preferences/net.whatsapp.WhatsApp.plist",
            &preference_file("LastLaunch"),
        ),
        Row::file(&group, "ChatStorage.sqlite", &CHATS).protection_class(4),
        Row::symlink(&group, "Media", &link_target),
        Row::directory(&group, "Message/Media"),
        Row::directory(&plugin, "Documents"),
        Row::directory(&plugin, "Library/Caches"),
        Row::directory(&plugin, "Library/Preferences"),
        Row::directory(&plugin, "SystemData"),
        Row::directory(&plugin, "tmp"),
        // Decomposed, as Apple's file systems hand names out (F§8).
        on_my_iphone("Gru\u{308}\u{df}e aus Ko\u{308}ln.txt"),
        on_my_iphone("Re\u{301}sume\u{301} \u{1f4c4}.txt").protection_class(1),
        on_my_iphone("It's a \"test\".txt"),
        on_my_iphone("100% done.txt"),
        Row::file(files, "File Provider Storage/empty.txt", b""),
    ]
}

fn len(database: &[u8]) -> i64 {
    i64::try_from(database.len()).expect("a small database")
}

fn database(statements: &str) -> Vec<u8> {
    sqlite::app_database(statements)
}

static SMS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    database(
        "CREATE TABLE message (guid TEXT UNIQUE NOT NULL, text TEXT);
         INSERT INTO message VALUES ('00000000-0000-4000-8000-000000000001', 'Test');",
    )
});

static CONTACTS: LazyLock<Vec<u8>> =
    LazyLock::new(|| database("CREATE TABLE ABPerson (First TEXT, Last TEXT);"));

static PHOTOS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    database(
        "CREATE TABLE ZASSET (Z_PK INTEGER PRIMARY KEY, ZFILENAME TEXT);
         INSERT INTO ZASSET VALUES (1, 'IMG_0001.HEIC'), (2, 'IMG_0002.JPG'), (3, 'IMG_0003.MOV');",
    )
});

static CHATS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    database(
        "CREATE TABLE ZWAMESSAGE (Z_PK INTEGER PRIMARY KEY, ZTEXT TEXT);
         INSERT INTO ZWAMESSAGE VALUES (1, 'Test');",
    )
});

fn preference_file(key: &str) -> Vec<u8> {
    let preferences = Dictionary::from_iter([(key, true)]);
    binary(&Value::Dictionary(preferences))
}

/// A file of the `ftyp` family: a brand box, then one that holds noise.
fn boxes(brands: &[u8], name: &[u8; 4]) -> Vec<u8> {
    let noise = noise::bytes(&String::from_utf8_lossy(brands), 600);
    let mut file = Vec::new();
    for (name, content) in [(b"ftyp", brands), (name, &noise[..])] {
        let len = u32::try_from(8 + content.len()).expect("a small box");
        file.extend_from_slice(&len.to_be_bytes());
        file.extend_from_slice(name);
        file.extend_from_slice(content);
    }
    file
}

fn heic() -> Vec<u8> {
    boxes(b"heic\0\0\0\0mif1heic", b"mdat")
}

fn mov() -> Vec<u8> {
    boxes(b"qt  \0\0\0\0qt  ", b"mdat")
}

/// The start and the end of a JPEG around noise.
fn jpeg(seed: &str) -> Vec<u8> {
    let mut file = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x48\x00\x48\x00\x00".to_vec();
    file.extend(noise::bytes(seed, 500));
    file.extend_from_slice(b"\xff\xd9");
    file
}
