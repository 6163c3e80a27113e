//! How devices developed over the runs that this computer remembers: a line a backup, and its curve.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::model::DeviceRun;
use crate::render::printable::clean;
use crate::words::numbers;

use super::histories::{DeviceRuns, Series};
use super::number::other_bytes;
use super::page::{Page, Section};
use super::table::{Numbers, Words, head};
use super::verdict::verdict;

/// How many changes of a backup stand in its table.
const MOST_ROWS: usize = 12;

/// The size of a curve, in units of its own.
const WIDTH: f64 = 200.0;
const HEIGHT: f64 = 40.0;
/// Curves have some room around them.
const MARGIN: f64 = 4.0;

/// Runs in a row that found the same.
struct Stretch<'a> {
    first: &'a DeviceRun,
    last: &'a DeviceRun,
    runs: u64,
}

/// The section, where anything is known.
pub fn section(page: &Page<'_>) -> Option<Section> {
    let content = html! {
        p { "What each backup took on the disk, in the runs that this computer remembers. A curve begins at nothing." }
        @for history in in_order(page) { (device(page, history)) }
    };
    (!page.histories.is_empty()).then(|| Section {
        id: "history",
        title: "How they grew".to_owned(),
        is_folded: false,
        content,
    })
}

/// The devices in the order of their cards.
fn in_order<'a>(page: &'a Page<'_>) -> Vec<&'a DeviceRuns> {
    let owners = page.owners();
    let mut histories: Vec<&DeviceRuns> = page.histories.iter().collect();
    histories.sort_by_key(|history| {
        owners
            .iter()
            .position(|owner| owner.device == Some(history.device))
    });
    histories
}

fn device(page: &Page<'_>, history: &DeviceRuns) -> Markup {
    let device = page.document.devices.get(history.device);
    let of_backup = history.series.iter().find_map(|series| series.backup);
    let title = match of_backup.and_then(|index| page.document.backups.get(index)) {
        Some(backup) => page.title(backup),
        None => device
            .and_then(|device| device.name.as_deref())
            .map_or_else(|| "A device".to_owned(), clean),
    };
    html! {
        h3 { (title) }
        ul.growth { @for series in &history.series { li { (line(page, series)) } } }
    }
}

/// A backup in a line, with its curve and what changed.
fn line(page: &Page<'_>, series: &Series) -> Markup {
    let mut runs: Vec<&DeviceRun> = series.runs.iter().collect();
    runs.sort_by_key(|run| run.at);
    let stretches = stretches(&runs);
    html! {
        p { (name(page, series)) ": " (told(page, series, &stretches)) }
        (curve(page, &runs))
        @if stretches.len() > 1 { (changes(page, &stretches)) }
    }
}

/// Puts runs together that found the same size and verdict.
fn stretches<'a>(runs: &[&'a DeviceRun]) -> Vec<Stretch<'a>> {
    let same =
        runs.chunk_by(|one, next| one.allocated == next.allocated && one.verdict == next.verdict);
    let stretches = same.filter_map(|runs| {
        Some(Stretch {
            first: runs.first()?,
            last: runs.last()?,
            runs: runs.len() as u64,
        })
    });
    stretches.collect()
}

/// What became of it, in words.
fn told(page: &Page<'_>, series: &Series, stretches: &[Stretch<'_>]) -> Markup {
    let Some(last) = stretches.last() else {
        return html! {};
    };
    let before = stretches.iter().rev().nth(1);
    let was = before.filter(|before| before.last.verdict != last.last.verdict);
    html! {
        @if last.runs > 1 {
            "unchanged in " (numbers::count(last.runs)) " runs since " (page.day(last.first.at)) ", "
        } @else if before.is_none() {
            "one run, of " (page.day(last.first.at)) ", "
        }
        (verdict(last.last.verdict.as_str())) ", " (other_bytes(last.last.allocated)) "."
        @if let Some(was) = was {
            " Until " (page.day(was.last.at)) " it was " (verdict(was.last.verdict.as_str())) "."
        }
        @if last.runs == 1 && let Some(growth) = &series.growth { " " (growth) }
    }
}

/// The sizes over the time of the runs.
fn curve(page: &Page<'_>, runs: &[&DeviceRun]) -> Markup {
    let [first, .., last] = runs else {
        return html! {};
    };
    let most = runs.iter().map(|run| run.allocated).max().unwrap_or(0);
    let times = (first.at, last.at);
    let points: Vec<(String, String)> = runs.iter().map(|run| point(run, times, most)).collect();
    let path: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
    let label = format!(
        "Sizes from {} to {}, at most {}",
        numbers::day(first.at, page.zone),
        numbers::day(last.at, page.zone),
        numbers::size(most)
    );
    let points = points.first().into_iter().chain(points.last());
    html! {
        svg.curve role="img" aria-label=(label) viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" {
            rect.frame width=(WIDTH) height=(HEIGHT) {}
            polyline.run points=(path.join(" ")) {}
            @for (x, y) in points { line.dot x1=(x) y1=(y) x2=(x) y2=(y) {} }
        }
    }
}

/// Where a run is in the picture.
fn point(run: &DeviceRun, (first, last): (Timestamp, Timestamp), most: u64) -> (String, String) {
    let part = |value: f64, whole: f64| if whole > 0.0 { value / whole } else { 0.5 };
    let seconds = |to: Timestamp| to.duration_since(first).as_secs_f64();
    let x = MARGIN + part(seconds(run.at), seconds(last)) * (WIDTH - 2.0 * MARGIN);
    let y = HEIGHT - MARGIN - part(run.allocated as f64, most as f64) * (HEIGHT - 2.0 * MARGIN);
    (format!("{x:.1}"), format!("{y:.1}"))
}

/// What changed, and when: no row is like the one above it.
fn changes(page: &Page<'_>, stretches: &[Stretch<'_>]) -> Markup {
    let left_out = stretches.len().saturating_sub(MOST_ROWS);
    html! {
        details {
            summary { "What changed" }
            table {
                (head(&[Words("Since"), Words("Verdict"), Numbers("Runs"), Numbers("On the disk")]))
                tbody {
                    @for stretch in &stretches[left_out..] {
                        tr {
                            th scope="row" { (page.day(stretch.first.at)) }
                            td { (verdict(stretch.first.verdict.as_str())) }
                            td.number { (numbers::count(stretch.runs)) }
                            td.number { (other_bytes(stretch.first.allocated)) }
                        }
                    }
                }
            }
            @if left_out > 0 {
                p.quiet { "The last " (MOST_ROWS) " changes; bkscan history --json has all runs." }
            }
        }
    }
}

/// Which of the device's backups a line is about.
fn name(page: &Page<'_>, series: &Series) -> Markup {
    let backup = series
        .backup
        .and_then(|index| Some((index, page.document.backups.get(index)?)));
    html! {
        @match backup {
            Some((index, backup)) => { a href={ "#backup-" (index + 1) } { (page.made(backup)) } },
            None => "A backup that is not here any more",
        }
    }
}
