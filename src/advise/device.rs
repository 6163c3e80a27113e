//! Steps 2 to 8: what to do with a device whose backup failed or is stale.

use crate::facts::products;
use crate::model::{Advice, BackupReport, Report};
use crate::system::System;
use crate::verify::state::NEVER_FINISHED;
use crate::words::shell;

use super::guide::STEPS;
use super::naming;
use super::trouble::{self, Trouble};
use crate::verify::Likely;

/// What there is to advise about devices in trouble; nothing about those that are fine.
pub fn advise(report: &Report, system: System) -> Vec<Advice> {
    let troubles = trouble::find(report);
    let is_failed = |trouble: &&Trouble<'_>| !trouble.is_stale;
    let failed: Vec<_> = troubles.iter().filter(is_failed).copied().collect();
    [
        stable_connection(&failed),
        update_ios(report, &failed),
        restart(&troubles),
        reset_network(&troubles),
        icloud_sign_in(&troubles),
        service_status(&troubles),
        contact_support(report, &failed, system),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Devices that the same advice is for; at least one.
struct Group<'a> {
    members: Vec<&'a Trouble<'a>>,
}

impl Group<'_> {
    /// What all of them give; nothing where they differ.
    fn common<T: PartialEq>(&self, of: impl Fn(&Trouble<'_>) -> T) -> Option<T> {
        let mut all = self.members.iter().map(|trouble| of(trouble));
        let first = all.next()?;
        all.all(|other| other == first).then_some(first)
    }

    /// What to call them.
    fn kind(&self) -> &'static str {
        self.common(|trouble| trouble.kind()).unwrap_or("device")
    }
}

/// Advice about these devices: what was seen of each, then what to do, one action a line. Nothing
/// without a device.
fn about<'a>(
    step: u8,
    id: &'static str,
    troubles: impl IntoIterator<Item = &'a Trouble<'a>>,
    lead: &str,
    actions: impl FnOnce(&Group<'_>) -> Vec<String>,
) -> Option<Advice> {
    let group = Group {
        members: troubles.into_iter().collect(),
    };
    if group.members.is_empty() {
        return None;
    }
    let members = || group.members.iter();
    let names: Vec<String> = members().map(|trouble| trouble.name()).collect();
    Some(Advice {
        step,
        id,
        title: STEPS[usize::from(step) - 1].title.to_owned(),
        seen: members().map(|trouble| trouble.seen()).collect(),
        text: actions(&group),
        lead: format!("This is about {}. {lead}", naming::listed(&names)),
        short: lead.to_owned(),
        bytes: None,
        command: None,
        remark: None,
        backups: members().map(|trouble| trouble.index).collect(),
    })
}

fn lines<const N: usize>(lines: [String; N]) -> Vec<String> {
    lines.into()
}

fn stable_connection(troubles: &[Trouble<'_>]) -> Option<Advice> {
    about(
        2,
        "stable-connection",
        troubles.iter().filter(|trouble| trouble.was_cut_short()),
        "A cable is best, until the backup is done.",
        |group| {
            let kind = group.kind();
            let mut text = lines([
                format!(
                    "Connect the {kind} with a cable and leave it there until the backup is done."
                ),
                "Over Wi-Fi: same network, near the router, computer awake.".to_owned(),
                format!("Enter the passcode on the {kind} when it asks for it."),
            ]);
            if let Some(Likely { message, code }) =
                group.common(|trouble| trouble.likely()).flatten()
            {
                let message = message.replace("iPhone", kind);
                text.push(format!(
                    "Finder or iTunes has likely said {message} ({code})."
                ));
            }
            text.push("Why the run stopped cannot be seen from this computer.".to_owned());
            text
        },
    )
}

/// A version such as `17.5.1`, so that versions can be compared.
fn version(text: &str) -> Option<Vec<u32>> {
    let mut parts = text
        .split('.')
        .map(|part| part.parse().ok())
        .collect::<Option<Vec<u32>>>()?;
    while parts.last() == Some(&0) && parts.len() > 1 {
        parts.pop();
    }
    Some(parts)
}

/// The major version of a backup's system.
fn major(backup: &BackupReport) -> Option<u32> {
    let version = version(backup.device.ios_version.as_deref()?)?;
    version.first().copied()
}

/// `iOS 17.1`, on newer iPads `iPadOS 17.1`.
fn system_name(backup: &BackupReport) -> Option<String> {
    let version = backup.device.ios_version.as_deref()?;
    let name = products::system(backup.device.product_type.as_deref(), Some(version));
    Some(format!("{name} {version}"))
}

/// The newest version of the same major one that was seen in any backup, if it is newer than that
/// of the device. Never across majors: not every device can follow.
fn newer_version<'a>(report: &'a Report, trouble: &Trouble<'_>) -> Option<&'a BackupReport> {
    let of = |backup: &BackupReport| version(backup.device.ios_version.as_deref()?);
    // A device in trouble may have been updated since: its newest version is what it has.
    let own = trouble.device.backups.iter();
    let own = own.filter_map(|index| of(&report.backups[*index])).max()?;
    let newest = report
        .backups
        .iter()
        .filter(|backup| of(backup).is_some_and(|other| other.first() == own.first()))
        .max_by_key(|backup| of(backup))?;
    (of(newest)? > own).then_some(newest)
}

fn update_ios(report: &Report, troubles: &[Trouble<'_>]) -> Option<Advice> {
    let outdated = || {
        troubles
            .iter()
            .filter_map(|trouble| Some((trouble, newer_version(report, trouble)?)))
    };
    let sentences: Vec<String> = outdated()
        .filter_map(|(trouble, newer)| {
            Some(format!(
                "{} had {} when it was backed up; {} was seen on {}.",
                trouble.name(),
                system_name(trouble.backup())?,
                newer.device.ios_version.as_deref()?,
                naming::name(newer)
            ))
        })
        .collect();
    about(
        3,
        "update-ios",
        outdated().map(|(trouble, _)| trouble),
        "Settings > General > Software Update.",
        |group| {
            let kind = group.kind();
            sentences
                .into_iter()
                .chain([
                    format!("On the {kind}: Settings > General > Software Update."),
                    format!("Which version Apple offers for this {kind} cannot be seen from this computer."),
                ])
                .collect()
        },
    )
}

fn restart(troubles: &[Trouble<'_>]) -> Option<Advice> {
    about(
        4,
        "restart",
        troubles,
        "Settings > General > Shut Down, then switch it on again.",
        |group| {
            let kind = group.kind();
            let mut text: Vec<String> = keep(group).into_iter().collect();
            if group.members.iter().any(|trouble| trouble.is_stale) {
                text.push(format!(
                    "First connect the {kind} with a cable and back it up: it may only not have been \
                     near this computer."
                ));
            }
            text.extend(lines([
                format!("On the {kind}: Settings > General > Shut Down, then switch it on again."),
                "Restart this computer too, then back up again.".to_owned(),
                format!("When the {kind} was restarted last cannot be seen from this computer."),
            ]));
            text
        },
    )
}

/// What to do before a run that may replace what is there.
fn keep(group: &Group<'_>) -> Option<String> {
    let members = group.members.iter();
    let names: Vec<String> = members
        .filter(|trouble| trouble.may_be_replaced())
        .map(|trouble| trouble.name())
        .collect();
    let (folders, them) = match names.as_slice() {
        [] => return None,
        [_] => ("folder", "it"),
        _ => ("folders", "them"),
    };
    Some(format!(
        "Before the next backup, copy the {folders} of {} to another place: the next run may replace \
         what is in {them}.",
        naming::listed(&names)
    ))
}

fn reset_network(troubles: &[Trouble<'_>]) -> Option<Advice> {
    about(
        5,
        "reset-network",
        troubles,
        "Only if backups over Wi-Fi or to iCloud fail; saved passwords go.",
        |group| {
            let kind = group.kind();
            let menu = if kind == "device" { "iPhone" } else { kind };
            let (new, old) = (
                format!(
                    "Settings > General > Transfer or Reset {menu} > Reset > Reset Network Settings"
                ),
                "Settings > General > Reset > Reset Network Settings",
            );
            let path = match group.common(|trouble| Some(major(trouble.backup())? >= 15)) {
                Some(Some(true)) => new,
                Some(Some(false)) => old.to_owned(),
                _ => format!("{new} (before iOS 15: {old})"),
            };
            lines([
                "Only if backups over Wi-Fi or to iCloud fail: a cable needs no network.".to_owned(),
                "Saved Wi-Fi networks and their passwords go, and VPN settings with them: note them \
                 first."
                    .to_owned(),
                format!("On the {kind}: {path}."),
                "Whether the network is the trouble cannot be seen from this computer.".to_owned(),
            ])
        },
    )
}

fn icloud_sign_in(troubles: &[Trouble<'_>]) -> Option<Advice> {
    about(
        6,
        "icloud-sign-in",
        troubles,
        "Only if backups to iCloud fail.",
        |group| {
            let kind = group.kind();
            lines([
                "Only if backups to iCloud fail: those on this computer do not use it.".to_owned(),
                format!(
                    "What is kept in iCloud alone leaves the {kind} until it is signed in again: \
                     photos that are not downloaded, contacts, calendars, notes. Cards in Wallet \
                     have to be added anew."
                ),
                "Back up to this computer first, and have the password of the Apple Account at hand. \
                 When it asks, keep a copy of the data."
                    .to_owned(),
                format!("On the {kind}: Settings > your name > Sign Out, then sign in again."),
                format!("Whether the {kind} is signed in cannot be seen from this computer."),
            ])
        },
    )
}

fn service_status(troubles: &[Trouble<'_>]) -> Option<Advice> {
    about(
        7,
        "service-status",
        troubles,
        "Only if backups to iCloud fail.",
        |_| {
            lines([
                "Only if backups to iCloud fail: open Apple's System Status page, \
                 https://www.apple.com/support/systemstatus/."
                    .to_owned(),
                "Look for iCloud Backup and iCloud Account & Sign In. Where there is an outage, wait."
                    .to_owned(),
                "Apple's services cannot be seen from here: bkscan never uses the network.".to_owned(),
            ])
        },
    )
}

fn contact_support(report: &Report, troubles: &[Trouble<'_>], system: System) -> Option<Advice> {
    let mut advice = about(
        8,
        "contact-support",
        troubles,
        "bkscan --advice all lists what to have at hand.",
        |_| {
            lines([
                "If it still fails: https://getsupport.apple.com. Have this at hand:".to_owned(),
            ])
        },
    )?;
    for trouble in troubles {
        advice.text.extend(at_hand(trouble));
    }
    let words = ["--advice", "all", "--redact"];
    advice.command = Some(shell::command(system, &words, report));
    advice.remark = Some("the same without personal data");
    Some(advice)
}

/// What Apple Support asks for, as a block to copy.
fn at_hand(trouble: &Trouble<'_>) -> Vec<String> {
    let backup = trouble.backup();
    let device = &backup.device;
    let with = |first: Option<String>, second: &Option<String>| match (first, second) {
        (Some(first), Some(second)) => Some(format!("{first} ({second})")),
        (first, second) => first.or_else(|| second.clone()),
    };
    let date = naming::day(trouble.report, trouble.index);
    let ids: Vec<_> = trouble.findings().map(|finding| finding.id).collect();
    let likely = trouble
        .likely()
        .map(|likely| format!("{} (likely)", likely.code));
    let state = backup.snapshot_state.clone();
    let attempt = match backup.has(NEVER_FINISHED.id) {
        true => "Last attempt",
        false => "Last backup",
    };
    let facts = [
        (
            "Model",
            with(device.product_name.clone(), &device.product_type),
        ),
        ("System", with(system_name(backup), &device.build_version)),
        ("Serial number", device.serial_number.clone()),
        (attempt, date),
        ("State", state),
        (
            "Findings",
            Some(ids.join(", ")).filter(|ids| !ids.is_empty()),
        ),
        ("Apple's code", likely),
    ];
    let facts = facts
        .into_iter()
        .filter_map(|(label, value)| Some(format!("    {:<14} {}", format!("{label}:"), value?)));
    [format!("  {}", trouble.name())]
        .into_iter()
        .chain(facts)
        .collect()
}
