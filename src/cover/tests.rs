//! Cases of what one backup holds beyond another, and what becomes of it: backups in the words of the cases
//! of `plan`, each with what it holds behind a bar; then what must come out, and what would go for good.
//!
//! `P1:500@7/9` is photo 1 of 500 bytes, born at 7 and changed at 9; after it `=3` for another stored length,
//! `~` for one that is only in a cloud; `?` as a size is one that is not known. `V`, `M`, `X`, `F`, `N`, `W`
//! and `B` are the other groups. `Messages=500` is a database, `com.x=20M` an app, `strays=20M` are payloads
//! that no row names, `#Media=7M` is a storage group, `strays=20M<0` such as the first backup has, too; `Notes!=5` one with faults inside.

use crate::facts::databases;
use crate::model::options::{Keep, Policy, Share};
use crate::model::{
    Amount, AppDatabase, BackupIndex, BackupReport, DatabaseState, Keepsake, KeepsakeGroup,
    Keepsakes, Loss, LossKind, ManifestCounts, Plan, StorageGroup, Stored, Strays,
};
use crate::plan::{self, tests as cases};

use super::*;

fn amount(text: &str) -> u64 {
    match text.strip_suffix('M') {
        Some(millions) => millions.parse::<u64>().unwrap() * 1_000_000,
        None => text.parse().unwrap(),
    }
}

const LETTERS: &str = "PVMXFNWB";

/// A keepsake, and how it is stored where not as recorded.
fn keepsake(words: &str) -> (Keepsake, Option<Stored>) {
    let (id, rest) = words.split_once(':').unwrap();
    let (rest, stored) = match rest.split_once('=') {
        Some((rest, length)) => (rest, Some(Stored::Other(amount(length)))),
        None => match rest.strip_suffix('~') {
            Some(rest) => (rest, Some(Stored::InCloud)),
            None => (rest, None),
        },
    };
    let (size, times) = rest.split_once('@').unwrap_or((rest, "0"));
    let (birth, modified) = times.split_once('/').unwrap_or((times, "0"));
    let size = (size != "?").then(|| amount(size));
    let stored = stored.or_else(|| size.is_none().then_some(Stored::Other(1)));
    let time = |text: &str| text.parse().ok();
    let id = id.parse().unwrap();
    (Keepsake::new(id, size, time(birth), time(modified)), stored)
}

fn hold(backup: &mut BackupReport, words: &str) {
    let mut keepsakes = Keepsakes::default();
    let mut odd = vec![];
    for word in words.split_whitespace() {
        let letter = LETTERS.chars().position(|letter| word.starts_with(letter));
        let is_keepsake = word[1..].starts_with(|next: char| next.is_ascii_digit());
        if let Some(group) = letter.filter(|_| is_keepsake) {
            let (keepsake, stored) = keepsake(&word[1..]);
            odd.extend(stored.map(|stored| (keepsake.id, stored)));
            keepsakes.add(KeepsakeGroup::ALL[group], keepsake);
            continue;
        }
        if word == "icloud" {
            backup.holdings.icloud_photos.enabled = true;
            backup.holdings.icloud_photos.synced = true;
            continue;
        }
        if word == "unknown" {
            backup.holdings.keepsakes = None;
            return;
        }
        let (name, value) = word.split_once('=').unwrap();
        if name == "strays" {
            let (bytes, by) = value.split_once('<').unzip();
            backup.holdings.strays = Strays {
                files: 1,
                in_cloud: 0,
                bytes: amount(bytes.unwrap_or(value)),
                payloads: vec![],
                missing_in: by
                    .map(|by| (BackupIndex::new(by.parse().unwrap()), Amount::default()))
                    .into_iter()
                    .collect(),
            };
        } else if name == "all" {
            backup.storage.push(StorageGroup {
                name: "Other".to_owned(),
                files: 1,
                bytes: amount(value),
            });
        } else if let Some(group) = ["Media", "System & settings", "Photos"]
            .into_iter()
            .find(|group| name.strip_prefix('#') == Some(&group.replace(' ', "_")))
        {
            backup.storage.push(StorageGroup {
                name: group.to_owned(),
                files: 1,
                bytes: amount(value),
            });
        } else if name.contains('.') || name.ends_with("Domain") {
            let domain = match name.ends_with("Domain") {
                true => name.to_owned(),
                false => format!("AppDomain-{name}"),
            };
            backup.domains.push(StorageGroup {
                name: domain,
                files: 1,
                bytes: amount(value),
            });
        } else {
            let names = ["Messages", "WhatsApp", "Notes", "Photos"];
            let known = names
                .into_iter()
                .find(|known| name.starts_with(known))
                .unwrap();
            // `Notes!`: it was read, and has faults inside.
            if name.ends_with('!') {
                let contents = backup.contents.get_or_insert_default();
                contents.databases.push(faulty(known, amount(value)));
            }
            backup.holdings.databases.insert(known, amount(value));
        }
    }
    keepsakes.settle(backup.encrypted == Some(true), odd);
    backup.holdings.keepsakes = Some(keepsakes);
}

fn faulty(kind: &'static str, bytes: u64) -> AppDatabase {
    let mut known = databases::KNOWN.iter();
    let known = known.find(|known| known.kind.name() == kind).unwrap();
    AppDatabase {
        name: kind,
        id: known.id(),
        bytes,
        state: DatabaseState::Damaged("no".to_owned()),
    }
}

fn backup(case: &str) -> BackupReport {
    let (words, holds) = case.split_once('|').unwrap_or((case, ""));
    let mut finding = None;
    let words: Vec<_> = words
        .split_whitespace()
        .filter(|word| match word.strip_prefix("found=") {
            Some(id) => {
                finding = ["tool-made", "index-short", "payload-in-cloud"]
                    .into_iter()
                    .find(|known| *known == id);
                false
            }
            None => true,
        })
        .collect();
    let mut backup = cases::backup(&words.join(" "));
    if let Some(id) = finding {
        let note = cases::finding(id, crate::model::Severity::Note);
        backup.findings.push(note);
    }
    if !backup.locked {
        backup.manifest = Some(ManifestCounts::default());
        hold(&mut backup, holds);
    }
    backup
}

fn policy(words: &str) -> Policy {
    let mut policy = Policy::usual(cases::now());
    for word in words.split_whitespace() {
        match word.split_once('=') {
            Some(("may-lose", millionths)) => {
                policy.may_lose = Share::of_millionths(millionths.parse().unwrap());
            }
            Some(("keep-last", last)) => {
                policy.keep = Keep {
                    last: last.parse().unwrap(),
                    since: None,
                };
            }
            None if word == "archived" => policy.include_archived = true,
            None if word == "trust-locked" => policy.trust_locked = true,
            _ => panic!("{word}"),
        }
    }
    policy
}

/// What was decided about one backup, and what is only in it: `Photos 2 of 3, 700 of 900`.
fn outcome(plan: &Plan, index: BackupIndex) -> String {
    let mut text = cases::outcome(plan, index);
    let Some(only_here) = &plan.decisions[index].only_here else {
        return text;
    };
    for loss in &only_here.groups {
        let Loss {
            name,
            files,
            bytes,
            of_files,
            of_bytes,
            ..
        } = loss;
        let mark = if loss.matters { "!" } else { "" };
        text += &format!("; {mark}{name} {files} of {of_files}, {bytes} of {of_bytes}");
    }
    for loss in &only_here.databases {
        let mark = if loss.matters { "!" } else { "" };
        text += &format!(
            "; {mark}{} {} to {}",
            loss.name, loss.bytes, loss.other_bytes
        );
    }
    if only_here.of_unknown_size > 0 {
        text += &format!("; {} of unknown size", only_here.of_unknown_size);
    }
    if only_here.photos_may_be_in_icloud && only_here.groups.iter().any(|loss| loss.matters) {
        text += "; icloud";
    }
    if let Some(held) = only_here.held_elsewhere {
        text += &format!(
            "; {} of {} by {}",
            held.files,
            held.of_files,
            held.by.position()
        );
    }
    text
}

/// The older one of two, the newer one, options, and what must become of the older one.
const NEWER: &str = "a complete 2026-11-20 |";
const OLDER: &str = "a complete 2025-06-14 |";

#[test]
fn what_becomes_of_an_older_backup_beside_a_newer_one() {
    const GOES: &str = "remove superseded-by by 0";
    const STAYS: &str = "keep holds-more by 0 asked";
    let cases: &[(&str, &str, &str, &str, &str)] = &[
        ("both hold nothing", "", "", "", "=goes"),
        ("the same photo", "P1:5@7/9", "P1:5@7/9", "", "=goes"),
        (
            "the newer one's chats have faults inside",
            "Notes=9 WhatsApp=5",
            "Notes=9 WhatsApp!=5",
            "",
            "=stays; !WhatsApp 5 to 0",
        ),
        ("both have them", "WhatsApp!=5", "WhatsApp!=5", "", "=goes"),
        (
            "only the older one's have",
            "WhatsApp!=5",
            "WhatsApp=5",
            "",
            "=goes",
        ),
        (
            "a domain that nobody knows is gone",
            "JournalDomain=10M",
            "",
            "",
            "=stays; !Other (JournalDomain) 1 of 1, 10000000 of 10000000",
        ),
        (
            "a small one",
            "JournalDomain=9999999",
            "",
            "",
            "=goes; Other (JournalDomain) 1 of 1, 9999999 of 9999999",
        ),
        (
            "the system's own does not count",
            "HomeDomain=60M",
            "",
            "",
            "=goes",
        ),
        (
            "what counts for nothing shrank by a megabyte, or went",
            "#Media=7M #System_&_settings=60M strays=1M",
            "#Media=7M #System_&_settings=59M",
            "",
            "=goes; System & settings 0 of 1, 1000000 of 60000000; \
             Not listed 1 of 1, 1000000 of 1000000",
        ),
        (
            "what is too little by itself, and is not together",
            "#Media=400000 #System_&_settings=60M Messages=700000 com.x=1000000",
            "#System_&_settings=59900000 Messages=400000 com.x=800000",
            "",
            "=goes; com.x 0 of 1, 200000 of 1000000; Media 1 of 1, 400000 of 400000; \
             System & settings 0 of 1, 100000 of 60000000; \
             Messages 700000 to 400000",
        ),
        (
            "and is together, too",
            "#Media=400000 #System_&_settings=60M Messages=700000 com.x=999999",
            "#System_&_settings=59900000 Messages=400000 com.x=800000",
            "",
            "=goes",
        ),
        (
            "what an app keeps besides its media",
            "W1:20M@7/8 net.whatsapp.WhatsApp=32M WhatsApp=9M",
            "WhatsApp=1M",
            "",
            "=stays; !WhatsApp 1 of 1, 20000000 of 20000000; \
             WhatsApp, other 0 of 1, 4000000 of 32000000; !WhatsApp 9000000 to 1000000",
        ),
        (
            "by less",
            "#System_&_settings=60M",
            "#System_&_settings=59000001",
            "",
            "=goes",
        ),
        (
            "a database that is told is not told twice",
            "#Photos=70M Photos=10M",
            "#Photos=61M Photos=3M",
            "",
            "=stays; Photos, other 0 of 1, 2000000 of 60000000; !Photos 10000000 to 3000000",
        ),
        (
            "a recording has shrunk to less than half",
            "V1:900000@7/8",
            "V1:900@7/9",
            "",
            "=stays; !Voice Memos 1 of 1, 900000 of 900000",
        ),
        (
            "attachments have shrunk by a megabyte",
            "M1:3M@7/8 M2:5@7/8",
            "M1:2M@7/9 M2:4@7/9",
            "",
            "=goes; Messages, shorter 2 of 2, 1000001 of 3000005",
        ),
        ("by less", "M1:3M@7/8", "M1:2000001@7/9", "", "=goes"),
        (
            "the newer one has more",
            "P1:5@7/9",
            "P1:5@7/9 P2:6@8/9",
            "",
            "=goes",
        ),
        (
            "it was erased",
            "P1:5@7/9",
            "",
            "",
            "=stays; !Photos 1 of 1, 5 of 5",
        ),
        (
            "one of two is gone",
            "P1:5@7/9 P2:6@8/9",
            "P1:5@7/9",
            "",
            "=stays; !Photos 1 of 2, 6 of 11",
        ),
        ("numbered anew", "P1:5@7/9", "P2:5@7/8", "", "=goes"),
        (
            "numbered anew and edited",
            "P1:5@7/9",
            "P2:6@7/8",
            "",
            "=stays; !Photos 1 of 1, 5 of 5",
        ),
        (
            "known by its change alone",
            "P1:5@7/9",
            "P2:5@6/9",
            "",
            "=goes",
        ),
        (
            "another photo of that name",
            "P1:5@7/9",
            "P1:6@8/8",
            "",
            "=stays; !Photos 1 of 1, 5 of 5",
        ),
        (
            "another photo of that name and size",
            "P1:5@7/9",
            "P1:5@8/8",
            "",
            "=goes",
        ),
        (
            "no times known",
            "P1:5",
            "P2:5",
            "",
            "=stays; !Photos 1 of 1, 5 of 5",
        ),
        (
            "cut in the newer one",
            "P1:5@7/9",
            "P1:5@7/9=3",
            "",
            "=stays; !Photos 1 of 1, 5 of 5",
        ),
        ("cut in both", "P1:5@7/9=3", "P1:5@7/9=3", "", "=goes"),
        (
            "cut in the older one",
            "P1:5@7/9=3",
            "P1:5@7/9",
            "",
            "=goes",
        ),
        (
            "in a cloud in the newer one",
            "P1:5@7/9",
            "P1:5@7/9~",
            "",
            "=stays; !Photos 1 of 1, 5 of 5",
        ),
        (
            "in a cloud in the older one",
            "P1:5@7/9~",
            "P1:5@7/9",
            "",
            "=goes",
        ),
        (
            "in a cloud in both",
            "P1:5@7/9~",
            "P1:5@7/9~",
            "",
            "=stays; !Photos 1 of 1, 5 of 5",
        ),
        (
            "size not known in the older one",
            "P1:?@7/9",
            "P1:5@7/9",
            "",
            "=stays; !Photos 1 of 1, 1 of 1; 1 of unknown size",
        ),
        (
            "size not known in the newer one",
            "P1:5@7/9",
            "P1:?@7/9",
            "",
            "=stays; !Photos 1 of 1, 5 of 5",
        ),
        (
            "two of the same are two",
            "P1:5@7/9 P2:5@7/9",
            "P1:5@7/9",
            "",
            "=stays; !Photos 1 of 2, 5 of 10",
        ),
        (
            "a photo is no voice memo",
            "P1:5@7/9",
            "V1:5@7/9",
            "",
            "=stays; !Photos 1 of 1, 5 of 5",
        ),
        ("an edited attachment", "M1:5@7/9", "M1:6@8/8", "", "=goes"),
        (
            "an attachment that was emptied",
            "M1:5@7/9",
            "",
            "",
            "=stays; !Messages 1 of 1, 5 of 5",
        ),
        ("a file that was moved", "F1:5@7/9", "F2:5@7/9", "", "=goes"),
        (
            "a file that was deleted",
            "F1:5@7/9 F2:6@7/9",
            "F2:6@7/9",
            "",
            "=stays; !Files 1 of 2, 5 of 11",
        ),
        (
            "voicemail",
            "X1:5@7/9",
            "",
            "",
            "=stays; !Voicemail 1 of 1, 5 of 5",
        ),
        (
            "a scan in a note",
            "N1:5@7/9",
            "",
            "",
            "=stays; !Notes 1 of 1, 5 of 5",
        ),
        (
            "media of WhatsApp",
            "W1:5@7/9 W2:5@8/9",
            "W1:5@7/9",
            "",
            "=stays; !WhatsApp 1 of 2, 5 of 10",
        ),
        (
            "media of WhatsApp Business",
            "B1:5@7/9",
            "W1:5@7/9",
            "",
            "=stays; !WhatsApp Business 1 of 1, 5 of 5",
        ),
        (
            "several groups",
            "P1:5@7/9 V1:6@7/9",
            "",
            "",
            "=stays; !Photos 1 of 1, 5 of 5; !Voice Memos 1 of 1, 6 of 6",
        ),
        (
            "iCloud Photos is on in the newer one",
            "P1:5@7/9",
            "icloud",
            "",
            "=stays; !Photos 1 of 1, 5 of 5; icloud",
        ),
        (
            "the older one's list was not read",
            "unknown",
            "P1:5@7/9",
            "",
            "=stays",
        ),
        (
            "the newer one's list was not read",
            "P1:5@7/9",
            "unknown",
            "",
            "=stays",
        ),
        (
            "messages as many",
            "Messages=500",
            "Messages=501",
            "",
            "=goes",
        ),
        (
            "messages half as many",
            "Messages=500",
            "Messages=250",
            "",
            "=goes",
        ),
        (
            "messages fewer than half",
            "Messages=500",
            "Messages=249",
            "",
            "=stays; !Messages 500 to 249",
        ),
        (
            "no messages any more",
            "Messages=500",
            "",
            "",
            "=stays; !Messages 500 to 0",
        ),
        (
            "messages shrank by a megabyte",
            "Messages=3M",
            "Messages=2M",
            "",
            "=goes; Messages 3000000 to 2000000",
        ),
        (
            "messages shrank by less",
            "Messages=3M",
            "Messages=2000001",
            "",
            "=goes",
        ),
        (
            "notes for messages",
            "Messages=500",
            "Notes=500",
            "",
            "=stays; !Messages 500 to 0",
        ),
        (
            "an app is gone",
            "com.x=10M",
            "",
            "",
            "=stays; !com.x 1 of 1, 10000000 of 10000000",
        ),
        (
            "a small app is gone",
            "com.x=9999999",
            "",
            "",
            "=goes; com.x 1 of 1, 9999999 of 9999999",
        ),
        (
            "a tiny app is gone",
            "com.x=999999",
            "",
            "",
            "=goes; com.x 1 of 1, 999999 of 999999",
        ),
        ("an app without bytes is gone", "com.x=0", "", "", "=goes"),
        (
            "apps shrank by less than a megabyte each, and by one together",
            "com.x=900000 com.y=900000 com.z=9M",
            "com.x=400000 com.y=400000 com.z=9M",
            "",
            "=goes; com.x 0 of 1, 500000 of 900000; com.y 0 of 1, 500000 of 900000",
        ),
        (
            "and by less together",
            "com.x=900000 com.y=900000",
            "com.x=400000 com.y=400001",
            "",
            "=goes",
        ),
        (
            "an app has half",
            "com.x=20M",
            "com.x=10M",
            "",
            "=goes; com.x 0 of 1, 10000000 of 20000000",
        ),
        (
            "an app has less than half",
            "com.x=20M",
            "com.x=9999999",
            "",
            "=stays; !com.x 0 of 1, 10000001 of 20000000",
        ),
        ("an app in capitals", "com.x=20M", "COM.X=20M", "", "=goes"),
        (
            "an app of another name",
            "com.x=20M",
            "com.y=20M",
            "",
            "=stays; !com.x 1 of 1, 20000000 of 20000000",
        ),
        (
            "health",
            "HealthDomain=20M",
            "",
            "",
            "=stays; !Health 1 of 1, 20000000 of 20000000",
        ),
        (
            "passwords",
            "KeychainDomain=20M",
            "KeychainDomain=10M",
            "",
            "=goes; Passwords 0 of 1, 10000000 of 20000000",
        ),
        (
            "books",
            "BooksDomain=20M",
            "BooksDomain=1M",
            "",
            "=stays; !Books 0 of 1, 19000000 of 20000000",
        ),
        (
            "the system does not count",
            "HomeDomain=20M RootDomain=20M",
            "",
            "",
            "=goes",
        ),
        ("media do not count", "MediaDomain=20M", "", "", "=goes"),
        (
            "1 of 100 may be lost",
            "P1:50@7/9 P2:50@8/9",
            "P1:50@7/9",
            "may-lose=500000",
            "=goes; Photos 1 of 2, 50 of 100",
        ),
        (
            "a share of files, not of bytes",
            "P1:50@7/9 P2:51@8/9",
            "P1:50@7/9",
            "may-lose=500000",
            "=stays; !Photos 1 of 2, 51 of 101",
        ),
        (
            "a share of bytes, not of files",
            "P1:1@7/9 P2:1@8/9 P3:9@7/9",
            "P3:9@7/9",
            "may-lose=500000",
            "=stays; !Photos 2 of 3, 2 of 11",
        ),
        (
            "each group by itself",
            "P1:5@7/9 V1:5@7/9",
            "P1:5@7/9",
            "may-lose=500000",
            "=stays; !Voice Memos 1 of 1, 5 of 5",
        ),
        (
            "a smaller half",
            "Messages=500",
            "Messages=100",
            "may-lose=800000",
            "=goes",
        ),
        (
            "less than the smaller half",
            "Messages=500",
            "Messages=99",
            "may-lose=800000",
            "=stays; !Messages 500 to 99",
        ),
        (
            "a share does not make the half larger",
            "Messages=500",
            "Messages=250",
            "may-lose=10000",
            "=goes",
        ),
        (
            "an app may be a share of all",
            "com.x=10M all=100M",
            "",
            "may-lose=100000",
            "=goes; com.x 1 of 1, 10000000 of 10000000",
        ),
        (
            "two apps are more than that share",
            "com.x=10M com.y=10M all=100M",
            "",
            "may-lose=100000",
            "=stays; !com.x 1 of 1, 10000000 of 10000000; !com.y 1 of 1, 10000000 of 10000000",
        ),
        (
            "all may be lost",
            "P1:5@7/9 Messages=500 com.x=20M",
            "",
            "may-lose=1000000",
            "=goes; Photos 1 of 1, 5 of 5; com.x 1 of 1, 20000000 of 20000000",
        ),
        (
            "what is not known may be lost",
            "unknown",
            "",
            "may-lose=1000000",
            "=goes",
        ),
        (
            "payloads that no row names",
            "strays=10M",
            "",
            "",
            "=stays; !Not listed 1 of 1, 10000000 of 10000000",
        ),
        (
            "fewer of them",
            "strays=9999999",
            "",
            "",
            "=goes; Not listed 1 of 1, 9999999 of 9999999",
        ),
        (
            "next to nothing",
            "strays=9",
            "",
            "",
            "=goes; Not listed 1 of 1, 9 of 9",
        ),
        (
            "the newer one has them, too",
            "strays=10M<0",
            "",
            "",
            "=goes",
        ),
    ];
    for (what, older, newer, options, expected) in cases {
        let backups = [
            backup(&format!("{NEWER} {newer}")),
            backup(&format!("{OLDER} {older}")),
        ];
        let plan = plan::make(&backups, &policy(options), cases::now());
        let expected = expected.replace("=goes", GOES).replace("=stays", STAYS);
        assert_eq!(outcome(&plan, BackupIndex::new(1)), expected, "{what}");
        assert_eq!(
            cases::outcome(&plan, BackupIndex::new(0)),
            "keep newest-good",
            "{what}"
        );
    }
    assert!(cases.len() >= 60);
}

#[test]
fn what_becomes_of_several() {
    let table: &[(&str, &str, &[&str])] = &[
        (
            "what stands in must stay",
            "",
            &[
                "a complete 2026-11-20 | P1:5@7/9 -> keep newest-good",
                "a complete 2026-06-14 | P1:5@7/9 -> remove superseded-by by 0",
                "a complete 2025-06-14 | P1:5@7/9 -> remove superseded-by by 0",
            ],
        ),
        (
            "one between holds what the newest does not",
            "",
            &[
                "a complete 2026-11-20 | -> keep newest-good",
                "a complete 2026-06-14 | P1:5@7/9 -> keep holds-more by 0 asked; !Photos 1 of 1, 5 of 5",
                "a complete 2025-06-14 | P1:5@7/9 -> remove superseded-by by 1",
            ],
        ),
        (
            "what is known in two steps is not known in one",
            "",
            &[
                "a complete 2026-11-20 | P3:5@6/9 -> keep newest-good",
                "a complete 2026-06-14 | P2:5@7/9 -> remove superseded-by by 0",
                "a complete 2025-06-14 | P1:5@7/8 -> keep holds-more by 0 asked; !Photos 1 of 1, 5 of 5",
            ],
        ),
        (
            "a newer one that a tool made",
            "",
            &[
                "a unverified 2026-11-20 found=tool-made -> keep tool-made",
                "a complete 2025-06-14 | P1:5@7/9 -> keep newest-good",
            ],
        ),
        (
            "an older one that a tool made",
            "",
            &[
                "a complete 2026-11-20 | -> keep newest-good",
                "a complete 2025-06-14 found=tool-made | -> keep tool-made by 0 asked",
            ],
        ),
        (
            "a newer one whose list was cut",
            "",
            &[
                "a complete 2026-11-20 found=index-short | P1:5@7/9 -> keep holds-more",
                "a complete 2025-06-14 | P1:5@7/9 -> keep newest-good",
            ],
        ),
        (
            "an older one whose list was cut",
            "",
            &[
                "a complete 2026-11-20 | P1:5@7/9 -> keep newest-good",
                "a complete 2025-06-14 found=index-short | P1:5@7/9 -> keep holds-more by 0 asked",
            ],
        ),
        (
            "an older one with files of somebody's",
            "",
            &[
                "a complete 2026-11-20 | P1:5@7/9 -> keep newest-good",
                "a complete 2025-06-14 foreign | P1:5@7/9 -> keep foreign-content by 0 asked",
            ],
        ),
        (
            "an older one with payloads in a cloud",
            "",
            &[
                "a complete 2026-11-20 | P1:5@7/9 -> keep newest-good",
                "a complete 2025-06-14 found=payload-in-cloud | -> keep holds-more by 0 asked",
            ],
        ),
        (
            "an archived one that holds more",
            "archived",
            &[
                "a complete 2026-11-20 | -> keep newest-good",
                "a complete 2025-06-14 arch | P1:5@7/9 -> keep holds-more by 0 asked; !Photos 1 of 1, 5 of 5",
            ],
        ),
        (
            "among the last two, as asked",
            "keep-last=2",
            &[
                "a complete 2026-11-20 | -> keep newest-good",
                "a complete 2025-06-14 | P1:5@7/9 -> keep keep-last by 0; !Photos 1 of 1, 5 of 5",
            ],
        ),
        (
            "on another disk, and it holds more",
            "",
            &[
                "a complete 2026-11-20 | -> keep newest-good",
                "a complete 2025-06-14 vol2 | P1:5@7/9 -> keep holds-more by 0 asked; !Photos 1 of 1, 5 of 5",
            ],
        ),
        (
            "corrupt, and the newer one holds less",
            "",
            &[
                "a complete 2026-11-20 | -> keep newest-good",
                "a corrupt 2025-06-14 | P1:5@7/9 -> keep corrupt by 0 asked; !Photos 1 of 1, 5 of 5",
            ],
        ),
        (
            "interrupted, and the newer one holds less",
            "",
            &[
                "a complete 2026-11-20 | -> keep newest-good",
                "a interrupted 2025-06-14 | P1:5@7/9 -> keep holds-more by 0 asked; !Photos 1 of 1, 5 of 5",
            ],
        ),
        (
            "another phone holds most of an old one",
            "",
            &[
                "a complete 2026-11-20 | P1:5@7/9 P2:6@7/9 -> keep newest-good+only-copy",
                "b complete 2025-06-14 | P8:5@7/9 P9:6@7/9 P7:9@9/9 -> keep newest-good+only-copy asked; \
                 !Photos 3 of 3, 20 of 20; 2 of 3 by 0",
            ],
        ),
        (
            "another phone holds nothing of it",
            "",
            &[
                "a complete 2026-11-20 | P1:5@7/9 -> keep newest-good+only-copy",
                "b complete 2025-06-14 | P2:5@8/8 P7:9@9/9 -> keep newest-good+only-copy asked; \
                 !Photos 2 of 2, 14 of 14",
            ],
        ),
    ];
    for (what, options, lines) in table {
        let (given, expected): (Vec<_>, Vec<_>) = lines
            .iter()
            .map(|line| line.split_once(" -> ").unwrap())
            .unzip();
        let backups: Vec<_> = given.iter().map(|words| backup(words)).collect();
        let plan = plan::make(&backups, &policy(options), cases::now());
        let outcomes: Vec<_> = BackupIndex::all(backups.len())
            .map(|index| outcome(&plan, index))
            .collect();
        // What the newest one holds is told where it is the only one.
        let shown = |(got, expected): (&String, &&str)| match expected.contains(';') {
            true => got.clone(),
            false => got.split(';').next().unwrap().to_owned(),
        };
        let outcomes: Vec<_> = outcomes.iter().zip(&expected).map(shown).collect();
        assert_eq!(outcomes, expected, "{what}");
    }
}

/// What goes with it holds nothing of it; the next best one that stays is told.
#[test]
fn another_phone_holds_what_an_old_one_does_only_where_it_stays() {
    let backups = [
        "a complete 2026-11-20 | P1:5@7/9 P2:6@7/9",
        "b complete 2025-06-14 | P8:5@7/9 P9:6@7/9",
        "c complete 2026-03-01 | P3:5@7/9",
    ]
    .map(backup);
    for (marked, held) in [
        (&[1][..], Some((0, 2))),
        (&[0, 1], Some((2, 1))),
        (&[0, 1, 2], None),
    ] {
        let marked: Vec<_> = marked
            .iter()
            .map(|index| BackupIndex::new(*index))
            .collect();
        let plan = plan::without(&backups, &policy(""), cases::now(), &marked);
        let only = plan.decisions[1].only_here.as_ref().unwrap();
        let by = only
            .held_elsewhere
            .map(|held| (held.by.position(), held.files));
        assert_eq!(by, held, "{marked:?}");
    }
}

/// Names and lengths in the older and in the newer one, and what is told: whether it matters (`!`), files
/// and bytes of all.
#[test]
fn locked_ones_are_compared_by_names_and_bytes() {
    let ten = |lengths: &[u64]| (1_u64..).zip(lengths.iter().copied()).collect::<Vec<_>>();
    let old = ten(&[160; 10]);
    for (what, of_new, expected) in [
        ("the same", ten(&[160; 10]), ""),
        ("more of each", ten(&[320; 10]), ""),
        ("one is gone", ten(&[160; 9]), "1 of 10, 160 of 1600"),
        ("two are gone", ten(&[160; 8]), "!2 of 10, 320 of 1600"),
        (
            "one is empty",
            ten(&[160, 160, 160, 160, 160, 160, 160, 160, 160, 0]),
            "1 of 10, 160 of 1600",
        ),
        (
            "one has less than half",
            ten(&[160, 160, 160, 160, 160, 160, 160, 160, 160, 64]),
            "1 of 10, 96 of 1600",
        ),
        (
            "one has half",
            ten(&[160, 160, 160, 160, 160, 160, 160, 160, 160, 80]),
            "",
        ),
        ("all are cut", ten(&[16; 10]), "!10 of 10, 1440 of 1600"),
        (
            "each has a little less",
            ten(&[128; 10]),
            "!10 of 10, 320 of 1600",
        ),
        (
            "one is gone, and the others have less",
            ten(&[144; 9]),
            "!1 of 10, 160 of 1600; !9 of 10, 144 of 1600",
        ),
        ("nothing is there", ten(&[]), "!10 of 10, 1600 of 1600"),
    ] {
        let of = |names: Vec<(u64, u64)>| {
            let mut backup = backup("a unverified 2025-06-14 enc");
            assert!(backup.locked);
            backup.holdings.names = Some(names);
            backup
        };
        let cover = cover(
            &of(old.clone()),
            &of(of_new),
            Amount::default(),
            Share::NONE,
        );
        let told = cover.only_old.groups.iter().map(|loss| {
            let mark = if loss.matters { "!" } else { "" };
            let Loss {
                files,
                bytes,
                of_files,
                of_bytes,
                ..
            } = loss;
            format!("{mark}{files} of {of_files}, {bytes} of {of_bytes}")
        });
        let told: Vec<String> = told.collect();
        assert_eq!(told.join("; "), expected, "{what}");
        assert_eq!(cover.covers, !expected.starts_with('!'), "{what}");
    }
}

/// What is alive shrinks, and it is told from a megabyte on.
#[test]
fn what_is_shorter_in_a_locked_one_is_told_where_it_is_much() {
    let of = |length: u64| {
        let mut backup = backup("a unverified 2025-06-14 enc");
        backup.holdings.names = Some(vec![(1, length), (2, 40_000_000)]);
        backup
    };
    for (length, expected) in [
        (3_000_000, vec![]),
        (2_000_016, vec![]),
        (
            2_000_000,
            vec![(LossKind::Shorter(None), 1, 1_000_000, false)],
        ),
        (1_000_000, vec![(LossKind::Payloads, 1, 2_000_000, true)]),
    ] {
        let cover = cover(&of(3_000_000), &of(length), Amount::default(), Share::NONE);
        let told = cover.only_old.groups.iter();
        let told: Vec<_> = told
            .map(|loss| (loss.kind, loss.files, loss.bytes, loss.matters))
            .collect();
        assert_eq!(told, expected, "{length}");
    }
}
