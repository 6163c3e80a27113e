//! Whether one backup stands in for another, by contract §5 and by nothing else: from what is known
//! of how they were made.

use crate::support::file_id;

use super::phone::{APP_FILE, APPS, DATABASES};
use super::world::{Backup, Payload, Run, Seal, Stored};

/// From here on an app counts, in bytes.
const LARGE_APP: usize = 10_000_000;

/// What the program was told that bears on who stands in for whom.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    pub password: bool,
    pub trust_locked: bool,
}

impl Given {
    pub fn is_locked(self, backup: &Backup) -> bool {
        match backup.seal {
            Seal::Open => false,
            Seal::Password => !self.password,
            Seal::Lost => true,
        }
    }
}

/// Says why `stand_in` does not stand in for `old`.
pub fn objection(old: &Backup, stand_in: &Backup, given: Given) -> Option<String> {
    if old.run == Run::InfoOnly {
        // It is no copy of anything.
        return None;
    }
    let wrong = |words: &str| Some(words.to_owned());
    if old.udid != stand_in.udid {
        return wrong("it is of another device");
    }
    // Behind a list that is locked nobody sees what is missing: whoever trusts it takes that in.
    let is_trusted = given.trust_locked && given.is_locked(stand_in) && !stand_in.mbdb;
    let missing = |stored: &Stored| stored.payload == Payload::Missing && !is_trusted;
    if stand_in.run != Run::Finished || stand_in.stored.iter().any(missing) {
        return wrong("it is not complete");
    }
    if stand_in.date <= old.date {
        return wrong("it is not later");
    }
    if old.is_encrypted() && !stand_in.is_encrypted() {
        return wrong("it is not encrypted");
    }
    if old.run == Run::Barely {
        return None;
    }
    let by_rows = if given.is_locked(stand_in) && !stand_in.mbdb {
        wrong("its list is locked")
    } else {
        not_held(old, stand_in).or_else(|| shrunk(old, stand_in))
    };
    let by_names = if given.is_locked(stand_in) && given.trust_locked {
        nine_of_ten(old, stand_in)
    } else {
        wrong("it is not locked and trusted")
    };
    match (by_rows, by_names) {
        (Some(rows), Some(names)) => Some(format!("{rows}; {names}")),
        _ => None,
    }
}

/// Names the first keepsake for which no row of its own is left: one row holds one.
fn not_held(old: &Backup, stand_in: &Backup) -> Option<String> {
    let keepsakes: Vec<&Stored> = counting(old).collect();
    let rows = &stand_in.stored;
    let may = |at: usize, row: usize| holds(old, stand_in, keepsakes[at], &rows[row]);
    let mut holder_of: Vec<Option<usize>> = vec![None; rows.len()];
    for (at, keepsake) in keepsakes.iter().enumerate() {
        let mut seen = vec![false; rows.len()];
        if !find_row(at, &may, &mut seen, &mut holder_of) {
            return Some(format!("nothing holds {}", named(keepsake)));
        }
    }
    None
}

/// Finds a row for this keepsake; those that have one may move to another.
fn find_row(
    keepsake: usize,
    may: &dyn Fn(usize, usize) -> bool,
    seen: &mut [bool],
    holder_of: &mut [Option<usize>],
) -> bool {
    for row in 0..holder_of.len() {
        if seen[row] || !may(keepsake, row) {
            continue;
        }
        seen[row] = true;
        if holder_of[row].is_none_or(|other| find_row(other, may, seen, holder_of)) {
            holder_of[row] = Some(keepsake);
            return true;
        }
    }
    false
}

/// The words of the contract on when a row holds a keepsake.
fn holds(old: &Backup, stand_in: &Backup, keepsake: &Stored, row: &Stored) -> bool {
    let (was, is) = (&keepsake.keepsake, &row.keepsake);
    if was.group != is.group {
        return false;
    }
    let same_id = keepsake.id() == row.id();
    let same_size = was.bytes.len() == is.bytes.len();
    let at_its_length = row.length(stand_in) == stand_in.stored_length(is.bytes.len());
    let same_file = was.born == is.born || was.modified == is.modified || same_id;
    let by_size = same_size && at_its_length && same_file;
    let by_length = same_id && keepsake.length(old) == row.length(stand_in);
    let by_name = same_id && was.group != "Photos" && row.counts(stand_in);
    by_size || by_length || by_name
}

/// Says which database or app has less than half in `stand_in`.
fn shrunk(old: &Backup, stand_in: &Backup) -> Option<String> {
    let databases = DATABASES.iter().zip(&old.databases);
    for (((_, path), was), is) in databases.zip(&stand_in.databases) {
        if 2 * on_disk(stand_in, *is) < on_disk(old, *was) {
            return Some(format!("{path} had {was} bytes and has {is}"));
        }
    }
    for ((app, was), is) in APPS.iter().zip(&old.apps).zip(&stand_in.apps) {
        let was = usize::try_from(*was).unwrap();
        if was >= LARGE_APP && 2 * usize::try_from(*is).unwrap() < was {
            return Some(format!("{app} had {was} bytes and has {is}"));
        }
    }
    None
}

fn on_disk(backup: &Backup, length: usize) -> usize {
    if length == 0 {
        0
    } else {
        backup.stored_length(length)
    }
}

/// What holds where only names can be seen: nine of ten payloads and nine of ten bytes.
fn nine_of_ten(old: &Backup, stand_in: &Backup) -> Option<String> {
    let (was, is) = (payloads(old), payloads(stand_in));
    let there = |id: &String| is.iter().any(|(other, _)| other == id);
    let held: Vec<&(String, usize)> = was.iter().filter(|(id, _)| there(id)).collect();
    let bytes = |length: usize| u128::try_from(length).unwrap();
    let held_bytes: u128 = held.iter().map(|(_, length)| bytes(*length)).sum();
    let all_bytes: u128 = was.iter().map(|(_, length)| bytes(*length)).sum();
    let enough = 10 * held.len() >= 9 * was.len() && 10 * held_bytes >= 9 * all_bytes;
    (!enough).then(|| format!("of {} payloads it names {}", was.len(), held.len()))
}

/// Every payload that is on the disk: its name and its length.
fn payloads(backup: &Backup) -> Vec<(String, usize)> {
    let settings = file_id("HomeDomain", "Library/Preferences/a.plist");
    let mut all = vec![(settings, backup.stored_length(b"settings".len()))];
    for (length, (domain, path)) in backup.databases.iter().zip(DATABASES) {
        if *length > 0 {
            all.push((file_id(domain, path), backup.stored_length(*length)));
        }
    }
    for (length, app) in backup.apps.iter().zip(APPS) {
        if *length > 0 {
            let id = file_id(&format!("AppDomain-{app}"), APP_FILE);
            all.push((id, usize::try_from(*length).unwrap()));
        }
    }
    let stored = backup.stored.iter();
    let stored = stored.filter(|stored| stored.payload != Payload::Missing);
    all.extend(stored.map(|stored| (stored.id(), stored.length(backup))));
    all
}

/// Names the first keepsake of `old` whose bytes are not in `stand_in`. Outside photos, a file that
/// was edited is held by its name.
pub fn lost(old: &Backup, stand_in: &Backup) -> Option<String> {
    let mut counting = counting(old);
    let gone = counting.find(|keepsake| {
        let bytes = keepsake.bytes().unwrap_or_default();
        !stand_in.stored.iter().any(|row| {
            let same_bytes = row.bytes().is_some_and(|other| match keepsake.payload {
                // What was cut is in what is whole.
                Payload::Cut(_) => other.starts_with(bytes),
                _ => other == bytes,
            });
            let same_name = keepsake.keepsake.group != "Photos"
                && keepsake.id() == row.id()
                && row.counts(stand_in);
            keepsake.keepsake.group == row.keepsake.group && (same_bytes || same_name)
        })
    });
    gone.map(|keepsake| format!("the bytes of {} are nowhere", named(keepsake)))
}

/// The keepsakes of a backup, without what is not on the disk.
fn counting(backup: &Backup) -> impl Iterator<Item = &Stored> {
    let is_empty = matches!(backup.run, Run::Barely | Run::InfoOnly);
    let stored = backup.stored.iter().filter(move |_| !is_empty);
    stored.filter(|stored| stored.counts(backup))
}

fn named(stored: &Stored) -> String {
    let keepsake = &stored.keepsake;
    let (domain, path, length) = (keepsake.domain, &keepsake.path, keepsake.bytes.len());
    let (payload, born, changed) = (stored.payload, keepsake.born, keepsake.modified);
    format!("{domain} {path} ({payload:?}, {length} bytes, born {born}, changed {changed})")
}
