//! What is typed and set.

pub mod configured;
#[cfg(target_os = "linux")]
mod full_disk;
mod passwords;
pub mod reference;
mod secrets;
