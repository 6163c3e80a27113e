//! Things of one kind, of which there may be any number: all are counted, the first few are kept.

use std::cmp::Ordering;
use std::ops::Deref;

/// Things of one kind: all are counted, the first few are kept. An empty one by default keeps none of its
/// own; what is appended to it keeps as many as it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample<T> {
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub first: Vec<T>,
    /// How many are kept.
    limit: usize,
}

impl<T> Sample<T> {
    /// An empty one that keeps so many.
    pub const fn new(limit: usize) -> Sample<T> {
        Sample {
            count: 0,
            first: Vec::new(),
            limit,
        }
    }

    /// Counts one more and keeps it if there is room.
    pub fn push(&mut self, item: T) {
        self.push_with(|| item);
    }

    /// Counts one more, which is made only if there is room.
    pub fn push_with(&mut self, item: impl FnOnce() -> T) {
        self.count += 1;
        if self.first.len() < self.limit {
            self.first.push(item());
        }
    }

    /// Adds those that come behind.
    pub fn append(&mut self, later: Sample<T>) {
        self.count += later.count;
        self.limit = self.limit.max(later.limit);
        let room = self.limit.saturating_sub(self.first.len());
        self.first.extend(later.first.into_iter().take(room));
    }

    /// Counts one more, and keeps it if it is among the lowest in this order. Those that are kept lie in no
    /// order.
    pub fn push_by(&mut self, item: T, order: impl Fn(&T, &T) -> Ordering) {
        self.count += 1;
        self.keep_by(item, &order);
    }

    /// Adds those that were found elsewhere, of which the lowest in this order are kept.
    pub fn append_by(&mut self, other: Sample<T>, order: impl Fn(&T, &T) -> Ordering) {
        self.count += other.count;
        self.limit = self.limit.max(other.limit);
        for item in other.first {
            self.keep_by(item, &order);
        }
    }

    fn keep_by(&mut self, item: T, order: &impl Fn(&T, &T) -> Ordering) {
        self.first.push(item);
        if self.first.len() > self.limit {
            let all = 0..self.first.len();
            let last = all.max_by(|one, other| order(&self.first[*one], &self.first[*other]));
            last.map(|last| self.first.swap_remove(last));
        }
    }
}

impl<T> Default for Sample<T> {
    fn default() -> Sample<T> {
        Sample::new(0)
    }
}

/// A sample of things that have bytes: those of all are added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed<T> {
    /// The things.
    pub sample: Sample<T>,
    /// The bytes of all of them together; saturating.
    pub bytes: u64,
}

impl<T> Weighed<T> {
    /// An empty one that keeps so many.
    pub const fn new(limit: usize) -> Weighed<T> {
        Weighed {
            sample: Sample::new(limit),
            bytes: 0,
        }
    }

    /// Counts one more of so many bytes, which is made only if there is room.
    pub fn push_with(&mut self, bytes: u64, item: impl FnOnce() -> T) {
        self.weigh(bytes);
        self.sample.push_with(item);
    }

    /// Adds those that come behind.
    pub fn append(&mut self, later: Weighed<T>) {
        self.weigh(later.bytes);
        self.sample.append(later.sample);
    }

    /// Adds bytes without anything that has them.
    pub fn weigh(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

impl<T> Default for Weighed<T> {
    fn default() -> Weighed<T> {
        Weighed::new(0)
    }
}

/// Count and first few read as those of the sample.
impl<T> Deref for Weighed<T> {
    type Target = Sample<T>;

    fn deref(&self) -> &Sample<T> {
        &self.sample
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(limit: usize, items: &[i32]) -> Sample<i32> {
        let mut sample = Sample::new(limit);
        items.iter().for_each(|item| sample.push(*item));
        sample
    }

    fn lowest(limit: usize, items: &[i32]) -> Sample<i32> {
        let mut sample = Sample::new(limit);
        items
            .iter()
            .for_each(|item| sample.push_by(*item, Ord::cmp));
        sample
    }

    fn sorted(sample: &Sample<i32>) -> Vec<i32> {
        let mut first = sample.first.clone();
        first.sort_unstable();
        first
    }

    #[test]
    fn all_are_counted_and_the_first_few_are_kept() {
        for (limit, kept) in [(0, &[][..]), (2, &[5, 1]), (9, &[5, 1, 4])] {
            let sample = sample(limit, &[5, 1, 4]);
            assert_eq!((sample.count, sample.first.as_slice()), (3, kept));
        }
    }

    #[test]
    fn what_is_not_kept_is_not_made() {
        let mut sample = sample(1, &[5]);
        sample.push_with(|| unreachable!());
        assert_eq!((sample.count, sample.first), (2, vec![5]));
    }

    #[test]
    fn what_comes_behind_is_kept_where_there_is_room() {
        let mut all = sample(3, &[5, 1]);
        all.append(sample(3, &[4, 7, 8, 9]));
        assert_eq!((all.count, all.first.as_slice()), (6, &[5, 1, 4][..]));
        all.append(sample(3, &[2]));
        assert_eq!((all.count, all.first.as_slice()), (7, &[5, 1, 4][..]));
    }

    #[test]
    fn the_lowest_are_kept_in_whatever_order_they_come() {
        for items in [[5, 1, 4, 2], [1, 2, 4, 5], [5, 4, 2, 1]] {
            let sample = lowest(2, &items);
            assert_eq!((sample.count, sorted(&sample)), (4, vec![1, 2]));
            let mut parts = lowest(2, &items[..1]);
            parts.append_by(lowest(2, &items[1..]), Ord::cmp);
            assert_eq!((parts.count, sorted(&parts)), (4, vec![1, 2]));
        }
        assert!(lowest(0, &[3]).first.is_empty());
    }

    #[test]
    fn a_default_one_keeps_what_its_parts_do() {
        let mut all = Sample::default();
        all.append(sample(2, &[5]));
        all.append(sample(2, &[1, 4]));
        assert_eq!(all, sample(2, &[5, 1, 4]));
        let mut all = Sample::default();
        all.append_by(lowest(2, &[5, 1, 4]), Ord::cmp);
        assert_eq!((all.count, sorted(&all)), (3, vec![1, 4]));
    }

    #[test]
    fn bytes_of_all_are_added_up() {
        let weighed = |bytes: &[u64]| {
            let mut all = Weighed::new(1);
            bytes.iter().for_each(|bytes| all.push_with(*bytes, || ()));
            all
        };
        let mut all = weighed(&[5, 1]);
        all.append(weighed(&[4]));
        assert_eq!((all.count, all.bytes, all.first.len()), (3, 10, 1));
        all.append(weighed(&[u64::MAX]));
        assert_eq!((all.count, all.bytes), (4, u64::MAX));
    }
}
