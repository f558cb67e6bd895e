//! Trouble of the infrastructure: a cell is begun again, after a pause, before it is given up as *infra*.

use std::time::{Duration, Instant};

use super::{Dispatcher, Place, Progress, Stage, StoreError, ending};
use crate::{
    engine::{EngineError, PhaseEnd},
    observation::Status,
    report::State,
};

/// What went wrong in a phase, which says nothing about its cell.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    cause: String,
    /// It may be gone after a pause.
    passes: bool,
    /// The agent itself died, perhaps of what the scenario in flight did.
    died: bool,
    /// It was killed for its memory: a cgroup may kill all that is in it, not the scenario alone.
    oom: bool,
}

impl Trouble {
    pub(super) fn passing(cause: String) -> Self {
        Self { cause, passes: true, died: false, oom: false }
    }

    pub(super) fn lasting(cause: String) -> Self {
        Self { cause, passes: false, died: false, oom: false }
    }

    pub(super) fn of_engine(error: &EngineError) -> Self {
        let passes = match error {
            EngineError::Unreachable { .. }
            | EngineError::Docker { .. }
            | EngineError::NoCluster { .. }
            | EngineError::Kubernetes { .. }
            | EngineError::Start { .. }
            | EngineError::Pod { .. }
            | EngineError::Io { .. } => true,
            EngineError::Line | EngineError::Cancelled | EngineError::Unsupported { .. } => false,
        };
        Self { cause: error.to_string(), passes, died: false, oom: false }
    }

    pub(super) fn of_death(end: &PhaseEnd) -> Self {
        Self { cause: agent_death(end), passes: !end.oom_killed, died: true, oom: end.oom_killed }
    }
}

impl Dispatcher<'_> {
    /// Begins a cell again, or gives it up. What it answered already is kept.
    pub(super) fn trouble(&mut self, number: usize, trouble: Trouble) -> Result<(), StoreError> {
        let (retries, pause) = self.drive.retries;
        let cell = &mut self.cells[number];
        let scenario = cell.open.take().map(|open| cell.scenarios[open.place]).filter(|_| trouble.died);
        // Imports that take all memory do so again.
        let passes = trouble.passes || (trouble.oom && scenario.is_some());
        let again = passes && self.interrupts == 0 && retries > 0;
        let blamed = scenario.filter(|scenario| cell.suspect.replace(*scenario) == Some(*scenario));
        if let Some(scenario) = blamed.filter(|_| again) {
            self.blame(number, scenario, &trouble)?;
        } else if !again || cell.attempts == retries {
            return self.close(number, State::Infra, Some(trouble.cause));
        } else {
            let pause = pause * 4u32.saturating_pow(cell.attempts);
            cell.attempts += 1;
            cell.after = Some(Instant::now() + pause);
            self.reporter.progress(&Progress::Retrying { cell: number, cause: &trouble.cause, pause });
        }
        let cell = &mut self.cells[number];
        let open: Vec<bool> = cell.complete.iter().map(|complete| !complete).collect();
        cell.keep(&open);
        cell.steps.clear();
        cell.provisioned = None;
        cell.facts.imports.clear();
        cell.violation = None;
        self.put(number, Stage::Waiting);
        Ok(())
    }

    /// The agent died twice during the same scenario: that is the scenario's doing, and all others go on without it.
    fn blame(&mut self, number: usize, scenario: usize, trouble: &Trouble) -> Result<(), StoreError> {
        let cell = &mut self.cells[number];
        cell.suspect = None;
        let place = cell.scenarios.iter().position(|known| *known == scenario);
        let status = if trouble.oom { Status::Oom } else { Status::Protocol };
        let ending = ending(status, Some(format!("twice while it ran, {}", trouble.cause)));
        self.store.outcome(Place { run: &self.drive.run, cell: number, scenario }, 0, &ending, &[], &[])?;
        self.reporter.progress(&Progress::Outcome { cell: number, scenario, repeat: 0, ending: &ending, observations: &[], missing: &[] });
        if let Some(place) = place {
            self.cells[number].ended[place] = true;
            self.complete(number, place)?;
        }
        Ok(())
    }
}

/// Why an agent ended before its job did.
fn agent_death(end: &PhaseEnd) -> String {
    let stderr = end.stderr.trim();
    let last = stderr.lines().last().unwrap_or_default();
    match (end.oom_killed, last.is_empty()) {
        (true, _) => "the agent was killed for the cell's memory limit; raise `limits.memory`".to_owned(),
        (false, true) => format!("the agent died with code {}", end.code),
        (false, false) => format!("the agent died with code {}: {last}", end.code),
    }
}

/// How long to wait before a cell is begun again for the first time; each further pause is four times as long.
pub(in crate::run) const PAUSE: Duration = Duration::from_secs(2);
