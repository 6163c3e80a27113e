//! Numbers and times in words: sizes as Finder shows them, counts with separators, local dates.

use humansize::{BaseUnit, FormatSizeOptions, Kilo};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::model::Frees;

/// A size in decimal units with one decimal from MB up: `999 bytes`, `12 kB`, `3.1 GB`. A value
/// that would round up to `1000.0` of a unit is shown as one of the next.
pub fn size(bytes: u64) -> String {
    if bytes == 1 {
        return "1 byte".to_owned();
    }
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    let decimals = |bytes: u64| usize::from(bytes >= 1_000_000);
    let mut shown = bytes;
    // 999,950 kB would be shown as 1000.0 MB: go up to the unit's full thousand first.
    let mut unit: u64 = 1000;
    while let Some(next) = unit.checked_mul(1000) {
        let half = if unit == 1000 { unit / 2 } else { unit / 20 };
        if bytes < next && bytes >= next - half {
            shown = next;
        }
        unit = next;
    }
    let options = FormatSizeOptions::default()
        .base_unit(BaseUnit::Byte)
        .kilo(Kilo::Decimal)
        .decimal_places(decimals(shown))
        .decimal_zeroes(decimals(shown))
        .space_after_value(true);
    humansize::format_size(shown, options)
}

/// What a removal gives back; an upper bound where the file system can share blocks.
pub fn freed(frees: Frees) -> String {
    let size = size(frees.bytes);
    if frees.exact {
        size
    } else {
        format!("up to {size}")
    }
}

/// A count with thousands separators: `48,310`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 file`, `812 files`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A day as people write it: `20 Nov 2026`, in the given time zone.
pub fn day(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned(zone.clone())
        .strftime("%-d %b %Y")
        .to_string()
}

/// A time with its day: `20 Nov 2026, 03:30`, in the given time zone.
pub fn moment(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned(zone.clone())
        .strftime("%-d %b %Y, %H:%M")
        .to_string()
}

/// The first whole minute from a time on: the one to tell where something can be done only then.
pub fn whole_minute(time: Timestamp) -> Timestamp {
    let rest = SignedDuration::new(59, 999_999_999);
    time.checked_add(rest).unwrap_or(time)
}

/// A time of today: `15:05`, in the given time zone.
pub fn clock(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned(zone.clone()).strftime("%H:%M").to_string()
}

/// How long ago something was, in whole units: `36 hours`, `45 days`.
pub fn age(age: SignedDuration) -> String {
    let hours = u64::try_from(age.as_hours()).unwrap_or(0);
    match hours {
        0..48 => counted(hours, "hour", "hours"),
        _ => counted(hours / 24, "day", "days"),
    }
}

/// How long before `now` something was, as people round it: `5 hours`, `2 days`, `17 months`, `2.7 years`,
/// `3 years`; nothing where it was not before.
pub fn time_since(time: Timestamp, now: Timestamp) -> Option<String> {
    let age = now.duration_since(time);
    (!age.is_negative()).then(|| roughly(age))
}

fn roughly(age: SignedDuration) -> String {
    let minutes = u64::try_from(age.as_mins()).unwrap_or(0);
    let days = minutes / (24 * 60);
    // A year has 365.25 days.
    let (months, tenths) = (days * 48 / 1461, days * 40 / 1461);
    match days {
        0 if minutes < 60 => counted(minutes, "minute", "minutes"),
        0 => counted(minutes / 60, "hour", "hours"),
        1..60 => counted(days, "day", "days"),
        _ if months < 24 => counted(months, "month", "months"),
        _ if tenths < 30 && tenths % 10 > 0 => format!("{}.{} years", tenths / 10, tenths % 10),
        _ => counted(tenths / 10, "year", "years"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_as_finder_shows_them() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1000, "1 kB"),
            (12_345, "12 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (999_999, "1.0 MB"),
            (1_000_000, "1.0 MB"),
            (1_260_000, "1.3 MB"),
            (999_949_999, "999.9 MB"),
            (999_950_000, "1.0 GB"),
            (3_100_000_000, "3.1 GB"),
            (86_400_000_000, "86.4 GB"),
            (999_960_000_000, "1.0 TB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(size(bytes), text, "{bytes}");
        }
    }

    #[test]
    fn counts_have_separators() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (48_310, "48,310"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(count(number), text);
        }
        assert_eq!(counted(1, "file", "files"), "1 file");
        assert_eq!(counted(0, "file", "files"), "0 files");
    }

    #[test]
    fn days_are_local() {
        let time: Timestamp = "2026-11-20T23:30:00Z".parse().unwrap();
        assert_eq!(day(time, &TimeZone::UTC), "20 Nov 2026");
        let east = TimeZone::fixed(jiff::tz::offset(9));
        assert_eq!(day(time, &east), "21 Nov 2026");
        assert_eq!(moment(time, &east), "21 Nov 2026, 08:30");
    }

    #[test]
    fn ages_are_told_in_whole_units() {
        for (hours, text) in [
            (-5, "0 hours"),
            (1, "1 hour"),
            (47, "47 hours"),
            (48, "2 days"),
            (24 * 45 + 23, "45 days"),
        ] {
            assert_eq!(age(SignedDuration::from_hours(hours)), text);
        }
    }

    #[test]
    fn ages_are_rounded_as_people_do() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let later = "2026-11-22T13:00:00Z".parse().unwrap();
        assert_eq!(time_since(later, now), None);
        for (then, text) in [
            ("2026-11-22T12:00:00Z", "0 minutes"),
            ("2026-11-22T11:48:00Z", "12 minutes"),
            ("2026-11-22T10:59:00Z", "1 hour"),
            ("2026-11-21T12:00:01Z", "23 hours"),
            ("2026-11-20T12:00:00Z", "2 days"),
            ("2026-09-24T12:00:00Z", "59 days"),
            ("2026-09-22T12:00:00Z", "2 months"),
            ("2025-06-14T12:00:00Z", "17 months"),
            ("2024-11-23T12:00:00Z", "23 months"),
            ("2024-11-20T12:00:00Z", "2 years"),
            ("2024-03-02T12:00:00Z", "2.7 years"),
            ("2023-09-22T12:00:00Z", "3 years"),
            ("2016-10-09T12:00:00Z", "10 years"),
        ] {
            let then: Timestamp = then.parse().unwrap();
            assert_eq!(time_since(then, now).as_deref(), Some(text), "{then}");
        }
    }
}
