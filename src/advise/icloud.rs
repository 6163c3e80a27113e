//! Whether iCloud would do: what an iCloud backup would hold at most, and the plan it would need
//! (F§17).

use crate::human;
use crate::model::{Advice, IcloudEstimate};

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
        .map(|(name, _)| format!(", with luck {name}"))
        .unwrap_or_default();
    match PLANS.iter().find(|(_, size)| bytes <= *size) {
        Some((name, _)) => format!("{name} plan{below}"),
        None => format!("more than any plan{below}"),
    }
}

/// The advice about one device's backup.
pub fn advise(name: &str, estimate: &IcloudEstimate, at: usize, disk_is_short: bool) -> Advice {
    let IcloudEstimate {
        photos,
        messages,
        rest,
        photos_in_icloud,
    } = *estimate;
    let all = rest.saturating_add(messages).saturating_add(photos);
    let sized = |bytes: u64| format!("{} ({})", human::size(bytes), plan(bytes));
    let lead = format!(
        "An iCloud backup of {name} would take up to {}, without photos {}.",
        sized(all),
        sized(rest.saturating_add(messages))
    );
    let mut text = vec![
        lead.clone(),
        format!(
            "Without messages it would be {}, without both {}.",
            sized(rest.saturating_add(photos)),
            sized(rest)
        ),
    ];
    if photos_in_icloud {
        text.push(
            "iCloud Photos was on: once all photos are in iCloud, its backup leaves them out."
                .to_owned(),
        );
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
    text.push("On the device: Settings > your name > iCloud.".to_owned());
    Advice {
        step: 1,
        id: ID,
        title: "See whether iCloud would do".to_owned(),
        seen: vec![],
        text,
        short: format!("{name} would need up to {}.", sized(all)),
        lead,
        bytes: Some(all),
        command: None,
        remark: None,
        backups: vec![at],
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
            (5_000_000_001, "50 GB plan, with luck 5 GB"),
            (5_368_709_120, "50 GB plan, with luck 5 GB"),
            (5_368_709_121, "50 GB plan"),
            (86_400_000_000, "200 GB plan"),
            (205_000_000_000, "2 TB plan, with luck 200 GB"),
            (12_000_000_000_000, "12 TB plan"),
            (12_000_000_000_001, "more than any plan, with luck 12 TB"),
            (13_000_000_000_000, "more than any plan"),
            (u64::MAX, "more than any plan"),
        ] {
            assert_eq!(plan(bytes), expected, "{bytes}");
        }
    }
}
