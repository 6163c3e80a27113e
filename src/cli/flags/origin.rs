//! Where the value of an option comes from.

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// The configuration file, in this line.
    File(usize),
    /// An environment variable.
    Environment(String),
    /// It was typed.
    Typed,
}
