//! Values of options as people write them: spans of time, sizes, shares.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::model::options::Share;

/// The largest number of backups that may be kept.
pub const MOST_BACKUPS: u16 = u16::MAX;

/// The largest number of threads.
pub const MOST_THREADS: u16 = 256;

/// Lengthens a span by so many of a unit.
pub type Lengthen = fn(Span, i64) -> Result<Span, jiff::Error>;

/// The units of spans, in all their spellings.
pub const UNITS: [(&[&str], Lengthen); 6] = [
    (&["y", "yr", "yrs", "year", "years"], |span, number| {
        span.try_years(number)
    }),
    (&["mo", "mos", "month", "months"], |span, number| {
        span.try_months(number)
    }),
    (&["w", "wk", "wks", "week", "weeks"], |span, number| {
        span.try_weeks(number)
    }),
    (&["d", "day", "days"], |span, number| span.try_days(number)),
    (&["h", "hr", "hrs", "hour", "hours"], |span, number| {
        span.try_hours(number)
    }),
    (&["min", "mins", "minute", "minutes"], |span, number| {
        span.try_minutes(number)
    }),
];

/// Reads a span such as `90d`, `1y6mo` or `1 year 6 months`.
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
        let (number, after) = split(rest, |c| c.is_ascii_digit());
        let (unit, after) = split(after, |c| c.is_alphabetic());
        let number: i64 = number.parse().map_err(|_| {
            format!("\"{text}\" is no span: write a number and a unit, such as 90d or 1y6mo")
        })?;
        let unit = unit.to_lowercase();
        let known = UNITS.iter().find(|(words, _)| words.contains(&&*unit));
        let added = match (known, unit.as_str()) {
            (Some((_, lengthen)), _) => lengthen(span, number),
            (None, "m") => {
                return Err("\"m\" could be months or minutes: write mo or min".to_owned());
            }
            (None, "") => return Err(format!("\"{text}\" lacks a unit: y, mo, w, d, h or min")),
            (None, other) => {
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

/// What a text begins with, and what comes after it, blanks aside.
fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    let (first, rest) = text.split_at(end);
    (first, rest.trim_start())
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

/// Reads a share such as `2%`; the sign may be left out.
///
/// # Errors
/// What is wrong with it, in words.
pub fn share(text: &str) -> Result<Share, String> {
    /// A percent has so many millionths.
    const PERCENT: u32 = 10_000;
    const RANGE: &str = "from 0 to 100, such as 2% or 0.5%";
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.strip_suffix('%').unwrap_or(text);
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || part.is_empty() || !is_digits(whole) || !is_digits(part) {
        let is_negative = number
            .strip_prefix('-')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        return Err(match is_negative {
            true => format!("\"{text}\" is less than nothing: write a share {RANGE}"),
            false => format!("\"{text}\" is no share: write one {RANGE}"),
        });
    }
    // What is finer than that is left out: less may be lost then, not more.
    let places = part.bytes().chain(std::iter::repeat(b'0')).take(4);
    let part_of_percent = places.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    let is_whole = part.bytes().all(|digit| digit == b'0');
    match whole.parse::<u32>() {
        Ok(percent) if percent < 100 || percent == 100 && is_whole => {
            Ok(Share::of_millionths(percent * PERCENT + part_of_percent))
        }
        _ => Err(format!(
            "\"{text}\" is more than all: write a share {RANGE}"
        )),
    }
}

/// Reads a number of backups.
///
/// # Errors
/// What to write.
pub fn count(text: &str) -> Result<u16, String> {
    number(text, MOST_BACKUPS)
}

/// Reads a number of threads.
///
/// # Errors
/// What to write.
pub fn threads(text: &str) -> Result<u16, String> {
    number(text, MOST_THREADS)
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
            ("90 days", "2026-08-24T12:00:00Z"),
            ("1 year 6 months", "2025-05-22T12:00:00Z"),
            ("1Year6Month", "2025-05-22T12:00:00Z"),
            (" 2 weeks 1 day ", "2026-11-07T12:00:00Z"),
            ("36 hours 30 minutes", "2026-11-20T23:30:00Z"),
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
            ("5 m", "write mo or min"),
            ("1 M", "write mo or min"),
            ("1 year 6", "lacks a unit"),
            ("5 Tage", "\"tage\" is no unit"),
            ("one year", "write a number"),
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
    fn shares_are_read_with_and_without_their_sign() {
        for (text, millionths) in [
            ("0", 0),
            ("0%", 0),
            ("2%", 20_000),
            ("2", 20_000),
            ("02%", 20_000),
            ("0.5%", 5_000),
            ("0.5", 5_000),
            ("12.25%", 122_500),
            ("0.0001%", 1),
            ("0.00019%", 1),
            ("99.9999%", 999_999),
            ("100%", 1_000_000),
            ("100", 1_000_000),
            ("100.0%", 1_000_000),
        ] {
            let share = share(text).map(Share::millionths);
            assert_eq!(share, Ok(millionths), "{text}");
        }
        assert_eq!(
            (share("0"), share("100%")),
            (Ok(Share::NONE), Ok(Share::ALL))
        );
    }

    #[test]
    fn what_is_no_share_says_what_to_write() {
        let range = "from 0 to 100, such as 2% or 0.5%";
        let less = format!("is less than nothing: write a share {range}");
        let more = format!("is more than all: write a share {range}");
        let none = format!("is no share: write one {range}");
        for (text, what) in [
            ("-1", &less),
            ("-0.5%", &less),
            ("-", &none),
            ("101", &more),
            ("100.0001%", &more),
            ("100.00000000001", &more),
            ("99999999999999999999%", &more),
            ("nan", &none),
            ("inf", &none),
            ("", &none),
            ("%", &none),
            ("2%%", &none),
            ("2 %", &none),
            ("0,5%", &none),
            ("1e1", &none),
            ("+1", &none),
            (".5", &none),
            ("5.", &none),
            ("1.2.3", &none),
            ("\u{662}%", &none),
            ("--delete", &none),
        ] {
            assert_eq!(share(text), Err(format!("\"{text}\" {what}")));
        }
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
