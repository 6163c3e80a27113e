//! What could not be compared, and what to call to know more.

use crate::model::{Verdict, Which};
use crate::render::screen::layout;

use super::sides::Screen;

impl Screen<'_> {
    /// What could not be compared, and what to do.
    pub fn not_compared(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let words = self.words();
        for not in &self.diff.not_compared {
            let why = match not.which {
                Some(which) => format!("The {} one: {}.", words[which as usize], not.why),
                None => format!("{}.", not.why),
            };
            lines.extend(layout::paragraph("", &why, self.style.width));
        }
        let not_compared = self.diff.not_compared.iter();
        if not_compared.clone().any(|not| not.needs_password) {
            let text = "With the password (which never leaves this computer):";
            lines.extend(layout::paragraph("", text, self.style.width));
            lines.push(format!("  {}", self.sides.password_command));
        }
        let others = not_compared.filter(|not| !not.needs_password);
        let unread: Vec<Which> = others.filter_map(|not| not.which).collect();
        for (which, backup) in [(Which::Old, self.sides.old), (Which::New, self.sides.new)] {
            let is_whole = matches!(backup.verdict, Verdict::Complete | Verdict::Unverified);
            if is_whole && !unread.contains(&which) {
                continue;
            }
            let word = words[which as usize];
            let text = match is_whole {
                true => format!("What is wrong with the {word} one:"),
                false => format!("The {word} one is {}:", backup.verdict.as_str()),
            };
            lines.extend(layout::paragraph("", &text, self.style.width));
            let command = &self.sides.show_commands[which as usize];
            lines.push(format!("  {command}"));
        }
        lines
    }

    /// How to get the names.
    pub fn names(&self) -> Vec<String> {
        let groups = self.diff.groups.iter();
        let mut groups = groups.map(|group| group.only_old.files + group.only_new.files);
        let contents = self.diff.contents.iter();
        let mut contents = contents.map(|contents| {
            contents.other.files + contents.unreadable_old.files + contents.unreadable_new.files
        });
        let only_old = &self.diff.only_old;
        let differs = groups.any(|files| files > 0) || contents.any(|files| files > 0);
        if !differs && only_old.is_nothing() {
            return vec![];
        }
        let command = self.style.bold(self.sides.list_command);
        vec!["Names of the files:".to_owned(), format!("  {command}")]
    }
}
