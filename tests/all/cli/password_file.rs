//! A password file that somebody else could have written is none.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use crate::harness::{Ended as _, NOW, Run, program};
use crate::support::{BackupBuilder, empty_folder};

const PHONE: &str = "00008130-000A1C2E3F40801E";

/// A backup without a password beside a password file, which nobody needs: what is wrong with the file is said
/// all the same.
fn run(folder: &Path, environment: &[(&str, &str)]) -> Run {
    let mut command = program();
    command
        .current_dir(folder)
        .envs(environment.iter().copied());
    command.args(["Backup", "--now", NOW, "--password-file", "word"]);
    command.ended().expect("the program starts").into()
}

fn written(folder: &Path) -> std::path::PathBuf {
    BackupBuilder::new(PHONE).write(&folder.join("Backup"));
    let file = folder.join("word");
    fs::write(&file, "correct horse\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file
}

#[test]
fn a_file_that_others_can_write_is_refused() {
    let folder = empty_folder();
    let file = written(folder.path());
    for mode in [0o620, 0o602, 0o622] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let run = run(folder.path(), &[]);
        assert_eq!(
            (run.code, run.stderr.as_str()),
            (
                64,
                format!(
                    "bkscan: the password file word was not used, because others can write it (mode \
                     {mode:o}); make it yours alone: chmod 600 word\n"
                )
                .as_str()
            )
        );
        assert_eq!(run.stdout, "");
    }
}

/// Only root can give a file away.
#[test]
fn a_file_of_another_user_is_refused() {
    let folder = empty_folder();
    let file = written(folder.path());
    if chown(&file, Some(4321), None).is_err() {
        return;
    }
    let refused = "bkscan: the password file word was not used, because it belongs to another user \
                   (number 4321); name a file of your own\n";
    for environment in [&[][..], &[("SUDO_UID", "1234")], &[("SUDO_UID", "x")]] {
        let run = run(folder.path(), environment);
        assert_eq!((run.code, run.stderr.as_str()), (64, refused));
    }
    // Root works for the one whose file it is.
    let run = run(folder.path(), &[("SUDO_UID", "4321")]);
    assert!(!run.stderr.contains("was not used"), "{run:?}");
    assert_eq!(run.code, 0, "{run:?}");
}
