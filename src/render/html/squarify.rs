//! Tiles as near to squares as they can be, after Bruls, Huizing and van Wijk, "Squarified Treemaps"
//! (2000).

/// A tile.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tile {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// Tiles for sizes that go down, in their order. They fill what is free.
pub fn tiles(sizes: &[f64], mut free: Tile) -> Vec<Tile> {
    let total: f64 = sizes.iter().sum();
    let area = free.width * free.height;
    let mut tiles = Vec::with_capacity(sizes.len());
    let areas: Vec<f64> = sizes.iter().map(|size| size / total * area).collect();
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

    const WHOLE: Tile = Tile {
        x: 0.0,
        y: 0.0,
        width: 600.0,
        height: 400.0,
    };

    #[test]
    fn tiles_have_the_areas_of_their_sizes_and_fill_the_whole() {
        // The example of the paper.
        let sizes = [6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0];
        let tiles = tiles(&sizes, WHOLE);
        let areas = tiles.iter().map(|tile| tile.width * tile.height / 10_000.0);
        for (area, size) in areas.zip(sizes) {
            assert!((area - size).abs() < 1e-9, "{area} is not {size}");
        }
        let first = Tile {
            x: 0.0,
            y: 0.0,
            width: 300.0,
            height: 200.0,
        };
        assert_eq!(tiles[..2], [first, Tile { y: 200.0, ..first }]);
        for Tile {
            x,
            y,
            width,
            height,
        } in tiles
        {
            assert!(x >= 0.0 && x + width < 600.0 + 1e-9);
            assert!(y >= 0.0 && y + height < 400.0 + 1e-9);
        }
    }

    #[test]
    fn any_sizes_give_numbers() {
        let huge = u64::MAX as f64;
        for sizes in [&[][..], &[1.0], &[huge, 1.0], &[huge; 16], &[1.0; 16]] {
            let tiles = tiles(sizes, WHOLE);
            assert_eq!(tiles.len(), sizes.len());
            for Tile {
                x,
                y,
                width,
                height,
            } in tiles
            {
                let all = [x, y, width, height];
                assert!(all.iter().all(|number| number.is_finite()));
            }
        }
    }
}
