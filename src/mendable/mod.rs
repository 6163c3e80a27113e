//! Whether a damaged backup can be mended, and what has to be done, from what a scan says of it (contract §11). Pure:
//! `mend` looks where payloads lie, and writes.
//!
//! A scan asks the same as a mend does, so that mending is offered only where it would be done.

mod cured;
mod decide;
mod offer;
mod plists;
mod refused;

pub use cured::{OF_ROWS, is_cured};
pub use decide::{Decision, Interrupted, ListFix, LostRow, Seen, StatusFix, decide, id_of};
pub use offer::{elsewhere, offer};
pub use refused::{Kind, Refused};
