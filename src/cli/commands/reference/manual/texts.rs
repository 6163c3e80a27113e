//! What the page of the program says beside what the command line knows of itself, and the topics. What is
//! typed as it stands is between backquotes.

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
    "`bkscan explain` tells what each verdict and finding means, and `bkscan help TOPIC` has the sections of \
     these pages, one at a time.",
];

/// What is wanted, and the command to copy.
pub const EXAMPLES: &[(&str, &str)] = &[
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
