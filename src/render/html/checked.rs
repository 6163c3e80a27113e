//! What was looked for and what was not, and why.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::render::printable::clean;

use super::number::{bytes, counted};
use super::page::{Page, Section};
use super::table::{Numbers, Words, head};

/// Checks that the same backups have in common.
struct Row<'a> {
    ids: Vec<&'a str>,
    why: &'a str,
    backups: Vec<usize>,
}

/// The section.
pub fn section(page: &Page<'_>) -> Option<Section> {
    let backups = &page.document.backups;
    let made = backups
        .iter()
        .map(|backup| backup.checked.iter().map(|id| (&**id, "")));
    let made = rows(made);
    let left = backups.iter().map(|backup| {
        let not_checked = backup.not_checked.iter();
        not_checked.map(|check| (&*check.id, &*check.why))
    });
    let left = rows(left);
    let level = match &*page.document.level {
        "quick" => {
            "At level quick property lists, state and sizes are looked at; no list of files, and no file."
        }
        "contents" => {
            "At level contents every file is read to its end, and compared with whatever there is \
             to compare it with."
        }
        _ => {
            "At level standard every file that a backup's index lists is looked for on the disk. What is \
             inside the files is not read: bkscan --level contents does."
        }
    };
    let content = html! {
        p { (level) }
        (read(page))
        h3 { "Not checked" }
        (list(page, &left, "Nothing was left out."))
        h3 { "Checked" }
        (list(page, &made, "Nothing."))
    };
    (!backups.is_empty()).then(|| Section {
        id: "checked",
        title: "What was checked, and what was not".to_owned(),
        is_folded: true,
        content,
    })
}

fn list(page: &Page<'_>, rows: &[Row<'_>], none: &str) -> Markup {
    html! {
        @if rows.is_empty() { p { (none) } } @else {
            ul.checks {
                @for row in rows {
                    li {
                        p {
                            @if !row.why.is_empty() { (clean(row.why)) ", in " } @else { "In " }
                            (which(page, &row.backups)) ":"
                        }
                        ul.ids { @for id in &row.ids { li { code { (clean(id)) } } } }
                    }
                }
            }
        }
    }
}

/// How much of each backup was read to its end.
fn read(page: &Page<'_>) -> Markup {
    let backups = page.document.backups.iter().enumerate();
    let mut read = backups
        .filter_map(|(index, backup)| Some((index, backup.contents.as_ref()?)))
        .peekable();
    html! {
        @if read.peek().is_some() {
            table {
                caption { "Read to the end" }
                (head(&[Words("Backup"), Numbers("Read"), Numbers("Of")]))
                tbody {
                    @for (index, contents) in read {
                        @let pointer = |name: &str| format!("/backups/{index}/contents/{name}");
                        tr {
                            th scope="row" { (which(page, &[index])) }
                            td.number { (bytes(&pointer("read/bytes"), contents.read.bytes)) }
                            td.number {
                                (bytes(&pointer("all/bytes"), contents.all.bytes)) " in "
                                (counted(&pointer("all/files"), contents.all.files, "file", "files"))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Puts the checks together that the same backups have for the same reason, in the order in which they
/// first come.
fn rows<'a, I>(of_backups: impl Iterator<Item = I>) -> Vec<Row<'a>>
where
    I: Iterator<Item = (&'a str, &'a str)>,
{
    let mut single: Vec<Row<'a>> = Vec::new();
    let mut known: HashMap<(&str, &str), usize> = HashMap::new();
    for (index, checks) in of_backups.enumerate() {
        for (id, why) in checks {
            let nth = *known.entry((id, why)).or_insert(single.len());
            match single.get_mut(nth) {
                Some(row) if row.backups.last() == Some(&index) => {}
                Some(row) => row.backups.push(index),
                None => single.push(Row {
                    ids: vec![id],
                    why,
                    backups: vec![index],
                }),
            }
        }
    }
    let mut rows: Vec<Row<'a>> = Vec::new();
    let mut known: HashMap<(&str, Vec<usize>), usize> = HashMap::new();
    for row in single {
        let nth = *known
            .entry((row.why, row.backups.clone()))
            .or_insert(rows.len());
        match rows.get_mut(nth) {
            Some(known) => known.ids.extend(row.ids),
            None => rows.push(row),
        }
    }
    rows
}

/// The backups by name, with a link to each; the others, where these are fewer.
fn which(page: &Page<'_>, members: &[usize]) -> Markup {
    let all = page.document.backups.len();
    let left = all - members.len();
    let others = || (0..all).filter(|index| members.binary_search(index).is_err());
    html! {
        @if left == 0 && all > 1 {
            "all backups"
        } @else if left < members.len() && all > 1 {
            "all backups but " (names(page, &others().collect::<Vec<_>>()))
        } @else {
            (names(page, members))
        }
    }
}

fn names(page: &Page<'_>, members: &[usize]) -> Markup {
    html! {
        @for (nth, index) in members.iter().enumerate() {
            @if nth > 0 { "; " }
            a href={ "#backup-" (index + 1) } { (page.title(&page.document.backups[*index])) }
        }
    }
}
