//! The domains that the rows of a manifest name, each once.

use std::collections::HashMap;

use crate::model::{Domain, PathClass};

use super::budget::Budget;

/// Domains by name. Rows of one domain come in runs, so the last one is tried first.
#[derive(Default)]
pub(super) struct Domains {
    pub(super) list: Vec<Domain>,
    by_name: HashMap<(Vec<u8>, PathClass), u16>,
    last: u16,
}

/// Longer names are cut, so that a hostile manifest cannot fill the memory with them.
const MAX_NAME: usize = 255;

impl Domains {
    /// The index of a domain; a new one is paid for from the budget.
    pub(super) fn index(
        &mut self,
        name: &[u8],
        class: PathClass,
        budget: &Budget,
    ) -> Result<u16, String> {
        let name = &name[..name.len().min(MAX_NAME)];
        if let Some(last) = self.list.get(usize::from(self.last))
            && last.name.as_bytes() == name
            && last.class == class
        {
            return Ok(self.last);
        }
        if let Some(index) = self.by_name.get(&(name.to_owned(), class)) {
            self.last = *index;
            return Ok(*index);
        }
        if self.list.len() == usize::from(u16::MAX) {
            return Err("it names more domains than any device has".to_owned());
        }
        // Kept twice in a part and twice where the parts are joined; what is not UTF-8 gets longer.
        budget.take(200 + 4 * name.len() as u64)?;
        Ok(self.add(name, class))
    }

    /// The index of a domain that was paid for.
    pub(super) fn known(&mut self, name: &[u8], class: PathClass) -> u16 {
        match self.by_name.get(&(name.to_owned(), class)) {
            Some(index) => *index,
            None => self.add(name, class),
        }
    }

    fn add(&mut self, name: &[u8], class: PathClass) -> u16 {
        let index = u16::try_from(self.list.len()).unwrap_or(u16::MAX);
        self.list.push(Domain {
            name: String::from_utf8_lossy(name).into_owned(),
            class,
            required: 0,
            recorded: 0,
        });
        self.by_name.insert((name.to_owned(), class), index);
        self.last = index;
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_names_take_bounded_memory() {
        let budget = Budget::of(10_000);
        let mut domains = Domains::default();
        let mut index =
            |number: u32| domains.index(&number.to_be_bytes(), PathClass::Rest, &budget);
        // 216 bytes each.
        assert_eq!((0..46).filter_map(|number| index(number).ok()).count(), 46);
        assert!(index(46).is_err());
        assert_eq!(index(7), Ok(7));
    }
}
