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

// Read downward: a room uses only those above it (tests/all/tidy.rs holds that).

// The vocabulary: plain data that the stages hand to each other. Start here.
pub mod model;

// All that differs between operating systems.
pub mod system;

// What is known without looking at a backup; format.md has the notes on the format.
pub mod facts;

// Numbers, commands and nightly jobs in words.
pub mod words;

// Keys from passwords, and what they open.
pub mod crypto;

// Stages that look and never judge: the files that Apple writes.
pub mod read;

// Which folders are backups. It reads an Info.plist, to tell one from a program.
pub mod find;

// What is on the disk.
pub mod measure;

// Stages that judge and never look: the manifest against the disk.
pub mod compare;

// The one stage between: payloads, read to their end.
pub mod contents;

// Findings and verdict: a check is a row of data and a function.
pub mod verify;

// One backup against another.
pub mod cover;

// What may go, and why.
pub mod plan;

// What the owner of the backups can do.
pub mod advise;

// The order of the stages, and nothing else.
pub mod scan;

// What bkscan remembers from run to run.
pub mod state;

// What goes through the one door to removal; `remove` in it is the only code that removes.
pub mod clean;

// What becomes of the report of a scan: the document, earlier runs, names taken out.
pub mod report;

// What people and programs read.
pub mod render;

// The process: the only room that prints and asks the clock.
pub mod cli;
