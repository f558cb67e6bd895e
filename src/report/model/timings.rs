//! Where the time of a run went. All times are wall time in seconds.

use serde::{Deserialize, Serialize};

/// Where the time of a run went. Cells run beside each other, so their times add up to more than the run took: to its length
/// times the cells that it executed at a time, less what was idle.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Timings {
    /// From the beginning of the run, its plan made, to the end of its last phase.
    pub wall: f64,
    /// Most cells that executed scenarios at one moment.
    pub executing: usize,
    /// Most environments that were made at one moment.
    pub provisioning: usize,
    /// What the places for executing cells did nothing for: `executing` times `wall`, less all executions.
    pub idle: f64,
    /// Cells in the order in which they began; those that an earlier run told of are not among them.
    pub cells: Vec<CellTimings>,
}

impl Timings {
    /// The sum of a time over all cells.
    pub fn sum(&self, time: impl Fn(&CellTimings) -> f64) -> f64 {
        self.cells.iter().map(time).sum()
    }
}

/// Where the time of a cell went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CellTimings {
    /// Id of the cell.
    pub cell: String,
    /// Making its environment.
    pub provision: f64,
    /// Between phases: its environment was there, and it waited for a place to execute in.
    pub waited: f64,
    /// Importing the axis packages, once.
    pub import: f64,
    /// Its scenarios, all repeats.
    pub scenarios: f64,
    /// What else its execution took: starting and ending container, interpreter and processes, and attempts that were lost.
    pub rest: f64,
    /// Its phases, those of every attempt, in order.
    pub phases: Vec<PhaseTimings>,
}

/// When a phase ran, in seconds since the run began.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PhaseTimings {
    /// It executed scenarios; otherwise it made an environment.
    pub executes: bool,
    /// When it began.
    pub from: f64,
    /// When it ended.
    pub to: f64,
}
