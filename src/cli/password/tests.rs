//! Where a password comes from: a file, a command, the environment, and what each refuses.

use std::fs;
use std::io::Read;

use clap::Parser as _;

use crate::cli::flags::args::Args;

use super::line::first_line;
use super::ways::{OPTIONS, outdone};
use super::*;
use crate::cli::flags::origin::Origin;

const PHONE: &str = "00008130-000A1C2E3F40801E";

/// What comes out of a source, as text.
fn told(source: &Source, udid: Option<&str>) -> Result<String, String> {
    let udid = udid.map(|udid| Udid::parse(udid).unwrap());
    let password = source.password(udid.as_ref()).map_err(|why| why.0)?;
    let password = password.expect("a password");
    Ok(text(&password))
}

fn text(password: &Password) -> String {
    String::from_utf8(password.forms()[0].to_vec()).unwrap()
}

fn source(options: &Options, variable: &str) -> Result<Option<Source>, Remark> {
    let env = |name: &str| (name == VARIABLE).then(|| variable.into());
    Source::of(options, env, &Arc::default())
}

/// What was typed, behind the name of the program.
fn typed(words: &[&str]) -> Options {
    let words = ["bkscan"].into_iter().chain(words.iter().copied());
    Args::try_parse_from(words).unwrap().options
}

fn none() -> Options {
    typed(&[])
}

#[test]
fn the_first_line_has_its_blanks_and_no_end() {
    for (bytes, line) in [
        (&b""[..], &b""[..]),
        (b"hunter2", b"hunter2"),
        (b"hunter2\n", b"hunter2"),
        (b"hunter2\r\n", b"hunter2"),
        (b" hunter 2 \t\nmore\n", b" hunter 2 \t"),
        (b"hunter2\r\r\n", b"hunter2\r"),
        (b"hunter\r2", b"hunter\r2"),
        (b"\nhunter2", b""),
        (b"\r\nhunter2", b""),
        (b"\xef\xbb\xbfhunter2\n", b"hunter2"),
        (b"\xff\x00\n", b"\xff\x00"),
    ] {
        assert_eq!(first_line(bytes), line, "{bytes:?}");
    }
}

#[test]
fn what_is_longer_than_64_kib_is_no_password() {
    let line = "x".repeat(65_536);
    let password = read_from(&mut line.as_bytes()).unwrap();
    assert_eq!(text(&password), line);
    let more = line + "\n";
    let flaw = read_from(&mut more.as_bytes());
    assert!(matches!(flaw, Err(Flaw::TooLarge)), "{flaw:?}");
    let endless = read_from(&mut io::repeat(b'\n'));
    assert!(matches!(endless, Err(Flaw::TooLarge)), "{endless:?}");
    for (bytes, utf16) in [(&b"\n"[..], false), (b"\xff\xfeh\0", true)] {
        let flaw = read_from(&mut &*bytes);
        match utf16 {
            true => assert!(matches!(flaw, Err(Flaw::Utf16)), "{flaw:?}"),
            false => assert!(matches!(flaw, Err(Flaw::Empty)), "{flaw:?}"),
        }
    }
}

/// Reads one byte at a time, with interruptions, and fails in the end.
struct Slow(Vec<io::Result<u8>>);

impl Read for Slow {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.pop() {
            Some(byte) => {
                buffer[0] = byte?;
                Ok(1)
            }
            None => Ok(0),
        }
    }
}

#[test]
fn it_is_read_to_the_end() {
    let again = || Err(io::ErrorKind::Interrupted.into());
    let mut slow = Slow(vec![Ok(b'\n'), Ok(b'b'), again(), Ok(b'a')]);
    assert_eq!(text(&read_from(&mut slow).unwrap()), "ab");
    let mut broken = Slow(vec![Err(io::ErrorKind::BrokenPipe.into()), Ok(b'a')]);
    let flaw = read_from(&mut broken);
    assert!(matches!(flaw, Err(Flaw::Unreadable(_))), "{flaw:?}");
}

#[test]
fn the_stronger_place_counts() {
    let [ask, file, command] = OPTIONS;
    let typed = || Origin::Typed;
    let variable = || Origin::Environment("BKSCAN_X".to_owned());
    let line = || Origin::File(7);
    let config = Path::new("/c/config.toml");
    let weaker = |given: &[(&'static str, Origin)]| outdone(given, Some(config));
    let none: [&str; 0] = [];
    assert_eq!(weaker(&[]), Ok(none.to_vec()));
    assert_eq!(weaker(&[("ask-password", line())]), Ok(none.to_vec()));
    for (given, expected) in [
        (
            &[("ask-password", typed()), ("password-file", variable())][..],
            vec![file],
        ),
        (
            &[("ask-password", line()), ("password-command", variable())],
            vec![ask],
        ),
        (
            &[
                ("ask-password", line()),
                ("password-file", typed()),
                ("password-command", variable()),
            ],
            vec![ask, command],
        ),
        (
            // Two that exclude one another, but do not count.
            &[
                ("ask-password", line()),
                ("password-file", line()),
                ("password-command", typed()),
            ],
            vec![ask, file],
        ),
    ] {
        assert_eq!(weaker(given), Ok(expected), "{given:?}");
    }
    for (origin, message) in [
        (
            typed(),
            "--ask-password and --password-file exclude one another",
        ),
        (variable(), "BKSCAN_X and BKSCAN_X exclude one another"),
        (
            line(),
            "/c/config.toml, line 7: ask-password and password-file exclude one another",
        ),
    ] {
        let given = [("ask-password", origin.clone()), ("password-file", origin)];
        assert_eq!(weaker(&given), Err(message.to_owned()));
    }
}

#[test]
fn the_environment_counts_where_no_option_does() {
    let known = source(&none(), "hunter2 ").unwrap().unwrap();
    assert_eq!(told(&known, Some(PHONE)), Ok("hunter2 ".to_owned()));
    assert_eq!(told(&known, None), Ok("hunter2 ".to_owned()));
    assert!(source(&none(), "").unwrap().is_none());
    let ask = typed(&["--ask-password"]);
    let asked = source(&ask, "hunter2").unwrap();
    assert!(matches!(asked, Some(Source::Terminal)));
    let missing = typed(&["--password-file", "/nowhere/at all"]);
    let refused = source(&missing, "hunter2").err().unwrap();
    assert!(
        refused
            .full
            .starts_with("the password file /nowhere/at all could not be read: "),
        "{refused:?}"
    );
    assert!(!refused.redacted.unwrap().contains("nowhere"));
}

#[test]
fn a_file_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, "hunter2\r\nand a remark\n").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let options = typed(&["--password-file", file.to_str().unwrap()]);
    let known = source(&options, "").unwrap().unwrap();
    fs::remove_file(&file).unwrap();
    assert_eq!(told(&known, Some(PHONE)), Ok("hunter2".to_owned()));
}

fn command(line: &str) -> Source {
    let options = typed(&["--password-command", line]);
    // The password of the environment is neither used nor passed on.
    source(&options, "hunter3").unwrap().unwrap()
}

#[cfg(windows)]
#[test]
fn a_command_is_run_by_the_shell() {
    let source = command("echo \"a b\" %BKSCAN_UDID%");
    assert_eq!(told(&source, Some(PHONE)), Ok(format!("\"a b\" {PHONE}")));
    let failed = told(&command("exit 7"), None);
    let message = "the password command ended with exit code 7";
    assert_eq!(failed, Err(message.to_owned()));
}

#[cfg(unix)]
mod unix {
    use std::sync::atomic::Ordering;
    use std::thread;

    use super::*;

    #[test]
    fn a_command_is_run_once_a_device() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let line = format!(
            "echo \"${{BKSCAN_UDID-none}}\" >>'{}'; echo 'a  b'; cat; echo more",
            log.display()
        );
        let source = command(&line);
        let other = "00008103-0012345678901234";
        thread::scope(|scope| {
            for _ in 0..4 {
                for device in [Some(PHONE), Some(other), None] {
                    let source = &source;
                    scope.spawn(move || {
                        assert_eq!(told(source, device), Ok("a  b".to_owned()));
                    });
                }
            }
        });
        let log = fs::read_to_string(&log).unwrap();
        let mut devices: Vec<&str> = log.lines().collect();
        devices.sort_unstable();
        assert_eq!(devices, [other, PHONE, "none"]);
    }

    #[test]
    fn a_command_that_fails_says_how_and_nothing_that_it_printed() {
        for (line, message) in [
            (
                "echo hunter2; exit 3",
                "the password command ended with exit code 3",
            ),
            (
                "echo hunter2; kill -9 $$",
                "the password command was ended by a signal",
            ),
            (
                "true",
                "the password command printed no password in its first line",
            ),
            (
                "echo; echo hunter2",
                "the password command printed no password in its first line",
            ),
            (
                "while :; do echo hunter2; done",
                "the password command printed more than 64 KiB",
            ),
            (
                // It goes on, although nobody reads.
                "head -c 65537 /dev/zero; exec sleep 1000",
                "the password command printed more than 64 KiB",
            ),
            (
                "no-such-command-at-all 2>/dev/null",
                "the password command ended with exit code 127",
            ),
        ] {
            let source = command(line);
            assert_eq!(told(&source, None), Err(message.to_owned()), "{line}");
        }
    }

    #[test]
    fn a_failure_is_not_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let once = folder.path().join("once");
        // The second run would succeed.
        let line = format!(
            "mkdir '{}' 2>/dev/null && exit 1; echo hunter2",
            once.display()
        );
        let source = command(&line);
        for _ in 0..2 {
            assert!(told(&source, Some(PHONE)).is_err());
        }
        assert_eq!(told(&source, None), Ok("hunter2".to_owned()));
    }

    /// Also where something that it started lives on, and holds its stdout.
    #[test]
    fn a_command_does_not_hold_up_a_program_that_is_to_end() {
        let stop = Arc::new(AtomicUsize::new(0));
        let folder = tempfile::tempdir().unwrap();
        let begun = folder.path().join("begun");
        let line = "mkdir begun; (while [ -d begun ]; do sleep 0.01; done) 2>/dev/null";
        let line = format!("cd '{}' && {line}", folder.path().display());
        let command = PasswordCommand::new(line, Arc::clone(&stop));
        thread::scope(|scope| {
            let answer = scope.spawn(|| command.password(None));
            while !begun.exists() {
                thread::yield_now();
            }
            stop.store(2, Ordering::Relaxed);
            let answer = answer.join().unwrap();
            assert_eq!(
                answer.err().as_deref(),
                Some("the password command was stopped")
            );
        });
    }
}
