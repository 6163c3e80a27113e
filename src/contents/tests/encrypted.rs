//! Padding, with keys made by hand.

use aes::Aes256;
use aes::cipher::{Array, BlockModeEncrypt, KeyIvInit};
use aes_kw::{KeyInit, KwAes256};
use pbkdf2::pbkdf2_hmac_array;
use sha1::Sha1;

use crate::crypto;
use crate::model::secret::Password;
use crate::model::{Amount, ClassKey, FileId, Keybag, ManifestFormat, PayloadKey, WrappedKey};

use super::world::{World, id, ids, sha1};

const CLASS: [u8; 32] = [3; 32];
const FILE: [u8; 32] = [9; 32];

fn wrap(key: &[u8; 32], with: &[u8; 32], class: u32) -> WrappedKey {
    let mut wrapped = [0; 40];
    KwAes256::new(with.into())
        .wrap_key(key, &mut wrapped)
        .unwrap();
    WrappedKey { class, wrapped }
}

fn world(format: ManifestFormat) -> World {
    let password_key = pbkdf2_hmac_array::<Sha1, 32>(b"secret", &[1; 20], 1);
    let keybag = Keybag {
        salt: vec![1; 20],
        rounds: 1,
        first: None,
        classes: vec![ClassKey {
            wrap: 2,
            key: wrap(&CLASS, &password_key, 3),
        }],
    };
    let mut world = World::new();
    world.format = format;
    world.encrypted = true;
    world.keys = Some(crypto::open(&keybag, &Password::new(b"secret".into())).unwrap());
    world
}

fn encrypt(plain: &[u8]) -> Vec<u8> {
    let mut bytes = plain.to_vec();
    let (blocks, rest) = Array::slice_as_chunks_mut(&mut bytes);
    assert!(rest.is_empty());
    cbc::Encryptor::<Aes256>::new((&FILE).into(), (&[0; 16]).into()).encrypt_blocks(blocks);
    bytes
}

impl World {
    /// Adds a payload that holds this, encrypted with a file key.
    fn encrypted(&mut self, id: FileId, plain: &[u8], key: Option<WrappedKey>) {
        let stored = encrypt(plain);
        self.put(id, &stored);
        let digest = Some(sha1(&stored));
        self.seal(PayloadKey {
            id,
            digest,
            key,
            is_empty: false,
        });
    }
}

#[test]
fn the_last_block_must_end_in_valid_padding() {
    for format in [ManifestFormat::Sqlite, ManifestFormat::Mbdb] {
        let mut world = world(format);
        let key = Some(wrap(&FILE, &CLASS, 3));
        let of = |number| id(7, number);
        // A block of nothing but padding, and padding in the last of one, two and many blocks.
        world.encrypted(of(1), &[16; 16], key);
        let padded = |len: usize, with: u8| {
            let mut plain = vec![0; len];
            plain[len - usize::from(with)..].fill(with);
            plain
        };
        world.encrypted(of(2), &padded(16, 7), key);
        world.encrypted(of(3), &padded(32, 16), key);
        world.encrypted(of(4), &padded(70_000 / 16 * 16, 1), key);
        // As long as two reads, so that the last two blocks lie in different ones.
        world.encrypted(of(5), &padded(65_536 + 16, 2), key);
        let good = world.read_well();
        assert_eq!(
            (good.by_digest.files, good.without_key),
            (5, Amount::default())
        );

        // None at all, zeros, too many, and one that is not all the same.
        world.encrypted(of(6), &[0; 16], key);
        world.encrypted(of(7), &[17; 48], key);
        let mut uneven = padded(32, 5);
        uneven[28] = 4;
        world.encrypted(of(8), &uneven, key);
        // An empty one, and one whose length tells enough (F§11.3).
        world.put(of(9), b"");
        world.put(of(10), b"twenty-one bytes long");
        for number in [9, 10] {
            world.seal(PayloadKey {
                is_empty: false,
                id: of(number),
                digest: None,
                key,
            });
        }
        let (contents, _) = world.read();
        assert_eq!(ids(&contents.padding), [6, 7, 8].map(of), "{format:?}");
        assert_eq!(contents.mismatched.count, 0);
        assert_eq!(contents.without_key, Amount::default());
    }
}

#[test]
fn a_flipped_bit_in_the_last_block_shows_without_a_digest() {
    let mut world = world(ManifestFormat::Sqlite);
    let one = id(7, 1);
    world.encrypted(one, &[16; 48], Some(wrap(&FILE, &CLASS, 3)));
    world.seals[0].digest = None;
    world.read_well();
    let mut stored = std::fs::read(world.path(one)).unwrap();
    stored[47] ^= 1;
    world.put(one, &stored);
    assert_eq!(ids(&world.read().0.padding), [one]);
}

#[test]
fn keys_that_do_not_unwrap_are_counted() {
    let mut world = world(ManifestFormat::Sqlite);
    let mut broken = wrap(&FILE, &CLASS, 3);
    broken.wrapped[5] ^= 1;
    // The row says by itself that there is none.
    world.encrypted(id(7, 1), &[16; 16], None);
    world.encrypted(id(7, 2), &[16; 32], Some(broken));
    world.encrypted(id(7, 3), &[16; 16], Some(wrap(&FILE, &CLASS, 4)));
    // No row at all: nothing is known of it.
    world.put(id(7, 4), &[1; 16]);
    let contents = world.read_well();
    assert_eq!(
        (contents.without_key.files, contents.without_key.bytes),
        (2, 48)
    );
    assert_eq!(contents.read.files, 4);
}

#[test]
fn without_keys_nothing_is_said_of_padding() {
    let mut world = world(ManifestFormat::Sqlite);
    world.encrypted(id(7, 1), &[0; 16], Some(wrap(&FILE, &CLASS, 3)));
    world.keys = None;
    let contents = world.read_well();
    assert_eq!(
        (contents.by_digest.files, contents.without_key.files),
        (1, 0)
    );
}
