//! Bytes of which only some count.

/// How many bytes are compared at a time.
const WORD: usize = 16;

/// What must stand at a place for another one to be like it.
pub struct Masked {
    /// The bits that count, and what they are, a word each.
    words: Vec<(u128, u128)>,
}

impl Masked {
    /// Of nothing yet: as many bytes as these, rounded up, none of which counts.
    pub fn new(len: usize) -> Masked {
        Masked {
            words: vec![(0, 0); len.div_ceil(WORD)],
        }
    }

    /// From now on these bytes count. None does that lies behind the end.
    pub fn count(&mut self, start: usize, bytes: &[u8]) {
        for (at, byte) in (start..).zip(bytes) {
            if let Some((mask, expected)) = self.words.get_mut(at / WORD) {
                let shift = 8 * (at % WORD);
                *mask |= 0xff << shift;
                *expected = *expected & !(0xff << shift) | u128::from(*byte) << shift;
            }
        }
    }

    /// Whether other bytes are the same where they count. False where there are fewer.
    pub fn fits(&self, bytes: &[u8]) -> bool {
        let (words, _) = bytes.as_chunks::<WORD>();
        let differ = |(word, (mask, expected)): (&[u8; WORD], &(u128, u128))| {
            u128::from_le_bytes(*word) & mask ^ expected
        };
        let pairs = words.iter().zip(&self.words);
        // Without a branch a word: nearly always all are the same.
        words.len() >= self.words.len() && pairs.map(differ).fold(0, |all, one| all | one) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_counts_is_compared() {
        let bytes: Vec<u8> = (0..48).collect();
        let mut masked = Masked::new(40);
        masked.count(3, &bytes[3..5]);
        masked.count(14, &bytes[14..18]);
        masked.count(39, &bytes[39..40]);
        assert!(masked.fits(&bytes));
        let counting: Vec<usize> = (0..48)
            .filter(|at| {
                let mut other = bytes.clone();
                other[*at] ^= 0x80;
                !masked.fits(&other)
            })
            .collect();
        assert_eq!(counting, [3, 4, 14, 15, 16, 17, 39]);
        assert!(!masked.fits(&bytes[..47]));
    }
}
