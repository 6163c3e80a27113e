//! Of which backups it matters what they hold: those of a device that has several, and all where one is
//! old, because another device's may hold the same. Of the others nothing is kept that takes memory.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rayon::prelude::*;

use crate::cover::Asked;
use crate::find::Candidate;
use crate::model::options::ScanOptions;
use crate::model::{BackupReport, Keepsakes, Udid};
use crate::read;

/// More keepsakes than this are not kept of a whole scan, 240 MB of them: what they are then is not
/// known.
const MOST: usize = 10_000_000;

/// What is to be known of each backup.
pub struct Kin {
    matters: Vec<bool>,
    names: bool,
    kept: usize,
}

/// What tells whose a backup is, before it is looked at. Each identifier counts: which one is right is
/// judged later.
struct Sign {
    udids: BTreeSet<Udid>,
    date: Option<Timestamp>,
}

impl Kin {
    /// Finds out. Info.plist, which may be large, is read only where nothing else tells.
    pub fn find(config: &ScanOptions, candidates: &[Candidate]) -> Kin {
        let signs: Vec<Sign> = candidates.par_iter().map(sign).collect();
        let mut counts: BTreeMap<&Udid, usize> = BTreeMap::new();
        for udid in signs.iter().flat_map(|sign| &sign.udids) {
            *counts.entry(udid).or_default() += 1;
        }
        let is_old = |sign: &Sign| sign.date.is_none_or(|date| date < config.policy.old_before);
        // Any other device's newer backup may hold what an old one does.
        let all = config.keepsakes_of_all || signs.iter().any(is_old);
        let has_others = |sign: &Sign| sign.udids.iter().any(|udid| counts[udid] > 1);
        let matters = signs.iter().map(|sign| all || has_others(sign)).collect();
        Kin {
            matters,
            names: config.policy.trust_locked,
            kept: 0,
        }
    }

    /// What is to be known of a backup, by its place among the candidates.
    pub fn asked(&self, index: usize) -> Asked {
        let matters = self.matters[index];
        Asked {
            keepsakes: matters && self.kept < MOST,
            names: matters && self.names,
        }
    }

    /// Counts what is kept of one.
    pub fn count(&mut self, backup: &BackupReport) {
        let keepsakes = backup.holdings.keepsakes.as_ref();
        self.kept += keepsakes.map_or(0, Keepsakes::count);
    }
}

fn sign(candidate: &Candidate) -> Sign {
    let plist = read::manifest_plist::read(&candidate.path.join("Manifest.plist"));
    let plist = plist.value();
    let named = Udid::from_folder_name(&candidate.name).map(|(udid, _)| udid);
    let locked_down = plist.and_then(|plist| plist.lockdown.udid.clone());
    let in_info = || {
        let info = read::info_plist::read(&candidate.path.join("Info.plist"));
        info.value().and_then(|info| info.udid.clone())
    };
    let told = locked_down.or_else(in_info);
    Sign {
        udids: named.into_iter().chain(told).collect(),
        date: plist.and_then(|plist| plist.date),
    }
}
