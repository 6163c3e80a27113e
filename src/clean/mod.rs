//! Removes what the plan lets go, safely or not at all (contract §9).
//!
//! `select` says what would go, and why; it is pure. `leftover` knows what a stopped removal leaves
//! behind. `proof` compares what a backup holds with the one that stands in for it, `unchanged` a folder
//! with what it was. `door` looks at each folder again and lets it through, or refuses with the reason.
//! Renaming and removing itself is the work of [`crate::clean::remove`].

mod clean_plan;
mod door;
mod leftover;
mod outcome;
mod proof;
pub mod remove;
mod select;
mod unchanged;

pub use clean_plan::{CleanPlan, Item, What};
pub use door::{Cleaning, NotBegun};
pub use leftover::{Leftover, leftovers};
pub use outcome::{DECLINED, Done, Outcome};
pub use proof::{Proof, Unproven};
pub use select::{Wish, choose, holds_another, part, redact, select};

#[cfg(test)]
mod tests;
