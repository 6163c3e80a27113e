//! The record in Manifest.db's `file` column: an `MBFile` in a keyed archive (F§7.3).
//!
//! A borrowed reader (`archive`) answers for nearly every blob; what it does not take goes to the `plist`
//! crate. Where both answer, they agree. What is laid out as a record before it is not looked through again
//! (`skeleton`).

mod archive;
mod decoder;
mod decoders;
mod masked;
mod record;
mod skeleton;
mod through_crate;

pub use decoder::{Decoder, borrowed};
pub use decoders::Decoders;
pub use record::MbFile;
pub use through_crate::through_crate;

#[cfg(test)]
mod tests {
    use ::plist::{Dictionary, Uid, Value};

    use super::*;

    fn decode(blob: &[u8]) -> Option<MbFile> {
        Decoder::default().decode(blob)
    }

    /// An archive with the given root entries; the other objects follow from index 2 on.
    fn archive(root: &[(&str, Value)], others: &[Value]) -> Vec<u8> {
        let mut objects = vec!["$null".into()];
        let root: Dictionary = root
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()))
            .collect();
        objects.push(root.into());
        objects.extend_from_slice(others);
        let top: Dictionary = [("root".to_owned(), Value::Uid(Uid::new(1)))]
            .into_iter()
            .collect();
        let archive: Dictionary = [
            ("$version".to_owned(), 100_000_u64.into()),
            ("$archiver".to_owned(), "NSKeyedArchiver".into()),
            ("$top".to_owned(), top.into()),
            ("$objects".to_owned(), Value::Array(objects)),
        ]
        .into_iter()
        .collect();
        let mut bytes = Vec::new();
        Value::Dictionary(archive)
            .to_writer_binary(&mut bytes)
            .unwrap();
        bytes
    }

    fn both(blob: &[u8]) -> MbFile {
        let fast = borrowed(blob).unwrap();
        assert_eq!(Some(fast), through_crate(blob));
        fast
    }

    #[test]
    fn all_three_forms_of_a_digest_are_read() {
        let digest = [9_u8; 20];
        let data = Value::Data(digest.to_vec());
        let uid = |index| Value::Uid(Uid::new(index));
        let wrapped =
            |inner: Value| Value::Dictionary([("NS.data".to_owned(), inner)].into_iter().collect());
        for (inline, others) in [
            (data.clone(), vec![]),
            (uid(2), vec![data.clone()]),
            (uid(2), vec![wrapped(data.clone())]),
            (uid(2), vec![wrapped(uid(3)), data]),
        ] {
            let blob = archive(&[("Digest", inline), ("Size", 7_u64.into())], &others);
            let file = both(&blob);
            assert_eq!(file.digest, Some(digest));
            assert_eq!(file.size, Some(7));
        }
    }

    #[test]
    fn sizes_are_signed_and_may_be_absent() {
        let file = both(&archive(
            &[("Size", (-2_i64).into()), ("Flags", 0x4000_0000_u64.into())],
            &[],
        ));
        assert_eq!(file.size, Some(-2));
        assert!(file.is_dataless());
        let file = both(&archive(&[("Size", i64::MAX.into())], &[]));
        assert_eq!(file.size, Some(i64::MAX));
        let file = both(&archive(&[("Size", u64::MAX.into())], &[]));
        assert_eq!(file.size, None);
        let file = both(&archive(&[("Digest", Value::Data(vec![1; 19]))], &[]));
        assert_eq!(file, MbFile::default());
    }

    #[test]
    fn the_last_of_equal_keys_counts_for_both_readers() {
        // The two keys differ in one letter; making them equal keeps the layout.
        let mut blob = archive(&[("Size", 1_u64.into()), ("Sizf", 2_u64.into())], &[]);
        let offset = blob
            .windows(4)
            .position(|window| window == b"Sizf")
            .unwrap();
        blob[offset + 3] = b'e';
        assert_eq!(both(&blob).size, Some(2));
    }

    #[test]
    fn keys_in_utf16_go_to_the_crate() {
        let mut blob = archive(&[("S\u{131}ze", 5_u64.into())], &[]);
        let offset = blob
            .windows(2)
            .position(|pair| pair == [0x01, 0x31])
            .unwrap();
        blob[offset..offset + 2].copy_from_slice(&[0, b'i']);
        assert_eq!(borrowed(&blob), None);
        assert_eq!(decode(&blob).unwrap().size, Some(5));
    }

    #[test]
    fn what_is_no_archive_is_not_decoded() {
        let whole = archive(&[("Size", 1_u64.into())], &[]);
        for blob in [&b""[..], b"bplist00", &[0; 600], &whole[..whole.len() - 1]] {
            assert_eq!(decode(blob), None);
        }
        assert_eq!(decode(&vec![0; (1 << 20) + 1]), None);
    }

    /// A record with a digest and a key behind references, with this size and in this folder; as long as those
    /// of devices, whose offsets have two bytes.
    fn record(size: u64, folder: &str) -> Vec<u8> {
        let uid = |index| Value::Uid(Uid::new(index));
        let path = format!("Library/Application Support/{folder}/file.dat");
        let sealed = [&[3, 0, 0, 0][..], &[size as u8; 40]].concat();
        let wrapped = Dictionary::from_iter([("NS.data".to_owned(), Value::Data(sealed))]);
        archive(
            &[
                ("RelativePath", uid(2)),
                ("Size", size.into()),
                ("Digest", uid(3)),
                ("EncryptionKey", uid(4)),
                ("Flags", 0.into()),
            ],
            &[
                path.into(),
                Value::Data(vec![size as u8; 20]),
                wrapped.into(),
            ],
        )
    }

    #[test]
    fn a_record_is_laid_out_like_one_with_other_values() {
        let mut decoder = Decoder::default();
        assert!(!decoder.knows(&record(1, "a")));
        assert_eq!(decoder.decode(&record(1, "a")).unwrap().size, Some(1));
        for (size, folder) in [(2, "b"), (70_000, "a/longer/path"), (1 << 40, "")] {
            let blob = record(size, folder);
            assert!(decoder.knows(&blob));
            let file = decoder.decode(&blob).unwrap();
            assert_eq!(file.size, Some(size as i64));
            assert_eq!(file.digest, Some([size as u8; 20]));
            assert_eq!(file.key.unwrap().wrapped, [size as u8; 40]);
            assert_eq!(file.key.unwrap().class, 3);
        }
        let other = archive(&[("Size", 1_u64.into()), ("Flags", 2_u64.into())], &[]);
        assert!(!decoder.knows(&other));
        assert_eq!(decoder.decode(&other).unwrap().st_flags, Some(2));
        // Both are known now.
        assert!(decoder.knows(&other) && decoder.knows(&record(9, "c")));
    }

    #[test]
    fn any_one_changed_byte_is_noticed_or_is_in_a_value() {
        let blob = record(70_000, "a");
        let mut decoder = Decoder::default();
        for offset in 0..blob.len() {
            for value in 0..=255 {
                let mut changed = blob.clone();
                changed[offset] = value;
                // Of the whole one it knows the layout every time.
                decoder.borrowed(&blob);
                assert!(decoder.knows(&blob));
                let alone = borrowed(&changed);
                assert_eq!(
                    decoder.borrowed(&changed),
                    alone,
                    "byte {offset} = {value:#x}"
                );
            }
        }
    }

    /// The same blob with a copy of its table before all objects: where its trailer begins, and where it says
    /// that the table is.
    fn with_two_tables(blob: &[u8]) -> (Vec<u8>, usize) {
        let trailer = blob.len() - 32;
        let place = &blob[trailer + 24..];
        let table = u64::from_be_bytes(place.try_into().unwrap()) as usize;
        let entries = blob[table..trailer].as_chunks().0.iter();
        let more = (trailer - table) as u16;
        let moved: Vec<u8> = entries
            .flat_map(|entry| (u16::from_be_bytes(*entry) + more).to_be_bytes())
            .collect();
        let mut both = [
            &blob[..8],
            &moved,
            &blob[8..table],
            &moved,
            &blob[trailer..],
        ]
        .concat();
        let end = both.len();
        let table = table as u64 + u64::from(more);
        both[end - 8..].copy_from_slice(&table.to_be_bytes());
        (both, end - 32)
    }

    #[test]
    fn what_lies_behind_the_table_is_no_object() {
        let (blob, trailer) = with_two_tables(&record(70_000, "a"));
        let mut decoder = Decoder::default();
        assert_eq!(decoder.borrowed(&blob).unwrap().size, Some(70_000));
        let mut early = blob.clone();
        early[trailer + 24..].copy_from_slice(&8_u64.to_be_bytes());
        assert_eq!(borrowed(&early), None);
        assert_eq!(decoder.borrowed(&early), None);
        assert!(!decoder.knows(&early) && decoder.knows(&blob));
    }

    #[test]
    fn objects_behind_the_end_of_the_table_are_none() {
        // The size is the object that the version is, which stands before all keys of the record.
        let blob = archive(&[("Size", 100_000_u64.into())], &[]);
        let trailer = blob.len() - 32;
        let mut decoder = Decoder::default();
        decoder.borrowed(&blob).unwrap();
        let count = u64::from_be_bytes(blob[trailer + 8..trailer + 16].try_into().unwrap());
        for fewer in 0..count {
            let mut blob = blob.clone();
            blob[trailer + 8..trailer + 16].copy_from_slice(&fewer.to_be_bytes());
            let alone = borrowed(&blob);
            assert_eq!(decoder.borrowed(&blob), alone, "{fewer}");
        }
    }

    #[test]
    fn mutated_blobs_never_panic_and_never_get_two_answers() {
        let blob = archive(
            &[
                ("Size", 70_000_u64.into()),
                ("Digest", Value::Uid(Uid::new(2))),
                ("Flags", 0.into()),
            ],
            &[Value::Data(vec![3; 20]), "text".into()],
        );
        for offset in 0..blob.len() {
            for value in [0, 1, 0x0f, 0x10, 0x5f, 0x80, 0xd1, 0xff] {
                let mut blob = blob.clone();
                blob[offset] = value;
                if let (Some(fast), Some(slow)) = (borrowed(&blob), through_crate(&blob)) {
                    assert_eq!(fast, slow, "byte {offset} = {value:#x}");
                }
            }
        }
    }
}
