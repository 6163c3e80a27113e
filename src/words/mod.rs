//! How things are said, whatever they are said of: numbers, commands to copy, nightly jobs. Pure.

pub mod numbers;
pub mod schedule;
pub mod shell;
pub mod unseen;

/// `a`, `a and b`, `a, b and c`.
pub fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
