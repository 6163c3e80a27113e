//! The fast reader of records, which borrows from the blob and makes room for nothing.
//!
//! It goes in two steps: first where the wanted values stand, which is the same in record after record of a
//! device; then what they are.

use crate::model::WrappedKey;
use crate::read::bplist::{Bplist, Object, Refs};

use super::record::MbFile;

/// A keyed archive, and where in it the wanted values stand.
#[derive(Clone, Copy)]
pub struct Archive<'a> {
    /// The list that it is written as.
    pub list: Bplist<'a>,
    /// What `$objects` refers to.
    pub objects: Refs<'a>,
    /// The references of the root's values.
    pub values: Refs<'a>,
    /// Which of these are wanted.
    pub places: Places,
}

/// At which places among the root's values the wanted ones stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places {
    size: Option<u32>,
    st_flags: Option<u32>,
    birth: Option<u32>,
    modified: Option<u32>,
    digest: Option<u32>,
    key: Option<u32>,
}

/// What is looked at to find out where the values stand: objects, by their index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// All of an object.
    Whole(usize),
    /// Of a dictionary all but the references of its values.
    Keys(usize),
    /// Of an array no reference but this one.
    Element(usize, Option<usize>),
}

impl Look {
    /// The index of the object.
    pub fn index(self) -> usize {
        match self {
            Look::Whole(index) | Look::Keys(index) | Look::Element(index, _) => index,
        }
    }
}

impl<'a> Archive<'a> {
    /// Finds the wanted values, and tells of each object that it looks at: nothing else in the body of the
    /// list or in its table has any part in the answer. `None` for shapes that are left to the crate.
    pub fn find(list: Bplist<'a>, mut look: impl FnMut(Look)) -> Option<Archive<'a>> {
        let mut top = None;
        let mut objects = None;
        look(Look::Whole(list.top()));
        each(&list, list.object(list.top())?, |index, key, value| {
            look(Look::Whole(index));
            match key {
                b"$top" => top = Some(value),
                b"$objects" => objects = Some(value),
                _ => {}
            }
        })?;
        let (top, array) = (top?, objects?);
        let Object::Array(objects) = list.object(array)? else {
            return None;
        };
        let mut root = None;
        look(Look::Whole(top));
        each(&list, list.object(top)?, |index, key, value| {
            look(Look::Whole(index));
            if key == b"root" {
                root = Some(value);
            }
        })?;
        let mut root = root?;
        let mut element = None;
        if let Object::Uid(uid) = list.object(root)? {
            look(Look::Whole(root));
            let uid = usize::try_from(uid).ok()?;
            element = Some(uid);
            root = objects.get(uid)?;
        }
        look(Look::Element(array, element));
        look(Look::Keys(root));
        let mut places = Places::default();
        let mut place = 0_u32;
        let root = list.object(root)?;
        each(&list, root, |index, key, _| {
            look(Look::Whole(index));
            match key {
                b"Size" => places.size = Some(place),
                b"Flags" => places.st_flags = Some(place),
                b"Birth" => places.birth = Some(place),
                b"LastModified" => places.modified = Some(place),
                b"Digest" => places.digest = Some(place),
                b"EncryptionKey" => places.key = Some(place),
                _ => {}
            }
            place = place.saturating_add(1);
        })?;
        let Object::Dict(_, values) = root else {
            return None;
        };
        Some(Archive {
            list,
            objects,
            values,
            places,
        })
    }

    /// Reads the wanted values; `None` where one of them is left to the crate.
    pub fn read(&self) -> Option<MbFile> {
        let Places {
            size,
            st_flags,
            birth,
            modified,
            digest,
            key,
        } = self.places;
        let mut file = MbFile {
            size: self.integer(size)?,
            st_flags: self.integer(st_flags)?,
            birth: self.integer(birth)?,
            modified: self.integer(modified)?,
            has_key: key.is_some(),
            ..MbFile::default()
        };
        if let Some(digest) = digest {
            file.digest = self.data(digest)?.and_then(|bytes| bytes.try_into().ok());
        }
        if let Some(key) = key {
            file.key = self.data(key)?.and_then(WrappedKey::parse);
        }
        Some(file)
    }

    /// The object at a place among the root's values.
    fn value(&self, place: u32) -> Option<Object<'a>> {
        self.list.object(self.index(place)?)
    }

    /// Its index.
    fn index(&self, place: u32) -> Option<usize> {
        self.values.get(usize::try_from(place).ok()?)
    }

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
    fn data(&self, place: u32) -> Option<Option<&'a [u8]>> {
        let mut found = self.resolve(self.value(place)?);
        if let Some(wrapped @ Object::Dict(..)) = found {
            let mut data = None;
            each(&self.list, wrapped, |_, key, value| {
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

    /// A number, here or behind a reference. `None` where the fast reader cannot tell, and none in it where
    /// there is no number.
    fn integer(&self, place: Option<u32>) -> Option<Option<i64>> {
        let Some(place) = place else {
            return Some(None);
        };
        if let Some(value) = self.list.short_integer(self.index(place)?) {
            return Some(Some(value));
        }
        Some(match self.resolve(self.value(place)?) {
            Some(Object::Int(value)) => Some(value),
            Some(Object::BigInt(value)) => i64::try_from(value).ok(),
            _ => None,
        })
    }
}

/// Hands over the index of each key of a dictionary, the key, and the index of its value; `None` if it is
/// no dictionary, or has a key that is not plain ASCII. Most values are never looked at.
fn each<'a>(
    list: &Bplist<'a>,
    object: Object<'a>,
    mut visit: impl FnMut(usize, &'a [u8], usize),
) -> Option<()> {
    let Object::Dict(keys, values) = object else {
        return None;
    };
    for (key, value) in keys.iter().zip(values.iter()) {
        visit(key, list.ascii(key)?, value);
    }
    Some(())
}
