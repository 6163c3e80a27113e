//! The files that Apple writes, whatever their bytes are.

mod hostile;
pub mod mutants;
mod properties;
mod readers;
mod real;
mod untrusted;
