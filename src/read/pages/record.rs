//! Records: a header of types, then the values.

use rusqlite::types::ValueRef;

use super::numbers::varint;

/// Columns of the one table that is read here.
pub const COLUMNS: usize = 5;

/// Takes a record apart, as SQLite does it: columns that it has not are NULL, and more than there are in the
/// table are left alone.
pub fn columns(record: &[u8]) -> Option<[ValueRef<'_>; COLUMNS]> {
    let mut rest = record;
    let header = usize::try_from(varint(&mut rest)?).ok()?;
    let types_end = record.len() - header.min(record.len());
    let mut values = record.get(header..)?;
    let mut columns = [ValueRef::Null; COLUMNS];
    for column in &mut columns {
        if rest.len() == types_end {
            break;
        }
        *column = value(varint(&mut rest)?, &mut values)?;
        if rest.len() < types_end {
            return None;
        }
    }
    // Where all types were read, so were all values.
    (rest.len() > types_end || rest.len() == types_end && values.is_empty()).then_some(columns)
}

/// A value of the given type, taken off the front of `values`.
fn value<'a>(kind: u64, values: &mut &'a [u8]) -> Option<ValueRef<'a>> {
    let mut take = |len: usize| -> Option<&'a [u8]> {
        let (value, rest) = values.split_at_checked(len)?;
        *values = rest;
        Some(value)
    };
    Some(match kind {
        // The last two are reserved.
        0 | 10 | 11 => ValueRef::Null,
        1..=6 => {
            let bytes = take([1, 2, 3, 4, 6, 8][kind as usize - 1])?;
            // The first byte has the sign.
            let first = i64::from(bytes[0] as i8);
            let number = bytes[1..]
                .iter()
                .fold(first, |number, byte| number << 8 | i64::from(*byte));
            ValueRef::Integer(number)
        }
        7 => ValueRef::Real(f64::from_be_bytes(take(8)?.try_into().ok()?)),
        8 => ValueRef::Integer(0),
        9 => ValueRef::Integer(1),
        blob if blob % 2 == 0 => ValueRef::Blob(take(usize::try_from((blob - 12) / 2).ok()?)?),
        text => ValueRef::Text(take(usize::try_from((text - 13) / 2).ok()?)?),
    })
}

/// Whether the columns hold what SQLite keeps in columns of these types: text three times, a number, a blob.
/// Text is never kept as a number, nor a number as text.
pub fn fits([id, domain, path, flags, _]: &[ValueRef<'_>; COLUMNS]) -> bool {
    let is_number =
        |value: &ValueRef<'_>| matches!(value, ValueRef::Integer(_) | ValueRef::Real(_));
    ![id, domain, path].into_iter().any(is_number) && !matches!(flags, ValueRef::Text(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_of_the_type_that_is_recorded() {
        use ValueRef::{Blob, Integer, Null, Real, Text};
        // Ten bytes: the size of the header, one type a column, and four bytes of values.
        let read = |types: [u8; 5], values: &[u8]| {
            let record = [&[6], &types[..], values].concat();
            columns(&record).map(|columns| format!("{columns:?}"))
        };
        let is = |columns: [ValueRef<'_>; 5]| Some(format!("{columns:?}"));
        assert_eq!(
            read([0, 1, 8, 9, 17], &[0xfe, b'a', b'b']),
            is([Null, Integer(-2), Integer(0), Integer(1), Text(b"ab")])
        );
        assert_eq!(
            read(
                [2, 3, 5, 16, 13],
                &[1, 0, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 7, 8]
            ),
            is([
                Integer(256),
                Integer(-1),
                Integer(0x1_0000),
                Blob(&[7, 8]),
                Text(b"")
            ])
        );
        let one = 1_f64.to_be_bytes();
        let values = [&one[..], &[0x80, 0, 0, 0], &[0x80, 0, 0, 0, 0, 0, 0, 0]].concat();
        assert_eq!(
            read([7, 4, 6, 0, 0], &values),
            is([
                Real(1.0),
                Integer(-(1 << 31)),
                Integer(i64::MIN),
                Null,
                Null
            ])
        );
        // Reserved types.
        assert_eq!(read([10, 11, 0, 0, 0], &[]), is([Null; 5]));
        // A byte too few, a byte too many.
        assert_eq!(read([1, 0, 0, 0, 0], &[]), None);
        assert_eq!(read([1, 0, 0, 0, 0], &[1, 2]), None);
    }

    #[test]
    fn a_record_may_have_more_columns_than_the_table_and_fewer() {
        let read = |record: &[u8]| columns(record).map(|columns| format!("{columns:?}"));
        let is = |columns: [ValueRef<'_>; 5]| Some(format!("{columns:?}"));
        let (one, none) = (ValueRef::Integer(1), ValueRef::Null);
        assert_eq!(
            read(&[7, 0, 0, 9, 0, 0, 1, 5]),
            is([none, none, one, none, none])
        );
        assert_eq!(read(&[3, 9, 1, 1]), is([one, one, none, none, none]));
        // A value too few, and one too many.
        assert_eq!(read(&[3, 9, 1]), None);
        assert_eq!(read(&[3, 9, 1, 1, 1]), None);
        // The header ends within a type, and beyond the record.
        assert_eq!(read(&[3, 9, 0x81, 0x01, 1]), None);
        assert_eq!(read(&[200, 0, 0, 0, 0, 0]), None);
        // Its own length is no type.
        assert_eq!(read(&[0, 0, 0]), None);
    }

    #[test]
    fn columns_hold_what_sqlite_keeps_there() {
        use ValueRef::{Blob, Integer, Null, Real, Text};
        let usual = [Text(b"a"), Null, Blob(b"b"), Integer(1), Text(b"c")];
        assert!(fits(&usual));
        let with = |at: usize, value| {
            let mut columns = usual;
            columns[at] = value;
            fits(&columns)
        };
        for at in 0..3 {
            assert!(!with(at, Integer(1)) && !with(at, Real(1.5)));
        }
        assert!(with(3, Null) && with(3, Real(1.5)) && with(3, Blob(b"1")));
        assert!(!with(3, Text(b"1")));
        assert!(with(4, Integer(1)));
    }
}
