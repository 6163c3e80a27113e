//! The threads that a scan works on.

use std::fmt;
use std::iter;
use std::mem;

/// Why the threads that were asked for are not there.
#[derive(Debug)]
pub struct NoThreads(String);

impl fmt::Display for NoThreads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoThreads {}

/// Runs work on so many threads, on fewer where the system does not allow as many, and where it allows none
/// on the one that asks.
///
/// # Errors
/// When not even that can be.
pub fn on<T: Send>(count: usize, work: impl FnOnce() -> T + Send) -> Result<T, NoThreads> {
    let builder = |count: usize| rayon::ThreadPoolBuilder::new().num_threads(count);
    let mut fewer = iter::successors(Some(count), |count| {
        Some(count / 2).filter(|half| *half > 0)
    });
    if let Some(pool) = fewer.find_map(|count| builder(count).build().ok()) {
        return Ok(pool.install(work));
    }
    // Work that finds itself on no thread of a pool would start the one that all share.
    if rayon::current_thread_index().is_none() {
        let own = builder(1).use_current_thread().build();
        // For as long as this thread is: it stays a part of the pool.
        mem::forget(own.map_err(|error| NoThreads(error.to_string()))?);
    }
    Ok(work())
}
