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
    /// In the words of `explain`, one step a line.
    pub explained: &'static str,
    /// The same step by step.
    pub steps: &'static [Step],
    /// What comes first.
    pub first: First,
}

/// A line of it, and for which backups it does not hold as it stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It holds for each.
    Do(&'static str),
    /// About the next run into the folder: the next backup may go into another one.
    NextRun(&'static str),
    /// The second part is not true of a backup that nobody can open.
    Readable(&'static str, &'static str),
    /// That a consistent copy can be made: whether that would be done is known of each backup.
    Mend(&'static str),
}

/// What is true instead of [`Step::NextRun`] where the device does not write into the folder again.
pub const GOES_ELSEWHERE: &str =
    "The next backup goes into a folder of its own: this one stays as it is.";

/// A remedy of these steps.
macro_rules! remedy {
    ($first:ident: $begin:ident($($words:expr),+ $(,)?) $(, $step:ident($($more:expr),+ $(,)?))* $(,)?) => {
        Remedy {
            explained: concat!($($words),+ $(, "\n", $($more),+)*),
            steps: &[Step::$begin($($words),+) $(, Step::$step($($more),+))*],
            first: First::$first,
        }
    };
}

/// The folder is copied to where the next run does not go.
macro_rules! copy {
    ($before:literal) => {
        concat!(
            $before,
            "because a new run may write over it: copy its folder to another disk, or in Finder choose \
             General > Manage Backups, Control-click it, Archive."
        )
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

/// What is left where there is no other backup, and will be none.
macro_rules! mend {
    () => {
        "If there will be no new one, make a consistent copy of what can be read: bkscan mend BACKUP --to DIR \
         --plan says whether that can be done, and what would be lost."
    };
}

macro_rules! if_it_is_a_copy {
    () => {
        "If this folder is a copy, copy the whole folder again from the original."
    };
}

/// The line about mending, where it is told of a backup by itself.
pub const MEND_A_COPY: &str = mend!();

/// Something in it is lost.
pub(super) const BACK_UP_AGAIN: Remedy = remedy! {
    Copy: NextRun(copy!("Keep this backup first, ")),
    Do(then_by_cable!()),
    Do("Keep the old one until bkscan calls the new one complete."),
    Mend(mend!()),
};

/// The disk may have lost it.
pub(super) const BACK_UP_ELSEWHERE: Remedy = remedy! {
    CopyFromBadDisk: Do(
        "Keep this backup first: copy what can be read of its folder to another disk."
    ),
    Do("Check the disk it was on (Mac: Disk Utility > First Aid)."),
    Do(
        "Then back up the device again, by cable and to a disk in good order, and keep the old backup \
         until the new one is complete."
    ),
};

/// The device cannot go on in the folder as it is.
pub(super) const MOVE_IT_AWAY: Remedy = remedy! {
    MoveAway: NextRun(concat!(
        "Rename the folder, or move it away, first: ",
        every_run_fails!(),
        "."
    )),
    Do(then_by_cable!()),
    Readable(
        "Keep the old folder until bkscan calls the new backup complete",
        ": what is in it may still be readable."
    ),
    Mend(mend!()),
};

/// A file that every backup has is not there, or is empty.
pub(super) const COPY_OR_MOVE_IT: Remedy = remedy! {
    Copy: Do(if_it_is_a_copy!()),
    NextRun(concat!(
        copy!("Else keep this backup first, "),
        " Where the file is there with 0 bytes, rename the folder or move it away instead: ",
        every_run_fails!(),
        "."
    )),
    Do(then_by_cable!()),
    Mend(mend!()),
};

/// The file that says how far the last run came is not there.
pub(super) const COPY_IT: Remedy = remedy! {
    Copy: Do(if_it_is_a_copy!()),
    NextRun(copy!("Else keep this backup first, ")),
    Do(then_by_cable!()),
    Mend(mend!()),
};

/// What the verdict says, whatever was found.
pub(super) const SEE_AND_COPY_IT: Remedy = remedy! {
    Copy: Do(
        "See what was found: bkscan show BACKUP. What bkscan explain says of it comes first."
    ),
    NextRun(copy!("Where it says nothing else, keep this backup first, ")),
    Do(then_by_cable!()),
    Mend(mend!()),
};

/// A first or full run stopped.
pub(super) const BEGIN_AGAIN: Remedy = remedy! {
    Copy: NextRun(copy!("Keep what has arrived first, ")),
    Do("Make sure that the computer's disk has room for a full backup."),
    Do(concat!(
        "Then back up the device again: ",
        by_cable!(),
        ", and enter the passcode on the device when it asks."
    )),
};

/// A run stopped although an earlier backup is still there.
pub(super) const FINISH_THE_RUN: Remedy = remedy! {
    Leave: NextRun("Leave the folder as it is, Snapshot too: the next run can go on from there."),
    Do("Make sure that the computer's disk has room."),
    Do(concat!(
        "Back up the device again and let it run to its end: ",
        by_cable!(),
        "."
    )),
};

/// A run stopped in its last step.
pub(super) const LEAVE_THE_CLEANUP: Remedy = remedy! {
    Leave: NextRun(
        "Leave the folder as it is and remove no file by hand: the next run goes on with the clean-up."
    ),
    Do(concat!(
        "Back up the device again and let it run to its end: ",
        by_cable!(),
        "."
    )),
};

/// A run did not begin.
pub(super) const UNLOCK_IT: Remedy = remedy! {
    Unlock: Do("Connect the device by cable and unlock it."),
    Do(
        "Back up the device again: Finder > General > Back Up Now (Windows: Apple Devices or iTunes), \
         and enter the passcode on the device when it asks."
    ),
    Do("Run bkscan again and see whether the date is the new one."),
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
