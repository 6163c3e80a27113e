//! What the progress line says: counts of what a scan told so far. Draws nothing.

use std::time::{Duration, Instant};

use crate::model::progress::Event;
use crate::words::numbers;

/// What a scan told so far.
#[derive(Debug, Default)]
pub struct Seen {
    backups: usize,
    begun: usize,
    files: u64,
    bytes: u64,
    deriving: usize,
    /// How far the payloads of a backup were read, while they are.
    pub reading: Option<Reading>,
    /// How many files were compared with those of the backup that stands in, and of how many.
    comparing: Option<(u64, u64)>,
}

/// How far the payloads of a backup were read.
#[derive(Debug)]
pub struct Reading {
    /// What is done with them.
    what: &'static str,
    since: Instant,
    bytes: u64,
    /// Of how many.
    all: u64,
    /// For how long by now.
    lasted: Duration,
}

impl Seen {
    /// Takes up what happened by the time `now`, and tells whether the line says something else.
    pub fn take(&mut self, event: Event<'_>, now: Instant) -> bool {
        match event {
            Event::Found { backups } => self.backups = backups,
            Event::Began { .. } => self.begun += 1,
            Event::Measured { files, bytes } => {
                self.files += files;
                self.bytes += bytes;
            }
            Event::Deriving { .. } => self.deriving += 1,
            Event::Derived { .. } => self.deriving = self.deriving.saturating_sub(1),
            Event::Reading { bytes, .. } => {
                self.reading = Some(Reading::of("reading", bytes, now));
            }
            Event::Read { bytes, .. } => return self.read(bytes, now),
            Event::Comparing { files } => self.comparing = Some((0, files)),
            Event::Compared { files } => {
                let Some((compared, _)) = &mut self.comparing else {
                    return false;
                };
                *compared += files;
            }
            Event::Mending { bytes, .. } => {
                self.reading = Some(Reading::of("writing", bytes, now));
            }
            Event::Mended { bytes, .. } => return self.read(bytes, now),
            Event::Looked { .. } => return self.reading.take().is_some(),
            Event::Rows { .. } | Event::Judged { .. } => return false,
        }
        true
    }

    fn read(&mut self, bytes: u64, now: Instant) -> bool {
        let Some(reading) = &mut self.reading else {
            return false;
        };
        reading.bytes += bytes;
        reading.lasted = now.saturating_duration_since(reading.since);
        true
    }

    /// The line.
    pub fn line(&self) -> String {
        if let Some((compared, files)) = self.comparing {
            return format!(
                "comparing with the backup that stays · {} of {}",
                numbers::count(compared),
                numbers::counted(files, "file", "files")
            );
        }
        let what = match (&self.reading, self.deriving) {
            (_, 1..) => format!("{} · opening the keys…", self.counts()),
            (Some(reading), 0) => reading.line(),
            (None, 0) => self.counts(),
        };
        format!("backup {} of {} · {what}", self.begun, self.backups)
    }

    fn counts(&self) -> String {
        let files = numbers::counted(self.files, "file", "files");
        format!("{files}, {}", numbers::size(self.bytes))
    }
}

impl Reading {
    fn of(what: &'static str, all: u64, now: Instant) -> Reading {
        Reading {
            what,
            since: now,
            bytes: 0,
            all,
            lasted: Duration::ZERO,
        }
    }

    fn line(&self) -> String {
        let mut line = format!(
            "{} · {} of {}",
            self.what,
            numbers::size(self.bytes),
            numbers::size(self.all)
        );
        // Before the first second it would be a guess.
        if self.lasted >= Duration::from_secs(1) {
            let milliseconds = self.lasted.as_millis();
            let per_second = u128::from(self.bytes) * 1000 / milliseconds;
            let per_second = u64::try_from(per_second).unwrap_or(u64::MAX);
            line += &format!(" · {}/s", numbers::size(per_second));
            let rest = self.all.saturating_sub(self.bytes);
            if rest > 0 && per_second > 0 {
                line += &format!(" · {} left", span(rest / per_second));
            }
        }
        line
    }
}

/// A span of so many seconds, begun minutes counted.
fn span(seconds: u64) -> String {
    let minutes = seconds.div_ceil(60);
    match (seconds, minutes) {
        (0..60, _) => format!("{seconds} s"),
        (_, 0..60) => format!("{minutes} min"),
        _ => format!("{} h {} min", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn told(seen: &mut Seen, events: &[(u64, Event<'_>)]) -> String {
        let start = Instant::now();
        for (seconds, event) in events {
            seen.take(*event, start + Duration::from_secs(*seconds));
        }
        seen.line()
    }

    #[test]
    fn the_line_tells_how_far_a_comparison_is() {
        let mut seen = Seen::default();
        assert!(!seen.take(Event::Compared { files: 1 }, Instant::now()));
        let events = [
            (0, Event::Comparing { files: 8_000 }),
            (1, Event::Compared { files: 1_000 }),
            (2, Event::Compared { files: 234 }),
        ];
        assert_eq!(
            told(&mut seen, &events),
            "comparing with the backup that stays · 1,234 of 8,000 files"
        );
    }

    #[test]
    fn the_line_tells_how_far_a_scan_is() {
        const GB: u64 = 1_000_000_000;
        let backup = Path::new("x");
        let mut seen = Seen::default();
        let counts = [
            (0, Event::Found { backups: 4 }),
            (0, Event::Began { backup }),
            (0, Event::Rows { rows: 7 }),
            (
                0,
                Event::Measured {
                    files: 12_345,
                    bytes: 3 * GB,
                },
            ),
        ];
        let usual = "backup 1 of 4 · 12,345 files, 3.0 GB";
        assert_eq!(told(&mut seen, &counts), usual);
        let deriving = [(0, Event::Deriving { backup })];
        assert_eq!(
            told(&mut seen, &deriving),
            format!("{usual} · opening the keys…")
        );
        let derived = [(1, Event::Derived { backup })];
        assert_eq!(told(&mut seen, &derived), usual);
        let reading = Event::Reading {
            files: 12_345,
            bytes: 86_400_000_000,
        };
        let read = |bytes| Event::Read { files: 1, bytes };
        assert_eq!(
            told(&mut seen, &[(0, reading), (0, read(GB))]),
            "backup 1 of 4 · reading · 1.0 GB of 86.4 GB"
        );
        assert_eq!(
            told(&mut seen, &[(0, reading), (30, read(12_400_000_000))]),
            "backup 1 of 4 · reading · 12.4 GB of 86.4 GB · 413.3 MB/s · 3 min left"
        );
        // More than was told before: the files grew.
        assert_eq!(
            told(&mut seen, &[(0, reading), (10, read(100 * GB))]),
            "backup 1 of 4 · reading · 100.0 GB of 86.4 GB · 10.0 GB/s"
        );
        assert_eq!(told(&mut seen, &[(0, Event::Looked { backup })]), usual);
        // Late, from another thread.
        assert!(!seen.take(read(GB), Instant::now()));
        assert_eq!(
            told(&mut seen, &[(0, Event::Began { backup })]),
            "backup 2 of 4 · 12,345 files, 3.0 GB"
        );
    }

    #[test]
    fn a_span_is_told_in_its_largest_units() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (61, "2 min"),
            (3540, "59 min"),
            (3541, "1 h 0 min"),
            (9000, "2 h 30 min"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }
}
