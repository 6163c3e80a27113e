//! Where a path lies on its volume: one folder may be seen in several places (`mount --bind`).

use std::fs;
use std::path::{Path, PathBuf};

use super::path::path_from_bytes;

/// The mounts of this process, where the system tells of them in `/proc/self/mountinfo`, as Linux does.
pub(super) struct Mounts(Vec<Mount>);

struct Mount {
    /// The volume, as `major:minor`.
    volume: String,
    /// What of it is mounted.
    root: PathBuf,
    /// Where.
    place: PathBuf,
}

impl Mounts {
    /// Those that there are now.
    pub fn current() -> Mounts {
        let text = fs::read("/proc/self/mountinfo").unwrap_or_default();
        Mounts::parse(&text)
    }

    /// `36 35 98:0 /root /at options …`, a line each (proc_pid_mountinfo(5)).
    fn parse(text: &[u8]) -> Mounts {
        let lines = text.split(|byte| *byte == b'\n');
        let mounts = lines.filter_map(|line| {
            let mut words = line.split(|byte| *byte == b' ').skip(2);
            let volume = String::from_utf8(words.next()?.to_owned()).ok()?;
            let mut path = || path_from_bytes(&unescaped(words.next()?)).map(PathBuf::from);
            Some(Mount {
                volume,
                root: path()?,
                place: path()?,
            })
        });
        Mounts(mounts.collect())
    }

    /// The volume that a path without links lies on, and its path there.
    pub fn origin(&self, real: &Path) -> Option<(&str, PathBuf)> {
        let around = self.0.iter().filter(|mount| real.starts_with(&mount.place));
        // The last of several in one place hides the others.
        let mount = around.max_by_key(|mount| mount.place.components().count())?;
        let below = real.strip_prefix(&mount.place).ok()?;
        Some((&mount.volume, mount.root.join(below)))
    }
}

/// Blanks, tabs, line ends and backslashes are written as `\` and three octal digits.
fn unescaped(word: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(word.len());
    let mut rest = word;
    while let [first, after @ ..] = rest {
        let is_digit = |byte: &u8| (b'0'..=b'7').contains(byte);
        match after {
            [a, b, c, after @ ..] if *first == b'\\' && [a, b, c].into_iter().all(is_digit) => {
                let digit = |byte: &u8| u32::from(byte - b'0');
                bytes.push((digit(a) * 64 + digit(b) * 8 + digit(c)) as u8);
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg_attr(windows, ignore = "paths of Linux")]
    #[test]
    fn a_path_has_one_origin_wherever_it_is_seen() {
        let mounts = Mounts::parse(
            b"27 1 254:0 / / rw - ext4 /dev/vda rw\n\
              40 27 254:0 /srv/scan/in\\040ner /tmp/t\\134mp rw - ext4 /dev/vda rw\n\
              41 27 0:50 / /mnt/a rw - tmpfs tmpfs rw\n\
              42 41 0:51 / /mnt/a rw - tmpfs tmpfs rw\n\
              broken\n",
        );
        let origin = |path: &str| {
            let (volume, path) = mounts.origin(Path::new(path)).unwrap();
            format!("{volume} {}", path.display())
        };
        assert_eq!(origin("/srv/scan/in ner/x"), "254:0 /srv/scan/in ner/x");
        assert_eq!(origin("/tmp/t\\mp/x"), "254:0 /srv/scan/in ner/x");
        assert_eq!(origin("/tmp/other"), "254:0 /tmp/other");
        assert_eq!(origin("/mnt/a/b"), "0:51 /b");
        assert!(Mounts::parse(b"").origin(Path::new("/a")).is_none());
    }
}
