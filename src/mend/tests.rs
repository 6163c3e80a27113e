//! Tests of the parts of a mend that need no backup.

use crate::model::{Example, FileId};

use super::gone::Gone;
use crate::mendable::LostRow;

fn row(file_id: Option<&str>) -> LostRow {
    LostRow {
        file: Example {
            file_id: file_id.map(str::to_owned),
            ..Example::default()
        },
        reason: "file-missing",
    }
}

#[test]
fn a_row_goes_by_its_file_id_however_it_is_spelled() {
    let id = "3d0d7e5fb2ce288813306e4d4636395e047a3d28";
    let other = "12b144c0bd44f2b3dffd9186d3f9c05b917cee25";
    let gone = Gone::of(&[row(Some(&id.to_uppercase())), row(Some("no id")), row(None)]);
    assert!(gone.has(FileId::parse(id.as_bytes()).unwrap()));
    for required in [true, false] {
        assert!(gone.takes(Some(id.as_bytes()), required));
        assert!(!gone.takes(Some(other.as_bytes()), required));
        // Of a row that requires a payload and has no fileID, there can be none.
        assert_eq!(gone.takes(Some(b"no id"), required), required);
        assert_eq!(gone.takes(None, required), required);
    }
}
