//! Whether iCloud would do: what an iCloud backup would hold at most, and the plan it would need
//! (F§17).

use crate::model::{Advice, BackupIndex, IcloudEstimate};
use crate::words::numbers;

/// The id of this advice.
pub const ID: &str = "icloud-plan";

/// Plans by name and size. Apple shows decimal sizes and seems to count binary ones, so that what
/// fits the decimal size fits for sure.
const PLANS: [(&str, u64); 6] = [
    ("5 GB", 5_000_000_000),
    ("50 GB", 50_000_000_000),
    ("200 GB", 200_000_000_000),
    ("2 TB", 2_000_000_000_000),
    ("6 TB", 6_000_000_000_000),
    ("12 TB", 12_000_000_000_000),
];

/// The plan that surely holds this many bytes, and whether the one below it may just do.
fn plan(bytes: u64) -> String {
    // 5 GB of the free plan were seen to be 5 x 2^30 bytes.
    let just = |size: u64| u128::from(bytes) * 1_000_000_000 <= u128::from(size) << 30;
    let below = PLANS
        .iter()
        .find(|(_, size)| bytes > *size && just(*size))
        .map(|(name, _)| format!("; {name} may just do"))
        .unwrap_or_default();
    match PLANS.iter().find(|(_, size)| bytes <= *size) {
        Some((name, _)) => format!("{name} plan{below}"),
        None => format!("more than any plan{below}"),
    }
}

/// The advice about one device's backup.
pub fn advise(
    name: &str,
    estimate: &IcloudEstimate,
    index: BackupIndex,
    disk_is_short: bool,
) -> Advice {
    let IcloudEstimate {
        photos,
        messages,
        rest,
        photos_in_icloud,
    } = *estimate;
    let sum = |parts: &[u64]| {
        parts
            .iter()
            .fold(rest, |sum, part| sum.saturating_add(*part))
    };
    let sized = |parts: &[u64]| format!("{} ({})", numbers::size(sum(parts)), plan(sum(parts)));
    // What iCloud Photos has is not in the device's iCloud backup.
    let (likely, other, others) = if photos_in_icloud {
        let likely = [messages].to_vec();
        (likely, "with photos", sized(&[photos, messages]))
    } else {
        let likely = [photos, messages].to_vec();
        (likely, "without photos", sized(&[messages]))
    };
    let lead = format!(
        "An iCloud backup of {name} would take up to {}, {other} {others}.",
        sized(&likely)
    );
    let mut text = vec![lead.clone()];
    if photos_in_icloud {
        text.push("iCloud Photos was on, so that photos are not in an iCloud backup.".to_owned());
        text.push(format!("Without messages it would be {}.", sized(&[])));
    } else {
        text.push(format!(
            "Without messages it would be {}, without both {}.",
            sized(&[photos]),
            sized(&[])
        ));
    }
    if disk_is_short {
        text.push(
            "The disk of this computer is the trouble, and an iCloud backup needs no room on it."
                .to_owned(),
        );
    }
    text.push(
        "What else the iCloud account holds (photos, files, mail, other devices) takes room in the \
         same plan and cannot be seen from this computer."
            .to_owned(),
    );
    text.push("See what is left of the plan: Settings > your name > iCloud.".to_owned());
    Advice {
        step: 1,
        id: ID,
        title: "See whether iCloud would do".to_owned(),
        seen: vec![],
        text,
        short: format!("{name} would need up to {}.", sized(&likely)),
        lead,
        bytes: Some(sum(&likely)),
        command: None,
        remark: None,
        backups: vec![index],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_holds_what_fits_its_decimal_size() {
        for (bytes, expected) in [
            (0, "5 GB plan"),
            (5_000_000_000, "5 GB plan"),
            (5_000_000_001, "50 GB plan; 5 GB may just do"),
            (5_368_709_120, "50 GB plan; 5 GB may just do"),
            (5_368_709_121, "50 GB plan"),
            (86_400_000_000, "200 GB plan"),
            (205_000_000_000, "2 TB plan; 200 GB may just do"),
            (12_000_000_000_000, "12 TB plan"),
            (12_000_000_000_001, "more than any plan; 12 TB may just do"),
            (13_000_000_000_000, "more than any plan"),
            (u64::MAX, "more than any plan"),
        ] {
            assert_eq!(plan(bytes), expected, "{bytes}");
        }
    }
}
