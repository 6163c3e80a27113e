//! What is known of a folder or file before it is opened.

/// What a folder or file is, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// Number of the device (volume).
    pub device: u64,
    /// Number of the inode (file index) on it.
    pub inode: u64,
    /// What it is.
    pub kind: Kind,
}

/// What can stand at a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A folder.
    Folder,
    /// A link; on Windows a junction too.
    Link,
    /// A file, or anything else that has no entries: FIFO, socket, device.
    File,
}

/// Why no file or folder can be removed from a folder, or a file cannot be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "not every system tells both")]
pub(super) enum PayloadKey {
    /// Locked against all changes: `chattr +i`, `uchg`, `schg`, a read-only file on Windows.
    Immutable,
    /// Can only grow: `chattr +a`, `uappnd`, `sappnd`.
    AppendOnly,
}

/// What the system tells of something without opening it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) identity: Identity,
    /// How many names it has.
    pub(super) links: u64,
    /// Bytes of the blocks it takes on the disk.
    pub(super) allocated: u64,
    /// Which mount it is reached through, where the system tells.
    pub(super) mount: Option<u64>,
    pub(super) seal: Option<PayloadKey>,
}

impl Look {
    /// Whether both are on the same device, and reached through the same mount.
    pub(super) fn is_at(&self, place: &Look) -> bool {
        self.identity.device == place.identity.device && self.mount == place.mount
    }
}
