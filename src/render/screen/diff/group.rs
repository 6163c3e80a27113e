//! What the groups of a person's files are called.

use crate::model::KeepsakeGroup;
use crate::words::numbers;

/// What a group is called on the screen.
pub fn name(group: KeepsakeGroup) -> &'static str {
    match group {
        KeepsakeGroup::Photos => "Photos, videos",
        other => other.name(),
    }
}

/// So many of a group, in words.
pub fn counted(group: KeepsakeGroup, files: u64) -> String {
    let (one, many) = match group {
        KeepsakeGroup::Photos => ("photo or video", "photos and videos"),
        KeepsakeGroup::VoiceMemos => ("voice memo", "voice memos"),
        KeepsakeGroup::Messages => ("attachment of a message", "attachments of messages"),
        KeepsakeGroup::Voicemail => ("voicemail", "voicemails"),
        KeepsakeGroup::Files => ("file of the app Files", "files of the app Files"),
        KeepsakeGroup::Notes => ("attachment of a note", "attachments of notes"),
        KeepsakeGroup::WhatsApp => ("file of WhatsApp", "files of WhatsApp"),
        KeepsakeGroup::WhatsAppBusiness => {
            ("file of WhatsApp Business", "files of WhatsApp Business")
        }
    };
    numbers::counted(files, one, many)
}
