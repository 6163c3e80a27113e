//! Links, FIFOs, mounts, permissions and attributes.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{CWD, Mode, OFlags};

use crate::clean::remove::folder::Folder;

use super::*;

/// "nobody" on the usual systems; all that matters is that it is not root.
const NOBODY: u32 = 65_534;

/// Says that something was not checked here, and why.
#[expect(clippy::print_stderr, reason = "a test that did nothing says so")]
fn skip(why: &str) {
    eprintln!("not checked here: {why}");
}

fn is_root() -> bool {
    tempdir().unwrap().path().metadata().unwrap().uid() == 0
}

fn allocated(path: &Path) -> u64 {
    path.symlink_metadata().unwrap().blocks() * 512
}

/// Of the backup's folder, and of all folders in it.
fn of_folders(world: &World) -> u64 {
    fn of(folder: &Path) -> u64 {
        let entries = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let folders = entries.filter(|path| path.symlink_metadata().unwrap().is_dir());
        allocated(folder) + folders.map(|path| of(&path)).sum::<u64>()
    }
    of(&world.path(NAME))
}

fn run(program: &str, args: &[&OsStr]) -> Result<(), String> {
    match Command::new(program).args(args).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Something mounted, until the end of a test.
struct Mounted(PathBuf);

impl Mounted {
    fn new(options: &[&str], source: &Path, place: &Path) -> Option<Mounted> {
        let mut args: Vec<&OsStr> = options.iter().map(OsStr::new).collect();
        args.extend([source.as_os_str(), place.as_os_str()]);
        match run("mount", &args) {
            Ok(()) => Some(Mounted(place.to_owned())),
            Err(error) => {
                skip(&format!("mount: {error}"));
                None
            }
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = run("umount", &[self.0.as_os_str()]);
    }
}

#[test]
fn freed_is_what_had_no_other_name() {
    let world = World::new();
    let alone = world.file("00/alone", 10_000);
    let twice = world.file("00/twice", 20_000);
    let shared = world.file("00/shared", 40_000);
    fs::create_dir(world.path(NAME).join("01")).unwrap();
    fs::hard_link(&twice, world.path(NAME).join("01/twice")).unwrap();
    fs::hard_link(&twice, world.path(NAME).join("00/thrice")).unwrap();
    fs::hard_link(&shared, world.elsewhere().join("shared")).unwrap();
    let expected = allocated(&alone) + allocated(&twice) + of_folders(&world);
    assert!(expected >= 30_000, "{expected}");
    let aside = world.set_aside(NAME);
    let removed = world.remove(&aside);
    assert_gone(&removed);
    assert_eq!(removed.freed, expected);
    assert_eq!(removed.files, 5);
    let kept = fs::read(world.elsewhere().join("shared")).unwrap();
    assert_eq!(kept.len(), 40_000);
}

#[test]
fn a_file_with_two_names_counts_once_however_many_threads_remove() {
    let world = World::new();
    let mut expected = 0;
    for folder in 0..8 {
        let other = world.path(NAME).join(format!("other{folder}"));
        fs::create_dir_all(&other).unwrap();
        for file in 0..25 {
            let path = world.file(&format!("{folder}/{file}"), 100);
            expected += allocated(&path);
            for name in ["a", "b", "c", "d"] {
                fs::hard_link(&path, other.join(format!("{file}{name}"))).unwrap();
            }
        }
    }
    expected += of_folders(&world);
    let aside = world.set_aside(NAME);
    let removed = with_threads(8, || world.remove(&aside));
    assert_gone(&removed);
    assert_eq!((removed.files, removed.freed), (1000, expected));
}

#[test]
fn two_threads_at_the_last_two_names_of_a_file_count_it_once() {
    let world = World::new();
    let path = world.file("00/one", 10_000);
    fs::create_dir(world.path(NAME).join("01")).unwrap();
    fs::hard_link(&path, world.path(NAME).join("01/other")).unwrap();
    let expected = allocated(&path) + of_folders(&world);
    let aside = world.set_aside(NAME);
    // Both have looked at the file when the first is removed.
    let both = Barrier::new(2);
    let observer = |step: Step<'_>| {
        if let Step::File { .. } = step {
            both.wait();
        }
        ControlFlow::Continue(())
    };
    let removed = with_threads(2, || world.remove_and_tell(&aside, &observer));
    assert_gone(&removed);
    assert_eq!((removed.files, removed.freed), (2, expected));
}

#[test]
fn links_go_and_what_they_lead_to_stays() {
    let world = World::new();
    world.small();
    symlink(world.elsewhere(), world.path(NAME).join("link")).unwrap();
    symlink(world.elsewhere(), world.path(NAME).join("00/link")).unwrap();
    symlink("/nowhere", world.path(NAME).join("00/broken")).unwrap();
    symlink("..", world.path(NAME).join("00/up")).unwrap();
    assert!(world.holder.obstacle(NAME.as_ref()).unwrap().is_none());
    let aside = world.set_aside(NAME);
    let removed = world.remove(&aside);
    assert_gone(&removed);
    assert_eq!((removed.files, removed.folders), (12, 6));
    world.assert_kept();
}

#[test]
fn what_is_no_regular_file_goes_unopened() {
    let world = World::new();
    world.small();
    // To open it would wait for ever.
    let fifo = world.path(NAME).join("00/fifo");
    if let Err(error) = run("mkfifo", &[fifo.as_os_str()]) {
        skip(&format!("mkfifo: {error}"));
    }
    let socket = world.path(NAME).join("00/s");
    let bound = UnixListener::bind(&socket);
    if let Err(error) = &bound {
        skip(&format!("a socket: {error}"));
    }
    let null = world.path(NAME).join("00/null");
    let device = [null.as_os_str(), "c".as_ref(), "1".as_ref(), "3".as_ref()];
    if let Err(error) = run("mknod", &device) {
        skip(&format!("mknod: {error}"));
    }
    assert!(world.holder.obstacle(NAME.as_ref()).unwrap().is_none());
    let aside = world.set_aside(NAME);
    assert_gone(&world.remove(&aside));
}

#[test]
fn names_that_are_not_text_go_too() {
    let world = World::new();
    world.small();
    let name = OsStr::from_bytes(b"\xff\xfe");
    if let Err(error) = fs::write(world.path(NAME).join(name), b"") {
        return skip(&format!("a name that is not UTF-8: {error}"));
    }
    let mut long = vec![0xff; 255];
    fs::create_dir(world.path(OsStr::from_bytes(&long))).unwrap();
    let long_name = OsStr::from_bytes(&long);
    let expected = world.holder.identity(long_name).unwrap();
    let cut = world
        .holder
        .set_aside(long_name, expected, &silent)
        .unwrap();
    assert!(cut.len() <= 217, "{}", cut.len());
    assert_gone(&world.remove(&cut));

    long.truncate(200);
    fs::create_dir(world.path(OsStr::from_bytes(&long))).unwrap();
    let kept = aside_name(OsStr::from_bytes(&long), 1);
    assert_eq!(kept.as_bytes(), [ASIDE.as_bytes(), &long].concat());

    let aside = world.set_aside(NAME);
    assert_gone(&world.remove(&aside));
}

#[test]
fn a_link_in_place_of_the_folder_is_refused() {
    let world = World::new();
    world.small();
    let expected = world.identity(NAME);
    fs::rename(world.path(NAME), world.path("moved")).unwrap();
    symlink(world.elsewhere(), world.path(NAME)).unwrap();
    let found = world.holder.obstacle(NAME.as_ref()).unwrap().unwrap();
    assert!(matches!(found.hindrance, Hindrance::Link), "{found:?}");
    assert_eq!(world.identity(NAME).kind, Kind::Link);
    for expected in [expected, world.identity(NAME)] {
        let refused = world.holder.set_aside(NAME.as_ref(), expected, &silent);
        assert!(matches!(refused, Err(NotSetAside::Replaced)), "{refused:?}");
        let removed = world.holder.remove(NAME.as_ref(), expected, &silent);
        assert_eq!((removed.gone, removed.failed), (false, 1));
    }
    assert_eq!(world.names(), [NAME, "moved"]);
    world.assert_kept();
}

#[test]
fn a_link_put_there_at_the_last_moment_gets_its_name_back() {
    let world = World::new();
    world.small();
    let expected = world.identity(NAME);
    let refused = world.holder.set_aside(NAME.as_ref(), expected, &|_| {
        fs::rename(world.path(NAME), world.path("moved")).unwrap();
        symlink(world.elsewhere(), world.path(NAME)).unwrap();
        ControlFlow::Continue(())
    });
    assert!(matches!(refused, Err(NotSetAside::Replaced)), "{refused:?}");
    assert_eq!(world.names(), [NAME, "moved"]);
    assert_eq!(world.identity(NAME).kind, Kind::Link);
    world.assert_kept();
}

#[test]
fn a_folder_swapped_for_a_link_meanwhile_leads_nowhere() {
    let world = World::new();
    for folder in ["d1", "d2"] {
        world.file(&format!("x/y/{folder}/file"), 10);
    }
    let aside = world.set_aside(NAME);
    let swapped = AtomicBool::new(false);
    let observer = |step: Step<'_>| {
        // Both were listed when the first one's file goes.
        if let Step::File { folder, .. } = step
            && !swapped.swap(true, Ordering::Relaxed)
        {
            let other = match folder.file_name().and_then(OsStr::to_str) {
                Some("d1") => "d2",
                Some("d2") => "d1",
                _ => panic!("{folder:?}"),
            };
            let other = world.path(folder.with_file_name(other));
            fs::rename(&other, world.elsewhere().join("moved")).unwrap();
            symlink(world.elsewhere(), &other).unwrap();
        }
        ControlFlow::Continue(())
    };
    let removed = with_threads(1, || world.remove_and_tell(&aside, &observer));
    assert!(swapped.into_inner());
    assert!(!removed.gone);
    // The link is told; the folders above it stay for it and are not.
    assert_eq!(removed.failed, 1, "{removed:?}");
    let told = removed.failures[0].0.file_name().unwrap();
    assert!(told == "d1" || told == "d2", "{told:?}");
    world.assert_kept();
    assert!(world.elsewhere().join("moved/file").exists());
    assert_gone(&world.remove(&aside));
    world.assert_kept();
}

#[test]
fn where_a_rename_cannot_refuse_to_replace_it_is_looked_first() {
    let world = World::new();
    for name in ["a", "taken"] {
        fs::create_dir(world.path(name)).unwrap();
    }
    symlink("/nowhere", world.path("link")).unwrap();
    let (_, folder) = Folder::top(world.holder.path()).unwrap();
    for taken in ["taken", "link"] {
        let error = folder.rename_checked("a".as_ref(), taken.as_ref());
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
    folder.rename_checked("a".as_ref(), "b".as_ref()).unwrap();
    assert_eq!(world.names(), ["b", "link", "taken"]);
}

/// Makes so many folders, each in the one before, and a file in the last one.
fn deep(top: &Path, depth: usize) {
    fs::create_dir(top).unwrap();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY;
    let mut folder = rustix::fs::openat(CWD, top, flags, Mode::empty()).unwrap();
    for _ in 1..depth {
        rustix::fs::mkdirat(&folder, "d", Mode::RWXU).unwrap();
        folder = rustix::fs::openat(&folder, "d", flags, Mode::empty()).unwrap();
    }
    let flags = OFlags::WRONLY | OFlags::CREATE;
    rustix::fs::openat(&folder, "file", flags, Mode::RUSR).unwrap();
}

/// Runs an ignored test in a process of its own, as somebody else or with less than usual.
fn in_process(test: &str, command: &mut Command) {
    let program = std::env::current_exe().unwrap();
    let temp = tempdir().unwrap();
    fs::set_permissions(temp.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let copy = temp.path().join("tests");
    fs::copy(program, &copy).unwrap();
    let command = command
        .env("BKSCAN_TEST_PROGRAM", &copy)
        .env(
            "BKSCAN_TEST",
            format!("clean::remove::tests::on_unix::{test}"),
        )
        .env("TMPDIR", temp.path())
        .args([
            "-c",
            "ulimit -n 60 && \"$BKSCAN_TEST_PROGRAM\" --exact \"$BKSCAN_TEST\" --ignored",
        ]);
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{test}: {told}");
    assert!(told.contains("1 passed"), "{test} was not run: {told}");
}

#[test]
fn no_depth_is_too_deep() {
    in_process("deep_child", &mut Command::new("/bin/sh"));
}

#[test]
#[ignore = "run by no_depth_is_too_deep, with 60 open files at most"]
fn deep_child() {
    let world = World::new();
    for depth in [1, 16, 17, 18, 33, 100, 10_000] {
        deep(&world.path(NAME), depth);
        let found = world.holder.obstacle(NAME.as_ref()).unwrap();
        assert!(found.is_none(), "{depth}: {found:?}");
        let aside = world.set_aside(NAME);
        let removed = with_threads(2, || world.remove(&aside));
        assert_gone(&removed);
        assert_eq!((removed.files, removed.folders), (1, depth as u64));
    }
    // Deep and wide: what waits on a level is there again when the walk comes back up.
    let mut path = PathBuf::from(NAME);
    for _ in 0..40 {
        for side in 0..70 {
            fs::create_dir_all(world.path(&path).join(format!("side{side}"))).unwrap();
        }
        path.push("d");
    }
    assert!(world.holder.obstacle(NAME.as_ref()).unwrap().is_none());
    let aside = world.set_aside(NAME);
    let removed = with_threads(2, || world.remove(&aside));
    assert_gone(&removed);
    assert_eq!(removed.folders, 40 * 71);
}

#[test]
fn without_permission_the_rest_goes() {
    let mut shell = Command::new("/bin/sh");
    if is_root() {
        shell.uid(NOBODY).gid(NOBODY);
    }
    in_process("permission_child", &mut shell);
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
#[ignore = "run by without_permission_the_rest_goes, as somebody whom permissions bind"]
fn permission_child() {
    if is_root() {
        return skip("root may do everything");
    }
    let world = World::new();
    world.small();
    world.file("Snapshot/00/inner/x", 10);
    let closed = world.path(NAME).join("00");
    set_mode(&closed, 0o555);
    let found = world.holder.obstacle(NAME.as_ref()).unwrap().unwrap();
    assert_eq!(found.path, Path::new(NAME).join("00"));
    assert!(
        matches!(found.hindrance, Hindrance::NotWritable),
        "{found:?}"
    );

    let aside = world.set_aside(NAME);
    let removed = world.remove(&aside);
    assert!(!removed.gone && !removed.stopped);
    let told: Vec<&Path> = removed
        .failures
        .iter()
        .map(|(path, _)| path.as_path())
        .collect();
    let folder = Path::new(&aside).join("00");
    assert_eq!(told, [folder.join("00a"), folder.join("00b")]);
    assert_eq!(removed.failed, 2);
    for (_, error) in &removed.failures {
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    }
    // All but those two, and all folders but the two that hold them.
    assert_eq!((removed.files, removed.folders), (7, 5));
    set_mode(&world.path(&aside).join("00"), 0o755);
    let rest = world.remove(&aside);
    assert_gone(&rest);
    assert_eq!((rest.files, rest.folders), (2, 2));

    // A folder that cannot be read, in one that can be changed.
    world.small();
    set_mode(&world.path(NAME).join("00"), 0o000);
    let found = world.holder.obstacle(NAME.as_ref()).unwrap().unwrap();
    assert_eq!(found.path, Path::new(NAME).join("00"));
    let aside = world.set_aside(NAME);
    let removed = world.remove(&aside);
    assert_eq!((removed.failed, removed.gone), (1, false), "{removed:?}");
    assert_eq!(removed.failures[0].0, Path::new(&aside).join("00"));
    set_mode(&world.path(&aside).join("00"), 0o755);
    assert_gone(&world.remove(&aside));

    // The folder that holds backups: nothing is renamed.
    world.small();
    set_mode(&world.path(""), 0o555);
    let found = world.holder.obstacle(NAME.as_ref()).unwrap().unwrap();
    assert_eq!(found.path, Path::new(""));
    assert!(
        matches!(found.hindrance, Hindrance::NotWritable),
        "{found:?}"
    );
    let expected = world.identity(NAME);
    let refused = world.holder.set_aside(NAME.as_ref(), expected, &silent);
    assert!(
        matches!(refused, Err(NotSetAside::Failed(_))),
        "{refused:?}"
    );
    set_mode(&world.path(""), 0o755);
    assert_eq!(world.names(), [NAME]);
}

/// Sets or clears an attribute as chattr(1) does, from the end of a test on no more.
struct Attribute<'a>(&'static str, &'a Path);

impl<'a> Attribute<'a> {
    fn set(name: &'static str, path: &'a Path) -> Option<Attribute<'a>> {
        let on = format!("+{name}");
        match run("chattr", &[on.as_ref(), path.as_os_str()]) {
            Ok(()) => Some(Attribute(name, path)),
            Err(error) => {
                skip(&format!("chattr: {error}"));
                None
            }
        }
    }
}

impl Drop for Attribute<'_> {
    fn drop(&mut self) {
        let off = format!("-{}", self.0);
        let _ = run("chattr", &[off.as_ref(), self.1.as_os_str()]);
    }
}

#[test]
fn locked_files_and_folders_are_obstacles() {
    let world = World::new();
    world.small();
    for (attribute, says) in [
        ("i", "is locked against changes"),
        ("a", "is locked: it may only grow"),
    ] {
        for path in ["", NAME, "NAME/00", "NAME/00/00a", "NAME/Info.plist"] {
            let path = PathBuf::from(path.replace("NAME", NAME));
            let place = world.path(&path);
            let Some(_attribute) = Attribute::set(attribute, &place) else {
                return;
            };
            let found = world.holder.obstacle(NAME.as_ref()).unwrap().unwrap();
            assert_eq!(found.path, path);
            assert_eq!(found.hindrance.to_string(), says);
        }
    }
    assert!(world.holder.obstacle(NAME.as_ref()).unwrap().is_none());
}

#[test]
fn a_file_that_cannot_be_removed_leaves_only_its_parents() {
    let world = World::new();
    world.small();
    for number in 0..20 {
        world.file(&format!("x/y/z/{number:02}"), 10);
    }
    let aside = world.set_aside(NAME);
    let stuck = world.path(&aside).join("x/y/z/07");
    let Some(attribute) = Attribute::set("i", &stuck) else {
        return;
    };
    let removed = world.remove(&aside);
    assert!(!removed.gone && !removed.stopped);
    assert_eq!(removed.failed, 1, "{removed:?}");
    assert_eq!(removed.failures[0].0, Path::new(&aside).join("x/y/z/07"));
    assert_eq!((removed.files, removed.folders), (8 + 19, 5));
    drop(attribute);
    let rest = world.remove(&aside);
    assert_gone(&rest);
    assert_eq!((rest.files, rest.folders), (1, 4));
}

#[test]
fn while_status_plist_cannot_be_removed_all_stays() {
    let world = World::new();
    world.small();
    let aside = world.set_aside(NAME);
    let stuck = world.path(&aside).join("Status.plist");
    let Some(attribute) = Attribute::set("i", &stuck) else {
        return;
    };
    let removed = world.remove(&aside);
    assert_eq!(removed.failed, 1, "{removed:?}");
    assert_eq!(removed.failures[0].0, Path::new(&aside));
    assert_eq!((removed.files, removed.folders), (0, 0));
    drop(attribute);
    assert_gone(&world.remove(&aside));
}

#[test]
fn only_the_first_failures_are_kept_but_all_are_counted() {
    let world = World::new();
    for number in 0..30 {
        world.file(&format!("00/{number:02}"), 10);
    }
    world.file("01/other", 10);
    let aside = world.set_aside(NAME);
    let folder = world.path(&aside).join("00");
    let Some(attribute) = Attribute::set("i", &folder) else {
        return;
    };
    let removed = world.remove(&aside);
    assert_eq!((removed.failed, removed.failures.len()), (30, 10));
    assert_eq!((removed.files, removed.folders), (1, 1));
    drop(attribute);
    assert_gone(&world.remove(&aside));
}

#[test]
fn what_is_mounted_inside_is_an_obstacle_and_is_never_entered() {
    let world = World::new();
    world.small();
    let elsewhere = world.elsewhere();
    let cases: [(&[&str], &Path, &str, &str); 3] = [
        (
            &["--bind"],
            &elsewhere,
            "00/mount",
            "is mounted from elsewhere on the disk",
        ),
        (
            &["--bind"],
            &elsewhere.join("kept"),
            "00/00a",
            "is mounted from elsewhere on the disk",
        ),
        (
            &["-t", "tmpfs"],
            Path::new("none"),
            "Snapshot/ff",
            "is on another disk",
        ),
    ];
    for (options, source, place, says) in cases {
        if place == "00/mount" {
            fs::create_dir(world.path(NAME).join(place)).unwrap();
        }
        let Some(mounted) = Mounted::new(options, source, &world.path(NAME).join(place)) else {
            return;
        };
        let found = world.holder.obstacle(NAME.as_ref()).unwrap().unwrap();
        assert_eq!(found.path, Path::new(NAME).join(place));
        assert_eq!(found.hindrance.to_string(), says);
        drop(mounted);
        assert!(world.holder.obstacle(NAME.as_ref()).unwrap().is_none());
    }

    // Mounted after it was looked.
    let aside = world.set_aside(NAME);
    let place = world.path(&aside).join("00/mount");
    let Some(mounted) = Mounted::new(&["--bind"], &elsewhere, &place) else {
        return;
    };
    let removed = world.remove(&aside);
    assert!(!removed.gone);
    assert_eq!(removed.failed, 1, "{removed:?}");
    assert_eq!(removed.failures[0].0, Path::new(&aside).join("00/mount"));
    assert_eq!(removed.files, 8);
    world.assert_kept();
    drop(mounted);
    assert_gone(&world.remove(&aside));
    world.assert_kept();
}

#[test]
fn a_mount_in_place_of_the_folder_is_an_obstacle() {
    let world = World::new();
    world.small();
    let expected = world.identity(NAME);
    let Some(_mounted) = Mounted::new(&["--bind"], &world.elsewhere(), &world.path(NAME)) else {
        return;
    };
    let found = world.holder.obstacle(NAME.as_ref()).unwrap().unwrap();
    assert_eq!(found.path, Path::new(NAME));
    assert!(
        matches!(found.hindrance, Hindrance::MountPoint),
        "{found:?}"
    );
    for expected in [expected, world.identity(NAME)] {
        let refused = world.holder.set_aside(NAME.as_ref(), expected, &silent);
        assert!(refused.is_err(), "{refused:?}");
        let removed = world.holder.remove(NAME.as_ref(), expected, &silent);
        assert_eq!((removed.gone, removed.failed), (false, 1));
    }
    world.assert_kept();
}

#[test]
fn a_disk_that_can_only_be_read_is_an_obstacle() {
    let world = World::new();
    world.small();
    let backups = world.path("");
    let Some(mounted) = Mounted::new(&["--bind"], &backups, &backups) else {
        return;
    };
    if let Err(error) = run(
        "mount",
        &[
            "-o".as_ref(),
            "remount,bind,ro".as_ref(),
            backups.as_os_str(),
        ],
    ) {
        return skip(&format!("mount: {error}"));
    }
    let holder = Holder::open(&backups).unwrap();
    let found = holder.obstacle(NAME.as_ref()).unwrap().unwrap();
    assert_eq!(found.path, Path::new(""));
    assert!(matches!(found.hindrance, Hindrance::ReadOnly), "{found:?}");
    let expected = holder.identity(NAME.as_ref()).unwrap();
    let refused = holder.set_aside(NAME.as_ref(), expected, &silent);
    assert!(
        matches!(refused, Err(NotSetAside::Failed(_))),
        "{refused:?}"
    );
    drop(holder);
    drop(mounted);
    assert_eq!(world.names(), [NAME]);
}
