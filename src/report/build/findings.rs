//! What follows from all cells together: every observation over all cells is handed to the analysis.

use std::{collections::HashMap, sync::Arc};

use super::sheet::Sheet;
use crate::{
    analysis::{
        boxes::Condition,
        classes,
        declared::{self, Declaring},
        faults::{Track, fault_lines, import_lines},
        forewarned::{Neighbours, forewarnings},
        grid::{Grid, GridCell},
        rules::{self, Change, Told},
    },
    compare::{Difference, Verdict},
    report::{
        changes,
        model::{Class, ObservationReport, Results, State},
    },
    store::Record,
};

/// Letters the cells that ran and started one of these scenarios.
pub(super) fn classify(record: &Record, baseline: usize, sheets: &mut [Sheet<'_>]) -> Vec<Class> {
    let others = (0..record.cells.len()).filter(|&number| number != baseline);
    let order: Vec<usize> = std::iter::once(baseline)
        .chain(others)
        .filter(|&number| record.cells[number].facts.state == State::Ran)
        .filter(|&number| sheets.iter().any(|sheet| sheet.comparable(number)))
        .collect();
    let partition = classes::partition(&order, |leader, cell| sheets.iter_mut().all(|sheet| sheet.agree(leader, cell)));
    let name = |(index, members): (usize, Vec<usize>)| Class {
        letter: classes::letter(index),
        cells: members.into_iter().map(|number| record.cells[number].id.clone()).collect(),
        when: String::new(),
    };
    partition.into_iter().enumerate().map(name).collect()
}

/// Fault lines, rules, what was warned of, and what is declared.
pub(super) fn analyse(record: &Record, results: &mut Results, sheets: &mut [Sheet<'_>]) {
    let cells = results.cells.iter().zip(&record.cells);
    let cells: Option<Vec<GridCell>> =
        cells.map(|(cell, row)| Some(GridCell::of(cell, &results.axes)?.requiring(&row.facts.requirements))).collect();
    // Cells come from the plan, whose axes hold all their versions.
    let Some(cells) = cells else { return };
    let grid = Grid::new(&results.axes, cells);
    let neighbours = Neighbours::new(&grid);
    let mut tracks = Vec::new();
    let mut all = Vec::new();
    for (scenario, sheet) in results.scenarios.iter_mut().zip(sheets) {
        for (place, observation) in scenario.observations.iter_mut().enumerate() {
            let variants = sheet.behaviours(place);
            observation.forewarned = forewarnings(&neighbours, &variants, |cell| sheet.warnings(place, cell));
            let mut effects = HashMap::new();
            let told =
                (0..results.cells.len()).map(|cell| told(observation, cell, sheet.broken_by_import(place, cell), &mut effects)).collect();
            let silent = observation.silent.clone();
            all.push(Change { observation: format!("{}::{}", scenario.name, observation.name), told, silent: silent.clone() });
            tracks.push(Track { scenario: scenario.name.clone(), observation: observation.name.clone(), variants, silent });
        }
    }
    let members: Vec<Vec<usize>> = results.classes.iter().map(|class| results.members(class)).collect();
    for (class, members) in results.classes.iter_mut().zip(members) {
        let answered = |number: &usize| !matches!(results.cells[*number].state, State::Infra | State::NotRun);
        let numbers = (0..results.cells.len()).filter(answered);
        let (holds, fails): (Vec<_>, Vec<_>) = numbers.partition(|number| members.binary_search(number).is_ok());
        class.when = Condition::describe(&grid, &holds, &fails).text(&grid);
    }
    results.fault_lines = fault_lines(&grid, &tracks);
    let observations = results.scenarios.iter_mut().flat_map(|scenario| &mut scenario.observations);
    for (observation, track) in observations.zip(tracks) {
        observation.behaviours = track.variants;
    }
    results.import_lines = import_lines(&grid);
    results.rules = rules::rules(&grid, &all);
    let declaring: Vec<Declaring<'_>> = results
        .cells
        .iter()
        .zip(&record.cells)
        .map(|(cell, row)| Declaring { cell, requirements: &row.facts.requirements, cause: changes::headline(cell) })
        .collect();
    results.bounds = declared::bounds(&results.axes, &results.baseline, &declaring);
}

/// Effects by what they depend on: many cells share them.
type Effects = HashMap<(Verdict, Option<usize>, Option<*const Difference>), Option<Arc<str>>>;

fn told(observation: &ObservationReport, cell: usize, broken_by_import: bool, effects: &mut Effects) -> Told {
    let Some(verdict) = observation.verdicts[cell].filter(|_| !broken_by_import) else { return Told::Unknown };
    let (variant, difference) = (observation.by_cell[cell], observation.differences[cell].as_ref());
    let effect = effects.entry((verdict, variant, difference.map(Arc::as_ptr))).or_insert_with(|| {
        let fact = variant.and_then(|variant| observation.facts.get(variant));
        rules::effect(verdict, difference.map(AsRef::as_ref), fact).map(Arc::from)
    });
    effect.clone().map_or(Told::Alike, Told::Effect)
}
