//! Numbers, shells and jobs in words.

#[cfg(unix)]
mod pasted;
mod schedule;
