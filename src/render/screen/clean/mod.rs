//! `bkscan clean`: what would go and what stays, and afterwards what was done.

mod called;
mod counted;
mod done;
mod plan;
mod question;
mod rows;
mod table;
mod why;

pub use called::called;
pub use done::{Measured, write_done, write_undone};
pub use plan::{Next, write_plan};
pub use question::{goes_for_good, question};
pub use rows::{Row, Rows};
pub use why::why;
