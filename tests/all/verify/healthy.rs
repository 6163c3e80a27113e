//! Every kind of healthy backup that F§9, F§18 and F§19 know: no error, no warning, and the verdict
//! that it deserves.

use plist::Value as Plist;

use crate::harness::{finding, finding_ids, only_backup};
use crate::support::{BackupBuilder, DigestForm, Row, file_id};
use crate::verify::findings::{JPEG, NOTE, PHOTO, UDID, bytes_of, place, scanned, small};

/// `SF_DATALESS`: the content is only in iCloud.
const DATALESS: i64 = 0x4000_0000;

fn usual() -> BackupBuilder {
    BackupBuilder::new(UDID)
}

/// Fails unless the backup is `verdict` without any error or warning, and every note is one of
/// `notes`, all of which are there.
fn healthy(builder: BackupBuilder, verdict: &str, notes: &[&str]) {
    let document = scanned(builder, &[]);
    let backup = only_backup(&document);
    let findings = backup["findings"].as_array().unwrap();
    let serious: Vec<_> = findings
        .iter()
        .filter(|one| one["severity"] != "note")
        .collect();
    assert!(serious.is_empty(), "{serious:#?}");
    assert_eq!(backup["verdict"], verdict, "{backup:#}");
    assert_eq!(document["exit_code"], 0);
    let found: Vec<&str> = finding_ids(backup).into_iter().collect();
    assert_eq!(found, notes, "{findings:#?}");
}

/// With the usual rows; some of their sizes differ, as they do in life.
fn usual_is(builder: BackupBuilder, verdict: &str) {
    let notes: &[&str] = if verdict == "complete" {
        &["size-differs"]
    } else {
        &[]
    };
    healthy(builder, verdict, notes);
}

/// Only what is added, of which nothing is to be said.
fn silent(builder: BackupBuilder) {
    healthy(builder, "complete", &[]);
}

#[test]
fn the_usual_rows() {
    usual_is(usual(), "complete");
}

#[test]
fn without_empty_shards() {
    usual_is(usual().no_empty_shards(), "complete");
}

#[test]
fn flags_16_with_null_names_or_null_record() {
    let gone = |path: &str| Row::file("HomeDomain", path, b"x").flags(16);
    silent(
        small()
            .add(gone("a").null_names())
            .add(gone("b").null_blob().no_payload()),
    );
}

#[test]
fn a_row_whose_record_is_null() {
    let absent = Row::file("HomeDomain", "absent", b"x")
        .null_blob()
        .no_payload();
    let present = Row::file("HomeDomain", "present", b"x").null_blob();
    silent(small().add(absent).add(present));
}

#[test]
fn flags_17_without_payload_or_with_an_empty_one() {
    let changed = |path: &str| Row::file(PHOTO.0, path, b"x").flags(17);
    silent(small().add(changed("a").no_payload()));
    let builder = small().add(changed("b").size(99).stored(*b""));
    let document = scanned(builder, &[]);
    assert_eq!(only_backup(&document)["verdict"], "complete");
}

#[test]
fn size_0_with_0_bytes() {
    silent(small().add(Row::file(PHOTO.0, "Media/DCIM/empty.JPG", b"")));
}

#[test]
fn size_0_with_16_or_0_bytes_where_encrypted() {
    let padded = Row::file("HomeDomain", "padded", b"");
    let bare = Row::file("HomeDomain", "bare", b"").stored(*b"");
    let both = || small().encrypted().add(padded.clone()).add(bare.clone());
    healthy(both(), "unverified", &[]);
    silent(both().mbdb());
}

#[test]
fn negative_user_and_group() {
    silent(small().add(Row::file("HomeDomain", "nobody", b"x").uid(-2).gid(-2)));
}

#[test]
fn a_wal_row_of_0_bytes_with_a_size() {
    let mut builder = small();
    for ending in ["-wal", "-shm", "-journal"] {
        let path = format!("Media/PhotoData/Photos.sqlite{ending}");
        builder = builder.add(Row::file(PHOTO.0, &path, b"").size(32_768));
    }
    healthy(builder, "complete", &["size-differs"]);
}

#[test]
fn dataless_files() {
    let evicted = Row::file(PHOTO.0, "Media/DCIM/far.HEIC", b"")
        .size(9_999)
        .st_flags(DATALESS);
    let document = scanned(small().add(evicted), &[]);
    let backup = only_backup(&document);
    assert_eq!(backup["verdict"], "complete");
    assert!(
        !finding_ids(backup).contains("shorter-than-recorded"),
        "{backup:#}"
    );
}

#[test]
fn a_database_larger_or_smaller_than_recorded() {
    let database =
        |path: &str, size| Row::file(PHOTO.0, path, b"SQLite format 3\0 and so on").size(size);
    let builder = small()
        .add(database("a.sqlite", 4))
        .add(database("b", 9_999));
    healthy(builder, "complete", &["size-differs"]);
}

#[test]
fn shm_alone() {
    let document = scanned(small().raw("Manifest.db-shm", [0; 32]), &[]);
    let backup = only_backup(&document);
    assert_eq!(backup["verdict"], "complete", "{backup:#}");
    let findings = backup["findings"].as_array().unwrap();
    assert!(
        findings.iter().all(|one| one["severity"] == "note"),
        "{findings:#?}"
    );
}

#[test]
fn backup_manifest_db_missing_empty_or_partial() {
    let path = "Library/Application Support/FileProvider/backup/backup_manifest.db";
    assert_eq!(
        file_id("HomeDomain", path),
        "49128ab470583769cf58eb2e9fe2eb47983afac3"
    );
    let row = || Row::file("HomeDomain", path, b"SQLite format 3\0 and so on");
    healthy(
        small().add(row().no_payload()),
        "complete",
        &["known-trouble-file"],
    );
    for partial in [&b""[..], b"SQL"] {
        let builder = small().add(row()).payload("HomeDomain", path, partial);
        let document = scanned(builder, &[]);
        let backup = only_backup(&document);
        assert_eq!(backup["verdict"], "complete", "{backup:#}");
        assert!(
            finding_ids(backup).contains("known-trouble-file"),
            "{backup:#}"
        );
    }
    // Whole, it is a file like any other.
    silent(small().add(row()));
}

#[test]
fn info_plist_in_xml() {
    assert!(bytes_of(small(), "Info.plist").starts_with(b"<?xml"));
    silent(small());
}

#[test]
fn info_plist_in_binary() {
    let xml = bytes_of(small(), "Info.plist");
    let mut binary = Vec::new();
    Plist::from_reader_xml(&xml[..])
        .unwrap()
        .to_writer_binary(&mut binary)
        .unwrap();
    let document = scanned(small().raw("Info.plist", binary), &[]);
    let backup = only_backup(&document);
    assert_eq!(backup["verdict"], "complete");
    assert_eq!(finding_ids(backup).len(), 0);
    assert_eq!(backup["device"]["product_name"], "iPhone 15 Pro");
}

#[test]
fn the_other_plists_in_xml() {
    let mut builder = small();
    for name in ["Status.plist", "Manifest.plist"] {
        let mut xml = Vec::new();
        let value = Plist::from_reader(std::io::Cursor::new(bytes_of(small(), name))).unwrap();
        value.to_writer_xml(&mut xml).unwrap();
        builder = builder.raw(name, xml);
    }
    silent(builder);
}

#[test]
fn info_plist_without_last_backup_date() {
    silent(small().info(|plist| {
        plist.remove("Last Backup Date").unwrap();
    }));
}

#[test]
fn info_plist_without_any_key() {
    silent(small().info(plist::Dictionary::clear));
}

#[test]
fn info_plist_as_pymobiledevice_writes_it() {
    silent(small().info(|plist| {
        plist.insert("GUID".into(), Plist::Data(vec![7; 16]));
        plist.remove("Product Name").unwrap();
        plist.remove("Last Backup Date").unwrap();
    }));
}

#[test]
fn encrypted_and_locked() {
    assert_eq!(
        bytes_of(usual().encrypted(), "Manifest.db").len() % 4096,
        16
    );
    usual_is(usual().encrypted(), "unverified");
}

#[test]
fn encrypted_and_locked_with_a_manifest_that_is_not_padded() {
    let mut db = bytes_of(usual().encrypted(), "Manifest.db");
    db.truncate(db.len() - 16);
    usual_is(usual().encrypted().raw("Manifest.db", db), "unverified");
}

#[test]
fn encrypted_although_is_encrypted_says_no() {
    let builder = usual().encrypted().manifest_plist(|plist| {
        plist.insert("IsEncrypted".into(), false.into());
    });
    usual_is(builder, "unverified");
}

#[test]
fn encrypted_with_payloads_of_0_16_and_32_bytes() {
    let row = |path: &str, len: usize| Row::file("HomeDomain", path, b"").stored(vec![7; len]);
    let builder = small()
        .encrypted()
        .add(row("a", 0))
        .add(row("b", 16))
        .add(row("c", 32));
    healthy(builder, "unverified", &[]);
}

#[test]
fn encrypted_by_ios_10_0() {
    usual_is(usual().encrypted_ios10_0(), "unverified");
}

#[test]
fn a_database_decrypted_in_place() {
    let plain = bytes_of(usual(), "Manifest.db");
    // Health data is only in encrypted backups: here it has no row.
    let health = ("HealthDomain", "Health/healthdb_secure.sqlite");
    let builder = usual()
        .encrypted()
        .raw("Manifest.db", plain)
        .without(&place(health));
    usual_is(builder, "unverified");
    // With the payloads decrypted, too: their lengths are not judged.
    let builder = small().manifest_plist(|plist| {
        plist.insert("IsEncrypted".into(), true.into());
    });
    healthy(builder, "unverified", &[]);
}

#[test]
fn ios_9() {
    usual_is(usual().mbdb(), "complete");
}

#[test]
fn ios_9_encrypted() {
    silent(small().encrypted().mbdb());
    let document = scanned(usual().encrypted().mbdb(), &[]);
    let backup = only_backup(&document);
    assert_eq!(
        (&backup["verdict"], &document["exit_code"]),
        (&"complete".into(), &0.into())
    );
    let findings = backup["findings"].as_array().unwrap();
    assert!(
        findings.iter().all(|one| one["severity"] == "note"),
        "{findings:#?}"
    );
}

#[test]
fn ios_9_with_names_that_are_not_utf_8() {
    silent(
        small()
            .mbdb()
            .add(Row::file("HomeDomain", "", b"x").raw_path(b"caf\xe9/\xff\xfe.txt")),
    );
}

#[test]
fn ios_9_links_with_an_empty_target() {
    silent(small().mbdb().add(Row::symlink("HomeDomain", "link", "")));
}

#[test]
fn ios_4_with_its_index() {
    silent(
        small()
            .mbdb()
            .raw("Manifest.mbdx", *b"mbdx\x02\x00\0\0\0\x00"),
    );
}

#[test]
fn the_index_of_ios_4_beside_a_database() {
    silent(small().raw("Manifest.mbdx", *b"mbdx\x02\x00\0\0\0\x00"));
}

#[test]
fn archived_as_a_safety_copy() {
    let name = format!("{UDID}-20260108-104514");
    let target = name.clone();
    let builder = small().folder_name(&name).info(move |plist| {
        plist.insert("Target Identifier".into(), target.into());
        plist.insert(
            "Display Name".into(),
            "Test iPhone - 2026-01-08 10:45:14".into(),
        );
    });
    let document = scanned(builder, &[]);
    let backup = only_backup(&document);
    assert_eq!(backup["verdict"], "complete", "{backup:#}");
    assert_eq!(finding_ids(backup).len(), 0, "{backup:#}");
    assert_eq!(
        (&backup["archived"], &backup["udid"]),
        (&true.into(), &UDID.into())
    );
}

#[test]
fn a_renamed_folder() {
    for name in ["My old phone", "Backup.old", &format!("{UDID}.corrupt")] {
        let document = scanned(small().folder_name(name), &[]);
        let backup = only_backup(&document);
        assert_eq!(backup["verdict"], "complete", "{backup:#}");
        assert_eq!(finding_ids(backup).len(), 0, "{backup:#}");
        assert_eq!(backup["udid"], UDID);
    }
}

#[test]
fn a_udid_of_40_digits_in_upper_case_in_info_plist() {
    let builder = BackupBuilder::new("5c0ffee05c0ffee05c0ffee05c0ffee05c0ffee0").bare();
    silent(builder.file(NOTE.0, NOTE.1, b"a note"));
}

#[test]
fn payload_names_in_upper_case() {
    let id = file_id(NOTE.0, NOTE.1);
    let upper = format!("{}/{}", &id[..2], id.to_uppercase());
    silent(
        small()
            .remove_payload(NOTE.0, NOTE.1)
            .raw(&upper, *b"a note"),
    );
}

/// Contract §4 rule 14; a path is that of a file in a folder that is clutter as a whole.
const CLUTTER: &[&str] = &[
    ".DS_Store",
    "._Manifest.db",
    "._.DS_Store",
    "Thumbs.db",
    "desktop.ini",
    // No name of a file on Windows.
    #[cfg(not(windows))]
    "Icon\r",
    ".localized",
    ".apdisk",
    ".nfs000000000012ab34",
    ".fuse_hidden0000001200000001",
    ".smbdelete1234",
    "Manifest.sync-conflict-20261101-101112-ABCDEFG.db",
    ".Manifest.db.aB3xY9",
    ".Status.plist.000000",
    "@eaDir/Manifest.db@SynoEAStream",
    "@eaDir/x/SYNOINDEX_MEDIA_INFO",
    ".AppleDouble/Manifest.db",
    ".AppleDouble/Info.plist",
    ".@__thumb/default",
    ".AppleDB/log",
    ".AppleDesktop/x",
    ".TemporaryItems/folders.501/x",
    ".stfolder/marker",
];

#[test]
fn clutter_is_silent_everywhere() {
    let id = file_id(PHOTO.0, PHOTO.1);
    let shard = &id[..2];
    let mut builder = small().raw(&format!("{shard}/._{id}"), *b"xattr");
    for name in CLUTTER {
        for place in [name.to_string(), format!("{shard}/{name}")] {
            builder = builder.raw(&place, *b"clutter");
        }
    }
    silent(builder);
    let flat = CLUTTER.iter().fold(small().mbdb(), |builder, name| {
        builder.raw(name, *b"clutter")
    });
    silent(flat);
    silent(
        small()
            .mbdb()
            .raw(&format!("._{id}"), *b"xattr")
            .raw(".DS_Store", *b"clutter"),
    );
    healthy(
        small()
            .encrypted()
            .raw(&format!("{shard}/._{id}"), *b"xattr")
            .raw(".DS_Store", *b"x"),
        "unverified",
        &[],
    );
}

#[test]
fn names_composed_and_decomposed() {
    let (composed, decomposed) = ("Documents/Gr\u{fc}\u{df}e", "Documents/Gru\u{308}\u{df}e");
    // The id of either, whatever the column holds.
    for path in [composed, decomposed] {
        for hashed in [composed, decomposed] {
            silent(small().add(Row::file(NOTE.0, path, b"x").id(&file_id(NOTE.0, hashed))));
        }
    }
}

#[test]
fn status_version_3_9() {
    silent(small().status(|plist| {
        plist.insert("Version".into(), "3.9".into());
    }));
}

#[test]
fn every_status_version_that_devices_wrote() {
    for version in ["2.4", "3.2", "3.3"] {
        silent(small().status(move |plist| {
            plist.insert("Version".into(), version.into());
        }));
    }
}

#[test]
fn is_full_backup_says_nothing() {
    for full in [Some(true), Some(false), None] {
        silent(small().status(move |plist| {
            match full {
                Some(full) => plist.insert("IsFullBackup".into(), full.into()),
                None => plist.remove("IsFullBackup"),
            };
        }));
    }
}

#[test]
fn status_without_uuid() {
    silent(small().status(|plist| {
        plist.remove("UUID").unwrap();
    }));
}

#[test]
fn unknown_keys_everywhere() {
    let extra = |plist: &mut plist::Dictionary| {
        plist.insert(
            "Unheard Of".into(),
            Plist::Array(vec![1.into(), Plist::Data(vec![2])]),
        );
    };
    let builder = small().info(extra).status(extra).manifest_plist(extra);
    silent(builder.sql("CREATE TABLE Unheard (of TEXT); INSERT INTO Properties VALUES ('a', 'b')"));
}

#[test]
fn unknown_flag_bits() {
    let mut builder = small();
    for bit in [8, 32, 64, 128, 1 << 20] {
        builder = builder.add(Row::file("HomeDomain", &format!("bit {bit}"), b"x").flags(1 | bit));
    }
    silent(builder);
}

#[test]
fn a_domain_that_no_application_has() {
    silent(
        small()
            .file("AppDomain-com.example.gone", "a", b"x")
            .file("NewDomain", "b", b"x"),
    );
}

#[test]
fn manifest_db_without_indices() {
    usual_is(
        usual().sql(
            "DROP INDEX FilesDomainIdx; DROP INDEX FilesRelativePathIdx; DROP INDEX FilesFlagsIdx;",
        ),
        "complete",
    );
}

#[test]
fn manifest_db_with_the_index_of_ios_27() {
    usual_is(
        usual().sql(
            "DROP INDEX FilesDomainIdx;
             CREATE INDEX FilesDomainsRelativePathIdx ON Files(domain, relativePath);",
        ),
        "complete",
    );
}

#[test]
fn manifest_db_without_properties_and_with_another_user_version() {
    usual_is(
        usual().sql("DROP TABLE Properties; PRAGMA user_version = 7;"),
        "complete",
    );
}

#[test]
fn manifest_db_with_bytes_after_its_last_page() {
    let db = [&bytes_of(small(), "Manifest.db")[..], &[16; 16]].concat();
    silent(small().raw("Manifest.db", db));
}

#[test]
fn manifest_db_out_of_wal_mode_and_with_a_free_list() {
    silent(small().sql(
        "CREATE TABLE much (x); INSERT INTO much VALUES (zeroblob(90000)); DROP TABLE much;
         PRAGMA journal_mode = DELETE;",
    ));
}

#[test]
fn digests_in_every_form() {
    let mut builder = small();
    for (name, form) in [
        ("none", DigestForm::None),
        ("inline", DigestForm::Inline),
        ("uid", DigestForm::UidData),
        ("ns", DigestForm::NsData),
    ] {
        builder = builder.add(Row::file("HomeDomain", name, JPEG).digest(form));
    }
    silent(builder);
}

#[test]
fn attributes_compressed_files_and_odd_modes() {
    silent(
        small()
            .add(Row::file(NOTE.0, "xattr", b"x").extended_attributes())
            .add(Row::file(NOTE.0, "compressed", b"x").st_flags(0x20))
            .add(Row::file(NOTE.0, "vault", b"x").st_flags(128))
            .add(Row::file(NOTE.0, "mode", b"x").mode(0o100_000)),
    );
}

#[test]
fn names_with_quotes_percent_signs_and_dots() {
    let mut builder = small();
    for path in [
        "it's",
        "\"a\"",
        "100%",
        "a/../b",
        "%2e%2e",
        "*?",
        "a\nb",
        "\u{202e}x",
        "😀",
    ] {
        builder = builder.file(NOTE.0, path, b"x");
    }
    silent(builder);
}

#[test]
fn rows_without_roots_and_parents() {
    silent(
        BackupBuilder::new(UDID)
            .bare()
            .add(Row::file(NOTE.0, NOTE.1, b"x").no_parents()),
    );
}

#[test]
fn a_backup_of_one_file() {
    let one = || BackupBuilder::new(UDID).bare().file(NOTE.0, NOTE.1, b"");
    silent(one());
    silent(one().mbdb());
}

#[test]
fn keys_of_files_and_other_classes() {
    let keyless = Row::file("HomeDomain", "keyless", b"x").without_key();
    healthy(small().encrypted().add(keyless), "unverified", &[]);
}

#[test]
fn no_lockdown_values() {
    silent(small().manifest_plist(|plist| {
        plist.remove("Lockdown").unwrap();
    }));
}

#[test]
fn foreign_files_and_folders_of_no_meaning() {
    let builder = small()
        .raw("readme.txt", *b"mine")
        .raw("Manifest.plist.tmp", *b"x")
        .raw(".mdwritten", *b"x");
    let document = scanned(builder, &[]);
    let backup = only_backup(&document);
    assert_eq!(finding_ids(backup), ["foreign-content"].into());
    let foreign = finding(backup, "foreign-content");
    assert_eq!(
        (&foreign["severity"], &foreign["count"]),
        (&"note".into(), &1.into())
    );
    assert_eq!(backup["verdict"], "complete");
}
