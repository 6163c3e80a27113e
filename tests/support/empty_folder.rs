//! Where tests put what they make.

use std::path::Path;
use std::sync::LazyLock;

use tempfile::TempDir;

/// An empty folder, in memory where there is room: a test makes hundreds of folders, and a disk takes
/// several times as long for them.
pub fn empty_folder() -> TempDir {
    let made = match *IN_MEMORY {
        Some(memory) => tempfile::tempdir_in(memory),
        None => tempfile::tempdir(),
    };
    made.expect("an empty folder")
}

/// Where files are kept in memory, if a million small ones fit: on Linux.
static IN_MEMORY: LazyLock<Option<&Path>> = LazyLock::new(|| {
    const ROOM: u64 = 6 << 30;
    // On Windows it is no whole path.
    let memory = Some(Path::new("/dev/shm")).filter(|memory| memory.is_absolute())?;
    let space = fs4::available_space(memory).ok()?;
    (space >= ROOM).then_some(memory)
});
