//! Everything hostile at once within 200 MiB, in debug and release builds.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::pages::{Value, database, leaf, long_row, overflow};
use super::{DAMAGE, PHOTO, UDID, document, kinds, run_in_time, scan_only, small};
use crate::harness::{NOW, alone, finding_ids, only_backup};
use crate::support::{BackupBuilder, Row, empty_folder, payload_path, tree_digest};

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
    use Value::{Claimed, Small, Text};
    let values = [
        Text("a"),
        Text("HomeDomain"),
        Text("b"),
        Small(1),
        Claimed(8_000_000),
    ];
    let rows: Vec<_> = (1..4).map(|rowid| long_row(rowid, &values, 3)).collect();
    database(&[leaf(&rows), overflow(3)])
}

const DOMAINS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) \
    INSERT INTO Files SELECT printf('%040x', i), printf('AppDomain-%0245d', i), 'p', 1, NULL FROM n";

const ROWS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 30000) \
    INSERT INTO Files SELECT 'x' || i, NULL, NULL, 1, NULL FROM n";
const LARGE_ROW: &str = "INSERT INTO Files VALUES ('00', 'D', 'p', 1, zeroblob(20000000))";

/// Makes the file this long, with a hole at its end.
fn set_len(path: &Path, len: u64) {
    let file = fs::OpenOptions::new().create(true).append(true).open(path);
    file.unwrap().set_len(len).unwrap();
}

/// Makes all of it below one folder.
fn write_all(root: &Path) {
    let long_name = "A".repeat(3_000_000);
    let deep_list = "<array>".repeat(500_000);
    let endless = vec![b'<'; 3_000_000];
    let mbdb = [&b"mbdb\x05\0"[..], &[0xff; 3_000_000]].concat();
    let damaged = small().sql(DAMAGE);
    let names = (0..300).fold(small(), |builder, number| {
        let path = format!("{number}{}", "\u{1b}".repeat(4000));
        builder.add(Row::file("HomeDomain", &path, b"x").no_payload())
    });
    for (name, builder) in [
        ("domains", small().sql(DOMAINS)),
        ("damage", small().sql(DAMAGE)),
        ("long name", small().device(&long_name, "x", None, "1", "1")),
        ("list", small().raw("Info.plist", long_list(100_000))),
        ("deep list", small().raw("Info.plist", deep_list)),
        ("endless list", small().raw("Status.plist", endless)),
        ("long rows", small().raw("Manifest.db", long_rows())),
        ("mbdb", small().mbdb().raw("Manifest.mbdb", mbdb)),
        ("wal", damaged.raw("Manifest.db-wal", vec![7; 3_000_000])),
        ("rows", small().sql(ROWS)),
        ("large row", small().sql(LARGE_ROW)),
        ("names", names),
    ] {
        builder.folder_name(name).write(root);
    }
    let many = small().folder_name("many").write(root);
    fs::create_dir(many.join("aa")).unwrap();
    for number in 0..500 {
        fs::create_dir(many.join(format!("folder {number}"))).unwrap();
        fs::write(many.join("aa").join(format!("aa{number:038x}")), b"").unwrap();
    }
    let deep = small().folder_name("deep").write(root);
    make_deep(&deep.join("aa"));
    let holes = small().folder_name("holes").write(root);
    set_len(&holes.join("Info.plist"), 1 << 40);
    set_len(&holes.join("Manifest.db-wal"), 1 << 40);
    set_len(&payload_path(&holes, PHOTO.0, PHOTO.1), 1 << 43);
    for (name, start) in [
        ("Manifest.db", &b"SQLite format 3\0"[..]),
        ("Manifest.mbdb", b"mbdb\x05\0"),
    ] {
        let builder = BackupBuilder::new(UDID).bare().no_empty_shards();
        let path = builder.folder_name(&format!("hole {name}")).write(root);
        fs::remove_file(path.join("Manifest.db")).unwrap();
        fs::write(path.join(name), start).unwrap();
        set_len(&path.join(name), 1 << 43);
    }
    let odd = small().folder_name("odd").write(root);
    kinds::make_pipe(&odd.join("Snapshot"));
    fs::remove_file(odd.join("Status.plist")).unwrap();
    symlink("/dev/zero", odd.join("Status.plist")).unwrap();
}

/// Folders in folders, to a path that no call takes at once.
fn make_deep(top: &Path) {
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
    let world = empty_folder();
    let backup = small().write(world.path());
    make_deep(&backup.join("aa"));
    let before = tree_digest(world.path());
    let document = scan_only(world.path(), &[]);
    assert_eq!(tree_digest(world.path()), before);
    let judged = only_backup(&document);
    // A folder that could not be opened: never missing, never damage.
    assert_eq!(judged["verdict"], "unreadable");
    assert_eq!(document["exit_code"], 3);
    assert!(finding_ids(judged).contains("not-readable"));
}

mod slow {
    use super::*;

    #[test]
    #[ignore = "takes seconds: .ci/run runs it"]
    fn all_of_it_is_judged_within_200_mib() {
        let world = empty_folder();
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
