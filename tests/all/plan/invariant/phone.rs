//! What a phone holds that its owner would miss, and what becomes of it between two backups.

use crate::support::Chance;

/// 1 January 2015, before all backups here.
const FIRST_BIRTH: i64 = 1_420_070_400;

/// Where the files of a group lie; `#` stands for a number (contract §5).
const PLACES: &[(&str, &str, &str)] = &[
    (
        "Photos",
        "CameraRollDomain",
        "Media/DCIM/100APPLE/IMG_#.HEIC",
    ),
    (
        "Photos",
        "CameraRollDomain",
        "Media/PhotoData/CPLAssets/group#/ORIGINAL.JPG",
    ),
    (
        "Photos",
        "CameraRollDomain",
        "Media/PhotoData/Mutations/DCIM/100APPLE/IMG_#/Adjustments/FullSizeRender.jpg",
    ),
    ("Voice Memos", "MediaDomain", "Media/Recordings/#.m4a"),
    (
        "Voice Memos",
        "AppDomainGroup-group.com.apple.VoiceMemos.shared",
        "Recordings/#.m4a",
    ),
    (
        "Messages",
        "MediaDomain",
        "Library/SMS/Attachments/a1/01/at_#/photo.jpg",
    ),
    ("Voicemail", "HomeDomain", "Library/Voicemail/#.amr"),
    (
        "Files",
        "AppDomainGroup-group.com.apple.FileProvider.LocalStorage",
        "File Provider Storage/letter #.txt",
    ),
    (
        "Notes",
        "AppDomainGroup-group.com.apple.notes",
        "Accounts/LocalAccount/Media/#/drawing.png",
    ),
    (
        "WhatsApp",
        "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
        "Message/Media/ada/#.jpg",
    ),
    (
        "WhatsApp Business",
        "AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared",
        "Message/Media/ada/#.jpg",
    ),
];

/// Databases of which a newer backup must hold at least half.
pub const DATABASES: &[(&str, &str)] = &[
    ("HomeDomain", "Library/SMS/sms.db"),
    (
        "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
        "ChatStorage.sqlite",
    ),
    ("CameraRollDomain", "Media/PhotoData/Photos.sqlite"),
    ("HomeDomain", "Library/AddressBook/AddressBook.sqlitedb"),
    ("HomeDomain", "Library/CallHistoryDB/CallHistory.storedata"),
    ("AppDomainGroup-group.com.apple.notes", "NoteStore.sqlite"),
];

/// Apps, each with one large file.
pub const APPS: &[&str] = &["com.example.cellar", "org.example.maps"];

/// The file of an app.
pub const APP_FILE: &str = "Documents/data.bin";

/// A file that a person would miss.
#[derive(Clone, Debug)]
pub struct Keepsake {
    /// The group of contract §5.
    pub group: &'static str,
    /// Where it lies.
    pub domain: &'static str,
    /// And its path there.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// `Birth`.
    pub born: i64,
    /// `LastModified`.
    pub modified: i64,
}

/// What is on a phone at some time.
#[derive(Clone, Debug)]
pub struct Phone {
    /// The files that a person would miss.
    pub keepsakes: Vec<Keepsake>,
    /// Lengths of [`DATABASES`]; 0 where there is none.
    pub databases: Vec<usize>,
    /// Lengths of the files of [`APPS`]; 0 where there is none.
    pub apps: Vec<u64>,
    /// Whether databases and apps lose a part each time: what is held from one to the next is not held
    /// from the first to the last.
    dwindles: bool,
    places: Vec<usize>,
    clock: i64,
    number: usize,
}

impl Phone {
    /// A phone with a few files of some groups.
    pub fn new(chance: &mut Chance) -> Phone {
        let mut places: Vec<usize> = (0..chance.between(1, 3))
            .map(|_| chance.below(PLACES.len()))
            .collect();
        if chance.percent(70) {
            places.push(0);
        }
        let mut phone = Phone {
            keepsakes: Vec::new(),
            databases: DATABASES.iter().map(|_| 0).collect(),
            apps: APPS.iter().map(|_| 0).collect(),
            dwindles: chance.percent(15),
            places,
            clock: FIRST_BIRTH,
            number: 0,
        };
        for length in &mut phone.databases {
            if chance.percent(20) {
                *length = chance.between(2_000, 6_000);
            }
        }
        for length in &mut phone.apps {
            if chance.percent(20) {
                *length = 16 * u64::try_from(chance.between(300_000, 1_500_000)).unwrap();
            }
        }
        for _ in 0..chance.between(1, 6) {
            phone.add(chance);
        }
        phone
    }

    /// Lives on until the next backup: at times all is kept, at times something is lost or altered.
    pub fn live(&mut self, chance: &mut Chance) {
        for _ in 0..chance.below(3) {
            self.add(chance);
        }
        if chance.percent(20) {
            self.rename(chance);
        }
        if chance.percent(15) {
            self.renumber(chance);
        }
        if chance.percent(20) {
            self.edit(chance);
        }
        if chance.percent(10) {
            self.grow(chance);
        }
        if self.dwindles {
            self.dwindle();
        }
        if chance.percent(55) {
            match chance.below(10) {
                0 | 1 => self.lose(chance),
                2 => self.replace_by_another(chance),
                3 => self.edit_in_place(chance),
                4..=6 => self.move_to_another_group(chance),
                7 | 8 => self.shrink(chance),
                _ => self.erase(chance),
            }
        }
    }

    fn path(&mut self, place: usize) -> String {
        self.number += 1;
        PLACES[place].2.replace('#', &format!("{:04}", self.number))
    }

    fn later(&mut self, chance: &mut Chance) -> i64 {
        self.clock += i64::try_from(chance.between(10, 100_000)).unwrap();
        self.clock
    }

    /// A new file; at times a burst: several of one second and one size.
    fn add(&mut self, chance: &mut Chance) {
        let places = self.places.clone();
        let place = *chance.pick(&places);
        let size = *chance.pick(&[10, 40, 40, 64, 100, 333, 1_000, 5_000]);
        let born = self.later(chance);
        let modified = if chance.percent(70) {
            born
        } else {
            self.later(chance)
        };
        let burst = if chance.percent(12) { 2 } else { 1 };
        for _ in 0..burst {
            let path = self.path(place);
            self.keepsakes.push(Keepsake {
                group: PLACES[place].0,
                domain: PLACES[place].1,
                path,
                bytes: chance.bytes(size),
                born,
                modified,
            });
        }
    }

    fn some(&self, chance: &mut Chance) -> Option<usize> {
        (!self.keepsakes.is_empty()).then(|| chance.below(self.keepsakes.len()))
    }

    /// The same file under another name of its group.
    fn rename(&mut self, chance: &mut Chance) {
        let Some(at) = self.some(chance) else { return };
        let group = self.keepsakes[at].group;
        let places: Vec<usize> = (0..PLACES.len())
            .filter(|place| PLACES[*place].0 == group)
            .collect();
        let place = *chance.pick(&places);
        self.keepsakes[at].path = self.path(place);
        self.keepsakes[at].domain = PLACES[place].1;
    }

    /// A phone that was restored numbers its photos anew: the paths of all files of one group change
    /// among them, their contents and times stay.
    fn renumber(&mut self, chance: &mut Chance) {
        let Some(at) = self.some(chance) else { return };
        let group = self.keepsakes[at].group;
        let of_group: Vec<usize> = (0..self.keepsakes.len())
            .filter(|at| self.keepsakes[*at].group == group)
            .collect();
        let mut names: Vec<(&'static str, String)> = of_group
            .iter()
            .map(|at| (self.keepsakes[*at].domain, self.keepsakes[*at].path.clone()))
            .collect();
        names.rotate_left(1);
        for (at, (domain, path)) in of_group.into_iter().zip(names) {
            self.keepsakes[at].domain = domain;
            self.keepsakes[at].path = path;
        }
    }

    /// Other bytes and another size under the same name, changed later. Of a photo, its owner would
    /// miss the first one.
    fn edit(&mut self, chance: &mut Chance) {
        let Some(at) = self.some(chance) else { return };
        let now = self.later(chance);
        let size = chance.between(20, 400);
        self.keepsakes[at].bytes = chance.bytes(size);
        self.keepsakes[at].modified = now;
    }

    /// Other bytes of the same size.
    fn edit_in_place(&mut self, chance: &mut Chance) {
        let Some(at) = self.some(chance) else { return };
        let now = self.later(chance);
        let size = self.keepsakes[at].bytes.len();
        self.keepsakes[at].bytes = chance.bytes(size);
        self.keepsakes[at].modified = now;
    }

    /// Another file of the same name and, mostly, the same size, as after an erase: `IMG_0001` is not
    /// what it was.
    fn replace_by_another(&mut self, chance: &mut Chance) {
        let Some(at) = self.some(chance) else { return };
        let now = self.later(chance);
        let size = self.keepsakes[at].bytes.len() + usize::from(chance.percent(30));
        self.keepsakes[at].bytes = chance.bytes(size);
        self.keepsakes[at].born = now;
        self.keepsakes[at].modified = now;
    }

    /// What was here is now there, with its bytes and times: nothing of its own group holds it.
    fn move_to_another_group(&mut self, chance: &mut Chance) {
        let Some(at) = self.some(chance) else { return };
        let place = chance.below(PLACES.len());
        self.keepsakes[at].path = self.path(place);
        self.keepsakes[at].group = PLACES[place].0;
        self.keepsakes[at].domain = PLACES[place].1;
        if chance.percent(50) {
            let size = self.keepsakes[at].bytes.len();
            self.keepsakes[at].bytes = chance.bytes(size);
        }
    }

    fn lose(&mut self, chance: &mut Chance) {
        let Some(at) = self.some(chance) else { return };
        self.keepsakes.remove(at);
    }

    /// The phone was erased and set up anew.
    fn erase(&mut self, chance: &mut Chance) {
        self.keepsakes.clear();
        self.number = 0;
        for _ in 0..chance.below(4) {
            self.add(chance);
        }
    }

    fn grow(&mut self, chance: &mut Chance) {
        for length in &mut self.databases {
            *length += *length * chance.below(30) / 100;
        }
        for length in &mut self.apps {
            *length += 16 * (*length / 16 * u64::try_from(chance.below(30)).unwrap() / 100);
        }
    }

    /// A database or an app has less than before: at times less than half, at times nothing.
    fn shrink(&mut self, chance: &mut Chance) {
        let share = *chance.pick(&[0, 30, 45, 55, 80]);
        let database = self.databases.iter_mut().max();
        let app = self.apps.iter_mut().max();
        match (database, app) {
            (_, Some(length)) if *length > 0 && chance.percent(50) => {
                *length = part(*length, share)
            }
            (Some(length), _) => *length = *length * share / 100,
            _ => {}
        }
    }

    /// All databases and apps have a little more than half of what they had.
    fn dwindle(&mut self) {
        for length in &mut self.databases {
            *length = *length * 60 / 100;
        }
        for length in &mut self.apps {
            *length = part(*length, 60);
        }
    }
}

/// So many of 100 parts, in whole blocks.
fn part(length: u64, share: usize) -> u64 {
    16 * (length / 16 * u64::try_from(share).unwrap() / 100)
}
