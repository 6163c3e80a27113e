//! The eight steps of the guide: what helps anyone whose backup failed.

/// One step of the guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// 1 to 8.
    pub number: u8,
    /// What it is about.
    pub title: &'static str,
    /// What it means for anyone, whatever was seen here.
    pub general: &'static str,
}

/// The steps in their order.
pub const STEPS: [Step; 8] = [
    Step {
        number: 1,
        title: "Check storage space",
        general: "Delete old backups and what is not used any more, or back up less.",
    },
    Step {
        number: 2,
        title: "Use a stable connection",
        general: "Use a cable, or keep both on the same Wi-Fi network, until the backup is done.",
    },
    Step {
        number: 3,
        title: "Update iOS",
        general: "On the device: Settings > General > Software Update.",
    },
    Step {
        number: 4,
        title: "Restart the device",
        general: "Switch it off and on again: Settings > General > Shut Down.",
    },
    Step {
        number: 5,
        title: "Reset the network settings",
        general: "Saved Wi-Fi networks and passwords go: only where everything else failed.",
    },
    Step {
        number: 6,
        title: "Sign out of iCloud and in again",
        general: "Settings > your name > Sign Out; only for backups to iCloud.",
    },
    Step {
        number: 7,
        title: "Check Apple's services",
        general: "Only for backups to iCloud: see https://www.apple.com/support/systemstatus/.",
    },
    Step {
        number: 8,
        title: "Contact Apple Support",
        general: "If nothing else helped: https://getsupport.apple.com.",
    },
];
