//! An open database file, of which pages are read, and several of them at once.

use std::io::{Read, Seek, SeekFrom};

use super::header::{HEADER, Header};
use super::source::{Input, Source};

/// An open database file whose header holds what devices write there.
pub struct File {
    bytes: Box<dyn Source>,
    /// Its header.
    pub header: Header,
    /// The page that was read by itself last.
    page: Vec<u8>,
}

impl File {
    /// Opens a file; `None` where its header is unusual.
    pub fn of(input: Input) -> Option<File> {
        let mut bytes = input.bytes;
        let mut header = [0; HEADER];
        bytes.read_exact(&mut header).ok()?;
        Some(File {
            bytes,
            header: Header::of(&header, input.len)?,
            page: Vec::new(),
        })
    }

    /// A page by itself. The first one has number 1.
    pub fn page(&mut self, number: u32) -> Option<&[u8]> {
        let mut page = std::mem::take(&mut self.page);
        let read = self.read(number, 1, &mut page);
        self.page = page;
        read.map(|()| self.page.as_slice())
    }

    /// Reads pages that lie side by side, the first of which is number `first`.
    pub fn read(&mut self, first: u32, count: u32, bytes: &mut Vec<u8>) -> Option<()> {
        let past = first.checked_add(count)?;
        if first == 0 || past > self.header.count + 1 {
            return None;
        }
        let page_size = self.header.page_size;
        bytes.resize(count as usize * page_size, 0);
        let start = u64::from(first - 1) * page_size as u64;
        self.bytes.seek(SeekFrom::Start(start)).ok()?;
        self.bytes.read_exact(bytes).ok()
    }
}

/// Pages that lie side by side and were read at once.
#[derive(Default)]
pub struct Window {
    bytes: Vec<u8>,
    first: u32,
    page_size: usize,
}

impl Window {
    /// Most bytes that are read at once, where pages are no larger.
    const MOST: usize = 256 << 10;

    /// How many pages are read at once.
    pub fn most(header: &Header) -> u32 {
        (Window::MOST / header.page_size).max(1) as u32
    }

    /// Reads these pages in place of those that there were.
    pub fn read(&mut self, file: &mut File, first: u32, count: u32) -> Option<()> {
        self.first = first;
        self.page_size = file.header.page_size;
        let read = file.read(first, count, &mut self.bytes);
        if read.is_none() {
            self.bytes.clear();
        }
        read
    }

    /// A page, if it is among them.
    pub fn page(&self, number: u32) -> Option<&[u8]> {
        let start = number.checked_sub(self.first)? as usize * self.page_size;
        let page = self.bytes.get(start..start + self.page_size);
        page.filter(|page| !page.is_empty())
    }

    /// All of them, with their numbers.
    pub fn pages(&self) -> impl Iterator<Item = (u32, &[u8])> {
        let pages = self.bytes.chunks_exact(self.page_size.max(1));
        (self.first..).zip(pages)
    }
}
