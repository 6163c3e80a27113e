//! Advice for several devices: what holds for all of them is said once.

use crate::model::Advice;
use crate::words;

use super::guide::STEPS;
use super::ids::is_drastic;
use super::trouble::Trouble;

/// Devices that the same advice is for; at least one.
pub struct Group<'a> {
    members: Vec<&'a Trouble<'a>>,
}

impl Group<'_> {
    /// What all of them give; nothing where they differ.
    pub fn common<T: PartialEq>(&self, of: impl Fn(&Trouble<'_>) -> T) -> Option<T> {
        let mut all = self.members.iter().map(|trouble| of(trouble));
        let first = all.next()?;
        all.all(|other| other == first).then_some(first)
    }

    /// What to call them.
    pub fn kind(&self) -> &'static str {
        self.common(|trouble| trouble.kind()).unwrap_or("device")
    }

    /// What they are called.
    pub fn names(&self) -> String {
        let members = self.members.iter();
        words::listed(&members.map(|trouble| trouble.name()).collect::<Vec<_>>())
    }

    /// When it is time for what is drastic or blind.
    pub fn when(&self) -> String {
        let members = self.members.iter();
        let failing: Vec<String> = members
            .filter(|trouble| trouble.fails_again())
            .map(|trouble| {
                let days = trouble.device.failed_days;
                format!("Backups of {} failed on {days} days.", trouble.name())
            })
            .collect();
        match failing.is_empty() {
            true => "Only if the next backup fails, too.".to_owned(),
            false => failing.join(" "),
        }
    }
}

/// Advice about these devices: what was seen of each, then what to do, one action a line. Nothing
/// without a device.
pub fn about<'a>(
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
    let before = match is_drastic(id) {
        true => group.when() + " ",
        false => String::new(),
    };
    Some(Advice {
        step,
        id,
        title: STEPS[usize::from(step) - 1].title.to_owned(),
        seen: members().map(|trouble| trouble.seen()).collect(),
        text: actions(&group),
        lead: format!("{before}{lead}"),
        short: format!("{before}{lead}"),
        bytes: None,
        command: None,
        remark: None,
        backups: members().map(|trouble| trouble.index).collect(),
    })
}
