//! How the sizes and verdicts of earlier runs become the document of `bkscan history --json`.

use crate::model::DeviceHistory;

use super::document::history::{Growth, HistoryDocument, PastDevice, PastSight};
use super::document::{Place, SCHEMA_VERSION};

impl<'a> HistoryDocument<'a> {
    /// The document of these devices.
    pub fn of(devices: &'a [DeviceHistory]) -> HistoryDocument<'a> {
        HistoryDocument {
            schema_version: SCHEMA_VERSION,
            devices: devices.iter().map(PastDevice::new).collect(),
        }
    }
}

impl<'a> PastDevice<'a> {
    fn new(device: &'a DeviceHistory) -> PastDevice<'a> {
        let runs = device.runs.iter().map(|run| PastSight {
            at: run.at,
            place: Place::new(&device.folders[run.folder].path),
            verdict: run.verdict.as_str().into(),
            allocated_bytes: run.allocated,
        });
        let growth = device.folders.iter().map(|folder| Growth {
            place: Place::new(&folder.path),
            since_previous_bytes: folder.since_previous,
            per_month_bytes: folder.per_month,
        });
        PastDevice {
            udid: device.udid.as_ref().map(|udid| udid.as_str().into()),
            name: device.name.as_deref().map(Into::into),
            runs: runs.collect(),
            growth: growth.collect(),
        }
    }
}
