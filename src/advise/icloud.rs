//! Whether iCloud would do: what an iCloud backup would hold at most, and the plan it would need
//! (F§17).

use crate::model::{Advice, BackupIndex, IcloudEstimate, Report};
use crate::words::{self, numbers};

use super::naming;

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

/// What several devices would take together.
#[derive(Clone, Copy, Default)]
struct Sizes {
    /// As they are set now: without the photos that iCloud Photos has.
    likely: u64,
    all: u64,
    without_photos: u64,
    without_messages: u64,
    without_both: u64,
}

impl Sizes {
    fn of(estimate: &IcloudEstimate) -> Sizes {
        let IcloudEstimate {
            photos,
            messages,
            rest,
            photos_in_icloud,
        } = *estimate;
        let without_photos = rest.saturating_add(messages);
        let all = without_photos.saturating_add(photos);
        Sizes {
            likely: if photos_in_icloud {
                without_photos
            } else {
                all
            },
            all,
            without_photos,
            without_messages: rest.saturating_add(photos),
            without_both: rest,
        }
    }

    fn and(self, other: Sizes) -> Sizes {
        Sizes {
            likely: self.likely.saturating_add(other.likely),
            all: self.all.saturating_add(other.all),
            without_photos: self.without_photos.saturating_add(other.without_photos),
            without_messages: self.without_messages.saturating_add(other.without_messages),
            without_both: self.without_both.saturating_add(other.without_both),
        }
    }

    /// With and without photos and messages, as the rest of a sentence; what is told already is left out.
    fn without(&self) -> String {
        let parts = [
            ("with photos", self.all),
            ("without photos", self.without_photos),
            ("without messages", self.without_messages),
            ("without photos and messages", self.without_both),
        ];
        let others = parts.iter().filter(|(_, size)| {
            let is_told = *size == self.likely;
            !is_told || *size == self.without_both
        });
        let others: Vec<String> = others
            .map(|(words, size)| format!("{words} {}", sized(*size)))
            .collect();
        others.join(", ")
    }
}

/// `27.0 GB (50 GB plan)`.
fn sized(bytes: u64) -> String {
    format!("{} ({})", numbers::size(bytes), plan(bytes))
}

/// The advice about the newest backups of devices: one plan is for all of them, and what each takes of it is
/// told, too.
pub fn advise(report: &Report, newest: &[BackupIndex]) -> Option<Advice> {
    let known = newest.iter().filter_map(|index| {
        let estimate = report.backups[*index].icloud.as_ref()?;
        Some((*index, estimate, Sizes::of(estimate)))
    });
    let known: Vec<(BackupIndex, &IcloudEstimate, Sizes)> = known.collect();
    let indices: Vec<BackupIndex> = known.iter().map(|(index, ..)| *index).collect();
    let together = naming::dated_together(report, &indices).filter(|_| known.len() > 1);
    let called = |index: BackupIndex| {
        let name = naming::name(report, &report.backups[index]);
        match together {
            Some(_) => name,
            None => name + &naming::dated(report, index),
        }
    };
    let names: Vec<String> = known.iter().map(|(index, ..)| called(*index)).collect();
    let listed = naming::listed_or_counted(&names) + together.as_deref().unwrap_or_default();
    let sum = known
        .iter()
        .fold(Sizes::default(), |sum, (.., sizes)| sum.and(*sizes));
    let likely = sized(sum.likely);
    let (lead, short) = match known.len() {
        0 => return None,
        1 => (
            format!(
                "An iCloud backup of {listed} would take up to {likely}, {}.",
                sum.without()
            ),
            format!("{listed} would need up to {likely}."),
        ),
        _ => (
            format!(
                "iCloud backups of {listed} would take up to {likely} together, {}.",
                sum.without()
            ),
            format!("{listed} would need up to {likely} together."),
        ),
    };
    let mut text = vec![lead.clone()];
    if known.len() > 1 {
        let sizes = known
            .iter()
            .map(|(index, _, sizes)| (called(*index), sizes.likely));
        text.push(each_alone(sizes.collect()));
    }
    let mut estimates = known.iter().map(|(_, estimate, _)| estimate);
    let photos = match estimates.any(|estimate| estimate.photos_in_icloud) {
        true => "photos that iCloud Photos has, and ",
        false => "",
    };
    text.push(format!(
        "Not in it: {photos}what else is in iCloud, which cannot be seen from here."
    ));
    Some(Advice {
        step: 1,
        id: ID,
        title: "See whether iCloud would do".to_owned(),
        seen: vec![],
        text,
        short,
        lead,
        bytes: Some(sum.likely),
        command: None,
        remark: None,
        backups: indices,
    })
}

/// What each of these devices would take for itself, those together that the same plan would do for.
fn each_alone(devices: Vec<(String, u64)>) -> String {
    let are_many = devices.len() >= naming::MANY_DEVICES;
    let mut plans: Vec<(String, Vec<String>)> = Vec::new();
    for (name, bytes) in devices {
        let (size, plan) = (numbers::size(bytes), plan(bytes));
        let of_device = match are_many {
            true => name,
            false => format!("{name} up to {size}"),
        };
        match plans.iter_mut().find(|(other, _)| *other == plan) {
            Some((_, members)) => members.push(of_device),
            None => plans.push((plan, vec![of_device])),
        }
    }
    let told = plans
        .iter()
        .map(|(plan, members)| match members.as_slice() {
            [one] => format!("{one} ({plan})"),
            several => format!("{} ({plan} each)", words::listed(several)),
        });
    format!("Each alone: {}.", told.collect::<Vec<_>>().join("; "))
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
