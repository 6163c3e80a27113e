//! Marks of backups: colour and shape tell the verdict, the area a size, and hatching that it can go.

use maud::{Markup, html};

use crate::model::Verdict;

use super::verdict::{class, known};

/// How far apart the lines of a hatching are.
const APART: f64 = 3.5;

/// How many corners stand for a circle where it is hatched.
const ROUND: usize = 24;

type Point = (f64, f64);

/// A mark around the origin, with the area of a circle of this radius.
pub fn mark(verdict: &str, radius: f64, can_go: bool) -> Markup {
    let corners = corners(known(verdict), radius);
    let kind = if can_go { "mark can-go" } else { "mark" };
    html! {
        @match &corners {
            None => { circle class={ (kind) " " (class(known(verdict))) } r=(tenths(radius)) {} },
            Some(corners) => {
                polygon class={ (kind) " " (class(known(verdict))) } points=(points(corners)) {}
            },
        }
        @if can_go {
            path class={ "hatch " (class(known(verdict))) } d=(hatching(&corners.unwrap_or_else(|| round(radius)))) {}
        }
    }
}

/// A mark that stands alone, as in a key.
pub fn swatch(verdict: &str, can_go: bool) -> Markup {
    html! {
        svg.swatch aria-hidden="true" viewBox="-9 -9 18 18" { (mark(verdict, 5.5, can_go)) }
    }
}

/// The corners of a shape with the area of a circle of this radius; none of the circle itself.
fn corners(verdict: Option<Verdict>, radius: f64) -> Option<Vec<Point>> {
    use std::f64::consts::PI;
    let square = radius * PI.sqrt() / 2.0;
    let diamond = radius * (PI / 2.0).sqrt();
    let side = radius * (4.0 * PI / 3.0_f64.sqrt()).sqrt();
    // It is as high above the line as below.
    let half = side * 3.0_f64.sqrt() / 4.0;
    Some(match verdict {
        Some(Verdict::Complete) => return None,
        None | Some(Verdict::Unverified | Verdict::InProgress) => {
            vec![
                (0.0, -diamond),
                (diamond, 0.0),
                (0.0, diamond),
                (-diamond, 0.0),
            ]
        }
        Some(Verdict::Interrupted | Verdict::Unreadable) => {
            vec![(0.0, -half), (side / 2.0, half), (-side / 2.0, half)]
        }
        Some(Verdict::Incomplete | Verdict::Corrupt) => {
            vec![
                (-square, -square),
                (square, -square),
                (square, square),
                (-square, square),
            ]
        }
    })
}

fn round(radius: f64) -> Vec<Point> {
    let corner = |nth: usize| {
        let angle = nth as f64 / ROUND as f64 * std::f64::consts::TAU;
        (radius * angle.cos(), radius * angle.sin())
    };
    (0..ROUND).map(corner).collect()
}

/// Slanting lines through a shape without dents, as a path.
fn hatching(corners: &[Point]) -> String {
    let height = |(x, y): &Point| x + y;
    let most = corners.iter().map(height).fold(0.0, f64::max);
    let lines = (most / APART) as i32;
    let mut path = String::new();
    for nth in -lines..=lines {
        let at = f64::from(nth) * APART;
        let mut ends = Vec::new();
        let next = corners.iter().cycle().skip(1);
        for (one, other) in corners.iter().zip(next) {
            let (start, end) = (height(one) - at, height(other) - at);
            if (start < 0.0) != (end < 0.0) {
                let part = start / (start - end);
                ends.push((
                    one.0 + (other.0 - one.0) * part,
                    one.1 + (other.1 - one.1) * part,
                ));
            }
        }
        if let [start, end] = ends[..] {
            path += &format!("M{}L{}", pair(start), pair(end));
        }
    }
    path
}

fn points(corners: &[Point]) -> String {
    let pairs: Vec<String> = corners.iter().copied().map(pair).collect();
    pairs.join(" ")
}

fn pair((x, y): Point) -> String {
    format!("{},{}", tenths(x), tenths(y))
}

fn tenths(length: f64) -> String {
    format!("{length:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_a_size_have_the_same_area() {
        for verdict in Verdict::ALL {
            let corners = corners(Some(verdict), 10.0).unwrap_or_else(|| round(10.0));
            let next = corners.iter().cycle().skip(1);
            let double = corners
                .iter()
                .zip(next)
                .map(|((x, y), (next_x, next_y))| x * next_y - next_x * y);
            let area = double.sum::<f64>().abs() / 2.0;
            // The corners that stand for a circle cut a little off.
            assert!((area / 314.16 - 1.0).abs() < 0.02, "{verdict:?}: {area}");
        }
    }

    #[test]
    fn a_hatching_ends_at_the_edge() {
        let square = [(-4.0, -4.0), (4.0, -4.0), (4.0, 4.0), (-4.0, 4.0)];
        assert_eq!(
            hatching(&square),
            "M-3.0,-4.0L-4.0,-3.0M0.5,-4.0L-4.0,0.5M4.0,-4.0L-4.0,4.0M4.0,-0.5L-0.5,4.0M4.0,3.0L3.0,4.0"
        );
    }
}
