//! All that differs between operating systems. No other room has `cfg` for one, but for
//! `clean::remove`, which chooses by it whole files for their ways to remove.

mod errors;
mod file;
mod folder;
pub mod inside;
pub mod job_file;
mod kind;
mod listing;
pub mod making;
mod mounts;
mod path;
mod private;
mod process;
pub mod replace_file;
#[cfg(feature = "cli")]
mod signal_count;
mod stat;
#[cfg(feature = "cli")]
mod terminal;
#[cfg(unix)]
mod unix;
mod volume;
#[cfg(windows)]
mod windows;

pub use errors::{in_words, is_absence, is_damage};
pub use file::{
    facts, holes, identity, is_cloud_only, is_same_file, keep_private, large_holes, no_follow,
    open_file, open_regular, read_afresh,
};
pub use folder::Folder;
pub use kind::{SYSTEM, System};
pub use listing::{Listed, Listing, Named, list_names};
pub use path::{canonical, path_bytes, path_from_bytes, place, place_below, uri_path};
pub use private::{PrivateFolder, private_file, private_folder};
pub use process::{
    end, forbid_core_dumps, how_it_ended, is_home_of_another_user, is_root_for_another_user,
    open_to_others, other_owner, set_apart, shell, signal_of_too_large, user_number,
};
#[cfg(feature = "cli")]
pub use signal_count::SignalCount;
pub use stat::{FileFacts, Kind, SharedContent, Stamp};
#[cfg(feature = "cli")]
pub use terminal::{
    TerminalSignals, ask_to_stop, can_be_stopped, is_terminal_gone, read_without_waiting, stop,
    terminal_signals,
};
pub use volume::{lasting_volume, volume};
