//! `--metrics`: a report in the text format of Prometheus, for node_exporter's textfile collector. It is
//! OpenMetrics, too: both know gauges, spelled alike.
//! Names and labels may gain company, but never change: dashboards and alerts depend on them.

use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};
use std::io;
use std::path::Path;

use crate::model::{BackupReport, Device, Finding, Report, Udid, Usage, Verdict};

use super::format::{Format, Told};
use super::printable::clean;

/// Metrics for Prometheus.
pub struct Metrics;

impl Format for Metrics {
    fn write(&self, told: &Told<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        out.write_all(text(told.report).as_bytes())
    }
}

/// The whole file. Sizes are in bytes, times in seconds since 1970. What is not known has no sample.
pub fn text(report: &Report) -> String {
    let mut page = String::new();
    let backups: Vec<(String, &BackupReport)> = report
        .backups
        .iter()
        .map(|backup| (backup_labels(backup), backup))
        .collect();
    // Of a folder that could not be opened everywhere the sizes are not known.
    let sizes = |size: fn(Usage) -> u64| {
        let measured =
            (backups.iter()).filter_map(|(labels, backup)| Some((labels, backup.measured()?)));
        measured.map(move |(labels, usage)| (labels.clone(), size(usage)))
    };
    gauge(
        &mut page,
        "bkscan_backup_allocated_bytes",
        "What the files of the backup take on the disk.",
        sizes(|usage| usage.allocated),
    );
    gauge(
        &mut page,
        "bkscan_backup_logical_bytes",
        "The sum of the lengths of its files.",
        sizes(|usage| usage.logical),
    );
    gauge(
        &mut page,
        "bkscan_backup_files",
        "How many files it has.",
        sizes(|usage| usage.files),
    );
    let decided = backups.iter().zip(&report.plan.decisions);
    gauge(
        &mut page,
        "bkscan_backup_frees_bytes",
        "What the disk would get back if this backup alone were deleted, at most.",
        decided
            .filter(|((_, backup), _)| backup.measured().is_some())
            .map(|((labels, _), decision)| (labels.clone(), decision.frees.bytes)),
    );
    gauge(
        &mut page,
        "bkscan_backup_last_backup_timestamp_seconds",
        "When the backup was made.",
        backups.iter().filter_map(|(labels, backup)| {
            let made = backup.last_backup?;
            Some((labels.clone(), made.at.as_second()))
        }),
    );
    gauge(
        &mut page,
        "bkscan_backup_findings",
        "How many files, rows or facts a finding is about (bkscan explain ID tells what it means).",
        backups.iter().flat_map(|(labels, backup)| {
            let findings = backup.findings.iter();
            findings.map(move |finding| finding_sample(labels, finding))
        }),
    );
    gauge(
        &mut page,
        "bkscan_backup_verdict",
        "1 for the verdict that the backup has, 0 for all others.",
        backups.iter().flat_map(|(labels, backup)| {
            Verdict::ALL.iter().rev().map(move |verdict| {
                let word = label("verdict", verdict.as_str());
                let has = u8::from(backup.verdict == *verdict);
                (format!("{labels},{word}"), has)
            })
        }),
    );
    gauge(
        &mut page,
        "bkscan_device_findings",
        "1 for each finding about a device as a whole.",
        report.devices.iter().flat_map(|device| {
            let labels = device_labels(device);
            let findings = device.findings.iter();
            findings.map(move |finding| (finding_sample(&labels, finding).0, 1))
        }),
    );
    gauge(
        &mut page,
        "bkscan_volume_available_bytes",
        "The room on the volume of each path that was asked for.",
        report.roots.iter().filter_map(|root| {
            let path = label("path", &spelled(&root.path));
            Some((path, root.volume?.available))
        }),
    );
    gauge(
        &mut page,
        "bkscan_last_run_timestamp_seconds",
        "When the last run ended.",
        alone(report.finished_at.as_second()),
    );
    let lasted = report.finished_at.duration_since(report.started_at);
    gauge(
        &mut page,
        "bkscan_last_run_duration_seconds",
        "How long it took.",
        alone(lasted.as_secs_f64().max(0.0)),
    );
    gauge(
        &mut page,
        "bkscan_last_run_success",
        "1 if everything that was asked for could be looked at, else 0; whatever the backups are.",
        alone(u8::from(is_success(report))),
    );
    // So OpenMetrics ends; to the text format it is a remark.
    page.push_str("# EOF\n");
    page
}

/// Whether everything that was asked for could be looked at.
fn is_success(report: &Report) -> bool {
    let blocked = report.problems.iter().any(|problem| problem.blocking);
    !report.cancelled && !blocked && !report.backups.iter().any(BackupReport::is_closed)
}

/// A gauge and its samples; nothing at all where there are none. One series with two samples would
/// make the collector reject the whole file, so that only the first of them is written: two devices
/// without an identifier may have the same name, and a path may have been given twice.
fn gauge<V: Display>(
    page: &mut String,
    name: &str,
    help: &str,
    samples: impl IntoIterator<Item = (String, V)>,
) {
    let mut written = BTreeSet::new();
    for (labels, value) in samples {
        // Writing to a string cannot fail.
        if written.is_empty() {
            let _ = writeln!(page, "# HELP {name} {help}\n# TYPE {name} gauge");
        }
        if written.insert(labels.clone()) {
            let _ = match labels.as_str() {
                "" => writeln!(page, "{name} {value}"),
                _ => writeln!(page, "{name}{{{labels}}} {value}"),
            };
        }
    }
}

/// The sample of a gauge without labels.
fn alone<V>(value: V) -> [(String, V); 1] {
    [(String::new(), value)]
}

fn backup_labels(backup: &BackupReport) -> String {
    let owner = owner_labels(backup.udid.as_ref(), backup.device.name.as_deref());
    format!("{owner},{}", label("path", &spelled(&backup.path)))
}

fn device_labels(device: &Device) -> String {
    owner_labels(device.udid.as_ref(), device.name.as_deref())
}

fn owner_labels(udid: Option<&Udid>, name: Option<&str>) -> String {
    let udid = label("udid", udid.map_or("", Udid::as_str));
    format!("{udid},{}", label("device", &clean(name.unwrap_or(""))))
}

fn finding_sample(labels: &str, finding: &Finding) -> (String, u64) {
    let severity = label("severity", finding.severity.as_str());
    let id = label("id", finding.id);
    (format!("{labels},{severity},{id}"), finding.count)
}

fn label(name: &str, value: &str) -> String {
    let value = value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n");
    format!("{name}=\"{value}\"")
}

/// A path as clean text, one to one: two paths never look the same. Bytes that are not UTF-8, and
/// characters that [`clean`] takes out of other names, become `%` and two hex digits a byte, and so
/// does a `%` that could be taken for the beginning of one.
fn spelled(path: &Path) -> String {
    let mut text = String::new();
    let hex = |text: &mut String, bytes: &[u8]| {
        for byte in bytes {
            let _ = write!(text, "%{byte:02X}");
        }
    };
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        let valid = chunk.valid();
        for (position, character) in valid.char_indices() {
            let mut buffer = [0; 4];
            let alone = character.encode_utf8(&mut buffer);
            let next = valid.as_bytes().get(position + 1..position + 3);
            let is_mark =
                character == '%' && next.is_some_and(|next| next.iter().all(u8::is_ascii_hexdigit));
            if is_mark || clean(alone).is_empty() {
                hex(&mut text, alone.as_bytes());
            } else {
                text.push(character);
            }
        }
        hex(&mut text, chunk.invalid());
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plain_path_stays_as_it_is() {
        for path in [
            "/Users/anna/Library/Application Support/MobileSync/Backup/電話 📱️",
            "C:\\Users\\anna\\100 % sure\\50%",
            "a%zz/%2/%é1",
            "",
        ] {
            assert_eq!(spelled(Path::new(path)), path);
        }
    }

    #[test]
    fn what_cannot_be_seen_in_a_path_is_spelled_out() {
        assert_eq!(
            spelled(Path::new("a\nb\u{202e}c\u{200d}")),
            "a%0Ab%E2%80%AEc%E2%80%8D"
        );
        assert_eq!(spelled(Path::new("a%0Ab")), "a%250Ab");
        assert_eq!(spelled(Path::new("%%1b%")), "%%251b%");
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            let path = Path::new(std::ffi::OsStr::from_bytes(b"a\xff\xc3/\xf0\x9f%"));
            assert_eq!(spelled(path), "a%FF%C3/%F0%9F%");
        }
    }

    #[test]
    fn label_values_are_escaped() {
        assert_eq!(label("a", "\\n \"b\"\n"), "a=\"\\\\n \\\"b\\\"\\n\"");
    }

    #[test]
    fn a_series_is_written_once() {
        let mut page = String::new();
        let samples = [("a=\"1\"", 1), ("a=\"2\"", 2), ("a=\"1\"", 3)];
        gauge(
            &mut page,
            "n",
            "Help.",
            samples.map(|(labels, value)| (labels.to_owned(), value)),
        );
        gauge(&mut page, "none", "Help.", Vec::<(String, u8)>::new());
        assert_eq!(
            page,
            "# HELP n Help.\n# TYPE n gauge\nn{a=\"1\"} 1\nn{a=\"2\"} 2\n"
        );
    }

    /// What [`spelled`] was given.
    fn read_back(text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let [first, after @ ..] = rest {
            let hex = after
                .get(..2)
                .filter(|hex| hex.iter().all(u8::is_ascii_hexdigit));
            if let (b'%', Some(hex)) = (first, hex) {
                let hex = std::str::from_utf8(hex).unwrap();
                bytes.push(u8::from_str_radix(hex, 16).unwrap());
                rest = &after[2..];
            } else {
                bytes.push(*first);
                rest = after;
            }
        }
        bytes
    }

    proptest! {
        #[test]
        fn any_path_can_be_told_from_every_other(
            path in "([%0-9A-Fa-fx\u{7f}\u{200b}é/]|\\PC|\\pC){0,12}",
        ) {
            let text = spelled(Path::new(&path));
            prop_assert_eq!(read_back(&text), path.as_bytes());
            prop_assert_eq!(clean(&text), text);
        }
    }

    #[cfg(unix)]
    proptest! {
        #[test]
        fn bytes_that_are_no_text_too(
            path in proptest::collection::vec(prop_oneof![Just(b'%'), b'0'..=b'9', any::<u8>()], 0..12),
        ) {
            use std::os::unix::ffi::OsStrExt;
            let text = spelled(Path::new(std::ffi::OsStr::from_bytes(&path)));
            prop_assert_eq!(read_back(&text), path);
            prop_assert_eq!(clean(&text), text);
        }
    }
}
