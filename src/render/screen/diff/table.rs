//! What each of the two holds: a table of groups, and below it apps and databases.

use unicode_width::UnicodeWidthStr;

use crate::model::{Amount, AppFiles, DatabaseDiff};
use crate::render::screen::layout;
use crate::render::screen::style::Style;
use crate::words::numbers;

use super::group::name;
use super::sides::Screen;

/// What stands before every line of the table.
const INDENT: &str = "   ";

/// How many apps are named of each kind.
const MOST_APPS: usize = 6;

/// Smaller apps are only counted on the screen.
const WORTH_A_WORD: u64 = 1_000_000;

impl Screen<'_> {
    pub fn table(&self) -> Vec<String> {
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
            let contents = self.diff.contents.as_ref();
            let remark = match is_held {
                true => None,
                false if contents.is_some_and(|read| read.faulty.contains(name)) => Some("faulty"),
                false => Some("less than half"),
            };
            format!("{name} {}", self.sizes_and(*old_bytes, *new_bytes, remark))
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
        self.sizes_and(old, new, Some("less than half").filter(|_| !is_held))
    }

    /// The same with a remark.
    fn sizes_and(&self, old: Option<u64>, new: Option<u64>, remark: Option<&str>) -> String {
        let size = |bytes: Option<u64>| match bytes {
            None => "none".to_owned(),
            Some(bytes) => glued(&numbers::size(bytes)),
        };
        let word = match self.words() {
            ["older", _] => "now",
            _ => "there",
        };
        let arrow = if self.style.unicode { "←" } else { "<-" };
        let mark = match remark {
            None => String::new(),
            Some(remark) => format!(" {}", glued(&format!("{arrow} {remark}"))),
        };
        format!("{}, {word}{GLUE}{}{mark}", size(old), size(new))
    }
}

/// A space at which no line ends.
const GLUE: char = '\u{a0}';

/// Text that stays on one line.
fn glued(text: &str) -> String {
    text.replace(' ', "\u{a0}")
}

type Row = (&'static str, [Amount; 3]);

/// One line a group.
fn wide(titles: &[String; 3], rows: &[Row], style: &Style) -> Vec<String> {
    let cells = |sum: Amount| match sum.files {
        0 => [style.dash().to_owned(), style.dash().to_owned()],
        files => [numbers::count(files), numbers::size(sum.bytes)],
    };
    let widest = |column: usize, cell: usize| {
        let cells = rows
            .iter()
            .map(|(_, sums)| cells(sums[column])[cell].width());
        cells.max().unwrap_or(0)
    };
    let columns = [0, 1, 2].map(|column| {
        let (files, bytes) = (widest(column, 0), widest(column, 1));
        (
            files.max(titles[column].width().saturating_sub(bytes + 2)),
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
