//! Judges local iPhone and iPad backups: which are complete, which never finished, which are
//! damaged.
//!
//! Data flows one way, each step a plain function from values to values:
//!
//! ```text
//! discover → look (read + measure + compare + contents) → verify → cover → plan → advise → render
//! ```
//!
//! [`discover`], [`read`], [`measure`], [`contents`] and [`look`] do I/O and never judge; [`compare`],
//! [`verify`], [`plan`] and [`advise`] judge and never do I/O. Only [`scan`] knows the order. Start
//! with [`model`], the vocabulary.
//!
//! "F§n" in comments cites the section of `src/facts/format.md`, the notes on the format, that a fact
//! comes from; "contract" the promises to users about verdicts, finding ids, JSON and exit codes.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

// From below: a module uses only those above it; held by tests/all/tidy.rs.

// What everything is said in.
pub mod model;
pub mod secret;

// Ways to what lies outside: the system, passwords, the ledger.
pub mod means;
pub mod platform;

// What is known without a backup, and what is kept.
pub mod config;
pub mod crypto;
pub mod databases;
pub mod document;
pub mod groups;
pub mod human;
pub mod keepsakes;
pub mod names;
pub mod places;
pub mod products;
pub mod progress;
pub mod shell;
pub mod state;
pub mod textfile;

// Stages, each by itself; and the only code that removes.
pub mod compare;
pub mod cover;
pub mod describe;
pub mod losses;
pub mod measure;
pub mod read;
pub mod remove;
pub mod schedule;
pub mod verify;

// Stages that use others, and the keys of encrypted backups.
pub mod contents;
pub mod discover;
pub mod keyring;
pub mod plan;

// One backup from all sides, the devices that they are of, and why each stays.
pub mod devices;
pub mod look;
pub mod reasons;

// What to do about all of them.
pub mod advise;

// A whole scan, and what becomes of its report.
pub mod clean;
pub mod history;
pub mod redact;
pub mod scan;

// What people and programs read.
pub mod render;

// The process.
pub mod cli;
