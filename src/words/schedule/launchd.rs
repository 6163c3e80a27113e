//! A property list for `~/Library/LaunchAgents`.

use plist::{Value, XmlWriteOptions};

use super::job::{Job, Refusal, Task, plain};
use super::recipes::{HEALTHCHECKS, NTFY, OSASCRIPT, Recipe, VARIABLE};

pub fn text(program: &str, arguments: &[&str], job: &Job) -> Result<String, Refusal> {
    let home = job.home.as_ref().ok_or_else(|| {
        Refusal(
            "launchd wants the full path of the log, and your home folder is not known. Set HOME"
                .to_owned(),
        )
    })?;
    let fill = |text: &str| job.task.fill(text);
    let log = fill("/Library/Logs/{job}.log");
    let log = format!("{}{log}", plain(home.as_os_str())?);
    let words = std::iter::once(&program).chain(arguments);
    let words: Vec<Value> = words.map(|word| Value::from(*word)).collect();
    let hour: i64 = fill("{hour}").parse().unwrap_or(3);
    let time = dictionary([("Hour", hour.into()), ("Minute", 30.into())]);
    let agent = dictionary([
        ("Label", fill("{job}.nightly").into()),
        ("ProgramArguments", words.into()),
        ("StartCalendarInterval", time),
        ("ProcessType", "Background".into()),
        ("LowPriorityIO", true.into()),
        ("Nice", 19.into()),
        ("StandardOutPath", log.as_str().into()),
        ("StandardErrorPath", log.as_str().into()),
    ]);
    let cannot =
        |error: &dyn std::fmt::Display| Refusal(format!("cannot write the property list: {error}"));
    let mut xml = Vec::new();
    agent
        .to_writer_xml_with_options(&mut xml, &XmlWriteOptions::default().indent(b' ', 4))
        .map_err(|error| cannot(&error))?;
    let xml = String::from_utf8(xml).map_err(|error| cannot(&error))?;
    let xml = xml.replacen("<plist ", &format!("{}<plist ", fill(COMMENT)), 1);
    let end = "</dict>\n</plist>";
    let agent = xml.strip_suffix(end).unwrap_or(&xml);
    Ok(format!("{agent}{}{end}\n", hear(job.task)))
}

/// Commands that may hear what is wrong. None has two hyphens, which may not stand in a comment.
fn hear(task: Task) -> String {
    const RECIPES: [&Recipe; 3] = [&OSASCRIPT, &NTFY, &HEALTHCHECKS];
    if task == Task::Clean {
        return String::new();
    }
    let comment = |recipe: &&Recipe| {
        let (does, command) = (recipe.does, maud::html!((recipe.command)).into_string());
        format!(
            "    <!-- {does}:\n    <key>EnvironmentVariables</key>\n    <dict>\n        <key>{VARIABLE}</key>\n        <string>{command}</string>\n    </dict>\n    -->\n"
        )
    };
    let comments: String = RECIPES.iter().map(comment).collect();
    format!("{HEAR}{comments}")
}

const HEAR: &str = "    \
    <!-- To hear of it in another way, take away the first and the last line of one of these and fill in
    what is in capitals: bkscan runs the command when something is wrong (bkscan help night). -->
";

fn dictionary<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let entries = entries.map(|(key, value)| (key.to_owned(), value));
    Value::Dictionary(entries.into_iter().collect())
}

/// Says nothing of the user's: a path might hold two hyphens, which end no comment but break it.
const COMMENT: &str = r#"<!--
Every night at {hour}:30: {does} A night in which the Mac slept is made up
for as soon as it wakes. One in which it was off, or you were not logged in, is left out.

Install: save this text as ~/Library/LaunchAgents/{job}.nightly.plist, then
  launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/{job}.nightly.plist
Try it now:
  launchctl kickstart gui/$(id -u)/{job}.nightly
What it said, nothing while all is well:
  cat ~/Library/Logs/{job}.log
How it ended: 0 all is well, 1 or 2 a backup needs attention, 3 something could not be looked at
  launchctl print gui/$(id -u)/{job}.nightly | grep 'last exit code'
Remove:
  launchctl bootout gui/$(id -u)/{job}.nightly
  rm ~/Library/LaunchAgents/{job}.nightly.plist

Full Disk Access: macOS has to let bkscan itself look into the backups. That the terminal is allowed
to is not enough. System Settings > Privacy & Security > Full Disk Access: drag bkscan into the list.
It is the first string under ProgramArguments. After an update of bkscan, remove it there and add it
again.
-->
"#;
