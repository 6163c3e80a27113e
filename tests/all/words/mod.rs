//! Numbers, shells and jobs in words.

#[cfg(unix)]
mod pasted;
#[cfg(unix)]
mod recipes;
mod schedule;
