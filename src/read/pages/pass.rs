//! One pass over a file: its rows are handed over, and all that SQLite's `quick_check` looks at in its pages
//! is checked.
//!
//! The nodes above the leaves and the small tables come first, one by one. The leaves of the rows follow in
//! the order of their rowids, several threads at once, as many pages a read as lie close to one another;
//! leaves of indices that lie between them are checked on the way. What is left is read to the end.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use rayon::prelude::*;

use super::file::{File, Window};
use super::free;
use super::leaf::{Check, Leaf};
use super::source::Input;
use super::tree::{self, Form, Leaves};
use super::usage::Usage;

/// The trees of a file, by the page that each begins on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trees {
    /// The table whose rows are wanted.
    pub rows: u32,
    /// All other tables that have rowids, the schema's own among them.
    pub tables: Vec<u32>,
    /// All indices, and the tables that have no rowids.
    pub indices: Vec<u32>,
}

/// A pass that has begun.
pub struct Pass<'a> {
    input: &'a (dyn Fn() -> Option<Input> + Sync),
    usage: Usage,
    /// The leaves that hold the rows.
    leaves: Leaves,
    /// Which index each page is a leaf of that was not checked yet, counted from 1; 0: of none.
    index_of: Vec<AtomicU8>,
    /// How many records each index has.
    records: Vec<AtomicU64>,
    /// How many rows each table has, by the page that it begins on.
    others: BTreeMap<u32, u64>,
    /// The page that the table of the rows begins on, and how many there are.
    root: u32,
    rows: AtomicU64,
    has_one_leaf: Vec<bool>,
}

/// What a pass found, of which nothing is wrong.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    rows: BTreeMap<u32, u64>,
    /// How many records each index has, in the order in which they were given.
    pub records: Vec<u64>,
}

impl Found {
    /// How many rows the table has that begins on this page.
    pub fn rows_of(&self, root: u32) -> Option<u64> {
        self.rows.get(&root).copied()
    }
}

impl<'a> Pass<'a> {
    /// Goes through all that is not a leaf of the rows or of an index. `input` opens the file, for each
    /// thread anew; `each` gets the records of the other tables, each with the page that its table begins on.
    pub fn begin(
        input: &'a (dyn Fn() -> Option<Input> + Sync),
        trees: &Trees,
        mut each: impl FnMut(u32, &[u8]) -> Option<()>,
    ) -> Option<Pass<'a>> {
        let mut file = File::of(input()?)?;
        let header = file.header;
        let roots = [trees.rows].into_iter().chain(trees.tables.iter().copied());
        let greatest = roots.chain(trees.indices.iter().copied()).max();
        if header.greatest_root != 0 && greatest != Some(header.greatest_root) {
            return None;
        }
        let usage = Usage::of(&mut file)?;
        free::list(&mut file, &usage)?;
        let mut others = BTreeMap::new();
        for root in &trees.tables {
            let rows = small_table(&mut file, &usage, *root, |record| each(*root, record))?;
            others.insert(*root, rows);
        }
        let leaves = tree::walk(&mut file, &usage, trees.rows, Form::Table)?;
        let index_of: Vec<AtomicU8> = (0..=header.count).map(|_| AtomicU8::new(0)).collect();
        let (mut records, mut has_one_leaf) = (Vec::new(), Vec::new());
        for (at, root) in trees.indices.iter().enumerate() {
            let number = u8::try_from(at + 1).ok()?;
            let leaves = tree::walk(&mut file, &usage, *root, Form::Index)?;
            for page in &leaves.pages {
                index_of[*page as usize].store(number, Ordering::Relaxed);
            }
            records.push(AtomicU64::new(leaves.records));
            has_one_leaf.push(leaves.pages == [*root]);
        }
        Some(Pass {
            input,
            usage,
            leaves,
            index_of,
            records,
            others,
            root: trees.rows,
            rows: AtomicU64::new(0),
            has_one_leaf,
        })
    }

    /// The leaves of the rows in parts that keep several threads busy, in the order of their rows.
    pub fn parts(&self) -> Vec<Range<usize>> {
        const LEAVES_A_PART: usize = 256;
        const MOST: usize = 64;
        let count = self.leaves.pages.len();
        let width = count.div_ceil(MOST).max(LEAVES_A_PART);
        let firsts = (0..count).step_by(width);
        firsts
            .map(|first| first..(first + width).min(count))
            .collect()
    }

    /// Checks a part of the leaves, and hands over their records as long as `each` takes them.
    pub fn part(
        &self,
        part: Range<usize>,
        mut each: impl FnMut(&[u8]) -> Option<()>,
    ) -> Option<()> {
        let mut file = File::of((self.input)()?)?;
        let mut window = Window::default();
        let mut check = Check::new(&file, &self.usage);
        let is_root = self.leaves.pages.len() == 1;
        let mut rows = 0;
        let mut from = part.start;
        while from < part.end {
            let (to, pages) = self.together(from..part.end, &file);
            window.read(&mut file, self.leaves.pages[from], pages)?;
            for at in from..to {
                let number = self.leaves.pages[at];
                let leaf = Leaf {
                    number,
                    page: window.page(number)?,
                    is_root,
                };
                let bounds = self.leaves.bounds(at);
                check.table(leaf, bounds, &window, &mut file, |record| {
                    rows += 1;
                    each(record)
                })?;
            }
            self.indices(&mut check, &window, &mut file)?;
            from = to;
        }
        self.rows.fetch_add(rows, Ordering::Relaxed);
        Some(())
    }

    /// How many of these leaves are read together, because they lie behind one another and near, and how
    /// many pages that takes.
    fn together(&self, leaves: Range<usize>, file: &File) -> (usize, u32) {
        let most = Window::most(&file.header);
        let pages = &self.leaves.pages[leaves.clone()];
        let first = pages[0];
        let near = pages.windows(2);
        let near = near.take_while(|pair| pair[0] < pair[1] && pair[1] - first < most);
        let count = 1 + near.count();
        let reach = pages[count - 1] - first + 1;
        // Where they fill half of it, what lies behind them is of use as well.
        let whole = most.min(file.header.count - first + 1);
        let reach = if reach > most / 2 { whole } else { reach };
        (leaves.start + count, reach)
    }

    /// Checks the pages of a window that are leaves of an index, if that was not done yet.
    fn indices(&self, check: &mut Check<'_>, window: &Window, file: &mut File) -> Option<()> {
        for (number, page) in window.pages() {
            let index = self.index_of[number as usize].swap(0, Ordering::Relaxed);
            let Some(index) = usize::from(index).checked_sub(1) else {
                continue;
            };
            let leaf = Leaf {
                number,
                page,
                is_root: self.has_one_leaf[index],
            };
            let records = check.index(leaf, window, file)?;
            self.records[index].fetch_add(records, Ordering::Relaxed);
        }
        Some(())
    }

    /// Checks what is left when all parts were: the leaves of indices that lie elsewhere, and that no page
    /// is left over. `go_on` is asked between reads.
    pub fn finish(self, go_on: impl Fn() -> bool + Sync) -> Option<Found> {
        let is_left = |page: &u32| self.index_of[*page as usize].load(Ordering::Relaxed) != 0;
        let most = Window::most(&File::of((self.input)()?)?.header);
        let count = self.index_of.len() as u32;
        let starts: Vec<u32> = (1..count).step_by(most as usize).collect();
        starts.par_chunks(16).try_for_each(|starts| {
            let mut reader = None;
            for start in starts {
                let left = (*start..count.min(start + most)).filter(is_left);
                let left: Vec<u32> = left.collect();
                let (Some(first), Some(last)) = (left.first(), left.last()) else {
                    continue;
                };
                if !go_on() {
                    return None;
                }
                if reader.is_none() {
                    let file = File::of((self.input)()?)?;
                    let check = Check::new(&file, &self.usage);
                    reader = Some((file, check, Window::default()));
                }
                let (file, check, window) = reader.as_mut()?;
                window.read(file, *first, last - first + 1)?;
                self.indices(check, window, file)?;
            }
            Some(())
        })?;
        if !self.usage.is_complete() {
            return None;
        }
        let mut rows = self.others;
        rows.insert(self.root, self.rows.into_inner());
        Some(Found {
            rows,
            records: (self.records.into_iter())
                .map(AtomicU64::into_inner)
                .collect(),
        })
    }
}

/// Checks a table that is not the one whose rows are wanted; how many rows it has.
fn small_table(
    file: &mut File,
    usage: &Usage,
    root: u32,
    mut each: impl FnMut(&[u8]) -> Option<()>,
) -> Option<u64> {
    let leaves = tree::walk(file, usage, root, Form::Table)?;
    let mut window = Window::default();
    let mut check = Check::new(file, usage);
    let mut rows = 0;
    for (at, number) in leaves.pages.iter().enumerate() {
        window.read(file, *number, 1)?;
        let leaf = Leaf {
            number: *number,
            page: window.page(*number)?,
            is_root: leaves.pages == [root],
        };
        check.table(leaf, leaves.bounds(at), &window, file, |record| {
            rows += 1;
            each(record)
        })?;
    }
    Some(rows)
}
