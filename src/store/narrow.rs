//! A part of a run.

use std::collections::BTreeSet;

use super::read::Record;

impl Record {
    /// Keeps the cells and scenarios marked, as if the matrix had only these, and the versions that such a cell has. The cell
    /// with the number `baseline` stays in any case, for all others are compared with it. `selection` is how what stays was
    /// asked for (`-k numpy:2`).
    pub fn narrow(&mut self, mut cells: Vec<bool>, scenarios: &[bool], baseline: usize, selection: &str) {
        if let Some(stays) = cells.get_mut(baseline) {
            *stays = true;
        }
        let (cell_numbers, scenario_numbers) = (numbers(&cells), numbers(scenarios));
        let number = |numbers: &[Option<usize>], place: usize| numbers.get(place).copied().flatten();
        self.outcomes.retain_mut(|outcome| {
            let (cell, scenario) = (number(&cell_numbers, outcome.cell), number(&scenario_numbers, outcome.scenario));
            let Some((cell, scenario)) = cell.zip(scenario) else { return false };
            (outcome.cell, outcome.scenario) = (cell, scenario);
            true
        });
        self.baseline = number(&cell_numbers, baseline).unwrap_or(0);
        retain(&mut self.cells, &cells);
        retain(&mut self.scenarios, scenarios);
        for axis in &mut self.axes {
            let used: BTreeSet<&str> = self.cells.iter().filter_map(|cell| cell.axes.get(&axis.name)).map(String::as_str).collect();
            let stay: Vec<bool> = axis.versions.iter().map(|version| used.contains(version.as_str())).collect();
            retain(&mut axis.versions, &stay);
            retain(&mut axis.released, &stay);
        }
        self.excluded.clear();
        let before = self.selection.take().map(|before| format!("{before} ")).unwrap_or_default();
        self.selection = Some(format!("{before}{selection}"));
    }
}

/// The numbers that entries have once only those marked stay.
fn numbers(stay: &[bool]) -> Vec<Option<usize>> {
    let mut next = 0..;
    stay.iter().map(|stays| if *stays { next.next() } else { None }).collect()
}

/// Keeps the entries marked.
fn retain<T>(entries: &mut Vec<T>, stay: &[bool]) {
    let mut stay = stay.iter();
    entries.retain(|_| stay.next() == Some(&true));
}
