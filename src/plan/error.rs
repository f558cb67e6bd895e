//! Why there is no plan.

use crate::{index::IndexError, matrix::Place};

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The file asks for what does not exist; all of it at once.
    #[error("{}", first(.0))]
    Problems(Vec<PlanProblem>),
    /// The index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// No cell is left that could run.
    #[error("{message}")]
    Empty {
        /// Why.
        message: String,
    },
    /// The machine has no markers: a mistake of the program.
    #[error("cannot evaluate markers for {machine}: {message}")]
    Markers {
        /// The machine.
        machine: String,
        /// Why not.
        message: String,
    },
}

/// Something that the file asks for and that does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanProblem {
    /// Where the file asks for it.
    pub place: Place,
    /// The offending text.
    pub text: String,
    /// What is wrong with it.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

fn first(problems: &[PlanProblem]) -> String {
    let more = problems.len().saturating_sub(1);
    let message = problems.first().map_or("", |problem| &problem.message);
    if more == 0 { message.to_owned() } else { format!("{message} (and {more} more)") }
}
