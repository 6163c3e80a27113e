//! Other things in the place of our files.
#![cfg(unix)]

use std::fs;
use std::path::Path;

use super::StateFolder;
use super::lock::lock_name;

/// Puts something in the place of a file.
type Put<'a> = &'a dyn Fn(&Path);

#[test]
fn nothing_but_a_plain_file_of_our_own_is_written_or_read() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("target");
    let state = StateFolder::new(folder.path().to_owned());
    let begun = folder.path().join("begun.txt");
    let put: [(&str, Put<'_>); 4] = [
        ("a link", &|file| {
            std::os::unix::fs::symlink(&target, file).unwrap();
        }),
        ("a file with two names", &|file| {
            fs::hard_link(&target, file).unwrap();
        }),
        ("a folder", &|file| fs::create_dir(file).unwrap()),
        ("a FIFO", &|file| {
            let made = std::process::Command::new("mkfifo").arg(file).status();
            assert!(made.unwrap().success());
        }),
    ];
    for (what, put) in put {
        fs::write(&target, "begun 1 2\n").unwrap();
        let lock = folder.path().join(lock_name(Path::new("/b")));
        for file in [&begun, &folder.path().join("removals.jsonl"), &lock] {
            put(file);
        }
        assert!(state.record_begun((3, 4)).is_err(), "{what}");
        assert!(state.record_removal("{}").is_err(), "{what}");
        assert!(state.lock(Path::new("/b")).is_err(), "{what}");
        assert!(!state.has_begun((1, 2)), "{what}");
        assert_eq!(
            fs::read_to_string(&target).unwrap(),
            "begun 1 2\n",
            "{what}"
        );
        for entry in fs::read_dir(folder.path()).unwrap() {
            let path = entry.unwrap().path();
            let is_folder = path.symlink_metadata().unwrap().is_dir();
            match is_folder {
                true => fs::remove_dir(path).unwrap(),
                false => fs::remove_file(path).unwrap(),
            }
        }
    }
}
