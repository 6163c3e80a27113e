//! Every kind of healthy backup that F§9, F§18 and F§19 know: no error, no warning, and the verdict
//! that it deserves.

use plist::{Dictionary, Value as Plist};

use crate::support::{BackupBuilder, DigestForm, Row, file_id};
use crate::verify::findings::{
    DATALESS, DB, INFO, JPEG, NOTE, PHOTO, PLIST, STATUS, UDID, bytes_of, expect, place, set,
    small, unset,
};

fn usual() -> BackupBuilder {
    BackupBuilder::new(UDID)
}

fn home(path: &str, content: &[u8]) -> Row {
    Row::file("HomeDomain", path, content)
}

/// Some of the usual sizes differ, as they do in life.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn the_usual_rows() {
    let no_indices =
        "DROP INDEX FilesDomainIdx; DROP INDEX FilesRelativePathIdx; DROP INDEX FilesFlagsIdx;";
    let index_of_ios_27 = "DROP INDEX FilesDomainIdx;
        CREATE INDEX FilesDomainsRelativePathIdx ON Files(domain, relativePath);";
    let no_properties = "DROP TABLE Properties; PRAGMA user_version = 7;";
    expect("complete 0: note size-differs")
        .of("as they are", usual())
        .of("without empty shards", usual().no_empty_shards())
        .of("iOS 9", usual().mbdb())
        .of("iOS 9, encrypted", usual().encrypted().mbdb())
        .of("without indices", usual().sql(no_indices))
        .of("the index of iOS 27", usual().sql(index_of_ios_27))
        .of("neither properties nor version", usual().sql(no_properties));
}

#[test]
fn rows_that_need_no_payload() {
    let gone = |path: &str| home(path, b"x").flags(16);
    let no_record = |path: &str| home(path, b"x").null_blob();
    let changed = |path: &str| Row::file(PHOTO.0, path, b"x").flags(17);
    let empty_photo = Row::file(PHOTO.0, "Media/DCIM/empty.JPG", b"");
    expect("complete 0")
        .with("flags 16 with null names or a null record", |b| {
            b.add(gone("a").null_names())
                .add(no_record("b").flags(16).no_payload())
        })
        .with("a row whose record is null", |b| {
            b.add(no_record("absent").no_payload())
                .add(no_record("present"))
        })
        .with("flags 17, no payload", |b| b.add(changed("a").no_payload()))
        .with("size 0 with 0 bytes", |b| b.add(empty_photo));
    let empty = changed("b").size(99).stored("");
    expect("complete 0: note size-differs").with("flags 17, empty", |b| b.add(empty));
}

#[test]
fn sizes_that_differ() {
    let beside = |ending: &str| {
        let path = format!("Media/PhotoData/Photos.sqlite{ending}");
        Row::file(PHOTO.0, &path, b"").size(32_768)
    };
    let database =
        |path: &str, size| Row::file(PHOTO.0, path, b"SQLite format 3\0 and so on").size(size);
    let evicted = Row::file(PHOTO.0, "Media/DCIM/far.HEIC", b"").size(9_999);
    let beside = ["-wal", "-shm", "-journal"].map(beside);
    let databases = [database("a.sqlite", 4), database("b", 9_999)];
    expect("complete 0: note size-differs")
        .of("a -wal of 0 bytes with a size", small_with(beside))
        .of("a database larger or smaller", small_with(databases))
        .with("a dataless file", |b| b.add(evicted.st_flags(DATALESS)));
}

/// The small backup with these rows.
fn small_with(rows: impl IntoIterator<Item = Row>) -> BackupBuilder {
    rows.into_iter().fold(small(), BackupBuilder::add)
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn unusual_rows() {
    let bit = |bit: i64| home(&format!("bit {bit}"), b"x").flags(1 | bit);
    let digest = |(name, form)| home(name, JPEG).digest(form);
    let note = |path: &str| Row::file(NOTE.0, path, b"x");
    let digests = [
        ("none", DigestForm::None),
        ("inline", DigestForm::Inline),
        ("uid", DigestForm::UidData),
        ("ns", DigestForm::NsData),
    ];
    let attributes = [
        note("xattr").extended_attributes(),
        note("compressed").st_flags(0x20),
        note("vault").st_flags(128),
        note("mode").mode(0o100_000),
    ];
    let names = "it's \"a\" 100% a/../b %2e%2e *? a\nb \u{202e}x 😀".split(' ');
    let gone = Row::file("AppDomain-com.example.gone", "a", b"x");
    let unknown = [gone, Row::file("NewDomain", "b", b"x")];
    let nobody = home("nobody", b"x").uid(-2).gid(-2);
    expect("complete 0")
        .of("negative user and group", small_with([nobody]))
        .of("flag bits", small_with([8, 32, 64, 128, 1 << 20].map(bit)))
        .of("digests in every form", small_with(digests.map(digest)))
        .of("attributes, compression and modes", small_with(attributes))
        .of("quotes, signs and dots", small_with(names.map(note)))
        .of("domains that no application has", small_with(unknown));
    let rootless = BackupBuilder::new(UDID).bare();
    let rootless = rootless.add(note(NOTE.1).no_parents());
    let one = || BackupBuilder::new(UDID).bare().file(NOTE.0, NOTE.1, b"");
    expect("complete 0")
        .of("neither roots nor parents", rootless)
        .of("a single file", one())
        .of("a single file of iOS 9", one().mbdb());
}

#[test]
fn backup_manifest_db_missing_empty_or_partial() {
    let path = "Library/Application Support/FileProvider/backup/backup_manifest.db";
    let id = file_id("HomeDomain", path);
    assert_eq!(id, "49128ab470583769cf58eb2e9fe2eb47983afac3");
    let row = || home(path, b"SQLite format 3\0 and so on");
    let partial = |bytes: &[u8]| small().add(row()).payload("HomeDomain", path, bytes);
    expect("complete 0: note known-trouble-file")
        .with("missing", |b| b.add(row().no_payload()))
        .of("empty", partial(b""))
        .of("partial", partial(b"SQL"));
    expect("complete 0").with("whole, it is a file like any other", |b| b.add(row()));
}

#[test]
fn manifest_db_in_other_shapes() {
    let db = [&bytes_of(small(), DB)[..], &[16; 16]].concat();
    let free_list = "CREATE TABLE much (x); INSERT INTO much VALUES (zeroblob(90000));
        DROP TABLE much; PRAGMA journal_mode = DELETE;";
    expect("complete 0")
        .with("bytes after its last page", |b| b.raw(DB, db))
        .with("no wal mode, and a free list", |b| b.sql(free_list));
    expect("complete 0: note wal-present")
        .with("a -shm alone", |b| b.raw("Manifest.db-shm", [0; 32]));
}

#[test]
fn info_plist_in_xml_and_in_binary() {
    let xml = bytes_of(small(), INFO);
    assert!(xml.starts_with(b"<?xml"));
    let mut binary = Vec::new();
    let info = Plist::from_reader_xml(&xml[..]).unwrap();
    info.to_writer_binary(&mut binary).unwrap();
    for (form, builder) in [("xml", small()), ("binary", small().raw(INFO, binary))] {
        let backup = expect("complete 0").judge(form, builder);
        assert_eq!(backup["device"]["product_name"], "iPhone 15 Pro", "{form}");
    }
}

#[test]
fn plists_of_other_programs_and_times() {
    let xml = |name| {
        let mut xml = Vec::new();
        let value = Plist::from_reader(std::io::Cursor::new(bytes_of(small(), name))).unwrap();
        value.to_writer_xml(&mut xml).unwrap();
        xml
    };
    let pymobiledevice = |info: &mut Dictionary| {
        info.insert("GUID".into(), Plist::Data(vec![7; 16]));
        info.remove("Product Name").unwrap();
        info.remove("Last Backup Date").unwrap();
    };
    let odd = || {
        set(
            "Unheard Of",
            Plist::Array(vec![1.into(), Plist::Data(vec![2])]),
        )
    };
    let unheard_of = "CREATE TABLE Unheard (of TEXT); INSERT INTO Properties VALUES ('a', 'b')";
    let all_in_xml = small().raw(STATUS, xml(STATUS)).raw(PLIST, xml(PLIST));
    let unknown = small().info(odd()).status(odd()).manifest_plist(odd());
    expect("complete 0")
        .of("all in XML", all_in_xml)
        .with("no date", |b| b.info(unset("Last Backup Date")))
        .with("Info.plist without any key", |b| b.info(Dictionary::clear))
        .with("as pymobiledevice writes it", |b| b.info(pymobiledevice))
        .with("no UUID in Status.plist", |b| b.status(unset("UUID")))
        .with("no Lockdown", |b| b.manifest_plist(unset("Lockdown")))
        .of("unknown keys everywhere", unknown.sql(unheard_of))
        // It says nothing.
        .with("a full backup", |b| b.status(set("IsFullBackup", true)))
        .with("no full backup", |b| b.status(set("IsFullBackup", false)))
        .with("full or not", |b| b.status(unset("IsFullBackup")));
    for version in ["2.4", "3.2", "3.3", "3.9"] {
        expect("complete 0").with(version, |b| b.status(set("Version", version)));
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere")]
fn encrypted_and_locked() {
    let mut db = bytes_of(usual().encrypted(), DB);
    assert_eq!(db.len() % 4096, 16);
    db.truncate(db.len() - 16);
    // Health data is only in encrypted backups: here it has no row.
    let in_place = usual().encrypted().raw(DB, bytes_of(usual(), DB));
    let in_place = in_place.without(&place(("HealthDomain", "Health/healthdb_secure.sqlite")));
    let stored = |path: &str, len: usize| home(path, b"").stored(vec![7; len]);
    let sizes = [stored("a", 0), stored("b", 16), stored("c", 32)];
    let keyless = home("keyless", b"x").without_key();
    let no = set("IsEncrypted", false);
    // With the payloads decrypted, too: their lengths are not judged.
    let all_in_place = small().manifest_plist(set("IsEncrypted", true));
    let size_0 = || small_with([home("padded", b""), stored("bare", 0)]).encrypted();
    expect("unverified 0: note manifest-unpadded").of(
        "a manifest without padding",
        usual().encrypted().raw(DB, db),
    );
    expect("unverified 0")
        .of("as usual", usual().encrypted())
        .of(
            "although it says no",
            usual().encrypted().manifest_plist(no),
        )
        .of("by iOS 10.0", usual().encrypted_ios10_0())
        .of("a database decrypted in place", in_place)
        .of("all decrypted in place", all_in_place)
        .of("0, 16 and 32 bytes", small_with(sizes).encrypted())
        .with("a file without a key", |b| b.encrypted().add(keyless))
        .of("16 or 0 bytes of size 0", size_0());
    expect("complete 0").of("the same in iOS 9", size_0().mbdb());
}

#[test]
fn ios_4_to_9() {
    const INDEX: &str = "Manifest.mbdx";
    let index = b"mbdx\x02\x00\0\0\0\x00";
    let odd_name = home("", b"x").raw_path(b"caf\xe9/\xff\xfe.txt");
    let link = Row::symlink("HomeDomain", "link", "");
    expect("complete 0")
        .with("encrypted", |b| b.encrypted().mbdb())
        .with("names that are not UTF-8", |b| b.mbdb().add(odd_name))
        .with("a link with an empty target", |b| b.mbdb().add(link))
        .with("iOS 4 with its index", |b| b.mbdb().raw(INDEX, *index))
        .with("the index beside a database", |b| b.raw(INDEX, *index));
}

#[test]
fn archived_as_a_safety_copy() {
    let name = format!("{UDID}-20260108-104514");
    let shown = set("Display Name", "Test iPhone - 2026-01-08 10:45:14");
    let archived = small().folder_name(&name).info(shown);
    let archived = archived.info(set("Target Identifier", name));
    let backup = expect("complete 0").judge("archived", archived);
    assert_eq!(backup["archived"], true);
    assert_eq!(backup["udid"], UDID);
}

#[test]
fn a_renamed_folder() {
    for name in ["My old phone", "Backup.old", &format!("{UDID}.corrupt")] {
        let backup = expect("complete 0").judge(name, small().folder_name(name));
        assert_eq!(backup["udid"], UDID);
    }
}

#[test]
fn names_in_upper_case_composed_and_decomposed() {
    let id = file_id(NOTE.0, NOTE.1);
    let upper = format!("{}/{}", &id[..2], id.to_uppercase());
    let old = BackupBuilder::new("5c0ffee05c0ffee05c0ffee05c0ffee05c0ffee0").bare();
    expect("complete 0")
        .of("a UDID, in Info.plist", old.file(NOTE.0, NOTE.1, b"a note"))
        .with("the name of a payload", |b| {
            b.remove_payload(NOTE.0, NOTE.1).raw(&upper, "a note")
        });
    // The id of either, whatever the column holds.
    let both = ["Documents/Gr\u{fc}\u{df}e", "Documents/Gru\u{308}\u{df}e"];
    for path in both {
        for hashed in both {
            let row = Row::file(NOTE.0, path, b"x").id(&file_id(NOTE.0, hashed));
            expect("complete 0").with(hashed, |b| b.add(row));
        }
    }
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
    let xattr = format!("{shard}/._{id}");
    let add = |builder: BackupBuilder, name: &&str| builder.raw(name, "clutter");
    let add_below = |builder, name: &&str| add(builder, &&*format!("{shard}/{name}"));
    let top = || CLUTTER.iter().fold(small(), add);
    let flat = CLUTTER.iter().fold(small().mbdb(), add);
    let flat_xattr = small().mbdb().raw(&format!("._{id}"), "xattr");
    expect("complete 0")
        .of(
            "everywhere",
            CLUTTER.iter().fold(top(), add_below).raw(&xattr, "xattr"),
        )
        .of("iOS 9", flat)
        .of("iOS 9, of a payload", flat_xattr.raw(".DS_Store", "x"));
    let locked = small().encrypted().raw(&xattr, "xattr");
    expect("unverified 0").of("locked", locked.raw(".DS_Store", "x"));
}

#[test]
fn foreign_files_and_folders_of_no_meaning() {
    let mine = small().raw("readme.txt", "mine");
    let mine = mine.raw("Manifest.plist.tmp", "x");
    let foreign = mine.raw(".mdwritten", "x");
    expect("complete 0: note foreign-content ×1").of("foreign", foreign);
}
