//! The one report model; every format renders it and nothing else.
//!
//! Renderers are pure: they take [`Results`] and give text. None of them runs, reads a store or prints.

pub mod atom;
pub mod badge;
mod build;
mod caption;
pub mod changes;
pub mod compact;
mod comparison;
pub mod csv;
pub mod doctor;
pub mod github;
mod grid;
pub mod guide;
pub mod history;
pub mod html;
pub mod json;
pub mod jsonl;
pub mod junit;
mod layout;
pub mod markdown;
pub(crate) mod model;
mod palette;
pub mod pins;
pub mod plan;
pub mod repro;
mod searched;
pub mod sentences;
mod since;
pub mod site;
pub mod svg;
pub mod terminal;
pub mod text;
mod unexpected;
pub mod update;
pub mod values;
pub mod yaml;

pub use build::{build, choose, since, timings};
pub use comparison::Comparison;
pub use grid::{Face, Grid, Line, grids};
pub use layout::{Dimension, Layout};
pub use model::*;
pub use palette::{BASELINE, Colors, FLAKY, Look, Mark};
pub use unexpected::{FailOn, differences, new_places, unexpected};

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
pub(crate) mod fixture;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
