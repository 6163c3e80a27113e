//! A service and its timer, as `systemctl cat` prints them.

use super::job::{Refusal, Task};
use super::recipes::{HEALTHCHECKS, MSMTP, NOTIFY_SEND, NTFY, PING, Recipe, VARIABLE};

pub fn text(program: &str, arguments: &[&str], task: Task) -> Result<String, Refusal> {
    // systemd starts no program whose path has one of these, however it is quoted.
    if program.contains(['\'', '"', '\\']) {
        return Err(Refusal(format!(
            "systemd starts no program with a quote or a backslash in its path: {program}. Copy bkscan to a plain place, such as /usr/local/bin, and start it there"
        )));
    }
    // The path itself is no place for variables, so a `$` in it stands for itself.
    let words = std::iter::once(quote(program, "$"));
    let words = words.chain(arguments.iter().map(|argument| quote(argument, "$$")));
    let words: Vec<String> = words.collect();
    let [head, service, timer] = [HEAD, SERVICE, TIMER].map(|part| task.fill(part));
    Ok(format!(
        "{head}{service}ExecStart={}\n{PRIORITY}{}\n{timer}",
        words.join(" "),
        hear(task)
    ))
}

const HEAD: &str = r"# Every night at {hour}:30: {does} A night in which the computer slept or
# was off is made up for.
#
# Install it for yourself: save this text as {job}.txt, then
#   mkdir -p ~/.config/systemd/user
#   sed '/^# ~.*timer$/,$d' {job}.txt >~/.config/systemd/user/{job}.service
#   sed '/^# ~.*timer$/,$!d' {job}.txt >~/.config/systemd/user/{job}.timer
#   systemctl --user daemon-reload
#   systemctl --user enable --now {job}.timer
#   loginctl enable-linger               so that it also runs while you are not logged in
# Try it now:
#   systemctl --user start {job}
# What it said:
#   journalctl --user -u {job}
# Remove:
#   systemctl --user disable --now {job}.timer
#   rm ~/.config/systemd/user/{job}.service ~/.config/systemd/user/{job}.timer
#   systemctl --user daemon-reload
#
# Install it for the whole computer: the same files in /etc/systemd/system, the line User=NAME under
# [Service], and sudo systemctl without --user.
#
# When the service failed, status=1 or 2 means that a backup needs attention, 3 that something could
# not be looked at, 64 that ExecStart is wrong. systemd mails nobody: OnFailure= under [Unit] can name
# a service that does.

";

const SERVICE: &str = "\
# ~/.config/systemd/user/{job}.service
[Unit]
Description={title}

[Service]
Type=oneshot
";

const PRIORITY: &str = "\
Nice=19
CPUSchedulingPolicy=batch
IOSchedulingClass=idle
";

/// Commands that may hear what is wrong.
fn hear(task: Task) -> String {
    const RECIPES: [&Recipe; 4] = [&NOTIFY_SEND, &MSMTP, &NTFY, &HEALTHCHECKS];
    if task == Task::Clean {
        return String::new();
    }
    let line = |recipe: &&Recipe| {
        // In a variable a dollar stands for itself.
        let set = quote(&format!("{VARIABLE}={}", recipe.command), "$");
        format!("# {}:\n#Environment={set}\n", recipe.does)
    };
    let lines: String = RECIPES.iter().map(line).collect();
    format!("{HEAR}{lines}# A ping that all is well:\n#ExecStartPost=-/usr/bin/env {PING}\n")
}

const HEAR: &str = "\
# To hear of it in another way, take the \"#\" from one of these lines and fill in what is in capitals:
# bkscan runs the command when something is wrong (bkscan help night).
";

const TIMER: &str = "\
# ~/.config/systemd/user/{job}.timer
[Unit]
Description=Every night: {does}

[Timer]
OnCalendar=*-*-* 0{hour}:30:00
RandomizedDelaySec=10min
Persistent=true

[Install]
WantedBy=timers.target
";

/// One word of a command line (systemd.service(5), systemd.syntax(7)).
fn quote(word: &str, dollar: &str) -> String {
    let escaped = word
        .replace('\\', r"\\")
        .replace('"', r#"\""#)
        .replace('%', "%%")
        .replace('$', dollar);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:,@%$".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        escaped
    } else {
        format!("\"{escaped}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_systemd() {
        for (word, expected) in [
            ("/home/u/Backups", "/home/u/Backups"),
            ("", r#""""#),
            ("a b", r#""a b""#),
            ("it's", r#""it's""#),
            (r#"19""#, r#""19\"""#),
            (r"a\b", r#""a\\b""#),
            ("100%h", "100%%h"),
            ("$HOME ${x} $$", r#""$$HOME $${x} $$$$""#),
            (";", r#"";""#),
            ("#", r##""#""##),
            ("ü", r#""ü""#),
        ] {
            assert_eq!(quote(word, "$$"), expected, "{word}");
        }
        assert_eq!(quote("/opt/$HOME/100%", "$"), "/opt/$HOME/100%%");
    }

    #[test]
    fn a_program_that_systemd_would_not_start_is_refused() {
        for program in ["/opt/a'b", "/opt/a\"b", "/opt/a\\b"] {
            assert_eq!(
                text(program, &[], Task::Scan).map_err(|refusal| refusal.to_string()),
                Err(format!(
                    "systemd starts no program with a quote or a backslash in its path: {program}. Copy bkscan to a plain place, such as /usr/local/bin, and start it there"
                ))
            );
        }
    }
}
