//! Trees that are removed, or not. What needs root or a file system of its own says so where it is
//! not there.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tempfile::{TempDir, tempdir};

use super::holder::aside_name;
use super::*;

const NAME: &str = "00008130-000A1C2E3F40801E";

/// A folder that holds backups, one that is elsewhere, and what was told.
struct World {
    temp: TempDir,
    holder: Holder,
}

impl World {
    fn new() -> World {
        let temp = tempdir().unwrap();
        fs::create_dir(temp.path().join("Backup")).unwrap();
        fs::create_dir(temp.path().join("elsewhere")).unwrap();
        fs::write(temp.path().join("elsewhere/kept"), b"kept").unwrap();
        let holder = Holder::open(&temp.path().join("Backup")).unwrap();
        World { temp, holder }
    }

    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.temp.path().join("Backup").join(name)
    }

    fn elsewhere(&self) -> PathBuf {
        self.temp.path().join("elsewhere")
    }

    /// Writes a file of so many bytes below the folder [`NAME`], and the folders it needs.
    fn file(&self, path: &str, bytes: usize) -> PathBuf {
        let path = self.path(NAME).join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, vec![1; bytes]).unwrap();
        // Some file systems count blocks only once they are on the disk.
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .sync_all()
            .unwrap();
        path
    }

    /// A backup with two shards, a tree and its plists: 8 files, 6 folders with itself.
    fn small(&self) {
        for name in [
            "Info.plist",
            "Manifest.db",
            "Manifest.plist",
            "Status.plist",
            "00/00a",
            "00/00b",
            "ff/ffa",
            "Snapshot/00/00c",
        ] {
            self.file(name, 3000);
        }
        fs::create_dir(self.path(NAME).join("Snapshot/ff")).unwrap();
    }

    fn identity(&self, name: &str) -> Identity {
        self.holder.identity(name.as_ref()).unwrap()
    }

    fn set_aside(&self, name: &str) -> OsString {
        let expected = self.identity(name);
        self.holder
            .set_aside(name.as_ref(), expected, &silent)
            .unwrap()
    }

    fn remove(&self, aside: &OsStr) -> Removed {
        self.remove_and_tell(aside, &silent)
    }

    fn remove_and_tell(&self, aside: &OsStr, observer: &Observer<'_>) -> Removed {
        let expected = self.holder.identity(aside).unwrap();
        self.holder.remove(aside, expected, observer)
    }

    /// The names in the folder that holds backups.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("")).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// What is elsewhere is as it was.
    fn assert_kept(&self) {
        assert_eq!(fs::read(self.elsewhere().join("kept")).unwrap(), b"kept");
    }
}

fn silent(_: Step<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Runs with so many threads; with one, everything has its order.
fn with_threads<T: Send>(threads: usize, run: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build().unwrap().install(run)
}

fn text(step: Step<'_>) -> String {
    let text = match step {
        Step::SetAside { name, aside } => format!("{} -> {}", name.display(), aside.display()),
        Step::PutBack { aside, name } => format!("{} <- {}", name.display(), aside.display()),
        Step::File { folder, name } => folder.join(name).display().to_string(),
        Step::Folder { path } => format!("{}/", path.display()),
    };
    text.replace('\\', "/")
}

fn assert_gone(removed: &Removed) {
    assert!(removed.gone, "{removed:?}");
    assert_eq!(removed.failed, 0, "{removed:?}");
    assert_eq!(removed.failures.len(), 0, "{removed:?}");
    assert!(!removed.stopped, "{removed:?}");
}

#[test]
fn a_folder_goes_with_all_in_it() {
    let world = World::new();
    world.small();
    assert!(world.holder.obstacle(NAME.as_ref()).unwrap().is_none());
    let aside = world.set_aside(NAME);
    assert_eq!(aside, ".bkscan-removing-00008130-000A1C2E3F40801E");
    assert_eq!(
        world.names(),
        [".bkscan-removing-00008130-000A1C2E3F40801E"]
    );
    let expected = world.holder.identity(&aside).unwrap();
    let removed = world.holder.remove(&aside, expected, &silent);
    assert_gone(&removed);
    assert_eq!((removed.files, removed.folders), (8, 6));
    assert!(world.names().is_empty());

    let again = world.holder.remove(&aside, expected, &silent);
    assert_gone(&again);
    assert_eq!((again.files, again.folders, again.freed), (0, 0, 0));
}

#[test]
fn every_step_is_told_first_those_that_make_it_a_backup() {
    let world = World::new();
    world.small();
    let told = Mutex::new(Vec::new());
    let observer = |step: Step<'_>| {
        if let Step::File { folder, name } = step {
            assert!(world.path(folder).join(name).exists(), "told afterwards");
        }
        told.lock().unwrap().push(text(step));
        ControlFlow::Continue(())
    };
    let expected = world.identity(NAME);
    let aside = with_threads(1, || {
        let aside = world
            .holder
            .set_aside(NAME.as_ref(), expected, &observer)
            .unwrap();
        world
            .holder
            .put_back(&aside, NAME.as_ref(), &observer)
            .unwrap();
        let aside = world
            .holder
            .set_aside(NAME.as_ref(), expected, &observer)
            .unwrap();
        assert_gone(&world.remove_and_tell(&aside, &observer));
        aside
    });
    let told = told.into_inner().unwrap();
    let aside = aside.to_str().unwrap();
    let start = [
        format!("{NAME} -> {aside}"),
        format!("{NAME} <- {aside}"),
        format!("{NAME} -> {aside}"),
        format!("{aside}/Status.plist"),
        format!("{aside}/Info.plist"),
    ];
    assert_eq!(told[..5], start);
    assert_eq!(told.last().unwrap(), &format!("{aside}/"));
    let mut rest = told[5..].to_vec();
    rest.sort();
    let expected = [
        "/",
        "/00/",
        "/00/00a",
        "/00/00b",
        "/Manifest.db",
        "/Manifest.plist",
        "/Snapshot/",
        "/Snapshot/00/",
        "/Snapshot/00/00c",
        "/Snapshot/ff/",
        "/ff/",
        "/ff/ffa",
    ];
    assert_eq!(rest, expected.map(|end| format!("{aside}{end}")));
}

#[test]
fn a_removal_that_was_stopped_anywhere_is_finished_by_the_next() {
    // 8 files and 6 folders.
    for threads in [1, 2] {
        for stop in 0..14 {
            let world = World::new();
            world.small();
            let aside = world.set_aside(NAME);
            let steps = Mutex::new(0);
            let first = with_threads(threads, || {
                world.remove_and_tell(&aside, &|_| {
                    let mut steps = steps.lock().unwrap();
                    *steps += 1;
                    if *steps > stop {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                })
            });
            assert!(first.stopped && !first.gone, "{stop}: {first:?}");
            assert_eq!(first.failed, 0, "{stop}: {first:?}");
            assert_eq!(first.files + first.folders, stop, "{stop}: {first:?}");
            assert_eq!(world.names(), [aside.to_str().unwrap()]);
            let second = world.remove(&aside);
            assert_gone(&second);
            assert_eq!(first.files + second.files, 8, "{stop}");
            assert_eq!(first.folders + second.folders, 6, "{stop}");
        }
    }
}

#[test]
fn what_the_observer_refuses_is_not_renamed() {
    let world = World::new();
    world.small();
    let refuse = |_: Step<'_>| ControlFlow::Break(());
    let expected = world.identity(NAME);
    let refused = world.holder.set_aside(NAME.as_ref(), expected, &refuse);
    assert!(matches!(refused, Err(NotSetAside::Stopped)), "{refused:?}");
    assert_eq!(world.names(), [NAME]);

    let aside = world.set_aside(NAME);
    // To get its name back it needs nobody's leave.
    let back = world.holder.put_back(&aside, NAME.as_ref(), &refuse);
    back.unwrap();
    assert_eq!(world.names(), [NAME]);
}

#[test]
fn a_name_that_is_taken_gets_a_number() {
    let world = World::new();
    let aside = format!("{ASIDE}a");
    fs::create_dir(world.path("a")).unwrap();
    fs::create_dir(world.path(&aside)).unwrap();
    fs::write(world.path(format!("{aside}-2")), b"").unwrap();
    assert_eq!(world.set_aside("a"), ".bkscan-removing-a-3");
    assert_eq!(
        world.names(),
        [
            ".bkscan-removing-a",
            ".bkscan-removing-a-2",
            ".bkscan-removing-a-3"
        ]
    );
}

#[test]
fn a_name_that_is_taken_at_the_last_moment_is_not_replaced() {
    let world = World::new();
    fs::create_dir(world.path("a")).unwrap();
    let expected = world.identity("a");
    let told = Mutex::new(Vec::new());
    let aside = world.holder.set_aside("a".as_ref(), expected, &|step| {
        let mut told = told.lock().unwrap();
        if told.is_empty() {
            fs::create_dir_all(world.path(".bkscan-removing-a/x")).unwrap();
        }
        told.push(text(step));
        ControlFlow::Continue(())
    });
    assert_eq!(aside.unwrap(), ".bkscan-removing-a-2");
    assert_eq!(
        told.into_inner().unwrap(),
        ["a -> .bkscan-removing-a", "a -> .bkscan-removing-a-2"]
    );
    assert_eq!(
        world.names(),
        [".bkscan-removing-a", ".bkscan-removing-a-2"]
    );
}

#[test]
fn names_that_get_too_long_are_cut() {
    let cut = |name: &str, number| aside_name(name.as_ref(), number).into_string().unwrap();
    let x = |count| "x".repeat(count);
    assert_eq!(cut(&x(200), 1), format!("{ASIDE}{}", x(200)));
    assert_eq!(cut(&x(201), 1), format!("{ASIDE}{}", x(200)));
    assert_eq!(cut(&x(255), 9999), format!("{ASIDE}{}-9999", x(200)));
    assert_eq!(
        cut(&"é".repeat(127), 1),
        format!("{ASIDE}{}", "é".repeat(100))
    );
    let odd = format!("a{}", "é".repeat(127));
    assert_eq!(cut(&odd, 1), format!("{ASIDE}a{}", "é".repeat(99)));

    let world = World::new();
    for last in ["1", "2"] {
        fs::create_dir(world.path(x(254) + last)).unwrap();
    }
    let first = world.set_aside(&(x(254) + "1"));
    let second = world.set_aside(&(x(254) + "2"));
    assert_eq!(first, *format!("{ASIDE}{}", x(200)));
    assert_eq!(second, *format!("{ASIDE}{}-2", x(200)));
    assert_gone(&world.remove(&first));
    world
        .holder
        .put_back(&second, x(255).as_ref(), &silent)
        .unwrap();
    assert_eq!(world.names(), [x(255)]);
}

#[test]
fn a_folder_is_put_back_but_not_over_another() {
    let world = World::new();
    world.small();
    let aside = world.set_aside(NAME);
    fs::create_dir(world.path(NAME)).unwrap();
    let error = world.holder.put_back(&aside, NAME.as_ref(), &silent);
    assert_eq!(error.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    fs::remove_dir(world.path(NAME)).unwrap();
    world
        .holder
        .put_back(&aside, NAME.as_ref(), &silent)
        .unwrap();
    assert_eq!(world.names(), [NAME]);
    assert!(world.path(NAME).join("Status.plist").exists());
    let error = world.holder.put_back(&aside, "new".as_ref(), &silent);
    assert_eq!(error.unwrap_err().kind(), io::ErrorKind::NotFound);
}

#[test]
fn only_names_are_taken_never_paths() {
    let world = World::new();
    let here = world.identity_of_holder();
    for name in ["", ".", "..", "a/b", "../elsewhere", "/", "a/", "./a"] {
        let name = OsStr::new(name);
        let is_refused = |error: io::Error| error.kind() == io::ErrorKind::InvalidInput;
        let refused = |aside| matches!(aside, NotSetAside::Failed(error) if error.kind() == io::ErrorKind::InvalidInput);
        assert!(world.holder.identity(name).is_err_and(is_refused));
        assert!(world.holder.obstacle(name).is_err_and(is_refused));
        let aside = world.holder.set_aside(name, here, &silent);
        assert!(aside.is_err_and(refused), "{name:?}");
        let back = world.holder.put_back(name, "x".as_ref(), &silent);
        assert!(back.is_err_and(is_refused));
        let back = world.holder.put_back("x".as_ref(), name, &silent);
        assert!(back.is_err_and(is_refused));
        let removed = world.holder.remove(name, here, &silent);
        assert_eq!((removed.gone, removed.failed), (false, 1), "{name:?}");
    }
    world.assert_kept();
}

impl World {
    fn identity_of_holder(&self) -> Identity {
        Holder::open(self.temp.path())
            .unwrap()
            .identity("Backup".as_ref())
            .unwrap()
    }
}

#[test]
fn only_the_expected_folder_is_touched() {
    let world = World::new();
    world.small();
    fs::create_dir(world.path("other")).unwrap();
    fs::write(world.path("file"), b"").unwrap();
    let never = |step: Step<'_>| panic!("{step:?}");
    let expected = world.identity("other");
    let refused = world.holder.set_aside(NAME.as_ref(), expected, &never);
    assert!(matches!(refused, Err(NotSetAside::Replaced)), "{refused:?}");
    let file = world.identity("file");
    assert_eq!(file.kind, Kind::File);
    let refused = world.holder.set_aside("file".as_ref(), file, &never);
    assert!(matches!(refused, Err(NotSetAside::Replaced)), "{refused:?}");

    let removed = world.holder.remove(NAME.as_ref(), expected, &never);
    assert!(!removed.gone);
    assert_eq!((removed.failed, removed.files), (1, 0));
    assert_eq!(removed.failures[0].0, Path::new(NAME));
    assert!(world.path(NAME).join("Status.plist").exists());

    let missing = world.holder.identity("missing".as_ref()).unwrap_err();
    assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    let missing = world
        .holder
        .set_aside("missing".as_ref(), expected, &silent);
    assert!(
        matches!(missing, Err(NotSetAside::Failed(error)) if error.kind() == io::ErrorKind::NotFound)
    );
}

#[test]
fn files_and_links_are_obstacles() {
    let world = World::new();
    fs::write(world.path("file"), b"").unwrap();
    let found = world.holder.obstacle("file".as_ref()).unwrap().unwrap();
    assert_eq!(found.path, Path::new("file"));
    assert!(matches!(found.hindrance, Hindrance::NotAFolder));
    assert_eq!(found.hindrance.to_string(), "is not a folder");
    let missing = world.holder.obstacle("missing".as_ref()).unwrap_err();
    assert_eq!(missing.kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_second_cleaning_finds_the_folder_locked() {
    let world = World::new();
    match world.holder.try_lock() {
        Lock::Held => {
            let other = Holder::open(&world.path("")).unwrap();
            assert!(matches!(other.try_lock(), Lock::Taken));
            drop(world.holder);
            assert!(matches!(other.try_lock(), Lock::Held));
        }
        #[cfg(windows)]
        Lock::Impossible(_) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(
        fs::read_dir(world.temp.path().join("Backup"))
            .unwrap()
            .count(),
        0
    );
}

#[test]
fn many_folders_and_files_in_one_go() {
    let world = World::new();
    for number in 0..700 {
        let folder = world.path(NAME).join(format!("tree/inner/{number}/deep"));
        fs::create_dir_all(folder).unwrap();
    }
    for number in 0..5000 {
        fs::write(world.path(NAME).join(format!("tree/{number}.file")), b"").unwrap();
    }
    assert!(world.holder.obstacle(NAME.as_ref()).unwrap().is_none());
    let aside = world.set_aside(NAME);
    let removed = world.remove(&aside);
    assert_gone(&removed);
    assert_eq!((removed.files, removed.folders), (5000, 3 + 1400));
}

#[cfg(unix)]
mod on_unix;
