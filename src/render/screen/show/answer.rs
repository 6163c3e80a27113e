//! The answer at the top: what the backup is, what that means, and what to do. What to do is the text of the
//! explanation, so that both say the same.

use crate::model::{
    Access, Action, BackupIndex, BackupReport, Effect, Finding, Level, Report, Severity, Verdict,
};
use crate::plan::reasons;
use crate::render::printable::clean;
use crate::render::screen::device::title;
use crate::render::screen::layout;
use crate::render::screen::style::Style;
use crate::render::screen::trouble::{not_all, sentences, told};
use crate::verify::{self, Explanation, Step, verdict_of};
use crate::words::{numbers, shell};

/// How an action ends that leads to this very screen.
const THIS_SCREEN: &str = "bkscan show BACKUP.";

/// What stands in that action before the call that mends, and how that begins.
const MENDING: &str = ": bkscan mend BACKUP";

/// What is true of a damaged backup whose keys are gone.
const KEYS_ARE_GONE: &str = "Without its keys, nobody can open what is left.";

/// The verdict, of what, and what it means here.
pub fn meaning(report: &Report, index: BackupIndex, style: &Style) -> Vec<String> {
    let backup = &report.backups[index];
    let verdict = backup.verdict;
    let word = format!("{} {}", style.symbol(verdict), verdict.as_str());
    let day = backup.last_backup.map(|last| style.day(last.at));
    let product = backup.device.product_name.as_deref();
    let device = match product.map(|product| style.name(product)) {
        Some(product) if !product.trim().is_empty() => {
            format!("{}, {product}", title(backup, style))
        }
        _ => title(backup, style),
    };
    let facts: Vec<String> = [device].into_iter().chain(day).collect();
    let mut lines = vec![style.paint(verdict, &word)];
    lines.extend(layout::paragraph("", &facts.join(style.dot()), style.width));
    let told = told(backup).map_or_else(Vec::new, |(_, findings)| findings);
    let explained = verify::explain(verdict).meaning;
    let means = match backup.has_lost_its_keys() {
        true => explained.replace(verify::CAN_BE_READ, KEYS_ARE_GONE),
        false => explained.to_owned(),
    };
    let text = match verdict {
        Verdict::Unverified => {
            let (nothing_wrong, _) = means.split_once(". ").unwrap_or((&means, ""));
            format!(
                "{nothing_wrong}{}",
                why_not_all(backup, report.level, &told)
            )
        }
        _ if told.is_empty() => means,
        _ => format!("{means} {}", sentences(&told)),
    };
    lines.extend(layout::paragraph("", &style.name(&text), style.width));
    lines
}

/// Why not everything could be checked, behind the sentence that says so, and what else is told.
fn why_not_all(backup: &BackupReport, level: Level, told: &[&Finding]) -> String {
    let says_why = told
        .iter()
        .any(|finding| finding.effect == Effect::Unverified);
    let why = match not_all(backup, told) {
        _ if backup.locked => {
            ": it is encrypted and its file list is locked, so missing files would not be noticed."
                .to_owned()
        }
        _ if level == Level::Quick && !says_why => {
            ": only its state and sizes were looked at.".to_owned()
        }
        Some(why) => format!(": {why}."),
        None => ".".to_owned(),
    };
    match told {
        [] => why,
        _ => format!("{why} {}", sentences(told)),
    }
}

/// What to do about it, one action a line.
pub fn to_do(report: &Report, index: BackupIndex, style: &Style) -> Vec<String> {
    let backup = &report.backups[index];
    let told = told(backup).map_or_else(Vec::new, |(_, findings)| findings);
    let deciding = deciding(backup, &told);
    let mut lines = vec![style.bold("What to do")];
    let explained = match deciding.and_then(|finding| verify::with_id(finding.id)) {
        Some(check) => &check.explanation,
        None => verify::explain(backup.verdict),
    };
    lines.extend(match (deciding, backup.verdict) {
        (None, Verdict::Unverified) => look_deeper(report, backup, style),
        _ => actions(explained, report, backup, style),
    });
    lines.extend(can_go(report, index, style));
    let more = match deciding {
        Some(finding) => finding.id,
        None => backup.verdict.as_str(),
    };
    if backup.verdict != Verdict::Complete || deciding.is_some() {
        lines.push("  Why, and how sure that is:".to_owned());
        lines.push(format!(
            "    {}",
            style.bold(&format!("bkscan explain {more}"))
        ));
    }
    lines
}

/// Of what is told of a backup that by which it is to be treated: what stands in the way of every further run,
/// else what makes the verdict, else the worst.
fn deciding<'a>(backup: &BackupReport, told: &[&'a Finding]) -> Option<&'a Finding> {
    let blocks = |finding: &&&Finding| {
        let check = verify::with_id(finding.id);
        check.is_some_and(|check| check.blocks_next_run) && finding.severity > Severity::Note
    };
    let decides = |finding: &&&Finding| verdict_of(finding.effect) == Some(backup.verdict);
    let mut blocking = told.iter().filter(blocks);
    let mut making = told.iter().filter(decides);
    let found = blocking.next().or_else(|| making.next());
    found.or(told.first()).copied()
}

/// What to do by an explanation, as it holds for this backup, and but for the call of this screen. The call that mends
/// is there wherever a scan offers it, and nowhere else.
fn actions(
    explanation: &Explanation,
    report: &Report,
    backup: &BackupReport,
    style: &Style,
) -> Vec<String> {
    let holding = |step: Step| match step {
        Step::Do(action) if action.ends_with(THIS_SCREEN) => None,
        Step::NextRun(_) if !backup.is_written_again() => Some(verify::GOES_ELSEWHERE.to_owned()),
        Step::Do(action) | Step::NextRun(action) => Some(action.to_owned()),
        Step::Readable(action, _) if backup.has_lost_its_keys() => Some(format!("{action}.")),
        Step::Readable(action, rest) => Some(format!("{action}{rest}")),
        Step::Mend(_) => None,
    };
    let actions = verify::steps(explanation).into_iter().filter_map(holding);
    let mending = backup.mending.map(|_| verify::MEND_A_COPY.to_owned());
    let actions: Vec<String> = actions.chain(mending).collect();
    let several = actions.len() > 1;
    let numbered = (1..).zip(&actions).flat_map(|(number, action)| {
        let first = match several {
            true => format!("  {number}. "),
            false => "  ".to_owned(),
        };
        let Some((what, _)) = action.split_once(MENDING) else {
            return layout::paragraph(&first, action, style.width);
        };
        let text = format!("{what}. The plan, which writes nothing:");
        let mut lines = layout::paragraph(&first, &text, style.width);
        let word = shell::word_or_path(report, &backup.path);
        let command = clean(&shell::mend_command(
            style.system,
            &word,
            &report.looked_with,
        ));
        let indent = if several { "     " } else { "    " };
        lines.push(format!("{indent}{}", style.bold(&command)));
        lines
    });
    numbered.collect()
}

/// How to see more of a backup of which not everything could be seen.
fn look_deeper(report: &Report, backup: &BackupReport, style: &Style) -> Vec<String> {
    let (text, options): (&str, &[&str]) = match &backup.access {
        Access::Unavailable(why) | Access::Refused(why) => {
            let text = format!("It was not opened: {}.", clean(why));
            return layout::paragraph("  ", &text, style.width);
        }
        _ if report.level == Level::Quick => ("To look for every file:", &["--level", "standard"]),
        Access::NoPassword if backup.locked => (
            "To compare every file (the password never leaves this computer):",
            &["--ask-password"],
        ),
        _ => {
            return actions(verify::explain(backup.verdict), report, backup, style);
        }
    };
    let mut lines = layout::paragraph("  ", text, style.width);
    let word = shell::word_or_path(report, &backup.path);
    let options = options.iter().map(|word| (*word).to_owned());
    let looked_with: Vec<String> = report.looked_with.iter().cloned().chain(options).collect();
    let command = clean(&shell::show_command(style.system, &word, &looked_with));
    lines.push(format!("    {}", style.bold(&command)));
    lines
}

/// That it can go, with the command that shows the plan, or that its owner decides.
fn can_go(report: &Report, index: BackupIndex, style: &Style) -> Vec<String> {
    let decision = &report.plan.decisions[index];
    let reasons = decision.reasons.iter();
    let reasons: Vec<String> = reasons
        .map(|reason| style.name(&reasons::text(reason, index, report, &style.zone)))
        .collect();
    let reasons = reasons.join("; ");
    let frees = numbers::freed(decision.frees);
    if decision.action == Action::Keep {
        let text = format!("You decide whether it stays: {reasons}. Deleting it frees {frees}.");
        return match decision.on_request {
            true => layout::paragraph("  ", &text, style.width),
            false => vec![],
        };
    }
    let text =
        format!("It can go: {reasons}. That frees {frees}. The plan, which deletes nothing:");
    let mut lines = layout::paragraph("  ", &text, style.width);
    let command = clean(&shell::command(style.system, &["clean"], report));
    lines.push(format!("    {}", style.bold(&command)));
    lines
}
