//! What makes a new backup from what can still be read of a damaged one.

mod by_hand;
mod device_check;
mod kinds;
mod scene;
