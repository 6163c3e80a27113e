//! `BackupKeyBag` (F§11.1): a sequence of tags, 4 ASCII bytes and a big-endian length each. Only its
//! shape is looked at here; opening it needs the password.

/// File protection classes; those above belong to the keychain (F§11.1).
const FILE_CLASSES: std::ops::RangeInclusive<u32> = 1..=4;
/// Length of a wrapped key: RFC 3394 adds 8 bytes to the 32.
const WRAPPED_KEY: usize = 40;

/// Checks that the keybag can be opened with a password at all: whole tags to the end, the salt and
/// round counts, and a wrapped key of the right length for a file class.
///
/// # Errors
/// What is wrong, in words.
pub fn check(bytes: &[u8]) -> Result<(), String> {
    let mut has_salt = false;
    let mut rounds = None;
    let (mut second_salt, mut second_rounds) = (false, false);
    let mut class = None;
    let mut file_keys = 0;
    let mut rest = bytes;
    while !rest.is_empty() {
        let (tag, value, after) =
            next(rest).ok_or_else(|| "it breaks off in the middle of a tag".to_owned())?;
        rest = after;
        match tag {
            // A UUID opens a class; the first one is the header's.
            b"UUID" => class = None,
            b"CLAS" => class = Some(number(value)?),
            b"SALT" => has_salt |= !value.is_empty(),
            b"ITER" => rounds = Some(number(value)?),
            b"DPSL" => second_salt = !value.is_empty(),
            b"DPIC" => second_rounds = number(value)? > 0,
            b"WPKY" => {
                if value.len() != WRAPPED_KEY {
                    return Err(format!("a wrapped key has {} bytes, not 40", value.len()));
                }
                // Tags of a class come in any order, so a key may stand before its class.
                file_keys += usize::from(class.is_none_or(|class| FILE_CLASSES.contains(&class)));
            }
            _ => {}
        }
    }
    if !has_salt || rounds.is_none_or(|rounds| rounds == 0) {
        Err("it has no salt or no round count".to_owned())
    } else if second_salt != second_rounds {
        Err("it has only one of second salt and second round count".to_owned())
    } else if file_keys == 0 {
        Err("it has no key for files".to_owned())
    } else {
        Ok(())
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
        assert_eq!(check(&bag(3, 40)), Ok(()));
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
            let why = check(&bytes).unwrap_err();
            assert!(why.contains(words), "{why}");
        }
    }

    #[test]
    fn cutting_it_anywhere_never_passes() {
        let whole = bag(1, 40);
        for len in 0..whole.len() {
            assert!(check(&whole[..len]).is_err(), "{len}");
        }
    }
}
