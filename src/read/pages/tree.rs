//! The nodes of a tree above its leaves, level by level.

use super::cell;
use super::file::{File, Window};
use super::maps::Use;
use super::numbers::{u32_at, varint};
use super::page::{self, Cover, Node};
use super::usage::Usage;

/// What a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A table with rowids.
    Table,
    /// An index, or a table without rowids.
    Index,
}

impl Form {
    /// The kind of its leaves.
    pub fn leaf(self) -> u8 {
        match self {
            Form::Table => page::TABLE_LEAF,
            Form::Index => page::INDEX_LEAF,
        }
    }

    fn interior(self) -> u8 {
        match self {
            Form::Table => page::TABLE,
            Form::Index => page::INDEX,
        }
    }
}

/// The leaves of a tree, in its order, and what is above them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Leaves {
    /// The page of each.
    pub pages: Vec<u32>,
    /// The greatest rowid that may be on each; in an index nothing.
    pub greatest: Vec<i64>,
    /// How many records of an index are above its leaves.
    pub records: u64,
}

impl Leaves {
    /// Between which rowids those on a leaf are: behind the first, and up to the second.
    pub fn bounds(&self, leaf: usize) -> (Option<i64>, i64) {
        let before = leaf.checked_sub(1).map(|before| self.greatest[before]);
        (before, self.greatest[leaf])
    }
}

/// Most levels of a tree; twenty hold more than any file can.
const LEVELS: usize = 20;

/// Goes through a tree down to its leaves, which are not read: all of them are on one level. Each page is
/// taken.
pub fn walk(file: &mut File, usage: &Usage, root: u32, form: Form) -> Option<Leaves> {
    usage.take(root, Use::Root)?;
    let mut walk = Walk {
        usage,
        form,
        cover: Cover::new(file.header.page_size),
        below: Leaves::default(),
        node: Vec::new(),
    };
    let mut level = Leaves {
        pages: vec![root],
        greatest: vec![i64::MAX],
        records: 0,
    };
    for _ in 0..LEVELS {
        let first = *level.pages.first()?;
        if page::kind(file.page(first)?, first)? == form.leaf() {
            if form == Form::Index {
                level.greatest = Vec::new();
            }
            return Some(level);
        }
        walk.below.records = level.records;
        for (number, greatest) in level.pages.iter().zip(&level.greatest) {
            walk.interior(file, *number, *greatest)?;
        }
        level = std::mem::take(&mut walk.below);
    }
    None
}

struct Walk<'a> {
    usage: &'a Usage,
    form: Form,
    cover: Cover,
    /// What is on the next level.
    below: Leaves,
    /// The page that is gone through.
    node: Vec<u8>,
}

impl Walk<'_> {
    /// Checks a node, and adds the pages below it to the next level. That its keys ascend shows where the
    /// leaves are gone through: each has to have a row between the key before it and its own.
    fn interior(&mut self, file: &mut File, number: u32, greatest: i64) -> Option<()> {
        let Walk {
            usage,
            form,
            below,
            node,
            ..
        } = self;
        let child = Use::Child(number);
        file.read(number, 1, node)?;
        let node = Node::of(node, number, file.header.usable, form.interior())?;
        // The first page has less room than others: what it has no room for is all below it.
        if node.len() == 0 && number != 1 {
            return None;
        }
        self.cover.check(&node, |offset| {
            let page = u32_at(node.page, offset)?;
            usage.take(page, child)?;
            below.pages.push(page);
            match form {
                Form::Table => {
                    let mut key = node.page.get(offset + 4..)?;
                    below.greatest.push(varint(&mut key)? as i64);
                    Some(node.page.len() - key.len())
                }
                Form::Index => {
                    let cell = cell::of_index(node.page, offset + 4)?;
                    let of = |page, before: Option<u32>| {
                        let used = before.map_or(Use::Overflow(number), Use::Further);
                        usage.take(page, used)
                    };
                    cell.follow(&Window::default(), file, of, |_| {})?;
                    below.records += 1;
                    below.greatest.push(0);
                    Some(cell.end)
                }
            }
        })?;
        let page = node.last_child()?;
        usage.take(page, child)?;
        below.pages.push(page);
        below.greatest.push(greatest);
        Some(())
    }
}
