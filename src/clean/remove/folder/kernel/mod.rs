//! What is known of files, and how they are renamed, beyond what all Unix systems share. Only chooses
//! which file is compiled.

#[cfg(target_vendor = "apple")]
mod apple;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux;
#[cfg(all(
    unix,
    not(any(target_os = "linux", target_os = "android", target_vendor = "apple"))
))]
mod posix;

#[cfg(target_vendor = "apple")]
pub use apple::{look, look_at, rename_new};
#[cfg(any(target_os = "linux", target_os = "android"))]
pub use linux::{look, look_at, rename_new};
#[cfg(all(
    unix,
    not(any(target_os = "linux", target_os = "android", target_vendor = "apple"))
))]
pub use posix::{look, look_at, rename_new};
