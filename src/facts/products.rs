//! Marketing names of devices by product type (F§15).

/// One line a product type: the type, a tab, the name.
const TABLE: &str = include_str!("products.tsv");

/// The name of a product type, such as `iPhone 15 Pro` for `iPhone16,1`.
pub fn name(product_type: &str) -> Option<&'static str> {
    rows()
        .find(|(known, _)| *known == product_type)
        .map(|(_, name)| name)
}

/// Whether this is the name of a product.
pub fn is_name(name: &str) -> bool {
    rows().any(|(_, known)| known == name)
}

/// What people call a device of this type: `iPhone`, `iPad`, `iPod touch`, else `device`.
pub fn kind(product_type: Option<&str>) -> &'static str {
    let families = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("iPod", "iPod touch"),
    ];
    let product_type = product_type.unwrap_or_default();
    let family = families
        .iter()
        .find(|(family, _)| product_type.starts_with(family));
    family.map_or("device", |(_, kind)| kind)
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.lines().filter_map(|line| line.split_once('\t'))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_type_is_there_once_and_has_a_name() {
        let mut seen = HashSet::new();
        for line in TABLE.lines() {
            let (product_type, name) = line.split_once('\t').unwrap_or_else(|| panic!("{line}"));
            let (family, numbers) =
                product_type.split_at(4 + 2 * usize::from(line.starts_with("iPh")));
            assert!(["iPhone", "iPad", "iPod"].contains(&family), "{line}");
            let (major, minor) = numbers.split_once(',').unwrap_or_else(|| panic!("{line}"));
            assert!(
                major.parse::<u8>().is_ok() && minor.parse::<u8>().is_ok(),
                "{line}"
            );
            assert!(name.starts_with(family) && name.trim() == name, "{line}");
            assert!(seen.insert(product_type), "{line} is there twice");
        }
        assert_eq!(seen.len(), 179);
    }

    #[test]
    fn known_devices_have_their_names() {
        for (product_type, expected) in [
            ("iPhone9,3", Some("iPhone 7")),
            ("iPhone15,4", Some("iPhone 15")),
            ("iPhone16,1", Some("iPhone 15 Pro")),
            ("iPhone17,3", Some("iPhone 16")),
            ("iPhone19,2", Some("iPhone 18 Pro")),
            ("iPhone19,3", Some("iPhone 18 Pro Max")),
            ("iPhone19,4", Some("iPhone Duo")),
            ("iPhone19,7", Some("iPhone 18 Pro Max")),
            ("iPad13,10", Some("iPad Pro 12.9-inch (5th generation)")),
            ("iPhone99,1", None),
            ("", None),
        ] {
            assert_eq!(name(product_type), expected, "{product_type}");
        }
    }
}
