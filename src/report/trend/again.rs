//! Whether two records are of the same backup. Pure.

use jiff::Timestamp;

use crate::model::PastBackup;

/// Whether it is the same backup, wherever it lies: of one device, and neither its date nor the number of
/// its run speaks against it, and at least one of them for it.
pub fn is_same(one: &PastBackup, other: &PastBackup) -> bool {
    // What the first version kept of a backup is its date, from wherever it came.
    let date = |backup: &PastBackup| backup.manifest_date.filter(|date| is_told(*date));
    let dates = match (date(one), date(other)) {
        (Some(one), Some(other)) => Some(one == other),
        _ => agree(&one.last_backup, &other.last_backup),
    };
    let numbers = agree(&number(one), &number(other));
    one.udid == other.udid
        && one.udid.is_some()
        && [dates, numbers].contains(&Some(true))
        && ![dates, numbers].contains(&Some(false))
}

/// Whether what is in the folder of `old` now is the same backup, or one that a later run of the device
/// made of it. What cannot be told is taken for that.
pub fn is_in_its_place(now: &PastBackup, old: &PastBackup) -> bool {
    let is_other = now.udid.is_some() && old.udid.is_some() && now.udid != old.udid;
    let dates = now.manifest_date.zip(old.manifest_date);
    let is_older = dates.is_some_and(|(now, old)| now < old);
    now.path == old.path && !is_other && !is_older
}

fn agree<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> Option<bool> {
    Some(one.as_ref()? == other.as_ref()?)
}

/// Tools write a date of 1970 where they know none.
fn is_told(date: Timestamp) -> bool {
    date != Timestamp::UNIX_EPOCH
}

/// The number of the run; tools write zeros.
fn number(backup: &PastBackup) -> Option<&str> {
    let number = backup.status_uuid.as_deref();
    number.filter(|number| number.contains(|digit: char| digit.is_ascii_hexdigit() && digit != '0'))
}
