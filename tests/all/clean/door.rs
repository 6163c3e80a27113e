//! What the door proves before a backup goes (contract §9): that what it is said to have in common with the
//! one that stands in for it is really there, payload by payload.

use std::fs;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use bkscan::clean::remove::Step;
use bkscan::clean::{self, Cleaning, Outcome, Proof, Wish};
use bkscan::crypto::keyring::Keyring;
use bkscan::model::options::{Policy, ScanOptions, Share};
use bkscan::model::progress::{Event, Monitor};
use bkscan::model::secret::Password;
use bkscan::model::sources::{NoPassword, Passwords};
use bkscan::model::{Level, Udid, Why};
use bkscan::scan;
use bkscan::state::StateFolder;
use plist::Dictionary;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Ended as _, NOW, Run, program};
use crate::support::{
    BackupBuilder, Row, damaged_database, database, database_needing_wal, empty_folder,
    flat_payload_path, payload_path, timestamp, tree_digest,
};
use crate::verify::findings::date;

const PHONE: &str = "00008130-000A1C2E3F40801E";
const GOING: &str = "00008130-000A1C2E3F40801E.old";
const THEN: &str = "2024-02-01T10:00:00Z";
const LATER: &str = "2024-06-01T10:00:00Z";
const PASSWORD: &str = "correct horse";

const CAMERA: &str = "CameraRollDomain";
const VOICEMAIL: (&str, &str) = ("HomeDomain", "Library/Voicemail/1.amr");
const DIFFERS: &str = "has other bytes there";
/// Bytes of each photo.
const SIZE: usize = 20_000;

/// The path of a photo.
fn image(number: usize) -> String {
    format!("Media/DCIM/100APPLE/IMG_{number:04}.JPG")
}

/// What is in it; no two are alike.
fn pixels(number: usize) -> Vec<u8> {
    (0..SIZE)
        .map(|at| (at * 31 + at / 251 + number * 7) as u8)
        .collect()
}

/// The same with one byte changed.
fn other_at(at: usize) -> Vec<u8> {
    let mut pixels = pixels(1);
    pixels[at] ^= 1;
    pixels
}

/// The older backup, with so many photos.
fn older(photos: usize) -> BackupBuilder {
    let empty = BackupBuilder::new(PHONE)
        .date(THEN)
        .bare()
        .no_empty_shards();
    (1..=photos).fold(empty, |builder, number| {
        builder.add(photo(&image(number), number, &pixels(number)))
    })
}

/// A photo that was taken at a time of its own, whatever it is called.
fn photo(path: &str, number: usize, content: &[u8]) -> Row {
    let number = i64::try_from(number).unwrap();
    Row::file(CAMERA, path, content).born(1_700_000_000 + number)
}

/// The same made later: of files, all times are those of the older one.
fn made_later(builder: BackupBuilder) -> BackupBuilder {
    let set = |name: &'static str| {
        move |plist: &mut Dictionary| {
            plist.insert(name.into(), date(LATER));
        }
    };
    let builder = builder.info(set("Last Backup Date"));
    builder.status(set("Date")).manifest_plist(set("Date"))
}

struct Same;

impl Passwords for Same {
    fn password(&self, _udid: Option<&Udid>) -> Result<Option<Password>, NoPassword> {
        Ok(Some(Password::new(PASSWORD.into())))
    }
}

/// How a cleaning is done.
#[derive(Clone, Copy)]
struct How {
    /// How deep the door looks.
    level: Level,
    may_lose: Share,
    /// Whether the password is known.
    knows: bool,
    /// Whether locked ones may stand in.
    trusts: bool,
    threads: usize,
    /// Whether it is stopped when the comparison begins.
    stopped: bool,
    /// What happens when the comparison begins.
    meanwhile: fn(&World),
    /// What happens when the folder is to be renamed.
    at_rename: fn(&World),
}

const USUAL: How = How {
    level: Level::Standard,
    may_lose: Share::NONE,
    knows: false,
    trusts: false,
    threads: 1,
    stopped: false,
    meanwhile: |_| {},
    at_rename: |_| {},
};

const KNOWN: How = How {
    knows: true,
    ..USUAL
};

/// Both backups in a folder of their own.
struct World {
    folder: TempDir,
}

impl World {
    fn new(going: BackupBuilder, keeper: BackupBuilder) -> World {
        let folder = empty_folder();
        let world = World { folder };
        going.folder_name(GOING).write(&world.root());
        made_later(keeper).write(&world.root());
        world
    }

    fn root(&self) -> PathBuf {
        let root = self.folder.path().join("Backup");
        fs::create_dir_all(&root).unwrap();
        root
    }

    fn going(&self) -> PathBuf {
        self.root().join(GOING)
    }

    fn keeper(&self) -> PathBuf {
        self.root().join(PHONE)
    }

    /// The file of the keeper in which the first photo is.
    fn kept_image(&self) -> PathBuf {
        payload_path(&self.keeper(), CAMERA, &image(1))
    }

    /// Has the keeper's photo be the very file of the other one.
    fn link(&self) {
        fs::remove_file(self.kept_image()).unwrap();
        let going = payload_path(&self.going(), CAMERA, &image(1));
        fs::hard_link(going, self.kept_image()).unwrap();
    }

    /// Plans and cleans. What is refused is there as it was, and the keeper is.
    fn clean(&self, how: How) -> Outcome {
        let now = NOW.parse().unwrap();
        let policy = Policy {
            may_lose: how.may_lose,
            trust_locked: how.trusts,
            ..Policy::usual(now)
        };
        let config = ScanOptions {
            policy: policy.clone(),
            ..ScanOptions::new(vec![self.root()], now)
        };
        let keyring = Keyring::new(how.knows.then_some(&Same as &dyn Passwords));
        let silent = Monitor::silent();
        let (report, _) = scan::scan_with(&config, &keyring, None, &silent).unwrap();
        let keyring = keyring.closed();
        let plan = clean::select(&report, &policy, &Wish::default(), vec![]);
        let paths: Vec<&Path> = plan.items.iter().map(|item| item.path.as_path()).collect();
        assert_eq!(paths, [self.going()], "{:#?}", report.plan);
        assert_eq!(plan.items[0].reasons[0].why, Why::SupersededBy);
        let state = StateFolder::none();
        let (cleaning, _) = Cleaning::begin(&report, &plan, now, &state).unwrap();
        let stop = AtomicUsize::new(0);
        let hear = |event: Event<'_>| {
            if matches!(event, Event::Comparing { .. }) {
                (how.meanwhile)(self);
                let signals = if how.stopped { 2 } else { 0 };
                stop.store(signals, Ordering::Relaxed);
            }
        };
        let cleaning = cleaning.proving(Proof {
            may_lose: how.may_lose,
            level: how.level,
            keyring: Some(&keyring),
            monitor: Monitor::new(&hear, &stop),
        });
        let before = tree_digest(&self.going());
        let observer = |step: Step<'_>| {
            if matches!(step, Step::SetAside { .. }) {
                (how.at_rename)(self);
            }
            ControlFlow::Continue(())
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(how.threads);
        let pool = pool.build().unwrap();
        let done = pool.install(|| cleaning.clean(0, &observer));
        match done.outcome {
            Outcome::Removed => assert!(!self.going().exists()),
            _ => assert_eq!(tree_digest(&self.going()), before),
        }
        done.outcome
    }
}

fn refused(why: &str) -> Outcome {
    Outcome::Refused {
        why: why.to_owned(),
        again: None,
    }
}

/// One file of so many is not proven.
fn not_proven(of: &str, file: &str, why: &str) -> Outcome {
    refused(&format!(
        "1 of {of} is not proven to be in the backup that stands in for it: {file} {why}"
    ))
}

/// Of so many files a photo is not proven.
fn one_of(files: &str, why: &str) -> Outcome {
    let of = format!("{files} (20 kB)");
    not_proven(&of, &format!("{CAMERA} {}", image(1)), why)
}

fn set_mtime(path: &Path, time: &str) {
    let file = fs::File::options().write(true).open(path).unwrap();
    let time: SystemTime = timestamp(time).into();
    file.set_modified(time).unwrap();
}

#[test]
fn what_is_there_lets_it_go() {
    let world = World::new(older(3), older(3));
    let kept = tree_digest(&world.keeper());
    assert_eq!(world.clean(USUAL), Outcome::Removed);
    assert_eq!(tree_digest(&world.keeper()), kept);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn other_bytes_at_either_end_keep_it_and_are_named() {
    for at in [0, 4095, SIZE - 4096, SIZE - 1] {
        for threads in [1, 2] {
            let keeper = older(3).payload(CAMERA, &image(1), other_at(at));
            let world = World::new(older(3), keeper);
            let outcome = world.clean(How { threads, ..USUAL });
            assert_eq!(outcome, one_of("3 files", DIFFERS), "{at} {threads}");
        }
    }
}

#[test]
fn at_level_contents_all_bytes_count() {
    for (level, expected) in [
        (Level::Standard, Outcome::Removed),
        (Level::Contents, one_of("3 files", DIFFERS)),
    ] {
        // Both are as their rows say.
        let keeper = older(3).file(CAMERA, &image(1), &other_at(SIZE / 2));
        let world = World::new(older(3), keeper);
        assert_eq!(world.clean(How { level, ..USUAL }), expected, "{level:?}");
    }
}

/// All of its bytes count, and it takes no time: a hole is the same all over.
#[cfg(unix)]
#[test]
fn of_a_terabyte_of_holes_all_bytes_are_known() {
    use std::os::unix::fs::FileExt as _;

    const LENGTH: u64 = 1 << 40;
    for how in [USUAL, KNOWN] {
        let how = How {
            level: Level::Contents,
            ..how
        };
        let seal = |builder: BackupBuilder| match how.knows {
            true => builder.encrypted_with(PASSWORD),
            false => builder,
        };
        let hollow = || seal(older(1)).payload_length(CAMERA, &image(1), LENGTH);
        for (other_at, expected) in [
            (None, Outcome::Removed),
            (Some(LENGTH / 2), one_of_a_terabyte()),
            (Some(LENGTH - 5000), one_of_a_terabyte()),
        ] {
            let world = World::new(hollow(), hollow());
            let kept = fs::File::options().write(true).open(world.kept_image());
            let kept = kept.unwrap();
            if !has_holes(&kept) {
                return; // It would be read for hours here.
            }
            if let Some(at) = other_at {
                kept.write_all_at(b"x", at).unwrap();
                set_mtime(&world.kept_image(), LATER);
            }
            assert_eq!(world.clean(how), expected, "{other_at:?}");
        }
    }
}

#[cfg(unix)]
fn one_of_a_terabyte() -> Outcome {
    let file = format!("{CAMERA} {}", image(1));
    not_proven("1 file (1.1 TB)", &file, DIFFERS)
}

/// Whether the file system stores nothing for most of it.
#[cfg(unix)]
fn has_holes(file: &fs::File) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    let found = file.metadata().unwrap();
    found.blocks() * 512 < found.len() / 2
}

#[test]
fn a_photo_that_has_another_name_now_is_compared_with_that() {
    for (content, expected) in [
        (pixels(1), Outcome::Removed),
        (other_at(7), one_of("1 file", DIFFERS)),
    ] {
        let keeper = older(0).add(photo(&image(77), 1, &content));
        assert_eq!(World::new(older(1), keeper).clean(USUAL), expected);
    }
}

#[test]
fn what_was_cut_off_in_the_older_one_is_held_if_all_that_is_left_is() {
    let file = format!("{CAMERA} {}", image(1));
    for (content, expected) in [
        (pixels(1), Outcome::Removed),
        (
            other_at(SIZE / 2 - 1),
            not_proven("1 file (10 kB)", &file, DIFFERS),
        ),
    ] {
        let going = older(1).payload(CAMERA, &image(1), &content[..SIZE / 2]);
        assert_eq!(World::new(going, older(1)).clean(USUAL), expected);
    }
}

fn assert_no_file_any_more(meanwhile: fn(&World)) {
    let world = World::new(older(2), older(2));
    let expected = "could not be read there (it is no file any more)";
    let outcome = world.clean(How { meanwhile, ..USUAL });
    assert_eq!(outcome, one_of("2 files", expected));
}

#[test]
fn a_payload_that_became_something_else_meanwhile_cannot_be_read() {
    assert_no_file_any_more(|world| {
        fs::remove_file(world.kept_image()).unwrap();
        fs::create_dir(world.kept_image()).unwrap();
    });
}

#[cfg(unix)]
#[test]
fn no_link_is_followed_to_what_is_compared() {
    assert_no_file_any_more(|world| {
        let away = world.folder.path().join("away");
        fs::rename(world.kept_image(), &away).unwrap();
        std::os::unix::fs::symlink(&away, world.kept_image()).unwrap();
    });
}

#[test]
fn a_file_that_is_both_is_not_read() {
    // Without its key it cannot be: but it is the same file.
    let sealed = || {
        let row = Row::file(CAMERA, &image(1), &pixels(1)).without_key();
        older(0).encrypted_with(PASSWORD).add(row)
    };
    let unread = one_of("1 file", "could not be read (its key does not open)");
    for (is_linked, expected) in [(true, Outcome::Removed), (false, unread)] {
        let world = World::new(sealed(), sealed());
        if is_linked {
            world.link();
        }
        assert_eq!(world.clean(KNOWN), expected, "{is_linked}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_is_encrypted_is_compared_decrypted() {
    let sealed = |builder: BackupBuilder| builder.encrypted_with(PASSWORD);
    // Under another name it has another key and other stored bytes; and the class is another one, too.
    let moved =
        |content: &[u8]| sealed(older(0)).add(photo(&image(77), 1, content).protection_class(2));
    let plain = || older(1);
    let [same, first, last] = [pixels(1), other_at(0), other_at(SIZE - 1)];
    let [gone, kept] = [Outcome::Removed, one_of("1 file", DIFFERS)];
    for (case, going, keeper, expected) in [
        ("both encrypted", sealed(plain()), moved(&same), &gone),
        ("plain, and encrypted", plain(), moved(&same), &gone),
        ("iOS 9", sealed(plain()).mbdb(), moved(&same).mbdb(), &gone),
        ("both, first byte", sealed(plain()), moved(&first), &kept),
        ("plain, first byte", plain(), moved(&first), &kept),
        ("both, last byte", sealed(plain()), moved(&last), &kept),
        ("plain, last byte", plain(), moved(&last), &kept),
    ] {
        let outcome = World::new(going, keeper).clean(KNOWN);
        assert_eq!(outcome, *expected, "{case}");
    }
}

#[test]
fn of_what_is_locked_on_both_sides_lengths_are_compared() {
    let locked = || older(1).encrypted().mbdb();
    let longer: fn(&World) = |world| {
        let payload = flat_payload_path(&world.keeper(), CAMERA, &image(1));
        let mut file = fs::File::options().append(true).open(payload).unwrap();
        file.write_all(&[0; 16]).unwrap();
    };
    let unequal = one_of("1 file", "has another length there");
    for (meanwhile, expected) in [(USUAL.meanwhile, Outcome::Removed), (longer, unequal)] {
        let world = World::new(locked(), locked());
        let trusting = How {
            meanwhile,
            trusts: true,
            ..USUAL
        };
        assert_eq!(world.clean(trusting), expected);
    }
}

#[test]
fn what_is_held_by_its_name_alone_must_not_be_empty() {
    let voicemail = |bytes: usize| older(0).file(VOICEMAIL.0, VOICEMAIL.1, &vec![1; bytes]);
    let emptied: fn(&World) = |world| {
        fs::write(payload_path(&world.keeper(), VOICEMAIL.0, VOICEMAIL.1), b"").unwrap();
    };
    let file = "HomeDomain Library/Voicemail/1.amr";
    let empty = not_proven("1 file (500 bytes)", file, "is empty there");
    for (meanwhile, expected) in [(USUAL.meanwhile, Outcome::Removed), (emptied, empty)] {
        let world = World::new(voicemail(500), voicemail(700));
        assert_eq!(world.clean(How { meanwhile, ..USUAL }), expected);
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn so_much_may_be_lost_together_with_what_is_known_not_to_be_held() {
    let percent = |percent: u32| Share::of_millionths(percent * 10_000);
    for (may_lose, photos, expected) in [
        (percent(5), 30, Outcome::Removed),
        (percent(3), 30, one_of("30 files", DIFFERS)),
        // One is not there at all, and that is 2 of 30.
        (percent(5), 29, one_of("29 files", DIFFERS)),
        (percent(7), 29, Outcome::Removed),
        (Share::ALL, 30, Outcome::Removed),
    ] {
        let keeper = older(photos).payload(CAMERA, &image(1), other_at(0));
        let outcome = World::new(older(30), keeper).clean(How { may_lose, ..USUAL });
        assert_eq!(outcome, expected, "{may_lose:?} of {photos}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn files_and_bytes_are_shares_of_their_own() {
    let may_lose = Share::of_millionths(200_000);
    let with = |photos: usize, sizes: &[usize]| {
        sizes.iter().fold(older(photos), |builder, size| {
            builder.file(CAMERA, &image(*size), &vec![1; *size])
        })
    };
    let small_lost = with(8, &[90]).payload(CAMERA, &image(90), [2; 90]);
    let one_more = older(12).payload(CAMERA, &image(1), other_at(0));
    let small = format!("{CAMERA} {}", image(90));
    let small = not_proven("9 files (90 bytes)", &small, DIFFERS);
    let large = || with(12, &[50_000]);
    let one = one_of("12 files", DIFFERS);
    for (case, going, keeper, expected) in [
        // Of 11 files three small ones are lost, two of them as the plan knows.
        ("files", with(8, &[90, 91, 92]), small_lost, small),
        // Of 290 kB a file of 50 kB is lost as the plan knows, and one more of 20 kB.
        ("bytes", large(), one_more, one),
        ("the large one alone", large(), older(12), Outcome::Removed),
    ] {
        let outcome = World::new(going, keeper).clean(How { may_lose, ..USUAL });
        assert_eq!(outcome, expected, "{case}");
    }
}

#[test]
fn the_first_few_are_named_and_the_others_counted() {
    let keeper = (1..=5).fold(older(9), |builder, number| {
        builder.payload(CAMERA, &image(number), other_at(0))
    });
    let threads = 2;
    let outcome = World::new(older(9), keeper).clean(How { threads, ..USUAL });
    let why = outcome.why().unwrap();
    let start = "5 of 9 files (100 kB) are not proven to be in the backup that stands in for it: ";
    assert!(why.starts_with(start), "{why}");
    assert!(why.ends_with("; and 2 more"), "{why}");
    assert_eq!(why.matches(DIFFERS).count(), 3, "{why}");
}

#[test]
fn stopped_in_the_proof_all_is_as_it_was() {
    let world = World::new(older(3), older(3));
    let before = tree_digest(&world.root());
    let stopped = true;
    let outcome = world.clean(How { stopped, ..USUAL });
    assert_eq!(outcome, refused("stopped before it was begun"));
    assert_eq!(tree_digest(&world.root()), before);
}

#[test]
fn a_keeper_that_changes_after_the_proof_gives_the_name_back() {
    let changed: fn(&World) = |world| {
        let file = world.keeper().join("new");
        fs::write(&file, "").unwrap();
        set_mtime(&file, LATER);
    };
    let moved_away: fn(&World) = |world| {
        fs::rename(world.keeper(), world.folder.path().join("away")).unwrap();
    };
    for (photos, at_rename, why) in [
        // Also where there is nothing to prove.
        (0, changed, "its files changed since it was looked at"),
        (2, changed, "its files changed since it was looked at"),
        (2, moved_away, "it is not there any more"),
    ] {
        let made = || older(photos).file("HomeDomain", "Library/note.txt", b"a note");
        let outcome = World::new(made(), made()).clean(How { at_rename, ..USUAL });
        let expected = format!("the backup that stands in for it: {why}");
        assert_eq!(outcome, refused(&expected), "{photos} photos");
    }
}

#[test]
fn a_fresh_copy_may_go_unless_something_in_it_changed_since() {
    const COPIED: &str = "2026-11-22T11:40:00Z";
    let changed: fn(&World) = |world| {
        set_mtime(&world.keeper().join("Status.plist"), "2026-11-22T11:50:00Z");
    };
    let refused = Outcome::Refused {
        why: "the backup that stands in for it: Status.plist changed 10 minutes ago, a backup \
              may be running"
            .to_owned(),
        again: Some("2026-11-22T12:50:00Z".parse().unwrap()),
    };
    for (meanwhile, expected) in [(USUAL.meanwhile, Outcome::Removed), (changed, refused)] {
        let world = World::new(older(2).mtime(COPIED), older(2).mtime(COPIED));
        assert_eq!(world.clean(How { meanwhile, ..USUAL }), expected);
    }
}

/// The document of the program that cleans with these words, and ends with this code.
fn program_cleans(world: &World, words: &[&str], code: i32) -> Value {
    let mut command = program();
    command.arg("clean").arg(world.root()).args(words);
    command.args(["--delete", "--yes", "--json"]);
    command.env_remove("BKSCAN_NO_STATE");
    for name in ["XDG_STATE_HOME", "LOCALAPPDATA"] {
        command.env(name, world.folder.path().join("state"));
    }
    command.env("BKSCAN_PASSWORD", PASSWORD);
    command.stdin(Stdio::null());
    let run: Run = command.ended().unwrap().into();
    assert_eq!(run.code, code, "{words:?}: {run:#?}");
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn the_program_proves_with_the_password_and_the_share_that_it_was_given() {
    let world = |content: &[u8]| {
        let [going, keeper] = [older(1), older(0).add(photo(&image(77), 1, content))]
            .map(|backup| backup.encrypted_with(PASSWORD));
        World::new(going, keeper)
    };
    let differing = world(&other_at(0));
    let document = program_cleans(&differing, &[], 2);
    let done = &document["done"][0];
    assert_eq!(done["outcome"], "refused", "{document:#}");
    assert_eq!(done["why"], one_of("1 file", DIFFERS).why().unwrap());
    program_cleans(&differing, &["--may-lose", "100%"], 0);
    program_cleans(&world(&pixels(1)), &[], 0);
}

#[test]
fn the_list_of_removals_says_what_went_for_good() {
    // One photo of 30 is not in the newer one.
    let world = World::new(older(30), older(29));
    let document = program_cleans(&world, &["--only", GOING], 0);
    let list = world.folder.path().join("state/bkscan/removals.jsonl");
    let list = fs::read_to_string(list).unwrap();
    assert_eq!(list.lines().count(), 1, "{list}");
    let mut line: Value = serde_json::from_str(&list).unwrap();
    let at = line["at"].take();
    assert!(at.as_str().unwrap().starts_with("20"), "{list}");
    let going = world.root().canonicalize().unwrap().join(GOING);
    let files = line["files"].take();
    // 30 photos, three plists and the manifest.
    assert_eq!(files, 34, "{list}");
    let expected = json!({
        "at": null,
        "path": going.to_str().unwrap(),
        "udid": PHONE,
        "name": line["name"],
        "last_backup": THEN,
        "status_uuid": line["status_uuid"],
        "action": "remove",
        "outcome": "removed",
        "why": null,
        "files": null,
        "freed_bytes": document["done"][0]["freed_bytes"],
        "reasons": ["named", "holds-more"],
        "only_here": {
            "than": world.keeper().to_str().unwrap(),
            "groups": [{
                "group": "Photos",
                "files": 1,
                "bytes": SIZE,
                "of_files": 30,
                "of_bytes": 30 * SIZE,
            }],
            "databases": [],
            "held_elsewhere": null,
        },
        "foreign": null,
        "unlisted": null,
    });
    assert_eq!(line, expected);
    assert!(line["name"].is_string(), "{list}");
}

/// Chats that are sound in the one that goes, and not in the one that stays, are read at the door; whatever is
/// the matter with both is no reason.
#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn a_database_with_faults_inside_keeps_a_sound_one() {
    const WHATSAPP: &str = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared";
    let zeros = vec![0; database().len()];
    let (needs_wal, wal) = database_needing_wal();
    let with = |chats: &[u8]| older(1).file(WHATSAPP, "ChatStorage.sqlite", chats);
    let sound = || with(&database());
    let torn = || with(&damaged_database());
    let beside_wal = with(&needs_wal).file(WHATSAPP, "ChatStorage.sqlite-wal", &wal);
    let sealed = |builder: BackupBuilder| builder.encrypted_with(PASSWORD);
    let gone = Outcome::Removed;
    let faulty =
        refused("the database of WhatsApp in the backup that stands in for it has faults inside");
    for (case, going, keeper, how, expected) in [
        ("a torn page", sound(), torn(), USUAL, &faulty),
        ("zeros", sound(), with(&zeros), USUAL, &faulty),
        ("encrypted", sealed(sound()), sealed(torn()), KNOWN, &faulty),
        ("both", torn(), torn(), USUAL, &gone),
        ("the older", sealed(torn()), sealed(sound()), KNOWN, &gone),
        ("sound", sealed(sound()), sealed(sound()), KNOWN, &gone),
        ("rows in its -wal", sound(), beside_wal, USUAL, &gone),
    ] {
        let outcome = World::new(going, keeper).clean(how);
        assert_eq!(outcome, *expected, "{case}");
    }
}
