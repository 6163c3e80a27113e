//! Runs in a row in which a backup stayed what it was.

use crate::model::DeviceRun;
use crate::render::screen::style::Style;
use crate::words::numbers;

/// Runs in a row that found the same verdict and the same size.
pub struct Stretch<'a> {
    /// The first of them.
    pub run: &'a DeviceRun,
    /// How many they are.
    pub runs: u64,
}

impl Stretch<'_> {
    /// `unchanged in 31 runs since 20 Dec 2025`
    pub fn since(&self, style: &Style) -> String {
        let runs = numbers::counted(self.runs, "run", "runs");
        format!("unchanged in {runs} since {}", style.day(self.run.at))
    }
}

/// The runs of a backup without repetition, in their order.
pub fn stretches<'a>(runs: &[&'a DeviceRun]) -> Vec<Stretch<'a>> {
    let state = |run: &DeviceRun| (run.verdict, run.allocated);
    let same = runs.chunk_by(|one, next| state(one) == state(next));
    let same = same.filter_map(|stretch| {
        Some(Stretch {
            run: stretch.first()?,
            runs: stretch.len() as u64,
        })
    });
    same.collect()
}
