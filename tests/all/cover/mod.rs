//! A backup against another.

mod diff;
mod elsewhere;
mod losses;
mod twins;
