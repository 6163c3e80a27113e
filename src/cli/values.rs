//! Values of options as people write them: spans of time and sizes.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// Reads a span such as `90d` or `1y6mo`.
///
/// # Errors
/// What is wrong with it, in words.
pub fn span(text: &str) -> Result<Span, String> {
    let mut span = Span::new();
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("an empty span".to_owned());
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let letters = after
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let number: i64 = number.parse().map_err(|_| {
            format!("\"{text}\" is no span: write a number and a unit, such as 90d or 1y6mo")
        })?;
        let added = match unit {
            "y" => span.try_years(number),
            "mo" => span.try_months(number),
            "w" => span.try_weeks(number),
            "d" => span.try_days(number),
            "h" => span.try_hours(number),
            "min" => span.try_minutes(number),
            "m" => return Err("\"m\" could be months or minutes: write mo or min".to_owned()),
            "" => return Err(format!("\"{text}\" lacks a unit: y, mo, w, d, h or min")),
            other => {
                return Err(format!(
                    "\"{other}\" is no unit: write y, mo, w, d, h or min"
                ));
            }
        };
        span = added.map_err(|_| format!("\"{text}\" is too long"))?;
        rest = after;
    }
    Ok(span)
}

/// A span as [`span`] reads it.
pub fn spelled(span: &Span) -> String {
    let parts = [
        (i64::from(span.get_years()), "y"),
        (i64::from(span.get_months()), "mo"),
        (i64::from(span.get_weeks()), "w"),
        (i64::from(span.get_days()), "d"),
        (i64::from(span.get_hours()), "h"),
        (span.get_minutes(), "min"),
    ];
    let parts = parts.iter().filter(|(number, _)| *number != 0);
    let text: String = parts
        .map(|(number, unit)| format!("{number}{unit}"))
        .collect();
    if text.is_empty() {
        "0d".to_owned()
    } else {
        text
    }
}

/// A span, or none.
#[derive(Clone, Copy, Debug)]
pub struct MaybeSpan(pub Option<Span>);

/// Reads a span, or `off`.
///
/// # Errors
/// What is wrong with it, in words.
pub fn span_or_off(text: &str) -> Result<MaybeSpan, String> {
    match text {
        "off" => Ok(MaybeSpan(None)),
        text => span(text).map(|span| MaybeSpan(Some(span))),
    }
}

/// The time that lies `span` before `now`; the earliest there is, where that is too far back.
pub fn before(now: Timestamp, span: Span) -> Timestamp {
    let then = now.to_zoned(TimeZone::UTC).checked_sub(span);
    then.map_or(Timestamp::MIN, |then| then.timestamp())
}

/// The time that lies `span` before `now`, if there is a span.
pub fn before_if(now: Timestamp, span: MaybeSpan) -> Option<Timestamp> {
    span.0.map(|span| before(now, span))
}

/// Reads a size: `20GB` is 20·10⁹ bytes, `20GiB` 20·2³⁰.
///
/// # Errors
/// What is wrong with it, in words.
pub fn size(text: &str) -> Result<u64, String> {
    parse_size::Config::new()
        .with_decimal()
        .parse_size(text)
        .map_err(|_| format!("\"{text}\" is no size: write one such as 20GB or 20GiB"))
}

/// Reads a number of backups.
///
/// # Errors
/// What to write.
pub fn count(text: &str) -> Result<u16, String> {
    number(text, u16::MAX)
}

/// Reads a number of threads.
///
/// # Errors
/// What to write.
pub fn threads(text: &str) -> Result<u16, String> {
    number(text, 256)
}

fn number(text: &str, most: u16) -> Result<u16, String> {
    let number = text.parse().ok();
    let number = number.filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| format!("write a number from 1 to {most}"))
}

/// Reads a time.
///
/// # Errors
/// What to write.
pub fn time(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_| "write a time such as 2026-11-20T09:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_subtracted() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("90d", "2026-08-24T12:00:00Z"),
            ("1y6mo", "2025-05-22T12:00:00Z"),
            ("2w1d", "2026-11-07T12:00:00Z"),
            ("36h30min", "2026-11-20T23:30:00Z"),
            ("0d", "2026-11-22T12:00:00Z"),
        ] {
            assert_eq!(
                before(now, span(text).unwrap()),
                expected.parse().unwrap(),
                "{text}"
            );
        }
        assert_eq!(before(now, span("15000y").unwrap()), Timestamp::MIN);
    }

    #[test]
    fn spans_are_spelled_as_they_are_read() {
        for text in ["90d", "1y6mo", "2w1d", "36h30min", "0d"] {
            assert_eq!(spelled(&span(text).unwrap()), text);
        }
    }

    #[test]
    fn what_is_no_span_says_what_to_write() {
        for (text, words) in [
            ("", "empty"),
            ("5m", "write mo or min"),
            ("5", "lacks a unit"),
            ("d", "write a number"),
            ("5 d", "lacks a unit"),
            ("5days", "\"days\" is no unit"),
            ("-5d", "write a number"),
            ("99999999999999999999d", "write a number"),
            ("999999y", "too long"),
        ] {
            let error = span(text).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn sizes_are_decimal_or_binary_by_their_unit() {
        for (text, bytes) in [
            ("20GB", 20_000_000_000),
            ("20GiB", 21_474_836_480),
            ("500", 500),
            ("1.5kB", 1500),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        let wrong = "\"10XB\" is no size: write one such as 20GB or 20GiB";
        assert_eq!(size("10XB"), Err(wrong.to_owned()));
    }

    #[test]
    fn what_is_no_number_or_time_says_what_to_write() {
        let wrong = |most| Err(format!("write a number from 1 to {most}"));
        for (text, of_backups, of_threads) in [
            ("1", Ok(1), Ok(1)),
            ("256", Ok(256), Ok(256)),
            ("257", Ok(257), wrong(256)),
            ("65535", Ok(65535), wrong(256)),
            ("0", wrong(65535), wrong(256)),
            ("65536", wrong(65535), wrong(256)),
            ("-1", wrong(65535), wrong(256)),
            ("x", wrong(65535), wrong(256)),
        ] {
            assert_eq!(count(text), of_backups, "{text}");
            assert_eq!(threads(text), of_threads, "{text}");
        }
        let now = "2026-11-20T09:00:00Z";
        assert_eq!(time(now), Ok(now.parse().unwrap()));
        let wrong = "write a time such as 2026-11-20T09:00:00Z";
        assert_eq!(time("2026-11-20"), Err(wrong.to_owned()));
    }
}
