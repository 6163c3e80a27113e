//! Steps 2 to 8: what to do with a device whose backup failed or is stale.

use crate::model::{Advice, BackupReport, Report};
use crate::system::System;

use super::group::about;
use super::ids::{
    ICLOUD_SIGN_IN, RESET_NETWORK, RESTART, SERVICE_STATUS, STABLE_CONNECTION, UPDATE_IOS,
};
use super::mend;
use super::naming;
use super::save;
use super::support;
use super::trouble::{self, Trouble};
use crate::verify::Likely;

/// What there is to advise about devices in trouble; nothing about those that are fine.
pub fn advise(report: &Report, system: System) -> Vec<Advice> {
    let troubles = trouble::find(report);
    let is_failed = |trouble: &&Trouble<'_>| !trouble.is_stale;
    let failed: Vec<_> = troubles.iter().filter(is_failed).copied().collect();
    // No network has lost what is missing in a finished backup.
    let is_undamaged = |trouble: &&Trouble<'_>| !trouble.is_damaged();
    let undamaged: Vec<_> = troubles.iter().filter(is_undamaged).copied().collect();
    let mut advice = save::advise(report, &troubles, system);
    advice.extend(mend::advise(&troubles, system));
    let steps = [
        stable_connection(&failed),
        update_ios(report, &failed),
        restart(&troubles),
        reset_network(&undamaged),
        icloud_sign_in(&troubles),
        service_status(&troubles),
        support::advise(report, &failed, system),
    ];
    advice.extend(steps.into_iter().flatten());
    advice
}

fn lines<const N: usize>(lines: [String; N]) -> Vec<String> {
    lines.into()
}

fn stable_connection(troubles: &[Trouble<'_>]) -> Option<Advice> {
    about(
        2,
        STABLE_CONNECTION,
        troubles.iter().filter(|trouble| trouble.was_cut_short()),
        "A cable is best, until the backup is done.",
        |group| {
            let mut text = lines([format!(
                "For {}: a cable until it is done, and the passcode when it asks; over Wi-Fi near the \
                     router, computer awake.",
                group.names()
            )]);
            if let Some(Likely { message, code }) =
                group.common(|trouble| trouble.likely()).flatten()
            {
                let message = message.replace("iPhone", group.kind());
                text.push(format!(
                    "Finder or iTunes has likely said {message} ({code})."
                ));
            }
            text.push("Why it stopped cannot be seen from here.".to_owned());
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
    // What was seen on one device holds for all that are behind it.
    let mut seen: Vec<(String, Vec<String>)> = Vec::new();
    for (trouble, newer) in outdated() {
        let version = newer.device.ios_version.as_deref();
        let (Some(version), Some(own)) = (version, trouble.system()) else {
            continue;
        };
        let seen_on = format!("{version} was seen on {}", naming::name(report, newer));
        let had = format!("{} had {own}", trouble.name());
        match seen.iter_mut().find(|(newer, _)| *newer == seen_on) {
            Some((_, behind)) => behind.push(had),
            None => seen.push((seen_on, vec![had])),
        }
    }
    let sentence =
        |(newer, behind): (String, Vec<String>)| format!("{}, and {newer}.", behind.join(", "));
    let sentences: Vec<String> = seen.into_iter().map(sentence).collect();
    about(
        3,
        UPDATE_IOS,
        outdated().map(|(trouble, _)| trouble),
        "Settings > General > Software Update.",
        |group| {
            let kind = group.kind();
            sentences
                .into_iter()
                .chain([format!(
                    "On the {kind}: Settings > General > Software Update; what Apple offers cannot be seen \
                     from here."
                )])
                .collect()
        },
    )
}

fn restart(troubles: &[Trouble<'_>]) -> Option<Advice> {
    about(
        4,
        RESTART,
        troubles,
        "Settings > General > Shut Down, then switch it on again; whether it helps cannot be seen here.",
        |group| {
            let kind = group.kind();
            lines([
                group.when(),
                format!(
                    "On the {kind}: Settings > General > Shut Down, then switch it on again; restart this \
                     computer, too."
                ),
                "Whether that helps cannot be seen from here.".to_owned(),
            ])
        },
    )
}

fn reset_network(troubles: &[Trouble<'_>]) -> Option<Advice> {
    about(
        5,
        RESET_NETWORK,
        troubles,
        "Not for backups by cable; saved Wi-Fi passwords go.",
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
                "Only if backups over Wi-Fi or to iCloud fail; saved Wi-Fi passwords and VPN settings go."
                    .to_owned(),
                format!("{path}."),
                "It cannot be seen from here.".to_owned(),
            ])
        },
    )
}

fn icloud_sign_in(troubles: &[Trouble<'_>]) -> Option<Advice> {
    about(
        6,
        ICLOUD_SIGN_IN,
        troubles,
        "Only for backups to iCloud.",
        |group| {
            let kind = group.kind();
            lines([
                format!(
                    "Only if backups to iCloud fail, and after one to this computer: what is in iCloud \
                     alone leaves the {kind}, as do cards in Wallet."
                ),
                "Settings > your name > Sign Out.".to_owned(),
                "It cannot be seen from here.".to_owned(),
            ])
        },
    )
}

fn service_status(troubles: &[Trouble<'_>]) -> Option<Advice> {
    about(
        7,
        SERVICE_STATUS,
        troubles,
        "Only for backups to iCloud: https://www.apple.com/support/systemstatus/.",
        |_| {
            lines([
                "Only if backups to iCloud fail: https://www.apple.com/support/systemstatus/."
                    .to_owned(),
                "It cannot be seen from here.".to_owned(),
            ])
        },
    )
}
