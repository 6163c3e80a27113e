//! AES-256-CBC with an IV of zeros and PKCS#7 padding, as payloads and the manifest are stored (F§11.2,
//! F§11.3).

use std::io::{self, Read, Seek, SeekFrom};

use aes::Aes256;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use zeroize::Zeroizing;

use crate::secret::Key;

/// Length of a block, and of the IV.
const BLOCK: usize = 16;

/// Decrypts whole blocks in place; `before` is the block of ciphertext that stands before them, or zeros
/// at the start of a file.
fn decrypt(key: &Key, before: &[u8; BLOCK], bytes: &mut [u8]) {
    let mut decryptor = cbc::Decryptor::<Aes256>::new(key.bytes().into(), before.into());
    let (blocks, _) = aes::cipher::Array::slice_as_chunks_mut(bytes);
    decryptor.decrypt_blocks(blocks);
}

/// How many bytes of padding a file ends in, 1 to 16; `None` where it does not end in valid padding. Only
/// its last two blocks are needed, or its only one.
pub fn padding(key: &Key, last: &[u8]) -> Option<usize> {
    let (rest, last) = last.split_last_chunk::<BLOCK>()?;
    let before = rest.last_chunk::<BLOCK>().unwrap_or(&[0; BLOCK]);
    let mut plain = Zeroizing::new(*last);
    decrypt(key, before, plain.as_mut());
    let count = usize::from(plain[BLOCK - 1]);
    let valid = (1..=BLOCK).contains(&count)
        && plain[BLOCK - count..]
            .iter()
            .all(|byte| usize::from(*byte) == count);
    valid.then_some(count)
}

/// The plain bytes of an encrypted file, decrypted as they are read; nothing of them is kept.
#[derive(Debug)]
pub struct Decrypted<R> {
    input: R,
    key: Key,
    /// Length of the plain bytes.
    len: u64,
    /// Where the next read begins.
    at: u64,
    /// Where the input stands, if known, and the block of ciphertext before that.
    before: Option<(u64, [u8; BLOCK])>,
}

impl<R: Read + Seek> Decrypted<R> {
    /// The plain bytes of `input`, of which there are `len` without padding.
    pub fn new(input: R, key: Key, len: u64) -> Decrypted<R> {
        Decrypted {
            input,
            key,
            len,
            at: 0,
            before: None,
        }
    }

    /// How many plain bytes there are.
    pub fn plain_len(&self) -> u64 {
        self.len
    }

    /// Goes to a block of the input; gives the block of ciphertext before it.
    fn go_to(&mut self, start: u64) -> io::Result<[u8; BLOCK]> {
        match self.before {
            Some((next, before)) if next == start => Ok(before),
            _ => {
                let mut before = [0; BLOCK];
                match start.checked_sub(BLOCK as u64) {
                    None => self.input.rewind()?,
                    Some(from) => {
                        self.input.seek(SeekFrom::Start(from))?;
                        self.input.read_exact(&mut before)?;
                    }
                }
                Ok(before)
            }
        }
    }

    /// Reads and decrypts whole blocks, the first of which begins at `start`.
    fn read_blocks(&mut self, start: u64, bytes: &mut [u8]) -> io::Result<()> {
        let before = self.go_to(start)?;
        // Where this fails, nobody knows where the input stands.
        self.before = None;
        self.input.read_exact(bytes)?;
        if let Some(last) = bytes.last_chunk::<BLOCK>() {
            self.before = Some((start + bytes.len() as u64, *last));
        }
        decrypt(&self.key, &before, bytes);
        Ok(())
    }
}

impl<R: Read + Seek> Read for Decrypted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.len.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let inside = (self.at % BLOCK as u64) as usize;
        let start = self.at - inside as u64;
        let count = if inside == 0 && wanted >= BLOCK {
            let whole = wanted - wanted % BLOCK;
            self.read_blocks(start, &mut buffer[..whole])?;
            whole
        } else if wanted > 0 {
            let mut block = Zeroizing::new([0; BLOCK]);
            self.read_blocks(start, block.as_mut())?;
            let count = wanted.min(BLOCK - inside);
            buffer[..count].copy_from_slice(&block[inside..inside + count]);
            count
        } else {
            0
        };
        self.at += count as u64;
        Ok(count)
    }
}

impl<R: Read + Seek> Seek for Decrypted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
