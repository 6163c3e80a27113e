//! All end-to-end tests in one binary: they run the real program on folders that the builder makes.

#[path = "../support/mod.rs"]
mod support;

mod harness;

mod builder;
mod real;
mod samples;
mod tidy;
