//! What to do about a backup that is not whole: the one place that `explain` and advice have it from.

/// What has to be done before the device is backed up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum First {
    /// To copy the folder: the next run may write over what can still be read.
    Copy,
    /// The same where the disk may be failing, which the next run should not go to.
    CopyFromBadDisk,
    /// To rename the folder or to move it away: every further run into it fails.
    MoveAway,
    /// To leave the folder as it is: the next run goes on from there.
    Leave,
    /// To unlock the device, which asks for its passcode.
    Unlock,
}

/// What to do about a finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Remedy {
    /// In the words of `explain`, one action a line.
    pub explained: &'static str,
    /// What comes first.
    pub first: First,
}

/// The folder is copied to where the next run does not go.
macro_rules! copy {
    () => {
        "because a new run may write over it: copy its folder to another disk, or in Finder choose \
         General > Manage Backups, Control-click it, Archive."
    };
}

/// A fact of the device's own code (F§1.3).
macro_rules! every_run_fails {
    () => {
        "every further run into it fails (error 205)"
    };
}

/// How a device is backed up.
macro_rules! by_cable {
    () => {
        "connect it by cable, Finder > General > Back Up Now (Windows: Apple Devices or iTunes)"
    };
}

macro_rules! then_by_cable {
    () => {
        concat!("Then back up the device again: ", by_cable!(), ".")
    };
}

macro_rules! mend {
    () => {
        "If there will be no new one, make a consistent copy of what can be read: bkscan mend BACKUP --to DIR \
         --plan says whether that can be done, and what would be lost."
    };
}

/// What is left where there is no other backup, and will be none: the last line of an explanation.
pub const MEND_A_COPY: &str = mend!();

macro_rules! then_mend {
    () => {
        concat!("\n", mend!())
    };
}

/// Something in it is lost.
pub(super) const BACK_UP_AGAIN: Remedy = Remedy {
    explained: concat!(
        "Keep this backup first, ",
        copy!(),
        "\n",
        then_by_cable!(),
        "\nKeep the old one until bkscan calls the new one complete.",
        then_mend!(),
    ),
    first: First::Copy,
};

/// The disk may have lost it.
pub(super) const BACK_UP_ELSEWHERE: Remedy = Remedy {
    explained: concat!(
        "Keep this backup first: copy what can be read of its folder to another disk.\n",
        "Check the disk it was on (Mac: Disk Utility > First Aid).\n",
        "Then back up the device again, by cable and to a disk in good order, and keep the old backup \
         until the new one is complete."
    ),
    first: First::CopyFromBadDisk,
};

/// The device cannot go on in the folder as it is.
pub(super) const MOVE_IT_AWAY: Remedy = Remedy {
    explained: concat!(
        "Rename the folder, or move it away, first: ",
        every_run_fails!(),
        ".\n",
        then_by_cable!(),
        "\nKeep the old folder until bkscan calls the new backup complete: what is in it may still be \
         readable.",
        then_mend!(),
    ),
    first: First::MoveAway,
};

/// A file that every backup has is not there, or is empty.
pub(super) const COPY_OR_MOVE_IT: Remedy = Remedy {
    explained: concat!(
        "If this folder is a copy, copy the whole folder again from the original.\n",
        "Else keep this backup first, ",
        copy!(),
        " Where the file is there with 0 bytes, rename the folder or move it away instead: ",
        every_run_fails!(),
        ".\n",
        then_by_cable!(),
        then_mend!(),
    ),
    first: First::Copy,
};

/// The file that says how far the last run came is not there.
pub(super) const COPY_IT: Remedy = Remedy {
    explained: concat!(
        "If this folder is a copy, copy the whole folder again from the original.\n",
        "Else keep this backup first, ",
        copy!(),
        "\n",
        then_by_cable!(),
        then_mend!(),
    ),
    first: First::Copy,
};

/// What the verdict says, whatever was found.
pub(super) const SEE_AND_COPY_IT: Remedy = Remedy {
    explained: concat!(
        "See what was found: bkscan show BACKUP. What bkscan explain says of it comes first.\n",
        "Where it says nothing else, keep this backup first, ",
        copy!(),
        "\n",
        then_by_cable!(),
        then_mend!(),
    ),
    first: First::Copy,
};

/// A first or full run stopped.
pub(super) const BEGIN_AGAIN: Remedy = Remedy {
    explained: concat!(
        "Keep what has arrived first, ",
        copy!(),
        "\nMake sure that the computer's disk has room for a full backup.\n",
        "Then back up the device again: ",
        by_cable!(),
        ", and enter the passcode on the device when it asks."
    ),
    first: First::Copy,
};

/// A run stopped although an earlier backup is still there.
pub(super) const FINISH_THE_RUN: Remedy = Remedy {
    explained: concat!(
        "Leave the folder as it is, Snapshot too: the next run can go on from there.\n",
        "Make sure that the computer's disk has room.\n",
        "Back up the device again and let it run to its end: ",
        by_cable!(),
        "."
    ),
    first: First::Leave,
};

/// A run stopped in its last step.
pub(super) const LEAVE_THE_CLEANUP: Remedy = Remedy {
    explained: concat!(
        "Leave the folder as it is and remove no file by hand: the next run goes on with the clean-up.\n",
        "Back up the device again and let it run to its end: ",
        by_cable!(),
        "."
    ),
    first: First::Leave,
};

/// A run did not begin.
pub(super) const UNLOCK_IT: Remedy = Remedy {
    explained: concat!(
        "Connect the device by cable and unlock it.\n",
        "Back up the device again: Finder > General > Back Up Now (Windows: Apple Devices or iTunes), \
         and enter the passcode on the device when it asks.\n",
        "Run bkscan again and see whether the date is the new one."
    ),
    first: First::Unlock,
};

/// All that a check may name.
pub(super) const ALL: [&Remedy; 9] = [
    &BACK_UP_AGAIN,
    &BACK_UP_ELSEWHERE,
    &MOVE_IT_AWAY,
    &COPY_OR_MOVE_IT,
    &COPY_IT,
    &BEGIN_AGAIN,
    &FINISH_THE_RUN,
    &LEAVE_THE_CLEANUP,
    &UNLOCK_IT,
];
