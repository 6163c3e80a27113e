//! The sizes of a backup over the runs, as a line of characters.

use crate::model::{DeviceRun, Verdict};

/// What stands for sizes, smallest first.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The same where only ASCII can be shown: the more ink, the larger.
const INK: [char; 8] = ['.', ':', '-', '=', '+', '*', '#', '@'];

/// What stands for a run in which nothing was measured.
const UNKNOWN: (char, char) = ('·', '?');

/// The runs as at most so many characters, earliest first; where there are more runs, the last of each
/// stretch stands for it. Nothing for a single run, which is no curve.
pub fn curve(runs: &[&DeviceRun], width: usize, unicode: bool) -> String {
    if runs.len() < 2 || width == 0 {
        return String::new();
    }
    let columns = runs.len().min(width);
    let last_of = |column: usize| runs[(column + 1) * runs.len() / columns - 1];
    let sizes: Vec<Option<u64>> = (0..columns).map(|column| size(last_of(column))).collect();
    let known = || sizes.iter().flatten().copied();
    let (low, high) = (known().min().unwrap_or(0), known().max().unwrap_or(0));
    sizes
        .iter()
        .map(|size| match (size, unicode) {
            (Some(size), true) => BLOCKS[level(*size, low, high)],
            (Some(size), false) => INK[level(*size, low, high)],
            (None, true) => UNKNOWN.0,
            (None, false) => UNKNOWN.1,
        })
        .collect()
}

fn size(run: &DeviceRun) -> Option<u64> {
    (run.verdict != Verdict::Unreadable).then_some(run.allocated)
}

/// Which of the eight levels a size has between the lowest and the highest. Sizes that are within a twentieth
/// of each other stay in the middle, else a few bytes would look like a leap.
fn level(size: u64, low: u64, high: u64) -> usize {
    let [size, low, high] = [size, low, high].map(i128::from);
    let range = (high - low).max(high / 20).max(1);
    let missing = range - (high - low);
    let halves = 2 * (size - low) + missing;
    let level = (halves * 7 + range) / (2 * range);
    usize::try_from(level).unwrap_or(0).min(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The curve of sizes, of which 0 was not measured.
    fn drawn(sizes: &[u64], width: usize, unicode: bool) -> String {
        let run = |size: &u64| DeviceRun {
            at: "2026-11-01T03:30:00Z".parse().unwrap(),
            folder: 0,
            verdict: match size {
                0 => Verdict::Unreadable,
                _ => Verdict::Complete,
            },
            allocated: *size,
            change: None,
        };
        let runs: Vec<DeviceRun> = sizes.iter().map(run).collect();
        curve(&runs.iter().collect::<Vec<_>>(), width, unicode)
    }

    #[test]
    fn sizes_become_levels() {
        for (sizes, blocks, ink) in [
            (&[][..], "", ""),
            (&[5][..], "", ""),
            (&[100, 100, 100], "▅▅▅", "+++"),
            (&[100, 101, 100, 102], "▃▅▃▆", "-+-*"),
            (&[10, 20, 30, 40, 50, 60, 70, 80], "▁▂▃▄▅▆▇█", ".:-=+*#@"),
            (&[80, 0, 10], "█·▁", "@?."),
            (&[0, 0], "··", "??"),
            (&[u64::MAX, 1], "█▁", "@."),
        ] {
            assert_eq!(drawn(sizes, 20, true), blocks, "{sizes:?}");
            assert_eq!(drawn(sizes, 20, false), ink, "{sizes:?}");
        }
        assert_eq!(drawn(&[1, 1, 80, 80, 1, 40], 3, true), "▁█▄");
        assert_eq!(drawn(&[1, 80], 0, true), "");
    }
}
