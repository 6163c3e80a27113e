//! What the columns of a row say (F§7.2).

use rusqlite::types::ValueRef;

use crate::model::FileId;
use crate::read::mbfile::Decoder;
use crate::read::row::{Row, RowKind};
use crate::read::tally::Tally;

/// The bytes of text or of a blob.
pub(super) fn bytes(value: ValueRef<'_>) -> Option<&[u8]> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes),
        _ => None,
    }
}

/// The number that text begins with, 0 where it begins with none: what SQL takes text for among bits.
fn leading_integer(text: &[u8]) -> i64 {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
    let text = &text[text.iter().take_while(|byte| blank(byte)).count()..];
    let signs = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let digits = text[signs..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit());
    let number = &text[..signs + digits.count()];
    match str::from_utf8(number).unwrap_or_default().parse() {
        Ok(number) => number,
        // As many digits as there are, or none.
        Err(_) if number.len() <= signs => 0,
        Err(_) if number[0] == b'-' => i64::MIN,
        Err(_) => i64::MAX,
    }
}

/// Flag bits of F§7.2.
const DIRECTORY: i64 = 2;
const SYMLINK: i64 = 4;
const FILE: i64 = 1;
const CHANGED: i64 = 16;

/// The number that a value is among bits: of another type it counts as SQL has it; NULL fits no condition
/// (F§1.4, F§7.2).
fn bits(flags: ValueRef<'_>) -> Option<i64> {
    match flags {
        ValueRef::Integer(flags) => Some(flags),
        ValueRef::Null => None,
        ValueRef::Real(number) => Some(number as i64),
        ValueRef::Text(text) | ValueRef::Blob(text) => Some(leading_integer(text)),
    }
}

/// Whether a row requires a payload (F§1.4).
pub fn is_required([_, _, _, flags, file]: [ValueRef<'_>; 5]) -> bool {
    let without = |flags: i64| flags & (DIRECTORY | SYMLINK | CHANGED) == 0;
    file != ValueRef::Null && bits(flags).is_some_and(without)
}

/// What the columns of a row say.
pub(super) fn row<'a>(
    [id, domain, path, flags, file]: [ValueRef<'a>; 5],
    opaque: bool,
    decoder: &mut Decoder,
) -> Row<'a> {
    let id_text = bytes(id);
    let required = is_required([id, domain, path, flags, file]);
    let flags = bits(flags).unwrap_or(0);
    let has_blob = file != ValueRef::Null;
    let kind = if flags & DIRECTORY != 0 {
        RowKind::Directory
    } else if flags & SYMLINK != 0 {
        RowKind::Symlink
    } else if flags & FILE != 0 || has_blob {
        RowKind::File
    } else {
        RowKind::Other
    };
    let wanted = kind == RowKind::File && has_blob && !opaque;
    let file = if wanted {
        decoder.decode(bytes(file).unwrap_or_default())
    } else {
        None
    };
    Row {
        kind,
        domain: bytes(domain),
        path: bytes(path),
        id_text,
        id: id_text.and_then(FileId::parse),
        required,
        changed: flags & CHANGED != 0,
        size: file
            .and_then(|file| file.size)
            .and_then(|size| u64::try_from(size).ok()),
        birth: file.and_then(|file| file.birth),
        modified: file.and_then(|file| file.modified),
        dataless: file.is_some_and(|file| file.is_dataless()),
        digest: file.and_then(|file| file.digest),
        key: file.and_then(|file| file.key),
        has_key: file.is_some_and(|file| file.has_key),
        undecodable: wanted && file.is_none(),
        id_is_stored: !opaque,
    }
}

/// Adds a row: fileID, domain, relativePath, flags, file.
///
/// # Errors
/// There is no room for it, as [`Tally::add`] says.
pub(super) fn add(
    tally: &mut Tally<'_>,
    columns: [ValueRef<'_>; 5],
    opaque: bool,
) -> Result<(), String> {
    let row = row(columns, opaque, &mut tally.decoder);
    tally.add(&row)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn text_among_bits_is_the_number_that_sql_takes_it_for() {
        let db = Connection::open_in_memory().unwrap();
        for text in [
            "2",
            " 2x",
            "-1",
            "+2",
            "\u{b}2",
            "x",
            "",
            "-",
            "99999999999999999999",
        ] {
            let sql: i64 = db
                .query_row("SELECT ?1 & -1", [text], |row| row.get(0))
                .unwrap();
            assert_eq!(leading_integer(text.as_bytes()), sql, "{text:?}");
        }
    }
}
