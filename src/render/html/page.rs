//! What a page shows, and what it calls backups and days.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::render::printable::clean;
use crate::report::document::{Backup, Document};
use crate::words::numbers;

use super::histories::DeviceRuns;
use super::names::{clean_or, folder_name, is_blank};
use super::times;

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

/// A device with its backups, newest first.
pub struct Owner {
    /// Which device: an index into the document's; none of a backup that is of none.
    pub device: Option<usize>,
    /// Which backups.
    pub backups: Vec<usize>,
}

/// A part of the page, where it has anything to say.
pub struct Section {
    pub id: &'static str,
    pub title: String,
    /// Whether only its title is shown until a reader asks for more.
    pub is_folded: bool,
    pub content: Markup,
}

impl<'a> Page<'a> {
    /// The page of a document.
    pub fn new(
        document: &'a Document<'a>,
        histories: &'a [DeviceRuns],
        zone: &'a TimeZone,
    ) -> Page<'a> {
        // Of several with the same path, which only a document of somebody else has, the first counts.
        let backups = document.backups.iter().enumerate().rev();
        Page {
            document,
            places: backups
                .map(|(index, backup)| (&*backup.place.path, index))
                .collect(),
            histories,
            zone,
        }
    }
}

impl Page<'_> {
    /// The devices with their backups, the largest first. A backup that is of no device stands alone.
    pub fn owners(&self) -> Vec<Owner> {
        let backups = &self.document.backups;
        // A document may name any path twice, or none.
        let mut seen = vec![false; backups.len()];
        let mut owners: Vec<Owner> = Vec::new();
        for (device, told) in self.document.devices.iter().enumerate() {
            let members = told.backups.iter().filter_map(|path| self.find(path));
            let members = members.filter(|index| !std::mem::replace(&mut seen[*index], true));
            owners.push(Owner {
                device: Some(device),
                backups: members.collect(),
            });
        }
        owners.retain(|owner| {
            let is_told = owner
                .device
                .is_some_and(|device| !self.document.devices[device].findings.is_empty());
            is_told || !owner.backups.is_empty()
        });
        owners.sort_by_key(|owner| {
            let sizes = owner.backups.iter();
            let sizes = sizes.map(|index| backups[*index].size.allocated_bytes.unwrap_or(0));
            std::cmp::Reverse(sizes.fold(0_u64, u64::saturating_add))
        });
        let alone = (0..backups.len()).filter(|index| !seen[*index]);
        owners.extend(alone.map(|index| Owner {
            device: None,
            backups: vec![index],
        }));
        owners
    }

    /// The backups as people look for them: devices by size, newest first within a device.
    pub fn in_order(&self) -> Vec<usize> {
        let owners = self.owners();
        owners.into_iter().flat_map(|owner| owner.backups).collect()
    }

    /// What a person calls a device.
    pub fn name(&self, owner: &Owner) -> String {
        let told = owner
            .device
            .and_then(|device| self.document.devices[device].name.as_deref());
        match told.map(clean).filter(|name| !is_blank(name)) {
            Some(name) => cut(name),
            None => match owner.backups.first() {
                Some(index) => self.title(&self.document.backups[*index]),
                None => "A device without a name".to_owned(),
            },
        }
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
        cut(names.join(", "))
    }

    pub fn day(&self, time: Timestamp) -> Markup {
        times::day(time, self.zone)
    }

    pub fn moment(&self, time: Timestamp) -> Markup {
        times::moment(time, self.zone)
    }

    /// The same as text.
    pub fn made_in_words(&self, backup: &Backup<'_>) -> String {
        match &backup.last_backup {
            Some(last) => numbers::day(last.at, self.zone),
            None => "not known".to_owned(),
        }
    }

    /// When a backup was made.
    pub fn made(&self, backup: &Backup<'_>) -> Markup {
        match &backup.last_backup {
            Some(last) => self.day(last.at),
            None => html! { "not known" },
        }
    }
}

/// A name as far as it is shown: it stands wherever its bearer is spoken of.
pub fn cut(name: String) -> String {
    match name.char_indices().nth(LONGEST_TITLE) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name,
    }
}
