//! What the records of a device have in common: how they are laid out down to the names of the values.
//!
//! [`Archive::find`] is a function of the bytes that it looks at and of nothing else. So where another blob has
//! the same bytes in all these places, and room for the objects that were looked at, the answer is the same,
//! and need not be found again. Nothing is taken for granted of the values: they are read anew.

use std::ops::Range;

use crate::read::bplist::{Bplist, Object};

use super::archive::{Archive, Look, Places};
use super::masked::Masked;

/// The layout of a blob, down to the names of its values.
pub struct Skeleton {
    /// The index of the top object, and how many bytes an offset and a reference have.
    shape: (usize, usize, usize),
    /// What counts of the object table.
    table: Masked,
    /// How many objects the table has at least.
    objects: usize,
    /// What counts of the blob.
    body: Masked,
    /// Where the last object ends that was looked at.
    end: usize,
    /// Where the references of `$objects` and those of the root's values are.
    array: Range<usize>,
    values: Range<usize>,
    places: Places,
}

impl Skeleton {
    /// Longer ones are not kept; those of devices have less than 300 bytes.
    const LONGEST: usize = 2048;
    /// Nor those of more objects, or for which more was looked at; those of devices have less than 40.
    pub const MOST: usize = 256;

    /// The layout of an archive, for which all this was looked at.
    pub fn of(archive: &Archive<'_>, looked_at: &[Look]) -> Option<Skeleton> {
        let list = &archive.list;
        let (mut objects, mut end, mut body_end) = (0, 0, 0);
        let (mut array, mut values) = (0..0, 0..0);
        for look in looked_at {
            let (object, place) = list.object_and_place(look.index())?;
            objects = objects.max(look.index() + 1);
            end = end.max(place.end);
            match (look, object) {
                (Look::Whole(_), _) => body_end = body_end.max(place.end),
                (Look::Keys(_), Object::Dict(_, refs)) => {
                    values = place.end - refs.byte_len()..place.end;
                    body_end = body_end.max(values.start);
                }
                (Look::Element(..), Object::Array(refs)) => {
                    array = place.end - refs.byte_len()..place.end;
                    body_end = body_end.max(array.end);
                }
                _ => return None,
            }
        }
        if end > Skeleton::LONGEST || objects > Skeleton::MOST || looked_at.len() > Skeleton::MOST {
            return None;
        }
        let (_, offset_size, _) = list.shape();
        let mut skeleton = Skeleton {
            shape: list.shape(),
            table: Masked::new(objects * offset_size),
            objects,
            body: Masked::new(body_end),
            end,
            array,
            values,
            places: archive.places,
        };
        for look in looked_at {
            skeleton.count(list, *look)?;
        }
        Some(skeleton)
    }

    /// What was looked at counts from now on.
    fn count(&mut self, list: &Bplist<'_>, look: Look) -> Option<()> {
        let (_, place) = list.object_and_place(look.index())?;
        let (_, offset_size, ref_size) = self.shape;
        let offset = look.index() * offset_size;
        let entry = list.from_table().get(offset..offset + offset_size)?;
        self.table.count(offset, entry);
        let mut count = |range: Range<usize>| {
            self.body.count(range.start, list.body().get(range)?);
            Some(())
        };
        match look {
            Look::Whole(_) => count(place),
            Look::Keys(_) => count(place.start..self.values.start),
            Look::Element(_, element) => {
                count(place.start..self.array.start)?;
                let Some(element) = element else {
                    return Some(());
                };
                let start = self.array.start + element * ref_size;
                count(start..start + ref_size)
            }
        }
    }

    /// Whether a list is laid out like this.
    pub fn fits(&self, list: &Bplist<'_>) -> bool {
        list.shape() == self.shape
            && list.objects() >= self.objects
            && list.body().len() >= self.end
            && self.table.fits(list.from_table())
            && self.body.fits(list.bytes())
    }

    /// The archive in a list that is laid out like this: exactly what [`Archive::find`] finds.
    pub fn archive<'a>(&self, list: Bplist<'a>) -> Option<Archive<'a>> {
        Some(Archive {
            list,
            objects: list.refs(self.array.clone())?,
            values: list.refs(self.values.clone())?,
            places: self.places,
        })
    }
}
