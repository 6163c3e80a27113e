//! How much of the payloads was read.

use crate::model::Contents;
use crate::words::numbers;

/// How much was read to its end, and with what it could be compared.
pub fn read_to_the_end(contents: &Contents) -> String {
    let Contents {
        all,
        read,
        by_digest,
        by_ledger,
        ..
    } = contents;
    let of_all = match read.bytes == all.bytes {
        true => String::new(),
        false => format!(" of {}", numbers::size(all.bytes)),
    };
    let compared = by_digest.bytes.saturating_add(by_ledger.bytes);
    let compared = [
        (by_digest.bytes, "compared with the device's checksums"),
        (by_ledger.bytes, "compared with an earlier run"),
        (
            read.bytes.saturating_sub(compared),
            "without anything to compare with",
        ),
    ];
    let compared: Vec<String> = compared
        .into_iter()
        .filter(|(bytes, _)| *bytes > 0)
        .map(|(bytes, how)| format!("{} {how}", numbers::size(bytes)))
        .collect();
    let size = numbers::size(read.bytes);
    match compared.is_empty() {
        true => format!("{size}{of_all}"),
        false => format!("{size}{of_all}; {}", compared.join(", ")),
    }
}
