//! Which backup of a report.

/// The place of a backup in its report. [`Report::backups`](super::Report::backups) and the decisions of a
/// [`Plan`](super::Plan) are indexed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BackupIndex(usize);

impl BackupIndex {
    /// The backup at this position, counted from 0.
    pub const fn new(position: usize) -> BackupIndex {
        BackupIndex(position)
    }

    /// Those of so many backups, in their order.
    pub fn all(count: usize) -> impl DoubleEndedIterator<Item = BackupIndex> + Clone {
        (0..count).map(BackupIndex)
    }

    /// Its position, counted from 0: for what is kept of each backup beside the report.
    pub const fn position(self) -> usize {
        self.0
    }
}
