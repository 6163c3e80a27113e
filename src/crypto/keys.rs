//! From the password to the keys of files (F§11.2).

use std::collections::BTreeMap;
use std::fmt;

use aes_kw::{KeyInit, KwAes256};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::model::secret::{Key, Password};
use crate::model::{ClassKey, Keybag, WrappedKey};

/// Most rounds that are gone through: twice what devices write in the first derivation, a hundred times
/// in the second (F§11.2). More would only keep us busy.
const MOST_FIRST_ROUNDS: u32 = 20_000_000;
const MOST_ROUNDS: u32 = 1_000_000;

/// The keys of the protection classes that a password opened.
#[derive(Debug)]
pub struct ClassKeys(BTreeMap<u32, Key>);

/// Why a keybag was not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotOpened {
    /// No file key of it unwraps: the password is a wrong one.
    WrongPassword,
    /// It was not tried; says why.
    Refused(String),
}

/// Why a key does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// There is no opened key of its protection class.
    NoClass(u32),
    /// It is damaged, or wrapped with another key.
    DoesNotUnwrap(u32),
}

/// Opens a keybag. Takes about a second with the rounds that devices write, for each form of the
/// password that is tried.
///
/// # Errors
/// When the password is wrong, or the keybag asks for too much.
pub fn open(keybag: &Keybag, password: &Password) -> Result<ClassKeys, NotOpened> {
    if let Some(why) = refusal(keybag) {
        return Err(NotOpened::Refused(why));
    }
    for form in password.forms() {
        let keys = unwrap_classes(keybag, &derive(keybag, &form));
        if keys
            .keys()
            .any(|class| Keybag::FILE_CLASSES.contains(class))
        {
            return Ok(ClassKeys(keys));
        }
    }
    Err(NotOpened::WrongPassword)
}

/// Why the keybag is not to be tried.
fn refusal(keybag: &Keybag) -> Option<String> {
    let first_rounds = keybag.first.as_ref().map_or(0, |(_, rounds)| *rounds);
    for (tag, rounds, most) in [
        ("DPIC", first_rounds, MOST_FIRST_ROUNDS),
        ("ITER", keybag.rounds, MOST_ROUNDS),
    ] {
        if rounds > most {
            return Some(format!(
                "the keybag asks for {rounds} rounds ({tag}), and bkscan goes through {most} at most"
            ));
        }
    }
    let has_key = keybag.classes.iter().any(is_for_files);
    (!has_key).then(|| "the keybag has no key for files that a password opens".to_owned())
}

fn is_for_files(class: &ClassKey) -> bool {
    class.opens_with_password() && Keybag::FILE_CLASSES.contains(&class.key.class)
}

/// The key that the class keys are wrapped with.
fn derive(keybag: &Keybag, password: &[u8]) -> Key {
    let (mut first, mut key) = (Key::zeros(), Key::zeros());
    let password = match &keybag.first {
        Some((salt, rounds)) => {
            pbkdf2_hmac::<Sha256>(password, salt, *rounds, first.bytes_mut());
            first.bytes()
        }
        None => password,
    };
    pbkdf2_hmac::<Sha1>(password, &keybag.salt, keybag.rounds, key.bytes_mut());
    key
}

/// The class keys that unwrap. Of the keychain's none is needed, and of files' one may be damaged.
fn unwrap_classes(keybag: &Keybag, key: &Key) -> BTreeMap<u32, Key> {
    let by_password = keybag
        .classes
        .iter()
        .filter(|class| class.opens_with_password());
    by_password
        .filter_map(|class| Some((class.key.class, unwrap(key, &class.key.wrapped)?)))
        .collect()
}

/// Of how many classes keys are made ready; a keybag has 11 (F§11.1), and a hostile one any number.
const MOST_CLASSES: usize = 32;

/// The class keys, made ready to try the keys of many files.
pub struct RecordKeys(Vec<(u32, KwAes256)>);

impl RecordKeys {
    /// Whether the key of a record opens; what comes out is wiped at once. No key is prepared anew for
    /// each of them, which would take longer than the rest.
    ///
    /// # Errors
    /// When it does not open.
    pub fn check(&self, key: &WrappedKey) -> Result<(), KeyError> {
        let mut classes = self.0.iter();
        let class = classes.find(|(class, _)| *class == key.class);
        let (_, class) = class.ok_or(KeyError::NoClass(key.class))?;
        let mut opened = Zeroizing::new([0; 32]);
        match class.unwrap_key(&key.wrapped, &mut *opened) {
            Ok(_) => Ok(()),
            Err(_) => Err(KeyError::DoesNotUnwrap(key.class)),
        }
    }
}

impl fmt::Debug for RecordKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordKeys")
    }
}

/// RFC 3394: `None` where the integrity check fails.
fn unwrap(key: &Key, wrapped: &[u8; 40]) -> Option<Key> {
    let mut opened = Key::zeros();
    KwAes256::new(key.bytes().into())
        .unwrap_key(wrapped, opened.bytes_mut())
        .ok()?;
    Some(opened)
}

impl ClassKeys {
    /// The same keys, of the lowest classes, for the records of a manifest.
    pub fn for_records(&self) -> RecordKeys {
        let ready = |(class, key): (&u32, &Key)| (*class, KwAes256::new(key.bytes().into()));
        // Room from the start: a vector that grows leaves copies behind.
        let mut keys = Vec::with_capacity(MOST_CLASSES);
        keys.extend(self.0.iter().take(MOST_CLASSES).map(ready));
        RecordKeys(keys)
    }

    /// Opens `ManifestKey` or the `EncryptionKey` of a record.
    ///
    /// # Errors
    /// When it does not open.
    pub fn unwrap(&self, key: &WrappedKey) -> Result<Key, KeyError> {
        let class = self.0.get(&key.class);
        let class = class.ok_or(KeyError::NoClass(key.class))?;
        unwrap(class, &key.wrapped).ok_or(KeyError::DoesNotUnwrap(key.class))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::hex;
    use super::*;

    /// A keybag of one derivation, as long as no other is put into it.
    fn empty(salt: &[u8], rounds: u32) -> Keybag {
        Keybag {
            salt: salt.to_vec(),
            rounds,
            first: None,
            classes: Vec::new(),
        }
    }

    fn password(text: &str) -> Password {
        Password::new(text.into())
    }

    fn wrapped(key: &Key, with: &Key) -> [u8; 40] {
        let mut bytes = [0; 40];
        KwAes256::new(with.bytes().into())
            .wrap_key(key.bytes(), &mut bytes)
            .unwrap();
        bytes
    }

    fn class_key(class: u32) -> Key {
        Key::new([class as u8; 32])
    }

    /// A keybag for this password, with keys of these classes and these values of `WRAP`.
    fn keybag(password: &str, classes: &[(u32, u32)]) -> Keybag {
        let mut keybag = empty(b"salt of twenty bytes", 3);
        keybag.first = Some((b"another of the kind.".to_vec(), 2));
        let key = derive(&keybag, password.as_bytes());
        keybag.classes = classes
            .iter()
            .map(|(class, wrap)| ClassKey {
                wrap: *wrap,
                key: WrappedKey {
                    class: *class,
                    wrapped: wrapped(&class_key(*class), &key),
                },
            })
            .collect();
        keybag
    }

    fn opened(keybag: &Keybag, password: &Password) -> Result<Vec<u32>, NotOpened> {
        let keys = open(keybag, password)?.0;
        for (class, key) in &keys {
            assert_eq!(key.bytes(), class_key(*class).bytes());
        }
        Ok(keys.into_keys().collect())
    }

    /// The four classes of files, and one of the keychain that takes the device.
    const USUAL: [(u32, u32); 5] = [(1, 2), (2, 2), (3, 2), (4, 2), (6, 1)];

    /// RFC 3394, section 4.6: 256 bits of key data with a key of 256 bits.
    #[test]
    fn a_key_is_unwrapped_as_rfc_3394_says() {
        let key = Key::new(std::array::from_fn(|index| index as u8));
        let wrapped: [u8; 40] = hex("28C9F404C4B810F4 CBCCB35CFB87F826 3F5786E2D80ED326
                                     CBC7F0E71A99F43B FB988B9B7A02DD21");
        let data: [u8; 32] = hex("00112233445566778899AABBCCDDEEFF
                                  000102030405060708090A0B0C0D0E0F");
        assert_eq!(unwrap(&key, &wrapped).unwrap().bytes(), &data);
        for bit in 0..320 {
            let mut damaged = wrapped;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(unwrap(&key, &damaged).is_none(), "bit {bit}");
        }
        let mut other = *key.bytes();
        other[31] ^= 1;
        assert!(unwrap(&Key::new(other), &wrapped).is_none());
    }

    /// RFC 6070: PBKDF2 with HMAC-SHA1. Ours goes on to 32 bytes, which changes none of the first.
    #[test]
    fn a_key_is_derived_as_rfc_6070_says() {
        let derived = |password: &str, salt: &[u8], rounds| {
            *derive(&empty(salt, rounds), password.as_bytes()).bytes()
        };
        for (rounds, expected) in [
            (1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
            (2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
            (4096, "4b007901b765489abead49d926f721d065a429c1"),
        ] {
            let key = derived("password", b"salt", rounds);
            assert_eq!(key[..20], hex::<20>(expected));
        }
        let salt = b"saltSALTsaltSALTsaltSALTsaltSALTsalt";
        let key = derived("passwordPASSWORDpassword", salt, 4096);
        let expected: [u8; 25] = hex("3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038");
        assert_eq!(key[..25], expected);
        let key = derived("pass\0word", b"sa\0lt", 4096);
        assert_eq!(key[..16], hex::<16>("56fa6aa75548099dcc37d7f03425e0c3"));
    }

    /// RFC 7914, section 11: PBKDF2 with HMAC-SHA-256. Its 32 first bytes are what comes out of our
    /// first derivation, and so the password of the second.
    #[test]
    fn the_first_key_is_derived_as_rfc_7914_says() {
        for (password, salt, rounds, expected) in [
            (
                "passwd",
                "salt",
                1,
                "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc",
            ),
            (
                "Password",
                "NaCl",
                80_000,
                "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56",
            ),
        ] {
            let mut keybag = empty(b"other salt", 5);
            let second = derive(&keybag, &hex::<32>(expected));
            keybag.first = Some((salt.into(), rounds));
            let both = derive(&keybag, password.as_bytes());
            assert_eq!(both.bytes(), second.bytes());
        }
    }

    /// Made in Python: salts and keys by `hashlib.shake_128`, the derivations by `hashlib.pbkdf2_hmac`,
    /// the wrapping by `aes_key_wrap` of the package `cryptography`, which calls OpenSSL.
    #[test]
    fn a_password_opens_the_keys_that_others_wrapped() {
        let wpky = |with_first: bool| -> [(u32, [u8; 40]); 5] {
            if with_first {
                [
                    (
                        1,
                        hex("22035f4fed817250acf4995993a6c93c25582bb78e086ea4
                             eeae41f6dd1f94d6e1adbc38893b2f8d"),
                    ),
                    (
                        2,
                        hex("1b67c2028d67dff50b58325eee4ad597544f58ec7c71c48c
                             c6a6121dcd889fc08eec6c165d3b18da"),
                    ),
                    (
                        3,
                        hex("abb4de591317d3ed85ca5f2f0289b4e1a9cda65d61239aae
                             473d1144f184551166e6c6538fc0b367"),
                    ),
                    (
                        4,
                        hex("7e4802d85dd8f38467c494f95d780c084265b46c74c80a2b
                             8ef392520201a378a8b36f292e7003f4"),
                    ),
                    (
                        6,
                        hex("7ebf127c5691fb03a7da80b3666a5eb3a4d5f10c0c97094c
                             a9a2b776ebaf2d701cc11f5e5fe20e38"),
                    ),
                ]
            } else {
                [
                    (
                        1,
                        hex("6ffb333a49b0de56f591086fb722356649379754cfb46625
                             78f9f6906d27e2560aa9a258308caf05"),
                    ),
                    (
                        2,
                        hex("13ee29dcdf642b5709f8da14bf0f3b0fbb87b7c36a885083
                             71d3864d86851e5e9bd952cb9e7f95eb"),
                    ),
                    (
                        3,
                        hex("7199e759c246e9b3908261800ed8c60c0d988df272f38865
                             687edda08258eb2029a9e154d7c7c0d5"),
                    ),
                    (
                        4,
                        hex("6db94ca797ffd494d94139d372658bd68126780f4a00748f
                             2e7613b824d4becfd88a4c424daf7e67"),
                    ),
                    (
                        6,
                        hex("851083fd1d5e8edcd7e39a5efa43d84f4476bd973e12f885
                             fa27312c42fa126c5e9f7a40ede05397"),
                    ),
                ]
            }
        };
        let expected: [(u32, [u8; 32]); 5] = [
            (
                1,
                hex("2de2835c57368c10526b9e612984598d a17d1cb0284aba1a5625fa05c7b6d509"),
            ),
            (
                2,
                hex("6387a85465e2df197f849bb947d31679 3e45effac497db6787413c277fb5d6c0"),
            ),
            (
                3,
                hex("4c4d6e9fe22e3cf5dbfa8aa917c578d9 c08b7c0bc7fac7a23b4c1066b2e0db52"),
            ),
            (
                4,
                hex("1d92d9a30e84048683b44c08f3c9c20f ca48281e9a95d91abf140b0f1e7f9dfc"),
            ),
            (
                6,
                hex("c6fc4e3cafd475ba1efc7b8a0dafcfff 7ba1e187675debf8b921b88153b3f087"),
            ),
        ];
        let manifest_key: [u8; 44] =
            hex("03000000 f2a6375110bbd0a525753b35f0dbb349ba8f88c5fc8fbbc5
                                          acbc2f247afcabf451dc3d0d65e398ed");
        let dpsl: [u8; 20] = hex("e1d9633cfce86507ac439f3c187172ac3465f730");
        let salt: [u8; 20] = hex("e9dc03538b07b60a16cc62c5929904963a85f7a4");
        for with_first in [true, false] {
            let mut keybag = empty(&salt, 100);
            keybag.first = with_first.then(|| (dpsl.to_vec(), 1000));
            let classes = wpky(with_first).map(|(class, wrapped)| ClassKey {
                wrap: Keybag::BY_PASSWORD,
                key: WrappedKey { class, wrapped },
            });
            keybag.classes = classes.into();
            let keys = open(&keybag, &password("Schl\u{fc}ssel 7")).unwrap();
            let opened = keys.0.iter().map(|(class, key)| (*class, *key.bytes()));
            assert_eq!(opened.collect::<Vec<_>>(), expected);
            let manifest_key = keys.unwrap(&WrappedKey::parse(&manifest_key).unwrap());
            let expected = hex("94b03a7081e112f65acf80094175ed9a 9bd49a7b644ac30134dba72e007f7814");
            assert_eq!(manifest_key.unwrap().bytes(), &expected);
            let wrong = open(&keybag, &password("Schluessel 7"));
            assert_eq!(wrong.unwrap_err(), NotOpened::WrongPassword);
        }
    }

    #[test]
    fn letters_may_be_written_in_another_way() {
        for made_for in ["cafe\u{301}", "caf\u{e9}"] {
            let keybag = keybag(made_for, &USUAL);
            for typed in ["cafe\u{301}", "caf\u{e9}"] {
                assert_eq!(opened(&keybag, &password(typed)), Ok(vec![1, 2, 3, 4]));
            }
            for typed in ["cafe", "caf\u{e8}", ""] {
                let wrong = opened(&keybag, &password(typed));
                assert_eq!(wrong, Err(NotOpened::WrongPassword));
            }
        }
        // Bytes that are no text are taken as they are.
        let latin = Password::new(b"caf\xe9".to_vec());
        let mut keybag = empty(b"salt", 1);
        let wrapped = wrapped(&class_key(4), &derive(&keybag, b"caf\xe9"));
        let key = WrappedKey { class: 4, wrapped };
        keybag.classes = vec![ClassKey { wrap: 2, key }];
        assert_eq!(opened(&keybag, &latin), Ok(vec![4]));
    }

    /// Were they not passed over, they would open here. Of two layers the password opens the outer one.
    #[test]
    fn keys_that_take_the_device_alone_are_passed_over() {
        let keybag = keybag("p", &[(1, 1), (2, 3), (3, 2), (4, 0), (7, 2), (8, 3)]);
        assert_eq!(opened(&keybag, &password("p")), Ok(vec![2, 3, 7, 8]));
        let device = |class| keybag.needs_device(class);
        assert_eq!(
            [1, 2, 3, 4, 5].map(device),
            [true, false, false, true, false]
        );
    }

    #[test]
    fn the_keys_of_records_are_checked_as_they_would_open() {
        let keys = open(&keybag("p", &USUAL), &password("p")).unwrap();
        let of_records = keys.for_records();
        let mut key = WrappedKey {
            class: 3,
            wrapped: wrapped(&Key::new([9; 32]), &class_key(3)),
        };
        assert_eq!(of_records.check(&key), Ok(()));
        key.wrapped[0] ^= 1;
        assert_eq!(of_records.check(&key), Err(KeyError::DoesNotUnwrap(3)));
        key.class = 6;
        assert_eq!(of_records.check(&key), Err(KeyError::NoClass(6)));
        assert_eq!(format!("{of_records:?}"), "RecordKeys");
    }

    #[test]
    fn a_damaged_key_leaves_the_others() {
        let whole = keybag("p", &[(1, 2), (2, 2), (3, 2), (4, 2), (7, 2)]);
        let damaged = |classes: &[u32]| {
            let mut keybag = whole.clone();
            for class in &mut keybag.classes {
                class.key.wrapped[20] ^= u8::from(classes.contains(&class.key.class));
            }
            opened(&keybag, &password("p"))
        };
        assert_eq!(damaged(&[]), Ok(vec![1, 2, 3, 4, 7]));
        assert_eq!(damaged(&[2]), Ok(vec![1, 3, 4, 7]));
        assert_eq!(damaged(&[1, 2, 4]), Ok(vec![3, 7]));
        assert_eq!(damaged(&[7]), Ok(vec![1, 2, 3, 4]));
        // A key of the keychain does not make the password a right one.
        assert_eq!(damaged(&[1, 2, 3, 4]), Err(NotOpened::WrongPassword));
    }

    #[test]
    fn a_damaged_salt_looks_like_a_wrong_password() {
        let mut keybag = keybag("p", &USUAL);
        keybag.salt[0] ^= 1;
        let wrong = opened(&keybag, &password("p"));
        assert_eq!(wrong, Err(NotOpened::WrongPassword));
    }

    /// Going through them would take hours.
    #[test]
    fn too_many_rounds_are_refused_and_not_gone_through() {
        let refused = |first: Option<u32>, rounds| {
            let mut keybag = keybag("p", &USUAL);
            keybag.first = first.map(|rounds| (b"salt".to_vec(), rounds));
            keybag.rounds = rounds;
            refusal(&keybag)
        };
        assert_eq!(refused(Some(20_000_000), 1_000_000), None);
        assert_eq!(refused(None, 1_000_000), None);
        let first =
            "the keybag asks for 20000001 rounds (DPIC), and bkscan goes through 20000000 at most";
        assert_eq!(refused(Some(20_000_001), 1), Some(first.to_owned()));
        let second =
            "the keybag asks for 1000001 rounds (ITER), and bkscan goes through 1000000 at most";
        for first in [Some(1), None] {
            assert_eq!(refused(first, 1_000_001), Some(second.to_owned()));
        }
        for (first, rounds) in [(u32::MAX, 1), (1, u32::MAX)] {
            let mut keybag = keybag("p", &USUAL);
            keybag.first = Some((b"salt".to_vec(), first));
            keybag.rounds = rounds;
            let refused = opened(&keybag, &password("p")).unwrap_err();
            assert!(matches!(refused, NotOpened::Refused(_)), "{refused:?}");
        }
    }

    #[test]
    fn a_keybag_without_a_key_for_files_is_refused() {
        let why = "the keybag has no key for files that a password opens".to_owned();
        for classes in [&[][..], &[(1, 1), (2, 1)], &[(5, 2), (11, 3)], &[(0, 2)]] {
            let mut keybag = keybag("p", classes);
            assert_eq!(
                opened(&keybag, &password("p")),
                Err(NotOpened::Refused(why.clone()))
            );
            // Nor is it looked for.
            keybag.first = Some((Vec::new(), 20_000_000));
            let refused = opened(&keybag, &password("p"));
            assert_eq!(refused, Err(NotOpened::Refused(why.clone())));
        }
    }

    #[test]
    fn a_key_that_does_not_open_says_why() {
        let keys = open(&keybag("p", &USUAL), &password("p")).unwrap();
        let content = Key::new([9; 32]);
        let mut key = WrappedKey {
            class: 3,
            wrapped: wrapped(&content, &class_key(3)),
        };
        assert_eq!(keys.unwrap(&key).unwrap().bytes(), content.bytes());
        for class in [0, 5, 6, u32::MAX] {
            key.class = class;
            assert_eq!(keys.unwrap(&key).unwrap_err(), KeyError::NoClass(class));
        }
        // Of another class, and with a flipped bit.
        key.class = 4;
        assert_eq!(keys.unwrap(&key).unwrap_err(), KeyError::DoesNotUnwrap(4));
        key.class = 3;
        key.wrapped[39] ^= 0x80;
        assert_eq!(keys.unwrap(&key).unwrap_err(), KeyError::DoesNotUnwrap(3));
    }

    #[test]
    fn nothing_secret_is_printed() {
        let keys = open(&keybag("p", &USUAL), &password("p")).unwrap();
        assert_eq!(
            format!("{keys:?}"),
            "ClassKeys({1: Key, 2: Key, 3: Key, 4: Key})"
        );
    }
}
