//! The threads that a scan works on.

use std::fmt;

/// Why the threads that were asked for are not there.
#[derive(Debug)]
pub struct NoThreads(String);

impl fmt::Display for NoThreads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoThreads {}

/// Runs work on so many threads.
///
/// # Errors
/// When they cannot be started.
pub fn on<T: Send>(count: usize, work: impl FnOnce() -> T + Send) -> Result<T, NoThreads> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build();
    let pool = pool.map_err(|error| NoThreads(error.to_string()))?;
    Ok(pool.install(work))
}
