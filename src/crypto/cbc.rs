//! AES-256-CBC with an IV of zeros and PKCS#7 padding, as payloads and the manifest are stored (F§11.2,
//! F§11.3).

use std::io::{self, Read, Seek, SeekFrom, Write};

use aes::Aes256;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use zeroize::Zeroizing;

use crate::model::secret::Key;

/// Length in bytes of a block, and of the IV.
pub(super) const BLOCK: usize = 16;

/// Decrypts whole blocks in place; `before` is the block of ciphertext that stands before them, or zeros
/// at the start of a file.
fn decrypt(key: &Key, before: &[u8; BLOCK], bytes: &mut [u8]) {
    let mut decryptor = cbc::Decryptor::<Aes256>::new(key.bytes().into(), before.into());
    let (blocks, _) = aes::cipher::Array::slice_as_chunks_mut(bytes);
    decryptor.decrypt_blocks(blocks);
}

/// How many bytes of padding a file ends in, 1 to 16; `None` where it does not end in valid padding, or
/// is not given in whole blocks. Only its last two blocks are needed, or its only one.
pub fn padding(key: &Key, last: &[u8]) -> Option<usize> {
    if !last.len().is_multiple_of(BLOCK) {
        return None;
    }
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
    offset: u64,
    /// Where the input stands and the block of ciphertext before that, if known.
    before: Option<(u64, [u8; BLOCK])>,
}

impl<R: Read + Seek> Decrypted<R> {
    /// The plain bytes of `input`, of which there are `len` without padding.
    pub fn new(input: R, key: Key, len: u64) -> Decrypted<R> {
        Decrypted {
            input,
            key,
            len,
            offset: 0,
            before: None,
        }
    }

    /// Goes to a block of the input; gives the block of ciphertext before it. Until the block is read, or
    /// where that fails, nobody knows where the input stands.
    fn go_to(&mut self, start: u64) -> io::Result<[u8; BLOCK]> {
        match self.before.take() {
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
        let left = usize::try_from(self.len.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let inside = (self.offset % BLOCK as u64) as usize;
        let start = self.offset - inside as u64;
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
        self.offset += count as u64;
        Ok(count)
    }
}

impl<R: Read + Seek> Seek for Decrypted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let offset = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.offset.checked_add_signed(by),
        };
        self.offset = offset.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.offset)
    }
}

/// Writes bytes encrypted, and at the end padded. Of the plain ones no more than a buffer is copied, and that is
/// wiped.
pub struct Encrypting<W> {
    out: W,
    encryptor: cbc::Encryptor<Aes256>,
    /// What is not a whole buffer yet.
    rest: Zeroizing<Vec<u8>>,
}

/// Bytes of a write.
const AT_ONCE: usize = 64 << 10;

impl<W: Write> Encrypting<W> {
    /// Nothing is written yet.
    pub fn new(key: &Key, out: W) -> Encrypting<W> {
        let iv = [0; BLOCK];
        Encrypting {
            out,
            encryptor: cbc::Encryptor::<Aes256>::new(key.bytes().into(), (&iv).into()),
            // Room from the start: a vector that grows leaves copies behind.
            rest: Zeroizing::new(Vec::with_capacity(AT_ONCE)),
        }
    }

    /// Takes more plain bytes.
    ///
    /// # Errors
    /// When writing fails.
    pub fn write(&mut self, mut plain: &[u8]) -> io::Result<()> {
        while !plain.is_empty() {
            let (now, later) = plain.split_at(plain.len().min(AT_ONCE - self.rest.len()));
            self.rest.extend_from_slice(now);
            plain = later;
            if self.rest.len() == AT_ONCE {
                self.write_rest()?;
            }
        }
        Ok(())
    }

    /// Pads what is left, and writes it.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(mut self) -> io::Result<W> {
        let padding = BLOCK - self.rest.len() % BLOCK;
        let len = self.rest.len() + padding;
        self.rest.resize(len, padding as u8);
        self.write_rest()?;
        Ok(self.out)
    }

    fn write_rest(&mut self) -> io::Result<()> {
        let (blocks, _) = aes::cipher::Array::slice_as_chunks_mut(&mut self.rest);
        self.encryptor.encrypt_blocks(blocks);
        self.out.write_all(&self.rest)?;
        self.rest.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::super::tests::hex;
    use super::*;

    fn key() -> Key {
        Key::new(std::array::from_fn(|index| index as u8))
    }

    /// Encrypts whole blocks.
    fn encrypted(mut plain: Vec<u8>) -> Vec<u8> {
        let (blocks, rest) = aes::cipher::Array::slice_as_chunks_mut(&mut plain);
        assert!(rest.is_empty());
        let iv = [0; BLOCK];
        cbc::Encryptor::<Aes256>::new(key().bytes().into(), (&iv).into()).encrypt_blocks(blocks);
        plain
    }

    /// Plain bytes, none like its neighbours, and what they are with padding.
    fn sample(len: usize) -> (Vec<u8>, Vec<u8>) {
        let plain: Vec<u8> = (0..len)
            .map(|index| (index * 37 + index / 256 * 11) as u8)
            .collect();
        let count = BLOCK - len % BLOCK;
        let stored = encrypted([&plain[..], &vec![count as u8; count]].concat());
        (plain, stored)
    }

    fn read(decrypted: &mut Decrypted<impl Read + Seek>, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        let count = decrypted.read(&mut bytes)?;
        bytes.truncate(count);
        Ok(bytes)
    }

    /// NIST SP 800-38A, F.2.6: CBC-AES256.Decrypt.
    #[test]
    fn blocks_are_decrypted_as_nist_says() {
        let key = Key::new(hex(
            "603deb1015ca71be 2b73aef0857d7781 1f352c073b6108d7 2d9810a30914dff4",
        ));
        let iv = hex("000102030405060708090a0b0c0d0e0f");
        let ciphertext: [u8; 64] = hex("f58c4c04d6e5f1ba779eabfb5f7bfbd6
                                        9cfc4e967edb808d679f777bc6702c7d
                                        39f23369a9d9bacfa530e26304231461
                                        b2eb05e2c39be9fcda6c19078c6a9d1b");
        let plaintext: [u8; 64] = hex("6bc1bee22e409f96e93d7e117393172a
                                       ae2d8a571e03ac9c9eb76fac45af8e51
                                       30c81c46a35ce411e5fbc1191a0a52ef
                                       f69f2445df4f9b17ad2b417be66c3710");
        let mut bytes = ciphertext;
        decrypt(&key, &iv, &mut bytes);
        assert_eq!(bytes, plaintext);
        // From the second block on.
        let mut bytes = ciphertext;
        decrypt(
            &key,
            &hex("f58c4c04d6e5f1ba779eabfb5f7bfbd6"),
            &mut bytes[16..],
        );
        assert_eq!(bytes[16..], plaintext[16..]);
    }

    /// A whole page of 4096 bytes goes through the parts of the cipher that take several blocks at once.
    #[test]
    fn many_blocks_are_decrypted_as_each_alone() {
        let (plain, stored) = sample(4096 + 5 * BLOCK);
        let mut all = stored.clone();
        decrypt(&key(), &[0; BLOCK], &mut all);
        assert_eq!(all[..plain.len()], plain);
        for offset in (0..plain.len()).step_by(BLOCK) {
            let mut block = stored[offset..offset + BLOCK].to_vec();
            let before = match offset {
                0 => [0; BLOCK],
                offset => stored[offset - BLOCK..offset].try_into().unwrap(),
            };
            decrypt(&key(), &before, &mut block);
            assert_eq!(block, plain[offset..offset + BLOCK]);
        }
    }

    #[test]
    fn every_length_of_padding_is_seen() {
        for count in 1..=BLOCK {
            let mut plain = vec![0xee; 3 * BLOCK];
            plain[3 * BLOCK - count..].fill(count as u8);
            let stored = encrypted(plain);
            // The last two blocks are enough.
            for from in [0, BLOCK] {
                assert_eq!(padding(&key(), &stored[from..]), Some(count));
            }
            // After another block it is not that padding any more.
            assert_ne!(padding(&key(), &stored[2 * BLOCK..]), Some(count));
        }
    }

    #[test]
    fn what_is_written_encrypted_is_padded() {
        for len in [
            0,
            1,
            15,
            16,
            17,
            4096,
            (64 << 10) - 1,
            64 << 10,
            (64 << 10) + 33,
        ] {
            let (plain, stored) = sample(len);
            for at_once in [1, 16, 4097, len.max(1)] {
                let mut encrypting = Encrypting::new(&key(), Vec::new());
                for part in plain.chunks(at_once) {
                    encrypting.write(part).unwrap();
                }
                assert!(encrypting.finish().unwrap() == stored, "{len} {at_once}");
            }
        }
    }

    #[test]
    fn a_single_block_follows_the_zeros() {
        assert_eq!(padding(&key(), &encrypted(vec![16; 16])), Some(16));
        let plain = b"fifteen bytes..\x01".to_vec();
        assert_eq!(padding(&key(), &encrypted(plain)), Some(1));
        assert_eq!(padding(&key(), &encrypted(vec![0; 16])), None);
    }

    #[test]
    fn what_is_no_padding_is_seen() {
        let last = |end: &[u8]| {
            let mut plain = vec![0xee; 2 * BLOCK];
            plain[2 * BLOCK - end.len()..].copy_from_slice(end);
            padding(&key(), &encrypted(plain))
        };
        assert_eq!(last(&[3, 3, 3]), Some(3));
        for end in [
            &[0][..],
            &[17],
            &[17; 16],
            &[255],
            &[2],
            &[3, 3],
            &[3, 2, 3],
            &[2, 3, 3],
            &[0; 16],
        ] {
            assert_eq!(last(end), None, "{end:?}");
        }
        // 15 bytes that say 16.
        assert_eq!(last(&[16; 15]), None);
    }

    #[test]
    fn bytes_that_are_no_whole_blocks_have_no_padding() {
        let (_, stored) = sample(50);
        for len in (0..=stored.len()).filter(|len| len % BLOCK != 0) {
            assert_eq!(
                padding(&key(), &stored[stored.len() - len..]),
                None,
                "{len}"
            );
        }
        assert_eq!(padding(&key(), &[]), None);
    }

    #[test]
    fn every_read_from_every_place_gives_those_bytes() {
        for len in [0, 1, 15, 16, 17, 31, 32, 33, 50] {
            let (plain, stored) = sample(len);
            let mut decrypted = Decrypted::new(Cursor::new(stored), key(), len as u64);
            for start in 0..len + 20 {
                for count in 0..len + 20 {
                    let offset = decrypted.seek(SeekFrom::Start(start as u64)).unwrap();
                    assert_eq!(offset, start as u64);
                    let bytes = read(&mut decrypted, count).unwrap();
                    let expected = plain.get(start..).unwrap_or_default();
                    assert!(expected[..count.min(expected.len())].starts_with(&bytes));
                    assert_eq!(bytes.is_empty(), count == 0 || expected.is_empty());
                    let offset = decrypted.stream_position().unwrap();
                    assert_eq!(offset, (start + bytes.len()) as u64);
                }
            }
        }
    }

    #[test]
    fn whole_blocks_are_read_at_once() {
        let (plain, stored) = sample(100_000);
        let mut decrypted = Decrypted::new(Cursor::new(stored), key(), 100_000);
        assert_eq!(read(&mut decrypted, 65_536).unwrap(), plain[..65_536]);
        assert_eq!(read(&mut decrypted, 65_536).unwrap(), plain[65_536..]);
        assert_eq!(read(&mut decrypted, 65_536).unwrap(), b"");
    }

    #[test]
    fn seeking_knows_the_end_and_refuses_what_is_before_the_start() {
        let (plain, stored) = sample(40);
        let mut decrypted = Decrypted::new(Cursor::new(stored), key(), 40);
        assert_eq!(decrypted.seek(SeekFrom::End(-3)).unwrap(), 37);
        assert_eq!(read(&mut decrypted, 10).unwrap(), plain[37..]);
        assert_eq!(decrypted.seek(SeekFrom::Current(-20)).unwrap(), 20);
        for to in [SeekFrom::Current(-21), SeekFrom::End(-41)] {
            let error = decrypted.seek(to).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
        // Where it was before.
        assert_eq!(read(&mut decrypted, 4).unwrap(), plain[20..24]);
        for far in [41, 48, 64, u64::MAX] {
            assert_eq!(decrypted.seek(SeekFrom::Start(far)).unwrap(), far);
            assert_eq!(read(&mut decrypted, 10).unwrap(), b"");
        }
        assert!(decrypted.seek(SeekFrom::Current(1)).is_err());
    }

    #[test]
    fn bytes_that_were_promised_and_are_not_there_are_an_error() {
        let (plain, stored) = sample(64);
        for len in [0, 1, 16, 40, 63] {
            let input = Cursor::new(&stored[..len]);
            let mut decrypted = Decrypted::new(input, key(), 64);
            let error = read(&mut decrypted, 64).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
            // What is there is read.
            for offset in (0..len - len % BLOCK).step_by(BLOCK) {
                decrypted.seek(SeekFrom::Start(offset as u64)).unwrap();
                let bytes = read(&mut decrypted, BLOCK).unwrap();
                assert_eq!(bytes, plain[offset..offset + BLOCK]);
            }
            assert!(read(&mut decrypted, 1).is_err());
        }
    }

    /// An input whose reads and seeks turn out as `turns` says, in this order and then again.
    struct Moody<'a> {
        input: Cursor<Vec<u8>>,
        turns: std::iter::Cycle<std::slice::Iter<'a, Turn>>,
    }

    #[derive(Clone, Copy, Debug)]
    enum Turn {
        Well,
        /// A read gives this many bytes at most.
        Short(usize),
        Interrupted,
        Broken,
    }

    impl<'a> Moody<'a> {
        fn new(bytes: Vec<u8>, turns: &'a [Turn]) -> Moody<'a> {
            Moody {
                input: Cursor::new(bytes),
                turns: turns.iter().cycle(),
            }
        }

        /// How many bytes a read gives.
        fn turn(&mut self) -> io::Result<usize> {
            match self.turns.next() {
                None | Some(Turn::Well) => Ok(usize::MAX),
                Some(Turn::Short(count)) => Ok(*count),
                Some(Turn::Interrupted) => Err(io::ErrorKind::Interrupted.into()),
                Some(Turn::Broken) => Err(io::Error::other("broken")),
            }
        }
    }

    impl Read for Moody<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = self.turn()?.min(buffer.len());
            self.input.read(&mut buffer[..most])
        }
    }

    impl Seek for Moody<'_> {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.turn()?;
            self.input.seek(to)
        }
    }

    #[test]
    fn after_a_failed_read_elsewhere_the_next_one_is_right() {
        let (plain, stored) = sample(96);
        // Seek and read; then the block before the third is not read.
        let turns = [Turn::Well, Turn::Well, Turn::Well, Turn::Broken, Turn::Well];
        let turns = [&turns[..], &[Turn::Well; 20]].concat();
        let mut decrypted = Decrypted::new(Moody::new(stored, &turns), key(), 96);
        assert_eq!(read(&mut decrypted, 16).unwrap(), plain[..16]);
        decrypted.seek(SeekFrom::Start(64)).unwrap();
        assert_eq!(read(&mut decrypted, 16).unwrap_err().to_string(), "broken");
        decrypted.seek(SeekFrom::Start(16)).unwrap();
        assert_eq!(read(&mut decrypted, 16).unwrap(), plain[16..32]);
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Read(usize),
        Seek(SeekFrom),
    }

    fn any_step() -> impl Strategy<Value = Step> {
        let place = prop_oneof![
            (0..2100_u64).prop_map(SeekFrom::Start),
            (0..130_u64).prop_map(|block| SeekFrom::Start(16 * block)),
            (-2100..100_i64).prop_map(SeekFrom::End),
            (-500..500_i64).prop_map(SeekFrom::Current),
        ];
        prop_oneof![
            3 => (0..70_usize).prop_map(Step::Read),
            1 => (0..2100_usize).prop_map(Step::Read),
            2 => place.prop_map(Step::Seek),
        ]
    }

    fn any_turn() -> impl Strategy<Value = Turn> {
        prop_oneof![
            10 => Just(Turn::Well),
            4 => (1..40_usize).prop_map(Turn::Short),
            1 => Just(Turn::Interrupted),
            2 => Just(Turn::Broken),
        ]
    }

    fn config() -> ProptestConfig {
        ProptestConfig {
            cases: if cfg!(windows) { 100 } else { 1000 },
            // The same cases every time.
            rng_seed: RngSeed::Fixed(20_261_122),
            failure_persistence: None,
            ..ProptestConfig::default()
        }
    }

    proptest! {
        #![proptest_config(config())]

        /// As from a file that is not encrypted, whatever its reader does.
        #[test]
        fn any_steps_give_what_the_plain_bytes_do(
            len in 0..2000_usize,
            steps in prop::collection::vec(any_step(), 1..60),
            turns in prop::collection::vec(any_turn(), 1..40),
        ) {
            let (plain, stored) = sample(len);
            let mut expected = Cursor::new(&plain[..]);
            let mut decrypted = Decrypted::new(Moody::new(stored, &turns), key(), len as u64);
            for step in steps {
                match step {
                    Step::Seek(to) => match (expected.seek(to), decrypted.seek(to)) {
                        (Ok(expected), Ok(offset)) => prop_assert_eq!(offset, expected),
                        (expected, offset) => prop_assert!(expected.is_err() && offset.is_err()),
                    },
                    Step::Read(count) => match read(&mut decrypted, count) {
                        Ok(bytes) => {
                            let mut same = vec![0; bytes.len()];
                            expected.read_exact(&mut same).unwrap();
                            prop_assert_eq!(&bytes, &same);
                            let left = plain.len().saturating_sub(expected.position() as usize);
                            prop_assert!(!bytes.is_empty() || count == 0 || left == 0);
                        }
                        Err(error) => {
                            let kind = error.kind();
                            prop_assert!(matches!(kind, io::ErrorKind::Other | io::ErrorKind::Interrupted));
                        }
                    },
                }
            }
        }
    }
}
