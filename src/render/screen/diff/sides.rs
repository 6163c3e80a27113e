//! The two backups, and what they are called.

use crate::model::{BackupReport, Diff};
use crate::render::screen::style::Style;

/// The two backups, and commands to copy.
#[derive(Clone, Copy)]
pub struct Sides<'a> {
    /// The one that was named first.
    pub old: &'a BackupReport,
    /// The one that was named second.
    pub new: &'a BackupReport,
    /// The call that names files.
    pub list_command: &'a str,
    /// The call that asks for the password.
    pub password_command: &'a str,
    /// The calls that show each of them in full.
    pub show_commands: &'a [String; 2],
}

/// What is told of both.
pub struct Screen<'a> {
    pub sides: Sides<'a>,
    pub diff: &'a Diff,
    pub style: &'a Style,
}

impl Screen<'_> {
    /// What the two are called: by their dates, else by their order.
    pub fn words(&self) -> [&'static str; 2] {
        let at = |backup: &BackupReport| backup.last_backup.map(|last| last.at);
        match at(self.sides.old).zip(at(self.sides.new)) {
            Some((old, new)) if old < new => ["older", "newer"],
            _ => ["first", "second"],
        }
    }
}
