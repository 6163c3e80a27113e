//! Goes through a tree of folders, those near the top in parallel. Each folder is opened relative
//! to the one above it; none is entered through a link. Needs neither recursion nor an open handle
//! for each level, so no depth is too deep, and keeps the names of few entries at a time.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::failures::{self, Failures};
use super::folder::Folder;
use super::frame::Frame;
use super::visitor::Visitor;

/// So many levels have their folders visited in parallel: a backup's shards, and those in its
/// `Snapshot`.
const PARALLEL_LEVELS: usize = 2;

/// A folder is read until so many folders in it wait to be entered. Bounds the memory for their
/// names, and how many a thread can have open that takes up work while it waits for other threads.
const BATCH: usize = 64;

/// From this level of a walk on, a folder is read to its end before one in it is entered, so that
/// it may be closed meanwhile.
const SHALLOW: usize = 8;

/// A walk closes some of its folders when more than this many are open.
const OPEN: usize = 16;

/// One thread's way through a tree.
pub(super) struct Walk<'a, V> {
    visitor: &'a V,
    /// The folder in which the tree stands.
    parent: &'a Folder,
    /// How far the tree's top is below the top of the whole.
    level: usize,
    /// Of the last frame's folder.
    path: PathBuf,
    frames: Vec<Frame>,
    /// Which frames have their folder open, in order.
    open: Vec<usize>,
    gone: bool,
}

/// Visits the folder `name` in `parent` and all below it. Returns whether it went away.
pub(super) fn visit<V: Visitor>(visitor: &V, parent: &Folder, name: &OsStr) -> bool {
    Walk::new(visitor, parent, 0, PathBuf::new()).run(name.to_owned())
}

impl<'a, V: Visitor> Walk<'a, V> {
    fn new(visitor: &'a V, parent: &'a Folder, level: usize, path: PathBuf) -> Walk<'a, V> {
        Walk {
            visitor,
            parent,
            level,
            path,
            frames: Vec::new(),
            open: Vec::new(),
            gone: false,
        }
    }

    fn run(mut self, name: OsString) -> bool {
        self.enter(name);
        while !self.frames.is_empty() && !self.visitor.is_stopped() {
            match self.reopen() {
                Ok(()) => match self.next_folder() {
                    Some(name) => self.enter(name),
                    None => self.leave(),
                },
                Err(error) => self.give_up(error),
            }
        }
        // Only where it was stopped.
        for frame in self.frames {
            self.visitor.failed(frame.failures);
        }
        self.gone
    }

    fn enter(&mut self, name: OsString) {
        self.path.push(&name);
        match self.open_new(&name) {
            Ok(folder) => {
                self.open.push(self.frames.len());
                self.frames.push(Frame::new(name, folder));
                self.close_some();
            }
            Err(error) => {
                let mut failures = failures::none();
                let gone = error.kind() == io::ErrorKind::NotFound;
                if !gone {
                    failures.push_with(|| (self.path.clone(), error));
                }
                self.end(name, gone, failures);
            }
        }
    }

    fn open_new(&self, name: &OsStr) -> io::Result<Folder> {
        let folder = Folder::open(self.above(self.frames.len())?, name)?;
        self.visitor.enter(&folder, &self.path)?;
        Ok(folder)
    }

    /// The next folder to enter below the last frame's, after its files were visited.
    fn next_folder(&mut self) -> Option<OsString> {
        let depth = self.frames.len().checked_sub(1)?;
        let frame = self.frames.last_mut()?;
        while frame.waiting.is_empty() && !frame.listed && !self.visitor.is_stopped() {
            let batch = if depth < SHALLOW { BATCH } else { usize::MAX };
            frame.list(self.visitor, &self.path, batch);
            if self.level + depth < PARALLEL_LEVELS && !frame.waiting.is_empty() {
                visit_waiting(self.visitor, frame, &self.path, self.level + depth + 1);
            }
        }
        frame.waiting.pop()
    }

    /// Leaves the last frame's folder; or has it visited once more.
    fn leave(&mut self) {
        if self.visitor.is_stopped() {
            return;
        }
        let Some(mut frame) = self.pop() else { return };
        let left = if frame.is_clean() {
            self.reopen().and_then(|()| {
                let above = self.above(self.frames.len())?;
                self.visitor
                    .leave(above, &frame.name, &self.path, &frame.own)
            })
        } else {
            Err(io::ErrorKind::DirectoryNotEmpty.into())
        };
        match left {
            Ok(()) => self.end(frame.name, true, frame.failures),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.end(frame.name, true, frame.failures);
            }
            // Where the system has only part of a listing ready, what is removed while it is read
            // can make it skip entries.
            Err(error)
                if error.kind() == io::ErrorKind::DirectoryNotEmpty && frame.may_pass_again() =>
            {
                frame.pass_again();
                self.frames.push(frame);
            }
            Err(error) => {
                // What holds it was told already.
                if frame.is_clean() && !self.visitor.is_stopped() {
                    frame.failures.push_with(|| (self.path.clone(), error));
                }
                self.end(frame.name, false, frame.failures);
            }
        }
    }

    /// The last frame's folder could not be opened once more.
    fn give_up(&mut self, error: io::Error) {
        let Some(mut frame) = self.pop() else { return };
        let gone = error.kind() == io::ErrorKind::NotFound;
        if !gone {
            frame.failures.push_with(|| (self.path.clone(), error));
        }
        self.end(frame.name, gone, frame.failures);
    }

    /// Takes the last frame, its folder closed.
    fn pop(&mut self) -> Option<Frame> {
        let mut frame = self.frames.pop()?;
        if frame.folder.take().is_some() {
            self.open.pop();
        }
        Some(frame)
    }

    /// Nothing more is done about the folder at `self.path`.
    fn end(&mut self, name: OsString, gone: bool, failures: Failures) {
        self.visitor.failed(failures);
        self.path.pop();
        match self.frames.last_mut() {
            Some(above) if gone => above.changed = true,
            Some(above) => {
                above.stuck.insert(name);
            }
            None => self.gone = gone,
        }
    }

    /// Closes every second of the folders that can be opened again.
    fn close_some(&mut self) {
        if self.open.len() <= OPEN {
            return;
        }
        let last = self.frames.len() - 1;
        let mut turn = false;
        let frames = &mut self.frames;
        self.open.retain(|&level| {
            let Some(frame) = frames.get_mut(level) else {
                return false;
            };
            if level == last || !frame.listed {
                return true;
            }
            turn = !turn;
            if turn {
                frame.folder = None;
            }
            !turn
        });
    }

    /// Opens the last frame's folder if it is closed, from the nearest open one above it. On the
    /// way, those that halve the rest stay open: so n levels cost n·log n such steps on the way up,
    /// and log n handles.
    fn reopen(&mut self) -> io::Result<()> {
        let end = self.frames.len();
        let start = self.open.last().map_or(0, |level| level + 1);
        let mut gap = end - start;
        let mut passed: Option<Folder> = None;
        for level in start..end {
            let above = match &passed {
                Some(folder) => folder,
                None => self.above(level)?,
            };
            let Some(frame) = self.frames.get(level) else {
                break;
            };
            let folder = Folder::open(above, &frame.name)?;
            if folder.own().identity != frame.own.identity {
                return Err(io::Error::other("was replaced while it was gone through"));
            }
            let rest = end - 1 - level;
            if rest <= gap / 2 {
                gap = rest;
                self.frames[level].folder = Some(folder);
                self.open.push(level);
                passed = None;
            } else {
                passed = Some(folder);
            }
        }
        Ok(())
    }

    /// The folder in which the folder of frame `level` stands, which must be open.
    fn above(&self, level: usize) -> io::Result<&Folder> {
        let Some(above) = level.checked_sub(1) else {
            return Ok(self.parent);
        };
        let frame = self.frames.get(above);
        frame
            .and_then(|frame| frame.folder.as_ref())
            .ok_or_else(|| io::Error::other("the folder above it is not open"))
    }
}

/// Visits the folders that wait, each as a tree of its own.
fn visit_waiting<V: Visitor>(visitor: &V, frame: &mut Frame, path: &Path, level: usize) {
    let Some(folder) = &frame.folder else { return };
    let names = std::mem::take(&mut frame.waiting);
    let all = names.len();
    let stuck: Vec<OsString> = names
        .into_par_iter()
        .with_max_len(1)
        .filter(|name| !Walk::new(visitor, folder, level, path.to_owned()).run(name.clone()))
        .collect();
    frame.changed |= stuck.len() < all;
    frame.stuck.extend(stuck);
}
