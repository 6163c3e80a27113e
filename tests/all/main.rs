//! All end-to-end tests in one binary: they run the real program on folders that the builder makes.

// Some look at what only Linux has, and what they share is used by nobody elsewhere.
#![cfg_attr(not(target_os = "linux"), allow(dead_code, unused_imports))]

#[path = "../support/mod.rs"]
mod support;

#[macro_use]
mod harness;

mod advise;
mod builder;
mod clean;
mod cli;
mod contents;
mod cover;
mod crypto;
mod facts;
mod find;
mod licences;
mod mend;
mod plan;
mod read;
mod readme;
mod render;
mod samples;
mod scan;
mod state;
mod system;
mod tidy;
mod verify;
mod words;
