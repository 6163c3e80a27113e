//! What Apple's software has likely said about a finding (F§16). Which message goes with which code
//! is inferred, not documented, so texts say "likely".

/// A message and the code behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Likely {
    /// What Finder or iTunes shows.
    pub message: &'static str,
    /// The device's own code.
    pub code: &'static str,
}

const STOPPED: Likely = Likely {
    message: "\"the iPhone disconnected\" or \"the backup session failed\"",
    code: "MBErrorDomain/103, 104 or 202",
};
const REFUSED: Likely = Likely {
    message: "\"the backup was corrupt or not compatible\"",
    code: "MBErrorDomain/205",
};
const NO_BACKUP: Likely = Likely {
    message: "\"the backup was corrupt or not compatible\"",
    code: "MBErrorDomain/204",
};
const NOT_STARTED: Likely = Likely {
    message: "nothing, or that the passcode was not entered",
    code: "MBErrorDomain/208",
};
/// For a run that stopped where the disk is full.
pub const DISK_FULL: Likely = Likely {
    message: "\"not enough free space is available on this computer\"",
    code: "MBErrorDomain/105",
};

/// What a finding has likely looked like on the screen; nothing where that is not known.
pub fn likely(finding: &str) -> Option<Likely> {
    match finding {
        "never-finished" | "update-interrupted" | "move-interrupted" => Some(STOPPED),
        "later-attempt-failed" => Some(NOT_STARTED),
        "status-missing" | "manifest-missing" => Some(NO_BACKUP),
        "status-unreadable"
        | "manifest-plist-missing"
        | "manifest-plist-unreadable"
        | "manifest-unreadable"
        | "manifest-damaged"
        | "file-missing"
        | "payload-not-a-file" => Some(REFUSED),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify;

    #[test]
    fn only_findings_that_exist_have_a_message() {
        let known: Vec<_> = verify::checks()
            .filter(|check| likely(check.id).is_some())
            .map(|check| check.id)
            .collect();
        assert_eq!(
            known,
            [
                "never-finished",
                "update-interrupted",
                "move-interrupted",
                "later-attempt-failed",
                "status-missing",
                "status-unreadable",
                "manifest-plist-missing",
                "manifest-plist-unreadable",
                "manifest-missing",
                "manifest-unreadable",
                "manifest-damaged",
                "file-missing",
                "payload-not-a-file",
            ]
        );
        assert_eq!(likely("orphan-file"), None);
    }
}
