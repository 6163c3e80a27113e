//! What removes.

pub mod command;
mod door;
mod frees;
mod safety;
pub mod screens;
