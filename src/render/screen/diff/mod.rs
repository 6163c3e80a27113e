//! `bkscan diff`: two backups, one against the other, for people.

mod answer;
mod calls;
mod group;
mod list;
mod sides;
mod table;
mod title;

use std::io::{self, Write};

use crate::model::Diff;

use super::layout;
use super::style::Style;
use sides::Screen;

pub use sides::Sides;

/// Writes all of it.
///
/// # Errors
/// When writing fails.
pub fn write(sides: Sides<'_>, diff: &Diff, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let screen = Screen { sides, diff, style };
    let mut blocks = vec![screen.title(), screen.table()];
    blocks.extend(list::blocks(diff, screen.words(), style));
    blocks.extend([screen.answer(), screen.contents(), screen.not_compared()]);
    if diff.files.is_none() {
        blocks.push(screen.names());
    }
    layout::write_blocks(&blocks, out)
}

/// Writes the answer alone.
///
/// # Errors
/// When writing fails.
pub fn write_quiet(
    sides: Sides<'_>,
    diff: &Diff,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let screen = Screen { sides, diff, style };
    let lines = [screen.title(), screen.answer(), screen.not_compared()];
    layout::write_blocks(&[lines.concat()], out)
}
