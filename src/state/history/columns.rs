//! What stands in a column, and what it means.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::model::Level;
use crate::system;

/// A path or another name of the system: text where it is UTF-8, so that people can read it, else the
/// bytes as the system keeps them.
pub(super) struct Name<'a>(pub(super) &'a OsStr);

pub(super) struct OwnedName(pub(super) OsString);

impl ToSql for Name<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0.to_str() {
            Some(text) => text.into(),
            None => system::path_bytes(self.0).into(),
        })
    }
}

impl FromSql for OwnedName {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<OwnedName> {
        let name = match value {
            ValueRef::Blob(bytes) => system::path_from_bytes(bytes),
            value => Some(value.as_str()?.into()),
        };
        name.map(OwnedName).ok_or(FromSqlError::InvalidType)
    }
}

pub(super) fn path(row: &Row<'_>, column: usize) -> rusqlite::Result<PathBuf> {
    Ok(row.get::<_, OwnedName>(column)?.0.into())
}

/// A number as SQLite can keep it.
pub(super) fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    needed(row, column, |word| word.parse().ok())
}

pub(super) fn level(row: &Row<'_>, column: usize) -> rusqlite::Result<Level> {
    needed(row, column, |word| {
        let mut all = [Level::Quick, Level::Standard, Level::Contents].into_iter();
        all.find(|level| level.as_str() == word)
    })
}

/// A word that is there and means something.
pub(super) fn needed<T>(
    row: &Row<'_>,
    column: usize,
    meaning: fn(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    word(row, column, meaning)?.ok_or_else(|| meaningless(column))
}

/// A word that means something, if it is there.
pub(super) fn word<T>(
    row: &Row<'_>,
    column: usize,
    meaning: impl Fn(&str) -> Option<T>,
) -> rusqlite::Result<Option<T>> {
    let Some(word) = row.get_ref(column)?.as_str_or_null()? else {
        return Ok(None);
    };
    meaning(word).map(Some).ok_or_else(|| meaningless(column))
}

pub(super) fn meaningless(column: usize) -> rusqlite::Error {
    let error = FromSqlError::Other("a word that means nothing".into());
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
}
