//! The record blob, with both of its readers, and as the second of its layout. How to run it: `tests/fuzz/run`.

#![no_main]

#[allow(dead_code, reason = "each target uses its own part")]
#[path = "../../all/read/readers.rs"]
mod readers;

use bkscan::read::mbfile::Decoder;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    readers::decode_blob(bytes);
    let mut decoder = Decoder::default();
    let (one, other) = bytes.split_at(bytes.len() / 2);
    for part in [bytes, bytes, one, other, bytes] {
        readers::decode_after_others(&mut decoder, part);
    }
});
