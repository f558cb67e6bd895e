//! The whole program, run as users run it, over tiny packages on an index of its own.
//!
//! They need Linux, a `python3` on PATH that skew supports, and uv. Nothing is fetched from outside, unless uv is neither
//! on PATH nor named by `SKEW_TEST_UV` nor in the user's cache: then the pinned one is, once, from the user's package
//! index.

#![expect(clippy::unwrap_used, reason = "tests")]

mod clock;
mod diff;
mod doctor;
mod expectations;
mod fake;
mod incremental;
mod init;
mod killed;
mod lint;
mod matrices;
mod mistakes;
mod outputs;
mod pins;
mod project;
mod room;
mod runner;
mod search;
mod secrets;
mod shards;
mod signals;
#[path = "../support/mod.rs"]
mod support;
mod surroundings;
mod tour;
mod trouble;
mod unreleased;
mod update;
mod weekly;
