//! Lays the parts of the map out, so that no tile is without its name: what is too small for its own name
//! shares a tile with others, and what is too small for that is left out and counted.

use crate::words::numbers;

use super::labels;
use super::parts::{MIXED, Part, sum};
use super::squarify::{Tile, tiles};

/// How many parts of one whole have tiles of their own.
const MOST: usize = 12;

/// What may be left out of a whole: less than one in so many bytes.
const LEAST: u64 = 50;

/// A tile with its names.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    pub tile: Tile,
    pub lines: Vec<String>,
    /// The whole of it, in words.
    pub title: String,
    pub colour: usize,
    pub can_go: bool,
}

/// What is drawn, and what is not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Laid {
    pub tiles: Vec<Named>,
    /// Where each of the outermost parts is.
    pub edges: Vec<Tile>,
    /// The bytes of what is too small for a tile with a name.
    pub left_out: u64,
}

/// The map of devices; nothing where none has room for its name.
pub fn lay_out(devices: &[Part], whole: Tile) -> Option<Laid> {
    several(devices, whole, &Above::default(), "devices")
}

/// What stands above a part.
#[derive(Clone, Default)]
struct Above {
    /// What is to be shown in its first tile.
    heading: Option<String>,
    /// What its titles begin with.
    path: String,
}

fn several(parts: &[Part], free: Tile, above: &Above, many: &str) -> Option<Laid> {
    let shown = (1..=parts.len().min(MOST)).rev();
    shown
        .flat_map(|shown| {
            let (own, others) = parts.split_at(shown);
            let mut with_rest = own.to_vec();
            with_rest.extend(rest(others, many));
            // What is left out of a whole is next to nothing of it.
            let may_leave = !others.is_empty() && sum(others) <= sum(parts) / LEAST;
            let without = may_leave.then(|| (own.to_vec(), sum(others)));
            [Some((with_rest, 0)), without]
        })
        .flatten()
        .find_map(|(parts, left_out)| {
            let mut laid = all(&parts, free, above)?;
            laid.left_out += left_out;
            Some(laid)
        })
}

/// Lays all of them out, or none.
fn all(parts: &[Part], free: Tile, above: &Above) -> Option<Laid> {
    let sizes: Vec<f64> = parts.iter().map(|part| part.bytes as f64).collect();
    let edges = tiles(&sizes, free);
    let mut laid = Laid::default();
    for (nth, (part, tile)) in parts.iter().zip(&edges).enumerate() {
        let heading = above.heading.clone().filter(|_| nth == 0);
        let path = above.path.clone();
        let below = one(part, *tile, &Above { heading, path })?;
        laid.tiles.extend(below.tiles);
        laid.left_out += below.left_out;
    }
    laid.edges = edges;
    Some(laid)
}

fn one(part: &Part, tile: Tile, above: &Above) -> Option<Laid> {
    let is_device = above.path.is_empty();
    // A side of a device is told by its groups, which are hatched or not.
    let is_side = !is_device && !part.below.is_empty();
    let below = Above {
        heading: if is_device {
            Some(part.name.clone())
        } else {
            above.heading.clone()
        },
        path: if is_side {
            above.path.clone()
        } else {
            format!("{}{}: ", above.path, part.name)
        },
    };
    let inner = (!part.below.is_empty())
        .then(|| several(&part.below, tile, &below, "groups"))
        .flatten();
    inner.or_else(|| alone(part, tile, above))
}

fn alone(part: &Part, tile: Tile, above: &Above) -> Option<Laid> {
    let heading = above.heading.iter().map(String::as_str);
    let lines: Vec<&str> = heading.chain([part.name.as_str()]).collect();
    let size = numbers::size(part.bytes);
    let with_size = [&lines[..], &[&size]].concat();
    let lines = labels::fit(&with_size, &tile).or_else(|| labels::fit(&lines, &tile))?;
    let goes = if part.can_go && part.name != "can go" {
        ", can go"
    } else {
        ""
    };
    Some(Laid {
        tiles: vec![Named {
            tile,
            lines,
            title: format!("{}{}{goes}, {size}", above.path, part.name),
            colour: part.colour,
            can_go: part.can_go,
        }],
        ..Laid::default()
    })
}

/// The tile that several share.
fn rest(others: &[Part], many: &str) -> Option<Part> {
    let (first, more) = others.split_first()?;
    if more.is_empty() {
        return Some(first.clone());
    }
    Some(Part {
        name: format!("{} more {many}", numbers::count(others.len() as u64)),
        bytes: sum(others),
        colour: MIXED,
        can_go: others.iter().all(|part| part.can_go),
        below: vec![],
    })
}
