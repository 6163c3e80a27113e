//! Disks that cannot deliver what they hold, and disks that are full: real ones, mounted where only one
//! run sees them. Where nothing may be mounted, nothing is tried.

use super::ledger::judged;
use super::*;
use crate::harness::same_environment;
use crate::support::database;

/// Runs a script as root of a mount namespace of its own: `$1` is the program, and `scan` a scan of
/// `backups` at contents. `None`: nothing can be mounted here.
fn mounted(world: &World, password: Option<&str>, script: &str) -> Option<Run> {
    let script = format!(
        "program=$1
         scan() {{ \"$program\" backups --level contents --now {NOW} \"$@\"; }}
         {script}"
    );
    let usual = world.command_with(password);
    let mut command = Command::new("unshare");
    same_environment(&mut command, &usual);
    command.args("--mount --propagation private sh -c".split(' '));
    command.args([&script, "sh"]).arg(usual.get_program());
    let why = match command.current_dir(world.folder.path()).ended() {
        Ok(output) => match output.status.code() {
            Some(99) => format!(
                "nothing can be mounted: {}",
                String::from_utf8_lossy(&output.stderr)
            ),
            Some(1) if output.stdout.is_empty() => String::from_utf8_lossy(&output.stderr).into(),
            _ => return Some(output.into()),
        },
        Err(error) => format!("no unshare: {error}"),
    };
    skip(&why);
    None
}

/// The documents that several scans printed.
fn documents(run: &Run) -> Vec<Value> {
    let documents = serde_json::Deserializer::from_str(&run.stdout).into_iter();
    documents.map(Result::unwrap).collect()
}

const READ_ERROR: &str = "corrupt 2: error payload-read-error ×1";

/// A payload on a disk of its own that ends before the file does, as one whose last part has died: the
/// image below the file system is cut off there, and the kernel answers EIO. What SQLite cannot read
/// either is no damage within a database.
#[test]
fn a_disk_that_does_not_deliver_a_file() {
    let photos = ("CameraRollDomain", "Media/PhotoData/Photos.sqlite");
    let with = |builder: BackupBuilder| builder.file(photos.0, photos.1, &database());
    for (what, builder, name, password, bytes) in [
        ("a photo", phone(), PHOTO, None, 100_000),
        ("a setting", phone(), SETTING, None, 300),
        ("encrypted", encrypted(), PHOTO, PASS, 100_016),
        ("a database", with(phone()), photos, None, 45_056),
        (
            "the same, encrypted",
            with(encrypted()),
            photos,
            PASS,
            45_072,
        ),
    ] {
        let world = World::of(builder);
        let payload = world.payload(name);
        let payload = payload.to_str().unwrap();
        let script = format!(
            r#"
            dd if=/dev/zero of=image bs=1M count=8 2> /dev/null
            mkfs.ext4 -q -F -b 4096 -O ^has_journal image >&2 || exit 99
            mkdir disk && mount -o loop image disk || exit 99
            cp -p {payload} disk/payload
            umount disk
            set -- "$1" $(debugfs -R 'blocks /payload' image 2> /dev/null)
            [ $# -gt 1 ] || exit 99
            mount -o loop,ro image disk && mount --bind disk/payload {payload} || exit 99
            truncate -s $(($2 * 4096)) image
            cat {payload} > /dev/null 2>&1 && exit 99
            scan --json
            code=$?
            umount {payload} disk
            exit $code
            "#
        );
        let Some(run) = mounted(&world, password, &script) else {
            return;
        };
        assert_eq!(run.stderr, "", "{what}");
        let document = document(&run);
        assert_eq!(outcome(&document), READ_ERROR, "{what}");
        let backup = only_backup(&document);
        let told = finding(backup, "payload-read-error");
        assert_eq!((&told["count"], &told["bytes"]), (&json!(1), &json!(bytes)));
        assert_eq!(told["examples"][0]["path"], name.1);
        let [all, read] = ["all", "read"].map(|one| amount(backup, one)[0]);
        assert_eq!(read, all - 1, "{what}: {backup:#}");
    }
}

/// Fewer bytes than the file has, again and again: a file of the kernel's in place of a payload says to
/// be 4096 bytes long and delivers few.
#[test]
fn a_file_that_ends_too_early() {
    for name in [PHOTO, SETTING] {
        let world = World::of(phone().file(name.0, name.1, &bytes(4096)));
        let place = world.payload(name);
        let script = format!(
            "short=/sys/kernel/mm/transparent_hugepage/enabled
             [ \"$(stat -c %s $short)\" = 4096 ] || exit 99
             mount --bind $short '{}' || exit 99
             scan --json && exit 90
             scan --json",
            place.display()
        );
        let Some(run) = mounted(&world, None, &script) else {
            return;
        };
        let documents = documents(&run);
        assert_eq!((documents.len(), run.stderr.as_str()), (2, ""), "{run:?}");
        for document in documents {
            assert_eq!(outcome(&document), READ_ERROR);
        }
    }
}

/// Where there is no room for it, the ledger is what is lost, and for this run alone.
#[test]
fn a_full_disk_costs_only_the_ledger() {
    let world = World::new();
    let photo = world.payload(PHOTO);
    let small = "mkdir -p state/bkscan
         mount -t tmpfs -o size=256k none state/bkscan || exit 99
         fill() { cat /dev/zero > state/bkscan/filler 2> /dev/null; }";
    // From the start.
    let script = format!(
        "{small}
         fill; scan --json; code=$?; scan --quiet > quiet 2>&1; exit $code"
    );
    let Some(run) = mounted(&world, None, &script) else {
        return;
    };
    let expected = world.run([SCAN, &["--no-state"]].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(judged(&run), judged(&expected));
    assert!((1..=2).contains(&run.stderr.lines().count()), "{run:?}");
    assert_eq!(fs::read_to_string(world.path("quiet")).unwrap(), "");

    // Later, at once and in the middle of learning: with room again it goes on where it was.
    let many = (0..2000).fold(bare().folder_name(IPAD), |builder, number| {
        builder.file(CHAT.0, &format!("Documents/{number}"), &bytes(10))
    });
    many.write(&world.path("more"));
    let script = format!(
        "{small}
         flip() {{
             touch -r '{photo}' time
             printf {byte} | dd of='{photo}' conv=notrunc 2> /dev/null
             touch -r time '{photo}'
         }}
         scan > /dev/null || exit 90
         fill
         flip
         scan --json
         more() {{ \"$program\" more --level contents --now {NOW} --json; }}
         more || exit 92
         truncate -s -16k state/bkscan/filler
         more || exit 93
         rm state/bkscan/filler
         scan --json; [ $? = 2 ] || exit 94
         exit 0",
        photo = photo.display(),
        byte = "x"
    );
    let run = mounted(&world, None, &script).unwrap();
    assert_eq!(run.code, 0, "{run:?}");
    let documents = documents(&run);
    let outcomes: Vec<_> = documents.iter().map(outcome).collect();
    assert_eq!(outcomes[1..], [WELL, WELL, CHANGED], "{run:?}");
    // A full disk may cost the ledger, but then that is told.
    if outcomes[0] != CHANGED {
        assert_eq!(outcomes[0], WELL);
        assert!(not_checked(only_backup(&documents[0])).contains_key("content-changed"));
    }
    // The runs on the full disk are told of, those with room are not.
    assert!((2..=6).contains(&run.stderr.lines().count()), "{run:?}");
}
