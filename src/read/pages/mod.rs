//! The pages of a SQLite file, without SQLite: many pages a read, several threads at once, and no program to
//! run for each row, as SQLite does it.
//!
//! Two things are done here. [`Pass`] goes over a file once, hands over the rows of one table and checks all
//! that `PRAGMA quick_check` looks at: every page of every tree, its cells, free blocks and lost bytes; rowids
//! in their order and within the bounds of the pages above; leaves on one level; long records on as many pages
//! as they take; each page in use once; the list of free pages; the map of what each page is for. [`Pages`]
//! reads the rows alone, of files that are unusual where the pass looks and they do not.
//!
//! Both take only what devices write, and are all or nothing: at anything unusual they give up, and SQLite
//! reads the file, which also tells what is damaged. So nothing here says what is wrong, and what passes here
//! has to pass SQLite (`tests/all/read/mutants.rs` holds that): to refuse more than SQLite does costs time, to
//! refuse less would hide damage. What is in a record is none of this module's business, but for the columns
//! of that one table; SQLite is asked for the schema and the small tables (`manifest_db`).
//!
//! Every length and page number is checked, and each page is gone through once. Kept are a bit and a byte a
//! page, five bytes where pages are mapped, twelve for each leaf of the table, and one long row a thread.
//!
//! Source: the SQLite file format, <https://www.sqlite.org/fileformat2.html>, and what `checkTreePage`,
//! `btreeComputeFreeSpace` and `sqlite3BtreeIntegrityCheck` do in SQLite 3.54.

mod cell;
mod file;
mod free;
mod header;
mod leaf;
mod maps;
mod numbers;
mod page;
mod pass;
mod record;
mod rows;
mod source;
mod tree;
mod usage;

#[cfg(test)]
mod tests;

pub use header::{HEADER, counted_len, cut, page_size};
pub use pass::{Pass, Trees};
pub use record::{COLUMNS, columns, fits};
pub use rows::{MAX_OVERFLOW, Pages};
pub use source::Input;
