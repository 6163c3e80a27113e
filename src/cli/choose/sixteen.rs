//! Colours as terminals with 16 of them know them: what draws the screen names even these by their numbers
//! among 256.

use std::io::{self, Write};

use crate::system;

/// Passes on what is written, with the colours named as terminals with 16 know them.
pub struct Sixteen<W> {
    out: W,
    held: Vec<u8>,
}

impl<W: Write> Sixteen<W> {
    /// Nothing is written yet.
    pub fn new(out: W) -> Sixteen<W> {
        Sixteen {
            out,
            held: Vec::new(),
        }
    }
}

impl<W: Write> Write for Sixteen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let held = std::mem::take(&mut self.held);
        let written = self.out.write_all(&renamed(&held));
        match written.and_then(|()| self.out.flush()) {
            // Who draws looks whether it is there. What draws the screen would say so on it, and panic.
            Err(_) if system::is_terminal_gone() => Ok(()),
            written => written,
        }
    }
}

/// `ESC[38;5;1m` as `ESC[31m`, also where both colours are named in one sequence. What is no sequence stays.
fn renamed(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.split("\u{1b}[");
    let mut renamed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        renamed += "\u{1b}[";
        let is_inside = |letter: char| letter.is_ascii_digit() || letter == ';';
        let end = part.find(|letter| !is_inside(letter)).unwrap_or(part.len());
        let (codes, rest) = part.split_at(end);
        match rest.starts_with('m') {
            true => renamed += &short(codes),
            false => renamed += codes,
        }
        renamed += rest;
    }
    renamed.into_bytes()
}

fn short(codes: &str) -> String {
    let mut codes: Vec<&str> = codes.split(';').collect();
    let mut short = Vec::new();
    while let [first, rest @ ..] = codes.as_slice() {
        let (kept, rest) = match (*first, rest) {
            (
                "38",
                [
                    "5",
                    color @ ("0" | "1" | "2" | "3" | "4" | "5" | "6" | "7"),
                    rest @ ..,
                ],
            ) => (format!("3{color}"), rest),
            (
                "48",
                [
                    "5",
                    color @ ("0" | "1" | "2" | "3" | "4" | "5" | "6" | "7"),
                    rest @ ..,
                ],
            ) => (format!("4{color}"), rest),
            (other, rest) => (other.to_owned(), rest),
        };
        short.push(kept);
        codes = rest.to_vec();
    }
    short.join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_have_their_short_names() {
        let mut out = Vec::new();
        let mut writer = Sixteen::new(&mut out);
        writer.write_all(b"a\x1b[38;5;1").unwrap();
        writer
            .write_all(b"mb\x1b[38;5;2;49mc\x1b[39m 38;5;1m")
            .unwrap();
        writer.flush().unwrap();
        assert_eq!(out, b"a\x1b[31mb\x1b[32;49mc\x1b[39m 38;5;1m");
    }
}
