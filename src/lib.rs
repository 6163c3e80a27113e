//! Judges local iPhone and iPad backups: which are complete, which never finished, which are
//! damaged; what each takes, and what can go because a newer one holds all of it.
//!
//! ```
//! use bkscan::{Monitor, ScanOptions, Sources, Verdict};
//!
//! let now = "2026-11-20T09:00:00Z".parse()?;
//! let options = ScanOptions::new(vec!["testdata/MobileSync".into()], now);
//! let report = bkscan::scan(&options, Sources::default(), &Monitor::silent())?;
//! for backup in &report.backups {
//!     let name = backup.device.name.as_deref().unwrap_or("a device without a name");
//!     println!("{name}: {}", backup.verdict.as_str());
//! }
//! let complete = report.backups.iter().filter(|backup| backup.verdict == Verdict::Complete);
//! assert_eq!((report.backups.len(), complete.count()), (10, 6));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A scan reads and never writes. [`ScanOptions`] says what to look at, [`Sources`] where passwords come
//! from and what earlier runs read, [`Monitor`] hears how far it is and can stop it; the [`Report`] has
//! everything that the screen and `--json` tell. Without the feature `cli`, which is on by default, the
//! library takes no part of the command line.
//!
//! # How it is built
//!
//! Data flows one way, each step a plain function from values to values:
//!
//! ```text
//! find → read → measure → compare → contents → verify → cover → plan → advise → render
//! ```
//!
//! `find`, `read`, `measure` and `contents` look and never judge; `compare`, `verify`, `cover`, `plan`
//! and `advise` judge and never look. Only `scan` knows the order; `clean::remove` alone removes.
//!
//! A room uses only those above it in this file, and no two files use each other (`tests/all/tidy.rs` holds
//! that). `model` is the vocabulary; start there. Unit tests stand beside the code (what may go: `src/plan`,
//! cases in words). `tests/all` has rooms of the same names and runs the real program on folders that
//! `tests/support` builds.
//!
//! "F§n" in comments cites the section of the notes on the [format](mod@format) that a fact comes from;
//! "contract" the promises to users about commands, verdicts, finding ids, JSON and exit codes, which are no
//! part of the source: `bkscan help` tells them.
//!
//! # How it is changed
//!
//! How to add a check stands in `src/verify/mod.rs`, how to make a sample in `testdata/README.md`. Texts for
//! users are the README, and the topics in `src/cli/topics`, which `bkscan help` shows and the manual has; a
//! new topic is a file there and a line in its `mod.rs`. An option is a row in `src/cli/flags/table.rs`. A new
//! dependency needs a licence of the list in `tests/all/licences.rs`, which is in `.ci/deny.toml`, too.
//!
//! What is shown is kept literally in the tests. These write it anew, and `git diff` shows what changed:
//!
//! ```text
//! BKSCAN_WRITE_SCREENS=1 cargo test --test all screens
//! SNAPSHOTS=overwrite cargo test --test all readme::
//! ```
//!
//! What must hold before a change lands:
//!
//! ```text
//! cargo fmt --check
//! cargo clippy --locked --all-targets -- -D warnings
//! RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
//! cargo test --locked
//! ```
//!
//! and what takes minutes:
//!
//! ```text
//! cargo test --locked --test all -- --ignored --test-threads 1 slow::
//! ```
//!
//! `bash .ci/run` runs all of it and more. With `BKSCAN_REAL=<folder with iphone7-ios14.3>` tests also look at
//! the manifest of an iPhone 7 with iOS 14.3 that the project mvt publishes.
//!
//! `rust-version` in `Cargo.toml` is the oldest compiler that builds it, which `.github/workflows/tests.yml` tries.
//! It is raised when something that is worth it needs that, in a release that raises the second number, and never
//! to a compiler that is less than six months old.
//!
//! # How a release is cut
//!
//! 1. Once: `repository` in `Cargo.toml` says where the project lives. It is the only place, and nothing is released
//!    as long as it is empty. Keys for signing are optional; `.ci/sign` says which.
//! 2. Raise `version` in `Cargo.toml`; `cargo build` carries it into `Cargo.lock`. Commit both.
//! 3. `bash .ci/run`. `bash .ci/package` packs a release for this system, and tries it.
//! 4. Start the workflow "Release" by hand: it builds and packs everything, and publishes nothing.
//! 5. `git tag -a v0.2.0`, with what changed for its users in the tag's message: that is the changelog. Push it: the
//!    same workflow attests where the files come from, and publishes them.
//! 6. `cargo publish --locked`. The release has a formula for Homebrew, and manifests for Scoop and winget, made from
//!    its sums (`.ci/manifests`): hand them in where they belong.
//!
//! Programs for static Linux on x86-64 and for macOS are built by `benches/pgo.sh`, guided by a profile. `.ci/release`
//! packs what is built, `.ci/deny.toml` says what may be in it.

#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used))]

// Read downward: a room uses only those above it (tests/all/tidy.rs holds that).

// The vocabulary: plain data that the stages hand to each other. Start here.
#[doc(hidden)]
pub mod model;

// All that differs between operating systems.
#[doc(hidden)]
pub mod system;

// What is known without looking at a backup; format.md has the notes on the format.
#[doc(hidden)]
pub mod facts;

// Numbers, commands and nightly jobs in words.
#[doc(hidden)]
pub mod words;

// Keys from passwords, and what they open.
#[doc(hidden)]
pub mod crypto;

// Stages that look and never judge: the files that Apple writes.
#[doc(hidden)]
pub mod read;

// Which folders are backups. It reads an Info.plist, to tell one from a program.
#[doc(hidden)]
pub mod find;

// What is on the disk.
#[doc(hidden)]
pub mod measure;

// Stages that judge and never look: the manifest against the disk.
#[doc(hidden)]
pub mod compare;

// The one stage between: payloads, read to their end.
#[doc(hidden)]
pub mod contents;

// Findings and verdict: a check is a row of data and a function.
#[doc(hidden)]
pub mod verify;

// Whether a damaged backup can be mended, and what is to be done.
#[doc(hidden)]
pub mod mendable;

// One backup against another.
#[doc(hidden)]
pub mod cover;

// What may go, and why.
#[doc(hidden)]
pub mod plan;

// What the owner of the backups can do.
#[doc(hidden)]
pub mod advise;

// The order of the stages, and nothing else.
#[doc(hidden)]
pub mod scan;

// What bkscan remembers from run to run.
#[doc(hidden)]
pub mod state;

// What goes through the one door to removal; `remove` in it is the only code that renames or removes.
#[doc(hidden)]
pub mod clean;

// A new backup from what can be read of a damaged one; `write` in it is the only code that makes one.
#[doc(hidden)]
pub mod mend;

// What becomes of the report of a scan: the document, earlier runs, names taken out.
#[doc(hidden)]
pub mod report;

// A report as screen, JSON, metrics, page.
#[doc(hidden)]
pub mod render;

// Arguments, settings, terminal, exit code: the only room that prints and asks the clock.
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;

#[doc = include_str!("facts/format.md")]
pub mod format {}

pub use model::options::ScanOptions;
pub use model::progress::Monitor;
pub use model::sources::Sources;
pub use model::{Report, Verdict};
pub use scan::{NoThreads, scan};
