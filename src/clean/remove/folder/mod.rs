//! An open folder, through which alone what is in it is reached. Only chooses which file is compiled.

#[cfg(unix)]
mod kernel;
#[cfg(unix)]
mod stat;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::Folder;
#[cfg(windows)]
pub use windows::Folder;
