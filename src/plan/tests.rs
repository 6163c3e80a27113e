//! Cases as text: `A complete 2026-11-20 enc -> keep newest-good`. First the device, its verdict and
//! its date; then what is special; then what must come out, `by` the backup of that line, and
//! `asked` if it is offered as the user's own decision.

use jiff::SignedDuration;

use std::path::Path;

use crate::model::{DateSource, Inventory, count_names};
use crate::verify::standing::{date, newest_good};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::model::options::{Keep, Policy};
use crate::model::{
    Access, BackupIndex, Effect, Finding, Holdings, Keepsakes, LastBackup, Level, Link, Links,
    ManifestCounts, Report, Root, Severity, StorageGroup, Udid, Usage, Verdict, Volume, Why,
};
use crate::verify::group;

const NOW: &str = "2026-11-22T12:00:00Z";

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub(crate) fn time(day: &str) -> Timestamp {
    format!("{day}T12:00:00Z").parse().unwrap()
}

pub(crate) fn finding(id: &'static str, severity: Severity) -> Finding {
    Finding {
        id,
        severity,
        effect: match severity {
            Severity::Error => Effect::Incomplete,
            _ => Effect::Nothing,
        },
        count: 1,
        bytes: 0,
        message: String::new(),
        examples: vec![],
        hint: None,
        unnamed: None,
        known: false,
    }
}

fn disk(shares_blocks: bool) -> Volume {
    Volume {
        total: 1_000_000_000_000,
        available: 500_000_000_000,
        shares_blocks,
        read_only: false,
    }
}

pub(crate) fn backup(words: &str) -> BackupReport {
    let mut words = words.split_whitespace();
    let device = words.next().unwrap();
    let verdict = words.next().unwrap();
    let date = words.next().unwrap();
    let verdict = *Verdict::ALL
        .iter()
        .find(|known| known.as_str() == verdict)
        .unwrap();
    let mut backup = BackupReport {
        access: Access::NotNeeded,
        contents: None,
        path: device.into(),
        udid: (device != "-").then(|| Udid::parse(&device.repeat(40)).unwrap()),
        archived: false,
        encrypted: Some(false),
        manifest_format: None,
        snapshot_state: None,
        backup_state: None,
        device: crate::model::Described::default(),
        last_backup: (date != "-").then(|| LastBackup {
            at: time(date),
            source: DateSource::Manifest,
        }),
        status_date: None,
        status_uuid: None,
        info_date: None,
        newest_change: Some(time("2020-01-01")),
        fingerprint: 0,
        settled_change: Some(time("2020-01-01")),
        oldest_change: Some(time("2020-01-01")),
        blocks_next_run: false,
        holds_backup: false,
        in_trash: false,
        is_disputed: false,
        foreign: Default::default(),
        keepsakes: None,
        payloads_anywhere: 0,
        holdings: Default::default(),
        usage: Usage {
            files: 10,
            logical: 1000,
            allocated: 1000,
            folders: 24,
        },
        volume: Some(1),
        inode: None,
        disk: Some(disk(false)),
        only_info: false,
        links: Links::default(),
        clones: Links::default(),
        manifest: None,
        payloads: 0,
        databases: vec![],
        locked: false,
        verdict,
        checked: vec![],
        not_checked: vec![],
        findings: vec![],
        mending: None,
        storage: vec![],
        domains: vec![],
        largest: vec![],
        missing_folders: vec![],
        icloud: None,
    };
    if verdict == Verdict::Incomplete {
        backup
            .findings
            .push(finding("never-finished", Severity::Error));
        // Such a run has no Manifest.plist: only its status and its Info.plist are dated.
        backup.status_date = backup.last_backup.map(|last| last.at);
        backup.last_backup = backup.last_backup.map(|last| LastBackup {
            source: DateSource::Info,
            ..last
        });
    }
    backup.holdings.keepsakes = Some(Keepsakes::default());
    if verdict == Verdict::Unverified {
        backup.locked = true;
        backup.holdings = Holdings {
            names: Some(vec![]),
            ..Holdings::default()
        };
        backup.checked.push("payload-truncated");
    }
    for word in words {
        match word {
            "enc" => backup.encrypted = Some(true),
            "enc?" => backup.encrypted = None,
            "arch" => backup.archived = true,
            "vol2" => backup.volume = Some(2),
            "vol?" => backup.volume = None,
            "recent" => backup.newest_change = Some(now()),
            "info-only" => {
                backup.only_info = true;
                backup.status_date = None;
            }
            "by-mtime" => {
                backup.last_backup.as_mut().unwrap().source = DateSource::Mtime;
                backup.status_date = None;
            }
            "no-status" => {
                backup.findings = vec![finding("status-missing", Severity::Error)];
                backup.manifest = Some(ManifestCounts {
                    files: 2,
                    ..ManifestCounts::default()
                });
                backup.domains = vec![StorageGroup {
                    name: "HomeDomain".to_owned(),
                    files: 1,
                    bytes: 10,
                }];
            }
            // The manifest is of an earlier run than the status.
            "stale-manifest" => {
                let at = time("2020-01-01");
                backup.status_date = backup.last_backup.map(|last| last.at);
                backup.last_backup = Some(LastBackup {
                    at,
                    source: DateSource::Manifest,
                });
            }
            "nested" => backup.holds_backup = true,
            "foreign" => backup.foreign.push_with(9, || unreachable!("none is kept")),
            // An encrypted mbdb without its password: its list can be read, its files cannot.
            "closed" => backup.access = Access::NoPassword,
            "trash" => backup.in_trash = true,
            "plain-rows" => backup.holdings.is_plain = true,
            "disputed" => backup.is_disputed = true,
            "big" => backup.usage.allocated = 60_000_000_000,
            other => panic!("{other}"),
        }
    }
    backup
}

/// A report of these backups alone.
pub(crate) fn report(backups: Vec<BackupReport>) -> Report {
    Report {
        started_at: now(),
        finished_at: now(),
        last_run: None,
        ledger_bytes: None,
        looked_with: Vec::new(),
        planned_with: Vec::new(),
        level: Level::Standard,
        cancelled: false,
        roots: vec![Root {
            path: "/b".into(),
            is_default: true,
            volume: None,
        }],
        devices: group::group(&backups, now(), |_| None),
        plan: make(&backups, &Policy::usual(now()), now()),
        advice: vec![],
        zone: TimeZone::UTC,
        beside: vec![],
        problems: vec![],
        backups,
    }
}

pub(crate) fn outcome(plan: &Plan, index: BackupIndex) -> String {
    let decision = &plan.decisions[index];
    let reasons: Vec<_> = decision
        .reasons
        .iter()
        .map(|reason| reason.why.as_str())
        .collect();
    let mut text = format!("{} {}", decision.action.as_str(), reasons.join("+"));
    if let Some(by) = decision.reasons[0].by {
        text += &format!(" by {}", by.position());
    }
    if decision.on_request {
        text += " asked";
    }
    text
}

fn check(name: &str, policy: &Policy, lines: &[&str]) {
    let (given, expected): (Vec<_>, Vec<_>) = lines
        .iter()
        .map(|line| line.split_once(" -> ").unwrap())
        .unzip();
    let backups: Vec<_> = given.iter().map(|words| backup(words)).collect();
    let plan = make(&backups, policy, now());
    let outcomes: Vec<_> = BackupIndex::all(backups.len())
        .map(|index| outcome(&plan, index))
        .collect();
    assert_eq!(outcomes, expected, "{name}");
}

fn usual() -> Policy {
    Policy::usual(now())
}

#[test]
fn each_case_ends_as_the_contract_says() {
    let cases: &[(&str, &[&str])] = &[
        ("nothing", &[]),
        (
            "one, in use",
            &["a complete 2026-11-20 -> keep newest-good+only-copy"],
        ),
        (
            "one, long not seen",
            &["a complete 2024-01-01 -> keep newest-good+only-copy asked"],
        ),
        (
            "one, locked, long not seen",
            &["a unverified 2023-09-22 enc -> keep newest-good+only-copy asked"],
        ),
        ("one, corrupt", &["a corrupt 2024-03-02 -> keep only-copy"]),
        (
            "one, interrupted",
            &["a interrupted 2026-11-20 -> keep only-copy"],
        ),
        (
            "one, incomplete",
            &["a incomplete 2026-11-20 -> keep only-copy+unfinished asked"],
        ),
        (
            "one without a date",
            &["a complete - -> keep newest-good+only-copy"],
        ),
        (
            "two",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a complete 2025-06-14 -> remove superseded-by by 0",
            ],
        ),
        (
            "two of one day",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a complete 2026-11-20 -> keep newest-good",
            ],
        ),
        (
            "two of two devices",
            &[
                "a complete 2026-11-20 -> keep newest-good+only-copy",
                "b complete 2025-06-14 -> keep newest-good+only-copy asked",
            ],
        ),
        (
            "two of unknown devices",
            &[
                "- complete 2026-11-20 -> keep newest-good+only-copy",
                "- complete 2025-06-14 -> keep newest-good+only-copy asked",
            ],
        ),
        (
            "three generations",
            &[
                "a complete 2024-01-01 -> remove superseded-by by 2",
                "a complete 2025-01-01 -> remove superseded-by by 2",
                "a complete 2026-01-01 -> keep newest-good",
            ],
        ),
        (
            "on two volumes",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a complete 2025-06-14 vol2 -> keep other-volume by 0 asked",
            ],
        ),
        (
            "on a volume that is not known",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a complete 2025-06-14 vol? -> keep other-volume by 0 asked",
            ],
        ),
        (
            "newer on the same and on another volume",
            &[
                "a complete 2026-11-20 vol2 -> keep newest-good",
                "a complete 2026-11-10 -> keep other-volume by 0 asked",
                "a complete 2025-06-14 -> remove superseded-by by 1",
            ],
        ),
        (
            "future date on the newer",
            &[
                "a complete 2027-01-01 -> keep no-usable-date",
                "a complete 2025-06-14 -> keep newest-good",
            ],
        ),
        (
            "future date on the older",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a complete 2031-01-01 -> keep no-usable-date",
            ],
        ),
        (
            "within a day ahead is no future",
            &[
                "a complete 2026-11-23 -> keep newest-good",
                "a complete 2025-06-14 -> remove superseded-by by 0",
            ],
        ),
        (
            "date from the file system only",
            &[
                "a complete 2026-11-20 by-mtime -> keep no-usable-date",
                "a complete 2025-06-14 -> keep newest-good",
            ],
        ),
        (
            "older without a usable date",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a complete 2025-06-14 by-mtime -> keep no-usable-date",
            ],
        ),
        (
            "archived",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a complete 2025-06-14 arch -> keep archived by 0 asked",
            ],
        ),
        (
            "the archived one is the newest",
            &[
                "a complete 2026-11-20 arch -> keep newest-good",
                "a complete 2025-06-14 -> remove superseded-by by 0",
            ],
        ),
        (
            "encrypted beside a plain newer one",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a unverified 2025-06-14 enc -> keep encrypted-kept by 0",
            ],
        ),
        (
            "encryption not known beside a plain newer one",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a complete 2025-06-14 enc? -> keep encrypted-kept by 0",
            ],
        ),
        (
            "encryption not known, but its rows show that it is not",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a incomplete 2025-06-14 enc? no-status -> keep encrypted-kept by 0",
                "a incomplete 2025-06-13 enc? no-status plain-rows -> keep incomplete by 0 asked",
                "a incomplete 2025-06-12 enc? no-status plain-rows vol2 -> keep other-volume by 0 asked",
                "a incomplete 2025-06-11 enc no-status plain-rows -> keep encrypted-kept by 0",
                // Too little is left of it for its owner to want it, and nothing lets it go.
                "a incomplete 2025-06-10 enc? plain-rows -> keep encrypted-kept by 0",
                "a complete 2025-06-09 enc? plain-rows -> keep encrypted-kept by 0",
            ],
        ),
        (
            "plain beside an encrypted newer one",
            &[
                "a complete 2026-11-20 enc -> keep newest-good",
                "a complete 2025-06-14 -> remove superseded-by by 0",
            ],
        ),
        (
            "encrypted beside an encrypted newer one",
            &[
                "a complete 2026-11-20 enc -> keep newest-good",
                "a unverified 2025-06-14 enc -> keep holds-more by 0 asked",
            ],
        ),
        (
            "locked newer",
            &[
                "a unverified 2026-11-20 enc -> keep newest-good",
                "a complete 2025-06-14 -> keep newer-not-checked by 0 asked",
            ],
        ),
        (
            "locked newer, complete between",
            &[
                "a unverified 2026-11-20 enc -> keep newest-good",
                "a complete 2026-01-01 -> keep newer-not-checked by 0 asked",
                "a complete 2025-06-14 -> remove superseded-by by 1",
            ],
        ),
        (
            "corrupt newer",
            &[
                "a corrupt 2026-11-20 -> keep corrupt",
                "a complete 2025-06-14 -> keep newest-good",
            ],
        ),
        (
            "corrupt older",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a corrupt 2025-06-14 -> keep corrupt by 0 asked",
            ],
        ),
        (
            "corrupt older than a locked one",
            &[
                "a unverified 2026-11-20 enc -> keep newest-good",
                "a corrupt 2025-06-14 -> keep corrupt by 0 asked",
            ],
        ),
        (
            "incomplete newer",
            &[
                "a incomplete 2026-11-20 -> keep unfinished",
                "a complete 2025-06-14 -> keep newest-good",
            ],
        ),
        (
            "incomplete older",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a incomplete 2025-06-14 -> remove incomplete by 0",
            ],
        ),
        (
            "incomplete older, only the status is gone",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a incomplete 2025-06-14 no-status -> keep incomplete by 0 asked",
            ],
        ),
        (
            "incomplete older without a date",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a incomplete - -> keep no-usable-date",
            ],
        ),
        (
            "incomplete older, archived",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a incomplete 2025-06-14 arch -> keep archived by 0 asked",
            ],
        ),
        (
            "interrupted newer",
            &[
                "a interrupted 2026-11-20 -> keep unfinished",
                "a complete 2025-06-14 -> keep newest-good",
            ],
        ),
        (
            "interrupted older",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a interrupted 2025-06-14 -> remove superseded-by by 0",
            ],
        ),
        (
            "running older",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a in-progress 2025-06-14 -> keep in-progress",
            ],
        ),
        (
            "running newer",
            &[
                "a in-progress 2026-11-22 -> keep in-progress",
                "a complete 2025-06-14 -> keep newest-good",
            ],
        ),
        (
            "written to within the hour",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a complete 2025-06-14 recent -> keep in-progress",
            ],
        ),
        (
            "unreadable",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a unreadable 2025-06-14 -> keep unreadable",
            ],
        ),
        (
            "nothing but Info.plist, alone",
            &["a incomplete 2026-11-20 info-only -> remove not-a-copy"],
        ),
        (
            "nothing but Info.plist, newer",
            &[
                "a complete 2026-01-01 -> keep newest-good+only-copy asked",
                "a incomplete 2026-11-20 info-only -> remove not-a-copy",
            ],
        ),
        (
            "nothing but Info.plist, just written",
            &["a incomplete 2026-11-22 info-only recent -> keep in-progress"],
        ),
        (
            "whose device is disputed",
            &[
                "a complete 2026-11-20 disputed -> keep no-usable-date",
                "a complete 2025-06-14 -> keep newest-good",
            ],
        ),
        (
            "a manifest older than its status",
            &[
                "a incomplete 2026-05-20 stale-manifest -> keep unfinished",
                "a complete 2025-01-03 -> keep newest-good",
            ],
        ),
        (
            "a locked one newer on another volume",
            &[
                "a unverified 2026-11-20 enc vol2 -> keep newest-good",
                "a unverified 2025-06-14 enc -> keep newer-not-checked by 0 asked",
            ],
        ),
        (
            "one whose list can be read, and whose files nobody opened",
            &[
                "a complete 2026-11-20 enc closed -> keep newest-good",
                "a complete 2025-06-14 enc closed -> keep newer-not-checked by 0 asked",
            ],
        ),
        (
            "an archived twin",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a complete 2026-11-20 arch -> keep archived",
            ],
        ),
        (
            "one device with five folders",
            &[
                "a complete 2026-11-20 -> keep newest-good",
                "a complete 2026-06-14 arch -> keep archived by 0 asked",
                "a complete 2025-06-14 -> remove superseded-by by 0",
                "a corrupt 2024-06-14 -> keep corrupt by 0 asked",
                "a incomplete 2023-06-14 -> remove incomplete by 0",
            ],
        ),
    ];
    for (name, lines) in cases {
        check(name, &usual(), lines);
    }
    assert!(cases.len() >= 40);
}

#[test]
fn options_keep_more_or_less() {
    let three: &[(&str, Policy, [&str; 3])] = &[
        (
            "the last two",
            Policy {
                keep: Keep {
                    last: 2,
                    since: None,
                },
                ..usual()
            },
            [
                "keep newest-good",
                "keep keep-last by 0",
                "remove superseded-by by 0",
            ],
        ),
        (
            "within a year",
            Policy {
                keep: Keep {
                    last: 1,
                    since: Some(time("2025-11-22")),
                },
                ..usual()
            },
            [
                "keep newest-good",
                "keep keep-within by 0",
                "remove superseded-by by 0",
            ],
        ),
        (
            "all within",
            Policy {
                keep: Keep {
                    last: 1,
                    since: Some(time("2020-01-01")),
                },
                ..usual()
            },
            [
                "keep newest-good",
                "keep keep-within by 0",
                "keep keep-within by 0",
            ],
        ),
        (
            "the last nine",
            Policy {
                keep: Keep {
                    last: 9,
                    since: None,
                },
                ..usual()
            },
            [
                "keep newest-good",
                "keep keep-last by 0",
                "keep keep-last by 0",
            ],
        ),
    ];
    for (name, policy, expected) in three {
        let given = [
            "a complete 2026-11-20",
            "a complete 2026-06-14",
            "a complete 2025-06-14",
        ];
        let lines: Vec<String> = given
            .iter()
            .zip(expected)
            .map(|(given, out)| format!("{given} -> {out}"))
            .collect();
        check(
            name,
            policy,
            &lines.iter().map(String::as_str).collect::<Vec<_>>(),
        );
    }
    check(
        "archived ones too",
        &Policy {
            include_archived: true,
            ..usual()
        },
        &[
            "a complete 2026-11-20 -> keep newest-good",
            "a complete 2025-06-14 arch -> remove superseded-by by 0",
        ],
    );
    check(
        "locked ones are trusted",
        &Policy {
            trust_locked: true,
            ..usual()
        },
        &[
            "a unverified 2026-11-20 enc -> keep newest-good",
            "a unverified 2025-06-14 enc -> remove superseded-by by 0",
            "a complete 2024-06-14 -> remove superseded-by by 0",
        ],
    );
}

#[test]
fn what_an_option_keeps_is_not_offered() {
    check(
        "archived among the last three",
        &Policy {
            keep: Keep {
                last: 3,
                since: None,
            },
            ..usual()
        },
        &[
            "a complete 2026-11-20 -> keep newest-good",
            "a complete 2025-06-14 arch -> keep keep-last by 0",
        ],
    );
}

#[test]
fn only_a_locked_backup_that_was_looked_at_is_trusted() {
    let mut backups = [
        backup("a unverified 2026-11-20 enc"),
        backup("a complete 2025-06-14"),
    ];
    let policy = Policy {
        trust_locked: true,
        ..usual()
    };
    assert_eq!(
        make(&backups, &policy, now()).removable.backups,
        [BackupIndex::new(1)]
    );
    // As at level quick.
    backups[0].checked.clear();
    assert!(make(&backups, &policy, now()).removable.backups.is_empty());
    backups[0].checked.push("payload-truncated");
    backups[0].locked = false;
    assert!(make(&backups, &policy, now()).removable.backups.is_empty());
}

#[test]
fn flags_say_what_to_know() {
    let backups = [
        backup("a complete 2026-11-20"),
        backup("a complete 2025-06-14 arch big"),
        backup("b unverified 2026-11-01 enc big"),
    ];
    let plan = make(&backups, &usual(), now());
    let flags = |position: usize| {
        plan.decisions[position]
            .flags
            .iter()
            .map(|flag| flag.as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(flags(0), [""; 0]);
    assert_eq!(flags(1), ["old", "oversized", "superseded", "archived"]);
    assert_eq!(flags(2), ["oversized", "only-copy"]);
}

#[test]
fn hard_links_are_freed_with_their_last_name() {
    let of = |files: &[(u64, u32, u32)]| {
        let mut all = Links::default();
        for &(inode, links, inside) in files {
            let allocated = 100;
            let link = Link {
                inode,
                allocated,
                links,
                inside,
            };
            all.add(1, link);
        }
        all
    };
    let mut backups = [
        backup("a complete 2026-11-20"),
        backup("a complete 2025-06-14"),
    ];
    // Shared by both, by the second twice with itself, and by the second with something elsewhere.
    backups[0].links = of(&[(1, 2, 1)]);
    backups[1].links = of(&[(1, 2, 1), (2, 2, 2), (3, 5, 1)]);
    let plan = make(&backups, &usual(), now());
    assert_eq!(plan.decisions[0].frees.bytes, 1024 - 100);
    assert_eq!(plan.decisions[1].frees.bytes, 1024 - 200);
    assert_eq!(plan.removable.frees, plan.decisions[1].frees);
    assert_eq!(frees(&backups, &[0, 1].map(BackupIndex::new)).bytes, 1848);
    backups[1].disk = Some(disk(true));
    assert!(!make(&backups, &usual(), now()).removable.frees.exact);
    assert!(make(&backups, &usual(), now()).decisions[0].frees.exact);
    // Of what could not be looked at nobody knows what it takes.
    backups[0].verdict = Verdict::Unreadable;
    assert!(!make(&backups, &usual(), now()).decisions[0].frees.exact);
}

/// Contents of 100 bytes each by their numbers, with so many clones in a backup.
fn clones_of(contents: &[(u64, u32)]) -> Links {
    let mut all = Links::default();
    for &(inode, inside) in contents {
        for _ in 0..inside {
            let (allocated, links) = (100, 0);
            let clone = Link {
                inode,
                allocated,
                links,
                inside: 1,
            };
            all.add(1, clone);
        }
    }
    all.settle();
    all
}

#[test]
fn what_clones_share_goes_with_the_last_of_them() {
    let mut backups = [
        backup("a complete 2026-11-20"),
        backup("a complete 2025-06-14"),
        backup("a complete 2024-06-14"),
    ];
    // 1 is in all of them; 2 twice in the second, and nowhere else that is known; 3 in the last two; 4 once.
    // 5 also beside them.
    backups[0].clones = clones_of(&[(1, 1), (5, 1)]);
    backups[1].clones = clones_of(&[(1, 1), (2, 2), (3, 1), (4, 1)]);
    backups[2].clones = clones_of(&[(1, 1), (3, 1)]);
    for backup in &mut backups {
        backup.disk = Some(disk(true));
    }
    // What lies beside, in a trash say, keeps blocks, too; what lies in a backup was counted with it.
    let beside = Inventory {
        clones: clones_of(&[(5, 1)]),
        ..Inventory::default()
    };
    let inside = backups[1].path.join("@eaDir");
    let inside_again = Inventory {
        clones: clones_of(&[(4, 1)]),
        ..Inventory::default()
    };
    let beside = [
        (Path::new("trash"), &beside),
        (inside.as_path(), &inside_again),
    ];
    count_names(&mut backups, beside);
    let freed = |members: &[usize]| {
        let members: Vec<_> = members.iter().copied().map(BackupIndex::new).collect();
        let frees = frees(&backups, &members);
        assert!(!frees.exact, "others may have clones, too: {members:?}");
        frees.bytes
    };
    // Each takes 1024 bytes as du counts, all of its clones included.
    assert_eq!(freed(&[0]), 1024 - 2 * 100);
    assert_eq!(freed(&[1]), 1024 - 100 - 200 + 100 - 100);
    assert_eq!(freed(&[2]), 1024 - 100 - 100);
    assert_eq!(freed(&[1, 2]), 2 * 1024 - 2 * 100 - 100 - 100);
    assert_eq!(freed(&[0, 1, 2]), 3 * 1024 - 2 * 100 - 100 - 100 - 100);
}

fn any_backup() -> impl Strategy<Value = BackupReport> {
    let date = prop_oneof![
        Just("-".to_owned()),
        (2019..2029_i16, 1..13_i8, 1..29_i8).prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}")),
    ];
    let words = [
        "enc",
        "enc?",
        "arch",
        "vol2",
        "vol?",
        "recent",
        "info-only",
        "no-status",
        "plain-rows",
        "nested",
        "trash",
        "disputed",
        "stale-manifest",
        "big",
    ];
    (
        prop::sample::select(vec!["a", "b", "-"]),
        prop::sample::select(Verdict::ALL.to_vec()),
        date,
        prop::sample::subsequence(words.to_vec(), 0..3),
    )
        .prop_map(|(device, verdict, date, words)| {
            backup(&format!(
                "{device} {} {date} {}",
                verdict.as_str(),
                words.join(" ")
            ))
        })
}

proptest! {
    // The same cases every time, and many of them.
    #![proptest_config(ProptestConfig {
        cases: 20_000,
        rng_seed: RngSeed::Fixed(20_261_122),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    #[cfg_attr(windows, ignore = "the same everywhere; Wine is slow")]
    fn the_newest_good_backup_of_a_device_is_never_removed(
        backups in prop::collection::vec(any_backup(), 0..9),
        keep_last in 1..4_usize,
        within in prop::option::of(0..3000_i64),
        include_archived: bool,
        trust_locked: bool,
    ) {
        let since = within.map(|days| now() - SignedDuration::from_hours(24 * days));
        let keep = Keep { last: keep_last, since };
        let policy = Policy { keep, include_archived, trust_locked, ..usual() };
        let plan = make(&backups, &policy, now());
        for index in BackupIndex::all(backups.len()) {
            let members: Vec<BackupIndex> =
                BackupIndex::all(backups.len()).filter(|other| backups[*other].udid == backups[index].udid).collect();
            if let Some(newest) = newest_good(&backups, &members, now()) {
                prop_assert_eq!(plan.decisions[newest].action, Action::Keep);
            }
            let is_newest =
                plan.decisions[index].reasons.iter().any(|reason| reason.why == Why::NewestGood);
            if is_newest && backups[index].udid.is_some() {
                let newest = newest_good(&backups, &members, now()).unwrap();
                prop_assert_eq!(date(&backups[newest], now()), date(&backups[index], now()));
            }
            prop_assert!(!plan.decisions[index].reasons.is_empty());
            let verdict = backups[index].verdict;
            if matches!(verdict, Verdict::InProgress | Verdict::Unreadable | Verdict::Corrupt) {
                prop_assert_eq!(plan.decisions[index].action, Action::Keep);
            }
        }
        // A removable backup stands on one that stays.
        for decision in plan.decisions.iter().filter(|decision| decision.action == Action::Remove) {
            if let Some(by) = decision.reasons[0].by {
                prop_assert_eq!(plan.decisions[by].action, Action::Keep);
            }
        }
        prop_assert!(plan.removable.backups.iter().all(|index| !plan.on_request.backups.contains(index)));
    }
}

/// Whatever keeps it: a backup with a stand-in is superseded, and what it holds beyond that is told.
#[test]
fn what_is_held_back_is_superseded_where_something_stands_in_for_it() {
    let judged = |older: &str, newer: &str| {
        let mut backups = [backup(newer), backup(older)];
        // Each with something in it: what holds nothing is not compared.
        for backup in &mut backups {
            backup.payloads = 1;
            backup.payloads_anywhere = 1;
        }
        let plan = make(&backups, &usual(), now());
        let decision = &plan.decisions[1];
        let than = decision.only_here.as_ref().and_then(|only| only.than);
        let than = than.map(BackupIndex::position);
        let flags: Vec<&str> = decision.flags.iter().map(|flag| flag.as_str()).collect();
        format!("{} {flags:?} {than:?}", outcome(&plan, BackupIndex::new(1)))
    };
    const NEWER: &str = "a complete 2026-11-20";
    for (older, newer, expected) in [
        (
            "a complete 2025-06-14 nested",
            NEWER,
            r#"keep nested ["old", "superseded"] Some(0)"#,
        ),
        (
            "a complete 2025-06-14 trash",
            NEWER,
            r#"keep trash ["old", "superseded"] Some(0)"#,
        ),
        (
            "a complete 2026-11-19 recent",
            NEWER,
            r#"keep in-progress ["superseded"] Some(0)"#,
        ),
        (
            "a in-progress 2025-06-14",
            NEWER,
            r#"keep in-progress ["old"] None"#,
        ),
        (
            "a in-progress 2025-06-14 nested",
            NEWER,
            r#"keep in-progress ["old"] None"#,
        ),
        (
            "a unreadable 2025-06-14 trash",
            NEWER,
            r#"keep trash ["old"] None"#,
        ),
        (
            "a complete 2025-06-14 nested disputed",
            NEWER,
            r#"keep nested ["old"] None"#,
        ),
        (
            "a complete 2025-06-14 nested vol2",
            NEWER,
            r#"keep nested ["old"] None"#,
        ),
        (
            "a complete 2025-06-14 nested enc",
            NEWER,
            r#"keep nested ["old"] None"#,
        ),
        (
            "a complete 2025-06-14 nested",
            "a complete 2026-11-20 trash",
            r#"keep nested ["old", "only-copy"] None"#,
        ),
    ] {
        assert_eq!(judged(older, newer), expected, "{older} | {newer}");
    }
}

/// A device with a wrong clock may be at work on what looks like a copy of an old run.
#[test]
fn what_did_not_finish_is_not_removed_within_the_hour() {
    let outcome_of = |state: Option<&str>, changed: &str| {
        let older = BackupReport {
            newest_change: Some(changed.parse().unwrap()),
            oldest_change: Some(changed.parse().unwrap()),
            snapshot_state: state.map(str::to_owned),
            ..backup("a incomplete 2025-06-14")
        };
        let backups = [backup("a complete 2026-11-20"), older];
        let plan = make(&backups, &Policy::usual(now()), now());
        outcome(&plan, BackupIndex::new(1))
    };
    let half_an_hour_ago = now()
        .checked_sub(SignedDuration::from_mins(30))
        .unwrap()
        .to_string();
    let two_hours_ago = now()
        .checked_sub(SignedDuration::from_hours(2))
        .unwrap()
        .to_string();
    for state in [Some("uploading"), None] {
        assert_eq!(outcome_of(state, &half_an_hour_ago), "keep in-progress");
        assert_eq!(outcome_of(state, &two_hours_ago), "remove incomplete by 0");
    }
    // A copy of one that was finished is none.
    let finished = outcome_of(Some("finished"), &half_an_hour_ago);
    assert_eq!(finished, "remove incomplete by 0");
}
