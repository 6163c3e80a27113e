//! What the advice of steps 2 to 8 is called, and which of it is drastic.

use super::save;

/// The ids of steps 2 to 8.
pub const STABLE_CONNECTION: &str = "stable-connection";
pub const UPDATE_IOS: &str = "update-ios";
pub const RESTART: &str = "restart";
pub const RESET_NETWORK: &str = "reset-network";
pub const ICLOUD_SIGN_IN: &str = "icloud-sign-in";
pub const SERVICE_STATUS: &str = "service-status";
pub const CONTACT_SUPPORT: &str = "contact-support";

/// Whether advice is drastic, or is given without having seen a reason for it.
pub fn is_drastic(id: &str) -> bool {
    [
        RESTART,
        RESET_NETWORK,
        ICLOUD_SIGN_IN,
        SERVICE_STATUS,
        CONTACT_SUPPORT,
    ]
    .contains(&id)
}

/// Whether the guide tells it in short where it is for many devices: nothing of weight is left out.
pub fn is_told_in_short(id: &str) -> bool {
    [save::ID, RESTART].contains(&id)
}
