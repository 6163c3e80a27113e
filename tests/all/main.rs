//! All end-to-end tests in one binary: they run the real program on folders that the builder makes.

#[path = "../support/mod.rs"]
mod support;

#[macro_use]
mod harness;

mod advice;
mod builder;
mod clean_cli;
mod clean_safety;
mod clean_screens;
mod configured;
mod contents;
mod diff;
mod discovery;
mod door;
mod findings;
mod frees;
mod healthy;
mod hostile;
mod invariant;
mod licences;
mod losses;
#[cfg(target_os = "linux")]
mod memory;
mod metrics;
mod nightly;
mod output;
mod page;
mod passwords;
mod permissions;
mod places;
mod properties;
mod quiet;
mod readers;
mod readme;
mod real;
mod reference;
mod remembering;
mod rules;
mod samples;
mod schedule;
mod screens;
mod secrets;
mod show;
mod signals;
mod tidy;
mod twins;
mod unlock;
mod untrusted;
