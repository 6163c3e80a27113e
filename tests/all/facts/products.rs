//! The table of devices (F§15) against the samples: each of their types must be in it.

use std::fs;
use std::path::Path;

use bkscan::facts::products;
use plist::Value;

/// The samples in `testdata/` are of these devices, and the table calls them what Apple's software does.
#[test]
fn the_table_has_every_type_of_the_samples() {
    let backups = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/MobileSync/Backup");
    let mut lacking = Vec::new();
    let mut seen = 0;
    for entry in fs::read_dir(backups).unwrap() {
        let folder = entry.unwrap().path();
        let info = Value::from_file(folder.join("Info.plist")).unwrap();
        let info = info.as_dictionary().unwrap();
        let text = |key: &str| info[key].as_string().unwrap();
        let (product, name) = (text("Product Type"), text("Product Name"));
        let known = products::name(product);
        if known != Some(name) {
            lacking.push(format!("{product} is {known:?} in the table, not {name}"));
        }
        seen += 1;
    }
    assert_eq!(
        lacking, [""; 0],
        "src/facts/products.tsv lacks types of the samples"
    );
    assert_eq!(seen, 10);
}
