//! Whose data takes how much.

use unicode_width::UnicodeWidthStr;

use crate::model::StorageGroup;
use crate::render::screen::style::Style;
use crate::words::numbers;

/// How many columns the longest bar takes at most.
const MOST_BAR: usize = 20;

/// Groups with bars, largest first.
pub fn lines(title: &str, groups: &[StorageGroup], style: &Style) -> Vec<String> {
    let largest = groups.first().map_or(0, |group| group.bytes);
    let room = style.width.saturating_sub(40).max(12);
    // Two before the name, 13 for the size, and none is in the last column.
    let longest = style.width.saturating_sub(room + 16).clamp(1, MOST_BAR) as u64;
    let block = if style.unicode { "█" } else { "#" };
    let mut lines: Vec<String> = groups
        .iter()
        .map(|group| {
            let share = (group.bytes.saturating_mul(longest))
                .checked_div(largest)
                .unwrap_or(0);
            let share = share.max(u64::from(group.bytes > 0));
            let bar = block.repeat(usize::try_from(share).unwrap_or(0));
            let name = style.fit(&style.name(&group.name), room);
            let padding = " ".repeat(room.saturating_sub(name.width()));
            let size = numbers::size(group.bytes);
            format!("  {name}{padding} {size:>10}  {bar}")
        })
        .collect();
    if !lines.is_empty() {
        lines.insert(0, style.bold(title));
    }
    lines
}
