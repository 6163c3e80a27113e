//! Each kind of loss as a sentence.

use crate::model::{Described, ManifestCounts};
use crate::plan::tests::backup;
use crate::words;

use super::*;

const KB: u64 = 1000;
const MB: u64 = 1_000_000;

fn keepsakes(group: KeepsakeGroup, files: u64, bytes: u64) -> Loss {
    Loss {
        kind: LossKind::Keepsakes(group),
        name: group.name().to_owned(),
        files,
        bytes,
        of_files: 8_000,
        of_bytes: 31_000 * MB,
        matters: true,
    }
}

fn app(name: &str, bytes: u64, of_bytes: u64, matters: bool) -> Loss {
    Loss {
        kind: LossKind::App,
        name: name.to_owned(),
        files: 3,
        bytes,
        of_files: 3,
        of_bytes,
        matters,
    }
}

fn database(name: &'static str, bytes: u64, other_bytes: u64, matters: bool) -> DatabaseLoss {
    DatabaseLoss {
        name,
        bytes,
        other_bytes,
        matters,
    }
}

fn only(groups: Vec<Loss>, databases: Vec<DatabaseLoss>) -> OnlyHere {
    OnlyHere {
        than: Some(BackupIndex::new(1)),
        groups,
        databases,
        ..OnlyHere::default()
    }
}

#[test]
fn each_kind_of_loss_has_its_words() {
    use KeepsakeGroup::*;
    for (group, files, bytes, expected) in [
        (
            Photos,
            212,
            600 * MB,
            "212 photos and videos (600.0 MB) are only in it",
        ),
        (Photos, 1, 3 * MB, "1 photo or video (3.0 MB) is only in it"),
        (
            VoiceMemos,
            12,
            80 * MB,
            "12 voice memos (80.0 MB) are only in it",
        ),
        (
            VoiceMemos,
            1,
            900 * KB,
            "1 voice memo (900 kB) is only in it",
        ),
        (
            Messages,
            34,
            12 * MB,
            "34 attachments of messages (12.0 MB) are only in it",
        ),
        (
            Messages,
            1,
            12,
            "1 attachment of messages (12 bytes) is only in it",
        ),
        (Voicemail, 5, 2 * MB, "5 voicemails (2.0 MB) are only in it"),
        (Voicemail, 1, 2 * MB, "1 voicemail (2.0 MB) is only in it"),
        (Files, 1_204, 9 * MB, "1,204 files (9.0 MB) are only in it"),
        (Files, 1, 9 * MB, "1 file (9.0 MB) is only in it"),
        (
            Notes,
            2,
            9 * MB,
            "2 attachments of notes (9.0 MB) are only in it",
        ),
        (
            Notes,
            1,
            9 * MB,
            "1 attachment of notes (9.0 MB) is only in it",
        ),
        (
            WhatsApp,
            7,
            9 * MB,
            "7 media of WhatsApp (9.0 MB) are only in it",
        ),
        (
            WhatsApp,
            1,
            9 * MB,
            "1 media file of WhatsApp (9.0 MB) is only in it",
        ),
        (
            WhatsAppBusiness,
            7,
            9 * MB,
            "7 media of WhatsApp Business (9.0 MB) are only in it",
        ),
        (
            WhatsAppBusiness,
            1,
            0,
            "1 media file of WhatsApp Business is only in it",
        ),
    ] {
        let only = only(vec![keepsakes(group, files, bytes)], vec![]);
        assert_eq!(are_only_in(&only, "it").unwrap(), expected);
    }
}

#[test]
fn databases_and_apps_are_told_by_their_names() {
    let photos = || keepsakes(KeepsakeGroup::Photos, 212, 600 * MB);
    let locked = Loss {
        kind: LossKind::Payloads,
        name: "Encrypted".to_owned(),
        ..keepsakes(KeepsakeGroup::Files, 1_204, 3_100 * MB)
    };
    for (groups, databases, expected) in [
        (
            vec![photos()],
            vec![database("Messages", 400 * MB, 0, true)],
            "212 photos and videos (600.0 MB) and Messages are only in it",
        ),
        (
            vec![],
            vec![database("Messages", 400 * MB, 0, true)],
            "Messages is only in it",
        ),
        (
            vec![],
            vec![database("Notes", 22 * MB, MB, true)],
            "most of Notes is only in it",
        ),
        (
            vec![],
            vec![database("Photos", 22 * MB, MB, true)],
            "most of the database of Photos is only in it",
        ),
        (
            vec![app("Komoot", 200 * MB, 200 * MB, true)],
            vec![],
            "Komoot (200.0 MB) is only in it",
        ),
        (
            vec![app("Komoot", 150 * MB, 200 * MB, true)],
            vec![database("Calls", 4 * MB, 0, true)],
            "Calls and most of Komoot (150.0 MB) are only in it",
        ),
        // An app and its database are one thing.
        (
            vec![app("WhatsApp", 900 * MB, 900 * MB, true)],
            vec![database("WhatsApp", 300 * MB, 0, true)],
            "WhatsApp (900.0 MB) is only in it",
        ),
        (
            vec![app("WhatsApp", 900 * MB, 1_000 * MB, true)],
            vec![database("WhatsApp", 300 * MB, 0, true)],
            "WhatsApp (900.0 MB) is only in it",
        ),
        (
            vec![locked],
            vec![],
            "1,204 encrypted files (3.1 GB) are only in it",
        ),
        (
            vec![
                app("A", 90 * MB, 90 * MB, true),
                app("B", 80 * MB, 80 * MB, true),
                app("C", 70 * MB, 70 * MB, true),
                app("D", 60 * MB, 60 * MB, true),
                app("E", 50 * MB, 60 * MB, true),
            ],
            vec![],
            "A (90.0 MB), B (80.0 MB), C (70.0 MB) and 2 more apps (110.0 MB) are only in it",
        ),
    ] {
        assert_eq!(
            are_only_in(&only(groups, databases), "it").unwrap(),
            expected
        );
    }
}

#[test]
fn only_the_longer_forms_tell_what_does_not_matter() {
    let slight = only(
        vec![
            Loss {
                matters: false,
                ..keepsakes(KeepsakeGroup::Photos, 3, 9 * MB)
            },
            app("Komoot", 2 * MB, 200 * MB, false),
            app("WhatsApp", 40 * MB, 900 * MB, false),
        ],
        vec![
            database("Messages", 495 * MB, 480 * MB, false),
            database("WhatsApp", 90 * MB, 10 * MB, true),
        ],
    );
    assert_eq!(mattering(&slight), ["most of the database of WhatsApp"]);
    assert_eq!(
        words::listed(&all(&slight)),
        "3 photos and videos (9.0 MB), 15.0 MB of Messages, most of the database of WhatsApp, \
         2.0 MB of Komoot and 40.0 MB of WhatsApp"
    );
    let none = only(vec![app("Komoot", 2 * MB, 200 * MB, false)], vec![]);
    assert_eq!(are_only_in(&none, "it"), None);
    assert_eq!(words::listed(&all(&none)), "2.0 MB of Komoot");
    assert_eq!(words::listed(&[]), "");
}

#[test]
fn long_names_are_cut() {
    let name = "é".repeat(1000);
    let only = only(vec![app(&name, 90 * MB, 90 * MB, true)], vec![]);
    assert_eq!(
        words::listed(&all(&only)),
        format!("{}... (90.0 MB)", "é".repeat(40))
    );
}

/// Two backups of a phone, and one of another.
fn report() -> Report {
    let mut backups = vec![
        backup("A complete 2025-06-14"),
        backup("A complete 2026-11-20"),
        backup("B complete 2026-11-21"),
    ];
    for backup in &mut backups {
        backup.manifest = Some(ManifestCounts::default());
        backup.keepsakes = Some(vec![]);
        backup.device = Described {
            name: Some("Ada's iPhone".to_owned()),
            product_type: Some("iPhone16,1".to_owned()),
            ..Described::default()
        };
    }
    crate::plan::tests::report(backups)
}

#[test]
fn what_else_is_known_is_told_behind() {
    let mut only = only(vec![keepsakes(KeepsakeGroup::Photos, 2, MB)], vec![]);
    let mut report = report();
    assert_eq!(remarks(&only, &report), [""; 0]);
    only.photos_may_be_in_icloud = true;
    only.of_unknown_size = 1;
    assert_eq!(
        remarks(&only, &report),
        [
            "photos may be in iCloud: the newer one's phone had iCloud Photos on and synced",
            "the size of 1 file in it is not known, so that it may count as not held",
        ]
    );
    report.backups[1].device.product_type = Some("iPad13,16".to_owned());
    only.of_unknown_size = 1_200;
    assert_eq!(
        remarks(&only, &report),
        [
            "photos may be in iCloud: the newer one's iPad had iCloud Photos on and synced",
            "the size of 1,200 files in it is not known, so that they may count as not held",
        ]
    );
    only.groups[0].kind = LossKind::Keepsakes(KeepsakeGroup::Files);
    assert_eq!(remarks(&only, &report).len(), 1);
    only.groups.clear();
    assert_eq!(remarks(&only, &report), [""; 0]);
}

#[test]
fn who_else_holds_it_is_told_by_name_and_day() {
    let mut only = only(vec![keepsakes(KeepsakeGroup::Photos, 8_000, MB)], vec![]);
    let tell = |only: &OnlyHere, files, of_files| {
        let by = BackupIndex::new(2);
        let held = HeldElsewhere {
            by,
            files,
            of_files,
        };
        held_elsewhere(only, held, &report(), &TimeZone::UTC)
    };
    assert_eq!(
        tell(&only, 8_000, 8_000),
        "Ada's iPhone of 21 Nov 2026 holds all of its 8,000 photos"
    );
    assert_eq!(
        tell(&only, 1, 1),
        "Ada's iPhone of 21 Nov 2026 holds its only photo"
    );
    let told = |only: &OnlyHere| tell(only, 7_988, 8_000);
    assert_eq!(
        told(&only),
        "Ada's iPhone of 21 Nov 2026 holds 7,988 of its 8,000 photos"
    );
    only.groups
        .push(keepsakes(KeepsakeGroup::VoiceMemos, 3, MB));
    assert_eq!(
        told(&only),
        "Ada's iPhone of 21 Nov 2026 holds 7,988 of its 8,000 photos and videos and voice memos"
    );
    // Contacts and Messages, which may go for good all the same, are no such files.
    let group = |group| keepsakes(group, 3, MB);
    only.groups.push(group(KeepsakeGroup::Files));
    assert_eq!(
        tell(&only, 8, 8),
        "Ada's iPhone of 21 Nov 2026 holds all of its 8 photos and videos, voice memos and files"
    );
    only.groups = vec![group(KeepsakeGroup::Voicemail)];
    assert_eq!(
        tell(&only, 3, 3),
        "Ada's iPhone of 21 Nov 2026 holds all of its 3 voicemails"
    );
    assert_eq!(
        tell(&only, 1, 1),
        "Ada's iPhone of 21 Nov 2026 holds its only voicemail"
    );
}

#[test]
fn why_nobody_can_tell_is_said_truly() {
    let told = |change: &dyn Fn(&mut Report)| {
        let mut report = report();
        change(&mut report);
        let [own, by] = [0, 1].map(BackupIndex::new);
        why_not_known(&report, own, Some(by), &TimeZone::UTC)
    };
    const UNKNOWN: &str = ", so that nobody can tell whether that of 20 Nov 2026 holds all of it";
    for (change, expected) in [
        (
            &(|report: &mut Report| report.backups[0].locked = true) as &dyn Fn(&mut Report),
            "its file list is locked",
        ),
        (
            &|report| report.backups[1].locked = true,
            "the file list of that of 20 Nov 2026 is locked",
        ),
        (
            &|report| report.backups[0].manifest = None,
            "its file list was not read",
        ),
        (
            &|report| report.backups[1].keepsakes = None,
            "the file list of that of 20 Nov 2026 could not be read to its end",
        ),
        (
            &|_| {},
            "there are too many files here to compare all of them",
        ),
    ] {
        assert_eq!(told(change), format!("{expected}{UNKNOWN}"));
    }
}
