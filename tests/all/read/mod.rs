//! The files that Apple writes, whatever their bytes are.

mod hostile;
mod properties;
mod readers;
mod real;
mod untrusted;
