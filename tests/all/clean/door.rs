//! What the door proves before a backup goes (contract §9): that what it is said to have in common with the
//! one that stands in for it is really there, payload by payload.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

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
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::harness::{Ended as _, NOW, Run, program};
use crate::support::{
    BackupBuilder, Row, damaged_database, database, database_needing_wal, flat_payload_path,
    payload_path, tree_digest,
};
use crate::verify::findings::date;

const PHONE: &str = "00008130-000A1C2E3F40801E";
const GOING: &str = "00008130-000A1C2E3F40801E.old";
const THEN: &str = "2024-02-01T10:00:00Z";
const LATER: &str = "2024-06-01T10:00:00Z";
const PASSWORD: &str = "correct horse";

const CAMERA: &str = "CameraRollDomain";
const VOICEMAIL: (&str, &str) = ("HomeDomain", "Library/Voicemail/1.amr");
const STOPPED: &str = "stopped before it was begun";
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
    builder
        .info(|info| {
            info.insert("Last Backup Date".into(), date(LATER));
        })
        .status(|status| {
            status.insert("Date".into(), date(LATER));
        })
        .manifest_plist(|manifest| {
            manifest.insert("Date".into(), date(LATER));
        })
}

struct Same;

impl Passwords for Same {
    fn password(&self, _udid: Option<&Udid>) -> Result<Option<Password>, NoPassword> {
        Ok(Some(Password::new(PASSWORD.into())))
    }
}

/// How a cleaning is done.
#[derive(Clone, Copy)]
struct How<'a> {
    level: Level,
    may_lose: Share,
    passwords: Option<&'a dyn Passwords>,
    threads: usize,
    /// What happens when the comparison begins; true: it is stopped.
    meanwhile: &'a (dyn Fn(&World) -> bool + Sync),
    /// What happens when the folder is to be renamed.
    at_rename: &'a (dyn Fn(&World) + Sync),
}

impl Default for How<'_> {
    fn default() -> Self {
        How {
            level: Level::Standard,
            may_lose: Share::NONE,
            passwords: None,
            threads: 1,
            meanwhile: &|_| false,
            at_rename: &|_| {},
        }
    }
}

/// Both backups in a folder of their own.
struct World {
    folder: TempDir,
}

impl World {
    fn new(going: BackupBuilder, keeper: BackupBuilder) -> World {
        let world = World {
            folder: tempdir().unwrap(),
        };
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

    /// Has the keeper's photo be the very file of the other one.
    fn link(&self, number: usize) {
        let [going, keeper] = [self.going(), self.keeper()]
            .map(|backup| payload_path(&backup, CAMERA, &image(number)));
        fs::remove_file(&keeper).unwrap();
        fs::hard_link(going, keeper).unwrap();
    }

    /// Plans and cleans. What is refused is there as it was, and the keeper is.
    fn clean(&self, how: How<'_>) -> Outcome {
        let now = NOW.parse().unwrap();
        let policy = Policy {
            may_lose: how.may_lose,
            ..Policy::usual(now)
        };
        let config = ScanOptions {
            level: how.level,
            policy: policy.clone(),
            ..ScanOptions::new(vec![self.root()], now)
        };
        let keyring = Keyring::new(how.passwords);
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
            if matches!(event, Event::Comparing { .. }) && (how.meanwhile)(self) {
                stop.store(2, Ordering::Relaxed);
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

/// One of several photos is not proven.
fn one_of(all: &str, why: &str) -> Outcome {
    refused(&format!(
        "1 of {all} (20 kB) is not proven to be in the backup that stands in for it: {CAMERA} {} {why}",
        image(1)
    ))
}

#[test]
fn what_is_there_lets_it_go() {
    let world = World::new(older(3), older(3));
    let kept = tree_digest(&world.keeper());
    assert_eq!(world.clean(How::default()), Outcome::Removed);
    assert_eq!(tree_digest(&world.keeper()), kept);
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn other_bytes_at_either_end_keep_it_and_are_named() {
    for at in [0, 4095, SIZE - 4096, SIZE - 1] {
        for threads in [1, 2] {
            let keeper = older(3).payload(CAMERA, &image(1), other_at(at));
            let world = World::new(older(3), keeper);
            let how = How {
                threads,
                ..How::default()
            };
            let outcome = world.clean(how);
            assert_eq!(outcome, one_of("3 files", "has other bytes there"), "{at}");
        }
    }
}

#[test]
fn at_level_contents_all_bytes_count() {
    for (level, expected) in [
        (Level::Standard, Outcome::Removed),
        (Level::Contents, one_of("3 files", "has other bytes there")),
    ] {
        // Both are as their rows say.
        let keeper = older(3).file(CAMERA, &image(1), &other_at(SIZE / 2));
        let world = World::new(older(3), keeper);
        let how = How {
            level,
            ..How::default()
        };
        assert_eq!(world.clean(how), expected);
    }
}

#[test]
fn a_photo_that_has_another_name_now_is_compared_with_that() {
    for (content, expected) in [
        (pixels(1), Outcome::Removed),
        (other_at(7), one_of("1 file", "has other bytes there")),
    ] {
        let keeper = older(0).add(photo(&image(77), 1, &content));
        let world = World::new(older(1), keeper);
        assert_eq!(world.clean(How::default()), expected);
    }
}

#[test]
fn what_was_cut_off_in_the_older_one_is_held_if_all_that_is_left_is() {
    let mut other = pixels(1)[..SIZE / 2].to_vec();
    other[SIZE / 2 - 1] ^= 1;
    for (left, expected) in [
        (pixels(1)[..SIZE / 2].to_vec(), Outcome::Removed),
        (
            other,
            refused(&format!(
                "1 of 1 file (10 kB) is not proven to be in the backup that stands in for it: \
                 {CAMERA} {} has other bytes there",
                image(1)
            )),
        ),
    ] {
        let going = older(1).payload(CAMERA, &image(1), left);
        let world = World::new(going, older(1));
        assert_eq!(world.clean(How::default()), expected);
    }
}

#[test]
fn a_payload_that_became_something_else_meanwhile_cannot_be_read() {
    let world = World::new(older(2), older(2));
    let how = How {
        meanwhile: &|world| {
            let payload = payload_path(&world.keeper(), CAMERA, &image(1));
            fs::remove_file(&payload).unwrap();
            fs::create_dir(&payload).unwrap();
            false
        },
        ..How::default()
    };
    let expected = "could not be read there (it is no file any more)";
    assert_eq!(world.clean(how), one_of("2 files", expected));
}

#[cfg(unix)]
#[test]
fn no_link_is_followed_to_what_is_compared() {
    let world = World::new(older(2), older(2));
    let how = How {
        meanwhile: &|world| {
            let payload = payload_path(&world.keeper(), CAMERA, &image(1));
            let away = world.folder.path().join("away");
            fs::rename(&payload, &away).unwrap();
            std::os::unix::fs::symlink(&away, &payload).unwrap();
            false
        },
        ..How::default()
    };
    let expected = "could not be read there (it is no file any more)";
    assert_eq!(world.clean(how), one_of("2 files", expected));
}

#[test]
fn a_file_that_is_both_is_not_read() {
    // Without its key it cannot be: but it is the same file.
    let sealed = || {
        let row = Row::file(CAMERA, &image(1), &pixels(1)).without_key();
        older(0).encrypted_with(PASSWORD).add(row)
    };
    for (is_linked, expected) in [
        (true, Outcome::Removed),
        (
            false,
            one_of("1 file", "could not be read (its key does not open)"),
        ),
    ] {
        let world = World::new(sealed(), sealed());
        if is_linked {
            world.link(1);
        }
        let how = How {
            passwords: Some(&Same),
            ..How::default()
        };
        assert_eq!(world.clean(how), expected);
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn what_is_encrypted_is_compared_decrypted() {
    // Under another name it has another key and other stored bytes; and the class is another one, too.
    let moved = |content: &[u8]| photo(&image(77), 1, content).protection_class(2);
    let sealed = |builder: BackupBuilder| builder.encrypted_with(PASSWORD);
    for (going, era) in [
        (sealed(older(1)), "both encrypted"),
        (older(1), "plain, and encrypted"),
    ]
    .into_iter()
    .chain([(sealed(older(1)).mbdb(), "both of iOS 9")])
    {
        let is_flat = era == "both of iOS 9";
        let keeper = sealed(older(0)).add(moved(&pixels(1)));
        let keeper = if is_flat { keeper.mbdb() } else { keeper };
        let world = World::new(going, keeper);
        let how = How {
            passwords: Some(&Same),
            ..How::default()
        };
        assert_eq!(world.clean(how), Outcome::Removed, "{era}");
    }
    for at in [0, SIZE - 1] {
        for going in [sealed(older(1)), older(1)] {
            let keeper = sealed(older(0)).add(moved(&other_at(at)));
            let world = World::new(going, keeper);
            let how = How {
                passwords: Some(&Same),
                ..How::default()
            };
            let outcome = world.clean(how);
            assert_eq!(outcome, one_of("1 file", "has other bytes there"), "{at}");
        }
    }
}

#[test]
fn of_what_is_locked_on_both_sides_lengths_are_compared() {
    let locked = || older(1).encrypted().mbdb();
    let longer = |world: &World| {
        let payload = flat_payload_path(&world.keeper(), CAMERA, &image(1));
        let mut bytes = fs::read(&payload).unwrap();
        bytes.extend([0; 16]);
        fs::write(&payload, bytes).unwrap();
        false
    };
    assert_eq!(
        World::new(locked(), locked()).clean(How::default()),
        Outcome::Removed
    );
    let how = How {
        meanwhile: &longer,
        ..How::default()
    };
    assert_eq!(
        World::new(locked(), locked()).clean(how),
        one_of("1 file", "has another length there")
    );
}

#[test]
fn what_is_held_by_its_name_alone_must_not_be_empty() {
    let voicemail = |bytes: usize| older(0).file(VOICEMAIL.0, VOICEMAIL.1, &vec![1; bytes]);
    let world = World::new(voicemail(500), voicemail(700));
    assert_eq!(world.clean(How::default()), Outcome::Removed);
    let world = World::new(voicemail(500), voicemail(700));
    let how = How {
        meanwhile: &|world| {
            fs::write(payload_path(&world.keeper(), VOICEMAIL.0, VOICEMAIL.1), b"").unwrap();
            false
        },
        ..How::default()
    };
    let expected = "1 of 1 file (500 bytes) is not proven to be in the backup that stands in for it: \
                    HomeDomain Library/Voicemail/1.amr is empty there";
    assert_eq!(world.clean(how), refused(expected));
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn so_much_may_be_lost_together_with_what_is_known_not_to_be_held() {
    let percent = |percent: u32| Share::of_millionths(percent * 10_000);
    let differs = "has other bytes there";
    for (share, photos, expected) in [
        (percent(5), 30, Outcome::Removed),
        (percent(3), 30, one_of("30 files", differs)),
        // One is not there at all, and that is 2 of 30.
        (percent(5), 29, one_of("29 files", differs)),
        (percent(7), 29, Outcome::Removed),
        (Share::ALL, 30, Outcome::Removed),
    ] {
        let keeper = older(photos).payload(CAMERA, &image(1), other_at(0));
        let world = World::new(older(30), keeper);
        let how = How {
            may_lose: share,
            ..How::default()
        };
        assert_eq!(world.clean(how), expected, "{share:?} of {photos}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "the same everywhere; Wine starts programs slowly")]
fn files_and_bytes_are_shares_of_their_own() {
    let fifth = Share::of_millionths(200_000);
    let how = How {
        may_lose: fifth,
        ..How::default()
    };
    let with = |photos: usize, sizes: &[usize]| {
        sizes.iter().fold(older(photos), |builder, size| {
            builder.file(CAMERA, &image(*size), &vec![1; *size])
        })
    };
    // Of 11 files three small ones are lost, two of them as the plan knows.
    let keeper = with(8, &[90]).payload(CAMERA, &image(90), [2; 90]);
    let world = World::new(with(8, &[90, 91, 92]), keeper);
    let expected = format!(
        "1 of 9 files (90 bytes) is not proven to be in the backup that stands in for it: {CAMERA} {} \
         has other bytes there",
        image(90)
    );
    assert_eq!(world.clean(how), refused(&expected));
    // Of 290 kB a file of 50 kB is lost as the plan knows, and one more of 20 kB.
    let keeper = older(12).payload(CAMERA, &image(1), other_at(0));
    let world = World::new(with(12, &[50_000]), keeper);
    assert_eq!(
        world.clean(how),
        one_of("12 files", "has other bytes there")
    );
    // The one alone is not too much.
    let world = World::new(with(12, &[50_000]), older(12));
    assert_eq!(world.clean(how), Outcome::Removed);
}

#[test]
fn the_first_few_are_named_and_the_others_counted() {
    let keeper = (1..=5).fold(older(9), |builder, number| {
        builder.payload(CAMERA, &image(number), other_at(0))
    });
    let world = World::new(older(9), keeper);
    let outcome = world.clean(How {
        threads: 2,
        ..How::default()
    });
    let why = outcome.why().unwrap();
    let start = "5 of 9 files (100 kB) are not proven to be in the backup that stands in for it: ";
    assert!(why.starts_with(start), "{why}");
    assert!(why.ends_with("; and 2 more"), "{why}");
    assert_eq!(why.matches("has other bytes there").count(), 3, "{why}");
}

#[test]
fn stopped_in_the_proof_all_is_as_it_was() {
    let world = World::new(older(3), older(3));
    let before = tree_digest(&world.root());
    let how = How {
        meanwhile: &|_| true,
        ..How::default()
    };
    assert_eq!(world.clean(how), refused(STOPPED));
    assert_eq!(tree_digest(&world.root()), before);
}

#[test]
fn a_keeper_that_changes_after_the_proof_gives_the_name_back() {
    const OF_KEEPER: &str = "the backup that stands in for it: ";
    for photos in [0, 2] {
        // Also where there is nothing to prove.
        let made = || older(photos).file("HomeDomain", "Library/note.txt", b"a note");
        let world = World::new(made(), made());
        let how = How {
            at_rename: &|world| {
                let file = fs::File::create(world.keeper().join("new")).unwrap();
                let time = crate::support::timestamp(LATER);
                file.set_modified(time.into()).unwrap();
            },
            ..How::default()
        };
        let expected = format!("{OF_KEEPER}its files changed since it was looked at");
        assert_eq!(world.clean(how), refused(&expected));
    }
    let world = World::new(older(2), older(2));
    let how = How {
        at_rename: &|world| {
            fs::rename(world.keeper(), world.folder.path().join("away")).unwrap();
        },
        ..How::default()
    };
    let expected = format!("{OF_KEEPER}it is not there any more");
    assert_eq!(world.clean(how), refused(&expected));
}

#[test]
fn a_fresh_copy_may_go_unless_something_in_it_changed_since() {
    const COPIED: &str = "2026-11-22T11:40:00Z";
    let world = || World::new(older(2).mtime(COPIED), older(2).mtime(COPIED));
    assert_eq!(world().clean(How::default()), Outcome::Removed);
    let world = world();
    let how = How {
        meanwhile: &|world| {
            let file = world.keeper().join("Status.plist");
            let file = fs::File::options().write(true).open(file).unwrap();
            let time = crate::support::timestamp("2026-11-22T11:50:00Z");
            file.set_modified(time.into()).unwrap();
            false
        },
        ..How::default()
    };
    assert_eq!(
        world.clean(how),
        Outcome::Refused {
            why: "the backup that stands in for it: Status.plist changed 10 minutes ago, a backup \
                  may be running"
                .to_owned(),
            again: Some("2026-11-22T12:50:00Z".parse().unwrap()),
        }
    );
}

/// The program, about to clean, with these words.
fn program_cleans(world: &World, words: &[&str]) -> Run {
    let mut command = program();
    command
        .arg("clean")
        .arg(world.root())
        .args(["--delete", "--yes", "--json"]);
    command
        .args(words)
        .env_remove("BKSCAN_NO_STATE")
        .env("XDG_STATE_HOME", world.folder.path().join("state"))
        .env("LOCALAPPDATA", world.folder.path().join("state"))
        .env("BKSCAN_PASSWORD", PASSWORD)
        .stdin(std::process::Stdio::null());
    command.ended().unwrap().into()
}

#[test]
fn the_program_proves_with_the_password_and_the_share_that_it_was_given() {
    let sealed = |content: &[u8]| {
        let row = photo(&image(77), 1, content);
        (
            older(1).encrypted_with(PASSWORD),
            older(0).encrypted_with(PASSWORD).add(row),
        )
    };
    let (going, keeper) = sealed(&other_at(0));
    let world = World::new(going, keeper);
    let run = program_cleans(&world, &[]);
    assert_eq!(run.code, 2, "{run:#?}");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let done = &document["done"][0];
    assert_eq!(done["outcome"], "refused", "{run:#?}");
    let expected = one_of("1 file", "has other bytes there");
    assert_eq!(done["why"], expected.why().unwrap());
    let run = program_cleans(&world, &["--may-lose", "100%"]);
    assert_eq!(run.code, 0, "{run:#?}");
    let (going, keeper) = sealed(&pixels(1));
    let run = program_cleans(&World::new(going, keeper), &[]);
    assert_eq!(run.code, 0, "{run:#?}");
}

#[test]
fn the_list_of_removals_says_what_went_for_good() {
    // One photo of 30 is not in the newer one.
    let world = World::new(older(30), older(29));
    let run = program_cleans(&world, &["--only", GOING]);
    assert_eq!(run.code, 0, "{run:#?}");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let list = world.folder.path().join("state/bkscan/removals.jsonl");
    let list = fs::read_to_string(list).unwrap();
    assert_eq!(list.lines().count(), 1, "{list}");
    let mut line: Value = serde_json::from_str(&list).unwrap();
    let at = line["at"].take();
    assert!(at.as_str().unwrap().starts_with("20"), "{list}");
    let going = world.root().canonicalize().unwrap().join(GOING);
    let files = line["files"].take();
    assert_eq!(
        files, 34,
        "30 photos, three plists and the manifest: {list}"
    );
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
    const CHATS: (&str, &str) = (
        "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
        "ChatStorage.sqlite",
    );
    let sound = database;
    let damaged = damaged_database;
    let zeros = || vec![0; sound().len()];
    let (needs_wal, wal) = database_needing_wal();
    let faulty =
        refused("the database of WhatsApp in the backup that stands in for it has faults inside");
    let with = |chats: Vec<u8>| older(1).file(CHATS.0, CHATS.1, &chats);
    let beside_wal = with(needs_wal).file(CHATS.0, "ChatStorage.sqlite-wal", &wal);
    for (case, going, keeper, encrypted, expected) in [
        (
            "a torn page",
            with(sound()),
            with(damaged()),
            false,
            &faulty,
        ),
        ("zeros", with(sound()), with(zeros()), false, &faulty),
        ("encrypted", with(sound()), with(damaged()), true, &faulty),
        (
            "both",
            with(damaged()),
            with(damaged()),
            false,
            &Outcome::Removed,
        ),
        (
            "the older one",
            with(damaged()),
            with(sound()),
            true,
            &Outcome::Removed,
        ),
        (
            "both sound",
            with(sound()),
            with(sound()),
            true,
            &Outcome::Removed,
        ),
        (
            "rows in its -wal",
            with(sound()),
            beside_wal,
            false,
            &Outcome::Removed,
        ),
    ] {
        let sealed = |builder: BackupBuilder| match encrypted {
            true => builder.encrypted_with(PASSWORD),
            false => builder,
        };
        let world = World::new(sealed(going), sealed(keeper));
        let how = How {
            passwords: encrypted.then_some(&Same as &dyn Passwords),
            ..How::default()
        };
        assert_eq!(world.clean(how), *expected, "{case}");
    }
}
