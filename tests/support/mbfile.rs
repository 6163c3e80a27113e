//! The `file` column of Manifest.db: an MBFile in a keyed archive (F§7.3, F§7.4).

use plist::{Dictionary, Uid, Value};
use sha1::{Digest as _, Sha1};

use super::row::{DigestForm, Facts};

/// Archives what the manifest says about one file.
///
/// The keys stand in an order that differs from row to row, for readers must not rely on any; or in one order
/// as a device has it.
pub fn archive(facts: &Facts, keys_in_one_order: bool) -> Vec<u8> {
    let mut archive = Archive {
        objects: vec!["$null".into(), Value::Boolean(false)],
    };
    let mut root = Dictionary::new();
    let keys = match keys_in_one_order {
        true => KEYS.to_vec(),
        false => shuffled_keys(facts),
    };
    for key in keys {
        if let Some(value) = field(&mut archive, facts, key) {
            root.insert(key.to_owned(), value);
        }
    }
    let class = archive.class(&["MBFile", "NSObject"]);
    root.insert("$class".to_owned(), class);
    archive.objects[1] = Value::Dictionary(root);
    archive.finish()
}

/// All but `$class`, which comes last as its object does.
const KEYS: [&str; 15] = [
    "RelativePath",
    "Target",
    "Digest",
    "EncryptionKey",
    "ExtendedAttributes",
    "Mode",
    "Size",
    "Flags",
    "ProtectionClass",
    "UserID",
    "GroupID",
    "InodeNumber",
    "LastModified",
    "LastStatusChange",
    "Birth",
];

fn shuffled_keys(facts: &Facts) -> Vec<&'static str> {
    let mut keys = KEYS.to_vec();
    keys.sort_by_key(|key| {
        let mut hash = Sha1::new();
        hash.update(key);
        hash.update(&facts.path);
        <[u8; 20]>::from(hash.finalize())
    });
    keys
}

fn field(archive: &mut Archive, facts: &Facts, key: &str) -> Option<Value> {
    Some(match key {
        "RelativePath" => {
            let path = String::from_utf8_lossy(&facts.path).into_owned();
            archive.object(path.into())
        }
        "Target" => archive.object(facts.target.clone()?.into()),
        "Digest" => match facts.digest? {
            (_, DigestForm::None) => return None,
            (bytes, DigestForm::Inline) => Value::Data(bytes.to_vec()),
            (bytes, DigestForm::UidData) => archive.object(Value::Data(bytes.to_vec())),
            (bytes, DigestForm::NsData) => archive.ns_data(bytes.to_vec()),
        },
        "EncryptionKey" => archive.ns_data(facts.encryption_key.clone()?),
        "ExtendedAttributes" if facts.extended_attributes.is_empty() => return None,
        "ExtendedAttributes" => {
            let named = facts.extended_attributes.iter();
            let attributes: Dictionary = named
                .map(|(name, value)| (name.clone(), Value::Data(value.clone())))
                .collect();
            archive.object(Value::Data(binary(&Value::Dictionary(attributes))))
        }
        "Mode" => facts.mode.into(),
        "Size" => facts.size.into(),
        "Flags" => facts.st_flags.into(),
        "ProtectionClass" => facts.protection_class.into(),
        "UserID" => facts.uid.into(),
        "GroupID" => facts.gid.into(),
        "InodeNumber" => facts.inode.into(),
        "LastModified" | "LastStatusChange" => facts.modified.into(),
        "Birth" => facts.born.into(),
        other => unreachable!("{other} is not a field"),
    })
}

/// The object table of an NSKeyedArchiver archive.
struct Archive {
    objects: Vec<Value>,
}

impl Archive {
    /// Adds an object and gives the reference to it.
    fn object(&mut self, value: Value) -> Value {
        let uid = u64::try_from(self.objects.len()).expect("few objects");
        self.objects.push(value);
        Value::Uid(Uid::new(uid))
    }

    fn class(&mut self, names: &[&str]) -> Value {
        let name = names.first().copied().expect("a class has a name");
        let mut class = Dictionary::new();
        class.insert("$classname".to_owned(), name.into());
        let names = names.iter().map(|&name| name.into()).collect();
        class.insert("$classes".to_owned(), Value::Array(names));
        let value = Value::Dictionary(class);
        match self.objects.iter().position(|object| *object == value) {
            Some(known) => Value::Uid(Uid::new(u64::try_from(known).expect("few objects"))),
            None => self.object(value),
        }
    }

    fn ns_data(&mut self, bytes: Vec<u8>) -> Value {
        let place = self.objects.len();
        let reference = self.object(Value::Boolean(false));
        let class = self.class(&["NSMutableData", "NSData", "NSObject"]);
        self.objects[place] = Value::Dictionary(Dictionary::from_iter([
            ("NS.data", Value::Data(bytes)),
            ("$class", class),
        ]));
        reference
    }

    fn finish(self) -> Vec<u8> {
        let top = Dictionary::from_iter([("root", Value::Uid(Uid::new(1)))]);
        binary(&Value::Dictionary(Dictionary::from_iter([
            ("$version", Value::from(100_000)),
            ("$archiver", "NSKeyedArchiver".into()),
            ("$top", Value::Dictionary(top)),
            ("$objects", Value::Array(self.objects)),
        ])))
    }
}

/// Writes a binary plist.
pub fn binary(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    value
        .to_writer_binary(&mut bytes)
        .expect("a Vec takes all that is written");
    bytes
}
