//! A file of our own in the state folder: how it is opened, and for how long its disk is waited for.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use crate::system;

/// Opens a file of our own to add to it, or makes it: never through a link, and nothing that is no plain
/// file or has another name elsewhere.
pub(super) fn own_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    system::keep_private(&mut options);
    system::no_follow(&mut options);
    let file = options.open(path)?;
    check_own(&file, path)?;
    Ok(file)
}

pub(super) fn check_own(file: &File, path: &Path) -> io::Result<()> {
    let found = file.metadata()?;
    match system::facts(&found, || path.to_owned()).has_other_names() {
        _ if !found.is_file() => Err(io::Error::other("it is not a plain file")),
        false => Ok(()),
        true => Err(io::Error::other(
            "it has another name elsewhere, and is not bkscan's own",
        )),
    }
}

/// Does work with a file, and gives up on it where the file system does not answer: a folder on a network
/// that is away must not hold up anything. Where no thread can be had the work is waited for.
///
/// # Errors
/// What the work says, or that its disk does not answer.
pub fn in_time<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    const PATIENCE: Duration = Duration::from_secs(10);
    let (sender, receiver) = mpsc::channel();
    // A thread that cannot be started takes what it was to do with it.
    let work = Arc::new(Mutex::new(Some(work)));
    let theirs = Arc::clone(&work);
    let take = |work: &Mutex<Option<_>>| work.lock().ok().and_then(|mut work| work.take());
    let started = thread::Builder::new().spawn(move || {
        // It is not held while it is at work.
        let work = take(&theirs);
        work.map(|work| sender.send(work()))
    });
    let gave_up = |_| io::Error::new(io::ErrorKind::TimedOut, "its disk does not answer");
    match started {
        Ok(_) => receiver.recv_timeout(PATIENCE).map_err(gave_up)?,
        Err(error) => take(&work).map_or(Err(error), |work| work()),
    }
}
