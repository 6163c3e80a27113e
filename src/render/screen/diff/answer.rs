//! What comes of it, in sentences.

use crate::cover::losses;
use crate::model::{Amount, ContentsDiff, KeepsakeGroup};
use crate::render::screen::layout;
use crate::words::{self, numbers};

use super::sides::Screen;

impl Screen<'_> {
    /// What comes of it, in sentences.
    pub fn answer(&self) -> Vec<String> {
        let [older, newer] = self.words();
        let but = self.but();
        let mut text = match (self.diff.covers, self.diff.identical) {
            (Some(true), Some(true)) if self.diff.contents.is_some() => {
                "Both hold the same, byte for byte.".to_owned()
            }
            (Some(true), Some(true)) => {
                "Both hold the same: the same files, each of the same length.".to_owned()
            }
            (Some(true), _) if but.is_none() && self.has_nothing() => format!(
                "The {older} one holds no files that a person would miss, and no database or app \
                 that the {newer} one lacks."
            ),
            (Some(true), _) => match but {
                Some(but) => format!("The {newer} one holds all of it but for {but}."),
                None => format!("The {newer} one holds all of it."),
            },
            (Some(false), _) => {
                let lost = words::listed(&self.lost());
                let text = format!("The {newer} one does not hold all of it: {lost}.");
                match self.less_too() {
                    Some(less) => format!("{text} Less there, too: {less}."),
                    None => text,
                }
            }
            (None, _) => {
                format!(
                    "It cannot be told whether the {newer} one holds all that the {older} one does."
                )
            }
        };
        let mut groups = self.diff.groups.iter();
        let loses_photos =
            groups.any(|group| group.group == KeepsakeGroup::Photos && group.only_old.files > 0);
        if loses_photos && self.diff.photos_may_be_in_icloud {
            text += &format!(
                " Photos may be in iCloud: iCloud Photos was on when the {newer} one was made."
            );
        }
        for (count, which, how) in [
            (self.diff.of_unknown_size, older, "as not held"),
            (
                self.diff.only_old.of_unknown_size_there,
                newer,
                "for nothing",
            ),
        ] {
            if count == 0 {
                continue;
            }
            let files = numbers::counted(count, "file", "files");
            let verb = if count == 1 { "counts" } else { "count" };
            text += &format!(
                " Of {files} in the {which} one the list does not tell the size: such {verb} {how}."
            );
        }
        layout::paragraph("", &text, self.style.width)
    }

    /// What shrank or is gone, but too little to count.
    fn but(&self) -> Option<String> {
        let told = losses::all(&self.diff.only_old);
        (!told.is_empty()).then(|| self.style.name(&words::listed(&told)))
    }

    /// The same beside what counts.
    fn less_too(&self) -> Option<String> {
        let mattering = losses::mattering(&self.diff.only_old);
        let mut told = losses::all(&self.diff.only_old);
        told.retain(|words| !mattering.contains(words));
        (!told.is_empty()).then(|| self.style.name(&words::listed(&told)))
    }

    fn has_nothing(&self) -> bool {
        // Of what nobody opened it is not known what it is.
        if self.sides.old.locked {
            return false;
        }
        let has = |sum: Amount| sum.files > 0;
        let mut groups = self.diff.groups.iter();
        !groups.any(|group| has(group.only_old) || has(group.both))
    }

    /// What the new one does not hold.
    fn lost(&self) -> Vec<String> {
        let diff = self.diff;
        let only = &diff.only_old;
        let mut lost = losses::mattering(only);
        let faulty = diff.contents.iter().flat_map(|read| &read.faulty);
        let is_told = |name: &&&str| {
            let mut databases = only.databases.iter().filter(|loss| loss.matters);
            databases.any(|loss| loss.name == **name)
        };
        let faulty = faulty.filter(|name| !is_told(name));
        lost.extend(faulty.map(|name| {
            format!("the database of {name}, which has faults inside there, or cannot be read")
        }));
        lost.iter_mut()
            .for_each(|words| *words = self.style.name(words));
        let read = diff.contents.iter().flat_map(|contents| {
            [
                (contents.missing_new, "missing there"),
                (contents.lost, "with other bytes there, or unreadable"),
            ]
        });
        let read = read.filter(|(sum, _)| sum.files > 0);
        lost.extend(read.map(|(Amount { files, bytes }, what)| {
            let files = numbers::counted(files, "file", "files");
            format!("{files} ({}) {what}", numbers::size(bytes))
        }));
        lost
    }

    /// What came of reading payloads.
    pub fn contents(&self) -> Vec<String> {
        let Some(ContentsDiff {
            same,
            other,
            unreadable_old,
            unreadable_new,
            ..
        }) = self.diff.contents
        else {
            return vec![];
        };
        let [older, newer] = self.words();
        let files = |sum: Amount| {
            let files = numbers::counted(sum.files, "file", "files");
            format!("{files} ({})", numbers::size(sum.bytes))
        };
        let have = |sum: Amount| if sum.files == 1 { "has" } else { "have" };
        let mut texts = vec![format!(
            "Read in both: {} {} the same bytes",
            files(same),
            have(same)
        )];
        if other.files > 0 {
            texts.push(format!("{} {} other bytes", files(other), have(other)));
        }
        for (sum, word) in [(unreadable_old, older), (unreadable_new, newer)] {
            if sum.files > 0 {
                texts.push(format!("{} cannot be read in the {word} one", files(sum)));
            }
        }
        let text = texts.join(", ") + ".";
        layout::paragraph("", &text, self.style.width)
    }
}
