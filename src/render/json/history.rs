//! `bkscan history --json`: how size and verdict of each device developed.

use std::io::{self, Write};

use crate::model::DeviceHistory;
use crate::render::json::escaped;
use crate::report::document::history::HistoryDocument;

/// Writes one JSON document.
///
/// # Errors
/// When writing fails.
pub fn write(devices: &[DeviceHistory], out: &mut dyn Write) -> io::Result<()> {
    escaped::write(&HistoryDocument::of(devices), out)
}

#[cfg(test)]
mod tests {
    use crate::model::Verdict;
    use crate::render::screen::history::tests::{backup, json, run};
    use crate::report::trend;

    #[test]
    fn the_document_is_as_the_contract_says() {
        let mut odd = backup("/b/Y", Verdict::InProgress, 1);
        odd.udid = None;
        odd.name = None;
        let devices = trend::devices(
            &[
                run(
                    "2026-11-01T03:30:00Z",
                    vec![backup("/b/X", Verdict::Complete, 3)],
                ),
                run(
                    "2026-11-01T03:30:00.25Z",
                    vec![backup("/b/X", Verdict::Corrupt, 2), odd],
                ),
            ],
            &[],
        );
        assert_eq!(
            json(&devices),
            r#"{
  "schema_version": 1,
  "devices": [
    {
      "udid": "00008130-000A1C2E3F40801E",
      "name": "Anna's iPhone",
      "runs": [
        {
          "at": "2026-11-01T03:30:00Z",
          "path": "/b/X",
          "verdict": "complete",
          "allocated_bytes": 3000000
        },
        {
          "at": "2026-11-01T03:30:00.25Z",
          "path": "/b/X",
          "verdict": "corrupt",
          "allocated_bytes": 2000000
        }
      ],
      "growth": [
        {
          "path": "/b/X",
          "since_previous_bytes": -1000000,
          "per_month_bytes": null
        }
      ]
    },
    {
      "udid": null,
      "name": null,
      "runs": [
        {
          "at": "2026-11-01T03:30:00.25Z",
          "path": "/b/Y",
          "verdict": "in-progress",
          "allocated_bytes": 1000000
        }
      ],
      "growth": [
        {
          "path": "/b/Y",
          "since_previous_bytes": null,
          "per_month_bytes": null
        }
      ]
    }
  ]
}
"#
        );
        assert_eq!(
            json(&[]),
            "{\n  \"schema_version\": 1,\n  \"devices\": []\n}\n"
        );
    }
}
