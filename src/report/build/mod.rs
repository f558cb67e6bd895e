//! From the store's facts to the one model: every judgement is made here.

mod findings;
mod search;
mod sheet;
mod since;
mod timings;
mod variant;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use super::model::{Cell, Counts, ExcludedCell, Host, ObservationReport, Outcome, Results, Reused, RunInfo, Scenario, State};
use crate::{
    agent::Hello,
    matrix::Tolerances,
    observation::{Raised, Status},
    parallel,
    store::{CellRow, Record, ScenarioRow},
};
pub use search::choose;
use sheet::Sheet;
pub use since::since;
pub use timings::timings;

/// Builds the model of a run. `baseline` is a cell's number; `tolerances` of a scenario are asked for by its name.
pub fn build<'t>(record: &Record, baseline: usize, tolerances: impl Fn(&str) -> &'t Tolerances) -> Results {
    let mut cells: Vec<Cell> = record.cells.iter().map(cell).collect();
    let ids: Vec<Arc<str>> = record.cells.iter().map(|row| row.id.as_str().into()).collect();
    let rows: Vec<_> = record.scenarios.iter().enumerate().map(|(number, row)| (number, row, tolerances(&row.name))).collect();
    let made = parallel::map(rows, |(number, row, tolerances)| {
        let sheet = Sheet::new(record, number, baseline, tolerances);
        (scenario(row, &sheet, &ids, tolerances), sheet)
    });
    let (mut scenarios, mut sheets): (Vec<Scenario>, Vec<Sheet<'_>>) = made.into_iter().unzip();
    for observation in scenarios.iter().flat_map(|scenario| &scenario.observations) {
        count(&mut cells, observation);
    }
    let classes = findings::classify(record, baseline, &mut sheets);
    let letters: HashMap<&str, &str> =
        classes.iter().flat_map(|class| class.cells.iter().map(|id| (id.as_str(), class.letter.as_str()))).collect();
    for cell in &mut cells {
        cell.class = letters.get(cell.id.as_str()).map(|&letter| letter.to_owned());
    }
    parallel::map(scenarios.iter_mut().zip(&mut sheets).collect(), |(scenario, sheet)| {
        scenario.classes = findings::classify(record, baseline, std::slice::from_mut(sheet));
    });
    search::infer(record, &classes, &mut cells);
    let searched = record.cells.iter().any(|cell| cell.facts.searched);
    let left_out = |cell: &CellRow| cell.facts.searched && !cell.facts.selected;
    let answered = |cell: &CellRow| !matches!(cell.facts.state, State::Infra | State::NotRun) || left_out(cell);
    let sound = record.outcomes.iter().all(|outcome| outcome.status != Status::Infra);
    let mut results = Results {
        schema: super::json::SCHEMA.to_owned(),
        run: RunInfo {
            id: record.id.clone(),
            started: record.started.clone(),
            finished: record.finished.clone(),
            engine: record.engine.clone(),
            complete: sound && record.finished.is_some() && !(searched && record.interrupted) && record.cells.iter().all(answered),
            searched,
            host: host(record),
            skew: record.skew.clone(),
            repeats: record.repeats,
            caveats: record.caveats.clone(),
            selection: record.selection.clone(),
            reused: reused(&scenarios),
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
        timings: None,
        past: Vec::new(),
    };
    findings::analyse(record, &mut results, sheets);
    results
}

/// A scenario with its observations and outcomes. `ids` are those of the cells.
fn scenario(row: &ScenarioRow, sheet: &Sheet<'_>, ids: &[Arc<str>], tolerances: &Tolerances) -> Scenario {
    let outcomes = sheet.first.iter().enumerate().filter_map(|(cell, outcome)| Some((cell, (*outcome)?)));
    let outcomes = outcomes.map(|(cell, outcome)| Outcome {
        cell: Arc::clone(&ids[cell]),
        status: outcome.status,
        seconds: (outcome.seconds * 1000.0).round() / 1000.0,
        max_rss: outcome.max_rss,
        cause: outcome.ending.as_ref().and_then(|ending| ending.cause.as_deref()).map(Box::from),
        measured: outcome.reused.clone().filter(|_| outcome.status != Status::NotApplicable),
        expected: None,
        ending: outcome.ending.clone(),
    });
    Scenario {
        name: row.name.clone(),
        path: row.path.clone(),
        outcomes: outcomes.collect(),
        observations: (0..sheet.names.len()).map(|place| sheet.observation(place)).collect(),
        classes: Vec::new(),
        env: BTreeMap::new(),
        tolerances: tolerances.clone(),
    }
}

/// What was taken over from earlier runs.
fn reused(scenarios: &[Scenario]) -> Option<Reused> {
    let outcomes = || scenarios.iter().flat_map(|scenario| &scenario.outcomes);
    let dates: BTreeSet<&str> = outcomes().filter_map(|outcome| outcome.measured.as_deref()).collect();
    Some(Reused {
        outcomes: outcomes().filter(|outcome| outcome.measured.is_some()).count() as u64,
        of: outcomes().filter(|outcome| outcome.status != Status::NotApplicable).count() as u64,
        oldest: (*dates.first()?).to_owned(),
        newest: (*dates.last()?).to_owned(),
    })
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
        cell.counts.add(verdict);
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
