//! Cleaning by looking: `bkscan clean -i` and `bkscan -i` (contract §9), a list on the terminal in which
//! somebody marks what is to go.
//!
//! ```text
//! keys, mouse, scan ─> Event ─> update(State) ─> Effect ─> run
//!                                  └─> view ─> terminal
//! ```
//!
//! `update` is a function of state and event, and does nothing else; `view` only draws a state; `run` has
//! the terminal, the threads and the clock. Nothing here removes anything: what was chosen is handed to the
//! command, which asks as after `--delete` and goes through the same door.

pub mod about;
pub mod check;
pub mod entry;
pub mod event;
mod guard;
pub mod keys;
pub mod layout;
pub mod model;
pub mod page;
pub mod pages;
mod pause;
pub mod run;
pub mod scanned;
mod shown;
mod sixteen;
pub mod target;
pub mod terminal;
pub mod update;
pub mod view;
mod watch;
pub mod weigh;
