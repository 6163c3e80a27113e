//! How long ago something was.

use jiff::Timestamp;

use crate::words::numbers;

/// How long before `now` a time was, as a person says it; nothing where it was not before.
pub fn ago(time: Timestamp, now: Timestamp) -> Option<String> {
    let days = u64::try_from(now.duration_since(time).as_hours()).ok()? / 24;
    if now < time {
        return None;
    }
    let months = days * 10 / 304;
    let tenths = days * 100 / 3652;
    Some(match (days, months) {
        (0, _) => "less than a day ago".to_owned(),
        (1..60, _) => format!("{} ago", numbers::counted(days, "day", "days")),
        (_, ..24) => format!("{} ago", numbers::counted(months, "month", "months")),
        _ if tenths % 10 == 0 => format!("{} years ago", tenths / 10),
        _ => format!("{}.{} years ago", numbers::count(tenths / 10), tenths % 10),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_as_people_say_them() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        for (time, expected) in [
            ("2026-11-22T13:00:00Z", None),
            ("2026-11-22T12:30:00Z", None),
            ("2026-11-22T11:00:00Z", Some("less than a day ago")),
            ("2026-11-21T11:00:00Z", Some("1 day ago")),
            ("2026-09-24T11:00:00Z", Some("59 days ago")),
            ("2026-05-20T19:04:00Z", Some("6 months ago")),
            ("2025-06-14T08:15:00Z", Some("17 months ago")),
            ("2024-03-02T18:20:00Z", Some("2.7 years ago")),
            ("2023-11-22T11:00:00Z", Some("3 years ago")),
        ] {
            let told = ago(time.parse().unwrap(), now);
            assert_eq!(told.as_deref(), expected, "{time}");
        }
    }
}
