//! Files with several hard links: of which file each name is, and how many names it has elsewhere. A content
//! that several files have as clones of each other is counted in the same way.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A file with more than one hard link, or of which it is not known; or a content that was cloned: then its names
/// are the files that have it. 24 bytes, because a whole backup may be made of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// Its inode or file index on its device; the number of a content there.
    pub inode: u64,
    /// Bytes of the blocks it takes.
    pub allocated: u64,
    /// How many names it has anywhere. 0 where the system does not tell: until [`complete`], which counts those
    /// that were found.
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

    /// The blocks of all names, in bytes, as if no two had the same; saturating.
    pub fn counted(&self) -> u64 {
        self.iter().fold(0, |sum: u64, (_, link)| {
            sum.saturating_add(link.allocated.saturating_mul(u64::from(link.inside)))
        })
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
    /// Its device.
    pub device: u64,
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
        let mut shared: Option<SharedFile> = None;
        while let Some(Reverse(((device, link), index))) = next.peek().copied() {
            match &mut shared {
                None => {
                    shared = Some(SharedFile {
                        device,
                        link,
                        folders: 1,
                    });
                }
                Some(file) if (file.device, file.link.inode) == (device, link.inode) => {
                    file.link.inside = file.link.inside.saturating_add(link.inside);
                    file.folders += 1;
                }
                Some(_) => break,
            }
            next.pop();
            next.extend(files[index].next().map(|file| Reverse((file, index))));
        }
        shared
    })
}

/// What several settled folders have together of files that the system did not tell the names of: the device
/// and the inode of each that has more than one, in their order, with the number of its names.
pub fn count_names<'a>(folders: impl IntoIterator<Item = &'a Links>) -> Vec<((u64, u64), u32)> {
    merge(folders)
        .filter(|file| file.link.links == 0 && file.link.inside > 1)
        .map(|file| ((file.device, file.link.inode), file.link.inside))
        .collect()
}

/// Gives each file that the system did not tell the names of as many as were counted ([`count_names`]), and
/// takes out those of one name alone: there is nothing to say of them.
pub fn complete(folder: &mut Links, counted: &[((u64, u64), u32)]) {
    for (device, links) in &mut folder.devices {
        for link in links.iter_mut().filter(|link| link.links == 0) {
            let key = (*device, link.inode);
            let found = counted.binary_search_by_key(&key, |(key, _)| *key);
            let names = found.map_or(1, |index| counted[index].1);
            link.links = names.max(link.inside);
        }
        links.retain(|link| link.links > 1);
        links.shrink_to_fit();
    }
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

    /// Files of these inodes, names told and names found, of 10 bytes each.
    fn folder(files: &[(u64, u32, u32)]) -> Links {
        let mut all = Links::default();
        for &(inode, links, inside) in files {
            all.add(1, link(inode, links, inside));
        }
        all.settle();
        all
    }

    fn files(folder: &Links) -> Vec<(u64, u32, u32)> {
        let files = folder.iter();
        files
            .map(|(_, link)| (link.inode, link.links, link.inside))
            .collect()
    }

    #[test]
    fn names_that_were_not_told_are_those_that_were_found() {
        // 1: a name in each; 2: two names in the first; 3 and 4: one name; 5: told.
        let mut one = folder(&[(1, 0, 1), (2, 0, 1), (2, 0, 1), (3, 0, 1), (5, 7, 1)]);
        let mut two = folder(&[(1, 0, 1), (4, 0, 1), (5, 7, 1)]);
        let counted = count_names([&one, &two]);
        assert_eq!(counted, [((1, 1), 2), ((1, 2), 2)]);
        complete(&mut one, &counted);
        complete(&mut two, &counted);
        assert_eq!(files(&one), [(1, 2, 1), (2, 2, 2), (5, 7, 1)]);
        assert_eq!(files(&two), [(1, 2, 1), (5, 7, 1)]);
        // A folder in another one has no names of its own: they were counted with the other.
        let mut outer = folder(&[(1, 0, 1), (2, 0, 1), (2, 0, 1)]);
        let mut inner = folder(&[(1, 0, 1), (2, 0, 1)]);
        let counted = count_names([&outer]);
        complete(&mut outer, &counted);
        complete(&mut inner, &counted);
        assert_eq!(files(&outer), [(2, 2, 2)]);
        assert_eq!(files(&inner), [(2, 2, 1)]);
    }

    #[test]
    fn one_number_on_two_devices_is_two_files() {
        let mut one = folder(&[(1, 0, 1)]);
        let mut two = Links::default();
        two.add(2, link(1, 0, 1));
        let counted = count_names([&one, &two]);
        assert_eq!(counted, []);
        complete(&mut one, &counted);
        assert_eq!(files(&one), []);
    }
}
