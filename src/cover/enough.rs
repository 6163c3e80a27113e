//! When so much of it is as good as all of it.

use crate::model::options::Share;

/// What a database or an app may shrink by in a while.
pub(super) const HALF: Share = Share::of_millionths(500_000);

/// Whether so much of a database, or of what an app keeps, is as good as all of it: what is alive
/// shrinks, too.
pub(super) fn is_enough(bytes: u64, other_bytes: u64, may_lose: Share) -> bool {
    let lost = bytes.saturating_sub(other_bytes);
    may_lose.allows(lost, bytes) || HALF.allows(lost, bytes)
}
