//! Manifest.mbdb of iOS 9 and earlier (F§12).

use super::row::{Facts, Resolved};

/// What stands in place of a length where there is no string.
const NO_STRING: u16 = 0xffff;

/// Lists these rows.
pub fn manifest_mbdb(rows: &[Resolved]) -> Vec<u8> {
    let mut out = b"mbdb\x05\x00".to_vec();
    for row in rows {
        record(&mut out, &row.facts);
    }
    out
}

fn record(out: &mut Vec<u8>, facts: &Facts) {
    let is_file = facts.mode & 0o170_000 == 0o100_000;
    string(out, Some(facts.domain.as_bytes()));
    string(out, Some(&facts.path));
    string(out, facts.target.as_deref().map(str::as_bytes));
    string(out, facts.digest.as_ref().map(|(bytes, _)| &bytes[..]));
    string(out, facts.encryption_key.as_deref());
    let mode = u16::try_from(facts.mode).expect("16 bits of mode");
    out.extend_from_slice(&mode.to_be_bytes());
    out.extend_from_slice(&facts.inode.to_be_bytes());
    for number in [facts.uid, facts.gid] {
        let number = i32::try_from(number).expect("32 bits of user or group");
        out.extend_from_slice(&number.to_be_bytes());
    }
    let (modified, status_changed, born) = (facts.modified, facts.modified, facts.born);
    for seconds in [modified, status_changed, born] {
        let seconds = u32::try_from(seconds).expect("32 bits of time");
        out.extend_from_slice(&seconds.to_be_bytes());
    }
    let size = if is_file { facts.size } else { 0 };
    out.extend_from_slice(&size.to_be_bytes());
    let class = if is_file { facts.protection_class } else { 0 };
    out.push(u8::try_from(class).expect("8 bits of protection class"));
    let count = facts.extended_attributes.len();
    out.push(u8::try_from(count).expect("few attributes"));
    for (name, value) in &facts.extended_attributes {
        string(out, Some(name.as_bytes()));
        string(out, Some(value));
    }
}

fn string(out: &mut Vec<u8>, text: Option<&[u8]>) {
    let Some(text) = text else {
        out.extend_from_slice(&NO_STRING.to_be_bytes());
        return;
    };
    let len = u16::try_from(text.len())
        .ok()
        .filter(|len| *len != NO_STRING)
        .expect("a string of less than 65,535 bytes");
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(text);
}
