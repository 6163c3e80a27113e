//! The record in Manifest.db's `file` column: an `MBFile` in a keyed archive (F§7.3).
//!
//! A borrowed reader answers for nearly every blob; what it does not take goes to the `plist`
//! crate. Where both answer, they agree.

use ::plist::{Dictionary, Value};

use crate::model::WrappedKey;

use super::bplist::{Bplist, Object, Refs};
use super::plist;

/// Larger blobs are not decoded; the largest known has 1,850 bytes.
const LIMIT: usize = 1 << 20;

/// Larger blobs are not left to the crate: one in small pieces takes it forty times its bytes.
const CRATE_LIMIT: usize = 128 << 10;

/// What the checks need to know of a record. Every part may be absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MbFile {
    /// `Size`: bytes of the original on the device.
    pub size: Option<i64>,
    /// `Flags`: BSD `st_flags`.
    pub st_flags: Option<i64>,
    /// `Birth`, in Unix seconds.
    pub birth: Option<i64>,
    /// `LastModified`, in Unix seconds.
    pub modified: Option<i64>,
    /// `Digest`: SHA-1 of the stored bytes, where it has 20 bytes.
    pub digest: Option<[u8; 20]>,
    /// `EncryptionKey`, where it has 44 bytes.
    pub key: Option<WrappedKey>,
    /// Whether there is one, of whatever form.
    pub has_key: bool,
}

impl MbFile {
    /// Whether the content was only in iCloud (`SF_DATALESS`).
    pub fn is_dataless(&self) -> bool {
        const SF_DATALESS: i64 = 0x4000_0000;
        self.st_flags.is_some_and(|flags| flags & SF_DATALESS != 0)
    }
}

/// Decodes a blob; `None` where it is no keyed archive with a dictionary at its root.
pub fn decode(blob: &[u8]) -> Option<MbFile> {
    if blob.len() > LIMIT {
        return None;
    }
    borrowed(blob).or_else(|| through_crate(blob))
}

/// The fast reader alone, which borrows from the blob and makes room for nothing. `None` also for
/// shapes that it leaves to the crate.
pub fn borrowed(blob: &[u8]) -> Option<MbFile> {
    let list = Bplist::new(blob)?;
    let mut top = None;
    let mut objects = None;
    each(&list, list.object(list.top())?, |key, value| match key {
        b"$top" => top = Some(value),
        b"$objects" => objects = Some(value),
        _ => {}
    })?;
    let Object::Array(objects) = list.object(objects?)? else {
        return None;
    };
    let mut root = None;
    each(&list, list.object(top?)?, |key, value| {
        if key == b"root" {
            root = Some(value);
        }
    })?;
    let archive = Archive { list, objects };
    let (mut size, mut st_flags, mut digest, mut sealed) = (None, None, None, None);
    let (mut birth, mut modified) = (None, None);
    let root = archive.resolve(list.object(root?)?)?;
    each(&list, root, |key, value| match key {
        b"Size" => size = Some(value),
        b"Flags" => st_flags = Some(value),
        b"Digest" => digest = Some(value),
        b"EncryptionKey" => sealed = Some(value),
        b"Birth" => birth = Some(value),
        b"LastModified" => modified = Some(value),
        _ => {}
    })?;
    let mut file = MbFile::default();
    if let Some(size) = size {
        file.size = archive.integer(list.object(size)?);
    }
    if let Some(flags) = st_flags {
        file.st_flags = archive.integer(list.object(flags)?);
    }
    if let Some(birth) = birth {
        file.birth = archive.integer(list.object(birth)?);
    }
    if let Some(modified) = modified {
        file.modified = archive.integer(list.object(modified)?);
    }
    if let Some(digest) = digest {
        let digest = archive.data(list.object(digest)?)?;
        file.digest = digest.and_then(|bytes| bytes.try_into().ok());
    }
    file.has_key = sealed.is_some();
    if let Some(key) = sealed {
        let key = archive.data(list.object(key)?)?;
        file.key = key.and_then(WrappedKey::parse);
    }
    Some(file)
}

/// Hands over each key of a dictionary with the place of its value; `None` if it is none, or has a key
/// that is not plain ASCII. Most values are never looked at.
fn each<'a>(
    list: &Bplist<'a>,
    object: Object<'a>,
    mut visit: impl FnMut(&'a [u8], usize),
) -> Option<()> {
    let Object::Dict(keys, values) = object else {
        return None;
    };
    for (key, value) in keys.iter().zip(values.iter()) {
        visit(list.ascii(key)?, value);
    }
    Some(())
}

struct Archive<'a> {
    list: Bplist<'a>,
    objects: Refs<'a>,
}

impl<'a> Archive<'a> {
    /// The object itself, or the one that it refers to.
    fn resolve(&self, object: Object<'a>) -> Option<Object<'a>> {
        match object {
            Object::Uid(uid) => self
                .list
                .object(self.objects.get(usize::try_from(uid).ok()?)?),
            object => Some(object),
        }
    }

    /// Bytes in any of their three forms (F§7.3): here, or behind a reference, or there in a dictionary.
    /// `None` where the fast reader cannot tell, and none in it where there are no bytes.
    fn data(&self, object: Object<'a>) -> Option<Option<&'a [u8]>> {
        let mut found = self.resolve(object);
        if let Some(wrapped @ Object::Dict(..)) = found {
            let mut data = None;
            each(&self.list, wrapped, |key, value| {
                if key == b"NS.data" {
                    data = Some(value);
                }
            })?;
            found = match data {
                Some(data) => self.resolve(self.list.object(data)?),
                None => None,
            };
        }
        Some(match found {
            Some(Object::Data(bytes)) => Some(bytes),
            _ => None,
        })
    }

    fn integer(&self, object: Object<'a>) -> Option<i64> {
        match self.resolve(object)? {
            Object::Int(value) => Some(value),
            Object::BigInt(value) => i64::try_from(value).ok(),
            _ => None,
        }
    }
}

/// The same answer from the `plist` crate, within its bounds: for what the fast reader does not take,
/// and to check it by.
pub fn through_crate(blob: &[u8]) -> Option<MbFile> {
    if blob.len() > CRATE_LIMIT {
        return None;
    }
    let archive = plist::parse(blob, &[&["$top"], &["$objects"]]).ok()?;
    let objects = archive.get("$objects")?.as_array()?;
    let resolve = |value: &'_ Value| -> Option<Value> {
        match value {
            Value::Uid(uid) => objects.get(usize::try_from(uid.get()).ok()?).cloned(),
            value => Some(value.clone()),
        }
    };
    let root = resolve(plist::dictionary(&archive, "$top")?.get("root")?)?;
    let root: &Dictionary = root.as_dictionary()?;
    let integer = |key| resolve(root.get(key)?)?.as_signed_integer();
    let data = |key| {
        let mut value = resolve(root.get(key)?)?;
        if let Value::Dictionary(dictionary) = &value {
            value = resolve(dictionary.get("NS.data")?)?;
        }
        value.into_data()
    };
    Some(MbFile {
        size: integer("Size"),
        st_flags: integer("Flags"),
        birth: integer("Birth"),
        modified: integer("LastModified"),
        digest: data("Digest").and_then(|bytes| bytes.try_into().ok()),
        key: data("EncryptionKey").and_then(|bytes| WrappedKey::parse(&bytes)),
        has_key: root.contains_key("EncryptionKey"),
    })
}

#[cfg(test)]
mod tests {
    use ::plist::Uid;

    use super::*;

    /// An archive with the given root entries; the other objects follow from index 2 on.
    fn archive(root: &[(&str, Value)], others: &[Value]) -> Vec<u8> {
        let mut objects = vec!["$null".into()];
        let root: Dictionary = root
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()))
            .collect();
        objects.push(root.into());
        objects.extend_from_slice(others);
        let top: Dictionary = [("root".to_owned(), Value::Uid(Uid::new(1)))]
            .into_iter()
            .collect();
        let archive: Dictionary = [
            ("$version".to_owned(), 100_000_u64.into()),
            ("$archiver".to_owned(), "NSKeyedArchiver".into()),
            ("$top".to_owned(), top.into()),
            ("$objects".to_owned(), Value::Array(objects)),
        ]
        .into_iter()
        .collect();
        let mut bytes = Vec::new();
        Value::Dictionary(archive)
            .to_writer_binary(&mut bytes)
            .unwrap();
        bytes
    }

    fn both(blob: &[u8]) -> MbFile {
        let fast = borrowed(blob).unwrap();
        assert_eq!(Some(fast), through_crate(blob));
        fast
    }

    #[test]
    fn all_three_forms_of_a_digest_are_read() {
        let digest = [9_u8; 20];
        let data = Value::Data(digest.to_vec());
        let uid = |index| Value::Uid(Uid::new(index));
        let wrapped =
            |inner: Value| Value::Dictionary([("NS.data".to_owned(), inner)].into_iter().collect());
        for (inline, others) in [
            (data.clone(), vec![]),
            (uid(2), vec![data.clone()]),
            (uid(2), vec![wrapped(data.clone())]),
            (uid(2), vec![wrapped(uid(3)), data]),
        ] {
            let blob = archive(&[("Digest", inline), ("Size", 7_u64.into())], &others);
            let file = both(&blob);
            assert_eq!(file.digest, Some(digest));
            assert_eq!(file.size, Some(7));
        }
    }

    #[test]
    fn sizes_are_signed_and_may_be_absent() {
        let file = both(&archive(
            &[("Size", (-2_i64).into()), ("Flags", 0x4000_0000_u64.into())],
            &[],
        ));
        assert_eq!(file.size, Some(-2));
        assert!(file.is_dataless());
        let file = both(&archive(&[("Size", i64::MAX.into())], &[]));
        assert_eq!(file.size, Some(i64::MAX));
        let file = both(&archive(&[("Size", u64::MAX.into())], &[]));
        assert_eq!(file.size, None);
        let file = both(&archive(&[("Digest", Value::Data(vec![1; 19]))], &[]));
        assert_eq!(file, MbFile::default());
    }

    #[test]
    fn the_last_of_equal_keys_counts_for_both_readers() {
        // The two keys differ in one letter; making them equal keeps the layout.
        let mut blob = archive(&[("Size", 1_u64.into()), ("Sizf", 2_u64.into())], &[]);
        let offset = blob
            .windows(4)
            .position(|window| window == b"Sizf")
            .unwrap();
        blob[offset + 3] = b'e';
        assert_eq!(both(&blob).size, Some(2));
    }

    #[test]
    fn keys_in_utf16_go_to_the_crate() {
        let mut blob = archive(&[("S\u{131}ze", 5_u64.into())], &[]);
        let offset = blob
            .windows(2)
            .position(|pair| pair == [0x01, 0x31])
            .unwrap();
        blob[offset..offset + 2].copy_from_slice(&[0, b'i']);
        assert_eq!(borrowed(&blob), None);
        assert_eq!(decode(&blob).unwrap().size, Some(5));
    }

    #[test]
    fn what_is_no_archive_is_not_decoded() {
        let whole = archive(&[("Size", 1_u64.into())], &[]);
        for blob in [&b""[..], b"bplist00", &[0; 600], &whole[..whole.len() - 1]] {
            assert_eq!(decode(blob), None);
        }
        assert_eq!(decode(&vec![0; LIMIT + 1]), None);
    }

    #[test]
    fn mutated_blobs_never_panic_and_never_get_two_answers() {
        let blob = archive(
            &[
                ("Size", 70_000_u64.into()),
                ("Digest", Value::Uid(Uid::new(2))),
                ("Flags", 0.into()),
            ],
            &[Value::Data(vec![3; 20]), "text".into()],
        );
        for offset in 0..blob.len() {
            for value in [0, 1, 0x0f, 0x10, 0x5f, 0x80, 0xd1, 0xff] {
                let mut blob = blob.clone();
                blob[offset] = value;
                if let (Some(fast), Some(slow)) = (borrowed(&blob), through_crate(&blob)) {
                    assert_eq!(fast, slow, "byte {offset} = {value:#x}");
                }
            }
        }
    }
}
