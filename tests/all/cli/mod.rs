//! What is typed and set.

mod choose;
pub mod configured;
#[cfg(target_os = "linux")]
mod full_disk;
#[cfg(unix)]
mod install;
#[cfg(unix)]
mod on_problem;
#[cfg(unix)]
mod password_file;
mod passwords;
pub mod reference;
mod secrets;
mod systems;
mod typed;
#[cfg(unix)]
mod zone;
