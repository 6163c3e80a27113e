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
    /// The same for what is no terminal.
    pub fn without_color(self) -> Style {
        Style {
            color: false,
            ..self
        }
    }

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
        self.with(color.on_default() | Effects::BOLD, text)
    }

    /// Text that stands out.
    pub fn bold(&self, text: &str) -> String {
        self.with(anstyle::Style::new() | Effects::BOLD, text)
    }

    /// What can go.
    pub fn green(&self, text: &str) -> String {
        self.with(AnsiColor::Green.on_default(), text)
    }

    /// What goes for good.
    pub fn red(&self, text: &str) -> String {
        self.with(AnsiColor::Red.on_default(), text)
    }

    /// What need not be read: what was checked.
    pub fn dim(&self, text: &str) -> String {
        self.with(anstyle::Style::new() | Effects::DIMMED, text)
    }

    fn with(&self, style: anstyle::Style, text: &str) -> String {
        match self.color && !text.is_empty() {
            true => format!("{style}{text}{style:#}"),
            false => text.to_owned(),
        }
    }

    /// The same for a screen whose last column stays free: some terminals break the line behind it.
    pub fn inside(&self) -> Style {
        Style {
            width: self.width.saturating_sub(1),
            ..self.clone()
        }
    }

    /// Whether there is room for whole names and sentences: on a screen of 100 columns, the last one free.
    pub fn is_wide(&self) -> bool {
        self.width >= 99
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
        let kept = beginning(name, room);
        let opened = opened(kept).filter(|_| !self.unicode);
        kept[..opened.unwrap_or(kept.len())].trim_end().to_owned() + mark
    }

    /// A name as this terminal can show it: where it can show no more than ASCII, by the numbers of its
    /// other characters, so that names are told apart.
    pub fn name(&self, name: &str) -> String {
        let clean = clean(name);
        if self.unicode || clean.is_ascii() {
            return clean;
        }
        let mut shown = String::new();
        for character in clean.chars() {
            match character {
                '\u{2018}' | '\u{2019}' => shown.push('\''),
                '\u{201c}' | '\u{201d}' => shown.push('"'),
                // They only choose how an emoji looks.
                '\u{fe00}'..='\u{fe0f}' => {}
                character if character.is_ascii() => shown.push(character),
                character => shown.extend(character.escape_unicode()),
            }
        }
        shown
    }
}

/// The longest beginning of at most so many columns in which no character is torn.
fn beginning(text: &str, columns: usize) -> &str {
    let mut end = 0;
    for (at, character) in text.char_indices() {
        let whole = &text[..at + character.len_utf8()];
        if whole.width() > columns {
            break;
        }
        let rest = &text[whole.len()..];
        if !rest.chars().next().is_some_and(|next| belongs(whole, next)) {
            end = whole.len();
        }
    }
    &text[..end]
}

/// Where the number of a character begins that has no end: half of it is none.
fn opened(text: &str) -> Option<usize> {
    let at = text.rfind('\\')?;
    let tail = &text[at..];
    let is_half = "\\u{".starts_with(tail) || tail.starts_with("\\u{") && !tail.contains('}');
    is_half.then_some(at)
}

/// A word in pieces of at most so many columns in which neither characters nor their numbers are torn.
pub fn pieces(word: &str, columns: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = word;
    while rest.width() > columns {
        let kept = beginning(rest, columns);
        let end = match opened(kept) {
            None | Some(0) => kept.len(),
            Some(at) => at,
        };
        // What is wider than a line by itself stands alone.
        let end = match end {
            0 => rest.chars().next().map_or(rest.len(), char::len_utf8),
            end => end,
        };
        let (piece, behind) = rest.split_at(end);
        pieces.push(piece);
        rest = behind;
    }
    pieces.push(rest);
    pieces
}

/// Whether a character is shown as one with those before it: an accent, the colour of a skin, the second
/// half of a flag.
fn belongs(before: &str, next: char) -> bool {
    let is_half = |character: &char| ('\u{1f1e6}'..='\u{1f1ff}').contains(character);
    let halves = before.chars().rev().take_while(is_half).count();
    next.width() == Some(0)
        || ('\u{1f3fb}'..='\u{1f3ff}').contains(&next)
        || is_half(&next) && halves % 2 == 1
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
        // What is shown as one is not taken apart.
        for (name, width, kept) in [
            ("ab🇩🇪cd", 5, "ab🇩🇪…"),
            ("ab🇩🇪cd", 4, "ab…"),
            ("ab👍🏽cd", 5, "ab👍🏽…"),
            ("abe\u{301}cd", 4, "abe\u{301}…"),
            ("abe\u{301}cd", 3, "ab…"),
        ] {
            assert_eq!(style(true).fit(name, width), kept, "{name} {width}");
        }
        let ascii = |name| style(false).name(name);
        assert_eq!(ascii("Anna’s “iPhone”"), "Anna's \"iPhone\"");
        assert_eq!(ascii("電é 1"), "\\u{96fb}\\u{e9} 1");
        assert_eq!(style(false).fit(&ascii("a電電"), 14), "a\\u{96fb}...");
    }
}
