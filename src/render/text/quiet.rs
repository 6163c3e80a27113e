//! `--quiet`: one short paragraph a problem, worst first, and nothing else.

use std::io::{self, Write};

use crate::model::{Report, Severity};

use super::{Style, clean, in_order, of_devices, sentences, serious, table};

/// Writes the paragraphs about one backup.
///
/// # Errors
/// When writing fails.
pub fn write_quiet_one(
    report: &Report,
    at: usize,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    write_about(report, &[at], false, style, out)
}

/// Writes the paragraphs.
///
/// # Errors
/// When writing fails.
pub fn write_quiet(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    write_about(report, &in_order(report), true, style, out)
}

fn write_about(
    report: &Report,
    backups: &[usize],
    whole: bool,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut paragraphs = Vec::new();
    for at in backups {
        let backup = &report.backups[*at];
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
    for problem in report
        .problems
        .iter()
        .filter(|problem| whole && problem.blocking)
    {
        paragraphs.push((
            Severity::Warning,
            format!("! {}\n", clean(&problem.message)),
        ));
    }
    for (name, finding) in of_devices(report).filter(|_| whole) {
        let text = format!("! {}: {}\n", style.name(name), clean(&finding.message));
        paragraphs.push((finding.severity, text));
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
