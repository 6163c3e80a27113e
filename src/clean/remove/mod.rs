//! Renames and removes folders: the only code of this program that does. Knows nothing of backups'
//! verdicts, of plans, terminals or clocks; what goes is decided by whoever calls.
//!
//! Everything is done below one [`Holder`], the folder that holds backups, opened once with all
//! links resolved. Below it nothing is reached by a path and no link is followed: on Unix each
//! folder is opened relative to the one above it, on Windows each is held open while something in
//! it is removed, so that nobody can put a link in its place.
//!
//! A removal is three calls: [`Holder::obstacle`] looks before anything changes,
//! [`Holder::set_aside`] renames to a name that no program takes for a backup, [`Holder::remove`]
//! removes what has that name. Each may be cut off at any point; `remove` goes on where one ended.

mod entry;
mod failures;
mod folder;
mod frame;
mod holder;
mod obstacle;
mod removal;
mod step;
mod visitor;
mod walk;

pub use crate::facts::names::ASIDE;
pub use entry::{Identity, Kind};
pub use holder::{Holder, Lock, NotSetAside};
pub use obstacle::{Hindrance, Obstacle};
pub use removal::Removed;
pub use step::{Observer, Step};

#[cfg(test)]
mod tests;
