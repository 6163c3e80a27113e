//! `bkscan mend`: what would be kept and what is lost for good, and what came of it, for people.

use std::io::{self, Write};

use crate::facts::products;
use crate::mend::{Means, MendPlan, Mended};
use crate::model::{Amount, Example, Verdict};
use crate::words::numbers;

use super::layout;
use super::style::Style;

/// What is said of every mended backup, and no more.
const PROMISE: &str = "complete and consistent by the device's own rules; whether the device takes it, only \
                       the device can say";

/// How many lost files are named.
const NAMED: usize = 5;

/// Whose backup it is, of which day.
fn called(plan: &MendPlan, style: &Style) -> String {
    let device = &plan.device;
    let name = device.name.as_deref().map(|name| style.name(name));
    let name = name.filter(|name| !name.trim().is_empty());
    let name = name.unwrap_or_else(|| {
        let kind = products::kind(device.product_type.as_deref());
        format!("the {kind} without a name")
    });
    match plan.last_backup {
        Some(last) => format!("{name} of {}", style.day(last.at)),
        None => name,
    }
}

/// Writes the plan. `next`: what makes the new backup, where that is to be told.
///
/// # Errors
/// When writing fails.
pub fn write_plan(
    plan: &MendPlan,
    next: Option<&str>,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let title = format!(
        "A new backup from what can be read of that of {}; nothing has been written, and the old one stays as \
         it is",
        called(plan, style)
    );
    let lines = layout::paragraph("", &title, style.width).into_iter();
    let title = lines.map(|line| style.bold(&line)).collect();
    let mut blocks = vec![title, sums(plan, style), repairs(plan, style)];
    blocks.push(lost(plan, style));
    blocks.push(space(plan, style));
    blocks.extend(next.map(|next| layout::paragraph("", next, style.width)));
    layout::write_blocks(&blocks, out)
}

fn sums(plan: &MendPlan, style: &Style) -> Vec<String> {
    let line = |what: &str, files: u64, bytes: u64| {
        let files = numbers::counted(files, "file", "files");
        // Of what is gone nobody may know how much it was.
        let text = match bytes {
            0 => files,
            bytes => format!("{files}, {}", numbers::size(bytes)),
        };
        layout::paragraph(
            &format!("   {what:<14} "),
            &layout::glued(&text),
            style.width,
        )
    };
    let mut lines = line("kept", plan.kept.files, plan.kept.bytes);
    let amount = plan.lost.amount;
    match amount.files {
        0 => lines.push(format!("   {:<15}nothing", "lost for good")),
        files => lines.extend(line("lost for good", files, amount.bytes)),
    }
    for group in &plan.lost.by_group {
        let name = style.name(&group.name);
        let files = numbers::counted(group.files, "file", "files");
        let text = format!("{name}: {files}, {}", numbers::size(group.bytes));
        lines.extend(layout::paragraph(
            "     ",
            &layout::glued(&text),
            style.width,
        ));
    }
    if plan.left_behind.files > 0 {
        lines.extend(line(
            "not in the list",
            plan.left_behind.files,
            plan.left_behind.bytes,
        ));
        let text = "no row says what these are, so the new backup does not have them";
        lines.extend(layout::paragraph("     ", text, style.width));
    }
    lines
}

fn repairs(plan: &MendPlan, style: &Style) -> Vec<String> {
    let mark = format!("{} ", style.dash());
    let lines = plan
        .repairs
        .iter()
        .flat_map(|repair| layout::paragraph(&mark, &layout::glued(&repair.message), style.width));
    lines.collect()
}

/// The first of the lost files, by name.
fn lost(plan: &MendPlan, style: &Style) -> Vec<String> {
    let rows = &plan.lost.rows;
    if rows.is_empty() {
        return vec![];
    }
    let mut lines = vec!["Lost for good:".to_owned()];
    for row in rows.iter().take(NAMED) {
        let text = format!("{} ({})", named(&row.file), row.reason);
        lines.extend(layout::paragraph("  ", &style.name(&text), style.width));
    }
    let more = rows.len().saturating_sub(NAMED) as u64;
    if more > 0 {
        let text = format!(
            "and {} more: all names stand in the record beside the new backup, and with --json",
            numbers::count(more)
        );
        lines.extend(layout::paragraph("  ", &text, style.width));
    }
    lines
}

fn named(file: &Example) -> String {
    match (&file.domain, &file.path, &file.file_id) {
        (Some(domain), Some(path), _) => format!("{domain} {path}"),
        (Some(domain), None, _) => domain.clone(),
        (None, _, Some(id)) => id.clone(),
        (None, _, None) => "a file without a name".to_owned(),
    }
}

fn space(plan: &MendPlan, style: &Style) -> Vec<String> {
    let how = match plan.payloads {
        Means::Cloned => {
            "its files share their space with those of the old one, where the disk can"
        }
        Means::Linked => {
            "its files are those of the old one under a second name: what is written into one is in the other, \
             so let no device back up into either"
        }
        Means::Copied => "its files are copied",
    };
    let free = match plan.available {
        Some(free) if plan.lacks_room() => {
            format!(
                " Only {} are free on that disk: it does not fit.",
                numbers::size(free)
            )
        }
        Some(free) => format!(" {} are free on that disk.", numbers::size(free)),
        None => String::new(),
    };
    let text = format!(
        "It takes about {}: {how}.{free} It is to lie in",
        numbers::size(plan.needs)
    );
    let mut lines = layout::paragraph("", &layout::glued(&text), style.width);
    lines.push(format!(
        "  {}",
        style.name(&plan.result().display().to_string())
    ));
    lines
}

/// The question before anything is written.
pub fn question(plan: &MendPlan) -> String {
    let files = numbers::counted(plan.kept.files, "file", "files");
    format!("Make this new backup, of {files}? Type yes: ")
}

/// Writes what was done.
///
/// # Errors
/// When writing fails.
pub fn write_done(
    mended: &Mended,
    record: &str,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let plan = &mended.plan;
    let kept = numbers::counted(plan.kept.files, "file", "files");
    let text = format!(
        "The new backup of {} is {PROMISE}. It has {kept} ({}), {} from the old one, which stays as it is.",
        called(plan, style),
        numbers::size(plan.kept.bytes),
        plan.payloads.as_str()
    );
    let mut done = layout::paragraph("", &layout::glued(&text), style.width);
    done.push(format!(
        "  {}",
        style.name(&plan.result().display().to_string())
    ));
    let amount = plan.lost.amount;
    let lost = match amount.files {
        0 => vec!["Nothing that the list names was lost.".to_owned()],
        files => {
            let groups: Vec<String> = (plan.lost.by_group.iter())
                .map(|group| {
                    let files = numbers::count(group.files);
                    let name = style.name(&group.name);
                    format!("{name} {files} ({})", numbers::size(group.bytes))
                })
                .collect();
            let text = format!(
                "Lost for good: {} ({}): {}.",
                numbers::counted(files, "file", "files"),
                numbers::size(amount.bytes),
                groups.join(", ")
            );
            layout::paragraph("", &layout::glued(&text), style.width)
        }
    };
    let mut told = layout::paragraph("", "What was mended and lost, with all names:", style.width);
    told.push(format!("  {}", style.name(record)));
    let behind = left_behind(plan, style);
    layout::write_blocks(&[done, lost, behind, repairs(plan, style), told], out)
}

/// What no row names any more, and the new backup does not have.
fn left_behind(plan: &MendPlan, style: &Style) -> Vec<String> {
    let Amount { files, bytes } = plan.left_behind;
    if files == 0 {
        return vec![];
    }
    let (verb, these) = match files {
        1 => ("is", "it is"),
        _ => ("are", "these are"),
    };
    let text = format!(
        "Not in the new backup: {} ({}) that {verb} in the old one. No row says what {these}, so keep the old one \
         until nothing is missed.",
        numbers::counted(files, "file", "files"),
        numbers::size(bytes),
    );
    layout::paragraph("", &layout::glued(&text), style.width)
}

/// Writes that there is nothing to mend.
///
/// # Errors
/// When writing fails.
pub fn write_nothing(verdict: Verdict, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let text = format!(
        "Nothing to mend: the backup is {}, and every file that its list requires is there. Nothing was \
         written.",
        verdict.as_str()
    );
    layout::write_blocks(&[layout::paragraph("", &text, style.width)], out)
}
