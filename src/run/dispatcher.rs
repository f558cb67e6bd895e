//! Decides. One synchronous function takes what happened and returns what to do; it writes facts to the store and tells
//! the reporter, and touches neither engine nor clock beyond measuring.

mod cell;
mod close;
mod recall;
mod stages;
mod trouble;

use std::time::{Duration, Instant};

use cell::{Cell, HELD, Open, Stage};
pub(super) use cell::{CellStart, Use};
use close::{ending, import_failure};
use stages::Stages;
pub(super) use trouble::PAUSE;
use trouble::Trouble;

use super::event::{Action, Event, Progress, Reporter};
use crate::{
    agent,
    engine::{EngineError, Mark, PhaseEnd, PhaseKind},
    environment::{ProvisionFailure, classify},
    observation::{Ending, Status},
    report::State,
    store::{Place, Record, Span, Store, StoreError},
};

/// How a run is driven.
#[derive(Clone, Debug)]
pub(super) struct Drive {
    /// Id of the run.
    pub(super) run: String,
    /// Cells provisioned, and cells executed, at a time.
    pub(super) jobs: usize,
    /// Silence after which an executing cell is given up.
    pub(super) patience: Duration,
    /// Oldest outcome that may serve (RFC 3339); `None`: none may.
    pub(super) since: Option<String>,
    /// Most executions of one scenario.
    pub(super) repeats: u32,
    /// How often a cell is begun again after trouble of the infrastructure, and the first pause before that.
    pub(super) retries: (u32, Duration),
    /// Both phases of a cell run in the place that the first makes, one after the other.
    pub(super) keeps_cells: bool,
}

/// Decides for one run.
pub(super) struct Dispatcher<'a> {
    drive: Drive,
    began: Instant,
    cells: Vec<Cell>,
    stages: Stages,
    store: &'a mut Store,
    reporter: &'a mut dyn Reporter,
    interrupts: u32,
    /// The cell to start first.
    first: Option<usize>,
}

/// Seconds of silence after which a provisioning cell is given up; beyond the limit of one step.
const PROVISION_PATIENCE: Duration = Duration::from_mins(25);

impl<'a> Dispatcher<'a> {
    /// A dispatcher for `cells`.
    pub(super) fn new(drive: Drive, cells: Vec<CellStart>, store: &'a mut Store, reporter: &'a mut dyn Reporter) -> Self {
        let cells: Vec<Cell> = cells.into_iter().map(Cell::new).collect();
        let stages = Stages::new(&cells);
        Self { drive, began: Instant::now(), cells, stages, store, reporter, interrupts: 0, first: None }
    }

    /// Starts a cell before all others: with the baseline known, people can be told how the others compare as they end.
    pub(super) fn start_first(&mut self, cell: usize) {
        self.first = Some(cell);
    }

    /// The next cell at a stage, in plan order but for the first.
    fn next(&self, stage: Stage) -> Option<usize> {
        let now = Instant::now();
        let is_next = |cell: &usize| self.cells[*cell].after.is_none_or(|after| after <= now);
        let there = self.stages.at(stage);
        let first = self.first.filter(|cell| there.contains(cell) && is_next(cell));
        first.or_else(|| there.iter().copied().find(is_next))
    }

    /// Moves a cell on.
    fn put(&mut self, number: usize, stage: Stage) {
        let before = std::mem::replace(&mut self.cells[number].stage, stage);
        self.stages.moved(number, before, stage);
    }

    /// Takes in a cell that was left out so far.
    pub(super) fn add(&mut self, number: usize, start: CellStart) -> Result<(), StoreError> {
        self.store.cell(&self.drive.run, number, &start.facts, None)?;
        let cell = Cell::new(start);
        self.stages.moved(number, self.cells[number].stage, cell.stage);
        self.cells[number] = cell;
        self.recall_cell(number)
    }

    /// Makes what is stored last, when there is nothing else to do.
    pub(super) fn settle(&mut self) -> Result<(), StoreError> {
        self.store.settle()
    }

    /// What is stored of the run so far.
    pub(super) fn record(&self) -> Result<Record, StoreError> {
        self.store.load(&self.drive.run)
    }

    /// Whether nothing more will happen.
    pub(super) fn finished(&self) -> bool {
        self.stages.at(Stage::Finished).len() == self.cells.len()
    }

    /// Whether a signal came.
    pub(super) fn interrupted(&self) -> bool {
        self.interrupts > 0
    }

    /// The environment of a cell that is ready.
    pub(super) fn environment(&self, cell: usize) -> Option<&agent::Provisioned> {
        self.cells[cell].provisioned.as_ref()
    }

    /// Numbers of the scenarios that are to be run in a cell.
    pub(super) fn scenarios(&self, cell: usize) -> &[usize] {
        &self.cells[cell].scenarios
    }

    /// Numbers of those that are run however the environment turns out.
    pub(super) fn to_run(&self, cell: usize) -> Vec<usize> {
        let cell = &self.cells[cell];
        let runs = |(number, use_): (&usize, &Use)| (*use_ != Use::OnlyEarlier).then_some(*number);
        cell.scenarios.iter().zip(&cell.uses).filter_map(runs).collect()
    }

    /// What to start now. Environments are made a few cells ahead of execution, so that neither waits for the other.
    pub(super) fn schedule(&mut self) -> Vec<Action> {
        if self.interrupts > 0 {
            return Vec::new();
        }
        let mut actions = Vec::new();
        let jobs = self.drive.jobs;
        // A kept cell has its place already, and holds it until it ends.
        while (self.drive.keeps_cells || self.stages.at(Stage::Executing).len() < jobs)
            && let Some(cell) = self.next(Stage::Ready)
        {
            actions.push(self.start(cell, PhaseKind::Execute));
        }
        while self.taken() < jobs
            && self.stages.at(Stage::Ready).len() < 2 * jobs
            && let Some(cell) = self.next(Stage::Waiting)
        {
            actions.push(self.start(cell, PhaseKind::Provision));
        }
        actions
    }

    /// Places of those in which environments are made that are taken.
    fn taken(&self) -> usize {
        let kept = if self.drive.keeps_cells { self.stages.at(Stage::Executing).len() } else { 0 };
        self.stages.at(Stage::Provisioning).len() + kept
    }

    fn start(&mut self, number: usize, kind: PhaseKind) -> Action {
        let now = Instant::now();
        let cell = &mut self.cells[number];
        cell.began.get_or_insert(now);
        cell.phase_began = now;
        cell.last_word = now;
        cell.done = false;
        cell.weight = 0;
        match kind {
            PhaseKind::Provision => {
                self.put(number, Stage::Provisioning);
                self.reporter.progress(&Progress::Provisioning { cell: number });
            }
            PhaseKind::Execute => {
                self.put(number, Stage::Executing);
                self.reporter.progress(&Progress::Executing { cell: number });
            }
        }
        Action::Start(number, kind)
    }

    /// Takes what happened; returns what to do.
    pub(super) fn handle(&mut self, event: Event) -> Result<Vec<Action>, StoreError> {
        let mut actions = Vec::new();
        match event {
            Event::Interrupt => return Ok(self.interrupt()),
            Event::Tick => {
                actions = self.tick();
            }
            Event::Said { cell, kind, event, mark, weight, room } => {
                self.cells[cell].last_word = Instant::now();
                if self.cells[cell].broken.is_none() {
                    match kind {
                        PhaseKind::Provision => self.provision_said(cell, *event, weight),
                        PhaseKind::Execute => self.execute_said(cell, *event, mark, weight)?,
                    }
                    actions.extend(self.cells[cell].broken.as_ref().map(|_| Action::Stop(cell)));
                }
                drop(room);
                // Cells begin and end with phases, not with what is said in them.
                return Ok(actions);
            }
            Event::Garbled { cell, message } => {
                let heard = self.cells[cell].broken.is_none();
                self.violate(cell, message);
                actions.extend(self.cells[cell].broken.as_ref().filter(|_| heard).map(|_| Action::Stop(cell)));
            }
            Event::Ended { cell, kind, result } => {
                self.keep_time(cell, kind);
                match kind {
                    PhaseKind::Provision => {
                        self.provision_ended(cell, result)?;
                        if self.drive.keeps_cells && self.cells[cell].stage != Stage::Ready {
                            actions.push(Action::Leave(cell));
                        }
                    }
                    PhaseKind::Execute => self.execute_ended(cell, result)?,
                }
            }
        }
        actions.extend(self.schedule());
        Ok(actions)
    }

    /// Writes down when a phase ran that is over now.
    fn keep_time(&mut self, number: usize, phase: PhaseKind) {
        let cell = &mut self.cells[number];
        let since = |instant: Instant| (instant.duration_since(self.began).as_secs_f64() * 1000.0).round() / 1000.0;
        cell.facts.spans.push(Span { phase, from: since(cell.phase_began), to: since(Instant::now()) });
    }

    fn interrupt(&mut self) -> Vec<Action> {
        self.interrupts += 1;
        if self.interrupts > 1 {
            return vec![Action::Abandon];
        }
        self.reporter.progress(&Progress::Stopping);
        let mut actions = Vec::new();
        for number in 0..self.cells.len() {
            match self.cells[number].stage {
                Stage::Waiting | Stage::Ready => self.put(number, Stage::Finished),
                Stage::Provisioning | Stage::Executing => {
                    self.cells[number].stopped = Some("interrupted".to_owned());
                    actions.push(Action::Stop(number));
                }
                Stage::Finished => {}
            }
        }
        actions
    }

    fn tick(&mut self) -> Vec<Action> {
        self.reporter.progress(&Progress::Tick);
        let mut actions = Vec::new();
        for (number, cell) in self.cells.iter_mut().enumerate() {
            let patience = match cell.stage {
                // How long a cell waits for its place is the engine's to judge.
                Stage::Provisioning if self.drive.keeps_cells => continue,
                Stage::Provisioning => PROVISION_PATIENCE,
                Stage::Executing => self.drive.patience,
                Stage::Waiting | Stage::Ready | Stage::Finished => continue,
            };
            if cell.stopped.is_none() && cell.last_word.elapsed() > patience {
                cell.stopped = Some(format!("the agent was silent for {} s", patience.as_secs()));
                actions.push(Action::Stop(number));
            }
        }
        actions
    }

    fn provision_said(&mut self, number: usize, event: agent::Event, weight: usize) {
        if !self.belongs(number, weight) {
            return;
        }
        let cell = &mut self.cells[number];
        match event {
            agent::Event::Hello(hello) => cell.facts.hello = Some(hello),
            agent::Event::Step(step) => cell.steps.push(step),
            agent::Event::Provisioned(provisioned) => cell.provisioned = Some(provisioned),
            agent::Event::Done {} => cell.done = true,
            agent::Event::Imported(_) | agent::Event::Started(_) | agent::Event::Observed(_) | agent::Event::Ended(_) => {
                self.violate(number, "an event of another phase".to_owned());
            }
        }
    }

    fn provision_ended(&mut self, number: usize, result: Result<PhaseEnd, EngineError>) -> Result<(), StoreError> {
        let cell = &mut self.cells[number];
        if let Some(cause) = cell.stopped.take() {
            return self.stopped(number, cause);
        }
        if let Some(cause) = cell.broken.take() {
            return self.trouble(number, Trouble::lasting(cause));
        }
        let seconds = cell.phase_began.elapsed().as_secs_f64();
        (cell.kept, cell.from) = (None, None);
        let failure = match result {
            Ok(end) if cell.done && cell.provisioned.is_some() => {
                cell.kept = end.kept;
                None
            }
            Ok(end) if !cell.done => return self.trouble(number, Trouble::of_death(&end)),
            Ok(_) => Some(classify(&cell.steps)),
            Err(error) => return self.trouble(number, Trouble::of_engine(&error)),
        };
        match (failure, &cell.provisioned) {
            (None, Some(provisioned)) => {
                cell.facts.environment = Some(provisioned.digest.clone());
                cell.context = Some(cell.identity.context(&provisioned.digest));
                cell.facts.packages.clone_from(&provisioned.packages);
                cell.facts.uncut = provisioned.uncut;
                self.reporter.progress(&Progress::Provisioned { cell: number, environment: provisioned, seconds });
                self.put(number, Stage::Ready);
                self.recall_outcomes(number)
            }
            (None, None) => self.close(number, State::Infra, Some("the agent named no environment".to_owned())),
            (Some(ProvisionFailure::Unresolvable(cause)), _) => self.close(number, State::Unresolvable, Some(cause)),
            (Some(ProvisionFailure::InstallFailed(cause)), _) => self.close(number, State::InstallFailed, Some(cause)),
            (Some(ProvisionFailure::Infra(cause)), _) => self.trouble(number, Trouble::passing(cause)),
        }
    }

    fn execute_said(&mut self, number: usize, event: agent::Event, mark: Option<Mark>, weight: usize) -> Result<(), StoreError> {
        // Observations and endings are not kept for longer than their execution.
        let kept = if matches!(event, agent::Event::Hello(_) | agent::Event::Imported(_)) { weight } else { 0 };
        if !self.belongs(number, kept) {
            return Ok(());
        }
        let repeats = self.drive.repeats;
        let cell = &mut self.cells[number];
        match event {
            agent::Event::Hello(hello) => cell.facts.hello = Some(hello),
            agent::Event::Imported(imported) => cell.facts.imports.push(imported),
            agent::Event::Started(started) => match cell.scenarios.get(started.scenario as usize) {
                // A crash or a hang in a fork is tried again in a fresh process: the last beginning counts.
                Some(&scenario) if started.repeat < repeats && cell.begins(&started) => {
                    let place = started.scenario as usize;
                    cell.open = Some(Open::new(place, started.repeat));
                    cell.violation = None;
                    let before = cell.current.replace(place).filter(|before| *before != place);
                    if let Some(before) = before {
                        self.complete(number, before)?;
                        self.remember(number, mark)?;
                    }
                    self.reporter.progress(&Progress::Started { cell: number, scenario });
                }
                Some(_) | None => self.violate(number, "a scenario that was not asked for".to_owned()),
            },
            agent::Event::Observed(observed) => match &mut cell.open {
                Some(open) if open.place == observed.scenario as usize && open.repeat == observed.repeat => {
                    if cell.violation.is_none()
                        && let Err(message) = open.take(observed.observation, weight)
                    {
                        self.violate(number, message);
                    }
                }
                Some(_) | None => self.violate(number, "an observation outside its scenario".to_owned()),
            },
            agent::Event::Ended(ended) => match cell.open.take() {
                Some(open) if open.place == ended.scenario as usize && open.repeat == ended.repeat => {
                    self.outcome(number, &open, ended.ending, &ended.missing)?;
                }
                other => {
                    cell.open = other;
                    self.violate(number, "an end without a beginning".to_owned());
                }
            },
            agent::Event::Done {} if cell.open.is_some() => self.violate(number, "done, with a scenario in flight".to_owned()),
            agent::Event::Done {} => {
                cell.done = true;
                if let Some(last) = cell.current.take() {
                    self.complete(number, last)?;
                    self.remember(number, mark)?;
                }
            }
            agent::Event::Step(_) | agent::Event::Provisioned(_) => self.violate(number, "an event of another phase".to_owned()),
        }
        Ok(())
    }

    fn outcome(&mut self, number: usize, open: &Open, mut ending: Ending, missing: &[String]) -> Result<(), StoreError> {
        let (place, repeat) = (open.place, open.repeat);
        let cell = &mut self.cells[number];
        let scenario = cell.scenarios[place];
        cell.ended[place] = true;
        cell.next = repeat.saturating_add(1);
        let observations = match cell.violation.take() {
            // What was observed while foreign lines came in cannot be told from forgery.
            Some(violation) => {
                ending.status = Status::Protocol;
                ending.cause = Some(violation);
                &[][..]
            }
            None => &open.observations[..],
        };
        let place = Place { run: &self.drive.run, cell: number, scenario };
        self.store.outcome(place, repeat, &ending, observations, missing)?;
        self.reporter.progress(&Progress::Outcome { cell: number, scenario, repeat, ending: &ending, observations, missing });
        Ok(())
    }

    /// All repeats of a scenario are in: they serve whoever comes to the same point.
    fn complete(&mut self, number: usize, place: usize) -> Result<(), StoreError> {
        let cell = &mut self.cells[number];
        let (Some(context), true) = (&cell.context, cell.ended[place]) else { return Ok(()) };
        cell.complete[place] = true;
        let scenario = cell.scenarios[place];
        let done = jiff::Timestamp::now().as_second();
        self.store.complete(Place { run: &self.drive.run, cell: number, scenario }, context, cell.identity.scenario(scenario), done)
    }

    fn execute_ended(&mut self, number: usize, result: Result<PhaseEnd, EngineError>) -> Result<(), StoreError> {
        let cell = &mut self.cells[number];
        if let Some(cause) = cell.stopped.take() {
            return self.stopped(number, cause);
        }
        let broken = cell.broken.take().map(Trouble::lasting);
        let trouble = match result {
            _ if broken.is_some() => broken,
            Ok(_) if cell.done && cell.ended.contains(&false) => {
                Some(Trouble::lasting("the agent ended without running every scenario".to_owned()))
            }
            Ok(_) if cell.done => None,
            Ok(end) => Some(Trouble::of_death(&end)),
            Err(error) => Some(Trouble::of_engine(&error)),
        };
        if let Some(trouble) = trouble {
            return self.trouble(number, trouble);
        }
        let failed = cell.facts.imports.iter().find_map(import_failure);
        let state = if failed.is_some() { State::ImportFailed } else { State::Ran };
        self.close(number, state, failed)
    }

    /// Whether an agent may still say something, and as much as this.
    fn belongs(&mut self, number: usize, weight: usize) -> bool {
        let cell = &mut self.cells[number];
        cell.weight = cell.weight.saturating_add(weight);
        if cell.done {
            self.violate(number, "something after the end".to_owned());
        } else if cell.weight > HELD {
            self.violate(number, format!("events of more than {} GiB", HELD >> 30));
        } else {
            return true;
        }
        false
    }

    /// What does not belong: the scenario in flight is the only one that can have said it. With none in flight the agent
    /// itself cannot be trusted any more.
    fn violate(&mut self, number: usize, message: String) {
        let cell = &mut self.cells[number];
        match &mut cell.open {
            Some(open) => {
                // Nothing of it will count.
                open.observations = Vec::new();
                cell.violation.get_or_insert(message);
            }
            None => drop(cell.broken.get_or_insert_with(|| format!("the agent broke the protocol: {message}"))),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
