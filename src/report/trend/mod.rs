//! What is kept of a run, what a run has in common with the one before and what it lacks of earlier
//! ones, and how each device developed over the runs. Pure.

mod again;
mod failing;
mod forget;
mod gone;
mod ground;
mod growth;
mod kept;
mod known;
mod missed;
mod shrank;
mod span;
mod subject;

pub use failing::count_failed_days;
pub use forget::{remembered, was_more};
pub use ground::Ground;
pub use growth::devices;
pub use kept::run_of;
pub use known::mark_known;
pub use missed::tell_missing;
pub use subject::BLOCKED;

#[cfg(test)]
mod tests;
