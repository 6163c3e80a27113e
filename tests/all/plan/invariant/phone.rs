//! What a phone holds that its owner would miss, and what becomes of it between two backups.

use crate::support::Chance;

/// 1 January 2015, before all backups here.
const FIRST_BIRTH: i64 = 1_420_070_400;

const PHOTOS: &str = "CameraRollDomain";
const VOICE_MEMOS: &str = "AppDomainGroup-group.com.apple.VoiceMemos.shared";
const FILES: &str = "AppDomainGroup-group.com.apple.FileProvider.LocalStorage";
const NOTES: &str = "AppDomainGroup-group.com.apple.notes";
const WHATSAPP: &str = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared";
const BUSINESS: &str = "AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared";
const MUTATION: &str =
    "Media/PhotoData/Mutations/DCIM/100APPLE/IMG_#/Adjustments/FullSizeRender.jpg";
const ATTACHMENT: &str = "Library/SMS/Attachments/a1/01/at_#/photo.jpg";
const DRAWING: &str = "Accounts/LocalAccount/Media/#/drawing.png";
const CPL_ASSET: &str = "Media/PhotoData/CPLAssets/group#/ORIGINAL.JPG";
const LETTER: &str = "File Provider Storage/letter #.txt";
const CHAT: &str = "Message/Media/ada/#.jpg";

/// Where the files of a group lie; `#` stands for a number (contract §5).
const PLACES: &[(&str, &str, &str)] = &[
    ("Photos", PHOTOS, "Media/DCIM/100APPLE/IMG_#.HEIC"),
    ("Photos", PHOTOS, CPL_ASSET),
    ("Photos", PHOTOS, MUTATION),
    ("Voice Memos", "MediaDomain", "Media/Recordings/#.m4a"),
    ("Voice Memos", VOICE_MEMOS, "Recordings/#.m4a"),
    ("Messages", "MediaDomain", ATTACHMENT),
    ("Voicemail", "HomeDomain", "Library/Voicemail/#.amr"),
    ("Files", FILES, LETTER),
    ("Notes", NOTES, DRAWING),
    ("WhatsApp", WHATSAPP, CHAT),
    ("WhatsApp Business", BUSINESS, CHAT),
];

/// Databases of which a newer backup must hold at least half.
pub const DATABASES: &[(&str, &str)] = &[
    ("HomeDomain", "Library/SMS/sms.db"),
    (WHATSAPP, "ChatStorage.sqlite"),
    (PHOTOS, "Media/PhotoData/Photos.sqlite"),
    ("HomeDomain", "Library/AddressBook/AddressBook.sqlitedb"),
    ("HomeDomain", "Library/CallHistoryDB/CallHistory.storedata"),
    (NOTES, "NoteStore.sqlite"),
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
    pub domain: &'static str,
    pub path: String,
    pub bytes: Vec<u8>,
    /// `Birth`.
    pub born: i64,
    /// `LastModified`.
    pub modified: i64,
}

/// What is on a phone at some time.
#[derive(Clone, Debug)]
pub struct Phone {
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
        let count = chance.between(1, 3);
        let mut places: Vec<_> = (0..count).map(|_| chance.below(PLACES.len())).collect();
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
        for _ in 0..1 + usize::from(chance.percent(12)) {
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

    /// Gives this one a new name in that place.
    fn put(&mut self, at: usize, place: usize) {
        self.keepsakes[at].path = self.path(place);
        (self.keepsakes[at].group, self.keepsakes[at].domain, _) = PLACES[place];
    }

    /// Other bytes, so many.
    fn rewrite(&mut self, at: usize, size: usize, chance: &mut Chance) {
        self.keepsakes[at].bytes = chance.bytes(size);
    }

    /// The same file under another name of its group.
    fn rename(&mut self, chance: &mut Chance) {
        let Some(at) = self.some(chance) else { return };
        let group = self.keepsakes[at].group;
        let mut places: Vec<usize> = (0..PLACES.len()).collect();
        places.retain(|place| PLACES[*place].0 == group);
        self.put(at, *chance.pick(&places));
    }

    /// A phone that was restored numbers its photos anew: the paths of all files of one group change
    /// among them, their contents and times stay.
    fn renumber(&mut self, chance: &mut Chance) {
        let Some(at) = self.some(chance) else { return };
        let group = self.keepsakes[at].group;
        let mut of_group: Vec<_> = self.keepsakes.iter_mut().collect();
        of_group.retain(|keepsake| keepsake.group == group);
        let names = of_group
            .iter()
            .map(|keepsake| (keepsake.domain, keepsake.path.clone()));
        let mut names: Vec<_> = names.collect();
        names.rotate_left(1);
        for (keepsake, (domain, path)) in of_group.into_iter().zip(names) {
            (keepsake.domain, keepsake.path) = (domain, path);
        }
    }

    /// Other bytes and another size under the same name, changed later. Of a photo, its owner would
    /// miss the first one.
    fn edit(&mut self, chance: &mut Chance) {
        let Some(at) = self.some(chance) else { return };
        self.keepsakes[at].modified = self.later(chance);
        let size = chance.between(20, 400);
        self.rewrite(at, size, chance);
    }

    /// Other bytes of the same size.
    fn edit_in_place(&mut self, chance: &mut Chance) {
        let Some(at) = self.some(chance) else { return };
        self.keepsakes[at].modified = self.later(chance);
        let size = self.keepsakes[at].bytes.len();
        self.rewrite(at, size, chance);
    }

    /// Another file of the same name and, mostly, the same size, as after an erase: `IMG_0001` is not
    /// what it was.
    fn replace_by_another(&mut self, chance: &mut Chance) {
        let Some(at) = self.some(chance) else { return };
        let now = self.later(chance);
        let size = self.keepsakes[at].bytes.len() + usize::from(chance.percent(30));
        self.rewrite(at, size, chance);
        (self.keepsakes[at].born, self.keepsakes[at].modified) = (now, now);
    }

    /// What was here is now there, with its bytes and times: nothing of its own group holds it.
    fn move_to_another_group(&mut self, chance: &mut Chance) {
        let Some(at) = self.some(chance) else { return };
        let place = chance.below(PLACES.len());
        self.put(at, place);
        if chance.percent(50) {
            let size = self.keepsakes[at].bytes.len();
            self.rewrite(at, size, chance);
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
