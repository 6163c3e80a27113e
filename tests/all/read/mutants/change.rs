//! Changes of a database: by chance, but often where something depends on it.

use super::shapes::{Role, Shape};
use crate::support::Chance;

/// A database that is changed.
pub struct Mutant<'a> {
    shape: &'a Shape,
    chance: Chance,
    pub bytes: Vec<u8>,
}

/// A mutant of a shape, which depends on the seed alone.
pub fn mutant(shape: &Shape, seed: u64) -> Vec<u8> {
    let mut mutant = Mutant {
        shape,
        chance: Chance::new(seed),
        bytes: shape.bytes.clone(),
    };
    let changes = if mutant.chance.percent(70) {
        1
    } else {
        mutant.chance.between(2, 3)
    };
    for _ in 0..changes {
        mutant.change();
    }
    mutant.bytes
}

impl Mutant<'_> {
    fn change(&mut self) {
        match self.chance.below(100) {
            0..8 => self.any_byte(),
            8..22 => self.of_a_node(),
            22..36 => self.of_a_cell(),
            36..48 => self.of_a_record(),
            48..54 => self.of_a_free_block(),
            54..66 => self.page_number(),
            66..74 => self.file_header(),
            74..80 => self.whole_page(),
            80..88 => self.neatly(),
            88..92 => self.length(),
            92..96 => self.pointers(),
            _ => self.schema(),
        }
    }

    fn u16(&self, at: usize) -> usize {
        let bytes = self.bytes.get(at..at + 2);
        bytes.map_or(0, |bytes| {
            usize::from(u16::from_be_bytes([bytes[0], bytes[1]]))
        })
    }

    fn set_u16(&mut self, at: usize, value: usize) {
        if let Some(bytes) = self.bytes.get_mut(at..at + 2) {
            bytes.copy_from_slice(&(value as u16).to_be_bytes());
        }
    }

    fn set_u32(&mut self, at: usize, value: u32) {
        if let Some(bytes) = self.bytes.get_mut(at..at + 4) {
            bytes.copy_from_slice(&value.to_be_bytes());
        }
    }

    /// Changes a byte in one way or another.
    fn byte(&mut self, at: usize) {
        let chance = &mut self.chance;
        let Some(byte) = self.bytes.get_mut(at) else {
            return;
        };
        *byte = match chance.below(6) {
            0 => *byte ^ 1 << chance.below(8),
            1 => byte.wrapping_add(1),
            2 => byte.wrapping_sub(1),
            3 => *chance.pick(&[0, 1, 2, 5, 10, 13, 0x7f, 0x80, 0xff]),
            _ => chance.number() as u8,
        };
    }

    fn any_byte(&mut self) {
        let at = self.chance.below(self.bytes.len().max(1));
        self.byte(at);
    }

    /// A page of this role, or of any where there is none.
    fn page(&mut self, role: Option<Role>) -> u32 {
        let of_role = |(_, found): &&(u32, Role)| role.is_none_or(|role| *found == role);
        let pages: Vec<u32> = (self.shape.roles.iter().filter(of_role))
            .map(|(page, _)| *page)
            .collect();
        match pages.is_empty() {
            true => self.chance.between(1, self.shape.roles.len()) as u32,
            false => *self.chance.pick(&pages),
        }
    }

    fn start(&self, page: u32) -> usize {
        (page as usize - 1) * self.shape.page_size
    }

    /// A node: where its page begins, where its header, how long that is, and how many cells it has.
    fn node(&mut self) -> (usize, usize, usize, usize) {
        let role = match self.chance.percent(35) {
            true => Role::Interior,
            false => Role::Leaf,
        };
        let page = self.page(Some(role));
        let start = self.start(page);
        let header = start + if page == 1 { 100 } else { 0 };
        let kind = self.bytes.get(header).copied().unwrap_or(0);
        let len = if kind >= 8 { 8 } else { 12 };
        let most = self.shape.page_size / 4;
        (start, header, len, self.u16(header + 3).min(most))
    }

    fn of_a_node(&mut self) {
        let (start, header, len, cells) = self.node();
        let at = header + *self.chance.pick(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        if self.chance.percent(50) {
            return self.byte(at);
        }
        let near = [1, 3, 5][self.chance.below(3)];
        let old = self.u16(header + near);
        let size = self.shape.page_size;
        let end = header - start + len + 2 * cells;
        let by = self.chance.between(1, 4);
        let value = *(self.chance).pick(&[
            0,
            old + by,
            old.wrapping_sub(by),
            end,
            end - 1,
            size - by,
            size & 0xffff,
        ]);
        self.set_u16(header + near, value);
    }

    /// Where a cell begins: its pointer, and itself; the first or the last one quite often.
    fn cell(&mut self) -> Option<(usize, usize)> {
        let (start, header, len, cells) = self.node();
        if cells == 0 {
            return None;
        }
        let at = match self.chance.below(3) {
            0 => 0,
            1 => cells - 1,
            _ => self.chance.below(cells),
        };
        let pointer = header + len + 2 * at;
        Some((pointer, start + self.u16(pointer)))
    }

    fn of_a_cell(&mut self) {
        let Some((pointer, cell)) = self.cell() else {
            return;
        };
        match self.chance.below(4) {
            0 => {
                let old = self.u16(pointer);
                let by = self.chance.between(1, 5);
                let size = self.shape.page_size;
                let value = *(self.chance).pick(&[old + by, old.wrapping_sub(by), 0, size - by]);
                self.set_u16(pointer, value);
            }
            // The length of its record, and its rowid.
            _ => {
                let at = cell + self.chance.below(10);
                self.byte(at);
            }
        }
    }

    /// The types and the first values of a record.
    fn of_a_record(&mut self) {
        let Some((_, cell)) = self.cell() else {
            return;
        };
        let at = cell + self.chance.between(2, 14);
        self.byte(at);
    }

    fn of_a_free_block(&mut self) {
        let (start, header, ..) = self.node();
        let mut block = self.u16(header + 1);
        let further = self.chance.below(3);
        for _ in 0..further {
            let next = self.u16(start + block);
            if block != 0 && next != 0 {
                block = next;
            }
        }
        if block == 0 {
            return self.byte(header + 7);
        }
        let at = start + block + 2 * self.chance.below(2);
        let (old, by) = (self.u16(at), self.chance.between(1, 5));
        let value = *(self.chance).pick(&[old + by, old.wrapping_sub(by), 0, block]);
        self.set_u16(at, value);
    }

    /// A number of a page, wherever there is one: below a node, further on, free, or in a map.
    fn page_number(&mut self) {
        let count = self.shape.roles.len() as u32;
        let roles = [
            Role::Interior,
            Role::Overflow,
            Role::Trunk,
            Role::Map,
            Role::Leaf,
        ];
        let role = *self.chance.pick(&roles);
        let page = self.page(Some(role));
        let start = self.start(page);
        let size = self.shape.page_size;
        let at = match role {
            Role::Interior => {
                let header = start + if page == 1 { 100 } else { 0 };
                let cells = self.u16(header + 3).clamp(1, size / 8);
                let pointer = header + 12 + 2 * self.chance.below(cells);
                let child = start + self.u16(pointer);
                *self.chance.pick(&[header + 8, child])
            }
            Role::Overflow => start,
            Role::Trunk => start + 4 * self.chance.below(8),
            Role::Map => {
                let entry = start + 5 * self.chance.below((size / 5).min(count as usize));
                if self.chance.percent(40) {
                    return self.byte(entry);
                }
                entry + 1
            }
            // The end of a cell, where the number of the page may be that its record goes on at.
            _ => start + self.chance.below(size / 4) * 4,
        };
        let other = self.page(None);
        let value = *(self.chance).pick(&[other, other, 0, 1, 2, count, count + 1, u32::MAX]);
        self.set_u32(at, value);
    }

    fn file_header(&mut self) {
        let at = self.chance.below(100);
        if self.chance.percent(50) {
            return self.byte(at);
        }
        let count = self.shape.roles.len() as u32;
        let at = *self.chance.pick(&[24, 28, 32, 36, 40, 44, 52, 56, 64, 92]);
        let other = self.page(None);
        let value = *(self.chance).pick(&[0, 1, 2, 3, other, count - 1, count, count + 1]);
        self.set_u32(at, value);
    }

    /// Copies a page over another one, or changes places.
    fn whole_page(&mut self) {
        let role = *self.chance.pick(&[
            None,
            Some(Role::Leaf),
            Some(Role::Interior),
            Some(Role::Overflow),
        ]);
        let (one, other) = (self.page(role), self.page(role));
        let (one, other, size) = (self.start(one), self.start(other), self.shape.page_size);
        let end = self.bytes.len();
        if one + size > end || other + size > end {
            return;
        }
        if self.chance.percent(40) {
            let kept = self.bytes[other..other + size].to_vec();
            self.bytes.copy_within(one..one + size, other);
            self.bytes[one..one + size].copy_from_slice(&kept);
        } else if self.chance.percent(80) {
            self.bytes.copy_within(one..one + size, other);
        } else {
            self.bytes[one..one + size].fill(0);
        }
    }

    /// Takes the cell out that lies first on its page, and leaves no trace of it there.
    fn neatly(&mut self) {
        let (start, header, len, cells) = self.node();
        let (content, pointers) = (self.u16(header + 5), header + len);
        let place = (0..cells).find(|at| self.u16(pointers + 2 * at) == content);
        let offsets = (0..cells).map(|at| self.u16(pointers + 2 * at));
        let free = Some(self.u16(header + 1)).filter(|free| *free > 0);
        let next = offsets.filter(|at| *at > content).chain(free).min();
        let (Some(place), Some(next)) = (place, next) else {
            return;
        };
        if self.bytes.len() < start + self.shape.page_size {
            return;
        }
        let from = pointers + 2 * (place + 1);
        self.bytes
            .copy_within(from..pointers + 2 * cells, pointers + 2 * place);
        self.set_u16(header + 3, cells - 1);
        self.set_u16(header + 5, next);
    }

    fn length(&mut self) {
        let (len, size) = (self.bytes.len(), self.shape.page_size);
        let new = match self.chance.below(6) {
            0 => self.chance.below(len + 1),
            1 => len.saturating_sub(size),
            2 => len.saturating_sub(self.chance.between(1, size)),
            3 => len + size,
            4 => len + self.chance.between(1, size),
            _ => size * self.chance.between(1, self.shape.roles.len()),
        };
        self.bytes.resize(new, 0);
        // The header may know of it.
        if self.chance.percent(50) {
            self.set_u32(28, (new / size) as u32);
        }
    }

    /// Changes places of two cells, or names one of them twice.
    fn pointers(&mut self) {
        let (_, header, len, cells) = self.node();
        if cells < 2 {
            return;
        }
        let one = header + len + 2 * self.chance.below(cells);
        let other = header + len + 2 * self.chance.below(cells);
        let (first, second) = (self.u16(one), self.u16(other));
        self.set_u16(one, second);
        if self.chance.percent(60) {
            self.set_u16(other, first);
        }
    }

    /// The first page: where trees begin, and of what they are.
    fn schema(&mut self) {
        let size = self.shape.page_size.min(self.bytes.len());
        if size > 100 {
            let at = self.chance.between(100, size - 1);
            self.byte(at);
        }
    }
}
