//! Holes that two payloads have at the same place. A hole reads as zeros, and decrypts to one block over and
//! over: where some of it is the same in both, all of it is, and a terabyte of it takes no time.

use std::fs::File;
use std::ops::Range;

use crate::crypto;
use crate::system;

/// The parts of both that are holes, in their order.
#[derive(Debug, Default)]
pub struct Shared(Vec<Range<u64>>);

impl Shared {
    /// So many bytes at the end of a hole are read all the same: they show whether it is still there.
    const END: u64 = 64 << 10;

    /// Of two open files; moves where they are read next.
    pub fn of([one, other]: [&File; 2]) -> Shared {
        match system::large_holes(one).as_slice() {
            [] => Shared::default(),
            holes => Shared(overlaps(holes, &system::large_holes(other))),
        }
    }

    /// Where to go on after these bytes, which are the same in both.
    pub fn beyond(&self, same: Range<u64>) -> u64 {
        let behind = self.0.partition_point(|hole| hole.end <= same.start);
        let Some(hole) = self.0.get(behind) else {
            return same.end;
        };
        // What the first block of a hole decrypts to depends on what stands before it.
        let is_telling = same.start >= hole.start.saturating_add(2 * crypto::BLOCK)
            && same.end - same.start >= crypto::BLOCK;
        match is_telling {
            true => hole.end.saturating_sub(Shared::END).max(same.end),
            false => same.end,
        }
    }
}

/// What is in a range of both; the ranges of each are in order and apart.
fn overlaps(some: &[Range<u64>], others: &[Range<u64>]) -> Vec<Range<u64>> {
    let (mut some, mut others) = (some.iter().peekable(), others.iter().peekable());
    let mut both = Vec::new();
    while let (Some(one), Some(other)) = (some.peek(), others.peek()) {
        let range = one.start.max(other.start)..one.end.min(other.end);
        if !range.is_empty() {
            both.push(range);
        }
        match one.end < other.end {
            true => some.next(),
            false => others.next(),
        };
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_have_is_what_is_in_a_range_of_each() {
        let ranges = |ends: &[(u64, u64)]| -> Vec<Range<u64>> {
            ends.iter().map(|(start, end)| *start..*end).collect()
        };
        for (some, others, both) in [
            (&[(0, 10)][..], &[][..], &[][..]),
            (&[(0, 10)], &[(10, 20)], &[]),
            (&[(0, 10)], &[(5, 20)], &[(5, 10)]),
            (&[(0, 10), (20, 30)], &[(5, 25)], &[(5, 10), (20, 25)]),
            (
                &[(0, 40)],
                &[(5, 6), (7, 9), (30, 50)],
                &[(5, 6), (7, 9), (30, 40)],
            ),
        ] {
            let (some, others, both) = (ranges(some), ranges(others), ranges(both));
            assert_eq!(overlaps(&some, &others), both);
            assert_eq!(overlaps(&others, &some), both);
        }
    }

    #[test]
    fn a_hole_is_left_out_once_some_of_it_was_the_same() {
        const KIB: u64 = 1 << 10;
        let shared = Shared(vec![64 * KIB..1 << 40, 1 << 41..1 << 42]);
        for (words, same, next) in [
            ("before it", 0..64 * KIB, 64 * KIB),
            ("its first block", 64 * KIB..128 * KIB, 128 * KIB),
            ("inside", 128 * KIB..192 * KIB, (1 << 40) - 64 * KIB),
            ("too little", 128 * KIB..128 * KIB + 15, 128 * KIB + 15),
            ("its end", (1 << 40) - KIB..1 << 40, 1 << 40),
            ("between", 1 << 40..(1 << 40) + KIB, (1 << 40) + KIB),
            (
                "the next",
                (1 << 41) + KIB..(1 << 41) + 2 * KIB,
                (1 << 42) - 64 * KIB,
            ),
            ("behind all", 1 << 42..(1 << 42) + KIB, (1 << 42) + KIB),
        ] {
            assert_eq!(shared.beyond(same), next, "{words}");
        }
    }
}
