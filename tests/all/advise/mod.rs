//! What its owner can do.

mod advice;
