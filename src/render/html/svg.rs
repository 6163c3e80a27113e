//! Numbers in pictures.

/// A share as an attribute of SVG.
pub fn percent(part: f64) -> String {
    format!("{part:.3}%")
}
