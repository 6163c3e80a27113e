//! Findings and verdicts: the words of the contract, sections 2 to 4.

/// How deep a scan looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Level {
    /// Property lists, state, the manifest's header, sizes on disk.
    Quick,
    /// Also every row of the manifest against the disk.
    Standard,
    /// Also every payload, read to its end.
    Contents,
}

impl Level {
    /// The word for it on the command line and in `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Level::Quick => "quick",
            Level::Standard => "standard",
            Level::Contents => "contents",
        }
    }
}

/// How bad a finding is: decides exit code and display.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// A fact worth knowing; nothing is wrong.
    Note,
    /// Something to look at.
    Warning,
    /// The backup cannot be relied on.
    Error,
}

impl Severity {
    /// The word for it in `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// What a finding does to the verdict, whatever severity the user gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// The backup could not be looked at.
    CouldNotCheck,
    /// The password that was given does not open it: the verdict is that without one, but not all that
    /// was asked for could be looked at.
    NotOpened,
    /// A backup is running.
    InProgress,
    /// The set is not complete.
    Incomplete,
    /// Parts are missing, unreadable or altered.
    Corrupt,
    /// The last run did not finish; the backup before it is whole.
    Interrupted,
    /// Not all could be checked.
    Unverified,
    /// Nothing.
    Nothing,
}

/// One verdict a backup, in the order of their precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// Could not be looked at.
    Unreadable,
    /// The device is at work on it.
    InProgress,
    /// The set is not complete; Apple's software would not restore it.
    Incomplete,
    /// Says it finished, but parts are missing, unreadable or altered.
    Corrupt,
    /// The last run did not finish, but the earlier backup is still whole.
    Interrupted,
    /// Nothing wrong in what can be seen, but not everything could be.
    Unverified,
    /// Finished, and all that the level checks holds.
    Complete,
}

impl Verdict {
    /// All verdicts, by precedence.
    pub const ALL: [Verdict; 7] = [
        Verdict::Unreadable,
        Verdict::InProgress,
        Verdict::Incomplete,
        Verdict::Corrupt,
        Verdict::Interrupted,
        Verdict::Unverified,
        Verdict::Complete,
    ];

    /// The word for it, on the screen and in `--json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Verdict::Unreadable => "unreadable",
            Verdict::InProgress => "in-progress",
            Verdict::Incomplete => "incomplete",
            Verdict::Corrupt => "corrupt",
            Verdict::Interrupted => "interrupted",
            Verdict::Unverified => "unverified",
            Verdict::Complete => "complete",
        }
    }

    /// Whether nothing is known to be wrong, even if not everything could be seen.
    pub const fn is_good(self) -> bool {
        matches!(self, Verdict::Complete | Verdict::Unverified)
    }
}

/// One file or row that a finding is about. Unknown parts are `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Example {
    /// The domain; lossy where it is not UTF-8.
    pub domain: Option<String>,
    /// The path inside the domain, else the path inside the backup's folder.
    pub path: Option<String>,
    /// The fileID as the manifest or the disk spells it.
    pub file_id: Option<String>,
    /// Bytes of that file: recorded ones where it is missing, else on the disk.
    pub bytes: Option<u64>,
}

/// A folder of the device in which files are missing. Unknown parts are `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingFolder {
    /// The domain; lossy where it is not UTF-8.
    pub domain: Option<String>,
    /// The path inside the domain; empty where it is the domain's own folder.
    pub path: Option<String>,
    /// How many of its files are missing.
    pub missing: u64,
    /// How many it should hold.
    pub all: u64,
}

/// Something that a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its id; never renamed or reused.
    pub id: &'static str,
    /// How bad it is here.
    pub severity: Severity,
    /// What it does to the verdict.
    pub effect: Effect,
    /// How many files, rows or facts.
    pub count: u64,
    /// How many bytes they have together.
    pub bytes: u64,
    /// One sentence with scale and kind.
    pub message: String,
    /// The same without names, identifiers and paths, where the sentence has any.
    pub unnamed: Option<String>,
    /// The first few of them.
    pub examples: Vec<Example>,
    /// What to do next: a command to copy, where there is one.
    pub hint: Option<String>,
    /// Whether the run that it is compared with had it too.
    pub known: bool,
}

/// A check that could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotChecked {
    /// The finding it would have made.
    pub id: &'static str,
    /// Why not.
    pub why: String,
    /// Whether it could have been made, so that the backup is not known to be whole; else it was not
    /// asked for, or there is nothing to make it with.
    pub expected: bool,
}
