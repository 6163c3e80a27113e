//! Puts a backup on the disk.

use std::collections::{HashMap, HashSet};
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use plist::{Dictionary, Value};
use sha2::{Digest as _, Sha256};

use super::mbfile::binary;
use super::row::{Resolved, Row};
use super::setup::{Encryption, Format, Setup};
use super::{BackupBuilder, Change, Edit, PayloadChange};
use super::{cipher, mbdb, names, noise, plists, population, sqlite};

/// Writes all files of a backup into a new folder below `parent`.
pub fn write(mut builder: BackupBuilder, parent: &Path) -> PathBuf {
    let root = parent.join(&builder.folder_name);
    let snapshot = builder.snapshot.take();
    let mtime = builder.mtime.unwrap_or(builder.setup.date);
    fs::create_dir_all(parent).expect("the parent folder");
    fs::create_dir(&root).expect("a backup folder that is not there yet");

    write_payloads(&mut builder, &root);
    write_plists(&mut builder, &root);
    if let Some(uploaded) = snapshot {
        write_snapshot(*uploaded, &root);
    }
    apply_overrides(&builder, &root);
    set_mtimes(&root, SystemTime::from(mtime));
    root
}

fn write_payloads(builder: &mut BackupBuilder, root: &Path) {
    let stream = builder.stream.take();
    let setup = &builder.setup;
    if setup.format == Format::Db && builder.empty_shards {
        for shard in shards() {
            fs::create_dir(root.join(shard)).expect("a shard folder");
        }
    }
    let rows = all_rows(builder);
    let resolved: Vec<Resolved> = rows.iter().map(|row| row.resolve(setup)).collect();
    for row in &resolved {
        write_payload(setup, root, row);
    }
    let streamed = stream.into_iter().flatten().map(|row| {
        let row = row.resolve(setup);
        write_payload(setup, root, &row);
        row
    });
    write_manifest(builder, &rows, &resolved, streamed, root);
    for change in &builder.payload_changes {
        apply_change(setup, root, change, &resolved);
    }
}

fn write_payload(setup: &Setup, root: &Path, row: &Resolved) {
    if let (Some(name), Some(bytes)) = (&row.stored_id, &row.payload) {
        write_file(&place(setup, root, name), bytes);
    }
}

/// Gives all rows, each after those of the folders above it.
fn all_rows(builder: &BackupBuilder) -> Vec<Row> {
    let mut explicit: Vec<Row> = Vec::new();
    let mut positions: HashMap<(String, Vec<u8>), usize> = HashMap::new();
    let usual = if builder.bare {
        Vec::new()
    } else {
        population::rows(&builder.setup)
    };
    for row in usual.into_iter().chain(builder.rows.iter().cloned()) {
        match positions.get(&(row.domain.clone(), row.path.clone())) {
            Some(&position) => explicit[position] = row,
            None => {
                positions.insert((row.domain.clone(), row.path.clone()), explicit.len());
                explicit.push(row);
            }
        }
    }
    for (domain, path, padding) in &builder.paddings {
        let position = positions.get(&(domain.clone(), path.clone().into_bytes()));
        let position = *position.unwrap_or_else(|| panic!("no row for {domain} {path}"));
        explicit[position].padding = *padding;
    }
    let mut seen: HashSet<(String, Vec<u8>)> = positions.into_keys().collect();
    let mut rows = Vec::new();
    for row in explicit {
        if row.parents {
            for folder in folders_above(&row.path) {
                if seen.insert((row.domain.clone(), folder.to_vec())) {
                    rows.push(Row::directory(&row.domain, "").raw_path(folder));
                }
            }
        }
        rows.push(row);
    }
    rows
}

/// Gives the domain root and every folder on the way; nothing for the root itself.
fn folders_above(path: &[u8]) -> Vec<&[u8]> {
    if path.is_empty() {
        return Vec::new();
    }
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    let mut folders = vec![&path[..0]];
    folders.extend(slashes.map(|(at, _)| &path[..at]).filter(|p| !p.is_empty()));
    folders
}

fn write_manifest(
    builder: &BackupBuilder,
    rows: &[Row],
    resolved: &[Resolved],
    mut streamed: impl Iterator<Item = Resolved>,
    root: &Path,
) {
    let setup = &builder.setup;
    let is_noise = setup.encryption == Encryption::Current && setup.password.is_none();
    assert!(
        setup.format == Format::Db && !is_noise || builder.statements.is_empty(),
        "sql() needs a Manifest.db that is not noise"
    );
    if setup.format == Format::Mbdb {
        assert!(
            rows.iter().all(Row::fits_mbdb),
            "Manifest.mbdb has no flags, no NULL and no file column"
        );
        assert!(
            setup.encryption != Encryption::Ios10_0,
            "iOS 10 writes no Manifest.mbdb"
        );
        assert!(streamed.next().is_none(), "stream() needs a Manifest.db");
        let mut manifest = mbdb::manifest_mbdb(resolved);
        flip(&mut manifest, &builder.manifest_flips);
        write_file(&root.join("Manifest.mbdb"), &manifest);
        return;
    }
    let mut properties = Vec::new();
    if setup.encryption == Encryption::Ios10_0 {
        // A SHA-256; the salt's length is not known, it is taken to be that of the key bag's.
        let salt = noise::bytes(&format!("properties salt {}", setup.udid), 20);
        let hash = match &setup.password {
            Some(password) => Sha256::digest([password, &salt[..]].concat()).to_vec(),
            None => noise::bytes(&format!("properties hash {}", setup.udid), 32),
        };
        properties.push(("salt", salt));
        properties.push(("passwordHash", hash));
    }
    let mut db = sqlite::manifest_db(resolved, streamed, &properties, &builder.statements);
    if setup.encryption == Encryption::Current {
        db = match setup.password {
            Some(_) => {
                let key = cipher::manifest_key(setup);
                cipher::encrypted(&key, &db, setup.manifest_padding)
            }
            None => noise::ciphertext("Manifest.db", &db),
        };
    }
    flip(&mut db, &builder.manifest_flips);
    write_file(&root.join("Manifest.db"), &db);
}

fn apply_change(setup: &Setup, root: &Path, change: &PayloadChange, rows: &[Resolved]) {
    let PayloadChange {
        domain,
        path,
        change,
    } = change;
    let row = rows
        .iter()
        .find(|row| row.facts.domain == *domain && row.facts.path == path.as_bytes())
        .unwrap_or_else(|| panic!("no row for {domain} {path}"));
    let name = row.stored_id.as_ref().expect("a fileID of 40 hex digits");
    let place = place(setup, root, name);
    match change {
        Change::Remove => fs::remove_file(&place).expect("a payload to remove"),
        Change::Replace(bytes) => write_file(&place, bytes),
        Change::Flip(at) => {
            let mut bytes = fs::read(&place).expect("a payload to damage");
            flip(&mut bytes, &[*at]);
            write_file(&place, &bytes);
        }
        Change::Length(length) => {
            let file = OpenOptions::new().write(true).open(&place);
            file.and_then(|file| file.set_len(*length))
                .expect("a payload to cut or to lengthen");
        }
    }
}

/// Flips the lowest bit of the bytes at these places.
fn flip(bytes: &mut [u8], places: &[usize]) {
    for at in places {
        bytes[*at] ^= 1;
    }
}

fn write_plists(builder: &mut BackupBuilder, root: &Path) {
    let info = edited(plists::info(&builder.setup), &mut builder.info_edits);
    let status = edited(plists::status(&builder.setup), &mut builder.status_edits);
    let manifest = edited(
        plists::manifest(&builder.setup),
        &mut builder.manifest_edits,
    );
    let mut xml = Vec::new();
    info.to_writer_xml(&mut xml)
        .expect("a Vec takes all that is written");
    write_file(&root.join("Info.plist"), &xml);
    write_file(&root.join("Status.plist"), &binary(&status));
    write_file(&root.join("Manifest.plist"), &binary(&manifest));
}

fn edited(mut plist: Dictionary, edits: &mut Vec<Edit>) -> Value {
    for edit in edits.drain(..) {
        edit(&mut plist);
    }
    Value::Dictionary(plist)
}

fn write_snapshot(mut uploaded: BackupBuilder, root: &Path) {
    "Snapshot".clone_into(&mut uploaded.folder_name);
    let snapshot = write(uploaded, root);
    for name in ["Info.plist", "Status.plist"] {
        fs::remove_file(snapshot.join(name)).expect("a plist that was just written");
    }
}

fn apply_overrides(builder: &BackupBuilder, root: &Path) {
    for relative in &builder.without {
        let path = root.join(relative);
        let removed = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        removed.unwrap_or_else(|error| panic!("{relative} is there to be removed: {error}"));
    }
    for (relative, bytes) in &builder.raw {
        write_file(&root.join(relative), bytes);
    }
    if !builder.empty_shards {
        for shard in shards() {
            // Refused where the folder holds something or is not there, as it should be.
            let _ = fs::remove_dir(root.join(shard));
        }
    }
}

fn set_mtimes(folder: &Path, time: SystemTime) {
    for entry in fs::read_dir(folder).expect("a folder just made") {
        let path = entry.expect("an entry of a folder just made").path();
        if path.is_dir() {
            set_mtimes(&path, time);
        } else {
            let file = OpenOptions::new().write(true).open(&path);
            file.and_then(|file| file.set_modified(time))
                .expect("a file just made");
        }
    }
}

/// Gives the place of a payload (F§8).
fn place(setup: &Setup, root: &Path, name: &str) -> PathBuf {
    match setup.format {
        Format::Db => root.join(&name[..2]).join(name),
        Format::Mbdb => root.join(name),
    }
}

fn shards() -> impl Iterator<Item = String> {
    (0..=u8::MAX).map(|shard| names::hex(&[shard]))
}

fn write_file(path: &Path, bytes: &[u8]) {
    let folder = path.parent().expect("a file lies in a folder");
    fs::create_dir_all(folder).expect("the folder of a file");
    fs::write(path, bytes).expect("a file of the backup");
}
