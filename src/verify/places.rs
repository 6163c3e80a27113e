//! What lies in a backup's folder and is none of it (contract §1, §4).

use crate::model::{Effect, Example, Level, Severity, Subjects};
use crate::words::numbers;

use super::check::{Check, Explanation, Run};
use super::evidence::Evidence;
use super::outcome::{Details, Outcome};

pub(super) const CHECKS: &[Check] = &[NESTED_BACKUP, FOREIGN_CONTENT];

pub(crate) const NESTED_BACKUP: Check = Check {
    id: "nested-backup",
    severity: Severity::Note,
    effect: Effect::Nothing,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "Another backup, or a part of one, lies in the folder of this one. Each is \
                  judged by itself.",
        certainty: "That it lies there is a fact. How it came there cannot be told; most often \
                    a folder was dropped into another one.",
        source: "The device and Apple's programs put each backup beside the others, never into \
                 one. Whoever removes the outer folder removes the inner one, too.",
        action: "See where it is: bkscan show BACKUP.\n\
                 If you need it, move it out, beside the other backups.",
    },
    run: Run::Backup(nested_backup),
    ..Check::USUAL
};

pub(crate) const FOREIGN_CONTENT: Check = Check {
    id: "foreign-content",
    severity: Severity::Note,
    effect: Effect::Nothing,
    level: Level::Quick,
    explanation: Explanation {
        meaning: "Files lie in this folder that are no part of a backup. They do no harm to it, \
                  but they would go with it.",
        certainty: "That neither the device nor a known program for backups gives files such \
                    names is a fact. Whose they are and whether you need them cannot be told.",
        source: "The device writes its lists and the stored files, all under names of their own. \
                 What else lies there was put there by you or by another program.",
        action: "See which files: bkscan show BACKUP.\n\
                 Move what you need to a place of its own.",
    },
    run: Run::Backup(foreign_content),
    ..Check::USUAL
};

/// How many places a message names.
const NAMED: usize = 3;

/// Where they are, without more.
fn places(subjects: &Subjects) -> impl Iterator<Item = String> + '_ {
    subjects
        .first
        .iter()
        .filter_map(|subject| subject.place.clone())
}

fn nested_backup(evidence: &Evidence<'_>) -> Outcome {
    let nested = &evidence.inventory.nested;
    if nested.count == 0 {
        return Outcome::Passed;
    }
    let mut named: Vec<String> = places(nested).take(NAMED).collect();
    let more = nested.count.saturating_sub(named.len() as u64);
    if more > 0 {
        named.push(format!("{} more", numbers::count(more)));
    }
    let size = numbers::size(nested.bytes);
    let tell = |named: &str| match nested.count {
        1 => format!("Another backup, or a part of one, lies in this folder{named} ({size})"),
        count => format!(
            "{} other backups, or parts of some, lie in this folder{named} ({size} together)",
            numbers::count(count)
        ),
    };
    let examples = places(nested)
        .map(|place| Example {
            path: Some(place),
            ..Example::default()
        })
        .collect();
    Outcome::Failed(Details {
        count: nested.count,
        bytes: nested.bytes,
        message: tell(&format!(": {}", named.join(", "))),
        unnamed: Some(tell("")),
        examples,
        hint: None,
    })
}

fn foreign_content(evidence: &Evidence<'_>) -> Outcome {
    let foreign = &evidence.inventory.foreign_outside;
    if foreign.count == 0 {
        return Outcome::Passed;
    }
    let size = numbers::size(foreign.bytes);
    let files = numbers::counted(foreign.count, "file", "files");
    let first = places(foreign).next().unwrap_or_default();
    let (unnamed, message) = match foreign.count {
        1 => {
            let fact = format!("{files} ({size}) in this folder is no part of the backup");
            (fact.clone(), format!("{fact}: {first}"))
        }
        _ => {
            let fact = format!("{files} ({size}) in this folder are no part of the backup");
            (fact.clone(), format!("{fact}, the first is {first}"))
        }
    };
    let examples = foreign.first.iter().map(|subject| subject.to_example());
    Outcome::Failed(Details {
        count: foreign.count,
        bytes: foreign.bytes,
        message,
        unnamed: Some(unnamed),
        examples: examples.collect(),
        hint: None,
    })
}
