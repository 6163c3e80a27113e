//! Whether one backup holds what another one does (contract §5): what a person would miss, by size and
//! time of birth; databases and apps by their stored bytes. Pure. Unknown means not held.

mod apps;
pub mod diff;
mod elsewhere;
mod enough;
mod gather;
pub mod held;
mod locked;
pub mod losses;
mod only_here;
pub mod owners;
mod rest;
mod told;

pub use elsewhere::held_elsewhere;
pub use gather::{Asked, by_group, holdings};
pub use only_here::{Cover, cover, everything};

#[cfg(test)]
mod tests;
