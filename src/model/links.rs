//! Files with several hard links: of which file each name is, and how many names it has elsewhere.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A file with more than one hard link. 24 bytes, because a whole backup may be made of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// Its inode or file index on its device.
    pub inode: u64,
    /// Bytes of the blocks it takes.
    pub allocated: u64,
    /// How many names it has anywhere.
    pub links: u32,
    /// How many of them are inside what was measured.
    pub inside: u32,
}

const _: () = assert!(size_of::<Link>() == 24);

/// The files with several hard links in a folder, each once once they are settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// By device (volume), of which there is hardly ever more than one.
    devices: Vec<(u64, Vec<Link>)>,
}

impl Links {
    fn on(&mut self, device: u64) -> &mut Vec<Link> {
        let known = self.devices.iter().position(|(known, _)| *known == device);
        let index = known.unwrap_or_else(|| {
            self.devices.push((device, Vec::new()));
            self.devices.len() - 1
        });
        &mut self.devices[index].1
    }

    /// Adds one name of a file.
    pub fn add(&mut self, device: u64, link: Link) {
        self.on(device).push(link);
    }

    /// Makes room for all of `others`, so that adding them one by one copies nothing twice.
    pub fn reserve_for<'a>(&mut self, others: impl Iterator<Item = &'a Links>) {
        let mut counts: Vec<(u64, usize)> = Vec::new();
        for (device, links) in others.flat_map(|other| &other.devices) {
            match counts.iter_mut().find(|(known, _)| known == device) {
                Some((_, count)) => *count += links.len(),
                None => counts.push((*device, links.len())),
            }
        }
        for (device, count) in counts {
            self.on(device).reserve_exact(count);
        }
    }

    /// Adds the names that were found elsewhere.
    pub fn absorb(&mut self, other: Links) {
        for (device, links) in other.devices {
            self.on(device).extend(links);
        }
    }

    /// Sorts the files and counts the names of each; after that each file is there once.
    pub fn settle(&mut self) {
        self.devices.sort_unstable_by_key(|(device, _)| *device);
        for (_, links) in &mut self.devices {
            links.sort_unstable();
            links.dedup_by(|other, first| {
                let same = other.inode == first.inode;
                if same {
                    first.inside = first.inside.saturating_add(other.inside);
                }
                same
            });
        }
    }

    /// The files, with the device of each, in the order of devices and inodes.
    pub fn iter(&self) -> impl Iterator<Item = (u64, Link)> + '_ {
        self.devices
            .iter()
            .flat_map(|(device, links)| links.iter().map(|link| (*device, *link)))
    }

    /// The blocks of all files, in bytes; saturating.
    pub fn allocated(&self) -> u64 {
        self.iter()
            .fold(0, |sum, (_, link)| sum.saturating_add(link.allocated))
    }
}

/// A file that several folders have names of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedFile {
    /// The file; `inside` counts the names in all of the folders.
    pub link: Link,
    /// In how many of the folders it was found.
    pub folders: u64,
}

/// Hands over each file of several settled folders once, in memory that does not grow with them.
pub fn merge<'a>(folders: impl IntoIterator<Item = &'a Links>) -> impl Iterator<Item = SharedFile> {
    let mut files: Vec<_> = folders.into_iter().map(Links::iter).collect();
    let mut next: BinaryHeap<Reverse<((u64, Link), usize)>> = BinaryHeap::new();
    for (index, files) in files.iter_mut().enumerate() {
        next.extend(files.next().map(|file| Reverse((file, index))));
    }
    std::iter::from_fn(move || {
        let mut shared: Option<(u64, SharedFile)> = None;
        while let Some(Reverse(((device, link), index))) = next.peek().copied() {
            match &mut shared {
                None => shared = Some((device, SharedFile { link, folders: 1 })),
                Some((known, file)) if (*known, file.link.inode) == (device, link.inode) => {
                    file.link.inside = file.link.inside.saturating_add(link.inside);
                    file.folders += 1;
                }
                Some(_) => break,
            }
            next.pop();
            next.extend(files[index].next().map(|file| Reverse((file, index))));
        }
        shared.map(|(_, file)| file)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(inode: u64, links: u32, inside: u32) -> Link {
        Link {
            inode,
            allocated: inode * 100,
            links,
            inside,
        }
    }

    fn settled(files: &[(u64, Link)]) -> Links {
        let mut links = Links::default();
        for (device, link) in files {
            links.add(*device, *link);
        }
        links.settle();
        links
    }

    #[test]
    fn names_of_one_file_are_counted_together() {
        let mut all = settled(&[(1, link(7, 3, 1)), (1, link(5, 2, 1)), (1, link(7, 3, 1))]);
        let more = settled(&[(0, link(7, 2, 1)), (1, link(5, 2, 1))]);
        all.reserve_for([&more].into_iter());
        all.absorb(more);
        all.settle();
        let files: Vec<_> = all.iter().collect();
        assert_eq!(
            files,
            [(0, link(7, 2, 1)), (1, link(5, 2, 2)), (1, link(7, 3, 2))]
        );
        assert_eq!(all.allocated(), 1900);
    }

    #[test]
    fn folders_are_merged_file_by_file() {
        let one = settled(&[(1, link(3, 2, 1)), (1, link(9, 4, 2)), (2, link(3, 2, 1))]);
        let two = settled(&[(1, link(9, 4, 1)), (2, link(3, 2, 1))]);
        let three = settled(&[(1, link(4, 2, 1))]);
        let merged: Vec<_> = merge([&one, &two, &three])
            .map(|file| (file.link.inode, file.link.inside, file.folders))
            .collect();
        assert_eq!(merged, [(3, 1, 1), (4, 1, 1), (9, 3, 2), (3, 2, 2)]);
    }
}
