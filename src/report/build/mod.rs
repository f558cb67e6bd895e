//! From the store's facts to the one model: every judgement is made here.

mod sheet;
mod since;

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Cell, Class, Counts, ExcludedCell, Host, ObservationReport, Outcome, Results, RunInfo, Scenario, State};
use crate::{
    agent::Hello,
    analysis::{
        classes,
        faults::{Track, fault_lines},
        grid::{Grid, GridCell},
        rules::{self, Change, Told},
    },
    compare::{Judgement, Verdict},
    matrix::Tolerances,
    observation::{Raised, Status},
    store::{CellRow, Record},
};
use sheet::Sheet;
pub use since::since;

/// Builds the model of a run. `baseline` is a cell's number; `tolerances` of a scenario are asked for by its name.
pub fn build<'t>(record: &Record, baseline: usize, tolerances: impl Fn(&str) -> &'t Tolerances) -> Results {
    let mut cells: Vec<Cell> = record.cells.iter().map(cell).collect();
    let mut scenarios = Vec::new();
    let mut sheets = Vec::new();
    for (number, row) in record.scenarios.iter().enumerate() {
        let sheet = Sheet::new(record, number, baseline, tolerances(&row.name));
        let observations: Vec<ObservationReport> = (0..sheet.names.len()).map(|place| sheet.observation(place)).collect();
        for observation in &observations {
            count(&mut cells, observation);
        }
        let outcomes = sheet.first.iter().enumerate().filter_map(|(cell, outcome)| Some((cell, (*outcome)?)));
        let outcomes = outcomes.map(|(cell, outcome)| Outcome {
            cell: record.cells[cell].id.clone(),
            status: outcome.ending.status,
            seconds: (outcome.ending.seconds * 1000.0).round() / 1000.0,
            max_rss: outcome.ending.max_rss,
            cause: outcome.ending.cause.clone(),
            ending: Some(outcome.ending.clone()),
        });
        let (name, path) = (row.name.clone(), row.path.clone());
        scenarios.push(Scenario { name, path, outcomes: outcomes.collect(), observations, classes: Vec::new(), env: BTreeMap::new() });
        sheets.push(sheet);
    }
    let classes = classify(record, baseline, &mut sheets);
    for class in &classes {
        for cell in cells.iter_mut().filter(|cell| class.cells.contains(&cell.id)) {
            cell.class = Some(class.letter.clone());
        }
    }
    let answered = |cell: &CellRow| !matches!(cell.facts.state, State::Infra | State::NotRun);
    let sound = record.outcomes.iter().all(|outcome| outcome.ending.status != Status::Infra);
    let mut results = Results {
        schema: super::json::SCHEMA.to_owned(),
        run: RunInfo {
            id: record.id.clone(),
            started: record.started.clone(),
            finished: record.finished.clone(),
            engine: record.engine.clone(),
            complete: sound && record.finished.is_some() && record.cells.iter().all(answered),
            host: host(record),
            skew: record.skew.clone(),
            repeats: record.repeats,
            caveats: record.caveats.clone(),
        },
        axes: record.axes.clone(),
        baseline: record.cells[baseline].id.clone(),
        excluded: record.excluded.iter().map(|cell| ExcludedCell { id: cell.id.clone(), reason: cell.reason.clone() }).collect(),
        cells,
        scenarios,
        classes,
        fault_lines: Vec::new(),
        rules: Vec::new(),
        import_lines: Vec::new(),
        bounds: Vec::new(),
        since: None,
    };
    analyse(&mut results, &mut sheets);
    results
}

fn cell(row: &CellRow) -> Cell {
    let facts = &row.facts;
    let import_error = facts
        .imports
        .iter()
        .find_map(|imported| imported.error.clone().or_else(|| imported.died.as_ref().map(|signal| died(&imported.module, signal))));
    Cell {
        id: row.id.clone(),
        axes: row.axes.clone(),
        python: row.python.clone(),
        image: facts.image.clone(),
        declared: row.declared,
        conflicts: row.conflicts.clone(),
        state: facts.state,
        cause: facts.cause.clone(),
        hint: facts.hint.clone(),
        class: None,
        inferred: None,
        counts: Counts::default(),
        packages: facts.package_versions(),
        seconds: facts.seconds.map(|seconds| (seconds * 1000.0).round() / 1000.0),
        import_error,
        dependencies: row.cutoff.clone().filter(|_| !facts.uncut),
        deselected: !facts.selected,
    }
}

/// An import that killed its process has no exception; the signal stands in for one.
fn died(module: &str, signal: &str) -> Raised {
    Raised {
        type_name: signal.to_owned(),
        bases: Vec::new(),
        message: format!("importing {module} ended the process"),
        line: None,
        source: None,
        traceback: Vec::new(),
        cause: None,
    }
}

fn count(cells: &mut [Cell], observation: &ObservationReport) {
    for (number, cell) in cells.iter_mut().enumerate() {
        if observation.flaky[number] {
            cell.counts.flaky += 1;
            continue;
        }
        let Some(verdict) = observation.verdicts[number] else { continue };
        cell.counts.silent += u64::from(observation.silent[number]);
        *match verdict {
            Verdict::Same => &mut cell.counts.same,
            Verdict::Close => &mut cell.counts.close,
            Verdict::Warns => &mut cell.counts.warns,
            Verdict::Changed => &mut cell.counts.changed,
            Verdict::Returns => &mut cell.counts.returns,
            Verdict::Raises => &mut cell.counts.raises,
            Verdict::Timeout => &mut cell.counts.timeout,
            Verdict::Crash => &mut cell.counts.crash,
        } += 1;
    }
}

fn host(record: &Record) -> Host {
    let hellos: Vec<&Hello> = record.cells.iter().filter_map(|cell| cell.facts.hello.as_ref()).collect();
    let Some(first) = hellos.first() else { return Host::default() };
    let machines: BTreeSet<&str> = hellos.iter().map(|hello| hello.machine.as_str()).collect();
    let same = |hello: &&&Hello| hello.machine == first.machine && hello.cpu == first.cpu && hello.cpu_features == first.cpu_features;
    let others: BTreeSet<String> = hellos.iter().filter(|hello| !same(hello)).map(|hello| hello.cpu.clone()).collect();
    Host {
        machine: machines.into_iter().collect::<Vec<_>>().join(", "),
        cpu: first.cpu.clone(),
        cpu_features: first.cpu_features.clone(),
        mixed: others.into_iter().collect(),
    }
}

/// Letters the cells that ran.
fn classify(record: &Record, baseline: usize, sheets: &mut [Sheet<'_>]) -> Vec<Class> {
    let ran = |&number: &usize| record.cells[number].facts.state == State::Ran;
    let others = (0..record.cells.len()).filter(|&number| number != baseline);
    let order: Vec<usize> = std::iter::once(baseline).chain(others).filter(ran).collect();
    let partition = classes::partition(&order, |leader, cell| sheets.iter_mut().all(|sheet| sheet.agree(leader, cell)));
    let name = |(index, members): (usize, Vec<usize>)| Class {
        letter: classes::letter(index),
        cells: members.into_iter().map(|number| record.cells[number].id.clone()).collect(),
    };
    partition.into_iter().enumerate().map(name).collect()
}

/// What fault lines and rules are computed from: every observation over all cells.
fn analyse(results: &mut Results, sheets: &mut [Sheet<'_>]) {
    let cells: Option<Vec<GridCell>> = results.cells.iter().map(|cell| GridCell::of(cell, &results.axes)).collect();
    // Cells come from the plan, whose axes hold all their versions.
    let Some(cells) = cells else { return };
    let grid = Grid::new(&results.axes, cells);
    let mut tracks = Vec::new();
    let mut changes = Vec::new();
    for (scenario, sheet) in results.scenarios.iter().zip(sheets) {
        for (place, observation) in scenario.observations.iter().enumerate() {
            let variants = sheet.behaviours(place);
            tracks.push(Track { scenario: scenario.name.clone(), observation: observation.name.clone(), variants });
            let told = (0..results.cells.len()).map(|cell| told(observation, cell)).collect();
            changes.push(Change { observation: format!("{}::{}", scenario.name, observation.name), told });
        }
    }
    results.fault_lines = fault_lines(&grid, &tracks);
    results.rules = rules::rules(&grid, &changes);
}

fn told(observation: &ObservationReport, cell: usize) -> Told {
    let Some(verdict) = observation.verdicts[cell] else { return Told::Unknown };
    let fact = observation.by_cell[cell].and_then(|variant| observation.facts.get(variant));
    let difference = observation.differences[cell].clone().unwrap_or_default();
    let judgement = Judgement { verdict: Some(verdict), silent: observation.silent[cell], difference };
    rules::effect(&judgement, fact).map_or(Told::Alike, Told::Effect)
}
