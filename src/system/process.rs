//! This process, and those that it starts.

use std::fs::Metadata;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};

#[cfg(unix)]
use super::unix as imp;
#[cfg(windows)]
use super::windows as imp;

/// What `sudo`, `pkexec` and `doas` tell of the user for whom a program runs as root.
const FOR_WHOM: [&str; 3] = ["SUDO_UID", "PKEXEC_UID", "DOAS_USER"];

/// Whether this program runs as root for another user: what it would leave in a user's folders would be root's.
pub fn is_root_for_another_user() -> bool {
    let mut users = FOR_WHOM.iter().filter_map(std::env::var_os);
    imp::is_root() && users.any(|user| !["", "0", "root"].iter().any(|own| user == *own))
}

/// Whether a home folder is another user's, as `su` and `doas` may leave it: neither this user's nor root's.
/// One that cannot be looked at is taken for none.
pub fn is_home_of_another_user(home: Option<&Path>) -> bool {
    let found = home.and_then(|home| home.metadata().ok());
    found.is_some_and(|found| imp::other_owner(&found, None).is_some())
}

/// The number of this user; 0 on Windows, where users have none.
pub fn user_number() -> u32 {
    imp::user_number()
}

/// The number of whoever owns a file, where that is neither this user nor root, nor the user that root works
/// for; nothing on Windows, where the folders of a user are private already.
pub fn other_owner(metadata: &Metadata) -> Option<u32> {
    let user = std::env::var("SUDO_UID").ok();
    imp::other_owner(metadata, user.and_then(|user| user.parse().ok()))
}

/// The signal that ends a program which writes a file larger than it may be; a program that catches it is
/// told by the write.
pub fn signal_of_too_large() -> Option<i32> {
    imp::signal_of_too_large()
}

/// Has the system write no core dump of this process, which would hold its passwords and keys, nor give one
/// to a program. On Linux `/proc/self` then belongs to root: what is named there is opened before. Windows
/// writes none unless somebody asks for it.
pub fn forbid_core_dumps() {
    imp::forbid_core_dumps();
}

/// The permissions of a file that others than its owner can read or write; nothing where they cannot, and on
/// Windows, where the folders of a user are private already.
pub fn open_to_others(metadata: &Metadata) -> Option<u32> {
    imp::open_to_others(metadata)
}

/// A command line for the shell: `sh` on Unix, `cmd` on Windows.
pub fn shell(line: &str) -> Command {
    imp::shell(line)
}

/// How a program ended, in words for the end of a sentence.
pub fn how_it_ended(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("ended with exit code {code}"),
        None => "was ended by a signal".to_owned(),
    }
}

/// Has a program that is to be started stand apart with all that it starts itself, so that they can be ended
/// at once.
pub fn set_apart(command: &mut Command) {
    imp::set_apart(command);
}

/// Ends a program that was set apart and has not ended yet, and on Unix all that it started.
pub fn end(child: &mut Child) {
    imp::end_group(child);
    let _ = child.kill().and_then(|()| child.wait());
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn no_core_dump_is_written_nor_given_to_a_program() {
        use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

        super::forbid_core_dumps();
        assert_eq!(getrlimit(Resource::Core).current, Some(0));
        assert_eq!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
    }
}
