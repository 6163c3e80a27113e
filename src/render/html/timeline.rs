//! A device's backups on a line, from its oldest to the day of the run: a mark a backup.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::render::printable::clean;
use crate::report::document::Backup;
use crate::words::numbers;

use super::marks::mark;
use super::page::{Owner, Page};
use super::svg::percent;

/// The radius of the largest mark, and of the smallest that can be told from others.
const LARGEST: f64 = 9.5;
const SMALLEST: f64 = 3.0;

/// Which part of the picture marks may stand in, so that none sticks out.
const ROOM: (f64, f64) = (8.0, 92.0);

/// The line; nothing where no backup of the device has a date. `most` is the size of the largest of all.
pub fn line(page: &Page<'_>, owner: &Owner, most: u64) -> Option<Markup> {
    let backups = owner.backups.iter();
    let mut dated: Vec<(usize, Timestamp)> = backups
        .filter_map(|index| {
            let backup = &page.document.backups[*index];
            Some((*index, backup.last_backup.as_ref()?.at))
        })
        .collect();
    let first = dated.iter().map(|(_, at)| *at).min()?;
    let newest = dated.iter().map(|(_, at)| *at).max()?;
    let last = newest.max(page.document.started_at);
    let size = |index: usize| {
        page.document.backups[index]
            .size
            .allocated_bytes
            .unwrap_or(0)
    };
    // Small ones are not hidden behind large ones.
    dated.sort_by_key(|(index, _)| std::cmp::Reverse(size(*index)));
    let label = format!(
        "{}, from {} to {}",
        numbers::counted(dated.len() as u64, "backup", "backups"),
        numbers::day(first, page.zone),
        numbers::day(newest, page.zone),
    );
    Some(html! {
        div.timeline {
            span { (page.day(first)) }
            svg.dots role="img" aria-label=(label) {
                line.axis x1="0" y1="50%" x2="100%" y2="50%" {}
                @for (index, at) in &dated {
                    svg x=(percent(place(*at, (first, last)))) y="50%" {
                        (dot(page, *index, radius(size(*index), most)))
                    }
                }
            }
            span { (page.day(last)) }
        }
    })
}

fn dot(page: &Page<'_>, index: usize, radius: f64) -> Markup {
    let backup = &page.document.backups[index];
    let size = backup.size.allocated_bytes.map(numbers::size);
    let mut words = vec![page.made_in_words(backup), clean(&backup.verdict)];
    words.extend(size);
    words.extend(can_go(backup).then(|| "can go".to_owned()));
    html! {
        title { (words.join(", ")) }
        (mark(&backup.verdict, radius, can_go(backup)))
    }
}

/// Whether a backup is not needed any more.
pub fn can_go(backup: &Backup<'_>) -> bool {
    backup.decision.action == "remove"
}

/// The radius of the mark of so many bytes, so that areas are sizes.
fn radius(bytes: u64, most: u64) -> f64 {
    let part = if most > 0 {
        bytes as f64 / most as f64
    } else {
        1.0
    };
    (LARGEST * part.clamp(0.0, 1.0).sqrt()).max(SMALLEST)
}

/// Where a time is on the line, in hundredths of its length.
fn place(at: Timestamp, (first, last): (Timestamp, Timestamp)) -> f64 {
    let seconds = |to: Timestamp| to.duration_since(first).as_secs_f64();
    let part = match seconds(last) {
        whole if whole > 0.0 => seconds(at) / whole,
        _ => 0.5,
    };
    ROOM.0 + part * (ROOM.1 - ROOM.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_sizes_and_places_are_times() {
        let area = |bytes| radius(bytes, 100).powi(2);
        assert!((area(50) / area(100) - 0.5).abs() < 1e-9);
        assert!((radius(0, 100) - SMALLEST).abs() < 1e-9);
        assert!((radius(u64::MAX, 0) - LARGEST).abs() < 1e-9);
        let time = |text: &str| -> Timestamp { text.parse().unwrap() };
        let span = (time("2026-01-01T00:00:00Z"), time("2026-01-11T00:00:00Z"));
        for (at, expected) in [
            ("2026-01-01T00:00:00Z", 8.0),
            ("2026-01-06T00:00:00Z", 50.0),
            ("2026-01-11T00:00:00Z", 92.0),
        ] {
            assert!((place(time(at), span) - expected).abs() < 1e-9, "{at}");
        }
        assert!((place(span.0, (span.0, span.0)) - 50.0).abs() < 1e-9);
    }
}
