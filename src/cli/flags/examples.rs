//! What the help of each call has beside its options: examples to copy, and where to read more.

use super::flag::Call;

/// A command to copy, and what it does.
pub type Example = (&'static str, &'static str);

/// Those of `bkscan --help`.
pub const SCANS: [Example; 4] = [
    ("bkscan", "what is good, what can go, what to do"),
    ("bkscan show \"Anna's iPhone\"", "all about one of them"),
    ("bkscan clean", "what can go, and what that frees"),
    (
        "bkscan --ask-password /srv/Backup",
        "encrypted ones, in another folder",
    ),
];

/// What `bkscan --help` ends with. What a script wants to know is in contract §8.
pub const MORE: &str = "\
Nothing in a backup is changed; only clean --delete removes any.
More: bkscan COMMAND --help, bkscan help options, bkscan man
Exit codes: 0 nothing wrong, 1 warnings (with --fail-on warning), 2 an incomplete or corrupt backup, \
3 something could not be looked at, 64 wrong usage";

/// Two or more for each call.
pub fn of(call: Call) -> &'static [Example] {
    match call {
        Call::Help => &[
            ("bkscan help", "all commands and topics"),
            ("bkscan help cleaning", "one of them"),
        ],
        Call::Scan => &SCANS,
        Call::Show => &[
            ("bkscan show \"Anna's iPhone\"", "by the name of its device"),
            (
                "bkscan show --ask-password 00008130",
                "by the start of its UDID",
            ),
        ],
        Call::Diff => &[
            (
                "bkscan diff \"Old iPhone\" \"Anna's iPhone\"",
                "by group, with sizes",
            ),
            (
                "bkscan diff --list --ask-password /srv/old /srv/new",
                "file by file",
            ),
        ],
        Call::Clean => &[
            ("bkscan clean", "what can go, and why; removes nothing"),
            ("bkscan clean -i", "a list to look and to mark in"),
            (
                "bkscan clean --delete --older-than 1y",
                "removes it, after a question",
            ),
        ],
        Call::Mend => &[
            (
                "bkscan mend \"Anna's iPad\" --to /Volumes/Disk --plan",
                "what would be kept, and what is lost",
            ),
            (
                "bkscan mend /srv/old --to /srv/mended",
                "makes it, after a question",
            ),
        ],
        Call::Explain => &[
            ("bkscan explain", "the list of all verdicts and findings"),
            ("bkscan explain file-missing", "one of them"),
        ],
        Call::History => &[
            ("bkscan history", "every device"),
            (
                "bkscan history --forget \"Old iPad\"",
                "no more word of one that is gone",
            ),
        ],
        Call::Report => &[
            (
                "bkscan report saved.json --html page.html",
                "from a saved document",
            ),
            (
                "bkscan report hosts/*.json --html fleet.html",
                "one page of many machines",
            ),
            (
                "bkscan --json | bkscan report - --html page.html",
                "from a scan",
            ),
        ],
        Call::Schedule => &[
            ("bkscan schedule cron /srv/Backup", "a line for crontab -e"),
            (
                "bkscan schedule systemd --install /srv/Backup",
                "a service and its timer, installed",
            ),
            (
                "bkscan schedule cron clean --keep-last 2",
                "deletes what can go",
            ),
        ],
        Call::Config => &[
            (
                "bkscan config show",
                "every setting, and where it comes from",
            ),
            (
                "bkscan config show --config other.toml",
                "with another file",
            ),
            (
                "bkscan config schema",
                "the schema of the file, for editors",
            ),
        ],
        Call::Schema => &[
            ("bkscan schema", "of scan, show and clean"),
            ("bkscan schema diff", "of diff"),
            ("bkscan schema mend", "of mend"),
            ("bkscan schema history", "of history"),
        ],
        Call::Completions => &[
            (
                "bkscan completions fish > ~/.config/fish/completions/bkscan.fish",
                "",
            ),
            (
                "bkscan completions bash > ~/.local/share/bash-completion/completions/bkscan",
                "",
            ),
        ],
        Call::Man => &[
            ("bkscan man | man -l -", "reads it now"),
            ("bkscan man > bkscan.1", "keeps it"),
        ],
    }
}

/// What `schedule` adds by itself.
const IN_A_JOB: &str = "The job scans with --quiet --fail-on warning --stale-after 30d, and with the \
                        options that are given here. Behind the word clean it deletes what can go, by \
                        the rule that --keep-last or --may-lose gives.";

/// What the help of a call ends with.
pub fn more(call: Call) -> String {
    const EVERY: &str = "Every option in full: bkscan help options";
    let own = match call {
        Call::Diff => {
            "Exit codes: 0 NEW holds all that OLD does, 1 it does not, 3 they could not be compared, \
             64 wrong usage\n"
        }
        Call::Mend => {
            "Exit codes: 0 the new backup is complete, or there is nothing to mend, 2 it cannot be mended, \
             or was not, 3 something could not be looked at, 64 wrong usage\n"
        }
        Call::Schedule => &format!("{IN_A_JOB}\n"),
        _ => "",
    };
    format!("{own}{EVERY}")
}

/// Examples as help shows them, one below the other.
pub fn shown(examples: &[Example]) -> String {
    let width = examples.iter().map(|(call, _)| call.len()).max();
    let width = width.unwrap_or(0).min(52);
    let lines = examples.iter().map(|(call, does)| {
        let line = format!("  {call:<width$}  {does}");
        format!("{}\n", line.trim_end())
    });
    format!("Examples:\n{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_what_a_job_is_given() {
        let options = crate::words::schedule::OPTIONS.join(" ");
        assert!(IN_A_JOB.contains(&format!(" {options},")), "{options}");
    }
}
