//! Judges local iPhone and iPad backups: which are complete, which never finished, which are
//! damaged.
//!
//! Data flows one way, each step a plain function from values to values:
//!
//! ```text
//! discover → look (read + measure + compare) → verify → plan → advise → render
//! ```
//!
//! [`discover`], [`read`], [`measure`] and [`look`] do I/O and never judge; [`compare`], [`verify`],
//! [`plan`] and [`advise`] judge and never do I/O. Only [`scan`] knows the order. Start with
//! [`model`], the vocabulary.
//!
//! "F§n" in comments cites the section of the format notes that a fact comes from; "contract" the
//! promises to users about verdicts, finding ids, JSON and exit codes.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

pub mod crypto;
pub mod means;
pub mod model;
pub mod secret;

pub mod config;
pub mod databases;
pub mod describe;
pub mod document;
pub mod groups;
pub mod human;
pub mod names;
pub mod places;
pub mod platform;
pub mod products;
pub mod progress;
pub mod shell;
pub mod state;
pub mod textfile;

pub mod compare;
pub mod discover;
pub mod measure;
pub mod plan;
pub mod read;
pub mod remove;
pub mod schedule;
pub mod verify;

pub mod contents;
pub mod devices;
pub mod keyring;

pub mod advise;

pub mod clean;
pub mod history;
pub mod look;
pub mod redact;
pub mod scan;

pub mod render;

pub mod cli;
