//! Where a phase of a job runs: the engines of the crate `skew-engine`, the one for tests, and which of them runs a matrix.

mod choose;
mod fake;

pub use choose::{Chosen, choose, cleaners};
pub use fake::*;
pub use skew_engine::*;
