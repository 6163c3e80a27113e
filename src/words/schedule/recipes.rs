//! Commands for `--on-problem` to copy: each sends the headline or the text somewhere. A name is never part of
//! the command itself.

/// A command, and what it does.
pub struct Recipe {
    /// What it does.
    pub does: &'static str,
    /// The command; words in capitals are to be filled in.
    pub command: &'static str,
}

/// The variable that the command may stand in.
pub const VARIABLE: &str = "BKSCAN_ON_PROBLEM";

/// A notification of macOS.
pub const OSASCRIPT: Recipe = Recipe {
    does: "A notification on this Mac",
    command: r#"osascript -e 'on run argv' -e 'display notification (item 1 of argv) with title "bkscan"' -e 'end run' "$BKSCAN_HEADLINE""#,
};

/// A notification of a desktop, from within its session.
pub const NOTIFY_SEND: Recipe = Recipe {
    does: "A notification on the desktop",
    command: r#"notify-send -u critical "$BKSCAN_HEADLINE""#,
};

/// The same from outside of it.
pub const NOTIFY_SEND_OUTSIDE: Recipe = Recipe {
    does: NOTIFY_SEND.does,
    command: r#"DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/$(id -u)/bus notify-send -u critical "$BKSCAN_HEADLINE""#,
};

/// A mail by a program that only sends.
pub const MSMTP: Recipe = Recipe {
    does: "A mail by msmtp",
    command: "{ echo 'To: YOU@example.org'; echo 'Subject: bkscan: a backup needs attention'; echo 'MIME-Version: 1.0'; echo 'Content-Type: text/plain; charset=UTF-8'; echo; cat; } | msmtp YOU@example.org",
};

/// A message to a telephone.
pub const NTFY: Recipe = Recipe {
    does: "A message to a phone by ntfy",
    command: r#"curl -fsS -m 60 -o /dev/null -d "$BKSCAN_HEADLINE" https://ntfy.sh/YOUR-TOPIC"#,
};

/// A ping that something is wrong. What is longer the service would cut off.
pub const HEALTHCHECKS: Recipe = Recipe {
    does: "A ping to healthchecks that something is wrong",
    command: r#"curl -fsS -m 60 -o /dev/null -d "$(head -c 9000)" https://hc-ping.com/YOUR-UUID/fail"#,
};

/// The ping that all is well, without which healthchecks tells that no job ran.
pub const PING: &str = "curl -fsS -m 60 -o /dev/null https://hc-ping.com/YOUR-UUID";
