//! How text is written: colour, symbols, dates, and names that cannot disturb a terminal.

use anstyle::{AnsiColor, Effects};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::model::{Severity, Verdict};
use crate::render::printable::clean;
use crate::render::symbol::symbol;
use crate::system::System;
use crate::words::numbers;

/// How text is written.
#[derive(Clone, Debug)]
pub struct Style {
    /// Whether to use colour. It never carries meaning alone.
    pub color: bool,
    /// Whether more than ASCII can be shown.
    pub unicode: bool,
    /// The time zone of dates.
    pub zone: TimeZone,
    /// How many columns there are.
    pub width: usize,
    /// The system whose shell printed commands are for.
    pub system: System,
}

impl Style {
    /// The symbol of a verdict; it always stands with the word.
    pub fn symbol(&self, verdict: Verdict) -> &'static str {
        if self.unicode {
            return symbol(verdict);
        }
        match verdict {
            Verdict::Complete => "ok",
            Verdict::Unverified => "?",
            Verdict::Incomplete | Verdict::Corrupt => "X",
            Verdict::Interrupted | Verdict::Unreadable => "!",
            Verdict::InProgress => "...",
        }
    }

    /// The sign before what was found about a device: a note is no warning.
    pub fn sign(&self, severity: Severity) -> &'static str {
        match severity {
            Severity::Error => self.symbol(Verdict::Corrupt),
            Severity::Warning => self.symbol(Verdict::Interrupted),
            Severity::Note => self.dash(),
        }
    }

    /// Text in the colour of a verdict.
    pub fn paint(&self, verdict: Verdict, text: &str) -> String {
        let color = match verdict {
            Verdict::Complete => AnsiColor::Green,
            Verdict::Incomplete | Verdict::Corrupt => AnsiColor::Red,
            Verdict::Interrupted | Verdict::Unreadable => AnsiColor::Yellow,
            Verdict::Unverified | Verdict::InProgress => AnsiColor::Cyan,
        };
        if !self.color {
            return text.to_owned();
        }
        let style = color.on_default() | Effects::BOLD;
        format!("{style}{text}{style:#}")
    }

    /// Text that stands out.
    pub fn bold(&self, text: &str) -> String {
        let style = anstyle::Style::new() | Effects::BOLD;
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// What stands between facts of one line.
    pub fn dot(&self) -> &'static str {
        if self.unicode { " · " } else { ", " }
    }

    /// What stands for "no change" and "not measured", before a note, and before the reason why nothing is
    /// freed.
    pub fn dash(&self) -> &'static str {
        if self.unicode { "–" } else { "-" }
    }

    /// A day in the reader's time zone.
    pub fn day(&self, time: Timestamp) -> String {
        numbers::day(time, &self.zone)
    }

    /// A clean name, cut to at most `width` columns.
    pub fn fit(&self, name: &str, width: usize) -> String {
        if name.width() <= width {
            return name.to_owned();
        }
        let mark = if self.unicode { "…" } else { "..." };
        let room = width.saturating_sub(mark.width());
        let mut used = 0;
        let kept = name.chars().take_while(|character| {
            used += character.width().unwrap_or(0);
            used <= room
        });
        let kept: String = kept.collect();
        kept.trim_end().to_owned() + mark
    }

    /// A name as this terminal can show it.
    pub fn name(&self, name: &str) -> String {
        let clean = clean(name);
        if self.unicode {
            return clean;
        }
        clean
            .chars()
            .map(|character| if character.is_ascii() { character } else { '?' })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_by_their_width_on_the_screen() {
        let style = |unicode| Style {
            color: false,
            unicode,
            zone: TimeZone::UTC,
            width: 80,
            system: System::Mac,
        };
        assert_eq!(style(true).fit("電話電話電話", 7), "電話電…");
        assert_eq!(style(true).fit("電話電話電話", 12), "電話電話電話");
        assert_eq!(style(false).fit("Anna's iPhone", 9), "Anna's...");
        assert_eq!(style(false).name("Anna’s iPhone"), "Anna?s iPhone");
    }
}
