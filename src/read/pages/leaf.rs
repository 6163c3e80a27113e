//! The leaves of trees: each record of them, whole.

use super::cell;
use super::file::{File, Window};
use super::maps::Use;
use super::page::{Cover, Node};
use super::tree::Form;
use super::usage::Usage;

/// Checks one leaf after the other.
pub struct Check<'a> {
    usage: &'a Usage,
    cover: Cover,
    /// A record that does not fit on its page.
    row: Vec<u8>,
}

/// A leaf that was read.
#[derive(Clone, Copy)]
pub struct Leaf<'a> {
    /// Its page.
    pub number: u32,
    /// The bytes of that.
    pub page: &'a [u8],
    /// Whether the tree has no other page: then it may have no record.
    pub is_root: bool,
}

impl<'a> Check<'a> {
    /// Checks leaves of a file.
    pub fn new(file: &File, usage: &'a Usage) -> Check<'a> {
        Check {
            usage,
            cover: Cover::new(file.header.page_size),
            row: Vec::new(),
        }
    }

    /// Checks a leaf of an index, and tells how many records it has. `window`: pages that were read already.
    pub fn index(&mut self, leaf: Leaf<'_>, window: &Window, file: &mut File) -> Option<u64> {
        let node = leaf.node(Form::Index, file)?;
        let usage = self.usage;
        self.cover.check(&node, |offset| {
            let cell = cell::of_index(node.page, offset)?;
            if cell.len > cell.local.len() {
                cell.follow(window, file, take(usage, leaf.number), |_| {})?;
            }
            Some(cell.end)
        })?;
        Some(node.len() as u64)
    }

    /// Checks a leaf of a table, whose rowids are behind and up to these `bounds`, and hands over its records
    /// as long as `each` takes them. `window`: pages that were read already.
    pub fn table(
        &mut self,
        leaf: Leaf<'_>,
        (mut last, greatest): (Option<i64>, i64),
        window: &Window,
        file: &mut File,
        mut each: impl FnMut(&[u8]) -> Option<()>,
    ) -> Option<()> {
        let node = leaf.node(Form::Table, file)?;
        let Check { usage, cover, row } = self;
        cover.check(&node, |offset| {
            let cell = cell::of_table(node.page, offset)?;
            if last.is_some_and(|last| cell.rowid <= last) || cell.rowid > greatest {
                return None;
            }
            last = Some(cell.rowid);
            if cell.len == cell.local.len() {
                each(cell.local)?;
            } else {
                row.clear();
                row.extend_from_slice(cell.local);
                let part = |part: &[u8]| row.extend_from_slice(part);
                cell.follow(window, file, take(usage, leaf.number), part)?;
                each(row)?;
            }
            Some(cell.end)
        })
    }
}

impl<'a> Leaf<'a> {
    fn node(&self, form: Form, file: &File) -> Option<Node<'a>> {
        let node = Node::of(self.page, self.number, file.header.usable, form.leaf())?;
        (node.len() > 0 || self.is_root).then_some(node)
    }
}

/// Takes the pages that hold the rest of a record on page `number`.
fn take(usage: &Usage, number: u32) -> impl Fn(u32, Option<u32>) -> Option<()> {
    move |page, before| usage.take(page, before.map_or(Use::Overflow(number), Use::Further))
}
