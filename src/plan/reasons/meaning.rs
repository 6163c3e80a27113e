//! What the reason codes of `--json` mean, whichever backup they are about: for `bkscan explain`.

use crate::model::Why;

/// What a reason means, and what its owner can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// What is so.
    pub says: &'static str,
    /// What to do about it.
    pub action: &'static str,
}

/// Where nothing is to be done.
const NOTHING: &str = "Nothing: it stays.";

/// What only its owner can decide, and how to let it go.
const DECIDE: &str =
    "See what is in it (bkscan show BACKUP); if it may go, name it: bkscan clean --only BACKUP.";

/// What a reason means.
pub const fn meaning(why: Why) -> Meaning {
    let (says, action) = match why {
        Why::NewestGood => (
            "It is the newest good backup of its device, and is never proposed.",
            NOTHING,
        ),
        Why::OnlyCopy => (
            "There is no other good backup of its device in what was scanned: what is in it is nowhere else \
             here.",
            DECIDE,
        ),
        Why::Archived => (
            "It was put aside on purpose: its folder's name ends with the day and time at which it was \
             archived.",
            "It stays unless you name it (bkscan clean --only BACKUP), or ask for archived ones, too \
             (--include-archived).",
        ),
        Why::SupersededBy => (
            "A later backup of the same device on the same disk is complete and holds all that is in it.",
            "It can go; the plan, which deletes nothing: bkscan clean.",
        ),
        Why::NewerNotChecked => (
            "There is a later backup, but not all of that could be checked, so that nobody knows whether it \
             holds everything.",
            "Have it checked with its password (bkscan --ask-password).",
        ),
        Why::OtherVolume => (
            "There is a later backup, but on another disk: what may go has its stand-in beside it.",
            DECIDE,
        ),
        Why::EncryptedKept => (
            "It is or may be encrypted, and the later backup is not: Health data, passwords and call lists are \
             only in encrypted ones.",
            DECIDE,
        ),
        Why::KeepLast => (
            "It is one of the last ones, of which you asked to keep as many (--keep-last).",
            NOTHING,
        ),
        Why::KeepWithin => (
            "It is of the time from which you asked to keep all (--keep-within).",
            NOTHING,
        ),
        Why::Incomplete => (
            "The set is not complete: Apple's software would not restore it, but files of it can be read.",
            DECIDE,
        ),
        Why::Corrupt => (
            "Parts of it are missing or altered, but the rest can be read.",
            DECIDE,
        ),
        Why::InProgress => (
            "A file in it changed within the hour: a backup may be running.",
            "Look again when it is done.",
        ),
        Why::Unreadable => (
            "It could not be looked at, so that nothing is known of it.",
            "Make it readable (permission, cable, disk), and scan again.",
        ),
        Why::NoUsableDate => (
            "Nothing trustworthy says when it was made or of which device it is, so that nobody knows which backup \
             is the newer one.",
            DECIDE,
        ),
        Why::NotACopy => (
            "There is nothing but Info.plist in it, which describes a device: it is a copy of nothing.",
            "It can go; the plan, which deletes nothing: bkscan clean.",
        ),
        Why::Named => (
            "It would stay, but you named it.",
            "Look at the plan again before it goes.",
        ),
        Why::HoldsMore => (
            "The later backup does not hold all that is in it, or nobody can tell whether it does.",
            "See what is only in it: bkscan diff OLD NEW. What may be lost can be said with --may-lose.",
        ),
        Why::ClockDisputed => (
            "Files in it changed more than a day after those of the backup that says it is later: a clock may \
             have been wrong, so that the dates may lie.",
            DECIDE,
        ),
        Why::ForeignContent => (
            "Files lie in it that are no part of a backup, and would go with it.",
            "Move them elsewhere, and scan again.",
        ),
        Why::Twin => (
            "Another backup of the device has the same date and the same files, and stays.",
            DECIDE,
        ),
        Why::Trash => (
            "It lies in a trash, a recycle bin or a snapshot, and stands in for no other backup.",
            "Nothing: bkscan leaves such places alone.",
        ),
        Why::ToolMade => (
            "A tool made it, not the device, so that the device may not take it.",
            DECIDE,
        ),
        Why::Unfinished => (
            "It is the newest run of its device, and no whole backup came of it.",
            "Back the device up again by cable, to its end.",
        ),
        Why::Nested => (
            "Another backup lies in it, and would go with it.",
            "Move that one out, and scan again.",
        ),
    };
    Meaning { says, action }
}
