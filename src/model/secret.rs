//! Passwords and keys in memory: wiped when they go, and never printed.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The password of a backup, as it was typed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Zeroizing<Vec<u8>>);

impl Password {
    /// A password of these bytes; they need not be UTF-8.
    pub fn new(bytes: Vec<u8>) -> Password {
        Password(Zeroizing::new(bytes))
    }

    /// The forms to try, each once: as typed, then with composed and with decomposed letters (NFC, NFD),
    /// because keyboards and systems differ in how they write `é`.
    pub fn forms(&self) -> Vec<Zeroizing<Vec<u8>>> {
        let mut forms = vec![self.0.clone()];
        if let Ok(text) = str::from_utf8(&self.0) {
            // Room from the start, so that no part of it is left behind where a vector grew. In UTF-8
            // both forms have up to three times the bytes (Unicode's FAQ on normalization).
            let room = || Zeroizing::new(Vec::with_capacity(3 * text.len()));
            let (mut composed, mut decomposed) = (room(), room());
            text.nfc().for_each(|letter| add(&mut composed, letter));
            text.nfd().for_each(|letter| add(&mut decomposed, letter));
            for form in [composed, decomposed] {
                if !forms.contains(&form) {
                    forms.push(form);
                }
            }
        }
        forms
    }
}

fn add(bytes: &mut Vec<u8>, letter: char) {
    bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

/// A key of 256 bits. Its bytes stay in one place: were they moved, a copy would be left behind.
#[derive(Clone)]
pub struct Key(Box<Zeroizing<[u8; 32]>>);

impl Key {
    /// The key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Key {
        Key(Box::new(Zeroizing::new(bytes)))
    }

    /// A key of zeros, to be written over through [`bytes_mut`](Key::bytes_mut).
    pub fn zeros() -> Key {
        Key::new([0; 32])
    }

    /// Its bytes, to be written in their place.
    pub fn bytes_mut(&mut self) -> &mut [u8; 32] {
        &mut self.0
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(text: &str) -> Vec<String> {
        let forms = Password::new(text.into()).forms();
        let text = |form: &Zeroizing<Vec<u8>>| String::from_utf8(form.to_vec()).unwrap();
        forms.iter().map(text).collect()
    }

    #[test]
    fn each_form_is_tried_once_and_what_was_typed_first() {
        assert_eq!(forms("secret"), ["secret"]);
        assert_eq!(forms("caf\u{e9}"), ["caf\u{e9}", "cafe\u{301}"]);
        assert_eq!(forms("cafe\u{301}"), ["cafe\u{301}", "caf\u{e9}"]);
        // Neither form.
        let mixed = "e\u{301}\u{e9}";
        assert_eq!(forms(mixed), [mixed, "\u{e9}\u{e9}", "e\u{301}e\u{301}"]);
        assert_eq!(Password::new(vec![0xff]).forms().len(), 1);
        assert_eq!(forms(""), [""]);
    }

    #[test]
    fn no_form_outgrows_the_room_made_for_it() {
        // The letters that become longest: decomposed, and even composed.
        for letter in ["\u{390}", "\u{1d160}"] {
            let text = letter.repeat(100);
            let forms = Password::new(text.clone().into()).forms();
            let longest = forms.iter().map(|form| form.len()).max();
            assert_eq!(longest, Some(3 * text.len()));
            let grown = |form: &&Zeroizing<Vec<u8>>| form.capacity() > 3 * text.len();
            assert_eq!(forms.iter().find(grown), None);
        }
    }

    #[test]
    fn nothing_secret_is_printed() {
        let password = Password::new(b"hunter2".to_vec());
        assert_eq!(format!("{password:?}"), "Password");
        assert_eq!(format!("{:?}", Key::new([7; 32])), "Key");
    }
}
