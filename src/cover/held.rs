//! Finds the keepsakes of one backup in another one: by size and time of birth, not by name, because a
//! phone that was restored numbers anew, and after an erase IMG_0001 is another photo (contract §5).

use crate::model::{Keepsake, KeepsakeGroup, Keepsakes};

use super::enough::HALF;

/// How a keepsake was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A row of the same size, whose payload has just that length.
    Size,
    /// The same fileID alone, outside the photos, and at least half of the bytes: it may have been edited
    /// since.
    Id,
}

/// A keepsake of the older backup and the row of the newer one that holds it, by their places among the
/// keepsakes of their group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The older one's.
    pub old: u32,
    /// The newer one's.
    pub new: u32,
    /// How.
    pub by: By,
}

/// Finds for each keepsake of `old` a row of its own in `new`. What is not in the answer is not held.
/// In the order of the older ones.
pub fn pairs(old: &Keepsakes, new: &Keepsakes, group: KeepsakeGroup) -> Vec<Pair> {
    let mut search = Search {
        old,
        new,
        group,
        old_free: vec![true; old.of(group).len()],
        new_free: vec![true; new.of(group).len()],
        pairs: Vec::new(),
    };
    // The surest first, so that none takes the row that another one needs.
    search.by_id(By::Size);
    search.by_size(|keepsake| match (keepsake.birth, keepsake.modified) {
        (0, _) | (_, 0) => None,
        (birth, modified) => Some((birth, modified)),
    });
    search.by_size(|keepsake| (keepsake.birth != 0).then_some((keepsake.birth, 0)));
    search.by_size(|keepsake| (keepsake.modified != 0).then_some((keepsake.modified, 0)));
    search.by_id(By::Id);
    search.pairs.sort_unstable_by_key(|pair| pair.old);
    search.pairs
}

struct Search<'a> {
    old: &'a Keepsakes,
    new: &'a Keepsakes,
    group: KeepsakeGroup,
    /// Whether each has no partner yet.
    old_free: Vec<bool>,
    new_free: Vec<bool>,
    pairs: Vec<Pair>,
}

impl Search<'_> {
    fn pair(&mut self, old: u32, new: u32, by: By) {
        self.old_free[old as usize] = false;
        self.new_free[new as usize] = false;
        self.pairs.push(Pair { old, new, by });
    }

    /// Pairs those of the same fileID that hold each other in this way; both are in the order of these.
    fn by_id(&mut self, by: By) {
        let (old, new) = (self.old, self.new);
        let mut others = (0_u32..).zip(new.of(self.group)).peekable();
        for (index, keepsake) in (0_u32..).zip(old.of(self.group)) {
            while others
                .next_if(|(_, other)| other.id < keepsake.id)
                .is_some()
            {}
            let Some((other_index, other)) = others.next_if(|(_, other)| other.id == keepsake.id)
            else {
                continue;
            };
            let both_free = self.old_free[index as usize] && self.new_free[other_index as usize];
            if both_free && same_id(old, keepsake, new, other, self.group) == Some(by) {
                self.pair(index, other_index, by);
            }
        }
    }

    /// Pairs those that are left and have size and `times` in common. Nothing but what lies there as
    /// recorded is recognised by its size.
    fn by_size(&mut self, times: impl Fn(&Keepsake) -> Option<(u32, u32)>) {
        let sorted = |keepsakes: &[Keepsake], free: &[bool], counts: fn(&Keepsake) -> bool| {
            let free = (0_u32..)
                .zip(keepsakes)
                .filter(|(index, _)| free[*index as usize]);
            let key = |(index, keepsake): (u32, &Keepsake)| {
                Some((keepsake.size()?, times(keepsake)?, index))
            };
            let mut keys: Vec<_> = free
                .filter(|(_, keepsake)| counts(keepsake))
                .filter_map(key)
                .collect();
            keys.sort_unstable();
            keys
        };
        let old = sorted(self.old.of(self.group), &self.old_free, |_| true);
        if old.is_empty() {
            return;
        }
        let counts = Keepsake::is_stored_as_recorded;
        let new = sorted(self.new.of(self.group), &self.new_free, counts);
        let mut others = new.into_iter().peekable();
        for (size, times, index) in old {
            let key = (size, times);
            while others
                .next_if(|(size, times, _)| (*size, *times) < key)
                .is_some()
            {}
            if let Some((.., other)) = others.next_if(|(size, times, _)| (*size, *times) == key) {
                self.pair(index, other, By::Size);
            }
        }
    }
}

/// How the newer one's payload of the same fileID holds the older one's, if it does.
fn same_id(
    old: &Keepsakes,
    keepsake: &Keepsake,
    new: &Keepsakes,
    other: &Keepsake,
    group: KeepsakeGroup,
) -> Option<By> {
    let sizes = keepsake.size().zip(other.size());
    // What is not known is not held; what is only in a cloud is not here, and what is astray not where it belongs.
    let is_there = !other.is_in_cloud() && !other.is_astray();
    let (size, other_size) = sizes.filter(|_| is_there)?;
    let as_recorded = size == other_size && other.is_stored_as_recorded();
    let stored = old.stored(keepsake);
    let same_length = stored.is_some() && stored == new.stored(other);
    let bytes = old.content(keepsake);
    let lost = bytes.saturating_sub(new.content(other));
    if as_recorded || same_length {
        Some(By::Size)
    } else {
        let is_edited = group != KeepsakeGroup::Photos && HALF.allows(lost, bytes);
        is_edited.then_some(By::Id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Stored;

    /// `id size birth modified`, and how it is stored where not as recorded: `=` and a length, `cloud`.
    /// `?` is a size that is not known.
    fn keepsakes(text: &str, encrypted: bool) -> Keepsakes {
        let mut all = Keepsakes::default();
        let mut odd = vec![];
        for line in text
            .split(',')
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            let mut words = line.split_whitespace();
            let id: u64 = words.next().unwrap().parse().unwrap();
            let size = words.next().unwrap().parse().ok();
            let mut time = || words.next().unwrap().parse().ok();
            let keepsake = Keepsake::new(id, size, time(), time());
            all.add(KeepsakeGroup::Photos, keepsake);
            all.add(KeepsakeGroup::Notes, keepsake);
            match words.next() {
                Some("cloud") => odd.push((id, Stored::InCloud)),
                Some(length) => {
                    let length = length.strip_prefix('=').unwrap().parse().unwrap();
                    odd.push((id, Stored::Other(length)));
                }
                None if size.is_none() => odd.push((id, Stored::Other(1))),
                None => {}
            }
        }
        all.settle(encrypted, odd);
        all
    }

    fn found(old: &Keepsakes, new: &Keepsakes, group: KeepsakeGroup) -> String {
        let pairs = pairs(old, new, group);
        let pairs = pairs.iter().map(|pair| {
            let old = old.of(group)[pair.old as usize].id;
            let new = new.of(group)[pair.new as usize].id;
            let by = if pair.by == By::Id { "~" } else { "" };
            format!("{old}{by}{new}").replace(&format!("{old}{new}"), &format!("{old}={new}"))
        });
        pairs.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_keepsake_is_known_by_size_and_time() {
        for (what, old, new, photos, notes) in [
            ("unchanged", "1 5 7 8", "1 5 7 8", "1=1", "1=1"),
            ("renamed", "1 5 7 8", "2 5 7 8", "1=2", "1=2"),
            ("renamed and touched", "1 5 7 8", "2 5 7 9", "1=2", "1=2"),
            ("renamed and copied", "1 5 7 8", "2 5 6 8", "1=2", "1=2"),
            ("another of that size", "1 5 7 8", "2 5 6 9", "", ""),
            ("no times at all", "1 5 0 0", "2 5 0 0", "", ""),
            ("same name, no times", "1 5 0 0", "1 5 0 0", "1=1", "1=1"),
            ("edited", "1 5 7 8", "1 6 7 9", "", "1~1"),
            (
                "another photo of that name",
                "1 5 7 8",
                "1 9 3 4",
                "",
                "1~1",
            ),
            ("cut in the newer", "1 5 7 8", "1 5 7 8 =3", "", "1~1"),
            ("half of it is left", "1 6 7 8", "1 3 7 9", "", "1~1"),
            ("less than half of it is left", "1 6 7 8", "1 2 7 9", "", ""),
            ("cut to less than half", "1 6 7 8", "1 6 7 8 =2", "", ""),
            ("cut in the older", "1 5 7 8 =3", "1 5 7 8", "1=1", "1=1"),
            ("cut in both", "1 5 7 8 =3", "1 5 7 8 =3", "1=1", "1=1"),
            ("only in a cloud", "1 5 7 8", "1 5 7 8 cloud", "", ""),
            (
                "was only in a cloud",
                "1 5 7 8 cloud",
                "1 5 7 8",
                "1=1",
                "1=1",
            ),
            ("size not known", "1 ? 7 8", "1 ? 7 8", "", ""),
            ("size not known in the newer", "1 5 7 8", "1 ? 7 8", "", ""),
            (
                "one row for two",
                "1 5 7 8, 2 5 7 8",
                "3 5 7 8",
                "1=3",
                "1=3",
            ),
            (
                "each needs its own",
                "1 5 7 8, 2 5 7 9",
                "3 5 7 9, 4 5 7 1",
                "1=4 2=3",
                "1=4 2=3",
            ),
            (
                "the names were given to others",
                "1 5 7 8, 2 6 7 8",
                "1 6 7 8, 2 5 7 8",
                "1=2 2=1",
                "1=2 2=1",
            ),
        ] {
            let (old, new) = (keepsakes(old, false), keepsakes(new, false));
            assert_eq!(found(&old, &new, KeepsakeGroup::Photos), photos, "{what}");
            assert_eq!(found(&old, &new, KeepsakeGroup::Notes), notes, "{what}");
        }
    }

    #[test]
    fn lengths_of_encrypted_payloads_are_those_of_whole_blocks() {
        let plain = keepsakes("1 5 7 8, 2 16 7 8 =32", false);
        let sealed = keepsakes("1 5 7 8, 2 16 7 8", true);
        assert_eq!(found(&plain, &sealed, KeepsakeGroup::Photos), "1=1 2=2");
        let [first, second] = sealed.of(KeepsakeGroup::Photos) else {
            panic!()
        };
        assert_eq!(sealed.stored(first), Some(16));
        assert_eq!(sealed.stored(second), Some(32));
    }
}
