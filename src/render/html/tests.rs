//! The page as text.
