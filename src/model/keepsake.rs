//! Files that a person would miss, and what tells one of them in another backup (contract §5).

/// A kind of keepsakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeepsakeGroup {
    /// Photos and videos: originals and edited ones.
    Photos,
    /// Voice memos.
    VoiceMemos,
    /// What came or went with messages.
    Messages,
    /// Voicemail.
    Voicemail,
    /// "On My iPhone" in the app Files.
    Files,
    /// What is in notes beside text.
    Notes,
    /// Photos, videos and voice messages of WhatsApp.
    WhatsApp,
    /// The same of WhatsApp Business.
    WhatsAppBusiness,
}

impl KeepsakeGroup {
    /// All of them, in the order in which they are told.
    pub const ALL: [KeepsakeGroup; 8] = [
        KeepsakeGroup::Photos,
        KeepsakeGroup::VoiceMemos,
        KeepsakeGroup::Messages,
        KeepsakeGroup::Voicemail,
        KeepsakeGroup::Files,
        KeepsakeGroup::Notes,
        KeepsakeGroup::WhatsApp,
        KeepsakeGroup::WhatsAppBusiness,
    ];

    /// Its name in `--json` and in tables.
    pub const fn name(self) -> &'static str {
        match self {
            KeepsakeGroup::Photos => "Photos",
            KeepsakeGroup::VoiceMemos => "Voice Memos",
            KeepsakeGroup::Messages => "Messages",
            KeepsakeGroup::Voicemail => "Voicemail",
            KeepsakeGroup::Files => "Files",
            KeepsakeGroup::Notes => "Notes",
            KeepsakeGroup::WhatsApp => "WhatsApp",
            KeepsakeGroup::WhatsAppBusiness => "WhatsApp Business",
        }
    }
}

/// A file that a person would miss. 24 bytes, because a phone may have half a million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keepsake {
    /// The first 64 bits of its fileID.
    pub id: u64,
    /// `Size` in the low bits, and above them what is odd about it.
    facts: u64,
    /// `Birth` in Unix seconds; 0 where it is not known.
    pub birth: u32,
    /// `LastModified` in Unix seconds; 0 where it is not known.
    pub modified: u32,
}

const _: () = assert!(size_of::<Keepsake>() == 24);

impl Keepsake {
    /// Beyond what any device stores.
    const LARGEST: u64 = (1 << 56) - 1;
    const SIZE_UNKNOWN: u64 = 1 << 63;
    const OTHER_LENGTH: u64 = 1 << 62;
    const IN_CLOUD: u64 = 1 << 61;
    const ASTRAY: u64 = 1 << 60;

    /// A row of a manifest; `size` as it was recorded, where it is known.
    pub fn new(id: u64, size: Option<u64>, birth: Option<i64>, modified: Option<i64>) -> Keepsake {
        // A time that does not fit is no time at all.
        let time = |time: Option<i64>| time.and_then(|time| u32::try_from(time).ok());
        let unknown = if size.is_none() {
            Self::SIZE_UNKNOWN
        } else {
            0
        };
        Keepsake {
            id,
            facts: size.unwrap_or(0).min(Self::LARGEST) | unknown,
            birth: time(birth).unwrap_or(0),
            modified: time(modified).unwrap_or(0),
        }
    }

    /// `Size`: bytes on the device, where they are known.
    pub fn size(&self) -> Option<u64> {
        (self.facts & Self::SIZE_UNKNOWN == 0).then_some(self.facts & Self::LARGEST)
    }

    /// Whether its payload lies there in just the length that its size demands.
    pub fn is_stored_as_recorded(&self) -> bool {
        let odd = Self::SIZE_UNKNOWN | Self::OTHER_LENGTH | Self::IN_CLOUD | Self::ASTRAY;
        self.facts & odd == 0
    }

    /// Whether there is only a placeholder, whose content is in a cloud.
    pub fn is_in_cloud(&self) -> bool {
        self.facts & Self::IN_CLOUD != 0
    }

    /// Whether its payload lies elsewhere in the folder. It is there to be saved, and no device would restore it:
    /// so it holds nothing of another backup's.
    pub fn is_astray(&self) -> bool {
        self.facts & Self::ASTRAY != 0
    }

    fn mark(&mut self, stored: Stored) {
        self.facts |= match stored {
            Stored::Nothing => 0,
            Stored::Other(_) => Self::OTHER_LENGTH,
            Stored::Elsewhere(_) => Self::ASTRAY,
            Stored::InCloud => Self::IN_CLOUD,
        };
    }
}

/// How a keepsake is stored, where not in the length that its size demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Its payload is not there, or holds nothing: then it counts for nothing.
    Nothing,
    /// So many bytes.
    Other(u64),
    /// Not in its place, but so many bytes elsewhere in the folder.
    Elsewhere(u64),
    /// A placeholder.
    InCloud,
}

/// The stored length of `size` bytes: of encrypted ones, padded to whole blocks (F§9.2).
pub fn stored_length(size: u64, encrypted: bool) -> u64 {
    match encrypted {
        true => (size / 16).saturating_add(1).saturating_mul(16),
        false => size,
    }
}

/// The keepsakes of a backup, by group, each group in the order of their fileIDs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keepsakes {
    groups: [Vec<Keepsake>; 8],
    /// The lengths of those that are stored otherwise than recorded, in the order of their fileIDs.
    lengths: Vec<(u64, u64)>,
    /// Whether payloads are encrypted.
    encrypted: bool,
}

impl Keepsakes {
    /// Adds a row; before [`Keepsakes::settle`].
    pub fn add(&mut self, group: KeepsakeGroup, keepsake: Keepsake) {
        self.groups[group as usize].push(keepsake);
    }

    /// Joins parts; before [`Keepsakes::settle`].
    pub fn joined(parts: Vec<Keepsakes>) -> Keepsakes {
        let mut all = Keepsakes::default();
        for (index, group) in all.groups.iter_mut().enumerate() {
            group.reserve_exact(parts.iter().map(|part| part.groups[index].len()).sum());
        }
        for part in parts {
            for (all, mut part) in all.groups.iter_mut().zip(part.groups) {
                all.append(&mut part);
            }
        }
        all
    }

    /// Sorts them, and takes in what the disk has: those of which nothing is stored go.
    pub fn settle(&mut self, encrypted: bool, mut odd: Vec<(u64, Stored)>) {
        self.encrypted = encrypted;
        odd.sort_unstable_by_key(|(id, _)| *id);
        let stored = |id: u64| {
            let position = odd.binary_search_by_key(&id, |(id, _)| *id).ok()?;
            Some(odd[position].1)
        };
        for group in &mut self.groups {
            group.sort_unstable_by_key(|keepsake| keepsake.id);
            // Two rows of one payload are one keepsake.
            group.dedup_by_key(|keepsake| keepsake.id);
            group.retain_mut(|keepsake| match stored(keepsake.id) {
                Some(Stored::Nothing) => false,
                Some(stored) => {
                    keepsake.mark(stored);
                    true
                }
                None => true,
            });
            group.shrink_to_fit();
        }
        let lengths = odd.into_iter().filter_map(|(id, stored)| match stored {
            Stored::Other(length) | Stored::Elsewhere(length) => Some((id, length)),
            Stored::Nothing | Stored::InCloud => None,
        });
        self.lengths = lengths.collect();
    }

    /// Those of a group, in the order of their fileIDs.
    pub fn of(&self, group: KeepsakeGroup) -> &[Keepsake] {
        &self.groups[group as usize]
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.groups.iter().map(Vec::len).sum()
    }

    /// The length of what is stored of one of them; nothing where that is only a placeholder, or is not
    /// known.
    pub fn stored(&self, keepsake: &Keepsake) -> Option<u64> {
        if keepsake.is_stored_as_recorded() {
            return keepsake
                .size()
                .map(|size| stored_length(size, self.encrypted));
        }
        let position = self
            .lengths
            .binary_search_by_key(&keepsake.id, |(id, _)| *id);
        position.ok().map(|position| self.lengths[position].1)
    }

    /// The bytes of one of them: those that were recorded, else those that are stored.
    pub fn bytes(&self, keepsake: &Keepsake) -> u64 {
        self.stored(keepsake).or(keepsake.size()).unwrap_or(0)
    }

    /// The bytes that one of them says, as far as that can be told without its key: those that were recorded,
    /// where they are stored like that, else those that are stored.
    pub fn content(&self, keepsake: &Keepsake) -> u64 {
        match keepsake.is_stored_as_recorded() {
            true => keepsake.size().unwrap_or(0),
            false => self.bytes(keepsake),
        }
    }

    /// Whether payloads are encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }
}
