//! `BackupKeyBag` (F§11.1): a sequence of tags, 4 ASCII bytes and a big-endian length each. Only its
//! shape is looked at here; opening it needs the password.

use crate::model::{ClassKey, Keybag, WrappedKey};

/// Reads a keybag that can be opened with a password at all: whole tags to the end, the salt and
/// round counts, and a wrapped key of the right length for a file class.
///
/// # Errors
/// What is wrong with it, in words.
pub fn parse(bytes: &[u8]) -> Result<Keybag, String> {
    let (mut salt, mut rounds) = (None, None);
    let (mut first_salt, mut first_rounds) = (None, None);
    // The header's first, then one a class (F§11.1); what is in a group comes in any order.
    let mut groups = vec![Group::default()];
    let mut rest = bytes;
    while !rest.is_empty() {
        let (tag, value, after) =
            next(rest).ok_or_else(|| "it breaks off in the middle of a tag".to_owned())?;
        rest = after;
        if tag == b"UUID" {
            groups.push(Group::default());
        }
        let Some(group) = groups.last_mut() else {
            continue;
        };
        match tag {
            b"CLAS" => group.class = Some(number(value)?),
            b"WRAP" => group.wrap = number(value)?,
            b"WPKY" => {
                let key = value.try_into();
                let wrong = |_| format!("a wrapped key has {} bytes, not 40", value.len());
                group.key = Some(key.map_err(wrong)?);
            }
            b"SALT" if !value.is_empty() => salt = Some(value.to_vec()),
            b"ITER" => rounds = Some(number(value)?).filter(|rounds| *rounds > 0),
            b"DPSL" => first_salt = Some(value.to_vec()).filter(|salt| !salt.is_empty()),
            b"DPIC" => first_rounds = Some(number(value)?).filter(|rounds| *rounds > 0),
            _ => {}
        }
    }
    let (Some(salt), Some(rounds)) = (salt, rounds) else {
        return Err("it has no salt or no round count".to_owned());
    };
    if first_salt.is_some() != first_rounds.is_some() {
        return Err("it has only one of second salt and second round count".to_owned());
    }
    let classes: Vec<_> = groups.iter().filter_map(Group::class_key).collect();
    let is_for_files = |class: &ClassKey| Keybag::FILE_CLASSES.contains(&class.key.class);
    if !classes.iter().any(is_for_files) {
        return Err("it has no key for files".to_owned());
    }
    Ok(Keybag {
        salt,
        rounds,
        first: first_salt.zip(first_rounds),
        classes,
    })
}

/// The tags that follow a `UUID`.
#[derive(Default)]
struct Group {
    class: Option<u32>,
    wrap: u32,
    key: Option<[u8; 40]>,
}

impl Group {
    fn class_key(&self) -> Option<ClassKey> {
        let (class, wrapped) = self.class.zip(self.key)?;
        let wrap = self.wrap;
        let key = WrappedKey { class, wrapped };
        Some(ClassKey { wrap, key })
    }
}

type Tag<'a> = (&'a [u8], &'a [u8], &'a [u8]);

/// The next tag, its value, and what follows.
fn next(bytes: &[u8]) -> Option<Tag<'_>> {
    let (tag, rest) = bytes.split_at_checked(4)?;
    let (len, rest) = rest.split_first_chunk::<4>()?;
    let len = usize::try_from(u32::from_be_bytes(*len)).ok()?;
    let (value, rest) = rest.split_at_checked(len)?;
    Some((tag, value, rest))
}

fn number(value: &[u8]) -> Result<u32, String> {
    let bytes = value
        .try_into()
        .map_err(|_| "a number in it is not 4 bytes long".to_owned())?;
    Ok(u32::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(name: &str, value: &[u8]) -> Vec<u8> {
        [name.as_bytes(), &(value.len() as u32).to_be_bytes(), value].concat()
    }

    fn bag(class: u32, key: usize) -> Vec<u8> {
        [
            tag("VERS", &5_u32.to_be_bytes()),
            tag("UUID", &[1; 16]),
            tag("WRAP", &[0; 4]),
            tag("SALT", &[2; 20]),
            tag("ITER", &10_000_u32.to_be_bytes()),
            tag("DPIC", &10_000_000_u32.to_be_bytes()),
            tag("DPSL", &[3; 20]),
            tag("UUID", &[4; 16]),
            tag("CLAS", &class.to_be_bytes()),
            tag("WRAP", &2_u32.to_be_bytes()),
            tag("WPKY", &vec![5; key]),
        ]
        .concat()
    }

    #[test]
    fn a_sound_bag_passes() {
        let whole = parse(&bag(3, 40)).unwrap();
        let key = WrappedKey {
            class: 3,
            wrapped: [5; 40],
        };
        assert_eq!(whole.classes, [ClassKey { wrap: 2, key }]);
        assert_eq!((whole.salt, whole.rounds), (vec![2; 20], 10_000));
        assert_eq!(whole.first, Some((vec![3; 20], 10_000_000)));
    }

    #[test]
    fn each_defect_is_named() {
        for (bytes, words) in [
            (vec![], "no salt"),
            (bag(3, 39), "39 bytes"),
            (bag(9, 40), "no key for files"),
            (tag("SALT", &[1; 20]), "no round count"),
            (tag("ITER", &[1; 3]), "4 bytes long"),
            ([bag(3, 40), b"UUI".to_vec()].concat(), "breaks off"),
            (
                [bag(3, 40), b"UUID\xff\xff\xff\xff".to_vec()].concat(),
                "breaks off",
            ),
        ] {
            let why = parse(&bytes).unwrap_err();
            assert!(why.contains(words), "{why}");
        }
    }

    #[test]
    fn cutting_it_anywhere_never_passes() {
        let whole = bag(1, 40);
        for len in 0..whole.len() {
            assert!(parse(&whole[..len]).is_err(), "{len}");
        }
    }
}
