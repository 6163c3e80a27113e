//! What the groups of a person's files are called.

use crate::model::KeepsakeGroup;

/// What a group is called on the screen.
pub fn name(group: KeepsakeGroup) -> &'static str {
    match group {
        KeepsakeGroup::Photos => "Photos, videos",
        other => other.name(),
    }
}
