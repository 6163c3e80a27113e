//! What is typed and set.

pub mod configured;
mod passwords;
pub mod reference;
mod secrets;
