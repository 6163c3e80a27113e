//! What is printed and written.

mod metrics;
mod nightly;
mod output;
mod page;
mod personal;
mod quiet;
pub mod screens;
mod show;
mod unseen;
