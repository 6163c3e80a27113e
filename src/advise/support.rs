//! Step 8: what to have at hand for Apple Support.

use crate::model::{Advice, Report};
use crate::system::System;
use crate::words::{self, shell};

use super::group::about;
use super::ids::CONTACT_SUPPORT;
use super::naming;
use super::trouble::Trouble;

/// What there is to advise about devices that failed.
pub fn advise(report: &Report, troubles: &[Trouble<'_>], system: System) -> Option<Advice> {
    let mut advice = about(
        8,
        CONTACT_SUPPORT,
        troubles,
        "https://getsupport.apple.com; bkscan --advice all lists what to have at hand.",
        |group| {
            let likely = group.common(|trouble| trouble.likely()).flatten();
            let likely = likely.map(|likely| format!("Apple's code is likely {}.", likely.code));
            let at_hand =
                "If it still fails: https://getsupport.apple.com. Have at hand (model, system, serial \
                 number, date and findings of the last run):"
                    .to_owned();
            likely.into_iter().chain([at_hand]).collect()
        },
    )?;
    advice.text.extend(troubles.iter().map(at_hand));
    advice.text.extend(findings_of_all(troubles));
    let words = ["--advice", "all", "--redact"];
    advice.command = Some(shell::command(system, &words, report));
    advice.remark = Some("The same without personal data:");
    Some(advice)
}

/// What Apple Support asks for, as a line to copy.
fn at_hand(trouble: &Trouble<'_>) -> String {
    let backup = trouble.backup();
    let device = &backup.device;
    let product = device
        .product_name
        .as_ref()
        .or(device.product_type.as_ref());
    let system = trouble.system();
    let build = device.build_version.as_ref();
    let version = match (system, build) {
        (Some(system), Some(build)) => Some(format!("{system} ({build})")),
        (system, build) => system.or_else(|| build.cloned()),
    };
    let date = naming::day(trouble.report, trouble.index);
    let facts = [
        product.cloned(),
        version,
        device.serial_number.clone(),
        date,
    ];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    format!("  {}: {}", trouble.name(), facts.join(", "))
}

/// The findings of all, each once with the devices that have it.
fn findings_of_all(troubles: &[Trouble<'_>]) -> Option<String> {
    let mut findings: Vec<(&str, Vec<String>)> = Vec::new();
    for trouble in troubles {
        for finding in trouble.findings() {
            match findings.iter_mut().find(|(id, _)| *id == finding.id) {
                Some((_, names)) => names.push(trouble.name()),
                None => findings.push((finding.id, vec![trouble.name()])),
            }
        }
    }
    let told = findings.iter().map(|(id, names)| match troubles {
        [_] => (*id).to_owned(),
        _ => format!("{id} ({})", words::listed(names)),
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| format!("  Findings: {}", told.join(", ")))
}
