//! What is printed and written.

mod beside;
mod ends;
mod metrics;
#[cfg(unix)]
mod nagios;
mod nightly;
mod output;
mod page;
mod personal;
mod quiet;
pub mod screens;
mod show;
mod unseen;

use crate::cli::configured::{World, phone};

/// A home with one backup.
fn one() -> World {
    let world = World::new();
    phone("2026-11-10").write(&world.backups());
    world
}
