//! Which names fit into a tile, and how they are shown there.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::squarify::Tile;

/// The width of a letter and the height of a line in pixels, with some to spare: letters differ.
const LETTER: f64 = 8.0;
const LINE: f64 = 17.0;

/// What stays free around the lines.
const MARGIN: (f64, f64) = (6.0, 5.0);

/// How much of a longer name must fit, in columns.
const LEAST: usize = 9;

/// The lines as the tile shows them: longer names are cut. Nothing where it has no room for them.
pub fn fit(lines: &[&str], tile: &Tile) -> Option<Vec<String>> {
    let columns = ((tile.width - 2.0 * MARGIN.0) / LETTER).floor().max(0.0) as usize;
    let height = lines.len() as f64 * LINE + 2.0 * MARGIN.1;
    let fits = |line: &&str| line.width().min(LEAST) <= columns;
    let all = tile.height >= height && lines.iter().all(fits);
    all.then(|| lines.iter().map(|line| cut(line, columns)).collect())
}

/// Where the line of this number begins, and its base stands.
pub fn place(nth: usize) -> (f64, f64) {
    (MARGIN.0, MARGIN.1 + nth as f64 * LINE + 12.0)
}

/// How much room the lines take.
pub fn room(lines: &[String]) -> (f64, f64) {
    let columns = lines.iter().map(|line| line.width()).max().unwrap_or(0);
    (
        columns as f64 * LETTER + 2.0 * MARGIN.0,
        lines.len() as f64 * LINE + 2.0 * MARGIN.1,
    )
}

fn cut(line: &str, columns: usize) -> String {
    if line.width() <= columns {
        return line.to_owned();
    }
    let mut width = 1;
    let begin = line.chars().take_while(|letter| {
        width += letter.width().unwrap_or(0);
        width <= columns
    });
    let begin: String = begin.collect();
    format!("{}…", begin.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_do_not_fit_are_cut_or_left_out() {
        let tile = |width, height| Tile {
            width,
            height,
            ..Tile::default()
        };
        for (lines, tile, expected) in [
            (&["Photos"][..], tile(60.0, 27.0), Some(&["Photos"][..])),
            (&["Photos"], tile(59.0, 27.0), None),
            (&["Photos"], tile(60.0, 26.0), None),
            (
                &["Sample iPhone", "Photos"],
                tile(84.0, 44.0),
                Some(&["Sample i…", "Photos"]),
            ),
            (&["Sample iPhone", "Photos"], tile(84.0, 43.0), None),
            (&["Sample iPhone"], tile(83.0, 27.0), None),
            (&["日本語のなまえ"], tile(84.0, 27.0), Some(&["日本語の…"])),
        ] {
            let fitted = fit(lines, &tile);
            let fitted: Option<Vec<&str>> = fitted
                .as_ref()
                .map(|lines| lines.iter().map(String::as_str).collect());
            assert_eq!(fitted.as_deref(), expected, "{lines:?} {tile:?}");
        }
    }
}
