//! What bkscan remembers.

#[cfg(unix)]
mod crafted;
mod remembering;
