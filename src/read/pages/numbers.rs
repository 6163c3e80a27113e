//! Numbers as a database file has them: the highest byte first.

/// A number of up to nine bytes, seven bits each and eight in the last, taken off the front.
#[inline]
pub fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let (first, rest) = bytes.split_first()?;
    if *first < 0x80 {
        *bytes = rest;
        return Some(u64::from(*first));
    }
    long_varint(bytes)
}

fn long_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for index in 0..9 {
        let byte = *bytes.get(index)?;
        if index == 8 {
            number = number << 8 | u64::from(byte);
        } else {
            number = number << 7 | u64::from(byte & 0x7f);
        }
        if byte < 0x80 || index == 8 {
            *bytes = &bytes[index + 1..];
            return Some(number);
        }
    }
    None
}

/// The number of two bytes at `offset`.
#[inline]
pub fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    let bytes = bytes.get(offset..)?.first_chunk()?;
    Some(u16::from_be_bytes(*bytes))
}

/// The number of four bytes at `offset`.
#[inline]
pub fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    let bytes = bytes.get(offset..)?.first_chunk()?;
    Some(u32::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_format_has_them() {
        for (bytes, number) in [
            (&[0x7f][..], 0x7f),
            (&[0x81, 0x00], 0x80),
            (&[0x82, 0x2c], 300),
            (&[0x80, 0x80, 0x05], 5),
            (&[0xff; 9], u64::MAX),
        ] {
            let mut rest = bytes;
            assert_eq!((varint(&mut rest), rest.len()), (Some(number), 0));
            let mut cut = &bytes[..bytes.len() - 1];
            assert_eq!(varint(&mut cut), None);
        }
        let bytes = [0, 1, 2, 3, 4];
        assert_eq!((u16_at(&bytes, 3), u16_at(&bytes, 4)), (Some(0x0304), None));
        assert_eq!(
            (u32_at(&bytes, 1), u32_at(&bytes, 2)),
            (Some(0x0102_0304), None)
        );
    }
}
