//! Which files a person would miss (contract §5), by their domains and paths (F§13). Pure.

use crate::model::KeepsakeGroup;

/// Folders of keepsakes by domain; one of photos has sidecars in it, which count for nothing.
const PLACES: &[(&[u8], &[u8], KeepsakeGroup)] = &[
    (b"CameraRollDomain", b"Media/DCIM/", KeepsakeGroup::Photos),
    (
        b"CameraRollDomain",
        b"Media/PhotoData/CPLAssets/",
        KeepsakeGroup::Photos,
    ),
    (
        b"CameraRollDomain",
        b"Media/PhotoData/Mutations/",
        KeepsakeGroup::Photos,
    ),
    (
        b"MediaDomain",
        b"Media/Recordings/",
        KeepsakeGroup::VoiceMemos,
    ),
    (
        b"MediaDomain",
        b"Library/Recordings/",
        KeepsakeGroup::VoiceMemos,
    ),
    (
        b"AppDomainGroup-group.com.apple.VoiceMemos.shared",
        b"Recordings/",
        KeepsakeGroup::VoiceMemos,
    ),
    (
        b"AppDomainGroup-group.com.apple.VoiceMemos",
        b"Recordings/",
        KeepsakeGroup::VoiceMemos,
    ),
    (
        b"MediaDomain",
        b"Library/SMS/Attachments/",
        KeepsakeGroup::Messages,
    ),
    (
        b"HomeDomain",
        b"Library/SMS/Attachments/",
        KeepsakeGroup::Messages,
    ),
    (
        b"HomeDomain",
        b"Library/Voicemail/",
        KeepsakeGroup::Voicemail,
    ),
    (
        b"AppDomainGroup-group.com.apple.FileProvider.LocalStorage",
        b"File Provider Storage/",
        KeepsakeGroup::Files,
    ),
    (
        b"AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
        b"Message/Media/",
        KeepsakeGroup::WhatsApp,
    ),
    (
        b"AppDomain-net.whatsapp.WhatsApp",
        b"Message/Media/",
        KeepsakeGroup::WhatsApp,
    ),
    (
        b"AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared",
        b"Message/Media/",
        KeepsakeGroup::WhatsAppBusiness,
    ),
    (
        b"AppDomain-net.whatsapp.WhatsAppSMB",
        b"Message/Media/",
        KeepsakeGroup::WhatsAppBusiness,
    ),
];

/// Notes keep what is in them in a folder of each account.
const NOTES: &[u8] = b"AppDomainGroup-group.com.apple.notes";

/// The databases that list recordings: they are judged as databases.
const LISTS_OF_RECORDINGS: [&[u8]; 2] = [b"CloudRecordings.db", b"Recordings.db"];

/// The domains that keepsakes of a group lie in.
pub fn domains(group: KeepsakeGroup) -> impl Iterator<Item = &'static str> {
    let places = PLACES.iter().filter(move |(.., of)| *of == group);
    let notes = (group == KeepsakeGroup::Notes).then_some(NOTES);
    let domains = places.map(|(domain, ..)| *domain).chain(notes);
    domains.filter_map(|domain| str::from_utf8(domain).ok())
}

/// The group of the file, if a person would miss it.
pub fn group(domain: &[u8], path: &[u8]) -> Option<KeepsakeGroup> {
    let group = match domain {
        NOTES => is_in_note(path).then_some(KeepsakeGroup::Notes),
        _ => PLACES
            .iter()
            .find(|(known, folder, _)| *known == domain && path.starts_with(folder))
            .map(|(.., group)| *group),
    }?;
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let ends = |end: &[u8]| {
        let end_of_name = name
            .len()
            .checked_sub(end.len())
            .map(|start| &name[start..]);
        end_of_name.is_some_and(|found| found.eq_ignore_ascii_case(end))
    };
    let is_left_out = match group {
        KeepsakeGroup::Photos => ends(b".AAE"),
        KeepsakeGroup::VoiceMemos => LISTS_OF_RECORDINGS.contains(&name),
        _ => false,
    };
    // Rewritten by SQLite at any time.
    let is_side_file = [&b"-wal"[..], b"-shm", b"-journal"].into_iter().any(ends);
    (!is_left_out && !is_side_file).then_some(group)
}

/// `Accounts/<account>/Media/…`
fn is_in_note(path: &[u8]) -> bool {
    let mut parts = path.splitn(4, |byte| *byte == b'/');
    parts.next() == Some(b"Accounts")
        && parts.next().is_some()
        && parts.next() == Some(b"Media")
        && parts.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_would_miss() {
        for (domain, path, expected) in [
            (
                "CameraRollDomain",
                "Media/DCIM/100APPLE/IMG_0001.HEIC",
                Some("Photos"),
            ),
            ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.AAE", None),
            ("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.aae", None),
            (
                "CameraRollDomain",
                "Media/PhotoData/CPLAssets/group1/A.JPG",
                Some("Photos"),
            ),
            (
                "CameraRollDomain",
                "Media/PhotoData/Mutations/DCIM/100APPLE/1.JPG",
                Some("Photos"),
            ),
            (
                "CameraRollDomain",
                "Media/PhotoData/Thumbnails/V2/1.JPG",
                None,
            ),
            ("CameraRollDomain", "Media/PhotoData/Photos.sqlite", None),
            ("MediaDomain", "Media/DCIM/100APPLE/1.JPG", None),
            ("MediaDomain", "Media/Recordings/1.m4a", Some("Voice Memos")),
            ("MediaDomain", "Media/Recordings/CloudRecordings.db", None),
            ("MediaDomain", "Library/Recordings/Recordings.db-wal", None),
            (
                "AppDomainGroup-group.com.apple.VoiceMemos.shared",
                "Recordings/20240101 120000.m4a",
                Some("Voice Memos"),
            ),
            (
                "MediaDomain",
                "Library/SMS/Attachments/0a/10/1/a.jpg",
                Some("Messages"),
            ),
            ("MediaDomain", "Library/SMS/StickerCache/a", None),
            ("HomeDomain", "Library/SMS/sms.db", None),
            ("HomeDomain", "Library/Voicemail/1.amr", Some("Voicemail")),
            ("HomeDomain", "Library/Voicemail/voicemail.db-wal", None),
            (
                "AppDomainGroup-group.com.apple.FileProvider.LocalStorage",
                "File Provider Storage/Tax/2024.pdf",
                Some("Files"),
            ),
            (
                "AppDomainGroup-group.com.apple.notes",
                "Accounts/0A/Media/1/scan.png",
                Some("Notes"),
            ),
            (
                "AppDomainGroup-group.com.apple.notes",
                "Accounts/0A/Previews/1.png",
                None,
            ),
            (
                "AppDomainGroup-group.com.apple.notes",
                "Accounts/0A/Media",
                None,
            ),
            (
                "AppDomainGroup-group.net.whatsapp.WhatsApp.shared",
                "Message/Media/1@s.whatsapp.net/a.jpg",
                Some("WhatsApp"),
            ),
            (
                "AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared",
                "Message/Media/1/a.jpg",
                Some("WhatsApp Business"),
            ),
            (
                "AppDomain-net.whatsapp.WhatsApp",
                "Message/Media/a",
                Some("WhatsApp"),
            ),
            ("AppDomain-net.whatsapp.WhatsApp", "Library/a", None),
        ] {
            let found = group(domain.as_bytes(), path.as_bytes());
            assert_eq!(found.map(KeepsakeGroup::name), expected, "{domain} {path}");
        }
    }
}
