//! Disks of every kind, mounted where only one run sees them. Where nothing may be mounted, nothing is tried.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::mended::told;
use super::scene::{Era, NOTE, Scene, UDID};
use crate::harness::{Ended as _, Run, same_environment};
use crate::support::tree_digest;

/// What the run must come to.
enum End {
    /// It is mended, and the payloads got there in this way.
    Mended(&'static str),
    /// It ends with this code and these words.
    Refused(i32, &'static str),
    /// The same, and what was begun is left under a name that nobody takes for a backup.
    BrokenOff(i32, &'static str),
}

/// A disk, by what mounts it at `$disk`, and whether the backup lies on it, too.
struct Disk {
    what: &'static str,
    mount: &'static str,
    holds_the_backup: bool,
    options: &'static [&'static str],
    end: End,
}

const TMPFS: &str = "mount -t tmpfs -o size=64m none \"$disk\"";
const SMALL: &str = "mount -t tmpfs -o size=64k none \"$disk\"";
const EXT4: &str =
    "truncate -s 64M image && mkfs.ext4 -q -F image && mount -o loop image \"$disk\"";
const XFS: &str =
    "truncate -s 400M image && mkfs.xfs -q -m reflink=1 image && mount -o loop image \"$disk\"";
const BTRFS: &str =
    "truncate -s 200M image && mkfs.btrfs -q image && mount -o loop image \"$disk\"";
const EXFAT: &str = "truncate -s 64M image && mkfs.exfat image && device=$(losetup -f --show image) \
                     && mount.exfat-fuse \"$device\" \"$disk\"";
/// The kernel's own: what a folder holds is lost when `fusefat` gives it another name.
const FAT: &str = "truncate -s 64M image && mkfs.vfat -F 32 image && mount -o loop image \"$disk\"";

fn disk(what: &'static str, mount: &'static str, end: End) -> Disk {
    Disk {
        what,
        mount,
        holds_the_backup: false,
        options: &[],
        end,
    }
}

impl Disk {
    fn with_the_backup(self) -> Disk {
        Disk {
            holds_the_backup: true,
            ..self
        }
    }

    fn linking(self) -> Disk {
        Disk {
            options: &["--link"],
            ..self
        }
    }

    /// Mends to it; says why it cannot be tried here.
    fn try_it(&self) -> Result<(), String> {
        let mut scene = Scene::new(Era::Open);
        fs::remove_file(scene.place(NOTE)).unwrap();
        scene.loses(NOTE, "file-missing");
        let before = tree_digest(&scene.backup);
        let run = self.run(&scene)?;
        assert_eq!(tree_digest(&scene.backup), before, "{}", self.what);
        match self.end {
            End::Mended(payloads) => {
                let mended: Value = told(&run);
                assert_eq!(mended["payloads"], payloads, "{}", self.what);
                scene.is_as_told(&mended);
            }
            End::Refused(code, words) | End::BrokenOff(code, words) => {
                assert_eq!(run.code, code, "{}: {run:#?}", self.what);
                assert!(run.stderr.contains(words), "{}: {run:#?}", self.what);
                let begun = scene.to().join(format!(".bkscan-mending-{UDID}"));
                let may_be_left = matches!(self.end, End::BrokenOff(..));
                let mut left = crate::harness::files(&scene.to());
                left.retain(|path| !(may_be_left && path.starts_with(&begun)));
                assert!(left.is_empty(), "{}: {left:?}", self.what);
            }
        }
        Ok(())
    }

    /// Runs it in a mount namespace of its own, and copies what came of it to where the scene looks for it.
    fn run(&self, scene: &Scene) -> Result<Run, String> {
        let usual = scene.command(&scene.to());
        let script = format!(
            r#"
            disk=$PWD/disk backup=$2 device=
            seen() {{ (cd "$backup" && find . -printf '%P %y %m %s %T@\n' | sort && cat $(find . -type f | sort)) | sha1sum; }}
            mkdir disk
            {{ {mount}; }} >&2 || exit 99
            if {holds_the_backup}; then
                cp -r --preserve=timestamps "$backup" disk/ && backup=$disk/${{backup##*/}} || exit 99
                before=$(seen)
            fi
            "$1" mend "$backup" --to disk/to --json --now {now} {options}
            code=$?
            if {holds_the_backup} && [ "$before" != "$(seen)" ]; then
                echo "the backup on the disk is another one" >&2
                code=98
            fi
            [ ! -d disk/to ] || cp -r --preserve=timestamps disk/to "$3"
            sync
            umount disk >&2 || exit 99
            [ -z "$device" ] || losetup -d "$device"
            exit $code
            "#,
            mount = self.mount,
            holds_the_backup = self.holds_the_backup,
            now = crate::harness::NOW,
            options = self.options.join(" "),
        );
        let mut command = Command::new("unshare");
        same_environment(&mut command, &usual);
        command.args("--mount --propagation private sh -c".split(' '));
        command.args([&script, "sh"]).arg(usual.get_program());
        command.arg(&scene.backup).arg(scene.to());
        let output = command.current_dir(scene.all()).ended();
        let output = output.map_err(|error| format!("no unshare: {error}"))?;
        match output.status.code() {
            Some(99) => Err(String::from_utf8_lossy(&output.stderr).into()),
            Some(1) if output.stdout.is_empty() && output.stderr.starts_with(b"unshare") => {
                Err(String::from_utf8_lossy(&output.stderr).into())
            }
            _ => Ok(output.into()),
        }
    }
}

fn try_all(disks: impl IntoIterator<Item = Disk>) {
    for disk in disks {
        if let Err(why) = disk.try_it() {
            skip(disk.what, &why);
        }
    }
}

#[expect(clippy::print_stderr, reason = "what was not tried is said")]
fn skip(what: &str, why: &str) {
    eprintln!("{what} was not tried here: {why}");
}

#[test]
fn in_memory() {
    try_all([
        disk("another disk", TMPFS, End::Mended("copied")),
        disk("the same disk", TMPFS, End::Mended("linked"))
            .with_the_backup()
            .linking(),
        disk("links to another disk", TMPFS, End::Refused(2, "same disk")).linking(),
        disk(
            "a disk without room",
            SMALL,
            End::Refused(2, "are free on its disk"),
        ),
        disk(
            "a disk that takes nothing",
            "mount -t tmpfs -o ro none \"$disk\"",
            End::Refused(2, "Read-only"),
        ),
    ]);
}

/// The source is where nobody can write.
#[test]
fn from_a_disk_that_takes_nothing() {
    let mount = "mount -t tmpfs none \"$disk\" && mount --bind \"$backup\" \"$backup\" \
                 && mount -o remount,ro,bind \"$backup\"";
    try_all([disk(
        "a source that takes nothing",
        mount,
        End::Mended("copied"),
    )]);
}

mod slow {
    use super::*;

    #[test]
    #[ignore = "makes file systems: .ci/run runs it"]
    fn on_disks_of_many_kinds() {
        try_all([
            disk("ext4", EXT4, End::Mended("copied")).with_the_backup(),
            disk("ext4, linking", EXT4, End::Mended("linked"))
                .with_the_backup()
                .linking(),
            disk("xfs", XFS, End::Mended("cloned")).with_the_backup(),
            disk("from another disk to xfs", XFS, End::Mended("copied")),
            disk("btrfs", BTRFS, End::Mended("cloned")).with_the_backup(),
            disk("exFAT", EXFAT, End::Mended("copied")),
            disk("exFAT with both", EXFAT, End::Mended("copied")).with_the_backup(),
            disk("exFAT, linking", EXFAT, End::BrokenOff(2, "link"))
                .with_the_backup()
                .linking(),
            disk("FAT", FAT, End::Mended("copied")),
        ]);
    }
}
