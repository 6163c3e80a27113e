//! What stands for apps and domains that tell something of a person: which apps somebody has, and what those
//! are called that somebody made. Pure.

use std::collections::HashMap;

use crate::facts::domains::{self, Apps};
use crate::model::{BackupReport, Loss, LossKind, PathClass};

/// Numbers for names, the same for the same name wherever it stands in a report.
#[derive(Debug, Default)]
pub struct Unnamed {
    apps: HashMap<String, usize>,
    domains: HashMap<String, usize>,
    /// The apps of all backups.
    known: Apps,
}

impl Unnamed {
    /// For what these backups hold, before anything is taken out of them.
    pub fn of(backups: &[BackupReport]) -> Unnamed {
        let info: Vec<_> = backups.iter().flat_map(|one| &one.holdings.apps).collect();
        let info: Vec<_> = info.into_iter().cloned().collect();
        let domains = backups.iter().flat_map(|one| &one.domains);
        Unnamed {
            known: Apps::new(&info, domains.map(|domain| domain.name.as_str())),
            ..Unnamed::default()
        }
    }

    /// The name of a storage group, or what stands for it.
    pub fn group(&mut self, name: &str) -> String {
        if let Some(domain) = domains::unknown_domain(name) {
            return domains::unknown_group(&self.unknown(domain));
        }
        if domains::is_common_group(name) {
            return name.to_owned();
        }
        let next = self.apps.len() + 1;
        let number = *self.apps.entry(name.to_owned()).or_insert(next);
        format!("app-{number}")
    }

    /// A domain, or what stands for it.
    pub fn domain(&mut self, domain: &str) -> String {
        if domains::is_common_domain(domain) {
            return domain.to_owned();
        }
        match domain.split_once('-') {
            Some((family, _)) if domains::is_of_apps(family) => {
                let name = self.known.group(domain, PathClass::Rest).into_owned();
                format!("{family}-{}", self.group(&name))
            }
            _ => self.unknown(domain),
        }
    }

    /// What is lost of an app.
    pub fn loss(&mut self, loss: &mut Loss) {
        if loss.kind == LossKind::App {
            loss.name = self.group(&loss.name);
        }
    }

    fn unknown(&mut self, domain: &str) -> String {
        let next = self.domains.len() + 1;
        let number = *self.domains.entry(domain.to_owned()).or_insert(next);
        format!("domain-{number}")
    }
}

/// Whether the name of a storage group, or of what is lost, tells nothing of a person.
pub fn is_unnamed_group(name: &str) -> bool {
    const KINDS: [&str; 3] = ["Voicemail", "Files", "Notes"];
    let marks = [", shorter", ", other"];
    let marked = marks.iter().find_map(|mark| name.strip_suffix(mark));
    let name = marked.unwrap_or(name);
    match domains::unknown_domain(name) {
        Some(domain) => is_unnamed_domain(domain),
        None => is_numbered(name, "app") || domains::is_common_group(name) || KINDS.contains(&name),
    }
}

/// Whether a domain tells nothing of a person.
pub fn is_unnamed_domain(domain: &str) -> bool {
    let of_app = domain.split_once('-');
    is_numbered(domain, "domain")
        || domains::is_common_domain(domain)
        || of_app
            .is_some_and(|(family, name)| domains::is_of_apps(family) && is_unnamed_group(name))
}

/// Whether it is a word with a number, such as `backup-1`.
pub fn is_numbered(text: &str, word: &str) -> bool {
    let number = text
        .strip_prefix(word)
        .and_then(|rest| rest.strip_prefix('-'));
    number.is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}
