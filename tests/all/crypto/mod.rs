//! What a password opens.

mod unlock;
