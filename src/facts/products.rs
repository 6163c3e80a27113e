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

/// Whether a word has the form of a product type, such as `iPhone16,1`, which names nobody.
pub fn is_type(word: &str) -> bool {
    let rest = ["iPhone", "iPad", "iPod"]
        .iter()
        .find_map(|family| word.strip_prefix(family));
    let numbers = rest.and_then(|rest| rest.split_once(','));
    numbers.is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

/// Whether a word has the form of a version, such as `17.5.1`, which names nobody.
pub fn is_version(word: &str) -> bool {
    word.split('.').count() <= 4 && word.split('.').all(is_number)
}

/// Whether a word has the form of a build, such as `21F90` or `22A5282m`, which names nobody.
pub fn is_build(word: &str) -> bool {
    let Some((major, rest)) = word.split_once(|c: char| c.is_ascii_uppercase()) else {
        return false;
    };
    is_number(major)
        && is_number(
            rest.strip_suffix(|c: char| c.is_ascii_lowercase())
                .unwrap_or(rest),
        )
}

/// So few digits are no number of anything personal.
fn is_number(digits: &str) -> bool {
    (1..=5).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
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

/// What Apple calls the system of such a device in this version: that of iPads is iPadOS since its version 13.
pub fn system(product_type: Option<&str>, version: Option<&str>) -> &'static str {
    let major = version.and_then(|version| version.split('.').next()?.parse().ok());
    match (kind(product_type), major) {
        ("iPad", Some(13_u32..)) => "iPadOS",
        _ => "iOS",
    }
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
    fn words_about_a_device_are_told_from_those_that_may_be_anything() {
        let is: [fn(&str) -> bool; 3] = [is_type, is_version, is_build];
        for (word, expected) in [
            ("iPhone16,1", [true, false, false]),
            ("iPad13,16", [true, false, false]),
            ("17.5.1", [false, true, false]),
            ("9.1", [false, true, false]),
            ("18", [false, true, false]),
            ("21F90", [false, false, true]),
            ("22A5282m", [false, false, true]),
            ("Anna", [false; 3]),
            ("iPhoneAnna,1", [false; 3]),
            ("iPhone,", [false; 3]),
            ("4915550100778", [false; 3]),
            ("21F90anna", [false; 3]),
            ("", [false; 3]),
        ] {
            assert_eq!(is.map(|is| is(word)), expected, "{word}");
        }
    }

    #[test]
    fn the_system_of_ipads_has_its_own_name_since_13() {
        for (product_type, version, expected) in [
            (Some("iPad13,16"), Some("17.1"), "iPadOS"),
            (Some("iPad13,16"), Some("13"), "iPadOS"),
            (Some("iPad4,1"), Some("12.5.7"), "iOS"),
            (Some("iPad4,1"), Some("9.3.5"), "iOS"),
            (Some("iPad13,16"), Some("seventeen"), "iOS"),
            (Some("iPad13,16"), None, "iOS"),
            (Some("iPhone16,1"), Some("17.1"), "iOS"),
            (Some("iPod9,1"), Some("15.8"), "iOS"),
            (None, Some("17.1"), "iOS"),
        ] {
            assert_eq!(
                system(product_type, version),
                expected,
                "{product_type:?} {version:?}"
            );
        }
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
