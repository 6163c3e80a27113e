//! What bkscan remembers.

mod remembering;
