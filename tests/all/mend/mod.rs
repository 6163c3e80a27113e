//! What makes a new backup from what can still be read of a damaged one.

mod by_hand;
mod device_check;
#[cfg(target_os = "linux")]
mod disks;
#[cfg(target_os = "linux")]
mod interrupted;
mod kinds;
mod list;
mod mended;
#[cfg(unix)]
mod property;
mod refusals;
mod scene;
mod told;
