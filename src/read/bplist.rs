//! The layout of a binary property list, borrowed and bounds-checked: object table, markers,
//! references. It allocates nothing and never follows a reference by itself, so no bytes can make
//! it loop, overflow the stack or take memory.
//!
//! Used by the fast reader of record blobs, and to look over a file before the `plist` crate gets
//! it. Source: Apple's CFBinaryPList.c, as described by its public readers.

use std::ops::Range;

/// A binary property list whose trailer and object table lie within its bytes.
#[derive(Clone, Copy)]
pub struct Bplist<'a> {
    bytes: &'a [u8],
    offset_size: usize,
    ref_size: usize,
    objects: usize,
    top: usize,
    table: usize,
}

/// One object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Object<'a> {
    /// Null, as `CFNull` writes it.
    Null,
    /// True or false.
    Bool(bool),
    /// An integer of up to 8 bytes; those of 8 are signed, shorter ones not.
    Int(i64),
    /// An integer of 16 bytes.
    BigInt(i128),
    /// A floating point number.
    Real(f64),
    /// Seconds since 2001-01-01T00:00:00Z.
    Date(f64),
    /// Bytes.
    Data(&'a [u8]),
    /// ASCII text.
    Ascii(&'a [u8]),
    /// UTF-16 text, big-endian.
    Utf16(&'a [u8]),
    /// A reference of a keyed archive.
    Uid(u64),
    /// The references of an array or set.
    Array(Refs<'a>),
    /// The references of a set.
    Set(Refs<'a>),
    /// The references of a dictionary's keys and of its values.
    Dict(Refs<'a>, Refs<'a>),
}

/// What a list claims, as far as a reader makes room for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// How many references all collections have together.
    pub references: usize,
    /// Bytes of the longest text or data.
    pub longest: usize,
}

/// References to objects, in the order they stand there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Refs<'a> {
    bytes: &'a [u8],
    size: usize,
}

impl<'a> Refs<'a> {
    /// How many there are.
    pub fn len(self) -> usize {
        self.bytes.len() / self.size
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.bytes.is_empty()
    }

    /// How many bytes they take.
    pub fn byte_len(self) -> usize {
        self.bytes.len()
    }

    /// The reference of this index.
    pub fn get(self, index: usize) -> Option<usize> {
        let start = index.checked_mul(self.size)?;
        let bytes = self.bytes.get(start..start.checked_add(self.size)?)?;
        usize::try_from(unsigned(bytes)).ok()
    }

    /// All of them.
    pub fn iter(self) -> impl Iterator<Item = usize> + 'a {
        self.bytes
            .chunks_exact(self.size)
            .map(|bytes| usize::try_from(unsigned(bytes)).unwrap_or(usize::MAX))
    }
}

fn unsigned(bytes: &[u8]) -> u64 {
    match *bytes {
        // Nearly all offsets and references of a record.
        [byte] => u64::from(byte),
        [high, low] => u64::from(u16::from_be_bytes([high, low])),
        [a, b, c, d, e, f, g, h] => u64::from_be_bytes([a, b, c, d, e, f, g, h]),
        _ => bytes
            .iter()
            .fold(0, |value, byte| value << 8 | u64::from(*byte)),
    }
}

const TRAILER: usize = 32;
const HEADER: usize = 8;

impl<'a> Bplist<'a> {
    /// Looks at header and trailer; `None` if they are not those of a binary property list.
    pub fn new(bytes: &'a [u8]) -> Option<Bplist<'a>> {
        if !bytes.starts_with(b"bplist00") {
            return None;
        }
        let start = bytes
            .len()
            .checked_sub(TRAILER)
            .filter(|start| *start >= HEADER)?;
        let trailer = &bytes[start..];
        let number = |offset: usize| usize::try_from(unsigned(&trailer[offset..offset + 8])).ok();
        let list = Bplist {
            bytes,
            offset_size: usize::from(trailer[6]),
            ref_size: usize::from(trailer[7]),
            objects: number(8)?,
            top: number(16)?,
            table: number(24)?,
        };
        let sizes = 1..=8;
        let table_end = list
            .objects
            .checked_mul(list.offset_size)?
            .checked_add(list.table)?;
        (sizes.contains(&list.offset_size)
            && sizes.contains(&list.ref_size)
            && list.top < list.objects
            && list.table >= HEADER
            && table_end <= start)
            .then_some(list)
    }

    /// The index of the top object.
    pub fn top(&self) -> usize {
        self.top
    }

    /// How many objects the table has.
    pub fn objects(&self) -> usize {
        self.objects
    }

    /// The index of the top object, and how many bytes an offset and a reference have: what says, with the
    /// objects and their table, how to read the list.
    pub fn shape(&self) -> (usize, usize, usize) {
        (self.top, self.offset_size, self.ref_size)
    }

    /// All bytes of the list.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The bytes in which objects may lie.
    pub fn body(&self) -> &'a [u8] {
        self.bytes.get(..self.table).unwrap_or_default()
    }

    /// The table of offsets, and the trailer behind it.
    pub fn from_table(&self) -> &'a [u8] {
        self.bytes.get(self.table..).unwrap_or_default()
    }

    /// References that stand in these bytes.
    pub fn refs(&self, place: Range<usize>) -> Option<Refs<'a>> {
        Some(Refs {
            bytes: self.body().get(place)?,
            size: self.ref_size,
        })
    }

    /// Where the object at `index` begins.
    pub fn offset(&self, index: usize) -> Option<usize> {
        if index >= self.objects {
            return None;
        }
        let start = self.table + index * self.offset_size;
        let bytes = self.bytes.get(start..start + self.offset_size)?;
        usize::try_from(unsigned(bytes))
            .ok()
            .filter(|offset| *offset >= HEADER)
    }

    /// The object at `index`; `None` if it does not lie within the bytes or is of no known kind.
    pub fn object(&self, index: usize) -> Option<Object<'a>> {
        self.object_and_end(index).map(|(object, _)| object)
    }

    /// The object at `index`, and the bytes that it takes.
    pub fn object_and_place(&self, index: usize) -> Option<(Object<'a>, Range<usize>)> {
        let (object, end) = self.object_and_end(index)?;
        Some((object, self.offset(index)?..end))
    }

    /// The text at `index`, if it is ASCII.
    pub fn ascii(&self, index: usize) -> Option<&'a [u8]> {
        let offset = self.offset(index)?;
        let body = self.bytes.get(..self.table)?;
        // Short text, as all keys are, has its length in its marker.
        if let marker @ 0x50..=0x5e = *body.get(offset)? {
            let start = offset + 1;
            return body.get(start..start + usize::from(marker & 0x0f));
        }
        match self.object(index)? {
            Object::Ascii(text) => Some(text),
            _ => None,
        }
    }

    /// The number at `index`, if it is one of at most 8 bytes, as nearly all are.
    pub fn short_integer(&self, index: usize) -> Option<i64> {
        let (_, rest) = self.body().split_at_checked(self.offset(index)?)?;
        match *rest {
            [0x10, a, ..] => Some(i64::from(a)),
            [0x11, a, b, ..] => Some(i64::from(u16::from_be_bytes([a, b]))),
            [0x12, a, b, c, d, ..] => Some(i64::from(u32::from_be_bytes([a, b, c, d]))),
            [0x13, a, b, c, d, e, f, g, h, ..] => {
                Some(i64::from_be_bytes([a, b, c, d, e, f, g, h]))
            }
            _ => None,
        }
    }

    fn object_and_end(&self, index: usize) -> Option<(Object<'a>, usize)> {
        let offset = self.offset(index)?;
        let body = self.bytes.get(..self.table)?;
        let marker = *body.get(offset)?;
        let low = usize::from(marker & 0x0f);
        let next = offset + 1;
        let take = |start: usize, len: usize| {
            let end = start.checked_add(len)?;
            Some((body.get(start..end)?, end))
        };
        // The length, where 15 says that an integer object with it follows, and where the content
        // begins.
        let sized = || -> Option<(usize, usize)> {
            if low != 0x0f {
                return Some((low, next));
            }
            let marker = *body.get(next)?;
            if marker & 0xf0 != 0x10 || marker & 0x0f > 3 {
                return None;
            }
            let (bytes, end) = take(next + 1, 1 << (marker & 0x0f))?;
            Some((usize::try_from(unsigned(bytes)).ok()?, end))
        };
        let refs = |start: usize, count: usize| {
            let (bytes, end) = take(start, count.checked_mul(self.ref_size)?)?;
            Some((
                Refs {
                    bytes,
                    size: self.ref_size,
                },
                end,
            ))
        };
        Some(match marker >> 4 {
            0x0 => match low {
                0x0 => (Object::Null, next),
                0x8 => (Object::Bool(false), next),
                0x9 => (Object::Bool(true), next),
                _ => return None,
            },
            0x1 if low <= 4 => {
                let (bytes, end) = take(next, 1 << low)?;
                let object = match bytes.try_into() {
                    Ok(bytes) => Object::BigInt(i128::from_be_bytes(bytes)),
                    // Eight bytes are signed; fewer always fit.
                    Err(_) => Object::Int(unsigned(bytes) as i64),
                };
                (object, end)
            }
            0x2 => {
                let (bytes, end) = take(next, 1 << low)?;
                let value = match low {
                    2 => f64::from(f32::from_bits(unsigned(bytes) as u32)),
                    3 => f64::from_bits(unsigned(bytes)),
                    _ => return None,
                };
                (Object::Real(value), end)
            }
            0x3 if low == 3 => {
                let (bytes, end) = take(next, 8)?;
                (Object::Date(f64::from_bits(unsigned(bytes))), end)
            }
            0x4 => {
                let (len, start) = sized()?;
                let (bytes, end) = take(start, len)?;
                (Object::Data(bytes), end)
            }
            0x5 => {
                let (len, start) = sized()?;
                let (bytes, end) = take(start, len)?;
                (Object::Ascii(bytes), end)
            }
            0x6 => {
                let (len, start) = sized()?;
                let (bytes, end) = take(start, len.checked_mul(2)?)?;
                (Object::Utf16(bytes), end)
            }
            0x8 if low < 8 => {
                let (bytes, end) = take(next, low + 1)?;
                (Object::Uid(unsigned(bytes)), end)
            }
            0xa => {
                let (count, start) = sized()?;
                let (refs, end) = refs(start, count)?;
                (Object::Array(refs), end)
            }
            0xb | 0xc => {
                let (count, start) = sized()?;
                let (refs, end) = refs(start, count)?;
                (Object::Set(refs), end)
            }
            0xd => {
                let (count, start) = sized()?;
                let (keys, middle) = refs(start, count)?;
                let (values, end) = refs(middle, count)?;
                (Object::Dict(keys, values), end)
            }
            _ => return None,
        })
    }

    /// The value of `key` in a dictionary; keys are compared as ASCII.
    pub fn get(&self, keys: Refs<'a>, values: Refs<'a>, key: &[u8]) -> Option<Object<'a>> {
        let index = keys
            .iter()
            .position(|index| self.object(index) == Some(Object::Ascii(key)))?;
        self.object(values.get(index)?)
    }

    /// Looks at every object of the table: each must lie within the file, be of a known kind, refer
    /// only to objects there are, hold real ASCII where it says ASCII, and they must not overlap.
    /// That bounds what unfolding the file can cost, and tells a damaged file from one that is
    /// merely beyond a reader.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn look_over(&self) -> Result<Extent, &'static str> {
        let mut occupied: usize = 0;
        let mut extent = Extent::default();
        for index in 0..self.objects {
            let offset = self
                .offset(index)
                .ok_or("an object lies outside the file")?;
            let (object, end) = self
                .object_and_end(index)
                .ok_or("an object is of an unknown kind or reaches past the end")?;
            // Writers share equal objects by reference, never by overlapping bytes.
            occupied = occupied.saturating_add(end - offset);
            if occupied > self.table - HEADER {
                return Err("objects overlap");
            }
            let mut refers = |refs: Refs<'_>| {
                extent.references += refs.len();
                refs.iter().all(|index| index < self.objects)
            };
            let sound = match object {
                Object::Ascii(text) => text.is_ascii(),
                Object::Array(refs) | Object::Set(refs) => refers(refs),
                Object::Dict(keys, values) => refers(keys) && refers(values),
                _ => true,
            };
            if !sound {
                return Err("an object refers to nothing, or text is not text");
            }
            if let Object::Data(bytes) | Object::Ascii(bytes) | Object::Utf16(bytes) = object {
                extent.longest = extent.longest.max(bytes.len());
            }
        }
        Ok(extent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(value: &::plist::Value) -> Vec<u8> {
        let mut bytes = Vec::new();
        value.to_writer_binary(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn objects_are_read_in_place() {
        let mut dict = ::plist::Dictionary::new();
        dict.insert("Size".into(), (-2_i64).into());
        dict.insert("Small".into(), 200_u64.into());
        dict.insert("Digest".into(), ::plist::Value::Data(vec![7; 20]));
        dict.insert("Uid".into(), ::plist::Value::Uid(::plist::Uid::new(5)));
        let bytes = write(&dict.into());
        let list = Bplist::new(&bytes).unwrap();
        let Some(Object::Dict(keys, values)) = list.object(list.top()) else {
            panic!()
        };
        assert_eq!(keys.len(), 4);
        assert_eq!(list.get(keys, values, b"Size"), Some(Object::Int(-2)));
        assert_eq!(list.get(keys, values, b"Small"), Some(Object::Int(200)));
        assert_eq!(
            list.get(keys, values, b"Digest"),
            Some(Object::Data(&[7; 20]))
        );
        assert_eq!(list.get(keys, values, b"Uid"), Some(Object::Uid(5)));
        assert_eq!(list.get(keys, values, b"None"), None);
        let extent = Extent {
            references: 8,
            longest: 20,
        };
        assert_eq!(list.look_over(), Ok(extent));
    }

    #[test]
    fn every_cut_and_every_flipped_byte_is_survived() {
        let mut dict = ::plist::Dictionary::new();
        dict.insert(
            "Key".into(),
            ::plist::Value::Array(vec![true.into(), "text".into()]),
        );
        let bytes = write(&dict.into());
        let look = |bytes: &[u8]| {
            if let Some(list) = Bplist::new(bytes) {
                let _ = list.look_over();
                for index in 0..list.objects().min(100) {
                    let _ = list.object(index);
                }
            }
        };
        for len in 0..bytes.len() {
            look(&bytes[..len]);
        }
        for offset in 0..bytes.len() {
            for bit in 0..8 {
                let mut bytes = bytes.clone();
                bytes[offset] ^= 1 << bit;
                look(&bytes);
            }
        }
    }

    #[test]
    fn objects_that_overlap_are_refused() {
        // Two arrays of two elements each, laid over the same bytes.
        let mut bytes = b"bplist00".to_vec();
        bytes.extend([0xa2, 0, 0]);
        let table = bytes.len() as u8;
        bytes.extend([8, 8, 8]);
        bytes.extend([0, 0, 0, 0, 0, 0, 1, 1]);
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 3]);
        bytes.extend([0; 8]);
        bytes.extend([0, 0, 0, 0, 0, 0, 0, table]);
        let list = Bplist::new(&bytes).unwrap();
        assert_eq!(list.look_over(), Err("objects overlap"));
    }
}
