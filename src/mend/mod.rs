//! A new backup from what can be read of a damaged one (contract §11). The old one is only read.
//!
//! What is wrong, and whether it can be made good, says the room `mendable`; `prepare` adds where payloads lie and
//! where the new backup may, and gives the plan that is shown; `write` is the only code that makes anything. Nothing
//! is invented: no payload, no key, no row. The result is judged as any backup is, and gets its name only where it is
//! complete.

mod astray;
mod gone;
pub mod mend_plan;
mod payloads;
mod place;
mod prepare;
mod repairs;
#[cfg(test)]
mod tests;
mod write;

pub use crate::mendable::{Kind, LostRow, Refused};
pub use mend_plan::{Lost, Means, MendPlan, Mended, Repair, RepairKind};
pub use place::record as record_of;
pub use prepare::{Prepared, Wish, prepare};
pub use write::write;
