//! A task of the Task Scheduler of Windows, as `schtasks /Create /XML` takes it.

use maud::{PreEscaped, html};

use super::job::{Job, Refusal};
use crate::words::shell::in_quotes;

/// The XML. It has nothing but ASCII in it, so that it is the same in whatever encoding it is saved.
pub fn text(program: &str, arguments: &[&str], job: &Job) -> Result<String, Refusal> {
    for word in std::iter::once(&program).chain(arguments) {
        may_stand(word)?;
    }
    let arguments: Vec<String> = arguments.iter().map(|word| quote(word)).collect();
    let [comment, title, source, hour] =
        [COMMENT, "{title}", SOURCE, "{hour}"].map(|text| job.task.fill(text));
    let start = format!("2026-01-01T0{hour}:30:00");
    let task = html! {
        Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task" {
            (line(1)) RegistrationInfo {
                (line(2)) Source { (source) }
                (line(2)) Description { (title) }
            (line(1)) }
            (line(1)) Triggers {
                (line(2)) CalendarTrigger {
                    (line(3)) StartBoundary { (start) }
                    (line(3)) ScheduleByDay {
                        (line(4)) DaysInterval { "1" }
                    (line(3)) }
                (line(2)) }
            (line(1)) }
            (line(1)) Settings {
                (line(2)) MultipleInstancesPolicy { "IgnoreNew" }
                (line(2)) DisallowStartIfOnBatteries { "false" }
                (line(2)) StopIfGoingOnBatteries { "false" }
                (line(2)) StartWhenAvailable { "true" }
                (line(2)) Enabled { "true" }
                (line(2)) ExecutionTimeLimit { "PT0S" }
                (line(2)) Priority { "7" }
            (line(1)) }
            (line(1)) Actions {
                (line(2)) Exec {
                    (line(3)) Command { (program) }
                    (line(3)) Arguments { (arguments.join(" ")) }
                (line(2)) }
            (line(1)) }
        (line(0)) }
    };
    let task = in_ascii(&task.into_string());
    Ok(format!("<?xml version=\"1.0\"?>\n{comment}{task}\n"))
}

/// Who made the task: of another one of that name nothing is replaced or removed.
pub const SOURCE: &str = "bkscan schedule windows{command}";

/// A new line of the document, indented as deep.
fn line(depth: usize) -> PreEscaped<String> {
    PreEscaped(format!("\n{}", "  ".repeat(depth)))
}

/// Other characters by their numbers.
fn in_ascii(xml: &str) -> String {
    xml.chars().fold(String::new(), |mut text, c| {
        match c.is_ascii() {
            true => text.push(c),
            false => text += &format!("&#{};", u32::from(c)),
        }
        text
    })
}

/// The Task Scheduler puts what a variable holds in place of its name, and nothing keeps it from that.
fn may_stand(word: &str) -> Result<(), Refusal> {
    match word.matches('%').count() > 1 || word.contains("$(Arg") {
        false => Ok(()),
        true => Err(Refusal(format!(
            "{word:?} cannot be written into a task: the Task Scheduler would take a part of it for a variable. Name another path, or set it in the configuration file"
        ))),
    }
}

/// One word of a command line, as programs of Windows take it apart.
fn quote(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:\\/".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => in_quotes(word),
    }
}

/// Says nothing of the user's: a path might hold two hyphens, which may not stand in a comment.
const COMMENT: &str = "\
<!--
Every night at {hour}:30: {does} A night in which the computer slept or was off is
made up for, once you are logged in.

Install: save this text as {job}.xml, then
  schtasks /Create /TN {job} /XML {job}.xml
Try it now:
  schtasks /Run /TN {job}
How it ended, as Last Result: 0 all is well, 1 or 2 a backup needs attention, 3 something could not be looked at
  schtasks /Query /TN {job} /V /FO LIST
Remove:
  schtasks /Delete /TN {job}
{hear}-->
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_as_programs_take_them_apart() {
        for (word, expected) in [
            (r"C:\Users\anna", r"C:\Users\anna"),
            ("", r#""""#),
            (r"C:\My Backups\", r#""C:\My Backups\\""#),
            (r#"a"b"#, r#""a\"b""#),
            (r#"a\"b"#, r#""a\\\"b""#),
            (r"a\ b", r#""a\ b""#),
            ("100%", "\"100%\""),
            ("a&b", "\"a&b\""),
        ] {
            assert_eq!(quote(word), expected, "{word}");
        }
    }

    #[test]
    fn what_the_scheduler_would_take_for_a_variable_is_refused() {
        assert!(may_stand("100% sure").is_ok());
        for word in [r"C:\%TEMP%\a", "$(Arg0)"] {
            let told = may_stand(word).unwrap_err().to_string();
            assert!(told.contains("would take a part of it for a variable"));
        }
    }
}
