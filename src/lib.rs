//! `skew` measures version skew: it runs the same Python scenarios in every cell of a version matrix, records what
//! they observe, compares the cells, and renders the compatibility table.
//!
//! Data goes one way: [`matrix`] → [`index`] → [`plan`] → [`run`] → [`store`] → [`compare`] → [`analysis`] → [`report`].
//! `docs/ARCHITECTURE.md` says what each part promises and what it refuses to do.

// Made-up reports are shared with the tests in the browser, where this crate goes by its name.
#[cfg(test)]
extern crate self as skew;

pub mod agent;
pub mod analysis;
pub mod cli;
pub mod compare;
pub mod doctor;
pub mod engine;
pub mod environment;
pub mod error;
pub mod expected;
pub mod index;
pub mod lint;
pub mod matrix;
pub mod observation;
mod parallel;
pub mod plan;
pub mod report;
pub mod run;
pub mod scenario;
pub mod store;
pub mod update;
