//! How cells end.

use super::{Dispatcher, Place, Progress, Stage, State, Status, StoreError};
use crate::{agent, observation::Ending, run::now};

impl Dispatcher<'_> {
    /// A cell that was stopped from here: by a signal it was simply not run; for silence it is infrastructure trouble.
    pub(super) fn stopped(&mut self, number: usize, cause: String) -> Result<(), StoreError> {
        let state = if self.interrupts > 0 { State::NotRun } else { State::Infra };
        self.close(number, state, Some(cause))
    }

    pub(super) fn close(&mut self, number: usize, state: State, cause: Option<String>) -> Result<(), StoreError> {
        let run = self.drive.run.clone();
        let cell = &mut self.cells[number];
        cell.facts.state = state;
        cell.facts.cause = cause;
        cell.facts.seconds = cell.began.map(|began| began.elapsed().as_secs_f64());
        if state == State::Infra {
            let missing: Vec<usize> = (0..cell.scenarios.len()).filter(|&place| !cell.ended[place]).collect();
            for place in missing {
                let ending = ending(Status::Infra, cell.facts.cause.clone());
                let place = Place { run: &run, cell: number, scenario: cell.scenarios[place] };
                self.store.outcome(place, 0, &ending, &[], &[])?;
            }
            cell.facts.hint = Some("run again; what is already made is reused".to_owned());
        }
        let told = (!matches!(state, State::Infra | State::NotRun)).then(now);
        self.finish(number, told.as_deref())
    }

    /// Nothing more happens in a cell. `told` is when what is known of it was told (RFC 3339).
    pub(super) fn finish(&mut self, number: usize, told: Option<&str>) -> Result<(), StoreError> {
        if matches!(self.cells[number].facts.state, State::Ran | State::ImportFailed) {
            self.inapplicable(number)?;
        }
        self.put(number, Stage::Finished);
        let cell = &self.cells[number];
        self.store.cell(&self.drive.run, number, &cell.facts, told)?;
        self.reporter.progress(&Progress::CellDone { cell: number, facts: &cell.facts });
        Ok(())
    }
}

pub(super) fn ending(status: Status, cause: Option<String>) -> Ending {
    Ending { cause, ..Ending::quiet(status, 0.0) }
}

/// Why a pre-import failed, in one line: the extracted cause before the exception.
pub(super) fn import_failure(imported: &agent::Imported) -> Option<String> {
    if let Some(signal) = &imported.died {
        return Some(format!("import {}: {signal}", imported.module));
    }
    let error = imported.error.as_ref()?;
    let message = error.cause.clone().unwrap_or_else(|| format!("{}: {}", error.type_name, error.message));
    Some(format!("import {}: {}", imported.module, message.lines().next().unwrap_or_default()))
}
