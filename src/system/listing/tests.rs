//! One set of expectations for every way to list a folder that this system has.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::*;

type Open = for<'a> fn(&'a Path) -> io::Result<Listing<'a>>;

/// The ways to open a folder here, and whether each tells how many names a file has.
fn ways() -> Vec<(&'static str, Open, bool)> {
    vec![
        ("usual", usual, USUAL_TELLS_LINKS),
        ("one by one", one_by_one, true),
        ("in bulk", in_bulk, USUAL_TELLS_LINKS),
    ]
}

const USUAL_TELLS_LINKS: bool = !cfg!(windows);

fn usual(dir: &Path) -> io::Result<Listing<'_>> {
    Listing::open(dir)
}

fn one_by_one(dir: &Path) -> io::Result<Listing<'_>> {
    one_by_one::Listing::open(dir).map(|listing| Listing(Way::OneByOne(listing)))
}

fn in_bulk(dir: &Path) -> io::Result<Listing<'_>> {
    match in_bulk::Listing::open(dir)? {
        Some(listing) => Ok(Listing(Way::InBulk(Box::new(listing)))),
        None => Err(one_by_one(dir).expect_err("the disk offers it")),
    }
}

type Found = BTreeMap<OsString, (Option<Kind>, io::Result<FileFacts>)>;

fn all_in(listing: Listing<'_>) -> Found {
    let mut found = Found::new();
    let told = listing.each(|entry| {
        let known = found.insert(entry.name.to_owned(), (entry.kind, entry.facts));
        assert!(known.is_none(), "told twice: {:?}", entry.name);
    });
    told.unwrap();
    found
}

/// The folder as each way lists it, with the way's name and whether that tells links.
fn lists(dir: &TempDir) -> Vec<(&'static str, bool, Found)> {
    let list = |open: Open| all_in(open(dir.path()).unwrap());
    let ways = ways().into_iter();
    ways.map(|(way, open, tells_links)| (way, tells_links, list(open)))
        .collect()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn facts_of<'a>(found: &'a Found, name: &str) -> &'a FileFacts {
    let (kind, facts) = &found[OsStr::new(name)];
    let facts = facts.as_ref().unwrap();
    assert_eq!(*kind, Some(facts.kind), "{name}");
    facts
}

#[test]
fn kinds_and_lengths() {
    let dir = folder();
    fs::write(dir.path().join("empty"), "").unwrap();
    fs::write(dir.path().join("file"), vec![7; 5000]).unwrap();
    fs::create_dir(dir.path().join("folder")).unwrap();
    fs::write(dir.path().join("folder/inner"), "not told").unwrap();
    for (way, _, found) in lists(&dir) {
        let names: Vec<_> = found.keys().collect();
        assert_eq!(names, ["empty", "file", "folder"], "{way}");
        let told = |name| (facts_of(&found, name).kind, facts_of(&found, name).length);
        assert_eq!(told("empty"), (Kind::File, 0), "{way}");
        assert_eq!(told("file"), (Kind::File, 5000), "{way}");
        assert_eq!(told("folder").0, Kind::Folder, "{way}");
        assert!(facts_of(&found, "file").is_file());
        assert!(facts_of(&found, "folder").is_folder());
        assert!(
            !found
                .values()
                .any(|(_, facts)| facts.as_ref().unwrap().is_cloud_only)
        );
    }
}

#[test]
fn a_folder_of_many_is_told_to_its_end() {
    let dir = folder();
    let names: Vec<_> = (0..3000).map(|number| format!("{number:040x}")).collect();
    for (length, name) in names.iter().enumerate() {
        fs::write(dir.path().join(name), vec![0; length % 7]).unwrap();
    }
    for (way, _, found) in lists(&dir) {
        assert!(
            found
                .keys()
                .map(OsString::as_os_str)
                .eq(names.iter().map(OsStr::new)),
            "{way}"
        );
        let lengths = found
            .values()
            .map(|(_, facts)| facts.as_ref().unwrap().length);
        assert_eq!(lengths.sum::<u64>(), 8994, "{way}");
    }
}

#[test]
fn an_empty_folder_holds_nothing() {
    for (way, _, found) in lists(&folder()) {
        assert!(found.is_empty(), "{way}");
    }
}

#[test]
fn times_are_told_to_the_precision_of_the_disk() {
    let dir = folder();
    // 2001-09-09, and a moment before 1970; Windows counts 100 nanoseconds.
    let late = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_700);
    let early = SystemTime::UNIX_EPOCH - Duration::new(86_400, 0);
    for (name, time) in [("late", late), ("early", early)] {
        let file = File::create(dir.path().join(name)).unwrap();
        file.set_modified(time).unwrap();
    }
    for (way, _, found) in lists(&dir) {
        assert_eq!(facts_of(&found, "late").modified, Some(late), "{way}");
        assert_eq!(facts_of(&found, "early").modified, Some(early), "{way}");
    }
}

#[test]
fn names_of_one_file_have_one_identity() {
    let dir = folder();
    fs::write(dir.path().join("one"), "x").unwrap();
    fs::hard_link(dir.path().join("one"), dir.path().join("two")).unwrap();
    fs::hard_link(dir.path().join("one"), dir.path().join("three")).unwrap();
    fs::write(dir.path().join("other"), "x").unwrap();
    let known = crate::system::identity(&dir.path().join("one")).unwrap();
    assert!(known.is_some());
    for (way, tells_links, found) in lists(&dir) {
        for name in ["one", "two", "three"] {
            let facts = facts_of(&found, name);
            assert_eq!(facts.identity, known, "{way}: {name}");
            assert_eq!(facts.links, tells_links.then_some(3), "{way}: {name}");
        }
        let other = facts_of(&found, "other");
        assert_ne!(other.identity, known, "{way}");
        assert_eq!(other.links, tells_links.then_some(1), "{way}");
    }
}

#[test]
fn what_a_folder_cannot_tell_is_an_error() {
    let dir = folder();
    fs::write(dir.path().join("file"), "x").unwrap();
    for (way, open, _) in ways() {
        let error = |name: &str| open(&dir.path().join(name)).unwrap_err();
        assert_eq!(error("nothing").kind(), io::ErrorKind::NotFound, "{way}");
        let error = error("file");
        // Windows has several words for it, and Wine others.
        let is_said = cfg!(windows) || crate::system::is_absence(&error);
        assert!(is_said, "{way}: {error}");
    }
}

#[test]
fn names_and_kinds_are_told_without_facts() {
    let dir = folder();
    fs::write(dir.path().join("file"), "x").unwrap();
    fs::create_dir(dir.path().join("folder")).unwrap();
    let entries = list_names(dir.path()).unwrap().map(Result::unwrap);
    let mut entries: Vec<_> = entries
        .map(|entry| (entry.name(), entry.kind().unwrap()))
        .collect();
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    let expected = [("file", Kind::File), ("folder", Kind::Folder)];
    assert_eq!(entries, expected.map(|(name, kind)| (name.into(), kind)));
    let missing = list_names(&dir.path().join("nothing")).err().unwrap();
    assert_eq!(missing.kind(), io::ErrorKind::NotFound);
}

/// Only where not all of a file is on the disk, one more call asks for what a listing in bulk leaves out.
#[test]
fn what_may_be_in_a_cloud_is_asked_for() {
    let facts = |kind, length, allocated| FileFacts {
        kind,
        length,
        allocated,
        modified: None,
        identity: None,
        links: None,
        is_cloud_only: false,
        content: None,
    };
    let may_be =
        |kind, length, allocated| in_bulk::may_be_cloud_only(&facts(kind, length, allocated));
    assert!(may_be(Kind::File, 1, 0));
    // Some of it was fetched.
    assert!(may_be(Kind::File, 10_000, 4096));
    assert!(!may_be(Kind::File, 0, 0));
    assert!(!may_be(Kind::File, 4096, 4096));
    assert!(!may_be(Kind::File, 10, 4096));
    assert!(!may_be(Kind::Folder, 4096, 0));
}

#[cfg(unix)]
mod on_unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn links_are_not_followed() {
        let dir = folder();
        fs::write(dir.path().join("file"), vec![7; 5000]).unwrap();
        symlink("file", dir.path().join("link")).unwrap();
        symlink(".", dir.path().join("round")).unwrap();
        symlink("nothing", dir.path().join("dangling")).unwrap();
        let _socket = UnixListener::bind(dir.path().join("socket")).unwrap();
        for (way, _, found) in lists(&dir) {
            for name in ["link", "round", "dangling"] {
                assert_eq!(facts_of(&found, name).kind, Kind::Link, "{way}: {name}");
            }
            assert_eq!(facts_of(&found, "link").length, 4, "{way}");
            assert_eq!(facts_of(&found, "socket").kind, Kind::Other, "{way}");
        }
        // But the folder itself may be a link to one.
        let through = folder();
        let link = through.path().join("link");
        symlink(dir.path(), &link).unwrap();
        for (way, open, _) in ways() {
            let found = all_in(open(&link).unwrap());
            assert_eq!(found.len(), 5, "{way}");
        }
    }

    #[test]
    fn blocks_are_those_of_the_disk() {
        let dir = folder();
        fs::write(dir.path().join("full"), vec![7; 100_000]).unwrap();
        let sparse = File::create(dir.path().join("sparse")).unwrap();
        sparse.set_len(50_000_000).unwrap();
        sparse.sync_all().unwrap();
        File::open(dir.path().join("full"))
            .unwrap()
            .sync_all()
            .unwrap();
        for (way, _, found) in lists(&dir) {
            for name in ["full", "sparse"] {
                let facts = facts_of(&found, name);
                let known = dir.path().join(name).symlink_metadata().unwrap();
                assert_eq!(facts.allocated, known.blocks() * 512, "{way}: {name}");
                assert!(!facts.is_cloud_only, "{way}: {name}");
            }
            assert_eq!(facts_of(&found, "sparse").length, 50_000_000, "{way}");
            assert!(facts_of(&found, "sparse").allocated < 1_000_000, "{way}");
            assert!(facts_of(&found, "full").allocated >= 100_000, "{way}");
        }
    }

    #[test]
    fn facts_are_those_of_a_file_that_is_asked_alone() {
        let dir = folder();
        fs::write(dir.path().join("file"), vec![7; 5000]).unwrap();
        fs::create_dir(dir.path().join("folder")).unwrap();
        symlink("file", dir.path().join("link")).unwrap();
        for (way, _, found) in lists(&dir) {
            for name in ["file", "folder", "link"] {
                let path = dir.path().join(name);
                let known = path.symlink_metadata().unwrap();
                let known = crate::system::facts(&known, || path.clone());
                assert_eq!(*facts_of(&found, name), known, "{way}: {name}");
            }
        }
    }

    /// macOS takes no such names.
    #[cfg(not(target_os = "macos"))]
    #[test]
    fn a_name_may_be_any_bytes() {
        use std::os::unix::ffi::OsStrExt as _;

        let dir = folder();
        let name = OsStr::from_bytes(b"M\xfcller \xff\n");
        fs::write(dir.path().join(name), "abc").unwrap();
        for (way, _, found) in lists(&dir) {
            assert_eq!(found.len(), 1, "{way}");
            let (kind, facts) = &found[name];
            assert_eq!(*kind, Some(Kind::File), "{way}");
            assert_eq!(facts.as_ref().unwrap().length, 3, "{way}");
        }
    }

    /// The rights of a folder bind nobody who is root.
    fn rights_bind() -> bool {
        !rustix::process::geteuid().is_root()
    }

    #[test]
    fn a_folder_that_must_not_be_read_or_entered() {
        let dir = folder();
        let inner = dir.path().join("inner");
        fs::create_dir(&inner).unwrap();
        fs::write(inner.join("file"), "x").unwrap();
        let allow = |mode| fs::set_permissions(&inner, fs::Permissions::from_mode(mode)).unwrap();
        for (way, open, _) in ways().into_iter().filter(|_| rights_bind()) {
            allow(0o000);
            let refused = open(&inner).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied, "{way}");
            // Names may be read, and nothing else.
            allow(0o400);
            let found = all_in(open(&inner).unwrap());
            let (kind, facts) = &found[OsStr::new("file")];
            assert_eq!(*kind, Some(Kind::File), "{way}");
            let refused = facts.as_ref().unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied, "{way}");
        }
        allow(0o700);
    }

    #[test]
    fn a_name_that_goes_away_meanwhile_is_told_as_gone_or_not_at_all() {
        for (way, open, _) in ways() {
            let dir = folder();
            for number in 0..50 {
                fs::write(dir.path().join(number.to_string()), "x").unwrap();
            }
            let listing = open(dir.path()).unwrap();
            for number in 1..50 {
                fs::remove_file(dir.path().join(number.to_string())).unwrap();
            }
            let mut there = 0;
            for (name, (_, facts)) in all_in(listing) {
                match facts {
                    // Who lists in bulk may have looked before.
                    Ok(facts) => {
                        assert_eq!(facts.length, 1, "{way}: {name:?}");
                        there += usize::from(name == "0");
                    }
                    Err(error) => {
                        assert!(
                            crate::system::is_absence(&error),
                            "{way}: {name:?}: {error}"
                        );
                        assert_ne!(name, "0", "{way}");
                    }
                }
            }
            assert_eq!(there, 1, "{way}");
        }
    }
}

#[cfg(windows)]
mod on_windows {
    use super::*;

    #[test]
    fn both_ways_tell_the_same() {
        let dir = folder();
        fs::write(dir.path().join("file"), vec![7; 5000]).unwrap();
        fs::write(dir.path().join("Ünïcödé \u{1f600}"), "abc").unwrap();
        fs::create_dir(dir.path().join("folder")).unwrap();
        let all = all_in(in_bulk(dir.path()).unwrap());
        let one = all_in(one_by_one(dir.path()).unwrap());
        assert!(all.keys().eq(one.keys()));
        for (name, (kind, facts)) in &one {
            let (facts, (kind_in_bulk, in_bulk)) = (facts.as_ref().unwrap(), &all[name]);
            let in_bulk = in_bulk.as_ref().unwrap();
            let common = |facts: &FileFacts| (facts.kind, facts.modified, facts.identity);
            assert_eq!(kind, kind_in_bulk, "{name:?}");
            assert_eq!(common(facts), common(in_bulk), "{name:?}");
            if facts.is_file() {
                assert_eq!(facts.length, in_bulk.length, "{name:?}");
            }
        }
    }
}
