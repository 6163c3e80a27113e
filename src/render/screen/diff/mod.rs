//! `bkscan diff`: two backups, one against the other, for people.

mod list;

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use crate::model::{
    AppFiles, BackupReport, ContentsDiff, DatabaseDiff, Diff, KeepsakeGroup, Share, Verdict, Which,
};
use crate::words::numbers;

use super::layout;
use super::style::Style;
use super::table::title;

/// What stands before every line of the table.
const INDENT: &str = "   ";

/// How many apps are named of each kind.
const MOST_APPS: usize = 6;

/// Smaller apps are only counted on the screen.
const WORTH_A_WORD: u64 = 1_000_000;

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

/// Writes all of it.
///
/// # Errors
/// When writing fails.
pub fn write(sides: Sides<'_>, diff: &Diff, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let screen = Screen { sides, diff, style };
    let mut blocks = vec![screen.title(), screen.table()];
    blocks.extend(list::blocks(diff, screen.words(), style));
    blocks.extend([screen.answer(), screen.contents(), screen.not_compared()]);
    if diff.files.is_none() {
        blocks.push(screen.names());
    }
    layout::write_blocks(&blocks, out)
}

/// Writes the answer alone.
///
/// # Errors
/// When writing fails.
pub fn write_quiet(
    sides: Sides<'_>,
    diff: &Diff,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let screen = Screen { sides, diff, style };
    let lines = [screen.title(), screen.answer(), screen.not_compared()];
    layout::write_blocks(&[lines.concat()], out)
}

struct Screen<'a> {
    sides: Sides<'a>,
    diff: &'a Diff,
    style: &'a Style,
}

impl Screen<'_> {
    /// What the two are called: by their dates, else by their order.
    fn words(&self) -> [&'static str; 2] {
        let at = |backup: &BackupReport| backup.last_backup.map(|last| last.at);
        match at(self.sides.old).zip(at(self.sides.new)) {
            Some((old, new)) if old < new => ["older", "newer"],
            _ => ["first", "second"],
        }
    }

    fn title(&self) -> Vec<String> {
        let Sides { old, new, .. } = self.sides;
        let style = self.style;
        let names = [old, new].map(|backup| title(backup, style));
        let days = self.days();
        let sizes = [old, new].map(|backup| numbers::size(backup.usage.allocated));
        let is_one = match (&old.udid, &new.udid) {
            (Some(one), Some(other)) => one == other,
            _ => false,
        };
        let text = match is_one {
            true => format!(
                "{}: what the backup of {} ({}) holds and that of {} ({}) does not",
                names[0], days[0], sizes[0], days[1], sizes[1]
            ),
            false => format!(
                "What the backup of {} of {} ({}) holds and that of {} of {} ({}) does not",
                names[0], days[0], sizes[0], names[1], days[1], sizes[1]
            ),
        };
        let lines = layout::paragraph("", &text, style.width).into_iter();
        lines.map(|line| style.bold(&line)).collect()
    }

    /// When they were made; with what tells them apart.
    fn days(&self) -> [String; 2] {
        let sides = [self.sides.old, self.sides.new];
        let told = |tell: fn(jiff::Timestamp, &jiff::tz::TimeZone) -> String| {
            sides.map(|backup| match backup.last_backup {
                Some(last) => tell(last.at, &self.style.zone),
                None => "an unknown day".to_owned(),
            })
        };
        let days = told(numbers::day);
        if days[0] != days[1] {
            return days;
        }
        let mut moments = told(numbers::moment);
        if moments[0] == moments[1] {
            let folders = sides.map(|backup| self.style.name(&backup.folder_name()));
            if folders[0] != folders[1] {
                for (moment, folder) in moments.iter_mut().zip(folders) {
                    *moment += &format!(" in {folder}");
                }
            }
        }
        moments
    }

    fn table(&self) -> Vec<String> {
        let [older, newer] = self.words();
        let titles = [
            format!("only in the {older}"),
            "in both".to_owned(),
            format!("only in the {newer}"),
        ];
        let rows: Vec<_> = self.diff.groups.iter().collect();
        let mut lines = Vec::new();
        if !rows.is_empty() {
            let rows = rows.iter().map(|group| {
                let sums = [group.only_old, group.both, group.only_new];
                (name(group.group), sums)
            });
            let rows: Vec<_> = rows.collect();
            let wide = wide(&titles, &rows, self.style);
            let widest = wide.iter().map(|line| line.width()).max();
            lines = match widest < Some(self.style.width) {
                true => wide,
                false => narrow(&titles, &rows, self.style),
            };
        }
        lines.extend(self.facts());
        lines
    }

    /// Apps and databases.
    fn facts(&self) -> Vec<String> {
        let [older, newer] = self.words();
        let apps = &self.diff.apps;
        let smaller = apps.smaller.iter().map(|app| {
            let sizes = self.sizes(Some(app.old_bytes), Some(app.new_bytes), app.is_held);
            format!("{} {sizes}", self.style.name(&app.name))
        });
        let databases = &self.diff.databases;
        let databases = databases.iter().map(|database| {
            let DatabaseDiff {
                name,
                old_bytes,
                new_bytes,
                is_held,
            } = database;
            format!("{name} {}", self.sizes(*old_bytes, *new_bytes, *is_held))
        });
        let rows = [
            (
                format!("apps only in the {older}"),
                self.apps(&apps.only_old),
            ),
            (
                format!("apps only in the {newer}"),
                self.apps(&apps.only_new),
            ),
            (
                "apps with less".to_owned(),
                smaller.collect::<Vec<_>>().join(self.between()),
            ),
            (
                "databases".to_owned(),
                databases.collect::<Vec<_>>().join(self.between()),
            ),
        ];
        let rows: Vec<_> = rows.iter().filter(|(_, text)| !text.is_empty()).collect();
        let width = rows.iter().map(|(label, _)| label.width()).max();
        let width = width.unwrap_or(0);
        let lines = rows.iter().flat_map(|(label, text)| {
            let first = format!("{INDENT}{label:width$}  ");
            let lines = layout::paragraph(&first, text, self.style.width.saturating_sub(1));
            lines.into_iter().map(|line| line.replace(GLUE, " "))
        });
        lines.collect()
    }

    /// What stands between facts that have commas themselves.
    fn between(&self) -> &'static str {
        match self.style.unicode {
            true => self.style.dot(),
            false => "; ",
        }
    }

    fn apps(&self, apps: &[AppFiles]) -> String {
        let told = apps.iter().filter(|app| app.sum.bytes >= WORTH_A_WORD);
        let told: Vec<_> = told.take(MOST_APPS).collect();
        let mut texts: Vec<String> = told
            .iter()
            .map(|app| {
                let name = self.style.name(&app.name);
                format!("{name} {}", glued(&numbers::size(app.sum.bytes)))
            })
            .collect();
        let rest = apps.len() - told.len();
        if rest > 0 {
            let more = if told.is_empty() { "" } else { " more" };
            let word = if rest == 1 { "app" } else { "apps" };
            let bytes = apps.iter().map(|app| app.sum.bytes);
            let all = bytes.fold(0, u64::saturating_add);
            let named = told.iter().map(|app| app.sum.bytes);
            let others = all - named.fold(0, u64::saturating_add);
            let rest = numbers::count(rest as u64);
            texts.push(format!(
                "{rest}{more} {word} {}",
                glued(&numbers::size(others))
            ));
        }
        texts.join(self.between())
    }

    /// Bytes in both.
    fn sizes(&self, old: Option<u64>, new: Option<u64>, is_held: bool) -> String {
        let size = |bytes: Option<u64>| match bytes {
            None => "none".to_owned(),
            Some(bytes) => glued(&numbers::size(bytes)),
        };
        let word = match self.words() {
            ["older", _] => "now",
            _ => "there",
        };
        let arrow = if self.style.unicode { "←" } else { "<-" };
        let mark = match is_held {
            true => String::new(),
            false => format!(" {}", glued(&format!("{arrow} less than half"))),
        };
        format!("{}, {word}{GLUE}{}{mark}", size(old), size(new))
    }

    /// What comes of it, in sentences.
    fn answer(&self) -> Vec<String> {
        let [older, newer] = self.words();
        let mut text = match (self.diff.covers, self.diff.identical) {
            (Some(true), Some(true)) if self.diff.contents.is_some() => {
                "Both hold the same, byte for byte.".to_owned()
            }
            (Some(true), Some(true)) => {
                "Both hold the same: the same files, each of the same length.".to_owned()
            }
            (Some(true), _) if self.has_nothing() => format!(
                "The {older} one holds no files that a person would miss, and no database or app \
                 that the {newer} one lacks."
            ),
            (Some(true), _) => format!("The {newer} one holds all of it."),
            (Some(false), _) => format!(
                "The {newer} one does not hold all of it: {}.",
                listed(&self.lost())
            ),
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
        if self.diff.of_unknown_size > 0 {
            let files = numbers::counted(self.diff.of_unknown_size, "file", "files");
            let verb = if self.diff.of_unknown_size == 1 {
                "counts"
            } else {
                "count"
            };
            text += &format!(
                " Of {files} in the {older} one the list does not tell the size: such {verb} as not held."
            );
        }
        layout::paragraph("", &text, self.style.width)
    }

    fn has_nothing(&self) -> bool {
        // Of what nobody opened it is not known what it is.
        if self.sides.old.locked {
            return false;
        }
        let has = |sum: Share| sum.files > 0;
        let mut groups = self.diff.groups.iter();
        !groups.any(|group| has(group.only_old) || has(group.both))
    }

    /// What the new one does not hold.
    fn lost(&self) -> Vec<String> {
        let diff = self.diff;
        let groups = diff.groups.iter().filter(|group| group.only_old.files > 0);
        let mut lost: Vec<String> = groups
            .map(|group| {
                let Share { files, bytes } = group.only_old;
                format!("{} ({})", counted(group.group, files), numbers::size(bytes))
            })
            .collect();
        let databases = diff.databases.iter().filter(|database| !database.is_held);
        lost.extend(databases.map(|database| {
            let part = match database.new_bytes {
                None | Some(0) => "the database of",
                Some(_) => "more than half of the database of",
            };
            format!("{part} {}", database.name)
        }));
        let gone = diff.apps.only_old.iter().filter(|app| app.matters);
        lost.extend(gone.map(|app| {
            let name = self.style.name(&app.name);
            format!("{name} ({})", numbers::size(app.sum.bytes))
        }));
        let smaller = diff.apps.smaller.iter().filter(|app| !app.is_held);
        lost.extend(smaller.map(|app| {
            let name = self.style.name(&app.name);
            format!("more than half of {name}")
        }));
        let read = diff.contents.iter().flat_map(|contents| {
            [
                (contents.missing_new, "missing there"),
                (contents.lost, "with other bytes there, or unreadable"),
            ]
        });
        let read = read.filter(|(sum, _)| sum.files > 0);
        lost.extend(read.map(|(Share { files, bytes }, what)| {
            let files = numbers::counted(files, "file", "files");
            format!("{files} ({}) {what}", numbers::size(bytes))
        }));
        lost
    }

    /// What came of reading payloads.
    fn contents(&self) -> Vec<String> {
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
        let files = |sum: Share| {
            let files = numbers::counted(sum.files, "file", "files");
            format!("{files} ({})", numbers::size(sum.bytes))
        };
        let have = |sum: Share| if sum.files == 1 { "has" } else { "have" };
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

    /// What could not be compared, and what to do.
    fn not_compared(&self) -> Vec<String> {
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
    fn names(&self) -> Vec<String> {
        let groups = self.diff.groups.iter();
        let mut groups = groups.map(|group| group.only_old.files + group.only_new.files);
        let contents = self.diff.contents.iter();
        let mut contents = contents.map(|contents| {
            contents.other.files + contents.unreadable_old.files + contents.unreadable_new.files
        });
        if !groups.any(|files| files > 0) && !contents.any(|files| files > 0) {
            return vec![];
        }
        let command = self.style.bold(self.sides.list_command);
        vec!["Names of the files:".to_owned(), format!("  {command}")]
    }
}

/// A space at which no line ends.
const GLUE: char = '\u{a0}';

/// Text that stays on one line.
fn glued(text: &str) -> String {
    text.replace(' ', "\u{a0}")
}

/// What a group is called on the screen.
fn name(group: KeepsakeGroup) -> &'static str {
    match group {
        KeepsakeGroup::Photos => "Photos, videos",
        other => other.name(),
    }
}

/// So many of a group, in words.
fn counted(group: KeepsakeGroup, files: u64) -> String {
    let (one, many) = match group {
        KeepsakeGroup::Photos => ("photo or video", "photos and videos"),
        KeepsakeGroup::VoiceMemos => ("voice memo", "voice memos"),
        KeepsakeGroup::Messages => ("attachment of a message", "attachments of messages"),
        KeepsakeGroup::Voicemail => ("voicemail", "voicemails"),
        KeepsakeGroup::Files => ("file of the app Files", "files of the app Files"),
        KeepsakeGroup::Notes => ("attachment of a note", "attachments of notes"),
        KeepsakeGroup::WhatsApp => ("file of WhatsApp", "files of WhatsApp"),
        KeepsakeGroup::WhatsAppBusiness => {
            ("file of WhatsApp Business", "files of WhatsApp Business")
        }
    };
    numbers::counted(files, one, many)
}

/// `a, b and c`.
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

type Row = (&'static str, [Share; 3]);

/// One line a group.
fn wide(titles: &[String; 3], rows: &[Row], style: &Style) -> Vec<String> {
    let cells = |sum: Share| match sum.files {
        0 => [style.dash().to_owned(), style.dash().to_owned()],
        files => [numbers::count(files), numbers::size(sum.bytes)],
    };
    let widest = |at: usize, cell: usize| {
        let cells = rows.iter().map(|(_, sums)| cells(sums[at])[cell].width());
        cells.max().unwrap_or(0)
    };
    let columns = [0, 1, 2].map(|at| {
        let (files, bytes) = (widest(at, 0), widest(at, 1));
        (
            files.max(titles[at].width().saturating_sub(bytes + 2)),
            bytes,
        )
    });
    let names = rows.iter().map(|(name, _)| name.width()).max();
    let names = names.unwrap_or(0).max(5);
    let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(text.width())) + text;
    let mut first = format!("{INDENT}{:names$}", "group");
    for (title, (files, bytes)) in titles.iter().zip(columns) {
        first += &format!("   {}", pad(title, files + 2 + bytes));
    }
    let mut lines = vec![first];
    for (name, sums) in rows {
        let mut line = format!("{INDENT}{name:names$}");
        for (sum, (files, bytes)) in sums.iter().zip(columns) {
            let [count, size] = cells(*sum);
            line += &format!("   {}  {}", pad(&count, files), pad(&size, bytes));
        }
        lines.push(line);
    }
    lines
}

/// One line a group and column, where the screen is narrow.
fn narrow(titles: &[String; 3], rows: &[Row], style: &Style) -> Vec<String> {
    let width = titles.iter().map(|title| title.width()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (name, sums) in rows {
        lines.push(format!("{INDENT}{name}"));
        for (title, sum) in titles.iter().zip(sums) {
            let (files, size) = match sum.files {
                0 => (style.dash().to_owned(), style.dash().to_owned()),
                files => (numbers::count(files), numbers::size(sum.bytes)),
            };
            let gap = " ".repeat(9_usize.saturating_sub(files.width()));
            let before = " ".repeat(9_usize.saturating_sub(size.width()));
            lines.push(format!(
                "{INDENT}  {title:width$}  {gap}{files}  {before}{size}"
            ));
        }
    }
    lines
}
