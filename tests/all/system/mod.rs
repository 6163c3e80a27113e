//! Rights, signals and memory: what the system allows, and what it says.

#[cfg(target_os = "linux")]
mod allowances;
#[cfg(target_os = "linux")]
mod memory;
mod permissions;
pub mod signals;
