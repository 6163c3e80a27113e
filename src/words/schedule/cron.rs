//! One line of a user's crontab, and two others to put in its place.

use crate::system::System;

use super::job::{Job, Refusal, plain};

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
        System::Mac => MAC,
        System::Windows | System::Other => "",
    };
    let others = match &job.state_folder {
        Some(folder) => others(&command, plain(folder.as_os_str())?, job.system),
        None => NO_STATE_FOLDER.to_owned(),
    };
    Ok(format!(
        "{HEAD}{mac}{MAIL}30 3 * * * {command}\n#\n{others}# end bkscan\n"
    ))
}

const HEAD: &str = r#"# begin bkscan
# Every night at 3:30: are the iPhone and iPad backups whole? Silent when they are.
#
# Install: "crontab -e", and paste all of this. Or save it as bkscan.cron, and add it to your table:
#   { crontab -l; cat bkscan.cron; } | crontab -
# Remove: "crontab -e", and delete from "begin bkscan" to "end bkscan". Or:
#   crontab -l | sed '/^# begin bkscan$/,/^# end bkscan$/d' | crontab -
#
"#;

const MAC: &str = r#"# On a Mac launchd is the better choice: it catches up after sleep. See: bkscan schedule launchd
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

/// The lines that may stand in place of the first one, as comments.
fn others(command: &str, folder: &str, system: System) -> String {
    let quoted = quote(folder);
    let log = quote(&format!("{folder}/nightly.log"));
    let logging = format!("mkdir -p {quoted}; {command} >>{log} 2>&1");
    let systemd = match system {
        System::Other => SYSTEMD,
        System::Mac | System::Windows => "",
    };
    [
        "# No mail? Use this line instead, without the \"#\": it writes to a log:\n#   ",
        folder,
        "/nightly.log\n",
        &commented("30 3 * * *", &logging),
        CATCH_UP,
        systemd,
        &commented("30 3-23 * * *", &catching_up(command, &quoted)),
    ]
    .concat()
}

const CATCH_UP: &str = r#"#
# cron forgets a night in which the computer sleeps or is off. This line, used instead, looks every
# hour and scans once a day, as soon as it can after 3:30. No mail? Add at its end:
#   >>"$s/nightly.log" 2>&1
"#;

const SYSTEMD: &str = "\
# systemd does all that without being asked: bkscan schedule systemd
";

/// Runs `command` if the file that holds the day of the last run does not hold today. The day is
/// written first and read back: where that fails, as on a full disk, it would run every hour.
fn catching_up(command: &str, folder: &str) -> String {
    format!(
        r#"s={folder}; mkdir -p "$s" 2>/dev/null; f="$s/nightly-day"; d=$(date +\%F); [ "$(cat "$f" 2>/dev/null)" = "$d" ] || if {{ echo "$d" >"$f"; [ "$(cat "$f")" = "$d" ]; }} 2>/dev/null; then {command}; else echo "bkscan: nothing was looked at: $f cannot be written"; exit 3; fi"#
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
