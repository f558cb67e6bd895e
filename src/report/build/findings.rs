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
    parallel,
    report::{
        changes,
        model::{Class, ObservationReport, Results, Scenario, State},
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
pub(super) fn analyse(record: &Record, results: &mut Results, sheets: Vec<Sheet<'_>>) {
    let cells = results.cells.iter().zip(&record.cells);
    let cells: Option<Vec<GridCell>> =
        cells.map(|(cell, row)| Some(GridCell::of(cell, &results.axes)?.requiring(&row.facts.requirements))).collect();
    // Cells come from the plan, whose axes hold all their versions.
    let Some(cells) = cells else { return };
    let grid = Grid::new(&results.axes, cells);
    let neighbours = Neighbours::new(&grid);
    // A sheet is of no use any more once its scenario is told, and takes as much memory as what is told.
    let scenarios = results.scenarios.iter_mut().zip(sheets).collect();
    let found = parallel::map(scenarios, |(scenario, mut sheet)| tell(&neighbours, scenario, &mut sheet));
    let (tracks, all): (Vec<Track>, Vec<Change>) = found.into_iter().flatten().unzip();
    let place: HashMap<&str, usize> =
        results.classes.iter().enumerate().flat_map(|(place, class)| class.cells.iter().map(move |id| (id.as_str(), place))).collect();
    let place: Vec<Option<usize>> = results.cells.iter().map(|cell| place.get(cell.id.as_str()).copied()).collect();
    for (number, class) in results.classes.iter_mut().enumerate() {
        let answered = |cell: &usize| !matches!(results.cells[*cell].state, State::Infra | State::NotRun);
        let cells = (0..results.cells.len()).filter(answered);
        let (holds, fails): (Vec<_>, Vec<_>) = cells.partition(|cell| place[*cell] == Some(number));
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

/// What each observation of a scenario does from cell to cell, and what was warned of.
fn tell(neighbours: &Neighbours<'_>, scenario: &mut Scenario, sheet: &mut Sheet<'_>) -> Vec<(Track, Change)> {
    let mut found = Vec::with_capacity(scenario.observations.len());
    for (place, observation) in scenario.observations.iter_mut().enumerate() {
        let variants = sheet.behaviours(place);
        // What a script did not come to because an import failed is no change that a warning could have announced.
        let announced: Vec<_> = (0..variants.len()).map(|cell| variants[cell].filter(|_| !sheet.stopped_at_import(place, cell))).collect();
        observation.forewarned = forewarnings(neighbours, &announced, |cell| sheet.warnings(place, cell));
        let mut effects = HashMap::new();
        let cells = 0..variants.len();
        // Where an observation is absent as in the baseline there is no verdict, but it is known not to have changed.
        let alike = |cell: usize| variants[cell].is_some() && variants[cell] == variants[sheet.baseline];
        let told = cells.map(|cell| match told(observation, cell, sheet.broken_by_import(place, cell), &mut effects) {
            Told::Unknown if alike(cell) => Told::Alike,
            told @ (Told::Unknown | Told::Alike | Told::Effect(_)) => told,
        });
        let told = told.collect();
        let silent = observation.silent.clone();
        let change = Change { observation: format!("{}::{}", scenario.name, observation.name), told, silent: silent.clone() };
        found.push((Track { scenario: scenario.name.clone(), observation: observation.name.clone(), variants, silent }, change));
    }
    found
}

/// Effects by what they depend on: many cells share them.
type Effects = HashMap<(Verdict, Option<usize>, Option<*const Difference>), Option<Arc<str>>>;

fn told(observation: &ObservationReport, cell: usize, broken_by_import: bool, effects: &mut Effects) -> Told {
    let Some(verdict) = observation.verdicts[cell].filter(|_| !broken_by_import) else { return Told::Unknown };
    let (variant, difference) = (observation.variant_index(cell), observation.differences[cell].as_ref());
    let effect = effects.entry((verdict, variant, difference.map(Arc::as_ptr))).or_insert_with(|| {
        let fact = variant.and_then(|variant| observation.facts.get(variant));
        rules::effect(verdict, difference.map(AsRef::as_ref), fact).map(Arc::from)
    });
    effect.clone().map_or(Told::Alike, Told::Effect)
}
