//! What all devices hold as a map: areas are sizes, and what can go is hatched.

use maud::{Markup, html};

use crate::words::numbers;

use super::lay_out::{Laid, Named, lay_out};
use super::page::{Page, Section};
use super::squarify::Tile;
use super::svg::percent;
use super::{labels, parts};

/// The two maps, of which a screen shows one: their classes, and the least width and the height in pixels
/// that they have there. Names that fit fit wherever it is wider.
const MAPS: [(&str, f64, f64); 2] = [("narrow", 340.0, 416.0), ("wide", 680.0, 352.0)];

/// The section, where there is a backup whose files were looked at.
pub fn section(page: &Page<'_>) -> Option<Section> {
    let devices = parts::devices(page);
    let maps = MAPS.iter().filter_map(|(class, width, height)| {
        let whole = Tile {
            x: 0.0,
            y: 0.0,
            width: *width,
            height: *height,
        };
        // Where each of many devices is too small, they are one.
        let laid = lay_out(&devices, whole).or_else(|| lay_out(&[parts::together(page)], whole));
        Some((*class, whole, laid?))
    });
    let maps: Vec<(&str, Tile, Laid)> = maps.collect();
    let any_goes = devices.iter().any(any_goes);
    let content = html! {
        p {
            "The larger an area, the more it takes, by the lengths of the files."
            @if any_goes { " What can go is hatched." }
            " Each backup below has all its numbers."
        }
        @for (class, whole, laid) in &maps { (map(class, whole, laid)) }
    };
    (!maps.is_empty()).then(|| Section {
        id: "map",
        title: "What is in the backups".to_owned(),
        is_folded: false,
        content,
    })
}

fn any_goes(part: &parts::Part) -> bool {
    part.can_go || part.below.iter().any(any_goes)
}

fn map(class: &str, whole: &Tile, laid: &Laid) -> Markup {
    html! {
        figure.(class) {
            svg.treemap role="img" aria-label="Map of what is in the backups, by device and size" {
                @for named in &laid.tiles { (tile(named, whole)) }
                @for edge in &laid.edges { (outline(edge, whole)) }
            }
            @if laid.left_out > 0 {
                figcaption.quiet { "Too small for this map: " (numbers::size(laid.left_out)) "." }
            }
        }
    }
}

fn tile(named: &Named, whole: &Tile) -> Markup {
    let Tile {
        x,
        y,
        width,
        height,
    } = named.tile;
    let (label_width, label_height) = labels::room(&named.lines);
    let colour = format!("c{}", named.colour);
    html! {
        svg x=(percent(x / whole.width * 100.0)) y=(percent(y / whole.height * 100.0))
            width=(percent(width / whole.width * 100.0)) height=(percent(height / whole.height * 100.0)) {
            title { (named.title) }
            rect.(colour) width="100%" height="100%" {}
            @if named.can_go {
                // A line so wide that it covers the tile: its dashes are the hatching.
                line.stripes x2="100%" y2="100%" {}
                rect.(colour) width=(label_width.round()) height=(label_height.round()) {}
            }
            rect.gap width="100%" height="100%" {}
            @for (nth, line) in named.lines.iter().enumerate() {
                @let (x, y) = labels::place(nth);
                text x=(x) y=(y) { (line) }
            }
        }
    }
}

/// The edge between devices.
fn outline(edge: &Tile, whole: &Tile) -> Markup {
    html! {
        rect.edge x=(percent(edge.x / whole.width * 100.0)) y=(percent(edge.y / whole.height * 100.0))
            width=(percent(edge.width / whole.width * 100.0))
            height=(percent(edge.height / whole.height * 100.0)) {}
    }
}
