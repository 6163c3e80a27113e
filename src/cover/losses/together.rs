//! What is only in some backups, as one sum: what goes for good where all of them go. Pure.

use crate::model::{DatabaseLoss, Loss, OnlyHere};
use crate::words;

use super::all;

/// What goes for good with several backups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Together {
    /// By group: `1,204 photos and videos (3.1 GB)`.
    pub phrases: Vec<String>,
    /// Whether it may be less: several of them may hold the same.
    pub at_most: bool,
}

impl Together {
    /// In one phrase; nothing where nothing goes for good.
    pub fn told(&self) -> Option<String> {
        let words = words::listed(&self.phrases);
        match (self.phrases.as_slice(), self.at_most) {
            ([], _) => None,
            (_, true) => Some(format!("at most {words}")),
            (_, false) => Some(words),
        }
    }
}

/// Adds up what is only in each of these backups.
pub fn together<'a>(parts: impl Iterator<Item = &'a OnlyHere>) -> Together {
    let mut sum = OnlyHere::default();
    let mut at_most = false;
    let mut groups: Vec<&str> = Vec::new();
    for only in parts {
        let names = only.groups.iter().map(|loss| loss.name.as_str());
        let names = names.chain(only.databases.iter().map(|loss| loss.name));
        let own: Vec<&str> = names.collect();
        at_most |= own.iter().any(|one| groups.contains(one));
        groups.extend(own);
        only.groups
            .iter()
            .for_each(|loss| add(&mut sum.groups, loss));
        (only.databases.iter()).for_each(|loss| add_database(&mut sum.databases, loss));
    }
    Together {
        phrases: all(&sum),
        at_most,
    }
}

fn add(sums: &mut Vec<Loss>, loss: &Loss) {
    let known = (sums.iter_mut()).find(|sum| sum.kind == loss.kind && sum.name == loss.name);
    match known {
        Some(sum) => {
            sum.files = sum.files.saturating_add(loss.files);
            sum.bytes = sum.bytes.saturating_add(loss.bytes);
            sum.of_files = sum.of_files.saturating_add(loss.of_files);
            sum.of_bytes = sum.of_bytes.saturating_add(loss.of_bytes);
            sum.matters |= loss.matters;
        }
        None => sums.push(loss.clone()),
    }
}

fn add_database(sums: &mut Vec<DatabaseLoss>, loss: &DatabaseLoss) {
    match sums.iter_mut().find(|sum| sum.name == loss.name) {
        Some(sum) => {
            sum.bytes = sum.bytes.saturating_add(loss.bytes);
            sum.other_bytes = sum.other_bytes.saturating_add(loss.other_bytes);
            sum.matters |= loss.matters;
        }
        None => sums.push(loss.clone()),
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{KeepsakeGroup, LossKind};

    use super::*;

    fn photos(files: u64, bytes: u64) -> OnlyHere {
        let loss = Loss {
            kind: LossKind::Keepsakes(KeepsakeGroup::Photos),
            name: "Photos".to_owned(),
            files,
            bytes,
            of_files: 9_000,
            of_bytes: 9_000_000_000,
            matters: true,
        };
        OnlyHere {
            groups: vec![loss],
            ..OnlyHere::default()
        }
    }

    fn messages(bytes: u64, other_bytes: u64) -> OnlyHere {
        let loss = DatabaseLoss {
            name: "Messages",
            bytes,
            other_bytes,
            matters: false,
        };
        OnlyHere {
            databases: vec![loss],
            ..OnlyHere::default()
        }
    }

    #[test]
    fn what_several_lose_is_added_up_by_group() {
        let told = |parts: &[OnlyHere]| together(parts.iter()).told();
        let some = photos(1_204, 3_100_000_000);
        let chat = messages(495_000_000, 480_000_000);
        assert_eq!(told(&[]), None);
        assert_eq!(told(&[OnlyHere::default()]), None);
        assert_eq!(
            told(&[some.clone(), chat.clone()]).as_deref(),
            Some("1,204 photos and videos (3.1 GB) and 15.0 MB of Messages")
        );
        // Both may hold the same.
        assert_eq!(
            told(&[some.clone(), photos(6, 900_000_000), chat.clone()]).as_deref(),
            Some("at most 1,210 photos and videos (4.0 GB) and 15.0 MB of Messages")
        );
        assert_eq!(
            told(&[chat, messages(20_000_000, 10_000_000)]).as_deref(),
            Some("at most 25.0 MB of Messages")
        );
    }
}
