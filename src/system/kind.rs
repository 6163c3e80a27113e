//! The systems whose places and texts differ.

/// The kinds of system whose places and texts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// macOS.
    Mac,
    /// Windows.
    Windows,
    /// Linux and others, which have no place of their own for backups.
    Other,
}

/// The system that this program was built for.
pub const SYSTEM: System = if cfg!(target_os = "macos") {
    System::Mac
} else if cfg!(windows) {
    System::Windows
} else {
    System::Other
};
