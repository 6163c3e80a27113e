//! A real iPhone's manifest, where there is one: `BKSCAN_REAL` names a folder with
//! `iphone7-ios14.3`, the sample that the public project mvt has among its tests. Nothing of it is
//! kept here.

use std::path::PathBuf;

use crate::harness::{finding, finding_ids, only_backup, scan};

#[test]
fn a_real_manifest_gives_the_figures_that_others_counted() {
    let Some(folder) = std::env::var_os("BKSCAN_REAL").map(PathBuf::from) else {
        #[expect(
            clippy::print_stderr,
            reason = "a run without the sample has not checked it"
        )]
        {
            eprintln!("BKSCAN_REAL is not set: no real manifest was looked at");
        }
        return;
    };
    let document = scan(&folder.join("iphone7-ios14.3"), &[]);
    let backup = only_backup(&document);
    assert_eq!(backup["verdict"], "incomplete");
    assert_eq!(
        finding_ids(backup),
        [
            "file-missing",
            "manifest-plist-missing",
            "orphan-file",
            "size-differs",
            "status-missing"
        ]
        .into()
    );
    assert_eq!(
        backup["manifest"],
        serde_json::json!({
            "records": 3721, "files": 1089, "directories": 2618, "symlinks": 14,
            "recorded_bytes": 182_028_381_u64,
        })
    );
    assert_eq!(finding(backup, "file-missing")["count"], 1079);
    assert_eq!(finding(backup, "size-differs")["count"], 9);
    let orphans = finding(backup, "orphan-file");
    assert_eq!(orphans["count"], 1);
    assert_eq!(
        orphans["examples"][0]["file_id"],
        "e794f6ffcc3c222535f47684a63d5178da3c4500"
    );
    assert_eq!(backup["device"]["product_type"], "iPhone9,3");
    assert_eq!(backup["device"]["ios_version"], "14.3");
    assert_eq!(backup["device"]["build_version"], "18C66");
}
