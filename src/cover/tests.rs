//! Cases of what is held.
