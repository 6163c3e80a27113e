//! A scan that came to its end, with all that a choice is judged by.

use std::path::PathBuf;

use crate::clean::{self, CleanPlan, Item, Leftover, What, Wish};
use crate::model::options::Policy;
use crate::model::{BackupIndex, Device, Report, Why};
use crate::render::screen::style::Style;

use super::target::Target;

/// A scan that came to its end.
pub struct Scanned {
    /// What it found.
    pub report: Report,
    /// What it let go.
    pub policy: Policy,
    /// What the options chose, and what they leave out.
    pub wish: Wish,
    /// What stopped removals left and may be finished.
    pub leftovers: Vec<Leftover>,
    /// How text is written.
    pub style: Style,
    /// Why nothing may be deleted at all, where that is so.
    pub obstacle: Option<String>,
}

impl Scanned {
    /// The plan of all that can go, narrowed as the options say.
    pub fn usual(&self) -> CleanPlan {
        let wish = Wish {
            only: None,
            ..self.wish.clone()
        };
        clean::select(&self.report, &self.policy, &wish, self.leftovers.clone())
    }

    /// What is marked at the start: what was named, else what can go.
    pub fn marked_at_first(&self) -> Vec<Target> {
        let plan = match &self.wish.only {
            Some(only) => self.plan(&only.iter().copied().map(Target::Backup).collect::<Vec<_>>()),
            None => self.usual(),
        };
        let items = plan.items.iter();
        items.filter_map(|item| self.target(item)).collect()
    }

    /// The plan of exactly these, judged as a set.
    pub fn plan(&self, marks: &[Target]) -> CleanPlan {
        let backups = marks.iter().filter_map(|mark| match mark {
            Target::Backup(index) => Some(*index),
            Target::Leftover(_) => None,
        });
        let leftovers = marks.iter().filter_map(|mark| match mark {
            Target::Leftover(place) => self.leftovers.get(*place).cloned(),
            Target::Backup(_) => None,
        });
        let chosen = (backups.collect(), leftovers.collect());
        clean::choose(&self.report, &self.policy, &self.wish, chosen)
    }

    /// What the item of a plan is as a row.
    pub fn target(&self, item: &Item) -> Option<Target> {
        match item.what {
            What::Backup(index) => Some(Target::Backup(index)),
            What::Leftover { .. } => {
                let mut leftovers = self.leftovers.iter();
                let place = leftovers.position(|one| one.path == item.path)?;
                Some(Target::Leftover(place))
            }
        }
    }

    /// Where a row's folder is.
    pub fn folder(&self, target: Target) -> PathBuf {
        match target {
            Target::Backup(index) => self.report.backups[index].path.clone(),
            Target::Leftover(place) => {
                let leftover = self.leftovers.get(place);
                leftover.map_or_else(PathBuf::new, |leftover| leftover.path.clone())
            }
        }
    }

    /// The backup that another one is compared with: the one that stands in for it, else the newest good
    /// one of its device.
    pub fn stand_in(&self, index: BackupIndex) -> Option<BackupIndex> {
        let decision = &self.report.plan.decisions[index];
        let by = decision.only_here.as_ref().and_then(|only| only.than);
        let named = decision
            .reasons
            .iter()
            .find_map(|reason| reason.by.filter(|_| reason.why != Why::Nested));
        let own = |device: &&Device| device.backups.contains(&index);
        let device = self.report.devices.iter().find(own);
        let newest = device.and_then(|device| device.newest_good);
        by.or(named).or(newest).filter(|other| *other != index)
    }
}
