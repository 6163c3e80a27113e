//! Manifest.plist. How to run it: `tests/fuzz/run`.

#![no_main]

#[allow(dead_code, reason = "each target uses its own part")]
#[path = "../../all/read/readers.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    readers::read_manifest_plist(bytes);
});
