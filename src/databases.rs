//! The databases of apps whose places are known (F§8, F§13).

/// What is in them, domain and path.
pub const APPS: [(&str, &str, &str); 8] = [
    ("Messages", "HomeDomain", "Library/SMS/sms.db"),
    (
        "WhatsApp",
        "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
        "ChatStorage.sqlite",
    ),
    (
        "Photos",
        "CameraRollDomain",
        "Media/PhotoData/Photos.sqlite",
    ),
    (
        "Contacts",
        "HomeDomain",
        "Library/AddressBook/AddressBook.sqlitedb",
    ),
    (
        "Call history",
        "HomeDomain",
        "Library/CallHistoryDB/CallHistory.storedata",
    ),
    (
        "Notes",
        "AppDomainGroup-group.com.apple.notes",
        "NoteStore.sqlite",
    ),
    ("Health", "HealthDomain", "Health/healthdb.sqlite"),
    (
        "Health records",
        "HealthDomain",
        "Health/healthdb_secure.sqlite",
    ),
];
