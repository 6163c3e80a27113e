//! What `bkscan schedule` prints for each system, literally.

use std::ffi::OsString;
use std::path::PathBuf;

use super::*;

/// A folder whose name has everything that one of the formats takes for itself.
const HOSTILE: &str = r#"/home/u/it's "50%" <a&b> \\$HOME\% -- ü;#"#;

fn job(system: System, root: &str) -> Job {
    let words = OPTIONS.iter().copied().chain([root]);
    Job {
        task: Task::Scan,
        program: PathBuf::from("/usr/local/bin/bkscan"),
        arguments: words.map(OsString::from).collect(),
        system,
        state_folder: Some(PathBuf::from("/home/u/.local/state/bkscan")),
        home: Some(PathBuf::from("/home/u")),
    }
}

/// What is said instead of a schedule.
fn refusal(kind: Kind, job: &Job) -> String {
    text(kind, job).unwrap_err().to_string()
}

fn has_line(text: &str, line: &str) -> bool {
    text.lines().any(|other| other == line)
}

#[test]
fn cron_on_linux() {
    let text = text(Kind::Cron, &job(System::Other, "/home/u/My Backups")).unwrap();
    assert_eq!(text, CRON_ON_LINUX);
}

#[test]
fn cron_on_a_mac_needs_full_disk_access() {
    let text = text(Kind::Cron, &job(System::Mac, "/home/u/My Backups")).unwrap();
    let (head, rest) = CRON_ON_LINUX.split_once("# cron mails").unwrap();
    let rest = rest.replace(NOTIFY_SEND_IN_CRON, "");
    let rest = rest.replace(
        "# systemd does all that without being asked: bkscan schedule systemd\n",
        "",
    );
    let mac = "\
# On a Mac launchd is the better choice: it catches up after sleep. See: bkscan schedule launchd
# For cron, /usr/sbin/cron needs Full Disk Access: System Settings > Privacy & Security > Full Disk
# Access, \"+\", Command-Shift-G, /usr/sbin/cron.
#
";
    assert_eq!(text, format!("{head}{mac}# cron mails{rest}"));
}

#[test]
fn systemd() {
    let text = text(Kind::Systemd, &job(System::Other, "/home/u/My Backups")).unwrap();
    assert_eq!(text, SYSTEMD);
}

/// A job that cleans stands beside one that scans: nothing of it has the other one's name.
#[test]
fn a_cleaning_job_has_names_of_its_own() {
    for (kind, lines) in [
        (
            Kind::Cron,
            &[
                "# begin bkscan-clean",
                "30 4 * * * nice -n 19 /usr/local/bin/bkscan clean --delete --yes --quiet --keep-last 2 /b",
                "#   /home/u/.local/state/bkscan/clean.log",
                "# end bkscan-clean",
            ][..],
        ),
        (
            Kind::Systemd,
            &[
                "# ~/.config/systemd/user/bkscan-clean.service",
                "ExecStart=/usr/local/bin/bkscan clean --delete --yes --quiet --keep-last 2 /b",
                "OnCalendar=*-*-* 04:30:00",
            ],
        ),
        (
            Kind::Launchd,
            &[
                "    <string>bkscan-clean.nightly</string>",
                "        <integer>4</integer>",
                "    <string>/home/u/Library/Logs/bkscan-clean.log</string>",
            ],
        ),
        (
            Kind::Windows,
            &[
                "  schtasks /Create /TN bkscan-clean /XML bkscan-clean.xml",
                "    <Source>bkscan schedule windows clean</Source>",
                "      <StartBoundary>2026-01-01T04:30:00</StartBoundary>",
                "      <Arguments>clean --delete --yes --quiet --keep-last 2 /b</Arguments>",
            ],
        ),
    ] {
        let words = ["clean"].iter().chain(&OPTIONS_OF_CLEAN);
        let words = words.chain(&["--keep-last", "2", "/b"]);
        let job = Job {
            task: Task::Clean,
            arguments: words.map(OsString::from).collect(),
            ..job(System::Mac, "")
        };
        let text = text(kind, &job).unwrap();
        for line in lines {
            assert!(has_line(&text, line), "{line}:\n{text}");
        }
        for other in [
            "bkscan.",
            "begin bkscan\n",
            "nightly.log",
            "whole?",
            "{job}",
            "{hour}",
            "3:30",
        ] {
            let text = text.replace("~/bkscan.", "");
            assert!(!text.contains(other), "{other}:\n{text}");
        }
    }
}

#[test]
fn launchd() {
    let text = text(Kind::Launchd, &job(System::Mac, "/Users/u/My & Backups ")).unwrap();
    assert_eq!(text, LAUNCHD);
}

#[test]
fn windows() {
    let root = "C:\\it's <a&b> 50% ü📱\\";
    let job = Job {
        program: PathBuf::from(r"C:\Program Files\bkscan.exe"),
        ..job(System::Windows, root)
    };
    assert_eq!(text(Kind::Windows, &job).unwrap(), WINDOWS);
    // Elsewhere it can be looked at.
    let job = self::job(System::Other, "/b");
    assert!(
        text(Kind::Windows, &job)
            .unwrap()
            .contains("<Command>/usr/local/bin/bkscan</Command>")
    );
}

#[test]
fn a_text_for_systemd_comes_apart_as_its_comment_says() {
    let (service, timer) = units(SYSTEMD).unwrap();
    assert!(service.ends_with("https://hc-ping.com/YOUR-UUID\n\n"));
    assert!(timer.starts_with("# ~/.config/systemd/user/bkscan.timer\n[Unit]\n"));
    assert_eq!([service, timer].concat(), SYSTEMD);
    assert_eq!(units(CRON_ON_LINUX), None);
}

#[test]
fn hostile_names_are_written_as_each_format_wants_them() {
    let job = job(System::Other, HOSTILE);
    assert!(has_line(
        &text(Kind::Cron, &job).unwrap(),
        r#"30 3 * * * nice -n 19 /usr/local/bin/bkscan --quiet --fail-on warning --stale-after 30d '/home/u/it'\''s "50'\%'" <a&b> \''\''$HOME\'''\%' -- ü;#'"#
    ));
    assert!(has_line(
        &text(Kind::Systemd, &job).unwrap(),
        r#"ExecStart=/usr/local/bin/bkscan --quiet --fail-on warning --stale-after 30d "/home/u/it's \"50%%\" <a&b> \\\\$$HOME\\%% -- ü;#""#
    ));
    assert!(has_line(
        &text(Kind::Launchd, &job).unwrap(),
        r#"        <string>/home/u/it&apos;s &quot;50%&quot; &lt;a&amp;b&gt; \\$HOME\% -- ü;#</string>"#
    ));
}

#[test]
fn without_a_state_folder_cron_has_one_line() {
    let job = Job {
        state_folder: None,
        ..job(System::Other, "/b")
    };
    let text = text(Kind::Cron, &job).unwrap();
    let (_, end) = text.split_once("/YOUR-UUID\n#\n").unwrap();
    assert_eq!(
        end,
        "\
30 3 * * * nice -n 19 /usr/local/bin/bkscan --quiet --fail-on warning --stale-after 30d /b
#
# With a folder for a log there would be two more lines here; bkscan knows of none for this user.
# end bkscan
"
    );
}

#[test]
fn a_line_is_never_longer_than_what_cron_reads() {
    let command = "nice -n 19 /usr/local/bin/bkscan --quiet --fail-on warning --stale-after 30d ";
    let root = format!("/{}", "x".repeat(997 - command.len()));
    let text = text(Kind::Cron, &job(System::Other, &root)).unwrap();
    assert!(has_line(&text, &format!("30 3 * * * {command}{root}")));
    assert!(has_line(
        &text,
        "# (Left out: 1083 bytes are too long for cron.)"
    ));
    assert!(has_line(
        &text,
        "# (Left out: 1277 bytes are too long for cron.)"
    ));
    assert_eq!(
        refusal(Kind::Cron, &job(System::Other, &format!("{root}x"))),
        "the line for cron would have 999 bytes, and cron cuts off what is beyond 998. Name a folder higher up, or links with short names"
    );
}

#[test]
fn what_cannot_be_written_is_refused() {
    for kind in [Kind::Cron, Kind::Systemd, Kind::Launchd, Kind::Windows] {
        for hidden in ["/a\u{202e}b", "/a\u{2066}b", "/a\u{200b}b"] {
            let told = refusal(kind, &job(System::Other, hidden));
            assert!(told.contains("another invisible character"), "{told}");
        }
        assert_eq!(
            refusal(kind, &job(System::Other, "/home/u/a\n* * * * * rm")),
            r#""/home/u/a\n* * * * * rm" cannot be written into a schedule: it has a line break or another invisible character. Rename it, or name a link to it that has a plain name"#
        );
        let lost = Job {
            program: PathBuf::from("bkscan"),
            ..job(System::Other, "/b")
        };
        assert_eq!(
            refusal(kind, &lost),
            r#"where bkscan itself is cannot be told from "bkscan". Start it by its full path"#
        );
        if kind == Kind::Windows {
            continue;
        }
        assert_eq!(
            refusal(kind, &job(System::Windows, "C:\\My Backups")),
            "Windows has no cron, systemd or launchd, but a Task Scheduler: bkscan schedule windows"
        );
    }
    assert_eq!(
        refusal(Kind::Launchd, &job(System::Mac, "/a\u{ffff}")),
        r#""/a\u{ffff}" cannot be written into a schedule: it has a line break or another invisible character. Rename it, or name a link to it that has a plain name"#
    );
    let homeless = Job {
        home: None,
        ..job(System::Mac, "/b")
    };
    assert_eq!(
        refusal(Kind::Launchd, &homeless),
        "launchd wants the full path of the log, and your home folder is not known. Set HOME"
    );
    let odd_state = Job {
        state_folder: Some(PathBuf::from("/home/\u{7}")),
        ..job(System::Other, "/b")
    };
    assert_eq!(
        refusal(Kind::Cron, &odd_state),
        r#""/home/\u{7}" cannot be written into a schedule: it has a line break or another invisible character. Rename it, or name a link to it that has a plain name"#
    );
    assert!(text(Kind::Systemd, &odd_state).is_ok());
}

/// A Mac has none.
const NOTIFY_SEND_IN_CRON: &str = "\
# A notification on the desktop:
#BKSCAN_ON_PROBLEM=DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/$(id -u)/bus notify-send -u critical \"$BKSCAN_HEADLINE\"
";

const CRON_ON_LINUX: &str = r##"# begin bkscan
# Every night at 3:30: are the iPhone and iPad backups whole? Silent when they are.
#
# Install: "crontab -e", and paste all of this. Or save it as bkscan.cron, and add it to your table:
#   { crontab -l; cat bkscan.cron; } | crontab -
# Remove: "crontab -e", and delete from "begin bkscan" to "end bkscan". Or:
#   crontab -l | sed '/^# begin bkscan$/,/^# end bkscan$/d' | crontab -
#
# cron mails you what is wrong. A line MAILTO=you@example.org above it sends the mail elsewhere. Mail
# has to work on this computer.
#
# To hear of it in another way, take the "#" from one of these lines and fill in what is in capitals:
# bkscan runs the command when something is wrong (bkscan help night).
# A notification on the desktop:
#BKSCAN_ON_PROBLEM=DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/$(id -u)/bus notify-send -u critical "$BKSCAN_HEADLINE"
# A mail by msmtp:
#BKSCAN_ON_PROBLEM={ echo 'To: YOU@example.org'; echo 'Subject: bkscan: a backup needs attention'; echo 'MIME-Version: 1.0'; echo 'Content-Type: text/plain; charset=UTF-8'; echo; cat; } | msmtp YOU@example.org
# A message to a phone by ntfy:
#BKSCAN_ON_PROBLEM=curl -fsS -m 60 -o /dev/null -d "$BKSCAN_HEADLINE" https://ntfy.sh/YOUR-TOPIC
# A ping to healthchecks that something is wrong:
#BKSCAN_ON_PROBLEM=curl -fsS -m 60 -o /dev/null -d "$(head -c 9000)" https://hc-ping.com/YOUR-UUID/fail
# A ping that all is well, at the end of the line of the job:
#   && curl -fsS -m 60 -o /dev/null https://hc-ping.com/YOUR-UUID
#
30 3 * * * nice -n 19 /usr/local/bin/bkscan --quiet --fail-on warning --stale-after 30d '/home/u/My Backups'
#
# No mail? Use this line instead, without the "#": it writes to a log:
#   /home/u/.local/state/bkscan/nightly.log
#30 3 * * * mkdir -p /home/u/.local/state/bkscan; nice -n 19 /usr/local/bin/bkscan --quiet --fail-on warning --stale-after 30d '/home/u/My Backups' >>/home/u/.local/state/bkscan/nightly.log 2>&1
#
# cron forgets a night in which the computer sleeps or is off. This line, used instead, looks every
# hour and scans once a day, as soon as it can after 3:30. No mail? Add at its end:
#   >>"$s/nightly.log" 2>&1
# systemd does all that without being asked: bkscan schedule systemd
#30 3-23 * * * s=/home/u/.local/state/bkscan; mkdir -p "$s" 2>/dev/null; f="$s/nightly-day"; d=$(date +\%F); [ "$(cat "$f" 2>/dev/null)" = "$d" ] || if { echo "$d" >"$f"; [ "$(cat "$f")" = "$d" ]; } 2>/dev/null; then nice -n 19 /usr/local/bin/bkscan --quiet --fail-on warning --stale-after 30d '/home/u/My Backups'; else echo "bkscan: nothing was looked at: $f cannot be written"; exit 3; fi
# end bkscan
"##;

const SYSTEMD: &str = r##"# Every night at 3:30: are the iPhone and iPad backups whole? A night in which the computer slept or
# was off is made up for.
#
# Install it for yourself: save this text as bkscan.txt, then
#   mkdir -p ~/.config/systemd/user
#   sed '/^# ~.*timer$/,$d' bkscan.txt >~/.config/systemd/user/bkscan.service
#   sed '/^# ~.*timer$/,$!d' bkscan.txt >~/.config/systemd/user/bkscan.timer
#   systemctl --user daemon-reload
#   systemctl --user enable --now bkscan.timer
#   loginctl enable-linger               so that it also runs while you are not logged in
# Try it now:
#   systemctl --user start bkscan
# What it said:
#   journalctl --user -u bkscan
# Remove:
#   systemctl --user disable --now bkscan.timer
#   rm ~/.config/systemd/user/bkscan.service ~/.config/systemd/user/bkscan.timer
#   systemctl --user daemon-reload
#
# Install it for the whole computer: the same files in /etc/systemd/system, the line User=NAME under
# [Service], and sudo systemctl without --user.
#
# When the service failed, status=1 or 2 means that a backup needs attention, 3 that something could
# not be looked at, 64 that ExecStart is wrong. systemd mails nobody: OnFailure= under [Unit] can name
# a service that does.

# ~/.config/systemd/user/bkscan.service
[Unit]
Description=Are the iPhone and iPad backups whole?

[Service]
Type=oneshot
ExecStart=/usr/local/bin/bkscan --quiet --fail-on warning --stale-after 30d "/home/u/My Backups"
Nice=19
CPUSchedulingPolicy=batch
IOSchedulingClass=idle
# To hear of it in another way, take the "#" from one of these lines and fill in what is in capitals:
# bkscan runs the command when something is wrong (bkscan help night).
# A notification on the desktop:
#Environment="BKSCAN_ON_PROBLEM=notify-send -u critical \"$BKSCAN_HEADLINE\""
# A mail by msmtp:
#Environment="BKSCAN_ON_PROBLEM={ echo 'To: YOU@example.org'; echo 'Subject: bkscan: a backup needs attention'; echo 'MIME-Version: 1.0'; echo 'Content-Type: text/plain; charset=UTF-8'; echo; cat; } | msmtp YOU@example.org"
# A message to a phone by ntfy:
#Environment="BKSCAN_ON_PROBLEM=curl -fsS -m 60 -o /dev/null -d \"$BKSCAN_HEADLINE\" https://ntfy.sh/YOUR-TOPIC"
# A ping to healthchecks that something is wrong:
#Environment="BKSCAN_ON_PROBLEM=curl -fsS -m 60 -o /dev/null -d \"$(head -c 9000)\" https://hc-ping.com/YOUR-UUID/fail"
# A ping that all is well:
#ExecStartPost=-/usr/bin/env curl -fsS -m 60 -o /dev/null https://hc-ping.com/YOUR-UUID

# ~/.config/systemd/user/bkscan.timer
[Unit]
Description=Every night: are the iPhone and iPad backups whole?

[Timer]
OnCalendar=*-*-* 03:30:00
RandomizedDelaySec=10min
Persistent=true

[Install]
WantedBy=timers.target
"##;

const LAUNCHD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!--
Every night at 3:30: are the iPhone and iPad backups whole? A night in which the Mac slept is made up
for as soon as it wakes. One in which it was off, or you were not logged in, is left out.

Install: save this text as ~/Library/LaunchAgents/bkscan.nightly.plist, then
  launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/bkscan.nightly.plist
Try it now:
  launchctl kickstart gui/$(id -u)/bkscan.nightly
What it said, nothing while all is well:
  cat ~/Library/Logs/bkscan.log
How it ended: 0 all is well, 1 or 2 a backup needs attention, 3 something could not be looked at
  launchctl print gui/$(id -u)/bkscan.nightly | grep 'last exit code'
Remove:
  launchctl bootout gui/$(id -u)/bkscan.nightly
  rm ~/Library/LaunchAgents/bkscan.nightly.plist

Full Disk Access: macOS has to let bkscan itself look into the backups. That the terminal is allowed
to is not enough. System Settings > Privacy & Security > Full Disk Access: drag bkscan into the list.
It is the first string under ProgramArguments. After an update of bkscan, remove it there and add it
again.
-->
<plist version="1.0">
<dict>
    <key>Label</key>
    <string>bkscan.nightly</string>
    <key>ProgramArguments</key>
    <array>
        <string>/usr/local/bin/bkscan</string>
        <string>--quiet</string>
        <string>--fail-on</string>
        <string>warning</string>
        <string>--stale-after</string>
        <string>30d</string>
        <string>/Users/u/My &amp; Backups </string>
    </array>
    <key>StartCalendarInterval</key>
    <dict>
        <key>Hour</key>
        <integer>3</integer>
        <key>Minute</key>
        <integer>30</integer>
    </dict>
    <key>ProcessType</key>
    <string>Background</string>
    <key>LowPriorityIO</key>
    <true/>
    <key>Nice</key>
    <integer>19</integer>
    <key>StandardOutPath</key>
    <string>/home/u/Library/Logs/bkscan.log</string>
    <key>StandardErrorPath</key>
    <string>/home/u/Library/Logs/bkscan.log</string>
    <!-- To hear of it in another way, take away the first and the last line of one of these and fill in
    what is in capitals: bkscan runs the command when something is wrong (bkscan help night). -->
    <!-- A notification on this Mac:
    <key>EnvironmentVariables</key>
    <dict>
        <key>BKSCAN_ON_PROBLEM</key>
        <string>osascript -e 'on run argv' -e 'display notification (item 1 of argv) with title &quot;bkscan&quot;' -e 'end run' &quot;$BKSCAN_HEADLINE&quot;</string>
    </dict>
    -->
    <!-- A message to a phone by ntfy:
    <key>EnvironmentVariables</key>
    <dict>
        <key>BKSCAN_ON_PROBLEM</key>
        <string>curl -fsS -m 60 -o /dev/null -d &quot;$BKSCAN_HEADLINE&quot; https://ntfy.sh/YOUR-TOPIC</string>
    </dict>
    -->
    <!-- A ping to healthchecks that something is wrong:
    <key>EnvironmentVariables</key>
    <dict>
        <key>BKSCAN_ON_PROBLEM</key>
        <string>curl -fsS -m 60 -o /dev/null -d &quot;$(head -c 9000)&quot; https://hc-ping.com/YOUR-UUID/fail</string>
    </dict>
    -->
</dict>
</plist>
"#;

const WINDOWS: &str = r#"<?xml version="1.0"?>
<!--
Every night at 3:30: are the iPhone and iPad backups whole? A night in which the computer slept or was off is
made up for, once you are logged in.

Install: save this text as bkscan.xml, then
  schtasks /Create /TN bkscan /XML bkscan.xml
Try it now:
  schtasks /Run /TN bkscan
How it ended, as Last Result: 0 all is well, 1 or 2 a backup needs attention, 3 something could not be looked at
  schtasks /Query /TN bkscan /V /FO LIST
Remove:
  schtasks /Delete /TN bkscan

To hear of it, name a command that is run when something is wrong. One that writes what is wrong to a file:
  setx BKSCAN_ON_PROBLEM "more >>\"%USERPROFILE%\bkscan.log\""
-->
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Source>bkscan schedule windows</Source>
    <Description>Are the iPhone and iPad backups whole?</Description>
  </RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>2026-01-01T03:30:00</StartBoundary>
      <ScheduleByDay>
        <DaysInterval>1</DaysInterval>
      </ScheduleByDay>
    </CalendarTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <Enabled>true</Enabled>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>7</Priority>
  </Settings>
  <Actions>
    <Exec>
      <Command>C:\Program Files\bkscan.exe</Command>
      <Arguments>--quiet --fail-on warning --stale-after 30d &quot;C:\it's &lt;a&amp;b&gt; 50% &#252;&#128241;\\&quot;</Arguments>
    </Exec>
  </Actions>
</Task>
"#;

/// What stands in a comment of the new job does nothing, so that it is none of what the old one had.
#[test]
fn what_its_user_had_done_goes_where_it_is_a_comment_again() {
    let job = text(Kind::Launchd, &job(System::Mac, "/b")).unwrap();
    assert_eq!(gone(&job, &job), Vec::<&str>::new());
    let is_mark = |line: &&str| line.trim_start().starts_with("<!--") || line.contains("-->");
    let lines: Vec<&str> = job.lines().filter(|line| !is_mark(line)).collect();
    let done = lines.join("\n");
    let goes = gone(&done, &job);
    assert!(
        goes.iter()
            .any(|line| line.contains("EnvironmentVariables")),
        "{goes:?}"
    );
    assert!(goes.iter().all(|line| job.contains(line)), "{goes:?}");
    let cron = "30 3 * * * bkscan\n# <!--\n";
    assert_eq!(gone(cron, "# <!--\n"), ["30 3 * * * bkscan"]);
}
