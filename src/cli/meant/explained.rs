//! What a word means that somebody wants to have explained: the finding, verdict or reason of that name, or those
//! that it may have meant.

use crate::model::{Verdict, Why};
use crate::render::screen::explain::{ids, reason_codes};
use crate::verify::contents::{CONTENT_CHANGED, DIGEST_MISMATCH, PAYLOAD_READ_ERROR};
use crate::verify::device::{BACKUP_GONE, BACKUP_SHRANK, BACKUP_STALE, NEXT_BACKUP_MAY_NOT_FIT};
use crate::verify::encryption::{KEY_INVALID, PASSWORD_WRONG};
use crate::verify::files::{
    EMPTIED_FILE, FILE_MISSING, NOT_READABLE, ORPHAN_FILE, PAYLOAD_EMPTY, PAYLOAD_IN_CLOUD,
    PAYLOAD_TRUNCATED, SHORTER_THAN_RECORDED, SIZE_DIFFERS,
};
use crate::verify::manifest::{INDEX_EMPTY, MANIFEST_DAMAGED};
use crate::verify::plists::TOOL_MADE;
use crate::verify::state::{BACKUP_RUNNING, LATER_ATTEMPT_FAILED, LEFTOVER, NEVER_FINISHED};

use super::closest::likeness;

/// So many are named at most.
const MOST: usize = 5;

/// From so much likeness on, of 1000, a mistyped id is that one and no other.
const MISTYPED: u32 = 900;

/// The same for a part of one.
const MISTYPED_PART: u32 = 930;

/// Words of people, and what they mean by them, likeliest first.
const WORDS: &[(&[&str], &[&str])] = &[
    (&["missing", "lost", "absent"], &[FILE_MISSING.id]),
    (
        &["gone", "vanished", "deleted", "removed"],
        &[BACKUP_GONE.id, FILE_MISSING.id],
    ),
    (
        &[
            "corrupted",
            "corruption",
            "broken",
            "damaged",
            "damage",
            "bad",
            "defect",
            "defective",
        ],
        &[Verdict::Corrupt.as_str(), MANIFEST_DAMAGED.id],
    ),
    (
        &[
            "ok", "okay", "good", "fine", "well", "whole", "healthy", "valid", "success",
        ],
        &[Verdict::Complete.as_str()],
    ),
    (
        &["locked", "encrypted", "encryption", "password", "passcode"],
        &[Verdict::Unverified.as_str(), PASSWORD_WRONG.id],
    ),
    (
        &["key", "keys", "keybag"],
        &[KEY_INVALID.id, PASSWORD_WRONG.id],
    ),
    (
        &["unknown", "unchecked", "unsure", "maybe"],
        &[Verdict::Unverified.as_str()],
    ),
    (
        &[
            "unfinished",
            "aborted",
            "cancelled",
            "canceled",
            "stopped",
            "partial",
            "failed",
        ],
        &[
            Verdict::Interrupted.as_str(),
            NEVER_FINISHED.id,
            LATER_ATTEMPT_FAILED.id,
            Verdict::Incomplete.as_str(),
        ],
    ),
    (
        &["permission", "permissions", "denied", "access", "blocked"],
        &[NOT_READABLE.id, Verdict::Unreadable.as_str()],
    ),
    (
        &["empty", "zero", "hollow"],
        &[PAYLOAD_EMPTY.id, EMPTIED_FILE.id, INDEX_EMPTY.id],
    ),
    (
        &["cloud", "icloud", "onedrive", "dropbox"],
        &[PAYLOAD_IN_CLOUD.id],
    ),
    (&["old", "outdated", "stale", "overdue"], &[BACKUP_STALE.id]),
    (
        &["full", "space", "room", "disk"],
        &[NEXT_BACKUP_MAY_NOT_FIT.id],
    ),
    (
        &["running", "busy", "active"],
        &[Verdict::InProgress.as_str(), BACKUP_RUNNING.id],
    ),
    (
        &["truncated", "cut", "short", "shorter", "smaller"],
        &[
            PAYLOAD_TRUNCATED.id,
            SHORTER_THAN_RECORDED.id,
            BACKUP_SHRANK.id,
        ],
    ),
    (
        &[
            "changed", "altered", "modified", "bitrot", "rot", "checksum", "hash",
        ],
        &[CONTENT_CHANGED.id, DIGEST_MISMATCH.id],
    ),
    (&["size", "different"], &[SIZE_DIFFERS.id]),
    (
        &["extra", "orphaned", "unlisted", "remains"],
        &[ORPHAN_FILE.id, LEFTOVER.id],
    ),
    (&["io", "eio"], &[PAYLOAD_READ_ERROR.id]),
    (&["fake", "crafted", "tool"], &[TOOL_MADE.id]),
    (
        &["decide", "yours", "choose"],
        &[
            Why::OnlyCopy.as_str(),
            Why::HoldsMore.as_str(),
            Why::Archived.as_str(),
        ],
    ),
];

/// The finding, verdict or reason of that name, however it is written: `File Missing`, `file_missing`.
pub fn named(typed: &str) -> Option<&'static str> {
    let typed = folded(typed);
    all().find(|id| *id == typed)
}

/// All that can be explained.
fn all() -> impl Iterator<Item = &'static str> {
    ids().chain(reason_codes())
}

/// Those that a word which names none may have meant, likeliest first: a single one where it is a name with
/// a slip, else what people mean by its words, and the names that have one of them.
pub fn meant(typed: &str) -> Vec<&'static str> {
    let typed = folded(typed);
    if let Some(near) = all().max_by_key(|id| likeness(&typed, id))
        && likeness(&typed, near) >= MISTYPED
    {
        return vec![near];
    }
    let words: Vec<&str> = typed.split('-').filter(|word| !word.is_empty()).collect();
    let of_people = words.iter().flat_map(|word| {
        let means = |(all, _): &&(&[&str], &[&'static str])| all.contains(word);
        WORDS.iter().filter(means).flat_map(|(_, ids)| *ids)
    });
    let mut found: Vec<&'static str> = of_people.copied().collect();
    let has_one = |id: &&'static str| {
        let mut parts = id.split('-').filter(|part| part.len() > 2);
        parts.any(|part| {
            words
                .iter()
                .any(|word| likeness(word, part) >= MISTYPED_PART)
        })
    };
    found.extend(all().filter(has_one));
    let mut named = Vec::new();
    for id in found {
        if !named.contains(&id) {
            named.push(id);
        }
    }
    named.truncate(MOST);
    named
}

/// As ids are written: in small letters, with dashes.
fn folded(typed: &str) -> String {
    let words = typed.split(|c: char| c.is_whitespace() || "-_".contains(c));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join("-").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_however_it_is_written() {
        for typed in [
            "file-missing",
            "File-Missing",
            " file_missing",
            "FILE  missing",
        ] {
            assert_eq!(named(typed), Some("file-missing"), "{typed}");
        }
        assert_eq!(named("in progress"), Some("in-progress"));
        assert_eq!(named("Holds more"), Some("holds-more"));
        for typed in ["", "-", "file", "filemissing", "missing"] {
            assert_eq!(named(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_word_that_is_no_name_leads_to_those_that_were_meant() {
        for (typed, expected) in [
            // Slips.
            ("file-mising", &["file-missing"][..]),
            ("filemissing", &["file-missing"]),
            ("corupt", &["corrupt"]),
            ("imcomplete", &["incomplete"]),
            ("unverifyed", &["unverified"]),
            // Words of people.
            ("lost", &["file-missing"]),
            ("Broken", &["corrupt", "manifest-damaged"]),
            ("fine", &["complete"]),
            ("locked", &["unverified", "password-wrong"]),
            ("superseeded-by", &["superseded-by"]),
            ("superseded", &["superseded-by"]),
            ("you decide", &["only-copy", "holds-more", "archived"]),
            ("icloud", &["payload-in-cloud"]),
            ("disk full", &["next-backup-may-not-fit"]),
            // A word of several names.
            (
                "missing",
                &["file-missing", "status-missing", "manifest-plist-missing"],
            ),
            ("digest", &["digest-mismatch"]),
            // Nothing of the kind.
            ("", &[]),
            ("elephant", &[]),
        ] {
            let meant = meant(typed);
            assert_eq!(
                meant[..meant.len().min(expected.len().max(1))],
                *expected,
                "{typed}"
            );
        }
        assert_eq!(meant("corrupted")[0], "corrupt");
        assert!(meant("missing").len() <= MOST);
    }

    #[test]
    fn what_words_of_people_lead_to_is_there() {
        for (words, meant) in WORDS {
            assert!(
                meant.iter().all(|id| all().any(|known| known == *id)),
                "{words:?}"
            );
            assert!(words.iter().all(|word| folded(word) == *word), "{words:?}");
        }
    }
}
