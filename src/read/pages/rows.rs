//! The rows of a table alone, without a check of the file: for files that are unusual elsewhere.

use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::types::ValueRef;

use super::cell::{self, Cell};
use super::file::{File, Window};
use super::numbers::{u32_at, varint};
use super::page::{self, Node};
use super::record::{COLUMNS, columns};
use super::source::Input;

/// Most leaves of a table: sixteen times the largest manifest that bkscan is measured with.
const MAX_LEAVES: usize = 4_000_000;

/// Most pages that hold the rest of long rows, in all parts of a table; records of devices are short.
pub const MAX_OVERFLOW: u32 = 1_000_000;

/// Pages that are read at once where they lie side by side.
const AT_ONCE: u32 = 16;

/// An open database file whose header holds what devices write there.
pub struct Pages {
    file: File,
    window: Window,
    /// A record that does not fit on its page.
    row: Vec<u8>,
}

impl Pages {
    /// The pages of a file; `None` where its header is unusual.
    pub fn of(input: Input) -> Option<Pages> {
        Some(Pages {
            file: File::of(input)?,
            window: Window::default(),
            row: Vec::new(),
        })
    }

    /// The leaves of the table whose root is page `root`, in the order of their rows.
    pub fn leaves(&mut self, root: u32) -> Option<Vec<u32>> {
        let usable = self.file.header.usable;
        let mut level = vec![root];
        // The levels of a tree are all of one kind. Twenty levels hold more than any file can.
        for _ in 0..20 {
            let first = *level.first()?;
            if page::kind(self.file.page(first)?, first)? == page::TABLE_LEAF {
                return Some(level);
            }
            let mut below = Vec::new();
            let mut last = None;
            for number in level {
                let page = self.file.page(number)?;
                let node = Node::of(page, number, usable, page::TABLE)?;
                for offset in node.offsets() {
                    below.push(u32_at(node.page, offset)?);
                    let mut key = node.page.get(offset + 4..)?;
                    ascend(&mut last, varint(&mut key)? as i64)?;
                }
                below.push(node.last_child()?);
                if below.len() > MAX_LEAVES {
                    return None;
                }
            }
            level = below;
        }
        None
    }

    /// Hands over the columns of each row on these leaves, as long as `visit` says to go on, and tells
    /// the first and the last rowid. `overflow`: how many pages may still hold the rest of a row.
    pub fn rows(
        &mut self,
        leaves: &[u32],
        overflow: &AtomicU32,
        mut visit: impl FnMut([ValueRef<'_>; COLUMNS]) -> bool,
    ) -> Option<Option<(i64, i64)>> {
        let Pages { file, window, row } = self;
        let usable = file.header.usable;
        let (mut first_rowid, mut last) = (None, None);
        let mut rest = leaves;
        while let Some(first) = rest.first() {
            let together = (0..AT_ONCE)
                .zip(rest)
                .take_while(|(more, page)| first.checked_add(*more) == Some(**page))
                .count();
            window.read(file, *first, together as u32)?;
            for (number, page) in window.pages() {
                let node = Node::of(page, number, usable, page::TABLE_LEAF)?;
                let mut room = usable;
                for offset in node.offsets() {
                    let cell = cell::of_table(node.page, offset)?;
                    room = room.checked_sub(cell.local.len())?;
                    ascend(&mut last, cell.rowid)?;
                    first_rowid = first_rowid.or(last);
                    let record = record(&cell, overflow, window, file, row)?;
                    if !visit(columns(record)?) {
                        return Some(first_rowid.zip(last));
                    }
                }
            }
            rest = &rest[together..];
        }
        Some(first_rowid.zip(last))
    }
}

/// The whole record of a cell; what does not fit on its page is gathered in `row`.
fn record<'a>(
    cell: &Cell<'a>,
    overflow: &AtomicU32,
    window: &Window,
    file: &mut File,
    row: &'a mut Vec<u8>,
) -> Option<&'a [u8]> {
    if cell.len == cell.local.len() {
        return Some(cell.local);
    }
    row.clear();
    row.extend_from_slice(cell.local);
    let take = |_, _| {
        let one_less = |left: u32| left.checked_sub(1);
        let taken = overflow.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
        taken.ok().map(|_| ())
    };
    cell.follow(window, file, take, |part| row.extend_from_slice(part))?;
    Some(row)
}

/// Takes the next rowid, which has to be greater than the last one.
fn ascend(last: &mut Option<i64>, rowid: i64) -> Option<()> {
    let greater = last.is_none_or(|last| last < rowid);
    *last = Some(rowid);
    greater.then_some(())
}
