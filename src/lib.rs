//! Judges local iPhone and iPad backups: which are complete, which never finished, which are
//! damaged.
//!
//! Data flows one way, each step a plain function from values to values:
//!
//! ```text
//! find → read → measure → compare → contents → verify → cover → plan → advise → render
//! ```
//!
//! [`find`], [`read`], [`measure`] and [`contents`] do I/O and never judge; [`compare`],
//! [`verify`], [`cover`], [`plan`] and [`advise`] judge and never do I/O. Only [`scan`] knows the
//! order; [`clean`] alone removes. Start with [`model`], the vocabulary.
//!
//! "F§n" in comments cites the section of `src/facts/format.md`, the notes on the format, that a fact
//! comes from; "contract" the promises to users about verdicts, finding ids, JSON and exit codes.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

// Read downward: a room uses only those above it; held by tests/all/tidy.rs.

// What everything is said in, and what is known without a backup.
pub mod crypto;
pub mod facts;
pub mod model;
pub mod system;
pub mod words;

// The stages: the first ones read, the others judge.
pub mod advise;
pub mod compare;
pub mod contents;
pub mod cover;
pub mod find;
pub mod measure;
pub mod plan;
pub mod read;
pub mod verify;

// A whole scan, and what becomes of its report.
pub mod clean;
pub mod render;
pub mod report;
pub mod scan;
pub mod state;

// The process.
pub mod cli;
