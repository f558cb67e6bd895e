//! Everything that can happen during a run, everything that can be done about it, and what is told of it.

use tokio::sync::OwnedSemaphorePermit;

use crate::{
    agent,
    engine::{EngineError, Mark, PhaseEnd, PhaseKind},
    observation::{Ending, Observation},
    store::CellFacts,
};

/// Something happened. The `select!` of the run only builds these; [`super::dispatcher`] alone decides.
#[derive(Debug)]
pub(super) enum Event {
    /// A signal asks to stop; the second one asks to stop at once.
    Interrupt,
    /// An agent said something.
    Said {
        /// Number of the cell.
        cell: usize,
        /// Phase it is in.
        kind: PhaseKind,
        /// What it said.
        event: Box<agent::Event>,
        /// Where it begins, if it can be read on from there.
        mark: Option<Mark>,
        /// Bytes that this takes, roughly.
        weight: usize,
        /// Its part of what may wait to be handled; given back when it is.
        room: Option<OwnedSemaphorePermit>,
    },
    /// An agent wrote a line that is not the protocol.
    Garbled {
        /// Number of the cell.
        cell: usize,
        /// What is wrong with it.
        message: String,
    },
    /// A phase is over.
    Ended {
        /// Number of the cell.
        cell: usize,
        /// Which phase.
        kind: PhaseKind,
        /// How.
        result: Result<PhaseEnd, EngineError>,
    },
    /// A second went by.
    Tick,
}

impl Event {
    /// What an agent says with a line.
    pub(super) fn said(
        cell: usize,
        kind: PhaseKind,
        line: agent::Line<'_>,
        mark: Option<Mark>,
        room: Option<OwnedSemaphorePermit>,
    ) -> Self {
        match line.read() {
            Ok(event) => Self::Said { cell, kind, event: Box::new(event), mark, weight: line.weight(), room },
            Err(error) => Self::Garbled { cell, message: format!("a line that is not the protocol: {error}") },
        }
    }
}

/// Something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Start a phase of a cell.
    Start(usize, PhaseKind),
    /// Stop what runs in a cell.
    Stop(usize),
    /// Give up the place of a cell in which nothing more runs.
    Leave(usize),
    /// Leave without waiting for anything.
    Abandon,
}

/// What people are told while a run goes on. Cells and scenarios are numbers in the plan.
#[derive(Debug)]
pub enum Progress<'a> {
    /// An environment is being made.
    Provisioning {
        /// Cell.
        cell: usize,
    },
    /// An environment is there.
    Provisioned {
        /// Cell.
        cell: usize,
        /// What the agent said of it.
        environment: &'a agent::Provisioned,
        /// Seconds it took.
        seconds: f64,
    },
    /// Scenarios begin in a cell.
    Executing {
        /// Cell.
        cell: usize,
    },
    /// A scenario begins.
    Started {
        /// Cell.
        cell: usize,
        /// Scenario.
        scenario: usize,
    },
    /// An execution of a scenario ended.
    Outcome {
        /// Cell.
        cell: usize,
        /// Scenario.
        scenario: usize,
        /// 0-based.
        repeat: u32,
        /// How.
        ending: &'a Ending,
        /// What it observed; of later repeats only what differs from the first.
        observations: &'a [Observation],
        /// Names that the first repeat observed and this one did not.
        missing: &'a [String],
    },
    /// Nothing more happens in a cell.
    CellDone {
        /// Cell.
        cell: usize,
        /// What became of it.
        facts: &'a CellFacts,
    },
    /// A cell is begun again after trouble of the infrastructure.
    Retrying {
        /// Cell.
        cell: usize,
        /// What went wrong.
        cause: &'a str,
        /// How long from now.
        pause: std::time::Duration,
    },
    /// The run is stopping.
    Stopping,
    /// A second went by.
    Tick,
}

/// Is told of progress; prints or draws, decides nothing.
pub trait Reporter: Send {
    /// Takes notice.
    fn progress(&mut self, progress: &Progress<'_>);
}

/// Tells nobody.
#[derive(Debug, Default)]
pub struct Silent;

impl Reporter for Silent {
    fn progress(&mut self, _: &Progress<'_>) {}
}

/// Tells several.
pub struct Fanout<'a>(pub Vec<&'a mut dyn Reporter>);

impl Reporter for Fanout<'_> {
    fn progress(&mut self, progress: &Progress<'_>) {
        for reporter in &mut self.0 {
            reporter.progress(progress);
        }
    }
}
