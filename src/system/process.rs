//! This process, and those that it starts.

use std::fs::Metadata;
use std::process::Command;

#[cfg(unix)]
use super::unix as imp;
#[cfg(windows)]
use super::windows as imp;

/// Whether this program runs as root for another user, as `sudo` has it: what it would leave in a
/// user's folders would be root's.
pub fn is_root_for_another_user() -> bool {
    let user = std::env::var_os("SUDO_UID");
    imp::is_root() && user.is_some_and(|user| !user.is_empty() && user != "0")
}

/// Has the system write no core dump of this process, which would hold its passwords and keys. Windows
/// writes none unless somebody asks for it.
pub fn forbid_core_dumps() {
    imp::forbid_core_dumps();
}

/// The permissions of a file that others than its owner can read; nothing where they cannot, and on
/// Windows, where the folders of a user are private already.
pub fn open_to_others(metadata: &Metadata) -> Option<u32> {
    imp::open_to_others(metadata)
}

/// A command line for the shell: `sh` on Unix, `cmd` on Windows.
pub fn shell(line: &str) -> Command {
    imp::shell(line)
}
