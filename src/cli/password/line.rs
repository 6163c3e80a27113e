//! A password is the first line of what is read.

use std::io;
use std::io::Read;

use zeroize::Zeroizing;

use crate::model::secret::Password;

/// Whatever is longer is no password: 64 KiB.
const LARGEST: usize = 64 << 10;

/// Why there is no password in what was read.
#[derive(Debug)]
pub enum Flaw {
    Unreadable(io::Error),
    Empty,
    TooLarge,
    Utf16,
}

/// Reads to the end and takes the first line.
pub fn read_from(from: &mut impl Read) -> Result<Password, Flaw> {
    // All the room from the start: a vector that grows leaves copies behind.
    let mut bytes = Zeroizing::new(vec![0; LARGEST + 1]);
    let mut length = 0;
    loop {
        match from.read(&mut bytes[length..]) {
            // Also when there is no more room.
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Flaw::Unreadable(error)),
        }
    }
    if length > LARGEST {
        return Err(Flaw::TooLarge);
    }
    match first_line(&bytes[..length]) {
        b"" => Err(Flaw::Empty),
        // As PowerShell of Windows writes text into a file.
        [0xff, 0xfe, ..] => Err(Flaw::Utf16),
        line => Ok(Password::new(line.to_vec())),
    }
}

/// The first line without its end; blanks belong to it. The mark that some editors of Windows put
/// before all text does not.
pub fn first_line(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let line = &bytes[..end.unwrap_or(bytes.len())];
    line.strip_suffix(b"\r").unwrap_or(line)
}
