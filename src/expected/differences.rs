//! What a report shows, as expectations speak of it: for each observation and each cell its effect, or that there is none.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{OF_CELLS, Range};
use crate::{
    analysis::rules,
    compare::Verdict,
    matrix::{AxisVersion, PythonVersion},
    observation::{Fact, Status},
    report::{Cell, ObservationReport, Results, Scenario, State, values},
};

/// All of a report.
pub(super) struct Differences<'a> {
    pub(super) results: &'a Results,
    /// The states of cells, then observations in the order of the report.
    pub(super) tracks: Vec<Track<'a>>,
    /// Distinct effects.
    pub(super) effects: Vec<Effect>,
    cells: Vec<(BTreeMap<String, AxisVersion>, Option<PythonVersion>)>,
    /// For each scenario and cell whether it says anything about the cell.
    answered: HashMap<&'a str, Vec<bool>>,
    /// Cells and executions without an answer that they may still give: cell, and scenario unless it is all of the cell.
    pending: HashSet<(usize, Option<&'a str>)>,
}

/// One observation over all cells, or (without a scenario) their states.
pub(super) struct Track<'a> {
    pub(super) scenario: Option<&'a str>,
    pub(super) observation: &'a str,
    pub(super) told: Vec<Told>,
    pub(super) silent: &'a [bool],
}

/// What is known of an observation in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing: it did not run, is flaky, does not apply, or a failed import broke it.
    Unknown,
    /// It behaves as in the baseline.
    Alike,
    /// It shows this effect, by its place in [`Differences::effects`].
    Shows(usize),
}

/// What differs from the baseline.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Effect {
    /// As rules tell it.
    pub(super) text: String,
    /// The value it comes to, where it is a value.
    pub(super) value: Option<String>,
    /// Whether it makes a run fail: it is *changed* or worse.
    pub(super) minded: bool,
}

impl<'a> Differences<'a> {
    pub(super) fn new(results: &'a Results) -> Self {
        let version = |(axis, version): (&String, &String)| {
            let version = if version == "none" { AxisVersion::None } else { AxisVersion::Release(version.parse().ok()?) };
            Some((axis.clone(), version))
        };
        let cells = results.cells.iter().map(|cell| (cell.axes.iter().filter_map(version).collect(), cell.python.parse().ok()));
        let mut known = Known::default();
        let states = results.cells.iter().map(|cell| state(cell.state, &mut known)).collect();
        let mut tracks = vec![Track { scenario: None, observation: "", told: states, silent: &[] }];
        for scenario in &results.scenarios {
            for observation in &scenario.observations {
                let told = track(observation, results, &mut known);
                tracks.push(Track { scenario: Some(&scenario.name), observation: &observation.name, told, silent: &observation.silent });
            }
        }
        let answered = results.scenarios.iter().map(|scenario| (scenario.name.as_str(), answered(results, scenario))).collect();
        Self { results, tracks, effects: known.effects, cells: cells.collect(), answered, pending: pending(results) }
    }

    /// Which cells a range takes in.
    pub(super) fn cells(&self, range: &Range) -> Vec<bool> {
        match range {
            Range::Everywhere => vec![true; self.cells.len()],
            Range::Cells(ids) => {
                let ids: HashSet<&str> = ids.iter().map(String::as_str).collect();
                self.results.cells.iter().map(|cell| ids.contains(cell.id.as_str())).collect()
            }
            Range::When(when) => {
                self.cells.iter().map(|(versions, python)| python.is_some_and(|python| when.holds(versions, python))).collect()
            }
        }
    }

    /// Whether a cell, or a scenario in it, may still give an answer.
    pub(super) fn is_pending(&self, cell: usize, scenario: Option<&str>) -> bool {
        self.pending.contains(&(cell, None)) || scenario.is_some() && self.pending.contains(&(cell, scenario))
    }

    /// For each cell whether this scenario says anything about it, even if an observation is nowhere to be seen.
    pub(super) fn answers(&self, scenario: &str) -> Option<&[bool]> {
        self.answered.get(scenario).map(Vec::as_slice)
    }
}

/// Effects by what they are.
#[derive(Default)]
struct Known {
    effects: Vec<Effect>,
    places: HashMap<Effect, usize>,
}

impl Known {
    fn intern(&mut self, effect: Effect) -> Told {
        let next = self.effects.len();
        let place = *self.places.entry(effect).or_insert_with_key(|effect| {
            self.effects.push(effect.clone());
            next
        });
        Told::Shows(place)
    }
}

fn state(state: State, known: &mut Known) -> Told {
    match state {
        State::Infra | State::NotRun => Told::Unknown,
        State::Ran | State::Unavailable => Told::Alike,
        State::ImportFailed | State::InstallFailed | State::Unresolvable => {
            let text = OF_CELLS.iter().find(|(of, _)| *of == state).map_or("", |(_, effect)| effect).to_owned();
            known.intern(Effect { text, value: None, minded: true })
        }
    }
}

fn track(observation: &ObservationReport, results: &Results, known: &mut Known) -> Vec<Told> {
    let leaders = leaders(observation, results);
    let mut values: HashMap<usize, Option<String>> = HashMap::new();
    let told = |cell: usize| {
        let Some(verdict) = observation.verdict(cell) else { return Told::Unknown };
        let behaviour = observation.behaviours.get(cell).copied().flatten();
        if behaviour.is_none() && !observation.behaviours.is_empty() {
            return Told::Unknown;
        }
        let fact = |cell: usize| observation.variant_index(cell).and_then(|variant| observation.facts.get(variant));
        let Some(text) = rules::effect(verdict, observation.difference(cell), fact(cell)) else { return Told::Alike };
        // Cells that agree within tolerance share the value of the first of them.
        let leader = behaviour.and_then(|behaviour| leaders.get(&behaviour).copied()).unwrap_or(cell);
        let value = match verdict {
            Verdict::Changed | Verdict::Returns => values.entry(leader).or_insert_with(|| value(fact(leader))).clone(),
            Verdict::Same | Verdict::Close | Verdict::Warns | Verdict::Raises | Verdict::Timeout | Verdict::Crash => None,
        };
        known.intern(Effect { text, value, minded: verdict >= Verdict::Changed })
    };
    (0..results.cells.len()).map(told).collect()
}

/// The first cell of each behaviour: the baseline, then cells in plan order.
fn leaders(observation: &ObservationReport, results: &Results) -> HashMap<usize, usize> {
    let mut leaders = HashMap::new();
    for cell in results.baseline_index().into_iter().chain(0..observation.behaviours.len()) {
        if let Some(behaviour) = observation.behaviours.get(cell).copied().flatten() {
            leaders.entry(behaviour).or_insert(cell);
        }
    }
    leaders
}

fn value(fact: Option<&Fact>) -> Option<String> {
    match fact {
        Some(Fact::Value(value)) => Some(values::rounded(value)),
        Some(Fact::Error(_)) | None => None,
    }
}

fn pending(results: &Results) -> HashSet<(usize, Option<&str>)> {
    let open = |(_, cell): &(usize, &Cell)| matches!(cell.state, State::Infra | State::NotRun);
    let mut pending: HashSet<_> = results.cells.iter().enumerate().filter(open).map(|(cell, _)| (cell, None)).collect();
    let places: HashMap<&str, usize> = results.cells.iter().enumerate().map(|(place, cell)| (cell.id.as_str(), place)).collect();
    for scenario in &results.scenarios {
        let failed = scenario.outcomes.iter().filter(|outcome| outcome.status == Status::Infra);
        let cells = failed.filter_map(|outcome| places.get(&*outcome.cell).copied());
        pending.extend(cells.map(|cell| (cell, Some(scenario.name.as_str()))));
    }
    pending
}

/// Whether a scenario says something about each cell: it was started there and in the baseline, and no failed import is in
/// the way.
fn answered(results: &Results, scenario: &Scenario) -> Vec<bool> {
    let told = |status: Status| !matches!(status, Status::Infra | Status::NotApplicable);
    let ids: HashSet<&str> = scenario.outcomes.iter().filter(|outcome| told(outcome.status)).map(|outcome| &*outcome.cell).collect();
    let baseline = ids.contains(results.baseline.as_str());
    results.cells.iter().map(|cell| baseline && cell.state == State::Ran && ids.contains(cell.id.as_str())).collect()
}
