//! What the manual page says beside what the command line knows of itself. What is typed as it stands is
//! between backquotes.

/// Names, and what each means.
pub type Entries = &'static [(&'static str, &'static str)];

/// What the program is, in paragraphs.
pub const DESCRIPTION: &[&str] = &[
    "bkscan reads the backups that Finder, iTunes, the Apple Devices app and libimobiledevice make on a \
     computer, and says of each whether it is whole: whether every file that the device listed is there, in \
     its right shape, and whether the last run came to its end. It says how much room each takes, which of \
     them are not needed any more, and what to do next.",
    "Without a command it scans. PATH may be MobileSync, its Backup folder, one backup, or a folder that \
     holds any of these up to three levels down. Without a PATH it scans the places where the system keeps \
     backups; there are none on Linux. A folder that is named like a command is written with its path, such \
     as `./clean`.",
    "Nothing is written into what is scanned. Only `clean --delete` changes it.",
    "`bkscan explain` tells what each verdict and finding means.",
];

/// What `help` does, to somebody who is not reading it.
pub const HELP: &str = "Print help for bkscan, or for one of its commands";

/// How values are written.
pub const VALUES: &str = "Options stand before or after the command word. A SPAN is a number and a unit, or \
     several of them, such as `90d` or `1y6mo`; units are `y`, `mo`, `w`, `d`, `h` and `min`. A SIZE is a \
     number and a unit, such as `20GB` or `20GiB`. A SHARE is a percentage from 0 to 100, such as `2%`.";

/// The exit codes.
pub const EXIT_STATUS: Entries = &[
    (
        "0",
        "Nothing is wrong. Of `clean`: it is done, or there was nothing to do.",
    ),
    (
        "1",
        "There are warnings, and `--fail-on warning` asks for them. Of `diff`: NEW does not hold all that OLD \
         does.",
    ),
    (
        "2",
        "A backup is incomplete or corrupt, or there is a finding that is an error. Of `clean`: something \
         was refused, or was removed only in part.",
    ),
    (
        "3",
        "Something that was asked for could not be looked at: a path is missing, there is no backup, there \
         is no permission, the password is wrong, or another bkscan is at work there. An encrypted backup \
         without a password is not that.",
    ),
    (
        "64",
        "The command line, a variable or the configuration file is wrong.",
    ),
    (
        "130, 143",
        "A signal stopped it. What was found so far is told.",
    ),
];

/// Files and folders of the program, and where backups are.
pub const FILES: Entries = &[
    (
        "$XDG_CONFIG_HOME/bkscan/config.toml",
        "The configuration file on Linux and macOS; `~/.config/bkscan/config.toml` where the variable is not \
         set. On Windows it is `%APPDATA%\\bkscan\\config.toml`. `bkscan config show` prints the settings in \
         effect as such a file.",
    ),
    (
        "$XDG_STATE_HOME/bkscan/",
        "What bkscan remembers on Linux and macOS; `~/.local/state/bkscan/` where the variable is not set. \
         On Windows it is `%LOCALAPPDATA%\\bkscan\\`. `history.db` has earlier runs, `ledger.db` the \
         checksums of files that `--level contents` read, and `removals.jsonl` a line for each removal.",
    ),
    (
        "~/Library/Application Support/MobileSync/Backup/",
        "Where macOS keeps backups.",
    ),
    (
        "%APPDATA%\\Apple Computer\\MobileSync\\Backup\\",
        "Where iTunes for Windows keeps them. The Apple Devices app, and iTunes from the Microsoft Store, \
         keep them in `%USERPROFILE%\\Apple\\MobileSync\\Backup\\`.",
    ),
];

/// Variables.
pub const ENVIRONMENT: Entries = &[
    (
        "BKSCAN_PASSWORD",
        "The password of encrypted backups. It counts where no option says where the password comes from.",
    ),
    (
        "BKSCAN_<OPTION>",
        "An option by its long name, in capitals and with underscores: `BKSCAN_LEVEL` is `--level`, \
         `BKSCAN_OLD_AFTER` is `--old-after`. A switch is `true` or `false`. What is typed counts first, then \
         the environment, then the configuration file.",
    ),
    ("BKSCAN_CONFIG", "The configuration file, as `--config`."),
    (
        "BKSCAN_UDID",
        "Set for the command of `--password-command`: the device whose password is wanted.",
    ),
    (
        "NO_COLOR",
        "Where it is set, there is no colour, unless `--color always` asks for it.",
    ),
    ("COLUMNS", "How wide the screen is."),
    (
        "XDG_CONFIG_HOME, XDG_STATE_HOME",
        "Where the configuration file and the state folder are; see FILES.",
    ),
];

/// What is wanted, and the command to copy.
pub const EXAMPLES: Entries = &[
    (
        "Judge all backups in the places where this system keeps them:",
        "bkscan",
    ),
    (
        "Judge those below another folder, and look into encrypted ones:",
        "bkscan --ask-password /srv/MobileSync",
    ),
    (
        "Show one backup in full, by the name of its device:",
        "bkscan show \"Anna's iPhone\"",
    ),
    (
        "See what can go, and what that frees, without removing anything:",
        "bkscan clean",
    ),
    (
        "See what an older backup holds that a newer one does not, by name:",
        "bkscan diff --list 00008130-000A1C2E3F40801E.old 00008130-000A1C2E3F40801E",
    ),
    ("Remove it, after a question:", "bkscan clean --delete"),
    (
        "Read every file to its end, and print a document for another program:",
        "bkscan --level contents --json /srv/MobileSync",
    ),
    (
        "Write a page to look at in a browser, without names and paths:",
        "bkscan --redact --html backups.html",
    ),
    (
        "Print a line for crontab that scans every night, and says something only if something is wrong:",
        "bkscan schedule cron /srv/MobileSync",
    ),
    (
        "Let fish complete commands, options and values:",
        "bkscan completions fish > ~/.config/fish/completions/bkscan.fish",
    ),
];

/// Pages about what it works with.
pub const SEE_ALSO: [&str; 5] = [
    "crontab(5)",
    "idevicebackup2(1)",
    "jq(1)",
    "launchd.plist(5)",
    "systemd.timer(5)",
];
