//! The newest backup as a map: areas are sizes. Tiles as near to squares as they can be, after Bruls,
//! Huizing and van Wijk, "Squarified Treemaps" (2000).

use std::collections::HashSet;

use maud::{Markup, html};

use crate::render::printable::clean;
use crate::report::document::{Backup, Group};
use crate::words::numbers;

use super::page::{Page, Section};
use super::svg::percent;

/// How many tiles there are at most; what is smaller shares the last one.
const MOST: usize = 16;

/// How many colours there are.
const COLOURS: usize = 10;

/// The map's width and height in pixels on a narrow screen, and on a wide one. Only labels that fit
/// are shown.
const NARROW: (f64, f64) = (350.0, 320.0);
const WIDE: (f64, f64) = (700.0, 320.0);

/// A tile, in hundredths of the map's width and height.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Tile {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// The section, where there is a backup whose files were looked at.
pub fn section(page: &Page<'_>) -> Option<Section> {
    let backup = newest(page)?;
    let parts = parts(&backup.storage);
    let sizes: Vec<f64> = parts.iter().map(|(_, bytes)| *bytes as f64).collect();
    let tiles = tiles(&sizes);
    let title = page.title(backup);
    let label = format!(
        "Map of what is in the newest backup, {title}, by size; the table of that backup has all numbers"
    );
    let content = html! {
        p {
            (title) ", " (page.made(backup))
            ". The larger an area, the more it takes; the card of this backup has the numbers."
        }
        figure {
            svg.treemap role="img" aria-label=(label) {
                @for (nth, ((name, bytes), tile)) in parts.iter().zip(&tiles).enumerate() {
                    (draw(nth, name, *bytes, tile))
                }
            }
        }
    };
    Some(Section {
        id: "map",
        title: "The newest backup".to_owned(),
        content,
    })
}

/// The newest good backup that has payloads, else the newest of all that have.
fn newest<'a>(page: &'a Page<'_>) -> Option<&'a Backup<'a>> {
    let good: HashSet<usize> = (page.document.devices.iter())
        .filter_map(|device| page.find(device.newest_good.as_deref()?))
        .collect();
    let backups = page.document.backups.iter().enumerate();
    let has_any = |backup: &Backup<'_>| backup.storage.iter().any(|group| group.bytes > 0);
    let newest = backups
        .filter(|(_, backup)| has_any(backup))
        .max_by_key(|(index, backup)| {
            let made = backup.last_backup.as_ref().map(|last| last.at);
            (good.contains(index), made)
        });
    newest.map(|(_, backup)| backup)
}

/// Names and bytes of the tiles, largest first.
fn parts(storage: &[Group<'_>]) -> Vec<(String, u64)> {
    let mut parts: Vec<(String, u64)> = (storage.iter())
        .filter(|group| group.bytes > 0)
        .map(|group| (clean(&group.group), group.bytes))
        .collect();
    parts.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    if parts.len() > MOST {
        let rest = parts.split_off(MOST - 1);
        let bytes = rest
            .iter()
            .fold(0_u64, |sum, (_, bytes)| sum.saturating_add(*bytes));
        parts.push((format!("{} more", rest.len()), bytes));
    }
    parts
}

fn draw(nth: usize, name: &str, bytes: u64, tile: &Tile) -> Markup {
    let size = numbers::size(bytes);
    let colour = format!("c{}", nth % COLOURS);
    let fits = |(width, height): (f64, f64), lines: f64| {
        // Letters of this size are about eight pixels wide, and some are wider.
        let longest = name
            .chars()
            .count()
            .max(if lines > 1.0 { size.len() } else { 0 });
        tile.width / 100.0 * width >= longest as f64 * 9.0 + 14.0
            && tile.height / 100.0 * height >= lines * 20.0 + 6.0
    };
    let class = |lines| match (fits(NARROW, lines), fits(WIDE, lines)) {
        (true, _) => Some("label"),
        (false, true) => Some("if-wide"),
        (false, false) => None,
    };
    html! {
        svg x=(percent(tile.x)) y=(percent(tile.y)) width=(percent(tile.width)) height=(percent(tile.height)) {
            title { (name) ", " (size) }
            rect.(colour) width="100%" height="100%" {}
            rect.gap width="100%" height="100%" {}
            @if let Some(class) = class(1.0) { text.(class) x="8" y="20" { (name) } }
            @if let Some(class) = class(2.0) { text.(class) x="8" y="40" { (size) } }
        }
    }
}

/// Tiles for sizes that go down, in their order. They fill the map.
fn tiles(sizes: &[f64]) -> Vec<Tile> {
    let total: f64 = sizes.iter().sum();
    let mut free = Tile {
        x: 0.0,
        y: 0.0,
        width: 100.0,
        height: 100.0,
    };
    let mut tiles = Vec::with_capacity(sizes.len());
    let areas: Vec<f64> = sizes
        .iter()
        .map(|size| size / total * 100.0 * 100.0)
        .collect();
    let mut rest = areas.as_slice();
    while !rest.is_empty() {
        let side = free.width.min(free.height);
        // As many in this row as make its worst tile better.
        let mut count = 1;
        while count < rest.len() && worst(&rest[..=count], side) <= worst(&rest[..count], side) {
            count += 1;
        }
        let (row, others) = rest.split_at(count);
        tiles.extend(lay(row, &mut free));
        rest = others;
    }
    tiles
}

/// How far the worst tile of a row along `side` is from a square.
fn worst(row: &[f64], side: f64) -> f64 {
    let sum: f64 = row.iter().sum();
    let depth = sum / side;
    let ratios = row.iter().map(|area| {
        let length = area / depth;
        (length / depth).max(depth / length)
    });
    ratios.fold(0.0, f64::max)
}

/// Lays a row along the shorter side of what is free, and takes it away from there.
fn lay(row: &[f64], free: &mut Tile) -> Vec<Tile> {
    let sum: f64 = row.iter().sum();
    let is_upright = free.width >= free.height;
    let side = if is_upright { free.height } else { free.width };
    let depth = if side > 0.0 { sum / side } else { 0.0 };
    let mut along = 0.0;
    let tiles = row.iter().map(|area| {
        let length = if depth > 0.0 { area / depth } else { 0.0 };
        let start = along;
        along += length;
        match is_upright {
            true => Tile {
                x: free.x,
                y: free.y + start,
                width: depth,
                height: length,
            },
            false => Tile {
                x: free.x + start,
                y: free.y,
                width: length,
                height: depth,
            },
        }
    });
    let tiles: Vec<Tile> = tiles.collect();
    match is_upright {
        true => {
            free.x += depth;
            free.width = (free.width - depth).max(0.0);
        }
        false => {
            free.y += depth;
            free.height = (free.height - depth).max(0.0);
        }
    }
    tiles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_have_the_areas_of_their_sizes_and_fill_the_map() {
        // The example of the paper.
        let sizes = [6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0];
        let tiles = tiles(&sizes);
        let areas = tiles
            .iter()
            .map(|tile| tile.width * tile.height / 10_000.0 * 24.0);
        for (area, size) in areas.zip(sizes) {
            assert!((area - size).abs() < 1e-9, "{area} is not {size}");
        }
        let first = Tile {
            x: 0.0,
            y: 0.0,
            width: 50.0,
            height: 50.0,
        };
        assert_eq!(tiles[..2], [first, Tile { y: 50.0, ..first }]);
        for tile in &tiles {
            assert!(
                tile.x >= 0.0 && tile.x + tile.width < 100.0 + 1e-9,
                "{tile:?}"
            );
            assert!(
                tile.y >= 0.0 && tile.y + tile.height < 100.0 + 1e-9,
                "{tile:?}"
            );
        }
    }

    #[test]
    fn any_sizes_give_numbers() {
        let huge = u64::MAX as f64;
        for sizes in [&[][..], &[1.0], &[huge, 1.0], &[huge; 16], &[1.0; 16]] {
            let tiles = tiles(sizes);
            assert_eq!(tiles.len(), sizes.len());
            for Tile {
                x,
                y,
                width,
                height,
            } in tiles
            {
                assert!(
                    [x, y, width, height]
                        .iter()
                        .all(|number| number.is_finite())
                );
            }
        }
    }
}
