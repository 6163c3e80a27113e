//! What is known without looking at a backup: names, domains, products, databases, keepsakes,
//! telephone numbers. The notes on the format that "F§" cites are `format.md` in this folder.

pub mod databases;
pub mod domains;
pub mod keepsakes;
pub mod names;
pub mod products;
pub mod telephone;
