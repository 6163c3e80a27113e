//! Looks whether backups begin to change while somebody looks at the list.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use crate::model::FileStamp;
use crate::read::metadata::stamps;

use super::event::Event;
use super::shown::Message;

/// So often each folder is looked at.
const EVERY: Duration = Duration::from_secs(2);

/// Looks at the folders that it is told of, until nobody tells it of any more. What the device writes
/// first are the files that are looked at here; the door looks at all of them.
pub fn watch(folders: &Receiver<PathBuf>, list: &Sender<Message>) {
    let mut known: HashMap<PathBuf, Vec<FileStamp>> = HashMap::new();
    let mut last = Instant::now();
    loop {
        match folders.recv_timeout(EVERY) {
            Ok(folder) => {
                let stamps = stamps(&folder);
                known.insert(folder, stamps);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if last.elapsed() < EVERY {
            continue;
        }
        let changed = known
            .iter()
            .filter(|(folder, before)| stamps(folder) != **before);
        let changed: Vec<PathBuf> = changed.map(|(folder, _)| folder.clone()).collect();
        for folder in changed {
            known.remove(&folder);
            let changing = Message::Event(Event::Changing(folder));
            if list.send(changing).is_err() {
                return;
            }
        }
        last = Instant::now();
    }
}
