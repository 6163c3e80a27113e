//! One row of a manifest, and what becomes of it in a given backup.

use sha1::{Digest as _, Sha1};

use super::cipher::Padding;
use super::keybag::wrapped_key;
use super::names::raw_file_id;
use super::setup::{Encryption, Setup};
use super::{cipher, mbfile, noise};

/// The `-2` that Apple's systems use for "nobody", seen as user and group (F§7.3).
pub const NOBODY: i64 = -2;

/// Domains whose regular files carry a digest, and the only ones (F§10).
const DIGESTING_DOMAINS: [&str; 11] = [
    "HomeDomain",
    "RootDomain",
    "HealthDomain",
    "WirelessDomain",
    "SystemPreferencesDomain",
    "DatabaseDomain",
    "HomeKitDomain",
    "InstallDomain",
    "ManagedPreferencesDomain",
    "KeyboardDomain",
    "KeychainDomain",
];

/// How a digest is stored in the `file` column (F§7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestForm {
    /// Not at all.
    None,
    /// As data in the MBFile itself.
    Inline,
    /// As a reference to data.
    UidData,
    /// As a reference to an archived NSMutableData.
    NsData,
}

/// One row of a manifest; all that a device would fill in can be overridden.
#[derive(Clone)]
pub struct Row {
    pub(super) domain: String,
    pub(super) path: Vec<u8>,
    pub(super) parents: bool,
    pub(super) names: bool,
    /// How the payload is padded in an encrypted backup.
    pub(super) padding: Padding,
    kind: Kind,
    id: Option<String>,
    flags: Option<i64>,
    blob: Blob,
    payload: Payload,
    size: Option<i64>,
    mode: Option<i64>,
    uid: i64,
    gid: i64,
    st_flags: i64,
    protection_class: Option<i64>,
    digest: Option<DigestForm>,
    digest_bytes: Option<[u8; 20]>,
    born: Option<i64>,
    modified: Option<i64>,
    encryption_key: EncryptionKey,
    extended_attributes: Vec<(String, Vec<u8>)>,
}

#[derive(Clone)]
enum Kind {
    File(Vec<u8>),
    Directory,
    Symlink(String),
}

#[derive(Clone)]
enum Blob {
    Archived,
    Null,
    Raw(Vec<u8>),
}

#[derive(Clone)]
enum EncryptionKey {
    /// What a device writes: a key for each file of an encrypted backup.
    Usual,
    None,
    Raw(Vec<u8>),
}

#[derive(Clone)]
enum Payload {
    /// What a device uploads: the content of a file, encrypted where the backup is; nothing for
    /// folders and links.
    Usual,
    None,
    Stored(Vec<u8>),
}

impl Row {
    /// A regular file whose content is stored, encrypted where the backup is.
    pub fn file(domain: &str, path: &str, content: &[u8]) -> Row {
        Self::new(domain, path, Kind::File(content.to_vec()))
    }

    /// A folder.
    pub fn directory(domain: &str, path: &str) -> Row {
        Self::new(domain, path, Kind::Directory)
    }

    /// A symbolic link.
    pub fn symlink(domain: &str, path: &str, target: &str) -> Row {
        Self::new(domain, path, Kind::Symlink(target.to_owned()))
    }

    fn new(domain: &str, path: &str, kind: Kind) -> Row {
        Row {
            domain: domain.to_owned(),
            path: path.as_bytes().to_vec(),
            parents: true,
            names: true,
            padding: Padding::default(),
            kind,
            id: None,
            flags: None,
            blob: Blob::Archived,
            payload: Payload::Usual,
            size: None,
            mode: None,
            uid: 501,
            gid: 501,
            st_flags: 0,
            protection_class: None,
            digest: None,
            digest_bytes: None,
            born: None,
            modified: None,
            encryption_key: EncryptionKey::Usual,
            extended_attributes: Vec::new(),
        }
    }

    /// Sets a path that need not be UTF-8; in the `file` column what is not becomes U+FFFD.
    pub fn raw_path(mut self, path: &[u8]) -> Row {
        self.path = path.to_vec();
        self
    }

    /// Sets the `flags` column (F§7.2); has no place in Manifest.mbdb.
    pub fn flags(mut self, flags: i64) -> Row {
        self.flags = Some(flags);
        self
    }

    /// Sets the recorded `Size`, that of the file on the device.
    pub fn size(mut self, size: i64) -> Row {
        self.size = Some(size);
        self
    }

    /// Sets the `fileID` column as it is. A payload is only stored where this is 40 hex digits,
    /// and then under their lower-case form.
    pub fn id(mut self, id: &str) -> Row {
        self.id = Some(id.to_owned());
        self
    }

    /// Stores no payload.
    pub fn no_payload(mut self) -> Row {
        self.payload = Payload::None;
        self
    }

    /// Sets the bytes on disk, as they are, also in encrypted backups and for rows of any kind;
    /// the digest is theirs. For a digest that does not agree use
    /// [`digest_bytes`](Self::digest_bytes) or [`payload`](super::BackupBuilder::payload).
    pub fn stored(mut self, bytes: impl Into<Vec<u8>>) -> Row {
        self.payload = Payload::Stored(bytes.into());
        self
    }

    /// Sets how the digest is stored, also in domains that usually have none.
    pub fn digest(mut self, form: DigestForm) -> Row {
        self.digest = Some(form);
        self
    }

    /// Sets the digest itself, also in domains that usually have none.
    pub fn digest_bytes(mut self, digest: [u8; 20]) -> Row {
        self.digest_bytes = Some(digest);
        self
    }

    /// Sets `Birth`, in Unix seconds. By default a path has the same one in every backup, as a file has
    /// that the device keeps.
    pub fn born(mut self, seconds: i64) -> Row {
        self.born = Some(seconds);
        self
    }

    /// Sets `LastModified` and `LastStatusChange`, in Unix seconds. By default a path with the same
    /// content has the same one in every backup: only what changed has a new time.
    pub fn modified(mut self, seconds: i64) -> Row {
        self.modified = Some(seconds);
        self
    }

    /// Sets the BSD flags of the file, such as 0x4000_0000 for SF_DATALESS (F§7.3).
    pub fn st_flags(mut self, flags: i64) -> Row {
        self.st_flags = flags;
        self
    }

    /// Sets the `file` column as it is.
    pub fn blob(mut self, bytes: impl Into<Vec<u8>>) -> Row {
        self.blob = Blob::Raw(bytes.into());
        self
    }

    /// Sets the `file` column to NULL; the payload stays.
    pub fn null_blob(mut self) -> Row {
        self.blob = Blob::Null;
        self
    }

    /// Sets `domain`, `relativePath` and `file` to NULL (F§7.2). The fileID stays that of the
    /// domain and path given; a payload is only there with [`stored`](Self::stored).
    pub fn null_names(mut self) -> Row {
        self.names = false;
        self.parents = false;
        self
    }

    /// Adds no rows for the domain root and the folders above.
    pub fn no_parents(mut self) -> Row {
        self.parents = false;
        self
    }

    /// Sets `UserID`.
    pub fn uid(mut self, uid: i64) -> Row {
        self.uid = uid;
        self
    }

    /// Sets `GroupID`.
    pub fn gid(mut self, gid: i64) -> Row {
        self.gid = gid;
        self
    }

    /// Sets `Mode`, the file type included.
    pub fn mode(mut self, mode: i64) -> Row {
        self.mode = Some(mode);
        self
    }

    /// Sets `ProtectionClass`, and with it the class of the `EncryptionKey`.
    pub fn protection_class(mut self, class: i64) -> Row {
        self.protection_class = Some(class);
        self
    }

    /// Leaves out the `EncryptionKey` that a file of an encrypted backup has.
    pub fn without_key(mut self) -> Row {
        self.encryption_key = EncryptionKey::None;
        self
    }

    /// Sets the `EncryptionKey` as it is; the payload stays encrypted with the right one.
    pub fn key_bytes(mut self, bytes: impl Into<Vec<u8>>) -> Row {
        self.encryption_key = EncryptionKey::Raw(bytes.into());
        self
    }

    /// Adds `ExtendedAttributes`: the text encoding, as many files have it (F§7.4).
    pub fn extended_attributes(mut self) -> Row {
        let encoding = (
            "com.apple.TextEncoding".to_owned(),
            b"utf-8;134217984".to_vec(),
        );
        self.extended_attributes.push(encoding);
        self
    }

    /// Whether Manifest.mbdb has a way to say this.
    pub(super) fn fits_mbdb(&self) -> bool {
        self.names && self.flags.is_none() && matches!(self.blob, Blob::Archived)
    }

    /// Works out what a device would write for this row in a backup of this kind.
    pub(super) fn resolve(&self, setup: &Setup) -> Resolved {
        let own_id = raw_file_id(&self.domain, &self.path);
        let id = self.id.clone().unwrap_or_else(|| own_id.clone());
        let stored_id = is_file_id(&id).then(|| id.to_lowercase());
        let uploaded = self.uploaded(setup, &own_id);
        let facts = self.facts(setup, &own_id, uploaded.as_deref());
        let blob = match &self.blob {
            Blob::Raw(bytes) => Some(bytes.clone()),
            Blob::Archived if self.names => Some(archived(setup, &own_id, &facts)),
            Blob::Archived | Blob::Null => None,
        };
        let payload = match &self.payload {
            Payload::None => None,
            Payload::Usual if !self.names => None,
            Payload::Usual | Payload::Stored(_) => uploaded,
        };
        Resolved {
            flags: self.flags.unwrap_or(match self.kind {
                Kind::File(_) => 1,
                Kind::Directory => 2,
                Kind::Symlink(_) => 4,
            }),
            names: self.names,
            payload,
            stored_id,
            id,
            blob,
            facts,
        }
    }

    /// Gives what the device sends, also where the row is to have no payload: its digest is
    /// that of these bytes.
    fn uploaded(&self, setup: &Setup, own_id: &str) -> Option<Vec<u8>> {
        match (&self.payload, &self.kind) {
            (Payload::Stored(bytes), _) => Some(bytes.clone()),
            (_, Kind::File(content)) if setup.is_encrypted() => Some(match setup.password {
                Some(_) => {
                    let key = cipher::file_key(setup, own_id);
                    cipher::encrypted(&key, content, self.padding)
                }
                None => noise::ciphertext(own_id, content),
            }),
            (_, Kind::File(content)) => Some(content.clone()),
            (_, Kind::Directory | Kind::Symlink(_)) => None,
        }
    }

    fn facts(&self, setup: &Setup, own_id: &str, uploaded: Option<&[u8]>) -> Facts {
        let is_file = matches!(self.kind, Kind::File(_));
        let (mode, size, class, target) = match &self.kind {
            Kind::File(content) => (0o100_644, content.len(), 3, None),
            Kind::Directory => (0o040_755, 0, 0, None),
            Kind::Symlink(target) => (0o120_755, 0, 0, Some(target.clone())),
        };
        let usual_size = i64::try_from(size).expect("a small file");
        let protection_class = self.protection_class.unwrap_or(class);
        let usual_digest = if self.digest_bytes.is_some()
            || is_file && DIGESTING_DOMAINS.contains(&self.domain.as_str())
        {
            DigestForm::UidData
        } else {
            DigestForm::None
        };
        let digest = self
            .digest_bytes
            .unwrap_or_else(|| Sha1::digest(uploaded.unwrap_or_default()).into());
        let inode = i64::from_str_radix(&own_id[..5], 16).expect("hex digits");
        let born = self.born.unwrap_or_else(|| usual_birth(own_id));
        Facts {
            domain: self.domain.clone(),
            path: self.path.clone(),
            target,
            mode: self.mode.unwrap_or(mode),
            size: self.size.unwrap_or(usual_size),
            protection_class,
            uid: self.uid,
            gid: self.gid,
            st_flags: self.st_flags,
            inode: 100_000 + inode,
            born,
            modified: self.modified.unwrap_or_else(|| match &self.kind {
                Kind::File(content) => born + spread(content),
                Kind::Directory | Kind::Symlink(_) => born,
            }),
            digest: Some((digest, self.digest.unwrap_or(usual_digest)))
                .filter(|(_, form)| *form != DigestForm::None),
            encryption_key: match &self.encryption_key {
                EncryptionKey::Usual => (is_file && setup.is_encrypted()).then(|| {
                    let key = cipher::file_key(setup, own_id);
                    wrapped_key(setup, protection_class, &key, own_id)
                }),
                EncryptionKey::None => None,
                EncryptionKey::Raw(bytes) => Some(bytes.clone()),
            },
            extended_attributes: self.extended_attributes.clone(),
        }
    }
}

/// A row as it stands in one backup.
pub struct Resolved {
    /// The `fileID` column.
    pub id: String,
    /// Whether `domain` and `relativePath` are not NULL.
    pub names: bool,
    pub flags: i64,
    pub blob: Option<Vec<u8>>,
    /// The name a payload has on disk; `None` where the fileID cannot name a file.
    pub stored_id: Option<String>,
    /// What is on disk under that name.
    pub payload: Option<Vec<u8>>,
    pub facts: Facts,
}

/// What a manifest of either format says about a file.
pub struct Facts {
    pub domain: String,
    pub path: Vec<u8>,
    pub target: Option<String>,
    pub mode: i64,
    pub size: i64,
    pub protection_class: i64,
    pub uid: i64,
    pub gid: i64,
    pub st_flags: i64,
    pub inode: i64,
    /// When it was made, in Unix seconds.
    pub born: i64,
    /// When it was last changed, in Unix seconds.
    pub modified: i64,
    pub digest: Option<([u8; 20], DigestForm)>,
    pub encryption_key: Option<Vec<u8>>,
    pub extended_attributes: Vec<(String, Vec<u8>)>,
}

/// Gives the `file` column. iOS 10.0 and 10.1 encrypt it; how long that makes it is not known,
/// it is taken to be padded like any other ciphertext (F§11.5).
fn archived(setup: &Setup, own_id: &str, facts: &Facts) -> Vec<u8> {
    let plain = mbfile::archive(facts, setup.keys_in_one_order);
    if setup.encryption == Encryption::Ios10_0 {
        noise::ciphertext(&format!("blob {own_id}"), &plain)
    } else {
        plain
    }
}

/// Gives a time of the year 2010, before the builder's backups: the same for a fileID in every backup.
fn usual_birth(own_id: &str) -> i64 {
    const NEW_YEAR_2010: i64 = 1_262_304_000;
    NEW_YEAR_2010 + spread(own_id.as_bytes())
}

/// Gives a part of a year, in seconds, that depends on these bytes only.
fn spread(bytes: &[u8]) -> i64 {
    const YEAR: u32 = 365 * 86_400;
    let hash = Sha1::digest(bytes);
    let number = u32::from_be_bytes(hash[..4].try_into().expect("4 bytes"));
    i64::from(number % YEAR)
}

fn is_file_id(id: &str) -> bool {
    id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}
