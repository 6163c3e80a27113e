//! Whose data a domain is (F§13): Photos, Messages, an app by its name, the system. And what of it an
//! iCloud backup would take (F§17). Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::model::{
    App, Comparison, Domain, IcloudEstimate, IcloudPhotos, Manifest, PathClass, StorageGroup,
};

/// One line an identifier of an app or app group: the identifier, a tab, the product's name.
const TABLE: &str = include_str!("apps.tsv");

/// What lies in the payload folders but is in no row.
pub const NOT_LISTED: &str = "Not listed";
/// Everything of a backup whose file list is encrypted.
const ENCRYPTED: &str = "Encrypted";
/// Files of the device itself that have no name a person would know.
pub const SYSTEM: &str = "System & settings";
/// Music, films, ringtones.
pub const MEDIA: &str = "Media";
/// Begins the name of the group of a domain that is not known.
const UNKNOWN: &str = "Other (";

/// Domains of the device itself whose data has no name a person would know (F§13.1).
const SYSTEM_DOMAINS: [&str; 16] = [
    "HomeDomain",
    "HomeKitDomain",
    "TonesDomain",
    "KeyboardDomain",
    "WirelessDomain",
    "RootDomain",
    "SystemPreferencesDomain",
    "DatabaseDomain",
    "InstallDomain",
    "ManagedPreferencesDomain",
    "MobileDeviceDomain",
    "NetworkDomain",
    "ProtectedDomain",
    "BackupDomain",
    "SysContainerDomain",
    "SysSharedContainerDomain",
];

/// What an iCloud backup takes of the camera roll even where iCloud Photos is on (F§17).
const PHOTO_SETTINGS: [&[u8]; 3] = [
    b"Media/PhotoData/private",
    b"Media/PhotoData/internal/photosuiconfiguration",
    b"Media/MediaAnalysis/.backup",
];

/// What an iCloud backup never takes, by domain (F§17); an empty path stands for the whole domain.
const LOCAL_ONLY: [(&[u8], &[&[u8]]); 7] = [
    (
        b"CameraRollDomain",
        &[
            b"Media/PhotoData/Metadata",
            b"Media/PhotoData/Thumbnails",
            b"Media/PhotoData/CMMAssets",
            b"Media/PhotoData/CPL",
            b"Media/PhotoData/Mutations/PhotoData/CMMAssets",
        ],
    ),
    (b"HealthDomain", &[b"Health"]),
    (
        b"HomeDomain",
        &[
            b"Library/Mobile Documents",
            b"Library/CloudStorage",
            b"Library/PersonalizationPortrait",
            b"Library/VoiceTrigger/SAT",
            b"Library/Application Support/CloudDocs",
            b"Library/Application Support/FileProvider",
            b"Library/Safari/SafariTabs.db",
        ],
    ),
    (b"MediaDomain", &[b"Media/PhotoStreamsData"]),
    (b"HomeKitDomain", &[b""]),
    (b"KeychainDomain", &[b"keychain-backup.plist"]),
    (
        b"SystemPreferencesDomain",
        &[b"SystemConfiguration/com.apple.wifi.plist"],
    ),
];

/// Whether `path` is `folder` or lies below it.
fn is_below(folder: &[u8], path: &[u8]) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| folder.is_empty() || rest.is_empty() || rest.starts_with(b"/"))
}

fn is_local_only(domain: &[u8], path: &[u8]) -> bool {
    let own = LOCAL_ONLY.iter().find(|(known, _)| *known == domain);
    own.is_some_and(|(_, folders)| folders.iter().any(|folder| is_below(folder, path)))
}

/// What a row says of iCloud Photos (F§13.4).
pub fn icloud_photos_marker(domain: &[u8], path: &[u8]) -> IcloudPhotos {
    let of_photos = domain == b"CameraRollDomain";
    IcloudPhotos {
        enabled: of_photos && path == b"Media/PhotoData/cpl_enabled_marker",
        synced: of_photos
            && [
                &b"Media/PhotoData/cpl_download_finished_marker"[..],
                b"Media/PhotoData/CPL/initialsync_marker",
            ]
            .contains(&path),
    }
}

/// What an iCloud backup of the device would hold at most; nothing where rows are missing or have
/// no sizes.
pub fn icloud_estimate(manifest: &Manifest) -> Option<IcloudEstimate> {
    let Manifest::Listed(listing) = manifest else {
        return None;
    };
    if listing.opaque || !listing.damage.is_empty() || listing.undecodable.count > 0 {
        return None;
    }
    let mut estimate = IcloudEstimate {
        photos_in_icloud: listing.icloud_photos.enabled && listing.icloud_photos.synced,
        ..IcloudEstimate::default()
    };
    for domain in &listing.domains {
        let part = match (domain.class, domain.name.as_str()) {
            (PathClass::LocalOnly, _) => continue,
            (PathClass::Messages, _) => &mut estimate.messages,
            (PathClass::Rest, "CameraRollDomain") => &mut estimate.photos,
            _ => &mut estimate.rest,
        };
        *part = part.saturating_add(domain.recorded);
    }
    Some(estimate)
}

/// Storage groups that are no apps.
const PARTS: [&str; 10] = [
    "Photos",
    "Messages",
    "Voice Memos",
    MEDIA,
    "Health",
    "Passwords",
    "Books",
    SYSTEM,
    NOT_LISTED,
    ENCRYPTED,
];

/// Whether a storage group is an app, not a part of the system.
pub fn is_app(group: &str) -> bool {
    !PARTS.contains(&group) && !group.starts_with(UNKNOWN)
}

/// Whether the name of a storage group is one of ours or of Apple's, and so tells nothing of a person.
pub fn is_common_group(group: &str) -> bool {
    PARTS.contains(&group) || is_of_apple(group) || rows().any(|(_, name)| name == group)
}

/// The domain that a storage group is called by, where nobody knows whose data that is.
pub fn unknown_domain(group: &str) -> Option<&str> {
    group.strip_prefix(UNKNOWN)?.strip_suffix(')')
}

/// The name of the group of such a domain.
pub fn unknown_group(domain: &str) -> String {
    format!("{UNKNOWN}{domain})")
}

/// Whether a domain is one of the device, of Apple, or of an app that is in the table, and so tells nothing
/// of a person.
pub fn is_common_domain(domain: &str) -> bool {
    const OTHERS: [&str; 6] = [
        "CameraRollDomain",
        "MediaDomain",
        "HealthDomain",
        "KeychainDomain",
        "BooksDomain",
        "PlaceholderDomain",
    ];
    let is_listed = |id: &str| rows().any(|(known, _)| known.eq_ignore_ascii_case(id));
    match domain.split_once('-') {
        Some((family, id)) if is_of_apps(family) => {
            let id = without_prefix(id);
            is_of_apple(id) || is_listed(id) || is_listed(id.trim_end_matches(".shared"))
        }
        Some((family, id)) if SYSTEM_DOMAINS.contains(&family) => {
            is_of_apple(id.strip_prefix("systemgroup.").unwrap_or(id))
        }
        _ => OTHERS.contains(&domain) || SYSTEM_DOMAINS.contains(&domain),
    }
}

/// Whether a family of domains is that of apps: behind a dash, the identifier of one follows.
pub fn is_of_apps(family: &str) -> bool {
    let families = [
        "AppDomain",
        "AppDomainPlaceholder",
        "AppDomainPlugin",
        "AppDomainGroup",
    ];
    families.contains(&family)
}

/// Whether an identifier is one of Apple's own.
fn is_of_apple(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    id.starts_with("com.apple.") && id.chars().all(plain)
}

/// The part of a domain that a path belongs to, where one domain holds data of several kinds.
pub fn path_class(domain: &[u8], path: &[u8]) -> PathClass {
    match domain {
        _ if is_local_only(domain, path) => PathClass::LocalOnly,
        b"CameraRollDomain" if PHOTO_SETTINGS.iter().any(|folder| is_below(folder, path)) => {
            PathClass::PhotoSettings
        }
        b"HomeDomain" | b"MediaDomain" if path.starts_with(b"Library/SMS/") => PathClass::Messages,
        b"MediaDomain"
            if path.starts_with(b"Media/Recordings/")
                || path.starts_with(b"Library/Recordings/") =>
        {
            PathClass::VoiceMemos
        }
        _ => PathClass::Rest,
    }
}

/// The apps of a device, by their bundle identifiers in lower case.
#[derive(Clone, Debug, Default)]
pub struct Apps {
    installed: BTreeMap<String, App>,
}

impl Apps {
    /// The apps that Info.plist names, and those that have a domain of their own.
    pub fn new<'a>(info: &[App], domains: impl IntoIterator<Item = &'a str>) -> Apps {
        let with_domain = domains
            .into_iter()
            .filter_map(|domain| domain.strip_prefix("AppDomain-"))
            .map(|id| App {
                id: id.to_owned(),
                name: None,
            });
        // Info.plist last: it has names.
        let all = with_domain.chain(info.iter().cloned());
        let mut installed: BTreeMap<String, App> = BTreeMap::new();
        for app in all {
            let known = installed.entry(app.id.to_ascii_lowercase()).or_insert(App {
                id: app.id,
                name: None,
            });
            known.name = app.name.or(known.name.take());
        }
        Apps { installed }
    }

    /// The group that a domain's data is shown under.
    pub fn group<'a>(&'a self, domain: &'a str, class: PathClass) -> Cow<'a, str> {
        match class {
            PathClass::Messages => return "Messages".into(),
            PathClass::VoiceMemos => return "Voice Memos".into(),
            PathClass::PhotoSettings | PathClass::LocalOnly | PathClass::Rest => {}
        }
        // Identifiers contain dashes: only the first one counts.
        match domain.split_once('-') {
            Some(("AppDomain" | "AppDomainPlaceholder", id)) => self.app(id),
            Some(("AppDomainPlugin", id)) => {
                let app = self.longest(id, is_dot_prefix);
                app.map_or_else(|| self.app(id), |app| self.name_of(app))
            }
            Some(("AppDomainGroup", id)) => self.app_group(id),
            Some((family, _)) if SYSTEM_DOMAINS.contains(&family) => SYSTEM.into(),
            _ => match domain {
                "CameraRollDomain" => "Photos".into(),
                "MediaDomain" => MEDIA.into(),
                "HealthDomain" => "Health".into(),
                "KeychainDomain" => "Passwords".into(),
                "BooksDomain" => "Books".into(),
                "PlaceholderDomain" => SYSTEM.into(),
                _ if SYSTEM_DOMAINS.contains(&domain) => SYSTEM.into(),
                _ => unknown_group(domain).into(),
            },
        }
    }

    /// An app: as Info.plist names it, else the table, else its identifier.
    fn app<'a>(&'a self, id: &'a str) -> Cow<'a, str> {
        match self.installed.get(&id.to_ascii_lowercase()) {
            Some(app) => self.name_of(app),
            None => from_table(id).unwrap_or(id).into(),
        }
    }

    fn name_of<'a>(&self, app: &'a App) -> Cow<'a, str> {
        let name = app.name.as_deref().filter(|name| !name.trim().is_empty());
        name.or_else(|| from_table(&app.id))
            .unwrap_or(&app.id)
            .into()
    }

    /// The app that a shared container belongs to, by the steps of F§13.2.
    fn app_group<'a>(&'a self, group: &'a str) -> Cow<'a, str> {
        let id = without_prefix(group);
        if let Some(app) = self.owner(id) {
            return self.name_of(app);
        }
        from_table(id).unwrap_or(group).into()
    }

    /// The installed app that a shared container with this identifier belongs to.
    fn owner(&self, id: &str) -> Option<&App> {
        let related = |app: &str, id: &str| is_dot_prefix(app, id) || is_dot_prefix(id, app);
        let exact = self.installed.get(&id.to_ascii_lowercase());
        exact.or_else(|| self.longest(id, related))
    }

    /// By what the data of a domain is known again in another backup, if it is that of an app, or of a
    /// part of the system that counts like one: the bundle identifier in lower case, because names differ
    /// by who wrote Info.plist.
    pub fn key(&self, domain: &str) -> Option<String> {
        let of = |app: Option<&App>, id: &str| app.map_or(id, |app| &app.id).to_ascii_lowercase();
        Some(match domain.split_once('-') {
            Some(("AppDomain" | "AppDomainPlaceholder", id)) => id.to_ascii_lowercase(),
            Some(("AppDomainPlugin", id)) => of(self.longest(id, is_dot_prefix), id),
            Some(("AppDomainGroup", group)) => {
                let id = without_prefix(group);
                match self.owner(id) {
                    Some(app) => app.id.to_ascii_lowercase(),
                    None => from_table(id).unwrap_or(group).to_owned(),
                }
            }
            _ => match domain {
                "HealthDomain" => "Health".to_owned(),
                "KeychainDomain" => "Passwords".to_owned(),
                "BooksDomain" => "Books".to_owned(),
                // What nobody knows counts like an app: it may be what somebody would miss.
                other => match self.group(other, PathClass::Rest) {
                    unknown if unknown.starts_with(UNKNOWN) => unknown.into_owned(),
                    _ => return None,
                },
            },
        })
    }

    /// What people call what is known by a key.
    pub fn name_of_key(&self, key: &str) -> String {
        self.app(key).into_owned()
    }

    /// The installed app with the longest identifier that fits.
    fn longest(&self, id: &str, fits: impl Fn(&str, &str) -> bool) -> Option<&App> {
        let id = id.to_ascii_lowercase();
        let fitting = self.installed.iter().filter(|(app, _)| fits(app, &id));
        fitting.max_by_key(|(app, _)| app.len()).map(|(_, app)| app)
    }
}

/// The payloads of a backup by whose data they are, largest first; they add up to all files in the
/// payload folders.
pub fn storage(manifest: &Manifest, comparison: &Comparison, info: &[App]) -> Vec<StorageGroup> {
    let mut sums: BTreeMap<Cow<'_, str>, (u64, u64)> = BTreeMap::new();
    let mut add = |name, (files, bytes): (u64, u64)| {
        let sum = sums.entry(name).or_default();
        *sum = (sum.0 + files, sum.1.saturating_add(bytes));
    };
    let domains = manifest
        .listing()
        .map_or(&[][..], |listing| &listing.domains);
    let apps = Apps::new(info, domains.iter().map(|domain| domain.name.as_str()));
    for (domain, used) in used(domains, comparison) {
        add(apps.group(&domain.name, domain.class), used);
    }
    let rest = if matches!(manifest, Manifest::Locked) {
        ENCRYPTED
    } else {
        NOT_LISTED
    };
    if comparison.unlisted.0 > 0 {
        add(rest.into(), comparison.unlisted);
    }
    largest_first(sums)
}

/// The payloads of a backup by domain, largest first.
pub fn domains(manifest: &Manifest, comparison: &Comparison) -> Vec<StorageGroup> {
    let mut sums: BTreeMap<Cow<'_, str>, (u64, u64)> = BTreeMap::new();
    let domains = manifest
        .listing()
        .map_or(&[][..], |listing| &listing.domains);
    for (domain, (files, bytes)) in used(domains, comparison) {
        let sum = sums.entry(domain.name.as_str().into()).or_default();
        *sum = (sum.0 + files, sum.1.saturating_add(bytes));
    }
    largest_first(sums)
}

/// The domains that have payloads, with files and bytes.
fn used<'a>(
    domains: &'a [Domain],
    comparison: &'a Comparison,
) -> impl Iterator<Item = (&'a Domain, (u64, u64))> {
    let used = comparison.by_domain.iter();
    used.filter_map(|(index, sum)| Some((domains.get(usize::from(*index))?, *sum)))
}

fn largest_first(sums: BTreeMap<Cow<'_, str>, (u64, u64)>) -> Vec<StorageGroup> {
    let mut groups: Vec<StorageGroup> = sums
        .into_iter()
        .map(|(name, (files, bytes))| StorageGroup {
            name: name.into_owned(),
            files,
            bytes,
        })
        .collect();
    // Equal ones stay in the order of their names.
    groups.sort_by_key(|group| std::cmp::Reverse(group.bytes));
    groups
}

/// The identifier of an app group without what most of them begin with.
fn without_prefix(group: &str) -> &str {
    match group.split_at_checked(6) {
        Some((prefix, id)) if prefix.eq_ignore_ascii_case("group.") => id,
        _ => group,
    }
}

/// Whether `id` is `prefix` or goes on after it with a dot.
fn is_dot_prefix(prefix: &str, id: &str) -> bool {
    id.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The product of an identifier, or of the longest beginning of it that is known.
fn from_table(id: &str) -> Option<&'static str> {
    let id = id.to_ascii_lowercase();
    rows()
        .filter(|(known, _)| is_dot_prefix(&known.to_ascii_lowercase(), &id))
        .max_by_key(|(known, _)| known.len())
        .map(|(_, name)| name)
}

/// The table: identifiers and names.
fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().filter_map(|line| line.split_once('\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(id: &str, name: Option<&str>) -> App {
        App {
            id: id.to_owned(),
            name: name.map(str::to_owned),
        }
    }

    #[test]
    fn every_domain_has_its_group() {
        let info = [
            app("com.example.Notes-2", Some("My Notes")),
            app("com.example", None),
            app("org.example.map.pro", Some("Map Pro")),
            app("net.whatsapp.WhatsApp", None),
        ];
        let apps = Apps::new(&info, ["AppDomain-com.example.other", "HomeDomain"]);
        for (domain, expected) in [
            ("CameraRollDomain", "Photos"),
            ("MediaDomain", "Media"),
            ("HomeDomain", "System & settings"),
            ("HealthDomain", "Health"),
            ("KeychainDomain", "Passwords"),
            ("BooksDomain", "Books"),
            ("SysContainerDomain-com.apple.x", "System & settings"),
            (
                "SysSharedContainerDomain-systemgroup.x",
                "System & settings",
            ),
            ("FutureDomain", "Other (FutureDomain)"),
            ("", "Other ()"),
            ("AppDomain-com.example.Notes-2", "My Notes"),
            ("AppDomain-COM.EXAMPLE.NOTES-2", "My Notes"),
            ("AppDomain-com.example.other", "com.example.other"),
            ("AppDomain-com.tencent.xin", "WeChat"),
            ("AppDomainPlaceholder-com.example.Notes-2", "My Notes"),
            ("AppDomainPlugin-com.example.Notes-2.share", "My Notes"),
            ("AppDomainPlugin-com.example.Notes-22.share", "com.example"),
            ("AppDomainPlugin-org.unknown.ext", "org.unknown.ext"),
            ("AppDomainGroup-group.com.example.Notes-2", "My Notes"),
            ("AppDomainGroup-group.org.example.map", "Map Pro"),
            (
                "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
                "WhatsApp",
            ),
            ("AppDomainGroup-group.net.whatsapp.family", "WhatsApp"),
            (
                "AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared",
                "WhatsApp Business",
            ),
            ("AppDomainGroup-group.com.apple.notes", "Notes"),
            (
                "AppDomainGroup-243LU875E5.groups.com.apple.podcasts",
                "Podcasts",
            ),
            ("AppDomainGroup-group.org.nobody", "group.org.nobody"),
        ] {
            assert_eq!(apps.group(domain, PathClass::Rest), expected, "{domain}");
        }
    }

    #[test]
    fn one_domain_may_hold_data_of_several_kinds() {
        let apps = Apps::default();
        for (domain, path, expected) in [
            ("HomeDomain", "Library/SMS/sms.db", "Messages"),
            ("HomeDomain", "Library/SMSother", "System & settings"),
            ("MediaDomain", "Library/SMS/Attachments/a.jpg", "Messages"),
            ("MediaDomain", "Media/Recordings/1.m4a", "Voice Memos"),
            ("MediaDomain", "Library/Recordings/1.m4a", "Voice Memos"),
            ("MediaDomain", "Media/x", "Media"),
            ("CameraRollDomain", "Library/SMS/x", "Photos"),
        ] {
            let class = path_class(domain.as_bytes(), path.as_bytes());
            assert_eq!(apps.group(domain, class), expected, "{domain} {path}");
        }
    }

    #[test]
    fn icloud_never_takes_some_parts_and_keeps_others_of_the_photos() {
        use PathClass::{LocalOnly, Messages, PhotoSettings, Rest};
        for (domain, path, expected) in [
            ("CameraRollDomain", "Media/DCIM/100APPLE/1.HEIC", Rest),
            ("CameraRollDomain", "Media/PhotoData/Photos.sqlite", Rest),
            ("CameraRollDomain", "Media/PhotoData/CPLAssets/1.JPG", Rest),
            ("CameraRollDomain", "Media/PhotoData/CPL", LocalOnly),
            ("CameraRollDomain", "Media/PhotoData/CPL/a", LocalOnly),
            ("CameraRollDomain", "Media/PhotoData/Metadata/a", LocalOnly),
            (
                "CameraRollDomain",
                "Media/PhotoData/Thumbnails/a",
                LocalOnly,
            ),
            ("CameraRollDomain", "Media/PhotoData/Mutations/a", Rest),
            (
                "CameraRollDomain",
                "Media/PhotoData/Mutations/PhotoData/CMMAssets/a",
                LocalOnly,
            ),
            (
                "CameraRollDomain",
                "Media/PhotoData/private/a",
                PhotoSettings,
            ),
            ("CameraRollDomain", "Media/PhotoData/privates", Rest),
            (
                "CameraRollDomain",
                "Media/MediaAnalysis/.backup",
                PhotoSettings,
            ),
            ("HomeDomain", "Library/SMS/sms.db", Messages),
            ("HomeDomain", "Library/CloudStorage/a", LocalOnly),
            ("HomeDomain", "Library/VoiceTrigger/a", Rest),
            ("HomeDomain", "Library/VoiceTrigger/SAT/a", LocalOnly),
            ("HealthDomain", "Health/healthdb.sqlite", LocalOnly),
            ("HealthDomain", "MedicalID", Rest),
            ("HomeKitDomain", "Library/homed/a", LocalOnly),
            ("KeychainDomain", "keychain-backup.plist", LocalOnly),
            ("KeychainDomain", "TrustStore.sqlite3", Rest),
            ("MediaDomain", "Media/PhotoStreamsData/a", LocalOnly),
            (
                "SystemPreferencesDomain",
                "SystemConfiguration/com.apple.wifi.plist",
                LocalOnly,
            ),
        ] {
            let class = path_class(domain.as_bytes(), path.as_bytes());
            assert_eq!(class, expected, "{domain} {path}");
        }
    }

    #[test]
    fn the_table_has_no_identifier_twice() {
        let mut ids: Vec<_> = TABLE
            .lines()
            .map(|line| {
                line.split_once('\t')
                    .unwrap_or_else(|| panic!("{line}"))
                    .0
                    .to_lowercase()
            })
            .collect();
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }
}
