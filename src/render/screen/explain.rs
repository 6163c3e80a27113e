//! `bkscan explain`: what a finding, a verdict or a reason means, how sure it is, and what to do.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use crate::model::{Verdict, Why};
use crate::plan::reasons::{self, Meaning};
use crate::render::kinds::findings;
use crate::verify::{Explanation, explain};

use super::layout;
use super::style::Style;

/// Lines longer than this are hard to read.
const MOST_COLUMNS: usize = 100;

/// What the texts mean by the device's own code.
const ABOUT_SOURCES: &str = "Where a text speaks of the device's own code, it means Apple's backup \
     program on the iPhone or iPad, as seen in public for iOS 18 to 26.";

/// All that can be explained: verdicts and findings.
pub fn ids() -> impl Iterator<Item = &'static str> {
    let verdicts = Verdict::ALL.into_iter().map(Verdict::as_str);
    verdicts.chain(findings().map(|finding| finding.id))
}

/// The codes of reasons in `--json` that are no verdict or finding, too.
pub fn reason_codes() -> impl Iterator<Item = &'static str> {
    let codes = Why::ALL.into_iter().map(Why::as_str);
    codes.filter(|code| !ids().any(|id| id == *code))
}

/// Writes what the finding, verdict or reason `id` means; `false` where there is none of that name.
///
/// # Errors
/// When writing fails.
pub fn write(id: &str, style: &Style, out: &mut dyn Write) -> io::Result<bool> {
    let verdict = Verdict::ALL
        .into_iter()
        .find(|verdict| verdict.as_str() == id);
    if let Some(verdict) = verdict {
        let word = format!("{} {}", style.symbol(verdict), verdict.as_str());
        let facts = [
            style.paint(verdict, &word),
            "verdict".to_owned(),
            counts_as(verdict).to_owned(),
        ];
        writeln!(out, "{}", facts.join(style.dot()))?;
        write_explanation(explain(verdict), style, out)?;
        return Ok(true);
    }
    let Some(finding) = findings().find(|finding| finding.id == id) else {
        return write_reason(id, style, out);
    };
    let facts = [
        style.bold(finding.id),
        finding.severity.as_str().to_owned(),
        finding.consequence,
    ];
    writeln!(out, "{}", facts.join(style.dot()))?;
    write_explanation(finding.explanation, style, out)?;
    Ok(true)
}

/// Writes what a reason means for which a backup stays or may go.
fn write_reason(code: &str, style: &Style, out: &mut dyn Write) -> io::Result<bool> {
    let Some(why) = Why::ALL.into_iter().find(|why| why.as_str() == code) else {
        return Ok(false);
    };
    let Meaning { says, action } = reasons::meaning(why);
    let facts = [
        style.bold(code),
        "reason why a backup stays or may go".to_owned(),
    ];
    writeln!(out, "{}", facts.join(style.dot()))?;
    section("What it means", says, style, out)?;
    section("What to do", action, style, out)?;
    Ok(true)
}

/// Writes all verdicts and findings, a line or two each, and names the reasons.
///
/// # Errors
/// When writing fails.
pub fn write_list(style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let verdicts: Vec<_> = Verdict::ALL
        .into_iter()
        .rev()
        .map(|verdict| (verdict.as_str(), "", &explain(verdict).meaning))
        .collect();
    let findings: Vec<_> = findings()
        .map(|finding| {
            let meaning = &finding.explanation.meaning;
            (finding.id, finding.severity.as_str(), meaning)
        })
        .collect();
    for (heading, rows) in [("Verdicts", verdicts), ("Findings", findings)] {
        let longest =
            |of: fn(&(&str, &str, &&str)) -> usize| rows.iter().map(of).max().unwrap_or(0);
        let ids = longest(|row| row.0.width());
        let severities = longest(|row| row.1.width());
        writeln!(out, "{}", style.bold(heading))?;
        for (id, severity, meaning) in &rows {
            let mut first = format!("  {id:ids$}  ");
            if severities > 0 {
                first += &format!("{severity:severities$}  ");
            }
            let summary = first_sentence(meaning);
            // Where columns side by side leave no room to read, the summary goes below.
            let lines = if first.width() + 30 <= columns(style) {
                layout::paragraph(&first, summary, columns(style))
            } else {
                let mut lines = vec![first.trim_end().to_owned()];
                lines.extend(layout::paragraph("    ", summary, columns(style)));
                lines
            };
            for line in lines {
                writeln!(out, "{line}")?;
            }
        }
        writeln!(out)?;
    }
    writeln!(
        out,
        "{}",
        style.bold("Reasons why a backup stays or may go")
    )?;
    let codes: Vec<&str> = reason_codes().collect();
    for line in layout::paragraph("  ", &codes.join(", "), columns(style)) {
        writeln!(out, "{line}")?;
    }
    writeln!(out)?;
    for line in layout::paragraph("", ABOUT_SOURCES, columns(style)) {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "More about one of them: bkscan explain ID")
}

fn write_explanation(
    explanation: &Explanation,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Explanation {
        meaning,
        certainty,
        source,
        action,
    } = explanation;
    for (heading, text) in [
        ("What it means", meaning),
        ("How sure", certainty),
        ("Where it comes from", source),
        ("What to do", action),
    ] {
        section(heading, text, style, out)?;
    }
    Ok(())
}

/// A heading, and what stands below it; several lines are numbered.
fn section(heading: &str, text: &str, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{}", style.bold(heading))?;
    let several = text.lines().count() > 1;
    for (index, line) in text.lines().enumerate() {
        let first = if several {
            format!("  {}. ", index + 1)
        } else {
            "  ".to_owned()
        };
        for line in layout::paragraph(&first, line, columns(style)) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

fn columns(style: &Style) -> usize {
    style.width.min(MOST_COLUMNS)
}

/// What stands alone in lists.
fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}

/// What a verdict counts as (contract §3).
fn counts_as(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Complete | Verdict::Unverified | Verdict::InProgress => "counts as ok",
        Verdict::Interrupted => "counts as a warning",
        Verdict::Incomplete | Verdict::Corrupt => "counts as an error",
        Verdict::Unreadable => "counts as not looked at",
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use crate::system::System;

    use super::*;

    fn style(width: usize) -> Style {
        Style {
            color: false,
            unicode: true,
            zone: TimeZone::UTC,
            width,
            system: System::Mac,
        }
    }

    fn explained(id: &str, style: &Style) -> Option<String> {
        let mut out = Vec::new();
        let known = write(id, style, &mut out).expect("a Vec takes all");
        known.then(|| String::from_utf8(out).expect("text"))
    }

    #[test]
    fn every_id_is_explained_at_every_width() {
        for id in ids() {
            for width in [60, 80, 100, 200] {
                let text = explained(id, &style(width)).expect(id);
                let header = text.lines().next().unwrap_or_default();
                assert!(header.contains(id), "{text}");
                for line in text.lines() {
                    assert!(line.width() <= width.min(MOST_COLUMNS), "{line}");
                    assert_eq!(line, line.trim_end());
                }
                for heading in [
                    "What it means",
                    "How sure",
                    "Where it comes from",
                    "What to do",
                ] {
                    assert!(text.lines().any(|line| line == heading), "{text}");
                }
            }
        }
    }

    #[test]
    fn every_reason_is_explained_at_every_width() {
        for why in Why::ALL {
            for width in [60, 100] {
                let text =
                    explained(why.as_str(), &style(width)).expect("every reason is explained");
                assert!(text.lines().all(|line| line.width() <= width), "{text}");
                assert!(text.contains("\nWhat it means\n"), "{text}");
                assert!(text.contains("\nWhat to do\n"), "{text}");
            }
        }
        assert_eq!(
            explained("twin", &style(60)).expect("known"),
            "\
twin · reason why a backup stays or may go

What it means
  Another backup of the device has the same date and the
  same files, and stays.

What to do
  See what is in it (bkscan show BACKUP); if it may go, name
  it: bkscan clean --only BACKUP.
"
        );
        // A verdict or a finding of that name is meant first.
        let text = explained("corrupt", &style(60)).expect("known");
        assert!(text.starts_with("✖ corrupt · verdict"), "{text}");
    }

    #[test]
    fn an_unknown_id_writes_nothing() {
        for id in ["", "file", "File-missing", "file-missing ", "verdict"] {
            assert_eq!(explained(id, &style(80)), None);
        }
    }

    #[test]
    fn a_finding_reads_like_this() {
        let text = explained("misplaced-file", &style(60)).expect("known");
        assert_eq!(
            text,
            "\
misplaced-file · note · does not change the verdict

What it means
  Something in the folders for stored files has a name, a
  place or a kind that does not belong there. A restore
  ignores it.

How sure
  That it is there is a fact. If a listed file was moved to
  the wrong place, it is also reported as missing.

Where it comes from
  The device stores each file under 40 hexadecimal digits,
  in a folder named by the first two (up to iOS 9 without
  such folders). No source is known for who leaves other
  things there.

What to do
  1. See what it is: bkscan show BACKUP.
  2. If nothing is missing, nothing needs to be done.
"
        );
    }

    #[test]
    fn headers_say_what_follows() {
        let header = |id| {
            let text = explained(id, &style(80)).expect(id);
            text.lines().next().map(str::to_owned).unwrap_or_default()
        };
        assert_eq!(
            header("file-missing"),
            "file-missing · error · makes a backup corrupt"
        );
        assert_eq!(
            header("corrupt"),
            "✖ corrupt · verdict · counts as an error"
        );
        let ascii = Style {
            unicode: false,
            ..style(80)
        };
        assert!(ids().all(|id| explained(id, &ascii).is_some_and(|text| text.is_ascii())));
    }

    #[test]
    fn colour_changes_no_word() {
        let colored = Style {
            color: true,
            ..style(80)
        };
        for id in ids() {
            let text = explained(id, &colored).expect(id);
            assert!(text.contains('\u{1b}'));
            let plain = anstream::adapter::strip_str(&text).to_string();
            assert_eq!(Some(plain), explained(id, &style(80)));
        }
    }

    #[test]
    fn the_list_names_every_id_once() {
        for width in [60, 80, 100] {
            let mut out = Vec::new();
            write_list(&style(width), &mut out).expect("a Vec takes all");
            let text = String::from_utf8(out).expect("text");
            assert!(text.lines().all(|line| line.width() <= width), "{text}");
            let mut listed: Vec<_> = text
                .lines()
                .take_while(|line| !line.starts_with("Reasons"))
                .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
                .filter_map(|line| line.split_whitespace().next())
                .collect();
            let mut expected: Vec<_> = ids().collect();
            listed.sort_unstable();
            expected.sort_unstable();
            assert_eq!(listed, expected);
        }
    }
}
