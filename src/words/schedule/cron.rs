//! One line of a user's crontab, and two others to put in its place.

use crate::system::System;

use super::job::{Job, Refusal, Task, plain};
use super::recipes::{HEALTHCHECKS, MSMTP, NOTIFY_SEND_OUTSIDE, NTFY, PING, Recipe, VARIABLE};

/// How many bytes of a command all crons read: the classic one cuts it after 999, silently.
const LONGEST: usize = 998;

pub fn text(program: &str, arguments: &[&str], job: &Job) -> Result<String, Refusal> {
    let words = std::iter::once(&program).chain(arguments);
    let words: Vec<String> = words.map(|word| quote(word)).collect();
    // No ionice: it is not everywhere, and Linux lowers a nice program's I/O with its CPU.
    let command = format!("nice -n 19 {}", words.join(" "));
    if command.len() > LONGEST {
        return Err(Refusal(format!(
            "the line for cron would have {} bytes, and cron cuts off what is beyond {LONGEST}. Name a folder higher up, or links with short names",
            command.len()
        )));
    }
    let mac = match job.system {
        System::Mac => job.task.fill(MAC),
        System::Windows | System::Other => String::new(),
    };
    let hear = match job.task {
        Task::Scan => hear(job.system),
        // It has nothing to say of backups.
        Task::Clean => String::new(),
    };
    let others = match &job.state_folder {
        Some(folder) => others(&command, plain(folder.as_os_str())?, job),
        None => NO_STATE_FOLDER.to_owned(),
    };
    let [head, when, end] =
        [HEAD, "30 {hour} * * *", "# end {job}"].map(|part| job.task.fill(part));
    Ok(format!(
        "{head}{mac}{MAIL}{hear}{when} {command}\n#\n{others}{end}\n"
    ))
}

const HEAD: &str = r#"# begin {job}
# Every night at {hour}:30: {does} {silent}
#
# Install: "crontab -e", and paste all of this. Or save it as {job}.cron, and add it to your table:
#   { crontab -l; cat {job}.cron; } | crontab -
# Remove: "crontab -e", and delete from "begin {job}" to "end {job}". Or:
#   crontab -l | sed '/^# begin {job}$/,/^# end {job}$/d' | crontab -
#
"#;

const MAC: &str = r#"# On a Mac launchd is the better choice: it catches up after sleep. See: bkscan schedule launchd{command}
# For cron, /usr/sbin/cron needs Full Disk Access: System Settings > Privacy & Security > Full Disk
# Access, "+", Command-Shift-G, /usr/sbin/cron.
#
"#;

const MAIL: &str = "\
# cron mails you what is wrong. A line MAILTO=you@example.org above it sends the mail elsewhere. Mail
# has to work on this computer.
";

const NO_STATE_FOLDER: &str = "\
# With a folder for a log there would be two more lines here; bkscan knows of none for this user.
";

/// Commands that may hear what is wrong: cron takes a line `NAME=value` as it stands.
fn hear(system: System) -> String {
    const DESKTOP: [&Recipe; 4] = [&NOTIFY_SEND_OUTSIDE, &MSMTP, &NTFY, &HEALTHCHECKS];
    let recipes = match system {
        System::Other => &DESKTOP[..],
        System::Mac | System::Windows => &DESKTOP[1..],
    };
    let line = |recipe: &&Recipe| format!("# {}:\n#{VARIABLE}={}\n", recipe.does, recipe.command);
    let lines: String = recipes.iter().map(line).collect();
    format!(
        "{HEAR}{lines}# A ping that all is well, at the end of the line of the job:\n#   && {PING}\n#\n"
    )
}

const HEAR: &str = "\
#
# To hear of it in another way, take the \"#\" from one of these lines and fill in what is in capitals:
# bkscan runs the command when something is wrong (bkscan help night).
";

/// The lines that may stand in place of the first one, as comments.
fn others(command: &str, folder: &str, job: &Job) -> String {
    let fill = |text: &str| job.task.fill(text);
    let quoted = quote(folder);
    let name = fill("/{night}.log");
    let log = quote(&format!("{folder}{name}"));
    let logging = format!("mkdir -p {quoted}; {command} >>{log} 2>&1");
    let systemd = match job.system {
        System::Other => SYSTEMD,
        System::Mac | System::Windows => "",
    };
    [
        "# No mail? Use this line instead, without the \"#\": it writes to a log:\n#   ",
        folder,
        &name,
        "\n",
        &commented(&fill("30 {hour} * * *"), &logging),
        &fill(CATCH_UP),
        &fill(systemd),
        &commented(
            &fill("30 {hour}-23 * * *"),
            &catching_up(command, &quoted, &fill("{night}-day")),
        ),
    ]
    .concat()
}

const CATCH_UP: &str = r#"#
# cron forgets a night in which the computer sleeps or is off. This line, used instead, looks every
# hour and {once} once a day, as soon as it can after {hour}:30. No mail? Add at its end:
#   >>"$s/{night}.log" 2>&1
"#;

const SYSTEMD: &str = "\
# systemd does all that without being asked: bkscan schedule systemd{command}
";

/// Runs `command` if the file that holds the day of the last run does not hold today. The day is
/// written first and read back: where that fails, as on a full disk, it would run every hour.
fn catching_up(command: &str, folder: &str, day: &str) -> String {
    format!(
        r#"s={folder}; mkdir -p "$s" 2>/dev/null; f="$s/{day}"; d=$(date +\%F); [ "$(cat "$f" 2>/dev/null)" = "$d" ] || if {{ echo "$d" >"$f"; [ "$(cat "$f")" = "$d" ]; }} 2>/dev/null; then {command}; else echo "bkscan: nothing was looked at: $f cannot be written"; exit 3; fi"#
    )
}

fn commented(when: &str, command: &str) -> String {
    if command.len() > LONGEST {
        format!(
            "# (Left out: {} bytes are too long for cron.)\n",
            command.len()
        )
    } else {
        format!("#{when} {command}\n")
    }
}

/// One word for sh, within a crontab. Some crons take `\\` for one backslash and others for two, so
/// none stands before another. `\%` stands outside of quotes: to a cron that knows no `%` it is one
/// for sh.
fn quote(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:,@".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    let mut quoted = String::from("'");
    for c in word.chars() {
        match c {
            '\'' => quoted.push_str(r"'\''"),
            '\\' => quoted.push_str(r"\''"),
            '%' => quoted.push_str(r"'\%'"),
            _ => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_sh_and_then_for_cron() {
        for (word, expected) in [
            ("/home/u/Backups", "/home/u/Backups"),
            ("", "''"),
            ("a b", "'a b'"),
            ("~", "'~'"),
            ("it's", r"'it'\''s'"),
            ("$(rm)", "'$(rm)'"),
            ("100%", r"'100'\%''"),
            ("%F", r"''\%'F'"),
            (r"a\b", r"'a\''b'"),
            (r"a\\b", r"'a\''\''b'"),
            (r"a\", r"'a\'''"),
            (r"\%", r"'\'''\%''"),
            (r"\'", r"'\'''\'''"),
            ("ü", "'ü'"),
        ] {
            assert_eq!(quote(word), expected, "{word}");
        }
    }
}
