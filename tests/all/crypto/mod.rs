//! What a password opens.

mod layers;
mod unlock;
