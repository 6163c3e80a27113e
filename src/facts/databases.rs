//! The databases whose places are known (F§8, F§13): of what a person would miss first.

use std::sync::LazyLock;

use crate::model::FileId;

/// What is in a known database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Text messages.
    Messages,
    /// Chats of WhatsApp.
    WhatsApp,
    /// Chats of WhatsApp Business.
    WhatsAppBusiness,
    /// What the photo library knows of its photos.
    Photos,
    /// The address book.
    Contacts,
    /// The list of calls.
    Calls,
    /// Notes, of both eras.
    Notes,
    /// Health data.
    Health,
    /// Calendars.
    Calendar,
    /// What is known of voice memos.
    VoiceMemos,
}

impl Kind {
    /// All kinds, in the order in which they are told.
    pub const ALL: [Kind; 10] = [
        Kind::Messages,
        Kind::WhatsApp,
        Kind::WhatsAppBusiness,
        Kind::Photos,
        Kind::Contacts,
        Kind::Calls,
        Kind::Notes,
        Kind::Health,
        Kind::Calendar,
        Kind::VoiceMemos,
    ];

    /// Its name, for people and for `--json`.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Messages => "Messages",
            Kind::WhatsApp => "WhatsApp",
            Kind::WhatsAppBusiness => "WhatsApp Business",
            Kind::Photos => "Photos",
            Kind::Contacts => "Contacts",
            Kind::Calls => "Calls",
            Kind::Notes => "Notes",
            Kind::Health => "Health",
            Kind::Calendar => "Calendar",
            Kind::VoiceMemos => "Voice Memos",
        }
    }
}

/// A database whose place is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// What is in it.
    pub kind: Kind,
    /// Its domain.
    pub domain: &'static str,
    /// Its path in the domain.
    pub path: &'static str,
    /// What it is called where SQLite checks it, or where it is told that it is there; nothing where
    /// neither is done.
    pub app: Option<&'static str>,
    /// Whether one of 0 bytes has lost its content (contract §4, `payload-empty`).
    pub never_empty: bool,
}

impl Known {
    const fn new(kind: Kind, domain: &'static str, path: &'static str) -> Known {
        Known {
            kind,
            domain,
            path,
            app: None,
            never_empty: true,
        }
    }

    const fn called(self, app: &'static str) -> Known {
        Known {
            app: Some(app),
            ..self
        }
    }

    const fn maybe_empty(self) -> Known {
        Known {
            never_empty: false,
            ..self
        }
    }

    /// The name of its payload.
    pub fn id(&self) -> FileId {
        FileId::of(self.domain.as_bytes(), self.path.as_bytes())
    }
}

const HOME: &str = "HomeDomain";
const HEALTH: &str = "HealthDomain";
const MEDIA: &str = "MediaDomain";
const MEMOS: &str = "AppDomainGroup-group.com.apple.VoiceMemos";
const SHARED_MEMOS: &str = "AppDomainGroup-group.com.apple.VoiceMemos.shared";
const CLOUD_RECORDINGS: &str = "Recordings/CloudRecordings.db";
const RECORDINGS: &str = "Recordings/Recordings.db";

/// All of them.
pub const KNOWN: &[Known] = &[
    Known::new(Kind::Messages, HOME, "Library/SMS/sms.db").called("Messages"),
    Known::new(
        Kind::WhatsApp,
        "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
        "ChatStorage.sqlite",
    )
    .called("WhatsApp"),
    // Where it was before apps had groups.
    Known::new(
        Kind::WhatsApp,
        "AppDomain-net.whatsapp.WhatsApp",
        "Documents/ChatStorage.sqlite",
    )
    .called("WhatsApp"),
    Known::new(
        Kind::WhatsAppBusiness,
        "AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared",
        "ChatStorage.sqlite",
    ),
    Known::new(
        Kind::Photos,
        "CameraRollDomain",
        "Media/PhotoData/Photos.sqlite",
    )
    .called("Photos"),
    Known::new(
        Kind::Contacts,
        HOME,
        "Library/AddressBook/AddressBook.sqlitedb",
    )
    .called("Contacts"),
    Known::new(
        Kind::Calls,
        HOME,
        "Library/CallHistoryDB/CallHistory.storedata",
    )
    .called("Call history"),
    Known::new(
        Kind::Notes,
        "AppDomainGroup-group.com.apple.notes",
        "NoteStore.sqlite",
    )
    .called("Notes"),
    Known::new(Kind::Notes, HOME, "Library/Notes/notes.sqlite"),
    Known::new(Kind::Health, HEALTH, "Health/healthdb.sqlite")
        .called("Health")
        .maybe_empty(),
    Known::new(Kind::Health, HEALTH, "Health/healthdb_secure.sqlite").called("Health records"),
    Known::new(Kind::Calendar, HOME, "Library/Calendar/Calendar.sqlitedb"),
    Known::new(
        Kind::VoiceMemos,
        MEDIA,
        "Media/Recordings/CloudRecordings.db",
    ),
    Known::new(Kind::VoiceMemos, MEDIA, "Media/Recordings/Recordings.db"),
    Known::new(
        Kind::VoiceMemos,
        MEDIA,
        "Library/Recordings/CloudRecordings.db",
    ),
    Known::new(Kind::VoiceMemos, MEDIA, "Library/Recordings/Recordings.db"),
    Known::new(Kind::VoiceMemos, SHARED_MEMOS, CLOUD_RECORDINGS),
    Known::new(Kind::VoiceMemos, SHARED_MEMOS, RECORDINGS),
    Known::new(Kind::VoiceMemos, MEMOS, CLOUD_RECORDINGS),
    Known::new(Kind::VoiceMemos, MEMOS, RECORDINGS),
];

/// Those that are checked by SQLite or told of: what they are called, domain and path.
pub fn apps() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    KNOWN
        .iter()
        .filter_map(|known| Some((known.app?, known.domain, known.path)))
}

/// The known database with this id.
pub fn known(id: FileId) -> Option<&'static Known> {
    static BY_ID: LazyLock<Vec<(FileId, &Known)>> = LazyLock::new(|| {
        let mut all: Vec<_> = KNOWN.iter().map(|known| (known.id(), known)).collect();
        all.sort_unstable_by_key(|(id, _)| *id);
        all
    });
    let position = BY_ID.binary_search_by_key(&id, |(id, _)| *id).ok()?;
    Some(BY_ID[position].1)
}

/// What is in the database with this id, if it is a known one.
pub fn kind_of(id: FileId) -> Option<Kind> {
    known(id).map(|known| known.kind)
}

/// Whether a domain has a known database at all: far cheaper to ask than what an id is.
pub fn may_have_one(domain: &[u8]) -> bool {
    KNOWN.iter().any(|known| known.domain.as_bytes() == domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_by_its_id_alone() {
        for known in KNOWN {
            assert_eq!(super::known(known.id()), Some(known));
            assert!(may_have_one(known.domain.as_bytes()));
        }
        // F§8, handy known ids.
        for (id, kind) in [
            ("3d0d7e5fb2ce288813306e4d4636395e047a3d28", Kind::Messages),
            ("12b144c0bd44f2b3dffd9186d3f9c05b917cee25", Kind::Photos),
            ("31bb7ba8914766d4ba40d6dfb6113c8b614be442", Kind::Contacts),
            ("7c7fba66680ef796b916b067077cc246adacf01d", Kind::WhatsApp),
        ] {
            let id = FileId::parse(id.as_bytes()).unwrap();
            assert_eq!(kind_of(id), Some(kind));
        }
        assert_eq!(
            kind_of(FileId::of(b"HomeDomain", b"Library/SMS/sms.db-wal")),
            None
        );
        assert!(!may_have_one(b"HomeDomain2") && !may_have_one(b""));
    }

    #[test]
    fn what_sqlite_checks_is_called_as_ever() {
        let names: Vec<_> = apps().map(|(name, ..)| name).collect();
        let expected = [
            "Messages",
            "WhatsApp",
            "WhatsApp",
            "Photos",
            "Contacts",
            "Call history",
            "Notes",
            "Health",
            "Health records",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn every_kind_has_a_place_and_a_name_of_its_own() {
        for kind in Kind::ALL {
            assert!(KNOWN.iter().any(|known| known.kind == kind), "{kind:?}");
            let alike = Kind::ALL.iter().filter(|other| other.name() == kind.name());
            assert_eq!(alike.count(), 1, "{kind:?}");
        }
        let may_be_empty: Vec<_> = KNOWN.iter().filter(|known| !known.never_empty).collect();
        assert_eq!(may_be_empty.len(), 1);
        assert_eq!(may_be_empty[0].path, "Health/healthdb.sqlite");
    }
}
