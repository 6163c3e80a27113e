//! Whose a file is: whether that is told as only in the older one of two backups. Pure.

use std::collections::{HashMap, HashSet};

use crate::facts::domains::{self, Apps};
use crate::facts::{databases, keepsakes};
use crate::model::{BackupReport, FileId, LossKind, OnlyHere};

use super::{apps, rest};

/// What is told as only in the older one, keepsakes aside.
pub struct Told<'a> {
    /// What the app is called that a domain belongs to.
    apps: HashMap<&'a str, String>,
    /// Names of apps and of storage groups.
    names: HashSet<&'a str>,
    databases: HashSet<&'a str>,
}

impl<'a> Told<'a> {
    /// What of the older one is only there.
    pub fn new([old, new]: [&'a BackupReport; 2], only_old: &'a OnlyHere) -> Told<'a> {
        let groups = only_old.groups.iter();
        let groups = groups.filter(|loss| matches!(loss.kind, LossKind::App | LossKind::Rest));
        Told {
            apps: apps::by_domain(old, new),
            names: groups.map(|loss| loss.name.as_str()).collect(),
            databases: only_old.databases.iter().map(|loss| loss.name).collect(),
        }
    }

    /// Whether nothing is told.
    pub fn is_nothing(&self) -> bool {
        self.names.is_empty() && self.databases.is_empty()
    }

    /// Whether a file belongs to it, which is no keepsake.
    pub fn has(&self, id: FileId, domain: &[u8], path: &[u8]) -> bool {
        if keepsakes::group(domain, path).is_some() {
            return false;
        }
        let is_told = |name: &str| {
            self.names.contains(name) || self.names.contains(rest::other(name).as_str())
        };
        let class = domains::path_class(domain, path);
        let domain = String::from_utf8_lossy(domain);
        match (databases::known(id), self.apps.get(domain.as_ref())) {
            (Some(known), _) if self.databases.contains(known.kind.name()) => true,
            (_, Some(app)) => is_told(app),
            (_, None) => is_told(&Apps::default().group(&domain, class)),
        }
    }
}
