//! What the words of a command line mean: paths, backups, devices, commands.

pub mod backup;
pub mod closest;
pub mod explained;
pub mod home;
pub mod paths;
pub mod wish;
pub mod word;
