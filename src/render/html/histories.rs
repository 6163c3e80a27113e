//! What is known of how the devices of a document developed.

use std::path::Path;

use crate::model::{DeviceHistory, DeviceRun};
use crate::render::growth::growth;
use crate::report::document::{Document, Text};

/// How a device of a document developed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRuns {
    /// Which device: an index into the document's.
    pub device: usize,
    /// Its backups over the runs.
    pub series: Vec<Series>,
}

/// One backup over the runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Which backup: an index into the document's; none, where it is not in the document.
    pub backup: Option<usize>,
    /// The runs, in the order in which they were recorded.
    pub runs: Vec<DeviceRun>,
    /// How it grew, in a sentence.
    pub growth: Option<String>,
}

/// What is known of the devices of a document, up to its own run. The document must not be redacted:
/// devices are found by their identifiers, and backups by the ends of their paths.
pub fn histories(document: &Document<'_>, known: &[DeviceHistory]) -> Vec<DeviceRuns> {
    let devices = document.devices.iter().enumerate();
    let runs = devices.filter_map(|(index, device)| {
        let udid = device.udid.as_deref()?;
        let is_it = |history: &&DeviceHistory| {
            history
                .udid
                .as_ref()
                .is_some_and(|own| own.as_str() == udid)
        };
        let history = known.iter().find(is_it)?;
        let folders = history
            .folders
            .iter()
            .enumerate()
            .map(|(nth, folder)| Series {
                backup: nearest(&folder.path, &device.backups, document),
                runs: (history.runs.iter())
                    .filter(|run| run.folder == nth && run.at <= document.started_at)
                    .copied()
                    .collect(),
                growth: growth(folder),
            });
        let mut series: Vec<Series> = folders.collect();
        series.retain(|series| !series.runs.is_empty());
        let several = series.iter().any(|series| series.runs.len() > 1);
        several.then_some(DeviceRuns {
            device: index,
            series,
        })
    });
    runs.collect()
}

/// The backup whose path ends most like `path`. A document may have paths as they were typed.
fn nearest(path: &Path, members: &[Text<'_>], document: &Document<'_>) -> Option<usize> {
    let likeness = |other: &str| {
        let [own, other] = [path, Path::new(other)].map(|path| path.components().rev());
        own.zip(other)
            .take_while(|(own, other)| own == other)
            .count()
    };
    let best = members.iter().max_by_key(|member| likeness(member))?;
    let backups = &document.backups;
    (likeness(best) > 0).then(|| backups.iter().position(|backup| backup.place.path == *best))?
}
