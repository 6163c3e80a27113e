//! Everything hostile at once within 200 MiB, in debug and release builds.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::pages::{Value, database, leaf, long_row, overflow};
use super::{DAMAGE, Make, UDID, document, kinds, run_in_time, small};
use crate::harness::{NOW, alone};
use crate::support::{BackupBuilder, Row, payload_path, tree_digest};

/// A property list with an array of this many numbers.
fn long_list(count: usize) -> Vec<u8> {
    let numbers = "<true/>".repeat(count);
    let text = format!(
        "<?xml version=\"1.0\"?><plist version=\"1.0\"><dict><key>A</key><array>{numbers}</array></dict></plist>"
    );
    text.into_bytes()
}

/// Rows that each claim to be millions of bytes long, all of them the same few pages.
fn long_rows() -> Vec<u8> {
    let values = [
        Value::Text("a"),
        Value::Text("HomeDomain"),
        Value::Text("b"),
        Value::Small(1),
        Value::Claimed(8_000_000),
    ];
    let rows: Vec<_> = (1..4).map(|rowid| long_row(rowid, &values, 3)).collect();
    database(&[leaf(&rows), overflow(3)])
}

const DOMAINS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) \
    INSERT INTO Files SELECT printf('%040x', i), printf('AppDomain-%0245d', i), 'p', 1, NULL FROM n";

/// Makes all of it below one folder.
fn write_all(root: &std::path::Path) {
    let cases: [(&str, Make); 12] = [
        ("domains", || small().sql(DOMAINS)),
        ("damage", || small().sql(DAMAGE)),
        ("long name", || {
            small().device(&"A".repeat(3_000_000), "x", None, "1", "1")
        }),
        ("list", || small().raw("Info.plist", long_list(100_000))),
        ("deep list", || {
            small().raw("Info.plist", "<array>".repeat(500_000))
        }),
        ("endless list", || {
            small().raw("Status.plist", vec![b'<'; 3_000_000])
        }),
        ("long rows", || small().raw("Manifest.db", long_rows())),
        ("mbdb", || {
            small().mbdb().raw(
                "Manifest.mbdb",
                [&b"mbdb\x05\0"[..], &[0xff; 3_000_000]].concat(),
            )
        }),
        ("wal", || {
            small()
                .sql(DAMAGE)
                .raw("Manifest.db-wal", vec![7; 3_000_000])
        }),
        ("rows", || {
            small().sql(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 30000) \
                 INSERT INTO Files SELECT 'x' || i, NULL, NULL, 1, NULL FROM n",
            )
        }),
        ("large row", || {
            small().sql("INSERT INTO Files VALUES ('00', 'D', 'p', 1, zeroblob(20000000))")
        }),
        ("names", || {
            (0..300).fold(small(), |builder, number| {
                let path = format!("{number}{}", "\u{1b}".repeat(4000));
                builder.add(Row::file("HomeDomain", &path, b"x").no_payload())
            })
        }),
    ];
    for (name, make) in cases {
        make().folder_name(name).write(root);
    }
    let many = small().folder_name("many").write(root);
    for number in 0..500 {
        fs::create_dir(many.join(format!("folder {number}"))).unwrap();
    }
    fs::create_dir(many.join("aa")).unwrap();
    for number in 0..500 {
        fs::write(many.join("aa").join(format!("aa{number:038x}")), b"").unwrap();
    }
    let deep = small().folder_name("deep").write(root);
    make_deep(&deep.join("aa"));
    let holes = small().folder_name("holes").write(root);
    for (place, size) in [
        (holes.join("Info.plist"), 1_u64 << 40),
        (holes.join("Manifest.db-wal"), 1 << 40),
        (
            payload_path(&holes, super::PHOTO.0, super::PHOTO.1),
            1 << 43,
        ),
    ] {
        let file = fs::OpenOptions::new().create(true).append(true).open(place);
        file.unwrap().set_len(size).unwrap();
    }
    for name in ["Manifest.db", "Manifest.mbdb"] {
        let builder = BackupBuilder::new(UDID).bare().no_empty_shards();
        let path = builder.folder_name(&format!("hole {name}")).write(root);
        fs::remove_file(path.join("Manifest.db")).unwrap();
        let start = if name == "Manifest.db" {
            &b"SQLite format 3\0"[..]
        } else {
            b"mbdb\x05\0"
        };
        fs::write(path.join(name), start).unwrap();
        let file = fs::OpenOptions::new().write(true).open(path.join(name));
        file.unwrap().set_len(1 << 43).unwrap();
    }
    let odd = small().folder_name("odd").write(root);
    kinds::make_pipe(&odd.join("Snapshot"));
    fs::remove_file(odd.join("Status.plist")).unwrap();
    symlink("/dev/zero", odd.join("Status.plist")).unwrap();
}

/// Folders in folders, to a path that no call takes at once.
fn make_deep(top: &std::path::Path) {
    let script = "mkdir -p \"$1\" && cd \"$1\" && n=0 && while [ $n -lt 300 ]; do \
                  mkdir 0123456789abcdef0123456789abcdef && cd -P 0123456789abcdef0123456789abcdef; \
                  n=$((n + 1)); done";
    let made = Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(top)
        .status();
    assert!(made.unwrap().success());
}

/// What the others hold is compared, as in every other test; what is nearly all holes cannot be.
#[test]
fn nothing_of_a_deep_folder_changes() {
    let world = tempfile::tempdir().unwrap();
    let backup = small().write(world.path());
    make_deep(&backup.join("aa"));
    let before = tree_digest(world.path());
    let document = super::scan_only(world.path(), &[]);
    assert_eq!(tree_digest(world.path()), before);
    let judged = crate::harness::only_backup(&document);
    // A folder that could not be opened: never missing, never damage.
    assert_eq!(judged["verdict"], "unreadable");
    assert_eq!(document["exit_code"], 3);
    assert!(crate::harness::finding_ids(judged).contains("not-readable"));
}

mod slow {
    use super::*;

    #[test]
    #[ignore = "takes seconds: .ci/run runs it"]
    fn all_of_it_is_judged_within_200_mib() {
        let world = tempfile::tempdir().unwrap();
        write_all(world.path());
        for words in [&["--json"][..], &["clean", "--json", "--threads", "8"]] {
            let mut command = Command::new("sh");
            alone(&mut command).args(["-c", "ulimit -v 204800 && exec \"$@\"", "sh"]);
            command.arg(env!("CARGO_BIN_EXE_bkscan")).args(words);
            // The limit is on addresses, of which glibc sets 64 MiB aside for each thread.
            command.env("MALLOC_ARENA_MAX", "1");
            command.arg(world.path()).args(["--now", NOW]);
            let run = run_in_time(&mut command);
            // Of a cleaning nothing was asked that failed but for the folder that is too deep.
            let code = if words.contains(&"clean") { 3 } else { 2 };
            assert_eq!(run.code, code, "{words:?} {}", run.stderr);
            let document = document(&run);
            let backups = document["backups"].as_array().unwrap();
            assert_eq!(backups.len(), 18, "{words:?}");
        }
    }
}
