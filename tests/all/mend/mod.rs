//! `bkscan mend`: a consistent backup in a new folder, from what can be read of a damaged one (contract §11).

mod by_hand;
mod device_check;
#[cfg(target_os = "linux")]
mod disks;
#[cfg(target_os = "linux")]
mod interrupted;
mod kinds;
mod list;
mod mended;
mod offered;
#[cfg(unix)]
mod property;
mod refusals;
mod scene;
mod told;
