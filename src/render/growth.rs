//! How a backup's folder grew, in a sentence.

use crate::model::FolderHistory;
use crate::words::numbers;

/// What the last runs and all of them say of a folder's growth.
pub(crate) fn growth(folder: &FolderHistory) -> Option<String> {
    let size = |bytes: i64| numbers::size(bytes.unsigned_abs());
    let since = folder.since_previous?;
    let mut text = match since {
        0 => "Same size as in the run before".to_owned(),
        1.. => format!("Grew {} since the run before", size(since)),
        _ => format!("Shrank {} since the run before", size(since)),
    };
    match folder.per_month {
        None | Some(0) => {}
        Some(month) if month.signum() == since.signum() => {
            text += &format!(", about {} a month", size(month));
        }
        Some(month) => {
            let word = if month < 0 { "shrinks" } else { "grows" };
            text += &format!("; over all runs it {word} about {} a month", size(month));
        }
    }
    Some(text + ".")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn growth_is_one_sentence() {
        const GB: i64 = 1_000_000_000;
        for (since_previous, per_month, expected) in [
            (None, None, None),
            (Some(0), None, Some("Same size as in the run before.")),
            (Some(0), Some(0), Some("Same size as in the run before.")),
            (Some(GB), None, Some("Grew 1.0 GB since the run before.")),
            (Some(-GB), None, Some("Shrank 1.0 GB since the run before.")),
            (
                Some(GB),
                Some(3 * GB),
                Some("Grew 1.0 GB since the run before, about 3.0 GB a month."),
            ),
            (
                Some(-GB),
                Some(-3 * GB),
                Some("Shrank 1.0 GB since the run before, about 3.0 GB a month."),
            ),
            (
                Some(-GB),
                Some(3 * GB),
                Some(
                    "Shrank 1.0 GB since the run before; over all runs it grows about 3.0 GB a month.",
                ),
            ),
            (
                Some(0),
                Some(-3 * GB),
                Some(
                    "Same size as in the run before; over all runs it shrinks about 3.0 GB a month.",
                ),
            ),
            (
                Some(i64::MIN),
                None,
                Some("Shrank 9.2 EB since the run before."),
            ),
        ] {
            let folder = FolderHistory {
                path: PathBuf::new(),
                since_previous,
                per_month,
            };
            assert_eq!(growth(&folder).as_deref(), expected);
        }
    }
}
