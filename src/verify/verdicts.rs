//! What each verdict means, in words for people.

use crate::model::Verdict;

use super::check::Explanation;
use super::remedy::{BACK_UP_AGAIN, FINISH_THE_RUN, SEE_AND_COPY_IT};

/// What a verdict means.
pub const fn explain(verdict: Verdict) -> &'static Explanation {
    match verdict {
        Verdict::Unreadable => &UNREADABLE,
        Verdict::InProgress => &IN_PROGRESS,
        Verdict::Incomplete => &INCOMPLETE,
        Verdict::Corrupt => &CORRUPT,
        Verdict::Interrupted => &INTERRUPTED,
        Verdict::Unverified => &UNVERIFIED,
        Verdict::Complete => &COMPLETE,
    }
}

const UNREADABLE: Explanation = Explanation {
    meaning: "bkscan could not look at all of this backup: a permission or the disk is in the \
              way. It is not called damaged for that.",
    certainty: "A fact about this run of bkscan. It says nothing about the backup itself.",
    source: "macOS lets a program look into MobileSync only with Full Disk Access; it answers \
             'Operation not permitted' although the file's own permissions look right.",
    action: "See what was in the way: bkscan show BACKUP.\n\
             On a Mac: System Settings > Privacy & Security > Full Disk Access, switch on the \
             terminal application you use.\n\
             Quit that application, open it again and repeat the command.",
};

const IN_PROGRESS: Explanation = Explanation {
    meaning: "The device seems to be writing this backup right now. It is judged when it is \
              done.",
    certainty: "A judgement from the state on the disk and from files that changed within the \
                last hour or during the look. A run that stopped less than an hour ago looks the \
                same.",
    source: "The device marks a run in Status.plist as not finished until its last step. Apple's \
             backup format has no known lock file to ask; the hour is bkscan's own rule.",
    action: "Leave the device connected until the backup is done.\n\
             Then run bkscan again.",
};

const INCOMPLETE: Explanation = Explanation {
    meaning: "This backup is not a whole set, and Apple's software would not restore it. What is \
              there may still be readable.",
    certainty: "The findings are facts: a run that never finished, or a file that every backup \
                needs and that is missing or unreadable. Why it is so cannot be told.",
    source: "The device's own restore code refuses such a backup, mostly with error 204 (no \
             backup) or 205 (corrupt).",
    action: SEE_AND_COPY_IT.explained,
};

/// What is true of a damaged backup, but of one that nobody can open any more.
macro_rules! can_be_read {
    () => {
        "What is left can often still be read."
    };
}

/// The end of what is said of a damaged backup, and what is true of one whose keys are gone.
pub const CAN_BE_READ: &str = can_be_read!();

const CORRUPT: Explanation = Explanation {
    meaning: concat!(
        "The last run is marked as finished, but parts of the backup are missing, unreadable or \
         altered. ",
        can_be_read!()
    ),
    certainty: "The findings are facts, each from a list of things that no healthy backup shows. \
                That the backup is corrupt is the judgement from them; how it came about cannot \
                be told.",
    source: "The device makes the most important of these checks itself and answers with error \
             205. Finder's 'the backup was corrupt or not compatible' is probably the same \
             thing.",
    action: BACK_UP_AGAIN.explained,
};

const INTERRUPTED: Explanation = Explanation {
    meaning: "The last run did not finish, but a whole backup is still here. It may be the one \
              before that run.",
    certainty: "The state on the disk is a fact. From level standard on, every file was looked \
                for too. Why the run stopped cannot be told.",
    source: "The device's own restore code would use such a backup. The tool idevicebackup2 \
             refuses it; what Finder does is not known.",
    action: FINISH_THE_RUN.explained,
};

const UNVERIFIED: Explanation = Explanation {
    meaning: "Nothing wrong was found, but not everything could be checked. Most often the \
              backup is encrypted and its file list is locked.",
    certainty: "What was seen is sound. Missing files would not be noticed in a locked backup, \
                so this is neither good news nor bad.",
    source: "Since iOS 10.2 an encrypted backup has an encrypted file list. Without the password \
             only the state, the keys, and the names and lengths of stored files can be checked.",
    action: "See what was not checked, and why: bkscan show BACKUP.\n\
             If it was the level, run bkscan with --level standard.\n\
             If it was the password: bkscan --ask-password, and of a wrong one bkscan explain \
             password-wrong. Keep it in a safe place, because without \
             it nobody can restore the backup.",
};

const COMPLETE: Explanation = Explanation {
    meaning: "The last run finished, and everything that was checked holds. Every file that the \
              backup needs is there.",
    certainty: "As sure as the files on the disk allow. Nobody can tell from them that a restore \
                will work: photos and most app data have no checksum.",
    source: "The device marks a run as finished at its very end and then looks for every listed \
             file. bkscan makes the same check by the device's own rule.",
    action: "Nothing needs to be done.",
};
