//! Reading payloads, in a world of files made for it.

mod apps;
mod encrypted;
mod faults;
mod reading;
mod remembering;
mod world;
