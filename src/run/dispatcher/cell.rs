//! A cell of a run, as the dispatcher knows it.

use std::{collections::HashSet, time::Instant};

use crate::{
    agent,
    compare::is_whole,
    engine::Mark,
    observation::{Fact, Observation},
    run::job::Identity,
    store::{CellFacts, Digest},
};

/// Where a cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Waiting,
    Provisioning,
    Ready,
    Executing,
    Finished,
}

/// A cell of the run.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) stage: Stage,
    pub(super) facts: CellFacts,
    pub(super) identity: Identity,
    /// Numbers of the scenarios that are to be run here; the agent counts in this list.
    pub(super) scenarios: Vec<usize>,
    /// For each of them whether an earlier outcome may serve.
    pub(super) uses: Vec<Use>,
    /// Numbers of those whose `when` is false here.
    pub(super) inapplicable: Vec<usize>,
    /// First phase's start.
    pub(super) began: Option<Instant>,
    pub(super) phase_began: Instant,
    pub(super) last_word: Instant,
    pub(super) steps: Vec<agent::Step>,
    pub(super) provisioned: Option<agent::Provisioned>,
    /// The digest of what decides in its environment, once that is there.
    pub(super) context: Option<Digest>,
    /// The execution in flight.
    pub(super) open: Option<Open>,
    /// Bytes of what the agent said outside of executions, roughly.
    pub(super) weight: usize,
    /// Places in `scenarios` that have an outcome.
    pub(super) ended: Vec<bool>,
    /// Places in `scenarios` that need not be run again, whatever happens.
    pub(super) complete: Vec<bool>,
    /// The place whose repeats come in.
    pub(super) current: Option<usize>,
    /// Its next repeat.
    pub(super) next: u32,
    /// The scenario in flight broke the protocol.
    pub(super) violation: Option<String>,
    /// The agent broke it, and is not listened to any more.
    pub(super) broken: Option<String>,
    pub(super) done: bool,
    /// Why it was stopped from here.
    pub(super) stopped: Option<String>,
    /// How often it was begun again after trouble.
    pub(super) attempts: u32,
    /// Not to be started before.
    pub(super) after: Option<Instant>,
    /// The scenario during which the agent died last.
    pub(super) suspect: Option<usize>,
    /// Name of the place that it is kept in.
    pub(super) kept: Option<String>,
    /// Where to read on in that place.
    pub(super) from: Option<Mark>,
}

/// An execution of which the end is not known yet.
#[derive(Debug)]
pub(super) struct Open {
    /// Place of its scenario in [`Cell::scenarios`].
    pub(super) place: usize,
    pub(super) repeat: u32,
    pub(super) observations: Vec<Observation>,
    /// Their names.
    names: HashSet<String>,
    /// Bytes that they take, roughly.
    weight: usize,
}

/// Bytes of observations, and of everything else, that one cell may hold: beyond what an honest agent sends, whose limit is
/// 352 MiB of text for a scenario.
pub(super) const HELD: usize = 2 << 30;

impl Open {
    pub(super) fn new(place: usize, repeat: u32) -> Self {
        Self { place, repeat, observations: Vec::new(), names: HashSet::new(), weight: 0 }
    }

    /// Takes an observation; or says why not.
    pub(super) fn take(&mut self, observation: Observation, weight: usize) -> Result<(), String> {
        self.weight = self.weight.saturating_add(weight);
        if self.weight > HELD {
            return Err(format!("observations of more than {} GiB", HELD >> 30));
        }
        if !self.names.insert(observation.name.clone()) {
            return Err(format!("two observations named {:.80}", observation.name));
        }
        if let Fact::Value(value) = &observation.fact
            && !is_whole(value)
        {
            return Err(format!("content that does not fit its dtype and shape, of {:.80}", observation.name));
        }
        self.observations.push(observation);
        Ok(())
    }
}

/// Whether an earlier outcome of a scenario may serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::run) enum Use {
    /// It may; without one the scenario is run.
    Earlier,
    /// It may not.
    Fresh,
    /// It may; without one the scenario is left out.
    OnlyEarlier,
}

/// What a cell starts with.
#[derive(Debug)]
pub(in crate::run) struct CellStart {
    /// State not-run to run it; anything else is final.
    pub(in crate::run) facts: CellFacts,
    /// Whether it is to run.
    pub(in crate::run) runs: bool,
    /// Numbers of the scenarios that apply, and whether an earlier outcome may serve.
    pub(in crate::run) scenarios: Vec<(usize, Use)>,
    /// Numbers of the others.
    pub(in crate::run) inapplicable: Vec<usize>,
    /// What it is recognised by.
    pub(in crate::run) identity: Identity,
}

impl Cell {
    pub(super) fn new(start: CellStart) -> Self {
        let now = Instant::now();
        Self {
            stage: if start.runs { Stage::Waiting } else { Stage::Finished },
            facts: start.facts,
            identity: start.identity,
            ended: vec![false; start.scenarios.len()],
            complete: vec![false; start.scenarios.len()],
            current: None,
            next: 0,
            scenarios: start.scenarios.iter().map(|(number, _)| *number).collect(),
            uses: start.scenarios.iter().map(|(_, use_)| *use_).collect(),
            inapplicable: start.inapplicable,
            began: None,
            phase_began: now,
            last_word: now,
            steps: Vec::new(),
            provisioned: None,
            context: None,
            open: None,
            weight: 0,
            violation: None,
            broken: None,
            done: false,
            stopped: None,
            attempts: 0,
            after: None,
            suspect: None,
            kept: None,
            from: None,
        }
    }

    /// Whether an execution may begin now: the same one anew, the next repeat, or a scenario that had none.
    pub(super) fn begins(&self, started: &agent::Started) -> bool {
        let (place, repeat) = (started.scenario as usize, started.repeat);
        match &self.open {
            Some(open) => open.place == place && open.repeat == repeat,
            None if self.current == Some(place) => repeat == self.next,
            None => repeat == 0 && self.ended.get(place) == Some(&false),
        }
    }

    /// Drops what is not to be run any more.
    pub(super) fn keep(&mut self, runs: &[bool]) {
        let pick = |number: &usize| runs.get(*number).copied().unwrap_or(true);
        let places: Vec<usize> = (0..self.scenarios.len()).filter(pick).collect();
        self.scenarios = places.iter().map(|&place| self.scenarios[place]).collect();
        self.uses = places.iter().map(|&place| self.uses[place]).collect();
        self.ended = vec![false; places.len()];
        self.complete = vec![false; places.len()];
        self.current = None;
    }
}
