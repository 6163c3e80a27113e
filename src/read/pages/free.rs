//! The list of free pages: pages that name others, one after the other.

use super::file::File;
use super::maps::Use;
use super::numbers::u32_at;
use super::usage::Usage;

/// Goes through the list of free pages, which has to be as long as the header says.
pub fn list(file: &mut File, usage: &Usage) -> Option<()> {
    let header = file.header;
    let (mut trunk, mut left) = (header.first_free, header.free);
    while trunk != 0 {
        usage.take(trunk, Use::Free)?;
        let page = file.page(trunk)?;
        let named = u32_at(page, 4)?;
        left = left.checked_sub(named.checked_add(1)?)?;
        if named as usize > header.usable / 4 - 2 {
            return None;
        }
        for at in 0..named as usize {
            usage.take(u32_at(page, 8 + 4 * at)?, Use::Free)?;
        }
        trunk = u32_at(page, 0)?;
    }
    (left == 0).then_some(())
}
