//! How devices developed over the runs that this computer remembers, as lines.

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

/// How many runs of a backup stand in its table.
const MOST_ROWS: usize = 12;

/// How many kinds of lines there are.
const KINDS: usize = 4;

/// The size of the picture, in units of its own.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 200.0;
/// Lines have some room around them.
const MARGIN: f64 = 10.0;

/// The section, where anything is known.
pub fn section(page: &Page<'_>) -> Option<Section> {
    let content = html! {
        p { "What each backup took on the disk, in the runs that this computer remembers." }
        @for history in page.histories { (device(page, history)) }
    };
    (!page.histories.is_empty()).then(|| Section {
        id: "history",
        title: "How they grew".to_owned(),
        content,
    })
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
    let all = || history.series.iter().flat_map(|series| &series.runs);
    let times = (all().map(|run| run.at).min(), all().map(|run| run.at).max());
    let most = all().map(|run| run.allocated).max().unwrap_or(0);
    let (Some(first), Some(last)) = times else {
        return html! {};
    };
    let label = format!(
        "{title}: sizes from {} to {}, at most {}; the tables below have the numbers",
        numbers::day(first, page.zone),
        numbers::day(last, page.zone),
        numbers::size(most)
    );
    html! {
        h3 { (title) }
        figure {
            p.span { span { "up to " (numbers::size(most)) } }
            svg.lines role="img" aria-label=(label) viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" {
                rect.frame width=(WIDTH) height=(HEIGHT) {}
                @for (nth, series) in history.series.iter().enumerate() {
                    (line(nth, &series.runs, (first, last), most))
                }
            }
            p.span { span { (page.day(first)) } span { (page.day(last)) } }
        }
        @for (nth, series) in history.series.iter().enumerate() {
            (table(page, nth, series, history.series.len() > 1))
        }
    }
}

/// A line with a dot for each run.
fn line(nth: usize, runs: &[DeviceRun], times: (Timestamp, Timestamp), most: u64) -> Markup {
    let mut sorted: Vec<&DeviceRun> = runs.iter().collect();
    sorted.sort_by_key(|run| run.at);
    let points: Vec<(String, String)> = sorted.iter().map(|run| point(run, times, most)).collect();
    let path: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
    let kind = format!("s{}", nth % KINDS);
    html! {
        polyline.run.(kind) points=(path.join(" ")) {}
        @for (x, y) in &points { line.dot x1=(x) y1=(y) x2=(x) y2=(y) {} }
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

fn table(page: &Page<'_>, nth: usize, series: &Series, is_one_of_several: bool) -> Markup {
    let mut runs: Vec<&DeviceRun> = series.runs.iter().collect();
    runs.sort_by_key(|run| run.at);
    let left_out = runs.len().saturating_sub(MOST_ROWS);
    html! {
        @if is_one_of_several {
            h4 { (name(page, nth, series)) }
        }
        @if let Some(growth) = &series.growth { p { (growth) } }
        details {
            summary { (numbers::counted(series.runs.len() as u64, "run", "runs")) }
            table {
                (head(&[Words("Run"), Words("Verdict"), Numbers("On the disk")]))
                tbody {
                    @for run in &runs[left_out..] {
                        tr {
                            th scope="row" { (page.day(run.at)) }
                            td { (verdict(run.verdict.as_str())) }
                            td.number { (other_bytes(run.allocated)) }
                        }
                    }
                }
            }
            @if left_out > 0 {
                p.quiet { "The last " (MOST_ROWS) " runs; bkscan history --json has all." }
            }
        }
    }
}

/// Which of the device's backups a line is about.
fn name(page: &Page<'_>, nth: usize, series: &Series) -> Markup {
    const KIND: [&str; KINDS] = ["solid", "dashed", "dotted", "dash and dot"];
    let kind = KIND[nth % KINDS];
    let backup = series
        .backup
        .and_then(|index| Some((index, page.document.backups.get(index)?)));
    html! {
        @match backup {
            Some((index, backup)) => { a href={ "#backup-" (index + 1) } { "The backup of " (page.made(backup)) } },
            None => "A backup that is not here any more",
        }
        " (" (kind) " line)"
    }
}
