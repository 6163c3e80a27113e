//! What must hold of a backup that was mended, and of one that was refused.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha1::{Digest as _, Sha1};

use super::device_check::check;
use super::list::{List, Row};
use super::scene::{Scene, UDID};
use crate::harness::{Ended as _, NOW, Run, files, only_backup, program};

impl Scene {
    /// Has it planned and mended, and looks at the new one.
    pub fn is_mended(&self) {
        let planned = told(&self.mend(&self.to(), &["--plan"]));
        assert!(!self.to().exists(), "a plan made a folder");
        let run = self.mend(&self.to(), &[]);
        let mended = told(&run);
        let same = [
            "source",
            "udid",
            "payloads",
            "kept",
            "lost",
            "repairs",
            "needs_bytes",
        ];
        for key in same {
            assert_eq!(planned[key], mended[key], "{key} is planned otherwise");
        }
        assert_eq!([&planned["result"], &planned["verdict"]], [&Value::Null; 2]);
        self.is_as_told(&mended);
        assert_eq!(mended["source"], self.backup.display().to_string());
        let result = self.to().join(UDID);
        assert_eq!(mended["result"], result.display().to_string());
    }

    /// Looks at the new one, of which this was said.
    pub fn is_as_told(&self, mended: &Value) {
        assert_eq!(mended["verdict"], "complete", "{mended:#}");
        assert_eq!(mended["udid"], UDID);
        self.is_told(mended);
        let result = self.to().join(UDID);
        self.is_recorded(mended);
        self.is_complete(&result, &[]);
        self.holds_what_the_source_does(&result, mended);
        if let Some(also) = self.also {
            also(&result);
        }
    }

    /// It says what is lost and what was done, and no more.
    fn is_told(&self, mended: &Value) {
        let lost = &mended["lost"];
        let rows = lost["rows"].as_array().unwrap().iter();
        let name = |row: &Value| {
            let [domain, path, why] = ["domain", "path", "reason"].map(|key| word(&row[key]));
            (domain, path, why)
        };
        let found: BTreeSet<_> = rows.clone().map(name).collect();
        assert_eq!(found, self.lost, "{mended:#}");
        assert_eq!(lost["files"], self.lost.len(), "{mended:#}");
        let bytes = |row: &Value| row["bytes"].as_u64().unwrap_or(0);
        assert_eq!(lost["bytes"], rows.map(bytes).sum::<u64>(), "{mended:#}");
        let groups = lost["by_group"].as_array().unwrap();
        for key in ["files", "bytes"] {
            let sum: u64 = groups
                .iter()
                .map(|group| group[key].as_u64().unwrap())
                .sum();
            assert_eq!(lost[key], sum, "{key} by group: {mended:#}");
        }
        let repairs = mended["repairs"].as_array().unwrap();
        let kinds: Vec<String> = repairs.iter().map(|repair| word(&repair["kind"])).collect();
        let expected: Vec<&str> = self.repairs.iter().copied().collect();
        let sorted: BTreeSet<&str> = kinds.iter().map(String::as_str).collect();
        assert_eq!(
            sorted.into_iter().collect::<Vec<_>>(),
            expected,
            "{mended:#}"
        );
        assert_eq!(kinds.len(), expected.len(), "one is told twice: {mended:#}");
        for repair in repairs {
            assert!(repair["count"].as_u64() > Some(0), "{repair}");
            assert!(!word(&repair["message"]).is_empty(), "{repair}");
            if repair["kind"] == "rows-removed" {
                assert_eq!(repair["count"], self.lost.len(), "{repair}");
            }
        }
    }

    /// Beside the new one, and beside nothing else, the same stands in a file.
    fn is_recorded(&self, mended: &Value) {
        let record = format!("{UDID}.mended.json");
        let entries: BTreeSet<_> = fs::read_dir(self.to())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(entries, BTreeSet::from([UDID.to_owned(), record.clone()]));
        let record = fs::read_to_string(self.to().join(record)).unwrap();
        let record: Value = serde_json::from_str(&record).unwrap();
        assert_eq!(&record["mended"], mended);
    }

    /// By bkscan itself, to the end of each file; no warning but these.
    pub fn is_complete(&self, result: &Path, borne: &[&str]) {
        let mut command = program();
        command
            .arg(result)
            .args(["--json", "--now", NOW, "--level", "contents"]);
        if let Some(password) = self.era.password() {
            command.env("BKSCAN_PASSWORD", password);
        }
        let run: Run = command.ended().unwrap().into();
        assert_eq!(run.code, 0, "{run:#?}");
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let backup = only_backup(&document);
        assert_eq!(backup["verdict"], "complete", "{backup:#}");
        let findings = backup["findings"].as_array().unwrap();
        // What is only shorter stays, and so does what an app left damaged.
        let is_borne = |finding: &Value| {
            let known = ["padding-invalid", "app-database-damaged"];
            let mut known = known.iter().chain(borne);
            finding["severity"] == "note" || known.any(|id| finding["id"] == *id)
        };
        assert!(findings.iter().all(is_borne), "{backup:#}");
    }

    /// By the device: it lists what could be kept, each file is that of the source, byte for byte, and there is
    /// no other file.
    fn holds_what_the_source_does(&self, result: &Path, mended: &Value) {
        let list = check(result, self.era.password()).unwrap_or_else(|why| panic!("{why}"));
        let sorted = |rows: &[Row]| {
            let mut rows = rows.to_vec();
            rows.sort_by(|one, other| (&one.id, &one.path).cmp(&(&other.id, &other.path)));
            rows
        };
        let [is, must] = [sorted(&list.rows), sorted(&self.rows)];
        let names = |rows: &[Row]| rows.iter().map(|row| row.path.clone()).collect::<Vec<_>>();
        assert_eq!(names(&is), names(&must), "other rows");
        assert_eq!(is, must, "other records");
        let (count, bytes) = self.payloads(result, &list);
        assert_eq!(mended["kept"]["files"], count, "{mended:#}");
        assert_eq!(mended["kept"]["bytes"], bytes, "{mended:#}");
    }

    /// How many files of the list there are, and their bytes.
    fn payloads(&self, result: &Path, list: &List) -> (usize, u64) {
        let source = hashes(&self.backup);
        let places: BTreeMap<PathBuf, &Row> = list
            .rows
            .iter()
            .filter(|row| row.is_required)
            .map(|row| (result.join(list.place(row)), row))
            .collect();
        let metadata = ["Info.plist", "Status.plist", "Manifest.plist"];
        let lists = ["Manifest.mbdb", "Manifest.db"];
        let (mut count, mut bytes) = (0, 0);
        for file in files(result) {
            if let Some(row) = places.get(&file) {
                let content = fs::read(&file).unwrap();
                let hash = Sha1::digest(&content).to_vec();
                assert!(
                    source.contains(&hash),
                    "{} is nowhere in the source",
                    row.path
                );
                count += 1;
                bytes += content.len() as u64;
                continue;
            }
            let name = file.strip_prefix(result).unwrap().display().to_string();
            let is_known = metadata.iter().chain(&lists).any(|known| *known == name);
            assert!(is_known, "{name} is on no list");
        }
        (count, bytes)
    }

    /// Has it refused, with this exit code and these words on stderr, and nothing left behind.
    #[track_caller]
    pub fn is_refused(&self, code: i32, words: &str) {
        for more in [&["--plan"][..], &[]] {
            let run = self.mend(&self.to(), more);
            assert_eq!(run.code, code, "{more:?}: {run:#?}");
            assert!(
                run.stderr.contains(words),
                "{words:?} is not said: {run:#?}"
            );
            let left = files(&self.to());
            assert!(left.is_empty(), "{left:?} is left");
            assert!(!self.to().join(UDID).exists());
        }
    }
}

fn word(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value}"))
        .to_owned()
}

/// What a run that mended says as JSON.
#[track_caller]
pub fn told(run: &Run) -> Value {
    assert_eq!(run.code, 0, "{run:#?}");
    let mut document: Value = serde_json::from_str(&run.stdout).unwrap();
    document["mended"].take()
}

/// The SHA-1 of every file.
pub fn hashes(folder: &Path) -> BTreeSet<Vec<u8>> {
    let files = files(folder).into_iter().filter(|path| path.is_file());
    let hash = |path: PathBuf| Sha1::digest(fs::read(path).unwrap()).to_vec();
    files.map(hash).collect()
}
