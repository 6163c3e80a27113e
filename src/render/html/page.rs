//! What a page shows, and what it calls backups and days.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::render::printable::clean;
use crate::report::document::{Backup, Document, Text};
use crate::words::numbers;

use super::histories::DeviceRuns;
use super::names::{clean_or, folder_name, is_blank};

/// How many characters of a backup's name are shown.
const LONGEST_TITLE: usize = 400;

/// What a page shows.
pub struct Page<'a> {
    pub document: &'a Document<'a>,
    /// The backups by their paths.
    pub places: HashMap<&'a str, usize>,
    /// How devices developed, where that is known.
    pub histories: &'a [DeviceRuns],
    /// The time zone in which dates are told.
    pub zone: &'a TimeZone,
}

/// A part of the page, where it has anything to say.
pub struct Section {
    pub id: &'static str,
    pub title: String,
    pub content: Markup,
}

impl Page<'_> {
    /// The backups as people look for them: devices by size, newest first within a device.
    pub fn in_order(&self) -> Vec<usize> {
        let Document {
            devices, backups, ..
        } = self.document;
        let members = |paths: &[Text<'_>]| -> Vec<usize> {
            paths.iter().filter_map(|path| self.find(path)).collect()
        };
        let mut of_devices: Vec<Vec<usize>> = devices
            .iter()
            .map(|device| members(&device.backups))
            .collect();
        of_devices.sort_by_key(|members| {
            let sizes = members
                .iter()
                .map(|index| backups[*index].size.allocated_bytes.unwrap_or(0));
            std::cmp::Reverse(sizes.fold(0_u64, u64::saturating_add))
        });
        let mut order = of_devices.concat();
        // A document may name any path twice, or none.
        let mut seen = vec![false; backups.len()];
        order.retain(|index| !std::mem::replace(&mut seen[*index], true));
        order.extend((0..backups.len()).filter(|index| !seen[*index]));
        order
    }

    /// The backup at a path.
    pub fn find(&self, path: &str) -> Option<usize> {
        self.places.get(path).copied()
    }

    /// What a person calls a backup's device; else its identifier, or its folder.
    pub fn title(&self, backup: &Backup<'_>) -> String {
        let device = &backup.device;
        let given = [device.name.as_deref(), device.product_name.as_deref()];
        let given = given.into_iter().flatten().map(clean);
        let mut names: Vec<String> = given.filter(|name| !is_blank(name)).collect();
        names.dedup();
        if names.is_empty() {
            let udid = backup.udid.as_deref().map(clean);
            let folder = || folder_name(&backup.place.path);
            let other = udid.filter(|udid| !is_blank(udid)).unwrap_or_else(folder);
            names.push(clean_or(&other, "A backup"));
        }
        let title = names.join(", ");
        // It stands wherever the backup is spoken of.
        match title.char_indices().nth(LONGEST_TITLE) {
            Some((end, _)) => format!("{}…", &title[..end]),
            None => title,
        }
    }

    pub fn day(&self, time: Timestamp) -> Markup {
        html! { time datetime=(time) { (numbers::day(time, self.zone)) } }
    }

    pub fn moment(&self, time: Timestamp) -> Markup {
        let zone = time.to_zoned(self.zone.clone()).strftime("%Z").to_string();
        html! { time datetime=(time) { (numbers::moment(time, self.zone)) " " (zone) } }
    }

    /// When a backup was made.
    pub fn made(&self, backup: &Backup<'_>) -> Markup {
        match &backup.last_backup {
            Some(last) => self.day(last.at),
            None => html! { "not known" },
        }
    }
}
