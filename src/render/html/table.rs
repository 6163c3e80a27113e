//! The heads of tables.

use maud::{Markup, html};

pub use Column::{Numbers, Words};

/// A column by its name.
#[derive(Clone, Copy)]
pub enum Column {
    /// Of words.
    Words(&'static str),
    /// Of numbers, which stand on the right.
    Numbers(&'static str),
}

/// The names of the columns.
pub fn head(columns: &[Column]) -> Markup {
    html! {
        thead {
            tr {
                @for column in columns {
                    @match column {
                        Words(name) => th scope="col" { (name) },
                        Numbers(name) => th.number scope="col" { (name) },
                    }
                }
            }
        }
    }
}
