//! One folder on the way of a walk: what is still to be visited in it, and what stays.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io;
use std::path::Path;

use super::entry::{Kind, Look};
use super::failures::{self, Failures};
use super::folder::Folder;
use super::visitor::Visitor;

/// A folder is read anew at most so often while entries in it still go: somebody who keeps adding
/// files must not keep us for ever.
const PASSES: u32 = 64;

/// A folder that was entered and not yet left.
pub(super) struct Frame {
    pub(super) name: OsString,
    /// What the system told of the folder when it was first opened.
    pub(super) own: Look,
    /// `None`: closed for a while. Then it has been read to its end, or is to be read anew.
    pub(super) folder: Option<Folder>,
    /// Read to its end.
    pub(super) listed: bool,
    /// Folders in it that are to be entered.
    pub(super) waiting: Vec<OsString>,
    /// Folders in it that stay. They are not tried again.
    pub(super) stuck: HashSet<OsString>,
    /// Failures of this pass; in another one everything but `stuck` is tried again.
    pub(super) failures: Failures,
    /// Whether anything in it went away in this pass.
    pub(super) changed: bool,
    passes: u32,
}

impl Frame {
    pub(super) fn new(name: OsString, folder: Folder) -> Frame {
        Frame {
            name,
            own: folder.own(),
            folder: Some(folder),
            listed: false,
            waiting: Vec::new(),
            stuck: HashSet::new(),
            failures: failures::none(),
            changed: false,
            passes: 0,
        }
    }

    /// Whether everything that was met in it could be visited.
    pub(super) fn is_clean(&self) -> bool {
        self.failures.count == 0 && self.stuck.is_empty()
    }

    /// Whether another pass may find what this one did not.
    pub(super) fn may_pass_again(&self) -> bool {
        self.changed && self.passes < PASSES
    }

    /// Begins another pass, the folder being closed.
    pub(super) fn pass_again(&mut self) {
        self.listed = false;
        self.failures = failures::none();
        self.changed = false;
        self.passes += 1;
    }

    /// Reads on: visits files, and has folders wait, up to `batch` of them.
    pub(super) fn list<V: Visitor>(&mut self, visitor: &V, path: &Path, batch: usize) {
        let Some(folder) = &mut self.folder else {
            return;
        };
        while self.waiting.len() < batch && !visitor.is_stopped() {
            let name = match folder.next_name() {
                Some(Ok(name)) => name,
                end => {
                    self.listed = true;
                    if let Some(Err(error)) = end {
                        self.failures.push_with(|| (path.to_owned(), error));
                    }
                    return;
                }
            };
            if self.stuck.contains(&name) {
                continue;
            }
            let visited = match folder.look(&name) {
                Ok(look) if look.identity.kind == Kind::Folder => {
                    self.waiting.push(name);
                    continue;
                }
                Ok(look) => visitor.file(folder, path, &name, &look),
                Err(error) => Err(error),
            };
            match visited {
                Ok(changed) => self.changed |= changed,
                // Somebody else removed it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => self.changed = true,
                Err(error) => self.failures.push_with(|| (path.join(&name), error)),
            }
        }
    }
}
