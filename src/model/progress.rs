//! How a scan tells what it is doing, and how it is told to stop. Drawing is somebody else's work.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::report::BackupReport;

/// A step of a scan. Told per folder, never per file.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// All backups were found.
    Found {
        /// How many.
        backups: usize,
    },
    /// One of them is being looked at.
    Began {
        /// Its folder.
        backup: &'a Path,
    },
    /// Rows of its manifest were read.
    Rows {
        /// How many more.
        rows: u64,
    },
    /// Files were measured.
    Measured {
        /// How many more.
        files: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// Its keys are being derived from the password, which takes about a second.
    Deriving {
        /// Its folder.
        backup: &'a Path,
    },
    /// They were, or could not be.
    Derived {
        /// Its folder.
        backup: &'a Path,
    },
    /// Its payloads will be read to their end.
    Reading {
        /// How many.
        files: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// Payloads were read.
    Read {
        /// How many more.
        files: u64,
        /// Their bytes, or those of a large one so far.
        bytes: u64,
    },
    /// Files of a backup that goes will be compared with those of the one that stands in for it.
    Comparing {
        /// How many.
        files: u64,
    },
    /// Files were compared.
    Compared {
        /// How many more.
        files: u64,
    },
    /// Files are put into a mended backup.
    Mending {
        /// How many.
        files: u64,
        /// Their bytes, where they are copied.
        bytes: u64,
    },
    /// Files were.
    Mended {
        /// How many more.
        files: u64,
        /// Their bytes, or those of a large one so far.
        bytes: u64,
    },
    /// All of it was read and measured, but not yet judged.
    Looked {
        /// Its folder.
        backup: &'a Path,
    },
    /// It was judged.
    Judged {
        /// What came of it.
        backup: &'a BackupReport,
    },
}

/// Hears what a scan does; called from its worker threads.
pub type Observer<'a> = dyn Fn(Event<'_>) + Sync + 'a;

/// The line between a running scan and whoever started it.
#[derive(Clone, Copy)]
pub struct Monitor<'a> {
    observer: &'a Observer<'a>,
    stop: &'a AtomicUsize,
}

impl<'a> Monitor<'a> {
    /// A monitor that tells `observer`, and stops the scan once `stop` is not 0.
    pub fn new(observer: &'a Observer<'a>, stop: &'a AtomicUsize) -> Monitor<'a> {
        Monitor { observer, stop }
    }

    /// A monitor that tells nobody and never stops.
    pub fn silent() -> Monitor<'static> {
        static NEVER: AtomicUsize = AtomicUsize::new(0);
        Monitor {
            observer: &|_| {},
            stop: &NEVER,
        }
    }

    /// Tells what happens.
    pub fn tell(&self, event: Event<'_>) {
        (self.observer)(event);
    }

    /// Whether to stop; checked between small pieces of work.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) != 0
    }
}
