//! Known answers are written in hex digits, as their sources have them.

/// Reads hex digits; spaces and line breaks among them do not count.
pub fn hex<const N: usize>(digits: &str) -> [u8; N] {
    let digits: Vec<u8> = digits
        .chars()
        .filter(|digit| !digit.is_whitespace())
        .map(|digit| digit.to_digit(16).unwrap() as u8)
        .collect();
    assert_eq!(digits.len(), 2 * N);
    std::array::from_fn(|index| digits[2 * index] << 4 | digits[2 * index + 1])
}
