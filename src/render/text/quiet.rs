//! `--quiet`: one short paragraph a problem, worst first, and nothing else.

use std::io::{self, Write};

use crate::model::{Report, Severity};

use super::{Style, clean, in_order, sentences, serious, table};

/// Writes the paragraphs.
///
/// # Errors
/// When writing fails.
pub fn write_quiet(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut paragraphs = Vec::new();
    for at in in_order(report) {
        let backup = &report.backups[at];
        let problem = serious(backup).filter(|(severity, _)| *severity > Severity::Note);
        if let Some((severity, findings)) = problem {
            let text = format!(
                "{} {} is {}: {}\n  {}\n",
                style.symbol(backup.verdict),
                table::title(backup, style),
                backup.verdict.as_str(),
                sentences(&findings),
                clean(&backup.path.display().to_string())
            );
            paragraphs.push((severity, text));
        }
    }
    for problem in report.problems.iter().filter(|problem| problem.blocking) {
        paragraphs.push((
            Severity::Warning,
            format!("! {}\n", clean(&problem.message)),
        ));
    }
    paragraphs.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    for (_, text) in paragraphs {
        out.write_all(text.as_bytes())?;
    }
    if report.cancelled {
        writeln!(out, "! Stopped before the end")?;
    }
    Ok(())
}
