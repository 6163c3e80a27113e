//! The one door to the manifest formats: looks at the file that is there, not at the iOS version.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read};
use std::path::Path;

use crate::crypto::{ClassKeys, KeyError};
use crate::facts::telephone;
use crate::model::progress::Monitor;
use crate::model::{
    FileId, Keybag, KeybagState, Manifest, ManifestFormat, ManifestPlist, Metadata, PayloadKey,
};
use crate::system;

use super::database::{Database, DatabaseError, is_sqlite};
use super::file_names::{Names, shortened};
use super::row::Row;
use super::wanted::Wanted;
use super::{manifest_db, manifest_mbdb, plist};

/// Larger ones are not read; a million records take about 200 MB.
const MBDB_LIMIT: u64 = 1 << 30;

/// What a manifest's header promises.
#[expect(clippy::large_enum_variant, reason = "there is one a backup")]
pub enum Header {
    /// Its rows can be read. `opaque`: their blobs cannot (contract §4 rule 3).
    Readable {
        /// How.
        format: ManifestFormat,
        /// Whether blobs are encrypted, or may be.
        opaque: bool,
    },
    /// They cannot, or need not; this is what is known.
    Settled(Manifest),
}

/// Looks at the header, the keybag, and the size of an encrypted manifest (F§5, F§11.4).
pub fn look(metadata: &Metadata) -> Header {
    let in_cloud = |name| metadata.in_cloud.contains(&name);
    let is_away = match metadata.manifest_file {
        Some((name, _)) => in_cloud(name),
        None => in_cloud("Manifest.db") || in_cloud("Manifest.mbdb"),
    };
    if is_away {
        return Header::Settled(Manifest::BeyondReader(plist::IN_CLOUD.to_owned()));
    }
    let Some((name, format)) = metadata.manifest_file else {
        let denied = metadata.denied.iter().find(|(path, _)| is_manifest(path));
        return Header::Settled(match denied {
            Some((_, why)) => Manifest::Denied(why.clone()),
            None => Manifest::Missing,
        });
    };
    let path = metadata.folder.join(name);
    let (magic, size) = match first_bytes(&path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::InvalidInput || is_link(&path) => {
            return Header::Settled(Manifest::Unreadable("it is not a regular file".to_owned()));
        }
        Err(error) if system::is_absence(&error) => return Header::Settled(Manifest::Missing),
        Err(error) => return Header::Settled(Manifest::Denied(system::in_words(&error))),
    };
    let plist = metadata.manifest_plist.value();
    let encrypted = plist.is_some_and(ManifestPlist::encrypted);
    let is_plain_database = format == ManifestFormat::Sqlite && is_sqlite(&magic);
    // Contract §4 rule 11: what can be read needs no key.
    if let Some(plist) = plist.filter(|plist| plist.encrypted() && !is_plain_database)
        && let Some(why) = keys_unusable(plist, format == ManifestFormat::Sqlite)
    {
        return Header::Settled(Manifest::Unreadable(why));
    }
    match format {
        ManifestFormat::Mbdb => match magic.as_slice() {
            _ if size > MBDB_LIMIT => Header::Settled(Manifest::BeyondReader(format!(
                "it has {size} bytes, far beyond normal"
            ))),
            [b'm', b'b', b'd', b'b', 5, _, ..] => Header::Readable {
                format,
                opaque: false,
            },
            b"mbdb" | b"mbdb\x05" => {
                Header::Settled(Manifest::Unreadable("it ends within its header".to_owned()))
            }
            [b'm', b'b', b'd', b'b', version, ..] => Header::Settled(Manifest::BeyondReader(
                format!("it is of version {version}, and only version 5 is known"),
            )),
            _ => Header::Settled(Manifest::Unreadable(
                "it does not begin like one".to_owned(),
            )),
        },
        ManifestFormat::Sqlite if is_plain_database => Header::Readable {
            format,
            opaque: encrypted,
        },
        // Contract §4 rule 2: without Manifest.plist it may be encrypted.
        ManifestFormat::Sqlite if plist.is_none() => Header::Settled(Manifest::Locked),
        ManifestFormat::Sqlite if !encrypted => Header::Settled(Manifest::Unreadable(
            "it is neither a SQLite database nor encrypted".to_owned(),
        )),
        ManifestFormat::Sqlite if !size.is_multiple_of(16) => {
            Header::Settled(Manifest::Unreadable(format!(
                "it is encrypted, and its {size} bytes are not a multiple of 16: it is cut off"
            )))
        }
        ManifestFormat::Sqlite => Header::Settled(Manifest::Locked),
    }
}

fn is_manifest(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem == "Manifest")
        && path
            .extension()
            .is_some_and(|extension| extension == "db" || extension == "mbdb")
}

fn is_link(path: &Path) -> bool {
    path.symlink_metadata()
        .is_ok_and(|metadata| metadata.is_symlink())
}

/// The first 16 bytes, or as many as there are, and the size.
fn first_bytes(path: &Path) -> io::Result<(Vec<u8>, u64)> {
    let metadata = path.symlink_metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ));
    }
    let mut bytes = Vec::with_capacity(16);
    system::open_regular(path)?
        .take(16)
        .read_to_end(&mut bytes)?;
    Ok((bytes, metadata.len()))
}

/// Why an encrypted backup cannot be opened with any password. `locked`: the whole manifest is
/// encrypted, which needs a `ManifestKey`.
fn keys_unusable(plist: &ManifestPlist, locked: bool) -> Option<String> {
    match (&plist.keybag, plist.manifest_key) {
        (KeybagState::Absent, _) => {
            Some("the backup is encrypted, but Manifest.plist has no keybag".to_owned())
        }
        (KeybagState::Malformed(why), _) => Some(format!("the keybag is malformed: {why}")),
        (KeybagState::Sound(_), Some(Ok(_))) => None,
        (KeybagState::Sound(_), Some(Err(len))) => {
            Some(format!("the ManifestKey has {len} bytes instead of 44"))
        }
        (KeybagState::Sound(_), None) if locked => {
            Some("it is encrypted, but Manifest.plist has no ManifestKey".to_owned())
        }
        (KeybagState::Sound(_), None) => None,
    }
}

/// The database of a manifest that is encrypted as a whole.
///
/// # Errors
/// Why it is none.
pub fn decrypted(
    metadata: &Metadata,
    keybag: &Keybag,
    keys: &ClassKeys,
) -> Result<Database, DatabaseError> {
    let plist = metadata.manifest_plist.value();
    let Some(Ok(wrapped)) = plist.and_then(|plist| plist.manifest_key) else {
        return Err(DatabaseError::NoManifest(
            "there is no ManifestKey".to_owned(),
        ));
    };
    let key = keys.unwrap(&wrapped).map_err(|trouble| match trouble {
        KeyError::NoClass(class) if keybag.needs_device(class) => DatabaseError::BeyondReader(
            format!("its key is of class {class}, which only the device can open"),
        ),
        KeyError::NoClass(class) => DatabaseError::NoManifest(format!(
            "its key is of class {class}, which the keybag does not open although the password is \
             right: the keybag is damaged"
        )),
        KeyError::DoesNotUnwrap(_) => DatabaseError::NoManifest(
            "the ManifestKey does not open although the password is right: it is damaged"
                .to_owned(),
        ),
    })?;
    let name = metadata
        .manifest_file
        .map_or("Manifest.db", |(name, _)| name);
    Database::decrypted(&metadata.folder.join(name), key)
}

/// Reads the rows of an encrypted backup again, for what opens its payloads: those that are wanted,
/// sorted by id, and the database that they come from, if they come from one. What cannot be read opens
/// nothing.
pub fn seals(
    metadata: &Metadata,
    keybag: &Keybag,
    keys: &ClassKeys,
    is_wanted: impl Fn(FileId) -> bool,
    monitor: &Monitor<'_>,
) -> (Vec<PayloadKey>, Option<Database>) {
    let wanted = Wanted {
        seals: true,
        ..Wanted::default()
    };
    let (listing, database) = match metadata.manifest_file {
        Some((_, ManifestFormat::Sqlite)) => {
            let database = decrypted(metadata, keybag, keys).ok();
            let rows = database.as_ref().and_then(|database| {
                let table = manifest_db::table(database).ok()?;
                manifest_db::rows(database, table, false, wanted, monitor).ok()
            });
            (rows, database)
        }
        Some((name, ManifestFormat::Mbdb)) => {
            let rows = manifest_mbdb::rows(&metadata.folder.join(name), wanted, monitor);
            (rows.ok().map(|(listing, _)| listing), None)
        }
        None => (None, None),
    };
    let mut seals = listing.map_or_else(Vec::new, |listing| listing.seals);
    seals.retain(|seal| is_wanted(seal.id));
    seals.shrink_to_fit();
    (seals, database)
}

/// Looks up domain and path of the given files again, for people: without telephone numbers. Those that
/// cannot be found are left out.
/// `opened`: the database that the rows came from, where it was not the backup's own as it is.
pub fn names(metadata: &Metadata, opened: Option<&Database>, ids: &[FileId]) -> Names {
    let Some((name, format)) = metadata.manifest_file.filter(|_| !ids.is_empty()) else {
        return Names::new();
    };
    let path = metadata.folder.join(name);
    let mut names = match (format, opened) {
        (ManifestFormat::Sqlite, Some(opened)) => manifest_db::names(opened, ids),
        (ManifestFormat::Sqlite, None) => manifest_db::names(&Database::immutable(&path), ids),
        (ManifestFormat::Mbdb, _) => manifest_mbdb::names(&path, ids),
    };
    for (_, path) in names.values_mut() {
        *path = telephone::without_numbers(path);
    }
    names
}

/// Hands over each row once more, in one pass, as far as they can be read. `opened`: the database that
/// the rows came from, where it was not the backup's own as it is.
pub fn each(metadata: &Metadata, opened: Option<&Database>, visit: &mut dyn FnMut(&Row<'_>)) {
    let Header::Readable { format, opaque } = look(metadata) else {
        if let Some(opened) = opened {
            manifest_db::each(opened, false, visit);
        }
        return;
    };
    let Some((name, _)) = metadata.manifest_file else {
        return;
    };
    let path = metadata.folder.join(name);
    match (format, opened) {
        (ManifestFormat::Sqlite, Some(opened)) => manifest_db::each(opened, opaque, visit),
        (ManifestFormat::Sqlite, None) => {
            manifest_db::each(&Database::immutable(&path), opaque, visit);
        }
        (ManifestFormat::Mbdb, _) => manifest_mbdb::each(&path, visit),
    }
}

/// Domain and relative path of the files whose ids begin with these 64 bits, lossy where they are not
/// UTF-8; those that cannot be found are left out.
pub fn names_of_prefixes(
    metadata: &Metadata,
    opened: Option<&Database>,
    prefixes: &HashSet<u64>,
) -> HashMap<u64, (String, String)> {
    let mut names = HashMap::new();
    if prefixes.is_empty() {
        return names;
    }
    each(metadata, opened, &mut |row| {
        let Some(prefix) = row.id.map(|id| id.prefix()) else {
            return;
        };
        if prefixes.contains(&prefix) {
            let text = |bytes: Option<&[u8]>| bytes.map(shortened).unwrap_or_default();
            names.entry(prefix).or_insert_with(|| {
                (
                    text(row.domain),
                    telephone::without_numbers(&text(row.path)),
                )
            });
        }
    });
    names
}
