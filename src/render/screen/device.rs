//! What backups are called on a screen: by the device's name, and by as much more as tells one from another.

use unicode_width::UnicodeWidthStr;

use crate::model::{BackupIndex, BackupReport, Report};

use super::style::Style;

/// How much is said of the product.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// All of it: `iPhone 15 Pro`.
    Long,
    /// Without the family, which is in the name of nearly every device: `15 Pro`.
    Short,
    /// Nothing.
    Unsaid,
}

/// What a person would call the backup's device; else the folder's name.
pub fn title(backup: &BackupReport, style: &Style) -> String {
    let name = backup.device.name.as_deref().map(|name| style.name(name));
    name.filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| style.name(&backup.folder_name()))
}

/// The same with the product and what is special about the backup, shorter on narrow screens.
pub fn device_title(backup: &BackupReport, style: &Style) -> String {
    let product = match style.is_wide() {
        true => Product::Long,
        false => Product::Short,
    };
    fitted(backup, product, usize::MAX, style) + &marks(backup, style)
}

/// The device's name and its product in at most so many columns: the name is cut before the product.
pub fn fitted(backup: &BackupReport, product: Product, columns: usize, style: &Style) -> String {
    let product = match (product_of(backup, style), product) {
        (Some(long), Product::Long) => format!(", {long}"),
        (Some(long), Product::Short) => format!(", {}", without_family(&long)),
        (_, Product::Unsaid) | (None, _) => String::new(),
    };
    let title = title(backup, style);
    match columns
        .checked_sub(product.width())
        .filter(|room| *room >= LEAST_NAME)
    {
        Some(room) => style.fit(&title, room) + &product,
        None => style.fit(&(title + &product), columns),
    }
}

/// A name in fewer columns tells nothing.
const LEAST_NAME: usize = 6;

/// What is special about a backup.
pub fn marks(backup: &BackupReport, style: &Style) -> String {
    let locked = backup.locked.then_some("locked");
    let archived = backup.archived.then_some("archived");
    let marks = locked.into_iter().chain(archived);
    marks.map(|mark| format!("{}{mark}", style.dot())).collect()
}

fn product_of(backup: &BackupReport, style: &Style) -> Option<String> {
    let device = &backup.device;
    let product = device.product_name.as_deref();
    let product = product.or(device.product_type.as_deref())?;
    Some(style.name(product).replace(" generation)", " gen)"))
}

fn without_family(product: &str) -> &str {
    ["iPhone ", "iPad ", "iPod touch "]
        .iter()
        .find_map(|family| product.strip_prefix(family))
        .unwrap_or(product)
}

/// The day a backup was made.
pub fn day(backup: &BackupReport, style: &Style) -> String {
    let last = backup.last_backup;
    last.map_or_else(|| "unknown".to_owned(), |last| style.day(last.at))
}

/// A backup in a sentence, told from the others that are talked of: by its device's name and, where that
/// is not enough, by the product, the day, and at last the folder.
pub fn who(index: BackupIndex, among: &[BackupIndex], report: &Report, style: &Style) -> String {
    let backup = &report.backups[index];
    // Short enough for a sentence.
    let room = style.width.saturating_sub(4).min(40);
    let title_of = |backup: &BackupReport| style.fit(&title(backup, style), room);
    let mut text = title_of(backup);
    let others = among.iter().filter(|other| **other != index);
    let mut alike: Vec<&BackupReport> = others
        .map(|other| &report.backups[*other])
        .filter(|other| title_of(other) == text)
        .collect();
    let product = |backup: &BackupReport| product_of(backup, style);
    if let Some(own) = product(backup)
        && alike
            .iter()
            .any(|other| product(other).as_ref() != Some(&own))
    {
        text = format!("{text} ({own})");
        alike.retain(|other| product(other).as_ref() == Some(&own));
    }
    let own = day(backup, style);
    if backup.last_backup.is_some() && alike.iter().any(|other| day(other, style) != own) {
        text = format!("{text} of {own}");
        alike.retain(|other| day(other, style) == own);
    }
    if alike.is_empty() {
        return text;
    }
    format!("{text} in {}", folder(backup, &alike, style))
}

/// The folder of a backup, told from those of others: its name, or its path where others have that name.
pub fn folder(backup: &BackupReport, others: &[&BackupReport], style: &Style) -> String {
    let name = backup.folder_name();
    let is_same = |other: &&BackupReport| other.path != backup.path && other.folder_name() == name;
    match others.iter().any(is_same) {
        true => style.name(&backup.path.display().to_string()),
        false => style.name(&name),
    }
}
