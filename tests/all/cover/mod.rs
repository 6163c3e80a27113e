//! A backup against another.

mod diff;
mod losses;
mod twins;
