//! What a search asks for next, and what it expects of the cells that it left out. Only that a run was a search is stored;
//! what follows from its facts is computed each time.

use std::collections::HashMap;

use super::{cell, findings::classify, sheet::Sheet};
use crate::{
    analysis::{
        grid::{Grid, GridCell},
        search::{Answer, Search, Seen},
    },
    matrix::Tolerances,
    report::model::{Cell, Class, State},
    store::Record,
};

/// The cells that a search runs next, by their numbers; none when it is over. With `confirm` it goes on until a table can
/// be published.
pub fn choose<'t>(record: &Record, tolerances: impl Fn(&str) -> &'t Tolerances, confirm: bool) -> Vec<usize> {
    let sheet = |(number, row): (usize, &crate::store::ScenarioRow)| Sheet::new(record, number, record.baseline, tolerances(&row.name));
    let mut sheets: Vec<Sheet<'_>> = record.scenarios.iter().enumerate().map(sheet).collect();
    let classes = classify(record, record.baseline, &mut sheets);
    let cells: Vec<Cell> = record.cells.iter().map(cell).collect();
    let Some((search, seen)) = view(record, &classes, &cells) else { return Vec::new() };
    let next = search.next(&seen);
    if next.is_empty() && confirm { search.confirm(&seen) } else { next }
}

/// Writes down what a search expects of the cells that it left out. One that did not come to its end expects nothing: gaps
/// that it has not looked at yet are no evidence.
pub(super) fn infer(record: &Record, classes: &[Class], cells: &mut [Cell]) {
    let is_over = record.finished.is_some() && !record.interrupted;
    if !is_over || !record.cells.iter().any(|row| row.facts.searched) {
        return;
    }
    let Some((search, seen)) = view(record, classes, cells) else { return };
    for (number, like) in search.inferred(&seen).into_iter().enumerate() {
        let like = like.map(|like| &cells[like]);
        cells[number].inferred = like.map(|like| like.class.clone().unwrap_or_else(|| like.state.as_str().to_owned()));
    }
}

fn view(record: &Record, classes: &[Class], cells: &[Cell]) -> Option<(Search, Vec<Seen>)> {
    let may_run = |number: usize| record.cells[number].facts.searched;
    let point = |(number, cell): (usize, &Cell)| Some(GridCell { ran: may_run(number), ..GridCell::of(cell, &record.axes)? });
    let points: Option<Vec<GridCell>> = cells.iter().enumerate().map(point).collect();
    let search = Search::new(&Grid::new(&record.axes, points?), cells.iter().map(|cell| cell.declared).collect(), record.baseline);
    let mut by_id: HashMap<&str, usize> = HashMap::new();
    for (number, class) in classes.iter().enumerate() {
        by_id.extend(class.cells.iter().map(|id| (id.as_str(), number)));
    }
    let seen = |cell: &Cell| match cell.state {
        State::NotRun if cell.deselected => Seen::Open,
        State::NotRun | State::Infra => Seen::Lost,
        state @ (State::Ran | State::Unavailable | State::Unresolvable | State::InstallFailed | State::ImportFailed) => {
            Seen::Answered(Answer { state, class: by_id.get(cell.id.as_str()).copied() })
        }
    };
    Some((search, cells.iter().map(seen).collect()))
}
