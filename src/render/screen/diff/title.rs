//! Which two backups they are.

use crate::render::screen::device::title;
use crate::render::screen::layout;
use crate::words::numbers;

use super::sides::{Screen, Sides};

impl Screen<'_> {
    pub fn title(&self) -> Vec<String> {
        let Sides { old, new, .. } = self.sides;
        let style = self.style;
        let names = [old, new].map(|backup| title(backup, style));
        let days = self.days();
        let sizes = [old, new].map(|backup| numbers::size(backup.usage.allocated));
        let is_one = match (&old.udid, &new.udid) {
            (Some(one), Some(other)) => one == other,
            _ => false,
        };
        let text = match is_one {
            true => format!(
                "{}: what the backup of {} ({}) holds and that of {} ({}) does not",
                names[0], days[0], sizes[0], days[1], sizes[1]
            ),
            false => format!(
                "What the backup of {} of {} ({}) holds and that of {} of {} ({}) does not",
                names[0], days[0], sizes[0], names[1], days[1], sizes[1]
            ),
        };
        let lines = layout::paragraph("", &text, style.width).into_iter();
        lines.map(|line| style.bold(&line)).collect()
    }

    /// When they were made; with what tells them apart.
    fn days(&self) -> [String; 2] {
        let sides = [self.sides.old, self.sides.new];
        let told = |tell: fn(jiff::Timestamp, &jiff::tz::TimeZone) -> String| {
            sides.map(|backup| match backup.last_backup {
                Some(last) => tell(last.at, &self.style.zone),
                None => "an unknown day".to_owned(),
            })
        };
        let days = told(numbers::day);
        if days[0] != days[1] {
            return days;
        }
        let mut moments = told(numbers::moment);
        if moments[0] == moments[1] {
            let folders = sides.map(|backup| self.style.name(&backup.folder_name()));
            if folders[0] != folders[1] {
                for (moment, folder) in moments.iter_mut().zip(folders) {
                    *moment += &format!(" in {folder}");
                }
            }
        }
        moments
    }
}
