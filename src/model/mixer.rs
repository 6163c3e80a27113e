//! A quick hash of what is compared within one run. Nothing of it is kept or printed, and it is no proof
//! against people who mean to deceive.

use std::hash::Hasher;

/// A number that any other two would very likely not give.
pub fn mixed(one: u64, other: u64) -> u64 {
    // What multiplies is hardly ever 0, and the halves of the product meet.
    let product =
        u128::from(one ^ 0x9e37_79b9_7f4a_7c15) * u128::from(other ^ 0xd6e8_feb8_6659_fd93);
    (product >> 64) as u64 ^ product as u64
}

/// Mixes all that is written into one number.
#[derive(Default)]
pub struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        // With its length, so that what follows is never taken for a part of it.
        self.write_u64(bytes.len() as u64);
        let (words, rest) = bytes.as_chunks();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let last = rest.iter().rev();
            self.write_u64(last.fold(0, |word, byte| word << 8 | u64::from(*byte)));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_i64(&mut self, number: i64) {
        self.write_u64(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = mixed(self.0, number);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::hash::Hash;
    use std::time::{Duration, SystemTime};

    use super::*;

    fn hash(state: &impl Hash) -> u64 {
        let mut mixer = Mixer::default();
        state.hash(&mut mixer);
        mixer.finish()
    }

    #[test]
    fn what_differs_in_anything_has_another_hash() {
        let texts = [
            "",
            "\0",
            "\0\0",
            "a",
            "a\0",
            "b",
            "12345678",
            "123456789",
            "12345678\0",
        ];
        let hashes: BTreeSet<u64> = texts.iter().map(hash).collect();
        assert_eq!(hashes.len(), texts.len());
        assert_ne!(hash(&("a", "bc")), hash(&("ab", "c")));
        assert_ne!(hash(&(1_u64, 2_u64)), hash(&(2_u64, 1_u64)));
        assert_ne!(hash(&Some(0_u64)), hash(&None::<u64>));
        let time = |nanos| Some(SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos));
        assert_ne!(hash(&time(1)), hash(&time(0)));
        assert_ne!(hash(&-1_i64), hash(&1_i64));
    }

    #[test]
    fn files_have_hashes_of_their_own_and_changes_do_not_cancel_out() {
        let file = |number: u64, bytes: u64| hash(&(7_u64, format!("{number:040x}"), bytes));
        let all: BTreeSet<u64> = (0..50_000).map(|number| file(number, 5)).collect();
        assert_eq!(all.len(), 50_000);
        let bits = all.iter().fold([0_u32; 64], |mut counts, hash| {
            (0..64).for_each(|bit| counts[bit] += (hash >> bit & 1) as u32);
            counts
        });
        // Each bit is set in about half of them.
        assert!(bits.iter().all(|count| (24_000..26_000).contains(count)));
        // One grows by what the other loses, or they change places.
        let sum = |one: u64, other: u64| one.wrapping_add(other);
        let before = sum(file(1, 100), file(2, 200));
        for (one, other) in [(101, 199), (200, 100), (100, 201)] {
            assert_ne!(sum(file(1, one), file(2, other)), before);
        }
    }
}
