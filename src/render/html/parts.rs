//! What the map shows, as a tree: the devices, of each what stays and what can go, of both the groups.

use std::collections::HashMap;

use crate::render::printable::clean;

use super::names::clean_or;
use super::page::Page;
use super::timeline::can_go;

/// How many colours there are; the last is that of all groups that have none of their own.
const COLOURS: usize = 10;

/// The colour of what is no group.
pub const MIXED: usize = COLOURS - 1;

/// A part of the map, with all below it, largest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub name: String,
    pub bytes: u64,
    pub colour: usize,
    pub can_go: bool,
    pub below: Vec<Part>,
}

/// The devices whose payloads were looked at, largest first.
pub fn devices(page: &Page<'_>) -> Vec<Part> {
    let colours = colours(page);
    let owners = page.owners();
    let parts = owners.iter();
    let parts = parts.map(|owner| device(page, page.name(owner), &owner.backups, &colours));
    largest_first(parts.collect())
}

/// All of them as one, for where none is large enough to be seen.
pub fn together(page: &Page<'_>) -> Part {
    let all: Vec<usize> = (0..page.document.backups.len()).collect();
    device(page, "All devices".to_owned(), &all, &colours(page))
}

/// A colour for each of the largest groups, the same on all devices.
fn colours(page: &Page<'_>) -> HashMap<String, usize> {
    let mut sums: HashMap<String, u64> = HashMap::new();
    for group in page
        .document
        .backups
        .iter()
        .flat_map(|backup| &backup.storage)
    {
        let sum = sums.entry(clean(&group.group)).or_default();
        *sum = sum.saturating_add(group.bytes);
    }
    let mut sums: Vec<(String, u64)> = sums.into_iter().collect();
    sums.sort_by(|(one, bytes), (other, others)| others.cmp(bytes).then_with(|| one.cmp(other)));
    let largest = sums.into_iter().take(MIXED).enumerate();
    largest.map(|(colour, (name, _))| (name, colour)).collect()
}

fn device(
    page: &Page<'_>,
    name: String,
    backups: &[usize],
    colours: &HashMap<String, usize>,
) -> Part {
    let side = |goes: bool, name: &str| {
        let members = backups
            .iter()
            .filter(|index| can_go(&page.document.backups[**index]) == goes);
        part(name.to_owned(), goes, groups(page, members, colours, goes))
    };
    let sides = [side(false, "stays"), side(true, "can go")];
    let mut sides = largest_first(sides.into());
    // Where all stays, or all goes, there is nothing to tell apart.
    if let [only] = &mut sides[..] {
        sides = std::mem::take(&mut only.below);
    }
    let goes = !sides.is_empty() && sides.iter().all(|side| side.can_go);
    part(name, goes, sides)
}

fn groups<'a>(
    page: &Page<'_>,
    members: impl Iterator<Item = &'a usize>,
    colours: &HashMap<String, usize>,
    can_go: bool,
) -> Vec<Part> {
    let mut groups: Vec<Part> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for group in members.flat_map(|index| &page.document.backups[*index].storage) {
        let name = clean(&group.group);
        let colour = colours.get(&name).copied().unwrap_or(MIXED);
        let nth = *known.entry(name).or_insert(groups.len());
        match groups.get_mut(nth) {
            Some(part) => part.bytes = part.bytes.saturating_add(group.bytes),
            None => groups.push(Part {
                name: clean_or(&group.group, "no name"),
                bytes: group.bytes,
                colour,
                can_go,
                below: vec![],
            }),
        }
    }
    largest_first(groups)
}

fn part(name: String, can_go: bool, below: Vec<Part>) -> Part {
    Part {
        name,
        bytes: sum(&below),
        colour: MIXED,
        can_go,
        below,
    }
}

/// What parts come to together.
pub fn sum(parts: &[Part]) -> u64 {
    parts
        .iter()
        .fold(0, |sum, part| sum.saturating_add(part.bytes))
}

/// Those that are not nothing.
fn largest_first(mut parts: Vec<Part>) -> Vec<Part> {
    parts.retain(|part| part.bytes > 0);
    parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    parts
}
