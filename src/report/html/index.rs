//! What the script knows from the start: cells, counts and classes, without any value.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
};

use serde::Serialize;

use super::{Options, again};
use crate::{
    matrix::Tolerances,
    plan::PlanAxis,
    report::{Cell, Counts, FLAKY, Layout, Mark, ObservationReport, Past, Results, Scenario, State, text},
};

/// The index of a page.
#[derive(Serialize)]
pub(super) struct Index<'a> {
    run: Run<'a>,
    axes: &'a [PlanAxis],
    dimensions: Vec<Dimension<'a>>,
    baseline: Option<usize>,
    flaky: &'static str,
    marks: BTreeMap<&'static str, Sign>,
    cells: Vec<CellEntry<'a>>,
    classes: Vec<ClassEntry<'a>>,
    scenarios: Vec<ScenarioEntry<'a>>,
    since: Option<SinceEntry<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    past: Vec<PastEntry<'a>>,
    filter: Option<&'a str>,
    /// Distinct commands that do a scenario again.
    again: Vec<String>,
    /// Distinct tolerances of scenarios.
    tolerances: Vec<&'a Tolerances>,
}

#[derive(Serialize)]
struct Run<'a> {
    id: &'a str,
    started: &'a str,
}

#[derive(Serialize)]
struct Dimension<'a> {
    name: &'a str,
    versions: &'a [String],
}

#[derive(Serialize)]
struct Sign {
    symbol: &'static str,
    name: &'static str,
    counted: bool,
}

#[derive(Serialize)]
struct CellEntry<'a> {
    id: &'a str,
    /// Its version on each dimension.
    at: &'a [usize],
    #[serde(skip_serializing_if = "str::is_empty")]
    suffix: &'a str,
    python: &'a str,
    state: State,
    mark: &'static str,
    count: u64,
    counts: Counts,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inferred: Option<&'a str>,
    declared: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    conflicts: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dependencies: Option<&'a str>,
}

#[derive(Serialize)]
struct ClassEntry<'a> {
    letter: &'a str,
    cells: Vec<usize>,
}

#[derive(Serialize)]
struct ScenarioEntry<'a> {
    name: &'a str,
    path: &'a str,
    observations: usize,
    /// For each cell the mark of its worst verdict, as a number into `keys`, and its count.
    keys: Vec<&'static str>,
    worst: Vec<usize>,
    counts: Vec<u64>,
    silent: Vec<u64>,
    /// Behaviour classes of its own.
    classes: usize,
    /// Numbers of its command and of its tolerances.
    again: usize,
    tolerance: usize,
}

#[derive(Serialize)]
struct SinceEntry<'a> {
    run: &'a str,
    started: &'a str,
    /// Cells that only this run has.
    new: Vec<usize>,
    /// Cell and the state it had.
    states: Vec<(usize, State)>,
    /// Scenario, observation and the cells where it changed.
    changes: Vec<(&'a str, &'a str, Vec<usize>)>,
}

/// What cells showed in a run, and the numbers of those that behaved differently than in the run before.
#[derive(Serialize)]
struct PastEntry<'a> {
    run: &'a str,
    started: &'a str,
    marks: Vec<Option<&'static str>>,
    changed: Vec<usize>,
}

impl<'a> From<&'a Past> for PastEntry<'a> {
    fn from(past: &'a Past) -> Self {
        let changed = past.changed.iter().enumerate().filter_map(|(number, changed)| changed.then_some(number));
        let marks = past.marks.iter().map(|mark| mark.map(|mark| mark.look().key)).collect();
        Self { run: &past.run, started: &past.started, marks, changed: changed.collect() }
    }
}

/// What a scenario shows in each cell: its worst mark and count, and how many silent changes it has there.
pub(super) fn scenario_faces(scenario: &Scenario, cells: &[Cell]) -> Vec<(Mark, u64, u64)> {
    let face = |(number, cell): (usize, &Cell)| {
        if cell.state != State::Ran && cell.state != State::ImportFailed {
            return (Mark::of(cell).0, 0, 0);
        }
        let mut counts = Counts::default();
        for observation in &scenario.observations {
            add(&mut counts, observation, number);
        }
        match Mark::worst(&counts) {
            // What a failed import breaks is no finding of the scenario's.
            (Mark::Raises, _) if cell.state == State::ImportFailed => (Mark::ImportFailed, 0, 0),
            (mark, count) => (mark, count, counts.silent),
        }
    };
    cells.iter().enumerate().map(face).collect()
}

fn add(counts: &mut Counts, observation: &ObservationReport, cell: usize) {
    if let Some(verdict) = observation.verdict(cell) {
        counts.add(verdict);
        counts.silent += u64::from(observation.is_silent(cell));
    }
}

impl<'a> Index<'a> {
    /// The index of a report.
    pub(super) fn new(results: &'a Results, layout: &'a Layout, options: &'a Options) -> Self {
        let numbers: HashMap<&str, usize> = results.cells.iter().enumerate().map(|(number, cell)| (cell.id.as_str(), number)).collect();
        let known = |ids: &[String]| -> Vec<usize> { ids.iter().filter_map(|id| numbers.get(id.as_str()).copied()).collect() };
        let sign = |mark: Mark| {
            let look = mark.look();
            (look.key, Sign { symbol: look.symbol, name: look.name, counted: look.counted })
        };
        let (again, own) = again::templates(results);
        let mut tolerances: Vec<&Tolerances> = Vec::new();
        let scenarios = results.scenarios.iter().zip(own).map(|(scenario, again)| {
            let tolerance = tolerances.iter().position(|known| **known == scenario.tolerances).unwrap_or_else(|| {
                tolerances.push(&scenario.tolerances);
                tolerances.len() - 1
            });
            scenario_entry(scenario, &results.cells, again, tolerance)
        });
        let scenarios = scenarios.collect();
        Self {
            run: Run { id: &results.run.id, started: &results.run.started },
            axes: &results.axes,
            dimensions: layout.dimensions.iter().map(|it| Dimension { name: &it.name, versions: &it.labels }).collect(),
            baseline: results.baseline_index(),
            flaky: FLAKY.0,
            marks: Mark::ALL.into_iter().map(sign).collect(),
            cells: results.cells.iter().enumerate().map(|(number, cell)| entry(cell, number, layout)).collect(),
            classes: results.classes.iter().map(|class| ClassEntry { letter: &class.letter, cells: known(&class.cells) }).collect(),
            scenarios,
            since: results.since.as_ref().map(|since| SinceEntry {
                run: &since.run,
                started: &since.started,
                new: known(&since.new_cells),
                states: since.states.iter().filter_map(|it| Some((*numbers.get(it.cell.as_str())?, it.from))).collect(),
                changes: since.changes.iter().map(|it| (it.scenario.as_str(), it.observation.as_str(), known(&it.cells))).collect(),
            }),
            past: results.past.iter().map(PastEntry::from).collect(),
            filter: options.filter.as_deref(),
            again,
            tolerances,
        }
    }

    /// JSON that can stand in a script element: no text in it can end the element, begin a comment or turn what is read.
    pub(super) fn to_json(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        let mut out = String::with_capacity(json.len());
        let mut units = [0; 2];
        for character in json.chars() {
            if character == '<' || text::visible(character.encode_utf8(&mut [0; 4])).len() > character.len_utf8() {
                for unit in character.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            } else {
                out.push(character);
            }
        }
        out
    }
}

fn entry<'a>(cell: &'a Cell, number: usize, layout: &'a Layout) -> CellEntry<'a> {
    let (mark, count) = Mark::of(cell);
    CellEntry {
        id: &cell.id,
        at: layout.coordinates.get(number).map_or(&[], Vec::as_slice),
        suffix: layout.suffixes.get(number).map_or("", String::as_str),
        python: &cell.python,
        state: cell.state,
        mark: mark.look().key,
        count,
        counts: cell.counts,
        class: cell.class.as_deref(),
        inferred: cell.inferred.as_deref(),
        declared: cell.declared,
        conflicts: &cell.conflicts,
        cause: cell.cause.as_deref(),
        hint: cell.hint.as_deref(),
        seconds: cell.seconds,
        dependencies: cell.dependencies.as_deref(),
    }
}

fn scenario_entry<'a>(scenario: &'a Scenario, cells: &[Cell], again: usize, tolerance: usize) -> ScenarioEntry<'a> {
    let faces = scenario_faces(scenario, cells);
    let mut keys: Vec<&'static str> = Vec::new();
    let worst = faces.iter().map(|(mark, ..)| {
        let key = mark.look().key;
        keys.iter().position(|known| *known == key).unwrap_or_else(|| {
            keys.push(key);
            keys.len() - 1
        })
    });
    let worst = worst.collect();
    ScenarioEntry {
        name: &scenario.name,
        path: &scenario.path,
        observations: scenario.observations.len(),
        keys,
        worst,
        counts: faces.iter().map(|(_, count, _)| *count).collect(),
        silent: faces.iter().map(|(.., silent)| *silent).collect(),
        classes: scenario.classes.len(),
        again,
        tolerance,
    }
}
